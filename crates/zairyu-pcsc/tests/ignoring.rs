//! A search among all readers, virtual ones included: the real pcscd with virtual readers.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod toy;

use std::time::Duration;

use toy::ToyCard;
use zairyu_pcsc::OpenOptions;
use zairyu_transport::ErrorKind;
use zairyu_virtual_reader::Pcscd;

#[test]
fn a_reader_that_is_no_hardware_is_used_only_if_named() {
    let daemon = Pcscd::start(&["Windows Hello Toy", "Hardware Toy"]).unwrap();
    let options = || OpenOptions::new().wait(Duration::from_secs(60));
    daemon.reader("Windows Hello Toy").insert(ToyCard::willing());
    let named = options().reader("windows hello").open().unwrap();
    assert!(named.reader().starts_with("Windows Hello Toy "));
    drop(named);
    let soon = options().wait(Duration::from_millis(300));
    assert_eq!(soon.open().unwrap_err().kind(), ErrorKind::NoCard);
    daemon.reader("Hardware Toy").insert(ToyCard::willing());
    assert!(options().open().unwrap().reader().starts_with("Hardware Toy "));
}
