//! Time: the deadline of an exchange with the Hub, and how long to wait between two attempts.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Wait before the second attempt, doubled for each further one: long enough for a short outage, short enough to go
/// unnoticed.
const FIRST_BACK_OFF: Duration = Duration::from_millis(250);

/// Longest wait that we choose ourselves, so that a job does not idle; `Retry-After` may ask for more.
const MAX_BACK_OFF: Duration = Duration::from_secs(10);

/// When an exchange with the Hub must have ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(left: Duration) -> Self {
        Self(Instant::now() + left)
    }

    /// The time left; zero once the deadline has passed.
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// An earlier deadline, at this share of the time left.
    pub(crate) fn share(self, share: f64) -> Self {
        Self::after(self.left().mul_f64(share))
    }
}

/// How long to wait after this many attempts: doubled each time, and never less than the Hub asks for. The jitter (0 to 1)
/// takes up to half of it off, so that many jobs do not return at the same moment.
pub(super) fn back_off(attempts: u32, retry_after: Option<Duration>, jitter: f64) -> Duration {
    let doubled = FIRST_BACK_OFF.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
    let jittered = doubled.min(MAX_BACK_OFF).mul_f64(1.0 - jitter / 2.0);
    jittered.max(retry_after.unwrap_or_default())
}

/// Parses `Retry-After`: seconds, or a date (RFC 9110, §10.2.3).
pub(super) fn parse_retry_after(value: &str) -> Option<Duration> {
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
    fn waits_double_up_to_a_limit_and_jitter_takes_off_half_at_most() {
        for (attempts, millis) in [(1, 250), (2, 500), (3, 1_000), (40, 10_000), (u32::MAX, 10_000)] {
            assert_eq!(back_off(attempts, None, 0.0), Duration::from_millis(millis));
            assert_eq!(back_off(attempts, None, 1.0), Duration::from_millis(millis / 2));
        }
        assert_eq!(back_off(1, Some(Duration::from_mins(1)), 0.5), Duration::from_mins(1));
    }

    #[test]
    fn retry_after_is_a_number_or_a_date() {
        assert_eq!(parse_retry_after(" 3 "), Some(Duration::from_secs(3)));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(
            parse_retry_after("18446744073709551615"),
            Some(Duration::MAX.saturating_sub(Duration::from_nanos(999_999_999)))
        );
        assert_eq!(parse_retry_after("soon"), None);
    }
}
