//! Finding the reader and the card, and saying what is in the way: the real libnfc with an emulated reader.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod field;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::thread;
use std::time::Duration;

use field::{OK, ToyCard, child, in_child, open, options, reader, reader_with};
use rustix::process::{Resource, Rlimit, getrlimit, getuid, setrlimit};
use zairyu_libnfc::{OpenOptions, devices};
use zairyu_pn532_emulator::{Command, Fault};
use zairyu_transport::{CancelHandle, Error, ErrorKind, Transport};

fn once(connection_string: &str) -> Error {
    OpenOptions::new()
        .reader(connection_string)
        .wait(Duration::ZERO)
        .open()
        .unwrap_err()
}

#[test]
fn an_empty_field_holds_no_card() {
    let reader = reader();
    let error = options(&reader)
        .wait(Duration::from_millis(300))
        .open()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCard);
    assert!(reader.commands().contains(&Command::InListPassiveTarget));
}

#[test]
fn a_card_is_waited_for() {
    let reader = reader();
    let opening = thread::spawn({
        let options = options(&reader);
        move || options.open().unwrap().transmit(&[0; 4]).unwrap()
    });
    while !reader.commands().contains(&Command::InListPassiveTarget) {
        thread::sleep(Duration::from_millis(10));
    }
    reader.insert(ToyCard::willing());
    assert_eq!(opening.join().unwrap(), OK);
}

#[test]
fn a_reader_is_waited_for() {
    let reader = reader_with(ToyCard::willing());
    let link = std::env::temp_dir().join(format!("zairyu-libnfc-{}", std::process::id()));
    let _ = fs::remove_file(&link);
    let options = OpenOptions::new()
        .reader(format!("pn532_uart:{}:115200", link.display()))
        .wait(Duration::from_secs(60));
    let opening = thread::spawn(move || options.open().unwrap().transmit(&[0; 4]).unwrap());
    thread::sleep(Duration::from_millis(200));
    symlink(reader.path(), &link).unwrap();
    assert_eq!(opening.join().unwrap(), OK);
    fs::remove_file(&link).unwrap();
}

#[test]
fn the_session_tells_its_reader() {
    let reader = reader_with(ToyCard::willing());
    assert_eq!(open(&reader).reader(), reader.connection_string());
}

#[test]
fn the_wait_can_be_cancelled() {
    let reader = reader();
    let handle = CancelHandle::new();
    let options = options(&reader).cancel_with(&handle);
    let opening = thread::spawn(move || options.open().unwrap_err().kind());
    while !reader.commands().contains(&Command::InListPassiveTarget) {
        thread::sleep(Duration::from_millis(10));
    }
    handle.cancel();
    assert_eq!(opening.join().unwrap(), ErrorKind::Cancelled);
}

#[test]
fn wrong_connection_strings() {
    for (text, said) in [
        ("", "connection string"),
        ("pn532_uart:\0", "connection string"),
        (&"x".repeat(2_000), "connection string"),
        ("nonsense", "cannot open nonsense"),
        ("pn532_uart", "cannot open pn532_uart"),
        ("pn532_uart:/dev/nonesuch:115200", "there is no /dev/nonesuch"),
        ("pn532_uart:/dev/nonesuch:fast", "there is no /dev/nonesuch"),
        ("pn532_uart:/dev/null:115200", "no NFC chip answers"),
        ("pn53x_usb:099:099", "cannot open pn53x_usb"),
    ] {
        let error = once(text);
        assert_eq!(error.kind(), ErrorKind::NoReader, "{text}");
        assert!(error.detail().unwrap().contains(said), "{text}: {error}");
    }
}

#[test]
fn a_chip_that_does_not_answer_or_falls_silent_while_being_opened_is_no_reader() {
    use Command::{Diagnose, GetFirmwareVersion, RfConfiguration, SamConfiguration, SetParameters};
    for command in [
        SamConfiguration,
        Diagnose,
        GetFirmwareVersion,
        SetParameters,
        RfConfiguration,
    ] {
        for fault in [Fault::Silence, Fault::Garbage(vec![0x77; 20])] {
            let reader = reader_with(ToyCard::willing());
            reader.inject(command, 0, fault.clone());
            let error = once(&reader.connection_string());
            assert_eq!(
                error.kind(),
                ErrorKind::NoReader,
                "{command:?} {fault:?}: {error}"
            );
        }
    }
}

#[test]
fn a_chip_that_falls_silent_while_a_card_is_looked_for() {
    let reader = reader_with(ToyCard::willing());
    reader.inject(Command::InListPassiveTarget, 0, Fault::Silence);
    assert_eq!(once(&reader.connection_string()).kind(), ErrorKind::NoReader);
    reader.inject(Command::InListPassiveTarget, 0, Fault::Silence);
    // With time for it, it is opened again.
    assert_eq!(open(&reader).transmit(&[0; 4]).unwrap(), OK);
}

#[test]
fn a_chip_without_type_b_is_told() {
    let reader = reader_with(ToyCard::willing());
    // Type A and ISO/IEC 18092 alone.
    reader.inject_from(
        Command::GetFirmwareVersion,
        0,
        Fault::Response(vec![0x32, 1, 6, 5]),
    );
    let error = once(&reader.connection_string());
    assert_eq!(error.kind(), ErrorKind::NoReader);
    assert_eq!(error.detail(), Some("this reader cannot read Type B cards"));
}

