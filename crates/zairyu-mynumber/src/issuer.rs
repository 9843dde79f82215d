//! Card-verifiable certificates: who certified the key that signed what is on the card.

use alloc::vec::Vec;

use hex_literal::hex;

use crate::{
    application::{Application, File},
    object::Objects,
    proof::{Proof, Provenance, Reason},
    rsa_key::{RsaKey, sha256},
};

/// The most CA keys that can be loaded.
pub const MAX_CV_ANCHORS: usize = 64;

/// CA keys that are known, by the SHA-256 of their modulus. The number is the CA's, the first seven bytes of its key
/// identifier.
///
/// **None of them was officially published.** The digests of the production keys are those of the open implementation
/// `myna-card` 3.3.4; those of the test keys are known to be right, because they verify an official test card.
pub const KNOWN_CV_KEYS: [KnownCvKey; 4] = [
    KnownCvKey {
        number: "5000023",
        application: Application::Visual,
        provenance: Provenance::CommunitySupplied,
        sha256: hex!("bb96cc1dc6502005661961f0a45ed843d007c69e3ce167eceb6b1abd5333a932"),
    },
    KnownCvKey {
        number: "5000033",
        application: Application::Text,
        provenance: Provenance::CommunitySupplied,
        sha256: hex!("409655d477547d83cbe182385acb1ea83c9828eb6e5b8bba90957c339b5f30f7"),
    },
    KnownCvKey {
        number: "6000023",
        application: Application::Visual,
        provenance: Provenance::Test,
        sha256: hex!("df70444dbe6841ec03267c25cf1bd35ff30ef8044da34ff5eedd0719e6f14530"),
    },
    KnownCvKey {
        number: "6000033",
        application: Application::Text,
        provenance: Provenance::Test,
        sha256: hex!("690db1b2d7b9994764a81982bc1e4cd76d9e92d0a33a895b2e71a0be8356f1ae"),
    },
];

/// One row of [`KNOWN_CV_KEYS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownCvKey {
    /// The CA's number.
    pub number: &'static str,
    /// The application whose issuer keys it certifies.
    pub application: Application,
    /// What a result that rests on it must say.
    pub provenance: Provenance,
    /// SHA-256 of the modulus, 256 bytes big-endian.
    pub sha256: [u8; 32],
}

/// The CA keys that a judgement of the text or the visual application may rest on.
#[derive(Clone, Default)]
pub struct CvAnchors(Vec<CvAnchor>);

#[derive(Clone)]
struct CvAnchor {
    application: Application,
    key_id: [u8; 16],
    provenance: Provenance,
    key: RsaKey,
}

/// Why a CA key was not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CvAnchorError {
    /// It is not 256 bytes of a modulus of 2048 bits.
    #[error("This is no modulus of 2048 bits. Give its 256 bytes, the most significant first.")]
    Modulus,
    /// The application has no issuer keys.
    #[error("Only the text and the visual application have issuer keys.")]
    Application,
    /// The key is known, and certifies issuer keys of the other application.
    #[error("This CA certifies the issuer keys of the other application.")]
    OtherApplication,
    /// There would be more than [`MAX_CV_ANCHORS`].
    #[error("More than {MAX_CV_ANCHORS} CA keys cannot be loaded.")]
    TooMany,
}

impl CvAnchors {
    /// None: what cannot be vouched for stays unchecked.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The two production keys as developers share them: 5000023 and 5000033. Every result that rests on them says
    /// [`Provenance::CommunitySupplied`].
    ///
    /// # Errors
    ///
    /// [`CvAnchorError`], if this crate's own files are damaged.
    pub fn community_supplied() -> Result<Self, CvAnchorError> {
        let mut anchors = Self::new();
        anchors.add(
            Application::Visual,
            *b"5000023\x08\x05001\0\0\0\0",
            include_bytes!("../assets/5000023.modulus"),
        )?;
        anchors.add(
            Application::Text,
            *b"5000033\x08\x05001\0\0\0\0",
            include_bytes!("../assets/5000033.modulus"),
        )?;
        Ok(anchors)
    }

