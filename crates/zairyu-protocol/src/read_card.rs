//! The reading of a whole card, as a machine of consumed states.

use alloc::{boxed::Box, collections::VecDeque, vec::Vec};
use core::fmt;

use bytes::Bytes;
use zairyu_data::{
    Access, CardFiles, CardNumber, CardType, ErrorKind as DataErrorKind, File, FileEntry, Folder, Generation,
    SecureMessagingProfile,
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    apdu::{self, CommandName, Framing, Response, Selectable, Start, StatusWord},
    error::{AnswerError, Error},
    session::{self, Decryptor, MutualAuthentication, ReaderRandom, SecureMessaging, Suite},
    specified::{self, DeliveryRandomness, SpecifiedAccess, SpecifiedMessaging},
};

/// The longest command that is sent: MUTUAL AUTHENTICATE.
const LONGEST_COMMAND: usize = 46;

/// The shortest responses that are worth reading with: 119 plain bytes a read.
const SHORTEST_RESPONSE: usize = 128;

/// The longest response to a short command: 256 bytes and the status word.
const SHORT_RESPONSE: usize = 258;

/// How many bytes a file may have beyond its capacity: lengths written longer than need be, two bytes for each object.
const LENGTH_FORM_SLACK: usize = 20;

/// The files under the MF are read before their size is known; no card's is longer than this.
const FREE_FILE_MAX: usize = 256;

/// The most READ BINARY commands for one file: the longest file in the shortest pieces takes 59.
const MAX_READS_PER_FILE: usize = 64;

/// How many bytes one exchange can carry, whole APDUs counted: what the reader says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// The longest command APDU in bytes.
    pub command: usize,
    /// The longest response APDU in bytes, status word included.
    pub response: usize,
}

/// 48 bytes from a cryptographic random source, fresh for each reading and wiped when dropped.
///
/// The first half goes into the first mutual authentication. The second half is used only if the reading has to
/// start again with short commands.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Randomness([u8; Self::LEN]);

impl Randomness {
    /// How many bytes it takes.
    pub const LEN: usize = 48;

    /// Takes the bytes over. Whoever can guess them can read along.
    #[must_use]
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The random numbers of the first or of the second authentication.
    fn reader_random(&self, restarted: bool) -> ReaderRandom {
        let mut random = ReaderRandom {
            challenge: [0; 8],
            key_part: [0; 16],
        };
        let bytes = self.0.iter().skip(if restarted { Self::LEN / 2 } else { 0 });
        random
            .challenge
            .iter_mut()
            .chain(&mut random.key_part)
            .zip(bytes)
            .for_each(|(to, from)| *to = *from);
        random
    }
}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Randomness(..)")
    }
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// File bytes read so far, those under the MF not counted.
    pub bytes_done: usize,
    /// File bytes to read in all; 0 until the card's type is known.
    pub bytes_total: usize,
}

/// The phases of a reading, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Finding out what card it is.
    Recognise,
    /// Proving to the card that its number is known.
    Authenticate,
    /// Reading a file.
    Read(File),
}

/// What a response leads to.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "moved once an exchange, which takes milliseconds"
)]
pub enum Step {
    /// There is another command to send.
    Continue(ReadCard),
    /// Everything on the card was read.
    Done(CardFiles),
}

/// One reading of one card: [`command`](Self::command) to the card, its response to
/// [`receive`](Self::receive), until [`Step::Done`].
pub struct ReadCard {
    job: Job,
    state: State,
    command: Vec<u8>,
}

impl ReadCard {
    /// Starts a reading of the card that has this number. The card is expected as it is after power-up.
    ///
    /// # Errors
    ///
    /// [`Error::LimitsTooSmall`] when commands cannot have 46 bytes or responses 128.
    pub fn new(number: CardNumber, randomness: Randomness, limits: MessageLimits) -> Result<Self, Error> {
        if limits.command < LONGEST_COMMAND || limits.response < SHORTEST_RESPONSE {
            return Err(Error::LimitsTooSmall);
        }
        let framing = if limits.response > SHORT_RESPONSE {
            Framing::Extended
        } else {
            Framing::Short
        };
        let job = Job {
            number,
            randomness,
            limits,
            framing,
            restarted: false,
            deliveries: 0,
            specified: None,
        };
        Ok(Self::waiting(
            job,
            State::CommonData(ExpectCommonData {
                master_file_selected: false,
            }),
        ))
    }

