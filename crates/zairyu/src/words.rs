//! What a person is told, in nine languages: one key for each message, one file for each language.
//!
//! Japanese and English are complete. The others have the lines that concern the card's holder; what is missing there
//! is shown in English. Our own words, not the Agency's.

mod en;
mod fil;
mod id;
mod ja;
mod ne;
mod pt_br;
mod vi;
mod zh_hans;
mod zh_hant;

use zairyu_revocation::Language as StaffLanguage;

use crate::read::ReadError;

/// A language of the report for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// 日本語.
    Ja,
    /// English.
    #[default]
    En,
    /// Tiếng Việt.
    Vi,
    /// 简体中文.
    ZhHans,
    /// 繁體中文.
    ZhHant,
    /// नेपाली.
    Ne,
    /// Bahasa Indonesia.
    Id,
    /// Português (Brasil).
    PtBr,
    /// Tagalog (Filipino).
    Fil,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 9] = [
        Self::Ja,
        Self::En,
        Self::Vi,
        Self::ZhHans,
        Self::ZhHant,
        Self::Ne,
        Self::Id,
        Self::PtBr,
        Self::Fil,
    ];

    /// The tag of BCP 47, such as `zh-Hans`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
            Self::Vi => "vi",
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::Ne => "ne",
            Self::Id => "id",
            Self::PtBr => "pt-BR",
            Self::Fil => "fil",
        }
    }

    /// The language of a tag (`pt-BR`) or of a POSIX locale (`zh_TW.UTF-8`), regardless of case. `None` for any other.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let tag = tag
            .split(['.', '@'])
            .next()?
            .to_ascii_lowercase()
            .replace('_', "-");
        let (language, region) = tag.split_once('-').unwrap_or((&tag, ""));
        match language {
            "ja" => Some(Self::Ja),
            "en" => Some(Self::En),
            "vi" => Some(Self::Vi),
            "zh" if ["hant", "tw", "hk", "mo"]
                .iter()
                .any(|traditional| region.starts_with(traditional)) =>
            {
                Some(Self::ZhHant)
            }
            "zh" => Some(Self::ZhHans),
            "ne" => Some(Self::Ne),
            "id" => Some(Self::Id),
            "pt" => Some(Self::PtBr),
            "fil" | "tl" => Some(Self::Fil),
            _ => None,
        }
    }

    /// The language of the texts that exist in Japanese and English only.
    #[must_use]
    pub const fn for_staff(self) -> StaffLanguage {
        match self {
            Self::Ja => StaffLanguage::Ja,
            _ => StaffLanguage::En,
        }
    }

    /// The message in this language, or in English where it has none; and the language it is in.
    pub(crate) fn say(self, message: Message) -> (&'static str, Self) {
        match self.own(message) {
            Some(text) => (text, self),
            None => (en::text(message), Self::En),
        }
    }

    /// Why a signature is not verified: the reason's stable name in words of this language, or the English detail; and the
    /// language it is in.
    pub(crate) fn reason<'a>(self, reason: &str, detail: &'a str) -> (&'a str, Self) {
        match self {
            Self::Ja => ja::reason(reason).map_or((detail, Self::En), |text| (text, self)),
            _ => (detail, Self::En),
        }
    }

    /// Why a card could not be read, in Japanese or English.
    pub(crate) fn read_error(self, error: &ReadError) -> String {
        let own = match self {
            Self::Ja => ja::read_error(error),
            _ => None,
        };
        own.map_or_else(|| error.to_string(), str::to_owned)
    }

    fn own(self, message: Message) -> Option<&'static str> {
        match self {
            Self::Ja => Some(ja::text(message)),
            Self::En => Some(en::text(message)),
            Self::Vi => vi::text(message),
            Self::ZhHans => zh_hans::text(message),
            Self::ZhHant => zh_hant::text(message),
            Self::Ne => ne::text(message),
            Self::Id => id::text(message),
            Self::PtBr => pt_br::text(message),
            Self::Fil => fil::text(message),
        }
    }
}

impl From<StaffLanguage> for Language {
    fn from(language: StaffLanguage) -> Self {
        match language {
            StaffLanguage::Ja => Self::Ja,
            StaffLanguage::En => Self::En,
        }
    }
}

macro_rules! messages {
    (holder: $($holder:ident)*; staff: $($staff:ident)*;) => {
        /// A message to a person: first those that concern the holder, which every language has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Message { $($holder,)* $($staff,)* }

        #[cfg(test)]
        const HOLDER: &[Message] = &[$(Message::$holder),*];
        #[cfg(test)]
        const STAFF: &[Message] = &[$(Message::$staff),*];
    };
}

