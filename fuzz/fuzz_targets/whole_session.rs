#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| zairyu_fuzz::whole_session::run(input));
