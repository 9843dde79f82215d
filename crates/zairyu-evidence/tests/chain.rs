//! Whatever is done to a log is found, and the first entry that it was done to is named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod specimen;

use std::sync::OnceLock;

use proptest::prelude::*;
use specimen::{entries, file_of, filled, full, key, now, other_key, personal, seed};
use zairyu_evidence::{
    Broken, Entry, Error, EvidenceLog, Fault, Head, Line, MemoryStore, Signer, Sound, Store, StoreError,
    VerifyingKey, lines, verify_chain,
};

fn verify(file: &[u8], kept: Option<&Head>) -> Result<Sound, Error> {
    verify_chain(lines(file), &key().verifying_key(), kept)
}

fn verify_entries(entries: &[String], kept: Option<&Head>) -> Result<Sound, Error> {
    verify(&file_of(entries), kept)
}

fn broken(result: Result<Sound, Error>) -> Broken {
    match result {
        Err(Error::Broken(broken)) => broken,
        other => panic!("{other:?}"),
    }
}

/// The entry, and what is wrong with it.
fn found(result: Result<Sound, Error>) -> (u64, Fault) {
    let broken = broken(result);
    (broken.entry, broken.fault)
}

/// The head after each entry.
fn heads(entries: &[String]) -> Vec<Head> {
    (1..=entries.len())
        .map(|count| verify_entries(&entries[..count], None).unwrap().head)
        .collect()
}

#[test]
fn a_log_as_written_is_sound() {
    let entries = entries(5);
    let sound = verify_entries(&entries, None).unwrap();
    assert_eq!(sound.head.entries, 6);
    assert_eq!((sound.personal_present, sound.personal_absent), (6, 0));
    // Each head that was ever kept fits, not only the last.
    for head in heads(&entries) {
        assert_eq!(verify_entries(&entries, Some(&head)).unwrap(), sound);
    }
}

/// An opening, a minimal record, and one with everything in it. Made once: signing takes its time.
fn short_log() -> &'static [String] {
    static LOG: OnceLock<Vec<String>> = OnceLock::new();
    LOG.get_or_init(|| entries(2))
}

