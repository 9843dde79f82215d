use std::collections::BTreeMap;
use std::ffi::CString;
use std::thread;
use std::time::{Duration, Instant};

use pcsc::{Context, PNP_NOTIFICATION, ReaderState, Scope, State};
use zairyu_transport::{Error, ErrorKind, Limits};

use crate::cancel::CancelHandle;
use crate::cause::while_opening;
use crate::quirk::{IGNORED_READERS, QUIRKS, is_part};
use crate::reader::{Slot, is_no_reader_yet, slots};
use crate::session::{Opening, Progress, Session};

/// The longest time between two looks at all readers. Changes are notified where the platform does, so this is for
/// what is not: a reader plugged in on macOS, a reader that another program lets go of.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The same while a card is there that could not be opened yet.
const LOOK_EVERY_WHEN_BUSY: Duration = Duration::from_millis(100);

/// A driver that reports changes without end must not make us spin.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(10);

/// How long a reader is waited for before the next one gets its turn. Powering a contactless card up takes up to
/// a second.
const PATIENCE: Duration = Duration::from_secs(2);

/// As many readers as can be watched in one call everywhere (Windows: `MAXIMUM_SMARTCARD_READERS`, one of which is for
/// the notification of new readers).
const WATCHED_READERS: usize = 9;