    /// Loads a CA key: for which application it certifies issuer keys, its key identifier (証明者鍵ID, compared whole), and
    /// its modulus, 256 bytes. The exponent is 65537.
    ///
    /// # Errors
    ///
    /// [`CvAnchorError`]; then nothing is loaded.
    pub fn add(
        &mut self,
        application: Application,
        key_id: [u8; 16],
        modulus: &[u8],
    ) -> Result<(), CvAnchorError> {
        if application == Application::Jpki {
            return Err(CvAnchorError::Application);
        }
        let key = RsaKey::new(modulus, &[1, 0, 1]).ok_or(CvAnchorError::Modulus)?;
        let digest = sha256(&[modulus]);
        let known = KNOWN_CV_KEYS.iter().find(|known| known.sha256 == digest);
        if known.is_some_and(|known| known.application != application) {
            return Err(CvAnchorError::OtherApplication);
        }
        if self.0.len() >= MAX_CV_ANCHORS {
            return Err(CvAnchorError::TooMany);
        }
        self.0.push(CvAnchor {
            application,
            key_id,
            provenance: known.map_or(Provenance::Custom, |known| known.provenance),
            key,
        });
        Ok(())
    }

    /// How many are loaded.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is loaded.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Shows provenances only.
impl core::fmt::Debug for CvAnchors {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|anchor| anchor.provenance))
            .finish()
    }
}

/// The issuer's key of an application, and what is proved about it. The key is there to be used whatever the proof says:
/// what it signed is checked first, and rests on the proof then.
pub(crate) struct Issuer {
    pub(crate) key: Option<RsaKey>,
    pub(crate) proof: Proof,
}

impl Issuer {
    /// Judges EF 0004.
    pub(crate) fn judge(file: File, content: &[u8], anchors: &CvAnchors) -> Self {
        match Certified::parse(file, content) {
            Ok(certified) => Self {
                proof: certified.judge(file.application(), anchors),
                key: Some(certified.key),
            },
            Err(reason) => Self {
                key: None,
                proof: Proof::because(reason),
            },
        }
    }
}

/// A card-verifiable certificate.
struct Certified<'a> {
    /// What the signature covers.
    body: &'a [u8],
    issuer_key_id: &'a [u8; 16],
    key: RsaKey,
    signature: &'a [u8],
}

impl<'a> Certified<'a> {
    fn parse(file: File, content: &'a [u8]) -> Result<Self, Reason> {
        let objects = Objects::in_file(file, content, 0x7F21)?;
        let body = objects.get(0x5F4E)?;
        let signature = objects.get(0x5F37)?;
        let parts = body.value.split_first_chunk::<16>();
        let Some((issuer_key_id, (_subject_key_id, key))) =
            parts.and_then(|(issuer, rest)| Some((issuer, rest.split_first_chunk::<16>()?)))
        else {
            return Err(objects.wrong_value(body).into());
        };
        Ok(Self {
            body: body.value,
            issuer_key_id,
            key: public_key(file, key)?,
            signature: signature.value,
        })
    }

    fn judge(&self, application: Application, anchors: &CvAnchors) -> Proof {
        let named = || {
            anchors
                .0
                .iter()
                .filter(|anchor| anchor.key_id == *self.issuer_key_id)
        };
        let mut candidates = named()
            .filter(|anchor| anchor.application == application)
            .peekable();
        if candidates.peek().is_none() {
            return Proof::because(match named().next() {
                Some(_) => Reason::CaOfOtherApplication,
                None => Reason::NoAnchor,
            });
        }
        candidates
            .find(|anchor| anchor.key.signed(&[self.body], self.signature))
            .map_or_else(
                || Proof::because(Reason::IssuerSignature),
                |anchor| Proof::verified((), anchor.provenance),
            )
    }
}

/// A public key in the card's form: `90` exponent, `91` modulus.
pub(crate) fn public_key(file: File, value: &[u8]) -> Result<RsaKey, Reason> {
    let objects = Objects::in_value(file, value, 0)?;
    let (exponent, modulus) = (objects.get(0x90)?, objects.get(0x91)?);
    RsaKey::new(modulus.value, exponent.value).ok_or(Reason::KeyKind)
}
