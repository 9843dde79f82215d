//! Made-up records, keys and folders.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::{Date, date};
use zairyu_data::CardNumber;
use zairyu_evidence::{
    Action, CheckRecord, ChipSignature, ClassifiedBy, Consent, Decision, Digest, EvidenceLog, FreeText, Gate,
    HandoffUrl, InputSource, Label, LinkKey, Lookup, LookupDetails, LookupOutcome, LookupStatus, MemoryStore,
    Moment, Personal, PersonalValue, Seed, SigningKey, Store, TrustProfile,
};

pub(crate) const NUMBER: &str = "AB12345678CD";
pub(crate) const DAY: Date = date(2027, 3, 31);

pub(crate) fn key() -> SigningKey {
    SigningKey::generate(&[7; 32]).unwrap()
}

pub(crate) fn other_key() -> SigningKey {
    SigningKey::generate(&[8; 32]).unwrap()
}

pub(crate) fn seed(of: u8) -> Seed {
    Seed::new(&[of; 32])
}

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

pub(crate) fn moment(text: &str) -> Moment {
    Moment::japan(text.parse().unwrap())
}

pub(crate) fn now() -> Moment {
    moment("2026-11-22T01:00:00Z")
}

pub(crate) fn gate() -> Gate {
    Gate {
        purpose: label("雇用時の確認"),
        consent: Consent::GivenAt(moment("2026-11-22T00:50:00Z")),
        operator_id: label("op-17"),
        app_version: label("acme-hr 3.2.1"),
    }
}

pub(crate) fn verified() -> ChipSignature {
    ChipSignature::Verified {
        trust_profile: TrustProfile::Production,
        anchor_sha256: Some(Digest::of(b"anchor")),
    }
}

pub(crate) fn decision(action: Action) -> Decision {
    Decision {
        action,
        policy_name: label("fail-to-hold"),
        reason: None,
    }
}

/// A lookup with this outcome, and the details that it needs.
pub(crate) fn lookup(outcome: LookupOutcome) -> Lookup {
    let mut details = LookupDetails::default();
    if outcome.status() != LookupStatus::NotAsked {
        details.input_source = Some(InputSource::Typed);
        details.handoff_url = Some(HandoffUrl::new("https://lapse-immi.moj.go.jp/html/top.html").unwrap());
        details.opened_at = Some(moment("2026-11-22T00:55:00Z"));
    }
    if outcome.status() == LookupStatus::Answered {
        details.classified_by = Some(ClassifiedBy::Operator);
        details.answered_at = Some(moment("2026-11-22T00:57:00Z"));
    }
    Lookup::new(outcome, details).unwrap()
}

/// What nearly every record will be: no personal part, nothing optional.
pub(crate) fn minimal() -> CheckRecord {
    let lookup = lookup(LookupOutcome::NOT_LISTED_AS_LAPSED);
    CheckRecord::new(now(), gate(), verified(), lookup, decision(Action::Proceed)).unwrap()
}

/// A record with everything in it.
pub(crate) fn full() -> CheckRecord {
    let mut details = lookup(LookupOutcome::LAPSED).details().clone();
    details.input_source = Some(InputSource::Chip);
    details.classified_by = Some(ClassifiedBy::HintAccepted);
    details.evidence_digest = Some(Digest::of(b"picture"));
    let lookup = Lookup::new(LookupOutcome::LAPSED, details).unwrap();
    let decision = Decision {
        reason: Some(label("listed_as_lapsed")),
        ..decision(Action::Stop)
    };
    let mut record = CheckRecord::new(now(), gate(), verified(), lookup, decision).unwrap();
    record.case_id = Some(label("case-4711"));
    record.chip_read_id = Some(label("read-1"));
    record.printed_validity_passed = Some(true);
    record.next_check_on = Some(date(2027, 1, 15));
    record
}

pub(crate) fn number() -> CardNumber {
    CardNumber::parse(NUMBER).unwrap()
}

/// All personal parts that there are.
pub(crate) fn personal() -> Vec<Personal> {
    let mac = LinkKey::new(&[9; 32]).mac(&number());
    [
        PersonalValue::NumberMac(mac),
        PersonalValue::Verbatim(FreeText::new("この番号は失効しています。\n（照会結果）").unwrap()),
        PersonalValue::Note(FreeText::new("本人に新しいカードの提示を依頼").unwrap()),
    ]
    .into_iter()
    .map(|value| Personal {
        value,
        delete_on: DAY,
    })
    .collect()
}

/// A log of an opening and these many checks, every third of them with all personal parts.
pub(crate) fn filled<T: Store>(store: T, checks: u8) -> EvidenceLog<T, SigningKey> {
    let mut log = EvidenceLog::create(store, key(), now(), None, &seed(0)).unwrap();
    for check in 1..=checks {
        let personal = if check % 3 == 2 { personal() } else { Vec::new() };
        let record = if check % 2 == 0 { full() } else { minimal() };
        log.append(&record, &personal, &seed(check)).unwrap();
    }
    log
}

/// The entries of such a log, as text.
pub(crate) fn entries(checks: u8) -> Vec<String> {
    let log = filled(MemoryStore::new(), checks);
    log.entries()
        .unwrap()
        .map(|entry| entry.unwrap().as_sd_jwt().to_owned())
        .collect()
}

/// Entries as a file has them.
pub(crate) fn file_of(entries: &[String]) -> Vec<u8> {
    entries
        .iter()
        .flat_map(|entry| [entry.as_bytes(), b"\r\n"].concat())
        .collect()
}

/// A folder that is removed when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("evidence-{}-{count}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("evidence.log")
    }

    /// The names of what is in it.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
