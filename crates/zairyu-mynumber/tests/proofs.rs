//! What the software card proves, and what each fault takes away.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod driver;

use driver::*;
use jiff::Timestamp;
use zairyu_mynumber::{
    AgeProofs, Application, AttributeProofs, CertificateFault, CvAnchors, FaceProofs, JpkiAnchorError,
    JpkiAnchors, JpkiProofs, Proof, Provenance, Reason, RevocationAnswer, RevocationSource, Status,
};
use zairyu_mynumber_testcard::{
    Application as CardApplication, CardBuilder, CertificateFault as Issued, Filler, IssueFault, IssuedCard,
    LengthForm, Profile, RootFault, SoftwareCard, auth_root, cv_modulus,
};
use zairyu_transport::{Fault, FaultInjector};

fn cv_anchors() -> CvAnchors {
    let mut anchors = CvAnchors::new();
    for (application, of) in [
        (Application::Text, CardApplication::Text),
        (Application::Visual, CardApplication::Visual),
    ] {
        let (key_id, modulus) = cv_modulus(of).unwrap();
        anchors.add(application, key_id, &modulus).unwrap();
    }
    anchors
}

fn jpki_anchors() -> JpkiAnchors {
    let mut anchors = JpkiAnchors::new();
    anchors.add(&auth_root(None).unwrap()).unwrap();
    anchors
}

fn now() -> Timestamp {
    "2026-11-22T01:00:00Z".parse().unwrap()
}

struct All {
    face: FaceProofs,
    attributes: AttributeProofs,
    age: AgeProofs,
    jpki: JpkiProofs,
}

/// Reads an issued card in all modes and judges it.
fn judge(issued: IssuedCard) -> All {
    let (cv, roots) = (cv_anchors(), jpki_anchors());
    let mut card = SoftwareCard::new(issued);
    All {
        face: read(face(), &mut card).unwrap().judge(&cv),
        attributes: read(attributes_by_pin(), &mut card).unwrap().judge(&cv),
        age: read(age(), &mut card).unwrap().judge(&cv),
        jpki: read(jpki(), &mut card).unwrap().judge(&roots, now(), None),
    }
}

fn issue(builder: CardBuilder) -> IssuedCard {
    builder.issue().unwrap()
}

/// Each line by its name, with its status.
fn lines(all: &All) -> Vec<(&'static str, Status)> {
    fn line<T>(name: &'static str, proof: &Proof<T>) -> (&'static str, Status) {
        (name, proof.status())
    }
    vec![
        line("face.issuer", &all.face.issuer),
        line("face.face", &all.face.face),
        line("face.chip", &all.face.chip),
        line("attributes.issuer", &all.attributes.issuer),
        line("attributes.attributes", &all.attributes.attributes),
        line("attributes.card_key", &all.attributes.card_key),
        line("attributes.chip", &all.attributes.chip),
        line("age.issuer", &all.age.issuer),
        line("age.age", &all.age.age),
        line("age.chip", &all.age.chip),
        line("jpki.certificate", &all.jpki.certificate),
        line("jpki.holder", &all.jpki.holder),
    ]
}

/// The lines that are not verified.
fn missing(all: &All) -> Vec<&'static str> {
    let lines = lines(all).into_iter();
    lines
        .filter(|line| line.1 != Status::Verified)
        .map(|line| line.0)
        .collect()
}

#[test]
fn a_genuine_card_proves_everything_but_revocation() {
    for builder in [
        CardBuilder::new(Profile::Adult),
        CardBuilder::new(Profile::Under15),
        CardBuilder::new(Profile::Adult).length_form(LengthForm::Long),
        CardBuilder::new(Profile::Adult).filler(Filler::Zeros(11)),
    ] {
        let all = judge(issue(builder));
        assert_eq!(missing(&all), [""; 0]);
        assert_eq!(all.face.chip.anchor(), Some(Provenance::Custom));
        assert_eq!(all.jpki.holder.anchor(), Some(Provenance::Custom));
        assert_eq!(all.jpki.revocation.reason(), Some(&Reason::RevocationReserved));
        let attributes = all.attributes.attributes.content().unwrap();
        assert_eq!(attributes.name, "見本　花子");
        assert_eq!(all.age.age.content(), Some(&attributes.date_of_birth));
        assert!(all.face.unsigned.unwrap().expiry.is_some());
    }
}

