use alloc::{borrow::ToOwned, string::String};
use core::fmt;

use bytes::Bytes;
use jiff::civil::Date;
use zairyu_tlv::Object;

use crate::{Error, ErrorKind, File};

/// A date as the card has it (YYYYMMDD): the cards leave some blank, and no specification says how.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CardDate {
    /// A day of the calendar.
    Day(Date),
    /// Nothing but `00`, spaces, or no byte at all.
    Blank,
    /// Something else, shown as it stands: digits that are no day of the calendar, for example.
    Other(String),
}

impl CardDate {
    /// The day, if it is one.
    #[must_use]
    pub const fn day(&self) -> Option<Date> {
        match self {
            Self::Day(day) => Some(*day),
            Self::Blank | Self::Other(_) => None,
        }
    }

    pub(crate) fn parse(file: File, object: &Object<'_>) -> Result<Self, Error> {
        let text = text(file, object)?;
        let trimmed = text.trim_matches(['\0', ' ']);
        if trimmed.is_empty() {
            return Ok(Self::Blank);
        }
        Ok(calendar_day(trimmed).map_or_else(|| Self::Other(trimmed.to_owned()), Self::Day))
    }
}

fn calendar_day(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::new(
        text.get(..4)?.parse().ok()?,
        text.get(4..6)?.parse().ok()?,
        text.get(6..)?.parse().ok()?,
    )
    .ok()
}

/// The date is personal.
impl fmt::Debug for CardDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Day(_) => "Day(..)",
            Self::Blank => "Blank",
            Self::Other(_) => "Other(..)",
        })
    }
}

/// An image's value as the card has it, `00` padding included: nothing decoded, nothing cut.
#[derive(Clone, PartialEq, Eq)]
pub struct ImageValue(Bytes);

impl ImageValue {
    /// `None` when the value is empty or all `00`: the card has no such image.
    pub(crate) fn from_object(
        file_bytes: &Bytes,
        file: File,
        object: &Object<'_>,
        capacity: usize,
    ) -> Result<Option<Self>, Error> {
        let value = object.value();
        if value.len() > capacity {
            let kind = ErrorKind::WrongLength {
                tag: object.tag(),
                specified: capacity,
                found: value.len(),
            };
            return Err(Error::new(file, kind, object.value_offset()));
        }
        Ok(value
            .iter()
            .any(|&byte| byte != 0)
            .then(|| Self(file_bytes.slice_ref(value))))
    }

    /// The bytes as on the card, padding included.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.0
    }
}

impl fmt::Debug for ImageValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageValue({} bytes)", self.0.len())
    }
}

/// The object's value as text: UTF-8 without byte order mark on all generations.
///
/// 在留カード等仕様書 Ver 1.5, §3.3.4: the column 符号化 names the repertoire of characters (JIS X 0201, JIS X 0213),
/// not their encoding.
pub(crate) fn text<'a>(file: File, object: &Object<'a>) -> Result<&'a str, Error> {
    core::str::from_utf8(object.value()).map_err(|error| {
        let offset = object.value_offset().saturating_add(error.valid_up_to());
        Error::new(file, ErrorKind::NotUtf8 { tag: object.tag() }, offset)
    })
}

/// The same without the `00` bytes (and for codes, spaces) that fill it up.
pub(crate) fn trimmed_text<'a>(file: File, object: &Object<'a>) -> Result<&'a str, Error> {
    Ok(text(file, object)?.trim_end_matches(['\0', ' ']))
}
