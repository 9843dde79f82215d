//! A PN532, the NFC chip of many small readers, on a pseudo-terminal, with a software card in its field. For tests only.
//!
//! A test that goes through libnfc wants the real library: its frames, its time-outs, its error codes. What is not
//! at hand is the reader. This crate is that reader, as it would be at a serial port:
//!
//! ```
//! use zairyu_pn532_emulator::{Card, CardFault, Emulator};
//!
//! struct Polite;
//! impl Card for Polite {
//!     fn power_up(&mut self) {}
//!     fn power_down(&mut self) {}
//!     fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, CardFault> {
//!         Ok(vec![0x90, 0x00])
//!     }
//! }
//!
//! let reader = Emulator::start()?;
//! reader.insert(Polite);
//! // What libnfc opens: LIBNFC_DEVICE=pn532_uart:/dev/pts/7:115200 nfc-list -v
//! assert!(reader.connection_string().starts_with("pn532_uart:/dev/"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! - [`Emulator`] is the reader: cards go in and out of its field, faults are injected, and what was asked of it is
//!   on record.
//! - [`Card`] is what a software card implements; three small functions.
//! - [`Fault`] is what can go wrong between chip and computer, at any [`Command`].
//!
//! # Sources
//!
//! PN532 User Manual (NXP UM0701-02): frames in 6.2, HSU (the serial line) in 6.2.5 and 7.2.3, commands in 7; and
//! what libnfc 1.8.0 was seen to send.
//!
//! # What it does not do
//!
//! It knows the commands that libnfc sends to open a reader and to read an ISO/IEC 14443-4 Type B card, and answers all
//! others with the chip's error frame: no Type A or FeliCa, no automatic polling, no target
//! mode, and of blocks past the chip (`InCommunicateThru`) only the one that asks whether the card is there. There is one card, 106 kbit/s, and no baud rate: bytes pass at once. Whether a real PN532
//! continues a long response by its *more information* bit is disputed; the emulator does. Linux only, and empty
//! elsewhere.

#![cfg(target_os = "linux")]

mod card;
mod chip;
mod emulator;
mod fault;
mod frame;

pub use card::{Card, CardFault};
pub use emulator::Emulator;
pub use fault::{Command, Fault};
