//! Any bytes that begin like TIFF, decoded under the default budget. Invariants: see `image`.

use zairyu_image::Format;

pub fn run(input: &[u8]) {
    crate::image::check(input, &[Format::TiffG4]);
}
