//! `verify_card` as its users run it: options, exit codes, what is printed where.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// Cargo builds the examples of a package before it runs the package's tests, beside them.
fn program(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    test.parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples")
        .join(name)
}

fn verify_card(arguments: &[&str]) -> Output {
    Command::new(program("verify_card"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn status(arguments: &[&str]) -> i32 {
    verify_card(arguments).status.code().unwrap()
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = verify_card(&[arguments, &["--json", "-"]].concat());
    // Nothing else is printed there.
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A folder of this test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("zairyu-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn every_type_verifies_without_any_other_option() {
    for (code, kind, generation) in [
        ("1", "residence_card", "first"),
        ("2", "special_permanent_resident_certificate", "first"),
        ("05", "residence_card", "second"),
        ("06", "special_permanent_resident_certificate", "second"),
    ] {
        let output = verify_card(&["--card", code]);
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.contains("\nChip signature: Matches, but not under"),
            "{text}"
        );
        assert!(text.contains("\n[✓ signed] Photo on the chip: "), "{text}");
        assert!(output.stderr.is_empty());
        let report = json(&["--card", code]);
        assert_eq!(report["schema"], "zairyu.report/1");
        assert_eq!(report["card"]["type_code"], code);
        assert_eq!(report["card"]["kind"], kind);
        assert_eq!(report["card"]["generation"], generation);
        assert_eq!(report["authenticity"]["status"], "verified");
        assert_eq!(report["authenticity"]["trust_profile"], "custom");
    }
}

#[test]
fn a_card_that_is_read_and_not_verified_is_status_1() {
    assert_eq!(status(&["--at", "2090-01-01T00:00:00+09:00"]), 1);
}

#[test]
fn usage_is_status_2_and_one_sentence() {
    for arguments in [
        &["--number", "AB1234567CD"][..],
        &["--number", "ABO2345678CD"],
        &["--card", "03"],
        &["--no-such-option"],
        &["--at", "yesterday"],
        &["--anchor", "/no/such/file"],
        &["--anchor", file!()],
        &["--transport", "pcsc"],
        &["--from-dump", "/no/such/file"],
    ] {
        let output = verify_card(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
        assert!(output.stdout.is_empty());
    }
    let output = verify_card(&["--number", "ABO2345678CD"]);
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "Character 3 of the card number must be a digit and is the letter O: is it the digit 0?\n"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure_and_a_closed_pipe_is_none() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(program("verify_card"))
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with("The report cannot be printed")
    );

    let mut child = Command::new(program("verify_card"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn endless_files_are_refused() {
    assert_eq!(status(&["--anchor", "/dev/zero"]), 2);
    assert_eq!(status(&["--from-dump", "/dev/zero"]), 5);
}

#[test]
fn pictures_of_an_earlier_card_do_not_stay() {
    let folder = Folder::new("earlier");
    let images = folder.file("images");
    assert_eq!(status(&["--card", "1", "--images", &images]), 0);
    assert_eq!(status(&["--card", "05", "--images", &images]), 0);
    assert!(!Path::new(&images).join("front.png").exists());
}

#[test]
fn the_assisted_lookup_takes_what_a_person_says() {
    for (typed, status, words) in [
        ("1\nyes\n1\n", "answered", "not_listed_as_lapsed"),
        ("3\nyes\n2\n", "answered", "lapsed"),
        ("3\nyes\n4\n", "not_answered", "service_unavailable"),
        ("3\nyes\n\n", "not_asked", "deferred"),
        ("3\nno\n", "not_asked", "consent_missing"),
        ("", "not_asked", "consent_missing"),
    ] {
        let mut child = Command::new(program("verify_card"))
            .args(["--lookup", "assisted", "--json", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let lookup = &report["lookup"];
        assert_eq!(lookup["status"], status);
        assert!(lookup["answer"] == words || lookup["reason"] == words, "{lookup}");
        assert_ne!(report["decision"]["action"], "proceed");
    }
}

#[test]
fn the_number_is_normalised_and_taken_from_standard_input() {
    assert_eq!(status(&["--number", "ａｂ 1234-5678 ｃｄ"]), 0);
    let mut child = Command::new(program("verify_card"))
        .args(["--number", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"ab12345678cd\r\n")
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn another_number_is_status_3() {
    let output = verify_card(&["--number", "AB12345678CE"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with("The card number does not match this card:")
    );
}

#[test]
fn specified_software_cards_are_read_under_a_profile_that_is_said_to_be_unconfirmed() {
    for (code, name) in [
        ("07", "Residence card"),
        ("08", "Special permanent resident certificate"),
    ] {
        let output = verify_card(&["--card", code]);
        assert_eq!(output.status.code(), Some(0));
        let report = String::from_utf8(output.stdout).unwrap();
        assert!(report.contains(&format!("{name}, specified card")), "{report}");
        assert!(
            report.contains("secure messaging profile that this card was read with is not confirmed"),
            "{report}"
        );
        assert!(
            report.contains("\nChip signature: Matches, but not under"),
            "{report}"
        );
        // Saved, it is judged alike.
        let folder = Folder::new(&format!("specified-dump-{code}"));
        let dump = folder.file("dump.json");
        assert_eq!(status(&["--card", code, "--dump", &dump]), 0);
        let ca = folder.file("ca.crt");
        let certificate = zairyu_testcard::Issuer::new().ca_certificate(zairyu::data::Generation::Specified);
        fs::write(&ca, certificate.unwrap()).unwrap();
        let again = verify_card(&["--from-dump", &dump, "--anchor", &ca]);
        assert_eq!(again.status.code(), Some(0), "{again:?}");
        let json = verify_card(&["--card", code, "--json", "-"]);
        let json = String::from_utf8(json.stdout).unwrap();
        assert!(
            json.contains(r#""secure_messaging": "unconfirmed_profile""#),
            "{json}"
        );
    }
    let json = verify_card(&["--card", "05", "--json", "-"]);
    assert!(
        !String::from_utf8(json.stdout)
            .unwrap()
            .contains("secure_messaging")
    );
}

/// A recording is made as with a real card, without a profile.
#[test]
fn specified_cards_without_a_profile_are_status_4_and_named_with_the_reason() {
    for (code, name) in [("07", "特定在留カード"), ("08", "特定特別永住者証明書")] {
        let folder = Folder::new(&format!("specified-{code}"));
        let output = verify_card(&["--card", code, "--record", &folder.file("recording")]);
        assert_eq!(output.status.code(), Some(4));
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert!(
            sentence.contains(name) && sentence.contains("confirmed by no public source"),
            "{sentence}"
        );
    }
}

#[test]
fn images_are_written_as_png_for_those_that_the_card_has() {
    for (code, names) in [
        ("1", &["face.png", "front.png"][..]),
        ("05", &["address.png", "face.png", "name.png"]),
    ] {
        let folder = Folder::new(&format!("images-{code}"));
        let images = folder.file("images");
        assert_eq!(status(&["--card", code, "--images", &images]), 0);
        let mut found: Vec<String> = fs::read_dir(&images)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort_unstable();
        assert_eq!(found, names);
        for name in found {
            assert!(
                fs::read(Path::new(&images).join(name))
                    .unwrap()
                    .starts_with(b"\x89PNG")
            );
        }
    }
}

#[test]
fn a_dump_is_judged_later_with_its_anchor() {
    let folder = Folder::new("dump");
    let (dump, anchor) = (folder.file("card.json"), folder.file("ca.crt"));
    let ca = zairyu_testcard::Issuer::new()
        .ca_certificate(zairyu::data::Generation::Second)
        .unwrap();
    fs::write(&anchor, ca).unwrap();
    assert_eq!(status(&["--dump", &dump]), 0);
    let unjudged = json(&["--from-dump", &dump]);
    assert_eq!(unjudged["authenticity"]["reason"], "no_anchor");
    assert_eq!(
        json(&["--from-dump", &dump, "--anchor", &anchor])["authenticity"]["status"],
        "verified"
    );
    assert_eq!(status(&["--from-dump", &dump, "--anchor", &anchor]), 0);
    assert_eq!(status(&["--from-dump", &dump, "--number", "AB12345678CE"]), 3);
    fs::write(&dump, "{").unwrap();
    assert_eq!(status(&["--from-dump", &dump]), 5);
}

#[cfg(unix)]
#[test]
fn what_is_written_is_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("private");
    let (dump, report) = (folder.file("card.json"), folder.file("report.json"));
    assert_eq!(status(&["--dump", &dump, "--json", &report]), 0);
    for file in [dump, report] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn the_other_examples_run() {
    for name in [
        "smallest",
        "judge_saved_files",
        "downloaded_certificate",
        "phone_callback",
    ] {
        let output = Command::new(program(name)).output().unwrap();
        assert!(output.status.success(), "{name}");
        assert!(!output.stdout.is_empty());
    }
}

#[test]
fn what_went_wrong_is_told_in_japanese_too() {
    let output = verify_card(&["--number", "ZZ99999999ZZ", "--language", "ja"]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        "番号がこのカードのものと一致しません。カード右上の番号と見比べて、入力し直してください。\n"
    );
}
