//! The documentation matches the program: its tables equal the program's own, and its examples are run.

use std::path::Path;
use std::process::Command;

use aerostack_publish::finding::{Code, EXIT_CODES, Severity};
use aerostack_publish::outputs::OUTPUTS;
use aerostack_publish::settings::inputs::INPUTS;
use serde_json::Value;
use stand_in_hub::StandInHub;

use crate::support::{CODE, MANIFEST, Step, variable};

pub fn document(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

/// The content under a second-level heading.
pub fn section<'t>(document: &'t str, heading: &str) -> &'t str {
    let start = format!("\n## {heading}\n");
    let (_, rest) = document.split_once(&start).unwrap_or_else(|| panic!("no heading `{heading}`"));
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The cells of a section's first table, without the header.
pub fn table(section: &str) -> Vec<Vec<&str>> {
    let rows =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.skip(2).map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The content of a section's first fenced block in a language.
fn block<'t>(section: &'t str, language: &str) -> Option<&'t str> {
    let (_, rest) = section.split_once(&format!("```{language}\n"))?;
    rest.split_once("\n```").map(|(block, _)| block)
}

#[test]
fn the_reference_lists_every_input_with_its_default_and_meaning() {
    let default = |default: Option<&str>| default.map_or("–".to_owned(), |default| format!("`{default}`"));
    let ours: Vec<_> = INPUTS
        .iter()
        .map(|input| vec![format!("`{}`", input.name), default(input.default), input.meaning.to_owned()])
        .collect();
    assert_eq!(table(section(&document("docs/reference.md"), "Inputs")), ours);
}

#[test]
fn the_reference_lists_every_output_with_its_meaning() {
    let ours: Vec<_> =
        OUTPUTS.iter().map(|output| vec![format!("`{}`", output.name), output.meaning.to_owned()]).collect();
    assert_eq!(table(section(&document("docs/reference.md"), "Outputs")), ours);
}

#[test]
fn the_reference_lists_every_exit_code_with_what_to_do() {
    let ours: Vec<_> =
        EXIT_CODES.map(|row| vec![row.code.to_string(), row.action.to_owned(), row.when.to_owned()]).to_vec();
    assert_eq!(table(section(&document("docs/reference.md"), "Exit codes")), ours);
}

#[test]
fn help_prints_every_input_output_and_exit_code() {
    let run = Step::empty().run_with(&["--help"]);
    assert_eq!(run.exit_code, 0);
    let has = |words: &[&str]| run.stdout.lines().any(|line| words.iter().all(|word| line.contains(word)));
    for input in &INPUTS {
        let default = input.default.map_or(String::new(), |default| format!("[default: {default}]"));
        assert!(has(&[input.name, input.meaning, &default]), "{}", input.name);
    }
    assert!(OUTPUTS.iter().all(|output| has(&[output.name, output.meaning])));
    assert!(EXIT_CODES.iter().all(|row| has(&[&row.code.to_string(), row.action, row.when])));
}

#[test]
fn every_code_has_exactly_one_section_with_its_severity_exit_code_and_fix() {
    let document = document("docs/findings.md");
    let headings = document.lines().filter_map(|line| line.strip_prefix("## "));
    let headings: Vec<_> = headings.filter(|heading| !heading.contains(' ')).collect();
    let names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(headings, names);
    for code in Code::ALL {
        let section = section(&document, code.name());
        let exit_code = code.exit_code();
        let severity = match code.severity() {
            Severity::Error => format!("Severity: error · exit code {exit_code}"),
            Severity::Warning => format!("Severity: warning · exit code {exit_code} with `strict`"),
            Severity::Notice => "Severity: notice".to_owned(),
        };
        assert_eq!(section.lines().find(|line| !line.is_empty()), Some(severity.as_str()), "{}", code.name());
        let words = section.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&format!("**How to fix:** {}.", code.fix())), "{}", code.name());
        assert!(words.contains("**Example:** "), "{}", code.name());
    }
}

