//! The modes against the software card: what they send, what they bring, what they never do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod driver;

use std::collections::BTreeSet;

use driver::*;
use zairyu_mynumber::{
    Application, Device, Error, Interruption, Mode, Policy, Reading, Resolution, Secret, Step, Tries,
};
use zairyu_mynumber_testcard::{
    Application as CardApplication, CardBuilder, Filler, LengthForm, NUMBER, Profile, ShortRead, SoftwareCard,
};
use zairyu_transport::{Callback, ErrorKind, Fault, FaultInjector, Limits, Transport};

/// A command as somebody sees it who knows ISO/IEC 7816-4 and nothing of this crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    SelectAid(Vec<u8>),
    SelectFile(u16),
    Query(u8),
    Verify(u8),
    Read,
    Sign(u8),
    GetResponse,
}

fn seen(command: &[u8]) -> Seen {
    match *command {
        [0x00, 0xA4, 0x04, 0x0C, length, ref aid @ ..] if usize::from(length) == aid.len() => {
            Seen::SelectAid(aid.to_vec())
        }
        [0x00, 0xA4, 0x02, 0x0C, 0x02, high, low] => Seen::SelectFile(u16::from_be_bytes([high, low])),
        [0x00, 0x20, 0x00, p2] => Seen::Query(p2),
        [0x00, 0x20, 0x00, p2, length, ref data @ ..] if usize::from(length) == data.len() => {
            Seen::Verify(p2)
        }
        // P1 below 80: of the file selected before, never by a short identifier.
        [0x00, 0xB0, 0x00..=0x7F, _, _] => Seen::Read,
        [0x80, 0x2A, 0x00, p2, 0x33, ref rest @ ..] if rest.len() == 0x34 => Seen::Sign(p2),
        [0x00, 0xC0, 0x00, 0x00, _] => Seen::GetResponse,
        _ => panic!("{command:02X?}"),
    }
}

const JPKI: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
const TEXT: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
const VISUAL: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02";

