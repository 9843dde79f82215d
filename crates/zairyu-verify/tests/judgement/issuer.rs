//! An issuer of made-up cards that can be told to make any mistake.

use bytes::Bytes;
use p384::{ecdsa::signature::hazmat::PrehashSigner, pkcs8::DecodePrivateKey};
use rsa::Pkcs1v15Sign;
use sha2::{Digest, Sha256};
use zairyu_data::{CardFiles, CardType, File, Generation};
use zairyu_verify::{Anchors, Authenticity};

use crate::backends::judge;

/// Within the validity of everything that [`Issuer`] makes unless told otherwise.
pub(crate) const NOW: &str = "2026-11-22T01:00:00Z";

pub(crate) fn at(time: &str) -> jiff::Timestamp {
    time.parse().unwrap()
}

// DER, written by hand so that every part can be wrong.

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut element = vec![tag];
    match length {
        0..=0x7F => element.push(length as u8),
        0x80..=0xFF => element.extend([0x81, length as u8]),
        _ => element.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    element.extend_from_slice(content);
    element
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn oid(content: &[u8]) -> Vec<u8> {
    tlv(0x06, content)
}

pub(crate) const NULL: &[u8] = &[5, 0];
const SHA256_WITH_RSA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B";
const ECDSA_WITH_SHA256: &[u8] = b"\x2A\x86\x48\xCE\x3D\x04\x03\x02";
const ECDSA_WITH_SHA384: &[u8] = b"\x2A\x86\x48\xCE\x3D\x04\x03\x03";

pub(crate) fn sha256_with_rsa() -> Vec<u8> {
    sequence(&[&oid(SHA256_WITH_RSA), NULL])
}

pub(crate) fn ecdsa_with_sha256() -> Vec<u8> {
    sequence(&[&oid(ECDSA_WITH_SHA256)])
}

pub(crate) fn ecdsa_with_sha256_and_null() -> Vec<u8> {
    sequence(&[&oid(ECDSA_WITH_SHA256), NULL])
}

pub(crate) fn ecdsa_with_sha384() -> Vec<u8> {
    sequence(&[&oid(ECDSA_WITH_SHA384)])
}

pub(crate) fn name(common_name: &str) -> Vec<u8> {
    let attribute = |kind: u8, value: &str| {
        tlv(
            0x31,
            &sequence(&[&oid(&[0x55, 4, kind]), &tlv(0x13, value.as_bytes())]),
        )
    };
    sequence(&[
        &attribute(6, "JP"),
        &attribute(10, "Made-up Government"),
        &attribute(3, common_name),
    ])
}

pub(crate) fn extension(oid_content: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xFF] } else { &[] };
    sequence(&[&oid(oid_content), critical, &tlv(0x04, value)])
}

pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
pub(crate) const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 0x0E];
pub(crate) const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 0x23];
pub(crate) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x1E];

pub(crate) fn ca_true() -> Vec<u8> {
    extension(BASIC_CONSTRAINTS, true, &sequence(&[&[1, 1, 0xFF], &[2, 1, 0]]))
}

pub(crate) fn key_cert_sign() -> Vec<u8> {
    extension(KEY_USAGE, true, &[3, 2, 1, 0x06])
}

pub(crate) fn digital_signature() -> Vec<u8> {
    extension(KEY_USAGE, true, &[3, 2, 7, 0x80])
}

pub(crate) fn subject_key_identifier(identifier: &[u8]) -> Vec<u8> {
    extension(SUBJECT_KEY_IDENTIFIER, false, &tlv(0x04, identifier))
}

pub(crate) fn authority_key_identifier(identifier: &[u8]) -> Vec<u8> {
    extension(
        AUTHORITY_KEY_IDENTIFIER,
        false,
        &sequence(&[&tlv(0x80, identifier)]),
    )
}

pub(crate) fn utc_time(time: &str) -> Vec<u8> {
    tlv(0x17, time.as_bytes())
}

