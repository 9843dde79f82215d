//! Pictures of Japanese residence cards to pixels and PNG, inside a budget.
//!
//! A residence card (在留カード, 特別永住者証明書) keeps its front face, name and address as bilevel TIFF in Group 4
//! compression (MMR) and the face as colour JPEG 2000 (在留カード等仕様書 Ver 1.5, §3.3.4). Few programs show either,
//! so this crate decodes them and writes PNG:
//!
//! ```
//! use zairyu_image::{Budget, decode};
//!
//! # fn main() -> Result<(), zairyu_image::Error> {
//! # let value = include_bytes!("../tests/samples/text-ii.tif");
//! // `value` is a picture as the card holds it, NUL padding and all.
//! match decode(value, &Budget::default())? {
//!     Some(image) => {
//!         println!("{} x {} pixels", image.width(), image.height());
//!         let png: Vec<u8> = image.to_png();
//! #       assert!(png.starts_with(b"\x89PNG"));
//!     }
//!     None => println!("the card holds no picture"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is told without decoding
//!
//! [`detect`] names the format by the first bytes, [`read_header`] adds the declared size, [`is_absent`]
//! tells a value that holds no picture: a card's values have a fixed length and are filled with NUL, so an
//! empty or all-NUL value is how a young child's card says that there is no face. That is a value here
//! ([`decode`] gives `None`), not an error. Bytes after the picture are padding and are ignored.
//!
//! # Hostile input
//!
//! Card bytes are hostile until their signature is checked, and pictures are where decoders break. No
//! decoder sees picture data before the picture's own headers were read and held against the [`Budget`] and
//! these fixed limits:
//!
//! | format | taken | refused |
//! |---|---|---|
//! | TIFF | first image, Group 4, 1 bit, strips, both byte orders, both fill orders, both polarities | everything else; any strip that is not complete |
//! | JPEG 2000 | 1 or 3 unsigned 8-bit components, up to 64 tiles, 32 layers, 10 decomposition levels, code blocks up to 64 x 64; JP2 with sRGB, grey, sYCC, or an ICC profile (which is not applied) | offsets, subsampling, precincts, COC, POC, PPM, RGN and other rare markers, tile-parts that have a header of their own or do not chain exactly to the end marker, palettes, opacity |
//! | JPEG | baseline, extended sequential and progressive, 8 bits, 1 or 3 components | lossless, hierarchical, arithmetic coding, CMYK |
//!
//! With the default budget the largest picture takes under 64 MiB, and a JPEG 2000 picture made to be slow
//! about a second. Where a real card turns out to need something that is refused, the limit is meant to be
//! relaxed, one by one.
//!
//! # What this crate does not do
//!
//! It proves nothing: most damage to a JPEG 2000 picture still decodes to some picture. Check the card's
//! signature over the raw bytes first, and label a picture shown before that as unverified. It reads no
//! text out of pictures and applies no colour profile. It decodes on the calling thread (JPEG on
//! short-lived threads beside it) and watches no clock: the limits are what bounds the time.

mod bytes;
mod error;
mod format;
mod image;
mod jpeg;
mod jpeg2000;
mod tiff;

pub use error::{Error, ErrorKind};
pub use format::{Format, detect};
pub use image::{Image, Layout};

use jpeg::Frame;
use jpeg2000::Codestream;
use tiff::Page;

