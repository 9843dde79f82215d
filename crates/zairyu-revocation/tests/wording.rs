//! The texts: complete in both languages, without the words that promise or accuse, with the disclaimer where it
//! belongs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::date, tz::Offset};
use zairyu_revocation::*;

const LANGUAGES: [Language; 2] = [Language::Ja, Language::En];

/// What no text may say: promises, verdicts, accusations, and "error" for what is only not checked.
const AVOID: [&str; 26] = [
    "有効です",
    "有効な",
    "本物",
    "無効",
    "エラー",
    "雇用できます",
    "就労できます",
    "採用できます",
    "偽造",
    "偽変造",
    "不正",
    "違法",
    "合法",
    "問題ありません",
    "is valid",
    "valid card",
    "invalid",
    "genuine",
    "error",
    "fake",
    "forge",
    "illegal",
    "lawful",
    "can be employed",
    "may be employed",
    "may be hired",
];

fn now() -> Timestamp {
    "2026-11-22T10:05:40+09:00".parse().unwrap()
}

fn inquiry() -> Inquiry {
    Inputs::new(InputSource::Chip)
        .typed_number("QX48151623ZW")
        .typed_valid_until("2033-04-01")
        .consent(Purpose::Hiring)
        .check()
        .unwrap()
}

fn lookup(outcome: Outcome) -> Lookup {
    let by = ClassifiedBy::Operator;
    match outcome {
        Outcome::Answered(answer) => Lookup::answered(answer, by, &inquiry(), now()),
        Outcome::NotAnswered(cause) => Lookup::not_answered(cause, Some(by), &inquiry(), now()),
        Outcome::NotAsked(reason) => Lookup::not_asked(reason, now()),
    }
}

fn check(text: &str, language: Language) {
    assert!(!text.trim().is_empty());
    let lower = text.to_lowercase();
    for avoided in AVOID {
        assert!(!lower.contains(avoided), "{avoided}: {text}");
    }
    assert!(!text.contains("4815"), "{text}");
    let is_japanese = text.chars().any(|character| {
        ('\u{3040}'..='\u{30FF}').contains(&character) || ('\u{4E00}'..='\u{9FFF}').contains(&character)
    });
    match language {
        Language::Ja => assert!(is_japanese, "{text}"),
        Language::En => assert!(
            text.is_ascii() || text.contains('（') || text.contains('('),
            "{text}"
        ),
    }
}

#[test]
fn every_outcome_has_its_own_words() {
    for language in LANGUAGES {
        let mut headlines = BTreeSet::new();
        let mut next_steps = BTreeSet::new();
        for outcome in Outcome::ALL {
            let wording = lookup(outcome).wording(language);
            check(&wording.headline, language);
            check(wording.meaning, language);
            check(wording.next_step, language);
            next_steps.insert(wording.next_step);
            let not_checked = match language {
                Language::Ja => "未確認（理由: ",
                Language::En => "Not checked (reason: ",
            };
            let is_answer = matches!(outcome, Outcome::Answered(_));
            assert_eq!(
                wording.headline.starts_with(not_checked),
                !is_answer,
                "{}",
                wording.headline
            );
            assert_eq!(
                wording.disclaimer.is_some(),
                outcome == Outcome::Answered(Answer::NotListedAsLapsed)
            );
            assert!(headlines.insert(wording.headline));
        }
        // Timeout and server error have the same one; all others their own.
        assert_eq!(next_steps.len(), Outcome::ALL.len() - 1);
    }
}

#[test]
fn a_positive_answer_carries_time_and_disclaimer() {
    let lookup = lookup(Outcome::Answered(Answer::NotListedAsLapsed));
    let ja = lookup.wording(Language::Ja);
    assert_eq!(ja.headline, "失効情報なし（2026年11月22日10時05分 照会時点）");
    let disclaimer = ja.disclaimer.unwrap();
    check(disclaimer, Language::Ja);
    for part in [
        "交付されたこと",
        "真正であること",
        "名義人であること",
        "就労可否は別途確認が必要です",
    ] {
        assert!(disclaimer.contains(part), "{part}");
    }
    let en = lookup.wording(Language::En);
    assert_eq!(en.headline, "No record of lapse (as of 2026-11-22 10:05 JST)");
    let disclaimer = en.disclaimer.unwrap();
    check(disclaimer, Language::En);
    for part in [
        "does not show",
        "ever issued",
        "authentic",
        "its holder",
        "checked separately",
    ] {
        assert!(disclaimer.contains(part), "{part}");
    }
}

#[test]
fn menus_notices_and_meanings() {
    for language in LANGUAGES {
        let labels: BTreeSet<_> = Observation::all().map(|seen| seen.label(language)).collect();
        assert_eq!(labels.len(), Observation::all().count());
        labels.into_iter().for_each(|label| check(label, language));
        let page = |day| TopPage::new("https://lapse-immi.moj.go.jp/html/top.html", day).unwrap();
        for day in [None, Some(date(2026, 11, 1))] {
            let there = InputsChecked::new(inquiry(), page(day)).hand_over();
            for notice in there.notices(Some(Offset::UTC)) {
                check(&notice.text(language), language);
            }
        }
        for error in [
            TopPageError::Retired,
            TopPageError::NotOfficial,
            TopPageError::NotPlain,
        ] {
            check(error.text(language), language);
            check(&error.to_string(), Language::En);
        }
        for meaning in [
            NegativeMeaning::NotOnList,
            NegativeMeaning::IssuedAndNotLapsed,
            NegativeMeaning::IssuedToThisPerson,
        ] {
            check(meaning.text(language), language);
        }
    }
}

#[test]
fn policies_speak_alike() {
    for language in LANGUAGES {
        for action in [Action::Proceed, Action::Hold, Action::Stop] {
            check(action.text(language), language);
        }
        let policy = Policy::default();
        let reasons: BTreeSet<_> = policy
            .rules()
            .iter()
            .map(|rule| rule.reason.text(language))
            .collect();
        assert_eq!(
            reasons.len(),
            policy.rules().len(),
            "one reason a rule, each with its text"
        );
        reasons.into_iter().for_each(|text| check(text, language));
        for chip_signature in [
            ChipSignature::Verified,
            ChipSignature::Failed,
            ChipSignature::Unreadable,
            ChipSignature::NotVerifiable,
            ChipSignature::NotRead,
        ] {
            for lookup in [
                LookupLine::NotListedAsLapsed,
                LookupLine::NotListedAsLapsedEarlier,
                LookupLine::Lapsed,
                LookupLine::NoMatch,
                LookupLine::NotAnswered,
                LookupLine::NotAsked,
            ] {
                for printed_date in [PrintedDate::NotPassed, PrintedDate::Passed, PrintedDate::Unknown] {
                    for work_limits in [
                        WorkLimits::NotRelevant,
                        WorkLimits::NotChecked,
                        WorkLimits::NoLimits,
                        WorkLimits::Limited,
                        WorkLimits::NoWork,
                    ] {
                        let lines = Lines {
                            chip_signature,
                            lookup,
                            printed_date,
                            work_limits,
                            input_source: None,
                        };
                        let texts = lines.texts(language);
                        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 4);
                        texts.into_iter().for_each(|text| check(text, language));
                    }
                }
            }
        }
    }
}
