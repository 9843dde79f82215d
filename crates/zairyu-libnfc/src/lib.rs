//! Reads cards through libnfc, the library for readers with an NXP PN53x chip: small modules at a serial port or on the
//! USB.
//!
//! ```no_run
//! use std::time::Duration;
//! use zairyu_transport::Transport;
//!
//! // Waits for a Type B card on this reader.
//! let mut card = zairyu_libnfc::OpenOptions::new()
//!     .reader("pn532_uart:/dev/ttyUSB0:115200")
//!     .wait(Duration::from_secs(30))
//!     .open()?;
//! let challenge = card.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08])?;
//! # Ok::<(), zairyu_transport::Error>(())
//! ```
//!
//! [`OpenOptions`] opens the reader and waits for the card, [`Session`] is the card once it is held, [`devices`] lists
//! what is connected. Every wait has a deadline and can be ended by a [`CancelHandle`](zairyu_transport::CancelHandle). Errors are
//! [`zairyu_transport::Error`]s: a kind to decide on, a sentence for the person at the reader, and libnfc's own name for
//! it as the detail.
//!
//! Where there is a choice, take a PC/SC reader and `zairyu-pcsc`: PC/SC shares readers among programs, carries
//! extended length, and does not end the process when a reader breaks.
//!
//! # Readers
//!
//! Chips PN532 and PN533, over the drivers that libnfc was built with: `pn532_uart`, `pn53x_usb`, `acr122_usb` and others.
//! PN531 knows no Type B. A reader at a serial port has to be named, as above or in libnfc's configuration
//! (`/etc/nfc/libnfc.conf`); of those on the USB the only one is taken, never simply the first.
//!
//! Messages are short APDUs (commands up to 261 bytes, responses up to 258): a residence card is read in pieces.
//!
//! # Who may, and who else has it
//!
//! libnfc gives no reason when it cannot open a device, so this crate looks itself. A reader at a port: the device node is
//! missing, is not accessible ([`NotAuthorised`](zairyu_transport::ErrorKind::NotAuthorised): on Debian the group
//! `dialout` has it), or belongs to another program ([`InUse`](zairyu_transport::ErrorKind::InUse)); while it is held here,
//! it is locked (`flock`, and `TIOCEXCL` on a serial port). A reader on the USB: it is not accessible (group
//! `plugdev`), or is held by another program (often pcscd) or by a kernel driver. Root rights are needed for none of
//! it.
//!
//! # Building, and libnfc's licence
//!
//! On Debian: `libnfc-dev`, `libclang-dev`, `pkg-config` to build, `libnfc6` to run.
//!
//! libnfc is under the LGPL, version 3 or later; this crate and the crate `nfc1` that it uses are not. It links the
//! system's libnfc dynamically, and so should you: who ships an application with it has to say that libnfc is in use
//! and under which licence, to enclose the texts of LGPL and GPL, and to let users replace libnfc by their own
//! version, which a shared library of the system does by itself. Linking it statically, as the default features
//! of `nfc1` do, brings further duties (LGPL-3.0, section 4); Cargo unites features, so make sure that no other package
//! of yours turns them on.
//!
//! # What libnfc 1.8.0 does wrong, and what is done about it here
//!
//! There is no `unsafe` in this crate: it calls libnfc through `nfc1` 0.7.1, and stands before what that leaves open.
//!
//! - A command over 262 bytes is copied beyond its buffer: never passed on.
//! - Descriptors numbered 1024 or higher are written beyond a table: opening is refused when there may be such ones. A
//!   program that opens hundreds of files in the very moment of opening the reader can still get past this.
//! - Its calls can last longer than they are told, and have no safe way to be ended from another thread: each session has
//!   a thread of its own, which is left to itself when the time is over, and closes the reader when libnfc returns.
//! - The mark by which it means to keep a serial port for itself is dropped by the GNU C library, and two programs would
//!   garble each other's exchanges: see above.
//! - Its globals are unprotected, and an open device points into its context: there is one context for the process, used
//!   under a lock, never freed.
//! - Making that context writes `LIBNFC_LOG_LEVEL` into the process's environment, which is not safe while another
//!   thread reads the environment from C code. It happens once, at the first opening or listing; a variable that is set
//!   from the start (`LIBNFC_LOG_LEVEL=1`) makes it harmless.
//! - At log level 3 it writes every byte from the card to the standard error stream: opening is refused.
//! - A serial chip that falls silent while it is being opened leaves a null pointer behind: such a device is closed at
//!   once.
//! - Each opening of a reader leaks 1 KiB (in `nfc1`).
//!
//! **Not** prevented, since it happens inside libnfc: a *reader* that is broken or hostile can end the process. A
//! status byte with its highest bit set makes libnfc call `abort()`; a chip of unknown type fails an assertion; a
//! response without a status byte makes it judge by whatever was in memory before, a continued one makes it copy without
//! bound. No card can cause this by what it responds,
//! only the chip. Who has to survive such readers runs the reading in a child process.
//!
//! # What it does not do
//!
//! It knows no card and no command. No Type A and no FeliCa; no longer APDUs; no sharing of a reader; no Windows. It
//! was tested against an emulated PN532 on a pseudo-terminal with Debian's libnfc 1.8.0: **no real chip, no USB
//! reader and no real card were at hand**.

#![cfg(unix)]

mod cause;
mod connection;
mod library;
mod open;
mod reader;
mod session;
mod usb;

pub use open::{OpenOptions, devices};
pub use session::Session;
