use std::ffi::{CStr, CString};
use std::fmt;
use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use pcsc::{Card, Context, Disposition, MAX_BUFFER_SIZE_EXTENDED, Protocols, Scope, ShareMode, Transaction};
use zairyu_transport::{CancelHandle, Error, ErrorKind, Limits, Transport};
use zeroize::{Zeroize, Zeroizing};

use crate::cause::{Hindrance, error, is_reset, may_be_gone, while_opening, while_reading};
use crate::reader::{Presence, Slot, reader_state, shown};
use crate::worker::{Caller, Waited, Worker, broken};

/// How long a failed exchange is looked into: pcscd asks most readers for their card every 0.4 seconds.
const REMOVAL_SHOWS_WITHIN: Duration = Duration::from_secs(1);

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long pcscd goes on changing a connection's state after it announced another program's reset.
const RESET_SETTLES_WITHIN: Duration = Duration::from_millis(5);

/// How many resets by other programs, one after another, a session's beginning outlasts.
const RESETS_AT_MOST: usize = 10;

/// How long the end of a session is waited for. It takes the card's power away and gives it back.
const END_TAKES_AT_MOST: Duration = Duration::from_secs(5);

/// A card in a reader, held for one reading: the [`Transport`] of PC/SC.
///
/// It is opened by [`OpenOptions`](crate::OpenOptions), holds the card in a transaction for as long as it lives, and
/// takes its power away at the end: the card forgets the keys and rights of the session before any other program can reach it.
/// So it does if the session ends in the midst of a command, by its time limit or its handle, as soon as the reader comes out
/// of that command.
///
/// After [`CardRemoved`](ErrorKind::CardRemoved), [`TimedOut`](ErrorKind::TimedOut) and
/// [`Cancelled`](ErrorKind::Cancelled) the session is over: every further call returns the same error. After
/// [`CardReset`](ErrorKind::CardReset) too, until [`reset`](Transport::reset) is called. After
/// [`ExchangeFailed`](ErrorKind::ExchangeFailed) the card is still there, but an authenticated channel to it
/// is lost: call [`reset`](Transport::reset) and begin again, with shorter messages if they may be the cause.
pub struct Session {
    /// Holds the connection and the transaction. None once it is left behind, stuck in an exchange: it takes the card's power
    /// away when it comes out of it.
    holder: Option<Worker<Order, Answer>>,
    reader: String,
    presence: Presence,
    limits: Limits,
    time_limit: Duration,
    /// When all exchanges, and the session's end, have to be over, if that is set.
    deadline: Option<Instant>,
    cancel: CancelHandle,
    ended: Option<Error>,
}

enum Order {
    Transmit(Zeroizing<Vec<u8>>),
    Reset,
}

type Answer = Result<Reply, Error>;

enum Reply {
    /// Before any order: the card is held, and this is its presence's count.
    Held(u32),
    /// Instead of that.
    NotHeld(pcsc::Error),
    Response(Zeroizing<Vec<u8>>),
    Reset,
}

