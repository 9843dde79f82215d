//! JPEG 2000 (ISO/IEC 15444-1): the header gate, and the decoder behind it.
//!
//! The decoder trusts what a header declares: without this gate, a few bytes make it allocate gigabytes or
//! run for many seconds. So the gate reads every marker segment first and lets pass only what a card's face
//! needs. It also takes the codestream out of its JP2 boxes, so that the decoder never sees a box.

use hayro_jpeg2000::{DecodeSettings, DecoderContext};

use crate::bytes::{array, u8_at, u16_at, u32_at};
use crate::{Budget, Error, ErrorKind, Image, Layout};

const MAX_TILES: u32 = 64;
const MAX_LAYERS: u16 = 32;
const MAX_LEVELS: u8 = 10;
/// 64 samples: 2 to the power of 4 + 2.
const MAX_CODE_BLOCK_EXPONENT: u8 = 4;
/// The decoder keeps a record for each layer of each code block, whether it arrives or not. A face of 240 x
/// 320 in 64 x 64 blocks has some 300 of them; 4 x 4 blocks and 32 layers would have millions.
const MAX_BLOCK_LAYERS: u64 = 1 << 19;

// ISO/IEC 15444-1 Table A.2.
const SOC: u16 = 0xff4f;
const SIZ: u16 = 0xff51;
const COD: u16 = 0xff52;
const TLM: u16 = 0xff55;
const QCD: u16 = 0xff5c;
const QCC: u16 = 0xff5d;
const CRG: u16 = 0xff63;
const COM: u16 = 0xff64;
const SOT: u16 = 0xff90;
const SOD: u16 = 0xff93;
const EOC: u16 = 0xffd9;

/// A codestream that passed the gate.
pub(crate) struct Codestream<'a> {
    /// From SOC to EOC, without what follows.
    bytes: &'a [u8],
    pub(crate) width: u32,
    pub(crate) height: u32,
    components: u16,
    colour: Colour,
}

/// What three components mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Colour {
    /// Red, green, blue. The codestream's own colour transform, if any, is the decoder's business.
    Rgb,
    /// sYCC (IEC 61966-2-1 Amendment 1).
    Ycc,
}

impl<'a> Codestream<'a> {
    /// Takes the codestream out of a JP2 file (Annex I) and passes it through the gate.
    pub(crate) fn parse_jp2(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut at = 0;
        let mut colour = None;
        loop {
            let jp2_box = Box::read(bytes, at)?;
            match &jp2_box.kind {
                b"jp2h" if colour.is_some() => return Err(Error::malformed("it has two header boxes").at(at)),
                b"jp2h" => colour = Some(Header::read(&jp2_box)?),
                b"jp2c" => {
                    let header = colour
                        .ok_or_else(|| Error::malformed("its header box does not come first").at(at))?;
                    return Self::parse(jp2_box.content, header)
                        .map_err(|error| error.moved(jp2_box.content_start));
                }
                _ => {}
            }
            at = jp2_box.end;
        }
    }

    pub(crate) fn parse_raw(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::parse(bytes, Header::default())
    }

    fn parse(bytes: &'a [u8], header: Header) -> Result<Self, Error> {
        if marker(bytes, 0)? != SOC || marker(bytes, 2)? != SIZ {
            return Err(Error::malformed("its codestream does not start with SOC and SIZ").at(0));
        }
        let size = Size::read(bytes, 4)?;
        let mut coding = false;
        let mut at = 2;
        loop {
            let (kind, start) = (marker(bytes, at)?, at);
            if kind == SOT {
                break;
            }
            let length = u16_at(bytes, at + 2).ok_or_else(|| cut(at))?;
            if length < 2 || bytes.len() < at + 2 + usize::from(length) {
                return Err(cut(at));
            }
            at += 2 + usize::from(length);
            match kind {
                // A second one would undo the checks on the first.
                SIZ if start == 2 => {}
                COD => {
                    check_coding_style(bytes, start + 2, length, &size)?;
                    coding = true;
                }
                QCD => check_quantization(bytes, start + 4, length - 2)?,
                QCC if length > 3 => check_quantization(bytes, start + 5, length - 3)?,
                TLM | CRG | COM => {}
                _ => {
                    return Err(
                        Error::unsupported("its main header holds a marker that no face needs").at(start),
                    );
                }
            }
        }
        if !coding {
            return Err(Error::malformed("its main header has no COD").at(at));
        }
        let end = walk_tile_parts(bytes, at, size.tiles)?;
        let colour = match (size.components, header.colour) {
            (1, None | Some(Declared::Grey)) => Colour::Rgb,
            (3, None | Some(Declared::Rgb)) => Colour::Rgb,
            (3, Some(Declared::Ycc)) => Colour::Ycc,
            _ => return Err(Error::malformed("its colour space does not fit its components").at(0)),
        };
        if header
            .channels
            .is_some_and(|channels| channels != size.components)
        {
            return Err(Error::malformed("its channel definitions do not fit its components").at(0));
        }
        Ok(Self {
            bytes: bytes.get(..end).unwrap_or(bytes),
            width: size.width,
            height: size.height,
            components: size.components,
            colour,
        })
    }

