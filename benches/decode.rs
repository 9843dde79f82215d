//! What decoding a card's images costs, against the libraries that a program in C would use: TIFF Group 4 by libtiff,
//! JPEG 2000 by OpenJPEG. `cargo bench -p zairyu-benches --bench decode`; needs the system's libtiff (on Debian:
//! `libtiff-dev`), brings OpenJPEG's source.
//!
//! All decode from memory to memory. Ours checks the headers against its budget first and gives a byte for each pixel;
//! libtiff gives eight pixels in a byte, and OpenJPEG four bytes for a sample. The pixels are compared before anything
//! is measured.

// The two libraries are written in C.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::{ptr, slice};

use anyhow::{Context as _, Result, ensure};
use openjpeg_sys as opj;
use zairyu_benches::{Time, in_turns};
use zairyu_image::{Budget, Image, Layout};

const ROUNDS: usize = 300;

const TIFF: [(&str, &[u8]); 3] = [
    (
        "TIFF front",
        include_bytes!("../crates/zairyu-testcard/assets/front.tif"),
    ),
    (
        "TIFF name",
        include_bytes!("../crates/zairyu-testcard/assets/name.tif"),
    ),
    (
        "TIFF address",
        include_bytes!("../crates/zairyu-testcard/assets/address.tif"),
    ),
];
const JPEG_2000: [(&str, &[u8], opj::OPJ_CODEC_FORMAT); 2] = [
    (
        "JPEG 2000 face, JP2",
        include_bytes!("../crates/zairyu-testcard/assets/face.jp2"),
        opj::OPJ_CODEC_FORMAT::OPJ_CODEC_JP2,
    ),
    (
        "JPEG 2000 face, codestream",
        include_bytes!("../crates/zairyu-testcard/assets/face.j2k"),
        opj::OPJ_CODEC_FORMAT::OPJ_CODEC_J2K,
    ),
];

fn main() -> Result<()> {
    println!(
        "{:<30}{:>12}{:>8}{:>11}{:>10}{:>8}{:>9}",
        "image", "pixels", "bytes", "C µs", "ours µs", "ratio", "spread"
    );
    for (name, bytes) in TIFF {
        let image = decode(bytes)?;
        ensure!(image.layout() == Layout::Bilevel);
        let packed = tiff(bytes).context("libtiff")?;
        ensure!(pack(&image) == packed, "{name}: libtiff sees other pixels");
        line(name, bytes, &image, &mut || tiff(bytes).is_some());
    }
    for (name, bytes, format) in JPEG_2000 {
        let image = decode(bytes)?;
        let samples = jpeg_2000(bytes, format).context("OpenJPEG")?;
        let apart = image
            .pixels()
            .iter()
            .zip(&samples)
            .map(|(ours, theirs)| (i32::from(*ours) - theirs).abs())
            .max();
        // Two roundings of the same wavelet.
        ensure!(
            samples.len() == image.pixels().len() && apart <= Some(1),
            "{name}: OpenJPEG sees other pixels"
        );
        line(name, bytes, &image, &mut || jpeg_2000(bytes, format).is_some());
    }
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<Image> {
    zairyu_image::decode(bytes, &Budget::default())?.context("no image")
}

fn line(name: &str, bytes: &[u8], image: &Image, reference: &mut dyn FnMut() -> bool) {
    let times: [Time; 2] = in_turns(
        ROUNDS,
        2,
        [(&mut || assert!(reference())) as &mut dyn FnMut(), &mut || {
            assert!(decode(bytes).is_ok())
        }],
    );
    let [theirs, ours] = times;
    println!(
        "{name:<30}{:>12}{:>8}{:>11.1}{:>10.1}{:>8.2}{:>7.0} %",
        format!("{} x {}", image.width(), image.height()),
        bytes.len(),
        theirs.micros(),
        ours.micros(),
        ours.ratio(theirs),
        theirs.spread.max(ours.spread) * 100.0
    );
}

/// Eight pixels in a byte, black as 1, each row on its own.
fn pack(image: &Image) -> Vec<u8> {
    let width = usize::try_from(image.width()).unwrap_or_default();
    let byte = |pixels: &[u8]| {
        let bits = pixels.iter().enumerate();
        bits.fold(0, |byte, (place, pixel)| {
            byte | (u8::from(*pixel == 0) << (7 - place))
        })
    };
    let rows = image.pixels().chunks(width);
    rows.flat_map(|row| row.chunks(8).map(byte)).collect()
}

// libtiff, tiffio.h.

#[repr(C)]
struct Tiff {
    _opaque: [u8; 0],
}

type ReadWrite = unsafe extern "C" fn(*mut c_void, *mut c_void, isize) -> isize;

#[link(name = "tiff")]
unsafe extern "C" {
    fn TIFFClientOpen(
        name: *const c_char,
        mode: *const c_char,
        data: *mut c_void,
        read: ReadWrite,
        write: ReadWrite,
        seek: unsafe extern "C" fn(*mut c_void, u64, c_int) -> u64,
        close: unsafe extern "C" fn(*mut c_void) -> c_int,
        size: unsafe extern "C" fn(*mut c_void) -> u64,
        map: unsafe extern "C" fn(*mut c_void, *mut *mut c_void, *mut u64) -> c_int,
        unmap: unsafe extern "C" fn(*mut c_void, *mut c_void, u64),
    ) -> *mut Tiff;
    fn TIFFClose(tiff: *mut Tiff);
    fn TIFFNumberOfStrips(tiff: *mut Tiff) -> u32;
    fn TIFFStripSize(tiff: *mut Tiff) -> isize;
    fn TIFFReadEncodedStrip(tiff: *mut Tiff, strip: u32, buffer: *mut c_void, size: isize) -> isize;
}

/// Bytes in memory, and how far they were read: what both libraries are given as their file.
struct Memory<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Memory<'_> {
    unsafe fn of<'m>(data: *mut c_void) -> &'m mut Self {
        // SAFETY: `data` is what `tiff` and `jpeg_2000` gave, which outlives the library's use of it.
        unsafe { &mut *data.cast() }
    }

    unsafe fn read(&mut self, buffer: *mut c_void, size: usize) -> usize {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let length = rest.len().min(size);
        // SAFETY: the library's buffer has `size` bytes.
        unsafe { ptr::copy_nonoverlapping(rest.as_ptr(), buffer.cast(), length) };
        self.position += length;
        length
    }
}

