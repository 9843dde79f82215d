//! One fault at a time, at every command of every mode of the My Number Card: a typed error or a sound result, at most one try
//! lost, no secret sent twice, and the next reading succeeds.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod slow;

use std::sync::LazyLock;

use slow::{Slow, block_on};
use zairyu::mynumber::{
    self, AttributeKey, AuthPin, BirthDate, BirthDigits, Challenge, CvAnchors, Error as CardError,
    JpkiAnchors, LastTry, NumberB, Policy, Proof, ReadError, Reading, Secret, Status, TextPin, Tries,
};
use zairyu::transport::{Error, ErrorKind, Fault, FaultInjector, Limits, Transport};
use zairyu_mynumber_testcard::{
    Application as Of, CardBuilder, IssuedCard, Profile, ShortRead, SoftwareCard, auth_root, cv_modulus,
};

fn issue(profile: Profile) -> IssuedCard {
    CardBuilder::new(profile).issue().unwrap()
}

fn card() -> SoftwareCard {
    // Issued once: signing takes its time.
    static ISSUED: LazyLock<IssuedCard> = LazyLock::new(|| issue(Profile::Adult));
    SoftwareCard::new(ISSUED.clone())
}

fn childs_card() -> SoftwareCard {
    static ISSUED: LazyLock<IssuedCard> = LazyLock::new(|| issue(Profile::Under15));
    SoftwareCard::new(ISSUED.clone())
}

fn phone() -> SoftwareCard {
    static ISSUED: LazyLock<IssuedCard> = LazyLock::new(|| issue(Profile::AndroidToken));
    SoftwareCard::new(ISSUED.clone())
}

/// A reading: its mode, and what opens the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Face,
    Attributes,
    AttributesByNumberB,
    Age,
    JpkiAuth,
    JpkiWithoutPin,
    PinStatus,
}

/// Which card is read in which way.
const READINGS: [(fn() -> SoftwareCard, Way); 16] = [
    (card, Way::Face),
    (card, Way::Attributes),
    (card, Way::AttributesByNumberB),
    (card, Way::Age),
    (card, Way::JpkiAuth),
    (card, Way::JpkiWithoutPin),
    (card, Way::PinStatus),
    (childs_card, Way::Face),
    (childs_card, Way::JpkiAuth),
    (childs_card, Way::PinStatus),
    (phone, Way::JpkiAuth),
    (phone, Way::PinStatus),
    (|| card().with_limits(Limits::EXTENDED), Way::Face),
    (|| card().with_chained_responses(), Way::Attributes),
    (|| card().with_short_read(ShortRead::WrongLe), Way::Attributes),
    (|| card().with_short_read(ShortRead::Warning), Way::Age),
];

/// Counts commands and secrets, and stops a reading that does not end.
struct Counted<T> {
    card: T,
    commands: usize,
    secrets: usize,
}

impl<T: Transport> Transport for Counted<T> {
    fn limits(&self) -> Limits {
        self.card.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        self.commands += 1;
        assert!(self.commands < 4000, "the reading does not end");
        // VERIFY with data; without data it asks for the tries.
        self.secrets += usize::from(command.get(1) == Some(&0x20) && command.len() > 5);
        self.card.transmit(command)
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.card.reset()
    }
}

fn counted<T>(card: T) -> Counted<T> {
    Counted {
        card,
        commands: 0,
        secrets: 0,
    }
}

/// One card for the first commands, another from then on.
struct Swapped {
    cards: [SoftwareCard; 2],
    first: usize,
}

impl Transport for Swapped {
    fn limits(&self) -> Limits {
        self.cards[0].limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let card = usize::from(self.first == 0);
        self.first = self.first.saturating_sub(1);
        self.cards[card].transmit(command)
    }
}

/// What a reading proved of what it is for, line by line: the status, and what was verified.
type Lines = Vec<(Status, Option<Vec<u8>>)>;

fn line<T>(proof: &Proof<T>, bytes: impl FnOnce(&T) -> Vec<u8>) -> (Status, Option<Vec<u8>>) {
    (proof.status(), proof.content().map(bytes))
}

fn bare(proof: &Proof) -> (Status, Option<Vec<u8>>) {
    line(proof, |()| Vec::new())
}

