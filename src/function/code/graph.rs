//! All modules of a function: its entrypoint, and what is reached from it by relative imports.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::module::{Import, ImportKind, Module, is_code};
use super::parse::{MAX_PARSE_TIME, parse};
use super::resolve::{Files, Resolved, is_path, resolve, without_query};
use crate::finding::MAX_FINDINGS;
use crate::function::files::FileError;
use crate::source::{Location, SourceFile};

/// Every module that is reached, by path.
#[derive(Debug, Default)]
pub(super) struct ModuleGraph {
    nodes: BTreeMap<String, Node>,
    /// The paths in the order in which they were reached.
    order: Vec<String>,
    pub(super) unresolved: Vec<UnresolvedImport>,
}

/// One module, and where its relative imports lead.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) file: SourceFile,
    pub(super) module: Module,
    /// Whether it was read as code; otherwise it is text or data.
    pub(super) is_code: bool,
    /// Path by specifier.
    targets: BTreeMap<String, String>,
}

/// A relative import of which no file can be sent.
#[derive(Debug)]
pub(super) struct UnresolvedImport {
    pub(super) specifier: String,
    pub(super) location: Location,
    pub(super) reason: UnresolvedReason,
}

#[derive(Debug)]
pub(super) enum UnresolvedReason {
    /// There is no such file; the specifier of one with a similar name.
    NotFound { suggestion: Option<String> },
    /// The file contains what is never sent.
    Withheld,
    /// The file at this path can't be sent.
    Unreadable(String, FileError),
}

impl ModuleGraph {
    /// Loads these files and all that they import.
    pub(super) fn load(roots: Vec<SourceFile>, files: &mut impl Files) -> Self {
        Self::load_within(MAX_PARSE_TIME, roots, files)
    }

    /// The same, up to the first module that exceeds the time.
    fn load_within(time: Duration, roots: Vec<SourceFile>, files: &mut impl Files) -> Self {
        let mut loader = Loader {
            files,
            graph: Self::default(),
            queue: VecDeque::new(),
            deadline: Instant::now() + time,
            timed_out: false,
        };
        for root in roots {
            loader.add(root, true);
        }
        while let Some(path) = loader.queue.pop_front() {
            loader.follow_imports(&path);
        }
        loader.graph
    }

    pub(super) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// All modules in the order in which they were reached, the entrypoint first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.order.iter().filter_map(|path| self.nodes.get(path))
    }

    pub(super) fn into_files(self) -> impl Iterator<Item = SourceFile> {
        self.nodes.into_values().map(|node| node.file)
    }

    /// Whether every module could be parsed.
    pub(super) fn is_parsed(&self) -> bool {
        self.nodes.values().all(|node| node.module.errors.is_empty())
    }
}

impl Node {
    /// The path that a relative import of this module leads to.
    pub(super) fn target(&self, specifier: &str) -> Option<&str> {
        self.targets.get(specifier).map(String::as_str)
    }
}

struct Loader<'f, F> {
    files: &'f mut F,
    graph: ModuleGraph,
    /// Modules whose imports were not followed yet.
    queue: VecDeque<String>,
    /// When no more is parsed.
    deadline: Instant,
    timed_out: bool,
}

impl<F: Files> Loader<'_, F> {
    fn add(&mut self, file: SourceFile, is_code: bool) {
        if self.timed_out {
            return;
        }
        let path = file.path.clone();
        let mut module = Module::default();
        if is_code {
            module = parse(&path, &file.text, self.deadline);
            self.timed_out = module.timed_out;
            self.queue.push_back(path.clone());
        }
        let node = Node { file, module, is_code, targets: BTreeMap::new() };
        if self.graph.nodes.insert(path.clone(), node).is_none() {
            self.graph.order.push(path);
        }
    }

    fn follow_imports(&mut self, importer: &str) {
        let Some(node) = self.graph.nodes.get(importer) else { return };
        let file = node.file.clone();
        let imports = node.module.imports.iter().filter(|import| is_path(&import.specifier));
        for import in imports.cloned().collect::<Vec<_>>() {
            let is_known =
                self.graph.get(importer).is_some_and(|node| node.target(&import.specifier).is_some());
            if is_known || self.is_full() {
                continue;
            }
            match self.target_of(importer, &import) {
                Ok(path) => {
                    if let Some(node) = self.graph.nodes.get_mut(importer) {
                        node.targets.insert(import.specifier, path);
                    }
                }
                Err(UnresolvedReason::NotFound { .. }) if import.kind == ImportKind::Optional => {}
                Err(reason) => {
                    let location = file.at(import.range);
                    let unresolved = UnresolvedImport { specifier: import.specifier, location, reason };
                    self.graph.unresolved.push(unresolved);
                }
            }
        }
    }

    /// Whether no more findings are needed: once the files are too large, every other file would be too.
    fn is_full(&self) -> bool {
        let mut unresolved = self.graph.unresolved.iter();
        self.graph.unresolved.len() == MAX_FINDINGS
            || unresolved
                .any(|one| matches!(one.reason, UnresolvedReason::Unreadable(_, FileError::TooLarge { .. })))
    }

    /// Resolves an import and loads what it refers to.
    fn target_of(&mut self, importer: &str, import: &Import) -> Result<String, UnresolvedReason> {
        let specifier = without_query(&import.specifier);
        match resolve(importer, specifier, self.files) {
            Resolved::File(path) if is_withheld(&path) => Err(UnresolvedReason::Withheld),
            Resolved::File(path) => match self.read(&path, import.specifier.contains("?raw")) {
                Ok(()) => Ok(path),
                Err(fault) => Err(UnresolvedReason::Unreadable(path, fault)),
            },
            Resolved::NotFound { suggestion } => Err(UnresolvedReason::NotFound { suggestion }),
            Resolved::Outside(reason) => {
                Err(UnresolvedReason::Unreadable(specifier.to_owned(), FileError::Outside(reason)))
            }
        }
    }

    fn read(&mut self, path: &str, as_text: bool) -> Result<(), FileError> {
        let is_code = is_code(path) && !as_text;
        let file = match self.graph.get(path) {
            Some(node) if node.is_code || !is_code => return Ok(()),
            Some(node) => node.file.clone(),
            None => self.files.read(path)?,
        };
        self.add(file, is_code);
        Ok(())
    }
}

/// Whether a file holds settings and secrets of the environment: `.env`, `.env.local`, `.envrc`.
fn is_withheld(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.to_ascii_lowercase().starts_with(".env")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoFiles;

    impl Files for NoFiles {
        fn has(&self, _: &str) -> bool {
            false
        }

        fn read(&mut self, _: &str) -> Result<SourceFile, FileError> {
            Err(FileError::Missing)
        }

        fn names_in(&self, _: &str) -> Vec<String> {
            Vec::new()
        }

        fn shown(&self, path: &str) -> String {
            path.to_owned()
        }
    }

    #[test]
    fn loading_ends_with_the_first_module_that_takes_too_long() {
        let root = |path: &str| SourceFile::published(path, "export {}");
        let roots = vec![root("a.ts"), root("b.ts")];
        let graph = ModuleGraph::load_within(Duration::ZERO, roots, &mut NoFiles);
        let loaded: Vec<_> = graph.iter().map(|node| node.file.path.as_str()).collect();
        assert_eq!(loaded, ["a.ts"]);
        assert!(graph.iter().all(|node| node.module.timed_out));
        assert!(graph.unresolved.is_empty() && !graph.is_parsed());
    }
}
