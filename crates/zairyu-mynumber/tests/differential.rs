//! This crate against another one that was written without it: `myna-card` 3.3.4 (MIT).
//!
//! # What is compared
//!
//! - **Files**: certificates of issuer keys, face, age record, attributes with their integrity record, the chip's key, the
//!   certificate for user authentication; those of an official test card, and those of the software card. Each as it is,
//!   with bytes flipped, cut, left out, repeated and added, and with whole objects left out, repeated, moved and added.
//!   Both must accept the same files with the same content.
//! - **Sessions**: `myna-card`'s own session code reads the software card. Files, signatures of the chip and tries left must
//!   be those that this crate reads.
//! - **Status words**: all 65,536, in answer to a query of tries and in answer to a secret.
//! - **Tables and numbers**: CA keys, roots, 照合番号B of every day since 1868.
//!
//! Whatever either of them accepts must hold the honest content. Where one accepts what the other refuses, the test names
//! the class of the disagreement and why ours stays as it is. A class that is not named fails the test, and so does a named
//! one that no longer occurs.
//!
//! # What cannot be compared
//!
//! - `myna-card` has its CA keys and roots compiled in and cannot know those of the software card. It is given the software
//!   card's CA key (`verify_with`) and root (`verify_chain`): how it chooses among CAs is compared over the official test
//!   card only.
//! - The test card's files came to this repository from `myna-card`. That both verify them shows nothing about other cards.
//! - This crate has no counterpart of what `myna-card` says about the My Number, the certificate for signing, session keys,
//!   changed PINs, the common and the resident-register application, basic data (EF 0003 and 0005) and the master file.
//! - `myna-card` has no counterpart of revocation, provenance, redaction and ages.
//! - Which root loads as an anchor: it only checks whether a certificate is signed with its own key. That part is compared.
//!
//! A panic of `myna-card` is caught and counted as a refusal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod driver;

use std::{
    collections::BTreeMap,
    fmt::Display,
    panic::{AssertUnwindSafe, catch_unwind},
};

use driver::*;
use jiff::{Timestamp, ToSpan as _, civil};
use myna_card::{
    Card, Certificate, Pin, Retries, Transmit,
    ap::{
        jpki::{CertificateAvailability, JpkiAp, SignatureScheme, TokenType},
        surface::{self, AgeRecord, CardFace, SurfaceAp},
        text::{self, IntegrityRecord, SignedPublicKey, TextAp},
    },
    certificate::roots::{self, Accept, Hierarchy},
    data::{self, CardVerifiableCertificate, RsaPublicKey, sha256, sha256_digest_info},
    transport::mock::MockTransport,
};
use zairyu_mynumber::{
    AgeFiles, Application, AttributeFiles, AttributeKey, AuthPin, BirthDigits, CvAnchors, Device, Error,
    FaceFiles, FileFaultKind, JpkiAnchors, JpkiFiles, KNOWN_CV_KEYS, NumberB, Outcome, PINNED_ROOTS,
    PinStatus, Policy, Proof, Provenance, Reading, Reason, Secret, Sex, Step, TextPin, Tries, YearForm,
};
use zairyu_mynumber_testcard::{
    Application as CardApplication, CardBuilder, CertificateFault as Issued, Filler, IssueFault, IssuedCard,
    LengthForm, Profile, RootFault, ShortRead, SoftwareCard, auth_root, cv_modulus,
};
use zairyu_tlv::Reader;

macro_rules! dump {
    ($file:literal) => {
        include_bytes!(concat!("official_test_card/", $file))
    };
}

const ATTRIBUTES: &[u8] = dump!("text-0002.bin");
const RECORD: &[u8] = dump!("text-0003.bin");
const TEXT_ISSUER: &[u8] = dump!("text-0004.bin");
const CARD_KEY: &[u8] = dump!("text-0007.bin");
const AGE: &[u8] = dump!("surface-0001.bin");
const FACE: &[u8] = dump!("surface-0002.bin");
const VISUAL_ISSUER: &[u8] = dump!("surface-0004.bin");
const AUTH: &[u8] = dump!("jpki-auth-cert.der");
const SIGN: &[u8] = dump!("jpki-sign-cert.der");

const MASKS: [u8; 3] = [0x01, 0x80, 0xFF];

// ---------------------------------------------------------------------------------------------------------------------
// Counting and classing.

/// Why `myna-card` does not accept something.
#[derive(Debug)]
enum TheirFault {
    Panic,
    Error(myna_card::Error),
    /// `Ok(false)` of a comparison of digests.
    Digest,
    /// A file without its end, as if that were all.
    Less,
}

impl TheirFault {
    fn label(&self) -> &'static str {
        match self {
            Self::Panic => "panics",
            Self::Digest => "sees another digest",
            Self::Less => "brings less",
            Self::Error(myna_card::Error::Malformed(_)) => "sees damage",
            Self::Error(myna_card::Error::SignatureInvalid(_)) => "sees a wrong signature",
            Self::Error(myna_card::Error::UnknownCertificateAuthority(_)) => "knows no such CA",
            Self::Error(myna_card::Error::Status(_)) => "stops at a status word",
            Self::Error(myna_card::Error::ExpectedLengthOutOfRange(_)) => "cannot write a command",
            Self::Error(_) => "has another error",
        }
    }
}

/// Calls `myna-card`.
fn theirs<T>(call: impl FnOnce() -> myna_card::Result<T>) -> Result<T, TheirFault> {
    catch_unwind(AssertUnwindSafe(call))
        .map_err(|_| TheirFault::Panic)?
        .map_err(TheirFault::Error)
}

fn our_label(reason: &Reason) -> String {
    match reason {
        Reason::Malformed(fault) => match fault.kind {
            FileFaultKind::Object(_) => "no object",
            FileFaultKind::OtherTag { .. } => "another tag",
            FileFaultKind::BehindObject => "data behind the object",
            FileFaultKind::Missing(_) => "an object missing",
            FileFaultKind::Twice(_) => "an object twice",
            FileFaultKind::Offsets => "wrong offsets",
            FileFaultKind::Value(_) => "a wrong value",
            _ => "another fault",
        }
        .to_owned(),
        Reason::Certificate(fault) => variant(fault),
        other => other.as_str().to_owned(),
    }
}

/// The name of an error without what it holds.
fn variant(error: &impl std::fmt::Debug) -> String {
    let shown = format!("{error:?}");
    shown.split([' ', '(']).next().unwrap_or_default().to_owned()
}

/// One test's comparisons.
#[derive(Default)]
struct Tally {
    comparisons: usize,
    accepted: usize,
    refused: usize,
    panics: usize,
    /// Disagreements by their class: how many, and the first place.
    classes: BTreeMap<String, (usize, String)>,
}

impl Tally {
    fn disagree(&mut self, class: String, place: &dyn Display) {
        let entry = self
            .classes
            .entry(class)
            .or_insert_with(|| (0, place.to_string()));
        entry.0 += 1;
    }

    /// Both say the same of a value that both have.
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, place: impl Display, ours: T, theirs: T) {
        self.comparisons += 1;
        assert_eq!(ours, theirs, "{place}");
        self.accepted += 1;
    }

    /// What either of them accepts must be the honest content.
    fn compare<T: PartialEq>(
        &mut self,
        kind: &str,
        place: impl Display,
        honest: &T,
        ours: Result<T, String>,
        theirs: Result<T, TheirFault>,
    ) {
        self.comparisons += 1;
        if matches!(theirs, Err(TheirFault::Panic)) {
            self.panics += 1;
        }
        for accepted in [ours.as_ref().ok(), theirs.as_ref().ok()].into_iter().flatten() {
            assert!(accepted == honest, "{kind}, {place}: accepted with other content");
        }
        match (ours, theirs) {
            (Ok(_), Ok(_)) => self.accepted += 1,
            (Err(_), Err(_)) => self.refused += 1,
            (Ok(_), Err(fault)) => {
                self.disagree(format!("{kind}: ours alone, theirs {}", fault.label()), &place);
            }
            (Err(reason), Ok(_)) => {
                self.disagree(format!("{kind}: theirs alone, ours sees {reason}"), &place);
            }
        }
    }

    /// Prints the counts, and fails unless exactly these classes of disagreement were met.
    fn finish(self, test: &str, named: &[(&str, &str)]) {
        println!(
            "{test}: {} comparisons, {} accepted by both or the same, {} refused by both, {} disagreements, {} panics of \
             myna-card",
            self.comparisons,
            self.accepted,
            self.refused,
            self.comparisons - self.accepted - self.refused,
            self.panics,
        );
        for (class, (count, first)) in &self.classes {
            let why = named.iter().find(|(name, _)| name == class);
            println!(
                "    {count} x {class} (first: {first}): {}",
                why.map_or("NOT NAMED", |why| why.1)
            );
        }
        let met: Vec<&str> = self.classes.keys().map(String::as_str).collect();
        let mut expected: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
        expected.sort_unstable();
        assert_eq!(met, expected, "{test}");
        assert!(
            self.accepted > 0 && self.comparisons > 1,
            "{test} compared nothing"
        );
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// The same questions to both.

/// The four attributes, or the signed part of the face.
#[derive(Clone, PartialEq, Debug)]
struct Person {
    birth: String,
    sex: &'static str,
    /// Name, address, and the photo of a face.
    parts: Vec<Vec<u8>>,
}

fn our_sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::NotApplicable => "not applicable",
        _ => "unknown",
    }
}

fn their_sex(sex: data::Sex) -> &'static str {
    match sex {
        data::Sex::Male => "male",
        data::Sex::Female => "female",
        data::Sex::NotApplicable => "not applicable",
        data::Sex::Unknown | data::Sex::Other(_) => "unknown",
    }
}