/// All files are as issued: no check of files finds it. Only the chip's own answer does.
#[test]
fn a_copied_chip_fails_its_own_line_and_no_other() {
    let all = judge(issue(CardBuilder::new(Profile::Adult)).copied());
    assert_eq!(
        missing(&all),
        ["face.chip", "attributes.chip", "age.chip", "jpki.holder"]
    );
    for reason in [
        all.face.chip.reason(),
        all.attributes.chip.reason(),
        all.age.chip.reason(),
        all.jpki.holder.reason(),
    ] {
        assert_eq!(reason, Some(&Reason::ChallengeMismatch));
    }
}

/// An answer recorded yesterday is no answer to today's challenge.
#[test]
fn an_old_answer_is_refused() {
    let mut card = card(Profile::Adult);
    let commands = count_commands(zairyu_mynumber::Mode::Age);
    let (_, trace) = read_traced(
        zairyu_mynumber::Reading::age(
            birth(),
            zairyu_mynumber::Challenge::new([8; 32]),
            zairyu_mynumber::Policy::default(),
        ),
        &mut card,
    );
    let old = trace.last().unwrap().1.clone();
    let mut replaying = FaultInjector::new(card).inject(commands - 1, Fault::Response(old));
    let proofs = read(age(), &mut replaying).unwrap().judge(&cv_anchors());
    assert_eq!(proofs.age.status(), Status::Verified);
    assert_eq!(proofs.chip.reason(), Some(&Reason::ChallengeMismatch));
}

#[test]
fn a_chip_that_does_not_sign_is_not_checked() {
    let commands = count_commands(zairyu_mynumber::Mode::Face);
    let mut card = FaultInjector::new(card(Profile::Adult)).inject(commands - 1, Fault::Status(0x6982));
    let proofs = read(face(), &mut card).unwrap().judge(&cv_anchors());
    assert_eq!(proofs.face.status(), Status::Verified);
    assert_eq!(proofs.chip.reason(), Some(&Reason::ChipDidNotSign(0x6982.into())));
    assert_eq!(proofs.chip.status(), Status::NotChecked);
}

#[test]
fn issuers_that_nobody_vouches_for_prove_nothing() {
    let cv_lines = [
        "face.issuer",
        "face.face",
        "face.chip",
        "attributes.issuer",
        "attributes.attributes",
        "attributes.card_key",
        "attributes.chip",
        "age.issuer",
        "age.age",
        "age.chip",
    ];
    for (fault, reason) in [
        (IssueFault::CaOfOtherApplication, Reason::CaOfOtherApplication),
        (IssueFault::UnknownCa, Reason::IssuerSignature),
    ] {
        let all = judge(issue(CardBuilder::new(Profile::Adult).fault(fault)));
        assert_eq!(missing(&all), cv_lines);
        assert_eq!(all.face.issuer.reason(), Some(&reason));
        assert_eq!(all.attributes.issuer.reason(), Some(&reason));
        assert_eq!(all.age.age.reason(), Some(&Reason::RestsOnFailure));
        assert!(all.age.age.content().is_none());
    }
}

/// The block of the face's signature is compared as a whole.
#[test]
fn a_face_signature_of_another_form_is_refused() {
    for fault in [
        IssueFault::FaceTrailingByte,
        IssueFault::FaceBareHashes,
        IssueFault::FaceOneHash,
        IssueFault::FaceOtherOrder,
    ] {
        let all = judge(issue(CardBuilder::new(Profile::Adult).fault(fault)));
        assert_eq!(missing(&all), ["face.face", "face.chip"], "{fault:?}");
        assert_eq!(all.face.face.reason(), Some(&Reason::SignatureMismatch));
        assert_eq!(all.face.chip.reason(), Some(&Reason::RestsOnFailure));
    }
}

