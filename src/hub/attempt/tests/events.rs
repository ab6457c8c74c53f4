//! Every kind of event that `step` can be given, and of ending: what the tables and the model have in common.

use std::time::Duration;

use semver::Version;

use crate::finding::Code;
use crate::hub::attempt::{Ending, Event, Observation};
use crate::hub::client::RemoteFunction;
use crate::hub::http::Response;
use crate::hub::receipt::{PublishResponse, Sent};
use crate::release::comparison::Comparison;
use crate::release::history::History;
use crate::release::plan::Target;

/// How long a failing Hub asks to wait: longer than any run has time.
const FAILS_FOR: Duration = Duration::from_hours(24);

/// What a request was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Answer {
    Confirmed,
    /// A receipt without a status.
    Partial,
    InReview,
    /// A success that holds an undocumented error.
    OddSuccess,
    Conflict,
    /// 409 without a word.
    PlainConflict,
    /// A documented refusal.
    Refused,
    /// An undocumented refusal.
    Unclear,
    /// An undocumented refusal in which the Hub says what is wrong with the request.
    Explained,
    Busy,
    /// It was surely not carried out.
    NotSent,
    /// No answer, an unreadable one, or a failure of the Hub's.
    Failed,
    /// A failure of the Hub's for longer than there is time.
    FailedForLong,
}

/// What happened since the last action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Happening {
    Fresh,
    Stale,
    Answered(Answer),
    Read(Look),
    Waited,
}

/// What reading back shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Look {
    Equal,
    Different,
    InReview,
    NotThere,
    Overtaken,
    Hidden,
    Unreadable,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum End {
    Done,
    InReview,
    Equal,
    Different,
    NotCompared,
    Overtaken,
    RefusedAsConflict,
    Refused,
    Unreachable,
    Unconfirmed,
    /// An event that `step` did not expect.
    Lost,
}

/// What the responses are compared with.
pub(super) fn sent(target: Target) -> Sent {
    let author = Some("alice".to_owned());
    Sent { slug: "greeter".to_owned(), version: Version::new(1, 0, 1), author, target }
}

/// The event as the driver would report it.
pub(super) fn event(happening: Happening, sent: &Sent) -> Event {
    match happening {
        Happening::Fresh => Event::Started { is_fresh: true },
        Happening::Stale => Event::Started { is_fresh: false },
        Happening::Waited => Event::Waited,
        Happening::Answered(answer) => Event::Sent(PublishResponse::of(&response(answer, sent.target), sent)),
        Happening::Read(look) => Event::ReadBack(observation(look)),
    }
}

/// The response as the Hub would send it.
fn response(answer: Answer, target: Target) -> Response {
    let confirmed = match target {
        Target::Live => r#"{"id": "1", "slug": "greeter", "status": "published"}"#,
        Target::Draft => r#"{"id": "1", "slug": "greeter", "status": "draft"}"#,
    };
    let (status, body) = match answer {
        Answer::Confirmed => (201, confirmed),
        Answer::Partial => (201, r#"{"id": "1"}"#),
        Answer::InReview => (202, r#"{"id": "1", "status": "pending_review"}"#),
        Answer::OddSuccess => (200, r#"{"error": "later"}"#),
        Answer::Conflict => (409, r#"{"error": {"code": "VERSION_CONFLICT"}}"#),
        Answer::PlainConflict => (409, ""),
        Answer::Refused => (400, r#"{"error": {"code": "INVALID_CATEGORY"}}"#),
        Answer::Unclear => (403, ""),
        Answer::Explained => (422, r#"{"error": "the code is too long"}"#),
        Answer::Busy => (429, ""),
        Answer::NotSent => (408, ""),
        Answer::Failed | Answer::FailedForLong => (503, ""),
    };
    let retry_after = (answer == Answer::FailedForLong).then_some(FAILS_FOR);
    let is_rate_limited = answer == Answer::Busy;
    Response { status, body: body.into(), retry_after, is_rate_limited, location: None }
}

fn observation(look: Look) -> Observation {
    let remote = || Box::new(RemoteFunction::from(History::Known(Vec::new())));
    match look {
        Look::Equal => Observation::There(Comparison::Equal, remote()),
        Look::Different => Observation::There(Comparison::Different(Vec::new()), remote()),
        Look::InReview => Observation::InReview(Box::default()),
        Look::NotThere => Observation::NotThere,
        Look::Overtaken => Observation::Overtaken(remote()),
        Look::Hidden => Observation::Hidden,
        Look::Unreadable => Observation::Unknown("no answer".to_owned()),
    }
}

pub(super) fn end(ending: &Ending) -> End {
    match ending {
        Ending::Done(_) => End::Done,
        Ending::InReview(_) => End::InReview,
        Ending::Exists(Comparison::Equal, _) => End::Equal,
        Ending::Exists(Comparison::Different(_), _) => End::Different,
        Ending::Exists(Comparison::Unknown(_) | Comparison::Unread(_), _) => End::NotCompared,
        Ending::Overtaken(_) => End::Overtaken,
        Ending::Refused(refusal) if refusal.code == Some(Code::VersionConflict) => End::RefusedAsConflict,
        Ending::Refused(_) => End::Refused,
        Ending::Unreachable(_) | Ending::Blocked(_) => End::Unreachable,
        Ending::Unconfirmed(why) if why.starts_with("internal error") => End::Lost,
        Ending::Unconfirmed(_) => End::Unconfirmed,
    }
}
