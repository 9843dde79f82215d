//! The taxonomy: its names, how they are read back, and that nothing but an answer becomes an answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::BTreeSet;

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::Offset,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use zairyu_revocation::*;

const NUMBER: &str = "QX48151623ZW";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Timestamp {
    at("2026-11-22T12:00:00+09:00")
}

fn inquiry() -> Inquiry {
    Inputs::new(InputSource::Chip)
        .typed_number(NUMBER)
        .valid_until(date(2033, 4, 1))
        .consent(Purpose::Hiring)
        .check()
        .unwrap()
}

fn handed_over() -> HandedOver {
    InputsChecked::new(inquiry(), TopPage::default()).hand_over()
}

fn lookup(outcome: Outcome) -> Lookup {
    match outcome {
        Outcome::Answered(answer) => Lookup::answered(answer, ClassifiedBy::Operator, &inquiry(), noon()),
        Outcome::NotAnswered(cause) => {
            Lookup::not_answered(cause, Some(ClassifiedBy::Operator), &inquiry(), noon())
        }
        Outcome::NotAsked(reason) => Lookup::not_asked(reason, noon()),
    }
}

const UNRECOGNISED: Outcome = Outcome::NotAnswered(NotAnswered::UnrecognisedPage);
const NOT_LISTED: Outcome = Outcome::Answered(Answer::NotListedAsLapsed);

#[test]
fn names_are_stable() {
    let names: Vec<String> = Outcome::ALL
        .into_iter()
        .map(|outcome| serde_json::to_string(&outcome).unwrap())
        .collect();
    let expected = r#"
        {"status":"answered","answer":"not_listed_as_lapsed"}
        {"status":"answered","answer":"lapsed"}
        {"status":"answered","answer":"no_match"}
        {"status":"not_answered","reason":"service_unavailable","detail":"maintenance"}
        {"status":"not_answered","reason":"service_unavailable","detail":"timeout"}
        {"status":"not_answered","reason":"service_unavailable","detail":"server_error"}
        {"status":"not_answered","reason":"service_unavailable","detail":"busy"}
        {"status":"not_answered","reason":"access_refused","detail":"foreign_ip"}
        {"status":"not_answered","reason":"access_refused","detail":"entry_not_via_top_page"}
        {"status":"not_answered","reason":"access_refused","detail":"blocked"}
        {"status":"not_answered","reason":"challenge_not_passed","detail":"wrong"}
        {"status":"not_answered","reason":"challenge_not_passed","detail":"expired"}
        {"status":"not_answered","reason":"challenge_not_passed","detail":"abandoned"}
        {"status":"not_answered","reason":"input_rejected","detail":"number"}
        {"status":"not_answered","reason":"input_rejected","detail":"validity"}
        {"status":"not_answered","reason":"unrecognised_page"}
        {"status":"not_answered","reason":"operator_unsure"}
        {"status":"not_asked","reason":"no_number"}
        {"status":"not_asked","reason":"no_validity"}
        {"status":"not_asked","reason":"malformed_input"}
        {"status":"not_asked","reason":"consent_missing"}
        {"status":"not_asked","reason":"policy_disabled"}
        {"status":"not_asked","reason":"offline"}
        {"status":"not_asked","reason":"deferred"}"#;
    let expected: Vec<&str> = expected.lines().skip(1).map(str::trim).collect();
    assert_eq!(names, expected);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), Outcome::ALL.len());
    for good in ["valid", "\"ok\"", "genuine", "authentic"] {
        assert!(
            !names
                .iter()
                .any(|name| name.replace("validity", "").contains(good))
        );
    }
}

#[test]
fn outcomes_are_read_back() {
    for outcome in Outcome::ALL {
        let text = serde_json::to_string(&outcome).unwrap();
        assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
        let lookup = lookup(outcome)
            .with_source_url("https://lapse-immi.moj.go.jp/html/top.html")
            .with_verbatim("表示された文");
        let text = serde_json::to_string(&lookup).unwrap();
        assert_eq!(serde_json::from_str::<Lookup>(&text).unwrap(), lookup);
    }
    for observation in Observation::all() {
        assert_eq!(Observation::from_name(&observation.name()), Some(observation));
    }
    assert_eq!(Observation::all().count(), 17);
    assert_eq!(Observation::from_name("not_asked.deferred"), None);
    assert_eq!(Observation::from_name("no_number"), None);
}

