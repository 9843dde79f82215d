use alloc::{collections::BTreeMap, string::ToString};

use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};
use x509_cert::ext::pkix::KeyUsages;
use zairyu_data::{
    Card, CardDate, CardFiles, Error, FirstCard, Part, SecondCard, SignatureObjects, first, second,
};

use crate::{
    Anchor, Anchors, Authenticity, Backend, Reason, RustCrypto, SignatureEncoding, SignatureFault,
    TimeStatus, TrustFault, UsageFault, Verified, VerifiedContent,
    authenticity::Findings,
    certificate::{Certificate, PublicKey, SignatureAlgorithm},
    primitives::{Digest, P384Key, P384Signature, RsaBlock, RsaKey, sha256},
};

/// How many signature verifications the search for an anchor may cost; one judgement costs two more at most.
///
/// Anchors of another name, key identifier or key type cost none. The Agency's four anchors of one name need four.
pub const MAX_CHAIN_VERIFICATIONS: usize = 16;

/// How many card certificates a [`Judge`] remembers, at some 50 bytes each; then it forgets them and begins anew.
pub const MAX_REMEMBERED_CERTIFICATES: usize = 1024;

/// Judges with the default [`Policy`].
#[must_use]
pub fn judge(files: &CardFiles, anchors: &Anchors, at: Timestamp) -> Authenticity {
    Policy::default().judge(files, anchors, at)
}

/// What is decided by whoever runs the check, because no specification does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// Whether a card stays verified when nothing is wrong but that the anchor has expired.
    ///
    /// True by default: the anchor of 2015 ran out in September 2025 while cards issued under it still circulate.
    /// [`Authenticity::anchor_time`] says it either way.
    pub accept_expired_anchor: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            accept_expired_anchor: true,
        }
    }
}

impl Policy {
    /// Judges a card's files as they were read.
    ///
    /// `at` is the time of judgement: normally now, or the time of the reading when saved files are judged again.
    ///
    /// It never fails as a whole: whatever is in the files, the answer says what is wrong with it.
    #[must_use]
    pub fn judge(&self, files: &CardFiles, anchors: &Anchors, at: Timestamp) -> Authenticity {
        Judge::new(anchors).policy(*self).judge(files, at)
    }
}

/// Judges one card after another, with a [`Backend`] of choice.
///
/// Many cards hold the certificate of one signing key: which anchor issued it is found out once and remembered by the
/// certificate's SHA-256, for up to [`MAX_REMEMBERED_CERTIFICATES`] of them. Only a certificate that an anchor issued is
/// remembered, and nothing else of a card. The verdicts are those of [`judge`](judge()).
///
/// ```
/// use zairyu_data::{CardFiles, CardType};
/// use zairyu_verify::{Anchors, Judge, RustCrypto, Status};
///
/// let anchors = Anchors::new();
/// let mut judge = Judge::new(&anchors).backend(&RustCrypto); // or &AwsLc, with the feature `aws-lc-rs`
/// # let saved = [CardFiles::new(CardType::FirstResidenceCard)];
/// for files in &saved {
///     let authenticity = judge.judge(files, "2026-11-22T01:00:00Z".parse().unwrap());
///     assert_eq!(authenticity.status(), Status::NotVerifiable);
/// }
/// ```
#[derive(Clone)]
pub struct Judge<'a> {
    anchors: &'a Anchors,
    policy: Policy,
    backend: &'a dyn Backend,
    /// By the SHA-256 of a card's certificate, with the filler behind it: the anchor that issued it.
    issuers: BTreeMap<Digest, &'a Anchor>,
}

impl<'a> Judge<'a> {
    /// With the default [`Policy`] and backend.
    #[must_use]
    pub fn new(anchors: &'a Anchors) -> Self {
        Self {
            anchors,
            policy: Policy::default(),
            backend: &RustCrypto,
            issuers: BTreeMap::new(),
        }
    }

