//! Writes data objects.

/// How lengths are written. Real cards mix both forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LengthForm {
    /// In as few bytes as possible: `20`, `81 91`, `82 01 00`.
    Shortest,
    /// Always in three bytes: `82 00 20`.
    Long,
}

/// A two-byte tag, or a one-byte one when the first byte is 00; length; value.
pub(crate) fn object(form: LengthForm, tag: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = tag
        .to_be_bytes()
        .into_iter()
        .skip_while(|&byte| byte == 0)
        .collect();
    let [.., high, low] = value.len().to_be_bytes();
    match (form, high, low) {
        (LengthForm::Shortest, 0, 0..=0x7F) => bytes.push(low),
        (LengthForm::Shortest, 0, _) => bytes.extend([0x81, low]),
        _ => bytes.extend([0x82, high, low]),
    }
    bytes.extend(value);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_both_forms() {
        let header = |form, length: usize| {
            let written = object(form, 0xDF22, &vec![7; length]);
            written[2..written.len() - length].to_vec()
        };
        assert_eq!(header(LengthForm::Shortest, 0x7F), [0x7F]);
        assert_eq!(header(LengthForm::Shortest, 0x80), [0x81, 0x80]);
        assert_eq!(header(LengthForm::Shortest, 0x100), [0x82, 0x01, 0x00]);
        assert_eq!(header(LengthForm::Long, 1), [0x82, 0x00, 0x01]);
        assert_eq!(object(LengthForm::Shortest, 0x91, b"a"), [0x91, 1, b'a']);
    }
}
