//! Class 17: secrets in logs.
//!
//! gmrtd #6 (session keys pasted into a public thread), NFCPassportReader PR #276, OpenSC #877 (the PIN). Here is what a
//! program is given to log; `tests/secrets_in_*.rs` scan everything that any crate
//! logs, panic messages, `Debug` texts and memory.

use zairyu::data::CardType;
use zairyu::transport::{Fault, FaultInjector, Limits, Traced};
use zairyu_testcard::{CardBuilder, Field};

use crate::{TYPES, card, commands, good, issue, report};

/// What the holder of the cards below would not want to find in a ticket.
const PERSONAL: [&str; 6] = [
    "QX48151623ZW",
    "48151623",
    "19770815",
    "PRK",
    "T990099009",
    "千代田区",
];

fn builder(card_type: CardType) -> CardBuilder {
    let builder = CardBuilder::new(card_type).number("QX48151623ZW");
    match card_type {
        CardType::FirstResidenceCard => builder.with(Field::Address, "東京都千代田区霞が関１－１－１"),
        _ => builder
            .with(Field::DateOfBirth, "19770815")
            .with(Field::Nationality, "PRK")
            .with(Field::ResidenceStatus, "T990099009"),
    }
}

fn assert_clean(text: &str) {
    for personal in PERSONAL {
        assert!(!text.contains(personal), "{personal} in {text}");
        let hex: String = personal.bytes().map(|byte| format!("{byte:02X}")).collect();
        assert!(!text.to_uppercase().contains(&hex), "{personal} in hexadecimal");
    }
}

#[test]
fn the_scan_finds_what_it_looks_for() {
    let shown = std::panic::catch_unwind(|| assert_clean("number QX48151623ZW"));
    assert!(shown.is_err());
    let hex = std::panic::catch_unwind(|| assert_clean("3438313531363233"));
    assert!(hex.is_err());
}

#[test]
fn traces_recordings_and_debug_texts() {
    for card_type in TYPES {
        let issued = issue(&builder(card_type));
        let mut trace = String::new();
        let mut traced = Traced::new(card(&issued, Limits::EXTENDED), |event| {
            trace += &format!("{event} {event:?}\n");
        });
        let reading = zairyu::read(&mut traced, issued.number()).unwrap();
        assert!(trace.lines().count() > 10);
        assert_clean(&trace);
        let (_, recording) =
            zairyu::read_recorded(&mut card(&issued, Limits::SHORT), issued.number()).unwrap();
        assert_clean(&recording.to_text());
        assert_clean(&format!(
            "{recording:?} {reading:?} {:?} {issued:?}",
            report(&issued)
        ));
        assert_clean(&format!("{:?}", reading.number()));
        // What is saved on purpose does hold it: the scan can see.
        assert!(reading.to_dump().contains(PERSONAL[0]));
    }
}

#[test]
fn errors_of_every_kind() {
    for card_type in TYPES {
        let issued = issue(&builder(card_type));
        for at in 0..commands(&good(card_type), Limits::EXTENDED) {
            for fault in [
                Fault::NoData,
                Fault::Cut(9),
                Fault::Status(0x6300),
                Fault::Extended(vec![1]),
            ] {
                let mut faulty = FaultInjector::new(card(&issued, Limits::EXTENDED)).inject(at, fault);
                if let Err(error) = zairyu::read(&mut faulty, issued.number()) {
                    assert_clean(&format!("{error} {error:?}"));
                }
            }
        }
    }
}
