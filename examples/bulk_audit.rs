//! Judges saved cards in bulk: a folder of dumps as `verify_card --dump` writes them, or a list of paths on standard
//! input. One line of JSON for each on standard output, without personal data; a summary on standard error.
//!
//! ```text
//! cargo run --release --example bulk_audit --features bulk,aws-lc-rs -- --make 1000 /tmp/dumps
//! cargo run --release --example bulk_audit --features bulk,aws-lc-rs -- /tmp/dumps > judged.jsonl
//! find /archive -name '*.json' | bulk_audit --threads 2 --anchor ec_cacert_20260420.crt -
//! ```
//!
//! Memory stays flat, however many there are: a file is read when a thread is free for it, and forgotten when its line
//! is written. A file that is no dump is counted and named, and never stops the run.
//!
//! Exit status: 0 all cards were verified; 1 some were not; 2 usage; 5 some files could not be judged, or anything else
//! went wrong.

use std::fs;
use std::io::{self, BufRead, Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use zairyu::data::{CardType, File, Generation};
use zairyu::verify::{Backend, P384Key, P384Signature, RsaBlock, RsaKey};
use zairyu::{Anchors, CardNumber, Judge, Reading, Report, Timestamp};
use zairyu_testcard::{CardBuilder, Field, Issuer};

/// Judges saved cards in bulk.
#[derive(Parser)]
#[command(name = "bulk_audit")]
struct Options {
    /// A folder of dumps, or - for paths on standard input, one a line
    folder: PathBuf,

    /// A CA certificate to trust, DER or PEM; repeatable. Without any, the software card's own CAs are trusted
    #[arg(long = "anchor", value_name = "FILE")]
    anchors: Vec<PathBuf>,

    /// How many threads judge; as many as there are cores if left out
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// The time of judgement, such as 2026-11-22T10:00:00+09:00; now if left out
    #[arg(long, value_name = "RFC3339")]
    at: Option<Timestamp>,

    /// Prints the summary only
    #[arg(long)]
    summary: bool,

    /// Writes this many dumps of made-up cards into the folder instead, all different
    #[arg(long, value_name = "N")]
    make: Option<u32>,
}

const NOT_VERIFIED: u8 = 1;
const USAGE: u8 = 2;
const OTHER: u8 = 5;

/// An exit status and the sentence that goes with it.
struct Failure(u8, String);

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match options.make {
        Some(count) => make(count, &options.folder).map(|()| 0),
        None => audit(&options),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(Failure(status, sentence)) => {
            eprintln!("{sentence}.");
            ExitCode::from(status)
        }
    }
}

/// What one thread found, and where its time went.
#[derive(Default)]
struct Tally {
    verified: u64,
    not_verified: u64,
    unusable: u64,
    read: Duration,
    parse: Duration,
    verify: Duration,
    report: Duration,
    print: Duration,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.verified += other.verified;
        self.not_verified += other.not_verified;
        self.unusable += other.unusable;
        self.read += other.read;
        self.parse += other.parse;
        self.verify += other.verify;
        self.report += other.report;
        self.print += other.print;
    }
}

/// The backend, with a clock around it: what is spent on keys and signatures, apart from everything else.
struct Timed {
    backend: &'static dyn Backend,
    nanoseconds: AtomicU64,
}

impl Timed {
    fn new() -> Self {
        #[cfg(feature = "aws-lc-rs")]
        let backend: &dyn Backend = &zairyu::verify::AwsLc;
        #[cfg(not(feature = "aws-lc-rs"))]
        let backend: &dyn Backend = &zairyu::verify::RustCrypto;
        Self {
            backend,
            nanoseconds: AtomicU64::new(0),
        }
    }

    fn time(&self, work: impl FnOnce() -> bool) -> bool {
        let started = Instant::now();
        let result = work();
        let nanoseconds = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
        result
    }

    /// What was spent since it was last asked.
    fn take(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.swap(0, Ordering::Relaxed))
    }
}

impl Backend for Timed {
    fn verify_rsa(&self, key: &RsaKey, block: RsaBlock, digest: &[u8; 32], signature: &[u8]) -> bool {
        self.time(|| self.backend.verify_rsa(key, block, digest, signature))
    }

    fn verify_p384(&self, key: &P384Key, digest: &[u8; 32], signature: &P384Signature) -> bool {
        self.time(|| self.backend.verify_p384(key, digest, signature))
    }
}

/// What all threads share.
struct Audit<'a> {
    anchors: &'a Anchors,
    at: Timestamp,
    summary_only: bool,
    progress: &'a ProgressBar,
    /// Nobody reads our output any more, or it cannot be written.
    stop: AtomicBool,
    output_error: Mutex<Option<io::Error>>,
}

