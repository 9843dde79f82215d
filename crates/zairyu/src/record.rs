//! From a report to the record of a check that can be kept, signed, and shown to an auditor.

use zairyu_evidence::{
    Action, CheckRecord, ChipSignature, ClassifiedBy, Decision, Digest, Gate, HandoffUrl, InputSource, Label,
    Lookup, LookupDetails, LookupOutcome, Moment, RecordError,
};

use crate::Report;

impl Report {
    /// What was checked and what came of it, without anything of the person: no number, no name, no image.
    ///
    /// A report without a decision ([`Report::with_lookup`]) is recorded as one to hold.
    ///
    /// # Errors
    ///
    /// [`RecordError`], when the gate has no consent although something was checked.
    pub fn to_check_record(&self, gate: Gate, recorded_at: Moment) -> Result<CheckRecord, RecordError> {
        let authenticity = &self.authenticity;
        let chip = ChipSignature::from_report(
            authenticity.status,
            authenticity.reason,
            authenticity.trust_profile,
            authenticity
                .anchor_sha256
                .clone()
                .and_then(|hex| Digest::try_from(hex).ok()),
        )?;
        let mut record = CheckRecord::new(
            recorded_at,
            gate,
            chip,
            self.recorded_lookup()?,
            self.recorded_decision()?,
        )?;
        record.printed_validity_passed = self.printed_validity.map(|printed| printed.passed);
        Ok(record)
    }

    fn recorded_lookup(&self) -> Result<Lookup, RecordError> {
        let lookup = &self.lookup;
        let outcome = lookup.outcome();
        let parts = [
            Some(outcome.status()),
            outcome.answer(),
            outcome.reason(),
            outcome.detail(),
        ];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(".");
        // Both crates name the same outcomes; a test goes through all of them.
        let recorded = LookupOutcome::from_name(&name).ok_or(RecordError::LookupContradictory)?;
        let mut details = LookupDetails::default();
        details.input_source = lookup.input_source().map(|source| match source {
            zairyu_revocation::InputSource::Chip => InputSource::Chip,
            zairyu_revocation::InputSource::Typed => InputSource::Typed,
            zairyu_revocation::InputSource::Camera => InputSource::Camera,
        });
        details.classified_by = lookup.classified_by().map(|by| match by {
            zairyu_revocation::ClassifiedBy::Operator => ClassifiedBy::Operator,
            zairyu_revocation::ClassifiedBy::HintAccepted => ClassifiedBy::HintAccepted,
            zairyu_revocation::ClassifiedBy::Source => ClassifiedBy::Source,
        });
        details.handoff_url = lookup.source_url().and_then(|url| HandoffUrl::new(url).ok());
        details.answered_at = outcome.answer().map(|_| Moment::japan(lookup.as_of()));
        Lookup::new(recorded, details)
    }

    fn recorded_decision(&self) -> Result<Decision, RecordError> {
        let label = |text: &str| Label::new(text).map_err(|_| RecordError::LookupContradictory);
        match &self.decision {
            Some(decision) => Ok(Decision {
                action: match decision.action {
                    zairyu_revocation::Action::Proceed => Action::Proceed,
                    zairyu_revocation::Action::Hold => Action::Hold,
                    zairyu_revocation::Action::Stop => Action::Stop,
                },
                policy_name: label(&decision.policy)?,
                reason: decision
                    .reasons
                    .first()
                    .map(|reason| label(reason.as_str()))
                    .transpose()?,
            }),
            None => Ok(Decision {
                action: Action::Hold,
                policy_name: label("none")?,
                reason: None,
            }),
        }
    }
}
