//! The file store: nothing acknowledged is lost, nothing half-written is believed, one writer at a time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod specimen;

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Write};
use std::path::Path;

use proptest::prelude::*;
use specimen::{DAY, Folder, entries, file_of, filled, full, key, minimal, now, personal, seed};
use zairyu_evidence::{
    Error, EvidenceLog, FileStore, MAX_ENTRY_LEN, Signer, Sound, Store, StoreError, lines, verify_chain,
};

fn verify(path: &Path) -> Result<Sound, Error> {
    let file = BufReader::new(File::open(path).unwrap());
    verify_chain(lines(file), &key().verifying_key(), None)
}

fn create(path: &Path) -> FileStore {
    FileStore::create(path).unwrap()
}

fn open(path: &Path) -> Result<FileStore, StoreError> {
    FileStore::open(path)
}

#[test]
fn a_log_in_a_file_is_what_a_log_in_memory_is() {
    let folder = Folder::new();
    let log = filled(create(&folder.log()), 4);
    drop(log);
    assert_eq!(fs::read(folder.log()).unwrap(), file_of(&entries(4)));
    let store = open(&folder.log()).unwrap();
    assert_eq!(store.removed(), 0);
    let mut log = EvidenceLog::open(store, key()).unwrap();
    let entry = log.append(&minimal(), &[], &seed(9)).unwrap();
    assert_eq!(entry.sequence(), 5);
    assert_eq!(log.head().unwrap(), entry.head());
    assert_eq!(verify(&folder.log()).unwrap().head, entry.head());
}

/// Cut at every byte and opened again: the whole entries are there, the rest is gone, and the log goes on.
#[test]
fn a_file_cut_at_any_byte_opens_with_its_whole_entries() {
    let folder = Folder::new();
    let file = file_of(&entries(1));
    for length in 0..=file.len() {
        fs::write(folder.log(), &file[..length]).unwrap();
        let whole = file[..length]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let mut store = open(&folder.log()).unwrap();
        assert_eq!(store.removed() as usize, length - whole, "{length}");
        let last = store.last().unwrap();
        assert_eq!(last.is_some(), whole > 0);
        assert_eq!(fs::read(folder.log()).unwrap(), file[..whole]);
        // Signing is slow: the log goes on at a few of them.
        if length % 97 == 0 && whole > 0 {
            let mut log = EvidenceLog::open(store, key()).unwrap();
            let entry = log.append(&minimal(), &[], &seed(9)).unwrap();
            assert_eq!(verify(&folder.log()).unwrap().head, entry.head());
        }
    }
}

/// Power failed before all sectors of the last line were written: zeros stand in their place.
#[test]
fn a_last_line_with_missing_sectors_is_removed() {
    let folder = Folder::new();
    let file = file_of(&entries(2));
    let begin = file[..file.len() - 2]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    let first = begin.next_multiple_of(512);
    let mut tried = 0;
    for hole in (first..file.len()).step_by(512) {
        for end in [hole + 512, file.len()] {
            let mut holed = file.clone();
            let end = end.min(file.len());
            holed[hole..end].fill(0);
            fs::write(folder.log(), &holed).unwrap();
            assert!(matches!(verify(&folder.log()), Err(Error::Broken(broken)) if broken.entry == 2));
            let store = open(&folder.log()).unwrap();
            assert_eq!(store.removed() as usize, file.len() - begin);
            drop(store);
            assert_eq!(verify(&folder.log()).unwrap().head.entries, 2);
            tried += 1;
        }
    }
    assert!(tried > 4);
}