unsafe extern "C" fn tiff_read(data: *mut c_void, buffer: *mut c_void, size: isize) -> isize {
    // SAFETY: see `Memory`.
    let read = unsafe { Memory::of(data).read(buffer, usize::try_from(size).unwrap_or(0)) };
    isize::try_from(read).unwrap_or(-1)
}

unsafe extern "C" fn tiff_write(_: *mut c_void, _: *mut c_void, _: isize) -> isize {
    -1
}

unsafe extern "C" fn tiff_seek(data: *mut c_void, offset: u64, from: c_int) -> u64 {
    // SAFETY: see `Memory`.
    let memory = unsafe { Memory::of(data) };
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    memory.position = match from {
        0 => offset,
        1 => memory.position.wrapping_add(offset),
        _ => memory.bytes.len().wrapping_add(offset),
    };
    memory.position as u64
}

unsafe extern "C" fn tiff_close(_: *mut c_void) -> c_int {
    0
}

unsafe extern "C" fn tiff_size(data: *mut c_void) -> u64 {
    // SAFETY: see `Memory`.
    unsafe { Memory::of(data) }.bytes.len() as u64
}

unsafe extern "C" fn tiff_map(data: *mut c_void, base: *mut *mut c_void, size: *mut u64) -> c_int {
    // SAFETY: see `Memory`; both pointers are libtiff's own. It does not write to a file opened for reading.
    unsafe {
        let bytes = Memory::of(data).bytes;
        *base = bytes.as_ptr().cast_mut().cast();
        *size = bytes.len() as u64;
    }
    1
}

unsafe extern "C" fn tiff_unmap(_: *mut c_void, _: *mut c_void, _: u64) {}

