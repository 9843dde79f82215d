use zairyu_data::{File, Generation};

use crate::{
    CardBuilder, CertificateFault, Field, IssuedCard, Validity,
    certificate::{self, Plan, Subject},
    der::Node,
    keys::{self, PrivateKey},
    oid,
};

/// Why a card or a certificate could not be issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// A specified card without a profile, whose files are not public.
    #[error("cards of this type need a profile: their file table is not public")]
    UnknownFiles,
    /// The profile contradicts itself, or the card is no specified one.
    #[error("the profile fits no card")]
    Profile,
    /// The card number is not two letters, eight digits and two letters.
    #[error("the card number has not the form AB12345678CD")]
    Number,
    /// Cards of this type have no such field.
    #[error("cards of this type have no field {0:?}")]
    NoSuchField(Field),
    /// A field's value is longer than its place.
    #[error("the value of {field:?} has {length} bytes, and there is room for {capacity}")]
    ValueTooLong {
        /// The field.
        field: Field,
        /// Its value's length in bytes.
        length: usize,
        /// What would fit.
        capacity: usize,
    },
    /// A file's objects are together longer than the file.
    #[error("the {file} file would have {length} bytes, and there is room for {capacity}")]
    FileTooLong {
        /// The file.
        file: File,
        /// Its objects' length in bytes.
        length: usize,
        /// What would fit.
        capacity: usize,
    },
    /// The check code asked for is of the other generation.
    #[error("a check code of this kind needs the key of the other generation")]
    WrongKey,
    /// A key could not be read or used.
    #[error("a key could not be used")]
    Key,
    /// The system gave no randomness for a fresh key.
    #[error("the system gave no randomness")]
    Randomness,
}

/// What the CA calls itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IssuerName {
    /// `C=JP, O=zairyu, CN=zairyu test CA` (second generation: `CA2`).
    Test,
    /// `C=JP, O=Japanese Government, OU=The Ministry of Justice, CN=ZairyuCard CA` (second generation: `CA2`): the real
    /// CA's name, to show that a name alone opens nothing.
    Ministry,
    /// `C=JP, O=zairyu, CN=another CA`.
    Unrelated,
}

impl IssuerName {
    pub(crate) fn node(self, second: bool) -> Node {
        let country = (oid::COUNTRY, "JP");
        let zairyu = (oid::ORGANIZATION, "zairyu");
        let common = |first_name, second_name| {
            let text = if second { second_name } else { first_name };
            (oid::COMMON_NAME, text)
        };
        match self {
            Self::Test => certificate::name(&[country, zairyu, common("zairyu test CA", "zairyu test CA2")]),
            Self::Ministry => certificate::name(&[
                country,
                (oid::ORGANIZATION, "Japanese Government"),
                (oid::ORGANIZATIONAL_UNIT, "The Ministry of Justice"),
                common("ZairyuCard CA", "ZairyuCard CA2"),
            ]),
            Self::Unrelated => certificate::name(&[country, zairyu, common("another CA", "another CA")]),
        }
    }
}

/// An issuer of made-up cards, with a CA for each generation.
///
/// Its keys are fixed, part of this crate, public and worthless: the same card is issued byte for byte each time.
#[derive(Clone)]
pub struct Issuer {
    name: IssuerName,
    keys: Keys,
    ca_validity: Validity,
    ca_faults: Vec<CertificateFault>,
}

#[derive(Clone)]
enum Keys {
    Usual,
    Other,
    Fresh { ca: PrivateKey, card: PrivateKey },
}

impl Default for Issuer {
    fn default() -> Self {
        Self::new()
    }
}

impl Issuer {
    /// The usual issuer.
    #[must_use]
    pub fn new() -> Self {
        Self {
            name: IssuerName::Test,
            keys: Keys::Usual,
            ca_validity: Validity::new("200101000000Z", "491231235959Z"),
            ca_faults: Vec::new(),
        }
    }

