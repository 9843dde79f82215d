//! Texts that a record may hold: bounded, on one line or few, and without a card number.

use std::fmt;

use serde::{Deserialize, Serialize};
use zairyu_data::CardNumber;

/// Why a text cannot stand in a record. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// Longer than such a text may be.
    #[error("the text is longer than {most} characters")]
    TooLong {
        /// The most characters.
        most: usize,
    },
    /// A control character, or one that changes the direction of what follows.
    #[error("the text has a control character")]
    ControlCharacter,
    /// Two letters, eight digits, two letters, in whatever width and with whatever spaces or hyphens between.
    #[error("the text holds something of a card number's form; leave it out, or link records by NumberMac")]
    CardNumber,
    /// Not an `https://` address, or one with a query, a fragment, a user or an escape.
    #[error("the address must begin with https:// and have no query, fragment, user or % in it")]
    Address,
}

/// A short text on one line, such as an identifier or a purpose: 1 to [`MOST`](Self::MOST) characters.
///
/// Labels are signed and stay for good. Nothing personal belongs in one: use an identifier of your own for a case or
/// an operator, not a name. A card number is refused.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

impl Label {
    /// The most characters.
    pub const MOST: usize = 100;

    /// Takes a text as a label. White space around it is dropped.
    ///
    /// # Errors
    ///
    /// [`TextError`], when it is empty, too long, has control characters or a card number in it.
    pub fn new(text: &str) -> Result<Self, TextError> {
        checked(text, Self::MOST, |_| false).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A longer text in a person's words, or as a page showed it: 1 to [`MOST`](Self::MOST) characters, with line breaks.
///
/// It stands only in parts of a record that are deleted on their date. A card number is refused.
#[derive(Clone, PartialEq, Eq)]
pub struct FreeText(String);

impl FreeText {
    /// The most characters.
    pub const MOST: usize = 2000;

    /// Takes a text. White space around it is dropped.
    ///
    /// # Errors
    ///
    /// [`TextError`], when it is empty, too long, has control characters or a card number in it.
    pub fn new(text: &str) -> Result<Self, TextError> {
        checked(text, Self::MOST, |character| character == '\n').map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address of the lookup's page, at most [`MOST`](Self::MOST) characters: `https://`, without query, fragment,
/// user and escapes, so that no number can be in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HandoffUrl(String);

impl HandoffUrl {
    /// The most characters.
    pub const MOST: usize = 200;

    /// Takes an address.
    ///
    /// # Errors
    ///
    /// [`TextError`], when it is no such address.
    pub fn new(url: &str) -> Result<Self, TextError> {
        let url = checked(url, Self::MOST, |_| false)?;
        let rest = url.strip_prefix("https://").unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
        if !rest.starts_with(|first: char| first.is_ascii_alphanumeric()) || !rest.bytes().all(plain) {
            return Err(TextError::Address);
        }
        Ok(Self(url))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.0.strip_prefix("https://").unwrap_or_default();
        rest.split(['/', ':']).next().unwrap_or_default()
    }
}

/// What is written in it may be personal.
impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label({} bytes)", self.0.len())
    }
}

/// What is written in it may be personal.
impl fmt::Debug for FreeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FreeText({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for Label {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::new(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

impl TryFrom<String> for HandoffUrl {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::new(&text)
    }
}

impl From<HandoffUrl> for String {
    fn from(url: HandoffUrl) -> Self {
        url.0
    }
}

fn checked(text: &str, most: usize, allowed: impl Fn(char) -> bool) -> Result<String, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    // Bytes first: nobody counts the characters of a text that cannot fit.
    if text.len() > most.saturating_mul(4) || text.chars().count() > most {
        return Err(TextError::TooLong { most });
    }
    if text
        .chars()
        .any(|character| is_control(character) && !allowed(character))
    {
        return Err(TextError::ControlCharacter);
    }
    if holds_card_number(text) {
        return Err(TextError::CardNumber);
    }
    Ok(text.to_owned())
}

/// Control characters, line separators, and the marks that let a text show otherwise than it is.
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text has something of a card number's form, as [`CardNumber::parse`] would take it.
pub(crate) fn holds_card_number(text: &str) -> bool {
    let mut run = Vec::new();
    let mut separated = false;
    for character in text.chars() {
        let narrowed = narrow(character);
        if narrowed.is_ascii_alphanumeric() {
            run.push((narrowed.to_ascii_uppercase(), separated));
            separated = false;
        } else if character.is_alphanumeric() && !is_long_vowel_mark(character) {
            // A letter of another script ends what could be a number; spaces and punctuation do not.
            if run_holds_card_number(&run) {
                return true;
            }
            run.clear();
        } else {
            separated = true;
        }
    }
    run_holds_card_number(&run)
}

/// A run of capitals and digits, each with whether something that is neither stood before it.
fn run_holds_card_number(run: &[(char, bool)]) -> bool {
    // UUIDs and digests are identifiers that people do use, and now and then have such a stretch by chance.
    let is_digest = matches!(run.len(), 32 | 40 | 64) && run.iter().all(|(byte, _)| byte.is_ascii_hexdigit());
    !is_digest
        && run.windows(CardNumber::LEN).any(|window| {
            let has_form = window.iter().enumerate().all(|(position, (character, _))| {
                if (2..10).contains(&position) {
                    character.is_ascii_digit()
                } else {
                    character.is_ascii_uppercase()
                }
            });
            // "at 2026-11-22 by": eight digits written as a date.
            let is_date = window.iter().enumerate().all(|(position, (_, separated))| {
                *separated == matches!(position, 6 | 8) || !(3..10).contains(&position)
            });
            has_form && !is_date
        })
}

/// ー is typed for a hyphen on Japanese keyboards.
fn is_long_vowel_mark(character: char) -> bool {
    matches!(character, '\u{30FC}' | '\u{FF70}')
}

/// Full-width forms (U+FF01–U+FF5E) to ASCII.
fn narrow(character: char) -> char {
    match u32::from(character) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code.saturating_sub(0xFEE0)).unwrap_or(character),
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_refused_however_they_are_typed() {
        for text in [
            "AB12345678CD",
            "ab12345678cd",
            "ＡＢ１２３４５６７８ＣＤ",
            "AB 1234-5678 CD",
            "AB1234ー5678CD",
            "番号はAB12345678CDです",
            "case AB12345678CD, today",
            "face AB12345678CD",
            "xxAB12345678CDxx",
            "A\u{200B}B12345678CD",
            "AB.1234.5678.CD",
            "AB 12 34 56 78 CD",
        ] {
            assert_eq!(Label::new(text), Err(TextError::CardNumber), "{text}");
            assert_eq!(FreeText::new(text), Err(TextError::CardNumber), "{text}");
        }
        assert_eq!(FreeText::new("AB12345678\nCD"), Err(TextError::CardNumber));
        assert_eq!(
            HandoffUrl::new("https://example.jp/AB12345678CD"),
            Err(TextError::CardNumber)
        );
    }

    #[test]
    fn ordinary_identifiers_are_taken() {
        for text in [
            "hiring",
            "雇用時の確認",
            "2026-11-22",
            "0B12E4F0-3C5D-4E6F-8A9B-AB12345678CD",
            "ab12345678cdab12345678cdab123456",
            "acme-hr 3.2.1",
            "AB1234567CD",
            "T410010000",
            "seen at 2026-11-22 by phone",
        ] {
            assert_eq!(Label::new(text).unwrap().as_str(), text);
        }
        assert_eq!(Label::new("  a b ").unwrap().as_str(), "a b");
    }

    #[test]
    fn bounds_are_kept() {
        assert_eq!(Label::new(" \t "), Err(TextError::Empty));
        assert!(Label::new(&"あ".repeat(100)).is_ok());
        assert_eq!(
            Label::new(&"あ".repeat(101)),
            Err(TextError::TooLong { most: 100 })
        );
        assert_eq!(
            Label::new(&"a".repeat(1 << 20)),
            Err(TextError::TooLong { most: 100 })
        );
        assert_eq!(Label::new("a\nb"), Err(TextError::ControlCharacter));
        assert_eq!(Label::new("a\u{202E}b"), Err(TextError::ControlCharacter));
        assert_eq!(Label::new("a\0b"), Err(TextError::ControlCharacter));
        assert!(FreeText::new("a\nb").is_ok());
        assert_eq!(FreeText::new("a\rb"), Err(TextError::ControlCharacter));
        assert!(FreeText::new(&"あ".repeat(2000)).is_ok());
        assert!(FreeText::new(&"あ".repeat(2001)).is_err());
    }

    #[test]
    fn addresses_carry_nothing_but_the_place() {
        let url = HandoffUrl::new("https://lapse-immi.moj.go.jp/html/top.html").unwrap();
        assert_eq!(url.host(), "lapse-immi.moj.go.jp");
        assert_eq!(
            HandoffUrl::new("https://example.jp:8443/x").unwrap().host(),
            "example.jp"
        );
        for url in [
            "http://example.jp/",
            "https:///x",
            "https://",
            "example.jp",
            "https://example.jp/?number=1",
            "https://example.jp/#x",
            "https://user@example.jp/",
            "https://example.jp/%41",
            "https://example.jp/あ",
            "https://example.jp/a b",
            "javascript:alert(1)",
        ] {
            assert_eq!(HandoffUrl::new(url), Err(TextError::Address), "{url}");
        }
    }

    #[test]
    fn debug_shows_lengths_only() {
        assert_eq!(format!("{:?}", Label::new("secret").unwrap()), "Label(6 bytes)");
        assert_eq!(
            format!("{:?}", FreeText::new("secret").unwrap()),
            "FreeText(6 bytes)"
        );
    }
}
