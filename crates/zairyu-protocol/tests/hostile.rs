//! Hostile cards: whatever they answer, a reading ends, without panic, inside its budget.
#![allow(clippy::unwrap_used)]

mod driver;

use proptest::prelude::*;
use zairyu_data::{CardNumber, CardType, File};
use zairyu_protocol::{AnswerError, CommandName, Error, MessageLimits, Randomness, ReadCard, Step};
use zairyu_testcard::SoftwareCard;

/// What the card does instead of answering: nothing special, or one of these.
#[derive(Clone, Debug)]
enum Answer {
    Honest,
    Bytes(Vec<u8>),
    Undelivered,
    Cut(usize),
    Flipped(usize, u8),
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        12 => Just(Answer::Honest),
        2 => proptest::collection::vec(any::<u8>(), 0..300).prop_map(Answer::Bytes),
        1 => Just(Answer::Bytes(vec![0x90, 0x00])),
        1 => (any::<u8>(), 0_usize..9000).prop_map(|(byte, length)| Answer::Bytes(vec![byte; length])),
        1 => Just(Answer::Undelivered),
        1 => (0_usize..9000).prop_map(Answer::Cut),
        2 => (0_usize..9000, 1_u8..).prop_map(|(offset, xor)| Answer::Flipped(offset, xor)),
    ]
}

/// Plays the answers against the machine, honest ones behind the last; returns how many commands it took.
fn play(card: &mut SoftwareCard, limits: MessageLimits, answers: Vec<Answer>) -> usize {
    let number = CardNumber::parse("AB12345678CD").unwrap();
    let mut machine = ReadCard::new(number, Randomness::new([3; 48]), limits).unwrap();
    let mut answers = answers.into_iter();
    for commands in 1.. {
        let honest = card.process(machine.command());
        assert!(machine.command().len() <= limits.command);
        let response = match answers.next().unwrap_or(Answer::Honest) {
            Answer::Honest => honest,
            Answer::Bytes(bytes) => bytes,
            Answer::Cut(length) => honest.into_iter().take(length).collect(),
            Answer::Flipped(offset, xor) => {
                let mut flipped = honest;
                if let Some(byte) = flipped.get_mut(offset) {
                    *byte ^= xor;
                }
                flipped
            }
            Answer::Undelivered => match machine.undelivered() {
                Some(again) => {
                    machine = again;
                    continue;
                }
                None => return commands,
            },
        };
        machine = match machine.receive(&response) {
            Ok(Step::Continue(next)) => next,
            Ok(Step::Done(_)) | Err(_) => return commands,
        };
        assert!(commands < driver::MOST_COMMANDS, "the reading does not end");
    }
    unreachable!("the loop is endless")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_reading_ends(
        card_type in prop_oneof![
            Just(CardType::FirstResidenceCard),
            Just(CardType::SecondResidenceCard),
            Just(CardType::SecondSpecialPermanentResident),
        ],
        response in prop_oneof![128_usize..300, Just(1693), Just(65_538)],
        answers in proptest::collection::vec(answer(), 0..40),
    ) {
        let mut card = driver::card(card_type);
        play(&mut card, MessageLimits { command: 261, response }, answers);
    }

    #[test]
    fn a_card_that_only_talks_nonsense_is_soon_left(answers in proptest::collection::vec(
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Answer::Bytes), 1000)) {
        let mut card = driver::card(CardType::FirstResidenceCard);
        let commands = play(&mut card, MessageLimits { command: 261, response: 65_538 }, answers);
        prop_assert!(commands < 10);
    }
}

/// The slowest card that is still honest: one byte more in each answer.
#[test]
fn a_card_that_trickles_is_left_after_64_reads_of_a_file() {
    let mut card = driver::card(CardType::SecondResidenceCard);
    let mut machine = ReadCard::new(
        CardNumber::parse("AB12345678CD").unwrap(),
        Randomness::new([3; 48]),
        MessageLimits {
            command: 261,
            response: 258,
        },
    )
    .unwrap();
    let mut trickles = 0;
    let error = loop {
        let mut response = card.process(machine.command());
        // READ BINARY of a plain file: one byte at a time.
        if machine.command().first() == Some(&0x00)
            && machine.command().get(1) == Some(&0xB0)
            && response.len() > 6
        {
            response = vec![0x00, 0x90, 0x00];
            trickles += 1;
        }
        match machine.receive(&response) {
            Ok(Step::Continue(next)) => machine = next,
            Ok(Step::Done(_)) => break None,
            Err(error) => break Some(error),
        }
    };
    let command = CommandName::ReadBinary(File::CommissionerNote);
    assert_eq!(
        error,
        Some(Error::Answer {
            command,
            kind: AnswerError::TooManyReads
        })
    );
    // 22 and 3 bytes of the small files before it, less the reads that are too short to be cut down.
    assert!((64..=64 + 25).contains(&trickles), "{trickles}");
}
