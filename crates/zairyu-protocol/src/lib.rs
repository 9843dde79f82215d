//! The command protocol of Japanese residence cards (在留カード, 特別永住者証明書), sans-I/O: commands out, responses in,
//! files at the end.
#![no_std]

extern crate alloc;

mod apdu;
mod error;
mod read_card;
mod session;

pub use apdu::{CommandName, StatusWord};
pub use error::{AnswerError, Error};
pub use read_card::{MessageLimits, Phase, Progress, Randomness, ReadCard, Step};
