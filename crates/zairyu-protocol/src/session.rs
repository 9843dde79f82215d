//! Mutual authentication and secure messaging: the cryptography of both generations.
//!
//! First generation: 在留カード等仕様書 Ver 1.5, 別添1. Second generation: 第２世代在留カード等仕様書 Ver 1.1, Appendix 1. The
//! two differ in cipher, block length and MAC, and in nothing else.

use alloc::vec::Vec;

use aes::Aes128;
use cbc::cipher::{
    BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit,
    array::Array,
    block_padding::{Iso7816, NoPadding},
};
use cmac::{Cmac, Mac};
use des::{Des, TdesEde2};
use retail_mac::RetailMac;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zairyu_data::CardNumber;
use zairyu_tlv::{Header, Reader, Tag, encode_header};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::AnswerError;

/// Object of secure messaging: padding indicator and cryptogram.
const CRYPTOGRAM: Tag = Tag::new(0x86);

/// The padding indicator: ISO/IEC 7816-4, `80` and as many `00` as the block takes.
const PADDED: u8 = 0x01;

/// The cipher and MAC of one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// Two-key 3DES in CBC mode; ISO/IEC 9797-1 MAC algorithm 3.
    TripleDes,
    /// AES-128 in CBC mode; CMAC, first eight bytes.
    Aes,
}

impl Suite {
    pub(crate) const fn block_len(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes => 16,
        }
    }

    /// CBC with an IV of zeros, without padding. Fails on a length that is no multiple of the block.
    fn encrypt_blocks(self, key: &Key, data: &[u8]) -> Option<Vec<u8>> {
        if !data.len().is_multiple_of(self.block_len()) {
            return None;
        }
        Some(match self {
            Self::TripleDes => {
                let cipher = TdesEde2::new(&key.0.into());
                cbc::Encryptor::inner_iv_init(cipher, &[0; 8].into()).encrypt_padded_vec::<NoPadding>(data)
            }
            Self::Aes => {
                let cipher = Aes128::new(&key.0.into());
                cbc::Encryptor::inner_iv_init(cipher, &[0; 16].into()).encrypt_padded_vec::<NoPadding>(data)
            }
        })
    }

    fn decrypt_blocks(self, key: &Key, data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::TripleDes => {
                let cipher = TdesEde2::new(&key.0.into());
                cbc::Decryptor::inner_iv_init(cipher, &[0; 8].into())
                    .decrypt_padded_vec::<NoPadding>(data)
                    .ok()
            }
            Self::Aes => {
                let cipher = Aes128::new(&key.0.into());
                cbc::Decryptor::inner_iv_init(cipher, &[0; 16].into())
                    .decrypt_padded_vec::<NoPadding>(data)
                    .ok()
            }
        }
    }

    /// The same, with the padding of ISO/IEC 7816-4 checked and taken off.
    fn decrypt_padded(self, key: &Key, data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::TripleDes => {
                let cipher = TdesEde2::new(&key.0.into());
                cbc::Decryptor::inner_iv_init(cipher, &[0; 8].into())
                    .decrypt_padded_vec::<Iso7816>(data)
                    .ok()
            }
            Self::Aes => {
                let cipher = Aes128::new(&key.0.into());
                cbc::Decryptor::inner_iv_init(cipher, &[0; 16].into())
                    .decrypt_padded_vec::<Iso7816>(data)
                    .ok()
            }
        }
    }

    /// Eight bytes of MAC over 32 bytes of cryptogram.
    fn mac(self, key: &Key, cryptogram: &[u8; 32]) -> [u8; 8] {
        let mut tag = [0; 8];
        match self {
            Self::TripleDes => {
                let mut mac = <RetailMac<Des> as KeyInit>::new(&key.0.into());
                mac.update(cryptogram);
                // Padding method 2; the crate itself pads with zeros only, and here has none to add.
                mac.update(&[0x80, 0, 0, 0, 0, 0, 0, 0]);
                tag.copy_from_slice(&mac.finalize().into_bytes());
            }
            Self::Aes => {
                let mut mac = <Cmac<Aes128> as KeyInit>::new(&key.0.into());
                mac.update(cryptogram);
                tag.iter_mut()
                    .zip(mac.finalize().into_bytes())
                    .for_each(|(to, from)| *to = from);
            }
        }
        tag
    }
}

