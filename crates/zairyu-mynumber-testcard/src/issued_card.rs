use crate::{Profile, keys::Owner};

/// An application (AP) of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Application {
    /// 公的個人認証AP.
    Jpki,
    /// 券面入力補助AP.
    Text,
    /// 券面事項確認AP.
    Visual,
    /// 住基AP. It holds nothing here.
    ResidentRegister,
    /// 共通カードAP. It holds nothing here.
    Common,
}

impl Application {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Jpki,
        Self::Text,
        Self::Visual,
        Self::ResidentRegister,
        Self::Common,
    ];

    /// The application identifier, ten bytes.
    #[must_use]
    pub const fn aid(self) -> &'static [u8; 10] {
        match self {
            Self::Jpki => b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01",
            Self::Text => b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08",
            Self::Visual => b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02",
            Self::ResidentRegister => b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x01",
            Self::Common => b"\xD3\x92\x10\x00\x31\x00\x01\x01\x01\x00",
        }
    }
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Free,
    /// Whoever has presented one of these secrets.
    AfterOneOf(&'static [u16]),
}

#[derive(Clone)]
pub(crate) struct CardFile {
    pub(crate) application: Application,
    pub(crate) identifier: u16,
    pub(crate) access: Access,
    pub(crate) content: Vec<u8>,
}

/// A secret that the card compares.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) application: Application,
    pub(crate) identifier: u16,
    pub(crate) value: Vec<u8>,
    pub(crate) most_tries: u8,
}

/// A key that the card signs with.
#[derive(Clone, Copy)]
pub(crate) struct SigningKey {
    pub(crate) application: Application,
    /// `None` is the application's default key.
    pub(crate) identifier: Option<u16>,
    pub(crate) secret: Option<u16>,
    pub(crate) owner: Owner,
}

/// The content of one card: files, secrets, keys.
#[derive(Clone)]
pub struct IssuedCard {
    pub(crate) profile: Profile,
    pub(crate) files: Vec<CardFile>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) keys: Vec<SigningKey>,
}

impl IssuedCard {
    /// What kind of card it is.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// A file's bytes, filler included; `None` when the card has no such file.
    #[must_use]
    pub fn file(&self, application: Application, identifier: u16) -> Option<&[u8]> {
        self.files
            .iter()
            .find(|file| (file.application, file.identifier) == (application, identifier))
            .map(|file| file.content.as_slice())
    }

    /// The same to change: what was signed stays signed as it was.
    pub fn file_mut(&mut self, application: Application, identifier: u16) -> Option<&mut Vec<u8>> {
        self.files
            .iter_mut()
            .find(|file| (file.application, file.identifier) == (application, identifier))
            .map(|file| &mut file.content)
    }

    /// What a forger can make of it: all files and secrets, on a chip with a key of its own, because no card gives its
    /// private keys away.
    #[must_use]
    pub fn copied(mut self) -> Self {
        for key in &mut self.keys {
            key.owner = Owner::OtherCa;
        }
        self
    }

    /// 照合番号B as it is printed on this card, 14 digits; empty for a phone.
    #[must_use]
    pub fn number_b(&self) -> &[u8] {
        self.secret(Application::Visual, 0x12)
    }

    /// The six digits of the date of birth that open the age record; empty for a phone.
    #[must_use]
    pub fn birth_digits(&self) -> &[u8] {
        self.secret(Application::Visual, 0x11)
    }

    fn secret(&self, application: Application, identifier: u16) -> &[u8] {
        self.secrets
            .iter()
            .find(|secret| (secret.application, secret.identifier) == (application, identifier))
            .map_or(&[], |secret| &secret.value)
    }
}

/// Shows no content.
impl std::fmt::Debug for IssuedCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IssuedCard({:?}, {} files)", self.profile, self.files.len())
    }
}