    /// Lets the machine also read specified cards (07, 08), in the way that the caller's profile says. To be called before
    /// the first command.
    ///
    /// No profile is confirmed for real cards. Without one they are recognised and told ([`Error::SpecifiedCard`]).
    #[must_use]
    pub fn with_specified_access(mut self, access: SpecifiedAccess, randomness: DeliveryRandomness) -> Self {
        self.job.specified = Some(Box::new((access, randomness)));
        self
    }

    fn waiting(job: Job, state: State) -> Self {
        let command = state.command(&job);
        Self { job, state, command }
    }

    /// The command APDU to send now.
    #[must_use]
    pub fn command(&self) -> &[u8] {
        &self.command
    }

    /// The command, and what can be done while the card is at work on it, if there is anything.
    pub fn command_and_unopened(&mut self) -> (&[u8], Option<&mut Unopened>) {
        let unopened = self.state.reading().map(|reading| &mut reading.unopened);
        (&self.command, unopened.filter(|unopened| !unopened.is_empty()))
    }

    /// What that command is for.
    #[must_use]
    pub fn command_name(&self) -> CommandName {
        self.state.name()
    }

    /// Takes the card's response APDU, status word included.
    ///
    /// # Errors
    ///
    /// [`Error`]: the reading is over. Another try starts with a new `ReadCard`, on a card that was reset.
    pub fn receive(self, response: &[u8]) -> Result<Step, Error> {
        let Self { mut job, state, .. } = self;
        Ok(match state.receive(&mut job, response)? {
            Next::State(state) => Step::Continue(Self::waiting(job, state)),
            Next::Done(files) => Step::Done(files),
        })
    }

    /// Tells the machine that the reader could not carry the last command or its response, the card still being
    /// there, and as it is after power-up.
    ///
    /// If that may be because the command had extended length, the machine that comes back begins again with short
    /// commands; this happens at most once in a reading. `None` means that the failure is final.
    #[must_use]
    pub fn undelivered(self) -> Option<Self> {
        let Self { mut job, state, .. } = self;
        let extended = job.framing == Framing::Extended && matches!(state.name(), CommandName::ReadBinary(_));
        extended.then(|| {
            let state = job.start_again_short();
            Self::waiting(job, state)
        })
    }

    /// The session of the mutual authentication whose answer is waited for.
    pub(crate) const fn authentication(&self) -> Option<&MutualAuthentication> {
        match &self.state {
            State::MutualAuthentication(state) => Some(&state.authentication),
            _ => None,
        }
    }

    /// The session under which the file that is waited for will be read, if it is read under secure messaging.
    pub(crate) fn messaging(&self) -> Option<&SecureMessaging> {
        match &self.state {
            State::File(state) if state.is_secured() => match &state.reading.messaging {
                Messaging::Generation(messaging) => Some(messaging),
                Messaging::Specified(_) => None,
            },
            _ => None,
        }
    }

    /// What has been read of the file that is waited for.
    pub(crate) fn content(&self) -> &[u8] {
        match &self.state {
            State::File(state) => &state.content,
            _ => &[],
        }
    }

    /// How far the reading is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.state.progress(&self.job)
    }
}

/// Shows which command is waited for: keys, number and contents are secret.
impl fmt::Debug for ReadCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadCard({})", self.state.name())
    }
}

/// What stays the same while states change.
struct Job {
    number: CardNumber,
    randomness: Randomness,
    limits: MessageLimits,
    framing: Framing,
    restarted: bool,
    /// How many session keys were sent to the card.
    deliveries: usize,
    specified: Option<Box<(SpecifiedAccess, DeliveryRandomness)>>,
}

impl Job {
    /// The specification demands that a failed sequence is repeated from its very beginning (§3.5.1).
    fn start_again_short(&mut self) -> State {
        self.framing = Framing::Short;
        self.restarted = true;
        State::CommonData(ExpectCommonData {
            master_file_selected: false,
        })
    }

    /// The most plain bytes that one READ BINARY may bring. Short reads are of one size, secured or not.
    fn most_plain_bytes(&self, entry: &FileEntry, messaging: &Messaging) -> usize {
        match (self.framing, entry.access) {
            (Framing::Short, _) => messaging.most_plain_bytes(self.limits.response.min(SHORT_RESPONSE)),
            (Framing::Extended, Access::CardNumberAndSecureMessaging) => {
                messaging.most_plain_bytes(self.limits.response)
            }
            (Framing::Extended, _) => self.limits.response.saturating_sub(2),
        }
    }

    fn profile(&self) -> Option<&SecureMessagingProfile> {
        self.specified.as_ref().map(|specified| &specified.0.profile)
    }

