//! Seventeen classes of bugs that code for cards and identity documents has had, one module for each, played from the
//! card's side and seen through the public interface: what comes out is a typed error or a report that claims nothing.
//!
//! | | class | where it happened, first of all |
//! |---|---|---|
//! | 1 | [`class_01_more_than_asked`] | OpenSC CVE-2025-49010 |
//! | 2 | [`class_02_less_than_asked`] | NFCPassportReader #57; OpenSC CVE-2024-45616 |
//! | 3 | [`class_03_reader_names_and_atr`] | libccid CVE-2010-4530; OpenSC CVE-2025-66038 |
//! | 4 | [`class_04_length_arithmetic`] | gmrtd #338; OpenSC CVE-2024-45619 |
//! | 5 | [`class_05_recursion`] | simple_asn1 #43 |
//! | 6 | [`class_06_declared_size`] | gmrtd #323; image-rs #2513 |
//! | 7 | [`class_07_no_progress`] | OpenJPEG CVE-2023-39327 |
//! | 8 | [`class_08_empty_and_odd`] | RUSTSEC-2026-0104 |
//! | 9 | [`class_09_path_building`] | Go CVE-2018-16875 |
//! | 10 | [`class_10_lenient_signature`] | BERserk, CVE-2014-1569 |
//! | 11 | [`class_11_certificate_checks`] | GHSA-58hw-cg5m-88rp |
//! | 12 | [`class_12_shown_is_not_signed`] | GHSA-rxpx-26p9-4xvr |
//! | 13 | [`class_13_secure_messaging`] | OpenSC PR #2772; gmrtd #457 |
//! | 14 | [`class_14_downgrade_and_oracle`] | Chothia and Smirnov 2010; OpenSC CVE-2023-5992 |
//! | 15 | [`class_15_stale_state`] | pcsc-lite CVE-2016-10109 |
//! | 16 | [`class_16_image_decoders`] | OpenJPEG #1228; libjpeg's progressive scans |
//! | 17 | [`class_17_secrets_in_logs`] | gmrtd #6 |
//!
//! Memory that is used uninitialised, after it was freed, or freed twice (OpenSC CVE-2024-45615, CVE-2025-13763,
//! CVE-2021-42778) is no class here: safe Rust has none, and no crate that sees a card's bytes has any other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod class_01_more_than_asked;
mod class_02_less_than_asked;
#[cfg(all(feature = "pcsc", target_os = "linux"))]
mod class_03_reader_names_and_atr;
mod class_04_length_arithmetic;
mod class_05_recursion;
mod class_06_declared_size;
mod class_07_no_progress;
mod class_08_empty_and_odd;
mod class_09_path_building;
mod class_10_lenient_signature;
mod class_11_certificate_checks;
mod class_12_shown_is_not_signed;
mod class_13_secure_messaging;
mod class_14_downgrade_and_oracle;
mod class_15_stale_state;
mod class_16_image_decoders;
mod class_17_secrets_in_logs;

use serde_json::Value;
use zairyu::data::{CardType, File, Generation};
use zairyu::transport::{Error, Limits, Transport};
use zairyu::{Anchors, ReadError, Reading, Report, Timestamp};
use zairyu_testcard::{CardBuilder, IssuedCard, Issuer, Randomness, SoftwareCard};

/// One type of each generation: the types of a generation differ in files, not in code.
const TYPES: [CardType; 2] = [CardType::FirstResidenceCard, CardType::SecondResidenceCard];

/// The most commands that any reading may take, failed ones with a second start included.
const MOST_COMMANDS: usize = 400;

fn now() -> Timestamp {
    "2026-11-22T10:00:00+09:00".parse().unwrap()
}

fn issue(builder: &CardBuilder) -> IssuedCard {
    Issuer::new().issue(builder).unwrap()
}

fn good(card_type: CardType) -> IssuedCard {
    issue(&CardBuilder::new(card_type))
}

