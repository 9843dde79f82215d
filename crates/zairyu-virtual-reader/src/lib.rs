//! A virtual contactless reader for the real `pcscd`, with a software card in it. For tests only.
//!
//! A test that goes through PC/SC wants the real thing in between: the real client library, the real daemon, its
//! threads, its error codes. What is not at hand is the reader. This crate is that reader's driver (an *IFD
//! handler*, version 3, loaded by `pcscd` as a shared library) and everything around it:
//!
//! - [`Card`]: what a software card implements; four small functions.
//! - [`VirtualReader`]: the reader's slot in the test process: insert, remove and replace cards.
//! - [`Pcscd`]: a private daemon for this test process, with any number of virtual readers in it, gone when the
//!   process is.
//!
//! ```no_run
//! use zairyu_virtual_reader::{Card, Fault, Pcscd, type_b_atr};
//!
//! struct Silent;
//! impl Card for Silent {
//!     fn atr(&self) -> Vec<u8> {
//!         type_b_atr([0; 4], [0; 3], 0)
//!     }
//!     fn power_up(&mut self) {}
//!     fn power_down(&mut self) {}
//!     fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Fault> {
//!         Ok(vec![0x6D, 0x00])
//!     }
//! }
//!
//! let daemon = Pcscd::start(&["Toy Reader"])?;
//! daemon.reader("Toy Reader").insert(Silent);
//! // From here on, any PC/SC client in this process sees "Toy Reader 00 00" with a card in it.
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # The parts
//!
//! ```text
//!  test process                                   pcscd (private, real)
//!  ┌─────────────────────────────────────┐        ┌────────────────────────────────┐
//!  │ code under test ── libpcsclite ─────┼─socket─┼─► daemon ── IFD handler         │
//!  │ software card ◄── VirtualReader ◄───┼─socket─┼───────────  (this crate, .so)   │
//!  └─────────────────────────────────────┘        └────────────────────────────────┘
//! ```
//!
//! The wire between driver and [`VirtualReader`] is in `src/wire.rs`, a page long.
//!
//! # Why there is `unsafe` here, and nowhere else in the workspace
//!
//! The driver's functions are called from C with raw pointers (`src/ifd_handler.rs`), and [`Pcscd::start`] sets the
//! environment variable by which the client library finds its daemon (`src/pcscd.rs`), which Rust calls unsafe.
//!
//! # What it does not do
//!
//! It is no reader model: no anticollision, no bit rates, no `FF CA` pseudo-commands, T=1 only. It does not test a
//! real reader's driver. It is Linux only, and empty elsewhere.

#![cfg(target_os = "linux")]

mod card;
mod ifd_handler;
mod pcscd;
mod virtual_reader;
mod wire;

pub use card::{Card, Fault, type_b_atr};
pub use pcscd::Pcscd;
pub use virtual_reader::VirtualReader;