    /// The card's files but for those that need no authentication.
    fn files_to_read(&self, card_type: CardType) -> Vec<FileEntry> {
        let of_profile = self.profile().map_or(&[][..], |profile| profile.files(card_type));
        let files = card_type.files().iter().chain(of_profile);
        files
            .filter(|entry| entry.folder != Folder::Mf)
            .copied()
            .collect()
    }

    fn bytes_to_read(&self, card_type: CardType) -> usize {
        self.files_to_read(card_type)
            .iter()
            .map(|entry| entry.capacity)
            .sum()
    }

    /// A plain read of a whole file under the MF, by its short identifier.
    fn read_free_file(&self, sfi: u8) -> Vec<u8> {
        let length = match self.framing {
            Framing::Extended => None,
            Framing::Short => Some(256),
        };
        apdu::read_binary_plain(self.framing, Start::File(sfi), length)
    }
}

enum Next {
    State(State),
    Done(CardFiles),
}

/// What the machine waits for. Each state consumes itself when the answer comes.
enum State {
    CommonData(ExpectCommonData),
    MasterFile(ExpectMasterFile),
    ResidenceApplication(ExpectResidenceApplication),
    SpecifiedCommonData(ExpectSpecifiedCommonData),
    SpecifiedType(ExpectSpecifiedType),
    SessionKey(ExpectSessionKey),
    CardType(ExpectCardType),
    Challenge(ExpectChallenge),
    MutualAuthentication(ExpectMutualAuthentication),
    Verification(ExpectVerification),
    Folder(ExpectFolder),
    File(ExpectFile),
}

macro_rules! for_each_state {
    ($state:expr, $inner:ident => $result:expr) => {
        match $state {
            State::CommonData($inner) => $result,
            State::MasterFile($inner) => $result,
            State::ResidenceApplication($inner) => $result,
            State::SpecifiedCommonData($inner) => $result,
            State::SpecifiedType($inner) => $result,
            State::SessionKey($inner) => $result,
            State::CardType($inner) => $result,
            State::Challenge($inner) => $result,
            State::MutualAuthentication($inner) => $result,
            State::Verification($inner) => $result,
            State::Folder($inner) => $result,
            State::File($inner) => $result,
        }
    };
}

impl State {
    fn name(&self) -> CommandName {
        for_each_state!(self, state => state.name())
    }

    fn command(&self, job: &Job) -> Vec<u8> {
        for_each_state!(self, state => state.command(job))
    }

    fn receive(self, job: &mut Job, response: &[u8]) -> Result<Next, Error> {
        let response = Response::parse(self.name(), response)?;
        for_each_state!(self, state => state.receive(job, response))
    }

    fn progress(&self, job: &Job) -> Progress {
        for_each_state!(self, state => state.progress(job))
    }

    fn reading(&mut self) -> Option<&mut Reading> {
        match self {
            Self::Folder(state) => Some(&mut state.reading),
            Self::File(state) => Some(&mut state.reading),
            _ => None,
        }
    }
}

trait Expect: Sized {
    fn name(&self) -> CommandName;

    fn command(&self, job: &Job) -> Vec<u8>;

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error>;

    fn progress(&self, _job: &Job) -> Progress {
        Progress {
            phase: Phase::Recognise,
            bytes_done: 0,
            bytes_total: 0,
        }
    }
}

/// The short identifiers of the files under the MF, the same on every generation. The order is reversed.
const COMMON_DATA: u8 = 0x0B;
const CARD_TYPE: u8 = 0x0A;

/// The first command: it also finds out whether reader and card take extended length.
struct ExpectCommonData {
    master_file_selected: bool,
}

impl Expect for ExpectCommonData {
    fn name(&self) -> CommandName {
        CommandName::ReadBinary(File::CommonData)
    }

    fn command(&self, job: &Job) -> Vec<u8> {
        job.read_free_file(COMMON_DATA)
    }

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let is_read = matches!(response.status, StatusWord::OK | StatusWord::END_OF_FILE);
        if is_read && !response.data.is_empty() {
            let common_data = free_file(self.name(), response.data)?;
            return Ok(Next::State(State::CardType(ExpectCardType { common_data })));
        }
        let may_be_length = response.status == StatusWord::WRONG_LENGTH || self.master_file_selected;
        Ok(Next::State(
            if job.framing == Framing::Extended && may_be_length {
                job.framing = Framing::Short;
                State::CommonData(self)
            } else if self.master_file_selected {
                State::ResidenceApplication(ExpectResidenceApplication)
            } else {
                // Another program, or a phone's system, may have selected an application before.
                State::MasterFile(ExpectMasterFile)
            },
        ))
    }
}

