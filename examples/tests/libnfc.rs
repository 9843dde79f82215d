//! `verify_card --transport libnfc` through the real libnfc, with an emulated PN532 on a pseudo-terminal.
#![cfg(all(feature = "libnfc", target_os = "linux"))]
#![allow(clippy::unwrap_used)]

use std::env;
use std::process::{Command, Output, Stdio};

use zairyu_pn532_emulator::Emulator;

fn verify_card(arguments: &[&str]) -> Output {
    let test = env::current_exe().unwrap();
    let program = test
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples")
        .join("verify_card");
    Command::new(program)
        .args(["--number", "AB12345678CD"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn over_libnfc(reader: &Emulator, arguments: &[&str]) -> Output {
    let name = reader.connection_string();
    let transport = ["--transport", "libnfc", "--reader", &name];
    verify_card(&[&transport, arguments].concat())
}

#[test]
fn no_card_is_told() {
    let output = over_libnfc(&Emulator::start().unwrap(), &["--wait", "1"]);
    assert_eq!(output.status.code(), Some(4));
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(
        sentence.starts_with("No card was found on the reader:"),
        "{sentence}"
    );
}

#[cfg(feature = "pcsc")]
mod beside_pcsc {
    use zairyu::data::{CardType, Generation};
    use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};
    use zairyu_virtual_reader::Pcscd;

    use super::*;

    /// The whole report, but for the time of the reading.
    #[test]
    fn the_verdict_is_the_same_as_over_pcsc() {
        // What the child inherits names the private daemon.
        let daemon = Pcscd::start(&["Comparing"]).unwrap();
        let reader = Emulator::start().unwrap();
        let anchor = env::temp_dir().join(format!("zairyu-{}-libnfc.crt", std::process::id()));
        let report = |output: Output| {
            let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(0), "{sentence}");
            let mut report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert!(report.as_object_mut().unwrap().remove("read_at").is_some());
            report
        };
        for (card_type, generation) in [
            (CardType::FirstResidenceCard, Generation::First),
            (CardType::FirstSpecialPermanentResident, Generation::First),
            (CardType::SecondResidenceCard, Generation::Second),
            (CardType::SecondSpecialPermanentResident, Generation::Second),
        ] {
            std::fs::write(&anchor, Issuer::new().ca_certificate(generation).unwrap()).unwrap();
            let options = [
                "--anchor",
                anchor.to_str().unwrap(),
                "--at",
                "2026-11-22T10:00:00+09:00",
                "--json",
                "-",
            ];
            let issued = Issuer::new().issue(&CardBuilder::new(card_type)).unwrap();
            reader.insert(SoftwareCard::new(issued.clone()));
            daemon.reader("Comparing").insert(SoftwareCard::new(issued));
            let libnfc = report(over_libnfc(&reader, &options));
            let transport = ["--transport", "pcsc", "--reader", "Comparing"];
            let pcsc = report(verify_card(&[&transport[..], &options].concat()));
            assert_eq!(libnfc, pcsc);
            assert_eq!(libnfc["authenticity"]["status"], "verified");
            assert_eq!(libnfc["card"]["type_code"], card_type.code());
            daemon.reader("Comparing").remove();
        }
        std::fs::remove_file(&anchor).unwrap();
    }
}
