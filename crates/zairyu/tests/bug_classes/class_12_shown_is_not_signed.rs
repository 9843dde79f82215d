//! Class 12: what is shown is not what was signed.
//!
//! GHSA-rxpx-26p9-4xvr and GHSA-g258-q5gf-7hvx (only the first signature of several, a range that is not the whole). The
//! types carry it: only a verified content can be shown as signed. `zairyu-verify` tries every byte of the signed data
//! (`alterations.rs`); here it is what the report says.

use zairyu::data::{CardType, File};
use zairyu_testcard::{CardBuilder, Field};

use crate::{SIGNED, TYPES, good, issue, json, report};

#[test]
fn a_flipped_bit_in_a_signed_file_leaves_nothing_signed() {
    let mut cases = 0;
    for card_type in TYPES {
        let issued = good(card_type);
        let genuine = report(&issued).to_json();
        assert!(genuine.contains("\"signed\": true"));
        for file in SIGNED {
            let Some(content) = issued.file(file) else {
                continue;
            };
            // Every byte of the entries that a person reads, and some of each picture.
            let step = if file == File::PrintedEntries { 1 } else { 97 };
            for offset in (0..content.len()).step_by(step) {
                let mut tampered = issued.clone();
                assert!(tampered.tamper(file, offset, 0x01));
                if report_is_of_the_filler(&issued, file, offset) {
                    continue;
                }
                let report = report(&tampered);
                assert!(!report.is_signature_verified(), "{card_type:?} {file} {offset}");
                assert!(!report.to_json().contains("\"signed\": true"));
                assert!(!report.to_string().contains(" *\n"));
                cases += 1;
            }
        }
    }
    println!("{cases} flipped bits");
    assert!(cases > 200);
}

/// Behind the last object there is nothing to show or sign.
fn report_is_of_the_filler(issued: &zairyu_testcard::IssuedCard, file: File, offset: usize) -> bool {
    let content = issued.file(file).unwrap();
    file == File::Signature && offset >= crate::without_filler(content).len()
}

#[test]
fn what_is_not_signed_is_never_marked_as_signed() {
    let builder = CardBuilder::new(CardType::SecondResidenceCard)
        .with(Field::CommissionerText, "anything")
        .with(Field::IndividualPermission, "1")
        .with(Field::RenewalApplication, "1");
    let json = json(&report(&issue(&builder)));
    assert_eq!(json["authenticity"]["status"], "verified");
    for field in [
        "commissioner_note",
        "individual_permission",
        "comprehensive_permission",
        "renewal_pending",
    ] {
        assert_eq!(json["fields"][field]["signed"], false, "{field}");
    }
    assert_eq!(json["images"]["address"]["signed"], false);
}

/// The tags are not part of the signed message. An entry in another's place would be shown as something else.
#[test]
fn entries_that_change_places_are_not_signed() {
    let dates = [
        Field::CardExpiresOn,
        Field::DateOfBirth,
        Field::PermissionDate,
        Field::StayExpiresOn,
    ];
    for (one, other) in dates
        .iter()
        .flat_map(|one| dates.iter().map(move |other| (*one, *other)))
    {
        if one == other {
            continue;
        }
        let builder = CardBuilder::new(CardType::SecondResidenceCard).swapped(one, other);
        assert!(
            !report(&issue(&builder)).is_signature_verified(),
            "{one:?} {other:?}"
        );
    }
}

/// A second object of a tag that is signed, in the same file and in another one.
#[test]
fn a_second_value_beside_the_signed_one_is_refused() {
    let issued = good(CardType::SecondResidenceCard);
    let entries = issued.file(File::PrintedEntries).unwrap();
    let object = b"\xC6\x0819991231";
    for content in [[object, entries].concat(), [entries, &object[..]].concat()] {
        let mut twice = issued.clone();
        twice.replace(File::PrintedEntries, content);
        assert!(!report(&twice).is_signature_verified());
    }
    let mut elsewhere = issued.clone();
    elsewhere.replace(File::RenewalApplication, [&b"\xD8\x010"[..], object].concat());
    let json = json(&report(&elsewhere));
    assert_eq!(json["fields"]["date_of_birth"]["value"], "1985-12-31");
}
