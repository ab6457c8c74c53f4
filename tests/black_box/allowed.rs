//! Findings that comments in the code allow, and comments that allow nothing.

use stand_in_hub::DEFAULT_KEY;

use crate::assertions::{published, published_with, refused};
use crate::support::{Run, Step};

/// A function of this code, with files that it can import.
fn step(code: &str) -> Step {
    let manifest = crate::support::MANIFEST
        .replace("\"entrypoint\"", "\"npmDependencies\": [],\n  \"envVars\": [],\n  \"entrypoint\"");
    Step::empty()
        .function(".", &manifest, code)
        .file("lib.ts", "export const one = 1;\n")
        .file("a.wasm", b"\0asm")
        .file("h/a.ts", "export const a = 1;\n")
        .file(".env", "A=1\n")
}

/// Each code that a finding at a line of code has, and a line that gives it.
const LINES: [(&str, &str); 12] = [
    ("SYNTAX_ERROR", "one = 2;"),
    ("EXPORT_NOT_FOUND", "export { two } from './lib';"),
    ("MISSING_FILE", "import './none';"),
    ("IMPORT_OUTSIDE_DIRECTORY", "import '../other';"),
    ("WITHHELD_FILE", "import env from './.env?raw'; export { env };"),
    ("NOT_UTF8", "import wasm from './a.wasm'; export { wasm };"),
    ("UNDECLARED_DEPENDENCY", "import 'zod';"),
    ("UNDECLARED_DEPENDENCY", "import '@/lib';"),
    ("UNDECLARED_ENV_VAR", "export const variable = process.env.TOKEN;"),
    ("UNSUPPORTED_IMPORT", "import 'npm:zod';"),
    ("COMPUTED_IMPORT", "export const load = (name: string) => import('./h/' + name);"),
    ("SECRET_FOUND", "export const url = 'postgres://app:Xk3vQ9zLw2Rt@db.acme.io/main';"),
];

const REST: &str = "import { one } from './lib';\nexport const sum = one;\n";

fn codes_of(run: &Run) -> Vec<String> {
    run.codes().into_iter().filter(|code| *code != "NOT_COMPARED").map(str::to_owned).collect()
}

#[test]
fn every_finding_at_a_line_of_code_can_be_allowed_there() {
    for (code, line) in LINES {
        let run = step(&format!("{REST}{line}\n")).input("dry-run", "true").run();
        assert_eq!(codes_of(&run), [code], "{line}: {}", run.stdout);
        let allow = format!("aerostack-publish: allow {code}");
        for allowed in [
            format!("{line} // {allow}\n"),
            format!("{line} /* {allow}: it is meant */\n"),
            format!("// {allow}\n{line}\n"),
            format!("// {allow}\r\n{line}\r\n"),
            format!("  /* {allow} */\n{line}\n"),
        ] {
            let (run, _) = published(step(&format!("{REST}{allowed}")));
            assert!(run.codes().is_empty(), "{allowed}: {}", run.stdout);
        }
        for other in [
            format!("// {allow}\n\n{line}\n"),
            format!("{line}\n// {allow}\n"),
            format!("export const x = 1; // {allow}\n{line}\n"),
            format!("// aerostack-publish: allow NO_EXPORT\n{line}\n"),
            format!("// aerostack-publish: allow nothing\n{line}\n"),
        ] {
            let run = step(&format!("{REST}{other}")).input("dry-run", "true").run();
            assert!(run.codes().contains(&code), "{other}: {}", run.stdout);
        }
    }
}

#[test]
fn one_comment_allows_several_codes() {
    let line = "import 'zod'; export const variable = process.env.TOKEN;";
    for codes in
        ["UNDECLARED_DEPENDENCY, UNDECLARED_ENV_VAR", "UNDECLARED_ENV_VAR UNDECLARED_DEPENDENCY: both"]
    {
        let (run, _) = published(step(&format!("{REST}// aerostack-publish: allow {codes}\n{line}\n")));
        assert!(run.codes().is_empty(), "{codes}: {}", run.stdout);
    }
}

#[test]
fn a_comment_that_allows_nothing_is_a_notice() {
    for (comment, place, message) in [
        ("allow UNDECLARED_ENV_VAR", [3, 29, 3, 47], "there is no `UNDECLARED_ENV_VAR` here to allow"),
        ("allow SECRET_FOUND", [3, 29, 3, 41], "there is no `SECRET_FOUND` here to allow"),
        ("allow UNDECLARED_ENV", [3, 29, 3, 43], "no finding has the code `UNDECLARED_ENV`"),
    ] {
        let (run, _) =
            published_with(step(&format!("{REST}// aerostack-publish: {comment}\n")), &["UNUSED_ALLOW"]);
        assert_eq!(run.finding("UNUSED_ALLOW")["severity"], "notice");
        assert_eq!(run.finding("UNUSED_ALLOW")["message"], message);
        assert_eq!(run.place("UNUSED_ALLOW"), place, "{comment}");
    }
    let partly = "// aerostack-publish: allow UNDECLARED_DEPENDENCY, UNSUPPORTED_IMPORT\nimport 'zod';\n";
    published_with(step(&format!("{REST}{partly}")), &["UNUSED_ALLOW"]);
}

#[test]
fn neither_the_key_of_this_run_nor_a_manifest_can_be_allowed() {
    let line = format!("// aerostack-publish: allow SECRET_FOUND\nexport const key = '{DEFAULT_KEY}';\n");
    refused(step(&format!("{REST}{line}")), "SECRET_FOUND");
    // The finding is at the manifest, where there are no comments.
    let code = "// aerostack-publish: allow NO_EXPORT\nconst a = 1;\n";
    let run = step(code).input("dry-run", "true").run();
    assert!(run.codes().contains(&"NO_EXPORT"), "{}", run.stdout);
}
