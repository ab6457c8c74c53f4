//! The entrypoint and the README: files of the function's own directory, read whole and sent as text.

use std::os::unix::fs::symlink;

use crate::assertions::{on_line, published, refused, refused_at, refused_with};
use crate::support::{CODE, MANIFEST, Step};

/// A valid function in the directory `f` of the workspace, with another entrypoint.
fn with_entrypoint(path: &str) -> Step {
    let path = serde_json::to_string(path).expect("JSON");
    Step::empty()
        .function("f", &MANIFEST.replace("\"index.ts\"", &path), CODE)
        .file("outside.ts", CODE)
        .input("directory", "f")
}

const ENTRYPOINT: [u64; 4] = on_line(9, 17, 27);

#[test]
fn an_entrypoint_outside_the_directory_is_refused_at_its_field() {
    let step = Step::on("entrypoint-outside-directory");
    refused_at(step, "ENTRYPOINT_OUTSIDE_DIRECTORY", "aerostack.json", on_line(9, 17, 30));
    published(Step::on("entrypoint-outside-directory").edit("aerostack.json", "../index.ts", "./index.ts"));
}

#[test]
fn no_notation_of_a_path_leads_out_of_the_directory() {
    for path in ["../outside.ts", "sub/../index.ts", "/etc/passwd", "..\\outside.ts"] {
        let run = refused(with_entrypoint(path), "ENTRYPOINT_OUTSIDE_DIRECTORY");
        assert_eq!(run.finding("ENTRYPOINT_OUTSIDE_DIRECTORY")["file"], "f/aerostack.json");
        assert_eq!(run.place("ENTRYPOINT_OUTSIDE_DIRECTORY")[..2], [9, 17], "{}", run.stdout);
    }
}

#[test]
fn a_link_that_leaves_the_directory_is_refused() {
    let step = with_entrypoint("index.ts");
    std::fs::remove_file(step.path("f/index.ts")).expect("a file");
    symlink("../outside.ts", step.path("f/index.ts")).expect("a link");
    refused_at(step, "ENTRYPOINT_OUTSIDE_DIRECTORY", "f/aerostack.json", ENTRYPOINT);
}

#[test]
fn a_directory_that_is_a_link_out_of_the_function_is_refused() {
    let step = with_entrypoint("src/outside.ts");
    symlink("..", step.path("f/src")).expect("a link");
    refused_at(step, "ENTRYPOINT_OUTSIDE_DIRECTORY", "f/aerostack.json", on_line(9, 17, 33));
}

#[test]
fn a_link_that_stays_inside_is_followed() {
    let step = with_entrypoint("index.ts").file("f/src/main.ts", "export const linked = 1;\n");
    std::fs::remove_file(step.path("f/index.ts")).expect("a file");
    symlink("src/main.ts", step.path("f/index.ts")).expect("a link");
    let (_, sent) = published(step);
    assert_eq!(sent.json()["code"], "export const linked = 1;\n");
}

#[test]
fn a_function_whose_own_directory_is_a_link_is_published() {
    let step = Step::empty().function("real", MANIFEST, CODE).input("directory", "link");
    symlink("real", step.path("link")).expect("a link");
    published(step);
}

#[test]
fn a_readme_that_links_out_of_the_directory_is_refused() {
    let step = with_entrypoint("index.ts").file("README.md", "# Root\n");
    symlink("../README.md", step.path("f/README.md")).expect("a link");
    refused_at(step, "FILE_OUTSIDE_DIRECTORY", "f/README.md", [0; 4]);
}

#[test]
fn a_readme_that_links_to_a_file_inside_is_sent() {
    let step = with_entrypoint("index.ts").file("f/docs/readme.md", "# Greeter\n");
    symlink("docs/readme.md", step.path("f/README.md")).expect("a link");
    let (_, sent) = published(step);
    assert_eq!(sent.json()["readme"], "# Greeter\n");
}

#[test]
fn a_manifest_that_links_out_of_the_directory_is_refused_and_not_shown() {
    let step = Step::empty()
        .file("common.json", MANIFEST.replace("Greets", "SECRET"))
        .file("f/index.ts", CODE)
        .input("directory", "f");
    symlink("../common.json", step.path("f/aerostack.json")).expect("a link");
    let run = refused_at(step, "FILE_OUTSIDE_DIRECTORY", "f/aerostack.json", [0; 4]);
    assert!(!run.stdout.contains("SECRET"), "{}", run.stdout);
}

