//! What a Japanese residence card (在留カード) or special permanent resident certificate (特別永住者証明書) holds:
//! card types, the file table, every data object typed, code tables with labels.
//!
//! ```
//! use bytes::Bytes;
//! use zairyu_data::{Card, CardFiles, CardType, File, Labelled};
//!
//! // The files as a reader brings them: here only one, with one object, 性別 "2".
//! let mut files = CardFiles::new(CardType::from_file(b"\xC1\x0205")?);
//! files.insert(File::PrintedEntries, Bytes::from_static(b"\xC7\x012"));
//! files.insert(File::NameAndFaceImage, Bytes::new());
//!
//! let Card::Second(card) = Card::parse(&files) else { unreachable!("type 05 is second generation") };
//! let sex = card.signed?.entries().sex.clone().expect("C7 is there");
//! assert_eq!((sex.code(), sex.ja(), sex.en()), ("2", Some("女"), Some("female")));
//! // Every part is read by itself: what is missing or damaged says so, and the rest is there.
//! assert!(card.permissions.is_err());
//! # Ok::<(), zairyu_data::Error>(())
//! ```
//!
//! # From files to fields
//!
//! [`CardFiles`] are the elementary files exactly as read. [`Card::parse`] types them; every value that a signature
//! covers stays at hand byte for byte ([`first::SignedImages::message`], [`second::SignedEntries::message`]).
//!
//! # What it does not do
//!
//! It verifies nothing: a value in here is what *some* chip said. zairyu-verify turns it into a verified one. It
//! decodes no image, and it knows no table that is not public: codes of 在留資格 and 許可の種類 have no labels.

#![no_std]

extern crate alloc;

mod card_number;
mod card_type;
mod code;
mod error;
mod file;
pub mod first;
mod nationality_table;
mod object;
pub mod second;
mod secure_messaging_profile;
mod signature;
mod value;

use alloc::{borrow::ToOwned, boxed::Box, string::String};

use bytes::Bytes;
pub use card_number::{CardNumber, CardNumberError, Expected, LookAlike};
pub use card_type::{CardKind, CardType, Generation};
pub use code::{
    Code, CommissionerEntry, ComprehensivePermission, IndividualPermission, Labelled, Nationality,
    PeriodOfStay, RenewalApplication, Sex, StayLength, WorkRestriction,
};
pub use error::{Error, ErrorKind};
pub use file::{Access, CardFiles, File, FileEntry, Folder};
pub use first::FirstCard;
use object::Objects;
pub use second::SecondCard;
pub use secure_messaging_profile::{
    ByteOrder, CounterAdvance, DeliveredKeys, DeliveryForm, IvRule, LeObject, MacUse, MessagingClass,
    OaepHash, ProfileError, SecureMessagingProfile, SessionSpan,
};
pub use signature::SignatureObjects;
pub use value::{CardDate, ImageValue};
use zairyu_tlv::Tag;

/// One part of a card: `None` when cards of this type, or this card, have no such part.
pub type Part<T> = Result<Option<T>, Error>;

/// A card's content, typed and unverified.
#[derive(Debug)]
pub enum Card {
    /// First generation.
    First(Box<FirstCard>),
    /// Second generation, and the specified cards, which hold the same objects.
    Second(Box<SecondCard>),
}

impl Card {
    /// Types all parts of a card's files. It never fails as a whole: each part is its own result.
    #[must_use]
    pub fn parse(files: &CardFiles) -> Self {
        match files.card_type().generation() {
            Generation::First => Self::First(Box::new(FirstCard::parse(files))),
            Generation::Second | Generation::Specified => Self::Second(Box::new(SecondCard::parse(files))),
        }
    }
}

/// Reads one file into one part. A file that the card's type lists must be there.
fn part<T>(files: &CardFiles, file: File, parse: impl FnOnce(&Bytes) -> Result<T, Error>) -> Part<T> {
    match files.get(file) {
        Some(bytes) => parse(bytes).map(Some),
        None if files.card_type().entry(file).is_some() => Err(Error::new(file, ErrorKind::MissingFile, 0)),
        None => Ok(None),
    }
}

fn specification_version(bytes: &Bytes) -> Result<String, Error> {
    let objects = Objects::parse(File::CommonData, bytes)?;
    Ok(value::trimmed_text(File::CommonData, &objects.required(Tag::new(0xC0))?)?.to_owned())
}

fn renewal_application(tag: Tag, bytes: &Bytes) -> Result<RenewalApplication, Error> {
    let objects = Objects::parse(File::RenewalApplication, bytes)?;
    let object = objects.required(tag)?;
    Ok(RenewalApplication::from_code(value::trimmed_text(
        File::RenewalApplication,
        &object,
    )?))
}
