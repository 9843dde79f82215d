//! What a person enters, its form checked before anything is sent, wiped when dropped.

use core::fmt;

use jiff::civil::{Date, date};
use zeroize::Zeroizing;

use crate::application::Secret;

/// Why what was entered is not sent: the card would count it as a wrong try, or worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// A PIN is four digits, `0` to `9`.
    #[error("This PIN has four digits. Enter them without spaces, in half-width digits.")]
    Pin,
    /// Six digits are a year, a month up to 12 and a day up to 31.
    #[error("The date of birth is entered as six digits: year, month, day. Enter it as the card shows it.")]
    DateOfBirth,
    /// Before 1873 no Japanese date is a Gregorian one, and after 9999 there is no date.
    #[error("This date of birth has no year of a Japanese era. Check it.")]
    Era,
    /// The year the card expires has four digits and begins with 20.
    #[error(
        "The year of expiry has four digits and begins with 20. Enter the year at the front of the card."
    )]
    ExpiryYear,
    /// The security code (セキュリティコード) is four digits.
    #[error("The security code has four digits. Enter the four digits below the card's expiry date.")]
    SecurityCode,
}

fn digits<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
    let bytes = Zeroizing::new(bytes);
    bytes.iter().all(u8::is_ascii_digit).then_some(bytes)
}

