//! A guard for traces and logs: finds My Numbers by their check digit, and what gives one away.
//!
//! It is a second line. The first is that no mode reads a My Number, and that nothing here is logged.

use alloc::{string::String, vec::Vec};

/// What a redacted byte or character becomes.
const MASK: u8 = b'*';

/// How many digits a My Number has.
const DIGITS: usize = 12;

/// Whether twelve digits (values 0 to 9) are a My Number (個人番号) by the check digit (検査用数字) that the ordinance under
/// 番号法 defines.
///
/// One in eleven numbers made by chance is one too.
fn is_my_number(digits: &[u8; DIGITS]) -> bool {
    let (body, check) = (digits.iter().take(11), digits.iter().skip(11));
    // From the right of the body: 2 to 7, then 2 to 6.
    let weights = [2_u16, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6];
    let sum: u16 = body
        .rev()
        .zip(weights)
        .map(|(&digit, weight)| u16::from(digit) * weight)
        .sum();
    let expected = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    check.eq([&u8::try_from(expected).unwrap_or(u8::MAX)])
}

/// Overwrites with `*`, in bytes that went to or came from a card:
///
/// - twelve ASCII digits in a row that are a My Number by their check digit, in longer rows of digits too;
/// - the values of the objects `DF31` (hash of the My Number, from which a computer finds it in minutes) and `DF33` (the
///   signature over that hash), as far as they are there.
///
/// It finds a number with certainty only when it stands in one piece.
pub fn redact_bytes(bytes: &mut [u8]) {
    let mut mask = Vec::new();
    for (start, window) in bytes.windows(DIGITS).enumerate() {
        let digits: Option<Vec<u8>> = window
            .iter()
            .map(|byte| byte.is_ascii_digit().then(|| byte.wrapping_sub(b'0')))
            .collect();
        if digits.is_some_and(|digits| digits.first_chunk().is_some_and(is_my_number)) {
            mask.push((start, DIGITS));
        }
    }
    for start in 0..bytes.len() {
        let (header, length) = match bytes.get(start..).unwrap_or_default() {
            [0xDF, 0x31 | 0x33, 0x82, high, low, ..] => (5, usize::from(u16::from_be_bytes([*high, *low]))),
            [0xDF, 0x31 | 0x33, 0x81, length, ..] => (4, usize::from(*length)),
            [0xDF, 0x31 | 0x33, length @ 0..=0x7F, ..] => (3, usize::from(*length)),
            _ => continue,
        };
        mask.push((start.saturating_add(header), length));
    }
    for (start, length) in mask {
        bytes
            .iter_mut()
            .skip(start)
            .take(length)
            .for_each(|byte| *byte = MASK);
    }
}

/// Overwrites with `*`, in a line of text, twelve digits that are a My Number by their check digit: in ASCII or full
/// width, with single spaces, hyphens or colons between them or none, and written as the hexadecimal of ASCII digits
/// (`31 32 …`).
#[must_use]
pub fn redact_text(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut masked: Vec<bool> = Vec::new();
    masked.resize(chars.len(), false);
    for start in 0..chars.len() {
        for digit in [plain_digit, hexadecimal_digit] {
            if let Some(end) = number_at(&chars, start, digit) {
                let found = masked.iter_mut().take(end).skip(start);
                found.for_each(|masked| *masked = true);
            }
        }
    }
    let shown = chars.iter().zip(masked);
    shown
        .map(|(&char, masked)| if masked { char::from(MASK) } else { char })
        .collect()
}

/// A digit at the start, and how many characters it takes.
type ReadDigit = fn(&[char]) -> Option<(u8, usize)>;

fn plain_digit(chars: &[char]) -> Option<(u8, usize)> {
    let zero = match chars.first()? {
        '0'..='9' => '0',
        '０'..='９' => '０',
        _ => return None,
    };
    let value = u32::from(*chars.first()?).checked_sub(u32::from(zero))?;
    Some((u8::try_from(value).ok()?, 1))
}

fn hexadecimal_digit(chars: &[char]) -> Option<(u8, usize)> {
    match chars {
        ['3', low @ '0'..='9', ..] => plain_digit(&[*low]).map(|(value, _)| (value, 2)),
        _ => None,
    }
}

