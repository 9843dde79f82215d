//! What holds for pictures of every format.

use zairyu_image::{Budget, ErrorKind, Format, Image, Layout, decode, detect, is_absent, read_header};

use crate::memory::{self, KIB};

/// What the default budget stands for: "under 64 MiB".
const MEMORY: usize = 64 * 1024 * KIB;

/// The decoded size is the header's and within the budget, there is a pixel for each place, memory is bounded, errors
/// name the format and a byte, and a picture can be written as PNG.
pub(crate) fn check(input: &[u8], formats: &[Format]) {
    let detected = detect(input);
    if !detected.is_some_and(|format| formats.contains(&format)) {
        // Other formats are other targets' inputs.
        return;
    }
    assert!(!is_absent(input));
    let budget = Budget::default();
    let header = memory::within(MEMORY, || read_header(input));
    let decoded = memory::within(MEMORY, || decode(input, &budget));
    match (header, decoded) {
        (Ok(Some(header)), Ok(Some(image))) => {
            assert_eq!(Some(header.format), detected);
            let sides = |width: u32, height: u32| (width.min(height), width.max(height));
            // A camera's picture may have been turned upright.
            assert_eq!(sides(image.width(), image.height()), sides(header.width, header.height));
            if detected != Some(Format::TiffG4) && detected != Some(Format::Jpeg) {
                let most = budget.max_jpeg2000_side;
                assert!(header.width <= most && header.height <= most);
            }
            check_image(&image, &budget);
        }
        (header, Err(error)) => {
            assert!(error.format() == detected || input.len() > budget.max_bytes);
            // What lies past the end is named by where it should lie.
            let inside = error.offset().is_none_or(|offset| offset <= input.len());
            assert!(inside || error.kind() == ErrorKind::Truncated, "{error}");
            assert!(!matches!(header, Ok(None)));
        }
        (header, decoded) => panic!("{header:?}, and decoded {decoded:?}"),
    }
}

fn check_image(image: &Image, budget: &Budget) {
    let (width, height) = (image.width(), image.height());
    assert!((1..=budget.max_width).contains(&width) && (1..=budget.max_height).contains(&height));
    let samples = width as usize * height as usize * image.layout().bytes_per_pixel();
    assert_eq!(image.pixels().len(), samples);
    if image.layout() == Layout::Bilevel {
        assert!(image.pixels().iter().all(|pixel| matches!(pixel, 0 | 255)));
    }
    // Larger ones take long to write.
    if samples <= 64 * KIB {
        let png = image.to_png();
        assert_eq!(png.get(..8), Some(&b"\x89PNG\r\n\x1a\n"[..]));
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        assert_eq!(png.get(16..24), Some(&sides[..]));
    }
}
