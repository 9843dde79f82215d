//! Every data object of the first generation, from bytes laid out by hand after 在留カード等仕様書 Ver 1.5, §3.3.4,
//! §3.3.5 and §3.4.3.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod specimen;

use std::collections::BTreeMap;

use bytes::Bytes;
use hex_literal::hex;
use jiff::civil::date;
use specimen::{LengthForm, card, filled, first, object, object_in, picture, with, without};
use zairyu_data::{
    CardDate, CardFiles, CardType, Error, ErrorKind, File, Labelled, RenewalApplication, first::Address,
};
use zairyu_tlv::{ErrorKind as Tlv, Tag};

const CARD: CardType = CardType::FirstResidenceCard;

fn missing(tag: u16) -> ErrorKind {
    ErrorKind::MissingObject { tag: Tag::new(tag) }
}

fn fault(error: Error) -> (File, ErrorKind, usize) {
    (error.file(), error.kind(), error.offset())
}

#[test]
fn a_whole_card() {
    let card = first(&specimen::first_residence_card());
    assert_eq!(card.specification_version.unwrap().unwrap(), "0001");
    let signed = card.signed.unwrap();
    assert_eq!(signed.front().unwrap().bytes(), &specimen::front_image());
    assert_eq!(signed.face().unwrap().bytes(), &specimen::first_face_image());
    let address = card.address.unwrap().unwrap();
    assert_eq!(address.recorded_on.day(), Some(date(2012, 3, 10)));
    assert_eq!(address.municipality_code.unwrap().as_str(), "131016");
    assert_eq!(address.text, "東京都千代田区霞が関１－１－１");
    assert_eq!(
        card.comprehensive_permission.unwrap().unwrap().as_str(),
        "許可：原則週28時間以内"
    );
    assert_eq!(
        card.individual_permission.unwrap().unwrap().as_str(),
        "許可：資格外活動許可書に記載された範囲内の活動"
    );
    assert!(card.renewal_application.unwrap() == Some(RenewalApplication::Pending));
    let signature = card.signature.unwrap().unwrap();
    assert_eq!(signature.check_code(), &picture(&[], 256, 0));
    // With the padding: whoever parses the certificate decides what may stand behind it.
    assert_eq!(signature.certificate(), &picture(&hex!("30820380"), 1200, 300));
}

#[test]
fn a_special_permanent_resident_certificate_has_no_permissions() {
    let card = first(&specimen::first_special_permanent_resident());
    assert!(card.comprehensive_permission.unwrap().is_none());
    assert!(card.individual_permission.unwrap().is_none());
    assert!(card.renewal_application.unwrap().is_none());
    assert!(card.address.unwrap().is_some());
    assert!(card.signed.unwrap().message().is_ok());
    assert!(card.signature.unwrap().is_some());
}

/// `81 xx` and `82 xx xx` stand for the same lengths as the shorter forms.
#[test]
fn lengths_need_not_be_minimal() {
    let values = [
        (File::CommonData, 0xC0, b"0001".to_vec()),
        (File::CardType, 0xC1, b"1".to_vec()),
        (File::Address, 0xD2, b"20120310".to_vec()),
        (File::Address, 0xD3, b"131016".to_vec()),
        (File::Address, 0xD4, specimen::ADDRESS.into()),
        (
            File::ComprehensivePermission,
            0xD5,
            filled(specimen::COMPREHENSIVE, 120),
        ),
        (
            File::IndividualPermission,
            0xD6,
            filled(specimen::INDIVIDUAL, 120),
        ),
        (File::RenewalApplication, 0xD7, b"1".to_vec()),
        (File::FrontImage, 0xD0, picture(b"II*\0", 127, 0)),
        (File::Signature, 0xDA, picture(&[], 127, 0)),
        (File::Signature, 0xDB, picture(&hex!("30"), 127, 3)),
    ];
    let parsed = |form: LengthForm| {
        let mut contents: BTreeMap<File, Vec<u8>> = BTreeMap::new();
        for (file, tag, value) in &values {
            contents
                .entry(*file)
                .or_default()
                .extend(object_in(form, &[*tag], value));
        }
        let mut files = CardFiles::new(CARD);
        for (file, content) in contents {
            files.insert(file, Bytes::from(content));
        }
        let card = first(&files);
        assert_eq!(CardType::from_file(files.get(File::CardType).unwrap()), Ok(CARD));
        (
            card.specification_version.unwrap().unwrap(),
            card.address.unwrap().unwrap(),
            card.comprehensive_permission.unwrap().unwrap(),
            card.individual_permission.unwrap().unwrap(),
            card.renewal_application.unwrap().unwrap(),
            card.signed.unwrap().front().unwrap().clone(),
            card.signature.unwrap().unwrap(),
        )
    };
    let shortest = parsed(LengthForm::Short);
    assert_eq!(shortest.1.text, specimen::ADDRESS);
    assert!(shortest == parsed(LengthForm::One));
    assert!(shortest == parsed(LengthForm::Two));
}

