//! Any bytes, as the file of a log of checks.
//!
//! Nothing is believed but entries that the log's key signed, in their order; the export is JSON whatever the file is; a
//! note shows no markup of an entry's.

use std::sync::LazyLock;

use zairyu_evidence::{
    Consent, Entry, EvidenceLog, FreeText, Gate, Label, Language, Line, LinkKey, MemoryStore, Moment, Note,
    Personal, PersonalValue, Seed, Signer as _, SigningKey, Store as _, entries, export_json, lines,
    verify_chain,
};

use crate::{
    genuine::{self, ANCHORS, now},
    memory::{self, KIB},
    session::number,
};

/// An entry as text and taken apart, a few times over.
const MEMORY: usize = 512 * KIB;

fn key() -> SigningKey {
    SigningKey::generate(&[7; 32]).expect("the number is a key")
}

/// An opening, and a check of each readable card, with personal parts and without.
pub(crate) static LOG: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let label = |text| Label::new(text).expect("it is short");
    let now_in_japan = Moment::japan(now());
    let seed = |number| Seed::new(&[number; 32]);
    let mut log =
        EvidenceLog::create(MemoryStore::new(), key(), now_in_japan, None, &seed(0)).expect("a log");
    for (count, card_type) in (1..).zip(crate::files::READABLE) {
        let files = genuine::issued(card_type).card_files();
        let reading = zairyu::Reading::new(files, number(), now());
        let gate = Gate {
            purpose: label("hiring"),
            consent: Consent::GivenAt(now_in_japan),
            operator_id: label("op-17"),
            app_version: label("fuzz"),
        };
        let report = reading.judge(&ANCHORS, now());
        let record = report.to_check_record(gate, now_in_japan).expect("a record");
        let delete_on = "2027-11-22".parse().expect("a day");
        let values = [
            PersonalValue::NumberMac(LinkKey::new(&[9; 32]).mac(&number())),
            PersonalValue::Note(FreeText::new("<script>").expect("a text")),
        ];
        let personal = values.map(|value| Personal { value, delete_on });
        let personal = if count % 2 == 0 { &personal[..] } else { &[] };
        log.append(&record, personal, &seed(count))
            .expect("it is appended");
    }
    let store = log.into_store();
    let mut file = Vec::new();
    for line in store.lines().expect("a store in memory") {
        if let Ok(Line::Entry(entry)) = line {
            file.extend(entry.as_bytes());
            file.extend(b"\r\n");
        }
    }
    file
});

/// What the key signed, in order.
static SIGNED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let all = entries(lines(&LOG[..]), &key().verifying_key());
    all.map(|entry| entry.expect("it is genuine").jws().to_owned())
        .collect()
});

pub fn run(input: &[u8]) {
    let key = key().verifying_key();
    let believed: Vec<Entry> = memory::within(MEMORY + 16 * input.len(), || {
        entries(lines(input), &key).map_while(Result::ok).collect()
    });
    for (entry, signed) in believed.iter().zip(SIGNED.iter()) {
        assert_eq!(entry.jws(), signed, "another entry is believed");
        for language in [Language::English, Language::Japanese] {
            if let Some(note) = Note::new(entry, language) {
                assert!(!note.to_html().contains("<script"));
                assert!(!note.to_text().contains('\u{202E}'));
            }
        }
    }
    assert!(believed.len() <= SIGNED.len(), "more is believed than there is");
    if let Ok(sound) = verify_chain(lines(input), &key, None) {
        assert_eq!(sound.head.entries, believed.len() as u64);
    }
    let mut json = Vec::new();
    let _ = export_json(lines(input), &key, &mut json);
    serde_json::from_slice::<serde_json::Value>(&json).expect("JSON");
}
