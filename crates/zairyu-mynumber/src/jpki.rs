//! The certificate for user authentication: its path to a root of J-LIS, and the holder's PIN.

use alloc::vec::Vec;
use core::fmt;

use der::{AnyRef, Decode, Encode, Sequence, asn1::ObjectIdentifier, asn1::UintRef};
use hex_literal::hex;
use jiff::Timestamp;
use x509_cert::{
    Certificate as X509, TbsCertificate, Version,
    ext::pkix::{
        AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage, KeyUsages,
        SubjectKeyIdentifier,
    },
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
};
use zairyu_tlv::Reader;

use crate::{
    files::JpkiFiles,
    judge::signed_challenge,
    proof::{Proof, Provenance, Reason},
    revocation::{RevocationAnswer, RevocationSource},
    rsa_key::{RsaKey, sha256},
};

/// The longest certificate that is looked at, in bytes. Known ones stay below 2,000.
pub const MAX_CERTIFICATE_LEN: usize = 8192;

/// The most roots that can be loaded. J-LIS published six in eight years.
pub const MAX_JPKI_ANCHORS: usize = 64;

/// The roots that are known by the SHA-256 of their DER: the six that J-LIS publishes at
/// <https://www.jpki.go.jp/ca/index.html>, and four that official test cards carry.
///
/// The certificates themselves are not in this crate: download them from J-LIS. All generations have the same name.
pub const PINNED_ROOTS: [PinnedRoot; 10] = [
    root(
        "authca01",
        Provenance::JlisPublished,
        "01",
        ["2015-10-20T03:08:13Z", "2025-10-19T14:59:59Z"],
        hex!("4dcfc4ca0aaf9fb2a3081b3f0c991c320b3acc008667a341eeaec5af1d58ca7d"),
    ),
    root(
        "authca02",
        Provenance::JlisPublished,
        "0133C349",
        ["2019-09-14T23:41:59Z", "2029-09-14T14:59:59Z"],
        hex!("0d98de47fc11b7f67126874b7028b6026a803d2638d6edfe53176953961fade6"),
    ),
    root(
        "authca03",
        Provenance::JlisPublished,
        "06D18006",
        ["2023-07-16T01:01:04Z", "2033-07-15T14:59:59Z"],
        hex!("64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5"),
    ),
    root(
        "signca01",
        Provenance::JlisPublished,
        "01",
        ["2015-10-20T02:40:28Z", "2025-10-19T14:59:59Z"],
        hex!("19645405a1fe14377434bd55957628ac4038557c542403a2243f21c706fc9355"),
    ),
    root(
        "signca02",
        Provenance::JlisPublished,
        "0132C4AB",
        ["2019-09-14T23:41:56Z", "2029-09-14T14:59:59Z"],
        hex!("79679c33e4cc9319440f1ad120a597ff1844e2ef217063adb176966fd5e6fbeb"),
    ),
    root(
        "signca03",
        Provenance::JlisPublished,
        "067C6A21",
        ["2023-07-16T00:50:27Z", "2033-07-15T14:59:59Z"],
        hex!("d227f6cde11d35c5252178f106f843d24651944975413b539fa2fb68dbfa365f"),
    ),
    root(
        "test auth 2019",
        Provenance::Test,
        "BFCD",
        ["2019-03-09T02:23:28Z", "2029-03-08T14:59:59Z"],
        hex!("b6de0ff5a384f5af0242a6ca854dee57ee2cad97b341f18b914948fd8e638706"),
    ),
    root(
        "test auth 2023",
        Provenance::Test,
        "218887",
        ["2023-03-23T02:05:02Z", "2033-03-22T14:59:59Z"],
        hex!("5a0e7d690c718fadebc7fb6eff66a6dd623458debc1aa6fb1778bfe157cbeb25"),
    ),
    root(
        "test sign 2019",
        Provenance::Test,
        "C139",
        ["2019-07-17T23:14:37Z", "2029-07-17T14:59:59Z"],
        hex!("7bdbdf2652a15e6d458efc143b7201242e1162416251d0903060fa7c642465cc"),
    ),
    root(
        "test sign 2024",
        Provenance::Test,
        "1EA8A8",
        ["2024-08-28T22:23:39Z", "2034-08-28T14:59:59Z"],
        hex!("8126df7dd2db230bd8ee48caa40fc3417dde3607050ed34973d8d3cf267fe723"),
    ),
];

