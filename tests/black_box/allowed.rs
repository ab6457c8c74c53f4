//! Findings that comments in the code allow, and comments that allow nothing.

use std::collections::BTreeSet;

use stand_in_hub::DEFAULT_KEY;

use crate::assertions::{published, published_with, refused};
use crate::documentation::document;
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
            format!("/* {allow} */ {line}\n"),
            format!("// {allow}\n\n{line}\n"),
            format!("/**\n * {allow}\n */\n{line}\n"),
            format!("/* {allow}\n   as it is meant */\n\n// eslint-disable-next-line\n{line}\n"),
            format!("/* a */ // TODO: {allow}\n/* b */ {line}\n"),
        ] {
            let (run, _) = published(step(&format!("{REST}{allowed}")));
            assert!(run.codes().is_empty(), "{allowed}: {}", run.stdout);
        }
        for other in [
            format!("// {allow}\nexport const x = 1;\n{line}\n"),
            format!("{line}\n// {allow}\n"),
            format!("export const x = '// {allow}';\n{line}\n"),
            format!("export const x = `\n// {allow}\n`; {line}\n"),
            format!("export const x = /aerostack-publish: allow {code}/;\n{line}\n"),
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

/// The codes and messages of the notices about comments.
fn unused(run: &Run) -> Vec<String> {
    let findings = run.findings().into_iter().filter(|one| one["code"] == "UNUSED_ALLOW");
    findings.map(|one| one["message"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_comment_is_not_called_unused_where_its_check_may_not_have_run() {
    let allowed = "// aerostack-publish: allow UNDECLARED_ENV_VAR\nexport const a = process.env.A;\n";
    let idle = "export const b = 1; // aerostack-publish: allow COMPUTED_IMPORT\n";
    for error in [
        "const x = ;\n",
        "const x = 1; x = 2;\n",
        "import './none';\n",
        "import { two } from './lib';\ntwo();\n",
    ] {
        let run = step(&format!("{allowed}{idle}{error}")).input("dry-run", "true").run();
        assert_eq!(unused(&run), [""; 0], "{error}: {}", run.stdout);
    }
    // The error is elsewhere: in another file, or in the manifest.
    let code = format!("import './other';\n{allowed}{idle}");
    let run = step(&code).file("other.ts", "export const = 1;\n").input("dry-run", "true").run();
    assert_eq!((codes_of(&run), unused(&run)), (vec!["SYNTAX_ERROR".to_owned()], vec![]), "{}", run.stdout);
    let manifest = crate::support::MANIFEST.replace("\"entrypoint\"", "\"envVars\": \"A\", \"entrypoint\"");
    let run =
        step(&code).file("other.ts", "").file("aerostack.json", &manifest).input("dry-run", "true").run();
    assert_eq!(unused(&run), [""; 0], "{}", run.stdout);
    // What is allowed does not hide the rest, except where code can't be parsed.
    let run = step(&format!("{idle}import './none'; // aerostack-publish: allow MISSING_FILE\n"))
        .input("dry-run", "true")
        .run();
    assert_eq!(unused(&run), ["there is no `COMPUTED_IMPORT` here to allow"], "{}", run.stdout);
    let run = step(&format!("{REST}{idle}one = 2; // aerostack-publish: allow SYNTAX_ERROR\n"))
        .input("dry-run", "true")
        .run();
    assert_eq!(unused(&run), [""; 0], "{}", run.stdout);
    // No finding ever has an unknown code.
    let run = step("// aerostack-publish: allow NOTHING\nconst x = ;\n").input("dry-run", "true").run();
    assert_eq!(unused(&run), ["no finding has the code `NOTHING`"], "{}", run.stdout);
}

#[test]
fn a_comment_above_an_import_is_for_all_of_its_lines() {
    let allow = "// aerostack-publish: allow UNDECLARED_DEPENDENCY";
    for import in [
        "import {\n  z,\n} from 'zod';\nz();\n",
        "import * as z\n  from 'zod';\nz.a();\n",
        "export {\n  z,\n} from 'zod';\n",
        "export *\n  from\n  'zod';\n",
        "const {\n  z,\n} = require('zod');\nz();\n",
        "const {\n  z,\n} = await import('zod');\nz();\n",
        "const z = await import(\n  'zod'\n);\nz.a();\n",
    ] {
        let run = step(&format!("{REST}{allow}\n{import}")).input("dry-run", "true").run();
        assert_eq!(codes_of(&run), [""; 0], "{import}: {}", run.stdout);
        // On its first line, too.
        let (first, rest) = import.split_once('\n').expect("several lines");
        let run = step(&format!("{REST}{first} {allow}\n{rest}")).input("dry-run", "true").run();
        assert_eq!(codes_of(&run), [""; 0], "{import}: {}", run.stdout);
        let run =
            step(&format!("{REST}{allow}\nexport const x = 1;\n{import}")).input("dry-run", "true").run();
        assert_eq!(codes_of(&run), ["UNDECLARED_DEPENDENCY", "UNUSED_ALLOW"], "{import}: {}", run.stdout);
    }
    let name = "// aerostack-publish: allow EXPORT_NOT_FOUND\nimport {\n  one,\n  two,\n} from './lib';\none(two);\n";
    let run = step(&format!("{name}export {{}};\nexport const a = 1;\n")).input("dry-run", "true").run();
    assert_eq!(codes_of(&run), [""; 0], "{}", run.stdout);
    let computed = "export const load = (n: string) => import( // aerostack-publish: allow COMPUTED_IMPORT\n  './h/' + n\n);\n";
    let run = step(&format!("{REST}{computed}")).input("dry-run", "true").run();
    assert_eq!(codes_of(&run), [""; 0], "{}", run.stdout);
    // In other statements, it is for one line.
    let call = "// aerostack-publish: allow UNDECLARED_ENV_VAR\nexport const all = [\n  process.env.A,\n];\n";
    let run = step(&format!("{REST}{call}")).input("dry-run", "true").run();
    assert_eq!(codes_of(&run), ["UNDECLARED_ENV_VAR", "UNUSED_ALLOW"], "{}", run.stdout);
}

#[test]
fn several_comments_hold_for_the_same_line() {
    let line = "import 'zod'; export const variable = process.env.TOKEN;";
    let (one, other) =
        ("aerostack-publish: allow UNDECLARED_DEPENDENCY", "aerostack-publish: allow UNDECLARED_ENV_VAR");
    for comments in [
        format!("// {one}\n// {other}\n{line}\n"),
        format!("// {one}\n\n/* {other}\n*/\n\n// @ts-ignore\n{line}\n"),
        format!("/* {one} */ /* {other} */\n{line}\n"),
        format!("/* {one} */ {line} // {other}\n"),
        format!("// {one}\n{line} // {other}\n"),
        format!("/*\n * {one}\n * {other}\n */\n{line}\n"),
        format!("// {one}; UNDECLARED_ENV_VAR\n{line}\n"),
        format!("// {one} and UNDECLARED_ENV_VAR\n{line}\n"),
        format!("// {one}\r\n\r\n// {other}\r\n{line}\r\n"),
    ] {
        let (run, _) = published(step(&format!("{REST}{comments}")));
        assert!(run.codes().is_empty(), "{comments}: {}", run.stdout);
    }
}

#[test]
fn a_finding_at_the_first_of_several_places_moves_to_the_first_that_is_not_allowed() {
    for (code, first, second) in [
        ("UNDECLARED_ENV_VAR", "export const a = process.env.A;", "export const b = process.env.A;"),
        ("UNDECLARED_DEPENDENCY", "import 'zod';", "import 'zod/v4';"),
        ("UNDECLARED_DEPENDENCY", "import 'zod';", "import 'zod';"),
        ("UNDECLARED_DEPENDENCY", "import '@/lib';", "import '@/lib';"),
        ("UNSUPPORTED_IMPORT", "import 'npm:zod';", "import 'npm:zod';"),
        ("MISSING_FILE", "import './none';", "import './none';"),
        (
            "COMPUTED_IMPORT",
            "export const l = (n: string) => import(n);",
            "export const m = (n: string) => import(n);",
        ),
    ] {
        let allow = format!(" // aerostack-publish: allow {code}");
        // The second place is in the same file, or in another one.
        let codes = |at_first: &str, at_second: &str| {
            let one_file = step(&format!("{REST}{first}{at_first}\n{second}{at_second}\n"));
            let two_files = step(&format!("{REST}import './more';\n{first}{at_first}\n"))
                .file("more.ts", format!("{second}{at_second}\n"));
            [one_file, two_files].map(|step| {
                let run = step.input("dry-run", "true").run();
                let places: Vec<_> = run.findings().into_iter().filter(|one| one["code"] == code).collect();
                let place = places
                    .first()
                    .map(|one| format!("{}:{}", one["file"].as_str().unwrap_or_default(), one["line"]));
                (codes_of(&run).contains(&"UNUSED_ALLOW".to_owned()), place)
            })
        };
        let at = |place: &str| (false, Some(place.to_owned()));
        assert_eq!(codes(&allow, &allow), [(false, None), (false, None)], "{first}");
        assert_eq!(codes("", &allow), [at("index.ts:3"), at("index.ts:4")], "{first}");
        assert_eq!(codes(&allow, ""), [at("index.ts:4"), at("more.ts:1")], "{first}");
    }
}

#[test]
fn only_comments_allow_and_other_texts_are_no_notice() {
    let secret = "export const url = 'postgres://app:Xk3vQ9zLw2Rt@db.acme.io/main';";
    let mark = "aerostack-publish: allow SECRET_FOUND";
    for text in [
        format!("export const a = '{mark}';"),
        format!("export const a = `\n{mark}`;"),
        format!("export const a = `${{1}} // {mark}`;"),
        format!("export const a = /{mark}/;"),
        format!("export const a = <p>{mark}</p>;"),
        format!("export const a = <p title=\"{mark}\" />;"),
    ] {
        let page = |code: &str| {
            let manifest = crate::support::MANIFEST.replace("index.ts", "index.tsx");
            Step::empty().function(".", &manifest, "").file("index.tsx", code).input("dry-run", "true").run()
        };
        let run = page(&format!("{text} {secret}\n"));
        assert_eq!(codes_of(&run), ["SECRET_FOUND"], "{text}: {}", run.stdout);
        let run = page(&format!("{text}\n{secret}\n"));
        assert_eq!(codes_of(&run), ["SECRET_FOUND"], "{text}: {}", run.stdout);
        assert_eq!(codes_of(&page(&format!("{text}\n"))), [""; 0], "{text}");
        let run = page(&format!("{text} {secret} // {mark}\n"));
        assert_eq!(codes_of(&run), [""; 0], "{text}: {}", run.stdout);
    }
    let jsx = "export const a = () => (\n  <p>\n    {/* aerostack-publish: allow UNDECLARED_ENV_VAR */}\n    {process.env.A}\n  </p>\n);\n";
    let manifest = crate::support::MANIFEST
        .replace("index.ts", "index.tsx")
        .replace("\"entrypoint\"", "\"envVars\": [], \"entrypoint\"");
    let run =
        Step::empty().function(".", &manifest, "").file("index.tsx", jsx).input("dry-run", "true").run();
    assert_eq!(codes_of(&run), [""; 0], "{}", run.stdout);
    // A README has no comments that a parser knows.
    let readme = format!("# A\n\n<!-- {mark} -->\n{secret}\n");
    published(step(REST).file("README.md", &readme));
}

#[test]
fn code_that_can_not_be_parsed_has_comments() {
    let allow = "aerostack-publish: allow SYNTAX_ERROR";
    for code in [
        format!("{REST}// {allow}\nconst x = ;\n"),
        format!("{REST}const x = ; // {allow}\n"),
        format!("{REST}/* {allow}\n */\n\nconst x = ;\n"),
        format!("{REST}one = 2; // {allow}\n"),
        format!("{REST}export {{ none }}; // {allow}\n"),
        format!("{REST}export const x = /(/; // {allow}\n"),
    ] {
        let run = step(&code).input("dry-run", "true").run();
        assert_eq!(codes_of(&run), [""; 0], "{code}: {}", run.stdout);
        let run = step(&code.replace("SYNTAX_ERROR", "MISSING_FILE")).input("dry-run", "true").run();
        assert_eq!(codes_of(&run), ["SYNTAX_ERROR"], "{code}: {}", run.stdout);
    }
    // A string before the error is still none.
    let text = format!("export const x = '{allow}'; const y = ;\n");
    assert_eq!(codes_of(&step(&text).input("dry-run", "true").run()), ["SYNTAX_ERROR"]);
}

#[test]
fn a_comment_works_in_any_spelling_or_says_what_is_wrong() {
    let line = "export const variable = process.env.TOKEN;";
    for comment in [
        "// aerostack-publish:allow UNDECLARED_ENV_VAR",
        "// aerostack-publish: Allow UNDECLARED_ENV_VAR",
        "// aerostack-publish: allow: UNDECLARED_ENV_VAR",
        "// aerostack-publish: allow(UNDECLARED_ENV_VAR)",
        "// Aerostack-publish allow [UNDECLARED_ENV_VAR]",
        "//aerostack-publish: allow `UNDECLARED_ENV_VAR`. It is set.",
    ] {
        let run = step(&format!("{REST}{comment}\n{line}\n")).input("dry-run", "true").run();
        assert_eq!(codes_of(&run), [""; 0], "{comment}: {}", run.stdout);
    }
    for (comment, message, hint) in [
        (
            "allow undeclared_env_var",
            "no finding has the code `undeclared_env_var`",
            "did you mean `UNDECLARED_ENV_VAR`?",
        ),
        (
            "allow Undeclared_Env_Var",
            "no finding has the code `Undeclared_Env_Var`",
            "did you mean `UNDECLARED_ENV_VAR`?",
        ),
        (
            "allow UNDECLARED_ENV_VARS",
            "no finding has the code `UNDECLARED_ENV_VARS`",
            "did you mean `UNDECLARED_ENV_VAR`?",
        ),
        (
            "allow",
            "no code follows `aerostack-publish: allow`",
            "add the code of the finding that it allows, or remove the comment",
        ),
        (
            "allow:",
            "no code follows `aerostack-publish: allow`",
            "add the code of the finding that it allows, or remove the comment",
        ),
        (
            "allow everything",
            "no finding has the code `everything`",
            "remove the comment, or correct its code",
        ),
    ] {
        let run =
            step(&format!("{REST}// aerostack-publish: {comment}\n{line}\n")).input("dry-run", "true").run();
        assert_eq!(codes_of(&run), ["UNDECLARED_ENV_VAR", "UNUSED_ALLOW"], "{comment}: {}", run.stdout);
        let notice = run.finding("UNUSED_ALLOW");
        assert_eq!((&notice["message"], &notice["hint"]), (&message.into(), &hint.into()), "{comment}");
        assert_eq!(notice["line"], 3, "{comment}");
    }
}

#[test]
fn a_comment_in_the_wrong_place_says_so() {
    let allow = "// aerostack-publish: allow UNDECLARED_ENV_VAR";
    let line = "export const variable = process.env.TOKEN;";
    for (code, message, hint) in [
        (
            format!("export const x = 1; {allow}\n{line}\n"),
            "there is no `UNDECLARED_ENV_VAR` on this line: beside code, a comment holds for its own line only",
            "move the comment to a line of its own, above the code",
        ),
        (
            format!("{allow}\nexport const x = 1;\n\n{line}\n"),
            "there is no `UNDECLARED_ENV_VAR` here to allow",
            "the nearest is on line 6: move the comment there, or remove it",
        ),
        (
            format!("{line}\n{allow}\n"),
            "there is no `UNDECLARED_ENV_VAR` here to allow",
            "the nearest is on line 3: move the comment there, or remove it",
        ),
    ] {
        let run = step(&format!("{REST}{code}")).input("dry-run", "true").run();
        assert_eq!(codes_of(&run), ["UNDECLARED_ENV_VAR", "UNUSED_ALLOW"], "{code}: {}", run.stdout);
        let notice = run.finding("UNUSED_ALLOW");
        assert_eq!((&notice["message"], &notice["hint"]), (&message.into(), &hint.into()), "{code}");
    }
    // Also where the finding is an error.
    let code = "export const x = 1; // aerostack-publish: allow MISSING_FILE\nimport './none';\n";
    let run = step(&format!("{REST}{code}")).input("dry-run", "true").run();
    assert_eq!(codes_of(&run), ["MISSING_FILE", "UNUSED_ALLOW"], "{}", run.stdout);
}

#[test]
fn a_code_that_no_comment_can_allow_is_a_notice_that_says_so() {
    for code in ["UNUSED_ALLOW", "NO_EXPORT", "MISSING_FIELD", "VERSION_CONFLICT", "FILE_TOO_LARGE"] {
        let run = step(&format!("// aerostack-publish: allow {code}\nconst a = 1;\n"))
            .input("dry-run", "true")
            .run();
        let is = if code == "UNUSED_ALLOW" { "is about a comment" } else { "is not about a line of code" };
        let message = format!("no comment can allow `{code}`: it {is}");
        assert_eq!(unused(&run), [message], "{}", run.stdout);
    }
}

#[test]
fn the_page_lists_the_codes_that_can_be_allowed() {
    let page = document("docs/findings.md");
    let list = page.split("These codes can be allowed: ").nth(1).and_then(|rest| rest.split("\n\n").next());
    let list = list.expect("the list").split('`').skip(1).step_by(2).map(str::to_owned);
    let list: BTreeSet<_> = list.collect();
    let tested: BTreeSet<_> = LINES.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(list, tested);
}

#[test]
fn any_number_of_comments_is_read() {
    let many = "// aerostack-publish: allow UNDECLARED_ENV_VAR\n".repeat(50_000);
    let run =
        step(&format!("{many}export const variable = process.env.TOKEN;\n")).input("dry-run", "true").run();
    assert_eq!(codes_of(&run), [""; 0]);
    let run = step(&format!("{many}export const a = 1;\n")).input("dry-run", "true").run();
    assert_eq!(codes_of(&run).len(), 100);
}

#[test]
fn neither_the_key_of_this_run_nor_a_manifest_can_be_allowed() {
    let line = format!("// aerostack-publish: allow SECRET_FOUND\nexport const key = '{DEFAULT_KEY}';\n");
    let run = refused(step(&format!("{REST}{line}")), "SECRET_FOUND");
    let hint = run.finding("SECRET_FOUND")["hint"].as_str().unwrap_or_default().to_owned();
    assert!(hint.ends_with("; no comment can allow the key of the current run"), "{hint}");
    // The finding is at the manifest, where there are no comments.
    let code = "// aerostack-publish: allow NO_EXPORT\nconst a = 1;\n";
    let run = step(code).input("dry-run", "true").run();
    assert!(run.codes().contains(&"NO_EXPORT"), "{}", run.stdout);
}
