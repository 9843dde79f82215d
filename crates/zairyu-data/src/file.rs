use alloc::collections::BTreeMap;
use core::fmt;

use bytes::Bytes;

use crate::CardType;

/// The elementary files (EF) of all card types, named for what they hold.
///
/// Which of them a card has, where, and how they are opened is [`CardType::files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum File {
    /// 共通データ要素: the specification's version.
    CommonData,
    /// カード種別.
    CardType,
    /// 券面（表）イメージ (first generation).
    FrontImage,
    /// 顔画像 (first generation).
    FaceImage,
    /// 在留カード等番号 (second generation).
    CardNumber,
    /// 券面記載事項 (second generation).
    PrintedEntries,
    /// 氏名イメージ and 顔画像 (second generation).
    NameAndFaceImage,
    /// 住居地イメージ (second generation).
    AddressImage,
    /// 住居地（裏面追記） (first generation).
    Address,
    /// 裏面資格外活動包括許可欄 (first generation).
    ComprehensivePermission,
    /// 裏面資格外活動個別許可欄 (first generation).
    IndividualPermission,
    /// 資格外活動許可欄 (second generation).
    Permissions,
    /// 在留期間等更新申請欄, 在留期間更新等許可申請ステータス.
    RenewalApplication,
    /// その他: what the Commissioner recorded (second generation).
    CommissionerNote,
    /// 電子署名: check code and certificate.
    Signature,
}

impl File {
    /// A short name for messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CommonData => "common data",
            Self::CardType => "card type",
            Self::FrontImage => "front image",
            Self::FaceImage => "face image",
            Self::CardNumber => "card number",
            Self::PrintedEntries => "printed entries",
            Self::NameAndFaceImage => "name and face image",
            Self::AddressImage => "address image",
            Self::Address => "address",
            Self::ComprehensivePermission => "comprehensive permission",
            Self::IndividualPermission => "individual permission",
            Self::Permissions => "permissions",
            Self::RenewalApplication => "renewal application",
            Self::CommissionerNote => "commissioner's note",
            Self::Signature => "signature",
        }
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The dedicated file (DF) in which an elementary file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Folder {
    /// The master file, current when the card powers up.
    Mf,
    /// DF1: what is printed on the card.
    Df1,
    /// DF2: what is added to it later.
    Df2,
    /// DF3: the signature.
    Df3,
}

impl Folder {
    /// The application identifier by which the DF is selected; the MF has none.
    ///
    /// 在留カード等仕様書 Ver 1.5, Table 3-3; the same in the second generation.
    #[must_use]
    pub const fn aid(self) -> Option<&'static [u8; 16]> {
        match self {
            Self::Mf => None,
            Self::Df1 => Some(b"\xD3\x92\xF0\x00\x4F\x02\0\0\0\0\0\0\0\0\0\0"),
            Self::Df2 => Some(b"\xD3\x92\xF0\x00\x4F\x03\0\0\0\0\0\0\0\0\0\0"),
            Self::Df3 => Some(b"\xD3\x92\xF0\x00\x4F\x04\0\0\0\0\0\0\0\0\0\0"),
        }
    }

    /// The name in the specification: `MF`, `DF1`, `DF2`, `DF3`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mf => "MF",
            Self::Df1 => "DF1",
            Self::Df2 => "DF2",
            Self::Df3 => "DF3",
        }
    }
}

/// What the card demands before it lets a file be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Nothing.
    Free,
    /// The card number was verified; read plain or under secure messaging.
    CardNumber,
    /// The card number was verified, and the read is under secure messaging.
    CardNumberAndSecureMessaging,
}

/// One row of a card type's file table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// What the file holds.
    pub file: File,
    /// Where it lies.
    pub folder: Folder,
    /// Its name in the specification, such as `EF01`.
    pub ef: &'static str,
    /// Its short EF identifier, 1 to 30. Not the number in its name.
    pub sfi: u8,
    /// Its size in bytes: the most that can be read from it.
    pub capacity: usize,
    /// What the card demands before it can be read.
    pub access: Access,
}

const fn entry(
    file: File,
    folder: Folder,
    ef: &'static str,
    sfi: u8,
    capacity: usize,
    access: Access,
) -> FileEntry {
    FileEntry {
        file,
        folder,
        ef,
        sfi,
        capacity,
        access,
    }
}

use Access::{CardNumber as Number, CardNumberAndSecureMessaging as NumberAndSm, Free};
use Folder::{Df1, Df2, Df3, Mf};

/// 在留カード等仕様書 Ver 1.5, §3.3.1 and §3.3.3; short identifiers §4.2.5.
const FIRST_RESIDENCE_CARD: [FileEntry; 9] = [
    entry(File::CommonData, Mf, "EF01", 0x0B, 6, Free),
    entry(File::CardType, Mf, "EF02", 0x0A, 3, Free),
    entry(File::FrontImage, Df1, "EF01", 0x05, 7004, NumberAndSm),
    entry(File::FaceImage, Df1, "EF02", 0x06, 3004, NumberAndSm),
    entry(File::Address, Df2, "EF01", 0x01, 342, Number),
    entry(File::ComprehensivePermission, Df2, "EF02", 0x02, 122, Number),
    entry(File::IndividualPermission, Df2, "EF03", 0x03, 122, Number),
    entry(File::RenewalApplication, Df2, "EF04", 0x04, 3, Number),
    entry(File::Signature, Df3, "EF01", 0x02, 1464, Number),
];