/// How to find the card: which readers, how long to wait, and what a reader can carry.
///
/// ```no_run
/// use std::time::Duration;
/// use zairyu_pcsc::{CancelHandle, OpenOptions};
///
/// let cancel = CancelHandle::new();
/// let card = OpenOptions::new()
///     .reader("RC-S300")
///     .wait(Duration::from_secs(60))
///     .cancel_with(&cancel)
///     .open()?;
/// println!("card in {}", card.reader());
/// # Ok::<(), zairyu_transport::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    name_part: Option<String>,
    wait: Duration,
    exchange_limit: Duration,
    limits: Vec<(String, Limits)>,
    cancel: CancelHandle,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl OpenOptions {
    /// Any reader, 30 seconds to put the card on it, 30 seconds for an exchange.
    #[must_use]
    pub fn new() -> Self {
        Self {
            name_part: None,
            wait: Duration::from_secs(30),
            exchange_limit: Duration::from_secs(30),
            limits: Vec::new(),
            cancel: CancelHandle::new(),
        }
    }

    /// Only readers whose name contains this; case does not matter. One of
    /// [`IGNORED_READERS`](crate::IGNORED_READERS) is used if the name is given.
    #[must_use]
    pub fn reader(mut self, name_part: impl Into<String>) -> Self {
        self.name_part = Some(name_part.into());
        self
    }

    /// How long to wait for a card, and for a reader to put it on. Zero takes the card that is there, or none. A
    /// connection that was begun in time gets two seconds to come about.
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

    /// What readers carry whose name contains this (case does not matter; the empty text is in every name). The last
    /// word given counts, and overrules [`QUIRKS`].
    #[must_use]
    pub fn reader_limits(mut self, name_part: impl Into<String>, limits: Limits) -> Self {
        self.limits.push((name_part.into(), limits));
        self
    }

    /// Lets this handle end the wait, and every exchange of the session that comes of it.
    #[must_use]
    pub fn cancel_with(mut self, handle: &CancelHandle) -> Self {
        self.cancel = handle.clone();
        self
    }

    /// Opens the one card in the readers concerned, whatever card it is; waits for it if there is none.
    ///
    /// # Errors
    ///
    /// As for [`open_if`](Self::open_if).
    pub fn open(&self) -> Result<Session, Error> {
        self.open_if(|_| Ok(true))
    }

    /// Opens the card that the probe wants; waits until there is one.
    ///
    /// The probe may exchange commands with the card, and the session is handed on as the probe left it. A card
    /// that is not wanted is left alone until it is replaced.
    ///
    /// # Errors
    ///
    /// At once:
    /// - [`NoService`](ErrorKind::NoService), [`NotAuthorised`](ErrorKind::NotAuthorised);
    /// - [`Cancelled`](ErrorKind::Cancelled): by its handle;
    /// - [`SeveralCards`](ErrorKind::SeveralCards): several readers hold a wanted card; the detail names them.
    ///
    /// When the time is over, what stood in the way last:
    /// - [`NoReader`](ErrorKind::NoReader): no reader, or none of this name;
    /// - [`InUse`](ErrorKind::InUse): another program holds the reader;
    /// - [`NoCard`](ErrorKind::NoCard): no card, none that answers, or none that is wanted: the detail says which;
    /// - what went wrong with the card in the probe.
    pub fn open_if(
        &self,
        mut is_wanted: impl FnMut(&mut Session) -> Result<bool, Error>,
    ) -> Result<Session, Error> {
        let started = Instant::now();
        let mut watch = Watch::new(self.cancel.clone());
        let mut candidates = BTreeMap::new();
        loop {
            self.cancel.check()?;
            let (slots, outage) = match watch.look() {
                Ok(slots) => (slots, None),
                Err(error) if watch.may_recover_from(&error) => (Vec::new(), Some(error)),
                Err(error) => return Err(error),
            };
            let (mut wanted, hindrance) = self.try_cards(&slots, &mut candidates, &mut is_wanted)?;
            match (wanted.pop(), wanted.as_slice()) {
                (Some(session), []) => return Ok(session),
                (Some(session), others) => return Err(several(&session, others)),
                (None, _) => {}
            }
            let left = self.wait.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(outage.unwrap_or(hindrance));
            }
            let busy = candidates.values().any(Candidate::is_to_be_tried);
            let next_look = if busy { LOOK_EVERY_WHEN_BUSY } else { LOOK_EVERY };
            watch.wait(slots, left.min(next_look));
        }
    }

    /// One round: opens and probes each card that was not turned down before. Returns those that are wanted, and what
    /// stands in the way if there are none.
    fn try_cards(
        &self,
        slots: &[Slot],
        candidates: &mut BTreeMap<CString, Candidate>,
        is_wanted: &mut impl FnMut(&mut Session) -> Result<bool, Error>,
    ) -> Result<(Vec<Session>, Error), Error> {
        let mut wanted = Vec::new();
        let mut hindrance = Error::new(ErrorKind::NoReader);
        let mut hindered_by = |error: Error| {
            if weight(&error) > weight(&hindrance) {
                hindrance = error;
            }
        };
        let mut seen = BTreeMap::new();
        for slot in slots.iter().filter(|slot| self.concerns(slot)) {
            if !slot.is_available() {
                hindered_by(Error::new(ErrorKind::NoReader).with_detail(slot.name()));
                continue;
            }
            hindered_by(Error::new(ErrorKind::NoCard));
            if !slot.has_card() {
                continue;
            }
            let progress = match candidates.remove(&slot.name) {
                Some(Candidate::TurnedDown { events, why }) if events == slot.events() => {
                    hindered_by(why.clone());
                    seen.insert(slot.name.clone(), Candidate::TurnedDown { events, why });
                    continue;
                }
                Some(Candidate::Opening(opening)) => opening.finish_within(Duration::ZERO),
                _ => Opening::start(
                    slot.name.clone(),
                    self.limits(&slot.name()),
                    self.exchange_limit,
                    &self.cancel,
                )?
                .finish_within(PATIENCE),
            };
            let probed = match progress {
                Progress::Opened(mut session) => {
                    is_wanted(&mut session).map(|is_wanted| is_wanted.then_some(session))
                }
                Progress::Failed(error) => Err(error),
                // The service keeps us waiting: another program has begun a transaction.
                Progress::Waiting(opening) => {
                    hindered_by(Error::new(ErrorKind::InUse).with_detail(slot.name()));
                    seen.insert(slot.name.clone(), Candidate::Opening(opening));
                    continue;
                }
            };
            let candidate = match probed {
                Ok(Some(session)) => {
                    wanted.push(session);
                    continue;
                }
                Ok(None) => {
                    let why = Error::new(ErrorKind::NoCard)
                        .with_detail(format!("the card in {} is another one", slot.name()));
                    hindered_by(why.clone());
                    Candidate::TurnedDown {
                        events: slot.events(),
                        why,
                    }
                }
                Err(error) => match error.kind() {
                    ErrorKind::Cancelled | ErrorKind::NotAuthorised => return Err(error),
                    _ => {
                        hindered_by(error);
                        Candidate::Failed
                    }
                },
            };
            seen.insert(slot.name.clone(), candidate);
        }
        // What is left belongs to readers or cards that are gone.
        *candidates = seen;
        Ok((wanted, hindrance))
    }

    fn concerns(&self, slot: &Slot) -> bool {
        let name = slot.name();
        match &self.name_part {
            Some(part) => is_part(part, &name),
            None => !IGNORED_READERS.iter().any(|part| is_part(part, &name)),
        }
    }

    fn limits(&self, name: &str) -> Limits {
        let given = self
            .limits
            .iter()
            .rev()
            .map(|(part, limits)| (part.as_str(), *limits));
        let known = QUIRKS.iter().map(|quirk| (quirk.name_part, quirk.limits));
        given
            .chain(known)
            .find(|(part, _)| is_part(part, name))
            .map_or(Limits::EXTENDED, |(_, limits)| limits)
    }
}

