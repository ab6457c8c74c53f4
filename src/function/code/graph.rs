//! All modules of a function: its entrypoint, and what is reached from it by relative imports.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use serde::Deserialize;

use super::allowance::FunctionAllowance;
use super::module::{ImportKind, Module, is_code};
use super::parser::Parser;
use super::resolve::{ResolveError, is_path, package_of_directory, resolve, without_query};
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::files::Files;
use crate::function::manifest::json::data_error;
use crate::source::SourceFile;

/// Most re-exports of a function that are followed, each counted as often as a name leads through it: in real code, a few thousand.
const MAX_LINKS: usize = 1_000_000;

/// Every module that is reached, by path.
#[derive(Debug, Default)]
pub(super) struct ModuleGraph {
    nodes: BTreeMap<String, Node>,
    /// The paths in the order in which they were reached.
    order: Vec<String>,
    /// Relative imports of which no file can be sent, and data that can't be loaded.
    pub(super) unresolved: Vec<Finding>,
    links: Cell<usize>,
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

impl Node {
    pub(super) fn syntax_errors(&self) -> impl Iterator<Item = Finding> {
        self.module.errors.iter().map(|error| error.finding(&self.file))
    }
}

impl ModuleGraph {
    /// Loads these files and all that they import, up to the first module that the parser gives up.
    pub(super) fn load(roots: Vec<SourceFile>, files: &mut impl Files, parser: &Parser) -> Self {
        Self::load_within(FunctionAllowance::new(), roots, files, parser)
    }

    fn load_within(
        allowance: FunctionAllowance,
        roots: Vec<SourceFile>,
        files: &mut impl Files,
        parser: &Parser,
    ) -> Self {
        let mut loader = Loader {
            files,
            parser,
            graph: Self::default(),
            queue: VecDeque::new(),
            allowance,
            has_given_up: false,
        };
        for root in roots {
            loader.add(root, true);
        }
        while let Some(path) = loader.queue.pop_front() {
            loader.follow_imports(&path);
        }
        loader.graph
    }

    /// Whether one more re-export can be followed.
    pub(super) fn may_follow(&self) -> bool {
        self.links.replace(self.links.get().saturating_add(1)) < MAX_LINKS
    }

    pub(super) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// The module that a relative import of this one leads to.
    pub(super) fn target(&self, node: &Node, specifier: &str) -> Option<&Node> {
        self.get(node.targets.get(specifier)?)
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

/// What names the main file of a directory, by precedence (esbuild, "Main fields").
#[derive(Deserialize)]
struct Package {
    browser: Option<String>,
    module: Option<String>,
    main: Option<String>,
}

struct Loader<'f, F> {
    files: &'f mut F,
    parser: &'f Parser,
    graph: ModuleGraph,
    /// Modules whose imports were not followed yet.
    queue: VecDeque<String>,
    /// What the modules together may cost.
    allowance: FunctionAllowance,
    has_given_up: bool,
}

impl<F: Files> Loader<'_, F> {
    fn add(&mut self, file: SourceFile, is_code: bool) {
        if self.has_given_up {
            return;
        }
        let path = file.path.clone();
        let mut module = Module::default();
        if is_code {
            module = self.parser.parse(&file, &mut self.allowance);
            self.has_given_up = module.is_given_up;
            self.queue.push_back(path.clone());
        }
        let node = Node { file, module, is_code, targets: BTreeMap::new() };
        if self.graph.nodes.insert(path.clone(), node).is_none() {
            self.graph.order.push(path);
        }
    }

    fn follow_imports(&mut self, importer: &str) {
        let Some(node) = self.graph.nodes.get(importer) else { return };
        let (file, imports) = (node.file.clone(), node.module.imports.clone());
        let mut targets = BTreeMap::new();
        for import in imports.into_iter().filter(|import| is_path(&import.specifier)) {
            if targets.contains_key(&import.specifier) || self.is_full() {
                continue;
            }
            match self.target_of(importer, &import.specifier) {
                Ok(path) => _ = targets.insert(import.specifier, path),
                Err(ResolveError::NotFound { .. }) if import.kind == ImportKind::Optional => {}
                // Types are erased: nothing is loaded where the function is installed.
                Err(error) if error.is_outside() && import.kind == ImportKind::Type => {}
                Err(error) => {
                    let finding = error.finding(&import.specifier, file.at(import.range));
                    self.graph.unresolved.push(finding);
                }
            }
        }
        if let Some(node) = self.graph.nodes.get_mut(importer) {
            node.targets = targets;
        }
    }

    /// The main file of a directory, where its `package.json` names one; bundlers need that too.
    fn main_file(&mut self, importer: &str, specifier: &str) -> Option<String> {
        let package = package_of_directory(importer, specifier, self.files)?;
        let file = self.files.read(&package).ok()?;
        let Package { browser, module, main } = serde_json::from_str(&file.text).ok()?;
        let main = browser.or(module).or(main)?;
        let path = resolve(&package, &format!("./{main}"), self.files).ok()?;
        if self.graph.get(&package).is_none() {
            self.add(file, false);
        }
        Some(path)
    }

    /// Whether no more findings are needed: once the files are too large, every other file would be too.
    fn is_full(&self) -> bool {
        let unresolved = &self.graph.unresolved;
        unresolved.len() == MAX_FINDINGS || unresolved.iter().any(|one| one.code == Code::FileTooLarge)
    }

    /// Resolves an import and loads what it refers to.
    fn target_of(&mut self, importer: &str, specifier: &str) -> Result<String, ResolveError> {
        let plain = without_query(specifier);
        let path = match self.main_file(importer, plain) {
            Some(path) => path,
            None => resolve(importer, plain, self.files)?,
        };
        let is_raw = specifier.contains("?raw");
        let is_code = is_code(&path) && !is_raw;
        let file = match self.graph.get(&path) {
            Some(node) if node.is_code || !is_code => return Ok(path),
            Some(node) => node.file.clone(),
            None => match self.files.read(&path) {
                Ok(file) => file,
                Err(error) => return Err(ResolveError::Unreadable(path, error)),
            },
        };
        if !is_code && !is_raw && Path::new(&path).extension().is_some_and(|extension| extension == "json") {
            self.graph.unresolved.extend(data_error(&file));
        }
        self.add(file, is_code);
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn loading_ends_with_the_first_module_that_is_given_up() {
        let root = |path: &str| SourceFile::published(path, "export {}");
        let roots = vec![root("a.ts"), root("b.ts")];
        let nothing = FunctionAllowance { time: Duration::ZERO, ..FunctionAllowance::new() };
        let files = BTreeMap::new();
        let graph = ModuleGraph::load_within(nothing, roots, &mut &files, &Parser::in_thread());
        let loaded: Vec<_> = graph.iter().map(|node| node.file.path.as_str()).collect();
        assert_eq!(loaded, ["a.ts"]);
        assert!(graph.unresolved.is_empty() && !graph.is_parsed());
    }
}
