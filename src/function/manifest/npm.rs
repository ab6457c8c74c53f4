//! The field `npmDependencies`: names of npm packages, each with an optional version range after `@`.

use crate::finding::{Code, Finding};

/// Maximum length of an npm package's name, in characters (npm documentation, "package.json": `name`).
const MAX_NAME_CHARS: usize = 214;

/// The package's name, and the version range after `@` if there is one.
pub(crate) fn split_npm_dependency(entry: &str) -> (&str, Option<&str>) {
    match entry.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => (entry.get(..at).unwrap_or_default(), entry.get(at + 1..)),
        None => (entry, None),
    }
}

/// Whether npm would accept the dependency.
pub(crate) fn is_valid_npm_dependency(entry: &str) -> bool {
    problem_of(entry).is_none()
}

pub(super) fn check(entry: &str) -> Option<Finding> {
    let problem = problem_of(entry)?;
    let message = format!("`{entry}` is not a valid npm dependency: {problem}");
    Some(Finding::new(Code::InvalidNpmDependency, message))
}

/// The first problem with a dependency: its range has white space around it, or its name is against npm's rules for new
/// packages.
fn problem_of(entry: &str) -> Option<&'static str> {
    let (name, range) = split_npm_dependency(entry);
    let is_range = |text: &str| !text.is_empty() && text.trim() == text && !text.contains(char::is_control);
    let parts: Vec<&str> = match name.strip_prefix('@') {
        Some(scoped) => scoped.split('/').collect(),
        None => vec![name],
    };
    let has_two_parts = parts.len() == 2 && !parts.contains(&"");
    let is_safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let problems = [
        (
            range.is_some_and(|range| !is_range(range)),
            "the version range after `@` is empty or has white space around it",
        ),
        (name.is_empty(), "the name is empty"),
        (name.chars().count() > MAX_NAME_CHARS, "the name is longer than 214 characters"),
        (name.contains(char::is_uppercase), "the name contains upper-case letters"),
        (matches!(name, "node_modules" | "favicon.ico"), "npm does not allow this name"),
        (name.starts_with('@') && !has_two_parts, "a scoped name is written `@scope/name`"),
        (parts.iter().any(|part| part.starts_with(['.', '_'])), "the name starts with `.` or `_`"),
        (
            !parts.iter().all(|part| part.chars().all(is_safe)),
            "the name contains characters other than letters, digits, `-`, `_` and `.`",
        ),
    ];
    problems.into_iter().find(|(applies, _)| *applies).map(|(_, problem)| problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_follow_npm() {
        for valid in [
            "hono",
            "@scope/name",
            "hono@^4.0.0",
            "hono@>=4 <5",
            "@scope/name@>=1 <2",
            "@aws-sdk/client-s3@^3",
            "lodash.merge",
            "a@latest",
            "x@npm:y@1",
        ] {
            assert_eq!(check(valid), None, "{valid}");
        }
        let scoped = "a scoped name is written `@scope/name`";
        let range = "the version range after `@` is empty or has white space around it";
        let characters = "the name contains characters other than letters, digits, `-`, `_` and `.`";
        for (invalid, problem) in [
            ("", "the name is empty"),
            ("Hono", "the name contains upper-case letters"),
            (" hono", characters),
            ("hono ", characters),
            ("hono@", range),
            ("hono@ ^4", range),
            ("hono@^4\u{7}", range),
            ("@scope", scoped),
            ("@/x", scoped),
            ("@a/b/c", scoped),
            ("@", scoped),
            ("_x", "the name starts with `.` or `_`"),
            (".x", "the name starts with `.` or `_`"),
            ("./local", "the name starts with `.` or `_`"),
            ("a/b", characters),
            ("a b", characters),
            ("https://x.example/a.tgz", characters),
            ("node_modules", "npm does not allow this name"),
            (&"a".repeat(MAX_NAME_CHARS + 1), "the name is longer than 214 characters"),
        ] {
            let finding = check(invalid).unwrap();
            assert_eq!(finding.code, Code::InvalidNpmDependency, "{invalid}");
            assert!(finding.message.ends_with(problem), "{}", finding.message);
        }
    }
}
