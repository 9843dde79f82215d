use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use zairyu_data::{CardNumber, CardType, File, FileEntry, Folder, Generation, SecureMessagingProfile};
use zairyu_tlv::{Header, Tag};

use crate::{CertificateFault, IssueError, IssuedCard, Issuer, Validity, keys::SHA256_DIGEST_INFO};

/// The objects that a card's holder, or the Agency, fills in. Not every card type has all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Field {
    /// 仕様バージョン番号 (`C0`).
    SpecificationVersion,
    /// カード種別 (`C1`).
    CardTypeCode,
    /// 券面（表）イメージ (first generation, `D0`).
    FrontImage,
    /// 顔画像 (`D1`).
    FaceImage,
    /// 氏名イメージ (second generation, `D0`).
    NameImage,
    /// 住居地イメージ (second generation, `DFD1`).
    AddressImage,
    /// 在留カード等番号 (second generation, `C2`). [`CardBuilder::number`] sets it together with the number that opens
    /// the card; setting this field alone makes the two differ.
    CardNumber,
    /// カード有効期間満了日 (`C5`).
    CardExpiresOn,
    /// 生年月日 (`C6`).
    DateOfBirth,
    /// 性別 (`C7`).
    Sex,
    /// 国籍・地域 (`C8`).
    Nationality,
    /// 在留資格 (`C9`).
    ResidenceStatus,
    /// 在留期間 (`CE`).
    PeriodOfStay,
    /// 許可の種類 (`CA`).
    PermissionType,
    /// 許可年月日 (`CB`).
    PermissionDate,
    /// 就労制限の有無 (`CC`).
    WorkRestriction,
    /// 在留期間満了日 (`CD`).
    StayExpiresOn,
    /// 追記書き込み年月日 (first generation, `D2`).
    AddressRecordedOn,
    /// 市町村コード (first generation, `D3`).
    MunicipalityCode,
    /// 住居地 (first generation, `D4`).
    Address,
    /// 包括許可: text (first generation) or code (second generation), `D5`.
    ComprehensivePermission,
    /// 包括許可の期限 (second generation, `D6`).
    ComprehensivePermissionUntil,
    /// 個別許可: text (first generation, `D6`) or code (second generation, `D7`).
    IndividualPermission,
    /// 在留期間更新等許可申請 (first generation `D7`, second `D8`).
    RenewalApplication,
    /// 出入国在留管理庁長官が記録した旨 (second generation, `D9`).
    CommissionerEntry,
    /// 予備 (second generation, `DE`).
    CommissionerText,
}

/// How an object's length is written. All three are allowed (在留カード等仕様書 Ver 1.5, §3.2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LengthForm {
    /// One, two or three bytes, as few as possible.
    Shortest,
    /// `81 xx`, for up to 255 bytes.
    Two,
    /// `82 xx xx`.
    Three,
}

/// How the check code is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckCode {
    /// First generation: PKCS#1 v1.5 with the `DigestInfo` of SHA-256. What is issued when nothing else is asked for.
    RsaDigestInfo,
    /// First generation: the hash alone behind the padding, as Figure 3-4 of 在留カード等仕様書 Ver 1.5 draws it.
    RsaBareHash,
    /// First generation, forged: eight bytes of padding, `DigestInfo`, hash, and 194 bytes of garbage.
    RsaGarbageBehindHash,
    /// First generation, wrong: a `DigestInfo` without the `NULL`.
    RsaDigestInfoWithoutNull,
    /// Second generation: r and s, 48 bytes each. What is issued when nothing else is asked for.
    EcdsaRaw,
    /// Second generation: `SEQUENCE { r, s }`, 102 to 104 bytes. The specification has room for 96; the file has
    /// room for more.
    EcdsaDer,
    /// These bytes.
    Bytes(Vec<u8>),
}

/// How a card shows that it has no signature (holders under 16: 在留カード等仕様書 Ver 1.5, §3.3.5, gives the
/// first two forms in two footnotes that contradict each other).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoSignature {
    /// `DA 00 DB 00`, then `00` to the file's end.
    TwoEmptyObjects,
    /// `DA 00`, then `00` to the file's end.
    OneEmptyObject,
    /// Nothing but `00`.
    Zeros,
    /// The file does not exist.
    NoFile,
}

