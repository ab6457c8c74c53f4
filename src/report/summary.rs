//! The step summary: Markdown that shows at a glance what went live, where to click and what to mend.

use std::fmt::Write as _;

use super::{DOCUMENTATION, FunctionReport, Report, Status, WORST_FIRST};
use crate::finding::{Finding, Severity};
use crate::release::history::ReleaseType;
use crate::source::Location;
use crate::text;

/// Most bytes of a summary: GitHub drops one over 1 MiB altogether.
const MAX_BYTES: usize = 900 * 1024;

/// Longest text in a cell, in characters: the log and the JSON report have all of it.
const LONGEST_CELL: usize = 500;

/// Most functions in sight beside which those of which there is nothing to tell are in sight too.
const FEW: usize = 5;

/// The summary of a run. With `files_url`, places are links to the forge's view of the file.
pub(super) fn markdown(report: &Report, files_url: Option<&str>) -> String {
    let mut blocks = vec![headline(report)];
    blocks.extend(report.functions.first().filter(|_| report.functions.len() == 1).and_then(card));
    let of = |is_wanted: fn(&Finding) -> bool| -> Vec<_> {
        let rows = report.all_findings().filter(|finding| is_wanted(finding));
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|finding| finding.severity);
        rows.into_iter().map(|finding| finding_row(finding, files_url)).collect()
    };
    blocks
        .extend(table("| | What to mend | Where |\n|---|---|---|", &of(|f| f.severity != Severity::Notice)));
    if report.functions.len() > 1 {
        blocks.extend(functions(report));
    }
    let notices = of(|finding| finding.severity == Severity::Notice);
    let title = text::count(notices.len(), "notice");
    blocks.extend(
        table("| | Worth knowing | Where |\n|---|---|---|", &notices).map(|table| fold(&title, &table)),
    );
    blocks.extend(files(report));
    bounded(blocks)
}

