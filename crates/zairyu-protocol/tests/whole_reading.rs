//! The whole reading against the software card: which commands, how many, and every byte of every file.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod driver;

use driver::{Failure, card, read};
use zairyu_data::{Access, CardNumber, CardType, File, FileEntry};
use zairyu_protocol::{CommandName, Error, MessageLimits, Randomness, ReadCard, StatusWord, Step};
use zairyu_testcard::{ApduLengths, CardBuilder, Issuer, NoSignature, SoftwareCard};
use zairyu_transport::{ErrorKind, Limits, Transport};

const TYPES: [CardType; 4] = [
    CardType::FirstResidenceCard,
    CardType::FirstSpecialPermanentResident,
    CardType::SecondResidenceCard,
    CardType::SecondSpecialPermanentResident,
];

/// Reads the card and compares every file; returns how many commands it took.
fn commands_for(mut card: SoftwareCard) -> usize {
    let files = read(&mut card).unwrap();
    assert_eq!(files, card.issued().unwrap().card_files());
    card.trace().len()
}

#[test]
fn extended_length_takes_the_commands_that_the_front_page_states() {
    assert_eq!(
        TYPES.map(|card_type| commands_for(card(card_type).with_trace())),
        [15, 12, 16, 14]
    );
}

#[test]
fn short_length_takes_the_commands_that_the_front_page_states() {
    let short = |card_type| commands_for(card(card_type).with_limits(Limits::SHORT).with_trace());
    assert_eq!(TYPES.map(short), [61, 58, 51, 49]);
}

#[test]
fn a_card_that_refuses_extended_length_costs_one_command_once() {
    let refusing = |card_type| {
        commands_for(
            card(card_type)
                .with_lengths(ApduLengths::ShortOnlyByStatus)
                .with_trace(),
        )
    };
    assert_eq!(TYPES.map(refusing), [62, 59, 52, 50]);
}

#[test]
fn a_reader_that_fails_at_extended_length_costs_one_command_once() {
    for error in [ErrorKind::LengthNotSupported, ErrorKind::ExchangeFailed] {
        let failing = |card_type| {
            commands_for(
                card(card_type)
                    .with_lengths(ApduLengths::ShortOnlyByError(error))
                    .with_trace(),
            )
        };
        // The command that fails never reaches the card.
        assert_eq!(
            TYPES.map(failing).map(|commands| commands.saturating_sub(1)),
            [61, 58, 51, 49]
        );
    }
}

#[test]
fn a_reader_that_cuts_long_answers_is_read_all_the_same() {
    for card_type in TYPES {
        for cut in [258, 300, 2000, 7000] {
            commands_for(card(card_type).with_lengths(ApduLengths::CutResponses(cut)));
        }
    }
}

#[test]
fn any_limits_are_kept() {
    for card_type in TYPES {
        for length in [
            128, 200, 253, 254, 258, 259, 261, 300, 1693, 4000, 7015, 7016, 65_279, 65_538,
        ] {
            let limits = Limits::new(length, length);
            // The card refuses a longer command and a longer response.
            commands_for(card(card_type).with_limits(limits));
        }
    }
}

#[test]
fn too_small_limits_are_refused_before_any_command() {
    let number = CardNumber::parse("AB12345678CD").unwrap();
    for (command, response) in [(45, 258), (261, 127), (0, 0)] {
        let limits = MessageLimits { command, response };
        let machine = ReadCard::new(number.clone(), Randomness::new([0; 48]), limits);
        assert_eq!(machine.err(), Some(Error::LimitsTooSmall));
    }
}

#[test]
fn no_command_is_sent_twice() {
    for card_type in TYPES {
        for limits in [Limits::EXTENDED, Limits::SHORT] {
            let mut machine_commands = Vec::new();
            driver::read_observed(&mut card(card_type).with_limits(limits), |machine| {
                machine_commands.push((machine.command_name(), machine.command().to_vec()));
            })
            .unwrap();
            for (at, command) in machine_commands.iter().enumerate() {
                assert!(!machine_commands[..at].contains(command), "{command:?}");
            }
            let reads = |command: &&(CommandName, Vec<u8>)| {
                matches!(command.0, CommandName::ReadBinary(File::CardType))
            };
            assert_eq!(machine_commands.iter().filter(reads).count(), 1);
        }
    }
}