const fn root(
    name: &'static str,
    provenance: Provenance,
    serial_number: &'static str,
    [not_before, not_after]: [&'static str; 2],
    sha256: [u8; 32],
) -> PinnedRoot {
    PinnedRoot {
        name,
        provenance,
        serial_number,
        not_before,
        not_after,
        sha256,
    }
}

/// One row of [`PINNED_ROOTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinnedRoot {
    /// J-LIS's file name without its ending; a description for test roots.
    pub name: &'static str,
    /// What a result that rests on it must say.
    pub provenance: Provenance,
    /// The serial number, in hexadecimal.
    pub serial_number: &'static str,
    /// Validity in UTC, RFC 3339.
    pub not_before: &'static str,
    /// See `not_before`.
    pub not_after: &'static str,
    /// SHA-256 of the DER.
    pub sha256: [u8; 32],
}

/// The roots that a judgement of a certificate may rest on. The CA certificate on the card itself is never one.
#[derive(Clone, Default)]
pub struct JpkiAnchors(Vec<Anchor>);

#[derive(Clone)]
struct Anchor {
    provenance: Provenance,
    sha256: [u8; 32],
    certificate: Certificate,
}

/// Why a root was not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JpkiAnchorError {
    /// The bytes are no certificate in DER.
    #[error("This is no certificate in DER: {0}. Download the .cer file from J-LIS again.")]
    Malformed(CertificateFault),
    /// It is not signed with its own key.
    #[error("This certificate is not a root: another key signed it.")]
    NotSelfSigned,
    /// It may not sign certificates.
    #[error("This certificate may not sign others, so that it is no root.")]
    NotAnAuthority,
    /// There would be more than [`MAX_JPKI_ANCHORS`].
    #[error("More than {MAX_JPKI_ANCHORS} roots cannot be loaded.")]
    TooMany,
}

impl JpkiAnchors {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Loads a root in DER. Its provenance is decided by its SHA-256 alone. One that is there already is not added
    /// again.
    ///
    /// # Errors
    ///
    /// [`JpkiAnchorError`]; then nothing is loaded.
    pub fn add(&mut self, der: &[u8]) -> Result<(), JpkiAnchorError> {
        let certificate = Certificate::parse(der).map_err(JpkiAnchorError::Malformed)?;
        if certificate.issuer != certificate.subject || !certificate.signed_by(&certificate.key) {
            return Err(JpkiAnchorError::NotSelfSigned);
        }
        if !certificate.authority || !certificate.may(KeyUsages::KeyCertSign) {
            return Err(JpkiAnchorError::NotAnAuthority);
        }
        let sha256 = sha256(&[der]);
        if self.0.iter().any(|anchor| anchor.sha256 == sha256) {
            return Ok(());
        }
        if self.0.len() >= MAX_JPKI_ANCHORS {
            return Err(JpkiAnchorError::TooMany);
        }
        let pinned = PINNED_ROOTS.iter().find(|pinned| pinned.sha256 == sha256);
        self.0.push(Anchor {
            provenance: pinned.map_or(Provenance::Custom, |pinned| pinned.provenance),
            sha256,
            certificate,
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
impl fmt::Debug for JpkiAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|anchor| anchor.provenance))
            .finish()
    }
}

/// What the certificate for user authentication proves, line by line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JpkiProofs {
    /// J-LIS issued the certificate, for this use, and it is valid at the time of judgement. Not: that it was not
    /// revoked.
    pub certificate: Proof<CertificateFacts>,
    /// The chip has the certificate's key, and somebody entered its PIN.
    pub holder: Proof,
    /// The certificate was not revoked, as of the time that the source says. Never verified without a
    /// [`RevocationSource`].
    pub revocation: Proof<Timestamp>,
}

