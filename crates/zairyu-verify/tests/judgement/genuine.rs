//! Cards with everything right, and cards that rightly carry no signature.

use bytes::Bytes;
use zairyu_data::{CardType, File, Generation, Labelled};
use zairyu_verify::{Oddity, Region, SignatureEncoding, Status, TimeStatus, TrustProfile, VerifiedContent};

use crate::backends::judge;
use crate::issuer::{Content, Issuer, NOW, at, tlv, word};

#[test]
fn a_good_card_of_every_type_is_verified() {
    for (card_type, encoding) in [
        (
            CardType::FirstResidenceCard,
            SignatureEncoding::Pkcs1v15DigestInfo,
        ),
        (
            CardType::FirstSpecialPermanentResident,
            SignatureEncoding::Pkcs1v15DigestInfo,
        ),
        (CardType::SecondResidenceCard, SignatureEncoding::EcdsaRaw),
        (
            CardType::SecondSpecialPermanentResident,
            SignatureEncoding::EcdsaRaw,
        ),
        (CardType::SpecifiedResidenceCard, SignatureEncoding::EcdsaRaw),
        (
            CardType::SpecifiedSpecialPermanentResident,
            SignatureEncoding::EcdsaRaw,
        ),
    ] {
        let issuer = Issuer::of(card_type.generation());
        let first = card_type.generation() == Generation::First;
        let content = if first {
            Content::first(card_type)
        } else {
            Content::second(card_type)
        };
        let card = issuer.issue(content);
        let anchors = issuer.anchors();
        let authenticity = card.judge(&anchors);

        assert_eq!(authenticity.reason(), None, "{card_type:?}");
        assert_eq!(authenticity.status(), Status::Verified);
        assert_eq!(authenticity.trust_profile(), Some(TrustProfile::Custom));
        assert_eq!(
            authenticity.anchor_sha256().as_ref(),
            anchors.iter().next().map(|anchor| anchor.sha256())
        );
        assert_eq!(authenticity.signature_encoding(), Some(encoding));
        assert_eq!(authenticity.certificate_time(), Some(TimeStatus::Valid));
        assert_eq!(authenticity.anchor_time(), Some(TimeStatus::Valid));
        assert_eq!(authenticity.signature_expected(), (!first).then_some(true));
        // The first generation fills the certificate up to 1,200 bytes.
        assert_eq!(
            authenticity.tolerated(),
            if first { &[Oddity::TrailingZeros][..] } else { &[] }
        );
        let first_region = if first {
            Region::Front
        } else {
            Region::PrintedEntries
        };
        assert_eq!(authenticity.covers()[0], first_region);
        assert!(
            authenticity
                .does_not_cover()
                .iter()
                .all(|region| !authenticity.covers().contains(region))
        );

        // What comes out is what was signed.
        match authenticity.content().unwrap() {
            VerifiedContent::First(images) => {
                assert_eq!(images.front().unwrap().bytes()[..], card.content.front);
                assert_eq!(Some(images.face().unwrap().bytes().to_vec()), card.content.face);
            }
            VerifiedContent::Second(entries) => {
                assert_eq!(entries.name().unwrap().bytes()[..], card.content.name);
                assert_eq!(Some(entries.face().unwrap().bytes().to_vec()), card.content.face);
                assert_eq!(entries.entries().nationality.as_ref().unwrap().code(), "USA");
            }
        }
    }
}

#[test]
fn an_answer_shows_nothing_personal() {
    for issuer in Issuer::both() {
        let shown = format!("{:?}", issuer.card().judge(&issuer.anchors()));
        for personal in ["USA", "1985", "T41"] {
            assert!(!shown.contains(personal), "{shown}");
        }
        assert!(shown.len() < 2000, "{shown}");
    }
}

#[test]
fn cards_without_a_signature_are_not_verifiable() {
    // 在留カード等仕様書 Ver 1.5, §3.3.5, has two forms; an empty file and none at all mean the same.
    for (generation, forms) in [
        (
            Generation::First,
            [&b"\xDA\x00\xDB\x00"[..], b"\xDA\x00", b"", b"\0\0\0\0"],
        ),
        (
            Generation::Second,
            [b"\xDC\x00\xDD\x00", b"\xDC\x00", b"", b"\0\0\0\0"],
        ),
    ] {
        let issuer = Issuer::of(generation);
        for form in forms {
            for capacity in [0, 704, 1464] {
                let mut files = issuer.card().files();
                let mut form = form.to_vec();
                form.resize(form.len().max(capacity), 0);
                files.insert(File::Signature, Bytes::from(form));
                for anchors in [issuer.anchors(), zairyu_verify::Anchors::new()] {
                    let authenticity = judge(&files, &anchors, at(NOW));
                    assert_eq!(authenticity.status(), Status::NotVerifiable);
                    assert_eq!(word(&authenticity), "no_signature_on_card");
                    assert_eq!(authenticity.trust_profile(), None);
                    // A grown-up's card of the second generation should have one.
                    let expected = (generation == Generation::Second).then_some(true);
                    assert_eq!(authenticity.signature_expected(), expected);
                }
            }
        }
    }
}

