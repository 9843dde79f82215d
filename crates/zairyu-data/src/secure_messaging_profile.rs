use alloc::vec::Vec;
use core::fmt;

use crate::{Access, CardType, FileEntry, Folder};

/// How a specified card (特定在留カード等, types 07 and 08) is opened and read: one named choice for everything that its
/// public descriptions leave open.
///
/// Known are the order of the commands (SELECT of the residence application 在留AP, SET SESSION KEY, VERIFY, SELECT and READ
/// BINARY) and the algorithms (RSA-2048 with OAEP, AES-128 in CBC mode, CMAC, a message counter). Not known are their
/// details, so **no profile is confirmed for real cards**. Whoever has 特定在留カード等仕様書（一般公開用） at hand fills one in; the others
/// have [`measured_relative`](Self::measured_relative) to experiment with.
///
/// What is open, and where it is chosen:
///
/// | Open | Choice |
/// |---|---|
/// | OAEP's hash, mask generation and label | `oaep_…` |
/// | form of the delivered keys | `delivered_keys`, `key_template_tag`, `encryption_key_tag`, `mac_key_tag`, `key_material_len` |
/// | SET SESSION KEY | `key_reference`, `delivery_form`; it answers `9000` and nothing else, or the reading ends |
/// | what is encrypted, what carries a MAC, what the MAC covers | `class`, `mac_…`, `response_status_object`, `cryptogram_tag`, `plain_tag` |
/// | message counter and initial vector | `counter_…`, `counts_refused`, `iv` |
/// | VERIFY and READ BINARY | `verify_reference`, `le_tag`, `le_object` |
/// | files, their identifiers, capacities and access rights | `common_data_sfi`, `card_type_sfi`, `residence_card_files`, `certificate_files` |
/// | whether the session outlasts the selection of DF1 to DF3 | `secured_select`, `session_span` |
/// | form of the delivery key's file | `DeliveryKeyForm` in `zairyu-protocol` |
/// | how many wrong numbers the card takes | `number_tries` |
/// | the card while its My Number part is expired, locked or reported lost | none: a refusal is told with its status word |
///
/// Where two choices contradict each other, [`check`](Self::check) says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecureMessagingProfile {
    /// OAEP's hash function, of which the label's hash and the seed's length come.
    pub oaep_hash: OaepHash,
    /// The hash function of OAEP's mask generation (MGF1).
    pub oaep_mask_hash: OaepHash,
    /// OAEP's label; empty unless something else is agreed (RFC 8017, 7.1).
    pub oaep_label: Vec<u8>,
    /// Which session keys SET SESSION KEY delivers.
    pub delivered_keys: DeliveredKeys,
    /// The tag around the delivered keys; one byte.
    pub key_template_tag: u8,
    /// The tag of the encryption key; one byte.
    pub encryption_key_tag: u8,
    /// The tag of the MAC key; one byte.
    pub mac_key_tag: u8,
    /// How many random bytes are delivered for each key, 16 to 32. The key is the first 16.
    pub key_material_len: usize,
    /// P1 and P2 of SET SESSION KEY, where a card may want the delivery key's version.
    pub key_reference: [u8; 2],
    /// How the 256 bytes of SET SESSION KEY are sent.
    pub delivery_form: DeliveryForm,

    /// The class byte of commands under secure messaging.
    pub class: MessagingClass,
    /// Which messages carry a MAC (object `8E`).
    pub mac_use: MacUse,
    /// How many bytes of the CMAC are sent, 4 to 16.
    pub mac_len: usize,
    /// Whether the MAC covers the message counter, in [`counter_width`](Self::counter_width) bytes before everything else.
    pub mac_over_counter: bool,
    /// Whether a command's MAC covers its header, padded to a block.
    pub mac_over_header: bool,
    /// Whether `80` and zeros are put behind what the MAC covers; else CMAC's own padding does.
    pub mac_padding: bool,
    /// Whether responses carry the status word in an object `99`.
    pub response_status_object: bool,
    /// The tag of encrypted data: padding indicator `01` and cryptogram.
    pub cryptogram_tag: u8,
    /// The tag of data in the clear, which is what there is without an encryption key.
    pub plain_tag: u8,
    /// The tag of the length that READ BINARY asks for.
    pub le_tag: u8,
    /// That length's form.
    pub le_object: LeObject,
    /// P2 of VERIFY with the card number.
    pub verify_reference: u8,
    /// How many wrong numbers in a row the card takes before it refuses every number; `None` is any number, as on
    /// generation 1. The reader sends VERIFY once in a session whatever is chosen here, ends at the first number that is
    /// refused, and tells what the card counts.
    pub number_tries: Option<u8>,
    /// Whether DF1 to DF3 are selected under secure messaging.
    pub secured_select: bool,
    /// How long a session lasts.
    pub session_span: SessionSpan,

    /// The message counter of the first command after SET SESSION KEY.
    pub counter_start: u64,
    /// How many bytes it has, 2 to 16.
    pub counter_width: usize,
    /// In which order they stand. A big-endian counter fills its block from the right, a little-endian one from the left.
    pub counter_order: ByteOrder,
    /// What advances it.
    pub counter_advance: CounterAdvance,
    /// Whether commands count that the card refuses.
    pub counts_refused: bool,
    /// The initial vector of CBC.
    pub iv: IvRule,

    /// The short identifier of the common data (共通データ要素) under the residence application.
    pub common_data_sfi: u8,
    /// The short identifier of the card type (カード種別) under the residence application.
    pub card_type_sfi: u8,
    /// The files in DF1 to DF3 of a 特定在留カード (type 07): identifiers, capacities, access rights.
    pub residence_card_files: Vec<FileEntry>,
    /// The same of a 特定特別永住者証明書 (type 08).
    pub certificate_files: Vec<FileEntry>,
}