fn free_file(command: CommandName, data: &[u8]) -> Result<Bytes, Error> {
    if data.len() > FREE_FILE_MAX {
        let kind = AnswerError::TooLong {
            allowed: FREE_FILE_MAX,
            found: data.len(),
        };
        return Err(Error::Answer { command, kind });
    }
    Ok(Bytes::copy_from_slice(data))
}

struct ExpectMasterFile;

impl Expect for ExpectMasterFile {
    fn name(&self) -> CommandName {
        CommandName::SelectMasterFile
    }

    fn command(&self, _job: &Job) -> Vec<u8> {
        apdu::select_master_file()
    }

    fn receive(self, _job: &mut Job, _response: Response<'_>) -> Result<Next, Error> {
        // Whether it helped, the next read tells.
        Ok(Next::State(State::CommonData(ExpectCommonData {
            master_file_selected: true,
        })))
    }
}

/// The card has no residence card's files under its MF: does it have the application of a specified card?
struct ExpectResidenceApplication;

impl Expect for ExpectResidenceApplication {
    fn name(&self) -> CommandName {
        CommandName::SelectResidenceApplication
    }

    fn command(&self, _job: &Job) -> Vec<u8> {
        apdu::select(Selectable::ResidenceApplication)
    }

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        match response.status {
            StatusWord::OK if job.specified.is_some() => {
                Ok(Next::State(State::SpecifiedCommonData(ExpectSpecifiedCommonData)))
            }
            StatusWord::OK => Ok(Next::State(State::SpecifiedType(ExpectSpecifiedType {
                common_data: None,
            }))),
            StatusWord::FILE_NOT_FOUND => Err(Error::NoResidenceApplication),
            _ => Err(Error::NotAResidenceCard),
        }
    }
}

/// The card is a specified one and shall be read. Selecting its application again would end the session: what lies beside
/// the folders is read before there is one.
struct ExpectSpecifiedCommonData;

impl Expect for ExpectSpecifiedCommonData {
    fn name(&self) -> CommandName {
        CommandName::ReadBinary(File::CommonData)
    }

    fn command(&self, job: &Job) -> Vec<u8> {
        job.read_free_file(
            job.profile()
                .map_or(COMMON_DATA, |profile| profile.common_data_sfi),
        )
    }

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        if response.status == StatusWord::WRONG_LENGTH && job.framing == Framing::Extended {
            job.framing = Framing::Short;
            return Ok(Next::State(State::SpecifiedCommonData(self)));
        }
        let data = match response.status {
            StatusWord::END_OF_FILE => response.data,
            _ => response.accepted(command)?,
        };
        let common_data = Some(free_file(command, data)?);
        Ok(Next::State(State::SpecifiedType(ExpectSpecifiedType {
            common_data,
        })))
    }
}

/// The card is a specified one: which of the two types?
struct ExpectSpecifiedType {
    /// `None` when the card is only to be told.
    common_data: Option<Bytes>,
}

impl Expect for ExpectSpecifiedType {
    fn name(&self) -> CommandName {
        CommandName::ReadBinary(File::CardType)
    }

    fn command(&self, job: &Job) -> Vec<u8> {
        job.read_free_file(job.profile().map_or(CARD_TYPE, |profile| profile.card_type_sfi))
    }

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        let is_read = matches!(response.status, StatusWord::OK | StatusWord::END_OF_FILE);
        let card_type = CardType::from_file(response.data).ok().filter(|_| is_read);
        let (Some(common_data), Some(_)) = (self.common_data, &job.specified) else {
            return Err(Error::SpecifiedCard { card_type });
        };
        let data = match response.status {
            StatusWord::END_OF_FILE => response.data,
            _ => response.accepted(command)?,
        };
        let content = free_file(command, data)?;
        let kind = AnswerError::NotAsSpecified;
        let card_type = card_type.filter(|card_type| card_type.generation() == Generation::Specified);
        let card_type = card_type.ok_or(Error::Answer { command, kind })?;
        let mut files = CardFiles::new(card_type);
        files.insert(File::CommonData, common_data);
        files.insert(File::CardType, content);
        ExpectSessionKey::deliver(job, BeforeSession::new(job, files))
    }
}

/// What is read and what is not, on a card that wants a session before it goes on.
struct BeforeSession {
    files: CardFiles,
    /// Still to read, the next one last.
    left: Vec<FileEntry>,
    /// The folder that is current.
    folder: Folder,
}

impl BeforeSession {
    fn new(job: &Job, files: CardFiles) -> Self {
        let mut left = job.files_to_read(files.card_type());
        left.reverse();
        Self {
            files,
            left,
            folder: Folder::Mf,
        }
    }

