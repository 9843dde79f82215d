//! Runs the tests and checks of this workspace: `cargo xtask test`, `cargo xtask ci`, `cargo xtask check-targets`.
//!
//! `test` installs what the tests need and runs all of them. `ci` is what must hold for a change to land: the checks
//! first, the tests last; or single steps of it by name, `cargo xtask ci clippy`. `check-targets` type-checks the crates
//! for other systems and prints a table. `surface` checks what users of the crates depend on, as far as that takes too
//! long for `ci`. `footprint` prints what an application takes on. `fuzz` runs the fuzz targets and prints one too; see `fuzz/README.md`.

mod footprint;
mod fuzz;
mod packages;
mod rules;
mod surface;
mod targets;

use std::env;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// What went wrong, in a sentence for the person at the terminal.
type Failure = String;

/// What came of a step that did not fail.
enum Done {
    Checked,
    /// Not checked here, and why.
    Skipped(&'static str),
}

type Step = fn() -> Result<Done, Failure>;

fn main() -> ExitCode {
    // The workspace's root: cargo can be called in any of its folders.
    if let Err(error) = env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")) {
        eprintln!("xtask: {error}");
        return ExitCode::FAILURE;
    }
    let mut arguments = env::args().skip(1);
    let result = match arguments.next().as_deref() {
        Some("test") => test(&arguments.collect::<Vec<_>>()),
        Some("ci") => ci(&arguments.collect::<Vec<_>>()),
        Some("check-targets") => targets::check_all(),
        Some("surface") => surface::check_all(),
        Some("footprint") => footprint::print(),
        Some("fuzz") => fuzz::run_all(&arguments.collect::<Vec<_>>()),
        _ => {
            eprintln!(
                "usage: cargo xtask test [ARGUMENTS FOR cargo test]\n       cargo xtask ci [ONLY THIS STEP]...\n       cargo xtask check-targets\n       cargo xtask surface\n       cargo xtask footprint\n       cargo xtask fuzz --seconds N [--address-sanitizer] [ONLY THIS TARGET]..."
            );
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// All tests of the workspace, those against the real pcscd included.
fn test(arguments: &[String]) -> Result<(), Failure> {
    packages::install_missing()?;
    run(cargo()
        .args(["test", "--workspace", "--all-features"])
        // A test whose program is missing then fails instead of saying so.
        .env("ZAIRYU_ALL_TOOLS", "1")
        .args(arguments))
}

/// All steps, or those that are named.
fn ci(only: &[String]) -> Result<(), Failure> {
    let steps: [(&str, Step); 12] = [
        ("system_packages", || {
            packages::install_missing().map(|()| Done::Checked)
        }),
        ("format", || check(cargo().args(["fmt", "--all", "--check"]))),
        ("rules", || rules::check().map(|()| Done::Checked)),
        ("clippy", || {
            let all = ["clippy", "--workspace", "--all-targets", "--all-features"];
            check(cargo().args(all).args(["--", "-D", "warnings"]))
        }),
        ("documentation", || {
            let all = ["doc", "--workspace", "--no-deps", "--all-features"];
            check(cargo().args(all).env("RUSTDOCFLAGS", "-D warnings"))
        }),
        ("licences", || {
            if !succeeds(cargo().args(["deny", "--version"])) {
                return Ok(Done::Skipped("cargo-deny is not installed"));
            }
            check(cargo().args(["deny", "--all-features", "check", "licenses", "bans", "sources"]))
        }),
        ("no_std", targets::check_no_std),
        ("foreign_types", surface::check_foreign_types),
        ("features", surface::check_features),
        ("packages", surface::check_packages),
        ("fuzz", || {
            // Seeds, regressions and changed seeds, without libFuzzer.
            let all = ["test", "--manifest-path", "fuzz/Cargo.toml", "--lib"];
            check(cargo().args(all).args(["--target-dir", "target"]))
        }),
        ("tests", || test(&[]).map(|()| Done::Checked)),
    ];
    if let Some(unknown) = only
        .iter()
        .find(|name| !steps.iter().any(|(step, _)| step == name))
    {
        return Err(format!(
            "no step is called {unknown}; there are: {}",
            steps.map(|(step, _)| step).join(", ")
        ));
    }
    let mut summary = String::new();
    for (name, step) in steps {
        if !only.is_empty() && !only.iter().any(|wanted| wanted == name) {
            continue;
        }
        println!("==> {name}");
        let started = Instant::now();
        let done = step().map_err(|failure| format!("{name}: {failure}"))?;
        let seconds = started.elapsed().as_secs_f32();
        let line = match done {
            Done::Checked => format!("{name}: passed in {seconds:.1} s"),
            Done::Skipped(why) => format!("{name}: NOT CHECKED, {why}"),
        };
        println!("{line}");
        summary += &format!("    {line}\n");
    }
    print!("==> ci\n{summary}");
    Ok(())
}

/// The cargo that runs this.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn check(command: &mut Command) -> Result<Done, Failure> {
    run(command).map(|()| Done::Checked)
}

/// Runs a command with its output passed through.
fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command
        .status()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed ({status})"))
}

/// Whether a command runs and succeeds; its output is dropped.
fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// What a command prints, if it succeeds.
fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?} failed ({})", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{command:?}: {error}"))
}
