//! What a checkout can leave broken: symbolic links as text, dependencies that only the author's repository has, names in
//! another case.

use serde_json::json;

use crate::assertions::{on_line, published, refused, refused_at};
use crate::fixtures::{manifest_with_field, side_by_side, words};
use crate::support::{CODE, MANIFEST, Step};

const CODE_OF_LINK: &str = "CHECKED_OUT_LINK";

/// The function in the directory `functions/f`, beside files that links would lead to.
fn function() -> Step {
    Step::empty()
        .function("functions/f", MANIFEST, CODE)
        .file("README.md", "# All functions\n")
        .file("common/util.ts", "export const util = 1;\n")
        .input("directory", "functions/f")
}

#[test]
fn a_link_that_was_checked_out_as_text_is_refused_where_it_is() {
    let importing = |path: &str| format!("export * from '{path}';\nexport const a = 1;\n");
    side_by_side(
        [
            ("README.md", "../../README.md", None),
            ("README.md", "../../README.md\n", None),
            ("README.md", "../../nowhere/README.md", None),
            ("README.md", "index.ts", None),
            ("aerostack.json", "../common.json", None),
            ("index.ts", "../../common/util.ts", None),
            ("index.ts", "./main.ts", None),
            ("util.ts", "../../common/util.ts", Some("./util")),
            ("util.ts", "index.ts", Some("./util")),
            ("data.json", "../../common/data.json", Some("./data.json")),
            ("prompt.txt", "../../common/prompt.txt", Some("./prompt.txt")),
            ("prompt.md", "../prompt.md", Some("./prompt.md?raw")),
            ("style.css", "../../common/style.css", Some("./style.css")),
            ("lib", "../../common", Some("./lib/util")),
        ],
        |(path, target, import)| {
            let step = function().file(&format!("functions/f/{path}"), target);
            let step = match import {
                Some(import) => step.file("functions/f/index.ts", importing(import)),
                None => step,
            };
            let run = refused_at(step, CODE_OF_LINK, &format!("functions/f/{path}"), [0; 4]);
            assert!(words(&run, CODE_OF_LINK).contains(target.trim_end()), "{}", run.stdout);
            assert!(words(&run, CODE_OF_LINK).contains("core.symlinks true"), "{}", run.stdout);
        },
    );
}

#[test]
fn an_entrypoint_in_a_directory_that_was_checked_out_as_text_is_refused_at_the_link() {
    let step = function().file("functions/f/src", "../../common").edit(
        "functions/f/aerostack.json",
        "index.ts",
        "src/util.ts",
    );
    let run = refused_at(step, CODE_OF_LINK, "functions/f/src", [0; 4]);
    assert!(words(&run, CODE_OF_LINK).contains("`src/util.ts` is not found: `src` is a symbolic link"));
}

#[test]
fn a_function_that_was_checked_out_as_text_is_refused_also_under_a_glob() {
    for line in ["functions/g", "functions/*", "*/g", "functions/g/", "functions/g/deeper", "functions/g/*"] {
        let step = function().file("functions/g", "f").input("directory", line);
        let run = refused_at(step, CODE_OF_LINK, "functions/g", [0; 4]);
        assert!(words(&run, CODE_OF_LINK).contains("`functions/g` is a symbolic link to a directory"));
    }
    // Any other file is passed over.
    published(function().file("functions/g", "h").input("directory", "functions/*"));
}

#[test]
fn a_pointer_of_git_lfs_is_refused() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 12345\n";
    for (path, code, file) in [
        ("README.md", "MISSING_FILE", "README.md"),
        ("index.ts", "MISSING_ENTRYPOINT", "aerostack.json"),
        ("data.json", "MISSING_FILE", "index.ts"),
        ("aerostack.json", "MANIFEST_MISSING", "aerostack.json"),
    ] {
        let step = Step::plain().file("index.ts", "export * from './data.json';\nexport const a = 1;\n");
        let run = refused(step.file("data.json", "{}").file(path, pointer), code);
        assert_eq!(run.finding(code)["file"], file, "{}", run.stdout);
        assert!(words(&run, code).contains("is a Git LFS pointer"), "{}", run.stdout);
    }
}