#[test]
fn a_lookup_as_json() {
    let lookup = lookup(NOT_LISTED).with_source_url("https://lapse-immi.moj.go.jp/html/top.html?x=1#y");
    assert_eq!(
        serde_json::to_value(&lookup).unwrap(),
        json!({
            "status": "answered",
            "answer": "not_listed_as_lapsed",
            "as_of": "2026-11-22T12:00:00+09:00",
            "input_source": "chip",
            "classified_by": "operator",
            "source_url": "https://lapse-immi.moj.go.jp/html/top.html",
        })
    );
}

#[test]
fn what_is_not_known_reads_back_as_no_answer() {
    for text in [
        r#"{"status":"valid"}"#,
        r#"{"status":"answered"}"#,
        r#"{"status":"answered","answer":"ok"}"#,
        r#"{"status":"answered","answer":"suspended"}"#,
        r#"{"status":"Answered","answer":"not_listed_as_lapsed"}"#,
        r#"{"status":"answered","answer":"not_listed_as_lapsed "}"#,
        r#"{"status":"not_asked","answer":"not_listed_as_lapsed"}"#,
        r#"{"status":"not_answered","answer":"not_listed_as_lapsed","reason":"unrecognised_page"}"#,
        r#"{"status":"answered","answer":"not_listed_as_lapsed","reason":"operator_unsure"}"#,
        r#"{"status":"answered","answer":"not_listed_as_lapsed","detail":"maybe"}"#,
        r#"{"status":"not_answered","reason":"service_unavailable"}"#,
        r#"{"status":"not_answered","reason":"service_unavailable","detail":"strike"}"#,
        r#"{"status":"not_asked","reason":"new_reason"}"#,
    ] {
        assert_eq!(
            serde_json::from_str::<Outcome>(text).unwrap(),
            UNRECOGNISED,
            "{text}"
        );
    }
    for text in [
        r#"{}"#,
        r#"{"answer":"not_listed_as_lapsed"}"#,
        r#"{"status":1}"#,
        r#""answered""#,
    ] {
        serde_json::from_str::<Outcome>(text).unwrap_err();
    }
    // An answer that nobody classified, or of inputs from nowhere, is none.
    let mut good = serde_json::to_value(lookup(NOT_LISTED)).unwrap();
    for member in ["classified_by", "input_source"] {
        let taken = good.as_object_mut().unwrap().remove(member).unwrap();
        let read: Lookup = serde_json::from_value(good.clone()).unwrap();
        assert_eq!(read.outcome(), UNRECOGNISED);
        for unknown in ["robot", ""] {
            good[member] = json!(unknown);
            serde_json::from_value::<Lookup>(good.clone()).unwrap_err();
        }
        good[member] = taken;
    }
    good.as_object_mut().unwrap().remove("as_of");
    serde_json::from_value::<Lookup>(good).unwrap_err();
}

/// Every combination of inputs that are there, missing, wrong; with consent and without.
#[test]
fn no_input_leads_to_an_answer() {
    let numbers = [
        "",
        " ",
        NUMBER,
        "ＱＸ４８１５１６２３ＺＷ",
        "QX4815162",
        "QX4815162OZW",
    ];
    let dates = [
        "",
        "2033-04-01",
        "20330401",
        "２０３３年４月１日",
        "2033-02-29",
        "2011-01-01",
        "01/04/2033",
        "33-4-1",
    ];
    let on_chip = [None, Some(NUMBER), Some("AB12345678CD")];
    let mut inquiries = 0;
    for typed_number in numbers {
        for typed_date in dates {
            for on_chip in on_chip {
                for consent in [None, Some(Purpose::OwnCard)] {
                    let mut inputs = Inputs::new(InputSource::Typed)
                        .typed_number(typed_number)
                        .typed_valid_until(typed_date);
                    if let Some(number) = on_chip {
                        inputs = inputs.number_on_chip(number.parse().unwrap());
                    }
                    if let Some(purpose) = consent {
                        inputs = inputs.consent(purpose);
                    }
                    match inputs.check() {
                        Ok(inquiry) => {
                            inquiries += 1;
                            assert_eq!(inquiry.number().expose(), NUMBER);
                            assert_eq!(inquiry.valid_until(), date(2033, 4, 1));
                            assert!(consent.is_some() && on_chip != Some("AB12345678CD"));
                        }
                        Err(reason) => {
                            let expected = match (consent, typed_number.trim(), typed_date) {
                                (None, _, _) => NotAsked::ConsentMissing,
                                (_, "", _) => NotAsked::NoNumber,
                                (_, "QX4815162" | "QX4815162OZW", _) => NotAsked::MalformedInput,
                                _ if on_chip == Some("AB12345678CD") => NotAsked::MalformedInput,
                                (_, _, "") => NotAsked::NoValidity,
                                _ => NotAsked::MalformedInput,
                            };
                            assert_eq!(reason, expected);
                            let lookup = Lookup::not_asked(reason, noon());
                            assert_eq!(lookup.outcome().status(), "not_asked");
                        }
                    }
                }
            }
        }
    }
    assert_eq!(inquiries, 2 * 3 * 2);
}