fn digits(date: data::Date) -> String {
    format!("{:04}{:02}{:02}", date.year, date.month, date.day)
}

/// Content or label.
fn ours<T, U>(proof: &Proof<T>, content: impl FnOnce(&T) -> U) -> Result<U, String> {
    proof
        .content()
        .map(content)
        .ok_or_else(|| our_label(proof.reason().unwrap()))
}

fn our_face(file: &[u8], issuer: &[u8], anchors: &CvAnchors) -> Result<Person, String> {
    let proofs = FaceFiles::new(file.to_vec(), issuer.to_vec(), None).judge(anchors);
    ours(&proofs.face, |face| Person {
        birth: face.date_of_birth.digits().to_owned(),
        sex: our_sex(face.sex),
        parts: vec![face.name.clone(), face.address.clone(), face.photo.clone()],
    })
}

fn our_age(file: &[u8], issuer: &[u8], anchors: &CvAnchors) -> Result<String, String> {
    let proofs = AgeFiles::new(file.to_vec(), issuer.to_vec(), None).judge(anchors);
    ours(&proofs.age, |born| born.digits().to_owned())
}

/// EF 0002, 0003, 0004 and 0007 of the text application.
type Text<'a> = [&'a [u8]; 4];

fn text_files([attributes, record, issuer, key]: Text<'_>) -> AttributeFiles {
    AttributeFiles::new(
        attributes.to_vec(),
        record.to_vec(),
        issuer.to_vec(),
        key.to_vec(),
        None,
    )
}

fn our_attributes(files: Text<'_>, anchors: &CvAnchors) -> Result<Person, String> {
    let proofs = text_files(files).judge(anchors);
    ours(&proofs.attributes, |attributes| Person {
        birth: attributes.date_of_birth.digits().to_owned(),
        sex: our_sex(attributes.sex),
        parts: vec![
            attributes.name.as_bytes().to_vec(),
            attributes.address.as_bytes().to_vec(),
        ],
    })
}

fn our_card_key(files: Text<'_>, anchors: &CvAnchors) -> Result<(), String> {
    ours(&text_files(files).judge(anchors).card_key, |&()| ())
}

fn our_issuer(application: Application, file: &[u8], anchors: &CvAnchors) -> Result<(), String> {
    if application == Application::Text {
        let proofs = text_files([&[], &[], file, &[]]).judge(anchors);
        ours(&proofs.issuer, |&()| ())
    } else {
        let proofs = AgeFiles::new(Vec::new(), file.to_vec(), None).judge(anchors);
        ours(&proofs.issuer, |&()| ())
    }
}

/// Which CA keys `myna-card` is asked with: its own, or these.
#[derive(Clone)]
enum TheirCas {
    Own,
    Given(Vec<([u8; 16], RsaPublicKey)>),
}

impl TheirCas {
    /// The key of a certificate that one of them signed.
    fn issuer(&self, file: &[u8]) -> Result<RsaPublicKey, TheirFault> {
        theirs(|| {
            let certificate = CardVerifiableCertificate::parse(file)?;
            match self {
                Self::Own => certificate.verify()?,
                Self::Given(keys) => {
                    let named = keys
                        .iter()
                        .find(|(id, _)| id == certificate.issuer_key_id.as_bytes());
                    let (_, key) = named.ok_or(myna_card::Error::UnknownCertificateAuthority(
                        certificate.issuer_key_id,
                    ))?;
                    certificate.verify_with(key)?;
                }
            }
            Ok(certificate.public_key)
        })
    }
}

fn their_face(file: &[u8], issuer: &RsaPublicKey) -> Result<Person, TheirFault> {
    theirs(|| {
        let face = CardFace::parse(file)?;
        face.verify(issuer)?;
        Ok(Person {
            birth: digits(face.birth_date),
            sex: their_sex(face.sex),
            parts: vec![face.name_image.data, face.address_image.data, face.photo.data],
        })
    })
}

fn their_age(file: &[u8], issuer: &RsaPublicKey) -> Result<String, TheirFault> {
    theirs(|| {
        let record = AgeRecord::parse(file)?;
        record.verify(issuer)?;
        Ok(digits(record.birth_date))
    })
}

fn their_attributes(file: &[u8], record: &[u8], issuer: &RsaPublicKey) -> Result<Person, TheirFault> {
    let matching = theirs(|| {
        let attributes = text::Attributes::parse(file)?;
        let record = IntegrityRecord::parse(record)?;
        record.verify(issuer)?;
        let person = Person {
            birth: digits(attributes.birth_date),
            sex: their_sex(attributes.sex),
            parts: vec![attributes.name.into_bytes(), attributes.address.into_bytes()],
        };
        Ok(record.matches_attributes_file(file)?.then_some(person))
    })?;
    matching.ok_or(TheirFault::Digest)
}

fn their_card_key(file: &[u8], issuer: &RsaPublicKey) -> Result<(), TheirFault> {
    theirs(|| SignedPublicKey::parse(file)?.verify(issuer))
}

// ---------------------------------------------------------------------------------------------------------------------
// The files of a card, and what is done to them.

type Judge<'a, T, E> = dyn Fn(&[u8]) -> Result<T, E> + 'a;

/// One file as both are asked about it, the others being right.
struct Asked<'a, T> {
    name: &'static str,
    file: &'a [u8],
    honest: T,
    ours: Box<Judge<'a, T, String>>,
    theirs: Box<Judge<'a, T, TheirFault>>,
}

impl<T: PartialEq + Clone> Asked<'_, T> {
    fn ask(&self, tally: &mut Tally, kind: &str, place: impl Display, file: &[u8]) {
        let place = format_args!("{} {place}", self.name).to_string();
        tally.compare(kind, place, &self.honest, (self.ours)(file), (self.theirs)(file));
    }

    /// Every byte changed, left out and repeated; cut everywhere; something behind it.
    fn mutate(&self, tally: &mut Tally, masks: &[u8]) {
        self.ask(tally, "as it is", "", self.file);
        for at in 0..self.file.len() {
            for mask in masks {
                let mut changed = self.file.to_vec();
                changed[at] ^= mask;
                self.ask(tally, "flipped", format_args!("byte {at} ^ {mask:02X}"), &changed);
            }
            let (before, behind) = self.file.split_at(at);
            self.ask(tally, "cut", at, before);
            self.ask(tally, "without a byte", at, &[before, &behind[1..]].concat());
            let repeated = [before, &behind[..1], behind].concat();
            self.ask(tally, "with a byte twice", at, &repeated);
        }
        for (kind, added) in [
            ("with ones behind", &[0xFF; 9][..]),
            ("with zeros behind", &[0x00; 9]),
            ("with data behind", &[0xFF, 0xFF, 0x55]),
            ("with itself behind", self.file),
        ] {
            self.ask(tally, kind, "", &[self.file, added].concat());
        }
    }
}

/// What an application's files hold, in order, and the file written again around it.
struct Layout {
    outer: u16,
    /// The list of offsets, if there is one.
    list: Option<u16>,
    objects: Vec<Vec<u8>>,
}

const LONG: usize = 2;

impl Layout {
    fn of(file: &[u8], outer: u16, list: Option<u16>) -> Self {
        let value = Reader::new(file).next_object().unwrap().unwrap().value();
        let mut reader = Reader::new(value);
        let mut objects = Vec::new();
        loop {
            let start = reader.offset();
            let Some(object) = reader.next_object().unwrap() else {
                break;
            };
            let is_list = list.is_some_and(|list| object.tag() == zairyu_tlv::Tag::new(list));
            if !is_list {
                objects.push(value[start..reader.offset()].to_vec());
            }
        }
        Self { outer, list, objects }
    }

    /// A header whose length takes this many bytes behind the first.
    fn header(tag: u16, width: usize, len: usize) -> Vec<u8> {
        let bytes = len.to_be_bytes();
        let width_byte = 0x80 | u8::try_from(width).unwrap();
        [
            &tag.to_be_bytes()[..],
            &[width_byte],
            &bytes[bytes.len() - width..],
        ]
        .concat()
    }

    fn write(&self, objects: &[Vec<u8>], width: usize, inside: &[u8]) -> Vec<u8> {
        let list = self.list.map_or_else(Vec::new, |tag| {
            let len = objects.len() * 2;
            let mut list = Self::header(tag, LONG, len);
            let mut at = 3 + width + list.len() + len;
            for object in objects {
                list.extend(u16::try_from(at).unwrap().to_be_bytes());
                at += object.len();
            }
            list
        });
        let value = [list, objects.concat(), inside.to_vec()].concat();
        [Self::header(self.outer, width, value.len()), value].concat()
    }

    /// Whole objects left out, repeated, moved and added; other lengths of the length; filler inside.
    fn rearrange<T: PartialEq + Clone>(&self, asked: &Asked<'_, T>, tally: &mut Tally) {
        let plain = |objects: &[Vec<u8>]| self.write(objects, LONG, &[]);
        asked.ask(tally, "written again", "", &plain(&self.objects));
        for at in 0..self.objects.len() {
            let mut objects = self.objects.clone();
            let object = objects.remove(at);
            asked.ask(tally, "without an object", at, &plain(&objects));
            for to in (0..self.objects.len()).filter(|to| *to != at) {
                let mut moved = objects.clone();
                moved.insert(to, object.clone());
                let place = format_args!("{at} to {to}").to_string();
                asked.ask(tally, "with an object moved", place, &plain(&moved));
            }
            for to in 0..=self.objects.len() {
                let mut twice = self.objects.clone();
                twice.insert(to, object.clone());
                let place = format_args!("{at} at {to} too").to_string();
                asked.ask(tally, "with an object twice", place, &plain(&twice));
            }
        }
        for at in 0..=self.objects.len() {
            let mut objects = self.objects.clone();
            objects.insert(at, b"\xDF\x7E\x03new".to_vec());
            asked.ask(tally, "with a new object", at, &plain(&objects));
        }
        for width in [3, 4, 8] {
            let file = self.write(&self.objects, width, &[]);
            asked.ask(tally, "with a wide length", width, &file);
        }
        for (kind, filler) in [("with ones inside", 0xFF), ("with zeros inside", 0x00)] {
            let file = self.write(&self.objects, LONG, &[filler; 6]);
            asked.ask(tally, kind, "", &file);
        }
        // Lengths that no machine can hold.
        for length in [[0xFF_u8; 8], [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]] {
            let header = [&self.outer.to_be_bytes()[..], &[0x88], &length].concat();
            let file = [header, self.objects.concat()].concat();
            asked.ask(tally, "with an endless length", length[0], &file);
        }
    }
}

