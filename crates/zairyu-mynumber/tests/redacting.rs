//! What the guard leaves of a trace.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod driver;

use driver::*;
use sha2::{Digest as _, Sha256};
use zairyu_mynumber::{redact_bytes, redact_text};
use zairyu_mynumber_testcard::{Application, NUMBER, Profile, SoftwareCard, TEXT_PIN};

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The hash of the My Number is in the trace of mode `attributes`, and is masked there.
#[test]
fn a_trace_of_the_attributes_gives_no_hash_away() {
    let mut card = card(Profile::Adult);
    let file = card.issued().file(Application::Text, 0x01).unwrap().to_vec();
    let hash: [u8; 32] = Sha256::digest(&file).into();
    let trace = read_traced(attributes_by_pin(), &mut card).1;
    assert!(trace.iter().any(|(_, response)| contains(response, &hash)));
    for (_, mut response) in trace {
        redact_bytes(&mut response);
        assert!(!contains(&response, &hash));
    }
}

/// A program that does read the number, and keeps a trace in hexadecimal.
#[test]
fn a_trace_of_another_program_gives_no_number_away() {
    let mut card: SoftwareCard = card(Profile::Adult);
    card.process(&[&[0, 0xA4, 4, 0x0C, 10][..], Application::Text.aid()].concat());
    card.process(&[&[0, 0x20, 0, 0x91, 4][..], TEXT_PIN].concat());
    let mut response = card.process(&[0, 0xB0, 0x81, 0, 0]);
    assert!(contains(&response, NUMBER));
    let hexadecimal: Vec<String> = response.iter().map(|byte| format!("{byte:02X}")).collect();
    for separator in ["", " ", ":"] {
        let line = format!("<- {}", hexadecimal.join(separator));
        let redacted = redact_text(&line);
        assert!(!redacted.contains(&format!("31{separator}32{separator}33")));
        assert!(redacted.starts_with("<- FF"));
    }
    redact_bytes(&mut response);
    assert_eq!(response, b"\xFF\x10\x0C************\xFF\xFF\x90\x00");
}
