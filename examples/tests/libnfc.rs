//! `verify_card --transport libnfc` through the real libnfc, with an emulated PN532 on a pseudo-terminal.
#![cfg(all(feature = "libnfc", target_os = "linux"))]
#![allow(clippy::unwrap_used)]

use std::env;
use std::process::{Command, Output, Stdio};

use zairyu::data::{CardType, Generation};
use zairyu_pn532_emulator::{Card, CardFault, Emulator};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};

/// The software card in the emulated chip's field.
struct InField(SoftwareCard);

impl Card for InField {
    fn power_up(&mut self) {
        self.0.power_up();
    }

    fn power_down(&mut self) {
        self.0.power_down();
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardFault> {
        Ok(self.0.process(command))
    }
}

fn verify_card(reader: &Emulator, arguments: &[&str]) -> Output {
    let test = env::current_exe().unwrap();
    let program = test
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples")
        .join("verify_card");
    Command::new(program)
        .args([
            "--transport",
            "libnfc",
            "--reader",
            &reader.connection_string(),
            "--number",
            "AB12345678CD",
        ])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn the_verdict_is_the_same_as_over_pcsc() {
    let reader = Emulator::start().unwrap();
    let issued = Issuer::new()
        .issue(&CardBuilder::new(CardType::SecondResidenceCard))
        .unwrap();
    reader.insert(InField(SoftwareCard::new(issued)));
    let anchor = env::temp_dir().join(format!("zairyu-{}-libnfc.crt", std::process::id()));
    std::fs::write(&anchor, Issuer::new().ca_certificate(Generation::Second).unwrap()).unwrap();
    let output = verify_card(&reader, &["--anchor", anchor.to_str().unwrap(), "--json", "-"]);
    std::fs::remove_file(&anchor).unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["authenticity"]["status"], "verified");
    assert_eq!(report["card"]["type_code"], "05");
}

#[test]
fn no_card_is_told() {
    let output = verify_card(&Emulator::start().unwrap(), &["--wait", "1"]);
    assert_eq!(output.status.code(), Some(4));
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(
        sentence.starts_with("No card was found on the reader:"),
        "{sentence}"
    );
}
