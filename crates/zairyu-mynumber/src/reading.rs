//! A reading, as a machine of consumed states.

use alloc::{collections::VecDeque, vec::Vec};
use core::{fmt, marker::PhantomData};

use sha2::{Digest as _, Sha256};
use zairyu_protocol::StatusWord;
use zairyu_tlv::Header;
use zeroize::Zeroizing;

use crate::{
    application::{Application, Extent, File, PrivateKey, Secret},
    error::{AnswerError, Error},
    files::{
        AgeFiles, AttributeFiles, Challenge, ChallengeAnswer, Collected, Content, FaceFiles, JpkiFiles,
        Outcome, PinStatus,
    },
    mode::{Body, CommandName, Mode, encode},
    rsa_key::SHA256_DIGEST_INFO,
    secret::{AttributeKey, AuthPin, BirthDigits, Entered, NumberB},
    tries::{LastTry, Tries, UnknownOutcome},
};

/// The longest file that is read, in bytes: what the offset of READ BINARY can reach. Known files stay below 4,000.
pub const MAX_FILE_LEN: usize = 0x7FFF;

/// The most READ BINARY commands for one file.
const MAX_READS_PER_FILE: u16 = 600;

/// The most responses to one command: its own, and those to GET RESPONSE.
const MAX_PIECES: u8 = 8;

/// The fewest bytes that are worth a READ BINARY.
const SHORTEST_READ: usize = 64;

/// What a caller may decide about a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// What to do when one wrong try would block the secret. [`LastTry::Refuse`] by default.
    pub last_try: LastTry,
    /// The most bytes of one READ BINARY, 64 to 256. 256 by default; some readers cannot carry more than 231.
    pub longest_read: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            last_try: LastTry::Refuse,
            longest_read: 256,
        }
    }
}

/// What a response leads to.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "moved once an exchange, which takes milliseconds"
)]
pub enum Step<T> {
    /// There is another command to send.
    Continue(Reading<T>),
    /// The reading is complete.
    Done(T),
}

/// What a broken connection means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a try may have been lost"]
#[non_exhaustive]
pub enum Interruption {
    /// No secret was on its way: reading again, from the beginning, costs nothing.
    NoSecretSent,
    /// A secret was on its way.
    OutcomeUnknown(UnknownOutcome),
}

/// One reading of one card: [`command`](Self::command) to the card, its response to [`receive`](Self::receive), until
/// [`Step::Done`].
///
/// At most one secret is sent, once: after its tries were asked for, and never again whatever happens. The secret is
/// wiped when it was sent, and with the reading.
pub struct Reading<T> {
    job: Job,
    plan: VecDeque<Task>,
    exchange: Exchange,
    result: PhantomData<fn() -> T>,
}

impl Reading<FaceFiles> {
    /// The card's face (券面事項確認AP), opened with what the front shows. Mode `face`.
    ///
    /// # Errors
    ///
    /// [`Error::ReadLength`] when the policy asks for reads that are too short or too long.
    pub fn face(number_b: NumberB, challenge: Challenge, policy: Policy) -> Result<Self, Error> {
        Self::start(
            Application::Visual,
            policy,
            Some(number_b.for_visual()),
            Some((challenge, PrivateKey::VisualCard)),
            &[Task::Read(File::Face), Task::Read(File::VisualIssuer)],
        )
    }
}

impl Reading<AttributeFiles> {
    /// Name, address, date of birth and sex as text (券面入力補助AP). Mode `attributes`.
    ///
    /// # Errors
    ///
    /// [`Error::ReadLength`] when the policy asks for reads that are too short or too long.
    pub fn attributes(key: AttributeKey, challenge: Challenge, policy: Policy) -> Result<Self, Error> {
        Self::start(
            Application::Text,
            policy,
            Some(key.into()),
            Some((challenge, PrivateKey::TextCard)),
            &[
                Task::Read(File::Attributes),
                Task::Read(File::IntegrityRecord),
                Task::Read(File::TextIssuer),
                Task::Read(File::TextCardKey),
            ],
        )
    }
}

impl Reading<AgeFiles> {
    /// The date of birth alone, opened with itself: the least that proves an age. Mode `age`.
    ///
    /// # Errors
    ///
    /// [`Error::ReadLength`] when the policy asks for reads that are too short or too long.
    pub fn age(birth: BirthDigits, challenge: Challenge, policy: Policy) -> Result<Self, Error> {
        Self::start(
            Application::Visual,
            policy,
            Some(birth.into()),
            Some((challenge, PrivateKey::VisualCard)),
            &[Task::Read(File::AgeRecord), Task::Read(File::VisualIssuer)],
        )
    }
}

