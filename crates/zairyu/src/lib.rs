//! Reads, verifies and reports Japanese residence cards (在留カード) and special permanent resident certificates
//! (特別永住者証明書): one call from card number and reader to a report.
//!
//! ```no_run
//! # #[cfg(feature = "pcsc")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use zairyu::{Anchors, CardNumber, Timestamp};
//!
//! let number: CardNumber = "AB12345678CD".parse()?; // printed at the card's top right
//! let mut anchors = Anchors::new();
//! anchors.add(&std::fs::read("ec_cacert_20260420.crt")?)?; // from the Agency's page
//! let mut card = zairyu::pcsc::OpenOptions::new().open()?; // waits for a card
//! let reading = zairyu::read(&mut card, &number)?;
//! println!("{}", reading.judge(&anchors, Timestamp::now()));
//! # Ok(()) }
//! # #[cfg(not(feature = "pcsc"))]
//! # fn main() {}
//! ```
//!
//! [`read`] works with any [`Transport`](transport::Transport): a PC/SC reader (feature `pcsc`), libnfc's (feature `libnfc`), a phone, the software
//! card of `zairyu-testcard`. [`Reading::judge`] gives the [`Report`], whose [`to_json`](Report::to_json) is a stable
//! form (`zairyu.report/1`). [`Reading::to_dump`] saves what was read, to be judged again later and elsewhere.
//!
//! The guide, in the repository's `docs/guide`, goes through an HR system, a phone, a server, certificates, evidence and
//! systems, a page each; `examples` has a program for each, of one file.
//!
//! # What a report says, and what it does not
//!
//! Whether the Ministry of Justice signed what the chip holds; what the chip says; which of that the signature covers.
//! It does **not** say that the card is valid: the signature covers neither number nor address nor permissions, a
//! chip's content can be copied, and a genuine card's number may have lapsed. Compare the photo with the person, and look
//! the number up (失効情報照会).
//!
//! # Cards
//!
//! | type | card | |
//! |---|---|---|
//! | `1`, `2` | first generation | read and verified |
//! | `05`, `06` | second generation (since June 2026) | read and verified |
//! | `07`, `08` | specified cards, on a My Number Card | told; read with a profile of the caller's ([`read_specified`]), none of which is confirmed for real cards |
//!
//! # Cargo features
//!
//! - `pcsc` adds the module `pcsc`, the PC/SC backend. It needs the system's PC/SC library (on Debian:
//!   `libpcsclite-dev`).
//! - `my-number` adds the module `mynumber`: the My Number Card.
//! - `evidence` adds the module `evidence` and `Report::to_check_record`: the signed, chained record of a check.
//! - `aws-lc-rs` adds `verify::AwsLc`, which verifies signatures several times as fast, for judging many saved cards:
//!   `reading.judge_with(&mut Judge::new(&anchors).backend(&AwsLc), now)`. It needs a C compiler.
//! - `page-client` adds `revocation::PageClient`, a web client for lookup services whose operator gave leave.
//! - `libnfc` adds the module `libnfc`, for readers with a PN53x chip and no PC/SC driver. It needs the system's libnfc
//!   (on Debian: `libnfc-dev libclang-dev`), which is LGPL-3.0; see that crate's front page.
//!
//! # What it does not do
//!
//! It sends nothing anywhere, stores nothing, writes no log. Only the reading of a card takes the time and random
//! numbers from the operating system.

mod check;
mod html;
#[cfg(feature = "my-number")]
pub mod mynumber;
mod read;
mod reading;
#[cfg(feature = "evidence")]
mod record;
mod report;
mod text;
mod view;
mod words;

pub use html::HtmlOptions;
pub use jiff::Timestamp;
pub use read::{
    ReadError, holds_residence_card, read, read_async, read_recorded, read_specified, read_specified_async,
    read_with_progress, replay,
};
pub use reading::{DumpError, Reading};
pub use report::{
    AddressField, AuthenticityInfo, CardInfo, CodeField, ComprehensiveField, DateField, Fields, FlagField,
    ImageInfo, Images, NoteField, PeriodField, PermissionField, PrintedValidity, Problem, Report, SCHEMA,
    TimeInfo,
};
pub use words::Language;
pub use zairyu_data as data;
pub use zairyu_data::{CardNumber, CardNumberError};
#[cfg(feature = "evidence")]
pub use zairyu_evidence as evidence;
pub use zairyu_image as image;
#[cfg(feature = "libnfc")]
pub use zairyu_libnfc as libnfc;
#[cfg(feature = "pcsc")]
pub use zairyu_pcsc as pcsc;
pub use zairyu_protocol as protocol;
pub use zairyu_protocol::{Phase, Progress};
pub use zairyu_revocation as revocation;
pub use zairyu_transport as transport;
pub use zairyu_verify as verify;
pub use zairyu_verify::{Anchors, Judge};
