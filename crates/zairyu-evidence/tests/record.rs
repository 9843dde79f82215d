//! What a record holds, and what nobody finds in it or around it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod specimen;

use std::fs;

use serde_json::Value;
use specimen::{
    DAY, Folder, NUMBER, decision, entries, file_of, filled, full, gate, key, label, lookup, minimal, moment,
    now, number, personal, seed, verified,
};
use zairyu_data::CardNumber;
use zairyu_evidence::{
    Action, CheckRecord, ChipSignature, Consent, Content, Digest, Error, EvidenceLog, FileStore, FreeText,
    Gate, HandoffUrl, InputSource, Label, LinkKey, Lookup, LookupDetails, LookupOutcome, LookupStatus,
    MemoryStore, Personal, PersonalKind, PersonalValue, RecordError, Signer, Store, TextError, TrustProfile,
    export_entry, export_json, lines,
};

fn payload(record: &CheckRecord, personal: &[Personal]) -> Value {
    let mut log = filled(MemoryStore::new(), 0);
    let entry = log.append(record, personal, &seed(1)).unwrap();
    serde_json::from_slice(entry.payload()).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The names are stable: readers rely on them.
#[test]
fn a_minimal_record_holds_this_and_no_more() {
    let payload = payload(&minimal(), &[]);
    let mut expected = vec![
        "schema",
        "kind",
        "log_id",
        "sequence",
        "prev_record_digest",
        "record_id",
        "recorded_at",
        "purpose",
        "consent_at",
        "operator_id",
        "app_version",
        "taxonomy_version",
        "policy_name",
        "chip_signature_status",
        "trust_profile",
        "anchor_sha256",
        "outcome",
        "input_source",
        "classified_by",
        "handoff_url",
        "opened_at",
        "answered_at",
        "decision",
        "_sd_alg",
    ];
    expected.sort_unstable();
    assert_eq!(keys(&payload), expected);
    assert_eq!(payload["recorded_at"], "2026-11-22T10:00:00+09:00");
    assert_eq!(payload["outcome"], "answered.not_listed_as_lapsed");
}

#[test]
fn a_full_record_holds_this_too() {
    let payload = payload(&full(), &personal());
    for (name, value) in [
        ("case_id", "case-4711"),
        ("chip_read_id", "read-1"),
        ("outcome", "answered.lapsed"),
        ("decision", "stop"),
        ("decision_reason", "listed_as_lapsed"),
        ("next_check_on", "2027-01-15"),
    ] {
        assert_eq!(payload[name], value);
    }
    assert_eq!(payload["printed_validity_passed"], true);
    assert_eq!(payload["evidence_digest"], Digest::of(b"picture").to_string());
    assert_eq!(keys(&payload["delete_on"]), ["note", "number_mac", "verbatim"]);
    assert_eq!(payload["_sd"].as_array().unwrap().len(), 3);
    // The values are not in what is signed, and a bare digest of them is not either.
    let text = payload.to_string();
    for part in personal() {
        assert!(!text.contains(&part.value.text()));
        let bare = Digest::of(part.value.text().as_bytes()).to_string();
        assert!(!text.contains(&bare));
    }
}

#[test]
fn what_was_written_is_read_as_it_was() {
    let mut log = filled(MemoryStore::new(), 0);
    for (count, outcome) in (1..).zip(LookupOutcome::ALL) {
        for chip in chips() {
            let record =
                CheckRecord::new(now(), gate(), chip, lookup(*outcome), decision(Action::Hold)).unwrap();
            let entry = log
                .append(&record, &personal()[..count as usize % 4], &seed(count))
                .unwrap();
            assert_eq!(entry.check(), Some(&record));
            assert_eq!(entry.personal(), &personal()[..count as usize % 4]);
            assert!(matches!(entry.content(), Content::Check(_)));
        }
    }
    let read: Vec<_> = log.entries().unwrap().map(Result::unwrap).collect();
    assert_eq!(read.len(), 24 * 7 + 1);
    assert!(read[0].check().is_none());
}

/// Every state that a chip's signature can be in.
fn chips() -> Vec<ChipSignature> {
    let verified = |trust_profile| ChipSignature::Verified {
        trust_profile,
        anchor_sha256: None,
    };
    let mut chips: Vec<_> = TrustProfile::ALL.iter().copied().map(verified).collect();
    chips.extend([
        ChipSignature::Failed(label("signature_mismatch")),
        ChipSignature::NotVerifiable(label("no_signature_on_card")),
        ChipSignature::NotChecked(label("no_anchor")),
        ChipSignature::NotRead,
    ]);
    chips
}

#[test]
fn consent_comes_first() {
    let missing = Gate {
        consent: Consent::Missing,
        ..gate()
    };
    let not_asked = LookupOutcome::from_name("not_asked.consent_missing").unwrap();
    let new = |chip, outcome| {
        CheckRecord::new(
            now(),
            missing.clone(),
            chip,
            lookup(outcome),
            decision(Action::Hold),
        )
    };
    for outcome in LookupOutcome::ALL {
        for chip in chips() {
            let nothing_done = chip == ChipSignature::NotRead && outcome.status() == LookupStatus::NotAsked;
            let expected = if nothing_done {
                None
            } else {
                Some(RecordError::ConsentMissing)
            };
            assert_eq!(new(chip, *outcome).err(), expected);
        }
    }
    let record = new(ChipSignature::NotRead, not_asked).unwrap();
    assert!(!keys(&payload(&record, &[])).contains(&"consent_at"));
}

#[test]
fn records_do_not_contradict_themselves() {
    let with = |outcome: &str, change: fn(&mut LookupDetails)| {
        let outcome = LookupOutcome::from_name(outcome).unwrap();
        let mut details = lookup(outcome).details().clone();
        change(&mut details);
        Lookup::new(outcome, details).err()
    };
    for change in [
        (|details| details.answered_at = None) as fn(&mut LookupDetails),
        |details| details.classified_by = None,
        |details| details.input_source = None,
        |details| *details = LookupDetails::default(),
    ] {
        for answer in [
            "answered.not_listed_as_lapsed",
            "answered.lapsed",
            "answered.no_match",
        ] {
            assert_eq!(with(answer, change), Some(RecordError::AnswerIncomplete));
        }
    }
    assert_eq!(
        with("not_answered.operator_unsure", |details| details.answered_at =
            Some(now())),
        Some(RecordError::LookupContradictory)
    );
    assert_eq!(
        with("not_answered.operator_unsure", |details| *details =
            LookupDetails::default()),
        None
    );
    assert_eq!(
        with("not_asked.offline", |details| details.input_source =
            Some(InputSource::Typed)),
        Some(RecordError::LookupContradictory)
    );
    let lookup = full().lookup().clone();
    assert_eq!(lookup.details().input_source, Some(InputSource::Chip));
    let record = CheckRecord::new(
        now(),
        gate(),
        ChipSignature::NotRead,
        lookup,
        decision(Action::Hold),
    );
    assert_eq!(record.err(), Some(RecordError::ChipNotRead));
}

#[test]
fn the_reports_words_are_taken_over() {
    let from = |status, reason, profile| ChipSignature::from_report(status, reason, profile, None);
    assert_eq!(
        from("verified", None, Some("production")).unwrap().status(),
        "verified"
    );
    assert_eq!(
        from("verified", None, None),
        Err(RecordError::SignatureContradictory)
    );
    assert_eq!(
        from("verified", None, Some("other")),
        Err(RecordError::SignatureContradictory)
    );
    assert_eq!(
        from("valid", None, Some("production")),
        Err(RecordError::SignatureContradictory)
    );
    assert_eq!(
        from("failed", Some(NUMBER), None),
        Err(RecordError::SignatureContradictory)
    );
    let failed = from("failed", Some("signature_mismatch"), Some("custom")).unwrap();
    assert_eq!(failed, ChipSignature::Failed(label("signature_mismatch")));
    assert_eq!(
        from("not_verifiable", None, None).unwrap().reason(),
        Some(&label("not_verifiable"))
    );
    assert_eq!(
        from("not_checked", Some("no_anchor"), None).unwrap().status(),
        "not_checked"
    );
    assert_eq!(from("not_read", None, None), Ok(ChipSignature::NotRead));
}

#[test]
fn records_of_one_card_are_linked_by_a_key_only() {
    let key = LinkKey::new(&[1; 32]);
    let mac = |key: &LinkKey, text: &str| key.mac(&CardNumber::parse(text).unwrap());
    assert_eq!(mac(&key, NUMBER), mac(&key, "ａｂ12345678ｃｄ"));
    assert_ne!(mac(&key, NUMBER), mac(&key, "AB12345679CD"));
    assert_ne!(mac(&key, NUMBER), mac(&LinkKey::new(&[2; 32]), NUMBER));

    let mut log = filled(MemoryStore::new(), 0);
    for count in 1..5 {
        let number = if count % 2 == 0 { NUMBER } else { "ZZ00000000ZZ" };
        let part = Personal {
            value: PersonalValue::NumberMac(mac(&key, number)),
            delete_on: DAY,
        };
        log.append(&minimal(), &[part], &seed(count)).unwrap();
    }
    let wanted = PersonalValue::NumberMac(mac(&key, NUMBER));
    let found: Vec<u64> = log
        .entries()
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.personal().iter().any(|part| part.value == wanted))
        .map(|entry| entry.sequence())
        .collect();
    assert_eq!(found, [2, 4]);
}

