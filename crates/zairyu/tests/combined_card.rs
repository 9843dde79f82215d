//! One chip that is a specified card and a My Number Card: each reading keeps to its own applications.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::ops::ControlFlow;

use zairyu::data::{CardNumber, CardType, File, Generation};
use zairyu::mynumber::{
    self, AttributeKey, BirthDigits, NumberB, Policy, ReadError, Reading, Secret, TextPin, Tries,
};
use zairyu::protocol::{DeliveryKey, DeliveryKeyForm, SecureMessagingProfile, SpecifiedAccess};
use zairyu::transport::{Exchange, Recorder, Transport};
use zairyu::{Anchors, Timestamp};
use zairyu_mynumber_testcard::{self as my_number, CombinedCard};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard, delivery_key};

/// What all AIDs of the residence family begin with.
const FAMILY: &[u8] = b"\xD3\x92\xF0\x00\x4F";

fn combined(card_type: CardType) -> CombinedCard<SoftwareCard> {
    let builder = CardBuilder::new(card_type).profile(SecureMessagingProfile::measured_relative());
    let my_number = my_number::CardBuilder::new(my_number::Profile::Adult);
    CombinedCard::new(
        SoftwareCard::new(Issuer::new().issue(&builder).unwrap()),
        my_number::SoftwareCard::new(my_number.issue().unwrap()),
    )
}

fn number() -> CardNumber {
    "AB12345678CD".parse().unwrap()
}

/// What `act` has of the card, and the names by which it selected applications.
fn selecting<T>(
    card: &mut CombinedCard<SoftwareCard>,
    act: impl FnOnce(&mut Recorder<&mut CombinedCard<SoftwareCard>>) -> T,
) -> (T, Vec<Vec<u8>>) {
    let mut recorder = Recorder::new(card);
    let result = act(&mut recorder);
    let recording = recorder.into_recording();
    let names = recording
        .exchanges()
        .iter()
        .filter_map(|exchange| match exchange {
            Exchange::Command { command, .. } => match command.as_slice() {
                [_, 0xA4, 0x04, _, length, name @ ..] => Some(name[..usize::from(*length)].to_vec()),
                _ => None,
            },
            Exchange::Reset { .. } => None,
        });
    (result, names.collect())
}

fn access() -> SpecifiedAccess {
    let key = DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &delivery_key().unwrap()).unwrap();
    SpecifiedAccess::new(SecureMessagingProfile::measured_relative(), key).unwrap()
}

fn attributes(transport: &mut impl Transport) -> Result<(), ReadError> {
    let key = AttributeKey::Pin(TextPin::new("1357").unwrap());
    let reading = Reading::attributes(key, mynumber::challenge().unwrap(), Policy::default()).unwrap();
    mynumber::read(transport, reading).map(|_| ())
}

fn face(transport: &mut impl Transport) -> Result<(), ReadError> {
    let number_b = NumberB::new(BirthDigits::as_printed("020101").unwrap(), 2035, "1234").unwrap();
    let reading = Reading::face(number_b, mynumber::challenge().unwrap(), Policy::default()).unwrap();
    mynumber::read(transport, reading).map(|_| ())
}

fn as_residence_card(card: &mut CombinedCard<SoftwareCard>, card_type: CardType) {
    let (reading, selected) = selecting(card, |card| {
        zairyu::read_specified(card, &number(), &access(), |_| ControlFlow::Continue(())).unwrap()
    });
    let mut anchors = Anchors::new();
    anchors
        .add(&Issuer::new().ca_certificate(Generation::Specified).unwrap())
        .unwrap();
    let at = "2026-11-22T10:00:00+09:00".parse::<Timestamp>().unwrap();
    let report = reading.judge(&anchors, at);
    assert!(report.is_signature_verified());
    assert_eq!(report.card.type_code, card_type.code());
    assert!(selected.len() >= 4 && selected.iter().all(|name| name.starts_with(FAMILY)));
}