    fn progress(&self, job: &Job) -> Progress {
        let bytes_total = job.bytes_to_read(self.files.card_type());
        let left = self.left.iter().map(|entry| entry.capacity).sum();
        Progress {
            phase: Phase::Authenticate,
            bytes_done: bytes_total.saturating_sub(left),
            bytes_total,
        }
    }
}

/// The session key is on its way.
struct ExpectSessionKey {
    before: BeforeSession,
    messaging: Box<SpecifiedMessaging>,
    /// What is waited for, last; before it what is still to send.
    commands: Vec<Vec<u8>>,
}

impl ExpectSessionKey {
    fn deliver(job: &mut Job, before: BeforeSession) -> Result<Next, Error> {
        let Some(specified) = &job.specified else {
            return Err(Error::UnusableDeliveryKey);
        };
        let (access, randomness) = &**specified;
        let delivered = specified::deliver(access, randomness, job.deliveries);
        let (messaging, mut commands) = delivered.ok_or(Error::UnusableDeliveryKey)?;
        job.deliveries = job.deliveries.saturating_add(1);
        let mut lengths = commands.iter().map(Vec::len);
        if let Some(length) = lengths.find(|&length| length > job.limits.command) {
            let command = CommandName::SetSessionKey;
            return Err(Error::CommandTooLong { command, length });
        }
        commands.reverse();
        Ok(Next::State(State::SessionKey(Self {
            before,
            messaging,
            commands,
        })))
    }
}

impl Expect for ExpectSessionKey {
    fn name(&self) -> CommandName {
        CommandName::SetSessionKey
    }

    fn command(&self, _job: &Job) -> Vec<u8> {
        self.commands.last().cloned().unwrap_or_default()
    }

    fn progress(&self, job: &Job) -> Progress {
        self.before.progress(job)
    }

    fn receive(mut self, _job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        if response.status != StatusWord::OK {
            return Err(Error::KeyDelivery {
                status: response.status,
            });
        }
        response.accepted_without_data(self.name())?;
        self.commands.pop();
        Ok(Next::State(if self.commands.is_empty() {
            State::Verification(ExpectVerification {
                before: self.before,
                messaging: Messaging::Specified(self.messaging),
            })
        } else {
            State::SessionKey(self)
        }))
    }
}

struct ExpectCardType {
    common_data: Bytes,
}

impl Expect for ExpectCardType {
    fn name(&self) -> CommandName {
        CommandName::ReadBinary(File::CardType)
    }

    fn command(&self, job: &Job) -> Vec<u8> {
        job.read_free_file(CARD_TYPE)
    }

    /// Nothing that belongs to one generation is sent before the type is known.
    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        if response.status == StatusWord::FILE_NOT_FOUND {
            return Err(Error::NotAResidenceCard);
        }
        let data = match response.status {
            StatusWord::END_OF_FILE => response.data,
            _ => response.accepted(command)?,
        };
        let content = free_file(command, data)?;
        let card_type = CardType::from_file(&content).map_err(|error| match error.kind() {
            DataErrorKind::UnknownCardType => Error::UnknownCardType,
            // Driving licences have other data in files of these identifiers.
            _ if content.first() != Some(&0xC1) => Error::NotAResidenceCard,
            _ => Error::Answer {
                command,
                kind: AnswerError::NotAsSpecified,
            },
        })?;
        let suite = match card_type.generation() {
            Generation::First => Suite::TripleDes,
            Generation::Second => Suite::Aes,
            // Its application is selected already; only selecting it again gives a state that is known.
            Generation::Specified if job.specified.is_some() => {
                return Ok(Next::State(State::ResidenceApplication(
                    ExpectResidenceApplication,
                )));
            }
            Generation::Specified => {
                return Err(Error::SpecifiedCard {
                    card_type: Some(card_type),
                });
            }
        };
        let mut files = CardFiles::new(card_type);
        files.insert(File::CommonData, self.common_data);
        files.insert(File::CardType, content);
        Ok(Next::State(State::Challenge(ExpectChallenge { files, suite })))
    }
}

fn authenticating(job: &Job, card_type: CardType) -> Progress {
    Progress {
        phase: Phase::Authenticate,
        bytes_done: 0,
        bytes_total: job.bytes_to_read(card_type),
    }
}

struct ExpectChallenge {
    files: CardFiles,
    suite: Suite,
}

impl Expect for ExpectChallenge {
    fn name(&self) -> CommandName {
        CommandName::GetChallenge
    }

