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

/// A dependency is valid if its name is, and its range is written without white space around it.
pub(super) fn check(entry: &str) -> Option<Finding> {
    let problem = problem_of(entry)?;
    let message = format!("`{entry}` is not a valid npm dependency: {problem}");
    Some(Finding::new(Code::InvalidNpmDependency, message))
}

fn problem_of(entry: &str) -> Option<&'static str> {
    let (name, range) = split_npm_dependency(entry);
    let is_valid =
        |range: &str| !range.is_empty() && range.trim() == range && !range.contains(char::is_control);
    if range.is_some_and(|range| !is_valid(range)) {
        return Some("the version range after `@` is empty or has white space around it");
    }
    problem_of_name(name)
}

/// What is wrong with a name by npm's rules for new packages.
fn problem_of_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("the name is empty");
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Some("the name is longer than 214 characters");
    }
    if name.chars().any(char::is_uppercase) {
        return Some("the name contains upper-case letters");
    }
    if matches!(name, "node_modules" | "favicon.ico") {
        return Some("npm does not allow this name");
    }
    let parts: Vec<&str> = match name.strip_prefix('@') {
        Some(scoped) => scoped.split('/').collect(),
        None => vec![name],
    };
    if (name.starts_with('@') && parts.len() != 2) || parts.contains(&"") {
        return Some("a scoped name is written `@scope/name`");
    }
    let is_safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    parts.iter().find_map(|part| {
        if part.starts_with(['.', '_']) {
            Some("the name starts with `.` or `_`")
        } else if !part.chars().all(is_safe) {
            Some("the name contains characters other than letters, digits, `-`, `_` and `.`")
        } else {
            None
        }
    })
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
