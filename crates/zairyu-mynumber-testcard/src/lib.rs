//! A software My Number Card (マイナンバーカード) with real key pairs: files, access rules, counters and faults, no hardware.
//!
//! ```
//! use zairyu_mynumber_testcard::{Application, CardBuilder, Profile, SoftwareCard, AUTH_PIN};
//! use zairyu_transport::Transport;
//!
//! let mut card = SoftwareCard::new(CardBuilder::new(Profile::Adult).issue()?);
//!
//! // SELECT of the JPKI application (公的個人認証AP), and how many tries its PIN has left: three.
//! let select = [&[0x00, 0xA4, 0x04, 0x0C, 0x0A][..], Application::Jpki.aid()].concat();
//! assert_eq!(card.transmit(&select)?, [0x90, 0x00]);
//! assert_eq!(card.transmit(&[0x00, 0x20, 0x00, 0x98])?, [0x63, 0xC3]);
//!
//! // VERIFY with a wrong PIN, and with the right one.
//! assert_eq!(card.transmit(b"\x00\x20\x00\x98\x040000")?, [0x63, 0xC2]);
//! let verify = [&[0x00, 0x20, 0x00, 0x98, 0x04][..], AUTH_PIN].concat();
//! assert_eq!(card.transmit(&verify)?, [0x90, 0x00]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`CardBuilder`] describes a card and issues it: holder, lengths, filler, and what is wrong with it ([`IssueFault`]).
//! - [`IssuedCard`] is its files; they can be tampered with after signing, and copied to a chip without the keys.
//! - [`SoftwareCard`] answers commands and is a [`Transport`](zairyu_transport::Transport). What goes wrong between
//!   program and card is played by a [`FaultInjector`](zairyu_transport::FaultInjector) around it.
//! - [`CombinedCard`] puts it on one chip with a residence application (特定在留カード).
//!
//! # Sources
//!
//! No interface specification is public. Files and commands are those of open implementations and of the public dumps of
//! an official test card (`myna-card` 3.3.4, MIT), which the tests of zairyu-mynumber read by the same rules.
//! It shares no code with what reads and verifies cards, so that each checks the other.
//!
//! # What it does not do, and what it does not prove
//!
//! - **It cannot play a real card.** Its keys are part of the source, public and worthless; nothing issued here chains to
//!   a key of a real card's issuer.
//! - RSA signing uses a pre-release of `rsa` whose private-key operations are known to leak through timing
//!   (RUSTSEC-2023-0071): with these keys that harms nobody.
//! - Choices where nothing is known of real cards: the tries of the date-of-birth key (ten), the answers for a key that
//!   is not there (`6A88`), a child's missing certificate (presence byte `00`). A real card may do otherwise.
//! - The common and the resident-register application can be selected and hold nothing. GET DATA, session keys, changing
//!   a PIN and all forms of signing but `P1 = 00` are refused.

mod builder;
mod certificate;
mod combined_card;
mod der;
mod issued_card;
mod keys;
mod object;
mod software_card;

pub use builder::{CardBuilder, Filler, IssueFault, Profile, YearForm};
pub use certificate::{CertificateFault, RootFault, auth_root, cv_modulus};
pub use combined_card::CombinedCard;
pub use issued_card::{Application, IssuedCard};
pub use keys::IssueError;
pub use object::LengthForm;
pub use software_card::{ShortRead, SoftwareCard};

/// The PIN of the certificate for user authentication (利用者証明用電子証明書).
pub const AUTH_PIN: &[u8] = b"2468";
/// The password of the certificate for signing (署名用電子証明書).
pub const SIGN_PASSWORD: &[u8] = b"SAMPLE1";
/// The PIN of the text application (券面事項入力補助用).
pub const TEXT_PIN: &[u8] = b"1357";
/// The made-up My Number (個人番号), which is 照合番号A too. Its check digit is right.
pub const NUMBER: &[u8] = b"123456789018";
