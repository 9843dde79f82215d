//! From libnfc's error codes to causes that a person can act on.

use nfc1::Error as Code;
use zairyu_transport::{Error, ErrorKind};

/// What an error met in an exchange says by itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// This happened.
    Known(Error),
    /// The card may have left, or the reader: look.
    Unclear(Error),
}

/// The cause of an error met with a card that was held already.
pub(crate) fn while_reading(code: Code) -> Cause {
    match code {
        Code::TargetReleased => Cause::Known(error(ErrorKind::CardRemoved, code)),
        Code::Timeout => Cause::Known(error(ErrorKind::TimedOut, code)),
        Code::RfTransmissionError
        | Code::Chip
        // There is room for every response: one without even a status byte looks like this.
        | Code::BufferOverflow
        | Code::Io
        | Code::InvalidArgument
        | Code::MifareAuthFailed
        | Code::OperationAborted => Cause::Unclear(error(ErrorKind::ExchangeFailed, code)),
        _ => Cause::Known(error(ErrorKind::Other, code)),
    }
}

/// The cause of an error met while looking for a card.
pub(crate) fn while_looking(code: Code) -> Error {
    match code {
        // A card that answered half: off-centre, or of another type. Or two at once.
        Code::RfTransmissionError | Code::TargetReleased => error(ErrorKind::NoCard, code),
        // How libnfc says that the chip knows no Type B.
        Code::InvalidArgument | Code::DeviceNotSupported => {
            Error::new(ErrorKind::NoReader).with_detail("this reader cannot read Type B cards")
        }
        // The chip fell silent, talks nonsense, or is unplugged.
        Code::Timeout | Code::Io | Code::Chip | Code::NoSuchDeviceFound => error(ErrorKind::NoReader, code),
        _ => error(ErrorKind::Other, code),
    }
}

/// The detail is the code's name in the libnfc manual, for a web search.
pub(crate) fn error(kind: ErrorKind, code: Code) -> Error {
    let name = match code {
        Code::Io => "NFC_EIO",
        Code::InvalidArgument => "NFC_EINVARG",
        Code::DeviceNotSupported => "NFC_EDEVNOTSUPP",
        Code::NoSuchDeviceFound => "NFC_ENOTSUCHDEV",
        Code::BufferOverflow => "NFC_EOVFLOW",
        Code::Timeout => "NFC_ETIMEOUT",
        Code::OperationAborted => "NFC_EOPABORTED",
        Code::NotImplemented => "NFC_ENOTIMPL",
        Code::TargetReleased => "NFC_ETGRELEASED",
        Code::RfTransmissionError => "NFC_ERFTRANS",
        Code::MifareAuthFailed => "NFC_EMFCAUTHFAIL",
        Code::Soft => "NFC_ESOFT",
        Code::Chip => "NFC_ECHIP",
        Code::Malloc | Code::Undefined(_) | Code::UndefinedModulationType | Code::NoDeviceFound => {
            return Error::new(kind).with_detail(code.to_string());
        }
    };
    Error::new(kind).with_detail(format!("libnfc: {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes() {
        let known = |code, kind| assert_eq!(while_reading(code), Cause::Known(error(kind, code)));
        known(Code::TargetReleased, ErrorKind::CardRemoved);
        known(Code::Timeout, ErrorKind::TimedOut);
        known(Code::Soft, ErrorKind::Other);
        for code in [
            Code::Io,
            Code::Chip,
            Code::RfTransmissionError,
            Code::BufferOverflow,
        ] {
            assert_eq!(
                while_reading(code),
                Cause::Unclear(error(ErrorKind::ExchangeFailed, code))
            );
        }
        for (code, kind) in [
            (Code::RfTransmissionError, ErrorKind::NoCard),
            (Code::DeviceNotSupported, ErrorKind::NoReader),
            (Code::Timeout, ErrorKind::NoReader),
            (Code::Malloc, ErrorKind::Other),
        ] {
            assert_eq!(while_looking(code).kind(), kind, "{code:?}");
        }
    }

    #[test]
    fn the_detail_names_the_code_as_the_manual_does() {
        assert_eq!(
            error(ErrorKind::ExchangeFailed, Code::RfTransmissionError).detail(),
            Some("libnfc: NFC_ERFTRANS")
        );
    }
}
