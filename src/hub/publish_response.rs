//! What came of a request to publish: accepted, refused or failed. Pure.

use std::time::Duration;

use serde_json::Value;

use super::http::{HttpError, Response};
use super::refusal::{Refusal, documented_code};
use super::response::FunctionRecord;
use crate::text;

/// The response to a publish, as far as there is one that can be understood.
#[derive(Debug, Clone)]
pub(crate) enum PublishResponse {
    /// A receipt: the function as the Hub stored it.
    Accepted(Box<FunctionRecord>),
    Refused(Refusal),
    Failed(Failure),
}

/// A failed attempt that may be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    /// How long the Hub asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// Whether the request may have been carried out all the same.
    pub(crate) in_doubt: bool,
}

impl PublishResponse {
    /// Decides by the code first, then by the status.
    pub(crate) fn of(response: &Response) -> Self {
        if (200..300).contains(&response.status) {
            return Self::of_success(response);
        }
        let refusal = Refusal::of(response);
        match response.status {
            408 | 429 | 500.. if refusal.code.is_none() => Self::Failed(Failure {
                reason: refusal.reason(),
                retry_after: response.retry_after,
                in_doubt: response.status >= 500,
            }),
            _ => Self::Refused(refusal),
        }
    }

    /// A response with a 2xx status, which may hold an error all the same.
    fn of_success(response: &Response) -> Self {
        let value: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let has_error = !matches!(value.get("error"), None | Some(Value::Null | Value::Bool(false)));
        // `code` may also be the function's source text, so only the documented codes count as errors.
        let has_code = value.get("code").and_then(Value::as_str).and_then(documented_code).is_some();
        if has_error || has_code || value.get("success") == Some(&Value::Bool(false)) {
            return Self::Refused(Refusal::of(response));
        }
        let reason = "the Hub's response to the publish can't be read".to_owned();
        FunctionRecord::of(&value)
            .map_or(Self::Failed(Failure { reason, retry_after: None, in_doubt: true }), |record| {
                Self::Accepted(Box::new(record))
            })
    }
}

impl From<HttpError> for PublishResponse {
    fn from(error: HttpError) -> Self {
        // What was never connected was never sent.
        let in_doubt = !matches!(&error, HttpError::NoResponse(error) if error.is_connect());
        Self::Failed(Failure { reason: text::with_causes(&error), retry_after: None, in_doubt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kind of a response, and its text or the id of what was stored.
    fn read(status: u16, body: &str) -> (&'static str, String) {
        let retry_after = Some(Duration::from_secs(7));
        let response = Response { status, body: body.into(), retry_after, location: None };
        match PublishResponse::of(&response) {
            PublishResponse::Accepted(record) => ("accepted", record.id.unwrap_or_default()),
            PublishResponse::Refused(refusal) => ("refused", refusal.reason()),
            PublishResponse::Failed(failure) if failure.in_doubt => ("unclear", failure.reason),
            PublishResponse::Failed(failure) => {
                assert_eq!(failure.retry_after, retry_after);
                ("not processed", failure.reason)
            }
        }
    }

    #[test]
    fn the_status_decides_where_there_is_no_code() {
        for (kind, statuses) in [
            (
                "refused",
                [300, 304, 307, 400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 451].as_slice(),
            ),
            ("not processed", &[408, 429]),
            ("unclear", &[500, 502, 503, 504, 520, 599]),
        ] {
            for status in statuses {
                for body in ["", "no", "<html>", r#"{"error":"no"}"#, r#"{"id":"1"}"#] {
                    assert_eq!(read(*status, body).0, kind, "{status} {body}");
                }
            }
        }
    }

    #[test]
    fn a_documented_code_is_a_refusal_under_every_status() {
        for status in [200, 201, 302, 400, 408, 409, 429, 500, 503] {
            assert_eq!(read(status, r#"{"error":{"code":"DUPLICATE_SLUG"}}"#).0, "refused", "{status}");
        }
    }

    #[test]
    fn a_receipt_is_any_object_without_an_error() {
        for body in [
            r#"{"id":"1"}"#,
            r#"{"function":{"id":"1"}}"#,
            r#"{"success":true,"error":null,"data":{"id":1}}"#,
            r#"{"id":"1","error":false,"code":"export const a = 1;"}"#,
        ] {
            assert_eq!(read(201, body), ("accepted", "1".to_owned()), "{body}");
        }
        assert_eq!(read(200, "{}").0, "accepted");
    }

    #[test]
    fn an_error_under_a_2xx_status_is_a_refusal() {
        for body in [
            r#"{"error":"no"}"#,
            r#"{"error":{"message":"no"}}"#,
            r#"{"error":true}"#,
            r#"{"success":false,"id":"1"}"#,
            r#"{"code":"empty_code","id":"1"}"#,
        ] {
            assert_eq!(read(200, body).0, "refused", "{body}");
        }
    }

    #[test]
    fn an_unreadable_body_under_a_2xx_status_is_unclear() {
        for body in ["", "created", "\"created\"", "<html>", "[]", "null", r#"{"id":"#] {
            assert_eq!(read(201, body).0, "unclear", "{body}");
        }
    }
}
