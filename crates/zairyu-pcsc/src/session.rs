use std::ffi::{CStr, CString};
use std::fmt;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use pcsc::{Card, Context, Disposition, MAX_BUFFER_SIZE_EXTENDED, Protocols, Scope, ShareMode, Transaction};
use zairyu_transport::{Error, ErrorKind, Limits, Transport};
use zeroize::{Zeroize, Zeroizing};

use crate::cancel::CancelHandle;
use crate::cause::{error, may_be_gone, while_opening, while_reading};
use crate::reader::slot;

/// How long a failed exchange is looked into: pcscd asks most readers for their card every 0.4 seconds.
const REMOVAL_SHOWS_WITHIN: Duration = Duration::from_secs(1);

/// How long the end of a session is waited for. It takes a reset of the card.
const END_TAKES_AT_MOST: Duration = Duration::from_secs(5);

/// How often a wait looks whether it was cancelled.
const CANCEL_IS_SEEN_WITHIN: Duration = Duration::from_millis(20);

/// A card in a reader, held for one reading: the [`Transport`] of PC/SC.
///
/// It is opened by [`OpenOptions`](crate::OpenOptions), holds the card in a transaction for as long as it lives, and
/// resets it at the end: the card forgets the keys and rights of the session before any other program can reach it.
///
/// After [`CardRemoved`](ErrorKind::CardRemoved), [`TimedOut`](ErrorKind::TimedOut) and
/// [`Cancelled`](ErrorKind::Cancelled) the session is over: every further call returns the same error. After
/// [`CardReset`](ErrorKind::CardReset) too, until [`reset`](Transport::reset) is called. After
/// [`ExchangeFailed`](ErrorKind::ExchangeFailed) the card is still there, but an authenticated channel to it
/// is lost: call [`reset`](Transport::reset) and begin again, with shorter messages if they may be the cause.
pub struct Session {
    // The PC/SC library's calls block, without a limit, and a transaction borrows the card it is on. So a thread of
    // its own holds both, and this is the other end of its two channels.
    orders: Option<Sender<Order>>,
    answers: Receiver<Answer>,
    reader: String,
    limits: Limits,
    time_limit: Duration,
    cancel: CancelHandle,
    /// Whether the card was reached. Until then, giving up leaves the thread to itself: it lets go of the card, untouched,
    /// as soon as it gets it.
    held: bool,
    ended: Option<Error>,
}

enum Order {
    Transmit(Zeroizing<Vec<u8>>),
    Reset,
}

type Answer = Result<Vec<u8>, Error>;

impl Session {
    /// The name of the reader that holds the card.
    #[must_use]
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// Changes how long commands and responses may be, for what is sent from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    fn order(&mut self, order: Order) -> Answer {
        if let Some(ended) = &self.ended {
            return Err(ended.clone());
        }
        let answer = match &self.orders {
            Some(orders) if orders.send(order).is_ok() => self.answer_within(self.time_limit),
            _ => Some(Err(Self::broken())),
        };
        let answer = answer.unwrap_or_else(|| Err(Error::new(ErrorKind::TimedOut)));
        if let Err(error) = &answer {
            match error.kind() {
                ErrorKind::ExchangeFailed | ErrorKind::LengthNotSupported => {}
                kind => {
                    self.ended = Some(error.clone());
                    if matches!(kind, ErrorKind::TimedOut | ErrorKind::Cancelled) {
                        // Its thread may be stuck in the exchange. It resets the card when it comes out of it.
                        self.orders = None;
                    }
                }
            }
        }
        answer
    }

    /// The holding thread's next answer, if it comes in time.
    fn answer_within(&self, limit: Duration) -> Option<Answer> {
        let started = Instant::now();
        loop {
            let left = limit.saturating_sub(started.elapsed());
            match self.answers.recv_timeout(left.min(CANCEL_IS_SEEN_WITHIN)) {
                Ok(answer) => return Some(answer),
                Err(RecvTimeoutError::Disconnected) => return Some(Err(Self::broken())),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Err(cancelled) = self.cancel.check() {
                return Some(Err(cancelled));
            }
            if left.is_zero() {
                return None;
            }
        }
    }

    fn broken() -> Error {
        Error::new(ErrorKind::Other).with_detail("the PC/SC library failed")
    }
}