#[test]
fn progress_grows_to_the_total() {
    for card_type in TYPES {
        for limits in [Limits::EXTENDED, Limits::SHORT] {
            let mut done = Vec::new();
            let mut total = 0;
            driver::read_observed(&mut card(card_type).with_limits(limits), |machine| {
                done.push(machine.progress().bytes_done);
                total = machine.progress().bytes_total;
            })
            .unwrap();
            assert!(done.is_sorted());
            let capacity: usize = card_type.files().iter().skip(2).map(|entry| entry.capacity).sum();
            assert_eq!(total, capacity);
            assert!(*done.last().unwrap() < total);
        }
    }
}

#[test]
fn the_wrong_number_is_its_own_error() {
    for card_type in TYPES {
        let mut card = card(card_type);
        let number = CardNumber::parse("AB12345678CE").unwrap();
        assert_eq!(
            driver::read_with_number(&mut card, number, |_| ()),
            Err(Failure::Card(Error::NumberMismatch {
                command: CommandName::MutualAuthenticate,
                tries_left: None
            }))
        );
    }
}

#[test]
fn a_second_generation_card_never_sees_a_first_generation_exchange() {
    // The software card would answer 6300 to a 3DES token. The right number and no 6300 in the trace prove it.
    for card_type in [
        CardType::SecondResidenceCard,
        CardType::SecondSpecialPermanentResident,
    ] {
        let mut card = card(card_type).with_trace();
        read(&mut card).unwrap();
        assert!(
            card.trace()
                .iter()
                .all(|exchange| exchange.outcome == Ok(Some(0x9000)))
        );
    }
}

#[test]
fn other_cards_are_told_apart() {
    let failed = |mut card: SoftwareCard| {
        let number = CardNumber::parse("AB12345678CD").unwrap();
        driver::read_with_number(&mut card, number, |_| ()).err()
    };
    for (card_type, lengths) in [
        (CardType::SpecifiedResidenceCard, ApduLengths::Extended),
        (
            CardType::SpecifiedSpecialPermanentResident,
            ApduLengths::ShortOnlyByStatus,
        ),
    ] {
        let specified = SoftwareCard::specified_card(card_type)
            .unwrap()
            .with_lengths(lengths);
        let expected = Error::SpecifiedCard {
            card_type: Some(card_type),
        };
        assert_eq!(failed(specified), Some(Failure::Card(expected)));
    }
    assert_eq!(
        failed(SoftwareCard::my_number_card()),
        Some(Failure::Card(Error::NoResidenceApplication))
    );
    for status in [0x6D00, 0x6E00, 0x6A86, 0x6700, 0x6999, 0x6F00, 0x6982] {
        assert_eq!(
            failed(SoftwareCard::foreign_card(status)),
            Some(Failure::Card(Error::NotAResidenceCard))
        );
    }
}

#[test]
fn only_applications_of_the_residence_family_are_ever_selected() {
    let mut cards: Vec<SoftwareCard> = TYPES.map(card).into();
    cards.push(SoftwareCard::my_number_card());
    cards.push(SoftwareCard::specified_card(CardType::SpecifiedResidenceCard).unwrap());
    cards.push(SoftwareCard::foreign_card(0x6D00));
    for mut card in cards {
        let number = CardNumber::parse("AB12345678CD").unwrap();
        let mut selected = Vec::new();
        let _ = driver::read_with_number(&mut card, number, |machine| {
            if let [0x00, 0xA4, p1, p2, length, data @ ..] = machine.command() {
                selected.push((*p1, *p2, *length, data.to_vec()));
            }
        });
        for selected in selected {
            match selected {
                (0x00, 0x00, 2, file) => assert_eq!(file, [0x3F, 0x00]),
                (0x04, 0x0C, 16, aid) => {
                    assert_eq!(aid[..5], [0xD3, 0x92, 0xF0, 0x00, 0x4F]);
                    assert!((1..=4).contains(&aid[5]) && aid[6..].iter().all(|&byte| byte == 0));
                }
                other => panic!("selected {other:02X?}"),
            }
        }
    }
}

