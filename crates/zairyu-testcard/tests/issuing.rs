//! What the issuer writes: files, check codes, certificates, and everything that can be wrong with them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use hex_literal::hex;
use p384::ecdsa::signature::hazmat::PrehashVerifier as _;
use proptest::prelude::*;
use rsa::{Pkcs1v15Sign, RsaPublicKey, pkcs8::DecodePublicKey as _};
use sha2::{Digest as _, Sha256};
use x509_cert::{
    Certificate,
    der::{Decode as _, Encode as _, oid::ObjectIdentifier},
    ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier},
};
use zairyu_data::{Card, CardDate, CardType, File, FirstCard, Generation, Labelled as _, SecondCard};
use zairyu_testcard::{
    CardBuilder, CertificateFault, CheckCode, Field, IssueError, IssuedCard, Issuer, IssuerName, LengthForm,
    NoFace, NoSignature, Validity,
};

const TYPE_1: CardType = CardType::FirstResidenceCard;
const TYPE_2: CardType = CardType::FirstSpecialPermanentResident;
const TYPE_05: CardType = CardType::SecondResidenceCard;
const TYPE_06: CardType = CardType::SecondSpecialPermanentResident;
const ISSUED: [CardType; 4] = [TYPE_1, TYPE_2, TYPE_05, TYPE_06];

fn issue(builder: &CardBuilder) -> IssuedCard {
    Issuer::new().issue(builder).unwrap()
}

fn first(card: &IssuedCard) -> Box<FirstCard> {
    match Card::parse(&card.card_files()) {
        Card::First(card) => card,
        Card::Second(_) => panic!("second generation"),
    }
}

fn second(card: &IssuedCard) -> Box<SecondCard> {
    match Card::parse(&card.card_files()) {
        Card::Second(card) => card,
        Card::First(_) => panic!("first generation"),
    }
}

/// Check code, certificate object and signed message of a card, as zairyu-data takes them apart.
fn signature(card: &IssuedCard) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (objects, message) = match Card::parse(&card.card_files()) {
        Card::First(card) => (
            card.signature.unwrap().unwrap(),
            card.signed.unwrap().message().unwrap().concat(),
        ),
        Card::Second(card) => (
            card.signature.unwrap().unwrap(),
            card.signed.unwrap().message().unwrap(),
        ),
    };
    (
        objects.check_code().to_vec(),
        objects.certificate().to_vec(),
        message,
    )
}

/// The certificate in the object without the filler behind it.
fn certificate(object: &[u8]) -> Certificate {
    let length = usize::from(u16::from_be_bytes([object[2], object[3]])) + 4;
    Certificate::from_der(&object[..length]).unwrap()
}

/// Whether `key` (a `SubjectPublicKeyInfo`) made this signature over the message, of either generation; certificates
/// have ECDSA signatures in DER, check codes raw.
fn verifies(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let hash = Sha256::digest(message);
    if let Ok(key) = RsaPublicKey::from_public_key_der(key) {
        return key
            .verify(Pkcs1v15Sign::new::<Sha256>(), &hash, signature)
            .is_ok();
    }
    let key = p384::ecdsa::VerifyingKey::from_public_key_der(key).unwrap();
    let signature = p384::ecdsa::Signature::from_slice(signature)
        .or_else(|_| p384::ecdsa::Signature::from_der(signature));
    signature.is_ok_and(|signature| key.verify_prehash(&hash, &signature).is_ok())
}

fn public_key(certificate: &Certificate) -> Vec<u8> {
    certificate
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .unwrap()
}

/// Whether the CA's key signed this certificate.
fn issued_by(certificate: &Certificate, ca: &Certificate) -> bool {
    let tbs = certificate.tbs_certificate().to_der().unwrap();
    verifies(&public_key(ca), &tbs, certificate.signature().raw_bytes())
}

fn ca(issuer: &Issuer, generation: Generation) -> Certificate {
    Certificate::from_der(&issuer.ca_certificate(generation).unwrap()).unwrap()
}

