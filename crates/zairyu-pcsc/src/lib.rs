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
//! - [`OpenOptions`] finds the reader and waits for the card; [`Session`] is the card once it is held.
//! - [`readers`] lists what is connected; [`Monitor`] tells what comes and goes.
//! - [`diagnose`] tells what stands in the way, and what to do about it:
//!
//! ```no_run
//! println!("{}", zairyu_pcsc::diagnose(std::time::Duration::from_secs(5)));
//! // No card was found on the reader: put the card flat on the reader and try again.
//! //   diagnosis: no-card
//! //   zairyu-pcsc: 0.1.0
//! //   system: linux
//! //   reader: SONY FeliCa RC-S300/P 00 00: contactless, empty
//! ```
//!
//! No call blocks longer than it is told to, even if the service hangs: PC/SC's own calls are made on threads that are left
//! behind when they get stuck. Every wait can also be ended by a [`CancelHandle`](zairyu_transport::CancelHandle). Errors are
//! [`zairyu_transport::Error`]s: a kind to decide on, a sentence for the person at the reader, and PC/SC's own name for
//! it as the detail.
//!
//! # Which reader
//!
//! Never simply the first one. [`OpenOptions::reader`] narrows the choice by a part of the name, [`OpenOptions::ignore`]
//! passes readers over, [`OpenOptions::open_if`] tries each card there is. When more than one reader holds a card that
//! would do, nothing is chosen and the error names them. Readers known to be virtual or for contact cards only
//! ([`QUIRKS`]) are only used when asked for by name.
//!
//! # One card, one session
//!
//! A session belongs to one [`Presence`] of one card. When the card leaves, is reset or its service is restarted, the
//! session ends with its own error for each, and a new one is opened; no command ever reaches the next card. The
//! search for readers and cards takes up with a restarted service by itself.
//!
//! # Sharing
//!
//! A session is opened in shared mode, inside a transaction: other programs may be connected to the reader, and have
//! to wait while the session lives. A reader that another program holds is tried again for as long as
//! [`OpenOptions::wait`] says, and then named as [`InUse`](zairyu_transport::ErrorKind::InUse). At the session's end the
//! card's power is taken away (which a reset does not do, and a My Number Card keeps its PINs over one), *before* the transaction
//! ends, so that no other program finds it with our keys and rights in place. A process that is killed cannot do that:
//! what becomes of the card is then up to the service.
//! Keep sessions short; Windows resets a card whose transaction is idle for 5 seconds, which shows as
//! [`CardReset`](zairyu_transport::ErrorKind::CardReset).
//!
//! # Platforms
//!
//! ## Linux
//!
//! To build, `libpcsclite-dev` and `pkg-config`; to run, `pcscd` and a driver (`libccid` for most readers).
//!
//! Where the daemon asks polkit, users without a seat (SSH, services) get
//! [`NotAuthorised`](zairyu_transport::ErrorKind::NotAuthorised). This rule ([`POLKIT_RULE`]) allows it to the group
//! `pcscd`; save it as `/etc/polkit-1/rules.d/50-pcscd.rules`:
//!
//! ```js
//! polkit.addRule(function(action, subject) {
//!     if ((action.id == "org.debian.pcsc-lite.access_pcsc" ||
//!          action.id == "org.debian.pcsc-lite.access_card") &&
//!         subject.isInGroup("pcscd")) {
//!         return polkit.Result.YES;
//!     }
//! });
//! ```
//!
//! ```sh
//! groupadd --system pcscd && usermod --append --groups pcscd USER
//! ```
//!
//! ## Containers
//!
//! The daemon runs on the host, the client library in the container, and they meet at a socket:
//!
//! ```sh
//! docker run --volume /run/pcscd:/run/pcscd IMAGE   # the folder: the socket is made anew at each start
//! flatpak run --socket=pcsc APP
//! snap connect APP:pcscd
//! ```
//!
//! Both sides have to speak the same version of pcsc-lite's protocol: 4:4 from 1.8.24 to 2.2, 4:5 since 2.3, which
//! from 2.4.1 on gets along with 4:4 as well. Otherwise the service counts as not running; [`diagnose`] tells the
//! difference. On the host polkit sees the container's user, mostly one without a seat: it needs the rule above.
//!
//! ## macOS
//!
//! Nothing to install. A reader plugged in while waiting is seen within half a second, by looking: there is no
//! notification. Cards are not counted either: see [`Presence`].
//!
//! ## Windows
//!
//! Nothing to install but the reader's driver. The service stops when the last reader leaves, so *no service* counts
//! as *no reader yet* there, and a reader plugged in later is found. Windows Hello and other virtual readers are
//! passed over. In a Remote Desktop session the readers are those of the client, if it shares them.
//!
//! # Cost
//!
//! An exchange goes through a second thread, so that it can be given up. That takes some ten microseconds, where a card
//! takes tens of milliseconds; `cargo bench -p zairyu-benches --bench pcsc_read` measures it with a virtual reader.
//!
//! # What it does not do
//!
//! It knows no card and no command. It does not install or repair a service or driver, sends no reader-specific
//! (escape) commands, and has not been run on macOS and Windows: its tests run against the real pcscd with a virtual
//! reader.

mod cause;
#[cfg(all(unix, not(target_os = "macos")))]
mod daemon;
mod diagnosis;
mod monitor;
mod open;
mod quirk;
mod reader;
mod session;
#[cfg(target_os = "linux")]
mod usb;
mod watch;
mod worker;

pub use diagnosis::{Cause, Certainty, Diagnosis, POLKIT_RULE, diagnose};
pub use monitor::{Event, Monitor};
pub use open::OpenOptions;
pub use quirk::{Interface, QUIRKS, Quirk};
pub use reader::{CardState, Presence, Reader, readers};
pub use session::Session;
