//! The rate limit, and the shapes of its refusal. Pure: no clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::named::named;

named! {
    /// How a refusal by the rate limit says when to try again. The body is the documented one except with `Empty`.
    RateLimitShape {
        /// `Retry-After` in seconds.
        #[default] RetryAfter = "retry-after",
        /// `Retry-After` as an HTTP date.
        RetryAfterDate = "retry-after-date",
        /// `X-RateLimit-Reset` alone, as Unix time in seconds (documentation, "Rate limiting").
        Reset = "reset",
        /// No header; only the text of the message says it.
        Neither = "neither",
        /// Neither a header nor a body.
        Empty = "empty",
    }
}

/// A rate limit: so many requests in each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    limit: usize,
    window: Duration,
    shape: RateLimitShape,
    publishes_only: bool,
    without_key: Option<usize>,
}

impl RateLimit {
    /// Limits publish requests to this many in each window.
    pub fn publishes(limit: usize, window: Duration) -> Self {
        Self { publishes_only: true, ..Self::requests(limit, window) }
    }

    /// Limits all requests to this many in each window.
    pub fn requests(limit: usize, window: Duration) -> Self {
        let shape = RateLimitShape::default();
        Self { limit, window, shape, publishes_only: false, without_key: None }
    }

    /// Sets the shape of the refusals.
    #[must_use]
    pub fn shape(mut self, shape: RateLimitShape) -> Self {
        self.shape = shape;
        self
    }

    /// Counts requests without a key on their own, against this limit (documentation, "Rate limiting").
    #[must_use]
    pub fn without_key(mut self, limit: usize) -> Self {
        self.without_key = Some(limit);
        self
    }
}

/// What the rate limit says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) is_exceeded: bool,
    pub(crate) shape: RateLimitShape,
    limit: usize,
    remaining: usize,
    /// The time until the next window.
    wait: Duration,
}

impl Quota {
    /// The headers that the documentation lists for all answers; only the shape that relies on them has them.
    pub(crate) fn headers(&self, now: SystemTime) -> Vec<(String, String)> {
        if self.shape != RateLimitShape::Reset {
            return Vec::new();
        }
        vec![
            ("x-ratelimit-limit".to_owned(), self.limit.to_string()),
            ("x-ratelimit-remaining".to_owned(), self.remaining.to_string()),
            ("x-ratelimit-reset".to_owned(), unix_seconds(now + self.wait).to_string()),
        ]
    }

    /// The time until the next window, in full seconds; at least 1.
    pub(crate) fn wait_seconds(&self) -> u64 {
        ceiled(self.wait).max(1)
    }
}

/// Counts requests in windows. The first request begins a window.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    with_key: Option<Window>,
    without_key: Option<Window>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Instant,
    count: usize,
}

impl Limiter {
    /// Counts a request; `None` if no limit applies to it.
    pub(crate) fn count(
        &mut self,
        rules: &RateLimit,
        is_publish: bool,
        has_key: bool,
        now: Instant,
    ) -> Option<Quota> {
        let (slot, limit) = match rules.without_key {
            Some(limit) if !has_key => (&mut self.without_key, limit),
            _ if rules.publishes_only && !is_publish => return None,
            _ => (&mut self.with_key, rules.limit),
        };
        let window = slot.get_or_insert(Window { began: now, count: 0 });
        if now.duration_since(window.began) >= rules.window {
            *window = Window { began: now, count: 0 };
        }
        window.count += 1;
        Some(Quota {
            is_exceeded: window.count > limit,
            shape: rules.shape,
            limit,
            remaining: limit.saturating_sub(window.count),
            wait: (window.began + rules.window).duration_since(now),
        })
    }
}

/// The headers and the body of a refusal.
pub(crate) fn refusal(
    shape: RateLimitShape,
    seconds: u64,
    now: SystemTime,
) -> (Vec<(String, String)>, Vec<u8>) {
    let until = now + Duration::from_secs(seconds);
    let header = match shape {
        RateLimitShape::RetryAfter => Some(("retry-after", seconds.to_string())),
        // An HTTP date has full seconds: a part of one is rounded up, so that it is not too early.
        RateLimitShape::RetryAfterDate => {
            let until = UNIX_EPOCH + Duration::from_secs(unix_seconds(until));
            Some(("retry-after", httpdate::fmt_http_date(until)))
        }
        RateLimitShape::Reset => Some(("x-ratelimit-reset", unix_seconds(until).to_string())),
        RateLimitShape::Neither => None,
        RateLimitShape::Empty => return (Vec::new(), Vec::new()),
    };
    let message = format!("Rate limit exceeded. Try again in {seconds} seconds.");
    let body = json!({ "error": { "code": "RATE_LIMIT_EXCEEDED", "message": message } });
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(header.map(|(name, value)| (name.to_owned(), value)));
    (headers, body.to_string().into_bytes())
}

fn unix_seconds(time: SystemTime) -> u64 {
    ceiled(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn ceiled(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