/// A hash function for OAEP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OaepHash {
    /// SHA-1, which PKCS#1 v2.2 takes when nothing else is said.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// The session keys that are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveredKeys {
    /// One for encryption.
    Encryption,
    /// One for MACs. Data go in the clear.
    Mac,
    /// First the one, then the other.
    Both,
}

/// How a command with 256 bytes of data is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryForm {
    /// Lc in extended form, no Le.
    ExtendedWithoutLe,
    /// Lc in extended form, Le `00 00`.
    ExtendedWithLe,
    /// Two short commands: 255 bytes with the chaining bit in the class byte, then one (ISO/IEC 7816-4, 5.1.1.1).
    Chained,
}

/// The class byte of secured commands (ISO/IEC 7816-4, 5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessagingClass {
    /// `08`: the header is not authenticated.
    HeaderNotAuthenticated,
    /// `0C`: it is.
    HeaderAuthenticated,
}

impl MessagingClass {
    /// The byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::HeaderNotAuthenticated => 0x08,
            Self::HeaderAuthenticated => 0x0C,
        }
    }
}

/// Which messages carry a MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MacUse {
    /// None.
    Neither,
    /// Commands.
    Commands,
    /// Responses.
    Responses,
    /// Commands and responses.
    Both,
}

impl MacUse {
    /// Whether commands carry one.
    #[must_use]
    pub const fn in_commands(self) -> bool {
        matches!(self, Self::Commands | Self::Both)
    }

    /// Whether responses carry one.
    #[must_use]
    pub const fn in_responses(self) -> bool {
        matches!(self, Self::Responses | Self::Both)
    }
}

/// The form of the length that READ BINARY asks for under secure messaging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeObject {
    /// Two bytes, as on the second generation.
    TwoBytes,
    /// Three bytes, the first of them `00`.
    ThreeBytes,
}

/// In which order a number's bytes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The highest first.
    BigEndian,
    /// The lowest first.
    LittleEndian,
}

/// How long a session lasts: until the residence application is selected again, or shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionSpan {
    /// It outlasts the selection of DF1 to DF3, as the order of commands that is public makes likely.
    Application,
    /// Selecting one of them in the clear ends it. Session key and number are sent again in each, so four times in a reading: the
    /// first session, before DF1, is that of the public order of commands, and nothing is read in it.
    Folder,
}

/// What advances the message counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CounterAdvance {
    /// Each secured command, whose response has the same count.
    SecuredCommands,
    /// Each secured command, and its response again.
    SecuredCommandsAndResponses,
    /// Each command after SET SESSION KEY, secured or not; a response has its command's count.
    AllCommands,
}

