//! From PC/SC's error codes to causes that a person can act on.
//!
//! The codes do not tell the cause alone: the same "removed" means *no card* where one is being looked for and *card
//! lost* where one is being read. What stands here was seen with pcscd, or is documented by Microsoft
//! ("Smart Card Return Values").

use pcsc::Error as Code;
use zairyu_transport::{Error, ErrorKind};

use crate::diagnosis::Cause;

/// What stands between us and a card: the cause, and the error that tells of it.
#[derive(Clone)]
pub(crate) struct Hindrance {
    pub(crate) cause: Cause,
    pub(crate) error: Error,
}

impl Hindrance {
    pub(crate) fn new(cause: Cause, error: Error) -> Self {
        Self { cause, error }
    }
}

/// Of an error met in the probe, or with what is not a card's.
impl From<Error> for Hindrance {
    fn from(error: Error) -> Self {
        let cause = match error.kind() {
            ErrorKind::NoService => Cause::NoService,
            ErrorKind::NotAuthorised => Cause::NotAuthorised,
            ErrorKind::NoReader => Cause::ReaderUnavailable,
            ErrorKind::NoCard => Cause::NoCard,
            ErrorKind::InUse => Cause::InUse,
            ErrorKind::SeveralCards => Cause::SeveralCards,
            ErrorKind::Cancelled => Cause::Cancelled,
            ErrorKind::CardRemoved
            | ErrorKind::CardReset
            | ErrorKind::TimedOut
            | ErrorKind::LengthNotSupported
            | ErrorKind::ExchangeFailed => Cause::ExchangeFailed,
            _ => Cause::Other,
        };
        Self { cause, error }
    }
}

/// What an error means that was met while looking for a card and connecting to it.
pub(crate) fn while_opening(code: Code) -> Hindrance {
    let (cause, kind) = match code {
        // Some readers' drivers report an empty reader as a card removed.
        Code::NoSmartcard | Code::RemovedCard => (Cause::NoCard, ErrorKind::NoCard),
        // There is something, and it does not answer: off-centre, or a card of another type.
        Code::UnresponsiveCard
        | Code::UnpoweredCard
        | Code::UnsupportedCard
        | Code::CardUnsupported
        | Code::UnknownCard
        | Code::InvalidAtr
        | Code::ProtoMismatch => (Cause::CardDoesNotAnswer, ErrorKind::NoCard),
        code => return error(either_way(code), code).into(),
    };
    Hindrance::new(cause, error(kind, code))
}

/// The cause of an error met with a card that was held already. Whether a failed exchange means that the card has
/// left is not in the code: see [`may_be_gone`].
pub(crate) fn while_reading(code: Code) -> Error {
    let kind = match code {
        Code::NoSmartcard | Code::RemovedCard | Code::UnresponsiveCard => ErrorKind::CardRemoved,
        Code::UnpoweredCard => ErrorKind::CardReset,
        code if is_reset(code) => ErrorKind::CardReset,
        code => either_way(code),
    };
    error(kind, code)
}

/// Whether the card was reset by somebody else, or lost its power by it. pcscd forgets the protocol at a reset, before it
/// tells of it (`SCardDisconnect` in its `winscard.c`).
pub(crate) fn is_reset(code: Code) -> bool {
    matches!(code, Code::ResetCard | Code::UnpoweredCard | Code::ProtoMismatch)
}

/// Whether, after this error, one has to look where the card and the service are.
pub(crate) fn may_be_gone(code: Code) -> bool {
    either_way(code) == ErrorKind::ExchangeFailed
}

fn either_way(code: Code) -> ErrorKind {
    match code {
        // An invalid handle is one from before the service was restarted.
        Code::NoService | Code::ServiceStopped | Code::InvalidHandle => ErrorKind::NoService,
        Code::NoAccess | Code::SecurityViolation => ErrorKind::NotAuthorised,
        Code::UnknownReader | Code::ReaderUnavailable | Code::NoReadersAvailable => ErrorKind::NoReader,
        Code::SharingViolation => ErrorKind::InUse,
        Code::ResetCard => ErrorKind::CardReset,
        Code::Timeout | Code::WaitedTooLong => ErrorKind::TimedOut,
        Code::Cancelled | Code::SystemCancelled | Code::CancelledByUser => ErrorKind::Cancelled,
        Code::InsufficientBuffer | Code::PciTooSmall => ErrorKind::LengthNotSupported,
        Code::NotTransacted
        | Code::CommError
        | Code::CommDataLost
        | Code::UnknownError
        | Code::InternalError
        | Code::NotReady => ErrorKind::ExchangeFailed,
        _ => ErrorKind::Other,
    }
}

/// The detail is the code's name and number, for a web search.
pub(crate) fn error(kind: ErrorKind, code: Code) -> Error {
    Error::new(kind).with_detail(format!("{code:?}, {:#010X}", code as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_card_is_told_by_what_was_going_on() {
        for code in [Code::NoSmartcard, Code::RemovedCard, Code::UnresponsiveCard] {
            assert_eq!(while_opening(code).error.kind(), ErrorKind::NoCard);
            assert_eq!(while_reading(code).kind(), ErrorKind::CardRemoved);
        }
    }

    #[test]
    fn an_empty_reader_is_told_from_a_card_that_does_not_answer() {
        for (code, cause) in [
            (Code::NoSmartcard, Cause::NoCard),
            // What some readers' drivers say of an empty reader.
            (Code::RemovedCard, Cause::NoCard),
            (Code::UnresponsiveCard, Cause::CardDoesNotAnswer),
            (Code::ProtoMismatch, Cause::CardDoesNotAnswer),
            (Code::SharingViolation, Cause::InUse),
            (Code::UnknownReader, Cause::ReaderUnavailable),
            (Code::SecurityViolation, Cause::NotAuthorised),
        ] {
            assert_eq!(while_opening(code).cause, cause, "{code:?}");
        }
    }

    #[test]
    fn a_reset_is_told_from_a_removal() {
        for code in [Code::ResetCard, Code::UnpoweredCard, Code::ProtoMismatch] {
            assert_eq!(while_reading(code).kind(), ErrorKind::CardReset, "{code:?}");
        }
    }

    #[test]
    fn causes_that_are_the_same_either_way() {
        for (code, kind) in [
            (Code::ResetCard, ErrorKind::CardReset),
            (Code::SharingViolation, ErrorKind::InUse),
            (Code::NoService, ErrorKind::NoService),
            (Code::ServiceStopped, ErrorKind::NoService),
            (Code::SecurityViolation, ErrorKind::NotAuthorised),
            (Code::NoAccess, ErrorKind::NotAuthorised),
            (Code::UnknownReader, ErrorKind::NoReader),
            (Code::Cancelled, ErrorKind::Cancelled),
            (Code::InsufficientBuffer, ErrorKind::LengthNotSupported),
            (Code::NotTransacted, ErrorKind::ExchangeFailed),
        ] {
            assert_eq!(while_opening(code).error.kind(), kind, "{code:?}");
            assert_eq!(while_reading(code).kind(), kind, "{code:?}");
        }
    }

    #[test]
    fn the_detail_names_the_code_as_the_field_knows_it() {
        assert_eq!(
            while_opening(Code::UnresponsiveCard).error.detail(),
            Some("UnresponsiveCard, 0x80100066")
        );
        assert_eq!(
            while_opening(Code::RemovedCard).error.detail(),
            Some("RemovedCard, 0x80100069")
        );
    }
}
