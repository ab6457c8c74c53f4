//! The summary: Markdown that shows at a glance what went live, where to click and what to fix.

use std::fmt::Write as _;

use crate::finding::{Finding, Severity};
use crate::outcome::{FunctionOutcome, RunOutcome};
use crate::release::history::ReleaseType;
use crate::source::Location;
use crate::status::Status;
use crate::text;

/// Most bytes of a summary, so that it fits into a comment: GitHub takes 65,536 characters, and an author's own words may be
/// around it.
const MAX_BYTES: usize = 60_000;

/// Longest text in a cell, in characters: the log and the JSON report have all of it.
const MAX_CELL: usize = 500;

/// Most functions of which all are shown; of more, the unchanged and skipped ones are folded.
const MAX_UNFOLDED: usize = 5;

/// Most lines of broken code that are shown.
const MAX_BROKEN_LINES: usize = 20;

/// The summary of a run. With `files_url`, locations are links to the forge's view of the file.
pub(super) fn markdown(outcome: &RunOutcome, files_url: Option<&str>) -> String {
    let mut blocks = vec![headline(outcome)];
    blocks.extend(outcome.only_function().and_then(card));
    let rows = |is_wanted: fn(&Finding) -> bool| -> Vec<_> {
        let mut findings: Vec<_> = outcome.shown_findings().filter(|finding| is_wanted(finding)).collect();
        findings.sort_by_key(|finding| finding.severity);
        findings.into_iter().map(|finding| finding_row(finding, files_url)).collect()
    };
    let problems = rows(|finding| finding.severity != Severity::Notice);
    blocks.extend(table("| | Problem | Code | Location |\n|---|---|---|---|", &problems));
    if outcome.functions.len() > 1 {
        blocks.extend(functions(outcome));
    }
    blocks.extend(broken_code(outcome));
    let notices = rows(|finding| finding.severity == Severity::Notice);
    let title = text::count(notices.len(), "notice");
    let notices = table("| | Notice | Code | Location |\n|---|---|---|---|", &notices);
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
    let mut table = head.to_owned();
    for (shown, row) in rows.iter().enumerate() {
        if table.len() + row.len() > MAX_BYTES / 3 {
            let _ = write!(table, "\n\n{} more in the log.", rows.len() - shown);
            break;
        }
        table = table + "\n" + row;
    }
    (!rows.is_empty()).then_some(table)
}

fn fold(title: &str, content: &str) -> String {
    format!("<details><summary>{title}</summary>\n\n{content}\n\n</details>")
}

fn headline(outcome: &RunOutcome) -> String {
    let has_errors = outcome.findings.iter().any(Finding::is_error);
    let is_there = |status: &&Status| outcome.functions.iter().any(|function| function.status == **status);
    let most_urgent = Status::MOST_URGENT_FIRST.iter().find(is_there).filter(|_| !has_errors);
    let icon = most_urgent.copied().unwrap_or_else(|| outcome.status()).row().icon;
    let words = match (outcome.only_function(), outcome.functions.as_slice()) {
        (Some(function), _) => format!("{}{}", cell(&function.title()), function.status.row().headline),
        (None, []) if outcome.status() == Status::Unconfirmed => "The run did not end".to_owned(),
        (None, []) => "Nothing was published".to_owned(),
        (None, functions) => format!("{}: {}", text::count(functions.len(), "function"), outcome.tally()),
    };
    format!("## {icon} {words}")
}

