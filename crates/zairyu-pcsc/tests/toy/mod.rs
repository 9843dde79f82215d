#![allow(dead_code, reason = "each test program uses a part of it")]
//! A scripted card for the virtual reader, and what it has been through.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use zairyu_virtual_reader::{Card, Fault, type_b_atr};

pub(crate) const OK: [u8; 2] = [0x90, 0x00];

type Script = Box<dyn FnMut(&[u8]) -> Result<Vec<u8>, Fault> + Send>;

/// Answers commands by a closure. Clones of its log outlive it.
pub(crate) struct ToyCard {
    log: Log,
    script: Script,
    atr: Vec<u8>,
}

#[derive(Clone, Default)]
pub(crate) struct Log {
    power_ups: Arc<AtomicU32>,
    power_downs: Arc<AtomicU32>,
    commands: Arc<AtomicU32>,
}

impl Log {
    /// How often it was powered up, resets included: a session of an earlier power-up is forgotten.
    pub(crate) fn power_ups(&self) -> u32 {
        self.power_ups.load(Ordering::SeqCst)
    }

    /// How often it lost its power, resets not included: some cards keep over a reset what was presented to them.
    pub(crate) fn power_downs(&self) -> u32 {
        self.power_downs.load(Ordering::SeqCst)
    }

    /// How many commands reached it.
    pub(crate) fn commands(&self) -> u32 {
        self.commands.load(Ordering::SeqCst)
    }
}

impl ToyCard {
    pub(crate) fn new(script: impl FnMut(&[u8]) -> Result<Vec<u8>, Fault> + Send + 'static) -> Self {
        Self {
            log: Log::default(),
            script: Box::new(script),
            atr: type_b_atr([1, 2, 3, 4], [5, 6, 7], 0),
        }
    }

    /// Answers everything with `9000`.
    pub(crate) fn willing() -> Self {
        Self::new(|_| Ok(OK.to_vec()))
    }

    /// Does not answer to reset.
    pub(crate) fn mute() -> Self {
        Self {
            atr: Vec::new(),
            ..Self::willing()
        }
    }

    pub(crate) fn set_atr(&mut self, atr: &[u8]) {
        self.atr = atr.to_vec();
    }

    pub(crate) fn log(&self) -> Log {
        self.log.clone()
    }
}

impl Card for ToyCard {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }

    fn power_up(&mut self) {
        self.log.power_ups.fetch_add(1, Ordering::SeqCst);
    }

    fn power_down(&mut self) {
        self.log.power_downs.fetch_add(1, Ordering::SeqCst);
    }

    fn reset(&mut self) {
        self.power_up();
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault> {
        self.log.commands.fetch_add(1, Ordering::SeqCst);
        (self.script)(command)
    }
}