    /// With this policy.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// With this backend.
    #[must_use]
    pub fn backend(mut self, backend: &'a dyn Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Judges a card's files as they were read; see [`Policy::judge`].
    #[must_use]
    pub fn judge(&mut self, files: &CardFiles, at: Timestamp) -> Authenticity {
        let mut judgement = Judgement {
            judge: self,
            at,
            findings: Findings::default(),
        };
        let result = match Card::parse(files) {
            Card::First(card) => {
                let FirstCard {
                    signed, signature, ..
                } = *card;
                let hash = |signed: &first::SignedImages| Ok(sha256(&signed.message()?));
                judgement
                    .decide(Scheme::RsaPkcs1v15, signature, signed, hash)
                    .map(VerifiedContent::First)
            }
            Card::Second(card) => {
                let SecondCard {
                    signed, signature, ..
                } = *card;
                let hash = |signed: &second::SignedEntries| Ok(sha256(&[&signed.message()?]));
                judgement.findings.signature_expected = signed
                    .as_ref()
                    .ok()
                    .and_then(|signed| signature_expected(signed, at));
                judgement
                    .decide(Scheme::EcdsaP384, signature, signed, hash)
                    .map(VerifiedContent::Second)
            }
        };
        Authenticity {
            card_type: files.card_type(),
            result,
            findings: judgement.findings,
        }
    }
}

/// The two signature schemes, each with its key and its certificate signature.
#[derive(Clone, Copy)]
enum Scheme {
    RsaPkcs1v15,
    EcdsaP384,
}

/// A card's public key, of the kind its generation uses.
enum CardKey {
    Rsa2048(RsaKey),
    P384(P384Key),
}

struct Judgement<'j, 'a> {
    judge: &'j mut Judge<'a>,
    at: Timestamp,
    findings: Findings,
}

impl<'a> Judgement<'_, 'a> {
    /// Goes through the checks in their order. `hash` is that of the signed message in the content.
    fn decide<T>(
        &mut self,
        scheme: Scheme,
        signature: Part<SignatureObjects>,
        content: Result<T, Error>,
        hash: impl FnOnce(&T) -> Result<Digest, Error>,
    ) -> Result<Verified<T>, Reason> {
        let signature = signature
            .map_err(|error| Reason::SignatureMalformed(SignatureFault::File(error)))?
            .ok_or(Reason::NoSignatureOnCard)?;

        let certificate =
            Certificate::from_card(signature.certificate()).map_err(Reason::CertificateMalformed)?;
        self.findings.tolerated.clone_from(&certificate.oddities);
        let certificate_time = certificate.time_status(self.at);
        self.findings.certificate_time = Some(certificate_time);
        let key = scheme.card_key(&certificate)?;

        let issuer = self
            .issuer(scheme, &certificate, signature.certificate())
            .map_err(Reason::UntrustedCertificate)?;
        let anchor_time = issuer.map(|anchor| anchor.time_status(self.at));
        self.findings.anchor = issuer.map(|anchor| (anchor.profile(), *anchor.sha256()));
        self.findings.anchor_time = anchor_time;

        check_usage(&certificate).map_err(Reason::CertificateUsage)?;

        let card_signature = key
            .parse(signature.check_code())
            .map_err(Reason::SignatureMalformed)?;
        let content = content.map_err(Reason::SignedDataMalformed)?;
        let digest = hash(&content).map_err(Reason::SignedDataMalformed)?;
        let encoding = card_signature
            .verify(self.judge.backend, &digest)
            .ok_or(Reason::SignatureMismatch)?;
        self.findings.signature_encoding = Some(encoding);

        let anchor_time = anchor_time.ok_or(Reason::NoAnchor)?;
        match certificate_time {
            TimeStatus::Valid => {}
            TimeStatus::Expired => return Err(Reason::CertificateExpired),
            TimeStatus::NotYetValid => return Err(Reason::CertificateNotYetValid),
        }
        match anchor_time {
            TimeStatus::Expired if !self.judge.policy.accept_expired_anchor => Err(Reason::AnchorExpired),
            TimeStatus::NotYetValid => Err(Reason::AnchorNotYetValid),
            TimeStatus::Valid | TimeStatus::Expired => Ok(Verified::new(content)),
        }
    }

