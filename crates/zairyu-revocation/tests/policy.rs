//! The policy: the default table in full, and replaced ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use jiff::{Timestamp, civil::date};
use serde_json::json;
use zairyu_revocation::*;

const CHIPS: [ChipSignature; 5] = [
    ChipSignature::Verified,
    ChipSignature::Failed,
    ChipSignature::Unreadable,
    ChipSignature::NotVerifiable,
    ChipSignature::NotRead,
];
const LOOKUPS: [LookupLine; 6] = [
    LookupLine::NotListedAsLapsed,
    LookupLine::NotListedAsLapsedEarlier,
    LookupLine::Lapsed,
    LookupLine::NoMatch,
    LookupLine::NotAnswered,
    LookupLine::NotAsked,
];
const DATES: [PrintedDate; 3] = [PrintedDate::NotPassed, PrintedDate::Passed, PrintedDate::Unknown];
const WORK: [WorkLimits; 5] = [
    WorkLimits::NotRelevant,
    WorkLimits::NotChecked,
    WorkLimits::NoLimits,
    WorkLimits::Limited,
    WorkLimits::NoWork,
];
const SOURCES: [Option<InputSource>; 4] = [
    None,
    Some(InputSource::Chip),
    Some(InputSource::Typed),
    Some(InputSource::Camera),
];

fn all_lines() -> impl Iterator<Item = Lines> {
    CHIPS.into_iter().flat_map(|chip_signature| {
        LOOKUPS.into_iter().flat_map(move |lookup| {
            DATES.into_iter().flat_map(move |printed_date| {
                WORK.into_iter().flat_map(move |work_limits| {
                    SOURCES.into_iter().map(move |input_source| Lines {
                        chip_signature,
                        lookup,
                        printed_date,
                        work_limits,
                        input_source,
                    })
                })
            })
        })
    })
}

fn lines(chip_signature: ChipSignature, lookup: LookupLine) -> Lines {
    Lines {
        chip_signature,
        lookup,
        printed_date: PrintedDate::NotPassed,
        work_limits: WorkLimits::NotRelevant,
        input_source: Some(InputSource::Chip),
    }
}

fn decide(lines: &Lines) -> (Action, Vec<Reason>) {
    let decision = Policy::default().decide(lines);
    assert_eq!(decision.policy, "default");
    assert_eq!(decision.lines, *lines);
    (decision.action, decision.reasons)
}

#[test]
fn the_table() {
    use {Action::*, ChipSignature as Chip, LookupLine as Line, Reason as R};
    let table = [
        (
            Chip::Verified,
            Line::NotListedAsLapsed,
            Proceed,
            vec![R::HumanChecksRemain],
        ),
        (
            Chip::Verified,
            Line::NotListedAsLapsedEarlier,
            Hold,
            vec![R::LookupIsOld],
        ),
        (Chip::Verified, Line::Lapsed, Stop, vec![R::ListedAsLapsed]),
        (Chip::Verified, Line::NoMatch, Hold, vec![R::PairNotRecognised]),
        (
            Chip::Verified,
            Line::NotAnswered,
            Hold,
            vec![R::LookupNotAnswered],
        ),
        (Chip::Verified, Line::NotAsked, Hold, vec![R::LookupNotAsked]),
        (
            Chip::Failed,
            Line::NotListedAsLapsed,
            Stop,
            vec![R::CurrentNumberOnUnauthenticatedCard, R::SignatureFailed],
        ),
        (
            Chip::Unreadable,
            Line::NotListedAsLapsed,
            Stop,
            vec![R::CurrentNumberOnUnauthenticatedCard, R::ChipUnreadable],
        ),
        (
            Chip::Failed,
            Line::Lapsed,
            Stop,
            vec![R::ListedAsLapsed, R::SignatureFailed],
        ),
        (
            Chip::Unreadable,
            Line::Lapsed,
            Stop,
            vec![R::ListedAsLapsed, R::ChipUnreadable],
        ),
        (
            Chip::Failed,
            Line::NotAnswered,
            Stop,
            vec![R::LookupNotAnswered, R::SignatureFailed],
        ),
        (
            Chip::Unreadable,
            Line::NotAnswered,
            Hold,
            vec![R::LookupNotAnswered, R::ChipUnreadable],
        ),
        (Chip::NotRead, Line::NotListedAsLapsed, Hold, vec![R::ChipNotRead]),
        (
            Chip::NotRead,
            Line::Lapsed,
            Stop,
            vec![R::ListedAsLapsed, R::ChipNotRead],
        ),
        (
            Chip::NotRead,
            Line::NotAsked,
            Hold,
            vec![R::LookupNotAsked, R::ChipNotRead],
        ),
        (
            Chip::NotVerifiable,
            Line::NotListedAsLapsed,
            Hold,
            vec![R::NoSignatureOnCard],
        ),
    ];
    for (chip, lookup, action, reasons) in table {
        assert_eq!(
            decide(&lines(chip, lookup)),
            (action, reasons),
            "{chip:?} {lookup:?}"
        );
    }
}

