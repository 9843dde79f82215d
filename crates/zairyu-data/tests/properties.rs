//! For all bytes: nothing panics, and what is shown is a function of what is signed.
//!
//! Tags and lengths are not signed. Equal signed messages must therefore mean equal typed values, or a damaged or
//! altered file could show a signed value as something it is not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod specimen;

use bytes::Bytes;
use proptest::prelude::*;
use specimen::{
    CERTIFICATE_ENTRIES, ENTRIES, LengthForm, card, entries_file, filled, first, images_file, object_in,
    picture, relabelled, second, with,
};
use zairyu_data::{
    Card, CardFiles, CardType, Error, File, ImageValue,
    first::SignedImages,
    second::{PrintedEntries, SignedEntries},
};

/// The signed message, and what a card of the first generation shows as signed.
fn first_signed(files: &CardFiles) -> Result<(Vec<u8>, SignedImages), Error> {
    let signed = first(files).signed?;
    Ok((signed.message()?.concat(), signed))
}

/// What a card of the second generation shows as signed: its entries, and its images without `00` at the end.
#[derive(Clone, PartialEq)]
struct Shown {
    entries: PrintedEntries,
    name: Vec<u8>,
    face: Vec<u8>,
}

fn shown(signed: &SignedEntries) -> Shown {
    let without_padding = |image: Option<&ImageValue>| {
        let bytes = image.map(|image| image.bytes().to_vec()).unwrap_or_default();
        let length = bytes
            .iter()
            .rposition(|&byte| byte != 0)
            .map_or(0, |last| last + 1);
        bytes[..length].to_vec()
    };
    Shown {
        entries: signed.entries().clone(),
        name: without_padding(signed.name()),
        face: without_padding(signed.face()),
    }
}

fn second_signed(files: &CardFiles) -> Result<(Vec<u8>, Shown), Error> {
    let signed = second(files).signed?;
    Ok((signed.message()?, shown(&signed)))
}

/// Reads everything there is to read.
fn exhaust(files: &CardFiles) {
    let card = Card::parse(files);
    let _ = format!("{files:?} {card:?}");
    match card {
        Card::First(card) => {
            if let Ok(signed) = card.signed
                && let Ok(message) = signed.message()
            {
                assert_eq!(message.map(<[u8]>::len), [7000, 3000]);
            }
        }
        Card::Second(card) => {
            if let Ok(signed) = card.signed
                && let Ok(message) = signed.message()
            {
                assert_eq!(message.len(), 5553);
            }
        }
    }
}

const FILES: [File; 15] = [
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

/// Tags of both generations, one that no card uses, and the filler.
const TAGS: [&[u8]; 29] = [
    b"\xC0",
    b"\xC1",
    b"\xC2",
    b"\xC5",
    b"\xC6",
    b"\xC7",
    b"\xC8",
    b"\xC9",
    b"\xCA",
    b"\xCB",
    b"\xCC",
    b"\xCD",
    b"\xCE",
    b"\xD0",
    b"\xD1",
    b"\xD2",
    b"\xD3",
    b"\xD4",
    b"\xD5",
    b"\xD6",
    b"\xD7",
    b"\xD8",
    b"\xD9",
    b"\xDA",
    b"\xDB",
    b"\xDC",
    b"\xDD",
    b"\xDF\xD1",
    b"\xDE",
];

/// Digits, blanks, text of three bytes a character, or anything.
fn any_value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[0-9]{0,9}".prop_map(String::into_bytes),
        "[\\x00 ]{0,12}".prop_map(String::into_bytes),
        "[一-龠]{0,40}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..130),
        Just(picture(&[], 2500, 3)),
        Just(picture(&[], 3000, 3)),
        Just(picture(&[], 7000, 3)),
    ]
}

fn any_length_form() -> impl Strategy<Value = LengthForm> {
    prop::sample::select(&[LengthForm::Short, LengthForm::One, LengthForm::Two])
}

/// An object whose length is right, in a form that can hold it.
fn any_object() -> impl Strategy<Value = Vec<u8>> {
    (prop::sample::select(&TAGS), any_length_form(), any_value()).prop_map(|(tag, form, value)| {
        let form = match (form, value.len()) {
            (form, 0..0x80) => form,
            (LengthForm::Short | LengthForm::One, 0x80..0x100) => LengthForm::One,
            _ => LengthForm::Two,
        };
        object_in(form, tag, &value)
    })
}

