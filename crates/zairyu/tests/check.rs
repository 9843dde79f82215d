//! One check out of four lines: each stands for itself, and nothing makes a good one out of a missing one.
#![allow(clippy::unwrap_used)]

use zairyu::data::{CardType, Generation};
use zairyu::revocation::{
    Action, Answer, Classification, HandedOver, InputSource, InputsChecked, Lookup, NotAnswered, NotAsked,
    Observation, Policy, PrintedDate, Purpose, Reason, ServiceUnavailable, TopPage,
};
use zairyu::{Anchors, Reading, Report, Timestamp};
use zairyu_testcard::{CardBuilder, Field, Issuer, SoftwareCard};

const NOW: &str = "2026-11-22T10:00:00+09:00";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn read(builder: &CardBuilder) -> (Reading, Report) {
    let issued = Issuer::new().issue(builder).unwrap();
    let number = issued.number().clone();
    let reading = zairyu::read(&mut SoftwareCard::new(issued), &number).unwrap();
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        anchors
            .add(&Issuer::new().ca_certificate(generation).unwrap())
            .unwrap();
    }
    let report = reading.judge(&anchors, now());
    (reading, report)
}

fn handed_over(reading: &Reading, report: &Report) -> HandedOver {
    let inquiry = reading
        .lookup_inputs(report)
        .consent(Purpose::Hiring)
        .check()
        .unwrap();
    InputsChecked::new(inquiry, TopPage::default()).hand_over()
}

fn observed(reading: &Reading, report: &Report, observation: Observation) -> Lookup {
    handed_over(reading, report).classify(Classification::by_person(observation), now())
}

#[test]
fn a_lookup_that_is_down_leaves_the_chip_s_result() {
    let (reading, report) = read(&CardBuilder::new(CardType::SecondResidenceCard));
    let before = serde_json::to_value(&report).unwrap();
    let maintenance = Observation::NoAnswer(NotAnswered::ServiceUnavailable(ServiceUnavailable::Maintenance));
    let lookup = observed(&reading, &report, maintenance);
    let report = report.with_lookup(lookup, Purpose::Hiring, None, &Policy::default());
    let after = serde_json::to_value(&report).unwrap();
    for member in [
        "card",
        "fields",
        "images",
        "authenticity",
        "printed_validity",
        "problems",
    ] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(after["lookup"]["status"], "not_answered");
    assert_eq!(after["lookup"]["reason"], "service_unavailable");
    assert!(report.to_string().contains("Not checked (reason:"));
    let decision = report.decision.unwrap();
    assert_eq!(decision.action, Action::Hold);
    assert!(decision.reasons.contains(&Reason::LookupNotAnswered));
}

#[test]
fn a_date_that_has_passed_and_a_number_that_has_not_lapsed_is_held_for_the_receipt() {
    let builder = CardBuilder::new(CardType::SecondResidenceCard).with(Field::CardExpiresOn, "20261101");
    let (reading, report) = read(&builder);
    let lookup = observed(&reading, &report, Observation::Answer(Answer::NotListedAsLapsed));
    let report = report.with_lookup(lookup, Purpose::IdentityCheck, None, &Policy::default());
    assert!(report.printed_validity.unwrap().passed);
    let decision = report.decision.as_ref().unwrap();
    assert_eq!(decision.action, Action::Hold);
    assert!(decision.reasons.contains(&Reason::GracePeriodPossible));
    assert!(!report.to_json().contains("\"lapsed\""));
}

#[test]
fn a_lapsed_number_stops_a_card_whose_signature_is_good() {
    let (reading, report) = read(&CardBuilder::new(CardType::SecondResidenceCard));
    let lookup = observed(&reading, &report, Observation::Answer(Answer::Lapsed));
    let report = report.with_lookup(lookup, Purpose::Contract, None, &Policy::default());
    assert!(report.is_signature_verified());
    assert_eq!(report.decision.unwrap().action, Action::Stop);
}

#[test]
fn a_test_ca_is_never_enough_to_proceed() {
    for answer in [Answer::NotListedAsLapsed, Answer::Lapsed, Answer::NoMatch] {
        let (reading, report) = read(&CardBuilder::new(CardType::SecondResidenceCard));
        let lookup = observed(&reading, &report, Observation::Answer(answer));
        let report = report.with_lookup(lookup, Purpose::IdentityCheck, None, &Policy::default());
        assert_ne!(report.decision.unwrap().action, Action::Proceed);
    }
}

