//! Key delivery and secure messaging of specified cards, as a [`SecureMessagingProfile`] says.
//!
//! 特定在留カード等仕様書（一般公開用） Ver 1.1, §4.2.3 and appendix, as far as it is publicly described; form of the objects:
//! ISO/IEC 7816-4, 5.6.

use alloc::{boxed::Box, vec::Vec};
use core::{convert::Infallible, fmt};

use aes::Aes128;
use cbc::cipher::{
    BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit,
    block_padding::{Iso7816, NoPadding},
};
use cmac::{Cmac, Mac};
use rsa::{
    BoxedUint, Oaep, RsaPublicKey,
    rand_core::{TryCryptoRng, TryRng},
};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zairyu_data::{
    ByteOrder, CardNumber, CounterAdvance, DeliveryForm, IvRule, LeObject, OaepHash, ProfileError,
    SecureMessagingProfile,
};
use zairyu_tlv::{Header, Reader, Tag, encode_header};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    apdu::{self, CommandName, Framing, Response, Selectable, Start, StatusWord},
    error::{AnswerError, Error},
    session::SecureMessaging,
};

const BLOCK: usize = 16;

/// Objects of secure messaging whose tags no profile changes.
const STATUS: Tag = Tag::new(0x99);
const MAC: Tag = Tag::new(0x8E);

/// The padding indicator: ISO/IEC 7816-4, `80` and as many `00` as the block takes.
const PADDED: u8 = 0x01;

/// The public RSA key of 2048 bits (配送鍵) under which session keys are sent to a specified card.
///
/// The Agency publishes one for real cards and one for its sample cards. Give the one that the card needs: nothing here tries
/// the other.
#[derive(Clone)]
pub struct DeliveryKey(RsaPublicKey);

/// In what form a file holds a delivery key. Which of them the Agency's `keys_smrsapub_001.bin` has is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryKeyForm {
    /// 256 bytes of modulus, then three of exponent.
    ModulusAndExponent,
    /// `A1 82 01 09`, `90 03` and the exponent, `91 82 01 00` and the modulus: how a My Number Card's 券面入力補助AP has its own.
    CardObject,
    /// SubjectPublicKeyInfo in DER (RFC 5280, 4.1).
    SubjectPublicKeyInfo,
}

/// The bytes are no RSA key of 2048 bits with the exponent 65537 in the form named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryKeyError;

impl fmt::Display for DeliveryKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "This is no delivery key of the form named: give the file as it was downloaded, and its form",
        )
    }
}

impl core::error::Error for DeliveryKeyError {}

impl DeliveryKey {
    /// Takes the key out of a file's content.
    ///
    /// # Errors
    ///
    /// [`DeliveryKeyError`] for anything but this form, byte for byte.
    pub fn parse(form: DeliveryKeyForm, bytes: &[u8]) -> Result<Self, DeliveryKeyError> {
        let parts: [&[u8]; 2] = match form {
            DeliveryKeyForm::ModulusAndExponent => [&[], &[0x01, 0x00, 0x01]],
            DeliveryKeyForm::CardObject => [
                b"\xA1\x82\x01\x09\x90\x03\x01\x00\x01\x91\x82\x01\x00",
                &[],
            ],
            DeliveryKeyForm::SubjectPublicKeyInfo => [
                b"\x30\x82\x01\x22\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00\x03\x82\x01\x0F\x00\
                  \x30\x82\x01\x0A\x02\x82\x01\x01\x00",
                &[0x02, 0x03, 0x01, 0x00, 0x01],
            ],
        };
        let [before, after] = parts;
        let modulus = bytes
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after));
        modulus.and_then(Self::new).ok_or(DeliveryKeyError)
    }

    fn new(modulus: &[u8]) -> Option<Self> {
        // Looked at before any arithmetic: a large modulus is expensive.
        if modulus.len() != 256 || modulus.first().is_none_or(|first| first & 0x80 == 0) {
            return None;
        }
        RsaPublicKey::new_with_size_limits(
            BoxedUint::from_be_slice_vartime(modulus),
            BoxedUint::from_be_slice_vartime(&[0x01, 0x00, 0x01]),
            2048..=2048,
        )
        .ok()
        .map(Self)
    }
}

impl fmt::Debug for DeliveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeliveryKey(..)")
    }
}