/// What a certificate says that is not personal. Its serial numbers are not here: the law limits their use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateFacts {
    /// When its validity began.
    pub not_before: Timestamp,
    /// When its validity ends.
    pub not_after: Timestamp,
    /// SHA-256 of the root's DER.
    pub root_sha256: [u8; 32],
}

/// Why a certificate cannot be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// It is longer than [`MAX_CERTIFICATE_LEN`].
    #[error("it is too long")]
    TooLong,
    /// Its bytes are not those of a certificate of version 3, in DER.
    #[error("it is damaged")]
    Structure,
    /// An extension is there twice, or cannot be read.
    #[error("its extension {0} cannot be read, or is there twice")]
    Extension(ExtensionId),
    /// Its key is not RSA with 2048 bits.
    #[error("its key is of a kind that these certificates do not have")]
    KeyKind,
    /// It names two signature algorithms, or another than sha256WithRSAEncryption.
    #[error("it was not signed with SHA-256 and RSA")]
    Algorithm,
    /// No root bears its issuer's name.
    #[error("no loaded root bears its issuer's name")]
    UnknownIssuer,
    /// There are roots of that name, and none of their keys signed it.
    #[error("none of the loaded roots of its issuer's name has signed it")]
    SignatureMismatch,
    /// It is a CA's.
    #[error("it is that of a certification authority")]
    Authority,
    /// Its key usage is not digitalSignature.
    #[error("its key usage is another")]
    KeyUsage,
    /// It has an extended key usage, and clientAuth is not in it.
    #[error("its extended key usage is another")]
    ExtendedKeyUsage,
    /// None of its policies is one for user authentication (1.2.392.200149.8.5.1.x.30).
    #[error("it was not issued under a policy for user authentication")]
    Policy,
    /// It has a critical extension that is not known here.
    #[error("it has the unknown critical extension {0}")]
    UnknownCriticalExtension(ExtensionId),
    /// It is not valid yet at the time of judgement.
    #[error("it is not valid yet")]
    NotYetValid,
    /// It has expired at the time of judgement.
    #[error("it has expired")]
    Expired,
    /// The root is not valid at the time of judgement.
    #[error("its root is not valid at that time")]
    RootNotValid,
}

/// The object identifier of an extension; shown in dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionId(ObjectIdentifier);

impl fmt::Display for ExtensionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JpkiFiles {
    /// Checks everything that can be checked without asking anybody, and asks the source about revocation, if there is
    /// one.
    ///
    /// `at` is the time of judgement: normally now; the time of a signature when an old one is judged.
    #[must_use]
    pub fn judge(
        &self,
        anchors: &JpkiAnchors,
        at: Timestamp,
        revocation: Option<&dyn RevocationSource>,
    ) -> JpkiProofs {
        let (certificate, key) = match Certificate::parse(&self.certificate) {
            Ok(parsed) => (parsed.judge(anchors, at), Some(parsed.key)),
            Err(fault) => (Proof::because(Reason::Certificate(fault)), None),
        };
        let holder = signed_challenge(key.as_ref(), self.answer.as_ref());
        let answer = match (revocation, certificate.content()) {
            (None, _) => Err(Reason::RevocationReserved),
            // A source is not troubled with certificates that prove nothing.
            (Some(_), None) => Err(match certificate.reason() {
                Some(Reason::NoAnchor) => Reason::RestsOnUnchecked,
                _ => Reason::RestsOnFailure,
            }),
            (Some(source), Some(_)) => match source.ask(&self.certificate, at) {
                RevocationAnswer::NotRevoked { as_of } => Ok(as_of),
                RevocationAnswer::Revoked => Err(Reason::Revoked),
                RevocationAnswer::Suspended => Err(Reason::Suspended),
                RevocationAnswer::Unavailable => Err(Reason::RevocationUnavailable),
            },
        };
        JpkiProofs {
            holder: Proof::resting_on(&certificate, holder),
            revocation: Proof::resting_on(&certificate, answer),
            certificate,
        }
    }
}

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_WITH_RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const CERTIFICATE_POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32");
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");

