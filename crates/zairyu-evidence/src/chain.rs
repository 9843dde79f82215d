//! The chain: each entry holds the digest of the one before it.

use serde::{Deserialize, Serialize};

use crate::{Broken, Content, Digest, Entry, Error, Fault, Line, LogId, StoreError, VerifyingKey};

/// How many entries a log has, and which is the last.
///
/// From the log alone nobody can tell that its last entries were cut off. Keep a head where whoever could cut them has
/// no access, such as in the next day's mail to an auditor, and give it to [`verify_chain`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Which log.
    pub log_id: LogId,
    /// How many entries, the opening entry included.
    pub entries: u64,
    /// SHA-256 of the last entry's compact JWS.
    pub digest: Digest,
}

/// What the verification of a whole log found, all of it being sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sound {
    /// The log's end. Compare it with what you keep elsewhere.
    pub head: Head,
    /// How many personal parts are still there.
    pub personal_present: u64,
    /// How many were deleted or withheld.
    pub personal_absent: u64,
}

/// Verifies a whole log: each entry by itself, and each one's place. With a kept head also that its end is there.
///
/// The first entry that is not as it was written is named. Memory use does not grow with the log.
///
/// ```no_run
/// use std::{fs::File, io::BufReader};
/// use zairyu_evidence::{VerifyingKey, lines, verify_chain};
///
/// # fn kept_key() -> String { String::new() }
/// let key = VerifyingKey::from_jwk(&kept_key())?;
/// let file = BufReader::new(File::open("evidence.log")?);
/// match verify_chain(lines(file), &key, None) {
///     Ok(sound) => println!("{} entries, all sound", sound.head.entries),
///     Err(error) => println!("{error}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Broken`], [`Error::Empty`], or [`Error::Store`] when the log cannot be read.
pub fn verify_chain<E: Into<StoreError>>(
    lines: impl IntoIterator<Item = Result<Line, E>>,
    key: &VerifyingKey,
    kept: Option<&Head>,
) -> Result<Sound, Error> {
    let mut sound: Option<Sound> = None;
    for entry in entries(lines, key) {
        let entry = entry?;
        let head = entry.head();
        let broken = |fault| Broken {
            entry: entry.sequence(),
            fault,
        };
        if let Some(kept) = kept {
            if kept.log_id != head.log_id {
                return Err(broken(Fault::OtherLog).into());
            }
            if kept.entries == head.entries && kept.digest != head.digest {
                return Err(broken(Fault::OtherThanHead).into());
            }
        }
        let (present, absent) = sound.map_or((0, 0), |sound| (sound.personal_present, sound.personal_absent));
        let count = |parts: usize| u64::try_from(parts).unwrap_or(u64::MAX);
        sound = Some(Sound {
            head,
            personal_present: count(entry.personal().len()).saturating_add(present),
            personal_absent: count(entry.absent_personal().count()).saturating_add(absent),
        });
    }
    match (sound, kept) {
        (None, None) => Err(Error::Empty),
        (None, Some(kept)) => Err(cut_short(0, kept)),
        (Some(sound), Some(kept)) if sound.head.entries < kept.entries => {
            Err(cut_short(sound.head.entries, kept))
        }
        (Some(sound), _) => Ok(sound),
    }
}

fn cut_short(entry: u64, kept: &Head) -> Error {
    let fault = Fault::CutShort {
        entries: kept.entries,
    };
    Broken { entry, fault }.into()
}

/// The entries of a log, verified one after the other. After the first error there are none.
pub fn entries<E: Into<StoreError>, I: IntoIterator<Item = Result<Line, E>>>(
    lines: I,
    key: &VerifyingKey,
) -> impl Iterator<Item = Result<Entry, Error>> + use<E, I> {
    Entries {
        lines: lines.into_iter(),
        key: *key,
        next: 0,
        before: None,
        done: false,
    }
}

struct Entries<I> {
    lines: I,
    key: VerifyingKey,
    next: u64,
    /// The log, and the digest of the entry before.
    before: Option<(LogId, Digest)>,
    done: bool,
}

impl<E: Into<StoreError>, I: Iterator<Item = Result<Line, E>>> Iterator for Entries<I> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let entry = match self.lines.next()? {
            Ok(line) => self.check(&line).map_err(|fault| {
                Error::Broken(Broken {
                    entry: self.next,
                    fault,
                })
            }),
            Err(error) => Err(Error::Store(error.into())),
        };
        match &entry {
            Ok(entry) => {
                self.before = Some((entry.log_id(), entry.digest()));
                self.next = self.next.saturating_add(1);
            }
            Err(_) => self.done = true,
        }
        Some(entry)
    }
}

impl<I> Entries<I> {
    fn check(&self, line: &Line) -> Result<Entry, Fault> {
        let text = match line {
            Line::Entry(text) => text,
            Line::Torn => return Err(Fault::Torn),
            Line::TooLong => return Err(Fault::TooLong),
            Line::Damaged => return Err(Fault::Malformed),
        };
        let entry = Entry::verify(text, &self.key)?;
        let Some((log_id, digest)) = self.before else {
            return match entry.content() {
                Content::Opening(_) => Ok(entry),
                Content::Check(_) => Err(Fault::NoOpening),
            };
        };
        let found = entry.sequence();
        if entry.log_id() != log_id {
            Err(Fault::OtherLog)
        } else if found > self.next {
            Err(Fault::Missing { found })
        } else if found < self.next {
            Err(Fault::OutOfOrder { found })
        } else if entry.previous() != Some(digest) {
            Err(Fault::WrongPrevious)
        } else {
            Ok(entry)
        }
    }
}
