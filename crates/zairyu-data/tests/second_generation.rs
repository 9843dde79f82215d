//! Every data object of the second generation, from bytes laid out by hand after 第２世代在留カード等仕様書 Ver 1.1,
//! §3.3.4 and §3.4.3.1.
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
use specimen::{
    CERTIFICATE_ENTRIES, ENTRIES, LengthForm, card, entries_file, filled, images_file, object, object_in,
    picture, relabelled, second, with, without,
};
use zairyu_data::{
    CardDate, CardFiles, CardType, CommissionerEntry, ComprehensivePermission, Error, ErrorKind, File,
    IndividualPermission, Labelled, Part, RenewalApplication, Sex, StayLength, WorkRestriction,
    second::SignedEntries,
};
use zairyu_tlv::{ErrorKind as Tlv, Tag};

const CARD: CardType = CardType::SecondResidenceCard;

fn missing(tag: u16) -> ErrorKind {
    ErrorKind::MissingObject { tag: Tag::new(tag) }
}

fn fault(error: Error) -> (File, ErrorKind, usize) {
    (error.file(), error.kind(), error.offset())
}

fn signed(files: &CardFiles) -> SignedEntries {
    second(files).signed.unwrap()
}

#[test]
fn a_whole_card() {
    let card = second(&specimen::second_residence_card());
    assert_eq!(card.specification_version.unwrap().unwrap(), "0001");
    assert_eq!(card.number.unwrap().unwrap().expose(), "AA12345678BB");
    let signed = card.signed.unwrap();
    assert_eq!(signed.name().unwrap().bytes(), &specimen::name_image());
    assert_eq!(signed.face().unwrap().bytes(), &specimen::second_face_image());
    let entries = signed.entries();
    let day = |date: &Option<CardDate>| date.as_ref().unwrap().day().unwrap();
    assert_eq!(day(&entries.card_expires_on), date(2031, 7, 4));
    assert_eq!(day(&entries.date_of_birth), date(1999, 2, 28));
    assert!(entries.sex == Some(Sex::Female));
    assert_eq!(entries.nationality.as_ref().unwrap().ja(), Some("ベトナム"));
    assert_eq!(entries.residence_status.as_ref().unwrap().as_str(), "T410010000");
    let period = entries.period_of_stay.as_ref().unwrap();
    assert!(period.length() == StayLength::YearsAndMonths { years: 1, months: 3 });
    assert_eq!(entries.permission_type.as_ref().unwrap().as_str(), "0A");
    assert_eq!(day(&entries.permission_date), date(2026, 7, 4));
    assert!(entries.work_restriction == Some(WorkRestriction::NotPermitted));
    assert_eq!(day(&entries.stay_expires_on), date(2027, 10, 4));
    assert_eq!(
        card.address_image.unwrap().unwrap().bytes(),
        &specimen::address_image()
    );
    let permissions = card.permissions.unwrap().unwrap();
    assert!(permissions.comprehensive == ComprehensivePermission::TwentyEightHours);
    assert_eq!(permissions.comprehensive_until.day(), Some(date(2027, 10, 4)));
    assert!(permissions.individual == IndividualPermission::None);
    assert!(card.renewal_application.unwrap() == Some(RenewalApplication::Pending));
    let note = card.commissioner_note.unwrap().unwrap();
    assert!(note.entry == CommissionerEntry::Recorded);
    assert_eq!(note.text, "入管法第十九条の四");
    let signature = card.signature.unwrap().unwrap();
    assert_eq!(signature.check_code(), &picture(&[], 96, 0));
    assert_eq!(
        signature.certificate(),
        &picture(&hex!("30820252"), 598, 0),
        "without the file's filler"
    );
}

