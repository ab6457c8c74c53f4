//! Content compared, as source text: what would be sent and what is published.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::function::load::{Function, README};
use crate::function::manifest::fields::FILE_NAME;

/// The source text of a published version, as far as the Hub shows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    /// The entrypoint's text.
    pub(crate) code: Option<String>,
    pub(crate) readme: Option<String>,
    /// Text by path.
    pub(crate) files: Option<BTreeMap<String, String>>,
    /// Fields of the manifest that users of the version build on.
    pub(crate) fields: Map<String, Value>,
}

impl Content {
    /// Takes from another response of the Hub what this one lacks.
    pub(crate) fn complete(&mut self, other: Self) {
        self.code = self.code.take().or(other.code);
        self.readme = self.readme.take().or(other.readme);
        self.files = self.files.take().or(other.files);
        for (name, value) in other.fields {
            self.fields.entry(name).or_insert(value);
        }
    }

    fn file(&self, path: &str) -> Option<&str> {
        self.files.as_ref()?.get(path).map(String::as_str)
    }

    /// The entrypoint's text. The documented request has no file names, so a single file may have any name.
    pub(super) fn entrypoint(&self, path: &str) -> Option<&str> {
        let single =
            || self.files.as_ref().filter(|files| files.len() == 1)?.values().next().map(String::as_str);
        self.file(path).or(self.code.as_deref()).or_else(single)
    }

    fn readme(&self) -> Option<&str> {
        self.readme.as_deref().or(self.file(README)).filter(|text| !text.is_empty())
    }
}

/// The content of a function compared with that of the same version on the Hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Different(Vec<FileChange>),
    /// The Hub does not show the content; the reason in words.
    Unknown(String),
    /// The Hub could not be read; the reason in words. A later run may succeed.
    Unread(String),
}

/// One file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileChange {
    Changed(String),
    Added(String),
    Removed(String),
}

impl fmt::Display for FileChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(path) => write!(formatter, "`{path}` changed"),
            Self::Added(path) => write!(formatter, "`{path}` was added"),
            Self::Removed(path) => write!(formatter, "`{path}` was removed"),
        }
    }
}

/// Compares every file that would be sent with the published one. Line endings and byte order marks do not count.
///
/// A README that the Hub does not have is not compared: versions published by curl have none.
pub(crate) fn compare(ours: &Function, theirs: &Content) -> Comparison {
    let mut changes = Vec::new();
    let mut not_shown = None;
    for file in ours.files() {
        let path = &file.path;
        let published = match path {
            path if *path == ours.entrypoint.path => theirs.entrypoint(path),
            path if ours.readme.as_ref().is_some_and(|readme| readme.path == *path) => {
                theirs.readme().or(Some(&*file.text))
            }
            path => theirs.file(path),
        };
        match published {
            Some(text) if same(text, &file.text) => {}
            Some(_) => changes.push(FileChange::Changed(path.clone())),
            None if theirs.files.is_some() => changes.push(FileChange::Added(path.clone())),
            None => not_shown = Some(path),
        }
    }
    if let Some(files) = theirs.files.as_ref().filter(|files| files.len() > 1) {
        let sent = ours.files();
        let gone = files.keys().filter(|path| !sent.iter().any(|file| file.path == **path));
        let sources = gone.filter(|path| !matches!(path.as_str(), README | FILE_NAME));
        changes.extend(sources.map(|path| FileChange::Removed(path.clone())));
    }
    match not_shown {
        _ if !changes.is_empty() => Comparison::Different(changes),
        Some(path) => Comparison::Unknown(format!("the Hub does not show `{path}` of this version")),
        None => Comparison::Equal,
    }
}

fn same(a: &str, b: &str) -> bool {
    normalised(a) == normalised(b)
}

fn normalised(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}
