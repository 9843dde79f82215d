//! ASN.1 as a tree that can be damaged and written, and BER made into DER. Shares nothing with the code under test.

/// An element of a certificate.
#[derive(Clone)]
pub(crate) struct Element {
    pub(crate) tag: u8,
    pub(crate) content: Content,
    pub(crate) length: Length,
}

#[derive(Clone)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// Elements one behind another; in an OCTET STRING or, behind the number of unused bits, in a BIT STRING.
    Elements {
        before: Vec<u8>,
        elements: Vec<Element>,
    },
}

/// How an element's length is written.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    Shortest,
    /// With more bytes than it needs, 1 to 3.
    Wider(u8),
    Indefinite,
    /// Not the content's, by so much.
    Wrong(i8),
}

const MAX_DEPTH: usize = 32;

/// The certificate that the bytes hold, in DER, without the `00` behind it. `None` when they hold no BER.
pub(crate) fn canonical(bytes: &[u8]) -> Option<Vec<u8>> {
    let (element, rest) = parse(bytes, MAX_DEPTH, false)?;
    if rest.iter().any(|&byte| byte != 0) {
        return None;
    }
    let mut der = Vec::new();
    element.write(&mut der);
    Some(der)
}

/// The one element that the bytes hold, with those in its strings.
pub(crate) fn tree(bytes: &[u8]) -> Option<Element> {
    parse(bytes, MAX_DEPTH, true)
        .filter(|(_, rest)| rest.is_empty())
        .map(|(element, _)| element)
}

/// The first element and what is behind it, every length in its shortest form.
fn parse(bytes: &[u8], depth: usize, into_strings: bool) -> Option<(Element, &[u8])> {
    let depth = depth.checked_sub(1)?;
    let (&[tag, first], mut rest) = bytes.split_first_chunk::<2>()?;
    if tag == 0 || tag & 0x1F == 0x1F {
        return None;
    }
    let constructed = tag & 0x20 != 0;
    let length = match first {
        0..=0x7F => usize::from(first),
        0x80 if constructed => {
            let mut elements = Vec::new();
            while !rest.starts_with(&[0, 0]) {
                let (element, behind) = parse(rest, depth, into_strings)?;
                elements.push(element);
                rest = behind;
            }
            return Some((Element::new(tag, Content::elements(elements)), &rest[2..]));
        }
        0x81..=0x84 => {
            let (length, behind) = rest.split_at_checked(usize::from(first & 0x0F))?;
            rest = behind;
            length.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte))
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    let content = match (constructed, tag) {
        (true, _) => Content::elements(parse_all(content, depth, into_strings)?),
        (false, 0x03 | 0x04) if into_strings => {
            let (before, inner) = content.split_at(usize::from(tag == 0x03 && !content.is_empty()));
            match parse_all(inner, depth, true) {
                Some(elements) if !elements.is_empty() => Content::Elements {
                    before: before.to_vec(),
                    elements,
                },
                _ => Content::Bytes(content.to_vec()),
            }
        }
        (false, _) => Content::Bytes(content.to_vec()),
    };
    Some((Element::new(tag, content), rest))
}

fn parse_all(mut bytes: &[u8], depth: usize, into_strings: bool) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    while !bytes.is_empty() {
        let (element, rest) = parse(bytes, depth, into_strings)?;
        elements.push(element);
        bytes = rest;
    }
    Some(elements)
}

impl Content {
    fn elements(elements: Vec<Element>) -> Self {
        Self::Elements {
            before: Vec::new(),
            elements,
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Elements { before, elements } => {
                let mut bytes = before.clone();
                elements.iter().for_each(|element| element.write(&mut bytes));
                bytes
            }
        }
    }
}