#[test]
fn a_special_permanent_resident_certificate_has_fewer_files_and_entries() {
    let card = second(&specimen::second_special_permanent_resident());
    assert!(card.permissions.unwrap().is_none());
    assert!(card.renewal_application.unwrap().is_none());
    assert!(card.commissioner_note.unwrap().is_some());
    assert!(card.number.unwrap().is_some());
    assert!(card.address_image.unwrap().is_some());
    let signed = card.signed.unwrap();
    let entries = signed.entries();
    assert!(entries.card_expires_on.is_some() && entries.date_of_birth.is_some());
    assert!(entries.sex.is_some() && entries.nationality.is_some());
    assert!(entries.residence_status.is_some() && entries.period_of_stay.is_some());
    assert!(entries.permission_type.is_none() && entries.permission_date.is_none());
    assert!(entries.work_restriction.is_none() && entries.stay_expires_on.is_none());
}

/// The file tables of the specified cards are not public; their objects are those of the second generation.
#[test]
fn specified_cards_are_typed_from_whatever_was_read() {
    let files = relabelled(
        &specimen::second_residence_card(),
        CardType::SpecifiedResidenceCard,
    );
    let card = second(&files);
    assert!(card.number.unwrap().is_some());
    assert!(card.permissions.unwrap().is_some());
    let on_its_own_card = signed(&specimen::second_residence_card());
    assert_eq!(card.signed.unwrap().message(), on_its_own_card.message());

    let nothing = second(&CardFiles::new(CardType::SpecifiedSpecialPermanentResident));
    assert!(nothing.number.unwrap().is_none());
    assert!(nothing.permissions.unwrap().is_none());
    assert_eq!(
        fault(nothing.signed.unwrap_err()),
        (File::PrintedEntries, ErrorKind::MissingFile, 0)
    );
}

/// `81 xx` and `82 xx xx` stand for the same lengths as the shorter forms, in signed and unsigned files.
#[test]
fn lengths_need_not_be_minimal() {
    let mut values: Vec<(File, &[u8], Vec<u8>)> = ENTRIES
        .iter()
        .map(|(tag, value)| (File::PrintedEntries, std::slice::from_ref(tag), value.to_vec()))
        .collect();
    values.extend([
        (File::CommonData, &hex!("C0")[..], b"0001".to_vec()),
        (File::CardNumber, &hex!("C2"), b"AA12345678BB".to_vec()),
        (File::NameAndFaceImage, &hex!("D0"), picture(b"II*\0", 127, 0)),
        (File::NameAndFaceImage, &hex!("D1"), picture(&[], 127, 0)),
        (File::AddressImage, &hex!("DFD1"), picture(&[], 127, 0)),
        (File::Permissions, &hex!("D5"), b"2".to_vec()),
        (File::Permissions, &hex!("D6"), b"20271004".to_vec()),
        (File::Permissions, &hex!("D7"), b"1".to_vec()),
        (File::RenewalApplication, &hex!("D8"), b"0".to_vec()),
        (File::CommissionerNote, &hex!("D9"), b"1".to_vec()),
        (File::CommissionerNote, &hex!("DE"), "備考".into()),
        (File::Signature, &hex!("DC"), picture(&[], 96, 0)),
        (File::Signature, &hex!("DD"), picture(&[], 127, 0)),
    ]);
    let parsed = |form: LengthForm| {
        let mut contents: BTreeMap<File, Vec<u8>> = BTreeMap::new();
        for (file, tag, value) in &values {
            contents
                .entry(*file)
                .or_default()
                .extend(object_in(form, tag, value));
        }
        let mut files = CardFiles::new(CARD);
        for (file, content) in contents {
            files.insert(file, Bytes::from(content));
        }
        let card = second(&files);
        let signed = card.signed.unwrap();
        (
            card.specification_version.unwrap().unwrap(),
            card.number.unwrap().unwrap(),
            signed.message().unwrap(),
            signed,
            card.address_image.unwrap().unwrap(),
            card.permissions.unwrap().unwrap(),
            card.renewal_application.unwrap().unwrap(),
            card.commissioner_note.unwrap().unwrap(),
            card.signature.unwrap().unwrap(),
        )
    };
    let shortest = parsed(LengthForm::Short);
    assert_eq!(shortest.7.text, "備考");
    assert!(shortest == parsed(LengthForm::One));
    assert!(shortest == parsed(LengthForm::Two));
}

