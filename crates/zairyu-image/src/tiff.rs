//! TIFF 6.0 as cards hold it: the first image, bilevel, Group 4, in strips.
//!
//! Nothing is followed but the first image file directory and its strips, so a directory that points to
//! itself leads nowhere.

use hayro_ccitt::{DecodeError, DecodeSettings, DecoderContext, EncodingMode};

use crate::bytes::array;
use crate::{Budget, Error, Image, Layout};

// TIFF 6.0 §8 and §10 (baseline), §11 (bilevel extensions).
const IMAGE_WIDTH: u16 = 256;
const IMAGE_LENGTH: u16 = 257;
const BITS_PER_SAMPLE: u16 = 258;
const COMPRESSION: u16 = 259;
const PHOTOMETRIC_INTERPRETATION: u16 = 262;
const FILL_ORDER: u16 = 266;
const STRIP_OFFSETS: u16 = 273;
const ORIENTATION: u16 = 274;
const SAMPLES_PER_PIXEL: u16 = 277;
const ROWS_PER_STRIP: u16 = 278;
const STRIP_BYTE_COUNTS: u16 = 279;
const T6_OPTIONS: u16 = 293;

const GROUP_4: u32 = 4;

/// The first image of a file, with its numbers checked but not yet its strips.
pub(crate) struct Page<'a> {
    bytes: &'a [u8],
    pub(crate) width: u32,
    pub(crate) height: u32,
    rows_per_strip: u32,
    /// The pixel of a run that Group 4 calls white.
    first: u8,
    least_significant_bit_first: bool,
    strip_offsets: Field<'a>,
    strip_byte_counts: Field<'a>,
}