/// All signed files of a card's text and visual application.
struct CvCard<'a> {
    visual_issuer: &'a [u8],
    age: &'a [u8],
    face: &'a [u8],
    text: Text<'a>,
    anchors: CvAnchors,
    cas: TheirCas,
    visual_key: RsaPublicKey,
    text_key: RsaPublicKey,
}

impl<'a> CvCard<'a> {
    fn new(visual: [&'a [u8]; 3], text: Text<'a>, anchors: CvAnchors, cas: TheirCas) -> Self {
        let [age, face, visual_issuer] = visual;
        Self {
            visual_issuer,
            age,
            face,
            text,
            anchors,
            visual_key: cas.issuer(visual_issuer).unwrap(),
            text_key: cas.issuer(text[2]).unwrap(),
            cas,
        }
    }

    fn official() -> CvCard<'static> {
        let mut anchors = CvAnchors::community_supplied().unwrap();
        let id = |number: &[u8; 7]| [&number[..], b"\x08\x05001\0\0\0\0"].concat().try_into().unwrap();
        let (visual, text) = (dump!("6000023.modulus"), dump!("6000033.modulus"));
        anchors.add(Application::Visual, id(b"6000023"), visual).unwrap();
        anchors.add(Application::Text, id(b"6000033"), text).unwrap();
        CvCard::new(
            [AGE, FACE, VISUAL_ISSUER],
            [ATTRIBUTES, RECORD, TEXT_ISSUER, CARD_KEY],
            anchors,
            TheirCas::Own,
        )
    }

    fn of(issued: &'a IssuedCard) -> Self {
        let file = |application, identifier| issued.file(application, identifier).unwrap();
        let visual = |identifier| file(CardApplication::Visual, identifier);
        let text = |identifier| file(CardApplication::Text, identifier);
        let (anchors, cas) = software_cas();
        Self::new(
            [visual(1), visual(2), visual(4)],
            [text(2), text(3), text(4), text(7)],
            anchors,
            cas,
        )
    }

    fn asked_issuer(&self, application: Application) -> Asked<'_, ()> {
        let (name, file) = match application {
            Application::Text => ("text issuer", self.text[2]),
            _ => ("visual issuer", self.visual_issuer),
        };
        Asked {
            name,
            file,
            honest: (),
            ours: Box::new(move |file| our_issuer(application, file, &self.anchors)),
            theirs: Box::new(|file| self.cas.issuer(file).map(|_| ())),
        }
    }

    fn asked_face(&self) -> Asked<'_, Person> {
        Asked {
            name: "face",
            file: self.face,
            honest: their_face(self.face, &self.visual_key).unwrap(),
            ours: Box::new(|file| our_face(file, self.visual_issuer, &self.anchors)),
            theirs: Box::new(|file| their_face(file, &self.visual_key)),
        }
    }

    fn asked_age(&self) -> Asked<'_, String> {
        Asked {
            name: "age",
            file: self.age,
            honest: their_age(self.age, &self.visual_key).unwrap(),
            ours: Box::new(|file| our_age(file, self.visual_issuer, &self.anchors)),
            theirs: Box::new(|file| their_age(file, &self.visual_key)),
        }
    }

    /// `myna-card` takes the attributes as its own session reads them: without filler.
    fn asked_attributes(&self) -> Asked<'_, Person> {
        let [attributes, record, issuer, key] = self.text;
        let file = trimmed(attributes);
        Asked {
            name: "attributes",
            file,
            honest: their_attributes(file, record, &self.text_key).unwrap(),
            ours: Box::new(move |file| our_attributes([file, record, issuer, key], &self.anchors)),
            theirs: Box::new(move |file| their_attributes(file, record, &self.text_key)),
        }
    }

    fn asked_record(&self) -> Asked<'_, Person> {
        let [attributes, record, issuer, key] = self.text;
        let attributes = trimmed(attributes);
        Asked {
            name: "record",
            file: record,
            honest: their_attributes(attributes, record, &self.text_key).unwrap(),
            ours: Box::new(move |file| our_attributes([attributes, file, issuer, key], &self.anchors)),
            theirs: Box::new(move |file| their_attributes(attributes, file, &self.text_key)),
        }
    }

    fn asked_card_key(&self) -> Asked<'_, ()> {
        let [attributes, record, issuer, key] = self.text;
        Asked {
            name: "card key",
            file: key,
            honest: (),
            ours: Box::new(move |file| our_card_key([attributes, record, issuer, file], &self.anchors)),
            theirs: Box::new(|file| their_card_key(file, &self.text_key)),
        }
    }

    fn mutate(&self, tally: &mut Tally, masks: &[u8]) {
        self.asked_issuer(Application::Visual).mutate(tally, masks);
        self.asked_issuer(Application::Text).mutate(tally, masks);
        self.asked_face().mutate(tally, masks);
        self.asked_age().mutate(tally, masks);
        self.asked_attributes().mutate(tally, masks);
        self.asked_record().mutate(tally, masks);
        self.asked_card_key().mutate(tally, masks);
    }

    fn rearrange(&self, tally: &mut Tally) {
        let issuer = Layout::of(self.visual_issuer, 0x7F21, None);
        issuer.rearrange(&self.asked_issuer(Application::Visual), tally);
        Layout::of(self.face, 0xFF20, Some(0xDF21)).rearrange(&self.asked_face(), tally);
        Layout::of(self.age, 0xFF10, None).rearrange(&self.asked_age(), tally);
        let [attributes, record, _, key] = self.text;
        Layout::of(attributes, 0xFF20, Some(0xDF21)).rearrange(&self.asked_attributes(), tally);
        Layout::of(record, 0xFF30, None).rearrange(&self.asked_record(), tally);
        Layout::of(key, 0xFF50, None).rearrange(&self.asked_card_key(), tally);
    }
}

fn trimmed(file: &[u8]) -> &[u8] {
    let mut reader = Reader::new(file);
    reader.next_object().unwrap();
    &file[..reader.offset()]
}

fn software_cas() -> (CvAnchors, TheirCas) {
    let mut anchors = CvAnchors::new();
    let mut keys = Vec::new();
    for (application, of) in [
        (Application::Text, CardApplication::Text),
        (Application::Visual, CardApplication::Visual),
    ] {
        let (id, modulus) = cv_modulus(of).unwrap();
        anchors.add(application, id, &modulus).unwrap();
        let exponent = vec![1, 0, 1];
        keys.push((id, RsaPublicKey { exponent, modulus }));
    }
    (anchors, TheirCas::Given(keys))
}

// ---------------------------------------------------------------------------------------------------------------------
// Why ours stays as it is.

const UNSIGNED: &str =
    "expiry date, security code and list of offsets are unsigned and no part of what is verified";
const BEHIND: &str =
    "a real card has only filler behind the object; what nobody signed has no place in a file";
const FILLER: &str =
    "filler is allowed: theirs counts offsets from the wrong end, and its session cuts filler off before";
const TWICE: &str = "which of two objects counts is anybody's guess: theirs takes the first or the last";
const WIDE: &str = "no file has 65,536 bytes: ours bounds what it allocates for";
const ONES_INSIDE: &str = "FF fills files, not objects: theirs stops there and does not look what follows";
const NEW: &str = "nothing unsigned is shown: later cards may have more objects than those that were signed";
const MOVED: &str =
    "the signed bytes are named by tag and hashed in one order: nothing that is shown changes";
const ZEROS_INSIDE: &str =
    "00 between objects is no object in ISO/IEC 7816-4, and the signed bytes are the same";
const OUTER_ALGORITHM: &str =
    "RFC 5280, 4.1.1.2: both algorithm identifiers must be the same; theirs reads the outer OID";
const ANY_ROOT: &str = "theirs says that it trusts whatever root the caller gives";
const NOT_FOR_AUTH: &str = "theirs says that it looks at no use of a certificate: a caller would have to";

#[test]
fn files_of_the_official_test_card_are_judged_alike_however_their_bytes_are_changed() {
    let mut tally = Tally::default();
    CvCard::official().mutate(&mut tally, &MASKS);
    tally.finish(
        "official files",
        &[
            ("flipped: ours alone, theirs sees damage", UNSIGNED),
            (
                "with a byte twice: theirs alone, ours sees data behind the object",
                BEHIND,
            ),
            (
                "with data behind: theirs alone, ours sees data behind the object",
                BEHIND,
            ),
            (
                "with itself behind: theirs alone, ours sees data behind the object",
                BEHIND,
            ),
            ("with ones behind: ours alone, theirs sees damage", FILLER),
            ("with zeros behind: ours alone, theirs sees damage", FILLER),
        ],
    );
}

