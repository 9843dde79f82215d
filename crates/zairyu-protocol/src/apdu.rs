//! Command APDUs, byte for byte as the specifications print them, and response APDUs taken apart.
//!
//! 在留カード等仕様書 Ver 1.5, §4.1 and §4.2; 第２世代在留カード等仕様書 Ver 1.1, §4.2.

use alloc::vec::Vec;
use core::fmt;

use zairyu_data::{File, Folder};

use crate::error::{AnswerError, Error};

/// AID of the application in which a My Number Card keeps a residence card's files (在留AP).
const RESIDENCE_APPLICATION: [u8; 16] = *b"\xD3\x92\xF0\x00\x4F\x01\0\0\0\0\0\0\0\0\0\0";

/// The commands of a reading, by what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommandName {
    /// SELECT of the master file.
    SelectMasterFile,
    /// SELECT of the residence application of a specified card.
    SelectResidenceApplication,
    /// SELECT of a dedicated file.
    Select(Folder),
    /// SET SESSION KEY of a specified card.
    SetSessionKey,
    /// GET CHALLENGE.
    GetChallenge,
    /// MUTUAL AUTHENTICATE.
    MutualAuthenticate,
    /// VERIFY, with the card number.
    Verify,
    /// READ BINARY.
    ReadBinary(File),
}

impl fmt::Display for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SelectMasterFile => f.write_str("SELECT MF"),
            Self::SelectResidenceApplication => f.write_str("SELECT residence application"),
            Self::Select(folder) => write!(f, "SELECT {}", folder.name()),
            Self::SetSessionKey => f.write_str("SET SESSION KEY"),
            Self::GetChallenge => f.write_str("GET CHALLENGE"),
            Self::MutualAuthenticate => f.write_str("MUTUAL AUTHENTICATE"),
            Self::Verify => f.write_str("VERIFY"),
            Self::ReadBinary(file) => write!(f, "READ BINARY of the {file}"),
        }
    }
}

/// The two status bytes that end every response.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(u16);

impl StatusWord {
    /// Normal end.
    pub const OK: Self = Self(0x9000);
    /// The end of the file was reached before all requested bytes (ISO/IEC 7816-4; in neither specification).
    pub(crate) const END_OF_FILE: Self = Self(0x6282);
    pub(crate) const WRONG_LENGTH: Self = Self(0x6700);
    pub(crate) const FILE_NOT_FOUND: Self = Self(0x6A82);
    pub(crate) const OFFSET_OUTSIDE_FILE: Self = Self(0x6B00);

    /// The status bytes as a big-endian number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether it lies in the ranges that ISO/IEC 7816-4, 5.6, gives status words.
    pub(crate) const fn is_iso_7816(self) -> bool {
        matches!(self.0, 0x6100..=0x6FFF | 0x9000..=0x9FFF)
    }

    /// 照合不一致: what was sent does not match what the card knows (`6300`, or `63CX` with tries left).
    pub(crate) const fn is_mismatch(self) -> bool {
        matches!(self.0, 0x6300 | 0x63C1..=0x63CF)
    }

    /// How many tries are left, where the card counts them.
    pub(crate) const fn tries_left(self) -> Option<u8> {
        match self.0.to_be_bytes() {
            [0x63, low @ 0xC1..=0xCF] => Some(low & 0x0F),
            _ => None,
        }
    }

    /// Whether the card says that it takes no number any more.
    pub(crate) const fn is_blocked(self) -> bool {
        matches!(self.0, 0x63C0 | 0x6983 | 0x6984)
    }
}

impl From<u16> for StatusWord {
    fn from(number: u16) -> Self {
        Self(number)
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusWord({self})")
    }
}

/// A response APDU in its two parts.
pub(crate) struct Response<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) status: StatusWord,
}

impl<'a> Response<'a> {
    pub(crate) fn parse(command: CommandName, bytes: &'a [u8]) -> Result<Self, Error> {
        let (data, status) = bytes.split_last_chunk().ok_or(Error::Answer {
            command,
            kind: AnswerError::NoStatusWord,
        })?;
        Ok(Self {
            data,
            status: StatusWord(u16::from_be_bytes(*status)),
        })
    }