#[test]
fn a_schema_that_links_out_of_the_directory_is_refused() {
    let manifest = MANIFEST.replace("{\n", "{\n  \"drizzleSchema\": true,\n");
    let code = "import { pgTable } from 'drizzle-orm/pg-core';\nexport const t = pgTable('t', {});\n";
    let manifest = manifest.replace("{\n", "{\n  \"npmDependencies\": [\"drizzle-orm\"],\n");
    let step = Step::empty().function("f", &manifest, code).file("schema.ts", code).input("directory", "f");
    symlink("../schema.ts", step.path("f/schema.ts")).expect("a link");
    refused_at(step, "FILE_OUTSIDE_DIRECTORY", "f/schema.ts", [0; 4]);
}

#[test]
fn an_entrypoint_by_default_that_links_out_of_the_directory_is_refused() {
    let manifest = MANIFEST.replace("\"MIT\",\n  \"entrypoint\": \"index.ts\"", "\"MIT\"");
    let step =
        Step::empty().file("f/aerostack.json", manifest).file("outside.ts", CODE).input("directory", "f");
    symlink("../outside.ts", step.path("f/index.ts")).expect("a link");
    let hub = stand_in_hub::StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["ENTRYPOINT_OUTSIDE_DIRECTORY", "MISSING_FIELD"]));
    assert!(hub.requests().is_empty());
}

#[test]
fn links_in_a_circle_are_refused() {
    let step = with_entrypoint("loop.ts");
    symlink("loop.ts", step.path("f/loop.ts")).expect("a link");
    refused_at(step, "MISSING_ENTRYPOINT", "f/aerostack.json", on_line(9, 17, 26));
}

#[test]
fn a_missing_entrypoint_is_refused_at_its_field() {
    refused_at(Step::on("missing-entrypoint"), "MISSING_ENTRYPOINT", "aerostack.json", on_line(9, 17, 26));
    published(Step::on("missing-entrypoint").edit("aerostack.json", "main.ts", "index.ts"));
}

#[test]
fn an_entrypoint_that_is_not_a_file_is_refused() {
    for path in ["src", ".", " ", "index.ts/x", "a\0b"] {
        let step = with_entrypoint(path).file("f/src/index.ts", CODE);
        let run = refused(step, "MISSING_ENTRYPOINT");
        assert_eq!(run.place("MISSING_ENTRYPOINT")[..2], [9, 17], "{path}: {}", run.stdout);
    }
}

#[test]
fn a_pipe_is_not_waited_for() {
    for name in ["f/index.ts", "f/README.md", "f/aerostack.json"] {
        let step = with_entrypoint("index.ts").pipe(name);
        let code = match name {
            "f/index.ts" => "MISSING_ENTRYPOINT",
            "f/README.md" => "MISSING_FILE",
            _ => "MANIFEST_MISSING",
        };
        let run = refused(step, code);
        let message = run.finding(code)["message"].as_str().unwrap_or_default();
        assert!(message.contains("not a regular file"), "{message}");
    }
}

#[test]
fn a_readme_that_is_a_directory_is_refused() {
    refused_at(
        with_entrypoint("index.ts").file("f/README.md/x", ""),
        "MISSING_FILE",
        "f/aerostack.json",
        [0; 4],
    );
}

#[test]
fn an_empty_entrypoint_is_refused() {
    refused_at(Step::on("empty-code"), "EMPTY_CODE", "index.ts", [0; 4]);
    published(Step::on("empty-code").file("index.ts", CODE));
    for empty in ["", "\u{feff}", "\u{feff}\r\n\u{a0}"] {
        refused(with_entrypoint("index.ts").file("f/index.ts", empty), "EMPTY_CODE");
    }
}

#[test]
fn a_byte_order_mark_is_not_sent() {
    let step = with_entrypoint("index.ts")
        .file("f/index.ts", format!("\u{feff}{CODE}"))
        .file("f/README.md", "\u{feff}# Greeter\n");
    let (run, sent) = published(step);
    let sent = sent.json();
    assert_eq!((sent["code"].as_str(), sent["readme"].as_str()), (Some(CODE), Some("# Greeter\n")));
    // The report has the size of the file itself.
    assert_eq!(run.function()["files"][2]["bytes"], CODE.len() + 3);
}

#[test]
fn code_is_sent_to_the_byte() {
    let code = "export const a = '\\u0000 \u{1} \u{2028} 😀 \u{202e}';\r\n\texport const b = `\n\r`;";
    let (_, sent) = published(with_entrypoint("index.ts").file("f/index.ts", code));
    assert_eq!(sent.json()["code"], code);
}

