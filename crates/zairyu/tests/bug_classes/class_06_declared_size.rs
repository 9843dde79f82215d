//! Class 6: a declared size or count drives what is allocated.
//!
//! gmrtd #323 (a count of names) and its `readfile_dos_test.go` (a file of 4 GB), image-rs #2513 (a picture of 30
//! bytes). The cases run in a child process that may have 96 MiB more memory than an undisturbed reading takes.
#![cfg(target_os = "linux")]

use std::process::Command;

use zairyu::data::{CardType, File};
use zairyu::transport::{Fault, FaultInjector, Limits};
use zairyu_testcard::{CardBuilder, Field};

use crate::{Bounded, card, check_sound, commands, good, issue, report};

/// Set in the child.
const CHILD: &str = "ZAIRYU_LIMITED_CHILD";

/// Address space in KiB: the program, its threads' stacks, a good reading and 96 MiB.
const LIMIT: u32 = 96 * 1024;

/// Runs one of the tests below alone, with bounded memory; whether it ended well.
fn succeeds_with_little_memory(test: &str) -> bool {
    // The kernel counts address space: before main, a test program takes some 10 MiB and each thread 2 MiB of stack.
    let script = format!("ulimit -v {} && exec \"$0\" \"$@\"", LIMIT + 64 * 1024);
    let output = Command::new("sh")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--test-threads=1", "--nocapture"])
        .env(CHILD, "1")
        .env("MALLOC_ARENA_MAX", "1")
        .output()
        .unwrap();
    if !output.status.success() {
        println!("{}", String::from_utf8_lossy(&output.stderr));
    }
    output.status.success()
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// What the limit is worth: this allocates what it should not.
#[test]
fn the_limit_is_one() {
    if is_child() {
        std::hint::black_box(vec![0_u8; 512 << 20]);
        return;
    }
    assert!(!succeeds_with_little_memory(
        "class_06_declared_size::the_limit_is_one"
    ));
}

#[test]
fn declared_lengths_of_files_and_answers() {
    if !is_child() {
        assert!(succeeds_with_little_memory(
            "class_06_declared_size::declared_lengths_of_files_and_answers"
        ));
        return;
    }
    let issued = good(CardType::SecondResidenceCard);
    for at in 0..commands(&issued, Limits::EXTENDED) {
        for answer in [
            &b"\xC1\x82\xFF\xFF\x90\x00"[..],
            b"\x86\x84\xFF\xFF\xFF\xFF\x01\x90\x00",
            b"\x86\x82\xFF\xFF\x01\x90\x00",
        ] {
            let faulty = FaultInjector::new(card(&issued, Limits::EXTENDED))
                .inject(at, Fault::Response(answer.to_vec()));
            check_sound(&zairyu::read(&mut Bounded::new(faulty), issued.number()), &issued);
        }
    }
    for file in [File::PrintedEntries, File::NameAndFaceImage, File::Signature] {
        let mut issued = good(CardType::SecondResidenceCard);
        issued.replace(file, b"\xC5\x82\xFF\xFF1".to_vec());
        assert!(!report(&issued).is_signature_verified());
    }
}

/// Pictures of a few dozen bytes that claim to be enormous.
#[test]
fn declared_sizes_of_pictures() {
    if !is_child() {
        assert!(succeeds_with_little_memory(
            "class_06_declared_size::declared_sizes_of_pictures"
        ));
        return;
    }
    let mut pictures = Vec::new();
    for side in [2_048_u32, 65_535, 1 << 24, u32::MAX] {
        // TIFF, little-endian: width, height, one bit, Group 4, one strip of as many bytes.
        let entries = [
            (256, side),
            (257, side),
            (258, 1),
            (259, 4),
            (273, 8),
            (278, side),
            (279, side),
        ];
        let mut tiff = b"II*\0\x08\0\0\0\x07\0".to_vec();
        for (tag, value) in entries {
            tiff.extend(u16::to_le_bytes(tag));
            tiff.extend([4, 0, 1, 0, 0, 0]);
            tiff.extend(value.to_le_bytes());
        }
        tiff.extend([0; 4]);
        pictures.push((side, tiff));
        // A JPEG 2000 codestream: SOC, SIZ with sides, tiles of the same size, three components, and the end.
        let mut codestream = b"\xFF\x4F\xFF\x51\x00\x2F\x00\x00".to_vec();
        for number in [side, side, 0, 0, side, side, 0, 0] {
            codestream.extend(number.to_be_bytes());
        }
        codestream.extend(b"\x00\x03\x07\x01\x01\x07\x01\x01\x07\x01\x01\xFF\xD9");
        pictures.push((side, codestream));
    }
    // JPEG: a frame of 65,535 by 65,535 with three components.
    let jpeg =
        b"\xFF\xD8\xFF\xC0\x00\x11\x08\xFF\xFF\xFF\xFF\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00\xFF\xD9";
    pictures.push((65_535, jpeg.to_vec()));
    for (side, picture) in pictures {
        for field in [Field::FaceImage, Field::NameImage, Field::AddressImage] {
            let builder = CardBuilder::new(CardType::SecondResidenceCard).with(field, &picture);
            let report = report(&issue(&builder));
            assert!(report.is_signature_verified());
            let shown = report
                .images
                .iter()
                .filter(|(_, image)| image.decode().is_ok())
                .count();
            assert_eq!(shown, 2, "{field:?} of {side}");
        }
    }
}
