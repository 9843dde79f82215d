//! No header makes this crate ask for more memory than its budget stands for.
//!
//! Alone in its file: it reads the peak of the whole process.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use zairyu_image::{Budget, decode};

/// The most address space this process ever had, in KiB: an allocation counts though no byte of it is
/// touched.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmPeak:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/samples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Numbers without a pattern (SplitMix64), the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }
}

#[test]
fn headers_do_not_drive_allocation() {
    // With one arena, glibc reserves no address space in advance, which would hide what this test looks for.
    if std::env::var_os("MALLOC_ARENA_MAX").is_none() {
        let this = std::env::current_exe().unwrap();
        let output = std::process::Command::new(this)
            .env("MALLOC_ARENA_MAX", "1")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        return;
    }

    let samples = [
        ("text-ii.tif", 450),
        ("text-mm-lsb-black-strips.tif", 606),
        ("face-97.j2k", 140),
        ("face-97.jp2", 220),
        ("face-tiles.j2k", 140),
        ("face-layers.j2k", 140),
    ]
    .map(|(name, header)| (sample(name), header));
    for (bytes, _) in &samples {
        assert!(decode(bytes, &Budget::default()).unwrap().is_some());
    }
    let before = peak();

    for name in ["largest.tif", "largest.j2k"] {
        assert!(
            decode(&sample(name), &Budget::default()).unwrap().is_some(),
            "{name}"
        );
    }
    let largest = peak() - before;
    assert!(largest < 64 * 1024, "{largest} KiB for the largest pictures");

    let mut numbers = Numbers(1);
    for round in 0..12_000 {
        let (bytes, header) = &samples[round % samples.len()];
        let mut bytes = bytes.clone();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(*header);
            // Bytes that make large numbers, and any.
            bytes[at] = match numbers.below(4) {
                0 => 0xff,
                1 => 0x7f,
                2 => 1 << numbers.below(8),
                _ => u8::try_from(numbers.below(256)).unwrap(),
            };
        }
        let _ = decode(&bytes, &Budget::default());
    }
    let grown = peak() - before;

    assert!(grown < 64 * 1024, "{grown} KiB");

    // What this test would see: 100 MiB, not one byte of them touched.
    drop(std::hint::black_box(vec![0_u8; 100 << 20]));
    assert!(peak() - before > 64 * 1024);
}
