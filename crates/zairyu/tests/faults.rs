//! One fault at a time, at every command of every reading: a typed error or a sound result, never a half one, and the
//! next reading succeeds.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::ops::ControlFlow;

use zairyu::data::{CardFiles, CardType, DeliveredKeys, DeliveryForm, Generation, MacUse, MessagingClass};
use zairyu::protocol::{DeliveryKey, DeliveryKeyForm, SecureMessagingProfile, SpecifiedAccess};
use zairyu::transport::{Error, ErrorKind, Fault, FaultInjector, Limits, Transport};
use zairyu::{Anchors, CardNumber, ReadError, Reading, Timestamp};
use zairyu_testcard::{
    ApduLengths, CardBuilder, CardFault, IssuedCard, Issuer, Randomness, SoftwareCard, delivery_key,
};

const TYPES: [CardType; 6] = [
    CardType::FirstResidenceCard,
    CardType::FirstSpecialPermanentResident,
    CardType::SecondResidenceCard,
    CardType::SecondSpecialPermanentResident,
    CardType::SpecifiedResidenceCard,
    CardType::SpecifiedSpecialPermanentResident,
];

fn builder(card_type: CardType) -> CardBuilder {
    let builder = CardBuilder::new(card_type);
    match card_type.generation() {
        Generation::Specified => builder.profile(profile()),
        _ => builder,
    }
}

/// Short enough for every reader, and with MACs on everything.
fn profile() -> SecureMessagingProfile {
    let mut profile = SecureMessagingProfile::measured_relative();
    profile.delivered_keys = DeliveredKeys::Both;
    profile.mac_use = MacUse::Both;
    profile.class = MessagingClass::HeaderAuthenticated;
    profile.delivery_form = DeliveryForm::Chained;
    profile
}

fn read(card: &mut impl Transport, number: &CardNumber) -> Result<Reading, ReadError> {
    let key = DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &delivery_key().unwrap()).unwrap();
    let access = SpecifiedAccess::new(profile(), key).unwrap();
    zairyu::read_specified(card, number, &access, |_| ControlFlow::Continue(()))
}

fn issue(card_type: CardType) -> IssuedCard {
    Issuer::new().issue(&builder(card_type)).unwrap()
}

fn card(issued: &IssuedCard, limits: Limits) -> SoftwareCard {
    SoftwareCard::new(issued.clone())
        .with_limits(limits)
        .with_randomness(Randomness::Seeded(7))
}

/// Counts commands and stops a reading that does not end.
struct Counted<T> {
    card: T,
    commands: usize,
}

impl<T: Transport> Transport for Counted<T> {
    fn limits(&self) -> Limits {
        self.card.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        self.commands += 1;
        assert!(self.commands < 500, "the reading does not end");
        self.card.transmit(command)
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.card.reset()
    }
}

/// A fault of the way to the card, or of the card.
#[derive(Clone)]
enum AnyFault {
    OfTheWay(Fault),
    OfTheCard(CardFault),
}

impl AnyFault {
    fn inject(self, card: SoftwareCard, at: usize) -> FaultInjector<SoftwareCard> {
        match self {
            Self::OfTheWay(fault) => FaultInjector::new(card).inject(at, fault),
            Self::OfTheCard(fault) => FaultInjector::new(card.inject(at, fault)),
        }
    }
}