#[test]
fn card_number() {
    let parse = |bytes: &[u8]| second(&card(CARD, &[(File::CardNumber, bytes)])).number;
    assert_eq!(
        parse(b"\xC2\x0CAA12345678BB").unwrap().unwrap().expose(),
        "AA12345678BB"
    );
    let malformed = (File::CardNumber, ErrorKind::MalformedCardNumber, 2);
    // On the chip it stands as it is: what a person may type is not a card's to write.
    for value in [
        &b"aa12345678bb"[..],
        b"AA-12345678-BB",
        b" AA12345678BB",
        "ＡＡ12345678BB".as_bytes(),
        b"AA12345678B",
        b"AA12345678BBC",
        b"A112345678BB",
        b"\0\0\0\0\0\0\0\0\0\0\0\0",
        b"",
    ] {
        assert_eq!(fault(parse(&object(&[0xC2], value)).unwrap_err()), malformed);
    }
    let shift_jis = (File::CardNumber, ErrorKind::NotUtf8 { tag: Tag::new(0xC2) }, 4);
    assert_eq!(fault(parse(b"\xC2\x04AA\x82\x60").unwrap_err()), shift_jis);
    assert_eq!(
        fault(parse(&[0; 14]).unwrap_err()),
        (File::CardNumber, missing(0xC2), 0)
    );
}

mod printed_entries {
    use super::*;

    /// A card with this printed entries file and a name image.
    fn with_entries(card_type: CardType, bytes: &[u8]) -> CardFiles {
        card(
            card_type,
            &[
                (File::PrintedEntries, bytes),
                (File::NameAndFaceImage, &object(&[0xD0], b"name")),
            ],
        )
    }

    /// The specified entries with the value of one exchanged.
    fn exchanged(tag: u8, value: &[u8]) -> Vec<u8> {
        let exchanged = ENTRIES.map(|(each, own)| (each, if each == tag { value } else { own }));
        entries_file(&exchanged)
    }

    #[test]
    fn blank_and_impossible_dates() {
        for (tag, value, expected) in [
            (0xC5, &b"\0\0\0\0\0\0\0\0"[..], CardDate::Blank),
            (0xCD, b"        ", CardDate::Blank),
            (0xC6, b"", CardDate::Blank),
            (0xC6, b"00000000", CardDate::Other("00000000".to_owned())),
            (0xCB, b"20230230", CardDate::Other("20230230".to_owned())),
            (0xCD, b"20280229", CardDate::Day(date(2028, 2, 29))),
        ] {
            let signed = signed(&with_entries(CARD, &exchanged(tag, value)));
            let entries = signed.entries();
            let parsed = match tag {
                0xC5 => &entries.card_expires_on,
                0xC6 => &entries.date_of_birth,
                0xCB => &entries.permission_date,
                _ => &entries.stay_expires_on,
            };
            assert!(parsed.as_ref() == Some(&expected), "{tag:02X}");
            assert_eq!(signed.message().is_ok(), value.len() == 8);
        }
    }

    #[test]
    fn entries_that_are_not_there_are_none() {
        let signed = signed(&with_entries(CARD, &[0; 73]));
        let entries = signed.entries();
        assert!(entries.card_expires_on.is_none() && entries.date_of_birth.is_none());
        assert!(entries.sex.is_none() && entries.nationality.is_none());
        assert!(entries.residence_status.is_none() && entries.period_of_stay.is_none());
        assert!(entries.permission_type.is_none() && entries.permission_date.is_none());
        assert!(entries.work_restriction.is_none() && entries.stay_expires_on.is_none());
        assert_eq!(
            fault(signed.message().unwrap_err()),
            (File::PrintedEntries, ErrorKind::UnspecifiedOrder, 0)
        );
    }

    #[test]
    fn shift_jis_is_an_error_and_not_mojibake() {
        // 男 in Shift_JIS where the code should be; `C7` stands behind two objects of ten bytes.
        let error = second(&with_entries(CARD, &exchanged(0xC7, &hex!("926A"))))
            .signed
            .unwrap_err();
        let kind = ErrorKind::NotUtf8 { tag: Tag::new(0xC7) };
        assert_eq!(fault(error), (File::PrintedEntries, kind, 22));
        for (tag, _) in ENTRIES {
            let error = second(&with_entries(CARD, &object(&[tag], b"1\xFF")))
                .signed
                .unwrap_err();
            let kind = ErrorKind::NotUtf8 {
                tag: Tag::new(tag.into()),
            };
            assert_eq!(fault(error), (File::PrintedEntries, kind, 3));
        }
    }

