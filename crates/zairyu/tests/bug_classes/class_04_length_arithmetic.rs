//! Class 4: arithmetic with lengths, above all where a length has 32 bits.
//!
//! gmrtd #338 (panic on 32-bit systems), OpenSC CVE-2024-45619, CVE-2024-45620, CVE-2025-66037. `zairyu-tlv` tests the
//! same rules one by one; arithmetic that could overflow is written with `checked_` and `saturating_` operations.

use zairyu::data::File;
use zairyu::transport::{Callback, Fault, FaultInjector, Limits};

use crate::{Bounded, TYPES, card, check_sound, commands, good};

/// A tag and each form of a length, from the shortest to eight bytes of ones, with few bytes behind it or none.
fn length_forms() -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for tag in [&[0xC1][..], &[0xDF, 0xD1], &[0x86], &[0x30]] {
        for count in 0..=8_u8 {
            for byte in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
                let length = vec![byte; usize::from(count)];
                for value in [&b""[..], b"1", &[0x30; 40]] {
                    forms.push([tag, &[0x80 | count], &length, value].concat());
                }
            }
        }
    }
    forms
}

#[test]
fn every_form_of_a_length_in_every_file() {
    let mut cases = 0;
    for card_type in TYPES {
        let files: Vec<_> = good(card_type)
            .card_files()
            .iter()
            .map(|(file, _)| file)
            .collect();
        for file in files {
            // Files under the MF decide how the reading goes on.
            let forms = length_forms().into_iter();
            let step = if matches!(file, File::CardType | File::CommonData) {
                3
            } else {
                17
            };
            for form in forms.step_by(step) {
                let mut issued = good(card_type);
                issued.replace(file, form);
                let mut bounded = Bounded::new(card(&issued, Limits::EXTENDED));
                let result = zairyu::read(&mut bounded, issued.number());
                check_sound(&result, &issued);
                cases += 1;
            }
        }
    }
    println!("{cases} files");
}

#[test]
fn every_form_of_a_length_in_every_answer() {
    for card_type in TYPES {
        let issued = good(card_type);
        for at in 0..commands(&issued, Limits::EXTENDED) {
            for form in length_forms().into_iter().step_by(23) {
                let answer = [&form[..], &[0x90, 0x00]].concat();
                let faulty =
                    FaultInjector::new(card(&issued, Limits::EXTENDED)).inject(at, Fault::Response(answer));
                let result = zairyu::read(&mut Bounded::new(faulty), issued.number());
                check_sound(&result, &issued);
            }
        }
    }
}

/// What a transport says of itself is a number too.
#[test]
fn limits_of_any_size() {
    for card_type in TYPES {
        let issued = good(card_type);
        for command in [0, 45, 46, usize::MAX] {
            for response in [0, 127, 128, 258, 65_538, usize::MAX] {
                let mut card = card(&issued, Limits::EXTENDED);
                let mut phone = Callback::new(Limits::new(command, response), |bytes: &[u8]| {
                    assert!(bytes.len() <= command);
                    Ok(card.process(bytes))
                });
                let result = zairyu::read(&mut phone, issued.number());
                assert_eq!(
                    result.is_ok(),
                    command >= 46 && response >= 128,
                    "{command} {response}"
                );
            }
        }
    }
}
