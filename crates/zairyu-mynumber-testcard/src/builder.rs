use sha2::{Digest as _, Sha256};

use crate::{
    AUTH_PIN, Application, CertificateFault, IssueError, IssuedCard, LengthForm, NUMBER, SIGN_PASSWORD,
    TEXT_PIN,
    certificate::{Kind, card_verifiable, leaf, root},
    issued_card::{Access, CardFile, Secret, SigningKey},
    keys::{Key, Owner, SHA256_DIGEST_INFO},
    object::object,
};

/// What kind of card, or of thing that answers like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// An adult's card.
    Adult,
    /// A child's card: without certificate for signing.
    Under15,
    /// An Android phone (スマホ用電子証明書): the JPKI application alone, whose certificate is read after the PIN.
    AndroidToken,
}

/// How the year is written in the digits of 照合番号B and of the date-of-birth key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum YearForm {
    /// The year of the Japanese era (和暦), as printed on a Japanese citizen's card.
    Era,
    /// The last two digits of the Gregorian year (西暦), as probably on a foreign resident's.
    Gregorian,
}

/// What fills a file up behind its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Filler {
    /// Nothing.
    None,
    /// This many bytes of `FF`, as on real cards.
    Ones(usize),
    /// This many bytes of `00`.
    Zeros(usize),
}

/// One thing that the issuer did wrong; everything else about the card stays right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssueFault {
    /// The issuer keys of both applications are certified by the CA of the other application.
    CaOfOtherApplication,
    /// The issuer keys' certificates name the right CA, and an unknown key signed them.
    UnknownCa,
    /// The block of the face's signature ends with a byte behind its three hashes.
    FaceTrailingByte,
    /// The block of the face's signature holds the three hashes without `DigestInfo`.
    FaceBareHashes,
    /// The face's signature is an ordinary one, over one hash of all three parts.
    FaceOneHash,
    /// The face's three hashes stand in another order.
    FaceOtherOrder,
    /// The certificate for user authentication breaks a rule.
    Certificate(CertificateFault),
}

/// Describes a card and issues it.
///
/// The holder is 見本 花子, born 1990-01-01 (平成2年); the card expires in 2035. All of it is invented.
#[derive(Clone, Debug)]
pub struct CardBuilder {
    profile: Profile,
    year_form: YearForm,
    length_form: LengthForm,
    filler: Filler,
    fault: Option<IssueFault>,
    text_card: Owner,
}

const NAME: &str = "見本　花子";
const SECOND_NAME: &str = "例示　太郎";
const ADDRESS: &str = "見本県架空市例示町一丁目２番３号";
const DATE_OF_BIRTH: &[u8] = b"19900101";
const SEX: &[u8] = b"2";
const EXPIRY: &[u8] = b"20350101";
/// The municipality's key for each application; its name begins with a municipality code that does not exist.
const TEXT_ISSUER: &[u8; 16] = b"9900131\x08\x05000\0\0\0\0";
const VISUAL_ISSUER: &[u8; 16] = b"9900121\x08\x05000\0\0\0\0";

const AUTH_PIN_ID: u16 = 0x18;
const SIGN_PASSWORD_ID: u16 = 0x1B;

impl CardBuilder {
    /// A card without faults, in the forms that real cards use.
    #[must_use]
    pub const fn new(profile: Profile) -> Self {
        Self {
            profile,
            year_form: YearForm::Era,
            length_form: LengthForm::Shortest,
            filler: Filler::Ones(2),
            fault: None,
            text_card: Owner::TextCard,
        }
    }

    /// Sets the year in 照合番号B and in the date-of-birth key.
    #[must_use]
    pub const fn year_form(mut self, form: YearForm) -> Self {
        self.year_form = form;
        self
    }

    /// Sets how lengths are written.
    #[must_use]
    pub const fn length_form(mut self, form: LengthForm) -> Self {
        self.length_form = form;
        self
    }

    /// Sets what stands behind the object of each file of the text and the visual application.
    #[must_use]
    pub const fn filler(mut self, filler: Filler) -> Self {
        self.filler = filler;
        self
    }

    /// Makes it a second card of the same municipality: in the text application it has another holder's name, 例示 太郎, and the
    /// chip another key.
    #[must_use]
    pub const fn second_card(mut self) -> Self {
        self.text_card = Owner::SecondTextCard;
        self
    }