    /// The signature covers values without tags: only the specified tags in the specified order give it a meaning.
    #[test]
    fn another_order_gives_no_message() {
        for first in 0..ENTRIES.len() {
            for second in first + 1..ENTRIES.len() {
                let mut entries = ENTRIES;
                entries.swap(first, second);
                let signed = signed(&with_entries(CARD, &entries_file(&entries)));
                let offset: usize = ENTRIES[..first].iter().map(|(_, value)| value.len() + 2).sum();
                assert_eq!(
                    fault(signed.message().unwrap_err()),
                    (File::PrintedEntries, ErrorKind::UnspecifiedOrder, offset + 2)
                );
                assert!(
                    signed.entries().sex == Some(Sex::Female),
                    "it can still be shown as unverified"
                );
            }
        }
    }

    /// Expiry and birth date have the same length: with their tags exchanged, the signed bytes would be the same.
    #[test]
    fn exchanged_tags_give_no_message() {
        let mut entries = ENTRIES;
        (entries[0].0, entries[1].0) = (0xC6, 0xC5);
        let signed = signed(&with_entries(CARD, &entries_file(&entries)));
        assert_eq!(
            fault(signed.message().unwrap_err()),
            (File::PrintedEntries, ErrorKind::UnspecifiedOrder, 2)
        );
    }

    #[test]
    fn a_missing_entry_gives_no_message() {
        for left_out in 0..ENTRIES.len() {
            let mut entries = ENTRIES.to_vec();
            entries.remove(left_out);
            let signed = signed(&with_entries(CARD, &entries_file(&entries)));
            let before: usize = ENTRIES[..left_out].iter().map(|(_, value)| value.len() + 2).sum();
            let offset = if left_out == 9 { 0 } else { before + 2 };
            assert_eq!(
                fault(signed.message().unwrap_err()),
                (File::PrintedEntries, ErrorKind::UnspecifiedOrder, offset)
            );
        }
    }

    #[test]
    fn an_unknown_entry_gives_no_message() {
        for position in 0..=ENTRIES.len() {
            let mut entries = ENTRIES.to_vec();
            entries.insert(position, (0xC3, b""));
            let signed = signed(&with_entries(CARD, &entries_file(&entries)));
            let before: usize = ENTRIES[..position].iter().map(|(_, value)| value.len() + 2).sum();
            assert_eq!(
                fault(signed.message().unwrap_err()),
                (File::PrintedEntries, ErrorKind::UnspecifiedOrder, before + 2)
            );
        }
    }

    #[test]
    fn an_entry_that_is_there_twice_is_refused() {
        for (tag, value) in ENTRIES {
            let bytes = [entries_file(&ENTRIES), object(&[tag], value)].concat();
            let error = second(&with_entries(CARD, &bytes)).signed.unwrap_err();
            let kind = ErrorKind::DuplicateObject {
                tag: Tag::new(tag.into()),
            };
            assert_eq!(fault(error), (File::PrintedEntries, kind, 75));
        }
    }

    /// 53 bytes in all would not do: the borders between the values must be the specified ones.
    #[test]
    fn another_length_gives_no_message() {
        let mut offset = 2;
        for (tag, value) in ENTRIES {
            let longer = [value, b"1"].concat();
            for other in [&[][..], &value[1..], &longer] {
                let signed = signed(&with_entries(CARD, &exchanged(tag, other)));
                let kind = ErrorKind::WrongLength {
                    tag: Tag::new(tag.into()),
                    specified: value.len(),
                    found: other.len(),
                };
                assert_eq!(
                    fault(signed.message().unwrap_err()),
                    (File::PrintedEntries, kind, offset)
                );
            }
            offset += value.len() + 2;
        }
        let mut entries = ENTRIES;
        (entries[0].1, entries[1].1) = (b"2031070", b"419990228");
        let signed = signed(&with_entries(CARD, &entries_file(&entries)));
        assert!(matches!(
            signed.message().unwrap_err().kind(),
            ErrorKind::WrongLength {
                specified: 8,
                found: 7,
                ..
            }
        ));
    }

