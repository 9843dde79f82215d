//! What each mode may do, and the one place where commands are written.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::{
    Error,
    application::{Application, File, PrivateKey, Secret},
};

/// What a reading is for. It decides what may be sent to the card, whatever else goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The card's face, by 照合番号B.
    Face,
    /// The four attributes, by PIN or 照合番号B.
    Attributes,
    /// The date of birth and nothing else.
    Age,
    /// The certificate for user authentication, and the holder's PIN.
    JpkiAuth,
    /// How many tries are left. No secret is sent.
    PinStatus,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 5] = [
        Self::Face,
        Self::Attributes,
        Self::Age,
        Self::JpkiAuth,
        Self::PinStatus,
    ];

    /// The stable name: `face`, `attributes`, `age`, `jpki_auth` or `pin_status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::Attributes => "attributes",
            Self::Age => "age",
            Self::JpkiAuth => "jpki_auth",
            Self::PinStatus => "pin_status",
        }
    }

    /// The applications that may be selected.
    #[must_use]
    pub const fn applications(self) -> &'static [Application] {
        match self {
            Self::Face | Self::Age => &[Application::Visual],
            Self::Attributes => &[Application::Text],
            Self::JpkiAuth => &[Application::Jpki],
            Self::PinStatus => &[Application::Jpki, Application::Text, Application::Visual],
        }
    }

    /// The files that may be read.
    #[must_use]
    pub const fn files(self) -> &'static [File] {
        match self {
            Self::Face => &[File::Face, File::VisualIssuer],
            Self::Attributes => &[
                File::Attributes,
                File::IntegrityRecord,
                File::TextIssuer,
                File::TextCardKey,
            ],
            Self::Age => &[File::AgeRecord, File::VisualIssuer],
            Self::JpkiAuth => &[File::TokenInfo, File::CertificatePresence, File::AuthCertificate],
            Self::PinStatus => &[],
        }
    }

    /// The secrets that may be sent.
    #[must_use]
    pub const fn secrets(self) -> &'static [Secret] {
        match self {
            Self::Face => &[Secret::VisualNumberB],
            Self::Attributes => &[Secret::TextPin, Secret::TextNumberB],
            Self::Age => &[Secret::DateOfBirth],
            Self::JpkiAuth => &[Secret::AuthPin],
            Self::PinStatus => &[],
        }
    }

    /// The private keys that may be used.
    #[must_use]
    pub const fn private_keys(self) -> &'static [PrivateKey] {
        match self {
            Self::Face | Self::Age => &[PrivateKey::VisualCard],
            Self::Attributes => &[PrivateKey::TextCard],
            Self::JpkiAuth => &[PrivateKey::Auth],
            Self::PinStatus => &[],
        }
    }

    fn allows(self, command: CommandName) -> bool {
        match command {
            CommandName::Select(application) => self.applications().contains(&application),
            // Asking for tries costs none; `pin_status` may ask for all.
            CommandName::QueryTries(secret) => self == Self::PinStatus || self.secrets().contains(&secret),
            CommandName::Verify(secret) => self.secrets().contains(&secret),
            CommandName::SelectFile(file) | CommandName::ReadBinary(file) => self.files().contains(&file),
            CommandName::Sign(key) => self.private_keys().contains(&key),
            CommandName::GetResponse => true,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A command by what it is for. It holds nothing secret: fit for a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommandName {
    /// SELECT of an application.
    Select(Application),
    /// VERIFY without data: how many tries are left?
    QueryTries(Secret),
    /// VERIFY.
    Verify(Secret),
    /// SELECT of a file.
    SelectFile(File),
    /// READ BINARY.
    ReadBinary(File),
    /// COMPUTE DIGITAL SIGNATURE.
    Sign(PrivateKey),
    /// GET RESPONSE: the rest of an answer.
    GetResponse,
}

impl fmt::Display for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Select(application) => write!(f, "SELECT {application}"),
            Self::QueryTries(secret) => write!(f, "VERIFY without data of {secret}"),
            Self::Verify(secret) => write!(f, "VERIFY of {secret}"),
            Self::SelectFile(file) => write!(f, "SELECT {file}"),
            Self::ReadBinary(file) => write!(f, "READ BINARY of {file}"),
            Self::Sign(key) => write!(f, "COMPUTE DIGITAL SIGNATURE with {key:?}"),
            Self::GetResponse => f.write_str("GET RESPONSE"),
        }
    }
}

