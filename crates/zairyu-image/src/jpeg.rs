//! JPEG (ITU-T T.81), baseline, extended sequential and progressive.

use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};

use crate::{Budget, Error, Image, Layout, tiff};

/// A picture read up to and with its frame header, where nothing has been allocated yet for its pixels.
pub(crate) struct Frame<'a> {
    bytes: &'a [u8],
    decoder: Decoder<&'a [u8]>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    layout: Layout,
}

impl<'a> Frame<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut decoder = Decoder::new(bytes);
        decoder.read_info().map_err(|error| refused(&error))?;
        let info = decoder
            .info()
            .ok_or_else(|| Error::malformed("it has no frame header"))?;
        if info.coding_process == CodingProcess::Lossless {
            return Err(Error::unsupported("it is lossless JPEG"));
        }
        let layout = match info.pixel_format {
            PixelFormat::L8 => Layout::Gray,
            PixelFormat::RGB24 => Layout::Rgb,
            PixelFormat::L16 | PixelFormat::CMYK32 => {
                return Err(Error::unsupported("it is neither 8-bit grey nor three-coloured"));
            }
        };
        Ok(Self {
            bytes,
            decoder,
            width: info.width.into(),
            height: info.height.into(),
            layout,
        })
    }

    pub(crate) fn decode(mut self, budget: &Budget) -> Result<Image, Error> {
        if self.width > budget.max_width || self.height > budget.max_height {
            return Err(Error::over_budget("it has more pixels than the budget allows"));
        }
        // Each scan costs a pass over the whole picture, however few its bytes. Counting every FF DA, also
        // those in comments, can only count too many.
        let scans = self.bytes.windows(2).filter(|pair| pair == b"\xff\xda").count();
        if scans > budget.max_jpeg_scans as usize {
            return Err(Error::over_budget("it has more scans than the budget allows"));
        }
        let pixels = self.decoder.decode().map_err(|error| refused(&error))?;
        let orientation = self.decoder.exif_data().and_then(tiff::orientation);
        Image::new(self.width, self.height, self.layout, pixels)
            .map(|image| image.upright(orientation.unwrap_or(1)))
            .ok_or_else(|| Error::malformed("its data does not fill it"))
    }
}

fn refused(error: &jpeg_decoder::Error) -> Error {
    match error {
        jpeg_decoder::Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Error::truncated("it ends before its end marker")
        }
        jpeg_decoder::Error::Io(_) => Error::over_budget("the system has no thread to spare for it"),
        jpeg_decoder::Error::Unsupported(_) => {
            Error::unsupported("it uses a part of JPEG that no card needs")
        }
        _ => Error::malformed("its data breaks the rules of JPEG"),
    }
}