/// How a card shows that it has no face image. Not specified, so all of them must be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoFace {
    /// The object `D1` with length 0.
    EmptyObject,
    /// The object `D1` with its full length, all `00`.
    BlankValue,
    /// No object `D1`; `00` to the file's end.
    NoObject,
}

#[derive(Clone)]
struct Object {
    file: File,
    field: Field,
    tag: Tag,
    capacity: usize,
    value: Vec<u8>,
    form: LengthForm,
}

/// Describes a card: its holder, and everything that shall be odd about it.
///
/// The holder is invented. Values are given as on the card: dates `YYYYMMDD`, codes as characters, texts in UTF-8,
/// images as files. A mistake shows when the card is issued.
#[derive(Clone)]
pub struct CardBuilder {
    card_type: CardType,
    number: String,
    objects: Vec<Object>,
    check_code: Option<CheckCode>,
    no_signature: Option<NoSignature>,
    serial: u64,
    validity: Validity,
    certificate_faults: Vec<CertificateFault>,
    padded_certificate: bool,
    profile: Option<SecureMessagingProfile>,
    zeros: Vec<File>,
    missing: Vec<File>,
    error: Option<IssueError>,
}

const FRONT: &[u8] = include_bytes!("../assets/front.tif");
const FACE: &[u8] = include_bytes!("../assets/face.jp2");
const NAME: &[u8] = include_bytes!("../assets/name.tif");
const ADDRESS: &[u8] = include_bytes!("../assets/address.tif");

/// The number on the Agency's public sample card.
const NUMBER: &str = "AB12345678CD";

/// The signed message's parts (第２世代在留カード等仕様書 Ver 1.1, §3.4.3.1), in bytes.
const SIGNED_ENTRIES: usize = 53;
const SIGNED_FACE: usize = 3000;
const SIGNED_NAME: usize = 2500;

impl CardBuilder {
    /// A complete card of an invented holder.
    #[must_use]
    pub fn new(card_type: CardType) -> Self {
        let not_before = match card_type.generation() {
            Generation::First => "240401000000Z",
            Generation::Second | Generation::Specified => "260601000000Z",
        };
        let mut builder = Self {
            card_type,
            number: NUMBER.to_owned(),
            objects: Vec::new(),
            check_code: None,
            no_signature: None,
            serial: 0x1001,
            validity: Validity::new(not_before, "491231235959Z"),
            certificate_faults: Vec::new(),
            padded_certificate: card_type.generation() == Generation::First,
            profile: None,
            zeros: Vec::new(),
            missing: Vec::new(),
            error: None,
        };
        builder.fill_in();
        builder
    }

    /// The objects of the card type, in the specification's order, with the invented holder's values.
    fn fill_in(&mut self) {
        let code = self.card_type.code().as_bytes();
        self.object(File::CommonData, Field::SpecificationVersion, 0xC0, 4, b"0001");
        self.object(File::CardType, Field::CardTypeCode, 0xC1, code.len(), code);
        match self.card_type.generation() {
            Generation::First => self.fill_in_first(),
            Generation::Second | Generation::Specified => self.fill_in_second(),
        }
        // Type 2 and 06 lack some files and some entries.
        let card_type = match self.card_type {
            CardType::SpecifiedResidenceCard => CardType::SecondResidenceCard,
            CardType::SpecifiedSpecialPermanentResident => CardType::SecondSpecialPermanentResident,
            other => other,
        };
        self.objects
            .retain(|object| card_type.entry(object.file).is_some());
        if card_type == CardType::SecondSpecialPermanentResident {
            self.objects.retain(|object| {
                !matches!(
                    object.field,
                    Field::PermissionType
                        | Field::PermissionDate
                        | Field::WorkRestriction
                        | Field::StayExpiresOn
                )
            });
        }
    }

