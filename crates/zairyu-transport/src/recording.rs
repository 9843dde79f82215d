use core::fmt;

use crate::{
    ErrorKind, Limits,
    hex::{self, Hex},
};

/// What went through a transport, byte for byte: to play it back ([`Replay`](crate::Replay)), to keep it as a test, to
/// find out what a reader did.
///
/// **A raw recording holds secrets and personal data.** Who has it and the card number can decrypt all that was read,
/// and what was read in the clear needs no number. It has to be kept as the card itself. Its `Debug` shows lengths only;
/// its memory is not wiped. A recording without secrets is made by recording a made-up card, or by encrypting a real
/// card's recording anew.
///
/// # The text form
///
/// [`to_text`](Self::to_text) writes it, [`parse`](Self::parse) reads it. Lines of UTF-8:
///
/// ```text
/// zairyu.recording/1
/// limits: 65544 65538
/// number: AB12345678CD
///
/// > 00A40000023F00 < 9000
/// > 00B08A00000000 ! exchange_failed
/// > reset <
/// > 00B08A0000 < C10230359000
/// ```
///
/// - The first line names form and version. The second is the reader's [`Limits`]: bytes of the longest command and of
///   the longest response.
/// - Headers follow: `name: value`. What they mean is up to who writes them. A name has 1 to 32 of `a`-`z`, `0`-`9` and
///   `_`, and occurs once; a value has 1 to 1,024 bytes, no control characters, and no spaces around it.
/// - Then one exchange a line: `>`, the command in hexadecimal, then `<` and the response (status word included), or `!`
///   and the [name](ErrorKind::name) of the error. `reset` in the command's place is [`Transport::reset`], with nothing
///   behind `<` when it succeeded.
/// - Empty lines, and lines that begin with `#`, mean nothing.
///
/// The detail of an error ([`Error::detail`](crate::Error::detail)) is not recorded.
///
/// ```
/// use zairyu_transport::{Exchange, Limits, Recording};
///
/// let mut recording = Recording::new(Limits::SHORT);
/// recording.set_header("number", "AB12345678CD")?;
/// recording.push(Exchange::Command { command: vec![0x00, 0xB0, 0x8A, 0x00, 0x00], outcome: Ok(vec![0x6A, 0x82]) });
///
/// let text = recording.to_text();
/// assert_eq!(text, "zairyu.recording/1\nlimits: 261 258\nnumber: AB12345678CD\n\n> 00B08A0000 < 6A82\n");
/// assert_eq!(Recording::parse(&text)?, recording);
/// assert_eq!(recording.header("number"), Some("AB12345678CD"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Transport::reset`]: crate::Transport::reset
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    limits: Limits,
    headers: Vec<(String, String)>,
    exchanges: Vec<Exchange>,
}

/// One call to the transport, and what came of it.
///
/// Exhaustive, so that who rewrites recordings sees both calls.
#[derive(Clone, PartialEq, Eq)]
pub enum Exchange {
    /// A command, and its response, status word included.
    Command {
        /// The whole command APDU.
        command: Vec<u8>,
        /// The whole response APDU, or why none came.
        outcome: Result<Vec<u8>, ErrorKind>,
    },
    /// A reset of the card.
    Reset {
        /// Whether it was reset.
        outcome: Result<(), ErrorKind>,
    },
}

impl Recording {
    /// The longest text that [`parse`](Self::parse) takes, in bytes: a hundred times what a reading takes.
    pub const MAX_TEXT_LEN: usize = 4 << 20;

    /// The most exchanges that [`parse`](Self::parse) takes. The longest reading has some two hundred.
    pub const MAX_EXCHANGES: usize = 10_000;

    /// The most headers that [`parse`](Self::parse) takes.
    pub const MAX_HEADERS: usize = 64;

