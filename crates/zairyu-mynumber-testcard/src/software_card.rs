use zairyu_transport::{Error, Limits, Transport};

use crate::{
    Application, IssuedCard,
    issued_card::{Access, SigningKey},
};

/// Status words.
mod status {
    pub(super) const OK: u16 = 0x9000;
    pub(super) const END_OF_FILE: u16 = 0x6282;
    pub(super) const WRONG_LENGTH: u16 = 0x6700;
    pub(super) const NO_LOGICAL_CHANNELS: u16 = 0x6881;
    pub(super) const WRONG_KIND_OF_FILE: u16 = 0x6981;
    pub(super) const SECURITY_STATUS: u16 = 0x6982;
    pub(super) const BLOCKED: u16 = 0x6984;
    pub(super) const CONDITIONS_OF_USE: u16 = 0x6985;
    pub(super) const NOT_FOUND: u16 = 0x6A82;
    pub(super) const WRONG_PARAMETERS: u16 = 0x6A86;
    pub(super) const NO_REFERENCE: u16 = 0x6A88;
    pub(super) const OUTSIDE_FILE: u16 = 0x6B00;
    pub(super) const UNKNOWN_INSTRUCTION: u16 = 0x6D00;
    pub(super) const UNKNOWN_CLASS: u16 = 0x6E00;
    pub(super) const FAILURE: u16 = 0x6F00;
}

const CARD_MANAGER: &[u8] = b"\xA0\x00\x00\x01\x51\x00\x00";

/// What a READ BINARY answers that wants more than is left of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShortRead {
    /// What is left, and `9000`.
    Plain,
    /// What is left, and `6282`.
    Warning,
    /// No data and `6Cxx`, where xx is what is left.
    WrongLe,
}

/// One secret's state.
#[derive(Clone, Copy)]
struct Counter {
    left: u8,
    presented: bool,
}

/// A card in a reader, in software. Counters live as long as the value: nothing but the right secret refills them.
pub struct SoftwareCard {
    issued: IssuedCard,
    counters: Vec<Counter>,
    application: Option<Application>,
    file: Option<u16>,
    short_read: ShortRead,
    chained: bool,
    blocked: u16,
    limits: Limits,
    /// Data that wait for GET RESPONSE.
    pending: Vec<u8>,
}

/// What a command leads to: data and status word.
struct Answer(Vec<u8>, u16);

impl From<u16> for Answer {
    fn from(status: u16) -> Self {
        Self(Vec::new(), status)
    }
}

impl SoftwareCard {
    /// The card, after power-up, with all counters full.
    #[must_use]
    pub fn new(issued: IssuedCard) -> Self {
        let counters = issued
            .secrets
            .iter()
            .map(|secret| Counter {
                left: secret.most_tries,
                presented: false,
            })
            .collect();
        Self {
            issued,
            counters,
            application: None,
            file: None,
            short_read: ShortRead::Plain,
            chained: false,
            blocked: status::BLOCKED,
            limits: Limits::SHORT,
            pending: Vec::new(),
        }
    }

    /// Sets what reads answer that go beyond the file's end.
    #[must_use]
    pub const fn with_short_read(mut self, short_read: ShortRead) -> Self {
        self.short_read = short_read;
        self
    }

    /// Lets all data come by GET RESPONSE, after `61xx`.
    #[must_use]
    pub const fn with_chained_responses(mut self) -> Self {
        self.chained = true;
        self
    }

    /// Sets the status word of a VERIFY with a blocked secret: `6983` or `6984`.
    #[must_use]
    pub const fn with_blocked_status(mut self, status: u16) -> Self {
        self.blocked = status;
        self
    }

    /// Sets what the reader says it can carry.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how many tries a secret has left; without effect when the card has no such secret.
    #[must_use]
    pub fn with_tries_left(mut self, application: Application, identifier: u16, left: u8) -> Self {
        if let Some(counter) = self.counter(application, identifier) {
            counter.left = left;
        }
        self
    }

    /// How many tries a secret has left; `None` when the card has no such secret.
    #[must_use]
    pub fn tries_left(&self, application: Application, identifier: u16) -> Option<u8> {
        let index = self.index(application, identifier)?;
        self.counters.get(index).map(|counter| counter.left)
    }

    /// The content.
    #[must_use]
    pub const fn issued(&self) -> &IssuedCard {
        &self.issued
    }

    /// The field goes off and on: selection and everything presented are lost, counters stay.
    pub fn power_cycle(&mut self) {
        self.pending.clear();
        self.leave();
    }

    fn leave(&mut self) {
        self.application = None;
        self.file = None;
        for counter in &mut self.counters {
            counter.presented = false;
        }
    }

