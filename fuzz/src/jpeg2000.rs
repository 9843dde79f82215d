//! Any bytes that begin like JPEG 2000, in boxes or bare, decoded under the default budget. Invariants: see `image`.

use zairyu_image::Format;

pub fn run(input: &[u8]) {
    crate::image::check(input, &[Format::Jp2, Format::J2kCodestream]);
}
