//! From four separate lines to what to do next: proceed, hold or stop.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Answer, InputSource, Lookup, Outcome, lookup::JAPAN};

/// The name of a policy's form.
const SCHEMA: &str = "zairyu.lookup-policy/1";

/// The first line: what came of the signature over the chip's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChipSignature {
    /// Verified under the Ministry's own certificate. Under a test certificate it is not: say
    /// [`NotRead`](Self::NotRead).
    Verified,
    /// Read and checked, and it is wrong.
    Failed,
    /// The chip could not be read.
    Unreadable,
    /// Such a card has no signature (holders under 16 on the first generation).
    NotVerifiable,
    /// Nobody tried, or there was nothing to check it against.
    NotRead,
}

/// The second line: what came of the lookup, and whether it is of today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupLine {
    /// Not listed as lapsed, as of today.
    NotListedAsLapsed,
    /// Not listed as lapsed, as of another day.
    NotListedAsLapsedEarlier,
    /// Listed as lapsed.
    Lapsed,
    /// Number and date not recognised.
    NoMatch,
    /// Asked, no result.
    NotAnswered,
    /// Not asked.
    NotAsked,
}

impl LookupLine {
    /// The line of a lookup at this time.
    #[must_use]
    pub fn of(lookup: &Lookup, now: Timestamp) -> Self {
        match lookup.outcome() {
            Outcome::Answered(Answer::NotListedAsLapsed) if lookup.is_fresh(now) => Self::NotListedAsLapsed,
            Outcome::Answered(Answer::NotListedAsLapsed) => Self::NotListedAsLapsedEarlier,
            Outcome::Answered(Answer::Lapsed) => Self::Lapsed,
            Outcome::Answered(Answer::NoMatch) => Self::NoMatch,
            Outcome::NotAnswered(_) => Self::NotAnswered,
            Outcome::NotAsked(_) => Self::NotAsked,
        }
    }
}

/// The third line: the card's own validity date, which is a date and no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintedDate {
    /// Not over yet.
    NotPassed,
    /// Over. The card can still be in force: 特例期間.
    Passed,
    /// Nobody looked.
    Unknown,
}

impl PrintedDate {
    /// The line of a date at this time, in Japan.
    #[must_use]
    pub fn of(valid_until: Option<Date>, now: Timestamp) -> Self {
        match valid_until {
            Some(date) if JAPAN.to_datetime(now).date() > date => Self::Passed,
            Some(_) => Self::NotPassed,
            None => Self::Unknown,
        }
    }
}

/// The fourth line: the work limits (就労制限の有無, 資格外活動許可), where it is about work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkLimits {
    /// It is not about work.
    NotRelevant,
    /// It is, and nobody looked.
    NotChecked,
    /// 就労制限なし.
    NoLimits,
    /// Work within limits: 在留資格に基づく就労活動のみ可, 指定書.
    Limited,
    /// 就労不可. A permission (資格外活動許可) may allow some.
    NoWork,
}

/// The four lines, side by side. Each stands for itself; none changes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lines {
    /// Whether the chip's data is authentic.
    pub chip_signature: ChipSignature,
    /// What the lookup came to.
    pub lookup: LookupLine,
    /// Whether the printed date has passed.
    pub printed_date: PrintedDate,
    /// What work the card allows.
    pub work_limits: WorkLimits,
    /// Where the lookup's inputs came from.
    pub input_source: Option<InputSource>,
}

impl Lines {
    /// The four lines at this time. `valid_until` is the card's own date.
    #[must_use]
    pub fn new(
        chip_signature: ChipSignature,
        lookup: &Lookup,
        valid_until: Option<Date>,
        work_limits: WorkLimits,
        now: Timestamp,
    ) -> Self {
        Self {
            chip_signature,
            lookup: LookupLine::of(lookup, now),
            printed_date: PrintedDate::of(valid_until, now),
            work_limits,
            input_source: lookup.input_source(),
        }
    }
}

/// What to do next. The later ones outweigh the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Go on to what only a person can check: the face, the work limits.
    Proceed,
    /// Wait and find out more. Nothing may be held against the holder meanwhile.
    Hold,
    /// Do not go on by this card; a person reviews it.
    Stop,
}

