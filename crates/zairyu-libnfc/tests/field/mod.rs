//! What the tests put into the emulated reader's field, and how they open it.

#![allow(dead_code, reason = "each test file uses a part")]

use std::process::{Command as Process, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zairyu_libnfc::{OpenOptions, Session};
use zairyu_pn532_emulator::{Card, CardFault, Emulator};

type Answering = dyn FnMut(&[u8]) -> Result<Vec<u8>, CardFault> + Send;

/// A card that answers as the test says.
pub(crate) struct ToyCard {
    answer: Box<Answering>,
    log: Arc<Log>,
}

/// What happened to a [`ToyCard`].
#[derive(Default)]
pub(crate) struct Log {
    power_ups: AtomicUsize,
    power_downs: AtomicUsize,
    commands: Mutex<Vec<Vec<u8>>>,
}

impl Log {
    pub(crate) fn power_ups(&self) -> usize {
        self.power_ups.load(Ordering::SeqCst)
    }
    pub(crate) fn power_downs(&self) -> usize {
        self.power_downs.load(Ordering::SeqCst)
    }
    pub(crate) fn commands(&self) -> Vec<Vec<u8>> {
        self.commands.lock().unwrap().clone()
    }
}

pub(crate) const OK: [u8; 2] = [0x90, 0x00];

impl ToyCard {
    pub(crate) fn new(answer: impl FnMut(&[u8]) -> Result<Vec<u8>, CardFault> + Send + 'static) -> Self {
        Self {
            answer: Box::new(answer),
            log: Arc::default(),
        }
    }

    /// Answers 9000 to everything.
    pub(crate) fn willing() -> Self {
        Self::new(|_| Ok(OK.to_vec()))
    }

    pub(crate) fn log(&self) -> Arc<Log> {
        Arc::clone(&self.log)
    }
}

impl Card for ToyCard {
    fn power_up(&mut self) {
        self.log.power_ups.fetch_add(1, Ordering::SeqCst);
    }
    fn power_down(&mut self) {
        self.log.power_downs.fetch_add(1, Ordering::SeqCst);
    }
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardFault> {
        self.log.commands.lock().unwrap().push(command.to_vec());
        (self.answer)(command)
    }
}

pub(crate) fn reader() -> Emulator {
    Emulator::start().unwrap()
}

pub(crate) fn reader_with(card: impl Card + 'static) -> Emulator {
    let reader = reader();
    reader.insert(card);
    reader
}

pub(crate) fn options(reader: &Emulator) -> OpenOptions {
    OpenOptions::new()
        .reader(reader.connection_string())
        .wait(Duration::from_secs(60))
}

pub(crate) fn open(reader: &Emulator) -> Session {
    options(reader).open().unwrap()
}

/// Set in a child process to what its test shall use.
const CHILD: &str = "ZAIRYU_LIBNFC_TEST_CHILD";

/// In a child process made by [`in_child`], what it was given.
pub(crate) fn child() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// Runs one test of this program alone in a process of its own: for what ends, or spoils, a process.
pub(crate) fn in_child(
    test: &str,
    given: &str,
    prepare: impl FnOnce(&mut Process),
) -> std::io::Result<Output> {
    let mut process = Process::new(std::env::current_exe()?);
    process
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, given);
    prepare(&mut process);
    process.output()
}