#[test]
fn files_of_the_official_test_card_are_judged_alike_however_their_objects_are_arranged() {
    let mut tally = Tally::default();
    CvCard::official().rearrange(&mut tally);
    tally.finish(
        "official objects",
        &[
            (
                "with a new object: ours alone, theirs sees a wrong signature",
                NEW,
            ),
            ("with a new object: ours alone, theirs sees another digest", NEW),
            ("with a wide length: theirs alone, ours sees no object", WIDE),
            (
                "with an object moved: ours alone, theirs sees a wrong signature",
                MOVED,
            ),
            (
                "with an object moved: ours alone, theirs sees another digest",
                MOVED,
            ),
            (
                "with an object twice: theirs alone, ours sees an object twice",
                TWICE,
            ),
            ("with ones inside: theirs alone, ours sees no object", ONES_INSIDE),
            (
                "with zeros inside: ours alone, theirs sees another digest",
                ZEROS_INSIDE,
            ),
            ("without an object: ours alone, theirs sees damage", UNSIGNED),
        ],
    );
}

#[test]
fn files_of_the_software_card_are_judged_alike_however_their_bytes_are_changed() {
    let mut tally = Tally::default();
    let builder = CardBuilder::new(Profile::Adult).length_form(LengthForm::Long);
    let issued = builder.filler(Filler::Ones(3)).issue().unwrap();
    CvCard::of(&issued).mutate(&mut tally, &[0x02]);
    tally.finish(
        "software files",
        &[
            ("flipped: ours alone, theirs sees damage", UNSIGNED),
            ("flipped: theirs alone, ours sees data behind the object", BEHIND),
            ("flipped: theirs alone, ours sees no object", ONES_INSIDE),
            (
                "with a byte twice: theirs alone, ours sees data behind the object",
                BEHIND,
            ),
            (
                "with data behind: theirs alone, ours sees data behind the object",
                BEHIND,
            ),
            (
                "with itself behind: theirs alone, ours sees data behind the object",
                BEHIND,
            ),
            ("with ones behind: ours alone, theirs sees damage", FILLER),
            ("with zeros behind: ours alone, theirs sees damage", FILLER),
            ("without a byte: theirs alone, ours sees no object", ONES_INSIDE),
        ],
    );
}

/// Several edits at once, by a fixed sequence of numbers.
#[test]
fn files_with_several_edits_are_judged_alike() {
    fn edit<T: PartialEq + Clone>(asked: &Asked<'_, T>, tally: &mut Tally, state: &mut u64) {
        // Knuth's linear congruence; its upper half is even enough.
        let mut next = |below: usize| {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(*state >> 33).unwrap() % below
        };
        for round in 0..400 {
            let mut file = asked.file.to_vec();
            for _ in 0..=next(4) {
                let at = next(file.len());
                let to = (at + next(40)).min(file.len());
                match next(5) {
                    0 => file[at] ^= u8::try_from(next(255) + 1).unwrap(),
                    1 => file[at] = [0x00, 0x7F, 0x80, 0x82, 0x88, 0xDF, 0xFF][next(7)],
                    2 => drop(file.drain(at..to)),
                    3 => {
                        let part = file[at..to].to_vec();
                        let behind = next(file.len() + 1);
                        file.splice(behind..behind, part);
                    }
                    _ => file.truncate(at.max(1)),
                }
                if file.is_empty() {
                    break;
                }
            }
            asked.ask(tally, "edited", round, &file);
        }
    }
    let (mut tally, mut state) = (Tally::default(), 1);
    let card = CvCard::official();
    for _ in 0..3 {
        edit(&card.asked_issuer(Application::Visual), &mut tally, &mut state);
        edit(&card.asked_face(), &mut tally, &mut state);
        edit(&card.asked_age(), &mut tally, &mut state);
        edit(&card.asked_attributes(), &mut tally, &mut state);
        edit(&card.asked_record(), &mut tally, &mut state);
        edit(&card.asked_card_key(), &mut tally, &mut state);
    }
    tally.finish(
        "edits",
        &[("edited: theirs alone, ours sees data behind the object", BEHIND)],
    );
}

/// The expiry date and the security code: what both say of them, whatever anybody wrote there.
#[test]
fn the_unsigned_part_of_the_face_is_read_alike() {
    let mut tally = Tally::default();
    let (mut no_calendar_date, mut cut, from) = (0, 0, 0x0B86);
    assert_eq!(FACE[from..][..3], [0xDF, 0x29, 8]);
    let whole = CardFace::parse(FACE).unwrap().security_code_image.data;
    for at in from..FACE.len() {
        // All values in the date and in the picture's header; few in the picture.
        let masks = if at < from + 16 { 1..=0xFF } else { 0x7F..=0x81 };
        for mask in masks {
            let mut changed = FACE.to_vec();
            changed[at] ^= mask;
            let files = FaceFiles::new(changed.clone(), VISUAL_ISSUER.to_vec(), None);
            let ours = files.judge(&CvAnchors::new()).unsigned;
            let place = format!("byte {at} ^ {mask:02X}");
            match (ours, theirs(|| CardFace::parse(&changed))) {
                (Some(ours), Ok(face)) => {
                    let code = face.security_code_image.data;
                    tally.same(&place, ours.expiry, Some(digits(face.expiry)));
                    tally.same(&place, ours.security_code, Some(code));
                }
                (Some(ours), Err(_)) => {
                    // Theirs has no half of a face. Ours says what is there, if it is eight digits.
                    no_calendar_date += usize::from(ours.expiry.is_some());
                    let eight = |text: &String| text.len() == 8 && text.parse::<u32>().is_ok();
                    tally.same(&place, ours.expiry.as_ref().is_none_or(eight), true);
                }
                (None, Err(fault)) => tally.compare("file", &place, &(), Err(String::new()), Err(fault)),
                // A length that ends before an FF or 00: theirs takes the rest for filler, and half of the picture.
                (None, Ok(face)) => {
                    let code = face.security_code_image.data;
                    assert!(
                        whole.starts_with(&code) && matches!(whole[code.len()], 0x00 | 0xFF),
                        "{place}"
                    );
                    cut += 1;
                }
            }
        }
    }
    println!(
        "{no_calendar_date} expiry dates of eight digits in no calendar, {cut} pictures cut by theirs alone"
    );
    assert!(no_calendar_date > 0 && cut > 0);
    tally.finish("unsigned face", &[]);
}

#[test]
fn a_certificate_of_the_other_application_or_without_its_template_is_no_issuer_for_ours() {
    let mut tally = Tally::default();
    let card = CvCard::official();
    let (visual, text) = (
        card.asked_issuer(Application::Visual),
        card.asked_issuer(Application::Text),
    );
    for (asked, own, other) in [
        (&visual, VISUAL_ISSUER, TEXT_ISSUER),
        (&text, TEXT_ISSUER, VISUAL_ISSUER),
    ] {
        asked.ask(&mut tally, "own", "", own);
        asked.ask(&mut tally, "of the other application", "", other);
        asked.ask(&mut tally, "without template", "", &own[5..]);
    }
    tally.finish(
        "issuers",
        &[
            (
                "of the other application: theirs alone, ours sees ca_of_other_application",
                "each CA is for one application; theirs looks for the key identifier alone",
            ),
            (
                "without template: theirs alone, ours sees another tag",
                "that form comes from GET DATA, which ours never sends; EF 0004 has the template",
            ),
        ],
    );
}

#[test]
fn what_an_issuer_did_wrong_is_found_by_both() {
    let mut tally = Tally::default();
    let faults = [
        IssueFault::UnknownCa,
        IssueFault::FaceTrailingByte,
        IssueFault::FaceBareHashes,
        IssueFault::FaceOneHash,
        IssueFault::FaceOtherOrder,
        IssueFault::CaOfOtherApplication,
    ];
    let honest = CardBuilder::new(Profile::Adult).issue().unwrap();
    let honest = CvCard::of(&honest);
    for fault in faults {
        let wrong = CardBuilder::new(Profile::Adult).fault(fault).issue().unwrap();
        let file = |application, identifier| wrong.file(application, identifier).unwrap();
        let asked = honest.asked_issuer(Application::Visual);
        asked.ask(
            &mut tally,
            "wrong",
            format!("{fault:?}"),
            file(CardApplication::Visual, 4),
        );
        let asked = honest.asked_issuer(Application::Text);
        asked.ask(
            &mut tally,
            "wrong",
            format!("{fault:?}"),
            file(CardApplication::Text, 4),
        );
        // Against the honest issuer's key, so that only the face's own signature counts.
        let asked = honest.asked_face();
        asked.ask(
            &mut tally,
            "wrong",
            format!("{fault:?}"),
            file(CardApplication::Visual, 2),
        );
    }
    tally.finish(
        "issue faults",
        &[(
            "wrong: theirs alone, ours sees ca_of_other_application",
            "each CA is for one application; theirs looks for the key identifier alone",
        )],
    );
}

// ---------------------------------------------------------------------------------------------------------------------
// The certificate for user authentication.

/// Validity by its days, and the root's SHA-256.
type Facts = (String, String, [u8; 32]);

