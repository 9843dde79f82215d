//! What each mode brings: the files exactly as read, and the chip's answer to the challenge.

use alloc::vec::Vec;
use core::fmt;

use zairyu_protocol::StatusWord;
use zeroize::Zeroizing;

use crate::{
    application::{File, Secret},
    mode::Mode,
    tries::Tries,
};

/// 32 bytes from a cryptographic random source, fresh for each reading: what the chip signs to prove that it is no
/// copy. Whoever can foresee them can replay an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Challenge([u8; Self::LEN]);

impl Challenge {
    /// How many bytes it takes.
    pub const LEN: usize = 32;

    /// Takes the bytes over.
    #[must_use]
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(..)")
    }
}

/// What a private key of the card made of a challenge.
#[derive(Clone)]
pub struct ChallengeAnswer {
    pub(crate) challenge: Challenge,
    /// The signature, or the status word of a card that did not sign.
    pub(crate) answer: Result<Vec<u8>, StatusWord>,
}

impl ChallengeAnswer {
    /// A challenge and the signature that came back.
    #[must_use]
    pub const fn new(challenge: Challenge, signature: Vec<u8>) -> Self {
        Self {
            challenge,
            answer: Ok(signature),
        }
    }
}

/// A file's bytes, wiped when dropped.
pub(crate) type Content = Zeroizing<Vec<u8>>;

/// What [`Mode::Face`] brings.
#[derive(Clone)]
pub struct FaceFiles {
    pub(crate) face: Content,
    pub(crate) issuer: Content,
    pub(crate) answer: Option<ChallengeAnswer>,
}

impl FaceFiles {
    /// From files read earlier, EF 0002 and EF 0004 of the visual application, with filler or without.
    #[must_use]
    pub fn new(face: Vec<u8>, issuer: Vec<u8>, answer: Option<ChallengeAnswer>) -> Self {
        Self {
            face: face.into(),
            issuer: issuer.into(),
            answer,
        }
    }

    /// EF 0002, as read: personal data.
    #[must_use]
    pub fn face(&self) -> &[u8] {
        &self.face
    }

    /// EF 0004, as read.
    #[must_use]
    pub fn issuer(&self) -> &[u8] {
        &self.issuer
    }
}

/// What [`Mode::Attributes`] brings. There is no way to the integrity record in it, from which a computer finds the My
/// Number.
#[derive(Clone)]
pub struct AttributeFiles {
    pub(crate) attributes: Content,
    pub(crate) integrity_record: Content,
    pub(crate) issuer: Content,
    pub(crate) card_key: Content,
    pub(crate) answer: Option<ChallengeAnswer>,
}

impl AttributeFiles {
    /// From files read earlier: EF 0002, 0003, 0004 and 0007 of the text application, with filler or without.
    ///
    /// EF 0003 is as sensitive as the My Number. Nobody should keep one of a real card.
    #[must_use]
    pub fn new(
        attributes: Vec<u8>,
        integrity_record: Vec<u8>,
        issuer: Vec<u8>,
        card_key: Vec<u8>,
        answer: Option<ChallengeAnswer>,
    ) -> Self {
        Self {
            attributes: attributes.into(),
            integrity_record: integrity_record.into(),
            issuer: issuer.into(),
            card_key: card_key.into(),
            answer,
        }
    }

    /// EF 0002, as read: personal data.
    #[must_use]
    pub fn attributes(&self) -> &[u8] {
        &self.attributes
    }
}

/// What [`Mode::Age`] brings.
#[derive(Clone)]
pub struct AgeFiles {
    pub(crate) age: Content,
    pub(crate) issuer: Content,
    pub(crate) answer: Option<ChallengeAnswer>,
}

impl AgeFiles {
    /// From files read earlier: EF 0001 and 0004 of the visual application, with filler or without.
    #[must_use]
    pub fn new(age: Vec<u8>, issuer: Vec<u8>, answer: Option<ChallengeAnswer>) -> Self {
        Self {
            age: age.into(),
            issuer: issuer.into(),
            answer,
        }
    }
}

/// What kind of thing answers to the JPKI application, by its own word, which nobody signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Device {
    /// 住民基本台帳カード, no longer valid since 2025.
    ResidentRegisterCard,
    /// マイナンバーカード.
    MyNumberCard,
    /// An Android phone.
    AndroidPhone,
    /// An iPhone.
    IPhone,
    /// It says nothing, or something else.
    Unknown,
}

impl Device {
    fn from_token_info(content: &[u8]) -> Self {
        let label = content.get(..32).unwrap_or(content).trim_ascii_end();
        match label {
            b"JPKIAPICCTOKEN" => Self::ResidentRegisterCard,
            b"JPKIAPICCTOKEN2" => Self::MyNumberCard,
            b"JPKIAPGPSETOKEN" => Self::AndroidPhone,
            b"JPKIAPIOSTOKEN" => Self::IPhone,
            _ => Self::Unknown,
        }
    }
}

/// Which certificates the card says it has. Children under 15 have none for signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificatePresence {
    /// 署名用電子証明書.
    pub sign: bool,
    /// 利用者証明用電子証明書.
    pub auth: bool,
}

