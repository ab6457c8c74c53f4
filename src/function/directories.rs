//! The input `directory`: its lines and globs as directories.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::finding::{Code, Finding};
use crate::function::manifest::fields::FILE_NAME;

/// The directory of installed packages, which globs leave out: functions in it are not this repository's.
const INSTALLED: &str = "node_modules";

/// The characters that make a line or a part of it a glob.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// A directory that the input names.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Whether a line is its path, and not only a glob that matches it.
    pub(crate) is_named: bool,
}

/// Every directory that the lines name, once each, in the order of the lines and of the paths that a glob finds.
pub(crate) fn find(lines: &[String], working_directory: &Path) -> (Vec<Found>, Vec<Finding>) {
    let (mut directories, mut findings) = (Vec::<Found>::new(), Vec::new());
    let mut seen = HashMap::new();
    for line in lines {
        let (paths, is_named) = match find_line(line, working_directory) {
            Ok(found) => found,
            Err(finding) => {
                findings.push(finding);
                continue;
            }
        };
        for path in paths {
            let index = *seen.entry(path.canonicalize().unwrap_or(path.clone())).or_insert(directories.len());
            match directories.get_mut(index) {
                Some(known) => known.is_named |= is_named,
                None => directories.push(Found { path, is_named }),
            }
        }
    }
    (directories, findings)
}

/// The directories of a line, and whether it is the path of one.
fn find_line(line: &str, working_directory: &Path) -> Result<(Vec<PathBuf>, bool), Finding> {
    let path = working_directory.join(line);
    if path.is_dir() {
        return Ok((vec![path], true));
    }
    if !line.contains(WILDCARDS) {
        let (reason, hint) = if path.ends_with(FILE_NAME) && path.exists() {
            ("is a file", "write the directory that contains it")
        } else if path.exists() {
            ("is not a directory", Code::NoFunction.fix())
        } else {
            ("does not exist", "correct the path: it is relative to the working directory")
        };
        return Err(Finding::new(Code::NoFunction, format!("directory `{line}` {reason}")).with_hint(hint));
    }
    let mut found = expand(line, working_directory)?;
    found.retain(|path| path.join(FILE_NAME).symlink_metadata().is_ok());
    if found.is_empty() {
        let message = format!("the glob `{line}` matches no directory with an {FILE_NAME}");
        let hint = if line.ends_with(FILE_NAME) {
            "write a glob for the directories, not for the manifests"
        } else {
            "correct the glob: it is relative to the working directory"
        };
        return Err(Finding::new(Code::NoFunction, message).with_hint(hint));
    }
    Ok((found, false))
}

/// Every directory that a glob matches, part by part.
fn expand(line: &str, working_directory: &Path) -> Result<Vec<PathBuf>, Finding> {
    let root = if line.starts_with('/') { Path::new("/") } else { working_directory };
    let mut found = vec![root.to_owned()];
    for part in line.split('/').filter(|part| !matches!(*part, "" | ".")) {
        let pattern = glob::Pattern::new(part).map_err(|cause| {
            let message = format!("input `directory`: `{line}` is not a valid glob ({})", cause.msg);
            Finding::new(Code::InvalidInput, message).with_hint("write a glob such as `functions/*`")
        })?;
        let inside = |directory: &PathBuf| match part {
            "**" => tree(directory, &pattern),
            _ if part.contains(WILDCARDS) => matching(directory, &pattern),
            _ => vec![directory.join(part)],
        };
        found = found.iter().flat_map(inside).filter(|path| path.is_dir()).collect();
    }
    Ok(found)
}

/// The directories in a directory that a pattern matches, links to directories included, in the order of their names.
fn matching(directory: &Path, pattern: &glob::Pattern) -> Vec<PathBuf> {
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    // An unreadable directory contains no function; one that must exist is named by its path.
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name();
        name != INSTALLED && pattern.matches_with(&name.to_string_lossy(), options)
    });
    let mut found: Vec<_> = named.map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// A directory and all its subdirectories, except hidden ones, installed packages, and links, which can lead in circles.
