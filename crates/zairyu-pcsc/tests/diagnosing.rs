//! What stands between us and a card, told apart: the real pcscd with virtual readers.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod toy;

use std::sync::{LazyLock, mpsc};
use std::time::{Duration, Instant};

use pcsc::{Context, Protocols, Scope, ShareMode};
use toy::{OK, ToyCard};
use zairyu_pcsc::{Cause, Certainty, Diagnosis, OpenOptions, Session, diagnose};
use zairyu_transport::{CancelHandle, Error, Transport};
use zairyu_virtual_reader::{Fault, Pcscd, VirtualReader};

/// Each test has readers of its own: tests run at the same time.
const READERS: [&str; 13] = [
    "Ready",
    "Empty",
    "Mute",
    "Wrong",
    "By Contacts",
    "Pair First",
    "Pair Second",
    "Exclusive",
    "Transaction",
    "Disturbed",
    "Hanging",
    "Serial (53692037223306)",
    "ACS ACR122U PICC Interface",
];

static DAEMON: LazyLock<Pcscd> = LazyLock::new(|| Pcscd::start(&READERS).unwrap());

const LIMIT: Duration = Duration::from_secs(30);

fn reader(name: &str) -> &'static VirtualReader {
    DAEMON.reader(name)
}

fn options(name: &str) -> OpenOptions {
    OpenOptions::new().reader(name).wait(Duration::from_secs(60))
}

/// Puts a card in and waits until the daemon has seen it.
fn insert(name: &str, card: ToyCard) {
    reader(name).insert(card);
    drop(options(name).open().unwrap());
}

fn answers_ok(card: &mut Session) -> Result<bool, Error> {
    Ok(card.transmit(&[0; 4])? == OK)
}

fn detail<'a>(diagnosis: &'a Diagnosis, name: &str) -> Vec<&'a str> {
    let found = diagnosis.details().filter(|(known, _)| *known == name);
    found.map(|(_, value)| value).collect()
}

/// What another program does with the card in this reader.
fn other_program(name: &str, mode: ShareMode) -> pcsc::Card {
    let context = Context::establish(Scope::User).unwrap();
    let names = context.list_readers_owned().unwrap();
    let name = names
        .iter()
        .find(|known| known.to_str().unwrap().starts_with(name));
    context.connect(name.unwrap(), mode, Protocols::ANY).unwrap()
}

#[test]
fn a_card_that_can_be_read_is_ready() {
    insert("Ready", ToyCard::willing());
    let diagnosis = options("Ready").diagnose_if(LIMIT, answers_ok);
    assert_eq!(diagnosis.cause(), Cause::Ready);
    assert_eq!(diagnosis.certainty(), Certainty::Certain);
    let readers = detail(&diagnosis, "reader");
    assert_eq!(readers.len(), READERS.len());
    assert!(
        readers.contains(&"Ready 00 00: kind unknown, a contactless card"),
        "{readers:?}"
    );
    // It leaves nothing behind.
    assert_eq!(options("Ready").open().unwrap().transmit(&[0; 4]).unwrap(), OK);
}

#[test]
fn an_empty_reader_has_no_card() {
    let _daemon = &*DAEMON;
    let diagnosis = options("Empty").diagnose(LIMIT);
    assert_eq!(diagnosis.cause(), Cause::NoCard);
    assert!(
        detail(&diagnosis, "reader").contains(&"Empty 01 00: kind unknown, empty"),
        "{diagnosis}"
    );
}

#[test]
fn no_such_reader_is_no_reader() {
    let _daemon = &*DAEMON;
    let diagnosis = options("No Such Reader").diagnose(LIMIT);
    assert_eq!(diagnosis.cause(), Cause::NoReader);
    assert!(
        detail(&diagnosis, "error")[0].contains("passed over: "),
        "{diagnosis}"
    );
}

#[test]
fn what_does_not_answer_is_told_from_no_card() {
    reader("Mute").insert(ToyCard::mute());
    // The daemon may not have seen it yet.
    let mut diagnosis = options("Mute").diagnose(LIMIT);
    while diagnosis.cause() == Cause::NoCard {
        diagnosis = options("Mute").diagnose(LIMIT);
    }
    assert_eq!(diagnosis.cause(), Cause::CardDoesNotAnswer, "{diagnosis}");
    assert!(
        diagnosis.to_string().contains("middle of the reader"),
        "{diagnosis}"
    );
}

#[test]
fn another_card_is_told_by_the_probe() {
    insert("Wrong", ToyCard::new(|_| Ok(vec![0x6A, 0x82])));
    let diagnosis = options("Wrong").diagnose_if(LIMIT, answers_ok);
    assert_eq!(diagnosis.cause(), Cause::WrongCard);
    assert_eq!(diagnosis.certainty(), Certainty::Certain);
}

