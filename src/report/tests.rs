//! Properties of every sink: whatever the texts are, a reader finds exactly what was reported, and no command in them.

mod case;
mod foreign;
mod markdown;
mod readers;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::finding::Severity;
use crate::outcome::FunctionOutcome;
use crate::source::Location;
use case::{Written, case};
use readers::Command;

/// A text without what escapes it and without its white space: what is left must be what a reader sees.
fn plain(text: &str) -> String {
    let text = text::clean(text);
    text.chars().filter(|c| !c.is_whitespace() && !"\\·⏎`".contains(*c)).collect()
}

/// A text as sinks show it that cut it there.
fn plain_start(text: &str, most: usize) -> String {
    plain(&text::shorten(&text::clean(text), most))
}

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

/// The forge's view of the files of a [`Case`].
const FILES_URL: &str = "https://forge.example/a/b/blob/0123";

/// The page that a summary links wherever a message names it.
const KEYS_PAGE: &str = "https://app.aerostack.dev/account/keys";

/// Longer lists are folded.
const UNFOLDED: usize = 5;

/// A text without the brackets around the page that is a link.
fn plain_with_page(text: &str) -> String {
    plain(text).replace(&format!("<{KEYS_PAGE}>"), KEYS_PAGE)
}

/// What a summary is to show of a text.
fn summarized(text: &str) -> String {
    plain_with_page(&text::shorten(&text::clean_line(text), 500))
}

/// A row of a summary as it is to be: its text up to where a long list is cut, and its links.
#[derive(Default)]
struct Row {
    code: &'static str,
    severity: &'static str,
    problem: String,
    location: String,
    links: Vec<String>,
}

/// Where a finding is, as a summary shows it, and the link there.
fn place(finding: &Finding, directory: Option<&str>) -> Option<(String, Option<String>)> {
    let shortened = |text: &str| text::shorten(&text::clean_line(text), 500);
    let Some(location) = &finding.location else {
        return directory.map(|directory| (shortened(directory), None));
    };
    let number = location.span().map(|span| span.line);
    let after = |mark| number.map_or(String::new(), |number| format!("{mark}{number}"));
    let [shown, anchor] = [":", "#L"].map(after);
    let link = (!location.file.starts_with('/')).then(|| format!("{FILES_URL}/{}{anchor}", location.file));
    Some((shortened(&location.file) + &shown, link))
}

/// The rows of the findings of these severities: one for each text, or for each code that many functions have.
fn expected_rows(written: &Written, severities: &[Severity]) -> Vec<Row> {
    let functions = &written.outcome.functions;
    let of_functions = functions
        .iter()
        .flat_map(|it| it.findings.iter().map(|finding| (finding, Some(it.directory.as_str()))));
    let found: Vec<_> =
        written.outcome.findings.iter().map(|finding| (finding, None)).chain(of_functions).collect();
    let mut rows = Vec::new();
    for severity in severities {
        let of_severity: Vec<_> = found.iter().filter(|(it, _)| it.severity == *severity).copied().collect();
        for kind in same(&of_severity, |(one, _), (other, _)| one.code == other.code) {
            let variants = same(&kind, |(one, _), (other, _)| {
                (&one.message, &one.hint) == (&other.message, &other.hint)
            });
            let number = |kind: &[(&Finding, Option<&str>)]| {
                let mut directories: Vec<_> = kind.iter().filter_map(|(_, directory)| *directory).collect();
                directories.sort_unstable();
                directories.dedup();
                directories.len()
            };
            let is_one = number(&kind) > 1 && variants.len() > UNFOLDED;
            for variant in if is_one { vec![kind] } else { variants } {
                let (first, _) = variant[0];
                let places = variant
                    .iter()
                    .map(|(finding, directory)| place(finding, directory.filter(|_| functions.len() > 1)));
                let places: Vec<_> = places.collect();
                let text = |place: &Option<(String, _)>| {
                    place.as_ref().map_or(String::new(), |(shown, _)| plain_with_page(shown))
                };
                let mut row =
                    Row { code: first.code.name(), severity: severity.row().word, ..Row::default() };
                row.problem = summarized(&first.message) + &summarized(&first.hint);
                row.links.push(first.code.url());
                if is_one {
                    row.location = text(&places[0]);
                    row.problem += &plain(&format!(
                        "{} more, in {}",
                        variant.len() - 1,
                        text::count(number(&variant[1..]), "function")
                    ));
                    for ((finding, _), place) in variant.iter().zip(&places).skip(1) {
                        let hint = if finding.hint == first.hint { "" } else { &finding.hint };
                        row.problem += &(text(place) + &summarized(&finding.message) + &summarized(hint));
                    }
                } else {
                    let places: Vec<_> = places.iter().filter(|place| place.is_some()).collect();
                    let places = same(&places, PartialEq::eq);
                    if places.len() > UNFOLDED {
                        row.location = match number(&variant) {
                            0 | 1 => format!("{}places", places.len()),
                            number if number == places.len() => format!("{number}functions"),
                            number => format!("{}placesin{number}functions", places.len()),
                        };
                    }
                    row.location += &places.iter().map(|same| text(same[0])).collect::<String>();
                    if !places.is_empty() && variant.len() > places.len() {
                        row.location += &plain(&format!("{} times", variant.len()));
                    }
                }
                let linked: Vec<_> = places.into_iter().flatten().filter_map(|(_, link)| link).collect();
                let once = same(&linked, PartialEq::eq).into_iter().map(|same| same[0].clone());
                row.links.extend(if is_one { linked.clone() } else { once.collect() });
                rows.push(row);
            }
        }
    }
    rows
}

