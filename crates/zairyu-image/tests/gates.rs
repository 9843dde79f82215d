//! Headers that ask for too much, or for what no card needs, are refused before any decoder sees them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod tiff_writer;

use std::path::PathBuf;

use tiff_writer::{ByteOrder, Entry, Tiff, group_4};
use zairyu_image::{
    Budget, Error,
    ErrorKind::{self, Malformed, OverBudget, Truncated, UnknownFormat, Unsupported},
    decode, read_header,
};

fn sample(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "samples", name]
        .iter()
        .collect();
    std::fs::read(path).unwrap()
}

fn refused(bytes: &[u8]) -> Error {
    decode(bytes, &Budget::default()).expect_err("decoded")
}

fn accepted(bytes: &[u8]) {
    assert!(decode(bytes, &Budget::default()).unwrap().is_some());
}

fn position(bytes: &[u8], of: &[u8]) -> usize {
    bytes.windows(of.len()).position(|window| window == of).unwrap()
}

fn patched(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

fn inserted(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    [&bytes[..at], new, &bytes[at..]].concat()
}

// Where segments stand in face-97.j2k.
const SIZ: usize = 2;
const COD: usize = 51;
const QCD: usize = 65;

#[test]
fn jpeg_2000_main_header() {
    // One tile, however large the picture says it is.
    let good = patched(&sample("face-97.j2k"), SIZ + 22, &[0xff; 8]);
    accepted(&good);
    assert_eq!([good[SIZ + 1], good[COD + 1], good[QCD + 1]], [0x51, 0x52, 0x5c]);
    // ISO/IEC 15444-1 A.5.1, A.6.1, A.6.4.
    let cases: &[(&str, usize, &[u8], ErrorKind)] = &[
        ("width", SIZ + 6, &[0, 0, 4, 1], OverBudget),
        ("height", SIZ + 10, &[0, 0, 4, 1], OverBudget),
        ("width and height of 2^32 - 1", SIZ + 6, &[0xff; 8], OverBudget),
        ("no width", SIZ + 6, &[0; 4], Malformed),
        ("no height", SIZ + 10, &[0; 4], Malformed),
        ("image offset", SIZ + 14, &[0, 0, 0, 1], Unsupported),
        ("image offset down", SIZ + 18, &[0, 0, 0, 1], Unsupported),
        ("2700 tiles", SIZ + 22, &[0, 0, 0, 1, 0, 0, 0, 1], OverBudget),
        ("no tile width", SIZ + 22, &[0; 4], Malformed),
        ("no tile height", SIZ + 26, &[0; 4], Malformed),
        ("tile offset", SIZ + 30, &[0, 0, 0, 1], Unsupported),
        ("tile offset down", SIZ + 34, &[0, 0, 0, 1], Unsupported),
        ("no components", SIZ + 38, &[0, 0], Unsupported),
        ("2 components", SIZ + 38, &[0, 2], Unsupported),
        ("4 components", SIZ + 38, &[0, 4], Unsupported),
        ("16384 components", SIZ + 38, &[0x40, 0], Unsupported),
        ("1 component in a SIZ for 3", SIZ + 38, &[0, 1], Malformed),
        ("9 bits", SIZ + 40, &[8], Unsupported),
        ("signed", SIZ + 40, &[0x87], Unsupported),
        ("subsampled", SIZ + 41, &[2], Unsupported),
        ("subsampled down", SIZ + 45, &[2], Unsupported),
        ("subsampled by 0", SIZ + 48, &[0], Unsupported),
        ("SIZ too long", SIZ + 2, &[0, 48], Malformed),
        ("no SIZ", SIZ, &[0xff, 0x52], UnknownFormat),
        ("precincts", COD + 4, &[1], Unsupported),
        ("no layers", COD + 6, &[0, 0], Malformed),
        ("33 layers", COD + 6, &[0, 33], OverBudget),
        ("65535 layers", COD + 6, &[0xff, 0xff], OverBudget),
        ("11 levels", COD + 9, &[11], OverBudget),
        ("255 levels", COD + 9, &[255], OverBudget),
        ("code blocks 128 wide", COD + 10, &[5], OverBudget),
        ("code blocks 128 high", COD + 11, &[5], OverBudget),
        ("code blocks of 2^257", COD + 10, &[255, 255], OverBudget),
        ("COD too short", COD + 2, &[0, 11], Malformed),
        ("COD cut", COD + 2, &[0xff, 0xff], Truncated),
        ("COD of no length", COD + 2, &[0, 1], Truncated),
        ("quantization of no known style", QCD + 4, &[0x43], Malformed),
        ("quantization derived, but long", QCD + 4, &[0x41], Malformed),
        ("no COD", COD, &[0xff, 0x64], Malformed),
        ("COC", COD, &[0xff, 0x53], Unsupported),
        ("POC", COD, &[0xff, 0x5f], Unsupported),
        ("PPM", COD, &[0xff, 0x60], Unsupported),
        ("RGN", COD, &[0xff, 0x5e], Unsupported),
        ("a marker without a segment", COD, &[0xff, 0x30], Unsupported),
        ("a second SIZ", COD, &[0xff, 0x51], Unsupported),
        ("no marker", COD, &[0, 0], Unsupported),
    ];
    for (what, at, new, kind) in cases {
        let error = refused(&patched(&good, *at, new));
        assert_eq!(error.kind(), *kind, "{what}: {error}");
    }
}

#[test]
fn jpeg_2000_code_blocks_times_layers() {
    let mut bytes = sample("face-97.j2k");
    // 1024 x 1024 in 4 x 4 blocks and 32 layers: six million records, from a file of 689 bytes.
    bytes = patched(&bytes, SIZ + 6, &[0, 0, 4, 0, 0, 0, 4, 0]);
    bytes = patched(&bytes, SIZ + 22, &[0, 0, 4, 0, 0, 0, 4, 0]);
    bytes = patched(&bytes, COD + 6, &[0, 32]);
    bytes = patched(&bytes, COD + 10, &[0, 0]);
    let error = refused(&bytes);
    assert_eq!(
        (error.kind(), error.offset()),
        (OverBudget, Some(COD + 2)),
        "{error}"
    );
}

#[test]
fn jpeg_2000_tile_parts() {
    let good = sample("face-97.j2k");
    let sot = position(&good, &[0xff, 0x90]);
    let end = good.len() - 2;
    assert_eq!(good[end..], [0xff, 0xd9]);
    let length = u32::try_from(end - sot).unwrap();
    assert_eq!(good[sot + 6..sot + 10], length.to_be_bytes());
    let cases: &[(&str, usize, &[u8], ErrorKind)] = &[
        ("SOT of another length", sot + 2, &[0, 11], Malformed),
        ("tile 1 of 1", sot + 4, &[0, 1], Malformed),
        ("tile 65535", sot + 4, &[0xff, 0xff], Malformed),
        ("length 0, to the end", sot + 6, &[0; 4], Unsupported),
        ("length 13", sot + 6, &[0, 0, 0, 13], Unsupported),
        ("one byte short", sot + 6, &(length - 1).to_be_bytes(), Malformed),
        ("one byte long", sot + 6, &(length + 1).to_be_bytes(), Truncated),
        (
            "over the end marker",
            sot + 6,
            &(length + 2).to_be_bytes(),
            Truncated,
        ),
        ("past the end", sot + 6, &[0xff; 4], Truncated),
        ("no SOD", sot + 12, &[0xff, 0x52], Unsupported),
        ("no end marker", end, &[0, 0], Malformed),
    ];
    for (what, at, new, kind) in cases {
        let error = refused(&patched(&good, *at, new));
        assert_eq!(error.kind(), *kind, "{what}: {error}");
    }

    let tiles = sample("face-tiles.j2k");
    let first = position(&tiles, &[0xff, 0x90]);
    accepted(&tiles);
    let error = refused(&patched(&tiles, first + 5, &[1]));
    assert_eq!(error.kind(), Malformed, "tile 0 is missing: {error}");
    // The same tile once more, with no packets: allowed by the standard, and again thousands of times.
    let empty = [0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 14, 1, 0, 0xff, 0x93];
    let many = inserted(&tiles, tiles.len() - 2, &empty.repeat(4000));
    assert!(many.len() < Budget::default().max_bytes);
    accepted(&many);
}

#[test]
fn jp2_boxes() {
    let good = sample("face-97.jp2");
    let header = position(&good, b"jp2h") - 4;
    let colour = position(&good, b"colr") - 4;
    let stream = position(&good, b"jp2c") - 4;
    let kind_of = |bytes: &[u8]| refused(bytes).kind();
    let with_inner = |inner: &[u8]| {
        let length = u32::from_be_bytes(good[header..header + 4].try_into().unwrap());
        let grown = length + u32::try_from(inner.len()).unwrap();
        inserted(&patched(&good, header, &grown.to_be_bytes()), colour, inner)
    };
    let header_box = &good[header..stream];

    // Right, but unusual.
    accepted(&patched(&good, stream, &[0; 4]));
    let length = u64::try_from(good.len() - stream + 8).unwrap();
    let extended = patched(&good, stream, &[0, 0, 0, 1]);
    accepted(&inserted(&extended, stream + 8, &length.to_be_bytes()));
    accepted(&inserted(&good, stream, b"\0\0\0\x0cxml <a/>"));
    accepted(&with_inner(
        b"\0\0\0\x1ccdef\0\x03\0\0\0\0\0\x01\0\x01\0\0\0\x02\0\x02\0\0\0\x03",
    ));
    accepted(&with_inner(b"\0\0\0\x10colr\x02\0\0ICC!!")); // a profile, and the later sRGB box does not count

    // Wrong.
    assert_eq!(
        kind_of(&patched(&good, header, &[0, 0, 0, 7])),
        Malformed,
        "a box shorter than its header"
    );
    assert_eq!(
        kind_of(&patched(&good, header, &[0xff; 4])),
        Truncated,
        "a box past the end"
    );
    assert_eq!(
        kind_of(&patched(&good, header + 8, &[0, 0, 0, 1])),
        Truncated,
        "an inner box of 2^64"
    );
    assert_eq!(
        kind_of(&patched(&good, stream, &[0, 0, 0, 1])),
        Truncated,
        "a box of nearly 2^64"
    );
    assert_eq!(
        kind_of(&inserted(&good, header, header_box)),
        Malformed,
        "two header boxes"
    );
    assert_eq!(
        kind_of(&[&good[..header], &good[stream..]].concat()),
        Malformed,
        "no header box"
    );
    assert_eq!(kind_of(&good[..stream]), Truncated, "no codestream");
    assert_eq!(
        kind_of(&patched(&good, stream, b"\0\0\0\x0c")),
        Truncated,
        "a codestream of 4 bytes"
    );

    // Refused.
    assert_eq!(kind_of(&with_inner(b"\0\0\0\x09pclr\0")), Unsupported, "palette");
    assert_eq!(
        kind_of(&with_inner(b"\0\0\0\x09cmap\0")),
        Unsupported,
        "component mapping"
    );
    assert_eq!(
        kind_of(&with_inner(b"\0\0\0\x10cdef\0\x01\0\0\0\0\0\x01")),
        Malformed,
        "1 channel for 3 components"
    );
    assert_eq!(
        kind_of(&with_inner(b"\0\0\0\x10cdef\0\x01\0\0\0\x01\0\0")),
        Unsupported,
        "opacity"
    );
    assert_eq!(
        kind_of(&with_inner(b"\0\0\0\x10cdef\xff\xff\0\0\0\0\0\x01")),
        Truncated,
        "65535 channels"
    );
    assert_eq!(
        kind_of(&patched(&good, colour + 14, &[14])),
        Unsupported,
        "CIELab"
    );
    assert_eq!(
        kind_of(&patched(&good, colour + 14, &[17])),
        Malformed,
        "grey with 3 components"
    );

    // An offset is told from the start of the input.
    let sod = position(&good, &[0xff, 0x93]);
    assert_eq!(refused(&patched(&good, sod, &[0, 0])).offset(), Some(sod));
}

#[test]
fn jpeg_frame_header() {
    let good = sample("face-progressive.jpg");
    let frame = position(&good, &[0xff, 0xc2]);
    let cases: &[(&str, usize, &[u8], ErrorKind)] = &[
        ("height", frame + 5, &[8, 1], OverBudget),
        ("width", frame + 7, &[8, 1], OverBudget),
        ("65535 x 65535", frame + 5, &[0xff; 4], OverBudget),
        ("no height", frame + 5, &[0, 0], Unsupported),
        ("no width", frame + 7, &[0, 0], Malformed),
        ("12 bits", frame + 4, &[12], Unsupported),
        ("2 components", frame + 9, &[2], Malformed),
        ("255 components", frame + 9, &[255], Malformed),
        ("arithmetic", frame + 1, &[0xca], Unsupported),
        ("hierarchical", frame + 1, &[0xc6], Unsupported),
        ("no frame", frame + 1, &[0xd9], Malformed),
    ];
    for (what, at, new, kind) in cases {
        let error = refused(&patched(&good, *at, new));
        assert_eq!(error.kind(), *kind, "{what}: {error}");
    }
    let grey = sample("face-gray.jpg");
    let error = refused(&patched(&grey, position(&grey, &[0xff, 0xc0]), &[0xff, 0xc3]));
    assert_eq!(error.kind(), Unsupported, "lossless: {error}");
    let scan = position(&good, &[0xff, 0xda]);
    let segment = &good[frame..frame + 19];
    let error = refused(&inserted(&good, scan, &patched(segment, 5, &[0xff; 4])));
    assert_eq!(error.kind(), Unsupported, "a second frame: {error}");
    let empty_scan = [0xff, 0xda, 0, 8, 1, 1, 0, 1, 1, 0];
    let error = refused(&inserted(&good, scan, &empty_scan.repeat(1000)));
    assert_eq!(error.kind(), OverBudget, "1000 scans: {error}");
}

fn tiff(change: impl Fn(&mut Tiff)) -> Vec<u8> {
    let row: Vec<bool> = (0..40).map(|x| x % 7 == 0).collect();
    let strips = [group_4(&vec![row.clone(); 16]), group_4(&vec![row; 4])];
    let mut file = Tiff::of_strips(ByteOrder::Big, 40, 20, 16, &strips);
    change(&mut file);
    file.write()
}

#[test]
fn tiff_directory() {
    accepted(&tiff(|_| ()));
    type Case = (&'static str, fn(&mut Tiff), ErrorKind);
    let cases: &[Case] = &[
        ("width", |file| file.long(256, &[2049]), OverBudget),
        ("height", |file| file.long(257, &[2049]), Malformed),
        (
            "2^32 - 1 rows in 2 strips",
            |file| file.long(257, &[u32::MAX]),
            Malformed,
        ),
        (
            "width and height of 2^32 - 1",
            |file| {
                file.long(256, &[u32::MAX]);
                file.long(257, &[u32::MAX]);
                file.long(278, &[1 << 31]);
            },
            OverBudget,
        ),
        ("no width", |file| file.long(256, &[0]), Malformed),
        ("no height", |file| file.long(257, &[0]), Malformed),
        (
            "a width in bytes",
            |file| {
                file.set(Entry {
                    tag: 256,
                    kind: 1,
                    count: 1,
                    value: vec![40, 0, 0, 0],
                });
            },
            Malformed,
        ),
        ("two widths", |file| file.long(256, &[40, 40]), Malformed),
        ("uncompressed", |file| file.short(259, 1), Unsupported),
        ("Group 3", |file| file.short(259, 3), Unsupported),
        ("8 bits", |file| file.short(258, 8), Unsupported),
        ("3 samples", |file| file.short(277, 3), Unsupported),
        ("palette", |file| file.short(262, 3), Unsupported),
        ("fill order 0", |file| file.short(266, 0), Malformed),
        ("fill order 3", |file| file.short(266, 3), Malformed),
        ("lying on its side", |file| file.short(274, 6), Unsupported),
        ("uncompressed mode", |file| file.long(293, &[2]), Unsupported),
        ("no rows in a strip", |file| file.long(278, &[0]), Malformed),
        (
            "more strips than rows ask for",
            |file| file.long(278, &[40]),
            Malformed,
        ),
        (
            "2^32 - 1 strips",
            |file| {
                file.set(Entry {
                    tag: 273,
                    kind: 4,
                    count: u32::MAX,
                    value: vec![0, 0, 0, 8],
                });
                file.set(Entry {
                    tag: 279,
                    kind: 4,
                    count: u32::MAX,
                    value: vec![0, 0, 0, 8],
                });
            },
            Malformed,
        ),
        (
            "2^32 - 1 strips, and as many rows",
            |file| {
                file.set(Entry {
                    tag: 273,
                    kind: 4,
                    count: u32::MAX,
                    value: vec![0, 0, 0, 8],
                });
                file.set(Entry {
                    tag: 279,
                    kind: 4,
                    count: u32::MAX,
                    value: vec![0, 0, 0, 8],
                });
                file.long(257, &[u32::MAX]);
                file.long(278, &[1]);
            },
            OverBudget,
        ),
        (
            "strip offsets far away",
            |file| {
                file.set(Entry {
                    tag: 273,
                    kind: 4,
                    count: 2,
                    value: vec![0xff; 4],
                });
            },
            Truncated,
        ),
        (
            "a strip far away",
            |file| file.long(273, &[8, u32::MAX]),
            Truncated,
        ),
        (
            "a strip of 2^32 - 1 bytes",
            |file| file.long(279, &[8, u32::MAX]),
            Truncated,
        ),
        ("an empty strip", |file| file.long(279, &[8, 0]), Truncated),
        ("one strip for two", |file| file.long(273, &[8]), Malformed),
        (
            "a strip that is no Group 4",
            |file| file.long(273, &[0, 0]),
            Malformed,
        ),
        (
            "a tag twice",
            |file| file.entries.push(file.entries[0].clone()),
            Malformed,
        ),
        (
            "no StripOffsets",
            |file| file.entries.retain(|entry| entry.tag != 273),
            Malformed,
        ),
        (
            "no StripByteCounts",
            |file| file.entries.retain(|entry| entry.tag != 279),
            Malformed,
        ),
        (
            "no ImageWidth",
            |file| file.entries.retain(|entry| entry.tag != 256),
            Malformed,
        ),
        (
            "no ImageLength",
            |file| file.entries.retain(|entry| entry.tag != 257),
            Malformed,
        ),
        (
            "no Compression",
            |file| file.entries.retain(|entry| entry.tag != 259),
            Unsupported,
        ),
    ];
    for (what, change, kind) in cases {
        let error = refused(&tiff(change));
        assert_eq!(error.kind(), *kind, "{what}: {error}");
    }
}

#[test]
fn tiff_directory_that_leads_in_a_circle() {
    let file = tiff(|_| ());
    let directory = u32::from_be_bytes(file[4..8].try_into().unwrap());
    // The next directory is the same one: only the first is read.
    accepted(&tiff(|file| file.next = directory));
    assert_eq!(file[file.len() - 4..], [0; 4]);
    // A directory that lies in the header, in itself, or past the end.
    for offset in [
        0,
        2,
        4,
        5,
        u32::MAX,
        u32::MAX - 1,
        u32::try_from(file.len()).unwrap(),
    ] {
        let error = refused(&patched(&file, 4, &offset.to_be_bytes()));
        assert!(matches!(error.kind(), Malformed | Truncated), "{offset}: {error}");
    }
    // More entries than there are.
    let error = refused(&patched(&file, directory as usize, &[0xff, 0xff]));
    assert_eq!(error.kind(), Truncated, "{error}");
}

#[test]
fn tiff_defaults() {
    // RowsPerStrip, FillOrder, BitsPerSample, SamplesPerPixel and polarity may be left out.
    let row: Vec<bool> = (0..40).map(|x| x % 7 == 0).collect();
    let mut file = Tiff::of_strips(ByteOrder::Little, 40, 20, 20, &[group_4(&vec![row; 20])]);
    let with = decode(&file.write(), &Budget::default()).unwrap();
    file.entries.retain(|entry| entry.tag != 278 && entry.tag != 262);
    assert!(decode(&file.write(), &Budget::default()).unwrap() == with);
    // 2^32 - 1 rows in a strip is the default, written out (TIFF 6.0 §8).
    file.long(278, &[u32::MAX]);
    assert!(decode(&file.write(), &Budget::default()).unwrap() == with);
}

#[test]
fn a_header_is_read_whatever_its_size() {
    let bytes = tiff(|file| {
        file.long(256, &[u32::MAX]);
        file.long(257, &[u32::MAX]);
        file.long(278, &[1 << 31]);
    });
    let header = read_header(&bytes).unwrap().unwrap();
    assert_eq!((header.width, header.height), (u32::MAX, u32::MAX));
}