fn digits(date: &BirthDate) -> Vec<u8> {
    date.digits().into()
}

fn read(way: Way, card: &mut impl Transport) -> Result<Lines, ReadError> {
    static ANCHORS: LazyLock<(CvAnchors, JpkiAnchors)> = LazyLock::new(|| {
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
    });
    let (anchors, roots) = &*ANCHORS;
    let policy = Policy::default;
    let challenge = || Challenge::new([7; Challenge::LEN]);
    let birth = || BirthDigits::as_printed("020101").unwrap();
    let number_b = || NumberB::new(birth(), 2035, "1234").unwrap();
    Ok(match way {
        Way::Face => {
            let files = mynumber::read(card, Reading::face(number_b(), challenge(), policy())?)?;
            let proofs = files.judge(anchors);
            let face = line(&proofs.face, |face| {
                [
                    &digits(&face.date_of_birth)[..],
                    &face.name,
                    &face.address,
                    &face.photo,
                ]
                .concat()
            });
            vec![bare(&proofs.issuer), face, bare(&proofs.chip)]
        }
        Way::Attributes | Way::AttributesByNumberB => {
            let key = if way == Way::Attributes {
                AttributeKey::Pin(TextPin::new("1357").unwrap())
            } else {
                AttributeKey::NumberB(number_b())
            };
            let files = mynumber::read(card, Reading::attributes(key, challenge(), policy())?)?;
            let proofs = files.judge(anchors);
            let attributes = line(&proofs.attributes, |text| {
                [&text.name, &text.address, text.date_of_birth.digits()]
                    .concat()
                    .into_bytes()
            });
            vec![
                bare(&proofs.issuer),
                attributes,
                bare(&proofs.card_key),
                bare(&proofs.chip),
            ]
        }
        Way::Age => {
            let files = mynumber::read(card, Reading::age(birth(), challenge(), policy())?)?;
            let proofs = files.judge(anchors);
            vec![
                bare(&proofs.issuer),
                line(&proofs.age, digits),
                bare(&proofs.chip),
            ]
        }
        Way::JpkiAuth | Way::JpkiWithoutPin => {
            let asked = way == Way::JpkiAuth;
            let holder = asked.then(|| (AuthPin::new("2468").unwrap(), challenge()));
            let files = mynumber::read(card, Reading::jpki_auth(holder, policy())?)?;
            let at = "2026-11-22T10:00:00+09:00".parse().unwrap();
            let proofs = files.judge(roots, at, None);
            let facts = line(&proofs.certificate, |facts| format!("{facts:?}").into_bytes());
            if asked {
                vec![facts, bare(&proofs.holder)]
            } else {
                assert_eq!(proofs.holder.status(), Status::NotChecked);
                vec![facts]
            }
        }
        Way::PinStatus => {
            mynumber::read(card, Reading::pin_status()?)?;
            Vec::new()
        }
    })
}

fn faults() -> Vec<(&'static str, Fault)> {
    let mut faults = vec![
        ("no answer", Fault::Error(ErrorKind::TimedOut)),
        ("answer lost", Fault::ErrorAfterwards(ErrorKind::TimedOut)),
        ("exchange failed", Fault::Error(ErrorKind::ExchangeFailed)),
        ("removed", Fault::Gone(ErrorKind::CardRemoved)),
        ("reset", Fault::Gone(ErrorKind::CardReset)),
        ("empty answer", Fault::Response(Vec::new())),
        ("stale answer", Fault::Stale),
        (
            "64 KiB",
            Fault::Response([vec![0x30; 65_536], vec![0x90, 0x00]].concat()),
        ),
        ("no data", Fault::NoData),
        ("one byte more", Fault::Extended(vec![0x00])),
        ("300 bytes more", Fault::Extended(vec![0x5A; 300])),
    ];
    faults.extend([1, 2, 3, 4, 9, 40, 100, 255].map(|length| ("cut", Fault::Cut(length))));
    faults.extend([0, 3, 20, 100, 200].map(|offset| ("one bit", Fault::Flipped { offset, xor: 1 })));
    faults.extend(
        [
            0x6283, 0x6300, 0x63C0, 0x63C1, 0x63C2, 0x6400, 0x6581, 0x6700, 0x6982, 0x6983, 0x6984, 0x6985,
            0x6986, 0x6999, 0x6A82, 0x6A86, 0x6A88, 0x6B00, 0x6D00, 0x6E00, 0x6F00, 0x6100, 0x6C10, 0x6282,
            0x9001, 0x0000, 0xFFFF,
        ]
        .map(|status| ("status", Fault::Status(status))),
    );
    faults.extend([0x6282, 0x6300, 0x9100].map(|status| ("data and status", Fault::OtherStatus(status))));
    faults
}

