//! What a reading hands over, and its form as a file: the dump.

use std::collections::BTreeMap;
use std::fmt;

use base64ct::{Base64, Encoding};
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zairyu_data::{CardFiles, CardNumber, CardType, File};
use zairyu_verify::{Anchors, Judge};

use crate::Report;

/// One card as it was read: its files, the number that opened it, and when.
///
/// It can be saved ([`to_dump`](Self::to_dump)) and judged again later, offline, by another version or with other
/// anchors. A dump holds all personal data of the card; keep it accordingly.
#[derive(Clone, PartialEq, Eq)]
pub struct Reading {
    files: CardFiles,
    number: CardNumber,
    read_at: Timestamp,
}

impl Reading {
    /// The longest dump that [`from_dump`](Self::from_dump) takes, in bytes. No card's files take 20 kB in base64.
    pub const MAX_DUMP_LEN: usize = 65_536;

    /// Files from a driver of your own, with the number that opened the card.
    #[must_use]
    pub const fn new(files: CardFiles, number: CardNumber, read_at: Timestamp) -> Self {
        Self {
            files,
            number,
            read_at,
        }
    }

    /// The elementary files, byte for byte.
    #[must_use]
    pub const fn files(&self) -> &CardFiles {
        &self.files
    }

    /// The number that opened the card.
    #[must_use]
    pub const fn number(&self) -> &CardNumber {
        &self.number
    }

    /// When it was read.
    #[must_use]
    pub const fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// Judges the card under these anchors, as of `at`.
    #[must_use]
    pub fn judge(&self, anchors: &Anchors, at: Timestamp) -> Report {
        self.judge_with(&mut Judge::new(anchors), at)
    }

    /// Judges the card with a [`Judge`], which is quicker for many cards and can have another backend and policy.
    #[must_use]
    pub fn judge_with(&self, judge: &mut Judge<'_>, at: Timestamp) -> Report {
        Report::new(self, &judge.judge(&self.files, at), at)
    }

    /// The reading as JSON text, to be saved.
    #[must_use]
    pub fn to_dump(&self) -> String {
        let card_type = self.files.card_type();
        let files = self
            .files
            .iter()
            .filter_map(|(file, content)| Some((path_of(card_type, file)?, Base64::encode_string(content))));
        let dump = Dump {
            schema: SCHEMA.to_owned(),
            read_at: self.read_at.to_string(),
            number: self.number.expose().to_owned(),
            files: files.collect(),
        };
        // Strings and a map of strings: serialising them cannot fail.
        serde_json::to_string_pretty(&dump).unwrap_or_default()
    }

    /// Reads a dump back.
    ///
    /// # Errors
    ///
    /// [`DumpError`] when the text is no dump, or one of a card that has no such files.
    pub fn from_dump(text: &str) -> Result<Self, DumpError> {
        if text.len() > Self::MAX_DUMP_LEN {
            return Err(DumpError::TooLong);
        }
        let dump: Dump = serde_json::from_str(text).map_err(|error| DumpError::Json {
            line: error.line(),
            column: error.column(),
        })?;
        if dump.schema != SCHEMA {
            return Err(DumpError::Schema);
        }
        let read_at = dump.read_at.parse().map_err(|_| DumpError::Value("read_at"))?;
        let number = CardNumber::parse(&dump.number).map_err(|_| DumpError::Value("number"))?;
        let content = |path: &str| {
            let base64 = dump
                .files
                .get(path)
                .ok_or_else(|| DumpError::File(path.to_owned()))?;
            Base64::decode_vec(base64)
                .map(Bytes::from)
                .map_err(|_| DumpError::File(path.to_owned()))
        };
        let card_type =
            CardType::from_file(&content("MF/EF02")?).map_err(|_| DumpError::File("MF/EF02".to_owned()))?;
        let mut files = CardFiles::new(card_type);
        for path in dump.files.keys() {
            let entry = table_of(card_type)
                .files()
                .iter()
                .find(|entry| path_of(card_type, entry.file).as_ref() == Some(path))
                .ok_or(DumpError::Value("files"))?;
            let content = content(path)?;
            if content.len() > entry.capacity.saturating_add(MAX_EXCESS_LEN) {
                return Err(DumpError::File(path.clone()));
            }
            files.insert(entry.file, content);
        }
        Ok(Self::new(files, number, read_at))
    }
}

/// Whose table names the files. A specified card's own is not public: it holds what a card of the second generation does, and a
/// dump names it so.
const fn table_of(card_type: CardType) -> CardType {
    match card_type {
        CardType::SpecifiedResidenceCard => CardType::SecondResidenceCard,
        CardType::SpecifiedSpecialPermanentResident => CardType::SecondSpecialPermanentResident,
        other => other,
    }
}

/// A file's place on the card, such as `DF1/EF02`.
pub(crate) fn path_of(card_type: CardType, file: File) -> Option<String> {
    let entry = table_of(card_type).entry(file)?;
    Some(format!("{}/{}", entry.folder.name(), entry.ef))
}

const SCHEMA: &str = "zairyu.dump/1";

/// How far a file may exceed its capacity: the files under the MF are read before their size is known, and lengths may be
/// written longer than need be; see zairyu-protocol.
const MAX_EXCESS_LEN: usize = 256;

#[derive(Serialize, Deserialize)]
struct Dump {
    schema: String,
    read_at: String,
    number: String,
    files: BTreeMap<String, String>,
}

/// Why a text is no dump. Holds nothing of its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// Longer than any card's dump.
    #[error("The dump is longer than any card's: is it the right file?")]
    TooLong,
    /// Not the JSON of a dump.
    #[error("The dump is damaged at line {line}, column {column}: save it again from the card")]
    Json {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// JSON, and not a dump that this version knows.
    #[error("The file is not a dump of the form {SCHEMA}")]
    Schema,
    /// A member has a value that it cannot have.
    #[error("The dump's member \"{0}\" is damaged: save it again from the card")]
    Value(&'static str),
    /// A card's file is missing, is not one of this card's, or is no base64 of its size.
    #[error(
        "The dump's file \"{0}\" is missing, damaged, or none of this card's: save it again from the card"
    )]
    File(String),
}

/// Everything in it is personal.
impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}
