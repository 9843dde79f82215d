//! Answers given earlier for the same check.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{DataAge, Inquiry, Lookup, LookupSource, NegativeMeaning, NotAsked, Outcome, SourceDescription};

/// The secret that binds an answer to its check and its number: 32 random bytes, one for each device or tenant.
///
/// Card numbers have about 45 bits, so a digest without a secret could be turned back into the number.
#[derive(Clone)]
pub struct BindingKey(Zeroizing<[u8; 32]>);

impl BindingKey {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for BindingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BindingKey(..)")
    }
}

/// One answer, kept for one check of one card. It holds no number and can be stored.
///
/// A keyed code (HMAC-SHA-256) covers the check's id, number, date and the whole answer: a changed record is none, and
/// no other check can use it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedAnswer {
    lookup: Lookup,
    #[serde(with = "binding")]
    binding: [u8; 32],
}

impl RecordedAnswer {
    /// Keeps a lookup's answer for a check. `None` when it has no answer: what was not answered is asked again.
    #[must_use]
    pub fn keep(lookup: &Lookup, check_id: &str, inquiry: &Inquiry, key: &BindingKey) -> Option<Self> {
        let Outcome::Answered(_) = lookup.outcome() else {
            return None;
        };
        Some(Self {
            lookup: lookup.clone(),
            binding: code(lookup, check_id, inquiry, key)?
                .finalize()
                .into_bytes()
                .into(),
        })
    }

    /// The answer, if it was kept for this check and this inquiry.
    #[must_use]
    pub fn of(&self, check_id: &str, inquiry: &Inquiry, key: &BindingKey) -> Option<&Lookup> {
        let code = code(&self.lookup, check_id, inquiry, key)?;
        code.verify_slice(&self.binding).is_ok().then_some(&self.lookup)
    }
}

fn code(lookup: &Lookup, check_id: &str, inquiry: &Inquiry, key: &BindingKey) -> Option<Hmac<Sha256>> {
    let mut code = Hmac::<Sha256>::new_from_slice(&*key.0).ok()?;
    let lookup = serde_json::to_vec(lookup).ok()?;
    let date = inquiry.valid_until().to_string();
    let parts: [&[u8]; 5] = [
        b"zairyu.recorded-answer/1",
        check_id.as_bytes(),
        inquiry.number().expose_bytes(),
        date.as_bytes(),
        &lookup,
    ];
    for part in parts {
        code.update(&u64::try_from(part.len()).ok()?.to_be_bytes());
        code.update(part);
    }
    Some(code)
}

/// The binding code as text.
mod binding {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(code: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(D::Error::custom("a binding code has 64 hexadecimal digits"));
        }
        let mut code = [0; 32];
        for (byte, pair) in code.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = core::str::from_utf8(pair).map_err(D::Error::custom)?;
            *byte = u8::from_str_radix(pair, 16).map_err(D::Error::custom)?;
        }
        Ok(code)
    }
}

/// The answers kept for one check, as a source. It asks nobody; what it has no answer to is put off.
///
/// An answer comes back with the time it was given, however long ago: [`Lookup::is_fresh`] and the policy judge that.
#[derive(Debug)]
pub struct Recorded {
    check_id: String,
    key: BindingKey,
    answers: Vec<RecordedAnswer>,
}

impl Recorded {
    /// The answers of one check, which may come from a store with others between them.
    #[must_use]
    pub fn new(check_id: impl Into<String>, key: BindingKey, answers: Vec<RecordedAnswer>) -> Self {
        Self {
            check_id: check_id.into(),
            key,
            answers,
        }
    }

    /// The newest answer to this inquiry, and how old it is. One from the future is none.
    #[must_use]
    pub fn newest(&self, inquiry: &Inquiry, now: Timestamp) -> Option<(&Lookup, SignedDuration)> {
        self.answers
            .iter()
            .filter_map(|answer| answer.of(&self.check_id, inquiry, &self.key))
            .filter(|lookup| lookup.as_of() <= now)
            .max_by_key(|lookup| lookup.as_of())
            .map(|lookup| (lookup, lookup.age(now)))
    }
}

impl LookupSource for Recorded {
    fn description(&self) -> SourceDescription {
        // The weakest of each: the answers may come from any source.
        SourceDescription {
            name: "recorded answers of this check".to_owned(),
            negative_means: NegativeMeaning::NotOnList,
            data_age: DataAge::Unknown,
        }
    }

    fn look_up(&mut self, inquiry: &Inquiry) -> Lookup {
        let now = Timestamp::now();
        match self.newest(inquiry, now) {
            Some((lookup, _)) => lookup.clone(),
            None => Lookup::not_asked(NotAsked::Deferred, now),
        }
    }
}
