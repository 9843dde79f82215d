//! A log: a store and a signer.

use jiff::civil::Date;

use crate::{
    CheckRecord, Entry, Error, Head, Moment, Opening, Personal, Seed, Signer, Sound, Store, StoreError,
    entries, verify_chain,
};

/// How often an entry is signed anew because another writer of a shared store was faster.
const ATTEMPTS: u32 = 16;

/// A log of signed and chained records.
///
/// It holds no state of its own: each entry is made to follow what the store has as its last at that moment.
pub struct EvidenceLog<T, S> {
    store: T,
    signer: S,
}

impl<T: Store, S: Signer> EvidenceLog<T, S> {
    /// Begins a log in an empty store.
    ///
    /// `continues` names the end of an earlier log that this one follows, for instance because its key was replaced.
    ///
    /// # Errors
    ///
    /// [`Error::NotEmpty`], or what the store or the signer report.
    pub fn create(
        mut store: T,
        signer: S,
        opened_at: Moment,
        continues: Option<Head>,
        seed: &Seed,
    ) -> Result<Self, Error> {
        if store.last()?.is_some() {
            return Err(Error::NotEmpty);
        }
        let opening = Opening { opened_at, continues };
        let entry = Entry::sign_opening(opening, seed, &signer)?;
        match store.append(0, entry.as_sd_jwt()) {
            Ok(()) => Ok(Self { store, signer }),
            Err(StoreError::Taken) => Err(Error::NotEmpty),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a log to add to it. Its last entry is verified; [`verify`](Self::verify) does so with all.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] when the store is, [`Error::UnusableEnd`] when the last entry is not one of this key's, or what the
    /// store reports.
    pub fn open(store: T, signer: S) -> Result<Self, Error> {
        let mut log = Self { store, signer };
        log.last()?;
        Ok(log)
    }

    /// Adds a record. When this returns, it is signed and on durable storage.
    ///
    /// After an error from the store it was not acknowledged; whether it is there, the reopened log tells.
    ///
    /// # Errors
    ///
    /// [`Error::TwoOfAKind`], [`Error::TooLong`], or what the store or the signer report.
    pub fn append(
        &mut self,
        record: &CheckRecord,
        personal: &[Personal],
        seed: &Seed,
    ) -> Result<Entry, Error> {
        for _ in 0..ATTEMPTS {
            let last = self.last()?;
            let entry = Entry::sign_check(record, personal, &last, seed, &self.signer)?;
            match self.store.append(entry.sequence(), entry.as_sd_jwt()) {
                Ok(()) => return Ok(entry),
                Err(StoreError::Taken) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }

    /// The log's end, to be kept elsewhere.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn head(&mut self) -> Result<Head, Error> {
        Ok(self.last()?.head())
    }

    /// The entries from the first on, each verified.
    ///
    /// # Errors
    ///
    /// What the store reports.
    pub fn entries(&self) -> Result<impl Iterator<Item = Result<Entry, Error>>, Error> {
        Ok(entries(self.store.lines()?, &self.signer.verifying_key()))
    }

    /// Verifies the whole log, as [`verify_chain`] does.
    ///
    /// # Errors
    ///
    /// As [`verify_chain`].
    pub fn verify(&self, kept: Option<&Head>) -> Result<Sound, Error> {
        verify_chain(self.store.lines()?, &self.signer.verifying_key(), kept)
    }

    /// Deletes the personal parts whose day has come. Returns in how many entries.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete).
    pub fn delete_due(&mut self, today: Date) -> Result<u64, Error> {
        self.delete(|_, part| part.delete_on <= today)
    }

    /// Deletes personal parts before their day, for instance because the holder asks for it. Returns in how many
    /// entries.
    ///
    /// Signatures and chain stand as they were. The log is verified first: one that is broken is left alone.
    ///
    /// # Errors
    ///
    /// [`Error::Broken`], and then nothing was deleted; or what the store reports ([`Store::replace`]).
    pub fn delete(&mut self, mut which: impl FnMut(&Entry, &Personal) -> bool) -> Result<u64, Error> {
        self.verify(None)?;
        let key = self.signer.verifying_key();
        let replaced = self.store.replace(&mut |text| {
            // All entries were verified a moment ago.
            let entry = Entry::verify(text, &key).ok()?;
            let left = entry.without(|part| which(&entry, part));
            (left != text).then_some(left)
        })?;
        Ok(replaced)
    }

    /// Gives the store back.
    pub fn into_store(self) -> T {
        self.store
    }

    fn last(&mut self) -> Result<Entry, Error> {
        let text = self.store.last()?.ok_or(Error::Empty)?;
        Entry::verify(&text, &self.signer.verifying_key()).map_err(Error::UnusableEnd)
    }
}