fn tree(directory: &Path, any: &glob::Pattern) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(directory) = open.pop() {
        let inner = matching(&directory, any);
        open.extend(inner.into_iter().filter(|path| !path.is_symlink() && path.is_dir()));
        found.push(directory);
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    /// A working directory with functions in these directories.
    fn working_directory(functions: &[&str]) -> TempDir {
        let root = TempDir::new().unwrap();
        for function in functions {
            let directory = root.path().join(function);
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(directory.join(FILE_NAME), "{}").unwrap();
        }
        root
    }

    fn some() -> TempDir {
        let root = working_directory(&["functions/a", "functions/b", "more/deep/c", ".cache/x"]);
        std::fs::create_dir_all(root.path().join("functions/notes")).unwrap();
        std::fs::write(root.path().join("functions/a/index.ts"), "").unwrap();
        root
    }

    /// The directories that the lines name, relative to the working directory, and messages.
    fn found(input: &str, root: &TempDir) -> (Vec<String>, Vec<String>) {
        let lines: Vec<_> = input.lines().map(str::to_owned).collect();
        let (directories, findings) = find(&lines, root.path());
        let real = root.path().canonicalize().unwrap();
        let relative = |path: PathBuf| {
            let path = path.canonicalize().unwrap();
            path.strip_prefix(&real).unwrap().to_string_lossy().into_owned()
        };
        (
            directories.into_iter().map(|found| relative(found.path)).collect(),
            findings.into_iter().map(|finding| finding.message).collect(),
        )
    }

    #[test]
    fn lines_and_globs_name_directories_each_once() {
        let root = some();
        for (input, expected) in [
            (".", &[""][..]),
            ("functions/b\nmore/deep/c", &["functions/b", "more/deep/c"]),
            ("./functions/a/", &["functions/a"]),
            ("functions/*", &["functions/a", "functions/b"]),
            ("functions/?", &["functions/a", "functions/b"]),
            ("functions/[!a]", &["functions/b"]),
            ("./functions/*/", &["functions/a", "functions/b"]),
            ("*/deep/*", &["more/deep/c"]),
            ("**", &["functions/a", "functions/b", "more/deep/c"]),
            ("**/c", &["more/deep/c"]),
            ("functions/**", &["functions/a", "functions/b"]),
            ("functions/**/*", &["functions/a", "functions/b"]),
            (".cache/*", &[".cache/x"]),
            (
                "functions/a\n./functions/a/\nfunctions/*\nmore/../functions/b\n**/a",
                &["functions/a", "functions/b"],
            ),
        ] {
            let expected: Vec<_> = expected.iter().map(|path| (*path).to_owned()).collect();
            assert_eq!(found(input, &root), (expected, Vec::new()), "{input}");
        }
    }

    #[test]
    fn a_path_without_a_directory_and_a_glob_without_a_function_are_refused() {
        let root = some();
        symlink("nowhere", root.path().join("dangling")).unwrap();
        for (input, message) in [
            ("functions/z", "directory `functions/z` does not exist"),
            ("dangling", "directory `dangling` does not exist"),
            ("functions/a/index.ts", "directory `functions/a/index.ts` is not a directory"),
            ("functions/a/aerostack.json", "directory `functions/a/aerostack.json` is a file"),
            ("*", "the glob `*` matches no directory with an aerostack.json"),
            ("nothing/*", "the glob `nothing/*` matches no directory with an aerostack.json"),
            ("functions/notes*", "the glob `functions/notes*` matches no directory with an aerostack.json"),
            ("functions/[A]", "the glob `functions/[A]` matches no directory with an aerostack.json"),
            (
                "*/a/aerostack.json",
                "the glob `*/a/aerostack.json` matches no directory with an aerostack.json",
            ),
            ("functions/[a", "input `directory`: `functions/[a` is not a valid glob (invalid range pattern)"),
        ] {
            assert_eq!(found(input, &root), (Vec::new(), vec![message.to_owned()]), "{input}");
        }
        for glob in ["functions/a**", "functions/***"] {
            let (_, findings) = find(&[glob.to_owned()], root.path());
            assert_eq!(findings[0].code, Code::InvalidInput, "{glob}");
        }
    }

    #[test]
    fn installed_packages_are_found_only_by_name() {
        let root = working_directory(&["a", "a/node_modules/x", "node_modules/y"]);
        assert_eq!(found("**", &root).0, ["a"]);
        assert_eq!(found("*/*", &root).0, [""; 0]);
        assert_eq!(found("node_modules/*", &root).0, ["node_modules/y"]);
    }

    #[test]
    fn links_are_followed_by_name_and_not_in_circles() {
        let names: Vec<_> = (0..12).map(|at| format!("packages/p{at:02}")).collect();
        let root = working_directory(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for name in &names {
            let package = root.path().join(name);
            std::fs::create_dir(package.join("node_modules")).unwrap();
            for other in &names {
                let other = other.trim_start_matches("packages/");
                symlink(format!("../../{other}"), package.join("node_modules").join(other)).unwrap();
            }
            symlink("../..", package.join("root")).unwrap();
            symlink("..", package.join("all")).unwrap();
        }
        symlink("packages/p00", root.path().join("link")).unwrap();
        assert_eq!(found("**", &root).0, names);
        assert_eq!(found("link\npackages/p00", &root).0, ["packages/p00"]);
        assert_eq!(found("l*", &root).0, ["packages/p00"]);
    }

    #[test]
    fn names_may_contain_any_character() {
        let names = ["#1", "$HOME", "-x", "[x]", "a b", "a*b", "a,b;c=d%", "a?b", "it's", "ü", "😀"];
        let root = working_directory(&names);
        assert_eq!(found(&names.join("\n"), &root).0, names);
        assert_eq!(found("*", &root).0, names);
    }
}