    /// Lets the issuer do something wrong.
    #[must_use]
    pub const fn fault(mut self, fault: IssueFault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Issues the card.
    ///
    /// # Errors
    ///
    /// [`IssueError::Key`] when this crate's own keys are damaged.
    pub fn issue(&self) -> Result<IssuedCard, IssueError> {
        let mut card = IssuedCard {
            profile: self.profile,
            files: Vec::new(),
            secrets: Vec::new(),
            keys: Vec::new(),
        };
        self.add_jpki(&mut card)?;
        if self.profile != Profile::AndroidToken {
            self.add_text(&mut card)?;
            self.add_visual(&mut card)?;
            for application in [Application::ResidentRegister, Application::Common] {
                card.secrets.push(Secret {
                    application,
                    identifier: 0x1C,
                    value: b"8642".to_vec(),
                    most_tries: 3,
                });
            }
        }
        Ok(card)
    }

    fn object(&self, tag: u16, value: &[u8]) -> Vec<u8> {
        object(self.length_form, tag, value)
    }

    /// A file's content: one object, and filler.
    fn content(&self, mut object: Vec<u8>) -> Vec<u8> {
        match self.filler {
            Filler::None => {}
            Filler::Ones(count) => object.resize(object.len().saturating_add(count), 0xFF),
            Filler::Zeros(count) => object.resize(object.len().saturating_add(count), 0x00),
        }
        object
    }

    /// A value that begins with an object of offsets, one for each of the others; counted from the file's start.
    fn with_offsets(&self, outer: u16, offsets_tag: u16, parts: &[Vec<u8>]) -> Vec<u8> {
        let blank = vec![0; parts.len().saturating_mul(2)];
        let behind: usize = parts.iter().map(Vec::len).sum();
        let offsets_len = self.object(offsets_tag, &blank).len();
        let value_len = offsets_len.saturating_add(behind);
        let header_len = self
            .object(outer, &vec![0; value_len])
            .len()
            .saturating_sub(value_len);
        let mut at = header_len.saturating_add(offsets_len);
        let mut offsets = Vec::new();
        for part in parts {
            offsets.extend(u16::try_from(at).unwrap_or(u16::MAX).to_be_bytes());
            at = at.saturating_add(part.len());
        }
        let value = [self.object(offsets_tag, &offsets), parts.concat()].concat();
        self.object(outer, &value)
    }

    fn cv_certificate(&self, application: Application, issuer: &Key) -> Result<Vec<u8>, IssueError> {
        let subject = if application == Application::Text {
            TEXT_ISSUER
        } else {
            VISUAL_ISSUER
        };
        let names = match (self.fault, application) {
            (Some(IssueFault::CaOfOtherApplication), Application::Text) => Application::Visual,
            (Some(IssueFault::CaOfOtherApplication), _) => Application::Text,
            _ => application,
        };
        let ca = match names {
            _ if self.fault == Some(IssueFault::UnknownCa) => Owner::OtherCa,
            Application::Text => Owner::TextCa,
            _ => Owner::VisualCa,
        };
        card_verifiable(self.length_form, names, ca.key()?, subject, issuer)
    }

    const fn name(&self) -> &'static str {
        match self.text_card {
            Owner::SecondTextCard => SECOND_NAME,
            _ => NAME,
        }
    }

