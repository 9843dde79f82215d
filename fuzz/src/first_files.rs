//! The files of a first-generation card: a byte for the type, then a block for each file.
//!
//! The signed message is the front's 7,000 bytes and the face's 3,000, as they stand in their files, and the same each
//! time; images are pieces of their files; errors point into the file they name; `Debug` shows no text of the card.

use zairyu_data::{Card, CardFiles, File, first};
use zairyu_tlv::{Reader, Tag};

use crate::{
    files,
    input::Input,
    memory::{self, KIB},
};

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let card_type = input.choose(&files::FIRST);
    let files = files::read(card_type, &mut input);
    // Texts are copied out, images and signatures are not.
    let held: usize = files.iter().map(|(_, content)| content.len()).sum();
    let Card::First(card) = memory::within(held + 16 * KIB, || Card::parse(&files)) else {
        panic!("a first-generation type is no first-generation card");
    };
    let errors = [
        card.specification_version.as_ref().err(),
        card.signed.as_ref().err(),
        card.address.as_ref().err(),
        card.comprehensive_permission.as_ref().err(),
        card.individual_permission.as_ref().err(),
        card.renewal_application.as_ref().err(),
        card.signature.as_ref().err(),
    ];
    for error in errors.into_iter().flatten() {
        files::check_error(&files, error);
    }
    if let Ok(signed) = &card.signed {
        check_signed(&files, signed);
    }
    if let Ok(Some(signature)) = &card.signature {
        let file = files.get(File::Signature).unwrap();
        assert!(!signature.check_code().is_empty() && !signature.certificate().is_empty());
        assert!(signature.check_code().len() + signature.certificate().len() <= file.len());
    }
    if let Ok(Some(address)) = &card.address {
        assert_eq!(format!("{address:?}"), "Address(..)");
    }
}

fn check_signed(files: &CardFiles, signed: &first::SignedImages) {
    let message = signed.message();
    assert_eq!(message, signed.message());
    assert_eq!(first::SignedImages::parse(files).as_ref(), Ok(signed));
    match message {
        Ok([front, face]) => {
            assert_eq!(Some(front), value(files, File::FrontImage, Tag::new(0xD0)));
            assert_eq!(Some(face), value(files, File::FaceImage, Tag::new(0xD1)));
            assert_eq!(
                (front.len(), face.len()),
                (first::FRONT_IMAGE_LEN, first::FACE_IMAGE_LEN)
            );
            // What is shown is what is signed.
            for (shown, signed) in [(signed.front(), front), (signed.face(), face)] {
                let shown = shown.map(|image| &image.bytes()[..]);
                let blank = signed.iter().all(|&byte| byte == 0);
                assert_eq!(shown, (!blank).then_some(signed));
            }
        }
        Err(error) => files::check_error(files, &error),
    }
}

/// An object's value, found without the code under test.
fn value(files: &CardFiles, file: File, tag: Tag) -> Option<&[u8]> {
    let mut reader = Reader::new(files.get(file)?);
    while let Ok(Some(object)) = reader.next_object() {
        if object.tag() == tag {
            return Some(object.value());
        }
    }
    None
}
