//! One entry of a log: a signed payload, and the personal parts that stand beside it.
//!
//! As text an entry is an SD-JWT (RFC 9901): the compact JWS, `~`, and each personal part followed by `~`. The payload
//! holds the digests of the personal parts, so that one can be deleted and the signature still stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Action, CheckRecord, ChipSignature, ClassifiedBy, Consent, Decision, Digest, Error, Fault, Gate,
    HandoffUrl, Head, InputSource, Label, Lookup, LookupDetails, LookupOutcome, Moment, Personal,
    PersonalKind, RecordError, Seed, Signer, TAXONOMY_VERSION, TrustProfile, VerifyingKey,
    digest::bytes_of_hex,
    jws,
    personal::{digest_of, disclose, read_disclosure},
};

/// The name of the payload's form.
pub const SCHEMA: &str = "zairyu.evidence/1";

/// The most bytes of an entry as text, personal parts included.
///
/// A record with three personal parts at their limits takes about 40 KiB.
pub const MAX_ENTRY_LEN: usize = 65_536;

/// A log's identity: 16 random bytes, written as 32 small hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogId([u8; 16]);

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl From<LogId> for String {
    fn from(id: LogId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for LogId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        bytes_of_hex(&text)
            .map(Self)
            .ok_or("not 32 small hexadecimal digits")
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// The first entry of every log.
    Opening(Opening),
    /// A check.
    Check(Box<CheckRecord>),
}

/// The first entry: the log's own facts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opening {
    /// When the log was begun.
    pub opened_at: Moment,
    /// The end of the log that this one continues, for instance with a new key.
    pub continues: Option<Head>,
}

/// A verified entry. It is only made by signing one or by checking one with the log's key.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    log_id: LogId,
    sequence: u64,
    previous: Option<Digest>,
    record_id: String,
    content: Content,
    personal: Vec<Personal>,
    delete_on: BTreeMap<PersonalKind, Date>,
    key_thumbprint: String,
    payload: Vec<u8>,
    text: String,
}

impl Entry {
    /// The log that it belongs to.
    #[must_use]
    pub const fn log_id(&self) -> LogId {
        self.log_id
    }

    /// Its place in the log, from 0. The entry with the number n is on line n + 1 of a file.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Its random identifier, 32 hexadecimal digits.
    #[must_use]
    pub fn record_id(&self) -> &str {
        &self.record_id
    }

    /// What it says.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The check, unless it is the opening entry.
    #[must_use]
    pub fn check(&self) -> Option<&CheckRecord> {
        match &self.content {
            Content::Check(record) => Some(record),
            Content::Opening(_) => None,
        }
    }

    /// The personal parts that are still there.
    #[must_use]
    pub fn personal(&self) -> &[Personal] {
        &self.personal
    }

    /// The personal parts that it was signed with and that were deleted or withheld since, with their dates.
    pub fn absent_personal(&self) -> impl Iterator<Item = (PersonalKind, Date)> {
        let absent = |kind: &PersonalKind| self.personal.iter().all(|part| part.value.kind() != *kind);
        self.delete_on
            .iter()
            .filter(move |(kind, _)| absent(kind))
            .map(|(kind, date)| (*kind, *date))
    }

    /// The compact JWS (RFC 7515), which other libraries can verify: its payload is the record, in JSON.
    #[must_use]
    pub fn jws(&self) -> &str {
        self.text.split('~').next().unwrap_or_default()
    }

    /// The JWS with the personal parts as disclosures behind it: an SD-JWT (RFC 9901).
    #[must_use]
    pub fn as_sd_jwt(&self) -> &str {
        &self.text
    }

    /// The thumbprint (RFC 7638) of the key that it was verified with.
    #[must_use]
    pub fn key_thumbprint(&self) -> &str {
        &self.key_thumbprint
    }