/// The initial vector of CBC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IvRule {
    /// Zeros, as on the second generation.
    Zero,
    /// The message counter's block.
    Counter,
    /// The message counter's block, encrypted with the session key.
    EncryptedCounter,
}

/// Choices of a [`SecureMessagingProfile`] that contradict each other, or that no card can follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProfileError {
    /// Fewer than 16 or more than 32 random bytes for a key.
    KeyMaterialLength,
    /// A MAC of fewer than 4 or more than 16 bytes.
    MacLength,
    /// MACs are wanted, and no key for them is delivered.
    MacWithoutKey,
    /// A MAC key is delivered alone, and nothing carries a MAC.
    NothingProtected,
    /// A counter of fewer than 2 or more than 16 bytes, or one that would run over in the course of a reading.
    Counter,
    /// A tag that is none of one byte, or two that are the same where they must differ.
    Tags,
    /// A card that takes no number at all, or more than 15 before it refuses all: status words count to 15.
    NumberTries,
    /// A short identifier that is not 1 to 30, or a file twice, or one in no DF, or a DF's files in more than one run.
    Files,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyMaterialLength => {
                "The profile delivers no 16 to 32 bytes for a key: correct key_material_len"
            }
            Self::MacLength => "The profile's MAC has no 4 to 16 bytes: correct mac_len",
            Self::MacWithoutKey => {
                "The profile wants MACs and delivers no key for them: correct delivered_keys or mac_use"
            }
            Self::NothingProtected => {
                "The profile delivers only a MAC key and uses no MAC: correct delivered_keys or mac_use"
            }
            Self::Counter => {
                "The profile's counter is too narrow for a reading: correct counter_width or counter_start"
            }
            Self::Tags => "The profile's tags are not of one byte, or not different: correct them",
            Self::NumberTries => {
                "The profile's card takes no number, or counts over 15 of them: correct number_tries"
            }
            Self::Files => {
                "The profile's file table is not one of DF1 to DF3: correct its identifiers and files"
            }
        })
    }
}

impl core::error::Error for ProfileError {}

/// More commands than any reading takes.
const MOST_COMMANDS: u64 = 10_000;

impl SecureMessagingProfile {
    /// What was measured on another application of the same chip: 券面入力補助AP of the My Number Card, by the authors of
    /// `myna-card` 3.3.4 (MIT). Files as on the second generation.
    ///
    /// **A guess for specified cards.** That the residence application does the same was not seen by anybody whose notes are
    /// public.
    #[must_use]
    pub fn measured_relative() -> Self {
        Self {
            oaep_hash: OaepHash::Sha256,
            oaep_mask_hash: OaepHash::Sha256,
            oaep_label: Vec::new(),
            delivered_keys: DeliveredKeys::Encryption,
            key_template_tag: 0xA0,
            encryption_key_tag: 0x80,
            mac_key_tag: 0x81,
            key_material_len: 32,
            key_reference: [0, 0],
            delivery_form: DeliveryForm::ExtendedWithoutLe,
            class: MessagingClass::HeaderNotAuthenticated,
            mac_use: MacUse::Neither,
            mac_len: 8,
            mac_over_counter: true,
            mac_over_header: true,
            mac_padding: true,
            response_status_object: false,
            cryptogram_tag: 0x86,
            plain_tag: 0x81,
            le_tag: 0x96,
            le_object: LeObject::ThreeBytes,
            verify_reference: 0x86,
            number_tries: None,
            secured_select: false,
            session_span: SessionSpan::Application,
            counter_start: 1,
            counter_width: 16,
            counter_order: ByteOrder::BigEndian,
            counter_advance: CounterAdvance::SecuredCommands,
            counts_refused: true,
            iv: IvRule::EncryptedCounter,
            common_data_sfi: 0x0B,
            card_type_sfi: 0x0A,
            residence_card_files: in_folders(CardType::SecondResidenceCard),
            certificate_files: in_folders(CardType::SecondSpecialPermanentResident),
        }
    }

