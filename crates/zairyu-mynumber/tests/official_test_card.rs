//! The public dumps of an official test card: every rule, recomputed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use hex_literal::hex;
use jiff::{Timestamp, civil::date};
use rsa::{BoxedUint, Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest as _, Sha256};
use zairyu_mynumber::{
    AgeFiles, Application, AttributeFiles, CertificateFault, CvAnchors, FaceFiles, JpkiAnchors, JpkiFiles,
    Provenance, Reason, Sex, Status,
};

macro_rules! dump {
    ($file:literal) => {
        include_bytes!(concat!("official_test_card/", $file))
    };
}

const NUMBER: &[u8] = dump!("text-0001-physical.bin");
const ATTRIBUTES: &[u8] = dump!("text-0002.bin");
const RECORD: &[u8] = dump!("text-0003.bin");
const TEXT_ISSUER: &[u8] = dump!("text-0004.bin");
const CARD_KEY: &[u8] = dump!("text-0007.bin");
const AGE: &[u8] = dump!("surface-0001.bin");
const FACE: &[u8] = dump!("surface-0002.bin");
const VISUAL_ISSUER: &[u8] = dump!("surface-0004.bin");
const NUMBER_IMAGE: &[u8] = dump!("surface-0005.bin");
const AUTH: &[u8] = dump!("jpki-auth-cert.der");
const SIGN: &[u8] = dump!("jpki-sign-cert.der");

fn anchors() -> CvAnchors {
    let mut anchors = CvAnchors::new();
    let id = |number: &[u8; 7]| [&number[..], b"\x08\x05001\0\0\0\0"].concat().try_into().unwrap();
    anchors
        .add(Application::Visual, id(b"6000023"), dump!("6000023.modulus"))
        .unwrap();
    anchors
        .add(Application::Text, id(b"6000033"), dump!("6000033.modulus"))
        .unwrap();
    anchors
}

fn face(file: &[u8]) -> FaceFiles {
    FaceFiles::new(file.to_vec(), VISUAL_ISSUER.to_vec(), None)
}

fn attributes(file: &[u8], record: &[u8]) -> AttributeFiles {
    AttributeFiles::new(
        file.to_vec(),
        record.to_vec(),
        TEXT_ISSUER.to_vec(),
        CARD_KEY.to_vec(),
        None,
    )
}

fn age(file: &[u8]) -> AgeFiles {
    AgeFiles::new(file.to_vec(), VISUAL_ISSUER.to_vec(), None)
}

#[test]
fn the_files_are_those_published() {
    for (file, digest) in [
        (
            NUMBER,
            hex!("6d5a4c1ef9ab15bf506862d7e66b9c0f179ca065bc936c8e634e9e57449ca9cd"),
        ),
        (
            ATTRIBUTES,
            hex!("86931a4249692104df2aa6d70c0383d9b683f46a94d6316d2a965507b8446007"),
        ),
        (
            RECORD,
            hex!("eab84f1e0b6c9c069189b5f517cea82c5227fde440cee1416769b269a13bf133"),
        ),
        (
            TEXT_ISSUER,
            hex!("aa653f5859621d44c441d67682bf4f7317ff31744389d0eb948056a96abb439b"),
        ),
        (
            CARD_KEY,
            hex!("3e22eeea73033d79bf41e0980760e46f034ccfcfebe93e209da41c384d94fcfc"),
        ),
        (
            AGE,
            hex!("ee619ca0111b4cb3b6adcf3b500d251cc03cc31fdac363da8803fbe3d2ed0a3d"),
        ),
        (
            FACE,
            hex!("8a2610286a68cfa8a8f9b866cbdd668916f71a47674ccc4eeb64b4e5ad77dfc1"),
        ),
        (
            VISUAL_ISSUER,
            hex!("f47d979cc5fb605cb3d8464be26af3b94379b98eb06315302244af582ba4a963"),
        ),
        (
            NUMBER_IMAGE,
            hex!("bb84257de75ca8027a43c4b8754815234efa6942f6c1ad02ac4c5b9da3aa9b0e"),
        ),
        (
            AUTH,
            hex!("1dc4c0de26e87426820cdbc53b3dd5def59aa8f0b2314105f58f4fc4c922f904"),
        ),
        (
            SIGN,
            hex!("b3994bc27590a3e8a58be28dc1b9554281fc010cfbe03ae1dd858563a7f68d27"),
        ),
    ] {
        assert_eq!(<[u8; 32]>::from(Sha256::digest(file)), digest);
    }
}

