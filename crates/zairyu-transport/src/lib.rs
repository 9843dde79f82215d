//! What zairyu asks of a smart-card reader: one trait, and the errors it may report.
//!
//! A [`Transport`] is a *card in a reader, held for one reading*: it sends a command APDU and brings back the
//! response APDU, and knows how long either may be. The PC/SC backend implements it, the software card
//! implements it, and so can a phone: one call to the platform's `transceive` is all it takes.
//!
//! ```
//! use zairyu_transport::{Error, ErrorKind, Limits, Transport};
//!
//! /// A "reader" that always finds its card gone.
//! struct Gone;
//!
//! impl Transport for Gone {
//!     fn limits(&self) -> Limits {
//!         Limits::SHORT
//!     }
//!     fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Error> {
//!         Err(Error::new(ErrorKind::CardRemoved))
//!     }
//! }
//!
//! assert_eq!(Gone.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08]).unwrap_err().kind(), ErrorKind::CardRemoved);
//! ```
//!
//! # Around a transport
//!
//! | part | what it is |
//! | --- | --- |
//! | [`Callback`] | a transport made of a closure: what a phone's binding calls |
//! | [`AsyncTransport`] | the same trait for `async` callers |
//! | [`Deadline`] | one time limit for a whole reading |
//! | [`Traced`] | an event for each exchange, free of personal data: for logs and support tickets |
//! | [`Recorder`], [`Recording`], [`Replay`] | keeps a reading's bytes, as text too, and plays them back |
//! | [`FaultInjector`] | lets exchanges go wrong as asked, for tests |
//!
//! The parts stack, the outermost one called first. Who wants the transport back lends it: `&mut T` is a transport too.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use zairyu_transport::{Callback, Deadline, Limits, Traced, Transport};
//!
//! let card = Callback::new(Limits::SHORT, |_: &[u8]| Ok(vec![0x90, 0x00]));
//! let card = Deadline::new(card, Instant::now() + Duration::from_secs(30));
//! let mut card = Traced::new(card, |event| eprintln!("{event}"));
//! card.transmit(&[0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00])?;
//! # Ok::<(), zairyu_transport::Error>(())
//! ```
//!
//! # What it does not do
//!
//! It does not know any command, does not log, and sends nothing by itself. It has no dependencies.

mod async_transport;
mod callback;
mod cancel;
mod deadline;
mod error;
mod fault_injector;
mod hex;
mod recorder;
mod recording;
mod replay;
mod traced;

pub use async_transport::AsyncTransport;
pub use callback::Callback;
pub use cancel::{CancelHandle, Wakeup};
pub use deadline::Deadline;
pub use error::{Error, ErrorKind};
pub use fault_injector::{Fault, FaultInjector};
pub use recorder::Recorder;
pub use recording::{Exchange, InvalidHeader, ParseError, ParseProblem, Recording};
pub use replay::{Deviation, Replay};
pub use traced::{TraceEvent, Traced, TracedCommand, TracedResponse};

/// How many bytes one exchange can carry, whole APDUs counted (header and status word included).
///
/// The reader's word: the protocol chooses its commands so that neither length is exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    command: usize,
    response: usize,
}

impl Limits {
    /// Short APDUs only (ISO/IEC 7816-4, 5.1): commands up to 261 bytes, responses up to 258.
    pub const SHORT: Self = Self {
        command: 261,
        response: 258,
    };

    /// Extended-length APDUs (ISO/IEC 7816-4, 5.1): commands up to 65,544 bytes, responses up to 65,538.
    pub const EXTENDED: Self = Self {
        command: 65_544,
        response: 65_538,
    };

    /// The longest command and the longest response, both in bytes of a whole APDU. For Android's
    /// `IsoDep`, pass `getMaxTransceiveLength()` for both.
    #[must_use]
    pub const fn new(command: usize, response: usize) -> Self {
        Self { command, response }
    }

    /// The longest command APDU in bytes.
    #[must_use]
    pub const fn command(&self) -> usize {
        self.command
    }

    /// The longest response APDU in bytes, its two status bytes included.
    #[must_use]
    pub const fn response(&self) -> usize {
        self.response
    }
}

/// One card in one reader, for as long as the value lives.
///
/// A value stands for one *presence* of a card: after the card was removed or reset, every further call
/// fails, and a new value has to be opened. That way no state of an earlier card can survive into the next.
pub trait Transport {
    /// How long commands and responses may be.
    fn limits(&self) -> Limits;

    /// Sends one command APDU and returns the response APDU, status word included.
    ///
    /// # Errors
    ///
    /// An [`Error`] that says why no response came. A response that the card gave is never an error here,
    /// whatever its status word says.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error>;

    /// The same; while the card is at work, a transport that can do that calls `meanwhile`, as long as there is no response
    /// and it says that there is more to do. Others, which is the default, do not call it: the work is done later.
    /// What drives a reading decrypts earlier responses there, a piece of some 0.1 ms at a time.
    ///
    /// # Errors
    ///
    /// As for [`transmit`](Self::transmit).
    fn transmit_while(
        &mut self,
        command: &[u8],
        meanwhile: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<u8>, Error> {
        let _ = meanwhile;
        self.transmit(command)
    }

    /// Resets the card, so that a reading can begin again on it: after [`ErrorKind::ExchangeFailed`] or
    /// [`ErrorKind::LengthNotSupported`], with shorter messages.
    ///
    /// A card may keep over a reset what was presented to it (a My Number Card does), unless the transport takes its power away.
    ///
    /// # Errors
    ///
    /// What stood in the way. A transport that cannot do it, which is the default, says so.
    fn reset(&mut self) -> Result<(), Error> {
        Err(cannot_reset())
    }
}

pub(crate) fn cannot_reset() -> Error {
    Error::new(ErrorKind::Other).with_detail("this transport cannot reset the card")
}

impl<T: Transport + ?Sized> Transport for &mut T {
    fn limits(&self) -> Limits {
        (**self).limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        (**self).transmit(command)
    }

    fn transmit_while(
        &mut self,
        command: &[u8],
        meanwhile: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<u8>, Error> {
        (**self).transmit_while(command, meanwhile)
    }

    fn reset(&mut self) -> Result<(), Error> {
        (**self).reset()
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn limits(&self) -> Limits {
        (**self).limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        (**self).transmit(command)
    }

    fn transmit_while(
        &mut self,
        command: &[u8],
        meanwhile: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<u8>, Error> {
        (**self).transmit_while(command, meanwhile)
    }

    fn reset(&mut self) -> Result<(), Error> {
        (**self).reset()
    }
}
