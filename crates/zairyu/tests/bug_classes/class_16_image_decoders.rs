//! Class 16: image decoders.
//!
//! OpenJPEG #1228, #1231, #1652, CVE-2016-4797; the cost of libjpeg's progressive scans (Red Hat bug 1344214); image-tiff
//! #28 and #141. A picture is decoded behind a gate that reads its headers, and a picture that cannot be shown is told as
//! such and changes no verdict. `zairyu-image` tests each limit; `class_06_declared_size` bounds the memory.

use std::fs;
use std::path::Path;

use zairyu::data::CardType;
use zairyu::image::{Budget, decode};
use zairyu_testcard::{CardBuilder, Field};

use crate::{issue, report};

fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zairyu-image/tests/samples");
    let mut samples: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .filter(|(name, bytes)| bytes.len() <= 3_000 && !name.contains("README") && !name.contains("make"))
        .collect();
    samples.sort();
    assert!(samples.len() > 20);
    samples
}

/// Whether the face can be shown on a card that is verified whatever its picture is.
fn can_be_shown(picture: &[u8]) -> bool {
    let builder = CardBuilder::new(CardType::SecondResidenceCard).with(Field::FaceImage, picture);
    let report = report(&issue(&builder));
    assert!(report.is_signature_verified(), "the signature is over the bytes");
    assert!(report.to_json().contains("\"face\""));
    let face = report.images.face.unwrap();
    assert!(face.signed);
    face.decode().is_ok_and(|image| image.is_some())
}

#[test]
fn a_picture_that_cannot_be_shown_changes_no_verdict() {
    for (name, picture) in samples() {
        let refused = name.starts_with("refused-") || name.ends_with(".png");
        assert_eq!(can_be_shown(&picture), !refused, "{name}");
    }
}

/// A few bytes of each sample changed, in headers and data, and the rest cut off.
#[test]
fn damaged_pictures_are_shown_or_refused() {
    let (mut shown, mut refused) = (0, 0);
    for (name, picture) in samples() {
        // The largest ones take long.
        if name.ends_with(".png") || name.starts_with("largest") {
            continue;
        }
        for at in (0..picture.len()).step_by(picture.len() / 12 + 1) {
            for byte in [0x00, 0xFF] {
                let mut damaged = picture.clone();
                damaged[at] = byte;
                let decoded = decode(&damaged, &Budget::default());
                *if decoded.is_ok() { &mut shown } else { &mut refused } += 1;
            }
            // Cut off, and filled up as on the card.
            let mut cut = picture[..at].to_vec();
            cut.resize(3_000, 0);
            assert!(
                decode(&cut, &Budget::default())
                    .map_or(true, |image| image.is_none() || !name.ends_with(".tif"))
            );
        }
    }
    println!("{shown} damaged pictures shown, {refused} refused");
    assert!(shown > 50 && refused > 50);
}

/// A progressive JPEG picture of few bytes with scans without number, each of which is a pass over all pixels.
#[test]
fn scans_without_number_are_refused() {
    let samples = samples();
    let (_, progressive) = samples
        .iter()
        .find(|(name, _)| name == "face-progressive.jpg")
        .unwrap();
    assert!(can_be_shown(progressive));
    let scan = progressive
        .windows(2)
        .rposition(|bytes| bytes == [0xFF, 0xDA])
        .unwrap();
    let header = usize::from(progressive[scan + 3]) + 2;
    // Only the scans' headers: their data may be missing.
    let mut many = progressive[..scan].to_vec();
    while many.len() + header + 2 <= 3_000 {
        many.extend(&progressive[scan..scan + header]);
    }
    many.extend([0xFF, 0xD9]);
    assert!(!can_be_shown(&many));
}