/// Where a My Number that starts here ends.
fn number_at(chars: &[char], start: usize, read: ReadDigit) -> Option<usize> {
    let mut at = start;
    let mut digits = [0; DIGITS];
    for (index, slot) in digits.iter_mut().enumerate() {
        if index > 0 && matches!(chars.get(at), Some(' ' | '　' | '-' | '‐' | '－' | ':')) {
            at = at.saturating_add(1);
        }
        let (digit, length) = read(chars.get(at..)?)?;
        *slot = digit;
        at = at.saturating_add(length);
    }
    is_my_number(&digits).then_some(at)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    fn values(number: &[u8; 12]) -> [u8; 12] {
        number.map(|digit| digit - b'0')
    }

    #[test]
    fn check_digits() {
        // Made up; and that of the official test card.
        assert!(is_my_number(&values(b"123456789018")));
        assert!(is_my_number(&values(b"537686677188")));
        assert!(!is_my_number(&values(b"123456789012")));
        // A remainder of 0 or 1 gives the digit 0.
        assert!(is_my_number(&values(b"000000000000")));
        for number in [b"123456789018", b"537686677188"] {
            for at in 0..12 {
                let mut other = values(number);
                other[at] = (other[at] + 1) % 10;
                assert!(!is_my_number(&other), "{at}");
            }
        }
    }

    #[test]
    fn numbers_in_text_are_masked_in_every_spelling() {
        for text in [
            "123456789018",
            "1234 5678 9018",
            "1234-5678-9018",
            "１２３４５６７８９０１８",
            "１２３４　５６７８　９０１８",
            "313233343536373839303138",
            "31 32 33 34 35 36 37 38 39 30 31 38",
            "31:32:33:34:35:36:37:38:39:30:31:38",
        ] {
            let redacted = redact_text(&format!("読取 {text}."));
            let stars: String = text.chars().map(|_| '*').collect();
            assert_eq!(redacted, format!("読取 {stars}."));
        }
        // In a longer row of digits too.
        assert!(!redact_text("99123456789018").contains("123456789018"));
        for harmless in [
            "123456789012",
            "03-6734-0170",
            "2026-11-22 01:02",
            "12345678901",
            "",
        ] {
            assert_eq!(redact_text(harmless), harmless);
        }
    }

    #[test]
    fn number_hash_and_signature_are_masked_in_bytes() {
        let mut file = Vec::from(*b"\xFF\x10\x0C123456789018\xFF\xFF");
        redact_bytes(&mut file);
        assert_eq!(file, b"\xFF\x10\x0C************\xFF\xFF");

        for header in [
            &b"\xDF\x31\x20"[..],
            b"\xDF\x31\x81\x20",
            b"\xDF\x31\x82\x00\x20",
            b"\xDF\x33\x82\x01\x00",
        ] {
            let mut record = [header, &[7; 32], &[8; 2]].concat();
            redact_bytes(&mut record);
            assert!(!record.contains(&7), "{header:02X?}");
            // The signature is longer than what is there.
            assert_eq!(record.contains(&8), header[1] == 0x31);
        }
    }

    proptest! {
        #[test]
        fn any_text_and_any_bytes_pass(text in ".{0,60}", mut bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(redact_text(&text).chars().count(), text.chars().count());
            redact_bytes(&mut bytes);
            let once = bytes.clone();
            redact_bytes(&mut bytes);
            prop_assert_eq!(once.len(), bytes.len());
        }

        #[test]
        fn no_number_survives(body in prop::array::uniform11(0_u8..10), before in "[a-z]{0,5}") {
            let check = (0..10).find(|&check| {
                let mut digits = [0; 12];
                digits[..11].copy_from_slice(&body);
                digits[11] = check;
                is_my_number(&digits)
            }).unwrap();
            let number: String = body.iter().chain([&check]).map(|&digit| char::from(b'0' + digit)).collect();
            let text = format!("{before}{number}");
            prop_assert!(!redact_text(&text).contains(&number));
            let mut bytes = text.into_bytes();
            redact_bytes(&mut bytes);
            prop_assert!(bytes.ends_with(b"************"));
        }
    }
}