fn day(date: data::Date) -> String {
    date.to_string()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn on(time: Timestamp) -> data::Date {
    data::Date::from_unix_seconds(time.as_second())
}

fn our_certificate(der: &[u8], roots: &JpkiAnchors, at: Timestamp) -> Result<Facts, String> {
    let proofs = JpkiFiles::new(der.to_vec(), None).judge(roots, at, None);
    ours(&proofs.certificate, |facts| {
        let day = |time: Timestamp| time.to_string().get(..10).unwrap().to_owned();
        (day(facts.not_before), day(facts.not_after), facts.root_sha256)
    })
}

fn their_facts(certificate: &Certificate, root: &Certificate) -> Facts {
    let (from, to) = certificate.validity();
    (day(from), day(to), sha256(root.der()))
}

/// Under the roots that `myna-card` has compiled in.
fn their_certificate(der: &[u8], at: Timestamp) -> Result<Facts, TheirFault> {
    theirs(|| {
        let certificate = Certificate::parse(der)?;
        let root = roots::issuer_of(&certificate, Accept::ProductionAndTest)?;
        certificate.verify_to_root(on(at), Accept::ProductionAndTest)?;
        Ok(their_facts(&certificate, &root))
    })
}

/// Under a root that it is given.
fn their_certificate_under(der: &[u8], root: &[u8], at: Timestamp) -> Result<Facts, TheirFault> {
    theirs(|| {
        let chain = [Certificate::parse(der)?, Certificate::parse(root)?];
        Certificate::verify_chain(&chain, on(at))?;
        Ok(their_facts(&chain[0], &chain[1]))
    })
}

/// All that both know.
fn known_roots() -> JpkiAnchors {
    let mut anchors = JpkiAnchors::new();
    for root in roots::KNOWN {
        anchors.add(root.der).unwrap();
    }
    anchors
}

const NOW: &str = "2026-11-22T01:00:00Z";

#[test]
fn the_official_certificate_is_judged_alike_however_its_bytes_are_changed() {
    let mut tally = Tally::default();
    let (roots, now) = (known_roots(), at(NOW));
    let asked = Asked {
        name: "certificate",
        file: AUTH,
        honest: their_certificate(AUTH, now).unwrap(),
        ours: Box::new(|file| our_certificate(file, &roots, now)),
        theirs: Box::new(|file| their_certificate(file, now)),
    };
    asked.mutate(&mut tally, &[0x01, 0x80, 0xFF]);
    tally.finish(
        "official certificate",
        &[("flipped: theirs alone, ours sees Algorithm", OUTER_ALGORITHM)],
    );
}

#[test]
fn the_official_certificate_is_valid_on_the_same_days() {
    let mut tally = Tally::default();
    let roots = known_roots();
    let mut ask = |kind: &str, time: Timestamp| {
        let honest = their_certificate(AUTH, at(NOW)).unwrap();
        let (ours, theirs) = (our_certificate(AUTH, &roots, time), their_certificate(AUTH, time));
        tally.compare(kind, time, &honest, ours, theirs);
    };
    // Noon of every fifth day, and of each around the first and the last.
    let noon = at("2025-10-20T12:00:00Z");
    for days in (0..1600).filter(|days| days % 5 == 0 || *days < 15 || *days > 1570) {
        ask("at noon", noon + (days * 24).hours());
    }
    let (first, last) = (at("2025-10-27T01:35:42Z"), at("2030-02-17T14:59:59Z"));
    ask("first second", first);
    ask("last second", last);
    ask("second before", first - 1.second());
    ask("second after", last + 1.second());
    let to_the_second = "validity has seconds; theirs says that it drops the time of day";
    tally.finish(
        "days",
        &[
            (
                "second before: theirs alone, ours sees NotYetValid",
                to_the_second,
            ),
            ("second after: theirs alone, ours sees Expired", to_the_second),
        ],
    );
}

#[test]
fn certificates_that_are_not_for_authentication_are_accepted_by_theirs_alone() {
    let mut tally = Tally::default();
    let (roots, now) = (known_roots(), at(NOW));
    let mut ask = |kind: &str, place: &str, der: &[u8]| {
        let facts = theirs(|| {
            let certificate = Certificate::parse(der)?;
            let root = roots::issuer_of(&certificate, Accept::ProductionAndTest)?;
            Ok(their_facts(&certificate, &root))
        });
        tally.compare(
            kind,
            place,
            &facts.unwrap(),
            our_certificate(der, &roots, now),
            their_certificate(der, now),
        );
    };
    ask("for authentication", "", AUTH);
    ask("for signing", "", SIGN);
    for (root, pinned) in roots::KNOWN.iter().zip(PINNED_ROOTS) {
        ask("root", pinned.name, root.der);
    }
    tally.finish(
        "purposes",
        &[
            ("for signing: theirs alone, ours sees Policy", NOT_FOR_AUTH),
            ("root: theirs alone, ours sees Authority", NOT_FOR_AUTH),
        ],
    );
}

#[test]
fn certificates_that_break_a_rule_are_judged_alike_or_refused_by_ours_alone() {
    let mut tally = Tally::default();
    let now = at(NOW);
    let root = auth_root(None).unwrap();
    let mut anchors = JpkiAnchors::new();
    anchors.add(&root).unwrap();
    let leaf = |fault: Option<Issued>| {
        let builder = CardBuilder::new(Profile::Adult);
        let builder = fault.map_or(builder.clone(), |fault| {
            builder.fault(IssueFault::Certificate(fault))
        });
        let issued = builder.issue().unwrap();
        issued.file(CardApplication::Jpki, 0x0A).unwrap().to_vec()
    };
    let honest = leaf(None);
    for fault in [
        None,
        Some(Issued::Expired),
        Some(Issued::NotYetValid),
        Some(Issued::SignedByOtherKey),
        Some(Issued::OtherIssuerName),
        Some(Issued::WrongKeyUsage),
        Some(Issued::WrongExtendedKeyUsage),
        Some(Issued::IsCa),
        Some(Issued::OtherPolicy),
        Some(Issued::NoPolicy),
        Some(Issued::UnknownCriticalExtension),
        Some(Issued::InnerAlgorithmDiffers),
        Some(Issued::DuplicateExtension),
        Some(Issued::TamperedSignature),
        Some(Issued::TamperedContent),
    ] {
        let der = leaf(fault);
        tally.compare(
            "leaf",
            format!("{fault:?}"),
            &their_certificate_under(&honest, &root, now).unwrap(),
            our_certificate(&der, &anchors, now),
            their_certificate_under(&der, &root, now),
        );
    }
    // A root that is none does not load with ours: then no root is there.
    for fault in [
        RootFault::IsNoCa,
        RootFault::WrongKeyUsage,
        RootFault::Expired,
        RootFault::OtherKey,
        RootFault::NotSelfSigned,
    ] {
        let root = auth_root(Some(fault)).unwrap();
        let mut anchors = JpkiAnchors::new();
        let loaded = anchors.add(&root).map_err(|error| variant(&error));
        let facts = their_facts(
            &Certificate::parse(&honest).unwrap(),
            &Certificate::parse(&root).unwrap(),
        );
        tally.compare(
            "root",
            format!("{fault:?}"),
            &facts,
            loaded.and_then(|()| our_certificate(&honest, &anchors, now)),
            their_certificate_under(&honest, &root, now),
        );
    }
    tally.finish(
        "rules",
        &[
            ("leaf: theirs alone, ours sees Algorithm", OUTER_ALGORITHM),
            ("leaf: theirs alone, ours sees Authority", NOT_FOR_AUTH),
            ("leaf: theirs alone, ours sees ExtendedKeyUsage", NOT_FOR_AUTH),
            (
                "leaf: theirs alone, ours sees Extension",
                "RFC 5280, 4.2: no extension stands twice",
            ),
            ("leaf: theirs alone, ours sees KeyUsage", NOT_FOR_AUTH),
            ("leaf: theirs alone, ours sees Policy", NOT_FOR_AUTH),
            (
                "leaf: theirs alone, ours sees UnknownCriticalExtension",
                "RFC 5280, 4.2: who does not know a critical extension refuses",
            ),
            ("root: theirs alone, ours sees NotAnAuthority", ANY_ROOT),
            ("root: theirs alone, ours sees NotSelfSigned", ANY_ROOT),
        ],
    );
}

/// Whether a certificate is signed with its own key.
#[test]
fn roots_are_signed_with_their_own_key_for_both() {
    let mut tally = Tally::default();
    let root = roots::KNOWN[7].der;
    let asked = Asked {
        name: "root",
        file: root,
        honest: (),
        ours: Box::new(|file| JpkiAnchors::new().add(file).map_err(|error| variant(&error))),
        theirs: Box::new(|file| {
            theirs(|| {
                let root = Certificate::parse(file)?;
                root.verify_signature(&root)
            })
        }),
    };
    asked.mutate(&mut tally, &[0x01]);
    for root in roots::KNOWN {
        asked.ask(&mut tally, "known", "", root.der);
    }
    tally.finish(
        "own keys",
        &[("flipped: theirs alone, ours sees NotSelfSigned", OUTER_ALGORITHM)],
    );
}

// ---------------------------------------------------------------------------------------------------------------------
// Tables and numbers.

#[test]
fn known_keys_and_roots_are_the_same() {
    let mut tally = Tally::default();
    for key in myna_card::ca::KNOWN {
        let known = KNOWN_CV_KEYS.iter().find(|known| known.number == key.name());
        // The master file's chain, which ours never reads.
        if key.name().ends_with("20") {
            tally.same(key.name(), known, None);
            continue;
        }
        let known = known.unwrap();
        tally.same(key.name(), known.sha256, sha256(key.modulus));
        tally.same(key.name(), &[1, 0, 1][..], key.exponent);
        let test = key.name().starts_with('6');
        tally.same(key.name(), known.provenance == Provenance::Test, test);
        // The application that ours says, and no other.
        let mut anchors = CvAnchors::new();
        for application in [Application::Text, Application::Visual] {
            let added = anchors.add(application, *key.key_id, key.modulus);
            tally.same(key.name(), added.is_ok(), application == known.application);
        }
    }
    tally.same("CA keys", KNOWN_CV_KEYS.len() + 2, myna_card::ca::KNOWN.len());
    tally.same("roots", PINNED_ROOTS.len(), roots::KNOWN.len());
    for (pinned, root) in PINNED_ROOTS.iter().zip(roots::KNOWN) {
        let certificate = root.certificate().unwrap();
        tally.same(pinned.name, pinned.sha256, sha256(root.der));
        let provenance = match root.hierarchy {
            Hierarchy::Production => Provenance::JlisPublished,
            Hierarchy::Test => Provenance::Test,
        };
        tally.same(pinned.name, pinned.provenance, provenance);
        let (from, to) = certificate.validity();
        let days = [pinned.not_before, pinned.not_after].map(|time| time.get(..10).unwrap().to_owned());
        tally.same(pinned.name, days, [day(from), day(to)]);
        let serial: String = certificate
            .serial_number()
            .iter()
            .skip_while(|byte| **byte == 0)
            .map(|byte| format!("{byte:02X}"))
            .collect();
        tally.same(pinned.name, pinned.serial_number, &serial);
    }
    tally.finish("tables", &[]);
}

/// The secret that a reading sends, from a card that agrees to everything before.
fn sent_secret<T: Outcome>(reading: Result<Reading<T>, Error>) -> Vec<u8> {
    let mut reading = reading.unwrap();
    loop {
        let answer = match *reading.command() {
            [0x00, 0x20, 0x00, _, length, ref secret @ ..] => {
                assert_eq!(secret.len(), usize::from(length));
                return secret.to_vec();
            }
            [0x00, 0x20, ..] => [0x63, 0xCA],
            _ => [0x90, 0x00],
        };
        match reading.receive(&answer).unwrap() {
            Step::Continue(next) => reading = next,
            Step::Done(_) => panic!("no secret was sent"),
        }
    }
}

fn our_number_b(born: civil::Date, year: u16, code: &str) -> Result<Vec<u8>, String> {
    let birth = BirthDigits::of(born, YearForm::Wareki).map_err(|error| variant(&error))?;
    let number = NumberB::new(birth, year, code).map_err(|error| variant(&error))?;
    Ok(sent_secret(Reading::face(number, CHALLENGE, Policy::default())))
}

fn their_number_b(born: civil::Date, year: u16, code: &str) -> Result<Vec<u8>, TheirFault> {
    let date = data::Date {
        year: u16::try_from(born.year()).unwrap(),
        month: u8::try_from(born.month()).unwrap(),
        day: u8::try_from(born.day()).unwrap(),
    };
    theirs(|| data::verification_code_b(date, year, code.as_bytes()).map(|pin| pin.as_bytes().to_vec()))
}

#[test]
fn number_b_of_every_day_is_the_same() {
    let mut tally = Tally::default();
    let mut ask = |kind: &str, born: civil::Date, year: u16, code: &str| {
        let (ours, theirs) = (our_number_b(born, year, code), their_number_b(born, year, code));
        // Nobody is there to say which is honest; two that agree are.
        let honest = theirs
            .as_ref()
            .ok()
            .or(ours.as_ref().ok())
            .cloned()
            .unwrap_or_default();
        tally.compare(kind, format_args!("{born} {year} {code}"), &honest, ours, theirs);
    };
    let mut born = civil::date(1867, 12, 1);
    while born < civil::date(2118, 3, 1) {
        let kind = if born < civil::date(1873, 1, 1) {
            "before 1873"
        } else {
            "day"
        };
        ask(kind, born, 2035, "2285");
        if let Ok(birth) = BirthDigits::of(born, YearForm::Wareki) {
            let alone = sent_secret(Reading::age(birth, CHALLENGE, Policy::default()));
            let theirs = their_number_b(born, 2035, "2285").unwrap();
            assert_eq!(alone, theirs[..6], "{born}");
        }
        born = born.tomorrow().unwrap();
    }
    let born = civil::date(1980, 2, 17);
    for year in 0..=u16::MAX {
        ask(
            if (2000..2100).contains(&year) {
                "year"
            } else {
                "year that no card has"
            },
            born,
            year,
            "0000",
        );
    }
    for code in [
        "", "1", "123", "12345", "12a4", " 123", "-123", "+123", "１２", "\u{0}123",
    ] {
        ask("code", born, 2035, code);
    }
    tally.finish(
        "number B",
        &[
            (
                "before 1873: theirs alone, ours sees Era",
                "before 明治6年 dates were lunar: a Gregorian one has no year of an era",
            ),
            (
                "year that no card has: theirs alone, ours sees ExpiryYear",
                "cards expire from 2000 to 2099; a year of five digits would cost a try",
            ),
        ],
    );
}

// ---------------------------------------------------------------------------------------------------------------------
// Status words.

/// What is known of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Tries(u8),
    Absent,
    Nothing,
}

