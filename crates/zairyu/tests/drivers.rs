//! The blocking and the async driver: one state machine, the same results. Recording and playing back.
#![allow(clippy::unwrap_used)]

mod slow;

use std::ops::ControlFlow;

use slow::{Slow, block_on};
use zairyu::data::{CardFiles, CardNumber, CardType, DeliveryForm};
use zairyu::protocol::{
    DeliveryKey, DeliveryKeyForm, Error as CardError, SecureMessagingProfile, SpecifiedAccess,
};
use zairyu::transport::{Callback, Error, ErrorKind, Exchange, Limits, Recording};
use zairyu::{ReadError, Reading};
use zairyu_testcard::{ApduLengths, CardBuilder, Issuer, Randomness, SoftwareCard, delivery_key};

const TYPES: [CardType; 4] = [
    CardType::FirstResidenceCard,
    CardType::FirstSpecialPermanentResident,
    CardType::SecondResidenceCard,
    CardType::SecondSpecialPermanentResident,
];

fn card(card_type: CardType) -> SoftwareCard {
    SoftwareCard::new(Issuer::new().issue(&CardBuilder::new(card_type)).unwrap())
        .with_randomness(Randomness::Seeded(3))
}

fn number() -> CardNumber {
    "AB12345678CD".parse().unwrap()
}

fn read_async(card: SoftwareCard, number: &CardNumber) -> Result<Reading, ReadError> {
    block_on(zairyu::read_async(&mut Slow(card), number, |_| {
        ControlFlow::Continue(())
    }))
}

/// Files or error, comparable.
fn outcome(result: Result<Reading, ReadError>) -> Result<CardFiles, String> {
    result
        .map(|reading| reading.files().clone())
        .map_err(|error| format!("{error:?}"))
}

#[test]
fn both_drivers_do_the_same() {
    let variants: [fn(SoftwareCard) -> SoftwareCard; 7] = [
        |card| card,
        |card| card.with_limits(Limits::SHORT),
        |card| card.with_limits(Limits::new(253, 253)),
        |card| card.with_limits(Limits::new(1693, 1693)),
        |card| card.with_limits(Limits::new(65_279, 65_279)),
        |card| card.with_lengths(ApduLengths::ShortOnlyByStatus),
        |card| card.with_lengths(ApduLengths::ShortOnlyByError(ErrorKind::ExchangeFailed)),
    ];
    for card_type in TYPES {
        for variant in variants {
            let blocking = outcome(zairyu::read(&mut variant(card(card_type)), &number()));
            assert_eq!(outcome(read_async(variant(card(card_type)), &number())), blocking);
            assert_eq!(blocking.unwrap(), card(card_type).issued().unwrap().card_files());
        }
        let wrong: CardNumber = "AB12345678CE".parse().unwrap();
        let blocking = outcome(zairyu::read(&mut card(card_type), &wrong));
        assert_eq!(outcome(read_async(card(card_type), &wrong)), blocking);
        assert!(blocking.unwrap_err().contains("NumberMismatch"));
    }
    for other in [SoftwareCard::my_number_card, || {
        SoftwareCard::foreign_card(0x6D00)
    }] {
        assert_eq!(
            outcome(read_async(other(), &number())),
            outcome(zairyu::read(&mut other(), &number()))
        );
    }
}

#[test]
fn both_drivers_read_specified_cards() {
    let mut profile = SecureMessagingProfile::measured_relative();
    profile.delivery_form = DeliveryForm::Chained;
    let key = DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &delivery_key().unwrap()).unwrap();
    let access = SpecifiedAccess::new(profile.clone(), key).unwrap();
    let go_on = |_| ControlFlow::Continue(());
    for card_type in [
        CardType::SpecifiedResidenceCard,
        CardType::SpecifiedSpecialPermanentResident,
    ] {
        let builder = CardBuilder::new(card_type).profile(profile.clone());
        let issued = Issuer::new().issue(&builder).unwrap();
        for limits in [Limits::EXTENDED, Limits::SHORT, Limits::new(1693, 1693)] {
            let card = || SoftwareCard::new(issued.clone()).with_limits(limits);
            let blocking = zairyu::read_specified(&mut card(), &number(), &access, go_on);
            assert_eq!(outcome(blocking), Ok(issued.card_files()), "{limits:?}");
            let mut slow = Slow(card());
            let waiting = block_on(zairyu::read_specified_async(&mut slow, &number(), &access, go_on));
            assert_eq!(outcome(waiting), Ok(issued.card_files()), "{limits:?}");
        }
    }
}

