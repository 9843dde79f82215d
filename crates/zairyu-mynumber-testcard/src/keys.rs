//! The made-up keys. They are public, and worth nothing.

use std::sync::LazyLock;

use rsa::{Pkcs1v15Sign, RsaPrivateKey, pkcs1::DecodeRsaPrivateKey as _, traits::PublicKeyParts as _};
use sha2::{Digest as _, Sha256};

use crate::object::{LengthForm, object};

/// Why a card could not be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// One of this crate's own keys could not be used.
    #[error("a key of the software card cannot be used: the crate's assets are damaged")]
    Key,
}

/// The algorithm identifier and header of a `DigestInfo` with a SHA-256 hash (RFC 8017, §9.2, note 1).
pub(crate) const SHA256_DIGEST_INFO: &[u8] =
    b"\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

macro_rules! keys {
    ($($name:ident: $file:literal),+ $(,)?) => {
        /// Whose a key is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Owner { $($name),+ }

        impl Owner {
            /// The key, read once in a program's life.
            pub(crate) fn key(self) -> Result<&'static Key, IssueError> {
                match self {
                    $(Self::$name => {
                        static KEY: LazyLock<Result<Key, IssueError>> =
                            LazyLock::new(|| Key::read(include_bytes!(concat!("../assets/keys/", $file, ".pkcs1.der"))));
                        KEY.as_ref().map_err(|&error| error)
                    })+
                }
            }
        }
    };
}

keys! {
    TextCa: "text-ca",
    VisualCa: "visual-ca",
    OtherCa: "other-ca",
    TextIssuer: "text-issuer",
    VisualIssuer: "visual-issuer",
    TextCard: "text-card",
    SecondTextCard: "second-text-card",
    VisualCard: "visual-card",
    AuthCa: "auth-ca",
    Auth: "auth",
    SignCa: "sign-ca",
    Sign: "sign",
}

pub(crate) struct Key(RsaPrivateKey);

impl Key {
    fn read(pkcs1: &[u8]) -> Result<Self, IssueError> {
        RsaPrivateKey::from_pkcs1_der(pkcs1)
            .map(Self)
            .map_err(|_| IssueError::Key)
    }

    /// The modulus, 256 bytes.
    pub(crate) fn modulus(&self) -> Vec<u8> {
        self.0.n().to_be_bytes_trimmed_vartime().to_vec()
    }

    /// The public key as the card's files hold it: `90 03 010001`, `91 82 0100` modulus.
    pub(crate) fn public_objects(&self) -> Vec<u8> {
        let exponent = object(LengthForm::Shortest, 0x90, &[1, 0, 1]);
        [exponent, object(LengthForm::Shortest, 0x91, &self.modulus())].concat()
    }

    /// `00 01 FF … FF 00 ‖ content`, raised to the private exponent: 256 bytes.
    pub(crate) fn sign_block(&self, content: &[u8]) -> Result<Vec<u8>, IssueError> {
        self.0
            .sign(Pkcs1v15Sign::new_unprefixed(), content)
            .map_err(|_| IssueError::Key)
    }

    /// PKCS#1 v1.5 with SHA-256.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, IssueError> {
        self.sign_block(&[SHA256_DIGEST_INFO, &Sha256::digest(message)].concat())
    }
}
