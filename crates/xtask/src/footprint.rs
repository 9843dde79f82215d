//! What an application takes on: how many crates each of ours brings along, how long the smallest embedding takes to
//! build from nothing, and how large it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::{Failure, cargo, output, run, surface};

/// A folder of its own: what other builds left is no clean build, and they keep theirs.
const TARGET: &str = "target/footprint";

pub(crate) fn print() -> Result<(), Failure> {
    println!("Dependencies with default features, on this system:");
    println!(
        "{:<28}{:>7}{:>15}{:>13}",
        "crate", "ours", "crates.io", "to build it"
    );
    for package in surface::published()? {
        let ours = |name: &&String| name.starts_with("zairyu");
        let normal = dependencies(&package.name, "normal")?;
        let all = dependencies(&package.name, "normal,build")?;
        let theirs = normal.iter().filter(|name| !ours(name)).count();
        println!(
            "{:<28}{:>7}{theirs:>15}{:>13}",
            package.name,
            normal.iter().filter(ours).count(),
            all.len().saturating_sub(normal.len())
        );
    }
    match fs::remove_dir_all(TARGET) {
        Err(error) if Path::new(TARGET).exists() => return Err(format!("{TARGET}: {error}")),
        _ => {}
    }
    run(cargo().args(["fetch", "--quiet", "--locked"]))?;
    let started = Instant::now();
    run(cargo()
        .args([
            "build",
            "--quiet",
            "--locked",
            "--release",
            "--target-dir",
            TARGET,
        ])
        .args(["--config", "profile.release.strip=\"symbols\""])
        .args(["--package", "zairyu-examples", "--example", "smallest"]))?;
    let seconds = started.elapsed().as_secs_f64();
    let program = format!(
        "{TARGET}/release/examples/smallest{}",
        std::env::consts::EXE_SUFFIX
    );
    let size = fs::metadata(&program)
        .map_err(|error| format!("{program}: {error}"))?
        .len();
    println!("examples/smallest.rs with its software card, release, from nothing: {seconds:.0} s");
    println!("Its size, stripped: {} kB", size / 1000);
    Ok(())
}

/// The crates that one brings along, by name and version.
fn dependencies(package: &str, edges: &str) -> Result<BTreeSet<String>, Failure> {
    let tree = output(cargo().args([
        "tree",
        "--package",
        package,
        "--edges",
        edges,
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let crates = tree.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?))
    });
    let itself = format!("{package} ");
    Ok(crates.filter(|name| !name.starts_with(&itself)).collect())
}