    pub(crate) fn decode(&self, budget: &Budget) -> Result<Image, Error> {
        let max_width = budget.max_width.min(budget.max_jpeg2000_side);
        let max_height = budget.max_height.min(budget.max_jpeg2000_side);
        if self.width > max_width || self.height > max_height {
            return Err(Error::over_budget("it has more pixels than the budget allows"));
        }
        let settings = DecodeSettings {
            resolve_palette_indices: false,
            strict: true,
            target_resolution: None,
        };
        let damaged = |_| Error::malformed("its data breaks the rules of JPEG 2000");
        let image = hayro_jpeg2000::Image::new(self.bytes, &settings).map_err(damaged)?;
        if (image.width(), image.height()) != (self.width, self.height) {
            return Err(Error::malformed("its sides are not those of its header"));
        }
        let mut context = DecoderContext::default();
        let mut pixels = image.decode(&mut context).map_err(damaged)?.data_u8();
        if self.colour == Colour::Ycc {
            ycc_to_rgb(&mut pixels);
        }
        let layout = if self.components == 1 {
            Layout::Gray
        } else {
            Layout::Rgb
        };
        Image::new(self.width, self.height, layout, pixels)
            .ok_or_else(|| Error::malformed("its data does not fill it"))
    }
}

/// What SIZ declares (A.5.1), checked.
struct Size {
    width: u32,
    height: u32,
    tile_width: u32,
    tile_height: u32,
    tiles: u32,
    components: u16,
}

impl Size {
    /// `at` is where the segment's length stands.
    fn read(bytes: &[u8], at: usize) -> Result<Self, Error> {
        let number = |distance: usize| u32_at(bytes, at + distance).ok_or_else(|| cut(at));
        let (width, height) = (number(4)?, number(8)?);
        let (tile_width, tile_height) = (number(20)?, number(24)?);
        if width == 0 || height == 0 || tile_width == 0 || tile_height == 0 {
            return Err(Error::malformed("a side is 0 pixels long").at(at));
        }
        if number(12)? != 0 || number(16)? != 0 || number(28)? != 0 || number(32)? != 0 {
            return Err(Error::unsupported("its picture or its tiles are offset").at(at));
        }
        let tiles = width
            .div_ceil(tile_width)
            .saturating_mul(height.div_ceil(tile_height));
        if tiles > MAX_TILES {
            return Err(Error::over_budget("it has more than 64 tiles").at(at));
        }
        let components = u16_at(bytes, at + 36).ok_or_else(|| cut(at))?;
        if components != 1 && components != 3 {
            return Err(Error::unsupported("it is neither grey nor three-coloured").at(at));
        }
        // The decoder reads by content and the gate by length: they must agree.
        if u16_at(bytes, at) != Some(38 + 3 * components) {
            return Err(Error::malformed("its SIZ has the wrong length").at(at));
        }
        for component in 0..usize::from(components) {
            match array(bytes, at + 38 + 3 * component).ok_or_else(|| cut(at))? {
                [7, 1, 1] => {}
                [7, _, _] => return Err(Error::unsupported("a component is subsampled").at(at)),
                _ => return Err(Error::unsupported("its samples are not unsigned 8-bit numbers").at(at)),
            }
        }
        Ok(Self {
            width,
            height,
            tile_width: tile_width.min(width),
            tile_height: tile_height.min(height),
            tiles,
            components,
        })
    }
}

