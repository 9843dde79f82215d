//! Certificates, right and wrong.

use sha1::{Digest as _, Sha1};

use crate::{
    IssueError, IssuerName,
    der::{Lengths, Node},
    keys::{Hash, P256_PUBLIC, PrivateKey, RSA1024_PUBLIC},
    oid,
};

/// One way in which a certificate breaks a rule. Everything else about it stays right.
///
/// A card's certificate takes any of them ([`CardBuilder::certificate_fault`](crate::CardBuilder::certificate_fault)),
/// a CA's those that make sense there ([`Issuer::with_ca_fault`](crate::Issuer::with_ca_fault)). Several may be
/// combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateFault {
    /// Its validity ended on 2020-01-01.
    Expired,
    /// Its validity begins on 2048-01-01.
    NotYetValid,
    /// The issuer field names another CA; the signature is the right CA's.
    OtherIssuerName,
    /// Name and authority key identifier are right; the signature was made by another key.
    SignedByOtherKey,
    /// The card's own key signed it.
    SelfSigned,
    /// The authority key identifier is another key's.
    OtherAuthorityKeyIdentifier,
    /// There is no authority key identifier. Allowed; it just helps less.
    NoAuthorityKeyIdentifier,
    /// Key usage is there and lacks `digitalSignature` (a card's) or `keyCertSign` (a CA's).
    WrongKeyUsage,
    /// There is no key usage extension. Allowed.
    NoKeyUsage,
    /// `CA:TRUE` in a card's certificate.
    IsCa,
    /// `CA:FALSE`: a CA certificate that is none.
    IsNoCa,
    /// A critical extension that nobody knows (1.3.6.1.4.1.32473.1).
    UnknownCriticalExtension,
    /// An extension that nobody knows, not critical. Allowed.
    UnknownExtension,
    /// The key usage extension stands twice.
    DuplicateExtension,
    /// The signed part names SHA-384 as its signature's hash, the outer part SHA-256 (which it is).
    InnerAlgorithmDiffers,
    /// The signature is made with SHA-384, and says so.
    OtherHash,
    /// An ECDSA signature algorithm with `NULL` parameters, or an RSA one without.
    AlgorithmParameters,
    /// The outermost `SEQUENCE` has indefinite length (BER); what is signed is DER.
    IndefiniteLengthOutside,
    /// Every constructed value has indefinite length (BER, CER); the signature covers those bytes.
    IndefiniteLengthThroughout,
    /// The outermost length is written in one byte more than it needs.
    NonMinimalLength,
    /// Four bytes that are not zero stand behind the certificate.
    TrailingGarbage,
    /// Version 1: no version field, no extensions.
    Version1,
    /// The certified key is of P-256. The check code is still made with the card's usual key.
    P256Key,
    /// The certified key is RSA with 1024 bits; likewise.
    Rsa1024Key,
    /// The certified key is a P-384 point in compressed form (second generation only).
    CompressedKey,
    /// One bit of the signature is flipped.
    TamperedSignature,
    /// One bit of the serial number is flipped after signing.
    TamperedContent,
    /// The signature's bit string claims unused bits.
    UnusedBits,
    /// The signature is empty.
    EmptySignature,
}

impl CertificateFault {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[
        Self::Expired,
        Self::NotYetValid,
        Self::OtherIssuerName,
        Self::SignedByOtherKey,
        Self::SelfSigned,
        Self::OtherAuthorityKeyIdentifier,
        Self::NoAuthorityKeyIdentifier,
        Self::WrongKeyUsage,
        Self::NoKeyUsage,
        Self::IsCa,
        Self::IsNoCa,
        Self::UnknownCriticalExtension,
        Self::UnknownExtension,
        Self::DuplicateExtension,
        Self::InnerAlgorithmDiffers,
        Self::OtherHash,
        Self::AlgorithmParameters,
        Self::IndefiniteLengthOutside,
        Self::IndefiniteLengthThroughout,
        Self::NonMinimalLength,
        Self::TrailingGarbage,
        Self::Version1,
        Self::P256Key,
        Self::Rsa1024Key,
        Self::CompressedKey,
        Self::TamperedSignature,
        Self::TamperedContent,
        Self::UnusedBits,
        Self::EmptySignature,
    ];
}

/// From when to when a certificate is valid, each as `YYMMDDhhmmssZ` (`UTCTime`, RFC 5280, 4.1.2.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: String,
    /// The last second.
    pub not_after: String,
}

