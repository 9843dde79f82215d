//! The applications, files and secrets that this crate may touch. What has no name here cannot be asked for: the
//! files with the My Number (個人番号), 照合番号A and the resident-register application have none.

use core::fmt;

/// An application (AP) of the card, among those that a [`Mode`](crate::Mode) may select.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Application {
    /// 公的個人認証AP: certificates and keys of the holder. Phones have it too.
    Jpki,
    /// 券面入力補助AP: the four attributes as text.
    Text,
    /// 券面事項確認AP: the card's face as images.
    Visual,
}

impl Application {
    /// The application identifier. Cards accept its beginning too, so it is always sent whole.
    pub(crate) const fn aid(self) -> [u8; 10] {
        match self {
            Self::Jpki => *b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01",
            Self::Text => *b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08",
            Self::Visual => *b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02",
        }
    }
}

impl fmt::Display for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpki => "the JPKI application (公的個人認証AP)",
            Self::Text => "the text application (券面入力補助AP)",
            Self::Visual => "the visual application (券面事項確認AP)",
        })
    }
}

/// A file that a [`Mode`](crate::Mode) may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum File {
    /// JPKI EF 0006: 160 bytes, whose beginning tells a card from a phone.
    TokenInfo,
    /// JPKI EF 0008: which certificates there are.
    CertificatePresence,
    /// JPKI EF 000A: 利用者証明用電子証明書.
    AuthCertificate,
    /// Text EF 0002: 基本4情報.
    Attributes,
    /// Text EF 0003: hashes of My Number and attributes, signed. As sensitive as the My Number itself, which a
    /// computer finds from its hash in minutes.
    IntegrityRecord,
    /// Text EF 0004: the issuer's key, certified.
    TextIssuer,
    /// Text EF 0007: the chip's key, signed by the issuer.
    TextCardKey,
    /// Visual EF 0001: date of birth and the chip's key, signed.
    AgeRecord,
    /// Visual EF 0002: the card's face.
    Face,
    /// Visual EF 0004: the issuer's key, certified.
    VisualIssuer,
}

/// How the end of a file's content is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// One data object, whose header tells its length; what follows is filler and not read.
    Object,
    /// This many bytes.
    Bytes(usize),
}

impl File {
    /// The application that it belongs to.
    #[must_use]
    pub const fn application(self) -> Application {
        match self {
            Self::TokenInfo | Self::CertificatePresence | Self::AuthCertificate => Application::Jpki,
            Self::Attributes | Self::IntegrityRecord | Self::TextIssuer | Self::TextCardKey => {
                Application::Text
            }
            Self::AgeRecord | Self::Face | Self::VisualIssuer => Application::Visual,
        }
    }

    pub(crate) const fn identifier(self) -> [u8; 2] {
        [
            0x00,
            match self {
                Self::AgeRecord => 0x01,
                Self::Attributes | Self::Face => 0x02,
                Self::IntegrityRecord => 0x03,
                Self::TextIssuer | Self::VisualIssuer => 0x04,
                Self::TokenInfo => 0x06,
                Self::TextCardKey => 0x07,
                Self::CertificatePresence => 0x08,
                Self::AuthCertificate => 0x0A,
            },
        ]
    }

    pub(crate) const fn extent(self) -> Extent {
        match self {
            Self::TokenInfo => Extent::Bytes(160),
            Self::CertificatePresence => Extent::Bytes(3),
            _ => Extent::Object,
        }
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TokenInfo => "the token information",
            Self::CertificatePresence => "the list of certificates",
            Self::AuthCertificate => "the certificate for user authentication",
            Self::Attributes => "the four attributes",
            Self::IntegrityRecord => "the integrity record",
            Self::TextIssuer => "the issuer key of the text application",
            Self::TextCardKey => "the chip's key",
            Self::AgeRecord => "the age record",
            Self::Face => "the card face",
            Self::VisualIssuer => "the issuer key of the visual application",
        })
    }
}

/// A secret that the card compares, and whose tries it counts.
///
/// 照合番号A is not among them: it *is* the My Number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Secret {
    /// 利用者証明用電子証明書の暗証番号: four digits.
    AuthPin,
    /// 署名用電子証明書の暗証番号: 6 to 16 letters and digits. Its tries can be asked for; no mode sends it.
    SignPassword,
    /// 券面事項入力補助用の暗証番号: four digits.
    TextPin,
    /// 照合番号B of the text application: 14 digits that the card's front shows.
    TextNumberB,
    /// 照合番号B of the visual application, with a counter of its own.
    VisualNumberB,
    /// The date of birth, six digits, that opens the age record alone.
    DateOfBirth,
}

impl Secret {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::AuthPin,
        Self::SignPassword,
        Self::TextPin,
        Self::TextNumberB,
        Self::VisualNumberB,
        Self::DateOfBirth,
    ];

    /// The application that compares it.
    #[must_use]
    pub const fn application(self) -> Application {
        match self {
            Self::AuthPin | Self::SignPassword => Application::Jpki,
            Self::TextPin | Self::TextNumberB => Application::Text,
            Self::VisualNumberB | Self::DateOfBirth => Application::Visual,
        }
    }

    /// How many wrong tries in a row block it; `None` when no source says.
    #[must_use]
    pub const fn most_tries(self) -> Option<u8> {
        match self {
            Self::AuthPin | Self::TextPin => Some(3),
            Self::SignPassword => Some(5),
            Self::TextNumberB | Self::VisualNumberB => Some(10),
            Self::DateOfBirth => None,
        }
    }

    /// P2 of VERIFY, which names the secret: a VERIFY that relied on an earlier SELECT could go to another one.
    pub(crate) const fn reference(self) -> u8 {
        0x80 | match self {
            Self::AuthPin => 0x18,
            Self::SignPassword => 0x1B,
            Self::TextPin | Self::DateOfBirth => 0x11,
            Self::VisualNumberB => 0x12,
            Self::TextNumberB => 0x15,
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AuthPin => {
                "the PIN of the certificate for user authentication (利用者証明用電子証明書の暗証番号)"
            }
            Self::SignPassword => "the password of the certificate for signing (署名用電子証明書の暗証番号)",
            Self::TextPin => "the PIN of the text application (券面事項入力補助用の暗証番号)",
            Self::TextNumberB => "the number from the card's front (照合番号B of the text application)",
            Self::VisualNumberB => "the number from the card's front (照合番号B of the visual application)",
            Self::DateOfBirth => "the date of birth",
        })
    }
}

/// A private key of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PrivateKey {
    /// The chip's own key of the text application. It needs no secret.
    TextCard,
    /// The chip's own key of the visual application. It needs no secret.
    VisualCard,
    /// The holder's key for user authentication. It needs [`Secret::AuthPin`].
    Auth,
}

impl PrivateKey {
    /// The application that it belongs to.
    #[must_use]
    pub const fn application(self) -> Application {
        match self {
            Self::TextCard => Application::Text,
            Self::VisualCard => Application::Visual,
            Self::Auth => Application::Jpki,
        }
    }

    /// P2 of COMPUTE DIGITAL SIGNATURE.
    pub(crate) const fn reference(self) -> u8 {
        match self {
            Self::TextCard | Self::VisualCard => 0x00,
            Self::Auth => 0x80 | 0x17,
        }
    }
}