/// The strips of the first image, one after another.
fn tiff(bytes: &[u8]) -> Option<Vec<u8>> {
    const NAME: &CStr = c"card";
    const MODE: &CStr = c"r";
    let mut memory = Memory { bytes, position: 0 };
    // SAFETY: the functions have the types that tiffio.h wants, and `memory` outlives the handle.
    unsafe {
        let handle = TIFFClientOpen(
            NAME.as_ptr(),
            MODE.as_ptr(),
            (&raw mut memory).cast(),
            tiff_read,
            tiff_write,
            tiff_seek,
            tiff_close,
            tiff_size,
            tiff_map,
            tiff_unmap,
        );
        if handle.is_null() {
            return None;
        }
        let strip = TIFFStripSize(handle);
        let mut pixels = Vec::new();
        let mut buffer = vec![0_u8; usize::try_from(strip).unwrap_or(0)];
        for index in 0..TIFFNumberOfStrips(handle) {
            let read = TIFFReadEncodedStrip(handle, index, buffer.as_mut_ptr().cast(), strip);
            pixels.extend_from_slice(buffer.get(..usize::try_from(read).ok()?)?);
        }
        TIFFClose(handle);
        Some(pixels)
    }
}

// OpenJPEG, openjpeg.h.

unsafe extern "C" fn opj_read(buffer: *mut c_void, size: usize, data: *mut c_void) -> usize {
    // SAFETY: see `Memory`.
    match unsafe { Memory::of(data).read(buffer, size) } {
        0 => usize::MAX,
        read => read,
    }
}

unsafe extern "C" fn opj_skip(count: i64, data: *mut c_void) -> i64 {
    // SAFETY: see `Memory`.
    let memory = unsafe { Memory::of(data) };
    let left = memory.bytes.len().saturating_sub(memory.position);
    let count = usize::try_from(count).unwrap_or(0).min(left);
    memory.position += count;
    i64::try_from(count).unwrap_or(-1)
}

unsafe extern "C" fn opj_seek(position: i64, data: *mut c_void) -> opj::OPJ_BOOL {
    // SAFETY: see `Memory`.
    let memory = unsafe { Memory::of(data) };
    memory.position = usize::try_from(position).unwrap_or(usize::MAX);
    opj::OPJ_BOOL::from(memory.position <= memory.bytes.len())
}

/// The samples, those of one pixel together.
fn jpeg_2000(bytes: &[u8], format: opj::OPJ_CODEC_FORMAT) -> Option<Vec<i32>> {
    let mut memory = Memory { bytes, position: 0 };
    // SAFETY: as openjpeg.h describes each call; `memory` outlives the stream, and everything is freed once.
    unsafe {
        let stream = opj::opj_stream_create(1 << 16, 1);
        opj::opj_stream_set_read_function(stream, Some(opj_read));
        opj::opj_stream_set_skip_function(stream, Some(opj_skip));
        opj::opj_stream_set_seek_function(stream, Some(opj_seek));
        opj::opj_stream_set_user_data(stream, (&raw mut memory).cast(), None);
        opj::opj_stream_set_user_data_length(stream, bytes.len() as u64);
        let codec = opj::opj_create_decompress(format);
        let mut parameters = std::mem::zeroed();
        opj::opj_set_default_decoder_parameters(&raw mut parameters);
        let mut image: *mut opj::opj_image_t = ptr::null_mut();
        let decoded = opj::opj_setup_decoder(codec, &raw mut parameters) == 1
            && opj::opj_read_header(stream, codec, &raw mut image) == 1
            && opj::opj_decode(codec, stream, image) == 1
            && opj::opj_end_decompress(codec, stream) == 1;
        let samples = decoded.then(|| {
            let components = slice::from_raw_parts((*image).comps, (*image).numcomps as usize);
            let planes: Vec<&[i32]> = components
                .iter()
                .map(|component| slice::from_raw_parts(component.data, (component.w * component.h) as usize))
                .collect();
            let pixels = planes.first().map_or(0, |plane| plane.len());
            let mut samples = Vec::with_capacity(pixels * planes.len());
            for pixel in 0..pixels {
                samples.extend(planes.iter().filter_map(|plane| plane.get(pixel).copied()));
            }
            samples
        });
        opj::opj_image_destroy(image);
        opj::opj_destroy_codec(codec);
        opj::opj_stream_destroy(stream);
        samples
    }
}