/// A private key of tests/keys.
pub(crate) enum Key {
    Rsa(rsa::RsaPrivateKey),
    P384(p384::ecdsa::SigningKey),
}

fn key_file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/keys/{name}.der", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A SubjectPublicKeyInfo of tests/keys.
pub(crate) fn public_key_file(name: &str) -> Vec<u8> {
    key_file(&format!("{name}.pub"))
}

impl Key {
    pub(crate) fn rsa(name: &str) -> Self {
        Self::Rsa(rsa::RsaPrivateKey::from_pkcs8_der(&key_file(name)).unwrap())
    }

    pub(crate) fn p384(name: &str) -> Self {
        Self::P384(p384::ecdsa::SigningKey::from_pkcs8_der(&key_file(name)).unwrap())
    }

    pub(crate) fn public_key_info(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => rsa::pkcs8::EncodePublicKey::to_public_key_der(&key.to_public_key())
                .unwrap()
                .into_vec(),
            Self::P384(key) => p384::pkcs8::EncodePublicKey::to_public_key_der(key.verifying_key())
                .unwrap()
                .into_vec(),
        }
    }

    /// A certificate's signature.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(_) => self.sign_block(true, message),
            Self::P384(_) => self.sign_ecdsa(message).to_der().as_bytes().to_vec(),
        }
    }

    /// PKCS #1 v1.5 with DigestInfo or around the bare hash.
    pub(crate) fn sign_block(&self, digest_info: bool, message: &[u8]) -> Vec<u8> {
        let Self::Rsa(key) = self else { panic!("not RSA") };
        let padding = if digest_info {
            Pkcs1v15Sign::new::<Sha256>()
        } else {
            Pkcs1v15Sign::new_unprefixed()
        };
        key.sign(padding, &Sha256::digest(message)).unwrap()
    }

    pub(crate) fn sign_ecdsa(&self, message: &[u8]) -> p384::ecdsa::Signature {
        let Self::P384(key) = self else {
            panic!("not P-384")
        };
        key.sign_prehash(&Sha256::digest(message)).unwrap()
    }
}

/// The parts of a certificate, each as it will stand in it.
#[derive(Clone)]
pub(crate) struct Certificate {
    pub(crate) version: Vec<u8>,
    pub(crate) serial_number: Vec<u8>,
    pub(crate) inner_algorithm: Vec<u8>,
    pub(crate) outer_algorithm: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) public_key_info: Vec<u8>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Certificate {
    pub(crate) fn tbs(&self) -> Vec<u8> {
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            extensions => tlv(0xA3, &tlv(0x30, &extensions.concat())),
        };
        sequence(&[
            &self.version,
            &self.serial_number,
            &self.inner_algorithm,
            &self.issuer,
            &sequence(&[&self.not_before, &self.not_after]),
            &self.subject,
            &self.public_key_info,
            &extensions,
        ])
    }

    pub(crate) fn signed_by(&self, key: &Key) -> Vec<u8> {
        let tbs = self.tbs();
        self.with_signature(&tbs, &key.sign(&tbs))
    }

    pub(crate) fn with_signature(&self, tbs: &[u8], signature: &[u8]) -> Vec<u8> {
        sequence(&[
            tbs,
            &self.outer_algorithm,
            &tlv(0x03, &[&[0], signature].concat()),
        ])
    }

    pub(crate) fn set_algorithm(&mut self, algorithm: Vec<u8>) {
        self.inner_algorithm.clone_from(&algorithm);
        self.outer_algorithm = algorithm;
    }
}

/// Keys and certificates of one generation: everything about them is right.
pub(crate) struct Issuer {
    pub(crate) generation: Generation,
    pub(crate) ca_key: Key,
    /// Of the same kind, unknown to the anchors.
    pub(crate) other_ca_key: Key,
    pub(crate) card_key: Key,
    pub(crate) ca: Certificate,
    pub(crate) card: Certificate,
}

