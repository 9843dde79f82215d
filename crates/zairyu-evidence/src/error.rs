//! What can go wrong, by who is to blame: the stored log, the store, the signer, the caller.

use std::error::Error as StdError;

use crate::{PersonalKind, StoreError};

/// Why a log could not be begun, written, read or changed. It never shows anything of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stored log is not as it was written.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The last entry is not one that this log's key made, so that none is made to follow it.
    #[error("the log's last entry: {0}")]
    UnusableEnd(Fault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signer failed.
    #[error("the record could not be signed, so nothing was stored")]
    Signer(#[source] Box<dyn StdError + Send + Sync>),
    /// The signer's signature does not fit its public key.
    #[error("the signer made a wrong signature, so nothing was stored; check its key")]
    WrongSignature,
    /// There is no entry in the store.
    #[error("the store is empty; begin a log with EvidenceLog::create, or find out where its entries went")]
    Empty,
    /// There are entries in the store already.
    #[error("the store holds a log already; open it with EvidenceLog::open")]
    NotEmpty,
    /// The entry is longer than an entry may be.
    #[error("the record with its personal parts is too long to store")]
    TooLong,
    /// Two personal parts of one kind.
    #[error("a record takes one personal part of a kind, and there are two of {}", .0.as_str())]
    TwoOfAKind(PersonalKind),
    /// What was just signed does not read back: a defect of this crate. Nothing was stored.
    #[error("the signed record does not read back ({0}), so nothing was stored; please report this")]
    NotReadBack(Fault),
    /// Other writers kept being faster.
    #[error("other writers kept adding entries first; nothing was stored, try again")]
    Contended,
}

/// The first entry of a log that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {entry} of the log: {fault}")]
#[non_exhaustive]
pub struct Broken {
    /// Which entry, counted from 0: in a file it is on line `entry` + 1. All entries before it are sound.
    pub entry: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The last entry's writing was cut short, as when power fails: it was never acknowledged. Opening the file for
    /// writing removes it.
    #[error(
        "its writing was cut short, so it was never acknowledged; opening the file for writing removes it"
    )]
    Torn,
    /// Not the form of an entry.
    #[error("it does not have the form of an entry; its bytes were changed")]
    Malformed,
    /// Longer than [`MAX_ENTRY_LEN`](crate::MAX_ENTRY_LEN).
    #[error("it is longer than an entry can be")]
    TooLong,
    /// Signed with another key than the one given.
    #[error("it says that it was signed with another key; check that the key is this log's")]
    OtherKey,
    /// The signature does not fit.
    #[error("its signature is wrong; it was changed, or made without the key")]
    BadSignature,
    /// The signature is good, and this version does not understand what it says.
    #[error("it says something that this version does not know, so it is not believed")]
    UnknownContent,
    /// A personal part that the entry was not signed with, or one that was changed.
    #[error("a personal part beside it is not the one that was signed")]
    ForeignPersonal,
    /// The log does not begin with an opening entry.
    #[error("a log begins with an opening entry, and this is none; entries before it are missing")]
    NoOpening,
    /// An entry of another log.
    #[error("it belongs to another log")]
    OtherLog,
    /// Entries before this one are missing.
    #[error("it is number {found}, so entries before it are missing")]
    Missing {
        /// The number that it was signed with.
        found: u64,
    },
    /// The entry has its place earlier in the log.
    #[error("it is number {found}, so it was moved or repeated")]
    OutOfOrder {
        /// The number that it was signed with.
        found: u64,
    },
    /// It was signed to follow another entry than the one before it.
    #[error("it was signed to follow another entry than the one before it")]
    WrongPrevious,
    /// The log ends before the head that was kept elsewhere.
    #[error("the log ends here, and once had {entries} entries")]
    CutShort {
        /// The number of entries that the head speaks of.
        entries: u64,
    },
    /// At the place of the head that was kept elsewhere stands another entry.
    #[error("it is another entry than the one that the kept head names")]
    OtherThanHead,
}
