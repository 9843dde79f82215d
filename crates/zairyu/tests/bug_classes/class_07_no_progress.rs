//! Class 7: a loop without progress.
//!
//! image-tiff #31, OpenJPEG CVE-2023-39327, str0m #1017, and the read loop of NFCPassportReader that a READ BINARY with
//! no bytes keeps going. `Bounded` fails the test when a reading takes more commands than any can.

use zairyu::data::CardType;
use zairyu::transport::{Fault, FaultInjector, Limits};
use zairyu_testcard::{CardBuilder, Field};

use crate::{Bounded, TYPES, card, check_sound, commands, good, issue, report};

#[test]
fn a_card_that_answers_with_nothing_for_ever() {
    for card_type in TYPES {
        let issued = good(card_type);
        for limits in [Limits::SHORT, Limits::EXTENDED] {
            for at in 0..commands(&issued, limits) {
                for answer in [
                    &b"\x90\x00"[..],
                    b"\x62\x82",
                    b"\x00\x90\x00",
                    b"\x86\x01\x01\x90\x00",
                    b"1\x90\x00",
                ] {
                    let faulty = FaultInjector::new(card(&issued, limits))
                        .inject_from(at, Fault::Response(answer.to_vec()));
                    let result = zairyu::read(&mut Bounded::new(faulty), issued.number());
                    check_sound(&result, &issued);
                }
            }
        }
    }
}

/// Always the answer before: the file grows by the same piece for ever.
#[test]
fn a_card_that_repeats_itself_for_ever() {
    for card_type in TYPES {
        let issued = good(card_type);
        for limits in [Limits::SHORT, Limits::EXTENDED] {
            for at in 0..commands(&issued, limits) {
                let faulty = FaultInjector::new(card(&issued, limits)).inject_from(at, Fault::Stale);
                let result = zairyu::read(&mut Bounded::new(faulty), issued.number());
                check_sound(&result, &issued);
            }
        }
    }
}

/// A reader that says before and after each exchange that it failed, and can always be reset.
#[test]
fn a_reader_that_fails_for_ever() {
    use zairyu::transport::ErrorKind;
    let issued = good(CardType::FirstResidenceCard);
    for kind in [
        ErrorKind::ExchangeFailed,
        ErrorKind::LengthNotSupported,
        ErrorKind::TimedOut,
    ] {
        for at in 0..commands(&issued, Limits::EXTENDED) {
            for fault in [Fault::Error(kind), Fault::ErrorAfterwards(kind)] {
                let faulty = FaultInjector::new(card(&issued, Limits::EXTENDED)).inject_from(at, fault);
                assert!(zairyu::read(&mut Bounded::new(faulty), issued.number()).is_err());
            }
        }
    }
}

#[test]
fn pictures_that_lead_in_a_circle() {
    // A directory whose successor is itself; a JP2 box and a tile-part of length 0 and 8, which end nowhere.
    let tiff = b"II*\0\x08\0\0\0\0\0\x08\0\0\0".to_vec();
    let boxes = [&b"\0\0\0\x0CjP  \r\n\x87\n"[..], &b"\0\0\0\x08free".repeat(300)].concat();
    let endless = [&b"\0\0\0\x0CjP  \r\n\x87\n"[..], &b"\0\0\0\0jp2c"[..], &[0; 20]].concat();
    for picture in [tiff, boxes, endless] {
        let builder = CardBuilder::new(CardType::SecondResidenceCard).with(Field::FaceImage, picture);
        let report = report(&issue(&builder));
        assert!(report.is_signature_verified());
        assert!(report.images.face.unwrap().decode().is_err());
    }
}
