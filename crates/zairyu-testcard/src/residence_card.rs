//! The residence card's command interpreter: what a real one does with each command, as far as it is published.
//!
//! 在留カード等仕様書 Ver 1.5, §4; 第２世代在留カード等仕様書 Ver 1.1, §4. Where they leave a status word open, the
//! choice is named in a comment.

use zairyu_data::{Access, File, Folder};

use crate::{
    IssuedCard, Randomness,
    apdu::Command,
    randomness::Source,
    specified_card::Seal,
    status::{self, Status},
    suite::{self, Key, Suite},
};

/// A response before it is put into bytes.
pub(crate) struct Answer {
    pub(crate) data: Vec<u8>,
    pub(crate) status: Status,
    /// What the data was made of, when it is under secure messaging.
    pub(crate) protected: Option<Protected>,
}

/// The plaintext of a response under secure messaging, without padding.
pub(crate) struct Protected {
    pub(crate) envelope: Envelope,
    pub(crate) plaintext: Vec<u8>,
}

/// What is put around the plaintext.
pub(crate) enum Envelope {
    /// The one object of both generations.
    Generation(Suite, Key),
    /// What a specified card's profile says.
    Specified(Box<Seal>),
}

impl Protected {
    const fn suite(&self) -> Suite {
        match self.envelope {
            Envelope::Generation(suite, _) => suite,
            Envelope::Specified(_) => Suite::Aes,
        }
    }

    /// `86 L 01`, then `padded` encrypted; or what a specified card has instead.
    pub(crate) fn object(&self, padded: Vec<u8>) -> Vec<u8> {
        let ciphertext = match &self.envelope {
            Envelope::Generation(suite, key) => suite.encrypt(key, padded),
            Envelope::Specified(seal) => return seal.objects(padded),
        };
        let mut object = vec![0x86];
        let length = ciphertext.len().saturating_add(1);
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ ..=0x7F), _) => object.push(short),
            (Ok(one), _) => object.extend([0x81, one]),
            (_, Ok(two)) => {
                object.push(0x82);
                object.extend(two.to_be_bytes());
            }
            // More than a file can hold: a length in three bytes, which no rule of the card allows.
            _ => object.extend([0x83, 0x01, 0x00, 0x00]),
        }
        object.push(0x01);
        object.extend(ciphertext);
        object
    }

    pub(crate) fn padded(&self) -> Vec<u8> {
        self.suite().pad(self.plaintext.clone())
    }

    /// The plaintext without padding, as far as it fills blocks.
    pub(crate) fn whole_blocks(&self) -> Vec<u8> {
        let mut data = self.plaintext.clone();
        data.truncate(data.len().saturating_sub(data.len() % self.suite().block_len()));
        data
    }

    /// The plaintext, filled up with `00`, by a whole block if it fills its last one.
    pub(crate) fn zero_padded(&self) -> Vec<u8> {
        let mut data = self.padded();
        if let Some(marker) = data.get_mut(self.plaintext.len()) {
            *marker = 0;
        }
        data
    }

    /// Padding around nothing.
    pub(crate) fn padding_only(&self) -> Vec<u8> {
        self.suite().pad(Vec::new())
    }
}

impl Answer {
    pub(crate) const fn status(status: Status) -> Self {
        Self {
            data: Vec::new(),
            status,
            protected: None,
        }
    }

    pub(crate) const fn plain(data: Vec<u8>) -> Self {
        Self {
            data,
            status: status::OK,
            protected: None,
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        [&self.data[..], &self.status.to_be_bytes()].concat()
    }
}

pub(crate) struct ResidenceCard {
    issued: IssuedCard,
    suite: Suite,
    randomness: Source,
    state: State,
}

/// What the card forgets when the field goes off.
struct State {
    folder: Folder,
    current: Option<File>,
    challenge: Option<[u8; 8]>,
    session_key: Option<Key>,
    number_verified: bool,
}

impl State {
    const POWER_UP: Self = Self {
        folder: Folder::Mf,
        current: None,
        challenge: None,
        session_key: None,
        number_verified: false,
    };
}

type Outcome = Result<Answer, Status>;

const SELECT: u8 = 0xA4;
const VERIFY: u8 = 0x20;
const GET_CHALLENGE: u8 = 0x84;
const MUTUAL_AUTHENTICATE: u8 = 0x82;
const READ_BINARY: u8 = 0xB0;

impl ResidenceCard {
    pub(crate) const fn new(issued: IssuedCard, suite: Suite) -> Self {
        Self {
            issued,
            suite,
            randomness: Source::new(Randomness::System),
            state: State::POWER_UP,
        }
    }

    pub(crate) const fn issued(&self) -> &IssuedCard {
        &self.issued
    }

    pub(crate) fn set_randomness(&mut self, randomness: Randomness) {
        self.randomness = Source::new(randomness);
    }

    pub(crate) fn power_down(&mut self) {
        self.state = State::POWER_UP;
    }

