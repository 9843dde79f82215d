use core::fmt;

use zairyu_protocol::StatusWord;

use crate::{
    application::{Application, Secret},
    mode::{CommandName, Mode},
    tries::{Tries, UnknownOutcome},
};

/// Why a reading ended early. It holds no byte of the card.
///
/// Its [`Display`](fmt::Display) is one plain sentence with what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The card has no such application: it is no My Number Card, or a phone.
    NoApplication(Application),
    /// The card has no certificate for user authentication (利用者証明用電子証明書).
    NoAuthCertificate,
    /// The secret is blocked. **Nothing was sent**, or what was sent blocked it.
    Blocked(Secret),
    /// One try is left. **Nothing was sent**: [`LastTry::Use`](crate::LastTry::Use) would.
    LastTry(Secret),
    /// The card does not say how many tries are left. **Nothing was sent.**
    TriesUnknown {
        /// Of which secret.
        secret: Secret,
        /// What the card answered instead.
        tries: Tries,
    },
    /// The secret is wrong; a try is lost.
    WrongSecret {
        /// Which one.
        secret: Secret,
        /// What is left.
        tries: Tries,
    },
    /// The card's answer to a secret cannot be read: a try may be lost. Ask for the tries before anything else.
    OutcomeUnknown(UnknownOutcome),
    /// The card refused a command.
    Refused {
        /// The command.
        command: CommandName,
        /// The card's status word.
        status: StatusWord,
    },
    /// The card's answer is not what such a card gives.
    Answer {
        /// The command that it answers.
        command: CommandName,
        /// What is wrong with it.
        kind: AnswerError,
    },
    /// The policy asks for reads of less than 64 or more than 256 bytes.
    ReadLength,
    /// This crate was about to send what its own mode does not allow: a defect of this crate.
    NotAllowed {
        /// The mode.
        mode: Mode,
        /// The command that was not sent.
        command: CommandName,
    },
}

/// What can be wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// It has fewer than two bytes, so no status word.
    NoStatusWord,
    /// It brings more bytes than were asked for.
    TooLong {
        /// The most bytes allowed.
        allowed: usize,
        /// The bytes found.
        found: usize,
    },
    /// It corrects the length asked for again and again, or to more than was asked for.
    WrongLength,
    /// It comes in more pieces than it has reason to.
    TooManyPieces,
    /// The file does not begin with a data object.
    NotAnObject(zairyu_tlv::ErrorKind),
    /// The file's data object declares more bytes than any file has.
    FileTooLong {
        /// Bytes declared.
        declared: usize,
    },
    /// The file ends before its data object does.
    FileTruncated {
        /// Bytes declared.
        declared: usize,
        /// Bytes found.
        found: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoApplication(application) => write!(
                f,
                "This card does not have {application}: put a My Number Card on the reader, not another card or a phone"
            ),
            Self::NoAuthCertificate => f.write_str(
                "There is no certificate for user authentication (利用者証明用電子証明書): for a card, the municipal office \
                 (市区町村窓口) issues one",
            ),
            Self::Blocked(secret) => write!(
                f,
                "Too many wrong tries have blocked {secret}: for a card, the municipal office (市区町村窓口) can set a new one"
            ),
            Self::LastTry(secret) => write!(
                f,
                "Only one try is left for {secret}, and nothing was sent: make sure of it before you insist"
            ),
            Self::TriesUnknown { secret, tries } => write!(
                f,
                "The card does not tell the tries left for {secret} ({tries}), and nothing was sent: put the card back \
                 and try again"
            ),
            Self::WrongSecret { secret, tries } => {
                write!(
                    f,
                    "The card did not accept {secret} ({tries}): check it before you try again"
                )
            }
            Self::OutcomeUnknown(outcome) => write!(
                f,
                "The connection broke while {} was checked: ask for the tries left before you enter it again",
                outcome.secret
            ),
            Self::Refused { command, status } => {
                write!(
                    f,
                    "The card refused a command ({command}: {status}): take it off, put it back and try again"
                )
            }
            Self::Answer { command, kind } => write!(
                f,
                "The card's answer to {command} is not as it should be ({kind}): try again; if it stays so, the chip \
                 is damaged or not genuine"
            ),
            Self::ReadLength => f.write_str("A read has 64 to 256 bytes: correct the program's settings"),
            Self::NotAllowed { mode, command } => write!(
                f,
                "The mode {mode} does not allow {command}, and nothing was sent: report this defect of the program"
            ),
        }
    }
}

impl core::error::Error for Error {}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStatusWord => f.write_str("no status word"),
            Self::TooLong { allowed, found } => write!(f, "{found} bytes where at most {allowed} may come"),
            Self::WrongLength => f.write_str("a length corrected without end"),
            Self::TooManyPieces => f.write_str("in too many pieces"),
            Self::NotAnObject(kind) => write!(f, "no data object: {kind}"),
            Self::FileTooLong { declared } => write!(f, "a file of {declared} bytes"),
            Self::FileTruncated { declared, found } => write!(f, "{found} bytes of a file of {declared}"),
        }
    }
}
