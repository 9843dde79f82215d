//! BER-TLV as Japanese identity cards use it, with budgets: no allocation, no dependencies, no panic.
//!
//! Card files are flat lists of data objects: a tag, a length, that many bytes of value. This crate walks such
//! a list and hands out slices of the input, so that the bytes a signature covers are never copied or
//! re-encoded.
//!
//! ```
//! use zairyu_tlv::{Reader, Tag};
//!
//! // The card type file (MF/EF02) of a second-generation card: C1, two characters, "05".
//! let file = [0xC1, 0x02, 0x30, 0x35];
//! let mut reader = Reader::new(&file);
//! let object = reader.next_object()?.expect("one object");
//! assert_eq!(object.tag(), Tag::new(0xC1));
//! assert_eq!(object.value(), b"05");
//! assert!(reader.next_object()?.is_none());
//! # Ok::<(), zairyu_tlv::Error>(())
//! ```
//!
//! # The rules, and where they come from
//!
//! 在留カード等仕様書 Ver 1.5, §3.2.3.1 (first generation) and 第２世代在留カード等仕様書 Ver 1.1, §3.2.3.1:
//!
//! - A tag is one byte, or two when the low five bits of the first are all set. The second byte is taken as it
//!   is: the cards use `DFD1`, whose second byte ITU-T X.690 would read as "more follows".
//! - A length is `00`–`7F`, `81 xx` or `82 xx xx`. Forms longer than needed are accepted, because the
//!   specification allows them and cards use them. The indefinite form and wider lengths are refused.
//! - A file is filled up with `00` behind its last object. A tag of `00` therefore ends the list, and
//!   everything behind it must be `00` too.
//!
//! # What it does not do
//!
//! It knows no object's meaning, does not descend into constructed objects (call it again on the value), and
//! is no ASN.1 DER parser: certificates need one.

#![no_std]

use core::fmt;

/// The most objects that one [`Reader`] hands out: no card file has more than ten.
pub const MAX_OBJECTS: usize = 64;

/// The tag of a data object: one byte (`C1`) or two (`DFD1`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u16);

impl Tag {
    /// The tag whose bytes, read as a big-endian number, are `bytes`.
    #[must_use]
    pub const fn new(bytes: u16) -> Self {
        Self(bytes)
    }

    /// The tag's bytes as a big-endian number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

/// One data object: a view into the bytes given to the [`Reader`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    tag: Tag,
    value: &'a [u8],
    value_offset: usize,
}

impl<'a> Object<'a> {
    /// The object's tag.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        self.tag
    }

    /// The object's value, without tag and length, exactly as long as its length says.
    #[must_use]
    pub const fn value(&self) -> &'a [u8] {
        self.value
    }

    /// Where the value begins, in bytes from the start of the reader's input.
    #[must_use]
    pub const fn value_offset(&self) -> usize {
        self.value_offset
    }
}

/// Shows tag and length only: the value is personal.
impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Object({}, {} bytes at {})",
            self.tag,
            self.value.len(),
            self.value_offset
        )
    }
}

/// Walks a list of data objects.
#[derive(Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
    objects_left: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            offset: 0,
            objects_left: MAX_OBJECTS,
        }
    }

    /// Where the next object begins, in bytes from the start.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The next object, or `None` when only `00` filler or nothing is left.
    ///
    /// # Errors
    ///
    /// [`Error`] with the kind and the offset of the first byte that breaks the rules. After an error the
    /// reader stays where it was.
    pub fn next_object(&mut self) -> Result<Option<Object<'a>>, Error> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        match rest.first() {
            None => return Ok(None),
            Some(0) => return self.check_filler(rest),
            Some(_) => {}
        }
        if self.objects_left == 0 {
            return Err(ErrorKind::TooManyObjects.at(self.offset));
        }
        let header = Header::parse(rest).map_err(|error| error.behind(self.offset))?;
        let value_offset = self.offset.saturating_add(header.header_len);
        let available = self.bytes.get(value_offset..).unwrap_or_default();
        let Some(value) = available.get(..header.value_len) else {
            let kind = ErrorKind::ValueTruncated {
                declared: header.value_len,
                available: available.len(),
            };
            return Err(kind.at(self.offset));
        };
        self.offset = value_offset.saturating_add(header.value_len);
        self.objects_left = self.objects_left.saturating_sub(1);
        Ok(Some(Object {
            tag: header.tag,
            value,
            value_offset,
        }))
    }

    fn check_filler(&self, rest: &[u8]) -> Result<Option<Object<'a>>, Error> {
        match rest.iter().position(|&byte| byte != 0) {
            None => Ok(None),
            Some(position) => Err(ErrorKind::DataBehindFiller.at(self.offset.saturating_add(position))),
        }
    }
}

/// Tag and length of a data object whose value may not be at hand yet.
///
/// A file reader uses it to learn from a file's first bytes how long its first object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    tag: Tag,
    header_len: usize,
    value_len: usize,
}

