//! What one check was: the record's fields.

use jiff::civil::Date;

use crate::{Digest, HandoffUrl, Label, LookupOutcome, LookupStatus, Moment, names::named};

/// Why a record would contradict itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Something was read or asked, and the holder's consent is not noted.
    #[error("without the holder's consent nothing may have been read or asked; note the consent's time")]
    ConsentMissing,
    /// An answer without its time, without who classified it, or without where the number came from.
    #[error("an answer needs its time (answered_at), who classified it (classified_by) and input_source")]
    AnswerIncomplete,
    /// A time of answer where there was none, or details of a question that was not asked.
    #[error("the lookup's outcome contradicts its details")]
    LookupContradictory,
    /// The number looked up came from a chip that was not read.
    #[error("input_source says chip, and no chip was read")]
    ChipNotRead,
    /// A chip's signature status without what belongs to it, or with what does not.
    #[error("the chip's signature status contradicts its reason or trust profile")]
    SignatureContradictory,
}

/// What a check needs before it begins: for what, with whose consent, by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// What the holder was told that the check is for, such as `hiring` or 雇用時の確認.
    pub purpose: Label,
    /// When the holder agreed to it.
    pub consent: Consent,
    /// Who carried it out: an identifier of yours, not a name.
    pub operator_id: Label,
    /// With which program, and its version.
    pub app_version: Label,
}

/// The holder's consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Given at this time.
    GivenAt(Moment),
    /// Not given, or not noted: then nothing may have been read or asked.
    Missing,
}

named! {
    /// Whose certificate a chip's signature was verified with.
    pub enum TrustProfile {
        /// One that the Ministry of Justice publishes for cards in use.
        Production = "production",
        /// The one that it publishes for tests: the card is no real one.
        OfficialTest = "official_test",
        /// One that this program's owner added.
        Custom = "custom",
    }
}

/// What came of the chip's signature. There is no value for "genuine".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChipSignature {
    /// The signature over the chip's data is good.
    Verified {
        /// Whose certificate says so.
        trust_profile: TrustProfile,
        /// Which one.
        anchor_sha256: Option<Digest>,
    },
    /// It is not, for this reason.
    Failed(Label),
    /// The chip carries none that could be verified, for this reason.
    NotVerifiable(Label),
    /// The chip was read and its signature not checked, for this reason.
    NotChecked(Label),
    /// No chip was read.
    NotRead,
}

impl ChipSignature {
    /// From the report's words: `status`, `reason`, `trust_profile` and `anchor_sha256` of its `authenticity`.
    ///
    /// A status without a reason keeps its own name as the reason.
    ///
    /// # Errors
    ///
    /// [`RecordError::SignatureContradictory`] for an unknown word, or a verified signature without a trust profile.
    pub fn from_report(
        status: &str,
        reason: Option<&str>,
        trust_profile: Option<&str>,
        anchor_sha256: Option<Digest>,
    ) -> Result<Self, RecordError> {
        let contradictory = RecordError::SignatureContradictory;
        let reason = match status {
            "verified" | "not_read" => None,
            _ => Some(Label::new(reason.unwrap_or(status)).map_err(|_| contradictory)?),
        };
        let (trust_profile, anchor_sha256) = match status {
            "verified" => (trust_profile.and_then(TrustProfile::from_name), anchor_sha256),
            // The report names the anchor that matched also when the signature did not.
            _ => (None, None),
        };
        Self::from_claims(status, reason, trust_profile, anchor_sha256)
    }

    /// From the words of a payload, which must fit each other.
    pub(crate) fn from_claims(
        status: &str,
        reason: Option<Label>,
        trust_profile: Option<TrustProfile>,
        anchor_sha256: Option<Digest>,
    ) -> Result<Self, RecordError> {
        match (status, reason, trust_profile, anchor_sha256) {
            ("verified", None, Some(trust_profile), anchor_sha256) => Ok(Self::Verified {
                trust_profile,
                anchor_sha256,
            }),
            ("failed", Some(reason), None, None) => Ok(Self::Failed(reason)),
            ("not_verifiable", Some(reason), None, None) => Ok(Self::NotVerifiable(reason)),
            ("not_checked", Some(reason), None, None) => Ok(Self::NotChecked(reason)),
            ("not_read", None, None, None) => Ok(Self::NotRead),
            _ => Err(RecordError::SignatureContradictory),
        }
    }

    /// The stable name: `verified`, `failed`, `not_verifiable`, `not_checked` or `not_read`.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Verified { .. } => "verified",
            Self::Failed(_) => "failed",
            Self::NotVerifiable(_) => "not_verifiable",
            Self::NotChecked(_) => "not_checked",
            Self::NotRead => "not_read",
        }
    }

    /// Why it is not verified.
    #[must_use]
    pub const fn reason(&self) -> Option<&Label> {
        match self {
            Self::Failed(reason) | Self::NotVerifiable(reason) | Self::NotChecked(reason) => Some(reason),
            Self::Verified { .. } | Self::NotRead => None,
        }
    }
}

