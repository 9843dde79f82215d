//! Class 13: answers accepted without secure messaging, or out of their order.
//!
//! OpenSC PR #2772 (MAC and status were not compared), gmrtd #457 (an answer in the clear moved the counter). These cards
//! encrypt, and have neither MAC nor counter: whoever sits between card and reader can exchange whole cryptograms of one
//! session. So nothing read is believed before its signature is checked, and what is not signed is said to be so.

use zairyu::ReadError;
use zairyu::protocol::{AnswerError, Error as CardError};
use zairyu::transport::{Fault, FaultInjector, Limits};
use zairyu_testcard::CardFault;

use crate::{Bounded, TYPES, card, check_sound, commands, good};

#[test]
fn an_answer_in_the_clear_or_badly_padded_is_refused() {
    for card_type in TYPES {
        let issued = good(card_type);
        for limits in [Limits::SHORT, Limits::EXTENDED] {
            let mut refused = 0;
            for at in 0..commands(&issued, limits) {
                for fault in [
                    CardFault::Plain,
                    CardFault::NoPadding,
                    CardFault::ZeroPadding,
                    CardFault::PaddingOnly,
                ] {
                    let result = zairyu::read(
                        &mut Bounded::new(card(&issued, limits).inject(at, fault)),
                        issued.number(),
                    );
                    check_sound(&result, &issued);
                    if let Err(ReadError::Card(CardError::Answer { kind, .. })) = result {
                        refused += usize::from(matches!(
                            kind,
                            AnswerError::NotSecured | AnswerError::BadCryptogram
                        ));
                    }
                }
            }
            // With extended length, the reading begins again with short commands, and succeeds.
            assert!(refused > 10 || limits == Limits::EXTENDED, "{refused}");
        }
    }
}

/// The answer before, once more; and two answers in each other's place.
#[test]
fn replayed_and_reordered_answers_verify_nothing() {
    for card_type in TYPES {
        let issued = good(card_type);
        for limits in [Limits::SHORT, Limits::EXTENDED] {
            for at in 0..commands(&issued, limits) {
                let stale = FaultInjector::new(card(&issued, limits)).inject(at, Fault::Stale);
                check_sound(&zairyu::read(&mut Bounded::new(stale), issued.number()), &issued);
            }
        }
        // The answers of one session, each given in place of each later one.
        let mut answers = Vec::new();
        let mut recorded = card(&issued, Limits::EXTENDED);
        let mut phone = zairyu::transport::Callback::new(Limits::EXTENDED, |command: &[u8]| {
            let answer = recorded.process(command);
            answers.push(answer.clone());
            Ok(answer)
        });
        zairyu::read(&mut phone, issued.number()).unwrap();
        for (at, answer) in answers.iter().enumerate() {
            for place in 0..answers.len() {
                if place == at {
                    continue;
                }
                let faulty = FaultInjector::new(card(&issued, Limits::EXTENDED))
                    .inject(place, Fault::Response(answer.clone()));
                check_sound(&zairyu::read(&mut Bounded::new(faulty), issued.number()), &issued);
            }
        }
    }
}

/// Good data under a bad status, and the other way round.
#[test]
fn status_and_data_that_contradict_each_other() {
    for card_type in TYPES {
        let issued = good(card_type);
        for at in 0..commands(&issued, Limits::EXTENDED) {
            for status in [0x6300, 0x6700, 0x6982, 0x6988, 0x6A82, 0x9001, 0x0000] {
                let faulty = FaultInjector::new(card(&issued, Limits::EXTENDED))
                    .inject(at, Fault::OtherStatus(status));
                check_sound(&zairyu::read(&mut Bounded::new(faulty), issued.number()), &issued);
            }
        }
    }
}

/// Every block of every cryptogram changed: what decrypts to something else is never called verified.
#[test]
fn a_changed_cryptogram_verifies_nothing() {
    for card_type in TYPES {
        let issued = good(card_type);
        for at in 0..commands(&issued, Limits::EXTENDED) {
            for offset in (0..20).chain((20..7_000).step_by(997)) {
                let flipped = Fault::Flipped { offset, xor: 0x80 };
                let faulty = FaultInjector::new(card(&issued, Limits::EXTENDED)).inject(at, flipped);
                check_sound(&zairyu::read(&mut Bounded::new(faulty), issued.number()), &issued);
            }
        }
    }
}
