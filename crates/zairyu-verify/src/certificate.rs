use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use der::{AnyRef, Decode, asn1::ObjectIdentifier};
use jiff::Timestamp;
use x509_cert::{
    TbsCertificate, Version,
    ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier},
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
};

use crate::{
    ber,
    primitives::{P384Key, RsaKey, RsaKeyFault, RsaPublicKey},
};

/// The longest certificate that is looked at, in bytes. A card has room for 1,200 at most, and a CA certificate with
/// an RSA-4096 key and a few extensions stays below 3,000.
pub const MAX_CERTIFICATE_LEN: usize = 8192;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_WITH_RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");

/// Why bytes are no certificate (X.509 version 3).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// It is longer than [`MAX_CERTIFICATE_LEN`].
    #[error("it has {found} bytes, more than the {MAX_CERTIFICATE_LEN} that are looked at")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// The bytes are no ASN.1 element, or are cut off, or nested too deep.
    #[error("its bytes are no ASN.1 (byte {offset})")]
    Asn1 {
        /// The byte, counted from the certificate's first.
        offset: usize,
    },
    /// Something other than `00` follows it.
    #[error("something follows it (byte {offset})")]
    TrailingBytes {
        /// The byte, counted from the certificate's first.
        offset: usize,
    },
    /// The ASN.1 is not that of a certificate.
    #[error("its ASN.1 is not that of a certificate")]
    Structure,
    /// It is of version 1 or 2.
    #[error("it is not of version 3")]
    Version,
    /// An extension is there twice.
    #[error("its extension {oid} is there twice")]
    DuplicateExtension {
        /// The extension's object identifier, in dots.
        oid: String,
    },
    /// The content of an extension that is looked at is not what RFC 5280 says.
    #[error("its extension {oid} cannot be read")]
    Extension {
        /// The extension's object identifier, in dots.
        oid: String,
    },
    /// The public key is none: not a point of the curve, or numbers that are no RSA key.
    #[error("its public key is none")]
    PublicKey,
}

impl From<ber::Malformed> for CertificateFault {
    fn from(error: ber::Malformed) -> Self {
        Self::Asn1 { offset: error.offset }
    }
}

/// A departure of a card's certificate from DER that is tolerated, because cards were seen or announced with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Oddity {
    /// Bytes of `00` fill the value up behind the certificate.
    TrailingZeros,
    /// Indefinite lengths, or definite ones longer than they need be.
    BerEncoding,
    /// The AlgorithmIdentifier of ecdsa-with-SHA256 has parameters, NULL, where RFC 5758, §3.2, wants none.
    NullParameters,
}

impl Oddity {
    /// The stable name: `trailing_zeros`, `ber_encoding` or `null_parameters`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TrailingZeros => "trailing_zeros",
            Self::BerEncoding => "ber_encoding",
            Self::NullParameters => "null_parameters",
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where the time of judgement stands to a certificate's validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeStatus {
    /// Within it, both ends included.
    Valid,
    /// After its end.
    Expired,
    /// Before its start.
    NotYetValid,
}

impl TimeStatus {
    /// The stable name: `valid`, `expired` or `not_yet_valid`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
        }
    }
}

impl fmt::Display for TimeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A public key, as far as this crate knows it.
#[derive(Clone)]
pub(crate) enum PublicKey {
    Rsa(RsaKey),
    P384(P384Key),
    /// Another algorithm, curve or size.
    Other,
}

/// How a certificate was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureAlgorithm {
    Sha256WithRsaEncryption,
    EcdsaWithSha256,
    Other,
}

/// A certificate, parsed once. Whether it may be used, and for what, is judged elsewhere.
#[derive(Clone)]
pub(crate) struct Certificate {
    /// TBSCertificate as it stands in the file, and as DER if that is another.
    pub(crate) signed: Vec<Vec<u8>>,
    pub(crate) signature: Vec<u8>,
    pub(crate) signature_algorithm: SignatureAlgorithm,
    /// Whether the two places that name it are the same, byte for byte.
    pub(crate) algorithms_agree: bool,
    /// The DER of Name, for comparison: see [`comparable_name`].
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    /// Seconds since 1970, both ends included.
    not_before: u64,
    not_after: u64,
    pub(crate) public_key: PublicKey,
    pub(crate) authority: bool,
    /// `None` when there is no such extension.
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) subject_key_identifier: Option<Vec<u8>>,
    pub(crate) authority_key_identifier: Option<Vec<u8>>,
    /// Extensions marked critical other than the four read here.
    pub(crate) unknown_critical: Vec<ObjectIdentifier>,
    /// Sorted, each once.
    pub(crate) oddities: Vec<Oddity>,
}