    /// 在留カード等仕様書 Ver 1.5, §3.3.4.
    fn fill_in_first(&mut self) {
        use File as E;
        let address = "東京都千代田区霞が関１－１－１".as_bytes();
        let permission = "許可：原則週28時間以内・風俗営業等の従事を除く".as_bytes();
        self.object(E::FrontImage, Field::FrontImage, 0xD0, 7000, FRONT);
        self.object(E::FaceImage, Field::FaceImage, 0xD1, 3000, FACE);
        self.object(E::Address, Field::AddressRecordedOn, 0xD2, 8, b"20260401");
        self.object(E::Address, Field::MunicipalityCode, 0xD3, 6, b"131016");
        self.object(E::Address, Field::Address, 0xD4, 320, address);
        self.object(
            E::ComprehensivePermission,
            Field::ComprehensivePermission,
            0xD5,
            120,
            permission,
        );
        self.object(
            E::IndividualPermission,
            Field::IndividualPermission,
            0xD6,
            120,
            b"",
        );
        self.object(E::RenewalApplication, Field::RenewalApplication, 0xD7, 1, b"0");
    }

    /// 第２世代在留カード等仕様書 Ver 1.1, §3.3.4.
    fn fill_in_second(&mut self) {
        use File as E;
        let number = self.number.clone();
        self.object(E::CardNumber, Field::CardNumber, 0xC2, 12, number.as_bytes());
        self.object(E::PrintedEntries, Field::CardExpiresOn, 0xC5, 8, b"20330401");
        self.object(E::PrintedEntries, Field::DateOfBirth, 0xC6, 8, b"19851231");
        self.object(E::PrintedEntries, Field::Sex, 0xC7, 1, b"2");
        self.object(E::PrintedEntries, Field::Nationality, 0xC8, 3, b"USA");
        self.object(E::PrintedEntries, Field::ResidenceStatus, 0xC9, 10, b"T410010000");
        self.object(E::PrintedEntries, Field::PeriodOfStay, 0xCE, 4, b"0300");
        self.object(E::PrintedEntries, Field::PermissionType, 0xCA, 2, b"01");
        self.object(E::PrintedEntries, Field::PermissionDate, 0xCB, 8, b"20260620");
        self.object(E::PrintedEntries, Field::WorkRestriction, 0xCC, 1, b"2");
        self.object(E::PrintedEntries, Field::StayExpiresOn, 0xCD, 8, b"20290620");
        self.object(E::NameAndFaceImage, Field::NameImage, 0xD0, 2500, NAME);
        self.object(E::NameAndFaceImage, Field::FaceImage, 0xD1, 3000, FACE);
        self.object(E::AddressImage, Field::AddressImage, 0xDFD1, 2500, ADDRESS);
        self.object(E::Permissions, Field::ComprehensivePermission, 0xD5, 7, b"1");
        self.object(
            E::Permissions,
            Field::ComprehensivePermissionUntil,
            0xD6,
            8,
            b"20280401",
        );
        self.object(E::Permissions, Field::IndividualPermission, 0xD7, 1, b"0");
        self.object(E::RenewalApplication, Field::RenewalApplication, 0xD8, 1, b"0");
        self.object(E::CommissionerNote, Field::CommissionerEntry, 0xD9, 1, b"0");
        self.object(E::CommissionerNote, Field::CommissionerText, 0xDE, 200, b"");
        // The file's capacity of 207 bytes counts three bytes of length for 200 of text.
        self.set_form(Field::CommissionerText, LengthForm::Three);
    }

    fn object(&mut self, file: File, field: Field, tag: u16, capacity: usize, value: &[u8]) {
        let mut value = value.to_vec();
        value.resize(capacity.max(value.len()), 0);
        self.objects.push(Object {
            file,
            field,
            tag: Tag::new(tag),
            capacity,
            value,
            form: LengthForm::Shortest,
        });
    }

    fn find(&mut self, field: Field) -> Option<&mut Object> {
        let found = self.objects.iter_mut().find(|object| object.field == field);
        if found.is_none() {
            self.error.get_or_insert(IssueError::NoSuchField(field));
        }
        found
    }

    fn set_form(&mut self, field: Field, form: LengthForm) {
        if let Some(object) = self.find(field) {
            object.form = form;
        }
    }