    #[test]
    fn each_kind_of_card_has_its_own_entries() {
        let certificate = entries_file(&ENTRIES[..CERTIFICATE_ENTRIES]);
        for (card_type, expected) in [
            (CardType::SecondSpecialPermanentResident, true),
            (CardType::SpecifiedSpecialPermanentResident, true),
            (CardType::SecondResidenceCard, false),
            (CardType::SpecifiedResidenceCard, false),
        ] {
            let message = signed(&with_entries(card_type, &certificate)).message();
            assert_eq!(message.is_ok(), expected);
            let message = signed(&with_entries(card_type, &entries_file(&ENTRIES))).message();
            assert_eq!(message.is_ok(), !expected);
        }
    }

    /// A certificate's entries are signed with 19 bytes of `00` behind them. Under type 05 the same bytes could be
    /// four blank entries.
    #[test]
    fn a_certificate_cannot_be_shown_as_a_residence_card() {
        let mut entries = ENTRIES;
        for (_, value) in &mut entries[CERTIFICATE_ENTRIES..] {
            *value = &[0; 8][..value.len()];
        }
        let blank = signed(&with_entries(CARD, &entries_file(&entries)));
        assert_eq!(
            fault(blank.message().unwrap_err()),
            (File::PrintedEntries, ErrorKind::BlankEntries, 48)
        );
        for index in CERTIFICATE_ENTRIES..ENTRIES.len() {
            let mut entries = entries;
            entries[index].1 = ENTRIES[index].1;
            assert!(
                signed(&with_entries(CARD, &entries_file(&entries)))
                    .message()
                    .is_ok()
            );
        }
    }
}

mod message {
    use super::*;

    #[test]
    fn of_a_residence_card() {
        let message = signed(&specimen::second_residence_card()).message().unwrap();
        assert_eq!(message.len(), 5_553);
        assert_eq!(
            message,
            [
                &b"20310704199902282VNMT41001000001030A20260704920271004"[..],
                &specimen::second_face_image(),
                &specimen::name_image(),
            ]
            .concat()
        );
    }

    #[test]
    fn of_a_special_permanent_resident_certificate() {
        let message = signed(&specimen::second_special_permanent_resident())
            .message()
            .unwrap();
        assert_eq!(message.len(), 5_553);
        assert_eq!(
            message,
            [
                &b"20310704199902282VNMT4100100000103"[..],
                &[0; 19],
                &specimen::second_face_image(),
                &specimen::name_image(),
            ]
            .concat()
        );
    }

    #[test]
    fn short_images_are_filled_up() {
        let files = with(
            &specimen::second_residence_card(),
            File::NameAndFaceImage,
            &filled(images_file(b"name", b"face"), 5508),
        );
        let message = signed(&files).message().unwrap();
        let expected = [
            &b"20310704199902282VNMT41001000001030A20260704920271004face"[..],
            &[0; 2996],
            b"name",
            &[0; 2496],
        ]
        .concat();
        assert_eq!(message, expected);
    }

    #[test]
    fn the_order_of_the_images_in_the_file_does_not_matter() {
        let full = specimen::second_residence_card();
        let exchanged = [
            object(&[0xD1], &specimen::second_face_image()),
            object(&[0xD0], &specimen::name_image()),
        ]
        .concat();
        let other = signed(&with(&full, File::NameAndFaceImage, &exchanged));
        assert!(other == signed(&full));
        assert_eq!(other.message(), signed(&full).message());
    }

