use std::ffi::{CStr, CString};
use std::fmt;
use std::time::Duration;

use pcsc::{Context, ReaderState, State};
use zairyu_transport::{CancelHandle, Error};

use crate::quirk::{Interface, quirk};
use crate::watch::{Watch, hangs};

/// How long the service may take to tell what there is.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// A card reader that the smart-card service knows, as it was a moment ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    name: String,
    card: CardState,
}

impl Reader {
    /// The name under which PC/SC shows the reader, like "SONY FeliCa RC-S300/P 00 00".
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is in it.
    #[must_use]
    pub fn card(&self) -> CardState {
        self.card
    }

    /// How it reaches a card, if [`QUIRKS`](crate::QUIRKS) knows it.
    #[must_use]
    pub fn interface(&self) -> Option<Interface> {
        quirk(&self.name).map(|quirk| quirk.interface)
    }
}

/// What is in a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CardState {
    /// No card.
    Absent,
    /// A card. Another program may be connected to it as well.
    Present,
    /// A card that another program holds for itself alone.
    HeldExclusively,
    /// Something that does not answer: a card off-centre, or of another type than the reader expects.
    Unresponsive,
    /// The reader itself does not work at the moment.
    ReaderUnavailable,
}

/// One card's stay in one reader, from its arrival to its departure.
///
/// The same card put on again is another presence. The service counts them, so [`Event`](crate::Event)s and
/// [`Session`](crate::Session)s agree on them for as long as the service runs. On macOS it does not count: there a card
/// exchanged within half a second is taken for the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Presence {
    pub(crate) reader: CString,
    pub(crate) count: u32,
}

impl fmt::Display for Presence {
    /// The reader's name and the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", shown(&self.reader), self.count)
    }
}

/// Lists the connected readers, in the service's order, those that are no hardware included.
///
/// # Errors
///
/// [`NoService`](zairyu_transport::ErrorKind::NoService), also when it does not answer within 5 seconds (not on
/// Windows, where the service stops when there is no reader: the list is empty then), and
/// [`NotAuthorised`](zairyu_transport::ErrorKind::NotAuthorised). No reader is not an error.
pub fn readers() -> Result<Vec<Reader>, Error> {
    match Watch::new(CancelHandle::new()).look(Duration::ZERO, ANSWERS_WITHIN) {
        Ok(Some(slots)) => Ok(slots.iter().map(Slot::reader).collect()),
        Ok(None) => Err(hangs().error),
        Err(hindrance) => Err(hindrance.error),
    }
}

/// A reader's name as text. It comes from the device: it may be no UTF-8, and must not steer the terminal or the log
/// that it is shown in.
pub(crate) fn shown(name: &CStr) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    name.to_string_lossy().replace(steers, "\u{FFFD}")
}

/// A reader as PC/SC describes it.
#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) name: CString,
    pub(crate) card: CardState,
    /// Counts the cards that came and went, where the platform counts them.
    pub(crate) count: u32,
    /// What the reader made of the card's answer to reset; empty without a card.
    pub(crate) atr: Vec<u8>,
}

impl Slot {
    pub(crate) fn name(&self) -> String {
        shown(&self.name)
    }

    /// Something is in the reader, whether or not it answers.
    pub(crate) fn has_card(&self) -> bool {
        !matches!(self.card, CardState::Absent | CardState::ReaderUnavailable)
    }

    pub(crate) fn is_available(&self) -> bool {
        self.card != CardState::ReaderUnavailable
    }

    pub(crate) fn presence(&self) -> Presence {
        Presence {
            reader: self.name.clone(),
            count: self.count,
        }
    }

    fn reader(&self) -> Reader {
        Reader {
            name: self.name(),
            card: self.card,
        }
    }
}

impl From<&ReaderState> for Slot {
    fn from(state: &ReaderState) -> Self {
        let flags = state.event_state();
        let card = if flags.intersects(State::UNKNOWN | State::UNAVAILABLE) {
            CardState::ReaderUnavailable
        } else if !flags.contains(State::PRESENT) {
            CardState::Absent
        } else if flags.contains(State::MUTE) {
            CardState::Unresponsive
        } else if flags.contains(State::EXCLUSIVE) {
            CardState::HeldExclusively
        } else {
            CardState::Present
        };
        Self {
            name: state.name().to_owned(),
            card,
            count: state.event_count(),
            atr: state.atr().to_vec(),
        }
    }
}

/// The reader's state at this moment.
pub(crate) fn reader_state(context: &Context, name: &CStr) -> Result<ReaderState, pcsc::Error> {
    let mut states = [ReaderState::new(name, State::UNAWARE)];
    context.get_status_change(Duration::ZERO, &mut states)?;
    let [state] = states;
    Ok(state)
}
