//! What parsing may cost: of one function, and of all functions of a run.

use std::time::Duration;

use super::protocol::MAX_PARSE_TIME;

/// Most bytes of what is known of a function's modules, as JSON: 4 MiB, the names of some 100,000 exports.
const MAX_NAMES_BYTES: usize = 4 << 20;

/// Longest wait for all modules of a function, where the machine does something else meanwhile.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Most processor time that a run may lose to modules that are given up, or slower than real code is.
const MAX_LOST_TIME: Duration = Duration::from_secs(15);

/// A debug build parses more slowly, although its dependencies are optimized; one for the fuzzer is optimized itself.
const SCALE: u32 = if cfg!(all(debug_assertions, not(fuzzing))) { 2 } else { 1 };

/// What real code takes at most, with some margin: per module, and per MiB.
const TIME_PER_MODULE: Duration = Duration::from_millis(2);
const TIME_PER_MIB: Duration = Duration::from_millis(250);

/// What is left for the modules of one function.
pub(super) struct FunctionAllowance {
    /// Processor time.
    pub(super) time: Duration,
    pub(super) wait: Duration,
    pub(super) names_bytes: usize,
}

impl FunctionAllowance {
    pub(super) fn new() -> Self {
        let (time, wait) = (MAX_PARSE_TIME * SCALE, MAX_WAIT * SCALE);
        Self { time, wait, names_bytes: MAX_NAMES_BYTES }
    }
}

/// What is left for the modules of a run. It is refilled by what real code takes, so that any number of functions can be parsed, but
/// a few hostile ones use it up.
#[derive(Debug)]
pub(super) struct RunAllowance(Duration);

impl RunAllowance {
    pub(super) fn new() -> Self {
        Self(MAX_LOST_TIME)
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.0.is_zero()
    }

    /// Charges for a module that was parsed.
    pub(super) fn parsed(&mut self, took: Duration, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let usual = TIME_PER_MODULE + TIME_PER_MIB.mul_f64(f64::from(bytes) / f64::from(1 << 20));
        self.0 = (self.0 + usual).saturating_sub(took).min(MAX_LOST_TIME);
    }

    /// Charges for a module that was given up: no more than it may take where the machine does nothing else.
    pub(super) fn given_up(&mut self, took: Duration) {
        self.0 = self.0.saturating_sub(took.min(MAX_PARSE_TIME));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_code_never_uses_the_allowance_up_and_hostile_code_does() {
        let mut allowance = RunAllowance::new();
        for _ in 0..1_000 {
            allowance.parsed(Duration::from_secs(2), 10 << 20);
            allowance.parsed(Duration::from_millis(1), 100);
        }
        assert!(!allowance.is_used_up());
        // What real code left over is not saved up.
        for _ in 0..4 {
            allowance.given_up(MAX_PARSE_TIME);
        }
        assert!(!allowance.is_used_up());
        allowance.given_up(MAX_PARSE_TIME);
        assert!(allowance.is_used_up());
    }

    #[test]
    fn code_that_is_only_slow_uses_it_up_too() {
        let mut allowance = RunAllowance::new();
        let slow = (0..1_000).take_while(|_| {
            allowance.parsed(Duration::from_secs(1), 100);
            !allowance.is_used_up()
        });
        assert_eq!(slow.count(), 15);
    }
}