mod address {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Address, Error> {
        let part = first(&card(CARD, &[(File::Address, bytes)])).address;
        part.map(|address| address.expect("the file is there"))
    }

    #[track_caller]
    fn refused(bytes: &[u8]) -> (ErrorKind, usize) {
        let error = parse(bytes).unwrap_err();
        assert_eq!(error.file(), File::Address);
        (error.kind(), error.offset())
    }

    #[test]
    fn nothing_was_ever_added() {
        // What such a card holds is not specified.
        for bytes in [
            &[][..],
            &[0; 342],
            &hex!("D200 D300 D400"),
            &[
                &hex!("D208 0000000000000000 D306 000000000000 D4820140")[..],
                &[0; 320],
            ]
            .concat(),
            b"\xD2\x08        \xD3\x06      \xD4\x00",
        ] {
            let address = parse(bytes).unwrap();
            assert!(address.recorded_on == CardDate::Blank);
            assert!(address.municipality_code.is_none());
            assert_eq!(address.text, "");
        }
    }

    #[test]
    fn the_longest_text() {
        // 80 characters of four bytes each, as JIS X 0213 has some outside the basic plane.
        let text = "𠮷".repeat(80);
        assert_eq!(text.len(), 320);
        let bytes = [&hex!("D4820140")[..], text.as_bytes()].concat();
        assert_eq!(parse(&bytes).unwrap().text, text);
    }

    #[test]
    fn only_padding_is_cut_from_the_text() {
        let bytes = object(&[0xD4], b" a\0b \0\0");
        assert_eq!(parse(&bytes).unwrap().text, " a\0b ");
    }

    #[test]
    fn shift_jis_is_an_error_and_not_mojibake() {
        // 東京都 in Shift_JIS, behind valid objects: the first byte of the text is at fault.
        let bytes = [
            b"\xD2\x0820120310\xD3\x06131016\xD4\x06",
            &hex!("938C 8B9E 9373")[..],
        ]
        .concat();
        let not_utf8 = ErrorKind::NotUtf8 { tag: Tag::new(0xD4) };
        assert_eq!(refused(&bytes), (not_utf8, 20));
        // 東 in UTF-8, then 京 in Shift_JIS.
        assert_eq!(refused(&hex!("D405 E69DB1 8B9E")), (not_utf8, 5));
        // UTF-8 cut off inside a character, by the value's end and by padding.
        assert_eq!(refused(&hex!("D405 E69DB1 E4BA")), (not_utf8, 5));
        assert_eq!(refused(&hex!("D406 E69DB1 E4BA 00")), (not_utf8, 5));
        // The same rule for date and code.
        assert_eq!(
            refused(&hex!("D203 3132FF")),
            (ErrorKind::NotUtf8 { tag: Tag::new(0xD2) }, 4)
        );
        assert_eq!(
            refused(&hex!("D303 80 3031")),
            (ErrorKind::NotUtf8 { tag: Tag::new(0xD3) }, 2)
        );
    }

    #[test]
    fn objects_in_any_order_but_once() {
        let bytes = [object(&[0xD4], b"x"), object(&[0xD3], b"131016")].concat();
        let address = parse(&bytes).unwrap();
        assert_eq!(address.text, "x");
        assert_eq!(address.municipality_code.unwrap().as_str(), "131016");
        let bytes = [object(&[0xD4], b"x"), object(&[0xD4], b"y")].concat();
        assert_eq!(
            refused(&bytes),
            (ErrorKind::DuplicateObject { tag: Tag::new(0xD4) }, 5)
        );
    }

    #[test]
    fn a_file_cut_short() {
        let full = specimen::first_residence_card();
        let full = full.get(File::Address).unwrap();
        let at_an_end = [0, 10, 18, full.len()];
        for length in 0..full.len() {
            let parsed = parse(&full[..length]);
            assert_eq!(parsed.is_ok(), at_an_end.contains(&length), "{length}");
        }
    }
}

mod dates {
    use super::*;

    fn parse(value: &[u8]) -> CardDate {
        let file = object(&[0xD2], value);
        let address = first(&card(CARD, &[(File::Address, &file)])).address;
        address.unwrap().unwrap().recorded_on
    }