/// Anything, or a list of objects with filler.
fn any_content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        (prop::collection::vec(any_object(), 0..12), 0_usize..4)
            .prop_map(|(objects, filler)| filled(objects.concat(), objects.concat().len() + filler)),
    ]
}

fn any_card_type() -> impl Strategy<Value = CardType> {
    prop::sample::select(&CardType::ALL)
}

proptest! {
    #[test]
    fn no_files_panic(
        card_type in any_card_type(),
        contents in prop::collection::btree_map(prop::sample::select(&FILES), any_content(), 0..15),
    ) {
        let mut files = CardFiles::new(card_type);
        for (file, content) in contents {
            let _ = CardType::from_file(&content);
            let _ = PrintedEntries::parse(&Bytes::from(content.clone()));
            files.insert(file, Bytes::from(content));
        }
        exhaust(&files);
    }

    /// A real card, with some bytes of one file changed or the file cut off.
    #[test]
    fn no_damage_panics(
        card_type in prop::sample::select(&CardType::ALL[..4]),
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let full = whole_card(card_type);
        let (file, content) = full.iter().nth(file.index(full.iter().count())).unwrap();
        let mut content = content.to_vec();
        for (position, byte) in changes {
            let position = position.index(content.len());
            content[position] = byte;
        }
        if let Some(length) = length {
            content.truncate(length.index(content.len()));
        }
        exhaust(&with(&full, file, &content));
    }
}

fn whole_card(card_type: CardType) -> CardFiles {
    match card_type {
        CardType::FirstResidenceCard => specimen::first_residence_card(),
        CardType::FirstSpecialPermanentResident => specimen::first_special_permanent_resident(),
        CardType::SecondResidenceCard => specimen::second_residence_card(),
        _ => specimen::second_special_permanent_resident(),
    }
}

/// Calls `check` with each bit of a file's bytes flipped, one at a time, and the flipped byte's position.
fn with_each_bit_flipped(files: &CardFiles, file: File, mut check: impl FnMut(usize, &CardFiles)) {
    let content = files.get(file).unwrap().to_vec();
    for position in 0..content.len() {
        for bit in 0..8 {
            let mut flipped = content.clone();
            flipped[position] ^= 1 << bit;
            check(position, &with(files, file, &flipped));
        }
    }
}

/// Every bit of both files matters: of values to the message, of tags and lengths to there being one.
#[test]
fn each_flipped_bit_of_the_first_generation_is_noticed() {
    let files = specimen::first_residence_card();
    let (message, _) = first_signed(&files).unwrap();
    for file in [File::FrontImage, File::FaceImage] {
        with_each_bit_flipped(&files, file, |position, flipped| match first_signed(flipped) {
            Ok((other, _)) => {
                assert!(position >= 4, "{file}: tag or length at {position}");
                assert!(other != message, "{file}: value at {position}");
            }
            Err(_) => assert!(position < 4, "{file}: {position}"),
        });
    }
}

/// One byte is free: the face image ends in `00`, and its length may leave some of them to the filler. What is shown
/// stays as it is.
#[test]
fn each_flipped_bit_of_the_second_generation_is_noticed() {
    for files in [
        specimen::second_residence_card(),
        specimen::second_special_permanent_resident(),
    ] {
        let (message, typed) = second_signed(&files).unwrap();
        for file in [File::PrintedEntries, File::NameAndFaceImage] {
            with_each_bit_flipped(&files, file, |position, flipped| {
                if let Ok((other_message, other)) = second_signed(flipped)
                    && other_message == message
                {
                    assert_eq!((file, position), (File::NameAndFaceImage, 2504 + 3));
                    assert!(other == typed);
                }
            });
        }
    }
}

/// Where images are shorter than their place, `00` behind them counts as part of them or of the filler: a length may
/// then change and leave the message as it is. What is shown stays as it is, too.
#[test]
fn a_flipped_bit_that_leaves_the_message_leaves_what_is_shown() {
    let full = specimen::second_residence_card();
    for images in [
        filled(images_file(&picture(b"II", 40, 9), &picture(&[], 60, 12)), 120),
        filled(images_file(&picture(b"II", 40, 0), &[]), 60),
        filled(images_file(&picture(b"II", 40, 9), &[0; 7]), 60),
    ] {
        let files = with(&full, File::NameAndFaceImage, &images);
        let (message, typed) = second_signed(&files).unwrap();
        let mut unchanged = 0;
        with_each_bit_flipped(&files, File::NameAndFaceImage, |position, flipped| {
            if let Ok((other_message, other)) = second_signed(flipped)
                && other_message == message
            {
                unchanged += 1;
                assert!(other == typed, "{position}");
            }
        });
        assert!(unchanged > 0, "there are such flips");
    }
}

