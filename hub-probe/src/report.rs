//! What a run prints.

use std::fmt::Write as _;

use serde_json::Value;

use crate::exchange::{Ask, Exchange};
use crate::questions::QUESTIONS;
use crate::recording::Recording;
use crate::shape::{escape, of_response};
use crate::verdict::NOT_HANDLED;

/// The report: every request with its response, then every question with its answer.
pub(crate) fn of(recording: &Recording) -> String {
    let mut lines = Vec::new();
    for exchange in &recording.exchanges {
        let key = if exchange.with_key {
            ""
        } else if exchange.ask == Ask::WrongKey {
            " (with an invalid key)"
        } else {
            " (without the key)"
        };
        lines.push(format!("{} {}{key}", exchange.method, exchange.path));
        if let Some(response) = &exchange.response {
            lines.push(format!("  {}", of_response(response)));
        }
        lines.extend(exchange.failure.iter().map(|failure| format!("  no response: {failure}")));
        lines.push(format!("  {}", exchange.client));
        lines.extend(
            exchange.client_of_original.iter().map(|original| {
                format!("  the recording lacks something: the response itself is {original}")
            }),
        );
    }
    lines.push(String::new());
    for question in &QUESTIONS {
        let answer = recording.answers.get(question.name).and_then(Value::as_str);
        let answer = answer.unwrap_or("open");
        lines.push(format!("{}: {answer}    ({})", question.name, question.text));
    }
    let gaps = gaps(recording);
    lines.push(String::new());
    lines.push(match gaps {
        0 if obstacle(recording).is_some() => {
            "the Hub did not show your functions, so this says little".to_owned()
        }
        0 => "the client handles every response".to_owned(),
        gaps => format!("the client does not handle {gaps} of {} responses", recording.exchanges.len()),
    });
    lines.iter().fold(String::new(), |mut text, line| {
        // A string can be written to.
        let _ = writeln!(text, "{}", escape(line));
        text
    })
}

/// Why the list of the account was not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    NoResponse,
    KeyRejected(u16),
    /// Nothing is where a Hub has its list.
    NoHub,
    Failed(u16),
}

/// What keeps the Hub from answering, by its response to the first question that needs the key.
pub(crate) fn obstacle(recording: &Recording) -> Option<Obstacle> {
    match recording.last(Ask::List).and_then(Exchange::status) {
        None => Some(Obstacle::NoResponse),
        Some(status @ (401 | 403)) => Some(Obstacle::KeyRejected(status)),
        Some(404 | 405 | 410) => Some(Obstacle::NoHub),
        Some(200..=399) => None,
        Some(status) => Some(Obstacle::Failed(status)),
    }
}

/// How many responses the client does not handle.
pub(crate) fn gaps(recording: &Recording) -> usize {
    let is_gap = |text: &String| text.starts_with(NOT_HANDLED);
    let of_one =
        |exchange: &&Exchange| is_gap(exchange.client_of_original.as_ref().unwrap_or(&exchange.client));
    recording.exchanges.iter().filter(of_one).count()
}
