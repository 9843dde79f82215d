//! Certificates of cards with one fault each: every rule has its own reason, and nothing else does.

use zairyu_data::Generation;
use zairyu_verify::{Anchors, CertificateFault, MAX_CERTIFICATE_LEN, Oddity, Reason, TrustFault, UsageFault};

use crate::issuer::{
    AUTHORITY_KEY_IDENTIFIER, BASIC_CONSTRAINTS, CA_KEY_IDENTIFIER, Certificate, Issuer, KEY_USAGE,
    NAME_CONSTRAINTS, NULL, SUBJECT_KEY_IDENTIFIER, authority_key_identifier, ca_true, digital_signature,
    ecdsa_with_sha256, ecdsa_with_sha256_and_null, ecdsa_with_sha384, extension, key_cert_sign, name, oid,
    public_key_file, sequence, sha256_with_rsa, subject_key_identifier, tlv, utc_time, word,
};

/// The reason for a card whose certificate was changed in one respect and signed by its authority all the same.
#[track_caller]
fn reason(issuer: &Issuer, change: impl FnOnce(&mut Certificate)) -> Reason {
    let mut certificate = issuer.card.clone();
    change(&mut certificate);
    let authenticity = issuer.judge_certificate(certificate.signed_by(&issuer.ca_key));
    word(&authenticity);
    authenticity
        .reason()
        .expect("a faulty certificate was accepted")
        .clone()
}

#[track_caller]
fn accepted(issuer: &Issuer, change: impl FnOnce(&mut Certificate)) {
    let mut certificate = issuer.card.clone();
    change(&mut certificate);
    let authenticity = issuer.judge_certificate(certificate.signed_by(&issuer.ca_key));
    assert_eq!(authenticity.reason(), None);
}

fn malformed(reason: &Reason) -> bool {
    matches!(reason, Reason::CertificateMalformed(_))
}

#[test]
fn version_three_is_required() {
    for issuer in Issuer::both() {
        for version in [vec![], tlv(0xA0, &[2, 1, 0]), tlv(0xA0, &[2, 1, 1])] {
            let fault = reason(&issuer, |certificate| certificate.version = version);
            assert_eq!(fault, Reason::CertificateMalformed(CertificateFault::Version));
        }
        assert!(malformed(
            &reason(&issuer, |certificate| certificate.version = tlv(0xA0, &[2, 1, 3]))
        ));
        // Without extensions there is nothing against it.
        accepted(&issuer, |certificate| certificate.extensions.clear());
    }
}

#[test]
fn the_issuer_s_name_must_be_the_anchor_s_whatever_its_string_types() {
    for issuer in Issuer::both() {
        let other_string_type = {
            let mut name = issuer.ca.subject.clone();
            let place = name.iter().rposition(|&byte| byte == 0x13).unwrap();
            name[place] = 0x0C;
            name
        };
        for issuer_name in [name("Another CA"), name("made-up CA"), sequence(&[])] {
            let fault = reason(&issuer, |certificate| certificate.issuer = issuer_name);
            assert_eq!(fault, Reason::UntrustedCertificate(TrustFault::UnknownIssuer));
        }
        accepted(&issuer, |certificate| certificate.issuer = other_string_type);
    }
}

#[test]
fn key_identifiers_must_agree_if_both_are_there() {
    for issuer in Issuer::both() {
        let fault = reason(&issuer, |certificate| {
            certificate.extensions[1] = authority_key_identifier(&[0xCB; 20]);
        });
        assert_eq!(
            fault,
            Reason::UntrustedCertificate(TrustFault::OtherKeyIdentifier)
        );
        accepted(&issuer, |certificate| drop(certificate.extensions.pop()));
        accepted(&issuer, |certificate| {
            certificate.extensions[1] = extension(AUTHORITY_KEY_IDENTIFIER, false, &sequence(&[]));
        });

        let mut ca = issuer.ca.clone();
        ca.extensions.pop();
        let mut anchors = Anchors::new();
        anchors.add(&ca.signed_by(&issuer.ca_key)).unwrap();
        assert_eq!(word(&issuer.card().judge(&anchors)), "verified");
    }
}