    /// Cards of children under one year carry no face image.
    #[test]
    fn a_face_that_is_not_there_counts_as_padding() {
        let full = specimen::second_residence_card();
        let name = object(&[0xD0], &specimen::name_image());
        for bytes in [
            name.clone(),
            filled(&name, 5508),
            [&name[..], &hex!("D100")].concat(),
            images_file(&specimen::name_image(), &[0; 3000]),
        ] {
            let signed = signed(&with(&full, File::NameAndFaceImage, &bytes));
            assert!(signed.face().is_none());
            let message = signed.message().unwrap();
            assert_eq!(message[53..3053], [0; 3000]);
            assert_eq!(message[3053..], specimen::name_image());
        }
    }

    #[test]
    fn without_a_name_there_is_none() {
        let full = specimen::second_residence_card();
        let face = object(&[0xD1], &specimen::second_face_image());
        for bytes in [
            Vec::new(),
            [0; 5508].to_vec(),
            face.clone(),
            [&hex!("D000")[..], &face].concat(),
            images_file(&[0; 2500], &specimen::second_face_image()),
        ] {
            let signed = signed(&with(&full, File::NameAndFaceImage, &bytes));
            assert!(signed.name().is_none());
            assert_eq!(
                fault(signed.message().unwrap_err()),
                (File::NameAndFaceImage, missing(0xD0), 0)
            );
        }
    }

    #[test]
    fn longer_images_are_refused() {
        let full = specimen::second_residence_card();
        for (bytes, tag, specified) in [
            (object(&[0xD0], &[1; 2501]), 0xD0, 2500),
            (object(&[0xD1], &[1; 3001]), 0xD1, 3000),
        ] {
            let kind = ErrorKind::WrongLength {
                tag: Tag::new(tag),
                specified,
                found: specified + 1,
            };
            let error = second(&with(&full, File::NameAndFaceImage, &bytes))
                .signed
                .unwrap_err();
            assert_eq!(fault(error), (File::NameAndFaceImage, kind, 4));
        }
    }

    #[test]
    fn a_second_image_is_refused() {
        let full = specimen::second_residence_card();
        let bytes = [
            object(&[0xD1], b"shown"),
            images_file(&specimen::name_image(), &specimen::second_face_image()),
        ]
        .concat();
        let error = second(&with(&full, File::NameAndFaceImage, &bytes))
            .signed
            .unwrap_err();
        let kind = ErrorKind::DuplicateObject { tag: Tag::new(0xD1) };
        assert_eq!(fault(error), (File::NameAndFaceImage, kind, 7 + 2504 + 4));
    }

    #[test]
    fn both_files_must_be_there() {
        let full = specimen::second_residence_card();
        for file in [File::PrintedEntries, File::NameAndFaceImage] {
            let error = second(&without(&full, file)).signed.unwrap_err();
            assert_eq!(fault(error), (file, ErrorKind::MissingFile, 0));
        }
    }
}

mod address_image {
    use super::*;

    fn parse(bytes: &[u8]) -> Part<zairyu_data::ImageValue> {
        second(&card(CARD, &[(File::AddressImage, bytes)])).address_image
    }

    #[test]
    fn a_tag_of_two_bytes() {
        let full = [&hex!("DFD1 82 09C4")[..], &specimen::address_image()].concat();
        assert_eq!(full.len(), 2505);
        assert_eq!(parse(&full).unwrap().unwrap().bytes(), &specimen::address_image());
        let short = parse(&filled(hex!("DFD1 03 4D4D00"), 2505)).unwrap();
        assert_eq!(&short.unwrap().bytes()[..], hex!("4D4D00"));
    }

    #[test]
    fn none() {
        for bytes in [
            Vec::new(),
            [0; 2505].to_vec(),
            hex!("DFD100").to_vec(),
            object(&hex!("DFD1"), &[0; 2500]),
        ] {
            assert!(parse(&bytes).unwrap().is_none());
        }
        // `D1` alone is another object.
        let kind = ErrorKind::MissingObject {
            tag: Tag::new(0xDFD1),
        };
        assert_eq!(parse(&object(&[0xD1], b"x")).unwrap_err().kind(), kind);
    }

