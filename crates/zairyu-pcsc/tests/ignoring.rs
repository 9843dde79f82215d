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
use zairyu_pcsc::{Cause, OpenOptions, diagnose};
use zairyu_transport::ErrorKind;
use zairyu_virtual_reader::Pcscd;

fn options() -> OpenOptions {
    OpenOptions::new().wait(Duration::from_secs(60))
}

fn soon() -> OpenOptions {
    options().wait(Duration::from_millis(300))
}

/// One test, for each part has a daemon of its own and a process can have one at a time.
#[test]
fn readers_that_are_of_no_use_are_used_only_if_named() {
    let names = ["Windows Hello Toy", "Alcor Toy", "Hardware Toy", "Other Toy"];
    let daemon = Pcscd::start(&names).unwrap();
    for name in ["Windows Hello Toy", "Alcor Toy"] {
        daemon.reader(name).insert(ToyCard::willing());
        let named = options().reader(name.to_lowercase()).open().unwrap();
        assert!(named.reader().starts_with(name));
    }
    assert_eq!(soon().open().unwrap_err().kind(), ErrorKind::NoCard);
    daemon.reader("Hardware Toy").insert(ToyCard::willing());
    assert!(options().open().unwrap().reader().starts_with("Hardware Toy "));

    // The caller's own.
    let ignoring = |options: OpenOptions| options.ignore("no such").ignore("hardware");
    assert_eq!(ignoring(soon()).open().unwrap_err().kind(), ErrorKind::NoCard);
    let named = ignoring(options()).reader("Hardware").open().unwrap();
    assert!(named.reader().starts_with("Hardware Toy "));
    drop(named);
    daemon.reader("Other Toy").insert(ToyCard::willing());
    assert!(
        ignoring(options())
            .open()
            .unwrap()
            .reader()
            .starts_with("Other Toy ")
    );
    let all = ignoring(soon()).ignore("other").open().unwrap_err();
    assert_eq!(all.kind(), ErrorKind::NoReader);
    assert!(all.detail().unwrap().contains("Hardware Toy"), "{all}");
    drop(daemon);

    let daemon = Pcscd::start(&["Windows Hello Toy", "Alcor Toy"]).unwrap();
    let error = soon().open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoReader);
    assert!(error.detail().unwrap().contains("contact cards only"), "{error}");
    assert_eq!(
        diagnose(Duration::from_secs(30)).cause(),
        Cause::ContactOnlyReader
    );
    drop(daemon);

    let daemon = Pcscd::start(&["Windows Hello Toy"]).unwrap();
    assert_eq!(diagnose(Duration::from_secs(30)).cause(), Cause::NoReader);
    drop(daemon);

    let daemon = Pcscd::start::<&str>(&[]).unwrap();
    let diagnosis = diagnose(Duration::from_secs(30));
    // A machine that runs this test may have a reader on its USB, which is kept from the daemon.
    assert!(
        matches!(diagnosis.cause(), Cause::NoReader | Cause::NoDriver),
        "{diagnosis}"
    );
    drop(daemon);
}
