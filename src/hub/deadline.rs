//! Time: the deadline of an exchange with the Hub, and how long to wait between two attempts.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Wait before the second attempt, doubled for each further one: long enough for a short outage, short enough to go
/// unnoticed.
const FIRST_BACK_OFF: Duration = Duration::from_millis(250);

/// Longest wait that we choose ourselves, so that a job does not idle; `Retry-After` may ask for more.
const MAX_BACK_OFF: Duration = Duration::from_secs(10);

/// How long a run waits for the Hub's rate limit: the time since something last moved, shared by all functions.
#[derive(Debug)]
pub(crate) struct Patience {
    moved_at: Cell<Instant>,
    timeout: Duration,
}

impl Patience {
    pub(crate) fn new(timeout: Duration) -> Rc<Self> {
        Rc::new(Self { moved_at: Cell::new(Instant::now()), timeout })
    }

    /// A function went one step further, while others wait.
    pub(crate) fn moved(&self) {
        self.moved_at.set(Instant::now());
    }

    fn left(&self) -> Duration {
        (self.moved_at.get() + self.timeout).saturating_duration_since(Instant::now())
    }
}

/// When an exchange with the Hub must have ended. Waiting for the rate limit, which all functions share, is not counted as
/// a function's own time: the run's [`Patience`] bounds it.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    at: Instant,
    /// Time that is not counted, of this deadline and all that were made from it.
    excluded: Rc<Cell<Duration>>,
    patience: Rc<Patience>,
    /// The part of the patience that is kept for later requests.
    reserved: Duration,
    ignores_pace: bool,
}

impl Deadline {
    pub(crate) fn after(left: Duration, patience: &Rc<Patience>) -> Self {
        Self {
            at: Instant::now() + left,
            excluded: Rc::default(),
            patience: patience.clone(),
            reserved: Duration::ZERO,
            ignores_pace: false,
        }
    }

    /// The time left; zero once the deadline has passed.
    pub(crate) fn left(&self) -> Duration {
        let own = (self.at + self.excluded.get()).saturating_duration_since(Instant::now());
        own.min(self.patience())
    }

    /// How long the rate limit may be waited for.
    pub(super) fn patience(&self) -> Duration {
        self.patience.left().saturating_sub(self.reserved)
    }

    /// An earlier deadline, at this share of the time left.
    pub(crate) fn share(&self, share: f64) -> Self {
        let reserved = self.reserved + self.patience().mul_f64(1.0 - share);
        Self { reserved, ..self.within(self.left().mul_f64(share)) }
    }

    /// An earlier deadline, after at most this time.
    pub(crate) fn within(&self, left: Duration) -> Self {
        let at = Instant::now() + left.min(self.left());
        // What was not counted so far is in the past.
        Self { at: at.checked_sub(self.excluded.get()).unwrap_or(at), ..self.clone() }
    }

    /// The same for a request that does not wait for the rate limit: the last look before the end.
    pub(super) fn unpaced(&self) -> Self {
        Self { ignores_pace: true, ..self.clone() }
    }

    pub(super) fn ignores_pace(&self) -> bool {
        self.ignores_pace
    }

    /// Does not count this time.
    pub(super) fn exclude(&self, time: Duration) {
        self.excluded.set(self.excluded.get() + time);
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

/// Parses `X-RateLimit-Reset`: a Unix time, taken relative to the response's own `Date` where there is one, because the
/// clock of this machine may be wrong; a number too small for a time is in seconds from now.
pub(super) fn parse_reset(value: &str, date: Option<&str>) -> Option<Duration> {
    let reset: u64 = value.trim().parse().ok()?;
    // Some APIs give it in milliseconds.
    let reset = if reset >= MIN_UNIX_MILLIS { reset / 1_000 } else { reset };
    if reset < MIN_UNIX_TIME {
        return Some(Duration::from_secs(reset));
    }
    let now =
        date.and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or_else(SystemTime::now);
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(Duration::from_secs(reset).saturating_sub(now))
}

/// Smaller numbers are no Unix times of today (2001-09-09).
const MIN_UNIX_TIME: u64 = 1_000_000_000;

/// Larger numbers are no Unix times in seconds of any time soon (the year 5138).
const MIN_UNIX_MILLIS: u64 = 100_000_000_000;

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

    #[test]
    fn the_reset_of_a_rate_limit_is_a_unix_time_or_a_number_of_seconds() {
        let date = Some("Sun, 09 Sep 2001 01:46:50 GMT");
        assert_eq!(parse_reset("1000000015", date), Some(Duration::from_secs(5)));
        assert_eq!(parse_reset("1000000015999", date), Some(Duration::from_secs(5)));
        assert_eq!(parse_reset("1000000005", date), Some(Duration::ZERO));
        assert_eq!(parse_reset(" 45 ", None), Some(Duration::from_secs(45)));
        assert_eq!(parse_reset("1000000000", None), Some(Duration::ZERO));
        assert_eq!(parse_reset("soon", None), None);
    }
}
