//! The My Number Card (マイナンバーカード): everything of `zairyu-mynumber`, and the loop that takes a reading to a card.
//!
//! ```
//! use zairyu::mynumber::{self, AttributeKey, CvAnchors, Policy, Reading, TextPin};
//! use zairyu::transport::Transport;
//!
//! fn name_and_address(card: &mut impl Transport, pin: &str) -> Result<(), Box<dyn std::error::Error>> {
//!     let key = AttributeKey::Pin(TextPin::new(pin)?);
//!     let reading = Reading::attributes(key, mynumber::challenge()?, Policy::default())?;
//!     let proofs = mynumber::read(card, reading)?.judge(&CvAnchors::community_supplied()?);
//!     println!("{} ({:?})", proofs.attributes.status(), proofs.attributes.anchor());
//!     Ok(())
//! }
//! ```

#[doc(inline)]
pub use zairyu_mynumber::*;
use zairyu_transport::Transport;

/// Why a My Number Card could not be read. Each is one plain sentence with what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The reader, its service or the presence of the card. No secret was on its way: reading again costs no try.
    #[error(transparent)]
    Transport(#[from] zairyu_transport::Error),
    /// The connection broke while a secret was on its way. Ask with [`resolve`] what became of it, and **never send it again
    /// unasked**.
    #[error("{} (the reader: {cause})", lost(.outcome))]
    OutcomeUnknown {
        /// Which secret, and the tries before it was sent.
        outcome: UnknownOutcome,
        /// What the transport said.
        cause: zairyu_transport::Error,
    },
    /// The card: a wrong secret, a blocked one, another card.
    #[error(transparent)]
    Card(#[from] Error),
    /// The system gave no random numbers.
    #[error("The operating system gave no random numbers: restart the computer and try again")]
    NoRandomness,
}

fn lost(outcome: &UnknownOutcome) -> Error {
    Error::OutcomeUnknown(*outcome)
}

impl ReadError {
    /// What a person can do about it, where somebody else than this program resolves it.
    #[must_use]
    pub fn guidance(&self) -> Option<&'static Guidance> {
        match self {
            Self::Card(error) => error.guidance(),
            _ => None,
        }
    }
}

/// A fresh challenge from the operating system's random source. One value is for one reading.
///
/// # Errors
///
/// [`ReadError::NoRandomness`].
pub fn challenge() -> Result<Challenge, ReadError> {
    let mut random = [0; Challenge::LEN];
    getrandom::fill(&mut random).map_err(|_| ReadError::NoRandomness)?;
    Ok(Challenge::new(random))
}

/// Takes a reading to its end. Nothing is ever sent twice: at a failure it ends.
///
/// Afterwards the card is reset, whatever came of it, so that no secret stays presented.
///
/// # Errors
///
/// [`ReadError`].
pub fn read<T: Outcome>(transport: &mut impl Transport, reading: Reading<T>) -> Result<T, ReadError> {
    let result = drive(transport, reading);
    // A reset that fails has no card to reset any more, or one that the next reading will find out about.
    let _ = transport.reset();
    result
}

fn drive<T: Outcome>(transport: &mut impl Transport, mut reading: Reading<T>) -> Result<T, ReadError> {
    loop {
        let response = match transport.transmit(reading.command()) {
            Ok(response) => response,
            Err(cause) => {
                return Err(match reading.interrupted() {
                    Interruption::OutcomeUnknown(outcome) => ReadError::OutcomeUnknown { outcome, cause },
                    _ => cause.into(),
                });
            }
        };
        match reading.receive(&response)? {
            Step::Continue(next) => reading = next,
            Step::Done(files) => return Ok(files),
        }
    }
}

/// How many tries are left of one secret. It costs none.
///
/// # Errors
///
/// [`ReadError`].
pub fn tries_left(transport: &mut impl Transport, secret: Secret) -> Result<Tries, ReadError> {
    Ok(read(transport, Reading::tries_of(secret)?)?.tries(secret))
}

/// What became of a secret whose answer was lost, as far as the counter tells. It sends no secret.
///
/// # Errors
///
/// [`ReadError`].
pub fn resolve(transport: &mut impl Transport, outcome: &UnknownOutcome) -> Result<Resolution, ReadError> {
    Ok(outcome.compare(tries_left(transport, outcome.secret())?))
}
