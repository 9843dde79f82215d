//! What a card of the first generation holds (types `1` and `2`).
//!
//! Source: 在留カード等仕様書（一般公開用）Ver 1.5, §3.3.4 (objects), §3.3.5 (holders under 16), §3.4.3 (signature).

use alloc::{borrow::ToOwned, string::String};
use core::fmt;

use bytes::Bytes;
use zairyu_tlv::{Object, Tag};

use crate::{
    CardDate, CardFiles, Code, Error, ErrorKind, File, ImageValue, Part, RenewalApplication,
    SignatureObjects, object::Objects, part, signature, value,
};

/// The length of the front image's value in bytes, padding included.
pub const FRONT_IMAGE_LEN: usize = 7000;
/// The length of the face image's value in bytes, padding included.
pub const FACE_IMAGE_LEN: usize = 3000;
/// The length of the check code in bytes: one RSA-2048 signature.
pub const CHECK_CODE_LEN: usize = 256;

const FRONT_IMAGE: Tag = Tag::new(0xD0);
const FACE_IMAGE: Tag = Tag::new(0xD1);

/// A card of the first generation. Each part is read by itself: damage in one leaves the others.
#[derive(Debug)]
#[non_exhaustive]
pub struct FirstCard {
    /// 仕様バージョン番号 (`C0`).
    pub specification_version: Part<String>,
    /// What the signature covers.
    pub signed: Result<SignedImages, Error>,
    /// 住居地（裏面追記）.
    pub address: Part<Address>,
    /// 裏面資格外活動包括許可欄, the text as on the card, empty when there is none. Not on type 2.
    pub comprehensive_permission: Part<PermissionText>,
    /// 裏面資格外活動個別許可欄, likewise.
    pub individual_permission: Part<PermissionText>,
    /// 在留期間更新等許可申請ステータス. Not on type 2.
    pub renewal_application: Part<RenewalApplication>,
    /// Check code and certificate; `None` when the card carries none.
    pub signature: Part<SignatureObjects>,
}

impl FirstCard {
    /// Reads all parts of a first-generation card's files.
    #[must_use]
    pub fn parse(files: &CardFiles) -> Self {
        Self {
            specification_version: part(files, File::CommonData, crate::specification_version),
            signed: SignedImages::parse(files),
            address: part(files, File::Address, Address::parse),
            comprehensive_permission: part(files, File::ComprehensivePermission, |bytes| {
                PermissionText::parse(File::ComprehensivePermission, Tag::new(0xD5), bytes)
            }),
            individual_permission: part(files, File::IndividualPermission, |bytes| {
                PermissionText::parse(File::IndividualPermission, Tag::new(0xD6), bytes)
            }),
            renewal_application: part(files, File::RenewalApplication, |bytes| {
                crate::renewal_application(Tag::new(0xD7), bytes)
            }),
            signature: signature::parse(files, Tag::new(0xDA), Tag::new(0xDB)),
        }
    }
}

/// The two images that the signature covers: the card's front and the holder's face.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedImages {
    front: Option<ImageValue>,
    face: Option<ImageValue>,
    message: Result<[Bytes; 2], Error>,
}

impl SignedImages {
    /// Reads DF1/EF01 and DF1/EF02.
    ///
    /// # Errors
    ///
    /// [`Error`] when the front image is missing or either file is no list of data objects.
    pub fn parse(files: &CardFiles) -> Result<Self, Error> {
        let front_file =
            files
                .get(File::FrontImage)
                .ok_or(Error::new(File::FrontImage, ErrorKind::MissingFile, 0))?;
        let objects = Objects::parse(File::FrontImage, front_file)?;
        let object = objects.required(FRONT_IMAGE)?;
        let front = ImageValue::from_object(front_file, File::FrontImage, &object, FRONT_IMAGE_LEN)?;
        let front_value = full_value(front_file, File::FrontImage, &object, FRONT_IMAGE_LEN);
        let missing = Error::new(File::FaceImage, ErrorKind::MissingObject { tag: FACE_IMAGE }, 0);
        let (mut face, mut face_value) = (None, Err(missing));
        if let Some(face_file) = files.get(File::FaceImage) {
            let objects = Objects::parse(File::FaceImage, face_file)?;
            if let Some(object) = objects
                .optional(FACE_IMAGE)
                .filter(|object| !object.value().is_empty())
            {
                face = ImageValue::from_object(face_file, File::FaceImage, &object, FACE_IMAGE_LEN)?;
                face_value = full_value(face_file, File::FaceImage, &object, FACE_IMAGE_LEN);
            }
        }
        let message = front_value.and_then(|front| Ok([front, face_value?]));
        Ok(Self { front, face, message })
    }

