//! Files that nobody means to publish: never sent, and no sink shows what is in them.

use std::os::unix::fs::symlink;

use stand_in_hub::StandInHub;

use crate::sinks::run_with_reports;
use crate::support::{CODE, MANIFEST, Step};

const SECRET: &str = "hush-this-is-nobodys-business";

/// Refused at the place that names it, with nothing sent and nothing shown, also in a dry run without a key.
#[track_caller]
fn withheld(step: impl Fn() -> Step, named: &str) {
    for is_dry in [false, true] {
        let hub = StandInHub::start();
        let step = step().github().hub(&hub);
        let step = if is_dry { step.unset("AEROSTACK_API_KEY").input("dry-run", "true") } else { step };
        let reports = run_with_reports(step);
        let run = &reports.run;
        assert_eq!(run.exit_code, 1, "{named}: {}", run.stdout);
        assert!(run.codes().contains(&"WITHHELD_FILE"), "{named}: {}", run.stdout);
        let message = crate::support::text(&run.finding("WITHHELD_FILE")["message"]);
        assert!(message.contains(&format!("`{named}`")), "{named}: {message}");
        for (sink, text) in reports.sinks() {
            assert!(!text.contains(SECRET), "{sink} shows it: {text}");
        }
        assert!(hub.publishes().is_empty());
    }
}

/// With a file that holds a secret.
fn with(path: &str) -> Step {
    Step::plain().file(path, format!("{SECRET}\n"))
}

#[test]
fn what_is_imported_is_not_read() {
    for (path, import, named) in [
        (".env", "./.env?raw", ".env"),
        (".env.production", "./.env.production?raw", ".env.production"),
        (".dev.vars", "./.dev.vars?raw", ".dev.vars"),
        (".git/config", "./.git/config?raw", ".git"),
        ("lib/.git/config.txt", "./lib/.git/config.txt", ".git"),
        (".npmrc", "./.npmrc?raw", ".npmrc"),
        (".ssh/key.txt", "./.ssh/key.txt", ".ssh"),
        (".aws/credentials.json", "./.aws/credentials.json", ".aws"),
        (".docker/config.json", "./.docker/config.json", ".docker"),
        ("gha-creds-0123.json", "./gha-creds-0123.json", "gha-creds-0123.json"),
        (".ENV.txt", "./.ENV.txt", ".ENV.txt"),
    ] {
        let code = format!("import text from '{import}';\nexport const a = text;\n");
        withheld(|| with(path).file("index.ts", &code), named);
    }
}

#[test]
fn what_a_link_leads_to_is_not_read() {
    for link in ["README.md", "index.ts", "lib.ts", "text.txt", "aerostack.json"] {
        let step = || {
            let code = "import { a } from './lib';\nimport t from './text.txt';\nexport const b = [a, t];\n";
            let step = with(".env").file("index.ts", code).file("lib.ts", "export const a = 1;\n");
            let step = step.file("text.txt", "text\n").file("README.md", "# Greeter\n");
            std::fs::remove_file(step.path(link)).expect("a file");
            symlink(".env", step.path(link)).expect("a link");
            step
        };
        withheld(step, ".env");
    }
    // Through another link, and through a directory that is one.
    let chain = || {
        let step = with(".git/config");
        symlink("other", step.path("README.md")).expect("a link");
        symlink("plain/config", step.path("other")).expect("a link");
        symlink(".git", step.path("plain")).expect("a link");
        step
    };
    withheld(chain, ".git");
}

#[test]
fn what_the_manifest_names_is_not_read() {
    for path in [".env", ".git/config", ".npmrc", "a/.ssh/id"] {
        let named = path.split('/').find(|part| part.starts_with('.')).expect("a hidden part");
        withheld(|| with(path).edit("aerostack.json", "index.ts", path), named);
    }
}

#[test]
fn what_is_only_there_is_no_finding() {
    let hub = StandInHub::start();
    let run = with(".env").file(".git/config", SECRET).file("env.ts", CODE).hub(&hub).run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"]), "{}", run.stdout);
    assert!(!hub.publishes()[0].to_string().contains(SECRET));
}

#[test]
fn no_function_is_in_a_directory_that_is_withheld() {
    let code = format!("export const a = '{SECRET}';\n");
    for (place, line, named) in [
        (".git", ".git", ".git"),
        (".ssh/f", ".ssh/f", ".ssh"),
        (".envs/production", ".envs/*", ".envs"),
        ("f/.git/modules/f", "f/.git/modules/f", ".git"),
        (".docker", "linked", ".docker"),
        (".aws", "links/*", ".aws"),
    ] {
        let step = || {
            let step = Step::empty().function(place, MANIFEST, &code).input("directory", line);
            std::fs::create_dir_all(step.path("links")).expect("a directory");
            symlink(format!("{}/{place}", step.path("").display()), step.path("linked")).expect("a link");
            symlink(format!("../{place}"), step.path("links/f")).expect("a link");
            step
        };
        withheld(step, named);
    }
}