    /// The data of a command that ends with 9000 or not at all.
    pub(crate) fn accepted(self, command: CommandName) -> Result<&'a [u8], Error> {
        if self.status == StatusWord::OK {
            Ok(self.data)
        } else {
            Err(Error::Refused {
                command,
                status: self.status,
            })
        }
    }

    /// Whether the card refuses the number itself, or any number.
    pub(crate) fn refuses_number(&self, command: CommandName) -> Result<(), Error> {
        let status = self.status;
        if status.is_blocked() {
            return Err(Error::NumberBlocked { status });
        }
        if status.is_mismatch() {
            let tries_left = status.tries_left();
            return Err(Error::NumberMismatch { command, tries_left });
        }
        Ok(())
    }

    /// For commands whose response is the status word alone.
    pub(crate) fn accepted_without_data(self, command: CommandName) -> Result<(), Error> {
        match self.accepted(command)? {
            [] => Ok(()),
            data => {
                let kind = AnswerError::WrongLength {
                    expected: 0,
                    found: data.len(),
                };
                Err(Error::Answer { command, kind })
            }
        }
    }
}

/// Whether lengths take one byte or the extended form, for READ BINARY. All other commands are short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Extended,
    Short,
}

pub(crate) fn select_master_file() -> Vec<u8> {
    Vec::from([0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00])
}

/// What can be selected by name: the residence application and its folders. There is no other way to an AID, so no other
/// application of a My Number Card can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selectable {
    ResidenceApplication,
    Df1,
    Df2,
    Df3,
}

impl Selectable {
    /// `None` for the MF, which has no name.
    pub(crate) const fn of(folder: Folder) -> Option<Self> {
        match folder {
            Folder::Mf => None,
            Folder::Df1 => Some(Self::Df1),
            Folder::Df2 => Some(Self::Df2),
            Folder::Df3 => Some(Self::Df3),
        }
    }

    pub(crate) fn aid(self) -> &'static [u8] {
        let folder = match self {
            Self::ResidenceApplication => return &RESIDENCE_APPLICATION,
            Self::Df1 => Folder::Df1,
            Self::Df2 => Folder::Df2,
            Self::Df3 => Folder::Df3,
        };
        folder.aid().map_or(&[], |aid| aid)
    }
}

pub(crate) fn select(selected: Selectable) -> Vec<u8> {
    [&[0x00, 0xA4, 0x04, 0x0C, 0x10][..], selected.aid()].concat()
}

pub(crate) fn get_challenge() -> Vec<u8> {
    Vec::from([0x00, 0x84, 0x00, 0x00, 0x08])
}

/// INS is 82; Appendix 1 of the first generation's specification misprints 84.
pub(crate) fn mutual_authenticate(token: &[u8; 40]) -> Vec<u8> {
    [&[0x00, 0x82, 0x00, 0x00, 0x28][..], token, &[0x00]].concat()
}

/// VERIFY under secure messaging: one object 86 with one or two encrypted blocks, 16 bytes together.
pub(crate) fn verify(cryptogram: &[u8; 16]) -> Vec<u8> {
    [&[0x08, 0x20, 0x00, 0x86, 0x13, 0x86, 0x11, 0x01][..], cryptogram].concat()
}

/// Where a READ BINARY starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// At the beginning of the file with this short identifier, which becomes the current file.
    File(u8),
    /// This many bytes into the current file.
    Offset(u16),
}

impl Start {
    pub(crate) const fn p1_p2(self) -> [u8; 2] {
        match self {
            Self::File(sfi) => [0x80 | sfi, 0x00],
            Self::Offset(offset) => (offset & 0x7FFF).to_be_bytes(),
        }
    }
}

/// READ BINARY without secure messaging. `length` is the most bytes wanted; `None` is the whole file.
pub(crate) fn read_binary_plain(framing: Framing, start: Start, length: Option<u16>) -> Vec<u8> {
    let [p1, p2] = start.p1_p2();
    let [high, low] = length.unwrap_or(0).to_be_bytes();
    match framing {
        Framing::Extended => Vec::from([0x00, 0xB0, p1, p2, 0x00, high, low]),
        // A short Le of 00 asks for 256 bytes.
        Framing::Short => Vec::from([0x00, 0xB0, p1, p2, low]),
    }
}

/// READ BINARY under secure messaging. The length counts plaintext bytes and stands in object 96.
pub(crate) fn read_binary_secured(framing: Framing, start: Start, length: Option<u16>) -> Vec<u8> {
    let [p1, p2] = start.p1_p2();
    let [high, low] = length.unwrap_or(0).to_be_bytes();
    match framing {
        Framing::Extended => Vec::from([
            0x08, 0xB0, p1, p2, 0x00, 0x00, 0x04, 0x96, 0x02, high, low, 0x00, 0x00,
        ]),
        Framing::Short => Vec::from([0x08, 0xB0, p1, p2, 0x04, 0x96, 0x02, high, low, 0x00]),
    }
}