#[test]
fn children_under_one_year_need_no_signature() {
    let issuer = Issuer::of(Generation::Second);
    for (born, expected) in [
        ("20251122", Some(true)),
        ("20251123", Some(false)),
        ("20261122", Some(false)),
        ("20261123", None), // Tomorrow, in Japan.
        ("        ", None),
        ("20261301", None),
        ("19000101", Some(true)),
        ("99991231", None),
    ] {
        let mut card = issuer.card();
        card.content.entries[1].1 = born.as_bytes().to_vec();
        card.content.face = None;
        card.check_code.clear();
        card.certificate.clear();
        let authenticity = card.judge(&issuer.anchors());
        assert_eq!(word(&authenticity), "no_signature_on_card");
        assert_eq!(authenticity.signature_expected(), expected, "{born}");
    }
    // The day is that of Japan: still the 21st in UTC.
    let mut card = issuer.card();
    card.content.entries[1].1 = b"20251122".to_vec();
    for (time, expected) in [("2026-11-21T14:59:59Z", false), ("2026-11-21T15:00:00Z", true)] {
        let authenticity = judge(&card.files(), &issuer.anchors(), at(time));
        assert_eq!(authenticity.signature_expected(), Some(expected));
    }
}

#[test]
fn a_card_without_a_face_image() {
    // Second generation: counts as 3,000 bytes of 00, whichever way it is not there.
    let issuer = Issuer::of(Generation::Second);
    let mut content = Content::second(CardType::SecondResidenceCard);
    content.face = None;
    let mut card = issuer.issue(content);
    for face in [None, Some(vec![]), Some(vec![0; 3000])] {
        card.content.face = face;
        let authenticity = card.judge(&issuer.anchors());
        assert_eq!(word(&authenticity), "verified");
        let Some(VerifiedContent::Second(entries)) = authenticity.content() else {
            panic!()
        };
        assert!(entries.face().is_none());
    }
    // First generation: such cards carry no signature.
    let issuer = Issuer::of(Generation::First);
    let mut card = issuer.card();
    card.content.face = None;
    assert_eq!(word(&card.judge(&issuer.anchors())), "signed_data_malformed");
}

#[test]
fn images_shorter_than_their_place_count_as_filled_up() {
    let issuer = Issuer::of(Generation::Second);
    let mut card = issuer.card();
    card.content.name.truncate(2401);
    card.content.face.as_mut().unwrap().truncate(2801);
    assert_eq!(word(&card.judge(&issuer.anchors())), "verified");
    // The first generation's have their full length.
    let issuer = Issuer::of(Generation::First);
    let mut card = issuer.card();
    card.content.front.truncate(6999);
    assert_eq!(word(&card.judge(&issuer.anchors())), "signed_data_malformed");
}

#[test]
fn a_signature_file_with_one_object_missing_is_damaged() {
    for issuer in Issuer::both() {
        let card = issuer.card();
        let tags = if issuer.generation == Generation::First {
            [0xDA, 0xDB]
        } else {
            [0xDC, 0xDD]
        };
        for signature in [
            tlv(tags[0], &card.check_code),
            tlv(tags[1], &card.certificate),
            [tlv(tags[0], &card.check_code), tlv(tags[1], &[0; 100])].concat(),
            tlv(tags[0], &card.check_code)[..50].to_vec(),
        ] {
            let mut files = card.files();
            files.insert(File::Signature, Bytes::from(signature));
            assert_eq!(
                word(&judge(&files, &issuer.anchors(), at(NOW))),
                "signature_malformed"
            );
        }
    }
}

#[test]
fn files_that_were_not_read_are_missing() {
    for issuer in Issuer::both() {
        let card = issuer.card();
        for missing in [
            File::FrontImage,
            File::FaceImage,
            File::PrintedEntries,
            File::NameAndFaceImage,
        ] {
            if card.files().get(missing).is_none() {
                continue;
            }
            let mut files = zairyu_data::CardFiles::new(card.content.card_type);
            for (file, content) in card.files().iter().filter(|(file, _)| *file != missing) {
                files.insert(file, content.clone());
            }
            let authenticity = judge(&files, &issuer.anchors(), at(NOW));
            assert_eq!(word(&authenticity), "signed_data_malformed", "{missing}");
        }
    }
}
