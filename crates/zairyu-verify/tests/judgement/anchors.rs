//! Which anchor a certificate rests on, and what files are anchors.

use std::slice::from_ref;

use zairyu_data::Generation;
use zairyu_verify::{
    AnchorError, AnchorFault, Anchors, CertificateFault, MAX_ANCHORS, MAX_CHAIN_VERIFICATIONS, MAX_FILE_LEN,
    Reason, TrustFault, TrustProfile,
};

use crate::issuer::{
    BASIC_CONSTRAINTS, Certificate, Issuer, KEY_USAGE, NAME_CONSTRAINTS, digital_signature, extension, name,
    public_key_file, sequence, subject_key_identifier, tlv, word,
};

fn anchors(files: &[Vec<u8>]) -> Anchors {
    let mut anchors = Anchors::new();
    for file in files {
        anchors.add(file).unwrap();
    }
    anchors
}

/// The fault when the one anchor differs in one respect from the right one.
#[track_caller]
fn fault(issuer: &Issuer, change: impl FnOnce(&mut Certificate)) -> TrustFault {
    let mut ca = issuer.ca.clone();
    change(&mut ca);
    let authenticity = issuer.card().judge(&anchors(&[ca.signed_by(&issuer.ca_key)]));
    word(&authenticity);
    match authenticity.reason() {
        Some(Reason::UntrustedCertificate(fault)) => *fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_anchor_must_be_an_authority() {
    for issuer in Issuer::both() {
        let may_not = |fault| TrustFault::AnchorMayNotSign(fault);
        let not_authority = may_not(AnchorFault::NotAnAuthority);
        assert_eq!(fault(&issuer, |ca| drop(ca.extensions.remove(0))), not_authority);
        assert_eq!(
            fault(&issuer, |ca| ca.extensions[0] =
                extension(BASIC_CONSTRAINTS, true, &sequence(&[]))),
            not_authority
        );
        assert_eq!(fault(&issuer, |ca| ca.extensions.clear()), not_authority);
        let key_usage = may_not(AnchorFault::KeyUsage);
        assert_eq!(
            fault(&issuer, |ca| ca.extensions[1] = digital_signature()),
            key_usage
        );
        // cRLSign alone.
        assert_eq!(
            fault(&issuer, |ca| ca.extensions[1] =
                extension(KEY_USAGE, true, &[3, 2, 1, 0x02])),
            key_usage
        );
        assert_eq!(
            fault(&issuer, |ca| ca.extensions.push(extension(
                NAME_CONSTRAINTS,
                true,
                &sequence(&[])
            ))),
            may_not(AnchorFault::UnknownCriticalExtension)
        );
        // Without a key usage it may do anything.
        let mut ca = issuer.ca.clone();
        ca.extensions.remove(1);
        assert_eq!(
            word(&issuer.card().judge(&anchors(&[ca.signed_by(&issuer.ca_key)]))),
            "verified"
        );
    }
}

#[test]
fn an_anchor_of_another_key_type_is_no_help() {
    for (issuer, other) in [
        (Issuer::of(Generation::First), Issuer::of(Generation::Second)),
        (Issuer::of(Generation::Second), Issuer::of(Generation::First)),
    ] {
        let infos = ["p256", "ed25519", "rsa_1024", "rsa_2040"].map(public_key_file);
        for info in infos.iter().chain([&other.ca.public_key_info]) {
            let fault = fault(&issuer, |ca| ca.public_key_info.clone_from(info));
            assert_eq!(fault, TrustFault::AnchorKeyType);
        }
    }
    // Larger RSA keys are of the right type, only not the right key.
    let issuer = Issuer::of(Generation::First);
    for size in ["rsa_3072", "rsa_4096"] {
        let fault = fault(&issuer, |ca| ca.public_key_info = public_key_file(size));
        assert_eq!(fault, TrustFault::SignatureMismatch);
    }
}

/// As with the Agency's production and test certificate: same name, same serial number, even the same key identifier.
#[test]
fn name_and_serial_choose_nothing() {
    for issuer in Issuer::both() {
        let genuine = issuer.ca.signed_by(&issuer.ca_key);
        let mut twin = issuer.ca.clone();
        twin.public_key_info = issuer.other_ca_key.public_key_info();
        let twin = twin.signed_by(&issuer.other_ca_key);

        let authenticity = issuer.card().judge(&anchors(from_ref(&twin)));
        assert_eq!(
            authenticity.reason(),
            Some(&Reason::UntrustedCertificate(TrustFault::SignatureMismatch))
        );
        let expected = *anchors(from_ref(&genuine)).iter().next().unwrap().sha256();
        for files in [[genuine.clone(), twin.clone()], [twin.clone(), genuine.clone()]] {
            let authenticity = issuer.card().judge(&anchors(&files));
            assert_eq!(word(&authenticity), "verified");
            assert_eq!(authenticity.anchor_sha256(), Some(expected));
        }
        // The twin's own card names the twin.
        let mut card = issuer.card();
        card.certificate = issuer.card.signed_by(&issuer.other_ca_key);
        let authenticity = card.judge(&anchors(&[genuine, twin.clone()]));
        let expected = *anchors(&[twin]).iter().next().unwrap().sha256();
        assert_eq!(authenticity.anchor_sha256(), Some(expected));
    }
}

/// An anchor that may not sign does not hide one with the same key that may.
#[test]
fn a_second_certificate_of_the_same_key() {
    for issuer in Issuer::both() {
        let mut end_entity = issuer.ca.clone();
        end_entity.extensions.remove(0);
        let files = [
            end_entity.signed_by(&issuer.ca_key),
            issuer.ca.signed_by(&issuer.ca_key),
        ];
        let authenticity = issuer.card().judge(&anchors(&files));
        assert_eq!(word(&authenticity), "verified");
        assert_eq!(
            authenticity.anchor_sha256(),
            Some(*anchors(&files[1..]).iter().next().unwrap().sha256())
        );
    }
}

#[test]
fn an_anchor_s_own_signature_is_not_looked_at() {
    // It is trusted because it was loaded. The pinned ones are known by every byte anyway.
    for issuer in Issuer::both() {
        let odd = issuer.ca.with_signature(&issuer.ca.tbs(), b"nothing");
        assert_eq!(word(&issuer.card().judge(&anchors(&[odd]))), "verified");
    }
}

/// Whatever a certificate says of itself, only the pinned digests are production or test.
#[test]
fn a_made_up_certificate_is_custom() {
    let mut issuer = Issuer::of(Generation::Second);
    let attribute = |kind: u8, value: &str| {
        let kind = tlv(6, &[0x55, 4, kind]);
        tlv(0x31, &sequence(&[&kind, &tlv(0x13, value.as_bytes())]))
    };
    let ministry = sequence(&[
        &attribute(6, "JP"),
        &attribute(10, "Japanese Government"),
        &attribute(11, "The Ministry of Justice"),
        &attribute(3, "ZairyuCard CA2"),
    ]);
    issuer.ca.issuer.clone_from(&ministry);
    issuer.ca.subject.clone_from(&ministry);
    issuer.card.issuer = ministry;
    let authenticity = issuer.card().judge(&issuer.anchors());
    assert_eq!(word(&authenticity), "verified");
    assert_eq!(authenticity.trust_profile(), Some(TrustProfile::Custom));
}

#[test]
fn the_search_is_bounded() {
    for issuer in Issuer::both() {
        let same_name = |count: usize| {
            let files: Vec<Vec<u8>> = (0..count)
                .map(|serial| {
                    let mut twin = issuer.ca.clone();
                    twin.serial_number = vec![2, 1, u8::try_from(serial + 1).unwrap()];
                    twin.public_key_info = issuer.other_ca_key.public_key_info();
                    twin.signed_by(&issuer.other_ca_key)
                })
                .collect();
            anchors(&[files, vec![issuer.ca.signed_by(&issuer.ca_key)]].concat())
        };
        let card = issuer.card();
        assert_eq!(
            word(&card.judge(&same_name(MAX_CHAIN_VERIFICATIONS - 1))),
            "verified"
        );
        let authenticity = card.judge(&same_name(MAX_CHAIN_VERIFICATIONS));
        assert_eq!(
            authenticity.reason(),
            Some(&Reason::UntrustedCertificate(TrustFault::TooManyCandidates))
        );
        // Anchors of another name or key identifier cost nothing.
        let mut files: Vec<Vec<u8>> = Vec::new();
        for serial in 0..MAX_ANCHORS - 1 {
            let mut other = issuer.ca.clone();
            other.serial_number = vec![2, 1, u8::try_from(serial + 1).unwrap()];
            if serial % 2 == 0 {
                other.subject = name("Another CA");
            } else {
                other.extensions[2] = subject_key_identifier(&[0xCB; 20]);
            }
            files.push(other.signed_by(&issuer.other_ca_key));
        }
        files.push(issuer.ca.signed_by(&issuer.ca_key));
        assert_eq!(word(&card.judge(&anchors(&files))), "verified");
    }
}

fn pem(der: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    let base64 = Base64::encode_string(der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

#[test]
fn der_and_pem_are_the_same_anchor() {
    for issuer in Issuer::both() {
        let der = issuer.ca.signed_by(&issuer.ca_key);
        let text = pem(&der);
        let expected = *anchors(from_ref(&der)).iter().next().unwrap().sha256();
        for file in [
            text.clone(),
            text.replace('\n', "\r\n"),
            format!("\u{FEFF}subject: CN=Made-up CA\n\n{text}trailing text"),
            format!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n{text}"),
            [text.clone(), text.clone()].concat(),
        ] {
            let mut anchors = Anchors::new();
            anchors.add(file.as_bytes()).unwrap();
            anchors.add(&der).unwrap();
            assert_eq!(anchors.len(), 1);
            assert_eq!(*anchors.iter().next().unwrap().sha256(), expected);
            assert_eq!(word(&issuer.card().judge(&anchors)), "verified");
        }
    }
    let [first, second] = Issuer::both();
    let bundle = [
        pem(&first.ca.signed_by(&first.ca_key)),
        pem(&second.ca.signed_by(&second.ca_key)),
    ]
    .concat();
    let anchors = anchors(&[bundle.into_bytes()]);
    assert_eq!(anchors.len(), 2);
    for issuer in [first, second] {
        assert_eq!(word(&issuer.card().judge(&anchors)), "verified");
    }
}

#[test]
fn garbage_is_refused_at_load_and_nothing_of_it_kept() {
    let issuer = Issuer::of(Generation::Second);
    let der = issuer.ca.signed_by(&issuer.ca_key);
    let good = pem(&der);
    let mut anchors = Anchors::new();
    let mut refused = |file: &[u8]| {
        let error = anchors.add(file).unwrap_err();
        assert!(anchors.is_empty());
        // A sentence with a remedy.
        let sentence = error.to_string();
        assert!(sentence.ends_with('.') && sentence.contains(". "), "{sentence}");
        error
    };
    for file in [
        &b""[..],
        b"PK\x03\x04",
        b"<html>404</html>",
        b"-----BEGIN PRIVATE KEY-----",
        b"\xFF\xFE",
    ] {
        assert_eq!(refused(file), AnchorError::NoCertificate);
    }
    assert_eq!(
        refused(&vec![0x30; MAX_FILE_LEN + 1]),
        AnchorError::FileTooLong {
            found: MAX_FILE_LEN + 1
        }
    );
    assert_eq!(
        refused(good.split_once("-----END").unwrap().0.as_bytes()),
        AnchorError::Pem { position: 1 }
    );
    assert_eq!(
        refused(good.replacen("MI", "M!", 1).as_bytes()),
        AnchorError::Pem { position: 1 }
    );
    let bundle = [
        good,
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".into(),
    ]
    .concat();
    assert!(matches!(
        refused(bundle.as_bytes()),
        AnchorError::Malformed { position: 2, .. }
    ));

    let mut version_one = issuer.ca.clone();
    version_one.version = vec![];
    let mut no_key = issuer.ca.clone();
    no_key.public_key_info[40] ^= 1;
    for (file, fault) in [
        (
            [&der[..], &[0]].concat(),
            Some(CertificateFault::TrailingBytes { offset: der.len() }),
        ),
        (
            der[..der.len() - 1].to_vec(),
            Some(CertificateFault::Asn1 { offset: 0 }),
        ),
        (
            version_one.signed_by(&issuer.ca_key),
            Some(CertificateFault::Version),
        ),
        (
            no_key.signed_by(&issuer.ca_key),
            Some(CertificateFault::PublicKey),
        ),
        (b"\x30\x00".to_vec(), None),
        (vec![0x30; 9000], None),
    ] {
        let AnchorError::Malformed {
            position: 1,
            fault: found,
        } = refused(&file)
        else {
            panic!()
        };
        assert!(fault.is_none_or(|fault| fault == found));
    }
}

#[test]
fn the_number_of_anchors_is_bounded() {
    let issuer = Issuer::of(Generation::Second);
    let mut anchors = Anchors::new();
    for serial in 0..MAX_ANCHORS {
        let mut ca = issuer.ca.clone();
        ca.serial_number = vec![2, 1, u8::try_from(serial + 1).unwrap()];
        anchors.add(&ca.with_signature(&ca.tbs(), b"")).unwrap();
    }
    let mut one_more = issuer.ca.clone();
    one_more.serial_number = vec![2, 1, 0x7F];
    assert_eq!(
        anchors.add(&one_more.signed_by(&issuer.ca_key)),
        Err(AnchorError::TooMany)
    );
    assert_eq!(anchors.len(), MAX_ANCHORS);
    let shown = format!("{:?}", anchors.iter().next().unwrap());
    assert!(
        shown.starts_with("Anchor(custom, ") && shown.len() == 15 + 64 + 1,
        "{shown}"
    );
}
