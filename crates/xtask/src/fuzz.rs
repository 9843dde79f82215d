//! Runs the fuzz targets one after another, and prints what came of each.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::{Failure, cargo, run, succeeds};

const USAGE: &str = "usage: cargo xtask fuzz --seconds N [--address-sanitizer] [ONLY THIS TARGET]...";

/// The most memory that a target may take, libFuzzer's own included. The targets bound the code's own more narrowly.
const MEMORY_MIB: u32 = 512;

/// AddressSanitizer keeps freed memory for a while.
const SANITIZED_MEMORY_MIB: u32 = 2048;

/// The longest that one input may take.
const TIMEOUT_SECONDS: u32 = 10;

struct Plan {
    seconds: u32,
    /// Needs nightly and halves the speed. For the unsafe code of dependencies: there is none in this repository's.
    address_sanitizer: bool,
    only: Vec<String>,
}

/// All targets, or those that are named.
pub(crate) fn run_all(arguments: &[String]) -> Result<(), Failure> {
    let plan = Plan::parse(arguments)?;
    plan.check_tools()?;
    let targets = plan.targets()?;
    run(&mut plan.cargo_fuzz("build"))?;
    let mut table = "| target | executions | per second | peak memory | corpus | findings |\n\
                     |---|---:|---:|---:|---:|---|\n"
        .to_owned();
    let mut failed = Vec::new();
    for target in &targets {
        println!("==> {target}");
        let outcome = plan.fuzz(target)?;
        let row = outcome.row(target);
        print!("{row}");
        table += &row;
        if !outcome.passed {
            println!("{}", outcome.failure);
            failed.push(target.as_str());
        }
    }
    println!("==> fuzz\n{table}");
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "failed: {}; the inputs are in fuzz/artifacts",
        failed.join(", ")
    ))
}

impl Plan {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut plan = Self {
            seconds: 0,
            address_sanitizer: false,
            only: Vec::new(),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--seconds" => {
                    let seconds = arguments.next().and_then(|number| number.parse().ok());
                    plan.seconds = seconds.ok_or(USAGE)?;
                }
                "--address-sanitizer" => plan.address_sanitizer = true,
                option if option.starts_with('-') => return Err(USAGE.to_owned()),
                target => plan.only.push(target.to_owned()),
            }
        }
        // For libFuzzer, 0 is without end.
        if plan.seconds == 0 {
            return Err(USAGE.to_owned());
        }
        Ok(plan)
    }

    fn check_tools(&self) -> Result<(), Failure> {
        if !succeeds(cargo().args(["fuzz", "--version"])) {
            return Err("cargo-fuzz is missing: run `cargo install --locked cargo-fuzz`".to_owned());
        }
        let mut nightly = Command::new("rustup");
        nightly.args(["run", "nightly", "rustc", "--version"]);
        if self.address_sanitizer && !succeeds(nightly.env("RUSTUP_AUTO_INSTALL", "0")) {
            return Err("nightly is missing: run `rustup toolchain install nightly`, \
                        or leave out --address-sanitizer"
                .to_owned());
        }
        Ok(())
    }

    /// The names of the programs, in order.
    fn targets(&self) -> Result<Vec<String>, Failure> {
        let programs = fs::read_dir("fuzz/fuzz_targets").map_err(|error| format!("fuzz_targets: {error}"))?;
        let mut targets: Vec<String> = programs
            .flatten()
            .filter_map(|program| Some(program.path().file_stem()?.to_string_lossy().into_owned()))
            .collect();
        targets.sort();
        if let Some(unknown) = self.only.iter().find(|name| !targets.contains(name)) {
            return Err(format!(
                "no target is called {unknown}; there are: {}",
                targets.join(", ")
            ));
        }
        targets.retain(|target| self.only.is_empty() || self.only.contains(target));
        Ok(targets)
    }

    fn cargo_fuzz(&self, action: &str) -> Command {
        let mut command = if self.address_sanitizer {
            let mut rustup = Command::new("rustup");
            // Set by the cargo that runs this, for its own toolchain.
            rustup.env_remove("CARGO").env_remove("LD_LIBRARY_PATH");
            rustup.args(["run", "nightly", "cargo"]);
            rustup
        } else {
            cargo()
        };
        let sanitizer = if self.address_sanitizer { "address" } else { "none" };
        command.args(["fuzz", action, "--fuzz-dir", "fuzz", "--sanitizer", sanitizer]);
        command
    }

    fn fuzz(&self, target: &str) -> Result<Outcome, Failure> {
        let corpus = format!("fuzz/corpus/{target}");
        let artifacts = format!("fuzz/artifacts/{target}");
        for folder in [&corpus, &artifacts] {
            fs::create_dir_all(folder).map_err(|error| format!("{folder}: {error}"))?;
        }
        let memory = if self.address_sanitizer {
            SANITIZED_MEMORY_MIB
        } else {
            MEMORY_MIB
        };
        let artifacts_before = count_files(&artifacts);
        let mut command = self.cargo_fuzz("run");
        command.arg(target).arg(&corpus);
        for folder in ["fuzz/seeds", "fuzz/regressions"] {
            let folder = format!("{folder}/{target}");
            if Path::new(&folder).exists() {
                command.arg(folder);
            }
        }
        command.args([
            "--",
            &format!("-max_total_time={}", self.seconds),
            &format!("-timeout={TIMEOUT_SECONDS}"),
            &format!("-rss_limit_mb={memory}"),
            "-print_final_stats=1",
        ]);
        let dictionary = format!("fuzz/dictionaries/{target}.dict");
        if Path::new(&dictionary).exists() {
            command.arg(format!("-dict={dictionary}"));
        }
        let output = command
            .output()
            .map_err(|error| format!("{command:?}: {error}"))?;
        Ok(Outcome::new(
            &output,
            count_files(&artifacts).saturating_sub(artifacts_before),
            count_files(&corpus),
        ))
    }
}

/// What libFuzzer says at its end.
struct Outcome {
    passed: bool,
    executions: String,
    per_second: String,
    peak_mib: String,
    corpus: usize,
    findings: usize,
    failure: String,
}

impl Outcome {
    fn new(output: &Output, findings: usize, corpus: usize) -> Self {
        let text = String::from_utf8_lossy(&output.stderr);
        let number = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.map_or("?", |number| number.trim_matches([':', ' ']))
                .to_owned()
        };
        // From the failed assertion to where cargo-fuzz begins to print the input as a list of numbers.
        let failure = text
            .lines()
            .skip_while(|line| !line.contains("panicked at") && !line.contains("ERROR: "))
            .take_while(|line| !line.starts_with("────"));
        Self {
            passed: output.status.success() && findings == 0,
            executions: number("stat::number_of_executed_units"),
            per_second: number("stat::average_exec_per_sec"),
            peak_mib: number("stat::peak_rss_mb"),
            corpus,
            findings,
            failure: failure.collect::<Vec<_>>().join("\n"),
        }
    }

    fn row(&self, target: &str) -> String {
        let findings = match (self.passed, self.findings) {
            (true, _) => "none".to_owned(),
            (false, 0) => "**failed**".to_owned(),
            (false, count) => format!("**{count}**"),
        };
        format!(
            "| `{target}` | {} | {} | {} MiB | {} | {findings} |\n",
            self.executions, self.per_second, self.peak_mib, self.corpus
        )
    }
}

fn count_files(folder: &str) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}