#[test]
fn every_type_has_its_files_at_their_sizes() {
    for card_type in ISSUED {
        let card = issue(&CardBuilder::new(card_type));
        for entry in card_type.files() {
            assert_eq!(
                card.file(entry.file).unwrap().len(),
                entry.capacity,
                "{card_type:?} {}",
                entry.file
            );
        }
        assert_eq!(card.card_files().iter().count(), card_type.files().len());
        assert_eq!(card.number().expose(), "AB12345678CD");
    }
}

#[test]
fn specified_cards_need_a_profile() {
    for card_type in [
        CardType::SpecifiedResidenceCard,
        CardType::SpecifiedSpecialPermanentResident,
    ] {
        let issued = Issuer::new().issue(&CardBuilder::new(card_type));
        assert_eq!(issued, Err(IssueError::UnknownFiles));
    }
}

#[test]
fn the_same_card_each_time() {
    for card_type in ISSUED {
        assert_eq!(
            issue(&CardBuilder::new(card_type)),
            issue(&CardBuilder::new(card_type))
        );
    }
}

#[test]
fn zairyu_data_reads_every_part_of_the_first_generation() {
    let card = first(&issue(&CardBuilder::new(TYPE_1)));
    assert_eq!(card.specification_version.unwrap().unwrap(), "0001");
    let signed = card.signed.unwrap();
    assert_eq!(signed.front().unwrap().bytes()[..4], hex!("49492A00"));
    assert_eq!(signed.face().unwrap().bytes()[4..8], *b"jP  ");
    let address = card.address.unwrap().unwrap();
    assert_eq!(address.text, "東京都千代田区霞が関１－１－１");
    assert_eq!(address.municipality_code.unwrap().code(), "131016");
    assert!(
        card.comprehensive_permission
            .unwrap()
            .unwrap()
            .as_str()
            .starts_with("許可")
    );
    assert_eq!(card.individual_permission.unwrap().unwrap().as_str(), "");
    assert_eq!(card.renewal_application.unwrap().unwrap().code(), "0");

    let card = first(&issue(&CardBuilder::new(TYPE_2)));
    assert!(card.address.unwrap().is_some());
    assert!(card.comprehensive_permission.unwrap().is_none());
    assert!(card.renewal_application.unwrap().is_none());
}

#[test]
fn zairyu_data_reads_every_part_of_the_second_generation() {
    let card = second(&issue(&CardBuilder::new(TYPE_05)));
    assert_eq!(card.specification_version.unwrap().unwrap(), "0001");
    assert_eq!(card.number.unwrap().unwrap().expose(), "AB12345678CD");
    let signed = card.signed.unwrap();
    let entries = signed.entries();
    assert_eq!(entries.sex.as_ref().unwrap().code(), "2");
    assert_eq!(entries.nationality.as_ref().unwrap().code(), "USA");
    assert_eq!(entries.period_of_stay.as_ref().unwrap().code(), "0300");
    let expiry = entries.card_expires_on.as_ref().unwrap().day().unwrap();
    assert_eq!(expiry.to_string(), "2033-04-01");
    assert_eq!(signed.name().unwrap().bytes()[..4], hex!("49492A00"));
    assert_eq!(signed.face().unwrap().bytes()[4..8], *b"jP  ");
    assert!(card.address_image.unwrap().is_some());
    let permissions = card.permissions.unwrap().unwrap();
    assert_eq!(permissions.comprehensive.code(), "1");
    assert_eq!(permissions.individual.code(), "0");
    assert_eq!(card.renewal_application.unwrap().unwrap().code(), "0");
    let note = card.commissioner_note.unwrap().unwrap();
    assert_eq!((note.entry.code(), note.text.as_str()), ("0", ""));

    let card = second(&issue(&CardBuilder::new(TYPE_06)));
    let signed = card.signed.unwrap();
    assert!(signed.entries().period_of_stay.is_some());
    assert!(signed.entries().permission_type.is_none());
    assert!(card.permissions.unwrap().is_none());
    assert!(card.commissioner_note.unwrap().is_some());
}

