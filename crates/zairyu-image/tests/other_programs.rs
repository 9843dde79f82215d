//! The same pictures through libtiff's and OpenJPEG's own programs, in both directions.
//!
//! `cargo xtask test` installs the programs, and the tests then fail without them. Run otherwise, a test whose program is
//! missing says so and checks nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod tiff_writer;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tiff_writer::{ByteOrder, Tiff, group_4};
use zairyu_image::{Budget, Image, Layout, decode};

/// A folder for one test's files, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("zairyu-image-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether a program is there. `ZAIRYU_ALL_TOOLS` is set by `cargo xtask test`, which installs it.
fn is_installed(program: &str, package: &str) -> bool {
    let is_there = Command::new(program).output().is_ok();
    let must_be = std::env::var_os("ZAIRYU_ALL_TOOLS").is_some();
    assert!(
        is_there || !must_be,
        "{program} is missing: install Debian's {package}"
    );
    if !is_there {
        println!("NOT CHECKED: {program} is missing (Debian: {package}); `cargo xtask test` installs it");
    }
    is_there
}

/// Numbers without a pattern (SplitMix64), the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn between(&mut self, first: u64, last: u64) -> usize {
        usize::try_from(first + self.below(last - first + 1)).unwrap()
    }

    /// Rows of black (true) and white: runs of any length, noise, rows like the one above, blank ones.
    fn rows(&mut self, width: usize, height: usize) -> Vec<Vec<bool>> {
        let mut rows: Vec<Vec<bool>> = Vec::new();
        for _ in 0..height {
            let mut row = match (self.below(6), rows.last()) {
                (0, Some(above)) => above.clone(),
                (1, _) => vec![self.below(2) == 0; width],
                _ => Vec::new(),
            };
            let longest = [2, 9, 70, 3000][self.between(0, 3)];
            let mut black = self.below(2) == 0;
            while row.len() < width {
                let run = self.between(1, longest);
                row.extend(std::iter::repeat_n(black, run));
                black = !black;
            }
            row.truncate(width);
            rows.push(row);
        }
        rows
    }
}

/// As [`Image`] has them: 0 is black, 255 white.
fn pixels(rows: &[Vec<bool>]) -> Vec<u8> {
    rows.iter()
        .flatten()
        .map(|black| if *black { 0 } else { 255 })
        .collect()
}

/// One bit a pixel, rows filled up to whole bytes; 1 is black.
fn packed(rows: &[Vec<bool>]) -> Vec<u8> {
    let byte = |pixels: &[bool]| {
        let bits = pixels.iter().enumerate();
        bits.fold(0, |byte, (place, black)| byte | u8::from(*black) << (7 - place))
    };
    rows.iter().flat_map(|row| row.chunks(8).map(byte)).collect()
}

fn decoded(bytes: &[u8]) -> Image {
    decode(bytes, &Budget::default()).unwrap().unwrap()
}

/// The number of a directory entry of a little-endian TIFF file with one strip.
fn tag(file: &[u8], wanted: u16) -> usize {
    let u32_at =
        |at: usize| usize::try_from(u32::from_le_bytes(file[at..at + 4].try_into().unwrap())).unwrap();
    let directory = u32_at(4);
    let count = usize::from(u16::from_le_bytes([file[directory], file[directory + 1]]));
    let entry = (0..count)
        .map(|index| directory + 2 + 12 * index)
        .find(|at| u16::from_le_bytes([file[*at], file[*at + 1]]) == wanted)
        .unwrap();
    let is_short = file[entry + 2] == 3;
    if is_short {
        u32_at(entry + 8) & 0xFFFF
    } else {
        u32_at(entry + 8)
    }
}

const GROUP_4_PICTURES: u64 = 60;

/// What libtiff compresses, we read as it was.
#[test]
fn group_4_that_libtiff_writes() {
    if !is_installed("tiffcp", "libtiff-tools") {
        return;
    }
    let folder = Folder::new("libtiff-writes");
    let mut numbers = Numbers(1);
    let mut cases = 0;
    for _ in 0..GROUP_4_PICTURES {
        let (width, height) = (numbers.between(1, 700), numbers.between(1, 60));
        let rows = numbers.rows(width, height);
        // Uncompressed, white is 0.
        let (width, height) = (u32::try_from(width).unwrap(), u32::try_from(height).unwrap());
        let mut plain = Tiff::of_strips(ByteOrder::Little, width, height, height, &[packed(&rows)]);
        plain.short(258, 1);
        plain.short(259, 1);
        plain.short(277, 1);
        folder.write("plain.tif", &plain.write());
        for options in [
            &["-L"][..],
            &["-B"],
            &["-L", "-f", "lsb2msb"],
            &["-B", "-f", "lsb2msb", "-r", "7"],
            &["-L", "-r", "1"],
        ] {
            let arguments = [&["-c", "g4"], options, &["plain.tif", "g4.tif"]].concat();
            folder.run("tiffcp", &arguments);
            let image = decoded(&folder.read("g4.tif"));
            assert_eq!(
                (image.width(), image.height(), image.layout()),
                (width, height, Layout::Bilevel)
            );
            assert!(image.pixels() == pixels(&rows), "{width} x {height} {options:?}");
            cases += 1;
        }
    }
    println!("libtiff to zairyu-image: {cases} Group 4 files, all equal");
}

