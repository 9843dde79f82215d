//! Made-up cards, file by file as the specifications lay them out.
#![allow(dead_code, reason = "each test file uses its own part of it")]

use bytes::Bytes;
use hex_literal::hex;
use zairyu_data::{Card, CardFiles, CardType, File, FirstCard, SecondCard};

/// How a length is written: `00`–`7F`, `81 xx` or `82 xx xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LengthForm {
    Short,
    One,
    Two,
}

/// A data object with its length in the given form.
pub(crate) fn object_in(form: LengthForm, tag: &[u8], value: &[u8]) -> Vec<u8> {
    let mut bytes = tag.to_vec();
    match form {
        LengthForm::Short => {
            assert!(value.len() < 0x80);
            bytes.push(u8::try_from(value.len()).unwrap());
        }
        LengthForm::One => bytes.extend([0x81, u8::try_from(value.len()).unwrap()]),
        LengthForm::Two => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        }
    }
    bytes.extend(value);
    bytes
}

/// A data object with its length in the shortest form.
pub(crate) fn object(tag: &[u8], value: &[u8]) -> Vec<u8> {
    let form = match value.len() {
        0..0x80 => LengthForm::Short,
        0x80..0x100 => LengthForm::One,
        _ => LengthForm::Two,
    };
    object_in(form, tag, value)
}

/// The value filled up with `00`.
pub(crate) fn filled(value: impl AsRef<[u8]>, length: usize) -> Vec<u8> {
    let mut value = value.as_ref().to_vec();
    assert!(value.len() <= length);
    value.resize(length, 0);
    value
}

/// Stands for an image: `start`, then bytes that are never `00`, `padding` bytes of `00` at the end.
pub(crate) fn picture(start: &[u8], length: usize, padding: usize) -> Vec<u8> {
    let noise = (0..).map(|index: usize| u8::try_from(index * 7 % 251 + 1).unwrap());
    let mut value: Vec<u8> = start
        .iter()
        .copied()
        .chain(noise)
        .take(length - padding)
        .collect();
    value.resize(length, 0);
    value
}

/// A card with these files only.
pub(crate) fn card(card_type: CardType, contents: &[(File, &[u8])]) -> CardFiles {
    let mut files = CardFiles::new(card_type);
    for (file, content) in contents {
        files.insert(*file, Bytes::copy_from_slice(content));
    }
    files
}

/// The same card with one file exchanged.
pub(crate) fn with(files: &CardFiles, file: File, content: &[u8]) -> CardFiles {
    let mut files = files.clone();
    files.insert(file, Bytes::copy_from_slice(content));
    files
}

/// The same card with one file not there.
pub(crate) fn without(files: &CardFiles, left_out: File) -> CardFiles {
    let mut fewer = CardFiles::new(files.card_type());
    for (file, content) in files.iter().filter(|(file, _)| *file != left_out) {
        fewer.insert(file, content.clone());
    }
    fewer
}

/// The same contents on a card that claims another type.
pub(crate) fn relabelled(files: &CardFiles, card_type: CardType) -> CardFiles {
    let mut relabelled = CardFiles::new(card_type);
    for (file, content) in files.iter() {
        relabelled.insert(file, content.clone());
    }
    relabelled
}

pub(crate) fn first(files: &CardFiles) -> FirstCard {
    match Card::parse(files) {
        Card::First(card) => *card,
        Card::Second(_) => panic!("the card is of the first generation"),
    }
}

pub(crate) fn second(files: &CardFiles) -> SecondCard {
    match Card::parse(files) {
        Card::Second(card) => *card,
        Card::First(_) => panic!("the card is of the second generation"),
    }
}

pub(crate) fn front_image() -> Vec<u8> {
    picture(b"II*\0", 7000, 600)
}

pub(crate) fn first_face_image() -> Vec<u8> {
    picture(&hex!("0000000C 6A502020 0D0A870A"), 3000, 200)
}

pub(crate) const ADDRESS: &str = "東京都千代田区霞が関１－１－１";
pub(crate) const COMPREHENSIVE: &str = "許可：原則週28時間以内";
pub(crate) const INDIVIDUAL: &str = "許可：資格外活動許可書に記載された範囲内の活動";

pub(crate) fn first_signature() -> Vec<u8> {
    [
        &hex!("DA820100")[..],
        &picture(&[], 256, 0),
        &hex!("DB8204B0"),
        &picture(&hex!("30820380"), 1200, 300),
    ]
    .concat()
}