    /// Gives all files in DF1 to DF3 this access right.
    pub fn set_access(&mut self, access: Access) {
        let files = self.residence_card_files.iter_mut();
        for entry in files.chain(&mut self.certificate_files) {
            entry.access = access;
        }
    }

    /// Whether selecting one of DF1 to DF3 ends the session.
    #[must_use]
    pub fn ends_with_folder(&self) -> bool {
        self.session_span == SessionSpan::Folder && !self.secured_select
    }

    /// The files in DF1 to DF3 of a card of this type; none for a card that is no specified one.
    #[must_use]
    pub fn files(&self, card_type: CardType) -> &[FileEntry] {
        match card_type {
            CardType::SpecifiedResidenceCard => &self.residence_card_files,
            CardType::SpecifiedSpecialPermanentResident => &self.certificate_files,
            _ => &[],
        }
    }

    /// Whether an encryption key is delivered.
    #[must_use]
    pub const fn encrypts(&self) -> bool {
        matches!(
            self.delivered_keys,
            DeliveredKeys::Encryption | DeliveredKeys::Both
        )
    }

    /// Whether a MAC key is delivered.
    #[must_use]
    pub const fn authenticates(&self) -> bool {
        matches!(self.delivered_keys, DeliveredKeys::Mac | DeliveredKeys::Both)
    }

    /// Whether the choices go together.
    ///
    /// # Errors
    ///
    /// [`ProfileError`]: the first that do not.
    pub fn check(&self) -> Result<(), ProfileError> {
        let has_mac = self.mac_use != MacUse::Neither;
        if !(16..=32).contains(&self.key_material_len) {
            return Err(ProfileError::KeyMaterialLength);
        }
        if !(4..=16).contains(&self.mac_len) {
            return Err(ProfileError::MacLength);
        }
        if has_mac && !self.authenticates() {
            return Err(ProfileError::MacWithoutKey);
        }
        if !has_mac && !self.encrypts() {
            return Err(ProfileError::NothingProtected);
        }
        let highest = match self.counter_width {
            width @ 2..=7 => (1_u64 << (8 * width)) - 1,
            8..=16 => u64::MAX,
            _ => return Err(ProfileError::Counter),
        };
        if self.counter_start > highest - MOST_COMMANDS {
            return Err(ProfileError::Counter);
        }
        let of_messages = [self.cryptogram_tag, self.plain_tag, self.le_tag, 0x8E, 0x99];
        let of_keys = [self.encryption_key_tag, self.mac_key_tag];
        let is_tag = |tag: &u8| *tag & 0x1F != 0x1F && *tag != 0;
        let tags = of_messages.iter().chain(&of_keys).chain([&self.key_template_tag]);
        if !tags.copied().all(|tag| is_tag(&tag)) || repeats(&of_messages) || repeats(&of_keys) {
            return Err(ProfileError::Tags);
        }
        if self.number_tries.is_some_and(|tries| !(1..=15).contains(&tries)) {
            return Err(ProfileError::NumberTries);
        }
        let free = [self.common_data_sfi, self.card_type_sfi];
        let files = [&self.residence_card_files, &self.certificate_files];
        let is_sfi = |sfi: u8| (1..=30).contains(&sfi);
        let sound = |files: &[FileEntry]| {
            let names: Vec<_> = files.iter().map(|entry| entry.file).collect();
            let mut folders: Vec<_> = files.iter().map(|entry| entry.folder).collect();
            folders.dedup();
            files.iter().all(|entry| is_sfi(entry.sfi))
                && !folders.contains(&Folder::Mf)
                && !repeats(&folders)
                && !repeats(&names)
        };
        if !free.into_iter().all(is_sfi) || repeats(&free) || !files.into_iter().all(|files| sound(files)) {
            return Err(ProfileError::Files);
        }
        Ok(())
    }
}

fn in_folders(card_type: CardType) -> Vec<FileEntry> {
    let files = card_type.files().iter();
    files
        .filter(|entry| entry.folder != Folder::Mf)
        .copied()
        .collect()
}

fn repeats<T: PartialEq>(values: &[T]) -> bool {
    let mut rest = values;
    while let Some((first, others)) = rest.split_first() {
        if others.contains(first) {
            return true;
        }
        rest = others;
    }
    false
}
