//! What reads a log or a file, written from the readers' own source and documentation.

use std::sync::LazyLock;

use icu_properties::CodePointSetData;
use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint};
use regex_lite::Regex;
use serde_json::{Value, json};

use super::markdown::decoded;

/// A command that a runner found in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) name: String,
    pub(super) properties: Vec<(String, String)>,
    pub(super) data: String,
}

/// The lines of a log: .NET ends them at `\n`, `\r` and `\r\n`. What other readers take for the end of a line can't be in a key
/// and must not be in any other text.
fn lines(log: &str) -> impl Iterator<Item = &str> {
    log.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
}

/// The commands of GitHub's runner, known to it or not (actions/runner, `ActionCommand.cs`): `TryParseV2`, then `TryParse`.
pub(super) fn github(log: &str) -> Vec<Command> {
    let new = |line: &str| {
        let (head, data) = without_colors(line).trim_start().strip_prefix("::")?.split_once("::").map(own)?;
        // `_escapePropertyMappings` and `_escapeDataMappings`, in their order.
        let property = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
        Some(command(&head, ',', &data, &property, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]))
    };
    let old = |line: &str| {
        let (head, data) = line.split_once("##[")?.1.split_once(']')?;
        let escapes = [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%")];
        Some(command(head, ';', data, &escapes, &escapes))
    };
    lines(log).filter_map(|line| new(line).or_else(|| old(line))).collect()
}

/// The commands of Azure's agent (azure-pipelines-agent, `Command.cs`, `CommandStringConvertor.cs`).
pub(super) fn azure(log: &str) -> Vec<Command> {
    let escapes = [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")];
    let read = |line: &str| {
        let (head, data) = line.split_once("##vso[")?.1.split_once(']')?;
        Some(command(head, ';', data, &escapes, &escapes))
    };
    lines(log).filter_map(read).collect()
}

fn own((head, data): (&str, &str)) -> (String, String) {
    (head.to_owned(), data.to_owned())
}

type Escapes<'e> = &'e [(&'e str, &'e str)];

fn command(
    head: &str,
    separator: char,
    data: &str,
    of_properties: Escapes<'_>,
    of_data: Escapes<'_>,
) -> Command {
    let unescape = |text: &str, escapes: Escapes<'_>| {
        escapes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let properties = properties.split(separator).filter_map(|property| property.split_once('='));
    let properties = properties.map(|(name, value)| (name.trim().to_owned(), unescape(value, of_properties)));
    Command { name: name.to_owned(), properties: properties.collect(), data: unescape(data, of_data) }
}

/// The sections of a GitLab log, opened and closed in turn (GitLab, `Gitlab::Regex.build_trace_section_regex`).
///
/// # Panics
/// Where one is not closed, or closed without being open.
pub(super) fn gitlab_sections(log: &str) -> Vec<String> {
    static MARK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"section_(start|end):(\d+):([a-zA-Z0-9_.-]+)(?:\[.*\])?\r\x1b\[0K").unwrap()
    });
    let found: Vec<_> =
        MARK.captures_iter(log).map(|mark| (mark[1].to_owned(), mark[3].to_owned())).collect();
    let pairs = found.chunks(2).map(|pair| {
        let [(start, name), (end, closed)] = pair else { panic!("{pair:?}") };
        assert_eq!((start.as_str(), end.as_str(), name), ("start", "end", closed));
        name.clone()
    });
    pairs.collect()
}

/// Marks that other systems take for a command: groups of Buildkite (`header_times_streamer.go`), service messages of `TeamCity`,
/// folds of Travis.
pub(super) fn other_marks(log: &str) -> Vec<&str> {
    let starts = |line: &str| {
        let line = without_colors(line);
        ["---", "+++", "~~~", "^^^"].iter().any(|mark| line.trim_start().starts_with(mark))
    };
    let contains = |line: &str| ["##teamcity[", "travis_fold:"].iter().any(|mark| line.contains(mark));
    lines(log).filter(|line| starts(line) || contains(line)).collect()
}