/// The assisted source: the outcome is what the person chose and nothing else.
#[test]
fn only_a_persons_word_becomes_an_answer() {
    struct Says(Option<Observation>);
    impl Person for Says {
        fn look_up(&mut self, there: &HandedOver) -> Option<Classification> {
            assert_eq!(there.url(), "https://lapse-immi.moj.go.jp/html/top.html");
            self.0.map(Classification::by_person)
        }
    }
    for says in Observation::all() {
        let lookup = Assisted::new(TopPage::default(), Says(Some(says))).look_up(&inquiry());
        assert_eq!(lookup.outcome(), Outcome::from(says));
        assert_eq!(lookup.classified_by(), Some(ClassifiedBy::Operator));
        assert_eq!(lookup.input_source(), Some(InputSource::Chip));
        assert_eq!(
            lookup.source_url(),
            Some("https://lapse-immi.moj.go.jp/html/top.html")
        );
    }
    let lookup = Assisted::new(TopPage::default(), Says(None)).look_up(&inquiry());
    assert_eq!(lookup.outcome(), Outcome::NotAsked(NotAsked::Deferred));
    let begun = || InputsChecked::new(inquiry(), TopPage::default());
    assert_eq!(
        begun().defer(noon()).outcome(),
        Outcome::NotAsked(NotAsked::Deferred)
    );
    assert_eq!(
        begun().offline(noon()).outcome(),
        Outcome::NotAsked(NotAsked::Offline)
    );
    assert_eq!(
        begun().hand_over().defer(noon()).outcome(),
        Outcome::NotAsked(NotAsked::Deferred)
    );
    let hinted = Classification::by_accepted_hint(Observation::Answer(Answer::Lapsed)).with_verbatim("文");
    let lookup = handed_over().classify(hinted, noon());
    assert_eq!(lookup.classified_by(), Some(ClassifiedBy::HintAccepted));
    assert_eq!(lookup.verbatim(), Some("文"));
}

