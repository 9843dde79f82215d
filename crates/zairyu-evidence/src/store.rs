//! Where entries are kept: the trait, and a store in memory.

use std::error::Error as StdError;
use std::io;

use crate::Line;

/// Where a log's entries are kept, one text each, in order.
///
/// [`FileStore`](crate::FileStore) is the default. A shared database takes its place with a table of two columns: the
/// sequence number as its primary key, and the text.
///
/// A store need not be trusted with the log's integrity: that is what signatures and chain are for. It must be trusted
/// not to lose what it acknowledged.
pub trait Store {
    /// The last entry, `None` when there is none.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn last(&mut self) -> Result<Option<String>, StoreError>;

    /// Adds an entry. When this returns, the entry is on durable storage.
    ///
    /// `sequence` is the number of entries before it. A store with several writers must refuse a number that is
    /// taken: two entries with one number would break the chain.
    ///
    /// # Errors
    ///
    /// [`StoreError::Taken`] when another writer was first; any other when it is not sure that the entry is stored.
    fn append(&mut self, sequence: u64, entry: &str) -> Result<(), StoreError>;

    /// All entries from the first on.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn lines(&self) -> Result<Box<dyn Iterator<Item = Result<Line, StoreError>> + '_>, StoreError>;

    /// Replaces each entry for which `replacement` gives another text, all or none. What was replaced must not be
    /// kept. Returns how many were.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; then nothing was replaced, or all of it and it is not sure that this outlives a loss of power.
    fn replace(&mut self, replacement: &mut dyn FnMut(&str) -> Option<String>) -> Result<u64, StoreError>;
}

/// Why a store failed. It never shows anything of an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Reading or writing failed. After a failed [`Store::append`], the entry was not acknowledged.
    #[error("reading or writing the log failed; check the disk's space and health")]
    Io(#[from] io::Error),
    /// Another process writes to this log.
    #[error("another program is writing to this log; close it, or wait until it is done")]
    InUse,
    /// Another writer took this entry's place first.
    #[error("another writer added an entry first")]
    Taken,
    /// There is a file of this name already.
    #[error("there is a file already where the log is to be created")]
    Exists,
    /// Not a regular file.
    #[error("the log's path does not name a regular file")]
    NotAFile,
    /// The file's name has something of a card number's form in it.
    #[error("the log's file name must not hold a card number")]
    FileName,
    /// The file was changed, moved or deleted while this store had it open.
    #[error(
        "the log's file was changed, moved or deleted by someone else; find out by whom, then open it again"
    )]
    Changed,
    /// The file's end is damaged, and not by a write that was cut short.
    #[error(
        "the end of the log's file is damaged; verify the log to learn which entry, and restore it from a copy"
    )]
    Damaged,
    /// An earlier write failed in a way that left the file's state unknown.
    #[error("an earlier write to the log failed; open it again to go on")]
    Unsure,
    /// A failure of a store outside this crate.
    #[error("the log's store failed")]
    Other(#[source] Box<dyn StdError + Send + Sync>),
}

/// A store in memory, for tests and for logs that are exported at once.
#[derive(Default)]
pub struct MemoryStore(Vec<String>);

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }
}

impl Store for MemoryStore {
    fn last(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.0.last().cloned())
    }

    fn append(&mut self, sequence: u64, entry: &str) -> Result<(), StoreError> {
        if u64::try_from(self.0.len()) != Ok(sequence) {
            return Err(StoreError::Taken);
        }
        self.0.push(entry.to_owned());
        Ok(())
    }

    fn lines(&self) -> Result<Box<dyn Iterator<Item = Result<Line, StoreError>> + '_>, StoreError> {
        Ok(Box::new(
            self.0.iter().map(|entry| Ok(Line::Entry(entry.clone()))),
        ))
    }

    fn replace(&mut self, replacement: &mut dyn FnMut(&str) -> Option<String>) -> Result<u64, StoreError> {
        let mut replaced = 0_u64;
        for entry in &mut self.0 {
            if let Some(text) = replacement(entry) {
                *entry = text;
                replaced = replaced.saturating_add(1);
            }
        }
        Ok(replaced)
    }
}

impl<S: Store + ?Sized> Store for &mut S {
    fn last(&mut self) -> Result<Option<String>, StoreError> {
        (**self).last()
    }

    fn append(&mut self, sequence: u64, entry: &str) -> Result<(), StoreError> {
        (**self).append(sequence, entry)
    }

    fn lines(&self) -> Result<Box<dyn Iterator<Item = Result<Line, StoreError>> + '_>, StoreError> {
        (**self).lines()
    }

    fn replace(&mut self, replacement: &mut dyn FnMut(&str) -> Option<String>) -> Result<u64, StoreError> {
        (**self).replace(replacement)
    }
}
