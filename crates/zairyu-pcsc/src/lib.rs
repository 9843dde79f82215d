//! Reads cards through PC/SC: the smart-card service of Windows, macOS and Linux (pcscd).
//!
//! ```no_run
//! use std::time::Duration;
//! use zairyu_transport::Transport;
//!
//! // Waits for a card in any reader, and takes the one that knows a residence card's MF (在留カード等仕様書 Ver 1.5).
//! let mut card = zairyu_pcsc::OpenOptions::new()
//!     .wait(Duration::from_secs(30))
//!     .open_if(|card| {
//!         let select_mf = [0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00];
//!         Ok(card.transmit(&select_mf)?.ends_with(&[0x90, 0x00]))
//!     })?;
//! let challenge = card.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08])?;
//! # Ok::<(), zairyu_transport::Error>(())
//! ```
//!
//! [`OpenOptions`] finds the reader and waits for the card, [`Session`] is the card once it is held, [`readers`] lists
//! what is connected. Every wait has a deadline and can be ended by a [`CancelHandle`]. Errors are
//! [`zairyu_transport::Error`]s: a kind to decide on, a sentence for the person at the reader, and PC/SC's own name for
//! it as the detail.
//!
//! # Which reader
//!
//! Never simply the first one. [`OpenOptions::reader`] narrows the choice by a part of the name;
//! [`OpenOptions::open_if`] tries each card there is. When more than one reader holds a card that would do, nothing
//! is chosen and the error names them. Readers known to be virtual ([`IGNORED_READERS`]) are only used when
//! asked for by name.
//!
//! # Sharing
//!
//! A session is opened in shared mode, inside a transaction: other programs may be connected to the reader, and have
//! to wait while the session lives. At its end the card is reset, *before* the transaction ends, so that no other
//! program finds it with our keys and rights in place. Keep sessions short; Windows resets a card whose
//! transaction is idle for 5 seconds, which shows as [`CardReset`](zairyu_transport::ErrorKind::CardReset).
//!
//! # Platforms
//!
//! - **Linux**: to build, `libpcsclite-dev` and `pkg-config`; to run, `pcscd` and a driver (`libccid` for most readers).
//!   Where the daemon asks polkit, users without a seat (SSH, services) need a rule for `org.debian.pcsc-lite.access_pcsc`
//!   and `org.debian.pcsc-lite.access_card`, or get [`NotAuthorised`](zairyu_transport::ErrorKind::NotAuthorised).
//! - **macOS**: nothing to install. A reader plugged in while waiting is seen within half a second, by looking: there
//!   is no notification.
//! - **Windows**: nothing to install. The service stops when the last reader leaves, so *no service* counts as *no
//!   reader yet* there.
//!
//! # What it does not do
//!
//! It knows no card and no command. It does not install or repair a service or driver, sends no reader-specific
//! (escape) commands, and has not been run on macOS and Windows: its tests run against the real pcscd with a virtual
//! reader.

mod cancel;
mod cause;
mod open;
mod quirk;
mod reader;
mod session;

pub use cancel::CancelHandle;
pub use open::OpenOptions;
pub use quirk::{IGNORED_READERS, QUIRKS, Quirk};
pub use reader::{CardState, Reader, readers};
pub use session::Session;
