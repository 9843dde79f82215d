//! What the text and the visual application prove, offline.

use alloc::string::ToString;

use crate::{
    application::File,
    content::{Attributes, BirthDate, Face, Sex, UnsignedFace},
    files::{AgeFiles, AttributeFiles, ChallengeAnswer, FaceFiles},
    issuer::{CvAnchors, Issuer, public_key},
    object::{Object, Objects},
    proof::{Proof, Reason},
    rsa_key::{RsaKey, sha256},
};

/// What the card's face proves, line by line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FaceProofs {
    /// A CA of My Number Cards certified the key that signed the face.
    pub issuer: Proof,
    /// Date of birth, sex, name, address and photo are as issued; and the chip's key too.
    pub face: Proof<Face>,
    /// The chip is the one that was issued, not a copy of its files.
    pub chip: Proof,
    /// What nobody signed; `None` when the file is damaged.
    pub unsigned: Option<UnsignedFace>,
}

/// What the text application proves, line by line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AttributeProofs {
    /// A CA of My Number Cards certified the key that signed the rest.
    pub issuer: Proof,
    /// Name, address, date of birth and sex are as issued. To which card, the text application does not say.
    pub attributes: Proof<Attributes>,
    /// The chip's key belongs to a card that the issuer made.
    pub card_key: Proof,
    /// The chip holds that key. **It may be another card's than the attributes**: nothing ties the two signatures together, so
    /// that a forger can join a genuine chip to the attributes of another card of the same municipality. Where that matters,
    /// read the face, whose signature covers the chip's key too.
    pub chip: Proof,
}

/// What the age record proves, line by line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AgeProofs {
    /// A CA of My Number Cards certified the key that signed the record.
    pub issuer: Proof,
    /// The date of birth is as issued; and the chip's key too.
    pub age: Proof<BirthDate>,
    /// The chip is the one that was issued, not a copy of its files.
    pub chip: Proof,
}

impl FaceFiles {
    /// Checks everything that can be checked without asking anybody.
    #[must_use]
    pub fn judge(&self, anchors: &CvAnchors) -> FaceProofs {
        let issuer = Issuer::judge(File::VisualIssuer, &self.issuer, anchors);
        let objects = Objects::in_file(File::Face, &self.face, 0xFF20);
        let unsigned = objects.as_ref().ok().map(|objects| {
            let value = |tag| objects.get(tag).ok().map(|object| object.value);
            UnsignedFace::new(value(0xDF29), value(0xDF2A))
        });
        let checked = objects
            .map_err(Reason::from)
            .and_then(|objects| face(&objects, issuer.key.as_ref()));
        let (face, key) = split(checked);
        let face = Proof::resting_on(&issuer.proof, face);
        FaceProofs {
            chip: chip(&face, key.as_ref(), self.answer.as_ref()),
            issuer: issuer.proof,
            face,
            unsigned,
        }
    }
}

impl AttributeFiles {
    /// Checks everything that can be checked without asking anybody. The hash of the My Number takes part as 32 bytes
    /// that nobody looks into.
    #[must_use]
    pub fn judge(&self, anchors: &CvAnchors) -> AttributeProofs {
        let issuer = Issuer::judge(File::TextIssuer, &self.issuer, anchors);
        let attributes = attributes(&self.attributes, &self.integrity_record, issuer.key.as_ref());
        let (card_key, key) = split(card_key(&self.card_key, issuer.key.as_ref()).map(|key| ((), key)));
        let card_key = Proof::resting_on(&issuer.proof, card_key);
        AttributeProofs {
            attributes: Proof::resting_on(&issuer.proof, attributes),
            chip: chip(&card_key, key.as_ref(), self.answer.as_ref()),
            card_key,
            issuer: issuer.proof,
        }
    }
}

impl AgeFiles {
    /// Checks everything that can be checked without asking anybody.
    #[must_use]
    pub fn judge(&self, anchors: &CvAnchors) -> AgeProofs {
        let issuer = Issuer::judge(File::VisualIssuer, &self.issuer, anchors);
        let (age, key) = split(age(&self.age, issuer.key.as_ref()));
        let age = Proof::resting_on(&issuer.proof, age);
        AgeProofs {
            chip: chip(&age, key.as_ref(), self.answer.as_ref()),
            issuer: issuer.proof,
            age,
        }
    }
}

fn split<T>(checked: Result<(T, RsaKey), Reason>) -> (Result<T, Reason>, Option<RsaKey>) {
    match checked {
        Ok((content, key)) => (Ok(content), Some(key)),
        Err(reason) => (Err(reason), None),
    }
}

/// The issuer's key, without which no signature can be checked.
fn issuer_key(key: Option<&RsaKey>) -> Result<&RsaKey, Reason> {
    key.ok_or(Reason::RestsOnFailure)
}

