//! What is known of the code of a published version.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::dependencies;
use super::graph::ModuleGraph;
use super::link;
use super::parser::Parser;
use crate::finding::{Code, Finding};
use crate::function::files::Texts;
use crate::source::SourceFile;

/// The code of a published version, as far as the Hub shows it.
#[derive(Debug)]
pub(crate) struct PublishedCode {
    entrypoint: String,
    graph: ModuleGraph,
}

impl PublishedCode {
    /// The code of an entrypoint at a path, and of all that it imports from the files by path.
    pub(crate) fn load(path: &str, text: Arc<str>, mut files: &Texts, parser: &Parser) -> Self {
        let entrypoint = SourceFile::published(path, text);
        Self { entrypoint: path.to_owned(), graph: ModuleGraph::load(vec![entrypoint], &mut files, parser) }
    }

    /// The names that it exports; `None` if not all of them are known.
    pub(crate) fn exports(&self) -> Option<BTreeSet<String>> {
        link::exported_names(&self.entrypoint, &self.graph).known_values()
    }

    /// The environment variables that it reads, those that may be other bindings included.
    pub(crate) fn env_reads(&self) -> impl Iterator<Item = &str> {
        self.graph.loaded().flat_map(|node| &node.module.env_reads).map(|read| read.name.as_str())
    }

    /// The packages that it imports at run time.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &str> {
        dependencies::packages(&self.graph)
    }

    /// Whether it imports files that are not there.
    pub(crate) fn lacks_files(&self) -> bool {
        let missing = |finding: &Finding| finding.code == Code::MissingFile && finding.is_error();
        self.graph.unresolved.iter().any(missing)
    }
}
