//! The My Number Card.
#![no_std]

extern crate alloc;

mod application;
mod error;
mod files;
mod mode;
mod reading;
mod rsa_key;
mod secret;
mod tries;

pub use application::{Application, File, PrivateKey, Secret};
pub use error::{AnswerError, Error};
pub use files::{
    AgeFiles, AttributeFiles, CertificatePresence, Challenge, ChallengeAnswer, Device, FaceFiles, JpkiFiles,
    Outcome, PinStatus,
};
pub use mode::{CommandName, Mode};
pub use reading::{Interruption, MAX_FILE_LEN, Policy, Reading, Step};
pub use secret::{AttributeKey, AuthPin, BirthDigits, FormatError, NumberB, TextPin, YearForm};
pub use tries::{LastTry, Resolution, Tries, UnknownOutcome};