    /// Sets the card number: the one that opens the card, and on the second generation the one in its file.
    #[must_use]
    pub fn number(mut self, number: &str) -> Self {
        number.clone_into(&mut self.number);
        match self.card_type.generation() {
            Generation::First => self,
            Generation::Second | Generation::Specified => self.with(Field::CardNumber, number),
        }
    }

    /// Sets a field, filled up with `00` to its full length. An empty value leaves nothing but `00`.
    #[must_use]
    pub fn with(mut self, field: Field, value: impl AsRef<[u8]>) -> Self {
        if let Some(object) = self.find(field) {
            object.value = value.as_ref().to_vec();
            object.value.resize(object.capacity.max(object.value.len()), 0);
        }
        self
    }

    /// Sets a field to exactly these bytes, however few. An empty value makes an object of length 0.
    #[must_use]
    pub fn with_exactly(mut self, field: Field, value: impl AsRef<[u8]>) -> Self {
        if let Some(object) = self.find(field) {
            object.value = value.as_ref().to_vec();
        }
        self
    }

    /// Leaves an object out.
    #[must_use]
    pub fn without(mut self, field: Field) -> Self {
        if self.find(field).is_some() {
            self.objects.retain(|object| object.field != field);
        }
        self
    }

    /// Lets two objects change places, before signing.
    #[must_use]
    pub fn swapped(mut self, first: Field, second: Field) -> Self {
        let place = |field| self.objects.iter().position(|object| object.field == field);
        match (place(first), place(second)) {
            (Some(one), Some(other)) => self.objects.swap(one, other),
            (None, _) => drop(self.error.get_or_insert(IssueError::NoSuchField(first))),
            (_, None) => drop(self.error.get_or_insert(IssueError::NoSuchField(second))),
        }
        self
    }

    /// Writes an object's length in this form.
    #[must_use]
    pub fn length_form(mut self, field: Field, form: LengthForm) -> Self {
        self.set_form(field, form);
        self
    }

    /// Fills a whole file with `00`. For the two permission fields of the first generation that is how a card looks
    /// whose permission was withdrawn (在留カード等仕様書 Ver 1.5, §3.3.4).
    #[must_use]
    pub fn with_zeros(mut self, file: File) -> Self {
        self.zeros.push(file);
        self
    }

    /// Leaves a file out: the card answers `6A82`.
    #[must_use]
    pub fn without_file(mut self, file: File) -> Self {
        self.missing.push(file);
        self
    }

    /// Leaves the face image out.
    #[must_use]
    pub fn without_face(self, form: NoFace) -> Self {
        match form {
            NoFace::EmptyObject => self.with_exactly(Field::FaceImage, b""),
            NoFace::BlankValue => self.with(Field::FaceImage, b""),
            NoFace::NoObject => self.without(Field::FaceImage),
        }
    }

    /// Leaves check code and certificate out.
    #[must_use]
    pub const fn without_signature(mut self, form: NoSignature) -> Self {
        self.no_signature = Some(form);
        self
    }

    /// A first-generation card of a holder under 16: neither face image nor signature. With [`NoSignature::NoFile`] the
    /// face image's file is missing too, with [`NoSignature::Zeros`] it is all `00`; otherwise its object is empty.
    #[must_use]
    pub fn under_16(self, form: NoSignature) -> Self {
        let card = self.without_signature(form);
        match form {
            NoSignature::NoFile => card.without_file(File::FaceImage),
            NoSignature::Zeros => card.with_zeros(File::FaceImage),
            NoSignature::TwoEmptyObjects | NoSignature::OneEmptyObject => {
                card.without_face(NoFace::EmptyObject)
            }
        }
    }

    /// A second-generation card of a child under one year: no face image, and a signature in which 3,000 bytes of
    /// `00` stand for it. The latter is a guess: the specification's rule is not public.
    #[must_use]
    pub fn under_1(self, form: NoFace) -> Self {
        self.without_face(form)
    }

    /// Makes the check code in another way.
    #[must_use]
    pub fn check_code(mut self, check_code: CheckCode) -> Self {
        self.check_code = Some(check_code);
        self
    }

    /// Breaks a rule in the card's certificate.
    #[must_use]
    pub fn certificate_fault(mut self, fault: CertificateFault) -> Self {
        self.certificate_faults.push(fault);
        self
    }

