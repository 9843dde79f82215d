//! NIST's Public Key Interoperability Test Suite, as far as it is about one level: tests/pkits/README.md.
//!
//! Each end entity's certificate of PKITS is put onto a card, with a check code made by its published key, and its issuer's
//! certificate is loaded as anchor.

use std::fs;
use std::iter;

use zairyu_data::CardType;
use zairyu_verify::{Anchors, TimeStatus, judge};

use crate::issuer::{Card, Content, at};

/// Within the validity of PKITS's certificates.
const NOW: &str = "2026-11-22T01:00:00Z";

/// Number in PKITS, end entity, its issuer, and what comes of it. Five that PKITS calls valid are refused, since names are
/// compared exactly (4.3.3 to 4.3.5, 4.3.11) and a card is no authority (4.6.8); 4.2.3 begins before 1970, which the
/// parser does not read. None that it calls invalid is accepted: 4.2.5 is verified and told to stand under an anchor that has
/// expired, as cards do that outlive it.
const CASES: [(&str, &str, &str, &str); 35] = [
    ("4.1.1", "ValidCertificatePathTest1EE", "GoodCACert", "verified"),
    (
        "4.1.3",
        "InvalidEESignatureTest3EE",
        "GoodCACert",
        "UntrustedCertificate(SignatureMismatch)",
    ),
    (
        "4.2.1",
        "InvalidCAnotBeforeDateTest1EE",
        "BadnotBeforeDateCACert",
        "AnchorNotYetValid",
    ),
    (
        "4.2.2",
        "InvalidEEnotBeforeDateTest2EE",
        "GoodCACert",
        "CertificateNotYetValid",
    ),
    (
        "4.2.3",
        "Validpre2000UTCnotBeforeDateTest3EE",
        "GoodCACert",
        "CertificateMalformed(Structure)",
    ),
    (
        "4.2.4",
        "ValidGeneralizedTimenotBeforeDateTest4EE",
        "GoodCACert",
        "verified",
    ),
    (
        "4.2.5",
        "InvalidCAnotAfterDateTest5EE",
        "BadnotAfterDateCACert",
        "verified, anchor expired",
    ),
    (
        "4.2.6",
        "InvalidEEnotAfterDateTest6EE",
        "GoodCACert",
        "CertificateExpired",
    ),
    (
        "4.2.7",
        "Invalidpre2000UTCEEnotAfterDateTest7EE",
        "GoodCACert",
        "CertificateExpired",
    ),
    (
        "4.2.8",
        "ValidGeneralizedTimenotAfterDateTest8EE",
        "GoodCACert",
        "verified",
    ),
    (
        "4.3.1",
        "InvalidNameChainingTest1EE",
        "GoodCACert",
        "UntrustedCertificate(UnknownIssuer)",
    ),
    (
        "4.3.2",
        "InvalidNameChainingOrderTest2EE",
        "NameOrderingCACert",
        "UntrustedCertificate(UnknownIssuer)",
    ),
    (
        "4.3.3",
        "ValidNameChainingWhitespaceTest3EE",
        "GoodCACert",
        "UntrustedCertificate(UnknownIssuer)",
    ),
    (
        "4.3.4",
        "ValidNameChainingWhitespaceTest4EE",
        "GoodCACert",
        "UntrustedCertificate(UnknownIssuer)",
    ),
    (
        "4.3.5",
        "ValidNameChainingCapitalizationTest5EE",
        "GoodCACert",
        "UntrustedCertificate(UnknownIssuer)",
    ),
    ("4.3.6", "ValidNameUIDsTest6EE", "UIDCACert", "verified"),
    (
        "4.3.7",
        "ValidRFC3280MandatoryAttributeTypesTest7EE",
        "RFC3280MandatoryAttributeTypesCACert",
        "verified",
    ),
    (
        "4.3.8",
        "ValidRFC3280OptionalAttributeTypesTest8EE",
        "RFC3280OptionalAttributeTypesCACert",
        "verified",
    ),
    (
        "4.3.9",
        "ValidUTF8StringEncodedNamesTest9EE",
        "UTF8StringEncodedNamesCACert",
        "verified",
    ),
    (
        "4.3.10",
        "ValidRolloverfromPrintableStringtoUTF8StringTest10EE",
        "RolloverfromPrintableStringtoUTF8StringCACert",
        "verified",
    ),
    (
        "4.3.11",
        "ValidUTF8StringCaseInsensitiveMatchTest11EE",
        "UTF8StringCaseInsensitiveMatchCACert",
        "UntrustedCertificate(UnknownIssuer)",
    ),
    (
        "4.4.14",
        "ValidNegativeSerialNumberTest14EE",
        "NegativeSerialNumberCACert",
        "verified",
    ),
    (
        "4.4.16",
        "ValidLongSerialNumberTest16EE",
        "LongSerialNumberCACert",
        "verified",
    ),
    (
        "4.4.17",
        "ValidLongSerialNumberTest17EE",
        "LongSerialNumberCACert",
        "verified",
    ),
    (
        "4.6.1",
        "InvalidMissingbasicConstraintsTest1EE",
        "MissingbasicConstraintsCACert",
        "UntrustedCertificate(AnchorMayNotSign(NotAnAuthority))",
    ),
    (
        "4.6.2",
        "InvalidcAFalseTest2EE",
        "basicConstraintsCriticalcAFalseCACert",
        "UntrustedCertificate(AnchorMayNotSign(NotAnAuthority))",
    ),
    (
        "4.6.3",
        "InvalidcAFalseTest3EE",
        "basicConstraintsNotCriticalcAFalseCACert",
        "UntrustedCertificate(AnchorMayNotSign(NotAnAuthority))",
    ),
    (
        "4.6.4",
        "ValidbasicConstraintsNotCriticalTest4EE",
        "basicConstraintsNotCriticalCACert",
        "verified",
    ),
    (
        "4.6.7",
        "ValidpathLenConstraintTest7EE",
        "pathLenConstraint0CACert",
        "verified",
    ),
    (
        "4.6.8",
        "ValidpathLenConstraintTest8EE",
        "pathLenConstraint0CACert",
        "CertificateUsage(Authority)",
    ),
    (
        "4.7.1",
        "InvalidkeyUsageCriticalkeyCertSignFalseTest1EE",
        "keyUsageCriticalkeyCertSignFalseCACert",
        "UntrustedCertificate(AnchorMayNotSign(KeyUsage))",
    ),
    (
        "4.7.2",
        "InvalidkeyUsageNotCriticalkeyCertSignFalseTest2EE",
        "keyUsageNotCriticalkeyCertSignFalseCACert",
        "UntrustedCertificate(AnchorMayNotSign(KeyUsage))",
    ),
    (
        "4.7.3",
        "ValidkeyUsageNotCriticalTest3EE",
        "keyUsageNotCriticalCACert",
        "verified",
    ),
    (
        "4.16.1",
        "ValidUnknownNotCriticalCertificateExtensionTest1EE",
        "TrustAnchorRootCertificate",
        "verified",
    ),
    (
        "4.16.2",
        "InvalidUnknownCriticalCertificateExtensionTest2EE",
        "TrustAnchorRootCertificate",
        "CertificateUsage(UnknownCriticalExtension { oid: \"2.16.840.1.101.2.1.12.2\" })",
    ),
];