/// Every byte of a file, each changed in one way; the properties below try others.
#[test]
fn any_changed_byte_is_found_and_its_entry_named() {
    let entries = short_log();
    let file = file_of(entries);
    let mut entry = 0;
    for index in 0..file.len() {
        let mut changed = file.clone();
        changed[index] ^= 1 << (index % 8);
        let (named, fault) = found(verify(&changed, None));
        assert_eq!(named, entry, "byte {index}: {fault}");
        assert_ne!(fault, Fault::Torn, "byte {index}");
        if file[index] == b'\n' {
            entry += 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_other_byte_is_found_and_its_entry_named(index in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let entries = short_log();
        let file = file_of(entries);
        let index = index.index(file.len());
        prop_assume!(file[index] != byte);
        let mut changed = file.clone();
        changed[index] = byte;
        let entry = file[..index].iter().filter(|byte| **byte == b'\n').count() as u64;
        prop_assert_eq!(broken(verify(&changed, None)).entry, entry);
    }

    #[test]
    fn any_byte_more_or_less_is_found_and_its_entry_named(
        index in any::<prop::sample::Index>(),
        inserted in prop::option::of(any::<u8>()),
    ) {
        let entries = short_log();
        let file = file_of(entries);
        let index = index.index(file.len());
        let mut changed = file.clone();
        match inserted {
            Some(byte) => changed.insert(index, byte),
            None => { changed.remove(index); }
        }
        prop_assume!(changed != file);
        let entry = file[..index].iter().filter(|byte| **byte == b'\n').count() as u64;
        prop_assert_eq!(broken(verify(&changed, None)).entry, entry);
    }

    #[test]
    fn arbitrary_bytes_are_never_believed(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
        prop_assert!(verify(&bytes, None).is_err());
    }

    #[test]
    fn arbitrary_texts_of_the_right_letters_are_never_believed(text in "[a-zA-Z0-9_.~-]{0,300}~\r\n") {
        prop_assert!(verify(text.as_bytes(), None).is_err());
    }
}

/// Cut at every byte: what is whole is sound, what is not is never believed.
#[test]
fn a_file_cut_anywhere_keeps_its_whole_entries() {
    let entries = short_log();
    let file = file_of(entries);
    let heads = heads(entries);
    for length in 0..file.len() {
        let cut = &file[..length];
        let whole = cut.iter().filter(|byte| **byte == b'\n').count();
        let is_at_end = cut.last().is_none_or(|byte| *byte == b'\n');
        match verify(cut, None) {
            Err(Error::Empty) => assert_eq!(length, 0),
            Ok(sound) => assert_eq!((is_at_end, sound.head), (true, heads[whole - 1])),
            result => {
                assert!(!is_at_end);
                assert_eq!(found(result), (whole as u64, Fault::Torn), "{length}");
            }
        }
        // With the head kept elsewhere, no cut passes.
        if !is_at_end && length % 64 != 0 {
            continue;
        }
        let named = broken(verify(cut, Some(&heads[2])));
        let fault = if is_at_end {
            Fault::CutShort { entries: 3 }
        } else {
            Fault::Torn
        };
        assert_eq!((named.entry, named.fault), (whole as u64, fault));
    }
}

#[test]
fn moved_missing_and_repeated_entries_are_named() {
    let good = entries(4);
    let change = |change: fn(&mut Vec<String>)| {
        let mut changed = good.clone();
        change(&mut changed);
        found(verify_entries(&changed, None))
    };
    assert_eq!(
        change(|log| drop(log.remove(2))),
        (2, Fault::Missing { found: 3 })
    );
    assert_eq!(change(|log| log.swap(2, 3)), (2, Fault::Missing { found: 3 }));
    assert_eq!(
        change(|log| log.insert(3, log[2].clone())),
        (3, Fault::OutOfOrder { found: 2 })
    );
    assert_eq!(
        change(|log| log.push(log[4].clone())),
        (5, Fault::OutOfOrder { found: 4 })
    );
    assert_eq!(change(|log| drop(log.remove(0))), (0, Fault::NoOpening));
    assert_eq!(
        change(|log| log.insert(1, log[0].clone())),
        (1, Fault::OutOfOrder { found: 0 })
    );
    assert_eq!(change(|log| log[2].clear()), (2, Fault::Malformed));
    assert_eq!(change(|log| log[3].push('~')), (3, Fault::ForeignPersonal));
}

#[test]
fn an_entry_made_anew_with_the_key_breaks_the_one_after_it() {
    let good = entries(4);
    // Who has the key writes entry 2 anew: another record in its place.
    let mut store = MemoryStore::new();
    for (sequence, entry) in good[..2].iter().enumerate() {
        store.append(sequence as u64, entry).unwrap();
    }
    let mut log = EvidenceLog::open(store, key()).unwrap();
    let entry = log.append(&full(), &[], &seed(99)).unwrap();
    let mut changed = good.clone();
    changed[2] = entry.as_sd_jwt().to_owned();
    assert_eq!(found(verify_entries(&changed, None)), (3, Fault::WrongPrevious));
    // When all after it are cut off or made anew too, only a head kept elsewhere tells.
    changed.truncate(3);
    assert!(verify_entries(&changed, None).is_ok());
    let heads = heads(&good);
    assert_eq!(
        found(verify_entries(&changed, Some(&heads[2]))),
        (2, Fault::OtherThanHead)
    );
    assert_eq!(
        found(verify_entries(&changed, Some(&heads[4]))),
        (3, Fault::CutShort { entries: 5 })
    );
}

#[test]
fn entries_of_another_log_and_other_keys_are_named() {
    let good = entries(3);
    // The same key, another log.
    let mut other = EvidenceLog::create(MemoryStore::new(), key(), now(), None, &seed(50)).unwrap();
    for check in 1..=3 {
        other.append(&full(), &[], &seed(50 + check)).unwrap();
    }
    let other: Vec<String> = other
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().as_sd_jwt().to_owned())
        .collect();
    let mut mixed = good.clone();
    mixed[2].clone_from(&other[2]);
    assert_eq!(found(verify_entries(&mixed, None)), (2, Fault::OtherLog));
    let head = verify_entries(&other, None).unwrap().head;
    assert_eq!(found(verify_entries(&good, Some(&head))), (0, Fault::OtherLog));

    // The whole log signed anew with another key, and one entry of such a log.
    let mut store = EvidenceLog::create(MemoryStore::new(), other_key(), now(), None, &seed(0)).unwrap();
    store.append(&full(), &[], &seed(1)).unwrap();
    let foreign: Vec<String> = store
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().as_sd_jwt().to_owned())
        .collect();
    assert_eq!(found(verify_entries(&foreign, None)), (0, Fault::OtherKey));
    let mut mixed = good;
    mixed[1].clone_from(&foreign[1]);
    assert_eq!(found(verify_entries(&mixed, None)), (1, Fault::OtherKey));
}