#[test]
fn top_pages() {
    let new = |url: &str| TopPage::new(url, Some(date(2026, 11, 1)));
    let page = new("https://lapse-immi.moj.go.jp/html/top.html").unwrap();
    assert_eq!(page.verified_on(), Some(date(2026, 11, 1)));
    new("https://lapse-immi.moj.go.jp/").unwrap();
    for retired in [
        "https://lapse-immi.moj.go.jp/ZEC/appl/e0/ZEC2/pages/FZECST011.aspx",
        "https://lapse-immi.moj.go.jp/ZEC/appl/e0/ZEC2/pages/FZECST021.aspx",
        "http://lapse-immi.moj.go.jp/ZEC/appl/e0/ZEC2/pages/FZECST011.ASPX",
        "lapse-immi.moj.go.jp/ZEC/appl/e0/ZEC2/pages/FZECST011.aspx?x=1",
    ] {
        assert_eq!(new(retired), Err(TopPageError::Retired), "{retired}");
    }
    for other in [
        "",
        "http://lapse-immi.moj.go.jp/html/top.html",
        "https://lapse-immi.moj.go.jp",
        "https://lapse-immi.moj.go.jp.example/html/top.html",
        "https://lapse-immi.moj.go.jp@example.com/",
        "https://user@lapse-immi.moj.go.jp/",
        "https://lapse-immi.moj.go.jp:8443/",
        "https://example.com/https://lapse-immi.moj.go.jp/",
        "HTTPS://lapse-immi.moj.go.jp/",
    ] {
        assert_eq!(new(other), Err(TopPageError::NotOfficial), "{other}");
    }
    for input in [
        "https://lapse-immi.moj.go.jp/html/top.html?number=QX48151623ZW",
        "https://lapse-immi.moj.go.jp/html/top.html#QX48151623ZW",
        "https://lapse-immi.moj.go.jp/html/top html",
        "https://lapse-immi.moj.go.jp/\\example.com",
        "https://lapse-immi.moj.go.jp/%51",
    ] {
        let error = new(input).unwrap_err();
        assert_eq!(error, TopPageError::NotPlain, "{input}");
        assert!(!error.to_string().contains(NUMBER));
    }
    let text = serde_json::to_string(&page).unwrap();
    assert_eq!(serde_json::from_str::<TopPage>(&text).unwrap(), page);
    serde_json::from_str::<TopPage>(r#"{"url":"https://example.com/","verified_on":null}"#).unwrap_err();
    assert_eq!(TopPage::default().verified_on(), None);
}

#[test]
fn notices_before_the_page() {
    let there = handed_over();
    let abroad = |local| there.notices(local).contains(&Notice::ComputerLooksAbroad);
    assert!(abroad(Some(Offset::UTC)));
    assert!(!abroad(Some(Offset::constant(9))));
    assert!(!abroad(None));
    assert!(there.notices(None).contains(&Notice::AddressNotVerified));
    let day = date(2026, 11, 1);
    let page = TopPage::new("https://lapse-immi.moj.go.jp/html/top.html", Some(day)).unwrap();
    let notices = InputsChecked::new(inquiry(), page).hand_over().notices(None);
    assert!(notices.contains(&Notice::AddressVerifiedOn(day)));
}

#[test]
fn freshness_is_of_the_day_in_japan() {
    let lookup = Lookup::answered(
        Answer::NotListedAsLapsed,
        ClassifiedBy::Operator,
        &inquiry(),
        at("2026-11-22T23:30:00.9+09:00"),
    );
    assert_eq!(lookup.as_of(), at("2026-11-22T23:30:00+09:00"));
    assert!(lookup.is_fresh(at("2026-11-22T23:59:59+09:00")));
    assert!(!lookup.is_fresh(at("2026-11-23T00:00:00+09:00")));
    assert!(
        !lookup.is_fresh(at("2026-11-22T23:29:00+09:00")),
        "from the future"
    );
    let label = |now, language| lookup.age_label(at(now), language);
    assert_eq!(label("2026-11-23T02:31:00+09:00", Language::Ja), "3時間前");
    assert_eq!(label("2026-11-22T23:31:00+09:00", Language::En), "1 minute ago");
    assert_eq!(label("2026-11-25T23:31:00+09:00", Language::En), "3 days ago");
}

#[test]
fn the_number_is_nowhere() {
    let typed = [
        "QX48151623ZW",
        "qx48151623zw",
        "ＱＸ４８１５１６２３ＺＷ",
        "QX 4815-1623 ZW",
        "Q X4815\n1623Z.W",
    ];
    for typed in typed {
        let text = format!("番号 {typed} は登録がありません");
        let lookup = lookup(NOT_LISTED).with_verbatim(&text);
        let kept = lookup.verbatim().unwrap();
        assert!(
            kept.starts_with("番号 **") && kept.ends_with("* は登録がありません"),
            "{kept}"
        );
        // The same for what comes from a store.
        let mut stored = serde_json::to_value(&lookup).unwrap();
        stored["verbatim"] = json!(text);
        stored["source_url"] = json!(format!("https://example.com/{typed}"));
        let read: Lookup = serde_json::from_value(stored).unwrap();
        assert_eq!(read.verbatim(), Some(kept));
        if !typed.contains(' ') {
            assert_eq!(read.source_url(), None);
        }
    }
    // Cut at the end of what is kept, whole before it is blotted out.
    let long = format!("{}{NUMBER}{}", "あ".repeat(495), "い".repeat(600));
    let kept = lookup(NOT_LISTED).with_verbatim(&long);
    assert_eq!(kept.verbatim().unwrap().chars().count(), 500);
    assert!(!kept.verbatim().unwrap().contains("QX4"));
    assert_eq!(
        lookup(NOT_LISTED)
            .with_source_url("https://example.com/%51X48151623ZW")
            .source_url(),
        None
    );

    let key = BindingKey::new([7; 32]);
    let lookup = lookup(NOT_LISTED).with_verbatim(NUMBER);
    let recorded = RecordedAnswer::keep(&lookup, "check-1", &inquiry(), &key).unwrap();
    let inputs = Inputs::new(InputSource::Typed)
        .typed_number(NUMBER)
        .typed_valid_until("2033-04-01");
    let classification = Classification::by_person(Observation::Answer(Answer::Lapsed)).with_verbatim(NUMBER);
    let texts = [
        format!("{inputs:?}"),
        format!("{:?}", inquiry()),
        format!("{:?}", InputsChecked::new(inquiry(), TopPage::default())),
        format!("{:?}", handed_over()),
        format!("{classification:?}"),
        format!("{lookup:?}"),
        format!("{recorded:?} {key:?}"),
        serde_json::to_string(&lookup).unwrap(),
        serde_json::to_string(&recorded).unwrap(),
        format!("{:?}", inputs.check()),
    ];
    for text in texts {
        assert!(!text.contains("4815"), "{text}");
        assert!(!text.contains("2033"), "{text}");
    }
}

#[test]
fn recorded_answers_belong_to_one_check() {
    let key = BindingKey::new([7; 32]);
    let keep = |outcome| RecordedAnswer::keep(&lookup(outcome), "check-1", &inquiry(), &key);
    for outcome in Outcome::ALL {
        assert_eq!(
            keep(outcome).is_some(),
            matches!(outcome, Outcome::Answered(_)),
            "{outcome:?}"
        );
    }
    let answer = keep(NOT_LISTED).unwrap();
    let text = serde_json::to_string(&answer).unwrap();
    let answer: RecordedAnswer = serde_json::from_str(&text).unwrap();
    let ask = |check: &str, key: &BindingKey, inquiry: &Inquiry, answers: &[RecordedAnswer]| {
        let mut source = Recorded::new(check, key.clone(), answers.to_vec());
        assert_eq!(source.description().negative_means, NegativeMeaning::NotOnList);
        source.look_up(inquiry).outcome()
    };
    let other = |number: &str, day: Date| {
        Inputs::new(InputSource::Chip)
            .typed_number(number)
            .valid_until(day)
            .consent(Purpose::Hiring)
            .check()
            .unwrap()
    };
    let deferred = Outcome::NotAsked(NotAsked::Deferred);
    // The time of the answer is long past or the clock is wrong: either way `newest` is judged by the given time.
    let source = Recorded::new("check-1", key.clone(), vec![answer.clone()]);
    let (lookup_then, age) = source
        .newest(&inquiry(), at("2026-11-22T15:00:00+09:00"))
        .unwrap();
    assert_eq!((lookup_then.outcome(), age.as_hours()), (NOT_LISTED, 3));
    assert!(
        source
            .newest(&inquiry(), at("2026-11-22T11:00:00+09:00"))
            .is_none(),
        "from the future"
    );
    assert_eq!(
        ask("check-2", &key, &inquiry(), std::slice::from_ref(&answer)),
        deferred
    );
    assert_eq!(
        ask(
            "check-1",
            &BindingKey::new([8; 32]),
            &inquiry(),
            std::slice::from_ref(&answer)
        ),
        deferred
    );
    for stranger in [
        other("AB12345678CD", date(2033, 4, 1)),
        other(NUMBER, date(2033, 4, 2)),
    ] {
        assert_eq!(
            ask("check-1", &key, &stranger, std::slice::from_ref(&answer)),
            deferred
        );
    }
    // The newest counts, whatever the order.
    let later = Lookup::answered(
        Answer::Lapsed,
        ClassifiedBy::Operator,
        &inquiry(),
        at("2026-11-22T13:00:00+09:00"),
    );
    let later = RecordedAnswer::keep(&later, "check-1", &inquiry(), &key).unwrap();
    let source = Recorded::new("check-1", key.clone(), vec![later, answer]);
    let (lookup_then, _) = source
        .newest(&inquiry(), at("2026-11-22T15:00:00+09:00"))
        .unwrap();
    assert_eq!(lookup_then.outcome(), Outcome::Answered(Answer::Lapsed));
}

#[test]
fn a_changed_record_is_none() {
    let key = BindingKey::new([7; 32]);
    let lapsed = RecordedAnswer::keep(&lookup(Outcome::Answered(Answer::Lapsed)), "c", &inquiry(), &key);
    let lapsed = serde_json::to_value(lapsed.unwrap()).unwrap();
    let changes: [(&str, Value); 5] = [
        ("/lookup/answer", json!("not_listed_as_lapsed")),
        ("/lookup/answer", json!("no_match")),
        ("/lookup/as_of", json!("2026-11-23T12:00:00+09:00")),
        ("/lookup/classified_by", json!("source")),
        ("/lookup/input_source", json!("typed")),
    ];
    let read = |value: Value| serde_json::from_value::<RecordedAnswer>(value).unwrap();
    assert!(read(lapsed.clone()).of("c", &inquiry(), &key).is_some());
    for (place, value) in changes {
        let mut changed = lapsed.clone();
        *changed.pointer_mut(place).unwrap() = value;
        assert!(read(changed).of("c", &inquiry(), &key).is_none(), "{place}");
    }
    for binding in ["", "00", &"0".repeat(63), &"0".repeat(66), &"g".repeat(64)] {
        let mut changed = lapsed.clone();
        changed["binding"] = json!(binding);
        serde_json::from_value::<RecordedAnswer>(changed).unwrap_err();
    }
}

fn profile(change: impl FnOnce(&mut Value)) -> Result<Profile, serde_json::Error> {
    let mut value = json!({
        "schema": "zairyu.service-profile/1",
        "name": "made up",
        "host": "lookup.example",
        "entry_page": "/top.html",
        "form": {
            "action": "/result",
            "number": "n",
            "validity": {"field": "date", "separator": "-"},
            "picture": "/code.png",
            "picture_code": "c"
        },
        "sentences": [
            {"text": "一覧に ありません。", "means": "not_listed_as_lapsed"},
            {"text": "一覧にあります。", "means": "lapsed"},
            {"text": "お待ちください。", "means": "service_unavailable.busy"}
        ],
        "negative_means": "not_on_list",
        "data_age": {"at_most_hours": 24},
        "verification": {"verified_by": "A. Tester", "verified_on": "2026-11-01", "permission": "contract 1"}
    });
    change(&mut value);
    serde_json::from_value(value)
}

#[test]
fn profiles_that_could_mislead_are_none() {
    let good = profile(|_| {}).unwrap();
    let text = serde_json::to_string(&good).unwrap();
    assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), good);
    assert_eq!(good.port(), 443);
    let bad: [(&str, Value); 24] = [
        ("/schema", json!("zairyu.service-profile/2")),
        ("/host", json!("")),
        ("/host", json!("lookup.example/evil")),
        ("/host", json!("user@lookup.example")),
        ("/host", json!("Lookup.example")),
        ("/entry_page", json!("top.html")),
        ("/entry_page", json!("//other.example/")),
        ("/entry_page", json!("/a/../b")),
        ("/entry_page", json!("/top.html?n=1")),
        ("/form/action", json!("https://other.example/")),
        ("/form/picture", json!("")),
        ("/form/number", json!("")),
        ("/form/number", json!("c")),
        ("/form/picture_code", json!("date")),
        ("/form/validity/separator", json!("x")),
        ("/form/validity", json!({})),
        ("/sentences/0/text", json!("あり。")),
        ("/sentences/0/text", json!("にあります。")),
        ("/sentences/0/means", json!("valid")),
        ("/sentences/0/means", json!("operator_unsure")),
        ("/sentences/0/means", json!("deferred")),
        ("/negative_means", json!("genuine")),
        ("/verification/verified_by", json!(" ")),
        ("/verification/permission", json!("")),
    ];
    for (place, value) in bad {
        let result = profile(|profile| *profile.pointer_mut(place).unwrap() = value.clone());
        assert!(result.is_err(), "{place}: {value}");
    }
    profile(|profile| profile["verified"] = json!(true)).unwrap_err();
}