fn card(issued: &IssuedCard, limits: Limits) -> SoftwareCard {
    SoftwareCard::new(issued.clone())
        .with_limits(limits)
        .with_randomness(Randomness::Seeded(11))
}

/// The made-up issuer's CA certificates.
fn anchors() -> Anchors {
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        anchors
            .add(&Issuer::new().ca_certificate(generation).unwrap())
            .unwrap();
    }
    anchors
}

/// Read from a card in memory, and judged.
fn report(issued: &IssuedCard) -> Report {
    let reading = zairyu::read(&mut card(issued, Limits::EXTENDED), issued.number()).unwrap();
    reading.judge(&anchors(), now())
}

fn json(report: &Report) -> Value {
    serde_json::from_str(&report.to_json()).unwrap()
}

/// The stable name of the reason why the card is not verified.
fn reason(issued: &IssuedCard) -> String {
    json(&report(issued))["authenticity"]["reason"]
        .as_str()
        .unwrap_or("verified")
        .to_owned()
}

/// Where the certificate's bytes lie in a card's signature file.
fn certificate_in(issued: &IssuedCard) -> std::ops::Range<usize> {
    let tag = match issued.card_type().generation() {
        Generation::First => 0xDB,
        Generation::Second | Generation::Specified => 0xDD,
    };
    let file = issued.file(File::Signature).unwrap();
    let at = file.windows(2).rposition(|bytes| bytes == [tag, 0x82]).unwrap() + 4;
    at..at + usize::from(u16::from_be_bytes([file[at - 2], file[at - 1]]))
}

/// A transport that counts its commands and fails the test when there are too many.
struct Bounded<T> {
    card: T,
    commands: usize,
}

impl<T> Bounded<T> {
    const fn new(card: T) -> Self {
        Self { card, commands: 0 }
    }
}

impl<T: Transport> Transport for Bounded<T> {
    fn limits(&self) -> Limits {
        self.card.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        self.commands += 1;
        assert!(self.commands <= MOST_COMMANDS, "the reading does not end");
        self.card.transmit(command)
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.card.reset()
    }
}

/// How many commands an undisturbed reading takes.
fn commands(issued: &IssuedCard, limits: Limits) -> usize {
    let mut bounded = Bounded::new(card(issued, limits));
    zairyu::read(&mut bounded, issued.number()).unwrap();
    bounded.commands
}

/// The files that the signature covers, and the signature.
const SIGNED: [File; 5] = [
    File::FrontImage,
    File::FaceImage,
    File::PrintedEntries,
    File::NameAndFaceImage,
    File::Signature,
];

/// A file's `00` filler is no part of its objects.
fn without_filler(content: &[u8]) -> &[u8] {
    let end = content
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    &content[..end]
}

/// What must hold whatever a card did: an error, or files that each fit the card's type, of which nothing is called
/// verified that is not what was issued.
fn check_sound(result: &Result<Reading, ReadError>, issued: &IssuedCard) {
    let reading = match result {
        Ok(reading) => reading,
        Err(error) => {
            assert!(
                matches!(error, ReadError::Card(_) | ReadError::Transport(_)),
                "{error:?}"
            );
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    if *reading.files() == issued.card_files() {
        return;
    }
    for (file, content) in reading.files().iter() {
        let entry = reading.files().card_type().entry(file).unwrap();
        assert!(
            content.len() <= entry.capacity.max(256) + 20,
            "{file}: {} bytes",
            content.len()
        );
    }
    let report = reading.judge(&anchors(), now());
    if report.is_signature_verified() {
        let issued = issued.card_files();
        for file in SIGNED {
            assert_eq!(
                reading.files().get(file).map(|content| without_filler(content)),
                issued.get(file).map(|content| without_filler(content)),
                "{file}"
            );
        }
    } else {
        assert!(!report.to_json().contains("\"signed\": true"));
    }
}
