//! GitHub's formats: workflow commands for annotations and masks, and the step's outputs.

use std::io;

use crate::finding::{Finding, Severity};
use crate::outcome::RunOutcome;
use crate::outputs::RESULT;
use crate::secret::Secrets;
use crate::text;

/// Most annotations of one severity that GitHub keeps of a step; it drops the rest silently.
const MAX_ANNOTATIONS: usize = 10;

/// Longest message of an annotation, in characters; GitHub cuts at 4,096 and says nothing.
const MAX_MESSAGE: usize = 3_000;

/// The commands that make the runner mask secrets in the log.
pub(super) fn mask_commands(secrets: &Secrets) -> Vec<String> {
    secrets.masks().iter().map(|secret| format!("::add-mask::{}", escape_data(secret))).collect()
}

/// One annotation per finding, the most severe first; what exceeds GitHub's limit is counted in the last one.
pub(super) fn annotations(outcome: &RunOutcome) -> Vec<String> {
    Severity::ALL.iter().flat_map(|severity| annotations_of(outcome, *severity)).collect()
}

fn annotations_of(outcome: &RunOutcome, severity: Severity) -> Vec<String> {
    let (findings, note) = outcome.most_relevant(severity, MAX_ANNOTATIONS);
    let word = severity.row().word;
    let note = note.map(|note| format!("::{word} title=aerostack-publish::{}", escape_data(&note)));
    findings.into_iter().map(annotation).chain(note).collect()
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
    let message = text::shorten(&text::clean(&finding.message), MAX_MESSAGE);
    let hint = text::shorten(&text::clean(&finding.hint), MAX_MESSAGE / 4);
    let data = escape_data(&text::defuse(&format!("{message}\n{hint}")));
    format!("::{} {}::{data}", finding.severity.row().word, properties.join(","))
}

/// The step's outputs, `result` among them, as `GITHUB_OUTPUT` takes them.
///
/// # Errors
/// Where this machine gives no random bytes for a delimiter.
pub(super) fn outputs(outcome: &RunOutcome, result: String) -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::getrandom(&mut bytes)
        .map_err(|error| io::Error::other(format!("no random bytes for a delimiter: {error}")))?;
    let delimiter = u128::from_ne_bytes(bytes);
    let mut values = outcome.outputs();
    values.push((RESULT, result));
    Ok(values.iter().map(|(name, value)| output(name, value, delimiter)).collect())
}

/// One output. The delimiter must be random: a value that contains it could set other outputs.
fn output(name: &str, value: &str, delimiter: u128) -> String {
    if !value.contains(['\n', '\r']) {
        return format!("{name}={value}\n");
    }
    format!("{name}<<aerostack_{delimiter:032x}\n{value}\naerostack_{delimiter:032x}\n")
}

/// Escapes a command's data: `%` first, so that no escape is escaped again.
fn escape_data(text: &str) -> String {
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
    use crate::outcome::tests::run;
    use crate::source::{Location, SourceFile};

    #[test]
    fn a_newline_in_a_message_or_a_path_cannot_start_a_command() {
        let finding = Finding::new(Code::InvalidTag, "a\n::error::b 100% ##[error]c\r\n");
        let line = annotation(&finding.with_hint("d").at(Location::file("a\n::b,c:d")));
        let (properties, data) = line.strip_prefix("::error ").unwrap().split_once("::").unwrap();
        assert_eq!(properties, "file=a ⏎ %3A%3Ab%2Cc%3Ad,title=INVALID_TAG");
        assert_eq!(data, "a%0A::error::b 100%25 #\\#[error]c%0A%0Ad");
    }

    #[test]
    fn a_message_and_a_hint_are_cut_at_lengths_of_their_own() {
        let finding = Finding::new(Code::InvalidTag, "m".repeat(4_000)).with_hint("h".repeat(4_000));
        let line = annotation(&finding);
        let length = |letter| line.chars().filter(|c| *c == letter).count();
        let of_command = "::error title=INVALID_TAG::".chars().filter(|c| "mh".contains(*c)).count();
        assert_eq!((length('m'), length('h'), of_command), (MAX_MESSAGE, MAX_MESSAGE / 4, 0));
    }

    #[test]
    fn a_value_of_several_lines_is_between_random_delimiters() {
        assert_eq!(output("name", "a=b<<c", 1), "name=a=b<<c\n");
        let two = [output("name", "a\nb", 1), output("name", "a\nb", 2)];
        assert_ne!(two[0], two[1]);
        let delimiter = two[0].lines().next().unwrap().strip_prefix("name<<").unwrap();
        assert_eq!(two[0], format!("name<<{delimiter}\na\nb\n{delimiter}\n"));
    }

    #[test]
    fn findings_at_a_line_are_kept_when_there_are_too_many() {
        let many = |code| (0..12).map(move |number| Finding::new(code, format!("number {number}")));
        let placed = Finding::new(Code::InvalidTag, "placed").at(SourceFile::published("f", "x").at(0..1));
        let findings = many(Code::InvalidTag).chain(many(Code::DuplicateTag)).chain([placed]).collect();
        let commands = annotations(&run(findings, Vec::new()));
        assert_eq!(commands.len(), 20);
        assert!(commands[0].contains("placed"));
        assert!(commands[9].starts_with("::error title=aerostack-publish::4 more errors"));
        assert!(commands[19].starts_with("::warning title=aerostack-publish::3 more warnings"));
    }
}
