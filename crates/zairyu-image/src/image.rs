use core::fmt;

/// What a byte of [`Image::pixels`] stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// One byte a pixel: 0 is black, 255 is white, and there is nothing between.
    Bilevel,
    /// One byte a pixel: 0 is black, 255 is white.
    Gray,
    /// Three bytes a pixel: red, green, blue.
    Rgb,
}

impl Layout {
    /// Bytes a pixel.
    #[must_use]
    pub fn bytes_per_pixel(self) -> usize {
        match self {
            Self::Bilevel | Self::Gray => 1,
            Self::Rgb => 3,
        }
    }
}

/// A decoded picture.
///
/// Its `Debug` shows size and layout, never pixels: a face is personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    layout: Layout,
    pixels: Vec<u8>,
}

impl Image {
    /// `None` if a side is 0 or `pixels` is not exactly one byte for each sample.
    pub(crate) fn new(width: u32, height: u32, layout: Layout, pixels: Vec<u8>) -> Option<Self> {
        let row = usize::try_from(width)
            .ok()?
            .checked_mul(layout.bytes_per_pixel())?;
        let length = usize::try_from(height).ok()?.checked_mul(row)?;
        (length > 0 && length == pixels.len()).then_some(Self {
            width,
            height,
            layout,
            pixels,
        })
    }

