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

    /// The byte, counted from the start of the file.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "The card's file \"{}\" is damaged: {} (byte {})",
            self.file, self.kind, self.offset
        )
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
            Self::UnknownCardType => f.write_str("unknown card type"),
            Self::MalformedCardNumber => f.write_str("the card number has not the form of one"),
            Self::UnspecifiedOrder => f.write_str("its data objects are not those specified, in their order"),
        }
    }
}
