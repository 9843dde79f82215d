//! Class 11: checks of the certificate that are left out.
//!
//! GHSA-58hw-cg5m-88rp (myna: no validity, key usage, basic constraints), x509-parser 303b80f (an unknown critical
//! extension). One bad certificate for each rule of RFC 5280 that applies, each with its own reason.

use zairyu::verify::{Anchors, judge};
use zairyu_testcard::{CardBuilder, CertificateFault, Issuer};

use crate::{TYPES, anchors, issue, now};

/// The reason, by its stable name and the fault inside it.
fn reason(builder: &CardBuilder, anchors: &Anchors) -> String {
    let authenticity = judge(&issue(builder).card_files(), anchors, now());
    authenticity
        .reason()
        .map_or("verified".to_owned(), |reason| format!("{reason:?}"))
}

/// Faults of a card's certificate, and the reason that each has in both generations.
const CARD: [(CertificateFault, &str); 22] = [
    (CertificateFault::Expired, "CertificateExpired"),
    (CertificateFault::NotYetValid, "CertificateNotYetValid"),
    (
        CertificateFault::OtherIssuerName,
        "UntrustedCertificate(UnknownIssuer)",
    ),
    (
        CertificateFault::SignedByOtherKey,
        "UntrustedCertificate(SignatureMismatch)",
    ),
    (
        CertificateFault::SelfSigned,
        "UntrustedCertificate(SignatureMismatch)",
    ),
    (
        CertificateFault::OtherAuthorityKeyIdentifier,
        "UntrustedCertificate(OtherKeyIdentifier)",
    ),
    (CertificateFault::WrongKeyUsage, "CertificateUsage(KeyUsage)"),
    (CertificateFault::IsCa, "CertificateUsage(Authority)"),
    (
        CertificateFault::UnknownCriticalExtension,
        "CertificateUsage(UnknownCriticalExtension { oid: \"1.3.6.1.4.1.32473.1\" })",
    ),
    (
        CertificateFault::DuplicateExtension,
        "CertificateMalformed(DuplicateExtension { oid: \"2.5.29.15\" })",
    ),
    (
        CertificateFault::InnerAlgorithmDiffers,
        "UntrustedCertificate(AlgorithmsDiffer)",
    ),
    (
        CertificateFault::OtherHash,
        "UntrustedCertificate(UnsupportedAlgorithm)",
    ),
    (
        CertificateFault::TrailingGarbage,
        "CertificateMalformed(TrailingBytes",
    ),
    (CertificateFault::Version1, "CertificateMalformed(Version)"),
    (CertificateFault::P256Key, "WrongKeyType"),
    (CertificateFault::Rsa1024Key, "WrongKeyType"),
    (
        CertificateFault::TamperedSignature,
        "UntrustedCertificate(SignatureMismatch)",
    ),
    (
        CertificateFault::TamperedContent,
        "UntrustedCertificate(SignatureMismatch)",
    ),
    (CertificateFault::UnusedBits, "CertificateMalformed(Structure)"),
    (
        CertificateFault::EmptySignature,
        "UntrustedCertificate(SignatureMismatch)",
    ),
    // Allowed: they only help less.
    (CertificateFault::NoAuthorityKeyIdentifier, "verified"),
    (CertificateFault::UnknownExtension, "verified"),
];

#[test]
fn each_rule_that_a_card_s_certificate_breaks_has_its_reason() {
    for card_type in TYPES {
        for (fault, expected) in CARD {
            let found = reason(&CardBuilder::new(card_type).certificate_fault(fault), &anchors());
            assert!(found.starts_with(expected), "{card_type:?} {fault:?}: {found}");
        }
    }
}

#[test]
fn each_rule_that_the_authority_s_certificate_breaks_has_its_reason() {
    for card_type in TYPES {
        for (fault, expected) in [
            (
                CertificateFault::IsNoCa,
                "UntrustedCertificate(AnchorMayNotSign(NotAnAuthority))",
            ),
            (
                CertificateFault::WrongKeyUsage,
                "UntrustedCertificate(AnchorMayNotSign(KeyUsage))",
            ),
            (
                CertificateFault::UnknownCriticalExtension,
                "UntrustedCertificate(AnchorMayNotSign(UnknownCriticalExtension))",
            ),
            (CertificateFault::NotYetValid, "AnchorNotYetValid"),
            // Accepted by default and told: cards outlive the certificate that signed them.
            (CertificateFault::Expired, "verified"),
        ] {
            let authority = Issuer::new().with_ca_fault(fault);
            let mut anchors = Anchors::new();
            anchors
                .add(&authority.ca_certificate(card_type.generation()).unwrap())
                .unwrap();
            let found = reason(&CardBuilder::new(card_type), &anchors);
            assert_eq!(found, expected, "{card_type:?} {fault:?}");
        }
    }
}

/// A fault in one place is not made good by something right in another.
#[test]
fn two_faults_are_no_better_than_one() {
    for card_type in TYPES {
        for (first, _) in CARD.iter().filter(|(_, expected)| *expected != "verified") {
            for second in [
                CertificateFault::UnknownExtension,
                CertificateFault::NoAuthorityKeyIdentifier,
            ] {
                let builder = CardBuilder::new(card_type)
                    .certificate_fault(*first)
                    .certificate_fault(second);
                // Without a key identifier a wrong one cannot be told.
                let hidden = (*first, second)
                    == (
                        CertificateFault::OtherAuthorityKeyIdentifier,
                        CertificateFault::NoAuthorityKeyIdentifier,
                    );
                assert!(
                    hidden || reason(&builder, &anchors()) != "verified",
                    "{first:?} {second:?}"
                );
            }
        }
    }
}
