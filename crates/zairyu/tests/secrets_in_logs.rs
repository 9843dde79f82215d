//! Everything that any crate logs, at every level, while cards are read, judged, looked up and recorded: no number, key,
//! name, date or picture is in it. Alone in its program, because a logger is for all of it.
#![cfg(all(feature = "page-client", feature = "evidence"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod needles;

use std::ops::ControlFlow;
use std::sync::Mutex;

use needles::{TYPES, card_with_known_key, found_in, issue, number, read_with_known_key};
use zairyu::data::{CardType, Generation};
use zairyu::evidence::{
    Consent, EvidenceLog, Gate, Label, LinkKey, MemoryStore, Moment, Personal, PersonalValue, Seed,
    SigningKey,
};
use zairyu::protocol::MessageLimits;
use zairyu::revocation::{
    LookupSource, NotAsked, Outcome, PageClient, Picture, PictureCode, Policy, Profile, Purpose,
};
use zairyu::transport::{Deadline, Limits, Recorder, Recording, Traced};
use zairyu::{Anchors, Reading, Timestamp};
use zairyu_revocation_standin::{Answer, CODE, Fault, Script, StandIn};
use zairyu_testcard::{IssuedCard, Issuer, SoftwareCard};

/// Takes every record of any crate, at any level up to `log::max_level`.
struct Log;

static LOGGED: Mutex<String> = Mutex::new(String::new());

impl log::Log for Log {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}\n", record.target(), record.args());
        LOGGED.lock().unwrap().push_str(&line);
    }

    fn flush(&self) {}
}

fn logged() -> String {
    std::mem::take(&mut *LOGGED.lock().unwrap())
}

struct Typist;

impl PictureCode for Typist {
    fn read(&mut self, _: &Picture) -> Option<String> {
        Some(CODE.to_owned())
    }
}

fn anchors() -> Anchors {
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        anchors
            .add(&Issuer::new().ca_certificate(generation).unwrap())
            .unwrap();
    }
    anchors
}

/// Reading, with everything that stands around a transport, judging, saving, decoding.
fn read_and_judge(issued: &IssuedCard, limits: Limits) -> Reading {
    let card = SoftwareCard::new(issued.clone()).with_limits(limits);
    let card = Deadline::new(
        card,
        std::time::Instant::now() + std::time::Duration::from_secs(600),
    );
    let mut card = Traced::new(card, |event| log::trace!("{event} {event:?}"));
    let reading = zairyu::read_with_progress(&mut card, &number(), |progress| {
        log::trace!("{progress:?}");
        ControlFlow::Continue(())
    })
    .unwrap();
    let report = reading.judge(&anchors(), Timestamp::now());
    log::trace!("{reading:?} {report:?} {card:?}");
    for (_, image) in report.images.iter() {
        let _ = image.decode().map(|image| image.map(|image| image.to_png()));
    }
    assert!(report.to_json().len() + report.to_string().len() > 100);
    let again = Reading::from_dump(&reading.to_dump()).unwrap();
    let _ = Reading::from_dump(&reading.to_dump().replace('}', ""));
    let mut recorder = Recorder::new(SoftwareCard::new(issued.clone()));
    let _ = zairyu::read(&mut recorder, &number());
    let (_, recording) = zairyu::read_recorded(&mut SoftwareCard::new(issued.clone()), &number()).unwrap();
    log::trace!("{recording:?} {}", recording.to_text());
    let _ = zairyu::replay(&Recording::parse(&recording.to_text()).unwrap());
    let wrong = "QX48151623ZV".parse().unwrap();
    let error = zairyu::read(&mut SoftwareCard::new(issued.clone()), &wrong).unwrap_err();
    log::trace!("{error} {error:?}");
    again
}

/// The lookup over the web and the record of the check, with the number's digest in it.
fn look_up_and_record(reading: &Reading, script: Script) -> Outcome {
    let report = reading.judge(&anchors(), Timestamp::now());
    let service = StandIn::start(script).unwrap();
    let profile: Profile = serde_json::from_str(&service.profile()).unwrap();
    let inputs = reading.lookup_inputs(&report).consent(Purpose::Hiring);
    let inquiry = inputs.check().unwrap();
    let mut client = PageClient::new(profile, Typist).trust_only(&[service.ca_certificate()]);
    let lookup = client.look_up(&inquiry);
    let outcome = lookup.outcome();
    log::debug!("{lookup:?} {client:?} {inquiry:?}");
    let report = report.with_lookup(lookup, Purpose::Hiring, None, &Policy::default());
    let now = Moment::japan(Timestamp::now());
    let gate = Gate {
        purpose: Label::new("hiring").unwrap(),
        consent: Consent::GivenAt(now),
        operator_id: Label::new("op-17").unwrap(),
        app_version: Label::new("test 1").unwrap(),
    };
    let key = SigningKey::generate(&[7; 32]).unwrap();
    let mut evidence = EvidenceLog::create(MemoryStore::new(), key, now, None, &Seed::new(&[8; 32])).unwrap();
    let record = report.to_check_record(gate, now).unwrap();
    let link = LinkKey::new(&[9; 32]);
    let delete_on = "2027-11-22".parse().unwrap();
    let personal = [Personal {
        value: PersonalValue::NumberMac(link.mac(reading.number())),
        delete_on,
    }];
    let entry = evidence
        .append(&record, &personal, &Seed::new(&[10; 32]))
        .unwrap();
    log::debug!("{record:?} {entry:?} {personal:?}");
    outcome
}

#[test]
fn nothing_personal_is_logged() {
    log::set_logger(&Log).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let cards: Vec<IssuedCard> = TYPES.into_iter().map(issue).collect();

    // What the scan is worth: it finds each kind of thing in each form.
    for leak in [
        format!("number {}", needles::NUMBER),
        format!("{:?}", needles::NUMBER.as_bytes()),
        format!("{:02X?}", needles::SESSION_KEY).replace(['[', ']', ','], ""),
        format!("{:?}", needles::NUMBER_KEY),
        format!(
            "{:?}",
            &cards[2]
                .card_files()
                .get(zairyu::data::File::NameAndFaceImage)
                .unwrap()[..1_000]
        ),
    ] {
        assert!(found_in(&leak, &cards).is_some(), "{leak}");
    }

    // Every level.
    let mut readings = Vec::new();
    for card in &cards {
        for limits in [Limits::EXTENDED, Limits::SHORT] {
            readings.push(read_and_judge(card, limits));
        }
        let mut card = card_with_known_key(card.card_type());
        let limits = MessageLimits {
            command: 261,
            response: 258,
        };
        read_with_known_key(|command| card.process(command), number(), limits);
    }
    let of_second = readings
        .into_iter()
        .find(|reading| reading.files().card_type() == CardType::SecondResidenceCard)
        .unwrap();
    // At this level the web client's libraries would write down each byte that they send: it asks nothing.
    let outcome = look_up_and_record(&of_second, Script::answering(Answer::NotListed));
    assert_eq!(outcome, Outcome::NotAsked(NotAsked::PolicyDisabled));
    let text = logged();
    assert!(text.lines().count() > 100, "nothing was seen");
    assert_eq!(found_in(&text, &cards), None);

    // The highest level at which it asks.
    log::set_max_level(log::LevelFilter::Debug);
    for script in [
        Script::answering(Answer::NotListed),
        Script::failing(Fault::RedirectWithNumber),
        Script::failing(Fault::InternalError),
    ] {
        look_up_and_record(&of_second, script);
    }
    let text = logged();
    assert!(text.contains("ureq"), "the libraries' records were not seen");
    assert_eq!(found_in(&text, &cards), None);
}
