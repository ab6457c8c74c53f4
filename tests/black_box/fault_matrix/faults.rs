//! The faults, one row each.

use std::time::Duration;

use serde_json::json;
use stand_in_hub::{Fault, INTERNAL_ERROR, REFUSED_STREAM, RateLimitShape};

use super::{Call, Times};

/// What a client can know after the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No response, or one that says that the Hub failed.
    Failure,
    /// The same, and only after a long time.
    Hang,
    /// A success that is no answer.
    Unreadable,
    /// A success that is about something else.
    Foreign,
    /// Refused for now.
    Later,
    /// Refused for now, by the rate limit.
    RateLimit,
    /// Any other response; a publish ends with this exit code.
    Refusal(i32),
    /// There is no connection; a run ends with this exit code.
    NoConnection(i32),
}

/// How the Hub is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    Plain,
    /// HTTP/2, for faults that HTTP/1.1 does not have.
    Tls,
    UnknownAuthority,
    Expired,
    OtherHost,
}

#[derive(Debug)]
pub struct Row {
    pub name: &'static str,
    pub kind: Kind,
    pub connection: Connection,
    /// The input `timeout`, in seconds.
    pub timeout: u64,
    fault: Option<Fault>,
}

impl Row {
    /// The fault in a call. A redirect to another address goes to `elsewhere`.
    pub fn fault(&self, call: Call, elsewhere: &str) -> Option<Fault> {
        let mut fault = self.fault.clone()?;
        if let Fault::Redirect(path) = fault {
            fault = Fault::Redirect(format!("{elsewhere}{path}"));
        }
        Some(if call == Call::WrittenPublish { fault.after_processing() } else { fault })
    }

    /// The calls that can have this fault.
    pub fn calls(&self) -> impl Iterator<Item = Call> {
        let is_one = matches!(self.kind, Kind::NoConnection(_));
        let is_unread = self.fault == Some(Fault::ResetUnread);
        Call::ALL.into_iter().filter(move |call| {
            (!is_one || *call == Call::List) && (!is_unread || *call != Call::WrittenPublish)
        })
    }

    /// How often it can occur.
    pub fn times(&self) -> &'static [Times] {
        if matches!(self.kind, Kind::NoConnection(_)) {
            &[Times::Always]
        } else {
            &[Times::Once, Times::Always]
        }
    }

    /// Whether nothing listens at the Hub's address.
    pub fn is_refused(&self) -> bool {
        self.fault.is_none() && self.connection == Connection::Plain
    }

    fn over(self, connection: Connection) -> Self {
        Self { connection, ..self }
    }
}

fn row(name: &'static str, kind: Kind, fault: Fault) -> Row {
    let timeout = if matches!(kind, Kind::Hang | Kind::RateLimit) { 4 } else { 2 };
    Row { name, kind, connection: Connection::Plain, timeout, fault: Some(fault) }
}

fn no_connection(name: &'static str, exit_code: i32, connection: Connection) -> Row {
    Row { name, kind: Kind::NoConnection(exit_code), connection, timeout: 2, fault: None }
}

/// Every row.
pub fn rows() -> Vec<Row> {
    use Kind::{Failure, Foreign, Hang, Later, RateLimit, Refusal, Unreadable};
    let page = |status| Fault::html_page(status, "Blocked by the firewall");
    let limited = |shape| Fault::RateLimited(shape, 1);
    let other =
        json!({ "function": { "id": "fn_9", "slug": "other", "version": "1.0.0", "status": "published" } });
    vec![
        no_connection("connection refused", 4, Connection::Plain),
        no_connection("certificate of an unknown authority", 2, Connection::UnknownAuthority),
        no_connection("expired certificate", 2, Connection::Expired),
        no_connection("certificate for another host", 2, Connection::OtherHost),
        row("reset before the request was read", Failure, Fault::ResetUnread),
        row("reset after the request was read", Failure, Fault::Reset),
        row("closed without a response", Failure, Fault::CutBefore),
        row("HTTP/2 stream reset", Failure, Fault::StreamReset(INTERNAL_ERROR)).over(Connection::Tls),
        row("HTTP/2 stream refused", Failure, Fault::StreamReset(REFUSED_STREAM)).over(Connection::Tls),
        row("HTTP/2 GOAWAY", Failure, Fault::GoAway).over(Connection::Tls),
        row("body cut off", Failure, Fault::CutBody),
        row("endless body", Failure, Fault::Endless),
        row("no response in time", Hang, Fault::Hang),
        row("body that stops", Hang, Fault::HangInBody),
        row("body byte by byte", Hang, Fault::Drip(Duration::from_millis(200))),
        row("500", Failure, Fault::status(500)),
        row("500 with JSON", Failure, Fault::error(500, "INTERNAL_ERROR", "something went wrong")),
        row("501", Failure, Fault::status(501)),
        row("502 from a proxy", Failure, page(502)),
        row("503", Failure, Fault::status(503)),
        row("504", Failure, Fault::status(504)),
        row("520", Failure, Fault::status(520)),
        row("empty 200", Unreadable, Fault::status(200)),
        row("204", Unreadable, Fault::status(204)),
        row("200 with garbage", Unreadable, Fault::invalid_json(200)),
        row("200 with a web page", Unreadable, page(200)),
        row("gzip bomb", Unreadable, Fault::GzipBomb),
        row("200 with other JSON", Foreign, Fault::json(200, &json!({ "hello": "world" }))),
        row("200 about another function", Foreign, Fault::json(200, &other)),
        row("200 with an error", Foreign, Fault::json(200, &json!({ "error": "the database is away" }))),
        row("408", Later, Fault::status(408)),
        row("429 with `Retry-After`", RateLimit, limited(RateLimitShape::RetryAfter)),
        row("429 with a date", RateLimit, limited(RateLimitShape::RetryAfterDate)),
        row("429 with `X-RateLimit-Reset`", RateLimit, limited(RateLimitShape::Reset)),
        row("429 without a time", RateLimit, limited(RateLimitShape::Neither)),
        row("101", Refusal(3), Fault::status(101)),
        row("301 to the same address", Refusal(2), Fault::redirect(301, "/elsewhere")),
        row("302 to a login page", Refusal(2), Fault::redirect(302, "/login?next=1")),
        row(
            "307 to another address",
            Refusal(2),
            Fault::Redirect("/api/community/functions/ci/publish".to_owned()),
        ),
        row("308 to the same address", Refusal(2), Fault::redirect(308, "/elsewhere")),
        row("403 from a firewall", Refusal(2), page(403)),
    ]
}