#[test]
fn hints_are_proposals() {
    let profile_now = profile(|_| {}).unwrap();
    let hint = |text: &str| profile_now.hint(text);
    let not_listed = Some(Observation::Answer(Answer::NotListedAsLapsed));
    assert_eq!(hint("一覧にありません。"), not_listed);
    assert_eq!(hint("照会結果\n 一覧に\u{3000}ありません。 \n戻る"), not_listed);
    assert_eq!(
        hint("一覧にあります。"),
        Some(Observation::Answer(Answer::Lapsed))
    );
    for other in [
        "",
        "一覧にありません",
        "一覧にありません。とは限りません。",
        "一覧にありません。\n一覧にあります。",
        "一覧にありません。\n一覧にありません。",
        "一覧にありません。\nただし一覧にあります。",
        "一覧にはありません。",
    ] {
        assert_eq!(hint(other), None, "{other}");
    }
    let unverified = profile(|profile| profile["verification"] = Value::Null).unwrap();
    assert_eq!(unverified.hint("一覧にありません。"), None);
}

proptest! {
    /// Text of any kind is no answer unless it is one whole sentence for it, and no other.
    #[test]
    fn no_text_becomes_an_answer_by_chance(
        lines in prop::collection::vec(
            prop_oneof![
                Just("一覧にありません。".to_owned()),
                Just("一覧にあります。".to_owned()),
                Just("お待ちください。".to_owned()),
                Just("一覧にありません。とはいえません".to_owned()),
                Just("有効".to_owned()),
                Just("OK".to_owned()),
                "\\PC{0,20}",
            ],
            0..6,
        )
    ) {
        let hint = profile(|_| {}).unwrap().hint(&lines.join("\n"));
        let count = |sentence: &str| lines.iter().filter(|line| line.as_str() == sentence).count();
        if hint == Some(Observation::Answer(Answer::NotListedAsLapsed)) {
            prop_assert_eq!(count("一覧にありません。"), 1);
            prop_assert_eq!(count("一覧にあります。") + count("お待ちください。"), 0);
        }
    }

    /// Records of any kind read back as an answer only if they say all of it.
    #[test]
    fn no_record_becomes_an_answer_by_chance(
        status in prop_oneof![Just("answered"), Just("not_answered"), Just("not_asked"), Just("valid")],
        answer in prop::option::of(prop_oneof![Just("not_listed_as_lapsed"), Just("lapsed"), Just("ok")]),
        reason in prop::option::of(prop_oneof![Just("unrecognised_page"), Just("offline"), Just("none")]),
        detail in prop::option::of(prop_oneof![Just("timeout"), Just("none")]),
        by in prop::option::of(prop_oneof![Just("operator"), Just("hint_accepted"), Just("source")]),
        from in prop::option::of(prop_oneof![Just("chip"), Just("typed"), Just("camera")]),
    ) {
        let record = json!({
            "status": status, "answer": answer, "reason": reason, "detail": detail,
            "as_of": "2026-11-22T12:00:00+09:00", "classified_by": by, "input_source": from,
        });
        let read: Lookup = serde_json::from_value(record).unwrap();
        let says_all = status == "answered" && answer == Some("not_listed_as_lapsed")
            && reason.is_none() && detail.is_none() && by.is_some() && from.is_some();
        prop_assert_eq!(read.outcome() == NOT_LISTED, says_all);
    }

    /// No date and no time changes what a lookup came to, or makes a line say lapsed or not lapsed.
    #[test]
    fn local_dates_say_nothing_of_lapse(
        index in 0..Outcome::ALL.len(),
        days in -20_000_i32..20_000,
        seconds in -2_000_000_000_i64..4_000_000_000,
        dated in any::<bool>(),
    ) {
        let outcome = Outcome::ALL[index];
        let lookup = lookup(outcome);
        let now = Timestamp::from_second(seconds).unwrap();
        let day = date(2026, 11, 22).checked_add(jiff::Span::new().days(days)).unwrap();
        let lines = Lines::new(
            ChipSignature::Verified, &lookup, dated.then_some(day), WorkLimits::NotRelevant, now,
        );
        let not_listed = matches!(
            lines.lookup,
            LookupLine::NotListedAsLapsed | LookupLine::NotListedAsLapsedEarlier
        );
        prop_assert_eq!(not_listed, outcome == NOT_LISTED);
        prop_assert_eq!(lines.lookup == LookupLine::Lapsed, outcome == Outcome::Answered(Answer::Lapsed));
        let decision = Policy::default().decide(&lines);
        if decision.action == Action::Proceed {
            prop_assert!(outcome == NOT_LISTED && lookup.is_fresh(now) && lines.printed_date == PrintedDate::NotPassed);
        }
        prop_assert_eq!(
            decision.reasons.contains(&Reason::ListedAsLapsed),
            outcome == Outcome::Answered(Answer::Lapsed)
        );
    }
}