/// Whether a policy is one for user authentication: 1.2.392.200149.8.5.1.x.30. x is 0 on test cards, and 3 on the one
/// production certificate that was looked at.
fn is_auth_policy(policy: &ObjectIdentifier) -> bool {
    let arcs: Vec<_> = policy.arcs().collect();
    matches!(arcs.as_slice(), [1, 2, 392, 200_149, 8, 5, 1, _, 30])
}

/// A certificate, parsed once. Whether it may be relied on, and for what, is judged afterwards.
#[derive(Clone)]
struct Certificate {
    /// `TBSCertificate` as it stands.
    signed: Vec<u8>,
    signature: Vec<u8>,
    right_algorithm: bool,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
    key: RsaKey,
    authority: bool,
    key_usage: Option<KeyUsage>,
    extended_key_usage: Option<Vec<ObjectIdentifier>>,
    policies: Vec<ObjectIdentifier>,
    subject_key_identifier: Option<Vec<u8>>,
    authority_key_identifier: Option<Vec<u8>>,
    unknown_critical: Option<ObjectIdentifier>,
}

impl Certificate {
    fn parse(bytes: &[u8]) -> Result<Self, CertificateFault> {
        if bytes.len() > MAX_CERTIFICATE_LEN {
            return Err(CertificateFault::TooLong);
        }
        let typed = X509::from_der(bytes).map_err(|_| CertificateFault::Structure)?;
        let tbs = typed.tbs_certificate();
        if tbs.version() != Version::V3 {
            return Err(CertificateFault::Structure);
        }
        let time = |seconds: core::time::Duration| {
            let seconds = i64::try_from(seconds.as_secs()).map_err(|_| CertificateFault::Structure)?;
            Timestamp::from_second(seconds).map_err(|_| CertificateFault::Structure)
        };
        let name = |name: &x509_cert::name::Name| name.to_der().map_err(|_| CertificateFault::Structure);
        let mut certificate = Self {
            signed: signed_part(bytes).ok_or(CertificateFault::Structure)?.to_vec(),
            signature: typed
                .signature()
                .as_bytes()
                .ok_or(CertificateFault::Structure)?
                .to_vec(),
            right_algorithm: typed.signature_algorithm() == tbs.signature()
                && is_sha256_with_rsa(typed.signature_algorithm()),
            issuer: name(tbs.issuer())?,
            subject: name(tbs.subject())?,
            not_before: time(tbs.validity().not_before.to_unix_duration())?,
            not_after: time(tbs.validity().not_after.to_unix_duration())?,
            key: public_key(tbs.subject_public_key_info())?,
            authority: false,
            key_usage: None,
            extended_key_usage: None,
            policies: Vec::new(),
            subject_key_identifier: None,
            authority_key_identifier: None,
            unknown_critical: None,
        };
        certificate.read_extensions(tbs)?;
        Ok(certificate)
    }

    fn read_extensions(&mut self, tbs: &TbsCertificate) -> Result<(), CertificateFault> {
        let extensions = tbs.extensions().map(Vec::as_slice).unwrap_or_default();
        for (index, extension) in extensions.iter().enumerate() {
            let oid = extension.extn_id;
            if extensions
                .iter()
                .take(index)
                .any(|earlier| earlier.extn_id == oid)
            {
                return Err(CertificateFault::Extension(ExtensionId(oid)));
            }
            let value = extension.extn_value.as_bytes();
            let read = match oid {
                SUBJECT_KEY_IDENTIFIER => SubjectKeyIdentifier::from_der(value)
                    .map(|read| self.subject_key_identifier = Some(read.0.as_bytes().to_vec())),
                KEY_USAGE => KeyUsage::from_der(value).map(|read| self.key_usage = Some(read)),
                BASIC_CONSTRAINTS => BasicConstraints::from_der(value).map(|read| self.authority = read.ca),
                CERTIFICATE_POLICIES => CertificatePolicies::from_der(value).map(|read| {
                    self.policies = read.0.iter().map(|policy| policy.policy_identifier).collect()
                }),
                AUTHORITY_KEY_IDENTIFIER => AuthorityKeyIdentifier::from_der(value).map(|read| {
                    self.authority_key_identifier = read
                        .key_identifier
                        .map(|identifier| identifier.as_bytes().to_vec());
                }),
                EXTENDED_KEY_USAGE => {
                    ExtendedKeyUsage::from_der(value).map(|read| self.extended_key_usage = Some(read.0))
                }
                _ => {
                    if extension.critical {
                        self.unknown_critical = Some(oid);
                    }
                    Ok(())
                }
            };
            read.map_err(|_| CertificateFault::Extension(ExtensionId(oid)))?;
        }
        Ok(())
    }

