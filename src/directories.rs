//! The input `directory` turned into the directories it means.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::finding::{Code, Finding};
use crate::function::FILE_NAME;

/// Names what `**` should not look into: functions of installed packages are not this repository's.
const INSTALLED: &str = "node_modules";

/// Every directory the lines mean, once each, in the order of the lines and of the paths a glob finds.
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
            ("is a file", "name the directory that holds it")
        } else if path.exists() {
            ("is not a directory", Code::NoFunction.fix())
        } else {
            ("does not exist", "correct the path: it is relative to the working directory")
        };
        return Err(Finding::new(Code::NoFunction, format!("directory `{line}` {reason}")).hint(hint));
    }
    let pattern = Path::new(&glob::Pattern::escape(&working_directory.to_string_lossy())).join(line);
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let matches = glob::glob_with(&pattern.to_string_lossy(), options).map_err(|cause| {
        let message = format!("input `directory`: `{line}` is not a glob ({})", cause.msg);
        Finding::new(Code::InvalidInput, message).hint("write a glob such as `functions/*`")
    })?;
    // What can't be read can't be a function; a directory that must be there is named by its path.
    let found: Vec<_> = matches
        .flatten()
        .filter(|path| path.is_dir() && path.join(FILE_NAME).symlink_metadata().is_ok())
        .filter(|path| line.contains(INSTALLED) || !is_installed(path, working_directory))
        .collect();
    if found.is_empty() {
        let message = format!("the glob `{line}` matches no directory with an {FILE_NAME}");
        let hint = if line.ends_with(FILE_NAME) {
            "let the glob match the directories, not the manifests"
        } else {
            "correct the glob: it is relative to the working directory"
        };
        return Err(Finding::new(Code::NoFunction, message).hint(hint));
    }
    Ok(found)
}

fn is_installed(path: &Path, working_directory: &Path) -> bool {
    let inside = path.strip_prefix(working_directory).unwrap_or(path);
    inside.components().any(|part| part.as_os_str() == INSTALLED)
}
