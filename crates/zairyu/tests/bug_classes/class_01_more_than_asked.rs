//! Class 1: the card returns more than it was asked for.
//!
//! OpenSC CVE-2025-49010 (GET RESPONSE wrote past its buffer), libnfc #213 (the size of the caller's buffer is not
//! looked at), the guard in gmrtd's `ReadBinaryFromOffset`.

use zairyu::ReadError;
use zairyu::protocol::{AnswerError, Error as CardError};
use zairyu::transport::{Fault, FaultInjector, Limits};

use crate::{Bounded, TYPES, card, check_sound, commands, good};

#[test]
fn a_response_longer_than_wanted_is_an_error_or_changes_nothing() {
    let mut too_long = 0;
    for card_type in TYPES {
        let issued = good(card_type);
        for limits in [Limits::SHORT, Limits::EXTENDED] {
            for at in 0..commands(&issued, limits) {
                for fault in [
                    Fault::Extended(vec![0x5A]),
                    Fault::Extended(vec![0x00; 300]),
                    Fault::Extended(vec![0x5A; 65_536]),
                    Fault::Response([vec![0xC1; 65_536], vec![0x90, 0x00]].concat()),
                ] {
                    let faulty = FaultInjector::new(card(&issued, limits)).inject(at, fault);
                    let result = zairyu::read(&mut Bounded::new(faulty), issued.number());
                    check_sound(&result, &issued);
                    if let Err(ReadError::Card(CardError::Answer { kind, .. })) = result {
                        too_long += usize::from(matches!(kind, AnswerError::TooLong { .. }));
                    }
                }
            }
        }
    }
    // Not every place can tell: under secure messaging the longer answer is no cryptogram.
    assert!(too_long > 50, "{too_long}");
}

/// `61xx` says that more is waiting; a card can say so for ever. These cards' protocol has no GET RESPONSE.
#[test]
fn more_is_waiting_for_ever() {
    for card_type in TYPES {
        let issued = good(card_type);
        for status in [0x6100, 0x61FF, 0x6C00, 0x6C01] {
            for at in 0..commands(&issued, Limits::SHORT) {
                let faulty =
                    FaultInjector::new(card(&issued, Limits::SHORT)).inject_from(at, Fault::Status(status));
                let result = zairyu::read(&mut Bounded::new(faulty), issued.number());
                assert!(result.is_err(), "{card_type:?} {status:04X} from {at}");
            }
        }
    }
}
