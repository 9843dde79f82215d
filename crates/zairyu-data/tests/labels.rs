//! Codes and their labels: the Japanese of the specifications' tables, nationalities, periods of stay.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod specimen;

use bytes::Bytes;
use specimen::{card, object, second};
use zairyu_data::{
    CardType, CommissionerEntry, ComprehensivePermission, File, IndividualPermission, Labelled, Nationality,
    PeriodOfStay, RenewalApplication, Sex, StayLength, WorkRestriction, second::PrintedEntries,
};

fn entry(tag: u8, code: &[u8]) -> PrintedEntries {
    PrintedEntries::parse(&Bytes::from(object(&[tag], code))).unwrap()
}

fn labels(code: &impl Labelled) -> (&str, Option<&'static str>, Option<&'static str>) {
    (code.code(), code.ja(), code.en())
}

fn sex(code: &str) -> Sex {
    entry(0xC7, code.as_bytes()).sex.unwrap()
}

fn nationality(code: &str) -> Nationality {
    entry(0xC8, code.as_bytes()).nationality.unwrap()
}

fn work_restriction(code: &str) -> WorkRestriction {
    entry(0xCC, code.as_bytes()).work_restriction.unwrap()
}

fn period_of_stay(code: &[u8]) -> PeriodOfStay {
    entry(0xCE, code).period_of_stay.unwrap()
}

fn permissions(comprehensive: &str, individual: &str) -> (ComprehensivePermission, IndividualPermission) {
    let file = [
        object(&[0xD5], comprehensive.as_bytes()),
        object(&[0xD7], individual.as_bytes()),
    ]
    .concat();
    let card = second(&card(
        CardType::SecondResidenceCard,
        &[(File::Permissions, &file)],
    ));
    let permissions = card.permissions.unwrap().unwrap();
    (permissions.comprehensive, permissions.individual)
}

fn renewal_application(code: &str) -> RenewalApplication {
    let file = object(&[0xD8], code.as_bytes());
    let card = second(&card(
        CardType::SecondResidenceCard,
        &[(File::RenewalApplication, &file)],
    ));
    card.renewal_application.unwrap().unwrap()
}

fn commissioner_entry(code: &str) -> CommissionerEntry {
    let file = object(&[0xD9], code.as_bytes());
    let card = second(&card(
        CardType::SecondResidenceCard,
        &[(File::CommissionerNote, &file)],
    ));
    card.commissioner_note.unwrap().unwrap().entry
}

#[test]
fn sexes() {
    assert!(sex("1") == Sex::Male && sex("2") == Sex::Female && sex("3") == Sex::Unspecified);
    assert_eq!(labels(&sex("1")), ("1", Some("男"), Some("male")));
    assert_eq!(labels(&sex("2")), ("2", Some("女"), Some("female")));
    // Two public readers word it differently, 不詳 and 未指定.
    assert_eq!(
        labels(&sex("3")),
        ("3", Some("不詳・未指定"), Some("unspecified"))
    );
}

#[test]
fn work_restrictions() {
    for (code, value, ja) in [
        ("1", WorkRestriction::None, "就労制限なし"),
        (
            "2",
            WorkRestriction::StatusOfResidence,
            "在留資格に基づく就労活動のみ可",
        ),
        (
            "4",
            WorkRestriction::Designation,
            "指定書により指定された就労活動のみ可",
        ),
        ("9", WorkRestriction::NotPermitted, "就労不可"),
    ] {
        assert!(work_restriction(code) == value);
        assert_eq!(value.code(), code);
        assert_eq!(value.ja(), Some(ja));
        assert!(value.en().is_some());
    }
}

#[test]
fn comprehensive_permissions() {
    for (code, value, ja) in [
        ("0", ComprehensivePermission::None, "無し"),
        (
            "1",
            ComprehensivePermission::TwentyEightHours,
            "許可（週28時間以内・風俗営業等不可）",
        ),
        (
            "2",
            ComprehensivePermission::TwentyEightHoursEducation,
            "許可（週28時間以内・教育等の活動）",
        ),
    ] {
        // Seven bytes are reserved for the one that is written.
        for written in [
            code.to_owned(),
            format!("{code}\0\0\0\0\0\0"),
            format!("{code}      "),
        ] {
            assert!(permissions(&written, "0").0 == value);
        }
        assert_eq!(value.code(), code);
        assert_eq!(value.ja(), Some(ja));
        assert!(value.en().is_some());
    }
}