impl Transport for Session {
    fn limits(&self) -> Limits {
        self.limits
    }

    /// Sends one command APDU and returns the response APDU.
    ///
    /// # Errors
    ///
    /// - [`CardRemoved`](ErrorKind::CardRemoved): the card left, and perhaps another came.
    /// - [`CardReset`](ErrorKind::CardReset): it is there, and has forgotten the session.
    /// - [`ExchangeFailed`](ErrorKind::ExchangeFailed): it is there, and the exchange was disturbed, or
    ///   refused by the reader.
    /// - [`NoReader`](ErrorKind::NoReader): the reader was unplugged; [`NoService`](ErrorKind::NoService): the service
    ///   was stopped.
    /// - [`TimedOut`](ErrorKind::TimedOut): no response within the limit of
    ///   [`OpenOptions::exchange_limit`](crate::OpenOptions::exchange_limit);
    ///   [`Cancelled`](ErrorKind::Cancelled): by its handle.
    /// - [`LengthNotSupported`](ErrorKind::LengthNotSupported): the command is longer than [`Self::limits`], and was
    ///   not sent; or the response is longer than the reader can take.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        if command.len() > self.limits.command() {
            return Err(Error::new(ErrorKind::LengthNotSupported).with_detail(format!(
                "a command of {} bytes, {} at most",
                command.len(),
                self.limits.command()
            )));
        }
        self.cancel.check()?;
        self.order(Order::Transmit(command.to_vec().into()))
    }

    /// Resets the card, which forgets everything of this session, and keeps holding it. For another try after a
    /// failed one.
    ///
    /// # Errors
    ///
    /// As for [`transmit`](Self::transmit).
    fn reset(&mut self) -> Result<(), Error> {
        if self
            .ended
            .as_ref()
            .is_some_and(|ended| ended.kind() == ErrorKind::CardReset)
        {
            self.ended = None;
        }
        self.order(Order::Reset).map(drop)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.orders.take().is_some() && self.held {
            // The thread's end closes the channel. Waiting for it lets the caller open the same card again at once.
            let _ = self.answers.recv_timeout(END_TAKES_AT_MOST);
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("reader", &self.reader)
            .field("limits", &self.limits)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// A session on its way: the service may keep us waiting for another program's transaction, without a limit.
pub(crate) struct Opening(Session);

impl Opening {
    pub(crate) fn start(
        name: CString,
        limits: Limits,
        time_limit: Duration,
        cancel: &CancelHandle,
    ) -> Result<Self, Error> {
        let (orders, incoming) = mpsc::channel();
        let (outgoing, answers) = mpsc::channel();
        let reader = name.to_string_lossy().into_owned();
        thread::Builder::new()
            .name("zairyu-pcsc".to_owned())
            .spawn(move || {
                if let Err(error) = hold(&name, &incoming, &outgoing) {
                    // Nobody is left to tell if the caller gave up.
                    let _ = outgoing.send(Err(error));
                }
            })
            .map_err(|error| Error::new(ErrorKind::Other).with_detail(error.to_string()))?;
        Ok(Self(Session {
            orders: Some(orders),
            answers,
            reader,
            limits,
            time_limit,
            cancel: cancel.clone(),
            held: false,
            ended: None,
        }))
    }

    /// Waits for the card to be held, for this time at most.
    pub(crate) fn finish_within(mut self, limit: Duration) -> Progress {
        match self.0.answer_within(limit) {
            Some(Ok(_)) => {
                self.0.held = true;
                Progress::Opened(self.0)
            }
            Some(Err(error)) => Progress::Failed(error),
            None => Progress::Waiting(self),
        }
    }
}

/// How far an [`Opening`] has come.
pub(crate) enum Progress {
    Opened(Session),
    Failed(Error),
    Waiting(Opening),
}

/// Holds the card in this reader and carries out orders, until there are no more or the caller is gone.
fn hold(reader: &CStr, orders: &Receiver<Order>, answers: &Sender<Answer>) -> Result<(), Error> {
    // A context of its own: the library lets one call at a time into a context, and these may take long.
    let context = Context::establish(Scope::User).map_err(while_opening)?;
    let mut card = context
        .connect(reader, ShareMode::Shared, Protocols::ANY)
        .map_err(while_opening)?;
    let result = hold_connected(&context, reader, &mut card, orders, answers);
    // Where the card has to be reset, it is by now. A failure means that the service is gone, and the connection with it.
    let _ = card.disconnect(Disposition::LeaveCard);
    result
}

fn hold_connected(
    context: &Context,
    reader: &CStr,
    card: &mut Card,
    orders: &Receiver<Order>,
    answers: &Sender<Answer>,
) -> Result<(), Error> {
    let mut transaction = begin(card)?;
    let events = slot(context, reader).map_err(while_opening)?.events();
    if answers.send(Ok(Vec::new())).is_err() {
        return Ok(());
    }
    let mut buffer = vec![0; MAX_BUFFER_SIZE_EXTENDED];
    while let Ok(order) = orders.recv() {
        let answer = match order {
            Order::Transmit(command) => transmit(&transaction, &command, &mut buffer),
            Order::Reset => transaction
                .reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard)
                .map(|()| Vec::new()),
        };
        let answer = answer.map_err(|code| {
            if may_be_gone(code) {
                look_into(context, reader, events, code)
            } else {
                while_reading(code)
            }
        });
        if answers.send(answer).is_err() {
            break;
        }
    }
    // The reset comes inside the transaction, so that nobody gets at the card between the two. A card that has left
    // needs none.
    if let Err((transaction, _)) = transaction.end(Disposition::ResetCard) {
        drop(transaction);
    }
    Ok(())
}

/// Begins the transaction. Another program may reset the card between our connection to it and this; nothing of
/// ours is lost by that.
fn begin(card: &mut Card) -> Result<Transaction<'_>, Error> {
    let mut card = card;
    for _ in 0..10 {
        match card.transaction2() {
            Ok(transaction) => return Ok(transaction),
            Err((same, pcsc::Error::ResetCard)) => {
                same.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard)
                    .map_err(while_opening)?;
                card = same;
            }
            Err((_, code)) => return Err(while_opening(code)),
        }
    }
    Err(while_opening(pcsc::Error::ResetCard))
}