/// Why, and what to do about it. Its texts: [`Reason::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Both checks left nothing open; the face and the work limits remain.
    HumanChecksRemain,
    /// Listed as lapsed: look up once more, ask for a newer card, then ask the regional office.
    ListedAsLapsed,
    /// Not recognised: check the typing and the date; a new card can take days.
    PairNotRecognised,
    /// Asked, no result: try again as the outcome says.
    LookupNotAnswered,
    /// Not asked.
    LookupNotAsked,
    /// The answer is of another day: look up again.
    LookupIsOld,
    /// A number that has not lapsed on a card that is not authenticated.
    CurrentNumberOnUnauthenticatedCard,
    /// The signature over the chip's data is wrong.
    SignatureFailed,
    /// The chip could not be read.
    ChipUnreadable,
    /// Such a card has no signature: look at its face features.
    NoSignatureOnCard,
    /// The chip was not read: the number alone is weak evidence.
    ChipNotRead,
    /// 特例期間: the date has passed and the number has not lapsed: ask for the receipt of the application.
    GracePeriodPossible,
    /// The printed date has passed.
    PrintedDatePassed,
    /// Nobody looked at the printed date.
    PrintedDateUnknown,
    /// The inputs were not read from the chip: compare them with the card.
    InputsNotFromChip,
    /// Nobody looked at the work limits.
    WorkLimitsNotChecked,
    /// Compare the job with the limits.
    WorkIsLimited,
    /// 就労不可: ask for the permission (資格外活動許可).
    WorkPermissionNeeded,
}

impl Reason {
    /// The stable name, the same as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HumanChecksRemain => "human_checks_remain",
            Self::ListedAsLapsed => "listed_as_lapsed",
            Self::PairNotRecognised => "pair_not_recognised",
            Self::LookupNotAnswered => "lookup_not_answered",
            Self::LookupNotAsked => "lookup_not_asked",
            Self::LookupIsOld => "lookup_is_old",
            Self::CurrentNumberOnUnauthenticatedCard => "current_number_on_unauthenticated_card",
            Self::SignatureFailed => "signature_failed",
            Self::ChipUnreadable => "chip_unreadable",
            Self::NoSignatureOnCard => "no_signature_on_card",
            Self::ChipNotRead => "chip_not_read",
            Self::GracePeriodPossible => "grace_period_possible",
            Self::PrintedDatePassed => "printed_date_passed",
            Self::PrintedDateUnknown => "printed_date_unknown",
            Self::InputsNotFromChip => "inputs_not_from_chip",
            Self::WorkLimitsNotChecked => "work_limits_not_checked",
            Self::WorkIsLimited => "work_is_limited",
            Self::WorkPermissionNeeded => "work_permission_needed",
        }
    }
}

/// One row of a policy: where all its columns fit, its reason is given and its action asked for. An empty column fits
/// always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Fits any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chip_signature: Vec<ChipSignature>,
    /// Fits any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lookup: Vec<LookupLine>,
    /// Fits any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub printed_date: Vec<PrintedDate>,
    /// Fits any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub work_limits: Vec<WorkLimits>,
    /// Fits any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input_source: Vec<InputSource>,
    /// What it asks for; `None` when it only gives its reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Why.
    pub reason: Reason,
}

impl Rule {
    fn fits(&self, lines: &Lines) -> bool {
        fn column<T: PartialEq>(any_of: &[T], line: &T) -> bool {
            any_of.is_empty() || any_of.contains(line)
        }
        column(&self.chip_signature, &lines.chip_signature)
            && column(&self.lookup, &lines.lookup)
            && column(&self.printed_date, &lines.printed_date)
            && column(&self.work_limits, &lines.work_limits)
            && (self.input_source.is_empty()
                || lines
                    .input_source
                    .is_some_and(|source| self.input_source.contains(&source)))
    }
}

/// A named table that turns four lines into what to do next. It is data: a vendor can write another one.
///
/// All rules that fit give their reasons, and the weightiest action among them holds. Where none asks for an action,
/// the action is [`Action::Hold`]: neither open nor closed. Text with a name that is not known is no policy.
///
/// ```
/// use jiff::Timestamp;
/// use zairyu_revocation::{Action, ChipSignature, Lines, Lookup, NotAsked, Policy, Reason, WorkLimits};
///
/// let now: Timestamp = "2026-11-22T10:00:00+09:00".parse()?;
/// let lookup = Lookup::not_asked(NotAsked::Offline, now);
/// let date = "2033-04-01".parse().ok();
/// let lines = Lines::new(ChipSignature::Verified, &lookup, date, WorkLimits::NotRelevant, now);
/// let decision = Policy::default().decide(&lines);
/// assert_eq!((decision.action, decision.reasons), (Action::Hold, vec![Reason::LookupNotAsked]));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenPolicy")]
pub struct Policy {
    schema: String,
    name: String,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPolicy {
    schema: String,
    name: String,
    rules: Vec<Rule>,
}

/// Text that is not a policy of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the policy's schema is not {SCHEMA}")]
pub struct PolicyError;

impl TryFrom<WrittenPolicy> for Policy {
    type Error = PolicyError;

