use core::fmt;

use crate::{Error, ErrorKind, Exchange, Limits, Recording, Transport};

/// A card and its reader, played back from a [`Recording`].
///
/// Each command must be the recorded one, byte for byte; for a reading under secure messaging that takes the recorded
/// card number and random numbers. At the first that is not, the replay ends: this and every later call fails with
/// [`ErrorKind::NotAsRecorded`], whose detail names the exchange, and [`deviation`](Self::deviation) tells a program.
///
/// ```
/// use zairyu_transport::{Deviation, ErrorKind, Recording, Replay, Transport};
///
/// let text = "zairyu.recording/1\nlimits: 261 258\n> 00B08A0000 < 6A82\n";
/// let mut replay = Replay::new(Recording::parse(text)?);
/// let error = replay.transmit(&[0x00, 0xB0, 0x8B, 0x00, 0x00]).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotAsRecorded);
/// assert_eq!(replay.deviation(), Some(Deviation::OtherCommand { exchange: 0, offset: 2 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Replay {
    recording: Recording,
    played: usize,
    compares_commands: bool,
    deviation: Option<Deviation>,
}

/// Where a replayed program did something else than the recorded one. Exchanges are counted from 0, resets among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deviation {
    /// The command is not the recorded one.
    OtherCommand {
        /// Which exchange.
        exchange: usize,
        /// The first byte that differs; the shorter one's length when it is the beginning of the longer one.
        offset: usize,
    },
    /// A command came where the recording has a reset.
    CommandForReset {
        /// Which exchange.
        exchange: usize,
    },
    /// A reset came where the recording has a command.
    ResetForCommand {
        /// Which exchange.
        exchange: usize,
    },
    /// The recording was at its end.
    End {
        /// How many exchanges it has.
        exchanges: usize,
    },
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherCommand { exchange, offset } => {
                write!(
                    f,
                    "exchange {exchange}: the command differs from the recorded one at byte {offset}"
                )
            }
            Self::CommandForReset { exchange } => {
                write!(f, "exchange {exchange}: a command, where a reset was recorded")
            }
            Self::ResetForCommand { exchange } => {
                write!(f, "exchange {exchange}: a reset, where a command was recorded")
            }
            Self::End { exchanges } => write!(f, "the recording ends after {exchanges} exchanges"),
        }
    }
}

impl Replay {
    /// Plays the recording to a program that sends the recorded commands.
    #[must_use]
    pub const fn new(recording: Recording) -> Self {
        Self {
            recording,
            played: 0,
            compares_commands: true,
            deviation: None,
        }
    }

    /// Plays the responses in their order whatever the commands are: for fuzzing, and for programs whose random numbers
    /// cannot be set.
    #[must_use]
    pub const fn ignoring_commands(mut self) -> Self {
        self.compares_commands = false;
        self
    }

    /// What ended the replay; `None` as long as all went as recorded.
    #[must_use]
    pub const fn deviation(&self) -> Option<Deviation> {
        self.deviation
    }

    /// How many exchanges were not played yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.recording.exchanges().len().saturating_sub(self.played)
    }

    /// The next exchange, after what keeps the replay from going on.
    fn next(&self) -> Result<(usize, &Exchange), Deviation> {
        let exchange = self.played;
        match (self.deviation, self.recording.exchanges().get(exchange)) {
            (Some(deviation), _) => Err(deviation),
            (None, Some(next)) => Ok((exchange, next)),
            (None, None) => Err(Deviation::End { exchanges: exchange }),
        }
    }

    fn play_command(&self, command: &[u8]) -> Result<Result<Vec<u8>, ErrorKind>, Deviation> {
        match self.next()? {
            (exchange, Exchange::Reset { .. }) => Err(Deviation::CommandForReset { exchange }),
            (
                exchange,
                Exchange::Command {
                    command: recorded,
                    outcome,
                },
            ) => {
                if self.compares_commands && recorded != command {
                    let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
                    let offset = recorded.iter().zip(command).take_while(same).count();
                    return Err(Deviation::OtherCommand { exchange, offset });
                }
                Ok(outcome.clone())
            }
        }
    }

    fn play_reset(&self) -> Result<Result<(), ErrorKind>, Deviation> {
        match self.next()? {
            (_, Exchange::Reset { outcome }) => Ok(*outcome),
            (exchange, Exchange::Command { .. }) => Err(Deviation::ResetForCommand { exchange }),
        }
    }

    fn conclude<R>(&mut self, played: Result<Result<R, ErrorKind>, Deviation>) -> Result<R, Error> {
        match played {
            Ok(outcome) => {
                self.played = self.played.saturating_add(1);
                outcome.map_err(Error::new)
            }
            Err(deviation) => {
                self.deviation = Some(deviation);
                Err(Error::new(ErrorKind::NotAsRecorded).with_detail(deviation.to_string()))
            }
        }
    }
}

impl Transport for Replay {
    fn limits(&self) -> Limits {
        self.recording.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let played = self.play_command(command);
        self.conclude(played)
    }

    fn reset(&mut self) -> Result<(), Error> {
        let played = self.play_reset();
        self.conclude(played)
    }
}