    fn birth_digits(&self) -> &'static [u8] {
        match self.year_form {
            YearForm::Era => b"020101",
            YearForm::Gregorian => b"900101",
        }
    }

    fn number_b(&self) -> Vec<u8> {
        [self.birth_digits(), b"2035", b"1234"].concat()
    }

    fn add_jpki(&self, card: &mut IssuedCard) -> Result<(), IssueError> {
        let application = Application::Jpki;
        let android = self.profile == Profile::AndroidToken;
        let child = self.profile == Profile::Under15;
        let mut file = |identifier, access, content| {
            card.files.push(CardFile {
                application,
                identifier,
                access,
                content,
            });
        };
        let label: &[u8] = if android {
            b"JPKIAPGPSETOKEN"
        } else {
            b"JPKIAPICCTOKEN2"
        };
        let mut token_info = label.to_vec();
        token_info.resize(160, b' ');
        file(0x06, Access::Free, token_info);
        file(
            0x08,
            Access::Free,
            vec![if child { 0x00 } else { 0x8F }, 0x8F, 0x00],
        );
        let auth_access = if android {
            Access::AfterOneOf(&[AUTH_PIN_ID])
        } else {
            Access::Free
        };
        let fault = match self.fault {
            Some(IssueFault::Certificate(fault)) => Some(fault),
            _ => None,
        };
        file(0x0A, auth_access, leaf(Kind::Auth, fault)?);
        file(0x0B, Access::Free, root(Kind::Auth, None)?);
        if !child {
            file(
                0x01,
                Access::AfterOneOf(&[SIGN_PASSWORD_ID]),
                leaf(Kind::Sign, None)?,
            );
            file(0x02, Access::Free, root(Kind::Sign, None)?);
        }
        let mut key = |identifier, secret, owner, value: &[u8], most_tries| {
            card.keys.push(SigningKey {
                application,
                identifier: Some(identifier),
                secret: Some(secret),
                owner,
            });
            card.secrets.push(Secret {
                application,
                identifier: secret,
                value: value.to_vec(),
                most_tries,
            });
        };
        key(0x17, AUTH_PIN_ID, Owner::Auth, AUTH_PIN, 3);
        if !child {
            key(0x1A, SIGN_PASSWORD_ID, Owner::Sign, SIGN_PASSWORD, 5);
        }
        Ok(())
    }

    fn add_text(&self, card: &mut IssuedCard) -> Result<(), IssueError> {
        const PIN: u16 = 0x11;
        const A: u16 = 0x14;
        const B: u16 = 0x15;
        let application = Application::Text;
        let issuer = Owner::TextIssuer.key()?;
        let own = self.text_card.key()?;

        // The hash in EF 0003 covers EF 0001 with its filler.
        let number = self.content(self.object(0xFF10, NUMBER));
        let attributes = [
            self.object(0xDF22, self.name().as_bytes()),
            self.object(0xDF23, ADDRESS.as_bytes()),
            self.object(0xDF24, DATE_OF_BIRTH),
            self.object(0xDF25, SEX),
        ];
        let hashes = [
            self.object(0xDF31, &Sha256::digest(&number)),
            self.object(0xDF32, &Sha256::digest(attributes.concat())),
        ]
        .concat();
        let record = [hashes.clone(), self.object(0xDF33, &issuer.sign(&hashes)?)].concat();
        let public_key = self.object(0xDF51, &own.public_objects());
        let certified = [
            public_key.clone(),
            self.object(0xDF52, &issuer.sign(&public_key)?),
        ]
        .concat();

        let basic = [
            self.object(0xDF41, &[0x01, 0x03, 0x0E, 0x01]),
            self.object(0xDF42, b"9000034\x08\x05001\0\0\0\0"),
            self.object(0xDF43, &[0xFF; 128]),
        ];
        let any: Access = Access::AfterOneOf(&[PIN, A, B]);
        for (identifier, access, content) in [
            (0x01, Access::AfterOneOf(&[PIN, A]), number),
            (
                0x02,
                Access::AfterOneOf(&[PIN, B]),
                self.content(self.with_offsets(0xFF20, 0xDF21, &attributes)),
            ),
            (0x03, any, self.content(self.object(0xFF30, &record))),
            (
                0x04,
                Access::Free,
                self.content(self.cv_certificate(application, issuer)?),
            ),
            (
                0x05,
                Access::Free,
                self.content(self.object(0xFF40, &basic.concat())),
            ),
            (0x07, any, self.content(self.object(0xFF50, &certified))),
        ] {
            card.files.push(CardFile {
                application,
                identifier,
                access,
                content,
            });
        }
        for (identifier, value, most_tries) in [
            (PIN, TEXT_PIN.to_vec(), 3),
            (A, NUMBER.to_vec(), 10),
            (B, self.number_b(), 10),
        ] {
            card.secrets.push(Secret {
                application,
                identifier,
                value,
                most_tries,
            });
        }
        card.keys.push(SigningKey {
            application,
            identifier: None,
            secret: None,
            owner: self.text_card,
        });
        Ok(())
    }

    fn add_visual(&self, card: &mut IssuedCard) -> Result<(), IssueError> {
        const BIRTH: u16 = 0x11;
        const B: u16 = 0x12;
        const A: u16 = 0x13;
        let application = Application::Visual;
        let issuer = Owner::VisualIssuer.key()?;
        let public = Owner::VisualCard.key()?.public_objects();

        let age = [self.object(0xDF11, DATE_OF_BIRTH), self.object(0xDF12, &public)].concat();
        let age = [age.clone(), self.object(0xDF13, &issuer.sign(&age)?)].concat();

        let picture = self.object(0xDF41, include_bytes!("../assets/number.png"));
        let picture = [picture, self.object(0xDF42, &public)].concat();
        let picture = [picture.clone(), self.object(0xDF43, &issuer.sign(&picture)?)].concat();

        let basic = [
            self.object(0xDF31, &[0x06, 0x03, 0x0E, 0x01]),
            self.object(0xDF32, b"9000024\x08\x05001\0\0\0\0"),
            self.object(0xDF33, &[0]),
            self.object(0xDF34, b"99001"),
            self.object(0xDF35, &[0xA5; 272]),
        ];
        let a_or_b = Access::AfterOneOf(&[A, B]);
        for (identifier, access, content) in [
            (0x01, Access::AfterOneOf(&[BIRTH]), self.object(0xFF10, &age)),
            (0x02, a_or_b, self.face(issuer, &public)?),
            (0x03, a_or_b, self.object(0xFF30, &basic.concat())),
            (0x04, Access::Free, self.cv_certificate(application, issuer)?),
            (0x05, Access::AfterOneOf(&[A]), self.object(0xFF40, &picture)),
        ] {
            card.files.push(CardFile {
                application,
                identifier,
                access,
                content: self.content(content),
            });
        }
        for (identifier, value) in [
            (BIRTH, self.birth_digits().to_vec()),
            (A, NUMBER.to_vec()),
            (B, self.number_b()),
        ] {
            card.secrets.push(Secret {
                application,
                identifier,
                value,
                most_tries: 10,
            });
        }
        card.keys.push(SigningKey {
            application,
            identifier: None,
            secret: None,
            owner: Owner::VisualCard,
        });
        Ok(())
    }

    /// The card face, EF 0002 of the visual application.
    fn face(&self, issuer: &Key, public: &[u8]) -> Result<Vec<u8>, IssueError> {
        // DigestInfo for a hash of 96 bytes, under the name of SHA-256.
        const THREE_HASHES: &[u8] =
            b"\x30\x71\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x60";
        let birth = self.object(0xDF22, DATE_OF_BIRTH);
        let sex = self.object(0xDF23, SEX);
        let key = self.object(0xDF24, public);
        let name = self.object(0xDF25, include_bytes!("../assets/name.png"));
        let address = self.object(0xDF26, include_bytes!("../assets/address.png"));
        let photo = self.object(0xDF27, include_bytes!("../assets/photo.jp2"));

        let first = [birth.clone(), sex.clone(), key.clone()].concat();
        let second = [name.clone(), address.clone()].concat();
        let hash = |message: &[u8]| Sha256::digest(message).to_vec();
        let hashes = [hash(&first), hash(&second), hash(&photo)];
        let block = match self.fault {
            Some(IssueFault::FaceTrailingByte) => [THREE_HASHES, &hashes.concat(), &[0]].concat(),
            Some(IssueFault::FaceBareHashes) => hashes.concat(),
            Some(IssueFault::FaceOneHash) => [
                SHA256_DIGEST_INFO,
                &hash(&[first, second, photo.clone()].concat()),
            ]
            .concat(),
            Some(IssueFault::FaceOtherOrder) => {
                let [one, two, three] = hashes;
                [THREE_HASHES, &two, &one, &three].concat()
            }
            _ => [THREE_HASHES, &hashes.concat()].concat(),
        };
        let parts = [
            birth,
            sex,
            key,
            name,
            address,
            photo,
            self.object(0xDF28, &issuer.sign_block(&block)?),
            self.object(0xDF29, EXPIRY),
            self.object(0xDF2A, include_bytes!("../assets/security-code.png")),
        ];
        Ok(self.with_offsets(0xFF20, 0xDF21, &parts))
    }
}
