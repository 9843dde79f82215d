use alloc::{string::String, vec::Vec};
use core::fmt;

use zairyu_data::{CardType, Generation};

use crate::{CertificateFault, Oddity, TimeStatus, TrustProfile, VerifiedContent, primitives::Digest};

/// The answer to one question: did the Ministry of Justice sign what this chip holds?
#[derive(Clone, Debug)]
pub struct Authenticity {
    pub(crate) card_type: CardType,
    pub(crate) result: Result<VerifiedContent, Reason>,
    pub(crate) findings: Findings,
}

/// What stands beside the result, whatever it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    pub(crate) anchor: Option<(TrustProfile, Digest)>,
    pub(crate) anchor_time: Option<TimeStatus>,
    pub(crate) certificate_time: Option<TimeStatus>,
    pub(crate) signature_encoding: Option<SignatureEncoding>,
    pub(crate) tolerated: Vec<Oddity>,
    pub(crate) signature_expected: Option<bool>,
}

impl Authenticity {
    /// The answer in one word.
    #[must_use]
    pub fn status(&self) -> Status {
        self.result
            .as_ref()
            .map_or_else(Reason::status, |_| Status::Verified)
    }

    /// Why the status is not [`Status::Verified`]; `None` when it is.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        self.result.as_ref().err()
    }

    /// What was verified; `None` unless the status is [`Status::Verified`].
    #[must_use]
    pub fn content(&self) -> Option<&VerifiedContent> {
        self.result.as_ref().ok()
    }

    /// The profile of the one anchor whose key verified the card's certificate; `None` when none did.
    ///
    /// It is there beside a failure too: a card whose own signature does not match can hold a genuine certificate.
    #[must_use]
    pub fn trust_profile(&self) -> Option<TrustProfile> {
        self.findings.anchor.map(|(profile, _)| profile)
    }

    /// The SHA-256 of that anchor's DER.
    #[must_use]
    pub fn anchor_sha256(&self) -> Option<[u8; 32]> {
        self.findings.anchor.map(|(_, sha256)| sha256)
    }

    /// How the card's signature is encoded; `None` unless it matched.
    #[must_use]
    pub const fn signature_encoding(&self) -> Option<SignatureEncoding> {
        self.findings.signature_encoding
    }

    /// Whether the card's certificate is valid at the time of judgement; `None` when there is none that can be read.
    #[must_use]
    pub const fn certificate_time(&self) -> Option<TimeStatus> {
        self.findings.certificate_time
    }

    /// Whether the anchor that verified the card's certificate is valid at the time of judgement.
    #[must_use]
    pub const fn anchor_time(&self) -> Option<TimeStatus> {
        self.findings.anchor_time
    }

    /// Departures of the card's certificate from DER that were tolerated, each named once.
    #[must_use]
    pub fn tolerated(&self) -> &[Oddity] {
        &self.findings.tolerated
    }

    /// Whether a card of this holder should carry a signature, by the date of birth that the chip states.
    ///
    /// `None` when the chip states none: always on the first generation, where cards of holders under 16 have no
    /// signature. On the second generation none is expected of children under one year, whose cards have no photo. `Some(true)` beside
    /// [`Reason::NoSignatureOnCard`] may mean that the signature was taken away; the date itself is then unsigned too,
    /// so compare it with the card and the person.
    #[must_use]
    pub const fn signature_expected(&self) -> Option<bool> {
        self.findings.signature_expected
    }

    /// What the signature of a card of this type covers, whether or not it matched here.
    #[must_use]
    pub const fn covers(&self) -> &'static [Region] {
        match self.card_type.generation() {
            Generation::First => &[Region::Front, Region::Face],
            Generation::Second | Generation::Specified => {
                &[Region::PrintedEntries, Region::Face, Region::Name]
            }
        }
    }

    /// What it does not cover: anybody who can make a chip can make these say anything.
    #[must_use]
    pub const fn does_not_cover(&self) -> &'static [Region] {
        &[
            Region::Number,
            Region::Address,
            Region::Permissions,
            Region::Renewal,
            Region::CommissionerNote,
            Region::CardType,
        ]
    }
}

/// The answer in one word. No boolean can hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// The signature matches, and an anchor vouches for the key that made it.
    Verified,
    /// Something is wrong; the [`Reason`] says what.
    Failed,
    /// The card carries no signature: nobody can verify it.
    NotVerifiable,
    /// No anchor was loaded: this judgement could not verify it.
    NotChecked,
}