#[test]
fn check_code_and_certificate_verify_under_the_ca_and_no_other() {
    for issuer in [Issuer::new(), Issuer::other(), Issuer::with_fresh_keys().unwrap()] {
        for card_type in ISSUED {
            let card = issuer.issue(&CardBuilder::new(card_type)).unwrap();
            let (check_code, object, message) = signature(&card);
            let certificate = certificate(&object);
            let key = public_key(&certificate);
            assert!(verifies(&key, &message, &check_code), "{card_type:?}");
            assert!(!verifies(&key, &message[1..], &check_code), "{card_type:?}");
            let generation = card_type.generation();
            let ca = ca(&issuer, generation);
            assert!(issued_by(&certificate, &ca) && issued_by(&ca, &ca));
            let tbs = certificate.tbs_certificate();
            assert_eq!(tbs.issuer(), ca.tbs_certificate().subject());
            let (_, authority) = tbs.get_extension::<AuthorityKeyIdentifier>().unwrap().unwrap();
            let (_, subject) = ca
                .tbs_certificate()
                .get_extension::<SubjectKeyIdentifier>()
                .unwrap()
                .unwrap();
            assert_eq!(authority.key_identifier.unwrap(), subject.0);
            assert!(
                object.len()
                    <= if generation == Generation::First {
                        1200
                    } else {
                        602
                    }
            );
        }
    }
}

#[test]
fn cas_of_one_name_are_told_apart_by_key_alone() {
    for generation in [Generation::First, Generation::Second] {
        let usual = ca(&Issuer::new(), generation);
        let other = ca(&Issuer::other(), generation);
        assert_eq!(
            usual.tbs_certificate().subject(),
            other.tbs_certificate().subject()
        );
        assert_eq!(
            usual.tbs_certificate().serial_number(),
            other.tbs_certificate().serial_number()
        );
        assert!(!issued_by(&other, &usual));
    }
    let fresh = |_| {
        Issuer::with_fresh_keys()
            .unwrap()
            .ca_certificate(Generation::Second)
            .unwrap()
    };
    assert_ne!(fresh(()), fresh(()));
}

#[test]
fn ca_certificates_say_what_a_ca_says() {
    for (name, generation, subject) in [
        (
            IssuerName::Test,
            Generation::First,
            "CN=zairyu test CA,O=zairyu,C=JP",
        ),
        (
            IssuerName::Test,
            Generation::Second,
            "CN=zairyu test CA2,O=zairyu,C=JP",
        ),
        (
            IssuerName::Ministry,
            Generation::First,
            "CN=ZairyuCard CA,OU=The Ministry of Justice,O=Japanese Government,C=JP",
        ),
        (
            IssuerName::Ministry,
            Generation::Second,
            "CN=ZairyuCard CA2,OU=The Ministry of Justice,O=Japanese Government,C=JP",
        ),
    ] {
        let issuer = Issuer::new().with_name(name);
        let ca = ca(&issuer, generation);
        let tbs = ca.tbs_certificate();
        assert_eq!(tbs.subject().to_string(), subject);
        assert_eq!(tbs.issuer(), tbs.subject());
        let (critical, constraints) = tbs.get_extension::<BasicConstraints>().unwrap().unwrap();
        assert!(critical && constraints.ca);
        assert_eq!(constraints.path_len_constraint, Some(0));
        let (_, usage) = tbs.get_extension::<KeyUsage>().unwrap().unwrap();
        assert!(usage.key_cert_sign() && usage.crl_sign() && !usage.digital_signature());
        // The longest name still leaves room for a certificate on the card.
        let card_type = if generation == Generation::First {
            TYPE_1
        } else {
            TYPE_05
        };
        assert!(issuer.issue(&CardBuilder::new(card_type)).is_ok());
    }
}

