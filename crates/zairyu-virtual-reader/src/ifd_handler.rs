//! The driver: the functions of an IFD handler, version 3, as `pcscd` calls them (`ifdhandler.h` of pcsc-lite).
//!
//! `DEVICENAME` in the daemon's configuration is `unix:` and the path of a virtual reader's socket. What the
//! daemon's sources ask of a driver beyond the header, learnt by running it:
//!
//! 1. The function behind [`TAG_POLLING_THREAD_WITH_TIMEOUT`] returns when the state differs from the one *last
//!    reported*. Comparing with the state at its own start would lose a change between two calls.
//! 2. `IFDHICCPresence` is also called on behalf of clients, and by the polling thread before it switches an idle card
//!    off. Neither draws a conclusion from the answer. So the answers stay the same between two waits, and what the
//!    polling thread was told counts as reported when it waits again; otherwise a removal would be swallowed.
//! 3. A card that replaced another is reported as absent first.
//! 4. On power-down the ATR pointers may be null.
//! 5. A panic must not reach the C caller.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_long, c_uchar, c_ulong};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::slice;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use crate::card::Fault;
use crate::wire::{CardNumber, Message};

type Dword = c_ulong;
type ResponseCode = c_long;

const SUCCESS: ResponseCode = 0;
const ERROR_TAG: ResponseCode = 600;
const ERROR_POWER_ACTION: ResponseCode = 608;
const COMMUNICATION_ERROR: ResponseCode = 612;
const NOT_SUPPORTED: ResponseCode = 614;
const ICC_PRESENT: ResponseCode = 615;
const ICC_NOT_PRESENT: ResponseCode = 616;
const NO_SUCH_DEVICE: ResponseCode = 617;
const ERROR_INSUFFICIENT_BUFFER: ResponseCode = 618;

const POWER_UP: Dword = 500;
const POWER_DOWN: Dword = 501;
const RESET: Dword = 502;

const TAG_ATR: Dword = 0x0303;
const ATTRIBUTE_ATR: Dword = 0x0009_0303;
const ATTRIBUTE_VENDOR_NAME: Dword = 0x0001_0100;
const TAG_SLOT_THREAD_SAFE: Dword = 0x0FAC;
const TAG_THREAD_SAFE: Dword = 0x0FAD;
const TAG_SLOTS_NUMBER: Dword = 0x0FAE;
const TAG_SIMULTANEOUS_ACCESS: Dword = 0x0FAF;
const TAG_STOP_POLLING_THREAD: Dword = 0x0FB2;
const TAG_POLLING_THREAD_WITH_TIMEOUT: Dword = 0x0FB3;

/// As many readers as `pcscd` can hold (`PCSCLITE_MAX_READERS_CONTEXTS`).
const MAX_READERS: u8 = 16;

/// The return code that stands for a fault, as sent over the wire.
pub(crate) fn code(fault: Fault) -> u16 {
    match fault {
        Fault::Communication | Fault::Removed => 612,
        Fault::TimedOut => 613,
        Fault::NotPresent => 616,
        Fault::NoSuchDevice => 617,
    }
}

/// One reader, by its logical unit number.
struct Channel {
    wire: Mutex<Wire>,
    state: Mutex<State>,
    changed: Condvar,
}

/// Held for a question and its answer.
struct Wire {
    questions: UnixStream,
    answers: Receiver<Message>,
}

#[derive(Default)]
struct State {
    /// The connection to the virtual reader broke: the reader was unplugged.
    unplugged: bool,
    card: Option<CardNumber>,
    /// What the daemon is known to know: what the polling thread was told before it began its wait.
    reported: Option<CardNumber>,
    /// What it was told since: the first answer, and whether a later one differed.
    told: Option<Option<CardNumber>>,
    told_otherwise: bool,
    /// The card that has power. No other may be sent a command.
    powered: Option<CardNumber>,
    atr: Vec<u8>,
    polling_thread: Option<ThreadId>,
    stop_polling: bool,
}

