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

#[cfg(test)]
mod tests {
    use crate::finding::Code;
    use crate::function::code::tests::codes;

    const SCHEMA: &str = "\"drizzleSchema\": true, \"npmDependencies\": [\"drizzle-orm\", \"zod\"]";

    #[test]
    fn a_schema_must_export_a_table() {
        for schema in [
            "import { sqliteTable } from 'drizzle-orm/sqlite-core';\nconst users = sqliteTable('users', {});\n",
            "import { relations } from 'drizzle-orm';\nexport const users = relations();\n",
            "import { z } from 'zod';\nexport const users = z.object({});\n",
            "import { pgTableCreator } from 'drizzle-orm/pg-core';\nexport const table = pgTableCreator((n) => n);\n",
        ] {
            let found = codes(SCHEMA, &[("index.ts", "export const a = 1;\n"), ("schema.ts", schema)]);
            assert_eq!(found, [Code::SchemaNotExported], "{schema}");
        }
        assert_eq!(codes(SCHEMA, &[("index.ts", "export const a = 1;\n")]), [Code::SchemaNotExported]);
    }

    #[test]
    fn a_table_is_recognized_however_it_is_made() {
        for (path, code) in [
            (
                "schema.ts",
                "import { sqliteTable as t } from 'drizzle-orm/sqlite-core';\nexport const users = t('users', {});\n",
            ),
            (
                "schema.ts",
                "import * as d from 'drizzle-orm/pg-core';\nexport const users = d.pgTable('users', {}).enableRLS();\n",
            ),
            (
                "schema.ts",
                "import { mysqlTable } from 'drizzle-orm/mysql-core';\nconst a = mysqlTable('a', {});\nexport { a as b };\n",
            ),
            (
                "schema.ts",
                "import { pgSchema } from 'drizzle-orm/pg-core';\nconst s = pgSchema('s');\nexport const a = s.table('a', {});\n",
            ),
            ("schema.ts", "import { table } from './table';\nexport default table('users', {});\n"),
            ("index.ts", "export { users } from './lib/tables';\n"),
        ] {
            let creator = "import { sqliteTableCreator } from 'drizzle-orm/sqlite-core';\n\
                           export const table = sqliteTableCreator((n) => n);\n";
            let mut files = vec![("index.ts", "export const a = 1;\n")];
            if path == "index.ts" {
                files = vec![(path, code)];
            } else {
                files.push((path, code));
            }
            files.push(("table.ts", creator));
            files.push((
                "lib/tables.ts",
                "import { table } from '../table';\nexport const users = table('users', {});\n",
            ));
            assert_eq!(codes(SCHEMA, &files), [], "{code}");
        }
    }

    #[test]
    fn tables_of_every_database_of_drizzle_count() {
        for database in ["sqlite", "pg", "mysql", "singlestore", "gel", "mssql", "cockroach"] {
            for made in [
                format!(
                    "import {{ {database}Table as make }} from 'drizzle-orm/{database}-core';\nexport const a = make('a', {{}});\n"
                ),
                format!(
                    "import {{ {database}TableCreator }} from 'drizzle-orm/{database}-core';\nconst make = {database}TableCreator((name) => name);\nexport const a = make('a', {{}});\n"
                ),
                format!(
                    "import * as core from 'drizzle-orm/{database}-core';\nexport const a = core.{database}Schema('b').table('a', {{}});\n"
                ),
            ] {
                let fields = "\"drizzleSchema\": true, \"npmDependencies\": [\"drizzle-orm\"]";
                assert_eq!(codes(fields, &[("index.ts", &made)]), [], "{made}");
            }
        }
        let other = "import { fooTable } from 'drizzle-orm';\nexport const a = fooTable('a', {});\n";
        let fields = "\"drizzleSchema\": true, \"npmDependencies\": [\"drizzle-orm\"]";
        assert_eq!(codes(fields, &[("index.ts", other)]), [Code::SchemaNotExported]);
    }
}