fn audit(options: &Options) -> Result<u8, Failure> {
    let anchors = load_anchors(&options.anchors)?;
    let threads = match options.threads {
        Some(threads) => threads.get(),
        None => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
    };
    let progress = progress_bar(&options.folder)?;
    let audit = Audit {
        anchors: &anchors,
        at: options.at.unwrap_or_else(Timestamp::now),
        summary_only: options.summary,
        progress: &progress,
        stop: AtomicBool::new(false),
        output_error: Mutex::new(None),
    };
    let started = Instant::now();
    // A few files wait for each thread, never all of them.
    let (give, take) = mpsc::sync_channel(threads.saturating_mul(64));
    let take = Mutex::new(take);
    let (tally, listed) = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| audit.work(&take))).collect();
        let listed = list(&options.folder, |path| {
            !audit.stop.load(Ordering::Relaxed) && give.send(path).is_ok()
        });
        drop(give);
        let mut tally = Tally::default();
        for worker in workers {
            match worker.join() {
                Ok(done) => tally.add(&done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        (tally, listed)
    });
    progress.finish_and_clear();
    summarise(&tally, threads, started.elapsed());
    listed?;
    if let Some(error) = lock(&audit.output_error).take() {
        return match error.kind() {
            // Whoever read it has read enough.
            io::ErrorKind::BrokenPipe => Ok(0),
            _ => Err(Failure(OTHER, format!("The lines cannot be printed ({error})"))),
        };
    }
    Ok(match &tally {
        Tally { unusable: 1.., .. } => OTHER,
        Tally {
            not_verified: 1.., ..
        } => NOT_VERIFIED,
        _ => 0,
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Audit<'_> {
    /// One thread: takes paths until there are no more.
    fn work(&self, take: &Mutex<mpsc::Receiver<PathBuf>>) -> Tally {
        let mut tally = Tally::default();
        let backend = Timed::new();
        let mut judge = Judge::new(self.anchors).backend(&backend);
        loop {
            let next = lock(take).recv();
            let Ok(path) = next else { return tally };
            if self.stop.load(Ordering::Relaxed) {
                continue;
            }
            let line = self.judge(&path, &mut judge, &backend, &mut tally);
            let started = Instant::now();
            if !self.summary_only
                && let Err(error) = print(&line)
            {
                self.stop.store(true, Ordering::Relaxed);
                lock(&self.output_error).get_or_insert(error);
            }
            tally.print += started.elapsed();
            self.progress.inc(1);
        }
    }

    /// The line for one file.
    fn judge(&self, path: &Path, judge: &mut Judge<'_>, backend: &Timed, tally: &mut Tally) -> String {
        let file = path.display().to_string();
        let started = Instant::now();
        let content = read(path);
        let has_read = Instant::now();
        let reading = content.and_then(|content| {
            // Whatever is wrong with it, the sentence holds nothing of its content.
            Reading::from_dump(&String::from_utf8_lossy(&content)).map_err(|error| error.to_string())
        });
        let has_parsed = Instant::now();
        tally.read += has_read - started;
        tally.parse += has_parsed - has_read;
        let reading = match reading {
            Ok(reading) => reading,
            Err(error) => {
                tally.unusable += 1;
                return json!({ "file": file, "error": error }).to_string();
            }
        };
        let report = reading.judge_with(judge, self.at);
        if report.is_signature_verified() {
            tally.verified += 1;
        } else {
            tally.not_verified += 1;
        }
        let line = line(&file, &report);
        let verify = backend.take();
        tally.verify += verify;
        tally.report += has_parsed.elapsed().saturating_sub(verify);
        line
    }
}

/// What an audit wants to know of a card, and nothing of its holder.
fn line(file: &str, report: &Report) -> String {
    let authenticity = &report.authenticity;
    json!({
        "file": file,
        "card_type": report.card.type_code,
        "status": authenticity.status,
        "reason": authenticity.reason,
        "trust_profile": authenticity.trust_profile,
        "number_on_chip_matches": report.card.number_on_chip_matches,
        "printed_validity_passed": report.printed_validity.map(|printed| printed.passed),
        "problems": report.problems.len(),
    })
    .to_string()
}

fn print(line: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(line.as_bytes())?;
    output.write_all(b"\n")
}

/// A file, if it is one: a pipe would keep us waiting, and a huge file is no dump.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: io::Error| format!("The file cannot be read ({error})");
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err("Not a file".to_owned());
    }
    // One byte more than a dump may have: enough to be refused as too long.
    let longest = u64::try_from(Reading::MAX_DUMP_LEN)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut content = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(longest).read_to_end(&mut content).map_err(failed)?;
    Ok(content)
}

