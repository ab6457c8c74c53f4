//! Bodies of the Hub's responses, read and parsed in bounded memory.

use serde_json::Value;
use tokio::sync::Mutex;

use crate::json_size::count_values;

/// Most bytes of a response that are read: a function of the largest size with its JSON escapes, and half as much again.
pub(super) const MAX_RESPONSE_BYTES: usize = 16 << 20;

/// Most bytes of a response that are read while others are.
const MAX_SHARED_BYTES: usize = 1 << 20;

/// Most values in one response. An account's list has some hundred functions, of a few dozen fields each; every value
/// takes up to a hundred bytes of memory, however short it is.
const MAX_RESPONSE_VALUES: usize = 250_000;

/// Reads the bodies of one run.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    large: Mutex<()>,
}

/// Why a body is not complete.
#[derive(Debug)]
pub(super) enum BodyError {
    TooLarge,
    Cut(reqwest::Error),
}

impl Bodies {
    /// Reads a whole body, once decompressed. What is larger than [`MAX_SHARED_BYTES`] is read one at a time.
    pub(super) async fn read(&self, mut response: reqwest::Response) -> Result<Vec<u8>, BodyError> {
        let (mut body, mut turn) = (Vec::new(), None);
        while let Some(chunk) = response.chunk().await.map_err(BodyError::Cut)? {
            let size = body.len() + chunk.len();
            if size > MAX_RESPONSE_BYTES {
                return Err(BodyError::TooLarge);
            }
            if size > MAX_SHARED_BYTES && turn.is_none() {
                turn = Some(self.large.lock().await);
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
    use super::*;

    #[test]
    fn many_values_and_deep_ones_are_not_parsed() {
        let list = |length: usize| format!("[{}0]", "0,".repeat(length)).into_bytes();
        assert!(parse(&list(MAX_RESPONSE_VALUES - 2)).is_some());
        assert!(parse(&list(MAX_RESPONSE_VALUES)).is_none());
        assert!(parse("[".repeat(200).as_bytes()).is_none());
        assert!(parse(format!("\"{}\"", ",".repeat(MAX_RESPONSE_VALUES)).as_bytes()).is_some());
    }
}