#[test]
fn ca_faults() {
    let with = |fault| ca(&Issuer::new().with_ca_fault(fault), Generation::Second);
    let no_ca = with(CertificateFault::IsNoCa);
    let (_, constraints) = no_ca
        .tbs_certificate()
        .get_extension::<BasicConstraints>()
        .unwrap()
        .unwrap();
    assert!(!constraints.ca);
    let usage = with(CertificateFault::WrongKeyUsage);
    let (_, usage) = usage
        .tbs_certificate()
        .get_extension::<KeyUsage>()
        .unwrap()
        .unwrap();
    assert!(!usage.key_cert_sign());
    let null = with(CertificateFault::AlgorithmParameters);
    assert!(null.signature_algorithm().parameters.as_ref().unwrap().is_null());
    let validity = Validity::new("150605154623Z", "250905154623Z");
    let expired = ca(&Issuer::new().with_ca_validity(validity), Generation::First);
    assert_eq!(
        expired.tbs_certificate().validity().not_after.to_string(),
        "2025-09-05T15:46:23Z"
    );
}

/// The first and the second generation's card with this fault: certificate object, and whether it parses as DER.
fn faulty(card_type: CardType, faults: &[CertificateFault]) -> (IssuedCard, Vec<u8>) {
    let mut builder = CardBuilder::new(card_type).padded_certificate(false);
    for fault in faults {
        builder = builder.certificate_fault(*fault);
    }
    let card = issue(&builder);
    let (_, object, _) = signature(&card);
    (card, object)
}