    pub(crate) fn process(&mut self, bytes: &[u8]) -> Answer {
        // A challenge is good for the very next command, whatever that is.
        let challenge = self.state.challenge.take();
        match self.execute(bytes, challenge) {
            Ok(answer) => answer,
            Err(status) => Answer::status(status),
        }
    }

    fn execute(&mut self, bytes: &[u8], challenge: Option<[u8; 8]>) -> Outcome {
        let [class, instruction, ..] = *bytes else {
            return Err(status::WRONG_LENGTH);
        };
        let secure = check_class(class, instruction)?;
        let known = [SELECT, VERIFY, GET_CHALLENGE, MUTUAL_AUTHENTICATE, READ_BINARY];
        if !known.contains(&instruction) {
            return Err(status::UNKNOWN_INSTRUCTION);
        }
        let command = Command::parse(bytes)?;
        match (instruction, secure) {
            (SELECT, false) => self.select(&command),
            (GET_CHALLENGE, false) => self.get_challenge(&command),
            (MUTUAL_AUTHENTICATE, false) => self.mutual_authenticate(&command, challenge),
            // The status word for VERIFY without secure messaging is not published.
            (VERIFY, false) => Err(status::SECURITY_STATUS),
            (VERIFY, true) => self.verify(&command),
            (READ_BINARY, false) => self.read_plain(&command),
            (READ_BINARY, true) => self.read_secure(&command),
            _ => Err(status::NO_SUCH_SECURE_MESSAGING),
        }
    }

    /// §4.2.1. The session survives; after a failure the same DF stays selected.
    fn select(&mut self, command: &Command) -> Outcome {
        let folder = match (command.p1, command.p2, command.data.as_slice()) {
            (0x00, 0x00, [0x3F, 0x00]) => Folder::Mf,
            (0x00, 0x00, [_, _]) => return Err(status::NOT_FOUND),
            (0x04, 0x0C, aid) if aid.len() == 16 => [Folder::Df1, Folder::Df2, Folder::Df3]
                .into_iter()
                .find(|folder| folder.aid().is_some_and(|of_folder| of_folder == aid))
                .ok_or(status::NOT_FOUND)?,
            // Selecting by EF identifier exists on the second generation; the identifiers are not public.
            (0x02, 0x0C, [_, _]) if self.suite == Suite::Aes => return Err(status::NOT_FOUND),
            (0x00, 0x00, _) | (0x04, 0x0C, _) => return Err(status::LENGTH_AGAINST_PARAMETERS),
            _ => return Err(status::WRONG_PARAMETERS),
        };
        self.state.folder = folder;
        self.state.current = None;
        Ok(Answer::status(status::OK))
    }

    /// §4.2.3.
    fn get_challenge(&mut self, command: &Command) -> Outcome {
        if (command.p1, command.p2) != (0, 0) {
            return Err(status::WRONG_PARAMETERS);
        }
        if !command.data.is_empty() || command.expected != Some(8) {
            return Err(status::WRONG_LENGTH);
        }
        let challenge = self.randomness.challenge().map_err(|_| status::SELF_DIAGNOSIS)?;
        self.state.challenge = Some(challenge);
        Ok(Answer::plain(challenge.to_vec()))
    }

    /// §4.2.4. Whatever session there was ends, also when it fails.
    fn mutual_authenticate(&mut self, command: &Command, challenge: Option<[u8; 8]>) -> Outcome {
        // 6A86 is not in the table of this command.
        if (command.p1, command.p2) != (0, 0) {
            return Err(status::CONDITIONS_OF_USE);
        }
        let (Some((cryptogram, mac)), Some(_)) = (command.data.split_at_checked(32), command.expected) else {
            return Err(status::WRONG_LENGTH);
        };
        if mac.len() != 8 {
            return Err(status::WRONG_LENGTH);
        }
        let challenge = challenge.ok_or(status::CONDITIONS_OF_USE)?;
        self.state.session_key = None;
        self.state.number_verified = false;

        let key = suite::number_key(self.issued.number());
        if self.suite.mac(&key, cryptogram) != mac {
            return Err(status::NO_MATCH);
        }
        let plaintext = self.suite.decrypt(&key, cryptogram.to_vec());
        let (reader_random, rest) = plaintext.split_first_chunk::<8>().ok_or(status::NO_MATCH)?;
        let (card_random, rest) = rest.split_first_chunk::<8>().ok_or(status::NO_MATCH)?;
        let reader_half = rest.first_chunk::<16>().ok_or(status::NO_MATCH)?;
        if *card_random != challenge {
            return Err(status::NO_MATCH);
        }

        let card_half = self.randomness.key().map_err(|_| status::SELF_DIAGNOSIS)?;
        let reply = [&challenge[..], reader_random, &card_half].concat();
        let mut reply = self.suite.encrypt(&key, reply);
        let mac = self.suite.mac(&key, &reply);
        reply.extend(mac);
        self.state.session_key = Some(suite::session_key(reader_half, &card_half));
        Ok(Answer::plain(reply))
    }

