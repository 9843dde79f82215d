//! Card types and their file tables, against 在留カード等仕様書 Ver 1.5, §3.3.1–§3.3.3 and §4.2.5, and
//! 第２世代在留カード等仕様書 Ver 1.1, §3.3.1–§3.3.3.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod specimen;

use bytes::Bytes;
use hex_literal::hex;
use zairyu_data::{
    Access, CardFiles, CardKind, CardType, Error, ErrorKind, File, FileEntry, Folder, Generation,
};
use zairyu_tlv::{ErrorKind as Tlv, Tag};

/// Where, by which P1 of READ BINARY (`80` and the short identifier), how large.
type Row = (File, Folder, &'static str, u8, usize, Access);

const FREE: Access = Access::Free;
const NUMBER: Access = Access::CardNumber;
const NUMBER_AND_SM: Access = Access::CardNumberAndSecureMessaging;

const TYPE_1: [Row; 9] = [
    (File::CommonData, Folder::Mf, "EF01", 0x8B, 6, FREE),
    (File::CardType, Folder::Mf, "EF02", 0x8A, 3, FREE),
    (File::FrontImage, Folder::Df1, "EF01", 0x85, 7004, NUMBER_AND_SM),
    (File::FaceImage, Folder::Df1, "EF02", 0x86, 3004, NUMBER_AND_SM),
    (File::Address, Folder::Df2, "EF01", 0x81, 342, NUMBER),
    (
        File::ComprehensivePermission,
        Folder::Df2,
        "EF02",
        0x82,
        122,
        NUMBER,
    ),
    (File::IndividualPermission, Folder::Df2, "EF03", 0x83, 122, NUMBER),
    (File::RenewalApplication, Folder::Df2, "EF04", 0x84, 3, NUMBER),
    (File::Signature, Folder::Df3, "EF01", 0x82, 1464, NUMBER),
];

const TYPE_05: [Row; 10] = [
    (File::CommonData, Folder::Mf, "EF01", 0x8B, 6, FREE),
    (File::CardType, Folder::Mf, "EF02", 0x8A, 4, FREE),
    (File::CardNumber, Folder::Df1, "EF01", 0x81, 14, NUMBER_AND_SM),
    (File::PrintedEntries, Folder::Df1, "EF02", 0x83, 73, NUMBER_AND_SM),
    (
        File::NameAndFaceImage,
        Folder::Df1,
        "EF03",
        0x84,
        5508,
        NUMBER_AND_SM,
    ),
    (File::AddressImage, Folder::Df1, "EF04", 0x86, 2505, NUMBER_AND_SM),
    (File::Permissions, Folder::Df2, "EF01", 0x81, 22, NUMBER),
    (File::RenewalApplication, Folder::Df2, "EF02", 0x82, 3, NUMBER),
    (File::CommissionerNote, Folder::Df2, "EF03", 0x83, 207, NUMBER),
    (File::Signature, Folder::Df3, "EF01", 0x82, 704, NUMBER),
];

const TYPE_06: [Row; 8] = [
    (File::CommonData, Folder::Mf, "EF01", 0x8B, 6, FREE),
    (File::CardType, Folder::Mf, "EF02", 0x8A, 4, FREE),
    (File::CardNumber, Folder::Df1, "EF01", 0x81, 14, NUMBER_AND_SM),
    (File::PrintedEntries, Folder::Df1, "EF02", 0x83, 46, NUMBER_AND_SM),
    (
        File::NameAndFaceImage,
        Folder::Df1,
        "EF03",
        0x84,
        5508,
        NUMBER_AND_SM,
    ),
    (File::AddressImage, Folder::Df1, "EF04", 0x86, 2505, NUMBER_AND_SM),
    // Called EF01 here, and still short identifier 3.
    (File::CommissionerNote, Folder::Df2, "EF01", 0x83, 207, NUMBER),
    (File::Signature, Folder::Df3, "EF01", 0x82, 704, NUMBER),
];

fn rows(card_type: CardType) -> Vec<Row> {
    let row = |entry: &FileEntry| {
        let p1 = 0x80 | entry.sfi;
        (
            entry.file,
            entry.folder,
            entry.ef,
            p1,
            entry.capacity,
            entry.access,
        )
    };
    card_type.files().iter().map(row).collect()
}

#[test]
fn tables_of_all_types() {
    assert_eq!(rows(CardType::FirstResidenceCard), TYPE_1);
    assert_eq!(rows(CardType::SecondResidenceCard), TYPE_05);
    assert_eq!(rows(CardType::SecondSpecialPermanentResident), TYPE_06);
}

#[test]
fn type_2_is_type_1_without_what_only_residence_cards_have() {
    let mut expected = TYPE_1.to_vec();
    expected.retain(|row| row.1 != Folder::Df2 || row.2 == "EF01");
    assert_eq!(rows(CardType::FirstSpecialPermanentResident), expected);
}

#[test]
fn tables_of_the_specified_cards_are_not_public() {
    assert!(rows(CardType::SpecifiedResidenceCard).is_empty());
    assert!(rows(CardType::SpecifiedSpecialPermanentResident).is_empty());
}

#[test]
fn application_identifiers() {
    assert_eq!(Folder::Mf.aid(), None);
    assert_eq!(Folder::Df1.aid(), Some(&hex!("D392F0004F0200000000000000000000")));
    assert_eq!(Folder::Df2.aid(), Some(&hex!("D392F0004F0300000000000000000000")));
    assert_eq!(Folder::Df3.aid(), Some(&hex!("D392F0004F0400000000000000000000")));
    let names = [Folder::Mf, Folder::Df1, Folder::Df2, Folder::Df3].map(Folder::name);
    assert_eq!(names, ["MF", "DF1", "DF2", "DF3"]);
}

#[test]
fn short_identifiers_name_one_file_in_their_folder_and_no_folder_comes_twice() {
    for card_type in CardType::ALL {
        let entries = card_type.files();
        let mut folders: Vec<Folder> = entries.iter().map(|entry| entry.folder).collect();
        folders.dedup();
        if !entries.is_empty() {
            assert_eq!(folders, [Folder::Mf, Folder::Df1, Folder::Df2, Folder::Df3]);
        }
        for (index, entry) in entries.iter().enumerate() {
            assert!((1..=30).contains(&entry.sfi));
            assert_eq!(card_type.entry(entry.file), Some(entry));
            let same_place = |other: &FileEntry| (other.folder, other.sfi) == (entry.folder, entry.sfi);
            assert!(!entries[index + 1..].iter().any(same_place));
        }
    }
    assert_eq!(
        CardType::FirstSpecialPermanentResident.entry(File::RenewalApplication),
        None
    );
    assert_eq!(
        CardType::SecondSpecialPermanentResident.entry(File::Permissions),
        None
    );
    assert_eq!(CardType::SecondResidenceCard.entry(File::FrontImage), None);
}

/// Bytes of tag, bytes of length and the most bytes of value, for each object of a file.
type Sizes = &'static [(usize, usize, usize)];

#[test]
fn capacities_are_the_sums_of_their_objects() {
    const FIRST: [(File, Sizes); 9] = [
        (File::CommonData, &[(1, 1, 4)]),
        (File::CardType, &[(1, 1, 1)]),
        (File::FrontImage, &[(1, 3, 7000)]),
        (File::FaceImage, &[(1, 3, 3000)]),
        (File::Address, &[(1, 1, 8), (1, 1, 6), (1, 3, 320)]),
        (File::ComprehensivePermission, &[(1, 1, 120)]),
        (File::IndividualPermission, &[(1, 1, 120)]),
        (File::RenewalApplication, &[(1, 1, 1)]),
        (File::Signature, &[(1, 3, 256), (1, 3, 1200)]),
    ];
    const COMMON_ENTRIES: [(usize, usize, usize); 6] =
        [(1, 1, 8), (1, 1, 8), (1, 1, 1), (1, 1, 3), (1, 1, 10), (1, 1, 4)];
    const SECOND: [(File, Sizes); 10] = [
        (File::CommonData, &[(1, 1, 4)]),
        (File::CardType, &[(1, 1, 2)]),
        (File::CardNumber, &[(1, 1, 12)]),
        (
            File::PrintedEntries,
            &[
                (1, 1, 8),
                (1, 1, 8),
                (1, 1, 1),
                (1, 1, 3),
                (1, 1, 10),
                (1, 1, 4),
                (1, 1, 2),
                (1, 1, 8),
                (1, 1, 1),
                (1, 1, 8),
            ],
        ),
        (File::NameAndFaceImage, &[(1, 3, 2500), (1, 3, 3000)]),
        (File::AddressImage, &[(2, 3, 2500)]),
        (File::Permissions, &[(1, 1, 7), (1, 1, 8), (1, 1, 1)]),
        (File::RenewalApplication, &[(1, 1, 1)]),
        // 200 would fit `81 C8`, but the specification budgets three bytes of length.
        (File::CommissionerNote, &[(1, 1, 1), (1, 3, 200)]),
        (File::Signature, &[(1, 1, 96), (1, 3, 602)]),
    ];
    let sum = |sizes: &[(usize, usize, usize)]| -> usize {
        sizes
            .iter()
            .map(|(tag, length, value)| tag + length + value)
            .sum()
    };
    for (card_types, sizes) in [
        (
            [
                CardType::FirstResidenceCard,
                CardType::FirstSpecialPermanentResident,
            ],
            &FIRST[..],
        ),
        (
            [
                CardType::SecondResidenceCard,
                CardType::SecondSpecialPermanentResident,
            ],
            &SECOND[..],
        ),
    ] {
        for entry in card_types.into_iter().flat_map(CardType::files) {
            let (_, objects) = sizes.iter().find(|(file, _)| *file == entry.file).unwrap();
            if entry.capacity == 46 {
                assert_eq!(sum(&COMMON_ENTRIES), 46);
            } else {
                assert_eq!(entry.capacity, sum(objects), "{}", entry.file);
            }
        }
    }
}

/// The made-up cards of these tests fill each file to its last byte, so that they prove the same sums by example.
#[test]
fn full_cards_fill_their_files() {
    for files in [
        specimen::first_residence_card(),
        specimen::first_special_permanent_resident(),
        specimen::second_residence_card(),
        specimen::second_special_permanent_resident(),
    ] {
        let table = files.card_type().files();
        assert_eq!(files.iter().count(), table.len());
        for entry in table {
            assert_eq!(
                files.get(entry.file).unwrap().len(),
                entry.capacity,
                "{}",
                entry.file
            );
        }
        let card_type = CardType::from_file(files.get(File::CardType).unwrap()).unwrap();
        assert_eq!(card_type, files.card_type());
    }
}

const ALL_FILES: [File; 15] = [
    File::CommonData,
    File::CardType,
    File::FrontImage,
    File::FaceImage,
    File::CardNumber,
    File::PrintedEntries,
    File::NameAndFaceImage,
    File::AddressImage,
    File::Address,
    File::ComprehensivePermission,
    File::IndividualPermission,
    File::Permissions,
    File::RenewalApplication,
    File::CommissionerNote,
    File::Signature,
];

#[test]
fn every_file_has_a_name_of_its_own() {
    for (index, file) in ALL_FILES.iter().enumerate() {
        assert_eq!(file.to_string(), file.name());
        assert!(
            !ALL_FILES[index + 1..]
                .iter()
                .any(|other| other.name() == file.name())
        );
    }
}

fn type_refused(bytes: &[u8]) -> (ErrorKind, usize) {
    let error: Error = CardType::from_file(bytes).unwrap_err();
    assert_eq!(error.file(), File::CardType);
    (error.kind(), error.offset())
}

#[test]
fn card_types_by_their_codes() {
    use CardKind::{ResidenceCard, SpecialPermanentResidentCertificate};
    for (bytes, card_type, kind, generation, ja) in [
        (
            &hex!("C10131")[..],
            CardType::FirstResidenceCard,
            ResidenceCard,
            Generation::First,
            "在留カード",
        ),
        (
            &hex!("C10132"),
            CardType::FirstSpecialPermanentResident,
            SpecialPermanentResidentCertificate,
            Generation::First,
            "特別永住者証明書",
        ),
        (
            &hex!("C1023035"),
            CardType::SecondResidenceCard,
            ResidenceCard,
            Generation::Second,
            "第２世代在留カード",
        ),
        (
            &hex!("C1023036"),
            CardType::SecondSpecialPermanentResident,
            SpecialPermanentResidentCertificate,
            Generation::Second,
            "第２世代特別永住者証明書",
        ),
        (
            &hex!("C1023037"),
            CardType::SpecifiedResidenceCard,
            ResidenceCard,
            Generation::Specified,
            "特定在留カード",
        ),
        (
            &hex!("C1023038"),
            CardType::SpecifiedSpecialPermanentResident,
            SpecialPermanentResidentCertificate,
            Generation::Specified,
            "特定特別永住者証明書",
        ),
    ] {
        assert_eq!(CardType::from_file(bytes), Ok(card_type));
        assert_eq!(CardType::from_code(&bytes[2..]), Some(card_type));
        assert_eq!(card_type.code().as_bytes(), &bytes[2..]);
        assert_eq!(
            (card_type.kind(), card_type.generation(), card_type.ja()),
            (kind, generation, ja)
        );
    }
}

#[test]
fn card_type_file_in_every_length_form_and_with_filler() {
    for bytes in [
        &hex!("C1023035")[..],
        &hex!("C181023035"),
        &hex!("C182 0002 3035"),
        &hex!("C1023035 000000"),
    ] {
        assert_eq!(CardType::from_file(bytes), Ok(CardType::SecondResidenceCard));
    }
}

#[test]
fn codes_of_no_specification() {
    for code in [
        &b""[..],
        b"0",
        b"3",
        b"5",
        b"6",
        b"01",
        b"02",
        b"03",
        b"04",
        b"09",
        b"1\0",
        b"050",
        b"\x01",
    ] {
        let file = specimen::object(&[0xC1], code);
        assert_eq!(type_refused(&file), (ErrorKind::UnknownCardType, 2), "{code:?}");
    }
}

#[test]
fn bytes_that_are_no_card_type_file() {
    let missing = ErrorKind::MissingObject { tag: Tag::new(0xC1) };
    assert_eq!(type_refused(&[]), (missing, 0));
    assert_eq!(type_refused(&hex!("000000")), (missing, 0));
    assert_eq!(type_refused(&hex!("C0023035")), (missing, 0));
    let duplicate = ErrorKind::DuplicateObject { tag: Tag::new(0xC1) };
    assert_eq!(type_refused(&hex!("C10131 C1023035")), (duplicate, 5));
    // The fixed three bytes of a first-generation habit cut a two-character code.
    let truncated = Tlv::ValueTruncated {
        declared: 2,
        available: 1,
    };
    assert_eq!(type_refused(&hex!("C10230")), (ErrorKind::Tlv(truncated), 0));
    assert_eq!(
        type_refused(&hex!("C10131 00 31")),
        (ErrorKind::Tlv(Tlv::DataBehindFiller), 4)
    );
    assert_eq!(
        type_refused(&hex!("C180 31 0000")),
        (ErrorKind::Tlv(Tlv::IndefiniteLength), 1)
    );
}

#[test]
fn card_files_hold_what_was_read() {
    let mut files = CardFiles::new(CardType::SecondResidenceCard);
    assert_eq!(files.get(File::CardType), None);
    files.insert(File::Signature, Bytes::from_static(b"older"));
    files.insert(File::Signature, Bytes::from_static(b"newer!"));
    files.insert(File::CardType, Bytes::from_static(&hex!("C1023035")));
    assert_eq!(files.get(File::Signature).unwrap(), "newer!");
    let all: Vec<File> = files.iter().map(|(file, _)| file).collect();
    assert_eq!(all, [File::CardType, File::Signature]);
    assert_eq!(
        format!("{files:?}"),
        "CardFiles(SecondResidenceCard, {CardType: 4, Signature: 6})"
    );
}

#[test]
fn errors_say_which_file_and_where() {
    let error = CardType::from_file(&hex!("C10133")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The card cannot be read: it is of a type that this version does not know (file \"card type\", byte 2)"
    );
    let error = CardType::from_file(&hex!("C10131 C10132")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The card's file \"card type\" is not as specified: data object C1 is there twice (byte 5). \
         Read the card again; if that does not help, its chip is damaged or was altered"
    );
    let files = CardFiles::new(CardType::FirstResidenceCard);
    let error = specimen::first(&files).address.unwrap_err();
    assert_eq!(
        error.to_string(),
        "The file \"address\" of the card was not read: the card does not have it"
    );
}