#[test]
fn yes_or_no() {
    let (_, none) = permissions("0", "0");
    let (_, granted) = permissions("0", "1");
    assert!(none == IndividualPermission::None && granted == IndividualPermission::Granted);
    assert_eq!(labels(&none), ("0", Some("無し"), Some("none")));
    assert_eq!(labels(&granted), ("1", Some("有り"), Some("granted")));

    assert_eq!(
        labels(&renewal_application("0")),
        ("0", Some("無し"), Some("none"))
    );
    assert_eq!(
        labels(&renewal_application("1")),
        ("1", Some("申請中"), Some("application pending"))
    );

    assert_eq!(
        labels(&commissioner_entry("0")),
        ("0", Some("無し"), Some("none"))
    );
    assert_eq!(
        labels(&commissioner_entry("1")),
        ("1", Some("記録あり"), Some("recorded"))
    );
}

#[test]
fn unknown_codes_stand_as_they_are_and_have_no_label() {
    for code in ["0", "4", "9", "11", "01", "男", "１"] {
        assert_eq!(labels(&sex(code)), (code, None, None));
    }
    for code in ["0", "3", "5", "6", "7", "8", "A"] {
        assert_eq!(labels(&work_restriction(code)), (code, None, None));
    }
    for code in ["3", "9", "0000001", "1000000"] {
        assert_eq!(labels(&permissions(code, "0").0), (code, None, None));
    }
    for code in ["2", "9", "-"] {
        assert_eq!(labels(&permissions("0", code).1), (code, None, None));
        assert_eq!(labels(&renewal_application(code)), (code, None, None));
        assert_eq!(labels(&commissioner_entry(code)), (code, None, None));
    }
    // Blank: a code of no characters, not one that means "none".
    for blank in ["", "\0", " "] {
        assert_eq!(labels(&sex(blank)), ("", None, None));
        assert_eq!(labels(&renewal_application(blank)), ("", None, None));
        let (comprehensive, individual) = permissions(blank, blank);
        assert_eq!(labels(&comprehensive), ("", None, None));
        assert_eq!(labels(&individual), ("", None, None));
    }
}

#[test]
fn codes_without_a_public_table() {
    let status = entry(0xC9, b"T410010000").residence_status.unwrap();
    assert_eq!(labels(&status), ("T410010000", None, None));
    let permission = entry(0xCA, b"0A").permission_type.unwrap();
    assert_eq!(labels(&permission), ("0A", None, None));
}

#[test]
fn nationalities() {
    for (code, ja, en) in [
        ("USA", "米国", "United States"),
        ("PAK", "パキスタン", "Pakistan"),
        ("VNM", "ベトナム", "Vietnam"),
        ("PRK", "朝鮮", "North Korea"),
        ("KOR", "韓国", "South Korea"),
        ("CHN", "中国", "China"),
        ("TWN", "台湾", "Taiwan"),
        ("GEO", "ジョージア", "Georgia"),
        ("GBR", "英国", "United Kingdom"),
        ("PSE", "パレスチナ", "Palestine"),
        // First and last of the table.
        ("ABW", "アルバ", "Aruba"),
        ("ZWE", "ジンバブエ", "Zimbabwe"),
    ] {
        assert_eq!(labels(&nationality(code)), (code, Some(ja), Some(en)));
    }
}

#[test]
fn nationalities_outside_iso_3166_have_no_label() {
    for code in [
        "XXA", "XXX", "UNO", "GBD", "XKX", "ROM", "vnm", "VN", "VNMM", "", "999", "米国",
    ] {
        assert_eq!(labels(&nationality(code)), (code, None, None));
    }
}

