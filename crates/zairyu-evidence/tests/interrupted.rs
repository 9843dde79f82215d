//! A writer that is killed at any moment, or whose disk is full: nothing acknowledged is lost, and the log stays sound.
//!
//! This program is its own writer: called with `write PATH`, it writes until it is killed and says so on standard
//! output after each acknowledged entry.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod specimen;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use specimen::{DAY, Folder, filled, full, key, minimal, personal, seed};
use zairyu_evidence::{Error, EvidenceLog, FileStore, Head, Signer, StoreError, lines, verify_chain};

const TESTS: [(&str, fn()); 2] = [("killed_writers", killed_writers), ("full_disk", full_disk)];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [command, path] = &arguments[..]
        && command == "write"
    {
        write(Path::new(path));
    }
    // As other tests are called: by a part of their name.
    let filters: Vec<_> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    for (name, test) in TESTS {
        if filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())) {
            test();
            println!("test {name} ... ok");
        }
    }
}

/// Opens the log and adds to it for ever; now and then it deletes personal parts, which writes the file anew.
fn write(path: &Path) -> ! {
    let mut log = EvidenceLog::open(FileStore::open(path).unwrap(), key()).unwrap();
    let mut out = std::io::stdout();
    for count in 0_u8.. {
        let entry = if count % 2 == 0 {
            log.append(&full(), &personal(), &seed(count))
        } else {
            log.append(&minimal(), &[], &seed(count))
        };
        match entry {
            Ok(entry) => {
                writeln!(out, "{}", serde_json::to_string(&entry.head()).unwrap()).unwrap();
                out.flush().unwrap();
            }
            // The disk is full.
            Err(Error::Store(StoreError::Io(error))) => {
                eprintln!("{error}");
                // What was taken back leaves the log as it was, and it can still be read.
                let head = log.head().unwrap();
                assert_eq!(log.verify(Some(&head)).unwrap().head, head);
                std::process::exit(3);
            }
            Err(error) => panic!("{error}"),
        }
        if count % 8 == 7 {
            log.delete_due(DAY).unwrap();
        }
        if count == u8::MAX {
            break;
        }
    }
    // Never reached before it is killed, or the test would be none.
    panic!("nobody killed the writer");
}

fn writer(path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .arg("write")
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

fn acknowledged(out: impl std::io::Read) -> Vec<Head> {
    // A killed writer's last line may be half of one.
    BufReader::new(out)
        .lines()
        .map_while(|line| serde_json::from_str(&line.unwrap()).ok())
        .collect()
}

/// Opens the log as after a crash, and verifies it with the last head that was acknowledged. Gives the number of entries.
fn reopened(path: &Path, kept: Option<&Head>) -> u64 {
    let store = FileStore::open(path).unwrap();
    let log = EvidenceLog::open(store, key()).unwrap();
    log.verify(kept).unwrap().head.entries
}

fn killed_writers() {
    let folder = Folder::new();
    drop(filled(FileStore::create(folder.log()).unwrap(), 2));
    let mut entries = 3;
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..25_u64 {
        let mut child = writer(&folder.log()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        // Some entries are let through, and then some microseconds more: any moment of the next is hit sooner or later.
        let mut heads = Vec::new();
        for _ in 0..round % 5 + 1 {
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            heads.push(serde_json::from_str(&line).unwrap());
        }
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(Duration::from_micros(random % 4000));
        child.kill().unwrap();
        child.wait().unwrap();
        heads.extend(acknowledged(out));
        let last = heads.last().unwrap();
        let now = reopened(&folder.log(), Some(last));
        // At most one entry more than was acknowledged, written whole before the kill.
        assert!(now == last.entries || now == last.entries + 1, "{now} {last:?}");
        assert!(last.entries > entries);
        entries = now;
        assert_eq!(folder.files(), ["evidence.log", "evidence.log.lock"]);
    }
}

/// The shell's limit on the length of files is a disk that is full at any byte: the write stops in the midst of a line.
fn full_disk() {
    if !cfg!(unix) {
        return;
    }
    for blocks in [17, 18, 23, 41] {
        let folder = Folder::new();
        drop(filled(FileStore::create(folder.log()).unwrap(), 2));
        let output = Command::new("sh")
            // Ignored, the signal at the limit becomes an error of the write. The unit is 512 bytes.
            .args(["-c", "trap '' XFSZ; ulimit -f $1 && shift && exec \"$@\"", "sh"])
            .arg(blocks.to_string())
            .arg(std::env::current_exe().unwrap())
            .arg("write")
            .arg(folder.log())
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(3),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let heads = acknowledged(&output.stdout[..]);
        assert!(!heads.is_empty());
        let length = fs::metadata(folder.log()).unwrap().len();
        assert!(length < blocks * 512);
        // No line is left half-written, and none is lost.
        let last = heads.last();
        let file = BufReader::new(File::open(folder.log()).unwrap());
        let sound = verify_chain(lines(file), &key().verifying_key(), last).unwrap();
        assert_eq!(Some(&sound.head), last);
        assert_eq!(reopened(&folder.log(), last), sound.head.entries);
    }
}