static CHANNELS: Mutex<BTreeMap<Dword, Arc<Channel>>> = Mutex::new(BTreeMap::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a function's body on the channel of this number; a panic becomes a return code.
fn on_channel(lun: Dword, body: impl FnOnce(&Channel) -> Result<(), ResponseCode>) -> ResponseCode {
    guarded(|| {
        let channel = lock(&CHANNELS).get(&lun).cloned().ok_or(NO_SUCH_DEVICE)?;
        body(&channel)
    })
}

fn guarded(body: impl FnOnce() -> Result<(), ResponseCode>) -> ResponseCode {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => SUCCESS,
        Ok(Err(code)) => code,
        Err(_) => COMMUNICATION_ERROR,
    }
}

impl Channel {
    fn open(path: &str) -> std::io::Result<Arc<Self>> {
        let questions = UnixStream::connect(path)?;
        let mut incoming = questions.try_clone()?;
        let (sender, answers) = mpsc::sync_channel(1);
        // The reader's first message says whether a card is in it.
        let first = Message::read(&mut incoming)?;
        let channel = Arc::new(Self {
            wire: Mutex::new(Wire { questions, answers }),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        channel.take(first, &sender);
        let listening = Arc::clone(&channel);
        thread::Builder::new().spawn(move || listening.listen(incoming, &sender))?;
        Ok(channel)
    }

    fn listen(&self, mut incoming: UnixStream, answers: &SyncSender<Message>) {
        while let Ok(message) = Message::read(&mut incoming) {
            self.take(message, answers);
        }
        let mut state = lock(&self.state);
        state.unplugged = true;
        state.card = None;
        self.changed.notify_all();
    }

    fn take(&self, message: Message, answers: &SyncSender<Message>) {
        let mut state = lock(&self.state);
        match message {
            Message::Inserted(card) => state.card = Some(card),
            Message::Removed => state.card = None,
            answer => {
                drop(state);
                // Nobody waits for it any more only if the channel was closed.
                let _ = answers.send(answer);
                return;
            }
        }
        self.changed.notify_all();
    }

    fn ask(&self, question: &Message) -> Result<Vec<u8>, ResponseCode> {
        let mut wire = lock(&self.wire);
        question.write(&mut wire.questions).map_err(|_| NO_SUCH_DEVICE)?;
        match wire.answers.recv() {
            Ok(Message::Answer(bytes)) => Ok(bytes),
            Ok(Message::Fault(code)) => Err(code.into()),
            Ok(_) => Err(COMMUNICATION_ERROR),
            Err(_) => Err(NO_SUCH_DEVICE),
        }
    }

    /// Gives the present card power, or takes it and gives it again; returns its ATR.
    fn power(&self, question: impl FnOnce(CardNumber) -> Message) -> Result<Vec<u8>, ResponseCode> {
        let card = lock(&self.state).card.ok_or(ICC_NOT_PRESENT)?;
        let atr = self.ask(&question(card))?;
        if atr.is_empty() {
            return Err(ERROR_POWER_ACTION);
        }
        let mut state = lock(&self.state);
        state.powered = Some(card);
        state.atr.clone_from(&atr);
        Ok(atr)
    }

    /// The card that has power, if it is still the one in the reader.
    fn powered_card(&self) -> Result<CardNumber, ResponseCode> {
        let state = lock(&self.state);
        if state.unplugged {
            return Err(NO_SUCH_DEVICE);
        }
        match state.powered {
            Some(card) if state.card == Some(card) => Ok(card),
            _ => Err(COMMUNICATION_ERROR),
        }
    }

    fn power_down(&self) -> Result<(), ResponseCode> {
        let mut state = lock(&self.state);
        state.atr.clear();
        let Some(card) = state.powered.take() else {
            return Ok(());
        };
        drop(state);
        self.ask(&Message::PowerDown(card)).map(drop)
    }

    fn presence(&self) -> ResponseCode {
        let mut state = lock(&self.state);
        if state.unplugged {
            return NO_SUCH_DEVICE;
        }
        let is_polling_thread = state.polling_thread == Some(thread::current().id());
        match state.tell(is_polling_thread) {
            Some(_) => ICC_PRESENT,
            None => ICC_NOT_PRESENT,
        }
    }

    fn wait_for_change(&self, time_out: Duration) -> Result<(), ResponseCode> {
        let mut state = lock(&self.state);
        state.polling_thread = Some(thread::current().id());
        if !state.begin_wait() {
            return Ok(());
        }
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, time_out, |state| {
                !state.unplugged && !state.stop_polling && state.next_report() == state.reported
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.stop_polling = false;
        if state.unplugged {
            return Err(NO_SUCH_DEVICE);
        }
        Ok(())
    }
}

impl State {
    /// Answers whether, and which, card is there.
    fn tell(&mut self, to_polling_thread: bool) -> Option<CardNumber> {
        let seen = self.next_report();
        if to_polling_thread {
            let told = *self.told.get_or_insert(seen);
            self.told_otherwise |= told != seen;
        }
        seen
    }

    /// The polling thread begins to wait. False if it is not known which of its answers it took for the truth: then it
    /// has to ask again first.
    fn begin_wait(&mut self) -> bool {
        if let Some(told) = self.told.take() {
            self.reported = told;
        }
        !std::mem::take(&mut self.told_otherwise)
    }

    /// What the daemon is to be told next: the present card, but absence first if it knows of another one.
    fn next_report(&self) -> Option<CardNumber> {
        match (self.reported, self.card) {
            (Some(reported), Some(card)) if reported != card => None,
            (_, card) => card,
        }
    }
}

/// Opens the virtual reader whose socket the device name tells.
///
/// # Safety
///
/// `device_name` is a C string, as `pcscd` passes it.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn IFDHCreateChannelByName(
    lun: Dword,
    device_name: *const c_char,
) -> ResponseCode {
    guarded(|| {
        if device_name.is_null() {
            return Err(NO_SUCH_DEVICE);
        }
        // SAFETY: not null, and a C string by this function's contract.
        let name = unsafe { CStr::from_ptr(device_name) };
        let path = name.to_str().ok().and_then(|name| name.strip_prefix("unix:"));
        let channel = Channel::open(path.ok_or(NO_SUCH_DEVICE)?).map_err(|_| NO_SUCH_DEVICE)?;
        lock(&CHANNELS).insert(lun, channel);
        Ok(())
    })
}

/// Not supported: a virtual reader is known by its socket's name only.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn IFDHCreateChannel(_lun: Dword, _channel: Dword) -> ResponseCode {
    NOT_SUPPORTED
}

/// Lets go of the virtual reader.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn IFDHCloseChannel(lun: Dword) -> ResponseCode {
    guarded(|| {
        let channel = lock(&CHANNELS).remove(&lun).ok_or(NO_SUCH_DEVICE)?;
        let wire = lock(&channel.wire);
        // Ends the listening thread; fails only if the connection is closed already.
        let _ = wire.questions.shutdown(std::net::Shutdown::Both);
        Ok(())
    })
}