    /// An empty recording of a reader with these limits.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            headers: Vec::new(),
            exchanges: Vec::new(),
        }
    }

    /// What the recorded reader could carry.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// The exchanges in their order.
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Adds an exchange at the end. [`Extend`] adds several.
    pub fn push(&mut self, exchange: Exchange) {
        self.exchanges.push(exchange);
    }

    /// The value of the header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .find(|header| header.0 == name)
            .map(|header| header.1)
    }

    /// Names and values of the headers, in their order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Sets a header, in place of the one that had this name.
    ///
    /// # Errors
    ///
    /// [`InvalidHeader`] when name or value cannot be written as the text form wants them; nothing is changed then.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), InvalidHeader> {
        let valid_name = (1..=32).contains(&name.len())
            && name
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !valid_name || name == LIMITS {
            return Err(InvalidHeader::Name);
        }
        let valid_value = (1..=1024).contains(&value.len())
            && value.trim() == value
            && !value.chars().any(char::is_control);
        if !valid_value {
            return Err(InvalidHeader::Value);
        }
        match self.headers.iter_mut().find(|header| header.0 == name) {
            Some(header) => value.clone_into(&mut header.1),
            None => self.headers.push((name.to_owned(), value.to_owned())),
        }
        Ok(())
    }

    /// The text form, secrets and all.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut lines = vec![
            FORM.to_owned(),
            format!("{LIMITS}: {} {}", self.limits.command(), self.limits.response()),
        ];
        lines.extend(self.headers().map(|(name, value)| format!("{name}: {value}")));
        lines.push(String::new());
        lines.extend(self.exchanges.iter().map(Exchange::to_line));
        lines.push(String::new());
        lines.join("\n")
    }

    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// [`ParseError`], with the line.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() > Self::MAX_TEXT_LEN {
            return Err(ParseProblem::TooLong.at(1));
        }
        let mut lines = (1..)
            .zip(text.lines())
            .map(|(number, line)| (number, line.trim()))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));

        let (number, line) = lines.next().ok_or(ParseProblem::Form.at(1))?;
        if line != FORM {
            return Err(ParseProblem::Form.at(number));
        }
        let (number, line) = lines.next().ok_or(ParseProblem::Limits.at(number))?;
        let limits = parse_limits(line).ok_or(ParseProblem::Limits.at(number))?;

        let mut recording = Self::new(limits);
        for (number, line) in lines {
            recording.parse_line(line).map_err(|problem| problem.at(number))?;
        }
        Ok(recording)
    }

    fn parse_line(&mut self, line: &str) -> Result<(), ParseProblem> {
        if let Some(exchange) = line.strip_prefix('>') {
            if self.exchanges.len() >= Self::MAX_EXCHANGES {
                return Err(ParseProblem::TooLong);
            }
            self.push(parse_exchange(exchange)?);
            return Ok(());
        }
        let (name, value) = line.split_once(':').ok_or(ParseProblem::Line)?;
        if !self.exchanges.is_empty() {
            return Err(ParseProblem::Line);
        }
        if self.headers.len() >= Self::MAX_HEADERS {
            return Err(ParseProblem::TooLong);
        }
        if self.header(name).is_some() {
            return Err(ParseProblem::Header);
        }
        self.set_header(name, value.trim())
            .map_err(|_| ParseProblem::Header)
    }
}

impl Extend<Exchange> for Recording {
    fn extend<I: IntoIterator<Item = Exchange>>(&mut self, exchanges: I) {
        self.exchanges.extend(exchanges);
    }
}

impl Exchange {
    fn to_line(&self) -> String {
        match self {
            Self::Command {
                command,
                outcome: Ok(response),
            } => format!("> {} < {}", Hex(command), Hex(response)),
            Self::Command {
                command,
                outcome: Err(kind),
            } => format!("> {} ! {}", Hex(command), kind.name()),
            Self::Reset { outcome: Ok(()) } => format!("> {RESET} <"),
            Self::Reset { outcome: Err(kind) } => format!("> {RESET} ! {}", kind.name()),
        }
    }
}

const FORM: &str = "zairyu.recording/1";
const LIMITS: &str = "limits";
const RESET: &str = "reset";

fn parse_limits(line: &str) -> Option<Limits> {
    let (name, value) = line.split_once(':')?;
    let (command, response) = value.trim().split_once(' ')?;
    (name == LIMITS).then_some(Limits::new(decimal(command)?, decimal(response)?))
}

