//! Any bytes, as a file of CA certificates, DER or PEM.
//!
//! Nothing of a refused file is loaded, nothing is loaded twice, and nobody makes a certificate an official one.

use zairyu_verify::{Anchors, MAX_ANCHORS, TrustProfile};

use crate::{
    genuine,
    memory::{self, KIB},
};

pub fn run(input: &[u8]) {
    let mut anchors = Anchors::new();
    // Text, Base64 and DER of a certificate, and the numbers of its key.
    match memory::within(64 * KIB + 16 * input.len(), || anchors.add(input)) {
        Ok(()) => {
            assert!((1..=MAX_ANCHORS).contains(&anchors.len()));
            let count = anchors.len();
            anchors.add(input).expect("it was loaded before");
            assert_eq!(anchors.len(), count);
            for anchor in anchors.iter() {
                assert_eq!(anchor.profile(), TrustProfile::Custom);
                assert!(!anchor.time_status(genuine::now()).as_str().is_empty());
            }
        }
        Err(error) => {
            assert!(anchors.is_empty());
            assert!(!error.to_string().is_empty());
        }
    }
}
