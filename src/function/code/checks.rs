//! The code is loaded and checked against the manifest.

use std::collections::BTreeSet;

use oxc_span::SourceType;

use super::graph::{ModuleGraph, Node};
use super::link::{self, ExportedNames};
use super::parser::Parser;
use super::{dependencies, drizzle, environment, left_behind, missing_exports};
use crate::finding::{Code, Finding};
use crate::function::allowed::AllowsByPath;
use crate::function::files::{Files, Role};
use crate::function::manifest::fields::{Manifest, is_identifier};
use crate::source::SourceFile;

/// Where a function's Drizzle tables are by convention (Aerostack documentation, layout of a function).
const SCHEMA: &str = "schema.ts";

/// The code of a function, as far as it could be loaded.
#[derive(Debug, Default)]
pub(crate) struct CheckedCode {
    /// Its files without the entrypoint.
    pub(crate) modules: Vec<SourceFile>,
    /// Names that the entrypoint exports; `None` if not all of them are known.
    pub(crate) exports: Option<BTreeSet<String>>,
    pub(crate) allows: AllowsByPath,
}

/// Loads the code that is reached from the entrypoint, and checks it.
pub(crate) fn check(
    files: &mut impl Files,
    entrypoint: &SourceFile,
    manifest: &Manifest,
    parser: &Parser,
    findings: &mut Vec<Finding>,
) -> CheckedCode {
    let path = entrypoint.path.as_str();
    let has_schema = manifest.fields.get("drizzleSchema").and_then(serde_json::Value::as_bool) == Some(true);
    let mut roots = vec![entrypoint.clone()];
    if has_schema && path != SCHEMA && files.has(SCHEMA) {
        let named_at = manifest.location_of_file(SCHEMA, files);
        let schema = files.read(SCHEMA).map_err(|error| {
            findings.push(error.finding(SCHEMA, Role::Companion, named_at));
        });
        roots.extend(schema);
    }
    let graph = ModuleGraph::load(roots, files, parser);
    findings.extend(graph.iter().flat_map(Node::syntax_errors));
    findings.extend(graph.unresolved.iter().cloned());
    let missing = missing_exports::check(&graph);
    let is_linked = graph.is_complete() && missing.is_empty();
    findings.extend(missing);
    findings.extend(language_mismatch(path, manifest));
    let packages = manifest.texts("npmDependencies");
    findings.extend(dependencies::check(&graph, packages.as_deref(), files));
    findings.extend(left_behind::check(&graph, files));
    if let Some(declared) = manifest.texts("envVars") {
        findings.extend(environment::check(&graph, &declared, files, parser));
    }
    let exported = link::exported_names(path, &graph);
    // What is missing or can't be parsed may be the very export that is looked for.
    if is_linked {
        findings.extend(missing_export(entrypoint, &exported, manifest));
        if has_schema && !drizzle::exports_table(&graph) {
            let message = "`drizzleSchema` is `true`, but no module exports a Drizzle table";
            let location = manifest.location("drizzleSchema");
            findings.push(Finding::new(Code::SchemaNotExported, message).at(location));
        }
    }
    let mut code = CheckedCode { exports: exported.known_values(), ..CheckedCode::default() };
    for node in graph.into_nodes() {
        // Of text and data, comments are looked for where they are needed.
        if node.is_code {
            code.allows.insert(node.file.path.clone(), node.allows);
        }
        if node.file.path != path {
            code.modules.push(node.file);
        }
    }
    code
}

fn language_mismatch(entrypoint: &str, manifest: &Manifest) -> Option<Finding> {
    let declared = manifest.text("language").filter(|name| matches!(*name, "typescript" | "javascript"))?;
    let language = SourceType::from_path(entrypoint).ok()?;
    let actual = if language.is_typescript() { "typescript" } else { "javascript" };
    if actual == declared {
        return None;
    }
    let message = format!("`language` is `{declared}`, but `{entrypoint}` is {actual}");
    let finding = Finding::new(Code::LanguageMismatch, message)
        .with_hint(format!("set it to `{actual}`, or rename the file"));
    Some(finding.at(manifest.location("language")))
}

/// A finding if the entrypoint exports nothing, or not what `routeExport` names.
fn missing_export(entrypoint: &SourceFile, exported: &ExportedNames, manifest: &Manifest) -> Option<Finding> {
    let path = &entrypoint.path;
    if !exported.is_complete {
        return None;
    }
    if exported.values.is_empty() {
        let (message, hint) = match exported.ambiguous.first() {
            Some(name) => exported.absence(path, name),
            None if exported.types.is_empty() => (format!("`{path}` exports nothing"), None),
            None => (format!("`{path}` exports only types, which do not exist at run time"), None),
        };
        let finding = Finding::new(Code::NoExport, message).with_optional_hint(hint);
        return Some(finding.at(entrypoint.whole()));
    }
    let name = manifest.text("routeExport").filter(|name| is_identifier(name))?;
    if exported.values.contains(name) {
        return None;
    }
    let (message, hint) = exported.absence(path, name);
    let finding = Finding::new(Code::RouteExportNotFound, message).with_optional_hint(hint);
    Some(finding.at(manifest.location("routeExport")))
}