/// (R, −S) is as good a signature as (R, S), and anyone can make it. It may not replace the one that stands there.
#[test]
fn the_equivalent_signature_is_refused() {
    let mut changed = entries(2);
    for entry in 0..changed.len() {
        let good = changed[entry].clone();
        changed[entry] = negated(&good);
        assert_ne!(changed[entry], good);
        assert_eq!(
            found(verify_entries(&changed, None)),
            (entry as u64, Fault::BadSignature)
        );
        changed[entry] = good;
    }
}

/// Replaces S by n − S.
fn negated(entry: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    const ORDER: [u8; 32] =
        hex_literal::hex!("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let (jws, rest) = entry.split_once('~').unwrap();
    let (message, signature) = jws.rsplit_once('.').unwrap();
    let mut bytes = Base64UrlUnpadded::decode_vec(signature).unwrap();
    let mut borrow = 0;
    for index in (0..32).rev() {
        let difference = i16::from(ORDER[index]) - i16::from(bytes[32 + index]) - borrow;
        borrow = i16::from(difference < 0);
        bytes[32 + index] = difference.to_le_bytes()[0];
    }
    let signature = Base64UrlUnpadded::encode_string(&bytes);
    // It is a signature indeed.
    let p256_key =
        ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point());
    p256_key.verify(message.as_bytes(), &bytes).unwrap();
    format!("{message}.{signature}~{rest}")
}

/// The key's point, as ring takes it: the last 65 bytes of its SubjectPublicKeyInfo.
fn point() -> Vec<u8> {
    let spki = key().verifying_key().to_spki_der().unwrap();
    spki[spki.len() - 65..].to_vec()
}

#[test]
fn personal_parts_can_go_and_cannot_come() {
    let good = entries(3);
    assert_eq!(good[2].matches('~').count(), 4);
    let parts: Vec<&str> = good[2].split_terminator('~').collect();
    // One gone, all gone, in another order: what was signed stands.
    for kept in [&parts[..3], &parts[..1], &[parts[0], parts[3], parts[1]]] {
        let mut log = good.clone();
        log[2] = format!("{}~", kept.join("~"));
        let sound = verify_entries(&log, None).unwrap();
        assert_eq!(sound.personal_present, kept.len() as u64 - 1);
        assert_eq!(sound.personal_absent, 4 - kept.len() as u64);
    }
    // The same one twice, or one of another entry.
    let mut log = good.clone();
    log[2] = format!("{}{}~", good[2], parts[1]);
    assert_eq!(found(verify_entries(&log, None)), (2, Fault::ForeignPersonal));
    let mut log = good.clone();
    log[3] = format!("{}{}~", good[3], parts[1]);
    assert_eq!(found(verify_entries(&log, None)), (3, Fault::ForeignPersonal));
}

/// A log of a million lines, or of one line without end, takes no more memory than one entry: this reads it from an
/// iterator that holds one line.
#[test]
fn hostile_files_end_at_their_first_bad_line() {
    let opening = entries(0).remove(0);
    let key = key().verifying_key();
    let mut read = 0_u64;
    let endless = std::iter::once(Ok(Line::Entry(opening.clone()))).chain(std::iter::repeat_with(|| {
        read += 1;
        Ok::<_, StoreError>(Line::Entry("a".repeat(60_000)))
    }));
    assert_eq!(found(verify_chain(endless, &key, None)), (1, Fault::Malformed));
    assert_eq!(read, 1);

    let mut file = file_of(&[opening]);
    file.extend(std::iter::repeat_n(b'a', 5_000_000));
    assert_eq!(found(verify(&file, None)), (1, Fault::TooLong));
    file.extend(b"\r\n");
    assert_eq!(found(verify(&file, None)), (1, Fault::TooLong));
    assert_eq!(
        found(verify(&b"\r\n".repeat(1_000_000), None)),
        (0, Fault::Malformed)
    );
    assert_eq!(found(verify(&vec![b'~'; 60_000], None)), (0, Fault::Torn));
}

