//! How one service's pages look and what their sentences mean, as data that a person verified.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{DataAge, NegativeMeaning, NotAnswered, Observation};

/// The name of the profile's form.
const SCHEMA: &str = "zairyu.service-profile/1";

/// Shorter than this, a sentence turns up by chance.
const SHORTEST_SENTENCE: usize = 4;

/// A lookup service: where it is, its form, and the sentences that mean each outcome.
///
/// It is data, read from JSON:
///
/// ```
/// use zairyu_revocation::Profile;
///
/// let profile: Profile = serde_json::from_str(r#"{
///     "schema": "zairyu.service-profile/1",
///     "name": "a made-up service",
///     "host": "lookup.example",
///     "entry_page": "/html/top.html",
///     "form": {
///         "page": "/lookup/form",
///         "action": "/lookup/result",
///         "number": "cardNumber",
///         "validity": {"year": "y", "month": "m", "day": "d"},
///         "picture": "/lookup/code.png",
///         "picture_code": "code",
///         "answer_inside": "result"
///     },
///     "sentences": [
///         {"text": "この番号は失効しています。", "means": "lapsed"},
///         {"text": "ただいまメンテナンス中です。", "means": "service_unavailable.maintenance"}
///     ],
///     "negative_means": "not_on_list",
///     "data_age": "unknown",
///     "verification": null
/// }"#)?;
/// // Nobody verified it, so nothing is asked and nothing is recognised.
/// assert!(!profile.is_verified());
/// assert_eq!(profile.hint("この番号は失効しています。"), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// No profile of the official page is part of this crate: its present form is not known to us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenProfile")]
pub struct Profile(WrittenProfile);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProfile {
    schema: String,
    name: String,
    host: String,
    #[serde(default = "https_port")]
    port: u16,
    entry_page: String,
    form: Form,
    sentences: Vec<Sentence>,
    negative_means: NegativeMeaning,
    data_age: DataAge,
    verification: Option<Verification>,
}

const fn https_port() -> u16 {
    443
}

/// The form of a lookup service. Names are those of its controls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The path of the page with the form, fetched after the entry page; `None` when it is the entry page.
    #[serde(default)]
    pub page: Option<String>,
    /// The path that the form is posted to.
    pub action: String,
    /// The control for the number.
    pub number: String,
    /// The controls for the validity date.
    pub validity: ValidityFields,
    /// The path of the picture with the code.
    pub picture: String,
    /// The control for the picture's code.
    pub picture_code: String,
    /// The control of the button that sends the form, if the service wants to see it.
    #[serde(default)]
    pub submit: Option<String>,
    /// The `id` of the element that holds an answer and nothing else. Without it an answer may be any block of the
    /// page.
    #[serde(default)]
    pub answer_inside: Option<String>,
}

/// How a form takes the validity date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ValidityFields {
    /// In three controls: four, two and two digits.
    Split {
        /// The year's control.
        year: String,
        /// The month's.
        month: String,
        /// The day's.
        day: String,
    },
    /// In one control.
    Single {
        /// The control.
        field: String,
        /// What stands between year, month and day: nothing, `-` or `/`.
        separator: String,
    },
}

impl ValidityFields {
    /// Names and values of the controls for a date.
    #[cfg(feature = "page-client")]
    pub(crate) fn fill(&self, date: Date) -> Vec<(&str, String)> {
        let (y, m, d) = (date.year(), date.month(), date.day());
        match self {
            Self::Split { year, month, day } => {
                vec![
                    (year, format!("{y:04}")),
                    (month, format!("{m:02}")),
                    (day, format!("{d:02}")),
                ]
            }
            Self::Single { field, separator } => {
                vec![(field, format!("{y:04}{separator}{m:02}{separator}{d:02}"))]
            }
        }
    }
}

/// A sentence of a service and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// The whole text of a paragraph or another block, white space aside. Not a part of it: a part can be negated.
    pub text: String,
    /// The outcome's name, as [`Observation::name`].
    pub means: Observation,
}

/// Who saw that a profile is right, and what allows a program to fill that form in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// A person.
    pub verified_by: String,
    /// When.
    pub verified_on: Date,
    /// The operator's leave: who gave it, in which document.
    pub permission: String,
}

/// Why a profile is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The profile is of another form than this version reads.
    #[error("the profile's schema is not {SCHEMA}")]
    Schema,
    /// Not a plain host name.
    #[error("the profile's host is not a plain host name in small letters")]
    Host,
    /// Not a path.
    #[error("{0} in the profile is not a path of plain characters that begins with /")]
    Path(&'static str),
    /// A control has no name, or two have the same.
    #[error("the profile's form needs a different name for each control")]
    Controls,
    /// Between the parts of a date stands something else than `-`, `/` or nothing.
    #[error("the profile's date separator is neither empty nor - nor /")]
    Separator,
    /// A sentence that is too short to be told from chance.
    #[error("sentence {0} of the profile is shorter than {SHORTEST_SENTENCE} characters")]
    ShortSentence(usize),
    /// A sentence that is in another one, or means what no page can say.
    #[error("sentence {0} of the profile is part of another sentence, or means what no page can say")]
    AmbiguousSentence(usize),
    /// The verification names nobody or nothing.
    #[error("the profile's verification needs a name and what permits it")]
    Verification,
}