fn our_left(tries: Tries) -> Left {
    match tries {
        Tries::Left(left) => Left::Tries(left),
        Tries::Blocked => Left::Tries(0),
        Tries::Absent => Left::Absent,
        _ => Left::Nothing,
    }
}

fn their_left(retries: Result<Retries, TheirFault>) -> Left {
    use myna_card::Error::{PinBlocked, Status};
    match retries {
        Ok(retries) => retries.count().map_or(Left::Nothing, Left::Tries),
        Err(TheirFault::Error(PinBlocked)) => Left::Tries(0),
        Err(TheirFault::Error(Status(status))) if matches!(status.value(), 0x6A82 | 0x6A88) => Left::Absent,
        Err(_) => Left::Nothing,
    }
}

#[test]
fn every_answer_to_a_query_of_tries_means_the_same() {
    let mut tally = Tally::default();
    for status in 0..=u16::MAX {
        let answer = status.to_be_bytes();
        let mut reading = Reading::<PinStatus>::tries_of(Secret::AuthPin).unwrap();
        let Step::Continue(next) = reading.receive(&[0x90, 0x00]).unwrap() else {
            panic!("nothing was asked");
        };
        reading = next;
        let Step::Done(tries) = reading.receive(&answer).unwrap() else {
            panic!("asked again");
        };
        let ours = our_left(tries.tries(Secret::AuthPin).unwrap());
        let mut card = Card::new(MockTransport::new([answer.to_vec()]));
        let theirs = their_left(theirs(|| card.pin_retries()));
        // ISO/IEC 7816-4 says "authentication method blocked"; theirs knows 6984 alone.
        if status == 0x6983 {
            assert_eq!((ours, theirs), (Left::Tries(0), Left::Nothing));
        } else {
            tally.same(format_args!("{status:04X}"), ours, theirs);
        }
    }
    tally.finish("queries", &[]);
}

/// What became of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Accepted,
    /// With the tries left, if it says so.
    Wrong(Option<u8>),
    Blocked,
    Other,
}

#[test]
fn every_answer_to_a_secret_means_the_same() {
    let mut tally = Tally::default();
    let (mut sent_again, mut blocked, mut wrong) = (0, 0, 0);
    for status in 0..=u16::MAX {
        let answer = status.to_be_bytes();
        let pin = AuthPin::new("2468").unwrap();
        let mut reading = Reading::jpki_auth(Some((pin, CHALLENGE)), Policy::default()).unwrap();
        for before in [[0x90, 0x00], [0x90, 0x00], [0x63, 0xC3]] {
            let Step::Continue(next) = reading.receive(&before).unwrap() else {
                panic!("no secret was sent");
            };
            reading = next;
        }
        let ours = match reading.receive(&answer) {
            Ok(_) => Verdict::Accepted,
            Err(Error::WrongSecret { tries, .. }) => Verdict::Wrong(match our_left(tries) {
                Left::Tries(left) => Some(left),
                _ => None,
            }),
            Err(Error::Blocked(_)) => Verdict::Blocked,
            Err(_) => Verdict::Other,
        };
        let mut card = Card::new(MockTransport::new([answer.to_vec()]));
        let theirs = match theirs(|| card.verify(&Pin::numeric("2468").unwrap())) {
            Ok(()) => Verdict::Accepted,
            Err(TheirFault::Error(myna_card::Error::PinIncorrect { retries })) => Verdict::Wrong(retries),
            Err(TheirFault::Error(myna_card::Error::PinBlocked)) => Verdict::Blocked,
            Err(_) => Verdict::Other,
        };
        // 6Cxx corrects a length of answer, and a VERIFY has none: theirs sends the secret a second time.
        let secrets = card
            .transport()
            .sent
            .iter()
            .filter(|sent| sent[1] == 0x20)
            .count();
        assert_eq!(secrets, if answer[0] == 0x6C { 2 } else { 1 }, "{status:04X}");
        sent_again += secrets - 1;
        match (status, ours, theirs) {
            (0x6983, Verdict::Blocked, Verdict::Other) => blocked += 1,
            // 63xx without a number: a try may be lost, so ours calls the secret wrong.
            (0x6301..=0x63FF, Verdict::Wrong(None), Verdict::Other) => wrong += 1,
            _ => tally.same(format_args!("{status:04X}"), ours, theirs),
        }
    }
    assert_eq!((sent_again, blocked, wrong), (256, 1, 239));
    tally.finish("secrets", &[]);
}

// ---------------------------------------------------------------------------------------------------------------------
// Sessions with the software card.

/// `myna-card`'s way to the software card.
struct Wire(SoftwareCard);

impl Transmit for Wire {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        Ok(self.0.process(command))
    }
}

/// Files by their identifier; what the application's key signed under [`SIGNED`].
type Files = BTreeMap<u16, Vec<u8>>;

const SIGNED: u16 = 0xFFFF;