    fn try_from(written: WrittenPolicy) -> Result<Self, PolicyError> {
        if written.schema == SCHEMA {
            Ok(Self::new(written.name, written.rules))
        } else {
            Err(PolicyError)
        }
    }
}

impl Policy {
    /// A policy of these rules.
    #[must_use]
    pub fn new(name: impl Into<String>, rules: Vec<Rule>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            name: name.into(),
            rules,
        }
    }

    /// Its name, for the record.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its rows.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What to do next, and why.
    #[must_use]
    pub fn decide(&self, lines: &Lines) -> Decision {
        let mut reasons = Vec::new();
        let mut action = None;
        for rule in self.rules.iter().filter(|rule| rule.fits(lines)) {
            if !reasons.contains(&rule.reason) {
                reasons.push(rule.reason);
            }
            action = action.max(rule.action);
        }
        Decision {
            policy: self.name.clone(),
            lines: *lines,
            action: action.unwrap_or(Action::Hold),
            reasons,
        }
    }
}

/// What a policy came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The policy's name.
    pub policy: String,
    /// What it was decided on.
    pub lines: Lines,
    /// What to do next.
    pub action: Action,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Default for Policy {
    /// The table of this crate, named `default`.
    fn default() -> Self {
        use {Action::*, ChipSignature as Chip, LookupLine as Line, PrintedDate as Date};
        let any = |reason| Rule {
            chip_signature: Vec::new(),
            lookup: Vec::new(),
            printed_date: Vec::new(),
            work_limits: Vec::new(),
            input_source: Vec::new(),
            action: None,
            reason,
        };
        let not_listed = vec![Line::NotListedAsLapsed, Line::NotListedAsLapsedEarlier];
        let lookup = |line, action, reason| Rule {
            lookup: vec![line],
            action: Some(action),
            ..any(reason)
        };
        let chip = |signature, action, reason| Rule {
            chip_signature: vec![signature],
            action: Some(action),
            ..any(reason)
        };
        let work = |limits, action, reason| Rule {
            work_limits: vec![limits],
            action,
            ..any(reason)
        };
        let rules = vec![
            // The one row that proceeds.
            Rule {
                chip_signature: vec![Chip::Verified],
                lookup: vec![Line::NotListedAsLapsed],
                printed_date: vec![Date::NotPassed],
                action: Some(Proceed),
                ..any(Reason::HumanChecksRemain)
            },
            lookup(Line::Lapsed, Stop, Reason::ListedAsLapsed),
            lookup(Line::NoMatch, Hold, Reason::PairNotRecognised),
            lookup(Line::NotAnswered, Hold, Reason::LookupNotAnswered),
            lookup(Line::NotAsked, Hold, Reason::LookupNotAsked),
            lookup(Line::NotListedAsLapsedEarlier, Hold, Reason::LookupIsOld),
            // A live number on a doubtful card is the known pattern of forgeries.
            Rule {
                chip_signature: vec![Chip::Failed, Chip::Unreadable],
                lookup: not_listed.clone(),
                action: Some(Stop),
                ..any(Reason::CurrentNumberOnUnauthenticatedCard)
            },
            chip(Chip::Failed, Stop, Reason::SignatureFailed),
            chip(Chip::Unreadable, Hold, Reason::ChipUnreadable),
            chip(Chip::NotVerifiable, Hold, Reason::NoSignatureOnCard),
            chip(Chip::NotRead, Hold, Reason::ChipNotRead),
            Rule {
                lookup: not_listed,
                printed_date: vec![Date::Passed],
                action: Some(Hold),
                ..any(Reason::GracePeriodPossible)
            },
            Rule {
                lookup: vec![Line::Lapsed, Line::NoMatch, Line::NotAnswered, Line::NotAsked],
                printed_date: vec![Date::Passed],
                action: Some(Hold),
                ..any(Reason::PrintedDatePassed)
            },
            Rule {
                printed_date: vec![Date::Unknown],
                action: Some(Hold),
                ..any(Reason::PrintedDateUnknown)
            },
            Rule {
                lookup: vec![
                    Line::NotListedAsLapsed,
                    Line::NotListedAsLapsedEarlier,
                    Line::Lapsed,
                    Line::NoMatch,
                ],
                input_source: vec![InputSource::Typed, InputSource::Camera],
                ..any(Reason::InputsNotFromChip)
            },
            work(WorkLimits::NotChecked, Some(Hold), Reason::WorkLimitsNotChecked),
            work(WorkLimits::Limited, None, Reason::WorkIsLimited),
            work(WorkLimits::NoWork, Some(Hold), Reason::WorkPermissionNeeded),
        ];
        Self::new("default", rules)
    }
}
