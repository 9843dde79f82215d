//! Class 14: a silent step down to something weaker, and failures that tell an attacker which check failed.
//!
//! The case TC-AC-01, where gmrtd and JMRTD step down silently; Chothia and Smirnov 2010 (a passport that answers a wrong
//! MAC and a wrong nonce differently can be traced); OpenSC CVE-2023-5992 (padding). The MAC of an authentication is
//! compared in constant time (`subtle`).

use zairyu::ReadError;
use zairyu::data::CardType;
use zairyu::protocol::{AnswerError, CommandName, Error as CardError};
use zairyu::transport::{Callback, Fault, FaultInjector, Limits};

use crate::{Bounded, TYPES, card, good};

/// The commands that a card which refuses one of them sees, by instruction.
fn seen(card_type: CardType, refused: u8, status: [u8; 2]) -> Vec<u8> {
    let issued = good(card_type);
    let mut card = card(&issued, Limits::EXTENDED);
    let mut instructions = Vec::new();
    let mut phone = Callback::new(Limits::EXTENDED, |command: &[u8]| {
        instructions.push(command[1]);
        Ok(if command[1] == refused {
            status.to_vec()
        } else {
            card.process(command)
        })
    });
    assert!(zairyu::read(&mut phone, issued.number()).is_err());
    instructions
}

/// A refused authentication ends the reading: no other algorithm, no second try, no reading in the clear.
#[test]
fn a_refused_authentication_leads_to_nothing_weaker() {
    for card_type in TYPES {
        for status in [
            [0x6D, 0x00],
            [0x69, 0x85],
            [0x6A, 0x86],
            [0x67, 0x00],
            [0x63, 0x00],
        ] {
            for (refused, name) in [
                (0x84, "GET CHALLENGE"),
                (0x82, "MUTUAL AUTHENTICATE"),
                (0x20, "VERIFY"),
            ] {
                let instructions = seen(card_type, refused, status);
                assert_eq!(instructions.last(), Some(&refused), "{name} {status:02X?}");
                let times = instructions
                    .iter()
                    .filter(|instruction| **instruction == refused)
                    .count();
                assert_eq!(times, 1, "{name} {status:02X?}");
            }
        }
    }
}

/// A card cannot make itself be read as one of the other generation: a type that does not fit its keys ends at the
/// authentication.
#[test]
fn a_card_of_another_generation_than_it_says() {
    for (card_type, code) in [
        (CardType::SecondResidenceCard, &b"1"[..]),
        (CardType::FirstResidenceCard, b"05"),
    ] {
        let issued = good(card_type);
        let answer = [
            &[0xC1, u8::try_from(code.len()).unwrap()][..],
            code,
            &[0x90, 0x00],
        ]
        .concat();
        let faulty = FaultInjector::new(card(&issued, Limits::EXTENDED)).inject(1, Fault::Response(answer));
        let error = zairyu::read(&mut Bounded::new(faulty), issued.number()).unwrap_err();
        let ReadError::Card(error) = error else {
            panic!("{error}")
        };
        let command = match error {
            CardError::NumberMismatch { command, .. }
            | CardError::Refused { command, .. }
            | CardError::Answer { command, .. } => command,
            other => panic!("{other:?}"),
        };
        assert_eq!(command, CommandName::MutualAuthenticate);
    }
}

/// Whatever is wrong in the card's proof (MAC, padding, either challenge), the error is the same.
#[test]
fn every_wrong_byte_of_the_proof_is_the_same_failure() {
    for card_type in TYPES {
        let issued = good(card_type);
        // Common data, card type, challenge; the proof is the fourth answer.
        for offset in 0..40 {
            for xor in [0x01, 0x80, 0xFF] {
                let faulty = FaultInjector::new(card(&issued, Limits::EXTENDED))
                    .inject(3, Fault::Flipped { offset, xor });
                let error = zairyu::read(&mut Bounded::new(faulty), issued.number()).unwrap_err();
                let expected = CardError::Answer {
                    command: CommandName::MutualAuthenticate,
                    kind: AnswerError::NotAuthentic,
                };
                assert!(
                    matches!(error, ReadError::Card(found) if found == expected),
                    "{offset} {xor}: {error:?}"
                );
            }
        }
    }
}
