//! Readers and cards that say odd things of themselves: the real pcscd with virtual readers.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod toy;

use std::time::Duration;

use toy::ToyCard;
use zairyu_pcsc::{CardState, Monitor, OpenOptions, diagnose, readers};
use zairyu_transport::{ErrorKind, Transport};
use zairyu_virtual_reader::Pcscd;

/// Not UTF-8; control characters and a change of writing direction; as long as pcscd takes one.
const NAMES: [&[u8]; 3] = [
    b"Toy \xFF\xFE\x80",
    "Toy \u{202E}\u{7}\u{1B}[2J".as_bytes(),
    &[b'x'; 120],
];

fn options() -> OpenOptions {
    OpenOptions::new().wait(Duration::from_secs(60))
}

/// One test, for the daemon is one for all.
#[test]
fn odd_names_and_answers_to_reset_change_nothing() {
    let daemon = Pcscd::start(&NAMES).unwrap();
    let listed = readers().unwrap();
    assert_eq!(listed.len(), NAMES.len());
    for reader in &listed {
        assert_eq!(reader.card(), CardState::Absent);
    }
    assert!(
        listed
            .iter()
            .any(|reader| reader.name().starts_with("Toy \u{FFFD}"))
    );
    assert!(listed.iter().any(|reader| reader.name().starts_with("xxxx")));
    // A diagnosis goes into tickets and terminals.
    let diagnosis = diagnose(Duration::from_secs(30)).to_string();
    let odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202E}';
    assert!(!diagnosis.contains(odd), "{diagnosis:?}");

    for name in NAMES {
        for atr in [&[0x3B][..], &[0xFF; 33], &[0x00; 40], &[0x3B; 255]] {
            let mut card = ToyCard::willing();
            card.set_atr(atr);
            daemon.reader(name).insert(card);
            // Whether pcscd takes such an answer for a card's is its own affair. That we come to an end is ours.
            match options().wait(Duration::from_secs(1)).open() {
                Ok(mut session) => assert_eq!(session.transmit(&[0, 0x84, 0, 0, 8]).unwrap(), toy::OK),
                Err(error) => assert_eq!(error.kind(), ErrorKind::NoCard, "{error}"),
            }
            let _ = diagnose(Duration::from_secs(30));
            daemon.reader(name).remove();
        }
        let mut monitor = Monitor::new();
        assert!(monitor.next_within(Duration::from_secs(30)).unwrap().is_some());
    }
}
