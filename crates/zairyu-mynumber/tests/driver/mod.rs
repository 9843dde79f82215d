//! Reads a card in every mode, and keeps the trace.
#![allow(dead_code)]

use std::sync::LazyLock;

use zairyu_mynumber::{
    AgeFiles, AttributeFiles, AttributeKey, AuthPin, BirthDigits, Challenge, Error, FaceFiles, Interruption,
    JpkiFiles, LastTry, Mode, NumberB, Outcome, Policy, Reading, Step, TextPin,
};
use zairyu_mynumber_testcard::{CardBuilder, IssuedCard, Profile, SoftwareCard};
use zairyu_transport::{Limits, Transport};

pub(crate) type Trace = Vec<(Vec<u8>, Vec<u8>)>;
type Started<T> = Result<Reading<T>, Error>;

pub(crate) const CHALLENGE: Challenge = Challenge::new([7; Challenge::LEN]);

pub(crate) fn card(profile: Profile) -> SoftwareCard {
    // Issued once: signing takes its time.
    static ISSUED: LazyLock<[IssuedCard; 3]> = LazyLock::new(|| {
        [Profile::Adult, Profile::Under15, Profile::AndroidToken]
            .map(|profile| CardBuilder::new(profile).issue().unwrap())
    });
    let issued = ISSUED.iter().find(|issued| issued.profile() == profile).unwrap();
    SoftwareCard::new(issued.clone())
}

pub(crate) fn insisting() -> Policy {
    let mut policy = Policy::default();
    policy.last_try = LastTry::Use;
    policy
}

pub(crate) fn birth() -> BirthDigits {
    BirthDigits::as_printed("020101").unwrap()
}

pub(crate) fn number_b() -> NumberB {
    NumberB::new(birth(), 2035, "1234").unwrap()
}

pub(crate) fn face_with(policy: Policy) -> Started<FaceFiles> {
    Reading::face(number_b(), CHALLENGE, policy)
}

pub(crate) fn face() -> Started<FaceFiles> {
    face_with(Policy::default())
}

pub(crate) fn attributes_with(policy: Policy) -> Started<AttributeFiles> {
    let pin = TextPin::new("1357").unwrap();
    Reading::attributes(AttributeKey::Pin(pin), CHALLENGE, policy)
}

pub(crate) fn attributes_by_pin() -> Started<AttributeFiles> {
    attributes_with(Policy::default())
}

pub(crate) fn attributes_by_number() -> Started<AttributeFiles> {
    Reading::attributes(AttributeKey::NumberB(number_b()), CHALLENGE, Policy::default())
}

pub(crate) fn age_with(policy: Policy) -> Started<AgeFiles> {
    Reading::age(birth(), CHALLENGE, policy)
}

pub(crate) fn age() -> Started<AgeFiles> {
    age_with(Policy::default())
}

pub(crate) fn jpki_with(policy: Policy) -> Started<JpkiFiles> {
    Reading::jpki_auth(Some((AuthPin::new("2468").unwrap(), CHALLENGE)), policy)
}

pub(crate) fn jpki() -> Started<JpkiFiles> {
    jpki_with(Policy::default())
}

/// More commands than any reading of these cards takes.
const ENDLESS: usize = 3000;

pub(crate) fn read_traced<T: Outcome>(
    reading: Started<T>,
    card: &mut impl Transport,
) -> (Result<T, Error>, Trace) {
    let mut reading = match reading {
        Ok(reading) => reading,
        Err(error) => return (Err(error), Vec::new()),
    };
    let mut trace = Vec::new();
    for _ in 0..ENDLESS {
        let command = reading.command().to_vec();
        let response = card.transmit(&command).unwrap();
        trace.push((command, response.clone()));
        match reading.receive(&response) {
            Ok(Step::Continue(next)) => reading = next,
            Ok(Step::Done(files)) => return (Ok(files), trace),
            Err(error) => return (Err(error), trace),
        }
    }
    panic!("the reading does not end");
}