/// What it takes to open specified cards: a profile whose choices go together, and the delivery key.
#[derive(Clone, Debug)]
pub struct SpecifiedAccess {
    pub(crate) profile: SecureMessagingProfile,
    key: DeliveryKey,
}

impl SpecifiedAccess {
    /// Takes both. Nobody has confirmed any profile for real cards: say so beside whatever comes of it.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] when the profile contradicts itself.
    pub fn new(profile: SecureMessagingProfile, key: DeliveryKey) -> Result<Self, ProfileError> {
        profile.check()?;
        Ok(Self { profile, key })
    }
}

/// 768 bytes from a cryptographic random source, fresh for each reading and wiped when dropped: 96 for each delivery of
/// session keys, which are the keys and the seed under which they are encrypted. Under most profiles a reading delivers
/// once; eight times if a session ends with each folder and the reading has to start again.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DeliveryRandomness([u8; Self::LEN]);

impl DeliveryRandomness {
    /// How many bytes it takes.
    pub const LEN: usize = 768;

    const OF_ONE_DELIVERY: usize = 96;

    /// Takes the bytes over. Whoever can guess them can read along.
    #[must_use]
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// For an encryption key, for a MAC key, and for the seed: 32 bytes each. `None` when no more are left.
    fn parts(&self, delivery: usize) -> Option<[Zeroizing<[u8; 32]>; 3]> {
        let bytes = self.0.chunks_exact(Self::OF_ONE_DELIVERY).nth(delivery)?;
        let mut bytes = bytes.iter();
        Some(core::array::from_fn(|_| {
            let mut part = Zeroizing::new([0; 32]);
            part.iter_mut().zip(&mut bytes).for_each(|(to, from)| *to = *from);
            part
        }))
    }
}

impl fmt::Debug for DeliveryRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeliveryRandomness(..)")
    }
}

/// Gives OAEP the seed that the caller drew. If more is wanted than that, `None` stays, and what was made is not used.
struct Seed<'a>(Option<&'a [u8]>);

impl TryRng for Seed<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        let split = self.0.and_then(|bytes| bytes.split_at_checked(target.len()));
        self.0 = split.map(|(taken, rest)| {
            target.copy_from_slice(taken);
            rest
        });
        Ok(())
    }
}

impl TryCryptoRng for Seed<'_> {}

/// A 16-byte key, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Key([u8; 16]);

impl Key {
    fn first_of(material: &[u8; 32]) -> Self {
        let mut key = Self([0; 16]);
        key.0.iter_mut().zip(material).for_each(|(to, from)| *to = *from);
        key
    }
}

/// Secure messaging with a specified card.
#[derive(Clone)]
pub(crate) struct SpecifiedMessaging {
    profile: SecureMessagingProfile,
    encryption: Option<Key>,
    mac: Option<Key>,
    /// Of the next command.
    counter: u64,
}

/// New session keys, and the commands that deliver them, the first delivery being 0; `None` if RSA will not encrypt or the
/// randomness is used up, which no key and profile that were checked bring about.
pub(crate) fn deliver(
    access: &SpecifiedAccess,
    randomness: &DeliveryRandomness,
    delivery: usize,
) -> Option<(Box<SpecifiedMessaging>, Vec<Vec<u8>>)> {
    let profile = &access.profile;
    let [encryption, mac, seed] = randomness.parts(delivery)?;
    let encryption = profile.encrypts().then_some(encryption);
    let mac = profile.authenticates().then_some(mac);
    let mut objects = Zeroizing::new(Vec::new());
    for (tag, material) in [
        (profile.encryption_key_tag, &encryption),
        (profile.mac_key_tag, &mac),
    ] {
        if let Some(material) = material {
            put_object(&mut objects, tag, &[material.get(..profile.key_material_len)?])?;
        }
    }
    let mut plain = Zeroizing::new(Vec::new());
    put_object(&mut plain, profile.key_template_tag, &[&objects])?;
    let cryptogram = encrypt(access, &plain, &*seed)?;
    let messaging = SpecifiedMessaging {
        profile: profile.clone(),
        encryption: encryption.map(|material| Key::first_of(&material)),
        mac: mac.map(|material| Key::first_of(&material)),
        counter: profile.counter_start,
    };
    Some((Box::new(messaging), set_session_key(profile, &cryptogram)))
}

