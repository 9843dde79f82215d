//! A log as one JSON document.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;
use serde_json::Value;

use crate::{Broken, Entry, Error, Head, Line, StoreError, VerifyingKey, entries};

/// The name of the document's form.
pub const EXPORT_SCHEMA: &str = "zairyu.evidence-export/1";

/// Writes a log as one JSON document, and in it what its verification found.
///
/// ```jsonc
/// {
///   "schema": "zairyu.evidence-export/1",
///   "key": {"crv": "P-256", "kty": "EC", "x": "…", "y": "…"},   // check it against the one that you know
///   "entries": [
///     {
///       "record": { … },                       // what was signed
///       "personal": {"number_mac": "…"},       // what is still there beside it
///       "sd_jwt": "eyJ…~…~"                    // as stored; up to the first ~ it is a compact JWS
///     }
///   ],
///   "chain": {"sound": true, "head": {"log_id": "…", "entries": 2, "digest": "…"}}
/// }
/// ```
///
/// Of a broken log it has the entries before the broken one, and
/// `"chain": {"sound": false, "entry": 7, "fault": "…", "head": …}`. It is written as the log is read: memory use does
/// not grow with the log.
///
/// # Errors
///
/// [`Error::Broken`] after such a document was written whole; [`Error::Store`] when reading or writing fails, and then
/// the document has no end.
pub fn export_json<E: Into<StoreError>>(
    lines: impl IntoIterator<Item = Result<Line, E>>,
    key: &VerifyingKey,
    mut out: impl Write,
) -> Result<(), Error> {
    let mut write = |text: &str| {
        out.write_all(text.as_bytes())
            .map_err(|error| Error::Store(error.into()))
    };
    write(&format!(
        r#"{{"schema":"{EXPORT_SCHEMA}","key":{},"entries":["#,
        key.to_jwk()
    ))?;
    let mut head = None;
    let mut broken = None;
    for entry in entries(lines, key) {
        match entry {
            Ok(entry) => {
                write(if head.is_some() { ",\n" } else { "\n" })?;
                write(&json(&Exported::new(&entry)))?;
                head = Some(entry.head());
            }
            Err(Error::Broken(fault)) => broken = Some(fault),
            Err(error) => return Err(error),
        }
    }
    write(&format!("\n],\"chain\":{}}}\n", json(&Chain::new(head, broken))))?;
    broken.map_or(Ok(()), |broken| Err(broken.into()))
}

/// One entry as a JSON document, as it stands in [`export_json`]'s.
#[must_use]
pub fn export_entry(entry: &Entry) -> String {
    json(&Exported::new(entry))
}

#[derive(Serialize)]
struct Exported<'a> {
    record: Value,
    personal: BTreeMap<&'static str, String>,
    sd_jwt: &'a str,
}

impl<'a> Exported<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self {
            record: serde_json::from_slice(entry.payload()).unwrap_or_default(),
            personal: entry
                .personal()
                .iter()
                .map(|part| (part.value.kind().as_str(), part.value.text()))
                .collect(),
            sd_jwt: entry.as_sd_jwt(),
        }
    }
}

#[derive(Serialize)]
struct Chain {
    sound: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    head: Option<Head>,
}

impl Chain {
    fn new(head: Option<Head>, broken: Option<Broken>) -> Self {
        Self {
            sound: broken.is_none() && head.is_some(),
            entry: broken.map(|broken| broken.entry),
            fault: broken.map(|broken| broken.fault.to_string()),
            head,
        }
    }
}

/// Strings, numbers and structs: serialising them cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
