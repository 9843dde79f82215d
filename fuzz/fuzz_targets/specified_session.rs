#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| zairyu_fuzz::specified_session::run(input));
