use core::fmt;

use crate::{Error, ErrorKind, Limits, Transport};

/// What goes wrong in an exchange, whatever the card.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The command does not reach the card; the reader reports this error. The card stays.
    Error(ErrorKind),
    /// The card executes the command, and the reader reports this error instead of the response.
    ErrorAfterwards(ErrorKind),
    /// The command does not reach the card; it and every later call fails, resets too:
    /// [`CardRemoved`](ErrorKind::CardRemoved), [`CardReset`](ErrorKind::CardReset).
    Gone(ErrorKind),
    /// The command does not reach the card; the response is this status word alone.
    Status(u16),
    /// The command does not reach the card; the response is this.
    Response(Vec<u8>),
    /// The command does not reach the card; the response is the previous one again (nothing at all when there was none).
    Stale,
    /// Of the response only its first bytes arrive, at most this many.
    Cut(usize),
    /// The response arrives with these bytes between data and status word.
    Extended(Vec<u8>),
    /// The response arrives with one byte changed by exclusive or, if it has such a byte.
    Flipped {
        /// Which byte, from 0.
        offset: usize,
        /// With what.
        xor: u8,
    },
    /// The response's status word arrives without the data.
    NoData,
    /// The response's data arrives with this status word.
    OtherStatus(u16),
}

/// Lets exchanges go wrong as asked, to find out what a program makes of it.
///
/// Commands are counted from 0, as they come in through [`Transport::transmit`]. An injected response keeps to no
/// [`Limits`]: readers exist that do not either.
///
/// ```
/// use zairyu_transport::{Callback, ErrorKind, Fault, FaultInjector, Limits, Transport};
/// # let card = Callback::new(Limits::SHORT, |_: &[u8]| Ok(vec![0xC1, 0x02, b'0', b'5', 0x90, 0x00]));
///
/// let mut card = FaultInjector::new(card)
///     .inject(1, Fault::Cut(3))
///     .inject_from(2, Fault::Gone(ErrorKind::CardRemoved));
/// let read = [0x00, 0xB0, 0x8A, 0x00, 0x00];
/// assert_eq!(card.transmit(&read)?, [0xC1, 0x02, b'0', b'5', 0x90, 0x00]);
/// assert_eq!(card.transmit(&read)?, [0xC1, 0x02, b'0']);
/// assert_eq!(card.transmit(&read).unwrap_err().kind(), ErrorKind::CardRemoved);
/// # Ok::<(), zairyu_transport::Error>(())
/// ```
pub struct FaultInjector<T> {
    transport: T,
    planned: Vec<Planned>,
    /// How many commands came in.
    commands: usize,
    previous: Vec<u8>,
    /// Why the card cannot be reached any more.
    gone: Option<ErrorKind>,
}

struct Planned {
    first: usize,
    last: usize,
    fault: Fault,
}

impl<T: Transport> FaultInjector<T> {
    /// The transport as it is, until faults are added.
    #[must_use]
    pub const fn new(transport: T) -> Self {
        Self {
            transport,
            planned: Vec::new(),
            commands: 0,
            previous: Vec::new(),
            gone: None,
        }
    }

    /// Lets something go wrong at one command. Of several faults there, the one added first counts.
    #[must_use]
    pub fn inject(self, at_command: usize, fault: Fault) -> Self {
        self.plan(at_command, at_command, fault)
    }

    /// Lets it go wrong at that command and at every later one.
    #[must_use]
    pub fn inject_from(self, at_command: usize, fault: Fault) -> Self {
        self.plan(at_command, usize::MAX, fault)
    }

    fn plan(mut self, first: usize, last: usize, fault: Fault) -> Self {
        self.planned.push(Planned { first, last, fault });
        self
    }

    /// How many commands came in so far.
    #[must_use]
    pub const fn commands(&self) -> usize {
        self.commands
    }

    /// Counts a command and names its fault.
    fn next_fault(&mut self) -> Option<Fault> {
        let index = self.commands;
        self.commands = index.saturating_add(1);
        let hit = |planned: &&Planned| (planned.first..=planned.last).contains(&index);
        self.planned.iter().find(hit).map(|planned| planned.fault.clone())
    }

    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let fault = self.next_fault();
        self.check_present()?;
        let Some(fault) = fault else {
            return self.transport.transmit(command);
        };
        match fault {
            Fault::Error(kind) => Err(Error::new(kind)),
            Fault::ErrorAfterwards(kind) => {
                self.transport.transmit(command)?;
                Err(Error::new(kind))
            }
            Fault::Gone(kind) => {
                self.gone = Some(kind);
                Err(Error::new(kind))
            }
            Fault::Status(status) => Ok(status.to_be_bytes().to_vec()),
            Fault::Response(response) => Ok(response),
            Fault::Stale => Ok(self.previous.clone()),
            Fault::Cut(_)
            | Fault::Extended(_)
            | Fault::Flipped { .. }
            | Fault::NoData
            | Fault::OtherStatus(_) => Ok(distort(self.transport.transmit(command)?, &fault)),
        }
    }

    fn check_present(&self) -> Result<(), Error> {
        self.gone.map_or(Ok(()), |kind| Err(Error::new(kind)))
    }
}

/// What arrives of a response that the card gave rightly.
fn distort(mut response: Vec<u8>, fault: &Fault) -> Vec<u8> {
    let data_len = response.len().saturating_sub(2);
    match fault {
        Fault::Cut(longest) => response.truncate(*longest),
        Fault::Extended(extra) => drop(response.splice(data_len..data_len, extra.iter().copied())),
        Fault::Flipped { offset, xor } => {
            if let Some(byte) = response.get_mut(*offset) {
                *byte ^= xor;
            }
        }
        Fault::NoData => drop(response.drain(..data_len)),
        Fault::OtherStatus(status) => {
            response.truncate(data_len);
            response.extend(status.to_be_bytes());
        }
        _ => {}
    }
    response
}

impl<T: Transport> Transport for FaultInjector<T> {
    fn limits(&self) -> Limits {
        self.transport.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let response = self.exchange(command)?;
        response.clone_into(&mut self.previous);
        Ok(response)
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.check_present()?;
        self.transport.reset()
    }
}

/// Shows no card data.
impl<T: fmt::Debug> fmt::Debug for FaultInjector<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultInjector")
            .field("transport", &self.transport)
            .field("commands", &self.commands)
            .field("gone", &self.gone)
            .finish_non_exhaustive()
    }
}