impl TryFrom<WrittenProfile> for Profile {
    type Error = ProfileError;

    fn try_from(written: WrittenProfile) -> Result<Self, ProfileError> {
        if written.schema != SCHEMA {
            return Err(ProfileError::Schema);
        }
        let plain_host =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if written.host.is_empty() || !written.host.bytes().all(plain_host) || written.port == 0 {
            return Err(ProfileError::Host);
        }
        let form = &written.form;
        check_path("entry_page", &written.entry_page)?;
        check_path("form.action", &form.action)?;
        check_path("form.picture", &form.picture)?;
        if let Some(page) = &form.page {
            check_path("form.page", page)?;
        }
        let mut controls = vec![&form.number, &form.picture_code];
        match &form.validity {
            ValidityFields::Split { year, month, day } => controls.extend([year, month, day]),
            ValidityFields::Single { field, separator } => {
                controls.push(field);
                if !["", "-", "/"].contains(&separator.as_str()) {
                    return Err(ProfileError::Separator);
                }
            }
        }
        let unique: std::collections::BTreeSet<_> = controls.iter().collect();
        if unique.len() != controls.len() || controls.iter().any(|name| name.is_empty()) {
            return Err(ProfileError::Controls);
        }
        check_sentences(&written.sentences)?;
        if let Some(verification) = &written.verification
            && [&verification.verified_by, &verification.permission]
                .iter()
                .any(|text| text.trim().is_empty())
        {
            return Err(ProfileError::Verification);
        }
        Ok(Self(written))
    }
}

fn check_path(name: &'static str, path: &str) -> Result<(), ProfileError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let dots = path.split('/').any(|segment| segment == "." || segment == "..");
    if path.starts_with('/') && !path.starts_with("//") && path.bytes().all(plain) && !dots {
        Ok(())
    } else {
        Err(ProfileError::Path(name))
    }
}

fn check_sentences(sentences: &[Sentence]) -> Result<(), ProfileError> {
    let texts: Vec<String> = sentences
        .iter()
        .map(|sentence| without_spaces(&sentence.text))
        .collect();
    for (index, (sentence, text)) in sentences.iter().zip(&texts).enumerate() {
        if text.chars().count() < SHORTEST_SENTENCE {
            return Err(ProfileError::ShortSentence(index));
        }
        let others = texts.iter().enumerate().filter(|(other, _)| *other != index);
        let only_a_person = Observation::NoAnswer(NotAnswered::OperatorUnsure);
        if sentence.means == only_a_person || others.into_iter().any(|(_, other)| other.contains(text)) {
            return Err(ProfileError::AmbiguousSentence(index));
        }
    }
    Ok(())
}

impl Profile {
    /// The service's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The one host that is asked.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.0.port
    }

    /// The path that one enters by.
    #[must_use]
    pub fn entry_page(&self) -> &str {
        &self.0.entry_page
    }

    /// The form.
    #[must_use]
    pub const fn form(&self) -> &Form {
        &self.0.form
    }

    /// What "not lapsed" means there.
    #[must_use]
    pub const fn negative_means(&self) -> NegativeMeaning {
        self.0.negative_means
    }

    /// How old its data may be.
    #[must_use]
    pub const fn data_age(&self) -> DataAge {
        self.0.data_age
    }

    /// Who verified it and what permits it.
    #[must_use]
    pub const fn verification(&self) -> Option<&Verification> {
        self.0.verification.as_ref()
    }

    /// Whether a person verified it and the service's operator gave leave. One that is not verified recognises nothing.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.0.verification.is_some()
    }

    /// What a text that a person copied from the page may mean: a proposal, for the person to agree to.
    /// Each line is taken for a block of the page.
    #[must_use]
    pub fn hint(&self, copied: &str) -> Option<Observation> {
        let lines: Vec<String> = copied.lines().map(without_spaces).collect();
        self.recognise(&lines, &without_spaces(copied))
    }

    /// What a page means: exactly one of its blocks is one of the sentences, and no sentence that means something
    /// else is anywhere on the page, not even hidden. Both without white space.
    pub(crate) fn recognise(&self, blocks: &[String], everything: &str) -> Option<Observation> {
        self.verification()?;
        let sentences: Vec<(String, Observation)> = self
            .0
            .sentences
            .iter()
            .map(|sentence| (without_spaces(&sentence.text), sentence.means))
            .collect();
        let mut found = blocks
            .iter()
            .filter_map(|block| sentences.iter().find(|(text, _)| text == block));
        let (_, means) = found.next()?;
        let contradicted = sentences
            .iter()
            .any(|(text, other)| other != means && everything.contains(text.as_str()));
        (found.next().is_none() && !contradicted).then_some(*means)
    }
}

/// White space says nothing in a Japanese sentence, and pages break lines anywhere.
pub(crate) fn without_spaces(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace())
        .collect()
}
