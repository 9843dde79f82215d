use core::fmt;

/// A picture format found on cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// TIFF holding one bilevel picture in Group 4 compression (MMR, ITU-T T.6): the card's front face,
    /// name, address.
    TiffG4,
    /// JPEG 2000 in its JP2 file format (ISO/IEC 15444-1 Annex I): the face.
    Jp2,
    /// JPEG 2000 as a bare codestream (ISO/IEC 15444-1 Annex A): the face.
    J2kCodestream,
    /// JPEG (ITU-T T.81), baseline or progressive. No residence card is known to hold one.
    Jpeg,
}

impl Format {
    /// The stable short name, for reports: `tiff_g4`, `jp2`, `j2k` or `jpeg`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TiffG4 => "tiff_g4",
            Self::Jp2 => "jp2",
            Self::J2kCodestream => "j2k",
            Self::Jpeg => "jpeg",
        }
    }

    /// The media type (RFC 3302, RFC 3745, RFC 2046). A bare JPEG 2000 codestream has `image/j2c`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::TiffG4 => "image/tiff",
            Self::Jp2 => "image/jp2",
            Self::J2kCodestream => "image/j2c",
            Self::Jpeg => "image/jpeg",
        }
    }
}

impl fmt::Display for Format {
    /// Writes the format's usual name, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TiffG4 => "TIFF Group 4",
            Self::Jp2 | Self::J2kCodestream => "JPEG 2000",
            Self::Jpeg => "JPEG",
        })
    }
}

/// Tells a picture's format by its first bytes, and looks no further.
///
/// `None` stands for empty or NUL bytes (no picture on the card, see [`is_absent`](crate::is_absent)) as
/// well as for bytes of no known format. A TIFF is called [`Format::TiffG4`] whatever its compression: it
/// is the only kind a card holds, and reading its header tells the rest.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(b"II\x2a\0") || bytes.starts_with(b"MM\0\x2a") {
        Some(Format::TiffG4)
    } else if bytes.starts_with(b"\0\0\0\x0cjP  \r\n\x87\n") {
        Some(Format::Jp2)
    } else if bytes.starts_with(b"\xff\x4f\xff\x51") {
        Some(Format::J2kCodestream)
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some(Format::Jpeg)
    } else {
        None
    }
}
