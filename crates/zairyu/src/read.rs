//! The blocking driver: one state machine, one transport.

use std::ops::ControlFlow;

use jiff::Timestamp;
use zairyu_data::{CardFiles, CardNumber};
use zairyu_protocol::{MessageLimits, Phase, Progress, Randomness, ReadCard, Step};
use zairyu_transport::{ErrorKind, Transport};
use zeroize::Zeroizing;

use crate::Reading;

/// Why a card could not be read. Each is one plain sentence with what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The reader, its service or the presence of the card.
    #[error(transparent)]
    Transport(#[from] zairyu_transport::Error),
    /// The card: another card, another number, or not as specified.
    #[error(transparent)]
    Card(#[from] zairyu_protocol::Error),
    /// The caller's progress function asked to stop.
    #[error("The reading was cancelled")]
    Cancelled,
    /// The system gave no random numbers.
    #[error("The operating system gave no random numbers: restart the computer and try again")]
    NoRandomness,
}

/// Reads everything on the card that has this number.
///
/// # Errors
///
/// [`ReadError`]. Nothing that was read before the error is handed out.
pub fn read(transport: &mut impl Transport, number: &CardNumber) -> Result<Reading, ReadError> {
    read_with_progress(transport, number, |_| ControlFlow::Continue(()))
}

/// The same; `on_progress` is called before each command, and ends the reading by returning
/// [`ControlFlow::Break`].
///
/// # Errors
///
/// [`ReadError`]; [`ReadError::Cancelled`] when `on_progress` said so.
pub fn read_with_progress(
    transport: &mut impl Transport,
    number: &CardNumber,
    mut on_progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Reading, ReadError> {
    let files = drive(transport, number, |machine| {
        match on_progress(machine.progress()) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => ControlFlow::Break(ReadError::Cancelled),
        }
    })?;
    Ok(Reading::new(files, number.clone(), Timestamp::now()))
}

/// Finds out whether the card is a residence card that can be read, without its number: for choosing
/// among several cards. It sends two commands to a residence card, up to seven to others.
///
/// # Errors
///
/// [`ReadError::Transport`], [`ReadError::NoRandomness`].
pub fn holds_residence_card(transport: &mut impl Transport) -> Result<bool, ReadError> {
    // The number is never used: the driver stops when the card is recognised.
    let recognised = drive(transport, &CardNumber::MADE_UP, |machine| {
        match machine.progress().phase {
            Phase::Recognise => ControlFlow::Continue(()),
            _ => ControlFlow::Break(ReadError::Cancelled),
        }
    });
    match recognised {
        Ok(_) | Err(ReadError::Cancelled) => Ok(true),
        Err(ReadError::Card(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn drive(
    transport: &mut impl Transport,
    number: &CardNumber,
    mut before_command: impl FnMut(&ReadCard) -> ControlFlow<ReadError>,
) -> Result<CardFiles, ReadError> {
    let mut random = Zeroizing::new([0; Randomness::LEN]);
    getrandom::fill(random.as_mut()).map_err(|_| ReadError::NoRandomness)?;
    let limits = transport.limits();
    let limits = MessageLimits {
        command: limits.command(),
        response: limits.response(),
    };
    let mut machine = ReadCard::new(number.clone(), Randomness::new(*random), limits)?;
    loop {
        if let ControlFlow::Break(error) = before_command(&machine) {
            return Err(error);
        }
        let step = match transport.transmit(machine.command()) {
            Ok(response) => machine.receive(&response)?,
            Err(error) => match error.kind() {
                // Perhaps the reader cannot carry extended length: once, begin again with short commands.
                ErrorKind::ExchangeFailed | ErrorKind::LengthNotSupported => {
                    let machine = machine.undelivered().ok_or_else(|| error.clone())?;
                    transport.reset().map_err(|_| error)?;
                    Step::Continue(machine)
                }
                _ => return Err(error.into()),
            },
        };
        match step {
            Step::Continue(next) => machine = next,
            Step::Done(files) => return Ok(files),
        }
    }
}
