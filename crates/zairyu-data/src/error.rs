use core::fmt;

use zairyu_tlv::{ErrorKind as TlvErrorKind, Tag};

use crate::File;

/// Why a file's bytes are not what the specification says: the file, what is wrong, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    file: File,
    kind: ErrorKind,
    offset: usize,
}

impl Error {
    pub(crate) const fn new(file: File, kind: ErrorKind, offset: usize) -> Self {
        Self { file, kind, offset }
    }

    /// The file.
    #[must_use]
    pub const fn file(&self) -> File {
        self.file
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The byte, counted from the start of the file; 0 when the fault is that something is missing.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, kind, offset } = self;
        match kind {
            ErrorKind::MissingFile => write!(f, "The file \"{file}\" of the card was not read: {kind}"),
            ErrorKind::UnknownCardType => {
                write!(
                    f,
                    "The card cannot be read: {kind} (file \"{file}\", byte {offset})"
                )
            }
            _ => write!(
                f,
                "The card's file \"{file}\" is not as specified: {kind} (byte {offset}). \
                 Read the card again; if that does not help, its chip is damaged or was altered"
            ),
        }
    }
}

impl core::error::Error for Error {}

/// What can be wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The card did not give the file at all.
    MissingFile,
    /// The bytes are no list of data objects.
    Tlv(TlvErrorKind),
    /// An object that must be there is not.
    MissingObject {
        /// Its tag.
        tag: Tag,
    },
    /// An object is there twice.
    DuplicateObject {
        /// Its tag.
        tag: Tag,
    },
    /// A value is longer or shorter than the specification allows.
    WrongLength {
        /// The object's tag.
        tag: Tag,
        /// How long the value may be, in bytes: the one length of a fixed object, the maximum of others.
        specified: usize,
        /// How long it is.
        found: usize,
    },
    /// A text is not UTF-8.
    NotUtf8 {
        /// The object's tag.
        tag: Tag,
    },
    /// The card type's code is in no specification.
    UnknownCardType,
    /// The card number on the chip has not the form of one.
    MalformedCardNumber,
    /// Objects stand in another order than the specification's, or there are others than it lists. The signature
    /// covers values without their tags, so only the order gives them their meaning.
    UnspecifiedOrder,
    /// The entries that only a residence card has are all `00`. The signature fills a special permanent resident's
    /// shorter entries up with `00`, so that it could not tell which of the two the card is.
    BlankEntries,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingFile => f.write_str("the card does not have it"),
            Self::Tlv(kind) => kind.fmt(f),
            Self::MissingObject { tag } => write!(f, "data object {tag} is missing"),
            Self::DuplicateObject { tag } => write!(f, "data object {tag} is there twice"),
            Self::WrongLength {
                tag,
                specified,
                found,
            } => {
                write!(
                    f,
                    "data object {tag} has {found} bytes where {specified} are specified"
                )
            }
            Self::NotUtf8 { tag } => write!(f, "the text of data object {tag} is not UTF-8"),
            Self::UnknownCardType => f.write_str("it is of a type that this version does not know"),
            Self::MalformedCardNumber => f.write_str("the card number has not the form of one"),
            Self::UnspecifiedOrder => f.write_str("its data objects are not those specified, in their order"),
            Self::BlankEntries => f.write_str("the entries that only a residence card has are all blank"),
        }
    }
}
