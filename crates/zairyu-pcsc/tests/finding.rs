//! Readers listed and chosen, cards waited for: the real pcscd with virtual readers.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod toy;

use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::Duration;

use pcsc::{Context, Disposition, Protocols, Scope, ShareMode};
use toy::{OK, ToyCard};
use zairyu_pcsc::{CardState, OpenOptions, readers};
use zairyu_transport::{CancelHandle, ErrorKind, Transport};
use zairyu_virtual_reader::{Pcscd, VirtualReader};

/// Each test has readers of its own: tests run at the same time.
const READERS: [&str; 15] = [
    "Listed Full",
    "Listed Empty",
    "Plain",
    "Deadline",
    "Insertion",
    "Cancelled",
    "Exclusive",
    "Transaction",
    "Mute",
    "Pair First",
    "Pair Second",
    "Both First",
    "Both Second",
    "Unwanted",
    "Silent",
];

static DAEMON: LazyLock<Pcscd> = LazyLock::new(|| Pcscd::start(&READERS).unwrap());

fn reader(name: &str) -> &'static VirtualReader {
    DAEMON.reader(name)
}

/// Waits for a card in this reader, far longer than it takes.
fn options(name: &str) -> OpenOptions {
    OpenOptions::new().reader(name).wait(Duration::from_secs(60))
}

/// Does not wait longer than for the daemon to have seen what is there.
fn soon(name: &str) -> OpenOptions {
    options(name).wait(Duration::from_millis(300))
}

/// Another program, connected to this reader.
fn other_program(name: &str, mode: ShareMode) -> pcsc::Card {
    drop(options(name).open().unwrap());
    let context = Context::establish(Scope::User).unwrap();
    let names = context.list_readers_owned().unwrap();
    let name = names
        .iter()
        .find(|known| known.to_str().unwrap().starts_with(name));
    context.connect(name.unwrap(), mode, Protocols::ANY).unwrap()
}

#[test]
fn lists_the_readers_and_what_is_in_them() {
    reader("Listed Full").insert(ToyCard::willing());
    drop(options("Listed Full").open().unwrap());
    let readers = readers().unwrap();
    assert_eq!(readers.len(), READERS.len());
    let state = |name| {
        let found = readers.iter().find(|reader| reader.name().starts_with(name));
        found.unwrap().card()
    };
    assert_eq!(state("Listed Full"), CardState::Present);
    assert_eq!(state("Listed Empty"), CardState::Absent);
}

#[test]
fn opens_the_card_that_is_there() {
    reader("Plain").insert(ToyCard::willing());
    let mut card = options("pLaIn").open().unwrap();
    assert!(card.reader().starts_with("Plain "), "{card:?}");
    assert_eq!(card.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08]).unwrap(), OK);
}

#[test]
fn waits_no_longer_than_told() {
    let _daemon = &*DAEMON;
    assert_eq!(soon("Deadline").open().unwrap_err().kind(), ErrorKind::NoCard);
    let at_once = options("Deadline").wait(Duration::ZERO);
    assert_eq!(at_once.open().unwrap_err().kind(), ErrorKind::NoCard);
    assert_eq!(
        soon("No Such Reader").open().unwrap_err().kind(),
        ErrorKind::NoReader
    );
}

#[test]
fn notices_a_card_that_is_put_on_while_waiting() {
    let _daemon = &*DAEMON;
    let waiting = thread::spawn(|| options("Insertion").open().map(|mut card| card.transmit(&[0; 4])));
    thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    reader("Insertion").insert(ToyCard::willing());
    assert_eq!(waiting.join().unwrap().unwrap().unwrap(), OK);
}