    /// Width in pixels, at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// What the bytes of [`Image::pixels`] stand for.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The pixels in rows from the top, each from the left, without padding:
    /// `width * height * layout.bytes_per_pixel()` bytes.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The picture as it is meant to be seen, by the orientation of Exif 3.0 §4.6.5.1.6: where its first row and its first
    /// column belong. Any number but 2 to 8 changes nothing.
    pub(crate) fn upright(self, orientation: u32) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        let samples = self.layout.bytes_per_pixel();
        let (mirrored_x, mirrored_y, transposed) = match orientation {
            2 => (true, false, false),
            3 => (true, true, false),
            4 => (false, true, false),
            5 => (false, false, true),
            6 => (false, true, true),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => return self,
        };
        let (columns, rows) = if transposed {
            (height, width)
        } else {
            (width, height)
        };
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for row in 0..rows {
            for column in 0..columns {
                let (x, y) = if transposed { (row, column) } else { (column, row) };
                let x = if mirrored_x { width - 1 - x } else { x };
                let y = if mirrored_y { height - 1 - y } else { y };
                let at = (y * width + x) * samples;
                pixels.extend_from_slice(self.pixels.get(at..at + samples).unwrap_or_default());
            }
        }
        let (width, height) = if transposed {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        };
        Self {
            width,
            height,
            layout: self.layout,
            pixels,
        }
    }

    /// The same picture with no side longer than `longest` pixels, each pixel the average of those it stands for.
    /// One that fits already, or a `longest` of 0, changes nothing.
    #[must_use]
    pub fn shrunk(self, longest: u32) -> Self {
        let factor = match longest {
            0 => 1,
            longest => self.width.max(self.height).div_ceil(longest),
        };
        if factor <= 1 {
            return self;
        }
        let layout = match self.layout {
            Layout::Bilevel => Layout::Gray,
            other => other,
        };
        let (factor, samples) = (factor as usize, layout.bytes_per_pixel());
        let row_length = self.width as usize * samples;
        let mut pixels = Vec::new();
        for rows in self.pixels.chunks(row_length * factor) {
            for x in (0..row_length).step_by(samples * factor) {
                for sample in 0..samples {
                    let block = rows.chunks(row_length).flat_map(|row| {
                        let columns = row.get(x..).unwrap_or_default().chunks(samples).take(factor);
                        columns.filter_map(|pixel| pixel.get(sample))
                    });
                    let (sum, count) = block.fold((0_u64, 0_u64), |(sum, count), value| {
                        (sum + u64::from(*value), count + 1)
                    });
                    pixels.push(u8::try_from(sum.checked_div(count).unwrap_or(0)).unwrap_or(u8::MAX));
                }
            }
        }
        let side = |side: u32| side.div_ceil(u32::try_from(factor).unwrap_or(u32::MAX));
        let (width, height) = (side(self.width), side(self.height));
        Self {
            width,
            height,
            layout,
            pixels,
        }
    }

    /// The picture as a PNG file, compressed for speed: one bit a pixel for [`Layout::Bilevel`], else eight
    /// a sample.
    #[must_use]
    pub fn to_png(&self) -> Vec<u8> {
        // Writing to memory cannot fail, and `new` saw to it that sides and pixels agree.
        self.encode_png().unwrap_or_default()
    }

    fn encode_png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_compression(png::Compression::Fast);
        let (color, depth) = match self.layout {
            Layout::Bilevel => (png::ColorType::Grayscale, png::BitDepth::One),
            Layout::Gray => (png::ColorType::Grayscale, png::BitDepth::Eight),
            Layout::Rgb => (png::ColorType::Rgb, png::BitDepth::Eight),
        };
        encoder.set_color(color);
        encoder.set_depth(depth);
        let mut writer = encoder.write_header()?;
        match self.layout {
            Layout::Bilevel => writer.write_image_data(&self.packed())?,
            Layout::Gray | Layout::Rgb => writer.write_image_data(&self.pixels)?,
        }
        writer.finish()?;
        Ok(file)
    }

    /// One bit a pixel, most significant first, 1 for white; each row starts a new byte.
    fn packed(&self) -> Vec<u8> {
        self.pixels
            .chunks(self.width as usize)
            .flat_map(|row| row.chunks(8))
            .map(|eight| {
                eight
                    .iter()
                    .zip((0..8).rev())
                    .fold(0, |byte, (pixel, bit)| byte | (u8::from(*pixel > 127) << bit))
            })
            .collect()
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({}x{} {:?})", self.width, self.height, self.layout)
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation
    )]

    use super::*;

    /// The letter F, of which no two of the eight positions look alike.
    #[test]
    fn a_picture_is_turned_from_each_of_the_eight_positions() {
        let image = |rows: &[&[u8]]| {
            let (width, height) = (rows[0].len() as u32, rows.len() as u32);
            Image::new(width, height, Layout::Gray, rows.concat()).unwrap()
        };
        let upright = image(&[&[1, 1, 1], &[1, 0, 0], &[1, 1, 0], &[1, 0, 0]]);
        let stored: [(u32, &[&[u8]]); 8] = [
            (1, &[&[1, 1, 1], &[1, 0, 0], &[1, 1, 0], &[1, 0, 0]]),
            (2, &[&[1, 1, 1], &[0, 0, 1], &[0, 1, 1], &[0, 0, 1]]),
            (3, &[&[0, 0, 1], &[0, 1, 1], &[0, 0, 1], &[1, 1, 1]]),
            (4, &[&[1, 0, 0], &[1, 1, 0], &[1, 0, 0], &[1, 1, 1]]),
            (5, &[&[1, 1, 1, 1], &[1, 0, 1, 0], &[1, 0, 0, 0]]),
            (6, &[&[1, 0, 0, 0], &[1, 0, 1, 0], &[1, 1, 1, 1]]),
            (7, &[&[0, 0, 0, 1], &[0, 1, 0, 1], &[1, 1, 1, 1]]),
            (8, &[&[1, 1, 1, 1], &[0, 1, 0, 1], &[0, 0, 0, 1]]),
        ];
        for (orientation, rows) in stored {
            assert_eq!(
                image(rows).upright(orientation).pixels,
                upright.pixels,
                "{orientation}"
            );
        }
        assert_eq!(upright.clone().upright(9), upright);
    }

    #[test]
    fn a_shrunk_picture_has_the_averages() {
        let image = |width, height, pixels: &[u8]| Image::new(width, height, Layout::Gray, pixels.to_vec());
        let wide = image(3, 2, &[0, 100, 7, 100, 200, 9]).map(|image| image.shrunk(2));
        assert_eq!(wide, image(2, 1, &[100, 8]));
        let small = image(3, 1, &[1, 2, 3]);
        assert_eq!(small.clone().map(|image| image.shrunk(3)), small);
        assert_eq!(small.clone().map(|image| image.shrunk(0)), small);
    }
}
