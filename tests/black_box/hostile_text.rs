//! Text from a repository or from the Hub that contains commands or markup: no report interprets it.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};
use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{manifest_with, manifest_with_field};
use crate::sinks::{Reports, commands, dotenv, outputs, run_with_reports, sections, without_colors};
use crate::support::{CODE, Step, text as string};

/// What each kind of reader would interpret.
const HOSTILE: [&str; 21] = [
    "::error::pwned",
    "\n::error file=a,line=1::pwned\n",
    "\r::set-output name=status::pwned",
    "\u{2028}::warning::pwned\u{85}::warning::pwned",
    "%0A::error::pwned%0D%0A::add-mask::e",
    "##[error]pwned ##[set-output name=status]pwned",
    "##\u{200b}[error]pwned #\u{0}#[group]pwned",
    "##vso[task.setvariable variable=status]pwned",
    "##teamcity[buildProblem description='pwned']",
    "\u{1b}[2J\u{1b}[31mpwned\u{1b}]0;pwned\u{7}\u{9b}31m",
    "\u{1b}[0Ksection_end:1:aerostack_1\r\u{1b}[0K\u{1b}[0Ksection_start:1:pwned\r\u{1b}[0K",
    "a\0b\u{8}\u{8}c",
    "\u{202e}dewp\u{202c} \u{2066}x\u{2069}\u{feff}",
    "#\u{e0041}#\u{3164}[error]pw\u{ad}n\u{180e}e\u{200d}d \u{34f}\u{115f}\u{ffa0}\u{2061}\u{e0100}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</td></tr></table></details><h1>pwned</h1><!--",
    "| pwned | ||\n|---|---|\n\n# pwned\n\n```\n~~~\n",
    "`pwned` ``pwned`` **pwned** _pwned_ ~~pwned~~ \\",
    "[pwned](https://evil.example/) ![pwned](https://evil.example/x.png) [x]: https://evil.example",
    "https://evil.example/auto www.evil.example evil@evil.example",
    "x\nstatus=pwned\nresult<<EOF\npwned\nEOF\nAEROSTACK_STATUS=pwned\n",
];

/// Asserts that no report has a command or markup but our own.
fn assert_inert(reports: &Reports) {
    assert_ne!(reports.run.exit_code, -1, "{}", reports.run.stderr);
    assert_eq!(reports.run.stderr, "");
    assert_inert_log(reports);
    if !reports.run.output_file.is_empty() {
        let outputs = outputs(&reports.run.output_file);
        assert_eq!(outputs.len(), 13);
        assert_eq!(outputs["status"], reports.run.report["status"]);
        serde_json::from_str::<Value>(&outputs["result"]).expect("JSON");
        assert_inert_markdown(&reports.run.summary);
    }
    let variables = dotenv(&reports.dotenv);
    assert_eq!(variables.len(), 12);
    assert_eq!(variables["AEROSTACK_STATUS"], reports.run.report["status"]);
    assert_eq!(reports.run.report["schema"], 1);
    for text in reports.issues().iter().flat_map(|issue| [&issue["description"], &issue["location"]["path"]])
    {
        assert!(!string(text).is_empty());
    }
    for (name, text) in reports.sinks() {
        let text = if name == "stdout" { without_colors(text) } else { text.to_owned() };
        let marker = |c: char| matches!(c, '\u{1b}' | '\r') && name == "stdout";
        let invisible = "\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{e0041}\u{e0100}\u{3164}\u{ad}\u{180e}\u{34f}\u{115f}\u{ffa0}\u{2061}";
        let steers = |c: char| c != '\n' && !marker(c) && (c.is_control() || invisible.contains(c));
        assert!(!text.contains(steers), "{name}: {text:?}");
    }
}