#[test]
fn every_certificate_fault_is_one() {
    use CertificateFault as F;
    for card_type in [TYPE_1, TYPE_05] {
        let generation = card_type.generation();
        let ca = ca(&Issuer::new(), generation);
        let (_, good) = faulty(card_type, &[]);
        for &fault in F::ALL {
            let what = format!("{card_type:?} {fault:?}");
            let (card, object) = faulty(card_type, &[fault]);
            if (fault, card_type) == (F::CompressedKey, TYPE_1) {
                assert_eq!(object, good);
                continue;
            }
            assert_ne!(object, good, "{what}");
            // Nothing but the certificate is wrong.
            let (check_code, _, message) = signature(&card);
            assert!(verifies(&public_key(&certificate(&good)), &message, &check_code));

            // What is no DER shows in the bytes.
            match fault {
                F::IndefiniteLengthOutside => {
                    assert_eq!(object[..2], hex!("3080"), "{what}");
                    assert!(object[2..object.len() - 2] == good[4..], "{what}");
                    assert_eq!(object[object.len() - 2..], [0, 0], "{what}");
                    continue;
                }
                F::IndefiniteLengthThroughout => {
                    assert_eq!(object[..4], hex!("30803080"), "{what}");
                    continue;
                }
                F::NonMinimalLength => {
                    assert_eq!(object[..3], hex!("308300"), "{what}");
                    assert!(object[3..] == good[2..], "{what}");
                    continue;
                }
                F::TrailingGarbage => {
                    assert_eq!(object, [&good[..], &hex!("DEADBEEF")].concat(), "{what}");
                    continue;
                }
                F::UnusedBits => {
                    let place = good.iter().zip(&object).position(|(one, other)| one != other);
                    assert_eq!(object[place.unwrap()], 3, "{what}");
                    continue;
                }
                _ => {}
            }

            let certificate = certificate(&object);
            let tbs = certificate.tbs_certificate();
            let usage = tbs.get_extension::<KeyUsage>();
            let constraints = tbs.get_extension::<BasicConstraints>().unwrap();
            let authority = tbs.get_extension::<AuthorityKeyIdentifier>().unwrap();
            let unknown = tbs.extensions().and_then(|extensions| {
                let example = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1");
                extensions.iter().find(|extension| extension.extn_id == example)
            });
            let seen = match fault {
                F::Expired => tbs.validity().not_after.to_string() == "2020-01-01T00:00:00Z",
                F::NotYetValid => tbs.validity().not_before.to_string() == "2048-01-01T00:00:00Z",
                F::OtherIssuerName => tbs.issuer() != ca.tbs_certificate().subject(),
                F::SignedByOtherKey => {
                    let other = Certificate::from_der(&Issuer::other().ca_certificate(generation).unwrap());
                    issued_by(&certificate, &other.unwrap())
                }
                F::SelfSigned => issued_by(&certificate, &certificate),
                F::OtherAuthorityKeyIdentifier => authority.is_some(),
                F::NoAuthorityKeyIdentifier => authority.is_none(),
                F::WrongKeyUsage => !usage.unwrap().unwrap().1.digital_signature(),
                F::NoKeyUsage => usage.unwrap().is_none(),
                F::IsCa => constraints.unwrap().1.ca,
                F::IsNoCa => !constraints.unwrap().1.ca,
                F::UnknownCriticalExtension => unknown.unwrap().critical,
                F::UnknownExtension => !unknown.unwrap().critical,
                F::DuplicateExtension => usage.is_err(),
                F::InnerAlgorithmDiffers => tbs.signature() != certificate.signature_algorithm(),
                F::OtherHash => {
                    let oid = certificate.signature_algorithm().oid.to_string();
                    ["1.2.840.10045.4.3.3", "1.2.840.113549.1.1.12"].contains(&oid.as_str())
                        && tbs.signature() == certificate.signature_algorithm()
                }
                F::AlgorithmParameters => {
                    let absent = certificate.signature_algorithm().parameters.is_none();
                    absent == (generation == Generation::First)
                }
                F::Version1 => tbs.version() == x509_cert::Version::V1 && tbs.extensions().is_none(),
                F::P256Key => public_key(&certificate).len() == 91,
                F::Rsa1024Key => public_key(&certificate).len() == 162,
                F::CompressedKey => public_key(&certificate).len() == 120 - 48,
                F::TamperedSignature | F::TamperedContent => object.len() == good.len(),
                F::EmptySignature => certificate.signature().raw_bytes().is_empty(),
                other => panic!("{other:?} is not looked at"),
            };
            assert!(seen, "{what}");

            let still_signed = !matches!(
                fault,
                F::SignedByOtherKey
                    | F::SelfSigned
                    | F::OtherHash
                    | F::TamperedSignature
                    | F::TamperedContent
                    | F::EmptySignature
            );
            assert_eq!(issued_by(&certificate, &ca), still_signed, "{what}");
        }
    }
}

/// CER throughout: the signature covers the bytes as they stand.
#[test]
fn indefinite_form_is_signed_as_it_stands() {
    let (_, object) = faulty(TYPE_05, &[CertificateFault::IndefiniteLengthThroughout]);
    // The signed part ends where the signature algorithm begins: its own end, then SEQUENCE 80 OID.
    let mark = hex!("3080 06082A8648CE3D040302");
    let places = (0..object.len()).filter(|&place| object[place..].starts_with(&mark));
    let end = places.max().unwrap();
    let tail = &object[end + mark.len() + 2..];
    let signature = &tail[3..3 + usize::from(tail[1]) - 1];
    let key = public_key(&ca(&Issuer::new(), Generation::Second));
    assert!(verifies(&key, &object[2..end], signature));
}

#[test]
fn certificate_validity_and_serial_as_given() {
    let builder = CardBuilder::new(TYPE_05)
        .certificate_validity(Validity::new("260701000000Z", "360701000000Z"))
        .certificate_serial(0x80FF);
    let (_, object, _) = signature(&issue(&builder));
    let certificate = certificate(&object);
    let tbs = certificate.tbs_certificate();
    assert_eq!(tbs.validity().not_before.to_string(), "2026-07-01T00:00:00Z");
    assert_eq!(tbs.validity().not_after.to_string(), "2036-07-01T00:00:00Z");
    assert_eq!(tbs.serial_number().as_bytes(), hex!("0080FF"));
}