pub(crate) const CA_KEY_IDENTIFIER: &[u8] = &[0xCA; 20];

impl Issuer {
    pub(crate) fn of(generation: Generation) -> Self {
        let (ca_key, other_ca_key, card_key, algorithm) = match generation {
            Generation::First => (
                Key::rsa("rsa_ca"),
                Key::rsa("rsa_other_ca"),
                Key::rsa("rsa_card"),
                sha256_with_rsa(),
            ),
            _ => (
                Key::p384("p384_ca"),
                Key::p384("p384_other_ca"),
                Key::p384("p384_card"),
                ecdsa_with_sha256(),
            ),
        };
        let ca = Certificate {
            version: tlv(0xA0, &[2, 1, 2]),
            serial_number: vec![2, 1, 1],
            inner_algorithm: algorithm.clone(),
            outer_algorithm: algorithm,
            issuer: name("Made-up CA"),
            not_before: utc_time("200101000000Z"),
            not_after: utc_time("300101000000Z"),
            subject: name("Made-up CA"),
            public_key_info: ca_key.public_key_info(),
            extensions: vec![
                ca_true(),
                key_cert_sign(),
                subject_key_identifier(CA_KEY_IDENTIFIER),
            ],
        };
        let card = Certificate {
            serial_number: vec![2, 1, 2],
            not_before: utc_time("250101000000Z"),
            not_after: utc_time("290101000000Z"),
            subject: name("Made-up card"),
            public_key_info: card_key.public_key_info(),
            extensions: vec![digital_signature(), authority_key_identifier(CA_KEY_IDENTIFIER)],
            ..ca.clone()
        };
        Self {
            generation,
            ca_key,
            other_ca_key,
            card_key,
            ca,
            card,
        }
    }

    pub(crate) fn both() -> [Self; 2] {
        [Self::of(Generation::First), Self::of(Generation::Second)]
    }

    /// The anchor that goes with the cards.
    pub(crate) fn anchors(&self) -> Anchors {
        let mut anchors = Anchors::new();
        anchors.add(&self.ca.signed_by(&self.ca_key)).unwrap();
        anchors
    }

    /// A card with everything right.
    pub(crate) fn card(&self) -> Card {
        let content = match self.generation {
            Generation::First => Content::first(CardType::FirstResidenceCard),
            _ => Content::second(CardType::SecondResidenceCard),
        };
        self.issue(content)
    }

    pub(crate) fn issue(&self, content: Content) -> Card {
        self.issue_with(content, self.card.signed_by(&self.ca_key))
    }

    /// A card with the given bytes for a certificate.
    pub(crate) fn issue_with(&self, content: Content, certificate: Vec<u8>) -> Card {
        let message = content.message();
        let check_code = match self.card_key {
            Key::Rsa(_) => self.card_key.sign_block(true, &message),
            Key::P384(_) => self.card_key.sign_ecdsa(&message).to_bytes().to_vec(),
        };
        Card {
            content,
            check_code,
            certificate,
        }
    }

    /// The judgement on a card whose certificate is `certificate`, with the anchor that goes with the cards.
    pub(crate) fn judge_certificate(&self, certificate: Vec<u8>) -> Authenticity {
        let card = Card {
            certificate,
            ..self.card()
        };
        card.judge(&self.anchors())
    }
}

/// What a card holds beside its signature.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) card_type: CardType,
    /// Tag and value, in the order of the file.
    pub(crate) entries: Vec<(u8, Vec<u8>)>,
    pub(crate) front: Vec<u8>,
    /// `None` for a card without the object.
    pub(crate) face: Option<Vec<u8>>,
    pub(crate) name: Vec<u8>,
}

/// Not all the same, so that a change of order shows.
fn picture(seed: u8, length: usize, padding: usize) -> Vec<u8> {
    let mut picture: Vec<u8> = (0..length - padding)
        .map(|index| (index % 251) as u8 ^ seed)
        .collect();
    picture.resize(length, 0);
    picture
}