/// SELECT of the card manager (GlobalPlatform's issuer security domain, `A0 00 00 01 51 00 00`): the card forgets which
/// application was selected and what was presented to it.
///
/// To be sent behind every reading in which a secret may have been sent, whatever came of it. It is done if the answer is
/// `9000`; otherwise send it again after a reset, or take the card's power away. Resetting the card is not enough, nor is
/// selecting the same application again: what was presented may outlast both, and another program could go on with it.
///
/// One public source says so, of real cards; none was at hand to try it.
pub const LOG_OUT: [u8; 12] = *b"\x00\xA4\x04\x0C\x07\xA0\x00\x00\x01\x51\x00\x00";

/// What a command carries beside its name.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    None,
    /// Where to read, and at most how many bytes: 1 to 256.
    Read {
        offset: u16,
        length: usize,
    },
    /// What to verify or to sign: 1 to 255 bytes.
    Data(&'a [u8]),
    /// How many bytes to fetch: 1 to 256.
    Length(usize),
}

/// Writes a command, if the mode allows it. Every byte that goes to a card comes from here, but for [`LOG_OUT`].
pub(crate) fn encode(mode: Mode, name: CommandName, body: Body<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let not_allowed = Error::NotAllowed { mode, command: name };
    if !mode.allows(name) {
        return Err(not_allowed);
    }
    // A Le or Lc of one byte; 256 is written as 00, which the caller's bounds leave as the only overflow.
    let short = |length: usize| {
        let [.., low] = length.to_be_bytes();
        low
    };
    let bytes = match (name, body) {
        (CommandName::Select(application), Body::None) => {
            [&[0x00, 0xA4, 0x04, 0x0C, 0x0A][..], &application.aid()].concat()
        }
        (CommandName::SelectFile(file), Body::None) => {
            [&[0x00, 0xA4, 0x02, 0x0C, 0x02][..], &file.identifier()].concat()
        }
        // Four bytes: a Le would be an error (6700).
        (CommandName::QueryTries(secret), Body::None) => Vec::from([0x00, 0x20, 0x00, secret.reference()]),
        (CommandName::Verify(secret), Body::Data(data)) => {
            let header = [0x00, 0x20, 0x00, secret.reference(), short(data.len())];
            // With its capacity known from the start, nothing of the secret is left behind by growing.
            let mut bytes = Vec::with_capacity(header.len().saturating_add(data.len()));
            bytes.extend(header);
            bytes.extend(data);
            bytes
        }
        (CommandName::ReadBinary(_), Body::Read { offset, length }) => {
            let [high, low] = offset.to_be_bytes();
            Vec::from([0x00, 0xB0, high & 0x7F, low, short(length)])
        }
        (CommandName::Sign(key), Body::Data(data)) => {
            let header = [0x80, 0x2A, 0x00, key.reference(), short(data.len())];
            [&header[..], data, &[0x00]].concat()
        }
        (CommandName::GetResponse, Body::Length(length)) => {
            Vec::from([0x00, 0xC0, 0x00, 0x00, short(length)])
        }
        _ => return Err(not_allowed),
    };
    Ok(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_of_open_implementations() {
        let face = |name, body| encode(Mode::Face, name, body).map(|bytes| bytes.to_vec());
        assert_eq!(
            face(CommandName::Select(Application::Visual), Body::None).unwrap(),
            b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02"
        );
        assert_eq!(
            face(CommandName::QueryTries(Secret::VisualNumberB), Body::None).unwrap(),
            b"\x00\x20\x00\x92"
        );
        assert_eq!(
            face(
                CommandName::Verify(Secret::VisualNumberB),
                Body::Data(b"55021720352285")
            )
            .unwrap(),
            b"\x00\x20\x00\x92\x0E55021720352285"
        );
        assert_eq!(
            face(CommandName::SelectFile(File::Face), Body::None).unwrap(),
            b"\x00\xA4\x02\x0C\x02\x00\x02"
        );
        let read = Body::Read {
            offset: 0x0123,
            length: 256,
        };
        assert_eq!(
            face(CommandName::ReadBinary(File::Face), read).unwrap(),
            b"\x00\xB0\x01\x23\x00"
        );
        assert_eq!(
            face(CommandName::Sign(PrivateKey::VisualCard), Body::Data(b"ab")).unwrap(),
            b"\x80\x2A\x00\x00\x02ab\x00"
        );
        assert_eq!(
            *encode(
                Mode::JpkiAuth,
                CommandName::Sign(PrivateKey::Auth),
                Body::Data(b"ab")
            )
            .unwrap(),
            b"\x80\x2A\x00\x97\x02ab\x00"
        );
        assert_eq!(
            face(CommandName::GetResponse, Body::Length(256)).unwrap(),
            b"\x00\xC0\x00\x00\x00"
        );
    }

    /// Everything that has a name, against every mode: what is not on the mode's list is not written.
    #[test]
    fn what_is_not_on_the_list_is_not_written() {
        let files = [
            File::TokenInfo,
            File::CertificatePresence,
            File::AuthCertificate,
            File::Attributes,
            File::IntegrityRecord,
            File::TextIssuer,
            File::TextCardKey,
            File::AgeRecord,
            File::Face,
            File::VisualIssuer,
        ];
        let read = Body::Read { offset: 0, length: 1 };
        for mode in Mode::ALL {
            let written = |name, body| encode(mode, name, body).is_ok();
            for application in [Application::Jpki, Application::Text, Application::Visual] {
                let listed = mode.applications().contains(&application);
                assert_eq!(written(CommandName::Select(application), Body::None), listed);
            }
            for file in files {
                let listed = mode.files().contains(&file);
                assert_eq!(written(CommandName::SelectFile(file), Body::None), listed);
                assert_eq!(written(CommandName::ReadBinary(file), read), listed);
                // A list holds only what belongs to its applications.
                assert!(!listed || mode.applications().contains(&file.application()));
            }
            for secret in Secret::ALL {
                let listed = mode.secrets().contains(&secret);
                assert_eq!(written(CommandName::Verify(secret), Body::Data(b"1")), listed);
                let may_ask = listed || mode == Mode::PinStatus;
                assert_eq!(written(CommandName::QueryTries(secret), Body::None), may_ask);
                assert!(!listed || mode.applications().contains(&secret.application()));
            }
            for key in [PrivateKey::TextCard, PrivateKey::VisualCard, PrivateKey::Auth] {
                let listed = mode.private_keys().contains(&key);
                assert_eq!(written(CommandName::Sign(key), Body::Data(b"1")), listed);
            }
        }
        // The lists, by what goes over the air, a second time.
        type Listed<'a> = (Mode, &'a [u8], &'a [u8], &'a [u8]);
        let lists: [Listed<'_>; 5] = [
            (Mode::Face, &[0x02, 0x04], &[0x92], &[0x00]),
            (
                Mode::Attributes,
                &[0x02, 0x03, 0x04, 0x07],
                &[0x91, 0x95],
                &[0x00],
            ),
            (Mode::Age, &[0x01, 0x04], &[0x91], &[0x00]),
            (Mode::JpkiAuth, &[0x06, 0x08, 0x0A], &[0x98], &[0x97]),
            (Mode::PinStatus, &[], &[], &[]),
        ];
        for (mode, files, secrets, keys) in lists {
            let listed: Vec<u8> = mode.files().iter().map(|file| file.identifier()[1]).collect();
            assert_eq!(listed, files, "{mode}");
            let listed: Vec<u8> = mode.secrets().iter().map(|secret| secret.reference()).collect();
            assert_eq!(listed, secrets, "{mode}");
            let listed: Vec<u8> = mode.private_keys().iter().map(|key| key.reference()).collect();
            assert_eq!(listed, keys, "{mode}");
            let one = if mode == Mode::PinStatus { 3 } else { 1 };
            assert_eq!(mode.applications().len(), one);
        }
        // The password for signing is sent by none.
        assert!(
            Mode::ALL
                .iter()
                .all(|mode| !mode.secrets().contains(&Secret::SignPassword))
        );
    }
}