    #[test]
    fn days() {
        for (value, day) in [
            (&b"20120310"[..], date(2012, 3, 10)),
            (b"20240229", date(2024, 2, 29)),
            (b"20120310\0\0", date(2012, 3, 10)),
            (b"99991231", date(9999, 12, 31)),
        ] {
            let parsed = parse(value);
            assert!(parsed == CardDate::Day(day));
            assert_eq!(parsed.day(), Some(day));
        }
    }

    #[test]
    fn blank() {
        for value in [&b""[..], b"\0", b"\0\0\0\0\0\0\0\0", b"        ", b" \0 \0"] {
            let parsed = parse(value);
            assert!(parsed == CardDate::Blank, "{value:?}");
            assert_eq!(parsed.day(), None);
        }
    }

    #[test]
    fn neither_day_nor_blank_is_shown_as_it_stands() {
        for value in [
            "00000000",
            "20230230",
            "20230229",
            "20231301",
            "20230100",
            "19800000",
            "2012031",
            "201203100",
            "2012-3-1",
            "+2120310",
            "二〇",
            "２０１２",
        ] {
            let parsed = parse(value.as_bytes());
            assert!(parsed == CardDate::Other(value.to_owned()), "{value}");
            assert_eq!(parsed.day(), None);
        }
    }
}

mod permissions {
    use super::*;

    const FILES: [(File, u8); 2] = [
        (File::ComprehensivePermission, 0xD5),
        (File::IndividualPermission, 0xD6),
    ];

    fn parse(file: File, bytes: &[u8]) -> Result<String, Error> {
        let card = first(&card(CARD, &[(file, bytes)]));
        let part = match file {
            File::ComprehensivePermission => card.comprehensive_permission,
            _ => card.individual_permission,
        };
        part.map(|text| text.expect("the file is there").as_str().to_owned())
    }

    #[test]
    fn rewritten_and_never_written() {
        for (file, tag) in FILES {
            for bytes in [
                // Rewritten: `00` for tag, length and value.
                [0; 122].to_vec(),
                Vec::new(),
                object(&[tag], &[]),
                object(&[tag], &[0; 120]),
                [&object(&[tag], &[])[..], &[0; 120]].concat(),
            ] {
                assert_eq!(parse(file, &bytes).unwrap(), "");
            }
        }
    }

    #[test]
    fn each_file_has_its_own_tag() {
        for ((file, tag), (_, other_tag)) in FILES.into_iter().zip(FILES.into_iter().rev()) {
            assert_eq!(parse(file, &object(&[tag], "許可".as_bytes())).unwrap(), "許可");
            let error = parse(file, &object(&[other_tag], b"x")).unwrap_err();
            assert_eq!(fault(error), (file, missing(tag.into()), 0));
        }
    }

    #[test]
    fn shift_jis_is_an_error_and_not_mojibake() {
        for (file, tag) in FILES {
            // 許可 in Shift_JIS; its first byte begins no UTF-8 character.
            let error = parse(file, &object(&[tag], &hex!("8B96 89C2"))).unwrap_err();
            let not_utf8 = ErrorKind::NotUtf8 {
                tag: Tag::new(tag.into()),
            };
            assert_eq!(fault(error), (file, not_utf8, 2));
        }
    }

    #[test]
    fn data_behind_the_filler() {
        let mut bytes = [0; 122];
        bytes[121] = b'x';
        let error = parse(File::ComprehensivePermission, &bytes).unwrap_err();
        assert_eq!(
            fault(error),
            (
                File::ComprehensivePermission,
                ErrorKind::Tlv(Tlv::DataBehindFiller),
                121
            )
        );
    }
}

#[test]
fn renewal_application() {
    let parse = |bytes: &[u8]| first(&card(CARD, &[(File::RenewalApplication, bytes)])).renewal_application;
    let code = |bytes: &[u8]| parse(bytes).unwrap().unwrap().code().to_owned();
    assert!(parse(b"\xD7\x010").unwrap() == Some(RenewalApplication::None));
    assert!(parse(b"\xD7\x011").unwrap() == Some(RenewalApplication::Pending));
    assert_eq!(code(b"\xD7\x012"), "2");
    assert_eq!(code(b"\xD7\x01\0"), "");
    assert_eq!(code(b"\xD7\x00"), "");
    let file = File::RenewalApplication;
    assert_eq!(fault(parse(&[0; 3]).unwrap_err()), (file, missing(0xD7), 0));
    // `D8` is the second generation's.
    assert_eq!(fault(parse(b"\xD8\x011").unwrap_err()), (file, missing(0xD7), 0));
}

