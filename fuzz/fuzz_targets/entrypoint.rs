#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

/// The maximum nesting of `(` and `<`. The parser backtracks after `(a=` and `a<`, which takes exponential time; the
/// program has a time limit for that, and the fuzzer would find nothing else.
const MAX_NESTING: usize = 8;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if max_nesting(bytes) > MAX_NESTING {
        return Corpus::Reject;
    }
    aerostack_publish::fuzzing::entrypoint(bytes);
    Corpus::Keep
});

fn max_nesting(bytes: &[u8]) -> usize {
    let (mut depth, mut max) = (0_usize, 0);
    for byte in bytes {
        match byte {
            b'(' | b'<' => depth += 1,
            b')' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        max = max.max(depth);
    }
    max
}
