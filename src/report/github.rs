//! GitHub's own ways: annotations at the line, and the step's outputs.

use super::{Report, json};
use crate::finding::{Finding, Severity};
use crate::secret::Secrets;
use crate::text;

/// Most annotations of one severity that GitHub keeps of a step; it drops the rest without a word.
const MAX_ANNOTATIONS: usize = 10;

/// Longest message of an annotation that is sent, in characters; GitHub cuts at 4,096, ours ends where we say.
const LONGEST_MESSAGE: usize = 3_000;

/// The commands that make the runner strike secrets out of the log.
pub(super) fn mask_commands(secrets: &Secrets) -> Vec<String> {
    secrets.expose().map(|secret| format!("::add-mask::{}", escape_data(secret))).collect()
}

/// One annotation a finding, the worst first; what is over GitHub's limit is summed up in the last one.
pub(super) fn annotations(report: &Report) -> Vec<String> {
    let severities = [Severity::Error, Severity::Warning, Severity::Notice];
    severities.iter().flat_map(|severity| annotations_of(report, *severity)).collect()
}

fn annotations_of(report: &Report, severity: Severity) -> Vec<String> {
    let mut findings: Vec<_> = report.all_findings().filter(|finding| finding.severity == severity).collect();
    // What stands at a line is worth more here than what the log tells as well.
    findings.sort_by_key(|finding| finding.location.as_ref().is_none_or(|location| !location.is_exact()));
    let all = findings.len();
    if all > MAX_ANNOTATIONS {
        findings.truncate(MAX_ANNOTATIONS - 1);
    }
    let mut commands: Vec<_> = findings.iter().map(|finding| annotation(finding)).collect();
    if all > commands.len() {
        let more = text::count(all - commands.len(), &format!("more {}", severity.word()));
        let message =
            format!("{more}: GitHub shows {MAX_ANNOTATIONS} a step, the log and the summary show all");
        commands.push(format!("::{} title=aerostack-publish::{}", severity.word(), escape_data(&message)));
    }
    commands
}

fn annotation(finding: &Finding) -> String {
    let mut properties = Vec::new();
    if let Some(location) = &finding.location {
        properties.push(format!("file={}", escape_property(&location.file)));
        if let Some(span) = location.span() {
            properties.push(format!("line={},endLine={}", span.line, span.end_line));
            if span.line == span.end_line {
                properties.push(format!("col={},endColumn={}", span.column, span.end_column));
            }
        }
    }
    properties.push(format!("title={}", escape_property(finding.code.name())));
    let message = text::shorten(&text::clean(&finding.message), LONGEST_MESSAGE);
    let hint = text::shorten(&text::clean(&finding.hint), LONGEST_MESSAGE / 4);
    let data = escape_data(&text::defuse(&format!("{message}\n{hint}")));
    format!("::{} {}::{data}", finding.severity.word(), properties.join(","))
}

/// The step's outputs, as `GITHUB_OUTPUT` takes them.
pub(super) fn outputs(report: &Report) -> String {
    let mut values = report.outputs();
    values.push(("result", json::result(report)));
    values.iter().map(|(name, value)| output(name, value)).collect()
}

fn output(name: &str, value: &str) -> String {
    if !value.contains(['\n', '\r']) {
        return format!("{name}={value}\n");
    }
    // Nobody who writes a value can know the delimiter that would end it.
    let delimiter = format!("aerostack_{:032x}", fastrand::u128(..));
    format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
}

/// Escapes a command's data: `%` first, so that no escape is made twice.
pub(super) fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a command's property.
fn escape_property(text: &str) -> String {
    escape_data(&text::defuse(&text::clean_line(text))).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;
    use crate::source::Location;

    #[test]
    fn a_newline_in_a_message_or_a_path_cannot_start_a_command() {
        let finding = Finding::new(Code::InvalidTag, "a\n::error::b 100% ##[error]c\r\n");
        let line = annotation(&finding.with_hint("d").at(Location::file("a\n::b,c:d")));
        let (properties, data) = line.strip_prefix("::error ").unwrap().split_once("::").unwrap();
        assert_eq!(properties, "file=a ⏎ %3A%3Ab%2Cc%3Ad,title=INVALID_TAG");
        assert_eq!(data, "a%0A::error::b 100%25 #\\#[error]c%0A%0Ad");
    }

    #[test]
    fn a_value_of_several_lines_stands_between_delimiters_that_nobody_can_guess() {
        assert_eq!(output("name", "a=b<<c"), "name=a=b<<c\n");
        let two = [output("name", "a\nb"), output("name", "a\nb")];
        assert_ne!(two[0], two[1]);
        let delimiter = two[0].lines().next().unwrap().strip_prefix("name<<").unwrap();
        assert_eq!(two[0], format!("name<<{delimiter}\na\nb\n{delimiter}\n"));
    }

    #[test]
    fn the_worst_findings_are_kept_when_there_are_too_many() {
        let many = |code| (0..12).map(move |number| Finding::new(code, format!("number {number}")));
        let placed = Finding::new(Code::InvalidTag, "placed")
            .at(crate::source::SourceFile::published("f", "x").at(0..1));
        let findings = many(Code::InvalidTag).chain(many(Code::DuplicateTag)).chain([placed]).collect();
        let commands = annotations(&Report { findings, functions: Vec::new() });
        assert_eq!(commands.len(), 20);
        assert!(commands[0].contains("placed"));
        assert!(commands[9].starts_with("::error title=aerostack-publish::4 more errors"));
        assert!(commands[19].starts_with("::warning title=aerostack-publish::3 more warnings"));
    }
}
