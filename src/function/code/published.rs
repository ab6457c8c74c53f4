//! The files of a published version.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::ModuleGraph;
use super::link;
use super::resolve::Files;
use crate::function::files::FileError;
use crate::source::SourceFile;

/// The text of each published file, by path.
pub(crate) struct PublishedFiles<'f>(pub(crate) &'f BTreeMap<String, String>);

impl Files for PublishedFiles<'_> {
    fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    fn read(&mut self, path: &str) -> Result<SourceFile, FileError> {
        let text = self.0.get(path).ok_or(FileError::Missing)?;
        Ok(SourceFile::published(path, text))
    }

    fn names_in(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// The names that a published entrypoint exports; `None` if not all of them are known.
pub(crate) fn exported_names(
    entrypoint: SourceFile,
    files: &BTreeMap<String, String>,
) -> Option<BTreeSet<String>> {
    let path = entrypoint.path.clone();
    let graph = ModuleGraph::load(vec![entrypoint], &mut PublishedFiles(files));
    link::known_exports(&path, &graph)
}
