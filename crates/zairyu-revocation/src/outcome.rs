//! What a lookup came to: the taxonomy and its names.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a lookup came to: was a question asked, did an answer arrive, what was it.
///
/// These enums are exhaustive on purpose: whoever acts on an outcome should be stopped by the compiler when one is
/// added.
///
/// As JSON an outcome is `status` with `answer`, or with `reason` and sometimes `detail`:
/// `{"status":"answered","answer":"lapsed"}`,
/// `{"status":"not_answered","reason":"service_unavailable","detail":"maintenance"}`,
/// `{"status":"not_asked","reason":"policy_disabled"}`. The names are stable. A name that this version does not know,
/// or names that contradict each other, read back as [`NotAnswered::UnrecognisedPage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The source gave a result.
    Answered(Answer),
    /// The source was asked and no result came.
    NotAnswered(NotAnswered),
    /// Nothing was asked.
    NotAsked(NotAsked),
}

/// What the source said of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The source does not list the number as lapsed (失効していない). It says neither that the number was ever issued,
    /// nor anything of the card or the person.
    NotListedAsLapsed,
    /// The source lists the number as lapsed (失効している).
    Lapsed,
    /// The source did not recognise this number with this date. Not the same as lapsed: the first thing to suspect
    /// is a typing error, then a card issued days ago.
    NoMatch,
}

/// Why no result came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotAnswered {
    /// The service did not work.
    ServiceUnavailable(ServiceUnavailable),
    /// The service does not let this computer in.
    AccessRefused(AccessRefused),
    /// The picture code (画像認証) was not passed.
    ChallengeNotPassed(ChallengeNotPassed),
    /// The service did not take an input.
    InputRejected(InputRejected),
    /// The page, or what it says, is not one that this program knows.
    UnrecognisedPage,
    /// The person could not tell what the page says.
    OperatorUnsure,
}

/// How a service did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServiceUnavailable {
    /// The page says that it is being maintained.
    Maintenance,
    /// No reply within the time limit.
    Timeout,
    /// The server failed, or broke off.
    ServerError,
    /// The page says that too many are using it.
    Busy,
}

/// How a service keeps a computer out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccessRefused {
    /// The page says that addresses abroad are refused.
    ForeignIp,
    /// The page says that one has to come through the top page.
    EntryNotViaTopPage,
    /// Refused without a reason.
    Blocked,
}

/// How the picture code was not passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChallengeNotPassed {
    /// Other characters than the picture's.
    Wrong,
    /// Typed too late.
    Expired,
    /// The person typed none.
    Abandoned,
}

/// Which input a service did not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputRejected {
    /// 在留カード等番号.
    Number,
    /// 在留カード等有効期間.
    Validity,
}

/// Why nothing was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotAsked {
    /// There is no card number.
    NoNumber,
    /// There is no validity date of the card.
    NoValidity,
    /// The number or the date has not its form, or the chip states another number.
    MalformedInput,
    /// The holder's consent is not noted.
    ConsentMissing,
    /// This program is set not to ask.
    PolicyDisabled,
    /// There is no network.
    Offline,
    /// Put off by the person, or no answer is at hand.
    Deferred,
}

impl Outcome {
    /// Every outcome there is.
    pub const ALL: [Self; 24] = {
        use {AccessRefused as A, ChallengeNotPassed as C, InputRejected as I, ServiceUnavailable as S};
        [
            Self::Answered(Answer::NotListedAsLapsed),
            Self::Answered(Answer::Lapsed),
            Self::Answered(Answer::NoMatch),
            Self::NotAnswered(NotAnswered::ServiceUnavailable(S::Maintenance)),
            Self::NotAnswered(NotAnswered::ServiceUnavailable(S::Timeout)),
            Self::NotAnswered(NotAnswered::ServiceUnavailable(S::ServerError)),
            Self::NotAnswered(NotAnswered::ServiceUnavailable(S::Busy)),
            Self::NotAnswered(NotAnswered::AccessRefused(A::ForeignIp)),
            Self::NotAnswered(NotAnswered::AccessRefused(A::EntryNotViaTopPage)),
            Self::NotAnswered(NotAnswered::AccessRefused(A::Blocked)),
            Self::NotAnswered(NotAnswered::ChallengeNotPassed(C::Wrong)),
            Self::NotAnswered(NotAnswered::ChallengeNotPassed(C::Expired)),
            Self::NotAnswered(NotAnswered::ChallengeNotPassed(C::Abandoned)),
            Self::NotAnswered(NotAnswered::InputRejected(I::Number)),
            Self::NotAnswered(NotAnswered::InputRejected(I::Validity)),
            Self::NotAnswered(NotAnswered::UnrecognisedPage),
            Self::NotAnswered(NotAnswered::OperatorUnsure),
            Self::NotAsked(NotAsked::NoNumber),
            Self::NotAsked(NotAsked::NoValidity),
            Self::NotAsked(NotAsked::MalformedInput),
            Self::NotAsked(NotAsked::ConsentMissing),
            Self::NotAsked(NotAsked::PolicyDisabled),
            Self::NotAsked(NotAsked::Offline),
            Self::NotAsked(NotAsked::Deferred),
        ]
    };

