//! The card's side of the two generations' cryptography.
//!
//! 在留カード等仕様書 Ver 1.5, 別添1; 第２世代在留カード等仕様書 Ver 1.1, Appendix 1.

use aes::Aes128;
use cbc::cipher::{Array, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use cmac::{Cmac, KeyInit as _, Mac as _};
use des::{Des, TdesEde2};
use retail_mac::RetailMac;
use sha1::{Digest as _, Sha1};
use zairyu_data::{CardNumber, Generation};

pub(crate) type Key = [u8; 16];

/// Cipher and MAC of a generation, both with keys of 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    /// Two-key 3DES and the retail MAC.
    TripleDes,
    /// AES-128 and CMAC.
    Aes,
}

impl Suite {
    pub(crate) const fn of(generation: Generation) -> Self {
        match generation {
            Generation::First => Self::TripleDes,
            Generation::Second | Generation::Specified => Self::Aes,
        }
    }

    pub(crate) const fn block_len(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes => 16,
        }
    }

    /// CBC with an initial vector of zeros. A rest that fills no block is left as it is.
    pub(crate) fn encrypt(self, key: &Key, mut data: Vec<u8>) -> Vec<u8> {
        match self {
            Self::TripleDes => cbc::Encryptor::<TdesEde2>::new(key.into(), &[0; 8].into())
                .encrypt_blocks(Array::slice_as_chunks_mut(&mut data).0),
            Self::Aes => cbc::Encryptor::<Aes128>::new(key.into(), &[0; 16].into())
                .encrypt_blocks(Array::slice_as_chunks_mut(&mut data).0),
        }
        data
    }

    /// The reverse of [`Self::encrypt`].
    pub(crate) fn decrypt(self, key: &Key, mut data: Vec<u8>) -> Vec<u8> {
        match self {
            Self::TripleDes => cbc::Decryptor::<TdesEde2>::new(key.into(), &[0; 8].into())
                .decrypt_blocks(Array::slice_as_chunks_mut(&mut data).0),
            Self::Aes => cbc::Decryptor::<Aes128>::new(key.into(), &[0; 16].into())
                .decrypt_blocks(Array::slice_as_chunks_mut(&mut data).0),
        }
        data
    }

    /// Eight bytes: the whole retail MAC, or the first half of the CMAC.
    pub(crate) fn mac(self, key: &Key, data: &[u8]) -> Vec<u8> {
        let mut mac = match self {
            Self::TripleDes => {
                // The crate fills up with zeros by itself; padding method 2 is ours.
                let padded = self.pad(data.to_vec());
                RetailMac::<Des>::new(key.into())
                    .chain_update(padded)
                    .finalize()
                    .into_bytes()
                    .to_vec()
            }
            Self::Aes => Cmac::<Aes128>::new(key.into())
                .chain_update(data)
                .finalize()
                .into_bytes()
                .to_vec(),
        };
        mac.truncate(8);
        mac
    }

    /// ISO/IEC 7816-4 padding (ISO/IEC 9797-1 method 2): `80`, then `00` to the block's end.
    pub(crate) fn pad(self, mut data: Vec<u8>) -> Vec<u8> {
        data.push(0x80);
        data.resize(data.len().next_multiple_of(self.block_len()), 0);
        data
    }
}

/// Kenc and Kmac: the first 16 bytes of SHA-1 of the card number.
pub(crate) fn number_key(number: &CardNumber) -> Key {
    first_sixteen(&Sha1::digest(number.expose_bytes()))
}

/// KSenc: the first 16 bytes of SHA-1 of the two halves' exclusive or and the counter 1.
pub(crate) fn session_key(reader_half: &Key, card_half: &Key) -> Key {
    let mut seed: Vec<u8> = reader_half
        .iter()
        .zip(card_half)
        .map(|(one, other)| one ^ other)
        .collect();
    seed.extend([0, 0, 0, 1]);
    first_sixteen(&Sha1::digest(seed))
}

fn first_sixteen(hash: &[u8]) -> Key {
    let mut key = Key::default();
    for (slot, byte) in key.iter_mut().zip(hash) {
        *slot = *byte;
    }
    key
}
