use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// 在留カード等番号: two letters, eight digits, two letters, printed at the top right of the card.
///
/// It is the secret that opens the chip (簡易認証コード), so it has no `Debug` or `Display` of its content and is
/// wiped when dropped; [`expose`](Self::expose) is the one way to its characters.
///
/// No check digit and no meaning of the letters is published (在留カード等仕様書 Ver 1.5 says only "12 bytes"), so
/// none is checked.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct CardNumber([u8; Self::LEN]);

impl CardNumber {
    /// The number's length in characters, and in bytes of ASCII.
    pub const LEN: usize = 12;

    /// AA00000000AA, for where a number is needed and no card is meant.
    pub const MADE_UP: Self = Self(*b"AA00000000AA");

    /// Reads a number as people type it: full-width characters and small letters are converted, spaces and
    /// hyphens of every kind are dropped. Nothing else is corrected: a wrong guess would be another card's number.
    ///
    /// # Errors
    ///
    /// [`CardNumberError`], which names the position and, for the letters O and I and the digits 0 and 1, what
    /// was probably meant.
    pub fn parse(typed: &str) -> Result<Self, CardNumberError> {
        let mut number = Self([0; Self::LEN]);
        let mut length = 0_usize;
        for character in typed.chars().filter(|&character| !is_separator(character)) {
            let position = length;
            length = length.saturating_add(1);
            let Some(slot) = number.0.get_mut(position) else {
                continue;
            };
            *slot = read_character(position, narrow(character))?;
        }
        match length {
            0 => Err(CardNumberError::Empty),
            Self::LEN => Ok(number),
            found => Err(CardNumberError::WrongLength { found }),
        }
    }

    /// The twelve characters. Take care where they go: with them the chip can be read.
    #[must_use]
    pub fn expose(&self) -> &str {
        // Only `parse` makes a value, from ASCII letters and digits.
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The twelve ASCII bytes, as the card's key derivation takes them.
    #[must_use]
    pub const fn expose_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardNumber(..)")
    }
}

impl core::str::FromStr for CardNumber {
    type Err = CardNumberError;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        Self::parse(typed)
    }
}

/// Full-width forms (U+FF01–U+FF5E) to ASCII, small letters to capitals.
fn narrow(character: char) -> char {
    let code = u32::from(character);
    let ascii = if (0xFF01..=0xFF5E).contains(&code) {
        code.checked_sub(0xFEE0)
    } else {
        None
    };
    ascii
        .and_then(char::from_u32)
        .unwrap_or(character)
        .to_ascii_uppercase()
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            // Hyphens, dashes and minus signs, and what Japanese keyboards give in their place: the long-vowel
            // mark and the box-drawing line.
            '-' | '\u{00AD}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2500}' | '\u{30FC}'
                | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' | '\u{FF70}'
            // Zero-width characters and direction marks that come along when a number is pasted.
                | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}'
                | '\u{FEFF}'
        )
}

fn read_character(position: usize, character: char) -> Result<u8, CardNumberError> {
    let wants_letter = !(2..10).contains(&position);
    let fits = if wants_letter {
        character.is_ascii_uppercase()
    } else {
        character.is_ascii_digit()
    };
    match u8::try_from(character) {
        Ok(byte) if fits => Ok(byte),
        _ => Err(CardNumberError::WrongCharacter {
            position: position.saturating_add(1),
            expected: if wants_letter {
                Expected::Letter
            } else {
                Expected::Digit
            },
            look_alike: match (wants_letter, character) {
                (false, 'O') => Some(LookAlike {
                    typed: 'O',
                    meant: '0',
                }),
                (false, 'I') => Some(LookAlike {
                    typed: 'I',
                    meant: '1',
                }),
                (true, '0') => Some(LookAlike {
                    typed: '0',
                    meant: 'O',
                }),
                (true, '1') => Some(LookAlike {
                    typed: '1',
                    meant: 'I',
                }),
                _ => None,
            },
        }),
    }
}

/// What a position of the card number takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A to Z: positions 1, 2, 11 and 12.
    Letter,
    /// 0 to 9: positions 3 to 10.
    Digit,
}

/// Two characters that people take for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookAlike {
    /// The character that was typed.
    pub typed: char,
    /// The character that the position allows and that looks like it.
    pub meant: char,
}

/// Why what was typed is no card number. Holds nothing of it but a character that looks like another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CardNumberError {
    /// Nothing was typed.
    Empty,
    /// The number has not twelve characters.
    WrongLength {
        /// How many it has, separators not counted.
        found: usize,
    },
    /// A letter stands where a digit belongs, or the other way round, or something else altogether.
    WrongCharacter {
        /// The position, counted from 1, separators not counted.
        position: usize,
        /// What the position takes.
        expected: Expected,
        /// What was probably meant, when the two look alike.
        look_alike: Option<LookAlike>,
    },
}

impl fmt::Display for CardNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FORM: &str = "a card number has two letters, eight digits and two letters, like AB12345678CD";
        match self {
            Self::Empty => write!(f, "No card number was given: {FORM}"),
            Self::WrongLength { found } => {
                write!(f, "The card number has {found} characters instead of 12: {FORM}")
            }
            Self::WrongCharacter {
                position,
                expected,
                look_alike,
            } => {
                let expected = match expected {
                    Expected::Letter => "a letter",
                    Expected::Digit => "a digit",
                };
                match look_alike {
                    Some(LookAlike { typed, meant }) => {
                        let (typed_kind, meant_kind) = if typed.is_ascii_digit() {
                            ("digit", "letter")
                        } else {
                            ("letter", "digit")
                        };
                        write!(
                            f,
                            "Character {position} of the card number must be {expected} and is the {typed_kind} \
                             {typed}: is it the {meant_kind} {meant}?"
                        )
                    }
                    None => write!(
                        f,
                        "Character {position} of the card number must be {expected}: {FORM}"
                    ),
                }
            }
        }
    }
}

impl core::error::Error for CardNumberError {}

/// Text from the card that claims to be a number; see [`CardNumber::parse`] for text from a person.
pub(crate) fn from_card(text: &str) -> Option<CardNumber> {
    let number = CardNumber::parse(text).ok()?;
    (number.expose() == text).then_some(number)
}