    fn command(&self, _job: &Job) -> Vec<u8> {
        apdu::get_challenge()
    }

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        let data = response.accepted(command)?;
        let challenge = data.try_into().map_err(|_| Error::Answer {
            command,
            kind: AnswerError::WrongLength {
                expected: 8,
                found: data.len(),
            },
        })?;
        let random = job.randomness.reader_random(job.restarted);
        let authentication = MutualAuthentication::new(self.suite, &job.number, random, challenge);
        Ok(Next::State(State::MutualAuthentication(
            ExpectMutualAuthentication {
                files: self.files,
                authentication,
            },
        )))
    }

    fn progress(&self, job: &Job) -> Progress {
        authenticating(job, self.files.card_type())
    }
}

struct ExpectMutualAuthentication {
    files: CardFiles,
    authentication: MutualAuthentication,
}

impl Expect for ExpectMutualAuthentication {
    fn name(&self) -> CommandName {
        CommandName::MutualAuthenticate
    }

    fn command(&self, _job: &Job) -> Vec<u8> {
        apdu::mutual_authenticate(&self.authentication.token())
    }

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        response.refuses_number(command)?;
        let answer = response.accepted(command)?;
        let messaging = self
            .authentication
            .finish(answer)
            .map_err(|kind| Error::Answer { command, kind })?;
        Ok(Next::State(State::Verification(ExpectVerification {
            before: BeforeSession::new(job, self.files),
            messaging: Messaging::Generation(messaging),
        })))
    }

    fn progress(&self, job: &Job) -> Progress {
        authenticating(job, self.files.card_type())
    }
}

struct ExpectVerification {
    before: BeforeSession,
    messaging: Messaging,
}

impl Expect for ExpectVerification {
    fn name(&self) -> CommandName {
        CommandName::Verify
    }

    fn command(&self, job: &Job) -> Vec<u8> {
        match &self.messaging {
            Messaging::Generation(messaging) => apdu::verify(&messaging.card_number_cryptogram(&job.number)),
            Messaging::Specified(messaging) => messaging.verify(&job.number),
        }
    }

    fn receive(self, _job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        response.refuses_number(command)?;
        let mut messaging = self.messaging;
        match &mut messaging {
            Messaging::Generation(_) => response.accepted_without_data(command)?,
            Messaging::Specified(messaging) => messaging.accept_without_data(command, response)?,
        }
        let BeforeSession { files, left, folder } = self.before;
        Reading {
            files,
            messaging,
            left,
            unopened: Unopened::default(),
        }
        .next(folder)
    }

    fn progress(&self, job: &Job) -> Progress {
        self.before.progress(job)
    }
}

/// The two ways of secure messaging.
enum Messaging {
    /// Of the two generations.
    Generation(SecureMessaging),
    /// Of a specified card.
    Specified(Box<SpecifiedMessaging>),
}

impl Messaging {
    fn most_plain_bytes(&self, response_len: usize) -> usize {
        match self {
            Self::Generation(messaging) => SecureMessaging::most_plain_bytes(messaging.suite(), response_len),
            Self::Specified(messaging) => messaging.most_plain_bytes(response_len),
        }
    }
}

/// The card is open; these files are still to read, the next one last.
struct Reading {
    files: CardFiles,
    messaging: Messaging,
    left: Vec<FileEntry>,
    unopened: Unopened,
}

/// Answers with whole files that are not decrypted yet: that can be done while the card is at work on further commands
/// ([`ReadCard::command_and_unopened`]), and need not be: what is left is decrypted after the last one. It cannot fail.
#[derive(Default)]
pub struct Unopened {
    waiting: VecDeque<Answer>,
    opened: Vec<(File, Zeroizing<Vec<u8>>)>,
}

struct Answer {
    file: File,
    /// In a box: a value that is moved leaves its keys behind.
    decryptor: Box<Decryptor>,
    /// The cryptogram, decrypted from its beginning.
    content: Zeroizing<Vec<u8>>,
    /// How much of it is decrypted.
    done: usize,
    /// How much of it is no padding.
    content_len: usize,
}

impl Unopened {
    /// Decrypts some more, 512 bytes at most, and says whether anything is left.
    pub fn open_some(&mut self) -> bool {
        if let Some(mut answer) = self.waiting.pop_front() {
            if answer.open_some() {
                self.waiting.push_front(answer);
            } else {
                answer.content.truncate(answer.content_len);
                self.opened.push((answer.file, answer.content));
            }
        }
        !self.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Answer {
    fn open_some(&mut self) -> bool {
        const PIECE: usize = 512;
        let end = self.done.saturating_add(PIECE).min(self.content.len());
        if let Some(piece) = self.content.get_mut(self.done..end) {
            self.decryptor.decrypt(piece);
        }
        self.done = end;
        end < self.content.len()
    }
}

/// Shows neither key nor content.
impl fmt::Debug for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.waiting.iter().map(|answer| answer.file.name());
        f.write_str("Unopened")?;
        f.debug_list().entries(files).finish()
    }
}