/// Decrypts a cryptogram piece by piece.
pub(crate) enum Decryptor {
    TripleDes(cbc::Decryptor<TdesEde2>),
    Aes(cbc::Decryptor<Aes128>),
}

impl Decryptor {
    /// The next piece, in place. What is no whole block stays as it is.
    pub(crate) fn decrypt(&mut self, piece: &mut [u8]) {
        match self {
            Self::TripleDes(decryptor) => decryptor.decrypt_blocks(Array::slice_as_chunks_mut(piece).0),
            Self::Aes(decryptor) => decryptor.decrypt_blocks(Array::slice_as_chunks_mut(piece).0),
        }
    }
}

/// A 16-byte key, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Key([u8; 16]);

impl Key {
    /// The first 16 bytes of SHA-1.
    fn derive(secret: &[u8]) -> Self {
        let mut digest = Sha1::digest(secret);
        let mut key = Self([0; 16]);
        key.0.iter_mut().zip(&digest).for_each(|(to, from)| *to = *from);
        digest.as_mut_slice().zeroize();
        key
    }
}

/// The reader's random numbers of one mutual authentication, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct ReaderRandom {
    /// RND.IFD.
    pub(crate) challenge: [u8; 8],
    /// K.IFD.
    pub(crate) key_part: [u8; 16],
}

/// A mutual authentication under way: the reader's half is sent, the card's is awaited.
pub(crate) struct MutualAuthentication {
    suite: Suite,
    key: Key,
    reader: ReaderRandom,
    card_challenge: [u8; 8],
}

impl MutualAuthentication {
    pub(crate) fn new(
        suite: Suite,
        number: &CardNumber,
        reader: ReaderRandom,
        card_challenge: [u8; 8],
    ) -> Self {
        // Kenc and Kmac are the same key.
        Self {
            suite,
            key: Key::derive(number.expose_bytes()),
            reader,
            card_challenge,
        }
    }

    /// E_IFD ‖ M_IFD, the command's data.
    pub(crate) fn token(&self) -> [u8; 40] {
        let mut plain = Zeroizing::new([0; 32]);
        fill(
            plain.as_mut(),
            &[
                &self.reader.challenge,
                &self.card_challenge,
                &self.reader.key_part,
            ],
        );
        let mut cryptogram = [0; 32];
        fill(
            &mut cryptogram,
            &[&self
                .suite
                .encrypt_blocks(&self.key, plain.as_ref())
                .unwrap_or_default()],
        );
        let mut token = [0; 40];
        fill(
            &mut token,
            &[&cryptogram, &self.suite.mac(&self.key, &cryptogram)],
        );
        token
    }

    /// The card's answer as the card of another number would have given it, in the same session; `None` when it is no
    /// proper answer of this one.
    pub(crate) fn answer_of(&self, other: &CardNumber, answer: &[u8]) -> Option<Vec<u8>> {
        let (cryptogram, mac) = answer.split_first_chunk::<32>()?;
        if self.suite.mac(&self.key, cryptogram).as_slice() != mac {
            return None;
        }
        let plain = Zeroizing::new(self.suite.decrypt_blocks(&self.key, cryptogram)?);
        let key = Key::derive(other.expose_bytes());
        let mut cryptogram = [0; 32];
        fill(&mut cryptogram, &[&self.suite.encrypt_blocks(&key, &plain)?]);
        Some([&cryptogram[..], &self.suite.mac(&key, &cryptogram)].concat())
    }

    /// Checks E_ICC ‖ M_ICC and derives the session key.
    pub(crate) fn finish(self, answer: &[u8]) -> Result<SecureMessaging, AnswerError> {
        let wrong_length = AnswerError::WrongLength {
            expected: 40,
            found: answer.len(),
        };
        let (cryptogram, mac) = answer.split_first_chunk::<32>().ok_or(wrong_length)?;
        let mac: &[u8; 8] = mac.try_into().map_err(|_| wrong_length)?;
        if !bool::from(self.suite.mac(&self.key, cryptogram).ct_eq(mac)) {
            return Err(AnswerError::NotAuthentic);
        }
        let plain = Zeroizing::new(
            self.suite
                .decrypt_blocks(&self.key, cryptogram)
                .ok_or(AnswerError::NotAuthentic)?,
        );
        let (challenges, card_key_part) = plain.split_last_chunk::<16>().ok_or(AnswerError::NotAuthentic)?;
        let expected = [self.card_challenge, self.reader.challenge];
        if !bool::from(challenges.ct_eq(expected.as_flattened())) {
            return Err(AnswerError::NotAuthentic);
        }
        let mut secret = Zeroizing::new([0; 20]);
        fill(secret.as_mut(), &[card_key_part, &[0, 0, 0, 1]]);
        secret
            .iter_mut()
            .zip(&self.reader.key_part)
            .for_each(|(byte, other)| *byte ^= other);
        Ok(SecureMessaging {
            suite: self.suite,
            key: Key::derive(secret.as_ref()),
        })
    }
}

