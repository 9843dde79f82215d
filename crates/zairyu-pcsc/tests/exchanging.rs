//! Exchanges with a card, and all that comes between: the real pcscd with virtual readers.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod toy;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread;
use std::time::Duration;

use pcsc::{Context, Disposition, Protocols, Scope, ShareMode};
use toy::{OK, ToyCard};
use zairyu_pcsc::{OpenOptions, Session};
use zairyu_transport::{CancelHandle, ErrorKind, Limits, Transport};
use zairyu_virtual_reader::{Fault, Pcscd, VirtualReader};

const COMMAND: [u8; 4] = [0x00, 0x01, 0x02, 0x03];

/// Each test has a reader of its own: tests run at the same time.
const READERS: [&str; 14] = [
    "Removed During",
    "Removed Between",
    "Replaced",
    "Not Present",
    "Disturbed",
    "Timed Out Reader",
    "Reader Gone",
    "Guarded",
    "Contended",
    "Extended",
    "ACS ACR122U PICC Interface",
    "Truncated",
    "Hanging",
    "Stopped Midway",
];

static DAEMON: LazyLock<Pcscd> = LazyLock::new(|| Pcscd::start(&READERS).unwrap());

fn reader(name: &str) -> &'static VirtualReader {
    DAEMON.reader(name)
}

fn options(name: &str) -> OpenOptions {
    OpenOptions::new().reader(name).wait(Duration::from_secs(60))
}

fn open(name: &str) -> Session {
    options(name).open().unwrap()
}

#[test]
fn a_card_that_leaves_during_an_exchange_is_removed_and_stays_so() {
    let mut exchanges = 0;
    reader("Removed During").insert(ToyCard::new(move |_| {
        exchanges += 1;
        if exchanges < 3 {
            Ok(OK.to_vec())
        } else {
            Err(Fault::Removed)
        }
    }));
    let mut card = open("Removed During");
    assert_eq!(card.transmit(&COMMAND).unwrap(), OK);
    assert_eq!(card.transmit(&COMMAND).unwrap(), OK);
    assert_eq!(
        card.transmit(&COMMAND).unwrap_err().kind(),
        ErrorKind::CardRemoved
    );
    // Whatever is put on then, this session is over.
    let next = ToyCard::willing();
    let log = next.log();
    reader("Removed During").insert(next);
    thread::sleep(Duration::from_millis(200));
    assert_eq!(
        card.transmit(&COMMAND).unwrap_err().kind(),
        ErrorKind::CardRemoved
    );
    assert_eq!(card.reset().unwrap_err().kind(), ErrorKind::CardRemoved);
    assert_eq!(log.commands(), 0);
    drop(card);
    assert_eq!(open("Removed During").transmit(&COMMAND).unwrap(), OK);
}

#[test]
fn a_card_that_left_between_two_exchanges_is_removed() {
    reader("Removed Between").insert(ToyCard::willing());
    let mut card = open("Removed Between");
    card.transmit(&COMMAND).unwrap();
    reader("Removed Between").remove();
    // Before the daemon has noticed and after, it is told alike.
    assert_eq!(
        card.transmit(&COMMAND).unwrap_err().kind(),
        ErrorKind::CardRemoved
    );
    drop(card);

    reader("Removed Between").insert(ToyCard::willing());
    let mut card = open("Removed Between");
    reader("Removed Between").remove();
    thread::sleep(Duration::from_millis(300));
    assert_eq!(
        card.transmit(&COMMAND).unwrap_err().kind(),
        ErrorKind::CardRemoved
    );
}

#[test]
fn a_replaced_card_never_gets_the_first_ones_commands() {
    reader("Replaced").insert(ToyCard::willing());
    let mut card = open("Replaced");
    card.transmit(&COMMAND).unwrap();
    let second = ToyCard::willing();
    let log = second.log();
    reader("Replaced").insert(second);
    assert_eq!(
        card.transmit(&COMMAND).unwrap_err().kind(),
        ErrorKind::CardRemoved
    );
    assert_eq!(log.commands(), 0);
}

