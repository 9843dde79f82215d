//! Exchanges with a card, and all that comes between: the real libnfc with an emulated reader.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod field;

use std::os::unix::process::ExitStatusExt;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use field::{OK, ToyCard, child, in_child, open, options, reader, reader_with};
use zairyu_libnfc::{OpenOptions, Session};
use zairyu_pn532_emulator::{CardFault, Command, Emulator, Fault};
use zairyu_transport::{CancelHandle, ErrorKind, Limits, Transport};

const COMMAND: [u8; 4] = [0x00, 0x01, 0x02, 0x03];

fn kind(session: &mut Session) -> ErrorKind {
    session.transmit(&COMMAND).unwrap_err().kind()
}

fn exchanges(reader: &Emulator) -> usize {
    let commands = reader.commands();
    commands
        .iter()
        .filter(|command| **command == Command::InDataExchange)
        .count()
}

#[test]
fn commands_and_responses_pass_up_to_their_limits_and_no_further() {
    let toy = ToyCard::new(|command| {
        let length = match command {
            [0x80, 1, ..] => 256,
            [0x80, 2, ..] => 257,
            [0x80, 3, ..] => 1_000,
            command => return Ok([command, &OK].concat()),
        };
        Ok([&vec![0xA5; length][..], &OK].concat())
    });
    let log = toy.log();
    let reader = reader_with(toy);
    let mut card = open(&reader);
    assert_eq!(card.limits(), Limits::new(261, 258));
    assert_eq!(card.transmit(&COMMAND).unwrap(), [0, 1, 2, 3, 0x90, 0x00]);
    let response = card.transmit(&[0x80, 1, 0, 0]).unwrap();
    assert_eq!(
        (response.len(), response[0], &response[256..]),
        (258, 0xA5, &OK[..])
    );
    // Longer ones are told, and the session goes on.
    for (command, expected) in [
        ([0x80, 2, 0, 0], ErrorKind::LengthNotSupported),
        ([0x80, 3, 0, 0], ErrorKind::ExchangeFailed),
    ] {
        assert_eq!(card.transmit(&command).unwrap_err().kind(), expected);
    }
    let before = exchanges(&reader);
    for length in [262, 263, 264, 300, 5_000, 65_544] {
        let error = card.transmit(&vec![0; length]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LengthNotSupported, "{length}");
    }
    // They reached neither chip nor card; the longest that may does.
    assert_eq!(exchanges(&reader), before);
    assert_eq!(card.transmit(&[7; 256]).unwrap().len(), 258);
    assert_eq!(log.commands().last().unwrap().len(), 256);
    let longest = ToyCard::willing();
    let log = longest.log();
    reader.insert(longest);
    drop(card);
    assert_eq!(open(&reader).transmit(&[7; 261]).unwrap(), OK);
    assert_eq!(log.commands(), [vec![7; 261]]);
}

#[test]
fn a_card_that_leaves_is_removed_and_stays_so() {
    let mut commands = 0;
    let reader = reader_with(ToyCard::new(move |_| {
        commands += 1;
        if commands < 3 {
            Ok(OK.to_vec())
        } else {
            Err(CardFault::Removed)
        }
    }));
    let mut card = open(&reader);
    assert_eq!(card.transmit(&COMMAND).unwrap(), OK);
    assert_eq!(card.transmit(&COMMAND).unwrap(), OK);
    assert_eq!(kind(&mut card), ErrorKind::CardRemoved);
    // Whatever is put on then, this session is over.
    let next = ToyCard::willing();
    let log = next.log();
    reader.insert(next);
    assert_eq!(kind(&mut card), ErrorKind::CardRemoved);
    assert_eq!(card.reset().unwrap_err().kind(), ErrorKind::CardRemoved);
    assert_eq!(log.commands().len(), 0);
    drop(card);
    assert_eq!(open(&reader).transmit(&COMMAND).unwrap(), OK);
}