/// Secure messaging with the session key KSenc: encryption only. These cards have no MAC over commands or
/// responses and no counter, so what comes out is confidential, not authentic.
#[derive(Clone)]
pub(crate) struct SecureMessaging {
    suite: Suite,
    key: Key,
}

impl SecureMessaging {
    pub(crate) const fn suite(&self) -> Suite {
        self.suite
    }

    /// The card number padded to 16 bytes and encrypted, for VERIFY.
    pub(crate) fn card_number_cryptogram(&self, number: &CardNumber) -> [u8; 16] {
        let mut plain = Zeroizing::new([0; 16]);
        fill(plain.as_mut(), &[number.expose_bytes(), &[0x80]]);
        let mut cryptogram = [0; 16];
        fill(
            &mut cryptogram,
            &[&self
                .suite
                .encrypt_blocks(&self.key, plain.as_ref())
                .unwrap_or_default()],
        );
        cryptogram
    }

    /// Takes the plain data out of a response: exactly one object 86.
    pub(crate) fn open(&self, response: &[u8]) -> Result<Vec<u8>, AnswerError> {
        let cryptogram = cryptogram(response).ok_or(AnswerError::NotSecured)?;
        if cryptogram.is_empty() {
            return Err(AnswerError::BadCryptogram);
        }
        self.suite
            .decrypt_padded(&self.key, cryptogram)
            .ok_or(AnswerError::BadCryptogram)
    }

    /// How many bytes [`open`](Self::open) will give, without decrypting them: all that can be wrong with a response is
    /// found here.
    pub(crate) fn plain_len(&self, response: &[u8]) -> Result<usize, AnswerError> {
        let cryptogram = cryptogram(response).ok_or(AnswerError::NotSecured)?;
        let block = self.suite.block_len();
        if !cryptogram.len().is_multiple_of(block) {
            return Err(AnswerError::BadCryptogram);
        }
        // The padding is in the last block, which decrypts with the one before.
        let before = cryptogram.len().saturating_sub(block.saturating_mul(2));
        let end = cryptogram.get(before..).unwrap_or_default();
        let end = self.suite.decrypt_padded(&self.key, end);
        let end = Zeroizing::new(end.ok_or(AnswerError::BadCryptogram)?);
        Ok(before.saturating_add(end.len()))
    }

    pub(crate) fn decryptor(&self) -> Decryptor {
        match self.suite {
            Suite::TripleDes => {
                let cipher = TdesEde2::new(&self.key.0.into());
                Decryptor::TripleDes(cbc::Decryptor::inner_iv_init(cipher, &[0; 8].into()))
            }
            Suite::Aes => {
                let cipher = Aes128::new(&self.key.0.into());
                Decryptor::Aes(cbc::Decryptor::inner_iv_init(cipher, &[0; 16].into()))
            }
        }
    }

    /// The opposite: plain data as a card secures them.
    pub(crate) fn seal(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let block = self.suite.block_len();
        let mut padded = [plain, &[0x80]].concat();
        padded.resize(padded.len().next_multiple_of(block), 0);
        let cryptogram = self.suite.encrypt_blocks(&self.key, &padded)?;
        let mut header = [0; Header::MAX_LEN];
        let header = encode_header(CRYPTOGRAM, cryptogram.len().saturating_add(1), &mut header)?;
        Some([header, &[PADDED], &cryptogram].concat())
    }

    /// The most plain bytes whose response, secured with AES, is no longer than `response_len` bytes.
    pub(crate) const fn most_plain_bytes_aes(response_len: usize) -> usize {
        Self::most_plain_bytes(Suite::Aes, response_len)
    }