fn assert_inert_log(reports: &Reports) {
    let log = &reports.run.stdout;
    let is_github = !reports.run.output_file.is_empty();
    let found = commands(log);
    let annotations = found.iter().filter(|one| matches!(one.name.as_str(), "error" | "warning" | "notice"));
    let codes: Vec<_> = reports.run.findings().iter().map(|finding| string(&finding["code"])).collect();
    let mut number = 0;
    for annotation in annotations {
        number += 1;
        let title = annotation.properties["title"].as_str();
        assert!(codes.contains(&title) || title == "aerostack-publish", "{annotation:?}");
    }
    if is_github {
        // What several functions have in common is one annotation.
        let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
        let expected = if reports.run.functions().len() > 1 { distinct.len() } else { codes.len() };
        assert!(number >= expected || number >= 10, "{number} of {codes:?}");
        assert!(number <= codes.len(), "{number} of {codes:?}");
        let masks = found.iter().filter(|command| command.name == "add-mask").count();
        assert_eq!(masks, 1);
    } else {
        assert_eq!(found, []);
    }
    for command in &found {
        let ours = ["add-mask", "error", "warning", "notice", "group", "endgroup"];
        assert!(ours.contains(&command.name.as_str()), "{command:?}");
    }
    for mark in ["##[", "##vso[", "##teamcity["] {
        assert!(!log.contains(mark), "{mark} in {log}");
    }
    sections(log);
    let rest = without_colors(log).replace("\u{1b}[0K", "");
    assert!(!rest.contains('\u{1b}') && !rest.contains('\u{9b}'), "{rest:?}");
}

/// Reads the summary as GitHub does, and asserts that it has no HTML, no link and no layout but our own.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other nodes are text and its layout")]
fn assert_inert_markdown(summary: &str) {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    let ours =
        ["https://github.com/aerostackdev/", "https://hub.aerostack.dev/", "https://app.aerostack.dev/"];
    let mut headings = 0;
    for node in parse_document(&arena, summary, &options).descendants() {
        match &node.data.borrow().value {
            NodeValue::HtmlInline(html) => {
                let ours =
                    ["code", "span", "details", "summary"].map(|it| [format!("<{it}>"), format!("</{it}>")]);
                assert!(html == "<br>" || ours.as_flattened().contains(html), "{html}");
            }
            NodeValue::HtmlBlock(block) => {
                let html = block.literal.trim();
                let title =
                    html.strip_prefix("<details><summary>").and_then(|rest| rest.strip_suffix("</summary>"));
                let is_text = |title: &str| !title.replace("<span>", "").replace("</span>", "").contains('<');
                assert!(html == "</details>" || title.is_some_and(is_text), "{html}");
            }
            NodeValue::Link(link) => {
                assert!(ours.iter().any(|ours| link.url.starts_with(ours)), "{}", link.url);
            }
            NodeValue::Heading(_) => headings += 1,
            NodeValue::TableRow(_) => {
                let cells = node.children().count();
                let expected = node.parent().unwrap().first_child().unwrap().children().count();
                assert_eq!(cells, expected);
            }
            NodeValue::Image(_)
            | NodeValue::CodeBlock(_)
            | NodeValue::Strikethrough
            | NodeValue::BlockQuote
            | NodeValue::FootnoteReference(_)
            | NodeValue::TaskItem(_)
            | NodeValue::List(_) => {
                panic!("{:?} in {summary}", node.data.borrow().value)
            }
            _ => {}
        }
    }
    assert_eq!(headings, 1, "{summary}");
    assert_eq!(summary.matches("<details>").count(), summary.matches("</details>").count());
}

/// Runs the step on GitHub and GitLab, with colors, and elsewhere, without them.
fn assert_inert_everywhere(step: impl Fn() -> Step) {
    assert_inert(&run_with_reports(step().github()));
    assert_inert(&run_with_reports(step().gitlab()));
    assert_inert(&run_with_reports(step()));
}