const FIRST_SPECIAL_PERMANENT_RESIDENT: [FileEntry; 6] = [
    entry(File::CommonData, Mf, "EF01", 0x0B, 6, Free),
    entry(File::CardType, Mf, "EF02", 0x0A, 3, Free),
    entry(File::FrontImage, Df1, "EF01", 0x05, 7004, NumberAndSm),
    entry(File::FaceImage, Df1, "EF02", 0x06, 3004, NumberAndSm),
    entry(File::Address, Df2, "EF01", 0x01, 342, Number),
    entry(File::Signature, Df3, "EF01", 0x02, 1464, Number),
];

/// 第２世代在留カード等仕様書 Ver 1.1, §3.3.1 to §3.3.3.
const SECOND_RESIDENCE_CARD: [FileEntry; 10] = [
    entry(File::CommonData, Mf, "EF01", 0x0B, 6, Free),
    entry(File::CardType, Mf, "EF02", 0x0A, 4, Free),
    entry(File::CardNumber, Df1, "EF01", 0x01, 14, NumberAndSm),
    entry(File::PrintedEntries, Df1, "EF02", 0x03, 73, NumberAndSm),
    entry(File::NameAndFaceImage, Df1, "EF03", 0x04, 5508, NumberAndSm),
    entry(File::AddressImage, Df1, "EF04", 0x06, 2505, NumberAndSm),
    entry(File::Permissions, Df2, "EF01", 0x01, 22, Number),
    entry(File::RenewalApplication, Df2, "EF02", 0x02, 3, Number),
    entry(File::CommissionerNote, Df2, "EF03", 0x03, 207, Number),
    entry(File::Signature, Df3, "EF01", 0x02, 704, Number),
];

/// The note is called DF2/EF01 here and keeps the short identifier 3.
const SECOND_SPECIAL_PERMANENT_RESIDENT: [FileEntry; 8] = [
    entry(File::CommonData, Mf, "EF01", 0x0B, 6, Free),
    entry(File::CardType, Mf, "EF02", 0x0A, 4, Free),
    entry(File::CardNumber, Df1, "EF01", 0x01, 14, NumberAndSm),
    entry(File::PrintedEntries, Df1, "EF02", 0x03, 46, NumberAndSm),
    entry(File::NameAndFaceImage, Df1, "EF03", 0x04, 5508, NumberAndSm),
    entry(File::AddressImage, Df1, "EF04", 0x06, 2505, NumberAndSm),
    entry(File::CommissionerNote, Df2, "EF01", 0x03, 207, Number),
    entry(File::Signature, Df3, "EF01", 0x02, 704, Number),
];

impl CardType {
    /// The card's files in the order in which they are best read: no folder is selected twice.
    ///
    /// Empty for the specified cards, whose file table is not public.
    #[must_use]
    pub const fn files(self) -> &'static [FileEntry] {
        match self {
            Self::FirstResidenceCard => &FIRST_RESIDENCE_CARD,
            Self::FirstSpecialPermanentResident => &FIRST_SPECIAL_PERMANENT_RESIDENT,
            Self::SecondResidenceCard => &SECOND_RESIDENCE_CARD,
            Self::SecondSpecialPermanentResident => &SECOND_SPECIAL_PERMANENT_RESIDENT,
            Self::SpecifiedResidenceCard | Self::SpecifiedSpecialPermanentResident => &[],
        }
    }

    /// The row of `file` in this card type's table, if it has that file.
    #[must_use]
    pub fn entry(self, file: File) -> Option<&'static FileEntry> {
        self.files().iter().find(|entry| entry.file == file)
    }
}

/// The elementary files of one card, byte for byte as they were read.
///
/// This is what a reading hands over: it can be saved and judged again later, offline and by another version.
/// A file that the card says it does not have is not in here.
#[derive(Clone, PartialEq, Eq)]
pub struct CardFiles {
    card_type: CardType,
    contents: BTreeMap<File, Bytes>,
}

impl CardFiles {
    /// The files of a card of this type, none of them read yet.
    #[must_use]
    pub const fn new(card_type: CardType) -> Self {
        Self {
            card_type,
            contents: BTreeMap::new(),
        }
    }

    /// The card's type.
    #[must_use]
    pub const fn card_type(&self) -> CardType {
        self.card_type
    }

    /// Adds a file as read, in place of an earlier content.
    pub fn insert(&mut self, file: File, content: Bytes) {
        self.contents.insert(file, content);
    }

    /// A file's content as read.
    #[must_use]
    pub fn get(&self, file: File) -> Option<&Bytes> {
        self.contents.get(&file)
    }

    /// All files that were read.
    pub fn iter(&self) -> impl Iterator<Item = (File, &Bytes)> {
        self.contents.iter().map(|(&file, content)| (file, content))
    }
}

/// Shows each file's name and length only: the contents are personal.
impl fmt::Debug for CardFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths = self.iter().map(|(file, content)| (file, content.len()));
        write!(f, "CardFiles({:?}, ", self.card_type)?;
        f.debug_map().entries(lengths).finish()?;
        f.write_str(")")
    }
}