    /// Another issuer of the same name: same names and serial numbers, other CA keys.
    #[must_use]
    pub fn other() -> Self {
        Self {
            keys: Keys::Other,
            ..Self::new()
        }
    }

    /// An issuer with new keys for the second generation, from the system's randomness. Its first generation is that
    /// of [`Issuer::new`].
    ///
    /// # Errors
    ///
    /// [`IssueError::Randomness`] or [`IssueError::Key`].
    pub fn with_fresh_keys() -> Result<Self, IssueError> {
        let keys = Keys::Fresh {
            ca: PrivateKey::fresh_p384()?,
            card: PrivateKey::fresh_p384()?,
        };
        Ok(Self { keys, ..Self::new() })
    }

    /// Gives the CA another name.
    #[must_use]
    pub fn with_name(mut self, name: IssuerName) -> Self {
        self.name = name;
        self
    }

    /// Sets from when to when the CA's certificate is valid; 2020 to the end of 2049 when not set.
    #[must_use]
    pub fn with_ca_validity(mut self, validity: Validity) -> Self {
        self.ca_validity = validity;
        self
    }

    /// Breaks a rule in the CA's certificate.
    #[must_use]
    pub fn with_ca_fault(mut self, fault: CertificateFault) -> Self {
        self.ca_faults.push(fault);
        self
    }

    /// The CA's self-signed certificate in DER: the anchor to trust if one wants to trust this issuer.
    ///
    /// `CA:TRUE` with path length 0, `keyCertSign` and `cRLSign`, a subject key identifier. RSA-2048 for the first
    /// generation, P-384 for the others, SHA-256 both.
    ///
    /// # Errors
    ///
    /// [`IssueError::Key`], which does not happen with the keys of this crate.
    pub fn ca_certificate(&self, generation: Generation) -> Result<Vec<u8>, IssueError> {
        let [ca, _, other] = self.private_keys(generation)?;
        let plan = Plan {
            issuer: self.name,
            subject: Subject::Ca,
            serial: 1,
            validity: self.ca_validity.clone(),
            key: &ca,
            signer: &ca,
            other_signer: &other,
        };
        plan.encode(&self.ca_faults)
    }

    /// Issues the card that `builder` describes.
    ///
    /// # Errors
    ///
    /// [`IssueError`] when the description fits no card.
    pub fn issue(&self, builder: &CardBuilder) -> Result<IssuedCard, IssueError> {
        builder.build(self)
    }

    /// The card's certificate, and the key that makes check codes.
    pub(crate) fn certify(
        &self,
        generation: Generation,
        serial: u64,
        validity: Validity,
        faults: &[CertificateFault],
    ) -> Result<(Vec<u8>, PrivateKey), IssueError> {
        let [ca, card, other] = self.private_keys(generation)?;
        let plan = Plan {
            issuer: self.name,
            subject: Subject::Card,
            serial,
            validity,
            key: &card,
            signer: &ca,
            other_signer: &other,
        };
        let certificate = plan.encode(faults)?;
        Ok((certificate, card))
    }

    /// The CA's key, the cards' key, and the other CA's key.
    fn private_keys(&self, generation: Generation) -> Result<[PrivateKey; 3], IssueError> {
        let second = generation != Generation::First;
        let [ca, card, other] = if second {
            [&keys::SECOND_CA, &keys::SECOND_CARD, &keys::SECOND_OTHER_CA]
        } else {
            [&keys::FIRST_CA, &keys::FIRST_CARD, &keys::FIRST_OTHER_CA]
        };
        let (ca, card, other) = ((**ca).clone()?, (**card).clone()?, (**other).clone()?);
        Ok(match &self.keys {
            Keys::Other => [other, card, ca],
            Keys::Fresh { ca, card } if second => [ca.clone(), card.clone(), other],
            Keys::Usual | Keys::Fresh { .. } => [ca, card, other],
        })
    }
}

/// Shows no key.
impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({:?})", self.name)
    }
}
