//! What is asked: the two inputs of the lookup, checked, and on what ground.

use std::fmt;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use zairyu_data::CardNumber;
use zeroize::Zeroizing;

use crate::NotAsked;

/// 在留カード exist since this day (改正入管法の施行日); none can have ended before it.
const FIRST_DAY_OF_CARDS: Date = date(2012, 7, 9);

/// Where the number and the date came from; when from two places, the weaker one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputSource {
    /// Read from the chip.
    Chip,
    /// Typed by a person.
    Typed,
    /// Read from a picture of the card.
    Camera,
}

/// What a holder agreed to have the number looked up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 雇用.
    Hiring,
    /// 契約.
    Contract,
    /// 本人確認.
    IdentityCheck,
    /// The holder's own card.
    OwnCard,
}

/// What is at hand for a lookup, not yet checked.
///
/// ```
/// use zairyu_revocation::{InputSource, Inputs, NotAsked, Purpose};
///
/// let inputs = Inputs::new(InputSource::Typed).typed_number("ＡＢ12345678ＣＤ");
/// assert_eq!(inputs.clone().check().unwrap_err(), NotAsked::ConsentMissing);
/// let inputs = inputs.consent(Purpose::Hiring);
/// assert_eq!(inputs.clone().check().unwrap_err(), NotAsked::NoValidity);
/// let inquiry = inputs.typed_valid_until("2033年4月1日").check().unwrap();
/// assert_eq!(inquiry.valid_until().to_string(), "2033-04-01");
/// ```
#[derive(Clone)]
pub struct Inputs {
    number: Input<CardNumber>,
    number_on_chip: Option<CardNumber>,
    valid_until: Input<Date>,
    input_source: InputSource,
    consent: Option<Purpose>,
}

#[derive(Clone)]
enum Input<T> {
    Missing,
    Malformed,
    Given(T),
}

impl Inputs {
    /// Nothing yet.
    #[must_use]
    pub const fn new(input_source: InputSource) -> Self {
        Self {
            number: Input::Missing,
            number_on_chip: None,
            valid_until: Input::Missing,
            input_source,
            consent: None,
        }
    }

    /// The card number.
    #[must_use]
    pub fn number(self, number: CardNumber) -> Self {
        Self {
            number: Input::Given(number),
            ..self
        }
    }

    /// The card number as typed.
    #[must_use]
    pub fn typed_number(self, typed: &str) -> Self {
        let number = match CardNumber::parse(typed) {
            Ok(number) => Input::Given(number),
            Err(zairyu_data::CardNumberError::Empty) => Input::Missing,
            Err(_) => Input::Malformed,
        };
        Self { number, ..self }
    }

    /// The number that the chip states. One that differs from the other number is [`NotAsked::MalformedInput`].
    #[must_use]
    pub fn number_on_chip(self, number: CardNumber) -> Self {
        Self {
            number_on_chip: Some(number),
            ..self
        }
    }

    /// カード有効期間満了日: the card's own date (このカードは…まで有効です), not the end of the stay.
    #[must_use]
    pub fn valid_until(self, date: Date) -> Self {
        Self {
            valid_until: Input::Given(date),
            ..self
        }
    }

    /// The same as typed: year, month and day in this order, such as `2033-04-01`, `20330401` or `2033年4月1日`.
    #[must_use]
    pub fn typed_valid_until(self, typed: &str) -> Self {
        let valid_until = if typed.trim().is_empty() {
            Input::Missing
        } else {
            parse_date(typed).map_or(Input::Malformed, Input::Given)
        };
        Self { valid_until, ..self }
    }

    /// The holder agreed to the lookup, for this.
    #[must_use]
    pub fn consent(self, purpose: Purpose) -> Self {
        Self {
            consent: Some(purpose),
            ..self
        }
    }

    /// Checks all of it. A date that has passed is a date: nothing here knows what day it is.
    ///
    /// # Errors
    ///
    /// The first reason not to ask.
    pub fn check(self) -> Result<Inquiry, NotAsked> {
        let Some(purpose) = self.consent else {
            return Err(NotAsked::ConsentMissing);
        };
        let number = match self.number {
            Input::Missing => return Err(NotAsked::NoNumber),
            Input::Malformed => return Err(NotAsked::MalformedInput),
            Input::Given(number) => number,
        };
        if self.number_on_chip.is_some_and(|on_chip| on_chip != number) {
            return Err(NotAsked::MalformedInput);
        }
        let valid_until = match self.valid_until {
            Input::Missing => return Err(NotAsked::NoValidity),
            Input::Given(date) if date >= FIRST_DAY_OF_CARDS => date,
            Input::Malformed | Input::Given(_) => return Err(NotAsked::MalformedInput),
        };
        Ok(Inquiry {
            number,
            valid_until,
            input_source: self.input_source,
            purpose,
        })
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs")
            .field("input_source", &self.input_source)
            .finish_non_exhaustive()
    }
}

/// A question that may be asked: number and date have their form, and the holder agreed. Made by [`Inputs::check`].
#[derive(Clone)]
pub struct Inquiry {
    number: CardNumber,
    valid_until: Date,
    input_source: InputSource,
    purpose: Purpose,
}

impl Inquiry {
    /// 在留カード等番号.
    #[must_use]
    pub const fn number(&self) -> &CardNumber {
        &self.number
    }

    /// 在留カード等有効期間: the card's own date.
    #[must_use]
    pub const fn valid_until(&self) -> Date {
        self.valid_until
    }

    /// Where they came from.
    #[must_use]
    pub const fn input_source(&self) -> InputSource {
        self.input_source
    }

    /// What the holder agreed to.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }
}

impl fmt::Debug for Inquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inquiry")
            .field("input_source", &self.input_source)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// Three groups of digits, or eight digits. No other order than year, month, day is guessed at.
fn parse_date(typed: &str) -> Option<Date> {
    let digits: Zeroizing<String> = Zeroizing::new(typed.trim().chars().map(narrow).collect());
    let mut groups: Vec<&str> = digits
        .split(|character: char| !character.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    if let [all] = groups[..]
        && all.len() == 8
    {
        groups = vec![all.get(..4)?, all.get(4..6)?, all.get(6..)?];
    }
    let [year, month, day] = groups[..] else {
        return None;
    };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Full-width forms to ASCII.
pub(crate) fn narrow(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => u32::from(character)
            .checked_sub(0xFEE0)
            .and_then(char::from_u32)
            .unwrap_or(character),
        '\u{3000}' => ' ',
        _ => character,
    }
}