    /// SHA-256 of [`jws`](Self::jws). The next entry holds it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.jws().as_bytes())
    }

    /// The log's end, as long as this entry is its last.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            log_id: self.log_id,
            entries: self.sequence.saturating_add(1),
            digest: self.digest(),
        }
    }

    /// What was signed, in JSON.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The digest of the entry before it; `None` for the first.
    pub(crate) const fn previous(&self) -> Option<Digest> {
        self.previous
    }

    /// The text that is left when these personal parts are deleted.
    pub(crate) fn without(&self, mut deleted: impl FnMut(&Personal) -> bool) -> String {
        let mut text = format!("{}~", self.jws());
        // Disclosures stand in the order of the parts.
        for (part, disclosure) in self.personal.iter().zip(self.text.split('~').skip(1)) {
            if !deleted(part) {
                text.push_str(disclosure);
                text.push('~');
            }
        }
        text
    }

    /// Signs the first entry of a log.
    pub(crate) fn sign_opening(opening: Opening, seed: &Seed, signer: &impl Signer) -> Result<Self, Error> {
        let claims = OpeningClaims {
            schema: SCHEMA.to_owned(),
            kind: OPENING.to_owned(),
            log_id: LogId(seed.identifier("log_id")),
            sequence: 0,
            record_id: record_id(seed),
            opened_at: opening.opened_at,
            key_thumbprint: signer.verifying_key().thumbprint(),
            continues: opening.continues,
        };
        let mut text = sign_claims(&claims, signer)?;
        text.push('~');
        Self::verify(&text, &signer.verifying_key()).map_err(Error::NotReadBack)
    }

    /// Signs a check to follow an entry.
    pub(crate) fn sign_check(
        record: &CheckRecord,
        personal: &[Personal],
        previous: &Self,
        seed: &Seed,
        signer: &impl Signer,
    ) -> Result<Self, Error> {
        let mut delete_on = BTreeMap::new();
        let mut disclosures = Vec::new();
        for part in personal {
            if delete_on.insert(part.value.kind(), part.delete_on).is_some() {
                return Err(Error::TwoOfAKind(part.value.kind()));
            }
            disclosures.push(disclose(&part.value, seed)?);
        }
        let digests: BTreeSet<String> = disclosures
            .iter()
            .map(|disclosure| digest_of(disclosure))
            .collect();
        let claims = CheckClaims::new(record, previous, delete_on, digests, seed);
        let mut text = sign_claims(&claims, signer)?;
        text.push('~');
        for disclosure in disclosures {
            text.push_str(&disclosure);
            text.push('~');
        }
        if text.len() > MAX_ENTRY_LEN {
            return Err(Error::TooLong);
        }
        Self::verify(&text, &signer.verifying_key()).map_err(Error::NotReadBack)
    }

    /// Checks one entry by itself: form, signature, content, personal parts. Not its place in the log.
    pub(crate) fn verify(text: &str, key: &VerifyingKey) -> Result<Self, Fault> {
        let parts = text.strip_suffix('~').ok_or(Fault::Malformed)?;
        let (jws, disclosures) = parts
            .split_once('~')
            .map_or((parts, None), |(jws, rest)| (jws, Some(rest)));
        let payload = jws::verified_payload(jws, key)?;
        let (mut entry, mut digests) = Self::read(&payload, key).ok_or(Fault::UnknownContent)?;
        for disclosure in disclosures.into_iter().flat_map(|rest| rest.split('~')) {
            // Each digest once: a part cannot stand there twice.
            if !digests.remove(&digest_of(disclosure)) {
                return Err(Fault::ForeignPersonal);
            }
            let value = read_disclosure(disclosure).ok_or(Fault::UnknownContent)?;
            let kind = value.kind();
            let delete_on = *entry.delete_on.get(&kind).ok_or(Fault::UnknownContent)?;
            if entry.personal.iter().any(|part| part.value.kind() == kind) {
                return Err(Fault::UnknownContent);
            }
            entry.personal.push(Personal { value, delete_on });
        }
        text.clone_into(&mut entry.text);
        entry.key_thumbprint = key.thumbprint();
        entry.payload = payload;
        Ok(entry)
    }

    /// Reads a payload, with the digests of its personal parts. `None` when anything in it is not what this version
    /// writes: nothing is guessed.
    fn read(payload: &[u8], key: &VerifyingKey) -> Option<(Self, BTreeSet<String>)> {
        let form: Form = serde_json::from_slice(payload).ok()?;
        if form.schema != SCHEMA {
            return None;
        }
        match form.kind.as_str() {
            OPENING => {
                let claims: OpeningClaims = serde_json::from_slice(payload).ok()?;
                let is_first = claims.sequence == 0 && claims.key_thumbprint == key.thumbprint();
                let entry = is_first.then(|| claims.into_entry())?;
                Some((entry, BTreeSet::new()))
            }
            CHECK => {
                let claims: CheckClaims = serde_json::from_slice(payload).ok()?;
                claims.into_entry()
            }
            _ => None,
        }
        .filter(|(entry, _)| bytes_of_hex::<16>(&entry.record_id).is_some())
    }
}

