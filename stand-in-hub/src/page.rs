//! Pages of the list of an account's functions.

use crate::error::{ApiError, ErrorCode};

/// The page that a request asks for with `?page=&limit=` (Aerostack's CI, for the sibling API's list).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    number: usize,
    limit: Option<usize>,
}

impl Page {
    /// Reads the query of a request; other parameters are ignored.
    pub(crate) fn parse(query: Option<&str>) -> Result<Self, ApiError> {
        let mut page = Self { number: 1, limit: None };
        for parameter in query.unwrap_or_default().split('&') {
            match parameter.split_once('=').unwrap_or((parameter, "")) {
                ("page", value) => page.number = positive("page", value)?,
                ("limit", value) => page.limit = Some(positive("limit", value)?),
                _ => {}
            }
        }
        Ok(page)
    }

    /// The entries of this page, if pages have at most `size` entries.
    pub(crate) fn of<T>(self, entries: Vec<T>, size: usize) -> Vec<T> {
        let size = self.limit.map_or(size, |limit| limit.min(size));
        entries.into_iter().skip(size.saturating_mul(self.number - 1)).take(size).collect()
    }

    /// Whether there is a further page of `total` entries.
    pub(crate) fn has_more(self, total: usize, size: usize) -> bool {
        let size = self.limit.map_or(size, |limit| limit.min(size));
        size.saturating_mul(self.number) < total
    }
}

/// A whole number from 1; what is too large for us is as good as the largest one.
fn positive(name: &str, text: &str) -> Result<usize, ApiError> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse().unwrap_or(usize::MAX) {
        number if is_number && number > 0 => Ok(number),
        _ => Err(ApiError::new(
            ErrorCode::InvalidRequest,
            format!("`{name}` must be a whole number from 1"),
            "see the Hub's documentation",
        )),
    }
}
