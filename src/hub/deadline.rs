//! Time: one deadline for a conversation, and how long to wait between two attempts.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Wait before the second attempt, doubled for each further one. Long enough for a hiccup, short enough to go unnoticed.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// Longest wait of our own making; what `Retry-After` asks for may be longer.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// When a conversation with the Hub must be over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(left: Duration) -> Self {
        Self(Instant::now() + left)
    }

    /// What is left of the time; zero when it is over.
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// A nearer deadline, at this share of the time that is left.
    pub(crate) fn share(self, share: f64) -> Self {
        Self::after(self.left().mul_f64(share))
    }

    /// Waits, if there is time for it and for something after it.
    ///
    /// # Errors
    /// Without having waited, when there is not.
    pub(crate) async fn wait(self, wait: Duration) -> Result<(), OutOfTime> {
        if wait >= self.left() {
            return Err(OutOfTime);
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

/// The deadline leaves no room for what was to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfTime;

/// How long to wait after this many attempts: doubling, with jitter so that many jobs do not come back at once, and never
/// less than the Hub asks for.
pub(crate) fn back_off(attempts: u32, retry_after: Option<Duration>) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
    let jittered = doubled.min(LONGEST_WAIT).mul_f64(0.5 + fastrand::f64() / 2.0);
    jittered.max(retry_after.unwrap_or_default())
}

/// Reads `Retry-After`: seconds, or a date (RFC 9110, §10.2.3).
pub(crate) fn parse_retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_jitter_halves_them_at_most() {
        for (attempts, longest) in [(1, 250), (2, 500), (3, 1_000), (40, 10_000)] {
            let wait = back_off(attempts, None).as_millis();
            assert!((longest / 2..=longest).contains(&wait), "{attempts}: {wait}");
        }
        assert_eq!(back_off(1, Some(Duration::from_mins(1))), Duration::from_mins(1));
    }

    #[test]
    fn retry_after_is_a_number_or_a_date() {
        assert_eq!(parse_retry_after(" 3 "), Some(Duration::from_secs(3)));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(parse_retry_after("soon"), None);
    }
}
