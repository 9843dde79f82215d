use std::ffi::{CStr, CString};
use std::time::Duration;

use pcsc::{Context, ReaderState, Scope, State};
use zairyu_transport::Error;

use crate::cause::while_opening;

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

/// Lists the connected readers, in the service's order, those of [`IGNORED_READERS`](crate::IGNORED_READERS)
/// included.
///
/// # Errors
///
/// [`NoService`](zairyu_transport::ErrorKind::NoService) (not on Windows, where the service stops when there is no
/// reader: the list is empty then) and [`NotAuthorised`](zairyu_transport::ErrorKind::NotAuthorised). No reader is
/// not an error.
pub fn readers() -> Result<Vec<Reader>, Error> {
    let slots = Context::establish(Scope::User).and_then(|context| slots(&context));
    match slots {
        Ok(slots) => Ok(slots.iter().map(Slot::reader).collect()),
        Err(code) if is_no_reader_yet(code) => Ok(Vec::new()),
        Err(code) => Err(while_opening(code)),
    }
}

/// Windows stops the service when the last reader leaves, and starts it when one comes.
pub(crate) fn is_no_reader_yet(code: pcsc::Error) -> bool {
    cfg!(windows) && matches!(code, pcsc::Error::NoService | pcsc::Error::ServiceStopped)
}

/// A reader as PC/SC describes it.
pub(crate) struct Slot {
    pub(crate) name: CString,
    state: ReaderState,
}

impl Slot {
    pub(crate) fn name(&self) -> String {
        self.name.to_string_lossy().into_owned()
    }

    /// Something is in the reader, whether or not it answers.
    pub(crate) fn has_card(&self) -> bool {
        self.state.event_state().contains(State::PRESENT)
    }

    /// Counts the cards that came and went, where the platform counts them.
    pub(crate) fn events(&self) -> u32 {
        self.state.event_count()
    }

    /// For a wait that ends when this is no longer how it is.
    pub(crate) fn into_watched(self) -> ReaderState {
        let mut state = self.state;
        state.sync_current_state();
        state
    }

    pub(crate) fn is_available(&self) -> bool {
        !self
            .state
            .event_state()
            .intersects(State::UNKNOWN | State::UNAVAILABLE)
    }

    fn reader(&self) -> Reader {
        let card = if !self.is_available() {
            CardState::ReaderUnavailable
        } else if !self.has_card() {
            CardState::Absent
        } else if self.state.event_state().contains(State::MUTE) {
            CardState::Unresponsive
        } else if self.state.event_state().contains(State::EXCLUSIVE) {
            CardState::HeldExclusively
        } else {
            CardState::Present
        };
        Reader {
            name: self.name(),
            card,
        }
    }
}

pub(crate) fn slots(context: &Context) -> Result<Vec<Slot>, pcsc::Error> {
    let mut slots = Vec::new();
    for name in context.list_readers_owned()? {
        match slot(context, &name) {
            Ok(slot) => slots.push(slot),
            // Unplugged since it was listed.
            Err(pcsc::Error::UnknownReader) => {}
            Err(code) => return Err(code),
        }
    }
    Ok(slots)
}

/// The reader's state at this moment.
pub(crate) fn slot(context: &Context, name: &CStr) -> Result<Slot, pcsc::Error> {
    let mut states = [ReaderState::new(name, State::UNAWARE)];
    context.get_status_change(Duration::ZERO, &mut states)?;
    let [state] = states;
    Ok(Slot {
        name: name.to_owned(),
        state,
    })
}
