//! Card-verifiable certificates of the issuers' keys, and X.509 certificates of the holder's.

use sha2::{Digest as _, Sha256};

use crate::{
    Application, IssueError,
    der::{bits, element, integer, octets, oid, sequence},
    keys::{Key, Owner},
    object::{LengthForm, object},
};

/// The key identifier of one of this crate's CAs: seven digits, `08 05`, three digits, `00000000`. The first digit, 9, is
/// no real CA's.
const fn ca_key_id(application: Application) -> &'static [u8; 16] {
    match application {
        Application::Visual => b"9000023\x08\x05001\0\0\0\0",
        _ => b"9000033\x08\x05001\0\0\0\0",
    }
}

/// The CA that certifies the issuer's key of the text or the visual application: its key identifier (証明者鍵ID, 16 bytes)
/// and its modulus (256 bytes, the exponent is 65537).
///
/// # Errors
///
/// [`IssueError::Key`].
pub fn cv_modulus(application: Application) -> Result<([u8; 16], Vec<u8>), IssueError> {
    let owner = match application {
        Application::Visual => Owner::VisualCa,
        _ => Owner::TextCa,
    };
    Ok((*ca_key_id(application), owner.key()?.modulus()))
}

/// A card-verifiable certificate (EF 0004). `names` is the application whose CA it names, `ca` the key that signs it.
pub(crate) fn card_verifiable(
    form: LengthForm,
    names: Application,
    ca: &Key,
    subject: &[u8; 16],
    issuer: &Key,
) -> Result<Vec<u8>, IssueError> {
    let body = [
        ca_key_id(names).to_vec(),
        subject.to_vec(),
        issuer.public_objects(),
    ]
    .concat();
    let signature = ca.sign(&body)?;
    let parts = [object(form, 0x5F4E, &body), object(form, 0x5F37, &signature)].concat();
    Ok(object(form, 0x7F21, &parts))
}

/// One way in which the certificate for user authentication breaks a rule; everything else about it stays right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateFault {
    /// Its validity ended on 2020-01-01.
    Expired,
    /// Its validity begins on 2048-01-01.
    NotYetValid,
    /// Name and authority key identifier are right; another key signed it.
    SignedByOtherKey,
    /// The issuer field names the other root.
    OtherIssuerName,
    /// Key usage is keyEncipherment.
    WrongKeyUsage,
    /// Extended key usage is serverAuth.
    WrongExtendedKeyUsage,
    /// `CA:TRUE`.
    IsCa,
    /// The policy of a certificate for signing.
    OtherPolicy,
    /// No certificate policies.
    NoPolicy,
    /// A critical extension that nobody knows (1.3.6.1.4.1.32473.1).
    UnknownCriticalExtension,
    /// The signed part names SHA-384 as its signature's hash, the outer part SHA-256 (which it is).
    InnerAlgorithmDiffers,
    /// The key usage extension stands twice.
    DuplicateExtension,
    /// One bit of the signature is flipped.
    TamperedSignature,
    /// One bit of the serial number is flipped after signing.
    TamperedContent,
}

/// One way in which a root breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RootFault {
    /// `CA:FALSE`.
    IsNoCa,
    /// Key usage without keyCertSign.
    WrongKeyUsage,
    /// Its validity ended on 2024-01-01.
    Expired,
    /// Same name, another key.
    OtherKey,
    /// It was not signed with its own key.
    NotSelfSigned,
}

/// The root above the certificates for user authentication, as DER.
///
/// # Errors
///
/// [`IssueError::Key`].
pub fn auth_root(fault: Option<RootFault>) -> Result<Vec<u8>, IssueError> {
    root(Kind::Auth, fault)
}

/// Which of the two kinds of certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Auth,
    Sign,
}

impl Kind {
    const fn other(self) -> Self {
        match self {
            Self::Auth => Self::Sign,
            Self::Sign => Self::Auth,
        }
    }

    const fn root_owner(self) -> Owner {
        match self {
            Self::Auth => Owner::AuthCa,
            Self::Sign => Owner::SignCa,
        }
    }

    fn root_name(self) -> Vec<u8> {
        let purpose = match self {
            Self::Auth => "JPKI for user authentication",
            Self::Sign => "JPKI for digital signature",
        };
        name(&[(0x06, "JP"), (0x0A, "ZAIRYU-TEST"), (0x0B, purpose)])
    }
}