#[test]
fn specification_version() {
    let parse = |bytes: &[u8]| first(&card(CARD, &[(File::CommonData, bytes)])).specification_version;
    assert_eq!(parse(b"\xC0\x040002").unwrap().unwrap(), "0002");
    assert_eq!(parse(b"\xC0\x0402\0\0").unwrap().unwrap(), "02");
    assert_eq!(
        fault(parse(&[0; 6]).unwrap_err()),
        (File::CommonData, missing(0xC0), 0)
    );
}

#[test]
fn a_file_that_the_type_lists_must_be_there() {
    let card = first(&CardFiles::new(CARD));
    let lacks = |error: Error| {
        assert_eq!((error.kind(), error.offset()), (ErrorKind::MissingFile, 0));
        error.file()
    };
    assert_eq!(lacks(card.specification_version.unwrap_err()), File::CommonData);
    assert_eq!(lacks(card.signed.unwrap_err()), File::FrontImage);
    assert_eq!(lacks(card.address.unwrap_err()), File::Address);
    assert_eq!(
        lacks(card.comprehensive_permission.unwrap_err()),
        File::ComprehensivePermission
    );
    assert_eq!(
        lacks(card.individual_permission.unwrap_err()),
        File::IndividualPermission
    );
    assert_eq!(
        lacks(card.renewal_application.unwrap_err()),
        File::RenewalApplication
    );
    // Cards of children have no signature.
    assert!(card.signature.unwrap().is_none());
}

#[test]
fn damage_in_one_file_leaves_the_others() {
    let full = specimen::first_residence_card();
    for entry in CARD.files() {
        let card = first(&with(&full, entry.file, &hex!("FF")));
        let damaged = [
            (File::CommonData, card.specification_version.is_err()),
            (File::FrontImage, card.signed.is_err()),
            (File::Address, card.address.is_err()),
            (
                File::ComprehensivePermission,
                card.comprehensive_permission.is_err(),
            ),
            (File::IndividualPermission, card.individual_permission.is_err()),
            (File::RenewalApplication, card.renewal_application.is_err()),
            (File::Signature, card.signature.is_err()),
        ];
        let file = if entry.file == File::FaceImage {
            File::FrontImage
        } else {
            entry.file
        };
        for (part, is_damaged) in damaged {
            assert_eq!(is_damaged, part == file, "{part} when {} is damaged", entry.file);
        }
    }
}

mod signature {
    use super::*;

    fn parse(bytes: &[u8]) -> zairyu_data::Part<zairyu_data::SignatureObjects> {
        first(&card(CARD, &[(File::Signature, bytes)])).signature
    }

    #[test]
    fn cards_of_holders_under_16_have_none() {
        for bytes in [
            // §3.3.5, notes 1 and 2.
            filled(hex!("DA00 DB00"), 1464),
            filled(hex!("DA00"), 1464),
            hex!("DA00 DB00").to_vec(),
            hex!("DA00").to_vec(),
            [0; 1464].to_vec(),
            Vec::new(),
            [&hex!("DA820100")[..], &[0; 256], &hex!("DB8204B0"), &[0; 1200]].concat(),
        ] {
            assert!(parse(&bytes).unwrap().is_none());
        }
        let absent = without(&specimen::first_residence_card(), File::Signature);
        assert!(first(&absent).signature.unwrap().is_none());
    }

    #[test]
    fn one_without_the_other_is_damage() {
        let check_code = object(&[0xDA], &picture(&[], 256, 0));
        let certificate = object(&[0xDB], &picture(&[], 1200, 0));
        for (bytes, tag) in [
            (check_code.clone(), 0xDB),
            ([&check_code[..], &hex!("DB00")].concat(), 0xDB),
            (certificate.clone(), 0xDA),
            ([&hex!("DA00")[..], &certificate].concat(), 0xDA),
            // What the second generation calls them.
            (
                [object(&[0xDC], &[1; 96]), object(&[0xDD], &[1; 598])].concat(),
                0xDA,
            ),
        ] {
            assert_eq!(
                fault(parse(&bytes).unwrap_err()),
                (File::Signature, missing(tag), 0)
            );
        }
    }

    #[test]
    fn both_are_taken_as_they_stand() {
        let signature = parse(&hex!("DA03 010000 DB02 3000")).unwrap().unwrap();
        assert_eq!(&signature.check_code()[..], hex!("010000"));
        assert_eq!(&signature.certificate()[..], hex!("3000"));
    }
}

mod signed_images {
    use super::*;

