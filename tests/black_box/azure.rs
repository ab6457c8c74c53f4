//! Azure Pipelines: the commands that its agent reads in the log.

use serde_json::json;
use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::fixtures::manifest_with;
use crate::support::{CODE, MANIFEST, Run, Step, text};

/// One command, read as the agent reads it (azure-pipelines-agent, `Command.cs`): anywhere in a line.
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    data: String,
}

fn commands(run: &Run) -> Vec<Command> {
    run.stdout.lines().filter_map(parse).collect()
}

fn parse(line: &str) -> Option<Command> {
    let (_, command) = line.split_once("##vso[")?;
    let (head, data) = command.split_once(']')?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let properties = properties.split(';').filter_map(|property| property.split_once('='));
    Some(Command {
        name: name.to_owned(),
        properties: properties.map(|(key, value)| (key.to_owned(), unescape(value))).collect(),
        data: unescape(data),
    })
}

fn unescape(text: &str) -> String {
    [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")]
        .iter()
        .fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

fn named<'c>(commands: &'c [Command], name: &str) -> Vec<&'c Command> {
    commands.iter().filter(|command| command.name == name).collect()
}

fn variable(commands: &[Command], name: &str) -> Option<String> {
    let variables = named(commands, "task.setvariable");
    let found = variables.iter().find(|command| {
        command.properties.contains(&("variable".to_owned(), name.to_owned()))
            && command.properties.contains(&("isOutput".to_owned(), "true".to_owned()))
    });
    found.map(|command| command.data.clone())
}

#[test]
fn a_publish_sets_every_output_and_uploads_the_summary() {
    let hub = StandInHub::start();
    let step = Step::plain().hub(&hub).azure();
    let run = step.run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    let commands = commands(&run);
    assert_eq!(variable(&commands, "AEROSTACK_PUBLISHED").as_deref(), Some("true"));
    assert_eq!(variable(&commands, "AEROSTACK_VERSION").as_deref(), Some("1.0.0"));
    assert_eq!(variable(&commands, "AEROSTACK_PREVIOUS_VERSION").as_deref(), Some(""));
    assert!(variable(&commands, "AEROSTACK_URL").is_some_and(|url| url.ends_with("/greeter")));
    assert_eq!(named(&commands, "task.setvariable").len(), 12, "all outputs but `result`");
    let [upload] = named(&commands, "task.uploadsummary")[..] else { panic!("one summary: {}", run.stdout) };
    let summary = std::fs::read_to_string(&upload.data).expect("the summary");
    assert!(summary.contains("greeter") && summary.contains("1.0.0"), "{summary}");
}

#[test]
fn the_key_is_masked_on_the_first_line_and_is_nowhere_else() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).azure().run();
    let (first, rest) = run.stdout.split_once('\n').expect("lines");
    assert_eq!(first, format!("##vso[task.setsecret]{DEFAULT_KEY}"));
    assert!(!rest.contains(DEFAULT_KEY), "{rest}");
}

#[test]
fn a_finding_is_an_issue_at_its_line_and_nothing_is_sent() {
    let hub = StandInHub::start();
    let step = Step::empty().function("functions/a", MANIFEST, CODE).input("directory", "functions/a");
    let step = step.edit("functions/a/aerostack.json", "\"utility\"", "\"utilty\"");
    let run = step.hub(&hub).azure().run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    let commands = commands(&run);
    let [issue] = named(&commands, "task.logissue")[..] else { panic!("one issue: {}", run.stdout) };
    let properties: Vec<_> =
        issue.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let location =
        [("sourcepath", "functions/a/aerostack.json"), ("linenumber", "5"), ("columnnumber", "15")];
    assert_eq!(properties, [&[("type", "error")], &location[..], &[("code", "INVALID_CATEGORY")]].concat());
    assert!(issue.data.contains("did you mean `utility`?"), "{}", issue.data);
    assert_eq!(variable(&commands, "AEROSTACK_STATUS").as_deref(), Some("failed"));
    assert!(hub.publishes().is_empty());
}

/// The log as the agent shows it: it prints the message of an issue (azure-pipelines-agent, `ExecutionContext.cs`: `AddIssue`).
fn shown(run: &Run) -> String {
    let lines = run.stdout.lines().filter_map(|line| match parse(line) {
        None => Some(line.to_owned()),
        Some(command) => (command.name == "task.logissue").then_some(command.data),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_finding_is_shown_once() {
    let hub = StandInHub::start();
    let variables: Vec<_> = (0..12).map(|number| format!("NOT-A-NAME-{number:02}")).collect();
    let fields = json!({"category": "utilty", "envVars": variables, "descripton": "an unknown field"});
    let run = Step::empty().function(".", &manifest_with(&fields).to_string(), CODE).hub(&hub).azure().run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    let shown = shown(&run);
    let severities: Vec<_> = run.findings().iter().map(|finding| text(&finding["severity"])).collect();
    assert!(severities.iter().filter(|severity| **severity == "error").count() > 10, "{severities:?}");
    assert!(["warning", "notice"].iter().all(|severity| severities.contains(severity)), "{severities:?}");
    for finding in run.findings() {
        assert_eq!(shown.matches(text(&finding["message"])).count(), 1, "{finding} in {shown}");
    }
    let issues = severities.iter().filter(|severity| **severity != "notice").count();
    assert_eq!(named(&commands(&run), "task.logissue").len(), issues);
    assert!(hub.publishes().is_empty());
}

#[test]
fn foreign_text_neither_starts_nor_ends_a_command() {
    let hub = StandInHub::start();
    let evil = "x]##vso[task.setvariable variable=AEROSTACK_URL;isOutput=true]http://evil%0A;\n##vso[task.complete result=Succeeded]";
    let manifest = manifest_with(&json!({"category": evil, "license": evil})).to_string();
    let run = Step::empty()
        .function("a];##vso[b", &manifest, CODE)
        .hub(&hub)
        .azure()
        .input("directory", "a];##vso[[]b")
        .run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    let commands = commands(&run);
    assert_eq!(variable(&commands, "AEROSTACK_URL").as_deref(), Some(""));
    assert!(named(&commands, "task.complete").is_empty(), "{}", run.stdout);
    let issues = named(&commands, "task.logissue");
    assert_eq!(issues.len(), 2, "{}", run.stdout);
    for issue in issues {
        assert_eq!(issue.properties[1].1, "a];##vso[b/aerostack.json");
        assert!(issue.data.contains("x]#\\#vso[task.setvariable"), "{}", issue.data);
    }
    let ours = ["task.setsecret", "task.logissue", "task.setvariable", "task.uploadsummary"];
    for line in run.stdout.lines().filter(|line| line.contains("##vso[")) {
        assert!(ours.iter().any(|name| line.starts_with(&format!("##vso[{name}"))), "{line}");
    }
    assert!(hub.publishes().is_empty());
}