/// What [`Mode::JpkiAuth`] brings.
#[derive(Clone)]
pub struct JpkiFiles {
    pub(crate) certificate: Content,
    pub(crate) device: Device,
    pub(crate) presence: Option<CertificatePresence>,
    pub(crate) answer: Option<ChallengeAnswer>,
}

impl JpkiFiles {
    /// From a certificate read earlier, EF 000A of the JPKI application.
    #[must_use]
    pub fn new(certificate: Vec<u8>, answer: Option<ChallengeAnswer>) -> Self {
        Self {
            certificate: certificate.into(),
            device: Device::Unknown,
            presence: None,
            answer,
        }
    }

    /// The certificate, as read.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// What answered, by its own word.
    #[must_use]
    pub const fn device(&self) -> Device {
        self.device
    }

    /// Which certificates it says it has; `None` when it does not say.
    #[must_use]
    pub const fn presence(&self) -> Option<CertificatePresence> {
        self.presence
    }
}

/// What [`Mode::PinStatus`] brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinStatus(pub(crate) Vec<(Secret, Tries)>);

impl PinStatus {
    /// The tries left for a secret; `None` when it was not asked for.
    #[must_use]
    pub fn tries(&self, secret: Secret) -> Option<Tries> {
        self.0
            .iter()
            .find(|(asked, _)| *asked == secret)
            .map(|(_, tries)| *tries)
    }

    /// All that were asked for, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Secret, Tries)> {
        self.0.iter().copied()
    }
}

pub(crate) mod sealed {
    use super::{ChallengeAnswer, Content, File, Secret, Tries, Vec};

    /// Everything that a reading collects, whatever its mode.
    #[derive(Default)]
    pub struct Collected {
        pub(crate) files: Vec<(File, Content)>,
        pub(crate) tries: Vec<(Secret, Tries)>,
        pub(crate) answer: Option<ChallengeAnswer>,
    }

    impl Collected {
        /// A file that was read; empty when it was optional and is not there.
        pub(crate) fn take(&mut self, file: File) -> Content {
            let index = self.files.iter().position(|(read, _)| *read == file);
            index.map_or_else(Content::default, |index| self.files.swap_remove(index).1)
        }
    }

    /// What a mode makes of what was collected.
    pub trait FromCollected {
        /// Takes what it knows.
        fn from_collected(collected: Collected) -> Self;
    }
}

pub(crate) use sealed::Collected;

/// What a [`Reading`](crate::Reading) can bring. Only this crate implements it.
pub trait Outcome: sealed::FromCollected {
    /// The mode that brings it.
    const MODE: Mode;
}

macro_rules! outcome {
    ($name:ident, $mode:expr, $collected:ident => $value:expr) => {
        impl sealed::FromCollected for $name {
            fn from_collected(mut $collected: Collected) -> Self {
                $value
            }
        }

        impl Outcome for $name {
            const MODE: Mode = $mode;
        }
    };
}

outcome!(FaceFiles, Mode::Face, collected => Self {
    face: collected.take(File::Face),
    issuer: collected.take(File::VisualIssuer),
    answer: collected.answer,
});

outcome!(AttributeFiles, Mode::Attributes, collected => Self {
    attributes: collected.take(File::Attributes),
    integrity_record: collected.take(File::IntegrityRecord),
    issuer: collected.take(File::TextIssuer),
    card_key: collected.take(File::TextCardKey),
    answer: collected.answer,
});

outcome!(AgeFiles, Mode::Age, collected => Self {
    age: collected.take(File::AgeRecord),
    issuer: collected.take(File::VisualIssuer),
    answer: collected.answer,
});

outcome!(JpkiFiles, Mode::JpkiAuth, collected => Self {
    certificate: collected.take(File::AuthCertificate),
    device: Device::from_token_info(&collected.take(File::TokenInfo)),
    presence: match **collected.take(File::CertificatePresence) {
        [sign, auth, ..] => Some(CertificatePresence { sign: sign != 0, auth: auth != 0 }),
        _ => None,
    },
    answer: collected.answer,
});

outcome!(PinStatus, Mode::PinStatus, collected => Self(core::mem::take(&mut collected.tries)));

/// Shows lengths only.
fn lengths(f: &mut fmt::Formatter<'_>, name: &str, files: &[(&str, &Content)]) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    for (name, content) in files {
        shown.field(name, &format_args!("{} bytes", content.len()));
    }
    shown.finish_non_exhaustive()
}

impl fmt::Debug for FaceFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lengths(f, "FaceFiles", &[("face", &self.face), ("issuer", &self.issuer)])
    }
}

impl fmt::Debug for AttributeFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lengths(
            f,
            "AttributeFiles",
            &[("attributes", &self.attributes), ("issuer", &self.issuer)],
        )
    }
}

impl fmt::Debug for AgeFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lengths(f, "AgeFiles", &[("age", &self.age), ("issuer", &self.issuer)])
    }
}

impl fmt::Debug for JpkiFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lengths(f, "JpkiFiles", &[("certificate", &self.certificate)])
    }
}

impl fmt::Debug for ChallengeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChallengeAnswer(..)")
    }
}