/// ISO 3166-1 alpha-3, all 249 codes.
const ISO_3166_1: &str = "\
    ABWAFGAGOAIAALAALBANDAREARGARMASMATAATFATGAUSAUTAZEBDIBELBENBESBFABGDBGRBHRBHSBIHBLMBLRBLZBMUBOLBRABRBBRNBTN\
    BVTBWACAFCANCCKCHECHLCHNCIVCMRCODCOGCOKCOLCOMCPVCRICUBCUWCXRCYMCYPCZEDEUDJIDMADNKDOMDZAECUEGYERIESHESPESTETH\
    FINFJIFLKFRAFROFSMGABGBRGEOGGYGHAGIBGINGLPGMBGNBGNQGRCGRDGRLGTMGUFGUMGUYHKGHMDHNDHRVHTIHUNIDNIMNINDIOTIRLIRN\
    IRQISLISRITAJAMJEYJORJPNKAZKENKGZKHMKIRKNAKORKWTLAOLBNLBRLBYLCALIELKALSOLTULUXLVAMACMAFMARMCOMDAMDGMDVMEXMHL\
    MKDMLIMLTMMRMNEMNGMNPMOZMRTMSRMTQMUSMWIMYSMYTNAMNCLNERNFKNGANICNIUNLDNORNPLNRUNZLOMNPAKPANPCNPERPHLPLWPNGPOL\
    PRIPRKPRTPRYPSEPYFQATREUROURUSRWASAUSDNSENSGPSGSSHNSJMSLBSLESLVSMRSOMSPMSRBSSDSTPSURSVKSVNSWESWZSXMSYCSYRTCA\
    TCDTGOTHATJKTKLTKMTLSTONTTOTUNTURTUVTWNTZAUGAUKRUMIURYUSAUZBVATVCTVENVGBVIRVNMVUTWLFWSMYEMZAFZMBZWE";

/// Tried with every code of three letters. A row out of order or there twice would leave one of the 249 not found,
/// because the table has 249 rows by its type.
#[test]
fn the_table_of_nationalities_is_exactly_iso_3166_1() {
    let letters = b'A'..=b'Z';
    let mut found = String::new();
    let (mut ja_names, mut en_names) = (Vec::new(), Vec::new());
    for first in letters.clone() {
        for second in letters.clone() {
            for third in letters.clone() {
                let code = String::from_utf8(vec![first, second, third]).unwrap();
                let nationality = nationality(&code);
                assert_eq!(nationality.ja().is_some(), nationality.en().is_some());
                if let (Some(ja), Some(en)) = (nationality.ja(), nationality.en()) {
                    found.push_str(&code);
                    ja_names.push(ja);
                    en_names.push(en);
                }
            }
        }
    }
    assert_eq!(found, ISO_3166_1);
    assert_eq!(found.len(), 249 * 3);
    for mut names in [ja_names, en_names] {
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 249, "no name stands for two codes");
    }
}

#[test]
fn periods_of_stay() {
    let months = |years, months| StayLength::YearsAndMonths { years, months };
    for (code, length) in [
        ("0000", StayLength::Indefinite),
        ("0010", months(0, 10)),
        ("0003", months(0, 3)),
        ("0103", months(1, 3)),
        ("0300", months(3, 0)),
        ("0500", months(5, 0)),
        ("9999", months(99, 99)),
        ("090", StayLength::Days(90)),
        ("015", StayLength::Days(15)),
        ("000", StayLength::Days(0)),
        ("999", StayLength::Days(999)),
        ("", StayLength::Unknown),
        ("1", StayLength::Unknown),
        ("90", StayLength::Unknown),
        ("00000", StayLength::Unknown),
        ("1Y3M", StayLength::Unknown),
        ("+100", StayLength::Unknown),
        (" 090", StayLength::Unknown),
        ("-10", StayLength::Unknown),
        ("年", StayLength::Unknown),
        ("１年", StayLength::Unknown),
    ] {
        let period = period_of_stay(code.as_bytes());
        assert_eq!(period.code(), code);
        assert!(period.length() == length, "{code}");
    }
    // Three digits fill four bytes.
    for padded in [&b"090\0"[..], b"090 "] {
        let period = period_of_stay(padded);
        assert_eq!(period.code(), "090");
        assert!(period.length() == StayLength::Days(90));
    }
}
