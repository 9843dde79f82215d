use zairyu_tlv::Tag;

use crate::{Error, ErrorKind, File, object::Objects};

/// カード種別, as the card type file (MF/EF02) states it. No signature covers that file.
///
/// 在留カード等仕様書 Ver 1.5, §3.3.4.2; 第２世代在留カード等仕様書 Ver 1.1, §3.3.4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CardType {
    /// `1`: 在留カード of the first generation.
    FirstResidenceCard,
    /// `2`: 特別永住者証明書 of the first generation.
    FirstSpecialPermanentResident,
    /// `05`: 第２世代在留カード.
    SecondResidenceCard,
    /// `06`: 第２世代特別永住者証明書.
    SecondSpecialPermanentResident,
    /// `07`: 特定在留カード, a residence card on a My Number Card.
    SpecifiedResidenceCard,
    /// `08`: 特定特別永住者証明書, a certificate on a My Number Card.
    SpecifiedSpecialPermanentResident,
}

/// Whether a card is a 在留カード or a 特別永住者証明書.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardKind {
    /// 在留カード.
    ResidenceCard,
    /// 特別永住者証明書.
    SpecialPermanentResidentCertificate,
}

/// The card's technical generation: which commands, files and signature it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Generation {
    /// Issued until June 2026: 3DES, retail MAC, RSA-2048.
    First,
    /// Issued since June 2026: AES-128, CMAC, ECDSA P-384.
    Second,
    /// Since June 2026, on a My Number Card.
    Specified,
}

impl CardType {
    /// Every type there is.
    pub const ALL: [Self; 6] = [
        Self::FirstResidenceCard,
        Self::FirstSpecialPermanentResident,
        Self::SecondResidenceCard,
        Self::SecondSpecialPermanentResident,
        Self::SpecifiedResidenceCard,
        Self::SpecifiedSpecialPermanentResident,
    ];

    /// Reads the card type file (MF/EF02): one object `C1` of one character (first generation) or two.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownCardType`] for a code that no specification lists; the other kinds for bytes that
    /// are no such file.
    pub fn from_file(bytes: &[u8]) -> Result<Self, Error> {
        let objects = Objects::parse(File::CardType, bytes)?;
        let code = objects.required(Tag::new(0xC1))?;
        Self::from_code(code.value())
            .ok_or_else(|| Error::new(File::CardType, ErrorKind::UnknownCardType, code.value_offset()))
    }

    /// The type whose code is `code`, without tag and length.
    #[must_use]
    pub fn from_code(code: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|card_type| card_type.code().as_bytes() == code)
    }

    /// The code as on the card: `1`, `2`, `05`, `06`, `07` or `08`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FirstResidenceCard => "1",
            Self::FirstSpecialPermanentResident => "2",
            Self::SecondResidenceCard => "05",
            Self::SecondSpecialPermanentResident => "06",
            Self::SpecifiedResidenceCard => "07",
            Self::SpecifiedSpecialPermanentResident => "08",
        }
    }

    /// Whether it is a 在留カード or a 特別永住者証明書.
    #[must_use]
    pub const fn kind(self) -> CardKind {
        match self {
            Self::FirstResidenceCard | Self::SecondResidenceCard | Self::SpecifiedResidenceCard => {
                CardKind::ResidenceCard
            }
            Self::FirstSpecialPermanentResident
            | Self::SecondSpecialPermanentResident
            | Self::SpecifiedSpecialPermanentResident => CardKind::SpecialPermanentResidentCertificate,
        }
    }

    /// The card's technical generation.
    #[must_use]
    pub const fn generation(self) -> Generation {
        match self {
            Self::FirstResidenceCard | Self::FirstSpecialPermanentResident => Generation::First,
            Self::SecondResidenceCard | Self::SecondSpecialPermanentResident => Generation::Second,
            Self::SpecifiedResidenceCard | Self::SpecifiedSpecialPermanentResident => Generation::Specified,
        }
    }

    /// The card's name in Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::FirstResidenceCard => "在留カード",
            Self::FirstSpecialPermanentResident => "特別永住者証明書",
            Self::SecondResidenceCard => "第２世代在留カード",
            Self::SecondSpecialPermanentResident => "第２世代特別永住者証明書",
            Self::SpecifiedResidenceCard => "特定在留カード",
            Self::SpecifiedSpecialPermanentResident => "特定特別永住者証明書",
        }
    }
}
