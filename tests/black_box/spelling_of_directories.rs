//! Lines of the input `directory` that are written as other tools would have them.

use crate::assertions::{published, refused};
use crate::fixtures::{manifest, side_by_side};
use crate::support::{CODE, Step, text};

fn repository() -> Step {
    Step::empty().function("functions/a", &manifest("alpha", "1.0.0"), CODE).function(
        "functions/b",
        &manifest("beta", "1.0.0"),
        CODE,
    )
}

#[test]
fn a_line_of_another_tool_is_explained_unless_a_directory_has_that_name() {
    side_by_side(
        [
            ("functions\\a", "write `functions/a`: paths are written with `/`"),
            ("functions\\*", "write `functions/*`: paths are written with `/`"),
            ("my\\ fn", "write `my fn`: a line is not escaped as in a shell"),
            ("with\\[br\\]", "write `with[br]`: a line is not escaped as in a shell"),
            ("more\\ \\&\\ x", "write `more & x`: a line is not escaped as in a shell"),
            ("functions/a, functions/b", "write `functions/a`, `functions/b` on lines of their own"),
            ("functions/a;functions/b", "write `functions/a`, `functions/b` on lines of their own"),
            ("functions/a functions/b", "write `functions/a`, `functions/b` on lines of their own"),
            ("\"functions/a\"", "write `functions/a`: a line has no quotes"),
            ("'functions/*'", "write `functions/*`: a line has no quotes"),
            ("- functions/a", "write `functions/a`: a line does not start with `- `"),
            ("functions/{a,b}", "write `functions/a`, `functions/b` on lines of their own"),
            ("{functions,more}/*", "write `functions/*`, `more/*` on lines of their own"),
            ("!functions/b", "nothing can be excluded"),
            ("!functions/*", "nothing can be excluded"),
            ("[\"functions/a\",\"functions/b\"]", "write `functions/a`, `functions/b` on lines of their own"),
            (
                "[\"a\", \"b\"]",
                "write `a`, `b` on lines of their own: a line is not a list; a line has no quotes",
            ),
            ("~/functions/a", "write `functions/a`: `~` and variables are not expanded"),
            ("$GITHUB_WORKSPACE/functions/a", "write `functions/a`: `~` and variables are not expanded"),
            ("%CD%\\functions\\a", "write `functions/a`: paths are written with `/`; `~` and variables"),
            ("$DIRECTORY", "`~` and variables are not expanded: write the path itself"),
            ("file://functions/a", "write `functions/a`: a line is a path, not a URL"),
            ("functions/a/aerostack.json", "write the directory that contains it: `functions/a`"),
            ("functions/a/index.ts", "write the directory that contains it: `functions/a`"),
            ("functions/*/aerostack.json", "write `functions/*`"),
            ("\u{feff}functions/a", "write `functions/a`: remove the invisible characters"),
            ("functions/a # first", "write `functions/a`: a line has no comments"),
            (
                "/builds/project/functions/*",
                "write `functions/*`: paths are relative to the working directory",
            ),
            (
                "functions/(a|b)",
                "write `functions/a`, `functions/b` on lines of their own: a glob has no alternatives",
            ),
            ("/functions/a", "write `functions/a`: paths are relative to the working directory"),
            ("Functions/A", "did you mean `functions/a`? names are case-sensitive on Linux"),
            ("Functions/*", "did you mean `functions/*`? names are case-sensitive on Linux"),
            ("function/a", "did you mean `functions/a`?"),
        ],
        |(line, hint)| {
            let step = repository().file("a/x", "").file("b/x", "").input("directory", line);
            let run = refused(step, "NO_FUNCTION");
            assert!(text(&run.finding("NO_FUNCTION")["hint"]).starts_with(hint), "{line}: {}", run.stdout);
        },
    );
    for name in [
        "functions\\a",
        "a, b",
        "a;b",
        "\"a\"",
        "'a'",
        "- a",
        "{a,b}",
        "!a",
        "[\"a\",\"b\"]",
        "~",
        "$A",
        "%A%",
        "a #b",
    ] {
        published(Step::empty().function(name, &manifest("odd", "1.0.0"), CODE).input("directory", name));
    }
}
