//! The field `npmDependencies`: names of npm packages, each with an optional version range after `@`.

use crate::finding::{Code, Finding};

/// Maximum length of an npm package's name, in characters (npm documentation, "package.json": `name`).
const MAX_NAME_CHARS: usize = 214;

/// Protocols of package managers for what is in the author's repository or on their machine (npm documentation,
/// "package.json"; pnpm and Yarn documentation, "Workspaces", "Catalogs", "Protocols").
const LOCAL_PROTOCOLS: [&str; 8] =
    ["workspace:", "file:", "link:", "portal:", "patch:", "catalog:", "exec:", "git+file:"];

/// How the path of a package starts. npm takes all that starts with a dot for a path (npm-package-arg).
const PATH_STARTS: [&str; 4] = [".", "~/", "/", "\\"];

/// Endings of archives (npm-package-arg).
const ARCHIVE_ENDS: [&str; 3] = [".tgz", ".tar.gz", ".tar"];

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
    if let Some(local) = local_part(entry) {
        let message = format!(
            "`{entry}` is not a valid npm dependency: `{local}` means something only in the author's repository"
        );
        return Some(Finding::new(Code::InvalidNpmDependency, message).with_hint(published_form(entry)));
    }
    let problem = problem_of(entry)?;
    let message = format!("`{entry}` is not a valid npm dependency: {problem}");
    Some(Finding::new(Code::InvalidNpmDependency, message))
}

/// What of a dependency means something only in the author's repository: a protocol of [`LOCAL_PROTOCOLS`], a path (npm
/// documentation, "package.json": "Local Paths"), an archive, or a reference to another dependency (`$name`: "overrides").
fn local_part(entry: &str) -> Option<&str> {
    let (_, package) = split_alias(entry);
    let (name, range) = split_npm_dependency(package);
    range.and_then(local_source).or_else(|| local_source(name))
}

/// What an alias has before the package that it names (`x@npm:`), which has a range of its own; and that package.
fn split_alias(entry: &str) -> (&str, &str) {
    let mut package = entry;
    while let Some(inner) = split_npm_dependency(package).1.and_then(|range| without_protocol(range, "npm:"))
    {
        package = inner;
    }
    (entry.strip_suffix(package).unwrap_or_default(), package)
}

/// What follows a protocol, which npm takes in upper case too.
fn without_protocol<'s>(source: &'s str, protocol: &str) -> Option<&'s str> {
    let (start, rest) = source.split_at_checked(protocol.len())?;
    start.eq_ignore_ascii_case(protocol).then_some(rest)
}

/// The same as [`local_part`], of where a dependency comes from.
fn local_source(source: &str) -> Option<&str> {
    let source = source.trim();
    let protocol = source.find(':').and_then(|end| source.get(..=end));
    let is_local = |protocol: &&str| LOCAL_PROTOCOLS.iter().any(|it| it.eq_ignore_ascii_case(protocol));
    if let Some(protocol) = protocol.filter(is_local) {
        return Some(protocol);
    }
    let is_drive =
        protocol.is_some_and(|it| it.len() == 2 && it.starts_with(|c: char| c.is_ascii_alphabetic()));
    let lower = source.to_ascii_lowercase();
    let is_archive = protocol.is_none() && ARCHIVE_ENDS.iter().any(|end| lower.ends_with(end));
    let is_path = is_drive
        || is_archive
        || source.starts_with('$')
        || PATH_STARTS.iter().any(|start| source.starts_with(start))
        || is_deep_path(source);
    is_path.then_some(source)
}

/// Whether a text is a path in more than two parts: one in two is a repository on GitHub (hosted-git-info).
fn is_deep_path(source: &str) -> bool {
    let path = source.split('#').next().unwrap_or_default();
    let is_plain =
        !path.starts_with('@') && !path.contains(|c: char| c == ':' || c == '@' || c.is_whitespace());
    is_plain && (path.matches('/').count() > 1 || path.ends_with('/'))
}