/// How much a picture may ask for. Start from [`Budget::default`] and change what you must:
///
/// ```
/// let mut budget = zairyu_image::Budget::default();
/// budget.max_width = 1024;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// Length of the input in bytes. Default 65,536: nine times the longest picture of any residence card
    /// (7000 bytes, 在留カード等仕様書 Ver 1.5, §3.3.4.3).
    pub max_bytes: usize,
    /// Width in pixels. Default 2048: a card is 85.60 mm wide (ISO/IEC 7810 ID-1), at 600 dots an inch 2022
    /// pixels.
    pub max_width: u32,
    /// Height in pixels. Default 2048, so that a card may lie on either side.
    pub max_height: u32,
    /// Width and height of a JPEG 2000 picture in pixels. Default 1024: the decoder keeps several four-byte
    /// numbers for each sample, some 30 MB at that size, and a face of 3000 bytes is far smaller.
    pub max_jpeg2000_side: u32,
    /// Scans of a JPEG picture. Default 32: the usual progressive one has 10, and each costs a pass over
    /// all pixels.
    pub max_jpeg_scans: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            max_bytes: 65_536,
            max_width: 2048,
            max_height: 2048,
            max_jpeg2000_side: 1024,
            max_jpeg_scans: 32,
        }
    }
}

/// What a picture's headers declare. Nothing of it is proved before the picture is decoded. The sides are as stored:
/// [`decode`] turns a camera's JPEG upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The format.
    pub format: Format,
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
}

/// Whether a card's value holds no picture: it is empty, or NUL throughout.
#[must_use]
pub fn is_absent(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// Reads a picture's headers, which tell its size, without decoding it. `None` if there [is none](is_absent).
///
/// # Errors
/// If the format is unknown, or the headers are cut, broken, or declare what [`decode`] would refuse
/// whatever the budget.
pub fn read_header(bytes: &[u8]) -> Result<Option<Header>, Error> {
    let picture = Picture::parse(bytes).map_err(|error| error.within(bytes.len()))?;
    Ok(picture.map(|picture| picture.header()))
}

/// Decodes a picture as a card holds it. A JPEG whose Exif data say which way up it is, as those of phones do, is turned.
/// `None` if there [is none](is_absent).
///
/// # Errors
/// If the format is unknown, or the picture is cut, broken, too large for `budget`, or uses what this crate
/// refuses.
pub fn decode(bytes: &[u8], budget: &Budget) -> Result<Option<Image>, Error> {
    if bytes.len() > budget.max_bytes {
        return Err(Error::over_budget("it has more bytes than the budget allows"));
    }
    let within = |error: Error| error.within(bytes.len());
    let Some(picture) = Picture::parse(bytes).map_err(within)? else {
        return Ok(None);
    };
    let format = picture.header().format;
    match picture {
        Picture::Tiff(page) => page.decode(budget),
        Picture::Jpeg2000(_, codestream) => codestream.decode(budget),
        Picture::Jpeg(frame) => frame.decode(budget),
    }
    .map(Some)
    .map_err(|error| within(error.of(format)))
}

/// A picture whose headers were read and passed the gate.
enum Picture<'a> {
    Tiff(Page<'a>),
    Jpeg2000(Format, Codestream<'a>),
    Jpeg(Box<Frame<'a>>),
}

impl<'a> Picture<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Option<Self>, Error> {
        if is_absent(bytes) {
            return Ok(None);
        }
        let Some(format) = detect(bytes) else {
            return Err(Error::new(
                ErrorKind::UnknownFormat,
                "it is neither TIFF nor JPEG 2000 nor JPEG",
            )
            .at(0));
        };
        match format {
            Format::TiffG4 => Page::parse(bytes).map(Self::Tiff),
            Format::Jp2 => Codestream::parse_jp2(bytes).map(|codestream| Self::Jpeg2000(format, codestream)),
            Format::J2kCodestream => {
                Codestream::parse_raw(bytes).map(|codestream| Self::Jpeg2000(format, codestream))
            }
            Format::Jpeg => Frame::parse(bytes).map(|frame| Self::Jpeg(Box::new(frame))),
        }
        .map(Some)
        .map_err(|error| error.of(format))
    }

    fn header(&self) -> Header {
        let (format, width, height) = match self {
            Self::Tiff(page) => (Format::TiffG4, page.width, page.height),
            Self::Jpeg2000(format, codestream) => (*format, codestream.width, codestream.height),
            Self::Jpeg(frame) => (Format::Jpeg, frame.width, frame.height),
        };
        Header {
            format,
            width,
            height,
        }
    }
}
