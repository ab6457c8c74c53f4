#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

/// Most brackets that an input may leave open. The parser tries again and again what stands behind `(a=` or `a<`, twice
/// a level: the program gives up on that after a while, and the fuzzer would find nothing else.
const MOST_OPEN: usize = 8;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if most_open(bytes) > MOST_OPEN {
        return Corpus::Reject;
    }
    aerostack_publish::fuzzing::entrypoint(bytes);
    Corpus::Keep
});

fn most_open(bytes: &[u8]) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in bytes {
        match byte {
            b'(' | b'<' => open += 1,
            b')' | b'>' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}
