//! One chip that is a specified card and a My Number Card: each reading keeps to its own applications.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::ops::ControlFlow;

use zairyu::data::{CardType, Generation};
use zairyu::mynumber::{self, AttributeKey, BirthDigits, NumberB, Policy, Reading, TextPin};
use zairyu::protocol::{DeliveryKey, DeliveryKeyForm, SecureMessagingProfile, SpecifiedAccess};
use zairyu::transport::{Error, Limits, Transport};
use zairyu::{Anchors, Timestamp};
use zairyu_mynumber_testcard as my_number;
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard, delivery_key};

/// What all AIDs of the residence family begin with.
const FAMILY: &[u8] = b"\xD3\x92\xF0\x00\x4F";

struct CombinedCard {
    residence: SoftwareCard,
    my_number: my_number::SoftwareCard,
    residence_selected: bool,
    selected: Vec<Vec<u8>>,
}

impl CombinedCard {
    fn new(card_type: CardType) -> Self {
        let builder = CardBuilder::new(card_type).profile(SecureMessagingProfile::measured_relative());
        let my_number = my_number::CardBuilder::new(my_number::Profile::Adult);
        Self {
            residence: SoftwareCard::new(Issuer::new().issue(&builder).unwrap()),
            my_number: my_number::SoftwareCard::new(my_number.issue().unwrap()),
            residence_selected: false,
            selected: Vec::new(),
        }
    }
}

impl Transport for CombinedCard {
    fn limits(&self) -> Limits {
        Limits::EXTENDED
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        if let [_, 0xA4, 0x04, _, length, name @ ..] = command {
            let name = &name[..usize::from(*length)];
            self.selected.push(name.to_vec());
            self.residence_selected = name.starts_with(FAMILY);
            if !self.residence_selected {
                self.residence.power_down();
            }
        } else if command.get(1..4) == Some(&[0xA4, 0x00, 0x00]) {
            self.residence_selected = false;
            self.residence.power_down();
        }
        if self.residence_selected {
            self.residence.transmit(command)
        } else {
            self.my_number.transmit(command)
        }
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.residence_selected = false;
        self.residence.reset()?;
        self.my_number.reset()
    }
}

fn access() -> SpecifiedAccess {
    let key = DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &delivery_key().unwrap()).unwrap();
    SpecifiedAccess::new(SecureMessagingProfile::measured_relative(), key).unwrap()
}

#[test]
fn each_reading_selects_its_own_applications_and_no_other() {
    for card_type in [
        CardType::SpecifiedResidenceCard,
        CardType::SpecifiedSpecialPermanentResident,
    ] {
        let mut card = CombinedCard::new(card_type);
        let number = "AB12345678CD".parse().unwrap();
        let as_residence_card = |card: &mut CombinedCard| {
            let result = zairyu::read_specified(card, &number, &access(), |_| ControlFlow::Continue(()));
            let mut anchors = Anchors::new();
            anchors
                .add(&Issuer::new().ca_certificate(Generation::Specified).unwrap())
                .unwrap();
            let at = "2026-11-22T10:00:00+09:00".parse::<Timestamp>().unwrap();
            let report = result.unwrap().judge(&anchors, at);
            assert!(report.is_signature_verified());
            assert_eq!(report.card.type_code, card_type.code());
            let selected = std::mem::take(&mut card.selected);
            assert!(selected.len() >= 4 && selected.iter().all(|name| name.starts_with(FAMILY)));
        };
        as_residence_card(&mut card);

        let challenge = || mynumber::challenge().unwrap();
        let key = AttributeKey::Pin(TextPin::new("1357").unwrap());
        let attributes = Reading::attributes(key, challenge(), Policy::default()).unwrap();
        mynumber::read(&mut card, attributes).unwrap();
        let number_b = NumberB::new(BirthDigits::as_printed("020101").unwrap(), 2035, "1234").unwrap();
        let face = Reading::face(number_b, challenge(), Policy::default()).unwrap();
        mynumber::read(&mut card, face).unwrap();
        let selected = std::mem::take(&mut card.selected);
        assert_eq!(selected.len(), 2);
        assert!(selected.iter().all(|name| !name.starts_with(FAMILY)));

        // And again, the one after the other.
        as_residence_card(&mut card);
    }
}

/// Without a profile the residence part is told, and nothing else of the chip is touched.
#[test]
fn without_a_profile_no_other_application_is_tried() {
    let mut card = CombinedCard::new(CardType::SpecifiedResidenceCard);
    let error = zairyu::read(&mut card, &"AB12345678CD".parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains("特定在留カード"), "{error}");
    assert_eq!(card.selected.len(), 1);
    assert!(card.selected[0].starts_with(FAMILY));
}