impl Certificate {
    /// The certificate at the start of a card's value; the rest must be `00`.
    pub(crate) fn from_card(value: &[u8]) -> Result<Self, CertificateFault> {
        let (mut certificate, end) = Self::parse(value)?;
        let rest = value.get(end..).unwrap_or_default();
        if let Some(offset) = rest.iter().position(|&byte| byte != 0) {
            return Err(CertificateFault::TrailingBytes {
                offset: end.saturating_add(offset),
            });
        }
        if !rest.is_empty() {
            certificate.note(Oddity::TrailingZeros);
        }
        Ok(certificate)
    }

    /// A certificate and nothing else.
    pub(crate) fn from_file(bytes: &[u8]) -> Result<Self, CertificateFault> {
        let (certificate, end) = Self::parse(bytes)?;
        if end != bytes.len() {
            return Err(CertificateFault::TrailingBytes { offset: end });
        }
        Ok(certificate)
    }

    /// Whether `at` lies within the validity.
    pub(crate) fn time_status(&self, at: Timestamp) -> TimeStatus {
        // Before 1970 nothing was valid.
        match u64::try_from(at.as_second()) {
            Ok(at) if at > self.not_after => TimeStatus::Expired,
            Ok(at) if at >= self.not_before => TimeStatus::Valid,
            _ => TimeStatus::NotYetValid,
        }
    }

    /// Whether the key usage, if there is one, names this use.
    pub(crate) fn may(&self, usage: KeyUsages) -> bool {
        self.key_usage.is_none_or(|key_usage| key_usage.0.contains(usage))
    }

    fn note(&mut self, oddity: Oddity) {
        self.oddities.push(oddity);
        self.oddities.sort_unstable();
        self.oddities.dedup();
    }

    /// The certificate at the start of the bytes, and where it ends.
    fn parse(bytes: &[u8]) -> Result<(Self, usize), CertificateFault> {
        if bytes.len() > MAX_CERTIFICATE_LEN {
            return Err(CertificateFault::TooLong { found: bytes.len() });
        }
        let outer = ber::element(bytes, 0, bytes.len())?;
        let der = ber::to_der(bytes, &outer)?;
        let typed = x509_cert::Certificate::from_der(&der).map_err(|_| CertificateFault::Structure)?;
        let tbs = typed.tbs_certificate();
        if tbs.version() != Version::V3 {
            return Err(CertificateFault::Version);
        }

        let original_parts = ber::children(bytes, outer.content.clone())?;
        let parts = ber::children(&der, ber::element(&der, 0, der.len())?.content)?;
        let [tbs_element, outer_algorithm, _signature] = parts.as_slice() else {
            return Err(CertificateFault::Structure);
        };
        // Version 3 is there, so that the fields stand in these places.
        let fields = ber::children(&der, tbs_element.content.clone())?;
        let [
            _version,
            _serial_number,
            algorithm,
            issuer,
            _validity,
            subject,
            ..,
        ] = fields.as_slice()
        else {
            return Err(CertificateFault::Structure);
        };
        let slice = |element: &ber::Element| der.get(element.whole.clone()).unwrap_or_default();

        let original_tbs = original_parts
            .first()
            .and_then(|element| bytes.get(element.whole.clone()))
            .unwrap_or_default();
        let mut signed = Vec::from([original_tbs.to_vec()]);
        if original_tbs != slice(tbs_element) {
            signed.push(slice(tbs_element).to_vec());
        }

        let mut certificate = Self {
            signed,
            signature: typed
                .signature()
                .as_bytes()
                .ok_or(CertificateFault::Structure)?
                .to_vec(),
            signature_algorithm: SignatureAlgorithm::Other,
            algorithms_agree: slice(algorithm) == slice(outer_algorithm),
            issuer: comparable_name(&der, issuer)?,
            subject: comparable_name(&der, subject)?,
            not_before: tbs.validity().not_before.to_unix_duration().as_secs(),
            not_after: tbs.validity().not_after.to_unix_duration().as_secs(),
            public_key: public_key(tbs.subject_public_key_info())?,
            authority: false,
            key_usage: None,
            subject_key_identifier: None,
            authority_key_identifier: None,
            unknown_critical: Vec::new(),
            oddities: Vec::new(),
        };
        if der.as_slice() != bytes.get(outer.whole.clone()).unwrap_or_default() {
            certificate.note(Oddity::BerEncoding);
        }
        certificate.read_signature_algorithm(typed.signature_algorithm());
        certificate.read_extensions(tbs)?;
        Ok((certificate, outer.whole.end))
    }

