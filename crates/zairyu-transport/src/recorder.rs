use crate::{Error, Exchange, Limits, Recording, Transport};

/// Keeps a [`Recording`] of all that goes through a transport, byte for byte.
///
/// ```
/// use zairyu_transport::{Callback, Limits, Recorder, Replay, Transport};
/// # let card = Callback::new(Limits::SHORT, |_: &[u8]| Ok(vec![0x90, 0x00]));
///
/// let mut recorder = Recorder::new(card);
/// let answer = recorder.transmit(&[0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00])?;
/// let recording = recorder.into_recording();
///
/// let mut replay = Replay::new(recording);
/// assert_eq!(replay.transmit(&[0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00])?, answer);
/// # Ok::<(), zairyu_transport::Error>(())
/// ```
///
/// What it keeps is as secret as the card: see [`Recording`].
#[derive(Debug)]
pub struct Recorder<T> {
    transport: T,
    recording: Recording,
}

impl<T: Transport> Recorder<T> {
    /// Records what goes through `transport` from now on.
    #[must_use]
    pub fn new(transport: T) -> Self {
        let recording = Recording::new(transport.limits());
        Self { transport, recording }
    }

    /// What was recorded so far.
    #[must_use]
    pub const fn recording(&self) -> &Recording {
        &self.recording
    }

    /// What was recorded.
    #[must_use]
    pub fn into_recording(self) -> Recording {
        self.recording
    }
}

impl<T: Transport> Transport for Recorder<T> {
    fn limits(&self) -> Limits {
        self.recording.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let outcome = self.transport.transmit(command);
        self.recording.push(Exchange::Command {
            command: command.to_vec(),
            outcome: outcome.clone().map_err(|error| error.kind()),
        });
        outcome
    }

    fn reset(&mut self) -> Result<(), Error> {
        let outcome = self.transport.reset();
        self.recording.push(Exchange::Reset {
            outcome: outcome.clone().map_err(|error| error.kind()),
        });
        outcome
    }
}
