//! An input as the files of a card: one block for each file of the type's table, in its order.

use bytes::Bytes;
use zairyu_data::{CardFiles, CardType, Error, File};

use crate::input::{Block, Input, push_block};

pub(crate) const FIRST: [CardType; 2] = [
    CardType::FirstResidenceCard,
    CardType::FirstSpecialPermanentResident,
];

pub(crate) const SECOND: [CardType; 2] = [
    CardType::SecondResidenceCard,
    CardType::SecondSpecialPermanentResident,
];

pub(crate) const READABLE: [CardType; 4] = [FIRST[0], FIRST[1], SECOND[0], SECOND[1]];

/// A file whose block is absent, or missing at the input's end, is not on the card.
pub(crate) fn read(card_type: CardType, input: &mut Input<'_>) -> CardFiles {
    let mut files = CardFiles::new(card_type);
    for entry in card_type.files() {
        if let Some(Block::Bytes(content)) = input.block() {
            files.insert(entry.file, Bytes::copy_from_slice(content));
        }
    }
    files
}

/// The reverse; `choice` is the byte by which the target chooses the card type.
pub(crate) fn write(choice: u8, files: &CardFiles) -> Vec<u8> {
    let mut input = vec![choice];
    for entry in files.card_type().files() {
        push_block(&mut input, files.get(entry.file).map(|content| &content[..]));
    }
    input
}

/// An error names a byte of its file.
pub(crate) fn check_error(files: &CardFiles, error: &Error) {
    let length = files.get(error.file()).map_or(0, Bytes::len);
    assert!(error.offset() <= length, "{error:?}");
}

/// Copies of a card's files with one of them put in place of what was there.
pub(crate) fn with(files: &CardFiles, file: File, content: Vec<u8>) -> CardFiles {
    let mut files = files.clone();
    files.insert(file, Bytes::from(content));
    files
}
