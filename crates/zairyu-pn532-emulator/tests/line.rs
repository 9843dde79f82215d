//! The emulator as a program at the serial port sees it, byte by byte.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};

use zairyu_pn532_emulator::{Card, CardFault, Command, Emulator, Fault};

const ACK: [u8; 6] = [0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00];
/// UM0701-02, 7.2.2.
const GET_FIRMWARE_VERSION: [u8; 9] = [0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD4, 0x02, 0x2A, 0x00];
const FIRMWARE_VERSION: [u8; 13] = [
    0x00, 0x00, 0xFF, 0x06, 0xFA, 0xD5, 0x03, 0x32, 0x01, 0x06, 0x07, 0xE8, 0x00,
];

fn port(reader: &Emulator) -> File {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(reader.path())
        .unwrap()
}

fn expect(port: &mut File, bytes: &[u8]) {
    let mut seen = vec![0; bytes.len()];
    port.read_exact(&mut seen).unwrap();
    assert_eq!(seen, bytes);
}

#[test]
fn wakes_up_and_tells_its_version() {
    let reader = Emulator::start().unwrap();
    let mut port = port(&reader);
    port.write_all(&[0x55, 0x55, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    port.write_all(&GET_FIRMWARE_VERSION).unwrap();
    expect(&mut port, &ACK);
    expect(&mut port, &FIRMWARE_VERSION);
    assert_eq!(reader.commands(), [Command::GetFirmwareVersion]);
}

#[test]
fn a_spoilt_frame_gets_the_error_frame() {
    let reader = Emulator::start().unwrap();
    let mut port = port(&reader);
    let mut spoilt = GET_FIRMWARE_VERSION;
    spoilt[6] ^= 0x04;
    port.write_all(&spoilt).unwrap();
    expect(&mut port, &[0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00]);
    assert_eq!(reader.commands(), []);
    port.write_all(&GET_FIRMWARE_VERSION).unwrap();
    expect(&mut port, &ACK);
}

#[test]
fn faults_pass_and_can_be_healed() {
    let reader = Emulator::start().unwrap();
    let mut port = port(&reader);
    reader.inject(Command::GetFirmwareVersion, 0, Fault::NoAck);
    reader.inject_from(Command::GetFirmwareVersion, 1, Fault::Nak);
    // No answer to the first; that of the second is the next thing to come.
    port.write_all(&GET_FIRMWARE_VERSION).unwrap();
    port.write_all(&GET_FIRMWARE_VERSION).unwrap();
    expect(&mut port, &[0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00]);
    reader.heal();
    port.write_all(&GET_FIRMWARE_VERSION).unwrap();
    expect(&mut port, &ACK);
    expect(&mut port, &FIRMWARE_VERSION);
}

#[test]
fn cards_come_and_go() {
    struct Mute;
    impl Card for Mute {
        fn power_up(&mut self) {}
        fn power_down(&mut self) {}
        fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, CardFault> {
            Err(CardFault::Mute)
        }
    }
    let reader = Emulator::start().unwrap();
    assert!(!reader.has_card());
    reader.insert(Mute);
    assert!(reader.has_card());
    reader.remove();
    assert!(!reader.has_card());
}

#[test]
fn a_reader_whose_plug_is_pulled_hangs_up() {
    let reader = Emulator::start().unwrap();
    let mut port = port(&reader);
    drop(reader);
    let mut byte = [0];
    assert!(!matches!(port.read(&mut byte), Ok(1)));
}