/// Nothing of the content: it may be personal.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({} of log {})", self.sequence, self.log_id)
    }
}

const OPENING: &str = "opening";
const CHECK: &str = "check";
const SD_ALG: &str = "sha-256";

fn record_id(seed: &Seed) -> String {
    base16ct::lower::encode_string(&seed.identifier("record_id"))
}

fn sign_claims(claims: &impl Serialize, signer: &impl Signer) -> Result<String, Error> {
    // Strings, numbers and maps by strings: serialising them cannot fail.
    let payload = serde_json::to_vec(claims).map_err(|_| Error::TooLong)?;
    jws::sign(&payload, signer)
}

/// What every payload has.
#[derive(Deserialize)]
struct Form {
    schema: String,
    kind: String,
}

/// The payload of an opening entry.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpeningClaims {
    schema: String,
    kind: String,
    log_id: LogId,
    sequence: u64,
    record_id: String,
    opened_at: Moment,
    key_thumbprint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    continues: Option<Head>,
}

impl OpeningClaims {
    fn into_entry(self) -> Entry {
        Entry {
            log_id: self.log_id,
            sequence: self.sequence,
            previous: None,
            record_id: self.record_id,
            content: Content::Opening(Opening {
                opened_at: self.opened_at,
                continues: self.continues,
            }),
            personal: Vec::new(),
            delete_on: BTreeMap::new(),
            key_thumbprint: String::new(),
            payload: Vec::new(),
            text: String::new(),
        }
    }
}

/// The payload of a check.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckClaims {
    schema: String,
    kind: String,
    log_id: LogId,
    sequence: u64,
    prev_record_digest: Digest,
    record_id: String,
    recorded_at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case_id: Option<Label>,
    purpose: Label,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consent_at: Option<Moment>,
    operator_id: Label,
    app_version: Label,
    taxonomy_version: String,
    policy_name: Label,
    chip_signature_status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chip_signature_reason: Option<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trust_profile: Option<TrustProfile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    anchor_sha256: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chip_read_id: Option<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    printed_validity_passed: Option<bool>,
    outcome: LookupOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input_source: Option<InputSource>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    classified_by: Option<ClassifiedBy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handoff_url: Option<HandoffUrl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence_digest: Option<Digest>,
    decision: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision_reason: Option<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_check_on: Option<Date>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    delete_on: BTreeMap<PersonalKind, Date>,
    #[serde(rename = "_sd", default, skip_serializing_if = "BTreeSet::is_empty")]
    digests: BTreeSet<String>,
    #[serde(rename = "_sd_alg")]
    digest_algorithm: String,
}