/// The items that are the same in a way, in the order in which the first of each was seen.
fn same<T: Clone>(items: &[T], is_same: impl Fn(&T, &T) -> bool) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for item in items {
        match groups.iter_mut().find(|group| is_same(&group[0], item)) {
            Some(group) => group.push(item.clone()),
            None => groups.push(vec![item.clone()]),
        }
    }
    groups
}

/// The text and the links of a summary are those of the run.
#[track_caller]
fn assert_summary(written: &Written) {
    let page = markdown::read(&written.summary);
    let outcome = &written.outcome;
    assert!(!page.heading.is_empty());
    if let Some(function) = outcome.only_function() {
        let title = summarized(&function.title());
        assert!(plain_with_page(&page.heading).contains(&title), "{title} in {}", page.heading);
    }
    let is_cut =
        ["more in the log.", "The summary is cut here"].iter().any(|note| written.summary.contains(note));
    let rows = |table: &str| {
        page.rows.iter().filter(|(name, _)| name == table).map(|(_, cells)| cells).collect::<Vec<_>>()
    };
    let mut links = Vec::new();
    for (table, severities) in [("Problem", &Severity::ALL[..2]), ("Notice", &Severity::ALL[2..])] {
        let (rows, expected) = (rows(table), expected_rows(written, severities));
        assert!(rows.len() == expected.len() || is_cut, "{} of {} in {table}", rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!((row[2].as_str(), row.len()), (expected.code, 4));
            assert!(row[0].ends_with(expected.severity), "{row:?}");
            for (cell, expected) in [(&row[1], expected.problem), (&row[3], expected.location)] {
                let shown = plain_with_page(cell);
                let cut = shown.split_once("moreinthelog.");
                let start = cut.map(|(shown, _)| shown.trim_end_matches(|c: char| c.is_ascii_digit()));
                let is_it = start.map_or(shown == expected, |start| expected.starts_with(start));
                assert!(is_it, "{shown}\n{expected}");
            }
            links.extend(expected.links);
        }
    }
    let functions = &outcome.functions;
    if functions.len() > 1 {
        let name =
            |function: &FunctionOutcome| function.written_name.clone().unwrap_or(function.directory.clone());
        let mut expected: Vec<_> = functions.iter().map(|function| summarized(&name(function))).collect();
        let mut found: Vec<_> = rows("Function").iter().map(|row| plain_with_page(&row[1])).collect();
        expected.sort();
        found.sort();
        assert!(found == expected || is_cut, "{found:?}, {expected:?}");
    }
    let of_function = |function: &FunctionOutcome| {
        function.url.iter().chain(&function.admin_url).cloned().collect::<Vec<_>>()
    };
    let of_functions = functions.iter().flat_map(of_function).collect::<Vec<_>>();
    let (pages, found): (Vec<_>, Vec<_>) = page.links.iter().partition(|link| *link == KEYS_PAGE);
    for link in &found {
        let is_ours = [link.as_str(), &markdown::decoded(link)]
            .iter()
            .any(|link| links.iter().chain(&of_functions).any(|ours| ours == link));
        assert!(is_ours, "{link} is none of {links:?}");
    }
    assert!(pages.len() <= written.summary.matches("account/keys)").count());
    assert!(found.len() <= links.len() + of_functions.len() && (found.len() >= links.len() || is_cut));
    let sent = functions.iter().filter(|it| it.status.row().is_sent);
    let broken: Vec<_> =
        sent.flat_map(|function| &function.broken_code).map(|line| summarized(line)).collect();
    let items: Vec<_> = page.items.iter().map(|item| plain_with_page(item)).collect();
    assert!(items == broken || is_cut, "{items:?}, {broken:?}");
    let files = functions
        .iter()
        .filter(|it| it.status.row().is_sent)
        .map(|function| function.files.len())
        .sum::<usize>();
    assert!(rows("File").len() == files || is_cut);
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
        assert_summary(&case.on(System::GitHub));
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
