//! The HTML report of `verify_card`, and what a real browser makes of it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use zairyu::data::{CardType, File};
use zairyu::image::Budget;
use zairyu::{Anchors, HtmlOptions, Language, Report, Timestamp};
use zairyu_testcard::{CardBuilder, Field, IssuedCard, Issuer, NoFace, NoSignature, SoftwareCard};

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

/// Pages of cards that are made to be hard to show, by name.
fn odd_pages() -> Vec<(&'static str, String)> {
    let first = || CardBuilder::new(CardType::FirstResidenceCard);
    let second = || CardBuilder::new(CardType::SecondResidenceCard);
    let long = "東京都千代田区霞が関".repeat(10);
    let hostile = "<script>alert(1)</script><img src=https://example.org/a onerror=alert(2)>&\u{202E}\"'";
    let mut altered = issue(&second());
    assert!(altered.tamper(File::NameAndFaceImage, 5000, 1));
    let photo = include_bytes!("../../crates/zairyu-image/tests/samples/face-baseline.jpg");
    let photo = zairyu::image::decode(photo, &Budget::default());
    let photo = photo.unwrap().unwrap();
    let english = HtmlOptions::new();
    let japanese = HtmlOptions::new().language(Language::Ja);
    let mut official_test = report(issue(&first()));
    official_test.authenticity.trust_profile = Some("official_test");
    vec![
        (
            "long",
            report(issue(&first().with(Field::Address, &long))).to_html(&english),
        ),
        (
            "hostile",
            report(issue(&first().with(Field::Address, hostile))).to_html(&english),
        ),
        (
            "no photo",
            report(issue(&second().under_1(NoFace::NoObject))).to_html(&japanese),
        ),
        (
            "no signature",
            report(issue(&first().under_16(NoSignature::NoFile))).to_html(&japanese),
        ),
        ("altered", report(altered).to_html(&japanese)),
        ("official test", official_test.to_html(&english)),
        (
            "beside the card",
            report(issue(&first())).to_html(&english.clone().card_photo(photo)),
        ),
    ]
}

fn issue(builder: &CardBuilder) -> IssuedCard {
    Issuer::new().issue(builder).unwrap()
}

fn report(issued: IssuedCard) -> Report {
    let generation = issued.card_type().generation();
    let number = issued.number().clone();
    let mut anchors = Anchors::new();
    anchors
        .add(&Issuer::new().ca_certificate(generation).unwrap())
        .unwrap();
    let reading = zairyu::read(&mut SoftwareCard::new(issued), &number).unwrap();
    reading.judge(&anchors, Timestamp::now())
}

#[test]
fn odd_cards_are_shown_for_what_they_are() {
    let pages: BTreeMap<_, _> = odd_pages().into_iter().collect();
    let hostile = &pages["hostile"];
    assert!(hostile.contains("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=https://example.org/a"));
    assert!(!hostile.contains("<script") && !hostile.contains('\u{202E}'));
    assert!(pages["no photo"].contains("ICチップに顔写真がありません"));
    assert!(!pages["no photo"].contains("alt=\"ICチップの顔写真\""));
    assert!(pages["no signature"].contains("署名のないカードのため"));
    let altered = &pages["altered"];
    assert!(altered.contains("✕ 不一致") && altered.contains("カードの署名と内容が一致しません"));
    assert!(altered.contains("地方出入国在留管理官署に問い合わせて"));
    assert!(!altered.contains("class=\"signed\"") && !altered.contains("mark signed"));
    assert!(pages["official test"].contains("TEST: judged under the Agency’s official test CA"));
    assert!(pages["beside the card"].contains("The card in front of you (your picture)"));
    // Without a signature no CA is asked, and the page says that nothing was verified.
    for (name, page) in &pages {
        assert!(
            page.contains("class=\"banner\"") != (*name == "no signature"),
            "{name}"
        );
    }
}