#[test]
fn a_file_that_is_not_utf8_is_refused_at_its_first_invalid_byte() {
    let broken = b"export const a = 1;\nexport const \xc3\xbc = '\xff';\n";
    let step = with_entrypoint("index.ts").file("f/index.ts", broken);
    refused_at(step, "NOT_UTF8", "f/index.ts", on_line(2, 19, 20));
    let step = with_entrypoint("index.ts").file("f/README.md", b"# Gr\xfc\xdfe\n");
    refused_at(step, "NOT_UTF8", "f/README.md", on_line(1, 5, 6));
    published(with_entrypoint("index.ts").file("f/index.ts", "export const ü = '\u{fffd}';\n"));
}

const MIB: usize = 1024 * 1024;

/// Code of so many bytes.
fn code_of(bytes: usize) -> String {
    let line = "// a line that says little, many times over\n";
    let lines = (bytes - CODE.len()) / line.len();
    let rest = bytes - CODE.len() - lines * line.len();
    format!("{CODE}{}{}", line.repeat(lines), " ".repeat(rest))
}

#[test]
fn files_above_ten_mebibytes_are_refused() {
    let large = with_entrypoint("index.ts").file("f/index.ts", code_of(10 * MIB + 1));
    refused_at(large, "FILE_TOO_LARGE", "f/index.ts", [0; 4]);
    let manifest_and_code = with_entrypoint("index.ts").file("f/index.ts", code_of(10 * MIB));
    refused_at(manifest_and_code, "FILE_TOO_LARGE", "f/index.ts", [0; 4]);
    let together = with_entrypoint("index.ts")
        .file("f/index.ts", code_of(6 * MIB))
        .file("f/README.md", "#".repeat(6 * MIB));
    refused_at(together, "FILE_TOO_LARGE", "f/README.md", [0; 4]);
    let manifest = format!("{MANIFEST}{}", " ".repeat(10 * MIB));
    let step = with_entrypoint("index.ts").file("f/aerostack.json", manifest);
    refused_at(step, "FILE_TOO_LARGE", "f/aerostack.json", [0; 4]);
}

#[test]
fn a_file_that_only_claims_to_be_huge_is_not_read() {
    let step = with_entrypoint("index.ts");
    let file = std::fs::File::create(step.path("f/index.ts")).expect("a file");
    file.set_len(1 << 40).expect("a sparse file");
    refused(step, "FILE_TOO_LARGE");
}

#[test]
fn ten_mebibytes_together_are_published() {
    let step = with_entrypoint("index.ts");
    let manifest = std::fs::metadata(step.path("f/aerostack.json")).expect("a file").len();
    let code = code_of(10 * MIB - usize::try_from(manifest).expect("small"));
    let (_, sent) = published(step.file("f/index.ts", &code));
    assert!(sent.json()["code"] == code.as_str(), "the code was not sent unchanged");
}

#[test]
fn an_entrypoint_of_five_megabytes_is_published() {
    let code = code_of(5_000_000);
    let (_, sent) = published(with_entrypoint("index.ts").file("f/index.ts", &code));
    assert!(sent.json()["code"] == code.as_str(), "the code was not sent unchanged");
}

#[test]
fn strict_turns_warnings_into_errors_but_not_notices() {
    published(with_entrypoint("index.ts").input("strict", "true"));
    let twice = MANIFEST.replace("\"MIT\",", "\"MIT\",\n  \"tags\": [\"a\", \"a\"],");
    let step = Step::empty().function(".", &twice, CODE).input("strict", "true");
    refused_with(1, step, "DUPLICATE_TAG");
}

#[test]
fn a_path_that_is_longer_than_any_is_refused_at_once() {
    for path in [
        "a/".repeat(500_000),
        format!("{}index.ts", "a/../".repeat(200_000)),
        format!("{}index.ts", "/".repeat(100_000)),
        format!("a{}index.ts", "/".repeat(100_000)),
        format!("{}.ts", "a".repeat(1_000_000)),
    ] {
        refused(with_entrypoint(&path), "MISSING_ENTRYPOINT");
    }
    let line = |number: u32| format!("import './{}x{number}';", "a/".repeat(2_000));
    let imports = (0..1_000).map(line).collect::<Vec<_>>().join("\n");
    let run = Step::plain().file("index.ts", format!("{imports}\n{CODE}")).input("dry-run", "true").run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["MISSING_FILE"; 100]), "{}", run.stdout);
}
