//! Class 8: what is legal, and empty or odd.
//!
//! RUSTSEC-2026-0104 (an empty BIT STRING in a CRL: panic before any signature is checked), asn1-rs #40 through
//! x509-parser #161. Each element of a card's certificate is emptied, and each object and file of a card.

use zairyu::data::{CardType, File};
use zairyu::transport::Limits;
use zairyu_testcard::{CardBuilder, CertificateFault, Field, LengthForm};

use crate::{TYPES, card, certificate_in, check_sound, good, issue, reason, report};

/// An element of DER.
struct Element {
    tag: u8,
    content: Content,
}

enum Content {
    Bytes(Vec<u8>),
    Elements(Vec<Element>),
}

impl Element {
    /// All elements in these bytes; `None` if they are no DER.
    fn parse_all(mut bytes: &[u8]) -> Option<Vec<Self>> {
        let mut elements = Vec::new();
        while let [tag, length, rest @ ..] = bytes {
            let (length, rest) = match (length, rest) {
                (0..=0x7F, _) => (usize::from(*length), rest),
                (0x81, [length, rest @ ..]) => (usize::from(*length), rest),
                (0x82, [high, low, rest @ ..]) => (usize::from(u16::from_be_bytes([*high, *low])), rest),
                _ => return None,
            };
            let (value, rest) = rest.split_at_checked(length)?;
            // Some octet and bit strings hold DER too; they are opened like the rest where that works.
            let inner = if tag & 0x20 != 0 {
                Self::parse_all(value)
            } else {
                None
            };
            let content = inner.map_or_else(|| Content::Bytes(value.to_vec()), Content::Elements);
            elements.push(Self { tag: *tag, content });
            bytes = rest;
        }
        bytes.is_empty().then_some(elements)
    }

    /// Written again, the element number `empty` (counted as they come) without content.
    fn encode(&self, empty: usize, count: &mut usize) -> Vec<u8> {
        let is_empty = *count == empty;
        *count += 1;
        let content = match &self.content {
            Content::Bytes(bytes) => bytes.clone(),
            Content::Elements(elements) => elements
                .iter()
                .flat_map(|element| element.encode(empty, count))
                .collect(),
        };
        let content = if is_empty { Vec::new() } else { content };
        let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
        let length = match content.len() {
            0..=0x7F => vec![low],
            0x80..=0xFF => vec![0x81, low],
            _ => vec![0x82, high, low],
        };
        [vec![self.tag], length, content].concat()
    }
}

#[test]
fn each_element_of_the_certificate_emptied() {
    for card_type in TYPES {
        let issued = good(card_type);
        let file = issued.file(File::Signature).unwrap().to_vec();
        let place = certificate_in(&issued);
        let value = &file[place.clone()];
        let outer = usize::from(u16::from_be_bytes([value[2], value[3]])) + 4;
        let certificate = Element::parse_all(&value[..outer]).unwrap();
        let mut elements = 0;
        certificate[0].encode(usize::MAX, &mut elements);
        assert!(elements > 40);
        for empty in 0..=elements {
            let mut odd = certificate[0].encode(empty, &mut 0);
            // Some elements are empty as they are; the last number is none's.
            let is_the_same = odd == value[..outer];
            odd.resize(place.len(), 0);
            let mut issued = good(card_type);
            issued.replace(File::Signature, [&file[..place.start], &odd].concat());
            let verified = report(&issued).is_signature_verified();
            assert_eq!(verified, is_the_same, "{card_type:?} {empty}");
        }
    }
}

#[test]
fn each_object_empty_or_blank() {
    let fields = [
        Field::SpecificationVersion,
        Field::CardTypeCode,
        Field::FrontImage,
        Field::FaceImage,
        Field::NameImage,
        Field::AddressImage,
        Field::CardNumber,
        Field::CardExpiresOn,
        Field::DateOfBirth,
        Field::Sex,
        Field::Nationality,
        Field::ResidenceStatus,
        Field::PeriodOfStay,
        Field::PermissionType,
        Field::PermissionDate,
        Field::WorkRestriction,
        Field::StayExpiresOn,
        Field::AddressRecordedOn,
        Field::MunicipalityCode,
        Field::Address,
        Field::ComprehensivePermission,
        Field::ComprehensivePermissionUntil,
        Field::IndividualPermission,
        Field::RenewalApplication,
        Field::CommissionerEntry,
        Field::CommissionerText,
    ];
    let mut issued = 0;
    for card_type in TYPES {
        for field in fields {
            let new = || CardBuilder::new(card_type);
            for builder in [
                new().with_exactly(field, b""),
                new().with(field, b""),
                new().with_exactly(field, b"\0"),
                new().with_exactly(field, b" "),
                new().length_form(field, LengthForm::Three),
            ] {
                // Some fields are of one generation, and some lengths have no room in their file.
                let Ok(card_of) = zairyu_testcard::Issuer::new().issue(&builder) else {
                    continue;
                };
                let result = zairyu::read(&mut card(&card_of, Limits::EXTENDED), card_of.number());
                check_sound(&result, &card_of);
                issued += 1;
            }
        }
    }
    assert!(issued > 100, "{issued}");
}

#[test]
fn each_file_empty_or_of_one_byte() {
    for card_type in TYPES {
        let files: Vec<_> = good(card_type)
            .card_files()
            .iter()
            .map(|(file, _)| file)
            .collect();
        for file in files {
            for content in [&b""[..], b"\0", b"\xC1", b"\xFF", b"\xC1\0", b"\xDF", b"\xDF\xD1"] {
                let mut issued = good(card_type);
                issued.replace(file, content.to_vec());
                let result = zairyu::read(&mut card(&issued, Limits::EXTENDED), issued.number());
                check_sound(&result, &issued);
            }
        }
    }
}

#[test]
fn an_empty_signature_in_the_certificate() {
    for card_type in TYPES {
        let builder = CardBuilder::new(card_type).certificate_fault(CertificateFault::EmptySignature);
        assert_eq!(reason(&issue(&builder)), "untrusted_certificate");
    }
    assert_eq!(
        reason(&issue(
            &CardBuilder::new(CardType::SecondResidenceCard)
                .check_code(zairyu_testcard::CheckCode::Bytes(Vec::new()))
        )),
        "signature_malformed"
    );
}
