//! The reading of a whole card, as a machine of consumed states.

use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use zairyu_data::{
    Access, CardFiles, CardNumber, CardType, ErrorKind as DataErrorKind, File, FileEntry, Folder, Generation,
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    apdu::{self, CommandName, Framing, Response, Start, StatusWord},
    error::{AnswerError, Error},
    session::{MutualAuthentication, ReaderRandom, SecureMessaging, Suite},
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
        };
        Ok(Self::waiting(
            job,
            State::CommonData(ExpectCommonData {
                master_file_selected: false,
            }),
        ))
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

    /// The command, and what can be done while the card is at work on it.
    pub fn command_and_unopened(&mut self) -> (&[u8], Option<&mut Unopened>) {
        let unopened = self.state.reading().and_then(|reading| reading.unopened.as_mut());
        (&self.command, unopened)
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
        let Self {
            mut job, mut state, ..
        } = self;
        if let Some(reading) = state.reading() {
            reading.settle();
        }
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
            State::File(state) if state.is_secured() => Some(&state.reading.messaging),
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
        self.state.progress()
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
    fn most_plain_bytes(&self, entry: &FileEntry, suite: Suite) -> usize {
        match (self.framing, entry.access) {
            (Framing::Short, _) => {
                SecureMessaging::most_plain_bytes(suite, self.limits.response.min(SHORT_RESPONSE))
            }
            (Framing::Extended, Access::CardNumberAndSecureMessaging) => {
                SecureMessaging::most_plain_bytes(suite, self.limits.response)
            }
            (Framing::Extended, _) => self.limits.response.saturating_sub(2),
        }
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
    SpecifiedType(ExpectSpecifiedType),
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
            State::SpecifiedType($inner) => $result,
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

    fn progress(&self) -> Progress {
        for_each_state!(self, state => state.progress())
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

    fn progress(&self) -> Progress {
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
        apdu::select_residence_application()
    }

    fn receive(self, _job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        match response.status {
            StatusWord::OK => Ok(Next::State(State::SpecifiedType(ExpectSpecifiedType))),
            StatusWord::FILE_NOT_FOUND => Err(Error::NoResidenceApplication),
            _ => Err(Error::NotAResidenceCard),
        }
    }
}

/// The card is a specified one; which of the two types is asked only to tell it.
struct ExpectSpecifiedType;

impl Expect for ExpectSpecifiedType {
    fn name(&self) -> CommandName {
        CommandName::ReadBinary(File::CardType)
    }

    fn command(&self, job: &Job) -> Vec<u8> {
        job.read_free_file(CARD_TYPE)
    }

    fn receive(self, _job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let card_type = if response.status == StatusWord::OK {
            CardType::from_file(response.data).ok()
        } else {
            None
        };
        Err(Error::SpecifiedCard { card_type })
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
    fn receive(self, _job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
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

fn authenticating(card_type: CardType) -> Progress {
    let bytes_total = files_to_read(card_type).map(|entry| entry.capacity).sum();
    Progress {
        phase: Phase::Authenticate,
        bytes_done: 0,
        bytes_total,
    }
}

fn files_to_read(card_type: CardType) -> impl DoubleEndedIterator<Item = &'static FileEntry> {
    card_type
        .files()
        .iter()
        .filter(|entry| entry.folder != Folder::Mf)
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

    fn progress(&self) -> Progress {
        authenticating(self.files.card_type())
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

    fn receive(self, _job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        if response.status.is_mismatch() {
            return Err(Error::NumberMismatch { command });
        }
        let answer = response.accepted(command)?;
        let messaging = self
            .authentication
            .finish(answer)
            .map_err(|kind| Error::Answer { command, kind })?;
        Ok(Next::State(State::Verification(ExpectVerification {
            files: self.files,
            messaging,
        })))
    }

    fn progress(&self) -> Progress {
        authenticating(self.files.card_type())
    }
}

struct ExpectVerification {
    files: CardFiles,
    messaging: SecureMessaging,
}

impl Expect for ExpectVerification {
    fn name(&self) -> CommandName {
        CommandName::Verify
    }

    fn command(&self, job: &Job) -> Vec<u8> {
        apdu::verify(&self.messaging.card_number_cryptogram(&job.number))
    }

    fn receive(self, _job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        let command = self.name();
        if response.status.is_mismatch() {
            return Err(Error::NumberMismatch { command });
        }
        response.accepted_without_data(command)?;
        let left: Vec<_> = files_to_read(self.files.card_type()).copied().rev().collect();
        Reading {
            files: self.files,
            messaging: self.messaging,
            left,
            unopened: None,
        }
        .next(Folder::Mf)
    }

    fn progress(&self) -> Progress {
        authenticating(self.files.card_type())
    }
}

/// The card is open; these files are still to read, the next one last.
struct Reading {
    files: CardFiles,
    messaging: SecureMessaging,
    left: Vec<FileEntry>,
    unopened: Option<Unopened>,
}

/// An answer with a whole file that is not decrypted yet: that can be done while the card is at work on the next command
/// ([`ReadCard::command_and_unopened`]), and need not be: [`ReadCard::receive`] decrypts what is left. It cannot fail.
pub struct Unopened {
    file: File,
    messaging: SecureMessaging,
    secured: Vec<u8>,
    content: Zeroizing<Vec<u8>>,
}

impl Unopened {
    /// Decrypts it.
    pub fn open(&mut self) {
        if self.content.is_empty() {
            // Its end was decrypted before, so it is known to open.
            self.content = Zeroizing::new(self.messaging.open(&self.secured).unwrap_or_default());
        }
    }
}

/// Shows neither key nor content.
impl fmt::Debug for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unopened({})", CommandName::ReadBinary(self.file))
    }
}

impl Reading {
    /// Takes in the last file, and opens it if that was not done while the card was at work.
    fn settle(&mut self) {
        if let Some(mut unopened) = self.unopened.take() {
            unopened.open();
            self.files
                .insert(unopened.file, Bytes::from_owner(unopened.content));
        }
    }

    /// Goes on to the next file, or to its folder if another one is current.
    fn next(mut self, current: Folder) -> Result<Next, Error> {
        let Some(entry) = self.left.pop() else {
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

    fn progress(&self, entry: &FileEntry, content: usize) -> Progress {
        let bytes_total: usize = files_to_read(self.files.card_type())
            .map(|entry| entry.capacity)
            .sum();
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
        self.entry
            .folder
            .aid()
            .map_or_else(apdu::select_master_file, apdu::select_application)
    }

    fn receive(self, _job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        response.accepted(self.name())?;
        let Self { reading, entry } = self;
        Ok(Next::State(State::File(ExpectFile {
            reading,
            content: room_for(&entry),
            entry,
            reads: 1,
        })))
    }

    fn progress(&self) -> Progress {
        self.reading.progress(&self.entry, 0)
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
        let most = job.most_plain_bytes(&self.entry, self.reading.messaging.suite());
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
        match response.status {
            StatusWord::OK | StatusWord::END_OF_FILE => {}
            // A file that this card does not have: the photo of a child, the signature of a child's card.
            StatusWord::FILE_NOT_FOUND if first => return self.reading.next(self.entry.folder),
            StatusWord::OFFSET_OUTSIDE_FILE if !first => return self.finish(),
            status => return Err(Error::Refused { command, status }),
        }
        let found = if self.is_secured() {
            let messaging = &self.reading.messaging;
            messaging.plain_len(response.data).map_err(answer_error)?
        } else {
            response.data.len()
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
        if complete && first && self.is_secured() && !self.reading.left.is_empty() {
            return self.finish_later(response.data);
        }
        if self.is_secured() {
            let plain = self.reading.messaging.open(response.data).map_err(answer_error)?;
            self.content.extend_from_slice(&Zeroizing::new(plain));
        } else {
            self.content.extend_from_slice(response.data);
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

    /// Goes on at once; the file is opened while the card is at work on the next one.
    fn finish_later(self, secured: &[u8]) -> Result<Next, Error> {
        let Self {
            mut reading, entry, ..
        } = self;
        reading.unopened = Some(Unopened {
            file: entry.file,
            messaging: reading.messaging.clone(),
            secured: secured.to_vec(),
            content: Zeroizing::default(),
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
        let read = if self.is_secured() {
            apdu::read_binary_secured
        } else {
            apdu::read_binary_plain
        };
        read(job.framing, start, self.length(job))
    }

    fn receive(self, job: &mut Job, response: Response<'_>) -> Result<Next, Error> {
        match self.take(job, response) {
            // Cards and readers that take extended length at first fail at it later in many ways: they refuse it under
            // secure messaging, or cut long answers and say nothing.
            Err(_) if job.framing == Framing::Extended => Ok(Next::State(job.start_again_short())),
            result => result,
        }
    }

    fn progress(&self) -> Progress {
        self.reading.progress(&self.entry, self.content.len())
    }
}
