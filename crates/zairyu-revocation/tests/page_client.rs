//! The web client against the stand-in service, through real TLS: every outcome, every fault, and where the number
//! goes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{collections::HashSet, time::Duration};

use proptest::prelude::*;
use zairyu_revocation::{
    AccessRefused as Access, Answer, Assisted, ChallengeNotPassed as Challenge, Classification, ClassifiedBy,
    HandedOver, InputRejected as Input, InputSource, Inputs, Inquiry, Limits, Lookup, LookupSource,
    NotAnswered, NotAsked, Observation, Outcome, PageClient, Person, Picture, PictureCode, Profile, Purpose,
    ServiceUnavailable as Service, TopPage,
};
use zairyu_revocation_standin::{Answer as Found, CODE, Fault, PageEncoding, Script, StandIn};

const NUMBER: &str = "QX48151623ZW";

/// A person who reads the picture, or does not.
struct Typist(Option<&'static str>);

impl PictureCode for Typist {
    fn read(&mut self, picture: &Picture) -> Option<String> {
        assert_eq!(picture.media_type, "image/svg+xml");
        assert!(String::from_utf8_lossy(&picture.bytes).contains(CODE));
        self.0.map(str::to_owned)
    }
}

fn inquiry() -> Inquiry {
    Inputs::new(InputSource::Chip)
        .typed_number(NUMBER)
        .typed_valid_until("2033-04-01")
        .consent(Purpose::Hiring)
        .check()
        .unwrap()
}

fn client(service: &StandIn, profile: &str, typed: Option<&'static str>) -> PageClient<Typist> {
    let profile: Profile = serde_json::from_str(profile).unwrap();
    PageClient::new(profile, Typist(typed))
        .trust_only(&[service.ca_certificate()])
        .limits(Limits {
            reply: Duration::from_secs(20),
            ..Limits::default()
        })
}

fn ask(service: &StandIn) -> Lookup {
    client(service, &service.profile(), Some(CODE)).look_up(&inquiry())
}

fn outcome(script: Script) -> Outcome {
    let service = StandIn::start(script).unwrap();
    let lookup = ask(&service);
    number_only_in_the_form(&service);
    lookup.outcome()
}

/// The number goes into the body of the one form, and nowhere else.
fn number_only_in_the_form(service: &StandIn) {
    let mut posts = 0;
    for request in service.requests() {
        let headers = format!("{:?}", request.headers);
        assert!(
            !request.target.to_uppercase().contains(NUMBER),
            "number in an address"
        );
        assert!(!headers.to_uppercase().contains(NUMBER), "number in a header");
        if request.method == "POST" {
            posts += 1;
            assert_eq!(request.target, "/lookup/result");
        } else {
            assert!(request.body.is_empty());
        }
    }
    assert!(posts <= 1, "the form was sent {posts} times");
}

const UNRECOGNISED: Outcome = Outcome::NotAnswered(NotAnswered::UnrecognisedPage);

fn unavailable(how: Service) -> Outcome {
    Outcome::NotAnswered(NotAnswered::ServiceUnavailable(how))
}

fn refused(how: Access) -> Outcome {
    Outcome::NotAnswered(NotAnswered::AccessRefused(how))
}

#[test]
fn answers() {
    for (found, answer) in [
        (Found::NotListed, Answer::NotListedAsLapsed),
        (Found::Lapsed, Answer::Lapsed),
        (Found::NoMatch, Answer::NoMatch),
    ] {
        let service = StandIn::start(Script::answering(found)).unwrap();
        let lookup = ask(&service);
        assert_eq!(lookup.outcome(), Outcome::Answered(answer));
        assert_eq!(lookup.input_source(), Some(InputSource::Chip));
        assert_eq!(lookup.classified_by(), Some(ClassifiedBy::Source));
        let url = lookup.source_url().unwrap();
        assert!(url.starts_with("https://localhost:") && url.ends_with("/lookup/result"));
        number_only_in_the_form(&service);

        let requests = service.requests();
        let visited: Vec<_> = requests
            .iter()
            .map(|request| (request.method.as_str(), request.target.as_str()))
            .collect();
        assert_eq!(
            visited,
            [
                ("GET", "/html/top.html"),
                ("GET", "/lookup/form"),
                ("GET", "/lookup/code.svg?1"),
                ("POST", "/lookup/result"),
            ]
        );
        let body = String::from_utf8(requests[3].body.clone()).unwrap();
        assert!(
            body.contains("cardNumber=QX48151623ZW&expiryYear=2033&expiryMonth=04&expiryDay=01&code=7K2P")
        );
        assert!(requests.iter().all(|request| request.header("referer").is_none()));
    }
}

#[test]
fn an_answer_behind_a_redirect_on_the_host_counts() {
    let answered = Outcome::Answered(Answer::NotListedAsLapsed);
    assert_eq!(outcome(Script::failing(Fault::ResultBehindRedirect)), answered);
    assert_eq!(outcome(Script::failing(Fault::Moved)), answered);
}

#[test]
fn each_session_is_new() {
    let service = StandIn::start(Script::answering(Found::Lapsed)).unwrap();
    let mut client = client(&service, &service.profile(), Some(CODE));
    for _ in 0..2 {
        assert_eq!(
            client.look_up(&inquiry()).outcome(),
            Outcome::Answered(Answer::Lapsed)
        );
    }
    let tops: Vec<_> = service
        .requests()
        .into_iter()
        .filter(|request| request.target == "/html/top.html")
        .collect();
    assert_eq!(tops.len(), 2);
    assert!(tops.iter().all(|request| request.header("cookie").is_none()));
}

#[test]
fn faults() {
    use Fault as F;
    let expected = [
        (
            F::WrongCode,
            Outcome::NotAnswered(NotAnswered::ChallengeNotPassed(Challenge::Wrong)),
        ),
        (
            F::ExpiredCode,
            Outcome::NotAnswered(NotAnswered::ChallengeNotPassed(Challenge::Expired)),
        ),
        (
            F::NumberRejected,
            Outcome::NotAnswered(NotAnswered::InputRejected(Input::Number)),
        ),
        (
            F::ValidityRejected,
            Outcome::NotAnswered(NotAnswered::InputRejected(Input::Validity)),
        ),
        (F::EntryNotViaTopPage, refused(Access::EntryNotViaTopPage)),
        (F::Busy, unavailable(Service::Busy)),
        (F::TooManyRequests, unavailable(Service::Busy)),
        (F::ForeignPage, refused(Access::ForeignIp)),
        (F::ForeignForbidden, refused(Access::ForeignIp)),
        (F::Forbidden, refused(Access::Blocked)),
        (F::Reset, refused(Access::Blocked)),
        (F::HangUpAtResult, unavailable(Service::ServerError)),
        (F::Gone, UNRECOGNISED),
        (F::InternalError, unavailable(Service::ServerError)),
        (F::InternalErrorWithAnswer, unavailable(Service::ServerError)),
        (F::ShortOfLength, unavailable(Service::ServerError)),
        (F::ShortOfChunk, unavailable(Service::ServerError)),
        (F::CutAfterAnswer, UNRECOGNISED),
        (F::NotHttp, unavailable(Service::ServerError)),
        (F::HugePage, UNRECOGNISED),
        (F::HugeHeaders, unavailable(Service::ServerError)),
        (F::RedirectLoop, unavailable(Service::ServerError)),
        (F::RedirectOffHost, UNRECOGNISED),
        (F::RedirectToHttp, UNRECOGNISED),
        (F::RedirectWithNumber, UNRECOGNISED),
        (F::RepostElsewhere, UNRECOGNISED),
        (F::Reworded, UNRECOGNISED),
        (F::Negated, UNRECOGNISED),
        (F::NegatedInline, UNRECOGNISED),
        (F::HiddenAnswer, UNRECOGNISED),
        (F::AnswerInScript, UNRECOGNISED),
        (F::AnswerInHelp, UNRECOGNISED),
        (F::BothAnswers, UNRECOGNISED),
        (F::AnswerThenRefresh, UNRECOGNISED),
        (F::AnswerAsPlainText, UNRECOGNISED),
        (F::AnswerBeforeQuestion, UNRECOGNISED),
        (F::RenamedControl, UNRECOGNISED),
        (F::ExtraControl, UNRECOGNISED),
        (F::TwoForms, UNRECOGNISED),
        (F::FormByGet, UNRECOGNISED),
        (F::FormOffHost, UNRECOGNISED),
        (F::FormElsewhere, UNRECOGNISED),
        (F::NoPicture, UNRECOGNISED),
        (F::PictureIsPage, UNRECOGNISED),
        (F::DeepNesting, UNRECOGNISED),
        (F::UnknownCa, refused(Access::Blocked)),
        (F::OtherHost, refused(Access::Blocked)),
    ];
    let wrong: Vec<_> = expected
        .into_iter()
        .map(|(fault, expected)| (fault, expected, outcome(Script::failing(fault))))
        .filter(|(_, expected, got)| expected != got)
        .collect();
    assert!(wrong.is_empty(), "(fault, expected, got): {wrong:#?}");
}

#[test]
fn a_changed_form_gets_no_number() {
    for fault in [
        Fault::RenamedControl,
        Fault::ExtraControl,
        Fault::TwoForms,
        Fault::FormByGet,
        Fault::FormOffHost,
        Fault::FormElsewhere,
        Fault::NoPicture,
    ] {
        let service = StandIn::start(Script::failing(fault)).unwrap();
        ask(&service);
        assert!(
            service.requests().iter().all(|request| request.method == "GET"),
            "{fault:?}"
        );
    }
}

#[test]
fn time_runs_out() {
    for fault in [Fault::Silent, Fault::Trickle] {
        let service = StandIn::start(Script::failing(fault)).unwrap();
        let lookup = client(&service, &service.profile(), Some(CODE))
            .limits(Limits {
                reply: Duration::from_millis(300),
                ..Limits::default()
            })
            .look_up(&inquiry());
        assert_eq!(lookup.outcome(), unavailable(Service::Timeout), "{fault:?}");
        assert_eq!(lookup.classified_by(), None);
    }
}

#[test]
fn maintenance_in_the_evening() {
    for (hour, expected) in [
        (16, Outcome::Answered(Answer::Lapsed)),
        (17, unavailable(Service::Maintenance)),
        (18, unavailable(Service::Maintenance)),
        (19, Outcome::Answered(Answer::Lapsed)),
    ] {
        assert_eq!(
            outcome(Script::answering(Found::Lapsed).at_hour(hour)),
            expected,
            "{hour}"
        );
    }
}

#[test]
fn maintenance_that_begins_during_the_lookup() {
    struct Slow<'a>(&'a StandIn);
    impl PictureCode for Slow<'_> {
        fn read(&mut self, _: &Picture) -> Option<String> {
            self.0.follow(Script::answering(Found::NotListed).at_hour(17));
            Some(CODE.to_owned())
        }
    }
    let service = StandIn::start(Script::answering(Found::NotListed).at_hour(16)).unwrap();
    let profile: Profile = serde_json::from_str(&service.profile()).unwrap();
    let lookup = PageClient::new(profile, Slow(&service))
        .trust_only(&[service.ca_certificate()])
        .look_up(&inquiry());
    assert_eq!(lookup.outcome(), unavailable(Service::Maintenance));
}

