//! The specified card's command interpreter: the residence application on a My Number Card, as a
//! [`SecureMessagingProfile`] says. What a real card does is not public.

use std::borrow::Cow;

use aes::Aes128;
use cbc::cipher::{Array, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use cmac::{Cmac, KeyInit as _, Mac as _};
use rsa::{Oaep, RsaPrivateKey};
use sha1::Sha1;
use sha2::Sha256;
use zairyu_data::{
    Access, ByteOrder, CounterAdvance, DeliveryForm, File, Folder, IvRule, LeObject, OaepHash,
    SecureMessagingProfile,
};

use crate::{
    IssuedCard,
    apdu::Command,
    keys::{DELIVERY, PrivateKey},
    other_card::{MY_NUMBER_APPLICATIONS, RESIDENCE_APPLICATION},
    residence_card::{Answer, Envelope, Protected},
    status::{self, Status},
    suite::{Key, Suite},
};

#[cfg(test)]
mod oaep;

const SELECT: u8 = 0xA4;
const VERIFY: u8 = 0x20;
const READ_BINARY: u8 = 0xB0;
const SET_SESSION_KEY: u8 = 0xAE;

pub(crate) struct SpecifiedCard {
    issued: IssuedCard,
    profile: SecureMessagingProfile,
    state: State,
    /// How many wrong numbers in a row it still takes; it does not forget.
    tries_left: Option<u8>,
}

/// What the card forgets when the field goes off.
#[derive(Default)]
struct State {
    /// The folder; `None` outside of the residence application.
    folder: Option<Folder>,
    current: Option<File>,
    session: Option<Session>,
    number_verified: bool,
    /// What came of a chained SET SESSION KEY.
    chained: Vec<u8>,
}

#[derive(Clone)]
struct Session {
    encryption: Option<Key>,
    mac: Option<Key>,
    counter: u64,
}

/// The objects of a secured command.
#[derive(Default)]
struct Opened {
    data: Option<Vec<u8>>,
    wanted: Option<usize>,
}

impl SpecifiedCard {
    pub(crate) fn new(issued: IssuedCard, profile: SecureMessagingProfile) -> Self {
        Self {
            tries_left: profile.number_tries,
            issued,
            profile,
            state: State::default(),
        }
    }

    pub(crate) const fn issued(&self) -> &IssuedCard {
        &self.issued
    }

    pub(crate) fn power_down(&mut self) {
        self.state = State::default();
    }

    pub(crate) fn process(&mut self, bytes: &[u8]) -> Answer {
        let had_session = self.state.session.is_some();
        let secured = bytes.first() == Some(&self.profile.class.byte());
        let delivers = bytes.get(1) == Some(&SET_SESSION_KEY);
        if !delivers {
            self.state.chained.clear();
        }
        let answer = self.execute(bytes).unwrap_or_else(Answer::status);
        // The command that begins a session is not counted.
        if had_session
            && !delivers
            && let Some(session) = &mut self.state.session
        {
            let counts = answer.status == status::OK || self.profile.counts_refused;
            session.counter += match self.profile.counter_advance {
                _ if !counts => 0,
                CounterAdvance::AllCommands => 1,
                CounterAdvance::SecuredCommands if secured => 1,
                CounterAdvance::SecuredCommandsAndResponses if secured => 2,
                _ => 0,
            };
        }
        answer
    }

    fn execute(&mut self, bytes: &[u8]) -> Result<Answer, Status> {
        let command = Command::parse(bytes)?;
        let header = [command.class, command.instruction, command.p1, command.p2];
        let secured = self.profile.class.byte();
        match (command.class, command.instruction) {
            (0x80 | 0x90, SET_SESSION_KEY) if self.state.folder.is_some() => self.set_session_key(&command),
            (0x00, SELECT) => {
                self.select(command.p1, command.p2, &command.data)?;
                Ok(Answer::status(status::OK))
            }
            (0x00, READ_BINARY) => {
                let wanted = command.expected.filter(|_| command.data.is_empty());
                let wanted = wanted.ok_or(status::WRONG_LENGTH)?;
                Ok(Answer::plain(self.read(&command, wanted, false)?))
            }
            (class, VERIFY | SELECT | READ_BINARY) if class == secured => {
                let session = self.state.session.clone().ok_or(status::CONDITIONS_OF_USE)?;
                let opened = match self.open(&session, header, &command) {
                    Ok(opened) => opened,
                    Err(status) => {
                        // A wrong object ends the session.
                        self.state.session = None;
                        return Err(status);
                    }
                };
                self.execute_secured(&session, &command, opened)
            }
            (0x00 | 0x80, _) => Err(status::UNKNOWN_INSTRUCTION),
            (0x08 | 0x0C, _) => Err(status::NO_SUCH_SECURE_MESSAGING),
            _ => Err(status::UNKNOWN_CLASS),
        }
    }

    fn execute_secured(
        &mut self,
        session: &Session,
        command: &Command,
        opened: Opened,
    ) -> Result<Answer, Status> {
        match (command.instruction, opened) {
            (
                VERIFY,
                Opened {
                    data: Some(number),
                    wanted: None,
                },
            ) => {
                if (command.p1, command.p2) != (0x00, self.profile.verify_reference) {
                    return Err(status::WRONG_PARAMETERS);
                }
                self.verify(&number)?;
                self.answer(session, command, None)
            }
            (
                SELECT,
                Opened {
                    data: Some(name),
                    wanted: None,
                },
            ) if self.profile.secured_select => {
                self.select(command.p1, command.p2, &name)?;
                self.answer(session, command, None)
            }
            (
                READ_BINARY,
                Opened {
                    data: None,
                    wanted: Some(wanted),
                },
            ) => {
                let plain = self.read(command, wanted, true)?;
                self.answer(session, command, Some(plain))
            }
            _ => Err(status::SECURE_MESSAGING_OBJECT),
        }
    }

    fn verify(&mut self, number: &[u8]) -> Result<(), Status> {
        self.state.number_verified = false;
        if self.tries_left == Some(0) {
            return Err(status::BLOCKED);
        }
        if number != self.issued.number().expose_bytes() {
            let Some(left) = &mut self.tries_left else {
                return Err(status::NO_MATCH);
            };
            *left -= 1;
            return Err(0x63C0 | Status::from(*left));
        }
        self.state.number_verified = true;
        self.tries_left = self.profile.number_tries;
        Ok(())
    }

    /// Selecting an application ends the session; what selecting a folder of this one does, the profile says.
    fn select(&mut self, p1: u8, p2: u8, name: &[u8]) -> Result<(), Status> {
        let folders = [Folder::Df1, Folder::Df2, Folder::Df3];
        let named = folders
            .into_iter()
            .find(|folder| folder.aid().is_some_and(|aid| aid == name));
        match (p1, p2, named, self.state.folder) {
            (0x00, 0x00, _, _) if name == [0x3F, 0x00] => self.power_down(),
            (0x04, 0x0C, _, _) if name == RESIDENCE_APPLICATION => {
                self.power_down();
                self.state.folder = Some(Folder::Mf);
            }
            (0x04, 0x0C, Some(folder), Some(_)) => {
                if self.profile.ends_with_folder() {
                    self.power_down();
                }
                self.state.folder = Some(folder);
                self.state.current = None;
            }
            (0x04, 0x0C, _, _) if MY_NUMBER_APPLICATIONS.contains(&name) => self.power_down(),
            _ => return Err(status::NOT_FOUND),
        }
        Ok(())
    }

    fn set_session_key(&mut self, command: &Command) -> Result<Answer, Status> {
        self.state.session = None;
        self.state.number_verified = false;
        if [command.p1, command.p2] != self.profile.key_reference {
            return Err(status::WRONG_PARAMETERS);
        }
        let chained = self.profile.delivery_form == DeliveryForm::Chained;
        let as_agreed = match self.profile.delivery_form {
            DeliveryForm::ExtendedWithLe => command.data.len() == 256 && command.expected.is_some(),
            DeliveryForm::Chained => command.data.len() <= 255 && command.expected.is_none(),
            _ => command.data.len() == 256 && command.expected.is_none(),
        };
        if !as_agreed || command.surplus || (command.class == 0x90 && !chained) {
            return Err(status::WRONG_LENGTH);
        }
        self.state.chained.extend(&command.data);
        if command.class == 0x90 {
            return Ok(Answer::status(status::OK));
        }
        let cryptogram = std::mem::take(&mut self.state.chained);
        let plain = self.decrypt_delivery(&cryptogram).ok_or(status::WRONG_DATA)?;
        let (encryption, mac) = self.session_keys(&plain).ok_or(status::WRONG_DATA)?;
        self.state.session = Some(Session {
            encryption,
            mac,
            counter: self.profile.counter_start,
        });
        Ok(Answer::status(status::OK))
    }

    fn decrypt_delivery(&self, cryptogram: &[u8]) -> Option<Vec<u8>> {
        let Ok(PrivateKey::Rsa(key)) = &*DELIVERY else {
            return None;
        };
        decrypt_oaep(&self.profile, key, cryptogram)
    }

    /// The template with just the keys that the profile has, in their order.
    fn session_keys(&self, plain: &[u8]) -> Option<(Option<Key>, Option<Key>)> {
        let profile = &self.profile;
        let (template, []) = take_object(plain, profile.key_template_tag)? else {
            return None;
        };
        let mut rest = template;
        let mut key = |wanted: bool, tag: u8| {
            if !wanted {
                return Some(None);
            }
            let (material, after) = take_object(rest, tag)?;
            rest = after;
            let is_long = material.len() == profile.key_material_len;
            material
                .first_chunk::<16>()
                .filter(|_| is_long)
                .map(|key| Some(*key))
        };
        let encryption = key(profile.encrypts(), profile.encryption_key_tag)?;
        let mac = key(profile.authenticates(), profile.mac_key_tag)?;
        rest.is_empty().then_some((encryption, mac))
    }

    /// Checks a secured command's MAC and takes its objects out.
    fn open(&self, session: &Session, header: [u8; 4], command: &Command) -> Result<Opened, Status> {
        let profile = &self.profile;
        let wrong = status::SECURE_MESSAGING_OBJECT;
        let mut objects = command.data.as_slice();
        if let Some(key) = session.mac.filter(|_| profile.mac_use.in_commands()) {
            let mac_object = profile.mac_len + 2;
            let split = objects.len().checked_sub(mac_object).ok_or(wrong)?;
            let (covered, mac) = objects.split_at_checked(split).ok_or(wrong)?;
            let (found, []) = take_object(mac, 0x8E).ok_or(wrong)? else {
                return Err(wrong);
            };
            let header = profile.mac_over_header.then_some(header);
            if self.mac(&key, session.counter, header, covered) != found {
                return Err(wrong);
            }
            objects = covered;
        }
        let mut opened = Opened::default();
        let data_tag = match session.encryption {
            Some(_) => profile.cryptogram_tag,
            None => profile.plain_tag,
        };
        if let Some((data, rest)) = take_object(objects, data_tag) {
            opened.data = Some(match session.encryption {
                None => data.to_vec(),
                Some(key) => {
                    let Some((&0x01, ciphertext)) = data.split_first() else {
                        return Err(wrong);
                    };
                    let iv = iv(profile, &key, session.counter);
                    unpad(decrypt(&key, &iv, ciphertext).ok_or(wrong)?).ok_or(wrong)?
                }
            });
            objects = rest;
        }
        if let Some((wanted, rest)) = take_object(objects, profile.le_tag) {
            let wanted = match (profile.le_object, wanted) {
                (LeObject::TwoBytes, [high, low]) | (LeObject::ThreeBytes, [0, high, low]) => {
                    usize::from(u16::from_be_bytes([*high, *low]))
                }
                _ => return Err(wrong),
            };
            opened.wanted = Some(if wanted == 0 { 0x1_0000 } else { wanted });
            objects = rest;
        }
        if objects.is_empty() {
            Ok(opened)
        } else {
            Err(wrong)
        }
    }

    /// The response to a secured command that was carried out.
    fn answer(
        &mut self,
        session: &Session,
        command: &Command,
        plain: Option<Vec<u8>>,
    ) -> Result<Answer, Status> {
        let with_data = plain.is_some();
        let protected = Protected {
            envelope: Envelope::Specified(Box::new(Seal {
                profile: self.profile.clone(),
                session: session.clone(),
                with_data,
            })),
            plaintext: plain.unwrap_or_default(),
        };
        let data = protected.object(protected.padded());
        if data.len() > command.expected.unwrap_or(0) {
            return Err(status::WRONG_LENGTH);
        }
        Ok(Answer {
            data,
            status: status::OK,
            protected: with_data.then_some(protected),
        })
    }

    /// At most `wanted` bytes of the file that P1 and P2 name, which then is current.
    fn read(&mut self, command: &Command, wanted: usize, secured: bool) -> Result<Vec<u8>, Status> {
        let folder = self.state.folder.ok_or(status::NOT_FOUND)?;
        let files = self.profile.files(self.issued.card_type());
        let free = [
            (File::CommonData, self.profile.common_data_sfi),
            (File::CardType, self.profile.card_type_sfi),
        ];
        let entry = |file| files.iter().find(|entry| entry.file == file);
        let (file, offset) = match command.p1 {
            with_sfi @ 0x80.. => {
                let sfi = with_sfi & 0b0001_1111;
                let file = if folder == Folder::Mf {
                    free.iter()
                        .find(|(_, of_file)| *of_file == sfi)
                        .map(|(file, _)| *file)
                } else {
                    let entry = files
                        .iter()
                        .find(|entry| (entry.folder, entry.sfi) == (folder, sfi));
                    entry.map(|entry| entry.file)
                };
                (file.ok_or(status::NOT_FOUND)?, usize::from(command.p2))
            }
            high => {
                let current = self.state.current.ok_or(status::NO_CURRENT_EF)?;
                (current, usize::from(u16::from_be_bytes([high, command.p2])))
            }
        };
        let content = self.issued.file(file).ok_or(status::NOT_FOUND)?;
        let allowed = match entry(file).map(|entry| entry.access) {
            None | Some(Access::Free) => true,
            Some(Access::CardNumber) => self.state.number_verified,
            Some(Access::CardNumberAndSecureMessaging) => self.state.number_verified && secured,
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

    fn mac(&self, key: &Key, counter: u64, header: Option<[u8; 4]>, objects: &[u8]) -> Vec<u8> {
        mac(&self.profile, key, counter, header, objects)
    }
}

/// How the card secures the response to one command.
pub(crate) struct Seal {
    profile: SecureMessagingProfile,
    session: Session,
    with_data: bool,
}

impl Seal {
    /// All objects of the response; `padded` is encrypted as it is, without a key its padding is taken off.
    pub(crate) fn objects(&self, padded: Vec<u8>) -> Vec<u8> {
        let profile = &self.profile;
        let counter = match profile.counter_advance {
            CounterAdvance::SecuredCommandsAndResponses => self.session.counter + 1,
            _ => self.session.counter,
        };
        let mut objects = Vec::new();
        if self.with_data {
            match self.session.encryption {
                Some(key) => {
                    let iv = iv(profile, &key, counter);
                    let ciphertext = encrypt(&key, &iv, padded);
                    put_object(
                        &mut objects,
                        profile.cryptogram_tag,
                        &[&[0x01], &ciphertext[..]].concat(),
                    );
                }
                None => {
                    let plain = unpad(padded.clone()).map_or(Cow::Owned(padded), Cow::Owned);
                    put_object(&mut objects, profile.plain_tag, &plain);
                }
            }
        }
        if profile.response_status_object {
            put_object(&mut objects, 0x99, &status::OK.to_be_bytes());
        }
        if let Some(key) = self.session.mac.filter(|_| profile.mac_use.in_responses()) {
            let mac = mac(profile, &key, counter, None, &objects);
            put_object(&mut objects, 0x8E, &mac);
        }
        objects
    }
}

/// RSA-OAEP (RFC 8017, 7.1).
fn decrypt_oaep(profile: &SecureMessagingProfile, key: &RsaPrivateKey, cryptogram: &[u8]) -> Option<Vec<u8>> {
    let label = profile.oaep_label.clone();
    match (profile.oaep_hash, profile.oaep_mask_hash) {
        (OaepHash::Sha1, OaepHash::Sha1) => key.decrypt(Oaep::<Sha1>::new_with_label(label), cryptogram),
        (OaepHash::Sha1, _) => key.decrypt(
            Oaep::<Sha1, Sha256>::new_with_mgf_hash_and_label(label),
            cryptogram,
        ),
        (_, OaepHash::Sha1) => key.decrypt(
            Oaep::<Sha256, Sha1>::new_with_mgf_hash_and_label(label),
            cryptogram,
        ),
        _ => key.decrypt(Oaep::<Sha256>::new_with_label(label), cryptogram),
    }
    .ok()
}

fn counter_bytes(profile: &SecureMessagingProfile, counter: u64, width: usize) -> Vec<u8> {
    let mut bytes = counter.to_le_bytes().to_vec();
    bytes.resize(width.max(8), 0);
    bytes.truncate(width);
    if profile.counter_order == ByteOrder::BigEndian {
        bytes.reverse();
    }
    bytes
}

fn iv(profile: &SecureMessagingProfile, key: &Key, counter: u64) -> Key {
    let block = counter_bytes(profile, counter, 16);
    let iv = match profile.iv {
        IvRule::Counter => block,
        IvRule::EncryptedCounter => encrypt(key, &Key::default(), block),
        _ => Vec::new(),
    };
    iv.first_chunk().copied().unwrap_or_default()
}

fn mac(
    profile: &SecureMessagingProfile,
    key: &Key,
    counter: u64,
    header: Option<[u8; 4]>,
    objects: &[u8],
) -> Vec<u8> {
    let mut message = Vec::new();
    if profile.mac_over_counter {
        message.extend(counter_bytes(profile, counter, profile.counter_width));
    }
    if let Some(header) = header {
        message.extend(Suite::Aes.pad(header.to_vec()));
    }
    message.extend(objects);
    if profile.mac_padding {
        message = Suite::Aes.pad(message);
    }
    let mac = Cmac::<Aes128>::new(key.into()).chain_update(message).finalize();
    mac.into_bytes().into_iter().take(profile.mac_len).collect()
}

/// CBC without padding. A rest that fills no block is left as it is.
fn encrypt(key: &Key, iv: &Key, mut data: Vec<u8>) -> Vec<u8> {
    cbc::Encryptor::<Aes128>::new(key.into(), iv.into())
        .encrypt_blocks(Array::slice_as_chunks_mut(&mut data).0);
    data
}

fn decrypt(key: &Key, iv: &Key, ciphertext: &[u8]) -> Option<Vec<u8>> {
    let mut data = ciphertext.to_vec();
    let (blocks, rest) = Array::slice_as_chunks_mut(&mut data);
    if !rest.is_empty() {
        return None;
    }
    cbc::Decryptor::<Aes128>::new(key.into(), iv.into()).decrypt_blocks(blocks);
    Some(data)
}

fn unpad(mut data: Vec<u8>) -> Option<Vec<u8>> {
    let marker = data.iter().rposition(|&byte| byte != 0)?;
    let is_padding = data.get(marker) == Some(&0x80) && data.len() - marker <= 16;
    data.truncate(marker);
    is_padding.then_some(data)
}

/// The value of an object with this tag, and what follows it. Lengths of one, two or three bytes.
fn take_object(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [found, rest @ ..] if *found == tag => match rest {
            [length @ ..=0x7F, rest @ ..] | [0x81, length, rest @ ..] => (usize::from(*length), rest),
            [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            _ => return None,
        },
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn put_object(to: &mut Vec<u8>, tag: u8, value: &[u8]) {
    to.push(tag);
    match (u8::try_from(value.len()), u16::try_from(value.len())) {
        (Ok(short @ ..=0x7F), _) => to.push(short),
        (Ok(one), _) => to.extend([0x81, one]),
        (_, Ok(two)) => {
            to.push(0x82);
            to.extend(two.to_be_bytes());
        }
        // More than a file can hold: a length in three bytes, which no rule of the card allows.
        _ => to.extend([0x83, 0x01, 0x00, 0x00]),
    }
    to.extend(value);
}