/// Hands over one path after another until that is refused.
fn list(folder: &Path, mut give: impl FnMut(PathBuf) -> bool) -> Result<(), Failure> {
    if folder == Path::new("-") {
        for line in io::stdin().lock().lines() {
            let line =
                line.map_err(|error| Failure(USAGE, format!("The list of paths is damaged ({error})")))?;
            if !line.is_empty() && !give(line.into()) {
                break;
            }
        }
        return Ok(());
    }
    for entry in entries(folder)? {
        let entry = entry.map_err(|error| folder_failure(folder, &error))?;
        if !give(entry.path()) {
            break;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<fs::ReadDir, Failure> {
    fs::read_dir(folder).map_err(|error| folder_failure(folder, &error))
}

fn folder_failure(folder: &Path, error: &io::Error) -> Failure {
    let name = folder.display();
    Failure(
        USAGE,
        format!("The folder {name} cannot be read ({error}): check the path"),
    )
}

/// Shown on a terminal only.
fn progress_bar(folder: &Path) -> Result<ProgressBar, Failure> {
    let (bar, template) = if folder == Path::new("-") {
        (ProgressBar::new_spinner(), "{pos} cards, {per_sec}")
    } else {
        let count = u64::try_from(entries(folder)?.count()).unwrap_or(u64::MAX);
        (
            ProgressBar::new(count),
            "{wide_bar} {pos} of {len}, {per_sec}, {eta} left",
        )
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    Ok(bar.with_style(style))
}

fn summarise(tally: &Tally, threads: usize, elapsed: Duration) {
    let files = tally.verified + tally.not_verified + tally.unusable;
    let seconds = elapsed.as_secs_f64();
    let count = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let per_second = count(files) / seconds;
    let cores = f64::from(u32::try_from(threads).unwrap_or(u32::MAX));
    eprintln!(
        "{files} files in {seconds:.2} s: {} verified, {} not verified, {} that are no dump of a card",
        tally.verified, tally.not_verified, tally.unusable
    );
    eprintln!(
        "{per_second:.0} a second with {threads} threads, {:.0} a second and thread",
        per_second / cores
    );
    let parts = [
        ("read the file", tally.read),
        ("parse the dump", tally.parse),
        ("verify signatures", tally.verify),
        ("hash, judge, report", tally.report),
        ("print", tally.print),
    ];
    let total: Duration = parts.iter().map(|(_, time)| time).sum();
    for (name, time) in parts {
        eprintln!(
            "{:>8.1} µs a file, {:>3.0} %: {name}",
            time.as_secs_f64() * 1e6 / count(files.max(1)),
            time.as_secs_f64() * 100.0 / total.as_secs_f64().max(f64::MIN_POSITIVE)
        );
    }
    if let Some(peak) = peak_memory() {
        eprintln!("Peak memory: {peak}");
    }
}

/// As Linux counts it.
fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().to_owned())
}

fn load_anchors(files: &[PathBuf]) -> Result<Anchors, Failure> {
    let mut anchors = Anchors::new();
    let issuer = Issuer::new();
    if files.is_empty() {
        for generation in [Generation::First, Generation::Second] {
            let certificate = issuer.ca_certificate(generation).map_err(other)?;
            anchors.add(&certificate).map_err(other)?;
        }
    }
    for file in files {
        let name = file.display();
        let content = fs::read(file).map_err(|error| {
            Failure(
                USAGE,
                format!("The CA certificate {name} cannot be read ({error}): check the path"),
            )
        })?;
        anchors
            .add(&content)
            .map_err(|error| Failure(USAGE, format!("{name}: {error}")))?;
    }
    Ok(anchors)
}

fn other(error: impl ToString) -> Failure {
    Failure(OTHER, error.to_string())
}

/// Dumps of software cards of both generations in turn, each with a number and a time of its own. What is signed comes
/// from a few cards only: signing takes longer than judging.
fn make(count: u32, folder: &Path) -> Result<(), Failure> {
    const HOLDERS: u32 = 8;
    let issuer = Issuer::new();
    let mut issued = Vec::new();
    for holder in 0..HOLDERS {
        for card_type in [CardType::FirstResidenceCard, CardType::SecondResidenceCard] {
            let builder = CardBuilder::new(card_type);
            let born = format!("199{holder}0102");
            let builder = match card_type.generation() {
                Generation::First => builder,
                _ => builder.with(Field::DateOfBirth, born),
            };
            issued.push(issuer.issue(&builder).map_err(other)?);
        }
    }
    fs::create_dir_all(folder).map_err(|error| folder_failure(folder, &error))?;
    for (index, card) in (0..count).zip(issued.iter().cycle()) {
        let number = format!("AB{:08}CD", index % 100_000_000);
        let mut files = card.card_files();
        if let Some(content) = card.file(File::CardNumber) {
            let mut content = content.to_vec();
            let old = card.number().expose().as_bytes();
            if let Some(at) = content.windows(old.len()).position(|window| window == old) {
                content.splice(at..at + old.len(), number.bytes());
            }
            files.insert(File::CardNumber, content.into());
        }
        let number = CardNumber::parse(&number).map_err(other)?;
        let read_at =
            Timestamp::from_second(1_795_000_000_i64.saturating_add(index.into())).map_err(other)?;
        let dump = Reading::new(files, number, read_at).to_dump();
        let path = folder.join(format!("card-{index:08}.json"));
        fs::write(&path, dump).map_err(|error| folder_failure(folder, &error))?;
    }
    Ok(())
}
