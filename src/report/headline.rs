//! The heading of a summary: what the run came to, in one line.

use super::markdown::cell;
use crate::finding::{Code, Finding};
use crate::outcome::{FunctionOutcome, RunOutcome};
use crate::release::decision::Decision;
use crate::release::plan::Target;
use crate::status::Status;
use crate::text;

/// The functions that the run is about; all of them if it is about none.
fn functions_meant(outcome: &RunOutcome) -> Vec<&FunctionOutcome> {
    let meant: Vec<_> = outcome.functions.iter().filter(|function| !function.is_left_out).collect();
    if meant.is_empty() { outcome.functions.iter().collect() } else { meant }
}

/// Where a dry run has nothing to compare with, it does not know what a publish would do.
const NOT_COMPARED: &str = ", not compared with the Hub";

/// What the run came to, in one line.
pub(super) fn headline(outcome: &RunOutcome, is_dry_run: bool) -> String {
    let has_errors = outcome.findings.iter().any(Finding::is_error);
    let functions = functions_meant(outcome);
    let is_there = |status: &&Status| functions.iter().any(|function| function.status == **status);
    let most_urgent = Status::MOST_URGENT_FIRST.iter().find(is_there).copied();
    let icon = most_urgent.filter(|_| !has_errors).unwrap_or_else(|| outcome.status()).row().icon;
    let (status, is_stopped) = match most_urgent {
        Some(Status::Skipped) if has_errors => (Status::Failed, true),
        Some(status) => (status, false),
        None if outcome.status() == Status::Unconfirmed => return format!("## {icon} The run did not end"),
        None => (Status::Failed, true),
    };
    let words = match (outcome.only_function(), functions.len()) {
        (Some(function), _) => of_one(function, status, is_dry_run),
        (None, 0) if is_dry_run => "would not publish anything".to_owned(),
        (None, 0) => "Nothing was published".to_owned(),
        (None, all) if is_stopped && is_dry_run => format!("would not publish any of {all} functions"),
        (None, all) if is_stopped => format!("None of {all} functions was published"),
        (None, _) if status == Status::Failed && is_dry_run => {
            format!("would not publish, as {}", of_several(&functions, status))
        }
        (None, _) => of_several(&functions, status),
    };
    let dry_run = if is_dry_run { "Dry run: " } else { "" };
    let has_more = has_errors && !matches!(status, Status::Failed | Status::Unconfirmed);
    let errors = if has_more { ", but the run has errors" } else { "" };
    format!("## {icon} {dry_run}{words}{errors}")
}

fn is_compared(function: &FunctionOutcome) -> bool {
    !function.findings.iter().any(|finding| finding.code == Code::NotCompared)
}

/// What became of the only function.
fn of_one(function: &FunctionOutcome, status: Status, is_dry_run: bool) -> String {
    let title = cell(&function.title());
    match (status, function.target) {
        (Status::Published, _) => format!("Published {title}"),
        (Status::Draft, _) => format!("Saved {title} as a draft"),
        (Status::DryRun, _) if !is_compared(function) => format!("checked {title}{NOT_COMPARED}"),
        (Status::DryRun, Target::Live) => format!("would publish {title}"),
        (Status::DryRun, Target::Draft) => format!("would save {title} as a draft"),
        (Status::Failed, _) if function.decision == Some(Decision::Unchanged) => {
            format!("{title} is already published, but failed")
        }
        (Status::Failed, Target::Live) if is_dry_run => format!("would not publish {title}"),
        (Status::Failed, Target::Draft) if is_dry_run => format!("would not save {title} as a draft"),
        (Status::Failed, Target::Draft) => format!("{title} was not saved as a draft"),
        (Status::Unchanged, _) if !function.live => format!("{title} is already published"),
        (Status::Failed, Target::Live) => format!("{title} was not published"),
        (Status::Unchanged, _) => format!("{title} is already live"),
        (Status::Unconfirmed, _) => format!("{title} is unconfirmed"),
        (Status::InReview, _) => format!("{title} is in review at the Hub"),
        (Status::Skipped, _) => format!("{title} was skipped"),
    }
}

/// What became of those of several functions that have the most urgent status.
fn of_several(functions: &[&FunctionOutcome], status: Status) -> String {
    let mut of_status = functions.iter().filter(|function| function.status == status).peekable();
    let is_compared = of_status.peek().is_some_and(|function| is_compared(function));
    let is_draft = of_status.peek().is_some_and(|function| function.target == Target::Draft);
    let (number, all) = (of_status.count(), text::count(functions.len(), "function"));
    let some = if number == functions.len() { all } else { format!("{number} of {all}") };
    let (are, were) = if number == 1 { ("is", "was") } else { ("are", "were") };
    match status {
        Status::Failed => format!("{some} failed"),
        Status::Unconfirmed => format!("{some} {are} unconfirmed"),
        Status::InReview => format!("{some} {are} in review at the Hub"),
        Status::Published => format!("Published {some}"),
        Status::Draft => format!("Saved {some} as drafts"),
        Status::DryRun if !is_compared => format!("checked {some}{NOT_COMPARED}"),
        Status::DryRun if is_draft => format!("would save {some} as drafts"),
        Status::DryRun => format!("would publish {some}"),
        Status::Unchanged => format!("{some} {are} already published"),
        Status::Skipped => format!("{some} {were} skipped"),
    }
}

/// How many of several functions have each status, where the headline does not say it of all.
pub(super) fn tally(outcome: &RunOutcome, is_dry_run: bool) -> Option<String> {
    let functions = &outcome.functions;
    let has = |statuses: &[Status]| functions.iter().any(|function| statuses.contains(&function.status));
    let several =
        functions.iter().any(|function| Some(function.status) != functions.first().map(|it| it.status));
    let is_sent = has(&[Status::Published, Status::Draft, Status::InReview, Status::Unconfirmed]);
    let nothing =
        if !is_sent && !is_dry_run && has(&[Status::Failed]) { "Nothing was published: " } else { "" };
    several.then(|| format!("{nothing}{}", outcome.tally()))
}
