//! What a card of the second generation holds (types `05` and `06`; the specified cards `07` and `08` hold the
//! same objects).
//!
//! Source: 第２世代在留カード等仕様書（一般公開用）Ver 1.1, §3.3.4 (objects), §3.4.3.1 (signature).

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;

use bytes::Bytes;
use zairyu_tlv::Tag;

use crate::{
    CardDate, CardFiles, CardKind, CardNumber, CardType, Code, CommissionerEntry, ComprehensivePermission,
    Error, ErrorKind, File, ImageValue, IndividualPermission, Nationality, Part, PeriodOfStay,
    RenewalApplication, Sex, SignatureObjects, WorkRestriction, card_number, object::Objects, part,
    signature, value,
};

/// The length of the printed entries in the signed message, in bytes.
pub const SIGNED_ENTRIES_LEN: usize = 53;
/// The length of the face image in the signed message, in bytes, padding included.
pub const FACE_IMAGE_LEN: usize = 3000;
/// The length of the name image in the signed message, in bytes, padding included.
pub const NAME_IMAGE_LEN: usize = 2500;
/// The most bytes an address image takes.
pub const ADDRESS_IMAGE_LEN: usize = 2500;
/// The length of a raw check code in bytes: r and s of P-384.
pub const CHECK_CODE_LEN: usize = 96;

const NAME_IMAGE: Tag = Tag::new(0xD0);
const FACE_IMAGE: Tag = Tag::new(0xD1);

/// A card of the second generation. Each part is read by itself: damage in one leaves the others.
#[derive(Debug)]
#[non_exhaustive]
pub struct SecondCard {
    /// 仕様バージョン (`C0`).
    pub specification_version: Part<String>,
    /// 在留カード等番号 (`C2`). Not signed.
    pub number: Part<CardNumber>,
    /// What the signature covers.
    pub signed: Result<SignedEntries, Error>,
    /// 住居地イメージ (`DFD1`): TIFF, ITU-T T.6. Not signed.
    pub address_image: Part<ImageValue>,
    /// 資格外活動許可欄. Not on types 06 and 08, and not signed.
    pub permissions: Part<Permissions>,
    /// 在留期間更新等許可申請ステータス. Not on types 06 and 08, and not signed.
    pub renewal_application: Part<RenewalApplication>,
    /// その他. Not signed.
    pub commissioner_note: Part<CommissionerNote>,
    /// Check code and certificate; `None` when the card carries none.
    pub signature: Part<SignatureObjects>,
}

impl SecondCard {
    /// Reads all parts of a second-generation card's files.
    #[must_use]
    pub fn parse(files: &CardFiles) -> Self {
        Self {
            specification_version: part(files, File::CommonData, crate::specification_version),
            number: part(files, File::CardNumber, parse_number),
            signed: SignedEntries::parse(files),
            address_image: parse_address_image(files),
            permissions: part(files, File::Permissions, Permissions::parse),
            renewal_application: part(files, File::RenewalApplication, |bytes| {
                crate::renewal_application(Tag::new(0xD8), bytes)
            }),
            commissioner_note: part(files, File::CommissionerNote, CommissionerNote::parse),
            signature: signature::parse(files, Tag::new(0xDC), Tag::new(0xDD)),
        }
    }
}

fn parse_number(bytes: &Bytes) -> Result<CardNumber, Error> {
    let objects = Objects::parse(File::CardNumber, bytes)?;
    let object = objects.required(Tag::new(0xC2))?;
    card_number::from_card(value::trimmed_text(File::CardNumber, &object)?).ok_or_else(|| {
        Error::new(
            File::CardNumber,
            ErrorKind::MalformedCardNumber,
            object.value_offset(),
        )
    })
}

