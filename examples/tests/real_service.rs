//! `verify_card --transport pcsc` against the real pcscd with virtual readers.
#![cfg(all(feature = "pcsc", target_os = "linux"))]
#![allow(clippy::unwrap_used)]

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use zairyu::data::{CardType, Generation};
use zairyu_testcard::{ApduLengths, CardBuilder, Issuer, SoftwareCard};
use zairyu_virtual_reader::Pcscd;

/// One for each test: they run at the same time. The first two are for the test that names no reader.
const READERS: [&str; 3] = ["Verifying", "Empty", "Telling"];

static DAEMON: LazyLock<Pcscd> = LazyLock::new(|| Pcscd::start(&READERS).unwrap());

fn verify_card(arguments: &[&str]) -> Output {
    let test = env::current_exe().unwrap();
    let program: PathBuf = test
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples")
        .join("verify_card");
    // The client library in the child finds the private daemon by the environment that it inherits.
    LazyLock::force(&DAEMON);
    Command::new(program)
        .args(["--transport", "pcsc"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn sentence(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn software_card(card_type: CardType) -> SoftwareCard {
    SoftwareCard::new(Issuer::new().issue(&CardBuilder::new(card_type)).unwrap())
}

#[test]
fn all_types_verify_in_both_modes() {
    let folder = env::temp_dir().join(format!("zairyu-{}-anchors", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (card_type, generation) in [
        (CardType::FirstResidenceCard, Generation::First),
        (CardType::FirstSpecialPermanentResident, Generation::First),
        (CardType::SecondResidenceCard, Generation::Second),
        (CardType::SecondSpecialPermanentResident, Generation::Second),
    ] {
        let anchor = folder.join(format!("{generation:?}.crt"));
        std::fs::write(&anchor, Issuer::new().ca_certificate(generation).unwrap()).unwrap();
        for lengths in [ApduLengths::Extended, ApduLengths::ShortOnlyByStatus] {
            DAEMON
                .reader("Verifying")
                .insert(software_card(card_type).with_lengths(lengths));
            let arguments = [
                "--reader",
                "Verifying",
                "--number",
                "AB12345678CD",
                "--anchor",
                anchor.to_str().unwrap(),
            ];
            let output = verify_card(&[&arguments[..], &["--json", "-"]].concat());
            assert_eq!(output.status.code(), Some(0), "{}", sentence(&output));
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["card"]["type_code"], card_type.code());
            assert_eq!(report["authenticity"]["status"], "verified");
            DAEMON.reader("Verifying").remove();
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_stands_in_the_way_is_told_in_one_sentence() {
    let no_card = verify_card(&["--reader", "Empty", "--wait", "1", "--number", "AB12345678CD"]);
    assert_eq!(no_card.status.code(), Some(4));
    assert!(
        sentence(&no_card).starts_with("No card was found on the reader:"),
        "{}",
        sentence(&no_card)
    );

    let no_reader = verify_card(&["--reader", "No Such", "--wait", "1", "--number", "AB12345678CD"]);
    assert_eq!(no_reader.status.code(), Some(4));
    assert!(
        sentence(&no_reader).starts_with("No such card reader was found:"),
        "{}",
        sentence(&no_reader)
    );

    let no_number = verify_card(&["--reader", "Empty"]);
    assert_eq!(no_number.status.code(), Some(2));

    for (card, number, status, words) in [
        (
            software_card(CardType::SecondResidenceCard),
            "AB12345678CE",
            3,
            "The card number does not match",
        ),
        (
            SoftwareCard::my_number_card(),
            "AB12345678CD",
            4,
            "This is not a residence card: it may be a My Number",
        ),
        (
            SoftwareCard::foreign_card(0x6E00),
            "AB12345678CD",
            4,
            "This is not a residence card: put the",
        ),
        (
            SoftwareCard::specified_card(CardType::SpecifiedResidenceCard).unwrap(),
            "AB12345678CD",
            4,
            "This is a specified residence card (特定在留カード)",
        ),
    ] {
        DAEMON.reader("Telling").insert(card);
        let output = verify_card(&["--reader", "Telling", "--number", number]);
        assert_eq!(output.status.code(), Some(status), "{}", sentence(&output));
        assert!(sentence(&output).starts_with(words), "{}", sentence(&output));
        DAEMON.reader("Telling").remove();
    }
}