impl CheckClaims {
    fn new(
        record: &CheckRecord,
        previous: &Entry,
        delete_on: BTreeMap<PersonalKind, Date>,
        digests: BTreeSet<String>,
        seed: &Seed,
    ) -> Self {
        let gate = record.gate().clone();
        let chip = record.chip();
        let (trust_profile, anchor_sha256) = match chip {
            ChipSignature::Verified {
                trust_profile,
                anchor_sha256,
            } => (Some(*trust_profile), *anchor_sha256),
            _ => (None, None),
        };
        let details = record.lookup().details().clone();
        let decision = record.decision().clone();
        Self {
            schema: SCHEMA.to_owned(),
            kind: CHECK.to_owned(),
            log_id: previous.log_id,
            sequence: previous.sequence.saturating_add(1),
            prev_record_digest: previous.digest(),
            record_id: record_id(seed),
            recorded_at: record.recorded_at(),
            case_id: record.case_id.clone(),
            purpose: gate.purpose,
            consent_at: match gate.consent {
                Consent::GivenAt(moment) => Some(moment),
                Consent::Missing => None,
            },
            operator_id: gate.operator_id,
            app_version: gate.app_version,
            taxonomy_version: TAXONOMY_VERSION.to_owned(),
            policy_name: decision.policy_name,
            chip_signature_status: chip.status().to_owned(),
            chip_signature_reason: chip.reason().cloned(),
            trust_profile,
            anchor_sha256,
            chip_read_id: record.chip_read_id.clone(),
            printed_validity_passed: record.printed_validity_passed,
            outcome: record.lookup().outcome(),
            input_source: details.input_source,
            classified_by: details.classified_by,
            handoff_url: details.handoff_url,
            opened_at: details.opened_at,
            answered_at: details.answered_at,
            evidence_digest: details.evidence_digest,
            decision: decision.action,
            decision_reason: decision.reason,
            next_check_on: record.next_check_on,
            delete_on,
            digests,
            digest_algorithm: SD_ALG.to_owned(),
        }
    }

    fn into_entry(self) -> Option<(Entry, BTreeSet<String>)> {
        let is_known = self.sequence > 0
            && self.taxonomy_version == TAXONOMY_VERSION
            && self.digest_algorithm == SD_ALG
            && self.digests.len() == self.delete_on.len();
        if !is_known {
            return None;
        }
        let record = self.record().ok()?;
        let entry = Entry {
            log_id: self.log_id,
            sequence: self.sequence,
            previous: Some(self.prev_record_digest),
            record_id: self.record_id,
            content: Content::Check(Box::new(record)),
            personal: Vec::new(),
            delete_on: self.delete_on,
            key_thumbprint: String::new(),
            payload: Vec::new(),
            text: String::new(),
        };
        Some((entry, self.digests))
    }

    /// The record, by the same rules as when it was made.
    fn record(&self) -> Result<CheckRecord, RecordError> {
        let chip = ChipSignature::from_claims(
            &self.chip_signature_status,
            self.chip_signature_reason.clone(),
            self.trust_profile,
            self.anchor_sha256,
        )?;
        let details = LookupDetails {
            input_source: self.input_source,
            classified_by: self.classified_by,
            handoff_url: self.handoff_url.clone(),
            opened_at: self.opened_at,
            answered_at: self.answered_at,
            evidence_digest: self.evidence_digest,
        };
        let gate = Gate {
            purpose: self.purpose.clone(),
            consent: self.consent_at.map_or(Consent::Missing, Consent::GivenAt),
            operator_id: self.operator_id.clone(),
            app_version: self.app_version.clone(),
        };
        let decision = Decision {
            action: self.decision,
            policy_name: self.policy_name.clone(),
            reason: self.decision_reason.clone(),
        };
        let lookup = Lookup::new(self.outcome, details)?;
        let mut record = CheckRecord::new(self.recorded_at, gate, chip, lookup, decision)?;
        record.case_id = self.case_id.clone();
        record.chip_read_id = self.chip_read_id.clone();
        record.printed_validity_passed = self.printed_validity_passed;
        record.next_check_on = self.next_check_on;
        Ok(record)
    }
}