/// RSA-OAEP (RFC 8017, 7.1).
fn encrypt(access: &SpecifiedAccess, plain: &[u8], seed: &[u8]) -> Option<Vec<u8>> {
    let SpecifiedAccess { profile, key } = access;
    let label = profile.oaep_label.clone();
    let seed = &mut Seed(Some(seed));
    let cryptogram = match (profile.oaep_hash, profile.oaep_mask_hash) {
        (OaepHash::Sha1, OaepHash::Sha1) => key.0.encrypt(seed, Oaep::<Sha1>::new_with_label(label), plain),
        (OaepHash::Sha1, _) => {
            let scheme = Oaep::<Sha1, Sha256>::new_with_mgf_hash_and_label(label);
            key.0.encrypt(seed, scheme, plain)
        }
        (_, OaepHash::Sha1) => {
            let scheme = Oaep::<Sha256, Sha1>::new_with_mgf_hash_and_label(label);
            key.0.encrypt(seed, scheme, plain)
        }
        _ => key.0.encrypt(seed, Oaep::<Sha256>::new_with_label(label), plain),
    }
    .ok()?;
    seed.0.map(|_| cryptogram)
}

/// SET SESSION KEY: one command, or two that are chained.
fn set_session_key(profile: &SecureMessagingProfile, cryptogram: &[u8]) -> Vec<Vec<u8>> {
    const CLASS: u8 = 0x80;
    const CHAINED: u8 = 0x10;
    let [p1, p2] = profile.key_reference;
    let extended = |le: &[u8]| {
        let [.., high, low] = cryptogram.len().to_be_bytes();
        Vec::from([[&[CLASS, 0xAE, p1, p2, 0x00, high, low], cryptogram, le].concat()])
    };
    match profile.delivery_form {
        DeliveryForm::ExtendedWithLe => extended(&[0x00, 0x00]),
        DeliveryForm::Chained => {
            let last = cryptogram.chunks(255).count().saturating_sub(1);
            let parts = cryptogram.chunks(255).enumerate();
            parts
                .map(|(index, part)| {
                    let class = if index < last { CLASS | CHAINED } else { CLASS };
                    let [.., length] = part.len().to_be_bytes();
                    [&[class, 0xAE, p1, p2, length], part].concat()
                })
                .collect()
        }
        _ => extended(&[]),
    }
}

impl SpecifiedMessaging {
    /// VERIFY with the card number.
    pub(crate) fn verify(&self, number: &CardNumber) -> Vec<u8> {
        let header = [0x20, 0x00, self.profile.verify_reference];
        self.command(Framing::Short, header, Some(number.expose_bytes()), None)
    }

    /// SELECT, secured or not.
    pub(crate) fn select(&self, selected: Selectable) -> Vec<u8> {
        if self.profile.secured_select {
            self.command(Framing::Short, [0xA4, 0x04, 0x0C], Some(selected.aid()), None)
        } else {
            apdu::select(selected)
        }
    }

    pub(crate) const fn secures_select(&self) -> bool {
        self.profile.secured_select
    }

    pub(crate) fn ends_with_folder(&self) -> bool {
        self.profile.ends_with_folder()
    }

    /// READ BINARY of at most `length` bytes; `None` is the whole file.
    pub(crate) fn read_binary(&self, framing: Framing, start: Start, length: Option<u16>) -> Vec<u8> {
        let [p1, p2] = start.p1_p2();
        self.command(framing, [0xB0, p1, p2], None, Some(length.unwrap_or(0)))
    }

    /// The most plain bytes whose response, secured, is no longer than `response_len` bytes.
    pub(crate) fn most_plain_bytes(&self, response_len: usize) -> usize {
        let mac = if self.profile.mac_use.in_responses() {
            self.profile.mac_len.saturating_add(2)
        } else {
            0
        };
        let status = if self.profile.response_status_object { 4 } else { 0 };
        SecureMessaging::most_plain_bytes_aes(response_len.saturating_sub(mac).saturating_sub(status))
    }

