//! What must not be in the repository, looked for in every file that git would take.

use std::fs;
use std::process::Command;

use crate::{Failure, output};

/// A text, where it is forbidden (the path's end), and why. Written in two halves, so that this file passes.
const FORBIDDEN: [(&str, &str, &str); 5] = [
    (concat!("../", "shared"), "", "the repository stands alone"),
    (concat!("todo", "!("), ".rs", "unfinished"),
    (concat!("unimplemented", "!("), ".rs", "unfinished"),
    (concat!("dbg", "!("), ".rs", "left over from debugging"),
    (
        concat!("#[", "ignore]"),
        ".rs",
        "an ignored test needs its reason: #[ignore = \"...\"]",
    ),
];

pub(crate) fn check() -> Result<(), Failure> {
    let listed = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let files = output(Command::new("git").args(listed))?;
    let mut found = Vec::new();
    for file in files.split_terminator('\0') {
        // A file that is deleted and not yet committed, or is not text.
        let Ok(text) = fs::read_to_string(file) else {
            continue;
        };
        for (forbidden, place, why) in FORBIDDEN {
            for (index, line) in text.lines().enumerate() {
                if file.ends_with(place) && line.contains(forbidden) {
                    found.push(format!("{file}:{}: {forbidden} ({why})", index + 1));
                }
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(found.join("\n"))
}
