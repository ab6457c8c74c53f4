//! npm packages as `npmDependencies` names them.

/// Longest name of an npm package, in characters (npm documentation, "package.json": `name`).
const LONGEST_NPM_NAME: usize = 214;

/// The package's name, and the version range behind `@` if there is one.
pub(crate) fn split_npm_dependency(entry: &str) -> (&str, Option<&str>) {
    match entry.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => (entry.get(..at).unwrap_or_default(), entry.get(at + 1..)),
        None => (entry, None),
    }
}

/// npm's rules for the name of a new package, and an optional `@range` behind it.
pub(crate) fn check_npm_dependency(entry: &str) -> Result<(), &'static str> {
    let (name, range) = split_npm_dependency(entry);
    if range.is_some_and(|range| {
        range.trim().is_empty() || range.trim() != range || range.contains(char::is_control)
    }) {
        return Err("the version range behind `@` is blank or has blanks around it");
    }
    if name.is_empty() {
        return Err("the name is empty");
    }
    if name.chars().count() > LONGEST_NPM_NAME {
        return Err("the name is longer than 214 characters");
    }
    if name.chars().any(char::is_uppercase) {
        return Err("the name has upper-case letters");
    }
    if matches!(name, "node_modules" | "favicon.ico") {
        return Err("npm does not allow the name");
    }
    let parts: Vec<&str> = match name.strip_prefix('@') {
        Some(scoped) if scoped.split('/').count() == 2 => scoped.split('/').collect(),
        Some(_) => return Err("a scoped name is written `@scope/name`"),
        None => vec![name],
    };
    let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    for part in parts {
        if part.is_empty() {
            return Err("a scoped name is written `@scope/name`");
        }
        if part.starts_with(['.', '_']) {
            return Err("the name starts with `.` or `_`");
        }
        if !part.chars().all(safe) {
            return Err("the name has characters other than letters, digits, `-`, `_` and `.`");
        }
    }
    Ok(())
}
