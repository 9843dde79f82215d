//! Public RSA keys, and the comparison of a signature's whole block.

use alloc::boxed::Box;

use rsa::{BoxedUint, Pkcs1v15Sign};
use sha2::{Digest as _, Sha256};

/// The DER of DigestInfo before a SHA-256 hash: RFC 8017, §9.2, note 1.
pub(crate) const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// What the card face has instead: the same name, and 96 bytes of hashes.
const THREE_HASHES_INFO: [u8; 19] = [
    0x30, 0x71, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x60,
];

/// A public key of 2048 bits with the exponent 65537: the only kind on these cards.
#[derive(Clone)]
pub(crate) struct RsaKey(rsa::RsaPublicKey);

impl RsaKey {
    /// How many bytes modulus and signature have.
    pub(crate) const LEN: usize = 256;

    /// From modulus and exponent, big-endian. `None` when they are of another size or no key.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        // Looked at before any arithmetic: a large modulus is expensive.
        let full = modulus.len() == Self::LEN && modulus.first().is_some_and(|first| first & 0x80 != 0);
        if !full || exponent != [1, 0, 1] {
            return None;
        }
        rsa::RsaPublicKey::new_with_size_limits(
            BoxedUint::from_be_slice_vartime(modulus),
            BoxedUint::from_be_slice_vartime(exponent),
            2048..=2048,
        )
        .ok()
        .map(Self)
    }

    /// Whether the signature is one over this message: PKCS#1 v1.5, SHA-256.
    pub(crate) fn signed(&self, message: &[&[u8]], signature: &[u8]) -> bool {
        self.block_is(&SHA256_DIGEST_INFO, &sha256(message), signature)
    }

    /// Whether the signature is one over these three hashes, as the card face has it.
    pub(crate) fn signed_three(&self, hashes: [[u8; 32]; 3], signature: &[u8]) -> bool {
        self.block_is(&THREE_HASHES_INFO, &hashes.concat(), signature)
    }

    /// Whether the block behind the signature is, as a whole and byte for byte, `00 01 FF … FF 00 ‖ info ‖ hash`.
    fn block_is(&self, info: &[u8], hash: &[u8], signature: &[u8]) -> bool {
        let scheme = Pkcs1v15Sign {
            hash_len: Some(hash.len()),
            prefix: Box::from(info),
        };
        signature.len() == Self::LEN && self.0.verify(scheme, hash, signature).is_ok()
    }
}

/// SHA-256 over the parts, one after another.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
