//! Class 15: a handle or a state that outlives its card: after removal, reset, another card, a restarted service.
//!
//! pcsc-lite CVE-2016-10109 (use after release), OpenSC CVE-2021-42778 to CVE-2021-42780, #1822, #2803, CVE-2023-40660 (the
//! state of a PIN shared between sessions). The sweep over all types and faults is in `faults.rs`; the real service is
//! stopped and restarted in `zairyu-pcsc` (`service.rs`).

use zairyu::data::File;
use zairyu::transport::{ErrorKind, Fault, FaultInjector, Limits, Transport};
use zairyu_testcard::{CardBuilder, CardFault};

use crate::{Bounded, TYPES, card, check_sound, commands, good, issue};

#[test]
fn a_card_that_left_is_gone_for_this_transport() {
    for card_type in TYPES {
        let issued = good(card_type);
        for kind in [ErrorKind::CardRemoved, ErrorKind::CardReset, ErrorKind::NoService] {
            for at in 0..commands(&issued, Limits::EXTENDED) {
                let mut left =
                    FaultInjector::new(card(&issued, Limits::EXTENDED)).inject(at, Fault::Gone(kind));
                for _ in 0..3 {
                    let error = zairyu::read(&mut Bounded::new(&mut left), issued.number()).unwrap_err();
                    assert!(
                        matches!(&error, zairyu::ReadError::Transport(error) if error.kind() == kind),
                        "{error:?}"
                    );
                }
            }
        }
    }
}

/// Another card at any command, and nobody says so: what comes out is of one card, or verifies as none.
#[test]
fn another_card_in_the_midst_never_mixes() {
    for card_type in TYPES {
        let issued = good(card_type);
        let other = issue(&CardBuilder::new(card_type).number("XY87654321ZW"));
        // The same number, so that the other card would let itself be read.
        let twin = issue(
            &CardBuilder::new(card_type)
                .with(zairyu_testcard::Field::RenewalApplication, "1")
                .certificate_serial(77),
        );
        for limits in [Limits::SHORT, Limits::EXTENDED] {
            for at in 0..commands(&issued, limits) {
                for replacement in [&other, &twin] {
                    let swapped =
                        card(&issued, limits).inject(at, CardFault::OtherCard(Box::new(replacement.clone())));
                    let mut bounded = Bounded::new(swapped);
                    let result = zairyu::read(&mut bounded, issued.number());
                    if let Ok(reading) = &result {
                        // Files of both are possible only where the same number opens both and the reading began anew.
                        let same = |issued: &zairyu_testcard::IssuedCard| {
                            reading
                                .files()
                                .iter()
                                .filter(|(file, _)| !matches!(file, File::CardType | File::CommonData))
                                .all(|(file, content)| issued.file(file) == Some(content))
                        };
                        assert!(same(&issued) || same(replacement), "{card_type:?} at {at}");
                    } else {
                        check_sound(&result, &issued);
                    }
                    // After a reset, the card that is there now is read from its beginning.
                    bounded.commands = 0;
                    bounded.reset().unwrap();
                    let again = zairyu::read(&mut bounded, replacement.number());
                    if result.is_err() {
                        assert_eq!(*again.unwrap().files(), replacement.card_files());
                    }
                }
            }
        }
    }
}

/// A session that the card lost is never taken up again.
#[test]
fn a_reset_that_nobody_announces_ends_the_session() {
    for card_type in TYPES {
        let issued = good(card_type);
        let total = commands(&issued, Limits::EXTENDED);
        for at in 0..total {
            let reset = card(&issued, Limits::EXTENDED).inject(at, CardFault::SilentReset);
            let result = zairyu::read(&mut Bounded::new(reset), issued.number());
            check_sound(&result, &issued);
        }
    }
}