#[test]
fn encodings() {
    let lapsed = Outcome::Answered(Answer::Lapsed);
    for (encoding, expected) in [
        (PageEncoding::Utf8, lapsed),
        (PageEncoding::ShiftJis, lapsed),
        (PageEncoding::EucJpInMeta, lapsed),
        (PageEncoding::Utf8MarkedSaidShiftJis, lapsed),
        (PageEncoding::Utf8SaidShiftJis, UNRECOGNISED),
        (PageEncoding::ShiftJisSaidUtf8, UNRECOGNISED),
        (PageEncoding::EucJpSaidShiftJis, UNRECOGNISED),
        (PageEncoding::Iso2022Jp, UNRECOGNISED),
        (PageEncoding::Utf16, UNRECOGNISED),
        (PageEncoding::UnknownLabel, UNRECOGNISED),
    ] {
        let got = outcome(Script::answering(Found::Lapsed).encoded(encoding));
        assert_eq!(got, expected, "{encoding:?}");
    }
}

#[test]
fn the_person_at_the_picture() {
    let service = StandIn::start(Script::answering(Found::NotListed)).unwrap();
    for (typed, expected) in [
        (Some("wrong"), Challenge::Wrong),
        (None, Challenge::Abandoned),
        (Some("  "), Challenge::Abandoned),
    ] {
        let lookup = client(&service, &service.profile(), typed).look_up(&inquiry());
        assert_eq!(
            lookup.outcome(),
            Outcome::NotAnswered(NotAnswered::ChallengeNotPassed(expected))
        );
    }
}