impl Reading<JpkiFiles> {
    /// The certificate for user authentication (公的個人認証AP), and with the PIN the holder's answer to a challenge. Mode
    /// `jpki_auth`.
    ///
    /// Without PIN the certificate of a card is read all the same; that of a phone is not given away.
    ///
    /// # Errors
    ///
    /// [`Error::ReadLength`] when the policy asks for reads that are too short or too long.
    pub fn jpki_auth(holder: Option<(AuthPin, Challenge)>, policy: Policy) -> Result<Self, Error> {
        let (pin, challenge) = holder.unzip();
        Self::start(
            Application::Jpki,
            policy,
            pin.map(Entered::from),
            challenge.map(|challenge| (challenge, PrivateKey::Auth)),
            &[
                Task::ReadIfThere(File::TokenInfo),
                Task::ReadIfThere(File::CertificatePresence),
                Task::Read(File::AuthCertificate),
            ],
        )
    }
}

impl Reading<PinStatus> {
    /// The tries left of everything that this crate knows. No secret is sent. Mode `pin_status`.
    ///
    /// # Errors
    ///
    /// None, as this crate is written.
    pub fn pin_status() -> Result<Self, Error> {
        // Those of one application stand together, so that each is selected once.
        let mut plan = VecDeque::new();
        let mut current = None;
        for secret in Secret::ALL {
            if current != Some(secret.application()) {
                current = Some(secret.application());
                plan.push_back(Task::SelectIfThere(secret.application()));
            }
            plan.push_back(Task::Tries(secret));
        }
        Self::from_plan(Policy::default(), None, None, plan)
    }

    /// The tries left of one secret: before somebody is asked for it, or after [`Interruption::OutcomeUnknown`]. A card
    /// without its application ends the reading ([`Error::NoApplication`]): it is another one. Mode `pin_status`.
    ///
    /// # Errors
    ///
    /// None, as this crate is written.
    pub fn tries_of(secret: Secret) -> Result<Self, Error> {
        let plan = VecDeque::from([Task::Select(secret.application()), Task::Tries(secret)]);
        Self::from_plan(Policy::default(), None, None, plan)
    }
}

impl<T: Outcome> Reading<T> {
    fn start(
        application: Application,
        policy: Policy,
        secret: Option<Entered>,
        challenge: Option<(Challenge, PrivateKey)>,
        reads: &[Task],
    ) -> Result<Self, Error> {
        let mut plan = VecDeque::from([Task::Select(application)]);
        if let Some(secret) = &secret {
            if secret.secret() == Secret::AuthPin {
                plan.push_back(Task::Find(File::AuthCertificate));
            }
            plan.push_back(Task::TriesBefore(secret.secret()));
        }
        plan.extend(reads);
        plan.extend(challenge.map(|(_, key)| Task::Sign(key)));
        Self::from_plan(policy, secret, challenge.map(|(challenge, _)| challenge), plan)
    }

    fn from_plan(
        policy: Policy,
        secret: Option<Entered>,
        challenge: Option<Challenge>,
        mut plan: VecDeque<Task>,
    ) -> Result<Self, Error> {
        if !(SHORTEST_READ..=256).contains(&policy.longest_read) {
            return Err(Error::ReadLength);
        }
        let job = Job {
            mode: T::MODE,
            last_try: policy.last_try,
            longest_read: policy.longest_read,
            secret,
            challenge,
            collected: Collected::default(),
        };
        // A plan always begins with a SELECT.
        let first = plan.pop_front().unwrap_or(Task::Select(Application::Jpki));
        let exchange = job.begin(first)?;
        Ok(Self {
            job,
            plan,
            exchange,
            result: PhantomData,
        })
    }

    /// The mode, which decides what may be sent.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        T::MODE
    }

    /// Takes the card's response APDU, status word included.
    ///
    /// # Errors
    ///
    /// [`Error`]: the reading is over. Another try starts with a new `Reading`, from the beginning.
    pub fn receive(self, response: &[u8]) -> Result<Step<T>, Error> {
        let Self {
            mut job,
            mut plan,
            exchange,
            result,
        } = self;
        let next = match exchange.receive(job.mode, response)? {
            Received::Piece(exchange) => Some(exchange),
            Received::Whole(answer) => job.take(&mut plan, answer)?,
        };
        let exchange = match next {
            Some(exchange) => exchange,
            None => match plan.pop_front() {
                Some(task) => job.begin(task)?,
                None => return Ok(Step::Done(T::from_collected(job.collected))),
            },
        };
        Ok(Step::Continue(Self {
            job,
            plan,
            exchange,
            result,
        }))
    }
}

