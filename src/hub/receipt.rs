//! The response to a publish: what it proves, and what it leaves open. Pure.

use std::time::Duration;

use semver::Version;
use serde_json::Value;

use super::body;
use super::failure::NoResponse;
use super::http::{HttpError, Response};
use super::refusal::{Refusal, documented_code, web_page};
use super::response::{DRAFT, FunctionRecord, PUBLISHED, is_in_review, is_rejected};
use crate::finding::Code;
use crate::function::load::Function;
use crate::release::plan::Target;
use crate::text;

/// What was sent, as far as a receipt can contradict it.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) slug: String,
    pub(crate) version: Version,
    /// The user name of the account, if it is known.
    pub(crate) author: Option<String>,
    pub(crate) target: Target,
}

/// The response to a publish, as far as there is one that can be understood.
#[derive(Debug, Clone)]
pub(crate) enum PublishResponse {
    /// A receipt for this very function, with the status that was asked for.
    Confirmed(Box<FunctionRecord>),
    /// A receipt for this function, which goes live when a person at the Hub has approved it.
    InReview(Box<FunctionRecord>),
    /// A success that does not say that this function has the status that was asked for.
    Accepted(Box<FunctionRecord>),
    /// A documented refusal other than a conflict of versions: nothing was stored.
    Refused(Refusal),
    /// The version exists.
    Conflict(Refusal),
    /// An error that no documentation knows. It is not repeated.
    Unclear(Refusal),
    /// Refused because of the rate limit, or not sent because of it.
    Busy(Failure),
    Failed(Failure),
    /// Never sent, and no attempt can be before the owner of the pipeline changes something.
    Blocked(NoResponse),
}

/// A failed attempt that may be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    /// How long the Hub asks to wait.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) carried_out: CarriedOut,
}

/// Whether a request may have been carried out all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CarriedOut {
    /// It was never sent.
    No,
    /// The response says that it was not.
    Unlikely,
    Maybe,
}

impl Sent {
    pub(crate) fn of(function: &Function, target: Target, author: Option<String>) -> Self {
        Self { slug: function.slug.to_string(), version: function.version.clone(), author, target }
    }

    /// Whether a record may be that of what was sent: it names nothing else.
    fn may_be(&self, record: &FunctionRecord) -> bool {
        self.may_be_function(record) && (record.version.is_none() || record.has_version(&self.version))
    }

    fn may_be_function(&self, record: &FunctionRecord) -> bool {
        let is_same = |named: &Option<String>, ours: &str| {
            named.as_ref().is_none_or(|named| named.eq_ignore_ascii_case(ours))
        };
        is_same(&record.slug, &self.slug)
            && self.author.as_ref().is_none_or(|author| is_same(&record.author, author))
    }

    fn expected_status(&self) -> &'static str {
        match self.target {
            Target::Live => PUBLISHED,
            Target::Draft => DRAFT,
        }
    }
}

impl PublishResponse {
    /// Decides by the code first, then by the status.
    pub(crate) fn of(response: &Response, sent: &Sent) -> Self {
        if (200..300).contains(&response.status) {
            return Self::of_success(response, sent);
        }
        let refusal = Refusal::of(response);
        match (response.status, refusal.code) {
            _ if response.is_rate_limited => Self::Busy(Failure {
                reason: refusal.reason(),
                retry_after: None,
                carried_out: CarriedOut::Unlikely,
            }),
            (_, Some(_)) => Self::of_refusal(refusal),
            (408 | 500.., None) => Self::Failed(Failure {
                reason: refusal.reason(),
                retry_after: response.retry_after,
                carried_out: if response.status >= 500 { CarriedOut::Maybe } else { CarriedOut::Unlikely },
            }),
            (_, None) => Self::Unclear(refusal),
        }
    }

    fn of_refusal(refusal: Refusal) -> Self {
        match refusal.code {
            Some(Code::VersionConflict) => Self::Conflict(refusal),
            Some(_) => Self::Refused(refusal),
            None => Self::Unclear(refusal),
        }
    }