#[test]
fn a_card_that_left_between_two_exchanges_and_one_in_its_place() {
    let reader = reader_with(ToyCard::willing());
    let mut card = open(&reader);
    reader.remove();
    assert_eq!(kind(&mut card), ErrorKind::CardRemoved);
    drop(card);

    reader.insert(ToyCard::willing());
    let mut card = open(&reader);
    let second = ToyCard::willing();
    let log = second.log();
    reader.insert(second);
    assert_eq!(kind(&mut card), ErrorKind::CardRemoved);
    assert_eq!(log.commands().len(), 0);
}

#[test]
fn statuses_that_say_the_card_has_left_and_those_that_do_not() {
    // UM0701-02, 7.1: time-out, CRC, buffer, another card, card gone.
    for (status, expected) in [
        (0x01, ErrorKind::ExchangeFailed),
        (0x02, ErrorKind::ExchangeFailed),
        (0x09, ErrorKind::ExchangeFailed),
        (0x27, ErrorKind::ExchangeFailed),
        (0x3F, ErrorKind::ExchangeFailed),
        (0x29, ErrorKind::CardRemoved),
        (0x2B, ErrorKind::CardRemoved),
    ] {
        let reader = reader_with(ToyCard::willing());
        reader.inject(Command::InDataExchange, 0, Fault::Response(vec![status]));
        assert_eq!(kind(&mut open(&reader)), expected, "{status:02X}");
    }
}

#[test]
fn a_disturbed_exchange_leaves_the_card_and_a_reset_makes_it_fresh() {
    let faults = [
        Fault::Nak,
        Fault::ErrorFrame,
        Fault::WrongChecksum,
        Fault::WrongLengthChecksum,
        Fault::Garbage(vec![0xAA; 40]),
        Fault::Garbage(vec![0x00; 300]),
        Fault::Response(vec![0x00]),
        Fault::Response(vec![0x00, 0x90]),
        Fault::Response(vec![0x01]),
    ];
    for fault in faults {
        let toy = ToyCard::willing();
        let log = toy.log();
        let reader = reader_with(toy);
        let mut card = open(&reader);
        reader.inject(Command::InDataExchange, 1, fault.clone());
        assert_eq!(card.transmit(&COMMAND).unwrap(), OK);
        assert_eq!(kind(&mut card), ErrorKind::ExchangeFailed, "{fault:?}");
        let before = (log.power_downs(), log.power_ups());
        card.reset().unwrap();
        assert_eq!((log.power_downs(), log.power_ups()), (before.0 + 1, before.1 + 1));
        assert_eq!(card.transmit(&COMMAND).unwrap(), OK, "{fault:?}");
    }
}

#[test]
fn a_reset_that_finds_no_card_says_so() {
    let reader = reader_with(ToyCard::willing());
    let mut card = open(&reader);
    reader.remove();
    assert_eq!(card.reset().unwrap_err().kind(), ErrorKind::CardRemoved);
    assert_eq!(kind(&mut card), ErrorKind::CardRemoved);
}

#[test]
fn an_exchange_ends_in_time_whatever_keeps_it() {
    for fault in [Fault::Silence, Fault::NoAck, Fault::Cut(3), Fault::Cut(7)] {
        let reader = reader_with(ToyCard::willing());
        reader.inject(Command::InDataExchange, 0, fault.clone());
        let mut card = options(&reader)
            .exchange_limit(Duration::from_millis(300))
            .open()
            .unwrap();
        assert_eq!(kind(&mut card), ErrorKind::TimedOut, "{fault:?}");
        // The late answer belongs to nobody.
        assert_eq!(kind(&mut card), ErrorKind::TimedOut);
        assert_eq!(card.reset().unwrap_err().kind(), ErrorKind::TimedOut);
        drop(card);
        assert_eq!(open(&reader).transmit(&COMMAND).unwrap(), OK, "{fault:?}");
    }
}

#[test]
fn a_card_that_never_answers_does_not_keep_the_caller() {
    let (release, released) = mpsc::channel::<()>();
    let reader = reader_with(ToyCard::new(move |_| {
        let _ = released.recv();
        Ok(OK.to_vec())
    }));
    let mut card = options(&reader)
        .exchange_limit(Duration::from_millis(300))
        .open()
        .unwrap();
    assert_eq!(kind(&mut card), ErrorKind::TimedOut);
    drop(card);
    drop(release);
    assert_eq!(open(&reader).transmit(&COMMAND).unwrap(), OK);
}