    /// The most plain bytes whose response, secured, is no longer than `response_len` bytes.
    pub(crate) const fn most_plain_bytes(suite: Suite, response_len: usize) -> usize {
        // The longest response there is: status word, and an object whose length has two bytes. A transport may say more.
        const MOST: usize = 2 + 1 + 3 + 0xFFFF;
        let response_len = if response_len < MOST { response_len } else { MOST };
        let block = suite.block_len();
        // Status word, tag, length byte, padding indicator; longer lengths below.
        let mut blocks = response_len.saturating_sub(2 + 1 + 1 + 1) / block;
        while blocks > 0 {
            let value = 1 + blocks * block;
            let length_bytes = match value {
                0..=0x7F => 1,
                0x80..=0xFF => 2,
                _ => 3,
            };
            if value <= 0xFFFF && 2 + 1 + length_bytes + value <= response_len {
                return blocks * block - 1;
            }
            blocks -= 1;
        }
        0
    }
}

/// The cryptogram of a response that is exactly one object 86.
pub(crate) fn cryptogram(response: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(response);
    let object = reader.next_object().ok().flatten()?;
    if object.tag() != CRYPTOGRAM || reader.offset() != response.len() {
        return None;
    }
    let (&PADDED, cryptogram) = object.value().split_first()? else {
        return None;
    };
    Some(cryptogram)
}

