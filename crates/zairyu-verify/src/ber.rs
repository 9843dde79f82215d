//! Elements of BER, and BER made into DER: for certificates whose encoder used indefinite or long-form lengths.
//!
//! Only lengths are changed. A value that DER writes in another way (a constructed string, a BOOLEAN of 01) stays as it
//! is, and the typed parser behind refuses it.

use alloc::vec::Vec;
use core::ops::Range;

/// How deep elements may lie in one another. A certificate of RFC 5280 needs 9.
const MAX_DEPTH: usize = 16;

/// The first byte that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) offset: usize,
}

/// One element: where it and its content lie in the bytes it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    tag: u8,
    pub(crate) whole: Range<usize>,
    pub(crate) content: Range<usize>,
}

impl Element {
    const fn is_constructed(&self) -> bool {
        self.tag & 0x20 != 0
    }
}

/// The element that starts at `at` and ends at `end` or before.
pub(crate) fn element(bytes: &[u8], at: usize, end: usize) -> Result<Element, Malformed> {
    element_within(bytes, at, end, MAX_DEPTH)
}

/// The elements in an element's content.
pub(crate) fn children(bytes: &[u8], content: Range<usize>) -> Result<Vec<Element>, Malformed> {
    children_within(bytes, content, MAX_DEPTH)
}

/// The same element with the lengths that DER demands: definite and as short as can be.
pub(crate) fn to_der(bytes: &[u8], element: &Element) -> Result<Vec<u8>, Malformed> {
    let mut der = Vec::with_capacity(bytes.len());
    write_der(bytes, element, MAX_DEPTH, &mut der)?;
    Ok(der)
}

fn children_within(bytes: &[u8], content: Range<usize>, depth: usize) -> Result<Vec<Element>, Malformed> {
    let mut elements = Vec::new();
    let mut at = content.start;
    while at < content.end {
        let element = element_within(bytes, at, content.end, depth)?;
        at = element.whole.end;
        elements.push(element);
    }
    Ok(elements)
}

fn element_within(bytes: &[u8], start: usize, end: usize, depth: usize) -> Result<Element, Malformed> {
    let mut at = start;
    let mut next = || {
        let byte = bytes.get(at).filter(|_| at < end).copied();
        let byte = byte.ok_or(Malformed { offset: at })?;
        at = at.saturating_add(1);
        Ok(byte)
    };
    let tag = next()?;
    // Tag 0 ends an indefinite length and is nothing else; numbers of 31 and more do not occur in certificates.
    if tag == 0 || tag & 0x1F == 0x1F {
        return Err(Malformed { offset: start });
    }
    let first = next()?;
    let length = match first {
        0..=0x7F => Some(usize::from(first)),
        0x80 => None,
        // Four bytes of length are more than any certificate has, and fit in a usize everywhere.
        0x81..=0x84 => {
            let mut length: usize = 0;
            for _ in 0x80..first {
                length = length << 8 | usize::from(next()?);
            }
            Some(length)
        }
        _ => return Err(Malformed { offset: at }),
    };
    if let Some(length) = length {
        let content_end = at.checked_add(length).filter(|&content_end| content_end <= end);
        let content_end = content_end.ok_or(Malformed { offset: start })?;
        return Ok(Element {
            tag,
            whole: start..content_end,
            content: at..content_end,
        });
    }
    // Indefinite: elements until two bytes of 00.
    let depth = depth.checked_sub(1).filter(|_| tag & 0x20 != 0);
    let depth = depth.ok_or(Malformed { offset: start })?;
    let content_start = at;
    loop {
        let rest = bytes.get(at..end).unwrap_or_default();
        if rest.starts_with(&[0, 0]) {
            return Ok(Element {
                tag,
                whole: start..at.saturating_add(2),
                content: content_start..at,
            });
        }
        at = element_within(bytes, at, end, depth)?.whole.end;
    }
}