/// Without sign, unlike [`str::parse`].
fn decimal(digits: &str) -> Option<usize> {
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().ok()).flatten()
}

/// What stands behind `>`.
fn parse_exchange(line: &str) -> Result<Exchange, ParseProblem> {
    let end = line.find(['<', '!']).ok_or(ParseProblem::Line)?;
    let (command, outcome) = line.split_at_checked(end).ok_or(ParseProblem::Line)?;
    let command = command.trim();
    let outcome = match (outcome.strip_prefix('<'), outcome.strip_prefix('!')) {
        (Some(response), _) => Ok(response.trim()),
        (_, Some(name)) => Err(ErrorKind::from_name(name.trim()).ok_or(ParseProblem::ErrorName)?),
        (None, None) => return Err(ParseProblem::Line),
    };
    if command == RESET {
        return match outcome {
            Ok("") => Ok(Exchange::Reset { outcome: Ok(()) }),
            Ok(_) => Err(ParseProblem::Line),
            Err(kind) => Ok(Exchange::Reset { outcome: Err(kind) }),
        };
    }
    Ok(Exchange::Command {
        command: hex::parse(command).ok_or(ParseProblem::Hex)?,
        outcome: match outcome {
            Ok(response) => Ok(hex::parse(response).ok_or(ParseProblem::Hex)?),
            Err(kind) => Err(kind),
        },
    })
}

/// Names and lengths only.
impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers().map(|header| header.0).collect();
        f.debug_struct("Recording")
            .field("limits", &self.limits)
            .field("headers", &names)
            .field("exchanges", &self.exchanges)
            .finish()
    }
}

/// Lengths only.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { command, outcome } => f
                .debug_struct("Command")
                .field("command_len", &command.len())
                .field("outcome_len", &outcome.as_ref().map(Vec::len))
                .finish(),
            Self::Reset { outcome } => f.debug_struct("Reset").field("outcome", outcome).finish(),
        }
    }
}

/// Why a header cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// Not 1 to 32 of `a`-`z`, `0`-`9` and `_`, or `limits`, which is taken.
    Name,
    /// Not 1 to 1,024 bytes, or with control characters, or with spaces around it.
    Value,
}

impl fmt::Display for InvalidHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => {
                "A recording's header has a name of 1 to 32 letters a-z, digits and underscores, other than limits"
            }
            Self::Value => {
                "A recording's header has a value of 1 to 1024 bytes on one line, without spaces around it"
            }
        })
    }
}

impl core::error::Error for InvalidHeader {}

/// Why a text is no recording, and where. Holds nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: ParseProblem,
}

/// What is wrong with a recording's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseProblem {
    /// Beyond [`MAX_TEXT_LEN`](Recording::MAX_TEXT_LEN), [`MAX_EXCHANGES`](Recording::MAX_EXCHANGES) or
    /// [`MAX_HEADERS`](Recording::MAX_HEADERS).
    TooLong,
    /// Not the first line of a recording that this version knows.
    Form,
    /// Not `limits:` and two numbers.
    Limits,
    /// Neither header nor exchange, or a header behind an exchange.
    Line,
    /// A header's name or value is not allowed, or the name was there before.
    Header,
    /// Not pairs of hexadecimal digits.
    Hex,
    /// No error has this name.
    ErrorName,
}

impl ParseProblem {
    const fn at(self, line: usize) -> ParseError {
        ParseError { line, problem: self }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            ParseProblem::TooLong => "it is longer than any recording; is it the right file?",
            ParseProblem::Form => "it does not begin with zairyu.recording/1; is it the right file?",
            ParseProblem::Limits => "limits: and two numbers are expected here",
            ParseProblem::Line => "neither a header nor an exchange stands here",
            ParseProblem::Header => "this header is not allowed here",
            ParseProblem::Hex => "pairs of hexadecimal digits are expected here",
            ParseProblem::ErrorName => "no error has this name",
        };
        write!(f, "The recording is damaged at line {}: {problem}", self.line)
    }
}

impl core::error::Error for ParseError {}