#[test]
fn a_driver_that_says_not_present_means_removed() {
    reader("Not Present").insert(ToyCard::new(|_| Err(Fault::NotPresent)));
    let error = open("Not Present").transmit(&COMMAND).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CardRemoved);
}

#[test]
fn a_disturbed_exchange_leaves_the_card_and_a_reset_makes_it_fresh() {
    let mut exchanges = 0;
    let toy = ToyCard::new(move |_| {
        exchanges += 1;
        if exchanges == 2 {
            Err(Fault::Communication)
        } else {
            Ok(OK.to_vec())
        }
    });
    let log = toy.log();
    reader("Disturbed").insert(toy);
    let mut card = open("Disturbed");
    card.transmit(&COMMAND).unwrap();
    let error = card.transmit(&COMMAND).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ExchangeFailed);
    assert_eq!(error.detail(), Some("NotTransacted, 0x80100016"));
    let before = log.power_ups();
    card.reset().unwrap();
    assert_eq!(log.power_ups(), before + 1);
    assert_eq!(card.transmit(&COMMAND).unwrap(), OK);
}

#[test]
fn a_card_that_the_driver_gave_up_on_is_still_there() {
    reader("Timed Out Reader").insert(ToyCard::new(|_| Err(Fault::TimedOut)));
    let error = open("Timed Out Reader").transmit(&COMMAND).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ExchangeFailed);
}

#[test]
fn a_reader_that_goes_in_the_midst_is_told_as_no_reader() {
    reader("Reader Gone").insert(ToyCard::new(|_| Err(Fault::NoSuchDevice)));
    let error = open("Reader Gone").transmit(&COMMAND).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoReader);
}

/// Another program's connection to this reader; waits for transactions to end.
fn other_program(name: &'static str) -> pcsc::Card {
    let context = Context::establish(Scope::User).unwrap();
    let names = context.list_readers_owned().unwrap();
    let name = names
        .iter()
        .find(|known| known.to_str().unwrap().starts_with(name));
    loop {
        match context.connect(name.unwrap(), ShareMode::Shared, Protocols::ANY) {
            // In the midst of another one's reset.
            Err(pcsc::Error::ProtoMismatch) => {}
            connected => return connected.unwrap(),
        }
    }
}

#[test]
fn other_programs_reach_the_card_only_after_it_lost_its_power() {
    let toy = ToyCard::willing();
    let log = toy.log();
    reader("Guarded").insert(toy);
    let mut card = open("Guarded");
    let other = thread::spawn({
        let log = log.clone();
        move || {
            let mut buffer = [0; 16];
            let other = other_program("Guarded");
            let power_downs = log.power_downs();
            other.transmit(&COMMAND, &mut buffer).unwrap();
            power_downs
        }
    });
    thread::sleep(Duration::from_millis(200));
    card.transmit(&COMMAND).unwrap();
    assert!(!other.is_finished());
    assert_eq!(log.commands(), 1);
    let during = log.power_downs();
    drop(card);
    assert_eq!(log.power_downs(), during + 1);
    assert_eq!(other.join().unwrap(), during + 1);
    assert_eq!(log.commands(), 2);
}

#[test]
fn programs_that_keep_resetting_the_card_do_not_confuse_us() {
    reader("Contended").insert(ToyCard::willing());
    drop(open("Contended"));
    let done = Arc::new(AtomicBool::new(false));
    let others: Vec<_> = (0..2)
        .map(|_| {
            let done = Arc::clone(&done);
            thread::spawn(move || {
                let mut resets = 0;
                while !done.load(Ordering::SeqCst) {
                    let card = other_program("Contended");
                    card.disconnect(Disposition::ResetCard)
                        .map_err(|(_, code)| code)
                        .unwrap();
                    resets += 1;
                }
                resets
            })
        })
        .collect();
    for _ in 0..30 {
        let mut card = open("Contended");
        for _ in 0..5 {
            assert_eq!(card.transmit(&COMMAND).unwrap(), OK);
        }
    }
    done.store(true, Ordering::SeqCst);
    for other in others {
        assert!(other.join().unwrap() > 0);
    }
}

