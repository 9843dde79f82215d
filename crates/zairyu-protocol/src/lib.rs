//! The command protocol of Japanese residence cards (在留カード, 特別永住者証明書), sans-I/O: commands out, responses in,
//! files at the end.
//!
//! [`ReadCard`] is a machine of consumed states. It does no I/O, holds no clock and draws no random numbers, so that the
//! same machine serves a blocking loop, async code, a phone's callback, a replay and a fuzzer:
//!
//! ```
//! use zairyu_data::{CardFiles, CardNumber};
//! use zairyu_protocol::{MessageLimits, Randomness, ReadCard, Step, Unopened};
//!
//! fn read(
//!     number: CardNumber,
//!     random: [u8; Randomness::LEN], // from the operating system, fresh each time
//!     limits: MessageLimits,         // what the reader can carry
//!     mut transceive: impl FnMut(&[u8]) -> Vec<u8>,
//! ) -> Result<CardFiles, zairyu_protocol::Error> {
//!     let mut machine = ReadCard::new(number, Randomness::new(random), limits)?;
//!     loop {
//!         let response = transceive(machine.command());
//!         match machine.receive(&response)? {
//!             Step::Continue(next) => machine = next,
//!             Step::Done(files) => return Ok(files),
//!         }
//!     }
//! }
//! # use zairyu_data::{CardType, File};
//! # use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};
//! # let issued = Issuer::new().issue(&CardBuilder::new(CardType::SecondResidenceCard)).unwrap();
//! # let number = issued.number().clone();
//! # let mut card = SoftwareCard::new(issued);
//! # card.power_up();
//! # let limits = MessageLimits { command: 261, response: 258 };
//! # let files = read(number, [7; 48], limits, |command| card.process(command)).unwrap();
//! # assert!(files.get(File::Signature).is_some());
//! ```
//!
//! # What is sent, and in which order
//!
//! 1. The two free files under the MF, which tell the card's type. Nothing that belongs to one generation is sent
//!    before. If they cannot be read, SELECT MF and another try; then SELECT of the residence application, which tells
//!    a specified card (07, 08) from a My Number Card without one ([`Error::NoResidenceApplication`]) and from
//!    other cards ([`Error::NotAResidenceCard`]). No other application is ever selected.
//! 2. GET CHALLENGE, MUTUAL AUTHENTICATE and VERIFY with the card number: 3DES and retail MAC on the first
//!    generation, AES-128 and CMAC on the second.
//! 3. Every file of the type's table ([`zairyu_data::CardType::files`]), each folder selected once; under secure
//!    messaging where the card demands it.
//!
//! Whether READ BINARY has extended length is decided by the first command, from the reader's limits and the card's
//! answer, and not asked again. If reading a file fails later, for whatever reason, the whole sequence is repeated once
//! with short commands, from its beginning as the specification demands (§3.5.1).
//!
//! # How many commands
//!
//! For everything on the card, from a card that is as after power-up:
//!
//! | type | extended length | short (responses of 258 bytes) |
//! |---|---|---|
//! | `1` | 15 | 61 |
//! | `2` | 12 | 58 |
//! | `05` | 16 | 51 |
//! | `06` | 14 | 49 |
//!
//! A short command reads at most 247 plain bytes of a first-generation card and 239 of a second-generation card: the
//! most that fit a response of 256 bytes under secure messaging.
//!
//! # What it does not do
//!
//! It proves nothing about what it read: secure messaging on these cards has no MAC. zairyu-verify checks the
//! signature. It never touches the other applications of a My Number Card.
//!
//! # Specified cards (07, 08)
//!
//! They are recognised and told, and not read ([`Error::SpecifiedCard`]): the details of their secure messaging are not public.
//! Whoever knows them names them in a [`SecureMessagingProfile`] and gives it, with the delivery key (配送鍵), to
//! [`ReadCard::with_specified_access`]. Then the card's type and common data are read, SET SESSION KEY and VERIFY follow, and the
//! files come as from cards of types 05 and 06. **No profile is confirmed for real cards**: one that is made up works with the
//! software card that was issued with it, and proves nothing more.
//!
//! Sources: 在留カード等仕様書（一般公開用）Ver 1.5, §3.5, §4 and 別添1, 2; 第２世代在留カード等仕様書（一般公開用）Ver 1.1, §3.5.2,
//! §4.2 and Appendix 1, 2.

#![no_std]

extern crate alloc;

mod apdu;
mod error;
mod read_card;
mod redact;
mod session;
mod specified;

pub use apdu::{CommandName, StatusWord};
pub use error::{AnswerError, Error};
pub use read_card::{MessageLimits, Phase, Progress, Randomness, ReadCard, Step, Unopened};
pub use redact::Redactor;
pub use specified::{DeliveryKey, DeliveryKeyError, DeliveryKeyForm, DeliveryRandomness, SpecifiedAccess};
pub use zairyu_data::{ProfileError, SecureMessagingProfile};