impl Validity {
    /// From `not_before` to `not_after`, each as `YYMMDDhhmmssZ`. Written as given, whatever it is.
    #[must_use]
    pub fn new(not_before: &str, not_after: &str) -> Self {
        Self {
            not_before: not_before.to_owned(),
            not_after: not_after.to_owned(),
        }
    }

    fn node(&self) -> Node {
        let time = |text: &str| Node::Primitive(0x17, text.as_bytes().to_vec());
        Node::sequence([time(&self.not_before), time(&self.not_after)])
    }
}

/// What a certificate says when nothing is wrong with it.
pub(crate) struct Plan<'a> {
    pub(crate) issuer: IssuerName,
    pub(crate) subject: Subject,
    pub(crate) serial: u64,
    pub(crate) validity: Validity,
    pub(crate) key: &'a PrivateKey,
    pub(crate) signer: &'a PrivateKey,
    /// The key that signs when the wrong one shall.
    pub(crate) other_signer: &'a PrivateKey,
}

/// Whom a certificate is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Ca,
    Card,
}

impl Plan<'_> {
    pub(crate) fn encode(&self, faults: &[CertificateFault]) -> Result<Vec<u8>, IssueError> {
        use CertificateFault as F;
        let has = |fault| faults.contains(&fault);
        let signer = if has(F::SignedByOtherKey) {
            self.other_signer
        } else if has(F::SelfSigned) {
            self.key
        } else {
            self.signer
        };
        let hash = if has(F::OtherHash) {
            Hash::Sha384
        } else {
            Hash::Sha256
        };
        let outer_algorithm = algorithm(signer, hash, has(F::AlgorithmParameters));
        let inner_algorithm = if has(F::InnerAlgorithmDiffers) {
            algorithm(signer, Hash::Sha384, has(F::AlgorithmParameters))
        } else {
            outer_algorithm.clone()
        };
        let lengths = if has(F::IndefiniteLengthThroughout) {
            Lengths::Indefinite
        } else {
            Lengths::Definite
        };

        let tbs = |serial| Ok(self.tbs(serial, &inner_algorithm, faults)?.encode(lengths));
        let signed = tbs(self.serial)?;
        let mut signature = signer.sign(hash, &signed)?;
        if has(F::TamperedSignature)
            && let Some(last) = signature.last_mut()
        {
            *last ^= 1;
        }
        if has(F::EmptySignature) {
            signature.clear();
        }
        let shown = if has(F::TamperedContent) {
            tbs(self.serial ^ 2)?
        } else {
            signed
        };
        let certificate = Node::sequence([
            Node::Encoded(shown),
            Node::Encoded(outer_algorithm.encode(lengths)),
            Node::bits(if has(F::UnusedBits) { 3 } else { 0 }, &signature),
        ]);
        let mut bytes = if has(F::IndefiniteLengthOutside) {
            certificate.encode(Lengths::Indefinite)
        } else {
            certificate.encode(lengths)
        };
        if has(F::NonMinimalLength) {
            bytes = lengthen(&bytes);
        }
        if has(F::TrailingGarbage) {
            bytes.extend([0xDE, 0xAD, 0xBE, 0xEF]);
        }
        Ok(bytes)
    }

    fn tbs(&self, serial: u64, algorithm: &Node, faults: &[CertificateFault]) -> Result<Node, IssueError> {
        use CertificateFault as F;
        let has = |fault| faults.contains(&fault);
        let issuer = if has(F::OtherIssuerName) {
            IssuerName::Unrelated
        } else {
            self.issuer
        };
        let second = matches!(self.signer, PrivateKey::P384(_));
        let subject = match self.subject {
            Subject::Ca => self.issuer.node(second),
            Subject::Card => name(&[(oid::ORGANIZATION, "zairyu"), (oid::COMMON_NAME, "test card")]),
        };
        let validity = if has(F::Expired) {
            Validity::new("150101000000Z", "200101000000Z")
        } else if has(F::NotYetValid) {
            Validity::new("480101000000Z", "491231235959Z")
        } else {
            self.validity.clone()
        };
        let key = if has(F::P256Key) {
            Node::Encoded(P256_PUBLIC.to_vec())
        } else if has(F::Rsa1024Key) {
            Node::Encoded(RSA1024_PUBLIC.to_vec())
        } else {
            self.key.public(has(F::CompressedKey))?
        };
        let mut parts = vec![
            Node::integer(&serial.to_be_bytes()),
            algorithm.clone(),
            issuer.node(second),
            validity.node(),
            subject,
            key,
        ];
        if !has(F::Version1) {
            parts.insert(0, Node::Constructed(0xA0, vec![Node::integer(&[2])]));
            let extensions = Node::sequence(self.extensions(faults)?);
            parts.push(Node::Constructed(0xA3, vec![extensions]));
        }
        Ok(Node::sequence(parts))
    }

    fn extensions(&self, faults: &[CertificateFault]) -> Result<Vec<Node>, IssueError> {
        use CertificateFault as F;
        let has = |fault| faults.contains(&fault);
        let mut extensions = Vec::new();
        let is_ca = (self.subject == Subject::Ca && !has(F::IsNoCa)) || has(F::IsCa);
        if is_ca {
            let constraints = Node::sequence([Node::boolean_true(), Node::integer(&[0])]);
            extensions.push(extension(oid::BASIC_CONSTRAINTS, true, &constraints));
        } else if has(F::IsNoCa) {
            extensions.push(extension(oid::BASIC_CONSTRAINTS, true, &Node::sequence([])));
        }
        // Named bit lists without their trailing zero bits (X.690, 11.2.2).
        let usage = match (self.subject, has(F::WrongKeyUsage)) {
            (Subject::Card, false) => Node::bits(7, &[0b1000_0000]), // digitalSignature
            (Subject::Card, true) => Node::bits(5, &[0b0010_0000]),  // keyEncipherment
            (Subject::Ca, false) => Node::bits(1, &[0b0000_0110]),   // keyCertSign, cRLSign
            (Subject::Ca, true) => Node::bits(1, &[0b0000_0010]),    // cRLSign
        };
        let usage = extension(oid::KEY_USAGE, true, &usage);
        if !has(F::NoKeyUsage) {
            extensions.push(usage.clone());
        }
        if has(F::DuplicateExtension) {
            extensions.push(usage);
        }
        if self.subject == Subject::Ca {
            let identifier = Node::octets(self.key.identifier()?);
            extensions.push(extension(oid::SUBJECT_KEY_IDENTIFIER, false, &identifier));
        } else if !has(F::NoAuthorityKeyIdentifier) {
            let identifier = if has(F::OtherAuthorityKeyIdentifier) {
                Sha1::digest(b"another key").to_vec()
            } else {
                self.signer.identifier()?
            };
            let identifier = Node::sequence([Node::Primitive(0x80, identifier)]);
            extensions.push(extension(oid::AUTHORITY_KEY_IDENTIFIER, false, &identifier));
        }
        for (fault, critical) in [(F::UnknownCriticalExtension, true), (F::UnknownExtension, false)] {
            if has(fault) {
                extensions.push(extension(oid::EXAMPLE, critical, &Node::null()));
            }
        }
        Ok(extensions)
    }
}