impl<'a> Page<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let directory = Directory::first(bytes)?;
        let width = directory.required(IMAGE_WIDTH, "it has no ImageWidth")?;
        let height = directory.required(IMAGE_LENGTH, "it has no ImageLength")?;
        if width == 0 || height == 0 {
            return Err(Error::malformed("a side is 0 pixels long").at(directory.start));
        }
        if directory.number(COMPRESSION)? != Some(GROUP_4) {
            return Err(Error::unsupported("its compression is not Group 4").at(directory.start));
        }
        if directory.number(BITS_PER_SAMPLE)?.unwrap_or(1) != 1
            || directory.number(SAMPLES_PER_PIXEL)?.unwrap_or(1) != 1
        {
            return Err(Error::unsupported("it has more than one bit a pixel").at(directory.start));
        }
        if directory.number(ORIENTATION)?.unwrap_or(1) != 1 {
            return Err(Error::unsupported("its first row is not at the top").at(directory.start));
        }
        if directory.number(T6_OPTIONS)?.unwrap_or(0) != 0 {
            return Err(Error::unsupported("it uses Group 4's uncompressed mode").at(directory.start));
        }
        let first = match directory.number(PHOTOMETRIC_INTERPRETATION)? {
            None | Some(0) => 255,
            Some(1) => 0,
            Some(_) => return Err(Error::unsupported("it is not black on white").at(directory.start)),
        };
        let least_significant_bit_first = match directory.number(FILL_ORDER)? {
            None | Some(1) => false,
            Some(2) => true,
            Some(_) => return Err(Error::malformed("its FillOrder is neither 1 nor 2").at(directory.start)),
        };
        let rows_per_strip = directory.number(ROWS_PER_STRIP)?.unwrap_or(height).min(height);
        if rows_per_strip == 0 {
            return Err(Error::malformed("its strips have no rows").at(directory.start));
        }
        let strip_offsets = directory
            .field(STRIP_OFFSETS)?
            .ok_or_else(|| Error::malformed("it has no StripOffsets").at(directory.start))?;
        let strip_byte_counts = directory
            .field(STRIP_BYTE_COUNTS)?
            .ok_or_else(|| Error::malformed("it has no StripByteCounts").at(directory.start))?;
        let strips = height.div_ceil(rows_per_strip);
        if strip_offsets.count != strips || strip_byte_counts.count != strips {
            return Err(Error::malformed("its strips do not add up to its height").at(directory.start));
        }
        Ok(Self {
            bytes,
            width,
            height,
            rows_per_strip,
            first,
            least_significant_bit_first,
            strip_offsets,
            strip_byte_counts,
        })
    }

    pub(crate) fn decode(&self, budget: &Budget) -> Result<Image, Error> {
        if self.width > budget.max_width || self.height > budget.max_height {
            return Err(Error::over_budget("it has more pixels than the budget allows"));
        }
        let declared = (self.width as usize).saturating_mul(self.height as usize);
        let mut rows = Rows {
            width: self.width as usize,
            first: self.first,
            pixels: Vec::with_capacity(declared.min(AT_ONCE)),
        };
        let mut above = 0;
        for strip in 0..self.strip_offsets.count {
            let height = self.rows_per_strip.min(self.height - above);
            let offset = self.strip_offsets.value(strip)?;
            let data = self.strip(offset, self.strip_byte_counts.value(strip)?)?;
            let reversed: Vec<u8>;
            let data = if self.least_significant_bit_first {
                reversed = data.iter().map(|byte| byte.reverse_bits()).collect();
                &reversed
            } else {
                data
            };
            let decoded = hayro_ccitt::decode(
                data,
                &mut rows,
                &mut DecoderContext::new(DecodeSettings {
                    columns: self.width,
                    rows: height,
                    end_of_block: true,
                    end_of_line: false,
                    rows_are_byte_aligned: false,
                    encoding: EncodingMode::Group4,
                    strict: true,
                }),
            );
            above += height;
            let whole = rows.pixels.len() == rows.width.saturating_mul(above as usize);
            match decoded {
                Ok(_) if whole => {}
                Ok(_) | Err(DecodeError::UnexpectedEof) => {
                    return Err(Error::truncated("a strip ends before its last row").at(offset as usize));
                }
                Err(_) => {
                    return Err(Error::malformed("a strip is not Group 4 data").at(offset as usize));
                }
            }
        }
        Image::new(self.width, self.height, Layout::Bilevel, rows.pixels)
            .ok_or_else(|| Error::malformed("its strips do not fill it"))
    }

    fn strip(&self, offset: u32, length: u32) -> Result<&'a [u8], Error> {
        let start = offset as usize;
        start
            .checked_add(length as usize)
            .and_then(|end| self.bytes.get(start..end))
            .ok_or_else(|| Error::truncated("a strip reaches past the end").at(start))
    }
}

/// How many bytes are asked for before any row was decoded, whatever was declared: a card's picture, and some more.
const AT_ONCE: usize = 512 * 1024;

/// Takes rows as they are decoded: memory grows with what arrives, not with what was declared.
struct Rows {
    width: usize,
    first: u8,
    pixels: Vec<u8>,
}

impl hayro_ccitt::Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        let start = self.pixels.len();
        self.pixels.resize(start + self.width, self.first);
        let row = self.pixels.get_mut(start..).unwrap_or_default();
        // Each odd change begins a run of the other colour, each even one ends it; the last may run to the end.
        for run in changes.chunks(2) {
            let [begin, end] = [run.first(), run.get(1)]
                .map(|change| change.map_or(self.width, |change| self.width.min(*change as usize)));
            if let Some(run) = row.get_mut(begin..end) {
                run.fill(!self.first);
            }
        }
    }
}

/// Which way up a picture is, from the directory that a camera adds to a JPEG (Exif 3.0 §4.6.5.1.6). Any fault of it is
/// none of the picture's.
pub(crate) fn orientation(exif: &[u8]) -> Option<u32> {
    const ORIENTATION: u16 = 0x0112;
    Directory::first(exif).ok()?.number(ORIENTATION).ok()?
}

/// An image file directory (TIFF 6.0 §2), read entry by entry where it lies.
struct Directory<'a> {
    bytes: &'a [u8],
    order: ByteOrder,
    start: usize,
    entries: u16,
}

