//! What the fuzz targets do with an input. `fuzz_targets/` links each of them with libFuzzer; the test below replays
//! seeds and regressions without it.
//!
//! A target fails by panicking. Besides not panicking by itself, the code under test is held to invariants, which each
//! target's documentation names.

#![forbid(unsafe_code)]

pub mod anchors;
pub mod answer;
pub mod card_type;
pub mod certificate;
pub mod certificate_mutation;
pub mod drivers;
pub mod dump;
pub mod evidence;
pub mod first_files;
pub mod jpeg;
pub mod jpeg2000;
pub mod my_number_files;
pub mod my_number_session;
pub mod operation_sequences;
pub mod recording;
pub mod redaction;
pub mod report;
pub mod second_files;
pub mod seeds;
pub mod service_page;
pub mod signature_file;
pub mod specified_session;
pub mod tiff;
pub mod tlv;
pub mod whole_session;

mod asn1;
mod files;
mod genuine;
mod image;
mod input;
mod memory;
mod session;

/// A target's name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 24] = [
    ("anchors", anchors::run),
    ("answer", answer::run),
    ("card_type", card_type::run),
    ("certificate", certificate::run),
    ("certificate_mutation", certificate_mutation::run),
    ("drivers", drivers::run),
    ("dump", dump::run),
    ("evidence", evidence::run),
    ("first_files", first_files::run),
    ("jpeg", jpeg::run),
    ("jpeg2000", jpeg2000::run),
    ("my_number_files", my_number_files::run),
    ("my_number_session", my_number_session::run),
    ("operation_sequences", operation_sequences::run),
    ("recording", recording::run),
    ("redaction", redaction::run),
    ("report", report::run),
    ("second_files", second_files::run),
    ("service_page", service_page::run),
    ("signature_file", signature_file::run),
    ("specified_session", specified_session::run),
    ("tiff", tiff::run),
    ("tlv", tlv::run),
    ("whole_session", whole_session::run),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::panic;
    use std::path::{Path, PathBuf};

    use super::*;

    fn folder(kind: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(kind)
    }

    /// Names and contents of the files in `seeds/` or `regressions/`, by target.
    fn inputs(kind: &str) -> BTreeMap<(String, String), Vec<u8>> {
        let mut inputs = BTreeMap::new();
        for target in fs::read_dir(folder(kind)).unwrap().flatten() {
            for input in fs::read_dir(target.path()).into_iter().flatten().flatten() {
                let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
                inputs.insert((name(&target), name(&input)), fs::read(input.path()).unwrap());
            }
        }
        inputs
    }

    /// One test and not several: memory is counted for the whole process.
    #[test]
    fn targets_seeds_and_regressions() {
        asn1::tests::certificates_are_written_as_they_were_read();
        asn1::tests::other_lengths_are_the_same_certificate();
        every_target_has_its_program();
        seeds_are_as_generated();
        seeds_and_regressions_pass();
        changed_seeds_pass();
    }

    fn seeds_are_as_generated() {
        let generated: BTreeMap<_, _> = seeds::all()
            .into_iter()
            .map(|seed| ((seed.target.to_owned(), seed.name), seed.bytes))
            .collect();
        let stored = inputs("seeds");
        let different: Vec<_> = generated
            .keys()
            .chain(stored.keys())
            .filter(|name| generated.get(name) != stored.get(name))
            .collect();
        assert!(
            different.is_empty(),
            "run `cargo run --example make_seeds`: {different:?}"
        );
    }

    fn seeds_and_regressions_pass() {
        let (seeds, regressions) = (inputs("seeds"), inputs("regressions"));
        for (name, run) in TARGETS {
            assert!(
                seeds.keys().any(|(target, _)| target == name),
                "{name} has no seed"
            );
            run(b"");
            for ((target, input), bytes) in seeds.iter().chain(&regressions) {
                if target == name {
                    println!("{target}/{input}");
                    run(bytes);
                }
            }
        }
        for (target, _) in seeds.keys().chain(regressions.keys()) {
            assert!(
                TARGETS.iter().any(|(name, _)| name == target),
                "no target {target}"
            );
        }
    }

    /// A brief run without libFuzzer, the same each time.
    fn changed_seeds_pass() {
        const RUNS: usize = 1000;
        let seeds = inputs("seeds");
        let mut random = Random(1);
        for (name, run) in TARGETS {
            let of_target = seeds.iter().filter(|((target, _), _)| target == name);
            let of_target: Vec<&Vec<u8>> = of_target.map(|(_, bytes)| bytes).collect();
            for _ in 0..RUNS {
                let mut input = of_target[random.below(of_target.len())].clone();
                let other = of_target[random.below(of_target.len())];
                for _ in 0..=random.below(4) {
                    change(&mut input, other, &mut random);
                }
                if panic::catch_unwind(|| run(&input)).is_err() {
                    let artifacts = folder("artifacts").join(name);
                    fs::create_dir_all(&artifacts).unwrap();
                    fs::write(artifacts.join("changed-seed"), &input).unwrap();
                    panic!("{name} fails at artifacts/{name}/changed-seed");
                }
            }
        }
    }

    /// Marsaglia's xorshift64.
    struct Random(u64);

    impl Random {
        /// A number below `end`; 0 if that is 0.
        fn below(&mut self, end: usize) -> usize {
            for shift in [13, -7, 17] {
                self.0 ^= if shift > 0 {
                    self.0 << shift
                } else {
                    self.0 >> -shift
                };
            }
            usize::try_from(self.0 >> 16)
                .unwrap()
                .checked_rem(end)
                .unwrap_or(0)
        }
    }

    fn change(input: &mut Vec<u8>, other: &[u8], random: &mut Random) {
        let at = random.below(input.len());
        match random.below(6) {
            0 => input.truncate(at),
            1 => {
                let from = random.below(other.len());
                input.truncate(at);
                input.extend(&other[from..]);
            }
            2 => {
                let piece: Vec<u8> = other
                    .iter()
                    .skip(random.below(other.len()))
                    .take(8)
                    .copied()
                    .collect();
                input.splice(at..at, piece);
            }
            3 => drop(input.drain(at..(at + random.below(9)).min(input.len()))),
            what => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = match what {
                        4 => *byte ^ (1 << random.below(8)),
                        _ => [0x00, 0x01, 0x7F, 0x80, 0x81, 0xFF][random.below(6)],
                    };
                }
            }
        }
    }

    fn every_target_has_its_program() {
        let programs = fs::read_dir(folder("fuzz_targets")).unwrap().count();
        assert_eq!(programs, TARGETS.len());
        for (name, _) in TARGETS {
            let program = fs::read_to_string(folder("fuzz_targets").join(format!("{name}.rs"))).unwrap();
            assert!(program.contains(&format!("zairyu_fuzz::{name}::run")));
        }
    }
}
