//! `verify_my_number_card --transport pcsc` against the real pcscd with a virtual reader.
#![cfg(all(feature = "pcsc", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;
use std::{env, fs, thread};

use zairyu::mynumber::{self, AttributeKey, Policy, ReadError, Reading, TextPin};
use zairyu::pcsc::OpenOptions;
use zairyu::transport::{ErrorKind, Transport};
use zairyu_mynumber_testcard::{CardBuilder, Profile, SoftwareCard, auth_root};
use zairyu_virtual_reader::{Card, Fault, Pcscd, type_b_atr};

/// A My Number Card on the reader, which may leave it after some commands. Over a reset it keeps what was presented to it.
struct OnReader {
    card: SoftwareCard,
    commands_left: usize,
    /// How long it thinks about a PIN.
    thinks: Duration,
    /// It does not say how many tries are left.
    hides_tries: bool,
}

/// The tests run at the same time, each with its reader.
static DAEMON: LazyLock<Pcscd> = LazyLock::new(|| Pcscd::start(&["Counter", "Impatient"]).unwrap());

impl Card for OnReader {
    fn atr(&self) -> Vec<u8> {
        type_b_atr([0; 4], [0x00, 0x81, 0xC1], 0)
    }

    fn power_up(&mut self) {
        self.card.power_cycle();
    }

    fn power_down(&mut self) {
        self.card.power_cycle();
    }

    fn reset(&mut self) {
        let _ = Transport::reset(&mut self.card);
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault> {
        self.commands_left = self.commands_left.checked_sub(1).ok_or(Fault::Removed)?;
        if self.hides_tries && command.get(1) == Some(&0x20) && command.len() == 4 {
            return Ok(vec![0x6F, 0x00]);
        }
        let answer = self.card.process(command);
        if command.get(1) == Some(&0x20) && command.len() > 5 {
            thread::sleep(self.thinks);
        }
        Ok(answer)
    }
}

fn card(commands_left: usize) -> OnReader {
    let issued = CardBuilder::new(Profile::Adult).issue().unwrap();
    OnReader {
        card: SoftwareCard::new(issued),
        commands_left,
        thinks: Duration::ZERO,
        hides_tries: false,
    }
}

/// The program, with what somebody types. Its client library finds the private daemon by the environment.
fn verify(arguments: &[&str], typed: &str) -> Output {
    let test = env::current_exe().unwrap();
    let folder: PathBuf = test.parent().unwrap().parent().unwrap().join("examples");
    let mut program = Command::new(folder.join("verify_my_number_card"))
        .args(["--transport", "pcsc", "--reader", "Counter", "--wait", "10"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = program.stdin.take().unwrap().write_all(typed.as_bytes());
    program.wait_with_output().unwrap()
}

fn status_of(line: &str, output: &Output) -> String {
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let proofs = json["proofs"].as_array().unwrap();
    let proof = proofs.iter().find(|proof| proof["question"] == line).unwrap();
    proof["status"].as_str().unwrap().to_owned()
}

#[test]
fn each_mode_is_read_over_the_real_service() {
    let reader = DAEMON.reader("Counter");
    reader.insert(card(usize::MAX));
    let output = verify(&["--mode", "pin_status"], "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    // The software card's CA is not among those that a card in a reader is judged by.
    let output = verify(&["--mode", "attributes", "--json", "-"], "1357\n");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    for line in ["issuer", "attributes", "card_key", "chip"] {
        assert_ne!(status_of(line, &output), "verified", "{line}");
    }

    let root = env::temp_dir().join(format!("zairyu-{}-root.cer", std::process::id()));
    fs::write(&root, auth_root(None).unwrap()).unwrap();
    let arguments = [
        "--mode",
        "jpki_auth",
        "--json",
        "-",
        "--anchor",
        root.to_str().unwrap(),
    ];
    let output = verify(&arguments, "2468\n");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(status_of("certificate", &output), "verified");
    assert_eq!(status_of("holder", &output), "verified");
    fs::remove_file(&root).unwrap();

    let output = verify(&["--mode", "attributes"], "9999\n");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    // Exactly one try is gone.
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("(2 tries left)"), "{said}");

    // Nobody types a PIN that would not be sent.
    reader.insert(OnReader {
        hides_tries: true,
        ..card(usize::MAX)
    });
    let output = verify(&["--mode", "attributes"], "");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("does not tell the tries left") && !said.contains("four digits"),
        "{said}"
    );

    // Pulled at each command: what was read of it is not shown, and only where a secret was on its way is it said that a try
    // may be lost.
    let mut outcomes = Vec::new();
    for commands_left in 0..100 {
        reader.insert(card(commands_left));
        let output = verify(&["--mode", "attributes"], "1357\n");
        let status = output.status.code().unwrap();
        outcomes.push(status);
        if status == 1 {
            break;
        }
        assert!(output.stdout.is_empty(), "{commands_left}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.contains("The connection broke while"), status == 3, "{said}");
    }
    let (last, before) = outcomes.split_last().unwrap();
    assert_eq!(*last, 1);
    assert!(
        before.len() > 8 && before.iter().all(|status| [3, 4].contains(status)),
        "{outcomes:?}"
    );
    assert_eq!(
        before.iter().filter(|status| **status == 3).count(),
        1,
        "{outcomes:?}"
    );
}

/// The card takes the PIN, and keeps it over a reset; its answer comes too late. Whoever is next finds nothing presented.
#[test]
fn a_reading_that_gives_up_leaves_no_pin_with_the_card() {
    DAEMON.reader("Impatient").insert(OnReader {
        thinks: Duration::from_secs(1),
        ..card(usize::MAX)
    });
    let options = OpenOptions::new()
        .reader("Impatient")
        .wait(Duration::from_secs(30));
    let mut session = options
        .clone()
        .exchange_limit(Duration::from_millis(200))
        .open()
        .unwrap();
    let key = AttributeKey::Pin(TextPin::new("1357").unwrap());
    let reading = Reading::attributes(key, mynumber::challenge().unwrap(), Policy::default()).unwrap();
    let result = mynumber::read(&mut session, reading);
    let Err(ReadError::OutcomeUnknown { cause, .. }) = result else {
        panic!("{:?}", result.err());
    };
    assert_eq!(cause.kind(), ErrorKind::TimedOut);
    drop(session);

    let mut next = options.open().unwrap();
    let read_attributes = [0x00, 0xB0, 0x82, 0x00, 0x04];
    assert_eq!(next.transmit(&read_attributes).unwrap(), [0x69, 0x85]);
    let select = b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
    assert_eq!(next.transmit(select).unwrap(), [0x90, 0x00]);
    assert_eq!(next.transmit(&read_attributes).unwrap(), [0x69, 0x82]);
}