#[test]
fn past_the_top_page() {
    let service = StandIn::start(Script::answering(Found::NotListed)).unwrap();
    let lookup = client(&service, &service.deep_link_profile(), Some(CODE)).look_up(&inquiry());
    assert_eq!(lookup.outcome(), refused(Access::EntryNotViaTopPage));
}

#[test]
fn an_unverified_profile_connects_to_nothing() {
    let service = StandIn::start(Script::answering(Found::NotListed)).unwrap();
    let lookup = client(&service, &service.unverified_profile(), Some(CODE)).look_up(&inquiry());
    assert_eq!(lookup.outcome(), UNRECOGNISED);
    assert!(service.requests().is_empty());
}

#[test]
fn nobody_is_there() {
    let service = StandIn::start(Script::answering(Found::NotListed)).unwrap();
    let profile = service.profile();
    let elsewhere = profile.replace("\"localhost\"", "\"nobody.invalid\"");
    let no_name = client(&service, &elsewhere, Some(CODE)).look_up(&inquiry());
    assert_eq!(no_name.outcome(), Outcome::NotAsked(NotAsked::Offline));
    let mut client = client(&service, &profile, Some(CODE));
    drop(service);
    assert_eq!(
        client.look_up(&inquiry()).outcome(),
        unavailable(Service::ServerError)
    );
}

