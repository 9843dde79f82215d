//! Good cards with one byte changed, and with signed values moved about: nothing of it is ever verified.

use bytes::Bytes;
use zairyu_data::{CardFiles, CardType, File, Generation};
use zairyu_verify::Anchors;

use crate::backends::judge;
use crate::issuer::{Card, Issuer, NOW, at, tlv, word};

/// Changes every byte of a part in turn and gives the reasons.
fn flip_each(
    card: &Card,
    anchors: &Anchors,
    part: impl Fn(&mut Card) -> &mut [u8],
    mut check: impl FnMut(usize, &'static str),
) -> usize {
    let mut card = card.clone();
    let length = part(&mut card).len();
    for index in 0..length {
        // Another bit each time.
        let bit = 1 << (index % 8);
        part(&mut card)[index] ^= bit;
        check(index, word(&card.judge(anchors)));
        part(&mut card)[index] ^= bit;
    }
    let unchanged = if anchors.is_empty() {
        "no_anchor"
    } else {
        "verified"
    };
    assert_eq!(word(&card.judge(anchors)), unchanged);
    length
}

#[test]
fn every_byte_of_the_first_generation_s_signed_data() {
    // Without anchors, since theirs is the same answer each time, and ten thousand signatures take long enough.
    let (card, anchors) = (Issuer::of(Generation::First).card(), Anchors::new());
    let mismatch = |index, word| assert_eq!(word, "signature_mismatch", "{index}");
    let front = flip_each(&card, &anchors, |card| &mut card.content.front, mismatch);
    let face = flip_each(
        &card,
        &anchors,
        |card| card.content.face.as_mut().unwrap(),
        mismatch,
    );
    assert_eq!((front, face), (7000, 3000));
}

#[test]
fn every_byte_of_the_second_generation_s_signed_data() {
    // Without anchors, since theirs is the same answer each time, and ten thousand signatures take long enough.
    let (card, anchors) = (Issuer::of(Generation::Second).card(), Anchors::new());
    let mismatch = |index, word| assert_eq!(word, "signature_mismatch", "{index}");
    let face = flip_each(
        &card,
        &anchors,
        |card| card.content.face.as_mut().unwrap(),
        mismatch,
    );
    let name = flip_each(&card, &anchors, |card| &mut card.content.name, mismatch);
    let entries: usize = (0..10)
        .map(|entry| {
            flip_each(
                &card,
                &anchors,
                |card| &mut card.content.entries[entry].1,
                // A byte of 128 and more is no text.
                |index, word| {
                    assert!(
                        matches!(word, "signature_mismatch" | "signed_data_malformed"),
                        "{index} {word}"
                    )
                },
            )
        })
        .sum();
    assert_eq!((entries, face, name), (53, 3000, 2500));
}

#[test]
fn every_byte_of_the_check_code() {
    for issuer in Issuer::both() {
        let (card, anchors) = (issuer.card(), issuer.anchors());
        flip_each(
            &card,
            &anchors,
            |card| &mut card.check_code,
            |index, word| {
                assert!(
                    matches!(word, "signature_mismatch" | "signature_malformed"),
                    "{index} {word}"
                );
            },
        );
    }
}

#[test]
fn every_byte_of_the_certificate() {
    for issuer in Issuer::both() {
        let (card, anchors) = (issuer.card(), issuer.anchors());
        flip_each(
            &card,
            &anchors,
            |card| &mut card.certificate,
            |index, word| {
                assert!(
                    matches!(
                        word,
                        "certificate_malformed" | "wrong_key_type" | "untrusted_certificate"
                    ),
                    "{index} {word}"
                );
            },
        );
    }
}

/// The signature covers values without their tags, so that tags and order count beside it.
#[test]
fn tags_and_order_of_the_printed_entries() {
    for card_type in [
        CardType::SecondResidenceCard,
        CardType::SecondSpecialPermanentResident,
    ] {
        let issuer = Issuer::of(Generation::Second);
        let card = issuer.issue(crate::issuer::Content::second(card_type));
        let anchors = issuer.anchors();
        let count = card.content.entries.len();
        let refused = |card: &Card| assert_eq!(word(&card.judge(&anchors)), "signed_data_malformed");
        for index in 0..count {
            for other in 0..count {
                if other == index {
                    continue;
                }
                // Two entries change places; two change tags, so that an expiry date is shown as a date of birth.
                let mut moved = card.clone();
                moved.content.entries.swap(index, other);
                refused(&moved);
                let mut renamed = card.clone();
                let tags = [card.content.entries[index].0, card.content.entries[other].0];
                [renamed.content.entries[other].0, renamed.content.entries[index].0] = tags;
                refused(&renamed);
            }
            let mut unknown = card.clone();
            unknown.content.entries[index].0 = 0xC4;
            refused(&unknown);
            let mut gone = card.clone();
            gone.content.entries.remove(index);
            refused(&gone);
            let mut twice = card.clone();
            twice.content.entries.push(card.content.entries[index].clone());
            refused(&twice);
        }
        // A byte moves over the border between two values: the message is the same.
        for index in 0..count - 1 {
            let mut shifted = card.clone();
            let first = shifted.content.entries[index + 1].1.remove(0);
            shifted.content.entries[index].1.push(first);
            refused(&shifted);
        }
    }
}

/// One card's parts beside another's.
#[test]
fn parts_of_two_cards() {
    for issuer in Issuer::both() {
        let one = issuer.card();
        let mut content = one.content.clone();
        content.face.as_mut().unwrap().reverse();
        let other = issuer.issue(content);
        let anchors = issuer.anchors();
        assert_eq!(word(&other.judge(&anchors)), "verified");
        let swapped = Card {
            check_code: other.check_code.clone(),
            ..one.clone()
        };
        assert_eq!(word(&swapped.judge(&anchors)), "signature_mismatch");
        let swapped = Card {
            content: other.content,
            ..one
        };
        assert_eq!(word(&swapped.judge(&anchors)), "signature_mismatch");
    }
}

/// The images in each other's place.
#[test]
fn face_and_name_change_places() {
    let issuer = Issuer::of(Generation::Second);
    let card = issuer.card();
    let mut files = card.files();
    let swapped = [
        tlv(0xD0, &card.content.face.clone().unwrap()[..2500]),
        tlv(0xD1, &card.content.name),
    ]
    .concat();
    files.insert(File::NameAndFaceImage, Bytes::from(swapped));
    assert_eq!(
        word(&judge(&files, &issuer.anchors(), at(NOW))),
        "signature_mismatch"
    );
}

/// A card of one generation passed off as one of another.
#[test]
fn another_card_type() {
    for issuer in Issuer::both() {
        let card = issuer.card();
        for card_type in CardType::ALL {
            let mut files = CardFiles::new(card_type);
            for (file, content) in card.files().iter() {
                files.insert(file, content.clone());
            }
            let authenticity = judge(&files, &issuer.anchors(), at(NOW));
            let same_scheme =
                (card_type.generation() == Generation::First) == (issuer.generation == Generation::First);
            let verified = word(&authenticity) == "verified";
            if !same_scheme {
                assert!(!verified);
            } else if issuer.generation == Generation::First {
                // The type is outside the signature: Authenticity::does_not_cover says so.
                assert!(verified);
            } else {
                assert_eq!(verified, card_type.kind() == card.content.card_type.kind());
            }
        }
    }
}

/// What the signature does not cover may say anything.
#[test]
fn unsigned_files_change_nothing() {
    for issuer in Issuer::both() {
        let mut files = issuer.card().files();
        for file in [
            File::Address,
            File::AddressImage,
            File::CardNumber,
            File::Permissions,
            File::RenewalApplication,
        ] {
            files.insert(file, Bytes::from_static(b"\xFF\xFF\xFF"));
        }
        assert_eq!(word(&judge(&files, &issuer.anchors(), at(NOW))), "verified");
    }
}