/// As many blocks as GitHub takes, and a word on the rest.
fn bounded(blocks: Vec<String>) -> String {
    let mut summary = String::new();
    for block in blocks {
        if summary.len() + block.len() > MAX_BYTES {
            summary += "The summary ends here: GitHub takes no more. The log has everything.\n";
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
    for (told, row) in rows.iter().enumerate() {
        if table.len() + row.len() > MAX_BYTES / 3 {
            let _ = write!(table, "\n\n{} more: the log has them all.", rows.len() - told);
            break;
        }
        table = table + "\n" + row;
    }
    (!rows.is_empty()).then_some(table)
}

fn fold(title: &str, content: &str) -> String {
    format!("<details><summary>{title}</summary>\n\n{content}\n\n</details>")
}

fn headline(report: &Report) -> String {
    let of_many = WORST_FIRST.into_iter().find(|status| report.functions.iter().any(|f| f.status == *status));
    let icon = icon(if report.findings.iter().any(Finding::is_error) {
        Status::Failed
    } else {
        of_many.unwrap_or(Status::Failed)
    });
    let words = match report.functions.as_slice() {
        [function] => {
            let title = cell(&function.title());
            match function.status {
                Status::Published => format!("{title} is live"),
                Status::Draft => format!("{title} is a draft"),
                Status::Unchanged => format!("{title} was live already"),
                Status::Skipped => format!("{title} was skipped"),
                Status::DryRun => format!("{title}: dry run, nothing was sent"),
                Status::Unconfirmed => format!("{title}: not confirmed"),
                Status::Failed => format!("{title} was not published"),
            }
        }
        [] => "Nothing was published".to_owned(),
        functions => format!("{}: {}", text::count(functions.len(), "function"), report.tally()),
    };
    format!("## {icon} {words}")
}

const fn icon(status: Status) -> &'static str {
    match status {
        Status::Published => "✅",
        Status::Draft => "📝",
        Status::Unchanged => "🟰",
        Status::Skipped => "⏭️",
        Status::DryRun => "🔍",
        Status::Unconfirmed => "❔",
        Status::Failed => "❌",
    }
}

/// The only function, in a line: from which version to which, and where to click.
fn card(function: &FunctionReport) -> Option<String> {
    let versions = match (function.status, &function.previous_version) {
        (Status::Failed, previous) => format!("**{}** stays live", cell(previous.as_ref()?)),
        (Status::Skipped, _) => return None,
        _ => versions(function),
    };
    let release = Some(format!("{} release", function.release_type.word()));
    let release = release.filter(|_| function.status.is_sent() && function.release_type != ReleaseType::None);
    let advice = function.advice.as_deref().filter(|_| function.status.is_sent()).map(prose);
    let parts = [Some(versions), release, advice, links(function)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// The functions of which there is something to tell, the worst first, and the others folded where there are many.
fn functions(report: &Report) -> Vec<String> {
    const HEAD: &str = "| | Function | Version | Release | Links |\n|---|---|---|---|---|";
    let rows = |is_wanted: &dyn Fn(Status) -> bool| -> Vec<_> {
        let statuses = WORST_FIRST.iter().filter(|status| is_wanted(**status));
        let of = |status| report.functions.iter().filter(move |function| function.status == status);
        statuses.flat_map(|status| of(*status)).map(row).collect()
    };
    let is_still = |status| matches!(status, Status::Unchanged | Status::Skipped);
    let (told, still) = (rows(&|status| !is_still(status)), rows(&is_still));
    if told.is_empty() || report.functions.len() <= FEW {
        return table(HEAD, &[told, still].concat()).into_iter().collect();
    }
    let title = format!("{} left as they are", text::count(still.len(), "function"));
    table(HEAD, &told).into_iter().chain(table(HEAD, &still).map(|table| fold(&title, &table))).collect()
}

fn row(function: &FunctionReport) -> String {
    let name = cell(function.name.as_deref().unwrap_or(&function.directory));
    let release = Some(function.release_type).filter(|kind| *kind != ReleaseType::None);
    let advice = function.advice.as_deref().filter(|_| function.status.is_sent()).map(prose);
    let release = [release.map(|kind| kind.word().to_owned()), advice];
    let release = release.into_iter().flatten().collect::<Vec<_>>().join("<br>");
    let (icon, word) = (icon(function.status), function.status.word().replace('-', " "));
    let links = links(function).unwrap_or_default();
    format!("| {icon} {word} | **{name}** | {} | {release} | {links} |", versions(function))
}

/// `1.0.0 → 1.1.0`, or the one version that is known.
fn versions(function: &FunctionReport) -> String {
    match (&function.previous_version, &function.version) {
        (Some(previous), Some(version)) if previous != version => {
            format!("{} → **{}**", cell(previous), cell(version))
        }
        (_, Some(version)) => format!("**{}**", cell(version)),
        (_, None) => "no version".to_owned(),
    }
}

fn links(function: &FunctionReport) -> Option<String> {
    let links = [("open on the Hub", &function.url), ("edit", &function.admin_url)];
    let links = links.iter().filter_map(|(name, link)| Some(format!("[{name}]({})", target(link.as_ref()?))));
    let links: Vec<_> = links.collect();
    (!links.is_empty()).then(|| links.join(" · "))
}

fn finding_row(finding: &Finding, files_url: Option<&str>) -> String {
    let icon = match finding.severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Notice => "ℹ️",
    };
    let code = finding.code.name();
    let link = format!("{DOCUMENTATION}#{}", code.to_lowercase());
    let location =
        finding.location.as_ref().map_or(String::new(), |location| shown_location(location, files_url));
    let (message, hint) = (prose(&finding.message), prose(&finding.hint));
    format!("| {icon} | **{message}**<br>{hint} <sub>[{code}]({link})</sub> | {location} |")
}

/// Where a finding stands, as a link to the line if the forge shows it.
fn shown_location(location: &Location, files_url: Option<&str>) -> String {
    let line = location.span().map_or(String::new(), |span| format!(":{}", span.line));
    let shown = format!("<code>{}{line}</code>", cell(&location.file));
    match files_url {
        // A path outside the workspace is nowhere in the repository.
        Some(base) if !location.file.starts_with('/') => {
            let anchor = location.span().map_or(String::new(), |span| format!("#L{}", span.line));
            let path = location.file.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
            format!("[{shown}]({}{anchor})", target(&format!("{base}/{path}")))
        }
        _ => shown,
    }
}

/// What was sent, or would have been, folded away.
fn files(report: &Report) -> Option<String> {
    let sent = || report.functions.iter().filter(|function| function.status.is_sent());
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

/// A message of ours: what stands in backticks becomes code, all else is text.
fn prose(message: &str) -> String {
    let message = text::shorten(&text::clean_line(message), LONGEST_CELL);
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

/// Foreign text for a cell or a line.
fn cell(foreign: &str) -> String {
    escape(&text::shorten(&text::clean_line(foreign), LONGEST_CELL))
}

/// Text as text: whatever means something to Markdown or HTML becomes an entity, so that it means nothing.
fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            // An address of mail, or a name that is called, is found in the text itself: an element parts it.
            '@' => out.push_str("<span>@</span>"),
            // These mean nothing inside a line.
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

/// A link's target: what could end it early is percent-encoded.
fn target(url: &str) -> String {
    let ends = |c: char| {
        c.is_control() || c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '|' | '\\' | '"' | '`')
    };
    url.chars().fold(String::new(), |mut out, c| {
        let mut bytes = [0; 4];
        for byte in c.encode_utf8(&mut bytes).bytes().filter(|_| ends(c)) {
            let _ = write!(out, "%{byte:02X}");
        }
        out.extend(Some(c).filter(|c| !ends(*c)));
        out
    })
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
    }
}