/// Object identifiers, as DER content.
mod oids {
    pub(super) const SHA256_WITH_RSA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B";
    pub(super) const SHA384_WITH_RSA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0C";
    pub(super) const RSA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01";
    pub(super) const CLIENT_AUTH: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x03\x02";
    pub(super) const SERVER_AUTH: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x03\x01";
    /// 1.2.392.200149.8.5.1.0: the policies of test certificates, but for the last number.
    pub(super) const TEST_POLICY: &[u8] = b"\x2A\x83\x08\x8C\x9B\x55\x08\x05\x01\x00";
    /// 1.3.6.1.4.1.32473.1, an example number of RFC 5612.
    pub(super) const UNKNOWN: &[u8] = b"\x2B\x06\x01\x04\x01\x81\xFD\x59\x01";
}

fn algorithm(identifier: &[u8]) -> Vec<u8> {
    sequence(&[oid(identifier), element(0x05, &[])])
}

/// A Name; the numbers are the last of 2.5.4.x.
fn name(parts: &[(u8, &str)]) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = parts
        .iter()
        .map(|(kind, text)| {
            let tag = if *kind == 0x06 { 0x13 } else { 0x0C };
            let attribute = sequence(&[oid(&[0x55, 0x04, *kind]), element(tag, text.as_bytes())]);
            element(0x31, &attribute)
        })
        .collect();
    sequence(&parts)
}

fn extension(identifier: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(identifier)];
    if critical {
        parts.push(element(0x01, &[0xFF]));
    }
    parts.push(octets(value));
    sequence(&parts)
}

/// An extension 2.5.29.x.
fn standard(number: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    extension(&[0x55, 0x1D, number], critical, value)
}

const SUBJECT_KEY_IDENTIFIER: u8 = 14;
const KEY_USAGE: u8 = 15;
const BASIC_CONSTRAINTS: u8 = 19;
const CERTIFICATE_POLICIES: u8 = 32;
const AUTHORITY_KEY_IDENTIFIER: u8 = 35;
const EXTENDED_KEY_USAGE: u8 = 37;

/// 160 bits that no other key has; RFC 5280, §4.2.1.2, leaves open how they are made.
fn key_identifier(key: &Key) -> Vec<u8> {
    Sha256::digest(key.modulus()).into_iter().take(20).collect()
}

