//! What a module exports at run time, through any number of re-exports.

use std::collections::BTreeSet;

use super::graph::{Modules, Node, is_path};
use super::module::{Binding, DEFAULT, Imported, Origin};

/// The names that a module exports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Exports {
    /// What exists at run time.
    pub(crate) values: BTreeSet<String>,
    /// What exists for the type checker alone.
    pub(crate) types: BTreeSet<String>,
    /// Whether these are all; else there may be more, from packages or `CommonJS`.
    pub(crate) is_all: bool,
}

/// What stands behind a name that is asked of a module.
#[derive(Debug)]
pub(super) enum Behind<'m> {
    /// A local name of a module.
    Local(&'m Node, String),
    /// A module as an object.
    Namespace,
    /// Something of a package: its specifier and the name there.
    Package(String, Imported),
    Type,
    Unknown,
    Nothing,
}

impl Exports {
    /// The exports of the module at a path.
    pub(super) fn of(path: &str, modules: &Modules) -> Self {
        let mut exports = Self { is_all: true, ..Self::default() };
        let mut visited = BTreeSet::new();
        let mut waiting = vec![path];
        while let Some(path) = waiting.pop() {
            let is_first = visited.is_empty();
            if !visited.insert(path) {
                continue;
            }
            let Some(node) = modules.get(path).filter(|node| node.is_code) else {
                exports.is_all = false;
                continue;
            };
            let exported = &node.module.exported;
            exports.types.extend(exported.types.iter().cloned());
            for (name, origin) in &exported.values {
                let end = match origin {
                    Origin::Local(_) => None,
                    Origin::Import(binding) => Some(behind_import(node, binding, modules)),
                };
                if matches!(end, Some(Behind::Nothing)) {
                    continue;
                }
                let is_type = matches!(end, Some(Behind::Type));
                // `export *` leaves `default` behind.
                if is_first || name != DEFAULT {
                    if is_type { &mut exports.types } else { &mut exports.values }.insert(name.clone());
                }
            }
            exports.is_all &= !exported.has_more;
            for from in &exported.all_of {
                match node.target(from) {
                    Some(target) => waiting.push(target),
                    None => exports.is_all = false,
                }
            }
        }
        exports.types.retain(|name| !exports.values.contains(name));
        exports
    }
}

/// What stands behind an export of a module.
fn behind<'m>(node: &'m Node, name: &str, modules: &'m Modules) -> Behind<'m> {
    let mut waiting = vec![(node, name.to_owned())];
    let mut visited = BTreeSet::new();
    let mut is_unknown = false;
    let mut is_type = false;
    while let Some((node, name)) = waiting.pop() {
        if !visited.insert((node.file.path.as_str(), name.clone())) {
            continue;
        }
        if !node.is_code {
            is_unknown = true;
            continue;
        }
        let exported = &node.module.exported;
        match exported.values.get(&name) {
            Some(Origin::Local(local)) => return Behind::Local(node, local.clone()),
            Some(Origin::Import(binding)) => match step(node, binding, modules) {
                Step::To(next, name) => waiting.push((next, name)),
                Step::End(end) => return end,
            },
            None if exported.types.contains(&name) => is_type = true,
            None => {
                is_unknown |= exported.has_more || (name == DEFAULT && exported.is_common_js);
                for from in exported.all_of.iter().filter(|_| name != DEFAULT) {
                    match node.target(from).and_then(|path| modules.get(path)) {
                        Some(next) => waiting.push((next, name.clone())),
                        None => is_unknown = true,
                    }
                }
            }
        }
    }
    match (is_type, is_unknown) {
        (true, _) => Behind::Type,
        (false, true) => Behind::Unknown,
        (false, false) => Behind::Nothing,
    }
}

/// What stands behind a local name that was imported.
pub(super) fn behind_import<'m>(node: &'m Node, binding: &Binding, modules: &'m Modules) -> Behind<'m> {
    match step(node, binding, modules) {
        Step::To(next, name) => behind(next, &name, modules),
        Step::End(end) => end,
    }
}

enum Step<'m> {
    To(&'m Node, String),
    End(Behind<'m>),
}

fn step<'m>(node: &'m Node, binding: &Binding, modules: &'m Modules) -> Step<'m> {
    let target = node.target(&binding.from).and_then(|path| modules.get(path));
    match (target, &binding.name) {
        (None, _) if is_path(&binding.from) => Step::End(Behind::Unknown),
        (None, name) => Step::End(Behind::Package(binding.from.clone(), name.clone())),
        (Some(_), Imported::Namespace) => Step::End(Behind::Namespace),
        (Some(next), Imported::Name(name)) => Step::To(next, name.clone()),
    }
}