#[test]
fn an_application_left_selected_by_another_program_does_not_matter() {
    for card_type in TYPES {
        let mut card = card(card_type).with_trace();
        let select_df1 = [
            &[0x00, 0xA4, 0x04, 0x0C, 0x10, 0xD3, 0x92, 0xF0, 0x00, 0x4F, 0x02][..],
            &[0; 10],
        ]
        .concat();
        assert_eq!(card.process(&select_df1), [0x90, 0x00]);
        read(&mut card).unwrap();
        let names: Vec<_> = card
            .trace()
            .iter()
            .filter_map(|exchange| exchange.outcome.unwrap())
            .take(4)
            .collect();
        assert_eq!(
            names[2..],
            [0x9000, 0x9000],
            "SELECT MF and a second read: {names:04X?}"
        );
    }
}

#[test]
fn files_that_a_child_s_card_has_not_are_left_out() {
    for form in [NoSignature::NoFile, NoSignature::Zeros] {
        let builder = CardBuilder::new(CardType::FirstResidenceCard).under_16(form);
        let mut card = SoftwareCard::new(Issuer::new().issue(&builder).unwrap());
        let files = read(&mut card).unwrap();
        assert_eq!(files, card.issued().unwrap().card_files());
    }
    let builder = CardBuilder::new(CardType::FirstResidenceCard).without_file(File::FaceImage);
    let mut card = SoftwareCard::new(Issuer::new().issue(&builder).unwrap());
    assert_eq!(read(&mut card).unwrap().get(File::FaceImage), None);
}

#[test]
fn debug_shows_neither_number_nor_keys() {
    let mut card = card(CardType::SecondResidenceCard);
    let mut shown = String::new();
    driver::read_observed(&mut card, |machine| shown.push_str(&format!("{machine:?}"))).unwrap();
    assert!(shown.starts_with("ReadCard(READ BINARY of the common data)"));
    assert!(!shown.contains("AB12345678CD"));
    assert_eq!(format!("{:?}", Randomness::new([0x41; 48])), "Randomness(..)");
    assert_eq!(format!("{:?}", StatusWord::OK), "StatusWord(9000)");
}

/// Reads a card whose secured answers `change` may alter; opens so many pieces of earlier answers at each command, if
/// there are any. Returns at how many commands there were.
fn read_altered(card: &mut SoftwareCard, pieces: usize, mut change: impl FnMut(&mut Vec<u8>)) -> usize {
    let issued = card.issued().unwrap().clone();
    let limits = card.limits();
    let limits = MessageLimits {
        command: limits.command(),
        response: limits.response(),
    };
    let mut machine = ReadCard::new(issued.number().clone(), Randomness::new([0x5A; 48]), limits).unwrap();
    let mut commands_with_work = 0;
    for _ in 0..driver::MOST_COMMANDS {
        let (command, unopened) = machine.command_and_unopened();
        let mut response = card.transmit(command).unwrap();
        if let Some(unopened) = unopened {
            commands_with_work += 1;
            for _ in 0..pieces {
                unopened.open_some();
            }
        }
        if response.first() == Some(&0x86) {
            change(&mut response);
        }
        machine = match machine.receive(&response).unwrap() {
            Step::Continue(next) => next,
            Step::Done(files) => {
                assert_eq!(files, issued.card_files());
                return commands_with_work;
            }
        };
    }
    unreachable!("the reading does not end")
}

#[test]
fn answers_may_be_opened_while_the_card_is_at_work_on_the_next_command() {
    for card_type in TYPES {
        // A front image has seven pieces.
        let [never, one, all] = [0, 1, 100].map(|pieces| read_altered(&mut card(card_type), pieces, |_| ()));
        // No command follows the last file.
        let (_, files) = card_type.files().split_last().unwrap();
        let secured = |file: &&FileEntry| file.access == Access::CardNumberAndSecureMessaging;
        assert_eq!(all, files.iter().filter(secured).count(), "{card_type:?}");
        assert!(all < one && one <= never, "{card_type:?}: {one}, {never}");
    }
}

#[test]
fn an_answer_that_will_not_open_begins_the_reading_again_short() {
    for card_type in TYPES {
        for pieces in [0, 1, 100] {
            for spoilt in 0..2 {
                let mut card = card(card_type).with_trace();
                let mut answers = 0;
                read_altered(&mut card, pieces, |response| {
                    if answers == spoilt
                        && let Some(last) = response.len().checked_sub(3)
                    {
                        response[last] ^= 1;
                    }
                    answers += 1;
                });
                assert!(card.trace().len() > 49, "{card_type:?} was not read again");
            }
        }
    }
}
