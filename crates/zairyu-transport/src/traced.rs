use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{Error, ErrorKind, Limits, Transport, hex::Hex};

/// Tells a closure about each exchange, without any personal data: for logs and support tickets.
///
/// ```
/// use zairyu_transport::{Callback, Limits, Traced, Transport};
/// # let card = Callback::new(Limits::SHORT, |command: &[u8]| match command {
/// #     [_, 0xA4, ..] => Ok(vec![0x90, 0x00]),
/// #     _ => Ok(vec![0xC1, 0x02, b'0', b'5', 0x90, 0x00]),
/// # });
///
/// let mut lines = Vec::new();
/// let mut card = Traced::new(card, |event| lines.push(event.to_string()));
/// card.transmit(b"\x00\xA4\x04\x0C\x10\xD3\x92\xF0\x00\x4F\x02\0\0\0\0\0\0\0\0\0\0")?;
/// card.transmit(&[0x00, 0xB0, 0x8A, 0x00, 0x00])?;
///
/// assert!(lines[0].starts_with("00A4040C, 21 bytes, AID D392F0004F0200000000000000000000: 9000, 2 bytes, "));
/// assert!(lines[1].starts_with("00B08A00, 5 bytes: 9000, 6 bytes, "));
/// # Ok::<(), zairyu_transport::Error>(())
/// ```
///
/// # Panics
///
/// None, where [`Instant::now`] has none: on `wasm32-unknown-unknown` the standard library has no clock and panics.
pub struct Traced<T, F> {
    transport: T,
    on_event: F,
}

/// One call to a transport, and what came of it.
///
/// It has no room for data: of a command the header, its length and the AID of an application that it selects; of a
/// response its length and status word. Those are the same for every holder, but for the lengths of files.
///
/// Its `Display` is one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceEvent {
    /// The command, or `None` for a reset of the card.
    pub command: Option<TracedCommand>,
    /// The response, or why none came. A reset's has no length and no status word.
    pub outcome: Result<TracedResponse, ErrorKind>,
    /// How long it took.
    pub duration: Duration,
}

/// What a trace shows of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracedCommand {
    /// CLA, INS, P1 and P2; fewer when the command is shorter.
    pub header: Vec<u8>,
    /// The length of the whole command in bytes.
    pub len: usize,
    /// The application that it selects by name (ISO/IEC 7816-4, 11.1.1), when it does so in the clear: 5 to 16 bytes, of
    /// which the first is `A0` or above (ISO/IEC 7816-4, 12.2.3).
    pub aid: Option<Vec<u8>>,
}

/// What a trace shows of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracedResponse {
    /// The length of the whole response in bytes.
    pub len: usize,
    /// The status word, when its last two bytes are one that ISO/IEC 7816-4 (Tables 5 and 6) or the residence card's
    /// specification (在留カード等仕様書 Ver 1.5, Table 4-5) gives a meaning. Else a response was perhaps cut, and they are
    /// data. Of `61XX` and `6CXX`, which hold a length, the second byte is shown as `00`.
    pub status: Option<u16>,
}

impl TracedCommand {
    fn new(command: &[u8]) -> Self {
        Self {
            header: command.get(..4).unwrap_or(command).to_vec(),
            len: command.len(),
            aid: selected_aid(command).map(<[u8]>::to_vec),
        }
    }
}

impl TracedResponse {
    fn new(response: &[u8]) -> Self {
        let status = response.last_chunk().map(|&status| u16::from_be_bytes(status));
        Self {
            len: response.len(),
            status: status.and_then(known_status),
        }
    }
}

/// Of a short SELECT by name, without secure messaging.
fn selected_aid(command: &[u8]) -> Option<&[u8]> {
    let [0x00..=0x03, 0xA4, 0x04, _, length @ 5..=16, rest @ ..] = command else {
        return None;
    };
    let (aid, [] | [_]) = rest.split_at_checked(usize::from(*length))? else {
        return None;
    };
    (*aid.first()? >= 0xA0).then_some(aid)
}

const fn known_status(status: u16) -> Option<u16> {
    match status {
        0x9000
        | 0x6200
        | 0x6281..=0x6287
        | 0x6300
        | 0x6381
        | 0x63C0..=0x63CF
        | 0x6400
        | 0x6401
        | 0x6500
        | 0x6581
        | 0x6600
        | 0x6700
        | 0x6800
        | 0x6881..=0x6884
        | 0x6900
        | 0x6981..=0x6988
        | 0x6999
        | 0x6A00
        | 0x6A80..=0x6A8A
        | 0x6B00
        | 0x6D00
        | 0x6E00
        | 0x6F00 => Some(status),
        0x6100..=0x61FF | 0x6C00..=0x6CFF => Some(status & 0xFF00),
        _ => None,
    }
}

impl fmt::Display for TraceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.command {
            Some(command) => {
                write!(f, "{}, {} bytes", Hex(&command.header), command.len)?;
                if let Some(aid) = &command.aid {
                    write!(f, ", AID {}", Hex(aid))?;
                }
            }
            None => f.write_str("reset")?,
        }
        match (&self.outcome, &self.command) {
            (Err(kind), _) => write!(f, ": {}", kind.name())?,
            (Ok(_), None) => f.write_str(": done")?,
            (Ok(TracedResponse { len, status }), Some(_)) => match status {
                Some(status) => write!(f, ": {status:04X}, {len} bytes")?,
                None => write!(f, ": no known status word, {len} bytes")?,
            },
        }
        write!(f, ", {} ms", self.duration.as_millis())
    }
}

impl<T: Transport, F: FnMut(TraceEvent)> Traced<T, F> {
    /// Calls `on_event` after each exchange and each reset, the failed ones too.
    #[must_use]
    pub const fn new(transport: T, on_event: F) -> Self {
        Self { transport, on_event }
    }
}

impl<T: Transport, F: FnMut(TraceEvent)> Transport for Traced<T, F> {
    fn limits(&self) -> Limits {
        self.transport.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let begin = Instant::now();
        let outcome = self.transport.transmit(command);
        (self.on_event)(TraceEvent {
            command: Some(TracedCommand::new(command)),
            outcome: match &outcome {
                Ok(response) => Ok(TracedResponse::new(response)),
                Err(error) => Err(error.kind()),
            },
            duration: begin.elapsed(),
        });
        outcome
    }

    fn reset(&mut self) -> Result<(), Error> {
        let begin = Instant::now();
        let outcome = self.transport.reset();
        (self.on_event)(TraceEvent {
            command: None,
            outcome: match &outcome {
                Ok(()) => Ok(TracedResponse::default()),
                Err(error) => Err(error.kind()),
            },
            duration: begin.elapsed(),
        });
        outcome
    }
}

impl<T: fmt::Debug, F> fmt::Debug for Traced<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traced")
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
