//! What is logged while My Number Cards are read and judged, what errors and `Debug` show, and what a caller's panic shows: no
//! PIN, no 照合番号B, no name, address, date of birth or My Number. Alone in its program, because a logger is for all of it.
#![cfg(feature = "my-number")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use zairyu::mynumber::{
    self, AttributeKey, AuthPin, BirthDigits, Challenge, CvAnchors, JpkiAnchors, NumberB, Policy, ReadError,
    Reading, TextPin,
};
use zairyu::transport::{Traced, Transport};
use zairyu_mynumber_testcard::{
    Application as Of, CardBuilder, IssuedCard, Profile, SoftwareCard, auth_root, cv_modulus,
};

static SHOWN: Mutex<String> = Mutex::new(String::new());

fn show(line: &str) {
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    shown.push_str(line);
    shown.push('\n');
}

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        show(&format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

/// The secrets and the holder of the software card, as text.
const TEXTS: [&str; 8] = [
    "02010120351234",
    "1357",
    "2468",
    "見本　花子",
    "見本県架空市例示町",
    "19900101",
    "1990-01-01",
    "123456789018",
];

/// What a text shows of them: as it is, in hexadecimal, or as a list of numbers.
fn found_in(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    TEXTS.into_iter().find_map(|needle| {
        let bytes = needle.as_bytes();
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
        let forms = [
            needle.to_owned(),
            hex.concat(),
            hex.join(" "),
            hex.join(", 0x"),
            list.join(", "),
        ];
        let found = forms.into_iter().find(|form| text.contains(form));
        found.map(|form| format!("{needle} as {form}"))
    })
}

fn anchors() -> (CvAnchors, JpkiAnchors) {
    let mut anchors = CvAnchors::new();
    for (of, application) in [
        (Of::Text, mynumber::Application::Text),
        (Of::Visual, mynumber::Application::Visual),
    ] {
        let (id, modulus) = cv_modulus(of).unwrap();
        anchors.add(application, id, &modulus).unwrap();
    }
    let mut roots = JpkiAnchors::new();
    roots.add(&auth_root(None).unwrap()).unwrap();
    (anchors, roots)
}

/// One reading of each kind, shown and judged; then the same with a wrong PIN, and a card that leaves half way.
fn read_all(mut card: impl Transport, anchors: &(CvAnchors, JpkiAnchors)) -> usize {
    let policy = Policy::default;
    let challenge = || Challenge::new([7; Challenge::LEN]);
    let birth = || BirthDigits::as_printed("020101").unwrap();
    let number_b = || NumberB::new(birth(), 2035, "1234").unwrap();
    let pin = |digits| AttributeKey::Pin(TextPin::new(digits).unwrap());
    let mut read = 0;
    let mut shown = |result: Result<String, ReadError>| match result {
        Ok(text) => {
            read += 1;
            show(&text);
        }
        Err(error) => show(&format!("{error} {error:?} {:?}", error.guidance())),
    };
    let reading = Reading::face(number_b(), challenge(), policy()).unwrap();
    show(&format!("{reading:?} {:?} {:?}", number_b(), birth()));
    shown(mynumber::read(&mut card, reading).map(|files| format!("{files:?} {:?}", files.judge(&anchors.0))));
    for key in [pin("1357"), AttributeKey::NumberB(number_b()), pin("9999")] {
        show(&format!("{key:?}"));
        let reading = Reading::attributes(key, challenge(), policy()).unwrap();
        shown(
            mynumber::read(&mut card, reading)
                .map(|files| format!("{files:?} {:?}", files.judge(&anchors.0))),
        );
    }
    let reading = Reading::age(birth(), challenge(), policy()).unwrap();
    shown(mynumber::read(&mut card, reading).map(|files| format!("{files:?} {:?}", files.judge(&anchors.0))));
    let holder = (AuthPin::new("2468").unwrap(), challenge());
    show(&format!("{holder:?}"));
    let reading = Reading::jpki_auth(Some(holder), policy()).unwrap();
    let at = "2026-11-22T10:00:00+09:00".parse().unwrap();
    shown(
        mynumber::read(&mut card, reading)
            .map(|files| format!("{files:?} {:?}", files.judge(&anchors.1, at, None))),
    );
    read
}

#[test]
fn no_secret_and_nothing_personal_is_shown() {
    log::set_logger(&Log).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    panic::set_hook(Box::new(|panic| show(&format!("{panic} {panic:?}"))));
    // What the scan is worth.
    for leak in [
        "PIN 2468",
        "[49, 51, 53, 55]",
        "31 33 35 37",
        "見本　花子",
        "123456789018",
    ] {
        assert!(found_in(leak).is_some(), "{leak}");
    }
    let anchors = anchors();
    let issued: IssuedCard = CardBuilder::new(Profile::Adult).issue().unwrap();
    let card = || {
        Traced::new(SoftwareCard::new(issued.clone()), |event| {
            log::trace!("{event} {event:?}")
        })
    };
    assert_eq!(read_all(card(), &anchors), 5);

    // A driver that panics, at each command.
    let mut panicked = 0;
    for left in 0..60 {
        let driver = Breaking {
            card: SoftwareCard::new(issued.clone()),
            left,
        };
        panicked +=
            usize::from(panic::catch_unwind(AssertUnwindSafe(|| read_all(driver, &anchors))).is_err());
    }
    let _ = panic::take_hook();
    assert!(panicked > 40, "{panicked}");
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(shown.contains("the driver is broken") && shown.lines().count() > 200);
    assert_eq!(found_in(&shown), None);
}

struct Breaking {
    card: SoftwareCard,
    left: usize,
}

impl Transport for Breaking {
    fn limits(&self) -> zairyu::transport::Limits {
        self.card.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, zairyu::transport::Error> {
        self.left = self.left.checked_sub(1).expect("the driver is broken");
        self.card.transmit(command)
    }
}