/// Ways to write a card's printed entries and images that an attacker without the key could try.
#[derive(Clone, Debug)]
enum Alteration {
    Retag(prop::sample::Index, u8),
    Swap(prop::sample::Index, prop::sample::Index),
    SwapTags(prop::sample::Index, prop::sample::Index),
    Remove(prop::sample::Index),
    Repeat(prop::sample::Index),
    Insert(prop::sample::Index, u8, Vec<u8>),
    /// Moves the border between an object's value and the next one's.
    MoveBorder(prop::sample::Index, prop::sample::Index),
    Overwrite(prop::sample::Index, Vec<u8>),
    Lengthen(prop::sample::Index, usize),
}

fn any_alteration() -> impl Strategy<Value = Alteration> {
    let at = any::<prop::sample::Index>;
    let tag = || prop::sample::select(&TAGS).prop_map(|tag| tag[0]);
    prop_oneof![
        (at(), tag()).prop_map(|(at, tag)| Alteration::Retag(at, tag)),
        (at(), at()).prop_map(|(at, other)| Alteration::Swap(at, other)),
        (at(), at()).prop_map(|(at, other)| Alteration::SwapTags(at, other)),
        at().prop_map(Alteration::Remove),
        at().prop_map(Alteration::Repeat),
        (at(), tag(), any_value()).prop_map(|(at, tag, value)| Alteration::Insert(at, tag, value)),
        (at(), at()).prop_map(|(at, border)| Alteration::MoveBorder(at, border)),
        (at(), any_value()).prop_map(|(at, value)| Alteration::Overwrite(at, value)),
        (at(), 1_usize..9).prop_map(|(at, more)| Alteration::Lengthen(at, more)),
    ]
}

type Objects = Vec<(u8, Vec<u8>)>;

fn altered(mut objects: Objects, alterations: &[Alteration]) -> Objects {
    for alteration in alterations {
        if objects.is_empty() {
            return objects;
        }
        let count = objects.len();
        match alteration {
            Alteration::Retag(at, tag) => objects[at.index(count)].0 = *tag,
            Alteration::Swap(at, other) => objects.swap(at.index(count), other.index(count)),
            Alteration::SwapTags(at, other) => {
                let (at, other) = (at.index(count), other.index(count));
                (objects[at].0, objects[other].0) = (objects[other].0, objects[at].0);
            }
            Alteration::Remove(at) => drop(objects.remove(at.index(count))),
            Alteration::Repeat(at) => objects.push(objects[at.index(count)].clone()),
            Alteration::Insert(at, tag, value) => objects.insert(at.index(count), (*tag, value.clone())),
            Alteration::MoveBorder(at, border) => {
                let at = at.index(count);
                if at + 1 < count {
                    let both = [&objects[at].1[..], &objects[at + 1].1].concat();
                    let (before, behind) = both.split_at(border.index(both.len() + 1));
                    (objects[at].1, objects[at + 1].1) = (before.to_vec(), behind.to_vec());
                }
            }
            Alteration::Overwrite(at, value) => objects[at.index(count)].1 = value.clone(),
            Alteration::Lengthen(at, more) => {
                let value = &mut objects[at.index(count)].1;
                value.resize(value.len() + more, 0);
            }
        }
    }
    objects
}

fn file_of(objects: &Objects, form: LengthForm) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> = objects
        .iter()
        .map(|(tag, value)| {
            let form = if value.len() < 0x80 { form } else { LengthForm::Two };
            object_in(form, &[*tag], value)
        })
        .collect();
    bytes.concat()
}

