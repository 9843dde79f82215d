use std::collections::BTreeMap;
use std::ffi::CString;
use std::time::{Duration, Instant};

use zairyu_transport::{CancelHandle, Error, ErrorKind, Limits};

use crate::cause::Hindrance;
use crate::diagnosis::Cause;
use crate::quirk::{Interface, is_part, quirk};
use crate::reader::{Presence, Slot};
use crate::session::{Opening, Progress, Session};
use crate::watch::{LOOK_EVERY, Watch, hangs};

/// How often all readers are looked at while a card is there that could not be opened yet.
const LOOK_EVERY_WHEN_BUSY: Duration = Duration::from_millis(100);

/// How long the service and the readers are waited for in one round. Powering a contactless card up takes up to a
/// second.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// How to find the card: which readers, how long to wait, and what a reader can carry.
///
/// ```no_run
/// use std::time::Duration;
/// use zairyu_pcsc::OpenOptions;
/// use zairyu_transport::CancelHandle;
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
    ignored: Vec<String>,
    presence: Option<Presence>,
    /// When the sessions have to be over.
    deadline: Option<Instant>,
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
            ignored: Vec::new(),
            presence: None,
            deadline: None,
            cancel: CancelHandle::new(),
        }
    }

    /// Only readers whose name contains this; case does not matter. One that is otherwise passed over, because it is
    /// no hardware, has no contactless interface or is [ignored](Self::ignore), is used if the name is given.
    #[must_use]
    pub fn reader(mut self, name_part: impl Into<String>) -> Self {
        self.name_part = Some(name_part.into());
        self
    }

    /// Passes over readers whose name contains this (case does not matter), besides those that
    /// [`QUIRKS`](crate::QUIRKS) knows not to be contactless. Can be called again for more.
    #[must_use]
    pub fn ignore(mut self, name_part: impl Into<String>) -> Self {
        self.ignored.push(name_part.into());
        self
    }

    /// Only the card of this presence, which an [`Event`](crate::Event) told of: no card that took its place.
    #[must_use]
    pub fn presence(mut self, presence: &Presence) -> Self {
        self.presence = Some(presence.clone());
        self
    }

    /// How long to wait for what is missing: the service, a reader, a card. Zero takes the card that is there, or none.
    /// A connection that was begun in time gets two seconds to come about.
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
    /// word given counts, and overrules [`QUIRKS`](crate::QUIRKS).
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
    /// that is not wanted, or whose probe took too long, is left alone until it is replaced.
    ///
    /// # Errors
    ///
    /// At once:
    /// - [`NotAuthorised`](ErrorKind::NotAuthorised);
    /// - [`Cancelled`](ErrorKind::Cancelled): by its handle;
    /// - [`SeveralCards`](ErrorKind::SeveralCards): several readers hold a wanted card; the detail names them;
    /// - [`CardRemoved`](ErrorKind::CardRemoved): the [`presence`](Self::presence) that was asked for is over.
    ///
    /// When the time is over, what stood in the way last:
    /// - [`NoService`](ErrorKind::NoService): it does not run, or does not answer;
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
        let mut wait = Duration::ZERO;
        loop {
            let left = self.wait.saturating_sub(started.elapsed());
            let hindrance = match watch.look(wait, left.max(PATIENCE)) {
                Ok(Some(slots)) => match self.try_cards(&slots, &mut candidates, PATIENCE, &mut is_wanted) {
                    Ok(session) => return Ok(session),
                    Err(hindrance) => hindrance,
                },
                Ok(None) => hangs(),
                Err(hindrance) => hindrance,
            };
            let left = self.wait.saturating_sub(started.elapsed());
            let is_final = matches!(
                hindrance.error.kind(),
                ErrorKind::Cancelled | ErrorKind::NotAuthorised | ErrorKind::SeveralCards
            );
            let is_over = self.presence.is_some() && hindrance.error.kind() == ErrorKind::CardRemoved;
            if left.is_zero() || is_final || is_over {
                return Err(hindrance.error);
            }
            let busy = candidates.values().any(Candidate::is_to_be_tried);
            wait = left.min(if busy { LOOK_EVERY_WHEN_BUSY } else { LOOK_EVERY });
        }
    }

    /// One round: opens and probes each card that was not turned down before. Returns the one that is wanted, or what
    /// stands in the way.
    pub(crate) fn try_cards(
        &self,
        slots: &[Slot],
        candidates: &mut BTreeMap<CString, Candidate>,
        patience: Duration,
        is_wanted: &mut impl FnMut(&mut Session) -> Result<bool, Error>,
    ) -> Result<Session, Hindrance> {
        let mut hindrance = self.nothing_concerned(slots);
        // The worst of them is the one closest to success.
        let mut hindered_by = |met: Hindrance| {
            if met.cause > hindrance.cause {
                hindrance = met;
            }
        };
        let mut seen = BTreeMap::new();
        let mut openings = Vec::new();
        for slot in slots.iter().filter(|slot| self.concerns(slot)) {
            if !slot.is_available() {
                hindered_by(met(Cause::ReaderUnavailable, ErrorKind::NoReader, slot.name()));
                continue;
            }
            if self.is_over(slot) {
                return Err(met(Cause::NoCard, ErrorKind::CardRemoved, slot.name()));
            }
            if !slot.has_card() {
                hindered_by(Hindrance::new(Cause::NoCard, Error::new(ErrorKind::NoCard)));
                continue;
            }
            match candidates.remove(&slot.name) {
                Some(Candidate::TurnedDown { count, why }) if count == slot.count => {
                    hindered_by(why.clone());
                    seen.insert(slot.name.clone(), Candidate::TurnedDown { count, why });
                }
                Some(Candidate::Opening(opening)) => openings.push((slot, opening)),
                _ => openings.push((slot, Opening::start(slot.name.clone(), &self.cancel)?)),
            }
        }
        // What is left belongs to readers or cards that are gone.
        candidates.clear();

        let started = Instant::now();
        let mut wanted: Vec<Session> = Vec::new();
        for (slot, opening) in openings {
            let patience = patience.saturating_sub(started.elapsed());
            let candidate = match opening.finish_within(
                patience,
                self.limits(&slot.name()),
                self.exchange_limit,
                self.deadline,
            ) {
                Progress::Opened(session) => match self.probe(slot, session, is_wanted) {
                    Ok(session) => {
                        wanted.push(session);
                        continue;
                    }
                    Err(why) => {
                        hindered_by(why.clone());
                        let count = slot.count;
                        match why.error.kind() {
                            ErrorKind::NoCard | ErrorKind::TimedOut => Candidate::TurnedDown { count, why },
                            _ => Candidate::Failed,
                        }
                    }
                },
                Progress::Failed(why) => {
                    hindered_by(why);
                    Candidate::Failed
                }
                // The service keeps us waiting: another program has begun a transaction.
                Progress::Waiting(opening) => {
                    hindered_by(met(Cause::InUse, ErrorKind::InUse, slot.name()));
                    Candidate::Opening(opening)
                }
            };
            seen.insert(slot.name.clone(), candidate);
        }
        *candidates = seen;
        match (wanted.pop(), wanted.as_slice()) {
            (Some(session), []) => Ok(session),
            (Some(session), others) => Err(several(&session, others)),
            (None, _) => Err(hindrance),
        }
    }

    /// Whether this is the wanted card.
    fn probe(
        &self,
        slot: &Slot,
        mut session: Session,
        is_wanted: &mut impl FnMut(&mut Session) -> Result<bool, Error>,
    ) -> Result<Session, Hindrance> {
        if self
            .presence
            .as_ref()
            .is_some_and(|wanted| wanted != session.presence())
        {
            return Err(met(Cause::NoCard, ErrorKind::CardRemoved, slot.name()));
        }
        match is_wanted(&mut session) {
            Ok(true) => Ok(session),
            Ok(false) => Err(met(
                Cause::WrongCard,
                ErrorKind::NoCard,
                format!("the card in {} is another one", slot.name()),
            )),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn concerns(&self, slot: &Slot) -> bool {
        if let Some(presence) = &self.presence {
            return slot.name == presence.reader;
        }
        let name = slot.name();
        match &self.name_part {
            Some(part) => is_part(part, &name),
            None => {
                let interface = quirk(&name).map_or(Interface::Contactless, |quirk| quirk.interface);
                interface == Interface::Contactless && !self.ignored.iter().any(|part| is_part(part, &name))
            }
        }
    }

    /// Whether the presence that was asked for is over.
    fn is_over(&self, slot: &Slot) -> bool {
        self.presence
            .as_ref()
            .is_some_and(|wanted| !slot.has_card() || slot.presence() != *wanted)
    }

    /// What stands in the way if no reader is concerned.
    fn nothing_concerned(&self, slots: &[Slot]) -> Hindrance {
        let names: Vec<String> = slots.iter().map(Slot::name).collect();
        let interface = |name: &str| quirk(name).map(|quirk| quirk.interface);
        let mut hardware = names
            .iter()
            .filter(|name| interface(name) != Some(Interface::Virtual));
        let mut others = hardware.clone();
        if self.name_part.is_none()
            && others.all(|name| interface(name) == Some(Interface::Contact))
            && let Some(name) = hardware.next()
        {
            let detail = format!("{name} takes contact cards only");
            return met(Cause::ContactOnlyReader, ErrorKind::NoReader, detail);
        }
        let error = Error::new(ErrorKind::NoReader);
        let error = if names.is_empty() {
            error
        } else {
            error.with_detail(format!("passed over: {}", names.join(", ")))
        };
        Hindrance::new(Cause::NoReader, error)
    }

    fn limits(&self, name: &str) -> Limits {
        let given = self.limits.iter().rev().find(|(part, _)| is_part(part, name));
        let known = || quirk(name).map_or(Limits::EXTENDED, |quirk| quirk.limits);
        given.map_or_else(known, |(_, limits)| *limits)
    }

    /// The same, with sessions that are over at the deadline whatever happens.
    pub(crate) fn with_deadline(&self, deadline: Option<Instant>) -> Self {
        Self {
            deadline,
            ..self.clone()
        }
    }

    pub(crate) fn cancel_handle(&self) -> &CancelHandle {
        &self.cancel
    }
}

/// What came of a card so far.
pub(crate) enum Candidate {
    /// Still being connected to.
    Opening(Opening),
    /// Not the card that is wanted.
    TurnedDown { count: u32, why: Hindrance },
    /// Something went wrong, which may be better next time.
    Failed,
}

impl Candidate {
    fn is_to_be_tried(&self) -> bool {
        !matches!(self, Self::TurnedDown { .. })
    }
}

fn met(cause: Cause, kind: ErrorKind, detail: String) -> Hindrance {
    Hindrance::new(cause, Error::new(kind).with_detail(detail))
}

fn several(one: &Session, others: &[Session]) -> Hindrance {
    let mut names = vec![one.reader()];
    names.extend(others.iter().map(Session::reader));
    names.sort_unstable();
    met(Cause::SeveralCards, ErrorKind::SeveralCards, names.join(", "))
}