#[test]
fn a_signed_payload_that_this_version_does_not_know_is_not_believed() {
    let good = entries(2);
    let payload = payload_of(&good[2]);
    let nested = format!(r#"{{"a":{}1{}}}"#, "[".repeat(120), "]".repeat(120));
    let deep = format!(r#"{{"a":{}"#, "[".repeat(20_000));
    let cases: Vec<(String, String)> = [
        ("schema\":\"zairyu.evidence/1", "schema\":\"zairyu.evidence/2"),
        ("\"kind\":\"check\"", "\"kind\":\"other\""),
        ("\"kind\":\"check\"", "\"kind\":\"opening\""),
        ("\"sequence\":2", "\"sequence\":-2"),
        ("\"sequence\":2", "\"sequence\":2.0"),
        ("\"sequence\":2", "\"sequence\":18446744073709551616"),
        ("\"sequence\":2", "\"sequence\":2,\"sequence\":2"),
        ("\"sequence\":2", "\"sequence\":2,\"added\":1"),
        (
            "\"outcome\":\"answered.lapsed\"",
            "\"outcome\":\"answered.valid\"",
        ),
        (
            "\"outcome\":\"answered.lapsed\"",
            "\"outcome\":\"not_asked.deferred\"",
        ),
        (
            "\"outcome\":\"answered.lapsed\"",
            "\"outcome\":\"not_answered.operator_unsure\"",
        ),
        (
            "\"trust_profile\":\"production\"",
            "\"trust_profile\":\"official\"",
        ),
        ("\"trust_profile\":\"production\",", ""),
        (
            "\"chip_signature_status\":\"verified\"",
            "\"chip_signature_status\":\"genuine\"",
        ),
        (
            "\"chip_signature_status\":\"verified\"",
            "\"chip_signature_status\":\"not_read\"",
        ),
        ("\"consent_at\":\"2026-11-22T09:50:00+09:00\",", ""),
        ("\"classified_by\":\"hint_accepted\",", ""),
        ("\"taxonomy_version\":\"1\"", "\"taxonomy_version\":\"2\""),
        ("\"_sd_alg\":\"sha-256\"", "\"_sd_alg\":\"sha-1\""),
        ("\"decision\":\"stop\"", "\"decision\":\"accept\""),
        ("+09:00\",\"case_id\"", "Z\",\"case_id\""),
        ("case-4711", "AB12345678CD"),
        ("case-4711", " case-4711"),
        ("\"note\":\"2027-03-31\"", "\"name\":\"2027-03-31\""),
        ("\"note\":\"2027-03-31\"", "\"note\":\"2027-02-30\""),
        (",\"note\":\"2027-03-31\"", ""),
    ]
    .iter()
    .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
    .chain([
        (payload.clone(), nested),
        (payload.clone(), deep),
        (payload.clone(), String::new()),
    ])
    .collect();
    for (from, to) in cases {
        assert!(payload.contains(&from), "{from}");
        let mut log = good.clone();
        log[2] = format!("{}~", signed(&payload.replacen(&from, &to, 1)));
        let expected = if to == " case-4711" {
            None
        } else {
            Some((2, Fault::UnknownContent))
        };
        match expected {
            // White space around a label is dropped, when it is read as when it was taken.
            None => assert!(verify_entries(&log, None).is_ok()),
            Some(expected) => assert_eq!(found(verify_entries(&log, None)), expected, "{to}"),
        }
    }
}

fn payload_of(entry: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let payload = entry.split('.').nth(1).unwrap();
    String::from_utf8(Base64UrlUnpadded::decode_vec(payload).unwrap()).unwrap()
}

/// A JWS of this payload, made with the log's key.
fn signed(payload: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let key = key();
    let header = format!(
        r#"{{"alg":"ES256","kid":"{}","typ":"zairyu-evidence+sd-jwt"}}"#,
        key.verifying_key().thumbprint()
    );
    let message = format!(
        "{}.{}",
        Base64UrlUnpadded::encode_string(header.as_bytes()),
        Base64UrlUnpadded::encode_string(payload.as_bytes())
    );
    let signature = key.sign(message.as_bytes()).unwrap();
    let jws = format!("{message}.{}", Base64UrlUnpadded::encode_string(&signature));
    let other = negated(&format!("{jws}~"));
    // Of the two equivalent signatures the one with the low S.
    let s =
        |jws: &str| Base64UrlUnpadded::decode_vec(jws.rsplit('.').next().unwrap()).unwrap()[32..].to_vec();
    let other = other.trim_end_matches('~').to_owned();
    if s(&jws) <= s(&other) { jws } else { other }
}

/// A store that several writers share, as a database is: another writer comes in between now and then.
struct Shared {
    entries: MemoryStore,
    interruptions: u8,
}

impl Store for Shared {
    fn last(&mut self) -> Result<Option<String>, StoreError> {
        self.entries.last()
    }

    fn append(&mut self, sequence: u64, entry: &str) -> Result<(), StoreError> {
        if self.interruptions > 0 {
            self.interruptions -= 1;
            let mut other = EvidenceLog::open(&mut self.entries, key()).unwrap();
            other
                .append(&full(), &[], &seed(100 + self.interruptions))
                .unwrap();
        }
        self.entries.append(sequence, entry)
    }

    fn lines(&self) -> Result<Box<dyn Iterator<Item = Result<Line, StoreError>> + '_>, StoreError> {
        self.entries.lines()
    }

    fn replace(&mut self, replacement: &mut dyn FnMut(&str) -> Option<String>) -> Result<u64, StoreError> {
        self.entries.replace(replacement)
    }
}

#[test]
fn writers_of_a_shared_store_do_not_break_the_chain() {
    let store = filled(MemoryStore::new(), 1).into_store();
    let shared = Shared {
        entries: store,
        interruptions: 5,
    };
    let mut log = EvidenceLog::open(shared, key()).unwrap();
    let entry = log.append(&full(), &personal(), &seed(9)).unwrap();
    assert_eq!(entry.sequence(), 7);
    assert_eq!(log.verify(None).unwrap().head, entry.head());

    // And gives up when that never ends.
    let mut shared = log.into_store();
    shared.interruptions = 100;
    let mut log = EvidenceLog::open(shared, key()).unwrap();
    assert!(matches!(
        log.append(&full(), &[], &seed(9)),
        Err(Error::Contended)
    ));
    assert!(log.verify(None).is_ok());
}

#[test]
fn a_log_can_continue_another_with_a_new_key() {
    let old = filled(MemoryStore::new(), 2);
    let head = old.verify(None).unwrap().head;
    let log = EvidenceLog::create(MemoryStore::new(), other_key(), now(), Some(head), &seed(77)).unwrap();
    let opening: Entry = log.entries().unwrap().next().unwrap().unwrap();
    match opening.content() {
        zairyu_evidence::Content::Opening(opening) => assert_eq!(opening.continues, Some(head)),
        other => panic!("{other:?}"),
    }
    // A head survives being written and read.
    let json = serde_json::to_string(&head).unwrap();
    assert_eq!(serde_json::from_str::<Head>(&json).unwrap(), head);
    assert!(serde_json::from_str::<Head>(&json.replace("entries", "count")).is_err());
}

#[test]
fn logs_are_begun_once_and_opened_with_their_key() {
    let log = filled(MemoryStore::new(), 1);
    let store = log.into_store();
    assert!(matches!(
        EvidenceLog::create(store, key(), now(), None, &seed(1)).err(),
        Some(Error::NotEmpty)
    ));
    let store = filled(MemoryStore::new(), 1).into_store();
    assert!(matches!(
        EvidenceLog::open(store, other_key()).err(),
        Some(Error::UnusableEnd(Fault::OtherKey))
    ));
    assert!(matches!(
        EvidenceLog::open(MemoryStore::new(), key()).err(),
        Some(Error::Empty)
    ));
    assert!(matches!(
        verify_chain(
            Vec::<Result<Line, StoreError>>::new(),
            &key().verifying_key(),
            None
        ),
        Err(Error::Empty)
    ));
}

#[test]
fn the_key_of_a_log_is_found_again_from_any_form() {
    let key = key().verifying_key();
    let file = file_of(&entries(1));
    for same in [
        VerifyingKey::from_jwk(&key.to_jwk()).unwrap(),
        VerifyingKey::from_spki_der(&key.to_spki_der().unwrap()).unwrap(),
        VerifyingKey::from_sec1_point(&point()).unwrap(),
    ] {
        assert!(verify_chain(lines(&file[..]), &same, None).is_ok());
    }
}
