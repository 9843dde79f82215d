//! The eye on the readers. It takes up with the service again when that was restarted.

use std::thread;
use std::time::{Duration, Instant};

use pcsc::{Context, PNP_NOTIFICATION, ReaderState, Scope, State};
use zairyu_transport::{CancelHandle, Error, ErrorKind};

use crate::cause::{Hindrance, error, while_opening};
use crate::diagnosis::Cause;
use crate::reader::{Slot, reader_state};
use crate::worker::{Caller, Waited, Worker, broken};

/// The longest time between two looks at all readers. Changes are notified where the platform does, so this is for
/// what is not: a reader plugged in on macOS, a reader that another program lets go of, the service.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A driver that reports changes without end must not make us spin.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(10);

/// As many readers as can be watched in one call everywhere (Windows: `MAXIMUM_SMARTCARD_READERS`, one of which is for
/// the notification of new readers). More are seen at the next look.
const WATCHED_READERS: usize = 9;

/// How often a refused connection to the service is tried before it counts as refused: a service that is being
/// stopped breaks connections off too.
const REFUSED_AFTER: u32 = 3;

type Looked = Result<Vec<Slot>, Hindrance>;

/// The caller's end of it.
#[derive(Debug)]
pub(crate) struct Watch {
    eye: Option<Worker<Duration, Looked>>,
    /// A look was asked for then, and is not answered yet.
    asked: Option<Instant>,
    cancel: CancelHandle,
}

impl Watch {
    pub(crate) fn new(cancel: CancelHandle) -> Self {
        Self {
            eye: None,
            asked: None,
            cancel,
        }
    }

    /// The readers as they are when something has changed since the last look, or after this wait. None when the service
    /// has not answered within the limit; the next look goes on waiting for that answer.
    ///
    /// Every error but `Cancelled` may pass: the next look begins anew.
    pub(crate) fn look(&mut self, wait: Duration, limit: Duration) -> Result<Option<Vec<Slot>>, Hindrance> {
        self.cancel.check()?;
        let eye = match self.eye.take() {
            Some(eye) => eye,
            None => {
                self.asked = None;
                Worker::start(&self.cancel, watch)?
            }
        };
        if self.asked.is_none() {
            eye.ask(wait);
            self.asked = Some(Instant::now());
        }
        match eye.answer_within(limit, &mut || false) {
            Waited::Answer(looked) => {
                self.asked = None;
                self.eye = Some(eye);
                looked.map(Some)
            }
            Waited::NotYet => {
                self.eye = Some(eye);
                Ok(None)
            }
            Waited::Cancelled => Err(Error::new(ErrorKind::Cancelled).into()),
            Waited::Ended => Err(broken().into()),
        }
    }

    /// How long a look has been waited for.
    pub(crate) fn silent_for(&self) -> Duration {
        self.asked.map_or(Duration::ZERO, |asked| asked.elapsed())
    }
}

/// What to say when the service does not answer.
pub(crate) fn hangs() -> Hindrance {
    let error = Error::new(ErrorKind::NoService).with_detail("it runs, but does not answer: restart it");
    Hindrance::new(Cause::ServiceHangs, error)
}

fn watch(caller: &Caller<Duration, Looked>) {
    let mut eye = Eye {
        context: None,
        seen: Vec::new(),
        new_readers: Some(ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)),
    };
    while let Some(wait) = caller.question() {
        eye.wait(wait);
        if !caller.answer(eye.look()) {
            return;
        }
    }
}

/// The worker's end of it.
struct Eye {
    context: Option<Context>,
    seen: Vec<ReaderState>,
    /// The state of the pseudo-reader that stands for the list of readers.
    new_readers: Option<ReaderState>,
}

impl Eye {
    fn look(&mut self) -> Looked {
        self.seen.clear();
        let context = match self.context.take() {
            Some(context) => context,
            None => match establish() {
                Ok(context) => context,
                Err(code) if is_no_reader_yet(code) => return Ok(Vec::new()),
                Err(code) => return Err(while_establishing(code)),
            },
        };
        match states(&context) {
            Ok(states) => {
                self.context = Some(context);
                self.seen = states;
                Ok(self.seen.iter().map(Slot::from).collect())
            }
            Err(code) if is_no_reader_yet(code) => Ok(Vec::new()),
            Err(code) => Err(while_opening(code)),
        }
    }

    /// Returns when something has changed, or after this time.
    fn wait(&mut self, limit: Duration) {
        thread::sleep(LOOK_AT_MOST_EVERY.min(limit));
        let limit = limit.saturating_sub(LOOK_AT_MOST_EVERY);
        if limit.is_zero() {
            return;
        }
        let Some(context) = &self.context else {
            thread::sleep(limit);
            return;
        };
        // macOS knows no notification of new readers.
        let notified = !cfg!(target_os = "macos");
        let mut states: Vec<ReaderState> = self.seen.drain(..).take(WATCHED_READERS).collect();
        for state in &mut states {
            state.sync_current_state();
        }
        if notified {
            states.extend(self.new_readers.take());
        }
        if states.is_empty() {
            thread::sleep(limit);
            return;
        }
        let waited = context.get_status_change(limit, &mut states);
        if notified && let Some(mut new_readers) = states.pop() {
            // Kept from call to call: Windows counts the readers in it.
            new_readers.sync_current_state();
            self.new_readers = Some(new_readers);
        }
        match waited {
            Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::Cancelled) => {}
            // Unplugged since the last look, or the service is gone: the next look tells.
            Err(_) => thread::sleep(LOOK_AT_MOST_EVERY.min(limit)),
        }
    }
}

fn establish() -> Result<Context, pcsc::Error> {
    let mut tries = 1;
    loop {
        match Context::establish(Scope::User) {
            Err(code) if is_refusal(code) && tries < REFUSED_AFTER => {
                tries += 1;
                thread::sleep(LOOK_AT_MOST_EVERY);
            }
            Err(code) if is_refusal(code) => return Err(pcsc::Error::SecurityViolation),
            result => return result,
        }
    }
}

/// Whether the service refuses us. When polkit says no, pcscd breaks the connection off. By how far the client library
/// has come then, it calls that a failed communication, a violation of security, or no service.
fn is_refusal(code: pcsc::Error) -> bool {
    match code {
        pcsc::Error::CommError | pcsc::Error::SecurityViolation => true,
        #[cfg(all(unix, not(target_os = "macos")))]
        pcsc::Error::NoService => {
            let patience = Duration::from_secs(1);
            crate::daemon::knock(patience) == crate::daemon::Daemon::Refuses
        }
        _ => false,
    }
}

fn while_establishing(code: pcsc::Error) -> Hindrance {
    match code {
        // The daemon does not speak the client library's version of their protocol.
        pcsc::Error::ServiceStopped => {
            Hindrance::new(Cause::VersionMismatch, error(ErrorKind::NoService, code))
        }
        code => while_opening(code),
    }
}

/// Windows stops the service when the last reader leaves, and starts it when one comes.
fn is_no_reader_yet(code: pcsc::Error) -> bool {
    cfg!(windows) && matches!(code, pcsc::Error::NoService | pcsc::Error::ServiceStopped)
}

fn states(context: &Context) -> Result<Vec<ReaderState>, pcsc::Error> {
    let mut states = Vec::new();
    for name in context.list_readers_owned()? {
        match reader_state(context, &name) {
            Ok(state) => states.push(state),
            // Unplugged since it was listed.
            Err(pcsc::Error::UnknownReader) => {}
            Err(code) => return Err(code),
        }
    }
    Ok(states)
}
