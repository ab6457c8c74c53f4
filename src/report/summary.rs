//! The summary: Markdown that shows at a glance what went live, where to click and what to fix.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::hash::Hash;

use super::headline::{headline, tally};
use super::markdown::{bold, cell, fold, fold_in_cell, keys_page, link, prose};
use crate::finding::{Code, Finding, Owner, Severity};
use crate::outcome::{FunctionOutcome, RunOutcome};
use crate::release::history::ReleaseType;
use crate::source::Location;
use crate::status::Status;
use crate::text;

/// Most bytes of a summary, so that it fits into a comment: GitHub takes 65,536 characters, and an author's own words may be
/// around it.
const MAX_BYTES: usize = 60_000;

/// Most functions, places of a problem or problems of one kind that are shown unfolded: a longer list hides the rest.
const MAX_UNFOLDED: usize = 5;

/// Most lines of broken code that are shown.
const MAX_BROKEN_LINES: usize = 20;

/// The summary of a run. With `files_url`, locations are links to the forge's view of the file.
pub(super) fn markdown(outcome: &RunOutcome, files_url: Option<&str>, is_dry_run: bool) -> String {
    let mut blocks = vec![headline(outcome, is_dry_run)];
    blocks.extend(outcome.only_function().and_then(card));
    blocks.extend(tally(outcome, is_dry_run));
    let problems = rows(outcome, files_url, |finding| finding.severity != Severity::Notice);
    blocks.extend(table("| | Problem | Code | Location |\n|:--|:--|:--|:--|", &problems));
    if outcome.functions.len() > 1 {
        blocks.extend(functions(outcome));
    }
    blocks.extend(broken_code(outcome));
    let notices = rows(outcome, files_url, |finding| finding.severity == Severity::Notice);
    let title = text::count(notices.len(), "notice");
    let notices = table("| | Notice | Code | Location |\n|:--|:--|:--|:--|", &notices);
    blocks.extend(notices.map(|table| fold(&title, &table)));
    blocks.extend(files(outcome));
    bounded(blocks)
}

/// Whether a text is a summary of this program.
pub(super) fn is_summary(text: &str) -> bool {
    let icon = text.strip_prefix("## ").and_then(|rest| rest.split_whitespace().next());
    Status::MOST_URGENT_FIRST.iter().any(|status| Some(status.row().icon) == icon)
}

/// As many blocks as fit, and a note about the rest.
fn bounded(blocks: Vec<String>) -> String {
    const NOTE: &str = "The summary is cut here, so that it fits into a comment. The log is complete.\n\n";
    let mut summary = String::new();
    for block in blocks {
        if summary.len() + block.len() + "\n\n".len() + NOTE.len() > MAX_BYTES {
            summary += NOTE;
            break;
        }
        summary += &block;
        summary += "\n\n";
    }
    summary
}

/// A table of the rows, cut to what a summary can hold; nothing without rows.
fn table(head: &str, rows: &[String]) -> Option<String> {
    let table = joined(head.to_owned(), "\n", rows, MAX_BYTES / 3, "\n\n");
    (!rows.is_empty()).then_some(table)
}

/// The items that fit, each after a separator, and a note of how many do not.
fn joined(start: String, separator: &str, items: &[String], max: usize, before_note: &str) -> String {
    let mut joined = start;
    for (shown, item) in items.iter().enumerate() {
        if joined.len() + item.len() > max {
            let _ = write!(joined, "{before_note}{} more in the log.", items.len() - shown);
            break;
        }
        joined += separator;
        joined += item;
    }
    joined
}