#[test]
fn inputs_come_from_the_chip_where_it_has_them() {
    let (reading, report) = read(&CardBuilder::new(CardType::SecondResidenceCard));
    let inquiry = reading
        .lookup_inputs(&report)
        .consent(Purpose::Hiring)
        .check()
        .unwrap();
    assert_eq!(inquiry.input_source(), InputSource::Chip);
    assert_eq!(inquiry.valid_until().to_string(), "2033-04-01");

    // The first generation holds neither number nor date as text.
    let (reading, report) = read(&CardBuilder::new(CardType::FirstResidenceCard));
    let inputs = reading.lookup_inputs(&report).consent(Purpose::Hiring);
    assert_eq!(inputs.clone().check().unwrap_err(), NotAsked::NoValidity);
    let inquiry = inputs.typed_valid_until("2027-01-01").check().unwrap();
    assert_eq!(inquiry.input_source(), InputSource::Typed);

    let (reading, report) =
        read(&CardBuilder::new(CardType::SecondResidenceCard).with(Field::CardNumber, "ZZ99999999ZZ"));
    let inquiry = reading
        .lookup_inputs(&report)
        .consent(Purpose::Hiring)
        .check()
        .unwrap();
    assert_eq!(inquiry.input_source(), InputSource::Typed);
}

#[test]
fn nothing_is_asked_without_consent() {
    let (reading, report) = read(&CardBuilder::new(CardType::SecondResidenceCard));
    assert_eq!(
        reading.lookup_inputs(&report).check().unwrap_err(),
        NotAsked::ConsentMissing
    );
}

#[test]
fn a_typed_date_counts_where_the_chip_states_none() {
    let (_, report) = read(&CardBuilder::new(CardType::FirstResidenceCard));
    let lookup = Lookup::not_asked(NotAsked::Deferred, now());
    let passed = "2026-11-01".parse().ok();
    let report = report.with_lookup(lookup, Purpose::IdentityCheck, passed, &Policy::default());
    assert_eq!(report.decision.unwrap().lines.printed_date, PrintedDate::Passed);
    assert!(report.printed_validity.is_none());
}

#[cfg(feature = "evidence")]
mod evidence {
    use zairyu::evidence::{Consent, Gate, Label, Moment};
    use zairyu::revocation::{ClassifiedBy, Outcome};

    use super::*;

    fn gate() -> Gate {
        Gate {
            purpose: Label::new("hiring").unwrap(),
            consent: Consent::GivenAt(Moment::japan(now())),
            operator_id: Label::new("op-1").unwrap(),
            app_version: Label::new("test 1").unwrap(),
        }
    }

    #[test]
    fn every_outcome_of_a_lookup_can_be_recorded() {
        for outcome in Outcome::ALL {
            let (reading, report) = read(&CardBuilder::new(CardType::SecondResidenceCard));
            let inquiry = reading
                .lookup_inputs(&report)
                .consent(Purpose::Hiring)
                .check()
                .unwrap();
            let lookup = match outcome {
                Outcome::Answered(answer) => {
                    Lookup::answered(answer, ClassifiedBy::Operator, &inquiry, now())
                }
                Outcome::NotAnswered(cause) => Lookup::not_answered(cause, None, &inquiry, now()),
                Outcome::NotAsked(reason) => Lookup::not_asked(reason, now()),
            };
            let report = report.with_lookup(lookup, Purpose::Hiring, None, &Policy::default());
            let record = report.to_check_record(gate(), Moment::japan(now())).unwrap();
            assert!(record.lookup().outcome().as_str().starts_with(outcome.status()));
            assert_eq!(record.printed_validity_passed, Some(false));
            assert_eq!(record.chip().status(), "verified");
        }
    }

    #[test]
    fn a_record_needs_consent_and_holds_no_number() {
        let (_, report) = read(&CardBuilder::new(CardType::SecondResidenceCard));
        let without = Gate {
            consent: Consent::Missing,
            ..gate()
        };
        assert!(report.to_check_record(without, Moment::japan(now())).is_err());
        let record = report.to_check_record(gate(), Moment::japan(now())).unwrap();
        assert!(!format!("{record:?}").contains("AB12345678CD"));
    }
}
