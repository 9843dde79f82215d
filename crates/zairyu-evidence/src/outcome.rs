//! What a lapse lookup came to: the taxonomy's names.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::names::named;

/// The version of the taxonomy whose names stand in [`LookupOutcome::ALL`].
pub const TAXONOMY_VERSION: &str = "1";

/// What a lookup came to, by its stable name: status, answer or reason, and sometimes a detail, with full stops between.
///
/// There is no name for "valid". An unknown name is not read.
///
/// ```
/// use zairyu_evidence::{LookupOutcome, LookupStatus};
///
/// let outcome = LookupOutcome::from_name("not_answered.service_unavailable.maintenance").unwrap();
/// assert_eq!(outcome.status(), LookupStatus::NotAnswered);
/// assert_eq!(LookupOutcome::from_name("answered.valid"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookupOutcome(&'static str);

named! {
    /// Whether something was asked, and whether an answer came.
    pub enum LookupStatus {
        /// The source gave a result.
        Answered = "answered",
        /// The source was asked and gave none.
        NotAnswered = "not_answered",
        /// Nothing was asked.
        NotAsked = "not_asked",
    }
}

impl LookupOutcome {
    /// The source did not list the number as lapsed (失効していない). Nothing more.
    pub const NOT_LISTED_AS_LAPSED: Self = Self("answered.not_listed_as_lapsed");
    /// The source listed the number as lapsed (失効している).
    pub const LAPSED: Self = Self("answered.lapsed");
    /// The source did not recognise this number with this date.
    pub const NO_MATCH: Self = Self("answered.no_match");

    /// Every outcome there is.
    pub const ALL: &'static [Self] = &[
        Self::NOT_LISTED_AS_LAPSED,
        Self::LAPSED,
        Self::NO_MATCH,
        Self("not_answered.service_unavailable.maintenance"),
        Self("not_answered.service_unavailable.timeout"),
        Self("not_answered.service_unavailable.server_error"),
        Self("not_answered.service_unavailable.busy"),
        Self("not_answered.access_refused.foreign_ip"),
        Self("not_answered.access_refused.entry_not_via_top_page"),
        Self("not_answered.access_refused.blocked"),
        Self("not_answered.challenge_not_passed.wrong"),
        Self("not_answered.challenge_not_passed.expired"),
        Self("not_answered.challenge_not_passed.abandoned"),
        Self("not_answered.input_rejected.number"),
        Self("not_answered.input_rejected.validity"),
        Self("not_answered.unrecognised_page"),
        Self("not_answered.operator_unsure"),
        Self("not_asked.no_number"),
        Self("not_asked.no_validity"),
        Self("not_asked.malformed_input"),
        Self("not_asked.consent_missing"),
        Self("not_asked.policy_disabled"),
        Self("not_asked.offline"),
        Self("not_asked.deferred"),
    ];

    /// Looks a stable name up. `None` for a name that this version does not know.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|outcome| outcome.0 == name)
    }

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether something was asked, and whether an answer came.
    #[must_use]
    pub fn status(self) -> LookupStatus {
        let status = self.0.split('.').next().unwrap_or_default();
        // Every name begins with a status; a test holds that.
        LookupStatus::from_name(status).unwrap_or(LookupStatus::NotAsked)
    }
}

impl fmt::Debug for LookupOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for LookupOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for LookupOutcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| D::Error::custom("unknown name of a lookup's outcome"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_begin_with_a_status_and_none_says_valid() {
        for (index, outcome) in LookupOutcome::ALL.iter().enumerate() {
            let name = outcome.as_str();
            let status = name.split('.').next().unwrap();
            assert_eq!(LookupStatus::from_name(status), Some(outcome.status()), "{name}");
            assert_eq!(LookupOutcome::from_name(name), Some(*outcome));
            assert!(!LookupOutcome::ALL[..index].contains(outcome));
            assert!(!name.ends_with("valid") && !name.contains("ok") && !name.contains("genuine"));
        }
        assert_eq!(LookupOutcome::ALL.len(), 24);
    }

    #[test]
    fn unknown_names_fail() {
        for name in [
            "",
            "answered",
            "answered.valid",
            "Answered.lapsed",
            "answered.lapsed ",
            "not_asked.other",
        ] {
            assert_eq!(LookupOutcome::from_name(name), None);
            assert!(serde_json::from_value::<LookupOutcome>(name.into()).is_err());
            assert!(serde_json::from_value::<LookupStatus>(name.to_uppercase().into()).is_err());
        }
    }
}