#[test]
fn a_reader_that_another_has_is_in_use_until_it_is_free() {
    let reader = reader_with(ToyCard::willing());
    let first = open(&reader);
    let error = once(&reader.connection_string());
    assert_eq!(error.kind(), ErrorKind::InUse, "{error}");
    // Programs of other kinds see it too.
    let other = File::options().read(true).write(true).open(reader.path());
    assert!(other.is_err() || other.unwrap().try_lock().is_err());
    let second = thread::spawn({
        let options = options(&reader);
        move || options.open().unwrap().transmit(&[0; 4]).unwrap()
    });
    thread::sleep(Duration::from_millis(200));
    assert!(!second.is_finished());
    drop(first);
    assert_eq!(second.join().unwrap(), OK);
    // And the other way round.
    let other = File::options()
        .read(true)
        .write(true)
        .open(reader.path())
        .unwrap();
    other.lock().unwrap();
    assert_eq!(once(&reader.connection_string()).kind(), ErrorKind::InUse);
    drop(other);
    assert_eq!(open(&reader).transmit(&[0; 4]).unwrap(), OK);
}

#[test]
fn a_reader_without_rights_is_not_authorised() {
    const TEST: &str = "a_reader_without_rights_is_not_authorised";
    if let Some(connection_string) = child() {
        let error = once(&connection_string);
        assert_eq!(error.kind(), ErrorKind::NotAuthorised, "{error}");
        return;
    }
    let reader = reader_with(ToyCard::willing());
    fs::set_permissions(reader.path(), Permissions::from_mode(0o000)).unwrap();
    const NOBODY: u32 = 65_534;
    let result = in_child(TEST, &reader.connection_string(), |process| {
        // Modes do not stop root.
        if getuid().is_root() {
            process.uid(NOBODY).gid(NOBODY).current_dir("/");
        }
    });
    match result {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => eprintln!("skipped: another user cannot run this test: {error}"),
    }
}

#[test]
fn descriptors_too_high_for_libnfc_are_refused() {
    const TEST: &str = "descriptors_too_high_for_libnfc_are_refused";
    if let Some(connection_string) = child() {
        let limit = Rlimit {
            current: Some(2_000),
            ..getrlimit(Resource::Nofile)
        };
        setrlimit(Resource::Nofile, limit).unwrap();
        let mut files: Vec<File> = (0..1_100).map(|_| File::open("/dev/null").unwrap()).collect();
        let error = once(&connection_string);
        assert!(error.detail().unwrap().contains("too many open files"), "{error}");
        assert!(devices().is_err());
        // A few free numbers below are not enough, the rest would still be high ones.
        files.drain(100..104);
        assert_eq!(once(&connection_string).kind(), ErrorKind::Other);
        files.truncate(900);
        OpenOptions::new().reader(connection_string).open().unwrap();
        return;
    }
    if getrlimit(Resource::Nofile)
        .maximum
        .is_some_and(|most| most < 2_000)
    {
        eprintln!("skipped: no more than 2,000 open files are allowed here");
        return;
    }
    let reader = reader_with(ToyCard::willing());
    let output = in_child(TEST, &reader.connection_string(), |_| ()).unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(reader.commands().contains(&Command::InListPassiveTarget));
}

#[test]
fn libnfc_is_not_used_while_it_would_log_card_data() {
    const TEST: &str = "libnfc_is_not_used_while_it_would_log_card_data";
    if let Some(connection_string) = child() {
        let error = once(&connection_string);
        assert_eq!(error.kind(), ErrorKind::Other);
        assert!(error.detail().unwrap().contains("LIBNFC_LOG_LEVEL"), "{error}");
        return;
    }
    let reader = reader_with(ToyCard::willing());
    let output = in_child(TEST, &reader.connection_string(), |process| {
        process.env("LIBNFC_LOG_LEVEL", "3");
    })
    .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(reader.commands(), []);
    // What it is that must not happen: bytes of an exchange in the log.
    assert!(!String::from_utf8_lossy(&output.stderr).contains("TX:"));
}

#[test]
fn a_reader_in_libnfcs_configuration_is_found_without_being_named() {
    const TEST: &str = "a_reader_in_libnfcs_configuration_is_found_without_being_named";
    if let Some(connection_string) = child() {
        let found = devices().unwrap();
        assert_eq!(
            found
                .iter()
                .filter(|device| **device == connection_string)
                .count(),
            1
        );
        if found.len() == 1 {
            let mut card = OpenOptions::new().open().unwrap();
            assert_eq!(card.reader(), connection_string);
            assert_eq!(card.transmit(&[0; 4]).unwrap(), OK);
        } else {
            eprintln!("skipped in part: there are other readers too");
        }
        return;
    }
    let reader = reader_with(ToyCard::willing());
    let output = in_child(TEST, &reader.connection_string(), |process| {
        process.env("LIBNFC_DEVICE", reader.connection_string());
    })
    .unwrap();
    assert!(output.status.success(), "{output:?}");
}