fn card_faults(other: &IssuedCard) -> [(&'static str, CardFault); 7] {
    [
        ("silent reset", CardFault::SilentReset),
        ("other card", CardFault::OtherCard(Box::new(other.clone()))),
        ("echo", CardFault::Echo),
        ("unencrypted", CardFault::Plain),
        ("no padding", CardFault::NoPadding),
        ("zero padding", CardFault::ZeroPadding),
        ("only padding", CardFault::PaddingOnly),
    ]
}

fn way_faults() -> Vec<(&'static str, Fault)> {
    let mut faults = vec![
        ("no answer", Fault::Error(ErrorKind::TimedOut)),
        ("answer lost", Fault::ErrorAfterwards(ErrorKind::TimedOut)),
        ("exchange failed", Fault::Error(ErrorKind::ExchangeFailed)),
        ("removed", Fault::Gone(ErrorKind::CardRemoved)),
        ("reset", Fault::Gone(ErrorKind::CardReset)),
        ("empty answer", Fault::Response(Vec::new())),
        ("stale answer", Fault::Stale),
        (
            "64 KiB",
            Fault::Response([vec![0xC1; 65_536], vec![0x90, 0x00]].concat()),
        ),
        ("no data", Fault::NoData),
        ("one byte more", Fault::Extended(vec![0x00])),
        ("300 bytes more", Fault::Extended(vec![0x5A; 300])),
    ];
    faults.extend([1, 2, 3, 4, 9, 40, 100, 255].map(|length| ("cut", Fault::Cut(length))));
    faults.extend(
        [
            0x6283, 0x6300, 0x63C2, 0x6400, 0x6700, 0x6882, 0x6981, 0x6982, 0x6985, 0x6986, 0x6988, 0x6999,
            0x6A82, 0x6A86,
        ]
        .map(|status| ("status", Fault::Status(status))),
    );
    faults.extend(
        [
            0x6B00, 0x6D00, 0x6E00, 0x6F00, 0x6100, 0x6C10, 0x6282, 0x9001, 0x0000, 0xFFFF,
        ]
        .map(|status| ("status", Fault::Status(status))),
    );
    faults.extend([0x6282, 0x6300, 0x9100].map(|status| ("data and status", Fault::OtherStatus(status))));
    faults
}

fn judge(reading: &Reading, anchors: &Anchors) -> zairyu::Report {
    reading.judge(anchors, "2026-11-22T10:00:00+09:00".parse::<Timestamp>().unwrap())
}

#[test]
fn every_command_survives_every_fault() {
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        anchors
            .add(&Issuer::new().ca_certificate(generation).unwrap())
            .unwrap();
    }
    let (mut cases, mut reconnected) = (0, 0);
    for card_type in TYPES {
        let issued = issue(card_type);
        let other = Issuer::new()
            .issue(&builder(card_type).number("XY87654321ZW"))
            .unwrap();
        let good: CardFiles = issued.card_files();
        // One of the two for specified cards: each of their readings takes an RSA decryption.
        let limits: &[Limits] = match card_type {
            CardType::SpecifiedResidenceCard => &[Limits::EXTENDED],
            CardType::SpecifiedSpecialPermanentResident => &[Limits::SHORT],
            _ => &[Limits::EXTENDED, Limits::SHORT],
        };
        for &limits in limits {
            let mut counted = Counted {
                card: card(&issued, limits),
                commands: 0,
            };
            read(&mut counted, issued.number()).unwrap();
            let commands = counted.commands;
            let of_the_way = way_faults()
                .into_iter()
                .map(|(name, fault)| (name, AnyFault::OfTheWay(fault)));
            let of_the_card = card_faults(&other).map(|(name, fault)| (name, AnyFault::OfTheCard(fault)));
            for (name, fault) in of_the_way.chain(of_the_card) {
                for at in 0..commands {
                    cases += 1;
                    let card = fault.clone().inject(card(&issued, limits), at);
                    let mut counted = Counted { card, commands: 0 };
                    let result = read(&mut counted, issued.number());
                    let context = || format!("{card_type:?} {limits:?} {name} at {at}");
                    match result {
                        Ok(reading) if *reading.files() == good => {}
                        // A file that went missing or was cut short shows as such, and its signature does not verify.
                        Ok(reading) => {
                            let report = judge(&reading, &anchors);
                            let harmed = !report.problems.is_empty() || !report.is_signature_verified();
                            let unsigned = reading.files().iter().all(|(file, content)| {
                                good.get(file)
                                    .is_some_and(|good| without_filler(good) == without_filler(content))
                                    || !report.is_signature_verified()
                                    || is_unsigned(file)
                            });
                            assert!(harmed || unsigned, "{}", context());
                            assert!(unsigned, "{}", context());
                        }
                        Err(ReadError::Card(_) | ReadError::Transport(_)) => {
                            // Reconnected, the same transport reads the card that is there now.
                            counted.commands = 0;
                            if counted.reset().is_ok() {
                                let (present, files) = if name == "other card" {
                                    (&other, other.card_files())
                                } else {
                                    (&issued, good.clone())
                                };
                                let again = read(&mut counted, present.number());
                                assert_eq!(*again.unwrap().files(), files, "{}", context());
                                reconnected += 1;
                            } else {
                                assert!(["removed", "reset"].contains(&name), "{}", context());
                            }
                        }
                        Err(error) => panic!("{}: {error}", context()),
                    }
                }
            }
        }
    }
    println!("{cases} faulty readings, {reconnected} read again on the same transport");
    assert!(cases > 14_000);
}

/// A reader that fails at extended length, and a card that leaves it at any command: all files or an error, and the
/// reset in between is the transport's own.
#[test]
fn falling_back_to_short_commands_survives_removal() {
    for card_type in TYPES {
        let issued = issue(card_type);
        for kind in [ErrorKind::ExchangeFailed, ErrorKind::LengthNotSupported] {
            let reader = || {
                let card = card(&issued, Limits::EXTENDED).with_lengths(ApduLengths::ShortOnlyByError(kind));
                FaultInjector::new(card)
            };
            let mut whole = reader();
            let reading = read(&mut whole, issued.number()).unwrap();
            assert_eq!(*reading.files(), issued.card_files());

            for at in 0..whole.commands() {
                let mut removed = reader().inject(at, Fault::Gone(ErrorKind::CardRemoved));
                match read(&mut removed, issued.number()) {
                    Err(ReadError::Transport(error)) => assert_eq!(error.kind(), ErrorKind::CardRemoved),
                    other => panic!("{card_type:?} removed at {at}: {other:?}"),
                }
                assert_eq!(removed.commands(), at + 1);
            }
        }
    }
}

/// A file's `00` filler is no part of its objects: one byte more of it changes nothing.
fn without_filler(content: &[u8]) -> &[u8] {
    let end = content
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    &content[..end]
}

fn is_unsigned(file: zairyu::data::File) -> bool {
    use zairyu::data::File;
    !matches!(
        file,
        File::FrontImage | File::FaceImage | File::PrintedEntries | File::NameAndFaceImage | File::Signature
    )
}

/// A card that answers the same thing for ever.
struct Endless(Vec<u8>, usize);

impl Transport for Endless {
    fn limits(&self) -> Limits {
        Limits::EXTENDED
    }

    fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Error> {
        self.1 += 1;
        assert!(self.1 < 500, "the reading does not end");
        Ok(self.0.clone())
    }
}

#[test]
fn endless_answers_end() {
    let number = "AB12345678CD".parse().unwrap();
    let answers: [&[u8]; 8] = [
        b"\x90\x00",
        b"\x61\x00",
        b"\x6C\x01",
        b"\xC1\x0205\x90\x00",
        b"\xC1\x011\x90\x00",
        b"\xC1\x82\xFF\xFF\x90\x00",
        b"\x86\x82\xFF\xFF\x01\x90\x00",
        b"",
    ];
    for answer in answers {
        assert!(zairyu::read(&mut Endless(answer.to_vec(), 0), &number).is_err());
    }
}