impl Header {
    /// The longest header in bytes: two of tag, three of length.
    pub const MAX_LEN: usize = 5;

    /// Reads tag and length at the start of `bytes`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TagTruncated`], [`ErrorKind::LengthTruncated`], [`ErrorKind::IndefiniteLength`] or
    /// [`ErrorKind::LengthTooWide`], with the offset in `bytes`.
    pub const fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let (tag, tag_len) = match bytes {
            [first, rest @ ..] if *first & 0x1F == 0x1F => match rest {
                [second, ..] => (u16::from_be_bytes([*first, *second]), 2),
                [] => return Err(ErrorKind::TagTruncated.at(1)),
            },
            [first, ..] => (*first as u16, 1),
            [] => return Err(ErrorKind::TagTruncated.at(0)),
        };
        let length = bytes.split_at(tag_len).1;
        let (value_len, length_len) = match length {
            [short @ 0..=0x7F, ..] => (*short as usize, 1),
            [0x80, ..] => return Err(ErrorKind::IndefiniteLength.at(tag_len)),
            [0x81, one, ..] => (*one as usize, 2),
            [0x82, high, low, ..] => (u16::from_be_bytes([*high, *low]) as usize, 3),
            [] | [0x81] | [0x82] | [0x82, _] => {
                return Err(ErrorKind::LengthTruncated.at(tag_len + length.len()));
            }
            [0x83..=0xFF, ..] => return Err(ErrorKind::LengthTooWide.at(tag_len)),
        };
        Ok(Self {
            tag: Tag(tag),
            header_len: tag_len + length_len,
            value_len,
        })
    }

    /// The tag.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        self.tag
    }

    /// How many bytes tag and length take.
    #[must_use]
    pub const fn header_len(&self) -> usize {
        self.header_len
    }

    /// How many bytes of value the length declares, at most 65,535. Not yet checked against anything.
    #[must_use]
    pub const fn value_len(&self) -> usize {
        self.value_len
    }
}

/// Writes tag and length in their shortest form into `buffer` and returns the part that was written.
///
/// `None` when `value_len` is over 65,535, which no card object can hold.
#[must_use]
pub fn encode_header(tag: Tag, value_len: usize, buffer: &mut [u8; Header::MAX_LEN]) -> Option<&[u8]> {
    let [tag_high, tag_low] = tag.0.to_be_bytes();
    let [length_high, length_low] = u16::try_from(value_len).ok()?.to_be_bytes();
    let tag_bytes: &[u8] = if tag_high == 0 {
        &[tag_low]
    } else {
        &[tag_high, tag_low]
    };
    let length_bytes: &[u8] = match (length_high, length_low) {
        (0, 0..=0x7F) => &[length_low],
        (0, _) => &[0x81, length_low],
        (_, _) => &[0x82, length_high, length_low],
    };
    let (tag_part, rest) = buffer.split_at_mut_checked(tag_bytes.len())?;
    tag_part.copy_from_slice(tag_bytes);
    rest.get_mut(..length_bytes.len())?.copy_from_slice(length_bytes);
    buffer.get(..tag_bytes.len() + length_bytes.len())
}

/// What breaks the rules, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    offset: usize,
}

impl Error {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The byte, counted from the start of the input.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The same error seen from an outer input, in which this one begins at `start`.
    #[must_use]
    pub const fn behind(self, start: usize) -> Self {
        Self {
            kind: self.kind,
            offset: self.offset.saturating_add(start),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)
    }
}

impl core::error::Error for Error {}

/// The ways in which bytes can fail to be a list of data objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input ends inside a tag.
    TagTruncated,
    /// The input ends inside a length.
    LengthTruncated,
    /// The length is `80`, the indefinite form, which cards do not use.
    IndefiniteLength,
    /// The length's first byte is `83` or more.
    LengthTooWide,
    /// The input ends inside a value.
    ValueTruncated {
        /// The bytes that the length declares.
        declared: usize,
        /// The bytes that are there.
        available: usize,
    },
    /// Something other than `00` stands behind the filler that ends the list.
    DataBehindFiller,
    /// There are more than [`MAX_OBJECTS`] objects.
    TooManyObjects,
}

impl ErrorKind {
    const fn at(self, offset: usize) -> Error {
        Error { kind: self, offset }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TagTruncated => f.write_str("data ends inside a tag"),
            Self::LengthTruncated => f.write_str("data ends inside a length"),
            Self::IndefiniteLength => f.write_str("indefinite length, which cards do not use"),
            Self::LengthTooWide => f.write_str("length of more than two bytes"),
            Self::ValueTruncated { declared, available } => {
                write!(
                    f,
                    "object declares {declared} bytes of which {available} are there"
                )
            }
            Self::DataBehindFiller => f.write_str("data behind the filler that ends the file"),
            Self::TooManyObjects => write!(f, "more than {MAX_OBJECTS} data objects"),
        }
    }
}