/// A line that could not be proved says so; what is verified is what the undisturbed card holds.
fn check_lines(lines: &Lines, good: &Lines, context: &str) {
    assert_eq!(lines.len(), good.len(), "{context}");
    for (line, good) in lines.iter().zip(good) {
        assert!(line.0 != Status::Verified || line == good, "{context}");
    }
}

/// Another card in the place of the first, fresh from power-up, at each command: nobody says so, and it has the same PINs.
#[test]
fn a_card_that_takes_another_s_place_proves_nothing() {
    let (mut cases, mut whole) = (0, 0);
    for way in [Way::Face, Way::Attributes, Way::Age, Way::JpkiAuth] {
        let mut first = counted(card());
        let good = read(way, &mut first).unwrap();
        // The last command is LOG_OUT, behind the reading.
        let whole_reading = first.commands - 1;
        for at in 0..=whole_reading {
            let cards = [card(), card()];
            cases += 1;
            if let Ok(lines) = read(way, &mut Swapped { cards, first: at }) {
                // All of one card: the other's before the first command, the first's after the last.
                let all_verified = lines.iter().all(|(status, _)| *status == Status::Verified);
                let of_one = at == 0 || at == whole_reading;
                assert!(!all_verified || of_one, "{way:?} at {at}");
                assert!(
                    at == 0 || lines[1].0 != Status::Verified || lines[1] == good[1],
                    "{way:?} at {at}"
                );
                whole += usize::from(all_verified);
            }
        }
    }
    println!("{cases} cards taken away for another");
    assert_eq!(whole, 8);
}

#[test]
fn every_command_of_every_mode_survives_every_fault() {
    let (mut cases, mut again, mut unknown) = (0, 0, 0);
    for (card, way) in READINGS {
        let mut whole = counted(card());
        let good = read(way, &mut whole).unwrap();
        assert!(
            good.iter().all(|(status, _)| *status == Status::Verified),
            "{way:?}: {good:?}"
        );
        for (name, fault) in faults() {
            for at in 0..whole.commands {
                cases += 1;
                let context = || format!("{way:?} {name} {fault:?} at {at}");
                let mut card = counted(FaultInjector::new(card()).inject(at, fault.clone()));
                let result = read(way, &mut card);
                assert!(card.secrets <= 1, "{}", context());
                match result {
                    Ok(lines) => check_lines(&lines, &good, &context()),
                    Err(ReadError::OutcomeUnknown { outcome, .. }) => {
                        unknown += 1;
                        assert_eq!(card.secrets, 1, "{}", context());
                        if card.reset().is_ok() {
                            // Asking what became of it costs nothing.
                            let tries = mynumber::tries_left(&mut card, outcome.secret()).unwrap();
                            assert_eq!(
                                mynumber::resolve(&mut card, &outcome).unwrap(),
                                outcome.compare(tries)
                            );
                            assert_eq!(card.secrets, 1, "{}", context());
                        }
                    }
                    Err(ReadError::Card(_) | ReadError::Transport(_)) => {}
                    Err(error) => panic!("{}: {error}", context()),
                }
                // Nothing stays selected, and so nothing presented.
                if card.reset().is_ok() {
                    assert_eq!(attributes(&mut card), [0x69, 0x85], "{}", context());
                }
                // The right secret was sent: no try is lost, and the next reading succeeds.
                if card.reset().is_ok() {
                    card.commands = 0;
                    assert_eq!(read(way, &mut card).unwrap(), good, "{}", context());
                    again += 1;
                } else {
                    assert!(["removed", "reset"].contains(&name), "{}", context());
                }
            }
        }
    }
    println!("{cases} faulty readings, {again} read again, {unknown} with the outcome of a secret unknown");
    assert!(cases > 15_000 && unknown > 0, "{cases}");
}

