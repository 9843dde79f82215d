//! `verify_my_number_card` as its users run it: options, exit codes, what is printed where, and what never is.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// Cargo builds the examples of a package before it runs the package's tests, beside them.
fn program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap().join("examples");
    folder.join("verify_my_number_card")
}

/// The program, with what somebody types.
fn run(arguments: &[&str], typed: &str) -> Output {
    let mut program = Command::new(program())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses before it asks reads nothing.
    let _ = program.stdin.take().unwrap().write_all(typed.as_bytes());
    program.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(mode: &str) -> serde_json::Value {
    let output = run(&["--mode", mode, "--json", "-"], "");
    // Nothing else is printed there.
    serde_json::from_slice(&output.stdout).unwrap()
}

const MODES: [(&str, &[&str]); 5] = [
    ("face", &["issuer", "face", "chip"]),
    ("attributes", &["issuer", "attributes", "card_key", "chip"]),
    ("age", &["issuer", "age", "chip"]),
    ("jpki_auth", &["certificate", "holder"]),
    ("pin_status", &[]),
];

#[test]
fn every_mode_is_verified_line_by_line_without_any_other_option() {
    for (mode, lines) in MODES {
        let output = run(&["--mode", mode], "");
        assert_eq!(output.status.code(), Some(0), "{mode}: {}", text(&output.stderr));
        let report = text(&output.stdout);
        assert!(
            report.starts_with("My Number Card (マイナンバーカード)"),
            "{report}"
        );
        let json = json(mode);
        assert_eq!(json["schema"], "zairyu.my_number_report/1");
        assert_eq!(json["mode"], mode);
        let proofs = json["proofs"].as_array().unwrap();
        let questions: Vec<_> = proofs
            .iter()
            .map(|proof| proof["question"].as_str().unwrap())
            .collect();
        assert_eq!(questions, lines);
        for proof in proofs {
            assert_eq!(proof["status"], "verified", "{mode} {proof}");
            assert_eq!(proof["anchor"], "custom");
        }
        assert_eq!(json["revocation"]["status"], "not_checked");
        assert_eq!(
            report.contains("keys that are not the issuer's own"),
            !lines.is_empty()
        );
    }
    let reason = json("jpki_auth")["revocation"]["detail"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(reason.contains("公的個人認証法"), "{reason}");
    let tries = json("pin_status")["tries"].clone();
    assert_eq!(tries.as_array().unwrap().len(), 6);
    assert_eq!(tries[0]["left"], 3);
}

#[test]
fn the_my_number_is_nowhere() {
    for (mode, _) in MODES {
        for arguments in [&["--mode", mode][..], &["--mode", mode, "--json", "-"]] {
            let output = run(arguments, "");
            for stream in [output.stdout, output.stderr] {
                assert!(!text(&stream).contains("123456789018"), "{mode}");
            }
        }
    }
}

#[test]
fn a_pin_comes_from_standard_input_with_a_warning_beside_it_and_is_not_shown() {
    let output = run(&["--mode", "attributes"], "1357\n");
    assert_eq!(output.status.code(), Some(0));
    let asked = text(&output.stderr);
    assert!(asked.contains("3 tries left"), "{asked}");
    let warning = asked.find("暗証番号").unwrap();
    assert!(warning < asked.find("The PIN, four digits").unwrap());
    assert!(!asked.contains("1357") && !text(&output.stdout).contains("1357"));
    // There is no option for it.
    assert_eq!(
        run(&["--mode", "attributes", "--pin", "1357"], "").status.code(),
        Some(2)
    );
}

#[test]
fn a_wrong_pin_is_status_3_and_says_what_is_left() {
    for (mode, typed) in [("attributes", "0000\n"), ("jpki_auth", "0000\n")] {
        let output = run(&["--mode", mode], typed);
        assert_eq!(output.status.code(), Some(3), "{mode}");
        assert!(text(&output.stderr).contains("(2 tries left)"), "{mode}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn what_has_not_the_form_is_status_2_and_never_sent() {
    for typed in ["12a4\n", "12345\n", "１２３４\n"] {
        let output = run(&["--mode", "jpki_auth"], typed);
        assert_eq!(output.status.code(), Some(2), "{typed}");
        assert!(!text(&output.stderr).contains(typed.trim()));
    }
    assert_eq!(
        run(&["--mode", "face"], "tomorrow\n2035\n1234\n").status.code(),
        Some(2)
    );
}

#[test]
fn the_year_form_is_the_callers_choice_and_has_no_default() {
    // The made-up holder was born on 1990-01-01, which is 平成2年, and her card shows that.
    let typed = "1990-01-01\n2035\n1234\n";
    let output = run(&["--mode", "face"], typed);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--year-form wareki"));
    let wareki = run(&["--mode", "face", "--year-form", "wareki"], typed);
    assert_eq!(wareki.status.code(), Some(0), "{}", text(&wareki.stderr));
    // A Gregorian year is another number: the card refuses it, and a try is lost.
    let seireki = run(&["--mode", "face", "--year-form", "seireki"], typed);
    assert_eq!(seireki.status.code(), Some(3));
    assert!(
        text(&seireki.stderr).contains("9 tries left"),
        "{}",
        text(&seireki.stderr)
    );
    // With a reader, it is asked for before anything else.
    let missing = run(&["--mode", "age", "--transport", "pcsc"], "");
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("--year-form"));
}

#[test]
fn pictures_are_written_as_png() {
    let folder = env::temp_dir().join(format!("zairyu-my-number-{}", std::process::id()));
    let output = run(&["--mode", "face", "--images", folder.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(0));
    for name in ["face", "name", "address"] {
        let picture = fs::read(folder.join(format!("{name}.png"))).unwrap();
        assert!(picture.starts_with(b"\x89PNG\r\n\x1A\n"), "{name}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_the_lines_do_not_prove_together_is_said() {
    for (mode, has_limit) in [("attributes", true), ("face", false), ("age", false)] {
        let report = text(&run(&["--mode", mode], "").stdout);
        assert_eq!(
            report.contains("Nothing ties these attributes to this chip"),
            has_limit,
            "{report}"
        );
        let json = run(&["--mode", mode, "--json", "-"], "").stdout;
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["limit"].is_string(), has_limit);
    }
}

#[test]
fn a_card_without_the_application_is_status_4() {
    for mode in ["attributes", "face", "age"] {
        let output = run(&["--mode", mode, "--card", "android-token"], "");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{said}");
        // Nobody types anything for a card that would not take it.
        assert!(said.starts_with("This card does not have"), "{said}");
    }
    assert_eq!(
        run(&["--mode", "jpki_auth", "--card", "android-token"], "")
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        run(&["--mode", "face", "--card", "under15"], "").status.code(),
        Some(0)
    );
}

#[test]
fn a_card_that_is_a_residence_card_too_reads_like_any_other() {
    for (mode, _) in MODES {
        let arguments = ["--mode", mode, "--at", "2026-11-22T10:00:00+09:00", "--json", "-"];
        let alone = run(&arguments, "");
        let combined = run(&[&arguments[..], &["--card", "combined"]].concat(), "");
        assert_eq!(
            combined.status.code(),
            Some(0),
            "{mode}: {}",
            text(&combined.stderr)
        );
        assert_eq!(combined.stdout, alone.stdout, "{mode}");
    }
}

#[test]
fn what_to_do_is_told_where_it_follows_from_the_card_and_on_demand() {
    let told = |arguments: &[&str]| text(&run(arguments, "").stdout);
    for mode in ["pin_status", "jpki_auth"] {
        let child = told(&["--mode", mode, "--card", "under15"]);
        assert!(child.contains("15歳未満の方には発行されません"), "{child}");
        assert!(!told(&["--mode", mode]).contains("municipal office"));
    }
    let expired = told(&["--mode", "jpki_auth", "--at", "2036-01-01T00:00:00Z"]);
    assert!(expired.contains("3か月前から更新できます"), "{expired}");
    let all = told(&["--guidance"]);
    for words in [
        "0120-95-0178",
        "9:30 to 17:30",
        "在留期間を更新しても",
        "as of 2026-",
    ] {
        assert!(all.contains(words), "{words}");
    }
    assert_eq!(run(&["--guidance", "--json", "-"], "").status.code(), Some(2));
}