#[test]
fn one_personal_part_of_a_kind() {
    let mut log = filled(MemoryStore::new(), 0);
    let part = personal().remove(0);
    let result = log.append(&minimal(), &[part.clone(), part], &seed(1));
    assert!(matches!(result, Err(Error::TwoOfAKind(PersonalKind::NumberMac))));
    assert_eq!(log.head().unwrap().entries, 1);
}

#[test]
fn the_longest_record_fits() {
    // Four bytes of UTF-8 each, and for what JSON escapes two for one.
    let long = |text: &str| FreeText::new(&text.repeat(FreeText::MOST)).unwrap();
    let parts = [
        PersonalValue::NumberMac(LinkKey::new(&[1; 32]).mac(&number())),
        PersonalValue::Verbatim(long("𠮷")),
        PersonalValue::Note(long("𠮷")),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .map(|value| Personal {
            value,
            delete_on: DAY,
        })
        .collect();
    let label = Label::new(&"𠮷".repeat(Label::MOST)).unwrap();
    let gate = Gate {
        purpose: label.clone(),
        consent: Consent::GivenAt(now()),
        operator_id: label.clone(),
        app_version: label.clone(),
    };
    let mut details = full().lookup().details().clone();
    details.handoff_url =
        Some(HandoffUrl::new(&format!("https://{}", "a".repeat(HandoffUrl::MOST - 8))).unwrap());
    let lookup = Lookup::new(LookupOutcome::LAPSED, details).unwrap();
    let mut decision = decision(Action::Stop);
    decision.policy_name = label.clone();
    decision.reason = Some(label.clone());
    let mut record = CheckRecord::new(now(), gate, verified(), lookup, decision).unwrap();
    record.case_id = Some(label.clone());
    record.chip_read_id = Some(label);
    record.printed_validity_passed = Some(false);
    record.next_check_on = Some(DAY);
    let mut log = filled(MemoryStore::new(), 0);
    let entry = log.append(&record, &parts, &seed(1)).unwrap();
    assert!(entry.as_sd_jwt().len() < zairyu_evidence::MAX_ENTRY_LEN);
    assert_eq!((entry.check(), entry.personal()), (Some(&record), &parts[..]));
}

/// The number, in every form that it could have taken, in nothing that leaves the crate.
#[test]
fn the_number_is_nowhere() {
    let folder = Folder::new();
    let mut log = filled(FileStore::create(folder.log()).unwrap(), 3);
    let mut shown = Vec::new();
    // Wherever a text is taken, a number is refused, and the refusal does not repeat it.
    for typed in [
        NUMBER,
        "ab12345678cd",
        "ＡＢ１２３４５６７８ＣＤ",
        "AB-1234-5678-CD",
        "number: AB12345678CD.",
    ] {
        for error in [
            Label::new(typed).unwrap_err(),
            FreeText::new(typed).unwrap_err(),
            HandoffUrl::new(&format!("https://example.jp/{typed}")).unwrap_err(),
        ] {
            assert!(matches!(error, TextError::CardNumber | TextError::Address));
            shown.push(format!("{error} {error:?}"));
        }
        let json = format!("\"{typed}\"");
        shown.push(serde_json::from_str::<Label>(&json).unwrap_err().to_string());
        shown.push(
            serde_json::from_str::<LookupOutcome>(&json)
                .unwrap_err()
                .to_string(),
        );
        shown.push(
            serde_json::from_str::<zairyu_evidence::Digest>(&json)
                .unwrap_err()
                .to_string(),
        );
        shown.push(
            serde_json::from_str::<zairyu_evidence::Moment>(&json)
                .unwrap_err()
                .to_string(),
        );
        shown.push(
            serde_json::from_str::<InputSource>(&json)
                .unwrap_err()
                .to_string(),
        );
        let path = folder.log().with_file_name(typed);
        shown.push(FileStore::create(path).unwrap_err().to_string());
    }
    let entry = log.append(&full(), &personal(), &seed(9)).unwrap();
    shown.push(format!("{entry:?} {:?} {:?}", entry.content(), entry.personal()));
    shown.push(export_entry(&entry));
    for language in [
        zairyu_evidence::Language::Japanese,
        zairyu_evidence::Language::English,
    ] {
        let note = zairyu_evidence::Note::new(&entry, language).unwrap();
        shown.push(format!("{note:?}{}{}", note.to_text(), note.to_html()));
    }
    let mut json = Vec::new();
    export_json(
        lines(&fs::read(folder.log()).unwrap()[..]),
        &key().verifying_key(),
        &mut json,
    )
    .unwrap();
    shown.push(String::from_utf8(json).unwrap());
    shown.push(fs::read_to_string(folder.log()).unwrap());
    shown.extend(folder.files());
    for text in shown {
        let text: String = text
            .to_uppercase()
            .chars()
            .filter(|character| *character != '-')
            .collect();
        // Digits enough to give it away, as text, and as its bytes in hex and in base64 at all three places.
        for trace in [
            "12345678",
            "１２３４",
            "31323334353637",
            "MTIZNDU2N",
            "EYMZQ1NJC4",
            "XMJM0NTY3",
        ] {
            assert!(!text.contains(trace), "{trace}: {text}");
        }
    }
}

/// Nothing that a person wrote is in any `Debug`, nor in what an error says.
#[test]
fn debug_and_errors_show_nothing_personal() {
    let mut record = full();
    record.case_id = Some(label("marker-case"));
    let gate = Gate {
        purpose: label("marker-purpose"),
        consent: Consent::GivenAt(moment("2026-11-22T00:50:00Z")),
        operator_id: label("marker-operator"),
        app_version: label("marker-app"),
    };
    let chip = ChipSignature::Failed(label("marker-reason"));
    let mut record = CheckRecord::new(
        now(),
        gate,
        chip,
        record.lookup().clone(),
        record.decision().clone(),
    )
    .unwrap();
    record.case_id = Some(label("marker-case"));
    let note = Personal {
        value: PersonalValue::Note(FreeText::new("marker-note").unwrap()),
        delete_on: DAY,
    };
    let mut log = filled(MemoryStore::new(), 0);
    let entry = log
        .append(&record, std::slice::from_ref(&note), &seed(1))
        .unwrap();
    let opened = EvidenceLog::open(log.into_store(), specimen::other_key())
        .err()
        .unwrap();
    let shown = format!(
        "{record:?} {note:?} {entry:?} {:?} {opened:?} {opened}",
        entry.content()
    );
    assert!(!shown.contains("marker"), "{shown}");
    assert!(shown.contains("answered.lapsed"));
}

#[test]
fn an_export_of_a_broken_log_says_so() {
    let mut file = file_of(&entries(4));
    let line = |number: usize, file: &[u8]| {
        let ends = file.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        ends.map(|(index, _)| index).nth(number).unwrap()
    };
    let index = line(1, &file) + 200;
    file[index] ^= 1;
    let mut json = Vec::new();
    let result = export_json(lines(&file[..]), &key().verifying_key(), &mut json);
    assert!(matches!(result, Err(Error::Broken(broken)) if broken.entry == 2));
    let export: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(export["entries"].as_array().unwrap().len(), 2);
    assert_eq!(export["chain"]["sound"], false);
    assert_eq!(export["chain"]["entry"], 2);
    assert_eq!(export["chain"]["head"]["entries"], 2);
    assert!(export["chain"]["fault"].is_string());

    // An empty log is not sound either.
    let mut json = Vec::new();
    export_json(lines(&b""[..]), &key().verifying_key(), &mut json).unwrap();
    let export: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(export["chain"]["sound"], false);

    // A disk that is full while exporting.
    let file = file_of(&entries(1));
    let result = export_json(lines(&file[..]), &key().verifying_key(), &mut [0_u8; 100][..]);
    assert!(matches!(result, Err(Error::Store(_))));
}

#[test]
fn a_store_that_fails_is_told_of() {
    struct Failing;
    impl Store for Failing {
        fn last(&mut self) -> Result<Option<String>, zairyu_evidence::StoreError> {
            Err(zairyu_evidence::StoreError::Other("the database is away".into()))
        }
        fn append(&mut self, _: u64, _: &str) -> Result<(), zairyu_evidence::StoreError> {
            unreachable!("nothing is appended to what cannot be read")
        }
        fn lines(
            &self,
        ) -> Result<
            Box<dyn Iterator<Item = Result<zairyu_evidence::Line, zairyu_evidence::StoreError>> + '_>,
            zairyu_evidence::StoreError,
        > {
            unreachable!("nothing is read")
        }
        fn replace(
            &mut self,
            _: &mut dyn FnMut(&str) -> Option<String>,
        ) -> Result<u64, zairyu_evidence::StoreError> {
            unreachable!("nothing is replaced")
        }
    }
    let error = EvidenceLog::open(Failing, key()).err().unwrap();
    assert!(matches!(
        error,
        Error::Store(zairyu_evidence::StoreError::Other(_))
    ));
}
