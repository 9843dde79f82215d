//! What comes and goes, as events: the real pcscd with virtual readers.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod toy;

use std::thread;
use std::time::Duration;

use toy::{OK, ToyCard};
use zairyu_pcsc::{Event, Monitor, OpenOptions, Presence};
use zairyu_transport::{CancelHandle, ErrorKind, Transport};
use zairyu_virtual_reader::Pcscd;

/// Far longer than any event takes.
const LONG: Duration = Duration::from_secs(60);

/// Long enough for an event that must not come.
const SHORT: Duration = Duration::from_millis(700);

fn next(monitor: &mut Monitor) -> Event {
    monitor.next_within(LONG).unwrap().expect("an event")
}

fn inserted(monitor: &mut Monitor, name: &str) -> Presence {
    match next(monitor) {
        Event::CardInserted {
            reader,
            presence,
            answers: true,
        } if reader.starts_with(name) => presence,
        other => panic!("{other:?}"),
    }
}

fn removed(monitor: &mut Monitor, expected: &Presence) {
    match next(monitor) {
        Event::CardRemoved { presence, .. } => assert_eq!(presence, *expected),
        other => panic!("{other:?}"),
    }
}

fn is_added(event: &Event, name: &str) -> bool {
    matches!(event, Event::ReaderAdded { reader } if reader.starts_with(name))
}

fn is_removed(event: &Event, name: &str) -> bool {
    matches!(event, Event::ReaderRemoved { reader } if reader.starts_with(name))
}

fn nothing(monitor: &mut Monitor) {
    let event = monitor.next_within(SHORT).unwrap();
    assert_eq!(event, None);
}

/// One test, for there is one daemon and what happens to it happens to all.
#[test]
fn everything_is_told_once_and_in_order() {
    let daemon = Pcscd::start(&["First", "Second"]).unwrap();
    daemon.reader("First").insert(ToyCard::willing());
    // The daemon has seen the card.
    drop(OpenOptions::new().reader("First").wait(LONG).open().unwrap());
    let mut monitor = Monitor::new();

    // What is there at the start.
    assert!(is_added(&next(&mut monitor), "First "));
    let first = inserted(&mut monitor, "First ");
    assert!(is_added(&next(&mut monitor), "Second "));
    nothing(&mut monitor);

    // Somebody uses the card: no event.
    let mut session = OpenOptions::new().presence(&first).open().unwrap();
    assert_eq!(session.presence(), &first);
    session.transmit(&[0; 4]).unwrap();
    nothing(&mut monitor);
    drop(session);
    nothing(&mut monitor);

    // A card comes while it is waited for, and goes.
    let waiting = thread::spawn(move || {
        let second = inserted(&mut monitor, "Second ");
        (monitor, second)
    });
    thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    daemon.reader("Second").insert(ToyCard::willing());
    let (mut monitor, second) = waiting.join().unwrap();
    daemon.reader("Second").remove();
    removed(&mut monitor, &second);

    // A quick exchange: once out, once in, and the new card is another presence.
    daemon.reader("First").insert(ToyCard::willing());
    removed(&mut monitor, &first);
    let exchanged = inserted(&mut monitor, "First ");
    assert_ne!(exchanged, first);
    nothing(&mut monitor);
    let error = OpenOptions::new().wait(LONG).presence(&first).open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CardRemoved);
    let mut session = OpenOptions::new().presence(&exchanged).open().unwrap();
    assert_eq!(session.transmit(&[0; 4]).unwrap(), OK);
    drop(session);

    // Several exchanges that nobody looked at between are one.
    for _ in 0..3 {
        daemon.reader("First").insert(ToyCard::willing());
        drop(OpenOptions::new().reader("First").wait(LONG).open().unwrap());
    }
    let mut told = Vec::new();
    while let Some(event) = monitor.next_within(SHORT).unwrap() {
        told.push(event);
    }
    // The monitor looks when it is asked to, and once ahead: two pairs at most.
    assert!(matches!(told.len(), 2 | 4), "{told:?}");
    for pair in told.chunks(2) {
        assert!(matches!(pair[0], Event::CardRemoved { .. }), "{told:?}");
        assert!(matches!(pair[1], Event::CardInserted { .. }), "{told:?}");
    }

    // A card that does not answer is told as such.
    daemon.reader("Second").insert(ToyCard::mute());
    match next(&mut monitor) {
        Event::CardInserted { answers: false, .. } => {}
        other => panic!("{other:?}"),
    }

    // A reader is unplugged.
    daemon.reader("Second").unplug();
    match next(&mut monitor) {
        Event::CardRemoved { reader, .. } => assert!(reader.starts_with("Second ")),
        other => panic!("{other:?}"),
    }
    assert!(is_removed(&next(&mut monitor), "Second "));
    nothing(&mut monitor);

    // The service goes, and comes back with another reader in the place of the first.
    daemon.stop().unwrap();
    assert!(matches!(next(&mut monitor), Event::CardRemoved { .. }));
    assert!(is_removed(&next(&mut monitor), "First "));
    match next(&mut monitor) {
        Event::ServiceUnavailable { error } => assert_eq!(error.kind(), ErrorKind::NoService),
        other => panic!("{other:?}"),
    }
    nothing(&mut monitor);
    daemon.reader("First").unplug();
    daemon.reader("Second").plug_in().unwrap();
    daemon.restart().unwrap();
    assert_eq!(next(&mut monitor), Event::ServiceAvailable);
    assert!(is_added(&next(&mut monitor), "Second "));
    daemon.reader("Second").insert(ToyCard::willing());
    inserted(&mut monitor, "Second ");

    // The service hangs: the deadline holds all the same, and in the end it is told.
    daemon.pause().unwrap();
    assert_eq!(monitor.next_within(Duration::from_millis(100)).unwrap(), None);
    assert!(matches!(next(&mut monitor), Event::CardRemoved { .. }));
    assert!(is_removed(&next(&mut monitor), "Second "));
    assert!(matches!(next(&mut monitor), Event::ServiceUnavailable { .. }));
    daemon.resume().unwrap();
    assert_eq!(next(&mut monitor), Event::ServiceAvailable);
    assert!(is_added(&next(&mut monitor), "Second "));
    inserted(&mut monitor, "Second ");

    // Cancelled from another thread, the iterator ends; even if the service hangs.
    let handle = CancelHandle::new();
    let mut monitor = Monitor::new().cancel_with(&handle);
    assert!(monitor.next().is_some());
    daemon.pause().unwrap();
    let waiting = thread::spawn(move || monitor.by_ref().count());
    thread::sleep(Duration::from_millis(100));
    handle.cancel();
    // The card, which was seen together with the reader.
    assert_eq!(waiting.join().unwrap(), 1);
    daemon.resume().unwrap();
}
