//! `check_and_record` with a person who types the code, a wrong one, and nothing.
#![cfg(feature = "lookup-service")]
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::process::{Command, Stdio};
use std::{env, fs};

#[test]
fn the_check_leaves_a_verified_record_whatever_the_person_types() {
    let test = env::current_exe().unwrap();
    let program = test
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples")
        .join("check_and_record");
    let log = env::temp_dir().join(format!("zairyu-{}-evidence.log", std::process::id()));
    for (typed, words) in [
        ("7K2P\n", "No record of lapse"),
        ("XXXX\n", "Not checked (reason: picture code did not match"),
        ("", "Not checked (reason: picture code not typed"),
    ] {
        let _ = fs::remove_file(&log);
        let mut child = Command::new(&program)
            .arg(&log)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.contains(words), "{printed}");
        assert!(printed.contains("2 entries verified"));
        // The report shows the number; the record holds none.
        assert!(!fs::read_to_string(&log).unwrap().contains("AB12345678CD"));
    }
    for file in [log.clone(), log.with_extension("log.lock")] {
        let _ = fs::remove_file(file);
    }
}