/// How to write a dependency that must come from npm, which stays the same package. `workspace:^1.2.3` has its range already,
/// and `workspace:y@^1.2.3` names another package (pnpm documentation, "Workspace").
fn published_form(entry: &str) -> String {
    let (alias, package) = split_alias(entry);
    let (name, source) = split_npm_dependency(package);
    if problem_of(name).is_some() || local_source(name).is_some() {
        return "use the name of a package that is published on npm, such as `name@^1.0.0`".to_owned();
    }
    let source = source.and_then(|source| source.split_once(':')).map_or("", |(_, source)| source);
    let (other, its_range) = split_npm_dependency(source);
    let is_other = its_range.is_some() && other != name && problem_of(other).is_none();
    let range = its_range.filter(|_| is_other).unwrap_or(source);
    let is_version = range.trim_start_matches(['^', '~']).starts_with(|c: char| c.is_ascii_digit());
    let range = if is_version { range } else { "^1.0.0" };
    let package = match (is_other, alias) {
        (true, "") => format!("{name}@npm:{other}"),
        (true, alias) => format!("{alias}{other}"),
        (false, alias) => format!("{alias}{name}"),
    };
    format!("write a version that is published on npm, such as `{package}@{range}`")
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
            "x@npm:@scope/y@^1",
            "x@~1.2.0",
            "x@>=1.0.0",
            "x@1.x",
            "x@github:owner/repository",
            "x@owner/repository",
            "x@git+https://example.com/x.git#v1",
            "x@https://example.com/x.tgz",
            "x@HTTPS://example.com/x.TGZ",
            "x@NPM:y@1",
            "x@git@github.com:owner/x.git",
            "x@owner/x#semver:^1.0.0",
            "x@owner/x#feature/a/b",
            "x@gitlab:group/x",
            "x@ab:b/c/d",
            "x@ab@b/c/d",
            "x@ab b/c/d",
            &"a".repeat(MAX_NAME_CHARS),
        ] {
            assert_eq!(check(valid), None, "{valid}");
            assert!(is_valid_npm_dependency(valid), "{valid}");
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
            ("@scope/.x", "the name starts with `.` or `_`"),
            ("a/b", characters),
            ("a b", characters),
            ("https://x.example/a.tgz", characters),
            ("node_modules", "npm does not allow this name"),
            (&"a".repeat(MAX_NAME_CHARS + 1), "the name is longer than 214 characters"),
        ] {
            let finding = check(invalid).unwrap();
            assert_eq!(finding.code, Code::InvalidNpmDependency, "{invalid}");
            assert!(!is_valid_npm_dependency(invalid), "{invalid}");
            assert!(finding.message.ends_with(problem), "{}", finding.message);
        }
    }

    #[test]
    fn what_is_only_in_the_authors_repository_is_refused() {
        let general = "use the name of a package that is published on npm, such as `name@^1.0.0`";
        let range = |entry: &str| format!("write a version that is published on npm, such as `{entry}`");
        for (entry, local, hint) in [
            ("x@workspace:*", "workspace:", range("x@^1.0.0")),
            ("x@workspace:^", "workspace:", range("x@^1.0.0")),
            ("x@workspace:~1.2.3", "workspace:", range("x@~1.2.3")),
            ("@scope/x@workspace:2.0.0", "workspace:", range("@scope/x@2.0.0")),
            ("x@workspace:../x", "workspace:", range("x@^1.0.0")),
            ("x@file:../x", "file:", range("x@^1.0.0")),
            ("x@link:../x", "link:", range("x@^1.0.0")),
            ("x@portal:../x", "portal:", range("x@^1.0.0")),
            ("x@patch:x@npm%3A1.0.0#fix.patch", "patch:", range("x@^1.0.0")),
            ("x@catalog:", "catalog:", range("x@^1.0.0")),
            ("x@catalog:react18", "catalog:", range("x@^1.0.0")),
            ("x@exec:./make.js", "exec:", range("x@^1.0.0")),
            ("x@git+file:///srv/x.git", "git+file:", range("x@^1.0.0")),
            ("x@npm:y@file:../y", "file:", range("x@npm:y@^1.0.0")),
            ("x@npm:y@workspace:*", "workspace:", range("x@npm:y@^1.0.0")),
            ("x@npm:@scope/y@workspace:^2.1.0", "workspace:", range("x@npm:@scope/y@^2.1.0")),
            ("x@NPM:y@FILE:../y", "FILE:", range("x@NPM:y@^1.0.0")),
            ("x@npm:../y", "../y", general.to_owned()),
            ("x@workspace:y@*", "workspace:", range("x@npm:y@^1.0.0")),
            ("x@workspace:@scope/y@^2.0.0", "workspace:", range("x@npm:@scope/y@^2.0.0")),
            ("x@npm:y@workspace:z@1.0.0", "workspace:", range("x@npm:z@1.0.0")),
            ("x@patch:y@npm%3A1.0.0#fix.patch", "patch:", range("x@npm:y@^1.0.0")),
            ("x@FILE:../x", "FILE:", range("x@^1.0.0")),
            ("x@WORKSPACE:*", "WORKSPACE:", range("x@^1.0.0")),
            ("x@Workspace:^2.0.0", "Workspace:", range("x@^2.0.0")),
            ("x@Git+File:///srv/x.git", "Git+File:", range("x@^1.0.0")),
            ("x@vendor.TGZ", "vendor.TGZ", range("x@^1.0.0")),
            ("x@x.Tar.Gz", "x.Tar.Gz", range("x@^1.0.0")),
            ("x@.vendor/x", ".vendor/x", range("x@^1.0.0")),
            ("x@.vendor", ".vendor", range("x@^1.0.0")),
            ("x@.\\x", ".\\x", range("x@^1.0.0")),
            ("x@$react", "$react", range("x@^1.0.0")),
            ("x@packages/shared/x", "packages/shared/x", range("x@^1.0.0")),
            ("x@vendor/", "vendor/", range("x@^1.0.0")),
            ("packages/shared/x", "packages/shared/x", general.to_owned()),
            (".x", ".x", general.to_owned()),
            (".local/x", ".local/x", general.to_owned()),
            ("X.TGZ", "X.TGZ", general.to_owned()),
            ("x@./x", "./x", range("x@^1.0.0")),
            ("x@../x", "../x", range("x@^1.0.0")),
            ("x@~/x", "~/x", range("x@^1.0.0")),
            ("x@/srv/x", "/srv/x", range("x@^1.0.0")),
            ("x@..", "..", range("x@^1.0.0")),
            ("x@..\\x", "..\\x", range("x@^1.0.0")),
            ("x@C:\\x", "C:\\x", range("x@^1.0.0")),
            ("x@x-1.0.0.tgz", "x-1.0.0.tgz", range("x@^1.0.0")),
            ("x@vendor/x.tar.gz", "vendor/x.tar.gz", range("x@^1.0.0")),
            ("x@ workspace:*", "workspace:", range("x@^1.0.0")),
            ("../x@1.0.0", "../x", general.to_owned()),
            ("workspace:*", "workspace:", general.to_owned()),
            ("file:../x", "file:", general.to_owned()),
            ("./x", "./x", general.to_owned()),
            ("../x", "../x", general.to_owned()),
            ("/srv/x", "/srv/x", general.to_owned()),
            ("x-1.0.0.tgz", "x-1.0.0.tgz", general.to_owned()),
        ] {
            let finding = check(entry).unwrap_or_else(|| panic!("{entry}"));
            let reason = format!("`{local}` means something only in the author's repository");
            assert!(finding.message.ends_with(&reason), "{}", finding.message);
            assert_eq!((finding.code, finding.hint), (Code::InvalidNpmDependency, hint), "{entry}");
        }
    }
}