    /// For secured commands whose response has no news but its status word.
    pub(crate) fn accept_without_data(
        &mut self,
        command: CommandName,
        response: Response<'_>,
    ) -> Result<(), Error> {
        let status = response.status;
        if status != StatusWord::OK {
            return Err(Error::Refused { command, status });
        }
        self.open_objects(&response, false)
            .map_err(|kind| Error::Answer { command, kind })?;
        self.answered(true, status);
        Ok(())
    }

    /// Notes that a command was answered, after its answer was opened.
    pub(crate) fn answered(&mut self, secured: bool, status: StatusWord) {
        let accepted = matches!(status, StatusWord::OK | StatusWord::END_OF_FILE);
        let steps = match self.profile.counter_advance {
            _ if !accepted && !self.profile.counts_refused => 0,
            CounterAdvance::AllCommands => 1,
            _ if !secured => 0,
            CounterAdvance::SecuredCommandsAndResponses => 2,
            _ => 1,
        };
        // The profile's check leaves room for more commands than any reading takes.
        self.counter = self.counter.saturating_add(steps);
    }

    fn response_counter(&self) -> u64 {
        match self.profile.counter_advance {
            CounterAdvance::SecuredCommandsAndResponses => self.counter.saturating_add(1),
            _ => self.counter,
        }
    }

    fn command(
        &self,
        framing: Framing,
        [instruction, p1, p2]: [u8; 3],
        data: Option<&[u8]>,
        wanted: Option<u16>,
    ) -> Vec<u8> {
        let profile = &self.profile;
        let header = [profile.class.byte(), instruction, p1, p2];
        let mut objects = Vec::new();
        // Lengths of a few bytes: putting them together cannot fail.
        if let Some(data) = data {
            let _ = self.put_data(&mut objects, data, self.counter);
        }
        if let Some(wanted) = wanted {
            let [high, low] = wanted.to_be_bytes();
            let value: &[u8] = match profile.le_object {
                LeObject::TwoBytes => &[high, low],
                LeObject::ThreeBytes => &[0x00, high, low],
            };
            let _ = put_object(&mut objects, profile.le_tag, &[value]);
        }
        if profile.mac_use.in_commands() {
            let header = profile.mac_over_header.then_some(&header);
            let mac = self.mac(self.counter, header, &objects);
            let _ = put_object(&mut objects, 0x8E, &[&mac]);
        }
        let answers_objects =
            wanted.is_some() || profile.mac_use.in_responses() || profile.response_status_object;
        let [.., high, low] = objects.len().to_be_bytes();
        let (lc, le): (&[u8], &[u8]) = match framing {
            Framing::Extended => (&[0x00, high, low], &[0x00, 0x00]),
            Framing::Short => (&[low], &[0x00]),
        };
        let le = if answers_objects { le } else { &[] };
        [&header, lc, &objects, le].concat()
    }

    /// Puts data into their object, encrypted if there is a key for it.
    fn put_data(&self, objects: &mut Vec<u8>, data: &[u8], counter: u64) -> Option<()> {
        let Some(key) = &self.encryption else {
            return put_object(objects, self.profile.plain_tag, &[data]);
        };
        let encryptor = cbc::Encryptor::inner_iv_init(Aes128::new(&key.0.into()), &self.iv(counter).into());
        let cryptogram = encryptor.encrypt_padded_vec::<Iso7816>(data);
        put_object(objects, self.profile.cryptogram_tag, &[&[PADDED], &cryptogram])
    }

    /// Takes the data out of a response: its objects in their order, and nothing else. Without a MAC, what comes out is
    /// confidential, not authentic.
    pub(crate) fn open(&self, response: &Response<'_>) -> Result<Vec<u8>, AnswerError> {
        self.open_objects(response, true)
    }