/// COD (A.6.1); `at` is where the segment's length stands.
fn check_coding_style(bytes: &[u8], at: usize, length: u16, size: &Size) -> Result<(), Error> {
    let byte = |distance: usize| u8_at(bytes, at + distance).ok_or_else(|| cut(at));
    if byte(2)? & 0x01 != 0 {
        return Err(Error::unsupported("it has precincts of its own").at(at));
    }
    if length != 12 {
        return Err(Error::malformed("its COD has the wrong length").at(at));
    }
    let layers = u16_at(bytes, at + 4).ok_or_else(|| cut(at))?;
    if layers > MAX_LAYERS {
        return Err(Error::over_budget("it has more than 32 layers").at(at));
    }
    let levels = byte(7)?;
    if levels > MAX_LEVELS {
        return Err(Error::over_budget("it has more than 10 decomposition levels").at(at));
    }
    let (block_width, block_height) = (byte(8)?, byte(9)?);
    if block_width > MAX_CODE_BLOCK_EXPONENT || block_height > MAX_CODE_BLOCK_EXPONENT {
        return Err(Error::over_budget("its code blocks are larger than 64 x 64").at(at));
    }
    // Three sub-bands a level, each half as wide as the level before; one block more where it does not
    // divide.
    let blocks_per_tile: u64 = (0..=levels)
        .map(|level| {
            let across = (u64::from(size.tile_width) >> (level + block_width + 2)) + 2;
            let down = (u64::from(size.tile_height) >> (level + block_height + 2)) + 2;
            across.saturating_mul(down)
        })
        .fold(0, u64::saturating_add);
    let block_layers = blocks_per_tile
        .saturating_mul(u64::from(size.tiles))
        .saturating_mul(u64::from(size.components))
        .saturating_mul(u64::from(layers));
    if block_layers > MAX_BLOCK_LAYERS {
        return Err(Error::over_budget("it has too many code blocks").at(at));
    }
    Ok(())
}

/// QCD and QCC (A.6.4, A.6.5) from their style byte on, of which there are `length` bytes. Only the length
/// matters: the decoder reads by content.
fn check_quantization(bytes: &[u8], at: usize, length: u16) -> Result<(), Error> {
    let fits = match u8_at(bytes, at).ok_or_else(|| cut(at))? & 0x1f {
        0 => length > 1,
        1 => length == 3,
        2 => length % 2 == 1,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(Error::malformed("its quantization has the wrong length").at(at))
    }
}

/// Follows the tile-parts (A.4.2): each begins where the last ends, holds nothing but packets, and the end
/// marker stands behind the last. Gives the codestream's end.
fn walk_tile_parts(bytes: &[u8], mut at: usize, tiles: u32) -> Result<usize, Error> {
    let mut seen = [false; MAX_TILES as usize];
    loop {
        match marker(bytes, at)? {
            EOC if seen.iter().filter(|seen| **seen).count() == tiles as usize => return Ok(at + 2),
            EOC => return Err(Error::malformed("a tile is missing").at(at)),
            SOT => {}
            _ => return Err(Error::malformed("its tile-parts do not follow each other").at(at)),
        }
        if u16_at(bytes, at + 2).ok_or_else(|| cut(at))? != 10 {
            return Err(Error::malformed("its SOT has the wrong length").at(at));
        }
        let tile = u16_at(bytes, at + 4).ok_or_else(|| cut(at))?;
        match seen.get_mut(usize::from(tile)) {
            Some(seen) if u32::from(tile) < tiles => *seen = true,
            _ => return Err(Error::malformed("it has a tile-part of no tile").at(at)),
        }
        let length = u32_at(bytes, at + 6).ok_or_else(|| cut(at))? as usize;
        if length < 14 {
            return Err(Error::unsupported("a tile-part does not tell its length").at(at));
        }
        if marker(bytes, at + 12)? != SOD {
            return Err(Error::unsupported("a tile-part has a header of its own").at(at + 12));
        }
        at = at
            .checked_add(length)
            .filter(|end| *end <= bytes.len())
            .ok_or_else(|| cut(at))?;
    }
}

/// What a JP2 header box says about colour.
#[derive(Default)]
struct Header {
    /// `None` leaves it to the number of components: an ICC profile is not applied.
    colour: Option<Declared>,
    channels: Option<u16>,
}

#[derive(Clone, Copy)]
enum Declared {
    Grey,
    Rgb,
    Ycc,
}

