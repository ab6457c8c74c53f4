//! Exports across modules: which names a module exports in the end, and what each refers to.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{ModuleGraph, Node};
use super::module::{DEFAULT, ExportSource, ImportBinding, ImportName};
use super::resolve::is_path;
use crate::source::SourceFile;

/// The names that a module exports, re-exports included.
#[derive(Debug, Default)]
pub(super) struct ExportedNames {
    /// What exists at run time.
    pub(super) values: BTreeSet<String>,
    /// What exists only for the type checker.
    pub(super) types: BTreeSet<String>,
    /// Whether these are all; there may be more from packages or `CommonJS`.
    pub(super) is_complete: bool,
}

/// What a name refers to.
#[derive(Debug)]
pub(super) enum Resolution<'g> {
    /// A local name of a module.
    Local(&'g Node, &'g str),
    /// A module as an object.
    Namespace,
    /// Something from a package.
    Package(&'g ImportBinding),
    Type,
    Unknown,
    NotFound,
}

/// The names that a published entrypoint exports; `None` if not all of them are known.
pub(crate) fn published_exports(
    entrypoint: SourceFile,
    mut files: &BTreeMap<String, String>,
) -> Option<BTreeSet<String>> {
    let path = entrypoint.path.clone();
    known_exports(&path, &ModuleGraph::load(vec![entrypoint], &mut files))
}

/// The value exports of an entrypoint; `None` if not all of them are known.
pub(super) fn known_exports(entrypoint: &str, graph: &ModuleGraph) -> Option<BTreeSet<String>> {
    let exported = exported_names(entrypoint, graph);
    (exported.is_complete && graph.is_parsed()).then_some(exported.values)
}

/// The exports of the module at a path (ECMAScript, `GetExportedNames`).
pub(super) fn exported_names(path: &str, graph: &ModuleGraph) -> ExportedNames {
    let mut names = ExportedNames { is_complete: true, ..ExportedNames::default() };
    let mut visited = BTreeSet::new();
    let mut queue = vec![path];
    while let Some(path) = queue.pop() {
        let is_root = visited.is_empty();
        if !visited.insert(path) {
            continue;
        }
        let Some(node) = graph.get(path).filter(|node| node.is_code) else {
            names.is_complete = false;
            continue;
        };
        let exports = &node.module.exports;
        names.types.extend(exports.types.iter().cloned());
        // `export *` does not include `default`.
        for (name, source) in exports.values.iter().filter(|(name, _)| is_root || *name != DEFAULT) {
            let resolution = match source {
                ExportSource::Local(local) => Resolution::Local(node, local),
                ExportSource::Imported(binding) => resolve_import(node, binding, graph),
            };
            match resolution {
                Resolution::NotFound => {}
                Resolution::Type => _ = names.types.insert(name.clone()),
                Resolution::Local(..)
                | Resolution::Namespace
                | Resolution::Package(_)
                | Resolution::Unknown => _ = names.values.insert(name.clone()),
            }
        }
        names.is_complete &= !exports.is_partial;
        for specifier in &exports.stars {
            match node.target(specifier) {
                Some(target) => queue.push(target),
                None => names.is_complete = false,
            }
        }
    }
    names.types.retain(|name| !names.values.contains(name));
    names
}

/// What an imported name refers to (ECMAScript, `ResolveExport`).
pub(super) fn resolve_import<'g>(
    node: &'g Node,
    binding: &'g ImportBinding,
    graph: &'g ModuleGraph,
) -> Resolution<'g> {
    let mut queue = match export_of(node, binding, graph) {
        Ok(first) => vec![first],
        Err(end) => return end,
    };
    let mut visited = BTreeSet::new();
    let mut is_unknown = false;
    let mut is_type = false;
    while let Some((node, name)) = queue.pop() {
        if !visited.insert((node.file.path.as_str(), name)) {
            continue;
        }
        if !node.is_code {
            is_unknown = true;
            continue;
        }
        let exports = &node.module.exports;
        match exports.values.get(name) {
            Some(ExportSource::Local(local)) => return Resolution::Local(node, local),
            Some(ExportSource::Imported(binding)) => match export_of(node, binding, graph) {
                Ok(next) => queue.push(next),
                Err(end) => return end,
            },
            None if exports.types.contains(name) => is_type = true,
            None => {
                is_unknown |= exports.is_partial || (name == DEFAULT && exports.is_common_js);
                for specifier in exports.stars.iter().filter(|_| name != DEFAULT) {
                    match node.target(specifier).and_then(|path| graph.get(path)) {
                        Some(next) => queue.push((next, name)),
                        None => is_unknown = true,
                    }
                }
            }
        }
    }
    match (is_type, is_unknown) {
        (true, _) => Resolution::Type,
        (false, true) => Resolution::Unknown,
        (false, false) => Resolution::NotFound,
    }
}

/// The export of another module that a name is imported from, or what the name refers to otherwise.
fn export_of<'g>(
    node: &'g Node,
    binding: &'g ImportBinding,
    graph: &'g ModuleGraph,
) -> Result<(&'g Node, &'g str), Resolution<'g>> {
    let target = node.target(&binding.specifier).and_then(|path| graph.get(path));
    match (target, &binding.name) {
        (None, _) if is_path(&binding.specifier) => Err(Resolution::Unknown),
        (None, _) => Err(Resolution::Package(binding)),
        (Some(_), ImportName::Namespace) => Err(Resolution::Namespace),
        (Some(next), ImportName::Named(name)) => Ok((next, name)),
    }
}
