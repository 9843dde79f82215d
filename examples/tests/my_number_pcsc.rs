//! `verify_my_number_card --transport pcsc` against the real pcscd with a virtual reader.
#![cfg(all(feature = "pcsc", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use zairyu_mynumber_testcard::{CardBuilder, Profile, SoftwareCard, auth_root};
use zairyu_virtual_reader::{Card, Fault, Pcscd, type_b_atr};

/// A My Number Card on the reader, which may leave it after some commands.
struct OnReader {
    card: SoftwareCard,
    commands_left: usize,
}

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

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault> {
        self.commands_left = self.commands_left.checked_sub(1).ok_or(Fault::Removed)?;
        Ok(self.card.process(command))
    }
}

fn card(commands_left: usize) -> OnReader {
    let issued = CardBuilder::new(Profile::Adult).issue().unwrap();
    OnReader {
        card: SoftwareCard::new(issued),
        commands_left,
    }
}

/// The program, with what somebody types. Its client library finds the private daemon by the environment.
fn verify(arguments: &[&str], typed: &str) -> Output {
    let test = env::current_exe().unwrap();
    let folder: PathBuf = test.parent().unwrap().parent().unwrap().join("examples");
    let mut program = Command::new(folder.join("verify_my_number_card"))
        .args(["--transport", "pcsc", "--wait", "10"])
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
    let daemon = Pcscd::start(&["Counter"]).unwrap();
    let reader = daemon.reader("Counter");
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
