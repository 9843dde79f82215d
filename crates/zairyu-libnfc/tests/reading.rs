//! Whole residence cards, read through the real libnfc.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod field;

use std::ops::ControlFlow;
use std::thread;

use field::{open, reader, reader_with};
use zairyu::data::{CardType, DeliveryForm, Generation};
use zairyu::protocol::{DeliveryKey, DeliveryKeyForm, SecureMessagingProfile, SpecifiedAccess};
use zairyu::{Anchors, Phase, ReadError, Reading, Timestamp};
use zairyu_testcard::{ApduLengths, CardBuilder, IssuedCard, Issuer, SoftwareCard, delivery_key};
use zairyu_transport::ErrorKind;

const TYPES: [CardType; 4] = [
    CardType::FirstResidenceCard,
    CardType::FirstSpecialPermanentResident,
    CardType::SecondResidenceCard,
    CardType::SecondSpecialPermanentResident,
];

fn issue(card_type: CardType) -> IssuedCard {
    Issuer::new().issue(&CardBuilder::new(card_type)).unwrap()
}

fn in_field(issued: &IssuedCard) -> SoftwareCard {
    SoftwareCard::new(issued.clone())
}

/// The report as JSON, as of one moment.
fn verdict(reading: &Reading) -> String {
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        anchors
            .add(&Issuer::new().ca_certificate(generation).unwrap())
            .unwrap();
    }
    let at: Timestamp = "2026-11-22T01:00:00Z".parse().unwrap();
    let report = Reading::new(reading.files().clone(), reading.number().clone(), at).judge(&anchors, at);
    assert!(report.is_signature_verified());
    report.to_json()
}

#[test]
fn every_type_is_read_whole_and_judged_as_over_the_card_itself() {
    let reader = reader();
    for card_type in TYPES {
        let issued = issue(card_type);
        let directly = zairyu::read(&mut SoftwareCard::new(issued.clone()), issued.number()).unwrap();
        reader.insert(in_field(&issued));
        let reading = zairyu::read(&mut open(&reader), issued.number()).unwrap();
        assert!(reading.files() == directly.files(), "{card_type:?}");
        assert!(*reading.files() == issued.card_files(), "{card_type:?}");
        assert_eq!(verdict(&reading), verdict(&directly));
    }
}

/// Under a profile that is confirmed for no real card.
#[test]
fn specified_cards_are_read_whole() {
    let mut profile = SecureMessagingProfile::measured_relative();
    profile.delivery_form = DeliveryForm::Chained;
    let key = DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &delivery_key().unwrap()).unwrap();
    let access = SpecifiedAccess::new(profile.clone(), key).unwrap();
    let reader = reader();
    for card_type in [
        CardType::SpecifiedResidenceCard,
        CardType::SpecifiedSpecialPermanentResident,
    ] {
        let issued = Issuer::new()
            .issue(&CardBuilder::new(card_type).profile(profile.clone()))
            .unwrap();
        reader.insert(in_field(&issued));
        let go_on = |_| ControlFlow::Continue(());
        let reading = zairyu::read_specified(&mut open(&reader), issued.number(), &access, go_on).unwrap();
        assert!(*reading.files() == issued.card_files(), "{card_type:?}");
    }
}

#[test]
fn no_command_of_a_reading_is_of_extended_length() {
    for card_type in TYPES {
        let issued = issue(card_type);
        // It refuses them.
        let card = SoftwareCard::new(issued.clone()).with_lengths(ApduLengths::ShortOnlyByStatus);
        let reader = reader_with(card);
        let reading = zairyu::read(&mut open(&reader), issued.number()).unwrap();
        assert!(*reading.files() == issued.card_files(), "{card_type:?}");
    }
}

#[test]
fn a_residence_card_is_told_from_others_and_then_read_in_the_same_session() {
    let issued = issue(CardType::SecondResidenceCard);
    let reader = reader_with(in_field(&issued));
    let mut card = open(&reader);
    assert!(zairyu::holds_residence_card(&mut card).unwrap());
    zairyu_transport::Transport::reset(&mut card).unwrap();
    assert!(zairyu::read(&mut card, issued.number()).is_ok());
    drop(card);
    reader.insert(SoftwareCard::my_number_card());
    assert!(!zairyu::holds_residence_card(&mut open(&reader)).unwrap());
}

/// Reads, and does something to the reader once the reading is well under way.
fn read_and(issued: &IssuedCard, reader: &zairyu_pn532_emulator::Emulator, act: impl Fn()) -> ReadError {
    let mut commands = 0;
    zairyu::read_with_progress(&mut open(reader), issued.number(), |progress| {
        if matches!(progress.phase, Phase::Read(_)) {
            commands += 1;
        }
        if commands == 10 {
            act();
        }
        ControlFlow::Continue(())
    })
    .unwrap_err()
}

fn transport_error(error: &ReadError) -> ErrorKind {
    match error {
        ReadError::Transport(error) => error.kind(),
        error => panic!("{error}"),
    }
}

#[test]
fn a_card_that_is_taken_away_in_the_midst_is_removed() {
    for card_type in TYPES {
        let issued = issue(card_type);
        let reader = reader_with(in_field(&issued));
        let error = read_and(&issued, &reader, || reader.remove());
        assert_eq!(transport_error(&error), ErrorKind::CardRemoved);
    }
}

#[test]
fn a_card_that_is_swapped_in_the_midst_never_continues_the_first_ones_reading() {
    let issued = issue(CardType::SecondResidenceCard);
    let reader = reader_with(in_field(&issued));
    // Even the same card once more: it is another presence.
    let error = read_and(&issued, &reader, || reader.insert(in_field(&issued)));
    assert_eq!(transport_error(&error), ErrorKind::CardRemoved);
    let reading = zairyu::read(&mut open(&reader), issued.number()).unwrap();
    assert!(*reading.files() == issued.card_files());
}

#[test]
fn several_readers_read_at_the_same_time() {
    let threads: Vec<_> = TYPES
        .into_iter()
        .map(|card_type| {
            thread::spawn(move || {
                let issued = issue(card_type);
                let reader = reader();
                for _ in 0..3 {
                    reader.insert(in_field(&issued));
                    let reading = zairyu::read(&mut open(&reader), issued.number()).unwrap();
                    assert!(*reading.files() == issued.card_files());
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