/// Tells what the driver can do, and the card's ATR.
///
/// # Safety
///
/// `length` points to the size of the buffer at `value`, as `pcscd` passes them.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn IFDHGetCapabilities(
    lun: Dword,
    tag: Dword,
    length: *mut Dword,
    value: *mut c_uchar,
) -> ResponseCode {
    let polling: extern "C" fn(Dword, i32) -> ResponseCode = wait_for_event;
    let stop: extern "C" fn(Dword) -> ResponseCode = stop_waiting;
    let mut capability = match tag {
        TAG_SLOTS_NUMBER | TAG_SLOT_THREAD_SAFE | TAG_THREAD_SAFE => vec![1],
        TAG_SIMULTANEOUS_ACCESS => vec![MAX_READERS],
        TAG_POLLING_THREAD_WITH_TIMEOUT => (polling as usize).to_ne_bytes().to_vec(),
        TAG_STOP_POLLING_THREAD => (stop as usize).to_ne_bytes().to_vec(),
        ATTRIBUTE_VENDOR_NAME => b"zairyu virtual reader".to_vec(),
        TAG_ATR | ATTRIBUTE_ATR => Vec::new(),
        _ => return ERROR_TAG,
    };
    let found = match tag {
        TAG_ATR | ATTRIBUTE_ATR => on_channel(lun, |channel| {
            capability.clone_from(&lock(&channel.state).atr);
            Ok(())
        }),
        _ => SUCCESS,
    };
    if found != SUCCESS {
        return found;
    }
    // SAFETY: by this function's contract.
    unsafe { give(&capability, value, length) }
}