#[test]
#[cfg(feature = "my-number")]
fn both_drivers_do_the_same_with_a_my_number_card() {
    use zairyu::mynumber::{self, AttributeKey, CvAnchors, Policy, ReadError, Reading, Status, TextPin};
    use zairyu::transport::{Fault, FaultInjector, Recorder};
    use zairyu_mynumber_testcard as my_number;

    let issued = my_number::CardBuilder::new(my_number::Profile::Adult)
        .issue()
        .unwrap();
    let reading = |pin| {
        let key = AttributeKey::Pin(TextPin::new(pin).unwrap());
        Reading::attributes(key, mynumber::challenge().unwrap(), Policy::default()).unwrap()
    };
    let mut anchors = CvAnchors::new();
    let (id, modulus) = my_number::cv_modulus(my_number::Application::Text).unwrap();
    anchors.add(mynumber::Application::Text, id, &modulus).unwrap();
    let comparable = |result: Result<mynumber::AttributeFiles, ReadError>| match result {
        Ok(files) => {
            let proofs = files.judge(&anchors);
            assert_eq!(proofs.chip.status(), Status::Verified);
            format!(
                "{:?} {:?}",
                files.attributes(),
                proofs.attributes.content().unwrap().name
            )
        }
        Err(error) => format!("{error:?}"),
    };
    let faults = (0..30).map(|at| (at, Fault::ErrorAfterwards(ErrorKind::CardRemoved)));
    for (pin, at, fault) in faults
        .map(|(at, fault)| ("1357", at, fault))
        .chain([("1357", 99, Fault::NoData), ("9999", 99, Fault::NoData)])
    {
        let card = || {
            let card = my_number::SoftwareCard::new(issued.clone());
            FaultInjector::new(card).inject(at, fault.clone())
        };
        let mut blocking = Recorder::new(card());
        let expected = comparable(mynumber::read(&mut blocking, reading(pin)));
        let mut waiting = Slow(Recorder::new(card()));
        let result = block_on(mynumber::read_async(&mut waiting, reading(pin)));
        assert_eq!(comparable(result), expected, "{at}");
        let commands = |recorder: Recorder<_>| recorder.into_recording().exchanges().len();
        assert_eq!(commands(waiting.0), commands(blocking), "{at}");
    }
}

#[test]
fn a_callback_is_all_that_a_phone_has_to_give() {
    for length in [253, 1693, 65_279] {
        let mut card = card(CardType::FirstResidenceCard);
        let good = card.issued().unwrap().card_files();
        let mut longest = (0, 0);
        let mut phone = Callback::new(Limits::new(length, length), |command: &[u8]| {
            let response = card.process(command);
            longest = (longest.0.max(command.len()), longest.1.max(response.len()));
            Ok(response)
        });
        assert_eq!(zairyu::read(&mut phone, &number()).unwrap().files(), &good);
        assert!(longest.0 <= length && longest.1 <= length, "{longest:?}");
    }
}

#[test]
fn a_card_that_refuses_extended_length_only_under_secure_messaging_is_read_short() {
    for card_type in TYPES {
        let mut card = card(card_type);
        let good = card.issued().unwrap().card_files();
        let mut refusing = Callback::new(Limits::EXTENDED, |command: &[u8]| {
            let extended_and_secured = command.first() == Some(&0x08) && command.get(4) == Some(&0x00);
            Ok(if extended_and_secured {
                vec![0x67, 0x00]
            } else {
                card.process(command)
            })
        });
        assert_eq!(zairyu::read(&mut refusing, &number()).unwrap().files(), &good);
    }
}

#[test]
fn the_caller_can_stop_both() {
    let mut calls = 0;
    let stop = |_| {
        calls += 1;
        if calls == 5 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let error =
        zairyu::read_with_progress(&mut card(CardType::SecondResidenceCard), &number(), stop).unwrap_err();
    assert!(matches!(error, ReadError::Cancelled));
    let mut slow = Slow(card(CardType::SecondResidenceCard));
    let error = block_on(zairyu::read_async(&mut slow, &number(), |_| {
        ControlFlow::Break(())
    }))
    .unwrap_err();
    assert!(matches!(error, ReadError::Cancelled));
}

#[test]
fn a_recording_plays_back_without_the_card() {
    for card_type in TYPES {
        for lengths in [
            ApduLengths::Extended,
            ApduLengths::ShortOnlyByError(ErrorKind::ExchangeFailed),
        ] {
            let mut card = card(card_type).with_lengths(lengths);
            let (result, recording) = zairyu::read_recorded(&mut card, &number()).unwrap();
            result.unwrap();
            let text = recording.to_text();
            assert!(!text.contains("AB12345678CD"));
            let replayed = zairyu::replay(&Recording::parse(&text).unwrap()).unwrap();
            assert_eq!(replayed.files().card_type(), card_type);
            assert_eq!(replayed.number(), &CardNumber::MADE_UP);
        }
    }
}

#[test]
fn a_failed_reading_plays_back_to_the_same_error() {
    let wrong: CardNumber = "AB12345678CE".parse().unwrap();
    let (result, recording) =
        zairyu::read_recorded(&mut card(CardType::SecondResidenceCard), &wrong).unwrap();
    assert!(matches!(
        result,
        Err(ReadError::Card(CardError::NumberMismatch { .. }))
    ));
    assert!(matches!(
        zairyu::replay(&recording),
        Err(ReadError::Card(CardError::NumberMismatch { .. }))
    ));

    let mut removed = card(CardType::FirstResidenceCard);
    let mut left = 9;
    let mut reader = Callback::new(Limits::EXTENDED, |command: &[u8]| {
        left -= 1;
        if left == 0 {
            Err(Error::new(ErrorKind::CardRemoved))
        } else {
            Ok(removed.process(command))
        }
    });
    let (result, recording) = zairyu::read_recorded(&mut reader, &number()).unwrap();
    assert!(matches!(result, Err(ReadError::Transport(error)) if error.kind() == ErrorKind::CardRemoved));
    assert_eq!(recording.exchanges().len(), 9);
    let replayed = zairyu::replay(&recording);
    assert!(matches!(replayed, Err(ReadError::Transport(error)) if error.kind() == ErrorKind::CardRemoved));
}

#[test]
fn what_is_no_recording_of_a_reading_is_refused() {
    let mut recording = Recording::new(Limits::SHORT);
    recording.push(Exchange::Reset { outcome: Ok(()) });
    assert!(matches!(
        zairyu::replay(&recording),
        Err(ReadError::NotARecording)
    ));
    for random in ["", "00", &"zz".repeat(48), &"+1".repeat(48)] {
        let _ = recording.set_header("random", random);
        assert!(zairyu::replay(&recording).is_err());
    }
}
