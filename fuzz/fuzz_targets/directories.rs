#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| aerostack_publish::fuzzing::directories(bytes));