    /// §4.2.2. Its result takes the place of the earlier one; there is no limit of tries.
    fn verify(&mut self, command: &Command) -> Outcome {
        // The status word without a session is not published.
        let session_key = self.state.session_key.ok_or(status::CONDITIONS_OF_USE)?;
        if (command.p1, command.p2) != (0x00, 0x86) {
            return Err(status::WRONG_PARAMETERS);
        }
        if command.data.len() != 0x13 {
            return Err(status::WRONG_LENGTH);
        }
        let [0x86, 0x11, 0x01, ciphertext @ ..] = command.data.as_slice() else {
            return Err(status::SECURE_MESSAGING_OBJECT);
        };
        let plaintext = self.suite.decrypt(&session_key, ciphertext.to_vec());
        let number = self.issued.number().expose_bytes();
        self.state.number_verified = plaintext == [&number[..], &[0x80, 0, 0, 0]].concat();
        if self.state.number_verified {
            Ok(Answer::status(status::OK))
        } else {
            Err(status::NO_MATCH)
        }
    }

    /// §4.2.5.
    fn read_plain(&mut self, command: &Command) -> Outcome {
        let (true, Some(wanted)) = (command.data.is_empty(), command.expected) else {
            return Err(status::WRONG_LENGTH);
        };
        Ok(Answer::plain(self.read(command, wanted, false)?))
    }

    /// §4.2.5 under secure messaging: each response is one object, padded and encrypted by itself.
    fn read_secure(&mut self, command: &Command) -> Outcome {
        // The status word without a session is not published.
        let key = self.state.session_key.ok_or(status::CONDITIONS_OF_USE)?;
        let Some(longest) = command.expected else {
            return Err(status::WRONG_LENGTH);
        };
        if command.surplus {
            return Err(status::WRONG_LENGTH);
        }
        let [0x96, 0x02, high, low] = *command.data.as_slice() else {
            return Err(status::SECURE_MESSAGING_OBJECT);
        };
        let wanted = match u16::from_be_bytes([high, low]) {
            0 => 0x1_0000,
            some => usize::from(some),
        };
        let current = self.state.current;
        let protected = Protected {
            envelope: Envelope::Generation(self.suite, key),
            plaintext: self.read(command, wanted, true)?,
        };
        let data = protected.object(protected.padded());
        if data.len() > longest {
            // The response would not fit into what Le allows. Not published; the read has not happened.
            self.state.current = current;
            return Err(status::WRONG_LENGTH);
        }
        Ok(Answer {
            data,
            status: status::OK,
            protected: Some(protected),
        })
    }

    /// At most `wanted` bytes of the file that P1 and P2 name, which then is current.
    fn read(&mut self, command: &Command, wanted: usize, secure: bool) -> Result<Vec<u8>, Status> {
        let files = self.issued.card_type().files();
        let (file, offset) = match command.p1 {
            with_sfi @ 0x80.. => {
                if with_sfi & 0b0110_0000 != 0 {
                    return Err(status::WRONG_PARAMETERS);
                }
                let sfi = with_sfi & 0b0001_1111;
                let entry = files
                    .iter()
                    .find(|entry| entry.folder == self.state.folder && entry.sfi == sfi)
                    .ok_or(status::NOT_FOUND)?;
                (entry.file, usize::from(command.p2))
            }
            high => {
                let current = self.state.current.ok_or(status::NO_CURRENT_EF)?;
                (current, usize::from(u16::from_be_bytes([high, command.p2])))
            }
        };
        let content = self.issued.file(file).ok_or(status::NOT_FOUND)?;
        let access = self.issued.card_type().entry(file).map(|entry| entry.access);
        let allowed = match access {
            Some(Access::Free) => true,
            Some(Access::CardNumber) => self.state.number_verified,
            Some(Access::CardNumberAndSecureMessaging) => self.state.number_verified && secure,
            None => false,
        };
        if !allowed {
            return Err(status::SECURITY_STATUS);
        }
        let rest = content.get(offset..).filter(|rest| !rest.is_empty());
        let rest = rest.ok_or(status::OUTSIDE_FILE)?;
        let data = rest.get(..wanted).unwrap_or(rest).to_vec();
        self.state.current = Some(file);
        Ok(data)
    }
}

/// §4.1: CLA is `00`, or `08` for secure messaging, and nothing else. Returns whether it is the latter.
fn check_class(class: u8, instruction: u8) -> Result<bool, Status> {
    match class {
        0x00 => Ok(false),
        0x08 => Ok(true),
        0x04 | 0x0C => Err(status::NO_SUCH_SECURE_MESSAGING),
        // 6881 is not in the table of SELECT.
        0x01..=0x0F if instruction != SELECT => Err(status::NO_LOGICAL_CHANNELS),
        _ => Err(status::UNKNOWN_CLASS),
    }
}