fn without_colors(line: &str) -> String {
    static COLOR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x1b\[\d*m").unwrap());
    COLOR.replace_all(line, "").into_owned()
}

/// The text that a terminal shows of a log. Colors are the only sequences in it (ECMA-48, "Select Graphic Rendition").
///
/// # Panics
/// At any other control character, and at one that is not seen or changes the direction of text.
pub(super) fn terminal(log: &str) -> String {
    static COLOR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x1b\[(0|2|31|32|33|34)m").unwrap());
    let shown = COLOR.replace_all(log, "").into_owned();
    assert_visible(&shown);
    shown
}

/// The texts after a mark in the margin of the log, without lines of code and the carets under them.
pub(super) fn texts(shown: &str, mark: char) -> Vec<&str> {
    let code = Regex::new("^  [0-9]+ │").unwrap();
    let text = Regex::new(&format!("^   +{mark}(.*)$")).unwrap();
    let mut is_under_code = false;
    let mut texts = Vec::new();
    for line in shown.lines() {
        if let Some(text) = text.captures(line).and_then(|found| found.get(1)) {
            let text = text.as_str();
            texts.push(if is_under_code { text.trim_start().trim_start_matches('^') } else { text });
        }
        is_under_code = code.is_match(line);
    }
    texts
}

/// # Panics
/// Where a text has a control character but line breaks, or one that is not seen.
pub(super) fn assert_visible(text: &str) {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let bidirectional = CodePointSetData::new::<BidiControl>();
    let steers =
        |c: char| c != '\n' && (c.is_control() || ignorable.contains(c) || bidirectional.contains(c));
    assert!(!text.contains(steers), "{text:?}");
    assert!(!text.contains(['\u{2028}', '\u{2029}']), "{text:?}");
}

/// The outputs in GitHub's file (actions/runner, `FileCommandManager.cs`, `EnvFileKeyValuePairs`).
///
/// # Panics
/// Where the runner fails the step.
pub(super) fn github_file(file: &str) -> Vec<(String, String)> {
    let mut outputs = Vec::new();
    let mut lines = file.split('\n');
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let equals = line.find('=');
        let heredoc = line.find("<<").filter(|heredoc| equals.is_none_or(|equals| *heredoc < equals));
        let (name, value) = match (equals, heredoc) {
            (_, Some(at)) => {
                let end = &line[at + 2..];
                let value: Vec<_> = lines.by_ref().take_while(|line| *line != end).collect();
                (&line[..at], value.join("\n"))
            }
            (Some(at), None) => (&line[..at], line[at + 1..].to_owned()),
            (None, None) => panic!("invalid format: {line:?}"),
        };
        assert!(!name.is_empty());
        outputs.push((name.to_owned(), value));
    }
    outputs
}

/// The variables in a dotenv report (GitLab, `Ci::ParseDotenvArtifactService`: `/^(.*?)=(.*)$/` on each line, both stripped).
///
/// # Panics
/// Where GitLab refuses the report.
pub(super) fn dotenv(file: &str) -> Vec<(String, String)> {
    assert!(file.len() < 5 * 1024, "{} bytes", file.len());
    let variable = |line: &str| {
        let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("invalid format: {line:?}"));
        let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
        assert!(!name.is_empty() && name.chars().all(is_valid), "{name:?}");
        (name.to_owned(), value.trim().to_owned())
    };
    file.strip_suffix('\n').unwrap().split('\n').map(variable).collect()
}

/// A finding in a SARIF report.
#[derive(Debug)]
pub(super) struct Result {
    pub(super) code: String,
    pub(super) level: String,
    pub(super) text: String,
    /// The file, and where in it: line, column, end line and end column. Of a notification, there is neither.
    pub(super) file: Option<(String, [u64; 4])>,
    pub(super) fingerprint: Option<String>,
}

/// The findings in a SARIF report: its results, then its notifications (SARIF 2.1.0).
///
/// # Panics
/// Where it is not what the standard says, where a message has a link or a placeholder (§3.11.5, §3.11.6), or where GitHub does not
/// take it.
pub(super) fn sarif(report: &str) -> Vec<Result> {
    let report: Value = serde_json::from_str(report).unwrap();
    assert_eq!(report["version"], "2.1.0");
    let [run] = report["runs"].as_array().unwrap().as_slice() else { panic!("several runs") };
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let link_or_placeholder = Regex::new(r"\]\(|\{\d").unwrap();
    let read = |finding: &Value, rule: &Value| {
        let text = finding["message"]["text"].as_str().unwrap();
        assert!(!link_or_placeholder.is_match(text), "{text}");
        let index = usize::try_from(rule["index"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], rule["id"]);
        Result {
            code: rule["id"].as_str().unwrap().to_owned(),
            level: finding["level"].as_str().unwrap().to_owned(),
            text: text.to_owned(),
            file: None,
            fingerprint: None,
        }
    };
    let result = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        let is_reference = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
        let reference = uri.strip_prefix("file://").unwrap_or(uri);
        assert!(reference.bytes().all(is_reference), "{uri}");
        assert_eq!(uri.starts_with("file:///"), reference.starts_with('/'));
        let numbers = ["startLine", "startColumn", "endLine", "endColumn"];
        let numbers = numbers.map(|name| place["region"][name].as_u64().unwrap());
        Result {
            file: Some((decoded(reference), numbers)),
            fingerprint: result["partialFingerprints"]["primaryLocationLineHash"].as_str().map(str::to_owned),
            ..read(result, &json!({ "id": result["ruleId"], "index": result["ruleIndex"] }))
        }
    };
    let results = run["results"].as_array().unwrap().iter().map(result);
    let notifications = run["invocations"][0]["toolConfigurationNotifications"].as_array().unwrap().iter();
    results.chain(notifications.map(|it| read(it, &it["associatedRule"]))).collect()
}