named! {
    /// Where the number that was looked up came from.
    pub enum InputSource {
        /// Read from the chip.
        Chip = "chip",
        /// Typed by a person.
        Typed = "typed",
        /// Read from a picture of the card.
        Camera = "camera",
    }
}

named! {
    /// Who told what the lookup's page said.
    pub enum ClassifiedBy {
        /// A person.
        Operator = "operator",
        /// A person, who took what the program proposed.
        HintAccepted = "hint_accepted",
        /// The source itself.
        Source = "source",
    }
}

/// What belongs to a lookup beside its outcome. Begin with [`Default`] and set what there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LookupDetails {
    /// Where the number came from.
    pub input_source: Option<InputSource>,
    /// Who told what the page said.
    pub classified_by: Option<ClassifiedBy>,
    /// The page that was handed the person to.
    pub handoff_url: Option<HandoffUrl>,
    /// When that page was opened.
    pub opened_at: Option<Moment>,
    /// When the answer came.
    pub answered_at: Option<Moment>,
    /// The digest of evidence that you keep elsewhere, such as an encrypted picture of the page.
    pub evidence_digest: Option<Digest>,
}

/// The lapse lookup: an outcome and the details that fit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    outcome: LookupOutcome,
    details: LookupDetails,
}

impl Lookup {
    /// Puts an outcome and its details together.
    ///
    /// An answer needs `answered_at`, `classified_by` and `input_source`. What was not answered has no `answered_at`, and
    /// what was not asked has no details at all.
    ///
    /// # Errors
    ///
    /// [`RecordError::AnswerIncomplete`] or [`RecordError::LookupContradictory`].
    pub fn new(outcome: LookupOutcome, details: LookupDetails) -> Result<Self, RecordError> {
        match outcome.status() {
            LookupStatus::Answered
                if details.answered_at.is_none()
                    || details.classified_by.is_none()
                    || details.input_source.is_none() =>
            {
                Err(RecordError::AnswerIncomplete)
            }
            LookupStatus::NotAnswered if details.answered_at.is_some() => {
                Err(RecordError::LookupContradictory)
            }
            LookupStatus::NotAsked if details != LookupDetails::default() => {
                Err(RecordError::LookupContradictory)
            }
            _ => Ok(Self { outcome, details }),
        }
    }

    /// What it came to.
    #[must_use]
    pub const fn outcome(&self) -> LookupOutcome {
        self.outcome
    }

    /// What belongs to it.
    #[must_use]
    pub const fn details(&self) -> &LookupDetails {
        &self.details
    }
}

named! {
    /// What was done next.
    pub enum Action {
        /// On to the checks that a person makes.
        Proceed = "proceed",
        /// Wait, and check again.
        Hold = "hold",
        /// Go no further.
        Stop = "stop",
    }
}

/// What was decided, by which policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What was done next.
    pub action: Action,
    /// The policy that says so.
    pub policy_name: Label,
    /// Why, in a short stable name.
    pub reason: Option<Label>,
}

/// One check of one card: what was done, what came of it, and nothing of the person.
///
/// Everything in it is signed and stays as long as the log. What is to be deleted one day goes into
/// [`Personal`](crate::Personal) parts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckRecord {
    recorded_at: Moment,
    gate: Gate,
    chip: ChipSignature,
    lookup: Lookup,
    decision: Decision,
    /// Your identifier of the case, if you want to find the record by it. Not a name, and nothing made from the number.
    pub case_id: Option<Label>,
    /// Your identifier of the reading.
    pub chip_read_id: Option<Label>,
    /// Whether the expiry date on the card had passed: a date, never a verdict.
    pub printed_validity_passed: Option<bool>,
    /// When to check again.
    pub next_check_on: Option<Date>,
}

impl CheckRecord {
    /// Puts a record together; the optional fields are set afterwards.
    ///
    /// # Errors
    ///
    /// [`RecordError::ConsentMissing`] or [`RecordError::ChipNotRead`].
    pub fn new(
        recorded_at: Moment,
        gate: Gate,
        chip: ChipSignature,
        lookup: Lookup,
        decision: Decision,
    ) -> Result<Self, RecordError> {
        let nothing_done =
            chip == ChipSignature::NotRead && lookup.outcome.status() == LookupStatus::NotAsked;
        if gate.consent == Consent::Missing && !nothing_done {
            return Err(RecordError::ConsentMissing);
        }
        if lookup.details.input_source == Some(InputSource::Chip) && chip == ChipSignature::NotRead {
            return Err(RecordError::ChipNotRead);
        }
        Ok(Self {
            recorded_at,
            gate,
            chip,
            lookup,
            decision,
            case_id: None,
            chip_read_id: None,
            printed_validity_passed: None,
            next_check_on: None,
        })
    }

    /// When the record was made.
    #[must_use]
    pub const fn recorded_at(&self) -> Moment {
        self.recorded_at
    }

    /// For what, with whose consent, by whom.
    #[must_use]
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// What came of the chip's signature.
    #[must_use]
    pub const fn chip(&self) -> &ChipSignature {
        &self.chip
    }

    /// What came of the lapse lookup.
    #[must_use]
    pub const fn lookup(&self) -> &Lookup {
        &self.lookup
    }

    /// What was decided.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }
}
