//! Checks that the crates that say `#![no_std]` build without a standard library.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{Done, Failure, output, run};

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler and the standard library's sources: packages rustc-web, cargo-web and rust-web-src.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

pub(crate) fn check() -> Result<Done, Failure> {
    let Ok(sysroot) = output(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"])) else {
        return Ok(Done::Skipped("Debian's rustc-web is not installed"));
    };
    if !Path::new(sysroot.trim())
        .join("lib/rustlib/src/rust/library")
        .exists()
    {
        return Ok(Done::Skipped("Debian's rust-web-src is not installed"));
    }
    let mut command = Command::new(DEBIAN_CARGO);
    command
        .args([
            "check",
            "-Zbuild-std=core,alloc",
            "--target",
            TARGET,
            "--no-default-features",
        ])
        .args(["--target-dir", "target/no_std"])
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        // Set by the cargo that runs this, for its own toolchain.
        .env_remove("CARGO")
        .env_remove("LD_LIBRARY_PATH");
    for name in no_std_crates()? {
        command.args(["--package", &name]);
    }
    run(&mut command).map(|()| Done::Checked)
}

fn no_std_crates() -> Result<Vec<String>, Failure> {
    let entries = fs::read_dir("crates").map_err(|error| format!("crates: {error}"))?;
    let names = entries.flatten().filter(|entry| {
        let front_page = fs::read_to_string(entry.path().join("src/lib.rs"));
        front_page.is_ok_and(|text| text.lines().any(|line| line == "#![no_std]"))
    });
    Ok(names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect())
}