impl Reading {
    /// Goes on to the next file, or to its folder if another one is current.
    fn next(mut self, current: Folder) -> Result<Next, Error> {
        let Some(entry) = self.left.pop() else {
            while self.unopened.open_some() {}
            for (file, content) in self.unopened.opened {
                self.files.insert(file, Bytes::from_owner(content));
            }
            return Ok(Next::Done(self.files));
        };
        Ok(Next::State(if entry.folder == current {
            State::File(ExpectFile {
                reading: self,
                content: room_for(&entry),
                entry,
                reads: 1,
            })
        } else {
            State::Folder(ExpectFolder { reading: self, entry })
        }))
    }

    fn progress(&self, job: &Job, entry: &FileEntry, content: usize) -> Progress {
        let bytes_total = job.bytes_to_read(self.files.card_type());
        let left: usize = self.left.iter().map(|entry| entry.capacity).sum();
        let bytes_done = bytes_total
            .saturating_sub(left)
            .saturating_sub(entry.capacity.saturating_sub(content));
        Progress {
            phase: Phase::Read(entry.file),
            bytes_done,
            bytes_total,
        }
    }
}

struct ExpectFolder {
    reading: Reading,
    entry: FileEntry,
}

impl Expect for ExpectFolder {
    fn name(&self) -> CommandName {
        CommandName::Select(self.entry.folder)
    }

    fn command(&self, _job: &Job) -> Vec<u8> {
        match (Selectable::of(self.entry.folder), &self.reading.messaging) {
            (None, _) => apdu::select_master_file(),
            (Some(folder), Messaging::Specified(messaging)) => messaging.select(folder),
            (Some(folder), Messaging::Generation(_)) => apdu::select(folder),
        }
    }

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        let Self { mut reading, entry } = self;
        match &mut reading.messaging {
            Messaging::Specified(messaging) if messaging.ends_with_folder() => {
                response.accepted(command)?;
                let mut left = reading.left;
                left.push(entry);
                return ExpectSessionKey::deliver(
                    job,
                    BeforeSession {
                        files: reading.files,
                        left,
                        folder: entry.folder,
                    },
                );
            }
            Messaging::Specified(messaging) if messaging.secures_select() => {
                messaging.accept_without_data(command, response)?;
            }
            Messaging::Specified(messaging) => {
                messaging.answered(false, response.status);
                response.accepted(command)?;
            }
            Messaging::Generation(_) => {
                response.accepted(command)?;
            }
        }
        Ok(Next::State(State::File(ExpectFile {
            reading,
            content: room_for(&entry),
            entry,
            reads: 1,
        })))
    }

    fn progress(&self, job: &Job) -> Progress {
        self.reading.progress(job, &self.entry, 0)
    }
}

struct ExpectFile {
    reading: Reading,
    entry: FileEntry,
    content: Zeroizing<Vec<u8>>,
    reads: usize,
}

/// A place for a file's content that need not grow: growing leaves copies behind that nothing wipes. It is wiped itself
/// when the last [`Bytes`] of it is dropped.
fn room_for(entry: &FileEntry) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(
        entry.capacity.saturating_add(LENGTH_FORM_SLACK),
    ))
}

impl ExpectFile {
    /// How many bytes the next read asks for; `None` is the whole file.
    fn length(&self, job: &Job) -> Option<u16> {
        let left = self.entry.capacity.saturating_sub(self.content.len());
        let most = job.most_plain_bytes(&self.entry, &self.reading.messaging);
        if job.framing == Framing::Extended && self.content.is_empty() && most >= left {
            return None;
        }
        Some(u16::try_from(left.min(most)).unwrap_or(u16::MAX))
    }

    fn is_secured(&self) -> bool {
        self.entry.access == Access::CardNumberAndSecureMessaging
    }

