//! One question, one answer of three: verified, failed, not checked.

use core::fmt;

use zairyu_protocol::StatusWord;

use crate::{jpki::CertificateFault, object::FileFault};

/// The answer to one question, with what it rests on. No boolean can hold it, and several are never made into one.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof<T = ()> {
    result: Result<T, Reason>,
    anchor: Option<Provenance>,
}

impl<T> Proof<T> {
    pub(crate) const fn verified(content: T, anchor: Provenance) -> Self {
        Self {
            result: Ok(content),
            anchor: Some(anchor),
        }
    }

    pub(crate) const fn because(reason: Reason) -> Self {
        Self {
            result: Err(reason),
            anchor: None,
        }
    }

    /// What follows for a check that went like this, when the key it was made with is another proof's.
    pub(crate) fn resting_on<U>(upstream: &Proof<U>, own: Result<T, Reason>) -> Self {
        let result = match (own, upstream.status()) {
            (Err(reason), _) => Err(reason),
            (Ok(content), Status::Verified) => Ok(content),
            (Ok(_), Status::Failed) => Err(Reason::RestsOnFailure),
            (Ok(_), Status::NotChecked) => Err(Reason::RestsOnUnchecked),
        };
        let mut proof = Self {
            result,
            anchor: upstream.anchor,
        };
        if proof.status() == Status::NotChecked {
            proof.anchor = None;
        }
        proof
    }

    /// The answer in one word.
    #[must_use]
    pub fn status(&self) -> Status {
        self.result
            .as_ref()
            .map_or_else(Reason::status, |_| Status::Verified)
    }

    /// What was verified; `None` unless the status is [`Status::Verified`].
    #[must_use]
    pub fn content(&self) -> Option<&T> {
        self.result.as_ref().ok()
    }

    /// Why it is not verified; `None` when it is.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        self.result.as_ref().err()
    }

    /// Where the anchor comes from that the answer rests on; `None` when none was reached, or nothing was checked.
    #[must_use]
    pub const fn anchor(&self) -> Option<Provenance> {
        self.anchor
    }
}

/// Shows no content.
impl<T> fmt::Debug for Proof<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Proof");
        shown.field("status", &self.status());
        if let Err(reason) = &self.result {
            shown.field("reason", reason);
        }
        shown.field("anchor", &self.anchor).finish()
    }
}

/// The three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Everything that the question asks was checked and is right.
    Verified,
    /// Something is wrong; the [`Reason`] says what.
    Failed,
    /// It was not checked, or not to its end; the [`Reason`] says why.
    NotChecked,
}

impl Status {
    /// The stable name: `verified`, `failed` or `not_checked`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::NotChecked => "not_checked",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where an anchor comes from. Decided by its SHA-256 and nothing else, so that a test key can never pass for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Provenance {
    /// J-LIS publishes it.
    JlisPublished,
    /// Developers found it and share it; no official publication is known.
    CommunitySupplied,
    /// It belongs to test cards. What rests on it is a test card.
    Test,
    /// Whoever loaded it vouches for it.
    Custom,
}

impl Provenance {
    /// The stable name: `jlis_published`, `community_supplied`, `test` or `custom`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JlisPublished => "jlis_published",
            Self::CommunitySupplied => "community_supplied",
            Self::Test => "test",
            Self::Custom => "custom",
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a [`Proof`] is not verified. [`Self::as_str`] is the stable name, `Display` a sentence for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// No anchor is loaded for the CA that the card names.
    #[error("No key is loaded of the CA that this card names, so that nothing vouches for it.")]
    NoAnchor,
    /// What this rests on was not checked.
    #[error("This matches, but what it rests on was not checked.")]
    RestsOnUnchecked,
    /// What this rests on failed.
    #[error("What this rests on has failed, so that it proves nothing.")]
    RestsOnFailure,
    /// The chip was not asked to sign a challenge.
    #[error("The chip was not asked to prove itself.")]
    NotAsked,
    /// The chip did not sign the challenge. The keys of the text and the visual application need no PIN, so that a genuine card
    /// signs: take a refusal for what it may be, a copy. That of the certificate needs the PIN.
    #[error(
        "The chip did not sign the challenge ({0}). A genuine card does: try again, and if it stays so, treat it as a copy."
    )]
    ChipDidNotSign(StatusWord),
    /// Revocation information is given to notified or certified verifiers only.
    #[error(
        "Revocation was not checked: by law (公的個人認証法 第36条) J-LIS gives this information only to verifiers that have \
         notified it or are certified."
    )]
    RevocationReserved,
    /// The revocation source gave no answer.
    #[error("Revocation was not checked: the source gave no answer.")]
    RevocationUnavailable,
    /// A file is damaged.
    #[error("{0}.")]
    Malformed(FileFault),
    /// The issuer's key is certified by the CA of the other application.
    #[error("The issuer's key is certified by a CA that is not for this application.")]
    CaOfOtherApplication,
    /// The signature over the issuer's key is not its CA's.
    #[error("The issuer's key is not certified by the CA that the card names.")]
    IssuerSignature,
    /// A public key is not of 2048 bits with the exponent 65537.
    #[error("A public key on the card is of a kind that these cards do not have.")]
    KeyKind,
    /// The content is not what was hashed.
    #[error("The content does not match its signed hash: one of them was changed.")]
    HashMismatch,
    /// The signature is not the issuer's over this content.
    #[error("The signature does not match the content: one of them was changed.")]
    SignatureMismatch,
    /// The answer to the challenge was not made with the key that the issuer certified.
    #[error(
        "The chip does not have the key that was issued to it: it is a copy, or the answer is an old one."
    )]
    ChallengeMismatch,
    /// The certificate breaks a rule.
    #[error("The certificate cannot be relied on: {0}.")]
    Certificate(CertificateFault),
    /// The certificate was revoked.
    #[error("The certificate was revoked.")]
    Revoked,
    /// The certificate is suspended.
    #[error("The certificate is suspended, as after a reported loss.")]
    Suspended,
}

impl Reason {
    /// The stable name, such as `signature_mismatch`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoAnchor => "no_anchor",
            Self::RestsOnUnchecked => "rests_on_unchecked",
            Self::RestsOnFailure => "rests_on_failure",
            Self::NotAsked => "not_asked",
            Self::ChipDidNotSign(_) => "chip_did_not_sign",
            Self::RevocationReserved => "revocation_reserved",
            Self::RevocationUnavailable => "revocation_unavailable",
            Self::Malformed(_) => "malformed",
            Self::CaOfOtherApplication => "ca_of_other_application",
            Self::IssuerSignature => "issuer_signature",
            Self::KeyKind => "key_kind",
            Self::HashMismatch => "hash_mismatch",
            Self::SignatureMismatch => "signature_mismatch",
            Self::ChallengeMismatch => "challenge_mismatch",
            Self::Certificate(_) => "certificate",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
        }
    }

    /// The status that goes with it.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::NoAnchor
            | Self::RestsOnUnchecked
            | Self::NotAsked
            | Self::ChipDidNotSign(_)
            | Self::RevocationReserved
            | Self::RevocationUnavailable => Status::NotChecked,
            Self::RestsOnFailure
            | Self::Malformed(_)
            | Self::CaOfOtherApplication
            | Self::IssuerSignature
            | Self::KeyKind
            | Self::HashMismatch
            | Self::SignatureMismatch
            | Self::ChallengeMismatch
            | Self::Certificate(_)
            | Self::Revoked
            | Self::Suspended => Status::Failed,
        }
    }
}

impl From<FileFault> for Reason {
    fn from(fault: FileFault) -> Self {
        Self::Malformed(fault)
    }
}