/// Nothing can be set.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn IFDHSetCapabilities(
    _lun: Dword,
    _tag: Dword,
    _length: Dword,
    _value: *const c_uchar,
) -> ResponseCode {
    NOT_SUPPORTED
}

/// A contactless card has nothing to negotiate.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn IFDHSetProtocolParameters(
    _lun: Dword,
    _protocol: Dword,
    _flags: c_uchar,
    _pts1: c_uchar,
    _pts2: c_uchar,
    _pts3: c_uchar,
) -> ResponseCode {
    SUCCESS
}

/// Switches the card on, off, or off and on.
///
/// # Safety
///
/// `atr_length` points to the size of the buffer at `atr`, or both are null, as `pcscd` passes them.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn IFDHPowerICC(
    lun: Dword,
    action: Dword,
    atr: *mut c_uchar,
    atr_length: *mut Dword,
) -> ResponseCode {
    let mut answer = Vec::new();
    let done = on_channel(lun, |channel| {
        match action {
            POWER_UP => answer = channel.power(Message::PowerUp)?,
            RESET => answer = channel.power(Message::Reset)?,
            POWER_DOWN => channel.power_down()?,
            _ => return Err(NOT_SUPPORTED),
        }
        Ok(())
    });
    if done != SUCCESS || atr.is_null() || atr_length.is_null() {
        return done;
    }
    // SAFETY: neither is null, and by this function's contract.
    unsafe { give(&answer, atr, atr_length) }
}

/// The protocol of an exchange (`SCARD_IO_HEADER`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct IoHeader {
    protocol: Dword,
    length: Dword,
}

/// Sends a command APDU to the card and brings back its response.
///
/// # Safety
///
/// `command` has `command_length` bytes, `response_length` points to the size of the buffer at `response`, and
/// `received` may be written to or is null, as `pcscd` passes them.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn IFDHTransmitToICC(
    lun: Dword,
    sent: IoHeader,
    command: *const c_uchar,
    command_length: Dword,
    response: *mut c_uchar,
    response_length: *mut Dword,
    received: *mut IoHeader,
) -> ResponseCode {
    let mut answer = Vec::new();
    let done = on_channel(lun, |channel| {
        let length = usize::try_from(command_length).map_err(|_| COMMUNICATION_ERROR)?;
        if command.is_null() {
            return Err(COMMUNICATION_ERROR);
        }
        // SAFETY: not null, and of this length by this function's contract.
        let command = unsafe { slice::from_raw_parts(command, length) };
        let card = channel.powered_card()?;
        answer = channel.ask(&Message::Command(card, command.to_vec()))?;
        Ok(())
    });
    if done != SUCCESS {
        // SAFETY: by this function's contract.
        let _ = unsafe { give(&[], response, response_length) };
        return done;
    }
    if !received.is_null() {
        // SAFETY: not null, and by this function's contract.
        unsafe { received.write(sent) };
    }
    // SAFETY: by this function's contract.
    unsafe { give(&answer, response, response_length) }
}