#[test]
fn a_slow_chip_is_waited_for() {
    let reader = reader_with(ToyCard::willing());
    reader.inject(
        Command::InDataExchange,
        0,
        Fault::Slow(Duration::from_millis(500)),
    );
    assert_eq!(open(&reader).transmit(&COMMAND).unwrap(), OK);
}

#[test]
fn an_exchange_can_be_cancelled() {
    let (begin, begun) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let reader = reader_with(ToyCard::new(move |_| {
        begin.send(()).unwrap();
        let _ = released.recv();
        Ok(OK.to_vec())
    }));
    let handle = CancelHandle::new();
    let mut card = options(&reader).cancel_with(&handle).open().unwrap();
    let exchanging = thread::spawn(move || kind(&mut card));
    begun.recv().unwrap();
    handle.cancel();
    assert_eq!(exchanging.join().unwrap(), ErrorKind::Cancelled);
    drop(release);
}

#[test]
fn a_reader_whose_plug_is_pulled_is_no_reader() {
    let reader = reader_with(ToyCard::willing());
    let mut card = open(&reader);
    card.transmit(&COMMAND).unwrap();
    let gone = options(&reader).wait(Duration::ZERO);
    drop(reader);
    assert_eq!(kind(&mut card), ErrorKind::NoReader);
    assert_eq!(kind(&mut card), ErrorKind::NoReader);
    assert_eq!(card.reset().unwrap_err().kind(), ErrorKind::NoReader);
    drop(card);
    assert!(gone.open().is_err());
}

#[test]
fn a_reader_that_talks_nonsense_for_good_is_no_reader() {
    let reader = reader_with(ToyCard::willing());
    let mut card = open(&reader);
    for command in [Command::InDataExchange, Command::InCommunicateThru] {
        reader.inject_from(command, 0, Fault::Garbage(vec![0x13; 60]));
    }
    assert_eq!(kind(&mut card), ErrorKind::NoReader);
}

#[test]
fn the_end_releases_the_card_and_sends_the_chip_to_sleep() {
    let toy = ToyCard::willing();
    let log = toy.log();
    let reader = reader_with(toy);
    let mut card = open(&reader);
    card.transmit(&COMMAND).unwrap();
    assert_eq!(log.power_downs(), log.power_ups() - 1);
    let before = reader.commands().len();
    drop(card);
    assert_eq!(log.power_downs(), log.power_ups());
    let last = reader.commands().split_off(before);
    assert!(last.contains(&Command::InDeselect));
    assert!(last.contains(&Command::InRelease));
    assert_eq!(last.last(), Some(&Command::PowerDown));
}

/// Documented, and not to be helped from outside: it must not come as a surprise.
#[test]
fn a_reader_with_an_impossible_status_ends_the_process() {
    const TEST: &str = "a_reader_with_an_impossible_status_ends_the_process";
    if let Some(connection_string) = child() {
        let card = OpenOptions::new()
            .reader(connection_string)
            .wait(Duration::from_secs(60))
            .open();
        let _ = card.unwrap().transmit(&COMMAND);
        return;
    }
    const SIGABRT: i32 = 6;
    let reader = reader_with(ToyCard::willing());
    let ended = |reader: &Emulator| {
        in_child(TEST, &reader.connection_string(), |_| ())
            .unwrap()
            .status
    };
    assert!(ended(&reader).success());
    // Bit 7 of a status byte.
    reader.inject(
        Command::InDataExchange,
        0,
        Fault::Response(vec![0x80, 0x90, 0x00]),
    );
    assert_eq!(ended(&reader).signal(), Some(SIGABRT));
    drop(reader);
    // A chip that libnfc does not know.
    let reader = reader_with(ToyCard::willing());
    reader.inject(
        Command::GetFirmwareVersion,
        0,
        Fault::Response(vec![0x39, 1, 1, 7]),
    );
    assert!(ended(&reader).signal().is_some());
}

#[test]
fn no_reader_at_all_has_no_exchange() {
    // What the other tests take for granted: an empty field gives no session.
    let error = options(&reader()).wait(Duration::ZERO).open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCard);
}
