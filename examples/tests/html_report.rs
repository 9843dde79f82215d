//! The HTML report of `verify_card`, and what a real browser makes of it.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// Cargo builds the examples of a package before it runs the package's tests, beside them.
fn verify_card(arguments: &[&str]) -> i32 {
    let test = env::current_exe().unwrap();
    let built = test.parent().unwrap().parent().unwrap();
    let output = Command::new(built.join("examples/verify_card"))
        .args(arguments)
        .stdin(Stdio::null())
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    output.status.code().unwrap()
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

const LANGUAGES: [&str; 9] = ["ja", "en", "vi", "zh-Hans", "zh-Hant", "ne", "id", "pt-BR", "fil"];

#[test]
fn the_page_is_self_contained_in_every_language() {
    let folder = Folder::new("page");
    let file = folder.file("report.html");
    for language in LANGUAGES {
        for card in ["1", "05"] {
            assert_eq!(
                verify_card(&["--card", card, "--report", &file, "--language", language]),
                0
            );
            let page = fs::read_to_string(&file).unwrap();
            assert!(page.contains(&format!("<html lang=\"{language}\">")));
            assert!(page.contains("default-src 'none'"));
            assert!(page.contains("class=\"banner\""), "a custom CA is always told");
            for markup in ["<script", "<link", "<iframe", "url(", "@import", " onerror"] {
                assert!(!page.contains(markup), "{markup}");
            }
            let sources: Vec<&str> = page.split(" src=\"").skip(1).collect();
            assert!(sources.len() >= 2);
            assert!(
                sources
                    .iter()
                    .all(|source| source.starts_with("data:image/png;base64,"))
            );
            assert_eq!(page.matches("<img alt=\"").count(), sources.len());
        }
    }
}

#[test]
fn a_picture_that_cannot_be_used_is_a_usage_error() {
    let folder = Folder::new("photo");
    let (page, photo) = (folder.file("report.html"), folder.file("photo.jpg"));
    for content in [&b""[..], b"no picture", b"\xff\xd8\xff\xe0", &[0; 64]] {
        fs::write(&photo, content).unwrap();
        assert_eq!(verify_card(&["--report", &page, "--card-photo", &photo]), 2);
        assert!(!Path::new(&page).exists());
    }
    assert_eq!(verify_card(&["--card-photo", &photo]), 2);
    assert_eq!(
        verify_card(&["--report", &page, "--card-photo", "/no/such/file"]),
        2
    );
}

/// Debian's `chromium`, which `cargo xtask test` installs. Without it there is nothing to try.
#[cfg(target_os = "linux")]
#[test]
fn a_browser_prints_one_sheet_and_has_nothing_to_say() {
    if Command::new("chromium").arg("--version").output().is_err() {
        assert!(
            env::var_os("ZAIRYU_ALL_TOOLS").is_none(),
            "chromium is not installed"
        );
        eprintln!("skipped: chromium is not installed");
        return;
    }
    let folder = Folder::new("browser");
    for (card, language) in [("1", "ja"), ("05", "en"), ("05", "vi")] {
        let (page, pdf, log) = (
            folder.file("page.html"),
            folder.file("page.pdf"),
            folder.file("net.json"),
        );
        let _ = fs::remove_file(&pdf);
        verify_card(&["--card", card, "--report", &page, "--language", language]);
        let output = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args(["--enable-logging=stderr", "--no-pdf-header-footer"])
            .arg(format!("--user-data-dir={}", folder.file("profile")))
            .arg(format!("--log-net-log={log}"))
            .arg(format!("--print-to-pdf={pdf}"))
            .arg(format!("file://{page}"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains(":CONSOLE"), "{said}");
        let pdf = fs::read(&pdf).unwrap();
        let sheets = pdf
            .windows(11)
            .filter(|bytes| bytes == b"/Type /Page")
            .count()
            .saturating_sub(pdf.windows(12).filter(|bytes| bytes == b"/Type /Pages").count());
        assert_eq!(sheets, 1, "type {card} in {language}");
        // No request is made by the page: the browser's own traffic never names the only address in it.
        assert!(!fs::read_to_string(&log).unwrap().contains("lapse-immi"));
    }
}