fn file(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/pkits/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn fill(line: &str, length: usize) -> Vec<u8> {
    iter::repeat(format!("{line}\n").into_bytes())
        .flatten()
        .take(length)
        .collect()
}

/// `verified`, or the reason with the fault inside it; an anchor out of its time is named too.
fn outcome(end_entity: &str, issuer: &str) -> String {
    let card = Card {
        content: Content {
            front: fill("front", 7000),
            face: Some(fill("face", 3000)),
            ..Content::first(CardType::FirstResidenceCard)
        },
        check_code: file(&format!("{end_entity}.sig")),
        certificate: file(&format!("{end_entity}.crt")),
    };
    let mut anchors = Anchors::new();
    if let Err(error) = anchors.add(&file(&format!("{issuer}.crt"))) {
        return format!("{error:?}");
    }
    let authenticity = judge(&card.files(), &anchors, at(NOW));
    match (authenticity.reason(), authenticity.anchor_time()) {
        (None, Some(TimeStatus::Expired)) => "verified, anchor expired".to_owned(),
        (None, _) => "verified".to_owned(),
        (Some(reason), _) => format!("{reason:?}"),
    }
}

#[test]
fn each_case_that_is_about_one_level() {
    let mut wrong = Vec::new();
    let (mut accepted, mut refused) = (0, 0);
    for (number, end_entity, issuer, expected) in CASES {
        let found = outcome(end_entity, issuer);
        if found != expected {
            wrong.push(format!("{number} {end_entity}: {found}"));
        }
        *if found.starts_with("verified") {
            &mut accepted
        } else {
            &mut refused
        } += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!(
        "PKITS: {accepted} accepted, {refused} refused; the rest is about longer paths, revocation or policies"
    );
}
