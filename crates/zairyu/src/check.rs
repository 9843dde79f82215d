//! One check out of four independent lines: the chip's signature, the lapse lookup, the printed date, the work limits.

use jiff::civil::Date;
use zairyu_revocation::{
    ChipSignature, Decision, InputSource, Inputs, Lines, Lookup, Policy, Purpose, WorkLimits,
};

use crate::{Reading, Report};

impl Reading {
    /// What the chip gives for the lapse lookup: the number that opened it and, on the second generation, the card's own
    /// date. What is missing has to be typed, and the holder's consent has to be asked for.
    #[must_use]
    pub fn lookup_inputs(&self, report: &Report) -> Inputs {
        let valid_until = report.printed_validity.map(|printed| printed.expires_on);
        let stated_by_chip = report.card.number_on_chip_matches == Some(true) && valid_until.is_some();
        let inputs = Inputs::new(if stated_by_chip {
            InputSource::Chip
        } else {
            InputSource::Typed
        });
        let inputs = inputs.number(self.number().clone());
        match valid_until {
            Some(date) => inputs.valid_until(date),
            None => inputs,
        }
    }
}

impl Report {
    /// Adds the outcome of the lapse lookup, and what the policy makes of all lines together.
    ///
    /// The lines stay as they are: a lookup that failed changes nothing about the chip, and a date that has passed
    /// nothing about the lookup. `valid_until` is the card's own date where the chip does not state it and a person read it
    /// off the card. Work limits count when the purpose is hiring.
    #[must_use]
    pub fn with_lookup(
        mut self,
        lookup: Lookup,
        purpose: Purpose,
        valid_until: Option<Date>,
        policy: &Policy,
    ) -> Self {
        self.decision = Some(self.decide(&lookup, purpose, valid_until, policy));
        self.lookup = lookup;
        self
    }

    fn decide(
        &self,
        lookup: &Lookup,
        purpose: Purpose,
        valid_until: Option<Date>,
        policy: &Policy,
    ) -> Decision {
        let valid_until = self
            .printed_validity
            .map(|printed| printed.expires_on)
            .or(valid_until);
        let work_limits = match purpose {
            Purpose::Hiring => self.work_limits(),
            _ => WorkLimits::NotRelevant,
        };
        policy.decide(&Lines::new(
            self.chip_signature(),
            lookup,
            valid_until,
            work_limits,
            self.judged_at,
        ))
    }

    /// A signature under any CA but the Ministry's says nothing about a real card.
    fn chip_signature(&self) -> ChipSignature {
        match (self.authenticity.status, self.authenticity.trust_profile) {
            ("verified", Some("production")) => ChipSignature::Verified,
            ("failed", _) => ChipSignature::Failed,
            ("not_verifiable", _) => ChipSignature::NotVerifiable,
            _ => ChipSignature::NotRead,
        }
    }

    /// Only what is signed counts: an unsigned chip entry is no ground to let anybody work.
    fn work_limits(&self) -> WorkLimits {
        match self
            .fields
            .work_restriction
            .as_ref()
            .filter(|field| field.signed)
            .map(|field| field.code.as_str())
        {
            Some("1") => WorkLimits::NoLimits,
            Some("2" | "4") => WorkLimits::Limited,
            Some("9") => WorkLimits::NoWork,
            _ => WorkLimits::NotChecked,
        }
    }
}
