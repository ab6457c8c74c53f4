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
    /// What several `export *` give to different values, so that none has it.
    pub(super) ambiguous: BTreeSet<String>,
    /// Whether these are all; there may be more from packages, `CommonJS` or code that can't be parsed.
    pub(super) is_complete: bool,
}

impl ExportedNames {
    /// What exists at run time; `None` if not all of it is known.
    pub(super) fn known_values(self) -> Option<BTreeSet<String>> {
        self.is_complete.then_some(self.values)
    }

    /// Why a name is not among those of the module at a path, and how to fix it where that is known.
    pub(super) fn absence(&self, path: &str, name: &str) -> (String, Option<String>) {
        if self.ambiguous.contains(name) {
            let message =
                format!("`{path}` exports `{name}` from several modules by `export *`, so that none counts");
            return (message, Some(format!("export one of them by name: `export {{ {name} }} from …`")));
        }
        let message = match name {
            DEFAULT => format!("`{path}` has no default export"),
            name if self.types.contains(name) => format!("`{path}` exports `{name}` only as a type"),
            name => format!("`{path}` does not export `{name}`"),
        };
        let names = || self.values.iter().map(String::as_str);
        let listed: Vec<_> = names().map(|name| format!("`{name}`")).collect();
        let all = format!("exported names: {}", text::first(&listed, MAX_LISTED_NAMES));
        let hint = match text::did_you_mean(name, names()) {
            Some(meant) => Some(format!("did you mean `{meant}`?")),
            None if listed.is_empty() => None,
            None if name == DEFAULT => Some(format!("{all}; they are imported in braces")),
            None if names().eq([DEFAULT]) => Some(format!("{all}, which is imported without braces")),
            None => Some(all),
        };
        (message, hint)
    }
}

/// What a name refers to.
#[derive(Debug)]
pub(super) enum Resolution<'g> {
    /// A local name of a module.
    Local(&'g Node, &'g str),
    /// Something from a package.
    Package(&'g ImportBinding),
    Type {
        /// Whether it is surely no value too.
        is_certain: bool,
    },
    /// A module as an object, or what can't be followed.
    Unknown,
    /// Several `export *` give this name to different values, so that none has it.
    Ambiguous,
    /// Modules export this name only from each other.
    Circular,
    NotFound {
        /// Whether it may be a type: of JavaScript, not all types are known.
        may_be_type: bool,
    },
}

impl Resolution<'_> {
    /// Whether both are certainly one value.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(node, local), Self::Local(other, name)) => {
                // What CommonJS exports by `export *` is only known at run time, and counts after all else.
                let is_common_js = |node: &Node| node.module.exports.is_common_js;
                (node.file.path == other.file.path && local == name)
                    || is_common_js(node)
                    || is_common_js(other)
            }
            // Packages may export one value under several names.
            (Self::Package(_), _) | (_, Self::Package(_)) => true,
            _ => false,
        }
    }
}

/// The exports of the module at a path (ECMAScript, `GetExportedNames`).
pub(super) fn exported_names(path: &str, graph: &ModuleGraph) -> ExportedNames {
    let mut names = ExportedNames { is_complete: graph.is_parsed(), ..ExportedNames::default() };
    let mut repeated = BTreeSet::new();
    let mut visited = BTreeSet::new();
    let mut queue = vec![graph.get(path)];
    while let Some(next) = queue.pop() {
        let Some(node) = next else {
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
                Resolution::NotFound { .. } | Resolution::Circular => {}
                Resolution::Ambiguous => _ = names.ambiguous.insert(name.clone()),
                Resolution::Type { .. } => _ = names.types.insert(name.clone()),
                Resolution::Local(..) | Resolution::Package(_) | Resolution::Unknown => {
                    if !names.values.insert(name.clone()) {
                        repeated.insert(name);
                    }
                }
            }
        }
        names.is_complete &= !exports.is_partial;
        queue.extend(exports.stars.iter().map(|specifier| graph.target(node, specifier)));
    }
    for name in repeated {
        if matches!(resolve_export((graph.get(path), name), graph), Resolution::Ambiguous) {
            names.values.remove(name);
            names.ambiguous.insert(name.clone());
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
    export_of(node, binding, graph).map_or_else(|end| end, |first| resolve_export(first, graph))
}

/// A name that a module exports; the module is `None` where it is not known.
type Export<'g> = (Option<&'g Node>, &'g str);

fn resolve_export<'g>(export: Export<'g>, graph: &'g ModuleGraph) -> Resolution<'g> {
    let mut queue = vec![export];
    let mut visited = BTreeSet::new();
    let mut found: Option<Resolution<'g>> = None;
    let mut is_unknown = false;
    let (mut is_type, mut may_be_type, mut is_circular) = (false, false, false);
    while let Some((next, name)) = queue.pop() {
        let Some(node) = next.filter(|_| graph.may_follow()) else {
            is_unknown = true;
            continue;
        };
        let exports = &node.module.exports;
        if !visited.insert((&node.file.path, name)) {
            is_circular |= exports.values.contains_key(name);
            continue;
        }
        // What a declaration file declares is elsewhere, and code that can't be parsed may export anything.
        is_unknown |= is_declaration(&node.file.path) || !node.module.errors.is_empty();
        may_be_type |= exports.may_have_more_types;
        let Some(source) = exports.values.get(name) else {
            // A type is erased: what `export *` gives by this name is left.
            is_type |= exports.types.contains(name);
            is_unknown |= exports.is_partial || (name == DEFAULT && exports.is_common_js);
            let stars = exports.stars.iter().filter(|_| name != DEFAULT);
            queue.extend(stars.map(|specifier| (graph.target(node, specifier), name)));
            continue;
        };
        let next = match source {
            ExportSource::Local(local) => Err(Resolution::Local(node, local)),
            ExportSource::Imported(binding) => export_of(node, binding, graph),
        };
        match (next, &found) {
            (Ok(next), _) => queue.push(next),
            (Err(Resolution::Unknown), _) => is_unknown = true,
            (Err(end), None) => found = Some(end),
            (Err(end), Some(other)) if end.is_same(other) => {}
            (Err(_), Some(_)) => return Resolution::Ambiguous,
        }
    }
    match found {
        Some(found) => found,
        None if is_type => Resolution::Type { is_certain: !is_unknown },
        None if is_unknown => Resolution::Unknown,
        None if is_circular => Resolution::Circular,
        None => Resolution::NotFound { may_be_type },
    }
}

/// The export of another module that a name is imported from, or what the name refers to otherwise.
fn export_of<'g>(
    node: &'g Node,
    binding: &'g ImportBinding,
    graph: &'g ModuleGraph,
) -> Result<Export<'g>, Resolution<'g>> {
    match (graph.target(node, &binding.specifier), &binding.name) {
        (None, _) if !is_path(&binding.specifier) => Err(Resolution::Package(binding)),
        (Some(next), Some(name)) => Ok((Some(next), name)),
        (None, _) | (_, None) => Err(Resolution::Unknown),
    }
}