impl<T> Reading<T> {
    /// The command APDU to send now. A VERIFY holds a secret: it belongs in no log.
    #[must_use]
    pub fn command(&self) -> &[u8] {
        &self.exchange.command
    }

    /// What that command is for; fit for a log.
    #[must_use]
    pub const fn command_name(&self) -> CommandName {
        self.exchange.name
    }

    /// Ends the reading because no response came: what does that mean for the secret?
    pub fn interrupted(self) -> Interruption {
        match self.exchange.purpose {
            Purpose::Verify(outcome) => Interruption::OutcomeUnknown(outcome),
            _ => Interruption::NoSecretSent,
        }
    }
}

/// Shows which command is waited for: secrets and contents stay hidden.
impl<T> fmt::Debug for Reading<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reading({}: {})", self.job.mode, self.exchange.name)
    }
}

/// A step of a plan.
#[derive(Clone, Copy)]
enum Task {
    Select(Application),
    /// If it is not there, its secrets are [`Tries::Absent`].
    SelectIfThere(Application),
    Tries(Secret),
    /// Asks for the tries, and goes on to VERIFY.
    TriesBefore(Secret),
    /// Ends the reading if it is not there; whether it may be read is not asked.
    Find(File),
    Read(File),
    ReadIfThere(File),
    Sign(PrivateKey),
}

/// What the answer to a command is for.
enum Purpose {
    Select {
        application: Application,
        optional: bool,
    },
    Tries(Secret),
    TriesBefore(Secret),
    Verify(UnknownOutcome),
    Find,
    SelectFile {
        file: File,
        optional: bool,
    },
    Read(PartOfFile),
    Sign,
}

/// A file, as far as it was read.
struct PartOfFile {
    file: File,
    content: Content,
    /// Its length, once it is known.
    total: Option<usize>,
    reads: u16,
    /// The card has corrected the length of this READ BINARY already.
    corrected: bool,
}

/// A command whose answer is waited for.
struct Exchange {
    name: CommandName,
    command: Zeroizing<Vec<u8>>,
    purpose: Purpose,
    /// The most bytes of data that may come.
    most: usize,
    /// What came in earlier pieces.
    data: Content,
    pieces: u8,
}

enum Received {
    /// There is more of the same answer.
    Piece(Exchange),
    Whole(Answer),
}

/// A whole answer.
struct Answer {
    name: CommandName,
    purpose: Purpose,
    most: usize,
    data: Content,
    status: StatusWord,
}

impl Answer {
    const fn refused(&self) -> Error {
        Error::Refused {
            command: self.name,
            status: self.status,
        }
    }
}

impl Exchange {
    fn receive(mut self, mode: Mode, response: &[u8]) -> Result<Received, Error> {
        let wrong = |kind| match (&self.purpose, self.name) {
            // Whatever is wrong with it: the card may have compared the secret.
            (Purpose::Verify(outcome), _) => Error::OutcomeUnknown(*outcome),
            (_, command) => Error::Answer { command, kind },
        };
        let Some((data, status)) = response.split_last_chunk() else {
            return Err(wrong(AnswerError::NoStatusWord));
        };
        let found = self.data.len().saturating_add(data.len());
        if found > self.most {
            let allowed = self.most;
            return Err(wrong(AnswerError::TooLong { allowed, found }));
        }
        // Growing would leave copies behind that nothing wipes.
        let room = self.most.saturating_sub(self.data.len());
        self.data.reserve_exact(room);
        self.data.extend_from_slice(data);
        if let [0x61, waiting] = *status
            && self.most > 0
        {
            let left = self.most.saturating_sub(found);
            if self.pieces >= MAX_PIECES || left == 0 {
                return Err(wrong(AnswerError::TooManyPieces));
            }
            let wanted = if waiting == 0 { 256 } else { usize::from(waiting) };
            self.command = encode(mode, CommandName::GetResponse, Body::Length(wanted.min(left)))?;
            self.pieces = self.pieces.saturating_add(1);
            return Ok(Received::Piece(self));
        }
        Ok(Received::Whole(Answer {
            name: self.name,
            purpose: self.purpose,
            most: self.most,
            data: self.data,
            status: u16::from_be_bytes(*status).into(),
        }))
    }
}