/// Entries of which many values are equal or blank, so that exchanged ones have a chance to give the same message.
const LOOK_ALIKE_ENTRIES: [(u8, &[u8]); 10] = [
    (0xC5, b"20110101"),
    (0xC6, b"20110101"),
    (0xC7, b"1"),
    (0xC8, b"\0\0\0"),
    (0xC9, b"\0\0\0\0\0\0\0\0\0\0"),
    (0xCE, b"\0\0\0\0"),
    (0xCA, b"\0\0"),
    (0xCB, b"\0\0\0\0\0\0\0\0"),
    (0xCC, b"1"),
    (0xCD, b"\0\0\0\0\0\0\0\0"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn equal_messages_of_the_second_generation_show_the_same(
        entries in prop::sample::select(&[ENTRIES, LOOK_ALIKE_ENTRIES]),
        certificate in any::<bool>(),
        blank_entries in any::<bool>(),
        claimed in prop::sample::select(&CardType::ALL[2..]),
        entry_alterations in prop::collection::vec(any_alteration(), 0..3),
        image_alterations in prop::collection::vec(any_alteration(), 0..3),
        form in any_length_form(),
        filler in 0_usize..4,
    ) {
        let (card_type, entries) = if certificate {
            (CardType::SecondSpecialPermanentResident, &entries[..CERTIFICATE_ENTRIES])
        } else {
            (CardType::SecondResidenceCard, &entries[..])
        };
        let genuine = card(card_type, &[
            (File::PrintedEntries, &entries_file(entries)),
            (File::NameAndFaceImage, &images_file(&picture(b"II", 40, 4), &picture(&[], 50, 4))),
        ]);
        let (message, typed) = second_signed(&genuine).unwrap();

        let mut entries: Objects = entries.iter().map(|(tag, value)| (*tag, value.to_vec())).collect();
        if certificate && blank_entries {
            entries.extend(ENTRIES[CERTIFICATE_ENTRIES..].iter().map(|(tag, value)| (*tag, vec![0; value.len()])));
        }
        let images = vec![(0xD0, picture(b"II", 40, 4)), (0xD1, picture(&[], 50, 4))];
        let entries = file_of(&altered(entries, &entry_alterations), form);
        let images = file_of(&altered(images, &image_alterations), form);
        for card_type in [card_type, claimed] {
            let forged = card(card_type, &[
                (File::PrintedEntries, &filled(&entries, entries.len() + filler)),
                (File::NameAndFaceImage, &filled(&images, images.len() + filler)),
            ]);
            if let Ok((other_message, other)) = second_signed(&forged) {
                prop_assert_eq!(other_message == message, other == typed);
            }
        }
    }

    #[test]
    fn equal_messages_of_the_first_generation_show_the_same(
        front_alterations in prop::collection::vec(any_alteration(), 0..3),
        face_alterations in prop::collection::vec(any_alteration(), 0..3),
        exchanged in any::<bool>(),
    ) {
        let genuine = specimen::first_residence_card();
        let (message, typed) = first_signed(&genuine).unwrap();
        let front = altered(vec![(0xD0, specimen::front_image())], &front_alterations);
        let face = altered(vec![(0xD1, specimen::first_face_image())], &face_alterations);
        let (front, face) = if exchanged { (face, front) } else { (front, face) };
        let forged = card(CardType::FirstResidenceCard, &[
            (File::FrontImage, &file_of(&front, LengthForm::Two)),
            (File::FaceImage, &file_of(&face, LengthForm::Two)),
        ]);
        if let Ok((other_message, other)) = first_signed(&forged) {
            prop_assert_eq!(other_message == message, other == typed);
        }
    }
}

/// No signature covers the card's type. Between kinds of card the number of entries tells; within a kind nothing does.
#[test]
fn the_type_of_card_is_not_signed() {
    use CardType::{
        SecondResidenceCard, SecondSpecialPermanentResident, SpecifiedResidenceCard,
        SpecifiedSpecialPermanentResident,
    };
    for (own, same_kind, other_kind) in [
        (
            SecondResidenceCard,
            SpecifiedResidenceCard,
            [SecondSpecialPermanentResident, SpecifiedSpecialPermanentResident],
        ),
        (
            SecondSpecialPermanentResident,
            SpecifiedSpecialPermanentResident,
            [SecondResidenceCard, SpecifiedResidenceCard],
        ),
    ] {
        let files = whole_card(own);
        let (message, typed) = second_signed(&files).unwrap();
        let (other_message, other) = second_signed(&relabelled(&files, same_kind)).unwrap();
        assert!(other_message == message && other == typed);
        for card_type in other_kind {
            assert!(second_signed(&relabelled(&files, card_type)).is_err());
        }
    }
}