    /// Sets from when to when the card's certificate is valid; to the end of 2049 when not set.
    #[must_use]
    pub fn certificate_validity(mut self, validity: Validity) -> Self {
        self.validity = validity;
        self
    }

    /// Sets the certificate's serial number.
    #[must_use]
    pub const fn certificate_serial(mut self, serial: u64) -> Self {
        self.serial = serial;
        self
    }

    /// Whether the certificate's object is filled up with `00` to its full length (1,200 or 602 bytes), or as long as
    /// the certificate with the filler behind it. Usual is the former on the first generation, the latter on the
    /// second (第２世代在留カード等仕様書 Ver 1.1, 別添2).
    #[must_use]
    pub const fn padded_certificate(mut self, padded: bool) -> Self {
        self.padded_certificate = padded;
        self
    }

    /// How a card of type 07 or 08 is opened and read, and where its files are. It holds what a card of type 05 or 06 does.
    #[must_use]
    pub fn profile(mut self, profile: SecureMessagingProfile) -> Self {
        if self.card_type.generation() != Generation::Specified || profile.check().is_err() {
            self.error.get_or_insert(IssueError::Profile);
        }
        self.profile = Some(profile);
        self
    }

    /// The files that the card has.
    fn files(&self) -> Vec<FileEntry> {
        let Some(profile) = &self.profile else {
            return self.card_type.files().to_vec();
        };
        // Beside the folders lies what lies under the MF of the others.
        let free = CardType::SecondResidenceCard.files().iter();
        let free = free.filter(|entry| entry.folder == Folder::Mf);
        free.chain(profile.files(self.card_type)).copied().collect()
    }

