//! A byte for the mode of a My Number Card's reading, then a list of card answers, each a block; an absent one was not delivered.
//!
//! The reading keeps to its mode's list of applications and files, sends at most one secret, once, and ends within a bounded number
//! of commands. What it brings is judged. Recordings of the software card are the seeds.

use zairyu::mynumber::{
    AttributeKey, AuthPin, BirthDigits, Challenge, CommandName, CvAnchors, Error, JpkiAnchors, Mode, NumberB,
    Outcome, Policy, Reading, Step, TextPin,
};
use zairyu_mynumber_testcard::{CardBuilder, Profile, SoftwareCard};

use crate::{
    input::{Block, Input, push_block},
    memory::{self, KIB},
};

/// The files of a card, a long answer, and what judging takes.
const MEMORY: usize = 1024 * KIB;

/// More commands than any reading of a card takes.
const MOST_COMMANDS: usize = 4000;

const CHALLENGE: Challenge = Challenge::new([7; Challenge::LEN]);

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let mode = input.choose(&Mode::ALL);
    memory::within(MEMORY, || match mode {
        Mode::Face => {
            if let Some(files) = play(mode, face(), &mut input) {
                drop(files.judge(&anchors()));
            }
        }
        Mode::Attributes => {
            if let Some(files) = play(mode, attributes(), &mut input) {
                drop(files.judge(&anchors()));
            }
        }
        Mode::Age => {
            if let Some(files) = play(mode, age(), &mut input) {
                drop(files.judge(&anchors()));
            }
        }
        Mode::JpkiAuth => {
            if let Some(files) = play(mode, jpki_auth(), &mut input) {
                drop(files.judge(&JpkiAnchors::new(), zairyu::Timestamp::UNIX_EPOCH, None));
            }
        }
        _ => drop(play(mode, Reading::pin_status(), &mut input)),
    });
}

fn anchors() -> CvAnchors {
    CvAnchors::community_supplied().expect("the crate's own files are sound")
}

fn birth() -> BirthDigits {
    BirthDigits::as_printed("020101").expect("it has the form of one")
}

fn face() -> Result<Reading<zairyu::mynumber::FaceFiles>, Error> {
    let number_b = NumberB::new(birth(), 2035, "1234").expect("it has the form of one");
    Reading::face(number_b, CHALLENGE, Policy::default())
}

fn attributes() -> Result<Reading<zairyu::mynumber::AttributeFiles>, Error> {
    let key = AttributeKey::Pin(TextPin::new("1357").expect("it has the form of one"));
    Reading::attributes(key, CHALLENGE, Policy::default())
}

fn age() -> Result<Reading<zairyu::mynumber::AgeFiles>, Error> {
    Reading::age(birth(), CHALLENGE, Policy::default())
}

fn jpki_auth() -> Result<Reading<zairyu::mynumber::JpkiFiles>, Error> {
    let pin = AuthPin::new("2468").expect("it has the form of one");
    Reading::jpki_auth(Some((pin, CHALLENGE)), Policy::default())
}

fn play<T: Outcome>(mode: Mode, reading: Result<Reading<T>, Error>, input: &mut Input<'_>) -> Option<T> {
    let mut reading = reading.expect("the mode allows its first command");
    let mut secrets = 0;
    for _ in 0..MOST_COMMANDS {
        check_command(mode, reading.command_name());
        if let CommandName::Verify(_) = reading.command_name() {
            secrets += 1;
            assert!(secrets <= 1, "a secret was sent twice");
        }
        assert!(reading.command().len() <= 261);
        match input.block()? {
            Block::Bytes(answer) => match reading.receive(answer) {
                Ok(Step::Continue(next)) => reading = next,
                Ok(Step::Done(files)) => return Some(files),
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    assert!(!matches!(error, Error::NotAllowed { .. }));
                    return None;
                }
            },
            Block::Absent => {
                let _ = reading.interrupted();
                return None;
            }
        }
    }
    panic!("the reading does not end");
}

fn check_command(mode: Mode, name: CommandName) {
    let allowed = match name {
        CommandName::Select(application) => mode.applications().contains(&application),
        CommandName::SelectFile(file) | CommandName::ReadBinary(file) => mode.files().contains(&file),
        CommandName::Verify(secret) => mode.secrets().contains(&secret),
        CommandName::Sign(key) => mode.private_keys().contains(&key),
        _ => true,
    };
    assert!(allowed, "{mode} does not allow {name}");
}

/// Whole readings of the software cards in every mode.
pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (name, profile) in [("adult", Profile::Adult), ("under15", Profile::Under15)] {
        for (place, mode) in (0_u8..).zip(Mode::ALL) {
            let issued = CardBuilder::new(profile).issue().expect("it can be issued");
            let mut card = SoftwareCard::new(issued);
            let mut input = vec![place];
            match mode {
                Mode::Face => record(face(), &mut card, &mut input),
                Mode::Attributes => record(attributes(), &mut card, &mut input),
                Mode::Age => record(age(), &mut card, &mut input),
                Mode::JpkiAuth => record(jpki_auth(), &mut card, &mut input),
                _ => record(Reading::pin_status(), &mut card, &mut input),
            }
            seeds.push((format!("{mode}-{name}"), input));
        }
    }
    seeds
}

fn record<T: Outcome>(reading: Result<Reading<T>, Error>, card: &mut SoftwareCard, input: &mut Vec<u8>) {
    let mut reading = reading.expect("the mode allows its first command");
    loop {
        let answer = card.process(reading.command());
        push_block(input, Some(&answer));
        match reading.receive(&answer).expect("the card is as it should be") {
            Step::Continue(next) => reading = next,
            Step::Done(_) => return,
        }
    }
}
