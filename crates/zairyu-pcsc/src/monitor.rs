use std::collections::{BTreeMap, VecDeque};
use std::ffi::CString;
use std::time::{Duration, Instant};

use zairyu_transport::{CancelHandle, Error, ErrorKind};

use crate::reader::{CardState, Presence, Slot, shown};
use crate::watch::{LOOK_EVERY, Watch, hangs};

/// How long the service may keep silent, the wait for a change included, before it counts as unavailable.
const SILENT_AT_MOST: Duration = Duration::from_secs(5);

/// Something has come or gone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A reader was there at the start, or was plugged in since.
    ReaderAdded {
        /// Its name.
        reader: String,
    },
    /// A reader was unplugged. Its card's departure was told before.
    ReaderRemoved {
        /// Its name.
        reader: String,
    },
    /// A card was there at the start, or was put on since.
    CardInserted {
        /// The reader's name.
        reader: String,
        /// Which stay of which card: for [`OpenOptions::presence`](crate::OpenOptions::presence).
        presence: Presence,
        /// False for a card that does not answer: off-centre, or of another type than the reader expects.
        answers: bool,
    },
    /// A card was taken away.
    CardRemoved {
        /// The reader's name.
        reader: String,
        /// The presence that is over.
        presence: Presence,
    },
    /// The service is not there, does not answer, or refuses us: the error says which. All readers and cards were told to
    /// have gone before. It is waited for.
    ServiceUnavailable {
        /// Why.
        error: Error,
    },
    /// The service is there again. What is connected to it is told next.
    ServiceAvailable,
}

/// The comings and goings of readers and cards, as an iterator that blocks until there is one and ends when it is
/// cancelled.
///
/// ```no_run
/// use zairyu_pcsc::{Event, Monitor, OpenOptions};
///
/// for event in Monitor::new() {
///     if let Event::CardInserted { presence, .. } = event {
///         let card = OpenOptions::new().presence(&presence).open()?;
///         println!("{presence} opened as {card:?}");
///     }
/// }
/// # Ok::<(), zairyu_transport::Error>(())
/// ```
///
/// Each change is told once, in an order that makes sense: a reader comes before its card and goes after it. A card
/// that was exchanged unseen is told as removed and another inserted. What came and went between two looks is not told.
/// Where there is no notification (new readers on macOS; the service everywhere) changes are seen within half a
/// second, by looking.
#[derive(Debug)]
pub struct Monitor {
    watch: Watch,
    /// The readers, and what is in them.
    known: BTreeMap<CString, Option<Presence>>,
    unavailable: Option<ErrorKind>,
    events: VecDeque<Event>,
    /// Whether the service was looked at before. The first look is not to wait for a change.
    looked: bool,
    cancel: CancelHandle,
}

impl Default for Monitor {
    fn default() -> Self {
        Self::new()
    }
}

impl Monitor {
    /// Watches all readers, those included that [`OpenOptions`](crate::OpenOptions) would pass over. First it tells what
    /// is there.
    #[must_use]
    pub fn new() -> Self {
        Self::with_handle(CancelHandle::new())
    }

    fn with_handle(cancel: CancelHandle) -> Self {
        Self {
            watch: Watch::new(cancel.clone()),
            known: BTreeMap::new(),
            unavailable: None,
            events: VecDeque::new(),
            looked: false,
            cancel,
        }
    }

    /// A monitor that this handle ends.
    #[must_use]
    pub fn cancel_with(self, handle: &CancelHandle) -> Self {
        Self::with_handle(handle.clone())
    }