impl Content {
    pub(crate) fn first(card_type: CardType) -> Self {
        Self {
            card_type,
            entries: Vec::new(),
            front: picture(0x49, 7000, 500),
            face: Some(picture(0xFF, 3000, 200)),
            name: Vec::new(),
        }
    }

    pub(crate) fn second(card_type: CardType) -> Self {
        let entry = |tag, value: &str| (tag, value.as_bytes().to_vec());
        let mut entries = vec![
            entry(0xC5, "20330401"),
            entry(0xC6, "19851231"),
            entry(0xC7, "2"),
            entry(0xC8, "USA"),
            entry(0xC9, "T410010000"),
            entry(0xCE, "0300"),
            entry(0xCA, "01"),
            entry(0xCB, "20260620"),
            entry(0xCC, "2"),
            entry(0xCD, "20290620"),
        ];
        if card_type.kind() == zairyu_data::CardKind::SpecialPermanentResidentCertificate {
            entries.truncate(6);
        }
        Self {
            card_type,
            entries,
            front: Vec::new(),
            face: Some(picture(0xFF, 3000, 200)),
            name: picture(0x49, 2500, 100),
        }
    }

    /// What an issuer signs, by the specification and not by the code under test.
    pub(crate) fn message(&self) -> Vec<u8> {
        let face = self.face.clone().unwrap_or_default();
        if self.card_type.generation() == Generation::First {
            return [self.front.clone(), face].concat();
        }
        let mut message = self
            .entries
            .iter()
            .flat_map(|(_, value)| value.clone())
            .collect::<Vec<u8>>();
        message.resize(53, 0);
        message.extend(face);
        message.resize(53 + 3000, 0);
        message.extend(&self.name);
        message.resize(53 + 3000 + 2500, 0);
        message
    }
}

/// A card as issued; every part can be changed afterwards.
#[derive(Clone)]
pub(crate) struct Card {
    pub(crate) content: Content,
    pub(crate) check_code: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
}

impl Card {
    /// The files as a reader would bring them.
    pub(crate) fn files(&self) -> CardFiles {
        let mut files = CardFiles::new(self.content.card_type);
        let mut insert = |file, content: Vec<u8>| files.insert(file, Bytes::from(content));
        let face = self
            .content
            .face
            .as_ref()
            .map(|face| tlv(0xD1, face))
            .unwrap_or_default();
        let filled = |value: &[u8], length| {
            let mut value = value.to_vec();
            value.resize(value.len().max(length), 0);
            value
        };
        match self.content.card_type.generation() {
            Generation::First => {
                insert(File::FrontImage, tlv(0xD0, &self.content.front));
                insert(File::FaceImage, filled(&face, 3004));
                let certificate = tlv(0xDB, &filled(&self.certificate, 1200));
                insert(
                    File::Signature,
                    [tlv(0xDA, &self.check_code), certificate].concat(),
                );
            }
            Generation::Second | Generation::Specified => {
                let entries = self
                    .content
                    .entries
                    .iter()
                    .flat_map(|(tag, value)| tlv(*tag, value))
                    .collect();
                insert(File::PrintedEntries, entries);
                insert(
                    File::NameAndFaceImage,
                    [tlv(0xD0, &self.content.name), face].concat(),
                );
                let signature = [tlv(0xDC, &self.check_code), tlv(0xDD, &self.certificate)].concat();
                insert(File::Signature, filled(&signature, 704));
            }
        }
        files
    }

    pub(crate) fn judge(&self, anchors: &Anchors) -> Authenticity {
        judge(&self.files(), anchors, at(NOW))
    }
}

/// The reason's name, or `verified`.
pub(crate) fn word(authenticity: &Authenticity) -> &'static str {
    match authenticity.reason() {
        Some(reason) => {
            assert!(authenticity.content().is_none());
            reason.as_str()
        }
        None => {
            assert!(authenticity.content().is_some());
            assert!(authenticity.trust_profile().is_some());
            "verified"
        }
    }
}