#[test]
fn both_algorithms_must_be_the_same() {
    for issuer in Issuer::both() {
        let other = if issuer.generation == Generation::First {
            ecdsa_with_sha256()
        } else {
            sha256_with_rsa()
        };
        for algorithm in [
            other,
            ecdsa_with_sha256_and_null(),
            sequence(&[&oid(&[0x2A, 0x03])]),
        ] {
            for change in [
                |certificate: &mut Certificate, algorithm| certificate.inner_algorithm = algorithm,
                |certificate: &mut Certificate, algorithm| certificate.outer_algorithm = algorithm,
            ] {
                let fault = reason(&issuer, |certificate| change(certificate, algorithm.clone()));
                assert_eq!(fault, Reason::UntrustedCertificate(TrustFault::AlgorithmsDiffer));
            }
        }
    }
}

#[test]
fn only_the_generation_s_signature_algorithm_counts() {
    let rsa = |digit| sequence(&[&oid(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, digit]), NULL]);
    let rsa_oid = oid(b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B");
    let ecdsa_oid = oid(b"\x2A\x86\x48\xCE\x3D\x04\x03\x02");
    for (generation, algorithms) in [
        // MD5, SHA-1, PSS, SHA-384; without parameters, with others.
        (
            Generation::First,
            vec![
                rsa(4),
                rsa(5),
                rsa(10),
                rsa(12),
                ecdsa_with_sha256(),
                sequence(&[&rsa_oid]),
                sequence(&[&rsa_oid, &[2, 1, 0]]),
            ],
        ),
        (
            Generation::Second,
            vec![
                ecdsa_with_sha384(),
                sha256_with_rsa(),
                sequence(&[&ecdsa_oid, &[2, 1, 0]]),
                sequence(&[&ecdsa_oid, &sequence(&[])]),
            ],
        ),
    ] {
        let issuer = Issuer::of(generation);
        for algorithm in algorithms {
            let fault = reason(&issuer, |certificate| certificate.set_algorithm(algorithm));
            assert_eq!(
                fault,
                Reason::UntrustedCertificate(TrustFault::UnsupportedAlgorithm)
            );
        }
    }
}

#[test]
fn the_signature_must_be_the_anchor_s() {
    for issuer in Issuer::both() {
        let mismatch = |certificate: Vec<u8>| {
            let authenticity = issuer.judge_certificate(certificate);
            assert_eq!(
                authenticity.reason(),
                Some(&Reason::UntrustedCertificate(TrustFault::SignatureMismatch))
            );
            assert_eq!(authenticity.trust_profile(), None);
            assert_eq!(authenticity.anchor_sha256(), None);
        };
        let tbs = issuer.card.tbs();
        // By another authority of the same name; by the card itself; over something else; none at all.
        mismatch(issuer.card.signed_by(&issuer.other_ca_key));
        mismatch(issuer.card.signed_by(&issuer.card_key));
        mismatch(issuer.card.with_signature(&tbs, &issuer.ca_key.sign(b"")));
        let good = issuer.ca_key.sign(&tbs);
        mismatch(issuer.card.with_signature(&tbs, &[]));
        mismatch(issuer.card.with_signature(&tbs, &good[..good.len() - 1]));
        mismatch(issuer.card.with_signature(&tbs, &[&good[..], &[0]].concat()));
        mismatch(issuer.card.with_signature(&tbs, &[&[0], &good[..]].concat()));
        // ECDSA raw, which a certificate does not have; RSA around the bare hash, likewise.
        if issuer.generation == Generation::First {
            mismatch(
                issuer
                    .card
                    .with_signature(&tbs, &issuer.ca_key.sign_block(false, &tbs)),
            );
        } else {
            mismatch(
                issuer
                    .card
                    .with_signature(&tbs, &issuer.ca_key.sign_ecdsa(&tbs).to_bytes()),
            );
        }
        // A signature value with unused bits is none.
        let unused_bits = sequence(&[
            &tbs,
            &issuer.card.outer_algorithm,
            &tlv(0x03, &[&[1], &good[..]].concat()),
        ]);
        assert_eq!(
            word(&issuer.judge_certificate(unused_bits)),
            "certificate_malformed"
        );
    }
}

#[test]
fn a_card_s_certificate_is_no_authority_s() {
    for issuer in Issuer::both() {
        let fault = reason(&issuer, |certificate| certificate.extensions.push(ca_true()));
        assert_eq!(fault, Reason::CertificateUsage(UsageFault::Authority));
        accepted(&issuer, |certificate| {
            certificate
                .extensions
                .push(extension(BASIC_CONSTRAINTS, true, &sequence(&[])));
        });
    }
}