/// What stays while commands change.
struct Job {
    mode: Mode,
    last_try: LastTry,
    longest_read: usize,
    secret: Option<Entered>,
    challenge: Option<Challenge>,
    collected: Collected,
}

impl Job {
    fn send(
        &self,
        name: CommandName,
        body: Body<'_>,
        purpose: Purpose,
        most: usize,
    ) -> Result<Exchange, Error> {
        Ok(Exchange {
            name,
            command: encode(self.mode, name, body)?,
            purpose,
            most,
            data: Content::default(),
            pieces: 0,
        })
    }

    fn begin(&self, task: Task) -> Result<Exchange, Error> {
        match task {
            Task::Select(application) => self.select(application, false),
            Task::SelectIfThere(application) => self.select(application, true),
            Task::Tries(secret) => self.query(secret, Purpose::Tries(secret)),
            Task::TriesBefore(secret) => self.query(secret, Purpose::TriesBefore(secret)),
            Task::Find(file) => self.send(CommandName::SelectFile(file), Body::None, Purpose::Find, 0),
            Task::Read(file) => self.select_file(file, false),
            Task::ReadIfThere(file) => self.select_file(file, true),
            Task::Sign(key) => {
                let challenge = self
                    .challenge
                    .as_ref()
                    .map_or(&[0; Challenge::LEN], Challenge::bytes);
                let digest: [u8; 32] = Sha256::digest(challenge).into();
                let block = [&SHA256_DIGEST_INFO[..], &digest].concat();
                self.send(CommandName::Sign(key), Body::Data(&block), Purpose::Sign, 256)
            }
        }
    }

    fn select(&self, application: Application, optional: bool) -> Result<Exchange, Error> {
        let purpose = Purpose::Select {
            application,
            optional,
        };
        self.send(CommandName::Select(application), Body::None, purpose, 0)
    }

    fn query(&self, secret: Secret, purpose: Purpose) -> Result<Exchange, Error> {
        self.send(CommandName::QueryTries(secret), Body::None, purpose, 0)
    }

    fn select_file(&self, file: File, optional: bool) -> Result<Exchange, Error> {
        let purpose = Purpose::SelectFile { file, optional };
        self.send(CommandName::SelectFile(file), Body::None, purpose, 0)
    }

    /// Reads on where the part ends, at most `length` bytes.
    fn read(&self, part: PartOfFile, length: usize) -> Result<Exchange, Error> {
        let command = CommandName::ReadBinary(part.file);
        if part.reads >= MAX_READS_PER_FILE {
            let kind = AnswerError::TooManyPieces;
            return Err(Error::Answer { command, kind });
        }
        let offset = u16::try_from(part.content.len()).unwrap_or(u16::MAX);
        let part = PartOfFile {
            reads: part.reads.saturating_add(1),
            ..part
        };
        self.send(
            command,
            Body::Read { offset, length },
            Purpose::Read(part),
            length,
        )
    }

    /// Takes an answer, and says what to send next if it is not the plan's next task.
    fn take(&mut self, plan: &mut VecDeque<Task>, answer: Answer) -> Result<Option<Exchange>, Error> {
        let status = answer.status;
        match answer.purpose {
            Purpose::Select {
                application,
                optional,
            } => match (status.number(), optional) {
                (0x9000, _) => Ok(None),
                (0x6A82, false) => Err(Error::NoApplication(application)),
                (0x6A82, true) => {
                    while let Some(&Task::Tries(secret)) = plan.front() {
                        plan.pop_front();
                        self.collected.tries.push((secret, Tries::Absent));
                    }
                    Ok(None)
                }
                _ => Err(answer.refused()),
            },
            Purpose::Tries(secret) => {
                self.collected.tries.push((secret, Tries::from_status(status)));
                Ok(None)
            }
            Purpose::TriesBefore(secret) => self.verify(secret, Tries::from_status(status)).map(Some),
            Purpose::Verify(outcome) => after_verify(outcome, &answer).map(|()| None),
            Purpose::Find if status.number() == 0x6A82 => Err(Error::NoAuthCertificate),
            Purpose::Find => Ok(None),
            Purpose::SelectFile { file, optional } => match (status.number(), optional) {
                (0x9000, _) => {
                    let part = PartOfFile {
                        file,
                        content: Content::default(),
                        total: None,
                        reads: 0,
                        corrected: false,
                    };
                    let length = match file.extent() {
                        Extent::Object => Header::MAX_LEN,
                        Extent::Bytes(length) => length,
                    };
                    self.read(part, length).map(Some)
                }
                (0x6A82, true) => Ok(None),
                (0x6A82, false) if file == File::AuthCertificate => Err(Error::NoAuthCertificate),
                _ => Err(answer.refused()),
            },
            Purpose::Read(_) => self.take_part(answer),
            Purpose::Sign => {
                let answer = if status == StatusWord::OK {
                    Ok(answer.data.to_vec())
                } else {
                    Err(status)
                };
                self.collected.answer = self
                    .challenge
                    .map(|challenge| ChallengeAnswer { challenge, answer });
                Ok(None)
            }
        }
    }