fn parse_address_image(files: &CardFiles) -> Part<ImageValue> {
    const TAG: Tag = Tag::new(0xDFD1);
    let image = part(files, File::AddressImage, |bytes| {
        let objects = Objects::parse(File::AddressImage, bytes)?;
        if objects.is_empty() {
            return Ok(None);
        }
        ImageValue::from_object(
            bytes,
            File::AddressImage,
            &objects.required(TAG)?,
            ADDRESS_IMAGE_LEN,
        )
    })?;
    Ok(image.flatten())
}

/// What the signature covers: printed entries, face and name image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedEntries {
    card_type: CardType,
    entries: PrintedEntries,
    name: Option<ImageValue>,
    face: Option<ImageValue>,
}

impl SignedEntries {
    /// Reads DF1/EF02 and DF1/EF03.
    ///
    /// # Errors
    ///
    /// [`Error`] when either file is missing or damaged.
    pub fn parse(files: &CardFiles) -> Result<Self, Error> {
        let entries_file = files.get(File::PrintedEntries).ok_or(Error::new(
            File::PrintedEntries,
            ErrorKind::MissingFile,
            0,
        ))?;
        let images_file = files.get(File::NameAndFaceImage).ok_or(Error::new(
            File::NameAndFaceImage,
            ErrorKind::MissingFile,
            0,
        ))?;
        let objects = Objects::parse(File::NameAndFaceImage, images_file)?;
        let image = |tag, capacity| match objects.optional(tag) {
            Some(object) => ImageValue::from_object(images_file, File::NameAndFaceImage, &object, capacity),
            None => Ok(None),
        };
        Ok(Self {
            card_type: files.card_type(),
            entries: PrintedEntries::parse(entries_file)?,
            name: image(NAME_IMAGE, NAME_IMAGE_LEN)?,
            face: image(FACE_IMAGE, FACE_IMAGE_LEN)?,
        })
    }

    /// 券面記載事項.
    #[must_use]
    pub const fn entries(&self) -> &PrintedEntries {
        &self.entries
    }

    /// 氏名イメージ: TIFF, ITU-T T.6.
    #[must_use]
    pub const fn name(&self) -> Option<&ImageValue> {
        self.name.as_ref()
    }

    /// 顔画像: JPEG 2000, colour. Cards of children under one year have none.
    #[must_use]
    pub const fn face(&self) -> Option<&ImageValue> {
        self.face.as_ref()
    }

    /// The bytes that the signature covers, 5,553 together: the values of the printed entries, filled with `00` to
    /// 53; the face image, filled with `00` to 3,000; the name image, filled with `00` to 2,500.
    ///
    /// A face image that is not there counts as 3,000 bytes of `00`; the specification's rule for it is not public.
    /// So `00` at an image's end, and how its length is written, make no difference; the card's type, other than
    /// through the number of its entries, makes none either.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnspecifiedOrder`], [`ErrorKind::WrongLength`] or [`ErrorKind::BlankEntries`] when the printed
    /// entries are not exactly those of the card's type: the signature covers them without tags and lengths, so that
    /// anything else could show a signed value under another name. [`ErrorKind::MissingObject`] when there is no
    /// name image.
    pub fn message(&self) -> Result<Vec<u8>, Error> {
        let missing_name = Error::new(
            File::NameAndFaceImage,
            ErrorKind::MissingObject { tag: NAME_IMAGE },
            0,
        );
        let name = self.name.as_ref().ok_or(missing_name)?;
        let face = self
            .face
            .as_ref()
            .map(|image| &image.bytes()[..])
            .unwrap_or_default();
        let mut message = self.entries.signed_values(self.card_type.kind())?;
        message.resize(SIGNED_ENTRIES_LEN, 0);
        message.extend_from_slice(face);
        message.resize(SIGNED_ENTRIES_LEN + FACE_IMAGE_LEN, 0);
        message.extend_from_slice(name.bytes());
        message.resize(SIGNED_ENTRIES_LEN + FACE_IMAGE_LEN + NAME_IMAGE_LEN, 0);
        Ok(message)
    }
}