    #[test]
    fn damaged() {
        let kind = ErrorKind::WrongLength {
            tag: Tag::new(0xDFD1),
            specified: 2500,
            found: 2501,
        };
        let error = parse(&object(&hex!("DFD1"), &[1; 2501])).unwrap_err();
        assert_eq!(fault(error), (File::AddressImage, kind, 5));
        let error = parse(&hex!("DF")).unwrap_err();
        assert_eq!(
            fault(error),
            (File::AddressImage, ErrorKind::Tlv(Tlv::TagTruncated), 1)
        );
    }
}

mod permissions {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<zairyu_data::second::Permissions, Error> {
        let part = second(&card(CARD, &[(File::Permissions, bytes)])).permissions;
        part.map(|permissions| permissions.expect("the file is there"))
    }

    #[test]
    fn either_can_be_granted() {
        let permissions = parse(b"\xD5\x072\0\0\0\0\0\0\xD6\x08\0\0\0\0\0\0\0\0\xD7\x011").unwrap();
        assert!(permissions.comprehensive == ComprehensivePermission::TwentyEightHoursEducation);
        assert!(permissions.comprehensive_until == CardDate::Blank);
        assert!(permissions.individual == IndividualPermission::Granted);
    }

    #[test]
    fn one_of_seven_bytes_is_written() {
        for comprehensive in [&b"1"[..], b"1\0\0\0\0\0\0", b"1      "] {
            let bytes = [object(&[0xD5], comprehensive), object(&[0xD7], b"0")].concat();
            let permissions = parse(&bytes).unwrap();
            assert!(permissions.comprehensive == ComprehensivePermission::TwentyEightHours);
        }
    }

    #[test]
    fn the_date_may_be_missing_or_blank() {
        for date_object in [
            Vec::new(),
            hex!("D600").to_vec(),
            object(&[0xD6], b"        "),
            object(&[0xD6], &[0; 8]),
        ] {
            let bytes = [&object(&[0xD5], b"0")[..], &date_object, &object(&[0xD7], b"0")].concat();
            assert!(parse(&bytes).unwrap().comprehensive_until == CardDate::Blank);
        }
    }

    #[test]
    fn both_permissions_must_be_there() {
        // There is a code for "none", so that an empty file says nothing.
        for (bytes, tag) in [
            (&[0; 22][..], 0xD5),
            (&[], 0xD5),
            (b"\xD7\x010", 0xD5),
            (b"\xD5\x010", 0xD7),
        ] {
            assert_eq!(
                fault(parse(bytes).unwrap_err()),
                (File::Permissions, missing(tag), 0)
            );
        }
    }
}

#[test]
fn renewal_application() {
    let parse = |bytes: &[u8]| second(&card(CARD, &[(File::RenewalApplication, bytes)])).renewal_application;
    assert!(parse(b"\xD8\x010").unwrap() == Some(RenewalApplication::None));
    assert!(parse(b"\xD8\x011").unwrap() == Some(RenewalApplication::Pending));
    // `D7` is the first generation's.
    assert_eq!(
        fault(parse(b"\xD7\x011").unwrap_err()),
        (File::RenewalApplication, missing(0xD8), 0)
    );
}

mod commissioner_note {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<(CommissionerEntry, String), Error> {
        let part = second(&card(CARD, &[(File::CommissionerNote, bytes)])).commissioner_note;
        part.map(|note| {
            let note = note.expect("the file is there");
            (note.entry, note.text)
        })
    }

    #[test]
    fn with_and_without_text() {
        for bytes in [
            b"\xD9\x010".to_vec(),
            filled(b"\xD9\x010", 207),
            filled(b"\xD9\x010\xDE\x00", 207),
            [&b"\xD9\x010\xDE\x82\x00\xC8"[..], &[0; 200]].concat(),
            // 200 bytes also fit this form.
            [&b"\xD9\x010\xDE\x81\xC8"[..], &[0; 200], &[0]].concat(),
        ] {
            assert!(parse(&bytes).unwrap() == (CommissionerEntry::None, String::new()));
        }
        let bytes = [
            &object(&[0xD9], b"1")[..],
            &object(&[0xDE], "記録\0\0".as_bytes()),
        ]
        .concat();
        assert!(parse(&bytes).unwrap() == (CommissionerEntry::Recorded, "記録".to_owned()));
    }

