//! What was signed, as values.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use jiff::civil::Date;

/// A date of birth as the card writes it: eight digits, Gregorian.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate([u8; 8]);

impl BirthDate {
    pub(crate) fn new(value: &[u8]) -> Option<Self> {
        let digits: [u8; 8] = value.try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// The eight digits, year first.
    #[must_use]
    pub fn digits(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// As a date; `None` when it is none, as when the day is not known.
    #[must_use]
    pub fn to_date(&self) -> Option<Date> {
        let number = |range: core::ops::Range<usize>| self.digits().get(range)?.parse::<i16>().ok();
        let (month, day) = (number(4..6)?, number(6..8)?);
        Date::new(number(0..4)?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }

    /// The age in whole years on a day in Japan; `None` when the date is none, or later than the day.
    ///
    /// On a birthday the new age counts. Who was born on 29 February has it from 1 March in other years
    /// (年齢計算ニ関する法律: a year of life ends with the day before the birthday).
    #[must_use]
    pub fn age_on(&self, day: Date) -> Option<u8> {
        let born = self.to_date()?;
        let years = day.year().checked_sub(born.year())?;
        let before_birthday = (day.month(), day.day()) < (born.month(), born.day());
        u8::try_from(years.checked_sub(i16::from(before_birthday))?).ok()
    }
}

/// Shows nothing.
impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(..)")
    }
}

/// 性別 as the card has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sex {
    /// `1`, 男.
    Male,
    /// `2`, 女.
    Female,
    /// `9`, 適用不能.
    NotApplicable,
    /// Anything else.
    Unknown,
}

impl Sex {
    pub(crate) const fn new(value: &[u8]) -> Self {
        match value {
            b"1" => Self::Male,
            b"2" => Self::Female,
            b"9" => Self::NotApplicable,
            _ => Self::Unknown,
        }
    }
}

/// 基本4情報: the four attributes.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attributes {
    /// 氏名; its parts stand apart by U+3000. Characters that Unicode lacks are replaced.
    pub name: String,
    /// 住所.
    pub address: String,
    /// 生年月日.
    pub date_of_birth: BirthDate,
    /// 性別.
    pub sex: Sex,
}

/// The signed part of the card's face.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Face {
    /// 生年月日.
    pub date_of_birth: BirthDate,
    /// 性別.
    pub sex: Sex,
    /// 氏名 as a picture: PNG.
    pub name: Vec<u8>,
    /// 住所 as a picture: PNG.
    pub address: Vec<u8>,
    /// 顔写真: JPEG 2000, grey.
    pub photo: Vec<u8>,
}

/// What the card's face holds **without any signature**. Anybody who can make a chip can make these say anything.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnsignedFace {
    /// 有効期限, eight digits; `None` when the card has anything else there.
    pub expiry: Option<String>,
    /// セキュリティコード as a picture: PNG.
    pub security_code: Option<Vec<u8>>,
}

impl UnsignedFace {
    pub(crate) fn new(expiry: Option<&[u8]>, security_code: Option<&[u8]>) -> Self {
        Self {
            // Anybody may have written it: no text but digits gets out of here.
            expiry: expiry
                .and_then(BirthDate::new)
                .map(|eight| eight.digits().to_string()),
            security_code: security_code.map(<[u8]>::to_vec),
        }
    }
}

macro_rules! redacted {
    ($($name:ident),+) => {$(
        /// Shows nothing.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

redacted!(Attributes, Face, UnsignedFace);

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn ages_change_on_the_birthday() {
        let age = |born: &[u8; 8], day| BirthDate::new(born).unwrap().age_on(day);
        assert_eq!(age(b"20061122", date(2026, 11, 21)), Some(19));
        assert_eq!(age(b"20061122", date(2026, 11, 22)), Some(20));
        assert_eq!(age(b"20080229", date(2026, 2, 28)), Some(17));
        assert_eq!(age(b"20080229", date(2026, 3, 1)), Some(18));
        assert_eq!(age(b"20080229", date(2028, 2, 29)), Some(20));
        assert_eq!(age(b"20261122", date(2026, 11, 22)), Some(0));
        assert_eq!(age(b"20261122", date(2026, 11, 21)), None);
        assert_eq!(age(b"19800000", date(2026, 11, 21)), None);
        assert_eq!(age(b"00010101", date(2026, 11, 21)), None);
    }

    #[test]
    fn only_eight_digits_are_a_date_of_birth() {
        for wrong in [&b""[..], b"1980021", b"198002171", b"1980021a"] {
            assert!(BirthDate::new(wrong).is_none());
        }
        assert_eq!(
            BirthDate::new(b"19800217").unwrap().to_date(),
            Some(date(1980, 2, 17))
        );
        assert_eq!(BirthDate::new(b"19800230").unwrap().to_date(), None);
    }

    #[test]
    fn only_eight_digits_are_an_expiry_date() {
        let expiry = |value: &[u8]| UnsignedFace::new(Some(value), None).expiry;
        assert_eq!(expiry(b"20350217").as_deref(), Some("20350217"));
        for wrong in [
            &b""[..],
            b"2035021",
            b"203502170",
            b"2035-217",
            b"\x1B[2J\x1B[H!",
            "２０".as_bytes(),
        ] {
            assert_eq!(expiry(wrong), None);
        }
        assert_eq!(UnsignedFace::new(None, None).expiry, None);
    }

    #[test]
    fn sexes() {
        let all = [&b"1"[..], b"2", b"9", b"0", b"", b"11"].map(Sex::new);
        let unknown = Sex::Unknown;
        assert_eq!(
            all,
            [
                Sex::Male,
                Sex::Female,
                Sex::NotApplicable,
                unknown,
                unknown,
                unknown
            ]
        );
    }
}
