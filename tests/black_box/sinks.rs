//! Reports and logs, read as strictly as the CI systems read them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Run, Step};

/// A run, and every report that can be asked for.
pub struct Reports {
    pub run: Run,
    pub report: String,
    pub dotenv: String,
    pub code_quality: String,
    pub summary: String,
    pub sarif: String,
}

/// Runs a step with every report that can be asked for.
pub fn run_with_reports(step: Step) -> Reports {
    let inputs = ["report", "dotenv", "code-quality", "summary", "sarif"];
    let path = |input: &str| {
        let name = if input == "report" { "report.json".to_owned() } else { format!("{input}.report") };
        step.path(&format!(".run/{name}"))
    };
    let paths = inputs.map(path);
    let with = |step: Step, (input, path): (&str, &PathBuf)| step.input(input, &path.to_string_lossy());
    let step = inputs.into_iter().zip(&paths).skip(1).fold(step, with);
    let run = step.run();
    let [report, dotenv, code_quality, summary, sarif] =
        paths.map(|path| std::fs::read_to_string(path).expect("a report that was asked for"));
    Reports { run, report, dotenv, code_quality, summary, sarif }
}

impl Reports {
    /// Every sink by name.
    pub fn sinks(&self) -> [(&'static str, &str); 9] {
        [
            ("stdout", &self.run.stdout),
            ("stderr", &self.run.stderr),
            ("GITHUB_OUTPUT", &self.run.output_file),
            ("summary", &self.run.summary),
            ("report", &self.report),
            ("dotenv", &self.dotenv),
            ("Code Quality", &self.code_quality),
            ("summary of an input", &self.summary),
            ("SARIF", &self.sarif),
        ]
    }

    /// The Code Quality report's issues.
    pub fn issues(&self) -> Vec<Value> {
        serde_json::from_str(&self.code_quality).expect("a JSON array")
    }
}

/// A command that GitHub's runner found in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub name: String,
    pub properties: BTreeMap<String, String>,
    pub data: String,
}

/// The commands that the runner knows (actions/runner, `ActionCommandManager.cs` and its extensions).
const COMMANDS: [&str; 16] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "internal-set-repo-path",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// Every command in a log, as the runner finds them: at a line's start in the new form, anywhere in the old one.
pub fn commands(log: &str) -> Vec<Command> {
    log.split(['\n', '\r']).filter_map(|line| command(line).or_else(|| old_command(line))).collect()
}

/// `::name key=value,key=value::data`
fn command(line: &str) -> Option<Command> {
    let (head, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    parse(head, ',', data, &[("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")])
}

/// `##[name key=value;key=value]data`
fn old_command(line: &str) -> Option<Command> {
    let (head, data) = line.get(line.find("##[")? + 3..)?.split_once(']')?;
    parse(head, ';', data, &[("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%")])
}

fn parse(head: &str, separator: char, data: &str, escapes: &[(&str, &str)]) -> Option<Command> {
    let unescape =
        |text: &str| escapes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    if !COMMANDS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return None;
    }
    let properties = properties.split(separator).filter_map(|property| property.trim().split_once('='));
    let properties = properties.map(|(name, value)| (name.to_owned(), unescape(value))).collect();
    // The new form knows the escapes of `:` and `,` in properties only.
    let data = data.replace("%3A", "%253A").replace("%2C", "%252C");
    Some(Command { name: name.to_owned(), properties, data: unescape(&data) })
}

/// The annotations among them.
pub fn annotations(log: &str) -> Vec<Command> {
    let is_annotation = |command: &Command| matches!(command.name.as_str(), "error" | "warning" | "notice");
    commands(log).into_iter().filter(is_annotation).collect()
}

/// `GITHUB_OUTPUT`, read as the runner does (actions/runner, `FileCommandManager.cs`): any other line fails the test.
pub fn outputs(file: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = file.split('\n');
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        let (name, value) = match (equals, heredoc) {
            (Some(equals), heredoc) if heredoc.is_none_or(|heredoc| equals < heredoc) => {
                (&line[..equals], line[equals + 1..].to_owned())
            }
            (_, Some(heredoc)) => {
                let delimiter = &line[heredoc + 2..];
                assert!(!delimiter.is_empty(), "{line}");
                let mut value = Vec::new();
                loop {
                    match lines.next() {
                        Some(line) if line == delimiter => break,
                        Some(line) => value.push(line),
                        None => panic!("`{line}` does not end"),
                    }
                }
                (&line[..heredoc], value.join("\n"))
            }
            _ => panic!("`{line}` is not an output"),
        };
        assert!(!name.is_empty(), "`{line}` has no name");
        assert!(outputs.insert(name.to_owned(), value).is_none(), "`{name}` is there twice");
    }
    outputs
}

/// The dotenv report, read as GitLab does: under 5 KB, at most 20 variables, no line but `KEY=value`.
pub fn dotenv(file: &str) -> BTreeMap<String, String> {
    assert!(file.len() < 5 * 1024, "{} bytes", file.len());
    let mut variables = BTreeMap::new();
    for line in file.strip_suffix('\n').expect("an end of line").split(['\n', '\r']) {
        let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("`{line}` is not a variable"));
        assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        assert!(variables.insert(name.to_owned(), value.to_owned()).is_none(), "`{name}` is there twice");
    }
    assert!(variables.len() <= 20);
    variables
}

/// A log without our own colors.
pub fn without_colors(log: &str) -> String {
    ["31", "33", "32", "34", "2", "0"]
        .iter()
        .fold(log.to_owned(), |log, code| log.replace(&format!("\u{1b}[{code}m"), ""))
}

/// The titles of a GitLab log's sections, which must be well formed: each closed before the next one, no name twice.
pub fn sections(log: &str) -> Vec<String> {
    let mut open: Option<String> = None;
    let mut names = Vec::new();
    let mut titles = Vec::new();
    for line in log.lines().filter(|line| line.contains("\u{1b}[0K")) {
        let (marker, title) =
            line.strip_prefix("\u{1b}[0K").and_then(|rest| rest.split_once("\r\u{1b}[0K")).expect("a marker");
        let parts: Vec<_> = marker.split(':').collect();
        let [kind, time, name] = parts[..] else { panic!("{marker:?}") };
        assert!(time.parse::<u64>().is_ok(), "{marker:?}");
        match (kind, open.take()) {
            ("section_start", None) => {
                let name = name.strip_suffix("[collapsed=true]").expect("a folded section").to_owned();
                assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)));
                assert!(!names.contains(&name), "{name} is there twice");
                names.push(name.clone());
                titles.push(without_colors(title));
                open = Some(name);
            }
            ("section_end", Some(opened)) => assert_eq!((opened.as_str(), title), (name, "")),
            (_, open) => panic!("{marker:?} with {open:?} open"),
        }
    }
    assert_eq!(open, None);
    titles
}
