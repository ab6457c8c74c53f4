//! Bodies of requests and responses, in bounded memory.

use serde_json::Value;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::deadline::Deadline;
use crate::json_size::count_values;

/// Most bytes of a response that are read: a function of the largest size with its JSON escapes, and half as much again.
pub(super) const MAX_RESPONSE_BYTES: usize = 16 << 20;

/// Most bytes of a response that are read while others are.
const MAX_SHARED_BYTES: usize = 1 << 20;

/// Most values in one response. An account's list has some hundred functions, of a few dozen fields each; every value
/// takes up to a hundred bytes of memory, however short it is.
const MAX_RESPONSE_VALUES: usize = 250_000;

/// Most bodies of more than [`MAX_SHARED_BYTES`] that wait for their answers at once.
const MAX_LARGE_REQUESTS: usize = 16;

/// The bodies of one run.
#[derive(Debug)]
pub(super) struct Bodies {
    large_requests: Semaphore,
    large_responses: Mutex<()>,
}

/// Why a body is not complete.
#[derive(Debug)]
pub(super) enum BodyError {
    TooLarge,
    Cut(reqwest::Error),
}

impl Bodies {
    pub(super) fn new() -> Self {
        Self { large_requests: Semaphore::new(MAX_LARGE_REQUESTS), large_responses: Mutex::new(()) }
    }

    /// Waits for permission to make the body of a request of about this size. The wait is not taken off the function's own time.
    pub(super) async fn room(&self, size: usize, deadline: &Deadline) -> Option<SemaphorePermit<'_>> {
        if size <= MAX_SHARED_BYTES {
            return None;
        }
        let started = Instant::now();
        let permit = self.large_requests.acquire().await.ok();
        deadline.exclude(started.elapsed());
        permit
    }

    /// Reads a whole body, once decompressed. What is larger than [`MAX_SHARED_BYTES`] is read one at a time.
    pub(super) async fn read(&self, mut response: reqwest::Response) -> Result<Vec<u8>, BodyError> {
        let (mut body, mut turn) = (Vec::new(), None);
        while let Some(chunk) = response.chunk().await.map_err(BodyError::Cut)? {
            let size = body.len() + chunk.len();
            if size > MAX_RESPONSE_BYTES {
                return Err(BodyError::TooLarge);
            }
            if size > MAX_SHARED_BYTES && turn.is_none() {
                turn = Some(self.large_responses.lock().await);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Parses a body; `None` if it is no JSON, nests deeper than 128 levels (the parser's own limit), or has more values than
/// [`MAX_RESPONSE_VALUES`].
pub(super) fn parse(body: &[u8]) -> Option<Value> {
    let values = count_values(body).ok()?;
    if values > MAX_RESPONSE_VALUES { None } else { serde_json::from_slice(body).ok() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::hub::deadline::Patience;

    #[test]
    fn only_so_many_large_requests_have_a_body_at_once() {
        let timeout = Duration::from_secs(9);
        let (bodies, deadline) = (Bodies::new(), Deadline::after(timeout, &Patience::new(timeout)));
        let room = |size| bodies.room(size, &deadline).now_or_never();
        let mut held: Vec<_> = (0..MAX_LARGE_REQUESTS).map(|_| room(MAX_SHARED_BYTES + 1)).collect();
        assert!(held.iter().all(|room| matches!(room, Some(Some(_)))));
        assert!(room(MAX_SHARED_BYTES + 1).is_none());
        assert!(matches!(room(MAX_SHARED_BYTES), Some(None)));
        held.pop();
        assert!(matches!(room(MAX_SHARED_BYTES + 1), Some(Some(_))));
    }

    #[test]
    fn many_values_and_deep_ones_are_not_parsed() {
        let list = |length: usize| format!("[{}0]", "0,".repeat(length)).into_bytes();
        assert!(parse(&list(MAX_RESPONSE_VALUES - 2)).is_some());
        assert!(parse(&list(MAX_RESPONSE_VALUES)).is_none());
        assert!(parse("[".repeat(200).as_bytes()).is_none());
        assert!(parse(format!("\"{}\"", ",".repeat(MAX_RESPONSE_VALUES)).as_bytes()).is_some());
    }
}