/// Copies parts one after another to the front of `target`.
fn fill(target: &mut [u8], parts: &[&[u8]]) {
    target
        .iter_mut()
        .zip(parts.iter().copied().flatten())
        .for_each(|(to, from)| *to = *from);
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    fn number() -> CardNumber {
        CardNumber::parse("AA12345678BB").unwrap()
    }

    fn authentication(suite: Suite, card_challenge: [u8; 8]) -> MutualAuthentication {
        let reader = ReaderRandom {
            challenge: hex!("1122334455667788"),
            key_part: hex!("404142434445464748494A4B4C4D4E4F"),
        };
        MutualAuthentication::new(suite, &number(), reader, card_challenge)
    }

    /// 在留カード等仕様書 Ver 1.5, 別添2.
    fn first_generation() -> MutualAuthentication {
        authentication(Suite::TripleDes, hex!("5A6E7E385162B7A3"))
    }

    const FIRST_ANSWER: [u8; 40] =
        hex!("5860775B4D032CC564BA204B8EA868F694A74E7475A8FEF240588BDA1AF496CE 59388FD6CD45248B");

    /// 第２世代在留カード等仕様書 Ver 1.1, Appendix 2.
    fn second_generation() -> MutualAuthentication {
        authentication(Suite::Aes, hex!("921CE277323DA057"))
    }

    const SECOND_ANSWER: [u8; 40] =
        hex!("289A96B1DA6AE3DA87770419BFD14F0BDAD15F36432B5A946C188C7221759A62 FA942EC51E62FF5F");

    #[test]
    fn official_worked_example_of_the_first_generation() {
        let authentication = first_generation();
        assert_eq!(authentication.key.0, hex!("6522B4E171195BB218223A976C040111"));
        assert_eq!(
            authentication.token(),
            hex!("937745C20883A1BAD1E04193722A1592378F81A8F1DC589157AEB0F7544FA1BA 1AD7FB6A3389E017")
        );
        let messaging = authentication.finish(&FIRST_ANSWER).unwrap();
        assert_eq!(messaging.key.0, hex!("CE94938E19E3B97DF96EABCEDC1715CC"));
        assert_eq!(
            messaging.card_number_cryptogram(&number()),
            hex!("1AA82973DB959A811F9711D728F0EEF6")
        );
    }

    #[test]
    fn official_worked_example_of_the_second_generation() {
        let authentication = second_generation();
        assert_eq!(
            authentication.token(),
            hex!("4AD3C7B6BB484A52771977DED618B41DF841FA0476A05FBE041DEAD6109E773B AC854617634F5397")
        );
        let messaging = authentication.finish(&SECOND_ANSWER).unwrap();
        assert_eq!(messaging.key.0, hex!("C19CF13D3D7FBEE9EA293D834C88952F"));
        assert_eq!(
            messaging.card_number_cryptogram(&number()),
            hex!("EE0B31EF877F68D071C56D58C72E6748")
        );
    }

    #[test]
    fn responses_of_the_worked_examples_sessions_open() {
        let first = first_generation().finish(&FIRST_ANSWER).unwrap();
        for (secured, plain) in [
            (&hex!("8609018548 04F7563EC6D2")[..], &hex!("C10131")[..]),
            (&hex!("860901AAAA1006D6D357F0"), &hex!("C10132")),
            (&hex!("860901A1F58E41BB527056"), &hex!("C00430303031")),
            (&hex!("860901BFF596EBB0C3E427"), &hex!("D70131")),
        ] {
            assert_eq!(first.open(secured).unwrap(), plain);
        }
        let second = second_generation().finish(&SECOND_ANSWER).unwrap();
        assert_eq!(
            second
                .open(&hex!("861101143D1676C57ED659B4CA6DA06D251591"))
                .unwrap(),
            hex!("C20C414131323334353637384242")
        );
    }

    #[test]
    fn an_answer_with_any_bit_wrong_is_no_authentication() {
        for (authentication, answer) in [
            (first_generation as fn() -> MutualAuthentication, FIRST_ANSWER),
            (second_generation, SECOND_ANSWER),
        ] {
            for position in 0..answer.len() {
                let mut wrong = answer;
                wrong[position] ^= 1;
                assert_eq!(
                    authentication().finish(&wrong).err(),
                    Some(AnswerError::NotAuthentic)
                );
            }
            for length in (0..40).chain([41, 80]) {
                let wrong: Vec<u8> = answer.iter().copied().cycle().take(length).collect();
                let expected = AnswerError::WrongLength {
                    expected: 40,
                    found: length,
                };
                assert_eq!(authentication().finish(&wrong).err(), Some(expected));
            }
        }
    }

    #[test]
    fn an_answer_of_another_session_is_no_authentication() {
        let other = authentication(Suite::TripleDes, hex!("5A6E7E385162B7A4"));
        assert_eq!(other.finish(&FIRST_ANSWER).err(), Some(AnswerError::NotAuthentic));
    }

    #[test]
    fn the_mac_covers_a_padding_block_of_its_own() {
        let authentication = first_generation();
        assert_ne!(authentication.token()[32..], hex!("4CAC73206731BB73"));
    }

    #[test]
    fn what_is_not_one_object_86_is_not_secured() {
        let messaging = first_generation().finish(&FIRST_ANSWER).unwrap();
        for (response, kind) in [
            (&hex!("")[..], AnswerError::NotSecured),
            (&hex!("C10131"), AnswerError::NotSecured),
            (&hex!("8600"), AnswerError::NotSecured),
            (&hex!("860902854804F7563EC6D2"), AnswerError::NotSecured),
            (&hex!("860901854804F7563EC6D200"), AnswerError::NotSecured),
            (&hex!("860901854804F7563EC6D2 99029000"), AnswerError::NotSecured),
            (&hex!("860901854804F7563EC6"), AnswerError::NotSecured),
            (&hex!("860101"), AnswerError::BadCryptogram),
            (&hex!("860801854804F7563EC6"), AnswerError::BadCryptogram),
            (&hex!("860901854804F7563EC6D3"), AnswerError::BadCryptogram),
        ] {
            assert_eq!(messaging.open(response).err(), Some(kind), "{response:02X?}");
        }
    }

    #[test]
    fn short_responses_hold_247_and_239_plain_bytes() {
        assert_eq!(SecureMessaging::most_plain_bytes(Suite::TripleDes, 258), 247);
        assert_eq!(SecureMessaging::most_plain_bytes(Suite::Aes, 258), 239);
        assert_eq!(SecureMessaging::most_plain_bytes(Suite::TripleDes, 253), 239);
        assert_eq!(
            SecureMessaging::most_plain_bytes(Suite::TripleDes, usize::MAX),
            65527
        );
        assert_eq!(SecureMessaging::most_plain_bytes(Suite::Aes, usize::MAX), 65519);
        for suite in [Suite::TripleDes, Suite::Aes] {
            for response_len in 0..1000 {
                let most = SecureMessaging::most_plain_bytes(suite, response_len);
                let secured = |plain: usize| {
                    let value = 1 + (plain / suite.block_len() + 1) * suite.block_len();
                    2 + value
                        + if value < 0x80 {
                            2
                        } else if value < 0x100 {
                            3
                        } else {
                            4
                        }
                };
                assert!(most == 0 || secured(most) <= response_len);
                assert!(secured(most + 1) > response_len);
            }
        }
    }
}
