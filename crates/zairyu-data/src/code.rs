//! Codes and their labels. A label is only given where a source exists: for all but nationality that is the
//! table beside the data object in the specification (Japanese; the English is ours). An unknown code has no
//! label and is shown as it stands.

use alloc::{borrow::ToOwned, string::String};
use core::fmt;

use crate::nationality_table::NATIONALITIES;

/// A code as it stands on the card, without the blanks that fill it up.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Code(String);

impl Code {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The code's characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The code is personal.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

/// A code's text and, where a source exists, its meaning in Japanese and English.
pub trait Labelled {
    /// The code as on the card.
    fn code(&self) -> &str;

    /// The meaning in Japanese, as the specification words it.
    fn ja(&self) -> Option<&'static str>;

    /// The meaning in English.
    fn en(&self) -> Option<&'static str>;
}

/// No public table exists for these.
impl Labelled for Code {
    fn code(&self) -> &str {
        self.as_str()
    }

    fn ja(&self) -> Option<&'static str> {
        None
    }

    fn en(&self) -> Option<&'static str> {
        None
    }
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($code:literal => $variant:ident, $ja:literal, $en:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $code, "`: ", $ja, ".")] $variant,)*
            /// A code that the specification does not list.
            Unknown(Code),
        }

        impl $name {
            pub(crate) fn from_code(text: &str) -> Self {
                match text {
                    $($code => Self::$variant,)*
                    other => Self::Unknown(Code::new(other)),
                }
            }
        }

        impl Labelled for $name {
            fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown(code) => code.as_str(),
                }
            }

            fn ja(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($ja),)*
                    Self::Unknown(_) => None,
                }
            }

            fn en(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($en),)*
                    Self::Unknown(_) => None,
                }
            }
        }

        /// The value is personal.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

codes! {
    /// 性別 (`C7`).
    ///
    /// Public readers word `3` either 不詳 or 未指定; the label shows both.
    Sex {
        "1" => Male, "男", "male";
        "2" => Female, "女", "female";
        "3" => Unspecified, "不詳・未指定", "unspecified";
    }
}

codes! {
    /// 就労制限の有無 (`CC`).
    WorkRestriction {
        "1" => None, "就労制限なし", "no restriction on work";
        "2" => StatusOfResidence, "在留資格に基づく就労活動のみ可", "only work permitted by the status of residence";
        "4" => Designation, "指定書により指定された就労活動のみ可", "only work specified in the designation paper";
        "9" => NotPermitted, "就労不可", "work not permitted";
    }
}

codes! {
    /// 包括許可: permission for other activities in general (`D5`, second generation).
    ComprehensivePermission {
        "0" => None, "無し", "none";
        "1" => TwentyEightHours, "許可（週28時間以内・風俗営業等不可）",
            "permitted (within 28 hours a week, adult entertainment excluded)";
        "2" => TwentyEightHoursEducation, "許可（週28時間以内・教育等の活動）",
            "permitted (within 28 hours a week, education and similar activities)";
    }
}

codes! {
    /// 個別許可: permission for one other activity (`D7`, second generation).
    IndividualPermission {
        "0" => None, "無し", "none";
        "1" => Granted, "有り", "granted";
    }
}

codes! {
    /// 在留期間更新等許可申請ステータス (`D7` first, `D8` second generation).
    RenewalApplication {
        "0" => None, "無し", "none";
        "1" => Pending, "申請中", "application pending";
    }
}

codes! {
    /// 出入国在留管理庁長官が記録した旨 (`D9`, second generation).
    CommissionerEntry {
        "0" => None, "無し", "none";
        "1" => Recorded, "記録あり", "recorded";
    }
}

/// 国籍・地域 (`C8`): an ISO 3166-1 alpha-3 code.
///
/// The Agency's own code table is not public. Names are those of the ISO code; a code outside ISO 3166-1 has none.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Nationality(Code);

impl Nationality {
    pub(crate) fn from_code(text: &str) -> Self {
        Self(Code::new(text))
    }

    fn row(&self) -> Option<(&'static str, &'static str, &'static str)> {
        let index = NATIONALITIES
            .binary_search_by_key(&self.code(), |row| row.0)
            .ok()?;
        NATIONALITIES.get(index).copied()
    }
}

impl Labelled for Nationality {
    fn code(&self) -> &str {
        self.0.as_str()
    }

    fn ja(&self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    fn en(&self) -> Option<&'static str> {
        self.row().map(|row| row.2)
    }
}

/// The value is personal.
impl fmt::Debug for Nationality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nationality(..)")
    }
}

/// 在留期間 (`CE`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PeriodOfStay {
    code: Code,
    length: StayLength,
}

/// How long a period of stay is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StayLength {
    /// `0000`: 無期限.
    Indefinite,
    /// Four digits, `YYMM`.
    YearsAndMonths {
        /// Years, 0 to 99.
        years: u8,
        /// Months, 0 to 99.
        months: u8,
    },
    /// Three digits.
    Days(u16),
    /// None of these.
    Unknown,
}

impl PeriodOfStay {
    pub(crate) fn from_code(text: &str) -> Self {
        Self {
            code: Code::new(text),
            length: StayLength::from_code(text),
        }
    }

    /// The code as on the card.
    #[must_use]
    pub fn code(&self) -> &str {
        self.code.as_str()
    }

    /// What it means.
    #[must_use]
    pub const fn length(&self) -> StayLength {
        self.length
    }
}

impl StayLength {
    fn from_code(text: &str) -> Self {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Unknown;
        }
        match (text.len(), text.split_at_checked(2)) {
            (4, _) if text == "0000" => Self::Indefinite,
            (4, Some((years, months))) => match (years.parse(), months.parse()) {
                (Ok(years), Ok(months)) => Self::YearsAndMonths { years, months },
                _ => Self::Unknown,
            },
            (3, _) => text.parse().map_or(Self::Unknown, Self::Days),
            _ => Self::Unknown,
        }
    }
}

/// The value is personal.
impl fmt::Debug for StayLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StayLength(..)")
    }
}

/// The value is personal.
impl fmt::Debug for PeriodOfStay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PeriodOfStay(..)")
    }
}
