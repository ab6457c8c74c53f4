//! Properties of every sink: whatever the texts are, a reader finds exactly what was reported, and no command in them.

mod case;
mod expected_summary;
mod foreign;
mod markdown;
mod plain;
mod readers;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::finding::Severity;
use crate::source::Location;
use case::{Written, case};
use plain::{plain, plain_start};
use readers::Command;

fn value<'c>(command: &'c Command, name: &str) -> Option<&'c str> {
    command.properties.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

/// What a runner is to know of the location of a finding: the file, and the numbers by these names.
#[track_caller]
fn assert_location(command: &Command, finding: &Finding, file: &str, numbers: [&str; 2]) {
    let expected = finding.location.as_ref().map(|location| plain(&location.file));
    assert_eq!(value(command, file).map(plain), expected, "{command:?}");
    let span = finding.location.as_ref().and_then(Location::span);
    let column = span.filter(|span| file == "sourcepath" || span.line == span.end_line);
    let expected = [span.map(|span| span.line), column.map(|span| span.column)];
    let found = numbers.map(|name| value(command, name).map(|number| number.parse().unwrap()));
    assert_eq!(found, expected, "{command:?}");
}

/// The commands that GitHub's runner is to find, in order, but for those that fold.
#[track_caller]
fn assert_annotations(written: &Written, commands: &[&Command]) {
    let mut commands = commands.iter();
    for secret in &written.secrets {
        let mask = commands.next().unwrap();
        assert_eq!((mask.name.as_str(), mask.data.as_str()), ("add-mask", secret.as_str()));
    }
    for severity in Severity::ALL {
        let mut findings = written.findings(severity);
        findings.sort_by_key(|finding| !finding.is_exact());
        let total = findings.len();
        findings.truncate(if total > 10 { 9 } else { 10 });
        for finding in &findings {
            let annotation = commands.next().unwrap();
            assert_eq!(annotation.name, severity.row().word);
            assert_eq!(value(annotation, "title"), Some(finding.code.name()));
            assert_location(annotation, finding, "file", ["line", "col"]);
            let expected = plain_start(&finding.message, 3_000) + &plain_start(&finding.hint, 750);
            assert_eq!(plain(&annotation.data), expected);
        }
        if total > 10 {
            let note = commands.next().unwrap();
            assert_eq!((note.name.as_str(), note.properties.len()), (severity.row().word, 1));
            assert!(note.data.starts_with(&format!("{} more ", total - 9)), "{note:?}");
        }
    }
    assert_eq!(commands.next(), None);
}

/// Asserts that no system reads a command in a log that is not its own.
#[track_caller]
fn assert_no_command(log: &str, but: System) {
    let none: [Command; 0] = [];
    if but != System::GitHub {
        assert_eq!(readers::github(log), none);
    }
    if but != System::Azure {
        assert_eq!(readers::azure(log), none);
    }
    if but != System::GitLab {
        assert_eq!(readers::gitlab_sections(log), [""; 0]);
    }
    assert_eq!(readers::other_marks(log), [""; 0]);
}

/// Asserts that a person finds exactly the findings that there are in a log.
#[track_caller]
fn assert_log_has_findings(written: &Written, system: System) {
    let log = match system {
        System::GitLab => written.log.replace("\u{1b}[0K", "").replace('\r', " "),
        System::GitHub | System::Azure | System::Plain => written.log.clone(),
    };
    let shown = readers::terminal(&log);
    let heads = shown.lines().filter_map(|line| line.strip_prefix("  ")).filter_map(|line| {
        let (word, rest) = line.split_once(' ')?;
        let severity = Severity::ALL.iter().find(|severity| severity.row().word == word)?;
        Some((*severity, rest.split(' ').next()?.to_owned()))
    });
    let found: Vec<_> = heads.collect();
    let head = |finding: &Finding| (finding.severity, finding.code.name().to_owned());
    let expected: Vec<_> = written.findings_in_the_log().map(head).collect();
    assert_eq!(found, expected, "{shown}");
    if system != System::Azure {
        let words = |mark| readers::texts(&shown, mark).into_iter().map(plain).collect::<String>();
        let expected = |text: fn(&Finding) -> &str| {
            written.findings_in_the_log().map(|finding| plain(text(finding))).collect::<String>()
        };
        assert_eq!(words('│'), expected(|finding| &finding.message));
        assert_eq!(words('└'), expected(|finding| &finding.hint));
    }
}

/// The values of outputs that a script can use as they are: without quotes, and as arguments.
#[track_caller]
fn assert_outputs(written: &Written, outputs: &[(String, String)], name: impl Fn(&str) -> String) {
    let expected = written.outcome.outputs();
    assert_eq!(outputs.len(), expected.len());
    for ((found, value), (output, expected)) in outputs.iter().zip(&expected) {
        assert_eq!(*found, name(output));
        assert!(value == expected || (value.is_empty() && expected.len() > 500), "{output}: {value:?}");
        let is_plain = |c: char| c.is_alphanumeric() || "-._+~:/?#@%,=".contains(c);
        assert!(value.chars().all(is_plain) && !value.starts_with('-'), "{output}: {value:?}");
        readers::assert_visible(value);
    }
}

