//! Whatever the bytes: an answer, no panic, and never "verified".

use std::sync::LazyLock;

use bytes::Bytes;
use proptest::prelude::*;
use zairyu_data::{CardFiles, CardType, File};
use zairyu_verify::Anchors;

use crate::backends::judge;
use crate::issuer::{Card, Issuer, NOW, at, word};

/// A good card and its anchors, one pair a generation.
static CARDS: LazyLock<[(Card, Anchors); 2]> =
    LazyLock::new(|| Issuer::both().map(|issuer| (issuer.card(), issuer.anchors())));

fn card(generation: usize) -> (Card, &'static Anchors) {
    let (card, anchors) = &CARDS[generation];
    (card.clone(), anchors)
}

/// What a mutation does to a byte string.
#[derive(Clone, Debug)]
enum Mutation {
    Replace(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<prop::sample::Index>;
    let bytes = prop::collection::vec(
        prop_oneof![any::<u8>(), Just(0), Just(0x30), Just(0x80), Just(0xFF)],
        1..4,
    );
    prop_oneof![
        4 => (index(), any::<u8>()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        1 => (index(), bytes).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        1 => (index(), 1..40_usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        1 => (index(), 1..40_usize).prop_map(|(at, count)| Mutation::Repeat(at, count)),
    ]
}

fn mutate(bytes: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for mutation in mutations {
        if bytes.is_empty() {
            break;
        }
        match mutation {
            Mutation::Replace(at, byte) => *at.get_mut(&mut bytes) = *byte,
            Mutation::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
            Mutation::Remove(at, count) => {
                let at = at.index(bytes.len());
                bytes.drain(at..bytes.len().min(at + count));
            }
            Mutation::Repeat(at, count) => {
                let at = at.index(bytes.len());
                let again = bytes[at..bytes.len().min(at + count)].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    prop::collection::vec(mutation(), 1..4)
}

/// The parts that the authority signed and its signature, found without the code under test: OpenSSL's and our
/// builder's certificates are DER with two bytes of length.
fn tbs_and_signature(certificate: &[u8]) -> (&[u8], &[u8]) {
    let tbs_length = 4 + (usize::from(certificate[6]) << 8 | usize::from(certificate[7]));
    (&certificate[4..4 + tbs_length], &certificate[4 + tbs_length..])
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn arbitrary_certificates(generation in 0..2_usize, certificate in prop::collection::vec(any::<u8>(), 1..700)) {
        let (mut card, anchors) = card(generation);
        card.certificate = certificate;
        prop_assert_ne!(word(&card.judge(anchors)), "verified");
    }

    #[test]
    fn arbitrary_check_codes(generation in 0..2_usize, check_code in prop::collection::vec(any::<u8>(), 1..300)) {
        let (mut card, anchors) = card(generation);
        card.check_code = check_code;
        prop_assert_ne!(word(&card.judge(anchors)), "verified");
    }

    #[test]
    fn check_codes_of_the_right_length(generation in 0..2_usize, seed in any::<[u8; 32]>()) {
        let (mut card, anchors) = card(generation);
        card.check_code = seed.iter().copied().cycle().take(card.check_code.len()).collect();
        prop_assert_ne!(word(&card.judge(anchors)), "verified");
    }

    /// A changed certificate is verified only if its signed bytes and its signature are still there as they were:
    /// zeros behind it, or another form of the outer length.
    #[test]
    fn mutated_certificates(generation in 0..2_usize, mutations in mutations()) {
        let (mut card, anchors) = card(generation);
        let good = card.certificate.clone();
        card.certificate = mutate(&good, &mutations);
        if word(&card.judge(anchors)) == "verified" {
            let (tbs, signature) = tbs_and_signature(&good);
            prop_assert!(contains(&card.certificate, tbs) && contains(&card.certificate, signature));
        }
    }

    #[test]
    fn mutated_check_codes(generation in 0..2_usize, mutations in mutations()) {
        let (mut card, anchors) = card(generation);
        let good = card.check_code.clone();
        card.check_code = mutate(&good, &mutations);
        prop_assert!(card.check_code == good || word(&card.judge(anchors)) != "verified");
    }

    #[test]
    fn mutated_anchors(index in 0..2_usize, mutations in mutations()) {
        let issuer = &ISSUERS[index];
        let good = issuer.ca.signed_by(&issuer.ca_key);
        let changed = mutate(&good, &mutations);
        let mut anchors = Anchors::new();
        if anchors.add(&changed).is_ok() {
            let _ = word(&CARDS[index].0.judge(&anchors));
        }
    }

    #[test]
    fn arbitrary_anchor_files(file in prop::collection::vec(any::<u8>(), 0..400), der in any::<bool>()) {
        let mut anchors = Anchors::new();
        let file = if der { [&[0x30, 0x82], &file[..]].concat() } else { file };
        prop_assert!(anchors.add(&file).is_err());
    }

    #[test]
    fn arbitrary_files(
        card_type in prop::sample::select(CardType::ALL.to_vec()),
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 5),
    ) {
        let mut files = CardFiles::new(card_type);
        let names = [File::Signature, File::FrontImage, File::FaceImage, File::PrintedEntries, File::NameAndFaceImage];
        for (file, content) in names.into_iter().zip(contents) {
            files.insert(file, Bytes::from(content));
        }
        prop_assert_ne!(word(&judge(&files, &CARDS[0].1, at(NOW))), "verified");
    }
}

static ISSUERS: LazyLock<[Issuer; 2]> = LazyLock::new(Issuer::both);
