//! The files of a second-generation card: a byte for the type, then a block for each file.
//!
//! The signed message has 5,553 bytes and is the same each time; every entry that is shown is the one at its place in the
//! message, and so are the images; errors point into the file they name.

use zairyu_data::{Card, CardDate, CardFiles, CardKind, Labelled, second};

use crate::{
    files,
    input::Input,
    memory::{self, KIB},
};

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let card_type = input.choose(&files::SECOND);
    let files = files::read(card_type, &mut input);
    let held: usize = files.iter().map(|(_, content)| content.len()).sum();
    let Card::Second(card) = memory::within(held + 16 * KIB, || Card::parse(&files)) else {
        panic!("a second-generation type is no second-generation card");
    };
    let errors = [
        card.specification_version.as_ref().err(),
        card.number.as_ref().err(),
        card.signed.as_ref().err(),
        card.address_image.as_ref().err(),
        card.permissions.as_ref().err(),
        card.renewal_application.as_ref().err(),
        card.commissioner_note.as_ref().err(),
        card.signature.as_ref().err(),
    ];
    for error in errors.into_iter().flatten() {
        files::check_error(&files, error);
    }
    if let Ok(Some(number)) = &card.number {
        assert_eq!(number.expose().len(), 12);
        assert_eq!(format!("{number:?}"), "CardNumber(..)");
    }
    if let Ok(signed) = &card.signed {
        check_signed(&files, signed);
    }
}

fn check_signed(files: &CardFiles, signed: &second::SignedEntries) {
    let message = memory::within(16 * KIB, || signed.message());
    assert_eq!(message, signed.message());
    assert_eq!(second::SignedEntries::parse(files).as_ref(), Ok(signed));
    let message = match message {
        Ok(message) => message,
        Err(error) => return files::check_error(files, &error),
    };
    let (entries, images) = message.split_at(second::SIGNED_ENTRIES_LEN);
    let (face, name) = images.split_at(second::FACE_IMAGE_LEN);
    assert_eq!(name.len(), second::NAME_IMAGE_LEN);
    for (shown, signed) in [(signed.face(), face), (signed.name(), name)] {
        let shown = shown.map(|image| &image.bytes()[..]).unwrap_or_default();
        let (same, filler) = signed.split_at(shown.len());
        assert_eq!(shown, same);
        assert!(filler.iter().all(|&byte| byte == 0));
    }
    check_entries(files.card_type().kind(), signed.entries(), entries);
}

/// Each entry as it can be shown, against its place in the message.
fn check_entries(kind: CardKind, shown: &second::PrintedEntries, signed: &[u8]) {
    let mut at = 0;
    let mut next = |length: usize| {
        at += length;
        std::str::from_utf8(&signed[at - length..at]).expect("a signed text that is shown is UTF-8")
    };
    let code = |text: &str| text.trim_end_matches(['\0', ' ']).to_owned();

    check_date(shown.card_expires_on.as_ref(), next(8));
    check_date(shown.date_of_birth.as_ref(), next(8));
    assert_eq!(shown.sex.as_ref().unwrap().code(), code(next(1)));
    assert_eq!(shown.nationality.as_ref().unwrap().code(), code(next(3)));
    assert_eq!(shown.residence_status.as_ref().unwrap().code(), code(next(10)));
    assert_eq!(shown.period_of_stay.as_ref().unwrap().code(), code(next(4)));
    if kind == CardKind::ResidenceCard {
        assert_eq!(shown.permission_type.as_ref().unwrap().code(), code(next(2)));
        check_date(shown.permission_date.as_ref(), next(8));
        assert_eq!(shown.work_restriction.as_ref().unwrap().code(), code(next(1)));
        check_date(shown.stay_expires_on.as_ref(), next(8));
    } else {
        assert!(shown.permission_type.is_none() && shown.stay_expires_on.is_none());
        assert!(signed[at..].iter().all(|&byte| byte == 0));
    }
}

fn check_date(shown: Option<&CardDate>, signed: &str) {
    let trimmed = signed.trim_matches(['\0', ' ']);
    match shown.expect("a signed date is shown") {
        CardDate::Day(day) => assert_eq!(day.to_string().replace('-', ""), trimmed),
        CardDate::Blank => assert_eq!(trimmed, ""),
        CardDate::Other(text) => assert_eq!(text, trimmed),
        other => panic!("unknown kind of date {other:?}"),
    }
}
