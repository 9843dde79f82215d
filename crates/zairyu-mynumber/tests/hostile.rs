//! Cards that answer anything: no panic, no endless reading, never a second secret.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod driver;

use driver::*;
use proptest::prelude::*;
use zairyu_mynumber::{
    AgeFiles, AnswerError, AttributeFiles, CvAnchors, Error, FaceFiles, JpkiAnchors, JpkiFiles, MAX_FILE_LEN,
    Mode, Policy, Status,
};
use zairyu_mynumber_testcard::Profile;
use zairyu_transport::{Callback, Fault, FaultInjector, Limits};

/// The commands that carry a secret.
fn verifies(trace: &Trace) -> usize {
    trace
        .iter()
        .filter(|(command, _)| command[1] == 0x20 && command.len() > 4)
        .count()
}

fn kind(error: Error) -> AnswerError {
    match error {
        Error::Answer { kind, .. } => kind,
        other => panic!("{other:?}"),
    }
}

/// Plays a card that is honest up to this command and then answers only this.
fn from_then_on(at: usize, response: &[u8]) -> Error {
    let mut card =
        FaultInjector::new(card(Profile::Adult)).inject_from(at, Fault::Response(response.to_vec()));
    let (result, trace) = read_traced(face(), &mut card);
    assert!(verifies(&trace) <= 1);
    result.unwrap_err()
}

/// In mode `face`: 0 SELECT, 1 query, 2 VERIFY, 3 SELECT file, 4 header, 5 body.
const HEADER: usize = 4;

#[test]
fn pieces_without_end_have_one() {
    assert_eq!(
        kind(from_then_on(HEADER, &[0x61, 0x00])),
        AnswerError::TooManyPieces
    );
    assert_eq!(
        kind(from_then_on(HEADER, &[0x61, 0x05])),
        AnswerError::TooManyPieces
    );
    assert_eq!(
        kind(from_then_on(HEADER, &[0x6C, 0x05])),
        AnswerError::WrongLength
    );
    assert_eq!(
        kind(from_then_on(HEADER, &[0x6C, 0x06])),
        AnswerError::WrongLength
    );
    assert_eq!(
        kind(from_then_on(HEADER, &[0x6C, 0x00])),
        AnswerError::WrongLength
    );
}

#[test]
fn more_than_was_asked_for_is_refused() {
    let mut response = vec![0xFF; 6];
    response.extend([0x90, 0x00]);
    let error = from_then_on(HEADER, &response);
    assert_eq!(kind(error), AnswerError::TooLong { allowed: 5, found: 6 });
    let mut response = vec![0xFF; 65_536];
    response.extend([0x90, 0x00]);
    let error = from_then_on(HEADER + 1, &response);
    assert_eq!(
        kind(error),
        AnswerError::TooLong {
            allowed: 256,
            found: 65_536
        }
    );
}

#[test]
fn a_declared_length_drives_nothing() {
    let declared = |header: &[u8]| from_then_on(HEADER, &[header, &[0x90, 0x00]].concat());
    assert_eq!(
        kind(declared(&[0xFF, 0x20, 0x82, 0xFF, 0xFF])),
        AnswerError::FileTooLong { declared: 65_540 }
    );
    let error = declared(&[0xFF, 0x20, 0x82, 0x7F, 0xFB]);
    // 5 + 0x7FFB is one too many; what follows is never asked for.
    assert_eq!(
        kind(error),
        AnswerError::FileTooLong {
            declared: MAX_FILE_LEN + 1
        }
    );
    for header in [
        &[][..],
        &[0xFF],
        &[0xFF, 0x20],
        &[0xFF, 0x20, 0x82, 0x01],
        &[0xFF, 0x20, 0x80, 0, 0],
        &[0xFF, 0x20, 0x84, 0, 0],
    ] {
        assert!(
            matches!(kind(declared(header)), AnswerError::NotAnObject(_)),
            "{header:02X?}"
        );
    }
    // Answered with five bytes for ever, a long file takes too many reads.
    assert_eq!(
        kind(declared(&[0xFF, 0x20, 0x82, 0x7F, 0x00])),
        AnswerError::TooManyPieces
    );
}