    /// The anchor whose key signed the certificate, which stands as `bytes` on the card; `None` when no anchor is loaded
    /// at all.
    fn issuer(
        &mut self,
        scheme: Scheme,
        certificate: &Certificate,
        bytes: &[u8],
    ) -> Result<Option<&'a Anchor>, TrustFault> {
        if !certificate.algorithms_agree {
            return Err(TrustFault::AlgorithmsDiffer);
        }
        if certificate.signature_algorithm != scheme.certificate_algorithm() {
            return Err(TrustFault::UnsupportedAlgorithm);
        }
        if self.judge.anchors.is_empty() {
            return Ok(None);
        }
        let digest = sha256(&[bytes]);
        if let Some(anchor) = self.judge.issuers.get(&digest) {
            return Ok(Some(*anchor));
        }
        let anchor = self.find_issuer(scheme, certificate)?;
        if self.judge.issuers.len() >= MAX_REMEMBERED_CERTIFICATES {
            self.judge.issuers.clear();
        }
        self.judge.issuers.insert(digest, anchor);
        Ok(Some(anchor))
    }

    /// Name and key identifier only rule anchors out: they are no proof, and the Agency's own anchors share them.
    fn find_issuer(&self, scheme: Scheme, certificate: &Certificate) -> Result<&'a Anchor, TrustFault> {
        let mut nearest = TrustFault::UnknownIssuer;
        let mut verifications: usize = 0;
        for anchor in self.judge.anchors.iter() {
            let authority = anchor.certificate();
            if authority.subject != certificate.issuer {
                continue;
            }
            if let (Some(wanted), Some(identifier)) = (
                &certificate.authority_key_identifier,
                &authority.subject_key_identifier,
            ) && wanted != identifier
            {
                nearest = nearest.max(TrustFault::OtherKeyIdentifier);
                continue;
            }
            let Some(key) = scheme.anchor_key(authority) else {
                nearest = nearest.max(TrustFault::AnchorKeyType);
                continue;
            };
            verifications = verifications.saturating_add(certificate.signed.len());
            if verifications > MAX_CHAIN_VERIFICATIONS {
                return Err(TrustFault::TooManyCandidates);
            }
            if !certificate
                .signed
                .iter()
                .any(|signed| key.signed(self.judge.backend, signed, &certificate.signature))
            {
                nearest = nearest.max(TrustFault::SignatureMismatch);
                continue;
            }
            match anchor.may_sign() {
                Ok(()) => return Ok(anchor),
                Err(fault) => nearest = nearest.max(TrustFault::AnchorMayNotSign(fault)),
            }
        }
        Err(nearest)
    }
}

impl Scheme {
    const fn certificate_algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::RsaPkcs1v15 => SignatureAlgorithm::Sha256WithRsaEncryption,
            Self::EcdsaP384 => SignatureAlgorithm::EcdsaWithSha256,
        }
    }

    fn card_key(self, certificate: &Certificate) -> Result<CardKey, Reason> {
        match (self, &certificate.public_key) {
            (Self::RsaPkcs1v15, PublicKey::Rsa(key)) if key.bits() == 2048 => {
                Ok(CardKey::Rsa2048(key.clone()))
            }
            (Self::RsaPkcs1v15, _) => Err(Reason::WrongKeyType { expected: "RSA-2048" }),
            (Self::EcdsaP384, PublicKey::P384(key)) => Ok(CardKey::P384(key.clone())),
            (Self::EcdsaP384, _) => Err(Reason::WrongKeyType { expected: "P-384" }),
        }
    }

    fn anchor_key(self, authority: &Certificate) -> Option<AnchorKey<'_>> {
        match (self, &authority.public_key) {
            (Self::RsaPkcs1v15, PublicKey::Rsa(key)) => Some(AnchorKey::Rsa(key)),
            (Self::EcdsaP384, PublicKey::P384(key)) => Some(AnchorKey::P384(key)),
            _ => None,
        }
    }
}