fn transmit(
    transaction: &Transaction<'_>,
    command: &[u8],
    buffer: &mut [u8],
) -> Result<Vec<u8>, pcsc::Error> {
    let response = transaction.transmit(command, buffer)?.to_vec();
    if let Some(used) = buffer.get_mut(..response.len()) {
        used.zeroize();
    }
    // Without a status word it is not the card's: cut off on the way.
    if response.len() < 2 {
        return Err(pcsc::Error::CommDataLost);
    }
    Ok(response)
}

/// Tells a disturbed exchange from a card, a reader or a service that has left.
fn look_into(context: &Context, reader: &CStr, events: u32, code: pcsc::Error) -> Error {
    let started = Instant::now();
    loop {
        match slot(context, reader) {
            Ok(slot) if !slot.is_available() => return error(ErrorKind::NoReader, code),
            Ok(slot) if !slot.has_card() || slot.events() != events => {
                return error(ErrorKind::CardRemoved, code);
            }
            Ok(_) if started.elapsed() < REMOVAL_SHOWS_WITHIN => thread::sleep(CANCEL_IS_SEEN_WITHIN),
            Ok(_) => return while_reading(code),
            Err(pcsc::Error::UnknownReader) => return error(ErrorKind::NoReader, code),
            // Not even that can be asked: the connection to the service is lost.
            Err(_) => return error(ErrorKind::NoService, code),
        }
    }
}