    fn index(&self, application: Application, identifier: u16) -> Option<usize> {
        self.issued
            .secrets
            .iter()
            .position(|secret| (secret.application, secret.identifier) == (application, identifier))
    }

    fn counter(&mut self, application: Application, identifier: u16) -> Option<&mut Counter> {
        let index = self.index(application, identifier)?;
        self.counters.get_mut(index)
    }

    fn has_presented(&self, application: Application, identifier: u16) -> bool {
        let index = self.index(application, identifier);
        index
            .and_then(|index| self.counters.get(index))
            .is_some_and(|counter| counter.presented)
    }

    /// The card's answer to a command.
    pub fn process(&mut self, command: &[u8]) -> Vec<u8> {
        let Answer(mut data, mut status) = self.answer(command);
        if self.chained && !data.is_empty() && command.get(1) != Some(&0xC0) {
            let [.., more] = data.len().to_be_bytes();
            self.pending = std::mem::take(&mut data);
            status = 0x6100 | u16::from(more);
        }
        data.extend(status.to_be_bytes());
        data
    }

    fn answer(&mut self, command: &[u8]) -> Answer {
        let [class, instruction, p1, p2, body @ ..] = command else {
            return status::WRONG_LENGTH.into();
        };
        let waiting = std::mem::take(&mut self.pending);
        match (*class, *instruction) {
            (0x01..=0x03, _) => status::NO_LOGICAL_CHANNELS.into(),
            (0x00, 0xC0) => Self::get_response(waiting, body),
            (0x00, 0xA4) => self.select(*p1, *p2, body).into(),
            (0x00, 0x20) => self.verify(*p1, *p2, body).into(),
            (0x00, 0xB0) => self.read_binary(*p1, *p2, body),
            (0x80, 0x2A) => self.sign(*p1, *p2, body),
            (0x00 | 0x80, _) => status::UNKNOWN_INSTRUCTION.into(),
            _ => status::UNKNOWN_CLASS.into(),
        }
    }

    fn get_response(waiting: Vec<u8>, body: &[u8]) -> Answer {
        if waiting.is_empty() {
            return status::CONDITIONS_OF_USE.into();
        }
        match *body {
            [le] if le == 0 || usize::from(le) == waiting.len() => Answer(waiting, status::OK),
            _ => status::WRONG_LENGTH.into(),
        }
    }

    fn select(&mut self, p1: u8, p2: u8, body: &[u8]) -> u16 {
        let Some(data) = exactly(body) else {
            return status::WRONG_LENGTH;
        };
        match (p1, p2) {
            (0x04, 0x0C) => {
                if data == CARD_MANAGER {
                    self.leave();
                    return status::OK;
                }
                // Real cards take the beginning of an AID too.
                let found = Application::ALL.into_iter().find(|application| {
                    !data.is_empty() && application.aid().starts_with(data) && self.has(*application)
                });
                let Some(application) = found else {
                    return status::NOT_FOUND;
                };
                // The same application again keeps what was presented.
                if self.application != Some(application) {
                    self.leave();
                    self.application = Some(application);
                }
                self.file = None;
                status::OK
            }
            (0x02, 0x0C) => {
                let (Some(application), Ok(identifier)) = (self.application, data.try_into()) else {
                    return status::CONDITIONS_OF_USE;
                };
                let identifier = u16::from_be_bytes(identifier);
                if self.has_file(application, identifier) {
                    self.file = Some(identifier);
                    status::OK
                } else {
                    status::NOT_FOUND
                }
            }
            _ => status::WRONG_PARAMETERS,
        }
    }

    fn has(&self, application: Application) -> bool {
        self.issued
            .secrets
            .iter()
            .any(|secret| secret.application == application)
    }

    fn has_file(&self, application: Application, identifier: u16) -> bool {
        let is_key = |key: &SigningKey| key.application == application && key.identifier == Some(identifier);
        self.issued.file(application, identifier).is_some()
            || self.index(application, identifier).is_some()
            || self.issued.keys.iter().any(is_key)
    }

    /// What P2 refers to: `80` the current file, `80 | SFI` that one.
    fn reference(&self, p2: u8) -> Option<u16> {
        match p2 {
            0x80 => self.file,
            0x81..=0x9E => Some(u16::from(p2 & 0x1F)),
            _ => None,
        }
    }