#[test]
fn certificate_object_padded_or_not() {
    let content = |card_type, padded| {
        let builder = CardBuilder::new(card_type).padded_certificate(padded);
        issue(&builder).file(File::Signature).unwrap().to_vec()
    };
    assert_eq!(content(TYPE_1, true)[260..264], hex!("DB8204B0"));
    assert_eq!(content(TYPE_05, true)[98..102], hex!("DD82025A"));
    let unpadded = content(TYPE_05, false);
    let length = usize::from(u16::from_be_bytes([unpadded[100], unpadded[101]]));
    assert!(length < 602 && unpadded[102 + length..].iter().all(|&byte| byte == 0));
    assert_eq!(
        issue(&CardBuilder::new(TYPE_05)).file(File::Signature),
        Some(&unpadded[..])
    );
    assert_eq!(
        certificate(&unpadded[102..102 + length]).to_der().unwrap().len(),
        length
    );
}

#[test]
fn check_codes_of_the_first_generation() {
    let info = hex!("3031300D060960864801650304020105000420");
    let without_null = hex!("302F300B0609608648016503040201 0420");
    for (check_code, prefix, suffix) in [
        (CheckCode::RsaDigestInfo, &info[..], 0),
        (CheckCode::RsaBareHash, &[], 0),
        (CheckCode::RsaDigestInfoWithoutNull, &without_null, 0),
        (CheckCode::RsaGarbageBehindHash, &info, 194),
    ] {
        let (bytes, object, message) =
            signature(&issue(&CardBuilder::new(TYPE_1).check_code(check_code.clone())));
        assert_eq!(bytes.len(), 256);
        let content = [prefix, &Sha256::digest(message), &vec![0xA5; suffix]].concat();
        let key = RsaPublicKey::from_public_key_der(&public_key(&certificate(&object))).unwrap();
        // The whole block, from 00 01 FF to the last byte.
        assert_eq!(
            key.verify(Pkcs1v15Sign::new_unprefixed(), &content, &bytes),
            Ok(()),
            "{check_code:?}"
        );
    }
}

#[test]
fn check_codes_of_the_second_generation() {
    let raw = signature(&issue(&CardBuilder::new(TYPE_05))).0;
    let der = signature(&issue(&CardBuilder::new(TYPE_05).check_code(CheckCode::EcdsaDer))).0;
    assert_eq!(raw.len(), 96);
    assert!((102..=104).contains(&der.len()));
    assert_eq!(
        p384::ecdsa::Signature::from_der(&der).unwrap(),
        p384::ecdsa::Signature::from_slice(&raw).unwrap()
    );
}

#[test]
fn check_code_by_hand_and_of_the_wrong_generation() {
    let by_hand = CardBuilder::new(TYPE_05).check_code(CheckCode::Bytes(vec![7; 96]));
    assert_eq!(signature(&issue(&by_hand)).0, [7; 96]);
    for (card_type, check_code) in [
        (TYPE_1, CheckCode::EcdsaRaw),
        (TYPE_1, CheckCode::EcdsaDer),
        (TYPE_05, CheckCode::RsaBareHash),
    ] {
        let builder = CardBuilder::new(card_type).check_code(check_code);
        assert_eq!(Issuer::new().issue(&builder), Err(IssueError::WrongKey));
    }
}

