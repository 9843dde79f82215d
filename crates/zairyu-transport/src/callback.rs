use std::fmt;

use crate::{Error, Limits, Transport};

/// A transport made of limits and a closure that carries one command to the card.
///
/// ```
/// use zairyu_transport::{Callback, Error, ErrorKind, Limits, Transport};
///
/// # struct IsoDep;
/// # impl IsoDep {
/// #     fn transceive(&self, _: &[u8]) -> Result<Vec<u8>, &'static str> { Err("android.nfc.TagLostException") }
/// # }
/// # let iso_dep = IsoDep;
/// # let max_transceive_length = 253;
/// let limits = Limits::new(max_transceive_length, max_transceive_length);
/// let mut card = Callback::new(limits, |command: &[u8]| {
///     iso_dep.transceive(command).map_err(|exception| match exception {
///         "android.nfc.TagLostException" => Error::new(ErrorKind::CardRemoved),
///         other => Error::new(ErrorKind::ExchangeFailed).with_detail(other),
///     })
/// });
/// assert_eq!(card.transmit(&[0x00, 0xB0, 0x8A, 0x00, 0x00]).unwrap_err().kind(), ErrorKind::CardRemoved);
/// ```
///
/// # Phones
///
/// | | Android, `android.nfc.tech.IsoDep` | iOS, `CoreNFC.NFCISO7816Tag` |
/// | --- | --- | --- |
/// | one exchange | `transceive(command)`; the result is the whole response | `sendCommand(apdu: NFCISO7816APDU(data: command)!)`; the response is the data, then SW1 and SW2 |
/// | limits | `getMaxTransceiveLength()` for both: 253 bytes on some chips, 65,279 on others | a command of any length zairyu sends, a response of 1,693 bytes (reported by developers, not documented by Apple): `Limits::new(261, 1693)` |
/// | time | `setTimeout(milliseconds)` before the reading: the default can be too short for long responses | bounded by the system, the whole session too |
/// | [`CardRemoved`](crate::ErrorKind::CardRemoved) | `TagLostException` | `readerTransceiveErrorTagConnectionLost`, `readerTransceiveErrorTagNotConnected` |
/// | [`CardReset`](crate::ErrorKind::CardReset) | `SecurityException` (the tag was discovered anew) | none of its own |
/// | [`ExchangeFailed`](crate::ErrorKind::ExchangeFailed) | any other `IOException` | `readerTransceiveErrorTagResponseError`, `readerTransceiveErrorRetryExceeded` |
/// | [`LengthNotSupported`](crate::ErrorKind::LengthNotSupported) | `IOException` "Transceive length exceeds supported maximum" | `readerTransceiveErrorPacketTooLong` |
/// | [`TimedOut`](crate::ErrorKind::TimedOut) | none of its own | `readerSessionInvalidationErrorSessionTimeout` |
/// | [`Cancelled`](crate::ErrorKind::Cancelled) | none of its own | `readerSessionInvalidationErrorUserCanceled`, `readerTransceiveErrorSessionInvalidated` |
/// | [`reset`](Transport::reset) | `close()`, then `connect()` | `restartPolling()`, then `connect(to:)` |
///
/// The closure blocks until the response is there, so it runs on a thread of its own, never on the main one. On iOS every
/// AID that is selected must be listed in the application's `Info.plist`.
///
/// # What it does not do
///
/// It cannot reset the card: it has one closure. Implement [`Transport`] where that is wanted.
pub struct Callback<F> {
    limits: Limits,
    transmit: F,
}

impl<F: FnMut(&[u8]) -> Result<Vec<u8>, Error>> Callback<F> {
    /// A transport with these limits whose commands go to `transmit`.
    #[must_use]
    pub const fn new(limits: Limits, transmit: F) -> Self {
        Self { limits, transmit }
    }
}

impl<F: FnMut(&[u8]) -> Result<Vec<u8>, Error>> Transport for Callback<F> {
    fn limits(&self) -> Limits {
        self.limits
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        (self.transmit)(command)
    }
}

impl<F> fmt::Debug for Callback<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