    /// The next event; none if there was none within this time.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](ErrorKind::Cancelled), and nothing else.
    pub fn next_within(&mut self, limit: Duration) -> Result<Option<Event>, Error> {
        let started = Instant::now();
        loop {
            self.cancel.check()?;
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(event));
            }
            let left = limit.saturating_sub(started.elapsed());
            let wait = if self.looked { LOOK_EVERY } else { Duration::ZERO };
            match self.watch.look(wait, left.min(SILENT_AT_MOST)) {
                Ok(Some(slots)) => {
                    self.looked = true;
                    self.take_in(&slots);
                }
                Ok(None) if self.watch.silent_for() >= SILENT_AT_MOST => self.lose_service(&hangs().error),
                Ok(None) => {}
                Err(hindrance) if hindrance.error.kind() == ErrorKind::Cancelled => {
                    return Err(hindrance.error);
                }
                Err(hindrance) => {
                    self.looked = true;
                    self.lose_service(&hindrance.error);
                }
            }
            if self.events.is_empty() && started.elapsed() >= limit {
                return Ok(None);
            }
        }
    }

    fn take_in(&mut self, slots: &[Slot]) {
        if self.unavailable.take().is_some() {
            self.events.push_back(Event::ServiceAvailable);
        }
        let mut before = std::mem::take(&mut self.known);
        let present: Vec<&Slot> = slots.iter().filter(|slot| slot.is_available()).collect();
        // Departures first: a driver may give a new reader a name that was just given up.
        for slot in &present {
            if let Some(known) = before.remove(&slot.name) {
                self.known.insert(slot.name.clone(), known);
            }
        }
        for (reader, presence) in before {
            self.remove(&reader, presence);
        }
        for slot in present {
            let reader = slot.name();
            let known = self.known.remove(&slot.name);
            if known.is_none() {
                self.events.push_back(Event::ReaderAdded {
                    reader: reader.clone(),
                });
            }
            let was_there = known.flatten();
            let is_there = slot.has_card().then(|| slot.presence());
            if was_there != is_there {
                if let Some(presence) = was_there {
                    self.events.push_back(Event::CardRemoved {
                        reader: reader.clone(),
                        presence,
                    });
                }
                if let Some(presence) = is_there.clone() {
                    self.events.push_back(Event::CardInserted {
                        reader,
                        presence,
                        answers: slot.card != CardState::Unresponsive,
                    });
                }
            }
            self.known.insert(slot.name.clone(), is_there);
        }
    }

    fn lose_service(&mut self, error: &Error) {
        if self.unavailable == Some(error.kind()) {
            return;
        }
        self.unavailable = Some(error.kind());
        for (reader, presence) in std::mem::take(&mut self.known) {
            self.remove(&reader, presence);
        }
        self.events
            .push_back(Event::ServiceUnavailable { error: error.clone() });
    }

    fn remove(&mut self, reader: &CString, presence: Option<Presence>) {
        let reader = shown(reader);
        if let Some(presence) = presence {
            self.events.push_back(Event::CardRemoved {
                reader: reader.clone(),
                presence,
            });
        }
        self.events.push_back(Event::ReaderRemoved { reader });
    }
}

impl Iterator for Monitor {
    type Item = Event;

    /// Waits for the next event without a limit; none once the handle was used.
    fn next(&mut self) -> Option<Event> {
        self.next_within(Duration::MAX).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(name: &str, card: CardState, count: u32) -> Slot {
        Slot {
            name: CString::new(name).unwrap(),
            card,
            count,
            atr: Vec::new(),
        }
    }

    /// Each event in a few letters.
    fn told(monitor: &mut Monitor) -> Vec<String> {
        let short = |event| match event {
            Event::ReaderAdded { reader } => format!("+{reader}"),
            Event::ReaderRemoved { reader } => format!("-{reader}"),
            Event::CardInserted {
                presence, answers, ..
            } => {
                format!("in {presence}{}", if answers { "" } else { " mute" })
            }
            Event::CardRemoved { presence, .. } => format!("out {presence}"),
            Event::ServiceUnavailable { .. } => "lost".to_owned(),
            Event::ServiceAvailable => "back".to_owned(),
        };
        monitor.events.drain(..).map(short).collect()
    }

    #[test]
    fn changes_are_told_once() {
        let mut monitor = Monitor::new();
        monitor.take_in(&[slot("A", CardState::Present, 1), slot("B", CardState::Absent, 0)]);
        assert_eq!(told(&mut monitor), ["+A", "in A #1", "+B"]);
        // Used by somebody, or silent after all: no event, for it is the same card.
        monitor.take_in(&[
            slot("A", CardState::HeldExclusively, 1),
            slot("B", CardState::Absent, 0),
        ]);
        assert!(told(&mut monitor).is_empty());
        // Exchanged once, or several times, between two looks.
        for count in [3, 9] {
            monitor.take_in(&[
                slot("A", CardState::Present, count),
                slot("B", CardState::Absent, 0),
            ]);
            assert_eq!(told(&mut monitor).len(), 2);
        }
        // Put on and taken away between two looks.
        monitor.take_in(&[slot("A", CardState::Present, 9), slot("B", CardState::Absent, 2)]);
        assert!(told(&mut monitor).is_empty());
        monitor.take_in(&[slot("B", CardState::Unresponsive, 3)]);
        assert_eq!(told(&mut monitor), ["out A #9", "-A", "in B #3 mute"]);
        monitor.take_in(&[slot("B", CardState::ReaderUnavailable, 4)]);
        assert_eq!(told(&mut monitor), ["out B #3", "-B"]);
    }

    #[test]
    fn a_lost_service_takes_everything_with_it_and_is_told_once() {
        let mut monitor = Monitor::new();
        monitor.take_in(&[slot("A", CardState::Present, 1)]);
        told(&mut monitor);
        for _ in 0..2 {
            monitor.lose_service(&Error::new(ErrorKind::NoService));
        }
        assert_eq!(told(&mut monitor), ["out A #1", "-A", "lost"]);
        monitor.take_in(&[slot("A", CardState::Present, 1)]);
        assert_eq!(told(&mut monitor), ["back", "+A", "in A #1"]);
    }
}