#[test]
fn another_card_is_only_likely_in_a_contact_reader_if_no_contactless_one_is_there() {
    let mut card = ToyCard::new(|_| Ok(vec![0x6A, 0x82]));
    // As a T=1 card with contacts would say.
    card.set_atr(&[
        0x3B, 0xD5, 0x18, 0xFF, 0x81, 0x91, 0xFE, 0x1F, 0xC3, 0x80, 0x73, 0xC8, 0x21, 0x10, 0x0A,
    ]);
    insert("By Contacts", card);
    let diagnosis = options("By Contacts").diagnose_if(LIMIT, answers_ok);
    assert!(
        detail(&diagnosis, "reader").contains(&"By Contacts 04 00: kind unknown, a card read by contacts"),
        "{diagnosis}"
    );
    assert_eq!(diagnosis.cause(), Cause::ContactOnlyReader);
    assert_eq!(diagnosis.certainty(), Certainty::Likely);
}

#[test]
fn several_cards_are_named() {
    insert("Pair First", ToyCard::willing());
    insert("Pair Second", ToyCard::willing());
    let diagnosis = options("Pair").diagnose(LIMIT);
    assert_eq!(diagnosis.cause(), Cause::SeveralCards);
    let error = detail(&diagnosis, "error")[0];
    assert!(
        error.contains("Pair First") && error.contains("Pair Second"),
        "{error}"
    );
}

#[test]
fn a_card_that_another_program_has_is_in_use() {
    insert("Exclusive", ToyCard::willing());
    let other = other_program("Exclusive", ShareMode::Exclusive);
    let diagnosis = options("Exclusive").diagnose(LIMIT);
    assert_eq!(diagnosis.cause(), Cause::InUse);
    drop(other);

    insert("Transaction", ToyCard::willing());
    let mut other = other_program("Transaction", ShareMode::Shared);
    let transaction = other.transaction().unwrap();
    let diagnosis = options("Transaction").diagnose(LIMIT);
    assert_eq!(diagnosis.cause(), Cause::InUse);
    drop(transaction);
}

#[test]
fn a_card_with_which_exchanges_fail_is_told_as_such() {
    insert("Disturbed", ToyCard::new(|_| Err(Fault::Communication)));
    let diagnosis = options("Disturbed").diagnose_if(LIMIT, answers_ok);
    assert_eq!(diagnosis.cause(), Cause::ExchangeFailed);
    assert_eq!(detail(&diagnosis, "error"), ["NotTransacted, 0x80100016"]);
}

#[test]
fn a_probe_that_never_gets_an_answer_ends_with_the_diagnosis() {
    let (release, released) = mpsc::channel::<()>();
    insert(
        "Hanging",
        ToyCard::new(move |_| {
            let _ = released.recv();
            Ok(OK.to_vec())
        }),
    );
    // The exchange limit is thirty seconds, and does not count here.
    let started = Instant::now();
    let diagnosis = options("Hanging").diagnose_if(Duration::from_millis(500), answers_ok);
    assert_eq!(diagnosis.cause(), Cause::ExchangeFailed);
    assert!(started.elapsed() < Duration::from_secs(20));
    drop(release);
}

#[test]
fn nothing_that_tells_one_reader_from_another_of_its_kind_is_said() {
    let _daemon = &*DAEMON;
    let diagnosis = options("Serial").diagnose(LIMIT);
    let text = diagnosis.to_string();
    assert!(text.contains("Serial (...)"), "{text}");
    assert!(!text.contains("53692037223306"), "{text}");
}

#[test]
fn a_known_reader_is_described() {
    let _daemon = &*DAEMON;
    let diagnosis = options("ACR122").diagnose(LIMIT);
    assert_eq!(diagnosis.cause(), Cause::NoCard);
    assert!(
        detail(&diagnosis, "note")
            .iter()
            .any(|note| note.contains("Short APDUs only")),
        "{diagnosis}"
    );
}

#[test]
fn a_diagnosis_can_be_cancelled() {
    let _daemon = &*DAEMON;
    let handle = CancelHandle::new();
    handle.cancel();
    let diagnosis = OpenOptions::new().cancel_with(&handle).diagnose(LIMIT);
    assert_eq!(diagnosis.cause(), Cause::Cancelled);
}

#[test]
fn without_time_nothing_is_claimed_for_sure() {
    let _daemon = &*DAEMON;
    let diagnosis = diagnose(Duration::ZERO);
    assert_eq!(diagnosis.cause(), Cause::ServiceHangs);
    assert_eq!(diagnosis.certainty(), Certainty::Likely);
}