    fn verify(&mut self, p1: u8, p2: u8, body: &[u8]) -> u16 {
        if p1 != 0 {
            return status::WRONG_PARAMETERS;
        }
        let (Some(application), Some(identifier)) = (self.application, self.reference(p2)) else {
            return status::CONDITIONS_OF_USE;
        };
        let Some(index) = self.index(application, identifier) else {
            return if self.has_file(application, identifier) {
                status::WRONG_KIND_OF_FILE
            } else {
                status::NO_REFERENCE
            };
        };
        let blocked = self.blocked;
        let (Some(secret), Some(counter)) = (self.issued.secrets.get(index), self.counters.get_mut(index))
        else {
            return status::FAILURE;
        };
        if body.is_empty() {
            return 0x63C0 | u16::from(counter.left);
        }
        let Some(presented) = exactly(body).filter(|presented| !presented.is_empty()) else {
            return status::WRONG_LENGTH;
        };
        if counter.left == 0 {
            return blocked;
        }
        counter.presented = presented == secret.value;
        if counter.presented {
            counter.left = secret.most_tries;
            status::OK
        } else {
            counter.left = counter.left.saturating_sub(1);
            0x63C0 | u16::from(counter.left)
        }
    }

    fn read_binary(&mut self, p1: u8, p2: u8, body: &[u8]) -> Answer {
        let Some(application) = self.application else {
            return status::CONDITIONS_OF_USE.into();
        };
        let [le] = *body else {
            return status::WRONG_LENGTH.into();
        };
        let (identifier, offset) = if p1 & 0x80 == 0 {
            (self.file, u16::from_be_bytes([p1, p2]))
        } else {
            (Some(u16::from(p1 & 0x1F)), u16::from(p2))
        };
        let Some(identifier) = identifier else {
            return status::CONDITIONS_OF_USE.into();
        };
        let known = |file: &&crate::issued_card::CardFile| {
            (file.application, file.identifier) == (application, identifier)
        };
        let Some(file) = self.issued.files.iter().find(known) else {
            return if self.has_file(application, identifier) {
                status::WRONG_KIND_OF_FILE.into()
            } else {
                status::NOT_FOUND.into()
            };
        };
        self.file = Some(identifier);
        let allowed = match file.access {
            Access::Free => true,
            Access::AfterOneOf(secrets) => secrets
                .iter()
                .any(|&secret| self.has_presented(application, secret)),
        };
        if !allowed {
            return status::SECURITY_STATUS.into();
        }
        let rest = file.content.get(usize::from(offset)..).unwrap_or_default();
        if rest.is_empty() {
            return status::OUTSIDE_FILE.into();
        }
        let wanted = if le == 0 { 256 } else { usize::from(le) };
        match (rest.get(..wanted), self.short_read) {
            (Some(part), _) => Answer(part.to_vec(), status::OK),
            (None, ShortRead::Plain) => Answer(rest.to_vec(), status::OK),
            (None, ShortRead::Warning) => Answer(rest.to_vec(), status::END_OF_FILE),
            (None, ShortRead::WrongLe) => {
                let [.., left] = rest.len().to_be_bytes();
                (0x6C00 | u16::from(left)).into()
            }
        }
    }

    /// COMPUTE DIGITAL SIGNATURE: the card pads the bytes as PKCS#1 v1.5 says and applies its key.
    fn sign(&self, p1: u8, p2: u8, body: &[u8]) -> Answer {
        let Some(application) = self.application else {
            return status::CONDITIONS_OF_USE.into();
        };
        if p1 != 0 {
            return status::WRONG_PARAMETERS.into();
        }
        let data = match body.split_last() {
            Some((0, command)) => exactly(command),
            _ => None,
        };
        let Some(data) = data.filter(|data| (1..=245).contains(&data.len())) else {
            return status::WRONG_LENGTH.into();
        };
        let identifier = if p2 == 0 { None } else { self.reference(p2) };
        if p2 != 0 && identifier.is_none() {
            return status::CONDITIONS_OF_USE.into();
        }
        let wanted = |key: &&SigningKey| (key.application, key.identifier) == (application, identifier);
        let Some(key) = self.issued.keys.iter().find(wanted) else {
            return status::NO_REFERENCE.into();
        };
        if key
            .secret
            .is_some_and(|secret| !self.has_presented(application, secret))
        {
            return status::SECURITY_STATUS.into();
        }
        match key.owner.key().and_then(|key| key.sign_block(data)) {
            Ok(signature) => Answer(signature, status::OK),
            Err(_) => status::FAILURE.into(),
        }
    }
}

/// The command data when Lc counts them rightly and nothing follows.
fn exactly(body: &[u8]) -> Option<&[u8]> {
    let (&length, data) = body.split_first()?;
    (data.len() == usize::from(length)).then_some(data)
}

impl Transport for SoftwareCard {
    fn limits(&self) -> Limits {
        self.limits
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.process(command))
    }

    /// A warm reset, which does less than a [`power_cycle`](SoftwareCard::power_cycle): what is selected and presented stays,
    /// as is said of real cards.
    fn reset(&mut self) -> Result<(), Error> {
        self.pending.clear();
        Ok(())
    }
}

/// Shows no card data.
impl std::fmt::Debug for SoftwareCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SoftwareCard({:?})", self.issued.profile())
    }
}
