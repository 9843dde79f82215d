//! Type checks for other systems, without their toolchains: Debian's compiler builds the standard library from source.
//!
//! Packages rustc-web, cargo-web and rust-web-src; for Windows also binutils-mingw-w64-x86-64 and
//! gcc-mingw-w64-x86-64-win32.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{Done, Failure, output, run, succeeds};

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

#[derive(Clone, Copy)]
struct Target {
    triple: &'static str,
    /// Whether a PC/SC library is part of its system.
    has_pcsc: bool,
}

const fn target(triple: &'static str, has_pcsc: bool) -> Target {
    Target { triple, has_pcsc }
}

const TARGETS: [Target; 8] = [
    target("x86_64-pc-windows-msvc", true),
    target("x86_64-pc-windows-gnu", true),
    target("x86_64-apple-darwin", true),
    target("aarch64-apple-darwin", true),
    target("aarch64-linux-android", false),
    target("aarch64-apple-ios", false),
    target("wasm32-unknown-unknown", false),
    // Not for its own sake: lengths of 32 bits.
    target("i686-unknown-linux-gnu", false),
];

/// The crates that an application links, in the order of their layers. libnfc's has no system to link to elsewhere.
const CRATES: [&str; 13] = [
    "zairyu-tlv",
    "zairyu-data",
    "zairyu-transport",
    "zairyu-image",
    "zairyu-protocol",
    "zairyu-verify",
    "zairyu-mynumber",
    "zairyu-revocation",
    "zairyu-evidence",
    "zairyu-testcard",
    "zairyu-mynumber-testcard",
    "zairyu",
    "zairyu-pcsc",
];

/// The facade's features that are Rust throughout; `pcsc` comes to them where the system has it.
const FEATURES: &str = "zairyu/my-number,zairyu/evidence";

/// The crates that say `#![no_std]` build without a standard library.
pub(crate) fn check_no_std() -> Result<Done, Failure> {
    if let Some(missing) = missing() {
        return Ok(Done::Skipped(missing));
    }
    let mut command = check("wasm32-unknown-unknown", "core,alloc");
    command.arg("--no-default-features");
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

/// Every crate on every target, and one Windows program linked; prints the table.
pub(crate) fn check_all() -> Result<(), Failure> {
    if let Some(missing) = missing() {
        return Err(missing.to_owned());
    }
    let mut failed = Vec::new();
    let mut columns = Vec::new();
    for target in TARGETS {
        let Target { triple, has_pcsc } = target;
        println!("==> {triple}");
        let crates: Vec<&str> = CRATES
            .into_iter()
            .filter(|name| has_pcsc || *name != "zairyu-pcsc")
            .collect();
        let mut failing = Vec::new();
        if !checks(target, &crates) {
            failing.extend(crates.iter().copied().filter(|name| !checks(target, &[name])));
            if failing.is_empty() {
                failed.push(format!("all together, though each alone checks, on {triple}"));
            }
        }
        failed.extend(failing.iter().map(|name| format!("{name} on {triple}")));
        columns.push(CRATES.map(|name| match name {
            _ if !crates.contains(&name) => "–",
            _ if failing.contains(&name) => "**fails**",
            _ => "checks",
        }));
    }
    let linked = link_windows_program();
    println!("{}", table(&columns));
    match &linked {
        Ok(program) => println!("linked, not run: {program}"),
        Err(failure) => failed.push(format!("linking for Windows: {failure}")),
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}

fn checks(target: Target, crates: &[&str]) -> bool {
    let mut command = check(target.triple, "std,panic_abort");
    for name in crates {
        command.args(["--package", name]);
    }
    if crates.contains(&"zairyu") {
        command.args(["--features", FEATURES]);
        if target.has_pcsc {
            command.args(["--features", "zairyu/pcsc"]);
        }
    }
    run(&mut command).is_ok()
}

fn table(columns: &[[&str; CRATES.len()]]) -> String {
    let heading = TARGETS.map(|target| format!(" `{}` |", target.triple)).concat();
    let mut table = format!("| crate |{heading}\n|---|{}\n", "---|".repeat(TARGETS.len()));
    for (row, name) in CRATES.iter().enumerate() {
        let cells: String = columns
            .iter()
            .filter_map(|column| column.get(row))
            .map(|cell| format!(" {cell} |"))
            .collect();
        table += &format!("| `{name}` |{cells}\n");
    }
    table
}

/// The smallest example as a Windows program, through MinGW's linker.
fn link_windows_program() -> Result<String, Failure> {
    let target = "x86_64-pc-windows-gnu";
    let mut command = debian("build", target, "std,panic_abort");
    run(command
        .args([
            "--release",
            "--package",
            "zairyu-examples",
            "--example",
            "smallest",
        ])
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort"))?;
    Ok(format!("target/debian/{target}/release/examples/smallest.exe"))
}

/// What stands in the way of checking for other targets.
fn missing() -> Option<&'static str> {
    let Ok(sysroot) = output(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"])) else {
        return Some("Debian's rustc-web and cargo-web are not installed");
    };
    if !Path::new(sysroot.trim())
        .join("lib/rustlib/src/rust/library")
        .exists()
    {
        return Some("Debian's rust-web-src is not installed");
    }
    if !succeeds(Command::new(DEBIAN_CARGO).arg("--version")) {
        return Some("Debian's cargo-web is not installed");
    }
    None
}

fn check(target: &str, standard_library: &str) -> Command {
    debian("check", target, standard_library)
}

fn debian(action: &str, target: &str, standard_library: &str) -> Command {
    let mut command = Command::new(DEBIAN_CARGO);
    command
        .args([
            action,
            "--quiet",
            &format!("-Zbuild-std={standard_library}"),
            "--target",
            target,
        ])
        .args(["--target-dir", "target/debian"])
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        // WebAssembly has no random numbers of its own: whoever embeds the facade there brings them.
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "--cfg getrandom_backend=\"custom\"",
        )
        // Set by the cargo that runs this, for its own toolchain.
        .env_remove("CARGO")
        .env_remove("LD_LIBRARY_PATH");
    command
}
