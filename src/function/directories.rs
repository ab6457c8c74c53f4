//! The input `directory`: its lines and globs as directories.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::finding::{Code, Finding};
use crate::function::manifest::fields::FILE_NAME;

/// The directory of installed packages, which globs leave out: functions in it are not this repository's.
const INSTALLED: &str = "node_modules";

/// Every directory that the lines name, once each, in the order of the lines and of the paths that a glob finds.
pub(crate) fn find(lines: &[String], working_directory: &Path) -> (Vec<PathBuf>, Vec<Finding>) {
    let (mut directories, mut findings) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for line in lines {
        match find_line(line, working_directory) {
            Ok(found) => directories.extend(
                found.into_iter().filter(|path| seen.insert(path.canonicalize().unwrap_or(path.clone()))),
            ),
            Err(finding) => findings.push(finding),
        }
    }
    (directories, findings)
}

fn find_line(line: &str, working_directory: &Path) -> Result<Vec<PathBuf>, Finding> {
    let path = working_directory.join(line);
    if path.is_dir() {
        return Ok(vec![path]);
    }
    if !line.contains(['*', '?', '[']) {
        let (reason, hint) = if path.ends_with(FILE_NAME) && path.exists() {
            ("is a file", "write the directory that contains it")
        } else if path.exists() {
            ("is not a directory", Code::NoFunction.fix())
        } else {
            ("does not exist", "correct the path: it is relative to the working directory")
        };
        return Err(Finding::new(Code::NoFunction, format!("directory `{line}` {reason}")).with_hint(hint));
    }
    let found: Vec<_> = expand(line, working_directory)?
        .into_iter()
        .filter(|path| path.join(FILE_NAME).symlink_metadata().is_ok())
        .collect();
    if found.is_empty() {
        let message = format!("the glob `{line}` matches no directory with an {FILE_NAME}");
        let hint = if line.ends_with(FILE_NAME) {
            "write a glob for the directories, not for the manifests"
        } else {
            "correct the glob: it is relative to the working directory"
        };
        return Err(Finding::new(Code::NoFunction, message).with_hint(hint));
    }
    Ok(found)
}

/// Every directory that a glob matches, part by part.
fn expand(line: &str, working_directory: &Path) -> Result<Vec<PathBuf>, Finding> {
    let mut found = vec![working_directory.to_owned()];
    if line.starts_with('/') {
        found = vec![PathBuf::from("/")];
    }
    for part in line.split('/').filter(|part| !matches!(*part, "" | ".")) {
        let pattern = glob::Pattern::new(part).map_err(|cause| {
            let message = format!("input `directory`: `{line}` is not a valid glob ({})", cause.msg);
            Finding::new(Code::InvalidInput, message).with_hint("write a glob such as `functions/*`")
        })?;
        found = match part {
            "**" => found.iter().flat_map(|directory| tree(directory)).collect(),
            plain if !plain.contains(['*', '?', '[']) => {
                found.iter().map(|directory| directory.join(plain)).collect()
            }
            _ => found.iter().flat_map(|directory| matching(directory, &pattern)).collect(),
        };
        found.retain(|path| path.is_dir());
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
    let mut found: Vec<_> = entries
        .filter(|entry| pattern.matches_with(&entry.file_name().to_string_lossy(), options))
        .filter(|entry| entry.file_name() != INSTALLED)
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// A directory and all its subdirectories, except hidden ones, installed packages, and links, which can lead in circles.
fn tree(directory: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(directory) = open.pop() {
        let entries = directory.read_dir().into_iter().flatten().flatten();
        let inner = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let seen = inner.filter(|entry| {
            let name = entry.file_name();
            name != INSTALLED && !name.to_string_lossy().starts_with('.')
        });
        open.extend(seen.map(|entry| entry.path()));
        found.push(directory);
    }
    found.sort();
    found
}
