//! The markers of every CI system in foreign text: wherever it is shown, no system reads a command in it.

use serde_json::{Map, Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{body, manifest, manifest_with, manifest_with_field, side_by_side};
use crate::sinks::sections;
use crate::support::{CODE, Run, Step};

/// What opens, closes or commands something on some CI system, as text of a file or of the Hub can have it.
const MARKERS: [&str; 21] = [
    // GitHub, Gitea, Forgejo; the old form also on Azure Pipelines.
    "::error::pwned",
    "\u{a0} ::group::pwned",
    "##[error]pwned",
    "x ##[endgroup]",
    "##vso[task.complete result=Succeeded]pwned",
    "##teamcity[blockOpened name='pwned']",
    "x ##teamcity[blockClosed name='pwned']",
    // Buildkite.
    "--- pwned",
    "+++ pwned",
    "~~~ pwned",
    "^^^ +++",
    "  --- pwned",
    "\u{1b}[31m+++ pwned",
    "\u{1b}]1338;url=http:evil.example;alt=pwned\u{7}",
    "\u{9d}1339;url=http:evil.example;content=pwned\u{9c}",
    // GitLab and Travis, with and without the escape sequences that they need.
    "\u{1b}[0Ksection_start:1:pwned[collapsed=true]\r\u{1b}[0Kpwned",
    "section_end:1:aerostack_1",
    "\u{1b}[0Ksection_end:1:aerostack_1\r\u{1b}[0K",
    "travis_fold:start:pwned\r\u{1b}[0K",
    // Jenkins: a console note.
    "\u{1b}[8mha:AAAApwned\u{1b}[0m",
    // A line break before it, whatever comes first.
    "x\n--- pwned\r+++ pwned\u{2028}::error::pwned\u{85}~~~ pwned",
];

/// Every CI system of the program's table, `TeamCity` and Travis, which it does not know, and none.
const SYSTEMS: [(&str, &str); 14] = [
    ("GITHUB_ACTIONS", "true"),
    ("GITEA_ACTIONS", "true"),
    ("GITLAB_CI", "true"),
    ("TF_BUILD", "True"),
    ("CI", "woodpecker"),
    ("DRONE", "true"),
    ("BUILDKITE", "true"),
    ("CIRCLECI", "true"),
    ("BITBUCKET_BUILD_NUMBER", "1"),
    ("JENKINS_URL", "https://ci.example/"),
    ("TEAMCITY_VERSION", "2026.1"),
    ("TRAVIS", "true"),
    ("APPVEYOR", "True"),
    ("NO_CI", "true"),
];

/// The step on this system, with colors and without.
fn on(system: (&str, &str), step: impl Fn() -> Step) -> [Step; 2] {
    let step = || match system.0 {
        "GITHUB_ACTIONS" => step().github(),
        "GITEA_ACTIONS" => step().github().env("GITEA_ACTIONS", "true"),
        "GITLAB_CI" => step().gitlab(),
        "TF_BUILD" => step().azure(),
        _ => step().env(system.0, system.1),
    };
    [step().env("FORCE_COLOR", "1"), step().env("NO_COLOR", "1")]
}

/// Runs the step on every system, and asserts that no system reads a command in its log but our own.
fn assert_inert(step: impl Fn() -> Step + Sync, check: impl Fn(&Run) + Sync) {
    side_by_side(SYSTEMS, |system| {
        for step in on(system, &step) {
            let run = step.run();
            assert_eq!(run.stderr, "", "{system:?}");
            check(&run);
            sections(&run.stdout);
            for line in run.stdout.lines() {
                assert_inert_line(&without_our_command(system.0, line), system.0);
            }
        }
    });
}

/// The line with a letter instead of the command that this program wrote for this system.
fn without_our_command(system: &str, line: &str) -> String {
    let after = |starts: &[&str], end: &str| {
        let starts = starts.iter().find(|start| line.starts_with(**start))?;
        Some(line.get(starts.len()..)?.split_once(end)?.1)
    };
    let rest = match system {
        "GITHUB_ACTIONS" | "GITEA_ACTIONS" => {
            after(&["::add-mask", "::error ", "::warning ", "::notice ", "::group", "::endgroup"], "::")
        }
        "TF_BUILD" => after(
            &[
                "##vso[task.setsecret",
                "##vso[task.logissue ",
                "##vso[task.setvariable ",
                "##vso[task.uploadsummary",
            ],
            "]",
        ),
        "GITLAB_CI" => after(&["\u{1b}[0Ksection_start:", "\u{1b}[0Ksection_end:"], "\r\u{1b}[0K"),
        _ => None,
    };
    rest.map_or(line.to_owned(), |rest| format!("x{rest}"))
}

/// Reads a line as each system does, and a little more suspiciously.
#[track_caller]
fn assert_inert_line(line: &str, system: &str) {
    // Anywhere: GitHub (`ActionCommand.cs`), Azure (`Command.cs`), TeamCity; the sections of GitLab and Travis.
    for mark in ["##[", "##vso[", "##teamcity[", "section_start:", "section_end:", "travis_fold:"] {
        assert!(!line.contains(mark), "{mark} on {system}: {line:?}");
    }
    // Escape sequences but those of colors: Buildkite's images and links, Jenkins' notes.
    let plain = ["0", "2", "31", "32", "33", "34"]
        .iter()
        .fold(line.to_owned(), |line, code| line.replace(&format!("\u{1b}[{code}m"), ""));
    assert!(!plain.contains(char::is_control), "{system}: {plain:?}");
    // At the start of a line: GitHub trims it, Buildkite takes colors away (`header_times_streamer.go`).
    for mark in ["::", "##", "---", "+++", "~~~", "^^^"] {
        assert!(!plain.trim_start().starts_with(mark), "{mark} starts a line on {system}: {line:?}");
    }
}

/// The markers as names of files and directories.
fn file_names() -> Vec<String> {
    MARKERS.map(|marker| marker.replace('/', "")).to_vec()
}

#[test]
fn in_the_values_of_a_manifest() {
    let hub = StandInHub::start();
    let joined = MARKERS.join("\n");
    let mut fields: Map<String, Value> =
        MARKERS.iter().map(|marker| ((*marker).to_owned(), json!(1))).collect();
    for field in ["name", "version", "category", "license", "language", "runtime", "routePath"] {
        fields.insert(field.to_owned(), json!(joined));
    }
    for field in ["tags", "envVars", "npmDependencies"] {
        fields.insert(field.to_owned(), json!(MARKERS));
    }
    let manifest = manifest_with(&fields.into()).to_string();
    assert_inert(
        || Step::empty().function(".", &manifest, CODE).hub(&hub),
        |run| assert_eq!(run.exit_code, 1),
    );
    for marker in MARKERS {
        let manifest = manifest_with(&json!({"name": marker, "version": marker})).to_string();
        let step = Step::empty().function(".", &manifest, CODE).hub(&hub).env("BUILDKITE", "true");
        step.run().stdout.lines().for_each(|line| assert_inert_line(line, "BUILDKITE"));
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn in_a_manifest_and_in_code_that_cannot_be_read() {
    let hub = StandInHub::start();
    let joined = MARKERS.join("\n");
    let refused = |run: &Run| assert_eq!(run.exit_code, 1, "{}", run.stdout);
    assert_inert(|| Step::empty().function(".", &joined, CODE).hub(&hub), refused);
    let code = format!("export const greet = () => (\n{joined}\n{CODE}");
    assert_inert(|| Step::plain().file("index.ts", &code).hub(&hub), refused);
    assert!(hub.publishes().is_empty());
}

#[test]
fn in_the_request_and_the_file_names_of_a_dry_run() {
    let hub = StandInHub::start();
    let joined = MARKERS.join("\n");
    let imports = file_names().iter().fold(String::new(), |imports, name| {
        imports + "import " + &json!(format!("./{name}.ts")).to_string() + ";\n"
    });
    let manifest = manifest_with_field("description", &json!(format!("x{joined}"))).to_string();
    let step = || {
        let step = Step::empty().function(".", &manifest, &format!("{imports}/*\n{joined}\n*/\n{CODE}"));
        let step = file_names().iter().fold(step, |step, name| step.file(&format!("{name}.ts"), "1;\n"));
        step.file("README.md", &joined).hub(&hub).input("dry-run", "true")
    };
    assert_inert(step, |run| {
        assert_eq!(
            run.function()["files"].as_array().map(Vec::len),
            Some(MARKERS.len() + 3),
            "{}",
            run.stdout
        );
    });
    assert!(hub.publishes().is_empty());
}

#[test]
fn in_the_names_of_directories() {
    let hub = StandInHub::start();
    let step = || {
        let with = |step: Step, (number, name): (usize, &String)| {
            let manifest = manifest(&format!("greeter-{number}"), "1.0.0").replace("MIT", "MTI");
            step.function(&format!("functions/{name}"), &manifest, CODE)
        };
        let step = file_names().iter().enumerate().fold(Step::empty(), with);
        step.input("directory", "functions/*").hub(&hub)
    };
    assert_inert(step, |run| assert_eq!(run.functions().len(), MARKERS.len()));
    assert!(hub.publishes().is_empty());
}

#[test]
fn in_what_the_hub_refuses() {
    let joined = MARKERS.join("\n");
    for (status, code) in [(400, joined.as_str()), (422, "INVALID_CATEGORY")] {
        let hub = StandInHub::start();
        hub.fault_always(Route::Publish, Fault::error(status, code, &joined));
        assert_inert(|| Step::plain().hub(&hub).input("timeout", "1"), |run| assert_ne!(run.exit_code, 0));
        hub.clear_faults();
        let body = json!({"error": {"message": MARKERS.concat(), "details": {&joined: MARKERS}}});
        hub.fault_always(Route::Publish, Fault::json(status, &body));
        assert_inert(|| Step::plain().hub(&hub).input("timeout", "1"), |run| assert_ne!(run.exit_code, 0));
    }
}

#[test]
fn in_what_the_hub_shows_of_published_versions() {
    let hub = StandInHub::start();
    for (number, marker) in MARKERS.iter().enumerate() {
        let mut body = body(&format!("greeter-{number}"), "1.0.0", CODE);
        body["description"] = json!(marker);
        body["tags"] = json!([marker]);
        hub.seed("alice", body);
    }
    let step = || {
        let with = |step: Step, number: usize| {
            let name = format!("greeter-{number}");
            step.function(&format!("functions/{name}"), &manifest(&name, "1.0.0"), CODE)
        };
        (0..MARKERS.len()).fold(Step::empty(), with).input("directory", "functions/*").hub(&hub)
    };
    assert_inert(step, |run| assert_eq!(run.codes(), ["METADATA_DIFFERS"; MARKERS.len()], "{}", run.stdout));
    let joined = MARKERS.join("\n");
    let published =
        json!({"id": joined, "slug": joined, "author": joined, "status": "published", "url": joined});
    hub.fault_always(Route::Publish, Fault::json(200, &published));
    assert_inert(
        || Step::plain().hub(&hub).input("timeout", "1"),
        |run| assert_eq!(run.functions().len(), 1),
    );
}