/// Not supported: a virtual reader has no commands of its own.
///
/// # Safety
///
/// `returned` may be written to or is null, as `pcscd` passes it.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn IFDHControl(
    _lun: Dword,
    _control_code: Dword,
    _command: *const c_uchar,
    _command_length: Dword,
    _response: *mut c_uchar,
    _response_length: Dword,
    returned: *mut Dword,
) -> ResponseCode {
    if !returned.is_null() {
        // SAFETY: not null, and by this function's contract.
        unsafe { returned.write(0) };
    }
    NOT_SUPPORTED
}

/// Tells whether a card is in the reader.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn IFDHICCPresence(lun: Dword) -> ResponseCode {
    let mut presence = NO_SUCH_DEVICE;
    let found = on_channel(lun, |channel| {
        presence = channel.presence();
        Ok(())
    });
    if found == SUCCESS { presence } else { found }
}

/// Called by the daemon's polling thread: returns when there is something new to ask for, or after the time-out.
extern "C" fn wait_for_event(lun: Dword, time_out_ms: i32) -> ResponseCode {
    let time_out = Duration::from_millis(time_out_ms.unsigned_abs().into());
    on_channel(lun, |channel| channel.wait_for_change(time_out))
}

/// Called by the daemon to make [`wait_for_event`] return.
extern "C" fn stop_waiting(lun: Dword) -> ResponseCode {
    on_channel(lun, |channel| {
        lock(&channel.state).stop_polling = true;
        channel.changed.notify_all();
        Ok(())
    })
}

/// Copies bytes into the caller's buffer and says how many they are.
///
/// # Safety
///
/// `length` points to the size of the buffer at `buffer`, or either is null.
unsafe fn give(bytes: &[u8], buffer: *mut c_uchar, length: *mut Dword) -> ResponseCode {
    if buffer.is_null() || length.is_null() {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    // SAFETY: not null, and by this function's contract.
    let room = unsafe { length.read() };
    let (Ok(room), Ok(count)) = (usize::try_from(room), Dword::try_from(bytes.len())) else {
        return ERROR_INSUFFICIENT_BUFFER;
    };
    if bytes.len() > room {
        // SAFETY: as above.
        unsafe { length.write(0) };
        return ERROR_INSUFFICIENT_BUFFER;
    }
    // SAFETY: `buffer` has room for them, and the caller's buffer cannot overlap our own bytes.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len()) };
    // SAFETY: as above.
    unsafe { length.write(count) };
    SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(reported: Option<CardNumber>, card: Option<CardNumber>) -> State {
        State {
            reported,
            card,
            ..State::default()
        }
    }

    #[test]
    fn a_replaced_card_is_reported_absent_first() {
        assert_eq!(state(None, None).next_report(), None);
        assert_eq!(state(None, Some(1)).next_report(), Some(1));
        assert_eq!(state(Some(1), Some(1)).next_report(), Some(1));
        assert_eq!(state(Some(1), Some(2)).next_report(), None);
        assert_eq!(state(Some(1), None).next_report(), None);
    }

    #[test]
    fn a_departure_is_told_until_the_polling_thread_waits_again() {
        let mut state = state(Some(1), Some(2));
        // A client asks, then the polling thread on its way to switch the card off, then as the daemon's eye.
        assert_eq!(state.tell(false), None);
        assert_eq!(state.tell(true), None);
        assert_eq!(state.tell(true), None);
        assert!(state.begin_wait());
        assert_eq!(state.next_report(), Some(2));
    }

    #[test]
    fn answers_that_differ_are_asked_for_again() {
        let mut state = state(None, Some(1));
        assert_eq!(state.tell(true), Some(1));
        state.card = None;
        assert_eq!(state.tell(true), None);
        assert!(!state.begin_wait());
        assert_eq!(state.tell(true), None);
        assert!(state.begin_wait());
        assert_eq!(state.reported, None);
    }
}