messages! {
    holder:
        NotReviewed Title BannerTest BannerCustom
        Signature Verified VerifiedElsewhere Mismatch NotAccepted NoSignature NotChecked SignatureLimit
        PrintedDate DatePassed DateNotPassed DateInPicture DateLimit
        Lookup NoRecord Lapsed NoMatch NotLookedUp LookupLimit
        Scope ScopeText ScopeLimit
        DoesNotProve
        Next CompareFace CompareCard AskLookup AskOffice NumberDiffers;
    staff:
        BannerProfile SignatureExpected AnchorExpired Proceed Hold Stop Pictures Fields Signed Unsigned
        Face NoFace Front Name Address OperatorPhoto Unshowable
        Number CardExpires DateOfBirth Sex Nationality Status Period PermissionType PermittedOn Work StayUntil
        Comprehensive Individual Renewal Municipality Note
        None Unknown Yes No Indefinite Years Months Days Until Recorded
        Problem ReadAt JudgedAt MadeBy;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_line_for_the_holder() {
        for language in Language::ALL {
            for &message in HOLDER {
                let text = language.own(message);
                let needless =
                    message == Message::NotReviewed && matches!(language, Language::Ja | Language::En);
                assert_eq!(
                    text.is_none_or(str::is_empty),
                    needless,
                    "{language:?} {message:?}"
                );
            }
        }
    }

    #[test]
    fn japanese_and_english_are_complete() {
        for &message in STAFF {
            assert!(
                !ja::text(message).is_empty() && !en::text(message).is_empty(),
                "{message:?}"
            );
        }
    }

    /// `zairyu_verify::Reason::as_str`.
    const REASONS: [&str; 13] = [
        "no_signature_on_card",
        "no_anchor",
        "certificate_malformed",
        "wrong_key_type",
        "untrusted_certificate",
        "certificate_usage",
        "signature_malformed",
        "signed_data_malformed",
        "signature_mismatch",
        "certificate_not_yet_valid",
        "certificate_expired",
        "anchor_not_yet_valid",
        "anchor_expired",
    ];

    #[test]
    fn every_reason_is_told_in_japanese() {
        for reason in REASONS {
            assert_eq!(Language::Ja.reason(reason, "").1, Language::Ja, "{reason}");
        }
    }

    #[test]
    fn every_message_is_used() {
        let users = [
            include_str!("html.rs"),
            include_str!("text.rs"),
            include_str!("view.rs"),
        ];
        for message in HOLDER.iter().chain(STAFF) {
            let used = users.iter().any(|user| {
                let mut rest = *user;
                let name = format!("M::{message:?}");
                while let Some(at) = rest.find(&name) {
                    rest = rest.get(at + name.len()..).unwrap_or_default();
                    if !rest.starts_with(|next: char| next.is_alphanumeric()) {
                        return true;
                    }
                }
                false
            });
            assert!(used, "{message:?}");
        }
    }

    #[test]
    fn every_kind_of_failure_is_told_in_japanese() {
        for &kind in zairyu_transport::ErrorKind::ALL {
            assert!(ja::transport(kind).is_some(), "{kind:?}");
        }
        let error = ReadError::Card(zairyu_protocol::Error::NotAResidenceCard);
        assert!(Language::Ja.read_error(&error).contains("在留カードを置いて"));
        assert_eq!(Language::Vi.read_error(&error), error.to_string());
        // Who has one try left hears of it.
        for (tries_left, words) in [
            (None, "入力し直して"),
            (Some(2), "間違いが続くと"),
            (Some(1), "次に間違えると"),
        ] {
            let command = zairyu_protocol::CommandName::Verify;
            let error = ReadError::Card(zairyu_protocol::Error::NumberMismatch { command, tries_left });
            assert!(Language::Ja.read_error(&error).contains(words), "{tries_left:?}");
        }
    }

    /// A card is never called genuine or in force: nothing here could prove it.
    #[test]
    fn no_language_gives_a_verdict() {
        let words = [
            (Language::Ja, &["有効です", "本物", "正規のカード"][..]),
            (Language::En, &["valid", "genuine", "legitimate"]),
            (Language::Vi, &["hợp lệ", "còn hiệu lực", "thẻ thật"]),
            (Language::ZhHans, &["有效", "真卡", "合法"]),
            (Language::ZhHant, &["有效", "真卡", "合法"]),
            (Language::Ne, &["मान्य", "वैध"]),
            (Language::Id, &["sah", "valid", "asli"]),
            (Language::PtBr, &["válido", "válida", "legítimo", "autêntico"]),
            (Language::Fil, &["balido", "tunay", "valid"]),
        ];
        for (language, forbidden) in words {
            let messages = HOLDER.iter().chain(STAFF).map(|&message| {
                let text = language.own(message).unwrap_or_default();
                (format!("{message:?}"), text)
            });
            let reasons = REASONS.map(|name| (name.to_owned(), language.reason(name, "").0));
            for (message, text) in messages.chain(reasons) {
                let text = text.to_lowercase();
                for word in forbidden {
                    let spaced = !matches!(language, Language::Ja | Language::ZhHans | Language::ZhHant);
                    let found = if spaced && !word.contains(' ') {
                        let ends = |c: char| c.is_whitespace() || c.is_ascii_punctuation() || c == '।';
                        text.split(ends).any(|part| part == *word)
                    } else {
                        text.contains(word)
                    };
                    assert!(!found, "{language:?} {message}: {word}");
                }
            }
        }
    }

    #[test]
    fn locales_name_languages() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
        }
        assert_eq!(Language::from_tag("zh_TW.UTF-8"), Some(Language::ZhHant));
        assert_eq!(Language::from_tag("zh_CN"), Some(Language::ZhHans));
        assert_eq!(Language::from_tag("pt_BR@euro"), Some(Language::PtBr));
        assert_eq!(Language::from_tag("C"), None);
        assert_eq!(Language::from_tag(""), None);
    }
}