impl<'a> Directory<'a> {
    fn first(bytes: &'a [u8]) -> Result<Self, Error> {
        let order = if bytes.starts_with(b"II") {
            ByteOrder::Little
        } else {
            ByteOrder::Big
        };
        let start = order
            .u32_at(bytes, 4)
            .ok_or_else(|| Error::truncated("it ends in its header").at(bytes.len()))?
            as usize;
        let entries = order
            .u16_at(bytes, start)
            .ok_or_else(|| Error::truncated("its directory lies past the end").at(start))?;
        Ok(Self {
            bytes,
            order,
            start,
            entries,
        })
    }

    fn field(&self, tag: u16) -> Result<Option<Field<'a>>, Error> {
        let mut found = None;
        for entry in 0..usize::from(self.entries) {
            let at = (entry * 12 + 2)
                .checked_add(self.start)
                .filter(|at| self.bytes.get(*at..).is_some_and(|rest| rest.len() >= 12))
                .ok_or_else(|| Error::truncated("its directory reaches past the end").at(self.start))?;
            if self.order.u16_at(self.bytes, at) != Some(tag) {
                continue;
            }
            if found.is_some() {
                return Err(Error::malformed("a tag stands twice in its directory").at(at));
            }
            found = Some(Field::read(self.bytes, self.order, at)?);
        }
        Ok(found)
    }

    fn number(&self, tag: u16) -> Result<Option<u32>, Error> {
        match self.field(tag)? {
            None => Ok(None),
            Some(field) if field.count == 1 => field.value(0).map(Some),
            Some(field) => Err(Error::malformed("a tag holds other than one number").at(field.at)),
        }
    }

    fn required(&self, tag: u16, missing: &'static str) -> Result<u32, Error> {
        self.number(tag)?
            .ok_or_else(|| Error::malformed(missing).at(self.start))
    }
}

/// The unsigned whole numbers of one directory entry.
struct Field<'a> {
    bytes: &'a [u8],
    order: ByteOrder,
    long: bool,
    count: u32,
    /// Where the first number lies: in the entry itself if they all fit its four bytes.
    at: usize,
}

impl<'a> Field<'a> {
    fn read(bytes: &'a [u8], order: ByteOrder, entry: usize) -> Result<Self, Error> {
        let cut = || Error::truncated("its directory reaches past the end").at(entry);
        let long = match order.u16_at(bytes, entry + 2).ok_or_else(cut)? {
            3 => false,
            4 => true,
            _ => return Err(Error::malformed("a tag is neither SHORT nor LONG").at(entry)),
        };
        let count = order.u32_at(bytes, entry + 4).ok_or_else(cut)?;
        let at = if count <= if long { 1 } else { 2 } {
            entry + 8
        } else {
            order.u32_at(bytes, entry + 8).ok_or_else(cut)? as usize
        };
        Ok(Self {
            bytes,
            order,
            long,
            count,
            at,
        })
    }

    fn value(&self, index: u32) -> Result<u32, Error> {
        let size = if self.long { 4 } else { 2 };
        (index as usize)
            .checked_mul(size)
            .and_then(|distance| distance.checked_add(self.at))
            .and_then(|at| {
                if self.long {
                    self.order.u32_at(self.bytes, at)
                } else {
                    self.order.u16_at(self.bytes, at).map(u32::from)
                }
            })
            .ok_or_else(|| Error::truncated("a tag's numbers lie past the end").at(self.at))
    }
}

#[derive(Clone, Copy)]
enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    fn u16_at(self, bytes: &[u8], at: usize) -> Option<u16> {
        let number = array(bytes, at)?;
        Some(match self {
            Self::Little => u16::from_le_bytes(number),
            Self::Big => u16::from_be_bytes(number),
        })
    }

    fn u32_at(self, bytes: &[u8], at: usize) -> Option<u32> {
        let number = array(bytes, at)?;
        Some(match self {
            Self::Little => u32::from_le_bytes(number),
            Self::Big => u32::from_be_bytes(number),
        })
    }
}
