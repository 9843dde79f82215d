//! The service stops and starts, readers come and go: the real pcscd with one virtual reader.

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
use zairyu_pcsc::{CardState, OpenOptions, readers};
use zairyu_transport::{ErrorKind, Transport};
use zairyu_virtual_reader::Pcscd;

fn options() -> OpenOptions {
    OpenOptions::new().wait(Duration::from_secs(60))
}

fn soon() -> OpenOptions {
    options().wait(Duration::from_millis(300))
}

/// One test, for there is one daemon and what happens to it happens to all.
#[test]
fn the_service_and_the_reader_come_and_go() {
    let daemon = Pcscd::start(&["Toy"]).unwrap();

    // The service goes in the midst of a reading, and is then missing.
    daemon.reader("Toy").insert(ToyCard::willing());
    let mut card = options().open().unwrap();
    assert_eq!(card.transmit(&[0; 4]).unwrap(), OK);
    daemon.stop().unwrap();
    assert_eq!(card.transmit(&[0; 4]).unwrap_err().kind(), ErrorKind::NoService);
    drop(card);
    assert_eq!(readers().unwrap_err().kind(), ErrorKind::NoService);
    assert_eq!(soon().open().unwrap_err().kind(), ErrorKind::NoService);

    // It comes while it is waited for, and everything else with it.
    let waiting = thread::spawn(|| options().open().unwrap().transmit(&[0; 4]));
    thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    daemon.restart().unwrap();
    assert_eq!(waiting.join().unwrap().unwrap(), OK);

    // It is restarted while a card is waited for.
    daemon.reader("Toy").remove();
    let waiting = thread::spawn(|| options().open().unwrap().transmit(&[0; 4]));
    thread::sleep(Duration::from_millis(200));
    daemon.stop().unwrap();
    thread::sleep(Duration::from_millis(200));
    daemon.restart().unwrap();
    assert!(!waiting.is_finished());
    daemon.reader("Toy").insert(ToyCard::willing());
    assert_eq!(waiting.join().unwrap().unwrap(), OK);

    // The reader goes: to be seen in the list for a while, then not even there.
    daemon.reader("Toy").unplug();
    while readers().unwrap()[0].card() != CardState::ReaderUnavailable {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(soon().open().unwrap_err().kind(), ErrorKind::NoReader);
    daemon.stop().unwrap();
    daemon.restart().unwrap();
    assert_eq!(readers().unwrap(), []);
    assert_eq!(soon().open().unwrap_err().kind(), ErrorKind::NoReader);

    // It comes back while a card is waited for.
    let waiting = thread::spawn(|| options().open().unwrap().transmit(&[0; 4]));
    thread::sleep(Duration::from_millis(200));
    daemon.stop().unwrap();
    daemon.reader("Toy").plug_in().unwrap();
    daemon.restart().unwrap();
    assert!(!waiting.is_finished());
    daemon.reader("Toy").insert(ToyCard::willing());
    assert_eq!(waiting.join().unwrap().unwrap(), OK);

    // It goes in the midst of a reading.
    let mut card = options().open().unwrap();
    daemon.reader("Toy").unplug();
    assert_eq!(card.transmit(&[0; 4]).unwrap_err().kind(), ErrorKind::NoReader);
}
