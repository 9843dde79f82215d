use core::fmt;

/// Why no response came from the card.
///
/// Its [`Display`](fmt::Display) is one plain sentence with what to do, fit to be shown to the person at the
/// reader. It never holds anything that was on the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    detail: Option<String>,
}

impl Error {
    /// An error of this kind, without detail.
    #[must_use]
    pub const fn new(kind: ErrorKind) -> Self {
        Self { kind, detail: None }
    }

    /// Adds what the lower layer called it, for support: an error code's name, a reader's name. Never card data.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// What went wrong, for a program to decide on.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What the lower layer called it, if it said anything.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.sentence())?;
        match &self.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {}

/// The kinds of transport error, by what a person has to do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The system's smart-card service is not running.
    NoService,
    /// The smart-card service refuses this user or program.
    NotAuthorised,
    /// No reader is connected, or none of the wanted name.
    NoReader,
    /// The reader holds no card, or the card did not answer within the time allowed.
    NoCard,
    /// Several readers hold a card that could be meant; the detail names them.
    SeveralCards,
    /// There was a card and it has left the reader's field.
    CardRemoved,
    /// The card is there, but was reset by the reader or by another program.
    CardReset,
    /// Another program holds the card or the reader.
    InUse,
    /// The exchange took longer than the time allowed for it.
    TimedOut,
    /// The caller asked to stop.
    Cancelled,
    /// The reader cannot carry a command or a response of this length.
    LengthNotSupported,
    /// The card is still there, but the exchange failed: disturbed, garbled or refused by the reader.
    ExchangeFailed,
    /// A recording was played back to a program that does not send what was recorded.
    NotAsRecorded,
    /// None of the above; the detail says more.
    Other,
}

impl ErrorKind {
    /// All kinds.
    pub const ALL: &[Self] = &[
        Self::NoService,
        Self::NotAuthorised,
        Self::NoReader,
        Self::NoCard,
        Self::SeveralCards,
        Self::CardRemoved,
        Self::CardReset,
        Self::InUse,
        Self::TimedOut,
        Self::Cancelled,
        Self::LengthNotSupported,
        Self::ExchangeFailed,
        Self::NotAsRecorded,
        Self::Other,
    ];

    /// The kind's name for programs, recordings and reports, such as `card_removed`. It never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoService => "no_service",
            Self::NotAuthorised => "not_authorised",
            Self::NoReader => "no_reader",
            Self::NoCard => "no_card",
            Self::SeveralCards => "several_cards",
            Self::CardRemoved => "card_removed",
            Self::CardReset => "card_reset",
            Self::InUse => "in_use",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::LengthNotSupported => "length_not_supported",
            Self::ExchangeFailed => "exchange_failed",
            Self::NotAsRecorded => "not_as_recorded",
            Self::Other => "other",
        }
    }

    /// The kind of this name, or `None` when none has it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// What happened and what to do, in one sentence for the person at the reader.
    const fn sentence(self) -> &'static str {
        match self {
            Self::NoService => {
                "The smart-card service is not running: start it (on Linux: pcscd) and try again"
            }
            Self::NotAuthorised => {
                "This program may not use the smart-card service: ask the administrator to allow it"
            }
            Self::NoReader => {
                "No such card reader was found: connect a contactless (Type B) reader and try again"
            }
            Self::NoCard => "No card was found on the reader: put the card flat on the reader and try again",
            Self::SeveralCards => {
                "More than one reader holds a card: leave only one card on a reader, or name the reader"
            }
            Self::CardRemoved => {
                "The card left the reader while it was being read: put it back, keep it still and try again"
            }
            Self::CardReset => {
                "The card was reset while it was being read, possibly by another program: try again"
            }
            Self::InUse => "Another program is using the card reader: close that program and try again",
            Self::TimedOut => {
                "The card did not answer in time: place it in the middle of the reader and try again"
            }
            Self::Cancelled => "The reading was cancelled",
            Self::LengthNotSupported => {
                "The reader cannot carry a message of this length: try again with short messages or another reader"
            }
            Self::ExchangeFailed => {
                "The exchange with the card failed: place the card in the middle of the reader and try again"
            }
            Self::NotAsRecorded => {
                "The reading does not follow the recording: record it again with this version and on this card"
            }
            Self::Other => "The card reader reported an error: reconnect the reader and try again",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind;

    #[test]
    fn all_kinds_have_a_name_of_their_own_that_leads_back() {
        // `Other` is the last, so none is left out.
        assert_eq!(ErrorKind::ALL.len(), ErrorKind::Other as usize + 1);
        for (index, &kind) in ErrorKind::ALL.iter().enumerate() {
            assert_eq!(kind as usize, index);
            assert_eq!(ErrorKind::from_name(kind.name()), Some(kind));
            assert!(kind.name().bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_')));
        }
        for unknown in ["", "Other", "other ", "card removed"] {
            assert_eq!(ErrorKind::from_name(unknown), None);
        }
    }
}