/// The only function on one line: from which version to which, and where to click.
fn card(function: &FunctionOutcome) -> Option<String> {
    let versions = match (function.status, &function.previous_version) {
        (Status::Failed, previous) => format!("{} stays live", bold(&cell(previous.as_ref()?))),
        (Status::Skipped, _) => return None,
        _ => versions(function),
    };
    let release = Some(format!("{} release", function.release_type.word()));
    let release =
        release.filter(|_| function.status.row().is_sent && function.release_type != ReleaseType::None);
    let advice = function.advice.as_deref().filter(|_| function.status.row().is_sent).map(prose);
    let parts = [Some(versions), release, advice, links(function)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// The functions with something to report, the most urgent first; the others are folded where there are many.
fn functions(outcome: &RunOutcome) -> Vec<String> {
    const HEAD: &str = "| | Function | Version | Release | Links |\n|---|---|---|---|---|";
    let rows = |is_wanted: &dyn Fn(Status) -> bool| -> Vec<_> {
        let statuses = Status::MOST_URGENT_FIRST.iter().filter(|status| is_wanted(**status));
        let of = |status| outcome.functions.iter().filter(move |function| function.status == status);
        statuses.flat_map(|status| of(*status)).map(row).collect()
    };
    let is_idle = |status| matches!(status, Status::Unchanged | Status::Skipped);
    let (active, idle) = (rows(&|status| !is_idle(status)), rows(&is_idle));
    if active.is_empty() || outcome.functions.len() <= MAX_UNFOLDED {
        return table(HEAD, &[active, idle].concat()).into_iter().collect();
    }
    let title = format!("{} unchanged or skipped", text::count(idle.len(), "function"));
    table(HEAD, &active).into_iter().chain(table(HEAD, &idle).map(|table| fold(&title, &table))).collect()
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
    let release = Some(function.release_type).filter(|kind| *kind != ReleaseType::None);
    let advice = function.advice.as_deref().filter(|_| function.status.row().is_sent).map(prose);
    let reason = Some(cell(function.skip_reason)).filter(|_| function.status == Status::Skipped);
    let release = [release.map(|kind| kind.word().to_owned()), advice, reason];
    let release = release.into_iter().flatten().collect::<Vec<_>>().join("<br>");
    let status = function.status.row();
    let (icon, word) = (status.icon, status.word.replace('-', " "));
    let links = links(function).unwrap_or_default();
    format!("| {icon} {word} | {} | {} | {release} | {links} |", bold(&name), versions(function))
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

fn links(function: &FunctionOutcome) -> Option<String> {
    let links = [("open on the Hub", &function.url), ("edit", &function.admin_url)];
    let links = links.iter().filter_map(|(name, link)| Some(format!("[{name}]({})", target(link.as_ref()?))));
    let links: Vec<_> = links.collect();
    (!links.is_empty()).then(|| links.join(" · "))
}

fn finding_row(finding: &Finding, files_url: Option<&str>) -> String {
    let icon = finding.severity.row().icon;
    let code = format!("[{}]({})", finding.code.name(), finding.code.url());
    let location =
        finding.location.as_ref().map_or(String::new(), |location| shown_location(location, files_url));
    let (message, hint) = (prose(&finding.message), prose(&finding.hint));
    format!("| {icon} | {}<br>{hint} | {code} | {location} |", bold(&message))
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
            format!("[{shown}]({}{anchor})", target(&format!("{base}/{path}")))
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
    let files = table("| Function | File | Bytes | SHA-256 |\n|---|---|---:|---|", &rows)?;
    let digest = match sent().collect::<Vec<_>>().as_slice() {
        [only] => format!("\n\nDigest: `{}`", only.digest.as_deref().unwrap_or_default()),
        _ => String::new(),
    };
    Some(fold(&text::count(rows.len(), "file"), &format!("{files}{digest}")))
}

/// A message of ours: text in backticks becomes code.
fn prose(message: &str) -> String {
    let message = text::shorten(&text::clean_line(message), MAX_CELL);
    let mut parts = message.split('`');
    let mut out = escape(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        match parts.next() {
            Some(rest) => out = format!("{out}<code>{}</code>{}", escape(part), escape(rest)),
            None => out = format!("{out}&#96;{}", escape(part)),
        }
    }
    out
}

/// Bold text. Next to white space, or with nothing in between, asterisks are only asterisks (`CommonMark`, "Left-flanking
/// delimiter run").
fn bold(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!("**{text}**") }
}

/// Foreign text for a cell or a line.
fn cell(foreign: &str) -> String {
    escape(&text::shorten(&text::clean_line(foreign), MAX_CELL))
}

/// Escapes everything that means something to Markdown or HTML.
fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            // Email addresses and mentions are recognized inside text: an element splits them.
            '@' => out.push_str("<span>@</span>"),
            // These have no meaning inside a line.
            '.' | '-' | '/' | ' ' | ',' | ';' | '(' | ')' | '%' | '?' => out.push(c),
            c if c.is_ascii_punctuation() => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    // A bare `www.` would become a link.
    out.replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")
}

/// A link's target: what could end it early, or is an entity there (`&lt;`), is percent-encoded.
fn target(url: &str) -> String {
    let ends = |c: char| c.is_control() || c.is_whitespace() || "()<>|\\\"`&".contains(c);
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        if ends(c) {
            for byte in c.to_string().bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_means_nothing_to_markdown() {
        assert_eq!(
            cell("<img src=x> [a](b) | *b* `c`\nhttps://evil"),
            "&#60;img src&#61;x&#62; &#91;a&#93;(b) &#124; &#42;b&#42; &#96;c&#96; ⏎ https&#58;//evil"
        );
    }

    #[test]
    fn backticks_of_a_message_become_code_and_a_lone_one_stays() {
        assert_eq!(prose("`a|b` is not `c`, d`e"), "<code>a&#124;b</code> is not <code>c</code>, d&#96;e");
    }

    #[test]
    fn a_link_cannot_be_ended_early() {
        assert_eq!(target("https://a/b) [x](y|z"), "https://a/b%29%20[x]%28y%7Cz");
        assert_eq!(target("https://a/b&lt;c"), "https://a/b%26lt;c");
    }

    #[test]
    fn text_is_bold_only_where_it_can_be() {
        for (text, expected) in [("a b", "**a b**"), (" a\u{a0}", "**a**"), ("", ""), (" ", "")] {
            assert_eq!(bold(text), expected, "{text:?}");
        }
    }
}