fn write_der(bytes: &[u8], element: &Element, depth: usize, der: &mut Vec<u8>) -> Result<(), Malformed> {
    let malformed = Malformed {
        offset: element.whole.start,
    };
    let mut content = Vec::new();
    if element.is_constructed() {
        let depth = depth.checked_sub(1).ok_or(malformed)?;
        for child in children_within(bytes, element.content.clone(), depth)? {
            write_der(bytes, &child, depth, &mut content)?;
        }
    } else {
        content.extend_from_slice(bytes.get(element.content.clone()).unwrap_or_default());
    }
    der.push(element.tag);
    match (u8::try_from(content.len()), u16::try_from(content.len())) {
        (Ok(length @ 0..=0x7F), _) => der.push(length),
        (Ok(length), _) => der.extend_from_slice(&[0x81, length]),
        (_, Ok(length)) => {
            der.push(0x82);
            der.extend_from_slice(&length.to_be_bytes());
        }
        _ => return Err(malformed),
    }
    der.append(&mut content);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn whole_to_der(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
        to_der(bytes, &element(bytes, 0, bytes.len())?)
    }

    #[test]
    fn lengths_become_those_of_der() {
        for (ber, der) in [
            (&b"\x30\x80\x02\x01\x07\x00\x00"[..], &b"\x30\x03\x02\x01\x07"[..]),
            (b"\x30\x81\x03\x02\x01\x07", b"\x30\x03\x02\x01\x07"),
            (b"\x30\x84\x00\x00\x00\x04\x02\x82\x00\x00", b"\x30\x02\x02\x00"),
            (
                b"\x30\x80\x30\x80\x00\x00\x05\x00\x00\x00",
                b"\x30\x04\x30\x00\x05\x00",
            ),
            (b"\x05\x00", b"\x05\x00"),
        ] {
            assert_eq!(whole_to_der(ber).unwrap(), der);
        }
        let mut long = vec![0x04, 0x82, 0x01, 0x00];
        long.resize(260, 0xAA);
        assert_eq!(whole_to_der(&long).unwrap(), long);
        let mut longer = vec![0x04, 0x84, 0, 0, 0, 200];
        longer.resize(206, 0xAA);
        assert_eq!(whole_to_der(&longer).unwrap()[..3], [0x04, 0x81, 200]);
    }

    #[test]
    fn what_is_no_element_is_refused() {
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x00\x00",
            b"\x1F\x01\x00",
            b"\x30\x80",
            b"\x30\x80\x00",
            b"\x04\x80\x00\x00",
            b"\x30\x85\x00\x00\x00\x00\x00",
            b"\x30\xFF",
            b"\x30\x82\x00",
            b"\x30\x84\xFF\xFF\xFF\xFF\x00",
            b"\x30\x02\x02\x01",
            b"\x30\x02\x00\x00",
            // A child longer than its parent, with bytes enough behind it.
            b"\x30\x07\x30\x03\x02\x02\x01\x05\x00",
            b"\x30\x06\x30\x80\x02\x02\x01\x00\x00\x00",
        ] {
            assert!(whole_to_der(bytes).is_err(), "{bytes:02X?}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        for (depth, good) in [(MAX_DEPTH, true), (MAX_DEPTH + 1, false), (4000, false)] {
            let mut indefinite = [0x30, 0x80].repeat(depth);
            indefinite.extend([0, 0].repeat(depth));
            assert_eq!(whole_to_der(&indefinite).is_ok(), good, "indefinite, {depth}");
        }
        let nested = |depth: usize| {
            (0..depth).fold(Vec::new(), |inner: Vec<u8>, _| {
                [&[0x30, u8::try_from(inner.len()).unwrap()][..], &inner].concat()
            })
        };
        assert!(whole_to_der(&nested(MAX_DEPTH)).is_ok());
        assert!(whole_to_der(&nested(MAX_DEPTH + 1)).is_err());
    }
}
