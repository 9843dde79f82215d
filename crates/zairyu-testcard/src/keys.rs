//! The made-up keys. They are public, and worth nothing.

use std::sync::LazyLock;

use p384::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner as _};
use rsa::{
    Pkcs1v15Sign, RsaPrivateKey,
    pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPublicKey as _},
    traits::PublicKeyParts as _,
};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384};

use crate::{IssueError, der::Node, oid};

/// A key of this crate, read once in a program's life.
type Fixed = LazyLock<Result<PrivateKey, IssueError>>;

pub(crate) static FIRST_CA: Fixed =
    LazyLock::new(|| PrivateKey::rsa(include_bytes!("../assets/keys/first-ca.pkcs1.der")));
pub(crate) static FIRST_CARD: Fixed =
    LazyLock::new(|| PrivateKey::rsa(include_bytes!("../assets/keys/first-card.pkcs1.der")));
pub(crate) static FIRST_OTHER_CA: Fixed =
    LazyLock::new(|| PrivateKey::rsa(include_bytes!("../assets/keys/first-other-ca.pkcs1.der")));
pub(crate) static SECOND_CA: Fixed =
    LazyLock::new(|| PrivateKey::p384(include_bytes!("../assets/keys/second-ca.sec1.der")));
pub(crate) static SECOND_CARD: Fixed =
    LazyLock::new(|| PrivateKey::p384(include_bytes!("../assets/keys/second-card.sec1.der")));
pub(crate) static SECOND_OTHER_CA: Fixed =
    LazyLock::new(|| PrivateKey::p384(include_bytes!("../assets/keys/second-other-ca.sec1.der")));
/// What session keys of specified cards are delivered under.
pub(crate) static DELIVERY: Fixed =
    LazyLock::new(|| PrivateKey::rsa(include_bytes!("../assets/keys/delivery.pkcs1.der")));
pub(crate) const P256_PUBLIC: &[u8] = include_bytes!("../assets/keys/p256.spki.der");
pub(crate) const RSA1024_PUBLIC: &[u8] = include_bytes!("../assets/keys/rsa1024.spki.der");

/// `DigestInfo` of SHA-256 up to the hash (RFC 8017, 9.2, note 1).
pub(crate) const SHA256_DIGEST_INFO: &[u8] =
    b"\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
/// The same of SHA-384.
const SHA384_DIGEST_INFO: &[u8] =
    b"\x30\x41\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30";

/// The hash a certificate is signed with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
}

/// The made-up delivery key (配送鍵) of the software cards of types 07 and 08: its modulus, 256 bytes, then the exponent 65537,
/// three bytes.
///
/// # Errors
///
/// [`IssueError::Key`], which does not happen with the keys of this crate.
pub fn delivery_key() -> Result<Vec<u8>, IssueError> {
    modulus_and_exponent(&DELIVERY)
}

/// Another key in the same form, which no card takes.
///
/// # Errors
///
/// As for [`delivery_key`].
pub fn other_delivery_key() -> Result<Vec<u8>, IssueError> {
    modulus_and_exponent(&FIRST_OTHER_CA)
}

fn modulus_and_exponent(key: &Fixed) -> Result<Vec<u8>, IssueError> {
    let PrivateKey::Rsa(key) = (**key).clone()? else {
        return Err(IssueError::WrongKey);
    };
    let mut bytes = key.n().to_be_bytes().to_vec();
    bytes.extend([0x01, 0x00, 0x01]);
    Ok(bytes)
}

/// A private key: a CA's or a card's.
#[derive(Clone)]
pub(crate) enum PrivateKey {
    Rsa(Box<RsaPrivateKey>),
    P384(Box<SigningKey>),
}

impl PrivateKey {
    fn rsa(pkcs1: &[u8]) -> Result<Self, IssueError> {
        let key = RsaPrivateKey::from_pkcs1_der(pkcs1).map_err(|_| IssueError::Key)?;
        Ok(Self::Rsa(Box::new(key)))
    }

    fn p384(sec1: &[u8]) -> Result<Self, IssueError> {
        let key = p384::SecretKey::from_der(sec1).map_err(|_| IssueError::Key)?;
        Ok(Self::P384(Box::new(SigningKey::from(&key))))
    }

    /// A new P-384 key from the system's randomness.
    pub(crate) fn fresh_p384() -> Result<Self, IssueError> {
        // All but one in 2^190 numbers of 384 bits are keys: a second try is never needed.
        let mut scalar = [0; 48];
        getrandom::fill(&mut scalar).map_err(|_| IssueError::Randomness)?;
        let key = p384::SecretKey::from_slice(&scalar).map_err(|_| IssueError::Key)?;
        Ok(Self::P384(Box::new(SigningKey::from(&key))))
    }

    /// What stands in the bit string of `SubjectPublicKeyInfo`.
    fn public_bits(&self, compressed: bool) -> Result<Vec<u8>, IssueError> {
        match self {
            Self::Rsa(key) => {
                let public = key.to_public_key().to_pkcs1_der().map_err(|_| IssueError::Key)?;
                Ok(public.as_bytes().to_vec())
            }
            Self::P384(key) => Ok(key.verifying_key().to_sec1_point(compressed).as_bytes().to_vec()),
        }
    }

    /// `SubjectPublicKeyInfo`.
    pub(crate) fn public(&self, compressed: bool) -> Result<Node, IssueError> {
        let algorithm = match self {
            Self::Rsa(_) => Node::sequence([Node::oid(oid::RSA_ENCRYPTION), Node::null()]),
            Self::P384(_) => Node::sequence([Node::oid(oid::EC_PUBLIC_KEY), Node::oid(oid::SECP384R1)]),
        };
        Ok(Node::sequence([
            algorithm,
            Node::bits(0, &self.public_bits(compressed)?),
        ]))
    }

    /// SHA-1 of the public key's bits (RFC 5280, 4.2.1.2, method 1).
    pub(crate) fn identifier(&self) -> Result<Vec<u8>, IssueError> {
        Ok(Sha1::digest(self.public_bits(false)?).to_vec())
    }

    /// The signature of a certificate, as its bit string holds it.
    pub(crate) fn sign(&self, hash: Hash, message: &[u8]) -> Result<Vec<u8>, IssueError> {
        let (digest, info) = match hash {
            Hash::Sha256 => (Sha256::digest(message).to_vec(), SHA256_DIGEST_INFO),
            Hash::Sha384 => (Sha384::digest(message).to_vec(), SHA384_DIGEST_INFO),
        };
        match self {
            Self::Rsa(_) => self.sign_rsa_block(&[info, &digest].concat()),
            Self::P384(_) => Ok(self.sign_ecdsa(&digest)?.to_der().as_bytes().to_vec()),
        }
    }

    /// `00 01 FF … FF 00 ‖ content`, raised to the private exponent: 256 bytes.
    pub(crate) fn sign_rsa_block(&self, content: &[u8]) -> Result<Vec<u8>, IssueError> {
        let Self::Rsa(key) = self else {
            return Err(IssueError::WrongKey);
        };
        key.sign(Pkcs1v15Sign::new_unprefixed(), content)
            .map_err(|_| IssueError::Key)
    }

    /// ECDSA over a hash that is computed already; deterministic (RFC 6979).
    pub(crate) fn sign_ecdsa(&self, digest: &[u8]) -> Result<Signature, IssueError> {
        let Self::P384(key) = self else {
            return Err(IssueError::WrongKey);
        };
        key.sign_prehash(digest).map_err(|_| IssueError::Key)
    }
}