/// An anchor's public key, of the kind that signs certificates of the generation.
enum AnchorKey<'a> {
    Rsa(&'a RsaKey),
    P384(&'a P384Key),
}

impl AnchorKey<'_> {
    fn signed(&self, backend: &dyn Backend, tbs_certificate: &[u8], signature: &[u8]) -> bool {
        let digest = sha256(&[tbs_certificate]);
        match self {
            Self::Rsa(key) => backend.verify_rsa(key, RsaBlock::DigestInfo, &digest, signature),
            Self::P384(key) => P384Signature::from_der(signature)
                .is_some_and(|signature| backend.verify_p384(key, &digest, &signature)),
        }
    }
}

impl CardKey {
    /// Reads a check code. 第２世代在留カード等仕様書 calls it "ASN.1" with at most 96 bytes, which only raw r and s fit.
    fn parse<'a>(&'a self, check_code: &'a [u8]) -> Result<CardSignature<'a>, SignatureFault> {
        match self {
            Self::Rsa2048(key) => {
                if check_code.len() != key.len() {
                    return Err(SignatureFault::Length {
                        expected: key.len(),
                        found: check_code.len(),
                    });
                }
                if !key.in_range(check_code) {
                    return Err(SignatureFault::OutOfRange);
                }
                Ok(CardSignature::Rsa(key, check_code))
            }
            Self::P384(key) if check_code.len() == P384Signature::RAW_LEN => {
                P384Signature::from_raw(check_code)
                    .map(|signature| CardSignature::Ecdsa(key, signature, SignatureEncoding::EcdsaRaw))
                    .ok_or(SignatureFault::OutOfRange)
            }
            Self::P384(key) => P384Signature::from_der(check_code)
                .map(|signature| CardSignature::Ecdsa(key, signature, SignatureEncoding::EcdsaDer))
                .ok_or(SignatureFault::NotDer),
        }
    }
}

/// A well-formed signature beside the key that should have made it.
enum CardSignature<'a> {
    Rsa(&'a RsaKey, &'a [u8]),
    Ecdsa(&'a P384Key, P384Signature, SignatureEncoding),
}

impl CardSignature<'_> {
    /// The encoding in which it matches the hash, if it does.
    fn verify(&self, backend: &dyn Backend, digest: &Digest) -> Option<SignatureEncoding> {
        match self {
            Self::Rsa(key, signature) => [
                (RsaBlock::DigestInfo, SignatureEncoding::Pkcs1v15DigestInfo),
                (RsaBlock::BareHash, SignatureEncoding::Pkcs1v15BareHash),
            ]
            .into_iter()
            .find_map(|(block, encoding)| {
                backend
                    .verify_rsa(key, block, digest, signature)
                    .then_some(encoding)
            }),
            Self::Ecdsa(key, signature, encoding) => {
                backend.verify_p384(key, digest, signature).then_some(*encoding)
            }
        }
    }
}

/// RFC 5280, §4.2.1.3, §4.2.1.9 and §4.2: what the extensions of a card's certificate must not say.
fn check_usage(certificate: &Certificate) -> Result<(), UsageFault> {
    if certificate.authority {
        return Err(UsageFault::Authority);
    }
    if !certificate.may(KeyUsages::DigitalSignature) {
        return Err(UsageFault::KeyUsage);
    }
    match certificate.unknown_critical.first() {
        Some(oid) => Err(UsageFault::UnknownCriticalExtension { oid: oid.to_string() }),
        None => Ok(()),
    }
}

/// Children under one year have cards without photo (第２世代在留カード等仕様書 Ver 1.1, §3.3.4). Whether those are signed, the public
/// text does not say: no signature is expected of them.
fn signature_expected(signed: &second::SignedEntries, at: Timestamp) -> Option<bool> {
    let born = signed.entries().date_of_birth.as_ref().and_then(CardDate::day)?;
    let today = japanese_day(at);
    let first_birthday = born.checked_add(1.year()).ok()?;
    (born <= today).then_some(first_birthday <= today)
}

/// The day in Japan, whose clocks have stood nine hours ahead of UTC since 1952.
fn japanese_day(at: Timestamp) -> Date {
    Offset::constant(9).to_datetime(at).date()
}