    /// Whether the key usage is there and names this use.
    fn may(&self, usage: KeyUsages) -> bool {
        self.key_usage
            .is_some_and(|key_usage| key_usage.0.contains(usage))
    }

    fn signed_by(&self, key: &RsaKey) -> bool {
        self.right_algorithm && key.signed(&[&self.signed], &self.signature)
    }

    fn judge(&self, anchors: &JpkiAnchors, at: Timestamp) -> Proof<CertificateFacts> {
        if anchors.is_empty() {
            return Proof::because(Reason::NoAnchor);
        }
        match self.path(anchors, at) {
            Ok(anchor) => Proof::verified(
                CertificateFacts {
                    not_before: self.not_before,
                    not_after: self.not_after,
                    root_sha256: anchor.sha256,
                },
                anchor.provenance,
            ),
            Err(fault) => Proof::because(Reason::Certificate(fault)),
        }
    }

    /// The root that issued it, if nothing is wrong with it.
    fn path<'a>(&self, anchors: &'a JpkiAnchors, at: Timestamp) -> Result<&'a Anchor, CertificateFault> {
        if !self.right_algorithm {
            return Err(CertificateFault::Algorithm);
        }
        // All generations of roots have the same name: it rules out, and the signature decides.
        let mut named = anchors
            .0
            .iter()
            .filter(|anchor| anchor.certificate.subject == self.issuer)
            .peekable();
        if named.peek().is_none() {
            return Err(CertificateFault::UnknownIssuer);
        }
        let anchor = named
            .filter(|anchor| {
                let identifiers = (
                    &self.authority_key_identifier,
                    &anchor.certificate.subject_key_identifier,
                );
                !matches!(identifiers, (Some(wanted), Some(found)) if wanted != found)
            })
            .find(|anchor| self.signed_by(&anchor.certificate.key))
            .ok_or(CertificateFault::SignatureMismatch)?;
        self.check_use()?;
        if at < self.not_before {
            return Err(CertificateFault::NotYetValid);
        }
        if at > self.not_after {
            return Err(CertificateFault::Expired);
        }
        if at < anchor.certificate.not_before || at > anchor.certificate.not_after {
            return Err(CertificateFault::RootNotValid);
        }
        Ok(anchor)
    }

    fn check_use(&self) -> Result<(), CertificateFault> {
        if self.authority {
            return Err(CertificateFault::Authority);
        }
        if !self.may(KeyUsages::DigitalSignature) {
            return Err(CertificateFault::KeyUsage);
        }
        let purposes = self.extended_key_usage.as_ref();
        if purposes.is_some_and(|purposes| !purposes.contains(&CLIENT_AUTH)) {
            return Err(CertificateFault::ExtendedKeyUsage);
        }
        if !self.policies.iter().any(is_auth_policy) {
            return Err(CertificateFault::Policy);
        }
        self.unknown_critical.map_or(Ok(()), |oid| {
            Err(CertificateFault::UnknownCriticalExtension(ExtensionId(oid)))
        })
    }
}

/// The bytes of `TBSCertificate`: the first object within the outer one.
fn signed_part(bytes: &[u8]) -> Option<&[u8]> {
    let outer = Reader::new(bytes).next_object().ok()??;
    let mut inner = Reader::new(outer.value());
    inner.next_object().ok()??;
    outer.value().get(..inner.offset())
}

fn is_sha256_with_rsa(algorithm: &AlgorithmIdentifierOwned) -> bool {
    let null = algorithm
        .parameters
        .as_ref()
        .is_some_and(|any| AnyRef::from(any).is_null());
    algorithm.oid == SHA256_WITH_RSA_ENCRYPTION && null
}

