//! The report of a good card of each type, member by member, and of one faulty card for each kind of failure.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};
use zairyu::data::{CardType, File, Generation};
use zairyu::{Anchors, Language, Reading, Report, Timestamp};
use zairyu_testcard::{
    CardBuilder, CertificateFault, CheckCode, Field, IssuedCard, Issuer, LengthForm, NoFace, NoSignature,
    SoftwareCard,
};

const JUDGED_AT: &str = "2026-11-22T10:00:00+09:00";

fn issue(builder: &CardBuilder) -> IssuedCard {
    Issuer::new().issue(builder).unwrap()
}

fn anchors() -> Anchors {
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        anchors
            .add(&Issuer::new().ca_certificate(generation).unwrap())
            .unwrap();
    }
    anchors
}

fn report(issued: IssuedCard) -> Report {
    let number = issued.number().clone();
    let reading = zairyu::read(&mut SoftwareCard::new(issued), &number).unwrap();
    reading.judge(&anchors(), JUDGED_AT.parse().unwrap())
}

fn json(report: &Report) -> Value {
    serde_json::from_str(&report.to_json()).unwrap()
}

fn judged(builder: &CardBuilder) -> Value {
    json(&report(issue(builder)))
}

#[test]
fn a_second_generation_card_gives_the_form_s_every_member() {
    let report = judged(&CardBuilder::new(CardType::SecondResidenceCard));
    assert_eq!(report["schema"], "zairyu.report/1");
    assert_eq!(report["judged_at"], JUDGED_AT);
    assert!(report["read_at"].as_str().unwrap().ends_with("+09:00"));
    assert_eq!(
        report["card"],
        json!({
            "type_code": "05", "kind": "residence_card", "generation": "second", "spec_version": "0001",
            "number": "AB12345678CD", "number_on_chip_matches": true,
        })
    );
    assert_eq!(
        report["fields"],
        json!({
            "card_expires_on": {"value": "2033-04-01", "signed": true},
            "date_of_birth": {"value": "1985-12-31", "signed": true},
            "sex": {"code": "2", "ja": "女", "en": "female", "signed": true},
            "nationality": {"code": "USA", "ja": "米国", "en": "United States", "signed": true},
            "residence_status": {"code": "T410010000", "ja": null, "en": null, "signed": true},
            "period_of_stay":
                {"code": "0300", "years": 3, "months": 0, "days": null, "indefinite": false, "signed": true},
            "permission_type": {"code": "01", "ja": null, "en": null, "signed": true},
            "permission_date": {"value": "2026-06-20", "signed": true},
            "work_restriction": {
                "code": "2", "ja": "在留資格に基づく就労活動のみ可",
                "en": "only work permitted by the status of residence", "signed": true,
            },
            "stay_expires_on": {"value": "2029-06-20", "signed": true},
            "comprehensive_permission": {
                "code": "1", "ja": "許可（週28時間以内・風俗営業等不可）",
                "en": "permitted (within 28 hours a week, adult entertainment excluded)",
                "text": null, "until": "2028-04-01", "signed": false,
            },
            "individual_permission": {"code": "0", "ja": "無し", "en": "none", "text": null, "signed": false},
            "renewal_pending": {"code": "0", "value": false, "signed": false},
            "commissioner_note": {"code": "0", "value": false, "text": "", "signed": false},
        })
    );
    assert_eq!(
        report["images"],
        json!({
            "face": {"format": "jp2", "width": 240, "height": 320, "signed": true},
            "name": {"format": "tiff_g4", "width": 500, "height": 60, "signed": true},
            "address": {"format": "tiff_g4", "width": 600, "height": 60, "signed": false},
        })
    );
    let authenticity = &report["authenticity"];
    assert_eq!(authenticity["status"], "verified");
    assert_eq!(authenticity["reason"], Value::Null);
    assert_eq!(authenticity["trust_profile"], "custom");
    assert_eq!(authenticity["anchor_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(authenticity["signature_encoding"], "ecdsa_raw");
    assert_eq!(authenticity["covers"], json!(["printed_entries", "face", "name"]));
    assert_eq!(authenticity["certificate_time"], json!({"status": "valid"}));
    assert_eq!(authenticity["anchor_time"], json!({"status": "valid"}));
    for region in ["number", "address", "permissions", "renewal"] {
        assert!(
            authenticity["does_not_cover"]
                .as_array()
                .unwrap()
                .contains(&json!(region))
        );
    }
    assert_eq!(
        report["printed_validity"],
        json!({"expires_on": "2033-04-01", "passed": false})
    );
    assert_eq!(
        report["lookup"],
        json!({"status": "not_asked", "reason": "policy_disabled", "as_of": JUDGED_AT})
    );
    assert_eq!(report.get("decision"), None);
    assert_eq!(report["problems"], json!([]));
}

#[test]
fn a_first_generation_card_gives_what_it_holds_as_text() {
    let builder = CardBuilder::new(CardType::FirstResidenceCard)
        .with(Field::Address, "東京都千代田区霞が関１－１－１")
        .with(Field::IndividualPermission, "");
    let report = judged(&builder);
    assert_eq!(report["card"]["generation"], "first");
    assert_eq!(report["card"]["number_on_chip_matches"], Value::Null);
    let fields = &report["fields"];
    assert_eq!(
        fields["address"],
        json!({
            "text": "東京都千代田区霞が関１－１－１", "municipality_code": "131016", "recorded_on": "2026-04-01",
            "signed": false,
        })
    );
    assert_eq!(fields["comprehensive_permission"]["code"], Value::Null);
    assert_eq!(fields["comprehensive_permission"]["signed"], false);
    assert!(
        fields["comprehensive_permission"]["text"]
            .as_str()
            .unwrap()
            .starts_with("許可")
    );
    assert_eq!(fields["individual_permission"]["text"], "");
    assert_eq!(
        fields["renewal_pending"],
        json!({"code": "0", "value": false, "signed": false})
    );
    assert_eq!(
        report["images"]["front"],
        json!({"format": "tiff_g4", "width": 674, "height": 425, "signed": true})
    );
    assert_eq!(
        report["authenticity"]["signature_encoding"],
        "pkcs1v15_digest_info"
    );
    assert_eq!(report["authenticity"]["covers"], json!(["front", "face"]));
    assert_eq!(report["printed_validity"], Value::Null);
}

#[test]
fn special_permanent_residents_cards_have_fewer_fields() {
    let names = |card_type| -> Vec<String> {
        judged(&CardBuilder::new(card_type))["fields"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(names(CardType::FirstSpecialPermanentResident), ["address"]);
    let mut second = names(CardType::SecondSpecialPermanentResident);
    second.sort_unstable();
    assert_eq!(
        second,
        [
            "card_expires_on",
            "commissioner_note",
            "date_of_birth",
            "nationality",
            "period_of_stay",
            "residence_status",
            "sex"
        ]
    );
}

#[test]
fn the_signature_s_encoding_is_told() {
    let bare = CardBuilder::new(CardType::FirstResidenceCard).check_code(CheckCode::RsaBareHash);
    assert_eq!(
        judged(&bare)["authenticity"]["signature_encoding"],
        "pkcs1v15_bare_hash"
    );
    assert_eq!(judged(&bare)["authenticity"]["status"], "verified");
}

#[test]
fn nothing_of_a_tampered_card_is_called_signed() {
    for (card_type, file, offset) in [
        (CardType::FirstResidenceCard, File::FrontImage, 7000),
        (CardType::FirstSpecialPermanentResident, File::FaceImage, 1000),
        (CardType::SecondResidenceCard, File::PrintedEntries, 3),
        (
            CardType::SecondSpecialPermanentResident,
            File::NameAndFaceImage,
            5000,
        ),
    ] {
        let mut issued = issue(&CardBuilder::new(card_type));
        assert!(issued.tamper(file, offset, 1));
        let report = report(issued);
        assert!(!report.is_signature_verified());
        let json = json(&report);
        assert_eq!(json["authenticity"]["status"], "failed");
        assert_eq!(json["authenticity"]["reason"], "signature_mismatch");
        assert!(!report.to_json().contains("\"signed\": true"));
    }
}

#[test]
fn a_tag_that_is_not_signed_cannot_change_what_is_shown_as_signed() {
    let swapped =
        CardBuilder::new(CardType::SecondResidenceCard).swapped(Field::CardExpiresOn, Field::DateOfBirth);
    let report = judged(&swapped);
    assert_eq!(report["authenticity"]["status"], "failed");
    assert_eq!(report["authenticity"]["reason"], "signed_data_malformed");
}

#[test]
fn what_is_outside_the_signature_can_be_changed_and_is_never_called_signed() {
    let mut issued = issue(&CardBuilder::new(CardType::SecondResidenceCard));
    // 個別許可 from 0 to 1.
    let permissions = issued.file(File::Permissions).unwrap();
    let last_value = permissions.iter().rposition(|&byte| byte == b'0').unwrap();
    assert!(issued.tamper(File::Permissions, last_value, 1));
    let report = json(&report(issued));
    assert_eq!(report["authenticity"]["status"], "verified");
    assert_eq!(report["fields"]["individual_permission"]["code"], "1");
    assert_eq!(report["fields"]["individual_permission"]["signed"], false);
}

#[test]
fn damage_outside_the_signature_is_a_problem_and_leaves_the_rest() {
    let mut issued = issue(&CardBuilder::new(CardType::SecondResidenceCard));
    issued.replace(File::Permissions, vec![0xD5; 22]);
    let report = json(&report(issued));
    assert_eq!(report["authenticity"]["status"], "verified");
    assert_eq!(report["fields"]["comprehensive_permission"], Value::Null);
    assert_eq!(report["problems"][0]["file"], "DF2/EF01");
}

#[test]
fn an_image_that_cannot_be_shown_is_a_problem() {
    let builder = CardBuilder::new(CardType::SecondResidenceCard).with(Field::NameImage, b"II*\0 no picture");
    let report = judged(&builder);
    assert_eq!(report["authenticity"]["status"], "verified");
    assert_eq!(report["images"]["name"]["width"], Value::Null);
    assert_eq!(report["problems"][0]["file"], "DF1/EF03");
}

#[test]
fn the_signature_s_own_result_stands_beside_an_expired_certificate() {
    let report =
        judged(&CardBuilder::new(CardType::SecondResidenceCard).certificate_fault(CertificateFault::Expired));
    assert_eq!(report["authenticity"]["signature_matches"], true);
    assert_eq!(
        report["authenticity"]["certificate_time"],
        json!({"status": "expired"})
    );
}

#[test]
fn another_number_on_the_chip_is_told() {
    let issued =
        issue(&CardBuilder::new(CardType::SecondResidenceCard).with(Field::CardNumber, "ZZ99999999ZZ"));
    let report = report(issued);
    assert_eq!(report.card.number_on_chip_matches, Some(false));
    assert!(report.to_string().contains("!! The chip states another number"));
    assert_eq!(report.problems[0].file, "DF1/EF01");
}

#[test]
fn cards_without_a_signature_are_not_verifiable() {
    for form in [
        NoSignature::TwoEmptyObjects,
        NoSignature::OneEmptyObject,
        NoSignature::Zeros,
        NoSignature::NoFile,
    ] {
        let report = judged(&CardBuilder::new(CardType::FirstResidenceCard).under_16(form));
        assert_eq!(report["authenticity"]["status"], "not_verifiable");
        assert_eq!(report["authenticity"]["reason"], "no_signature_on_card");
        assert_eq!(report["authenticity"]["signature_expected"], Value::Null);
        assert_eq!(report["images"]["face"], Value::Null);
        assert_eq!(report["images"]["front"]["signed"], false);
    }
}

#[test]
fn a_small_child_s_second_generation_card_has_no_face() {
    for form in [NoFace::EmptyObject, NoFace::NoObject, NoFace::BlankValue] {
        let report = judged(&CardBuilder::new(CardType::SecondResidenceCard).without_face(form));
        assert_eq!(report["images"]["face"], Value::Null);
        assert_eq!(report["authenticity"]["status"], "verified");
    }
}

#[test]
fn a_rewritten_permission_is_none() {
    let builder = CardBuilder::new(CardType::FirstResidenceCard).with_zeros(File::ComprehensivePermission);
    let report = judged(&builder);
    assert_eq!(report["fields"]["comprehensive_permission"]["text"], "");
    assert_eq!(report["problems"], json!([]));
}

#[test]
fn longer_length_forms_change_nothing() {
    for form in [LengthForm::Two, LengthForm::Three] {
        let builder = CardBuilder::new(CardType::SecondResidenceCard)
            .with_exactly(Field::CommissionerText, "")
            .length_form(Field::CommissionerEntry, form);
        assert_eq!(judged(&builder)["fields"]["commissioner_note"]["code"], "0");
    }
}

#[test]
fn certificates_give_their_own_reasons() {
    for (fault, reason) in [
        (CertificateFault::Expired, "certificate_expired"),
        (CertificateFault::NotYetValid, "certificate_not_yet_valid"),
        (CertificateFault::TamperedSignature, "untrusted_certificate"),
        (CertificateFault::TrailingGarbage, "certificate_malformed"),
    ] {
        for card_type in [CardType::FirstResidenceCard, CardType::SecondResidenceCard] {
            let report = judged(&CardBuilder::new(card_type).certificate_fault(fault));
            assert_eq!(report["authenticity"]["status"], "failed", "{fault:?}");
            assert_eq!(report["authenticity"]["reason"], reason, "{fault:?}");
        }
    }
}

#[test]
fn anchors_decide() {
    let issued = issue(&CardBuilder::new(CardType::SecondResidenceCard));
    let number = issued.number().clone();
    let reading = zairyu::read(&mut SoftwareCard::new(issued), &number).unwrap();
    let at: Timestamp = JUDGED_AT.parse().unwrap();
    let none = json(&reading.judge(&Anchors::new(), at));
    assert_eq!(
        (
            none["authenticity"]["status"].as_str(),
            none["authenticity"]["reason"].as_str()
        ),
        (Some("not_checked"), Some("no_anchor"))
    );
    let mut other = Anchors::new();
    other
        .add(&Issuer::other().ca_certificate(Generation::Second).unwrap())
        .unwrap();
    let other = json(&reading.judge(&other, at));
    assert_eq!(other["authenticity"]["reason"], "untrusted_certificate");
    assert_eq!(other["authenticity"]["trust_profile"], Value::Null);
}

#[test]
fn the_printed_day_is_over_at_midnight_in_japan() {
    let issued =
        issue(&CardBuilder::new(CardType::SecondResidenceCard).with(Field::CardExpiresOn, "20270331"));
    let number = issued.number().clone();
    let reading = zairyu::read(&mut SoftwareCard::new(issued), &number).unwrap();
    for (at, passed) in [
        ("2027-03-31T23:59:59+09:00", false),
        ("2027-03-31T15:00:00Z", true),
        ("2027-04-01T00:00:00+09:00", true),
    ] {
        let report = reading.judge(&anchors(), at.parse().unwrap());
        assert_eq!(report.printed_validity.unwrap().passed, passed, "{at}");
    }
}

#[test]
fn a_dump_gives_the_same_report() {
    for card_type in [
        CardType::FirstResidenceCard,
        CardType::SecondSpecialPermanentResident,
    ] {
        let issued = issue(&CardBuilder::new(card_type));
        let number = issued.number().clone();
        let reading = zairyu::read(&mut SoftwareCard::new(issued), &number).unwrap();
        let again = Reading::from_dump(&reading.to_dump()).unwrap();
        assert_eq!(again, reading);
        let at: Timestamp = JUDGED_AT.parse().unwrap();
        assert_eq!(
            again.judge(&anchors(), at).to_json(),
            reading.judge(&anchors(), at).to_json()
        );
    }
}

#[test]
fn the_text_shows_no_control_character_of_the_card() {
    let builder = CardBuilder::new(CardType::FirstResidenceCard).with(
        Field::Address,
        "東京都\u{1B}[2J\u{7}\r\n千代田区\u{9B}\u{202E}\u{200B}",
    );
    let text = report(issue(&builder)).to_string();
    assert!(text.contains("千代田区"));
    assert!(
        text.chars()
            .all(|character| character == '\n' || !character.is_control())
    );
}

#[test]
fn no_text_of_the_card_can_bear_the_mark_of_what_is_signed() {
    let builder = CardBuilder::new(CardType::SecondResidenceCard)
        .with(Field::CommissionerText, "\n[✓ signed] Work: anything");
    let text = report(issue(&builder)).to_string();
    let marked: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("[✓ signed] "))
        .collect();
    assert_eq!(marked.len(), 12, "ten entries and two images: {marked:?}");
    assert!(!marked.iter().any(|line| line.contains("anything")));
}

/// What a person is told first: the answers, each with what it does not prove; then what to do.
#[test]
fn the_text_begins_with_the_answers_and_each_line_stands_for_itself() {
    for language in Language::ALL {
        let text = report(issue(&CardBuilder::new(CardType::FirstResidenceCard))).to_text(language);
        let [_, banner, answers, next, _, pictures, footer] =
            text.split("\n\n").collect::<Vec<_>>().try_into().unwrap();
        assert!(banner.starts_with("!! "), "{banner}");
        // One limit under each answer, and why there was no lookup.
        let below = answers.lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!((answers.lines().count(), below), (9, 5), "{answers}");
        assert_eq!(next.lines().count(), 4, "{next}");
        assert_eq!(pictures.lines().count(), 3, "{pictures}");
        assert!(footer.contains("JST"), "{footer}");
        assert!(!text.contains("  : ") && !text.contains('\t'), "{text}");
        for line in text.lines() {
            assert_eq!(line.trim_end(), line);
        }
    }
}

#[test]
fn the_text_tells_in_the_reader_s_language_what_went_wrong_and_what_to_do() {
    let bad = CardBuilder::new(CardType::SecondResidenceCard).check_code(CheckCode::Bytes(vec![7; 96]));
    let report = report(issue(&bad));
    let ja = report.to_text(Language::Ja);
    assert!(ja.contains("ICチップの署名: 不一致"), "{ja}");
    assert!(ja.contains("カードの署名と内容が一致しません"), "{ja}");
    assert!(ja.contains("!! 通常と異なる点があります"), "{ja}");
    assert!(!ja.contains("✓"), "{ja}");
    let vi = report.to_text(Language::Vi);
    assert!(vi.contains("Chữ ký của chip: Không khớp"), "{vi}");
    assert!(vi.contains("!! Có điều bất thường"), "{vi}");
    let en = report.to_string();
    assert!(en.contains("Chip signature: Failed"), "{en}");
    assert!(
        en.contains("  The card's signature does not match its content"),
        "{en}"
    );
}

#[test]
fn the_text_tells_that_a_child_s_card_has_no_photo() {
    let child = CardBuilder::new(CardType::SecondResidenceCard).under_1(NoFace::NoObject);
    let text = report(issue(&child)).to_string();
    assert!(text.contains("\nThe chip holds no photo."), "{text}");
}

#[test]
fn a_dump_can_be_read_back_whatever_a_reading_brings() {
    let mut issued = issue(&CardBuilder::new(CardType::SecondResidenceCard));
    issued.replace(File::RenewalApplication, b"\xD8\x82\x00\x010".to_vec());
    let number = issued.number().clone();
    let reading = zairyu::read(&mut SoftwareCard::new(issued), &number).unwrap();
    assert_eq!(Reading::from_dump(&reading.to_dump()).unwrap(), reading);
}

#[test]
fn debug_shows_nothing_personal() {
    let issued = issue(&CardBuilder::new(CardType::SecondResidenceCard));
    let number = issued.number().clone();
    let reading = zairyu::read(&mut SoftwareCard::new(issued), &number).unwrap();
    let shown = format!(
        "{reading:?} {:?}",
        reading.judge(&anchors(), JUDGED_AT.parse().unwrap())
    );
    for personal in ["AB12345678CD", "1985", "USA", "T410010000"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}
