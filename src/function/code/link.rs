//! Exports across modules: which names a module exports in the end, and what each refers to.

use std::collections::BTreeSet;

use super::graph::{ModuleGraph, Node};
use super::module::{DEFAULT, ExportSource, ImportBinding, is_declaration};
use super::resolve::is_path;
use crate::text;

/// Most exported names that a hint lists.
const MAX_LISTED_NAMES: usize = 10;

/// The names that a module exports, re-exports included.
#[derive(Debug, Default)]
pub(super) struct ExportedNames {
    /// What exists at run time.
    pub(super) values: BTreeSet<String>,
    /// What exists only for the type checker.
    pub(super) types: BTreeSet<String>,
    /// Whether these are all; there may be more from packages, `CommonJS` or code that can't be parsed.
    pub(super) is_complete: bool,
}

impl ExportedNames {
    /// What exists at run time; `None` if not all of it is known.
    pub(super) fn known_values(self) -> Option<BTreeSet<String>> {
        self.is_complete.then_some(self.values)
    }

    /// What was probably meant by a name that does not exist at run time; otherwise, which names do.
    pub(super) fn hint(&self, name: &str) -> Option<String> {
        let names = || self.values.iter().map(String::as_str);
        if let Some(meant) = text::did_you_mean(name, names()) {
            return Some(format!("did you mean `{meant}`?"));
        }
        let listed: Vec<_> = names().map(|name| format!("`{name}`")).collect();
        (!listed.is_empty()).then(|| format!("exported names: {}", text::first(&listed, MAX_LISTED_NAMES)))
    }
}

/// What a name refers to.
#[derive(Debug)]
pub(super) enum Resolution<'g> {
    /// A local name of a module.
    Local(&'g Node, &'g str),
    /// Something from a package.
    Package(&'g ImportBinding),
    Type,
    /// A module as an object, or what can't be followed.
    Unknown,
    NotFound,
}

/// The exports of the module at a path (ECMAScript, `GetExportedNames`).
pub(super) fn exported_names(path: &str, graph: &ModuleGraph) -> ExportedNames {
    let mut names = ExportedNames { is_complete: graph.is_parsed(), ..ExportedNames::default() };
    let mut visited = BTreeSet::new();
    let mut queue = vec![graph.get(path)];
    while let Some(next) = queue.pop() {
        let Some(node) = next.filter(|node| node.is_code) else {
            names.is_complete = false;
            continue;
        };
        let is_root = visited.is_empty();
        if !visited.insert(&node.file.path) {
            continue;
        }
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
                Resolution::Local(..) | Resolution::Package(_) | Resolution::Unknown => {
                    names.values.insert(name.clone());
                }
            }
        }
        names.is_complete &= !exports.is_partial;
        queue.extend(exports.stars.iter().map(|specifier| graph.target(node, specifier)));
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
    while let Some((next, name)) = queue.pop() {
        let Some(node) = next.filter(|node| node.is_code && graph.may_follow()) else {
            is_unknown = true;
            continue;
        };
        if !visited.insert((&node.file.path, name)) {
            continue;
        }
        // What a declaration file declares is elsewhere, and code that can't be parsed may export anything.
        is_unknown |= is_declaration(&node.file.path) || !node.module.errors.is_empty();
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
                let stars = exports.stars.iter().filter(|_| name != DEFAULT);
                queue.extend(stars.map(|specifier| (graph.target(node, specifier), name)));
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
) -> Result<(Option<&'g Node>, &'g str), Resolution<'g>> {
    match (graph.target(node, &binding.specifier), &binding.name) {
        (None, _) if !is_path(&binding.specifier) => Err(Resolution::Package(binding)),
        (Some(next), Some(name)) => Ok((Some(next), name)),
        (None, _) | (_, None) => Err(Resolution::Unknown),
    }
}