/// A residence card of the first generation, every file at its full size.
pub(crate) fn first_residence_card() -> CardFiles {
    card(
        CardType::FirstResidenceCard,
        &[
            (File::CommonData, b"\xC0\x040001"),
            (File::CardType, b"\xC1\x011"),
            (
                File::FrontImage,
                &[&hex!("D0821B58")[..], &front_image()].concat(),
            ),
            (
                File::FaceImage,
                &[&hex!("D1820BB8")[..], &first_face_image()].concat(),
            ),
            (
                File::Address,
                &[
                    b"\xD2\x0820120310\xD3\x06131016\xD4\x82\x01\x40",
                    &filled(ADDRESS, 320)[..],
                ]
                .concat(),
            ),
            (
                File::ComprehensivePermission,
                &[&hex!("D578")[..], &filled(COMPREHENSIVE, 120)].concat(),
            ),
            (
                File::IndividualPermission,
                &[&hex!("D678")[..], &filled(INDIVIDUAL, 120)].concat(),
            ),
            (File::RenewalApplication, b"\xD7\x011"),
            (File::Signature, &first_signature()),
        ],
    )
}

/// A special permanent resident certificate of the first generation.
pub(crate) fn first_special_permanent_resident() -> CardFiles {
    let mut files = relabelled(&first_residence_card(), CardType::FirstSpecialPermanentResident);
    files.insert(File::CardType, Bytes::from_static(b"\xC1\x012"));
    for file in [
        File::ComprehensivePermission,
        File::IndividualPermission,
        File::RenewalApplication,
    ] {
        files = without(&files, file);
    }
    files
}

pub(crate) fn name_image() -> Vec<u8> {
    picture(b"MM\0*", 2500, 100)
}

pub(crate) fn second_face_image() -> Vec<u8> {
    picture(&hex!("FF4FFF51"), 3000, 50)
}

pub(crate) fn address_image() -> Vec<u8> {
    picture(b"II*\0", 2500, 1)
}

/// Tag and value of the ten printed entries, in the order of the specification's table.
pub(crate) const ENTRIES: [(u8, &[u8]); 10] = [
    (0xC5, b"20310704"),
    (0xC6, b"19990228"),
    (0xC7, b"2"),
    (0xC8, b"VNM"),
    (0xC9, b"T410010000"),
    (0xCE, b"0103"),
    (0xCA, b"0A"),
    (0xCB, b"20260704"),
    (0xCC, b"9"),
    (0xCD, b"20271004"),
];

/// How many of [`ENTRIES`] types 06 and 08 have.
pub(crate) const CERTIFICATE_ENTRIES: usize = 6;

/// A printed entries file of these entries.
pub(crate) fn entries_file(entries: &[(u8, &[u8])]) -> Vec<u8> {
    entries
        .iter()
        .flat_map(|(tag, value)| object(&[*tag], value))
        .collect()
}

pub(crate) fn images_file(name: &[u8], face: &[u8]) -> Vec<u8> {
    [object(&[0xD0], name), object(&[0xD1], face)].concat()
}

pub(crate) const NOTE: &str = "入管法第十九条の四";

/// A residence card of the second generation, every file at its full size.
pub(crate) fn second_residence_card() -> CardFiles {
    card(
        CardType::SecondResidenceCard,
        &[
            (File::CommonData, b"\xC0\x040001"),
            (File::CardType, b"\xC1\x0205"),
            (File::CardNumber, b"\xC2\x0CAA12345678BB"),
            (
                File::PrintedEntries,
                b"\xC5\x0820310704\xC6\x0819990228\xC7\x012\xC8\x03VNM\xC9\x0AT410010000\xCE\x040103\
                  \xCA\x020A\xCB\x0820260704\xCC\x019\xCD\x0820271004",
            ),
            (
                File::NameAndFaceImage,
                &[
                    &hex!("D08209C4")[..],
                    &name_image(),
                    &hex!("D1820BB8"),
                    &second_face_image(),
                ]
                .concat(),
            ),
            (
                File::AddressImage,
                &[&hex!("DFD18209C4")[..], &address_image()].concat(),
            ),
            (
                File::Permissions,
                b"\xD5\x071\0\0\0\0\0\0\xD6\x0820271004\xD7\x010",
            ),
            (File::RenewalApplication, b"\xD8\x011"),
            (
                File::CommissionerNote,
                &[&b"\xD9\x011\xDE\x82\x00\xC8"[..], &filled(NOTE, 200)].concat(),
            ),
            (
                File::Signature,
                &[
                    &hex!("DC60")[..],
                    &picture(&[], 96, 0),
                    &hex!("DD820256"),
                    &picture(&hex!("30820252"), 598, 0),
                    &[0; 4],
                ]
                .concat(),
            ),
        ],
    )
}

/// A special permanent resident certificate of the second generation.
pub(crate) fn second_special_permanent_resident() -> CardFiles {
    let mut files = relabelled(&second_residence_card(), CardType::SecondSpecialPermanentResident);
    files.insert(File::CardType, Bytes::from_static(b"\xC1\x0206"));
    files.insert(
        File::PrintedEntries,
        Bytes::from_static(
            b"\xC5\x0820310704\xC6\x0819990228\xC7\x012\xC8\x03VNM\xC9\x0AT410010000\xCE\x040103",
        ),
    );
    for file in [File::Permissions, File::RenewalApplication] {
        files = without(&files, file);
    }
    files
}