impl Header {
    /// Reads the boxes inside the header box (I.5.3).
    fn read(outer: &Box<'_>) -> Result<Self, Error> {
        let mut header = Self::default();
        let mut colour_seen = false;
        let mut at = 0;
        while at < outer.content.len() {
            let inner = Box::read(outer.content, at).map_err(|error| error.moved(outer.content_start))?;
            let here = outer.content_start + at;
            match &inner.kind {
                // Only the first counts (I.5.3.3).
                b"colr" if !colour_seen => {
                    header.colour = Self::colour(inner.content, here)?;
                    colour_seen = true;
                }
                b"cdef" => header.channels = Some(Self::channels(inner.content, here)?),
                b"pclr" | b"cmap" => return Err(Error::unsupported("it has a palette").at(here)),
                _ => {}
            }
            at = inner.end;
        }
        Ok(header)
    }

    fn colour(content: &[u8], at: usize) -> Result<Option<Declared>, Error> {
        match u8_at(content, 0).ok_or_else(|| cut(at))? {
            1 => match u32_at(content, 3).ok_or_else(|| cut(at))? {
                16 => Ok(Some(Declared::Rgb)),
                17 => Ok(Some(Declared::Grey)),
                18 => Ok(Some(Declared::Ycc)),
                _ => Err(Error::unsupported("its colour space is not sRGB, grey or sYCC").at(at)),
            },
            _ => Ok(None),
        }
    }

    /// Channel definitions are taken if they change nothing: channel n is colour n + 1 (I.5.3.6).
    fn channels(content: &[u8], at: usize) -> Result<u16, Error> {
        let count = u16_at(content, 0).ok_or_else(|| cut(at))?;
        for channel in 0..count {
            let [a, b, c, d, e, f] = array(content, 2 + 6 * usize::from(channel)).ok_or_else(|| cut(at))?;
            let definition = [
                u16::from_be_bytes([a, b]),
                u16::from_be_bytes([c, d]),
                u16::from_be_bytes([e, f]),
            ];
            if definition != [channel, 0, channel.saturating_add(1)] {
                return Err(Error::unsupported("it has opacity or reordered channels").at(at));
            }
        }
        Ok(count)
    }
}

/// A JP2 box (I.4).
struct Box<'a> {
    kind: [u8; 4],
    content: &'a [u8],
    content_start: usize,
    end: usize,
}

impl<'a> Box<'a> {
    fn read(bytes: &'a [u8], at: usize) -> Result<Self, Error> {
        let kind = array(bytes, at.saturating_add(4)).ok_or_else(|| cut(at))?;
        let (header, length) = match u32_at(bytes, at).ok_or_else(|| cut(at))? {
            0 => (8, bytes.len() - at),
            1 => {
                let length = array(bytes, at + 8)
                    .map(u64::from_be_bytes)
                    .ok_or_else(|| cut(at))?;
                (16, usize::try_from(length).map_err(|_| cut(at))?)
            }
            length => (8, length as usize),
        };
        if length < header {
            return Err(Error::malformed("a box is shorter than its own header").at(at));
        }
        let end = at.checked_add(length).ok_or_else(|| cut(at))?;
        let content = bytes.get(at + header..end).ok_or_else(|| cut(at))?;
        Ok(Self {
            kind,
            content,
            content_start: at + header,
            end,
        })
    }
}

fn marker(bytes: &[u8], at: usize) -> Result<u16, Error> {
    u16_at(bytes, at).ok_or_else(|| cut(at))
}

fn cut(at: usize) -> Error {
    Error::new(ErrorKind::Truncated, "it ends too early").at(at)
}

/// sYCC to sRGB in whole numbers, the factors (1.402, 0.344136, 0.714136, 1.772) times 65536.
fn ycc_to_rgb(pixels: &mut [u8]) {
    for pixel in pixels.as_chunks_mut::<3>().0 {
        let [y, cb, cr] = pixel.map(i32::from);
        let (cb, cr) = (cb - 128, cr - 128);
        let round = |value: i32| {
            u8::try_from(((y << 16) + value + (1 << 15)).clamp(0, 255 << 16) >> 16).unwrap_or(255)
        };
        *pixel = [
            round(91_881 * cr),
            round(-22_553 * cb - 46_802 * cr),
            round(116_130 * cb),
        ];
    }
}
