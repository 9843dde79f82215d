//! A software Japanese residence card and its issuer: every published card type, every fault one can think of, no
//! hardware.
//!
//! ```
//! use zairyu_data::CardType;
//! use zairyu_testcard::{CardBuilder, Field, Issuer, SoftwareCard};
//! use zairyu_transport::Transport;
//!
//! // Issue a card, complete but for what is set here with values of an invented holder ...
//! let issuer = Issuer::new();
//! let builder = CardBuilder::new(CardType::SecondResidenceCard).with(Field::DateOfBirth, "20010203");
//! let mut card = SoftwareCard::new(issuer.issue(&builder)?);
//!
//! // ... and read its card type (MF, short identifier 0A), which every reader may, with a raw command.
//! let response = card.transmit(&[0x00, 0xB0, 0x8A, 0x00, 0x00])?;
//! assert_eq!(response, b"\xC1\x0205\x90\x00");
//!
//! // The date of birth it does not give away without the card number.
//! card.transmit(b"\x00\xA4\x04\x0C\x10\xD3\x92\xF0\x00\x4F\x02\0\0\0\0\0\0\0\0\0\0")?;
//! assert_eq!(card.transmit(&[0x00, 0xB0, 0x83, 0x00, 0x00])?, [0x69, 0x82]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Issuer`] has a CA for each generation and issues what a [`CardBuilder`] describes.
//! - [`IssuedCard`] is the content of one card; it can be tampered with after signing.
//! - [`SoftwareCard`] answers commands as the card would, or wrongly at any command ([`CardFault`]), and is a
//!   [`Transport`](zairyu_transport::Transport). A [`FaultInjector`](zairyu_transport::FaultInjector) around it plays
//!   whatever goes wrong between program and card.
//!
//! # Sources
//!
//! 在留カード等仕様書（一般公開用）Ver 1.5 and 第２世代在留カード等仕様書（一般公開用）Ver 1.1; the worked examples of both are
//! replayed in the tests. It shares no code with what reads and verifies cards, so that each checks the other.
//!
//! # What it does not do, and what it does not prove
//!
//! - The keys are part of the source, public and worthless. Nothing issued here can look like the Ministry's to a
//!   reader that knows the Ministry's certificates. RSA signing uses a pre-release of `rsa` whose private-key
//!   operations are known to leak through timing (RUSTSEC-2023-0071): with these keys that harms nobody.
//! - It knows of real cards what the specifications say. Where they leave something open, such as the status word of
//!   a read before the card number was verified, it does something plausible, and a real card may do otherwise.
//! - How the specified cards (types 07 and 08) are read is not public. They are issued with whatever
//!   [`SecureMessagingProfile`](zairyu_data::SecureMessagingProfile) one names, which says nothing about real ones.

mod apdu;
mod builder;
mod card_fault;
mod certificate;
mod der;
mod issued_card;
mod issuer;
mod keys;
mod oid;
mod other_card;
mod randomness;
mod residence_card;
mod software_card;
mod specified_card;
mod status;
mod suite;
mod trace;

pub use builder::{CardBuilder, CheckCode, Field, LengthForm, NoFace, NoSignature};
pub use card_fault::CardFault;
pub use certificate::{CertificateFault, Validity};
pub use issued_card::IssuedCard;
pub use issuer::{IssueError, Issuer, IssuerName};
pub use keys::{delivery_key, other_delivery_key};
pub use randomness::Randomness;
pub use software_card::{ApduLengths, SoftwareCard};
pub use trace::Exchange;
