//! Every variant of every format decodes to what another implementation makes of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::path::PathBuf;

use zairyu_image::{Budget, ErrorKind, Format, Image, Layout, decode, detect, is_absent, read_header};

fn sample(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "samples", name]
        .iter()
        .collect();
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Width, height, color type and bytes of a PNG, with 1-bit samples spread to 0 and 255.
fn read_png(file: &[u8]) -> (u32, u32, png::ColorType, png::BitDepth, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().unwrap();
    let (color, depth) = (reader.info().color_type, reader.info().bit_depth);
    let (width, height) = reader.info().size();
    let mut raw = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut raw).unwrap();
    let pixels = if depth == png::BitDepth::One {
        raw.chunks(width.div_ceil(8) as usize)
            .flat_map(|row| {
                (0..width as usize).map(|x| {
                    if row[x / 8] >> (7 - x % 8) & 1 == 1 {
                        255
                    } else {
                        0
                    }
                })
            })
            .collect()
    } else {
        raw
    };
    (width, height, color, depth, pixels)
}

fn decoded(name: &str) -> Image {
    decode(&sample(name), &Budget::default())
        .unwrap_or_else(|error| panic!("{name}: {error}"))
        .unwrap()
}

/// Decodes a face and compares it with the PNG beside it.
fn assert_face(name: &str, format: Format, layout: Layout, tolerance: u8) {
    let bytes = sample(name);
    let header = read_header(&bytes).unwrap().unwrap();
    assert_eq!((detect(&bytes), header.format), (Some(format), format), "{name}");
    let image = decoded(name);
    let (width, height, color, _, pixels) = read_png(&sample(&format!("{name}.png")));
    assert_eq!(
        color,
        if layout == Layout::Gray {
            png::ColorType::Grayscale
        } else {
            png::ColorType::Rgb
        }
    );
    assert_eq!(
        (image.width(), image.height(), image.layout()),
        (width, height, layout),
        "{name}"
    );
    assert_eq!((header.width, header.height), (width, height), "{name}");
    assert_eq!(image.pixels().len(), pixels.len(), "{name}");
    let worst = image
        .pixels()
        .iter()
        .zip(&pixels)
        .map(|(a, b)| a.abs_diff(*b))
        .max()
        .unwrap();
    assert!(worst <= tolerance, "{name}: differs by {worst}");
}

const TEXTS: [&str; 6] = [
    "text-ii.tif",
    "text-mm.tif",
    "text-lsb.tif",
    "text-black.tif",
    "text-strips.tif",
    "text-mm-lsb-black-strips.tif",
];

#[test]
fn group_4_is_exact_in_every_variant() {
    let (width, height, _, _, pixels) = read_png(&sample("text.png"));
    assert!(pixels.contains(&0) && pixels.contains(&255));
    for name in TEXTS {
        let image = decoded(name);
        assert_eq!(
            (image.width(), image.height(), image.layout()),
            (width, height, Layout::Bilevel),
            "{name}"
        );
        assert!(image.pixels() == pixels, "{name}");
        let header = read_header(&sample(name)).unwrap().unwrap();
        assert_eq!(
            (header.format, header.width, header.height),
            (Format::TiffG4, width, height),
            "{name}"
        );
    }
}

#[test]
fn jpeg_2000_is_exact_with_the_reversible_wavelet() {
    assert_face("face-53.jp2", Format::Jp2, Layout::Rgb, 0);
}

#[test]
fn jpeg_2000_is_one_level_off_at_most_with_the_irreversible_wavelet() {
    assert_face("face-97.jp2", Format::Jp2, Layout::Rgb, 1);
    assert_face("face-97.j2k", Format::J2kCodestream, Layout::Rgb, 1);
    assert_face("face-tiles.j2k", Format::J2kCodestream, Layout::Rgb, 1);
    assert_face("face-layers.j2k", Format::J2kCodestream, Layout::Rgb, 1);
    assert_face("face-bypass.j2k", Format::J2kCodestream, Layout::Rgb, 1);
    assert_face("face-gray.jp2", Format::Jp2, Layout::Gray, 1);
}

#[test]
fn jpeg_2000_in_ycc_is_turned_into_rgb() {
    assert_face("face-sycc.jp2", Format::Jp2, Layout::Rgb, 2);
}

#[test]
fn jpeg_is_near_the_other_decoder() {
    // The inverse transform and the upsampling are not prescribed to the bit.
    assert_face("face-444.jpg", Format::Jpeg, Layout::Rgb, 4);
    assert_face("face-progressive.jpg", Format::Jpeg, Layout::Rgb, 4);
    assert_face("face-gray.jpg", Format::Jpeg, Layout::Gray, 3);
    assert_face("face-baseline.jpg", Format::Jpeg, Layout::Rgb, 6);
}

#[test]
fn png_holds_the_same_pixels() {
    for (name, color, depth) in [
        (
            "text-mm-lsb-black-strips.tif",
            png::ColorType::Grayscale,
            png::BitDepth::One,
        ),
        ("face-gray.jp2", png::ColorType::Grayscale, png::BitDepth::Eight),
        ("face-97.j2k", png::ColorType::Rgb, png::BitDepth::Eight),
    ] {
        let image = decoded(name);
        let (width, height, color_read, depth_read, pixels) = read_png(&image.to_png());
        assert_eq!((width, height), (image.width(), image.height()), "{name}");
        assert_eq!((color_read, depth_read), (color, depth), "{name}");
        assert!(pixels == image.pixels(), "{name}");
    }
}