/// 券面記載事項 (DF1/EF02): what is printed on the card, as text.
///
/// Types 06 and 08 carry the first six entries only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrintedEntries {
    /// カード有効期間満了日 (`C5`).
    pub card_expires_on: Option<CardDate>,
    /// 生年月日 (`C6`).
    pub date_of_birth: Option<CardDate>,
    /// 性別 (`C7`).
    pub sex: Option<Sex>,
    /// 国籍・地域 (`C8`).
    pub nationality: Option<Nationality>,
    /// 在留資格 (`C9`): ten characters; no public table.
    pub residence_status: Option<Code>,
    /// 在留期間 (`CE`).
    pub period_of_stay: Option<PeriodOfStay>,
    /// 許可の種類 (`CA`): two characters; no public table.
    pub permission_type: Option<Code>,
    /// 許可年月日 (`CB`).
    pub permission_date: Option<CardDate>,
    /// 就労制限の有無 (`CC`).
    pub work_restriction: Option<WorkRestriction>,
    /// 在留期間満了日 (`CD`).
    pub stay_expires_on: Option<CardDate>,
    objects: Vec<EntryObject>,
}

/// An entry as it stands in the file.
#[derive(Clone, Eq)]
struct EntryObject {
    tag: Tag,
    offset: usize,
    value: Bytes,
}

/// Where it stands is for error messages and makes it no other entry: lengths have more than one form.
impl PartialEq for EntryObject {
    fn eq(&self, other: &Self) -> bool {
        (self.tag, &self.value) == (other.tag, &other.value)
    }
}

/// Tag and length of each entry, in the order of the specification's table.
const ENTRIES: [(Tag, usize); 10] = [
    (Tag::new(0xC5), 8),
    (Tag::new(0xC6), 8),
    (Tag::new(0xC7), 1),
    (Tag::new(0xC8), 3),
    (Tag::new(0xC9), 10),
    (Tag::new(0xCE), 4),
    (Tag::new(0xCA), 2),
    (Tag::new(0xCB), 8),
    (Tag::new(0xCC), 1),
    (Tag::new(0xCD), 8),
];

/// How many of [`ENTRIES`] a special permanent resident's card has.
const SPECIAL_PERMANENT_RESIDENT_ENTRIES: usize = 6;

impl PrintedEntries {
    /// Reads DF1/EF02, in whatever order the objects stand and whichever are there.
    ///
    /// # Errors
    ///
    /// [`Error`] when the bytes are no list of data objects, or a text is not UTF-8.
    pub fn parse(bytes: &Bytes) -> Result<Self, Error> {
        const FILE: File = File::PrintedEntries;
        let objects = Objects::parse(FILE, bytes)?;
        let object = |number| objects.optional(Tag::new(number));
        let date = |number| {
            object(number)
                .map(|object| CardDate::parse(FILE, &object))
                .transpose()
        };
        let text = |number| {
            object(number)
                .map(|object| value::trimmed_text(FILE, &object))
                .transpose()
        };
        Ok(Self {
            card_expires_on: date(0xC5)?,
            date_of_birth: date(0xC6)?,
            sex: text(0xC7)?.map(Sex::from_code),
            nationality: text(0xC8)?.map(Nationality::from_code),
            residence_status: text(0xC9)?.map(Code::new),
            period_of_stay: text(0xCE)?.map(PeriodOfStay::from_code),
            permission_type: text(0xCA)?.map(Code::new),
            permission_date: date(0xCB)?,
            work_restriction: text(0xCC)?.map(WorkRestriction::from_code),
            stay_expires_on: date(0xCD)?,
            objects: objects
                .iter()
                .map(|object| EntryObject {
                    tag: object.tag(),
                    offset: object.value_offset(),
                    value: bytes.slice_ref(object.value()),
                })
                .collect(),
        })
    }