/// A change in one file takes away the lines that rest on it, and no other.
#[test]
fn tampering_is_found_where_it_is() {
    use CardApplication::{Text, Visual};
    for (application, file, gone) in [
        (Text, 0x02, &["attributes.attributes"][..]),
        (Text, 0x03, &["attributes.attributes"]),
        (Text, 0x07, &["attributes.card_key", "attributes.chip"]),
        (Visual, 0x01, &["age.age", "age.chip"]),
        (Visual, 0x02, &["face.face", "face.chip"]),
        // The My Number's own files: no mode looks at them.
        (Text, 0x01, &[]),
        (Visual, 0x05, &[]),
        (Visual, 0x03, &[]),
    ] {
        let mut issued = issue(CardBuilder::new(Profile::Adult));
        let content = issued.file_mut(application, file).unwrap();
        // In the middle of a value, or of the only one.
        let at = if content.len() < 20 { 5 } else { 60 };
        content[at] ^= 1;
        assert_eq!(missing(&judge(issued)), gone, "{application:?} {file:04X}");
    }
}

#[test]
fn a_certificate_that_breaks_a_rule_is_refused_by_its_name() {
    for (fault, expected) in [
        (Issued::Expired, CertificateFault::Expired),
        (Issued::NotYetValid, CertificateFault::NotYetValid),
        (Issued::SignedByOtherKey, CertificateFault::SignatureMismatch),
        (Issued::TamperedSignature, CertificateFault::SignatureMismatch),
        (Issued::TamperedContent, CertificateFault::SignatureMismatch),
        (Issued::OtherIssuerName, CertificateFault::UnknownIssuer),
        (Issued::WrongKeyUsage, CertificateFault::KeyUsage),
        (Issued::WrongExtendedKeyUsage, CertificateFault::ExtendedKeyUsage),
        (Issued::IsCa, CertificateFault::Authority),
        (Issued::OtherPolicy, CertificateFault::Policy),
        (Issued::NoPolicy, CertificateFault::Policy),
        (Issued::InnerAlgorithmDiffers, CertificateFault::Algorithm),
    ] {
        let all = judge(issue(
            CardBuilder::new(Profile::Adult).fault(IssueFault::Certificate(fault)),
        ));
        assert_eq!(missing(&all), ["jpki.certificate", "jpki.holder"], "{fault:?}");
        assert_eq!(
            all.jpki.certificate.reason(),
            Some(&Reason::Certificate(expected)),
            "{fault:?}"
        );
        assert_eq!(
            all.jpki.holder.reason(),
            Some(&Reason::RestsOnFailure),
            "{fault:?}"
        );
    }
}

#[test]
fn an_extension_that_breaks_a_rule_is_named() {
    for (fault, named) in [
        (Issued::UnknownCriticalExtension, "1.3.6.1.4.1.32473.1"),
        (Issued::DuplicateExtension, "2.5.29.15"),
    ] {
        let all = judge(issue(
            CardBuilder::new(Profile::Adult).fault(IssueFault::Certificate(fault)),
        ));
        assert_eq!(missing(&all), ["jpki.certificate", "jpki.holder"], "{fault:?}");
        let Some(Reason::Certificate(
            CertificateFault::UnknownCriticalExtension(extension) | CertificateFault::Extension(extension),
        )) = all.jpki.certificate.reason()
        else {
            panic!("{:?}", all.jpki.certificate);
        };
        assert_eq!(extension.to_string(), named);
    }
}

#[test]
fn roots_that_are_none_are_not_loaded_and_others_of_the_name_do_not_help() {
    let load = |fault| JpkiAnchors::new().add(&auth_root(Some(fault)).unwrap());
    assert_eq!(load(RootFault::IsNoCa), Err(JpkiAnchorError::NotAnAuthority));
    assert_eq!(
        load(RootFault::WrongKeyUsage),
        Err(JpkiAnchorError::NotAnAuthority)
    );
    assert_eq!(
        load(RootFault::NotSelfSigned),
        Err(JpkiAnchorError::NotSelfSigned)
    );

    let mut card = card(Profile::Adult);
    let files = read(jpki(), &mut card).unwrap();
    let judge = |faults: &[Option<RootFault>]| {
        let mut anchors = JpkiAnchors::new();
        for fault in faults {
            anchors.add(&auth_root(*fault).unwrap()).unwrap();
        }
        files.judge(&anchors, now(), None).certificate
    };
    let reason = |fault| Some(Reason::Certificate(fault));
    let other = Some(RootFault::OtherKey);
    assert_eq!(
        judge(&[other]).reason().copied(),
        reason(CertificateFault::SignatureMismatch)
    );
    // The right one is found among those of its name.
    assert_eq!(judge(&[other, None]).status(), Status::Verified);
    let expired = judge(&[Some(RootFault::Expired)]);
    assert_eq!(expired.reason().copied(), reason(CertificateFault::RootNotValid));
}