#[test]
fn key_usage_must_name_digital_signature() {
    for issuer in Issuer::both() {
        for usage in [
            key_cert_sign(),
            extension(KEY_USAGE, true, &[3, 2, 6, 0x40]), // nonRepudiation
            extension(KEY_USAGE, false, &[3, 2, 7, 0x00]),
            extension(KEY_USAGE, true, &[3, 1, 0]),
        ] {
            let fault = reason(&issuer, |certificate| certificate.extensions[0] = usage);
            assert_eq!(fault, Reason::CertificateUsage(UsageFault::KeyUsage));
        }
        accepted(&issuer, |certificate| {
            certificate.extensions[0] = extension(KEY_USAGE, true, &[3, 2, 6, 0xC0]);
        });
        accepted(&issuer, |certificate| drop(certificate.extensions.remove(0)));
    }
}

#[test]
fn unknown_critical_extensions_are_refused() {
    for issuer in Issuer::both() {
        for (content, dotted) in [(NAME_CONSTRAINTS, "2.5.29.30"), (&[0x2A, 0x03, 0x04], "1.2.3.4")] {
            let fault = reason(&issuer, |certificate| {
                certificate.extensions.push(extension(content, true, &[4, 0]));
            });
            let usage = UsageFault::UnknownCriticalExtension { oid: dotted.into() };
            assert_eq!(fault, Reason::CertificateUsage(usage));
            accepted(&issuer, |certificate| {
                certificate
                    .extensions
                    .push(extension(content, false, b"anything"));
            });
        }
    }
}

#[test]
fn extensions_must_be_readable_and_there_once() {
    for issuer in Issuer::both() {
        let fault = reason(&issuer, |certificate| {
            certificate.extensions.push(digital_signature())
        });
        let duplicate = CertificateFault::DuplicateExtension {
            oid: "2.5.29.15".into(),
        };
        assert_eq!(fault, Reason::CertificateMalformed(duplicate));
        let fault = reason(&issuer, |certificate| {
            certificate.extensions.extend([
                extension(&[0x2A, 0x03], false, b""),
                extension(&[0x2A, 0x03], false, b""),
            ]);
        });
        assert!(malformed(&fault));

        for content in [
            KEY_USAGE,
            BASIC_CONSTRAINTS,
            SUBJECT_KEY_IDENTIFIER,
            AUTHORITY_KEY_IDENTIFIER,
        ] {
            // Empty, cut off, another type, something behind it.
            for value in [
                &b""[..],
                b"\x30\x05",
                b"\x02\x01\x07",
                b"\x03\x02\x07\x80\x00",
                b"\x30\x00\x05\x00",
                b"\x04\x00\x00",
            ] {
                let fault = reason(&issuer, |certificate| {
                    certificate.extensions = vec![extension(content, false, value)];
                });
                assert!(
                    matches!(
                        fault,
                        Reason::CertificateMalformed(CertificateFault::Extension { .. })
                    ),
                    "{content:02X?} {value:02X?} {fault:?}"
                );
            }
        }
        accepted(&issuer, |certificate| {
            certificate.extensions.push(subject_key_identifier(b"any"))
        });
    }
}

#[test]
fn another_key_type_is_named() {
    let p384 = Issuer::of(Generation::Second).card.public_key_info;
    let rsa = Issuer::of(Generation::First).card.public_key_info;
    let odd_sizes = ["rsa_1024.pub", "rsa_2040.pub", "rsa_3072.pub", "rsa_4096.pub"].map(public_key_info);
    let others = ["p256.pub", "ed25519.pub"].map(public_key_info);
    for (generation, expected, wrong) in [
        (Generation::First, "RSA-2048", p384),
        (Generation::Second, "P-384", rsa),
    ] {
        let issuer = Issuer::of(generation);
        for info in odd_sizes.iter().chain(&others).chain([&wrong]) {
            let fault = reason(&issuer, |certificate| {
                certificate.public_key_info.clone_from(info)
            });
            assert_eq!(fault, Reason::WrongKeyType { expected });
        }
    }
}

fn public_key_info(name: &str) -> Vec<u8> {
    public_key_file(name.trim_end_matches(".pub"))
}