#[test]
fn the_index_has_every_code_once_by_severity_and_exit_code() {
    let document = document("docs/findings.md");
    let (head, _) = document.split_once("\n## ").expect("a heading");
    let mut ours: Vec<Vec<String>> = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Notice] {
        for exit_code in 1..=4 {
            let is_here = |code: &&Code| match severity {
                Severity::Notice => exit_code == 1,
                Severity::Error | Severity::Warning => code.exit_code() == exit_code,
            };
            let codes = Code::ALL.iter().filter(|code| code.severity() == severity).filter(is_here);
            let link = |code: &Code| format!("[`{}`](#{})", code.name(), code.name().to_lowercase());
            let links: Vec<_> = codes.map(link).collect();
            let (word, exit_code) = match severity {
                Severity::Error => ("error", exit_code.to_string()),
                Severity::Warning => ("warning", format!("0; {exit_code} with `strict`")),
                Severity::Notice => ("notice", "0".to_owned()),
            };
            if !links.is_empty() {
                ours.push(vec![word.to_owned(), exit_code, links.join(", ")]);
            }
        }
    }
    assert_eq!(table(head), ours);
}

#[test]
fn the_reference_explains_every_status() {
    let page = document("docs/reference.md");
    let outputs = section(&page, "Outputs");
    let (_, statuses) = outputs.split_once("| status | meaning |").expect("the table");
    let listed: Vec<_> =
        table(&format!("| status | meaning |{statuses}")).iter().map(|row| row[0].to_owned()).collect();
    let meaning = OUTPUTS.iter().find(|output| output.name == "status").expect("the output").meaning;
    let ours: Vec<_> = meaning.split('`').skip(1).step_by(2).map(|word| format!("`{word}`")).collect();
    let sorted = |mut words: Vec<String>| {
        words.sort();
        words
    };
    assert_eq!(sorted(listed), sorted(ours));
}

/// The names of all members of a JSON value, in order, those of lists by their first element.
fn shape(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| {
                let inner = shape(value).into_iter().map(move |inner| format!("{name}.{inner}"));
                std::iter::once(name.clone()).chain(inner)
            })
            .collect(),
        Value::Array(elements) => elements.first().map(shape).unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[test]
fn the_samples_in_the_reference_have_the_form_of_real_ones() {
    let page = document("docs/reference.md");
    let hub = StandInHub::start();
    assert_eq!(Step::example().hub(&hub).run().exit_code, 0);
    let step = Step::example().edit("index.ts", "width?: number", "width?: string").hub(&hub);
    let run = step.run();
    assert!(run.codes().contains(&"VERSION_CONFLICT"), "{}", run.stdout);
    let sample: Value =
        serde_json::from_str(block(section(&page, "Reports"), "json").expect("a report")).expect("JSON");
    assert_eq!(shape(&sample), shape(&run.report));
    let names = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split('=').next().unwrap_or_default().to_owned()).collect()
    };
    let ours: Vec<_> =
        OUTPUTS.iter().filter(|output| output.name != "result").map(|output| variable(output.name)).collect();
    assert_eq!(names(block(section(&page, "Outputs"), "text").expect("a sample")), ours);
}

#[test]
fn the_readme_shows_real_inputs_outputs_and_exit_codes() {
    let readme = document("README.md");
    let inputs = block(section(&readme, "Inputs"), "yaml").expect("the inputs");
    let step: Value = serde_saphyr::from_str(inputs).expect("YAML");
    for name in step[0]["with"].as_object().expect("inputs").keys() {
        assert!(INPUTS.iter().any(|input| input.name == name), "{name}");
    }
    let outputs = section(&readme, "Outputs");
    for name in ["live", "version", "previous-version", "release-type", "status", "url", "published"] {
        assert!(outputs.contains(&format!("`{name}`")) || outputs.contains(&format!("outputs.{name}`")));
        assert!(OUTPUTS.iter().any(|output| output.name == name), "{name}");
    }
    let failures = section(&readme, "When it fails");
    for row in EXIT_CODES.iter().skip(1) {
        let action = row.action.rsplit("; ").next().unwrap_or_default();
        assert!(failures.contains(&format!("{}: {action}", row.code)), "{failures}");
    }
}