impl Status {
    /// The stable name: `verified`, `failed`, `not_verifiable` or `not_checked`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::NotVerifiable => "not_verifiable",
            Self::NotChecked => "not_checked",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a card is not verified. [`Self::as_str`] is the stable name, `Display` a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Holders under 16 have such cards of the first generation, children under one year perhaps of the second.
    #[error("The card carries no signature, so that nobody can verify what its chip says.")]
    NoSignatureOnCard,
    /// The signature matches the card's own certificate, which proves nothing.
    #[error(
        "No CA certificate is loaded, so that nothing vouches for the card's own. Load those of the Ministry of Justice."
    )]
    NoAnchor,
    /// The certificate is none.
    #[error("The card's certificate is damaged: {0}.")]
    CertificateMalformed(CertificateFault),
    /// The certificate is for a key of another kind than this generation's.
    #[error(
        "The card's certificate is not for a key of the kind {expected}, which cards of this generation use."
    )]
    WrongKeyType {
        /// `RSA-2048` or `P-384`.
        expected: &'static str,
    },
    /// None of the anchors issued the certificate.
    #[error("The card's certificate is not vouched for: {0}.")]
    UntrustedCertificate(TrustFault),
    /// The certificate is not meant for signing data.
    #[error("The card's certificate is not meant for signing a card's data: {0}.")]
    CertificateUsage(UsageFault),
    /// The signature is none.
    #[error("The card's signature is damaged: {0}.")]
    SignatureMalformed(SignatureFault),
    /// What should be signed is missing or damaged.
    #[error("What the signature covers is not complete. {0}.")]
    SignedDataMalformed(zairyu_data::Error),
    /// The signature is not one over this content.
    #[error("The card's signature does not match its content: the content or the signature was changed.")]
    SignatureMismatch,
    /// The signature matches; the certificate was not valid yet.
    #[error("The signature matches, and the card's certificate is not valid yet at the time of judgement.")]
    CertificateNotYetValid,
    /// The signature matches; the certificate has expired.
    #[error("The signature matches, and the card's certificate has expired at the time of judgement.")]
    CertificateExpired,
    /// The signature matches; the anchor was not valid yet.
    #[error("The signature matches, and the CA certificate is not valid yet at the time of judgement.")]
    AnchorNotYetValid,
    /// The signature matches; the anchor has expired, which the [`Policy`](crate::Policy) does not accept.
    #[error("The signature matches, and the CA certificate has expired at the time of judgement.")]
    AnchorExpired,
}

impl Reason {
    /// The stable name, such as `signature_mismatch`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoSignatureOnCard => "no_signature_on_card",
            Self::NoAnchor => "no_anchor",
            Self::CertificateMalformed(_) => "certificate_malformed",
            Self::WrongKeyType { .. } => "wrong_key_type",
            Self::UntrustedCertificate(_) => "untrusted_certificate",
            Self::CertificateUsage(_) => "certificate_usage",
            Self::SignatureMalformed(_) => "signature_malformed",
            Self::SignedDataMalformed(_) => "signed_data_malformed",
            Self::SignatureMismatch => "signature_mismatch",
            Self::CertificateNotYetValid => "certificate_not_yet_valid",
            Self::CertificateExpired => "certificate_expired",
            Self::AnchorNotYetValid => "anchor_not_yet_valid",
            Self::AnchorExpired => "anchor_expired",
        }
    }

    /// The status that goes with it.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::NoSignatureOnCard => Status::NotVerifiable,
            Self::NoAnchor => Status::NotChecked,
            _ => Status::Failed,
        }
    }
}