/// What is signed, but for the algorithm and the extensions' wrapping.
struct Signed {
    serial: Vec<u8>,
    issuer: Vec<u8>,
    validity: [&'static str; 2],
    subject: Vec<u8>,
    extensions: Vec<Vec<u8>>,
}

impl Signed {
    fn encode(&self, key: &Key, hash: &[u8]) -> Vec<u8> {
        let numbers = sequence(&[integer(&key.modulus()), integer(&[1, 0, 1])]);
        sequence(&[
            element(0xA0, &integer(&[2])),
            integer(&self.serial),
            algorithm(hash),
            self.issuer.clone(),
            sequence(&self.validity.map(|time| element(0x17, time.as_bytes()))),
            self.subject.clone(),
            sequence(&[algorithm(oids::RSA), bits(0, &numbers)]),
            element(0xA3, &sequence(&self.extensions)),
        ])
    }
}

fn certificate(signed: &[u8], signature: &[u8]) -> Vec<u8> {
    sequence(&[
        signed.to_vec(),
        algorithm(oids::SHA256_WITH_RSA),
        bits(0, signature),
    ])
}

pub(crate) fn root(kind: Kind, fault: Option<RootFault>) -> Result<Vec<u8>, IssueError> {
    let is = |wanted| fault == Some(wanted);
    let key = if is(RootFault::OtherKey) {
        Owner::OtherCa.key()?
    } else {
        kind.root_owner().key()?
    };
    let key_usage: &[u8] = if is(RootFault::WrongKeyUsage) {
        b"\x03\x02\x01\x02" // cRLSign
    } else {
        b"\x03\x02\x01\x06" // keyCertSign, cRLSign
    };
    let constraints: &[u8] = if is(RootFault::IsNoCa) {
        b"\x30\x00"
    } else {
        b"\x30\x03\x01\x01\xFF"
    };
    let signed = Signed {
        serial: vec![1],
        issuer: kind.root_name(),
        validity: [
            "230101000000Z",
            if is(RootFault::Expired) {
                "240101000000Z"
            } else {
                "430101000000Z"
            },
        ],
        subject: kind.root_name(),
        extensions: vec![
            standard(KEY_USAGE, true, key_usage),
            standard(BASIC_CONSTRAINTS, true, constraints),
            standard(SUBJECT_KEY_IDENTIFIER, false, &octets(&key_identifier(key))),
        ],
    };
    let signer = if is(RootFault::NotSelfSigned) {
        Owner::Auth.key()?
    } else {
        key
    };
    let signed = signed.encode(key, oids::SHA256_WITH_RSA);
    Ok(certificate(&signed, &signer.sign(&signed)?))
}

/// A certificate of the holder. Its subject is a number, as on real cards.
pub(crate) fn leaf(kind: Kind, fault: Option<CertificateFault>) -> Result<Vec<u8>, IssueError> {
    use CertificateFault as Fault;
    let is = |wanted| fault == Some(wanted);
    let root = kind.root_owner().key()?;
    let key = match kind {
        Kind::Auth => Owner::Auth.key()?,
        Kind::Sign => Owner::Sign.key()?,
    };
    let key_usage: &[u8] = match kind {
        _ if is(Fault::WrongKeyUsage) => b"\x03\x02\x05\x20", // keyEncipherment
        Kind::Auth => b"\x03\x02\x07\x80",                    // digitalSignature
        Kind::Sign => b"\x03\x02\x06\xC0",                    // digitalSignature, nonRepudiation
    };
    let policy = match kind {
        Kind::Auth if !is(Fault::OtherPolicy) => 30,
        _ => 20,
    };
    let policies = sequence(&[sequence(&[oid(&[oids::TEST_POLICY, &[policy]].concat())])]);
    let mut extensions = vec![
        standard(KEY_USAGE, true, key_usage),
        standard(
            AUTHORITY_KEY_IDENTIFIER,
            false,
            &sequence(&[element(0x80, &key_identifier(root))]),
        ),
        standard(SUBJECT_KEY_IDENTIFIER, false, &octets(&key_identifier(key))),
    ];
    if kind == Kind::Auth {
        let purpose = if is(Fault::WrongExtendedKeyUsage) {
            oids::SERVER_AUTH
        } else {
            oids::CLIENT_AUTH
        };
        extensions.push(standard(EXTENDED_KEY_USAGE, false, &sequence(&[oid(purpose)])));
    }
    if !is(Fault::NoPolicy) {
        extensions.push(standard(CERTIFICATE_POLICIES, true, &policies));
    }
    if is(Fault::IsCa) {
        extensions.push(standard(BASIC_CONSTRAINTS, true, b"\x30\x03\x01\x01\xFF"));
    }
    if is(Fault::UnknownCriticalExtension) {
        extensions.push(extension(oids::UNKNOWN, true, b"\x05\x00"));
    }
    if is(Fault::DuplicateExtension) {
        extensions.push(standard(KEY_USAGE, true, key_usage));
    }
    let signed = Signed {
        serial: vec![0x22, 0x00, 0x07],
        issuer: if is(Fault::OtherIssuerName) {
            kind.other().root_name()
        } else {
            kind.root_name()
        },
        validity: match fault {
            Some(Fault::Expired) => ["150101000000Z", "200101000000Z"],
            Some(Fault::NotYetValid) => ["480101000000Z", "490101000000Z"],
            _ => ["250101000000Z", "350101000000Z"],
        },
        subject: name(&[(0x06, "JP"), (0x03, "000000000TESTCARD")]),
        extensions,
    };
    let inner = if is(Fault::InnerAlgorithmDiffers) {
        oids::SHA384_WITH_RSA
    } else {
        oids::SHA256_WITH_RSA
    };
    let mut encoded = signed.encode(key, inner);
    let signer = if is(Fault::SignedByOtherKey) {
        Owner::OtherCa.key()?
    } else {
        root
    };
    let mut signature = signer.sign(&encoded)?;
    if is(Fault::TamperedSignature)
        && let Some(last) = signature.last_mut()
    {
        *last ^= 1;
    }
    if is(Fault::TamperedContent) {
        let tampered = Signed {
            serial: vec![0x22, 0x00, 0x06],
            ..signed
        };
        encoded = tampered.encode(key, inner);
    }
    Ok(certificate(&encoded, &signature))
}