impl Session {
    /// The name of the reader that holds the card.
    #[must_use]
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// Which card it is, by its stay in the reader. The session never reaches another one.
    #[must_use]
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// Changes how long commands and responses may be, for what is sent from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    fn within_deadline(&self, limit: Duration) -> Duration {
        self.deadline.map_or(limit, |deadline| {
            limit.min(deadline.saturating_duration_since(Instant::now()))
        })
    }

    /// Gives an order and waits for its answer; does `meanwhile` as long as there is none.
    fn order(&mut self, order: Order, meanwhile: &mut dyn FnMut() -> bool) -> Answer {
        if let Some(ended) = &self.ended {
            return Err(ended.clone());
        }
        let answer = match &self.holder {
            Some(holder) => {
                holder.ask(order);
                match holder.answer_within(self.within_deadline(self.time_limit), meanwhile) {
                    Waited::Answer(answer) => answer,
                    Waited::NotYet => Err(Error::new(ErrorKind::TimedOut)),
                    Waited::Cancelled => Err(Error::new(ErrorKind::Cancelled)),
                    Waited::Ended => Err(broken()),
                }
            }
            None => Err(broken()),
        };
        if let Err(error) = &answer {
            match error.kind() {
                ErrorKind::ExchangeFailed | ErrorKind::LengthNotSupported => {}
                kind => {
                    self.ended = Some(error.clone());
                    if matches!(kind, ErrorKind::TimedOut | ErrorKind::Cancelled) {
                        self.holder = None;
                    }
                }
            }
        }
        answer
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
        self.transmit_while(command, &mut || false)
    }

    fn transmit_while(
        &mut self,
        command: &[u8],
        meanwhile: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<u8>, Error> {
        if command.len() > self.limits.command() {
            return Err(Error::new(ErrorKind::LengthNotSupported).with_detail(format!(
                "a command of {} bytes, {} at most",
                command.len(),
                self.limits.command()
            )));
        }
        self.cancel.check()?;
        match self.order(Order::Transmit(command.to_vec().into()), meanwhile)? {
            Reply::Response(mut response) => Ok(mem::take(&mut *response)),
            _ => Err(broken()),
        }
    }

    /// Resets the card without taking its power away (a warm reset), and keeps holding it. For another try after a failed one.
    ///
    /// A residence card has then forgotten everything of this session. A My Number Card keeps what was presented to it until the
    /// session's end.
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
        self.order(Order::Reset, &mut || false).map(drop)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(holder) = self.holder.take() {
            // Waiting for it lets the caller open the same card again at once.
            holder.end_within(self.within_deadline(END_TAKES_AT_MOST));
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

/// A session on its way: the service may keep us waiting for another program's transaction, without a limit. Dropping
/// it leaves the worker to itself: it lets go of the card, untouched, as soon as it gets it.
pub(crate) struct Opening {
    holder: Worker<Order, Answer>,
    reader: CString,
    cancel: CancelHandle,
}

impl Opening {
    pub(crate) fn start(reader: CString, cancel: &CancelHandle) -> Result<Self, Error> {
        let name = reader.clone();
        let holder = Worker::start(cancel, move |caller| {
            if let Err(code) = hold(&name, caller) {
                // Nobody is left to tell if the caller gave up.
                caller.answer(Ok(Reply::NotHeld(code)));
            }
        })?;
        Ok(Self {
            holder,
            reader,
            cancel: cancel.clone(),
        })
    }

    /// Waits for the card to be held, for this time at most.
    pub(crate) fn finish_within(
        self,
        limit: Duration,
        limits: Limits,
        time_limit: Duration,
        deadline: Option<Instant>,
    ) -> Progress {
        match self.holder.answer_within(limit, &mut || false) {
            Waited::Answer(Ok(Reply::Held(count))) => Progress::Opened(Session {
                holder: Some(self.holder),
                reader: shown(&self.reader),
                presence: Presence {
                    reader: self.reader,
                    count,
                },
                limits,
                time_limit,
                deadline,
                cancel: self.cancel,
                ended: None,
            }),
            Waited::Answer(Ok(Reply::NotHeld(code))) => Progress::Failed(while_opening(code)),
            Waited::Answer(_) | Waited::Ended => Progress::Failed(Hindrance::from(broken())),
            Waited::Cancelled => Progress::Failed(Error::new(ErrorKind::Cancelled).into()),
            Waited::NotYet => Progress::Waiting(self),
        }
    }
}

/// How far an [`Opening`] has come.
pub(crate) enum Progress {
    Opened(Session),
    Failed(Hindrance),
    Waiting(Opening),
}

/// Holds the card in this reader and carries out orders, until there are no more or the caller is gone.
fn hold(reader: &CStr, caller: &Caller<Order, Answer>) -> Result<(), pcsc::Error> {
    // A context of its own: the library lets one call at a time into a context, and these may take long.
    let context = Context::establish(Scope::User)?;
    let mut card = context.connect(reader, ShareMode::Shared, Protocols::ANY)?;
    let result = hold_connected(&context, reader, &mut card, caller);
    // Where the card has to forget, it has by now. A failure means that the service is gone, and the connection with it.
    let _ = card.disconnect(Disposition::LeaveCard);
    result
}

fn hold_connected(
    context: &Context,
    reader: &CStr,
    card: &mut Card,
    caller: &Caller<Order, Answer>,
) -> Result<(), pcsc::Error> {
    let mut transaction = begin(card)?;
    let count = reader_state(context, reader)?.event_count();
    if !caller.answer(Ok(Reply::Held(count))) {
        return Ok(());
    }
    let mut buffer = vec![0; MAX_BUFFER_SIZE_EXTENDED];
    let mut is_fresh = true;
    while let Some(order) = caller.question() {
        let answer = match order {
            Order::Transmit(command) => {
                let response = if is_fresh {
                    transmit_first(&mut transaction, &command, &mut buffer)
                } else {
                    transmit(&transaction, &command, &mut buffer)
                };
                is_fresh = false;
                response.map(Reply::Response)
            }
            Order::Reset => {
                is_fresh = true;
                transaction
                    .reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard)
                    .map(|()| Reply::Reset)
            }
        };
        let answer = answer.map_err(|code| {
            if may_be_gone(code) {
                look_into(context, reader, count, code)
            } else {
                while_reading(code)
            }
        });
        if !caller.answer(answer) {
            break;
        }
    }
    // The power goes inside the transaction, so that nobody gets at the card between the two. A reset is not enough: cards exist
    // that keep over it what was presented to them. A card that has left needs neither.
    if let Err((transaction, _)) = transaction.end(Disposition::UnpowerCard) {
        drop(transaction);
    }
    Ok(())
}

/// Begins the transaction. Another program may reset the card between our connection to it and this; nothing of
/// ours is lost by that.
fn begin(card: &mut Card) -> Result<Transaction<'_>, pcsc::Error> {
    let mut card = card;
    for _ in 0..RESETS_AT_MOST {
        match card.transaction2() {
            Ok(transaction) => return Ok(transaction),
            Err((same, code)) if is_reset(code) => {
                // It may still be under way.
                thread::sleep(RESET_SETTLES_WITHIN);
                same.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard)?;
                card = same;
            }
            Err((_, code)) => return Err(code),
        }
    }
    Err(pcsc::Error::ResetCard)
}