    fn read_signature_algorithm(&mut self, algorithm: &AlgorithmIdentifierOwned) {
        let null = algorithm
            .parameters
            .as_ref()
            .map(|any| AnyRef::from(any).is_null());
        self.signature_algorithm = match (algorithm.oid, null) {
            (SHA256_WITH_RSA_ENCRYPTION, Some(true)) => SignatureAlgorithm::Sha256WithRsaEncryption,
            (ECDSA_WITH_SHA256, None) => SignatureAlgorithm::EcdsaWithSha256,
            (ECDSA_WITH_SHA256, Some(true)) => {
                self.note(Oddity::NullParameters);
                SignatureAlgorithm::EcdsaWithSha256
            }
            _ => SignatureAlgorithm::Other,
        };
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
                return Err(CertificateFault::DuplicateExtension { oid: oid.to_string() });
            }
            let unreadable = || CertificateFault::Extension { oid: oid.to_string() };
            let value = extension.extn_value.as_bytes();
            match oid {
                SUBJECT_KEY_IDENTIFIER | KEY_USAGE | BASIC_CONSTRAINTS | AUTHORITY_KEY_IDENTIFIER => {}
                _ => {
                    if extension.critical {
                        self.unknown_critical.push(oid);
                    }
                    continue;
                }
            }
            // An encoder that writes BER writes it here too.
            let element = ber::element(value, 0, value.len()).map_err(|_| unreadable())?;
            if element.whole.end != value.len() {
                return Err(unreadable());
            }
            let der = ber::to_der(value, &element).map_err(|_| unreadable())?;
            if der != value {
                self.note(Oddity::BerEncoding);
            }
            let read = match oid {
                SUBJECT_KEY_IDENTIFIER => SubjectKeyIdentifier::from_der(&der)
                    .map(|identifier| self.subject_key_identifier = Some(identifier.0.as_bytes().to_vec())),
                KEY_USAGE => KeyUsage::from_der(&der).map(|key_usage| self.key_usage = Some(key_usage)),
                BASIC_CONSTRAINTS => {
                    BasicConstraints::from_der(&der).map(|constraints| self.authority = constraints.ca)
                }
                _ => AuthorityKeyIdentifier::from_der(&der).map(|identifier| {
                    self.authority_key_identifier = identifier
                        .key_identifier
                        .map(|identifier| identifier.as_bytes().to_vec());
                }),
            };
            read.map_err(|_| unreadable())?;
        }
        Ok(())
    }
}

/// A Name in which PrintableString and IA5String are written as UTF8String, whose bytes are the same: RFC 5280, §7.1, has
/// names compared by their text. No other difference is overlooked, and no name is proof of anything.
fn comparable_name(der: &[u8], name: &ber::Element) -> Result<Vec<u8>, CertificateFault> {
    const STRING_TYPES: [u8; 2] = [0x13, 0x16];
    const UTF8_STRING: u8 = 0x0C;
    let start = name.whole.start;
    let mut comparable = der.get(name.whole.clone()).unwrap_or_default().to_vec();
    for set in ber::children(der, name.content.clone())? {
        for attribute in ber::children(der, set.content)? {
            let parts = ber::children(der, attribute.content)?;
            let Some(value) = parts.get(1) else { continue };
            if let Some(tag) = comparable.get_mut(value.whole.start.saturating_sub(start))
                && STRING_TYPES.contains(tag)
            {
                *tag = UTF8_STRING;
            }
        }
    }
    Ok(comparable)
}

fn public_key(info: &SubjectPublicKeyInfoOwned) -> Result<PublicKey, CertificateFault> {
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or(CertificateFault::PublicKey)?;
    let parameters = info.algorithm.parameters.as_ref().map(AnyRef::from);
    match info.algorithm.oid {
        RSA_ENCRYPTION => {
            if !parameters.is_some_and(AnyRef::is_null) {
                return Err(CertificateFault::PublicKey);
            }
            let numbers = RsaPublicKey::from_der(key).map_err(|_| CertificateFault::PublicKey)?;
            match RsaKey::new(numbers.modulus.as_bytes(), numbers.public_exponent.as_bytes()) {
                Ok(key) => Ok(PublicKey::Rsa(key)),
                Err(RsaKeyFault::Size) => Ok(PublicKey::Other),
                Err(RsaKeyFault::Numbers) => Err(CertificateFault::PublicKey),
            }
        }
        EC_PUBLIC_KEY => {
            let curve: Result<ObjectIdentifier, _> =
                parameters.ok_or(CertificateFault::PublicKey)?.decode_as();
            // Parameters that name no curve spell one out, or leave it open: RFC 5480, §2.1.1, forbids both.
            match curve.map_err(|_| CertificateFault::PublicKey)? {
                SECP384R1 => P384Key::new(key)
                    .map(PublicKey::P384)
                    .ok_or(CertificateFault::PublicKey),
                _ => Ok(PublicKey::Other),
            }
        }
        _ => Ok(PublicKey::Other),
    }
}