    /// 券面（表）イメージ: the printed front without the photo; TIFF, ITU-T T.6.
    #[must_use]
    pub const fn front(&self) -> Option<&ImageValue> {
        self.front.as_ref()
    }

    /// 顔画像: JPEG 2000, colour. Cards of holders under 16 have none.
    #[must_use]
    pub const fn face(&self) -> Option<&ImageValue> {
        self.face.as_ref()
    }

    /// The bytes that the signature covers: both values with their padding, 10,000 bytes together.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongLength`] when a value has not its full length, [`ErrorKind::MissingObject`] when there is
    /// no face image: such cards carry no signature either.
    pub fn message(&self) -> Result<[&[u8]; 2], Error> {
        let [front, face] = self.message.as_ref().map_err(|&error| error)?;
        Ok([front, face])
    }
}

/// The object's value, if it has exactly the length that the signature covers.
fn full_value(bytes: &Bytes, file: File, object: &Object<'_>, specified: usize) -> Result<Bytes, Error> {
    let value = object.value();
    if value.len() != specified {
        let kind = ErrorKind::WrongLength {
            tag: object.tag(),
            specified,
            found: value.len(),
        };
        return Err(Error::new(file, kind, object.value_offset()));
    }
    Ok(bytes.slice_ref(value))
}

impl fmt::Debug for SignedImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedImages")
            .field("front", &self.front)
            .field("face", &self.face)
            .finish()
    }
}

/// 住居地（裏面追記）: the address added to the card's back.
///
/// What a card holds on which nothing was ever added is not specified: all parts may be blank.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Address {
    /// 追記書き込み年月日 (`D2`).
    pub recorded_on: CardDate,
    /// 市町村コード (`D3`): six digits of 全国地方公共団体コード, check digit included.
    pub municipality_code: Option<Code>,
    /// 住居地 (`D4`), at most 80 characters.
    pub text: String,
}

impl Address {
    fn parse(bytes: &Bytes) -> Result<Self, Error> {
        let objects = Objects::parse(File::Address, bytes)?;
        let recorded_on = match objects.optional(Tag::new(0xD2)) {
            Some(object) => CardDate::parse(File::Address, &object)?,
            None => CardDate::Blank,
        };
        let municipality_code = match objects.optional(Tag::new(0xD3)) {
            Some(object) => Some(value::trimmed_text(File::Address, &object)?),
            None => None,
        };
        let text = match objects.optional(Tag::new(0xD4)) {
            Some(object) => value::text(File::Address, &object)?
                .trim_end_matches('\0')
                .to_owned(),
            None => String::new(),
        };
        Ok(Self {
            recorded_on,
            municipality_code: municipality_code.filter(|code| !code.is_empty()).map(Code::new),
            text,
        })
    }
}

/// The address is personal.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}

/// A permission field of the card's back, as free text; empty when nothing is permitted.
///
/// A card that was rewritten because a permission ended has `00` for tag, length and value alike.
#[derive(Clone, PartialEq, Eq)]
pub struct PermissionText(String);

impl PermissionText {
    fn parse(file: File, tag: Tag, bytes: &Bytes) -> Result<Self, Error> {
        let objects = Objects::parse(file, bytes)?;
        if objects.is_empty() {
            return Ok(Self(String::new()));
        }
        Ok(Self(
            value::text(file, &objects.required(tag)?)?
                .trim_end_matches('\0')
                .to_owned(),
        ))
    }

    /// The text as on the card.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is personal.
impl fmt::Debug for PermissionText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PermissionText(..)")
    }
}