    /// Takes one answer in: the file is complete, or the next read follows.
    fn take(mut self, job: &Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        let answer_error = |kind| Error::Answer { command, kind };
        let first = self.content.is_empty();
        let secured = self.is_secured();
        let opened = match &mut self.reading.messaging {
            Messaging::Specified(messaging) => {
                let is_read = matches!(response.status, StatusWord::OK | StatusWord::END_OF_FILE);
                let opened = (secured && is_read)
                    .then(|| messaging.open(&response))
                    .transpose();
                messaging.answered(secured, response.status);
                opened.map_err(answer_error)?.map(Zeroizing::new)
            }
            Messaging::Generation(_) => None,
        };
        match response.status {
            StatusWord::OK | StatusWord::END_OF_FILE => {}
            // A file that this card does not have: the photo of a child, the signature of a child's card.
            StatusWord::FILE_NOT_FOUND if first => return self.reading.next(self.entry.folder),
            StatusWord::OFFSET_OUTSIDE_FILE if !first => return self.finish(),
            status => return Err(Error::Refused { command, status }),
        }
        let found = match (&self.reading.messaging, &opened) {
            (Messaging::Generation(messaging), _) if secured => {
                messaging.plain_len(response.data).map_err(answer_error)?
            }
            (_, Some(opened)) => opened.len(),
            _ => response.data.len(),
        };
        let whole_file = self.entry.capacity.saturating_add(LENGTH_FORM_SLACK);
        let allowed = self.length(job).map_or(whole_file, usize::from);
        if found > allowed {
            return Err(answer_error(AnswerError::TooLong { allowed, found }));
        }
        if found == 0 && first {
            return Err(answer_error(AnswerError::WrongLength {
                expected: allowed,
                found,
            }));
        }
        let complete = self.content.len().saturating_add(found) >= self.entry.capacity;
        let complete = complete || found == 0 || response.status == StatusWord::END_OF_FILE;
        match (&self.reading.messaging, opened) {
            (Messaging::Generation(messaging), _) if secured => {
                if complete && first && !self.reading.left.is_empty() {
                    let cryptogram =
                        session::cryptogram(response.data).ok_or(answer_error(AnswerError::NotSecured))?;
                    let decryptor = messaging.decryptor();
                    return self.finish_later(decryptor, cryptogram, found);
                }
                let plain = messaging.open(response.data).map_err(answer_error)?;
                self.content.extend_from_slice(&Zeroizing::new(plain));
            }
            (_, Some(opened)) => self.content.extend_from_slice(&opened),
            _ => self.content.extend_from_slice(response.data),
        }
        if complete {
            return self.finish();
        }
        if self.reads >= MAX_READS_PER_FILE {
            return Err(answer_error(AnswerError::TooManyReads));
        }
        self.reads = self.reads.saturating_add(1);
        Ok(Next::State(State::File(self)))
    }

    /// Goes on at once; the file is opened while the card is at work on the next ones. Its end was decrypted before, so it
    /// is known to open.
    fn finish_later(
        self,
        decryptor: Decryptor,
        cryptogram: &[u8],
        content_len: usize,
    ) -> Result<Next, Error> {
        let Self {
            mut reading, entry, ..
        } = self;
        reading.unopened.waiting.push_back(Answer {
            file: entry.file,
            decryptor: Box::new(decryptor),
            content: Zeroizing::new(cryptogram.to_vec()),
            done: 0,
            content_len,
        });
        reading.next(entry.folder)
    }

    fn finish(self) -> Result<Next, Error> {
        let Self {
            mut reading,
            entry,
            content,
            ..
        } = self;
        reading.files.insert(entry.file, Bytes::from_owner(content));
        reading.next(entry.folder)
    }
}

impl Expect for ExpectFile {
    fn name(&self) -> CommandName {
        CommandName::ReadBinary(self.entry.file)
    }

    fn command(&self, job: &Job) -> Vec<u8> {
        // A successful read by short identifier makes the file current; offsets count plain bytes.
        let start = match u16::try_from(self.content.len()) {
            Ok(0) | Err(_) => Start::File(self.entry.sfi),
            Ok(offset) => Start::Offset(offset),
        };
        let (framing, length) = (job.framing, self.length(job));
        match &self.reading.messaging {
            _ if !self.is_secured() => apdu::read_binary_plain(framing, start, length),
            Messaging::Generation(_) => apdu::read_binary_secured(framing, start, length),
            Messaging::Specified(messaging) => messaging.read_binary(framing, start, length),
        }
    }

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        match self.take(job, response) {
            // Cards and readers that take extended length at first fail at it later in many ways: they refuse it under
            // secure messaging, or cut long answers and say nothing.
            Err(_) if job.framing == Framing::Extended => Ok(Next::State(job.start_again_short())),
            result => result,
        }
    }

    fn progress(&self, job: &Job) -> Progress {
        self.reading.progress(job, &self.entry, self.content.len())
    }
}
