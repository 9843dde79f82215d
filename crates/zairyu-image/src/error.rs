use core::fmt;

use crate::Format;

/// Why a picture was not decoded. The fault is in the picture's bytes, not in the caller.
///
/// The text names the format, the fault and, where known, the byte; it holds nothing of the picture itself.
/// The raw bytes are still good for showing elsewhere, for keeping, and above all for checking the card's
/// signature, which covers the bytes and not the pixels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    kind: ErrorKind,
    what: &'static str,
    format: Option<Format>,
    offset: Option<usize>,
}

/// What kind of fault an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The first bytes are those of no format that this crate knows.
    UnknownFormat,
    /// The bytes end before the picture does.
    Truncated,
    /// The bytes break the rules of their format.
    Malformed,
    /// The bytes may be right, but use a part of the format that this crate leaves out on purpose.
    Unsupported,
    /// The picture asks for more than the [`Budget`](crate::Budget) or the fixed limits allow.
    OverBudget,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: &'static str) -> Self {
        Self {
            kind,
            what,
            format: None,
            offset: None,
        }
    }

    pub(crate) fn truncated(what: &'static str) -> Self {
        Self::new(ErrorKind::Truncated, what)
    }

    pub(crate) fn malformed(what: &'static str) -> Self {
        Self::new(ErrorKind::Malformed, what)
    }

    pub(crate) fn unsupported(what: &'static str) -> Self {
        Self::new(ErrorKind::Unsupported, what)
    }

    pub(crate) fn over_budget(what: &'static str) -> Self {
        Self::new(ErrorKind::OverBudget, what)
    }

    /// Without an offset that lies behind the last byte: a header can name any.
    pub(crate) fn within(mut self, len: usize) -> Self {
        self.offset = self.offset.filter(|&offset| offset <= len);
        self
    }

    pub(crate) fn at(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    /// For a fault found inside a part that starts `distance` bytes into the input.
    pub(crate) fn moved(mut self, distance: usize) -> Self {
        self.offset = self.offset.map(|offset| offset.saturating_add(distance));
        self
    }

    pub(crate) fn of(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// What kind of fault it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The format that the first bytes named; `None` for [`ErrorKind::UnknownFormat`] and for input over
    /// the limit.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Where the fault was found, in bytes from the start of the input, where that is known.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.format {
            Some(format) => write!(f, "the {format} picture cannot be decoded: {}", self.what)?,
            None => write!(f, "the picture cannot be decoded: {}", self.what)?,
        }
        match self.offset {
            Some(offset) => write!(f, " (at byte {offset})"),
            None => Ok(()),
        }
    }
}
