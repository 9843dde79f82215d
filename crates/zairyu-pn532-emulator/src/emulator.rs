use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use crate::card::Card;
use crate::chip::{Chip, Field, lock};
use crate::fault::{Command, Fault};
use crate::frame::{self, Frame};

/// How often the chip's thread looks whether its plug was pulled.
const LOOK_EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 10_000_000,
};

/// A reader with a PN532 at a serial port of its own. Dropping it pulls its plug: the port is hung up.
pub struct Emulator {
    path: PathBuf,
    field: Arc<Mutex<Field>>,
    unplugged: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Emulator {
    /// Plugs in a reader with an empty field.
    ///
    /// # Errors
    ///
    /// When there is no pseudo-terminal to be had, or no thread.
    pub fn start() -> io::Result<Self> {
        let chip_end = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::pty::grantpt(&chip_end)?;
        rustix::pty::unlockpt(&chip_end)?;
        let path = rustix::pty::ptsname(&chip_end, Vec::new())?;
        let path = PathBuf::from(path.into_string().map_err(io::Error::other)?);
        // Held open, so that the port is not hung up whenever a program closes it.
        let port = rustix::fs::open(
            &path,
            OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let mut settings = tcgetattr(&port)?;
        settings.make_raw();
        tcsetattr(&port, OptionalActions::Now, &settings)?;

        let field = Arc::<Mutex<Field>>::default();
        let unplugged = Arc::<AtomicBool>::default();
        let thread = thread::Builder::new().name("pn532 emulator".to_owned()).spawn({
            let field = Arc::clone(&field);
            let unplugged = Arc::clone(&unplugged);
            move || serve(&chip_end, port, &field, &unplugged)
        })?;
        Ok(Self {
            path,
            field,
            unplugged,
            thread: Some(thread),
        })
    }

    /// The serial port's device node, like `/dev/pts/7`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The port as libnfc wants it named, like `pn532_uart:/dev/pts/7:115200`.
    #[must_use]
    pub fn connection_string(&self) -> String {
        format!("pn532_uart:{}:115200", self.path.display())
    }

    /// Puts a card into the field, in place of the one that may be there.
    pub fn insert(&self, card: impl Card + 'static) {
        lock(&self.field).insert(card);
    }

    /// Takes the card away. An exchange that is under way fails, whatever the card still answers.
    pub fn remove(&self) {
        lock(&self.field).remove();
    }

    /// Whether a card is in the field.
    #[must_use]
    pub fn has_card(&self) -> bool {
        lock(&self.field).has_card()
    }

    /// Lets something go wrong once: at this command, after so many of the same that go well.
    pub fn inject(&self, command: Command, skip: usize, fault: Fault) {
        lock(&self.field).faults.plan(command, skip, false, fault);
    }

    /// Lets it go wrong then and at each later one, until [`heal`](Self::heal).
    pub fn inject_from(&self, command: Command, skip: usize, fault: Fault) {
        lock(&self.field).faults.plan(command, skip, true, fault);
    }

    /// Forgets all faults to come.
    pub fn heal(&self) {
        lock(&self.field).faults.clear();
    }

    /// The commands so far that the emulator knows, without their parameters.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        lock(&self.field).commands.clone()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.unplugged.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            // It panics only if a card does, and then the card's test has failed already.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("path", &self.path)
            .field("has_card", &self.has_card())
            .finish_non_exhaustive()
    }
}

/// The chip's life: until the plug is pulled, or the line breaks.
fn serve(line: &OwnedFd, _port: OwnedFd, field: &Mutex<Field>, unplugged: &AtomicBool) {
    let mut chip = Chip::default();
    let mut incoming = Vec::new();
    let mut buffer = [0; 512];
    while !unplugged.load(Ordering::SeqCst) {
        let mut ready = [PollFd::new(line, PollFlags::IN)];
        match poll(&mut ready, Some(&LOOK_EVERY)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(_) => return,
        }
        match rustix::io::read(line, &mut buffer) {
            Ok(0) => return,
            Ok(length) => incoming.extend(buffer.iter().take(length)),
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
        }
        while let Some(frame) = frame::next(&mut incoming) {
            let answer = match frame {
                Frame::Command(code, parameters) => chip.answer(code, &parameters, field),
                // There is nothing to end: a command is carried out before the next frame is looked at.
                Frame::Ack => continue,
                Frame::Malformed => frame::ERROR.to_vec(),
            };
            if write_all(line, &answer).is_err() {
                return;
            }
        }
    }
}

fn write_all(line: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = rustix::io::write(&line, bytes)?;
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}