    /// A response with a 2xx status, which may hold an error all the same.
    fn of_success(response: &Response, sent: &Sent) -> Self {
        let mut value = body::parse(&response.body).unwrap_or_default();
        // `code` may also be the function's source text, so only the documented codes count as errors.
        let has_code = value.get("code").and_then(Value::as_str).and_then(documented_code).is_some();
        if has_code || has_error(&value) {
            return Self::of_refusal(Refusal::of(response));
        }
        let Some(record) = FunctionRecord::of(&mut value) else {
            let reason = web_page(&response.body).map_or_else(
                || "the Hub's response to the publish can't be read".to_owned(),
                |page| format!("{page} answered the publish instead of the Hub"),
            );
            return Self::Failed(Failure { reason, retry_after: None, carried_out: CarriedOut::Maybe });
        };
        let record = Box::new(record);
        let is_for_review = sent.target == Target::Live && is_in_review(&value);
        // Beside the review, the receipt may describe the version that is live until then.
        if is_for_review && sent.may_be_function(&record) {
            Self::InReview(record)
        } else if sent.may_be(&record) && record.status.as_deref() == Some(sent.expected_status()) {
            Self::Confirmed(record)
        } else {
            Self::Accepted(record)
        }
    }
}

/// Whether a response holds an error in spite of its status.
fn has_error(value: &Value) -> bool {
    let is_set = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => true,
    };
    ["error", "errors"].iter().filter_map(|name| value.get(name)).any(is_set)
        || ["success", "ok"].iter().any(|name| value.get(name) == Some(&Value::Bool(false)))
        || is_rejected(value)
}