#[test]
fn the_values_of_a_manifest_are_not_interpreted() {
    let hub = StandInHub::start();
    let all = HOSTILE.concat();
    for field in ["name", "version", "category", "language", "runtime", "license", "entrypoint", "routePath"]
    {
        let manifest = manifest_with_field(field, &json!(all)).to_string();
        // A name with a slug is only a warning.
        let step = || Step::empty().function(".", &manifest, CODE).hub(&hub).input("strict", "true");
        assert_inert_everywhere(step);
    }
    for field in ["tags", "envVars", "npmDependencies"] {
        let manifest = manifest_with_field(field, &json!(HOSTILE)).to_string();
        assert_inert_everywhere(|| Step::empty().function(".", &manifest, CODE).hub(&hub));
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn each_hostile_text_alone_is_not_interpreted() {
    let hub = StandInHub::start();
    for text in HOSTILE {
        let fields = json!({"name": text, "version": text, "category": text, "license": text, "entrypoint": text,
            text: "an unknown field"});
        let manifest = manifest_with(&fields).to_string();
        assert_inert_everywhere(|| Step::empty().function(".", &manifest, CODE).hub(&hub));
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_manifest_that_is_not_json_is_not_interpreted() {
    let hub = StandInHub::start();
    for text in HOSTILE {
        assert_inert_everywhere(|| Step::empty().file("aerostack.json", text).hub(&hub));
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_names_of_directories_and_files_are_not_interpreted() {
    let hub = StandInHub::start();
    for text in HOSTILE {
        let name: String = text.chars().filter(|c| !matches!(c, '/' | '\0')).take(80).collect();
        let name = name.trim_matches('.').to_owned();
        let license = manifest_with_field("license", &json!("MTI")).to_string();
        // A name may have several lines, and the input has one directory per line: a glob finds it.
        let step = || Step::empty().function(&format!("functions/{name}x"), &license, CODE).hub(&hub);
        assert_inert_everywhere(|| step().input("directory", "functions/*"));
        let file = format!("{name}.ts");
        let manifest = manifest_with_field("entrypoint", &json!(file)).to_string();
        let step = || Step::empty().file("aerostack.json", &manifest).file(&file, CODE).hub(&hub);
        assert_inert_everywhere(|| step().file("README.md", "# x\n").input("dry-run", "true"));
        let other = manifest.replace("greeter", "parter");
        let two = || {
            let step = Step::empty().file("a/aerostack.json", &manifest).file(&format!("a/{file}"), CODE);
            step.file("b/aerostack.json", &other).file(&format!("b/{file}"), CODE).hub(&hub)
        };
        assert_inert(&run_with_reports(two().input("directory", "a\nb").input("dry-run", "true").github()));
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_code_and_the_description_in_the_request_of_a_dry_run_are_not_interpreted() {
    let hub = StandInHub::start();
    for text in HOSTILE {
        let manifest = manifest_with_field("description", &json!(format!("x{text}"))).to_string();
        let code = format!("{text}\n{CODE}");
        let step = || Step::empty().function(".", &manifest, &code).file("README.md", text).hub(&hub);
        assert_inert_everywhere(|| step().input("dry-run", "true"));
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_responses_of_the_hub_are_not_interpreted() {
    let hub = StandInHub::start();
    let check = |response: Fault| {
        hub.clear_faults();
        hub.fault_always(Route::Publish, response);
        let step = || Step::plain().hub(&hub).input("timeout", "5");
        assert_inert(&run_with_reports(step().github().env("NO_COLOR", "1")));
        assert_inert(&run_with_reports(step().gitlab()));
    };
    for text in HOSTILE {
        check(Fault::error(400, text, text));
    }
    let all = HOSTILE.concat();
    let url = format!("https://hub.aerostack.dev/{all}) [pwned](https://evil.example/ \"x\")");
    let published = json!({"id": all, "slug": all, "author": all, "status": "published", "url": url});
    check(Fault::json(200, &published));
    check(Fault::json(200, &json!({"id": all, "author": all, "status": all})));
    check(Fault::error(400, &all, &all));
    check(Fault::error(400, "INVALID_CATEGORY", &all));
    check(Fault::json(422, &json!({"error": {"message": all, "details": {&all: [all]}}})));
    check(Fault::text(400, &all));
    hub.clear_faults();
    hub.fault_always(Route::My, Fault::text(400, &all));
    assert_inert_everywhere(|| Step::plain().hub(&hub).input("dry-run", "true"));
}

#[test]
fn very_long_texts_are_not_interpreted_and_are_cut() {
    let hub = StandInHub::start();
    let long = HOSTILE.concat().repeat(1024 * 1024 / HOSTILE.concat().len());
    for field in ["name", "version", "category", "license", "entrypoint"] {
        let manifest = manifest_with_field(field, &json!(long)).to_string();
        let step = Step::empty().function(".", &manifest, CODE).github().hub(&hub);
        let reports = run_with_reports(step.input("strict", "true"));
        assert_inert(&reports);
        for (sink, text) in reports.sinks() {
            assert!(text.len() < 256 * 1024, "{sink}: {} bytes", text.len());
        }
    }
    assert!(hub.publishes().is_empty());
    hub.fault_always(Route::Publish, Fault::error(400, &long, &long));
    assert_inert(&run_with_reports(Step::plain().github().hub(&hub)));
    hub.fault_always(
        Route::Publish,
        Fault::json(200, &json!({"id": long, "url": long, "status": "published"})),
    );
    assert_inert(&run_with_reports(Step::plain().github().hub(&hub)));
}