fn extension(identifier: &[u8], critical: bool, value: &Node) -> Node {
    let mut parts = vec![Node::oid(identifier)];
    if critical {
        parts.push(Node::boolean_true());
    }
    parts.push(Node::octets(value.der()));
    Node::sequence(parts)
}

/// `AlgorithmIdentifier` of a signature; `wrong` adds or leaves out the `NULL` against the rule.
fn algorithm(signer: &PrivateKey, hash: Hash, wrong: bool) -> Node {
    let (identifier, null) = match (signer, hash) {
        (PrivateKey::Rsa(_), Hash::Sha256) => (oid::SHA256_WITH_RSA, true),
        (PrivateKey::Rsa(_), Hash::Sha384) => (oid::SHA384_WITH_RSA, true),
        (PrivateKey::P384(_), Hash::Sha256) => (oid::ECDSA_WITH_SHA256, false),
        (PrivateKey::P384(_), Hash::Sha384) => (oid::ECDSA_WITH_SHA384, false),
    };
    let mut parts = vec![Node::oid(identifier)];
    if null != wrong {
        parts.push(Node::null());
    }
    Node::sequence(parts)
}

/// The same value with a length of one byte more: `82 xx xx` becomes `83 00 xx xx`.
fn lengthen(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [tag, form @ 0x81..=0x83, rest @ ..] => [&[*tag, form + 1, 0], rest].concat(),
        _ => bytes.to_vec(),
    }
}

pub(crate) fn name(parts: &[(&[u8], &str)]) -> Node {
    let relative = |(identifier, text): &(&[u8], &str)| {
        Node::set([Node::sequence([Node::oid(identifier), Node::printable(text)])])
    };
    Node::sequence(parts.iter().map(relative).collect::<Vec<_>>())
}
