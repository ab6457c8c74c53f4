//! Drizzle tables among a function's exports.

use std::collections::BTreeSet;

use super::exports::{Behind, behind_import};
use super::graph::{Modules, Node};
use super::module::{Imported, Link, Origin};

/// Most variables that are followed from a value to what made it.
const LONGEST_WAY: usize = 100;

/// What a value is to Drizzle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A module of Drizzle as an object.
    Namespace,
    /// `sqliteTable`, `pgTable`, `mysqlTable`, or what one of their creators made.
    TableFunction,
    /// `sqliteTableCreator` and its like.
    Creator,
    /// `pgSchema` and its like.
    SchemaFunction,
    Schema,
    Table,
    /// Made by something of another package, which may well make tables.
    Unknown,
    Other,
}

/// Whether any module exports a Drizzle table; also where that can't be told.
pub(super) fn exports_table(modules: &Modules) -> bool {
    modules.iter().any(|node| {
        let exported = &node.module.exported;
        let is_table = |origin: &Origin| match origin {
            Origin::Local(local) => {
                let kind = kind_of(node, local, modules, &mut BTreeSet::new());
                matches!(kind, Kind::Table | Kind::Unknown)
            }
            // A module that is reached tells of its own exports.
            Origin::Import(binding) => {
                node.target(&binding.from).is_none() && may_be_schema(&binding.from, &binding.name)
            }
        };
        let may_be_more = |from: &String| node.target(from).is_none() && !is_drizzle(from);
        exported.has_more || exported.all_of.iter().any(may_be_more) || exported.values.values().any(is_table)
    })
}

fn is_drizzle(specifier: &str) -> bool {
    specifier == "drizzle-orm" || specifier.starts_with("drizzle-orm/")
}

/// Whether something of another package may be a table or make one, by its name or the package's.
fn may_be_schema(from: &str, name: &Imported) -> bool {
    let names = |text: &str| ["table", "schema"].iter().any(|word| text.to_lowercase().contains(word));
    names(from) || matches!(name, Imported::Name(name) if names(name))
}

fn kind_of<'m>(
    node: &'m Node,
    local: &str,
    modules: &'m Modules,
    visited: &mut BTreeSet<(&'m str, String)>,
) -> Kind {
    if visited.len() == LONGEST_WAY || !visited.insert((node.file.path.as_str(), local.to_owned())) {
        return Kind::Other;
    }
    if let Some(binding) = node.module.bindings.get(local) {
        return match behind_import(node, binding, modules) {
            Behind::Local(node, local) => kind_of(node, &local, modules, visited),
            Behind::Package(from, name) if is_drizzle(&from) => match name {
                Imported::Name(name) => kind_of_name(&name),
                Imported::Namespace => Kind::Namespace,
            },
            Behind::Package(from, name) if may_be_schema(&from, &name) => Kind::Unknown,
            Behind::Unknown | Behind::Namespace => Kind::Unknown,
            Behind::Package(..) | Behind::Type | Behind::Nothing => Kind::Other,
        };
    }
    let Some(chain) = node.module.chains.get(local) else { return Kind::Other };
    if chain.root == local {
        return Kind::Other;
    }
    let root = kind_of(node, &chain.root, modules, visited);
    chain.links.iter().fold(root, after)
}

fn kind_of_name(name: &str) -> Kind {
    match name {
        "sqliteTable" | "pgTable" | "mysqlTable" => Kind::TableFunction,
        "sqliteTableCreator" | "pgTableCreator" | "mysqlTableCreator" => Kind::Creator,
        "pgSchema" | "mysqlSchema" => Kind::SchemaFunction,
        _ => Kind::Other,
    }
}

fn after(kind: Kind, link: &Link) -> Kind {
    match (kind, link) {
        (Kind::Namespace, Link::Member(name)) => kind_of_name(name),
        (Kind::Schema, Link::Member(name)) if name == "table" => Kind::TableFunction,
        // `pgTable.withRLS(…)`, `table.enableRLS()`
        (Kind::TableFunction, Link::Member(_)) | (Kind::Creator, Link::Call) => Kind::TableFunction,
        (Kind::TableFunction | Kind::Table, Link::Call) | (Kind::Table, Link::Member(_)) => Kind::Table,
        (Kind::SchemaFunction, Link::Call) => Kind::Schema,
        (Kind::Unknown, _) => Kind::Unknown,
        (Kind::Namespace | Kind::Creator | Kind::SchemaFunction | Kind::Schema | Kind::Other, _) => {
            Kind::Other
        }
    }
}
