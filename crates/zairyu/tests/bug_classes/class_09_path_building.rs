//! Class 9: the work of building a certification path explodes.
//!
//! Go CVE-2018-16875, where webpki's limit of 100 signatures comes from. Here a chain has two certificates, and what can
//! grow is the number of anchors that bear the issuer's name.

use zairyu::data::{CardType, Generation};
use zairyu::verify::{Anchors, MAX_ANCHORS, MAX_CHAIN_VERIFICATIONS, Reason, TrustFault, judge};
use zairyu_testcard::{CardBuilder, CertificateFault, IssuedCard, Issuer, Validity};

use crate::{TYPES, issue, now};

/// So many CA certificates of the issuer's name with another key, and its own behind them.
fn anchors(others: usize, generation: Generation) -> Anchors {
    let mut anchors = Anchors::new();
    for number in 0..others {
        let validity = Validity::new("200101000000Z", &format!("4912312359{number:02}Z"));
        let other = Issuer::other().with_ca_validity(validity);
        anchors.add(&other.ca_certificate(generation).unwrap()).unwrap();
    }
    assert_eq!(anchors.len(), others);
    anchors
        .add(&Issuer::new().ca_certificate(generation).unwrap())
        .unwrap();
    anchors
}

/// One that does not say by which key it was signed, so that each has to be tried.
fn card(card_type: CardType) -> IssuedCard {
    issue(&CardBuilder::new(card_type).certificate_fault(CertificateFault::NoAuthorityKeyIdentifier))
}

#[test]
fn the_search_ends_after_a_fixed_number_of_signatures() {
    for card_type in TYPES {
        let files = card(card_type).card_files();
        let few = anchors(MAX_CHAIN_VERIFICATIONS - 1, card_type.generation());
        assert_eq!(judge(&files, &few, now()).reason(), None);
        for others in [MAX_CHAIN_VERIFICATIONS, 40, 59] {
            let many = anchors(others, card_type.generation());
            assert_eq!(
                judge(&files, &many, now()).reason(),
                Some(&Reason::UntrustedCertificate(TrustFault::TooManyCandidates)),
                "{others}"
            );
        }
    }
}

#[test]
fn the_number_of_anchors_is_bounded() {
    let mut anchors = Anchors::new();
    let mut refused = 0;
    for number in 0..MAX_ANCHORS + 10 {
        let (minute, second) = (number / 60, number % 60);
        let validity = Validity::new("200101000000Z", &format!("49123123{minute:02}{second:02}Z"));
        let other = Issuer::other().with_ca_validity(validity);
        refused += usize::from(
            anchors
                .add(&other.ca_certificate(Generation::Second).unwrap())
                .is_err(),
        );
    }
    assert_eq!((anchors.len(), refused), (MAX_ANCHORS, 10));
}