#[test]
fn the_last_try_is_left_alone_unless_the_caller_insists() {
    let mut card = counted(card().with_tries_left(Of::Text, 0x11, 1));
    let mut policy = Policy::default();
    let attributes = |policy| {
        let key = AttributeKey::Pin(TextPin::new("1357").unwrap());
        Reading::attributes(key, mynumber::challenge().unwrap(), policy).unwrap()
    };
    let refused = mynumber::read(&mut card, attributes(policy)).err();
    assert!(
        matches!(
            refused,
            Some(ReadError::Card(CardError::LastTry(Secret::TextPin)))
        ),
        "{refused:?}"
    );
    assert_eq!(card.secrets, 0);
    assert_eq!(
        mynumber::tries_left(&mut card, Secret::TextPin).unwrap(),
        Tries::Left(1)
    );
    policy.last_try = LastTry::Use;
    mynumber::read(&mut card, attributes(policy)).unwrap();
    assert_eq!(card.secrets, 1);
}

#[test]
fn a_blocked_secret_comes_with_guidance() {
    let mut card = card().with_tries_left(Of::Text, 0x11, 0);
    let key = AttributeKey::Pin(TextPin::new("1357").unwrap());
    let reading = Reading::attributes(key, mynumber::challenge().unwrap(), Policy::default()).unwrap();
    let error = mynumber::read(&mut card, reading).unwrap_err();
    assert!(error.guidance().is_some());
}

/// A reader that, after an error, says the same of every command until it is reset, as that of PC/SC does.
struct EndedUntilReset<T> {
    transport: T,
    ended: Option<Error>,
}

impl<T: Transport> Transport for EndedUntilReset<T> {
    fn limits(&self) -> Limits {
        self.transport.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        if let Some(ended) = &self.ended {
            return Err(ended.clone());
        }
        let response = self.transport.transmit(command);
        self.ended = response.as_ref().err().cloned();
        response
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.ended = None;
        self.transport.reset()
    }
}

/// Behind a reading that succeeded, and one that failed anywhere by any fault, no secret stays presented: not even to who
/// selects the same application again.
#[test]
fn the_card_forgets_after_a_reading() {
    let mut whole = counted(card());
    read(Way::Attributes, &mut whole).unwrap();
    let commands = whole.commands;
    assert_forgotten(&mut whole);
    let faults = [
        Fault::Status(0x6F00),
        Fault::Status(0x6A82),
        Fault::Error(ErrorKind::CardReset),
        Fault::ErrorAfterwards(ErrorKind::CardReset),
        Fault::ErrorAfterwards(ErrorKind::ExchangeFailed),
        Fault::ErrorAfterwards(ErrorKind::TimedOut),
    ];
    for fault in faults {
        // The last command is the one that logs out.
        for at in 0..commands {
            let reader = || EndedUntilReset {
                transport: FaultInjector::new(card()).inject(at, fault.clone()),
                ended: None,
            };
            let mut card = reader();
            let _ = read(Way::Attributes, &mut card);
            assert_forgotten(&mut card);

            let mut card = reader();
            let key = AttributeKey::Pin(TextPin::new("1357").unwrap());
            let reading = Reading::attributes(key, Challenge::new([7; Challenge::LEN]), Policy::default());
            let _ = block_on(mynumber::read_async(&mut Slow(&mut card), reading.unwrap()));
            assert_forgotten(&mut card);
        }
    }
    // Without that, a reset would not have helped.
    let mut card = card();
    card.transmit(TEXT_APPLICATION).unwrap();
    card.transmit(b"\x00\x20\x00\x91\x041357").unwrap();
    card.reset().unwrap();
    card.transmit(TEXT_APPLICATION).unwrap();
    assert!(attributes(&mut card).ends_with(&[0x90, 0x00]));
}

const TEXT_APPLICATION: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";

fn assert_forgotten(card: &mut impl Transport) {
    // Nothing is selected.
    assert_eq!(attributes(card), [0x69, 0x85]);
    card.transmit(TEXT_APPLICATION).unwrap();
    assert_eq!(attributes(card), [0x69, 0x82]);
}

/// The beginning of the attributes, with nothing done to open them.
fn attributes(card: &mut impl Transport) -> Vec<u8> {
    card.transmit(&[0x00, 0xB0, 0x82, 0x00, 0x04]).unwrap()
}
