//! `SECURITY.md` names tests that exist.

use std::path::Path;

use crate::documentation::{document, section};

/// The names of tests in the table of invariants.
fn named(page: &str) -> Vec<&str> {
    let (_, table) = section(page, "Threat model").split_once("| invariant | tests |\n").expect("the table");
    let rows = table.lines().take_while(|line| line.starts_with('|')).skip(1);
    let tests = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit(" | ").next());
    tests.flat_map(|tests| tests.split('`').skip(1).step_by(2)).collect()
}

/// Whether there is a test, or a file of tests, of this name.
fn exists(name: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: String| std::fs::read_to_string(root.join(path)).ok();
    if name.contains('/') {
        return read(name.to_owned()).is_some_and(|text| text.contains("#[test]"));
    }
    let (file, test) = name.split_once("::").unwrap_or((name, ""));
    let is_run = document("tests/black_box/main.rs").contains(&format!("\nmod {file};\n"));
    let in_rust = read(format!("tests/black_box/{file}.rs")).filter(|_| is_run);
    let in_python = ["github", "network"].map(|folder| read(format!("tests/runners/{folder}/{file}.py")));
    let starts =
        [format!("\nfn {test}"), format!("    def {}", if test.is_empty() { "test_" } else { test })];
    let has = |text: Option<String>, start: &String| text.is_some_and(|text| text.contains(start));
    has(in_rust, &starts[0]) || in_python.into_iter().any(|text| has(text, &starts[1]))
}

#[test]
fn every_invariant_has_tests_that_exist() {
    let page = document("SECURITY.md");
    let names = named(&page);
    assert!(names.len() > 20, "{names:?}");
    let missing: Vec<_> = names.iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_test_that_does_not_exist_is_noticed() {
    for name in ["no_file", "key::no_test", "test_install::no_test", "src/report/no.rs", "src/lib.rs"] {
        assert!(!exists(name), "{name}");
    }
}
