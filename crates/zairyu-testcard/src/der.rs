//! Writes ASN.1 as DER, and as BER in the ways in which certificates can go wrong.

/// An ASN.1 value to be written.
#[derive(Clone)]
pub(crate) enum Node {
    Primitive(u8, Vec<u8>),
    Constructed(u8, Vec<Node>),
    /// Bytes that are encoded already.
    Encoded(Vec<u8>),
}

/// How the lengths of constructed values are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lengths {
    /// DER: the shortest definite form.
    Definite,
    /// BER, and CER: `80`, ended by `00 00`.
    Indefinite,
}

impl Node {
    pub(crate) fn sequence(parts: impl Into<Vec<Self>>) -> Self {
        Self::Constructed(0x30, parts.into())
    }

    pub(crate) fn set(parts: impl Into<Vec<Self>>) -> Self {
        Self::Constructed(0x31, parts.into())
    }

    /// A non-negative integer from its big-endian bytes.
    pub(crate) fn integer(bytes: &[u8]) -> Self {
        let significant = bytes.iter().skip_while(|&&byte| byte == 0).copied();
        let mut content: Vec<u8> = significant.collect();
        if content.first().is_none_or(|&first| first & 0x80 != 0) {
            content.insert(0, 0);
        }
        Self::Primitive(0x02, content)
    }

    /// An object identifier from its encoded content.
    pub(crate) fn oid(content: &[u8]) -> Self {
        Self::Primitive(0x06, content.to_vec())
    }

    pub(crate) fn octets(content: Vec<u8>) -> Self {
        Self::Primitive(0x04, content)
    }

    pub(crate) fn bits(unused: u8, content: &[u8]) -> Self {
        Self::Primitive(0x03, [&[unused], content].concat())
    }

    pub(crate) fn null() -> Self {
        Self::Primitive(0x05, Vec::new())
    }

    pub(crate) fn boolean_true() -> Self {
        Self::Primitive(0x01, vec![0xFF])
    }

    pub(crate) fn printable(text: &str) -> Self {
        Self::Primitive(0x13, text.as_bytes().to_vec())
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.encode(Lengths::Definite)
    }

    pub(crate) fn encode(&self, lengths: Lengths) -> Vec<u8> {
        match self {
            Self::Encoded(bytes) => bytes.clone(),
            Self::Primitive(tag, content) => definite(*tag, content),
            Self::Constructed(tag, parts) => {
                let content: Vec<u8> = parts.iter().flat_map(|part| part.encode(lengths)).collect();
                match lengths {
                    Lengths::Definite => definite(*tag, &content),
                    Lengths::Indefinite => [&[*tag, 0x80], &content[..], &[0, 0]].concat(),
                }
            }
        }
    }
}

fn definite(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|&byte| byte == 0).collect();
    let mut bytes = vec![tag];
    match *significant.as_slice() {
        [] => bytes.push(0),
        [short @ ..=0x7F] => bytes.push(short),
        // Content in memory has a length of at most eight bytes.
        ref long => {
            bytes.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            bytes.extend(long);
        }
    }
    bytes.extend(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_the_shortest() {
        for (length, header) in [
            (0, &[0x04, 0x00][..]),
            (0x7F, &[0x04, 0x7F]),
            (0x80, &[0x04, 0x81, 0x80]),
            (0x100, &[0x04, 0x82, 0x01, 0x00]),
        ] {
            let encoded = Node::octets(vec![0xAA; length]).der();
            assert_eq!(&encoded[..header.len()], header);
            assert_eq!(encoded.len(), header.len() + length);
        }
    }

    #[test]
    fn integers_are_the_shortest_and_positive() {
        assert_eq!(Node::integer(&[]).der(), [0x02, 0x01, 0x00]);
        assert_eq!(Node::integer(&[0, 0, 0x7F]).der(), [0x02, 0x01, 0x7F]);
        assert_eq!(Node::integer(&[0x80]).der(), [0x02, 0x02, 0x00, 0x80]);
    }

    #[test]
    fn indefinite_form_ends_in_two_zeros() {
        let node = Node::sequence([Node::null()]);
        assert_eq!(node.der(), [0x30, 0x02, 0x05, 0x00]);
        assert_eq!(
            node.encode(Lengths::Indefinite),
            [0x30, 0x80, 0x05, 0x00, 0x00, 0x00]
        );
    }
}
