use zairyu_transport::ErrorKind;

use crate::{IssuedCard, residence_card::Answer};

/// What goes wrong in an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The command does not reach the card; the reader reports this error. The card stays.
    Error(ErrorKind),
    /// The card executes the command, and the reader reports this error instead of the response.
    ErrorAfterwards(ErrorKind),
    /// The card leaves the field: this and every later command fails ([`ErrorKind::CardRemoved`]).
    Removed,
    /// The card is reset, and the reader says so: this and every later command fails ([`ErrorKind::CardReset`]).
    Reset,
    /// The card is reset just before the command, and nobody says so.
    SilentReset,
    /// Just before the command another residence card takes this one's place, and nobody says so.
    OtherCard(Box<IssuedCard>),
    /// The command does not reach the card; the response is this status word alone.
    Status(u16),
    /// The command does not reach the card; the response is this.
    Response(Vec<u8>),
    /// The command does not reach the card; the response is the previous one again (nothing at all at the first
    /// command).
    Stale,
    /// The command does not reach the card; its own data comes back with `9000`.
    Echo,
    /// The response is distorted.
    Distorted(Distortion),
}

/// How a response arrives that the card gave rightly.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Distortion {
    /// Only its first bytes, at most this many.
    Cut(usize),
    /// With these bytes between data and status word.
    Extended(Vec<u8>),
    /// With one byte changed by exclusive or, if it has such a byte.
    Flipped {
        /// Which byte, from 0.
        offset: usize,
        /// With what.
        xor: u8,
    },
    /// The status word without the data.
    NoData,
    /// The data with this status word.
    OtherStatus(u16),
    /// In the clear what should be encrypted.
    Plain,
    /// Encrypted without padding: the last block lacks its `80`. Data that does not fill its last block loses the rest.
    NoPadding,
    /// Encrypted, padded with `00` alone.
    ZeroPadding,
    /// Encrypted, and nothing in it but padding.
    PaddingOnly,
}

impl Distortion {
    /// The response as it arrives. The last four change nothing in a response that is not encrypted.
    pub(crate) fn apply(&self, answer: &Answer) -> Vec<u8> {
        let protected = answer.protected.as_ref();
        let data = match self {
            Self::Plain => protected.map(|protected| protected.plaintext.clone()),
            Self::NoPadding => protected.map(|protected| protected.object(protected.whole_blocks())),
            Self::ZeroPadding => protected.map(|protected| protected.object(protected.zero_padded())),
            Self::PaddingOnly => protected.map(|protected| protected.object(protected.padding_only())),
            Self::NoData => Some(Vec::new()),
            Self::Extended(extra) => Some([&answer.data[..], extra].concat()),
            Self::Cut(_) | Self::Flipped { .. } | Self::OtherStatus(_) => None,
        };
        let status = match self {
            Self::OtherStatus(status) => *status,
            _ => answer.status,
        };
        let data = data.as_ref().unwrap_or(&answer.data);
        let mut response = [&data[..], &status.to_be_bytes()].concat();
        match self {
            Self::Cut(length) => response.truncate(*length),
            Self::Flipped { offset, xor } => {
                if let Some(byte) = response.get_mut(*offset) {
                    *byte ^= xor;
                }
            }
            _ => {}
        }
        response
    }
}

/// The faults to come, and what they need to know.
pub(crate) struct Faults {
    planned: Vec<Planned>,
    commands: usize,
    previous: Vec<u8>,
}

struct Planned {
    first: usize,
    last: usize,
    fault: Fault,
}

impl Faults {
    pub(crate) const fn new() -> Self {
        Self {
            planned: Vec::new(),
            commands: 0,
            previous: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, first: usize, last: usize, fault: Fault) {
        self.planned.push(Planned { first, last, fault });
    }

    /// Counts a command and names its fault. Of several the one added first counts.
    pub(crate) fn next(&mut self) -> Option<Fault> {
        let index = self.commands;
        self.commands = index.saturating_add(1);
        let hit = |planned: &&Planned| (planned.first..=planned.last).contains(&index);
        self.planned.iter().find(hit).map(|planned| planned.fault.clone())
    }

    pub(crate) fn remember(&mut self, response: &[u8]) {
        response.clone_into(&mut self.previous);
    }

    pub(crate) fn previous(&self) -> &[u8] {
        &self.previous
    }
}
