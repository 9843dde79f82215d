#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| zairyu_fuzz::my_number_session::run(input));
