//! The My Number Card (マイナンバーカード): its applications' files, PINs kept safe, and everything that can be proved
//! about a card without asking anybody.
//!
//! [`Reading`] is a machine of consumed states. It does no I/O, holds no clock and draws no random numbers:
//!
//! ```
//! use zairyu_mynumber::{BirthDigits, Challenge, CvAnchors, Error, FaceFiles, LOG_OUT, NumberB, Policy, Reading, Status, Step};
//!
//! fn drive(
//!     mut reading: Reading<FaceFiles>,
//!     transceive: &mut impl FnMut(&[u8]) -> Vec<u8>,
//! ) -> Result<FaceFiles, Error> {
//!     loop {
//!         let response = transceive(reading.command());
//!         match reading.receive(&response)? {
//!             Step::Continue(next) => reading = next,
//!             Step::Done(files) => return Ok(files),
//!         }
//!     }
//! }
//!
//! fn read_face(
//!     number_b: NumberB,
//!     anchors: &CvAnchors,
//!     random: [u8; Challenge::LEN], // from the operating system, fresh each time
//!     mut transceive: impl FnMut(&[u8]) -> Vec<u8>,
//! ) -> Result<(), Error> {
//!     let reading = Reading::face(number_b, Challenge::new(random), Policy::default())?;
//!     let files = drive(reading, &mut transceive);
//!     // Whatever came of it, nothing stays presented to the card.
//!     transceive(&LOG_OUT);
//!     let proofs = files?.judge(anchors);
//!     if let Some(face) = proofs.face.content() {
//!         println!("issued as it is: {} bytes of photo", face.photo.len());
//!     }
//!     if proofs.chip.status() == Status::Verified {
//!         println!("and the chip is no copy ({:?})", proofs.chip.anchor());
//!     }
//!     # assert!(proofs.face.content().is_some() && proofs.chip.content().is_some());
//!     Ok(())
//! }
//!
//! // What the card's front shows; the year of birth in the form that it shows.
//! let number_b = NumberB::new(BirthDigits::as_printed("020101")?, 2035, "1234")?;
//! let anchors = CvAnchors::community_supplied()?;
//! # assert_eq!(anchors.len(), 2);
//! # let anchors = test_anchors();
//! # use zairyu_mynumber_testcard::{Application as Of, CardBuilder, Profile, SoftwareCard, cv_modulus};
//! # fn test_anchors() -> CvAnchors {
//! #     let mut anchors = CvAnchors::new();
//! #     let (id, modulus) = cv_modulus(Of::Visual).unwrap();
//! #     anchors.add(zairyu_mynumber::Application::Visual, id, &modulus).unwrap();
//! #     anchors
//! # }
//! # let mut card = SoftwareCard::new(CardBuilder::new(Profile::Adult).issue()?);
//! # read_face(number_b, &anchors, [7; 32], |command| card.process(command))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modes
//!
//! A [`Mode`] has a list of the applications, files, secrets and keys that it may touch. All commands are written in one
//! place, which refuses what is not on the list.
//!
//! | mode | opened with | brings | proves ([`Proof`], each by itself) |
//! |---|---|---|---|
//! | `face` | 照合番号B | [`FaceFiles`] | issuer, face (birth, sex, pictures of name, address, person), chip |
//! | `attributes` | PIN or 照合番号B | [`AttributeFiles`] | issuer, four attributes as text, chip's key, chip |
//! | `age` | date of birth | [`AgeFiles`] | issuer, date of birth, chip |
//! | `jpki_auth` | nothing, or PIN | [`JpkiFiles`] | certificate under a root of J-LIS, holder by PIN |
//! | `pin_status` | nothing | [`PinStatus`] | nothing |
//!
//! # What is proved, and what it rests on
//!
//! A [`Proof`] is verified, failed or not checked, with a [`Reason`]; there is no sum of them. [`Proof::anchor`] says where
//! the key comes from that it rests on:
//!
//! - **JPKI certificates** rest on roots that J-LIS publishes. They are pinned by digest ([`PINNED_ROOTS`]); download and
//!   load them. The generations have one name, so the signature chooses among them.
//! - **Text and visual application** rest on CA keys that nobody official has published. [`CvAnchors::community_supplied`]
//!   has those that developers share, and every result says `community_supplied`. They can be replaced.
//!
//! The expiry date and the security code of the card's face are signed by nobody: they stand apart in [`UnsignedFace`].
//!
//! A copy of all files passes every check of files. Only the **chip's answer to a fresh challenge** tells the copy
//! (`chip`, `holder`). In the modes `face` and `age` the chip's key stands under the same signature as the data. In
//! `attributes` it does not: all lines are verified too for one card's attributes beside another card's chip, of the same
//! municipality. With a relay, it proves nothing about where the chip is.
//!
//! **Revocation is not checked**: by law J-LIS tells only notified or certified verifiers (公的個人認証法 第17条, 第36条), who
//! can plug in a [`RevocationSource`]. For the text and the visual application there is no revocation information at
//! all. A lost, suspended or replaced card passes everything here.
//!
//! # PINs
//!
//! Counters are 3, 5 or 10, and no time refills them. So a secret's form is checked before anything is sent; the tries
//! left are asked for first; at most one secret is sent in a reading, once; and never on the last try, unless the caller
//! insists ([`LastTry::Use`]). VERIFY always names its secret. When the connection breaks while a secret is on its way,
//! [`Reading::interrupted`] says so: ask for the tries ([`Reading::tries_of`]) and compare. **Never send it again unasked.**
//!
//! The year in 照合番号B is that of the Japanese era on cards that show one; on foreign residents' cards it is probably the
//! Gregorian one, which no public source confirms. [`YearForm`] is the caller's choice, made by looking at the card.
//!
//! What was presented stays presented until another application is selected or the card loses power, a reset
//! notwithstanding: hold the reader exclusively, and send [`LOG_OUT`] after a reading.
//!
//! # The My Number
//!
//! No mode reads it, and nothing here has a name for its files, for 照合番号A (which is the number itself) or for the
//! resident-register application. EF 0003 of the text application is read, because without it the attributes cannot be
//! verified: its hash gives the number away within minutes. There is no way to it in [`AttributeFiles`], and
//! it is wiped with it; [`redact_bytes`] and [`redact_text`] guard traces that others keep.
//!
//! # What it does not do
//!
//! It signs nothing, changes no PIN, uses no session keys and reads no certificate for signing. It decodes no picture
//! (zairyu-image does). It tells no live card from a suspended one. It does nothing about a lost card or a blocked PIN
//! but say who can ([`Guidance`]).
//!
//! # Sources
//!
//! J-LIS publishes no interface specification. Files, commands and signature rules are those of open implementations,
//! checked against public dumps of an official test card (`myna-card` 3.3.4, MIT) in the tests. No production card was at
//! hand: what only those could show, such as the production CA keys, is marked where it stands.

