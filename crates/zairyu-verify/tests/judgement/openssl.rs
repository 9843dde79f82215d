//! Cards from an independent issuer: tests/openssl/README.md.

use std::iter;

use zairyu_data::CardType;
use zairyu_verify::{Anchors, SignatureEncoding};

use crate::backends::judge;
use crate::issuer::{Card, Content, at, word};

const FIRST_CA: &[u8] = include_bytes!("../openssl/first.ca.pem");
const SECOND_CA: &[u8] = include_bytes!("../openssl/second.ca.pem");

fn fill(line: &str, length: usize) -> Vec<u8> {
    iter::repeat(format!("{line}\n").into_bytes())
        .flatten()
        .take(length)
        .collect()
}

fn encoding(card: &Card, ca: &[u8]) -> Option<SignatureEncoding> {
    let mut anchors = Anchors::new();
    anchors.add(ca).unwrap();
    let authenticity = judge(&card.files(), &anchors, at("2027-01-01T00:00:00Z"));
    assert_eq!(authenticity.reason(), None);
    assert_eq!(word(&authenticity), "verified");
    authenticity.signature_encoding()
}

#[test]
fn first_generation() {
    let mut card = Card {
        content: Content {
            front: fill("front", 7000),
            face: Some(fill("face", 3000)),
            ..Content::first(CardType::FirstResidenceCard)
        },
        check_code: include_bytes!("../openssl/first.digest_info.sig").to_vec(),
        certificate: include_bytes!("../openssl/first.card.cer").to_vec(),
    };
    assert_eq!(
        encoding(&card, FIRST_CA),
        Some(SignatureEncoding::Pkcs1v15DigestInfo)
    );
    card.check_code = include_bytes!("../openssl/first.bare_hash.sig").to_vec();
    assert_eq!(
        encoding(&card, FIRST_CA),
        Some(SignatureEncoding::Pkcs1v15BareHash)
    );
}

#[test]
fn second_generation() {
    let der = include_bytes!("../openssl/second.der.sig").to_vec();
    let raw = p384::ecdsa::Signature::from_der(&der)
        .unwrap()
        .to_bytes()
        .to_vec();
    let mut card = Card {
        content: Content {
            face: Some(fill("face", 3000)),
            name: fill("name", 2500),
            ..Content::second(CardType::SecondResidenceCard)
        },
        check_code: der,
        certificate: include_bytes!("../openssl/second.card.cer").to_vec(),
    };
    assert_eq!(encoding(&card, SECOND_CA), Some(SignatureEncoding::EcdsaDer));
    card.check_code = raw;
    assert_eq!(encoding(&card, SECOND_CA), Some(SignatureEncoding::EcdsaRaw));
}

#[test]
fn the_other_generation_s_anchor_is_no_help() {
    let card = Card {
        content: Content {
            face: Some(fill("face", 3000)),
            name: fill("name", 2500),
            ..Content::second(CardType::SecondResidenceCard)
        },
        check_code: include_bytes!("../openssl/second.der.sig").to_vec(),
        certificate: include_bytes!("../openssl/second.card.cer").to_vec(),
    };
    let mut anchors = Anchors::new();
    anchors.add(FIRST_CA).unwrap();
    assert_eq!(word(&card.judge(&anchors)), "untrusted_certificate");
}