/// The whole taxonomy, each outcome by what brings it about.
#[test]
fn every_outcome_is_reached() {
    struct Says(Option<Observation>);
    impl Person for Says {
        fn look_up(&mut self, _: &HandedOver) -> Option<Classification> {
            self.0.map(Classification::by_person)
        }
    }
    // What a service does.
    let scripts = [
        Script::answering(Found::NotListed),
        Script::answering(Found::Lapsed),
        Script::answering(Found::NoMatch),
        Script::answering(Found::NotListed).at_hour(18),
        Script::failing(Fault::Busy),
        Script::failing(Fault::InternalError),
        Script::failing(Fault::ForeignPage),
        Script::failing(Fault::EntryNotViaTopPage),
        Script::failing(Fault::Forbidden),
        Script::failing(Fault::WrongCode),
        Script::failing(Fault::ExpiredCode),
        Script::failing(Fault::NumberRejected),
        Script::failing(Fault::ValidityRejected),
        Script::failing(Fault::Reworded),
    ];
    let mut reached: HashSet<Outcome> = scripts.map(outcome).into();
    // What it does not do in time, or does not exist to do.
    let silent = StandIn::start(Script::failing(Fault::Silent)).unwrap();
    let mut impatient = client(&silent, &silent.profile(), Some(CODE)).limits(Limits {
        reply: Duration::from_millis(300),
        ..Limits::default()
    });
    reached.insert(impatient.look_up(&inquiry()).outcome());
    let nobody = silent.profile().replace("\"localhost\"", "\"nobody.invalid\"");
    reached.insert(client(&silent, &nobody, Some(CODE)).look_up(&inquiry()).outcome());
    // What a person does.
    let service = StandIn::start(Script::answering(Found::NotListed)).unwrap();
    reached.insert(
        client(&service, &service.profile(), None)
            .look_up(&inquiry())
            .outcome(),
    );
    let unsure = Observation::NoAnswer(NotAnswered::OperatorUnsure);
    for says in [Some(unsure), None] {
        reached.insert(
            Assisted::new(TopPage::default(), Says(says))
                .look_up(&inquiry())
                .outcome(),
        );
    }
    // What is missing before.
    let inputs = Inputs::new(InputSource::Typed);
    let agreed = inputs.clone().consent(Purpose::Contract);
    for inputs in [
        inputs,
        agreed.clone(),
        agreed.clone().typed_number(NUMBER),
        agreed.typed_number("QX4815"),
    ] {
        reached.insert(Outcome::NotAsked(inputs.check().unwrap_err()));
    }
    // And what only the program that embeds this decides (or its log: see page_client_log.rs).
    reached.insert(Outcome::NotAsked(NotAsked::PolicyDisabled));
    assert_eq!(reached, HashSet::from(Outcome::ALL));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever goes wrong, in whatever encoding, at whatever hour: an answer is given only where the service gave
    /// it, whole.
    #[test]
    fn no_false_comfort(script in scripts()) {
        let harmless = matches!(script.fault, None | Some(Fault::Moved | Fault::ResultBehindRedirect));
        let readable = matches!(
            script.encoding,
            PageEncoding::Utf8
                | PageEncoding::ShiftJis
                | PageEncoding::EucJpInMeta
                | PageEncoding::Utf8MarkedSaidShiftJis
        );
        let in_service = !(17..19).contains(&script.hour);
        let got = outcome(script);
        if got == Outcome::Answered(Answer::NotListedAsLapsed) {
            prop_assert!(harmless && readable && in_service && script.answer == Found::NotListed, "{script:?}");
        }
    }
}

