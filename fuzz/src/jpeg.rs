//! Any bytes that begin like JPEG, decoded under the default budget. Invariants: see `image`.

use zairyu_image::Format;

pub fn run(input: &[u8]) {
    crate::image::check(input, &[Format::Jpeg]);
}