#[test]
fn extended_length_passes_both_ways() {
    reader("Extended").insert(ToyCard::new(|command| {
        // A whole file under secure messaging, the longest response there is, or the command's own length.
        let length = match command {
            [_, _, _, 1] => 7_013,
            [_, _, _, 2] => 65_536,
            _ => return Ok(command.to_vec()),
        };
        let body = (0..length).map(|n: u32| n.to_le_bytes()[0]);
        Ok(body.chain(OK).collect())
    }));
    let mut card = open("Extended");
    assert_eq!(card.limits(), Limits::EXTENDED);
    let response = card.transmit(&[0, 0, 0, 1]).unwrap();
    assert_eq!(response.len(), 7_015);
    assert_eq!((response[7_012], &response[7_013..]), (0x64, &OK[..]));
    assert_eq!(card.transmit(&[0, 0, 0, 2]).unwrap().len(), 65_538);
    let longest = vec![0x5A; 65_536];
    assert_eq!(card.transmit(&longest).unwrap(), longest);
}

#[test]
fn a_short_only_reader_is_known_and_never_sent_more() {
    const NAME: &str = "ACS ACR122U PICC Interface";
    let toy = ToyCard::willing();
    let log = toy.log();
    reader(NAME).insert(toy);
    let mut card = open(NAME);
    assert_eq!(card.limits(), Limits::SHORT);
    card.transmit(&[0; 261]).unwrap();
    assert_eq!(
        card.transmit(&[0; 262]).unwrap_err().kind(),
        ErrorKind::LengthNotSupported
    );
    assert_eq!(log.commands(), 1);
    // That was the caller's error, not the card's: the session goes on.
    card.set_limits(Limits::new(300, 300));
    card.transmit(&[0; 300]).unwrap();
    drop(card);
    let known_better = options(NAME).reader_limits("acr122", Limits::EXTENDED);
    assert_eq!(known_better.open().unwrap().limits(), Limits::EXTENDED);
}

#[test]
fn a_response_without_a_status_word_is_a_failed_exchange() {
    reader("Truncated").insert(ToyCard::new(|_| Ok(vec![0x90])));
    let error = open("Truncated").transmit(&COMMAND).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ExchangeFailed);
}

#[test]
fn an_exchange_ends_in_time_even_if_the_card_never_answers() {
    let (release, released) = mpsc::channel::<()>();
    let toy = ToyCard::new(move |_| {
        let _ = released.recv();
        Ok(OK.to_vec())
    });
    let log = toy.log();
    reader("Hanging").insert(toy);
    let mut card = options("Hanging")
        .exchange_limit(Duration::from_millis(200))
        .open()
        .unwrap();
    assert_eq!(card.transmit(&COMMAND).unwrap_err().kind(), ErrorKind::TimedOut);
    // The late answer belongs to nobody.
    drop(release);
    assert_eq!(card.transmit(&COMMAND).unwrap_err().kind(), ErrorKind::TimedOut);
    drop(card);
    // The next session gets the card when the first one's thread has let go of it.
    let mut next = open("Hanging");
    assert_eq!(next.transmit(&COMMAND).unwrap(), OK);
    assert_eq!(log.power_downs(), 1);
}

#[test]
fn an_exchange_can_be_cancelled() {
    let (begin, begun) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let toy = ToyCard::new(move |_| {
        let _ = begin.send(());
        let _ = released.recv();
        Ok(OK.to_vec())
    });
    let log = toy.log();
    reader("Stopped Midway").insert(toy);
    let handle = CancelHandle::new();
    let mut card = options("Stopped Midway").cancel_with(&handle).open().unwrap();
    let exchanging = thread::spawn(move || card.transmit(&COMMAND).unwrap_err().kind());
    begun.recv().unwrap();
    handle.cancel();
    assert_eq!(exchanging.join().unwrap(), ErrorKind::Cancelled);
    drop(release);
    let mut next = open("Stopped Midway");
    assert_eq!(next.transmit(&COMMAND).unwrap(), OK);
    assert_eq!(log.power_downs(), 1);
}