    pub(crate) fn build(&self, issuer: &Issuer) -> Result<IssuedCard, IssueError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let number = CardNumber::parse(&self.number).map_err(|_| IssueError::Number)?;
        let entries = self.files();
        if entries.is_empty() {
            return Err(IssueError::UnknownFiles);
        }
        let mut files = BTreeMap::new();
        for entry in &entries {
            if self.missing.contains(&entry.file) {
                continue;
            }
            let mut content = Vec::new();
            if entry.file == File::Signature {
                match self.no_signature {
                    Some(NoSignature::NoFile) => continue,
                    Some(NoSignature::Zeros) => {}
                    Some(NoSignature::OneEmptyObject) => content.extend([self.signature_tags().0, 0]),
                    Some(NoSignature::TwoEmptyObjects) => {
                        content.extend([self.signature_tags().0, 0, self.signature_tags().1, 0]);
                    }
                    None => content = self.sign(issuer, entry.capacity)?,
                }
            } else {
                for object in self.objects.iter().filter(|object| object.file == entry.file) {
                    content.extend(object.encode()?);
                }
            }
            if content.len() > entry.capacity {
                return Err(IssueError::FileTooLong {
                    file: entry.file,
                    length: content.len(),
                    capacity: entry.capacity,
                });
            }
            if self.zeros.contains(&entry.file) {
                content.clear();
            }
            content.resize(entry.capacity, 0);
            files.insert(entry.file, content);
        }
        Ok(IssuedCard::new(
            self.card_type,
            number,
            files,
            self.profile.clone(),
        ))
    }

    /// The tags of check code and certificate.
    const fn signature_tags(&self) -> (u8, u8) {
        match self.card_type.generation() {
            Generation::First => (0xDA, 0xDB),
            Generation::Second | Generation::Specified => (0xDC, 0xDD),
        }
    }

    /// The signature file's objects.
    fn sign(&self, issuer: &Issuer, capacity: usize) -> Result<Vec<u8>, IssueError> {
        let generation = self.card_type.generation();
        let (mut certificate, key) = issuer.certify(
            generation,
            self.serial,
            self.validity.clone(),
            &self.certificate_faults,
        )?;
        let hash = Sha256::digest(self.message());
        let usual = match generation {
            Generation::First => CheckCode::RsaDigestInfo,
            Generation::Second | Generation::Specified => CheckCode::EcdsaRaw,
        };
        let check_code = match self.check_code.as_ref().unwrap_or(&usual) {
            CheckCode::RsaDigestInfo => key.sign_rsa_block(&[SHA256_DIGEST_INFO, &hash].concat())?,
            CheckCode::RsaBareHash => key.sign_rsa_block(&hash)?,
            CheckCode::RsaGarbageBehindHash => {
                let garbage = [0xA5; 194];
                key.sign_rsa_block(&[SHA256_DIGEST_INFO, &hash, &garbage].concat())?
            }
            CheckCode::RsaDigestInfoWithoutNull => {
                let info = b"\x30\x2F\x30\x0B\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20";
                key.sign_rsa_block(&[&info[..], &hash].concat())?
            }
            CheckCode::EcdsaRaw => key.sign_ecdsa(&hash)?.to_bytes().to_vec(),
            CheckCode::EcdsaDer => key.sign_ecdsa(&hash)?.to_der().as_bytes().to_vec(),
            CheckCode::Bytes(bytes) => bytes.clone(),
        };
        if self.padded_certificate {
            let full = match generation {
                Generation::First => 1200,
                Generation::Second | Generation::Specified => 602,
            };
            certificate.resize(full.max(certificate.len()), 0);
        }
        let too_long = |length| IssueError::FileTooLong {
            file: File::Signature,
            length,
            capacity,
        };
        let (check_code_tag, certificate_tag) = self.signature_tags();
        let mut content = Vec::new();
        for (tag, value) in [(check_code_tag, &check_code), (certificate_tag, &certificate)] {
            let object = encode_object(Tag::new(tag.into()), value, LengthForm::Shortest);
            content.extend(object.ok_or_else(|| too_long(value.len()))?);
        }
        Ok(content)
    }

    /// What the check code is made over.
    fn message(&self) -> Vec<u8> {
        let value = |field| {
            let object = self.objects.iter().find(|object| object.field == field);
            object.map(|object| &object.value[..]).unwrap_or_default()
        };
        match self.card_type.generation() {
            // 在留カード等仕様書 Ver 1.5, §3.4.3: the two values as they stand.
            Generation::First => [value(Field::FrontImage), value(Field::FaceImage)].concat(),
            // Printed entries in the file's order, face, name: each filled up.
            Generation::Second | Generation::Specified => {
                let entries = self.objects.iter();
                let entries = entries.filter(|object| object.file == File::PrintedEntries);
                let mut message: Vec<u8> = entries.flat_map(|object| object.value.clone()).collect();
                message.resize(SIGNED_ENTRIES, 0);
                message.extend(value(Field::FaceImage));
                message.resize(SIGNED_ENTRIES + SIGNED_FACE, 0);
                message.extend(value(Field::NameImage));
                message.resize(SIGNED_ENTRIES + SIGNED_FACE + SIGNED_NAME, 0);
                message
            }
        }
    }
}

/// Names the type only.
impl std::fmt::Debug for CardBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CardBuilder({:?})", self.card_type)
    }
}

impl Object {
    fn encode(&self) -> Result<Vec<u8>, IssueError> {
        let too_long = |capacity| IssueError::ValueTooLong {
            field: self.field,
            length: self.value.len(),
            capacity,
        };
        if self.value.len() > self.capacity {
            return Err(too_long(self.capacity));
        }
        encode_object(self.tag, &self.value, self.form).ok_or_else(|| too_long(usize::from(u8::MAX)))
    }
}

/// `None` when the length does not fit its form.
fn encode_object(tag: Tag, value: &[u8], form: LengthForm) -> Option<Vec<u8>> {
    let mut buffer = [0; Header::MAX_LEN];
    let shortest = zairyu_tlv::encode_header(tag, value.len(), &mut buffer)?;
    let tag_len = if tag.number() > 0xFF { 2 } else { 1 };
    let [high, low] = u16::try_from(value.len()).ok()?.to_be_bytes();
    let tag = shortest.get(..tag_len)?;
    Some(match form {
        LengthForm::Shortest => [shortest, value].concat(),
        LengthForm::Two if high == 0 => [tag, &[0x81, low], value].concat(),
        LengthForm::Two => return None,
        LengthForm::Three => [tag, &[0x82, high, low], value].concat(),
    })
}