#[test]
fn without_pin_there_is_a_certificate_and_no_holder() {
    let reading = zairyu_mynumber::Reading::jpki_auth(None, zairyu_mynumber::Policy::default());
    let proofs = read(reading, &mut card(Profile::Adult))
        .unwrap()
        .judge(&jpki_anchors(), now(), None);
    assert_eq!(proofs.certificate.status(), Status::Verified);
    assert_eq!(proofs.holder.reason(), Some(&Reason::NotAsked));
    // What was not checked rests on nothing.
    assert!(proofs.certificate.anchor().is_some());
    assert_eq!(proofs.holder.anchor(), None);
    assert_eq!(proofs.revocation.anchor(), None);
}

/// The limit that the docs name: nothing in the text application ties the attributes to the chip.
#[test]
fn a_second_card_s_chip_passes_beside_the_first_one_s_attributes() {
    let first = issue(CardBuilder::new(Profile::Adult));
    let mut forged = issue(CardBuilder::new(Profile::Adult).second_card());
    assert_ne!(
        first.file(CardApplication::Text, 7),
        forged.file(CardApplication::Text, 7)
    );
    for file in [2, 3] {
        let own = forged.file_mut(CardApplication::Text, file).unwrap();
        let firsts = first.file(CardApplication::Text, file).unwrap();
        assert_ne!(own, firsts);
        firsts.clone_into(own);
    }
    let all = judge(forged);
    assert_eq!(missing(&all), [""; 0]);
    assert_eq!(all.attributes.attributes.content().unwrap().name, "見本　花子");
}

#[test]
fn a_phone_proves_its_holder_as_a_card_does() {
    let files = read(jpki(), &mut card(Profile::AndroidToken)).unwrap();
    let proofs = files.judge(&jpki_anchors(), now(), None);
    assert_eq!(proofs.certificate.status(), Status::Verified);
    assert_eq!(proofs.holder.status(), Status::Verified);
}

struct Source(RevocationAnswer, std::cell::Cell<u32>);

impl RevocationSource for Source {
    fn ask(&self, certificate: &[u8], _at: Timestamp) -> RevocationAnswer {
        assert!(certificate.starts_with(&[0x30, 0x82]));
        self.1.set(self.1.get() + 1);
        self.0
    }
}

#[test]
fn a_certified_verifier_answers_about_certificates_that_are_verified() {
    let files = read(jpki(), &mut card(Profile::Adult)).unwrap();
    let ask = |answer, anchors: &JpkiAnchors| {
        let source = Source(answer, std::cell::Cell::new(0));
        let proof = files.judge(anchors, now(), Some(&source)).revocation;
        (proof, source.1.get())
    };
    let as_of = now();
    let (proof, asked) = ask(RevocationAnswer::NotRevoked { as_of }, &jpki_anchors());
    assert_eq!((proof.content(), asked), (Some(&as_of), 1));
    for (answer, reason) in [
        (RevocationAnswer::Revoked, Reason::Revoked),
        (RevocationAnswer::Suspended, Reason::Suspended),
    ] {
        let (proof, _) = ask(answer, &jpki_anchors());
        assert_eq!((proof.status(), proof.reason()), (Status::Failed, Some(&reason)));
    }
    let (proof, _) = ask(RevocationAnswer::Unavailable, &jpki_anchors());
    assert_eq!(proof.status(), Status::NotChecked);
    let (proof, asked) = ask(RevocationAnswer::NotRevoked { as_of }, &JpkiAnchors::new());
    assert_eq!((proof.status(), asked), (Status::NotChecked, 0));
}

#[test]
fn what_is_proved_is_not_shown_for_debugging() {
    let all = judge(issue(CardBuilder::new(Profile::Adult)));
    let shown = format!("{:?} {:?} {:?} {:?}", all.face, all.attributes, all.age, all.jpki);
    for secret in ["見本", "19900101", "1990", "2035"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    assert!(shown.contains("Verified"));
}
