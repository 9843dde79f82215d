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
    use super::*;

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
