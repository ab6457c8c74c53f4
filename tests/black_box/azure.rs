//! Azure Pipelines: what its agent reads out of the log.

use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::support::{CODE, MANIFEST, Run, Step};

/// A step as an agent would run it, on a branch.
fn azure(step: Step) -> Step {
    let (sources, agent_folder) = (step.path(""), step.path(".agent"));
    std::fs::create_dir_all(&agent_folder).expect("a folder");
    step.env("TF_BUILD", "True")
        .env("BUILD_REASON", "IndividualCI")
        .env("BUILD_SOURCEBRANCH", "refs/heads/main")
        .env("BUILD_SOURCESDIRECTORY", sources)
        .env("AGENT_TEMPDIRECTORY", agent_folder)
}

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
    let step = azure(Step::plain().hub(&hub));
    let run = step.run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    let commands = commands(&run);
    assert_eq!(variable(&commands, "AEROSTACK_PUBLISHED").as_deref(), Some("true"));
    assert_eq!(variable(&commands, "AEROSTACK_VERSION").as_deref(), Some("1.0.0"));
    assert_eq!(variable(&commands, "AEROSTACK_PREVIOUS_VERSION").as_deref(), Some(""));
    assert!(variable(&commands, "AEROSTACK_URL").is_some_and(|url| url.ends_with("/greeter")));
    assert_eq!(named(&commands, "task.setvariable").len(), 11, "all outputs but `result`");
    let [upload] = named(&commands, "task.uploadsummary")[..] else { panic!("one summary: {}", run.stdout) };
    let summary = std::fs::read_to_string(&upload.data).expect("the summary");
    assert!(summary.contains("greeter") && summary.contains("1.0.0"), "{summary}");
}

#[test]
fn the_key_is_masked_on_the_very_first_line_and_is_nowhere_else() {
    let hub = StandInHub::start();
    let run = azure(Step::plain().hub(&hub)).run();
    let (first, rest) = run.stdout.split_once('\n').expect("lines");
    assert_eq!(first, format!("##vso[task.setsecret]{DEFAULT_KEY}"));
    assert!(!rest.contains(DEFAULT_KEY), "{rest}");
}

#[test]
fn a_finding_is_an_issue_at_its_line_and_nothing_is_sent() {
    let hub = StandInHub::start();
    let manifest = MANIFEST.replace("\"utility\"", "\"utilty\"");
    let run = azure(Step::empty().function("functions/a", &manifest, CODE).hub(&hub))
        .input("directory", "functions/a")
        .run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    let commands = commands(&run);
    let [issue] = named(&commands, "task.logissue")[..] else { panic!("one issue: {}", run.stdout) };
    let properties: Vec<_> =
        issue.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let place = [("sourcepath", "functions/a/aerostack.json"), ("linenumber", "5"), ("columnnumber", "15")];
    assert_eq!(properties, [&[("type", "error")], &place[..], &[("code", "INVALID_CATEGORY")]].concat());
    assert!(issue.data.contains("did you mean `utility`?"), "{}", issue.data);
    assert_eq!(variable(&commands, "AEROSTACK_STATUS").as_deref(), Some("failed"));
    assert!(hub.publishes().is_empty());
}

#[test]
fn hostile_text_starts_no_command_and_ends_none() {
    let hub = StandInHub::start();
    let evil = "x]##vso[task.setvariable variable=AEROSTACK_URL;isOutput=true]http://evil%0A;\\n##vso[task.complete result=Succeeded]";
    let manifest = MANIFEST.replace("\"utility\"", &format!("\"{evil}\"")).replace("MIT", evil);
    let run = azure(Step::empty().function("a];##vso[b", &manifest, CODE).hub(&hub))
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

#[test]
fn auto_publishes_a_tag_and_only_looks_at_a_pull_request() {
    let hub = StandInHub::start();
    let step = || azure(Step::plain().hub(&hub)).input("publish", "auto");
    let request =
        step().env("BUILD_SOURCEBRANCH", "refs/pull/7/merge").env("BUILD_REASON", "PullRequest").run();
    assert_eq!((request.exit_code, request.statuses()), (0, vec!["dry-run"]), "{}", request.stdout);
    assert!(hub.publishes().is_empty());
    let tag = step().env("BUILD_SOURCEBRANCH", "refs/tags/v1.0.0").run();
    assert_eq!((tag.exit_code, tag.statuses()), (0, vec!["published"]), "{}", tag.stdout);
}

#[test]
fn auto_on_a_branch_is_refused_because_the_default_branch_is_not_told() {
    let hub = StandInHub::start();
    let run = azure(Step::plain().hub(&hub)).input("publish", "auto").run();
    assert_eq!(run.exit_code, 2, "{}", run.stdout);
    assert!(run.finding("INVALID_INPUT")["hint"].as_str().is_some_and(|hint| hint.contains("set `publish`")));
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_summary_that_cannot_be_kept_is_told_and_the_function_is_live() {
    let hub = StandInHub::start();
    let run = azure(Step::plain().hub(&hub)).env("AGENT_TEMPDIRECTORY", "/nowhere/at/all").run();
    assert_eq!((run.exit_code, run.statuses()), (2, vec!["published"]), "{}", run.stdout);
    let finding = run.finding("INVALID_INPUT");
    assert!(finding["message"].as_str().is_some_and(|text| text.contains("`/nowhere/at/all`")), "{finding}");
}