macro_rules! redacted {
    ($($name:ident),+) => {$(
        /// Shows nothing.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

redacted!(AuthPin, TextPin, BirthDigits, NumberB);

/// 利用者証明用電子証明書の暗証番号. It cannot be cloned: one value is one try.
pub struct AuthPin(Zeroizing<[u8; 4]>);

impl AuthPin {
    /// Four ASCII digits.
    ///
    /// # Errors
    ///
    /// [`FormatError::Pin`].
    pub fn new(pin: &str) -> Result<Self, FormatError> {
        digits(pin).map(Self).ok_or(FormatError::Pin)
    }
}

/// 券面事項入力補助用の暗証番号. It cannot be cloned: one value is one try.
pub struct TextPin(Zeroizing<[u8; 4]>);

impl TextPin {
    /// Four ASCII digits.
    ///
    /// # Errors
    ///
    /// [`FormatError::Pin`].
    pub fn new(pin: &str) -> Result<Self, FormatError> {
        digits(pin).map(Self).ok_or(FormatError::Pin)
    }
}

/// In which calendar the year of birth is meant. Whoever sees the card decides; this crate never does, and never tries
/// one after the other, which would cost tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YearForm {
    /// 和暦: the year of the Japanese era, as Japanese citizens' cards show it. Known from an official test card.
    Wareki,
    /// 西暦: the last two digits of the Gregorian year. Foreign residents' cards show Gregorian dates, so this is probably
    /// theirs; no public source confirms it.
    Seireki,
}

/// The date of birth in six digits: year, month, day. It cannot be cloned: one value is one try.
pub struct BirthDigits(Zeroizing<[u8; 6]>);

impl BirthDigits {
    /// The six digits as somebody read them from the card. `00` is taken for an unknown month or day.
    ///
    /// # Errors
    ///
    /// [`FormatError::DateOfBirth`].
    pub fn as_printed(text: &str) -> Result<Self, FormatError> {
        let digits = digits::<6>(text).ok_or(FormatError::DateOfBirth)?;
        let [_, _, month @ .., _, _] = *digits;
        let [.., day_tens, day_ones] = *digits;
        if month > *b"12" || [day_tens, day_ones] > *b"31" {
            return Err(FormatError::DateOfBirth);
        }
        Ok(Self(digits))
    }

    /// The digits of a date, its year in the form that the caller chose.
    ///
    /// # Errors
    ///
    /// [`FormatError::Era`].
    pub fn of(born: Date, form: YearForm) -> Result<Self, FormatError> {
        let year = match form {
            YearForm::Wareki => year_of_era(born)?,
            YearForm::Seireki => born.year(),
        };
        let mut digits = Zeroizing::new([0; 6]);
        let numbers = [year, i16::from(born.month()), i16::from(born.day())];
        for (pair, number) in digits.chunks_exact_mut(2).zip(numbers) {
            let two = u8::try_from(number.rem_euclid(100)).unwrap_or_default();
            pair.copy_from_slice(&[b'0' + two / 10, b'0' + two % 10]);
        }
        Ok(Self(digits))
    }
}

/// The eras since Japan uses the Gregorian calendar: first day, and the Gregorian year before year 1.
const ERAS: [(Date, i16); 5] = [
    (date(2019, 5, 1), 2018),   // 令和
    (date(1989, 1, 8), 1988),   // 平成
    (date(1926, 12, 25), 1925), // 昭和
    (date(1912, 7, 30), 1911),  // 大正
    (date(1873, 1, 1), 1867),   // 明治 6年1月1日
];

fn year_of_era(day: Date) -> Result<i16, FormatError> {
    ERAS.iter()
        .find(|(first, _)| day >= *first)
        .map(|(_, before)| day.year().saturating_sub(*before))
        .filter(|year| *year < 100)
        .ok_or(FormatError::Era)
}

/// 照合番号B: what the card's front shows, in 14 digits. It proves that somebody saw the card, and is personal data.
///
/// It cannot be cloned: one value is one try.
///
/// ```
/// use zairyu_mynumber::{BirthDigits, NumberB};
///
/// // Born on 17 February 昭和55, expires in 2035, security code 2285.
/// let number_b = NumberB::new(BirthDigits::as_printed("550217")?, 2035, "2285")?;
/// # Ok::<(), zairyu_mynumber::FormatError>(())
/// ```
pub struct NumberB(Zeroizing<[u8; 14]>);

impl NumberB {
    /// Date of birth, year of expiry (2000 to 2099), security code (セキュリティコード, four digits).
    ///
    /// # Errors
    ///
    /// [`FormatError::ExpiryYear`] and [`FormatError::SecurityCode`].
    pub fn new(birth: BirthDigits, expiry_year: u16, security_code: &str) -> Result<Self, FormatError> {
        let two = u8::try_from(expiry_year.wrapping_sub(2000))
            .ok()
            .filter(|year| *year < 100)
            .ok_or(FormatError::ExpiryYear)?;
        let code = digits::<4>(security_code).ok_or(FormatError::SecurityCode)?;
        let mut number = Zeroizing::new([0; 14]);
        let year = [b'2', b'0', b'0' + two / 10, b'0' + two % 10];
        let parts = birth.0.iter().chain(&year).chain(code.iter());
        for (slot, digit) in number.iter_mut().zip(parts) {
            *slot = *digit;
        }
        Ok(Self(number))
    }
}

/// A secret on its way to the card, and which one it is.
pub(crate) enum Entered {
    Four(Secret, Zeroizing<[u8; 4]>),
    Birth(Zeroizing<[u8; 6]>),
    NumberB(Secret, Zeroizing<[u8; 14]>),
}

impl Entered {
    pub(crate) const fn secret(&self) -> Secret {
        match self {
            Self::Four(secret, _) | Self::NumberB(secret, _) => *secret,
            Self::Birth(_) => Secret::DateOfBirth,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Four(_, bytes) => &bytes[..],
            Self::Birth(bytes) => &bytes[..],
            Self::NumberB(_, bytes) => &bytes[..],
        }
    }
}

impl From<AuthPin> for Entered {
    fn from(pin: AuthPin) -> Self {
        Self::Four(Secret::AuthPin, pin.0)
    }
}

impl From<BirthDigits> for Entered {
    fn from(birth: BirthDigits) -> Self {
        Self::Birth(birth.0)
    }
}

impl NumberB {
    pub(crate) fn for_visual(self) -> Entered {
        Entered::NumberB(Secret::VisualNumberB, self.0)
    }
}

/// What opens the four attributes.
#[derive(Debug)]
#[non_exhaustive]
pub enum AttributeKey {
    /// The PIN, which only the holder knows.
    Pin(TextPin),
    /// What the card's front shows.
    NumberB(NumberB),
}

impl From<AttributeKey> for Entered {
    fn from(key: AttributeKey) -> Self {
        match key {
            AttributeKey::Pin(pin) => Self::Four(Secret::TextPin, pin.0),
            AttributeKey::NumberB(number) => Self::NumberB(Secret::TextNumberB, number.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn birth(born: Date, form: YearForm) -> [u8; 6] {
        *BirthDigits::of(born, form).unwrap().0
    }

    /// The official test card: born 1980-02-17, expires 2035, code 2285.
    #[test]
    fn the_worked_example() {
        let born = BirthDigits::of(date(1980, 2, 17), YearForm::Wareki).unwrap();
        let number_b = NumberB::new(born, 2035, "2285").unwrap();
        assert_eq!(number_b.0.as_slice(), b"55021720352285");
    }

    #[test]
    fn eras_change_on_their_day() {
        for (born, wareki) in [
            (date(2019, 5, 1), b"010501"),
            (date(2019, 4, 30), b"310430"),
            (date(1989, 1, 8), b"010108"),
            (date(1989, 1, 7), b"640107"),
            (date(1926, 12, 25), b"011225"),
            (date(1926, 12, 24), b"151224"),
            (date(1912, 7, 30), b"010730"),
            (date(1912, 7, 29), b"450729"),
            (date(1873, 1, 1), b"060101"),
        ] {
            assert_eq!(birth(born, YearForm::Wareki), *wareki, "{born}");
        }
        assert!(BirthDigits::of(date(1872, 12, 31), YearForm::Wareki).is_err());
        assert!(BirthDigits::of(date(2118, 1, 1), YearForm::Wareki).is_err());
        assert_eq!(birth(date(2005, 12, 1), YearForm::Seireki), *b"051201");
        assert_eq!(birth(date(1999, 1, 31), YearForm::Seireki), *b"990131");
    }

    #[test]
    fn what_has_not_the_form_is_not_accepted() {
        for pin in ["", "123", "12345", "12a4", "１２３４", "12 4", "-123"] {
            assert_eq!(AuthPin::new(pin).err(), Some(FormatError::Pin), "{pin}");
            assert_eq!(TextPin::new(pin).err(), Some(FormatError::Pin), "{pin}");
        }
        for digits in ["", "80021", "8002170", "801317", "800232", "8002 7"] {
            assert_eq!(
                BirthDigits::as_printed(digits).err(),
                Some(FormatError::DateOfBirth),
                "{digits}"
            );
        }
        // A person whose day of birth is unknown.
        assert!(BirthDigits::as_printed("550000").is_ok());
        let born = || BirthDigits::as_printed("550217").unwrap();
        for year in [0, 35, 1999, 2100, u16::MAX] {
            assert_eq!(
                NumberB::new(born(), year, "2285").err(),
                Some(FormatError::ExpiryYear)
            );
        }
        for code in ["", "228", "22855", "22a5"] {
            assert_eq!(
                NumberB::new(born(), 2035, code).err(),
                Some(FormatError::SecurityCode)
            );
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let born = BirthDigits::as_printed("550217").unwrap();
        assert_eq!(format!("{born:?}"), "BirthDigits(..)");
        let number = NumberB::new(born, 2035, "2285").unwrap();
        assert_eq!(
            format!("{:?}", AttributeKey::NumberB(number)),
            "NumberB(NumberB(..))"
        );
        assert_eq!(format!("{:?}", AuthPin::new("2468").unwrap()), "AuthPin(..)");
    }
}