/// Debian's `chromium`, which `cargo xtask test` installs. Without it there is nothing to try.
#[cfg(target_os = "linux")]
#[test]
fn a_browser_prints_one_sheet_and_has_nothing_to_say() {
    if !has_chromium() {
        return;
    }
    let folder = Folder::new("browser");
    let mut pages = odd_pages();
    for (card, language) in [
        ("1", "ja"),
        ("05", "en"),
        ("05", "vi"),
        ("07", "ja"),
        ("08", "fil"),
    ] {
        let page = folder.file("page.html");
        verify_card(&["--card", card, "--report", &page, "--language", language]);
        pages.push((card, fs::read_to_string(&page).unwrap()));
    }
    for (name, page) in pages {
        let shown = show(&folder, &page);
        assert!(!shown.said.contains(":CONSOLE"), "{name}: {}", shown.said);
        assert_eq!(shown.sheets, 1, "{name}");
        assert_eq!(shown.asked, [""; 0], "{name}");
    }
    // What would be found.
    let chatty =
        "<p>1<p style='break-before:page'>2<img src=https://example.org/a><script>console.log('x')</script>";
    let shown = show(&folder, chatty);
    assert!(shown.said.contains(":CONSOLE"), "{}", shown.said);
    assert_eq!(shown.sheets, 2);
    assert_eq!(shown.asked, ["https://example.org/a"]);
}

/// The reader's system decides; the ground is the palette's.
#[cfg(target_os = "linux")]
#[test]
fn a_browser_shows_it_in_light_and_in_dark() {
    if !has_chromium() {
        return;
    }
    let folder = Folder::new("colours");
    let [html, picture] = ["page.html", "page.png"].map(|name| folder.file(name));
    fs::write(
        &html,
        report(issue(&CardBuilder::new(CardType::FirstResidenceCard))).to_html(&HtmlOptions::new()),
    )
    .unwrap();
    for (scheme, ground) in [(0, [0x14, 0x18, 0x1F]), (1, [0xFF, 0xFF, 0xFF])] {
        let _ = fs::remove_file(&picture);
        chromium(&folder)
            .arg("--window-size=900,1500")
            .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
            .arg(format!("--screenshot={picture}"))
            .arg(format!("file://{html}"))
            .output()
            .unwrap();
        let decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(&picture).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(reader.info().size(), (900, 1500));
        assert_eq!(pixels[..3], ground);
        // The banner, the answers and the pictures are there: many other colours.
        let others = pixels.chunks(3).filter(|pixel| **pixel != ground).count();
        assert!(others > 100_000, "{others} pixels are not the ground's");
    }
}

#[cfg(target_os = "linux")]
fn has_chromium() -> bool {
    let found = Command::new("chromium").arg("--version").output().is_ok();
    assert!(
        found || env::var_os("ZAIRYU_ALL_TOOLS").is_none(),
        "chromium is not installed"
    );
    if !found {
        eprintln!("skipped: chromium is not installed");
    }
    found
}

#[cfg(target_os = "linux")]
fn chromium(folder: &Folder) -> Command {
    let mut command = Command::new("chromium");
    command
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
        .arg(format!("--user-data-dir={}", folder.file("profile")));
    command
}

#[cfg(target_os = "linux")]
struct Shown {
    said: String,
    sheets: usize,
    /// The addresses that were asked for, but for those of the browser's maker.
    asked: Vec<String>,
}

#[cfg(target_os = "linux")]
fn show(folder: &Folder, page: &str) -> Shown {
    let [html, pdf, log] = ["shown.html", "shown.pdf", "net.json"].map(|name| folder.file(name));
    let _ = fs::remove_file(&pdf);
    fs::write(&html, page).unwrap();
    let output = chromium(folder)
        .args(["--enable-logging=stderr", "--no-pdf-header-footer"])
        .arg(format!("--log-net-log={log}"))
        .arg(format!("--print-to-pdf={pdf}"))
        .arg(format!("file://{html}"))
        .output()
        .unwrap();
    let pdf = fs::read(&pdf).unwrap();
    let count = |name: &[u8]| pdf.windows(name.len()).filter(|bytes| *bytes == name).count();
    let log = fs::read_to_string(&log).unwrap();
    let mut asked: Vec<String> = log
        .split("\"url\":\"http")
        .skip(1)
        .filter_map(|rest| Some(format!("http{}", rest.split_once('"')?.0)))
        .filter(|url| {
            let host = url.split('/').nth(2).unwrap_or_default();
            !host.ends_with(".google.com") && !host.ends_with(".googleapis.com")
        })
        .collect();
    asked.dedup();
    Shown {
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
        sheets: count(b"/Type /Page") - count(b"/Type /Pages"),
        asked,
    }
}