/// The log without the commands that mask secrets, which hold the key.
fn without_masks(log: &str) -> String {
    let is_mask = |line: &&str| line.starts_with("::add-mask::") || line.starts_with("##vso[task.setsecret]");
    log.split_inclusive('\n').filter(|line| !is_mask(line)).collect()
}

fn as_json(written: &Written) -> Vec<Value> {
    written.outcome.functions.iter().map(|function| serde_json::to_value(function).unwrap()).collect()
}

/// The commands that Azure's agent is to find, in order.
#[track_caller]
fn assert_issues(written: &Written, commands: &[Command]) {
    let mut commands = commands.iter();
    let mut next = |name: &str| {
        let command = commands.next().unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(command.name, name);
        command
    };
    for secret in &written.secrets {
        assert_eq!(&next("task.setsecret").data, secret);
    }
    for finding in written.findings_in_the_log().filter(|finding| finding.severity != Severity::Notice) {
        let issue = next("task.logissue");
        assert_eq!(value(issue, "type"), Some(finding.severity.row().word));
        assert_eq!(value(issue, "code"), Some(finding.code.name()));
        assert_location(issue, finding, "sourcepath", ["linenumber", "columnnumber"]);
        let [message, hint] = [&finding.message, &finding.hint].map(|text| text::clean_line(text));
        assert_eq!(plain(&issue.data), plain_start(&format!("{message} ({hint})"), 3_000));
    }
    assert!(next("task.uploadsummary").data.ends_with("/aerostack-publish.md"));
    let variables = written.outcome.outputs().into_iter().map(|(name, _)| {
        let variable = next("task.setvariable");
        assert_eq!(value(variable, "variable"), Some(text::environment_variable(name).as_str()));
        assert_eq!((value(variable, "isOutput"), variable.properties.len()), (Some("true"), 2));
        (name.to_owned(), variable.data.clone())
    });
    assert_outputs(written, &variables.collect::<Vec<_>>(), str::to_owned);
    assert_eq!(commands.next(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn github_reads_the_masks_the_groups_and_the_annotations(case in case()) {
        let written = case.on(System::GitHub);
        let commands = readers::github(&written.log);
        let is_fold = |command: &&Command| matches!(command.name.as_str(), "group" | "endgroup");
        let (folds, others): (Vec<_>, Vec<_>) = commands.iter().partition(is_fold);
        assert_annotations(&written, &others);
        let annotated = usize::from(written.outcome.shown_findings().next().is_some());
        let expected = ["group", "endgroup"].repeat(written.folded() + annotated);
        prop_assert_eq!(folds.iter().map(|command| command.name.as_str()).collect::<Vec<_>>(), expected);
        assert_no_command(&written.log, System::GitHub);
        assert_log_has_findings(&written, System::GitHub);
    }

    #[test]
    fn azure_reads_the_masks_the_issues_the_summary_and_the_variables(case in case()) {
        let written = case.on(System::Azure);
        let commands = readers::azure(&written.log);
        assert_issues(&written, &commands);
        // A file is named as it is, in a property that ends before the first `]`.
        let others: String =
            written.log.split_inclusive('\n').filter(|line| !line.starts_with("##vso[")).collect();
        assert_no_command(&others, System::Azure);
        assert_log_has_findings(&written, System::Azure);
    }

    #[test]
    fn gitlab_reads_the_sections(case in case()) {
        let written = case.on(System::GitLab);
        let expected: Vec<_> = (1..=written.folded()).map(|number| format!("aerostack_{number}")).collect();
        prop_assert_eq!(readers::gitlab_sections(&written.log), expected);
        assert_no_command(&written.log, System::GitLab);
        assert_log_has_findings(&written, System::GitLab);
    }

    #[test]
    fn a_terminal_and_every_other_system_read_the_findings_alone(case in case()) {
        let written = case.on(System::Plain);
        assert_no_command(&written.log, System::Plain);
        assert_log_has_findings(&written, System::Plain);
        if !case.has_colors {
            readers::assert_visible(&written.log);
        }
    }

    #[test]
    fn github_reads_every_output_once(case in case()) {
        let written = case.on(System::GitHub);
        let mut outputs = readers::github_file(&written.output);
        let (name, result) = outputs.pop().unwrap();
        prop_assert_eq!(name, "result");
        assert_outputs(&written, &outputs, str::to_owned);
        readers::assert_visible(&result);
        let result: Value = serde_json::from_str(&result).unwrap();
        let functions = result["functions"].as_array().unwrap();
        if result["truncated"] == false {
            prop_assert_eq!(functions, &as_json(&written));
        }
    }

    #[test]
    fn gitlab_reads_every_variable_once(case in case()) {
        let written = case.on(System::GitLab);
        assert_outputs(&written, &readers::dotenv(&written.dotenv), text::environment_variable);
        readers::assert_visible(&written.dotenv);
    }

    #[test]
    fn github_renders_the_summary_without_foreign_markup(case in case()) {
        expected_summary::assert_summary(&case.on(System::GitHub));
    }

    #[test]
    fn gitlab_reads_every_finding_as_an_issue(case in case()) {
        let written = case.on(System::GitLab);
        readers::assert_visible(&written.code_quality);
        let issues: Vec<Value> = serde_json::from_str(&written.code_quality).unwrap();
        let of_functions = written.outcome.functions.iter().flat_map(|function| &function.findings);
        let findings: Vec<_> = written.outcome.findings.iter().chain(of_functions).collect();
        prop_assert_eq!(issues.len(), findings.len());
        let mut fingerprints: Vec<_> = issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        prop_assert_eq!(fingerprints.len(), findings.len());
        for (issue, finding) in issues.iter().zip(findings) {
            prop_assert_eq!(&issue["check_name"], finding.code.name());
            let expected = format!("{}: {} ({})", finding.code.name(), finding.message, finding.hint);
            prop_assert_eq!(plain(issue["description"].as_str().unwrap()), plain(&expected));
            prop_assert!(["critical", "minor", "info"].contains(&issue["severity"].as_str().unwrap()));
            let path = issue["location"]["path"].as_str().unwrap();
            prop_assert!(finding.location.as_ref().is_none_or(|location| location.file == path));
            let line = finding.location.as_ref().and_then(Location::span).map_or(1, |span| span.line);
            prop_assert_eq!(&issue["location"]["lines"]["begin"], line);
        }
    }

    #[test]
    fn a_code_scanner_reads_every_finding_as_a_result_or_a_notification(case in case()) {
        let written = case.on(System::Plain);
        readers::assert_visible(&written.sarif);
        let read = readers::sarif(&written.sarif);
        let mut fingerprints: Vec<_> = read.iter().filter_map(|result| result.fingerprint.clone()).collect();
        let located = fingerprints.len();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        prop_assert_eq!(fingerprints.len(), located);
        let row = |code: &str, level: &str, text: &str, file: Option<(String, [u64; 4])>| {
            (code.to_owned(), level.to_owned(), plain(text), file)
        };
        let mut found: Vec<_> =
            read.iter().map(|it| row(&it.code, &it.level, &it.text, it.file.clone())).collect();
        let mut expected: Vec<_> = issues::issues(&written.outcome).iter().map(|issue| {
            let finding = issue.finding;
            let end = if finding.hint.ends_with('?') { "" } else { "." };
            let text = format!("{}. How to fix: {}{end}", finding.message, finding.hint);
            let span = finding.location.as_ref().and_then(Location::span);
            let numbers = span.map_or([1; 4], |it| [it.line, it.column, it.end_line, it.end_column].map(|number| number as u64));
            let file = issue.path.clone().map(|path| (path, numbers));
            row(finding.code.name(), finding.severity.row().sarif, &text, file)
        }).collect();
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn the_summary_of_an_input_is_that_of_github(case in case()) {
        let written = case.on(System::GitHub);
        prop_assert!(written.comment == written.summary && summary::is_summary(&written.comment));
    }

    #[test]
    fn a_program_reads_the_report_as_it_was_meant(case in case()) {
        let written = case.on(System::Plain);
        readers::assert_visible(&written.report);
        let report: Value = serde_json::from_str(&written.report).unwrap();
        prop_assert_eq!(report["functions"].as_array().unwrap(), &as_json(&written));
        let findings = serde_json::to_value(&written.outcome.findings).unwrap();
        prop_assert_eq!(&report["findings"], &findings);
        prop_assert_eq!(&report["exit_code"], written.outcome.exit_code());
    }

    #[test]
    fn no_reader_sees_the_key(case in case()) {
        for system in [System::GitHub, System::GitLab, System::Azure, System::Plain] {
            let written = case.on(system);
            let log = without_masks(&written.log);
            let commands = [readers::github(&log), readers::azure(&log)].concat();
            let decoded = commands.iter().map(|command| command.data.as_str());
            let files = [&written.output, &written.summary, &written.dotenv, &written.code_quality, &written.report, &written.sarif];
            for text in decoded.chain(files.map(String::as_str)).chain([log.as_str()]) {
                prop_assert!(!text.contains(&case.key), "{} in {text}", case.key);
            }
        }
    }

    #[test]
    fn a_clean_text_stays_as_it_is_and_is_visible(text in foreign::text()) {
        let clean = text::clean(&text);
        readers::assert_visible(&clean);
        prop_assert_eq!(text::clean(&clean), clean);
        let json = serde_json::to_string(&text).unwrap();
        let visible = text::visible_json(&json);
        readers::assert_visible(&visible);
        prop_assert_eq!(serde_json::from_str::<String>(&visible).unwrap(), text);
    }
}
