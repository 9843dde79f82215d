//! What the web client's libraries log while it works. Alone in its program, because a logger is for all of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::sync::Mutex;

use zairyu_revocation::{
    Answer, InputSource, Inputs, LookupSource, NotAsked, Outcome, PageClient, Picture, PictureCode, Profile,
    Purpose,
};
use zairyu_revocation_standin::{Answer as Found, CODE, Fault, Script, StandIn};

const NUMBER: &str = "QX48151623ZW";

struct Typist;

impl PictureCode for Typist {
    fn read(&mut self, _: &Picture) -> Option<String> {
        Some(CODE.to_owned())
    }
}

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

fn look_up(script: Script) -> (Outcome, StandIn, String) {
    let service = StandIn::start(script).unwrap();
    let profile: Profile = serde_json::from_str(&service.profile()).unwrap();
    let inquiry = Inputs::new(InputSource::Chip)
        .typed_number(NUMBER)
        .typed_valid_until("2033-04-01")
        .consent(Purpose::Hiring)
        .check()
        .unwrap();
    let mut client = PageClient::new(profile, Typist).trust_only(&[service.ca_certificate()]);
    let lookup = client.look_up(&inquiry);
    let texts = format!(
        "{lookup:?} {client:?} {inquiry:?} {}",
        serde_json::to_string(&lookup).unwrap()
    );
    (lookup.outcome(), service, texts)
}

#[test]
fn no_number_in_logs_and_debug_texts() {
    log::set_logger(&Log).unwrap();
    log::set_max_level(log::LevelFilter::Debug);
    for script in [
        Script::answering(Found::NotListed),
        Script::failing(Fault::RedirectWithNumber),
        Script::failing(Fault::ResultBehindRedirect),
        Script::failing(Fault::HangUpAtResult),
        Script::failing(Fault::NotHttp),
        Script::failing(Fault::InternalError),
    ] {
        let (_, _service, texts) = look_up(script);
        assert!(!texts.to_uppercase().contains(&NUMBER[2..10]), "{script:?}");
    }
    let logged = std::mem::take(&mut *LOGGED.lock().unwrap());
    assert!(logged.contains("ureq"), "the libraries' records were not seen");
    // Six digits in a row of it would be too much (a port has five).
    for part in NUMBER.as_bytes()[2..10].windows(6) {
        let part = std::str::from_utf8(part).unwrap();
        assert!(!logged.contains(part), "{part}");
    }

    // At the level below, the libraries would write every byte down. Then nothing is asked.
    log::set_max_level(log::LevelFilter::Trace);
    let (outcome, service, _) = look_up(Script::answering(Found::NotListed));
    assert_eq!(outcome, Outcome::NotAsked(NotAsked::PolicyDisabled));
    assert!(service.requests().is_empty());

    log::set_max_level(log::LevelFilter::Off);
    let (outcome, ..) = look_up(Script::answering(Found::NotListed));
    assert_eq!(outcome, Outcome::Answered(Answer::NotListedAsLapsed));
}
