//! The documents hold together: every link leads somewhere, every page can be found, all code is compiled.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// All Markdown files of the workspace's root and of `docs`, with their text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut folders = vec![root().join("docs")];
    let mut files: Vec<PathBuf> = markdown_in(&root());
    while let Some(folder) = folders.pop() {
        files.extend(markdown_in(&folder));
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        folders.extend(entries.filter(|path| path.is_dir()));
    }
    files.push(root().join("fuzz/README.md"));
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (file, text)
        })
        .collect()
}

fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// Where the links and pictures of a text lead, without those into the web.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let pictures = text
        .split("src=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'));
    let targets = links.chain(pictures).map(|(target, _)| target);
    targets.filter(|target| !target.starts_with("https://"))
}

#[test]
fn every_link_leads_somewhere() {
    let mut links = 0;
    for (file, text) in documents() {
        for target in targets(&text) {
            links += 1;
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let there = match path {
                "" => file.clone(),
                _ => file.parent().unwrap().join(path),
            };
            assert!(there.exists(), "{}: {target} leads nowhere", file.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(&there).unwrap();
                let headings = text.lines().filter(|line| line.starts_with('#'));
                let mut anchors = headings.map(|line| {
                    line.trim_start_matches(['#', ' '])
                        .to_lowercase()
                        .replace(' ', "-")
                });
                assert!(
                    anchors.any(|anchor| anchor == heading),
                    "{}: {target}",
                    file.display()
                );
            }
        }
    }
    assert!(links > 50, "only {links} links were found");
}

#[test]
fn every_page_of_the_guide_is_in_its_contents() {
    let guide = root().join("docs/guide");
    let contents = fs::read_to_string(guide.join("README.md")).unwrap();
    for page in markdown_in(&guide) {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(
            name == "README.md" || contents.contains(&format!("({name})")),
            "{name}"
        );
    }
}

#[test]
fn all_rust_code_is_compiled() {
    let library = fs::read_to_string(root().join("examples/lib.rs")).unwrap();
    for (file, text) in documents() {
        let name = file.strip_prefix(root()).unwrap().to_str().unwrap();
        if text.contains("```rust") {
            let included = format!("include_str!(\"../{name}\")");
            assert!(library.contains(&included), "{name} is not in examples/lib.rs");
        }
        let skipped = text
            .lines()
            .find(|line| line.starts_with("```rust") && line.contains("ignore"));
        assert_eq!(skipped, None, "{name}");
    }
}