#[test]
fn the_grace_period_holds_and_asks_for_the_receipt() {
    let passed = Lines {
        printed_date: PrintedDate::Passed,
        ..lines(ChipSignature::Verified, LookupLine::NotListedAsLapsed)
    };
    assert_eq!(decide(&passed), (Action::Hold, vec![Reason::GracePeriodPossible]));
    let text = Reason::GracePeriodPossible.text(Language::Ja);
    assert!(text.contains("特例期間") && text.contains("受付"));
    // A doubtful chip still outweighs it, and a lapse is still a lapse.
    let failed = Lines {
        chip_signature: ChipSignature::Failed,
        ..passed
    };
    assert_eq!(decide(&failed).0, Action::Stop);
    let lapsed = Lines {
        lookup: LookupLine::Lapsed,
        ..passed
    };
    let (action, reasons) = decide(&lapsed);
    assert_eq!(action, Action::Stop);
    assert!(!reasons.contains(&Reason::GracePeriodPossible));
}

/// Chip, lookup, date, work and source of the inputs, all of them against all.
#[test]
fn every_combination() {
    let mut count = 0;
    for lines in all_lines() {
        count += 1;
        let (action, reasons) = decide(&lines);
        assert!(!reasons.is_empty(), "{lines:?}");
        let chip_is_good = lines.chip_signature == ChipSignature::Verified;
        let not_listed_today = lines.lookup == LookupLine::NotListedAsLapsed;
        let not_listed = not_listed_today || lines.lookup == LookupLine::NotListedAsLapsedEarlier;
        let date_is_good = lines.printed_date == PrintedDate::NotPassed;
        let work_is_good = !matches!(lines.work_limits, WorkLimits::NotChecked | WorkLimits::NoWork);
        assert_eq!(
            action == Action::Proceed,
            chip_is_good && not_listed_today && date_is_good && work_is_good,
            "{lines:?}"
        );
        let doubtful_card = match lines.chip_signature {
            ChipSignature::Failed => true,
            ChipSignature::Unreadable => not_listed,
            _ => false,
        };
        assert_eq!(
            action == Action::Stop,
            doubtful_card || lines.lookup == LookupLine::Lapsed,
            "{lines:?}"
        );
        // A date is never a lapse; only the lookup's word is.
        assert_eq!(
            reasons.contains(&Reason::ListedAsLapsed),
            lines.lookup == LookupLine::Lapsed
        );
        assert_eq!(
            reasons.contains(&Reason::GracePeriodPossible),
            not_listed && lines.printed_date == PrintedDate::Passed
        );
        let asked = !matches!(lines.lookup, LookupLine::NotAnswered | LookupLine::NotAsked);
        let from_elsewhere = matches!(lines.input_source, Some(InputSource::Typed | InputSource::Camera));
        assert_eq!(
            reasons.contains(&Reason::InputsNotFromChip),
            asked && from_elsewhere
        );
        assert_eq!(
            reasons.contains(&Reason::WorkIsLimited),
            lines.work_limits == WorkLimits::Limited
        );
    }
    assert_eq!(count, 5 * 6 * 3 * 5 * 4);
}

