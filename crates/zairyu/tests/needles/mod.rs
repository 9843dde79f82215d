//! A holder whose every value is found wherever it turns up, and the reading whose session key is known.
#![allow(dead_code, reason = "each test uses a part")]

use zairyu::data::{CardFiles, CardNumber, CardType};
use zairyu::protocol::{MessageLimits, ReadCard, Step};
use zairyu_testcard::{CardBuilder, Field, IssuedCard, Issuer, Randomness, SoftwareCard};

pub(crate) const NUMBER: &str = "QX48151623ZW";

/// Kenc of that number, which only it opens the card with: the first 16 bytes of its SHA-1.
pub(crate) const NUMBER_KEY: [u8; 16] = [
    0xC7, 0x95, 0xE7, 0xCF, 0xF7, 0x1D, 0x6F, 0xCE, 0xCB, 0xE1, 0xF1, 0x97, 0x76, 0x8D, 0x94, 0x9C,
];

/// KSenc of [`read_with_known_key`]: the first 16 bytes of SHA-1 over sixteen times `21` and `00000001`.
pub(crate) const SESSION_KEY: [u8; 16] = [
    0x93, 0xA5, 0x20, 0x7A, 0xB6, 0x72, 0xA5, 0xDA, 0x3A, 0x23, 0x1C, 0x42, 0x52, 0xCD, 0x72, 0xE9,
];

/// Values of the cards below, as text.
pub(crate) const TEXTS: [&str; 7] = [
    NUMBER,
    "48151623",
    "19770815",
    "1977-08-15",
    "T990099009",
    "架空市仮名町",
    "Xavierine",
];

pub(crate) const TYPES: [CardType; 4] = [
    CardType::FirstResidenceCard,
    CardType::FirstSpecialPermanentResident,
    CardType::SecondResidenceCard,
    CardType::SecondSpecialPermanentResident,
];

pub(crate) fn number() -> CardNumber {
    NUMBER.parse().unwrap()
}

pub(crate) fn issue(card_type: CardType) -> IssuedCard {
    let builder = CardBuilder::new(card_type).number(NUMBER);
    let builder = match card_type {
        CardType::FirstResidenceCard | CardType::FirstSpecialPermanentResident => {
            builder.with(Field::Address, "架空市仮名町１－２－３ Xavierine")
        }
        _ => builder
            .with(Field::DateOfBirth, "19770815")
            .with(Field::ResidenceStatus, "T990099009")
            .with(Field::CommissionerText, "架空市仮名町 Xavierine"),
    };
    Issuer::new().issue(&builder).unwrap()
}

/// Bytes that a text must not show in any form: as text, hexadecimal, Base64 or a list of numbers.
fn shown_forms(bytes: &[u8]) -> Vec<String> {
    use base64ct::Encoding;
    let list = |separator: &str| {
        bytes
            .iter()
            .map(u8::to_string)
            .collect::<Vec<_>>()
            .join(separator)
    };
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let spaced: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        hex,
        spaced.join(" "),
        list(", "),
        list(","),
        // Whatever stands before it: the middle of a Base64 text does not depend on its ends.
        base64ct::Base64Unpadded::encode_string(bytes)[..bytes.len() / 3 * 4].to_lowercase(),
    ]
}

/// What of a holder, a picture or a key a text shows.
pub(crate) fn found_in(text: &str, issued: &[IssuedCard]) -> Option<String> {
    let lower = text.to_lowercase();
    for needle in TEXTS {
        if lower.contains(&needle.to_lowercase()) {
            return Some(needle.to_owned());
        }
        if shown_forms(needle.as_bytes())
            .iter()
            .any(|form| lower.contains(form))
        {
            return Some(format!("{needle} in another form"));
        }
    }
    for key in [NUMBER_KEY, SESSION_KEY] {
        if shown_forms(&key).iter().any(|form| lower.contains(form)) {
            return Some("a key".to_owned());
        }
    }
    for card in issued {
        for (file, content) in card
            .card_files()
            .iter()
            .filter(|(_, content)| content.len() > 400)
        {
            // Pieces from the middle of pictures and certificates, which hold more than one value.
            for at in (100..content.len() - 24).step_by(700) {
                let piece = &content[at..at + 24];
                let is_plain = piece.iter().all(|byte| *byte == piece[0]);
                if !is_plain && shown_forms(piece).iter().any(|form| lower.contains(form)) {
                    return Some(format!("bytes of the {file} file"));
                }
            }
        }
    }
    None
}

/// Reads a card with fixed randomness on both sides, so that its session key is [`SESSION_KEY`].
pub(crate) fn read_with_known_key(
    mut exchange: impl FnMut(&[u8]) -> Vec<u8>,
    number: CardNumber,
    limits: MessageLimits,
) -> CardFiles {
    let randomness = zairyu::protocol::Randomness::new([0x03; 48]);
    let mut machine = ReadCard::new(number, randomness, limits).unwrap();
    loop {
        let answer = exchange(machine.command());
        match machine.receive(&answer).unwrap() {
            Step::Continue(next) => machine = next,
            Step::Done(files) => return files,
        }
    }
}

/// The card that goes with it.
pub(crate) fn card_with_known_key(card_type: CardType) -> SoftwareCard {
    SoftwareCard::new(issue(card_type)).with_randomness(Randomness::Fixed {
        challenge: [0x11; 8],
        key: [0x22; 16],
    })
}