/// What the commands of a reading brought.
fn files_of(trace: &Trace) -> Files {
    let (mut files, mut current) = (Files::new(), 0);
    for (command, response) in trace {
        match command[..4] {
            [_, 0xA4, 0x02, _] => current = u16::from_be_bytes([command[5], command[6]]),
            [_, 0x2A, ..] => current = SIGNED,
            [_, 0xB0 | 0xC0, ..] => {}
            _ => continue,
        }
        let data = &response[..response.len() - 2];
        files.entry(current).or_default().extend(data);
    }
    files.retain(|_, content| !content.is_empty());
    files
}

fn our_session<T: Outcome>(
    reading: Result<Reading<T>, Error>,
    card: &mut SoftwareCard,
) -> Result<Files, String> {
    let (result, trace) = read_traced(reading, card);
    match result {
        Ok(_) => Ok(files_of(&trace)),
        Err(error) => Err(variant(&error)),
    }
}

/// Which application, and what opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Session {
    Face,
    Age,
    TextByPin,
    TextByNumber,
    Jpki,
}

impl Session {
    const ALL: [Self; 5] = [
        Self::Face,
        Self::Age,
        Self::TextByPin,
        Self::TextByNumber,
        Self::Jpki,
    ];

    fn ours(self, card: &mut SoftwareCard) -> Result<Files, String> {
        match self {
            Self::Face => our_session(face(), card),
            Self::Age => our_session(age(), card),
            Self::TextByPin => our_session(attributes_by_pin(), card),
            Self::TextByNumber => our_session(attributes_by_number(), card),
            Self::Jpki => our_session(jpki(), card),
        }
    }

    fn theirs(self, card: SoftwareCard) -> Result<Files, TheirFault> {
        let challenge = [7; 32];
        let mut card = Card::new(Wire(card));
        theirs(|| {
            let mut files = Files::new();
            match self {
                Self::Face | Self::Age => {
                    let mut surface = SurfaceAp::select(&mut card)?;
                    let file = if self == Self::Face {
                        surface.verify_code_b(&Pin::numeric("02010120351234")?)?;
                        surface::ef::CARD_FACE
                    } else {
                        surface.verify_birth_date(&Pin::numeric("020101")?)?;
                        surface::ef::AGE_RECORD
                    };
                    for file in [file, surface::ef::CERTIFICATE] {
                        files.insert(file, surface.read_ef(file)?);
                    }
                    files.insert(SIGNED, surface.sign(&challenge)?);
                }
                Self::TextByPin | Self::TextByNumber => {
                    let mut text = TextAp::select(&mut card)?;
                    if self == Self::TextByPin {
                        text.verify_pin(&Pin::numeric("1357")?)?;
                    } else {
                        text.verify_code_b(&Pin::numeric("02010120351234")?)?;
                    }
                    use text::ef;
                    for file in [
                        ef::ATTRIBUTES,
                        ef::INTEGRITY,
                        ef::CERTIFICATE,
                        ef::SIGNED_PUBLIC_KEY,
                    ] {
                        files.insert(file, text.read_ef(file)?);
                    }
                    files.insert(SIGNED, text.sign(&challenge)?);
                }
                Self::Jpki => {
                    let mut jpki = JpkiAp::select(&mut card)?;
                    jpki.verify_auth_pin(&Pin::numeric("2468")?)?;
                    for file in [0x06, 0x08] {
                        jpki.card().select_ef(file)?;
                        files.insert(file, jpki.card().read_binary_physical()?);
                    }
                    files.insert(0x0A, jpki.read_auth_certificate_der()?);
                    let block = sha256_digest_info(&sha256(&challenge));
                    files.insert(
                        SIGNED,
                        jpki.sign_with_auth_key(SignatureScheme::Verbatim, &block)?,
                    );
                }
            }
            Ok(files)
        })
    }
}

#[test]
fn both_sessions_read_the_same_files_and_signatures() {
    let mut tally = Tally::default();
    for builder in [
        CardBuilder::new(Profile::Adult),
        CardBuilder::new(Profile::Under15)
            .length_form(LengthForm::Long)
            .filler(Filler::None),
        CardBuilder::new(Profile::Adult).filler(Filler::Zeros(9)),
        CardBuilder::new(Profile::AndroidToken),
    ] {
        let issued = builder.issue().unwrap();
        for (session, short_read, chained) in Session::ALL.into_iter().flat_map(|session| {
            [ShortRead::Plain, ShortRead::WrongLe, ShortRead::Warning]
                .into_iter()
                .flat_map(move |short| [false, true].map(|chained| (session, short, chained)))
        }) {
            let card = || {
                let card = SoftwareCard::new(issued.clone()).with_short_read(short_read);
                if chained {
                    card.with_chained_responses()
                } else {
                    card
                }
            };
            let kind = match (short_read, chained) {
                (_, true) => "in pieces",
                (ShortRead::Warning, _) => "warned of the end",
                _ => "plain",
            };
            let honest = session
                .ours(&mut SoftwareCard::new(issued.clone()))
                .unwrap_or_default();
            let place = format!("{session:?} {short_read:?} {chained}");
            let theirs = session.theirs(card()).and_then(|files| {
                let less = files
                    .iter()
                    .all(|(file, content)| honest[file].starts_with(content));
                if less && files != honest {
                    Err(TheirFault::Less)
                } else {
                    Ok(files)
                }
            });
            tally.compare(kind, place, &honest, session.ours(&mut card()), theirs);
        }
    }
    tally.finish(
        "sessions",
        &[
            (
                "in pieces: ours alone, theirs cannot write a command",
                "ISO/IEC 7816-4: 6100 means 256 bytes or more; theirs asks for none",
            ),
            (
                "warned of the end: ours alone, theirs brings less",
                "ISO/IEC 7816-4: with 6282 come the bytes up to the end; theirs drops them and says nothing",
            ),
        ],
    );
}

/// The chip's answer, under the key that each of them took from the files.
#[test]
fn both_tell_a_chip_from_its_copy() {
    let mut tally = Tally::default();
    let issued = CardBuilder::new(Profile::Adult).issue().unwrap();
    let (anchors, cas) = software_cas();
    let mut roots = JpkiAnchors::new();
    roots.add(&auth_root(None).unwrap()).unwrap();
    for (kind, issued) in [("genuine", issued.clone()), ("copied", issued.copied())] {
        for session in Session::ALL {
            let mut card = SoftwareCard::new(issued.clone());
            let ours = match session {
                Session::Face => ours(&read(face(), &mut card).unwrap().judge(&anchors).chip, |&()| ()),
                Session::Age => ours(&read(age(), &mut card).unwrap().judge(&anchors).chip, |&()| ()),
                Session::TextByPin | Session::TextByNumber => ours(
                    &read(attributes_by_pin(), &mut card).unwrap().judge(&anchors).chip,
                    |&()| (),
                ),
                Session::Jpki => {
                    let proofs = read(jpki(), &mut card).unwrap().judge(&roots, at(NOW), None);
                    ours(&proofs.holder, |&()| ())
                }
            };
            let files = session.theirs(SoftwareCard::new(issued.clone())).unwrap();
            let (challenge, signature) = ([7; 32], &files[&SIGNED]);
            let theirs = match session {
                Session::Face | Session::Age => cas.issuer(&files[&4]).and_then(|issuer| {
                    theirs(|| {
                        let key = if session == Session::Face {
                            let face = CardFace::parse(&files[&2])?;
                            face.verify(&issuer)?;
                            face.public_key
                        } else {
                            let record = AgeRecord::parse(&files[&1])?;
                            record.verify(&issuer)?;
                            record.public_key
                        };
                        key.verify_pkcs1_sha256(&challenge, signature)
                    })
                }),
                Session::TextByPin | Session::TextByNumber => cas.issuer(&files[&4]).and_then(|issuer| {
                    theirs(|| {
                        let key = SignedPublicKey::parse(&files[&7])?;
                        key.verify(&issuer)?;
                        key.public_key.verify_pkcs1_sha256(&challenge, signature)
                    })
                }),
                Session::Jpki => theirs(|| {
                    let key = Certificate::parse(&files[&0x0A])?.public_key()?;
                    let block = sha256_digest_info(&sha256(&challenge));
                    SignatureScheme::Verbatim.verify(&key, &block, signature)
                }),
            };
            tally.compare(kind, format!("{session:?}"), &(), ours, theirs);
        }
    }
    assert_eq!((tally.accepted, tally.refused), (5, 5));
    tally.finish("chips", &[]);
}

const SECRETS: [Secret; 6] = Secret::ALL;

fn their_tries(card: SoftwareCard, secret: Secret) -> (Left, SoftwareCard) {
    let mut card = Card::new(Wire(card));
    let retries = theirs(|| match secret {
        Secret::AuthPin => JpkiAp::select(&mut card)?.auth_pin_retries(),
        Secret::SignPassword => JpkiAp::select(&mut card)?.sign_pin_retries(),
        Secret::TextPin => TextAp::select(&mut card)?.retries(text::ef::PIN),
        Secret::TextNumberB => TextAp::select(&mut card)?.retries(text::ef::CODE_B),
        Secret::VisualNumberB => SurfaceAp::select(&mut card)?.retries(surface::ef::CODE_B),
        _ => SurfaceAp::select(&mut card)?.retries(surface::ef::BIRTH_DATE),
    });
    (their_left(retries), card.into_transport().0)
}

