//! Class 10: a lenient look at how a signature is encoded.
//!
//! BERserk (CVE-2014-1569) and the family of Bleichenbacher's forgery of 2006: whoever skips parts of the padded block
//! accepts signatures that anyone can make for keys of exponent 3. The whole block is compared. The RSA and ECDSA files
//! of Wycheproof run in `zairyu-verify` (`primitives.rs`).

use zairyu::data::CardType;
use zairyu_testcard::{CardBuilder, CheckCode};

use crate::{issue, reason};

fn with_check_code(card_type: CardType, check_code: CheckCode) -> String {
    reason(&issue(&CardBuilder::new(card_type).check_code(check_code)))
}

#[test]
fn rsa_blocks_that_are_not_exactly_the_padded_hash() {
    let first = CardType::FirstResidenceCard;
    // The two that the specification's figure and PKCS#1 allow.
    for right in [CheckCode::RsaDigestInfo, CheckCode::RsaBareHash] {
        assert_eq!(with_check_code(first, right), "verified");
    }
    for wrong in [
        CheckCode::RsaGarbageBehindHash,
        CheckCode::RsaDigestInfoWithoutNull,
    ] {
        assert_eq!(
            with_check_code(first, wrong.clone()),
            "signature_mismatch",
            "{wrong:?}"
        );
    }
    // Numbers that are no signature of any key: 0, 1 (whose power is itself), all ones, and other lengths.
    let mut one = vec![0; 256];
    one[255] = 1;
    for (bytes, expected) in [
        (vec![0; 256], "signature_malformed"),
        (one, "signature_mismatch"),
        (vec![0xFF; 256], "signature_malformed"),
        (vec![0x5A; 255], "signature_malformed"),
    ] {
        assert_eq!(with_check_code(first, CheckCode::Bytes(bytes)), expected);
    }
}

#[test]
fn ecdsa_numbers_out_of_range_and_der_that_is_none() {
    let second = CardType::SecondResidenceCard;
    for right in [CheckCode::EcdsaRaw, CheckCode::EcdsaDer] {
        assert_eq!(with_check_code(second, right), "verified");
    }
    // r and s of 0 satisfy the equation of a careless verifier for any message (CVE-2022-21449).
    for bytes in [
        vec![0; 96],
        vec![0xFF; 96],
        b"\x30\x06\x02\x01\x00\x02\x01\x00".to_vec(),
        b"\x30\x80\x02\x01\x01\x02\x01\x01\x00\x00".to_vec(),
        b"\x30\x81\x06\x02\x01\x01\x02\x01\x01".to_vec(),
        b"\x30\x06\x02\x01\x01\x02\x01\xFF".to_vec(),
        b"\x30\x06\x02\x01\x01\x02\x01\x01\x05\x00".to_vec(),
    ] {
        assert_eq!(
            with_check_code(second, CheckCode::Bytes(bytes.clone())),
            "signature_malformed",
            "{bytes:02X?}"
        );
    }
    // Strict DER of numbers in range, which sign nothing.
    let small = b"\x30\x06\x02\x01\x01\x02\x01\x01".to_vec();
    assert_eq!(
        with_check_code(second, CheckCode::Bytes(small)),
        "signature_mismatch"
    );
}