#[test]
fn a_text_that_may_be_meant_is_published() {
    for (path, text) in [
        ("README.md", "Greeter"),
        ("README.md", "https://example.com/docs/README.md"),
        ("README.md", "docs/README.md"),
        ("README.md", "../../README.md has more.\n"),
        ("prompt.txt", "../common"),
        ("prompt.txt", "index.ts"),
        ("prompt.txt", "../../README.md\n"),
    ] {
        let step = function().file(&format!("functions/f/{path}"), text);
        let code = format!("import prompt from './{path}?raw';\nexport {{ prompt }};\n");
        let step = if path == "prompt.txt" { step.file("functions/f/index.ts", code) } else { step };
        published(step);
    }
}

#[test]
fn dependencies_that_only_the_authors_repository_has_are_refused_at_the_value() {
    side_by_side(
        [
            ("zod@workspace:*", "`workspace:` means", "`zod@^1.0.0`"),
            ("zod@workspace:^3.1.0", "`workspace:` means", "`zod@^3.1.0`"),
            ("zod@file:../zod", "`file:` means", "`zod@^1.0.0`"),
            ("zod@link:../zod", "`link:` means", "`zod@^1.0.0`"),
            ("zod@portal:../zod", "`portal:` means", "`zod@^1.0.0`"),
            ("zod@patch:zod@npm%3A3.0.0#x.patch", "`patch:` means", "`zod@^1.0.0`"),
            ("zod@catalog:", "`catalog:` means", "`zod@^1.0.0`"),
            ("zod@catalog:stable", "`catalog:` means", "`zod@^1.0.0`"),
            ("zod@../zod", "`../zod` means", "`zod@^1.0.0`"),
            ("zod@zod-3.0.0.tgz", "`zod-3.0.0.tgz` means", "`zod@^1.0.0`"),
            ("@scope/zod@workspace:~1.0.0", "`workspace:` means", "`@scope/zod@~1.0.0`"),
            ("zod@FILE:../zod", "`FILE:` means", "`zod@^1.0.0`"),
            ("zod@WORKSPACE:*", "`WORKSPACE:` means", "`zod@^1.0.0`"),
            ("zod@npm:yup@workspace:*", "`workspace:` means", "`zod@npm:yup@^1.0.0`"),
            ("zod@npm:yup@FILE:../yup", "`FILE:` means", "`zod@npm:yup@^1.0.0`"),
            ("zod@workspace:yup@^2.0.0", "`workspace:` means", "`zod@npm:yup@^2.0.0`"),
            ("zod@vendor.TGZ", "`vendor.TGZ` means", "`zod@^1.0.0`"),
            ("zod@.vendor/zod", "`.vendor/zod` means", "`zod@^1.0.0`"),
            ("zod@packages/lib/zod", "`packages/lib/zod` means", "`zod@^1.0.0`"),
            ("zod@$zod", "`$zod` means", "`zod@^1.0.0`"),
            ("workspace:*", "`workspace:` means", "such as `name@^1.0.0`"),
            ("./zod", "`./zod` means", "such as `name@^1.0.0`"),
        ],
        |(entry, message, hint)| {
            let manifest = MANIFEST.replace(
                "\"MIT\",\n",
                &format!("\"MIT\",\n  \"npmDependencies\": [\"hono\", {}],\n", json!(entry)),
            );
            let end = 31 + u64::try_from(json!(entry).to_string().chars().count()).expect("small");
            let step = Step::empty().function(".", &manifest, CODE);
            let run = refused_at(step, "INVALID_NPM_DEPENDENCY", "aerostack.json", on_line(9, 31, end));
            let words = words(&run, "INVALID_NPM_DEPENDENCY");
            assert!(words.contains(message) && words.contains(hint), "{words}");
        },
    );
}

#[test]
fn dependencies_that_everybody_can_install_are_published() {
    let entries = [
        "zod@npm:@scope/zod@^3.0.0",
        "b@github:owner/b",
        "c@git+https://example.com/c.git",
        "d@https://example.com/d.tgz",
        "e@~1.2.0",
        "f@latest",
    ];
    let manifest = manifest_with_field("npmDependencies", &json!(entries));
    published(Step::empty().function(".", &manifest.to_string(), CODE));
}

