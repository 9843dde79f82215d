//! The public surface of the published crates: whose types are in it, that each feature builds alone, that each crate
//! can be packaged, that the oldest allowed dependencies do, and what changed since the last version.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::{Done, Failure, cargo, output, run, succeeds};

/// Crates whose types may be in public signatures, and why. A new version of one of them that is no longer compatible
/// makes ours one too.
const FOREIGN: [(&str, &str); 4] = [
    ("bytes", "file contents, shared without copying"),
    ("jiff", "the date and time type"),
    ("serde_core", "serde's traits: reports can be serialised"),
    ("zeroize", "who holds a secret can see that it is wiped"),
];

/// The compiler's own.
const STANDARD: [&str; 3] = ["alloc", "core", "std"];

const TARGET: &str = "target/surface";

/// The published crates, in an order in which each comes after what it depends on.
pub(crate) fn published() -> Result<Vec<Package>, Failure> {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let mut left: Vec<Package> = packages
        .into_iter()
        .flatten()
        .filter_map(Package::published)
        .collect();
    let mut ordered: Vec<Package> = Vec::new();
    while !left.is_empty() {
        let waiting: Vec<String> = left.iter().map(|package| package.name.clone()).collect();
        let ready = left.iter().position(|package| {
            let needs = |name| package.needs.contains(name);
            !waiting.iter().any(needs)
        });
        let next = left.remove(ready.ok_or("the crates depend on each other in a circle")?);
        ordered.push(next);
    }
    Ok(ordered)
}

pub(crate) struct Package {
    pub(crate) name: String,
    features: Vec<String>,
    needs: BTreeSet<String>,
}

impl Package {
    fn published(package: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        // `publish = false` is an empty list of registries.
        if package.get("publish")?.as_array().is_some_and(Vec::is_empty) {
            return None;
        }
        let needs = package.get("dependencies")?.as_array()?.iter();
        let needs = needs.filter(|dependency| dependency.get("kind").is_some_and(Value::is_null));
        Some(Self {
            name: package.get("name").and_then(text)?,
            features: package.get("features")?.as_object()?.keys().cloned().collect(),
            needs: needs
                .filter_map(|dependency| dependency.get("name").and_then(text))
                .collect(),
        })
    }
}