    /// The values one after another, if they are exactly those specified for this kind of card.
    fn signed_values(&self, kind: CardKind) -> Result<Vec<u8>, Error> {
        let common = ENTRIES.split_at(SPECIAL_PERMANENT_RESIDENT_ENTRIES).0;
        let specified = match kind {
            CardKind::ResidenceCard => &ENTRIES[..],
            CardKind::SpecialPermanentResidentCertificate => common,
        };
        let error = |kind, offset| Error::new(File::PrintedEntries, kind, offset);
        let mut tags = specified.iter().map(|&(tag, _)| tag);
        if let Some(object) = self.objects.iter().find(|object| tags.next() != Some(object.tag)) {
            return Err(error(ErrorKind::UnspecifiedOrder, object.offset));
        }
        if self.objects.len() < specified.len() {
            return Err(error(ErrorKind::UnspecifiedOrder, 0));
        }
        let mut values = Vec::with_capacity(SIGNED_ENTRIES_LEN);
        for (object, &(tag, specified)) in self.objects.iter().zip(specified) {
            let found = object.value.len();
            if found != specified {
                let kind = ErrorKind::WrongLength {
                    tag,
                    specified,
                    found,
                };
                return Err(error(kind, object.offset));
            }
            values.extend_from_slice(&object.value);
        }
        let mut residence_card_only = self.objects.iter().skip(common.len()).peekable();
        if let Some(first) = residence_card_only.peek().copied()
            && residence_card_only.all(|object| object.value.iter().all(|&byte| byte == 0))
        {
            return Err(error(ErrorKind::BlankEntries, first.offset));
        }
        Ok(values)
    }
}

/// The entries are personal.
impl fmt::Debug for PrintedEntries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrintedEntries({} objects)", self.objects.len())
    }
}

/// 資格外活動許可欄 (DF2/EF01): permission for activities outside the status of residence.
///
/// The holder has one if *either* is granted: most students have only the comprehensive one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permissions {
    /// 包括許可 (`D5`). Seven bytes are reserved, one is written.
    pub comprehensive: ComprehensivePermission,
    /// 包括許可の期限 (`D6`).
    pub comprehensive_until: CardDate,
    /// 個別許可 (`D7`).
    pub individual: IndividualPermission,
}

impl Permissions {
    fn parse(bytes: &Bytes) -> Result<Self, Error> {
        const FILE: File = File::Permissions;
        let objects = Objects::parse(FILE, bytes)?;
        let comprehensive = objects.required(Tag::new(0xD5))?;
        let individual = objects.required(Tag::new(0xD7))?;
        Ok(Self {
            comprehensive: ComprehensivePermission::from_code(value::trimmed_text(FILE, &comprehensive)?),
            comprehensive_until: match objects.optional(Tag::new(0xD6)) {
                Some(object) => CardDate::parse(FILE, &object)?,
                None => CardDate::Blank,
            },
            individual: IndividualPermission::from_code(value::trimmed_text(FILE, &individual)?),
        })
    }
}

/// その他 (DF2/EF03; on type 06 DF2/EF01): what the Commissioner of the Agency recorded.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommissionerNote {
    /// 出入国在留管理庁長官が記録した旨 (`D9`).
    pub entry: CommissionerEntry,
    /// 予備 (`DE`): free text, empty when there is none.
    pub text: String,
}

impl CommissionerNote {
    fn parse(bytes: &Bytes) -> Result<Self, Error> {
        const FILE: File = File::CommissionerNote;
        let objects = Objects::parse(FILE, bytes)?;
        let entry = objects.required(Tag::new(0xD9))?;
        Ok(Self {
            entry: CommissionerEntry::from_code(value::trimmed_text(FILE, &entry)?),
            text: match objects.optional(Tag::new(0xDE)) {
                Some(object) => value::text(FILE, &object)?.trim_end_matches('\0').to_owned(),
                None => String::new(),
            },
        })
    }
}

/// The text is personal.
impl fmt::Debug for CommissionerNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommissionerNote(..)")
    }
}