#[test]
fn the_documented_line_recomputes_the_digest() {
    let page = document("docs/reference.md");
    let line = block(section(&page, "Outputs"), "sh").expect("the line");
    assert_eq!(line.lines().count(), 1, "{line}");
    let importing =
        "import './lib/a b.ts';\nimport './lib/ä.json';\nimport './lib/-x';\nimport './lib/b\\nc';\n";
    let with_files = |step: Step| {
        ["lib/a b.ts", "lib/ä.json", "lib/-x.ts", "lib/b\nc.ts", "README.md"]
            .into_iter()
            .fold(step, |step, path| step.file(path, "1"))
    };
    for step in [
        Step::plain(),
        Step::plain().file("README.md", "# Greeter\r\n"),
        Step::plain().file("index.ts", format!("\u{feff}{CODE}")).file("README.md", "\u{feff}# Greeter\n"),
        Step::empty().function(".", &format!("\u{feff}{MANIFEST}"), CODE),
        with_files(Step::empty().function(".", MANIFEST, &format!("{importing}{CODE}"))),
        Step::example(),
    ] {
        let report = step.path("report.json");
        let step = step.input("report", "report.json").input("dry-run", "true");
        let run = step.run();
        assert_eq!(run.exit_code, 0, "{}", run.stdout);
        let report: Value = serde_json::from_slice(&std::fs::read(report).expect("a report")).expect("JSON");
        let output = Command::new("bash").args(["-c", line]).current_dir(step.path("")).output();
        let output = output.expect("Bash starts");
        assert!(output.status.success(), "{output:?}");
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        let digest = format!("sha256:{}", printed.split(' ').next().unwrap_or_default());
        assert_eq!(report["functions"][0]["digest"], digest, "{report:#}");
    }
}

/// The valid manifest with these members replaced. A whole object replaces the whole manifest.
fn manifest_with_members(members: &str) -> String {
    if members.starts_with('{') {
        return members.to_owned();
    }
    let name = |line: &str| line.trim().split(':').next().unwrap_or_default().to_owned();
    let replaced: Vec<_> = members.lines().map(name).collect();
    let kept =
        MANIFEST.lines().filter(|line| line.trim().starts_with('"') && !replaced.contains(&name(line)));
    let kept: Vec<_> = kept.map(|line| line.trim_end_matches(',')).collect();
    format!("{{\n{},\n{members}\n}}\n", kept.join(",\n"))
}

#[test]
fn every_runnable_example_reports_its_finding_and_an_error_sends_nothing() {
    let document = document("docs/findings.md");
    let mut examples = 0;
    for code in Code::ALL {
        let section = section(&document, code.name());
        let hub = StandInHub::start();
        let step = Step::plain().hub(&hub);
        let [members, code_block, variable] = ["json", "ts", "sh"].map(|language| block(section, language));
        if members.or(code_block).or(variable).is_none() {
            continue;
        }
        let manifest = members.map_or(MANIFEST.to_owned(), manifest_with_members);
        let step = step.function(".", &manifest, code_block.unwrap_or(CODE));
        let step = match variable {
            Some(line) => {
                let (name, value) = line.split_once('=').expect("an assignment");
                step.env(name, value)
            }
            None => step,
        };
        examples += 1;
        let run = step.run();
        assert!(run.codes().contains(&code.name()), "{}: {}", code.name(), run.stdout);
        if code.severity() == Severity::Error {
            assert_eq!(run.exit_code, i32::from(code.exit_code()), "{}: {}", code.name(), run.stdout);
            assert!(hub.publishes().is_empty(), "{}", code.name());
        }
    }
    assert!(examples > 25, "{examples}");
}

#[test]
fn every_message_in_the_page_about_the_network_is_one_of_the_program() {
    let files = ["hub/failure.rs", "hub/certificate.rs", "hub/tls.rs", "settings/proxy.rs"];
    let source: String = files.map(|file| document(&format!("src/{file}"))).concat();
    let page = document("docs/network.md");
    for row in table(section(&page, "Messages")) {
        for part in row[0].split(['…', ':']).map(|part| part.trim_matches([' ', ','])) {
            assert!(source.contains(part), "`{part}` of `{}`", row[0]);
        }
    }
    for variable in [
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ] {
        assert!(page.contains(&format!("`{variable}`")), "{variable}");
    }
}