    fn open_objects(&self, response: &Response<'_>, with_data: bool) -> Result<Vec<u8>, AnswerError> {
        let profile = &self.profile;
        let mut reader = Reader::new(response.data);
        let mut next = |tag: Tag| {
            let object = reader
                .next_object()
                .ok()
                .flatten()
                .filter(|object| object.tag() == tag);
            object.map(|object| object.value()).ok_or(AnswerError::NotSecured)
        };
        let data_tag = if self.encryption.is_some() {
            profile.cryptogram_tag
        } else {
            profile.plain_tag
        };
        let data = if with_data {
            next(Tag::new(data_tag.into()))?
        } else {
            &[]
        };
        if profile.response_status_object && next(STATUS)? != response.status.number().to_be_bytes() {
            return Err(AnswerError::NotSecured);
        }
        if profile.mac_use.in_responses() {
            let found = next(MAC)?;
            let covered = response.data.len().saturating_sub(found.len().saturating_add(2));
            let covered = response.data.get(..covered).ok_or(AnswerError::NotSecured)?;
            let expected = self.mac(self.response_counter(), None, covered);
            if !bool::from(expected.ct_eq(found)) {
                return Err(AnswerError::BadMac);
            }
        }
        if reader.offset() != response.data.len() {
            return Err(AnswerError::NotSecured);
        }
        let Some(key) = &self.encryption else {
            return Ok(data.to_vec());
        };
        if !with_data {
            return Ok(Vec::new());
        }
        let Some((&PADDED, cryptogram)) = data.split_first() else {
            return Err(AnswerError::NotSecured);
        };
        if cryptogram.is_empty() {
            return Err(AnswerError::BadCryptogram);
        }
        let iv = self.iv(self.response_counter());
        cbc::Decryptor::inner_iv_init(Aes128::new(&key.0.into()), &iv.into())
            .decrypt_padded_vec::<Iso7816>(cryptogram)
            .map_err(|_| AnswerError::BadCryptogram)
    }

    /// The counter in its block, filled up with zeros.
    fn counter_block(&self, counter: u64) -> [u8; BLOCK] {
        match self.profile.counter_order {
            ByteOrder::BigEndian => u128::from(counter).to_be_bytes(),
            ByteOrder::LittleEndian => u128::from(counter).to_le_bytes(),
        }
    }

    fn iv(&self, counter: u64) -> [u8; BLOCK] {
        let block = self.counter_block(counter);
        match (self.profile.iv, &self.encryption) {
            (IvRule::Counter, _) => block,
            (IvRule::EncryptedCounter, Some(key)) => {
                let mut iv = [0; BLOCK];
                let encryptor = cbc::Encryptor::inner_iv_init(Aes128::new(&key.0.into()), &iv.into());
                let encrypted = encryptor.encrypt_padded_vec::<NoPadding>(&block);
                iv.iter_mut().zip(encrypted).for_each(|(to, from)| *to = from);
                iv
            }
            _ => [0; BLOCK],
        }
    }

    /// The CMAC over counter, header and objects, as far as the profile has it cover them.
    fn mac(&self, counter: u64, header: Option<&[u8; 4]>, objects: &[u8]) -> Vec<u8> {
        let Some(key) = &self.mac else {
            return Vec::new();
        };
        let profile = &self.profile;
        let mut covered = Vec::new();
        if profile.mac_over_counter {
            let block = self.counter_block(counter);
            let unused = BLOCK.saturating_sub(profile.counter_width);
            let written = match profile.counter_order {
                ByteOrder::BigEndian => block.get(unused..),
                ByteOrder::LittleEndian => block.get(..profile.counter_width),
            };
            covered.extend_from_slice(written.unwrap_or_default());
        }
        if let Some(header) = header {
            covered.extend_from_slice(header);
            covered.push(0x80);
            covered.extend([0; BLOCK - 5]);
        }
        covered.extend_from_slice(objects);
        if profile.mac_padding {
            covered.push(0x80);
            covered.resize(covered.len().next_multiple_of(BLOCK), 0);
        }
        let mut mac = <Cmac<Aes128> as KeyInit>::new(&key.0.into());
        mac.update(&covered);
        mac.finalize()
            .into_bytes()
            .iter()
            .copied()
            .take(profile.mac_len)
            .collect()
    }
}

