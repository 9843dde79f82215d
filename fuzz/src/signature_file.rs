//! A byte for the generation, and the signature file of a card that is genuine otherwise: check code, certificate, and
//! whatever else is in it.
//!
//! The card is verified only with its own check code and a certificate that the CA signed, however their lengths are
//! written.

use bytes::Bytes;
use zairyu_data::{Card, File};
use zairyu_verify::{Status, judge};

use crate::{
    certificate,
    genuine::{ANCHORS, SIGNED, now},
    input::Input,
    memory::{self, KIB},
};

/// Files are copied once, signatures and certificates a few times.
const MEMORY: usize = 512 * KIB;

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let signed = &SIGNED[usize::from(input.byte() % 2)];
    let mut files = signed.files.clone();
    files.insert(File::Signature, Bytes::copy_from_slice(input.0));
    let authenticity = memory::within(MEMORY + 8 * input.0.len(), || judge(&files, &ANCHORS, now()));
    let signature = match Card::parse(&files) {
        Card::First(card) => card.signature,
        Card::Second(card) => card.signature,
    };
    match signature {
        Ok(Some(objects)) => {
            certificate::check(&authenticity, signed, objects.check_code(), objects.certificate());
        }
        Ok(None) => assert_eq!(authenticity.status(), Status::NotVerifiable),
        Err(_) => assert_eq!(authenticity.status(), Status::Failed),
    }
}