/// An object shorter than the first read, which brings filler too.
#[test]
fn filler_behind_a_very_short_object_is_not_kept() {
    let response = vec![0xFF, 0x20, 0x00, 0xFF, 0xFF, 0x90, 0x00];
    let mut card = FaultInjector::new(card(Profile::Adult)).inject(HEADER, Fault::Response(response));
    assert_eq!(read(face(), &mut card).unwrap().face(), [0xFF, 0x20, 0x00]);
}

#[test]
fn a_file_that_ends_early_is_told() {
    for response in [
        &[0x90, 0x00][..],
        &[0x62, 0x82],
        &[1, 2, 3, 0x62, 0x82],
        &[0x6B, 0x00],
    ] {
        let error = from_then_on(HEADER + 1, response);
        assert!(
            matches!(kind(error), AnswerError::FileTruncated { .. }),
            "{response:02X?} {error}"
        );
    }
    assert_eq!(kind(from_then_on(0, &[])), AnswerError::NoStatusWord);
    assert_eq!(kind(from_then_on(HEADER + 1, &[0x90])), AnswerError::NoStatusWord);
}

/// Every answer of every mode, cut at every byte.
#[test]
fn every_answer_cut_anywhere_ends_in_an_error_or_in_files() {
    for mode in Mode::ALL {
        for at in 0..count_commands(mode) {
            for length in [0, 1, 2, 3, 7, 100, 255, 256] {
                let mut card = FaultInjector::new(card(Profile::Adult)).inject(at, Fault::Cut(length));
                if let Ok(trace) = read_any(mode, Policy::default(), &mut card) {
                    assert!(verifies(&trace) <= 1);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A card made of chance, but for a status word that lets readings go on.
    #[test]
    fn any_card_comes_to_an_end(
        mode in prop::sample::select(&Mode::ALL[..]),
        answers in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..300), prop::sample::select(
                &[0x9000_u16, 0x9000, 0x9000, 0x63C3, 0x6282, 0x6105, 0x6100, 0x6C04, 0x6A82, 0x6B00, 0x6983][..])),
            1..40),
    ) {
        let mut answers = answers.into_iter().cycle();
        let mut card = Callback::new(Limits::SHORT, |command: &[u8]| {
            let (mut data, status) = answers.next().unwrap();
            match command {
                // The commands without data; a query needs tries.
                [_, 0x20, _, _] => return Ok(vec![0x63, 0xC2]),
                [_, 0x20 | 0xA4, ..] => return Ok(status.to_be_bytes().to_vec()),
                [.., le] if *le != 0 => data.truncate(usize::from(*le)),
                _ => data.truncate(256),
            }
            data.extend(status.to_be_bytes());
            Ok(data)
        });
        if let Ok(trace) = read_any(mode, Policy::default(), &mut card) {
            prop_assert!(verifies(&trace) <= 1);
        }
    }
}

proptest! {
    /// Files made of chance, behind the header that such a file has.
    #[test]
    fn any_file_can_be_judged(
        body in prop::collection::vec(any::<u8>(), 0..400),
        tag in prop::sample::select(&[0xFF10_u16, 0xFF20, 0xFF30, 0xFF50, 0x7F21, 0x3082][..]),
        inner in prop::sample::select(&[0xDF11_u16, 0xDF22, 0xDF21, 0xDF31, 0xDF51, 0x5F4E][..]),
    ) {
        let object = |tag: u16, value: &[u8]| {
            let length = u16::try_from(value.len()).unwrap().to_be_bytes();
            [&tag.to_be_bytes()[..], &[0x82], &length, value].concat()
        };
        let file = object(tag, &object(inner, &body));
        let anchors = CvAnchors::community_supplied().unwrap();
        let at = "2026-11-22T01:00:00Z".parse().unwrap();
        let face = FaceFiles::new(file.clone(), file.clone(), None).judge(&anchors);
        let age = AgeFiles::new(file.clone(), file.clone(), None).judge(&anchors);
        let attributes =
            AttributeFiles::new(file.clone(), file.clone(), file.clone(), file.clone(), None).judge(&anchors);
        let jpki = JpkiFiles::new(file, None).judge(&JpkiAnchors::new(), at, None);
        prop_assert_eq!(face.face.status(), Status::Failed);
        prop_assert_eq!(age.age.status(), Status::Failed);
        prop_assert_eq!(attributes.attributes.status(), Status::Failed);
        prop_assert_eq!(jpki.certificate.status(), Status::Failed);
    }
}
