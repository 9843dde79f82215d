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
use zairyu_transport::{AsyncTransport, Transport};
use zeroize::Zeroizing;

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
/// Afterwards the card is told to forget what was presented ([`LOG_OUT`]) and reset, whatever came of the reading; if it did not
/// confirm, it is told again after the reset. A transport that takes no further command (one that was cancelled, or is behind an
/// expired [`Deadline`](zairyu_transport::Deadline)) leaves the secret presented until the card loses its power. So end the
/// connection to the card then: the sessions of `zairyu-pcsc` and `zairyu-libnfc` take its power away when they are dropped.
///
/// # Errors
///
/// [`ReadError`].
pub fn read<T: Outcome>(transport: &mut impl Transport, reading: Reading<T>) -> Result<T, ReadError> {
    let result = drive(transport, reading);
    let is_told = confirms(&transport.transmit(&LOG_OUT));
    let _ = transport.reset();
    if !is_told {
        // A reader that said so of a reset card takes commands again only now.
        let _ = transport.transmit(&LOG_OUT);
    }
    result
}

/// The same without blocking, on whatever runtime polls it.
///
/// A future that is dropped before its end tells the card nothing: **what was presented stays presented.** Send [`LOG_OUT`], or
/// end the connection to the card. If a secret was on its way, it is unknown too what became of it: ask for the tries
/// ([`Reading::tries_of`]) before anything else.
///
/// # Errors
///
/// As for [`read`].
pub async fn read_async<T: Outcome>(
    transport: &mut impl AsyncTransport,
    reading: Reading<T>,
) -> Result<T, ReadError> {
    let result = drive_async(transport, reading).await;
    let is_told = confirms(&transport.transmit(&LOG_OUT).await);
    let _ = transport.reset().await;
    if !is_told {
        let _ = transport.transmit(&LOG_OUT).await;
    }
    result
}

/// Whether the card has forgotten. It sends no data then: another answer is not the one to [`LOG_OUT`].
fn confirms(answer: &Result<Vec<u8>, zairyu_transport::Error>) -> bool {
    matches!(answer.as_deref(), Ok([0x90, 0x00]))
}

fn drive<T: Outcome>(transport: &mut impl Transport, mut reading: Reading<T>) -> Result<T, ReadError> {
    loop {
        let outcome = transport.transmit(reading.command()).map(Zeroizing::new);
        match next(reading, outcome)? {
            Step::Continue(on) => reading = on,
            Step::Done(files) => return Ok(files),
        }
    }
}

async fn drive_async<T: Outcome>(
    transport: &mut impl AsyncTransport,
    mut reading: Reading<T>,
) -> Result<T, ReadError> {
    loop {
        let outcome = transport.transmit(reading.command()).await.map(Zeroizing::new);
        match next(reading, outcome)? {
            Step::Continue(on) => reading = on,
            Step::Done(files) => return Ok(files),
        }
    }
}

/// What an exchange leads to.
fn next<T: Outcome>(
    reading: Reading<T>,
    outcome: Result<Zeroizing<Vec<u8>>, zairyu_transport::Error>,
) -> Result<Step<T>, ReadError> {
    match outcome {
        Ok(response) => Ok(reading.receive(&response)?),
        Err(cause) => Err(match reading.interrupted() {
            Interruption::OutcomeUnknown(outcome) => ReadError::OutcomeUnknown { outcome, cause },
            _ => cause.into(),
        }),
    }
}

/// How many tries are left of one secret. It costs none.
///
/// # Errors
///
/// [`ReadError`].
pub fn tries_left(transport: &mut impl Transport, secret: Secret) -> Result<Tries, ReadError> {
    let status = read(transport, Reading::tries_of(secret)?)?;
    // What was asked for is there.
    Ok(status.tries(secret).unwrap_or(Tries::Absent))
}

/// What became of a secret whose answer was lost, as far as the counter tells. It sends no secret.
///
/// # Errors
///
/// [`ReadError`].
pub fn resolve(transport: &mut impl Transport, outcome: &UnknownOutcome) -> Result<Resolution, ReadError> {
    Ok(outcome.compare(tries_left(transport, outcome.secret())?))
}