#[test]
fn cards_without_signature() {
    for (form, head) in [
        (NoSignature::TwoEmptyObjects, Some(hex!("DA00DB00"))),
        (NoSignature::OneEmptyObject, Some(hex!("DA000000"))),
        (NoSignature::Zeros, Some(hex!("00000000"))),
        (NoSignature::NoFile, None),
    ] {
        let card = issue(&CardBuilder::new(TYPE_1).under_16(form));
        let file = card.file(File::Signature);
        assert_eq!(file.map(|file| &file[..4]), head.as_ref().map(|head| &head[..]));
        assert!(file.is_none_or(|file| file.len() == 1464 && file[4..].iter().all(|&byte| byte == 0)));
        assert_eq!(card.file(File::FaceImage).is_none(), form == NoSignature::NoFile);
        let card = first(&card);
        assert!(card.signature.unwrap().is_none(), "{form:?}");
        assert!(card.signed.unwrap().face().is_none(), "{form:?}");
    }
    let second_generation = CardBuilder::new(TYPE_05).without_signature(NoSignature::TwoEmptyObjects);
    assert_eq!(
        issue(&second_generation).file(File::Signature).unwrap()[..4],
        hex!("DC00DD00")
    );
}

#[test]
fn cards_of_infants_are_signed_over_zeros_in_place_of_the_face() {
    for (form, length) in [
        (NoFace::EmptyObject, Some(0)),
        (NoFace::BlankValue, Some(3000)),
        (NoFace::NoObject, None),
    ] {
        let card = issue(&CardBuilder::new(TYPE_05).under_1(form));
        let file = card.file(File::NameAndFaceImage).unwrap();
        let expected = match length {
            Some(0) => &hex!("D1000000")[..],
            Some(_) => &hex!("D1820BB8"),
            None => &hex!("00000000"),
        };
        assert_eq!(&file[2504..2508], expected, "{form:?}");
        let (check_code, object, message) = signature(&card);
        assert!(message[53..3053].iter().all(|&byte| byte == 0));
        assert!(verifies(
            &public_key(&certificate(&object)),
            &message,
            &check_code
        ));
    }
}

#[test]
fn fields_are_set_padded_exact_left_out_and_moved() {
    let base = || CardBuilder::new(TYPE_05);
    let entries = |builder: CardBuilder| issue(&builder).file(File::PrintedEntries).unwrap().to_vec();
    assert_eq!(entries(base())[..14], *b"\xC5\x0820330401\xC6\x0819");
    assert_eq!(
        entries(base().with(Field::CardExpiresOn, "2033"))[..12],
        *b"\xC5\x082033\0\0\0\0\xC6\x08"
    );
    assert_eq!(
        entries(base().with_exactly(Field::CardExpiresOn, ""))[..4],
        *b"\xC5\x00\xC6\x08"
    );
    assert_eq!(entries(base().without(Field::CardExpiresOn))[..2], *b"\xC6\x08");
    assert_eq!(
        entries(base().swapped(Field::CardExpiresOn, Field::DateOfBirth))[..4],
        *b"\xC6\x0819"
    );
    // Files keep their size whatever is left out.
    assert_eq!(entries(base().without(Field::CardExpiresOn)).len(), 73);

    let signed = second(&issue(&base().with(Field::StayExpiresOn, "")))
        .signed
        .unwrap();
    assert_eq!(signed.entries().stay_expires_on, Some(CardDate::Blank));
}

#[test]
fn fields_are_signed_as_set() {
    for builder in [
        CardBuilder::new(TYPE_05).with(Field::Nationality, "PAK"),
        CardBuilder::new(TYPE_05).with_exactly(Field::NameImage, [7; 2000]),
        CardBuilder::new(TYPE_05).with_exactly(Field::FaceImage, include_bytes!("../assets/face.j2k")),
        CardBuilder::new(TYPE_06).with(Field::DateOfBirth, "20000101"),
        CardBuilder::new(TYPE_1).with(Field::FrontImage, [7; 7000]),
    ] {
        let (check_code, object, message) = signature(&issue(&builder));
        assert!(verifies(
            &public_key(&certificate(&object)),
            &message,
            &check_code
        ));
    }
}

