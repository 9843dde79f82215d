//! The My Number Card.
#![no_std]

extern crate alloc;

mod application;
mod content;
mod error;
mod files;
mod issuer;
mod jpki;
mod judge;
mod mode;
mod object;
mod proof;
mod reading;
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
pub use issuer::{CvAnchorError, CvAnchors, KNOWN_CV_KEYS, KnownCvKey, MAX_CV_ANCHORS};
pub use jpki::{
    CertificateFacts, CertificateFault, JpkiAnchorError, JpkiAnchors, JpkiProofs, MAX_CERTIFICATE_LEN,
    MAX_JPKI_ANCHORS, PINNED_ROOTS, PinnedRoot,
};
pub use judge::{AgeProofs, AttributeProofs, FaceProofs};
pub use mode::{CommandName, Mode};
pub use object::{FileFault, FileFaultKind};
pub use proof::{Proof, Provenance, Reason, Status};
pub use reading::{Interruption, MAX_FILE_LEN, Policy, Reading, Step};
pub use revocation::{RevocationAnswer, RevocationSource};
pub use secret::{AttributeKey, AuthPin, BirthDigits, FormatError, NumberB, TextPin, YearForm};
pub use tries::{LastTry, Resolution, Tries, UnknownOutcome};