/// The first command. Another program's reset that had begun before our transaction may still be under way: nothing of
/// ours is lost by it, and the daemon passed nothing on.
fn transmit_first(
    transaction: &mut Transaction<'_>,
    command: &[u8],
    buffer: &mut [u8],
) -> Result<Zeroizing<Vec<u8>>, pcsc::Error> {
    for _ in 0..RESETS_AT_MOST {
        match transmit(transaction, command, buffer) {
            Err(code) if is_reset(code) => {
                thread::sleep(RESET_SETTLES_WITHIN);
                transaction.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard)?;
            }
            response => return response,
        }
    }
    transmit(transaction, command, buffer)
}

fn transmit(
    transaction: &Transaction<'_>,
    command: &[u8],
    buffer: &mut [u8],
) -> Result<Zeroizing<Vec<u8>>, pcsc::Error> {
    let response = Zeroizing::new(transaction.transmit(command, buffer)?.to_vec());
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
fn look_into(context: &Context, reader: &CStr, count: u32, code: pcsc::Error) -> Error {
    let started = Instant::now();
    loop {
        match reader_state(context, reader).as_ref().map(Slot::from) {
            Ok(slot) if !slot.is_available() => return error(ErrorKind::NoReader, code),
            Ok(slot) if !slot.has_card() || slot.count != count => {
                return error(ErrorKind::CardRemoved, code);
            }
            Ok(_) if started.elapsed() < REMOVAL_SHOWS_WITHIN => thread::sleep(LOOK_EVERY),
            Ok(_) => return while_reading(code),
            Err(pcsc::Error::UnknownReader) => return error(ErrorKind::NoReader, code),
            // Not even that can be asked: the connection to the service is lost.
            Err(_) => return error(ErrorKind::NoService, code),
        }
    }
}
