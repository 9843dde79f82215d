//! Class 5: recursion without a limit of depth.
//!
//! simple_asn1 #43 (5 kB of input, depth 1338), curl #16135, gmrtd #341. A stack overflow ends the process, so that
//! nothing but a depth limit helps. The tests run on a stack of 256 KiB, where a real program has 8 MiB.

use std::thread;

use zairyu::data::{CardType, File};
use zairyu::transport::Recording;
use zairyu::{Anchors, Reading};

use crate::{certificate_in, good, report};

fn on_a_small_stack(work: fn()) {
    let thread = thread::Builder::new().stack_size(256 * 1024);
    thread.spawn(work).unwrap().join().unwrap();
}

/// Nested as deep as so many bytes allow.
fn nested(open: &[u8], bytes: usize) -> Vec<u8> {
    open.repeat(bytes / open.len())
}

/// Constructed values of indefinite length, which need no length to nest.
const INDEFINITE: [&[u8]; 3] = [b"\x30\x80", b"\xA0\x80", b"\x24\x80"];

#[test]
fn in_a_card_s_certificate() {
    on_a_small_stack(|| {
        for card_type in [CardType::FirstResidenceCard, CardType::SecondResidenceCard] {
            for open in INDEFINITE {
                let mut issued = good(card_type);
                let file = issued.file(File::Signature).unwrap().to_vec();
                let at = certificate_in(&issued).start;
                let bomb = [&file[..at], &nested(open, file.len() - at)].concat();
                issued.replace(File::Signature, bomb);
                let report = report(&issued);
                assert!(!report.is_signature_verified());
            }
        }
    });
}

#[test]
fn in_a_file_of_anchors() {
    on_a_small_stack(|| {
        for open in INDEFINITE {
            for bytes in [100, 8_000, 250_000] {
                assert!(Anchors::new().add(&nested(open, bytes)).is_err());
            }
        }
        // With a length each: 30 82 hh ll around all that follows.
        let mut definite = Vec::new();
        for left in (0..2_000_u16).rev() {
            definite.extend([0x30, 0x82]);
            definite.extend((left * 4).to_be_bytes());
        }
        assert!(Anchors::new().add(&definite).is_err());
    });
}

#[test]
fn in_the_texts_that_are_read_back() {
    on_a_small_stack(|| {
        for open in ["[", "{\"schema\":", "{\"files\":{\"MF/EF02\":["] {
            let text = open.repeat(Reading::MAX_DUMP_LEN / open.len());
            assert!(Reading::from_dump(&text).is_err());
            assert!(Recording::parse(&text).is_err());
        }
    });
}
