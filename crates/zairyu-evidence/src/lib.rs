//! The audit record of residence card checks (在留カード等の確認記録): what was checked, when, by whom, with what outcome,
//! chained and signed so that others can verify it.
//!
//! ```
//! use zairyu_evidence::{
//!     Action, CheckRecord, ChipSignature, ClassifiedBy, Consent, Decision, EvidenceLog, FileStore, Gate, InputSource,
//!     Label, Language, Lookup, LookupDetails, LookupOutcome, Moment, Note, Seed, SigningKey,
//! };
//!
//! # let folder = std::env::temp_dir().join(format!("zairyu-evidence-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("evidence.log");
//! # let random = || [7; 32]; // a constant, for this text only
//! # let clock = || "2026-11-22T01:00:00Z".parse().unwrap();
//! // Randomness and time come from the caller. Keep the key where only the log's owner can read it.
//! let key = SigningKey::generate(&random())?;
//! let store = FileStore::create(&path)?;
//! let mut log = EvidenceLog::create(store, key, Moment::japan(clock()), None, &Seed::new(&random()))?;
//!
//! // Purpose and consent are no option.
//! let gate = Gate {
//!     purpose: Label::new("hiring")?,
//!     consent: Consent::GivenAt(Moment::japan(clock())),
//!     operator_id: Label::new("op-17")?,
//!     app_version: Label::new("acme-hr 3.2.1")?,
//! };
//! let chip = ChipSignature::from_report("verified", None, Some("production"), None)?;
//! let mut details = LookupDetails::default();
//! details.input_source = Some(InputSource::Chip);
//! details.classified_by = Some(ClassifiedBy::Operator);
//! details.answered_at = Some(Moment::japan(clock()));
//! let lookup = Lookup::new(LookupOutcome::NOT_LISTED_AS_LAPSED, details)?;
//! let decision = Decision {
//!     action: Action::Proceed,
//!     policy_name: Label::new("default")?,
//!     reason: None,
//! };
//! let record = CheckRecord::new(Moment::japan(clock()), gate, chip, lookup, decision)?;
//!
//! // On durable storage when this returns.
//! let entry = log.append(&record, &[], &Seed::new(&random()))?;
//!
//! println!("{}", Note::new(&entry, Language::Japanese).expect("a check").to_text());
//! let head = log.head()?; // keep it elsewhere
//! assert_eq!(log.verify(Some(&head))?.head, head);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a record holds
//!
//! By default nothing of the person: no number, no name, no image. A card number is refused wherever a text is taken.
//! The fields, as the signed JSON names them:
//!
//! | field | |
//! |---|---|
//! | `schema`, `kind`, `log_id`, `sequence`, `prev_record_digest` | the form, and the place in the log |
//! | `record_id` | random, one for each entry |
//! | `recorded_at` | all times are of the form `2026-11-22T10:00:00+09:00`, with the offset from UTC |
//! | `purpose`, `consent_at` | for what, and when the holder agreed; without it nothing may have been read or asked |
//! | `operator_id`, `app_version`, `policy_name`, `taxonomy_version` | by whom, with what, by which rules |
//! | `case_id`, `chip_read_id` | the integrator's identifiers, if wanted |
//! | `chip_signature_status`, `chip_signature_reason`, `trust_profile`, `anchor_sha256` | [`ChipSignature`] |
//! | `printed_validity_passed` | whether the date on the card had passed: never a verdict |
//! | `outcome`, `input_source`, `classified_by`, `handoff_url`, `opened_at`, `answered_at`, `evidence_digest` | [`Lookup`] |
//! | `decision`, `decision_reason`, `next_check_on` | [`Decision`], and when to check again |
//! | `delete_on`, `_sd`, `_sd_alg` | which [`Personal`] parts there are or were, their days of deletion, their digests |
//!
//! When read, a field or a name that this version does not know makes the entry unusable ([`Fault::UnknownContent`]):
//! nothing is taken for the nearest known thing.
//!
//! # Personal parts
//!
//! A keyed digest of the number ([`LinkKey`]), the page's words and a note are kept only when given, each with its day of
//! deletion. They stand beside the signed record, which holds only their salted digests: once deleted
//! ([`EvidenceLog::delete_due`]) they cannot be told from the record, and signature and chain stand.
//!
//! # What it is made of
//!
//! An entry is an SD-JWT (RFC 9901), whose part before the first `~` is a compact JWS (RFC 7515) signed by ES256 (RFC 7518):
//! any JOSE library verifies it with the key's JWK. Each holds the SHA-256 digest of the JWS before it. The default
//! store ([`FileStore`]) has one entry on a line. Another [`Store`] can take its place, and another [`Signer`] that of
//! a key in memory.
//!
//! # What it does not do
//!
//! It does not say that anything is lawful, that a card is genuine, or that a person may work: it says what was done
//! and what came of it. It does not protect from who holds the signing key: such a person can write another log,
//! and only a [`Head`] kept elsewhere shows that. The times in it are the caller's, and no time stamping authority's. It
//! opens no network, reads no clock and makes no randomness.

#![forbid(unsafe_code)]

mod chain;
mod digest;
mod entry;
mod error;
mod evidence_log;
mod export;
mod file_store;
mod jws;
mod key;
mod line;
mod moment;
mod names;
mod note;
mod outcome;
mod personal;
mod record;
mod store;
mod text;

pub use chain::{Head, Sound, entries, verify_chain};
pub use digest::Digest;
pub use entry::{Content, Entry, LogId, MAX_ENTRY_LEN, Opening, SCHEMA};
pub use error::{Broken, Error, Fault};
pub use evidence_log::EvidenceLog;
pub use export::{EXPORT_SCHEMA, export_entry, export_json};
pub use file_store::FileStore;
pub use key::{KeyError, Signer, SigningKey, VerifyingKey};
pub use line::{Line, lines};
pub use moment::Moment;
pub use note::{Language, Note};
pub use outcome::{LookupOutcome, LookupStatus, TAXONOMY_VERSION};
pub use personal::{LinkKey, NumberMac, Personal, PersonalKind, PersonalValue, Seed};
pub use record::{
    Action, CheckRecord, ChipSignature, ClassifiedBy, Consent, Decision, Gate, InputSource, Lookup,
    LookupDetails, RecordError, TrustProfile,
};
pub use store::{MemoryStore, Store, StoreError};
pub use text::{FreeText, HandoffUrl, Label, TextError};
