//! A byte for the card's type, then a block for each file: judged under the software issuer's CA, and reported.
//!
//! A card is verified only if its signed message is a genuine one. The JSON is JSON of one schema; the text has one line
//! for each thing it says, without control characters, and marks as signed exactly what is; nothing is marked as signed
//! unless the card is verified.

use std::sync::LazyLock;

use serde_json::Value;
use zairyu::{Reading, Report};
use zairyu_data::{Card, CardFiles, first::SignedImages, second::SignedEntries};

use crate::{
    files::{self, READABLE},
    genuine::{ANCHORS, now},
    input::Input,
    memory::{self, KIB},
    seeds,
    session::number,
};

/// A decoded picture, as `image` has it, and the report around it.
const MEMORY: usize = (64 + 1) * 1024 * KIB;

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let card_type = input.choose(&READABLE);
    let files = files::read(card_type, &mut input);
    let reading = Reading::new(files.clone(), number(), now());
    let (report, json, text) = memory::within(MEMORY, || {
        let report = reading.judge(&ANCHORS, now());
        let (json, text) = (report.to_json(), report.to_string());
        (report, json, text)
    });
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["schema"], zairyu::SCHEMA);
    check_verified(&report, &files);
    check_text(&text, &json);
}

/// What the issuer signed.
static MESSAGES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let cards = seeds::cards().into_iter();
    cards
        .filter_map(|(_, card)| message(&card.card_files()))
        .collect()
});

fn check_verified(report: &Report, files: &CardFiles) {
    if report.is_signature_verified() {
        let message = message(files).expect("the message is complete");
        assert!(MESSAGES.contains(&message), "another message verifies");
    }
}

fn message(files: &CardFiles) -> Option<Vec<u8>> {
    match Card::parse(files) {
        Card::First(_) => {
            let images = SignedImages::parse(files).ok()?;
            images.message().ok().map(|parts| parts.concat())
        }
        Card::Second(_) => SignedEntries::parse(files).ok()?.message().ok(),
    }
}

fn check_text(text: &str, json: &Value) {
    let is_control = |c: char| c.is_control() && c != '\n';
    assert!(
        !text.contains(is_control),
        "a control character reaches the terminal"
    );
    // Those that show text in another order than it has, and those that nobody sees.
    let is_hidden = |c: char| matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    assert!(!text.contains(is_hidden), "the chip's text turns or hides text");
    let signed = count_signed(json);
    let marked = text.lines().filter(|line| line.starts_with("[✓ signed] ")).count();
    assert_eq!(marked, signed, "what is marked is not what is signed");
    assert!(signed == 0 || json["authenticity"]["status"] == "verified");
}

/// How many members `"signed": true` there are.
fn count_signed(json: &Value) -> usize {
    match json {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| usize::from(name == "signed" && *value == true) + count_signed(value))
            .sum(),
        Value::Array(items) => items.iter().map(count_signed).sum(),
        _ => 0,
    }
}