    /// Sends the secret, if the tries left allow it. It is taken out of the job: no second time is possible.
    fn verify(&mut self, secret: Secret, before: Tries) -> Result<Exchange, Error> {
        self.last_try.permits(secret, before)?;
        let command = CommandName::Verify(secret);
        let mode = self.mode;
        let entered = self.secret.take().ok_or(Error::NotAllowed { mode, command })?;
        let purpose = Purpose::Verify(UnknownOutcome { secret, before });
        self.send(command, Body::Data(entered.bytes()), purpose, 0)
    }

    fn take_part(&mut self, answer: Answer) -> Result<Option<Exchange>, Error> {
        let command = answer.name;
        let refused = answer.refused();
        let wrong = |kind| Error::Answer { command, kind };
        let Answer {
            purpose: Purpose::Read(mut part),
            most,
            data,
            status,
            ..
        } = answer
        else {
            return Err(refused);
        };
        let [high, low] = status.number().to_be_bytes();
        let ended = match (high, low) {
            (0x90, 0x00) => false,
            // The end of the file, before all that was asked for.
            (0x62, 0x82) => true,
            // The right length, once.
            (0x6C, length) => {
                let length = if length == 0 { 256 } else { usize::from(length) };
                if part.corrected || length > most {
                    return Err(wrong(AnswerError::WrongLength));
                }
                part.corrected = true;
                return self.read(part, length).map(Some);
            }
            (0x6B, 0x00) if part.total.is_some() => true,
            _ => return Err(refused),
        };
        part.corrected = false;
        if part.content.is_empty() {
            part.content = data.clone();
        } else {
            part.content.extend_from_slice(&data);
        }
        let total = match (part.total, part.file.extent()) {
            (Some(total), _) | (None, Extent::Bytes(total)) => total,
            (None, Extent::Object) => {
                let header = Header::parse(&part.content)
                    .map_err(|error| wrong(AnswerError::NotAnObject(error.kind())))?;
                header.header_len().saturating_add(header.value_len())
            }
        };
        part.total = Some(total);
        let found = part.content.len();
        if found >= total {
            // Of a very short object, the first read brought filler too.
            part.content.truncate(total);
            self.collected.files.push((part.file, part.content));
            return Ok(None);
        }
        if total > MAX_FILE_LEN {
            return Err(wrong(AnswerError::FileTooLong { declared: total }));
        }
        if ended || data.is_empty() {
            let declared = total;
            return Err(wrong(AnswerError::FileTruncated { declared, found }));
        }
        if part.content.capacity() < total {
            // All of the room at once: growing would leave copies behind that nothing wipes.
            let mut content = Content::new(Vec::with_capacity(total));
            content.extend_from_slice(&part.content);
            part.content = content;
        }
        let length = total.saturating_sub(found).min(self.longest_read);
        self.read(part, length).map(Some)
    }
}

/// What the card made of the secret. Only what says that it was not compared ends in [`Error::Refused`], after which it may be
/// sent again: wrong lengths, classes, conditions and parameters (ISO/IEC 7816-4, tables 5 and 6).
fn after_verify(outcome: UnknownOutcome, answer: &Answer) -> Result<(), Error> {
    let secret = outcome.secret;
    match answer.status.number() {
        0x9000 => Ok(()),
        0x63C0 | 0x6983 | 0x6984 => Err(Error::Blocked(secret)),
        0x6300..=0x63FF => Err(Error::WrongSecret {
            secret,
            tries: Tries::from_status(answer.status),
        }),
        0x6700 | 0x6881..=0x6884 | 0x6982 | 0x6985..=0x6988 | 0x6A80..=0x6A88 | 0x6B00 | 0x6D00 | 0x6E00 => {
            Err(answer.refused())
        }
        _ => Err(Error::OutcomeUnknown(outcome)),
    }
}
