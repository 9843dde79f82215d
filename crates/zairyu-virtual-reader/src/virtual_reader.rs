use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::card::{Card, Fault};
use crate::ifd_handler::code;
use crate::wire::{CardNumber, Message};

/// The slot of one virtual reader: cards go in and out of it here, in the test process.
///
/// The driver in `pcscd` connects to it through the socket at [`VirtualReader::bind`]'s path. Dropping the value
/// unplugs the reader.
#[derive(Debug)]
pub struct VirtualReader {
    path: PathBuf,
    slot: Arc<Mutex<Slot>>,
}

struct Slot {
    card: Option<(CardNumber, Arc<Mutex<dyn Card>>)>,
    last_number: CardNumber,
    driver: Option<UnixStream>,
    /// Counts the times it was plugged in and out: odd is in. An earlier time's listening thread must not serve.
    plugs: u64,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot")
            .field("card", &self.card.as_ref().map(|(number, _)| number))
            .field("connected", &self.driver.is_some())
            .finish_non_exhaustive()
    }
}

/// A card that panics in a test must not take the reader with it.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl VirtualReader {
    /// An empty reader that waits for its driver at this socket path (at most 107 bytes, as Unix has it).
    ///
    /// # Errors
    ///
    /// When the socket cannot be made.
    pub fn bind(path: &Path) -> io::Result<Self> {
        let reader = Self {
            path: path.to_owned(),
            slot: Arc::new(Mutex::new(Slot {
                card: None,
                last_number: 0,
                driver: None,
                plugs: 0,
            })),
        };
        reader.plug_in()?;
        Ok(reader)
    }

    /// Plugs an unplugged reader in again, empty.
    ///
    /// A running `pcscd` looks for new readers on the USB only: this one it finds when it is restarted.
    ///
    /// # Errors
    ///
    /// When the socket cannot be made.
    pub fn plug_in(&self) -> io::Result<()> {
        let mut slot = lock(&self.slot);
        if slot.plugged_in() {
            return Ok(());
        }
        let listener = UnixListener::bind(&self.path)?;
        slot.plugs += 1;
        let plug = slot.plugs;
        let served = Arc::clone(&self.slot);
        thread::Builder::new()
            .name("virtual reader".to_owned())
            .spawn(move || serve_drivers(&listener, plug, &served))?;
        Ok(())
    }

    /// Pulls the reader's plug, and its card with it.
    ///
    /// The driver then tells `pcscd` that there is no such device. PC/SC goes on listing the reader as unavailable
    /// until the daemon is restarted.
    pub fn unplug(&self) {
        let mut slot = lock(&self.slot);
        if !slot.plugged_in() {
            return;
        }
        slot.plugs += 1;
        slot.card = None;
        if let Some(driver) = slot.driver.take() {
            // Fails only if the driver has gone already.
            let _ = driver.shutdown(std::net::Shutdown::Both);
        }
        drop(slot);
        // Wakes the listening thread, which then sees that the reader is unplugged.
        let _ = UnixStream::connect(&self.path);
        let _ = std::fs::remove_file(&self.path);
    }

    /// Puts a card into the reader, in place of the one that may be there.
    ///
    /// `pcscd` sees the old card leave before it sees the new one, however fast the change.
    pub fn insert(&self, card: impl Card + 'static) {
        let mut slot = lock(&self.slot);
        slot.last_number += 1;
        let number = slot.last_number;
        slot.card = Some((number, Arc::new(Mutex::new(card))));
        slot.announce();
    }

    /// Takes the card away. An exchange that is under way fails, whatever the card still answers.
    pub fn remove(&self) {
        let mut slot = lock(&self.slot);
        slot.card = None;
        slot.announce();
    }

    /// Whether a card is in the reader.
    #[must_use]
    pub fn has_card(&self) -> bool {
        lock(&self.slot).card.is_some()
    }
}

impl Drop for VirtualReader {
    fn drop(&mut self) {
        self.unplug();
    }
}

impl Slot {
    fn plugged_in(&self) -> bool {
        self.plugs % 2 == 1
    }

    /// Tells the driver how things stand. A driver that cannot be reached is gone, and asks again when it returns.
    fn announce(&mut self) {
        let message = match &self.card {
            Some((number, _)) => Message::Inserted(*number),
            None => Message::Removed,
        };
        self.send(&message);
    }

    fn send(&mut self, message: &Message) {
        if let Some(driver) = &mut self.driver
            && message.write(driver).is_err()
        {
            self.driver = None;
        }
    }

    fn card(&self, number: CardNumber) -> Option<Arc<Mutex<dyn Card>>> {
        self.card
            .as_ref()
            .filter(|(present, _)| *present == number)
            .map(|(_, card)| Arc::clone(card))
    }
}

fn serve_drivers(listener: &UnixListener, plug: u64, slot: &Mutex<Slot>) {
    for driver in listener.incoming() {
        let mut locked = lock(slot);
        if locked.plugs != plug {
            return;
        }
        let Ok(driver) = driver else { continue };
        let Ok(mut questions) = driver.try_clone() else {
            continue;
        };
        locked.driver = Some(driver);
        locked.announce();
        drop(locked);
        while let Ok(question) = Message::read(&mut questions) {
            let answer = answer(slot, question).unwrap_or_else(|fault| {
                if fault == Fault::Removed {
                    let mut slot = lock(slot);
                    slot.card = None;
                    slot.announce();
                }
                Message::Fault(code(fault))
            });
            lock(slot).send(&answer);
        }
    }
}

/// The card is asked without the slot being locked, so that it can be taken away in the meantime.
fn answer(slot: &Mutex<Slot>, question: Message) -> Result<Message, Fault> {
    let find = |number| lock(slot).card(number).ok_or(Fault::Communication);
    let (number, answer) = match question {
        Message::PowerUp(number) => {
            let card = find(number)?;
            let mut card = lock(&card);
            card.power_up();
            (number, card.atr())
        }
        Message::Reset(number) => {
            let card = find(number)?;
            let mut card = lock(&card);
            card.reset();
            (number, card.atr())
        }
        Message::Command(number, command) => (number, lock(&*find(number)?).transmit(&command)?),
        // A card that is gone has no power either way.
        Message::PowerDown(number) => {
            if let Ok(card) = find(number) {
                lock(&card).power_down();
            }
            return Ok(Message::Answer(Vec::new()));
        }
        Message::Answer(_) | Message::Fault(_) | Message::Inserted(_) | Message::Removed => {
            return Err(Fault::Communication);
        }
    };
    find(number)?;
    Ok(Message::Answer(answer))
}