#[test]
fn lines_of_a_lookup() {
    let now: Timestamp = "2026-11-22T12:00:00+09:00".parse().unwrap();
    let inquiry = Inputs::new(InputSource::Typed)
        .typed_number("AB12345678CD")
        .typed_valid_until("2026-11-22")
        .consent(Purpose::OwnCard)
        .check()
        .unwrap();
    let lookup = Lookup::answered(Answer::NotListedAsLapsed, ClassifiedBy::Operator, &inquiry, now);
    let at = |now: &str| {
        let lines = Lines::new(
            ChipSignature::Verified,
            &lookup,
            Some(inquiry.valid_until()),
            WorkLimits::NoLimits,
            now.parse().unwrap(),
        );
        assert_eq!(lines.input_source, Some(InputSource::Typed));
        (lines.lookup, lines.printed_date)
    };
    // The last day counts whole, in Japan.
    assert_eq!(
        at("2026-11-22T14:59:59Z"),
        (LookupLine::NotListedAsLapsed, PrintedDate::NotPassed)
    );
    assert_eq!(
        at("2026-11-22T15:00:00Z"),
        (LookupLine::NotListedAsLapsedEarlier, PrintedDate::Passed)
    );
    assert_eq!(PrintedDate::of(None, now), PrintedDate::Unknown);
    assert_eq!(
        PrintedDate::of(Some(date(2026, 11, 21)), now),
        PrintedDate::Passed
    );
}

#[test]
fn a_policy_is_data() {
    let default = Policy::default();
    let text = serde_json::to_string_pretty(&default).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), default);

    let strict: Policy = serde_json::from_value(json!({
        "schema": "zairyu.lookup-policy/1",
        "name": "strict",
        "rules": [
            {"lookup": ["lapsed", "no_match"], "action": "stop", "reason": "listed_as_lapsed"},
            {"chip_signature": ["verified"], "reason": "human_checks_remain"}
        ]
    }))
    .unwrap();
    assert_eq!((strict.name(), strict.rules().len()), ("strict", 2));
    let decision = strict.decide(&lines(ChipSignature::Verified, LookupLine::NoMatch));
    assert_eq!(decision.action, Action::Stop);
    // Where no rule asks for an action, it holds.
    let decision = strict.decide(&lines(ChipSignature::Verified, LookupLine::NotListedAsLapsed));
    assert_eq!(
        (decision.action, decision.reasons),
        (Action::Hold, vec![Reason::HumanChecksRemain])
    );
    let empty = Policy::new("empty", Vec::new());
    for lines in all_lines() {
        assert_eq!(empty.decide(&lines).action, Action::Hold);
    }

    for (member, value) in [
        ("schema", json!("zairyu.lookup-policy/2")),
        (
            "rules",
            json!([{"action": "accept", "reason": "human_checks_remain"}]),
        ),
        ("rules", json!([{"action": "proceed", "reason": "looks_fine"}])),
        (
            "rules",
            json!([{"lookups": ["lapsed"], "action": "proceed", "reason": "human_checks_remain"}]),
        ),
        (
            "rules",
            json!([{"lookup": ["valid"], "action": "proceed", "reason": "human_checks_remain"}]),
        ),
        ("rules", json!([{"action": "proceed"}])),
        ("overall", json!("open")),
    ] {
        let mut policy = serde_json::to_value(&default).unwrap();
        policy[member] = value;
        let text = policy.to_string();
        assert!(serde_json::from_value::<Policy>(policy).is_err(), "{text}");
    }
}

#[test]
fn reasons_have_the_names_of_their_json() {
    for rule in Policy::default().rules() {
        assert_eq!(
            serde_json::to_value(rule.reason).unwrap(),
            json!(rule.reason.as_str())
        );
    }
}
