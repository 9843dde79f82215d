//! The drivers: one state machine, one transport, blocking or not.

use std::ops::ControlFlow;

use jiff::Timestamp;
use zairyu_data::{CardFiles, CardNumber};
use zairyu_protocol::{
    DeliveryRandomness, MessageLimits, Phase, Progress, Randomness, ReadCard, Redactor, SpecifiedAccess, Step,
};
use zairyu_transport::{AsyncTransport, ErrorKind, Exchange, Limits, Recorder, Recording, Replay, Transport};
use zeroize::Zeroizing;

use crate::{Language, Reading};

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
    /// The recording to play back is none of a reading.
    #[error("The recording was not made by this program: record the reading again")]
    NotARecording,
    /// The system gave no random numbers.
    #[error("The operating system gave no random numbers: restart the computer and try again")]
    NoRandomness,
}

impl ReadError {
    /// One plain sentence or two with what to do, in Japanese, or in English for any other language. What the system or the card
    /// said besides is in the `Display` text only.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        language.read_error(self)
    }
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
    on_progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Reading, ReadError> {
    let machine = start(number, transport.limits(), &random()?)?;
    let files = drive(transport, machine, report(on_progress))?;
    Ok(Reading::new(files, number.clone(), Timestamp::now()))
}

/// The same, and specified cards (07, 08) are read too, in the way that the caller's profile says. No profile is confirmed for
/// real cards, and every report of such a card says so ([`CardInfo::secure_messaging`](crate::CardInfo)).
///
/// # Errors
///
/// As for [`read_with_progress`].
pub fn read_specified(
    transport: &mut impl Transport,
    number: &CardNumber,
    access: &SpecifiedAccess,
    on_progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Reading, ReadError> {
    let machine = start_specified(number, transport.limits(), access)?;
    let files = drive(transport, machine, report(on_progress))?;
    Ok(Reading::new(files, number.clone(), Timestamp::now()))
}

/// The same without blocking, on whatever runtime polls it. Dropping the future ends the reading.
///
/// # Errors
///
/// As for [`read_with_progress`].
pub async fn read_async(
    transport: &mut impl AsyncTransport,
    number: &CardNumber,
    on_progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Reading, ReadError> {
    let machine = start(number, transport.limits(), &random()?)?;
    let files = drive_async(transport, machine, report(on_progress)).await?;
    Ok(Reading::new(files, number.clone(), Timestamp::now()))
}

/// [`read_specified`] without blocking, as [`read_async`].
///
/// # Errors
///
/// As for [`read_with_progress`].
pub async fn read_specified_async(
    transport: &mut impl AsyncTransport,
    number: &CardNumber,
    access: &SpecifiedAccess,
    on_progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Reading, ReadError> {
    let machine = start_specified(number, transport.limits(), access)?;
    let files = drive_async(transport, machine, report(on_progress)).await?;
    Ok(Reading::new(files, number.clone(), Timestamp::now()))
}

fn report(
    mut on_progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> impl FnMut(&ReadCard) -> ControlFlow<ReadError> {
    move |machine| match on_progress(machine.progress()) {
        ControlFlow::Continue(()) => ControlFlow::Continue(()),
        ControlFlow::Break(()) => ControlFlow::Break(ReadError::Cancelled),
    }
}

/// Reads a card and records the reading without its secrets, for a bug report: with a made-up number, and every value
/// on the card overwritten ([`zairyu_protocol::Redactor`]). The recording is there whether the reading succeeds or
/// fails; [`replay`] plays it back. Specified cards are only told, as by [`read`].
///
/// # Errors
///
/// [`ReadError::NoRandomness`]; the reading's own result is beside the recording.
pub fn read_recorded(
    transport: &mut impl Transport,
    number: &CardNumber,
) -> Result<(Result<Reading, ReadError>, Recording), ReadError> {
    let random = random()?;
    let mut recorder = Recorder::new(transport);
    let machine = start(number, recorder.limits(), &random)?;
    let result = drive(&mut recorder, machine, |_| ControlFlow::Continue(()));
    let recording = redact(&recorder.into_recording(), number, &random)?;
    Ok((
        result.map(|files| Reading::new(files, number.clone(), Timestamp::now())),
        recording,
    ))
}

/// The header under which a recording carries what the reading drew from the random source.
const RANDOM: &str = "random";

fn redact(recording: &Recording, number: &CardNumber, random: &Random) -> Result<Recording, ReadError> {
    let limits = recording.limits();
    let message_limits = MessageLimits {
        command: limits.command(),
        response: limits.response(),
    };
    let mut redactor = Redactor::new(number.clone(), Randomness::new(**random), message_limits)?;
    let mut redacted = Recording::new(limits);
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    // Letters and digits: the form takes them.
    let _ = redacted.set_header(RANDOM, &hex);
    for (index, exchange) in recording.exchanges().iter().enumerate() {
        let replaced = match exchange {
            Exchange::Command {
                outcome: Ok(response),
                ..
            } => redactor
                .exchange(response)
                .map(|(command, response)| Exchange::Command {
                    command,
                    outcome: Ok(response),
                }),
            Exchange::Command {
                outcome: Err(kind), ..
            } => {
                let was_reset = matches!(
                    recording.exchanges().get(index.saturating_add(1)),
                    Some(Exchange::Reset { outcome: Ok(()) })
                );
                redactor
                    .failed_exchange(was_reset)
                    .map(|command| Exchange::Command {
                        command,
                        outcome: Err(*kind),
                    })
            }
            Exchange::Reset { outcome } => Some(Exchange::Reset { outcome: *outcome }),
        };
        let Some(replaced) = replaced else { break };
        redacted.push(replaced);
    }
    Ok(redacted)
}

/// Plays back what [`read_recorded`] recorded: the same commands, and the same end.
///
/// # Errors
///
/// [`ReadError`] as when it was recorded; [`ReadError::NotARecording`] when the recording is none of a reading.
pub fn replay(recording: &Recording) -> Result<Reading, ReadError> {
    let mut random = Zeroizing::new([0; Randomness::LEN]);
    let hex = recording
        .header(RANDOM)
        .filter(|hex| hex.len() == 2 * Randomness::LEN);
    let hex = hex.ok_or(ReadError::NotARecording)?;
    for (byte, digits) in random.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| ReadError::NotARecording)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| ReadError::NotARecording)?;
    }
    let mut transport = Replay::new(recording.clone());
    let machine = start(&CardNumber::MADE_UP, transport.limits(), &random)?;
    let files = drive(&mut transport, machine, |_| ControlFlow::Continue(()))?;
    Ok(Reading::new(files, CardNumber::MADE_UP, Timestamp::now()))
}

/// Finds out whether the card is a residence card that can be read, without its number: for choosing
/// among several cards. It sends two commands to a residence card, up to seven to others.
///
/// # Errors
///
/// [`ReadError::Transport`], [`ReadError::NoRandomness`].
pub fn holds_residence_card(transport: &mut impl Transport) -> Result<bool, ReadError> {
    // The number is never used: the driver stops when the card is recognised.
    let machine = start(&CardNumber::MADE_UP, transport.limits(), &random()?)?;
    let recognised = drive(transport, machine, |machine| match machine.progress().phase {
        Phase::Recognise => ControlFlow::Continue(()),
        _ => ControlFlow::Break(ReadError::Cancelled),
    });
    match recognised {
        Ok(_) | Err(ReadError::Cancelled) => Ok(true),
        Err(ReadError::Card(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Begins a reading.
fn start(number: &CardNumber, limits: Limits, random: &Random) -> Result<ReadCard, ReadError> {
    let limits = MessageLimits {
        command: limits.command(),
        response: limits.response(),
    };
    Ok(ReadCard::new(number.clone(), Randomness::new(**random), limits)?)
}

fn start_specified(
    number: &CardNumber,
    limits: Limits,
    access: &SpecifiedAccess,
) -> Result<ReadCard, ReadError> {
    let mut random_for_keys = Zeroizing::new([0; DeliveryRandomness::LEN]);
    getrandom::fill(random_for_keys.as_mut()).map_err(|_| ReadError::NoRandomness)?;
    let machine = start(number, limits, &random()?)?;
    Ok(machine.with_specified_access(access.clone(), DeliveryRandomness::new(*random_for_keys)))
}

pub(crate) type Random = Zeroizing<[u8; Randomness::LEN]>;

pub(crate) fn random() -> Result<Random, ReadError> {
    let mut random = Zeroizing::new([0; Randomness::LEN]);
    getrandom::fill(random.as_mut()).map_err(|_| ReadError::NoRandomness)?;
    Ok(random)
}

/// What an exchange leads to. The blocking and the async driver differ in how they wait, and in nothing else.
enum Next {
    Send(ReadCard),
    /// The card has to be reset before the next command; if that fails, this error was final.
    Reset(ReadCard, zairyu_transport::Error),
    Done(CardFiles),
}

fn next(machine: ReadCard, outcome: Result<Vec<u8>, zairyu_transport::Error>) -> Result<Next, ReadError> {
    match outcome {
        Ok(response) => match machine.receive(&response)? {
            Step::Continue(machine) => Ok(Next::Send(machine)),
            Step::Done(files) => Ok(Next::Done(files)),
        },
        // Perhaps the reader cannot carry extended length: once, begin again with short commands.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::ExchangeFailed | ErrorKind::LengthNotSupported
            ) =>
        {
            match machine.undelivered() {
                Some(machine) => Ok(Next::Reset(machine, error)),
                None => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn drive(
    transport: &mut impl Transport,
    mut machine: ReadCard,
    mut before_command: impl FnMut(&ReadCard) -> ControlFlow<ReadError>,
) -> Result<CardFiles, ReadError> {
    loop {
        if let ControlFlow::Break(error) = before_command(&machine) {
            return Err(error);
        }
        let (command, mut unopened) = machine.command_and_unopened();
        let outcome = transport.transmit_while(command, &mut || {
            unopened.as_mut().is_some_and(|unopened| unopened.open_some())
        });
        machine = match next(machine, outcome)? {
            Next::Send(machine) => machine,
            Next::Reset(machine, error) => {
                transport.reset().map_err(|_| error)?;
                machine
            }
            Next::Done(files) => return Ok(files),
        };
    }
}

async fn drive_async(
    transport: &mut impl AsyncTransport,
    mut machine: ReadCard,
    mut before_command: impl FnMut(&ReadCard) -> ControlFlow<ReadError>,
) -> Result<CardFiles, ReadError> {
    loop {
        if let ControlFlow::Break(error) = before_command(&machine) {
            return Err(error);
        }
        let outcome = transport.transmit(machine.command()).await;
        machine = match next(machine, outcome)? {
            Next::Send(machine) => machine,
            Next::Reset(machine, error) => {
                transport.reset().await.map_err(|_| error)?;
                machine
            }
            Next::Done(files) => return Ok(files),
        };
    }
}
