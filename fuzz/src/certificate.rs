//! A byte for the generation, a block with a check code, and a certificate, on a card that is genuine otherwise.
//!
//! The card is verified only with its own check code, in one of the forms that the specifications leave open, and a
//! certificate that the CA signed, in whatever BER.

use zairyu_verify::{Authenticity, Status};

use crate::{
    asn1,
    genuine::{SIGNED, Signed},
    input::{Block, Input},
    memory::{self, KIB},
};

/// Files are copied once, signatures and certificates a few times.
const MEMORY: usize = 512 * KIB;

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let signed = &SIGNED[usize::from(input.byte() % 2)];
    let check_code = match input.block() {
        Some(Block::Bytes(check_code)) => check_code,
        Some(Block::Absent) => &signed.check_codes[0],
        None => &[],
    };
    let authenticity = memory::within(MEMORY, || signed.judge(check_code, input.0));
    check(&authenticity, signed, check_code, input.0);
}

/// Nothing verifies but what was signed.
pub(crate) fn check(authenticity: &Authenticity, signed: &Signed, check_code: &[u8], certificate: &[u8]) {
    let verified = authenticity.status() == Status::Verified;
    assert_eq!(verified, authenticity.content().is_some());
    assert_eq!(verified, authenticity.reason().is_none());
    if let Some(reason) = authenticity.reason() {
        assert!(!reason.to_string().is_empty() && !reason.as_str().is_empty());
    }
    // A profile stands for an anchor whose key verified the certificate.
    if authenticity.trust_profile().is_some() {
        let der = asn1::canonical(certificate).expect("a certificate that is vouched for is one");
        assert!(
            signed.certificates.contains(&der),
            "another certificate is vouched for"
        );
    }
    if verified {
        assert!(authenticity.trust_profile().is_some());
        assert!(
            signed.check_codes.iter().any(|own| own == check_code),
            "another check code verifies"
        );
    }
}