/// No type of another crate in a public signature that is not on the list.
pub(crate) fn check_foreign_types() -> Result<Done, Failure> {
    let packages = published()?;
    let mut document = cargo();
    document.args(["doc", "--quiet", "--no-deps", "--all-features", "--lib"]);
    for package in &packages {
        document.args(["--package", &package.name]);
    }
    let rustdoc = concat!(env!("CARGO_MANIFEST_DIR"), "/rustdoc_json.sh");
    run(document
        .env("RUSTDOC", rustdoc)
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json"))?;
    let mut found = BTreeSet::new();
    for Package { name, .. } in packages {
        let file = format!("target/doc/{}.json", name.replace('-', "_"));
        let text = fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        let json: Value = serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
        foreign_types(&json, &mut |path| {
            found.insert(format!("{name}: {path}"));
        });
    }
    if found.is_empty() {
        return Ok(Done::Checked);
    }
    let found: Vec<String> = found.into_iter().collect();
    Err(format!(
        "types of other crates in public signatures:\n{}\nHide them, or add the crate to crates/xtask/src/surface.rs with the reason",
        found.join("\n")
    ))
}

fn foreign_types(json: &Value, report: &mut impl FnMut(String)) {
    let items = json.get("index").and_then(Value::as_object);
    for item in items.into_iter().flat_map(|items| items.values()) {
        let is_local = item.get("crate_id").and_then(Value::as_u64) == Some(0);
        let inner = item.get("inner").unwrap_or(&Value::Null);
        // What the compiler finds out by itself, or a blanket implementation elsewhere gives.
        let is_implied = inner.get("impl").is_some_and(|implementation| {
            implementation.get("is_synthetic") == Some(&Value::Bool(true))
                || implementation
                    .get("blanket_impl")
                    .is_some_and(|blanket| !blanket.is_null())
        });
        if is_local && !is_implied {
            paths(inner, &mut |id| {
                if let Some(path) = foreign_path(json, id) {
                    report(path);
                }
            });
        }
    }
}

/// Every type, trait and re-export that an item names: objects with a path and an identifier.
fn paths(value: &Value, found: &mut impl FnMut(u64)) {
    match value {
        Value::Object(fields) => {
            if (fields.contains_key("path") || fields.contains_key("source"))
                && let Some(id) = fields.get("id").and_then(Value::as_u64)
            {
                found(id);
            }
            fields.values().for_each(|field| paths(field, found));
        }
        Value::Array(values) => values.iter().for_each(|value| paths(value, found)),
        _ => {}
    }
}

fn foreign_path(json: &Value, id: u64) -> Option<String> {
    let path = json.get("paths")?.get(id.to_string())?;
    if path.get("crate_id")?.as_u64()? == 0 {
        return None;
    }
    let path: Vec<&str> = path
        .get("path")?
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let origin = *path.first()?;
    let is_ours = origin == "zairyu" || origin.starts_with("zairyu_");
    let is_listed = FOREIGN.iter().any(|(listed, _)| *listed == origin) || STANDARD.contains(&origin);
    (!is_ours && !is_listed).then(|| path.join("::"))
}

/// Each crate without features, with each feature alone, and with all of them.
pub(crate) fn check_features() -> Result<Done, Failure> {
    for package in published()? {
        let check = |features: &[&str]| {
            let mut command = cargo();
            command.args(["check", "--quiet", "--lib", "--package", &package.name]);
            run(command.args(features))
        };
        check(&["--no-default-features"])?;
        for feature in package.features.iter().filter(|feature| *feature != "default") {
            check(&["--no-default-features", "--features", feature])?;
        }
        check(&["--all-features"])?;
    }
    Ok(Done::Checked)
}

/// What would be uploaded, from what git has. Building it again out of the package is `cargo xtask surface`.
pub(crate) fn check_packages() -> Result<Done, Failure> {
    package(&["--no-verify"]).map(|()| Done::Checked)
}

fn package(arguments: &[&str]) -> Result<(), Failure> {
    let mut command = cargo();
    // CI works on a clean clone; elsewhere files that are not committed are no reason to stop.
    command.args(["package", "--quiet", "--allow-dirty", "--target-dir", TARGET]);
    for package in published()? {
        command.args(["--package", &package.name]);
    }
    run(command.args(arguments))
}

/// What takes too long for every change: packages built as a stranger gets them, the oldest versions of direct
/// dependencies that the manifests allow, and the difference to the last version.
pub(crate) fn check_all() -> Result<(), Failure> {
    println!("==> packages, built");
    package(&[])?;
    println!("==> oldest versions of direct dependencies");
    check_oldest_dependencies()?;
    println!("==> changes since the last version");
    check_changes()
}

fn check_oldest_dependencies() -> Result<(), Failure> {
    let folder = "target/oldest";
    // A copy of what git has, for the lock file changes.
    run(Command::new("sh").args([
        "-c",
        &format!("rm -rf {folder} && mkdir -p {folder} && git archive HEAD | tar -x -C {folder}"),
    ]))?;
    run(cargo()
        .args(["update", "--quiet", "-Z", "direct-minimal-versions"])
        .current_dir(folder)
        .env("RUSTC_BOOTSTRAP", "1"))?;
    run(cargo()
        .args([
            "check",
            "--quiet",
            "--workspace",
            "--all-features",
            "--target-dir",
            "../oldest-target",
        ])
        .current_dir(folder))
}

/// Against the newest tag `CRATE/v…` of each crate.
fn check_changes() -> Result<(), Failure> {
    for package in published()? {
        let name = &package.name;
        let tags = output(Command::new("git").args([
            "tag",
            "--list",
            "--sort=-version:refname",
            &format!("{name}/v*"),
        ]))?;
        let Some(tag) = tags.lines().next() else {
            println!("{name}: never published, nothing to compare with");
            continue;
        };
        if !succeeds(cargo().args(["semver-checks", "--version"])) {
            return Err(
                "cargo-semver-checks is missing: run `cargo install --locked cargo-semver-checks`".to_owned(),
            );
        }
        run(cargo().args([
            "semver-checks",
            "--all-features",
            "--package",
            name,
            "--baseline-rev",
            tag,
        ]))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_foreign_type_in_a_signature_is_found() {
        let signature =
            |id: u64| json!({"function": {"sig": {"output": {"resolved_path": {"path": "T", "id": id}}}}});
        let json = json!({
            "index": {
                "0": {"crate_id": 0, "inner": signature(10)},
                "1": {"crate_id": 0, "inner": signature(11)},
                "2": {"crate_id": 0, "inner": signature(12)},
                "3": {"crate_id": 0, "inner": {"use": {"source": "pcsc::Card", "id": 13}}},
                "4": {"crate_id": 0, "inner": {"impl": {"blanket_impl": {"generic": "T"}, "trait": {"path": "A", "id": 14}}}},
                "5": {"crate_id": 7, "inner": signature(14)},
            },
            "paths": {
                "10": {"crate_id": 0, "path": ["zairyu_tlv", "Tag"]},
                "11": {"crate_id": 3, "path": ["bytes", "Bytes"]},
                "12": {"crate_id": 4, "path": ["der", "Error"]},
                "13": {"crate_id": 5, "path": ["pcsc", "Card"]},
                "14": {"crate_id": 6, "path": ["other", "Any"]},
            },
        });
        let mut found = BTreeSet::new();
        foreign_types(&json, &mut |path| {
            found.insert(path);
        });
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            ["der::Error", "pcsc::Card"]
        );
    }
}
