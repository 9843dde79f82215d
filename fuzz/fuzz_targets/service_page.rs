#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| zairyu_fuzz::service_page::run(input));
