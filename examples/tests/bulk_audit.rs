//! `bulk_audit` over good dumps, bad ones, and things that are no files.
#![cfg(feature = "bulk")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use serde_json::Value;

fn bulk_audit(arguments: &[&str], input: &str) -> Output {
    let test = env::current_exe().unwrap();
    let program = test
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples")
        .join("bulk_audit");
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A folder of this test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("zairyu-bulk-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with_dumps(name: &str, count: u32) -> Self {
        let folder = Self::new(name);
        let made = bulk_audit(&["--make", &count.to_string(), folder.name()], "");
        assert!(made.status.success());
        folder
    }

    fn name(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn each_card_has_its_line_whatever_the_number_of_threads() {
    let folder = Folder::with_dumps("lines", 40);
    let contents: BTreeSet<_> = fs::read_dir(&folder.0)
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert_eq!(contents.len(), 40, "all different");
    for threads in ["1", "2", "7"] {
        let output = bulk_audit(&["--threads", threads, folder.name()], "");
        assert_eq!(output.status.code(), Some(0));
        let lines = lines(&output);
        let files: BTreeSet<_> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
        assert_eq!((lines.len(), files.len()), (40, 40));
        for line in &lines {
            assert_eq!(line["status"], "verified");
            assert_eq!(line["trust_profile"], "custom");
            assert_ne!(line["number_on_chip_matches"], false);
            assert_eq!(line["problems"], 0);
        }
        let types: BTreeSet<_> = lines
            .iter()
            .map(|line| line["card_type"].as_str().unwrap())
            .collect();
        assert_eq!(types, BTreeSet::from(["05", "1"]));
        let summary = String::from_utf8(output.stderr).unwrap();
        assert!(
            summary.contains("40 verified, 0 not verified, 0 that are no dump"),
            "{summary}"
        );
    }
}

#[test]
fn paths_come_on_standard_input_too() {
    let folder = Folder::with_dumps("paths", 4);
    let path = |index: u32| format!("{}/card-{index:08}.json\n", folder.name());
    let output = bulk_audit(&["-"], &[path(0), "\n".to_owned(), path(3), path(3)].concat());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(lines(&output).len(), 3);
    let output = bulk_audit(&["-"], &[path(0), path(9)].concat());
    assert_eq!(output.status.code(), Some(5));
    assert_eq!(lines(&output).len(), 2);
}

#[test]
fn bad_files_are_named_counted_and_never_shown() {
    let folder = Folder::with_dumps("bad", 6);
    let good = fs::read(folder.0.join("card-00000000.json")).unwrap();
    let write = |name: &str, content: &[u8]| fs::write(folder.0.join(name), content).unwrap();
    write("empty.json", b"");
    write("cut.json", &good[..good.len() / 2]);
    write("other.json", b"{\"secret\": \"AB12345678CD\"}");
    write("binary", &[0xFF; 1000]);
    fs::create_dir(folder.0.join("folder")).unwrap();
    // A terabyte, and nothing on the disk.
    let huge = fs::File::create(folder.0.join("huge.json")).unwrap();
    huge.set_len(1 << 40).unwrap();
    let mut bad = 6;
    if cfg!(unix) {
        // It would keep whoever opens it waiting.
        let made = Command::new("mkfifo")
            .arg(folder.0.join("pipe"))
            .status()
            .unwrap();
        assert!(made.success());
        bad += 1;
    }
    let output = bulk_audit(&["--threads", "2", folder.name()], "");
    assert_eq!(output.status.code(), Some(5));
    let lines = lines(&output);
    let errors: BTreeSet<_> = lines
        .iter()
        .filter(|line| line["error"].is_string())
        .map(|line| Path::new(line["file"].as_str().unwrap()).file_name().unwrap())
        .collect();
    assert_eq!((lines.len(), errors.len()), (6 + bad, bad));
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(
        text.contains(&format!("6 verified, 0 not verified, {bad} that are no dump")),
        "{text}"
    );
    assert!(!text.contains("secret") && !text.contains("AB12345678CD") && !text.contains("AB00000000CD"));
}

#[test]
fn cards_without_their_anchor_are_status_1_and_no_folder_is_status_2() {
    let folder = Folder::with_dumps("status", 3);
    let output = bulk_audit(&["--at", "2090-01-01T00:00:00+09:00", folder.name()], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(lines(&output).iter().all(|line| line["status"] == "failed"));
    let output = bulk_audit(&["--summary", folder.name()], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
    for arguments in [
        &["/no/such/folder"][..],
        &["--anchor", "/no/such/file", folder.name()],
        &[],
        &["--threads", "0", "-"],
    ] {
        assert_eq!(bulk_audit(arguments, "").status.code(), Some(2), "{arguments:?}");
    }
}