#[test]
fn padding_is_ignored() {
    for name in TEXTS
        .iter()
        .chain(&["face-97.jp2", "face-97.j2k", "face-baseline.jpg"])
    {
        let mut value = sample(name);
        let image = decode(&value, &Budget::default()).unwrap();
        value.resize(7000, 0);
        assert!(decode(&value, &Budget::default()).unwrap() == image, "{name}");
    }
}

#[test]
fn no_picture_is_a_value() {
    for value in [&[][..], &[0], &[0; 7000]] {
        assert!(is_absent(value));
        assert_eq!(detect(value), None);
        assert_eq!(read_header(value), Ok(None));
        assert_eq!(decode(value, &Budget::default()), Ok(None));
    }
}

#[test]
fn unknown_bytes_are_an_error() {
    let mut late = [0; 100];
    late[99] = 1;
    for value in [
        &b"GIF89a"[..],
        b"\x89PNG\r\n\x1a\n",
        b"\xff",
        b"II\x2b\0",
        b" ",
        &late,
    ] {
        assert!(!is_absent(value));
        let error = decode(value, &Budget::default()).unwrap_err();
        assert_eq!((error.kind(), error.format()), (ErrorKind::UnknownFormat, None));
        assert_eq!(read_header(value), Err(error));
    }
}

#[test]
fn names_are_stable() {
    let table = [
        (Format::TiffG4, "tiff_g4", "image/tiff"),
        (Format::Jp2, "jp2", "image/jp2"),
        (Format::J2kCodestream, "j2k", "image/j2c"),
        (Format::Jpeg, "jpeg", "image/jpeg"),
    ];
    for (format, name, media_type) in table {
        assert_eq!((format.name(), format.media_type()), (name, media_type));
    }
}

#[test]
fn debug_shows_no_pixels() {
    assert_eq!(format!("{:?}", decoded("face-97.jp2")), "Image(45x60 Rgb)");
}

/// Files that are right, but use what no card is known to need.
#[test]
fn rare_parts_are_refused() {
    for name in [
        "refused-g3.tif",
        "refused-lzw.tif",
        "refused-precincts.j2k",
        "refused-subsampled.j2k",
        "refused-offset.j2k",
        "refused-poc.j2k",
        "refused-roi.j2k",
        "refused-tile-part-header.j2k",
        "refused-cmyk.jpg",
    ] {
        let error = decode(&sample(name), &Budget::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}: {error}");
    }
}

#[test]
fn the_budget_is_kept() {
    let defaults = Budget::default();
    let (text, face, jpeg) = (
        sample("text-ii.tif"),
        sample("face-97.jp2"),
        sample("face-progressive.jpg"),
    );
    let is_over = |bytes: &[u8], budget: &Budget| match decode(bytes, budget) {
        Ok(image) => {
            assert!(image.is_some());
            false
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::OverBudget, "{error}");
            true
        }
    };
    let check = |bytes: &[u8], change: fn(&mut Budget, u32), enough: u32| {
        let mut budget = defaults;
        change(&mut budget, enough);
        assert!(!is_over(bytes, &budget));
        change(&mut budget, enough - 1);
        assert!(is_over(bytes, &budget));
    };
    for (bytes, width, height) in [(&text, 301, 40), (&face, 45, 60), (&jpeg, 45, 60)] {
        check(bytes, |budget, value| budget.max_width = value, width);
        check(bytes, |budget, value| budget.max_height = value, height);
        check(
            bytes,
            |budget, value| budget.max_bytes = value as usize,
            u32::try_from(bytes.len()).unwrap(),
        );
    }
    check(&face, |budget, value| budget.max_jpeg2000_side = value, 60);
    check(&jpeg, |budget, value| budget.max_jpeg_scans = value, 10);
}

#[test]
fn errors_are_sentences() {
    let error = decode(&sample("refused-lzw.tif"), &Budget::default()).unwrap_err();
    let offset = error.offset().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "the TIFF Group 4 picture cannot be decoded: its compression is not Group 4 (at byte {offset})"
        )
    );
    assert_eq!(
        decode(b"GIF89a", &Budget::default()).unwrap_err().to_string(),
        "the picture cannot be decoded: it is neither TIFF nor JPEG 2000 nor JPEG (at byte 0)"
    );
}

/// A camera's picture: with orientation 6, its first row is on the right when it is looked at.
#[test]
fn a_jpeg_is_turned_as_its_exif_data_say() {
    let plain = sample("face-baseline.jpg");
    let with_exif = |exif: &[u8]| {
        let length = u16::try_from(2 + 6 + exif.len()).unwrap();
        [
            &plain[..2],
            &[0xFF, 0xE1],
            &length.to_be_bytes(),
            b"Exif\0\0",
            exif,
            &plain[2..],
        ]
        .concat()
    };
    let upright = |bytes: &[u8]| decode(bytes, &Budget::default()).unwrap().unwrap();
    let stored = upright(&plain);
    let exif = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let turned = upright(&with_exif(&exif));
    assert_eq!(
        (turned.width(), turned.height()),
        (stored.height(), stored.width())
    );
    let samples = stored.layout().bytes_per_pixel();
    let last_row = (stored.height() as usize - 1) * stored.width() as usize * samples;
    assert_eq!(
        turned.pixels()[..samples],
        stored.pixels()[last_row..last_row + samples]
    );
    // Exif data that are cut, or say nothing that is known, are no fault of the picture.
    for broken in [&exif[..0], &exif[..9], &exif[..20], &[0xFF; 26]] {
        assert_eq!(upright(&with_exif(broken)), stored);
    }
    let mut unknown = exif;
    unknown[19] = 9;
    assert_eq!(upright(&with_exif(&unknown)), stored);
}
