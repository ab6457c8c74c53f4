//! The step summary: Markdown that shows at a glance what went live, where to click and what to mend.

use super::{DOCUMENTATION, FunctionReport, Report, Status};
use crate::decision::ReleaseType;
use crate::finding::{Finding, Severity};
use crate::text;

/// Most bytes of a summary: GitHub drops one over 1 MiB altogether.
const MAX_BYTES: usize = 900 * 1024;

/// The summary of a run.
pub(super) fn markdown(report: &Report) -> String {
    let mut lines = vec![format!("## {}", headline(report)), String::new()];
    if !report.functions.is_empty() {
        lines.push("| | Function | Version | Release | Links |".to_owned());
        lines.push("|---|---|---|---|---|".to_owned());
        lines.extend(report.functions.iter().map(row));
        lines.push(String::new());
    }
    let findings: Vec<_> = report.all_findings().collect();
    if !findings.is_empty() {
        lines.push("| | What to mend | Where |".to_owned());
        lines.push("|---|---|---|".to_owned());
        let mut sorted = findings;
        sorted.sort_by_key(|finding| finding.severity);
        lines.extend(sorted.into_iter().map(finding_row));
        lines.push(String::new());
    }
    lines.extend(files(report));
    bounded(lines)
}

/// As many lines as GitHub takes, and a word on the rest.
fn bounded(lines: Vec<String>) -> String {
    let mut summary = String::new();
    for line in lines {
        if summary.len() + line.len() > MAX_BYTES {
            summary += "\nThe summary ends here: GitHub takes no more. The log has everything.\n";
            break;
        }
        summary += &line;
        summary.push('\n');
    }
    summary
}

fn headline(report: &Report) -> String {
    let icon = icon(report.status());
    match report.functions.as_slice() {
        [function] => {
            let word = match function.status {
                Status::Published => "Published",
                Status::Draft => "Draft of",
                Status::Unchanged => "Unchanged:",
                Status::Skipped => "Skipped",
                Status::DryRun => "Dry run of",
                Status::Unconfirmed => "Unconfirmed:",
                Status::Failed => "Not published:",
            };
            format!("{icon} {word} {}", escape(&function.title()))
        }
        [] => format!("{icon} Nothing published"),
        functions => format!("{icon} {}: {}", text::count(functions.len(), "function"), report.tally()),
    }
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

fn row(function: &FunctionReport) -> String {
    let name = function.name.as_deref().unwrap_or(&function.directory);
    let version = match (&function.previous_version, &function.version) {
        (Some(previous), Some(version)) if previous != version => {
            format!("{} → **{}**", escape(previous), escape(version))
        }
        (_, Some(version)) => format!("**{}**", escape(version)),
        (_, None) => "–".to_owned(),
    };
    let release = match function.release_type {
        ReleaseType::None => "–",
        kind => kind.word(),
    };
    let links = [("page", &function.url), ("edit", &function.admin_url)];
    let links: Vec<_> = links
        .iter()
        .filter_map(|(name, link)| Some(format!("[{name}]({})", target(link.as_ref()?))))
        .collect();
    let links = if links.is_empty() { "–".to_owned() } else { links.join(" · ") };
    let status = function.status;
    format!("| {} {} | **{}** | {version} | {release} | {links} |", icon(status), status.word(), escape(name))
}

fn finding_row(finding: &Finding) -> String {
    let icon = match finding.severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Notice => "ℹ️",
    };
    let code = finding.code.name();
    let place = finding.place.as_ref().map_or("–".to_owned(), |place| {
        let lines = place.span.map(|span| format!(":{}:{}", span.line, span.column)).unwrap_or_default();
        format!("{}{lines}", literal(&place.file))
    });
    let link = format!("{DOCUMENTATION}#{}", code.to_lowercase());
    format!(
        "| {icon} | [{code}]({link})<br>{}<br>{} | {place} |",
        prose(&finding.message),
        prose(&finding.hint)
    )
}

/// What was sent, folded away.
fn files(report: &Report) -> Vec<String> {
    let sent = report.functions.iter().filter(|function| match function.status {
        Status::Published | Status::Draft | Status::DryRun | Status::Unconfirmed => true,
        Status::Unchanged | Status::Skipped | Status::Failed => false,
    });
    let mut lines = Vec::new();
    for function in sent {
        let digest = function.digest.as_deref().unwrap_or_default();
        lines.push(format!("<details><summary>Files of {}</summary>\n", escape(&function.title())));
        lines.push("| File | Bytes | SHA-256 |\n|---|---:|---|".to_owned());
        for file in &function.files {
            lines.push(format!("| {} | {} | `{}` |", literal(&file.path), file.bytes, file.sha256));
        }
        lines.push(format!("\nDigest: `{digest}`\n\n</details>\n"));
    }
    lines
}

/// A message of ours: what stands in backticks becomes code, all else is text.
fn prose(message: &str) -> String {
    let cleaned = text::clean_line(message);
    let mut parts = cleaned.split('`');
    let mut out = escape(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        match parts.next() {
            Some(rest) => out += &format!("<code>{}</code>{}", escape(part), escape(rest)),
            None => out += &format!("&#96;{}", escape(part)),
        }
    }
    out
}

fn literal(foreign: &str) -> String {
    format!("<code>{}</code>", escape(foreign))
}

/// Foreign text as text: whatever means something to Markdown or HTML becomes an entity, so that it means nothing.
fn escape(foreign: &str) -> String {
    let line = text::clean_line(foreign);
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            // `.`, `-`, `_`, `/`, `(`, `)` and their like mean nothing inside a cell.
            '.' | '-' | '_' | '/' | ' ' | ',' | ';' | '(' | ')' | '%' | '?' => out.push(c),
            c if c.is_ascii_punctuation() => out += &format!("&#{};", u32::from(c)),
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
    url.chars().fold(String::new(), |out, c| {
        let mut bytes = [0; 4];
        if ends(c) {
            c.encode_utf8(&mut bytes).bytes().fold(out, |out, byte| out + &format!("%{byte:02X}"))
        } else {
            out + c.encode_utf8(&mut bytes)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_means_nothing_to_markdown() {
        assert_eq!(
            escape("<img src=x> [a](b) | *b* `c`\nhttps://evil"),
            "&#60;img src&#61;x&#62; &#91;a&#93;(b) &#124; &#42;b&#42; &#96;c&#96;  ⏎ https&#58;//evil"
                .replace("  ⏎", " ⏎")
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
