//! Drizzle tables among a function's exports.

use std::collections::BTreeSet;

use super::graph::{ModuleGraph, Node};
use super::link::{Resolution, resolve_import};
use super::module::{ExportSource, ImportBinding, Operation};

/// Most variables that are followed from a value to what made it: no schema has such a long chain.
const MAX_REFERENCES: usize = 100;

/// What a value is to Drizzle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// A module of Drizzle as an object.
    Namespace,
    /// `pgTable` and its like, or what one of their creators returned.
    TableFunction,
    /// `pgTableCreator` and its like.
    TableCreator,
    /// `pgSchema` and its like.
    SchemaFunction,
    Schema,
    Table,
    /// Made by something of another package that may make tables.
    Unknown,
    Other,
}

/// Whether any module exports a Drizzle table, or something that may be one.
pub(super) fn exports_table(graph: &ModuleGraph) -> bool {
    graph.loaded().any(|node| {
        let exports = &node.module.exports;
        let is_table = |source: &ExportSource| match source {
            ExportSource::Local(local) => {
                let value = value_of(node, local, graph, &mut BTreeSet::new());
                matches!(value, Value::Table | Value::Unknown)
            }
            // The exports of a module in the graph are checked there.
            ExportSource::Imported(binding) => {
                graph.target(node, &binding.specifier).is_none() && may_be_schema(binding)
            }
        };
        let is_unknown = |star: &String| graph.target(node, star).is_none() && !is_drizzle(star);
        exports.is_partial || exports.stars.iter().any(is_unknown) || exports.values.values().any(is_table)
    })
}

fn is_drizzle(specifier: &str) -> bool {
    specifier == "drizzle-orm" || specifier.starts_with("drizzle-orm/")
}

/// Whether something of another package may be a table or make one, by its name or the package's.
fn may_be_schema(binding: &ImportBinding) -> bool {
    let matches = |text: &str| ["table", "schema"].iter().any(|word| text.to_lowercase().contains(word));
    matches(&binding.specifier) || binding.name.as_deref().is_some_and(matches)
}

fn value_of<'g>(
    node: &'g Node,
    local: &'g str,
    graph: &'g ModuleGraph,
    visited: &mut BTreeSet<(&'g str, &'g str)>,
) -> Value {
    if visited.len() == MAX_REFERENCES || !visited.insert((&node.file.path, local)) {
        return Value::Other;
    }
    if let Some(binding) = node.module.import_bindings.get(local) {
        return match resolve_import(node, binding, graph) {
            Resolution::Local(node, local) => value_of(node, local, graph, visited),
            Resolution::Package(binding) if is_drizzle(&binding.specifier) => {
                binding.name.as_deref().map_or(Value::Namespace, value_named)
            }
            Resolution::Package(binding) if may_be_schema(binding) => Value::Unknown,
            Resolution::Unknown => Value::Unknown,
            Resolution::Package(_)
            | Resolution::Type { .. }
            | Resolution::Ambiguous
            | Resolution::Circular
            | Resolution::NotFound { .. } => Value::Other,
        };
    }
    match node.module.initializers.get(local) {
        Some(made) if made.base != local => {
            let base = value_of(node, &made.base, graph, visited);
            made.operations.iter().fold(base, after)
        }
        _ => Value::Other,
    }
}

/// The databases of Drizzle, as the names of its functions begin (Drizzle documentation, "Get started").
const DATABASES: [&str; 7] = ["sqlite", "pg", "mysql", "singlestore", "gel", "mssql", "cockroach"];

/// An export of Drizzle.
fn value_named(name: &str) -> Value {
    match DATABASES.iter().find_map(|database| name.strip_prefix(database)) {
        Some("Table") => Value::TableFunction,
        Some("TableCreator") => Value::TableCreator,
        Some("Schema") => Value::SchemaFunction,
        _ => Value::Other,
    }
}

fn after(value: Value, operation: &Operation) -> Value {
    match (value, operation) {
        (Value::Namespace, Operation::Member(name)) => value_named(name),
        (Value::Schema, Operation::Member(name)) if name == "table" => Value::TableFunction,
        // `pgTable.withRLS(…)`, `table.enableRLS()`
        (Value::TableFunction, Operation::Member(_)) | (Value::TableCreator, Operation::Call) => {
            Value::TableFunction
        }
        (Value::TableFunction | Value::Table, Operation::Call) | (Value::Table, Operation::Member(_)) => {
            Value::Table
        }
        (Value::SchemaFunction, Operation::Call) => Value::Schema,
        (Value::Unknown, _) => Value::Unknown,
        _ => Value::Other,
    }
}