/// A damaged end is not a torn one: what may have been acknowledged is never removed.
#[test]
fn a_damaged_end_is_left_as_it_is() {
    let folder = Folder::new();
    let file = file_of(&entries(2));
    let begin = file[..file.len() - 2]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    // Each opening synchronises the file, which takes its time: every third byte, and all of the last.
    for index in (begin..file.len()).filter(|index| index % 3 == 0 || index + 8 > file.len()) {
        let mut changed = file.clone();
        changed[index] ^= 1 << (index % 7);
        fs::write(folder.log(), &changed).unwrap();
        match open(&folder.log()) {
            Err(StoreError::Damaged) => {}
            Ok(store) => {
                assert_eq!(store.removed(), 0);
                assert!(EvidenceLog::open(store, key()).is_err(), "{index}");
            }
            Err(error) => panic!("{error}"),
        }
        assert_eq!(fs::read(folder.log()).unwrap(), changed);
    }
    // Too long to be a line.
    let mut changed = file;
    changed.extend(vec![b'a'; 2 * MAX_ENTRY_LEN]);
    fs::write(folder.log(), &changed).unwrap();
    assert!(matches!(open(&folder.log()), Err(StoreError::Damaged)));
    changed.extend(b"\r\n");
    fs::write(folder.log(), &changed).unwrap();
    assert!(matches!(open(&folder.log()), Err(StoreError::Damaged)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_files_are_opened_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let folder = Folder::new();
        fs::write(folder.log(), &bytes).unwrap();
        match open(&folder.log()) {
            Ok(store) => prop_assert!(EvidenceLog::open(store, key()).is_err()),
            Err(error) => prop_assert!(matches!(error, StoreError::Damaged)),
        }
    }
}

#[test]
fn two_writers_never_write_at_once() {
    let folder = Folder::new();
    let log = filled(create(&folder.log()), 1);
    assert!(matches!(open(&folder.log()), Err(StoreError::InUse)));
    assert!(matches!(FileStore::create(folder.log()), Err(StoreError::InUse)));
    // Readers are welcome.
    assert!(verify(&folder.log()).is_ok());
    drop(log);
    let one = open(&folder.log()).unwrap();
    assert!(matches!(open(&folder.log()), Err(StoreError::InUse)));
    drop(one);

    // Threads that wait for each other by trying again: nothing is lost, nothing is broken.
    let path = folder.log();
    let write = |of: u8| {
        for count in 0..5_u8 {
            let store = loop {
                match open(&path) {
                    Ok(store) => break store,
                    Err(StoreError::InUse) => std::thread::yield_now(),
                    Err(error) => panic!("{error}"),
                }
            };
            let mut log = EvidenceLog::open(store, key()).unwrap();
            log.append(&minimal(), &[], &seed(of + count)).unwrap();
        }
    };
    std::thread::scope(|scope| {
        for of in [10, 20, 30, 40] {
            scope.spawn(move || write(of));
        }
    });
    assert_eq!(verify(&folder.log()).unwrap().head.entries, 22);
}

/// A writer that does not ask for the lock, a rotation of log files, a deletion: found out before anything is lost in it.
#[test]
fn a_file_that_others_change_is_written_no_more() {
    let folder = Folder::new();
    let mut log = filled(create(&folder.log()), 1);
    let mut other = OpenOptions::new().append(true).open(folder.log()).unwrap();
    other.write_all(b"x").unwrap();
    assert!(matches!(
        log.append(&minimal(), &[], &seed(9)),
        Err(Error::Store(StoreError::Changed))
    ));
    drop(log);

    let change_name: fn(&Path) = |path| fs::rename(path, path.with_extension("1")).unwrap();
    let replace: fn(&Path) = |path| {
        let copy = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        fs::write(path, copy).unwrap();
    };
    let delete: fn(&Path) = |path| fs::remove_file(path).unwrap();
    for change in [change_name, replace, delete] {
        let folder = Folder::new();
        let mut log = filled(create(&folder.log()), 1);
        change(&folder.log());
        assert!(matches!(
            log.append(&minimal(), &[], &seed(9)),
            Err(Error::Store(StoreError::Changed))
        ));
        assert!(matches!(
            log.into_store().replace(&mut |_| None),
            Err(StoreError::Changed)
        ));
    }
}

#[test]
fn files_are_made_once_and_in_the_right_place() {
    let folder = Folder::new();
    drop(filled(create(&folder.log()), 1));
    assert!(matches!(FileStore::create(folder.log()), Err(StoreError::Exists)));
    assert!(matches!(
        FileStore::create(folder.log().join("x")),
        Err(StoreError::Io(_))
    ));
    assert!(matches!(
        open(&folder.log().with_extension("none")),
        Err(StoreError::Io(_))
    ));
    assert!(matches!(
        open(folder.log().parent().unwrap()),
        Err(StoreError::NotAFile)
    ));
    let named = folder.log().with_file_name("AB12345678CD.log");
    assert!(matches!(FileStore::create(&named), Err(StoreError::FileName)));
    assert_eq!(folder.files(), ["evidence.log", "evidence.log.lock"]);
    assert_eq!(
        fs::read(folder.log().with_file_name("evidence.log.lock")).unwrap(),
        b""
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let mut log = filled(create(&folder.log()), 3);
    let mode = |folder: &Folder| fs::metadata(folder.log()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o600);
    assert_eq!(log.delete_due(DAY).unwrap(), 1);
    assert_eq!(mode(&folder), 0o600);
}

#[cfg(unix)]
#[test]
fn devices_are_refused() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("/dev/full", folder.log()).unwrap();
    assert!(matches!(open(&folder.log()), Err(StoreError::NotAFile)));
    assert!(matches!(FileStore::create(folder.log()), Err(StoreError::Exists)));
}

#[test]
fn a_store_takes_entries_and_nothing_else() {
    let folder = Folder::new();
    let mut store = create(&folder.log());
    for text in ["two\r\nlines", "a b", "\0", "あ", &"a".repeat(MAX_ENTRY_LEN + 1)] {
        assert!(matches!(store.append(0, text), Err(StoreError::Damaged)));
    }
    assert_eq!(fs::read(folder.log()).unwrap(), b"");
    store.append(0, &"a".repeat(MAX_ENTRY_LEN)).unwrap();
    assert_eq!(store.last().unwrap().unwrap().len(), MAX_ENTRY_LEN);
}

#[test]
fn personal_parts_are_deleted_from_the_file_on_their_day() {
    let folder = Folder::new();
    let mut log = filled(create(&folder.log()), 6);
    let head = log.head().unwrap();
    let before = fs::read_to_string(folder.log()).unwrap();
    assert_eq!(log.verify(Some(&head)).unwrap().personal_present, 6);
    let parts: Vec<String> = log
        .entries()
        .unwrap()
        .flat_map(|entry| {
            let entry = entry.unwrap();
            let parts: Vec<String> = entry
                .as_sd_jwt()
                .split_terminator('~')
                .skip(1)
                .map(str::to_owned)
                .collect();
            parts
        })
        .collect();
    assert_eq!(parts.len(), 6);
    assert!(parts.iter().all(|part| before.contains(part)));

    assert_eq!(log.delete_due(DAY.yesterday().unwrap()).unwrap(), 0);
    assert_eq!(fs::read_to_string(folder.log()).unwrap(), before);
    assert_eq!(log.delete_due(DAY).unwrap(), 2);
    let after = fs::read_to_string(folder.log()).unwrap();
    assert!(parts.iter().all(|part| !after.contains(part)));
    // Signatures, chain and head stand, and the log goes on.
    let sound = log.verify(Some(&head)).unwrap();
    assert_eq!((sound.personal_present, sound.personal_absent), (0, 6));
    log.append(&full(), &personal(), &seed(9)).unwrap();
    // One part of one entry, because its holder asks for it.
    let record_id = log
        .entries()
        .unwrap()
        .last()
        .unwrap()
        .unwrap()
        .record_id()
        .to_owned();
    let is_note = |part: &zairyu_evidence::Personal| part.value.kind() == zairyu_evidence::PersonalKind::Note;
    assert_eq!(
        log.delete(|entry, part| entry.record_id() == record_id && is_note(part))
            .unwrap(),
        1
    );
    drop(log);
    let sound = verify(&folder.log()).unwrap();
    assert_eq!(
        (sound.head.entries, sound.personal_present, sound.personal_absent),
        (8, 2, 7)
    );
    assert_eq!(folder.files(), ["evidence.log", "evidence.log.lock"]);
}

#[test]
fn a_broken_log_is_not_written_anew() {
    let folder = Folder::new();
    drop(filled(create(&folder.log()), 4));
    let mut file = fs::read(folder.log()).unwrap();
    file[100] ^= 1;
    fs::write(folder.log(), &file).unwrap();
    // The end is sound, so the log can go on; but nothing is deleted from it.
    let mut log = EvidenceLog::open(open(&folder.log()).unwrap(), key()).unwrap();
    assert!(matches!(log.delete_due(DAY), Err(Error::Broken(broken)) if broken.entry == 0));
    assert_eq!(fs::read(folder.log()).unwrap(), file);
    assert_eq!(folder.files(), ["evidence.log", "evidence.log.lock"]);
}

/// A crash in the midst of a replacement: the old file stands, and what was written of the new one goes.
#[test]
fn an_unfinished_replacement_is_removed() {
    let folder = Folder::new();
    drop(filled(create(&folder.log()), 3));
    let file = fs::read(folder.log()).unwrap();
    fs::write(
        folder.log().with_file_name("evidence.log.new"),
        &file[..file.len() / 2],
    )
    .unwrap();
    let mut log = EvidenceLog::open(open(&folder.log()).unwrap(), key()).unwrap();
    assert_eq!(folder.files(), ["evidence.log", "evidence.log.lock"]);
    assert_eq!(fs::read(folder.log()).unwrap(), file);
    assert_eq!(log.delete_due(DAY).unwrap(), 1);
}

/// What a killed process leaves between creating the file and its first entry.
#[test]
fn an_empty_file_can_be_begun_and_not_opened() {
    let folder = Folder::new();
    drop(create(&folder.log()));
    let store = open(&folder.log()).unwrap();
    assert!(matches!(
        EvidenceLog::open(store, key()).err(),
        Some(Error::Empty)
    ));
    let store = open(&folder.log()).unwrap();
    let mut log = EvidenceLog::create(store, key(), now(), None, &seed(0)).unwrap();
    log.append(&minimal(), &[], &seed(1)).unwrap();
    assert_eq!(verify(&folder.log()).unwrap().head.entries, 2);
}

/// A thousand entries, each made to follow what the file has as its last: the end is found without reading the rest.
#[test]
fn the_end_is_found_behind_lines_of_every_length() {
    let folder = Folder::new();
    let mut store = create(&folder.log());
    for length in (1..2000).chain(MAX_ENTRY_LEN - 10..=MAX_ENTRY_LEN).chain(1..20) {
        let entry = "a".repeat(length);
        let mut line = entry.clone();
        line.push_str("\r\n");
        // Written past the store, which would synchronise each.
        OpenOptions::new()
            .append(true)
            .open(folder.log())
            .unwrap()
            .write_all(line.as_bytes())
            .unwrap();
        if length % 50 == 1 || length > 60_000 {
            drop(store);
            store = open(&folder.log()).unwrap();
            assert_eq!(store.last().unwrap(), Some(entry));
        }
    }
}
