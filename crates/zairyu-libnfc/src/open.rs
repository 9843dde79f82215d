use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use zairyu_transport::{CancelHandle, Error, ErrorKind};

use crate::library::Library;
use crate::session::Session;

/// How often a reader is looked for.
const LOOK_FOR_READER_EVERY: Duration = Duration::from_millis(500);

/// How often a card is looked for.
const LOOK_FOR_CARD_EVERY: Duration = Duration::from_millis(100);

/// How long a wait sleeps before it looks whether it was cancelled.
const CANCEL_IS_SEEN_WITHIN: Duration = Duration::from_millis(20);

/// How long opening or listing devices may take. libnfc itself gives a serial port's chip half a second to answer, and
/// asks twice.
const OPENING_TAKES_AT_MOST: Duration = Duration::from_secs(5);

/// How to find the card: which reader, how long to wait.
///
/// ```no_run
/// use std::time::Duration;
/// use zairyu_libnfc::OpenOptions;
/// use zairyu_transport::CancelHandle;
///
/// let cancel = CancelHandle::new();
/// let card = OpenOptions::new()
///     .reader("pn532_uart:/dev/ttyUSB0:115200")
///     .wait(Duration::from_secs(60))
///     .cancel_with(&cancel)
///     .open()?;
/// println!("card in {}", card.reader());
/// # Ok::<(), zairyu_transport::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    connection_string: Option<String>,
    wait: Duration,
    exchange_limit: Duration,
    cancel: CancelHandle,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl OpenOptions {
    /// The only reader there is, 30 seconds to put the card on it, 30 seconds for an exchange.
    #[must_use]
    pub fn new() -> Self {
        Self {
            connection_string: None,
            wait: Duration::from_secs(30),
            exchange_limit: Duration::from_secs(30),
            cancel: CancelHandle::new(),
        }
    }

    /// The reader with this connection string, as [`devices`] and `nfc-list` give it; a reader at a serial port is
    /// not found without.
    #[must_use]
    pub fn reader(mut self, connection_string: impl Into<String>) -> Self {
        self.connection_string = Some(connection_string.into());
        self
    }

    /// How long to wait for a card, and for a reader to put it on. Zero looks once.
    ///
    /// A reader that hangs while it is being opened can make it up to 5 seconds more.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// How long one exchange may take. The card may ask its reader for more time again and again, so be generous.
    #[must_use]
    pub fn exchange_limit(mut self, limit: Duration) -> Self {
        self.exchange_limit = limit;
        self
    }

    /// Lets this handle end the wait, and every exchange of the session that comes of it.
    #[must_use]
    pub fn cancel_with(mut self, handle: &CancelHandle) -> Self {
        self.cancel = handle.clone();
        self
    }

    /// Opens the reader and the ISO/IEC 14443-4 Type B card in its field, whatever card it is; waits for either.
    ///
    /// # Errors
    ///
    /// At once:
    /// - [`NotAuthorised`](ErrorKind::NotAuthorised): this user may not use the reader's device;
    /// - [`Cancelled`](ErrorKind::Cancelled): by its handle;
    /// - [`Other`](ErrorKind::Other): there are several readers, the detail names them; or something that waiting
    ///   does not mend.
    ///
    /// When the time is over, what stood in the way last:
    /// - [`NoReader`](ErrorKind::NoReader): none was found, or what is there does not answer;
    /// - [`InUse`](ErrorKind::InUse): another program, or the kernel, has it;
    /// - [`NoCard`](ErrorKind::NoCard): no card, or none that answers;
    /// - [`TimedOut`](ErrorKind::TimedOut): the reader hangs.
    pub fn open(&self) -> Result<Session, Error> {
        let started = Instant::now();
        let left = || self.wait.saturating_sub(started.elapsed());
        loop {
            self.cancel.check()?;
            let hindrance = match self.open_reader() {
                Ok(mut session) => loop {
                    match session.select() {
                        Ok(()) => return Ok(session),
                        Err(error) if error.kind() == ErrorKind::NoCard && !left().is_zero() => {
                            self.sleep(LOOK_FOR_CARD_EVERY.min(left()))?;
                        }
                        Err(error) => break error,
                    }
                },
                Err(error) => error,
            };
            let may_pass = matches!(
                hindrance.kind(),
                ErrorKind::NoReader | ErrorKind::InUse | ErrorKind::TimedOut
            );
            if !may_pass || left().is_zero() {
                return Err(hindrance);
            }
            self.sleep(LOOK_FOR_READER_EVERY.min(left()))?;
        }
    }

    fn open_reader(&self) -> Result<Session, Error> {
        Session::start(
            self.connection_string.as_deref(),
            OPENING_TAKES_AT_MOST,
            self.exchange_limit,
            &self.cancel,
        )
    }

    fn sleep(&self, time: Duration) -> Result<(), Error> {
        let started = Instant::now();
        loop {
            self.cancel.check()?;
            let left = time.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(CANCEL_IS_SEEN_WITHIN));
        }
    }
}

/// Lists the connection strings of the readers that libnfc finds: those on the USB and those in its configuration. It
/// does not look for readers at serial ports unless its configuration says so.
///
/// # Errors
///
/// [`TimedOut`](ErrorKind::TimedOut) when a reader hangs, [`Other`](ErrorKind::Other). No reader is not an error.
pub fn devices() -> Result<Vec<String>, Error> {
    let (found, answer) = mpsc::channel();
    thread::Builder::new()
        .name("zairyu-libnfc".to_owned())
        .spawn(move || {
            // Nobody is left to tell if it took too long.
            let _ = found.send(Library::lock().devices());
        })
        .map_err(|error| Error::new(ErrorKind::Other).with_detail(error.to_string()))?;
    answer
        .recv_timeout(OPENING_TAKES_AT_MOST)
        .unwrap_or(Err(Error::new(ErrorKind::TimedOut)))
}