/// Presents a wrong value with `myna-card`.
fn their_wrong(card: SoftwareCard, secret: Secret) -> SoftwareCard {
    let mut card = Card::new(Wire(card));
    let refused = theirs(|| match secret {
        Secret::AuthPin => JpkiAp::select(&mut card)?.verify_auth_pin(&Pin::numeric("0000")?),
        Secret::SignPassword => JpkiAp::select(&mut card)?.verify_sign_pin(&Pin::new("WRONG1")?),
        Secret::TextPin => TextAp::select(&mut card)?.verify_pin(&Pin::numeric("0000")?),
        Secret::TextNumberB => TextAp::select(&mut card)?.verify_code_b(&Pin::numeric("11010120351234")?),
        Secret::VisualNumberB => {
            SurfaceAp::select(&mut card)?.verify_code_b(&Pin::numeric("11010120351234")?)
        }
        _ => SurfaceAp::select(&mut card)?.verify_birth_date(&Pin::numeric("110101")?),
    });
    assert!(refused.is_err());
    card.into_transport().0
}

/// Presents a wrong value with ours, even on the last try.
fn our_wrong(card: &mut SoftwareCard, secret: Secret) {
    let birth = || BirthDigits::as_printed("110101").unwrap();
    let number = || NumberB::new(birth(), 2035, "1234").unwrap();
    let attributes = |key| Reading::attributes(key, CHALLENGE, insisting());
    let pin = || TextPin::new("0000").unwrap();
    let refused = match secret {
        Secret::AuthPin => {
            let pin = AuthPin::new("0000").unwrap();
            read(Reading::jpki_auth(Some((pin, CHALLENGE)), insisting()), card).err()
        }
        Secret::TextPin => read(attributes(AttributeKey::Pin(pin())), card).err(),
        Secret::TextNumberB => read(attributes(AttributeKey::NumberB(number())), card).err(),
        Secret::VisualNumberB => read(Reading::face(number(), CHALLENGE, insisting()), card).err(),
        _ => read(Reading::age(birth(), CHALLENGE, insisting()), card).err(),
    };
    assert!(refused.is_some());
}

#[test]
fn both_count_the_same_tries_down_to_the_last() {
    let mut tally = Tally::default();
    for profile in [Profile::Adult, Profile::Under15, Profile::AndroidToken] {
        let mut their_card = card(profile);
        let status = read(Reading::pin_status(), &mut card(profile)).unwrap();
        for secret in SECRETS {
            let left;
            (left, their_card) = their_tries(their_card, secret);
            tally.same(
                format_args!("{profile:?} {secret}"),
                our_left(status.tries(secret).unwrap()),
                left,
            );
        }
    }
    // No mode of ours sends the password for signing.
    for secret in SECRETS
        .into_iter()
        .filter(|secret| *secret != Secret::SignPassword)
    {
        let (mut our_card, mut their_card) = (card(Profile::Adult), card(Profile::Adult));
        for _ in 0..12 {
            let status = read(Reading::tries_of(secret), &mut our_card).unwrap();
            let left;
            (left, their_card) = their_tries(their_card, secret);
            tally.same(secret, our_left(status.tries(secret).unwrap()), left);
            our_wrong(&mut our_card, secret);
            their_card = their_wrong(their_card, secret);
        }
        let status = read(Reading::tries_of(secret), &mut our_card).unwrap();
        assert_eq!(status.tries(secret), Some(Tries::Blocked));
    }
    tally.finish("tries", &[]);
}

/// What answers, and which certificates it says it has.
#[test]
fn both_read_the_same_from_token_information() {
    let mut tally = Tally::default();
    let honest = CardBuilder::new(Profile::Adult).issue().unwrap();
    let asked = |label: &[u8], presence: [u8; 3]| {
        let mut issued = honest.clone();
        let token = issued.file_mut(CardApplication::Jpki, 6).unwrap();
        token[..label.len()].copy_from_slice(label);
        *issued.file_mut(CardApplication::Jpki, 8).unwrap() = presence.to_vec();
        let mut card = SoftwareCard::new(issued);
        let ours = read(Reading::jpki_auth(None, Policy::default()), &mut card).unwrap();
        let mut card = Card::new(Wire(card));
        let mut jpki = JpkiAp::select(&mut card).unwrap();
        let device = match jpki.read_token_type().unwrap() {
            TokenType::Card => Device::MyNumberCard,
            TokenType::Android => Device::AndroidPhone,
            TokenType::IPhone => Device::IPhone,
            // Theirs does not know its predecessor.
            TokenType::Other(name) if name == *b"JPKIAPICCTOKEN                  " => {
                Device::ResidentRegisterCard
            }
            TokenType::Other(_) | TokenType::Absent => Device::Unknown,
        };
        (ours, device, jpki.read_certificate_availability().unwrap())
    };
    for name in [
        "JPKIAPICCTOKEN2",
        "JPKIAPICCTOKEN",
        "JPKIAPGPSETOKEN",
        "JPKIAPIOSTOKEN",
        "",
        "JPKIAP",
        "\0",
    ] {
        let padded = format!("{name:32}");
        let (ours, device, _) = asked(padded.as_bytes(), [0x8F; 3]);
        tally.same(name, ours.device(), device);
        for at in 0..32 {
            let mut changed = padded.clone().into_bytes();
            changed[at] ^= 0x41;
            let (ours, device, _) = asked(&changed, [0x8F; 3]);
            tally.same(format_args!("{name} {at}"), ours.device(), device);
        }
    }
    let mut other_values = 0;
    for value in 0..=0xFF {
        let (ours, _, theirs) = asked(b"", [value, 0x8F, 0]);
        let ours = ours.presence().unwrap();
        tally.same(value, ours.auth, theirs.has_auth_certificate());
        // Only 00 and 8F have been seen. Ours calls everything else present: then the certificate itself is asked for.
        if value == 0 || value == CertificateAvailability::PRESENT {
            tally.same(value, ours.sign, theirs.has_sign_certificate());
        } else {
            assert_eq!((ours.sign, theirs.has_sign_certificate()), (true, false));
            other_values += 1;
        }
    }
    assert_eq!(other_values, 254);
    tally.finish("token information", &[]);
}

/// Headers that lie, read by both sessions and judged.
#[test]
fn changed_headers_are_read_and_judged_alike() {
    const MOST: usize = 0xFFFF;
    let mut tally = Tally::default();
    let mut unbounded = 0;
    let honest = CardBuilder::new(Profile::Adult).issue().unwrap();
    let card = CvCard::of(&honest);
    for (session, application, identifier) in [
        (Session::Face, CardApplication::Visual, 2_u16),
        (Session::Age, CardApplication::Visual, 1),
        (Session::Age, CardApplication::Visual, 4),
        (Session::TextByPin, CardApplication::Text, 2),
        (Session::TextByPin, CardApplication::Text, 3),
        (Session::TextByPin, CardApplication::Text, 7),
    ] {
        for (at, mask) in (0..12).flat_map(|at| [0x01, 0x02, 0x04, 0x40, 0x80, 0xFF].map(|mask| (at, mask))) {
            let mut issued = honest.clone();
            let file = issued.file_mut(application, identifier).unwrap();
            file[at] ^= mask;
            // Theirs makes room for whatever a header declares before it reads on: this could end the test's process.
            let declared = theirs(|| Ok(myna_card::tlv::ber::parse_header(file)?.total_len()));
            if declared.is_ok_and(|declared| declared > MOST) {
                let ours = session.ours(&mut SoftwareCard::new(issued));
                assert!(ours.is_err(), "{session:?} {at} {mask}");
                unbounded += 1;
                continue;
            }
            let ours = session.ours(&mut SoftwareCard::new(issued.clone()));
            let theirs = session.theirs(SoftwareCard::new(issued));
            let place = format!("{session:?} {identifier:04X} byte {at} ^ {mask:02X}");
            judge_alike(&mut tally, &card, session, &place, ours, theirs);
        }
    }
    assert!(unbounded > 0);
    println!("{unbounded} headers declare more than {MOST} bytes; ours refuses them, theirs was not asked");
    tally.finish(
        "headers",
        &[
            ("header: ours alone, theirs sees damage", UNSIGNED),
            ("header: theirs alone, ours sees no object", ONES_INSIDE),
        ],
    );
}

/// Judges what both sessions read, whether or not it is the same.
fn judge_alike(
    tally: &mut Tally,
    card: &CvCard<'_>,
    session: Session,
    place: &str,
    ours: Result<Files, String>,
    theirs: Result<Files, TheirFault>,
) {
    let (anchors, cas) = (&card.anchors, &card.cas);
    let theirs = |judge: &dyn Fn(&Files, &RsaPublicKey) -> Result<Person, TheirFault>| {
        let files = theirs?;
        judge(&files, &cas.issuer(&files[&4])?)
    };
    let alone = |birth| Person {
        birth,
        sex: "",
        parts: Vec::new(),
    };
    let (honest, ours, theirs) = match session {
        Session::Face => (
            their_face(card.face, &card.visual_key).unwrap(),
            ours.and_then(|files| our_face(&files[&2], &files[&4], anchors)),
            theirs(&|files, key| their_face(&files[&2], key)),
        ),
        Session::Age => (
            alone(their_age(card.age, &card.visual_key).unwrap()),
            ours.and_then(|files| our_age(&files[&1], &files[&4], anchors))
                .map(alone),
            theirs(&|files, key| their_age(&files[&1], key).map(alone)),
        ),
        _ => {
            let [attributes, record, _, _] = card.text;
            let text = |files: &Files| [2, 3, 4, 7].map(|file| files[&file].clone());
            (
                their_attributes(trimmed(attributes), record, &card.text_key).unwrap(),
                ours.and_then(|files| {
                    let files = text(&files);
                    let files = [&files[0][..], &files[1], &files[2], &files[3]];
                    our_card_key(files, anchors)?;
                    our_attributes(files, anchors)
                }),
                theirs(&|files, key| {
                    their_card_key(&files[&7], key)?;
                    their_attributes(&files[&2], &files[&3], key)
                }),
            )
        }
    };
    tally.compare("header", place, &honest, ours, theirs);
}
