//! Class 2: the card returns less: no body, no status word, no object that must be there.
//!
//! NFCPassportReader #57, #86, #108, #168, #170 (index out of range), gmrtd #31 and #274 (a short object 99), OpenSC
//! CVE-2024-45616 and CVE-2024-45617.

use zairyu::data::CardType;
use zairyu::transport::{Fault, FaultInjector, Limits};
use zairyu_testcard::{CardBuilder, Field};

use crate::{Bounded, TYPES, card, check_sound, commands, good, issue, report};

/// Short responses have 258 bytes at most, so that each length can be tried at each command.
#[test]
fn every_response_cut_at_every_byte() {
    let mut cases = 0;
    for (card_type, limits) in TYPES.into_iter().zip([Limits::EXTENDED, Limits::SHORT]) {
        let issued = good(card_type);
        for at in 0..commands(&issued, limits) {
            // The middle of a cryptogram is like any other place in it.
            for length in (0..24).chain((24..250).step_by(45)).chain(252..258) {
                let faulty = FaultInjector::new(card(&issued, limits)).inject(at, Fault::Cut(length));
                let result = zairyu::read(&mut Bounded::new(faulty), issued.number());
                check_sound(&result, &issued);
                cases += 1;
            }
        }
    }
    println!("{cases} cut responses");
}

#[test]
fn every_response_without_data() {
    for card_type in TYPES {
        let issued = good(card_type);
        for limits in [Limits::SHORT, Limits::EXTENDED] {
            for at in 0..commands(&issued, limits) {
                for fault in [
                    Fault::NoData,
                    Fault::Response(Vec::new()),
                    Fault::Response(vec![0x90]),
                ] {
                    let faulty = FaultInjector::new(card(&issued, limits)).inject(at, fault);
                    let result = zairyu::read(&mut Bounded::new(faulty), issued.number());
                    check_sound(&result, &issued);
                }
            }
        }
    }
}

#[test]
fn every_object_left_out() {
    let fields = [
        Field::SpecificationVersion,
        Field::FaceImage,
        Field::NameImage,
        Field::AddressImage,
        Field::CardNumber,
        Field::CardExpiresOn,
        Field::DateOfBirth,
        Field::Nationality,
        Field::PeriodOfStay,
        Field::StayExpiresOn,
        Field::ComprehensivePermission,
        Field::IndividualPermission,
        Field::RenewalApplication,
        Field::CommissionerEntry,
        Field::CommissionerText,
    ];
    for field in fields {
        let issued = issue(&CardBuilder::new(CardType::SecondResidenceCard).without(field));
        let report = report(&issued);
        let told = !report.problems.is_empty() || !report.is_signature_verified();
        let may_be_missing = matches!(
            field,
            Field::FaceImage
                | Field::AddressImage
                | Field::SpecificationVersion
                | Field::CardNumber
                | Field::CommissionerText
        );
        assert!(
            told || may_be_missing,
            "{field:?} is missing, and nothing says so"
        );
    }
}

#[test]
fn every_file_left_out() {
    for card_type in TYPES {
        let files: Vec<_> = good(card_type)
            .card_files()
            .iter()
            .map(|(file, _)| file)
            .collect();
        for file in files {
            let mut issued = good(card_type);
            issued.remove(file);
            let result = zairyu::read(&mut card(&issued, Limits::EXTENDED), issued.number());
            check_sound(&result, &issued);
        }
    }
}
