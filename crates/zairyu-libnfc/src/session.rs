use std::fmt;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use zairyu_transport::{CancelHandle, Error, ErrorKind, Limits, Transport};
use zeroize::Zeroizing;

use crate::reader::{LIMITS, Reader};

/// How long the end of a session is waited for. It takes a few short commands to the chip.
const END_TAKES_AT_MOST: Duration = Duration::from_secs(5);

/// How often a wait looks whether it was cancelled.
const CANCEL_IS_SEEN_WITHIN: Duration = Duration::from_millis(20);

/// A card in the field of a reader, held for one reading: the [`Transport`] of libnfc.
///
/// It is opened by [`OpenOptions`](crate::OpenOptions), has the reader to itself for as long as it lives, and at the
/// end releases the card, switches the field off and closes the device.
///
/// After [`CardRemoved`](ErrorKind::CardRemoved), [`TimedOut`](ErrorKind::TimedOut),
/// [`NoReader`](ErrorKind::NoReader) and [`Cancelled`](ErrorKind::Cancelled) the session is over: every further call
/// returns the same error. After [`ExchangeFailed`](ErrorKind::ExchangeFailed) the card is still there, but an
/// authenticated channel to it is lost: call [`reset`](Transport::reset) and begin again.
pub struct Session {
    // libnfc's calls block, and longer than they are told when the chip sends a byte now and then. So a thread of its
    // own holds the device, and this is the other end of its two channels.
    orders: Option<Sender<Order>>,
    answers: Receiver<Answer>,
    device: String,
    time_limit: Duration,
    cancel: CancelHandle,
    ended: Option<Error>,
}

enum Order {
    Select,
    Transmit(Zeroizing<Vec<u8>>, Duration),
    Reset,
}

/// The response; the device's name at the beginning; nothing.
type Answer = Result<Vec<u8>, Error>;

impl Session {
    /// The connection string of the reader.
    #[must_use]
    pub fn reader(&self) -> &str {
        &self.device
    }

    /// Opens the device, without a card yet.
    pub(crate) fn start(
        connection_string: Option<&str>,
        opening_limit: Duration,
        time_limit: Duration,
        cancel: &CancelHandle,
    ) -> Result<Self, Error> {
        let (orders, incoming) = mpsc::channel();
        let (outgoing, answers) = mpsc::channel();
        let connection_string = connection_string.map(str::to_owned);
        thread::Builder::new()
            .name("zairyu-libnfc".to_owned())
            .spawn(move || hold(connection_string.as_deref(), &incoming, &outgoing))
            .map_err(|error| Error::new(ErrorKind::Other).with_detail(error.to_string()))?;
        let mut session = Self {
            orders: Some(orders),
            answers,
            device: String::new(),
            time_limit,
            cancel: cancel.clone(),
            ended: None,
        };
        let device = session.answer_within(opening_limit).inspect_err(|_| {
            // The thread closes what it opens as soon as it sees that nobody waits.
            session.orders = None;
        })?;
        session.device = String::from_utf8_lossy(&device).into_owned();
        Ok(session)
    }

    /// Looks once for a card.
    pub(crate) fn select(&mut self) -> Result<(), Error> {
        match self.ask(Order::Select) {
            Err(error) if error.kind() == ErrorKind::NoCard => Err(error),
            answer => self.remember(answer).map(drop),
        }
    }

    fn order(&mut self, order: Order) -> Answer {
        if let Some(ended) = &self.ended {
            return Err(ended.clone());
        }
        let answer = self.ask(order);
        self.remember(answer)
    }

    fn ask(&self, order: Order) -> Answer {
        self.cancel.check()?;
        match &self.orders {
            Some(orders) if orders.send(order).is_ok() => self.answer_within(self.time_limit),
            _ => Err(Self::broken()),
        }
    }

    /// Ends the session with an error that does.
    fn remember(&mut self, answer: Answer) -> Answer {
        if let Err(error) = &answer {
            match error.kind() {
                ErrorKind::ExchangeFailed | ErrorKind::LengthNotSupported => {}
                kind => {
                    self.ended = Some(error.clone());
                    if matches!(kind, ErrorKind::TimedOut | ErrorKind::Cancelled) {
                        // Its thread may be stuck in the exchange. It closes the device when it comes out of it.
                        self.orders = None;
                    }
                }
            }
        }
        answer
    }

    /// The holding thread's next answer, if it comes in time.
    fn answer_within(&self, limit: Duration) -> Answer {
        let started = Instant::now();
        loop {
            let left = limit.saturating_sub(started.elapsed());
            match self.answers.recv_timeout(left.min(CANCEL_IS_SEEN_WITHIN)) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return Err(Self::broken()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.cancel.check()?;
            if left.is_zero() {
                return Err(Error::new(ErrorKind::TimedOut));
            }
        }
    }

    fn broken() -> Error {
        Error::new(ErrorKind::Other).with_detail("libnfc failed")
    }
}

impl Transport for Session {
    /// Short APDUs: libnfc carries no longer ones.
    fn limits(&self) -> Limits {
        LIMITS
    }

    /// Sends one command APDU and returns the response APDU.
    ///
    /// # Errors
    ///
    /// - [`CardRemoved`](ErrorKind::CardRemoved): the card left, and perhaps another came.
    /// - [`ExchangeFailed`](ErrorKind::ExchangeFailed): it is there, and the exchange was disturbed.
    /// - [`NoReader`](ErrorKind::NoReader): the reader was unplugged, or does not answer sensibly any more.
    /// - [`TimedOut`](ErrorKind::TimedOut): no response within the limit of
    ///   [`OpenOptions::exchange_limit`](crate::OpenOptions::exchange_limit);
    ///   [`Cancelled`](ErrorKind::Cancelled): by its handle.
    /// - [`LengthNotSupported`](ErrorKind::LengthNotSupported): the command is longer than [`Self::limits`], and was
    ///   not sent; or the response was longer.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        if command.len() > LIMITS.command() {
            return Err(Error::new(ErrorKind::LengthNotSupported).with_detail(format!(
                "a command of {} bytes, {} at most",
                command.len(),
                LIMITS.command()
            )));
        }
        self.order(Order::Transmit(command.to_vec().into(), self.time_limit))
    }

    /// Takes the card's power away and activates it again: it has forgotten everything of this session.
    ///
    /// # Errors
    ///
    /// As for [`transmit`](Self::transmit).
    fn reset(&mut self) -> Result<(), Error> {
        self.order(Order::Reset).map(drop)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.orders.take().is_some() {
            // The thread's end closes the channel. Waiting for it lets the caller open the same reader again at once.
            while let Ok(_late) = self.answers.recv_timeout(END_TAKES_AT_MOST) {}
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("reader", &self.device)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// Holds the device and carries out orders, until there are no more or the caller is gone.
fn hold(connection_string: Option<&str>, orders: &Receiver<Order>, answers: &Sender<Answer>) {
    let (mut reader, device) = match Reader::open(connection_string) {
        Ok(opened) => opened,
        Err(error) => {
            // Nobody is left to tell if the caller gave up.
            let _ = answers.send(Err(error));
            return;
        }
    };
    if answers.send(Ok(device.into_bytes())).is_err() {
        return;
    }
    while let Ok(order) = orders.recv() {
        let answer = match order {
            Order::Select => reader.select().map(|()| Vec::new()),
            Order::Transmit(command, time_limit) => reader.transmit(&command, time_limit),
            Order::Reset => reader.reset().map(|()| Vec::new()),
        };
        if answers.send(answer).is_err() {
            return;
        }
    }
}