/// Why no anchor vouches for a certificate. With several anchors, the nearest miss: the last in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum TrustFault {
    /// RFC 5280, §4.1.1.2: both must be the same. No anchor could help.
    #[error("it names two different signature algorithms")]
    AlgorithmsDiffer,
    /// Not sha256WithRSAEncryption (first generation) or ecdsa-with-SHA256 (second), or odd parameters.
    #[error("it was not signed with the algorithm of this generation")]
    UnsupportedAlgorithm,
    /// No anchor's subject is the certificate's issuer.
    #[error("none of the loaded CA certificates bears its issuer's name")]
    UnknownIssuer,
    /// There are anchors of that name, all with another key identifier than the certificate asks for.
    #[error("the loaded CA certificate of its issuer's name has another key identifier")]
    OtherKeyIdentifier,
    /// There is an anchor of that name whose key cannot have made such a signature.
    #[error("the loaded CA certificate of its issuer's name has a key of another kind")]
    AnchorKeyType,
    /// There are anchors of that name, and none of their keys made the signature.
    #[error("no loaded CA certificate of its issuer's name has the key that signed it")]
    SignatureMismatch,
    /// An anchor's key made the signature, and its certificate does not let it.
    #[error("the CA certificate whose key signed it may not sign certificates: {0}")]
    AnchorMayNotSign(AnchorFault),
    /// [`MAX_CHAIN_VERIFICATIONS`](crate::MAX_CHAIN_VERIFICATIONS) was reached before all were tried.
    #[error("too many CA certificates bear its issuer's name to try them all")]
    TooManyCandidates,
}

/// Why an anchor may not sign certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorFault {
    /// No basic constraints with CA:TRUE.
    #[error("it is not that of a certification authority")]
    NotAnAuthority,
    /// There is a key usage, and keyCertSign is not in it.
    #[error("its key usage is another")]
    KeyUsage,
    /// It has a critical extension that is not known here.
    #[error("it has an unknown critical extension")]
    UnknownCriticalExtension,
}

/// Why a certificate may not be a card's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UsageFault {
    /// There is a key usage, and digitalSignature is not in it.
    #[error("its key usage is another")]
    KeyUsage,
    /// It has CA:TRUE.
    #[error("it is that of a certification authority")]
    Authority,
    /// It has a critical extension that is not known here.
    #[error("it has the unknown critical extension {oid}")]
    UnknownCriticalExtension {
        /// The extension's object identifier, in dots.
        oid: String,
    },
}

/// Why a signature is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// The signature file is damaged.
    #[error("{} (byte {})", .0.kind(), .0.offset())]
    File(zairyu_data::Error),
    /// It has not the length that the key demands.
    #[error("it has {found} bytes where {expected} are expected")]
    Length {
        /// Bytes expected.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// It is neither 96 raw bytes nor DER.
    #[error("it is neither 96 bytes nor DER")]
    NotDer,
    /// A number in it is 0 or not below the key's modulus or order.
    #[error("a number in it is out of range")]
    OutOfRange,
}

/// How a card's signature is encoded. The specifications leave it open in both generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureEncoding {
    /// RSA, the padded block ends with a DigestInfo as PKCS#1 v1.5 demands.
    Pkcs1v15DigestInfo,
    /// RSA, the padded block ends with the bare hash, as Figure 3-4 of 在留カード等仕様書 Ver 1.5 draws it.
    Pkcs1v15BareHash,
    /// ECDSA, r and s of 48 bytes each.
    EcdsaRaw,
    /// ECDSA, an ASN.1 SEQUENCE of r and s.
    EcdsaDer,
}

impl SignatureEncoding {
    /// The stable name: `pkcs1v15_digest_info`, `pkcs1v15_bare_hash`, `ecdsa_raw` or `ecdsa_der`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pkcs1v15DigestInfo => "pkcs1v15_digest_info",
            Self::Pkcs1v15BareHash => "pkcs1v15_bare_hash",
            Self::EcdsaRaw => "ecdsa_raw",
            Self::EcdsaDer => "ecdsa_der",
        }
    }
}

impl fmt::Display for SignatureEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A part of a card's content that a signature covers or does not cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// 券面（表）イメージ (first generation).
    Front,
    /// 券面記載事項 (second generation).
    PrintedEntries,
    /// 顔画像.
    Face,
    /// 氏名イメージ (second generation).
    Name,
    /// 在留カード等番号. On the first generation it is signed only as part of the front image.
    Number,
    /// 住居地, as text or image.
    Address,
    /// 資格外活動許可.
    Permissions,
    /// 在留期間更新等許可申請.
    Renewal,
    /// その他: what the Commissioner recorded.
    CommissionerNote,
    /// カード種別 and the specification's version.
    CardType,
}

impl Region {
    /// The stable name, such as `printed_entries`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::PrintedEntries => "printed_entries",
            Self::Face => "face",
            Self::Name => "name",
            Self::Number => "number",
            Self::Address => "address",
            Self::Permissions => "permissions",
            Self::Renewal => "renewal",
            Self::CommissionerNote => "commissioner_note",
            Self::CardType => "card_type",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
