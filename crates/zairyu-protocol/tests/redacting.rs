//! Redacted recordings: the same path through the machine, and nothing of the card in them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod driver;

use zairyu_data::{CardFiles, CardNumber, CardType, File};
use zairyu_protocol::{CommandName, Error, MessageLimits, Randomness, ReadCard, Redactor, Step};
use zairyu_testcard::{CardBuilder, Field, Issuer, Randomness as CardRandomness, SoftwareCard};
use zairyu_tlv::Reader;

const RANDOM: [u8; Randomness::LEN] = [7; Randomness::LEN];

/// Every command of a reading, and how it ended.
type Path = (Vec<CommandName>, Option<Error>);

/// Reads with `answer` between card and machine; gives the responses and the path.
fn record(
    card: &mut SoftwareCard,
    limits: MessageLimits,
    mut answer: impl FnMut(usize, Vec<u8>) -> Vec<u8>,
) -> (Vec<Vec<u8>>, Path) {
    let number = card.issued().unwrap().number().clone();
    let mut machine = ReadCard::new(number, Randomness::new(RANDOM), limits).unwrap();
    let (mut responses, mut names) = (Vec::new(), Vec::new());
    loop {
        names.push(machine.command_name());
        let response = answer(responses.len(), card.process(machine.command()));
        responses.push(response.clone());
        match machine.receive(&response) {
            Ok(Step::Continue(next)) => machine = next,
            Ok(Step::Done(_)) => return (responses, (names, None)),
            Err(error) => return (responses, (names, Some(error))),
        }
    }
}

fn replay(exchanges: &[(Vec<u8>, Vec<u8>)], limits: MessageLimits) -> Path {
    let mut machine = ReadCard::new(CardNumber::MADE_UP, Randomness::new(RANDOM), limits).unwrap();
    let mut names = Vec::new();
    for (command, response) in exchanges {
        names.push(machine.command_name());
        assert_eq!(machine.command(), command);
        match machine.receive(response) {
            Ok(Step::Continue(next)) => machine = next,
            Ok(Step::Done(_)) => return (names, None),
            Err(error) => return (names, Some(error)),
        }
    }
    unreachable!("the replay does not end")
}

/// The files that a replay ends with.
fn files(exchanges: &[(Vec<u8>, Vec<u8>)], limits: MessageLimits) -> CardFiles {
    let mut machine = ReadCard::new(CardNumber::MADE_UP, Randomness::new(RANDOM), limits).unwrap();
    for (_, response) in exchanges {
        match machine.receive(response).unwrap() {
            Step::Continue(next) => machine = next,
            Step::Done(files) => return files,
        }
    }
    unreachable!("the replay does not end")
}

fn is_free(file: File) -> bool {
    matches!(file, File::CommonData | File::CardType)
}

fn redact(card: &SoftwareCard, responses: &[Vec<u8>], limits: MessageLimits) -> Vec<(Vec<u8>, Vec<u8>)> {
    let number = card.issued().unwrap().number().clone();
    let mut redactor = Redactor::new(number, Randomness::new(RANDOM), limits).unwrap();
    responses
        .iter()
        .map_while(|response| redactor.exchange(response))
        .collect()
}

fn marked_card(card_type: CardType) -> SoftwareCard {
    let builder = match card_type {
        CardType::FirstResidenceCard => {
            CardBuilder::new(card_type).with(Field::Address, "MARKER MARKER MARKER")
        }
        _ => CardBuilder::new(card_type).with(Field::CommissionerText, "MARKER MARKER MARKER"),
    };
    SoftwareCard::new(Issuer::new().issue(&builder).unwrap()).with_randomness(CardRandomness::Seeded(9))
}