#[test]
fn each_reading_selects_its_own_applications_and_no_other() {
    for card_type in [
        CardType::SpecifiedResidenceCard,
        CardType::SpecifiedSpecialPermanentResident,
    ] {
        let mut card = combined(card_type);
        as_residence_card(&mut card, card_type);
        let ((), selected) = selecting(&mut card, |card| {
            attributes(card).unwrap();
            face(card).unwrap();
        });
        // Each application, and the card manager behind it.
        assert_eq!(selected.len(), 4);
        assert!(selected.iter().all(|name| !name.starts_with(FAMILY)));
        // And again, the one after the other.
        as_residence_card(&mut card, card_type);
    }
}

/// Without a profile the residence part is told, and nothing else of the chip is touched.
#[test]
fn without_a_profile_no_other_application_is_tried() {
    let mut card = combined(CardType::SpecifiedResidenceCard);
    let (result, selected) = selecting(&mut card, |card| zairyu::read(card, &number()));
    let error = result.unwrap_err();
    assert!(error.to_string().contains("特定在留カード"), "{error}");
    assert_eq!(selected.len(), 1);
    assert!(selected[0].starts_with(FAMILY));
}

/// What one side was told is not known to the other, nor remembered on the way back.
#[test]
fn the_other_sides_secrets_open_nothing() {
    let select = |name: &[u8]| {
        let length = u8::try_from(name.len()).unwrap();
        [&[0x00, 0xA4, 0x04, 0x0C, length], name].concat()
    };
    let text = select(my_number::Application::Text.aid());
    let residence = select(b"\xD3\x92\xF0\x00\x4F\x01\0\0\0\0\0\0\0\0\0\0");
    let folder = select(b"\xD3\x92\xF0\x00\x4F\x02\0\0\0\0\0\0\0\0\0\0");
    let attributes = [0x00, 0xB0, 0x82, 0x00, 0x00];
    let profile = SecureMessagingProfile::measured_relative();
    let mut files = profile.residence_card_files.iter();
    let entry = files.find(|entry| entry.file == File::PrintedEntries).unwrap();
    let printed_entries = [0x00, 0xB0, 0x80 | entry.sfi, 0x00, 0x00];
    let mut card = combined(CardType::SpecifiedResidenceCard);
    let mut status = |command: &[u8]| {
        let response = card.transmit(command).unwrap();
        u16::from_be_bytes(response[response.len() - 2..].try_into().unwrap())
    };
    assert_eq!(status(&text), 0x9000);
    assert_eq!(status(&attributes), 0x6982);
    assert_eq!(status(b"\x00\x20\x00\x91\x041357"), 0x9000);
    assert_eq!(status(&attributes), 0x9000);
    // A DF of the other side cannot be selected before its application; what fails changes nothing.
    assert_eq!(status(&folder), 0x6A82);
    assert_eq!(status(&attributes), 0x9000);
    assert_eq!(status(&residence), 0x9000);
    assert_eq!(status(&folder), 0x9000);
    assert_eq!(status(&printed_entries), 0x6982);
    assert_eq!(status(&text), 0x9000);
    assert_eq!(status(&attributes), 0x6982);
    // Back again, the residence application is as after power-up.
    assert_eq!(status(&folder), 0x6A82);
}

/// A wrong PIN is counted on its own side, whatever is read of the other.
#[test]
fn counters_outlast_a_reading_of_the_other_side() {
    let mut card = combined(CardType::SpecifiedResidenceCard);
    let key = AttributeKey::Pin(TextPin::new("9999").unwrap());
    let reading = Reading::attributes(key, mynumber::challenge().unwrap(), Policy::default()).unwrap();
    assert!(mynumber::read(&mut card, reading).is_err());
    as_residence_card(&mut card, CardType::SpecifiedResidenceCard);
    card.reset().unwrap();
    assert_eq!(
        mynumber::tries_left(&mut card, Secret::TextPin).unwrap(),
        Tries::Left(2)
    );
}
