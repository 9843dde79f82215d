//! No `Debug`, no error and no panic message shows anything of a card's content.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod specimen;

use std::fmt::Debug;

use bytes::Bytes;
use specimen::{card, first, object, second, with};
use zairyu_data::{Card, CardFiles, CardNumber, CardType, Error, File, second::PrintedEntries};

/// Every value in these tests is made of this, so that a piece of three characters gives any of them away.
const MARKER: &str = "XQZWVJKYXQZW";

/// Files of a card whose every value is the marker; its number and codes too.
fn marked(card_type: CardType) -> CardFiles {
    let marker = MARKER.as_bytes();
    let objects = |tags: &[&[u8]]| -> Vec<u8> { tags.iter().flat_map(|tag| object(tag, marker)).collect() };
    match card_type {
        CardType::FirstResidenceCard => card(
            card_type,
            &[
                (File::FrontImage, &objects(&[b"\xD0"])),
                (File::FaceImage, &objects(&[b"\xD1"])),
                (File::Address, &objects(&[b"\xD2", b"\xD3", b"\xD4"])),
                (File::ComprehensivePermission, &objects(&[b"\xD5"])),
                (File::IndividualPermission, &objects(&[b"\xD6"])),
                (File::RenewalApplication, &objects(&[b"\xD7"])),
                (File::Signature, &objects(&[b"\xDA", b"\xDB"])),
            ],
        ),
        _ => card(
            card_type,
            &[
                (File::CardNumber, b"\xC2\x0CXQ12345678ZW"),
                (
                    File::PrintedEntries,
                    &specimen::ENTRIES
                        .iter()
                        .flat_map(|(tag, _)| object(&[*tag], marker))
                        .collect::<Vec<u8>>(),
                ),
                (File::NameAndFaceImage, &objects(&[b"\xD0", b"\xD1"])),
                (File::AddressImage, &objects(&[b"\xDF\xD1"])),
                (File::Permissions, &objects(&[b"\xD5", b"\xD6", b"\xD7"])),
                (File::RenewalApplication, &objects(&[b"\xD8"])),
                (File::CommissionerNote, &objects(&[b"\xD9", b"\xDE"])),
                (File::Signature, &objects(&[b"\xDC", b"\xDD"])),
            ],
        ),
    }
}

/// Whether a text shows three characters of the marker: as text, as hexadecimal or as a list of numbers.
fn gives_away(text: &str) -> bool {
    let compact: String = text.split_whitespace().collect();
    MARKER.as_bytes().windows(3).any(|piece| {
        let [a, b, c] = piece else { unreachable!() };
        [
            String::from_utf8(piece.to_vec()).unwrap(),
            format!("{a:02x}{b:02x}{c:02x}"),
            format!("{a:02X}{b:02X}{c:02X}"),
            format!("{a},{b},{c}"),
        ]
        .iter()
        .any(|shape| compact.contains(shape))
    })
}

#[track_caller]
fn shows_nothing(value: &impl Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!gives_away(&text), "{text}");
        assert!(!text.contains("12345678"), "{text}");
    }
}

#[test]
fn the_scan_finds_what_it_looks_for() {
    assert!(gives_away(&format!("{MARKER:?}")));
    assert!(gives_away(&format!("{:?}", MARKER.as_bytes())));
    assert!(gives_away(&format!("{:#?}", MARKER.as_bytes())));
    assert!(gives_away(&format!(
        "{:?}",
        Bytes::from_static(MARKER.as_bytes())
    )));
    assert!(gives_away(&format!(
        "{:x}",
        Bytes::from_static(MARKER.as_bytes())
    )));
    assert!(!gives_away(
        "SignatureObjects(256 bytes, certificate of 1200 bytes)"
    ));
}

#[test]
fn files_and_whole_cards() {
    for card_type in [CardType::FirstResidenceCard, CardType::SecondResidenceCard] {
        let files = marked(card_type);
        shows_nothing(&files);
        shows_nothing(&Card::parse(&files));
    }
    shows_nothing(&Card::parse(&specimen::first_residence_card()));
    shows_nothing(&Card::parse(&specimen::second_residence_card()));
}

#[test]
fn every_part_of_the_first_generation() {
    let card = first(&marked(CardType::FirstResidenceCard));
    shows_nothing(&card);
    let signed = card.signed.unwrap();
    shows_nothing(&signed);
    shows_nothing(signed.front().unwrap());
    shows_nothing(signed.face().unwrap());
    let address = card.address.unwrap().unwrap();
    assert_eq!(address.text, MARKER);
    shows_nothing(&address);
    shows_nothing(&address.recorded_on);
    shows_nothing(address.municipality_code.as_ref().unwrap());
    shows_nothing(&card.comprehensive_permission.unwrap().unwrap());
    shows_nothing(&card.individual_permission.unwrap().unwrap());
    shows_nothing(&card.renewal_application.unwrap().unwrap());
    shows_nothing(&card.signature.unwrap().unwrap());
}