impl Element {
    const fn new(tag: u8, content: Content) -> Self {
        Self {
            tag,
            content,
            length: Length::Shortest,
        }
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let content = self.content.to_bytes();
        bytes.push(self.tag);
        let length = match self.length {
            Length::Wrong(by) => content.len().saturating_add_signed(by.into()),
            Length::Shortest | Length::Wider(_) | Length::Indefinite => content.len(),
        };
        let significant: Vec<u8> = length
            .to_be_bytes()
            .into_iter()
            .skip_while(|&byte| byte == 0)
            .collect();
        let zeros = match self.length {
            Length::Wider(zeros) => usize::from(zeros),
            Length::Shortest | Length::Wrong(_) | Length::Indefinite => 0,
        };
        match (self.length, significant.as_slice()) {
            (Length::Indefinite, _) => bytes.push(0x80),
            (_, []) if zeros == 0 => bytes.push(0),
            (_, &[short @ 0..=0x7F]) if zeros == 0 => bytes.push(short),
            (_, long) => {
                bytes.push(0x80 | u8::try_from(long.len() + zeros).expect("at most eleven"));
                bytes.extend(std::iter::repeat_n(0, zeros));
                bytes.extend(long);
            }
        }
        bytes.extend(content);
        if matches!(self.length, Length::Indefinite) {
            bytes.extend([0, 0]);
        }
    }

    /// How many elements there are in it, itself counted.
    pub(crate) fn count(&self) -> usize {
        1 + self.elements().iter().map(Self::count).sum::<usize>()
    }

    fn elements(&self) -> &[Self] {
        match &self.content {
            Content::Bytes(_) => &[],
            Content::Elements { elements, .. } => elements,
        }
    }

    /// The element at a place, counted from 0 in the order of writing.
    pub(crate) fn get(&self, place: usize) -> Option<&Self> {
        let Some(mut place) = place.checked_sub(1) else {
            return Some(self);
        };
        for element in self.elements() {
            let count = element.count();
            if place < count {
                return element.get(place);
            }
            place -= count;
        }
        None
    }

    /// Changes the list in which an element stands, given the element's index in it. The outermost stands in none.
    pub(crate) fn change_list(&mut self, place: usize, change: impl FnOnce(&mut Vec<Self>, usize)) {
        let Some(mut place) = place.checked_sub(1) else {
            return;
        };
        let Content::Elements { elements, .. } = &mut self.content else {
            return;
        };
        for index in 0..elements.len() {
            let count = elements[index].count();
            if place == 0 {
                return change(elements, index);
            }
            if place < count {
                return elements[index].change_list(place, change);
            }
            place -= count;
        }
    }

    /// Changes an element.
    pub(crate) fn change(&mut self, place: usize, change: impl FnOnce(&mut Self)) {
        if place == 0 {
            return change(self);
        }
        self.change_list(place, |elements, index| change(&mut elements[index]));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::genuine;

    pub(crate) fn certificates_are_written_as_they_were_read() {
        for signed in genuine::SIGNED.iter() {
            let certificate = tree(&signed.certificate).expect("a certificate");
            let mut bytes = Vec::new();
            certificate.write(&mut bytes);
            assert_eq!(bytes, signed.certificate);
            assert_eq!(canonical(&bytes), Some(bytes));
            assert!(certificate.count() > 50, "{}", certificate.count());
            for place in 0..certificate.count() {
                assert!(certificate.get(place).is_some());
            }
            assert!(certificate.get(certificate.count()).is_none());
        }
    }

    pub(crate) fn other_lengths_are_the_same_certificate() {
        for signed in genuine::SIGNED.iter() {
            let original = tree(&signed.certificate).expect("a certificate");
            for length in [Length::Wider(1), Length::Indefinite] {
                let mut certificate = original.clone();
                certificate.change(1, |element| element.length = length);
                let mut bytes = Vec::new();
                certificate.write(&mut bytes);
                assert_ne!(bytes, signed.certificate);
                assert_eq!(canonical(&bytes).as_deref(), Some(&signed.certificate[..]));
            }
        }
    }
}
