//! One lookup's outcome with all that belongs to it.

use std::fmt;

use jiff::{SignedDuration, Timestamp, tz::Offset};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zairyu_data::CardNumber;

use crate::{Answer, InputSource, Inquiry, NotAnswered, NotAsked, Outcome, inquiry::narrow};

pub(crate) const JAPAN: Offset = Offset::constant(9);

/// What [`Lookup::verbatim`] keeps at most, in characters.
const VERBATIM_CHARACTERS: usize = 500;

/// Who told what a page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassifiedBy {
    /// A person.
    Operator,
    /// A person, who took what the program proposed.
    HintAccepted,
    /// The source itself, whose form a person had verified.
    Source,
}

/// An outcome, when it came, from what, and who classified it.
///
/// It holds no card number and no name. Serialised it is the outcome's own names (see [`Outcome`]) and beside them
/// `as_of` in Japan's time, `input_source`, `classified_by` (absent when only this program noticed something, such as
/// a time limit), `verbatim` and `source_url`. Read back, an answer that nobody classified is no answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Lookup {
    #[serde(flatten)]
    outcome: Outcome,
    #[serde(serialize_with = "japan_time")]
    as_of: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_source: Option<InputSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    classified_by: Option<ClassifiedBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbatim: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<String>,
}

/// What [`Lookup`] is read from.
#[derive(Deserialize)]
struct Written {
    #[serde(flatten)]
    outcome: Outcome,
    #[serde(deserialize_with = "whole_seconds")]
    as_of: Timestamp,
    input_source: Option<InputSource>,
    classified_by: Option<ClassifiedBy>,
    verbatim: Option<String>,
    source_url: Option<String>,
}

impl From<Written> for Lookup {
    fn from(written: Written) -> Self {
        let outcome = match written.outcome {
            Outcome::Answered(_) if written.classified_by.is_none() || written.input_source.is_none() => {
                Outcome::NotAnswered(NotAnswered::UnrecognisedPage)
            }
            outcome => outcome,
        };
        Self {
            outcome,
            as_of: written.as_of,
            input_source: written.input_source,
            classified_by: written.classified_by,
            verbatim: written.verbatim.as_deref().and_then(without_numbers),
            source_url: written.source_url.as_deref().and_then(bare_url),
        }
    }
}

impl Lookup {
    /// The source gave a result at this time.
    #[must_use]
    pub fn answered(answer: Answer, by: ClassifiedBy, inquiry: &Inquiry, at: Timestamp) -> Self {
        Self::new(Outcome::Answered(answer), at, Some(inquiry), Some(by))
    }

    /// The source was asked and gave none. `by` is `None` when no page was classified, such as after a time limit.
    #[must_use]
    pub fn not_answered(
        cause: NotAnswered,
        by: Option<ClassifiedBy>,
        inquiry: &Inquiry,
        at: Timestamp,
    ) -> Self {
        Self::new(Outcome::NotAnswered(cause), at, Some(inquiry), by)
    }

    /// Nothing was asked.
    #[must_use]
    pub fn not_asked(reason: NotAsked, at: Timestamp) -> Self {
        Self::new(Outcome::NotAsked(reason), at, None, None)
    }

    fn new(outcome: Outcome, at: Timestamp, inquiry: Option<&Inquiry>, by: Option<ClassifiedBy>) -> Self {
        Self {
            outcome,
            as_of: truncate(at),
            input_source: inquiry.map(Inquiry::input_source),
            classified_by: by,
            verbatim: None,
            source_url: None,
        }
    }

    /// Keeps what the page said. Card numbers in it are blotted out; what is longer than 500 characters is cut.
    #[must_use]
    pub fn with_verbatim(self, text: &str) -> Self {
        Self {
            verbatim: without_numbers(text),
            ..self
        }
    }

    /// Keeps the page's address, without its query. An address that has a card number in it is not kept.
    #[must_use]
    pub fn with_source_url(self, url: &str) -> Self {
        Self {
            source_url: bare_url(url),
            ..self
        }
    }

    /// What the lookup came to.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// When, to the second. The source's own data may be older: see [`SourceDescription`](crate::SourceDescription).
    #[must_use]
    pub const fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Where the inputs came from; `None` when nothing was asked.
    #[must_use]
    pub const fn input_source(&self) -> Option<InputSource> {
        self.input_source
    }

    /// Who told what the page says; `None` when there was none to tell.
    #[must_use]
    pub const fn classified_by(&self) -> Option<ClassifiedBy> {
        self.classified_by
    }

    /// What the page said, if it was kept.
    #[must_use]
    pub fn verbatim(&self) -> Option<&str> {
        self.verbatim.as_deref()
    }

    /// The page's address without its query.
    #[must_use]
    pub fn source_url(&self) -> Option<&str> {
        self.source_url.as_deref()
    }

    /// How old the outcome is; negative when the clocks disagree.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.as_of)
    }

    /// Whether the outcome is of the same day in Japan, and not of the future. An older one is no ground to decide on.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.as_of <= now && JAPAN.to_datetime(self.as_of).date() == JAPAN.to_datetime(now).date()
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup")
            .field("outcome", &self.outcome)
            .field("as_of", &self.as_of)
            .field("input_source", &self.input_source)
            .field("classified_by", &self.classified_by)
            .field("verbatim", &self.verbatim.as_ref().map(|_| ".."))
            .field("source_url", &self.source_url)
            .finish()
    }
}

fn truncate(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

fn japan_time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.display_with_offset(JAPAN))
}

fn whole_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Timestamp::deserialize(deserializer).map(truncate)
}

/// Keeps the text with everything blotted out that has a card number's form, in whatever width and with whatever
/// between its characters. `None` when nothing is left.
fn without_numbers(text: &str) -> Option<String> {
    // More than is kept is looked at, or the cut could leave a part of a number.
    let reach = VERBATIM_CHARACTERS.saturating_mul(2);
    let characters: Vec<char> = text.trim().chars().take(reach).collect();
    let mut kept = characters.clone();
    for range in numbers(&characters) {
        if let Some(blotted) = kept.get_mut(range) {
            blotted.fill('*');
        }
    }
    (!kept.is_empty()).then(|| kept.into_iter().take(VERBATIM_CHARACTERS).collect())
}

/// Where a text has something of a card number's form: two letters, eight digits, two letters.
fn numbers(characters: &[char]) -> Vec<std::ops::Range<usize>> {
    let alphanumeric: Vec<(usize, char)> = characters
        .iter()
        .map(|&character| narrow(character))
        .enumerate()
        .filter(|(_, character)| character.is_ascii_alphanumeric())
        .collect();
    alphanumeric
        .windows(CardNumber::LEN)
        .filter(|window| {
            window.iter().enumerate().all(|(position, (_, character))| {
                if (2..10).contains(&position) {
                    character.is_ascii_digit()
                } else {
                    character.is_ascii_alphabetic()
                }
            })
        })
        .filter_map(|window| Some(window.first()?.0..window.last()?.0.checked_add(1)?))
        .collect()
}

/// An address without query and fragment, unless it has a number in it.
fn bare_url(url: &str) -> Option<String> {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    let characters: Vec<char> = bare.chars().collect();
    // An address that needs escapes is none of ours, and could hide a number.
    (!bare.is_empty() && !bare.contains('%') && numbers(&characters).is_empty()).then(|| bare.to_owned())
}