#[test]
fn a_redacted_reading_takes_the_same_path_and_holds_nothing_of_the_card() {
    for card_type in [CardType::FirstResidenceCard, CardType::SecondResidenceCard] {
        for response in [258, 1693, 65_538] {
            let limits = MessageLimits {
                command: 261,
                response,
            };
            let mut card = marked_card(card_type);
            let (responses, path) = record(&mut card, limits, |_, response| response);
            let redacted = redact(&card, &responses, limits);
            assert_eq!(redacted.len(), responses.len());
            assert_eq!(replay(&redacted, limits), path);
            let everything: Vec<u8> = redacted
                .iter()
                .flat_map(|(command, response)| [&command[..], response].concat())
                .collect();
            let recorded = responses.concat();
            for secret in [&b"MARKER"[..], b"AB12345678CD"] {
                assert!(!everything.windows(secret.len()).any(|window| window == secret));
            }
            // The recording has the marker where the file is read plain: the scan can find it.
            assert!(recorded.windows(6).any(|window| window == b"MARKER"));
            // What was secured is secured anew: opened, its values are overwritten.
            for (file, content) in files(&redacted, limits)
                .iter()
                .filter(|(file, _)| !is_free(*file))
            {
                let mut reader = Reader::new(content);
                while let Some(object) = reader.next_object().unwrap() {
                    assert!(
                        object.value().iter().all(|byte| [0, b'X'].contains(byte)),
                        "{file}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_redacted_failure_fails_in_the_same_way() {
    let limits = MessageLimits {
        command: 261,
        response: 258,
    };
    let kinds: [fn(Vec<u8>) -> Vec<u8>; 6] = [
        |response| response[..1].to_vec(),
        |response| response[..response.len() - 2].to_vec(),
        |_| vec![0x6F, 0x00],
        |response| [&response[..response.len() - 2], &[0xAA; 300], &[0x90, 0x00]].concat(),
        |_| vec![0x90, 0x00],
        |mut response| {
            response[0] ^= 0xFF;
            response
        },
    ];
    for card_type in [CardType::FirstResidenceCard, CardType::SecondResidenceCard] {
        for at in 0..20 {
            for kind in kinds {
                let mut card = marked_card(card_type);
                let (responses, path) = record(&mut card, limits, |index, response| {
                    if index == at { kind(response) } else { response }
                });
                let redacted = redact(&card, &responses, limits);
                let (names, error) = replay(&redacted, limits);
                assert_eq!(names, path.0, "{card_type:?} {at}");
                // A status word that is none is not kept: it may be data.
                let same = error == path.1
                    || matches!(
                        (error, path.1),
                        (Some(Error::Refused { .. }), Some(Error::Refused { .. }))
                    );
                assert!(same, "{card_type:?} {at}: {error:?} {:?}", path.1);
            }
        }
    }
}

#[test]
fn filler_behind_the_card_type_keeps_the_path() {
    let limits = MessageLimits {
        command: 261,
        response: 258,
    };
    let mut card = marked_card(CardType::SecondResidenceCard);
    let (responses, path) = record(&mut card, limits, |index, response| match index {
        1 => [&response[..response.len() - 2], &[0; 40], &[0x90, 0x00]].concat(),
        _ => response,
    });
    assert_eq!(replay(&redact(&card, &responses, limits), limits), path);
}

#[test]
fn transport_errors_keep_their_place() {
    let limits = MessageLimits {
        command: 261,
        response: 65_538,
    };
    let number = CardNumber::parse("AB12345678CD").unwrap();
    let mut redactor = Redactor::new(number, Randomness::new(RANDOM), limits).unwrap();
    // Extended length fails, the short form follows, then the card leaves.
    assert_eq!(
        redactor.failed_exchange(true).unwrap(),
        [0x00, 0xB0, 0x8B, 0x00, 0x00, 0x00, 0x00]
    );
    assert_eq!(
        redactor.failed_exchange(false).unwrap(),
        [0x00, 0xB0, 0x8B, 0x00, 0x00]
    );
    assert_eq!(redactor.failed_exchange(false), None);
    assert_eq!(redactor.exchange(&[0x90, 0x00]), None);
}