pub(crate) fn read<T: Outcome>(reading: Started<T>, card: &mut impl Transport) -> Result<T, Error> {
    read_traced(reading, card).0
}

fn traced<T: Outcome>(reading: Started<T>, card: &mut impl Transport) -> Result<Trace, Error> {
    let (result, trace) = read_traced(reading, card);
    result.map(|_| trace)
}

/// Any mode, with the right secret; what it brings is dropped.
pub(crate) fn read_any(mode: Mode, policy: Policy, card: &mut impl Transport) -> Result<Trace, Error> {
    match mode {
        Mode::Face => traced(face_with(policy), card),
        Mode::Attributes => traced(attributes_with(policy), card),
        Mode::Age => traced(age_with(policy), card),
        Mode::JpkiAuth => traced(jpki_with(policy), card),
        Mode::PinStatus => traced(Reading::pin_status(), card),
        _ => panic!("a mode that is not tested"),
    }
}

pub(crate) fn count_commands(mode: Mode) -> usize {
    read_any(mode, Policy::default(), &mut card(Profile::Adult))
        .unwrap()
        .len()
}

/// Any mode, with a wrong secret.
pub(crate) fn read_wrong(mode: Mode, policy: Policy, card: &mut impl Transport) -> (Error, Trace) {
    let born = || BirthDigits::as_printed("110101").unwrap();
    match mode {
        Mode::Face => {
            let number = NumberB::new(born(), 2035, "1234").unwrap();
            failed(Reading::face(number, CHALLENGE, policy), card)
        }
        Mode::Attributes => {
            let key = AttributeKey::Pin(TextPin::new("0000").unwrap());
            failed(Reading::attributes(key, CHALLENGE, policy), card)
        }
        Mode::Age => failed(Reading::age(born(), CHALLENGE, policy), card),
        _ => {
            let pin = AuthPin::new("0000").unwrap();
            failed(Reading::jpki_auth(Some((pin, CHALLENGE)), policy), card)
        }
    }
}

fn failed<T: Outcome>(reading: Started<T>, card: &mut impl Transport) -> (Error, Trace) {
    let (result, trace) = read_traced(reading, card);
    match result {
        Ok(_) => panic!("a wrong secret was accepted"),
        Err(error) => (error, trace),
    }
}

/// Reads until the transport fails, and asks the reading what that means.
pub(crate) fn tear(mode: Mode, wrong: bool, card: &mut impl Transport) -> Interruption {
    fn until<T: Outcome>(reading: Started<T>, card: &mut impl Transport) -> Interruption {
        let mut reading = reading.unwrap();
        loop {
            let Ok(response) = card.transmit(reading.command()) else {
                return reading.interrupted();
            };
            match reading.receive(&response).unwrap() {
                Step::Continue(next) => reading = next,
                Step::Done(_) => panic!("nothing was torn"),
            }
        }
    }
    let policy = Policy::default();
    let born = || BirthDigits::as_printed(if wrong { "110101" } else { "020101" }).unwrap();
    match mode {
        Mode::Face => until(
            Reading::face(NumberB::new(born(), 2035, "1234").unwrap(), CHALLENGE, policy),
            card,
        ),
        Mode::Attributes => {
            let pin = TextPin::new(if wrong { "0000" } else { "1357" }).unwrap();
            until(
                Reading::attributes(AttributeKey::Pin(pin), CHALLENGE, policy),
                card,
            )
        }
        Mode::Age => until(Reading::age(born(), CHALLENGE, policy), card),
        _ => {
            let pin = AuthPin::new(if wrong { "0000" } else { "2468" }).unwrap();
            until(Reading::jpki_auth(Some((pin, CHALLENGE)), policy), card)
        }
    }
}

/// A card that gives one answer to everything.
pub(crate) struct Scripted(pub(crate) Vec<u8>);

impl Transport for Scripted {
    fn limits(&self) -> Limits {
        Limits::SHORT
    }

    fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, zairyu_transport::Error> {
        Ok(self.0.clone())
    }
}