/// The AIDs, files, secrets and keys that a mode may touch.
type Allowed = (Vec<&'static [u8]>, Vec<u16>, Vec<u8>, Vec<u8>);

/// The lists of the modes, written down a second time.
fn allowed(mode: Mode) -> Allowed {
    match mode {
        Mode::Face => (vec![VISUAL], vec![2, 4], vec![0x92], vec![0x00]),
        Mode::Attributes => (vec![TEXT], vec![2, 3, 4, 7], vec![0x91, 0x95], vec![0x00]),
        Mode::Age => (vec![VISUAL], vec![1, 4], vec![0x91], vec![0x00]),
        Mode::JpkiAuth => (vec![JPKI], vec![6, 8, 0x0A], vec![0x98], vec![0x97]),
        Mode::PinStatus => (vec![JPKI, TEXT, VISUAL], vec![], vec![], vec![]),
        _ => panic!("a mode without a list"),
    }
}

fn check_trace(mode: Mode, trace: &[(Vec<u8>, Vec<u8>)]) {
    let (aids, files, secrets, keys) = allowed(mode);
    let mut verified = 0;
    let mut last = None;
    for (command, response) in trace {
        let seen = seen(command);
        match &seen {
            Seen::SelectAid(aid) => assert!(aids.contains(&aid.as_slice()), "{mode}: {seen:?}"),
            Seen::SelectFile(file) => assert!(files.contains(file), "{mode}: {seen:?}"),
            Seen::Query(p2) if mode != Mode::PinStatus => assert!(secrets.contains(p2), "{mode}: {seen:?}"),
            Seen::Query(_) | Seen::Read | Seen::GetResponse => {}
            Seen::Verify(p2) => {
                assert!(secrets.contains(p2), "{mode}: {seen:?}");
                // The tries were asked for, of the same secret, in the command before.
                assert_eq!(last, Some(Seen::Query(*p2)));
                verified += 1;
            }
            Seen::Sign(p2) => assert!(keys.contains(p2), "{mode}: {seen:?}"),
        }
        for bytes in [command, response] {
            assert!(
                !bytes.windows(12).any(|window| window == NUMBER),
                "{mode}: the My Number"
            );
        }
        last = Some(seen);
    }
    assert!(verified <= 1, "{mode}: {verified} secrets sent");
}

/// Every mode in every form that a card may take, from its trace.
#[test]
fn no_mode_leaves_its_list_in_any_form_of_card() {
    let builders = [
        CardBuilder::new(Profile::Adult),
        CardBuilder::new(Profile::Adult)
            .length_form(LengthForm::Long)
            .filler(Filler::None),
        CardBuilder::new(Profile::Under15).filler(Filler::Zeros(40)),
        CardBuilder::new(Profile::Adult).filler(Filler::Ones(300)),
    ];
    for builder in builders {
        let issued = builder.issue().unwrap();
        for short_read in [ShortRead::Plain, ShortRead::Warning, ShortRead::WrongLe] {
            for chained in [false, true] {
                for longest_read in [64, 231, 256] {
                    let mut policy = Policy::default();
                    policy.longest_read = longest_read;
                    for mode in Mode::ALL {
                        let mut card = SoftwareCard::new(issued.clone()).with_short_read(short_read);
                        if chained {
                            card = card.with_chained_responses();
                        }
                        let trace = read_any(mode, policy, &mut card).unwrap();
                        check_trace(mode, &trace);
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_read_is_what_the_card_holds_without_filler() {
    for length_form in [LengthForm::Shortest, LengthForm::Long] {
        for filler in [Filler::None, Filler::Ones(2), Filler::Zeros(9)] {
            let issued = CardBuilder::new(Profile::Adult)
                .length_form(length_form)
                .filler(filler)
                .issue()
                .unwrap();
            let whole = |application, file| issued.file(application, file).unwrap().to_vec();
            let mut card = SoftwareCard::new(issued.clone());
            let face = read(face(), &mut card).unwrap();
            assert!(whole(CardApplication::Visual, 2).starts_with(face.face()));
            assert!(whole(CardApplication::Visual, 4).starts_with(face.issuer()));
            let attributes = read(attributes_by_pin(), &mut card).unwrap();
            assert!(whole(CardApplication::Text, 2).starts_with(attributes.attributes()));
            let by_number = read(attributes_by_number(), &mut card).unwrap();
            assert_eq!(by_number.attributes(), attributes.attributes());
            let jpki = read(jpki(), &mut card).unwrap();
            assert_eq!(jpki.certificate(), whole(CardApplication::Jpki, 0x0A));
            assert_eq!(jpki.device(), Device::MyNumberCard);
            let filler = match filler {
                Filler::Ones(count) | Filler::Zeros(count) => count,
                _ => 0,
            };
            assert_eq!(
                face.face().len() + filler,
                whole(CardApplication::Visual, 2).len()
            );
        }
    }
}

#[test]
fn a_child_has_no_certificate_for_signing_and_a_phone_no_face() {
    let mut child = card(Profile::Under15);
    let files = read(jpki(), &mut child).unwrap();
    let presence = files.presence().unwrap();
    assert!(presence.auth && !presence.sign);
    let status = read(Reading::pin_status(), &mut child).unwrap();
    assert_eq!(status.tries(Secret::SignPassword), Some(Tries::Absent));
    assert_eq!(status.tries(Secret::AuthPin), Some(Tries::Left(3)));

    let mut phone = card(Profile::AndroidToken);
    let files = read(jpki(), &mut phone).unwrap();
    assert_eq!(files.device(), Device::AndroidPhone);
    assert_eq!(
        read(face(), &mut phone).unwrap_err(),
        Error::NoApplication(Application::Visual)
    );
    // Without PIN a phone keeps its certificate, and a card does not.
    let without_pin = || Reading::jpki_auth(None, Policy::default());
    phone.power_cycle();
    assert!(matches!(
        read(without_pin(), &mut phone).unwrap_err(),
        Error::Refused { .. }
    ));
    assert!(read(without_pin(), &mut child).is_ok());
    let status = read(Reading::pin_status(), &mut phone).unwrap();
    let tries: Vec<Tries> = Secret::ALL
        .iter()
        .map(|secret| status.tries(*secret).unwrap())
        .collect();
    assert_eq!(
        tries,
        [
            Tries::Left(3),
            Tries::Left(5),
            Tries::Absent,
            Tries::Absent,
            Tries::Absent,
            Tries::Absent
        ]
    );
}

#[test]
fn a_card_without_certificates_is_explained_and_gets_no_pin() {
    let certificate = &b"\x00\xA4\x02\x0C\x02\x00\x0A"[..];
    let tries = &b"\x00\x20\x00\x98"[..];
    for (missing, status) in [(certificate, 0x6A82_u16), (tries, 0x6A82), (tries, 0x6A88)] {
        let mut verified = 0;
        let mut whole = card(Profile::Adult);
        let mut lacking = Callback::new(Limits::SHORT, |command: &[u8]| {
            verified += usize::from(command.get(1) == Some(&0x20) && command.len() > 5);
            if command == missing {
                return Ok(status.to_be_bytes().to_vec());
            }
            Ok(whole.process(command))
        });
        assert_eq!(read(jpki(), &mut lacking).unwrap_err(), Error::NoAuthCertificate);
        let without_pin = read(Reading::jpki_auth(None, Policy::default()), &mut lacking);
        assert_eq!(without_pin.is_ok(), missing == tries);
        assert_eq!(verified, 0);
    }
}

#[test]
fn another_card_is_told_by_its_missing_application() {
    let mut foreign = Scripted(vec![0x6A, 0x82]);
    assert_eq!(
        read(age(), &mut foreign).unwrap_err(),
        Error::NoApplication(Application::Visual)
    );
    let status = read(Reading::pin_status(), &mut foreign).unwrap();
    assert!(status.iter().all(|(_, tries)| tries == Tries::Absent));
    assert_eq!(status.iter().len(), 6);
}

/// Where the counters of each mode's secret are.
fn counter(mode: Mode) -> (CardApplication, u16, Secret) {
    match mode {
        Mode::Face => (CardApplication::Visual, 0x12, Secret::VisualNumberB),
        Mode::Attributes => (CardApplication::Text, 0x11, Secret::TextPin),
        Mode::Age => (CardApplication::Visual, 0x11, Secret::DateOfBirth),
        Mode::JpkiAuth => (CardApplication::Jpki, 0x18, Secret::AuthPin),
        _ => panic!("no secret"),
    }
}

const WITH_SECRET: [Mode; 4] = [Mode::Face, Mode::Attributes, Mode::Age, Mode::JpkiAuth];

#[test]
fn a_wrong_secret_costs_one_try_and_says_what_is_left() {
    for mode in WITH_SECRET {
        let (application, file, secret) = counter(mode);
        let mut card = card(Profile::Adult).with_tries_left(application, file, 3);
        let (error, trace) = read_wrong(mode, Policy::default(), &mut card);
        let tries = Tries::Left(2);
        assert_eq!(error, Error::WrongSecret { secret, tries });
        assert_eq!(card.tries_left(application, file), Some(2));
        check_trace(mode, &trace);
    }
}

#[test]
fn the_last_try_is_kept_unless_the_caller_insists() {
    for mode in WITH_SECRET {
        let (application, file, secret) = counter(mode);
        let mut card = card(Profile::Adult).with_tries_left(application, file, 1);
        let (error, trace) = read_wrong(mode, Policy::default(), &mut card);
        assert_eq!(error, Error::LastTry(secret));
        assert!(
            !trace
                .iter()
                .any(|(command, _)| matches!(seen(command), Seen::Verify(_)))
        );
        assert_eq!(card.tries_left(application, file), Some(1));

        let (error, _) = read_wrong(mode, insisting(), &mut card);
        assert_eq!(error, Error::Blocked(secret));
        assert_eq!(card.tries_left(application, file), Some(0));
    }
}

#[test]
fn a_blocked_secret_is_never_sent_even_by_who_insists() {
    for status in [0x6983, 0x6984] {
        for mode in WITH_SECRET {
            let (application, file, secret) = counter(mode);
            let mut card = card(Profile::Adult)
                .with_tries_left(application, file, 0)
                .with_blocked_status(status);
            let (error, trace) = read_wrong(mode, insisting(), &mut card);
            assert_eq!(error, Error::Blocked(secret));
            assert!(
                !trace
                    .iter()
                    .any(|(command, _)| matches!(seen(command), Seen::Verify(_)))
            );
        }
    }
}

#[test]
fn a_card_that_does_not_tell_the_tries_gets_no_secret() {
    for status in [0x9000, 0x6300, 0x6700, 0x6F00] {
        let answers = |policy: Policy| {
            let mut card = FaultInjector::new(card(Profile::Adult)).inject(1, Fault::Status(status));
            read_traced(face_with(policy), &mut card)
        };
        let (result, trace) = answers(Policy::default());
        let tries = Tries::Unknown(status.into());
        let secret = Secret::VisualNumberB;
        assert_eq!(result.unwrap_err(), Error::TriesUnknown { secret, tries });
        assert_eq!(trace.len(), 2);
        assert!(answers(insisting()).0.is_ok());
    }
}

/// The connection breaks at every command, before the card gets it or after.
#[test]
fn a_torn_card_gets_no_second_secret_and_its_counter_tells_what_happened() {
    for mode in WITH_SECRET {
        for wrong in [false, true] {
            // SELECT, of the certificate too in its mode, query, VERIFY.
            let verify = if mode == Mode::JpkiAuth { 3 } else { 2 };
            let commands = if wrong { verify + 1 } else { count_commands(mode) };
            for at in 0..commands {
                for fault in [
                    Fault::ErrorAfterwards(ErrorKind::CardRemoved),
                    Fault::Error(ErrorKind::CardRemoved),
                ] {
                    let (application, file, secret) = counter(mode);
                    let received = matches!(fault, Fault::ErrorAfterwards(_));
                    let mut card = card(Profile::Adult).with_tries_left(application, file, 2);
                    let interruption = {
                        let mut torn = FaultInjector::new(&mut card).inject(at, fault);
                        tear(mode, wrong, &mut torn)
                    };
                    card.power_cycle();
                    if at != verify {
                        assert_eq!(interruption, Interruption::NoSecretSent);
                        continue;
                    }
                    let Interruption::OutcomeUnknown(outcome) = interruption else {
                        panic!("{mode} at {at}: {interruption:?}");
                    };
                    assert_eq!((outcome.secret(), outcome.before()), (secret, Tries::Left(2)));
                    // Asked again, by a reading that can send nothing.
                    let (now, trace) = read_traced(Reading::tries_of(secret), &mut card);
                    check_trace(Mode::PinStatus, &trace);
                    let expected = match (received, wrong) {
                        (true, true) => Resolution::Wrong,
                        (true, false) => Resolution::Right,
                        // How full this counter can be, nobody knows.
                        (false, _) if mode == Mode::Age => Resolution::Unknown,
                        (false, _) => Resolution::NotReceived,
                    };
                    assert_eq!(
                        outcome.compare(now.unwrap().tries(secret).unwrap()),
                        expected,
                        "{mode}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_answer_to_verify_that_cannot_be_read_leaves_the_outcome_open() {
    for response in [
        vec![],
        vec![0x90],
        vec![0x00, 0x90, 0x00],
        vec![0x6F, 0x00],
        vec![0x65, 0x81],
        vec![0x61, 0x00],
        vec![0x62, 0x82],
        vec![0x6C, 0x04],
        vec![0x90, 0x01],
        vec![0xFF, 0xFF],
    ] {
        let mut card = FaultInjector::new(card(Profile::Adult)).inject(2, Fault::Response(response.clone()));
        let (result, trace) = read_traced(attributes_by_pin(), &mut card);
        let error = result.unwrap_err();
        assert!(
            matches!(error, Error::OutcomeUnknown(_)),
            "{response:02X?}: {error}"
        );
        assert_eq!(trace.len(), 3);
    }
    // These say that nothing was compared.
    for status in [0x6700, 0x6982, 0x6985, 0x6A86, 0x6A88, 0x6D00, 0x6E00] {
        let mut card = FaultInjector::new(card(Profile::Adult)).inject(2, Fault::Status(status));
        let error = read(attributes_by_pin(), &mut card).unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{status:04X}: {error}");
    }
}

#[test]
fn a_key_that_does_not_sign_does_not_end_the_reading() {
    let commands = count_commands(Mode::Face);
    let mut card = FaultInjector::new(card(Profile::Adult)).inject(commands - 1, Fault::Status(0x6982));
    assert!(read(face(), &mut card).is_ok());
}

#[test]
fn reads_that_are_too_short_or_too_long_are_refused_before_anything_is_sent() {
    for longest_read in [0, 63, 257, usize::MAX] {
        let mut policy = Policy::default();
        policy.longest_read = longest_read;
        assert_eq!(face_with(policy).unwrap_err(), Error::ReadLength);
    }
}

#[test]
fn nothing_shown_for_debugging_is_secret() {
    let mut shown = String::new();
    let mut card = card(Profile::Adult);
    let mut reading = attributes_by_pin().unwrap();
    let files = loop {
        shown += &format!("{reading:?} {}", reading.command_name());
        let response = card.transmit(reading.command()).unwrap();
        match reading.receive(&response).unwrap() {
            Step::Continue(next) => reading = next,
            Step::Done(files) => break files,
        }
    };
    shown += &format!("{files:?} {:?}", card);
    for secret in ["1357", "見本", "花子", "19900101", "123456789018"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    let distinct: BTreeSet<&str> = shown.split("Reading(").collect();
    assert!(distinct.len() > 5);
}