/// What came of a card so far.
enum Candidate {
    /// Still being connected to.
    Opening(Opening),
    /// Not the card that is wanted.
    TurnedDown { events: u32, why: Error },
    /// Something went wrong, which may be better next time.
    Failed,
}

impl Candidate {
    fn is_to_be_tried(&self) -> bool {
        !matches!(self, Self::TurnedDown { .. })
    }
}

/// Which of several hindrances is worth telling: the one closest to success, with its detail if it has one.
fn weight(hindrance: &Error) -> (u8, bool) {
    let closeness = match hindrance.kind() {
        ErrorKind::NoReader => 0,
        ErrorKind::NoCard => 1,
        ErrorKind::InUse => 3,
        _ => 2,
    };
    (closeness, hindrance.detail().is_some())
}

fn several(one: &Session, others: &[Session]) -> Error {
    let mut names = vec![one.reader()];
    names.extend(others.iter().map(Session::reader));
    names.sort_unstable();
    Error::new(ErrorKind::SeveralCards).with_detail(names.join(", "))
}

/// The eye on the readers. Takes up with the service again when that was restarted.
struct Watch {
    context: Option<Context>,
    had_context: bool,
    /// The state of the pseudo-reader that stands for the list of readers.
    new_readers: Option<ReaderState>,
    cancel: CancelHandle,
}

impl Watch {
    fn new(cancel: CancelHandle) -> Self {
        Self {
            context: None,
            had_context: false,
            new_readers: Some(ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)),
            cancel,
        }
    }

    /// The readers as they are now.
    fn look(&mut self) -> Result<Vec<Slot>, Error> {
        let context = match self.context.take() {
            Some(context) => Ok(context),
            None => Context::establish(Scope::User),
        };
        let result = context.and_then(|context| {
            let slots = slots(&context)?;
            self.context = Some(context);
            self.had_context = true;
            Ok(slots)
        });
        match result {
            Err(code) if is_no_reader_yet(code) => Ok(Vec::new()),
            result => result.map_err(while_opening),
        }
    }

    /// Whether to go on looking: a service that was there is probably being restarted.
    fn may_recover_from(&self, error: &Error) -> bool {
        self.had_context && error.kind() != ErrorKind::NotAuthorised
    }

    /// Returns when something has changed, or after this time.
    fn wait(&mut self, slots: Vec<Slot>, limit: Duration) {
        thread::sleep(LOOK_AT_MOST_EVERY.min(limit));
        let Some(context) = &self.context else {
            thread::sleep(limit);
            return;
        };
        // macOS knows no notification of new readers.
        let notified = !cfg!(target_os = "macos");
        let mut states: Vec<ReaderState> = slots
            .into_iter()
            .take(WATCHED_READERS)
            .map(Slot::into_watched)
            .collect();
        if notified {
            states.extend(self.new_readers.take());
        }
        if states.is_empty() {
            thread::sleep(limit);
            return;
        }
        let waited = self
            .cancel
            .waking(context, || context.get_status_change(limit, &mut states));
        if notified && let Some(mut new_readers) = states.pop() {
            // Kept from call to call: Windows counts the readers in it.
            new_readers.sync_current_state();
            self.new_readers = Some(new_readers);
        }
        match waited {
            Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::Cancelled) => {}
            // Unplugged since the last look, or the service is gone: the next look tells.
            Err(_) => thread::sleep(LOOK_EVERY_WHEN_BUSY.min(limit)),
        }
    }
}
