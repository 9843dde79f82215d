//! Each fault of the injector, alone and after one another.

#![allow(clippy::unwrap_used, clippy::panic)]

use zairyu_transport::{Error, ErrorKind, Fault, FaultInjector, Limits, Transport};

const TYPE_FILE: &[u8] = b"\xC1\x0205\x90\x00";

/// A card that answers with what it is asked for, and counts.
#[derive(Debug, Default)]
struct Card {
    commands: usize,
    resets: usize,
}

impl Transport for Card {
    fn limits(&self) -> Limits {
        Limits::SHORT
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        self.commands += 1;
        match command {
            b"removed" => Err(Error::new(ErrorKind::CardRemoved)),
            _ => Ok(command.to_vec()),
        }
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.resets += 1;
        Ok(())
    }
}

fn error(card: &mut impl Transport) -> ErrorKind {
    card.transmit(TYPE_FILE).unwrap_err().kind()
}

#[test]
fn without_faults_nothing_changes() {
    let mut inner = Card::default();
    let mut card = FaultInjector::new(&mut inner);
    assert_eq!(card.limits(), Limits::SHORT);
    assert_eq!(card.transmit(TYPE_FILE).unwrap(), TYPE_FILE);
    assert_eq!(
        card.transmit(b"removed").unwrap_err().kind(),
        ErrorKind::CardRemoved
    );
    card.reset().unwrap();
    assert_eq!(card.commands(), 2);
    assert_eq!((inner.commands, inner.resets), (2, 1));
}

#[test]
fn errors_pass_and_the_card_stays() {
    for &kind in ErrorKind::ALL {
        for (fault, executed) in [(Fault::Error(kind), 2), (Fault::ErrorAfterwards(kind), 3)] {
            let mut inner = Card::default();
            let mut card = FaultInjector::new(&mut inner).inject(1, fault);
            assert_eq!(card.transmit(TYPE_FILE).unwrap(), TYPE_FILE);
            assert_eq!(error(&mut card), kind);
            assert_eq!(card.transmit(TYPE_FILE).unwrap(), TYPE_FILE);
            card.reset().unwrap();
            assert_eq!(inner.commands, executed);
        }
    }
}

#[test]
fn gone_is_for_good() {
    for kind in [ErrorKind::CardRemoved, ErrorKind::CardReset] {
        let mut inner = Card::default();
        let mut card = FaultInjector::new(&mut inner)
            .inject(1, Fault::Gone(kind))
            .inject(2, Fault::Status(0x9000));
        card.transmit(TYPE_FILE).unwrap();
        for _ in 0..3 {
            assert_eq!(error(&mut card), kind);
            assert_eq!(card.reset().unwrap_err().kind(), kind);
        }
        assert_eq!((inner.commands, inner.resets), (1, 0));
    }
}

#[test]
fn made_up_responses_do_not_reach_the_card() {
    for (fault, expected) in [
        (Fault::Status(0x6F00), &b"\x6F\x00"[..]),
        (Fault::Response(vec![1, 2, 3]), &[1, 2, 3]),
        (Fault::Response(Vec::new()), &[]),
        (Fault::Response(vec![0; 70_000]), &[0; 70_000]),
        (Fault::Stale, TYPE_FILE),
    ] {
        let mut inner = Card::default();
        let mut card = FaultInjector::new(&mut inner).inject(1, fault);
        assert_eq!(card.transmit(TYPE_FILE).unwrap(), TYPE_FILE);
        assert_eq!(card.transmit(b"\x90\x00").unwrap(), expected);
        assert_eq!(card.transmit(TYPE_FILE).unwrap(), TYPE_FILE);
        assert_eq!(inner.commands, 2);
    }
}

#[test]
fn stale_is_what_arrived_last() {
    let mut inner = Card::default();
    let mut card = FaultInjector::new(&mut inner)
        .inject(0, Fault::Stale)
        .inject(1, Fault::Cut(3))
        .inject(2, Fault::Error(ErrorKind::TimedOut))
        .inject_from(3, Fault::Stale);
    assert_eq!(card.transmit(TYPE_FILE).unwrap(), []);
    assert_eq!(card.transmit(TYPE_FILE).unwrap(), b"\xC1\x020");
    assert_eq!(error(&mut card), ErrorKind::TimedOut);
    for _ in 0..2 {
        assert_eq!(card.transmit(TYPE_FILE).unwrap(), b"\xC1\x020");
    }
}

#[test]
fn distorted_responses() {
    let flipped = |offset| Fault::Flipped { offset, xor: 0x01 };
    for (fault, of_file, of_one_byte) in [
        (Fault::Cut(0), &b""[..], &b""[..]),
        (Fault::Cut(3), b"\xC1\x020", b"\x07"),
        (Fault::Cut(99), TYPE_FILE, b"\x07"),
        (
            Fault::Extended(vec![7, 8]),
            b"\xC1\x0205\x07\x08\x90\x00",
            b"\x07\x08\x07",
        ),
        (Fault::Extended(Vec::new()), TYPE_FILE, b"\x07"),
        (flipped(3), b"\xC1\x0204\x90\x00", b"\x07"),
        (flipped(0), b"\xC0\x0205\x90\x00", b"\x06"),
        (flipped(5), b"\xC1\x0205\x90\x01", b"\x07"),
        (flipped(99), TYPE_FILE, b"\x07"),
        (Fault::NoData, b"\x90\x00", b"\x07"),
        (Fault::OtherStatus(0x6282), b"\xC1\x0205\x62\x82", b"\x62\x82"),
    ] {
        let mut inner = Card::default();
        let mut card = FaultInjector::new(&mut inner).inject_from(0, fault.clone());
        assert_eq!(card.transmit(TYPE_FILE).unwrap(), of_file, "{fault:?}");
        assert_eq!(card.transmit(b"\x07").unwrap(), of_one_byte, "{fault:?}");
        assert_eq!(
            card.transmit(b"removed").unwrap_err().kind(),
            ErrorKind::CardRemoved
        );
        assert_eq!(inner.commands, 3);
    }
}

#[test]
fn from_a_command_on_and_the_first_of_several() {
    let mut inner = Card::default();
    let mut card = FaultInjector::new(&mut inner)
        .inject_from(1, Fault::NoData)
        .inject(2, Fault::Status(0x6F00));
    assert_eq!(card.transmit(TYPE_FILE).unwrap(), TYPE_FILE);
    for _ in 0..3 {
        card.reset().unwrap(); // Resets are not counted.
        assert_eq!(card.transmit(TYPE_FILE).unwrap(), b"\x90\x00");
    }
}

#[test]
fn debug_shows_no_data() {
    let mut inner = Card::default();
    let mut card = FaultInjector::new(&mut inner);
    card.transmit(TYPE_FILE).unwrap();
    let shown = format!("{card:?}");
    assert!(
        shown.contains("commands: 1") && !shown.contains("193") && !shown.contains('['),
        "{shown}"
    );
}
