//! The files that reports are written to.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use crate::finding::{Code, Finding};
use crate::settings::Settings;

/// Finds out whether every report can be written, before anything is sent.
pub(crate) fn check(settings: &Settings) -> Vec<Finding> {
    let reports = [
        ("report", &settings.report),
        ("dotenv", &settings.dotenv),
        ("code-quality", &settings.code_quality),
    ];
    let mut findings = Vec::new();
    for (name, path) in reports {
        let Some(path) = path else { continue };
        let opened = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| OpenOptions::new().create(true).append(true).open(path).map(drop));
        if let Err(error) = opened {
            let shown = path.strip_prefix(&settings.working_directory).unwrap_or(path).display();
            findings.push(unwritable(format!("input `{name}`: `{shown}` can't be written ({error})")));
        }
    }
    findings
}

/// Appends to a file, if there is one to append to.
pub(super) fn append(path: Option<&Path>, text: &str) -> Result<(), Finding> {
    put(path, text, OpenOptions::new().create(true).append(true))
}

/// Writes a file, if one is asked for.
pub(super) fn write(path: Option<&Path>, text: &str) -> Result<(), Finding> {
    put(path, text, OpenOptions::new().create(true).write(true).truncate(true))
}

fn put(path: Option<&Path>, text: &str, how: &OpenOptions) -> Result<(), Finding> {
    let Some(path) = path else { return Ok(()) };
    how.open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| not_written(path, &error))
}

/// The finding for a report that could not be written.
pub(super) fn not_written(path: &Path, error: &io::Error) -> Finding {
    unwritable(format!("`{}` could not be written ({error})", path.display()))
}

fn unwritable(message: String) -> Finding {
    Finding::new(Code::InvalidInput, message).with_hint("name a file that this job may write")
}