/// Appends an object; `None` when it is too long for any length.
fn put_object(to: &mut Vec<u8>, tag: u8, value: &[&[u8]]) -> Option<()> {
    let mut header = [0; Header::MAX_LEN];
    let length = value.iter().map(|part| part.len()).sum();
    let header = encode_header(Tag::new(tag.into()), length, &mut header)?;
    // With its room known, nothing of a key is left behind by growing.
    to.reserve_exact(header.len().saturating_add(length));
    to.extend_from_slice(header);
    value.iter().for_each(|part| to.extend_from_slice(part));
    Some(())
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use zairyu_data::DeliveredKeys;

    use super::*;

    /// Key `00 01 .. 0F`, and the counter at which the next command is.
    fn session(change: impl FnOnce(&mut SecureMessagingProfile)) -> SpecifiedMessaging {
        let mut profile = SecureMessagingProfile::measured_relative();
        change(&mut profile);
        profile.check().unwrap();
        let key = Key(hex!("000102030405060708090A0B0C0D0E0F"));
        SpecifiedMessaging {
            encryption: profile.encrypts().then(|| key.clone()),
            mac: profile.authenticates().then_some(key),
            counter: profile.counter_start,
            profile,
        }
    }

    /// Computed with another library.
    #[test]
    fn initial_vectors_of_the_first_three_counts() {
        let session = session(|_| ());
        for (counter, iv) in [
            (1, hex!("7346139595C0B41E497BBDE365F42D0A")),
            (2, hex!("49D68753999BA68CE3897A686081B09D")),
            (3, hex!("B9AD2B2E346AC238505D365E9CB7FC56")),
        ] {
            assert_eq!(session.iv(counter), iv);
        }
    }

    #[test]
    fn the_forms_of_a_read_are_those_of_the_profile() {
        let read = |change: fn(&mut SecureMessagingProfile), framing| {
            session(change).read_binary(framing, Start::File(4), None)
        };
        assert_eq!(
            read(|_| (), Framing::Extended),
            hex!("08B08400 000005 9603000000 0000")
        );
        assert_eq!(
            read(
                |profile| profile.le_object = LeObject::TwoBytes,
                Framing::Extended
            ),
            hex!("08B08400 000004 96020000 0000")
        );
        assert_eq!(
            read(|profile| profile.le_tag = 0x97, Framing::Short),
            hex!("08B08400 05 9703000000 00")
        );
    }

    #[test]
    fn a_mac_covers_what_the_profile_says() {
        let mac = |change: fn(&mut SecureMessagingProfile)| {
            let session = session(|profile| {
                profile.delivered_keys = DeliveredKeys::Mac;
                profile.mac_use = zairyu_data::MacUse::Both;
                profile.mac_len = 16;
                change(profile);
            });
            session.mac(1, profile_header(&session), &hex!("9603000000"))
        };
        fn profile_header(session: &SpecifiedMessaging) -> Option<&'static [u8; 4]> {
            session
                .profile
                .mac_over_header
                .then_some(&[0x0C, 0xB0, 0x84, 0x00])
        }
        let all = [
            mac(|_| ()),
            mac(|profile| profile.mac_over_counter = false),
            mac(|profile| profile.mac_over_header = false),
            mac(|profile| profile.mac_padding = false),
            mac(|profile| profile.counter_width = 8),
            mac(|profile| profile.counter_order = ByteOrder::LittleEndian),
        ];
        for (index, one) in all.iter().enumerate() {
            assert_eq!(one.len(), 16);
            assert!(all.iter().skip(index + 1).all(|other| other != one));
        }
    }

    #[test]
    fn a_key_is_taken_in_its_form_and_no_other() {
        let mut modulus = [0xC5; 256];
        modulus[255] = 0xC7;
        let forms = [
            (
                DeliveryKeyForm::ModulusAndExponent,
                [&modulus[..], &[1, 0, 1]].concat(),
            ),
            (
                DeliveryKeyForm::CardObject,
                [&hex!("A1820109 9003010001 91820100")[..], &modulus].concat(),
            ),
            (
                DeliveryKeyForm::SubjectPublicKeyInfo,
                [
                    &hex!("30820122300D06092A864886F70D01010105000382010F003082010A0282010100")[..],
                    &modulus,
                    &hex!("0203010001"),
                ]
                .concat(),
            ),
        ];
        for (form, bytes) in &forms {
            for (other, _) in &forms {
                assert_eq!(DeliveryKey::parse(*other, bytes).is_ok(), form == other);
            }
            for length in 0..bytes.len() {
                assert!(DeliveryKey::parse(*form, &bytes[..length]).is_err());
            }
        }
        modulus[0] = 0x45;
        assert!(
            DeliveryKey::parse(
                DeliveryKeyForm::ModulusAndExponent,
                &[&modulus[..], &[1, 0, 1]].concat()
            )
            .is_err()
        );
    }
}
