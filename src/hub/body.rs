//! Bodies of requests and responses, in bounded memory.

use std::io::{self, BufReader, Read};

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
    if has_few_values(body) { serde_json::from_slice(body).ok() } else { None }
}

/// The same of a body that nobody reads again. A large one is let go while it is parsed, so that it is not in memory beside all its texts.
pub(super) fn into_value(body: Vec<u8>) -> Option<Value> {
    match body.len() {
        ..=BLOCK_BYTES => parse(&body),
        _ if has_few_values(&body) => serde_json::from_reader(BufReader::new(Blocks::of(body))).ok(),
        _ => None,
    }
}

fn has_few_values(body: &[u8]) -> bool {
    count_values(body).is_ok_and(|values| values <= MAX_RESPONSE_VALUES)
}

/// How much of a large body is let go at once, in bytes.
const BLOCK_BYTES: usize = if cfg!(fuzzing) { 64 } else { 256 * 1024 };

/// What was not yet read of a body: the first block is the last one here.
struct Blocks {
    blocks: Vec<Vec<u8>>,
    /// How much of the first block was read.
    read: usize,
}

impl Blocks {
    fn of(mut body: Vec<u8>) -> Self {
        let mut blocks = Vec::new();
        while body.len() > BLOCK_BYTES {
            blocks.push(body.split_off(body.len() - BLOCK_BYTES));
            body.shrink_to_fit();
        }
        blocks.push(body);
        Self { blocks, read: 0 }
    }
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(block) = self.blocks.last() {
            let read = block.get(self.read..).unwrap_or_default().read(buffer)?;
            if read > 0 {
                self.read += read;
                return Ok(read);
            }
            self.blocks.pop();
            self.read = 0;
        }
        Ok(0)
    }
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

    #[test]
    fn a_body_that_is_let_go_is_parsed_like_another() {
        let list = |bytes: usize| {
            format!(r#"["{}", {{"é": [1.50, "\n"]}}]"#, "é\\\"".repeat(bytes / 5)).into_bytes()
        };
        for bytes in [10, BLOCK_BYTES - 20, BLOCK_BYTES, 3 * BLOCK_BYTES + 7] {
            let body = list(bytes);
            let value = parse(&body);
            assert!(value.is_some(), "{bytes}");
            assert_eq!(into_value(body.clone()), value, "{bytes}");
            assert_eq!(into_value([body.as_slice(), b"x"].concat()), None, "{bytes}");
            assert_eq!(into_value(body.split_last().unwrap().1.to_vec()), None, "{bytes}");
        }
        assert_eq!(into_value(format!("[{}0]", "0,".repeat(MAX_RESPONSE_VALUES)).into()), None);
    }
}
