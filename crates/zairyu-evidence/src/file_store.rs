//! The default store: a single file that only grows.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::{
    Line, Store, StoreError,
    line::{END, MAX_LINE_LEN, is_torn, lines, whole},
    text::holds_card_number,
};

/// A log in one file, one entry a line.
///
/// # Why a plain file
///
/// Entries are signed and chained, so a damaged one is found whatever holds it; what is left for a store is not to
/// lose what it acknowledged. For a log that only grows, a file does that by itself: a line is written by one call and
/// the file synchronised before [`append`](Store::append) returns, and what a crash leaves of an unfinished line is
/// recognised, never believed and removed. An embedded database would add a format that no other tool reads, a few
/// thousand lines of code and half a minute of compiling, and would not make this safer. Any tool that can split text
/// into lines can read this one, and an auditor can take a copy with `cp`.
///
/// # What it guarantees
///
/// - An acknowledged entry survives a killed process, and the loss of power on disks that keep what they were told to
///   synchronise.
/// - An unfinished line is removed when the file is next opened for writing ([`removed`](Self::removed) tells), and
///   only if it is the beginning of a line, or has missing sectors. Any other damage at the end is left for people to
///   look at: [`StoreError::Damaged`].
/// - One writer at a time: an advisory lock on a file beside it, of the same name with `.lock` behind, which stays
///   there and is empty. Readers need no lock.
/// - [`replace`](Store::replace) writes a new file and puts it in the old one's place, all or nothing. It cannot
///   promise that no trace of the deleted text is left on the medium: encrypt the disk.
///
/// On Unix the file is made readable for its owner only.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    file: File,
    /// The file's length up to the end of the last acknowledged line.
    len: u64,
    removed: u64,
    unsure: bool,
    /// Held until drop. On a file of its own, because the log's file is another one after `replace`.
    _lock: File,
}

impl FileStore {
    /// Creates the file. Its folder must be there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Exists`], [`StoreError::InUse`], [`StoreError::FileName`] or [`StoreError::Io`].
    pub fn create(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        if path
            .file_name()
            .is_some_and(|name| holds_card_number(&name.to_string_lossy()))
        {
            return Err(StoreError::FileName);
        }
        let lock = lock(path)?;
        let file = new_file(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists,
            _ => StoreError::Io(error),
        })?;
        file.sync_all()?;
        sync_folder(path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            len: 0,
            removed: 0,
            unsure: false,
            _lock: lock,
        })
    }

    /// Opens the file to read and to write. What a crash left of an unfinished line is removed.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotAFile`], [`StoreError::InUse`], [`StoreError::Damaged`] or [`StoreError::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        // Before opening: opening a pipe would wait for whoever writes to it.
        if !fs::metadata(path)?.is_file() {
            return Err(StoreError::NotAFile);
        }
        let lock = lock(path)?;
        remove_unfinished(path)?;
        let file = OpenOptions::new().read(true).append(true).open(path)?;
        let found = file.metadata()?.len();
        let mut store = Self {
            path: path.to_owned(),
            file,
            len: found,
            removed: 0,
            unsure: false,
            _lock: lock,
        };
        let (begin, line) = store.last_line()?;
        if !line.is_empty() && whole(&line).is_none() {
            if !is_torn(&line, begin) {
                return Err(StoreError::Damaged);
            }
            store.file.set_len(begin)?;
            store.len = begin;
            store.removed = found.saturating_sub(begin);
        }
        // What is read here may still be in memory only, if the writer was killed before it was synchronised.
        store.file.sync_all()?;
        Ok(store)
    }

    /// How many bytes of an unfinished line were removed when the file was opened. They were never acknowledged.
    #[must_use]
    pub const fn removed(&self) -> u64 {
        self.removed
    }

    /// The last line with its end, and where it begins. Empty when there is none.
    fn last_line(&self) -> Result<(u64, Vec<u8>), StoreError> {
        let window = u64::try_from(MAX_LINE_LEN).unwrap_or(u64::MAX).saturating_add(1);
        let begin = self.len.saturating_sub(window);
        let mut bytes = Vec::new();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(begin))?;
        file.take(window).read_to_end(&mut bytes)?;
        // The line before it ends at the last LF but for the line's own.
        let inner = bytes.len().saturating_sub(1);
        let start = bytes
            .get(..inner)
            .and_then(|inner| inner.iter().rposition(|byte| *byte == b'\n'))
            .map_or(0, |position| position.saturating_add(1));
        let line = bytes.split_off(start);
        if line.len() > MAX_LINE_LEN {
            return Err(StoreError::Damaged);
        }
        Ok((
            begin.saturating_add(u64::try_from(start).unwrap_or(u64::MAX)),
            line,
        ))
    }

    /// Whether the file is what this store has written, for sure, and still in its place.
    fn check_unchanged(&self) -> Result<(), StoreError> {
        if self.unsure {
            return Err(StoreError::Unsure);
        }
        let own = self.file.metadata()?;
        let there = fs::metadata(&self.path).map_err(|_| StoreError::Changed)?;
        if own.len() != self.len || there.len() != self.len || !same_file(&own, &there) {
            return Err(StoreError::Changed);
        }
        Ok(())
    }

    fn write_line(&mut self, entry: &str) -> Result<(), StoreError> {
        let mut line = String::with_capacity(entry.len().saturating_add(END.len()));
        line.push_str(entry);
        line.push_str(END);
        if whole(line.as_bytes()).is_none() || line.len() > MAX_LINE_LEN {
            return Err(StoreError::Damaged);
        }
        let before = self.len;
        // Set back when all has gone well.
        self.unsure = true;
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // Such as a full disk: take back what was written of the line.
            self.file.set_len(before)?;
            self.file.sync_all()?;
            self.unsure = false;
            return Err(error.into());
        }
        self.file.sync_all()?;
        self.len = before.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        self.unsure = false;
        Ok(())
    }
}