/// The only function on one line: from which version to which, and where to click.
fn card(function: &FunctionOutcome) -> Option<String> {
    let versions = match (function.status, &function.previous_version) {
        (Status::Failed, previous) => format!("{} stays live as it is", bold(&cell(previous.as_ref()?))),
        (Status::Skipped, _) => return None,
        _ => versions(function),
    };
    let parts = [Some(versions), release(function), advice(function), links(function)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// The kind of release that was sent, or would be.
fn release(function: &FunctionOutcome) -> Option<String> {
    let is_release = function.status.row().is_sent && function.release_type != ReleaseType::None;
    is_release.then(|| format!("{} release", function.release_type.word()))
}

fn advice(function: &FunctionOutcome) -> Option<String> {
    function.advice.as_deref().filter(|_| function.status.row().is_sent).map(prose)
}

/// The functions, the most urgent first. Where there are many, those that are unchanged or skipped are folded, and those that
/// failed, if they are many too: what is wrong with them is said above.
fn functions(outcome: &RunOutcome) -> Vec<String> {
    const HEAD: &str = "| | Function | Version | Details | Links |\n|:--|:--|:--|:--|:--|";
    let rows = |is_wanted: &dyn Fn(Status) -> bool| -> Vec<_> {
        let statuses = Status::MOST_URGENT_FIRST.iter().filter(|status| is_wanted(**status));
        let of = |status| outcome.functions.iter().filter(move |function| function.status == status);
        statuses.flat_map(|status| of(*status)).map(row).collect()
    };
    let is_idle = |status| matches!(status, Status::Unchanged | Status::Skipped);
    let failed = rows(&|status| status == Status::Failed);
    let active = rows(&|status| status != Status::Failed && !is_idle(status));
    let idle = rows(&is_idle);
    let is_short = outcome.functions.len() <= MAX_UNFOLDED || failed.is_empty() && active.is_empty();
    let folded = |rows: &[String], words: &str| {
        let title = format!("{} {words}", text::count(rows.len(), "function"));
        table(HEAD, rows).map(|table| fold(&title, &table))
    };
    let has = |status| outcome.functions.iter().any(|function| function.status == status);
    let idle_words = match (has(Status::Unchanged), has(Status::Skipped)) {
        (true, true) => "unchanged or skipped",
        (true, false) => "unchanged",
        (false, _) => "skipped",
    };
    if is_short {
        table(HEAD, &[failed, active, idle].concat()).into_iter().collect()
    } else if failed.len() > MAX_UNFOLDED {
        let blocks = [folded(&failed, "failed"), table(HEAD, &active), folded(&idle, idle_words)];
        blocks.into_iter().flatten().collect()
    } else {
        let blocks = [table(HEAD, &[failed, active].concat()), folded(&idle, idle_words)];
        blocks.into_iter().flatten().collect()
    }
}

/// The code of users that stops compiling with what was sent, or would be.
fn broken_code(outcome: &RunOutcome) -> Option<String> {
    let sent = outcome.functions.iter().filter(|function| function.status.row().is_sent);
    let lines: Vec<_> = sent.flat_map(|function| &function.broken_code).collect();
    let shown = lines.iter().take(MAX_BROKEN_LINES).map(|line| format!("- <code>{}</code>", cell(line)));
    let more = lines.len().saturating_sub(MAX_BROKEN_LINES);
    let more = (more > 0).then(|| format!("- {}", text::count(more, "more line")));
    let list = shown.chain(more).collect::<Vec<_>>().join("\n");
    (!lines.is_empty()).then(|| format!("Code of users that no longer compiles:\n\n{list}"))
}

fn row(function: &FunctionOutcome) -> String {
    let name = cell(function.written_name.as_deref().unwrap_or(&function.directory));
    let reason = Some(cell(function.skip_reason)).filter(|_| function.status == Status::Skipped);
    let details = [release(function), advice(function), reason];
    let details = details.into_iter().flatten().collect::<Vec<_>>().join("<br>");
    let status = function.status.row();
    let (icon, word) = (status.icon, status.word.replace('-', " "));
    let links = links(function).unwrap_or_default();
    format!("| {icon} {word} | {} | {} | {details} | {links} |", bold(&name), versions(function))
}

/// `1.0.0 → 1.1.0`, or the one version that is known.
fn versions(function: &FunctionOutcome) -> String {
    match (&function.previous_version, &function.version) {
        (Some(previous), Some(version)) if previous != version => {
            format!("{} → {}", cell(previous), bold(&cell(version)))
        }
        (_, Some(version)) => bold(&cell(version)),
        (_, None) => "no version".to_owned(),
    }
}

/// Where to click: first where a draft is reviewed, if it is one.
fn links(function: &FunctionOutcome) -> Option<String> {
    let (page, edit) = (("open on the Hub", function.page()), function.admin_url.as_deref());
    let links = match function.status {
        Status::Draft => [("review the draft", edit), page],
        Status::InReview => [("open the version in review", edit), page],
        Status::Published
        | Status::Unchanged
        | Status::Skipped
        | Status::DryRun
        | Status::Unconfirmed
        | Status::Failed => [page, ("edit", edit)],
    };
    let links = links.into_iter().filter_map(|(name, url)| Some(link(name, url?)));
    let links: Vec<_> = links.collect();
    (!links.is_empty()).then(|| links.join(" · "))
}

/// A finding, and what it is about.
struct Occurrence<'o> {
    finding: &'o Finding,
    function: Option<&'o FunctionOutcome>,
    /// Its location, else the directory of one of several functions, as a cell shows it.
    place: String,
}

/// The rows of the findings that are wanted, the most severe first, then by code. What is said in the same words of several
/// places is one row, and so is what is said of many functions under the same code.
fn rows(outcome: &RunOutcome, files_url: Option<&str>, is_wanted: fn(&Finding) -> bool) -> Vec<String> {
    let of_run = outcome.findings.iter().map(|finding| (finding, None));
    let of_function = |function| move |finding| (finding, Some(function));
    let of_functions =
        outcome.functions.iter().flat_map(|function| function.findings.iter().map(of_function(function)));
    let mut found: Vec<_> = of_run.chain(of_functions).filter(|(finding, _)| is_wanted(finding)).collect();
    found.sort_by_key(|(finding, _)| finding.severity);
    let is_several = outcome.functions.len() > 1;
    let occurrences = found.into_iter().map(|(finding, function)| {
        let of_function = function
            .filter(|_| is_several)
            .map(|function| format!("<code>{}</code>", cell(&function.directory)));
        let location = finding.location.as_ref().map(|location| shown_location(location, files_url));
        Occurrence { finding, function, place: location.or(of_function).unwrap_or_default() }
    });
    let mut rows = Vec::new();
    let kinds = grouped(occurrences, |it| (it.finding.severity, it.finding.code));
    // No kind leaves another one no room.
    let max_list = MAX_BYTES / 6 / kinds.len().max(1);
    for kind in kinds {
        let functions = number_of_functions(&kind);
        let variants = grouped(&kind, |it| (&it.finding.message, &it.finding.hint));
        if functions > 1 && variants.len() > MAX_UNFOLDED {
            rows.extend(row_of_kind(&kind, max_list));
        } else {
            rows.extend(variants.iter().filter_map(|variant| row_of_variant(variant, max_list)));
        }
    }
    rows
}

/// The items by a key, in the order in which each key was seen first.
fn grouped<T, K: Eq + Hash>(items: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<Vec<T>> {
    let (mut numbers, mut groups) = (HashMap::new(), Vec::new());
    for item in items {
        let next = groups.len();
        let number = *numbers.entry(key(&item)).or_insert(next);
        if number == next {
            groups.push(Vec::new());
        }
        if let Some(group) = groups.get_mut(number) {
            group.push(item);
        }
    }
    groups
}

/// The row of what is said in the same words of one or more places.
fn row_of_variant(variant: &[&Occurrence<'_>], max_list: usize) -> Option<String> {
    let places = variant.iter().map(|it| it.place.clone()).filter(|place| !place.is_empty());
    let places: Vec<_> =
        grouped(places, Clone::clone).into_iter().filter_map(|same| same.into_iter().next()).collect();
    let mut shown = if places.len() <= MAX_UNFOLDED {
        places.join("<br>")
    } else {
        let title = match number_of_functions(variant.iter().copied()) {
            0 | 1 => text::count(places.len(), "place"),
            number if number == places.len() => text::count(number, "function"),
            number => {
                format!("{} in {}", text::count(places.len(), "place"), text::count(number, "function"))
            }
        };
        fold_list(&title, &places, max_list)
    };
    if !places.is_empty() && variant.len() > places.len() {
        let _ = write!(shown, "<br>{} times", variant.len());
    }
    Some(finding_row(variant.first()?.finding, "", &shown))
}

/// The row of what is said in different words, but under the same code, of many functions.
fn row_of_kind(kind: &[Occurrence<'_>], max_list: usize) -> Option<String> {
    let (first, others) = kind.split_first()?;
    let lines = others.iter().map(|it| {
        let hint = if it.finding.hint == first.finding.hint { "" } else { &it.finding.hint };
        [&it.place, &prose(&it.finding.message), &prose(hint)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" · ")
    });
    let functions = text::count(number_of_functions(others), "function");
    let title = format!("{} more, in {functions}", others.len());
    Some(finding_row(first.finding, &fold_list(&title, &lines.collect::<Vec<_>>(), max_list), &first.place))
}

/// A list in a cell, folded.
fn fold_list(title: &str, items: &[String], max: usize) -> String {
    let list = joined(String::new(), "<br>", items, max, "<br>");
    fold_in_cell(title, list.trim_start_matches("<br>"))
}

fn number_of_functions<'o>(occurrences: impl IntoIterator<Item = &'o Occurrence<'o>>) -> usize {
    let directories = occurrences.into_iter().filter_map(|it| Some(&it.function?.directory));
    directories.collect::<HashSet<_>>().len()
}

fn finding_row(finding: &Finding, more: &str, location: &str) -> String {
    let severity = finding.severity.row();
    let code = link(finding.code.name(), &finding.code.url());
    let (message, hint) = (prose(&finding.message), prose(&finding.hint));
    // A refusal in words that are not documented may be about the key, whatever its status.
    let is_key_refused = finding.code == Code::HubRefused && finding.owner == Owner::Pipeline;
    let keys = if is_key_refused { format!("<br>{}", keys_page("account keys")) } else { String::new() };
    let (icon, word) = (severity.icon, severity.word);
    format!("| {icon} {word} | {}<br>{hint}{keys}{more} | {code} | {location} |", bold(&message))
}

/// The location of a finding, as a link to the line if the forge shows it.
fn shown_location(location: &Location, files_url: Option<&str>) -> String {
    let line = location.span().map_or(String::new(), |span| format!(":{}", span.line));
    let shown = format!("<code>{}{line}</code>", cell(&location.file));
    match files_url {
        // A path outside the workspace is not in the repository.
        Some(base) if !location.file.starts_with('/') => {
            let anchor = location.span().map_or(String::new(), |span| format!("#L{}", span.line));
            let path = location.file.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
            link(&shown, &format!("{base}/{path}{anchor}"))
        }
        _ => shown,
    }
}

/// What was sent, or would have been, folded away.
fn files(outcome: &RunOutcome) -> Option<String> {
    let sent = || outcome.functions.iter().filter(|function| function.status.row().is_sent);
    let rows = sent().flat_map(|function| {
        let title = cell(&function.title());
        function.files.iter().map(move |file| {
            let path = cell(&file.path);
            format!("| {title} | <code>{path}</code> | {} | <code>{}</code> |", file.bytes, file.sha256)
        })
    });
    let rows: Vec<_> = rows.collect();
    let files = table("| Function | File | Bytes | SHA-256 |\n|:--|:--|--:|:--|", &rows)?;
    let digest = match sent().collect::<Vec<_>>().as_slice() {
        [only] => format!("\n\nDigest: `{}`", only.digest.as_deref().unwrap_or_default()),
        _ => String::new(),
    };
    Some(fold(&text::count(rows.len(), "file"), &format!("{files}{digest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_grouped_in_the_order_in_which_their_keys_were_seen_first() {
        assert_eq!(grouped([3, 1, 5, 2, 4], |number| number % 2), [vec![3, 1, 5], vec![2, 4]]);
    }
}
