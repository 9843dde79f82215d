//! All types through the real PC/SC service: pcscd, its client library and a virtual reader.
#![cfg(all(feature = "pcsc", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::ops::ControlFlow;
use std::sync::LazyLock;
use std::time::Duration;

use zairyu::data::{CardType, DeliveryForm, Generation};
use zairyu::pcsc::OpenOptions;
use zairyu::protocol::{
    DeliveryKey, DeliveryKeyForm, Error as CardError, SecureMessagingProfile, SpecifiedAccess,
};
use zairyu::transport::ErrorKind;
use zairyu::{Anchors, CardNumber, ReadError, Reading, Timestamp};
use zairyu_testcard::{ApduLengths, CardBuilder, Issuer, SoftwareCard, delivery_key};
use zairyu_virtual_reader::{Card, Fault, Pcscd};

const TYPES: [CardType; 4] = [
    CardType::FirstResidenceCard,
    CardType::FirstSpecialPermanentResident,
    CardType::SecondResidenceCard,
    CardType::SecondSpecialPermanentResident,
];

/// One for each test: they run at the same time. The last is known to carry short APDUs only.
const READERS: [&str; 7] = [
    "Extended",
    "Short Card",
    "Fails At Length",
    "Other Cards",
    "Pulled",
    "Specified",
    "ACS ACR122U PICC Interface",
];

static DAEMON: LazyLock<Pcscd> = LazyLock::new(|| Pcscd::start(&READERS).unwrap());

/// The software card in the virtual reader. `leaves_at` is the command at which it is pulled out.
struct InReader {
    card: SoftwareCard,
    refuses_extended_length: bool,
    leaves_at: Option<usize>,
    commands: usize,
}

impl InReader {
    fn new(card: SoftwareCard) -> Self {
        Self {
            card,
            refuses_extended_length: false,
            leaves_at: None,
            commands: 0,
        }
    }
}

impl Card for InReader {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn power_up(&mut self) {
        Card::power_up(&mut self.card);
    }

    fn power_down(&mut self) {
        Card::power_down(&mut self.card);
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault> {
        if self.leaves_at == Some(self.commands) {
            return Err(Fault::Removed);
        }
        self.commands += 1;
        let is_extended = command.len() > 5 && command[4] == 0;
        if self.refuses_extended_length && is_extended {
            return Err(Fault::Communication);
        }
        Card::transmit(&mut self.card, command)
    }
}

fn software_card(card_type: CardType) -> SoftwareCard {
    SoftwareCard::new(Issuer::new().issue(&CardBuilder::new(card_type)).unwrap())
}

fn number() -> CardNumber {
    "AB12345678CD".parse().unwrap()
}

fn read(reader: &str, card: InReader) -> Result<Reading, ReadError> {
    let slot = DAEMON.reader(reader);
    slot.insert(card);
    let mut session = OpenOptions::new()
        .reader(reader)
        .wait(Duration::from_secs(60))
        .open()?;
    let reading = zairyu::read(&mut session, &number());
    drop(session);
    slot.remove();
    reading
}

fn assert_verified(card_type: CardType, reading: &Reading) {
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        anchors
            .add(&Issuer::new().ca_certificate(generation).unwrap())
            .unwrap();
    }
    assert_eq!(
        *reading.files(),
        software_card(card_type).issued().unwrap().card_files()
    );
    assert!(reading.judge(&anchors, Timestamp::now()).is_signature_verified());
}

#[test]
fn every_type_in_extended_mode() {
    for card_type in TYPES {
        let reading = read("Extended", InReader::new(software_card(card_type))).unwrap();
        assert_verified(card_type, &reading);
    }
}

#[test]
fn every_type_in_short_mode_because_the_card_refuses() {
    for card_type in TYPES {
        let card = software_card(card_type).with_lengths(ApduLengths::ShortOnlyByStatus);
        assert_verified(card_type, &read("Short Card", InReader::new(card)).unwrap());
    }
}

#[test]
fn every_type_in_short_mode_because_the_reader_is_known() {
    for card_type in TYPES {
        let card = software_card(card_type).with_lengths(ApduLengths::ShortOnlyByStatus);
        assert_verified(
            card_type,
            &read("ACS ACR122U PICC Interface", InReader::new(card)).unwrap(),
        );
    }
}

#[test]
fn every_type_in_short_mode_because_the_reader_fails() {
    for card_type in TYPES {
        let mut card = InReader::new(software_card(card_type));
        card.refuses_extended_length = true;
        assert_verified(card_type, &read("Fails At Length", card).unwrap());
    }
}

/// Under a profile that is confirmed for no real card.
#[test]
fn specified_cards_in_both_modes() {
    let mut profile = SecureMessagingProfile::measured_relative();
    profile.delivery_form = DeliveryForm::Chained;
    let key = DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &delivery_key().unwrap()).unwrap();
    let access = SpecifiedAccess::new(profile.clone(), key).unwrap();
    let slot = DAEMON.reader("Specified");
    for card_type in [
        CardType::SpecifiedResidenceCard,
        CardType::SpecifiedSpecialPermanentResident,
    ] {
        let issued = Issuer::new()
            .issue(&CardBuilder::new(card_type).profile(profile.clone()))
            .unwrap();
        for lengths in [ApduLengths::Extended, ApduLengths::ShortOnlyByStatus] {
            slot.insert(InReader::new(
                SoftwareCard::new(issued.clone()).with_lengths(lengths),
            ));
            let mut session = OpenOptions::new()
                .reader("Specified")
                .wait(Duration::from_secs(60))
                .open()
                .unwrap();
            let go_on = |_| ControlFlow::Continue(());
            let reading = zairyu::read_specified(&mut session, &number(), &access, go_on).unwrap();
            assert_eq!(*reading.files(), issued.card_files(), "{card_type:?}");
            drop(session);
            slot.remove();
        }
    }
}

#[test]
fn other_cards_are_told_apart() {
    let error = |card| read("Other Cards", InReader::new(card)).unwrap_err();
    for card_type in [
        CardType::SpecifiedResidenceCard,
        CardType::SpecifiedSpecialPermanentResident,
    ] {
        let specified = SoftwareCard::specified_card(card_type).unwrap();
        let expected = CardError::SpecifiedCard {
            card_type: Some(card_type),
        };
        assert!(matches!(error(specified), ReadError::Card(found) if found == expected));
    }
    let my_number_card = error(SoftwareCard::my_number_card());
    assert!(matches!(
        my_number_card,
        ReadError::Card(CardError::NoResidenceApplication)
    ));
    let foreign = error(SoftwareCard::foreign_card(0x6D00));
    assert!(matches!(foreign, ReadError::Card(CardError::NotAResidenceCard)));
}

#[test]
fn a_card_pulled_at_any_command_is_removed_and_reads_when_put_back() {
    for command in 0..16 {
        let mut card = InReader::new(software_card(CardType::SecondResidenceCard));
        card.leaves_at = Some(command);
        let error = read("Pulled", card).unwrap_err();
        assert!(
            matches!(&error, ReadError::Transport(error) if error.kind() == ErrorKind::CardRemoved),
            "{command}: {error:?}"
        );
    }
    let reading = read(
        "Pulled",
        InReader::new(software_card(CardType::SecondResidenceCard)),
    )
    .unwrap();
    assert_verified(CardType::SecondResidenceCard, &reading);
}