#[test]
fn a_file_with_nearly_the_name_of_the_entrypoint_is_suggested() {
    let case = "? names are case-sensitive on Linux";
    for (entrypoint, file, meant, note) in [
        ("Index.ts", "index.ts", "index.ts", case),
        ("./INDEX.ts", "index.ts", "index.ts", case),
        ("./src/Main.ts", "src/main.ts", "src/main.ts", case),
        ("Src/main.ts", "src/main.ts", "src/main.ts", case),
        ("index.js", "index.ts", "index.ts", "?"),
        ("index", "index.mts", "index.mts", "?"),
        ("indx.ts", "index.ts", "index.ts", "?"),
        ("functions/f/index.ts", "index.ts", "index.ts", "?"),
        ("index.ts", "src/index.ts", "src/index.ts", "?"),
        ("src", "src/index.ts", "src/index.ts", "?"),
    ] {
        let manifest = MANIFEST.replace("index.ts", entrypoint);
        let step = Step::empty().file("aerostack.json", manifest).file(file, CODE);
        let end = 19 + u64::try_from(entrypoint.len()).expect("small");
        let run = refused_at(step, "MISSING_ENTRYPOINT", "aerostack.json", on_line(9, 17, end));
        assert_eq!(run.finding("MISSING_ENTRYPOINT")["hint"], format!("did you mean `{meant}`{note}"));
    }
    let step = Step::plain().edit("aerostack.json", "index.ts", "src\\\\index.ts").file("src/index.ts", CODE);
    let run = refused_at(step, "ENTRYPOINT_OUTSIDE_DIRECTORY", "aerostack.json", on_line(9, 17, 32));
    let hint = "did you mean `src/index.ts`?";
    assert_eq!(run.finding("ENTRYPOINT_OUTSIDE_DIRECTORY")["hint"], hint);
}

#[test]
fn what_is_no_entrypoint_is_not_suggested() {
    for file in ["index.d.ts", "index.css", "index.json", "other.ts"] {
        let step = Step::empty().file("aerostack.json", MANIFEST).file(file, "");
        let run = refused_at(step, "MISSING_ENTRYPOINT", "aerostack.json", on_line(9, 17, 27));
        let hint = run.finding("MISSING_ENTRYPOINT")["hint"].as_str().expect("a hint");
        assert!(!hint.contains("did you mean"), "{file}: {hint}");
    }
}

#[test]
fn a_file_with_nearly_the_name_of_an_import_is_suggested() {
    let case = "? names are case-sensitive on Linux";
    for (import, file, hint) in [
        ("./Util", "util.ts", format!("did you mean `./util`{case}")),
        ("./Util.ts", "util.ts", format!("did you mean `./util.ts`{case}")),
        ("./Lib/util", "lib/util.ts", format!("did you mean `./lib/util`{case}")),
        ("./util.mts", "util.ts", "did you mean `./util.ts`?".to_owned()),
        ("./lib\\\\util", "lib/util.ts", "did you mean `./lib/util`? paths are written with `/`".to_owned()),
        (
            "./a\\\\b",
            "a\\b.ts",
            "write the path with `/`, and rename files that have a backslash in their names".to_owned(),
        ),
    ] {
        let code = format!("export * from '{import}';\n");
        let step = Step::empty().function(".", MANIFEST, &code).file(file, CODE);
        let end = 17 + u64::try_from(import.len()).expect("small");
        let run = refused_at(step, "MISSING_FILE", "index.ts", on_line(1, 15, end));
        assert_eq!(run.finding("MISSING_FILE")["hint"], hint);
    }
}

#[test]
fn a_manifest_and_a_readme_in_another_case_are_to_be_renamed() {
    let run = refused_without_file(Step::empty().file("Aerostack.json", MANIFEST).file("index.ts", CODE));
    assert_eq!(run, "rename `Aerostack.json` to `aerostack.json`");
    let run = refused_without_file(Step::empty().file("aerostack.toml", "").file("index.ts", CODE));
    assert!(!run.contains("rename"), "{run}");
    let (run, _) = published(Step::plain().file("README.txt", "Greeter\n"));
    assert_eq!(run.finding("README_MISSING")["hint"], "rename `README.txt` to `README.md`");
    let (run, _) = published(Step::plain().file("Readme.md", "# Greeter\n"));
    let finding = run.finding("README_MISSING");
    assert_eq!(
        (&finding["file"], &finding["hint"]),
        (&json!("aerostack.json"), &json!("rename `Readme.md` to `README.md`"))
    );
}

/// The hint for a manifest that is missing.
fn refused_without_file(step: Step) -> String {
    let run = refused(step, "MANIFEST_MISSING");
    assert_eq!(run.finding("MANIFEST_MISSING")["file"], json!(null));
    run.finding("MANIFEST_MISSING")["hint"].as_str().expect("a hint").to_owned()
}