    #[test]
    fn the_message_is_both_values_with_their_padding() {
        let signed = first(&specimen::first_residence_card()).signed.unwrap();
        let message = signed.message().unwrap().concat();
        assert_eq!(message.len(), 10_000);
        assert_eq!(
            message,
            [specimen::front_image(), specimen::first_face_image()].concat()
        );
        // The same on a special permanent resident certificate.
        let certificate = first(&specimen::first_special_permanent_resident())
            .signed
            .unwrap();
        assert_eq!(certificate.message().unwrap().concat(), message);
    }

    #[test]
    fn images_of_nothing_but_padding_are_still_signed_bytes() {
        let files = card(
            CARD,
            &[
                (File::FrontImage, &[&hex!("D0821B58")[..], &[0; 7000]].concat()),
                (File::FaceImage, &[&hex!("D1820BB8")[..], &[0; 3000]].concat()),
            ],
        );
        let signed = first(&files).signed.unwrap();
        assert!(signed.front().is_none());
        assert!(signed.face().is_none());
        assert_eq!(signed.message().unwrap().concat(), [0; 10_000]);
    }

    #[test]
    fn without_a_face_there_is_no_message() {
        let full = specimen::first_residence_card();
        for files in [
            without(&full, File::FaceImage),
            with(&full, File::FaceImage, &[]),
            with(&full, File::FaceImage, &[0; 3004]),
            with(&full, File::FaceImage, &hex!("D100")),
            with(&full, File::FaceImage, &filled(hex!("D100"), 3004)),
            // The front image's tag.
            with(
                &full,
                File::FaceImage,
                &object(&[0xD0], &specimen::first_face_image()),
            ),
        ] {
            let signed = first(&files).signed.unwrap();
            assert!(signed.front().is_some());
            assert!(signed.face().is_none());
            assert_eq!(
                fault(signed.message().unwrap_err()),
                (File::FaceImage, missing(0xD1), 0)
            );
        }
    }

    #[test]
    fn without_a_front_nothing_is_signed() {
        let full = specimen::first_residence_card();
        let fault_of = |files: &CardFiles| fault(first(files).signed.unwrap_err());
        assert_eq!(
            fault_of(&without(&full, File::FrontImage)),
            (File::FrontImage, ErrorKind::MissingFile, 0)
        );
        for bytes in [&[][..], &[0; 7004], &object(&[0xD1], &specimen::front_image())] {
            assert_eq!(
                fault_of(&with(&full, File::FrontImage, bytes)),
                (File::FrontImage, missing(0xD0), 0)
            );
        }
    }

    #[test]
    fn shorter_images_can_be_shown_but_not_checked() {
        let full = specimen::first_residence_card();
        for (file, tag, specified, found) in [
            (File::FrontImage, 0xD0, 7000, 6999),
            (File::FrontImage, 0xD0, 7000, 300),
            (File::FaceImage, 0xD1, 3000, 2999),
            (File::FaceImage, 0xD1, 3000, 300),
        ] {
            let image = picture(&[], found, 0);
            let signed = first(&with(&full, file, &object(&[tag], &image))).signed.unwrap();
            let shown = if file == File::FrontImage {
                signed.front()
            } else {
                signed.face()
            };
            assert_eq!(shown.unwrap().bytes(), &image);
            let kind = ErrorKind::WrongLength {
                tag: Tag::new(tag.into()),
                specified,
                found,
            };
            assert_eq!(fault(signed.message().unwrap_err()), (file, kind, 4));
        }
    }

    #[test]
    fn longer_images_are_refused() {
        let full = specimen::first_residence_card();
        for (file, tag, specified) in [(File::FrontImage, 0xD0, 7000), (File::FaceImage, 0xD1, 3000)] {
            let image = picture(&[], specified + 1, 0);
            let kind = ErrorKind::WrongLength {
                tag: Tag::new(tag.into()),
                specified,
                found: specified + 1,
            };
            let error = first(&with(&full, file, &object(&[tag], &image)))
                .signed
                .unwrap_err();
            assert_eq!(fault(error), (file, kind, 4));
        }
    }

    #[test]
    fn a_second_image_is_refused() {
        let full = specimen::first_residence_card();
        let bytes = [
            object(&[0xD1], b"shown"),
            object(&[0xD1], &specimen::first_face_image()),
        ]
        .concat();
        let error = first(&with(&full, File::FaceImage, &bytes)).signed.unwrap_err();
        let kind = ErrorKind::DuplicateObject { tag: Tag::new(0xD1) };
        assert_eq!(fault(error), (File::FaceImage, kind, 11));
    }
}
