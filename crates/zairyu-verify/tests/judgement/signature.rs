//! A card's own signature: its encodings, and what is none.

use hex_literal::hex;
use p384::ecdsa::Signature;
use rsa::Pkcs1v15Sign;
use sha2::{Digest, Sha256};
use zairyu_data::Generation;
use zairyu_verify::{Anchors, Reason, SignatureEncoding, SignatureFault, Status};

use crate::issuer::{Card, Issuer, Key, sequence, tlv, word};

const ORDER: [u8; 48] =
    hex!("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");

#[track_caller]
fn fault(issuer: &Issuer, check_code: &[u8]) -> SignatureFault {
    let card = Card {
        check_code: check_code.to_vec(),
        ..issuer.card()
    };
    match card.judge(&issuer.anchors()).reason() {
        Some(Reason::SignatureMalformed(fault)) => *fault,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn judged(issuer: &Issuer, check_code: Vec<u8>) -> (&'static str, Option<SignatureEncoding>) {
    let card = Card {
        check_code,
        ..issuer.card()
    };
    let authenticity = card.judge(&issuer.anchors());
    (word(&authenticity), authenticity.signature_encoding())
}

#[test]
fn rsa_with_and_without_digest_info() {
    let issuer = Issuer::of(Generation::First);
    let message = issuer.card().content.message();
    let block = |digest_info| issuer.card_key.sign_block(digest_info, &message);
    assert_eq!(
        judged(&issuer, block(true)),
        ("verified", Some(SignatureEncoding::Pkcs1v15DigestInfo))
    );
    assert_eq!(
        judged(&issuer, block(false)),
        ("verified", Some(SignatureEncoding::Pkcs1v15BareHash))
    );
}

/// The whole block counts: the right hash somewhere in a well-padded one is not enough.
#[test]
fn rsa_blocks_with_more_or_less_than_the_hash() {
    let issuer = Issuer::of(Generation::First);
    let Key::Rsa(key) = &issuer.card_key else { panic!() };
    let hash = Sha256::digest(issuer.card().content.message()).to_vec();
    let info = hex!("3031300d060960864801650304020105000420");
    let block = |end: &[&[u8]]| key.sign(Pkcs1v15Sign::new_unprefixed(), &end.concat()).unwrap();
    assert_eq!(judged(&issuer, block(&[&info, &hash])).0, "verified");
    assert_eq!(judged(&issuer, block(&[&hash])).0, "verified");
    for end in [
        // Bytes behind the hash, before it, or in place of some of it: Bleichenbacher's forgery of 2006 and its kin.
        &[&info[..], &hash, &[0; 150]][..],
        &[&info, &hash, &[0]],
        &[&hash, &[0]],
        &[&hash, &hash],
        &[&[0; 150], &hash],
        &[&[0], &hash],
        &[&[0], &info, &hash],
        &[&hash[..31]],
        &[&info, &hash[..31]],
        &[&info],
        &[],
        // DigestInfo without NULL, with a long-form length, with the name of SHA-1 or SHA-512.
        &[&hex!("302f300b0609608648016503040201 0420"), &hash],
        &[&hex!("308131300d060960864801650304020105000420"), &hash],
        &[&hex!("3025300906052b0e03021a05000420"), &hash],
        &[&hex!("3031300d060960864801650304020305000420"), &hash],
    ] {
        assert_eq!(judged(&issuer, block(end)).0, "signature_mismatch", "{end:02X?}");
    }
}

#[test]
fn rsa_signatures_have_one_length_and_a_range() {
    let issuer = Issuer::of(Generation::First);
    let good = issuer.card().check_code;
    for length in [1, 96, 128, 255] {
        assert_eq!(
            fault(&issuer, &good[..length]),
            SignatureFault::Length {
                expected: 256,
                found: length
            }
        );
    }
    let longer = [&[0], &good[..]].concat();
    assert_eq!(
        fault(&issuer, &longer),
        SignatureFault::Length {
            expected: 256,
            found: 257
        }
    );
    let info = &issuer.card.public_key_info;
    let modulus = &info[info.len() - 261..info.len() - 5];
    assert_eq!(fault(&issuer, modulus), SignatureFault::OutOfRange);
    assert_eq!(fault(&issuer, &[0xFF; 256]), SignatureFault::OutOfRange);
    let mut below = modulus.to_vec();
    below[255] -= 1;
    assert_eq!(judged(&issuer, below).0, "signature_mismatch");
}

#[test]
fn ecdsa_raw_and_der() {
    let issuer = Issuer::of(Generation::Second);
    let message = issuer.card().content.message();
    let signature = issuer.card_key.sign_ecdsa(&message);
    let raw = signature.to_bytes().to_vec();
    let der = signature.to_der().as_bytes().to_vec();
    assert_eq!(
        judged(&issuer, raw.clone()),
        ("verified", Some(SignatureEncoding::EcdsaRaw))
    );
    assert_eq!(
        judged(&issuer, der.clone()),
        ("verified", Some(SignatureEncoding::EcdsaDer))
    );

    for length in (1..der.len()).filter(|&length| length != 96) {
        assert_eq!(fault(&issuer, &der[..length]), SignatureFault::NotDer);
    }
    assert_eq!(fault(&issuer, &[&der[..], &[0]].concat()), SignatureFault::NotDer);
    assert_eq!(fault(&issuer, &raw[..95]), SignatureFault::NotDer);
    assert_eq!(fault(&issuer, &[&raw[..], &[0]].concat()), SignatureFault::NotDer);
    // BER of the same numbers: long-form and indefinite lengths, padded integers.
    let (r, s) = raw.split_at(48);
    let integer = |number: &[u8]| tlv(2, &[&[0], number].concat());
    let numbers = [integer(r), integer(s)].concat();
    assert_eq!(
        fault(&issuer, &[&[0x30, 0x81, 100], &numbers[..]].concat()[..]),
        SignatureFault::NotDer
    );
    assert_eq!(
        fault(&issuer, &[&[0x30, 0x80], &numbers[..], &[0, 0]].concat()),
        SignatureFault::NotDer
    );
    let padded = sequence(&[&tlv(2, &[&[0, 0], r].concat()), &tlv(2, &[&[0, 0], s].concat())]);
    assert_eq!(fault(&issuer, &padded), SignatureFault::NotDer);
    // Three numbers, and one.
    assert_eq!(
        fault(&issuer, &sequence(&[&numbers, &[2, 1, 1]])),
        SignatureFault::NotDer
    );
    assert_eq!(fault(&issuer, &sequence(&[&integer(r)])), SignatureFault::NotDer);
}

#[test]
fn ecdsa_numbers_have_a_range() {
    let issuer = Issuer::of(Generation::Second);
    let (zero, mut one) = ([0; 48], [0; 48]);
    one[47] = 1;
    for (r, s) in [
        (zero, one),
        (one, zero),
        (ORDER, one),
        (one, ORDER),
        ([0xFF; 48], [0xFF; 48]),
    ] {
        assert_eq!(fault(&issuer, &[r, s].concat()), SignatureFault::OutOfRange);
    }
    assert_eq!(judged(&issuer, [one, one].concat()).0, "signature_mismatch");
    for numbers in [
        [tlv(2, &[0]), tlv(2, &[1])],
        [tlv(2, &[1]), tlv(2, &[0])],
        [tlv(2, &[0x80]), tlv(2, &[1])],
    ] {
        assert_eq!(
            fault(&issuer, &sequence(&[&numbers.concat()])),
            SignatureFault::NotDer
        );
    }
    let r_plus_order = tlv(2, &[&[0], &ORDER[..]].concat());
    assert_eq!(
        fault(&issuer, &sequence(&[&r_plus_order, &[2, 1, 1]])),
        SignatureFault::NotDer
    );
}

/// (r, n - s) is a signature of the same key over the same message: known, and no harm to a card.
#[test]
fn the_mirrored_ecdsa_signature_is_one_too() {
    let issuer = Issuer::of(Generation::Second);
    let signature = issuer.card_key.sign_ecdsa(&issuer.card().content.message());
    let (r, s) = signature.split_scalars();
    let mirrored = Signature::from_scalars(*r, -*s).unwrap();
    assert_eq!(judged(&issuer, mirrored.to_bytes().to_vec()).0, "verified");
}

#[test]
fn without_anchors_nothing_is_checked_but_the_card_s_own_match() {
    for issuer in Issuer::both() {
        let none = Anchors::new();
        let authenticity = issuer.card().judge(&none);
        assert_eq!(authenticity.status(), Status::NotChecked);
        assert_eq!(word(&authenticity), "no_anchor");
        assert_eq!(authenticity.trust_profile(), None);
        assert_eq!(authenticity.anchor_time(), None);
        assert!(authenticity.certificate_time().is_some());

        let mut card = issuer.card();
        card.content.face.as_mut().unwrap()[0] ^= 1;
        assert_eq!(word(&card.judge(&none)), "signature_mismatch");
        let mut card = issuer.card();
        card.certificate = vec![0x30, 0];
        assert_eq!(word(&card.judge(&none)), "certificate_malformed");
        // Who issued the certificate, and whether it has expired, makes no difference yet.
        let mut card = issuer.card();
        card.certificate = issuer.card.signed_by(&issuer.other_ca_key);
        assert_eq!(word(&card.judge(&none)), "no_anchor");
    }
}