fn scripts() -> impl Strategy<Value = Script> {
    use Fault as F;
    let faults = vec![
        None,
        None,
        Some(F::Moved),
        Some(F::ResultBehindRedirect),
        Some(F::WrongCode),
        Some(F::Busy),
        Some(F::Forbidden),
        Some(F::InternalErrorWithAnswer),
        Some(F::ShortOfLength),
        Some(F::CutAfterAnswer),
        Some(F::Reworded),
        Some(F::Negated),
        Some(F::NegatedInline),
        Some(F::HiddenAnswer),
        Some(F::AnswerInScript),
        Some(F::AnswerInHelp),
        Some(F::BothAnswers),
        Some(F::AnswerThenRefresh),
        Some(F::AnswerAsPlainText),
        Some(F::AnswerBeforeQuestion),
    ];
    let encodings = vec![
        PageEncoding::Utf8,
        PageEncoding::ShiftJis,
        PageEncoding::EucJpInMeta,
        PageEncoding::Utf8MarkedSaidShiftJis,
        PageEncoding::Utf8SaidShiftJis,
        PageEncoding::ShiftJisSaidUtf8,
        PageEncoding::EucJpSaidShiftJis,
        PageEncoding::Iso2022Jp,
        PageEncoding::Utf16,
        PageEncoding::UnknownLabel,
    ];
    let answers = vec![Found::NotListed, Found::NotListed, Found::Lapsed, Found::NoMatch];
    (
        prop::sample::select(faults),
        prop::sample::select(encodings),
        prop::sample::select(answers),
        0_u8..24,
    )
        .prop_map(|(fault, encoding, answer, hour)| Script {
            answer,
            fault,
            encoding,
            hour,
        })
}
