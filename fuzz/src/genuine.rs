//! Cards of the software issuer: what genuine files, certificates and answers look like.

use std::sync::LazyLock;

use bytes::Bytes;
use zairyu::Timestamp;
use zairyu_data::{Card, CardFiles, CardType, File, Generation, SignatureObjects};
use zairyu_protocol::MessageLimits;
use zairyu_testcard::{
    CardBuilder, CertificateFault, CheckCode, IssuedCard, Issuer, Randomness, SoftwareCard,
};
use zairyu_verify::{Anchors, Authenticity};

use crate::{
    asn1,
    files::READABLE,
    session::{After, Session},
};

/// A complete card of each readable type.
static ISSUED: LazyLock<[IssuedCard; 4]> =
    LazyLock::new(|| READABLE.map(|card_type| issue(&CardBuilder::new(card_type))));

/// The same with short pictures, so that a reading is short and takes little deciphering.
pub(crate) static SMALL: LazyLock<[IssuedCard; 4]> = LazyLock::new(|| {
    READABLE.map(|card_type| {
        let mut card = issued(card_type).clone();
        let picture = |tag: &[u8]| [tag, &[0x60], &[b'x'; 0x60]].concat();
        for entry in card_type.files() {
            match entry.file {
                File::FrontImage | File::NameAndFaceImage => card.replace(entry.file, picture(&[0xD0])),
                File::FaceImage => card.replace(entry.file, picture(&[0xD1])),
                File::AddressImage => card.replace(entry.file, picture(&[0xDF, 0xD1])),
                _ => {}
            }
        }
        card
    })
});

pub(crate) fn issue(builder: &CardBuilder) -> IssuedCard {
    Issuer::new().issue(builder).expect("the card can be issued")
}

/// The complete card of a type.
pub(crate) fn issued(card_type: CardType) -> &'static IssuedCard {
    &ISSUED[place(card_type)]
}

/// The card of a type with short pictures.
pub(crate) fn small(card_type: CardType) -> &'static IssuedCard {
    &SMALL[place(card_type)]
}

fn place(card_type: CardType) -> usize {
    let place = READABLE.iter().position(|&readable| readable == card_type);
    place.expect("it can be issued")
}

/// A card in a reader that answers the same in each run.
pub(crate) fn software_card(issued: IssuedCard) -> SoftwareCard {
    SoftwareCard::new(issued).with_randomness(Randomness::Seeded(7))
}

/// What a card answers in a whole reading.
pub(crate) fn answers(issued: &IssuedCard, limits: MessageLimits) -> Vec<Vec<u8>> {
    let mut card = software_card(issued.clone());
    let mut session = Session::new(limits);
    let mut answers = Vec::new();
    loop {
        let answer = card.process(session.command());
        answers.push(answer.clone());
        session = match session.receive(&answer) {
            After::Waiting(session) => session,
            After::Done(_) => return answers,
            After::Over(error) => panic!("a genuine card is refused: {error}"),
        };
    }
}

/// Both CAs of the software issuer.
pub(crate) static ANCHORS: LazyLock<Anchors> = LazyLock::new(|| {
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        let certificate = Issuer::new().ca_certificate(generation).expect("it has a CA");
        anchors.add(&certificate).expect("it can be loaded");
    }
    anchors
});

/// A moment at which all genuine certificates are valid.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T01:00:00Z".parse().expect("a moment")
}

/// A card whose signature file can be exchanged.
pub(crate) struct Signed {
    pub(crate) files: CardFiles,
    pub(crate) certificate: Bytes,
    /// All certificates that the CA signed for its key, in DER.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Every form of check code that verifies.
    pub(crate) check_codes: [Bytes; 2],
}

/// One of each generation.
pub(crate) static SIGNED: LazyLock<[Signed; 2]> = LazyLock::new(|| {
    [
        signed(
            CardType::FirstResidenceCard,
            [CheckCode::RsaDigestInfo, CheckCode::RsaBareHash],
        ),
        signed(
            CardType::SecondResidenceCard,
            [CheckCode::EcdsaRaw, CheckCode::EcdsaDer],
        ),
    ]
});

fn signed(card_type: CardType, check_codes: [CheckCode; 2]) -> Signed {
    let signature = |check_code: CheckCode| {
        let card = issue(&CardBuilder::new(card_type).check_code(check_code));
        signature_of(&card.card_files())
    };
    let [one, other] = check_codes.map(signature);
    let certificate = one.certificate();
    let length = certificate
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    Signed {
        files: issued(card_type).card_files(),
        certificate: certificate.slice(..length),
        certificates: certificates(card_type),
        check_codes: [one.check_code().clone(), other.check_code().clone()],
    }
}

/// The genuine one, and those that are odd in a way.
fn certificates(card_type: CardType) -> Vec<Vec<u8>> {
    use CertificateFault as F;
    let not_signed = [
        F::SignedByOtherKey,
        F::SelfSigned,
        F::TamperedSignature,
        F::TamperedContent,
        F::EmptySignature,
    ];
    let odd = F::ALL.iter().filter(|fault| !not_signed.contains(fault));
    let odd = odd.map(|&fault| CardBuilder::new(card_type).certificate_fault(fault));
    odd.chain([CardBuilder::new(card_type)])
        .filter_map(|builder| {
            // Not every oddity exists in both generations.
            let card = Issuer::new().issue(&builder).ok()?;
            asn1::canonical(signature_of(&card.card_files()).certificate())
        })
        .collect()
}

pub(crate) fn signature_of(files: &CardFiles) -> SignatureObjects {
    let signature = match Card::parse(files) {
        Card::First(card) => card.signature,
        Card::Second(card) => card.signature,
    };
    signature.expect("it can be read").expect("it is there")
}

impl Signed {
    /// Judges the card with another check code and certificate.
    pub(crate) fn judge(&self, check_code: &[u8], certificate: &[u8]) -> Authenticity {
        let tags = match self.files.card_type().generation() {
            Generation::First => [0xDA, 0xDB],
            Generation::Second | Generation::Specified => [0xDC, 0xDD],
        };
        let mut file = Vec::new();
        for (tag, value) in tags.into_iter().zip([check_code, certificate]) {
            let mut header = [0; zairyu_tlv::Header::MAX_LEN];
            let header = zairyu_tlv::encode_header(zairyu_tlv::Tag::new(tag), value.len(), &mut header);
            file.extend(header.unwrap_or_default());
            file.extend(value);
        }
        let files = crate::files::with(&self.files, File::Signature, file);
        zairyu_verify::judge(&files, &ANCHORS, now())
    }
}