impl Store for FileStore {
    fn last(&mut self) -> Result<Option<String>, StoreError> {
        self.check_unchanged()?;
        let (_, line) = self.last_line()?;
        if line.is_empty() {
            return Ok(None);
        }
        let entry = whole(&line).ok_or(StoreError::Damaged)?;
        Ok(Some(entry.to_owned()))
    }

    /// The lock keeps other writers out, so that `sequence` needs no look.
    fn append(&mut self, _sequence: u64, entry: &str) -> Result<(), StoreError> {
        self.check_unchanged()?;
        self.write_line(entry)
    }

    fn lines(&self) -> Result<Box<dyn Iterator<Item = Result<Line, StoreError>> + '_>, StoreError> {
        let reader = BufReader::new(File::open(&self.path)?);
        Ok(Box::new(lines(reader).map(|line| line.map_err(StoreError::Io))))
    }

    fn replace(&mut self, replacement: &mut dyn FnMut(&str) -> Option<String>) -> Result<u64, StoreError> {
        self.check_unchanged()?;
        remove_unfinished(&self.path)?;
        let new_path = beside(&self.path, NEW);
        let mut new = BufWriter::new(new_file(&new_path)?);
        let written = self.write_replaced(&mut new, replacement);
        let (replaced, len) = match written {
            Ok((replaced, len)) if replaced > 0 => (replaced, len),
            done => {
                drop(new);
                fs::remove_file(&new_path)?;
                return done.map(|_| 0);
            }
        };
        let new = new.into_inner().map_err(io::IntoInnerError::into_error)?;
        new.sync_all()?;
        fs::rename(&new_path, &self.path)?;
        self.file = new;
        self.len = len;
        // The new name must be as durable as the acknowledged deletion.
        sync_folder(&self.path)?;
        Ok(replaced)
    }
}

impl FileStore {
    fn write_replaced(
        &self,
        new: &mut impl Write,
        replacement: &mut dyn FnMut(&str) -> Option<String>,
    ) -> Result<(u64, u64), StoreError> {
        let mut replaced = 0_u64;
        let mut len = 0_u64;
        for line in self.lines()? {
            let Line::Entry(entry) = line? else {
                return Err(StoreError::Damaged);
            };
            let text = replacement(&entry).inspect(|_| replaced = replaced.saturating_add(1));
            let text = text.unwrap_or(entry);
            new.write_all(text.as_bytes())?;
            new.write_all(END.as_bytes())?;
            let written = text.len().saturating_add(END.len());
            len = len.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        }
        new.flush()?;
        Ok((replaced, len))
    }
}

const LOCK: &str = ".lock";
const NEW: &str = ".new";

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Removes a replacement that a crash or a full disk kept from taking the file's place.
fn remove_unfinished(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(beside(path, NEW)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    for_owner_only(&mut options);
    let file = options.open(beside(path, LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    for_owner_only(&mut options);
    options.open(path)
}

#[cfg(unix)]
fn for_owner_only(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn for_owner_only(_: &mut OpenOptions) {}

/// Makes a new or renamed file's name durable.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Other systems have no such call; theirs keep names by journal.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn same_file(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems do not let an open file be moved or deleted.
#[cfg(not(unix))]
fn same_file(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}
