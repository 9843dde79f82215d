//! Whatever the bytes, there is an answer; and what another encoder writes is read back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod tiff_writer;

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use tiff_writer::{ByteOrder, Tiff, group_4};
use zairyu_image::{Budget, ErrorKind, Image, Layout, decode, detect, read_header};

/// The small samples that decode, by name.
static SAMPLES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let mut samples: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .filter(|(name, _)| name.starts_with("text") || name.starts_with("face"))
        .filter(|(_, bytes)| detect(bytes).is_some())
        .collect();
    samples.sort();
    assert!(samples.len() >= 18);
    samples
});

/// Decodes; whatever comes out keeps the promises of its types.
fn checked(bytes: &[u8]) -> Option<Image> {
    let budget = Budget::default();
    let header = read_header(bytes);
    match decode(bytes, &budget) {
        Ok(Some(image)) => {
            let header = header.unwrap().unwrap();
            assert_eq!((image.width(), image.height()), (header.width, header.height));
            assert!((1..=budget.max_width).contains(&image.width()));
            assert!((1..=budget.max_height).contains(&image.height()));
            let samples = image.width() as usize * image.height() as usize * image.layout().bytes_per_pixel();
            assert_eq!(image.pixels().len(), samples);
            assert!(image.to_png().starts_with(b"\x89PNG"));
            Some(image)
        }
        Ok(None) => {
            assert_eq!(header, Ok(None));
            None
        }
        Err(error) => {
            assert!(
                error
                    .offset()
                    .is_none_or(|offset| offset <= bytes.len() || offset <= u32::MAX as usize)
            );
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

/// A cut picture is refused, or nothing was cut but what no reader looks at: never a part of a picture.
#[test]
fn every_truncation() {
    for (name, bytes) in SAMPLES.iter() {
        let whole = checked(bytes).unwrap();
        let mut shortest = bytes.len();
        for length in (0..bytes.len()).rev() {
            if let Some(image) = checked(&bytes[..length]) {
                assert!(image == whole, "{name} cut to {length}");
                assert_eq!(shortest, length + 1, "{name} cut to {length} is read again");
                shortest = length;
            }
        }
        let spare = &bytes[shortest..];
        if name.starts_with("text") {
            // libtiff's directory ends in the next one's offset, and before that in tags that are not read.
            assert!(spare.len() <= 4, "{name}: {} bytes not needed", spare.len());
            assert!(spare.iter().all(|byte| *byte == 0), "{name}");
        } else {
            assert_eq!(spare.len(), 0, "{name}");
        }
    }
}

/// Both JPEG families end in a marker, so padding cannot stand in for what was cut. (TIFF ends in its
/// directory, where NUL bytes are numbers as good as others.)
#[test]
fn every_truncation_padded_again() {
    for (name, bytes) in SAMPLES.iter().filter(|(name, _)| name.starts_with("face")) {
        for length in 1..bytes.len() {
            let mut value = bytes[..length].to_vec();
            value.resize(bytes.len() + 50, 0);
            assert!(checked(&value).is_none(), "{name} cut to {length}");
        }
    }
}

fn pixels() -> impl Strategy<Value = Vec<Vec<bool>>> {
    // Runs rather than noise, so that every mode of Group 4 comes up; the row above is often repeated.
    (1_usize..300, 1_usize..40).prop_flat_map(|(width, height)| {
        vec((vec((any::<bool>(), 1_usize..90), 1..20), any::<bool>()), height).prop_map(move |rows| {
            let mut picture: Vec<Vec<bool>> = Vec::new();
            for (runs, repeat) in rows {
                let row = match picture.last() {
                    Some(above) if repeat => above.clone(),
                    _ => runs
                        .iter()
                        .flat_map(|(black, length)| std::iter::repeat_n(*black, *length))
                        .cycle()
                        .take(width)
                        .collect(),
                };
                picture.push(row);
            }
            picture
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn group_4_is_read_back(
        picture in pixels(),
        rows_per_strip in 1_usize..45,
        big in any::<bool>(),
        reversed in any::<bool>(),
        black_is_zero in any::<bool>(),
        padding in 0_usize..20,
    ) {
        let strips: Vec<Vec<u8>> = picture
            .chunks(rows_per_strip)
            .map(|rows| {
                let data = group_4(rows);
                if reversed { data.into_iter().map(u8::reverse_bits).collect() } else { data }
            })
            .collect();
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let (width, height) = (picture[0].len(), picture.len());
        let number = |value: usize| u32::try_from(value).unwrap();
        let mut file = Tiff::of_strips(order, number(width), number(height), number(rows_per_strip), &strips);
        if reversed {
            file.short(266, 2);
        }
        file.short(262, u32::from(black_is_zero));
        let mut bytes = file.write();
        bytes.resize(bytes.len() + padding, 0);

        let image = checked(&bytes).expect("refused");
        prop_assert_eq!(image.layout(), Layout::Bilevel);
        let expected: Vec<u8> =
            picture.concat().into_iter().map(|black| if black != black_is_zero { 0 } else { 255 }).collect();
        prop_assert!(image.pixels() == expected);
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400)) {
        checked(&bytes);
    }

    #[test]
    fn any_bytes_behind_a_known_beginning(
        start in prop::sample::select(std::vec![
            &b"II\x2a\0\x08\0\0\0"[..],
            b"MM\0\x2a\0\0\0\x08",
            b"\0\0\0\x0cjP  \r\n\x87\n",
            b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x08jp2h\0\0\0\0jp2c\xff\x4f\xff\x51\0\x2f",
            b"\xff\x4f\xff\x51\0\x2f",
            b"\xff\xd8\xff",
            b"\xff\xd8\xff\xc0\0\x11\x08\0\x10\0\x10\x03",
        ]),
        bytes in vec(any::<u8>(), 0..400),
    ) {
        checked(&[start, &bytes].concat());
    }

    #[test]
    fn samples_with_a_few_bytes_changed(
        sample in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), any::<bool>(), any::<u8>()), 1..6),
    ) {
        let (_, bytes) = &SAMPLES[sample.index(SAMPLES.len())];
        let mut bytes = bytes.clone();
        for (at, in_front, byte) in changes {
            let range = if in_front { bytes.len().min(160) } else { bytes.len() };
            bytes[at.index(range)] = byte;
        }
        checked(&bytes);
    }

    #[test]
    fn samples_spliced(
        (a, b) in any::<(prop::sample::Index, prop::sample::Index)>(),
        (cut_a, cut_b) in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let (a, b) = (&SAMPLES[a.index(SAMPLES.len())].1, &SAMPLES[b.index(SAMPLES.len())].1);
        checked(&[&a[..cut_a.index(a.len())], &b[cut_b.index(b.len())..]].concat());
    }

    #[test]
    fn any_budget(
        sample in any::<prop::sample::Index>(),
        (width, height, side, scans) in any::<(u32, u32, u32, u32)>(),
    ) {
        let (_, bytes) = &SAMPLES[sample.index(SAMPLES.len())];
        let mut budget = Budget::default();
        (budget.max_width, budget.max_height) = (width % 400, height % 80);
        (budget.max_jpeg2000_side, budget.max_jpeg_scans) = (side % 80, scans % 20);
        match decode(bytes, &budget) {
            Ok(image) => {
                let image = image.unwrap();
                prop_assert!(image.width() <= budget.max_width && image.height() <= budget.max_height);
            }
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::OverBudget),
        }
    }
}