#[test]
fn every_part_of_the_second_generation() {
    let card = second(&marked(CardType::SecondResidenceCard));
    shows_nothing(&card);
    shows_nothing(&card.number.unwrap().unwrap());
    let signed = card.signed.unwrap();
    shows_nothing(&signed);
    shows_nothing(signed.name().unwrap());
    shows_nothing(signed.face().unwrap());
    let entries = signed.entries();
    shows_nothing(entries);
    shows_nothing(&entries.card_expires_on);
    shows_nothing(&entries.date_of_birth);
    shows_nothing(&entries.sex);
    shows_nothing(&entries.nationality);
    shows_nothing(&entries.residence_status);
    shows_nothing(&entries.period_of_stay);
    shows_nothing(&entries.permission_type);
    shows_nothing(&entries.permission_date);
    shows_nothing(&entries.work_restriction);
    shows_nothing(&entries.stay_expires_on);
    shows_nothing(&card.address_image.unwrap().unwrap());
    let permissions = card.permissions.unwrap().unwrap();
    shows_nothing(&permissions);
    shows_nothing(&permissions.comprehensive);
    shows_nothing(&permissions.comprehensive_until);
    shows_nothing(&permissions.individual);
    shows_nothing(&card.renewal_application.unwrap().unwrap());
    let note = card.commissioner_note.unwrap().unwrap();
    assert_eq!(note.text, MARKER);
    shows_nothing(&note);
    shows_nothing(&note.entry);
    shows_nothing(&card.signature.unwrap().unwrap());
    shows_nothing(&CardNumber::parse("XQ12345678ZW").unwrap());
}

/// Known codes have no marker in them; instead, any two of them must look the same.
#[test]
fn known_codes_look_alike() {
    let shown = |entries: [(u8, &[u8]); 5]| {
        let file = specimen::entries_file(&entries);
        let entries = PrintedEntries::parse(&Bytes::from(file)).unwrap();
        let period = entries.period_of_stay.as_ref().unwrap();
        format!(
            "{entries:?} {:?} {:?} {:?} {period:?} {:?} {:?}",
            entries.sex,
            entries.nationality,
            entries.date_of_birth,
            period.length(),
            entries.work_restriction,
        )
    };
    assert_eq!(
        shown([
            (0xC6, b"19990228"),
            (0xC7, b"1"),
            (0xC8, b"USA"),
            (0xCE, b"0000"),
            (0xCC, b"1")
        ]),
        shown([
            (0xC6, b"20010901"),
            (0xC7, b"2"),
            (0xC8, b"VNM"),
            (0xCE, b"0090"),
            (0xCC, b"9")
        ]),
    );
    let shown = |permissions: &[u8], renewal: &[u8], note: &[u8]| {
        let card = second(&card(
            CardType::SecondResidenceCard,
            &[
                (File::Permissions, permissions),
                (File::RenewalApplication, renewal),
                (File::CommissionerNote, note),
            ],
        ));
        format!(
            "{:?} {:?} {:?}",
            card.permissions, card.renewal_application, card.commissioner_note
        )
    };
    assert_eq!(
        shown(b"\xD5\x010\xD7\x010", b"\xD8\x010", b"\xD9\x010"),
        shown(b"\xD5\x011\xD7\x011", b"\xD8\x011", b"\xD9\x011"),
    );
}

#[track_caller]
fn error_shows_nothing(error: Error) {
    shows_nothing(&error);
    shows_nothing(&error.kind());
    assert!(!gives_away(&error.to_string()), "{error}");
    assert!(!error.to_string().contains("12345678"), "{error}");
}

#[test]
fn errors() {
    let marked = marked(CardType::SecondResidenceCard);
    let not_utf8 = [MARKER.as_bytes(), b"\xFF", MARKER.as_bytes()].concat();
    // Each file: not UTF-8, cut off, an object twice, and behind the filler.
    for (file, content) in marked.iter() {
        let tag = &content[..if content[0] == 0xDF { 2 } else { 1 }];
        let twice = [object(tag, MARKER.as_bytes()), object(tag, MARKER.as_bytes())].concat();
        let behind_filler = [&content[..], b"\0", MARKER.as_bytes()].concat();
        for damaged in [
            &object(tag, &not_utf8),
            &content[..content.len() - 1],
            &twice,
            &behind_filler,
        ] {
            let card = second(&with(&marked, file, damaged));
            shows_nothing(&card);
            let errors: Vec<Error> = [
                card.number.err(),
                card.signed.err(),
                card.address_image.err(),
                card.permissions.err(),
                card.renewal_application.err(),
                card.commissioner_note.err(),
                card.signature.err(),
            ]
            .into_iter()
            .flatten()
            .collect();
            let takes_any_bytes = matches!(
                file,
                File::NameAndFaceImage | File::AddressImage | File::Signature
            );
            assert!(takes_any_bytes || !errors.is_empty(), "{file}");
            errors.into_iter().for_each(error_shows_nothing);
        }
    }
    error_shows_nothing(second(&marked).signed.unwrap().message().unwrap_err());
    let malformed = with(&marked, File::CardNumber, b"\xC2\x0CXQ123456789W");
    error_shows_nothing(second(&malformed).number.unwrap_err());
    error_shows_nothing(CardType::from_file(&object(&[0xC1], MARKER.as_bytes())).unwrap_err());
}