/// The signature of three hashes over the face.
fn face(objects: &Objects<'_>, issuer: Option<&RsaKey>) -> Result<(Face, RsaKey), Reason> {
    objects.check_offsets(0xDF21)?;
    let [birth, sex, card, name, address, photo, signature] =
        [0xDF22, 0xDF23, 0xDF24, 0xDF25, 0xDF26, 0xDF27, 0xDF28].map(|tag| objects.get(tag));
    let (birth, sex, card) = (birth?, sex?, card?);
    let (name, address, photo) = (name?, address?, photo?);
    let hashes = [
        sha256(&[birth.raw, sex.raw, card.raw]),
        sha256(&[name.raw, address.raw]),
        sha256(&[photo.raw]),
    ];
    if !issuer_key(issuer)?.signed_three(hashes, signature?.value) {
        return Err(Reason::SignatureMismatch);
    }
    let face = Face {
        date_of_birth: birth_date(objects, birth)?,
        sex: Sex::new(sex.value),
        name: name.value.to_vec(),
        address: address.value.to_vec(),
        photo: photo.value.to_vec(),
    };
    Ok((face, public_key(File::Face, card.value)?))
}

/// The hash of the attributes in EF 0003, and the signature over both hashes there.
fn attributes(file: &[u8], record: &[u8], issuer: Option<&RsaKey>) -> Result<Attributes, Reason> {
    let objects = Objects::in_file(File::Attributes, file, 0xFF20)?;
    objects.check_offsets(0xDF21)?;
    let [name, address, birth, sex] = [0xDF22, 0xDF23, 0xDF24, 0xDF25].map(|tag| objects.get(tag));
    let (name, address, birth, sex) = (name?, address?, birth?, sex?);

    let record = Objects::in_file(File::IntegrityRecord, record, 0xFF30)?;
    let (number_hash, attributes_hash, signature) =
        (record.get(0xDF31)?, record.get(0xDF32)?, record.get(0xDF33)?);
    if attributes_hash.value != sha256(&[name.raw, address.raw, birth.raw, sex.raw]) {
        return Err(Reason::HashMismatch);
    }
    if !issuer_key(issuer)?.signed(&[number_hash.raw, attributes_hash.raw], signature.value) {
        return Err(Reason::SignatureMismatch);
    }
    let text = |object: Object<'_>| {
        let text = core::str::from_utf8(object.value);
        text.map(ToString::to_string)
            .map_err(|_| objects.wrong_value(object))
    };
    Ok(Attributes {
        name: text(name)?,
        address: text(address)?,
        date_of_birth: birth_date(&objects, birth)?,
        sex: Sex::new(sex.value),
    })
}

/// The chip's key in EF 0007 of the text application.
fn card_key(file: &[u8], issuer: Option<&RsaKey>) -> Result<RsaKey, Reason> {
    let objects = Objects::in_file(File::TextCardKey, file, 0xFF50)?;
    let (key, signature) = (objects.get(0xDF51)?, objects.get(0xDF52)?);
    if !issuer_key(issuer)?.signed(&[key.raw], signature.value) {
        return Err(Reason::SignatureMismatch);
    }
    public_key(File::TextCardKey, key.value)
}

/// EF 0001 of the visual application.
fn age(file: &[u8], issuer: Option<&RsaKey>) -> Result<(BirthDate, RsaKey), Reason> {
    let objects = Objects::in_file(File::AgeRecord, file, 0xFF10)?;
    let (birth, key, signature) = (objects.get(0xDF11)?, objects.get(0xDF12)?, objects.get(0xDF13)?);
    if !issuer_key(issuer)?.signed(&[birth.raw, key.raw], signature.value) {
        return Err(Reason::SignatureMismatch);
    }
    Ok((
        birth_date(&objects, birth)?,
        public_key(File::AgeRecord, key.value)?,
    ))
}

fn birth_date(objects: &Objects<'_>, object: Object<'_>) -> Result<BirthDate, Reason> {
    BirthDate::new(object.value).ok_or_else(|| objects.wrong_value(object).into())
}

/// Whether the chip signed the challenge with the key that the other proof is about.
fn chip<T>(certified: &Proof<T>, key: Option<&RsaKey>, answer: Option<&ChallengeAnswer>) -> Proof {
    let own = signed_challenge(key, answer);
    Proof::resting_on(certified, own)
}

pub(crate) fn signed_challenge(key: Option<&RsaKey>, answer: Option<&ChallengeAnswer>) -> Result<(), Reason> {
    let answer = answer.ok_or(Reason::NotAsked)?;
    let signature = answer
        .answer
        .as_ref()
        .map_err(|&status| Reason::ChipDidNotSign(status))?;
    if key
        .ok_or(Reason::RestsOnFailure)?
        .signed(&[answer.challenge.bytes()], signature)
    {
        Ok(())
    } else {
        Err(Reason::ChallengeMismatch)
    }
}