    #[test]
    fn damaged() {
        let file = File::CommissionerNote;
        assert_eq!(fault(parse(&[0; 207]).unwrap_err()), (file, missing(0xD9), 0));
        // 記 in Shift_JIS.
        let error = parse(&hex!("D90131 DE02 8B4C")).unwrap_err();
        assert_eq!(
            fault(error),
            (file, ErrorKind::NotUtf8 { tag: Tag::new(0xDE) }, 5)
        );
    }
}

mod signature {
    use super::*;

    fn parse(bytes: &[u8]) -> Part<zairyu_data::SignatureObjects> {
        second(&card(CARD, &[(File::Signature, bytes)])).signature
    }

    #[test]
    fn certificates_of_598_and_599_bytes() {
        for length in [598, 599, 602] {
            let bytes = [
                object(&[0xDC], &picture(&[], 96, 0)),
                object(&[0xDD], &picture(&[], length, 0)),
            ]
            .concat();
            let signature = parse(&filled(bytes, 704)).unwrap().unwrap();
            assert_eq!(signature.check_code().len(), 96);
            assert_eq!(signature.certificate(), &picture(&[], length, 0));
        }
    }

    #[test]
    fn none() {
        for bytes in [
            Vec::new(),
            [0; 704].to_vec(),
            filled(hex!("DC00 DD00"), 704),
            filled(hex!("DC00"), 704),
        ] {
            assert!(parse(&bytes).unwrap().is_none());
        }
        let files = without(&specimen::second_residence_card(), File::Signature);
        assert!(second(&files).signature.unwrap().is_none());
    }

    #[test]
    fn one_without_the_other_is_damage() {
        for (bytes, tag) in [
            (&hex!("DC0101")[..], 0xDD),
            (&hex!("DC0101 DD00"), 0xDD),
            (&hex!("DD0130"), 0xDC),
            (&hex!("DC00 DD0130"), 0xDC),
            // What the first generation calls them.
            (&hex!("DA0101 DB0130"), 0xDC),
        ] {
            assert_eq!(
                fault(parse(bytes).unwrap_err()),
                (File::Signature, missing(tag), 0)
            );
        }
    }
}

#[test]
fn a_file_that_the_type_lists_must_be_there() {
    let card = second(&CardFiles::new(CARD));
    let lacks = |error: Error| {
        assert_eq!((error.kind(), error.offset()), (ErrorKind::MissingFile, 0));
        error.file()
    };
    assert_eq!(lacks(card.specification_version.unwrap_err()), File::CommonData);
    assert_eq!(lacks(card.number.unwrap_err()), File::CardNumber);
    assert_eq!(lacks(card.signed.unwrap_err()), File::PrintedEntries);
    assert_eq!(lacks(card.address_image.unwrap_err()), File::AddressImage);
    assert_eq!(lacks(card.permissions.unwrap_err()), File::Permissions);
    assert_eq!(
        lacks(card.renewal_application.unwrap_err()),
        File::RenewalApplication
    );
    assert_eq!(lacks(card.commissioner_note.unwrap_err()), File::CommissionerNote);
    assert!(card.signature.unwrap().is_none());
}

#[test]
fn damage_in_one_file_leaves_the_others() {
    let full = specimen::second_residence_card();
    for entry in CARD.files() {
        let card = second(&with(&full, entry.file, &hex!("FF")));
        let damaged = [
            (File::CommonData, card.specification_version.is_err()),
            (File::CardNumber, card.number.is_err()),
            (File::PrintedEntries, card.signed.is_err()),
            (File::AddressImage, card.address_image.is_err()),
            (File::Permissions, card.permissions.is_err()),
            (File::RenewalApplication, card.renewal_application.is_err()),
            (File::CommissionerNote, card.commissioner_note.is_err()),
            (File::Signature, card.signature.is_err()),
        ];
        let file = match entry.file {
            File::NameAndFaceImage => File::PrintedEntries,
            file => file,
        };
        for (part, is_damaged) in damaged {
            assert_eq!(is_damaged, part == file, "{part} when {} is damaged", entry.file);
        }
    }
}