/// RFC 8017, appendix A.1.1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

fn public_key(info: &SubjectPublicKeyInfoOwned) -> Result<RsaKey, CertificateFault> {
    let bits = info
        .subject_public_key
        .as_bytes()
        .ok_or(CertificateFault::Structure)?;
    if info.algorithm.oid != RSA_ENCRYPTION {
        return Err(CertificateFault::KeyKind);
    }
    let numbers = RsaPublicKey::from_der(bits).map_err(|_| CertificateFault::Structure)?;
    RsaKey::new(numbers.modulus.as_bytes(), numbers.public_exponent.as_bytes())
        .ok_or(CertificateFault::KeyKind)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const FILES: [(&str, &[u8]); 10] = [
        ("authca01", include_bytes!("../tests/jlis/authca01.cer")),
        ("authca02", include_bytes!("../tests/jlis/authca02.cer")),
        ("authca03", include_bytes!("../tests/jlis/authca03.cer")),
        ("signca01", include_bytes!("../tests/jlis/signca01.cer")),
        ("signca02", include_bytes!("../tests/jlis/signca02.cer")),
        ("signca03", include_bytes!("../tests/jlis/signca03.cer")),
        (
            "test auth 2019",
            include_bytes!("../tests/official_test_card/roots/authca-test-2019.cer"),
        ),
        (
            "test auth 2023",
            include_bytes!("../tests/official_test_card/roots/authca-test-2023.cer"),
        ),
        (
            "test sign 2019",
            include_bytes!("../tests/official_test_card/roots/signca-test-2019.cer"),
        ),
        (
            "test sign 2024",
            include_bytes!("../tests/official_test_card/roots/signca-test-2024.cer"),
        ),
    ];

    /// The published files: digest, serial number, dates, signature with their own key, use.
    #[test]
    fn pinned_roots_are_those_published() {
        for (pinned, (name, file)) in PINNED_ROOTS.iter().zip(FILES) {
            assert_eq!(pinned.name, name);
            assert_eq!(pinned.sha256, sha256(&[file]), "{name}");
            let mut anchors = JpkiAnchors::new();
            anchors.add(file).unwrap();
            assert_eq!(anchors.0[0].provenance, pinned.provenance);
            let root = &anchors.0[0].certificate;
            assert_eq!(root.not_before.to_string(), pinned.not_before, "{name}");
            assert_eq!(root.not_after.to_string(), pinned.not_after, "{name}");
            let serial = X509::from_der(file).unwrap();
            let serial: alloc::string::String = serial
                .tbs_certificate()
                .serial_number()
                .as_bytes()
                .iter()
                .skip_while(|byte| **byte == 0)
                .map(|byte| alloc::format!("{byte:02X}"))
                .collect();
            assert_eq!(serial, pinned.serial_number, "{name}");
            // Loaded again, and still one.
            anchors.add(file).unwrap();
            assert_eq!(anchors.len(), 1);
        }
        let count = |provenance| {
            PINNED_ROOTS
                .iter()
                .filter(|root| root.provenance == provenance)
                .count()
        };
        assert_eq!(
            (count(Provenance::JlisPublished), count(Provenance::Test)),
            (6, 4)
        );
    }

    /// Three generations, one name: a name tells nothing.
    #[test]
    fn generations_share_their_name() {
        let subject = |index: usize| Certificate::parse(FILES[index].1).unwrap().subject;
        assert_eq!(subject(0), subject(1));
        assert_eq!(subject(0), subject(2));
        assert_eq!(subject(3), subject(5));
        assert_ne!(subject(0), subject(3));
        assert_eq!(subject(6), subject(7));
    }

    #[test]
    fn one_changed_bit_makes_no_root() {
        let file = FILES[2].1;
        for at in (0..file.len()).step_by(7) {
            let mut changed = file.to_vec();
            changed[at] ^= 1;
            assert!(JpkiAnchors::new().add(&changed).is_err(), "{at}");
        }
        for length in (0..file.len()).step_by(11) {
            assert!(JpkiAnchors::new().add(&file[..length]).is_err(), "{length}");
        }
    }
}