#[test]
fn a_wait_can_be_cancelled_from_another_thread() {
    let _daemon = &*DAEMON;
    let handle = CancelHandle::new();
    let options = options("Cancelled").cancel_with(&handle);
    let waiting = thread::spawn(move || options.open().unwrap_err().kind());
    thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    handle.cancel();
    assert_eq!(waiting.join().unwrap(), ErrorKind::Cancelled);
    // A handle that was used up ends everything else at once, even where a card is there.
    reader("Cancelled").insert(ToyCard::willing());
    let again = OpenOptions::new().reader("Cancelled").cancel_with(&handle);
    assert_eq!(again.open().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn a_reader_that_another_program_has_for_itself_is_in_use() {
    reader("Exclusive").insert(ToyCard::willing());
    let other = other_program("Exclusive", ShareMode::Exclusive);
    assert_eq!(soon("Exclusive").open().unwrap_err().kind(), ErrorKind::InUse);
    let listed = readers().unwrap();
    let listed = listed
        .iter()
        .find(|reader| reader.name().starts_with("Exclusive"));
    assert_eq!(listed.unwrap().card(), CardState::HeldExclusively);
    // It is tried again as long as there is time.
    let waiting = thread::spawn(|| options("Exclusive").open().map(drop));
    thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    other
        .disconnect(Disposition::LeaveCard)
        .map_err(|(_, code)| code)
        .unwrap();
    waiting.join().unwrap().unwrap();
}

#[test]
fn another_programs_transaction_is_waited_for_but_not_for_ever() {
    reader("Transaction").insert(ToyCard::willing());
    let mut other = other_program("Transaction", ShareMode::Shared);
    let transaction = other.transaction().unwrap();
    // The PC/SC library itself would wait without a limit here.
    assert_eq!(soon("Transaction").open().unwrap_err().kind(), ErrorKind::InUse);
    let waiting = thread::spawn(|| options("Transaction").open().map(drop));
    thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    drop(transaction);
    waiting.join().unwrap().unwrap();
}

#[test]
fn a_card_that_does_not_answer_is_no_card_and_the_detail_says_so() {
    reader("Mute").insert(ToyCard::mute());
    thread::sleep(Duration::from_millis(200));
    let error = soon("Mute").open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCard);
    assert!(error.detail().unwrap().contains("0x801000"), "{error}");
}

#[test]
fn the_probe_chooses_among_the_cards() {
    reader("Pair First").insert(ToyCard::new(|_| Ok(vec![0x6A, 0x82])));
    reader("Pair Second").insert(ToyCard::willing());
    let card = options("Pair").open_if(|card| Ok(card.transmit(&[0; 4])? == OK));
    assert!(card.unwrap().reader().starts_with("Pair Second "));
}

#[test]
fn between_several_wanted_cards_nothing_is_chosen() {
    reader("Both First").insert(ToyCard::willing());
    reader("Both Second").insert(ToyCard::willing());
    for name in ["Both First", "Both Second"] {
        drop(options(name).open().unwrap());
    }
    let error = options("Both").open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SeveralCards);
    for name in ["Both First ", "Both Second "] {
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn an_unwanted_card_is_asked_once_and_its_replacement_taken() {
    let unwanted = ToyCard::new(|_| Ok(vec![0x6A, 0x82]));
    let log = unwanted.log();
    reader("Unwanted").insert(unwanted);
    let error = soon("Unwanted").wait(Duration::from_secs(2));
    let error = error
        .open_if(|card| Ok(card.transmit(&[0; 4])? == OK))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCard);
    assert!(error.detail().unwrap().contains("Unwanted "), "{error}");
    assert_eq!(log.commands(), 1);

    let waiting = thread::spawn(|| {
        let card = options("Unwanted").open_if(|card| Ok(card.transmit(&[0; 4])? == OK));
        card.map(drop)
    });
    thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    reader("Unwanted").insert(ToyCard::willing());
    waiting.join().unwrap().unwrap();
}

#[test]
fn a_card_that_is_silent_in_the_probe_is_asked_once() {
    let (release, released) = mpsc::channel::<()>();
    let silent = ToyCard::new(move |_| {
        let _ = released.recv();
        Ok(OK.to_vec())
    });
    let log = silent.log();
    reader("Silent").insert(silent);
    let error = options("Silent")
        .wait(Duration::from_secs(2))
        .exchange_limit(Duration::from_millis(100))
        .open_if(|card| Ok(card.transmit(&[0; 4])? == OK))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(log.commands(), 1);
    // Its replacement is asked again.
    drop(release);
    reader("Silent").insert(ToyCard::willing());
    let card = options("Silent").open_if(|card| Ok(card.transmit(&[0; 4])? == OK));
    assert!(card.is_ok());
}
