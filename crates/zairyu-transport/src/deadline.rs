use std::time::Instant;

use crate::{Error, ErrorKind, Limits, Transport};

/// One time limit for a whole reading: once it has passed, every call ends in [`ErrorKind::TimedOut`].
///
/// The time is looked at before and after each call. A call in progress cannot be interrupted, so a reading may last longer
/// by one exchange; how long that may take is up to the backend. A response that comes too late is not handed out. An error
/// is, since it says more.
///
/// ```
/// use std::time::{Duration, Instant};
/// use zairyu_transport::{Callback, Deadline, ErrorKind, Limits, Transport};
/// # let card = Callback::new(Limits::SHORT, |_: &[u8]| Ok(vec![0x90, 0x00]));
///
/// let mut in_time = Deadline::new(card, Instant::now() + Duration::from_secs(30));
/// assert_eq!(in_time.transmit(&[0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00])?, [0x90, 0x00]);
///
/// let mut too_late = Deadline::new(in_time, Instant::now());
/// let error = too_late.transmit(&[0x00, 0xB0, 0x8A, 0x00, 0x00]).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::TimedOut);
/// # Ok::<(), zairyu_transport::Error>(())
/// ```
///
/// # Panics
///
/// None, where [`Instant::now`] has none: on `wasm32-unknown-unknown` the standard library has no clock and panics.
#[derive(Debug)]
pub struct Deadline<T> {
    transport: T,
    at: Instant,
}

impl<T: Transport> Deadline<T> {
    /// The transport until `at`.
    #[must_use]
    pub const fn new(transport: T, at: Instant) -> Self {
        Self { transport, at }
    }

    fn check(&self) -> Result<(), Error> {
        if Instant::now() >= self.at {
            return Err(Error::new(ErrorKind::TimedOut).with_detail("the time for the whole reading is over"));
        }
        Ok(())
    }
}

impl<T: Transport> Transport for Deadline<T> {
    fn limits(&self) -> Limits {
        self.transport.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        self.transmit_while(command, &mut || false)
    }

    fn transmit_while(
        &mut self,
        command: &[u8],
        meanwhile: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<u8>, Error> {
        self.check()?;
        let response = self.transport.transmit_while(command, meanwhile)?;
        self.check()?;
        Ok(response)
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.check()?;
        self.transport.reset()?;
        self.check()
    }
}
