use core::fmt;

use zairyu_data::CardType;

use crate::apdu::{CommandName, StatusWord};

/// Why a reading ended without the card's files.
///
/// Its [`Display`](fmt::Display) is one plain sentence with what to do. It holds no byte of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The card number given is not this card's: the card refused what was derived from it.
    NumberMismatch {
        /// The command at which the card said so.
        command: CommandName,
        /// How many wrong numbers the card still takes, 1 to 15, if it counts them. Generation 1 does not, by its
        /// specification; of generation 2 nothing is known.
        tries_left: Option<u8>,
    },
    /// The card says that it takes no number any more, right or wrong (`63C0`, `6983`, `6984`: ISO/IEC 7816-4, table 6).
    /// Generation 1 counts no wrong numbers, but its specification lists `6984` for VERIFY; of the others nothing is known.
    NumberBlocked {
        /// The card's status word.
        status: StatusWord,
    },
    /// The card has applications but no residence application. An ordinary My Number Card answers like this.
    NoResidenceApplication,
    /// The card answers, but neither like a residence card nor like a My Number Card.
    NotAResidenceCard,
    /// A specified residence card (特定在留カード, 07) or certificate (08), and no profile was given for reading it
    /// ([`ReadCard::with_specified_access`](crate::ReadCard::with_specified_access)): none is confirmed for real cards.
    SpecifiedCard {
        /// Its type, if the card told it.
        card_type: Option<CardType>,
    },
    /// A specified card did not take the session key: the delivery key or the profile that the caller gave is not the card's.
    KeyDelivery {
        /// The card's status word.
        status: StatusWord,
    },
    /// The reader cannot carry a command as long as the profile demands.
    CommandTooLong {
        /// The command.
        command: CommandName,
        /// Its length in bytes.
        length: usize,
    },
    /// The delivery key cannot encrypt what the profile wants delivered.
    UnusableDeliveryKey,
    /// A card of this family, of a type that no known specification lists.
    UnknownCardType,
    /// The card refused a command.
    Refused {
        /// The command.
        command: CommandName,
        /// The card's status word.
        status: StatusWord,
    },
    /// The card's answer is not what the specification says.
    Answer {
        /// The command that it answers.
        command: CommandName,
        /// What is wrong with it.
        kind: AnswerError,
    },
    /// The caller's limits are too small for the shortest form of the protocol.
    LimitsTooSmall,
}

/// What can be wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// It has fewer than two bytes, so no status word.
    NoStatusWord,
    /// Its data have another length than specified.
    WrongLength {
        /// The length specified, in bytes.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// It brings more bytes than were asked for, or than the file can hold.
    TooLong {
        /// The most bytes allowed.
        allowed: usize,
        /// The bytes found.
        found: usize,
    },
    /// It is not the one object `86`, with padding indicator `01`, that secure messaging demands.
    NotSecured,
    /// Its MAC is not the one that the card would have made.
    BadMac,
    /// Its cryptogram does not decrypt to properly padded data.
    BadCryptogram,
    /// The card does not prove that it knows the card number it accepted.
    NotAuthentic,
    /// Its data are not the data object that the specification names.
    NotAsSpecified,
    /// It took more reads than any real card needs to bring a file.
    TooManyReads,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NumberMismatch { tries_left, .. } => {
                f.write_str(
                    "The card number does not match this card: compare it with the number at the top right of the \
                     card and enter it again",
                )?;
                match tries_left {
                    Some(left) => write!(f, " (wrong numbers that the card still takes: {left})"),
                    None => Ok(()),
                }
            }
            Self::NumberBlocked { status } => write!(
                f,
                "The card says that it takes no number any more ({status}), as after too many wrong ones: stop, and send \
                 its holder to the office that issued it"
            ),
            Self::NoResidenceApplication => f.write_str(
                "This is not a residence card: it may be a My Number Card without the residence function; put the \
                 residence card itself on the reader",
            ),
            Self::NotAResidenceCard => {
                f.write_str("This is not a residence card: put the residence card on the reader and try again")
            }
            Self::SpecifiedCard { card_type } => write!(
                f,
                "This is a specified residence card ({}), which is not read: how its commands are secured was confirmed by \
                 no public source; check it with the official application",
                card_type.map_or("特定在留カード等", CardType::ja)
            ),
            Self::KeyDelivery { status } => write!(
                f,
                "The card did not take the session key ({status}): check delivery key and secure messaging profile"
            ),
            Self::CommandTooLong { command, length } => write!(
                f,
                "The reader cannot carry {command}, which has {length} bytes: use a reader with extended length"
            ),
            Self::UnusableDeliveryKey => {
                f.write_str("The delivery key does not fit the secure messaging profile: check both")
            }
            Self::UnknownCardType => f.write_str(
                "This residence card is of a type that this version does not know: look for a newer version",
            ),
            Self::Refused { command, status } => {
                write!(f, "The card refused a command ({command}: {status}): take it off, put it back and try again")
            }
            Self::Answer { command, kind } => write!(
                f,
                "The card's answer to {command} is not as specified ({kind}): try again; if it stays so, the chip is \
                 damaged or not genuine"
            ),
            Self::LimitsTooSmall => f.write_str(
                "The reader's messages are too short for a residence card: use a reader with messages of 128 bytes \
                 or more",
            ),
        }
    }
}

impl core::error::Error for Error {}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStatusWord => f.write_str("no status word"),
            Self::WrongLength { expected, found } => write!(f, "{found} bytes instead of {expected}"),
            Self::TooLong { allowed, found } => write!(f, "{found} bytes where at most {allowed} may come"),
            Self::NotSecured => f.write_str("not under secure messaging"),
            Self::BadMac => f.write_str("MAC that does not match"),
            Self::BadCryptogram => f.write_str("cryptogram that does not decrypt"),
            Self::NotAuthentic => f.write_str("no proof that the card knows the number"),
            Self::NotAsSpecified => f.write_str("not the data object specified"),
            Self::TooManyReads => f.write_str("file in too many pieces"),
        }
    }
}