impl From<HttpError> for PublishResponse {
    fn from(error: HttpError) -> Self {
        let reason = text::with_causes(&error);
        let failure = |carried_out| Failure { reason, retry_after: None, carried_out };
        match error {
            HttpError::TooBusy(_) => Self::Busy(failure(CarriedOut::No)),
            HttpError::NoResponse(error) if !error.is_sent && !error.may_pass => Self::Blocked(error),
            // What was never connected was never sent.
            HttpError::NoResponse(error) if !error.is_sent => Self::Failed(failure(CarriedOut::No)),
            HttpError::NoResponse(_) | HttpError::TooLarge | HttpError::Status(_) => {
                Self::Failed(failure(CarriedOut::Maybe))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(target: Target) -> Sent {
        let author = Some("alice".to_owned());
        Sent { slug: "greeter".to_owned(), version: Version::new(1, 0, 0), author, target }
    }

    /// The kind of a response, and its text or the id of what was stored.
    fn read_as(target: Target, status: u16, body: &str) -> (&'static str, String) {
        let retry_after = Some(Duration::from_secs(7));
        let is_rate_limited = status == 429;
        let response = Response { status, body: body.into(), retry_after, is_rate_limited, location: None };
        match PublishResponse::of(&response, &sent(target)) {
            PublishResponse::Confirmed(record) => ("confirmed", record.id.unwrap_or_default()),
            PublishResponse::InReview(record) => ("in review", record.id.unwrap_or_default()),
            PublishResponse::Accepted(record) => ("accepted", record.id.unwrap_or_default()),
            PublishResponse::Refused(refusal) => ("refused", refusal.reason()),
            PublishResponse::Conflict(refusal) => ("conflict", refusal.reason()),
            PublishResponse::Unclear(refusal) => ("unclear", refusal.reason()),
            PublishResponse::Busy(failure) => ("busy", failure.reason),
            PublishResponse::Blocked(failure) => ("blocked", failure.to_string()),
            PublishResponse::Failed(failure) if failure.carried_out == CarriedOut::Maybe => {
                ("in doubt", failure.reason)
            }
            PublishResponse::Failed(failure) => {
                assert_eq!(failure.retry_after, retry_after);
                ("not processed", failure.reason)
            }
        }
    }

    fn read(status: u16, body: &str) -> (&'static str, String) {
        read_as(Target::Live, status, body)
    }

    #[test]
    fn the_status_decides_where_there_is_no_code() {
        for (kind, statuses) in [
            (
                "unclear",
                [101, 300, 304, 307, 400, 402, 403, 404, 405, 409, 410, 413, 415, 422, 451].as_slice(),
            ),
            ("refused", &[401]),
            ("busy", &[429]),
            ("not processed", &[408]),
            ("in doubt", &[500, 502, 503, 504, 520, 599]),
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
        for status in [200, 201, 302, 400, 408, 409, 500, 503] {
            assert_eq!(read(status, r#"{"error":{"code":"DUPLICATE_SLUG"}}"#).0, "refused", "{status}");
            for conflict in [r#"{"error":{"code":"VERSION_CONFLICT"}}"#, r#"{"error":"Already published"}"#] {
                assert_eq!(read(status, conflict).0, "conflict", "{status} {conflict}");
            }
        }
        assert_eq!(read(409, r#"{"error":"version 1.0.0 is already published"}"#).0, "conflict");
        assert_eq!(read(400, r#"{"error":{"code":"AUTH_INVALID_KEY"}}"#).0, "refused");
    }

    #[test]
    fn a_receipt_confirms_only_this_very_function_with_the_status_that_was_asked_for() {
        for body in [
            r#"{"id":"1","status":"published"}"#,
            r#"{"id":"1","slug":"greeter","author":"Alice","version":"1.0.0","status":"published"}"#,
            r#"{"function":{"id":"1","slug":"@alice/greeter","status":"published"}}"#,
            r#"{"success":true,"error":null,"data":{"id":1,"status":"published"}}"#,
            r#"{"id":"1","error":false,"code":"export const a = 1;","status":"published"}"#,
        ] {
            assert_eq!(read(201, body), ("confirmed", "1".to_owned()), "{body}");
        }
        assert_eq!(read_as(Target::Draft, 200, r#"{"id":"1","status":"draft"}"#).0, "confirmed");
        for body in [
            "{}",
            r#"{"ok":true}"#,
            r#"{"id":"1"}"#,
            r#"{"url":"https://hub.aerostack.dev/functions/alice/greeter"}"#,
            r#"{"id":"1","status":"queued"}"#,
            r#"{"id":"1","status":"draft"}"#,
            r#"{"id":"1","slug":"other","status":"published"}"#,
            r#"{"id":"1","slug":"@bob/greeter","status":"published"}"#,
            r#"{"id":"1","author":"bob","status":"published"}"#,
            r#"{"id":"1","version":"0.9.0","status":"published"}"#,
        ] {
            assert_eq!(read(200, body).0, "accepted", "{body}");
        }
    }

    #[test]
    fn a_receipt_may_say_that_a_person_decides() {
        for body in [
            r#"{"id":"1","status":"pending_review"}"#,
            r#"{"id":"1","slug":"greeter","status":"in_review"}"#,
            r#"{"decision":"pending_review","score":61,"function":{"id":"1"}}"#,
            r#"{"function":{"id":"1","decision":"under_review"}}"#,
            r#"{"data":{"decision":"pending_review","function":{"id":"1","status":"published"}}}"#,
            r#"{"decision":"pending_review","function":{"id":"1","status":"published","version":"0.9.0"}}"#,
            r#"{"id":"1","status":"published","review":{"status":"pending_review"}}"#,
        ] {
            assert_eq!(read(200, body), ("in review", "1".to_owned()), "{body}");
            assert_eq!(read_as(Target::Draft, 200, body).0, "accepted", "{body}");
        }
        assert_eq!(read(200, r#"{"slug":"other","status":"pending_review"}"#).0, "accepted");
    }

    #[test]
    fn an_error_under_a_2xx_status_is_no_success() {
        for body in [
            r#"{"error":"no"}"#,
            r#"{"error":{"message":"no"}}"#,
            r#"{"error":true}"#,
            r#"{"errors":["category is wrong"]}"#,
            r#"{"status":"published","errors":["not stored"]}"#,
            r#"{"ok":false,"status":"published"}"#,
            r#"{"status":"rejected","reasons":["no tests"]}"#,
            r#"{"status":"published","decision":"rejected"}"#,
            r#"{"success":false,"id":"1"}"#,
        ] {
            assert_eq!(read(200, body).0, "unclear", "{body}");
        }
        assert_eq!(read(200, r#"{"code":"empty_code","id":"1"}"#).0, "refused");
    }

    #[test]
    fn an_unreadable_body_under_a_2xx_status_is_in_doubt() {
        for body in ["", "created", "\"created\"", "<html>", "[]", "null", r#"{"id":"#] {
            assert_eq!(read(201, body).0, "in doubt", "{body}");
        }
        let page = read(200, "<!DOCTYPE html><title>Sign in</title>").1;
        assert_eq!(page, "a web page titled `Sign in` answered the publish instead of the Hub");
    }
}