#[test]
fn text_attributes_and_card_key_verify() {
    let proofs = attributes(ATTRIBUTES, RECORD).judge(&anchors());
    assert_eq!(proofs.issuer.status(), Status::Verified);
    assert_eq!(proofs.issuer.anchor(), Some(Provenance::Test));
    let content = proofs.attributes.content().unwrap();
    assert_eq!(content.name, "黒桐　幹也");
    assert_eq!(content.address, "東京都清瀬市観布子南１２－７－２０２");
    assert_eq!(content.date_of_birth.to_date(), Some(date(1980, 2, 17)));
    assert_eq!(content.sex, Sex::Male);
    assert_eq!(proofs.attributes.anchor(), Some(Provenance::Test));
    assert_eq!(proofs.card_key.status(), Status::Verified);
    // A dump cannot answer.
    assert_eq!(proofs.chip.reason(), Some(&Reason::NotAsked));
    assert_eq!(proofs.chip.status(), Status::NotChecked);
}

#[test]
fn face_verifies_by_its_three_hashes() {
    let proofs = face(FACE).judge(&anchors());
    assert_eq!(proofs.issuer.status(), Status::Verified);
    let content = proofs.face.content().unwrap();
    assert_eq!(content.date_of_birth.digits(), "19800217");
    assert_eq!(content.sex, Sex::Male);
    assert!(content.name.starts_with(b"\x89PNG") && content.address.starts_with(b"\x89PNG"));
    assert_eq!(content.photo.len(), 1854);
    let unsigned = proofs.unsigned.unwrap();
    assert_eq!(unsigned.expiry.as_deref().map(str::len), Some(8));
    assert!(unsigned.security_code.unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn age_record_verifies() {
    let proofs = age(AGE).judge(&anchors());
    let born = proofs.age.content().unwrap();
    assert_eq!(born.age_on(date(2026, 11, 22)), Some(46));
    assert_eq!(proofs.age.anchor(), Some(Provenance::Test));
}

/// The rules about the My Number, which this crate leaves alone; recomputed here with other means.
#[test]
fn number_and_number_image_are_hashed_and_signed_as_the_rules_say() {
    // FF30 82 014B, DF31 20: the hash over the whole file, filler included.
    assert_eq!(NUMBER.len(), 17);
    assert_eq!(RECORD[8..40], Sha256::digest(NUMBER)[..]);

    // The issuer's modulus ends the certified value, 297 bytes long; the signature follows with its header.
    let body_end = VISUAL_ISSUER.len() - 261;
    let modulus = &VISUAL_ISSUER[body_end - 256..body_end];
    let key = RsaPublicKey::new(BoxedUint::from_be_slice_vartime(modulus), 65_537_u32.into()).unwrap();
    // FF40 82 02A9, then DF41 and DF42; DF43 82 0100 and the signature at the end.
    let signed = &NUMBER_IMAGE[5..NUMBER_IMAGE.len() - 261];
    assert_eq!(
        NUMBER_IMAGE[NUMBER_IMAGE.len() - 261..][..5],
        [0xDF, 0x43, 0x82, 0x01, 0x00]
    );
    let scheme = Pkcs1v15Sign {
        hash_len: Some(32),
        prefix: hex!("3031300d060960864801650304020105000420").into(),
    };
    key.verify(
        scheme,
        &Sha256::digest(signed),
        &NUMBER_IMAGE[NUMBER_IMAGE.len() - 256..],
    )
    .unwrap();
}

/// Every byte of every file, one bit changed: nothing that is shown as verified may change with it.
#[test]
fn no_changed_byte_stays_unnoticed() {
    let anchors = anchors();
    let changed = |file: &[u8], at: usize| {
        let mut changed = file.to_vec();
        changed[at] ^= 1;
        changed
    };
    let honest = attributes(ATTRIBUTES, RECORD).judge(&anchors);
    for at in 0..ATTRIBUTES.len() {
        let proofs = attributes(&changed(ATTRIBUTES, at), RECORD).judge(&anchors);
        // The second byte of DF21: a file whose list of offsets has another name has none, which is allowed.
        if at == 4 {
            assert_eq!(proofs.attributes, honest.attributes);
        } else {
            assert_eq!(proofs.attributes.status(), Status::Failed, "attributes {at}");
        }
    }
    for at in 0..RECORD.len() {
        let proofs = attributes(ATTRIBUTES, &changed(RECORD, at)).judge(&anchors);
        assert_eq!(proofs.attributes.status(), Status::Failed, "record {at}");
    }
    for at in 0..AGE.len() {
        assert_eq!(
            age(&changed(AGE, at)).judge(&anchors).age.status(),
            Status::Failed,
            "age {at}"
        );
    }
    let honest_face = face(FACE).judge(&anchors);
    let unsigned_from = 0x0B86;
    assert_eq!(FACE[unsigned_from..][..2], [0xDF, 0x29]);
    for at in 0..FACE.len() {
        let proofs = face(&changed(FACE, at)).judge(&anchors);
        if proofs.face.status() == Status::Verified {
            // Only what is unsigned can change (and the name of the list of offsets), and it is not part of what was verified.
            assert!(at >= unsigned_from || at == 6, "face {at}");
            assert_eq!(proofs.face, honest_face.face);
        } else {
            assert_eq!(proofs.face.status(), Status::Failed);
        }
    }
    for at in 0..TEXT_ISSUER.len() {
        let files = AttributeFiles::new(
            ATTRIBUTES.to_vec(),
            RECORD.to_vec(),
            changed(TEXT_ISSUER, at),
            CARD_KEY.to_vec(),
            None,
        );
        let proofs = files.judge(&anchors);
        // A change of the CA's name leaves nobody to check with.
        assert_ne!(proofs.issuer.status(), Status::Verified, "issuer {at}");
        assert_ne!(proofs.attributes.status(), Status::Verified, "issuer {at}");
    }
    assert_eq!(honest.attributes.status(), Status::Verified);
}

/// Every file cut everywhere: no panic, no proof.
#[test]
fn no_file_proves_anything_when_cut() {
    let anchors = anchors();
    for length in 0..FACE.len() {
        assert_eq!(
            face(&FACE[..length]).judge(&anchors).face.status(),
            Status::Failed
        );
    }
    for length in 0..RECORD.len() {
        let proofs = attributes(ATTRIBUTES, &RECORD[..length]).judge(&anchors);
        assert_eq!(proofs.attributes.status(), Status::Failed);
    }
}

/// One application's certificate cannot vouch for the other's data.
#[test]
fn issuers_cannot_be_exchanged() {
    let files = FaceFiles::new(FACE.to_vec(), TEXT_ISSUER.to_vec(), None);
    let proofs = files.judge(&anchors());
    assert_eq!(proofs.issuer.reason(), Some(&Reason::CaOfOtherApplication));
    assert_eq!(proofs.face.reason(), Some(&Reason::SignatureMismatch));
}

#[test]
fn without_its_ca_a_card_is_not_checked_and_never_verified() {
    for anchors in [CvAnchors::new(), CvAnchors::community_supplied().unwrap()] {
        let proofs = attributes(ATTRIBUTES, RECORD).judge(&anchors);
        assert_eq!(proofs.issuer.reason(), Some(&Reason::NoAnchor));
        assert_eq!(proofs.attributes.reason(), Some(&Reason::RestsOnUnchecked));
        assert_eq!(proofs.attributes.status(), Status::NotChecked);
        assert_eq!(proofs.attributes.anchor(), None);
        assert!(proofs.attributes.content().is_none());
    }
}

fn roots(files: &[&[u8]]) -> JpkiAnchors {
    let mut anchors = JpkiAnchors::new();
    for file in files {
        anchors.add(file).unwrap();
    }
    anchors
}

#[test]
fn certificate_verifies_under_its_own_test_root_only() {
    let (root_2019, root_2023) = (
        dump!("roots/authca-test-2019.cer"),
        dump!("roots/authca-test-2023.cer"),
    );
    let now: Timestamp = "2026-11-22T01:00:00Z".parse().unwrap();
    let judge = |anchors: &JpkiAnchors, at| {
        let proofs = JpkiFiles::new(AUTH.to_vec(), None).judge(anchors, at, None);
        assert_eq!(proofs.holder.status(), Status::NotChecked);
        assert_eq!(proofs.revocation.reason(), Some(&Reason::RevocationReserved));
        proofs.certificate
    };
    let both = roots(&[root_2019, root_2023]);
    let proof = judge(&both, now);
    assert_eq!(proof.anchor(), Some(Provenance::Test));
    let facts = proof.content().unwrap();
    assert_eq!(facts.not_after.to_string(), "2030-02-17T14:59:59Z");
    assert_eq!(facts.root_sha256, <[u8; 32]>::from(Sha256::digest(root_2023)));

    let fault = |anchors: &JpkiAnchors, at| match judge(anchors, at).reason() {
        Some(Reason::Certificate(fault)) => *fault,
        other => panic!("{other:?}"),
    };
    // The same name, another key.
    assert_eq!(
        fault(&roots(&[root_2019]), now),
        CertificateFault::SignatureMismatch
    );
    // The roots of real cards.
    let real = roots(&[
        include_bytes!("jlis/authca01.cer"),
        include_bytes!("jlis/authca02.cer"),
        include_bytes!("jlis/authca03.cer"),
    ]);
    assert_eq!(fault(&real, now), CertificateFault::UnknownIssuer);
    assert_eq!(
        fault(&both, "2025-10-27T01:35:41Z".parse().unwrap()),
        CertificateFault::NotYetValid
    );
    assert_eq!(
        fault(&both, "2030-02-17T15:00:00Z".parse().unwrap()),
        CertificateFault::Expired
    );
    assert!(
        judge(&both, "2025-10-27T01:35:42Z".parse().unwrap())
            .content()
            .is_some()
    );
    assert!(
        judge(&both, "2030-02-17T14:59:59Z".parse().unwrap())
            .content()
            .is_some()
    );
    assert_eq!(judge(&JpkiAnchors::new(), now).reason(), Some(&Reason::NoAnchor));
}

/// A certificate for signing says that it is another's policy, under its own root.
#[test]
fn certificate_for_signing_is_none_for_authentication() {
    let anchors = roots(&[dump!("roots/signca-test-2024.cer")]);
    let now = "2026-11-22T01:00:00Z".parse().unwrap();
    let proofs = JpkiFiles::new(SIGN.to_vec(), None).judge(&anchors, now, None);
    assert_eq!(
        proofs.certificate.reason(),
        Some(&Reason::Certificate(CertificateFault::Policy))
    );
}

#[test]
fn no_changed_byte_of_the_certificate_stays_unnoticed() {
    let anchors = roots(&[dump!("roots/authca-test-2023.cer")]);
    let now = "2026-11-22T01:00:00Z".parse().unwrap();
    for at in 0..AUTH.len() {
        let mut changed = AUTH.to_vec();
        changed[at] ^= 1;
        let proofs = JpkiFiles::new(changed, None).judge(&anchors, now, None);
        assert_eq!(proofs.certificate.status(), Status::Failed, "{at}");
    }
}

#[test]
fn known_moduli_have_the_digests_written_down() {
    let known = |number| {
        let row = zairyu_mynumber::KNOWN_CV_KEYS
            .iter()
            .find(|key| key.number == number);
        row.unwrap().sha256
    };
    for (number, modulus) in [
        ("5000023", include_bytes!("../assets/5000023.modulus")),
        ("5000033", include_bytes!("../assets/5000033.modulus")),
        ("6000023", dump!("6000023.modulus")),
        ("6000033", dump!("6000033.modulus")),
    ] {
        assert_eq!(
            known(number),
            <[u8; 32]>::from(Sha256::digest(modulus)),
            "{number}"
        );
    }
    let wrong_place = CvAnchors::new().add(Application::Text, [0; 16], dump!("6000023.modulus"));
    assert!(wrong_place.is_err());
    assert_eq!(
        format!("{:?}", CvAnchors::community_supplied().unwrap()),
        "[CommunitySupplied, CommunitySupplied]"
    );
}