#[test]
fn lengths_in_all_forms() {
    let file = |form| {
        let builder = CardBuilder::new(TYPE_05)
            .with(Field::CommissionerEntry, "1")
            .length_form(Field::CommissionerText, form);
        issue(&builder).file(File::CommissionerNote).unwrap().to_vec()
    };
    assert_eq!(file(LengthForm::Shortest)[..6], hex!("D90131 DE81C8"));
    assert_eq!(file(LengthForm::Two)[..6], hex!("D90131 DE81C8"));
    assert_eq!(file(LengthForm::Three)[..7], hex!("D90131 DE8200C8"));
    let builder = CardBuilder::new(TYPE_05).length_form(Field::NameImage, LengthForm::Two);
    assert!(matches!(
        Issuer::new().issue(&builder),
        Err(IssueError::ValueTooLong { .. })
    ));
    let address = CardBuilder::new(TYPE_05).length_form(Field::AddressImage, LengthForm::Shortest);
    assert_eq!(
        issue(&address).file(File::AddressImage).unwrap()[..5],
        hex!("DFD18209C4")
    );
}

#[test]
fn number_opens_the_card_and_stands_in_its_file() {
    let card = issue(&CardBuilder::new(TYPE_05).number("ZZ00000000ZZ"));
    assert_eq!(card.number().expose(), "ZZ00000000ZZ");
    assert_eq!(card.file(File::CardNumber), Some(&b"\xC2\x0CZZ00000000ZZ"[..]));
    let mismatch = CardBuilder::new(TYPE_05).with(Field::CardNumber, "XX99999999XX");
    assert_eq!(issue(&mismatch).number().expose(), "AB12345678CD");
    let wrong = CardBuilder::new(TYPE_1).number("12345");
    assert_eq!(Issuer::new().issue(&wrong), Err(IssueError::Number));
}

#[test]
fn whole_files_blank_or_missing() {
    let card = issue(
        &CardBuilder::new(TYPE_1)
            .with_zeros(File::ComprehensivePermission)
            .without_file(File::RenewalApplication),
    );
    assert_eq!(card.file(File::ComprehensivePermission), Some(&[0; 122][..]));
    assert_eq!(card.file(File::RenewalApplication), None);
    let card = first(&card);
    assert_eq!(card.comprehensive_permission.unwrap().unwrap().as_str(), "");
}

#[test]
fn mistakes_show_when_issuing() {
    let issue = |builder: CardBuilder| Issuer::new().issue(&builder).unwrap_err();
    assert_eq!(
        issue(CardBuilder::new(TYPE_06).with(Field::WorkRestriction, "1")),
        IssueError::NoSuchField(Field::WorkRestriction)
    );
    assert_eq!(
        issue(CardBuilder::new(TYPE_1).swapped(Field::FrontImage, Field::Sex)),
        IssueError::NoSuchField(Field::Sex)
    );
    assert_eq!(
        issue(CardBuilder::new(TYPE_1).with(Field::RenewalApplication, "10")),
        IssueError::ValueTooLong {
            field: Field::RenewalApplication,
            length: 2,
            capacity: 1
        }
    );
    let long = CardBuilder::new(TYPE_05).check_code(CheckCode::Bytes(vec![0; 300]));
    assert!(matches!(
        issue(long),
        IssueError::FileTooLong {
            file: File::Signature,
            capacity: 704,
            ..
        }
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn tampering_changes_exactly_one_byte(
        place in any::<prop::sample::Index>(),
        offset in any::<prop::sample::Index>(),
        xor in 1_u8..,
    ) {
        let original = issue(&CardBuilder::new(TYPE_1));
        let entry = place.get(TYPE_1.files());
        let offset = offset.index(entry.capacity);
        let mut card = original.clone();
        prop_assert!(card.tamper(entry.file, offset, xor));
        for other in TYPE_1.files() {
            let (before, after) = (original.file(other.file).unwrap(), card.file(other.file).unwrap());
            let mut expected = before.to_vec();
            if other == entry {
                expected[offset] ^= xor;
            }
            prop_assert_eq!(&expected[..], after);
        }
        prop_assert!(!card.tamper(entry.file, entry.capacity, xor));
        prop_assert!(!card.tamper(File::PrintedEntries, 0, xor));
    }
}