#![no_std]

extern crate alloc;

mod application;
mod content;
mod error;
mod files;
mod guidance;
mod issuer;
mod jpki;
mod judge;
mod mode;
mod object;
mod proof;
mod reading;
mod redaction;
mod revocation;
mod rsa_key;
mod secret;
mod tries;

pub use application::{Application, File, PrivateKey, Secret};
pub use content::{Attributes, BirthDate, Face, Sex, UnsignedFace};
pub use error::{AnswerError, Error};
pub use files::{
    AgeFiles, AttributeFiles, CertificatePresence, Challenge, ChallengeAnswer, Device, FaceFiles, JpkiFiles,
    Outcome, PinStatus,
};
pub use guidance::{GUIDANCE, Guidance, Phone, Situation};
pub use issuer::{CvAnchorError, CvAnchors, KNOWN_CV_KEYS, KnownCvKey, MAX_CV_ANCHORS};
pub use jpki::{
    CertificateFacts, CertificateFault, ExtensionId, JpkiAnchorError, JpkiAnchors, JpkiProofs,
    MAX_CERTIFICATE_LEN, MAX_JPKI_ANCHORS, PINNED_ROOTS, PinnedRoot,
};
pub use judge::{AgeProofs, AttributeProofs, FaceProofs};
pub use mode::{CommandName, LOG_OUT, Mode};
pub use object::{FileFault, FileFaultKind};
pub use proof::{Proof, Provenance, Reason, Status};
pub use reading::{Interruption, MAX_FILE_LEN, Policy, Reading, Step};
pub use redaction::{redact_bytes, redact_text};
pub use revocation::{RevocationAnswer, RevocationSource};
pub use secret::{AttributeKey, AuthPin, BirthDigits, FormatError, NumberB, TextPin, YearForm};
pub use tries::{LastTry, Resolution, Tries, UnknownOutcome};