/// What we accept, libtiff reads in the same way, from another encoder.
#[test]
fn group_4_that_libtiff_reads() {
    if !is_installed("tiffcp", "libtiff-tools") {
        return;
    }
    let folder = Folder::new("libtiff-reads");
    let mut numbers = Numbers(2);
    for _ in 0..GROUP_4_PICTURES {
        let (width, height) = (numbers.between(1, 700), numbers.between(1, 60));
        let rows = numbers.rows(width, height);
        let (columns, lines) = (u32::try_from(width).unwrap(), u32::try_from(height).unwrap());
        let file = Tiff::of_strips(ByteOrder::Big, columns, lines, lines, &[group_4(&rows)]).write();
        let ours = decoded(&file);
        folder.write("g4.tif", &file);
        folder.run(
            "tiffcp",
            &[
                "-L",
                "-c",
                "none",
                "-f",
                "msb2lsb",
                "-r",
                &height.to_string(),
                "g4.tif",
                "plain.tif",
            ],
        );
        let plain = folder.read("plain.tif");
        let (start, length) = (tag(&plain, 273), tag(&plain, 279));
        let white_is_zero = tag(&plain, 262) == 0;
        let bytes = &plain[start..start + length];
        let theirs: Vec<u8> = bytes
            .chunks(width.div_ceil(8))
            .flat_map(|row| (0..width).map(|x| (row[x / 8] >> (7 - x % 8) & 1 == 1) == white_is_zero))
            .map(|black| if black { 0 } else { 255 })
            .collect();
        assert!(ours.pixels() == theirs, "{width} x {height}");
        assert!(ours.pixels() == pixels(&rows), "{width} x {height}");
    }
    println!("zairyu-image and libtiff on other encoder's Group 4: {GROUP_4_PICTURES} files, all equal");
}

/// Width, height and samples of a binary PPM (P6) or PGM (P5) file.
fn netpbm(file: &[u8]) -> (u32, u32, &[u8]) {
    let mut rest = file;
    let mut words = Vec::new();
    while words.len() < 4 {
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap();
        words.push(std::str::from_utf8(&rest[..end]).unwrap());
        rest = &rest[end + 1..];
        while rest.first() == Some(&b'#') {
            rest = &rest[rest.iter().position(|byte| *byte == b'\n').unwrap() + 1..];
        }
    }
    assert_eq!(words[3], "255");
    (words[1].parse().unwrap(), words[2].parse().unwrap(), rest)
}

/// Every way of writing a face that the gate lets in: OpenJPEG's encoder, then its decoder and ours.
#[test]
fn jpeg_2000_that_openjpeg_writes_and_reads() {
    if !is_installed("opj_compress", "libopenjp2-tools")
        || !is_installed("opj_decompress", "libopenjp2-tools")
    {
        return;
    }
    let folder = Folder::new("openjpeg");
    let mut numbers = Numbers(3);
    let (mut exact, mut near) = (0, 0);
    for round in 0..24 {
        let gray = round % 4 == 3;
        let (width, height) = (numbers.between(17, 120), numbers.between(17, 120));
        // Smooth with some noise: what photographs are made of.
        let slopes = [numbers.below(5), numbers.below(5), numbers.below(5)];
        let mut samples = Vec::new();
        for y in 0..height {
            for x in 0..width {
                for (channel, slope) in slopes.iter().enumerate().take(if gray { 1 } else { 3 }) {
                    let smooth = u64::try_from((x + 2 * y + 40 * channel) % 200).unwrap() * slope / 4;
                    samples.push(u8::try_from((smooth + numbers.below(12)).min(255)).unwrap());
                }
            }
        }
        let (source, kind) = if gray {
            ("face.pgm", "P5")
        } else {
            ("face.ppm", "P6")
        };
        let header = format!("{kind}\n{width} {height}\n255\n");
        folder.write(source, &[header.as_bytes(), &samples].concat());
        let out = if gray { "out.pgm" } else { "out.ppm" };
        for (file, options) in [
            ("face.jp2", &[][..]),
            ("face.j2k", &["-r", "4"]),
            ("face.jp2", &["-I", "-r", "12"]),
            (
                "face.j2k",
                &[
                    "-I", "-r", "40,20,10", "-p", "RPCL", "-SOP", "-EPH", "-b", "16,16",
                ],
            ),
            ("face.j2k", &["-t", "40,48"]),
            ("face.jp2", &["-I", "-r", "10", "-M", "63", "-n", "3"]),
        ] {
            let reversible = !options.contains(&"-I");
            let mut arguments = vec!["-i", source, "-o", file];
            if !options.contains(&"-n") {
                arguments.extend(["-n", "4"]);
            }
            arguments.extend(options);
            folder.run("opj_compress", &arguments);
            folder.run("opj_decompress", &["-i", file, "-o", out]);
            let theirs = folder.read(out);
            let (their_width, their_height, theirs) = netpbm(&theirs);
            let image = decoded(&folder.read(file));
            assert_eq!((image.width(), image.height()), (their_width, their_height));
            assert_eq!(image.pixels().len(), theirs.len(), "{options:?}");
            let pairs = image.pixels().iter().zip(theirs);
            let worst = pairs.map(|(ours, theirs)| ours.abs_diff(*theirs)).max().unwrap();
            assert!(
                worst <= u8::from(!reversible),
                "{width} x {height} {options:?}: differs by {worst}"
            );
            // Without a rate, the reversible wavelet gives back what went in.
            if reversible && !options.contains(&"-r") {
                assert!(image.pixels() == samples, "{options:?}");
            }
            *if worst == 0 { &mut exact } else { &mut near } += 1;
        }
    }
    println!("JPEG 2000 against OpenJPEG: {exact} files equal, {near} one level off at most");
}