#[test]
fn a_public_key_must_be_one() {
    let ec = |curve: &[u8], point: &[u8]| {
        let algorithm = sequence(&[&oid(b"\x2A\x86\x48\xCE\x3D\x02\x01"), curve]);
        sequence(&[&algorithm, &tlv(0x03, &[&[0], point].concat())])
    };
    let p384 = oid(b"\x2B\x81\x04\x00\x22");
    let second = Issuer::of(Generation::Second);
    let info = &second.card.public_key_info;
    let point = &info[info.len() - 97..];
    let mut off = point.to_vec();
    off[96] ^= 1;
    for info in [
        ec(&p384, &off),
        ec(&p384, &point[..96]),
        ec(&p384, &[point, &[0]].concat()),
        ec(&p384, &[0]),
        ec(&p384, &[]),
        ec(&p384, &[&[6], &point[1..]].concat()),
        ec(NULL, point),
        ec(&[], point),
        ec(&sequence(&[]), point),
    ] {
        let fault = reason(&second, |certificate| certificate.public_key_info = info);
        assert_eq!(fault, Reason::CertificateMalformed(CertificateFault::PublicKey));
    }
    accepted(&second, |certificate| {
        certificate.public_key_info = ec(&p384, point)
    });
    let compressed = [&[2 + (point[96] & 1)], &point[1..49]].concat();
    accepted(&second, |certificate| {
        certificate.public_key_info = ec(&p384, &compressed)
    });

    let rsa = |parameters: &[u8], numbers: &[u8]| {
        let algorithm = sequence(&[&oid(b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"), parameters]);
        sequence(&[&algorithm, &tlv(0x03, &[&[0], numbers].concat())])
    };
    let first = Issuer::of(Generation::First);
    let info = &first.card.public_key_info;
    // SEQUENCE { INTEGER of 257 bytes, INTEGER 65537 }
    let numbers = &info[info.len() - 270..];
    let modulus = &numbers[8..265];
    let with = |exponent: &[u8]| sequence(&[&numbers[4..265], &tlv(0x02, exponent)]);
    for info in [
        rsa(&[], numbers),
        rsa(&[2, 1, 0], numbers),
        rsa(NULL, &numbers[..269]),
        rsa(NULL, &[numbers, &[0]].concat()),
        rsa(NULL, &[]),
        rsa(NULL, &with(&[0])),
        rsa(NULL, &with(&[1])),
        rsa(NULL, &with(&[4])),
        rsa(NULL, &with(&[0xFF])),
        rsa(NULL, &with(&[2, 0, 0, 0, 1])),
        rsa(NULL, &with(modulus)),
    ] {
        let fault = reason(&first, |certificate| certificate.public_key_info = info);
        assert_eq!(fault, Reason::CertificateMalformed(CertificateFault::PublicKey));
    }
    accepted(&first, |certificate| {
        certificate.public_key_info = rsa(NULL, &with(&[1, 0, 1]))
    });
}

#[test]
fn dates_must_be_dates() {
    for issuer in Issuer::both() {
        for time in [
            utc_time(""),
            utc_time("250101000000"),
            utc_time("250101000000+0900"),
            utc_time("251301000000Z"),
            utc_time("250230000000Z"),
            utc_time("250101240000Z"),
            utc_time("2501010000Z"),
            tlv(0x18, b"20250101000000.5Z"),
            tlv(0x0C, b"250101000000Z"),
        ] {
            assert!(malformed(&reason(&issuer, |certificate| certificate
                .not_before =
                time.clone())));
            assert!(malformed(
                &reason(&issuer, |certificate| certificate.not_after = time)
            ));
        }
        accepted(&issuer, |certificate| {
            certificate.not_after = tlv(0x18, b"20551231235959Z")
        });
        accepted(&issuer, |certificate| {
            certificate.not_after = tlv(0x18, b"99991231235959Z")
        });
    }
}

#[test]
fn nothing_but_zeros_may_follow() {
    for issuer in Issuer::both() {
        let good = issuer.card.signed_by(&issuer.ca_key);
        for tail in [&[1][..], &[0, 0, 1], &[0; 8], &good] {
            // The first generation's field is filled up to 1,200 bytes, so that a tail may go on in zeros there.
            let authenticity = issuer.judge_certificate([&good[..], tail].concat());
            if let Some(offset) = tail.iter().position(|&byte| byte != 0) {
                let fault = CertificateFault::TrailingBytes {
                    offset: good.len() + offset,
                };
                assert_eq!(authenticity.reason(), Some(&Reason::CertificateMalformed(fault)));
            } else {
                assert_eq!(authenticity.reason(), None);
                assert_eq!(authenticity.tolerated(), [Oddity::TrailingZeros]);
            }
        }
    }
}

#[test]
fn length_is_bounded() {
    let issuer = Issuer::of(Generation::Second);
    let mut certificate = issuer.card.signed_by(&issuer.ca_key);
    certificate.resize(MAX_CERTIFICATE_LEN, 0);
    assert_eq!(word(&issuer.judge_certificate(certificate.clone())), "verified");
    certificate.push(0);
    let fault = CertificateFault::TooLong {
        found: MAX_CERTIFICATE_LEN + 1,
    };
    let authenticity = issuer.judge_certificate(certificate);
    assert_eq!(authenticity.reason(), Some(&Reason::CertificateMalformed(fault)));
}

#[test]
fn every_truncation_is_refused() {
    for issuer in Issuer::both() {
        let good = issuer.card.signed_by(&issuer.ca_key);
        for length in 1..good.len() {
            let word = word(&issuer.judge_certificate(good[..length].to_vec()));
            // The first generation's field is filled up with zeros, which here stand in the signature's place.
            let zeros = issuer.generation == Generation::First && length >= good.len() - 257;
            assert_eq!(
                word,
                if zeros {
                    "untrusted_certificate"
                } else {
                    "certificate_malformed"
                },
                "{length}"
            );
        }
    }
}

/// BER with the same content: every constructed element indefinite, or every length in the longest form.
fn as_ber(der: &[u8], indefinite: bool) -> Vec<u8> {
    let mut ber = Vec::new();
    let mut rest = der;
    while let [tag, first, ..] = *rest {
        let (header, length) = match first {
            0x81 => (3, usize::from(rest[2])),
            0x82 => (4, usize::from(rest[2]) << 8 | usize::from(rest[3])),
            _ => (2, usize::from(first)),
        };
        let content = &rest[header..header + length];
        rest = &rest[header + length..];
        let constructed = tag & 0x20 != 0;
        let content = if constructed {
            as_ber(content, indefinite)
        } else {
            content.to_vec()
        };
        ber.push(tag);
        if indefinite && constructed {
            ber.push(0x80);
            ber.extend(&content);
            ber.extend([0, 0]);
        } else {
            ber.push(0x84);
            ber.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
            ber.extend(&content);
        }
    }
    ber
}

#[test]
fn ber_is_tolerated_and_named() {
    for issuer in Issuer::both() {
        let der = issuer.card.signed_by(&issuer.ca_key);
        let tbs = issuer.card.tbs();
        for indefinite in [true, false] {
            let ber_tbs = as_ber(&tbs, indefinite);
            let over_ber = issuer
                .card
                .with_signature(&ber_tbs, &issuer.ca_key.sign(&ber_tbs));
            let outer_indefinite = [&[0x30, 0x80], &der[4 - usize::from(der[1] == 0x81)..], &[0, 0]].concat();
            for certificate in [
                // The signature is over the DER, as it should be, or over the bytes as they stand.
                as_ber(&der, indefinite),
                over_ber,
                // Only the outer length is odd: the signed bytes are DER.
                outer_indefinite,
            ] {
                for tail in [0, 5] {
                    let mut certificate = certificate.clone();
                    certificate.resize(certificate.len() + tail, 0);
                    let authenticity = issuer.judge_certificate(certificate);
                    assert_eq!(authenticity.reason(), None);
                    assert!(authenticity.tolerated().contains(&Oddity::BerEncoding));
                    let filled = authenticity.tolerated().contains(&Oddity::TrailingZeros);
                    assert!(filled || tail == 0);
                }
            }
            // Signed by another authority it stays untrusted.
            let other = as_ber(&issuer.card.signed_by(&issuer.other_ca_key), indefinite);
            assert_eq!(word(&issuer.judge_certificate(other)), "untrusted_certificate");
        }
    }
}

#[test]
fn ber_inside_extensions_is_tolerated_and_named() {
    for issuer in Issuer::both() {
        let mut certificate = issuer.card.clone();
        let identifier = as_ber(&sequence(&[&tlv(0x80, CA_KEY_IDENTIFIER)]), true);
        certificate.extensions[1] = extension(AUTHORITY_KEY_IDENTIFIER, false, &identifier);
        let authenticity = issuer.judge_certificate(certificate.signed_by(&issuer.ca_key));
        assert_eq!(authenticity.reason(), None);
        assert!(authenticity.tolerated().contains(&Oddity::BerEncoding));
        // Inside and outside: named once.
        let authenticity = issuer.judge_certificate(as_ber(&certificate.signed_by(&issuer.ca_key), true));
        assert_eq!(authenticity.reason(), None);
        let ber = |oddity: &&Oddity| **oddity == Oddity::BerEncoding;
        assert_eq!(authenticity.tolerated().iter().filter(ber).count(), 1);
    }
}

#[test]
fn no_more_of_ber_than_lengths_is_tolerated() {
    for issuer in Issuer::both() {
        // BOOLEAN true as 01; a constructed OCTET STRING; a negative or padded serial number; a nesting bomb.
        let true_as_one = sequence(&[&oid(KEY_USAGE), &[1, 1, 1], &tlv(4, &[3, 2, 7, 0x80])]);
        assert!(malformed(&reason(&issuer, |certificate| certificate
            .extensions[0] =
            true_as_one)));
        let constructed = sequence(&[&oid(KEY_USAGE), &tlv(0x24, &tlv(4, &[3, 2, 7, 0x80]))]);
        assert!(malformed(&reason(&issuer, |certificate| certificate
            .extensions[0] =
            constructed)));
        assert!(malformed(&reason(&issuer, |certificate| certificate
            .serial_number =
            vec![2, 2, 0, 1])));
        assert!(malformed(&reason(&issuer, |certificate| certificate
            .serial_number =
            vec![2, 0])));
        for bomb in [[0x30, 0x80].repeat(500), [0xA3, 0x80].repeat(300)] {
            assert_eq!(word(&issuer.judge_certificate(bomb)), "certificate_malformed");
        }
        let mut bomb = vec![5, 0];
        for _ in 0..300 {
            bomb = tlv(0x30, &bomb);
        }
        assert_eq!(word(&issuer.judge_certificate(bomb)), "certificate_malformed");
    }
}

#[test]
fn null_parameters_are_tolerated_and_named() {
    let issuer = Issuer::of(Generation::Second);
    let mut certificate = issuer.card.clone();
    certificate.set_algorithm(ecdsa_with_sha256_and_null());
    let authenticity = issuer.judge_certificate(certificate.signed_by(&issuer.ca_key));
    assert_eq!(authenticity.reason(), None);
    assert_eq!(authenticity.tolerated(), [Oddity::NullParameters]);
    // In the authority's own certificate too, where they do not matter to the card.
    let mut ca = issuer.ca.clone();
    ca.set_algorithm(ecdsa_with_sha256_and_null());
    let mut anchors = Anchors::new();
    anchors.add(&ca.signed_by(&issuer.ca_key)).unwrap();
    let authenticity = issuer.card().judge(&anchors);
    assert_eq!(authenticity.reason(), None);
    assert_eq!(authenticity.tolerated(), []);
}

/// With several faults, the first in the order of judgement is named.
#[test]
fn the_order_of_reasons() {
    for issuer in Issuer::both() {
        let mut card = issuer.card();
        card.content.face.as_mut().unwrap()[0] ^= 1;
        let mut certificate = issuer.card.clone();
        let mut judge = |certificate: &Certificate, key| {
            card.certificate = certificate.signed_by(key);
            word(&card.judge(&issuer.anchors()))
        };
        certificate.not_after = utc_time("250102000000Z");
        assert_eq!(judge(&certificate, &issuer.ca_key), "signature_mismatch");
        certificate.extensions[0] = key_cert_sign();
        assert_eq!(judge(&certificate, &issuer.ca_key), "certificate_usage");
        assert_eq!(judge(&certificate, &issuer.other_ca_key), "untrusted_certificate");
        certificate.public_key_info = public_key_info("p256.pub");
        assert_eq!(judge(&certificate, &issuer.other_ca_key), "wrong_key_type");
        certificate.version = vec![];
        assert_eq!(judge(&certificate, &issuer.other_ca_key), "certificate_malformed");
    }
}
