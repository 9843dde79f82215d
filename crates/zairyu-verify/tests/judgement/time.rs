//! Validity of certificate and anchor, beside the signature's own result and never instead of it.

use zairyu_data::Generation;
use zairyu_verify::{Authenticity, Policy, Status, TimeStatus};

use crate::backends::judge;
use crate::issuer::{Card, Issuer, at, tlv, utc_time, word};

// The anchors of these tests are valid from 2020 to 2030, the cards' certificates from 2025 to 2029.

fn judged(issuer: &Issuer, card: &Card, time: &str) -> Authenticity {
    judge(&card.files(), &issuer.anchors(), at(time))
}

#[test]
fn a_certificate_s_time() {
    for issuer in Issuer::both() {
        let good = issuer.card();
        let mut altered = good.clone();
        altered.content.face.as_mut().unwrap()[2999] ^= 1;
        for (time, status, expected) in [
            (
                "2024-12-31T23:59:59Z",
                TimeStatus::NotYetValid,
                "certificate_not_yet_valid",
            ),
            ("2025-01-01T00:00:00Z", TimeStatus::Valid, "verified"),
            ("2029-01-01T00:00:00Z", TimeStatus::Valid, "verified"),
            ("2029-01-01T00:00:00.999Z", TimeStatus::Valid, "verified"),
            ("2029-01-01T00:00:01Z", TimeStatus::Expired, "certificate_expired"),
        ] {
            let authenticity = judged(&issuer, &good, time);
            assert_eq!(word(&authenticity), expected, "{time}");
            assert_eq!(authenticity.certificate_time(), Some(status));
            assert_eq!(authenticity.anchor_time(), Some(TimeStatus::Valid));
            // The signature matched either way, and the answer says how.
            assert!(authenticity.signature_encoding().is_some());
            assert!(authenticity.trust_profile().is_some());

            let authenticity = judged(&issuer, &altered, time);
            assert_eq!(word(&authenticity), "signature_mismatch");
            assert_eq!(authenticity.certificate_time(), Some(status));
            assert_eq!(authenticity.signature_encoding(), None);
        }
    }
}

#[test]
fn an_anchor_s_time() {
    for mut issuer in Issuer::both() {
        issuer.card.not_before = utc_time("100101000000Z");
        issuer.card.not_after = tlv(0x18, b"20550101000000Z");
        let card = issuer.card();
        for (time, status, expected, strict) in [
            (
                "2019-12-31T23:59:59Z",
                TimeStatus::NotYetValid,
                "anchor_not_yet_valid",
                "anchor_not_yet_valid",
            ),
            ("2020-01-01T00:00:00Z", TimeStatus::Valid, "verified", "verified"),
            ("2030-01-01T00:00:00Z", TimeStatus::Valid, "verified", "verified"),
            (
                "2030-01-01T00:00:01Z",
                TimeStatus::Expired,
                "verified",
                "anchor_expired",
            ),
        ] {
            let authenticity = judged(&issuer, &card, time);
            assert_eq!(word(&authenticity), expected, "{time}");
            assert_eq!(authenticity.certificate_time(), Some(TimeStatus::Valid));
            assert_eq!(authenticity.anchor_time(), Some(status));

            let mut policy = Policy::default();
            assert!(policy.accept_expired_anchor);
            policy.accept_expired_anchor = false;
            let authenticity = policy.judge(&card.files(), &issuer.anchors(), at(time));
            assert_eq!(word(&authenticity), strict, "{time}");
            assert_eq!(authenticity.anchor_time(), Some(status));
        }
    }
}

#[test]
fn any_time_can_be_asked_for() {
    let issuer = Issuer::of(Generation::Second);
    for (time, expected) in [
        (jiff::Timestamp::MIN, "certificate_not_yet_valid"),
        (at("1969-12-31T23:59:59.5Z"), "certificate_not_yet_valid"),
        (jiff::Timestamp::UNIX_EPOCH, "certificate_not_yet_valid"),
        (jiff::Timestamp::MAX, "certificate_expired"),
    ] {
        let authenticity = judge(&issuer.card().files(), &issuer.anchors(), time);
        assert_eq!(word(&authenticity), expected);
        assert_eq!(authenticity.status(), Status::Failed);
    }
}