    /// `answered`, `not_answered` or `not_asked`.
    #[must_use]
    pub const fn status(self) -> &'static str {
        match self {
            Self::Answered(_) => "answered",
            Self::NotAnswered(_) => "not_answered",
            Self::NotAsked(_) => "not_asked",
        }
    }

    /// The answer's name, if there is one.
    #[must_use]
    pub const fn answer(self) -> Option<&'static str> {
        match self {
            Self::Answered(answer) => Some(answer.as_str()),
            Self::NotAnswered(_) | Self::NotAsked(_) => None,
        }
    }

    /// The name of why there is no answer.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Answered(_) => None,
            Self::NotAnswered(cause) => Some(cause.as_str()),
            Self::NotAsked(reason) => Some(reason.as_str()),
        }
    }

    /// The reason's finer name, if it has one.
    #[must_use]
    pub const fn detail(self) -> Option<&'static str> {
        match self {
            Self::NotAnswered(cause) => cause.detail(),
            Self::Answered(_) | Self::NotAsked(_) => None,
        }
    }
}

impl Answer {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotListedAsLapsed => "not_listed_as_lapsed",
            Self::Lapsed => "lapsed",
            Self::NoMatch => "no_match",
        }
    }
}

impl NotAnswered {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceUnavailable(_) => "service_unavailable",
            Self::AccessRefused(_) => "access_refused",
            Self::ChallengeNotPassed(_) => "challenge_not_passed",
            Self::InputRejected(_) => "input_rejected",
            Self::UnrecognisedPage => "unrecognised_page",
            Self::OperatorUnsure => "operator_unsure",
        }
    }

    /// The stable finer name.
    #[must_use]
    pub const fn detail(self) -> Option<&'static str> {
        Some(match self {
            Self::ServiceUnavailable(ServiceUnavailable::Maintenance) => "maintenance",
            Self::ServiceUnavailable(ServiceUnavailable::Timeout) => "timeout",
            Self::ServiceUnavailable(ServiceUnavailable::ServerError) => "server_error",
            Self::ServiceUnavailable(ServiceUnavailable::Busy) => "busy",
            Self::AccessRefused(AccessRefused::ForeignIp) => "foreign_ip",
            Self::AccessRefused(AccessRefused::EntryNotViaTopPage) => "entry_not_via_top_page",
            Self::AccessRefused(AccessRefused::Blocked) => "blocked",
            Self::ChallengeNotPassed(ChallengeNotPassed::Wrong) => "wrong",
            Self::ChallengeNotPassed(ChallengeNotPassed::Expired) => "expired",
            Self::ChallengeNotPassed(ChallengeNotPassed::Abandoned) => "abandoned",
            Self::InputRejected(InputRejected::Number) => "number",
            Self::InputRejected(InputRejected::Validity) => "validity",
            Self::UnrecognisedPage | Self::OperatorUnsure => return None,
        })
    }
}

impl NotAsked {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoNumber => "no_number",
            Self::NoValidity => "no_validity",
            Self::MalformedInput => "malformed_input",
            Self::ConsentMissing => "consent_missing",
            Self::PolicyDisabled => "policy_disabled",
            Self::Offline => "offline",
            Self::Deferred => "deferred",
        }
    }
}

/// What a person, or a verified page profile, can see: a result, or a page that gives none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Observation {
    /// The page gave a result.
    Answer(Answer),
    /// The page gave none.
    NoAnswer(NotAnswered),
}

impl Observation {
    /// Everything that can be seen, in the order of a menu.
    pub fn all() -> impl Iterator<Item = Self> {
        Outcome::ALL.into_iter().filter_map(|outcome| match outcome {
            Outcome::Answered(answer) => Some(Self::Answer(answer)),
            Outcome::NotAnswered(cause) => Some(Self::NoAnswer(cause)),
            Outcome::NotAsked(_) => None,
        })
    }

    /// The stable name: an answer's, a reason's, or a reason's and its detail's with a full stop between, such as
    /// `service_unavailable.maintenance`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Answer(answer) => answer.as_str().to_owned(),
            Self::NoAnswer(cause) => match cause.detail() {
                Some(detail) => format!("{}.{detail}", cause.as_str()),
                None => cause.as_str().to_owned(),
            },
        }
    }

    /// Looks a stable name up.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|observation| observation.name() == name)
    }
}

impl From<Observation> for Outcome {
    fn from(observation: Observation) -> Self {
        match observation {
            Observation::Answer(answer) => Self::Answered(answer),
            Observation::NoAnswer(cause) => Self::NotAnswered(cause),
        }
    }
}

impl Serialize for Observation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Observation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| serde::de::Error::custom("no outcome has this name"))
    }
}

/// An outcome's names, as JSON has them.
#[derive(Serialize, Deserialize)]
struct Names<T> {
    status: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<T>,
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Names {
            status: self.status(),
            answer: self.answer(),
            reason: self.reason(),
            detail: self.detail(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Names::<String>::deserialize(deserializer)?;
        let read = |outcome: &Self| {
            outcome.status() == names.status
                && outcome.answer() == names.answer.as_deref()
                && outcome.reason() == names.reason.as_deref()
                && outcome.detail() == names.detail.as_deref()
        };
        Ok(Self::ALL
            .into_iter()
            .find(read)
            .unwrap_or(Self::NotAnswered(NotAnswered::UnrecognisedPage)))
    }
}
