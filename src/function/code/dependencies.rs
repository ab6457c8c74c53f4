//! Packages that the code imports, compared with those that the manifest lists.

use std::collections::BTreeSet;

use super::graph::ModuleGraph;
use super::module::ImportKind;
use super::resolve::{is_path, without_query};
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::manifest::npm::{is_valid_npm_dependency, split_npm_dependency};
use crate::text;

/// Packages that every function has without installing them (Aerostack documentation: functions are routes of Hono; its
/// example imports it with `npmDependencies: []`).
const PLATFORM_PACKAGES: [&str; 1] = ["hono"];

/// Node's built-in modules that can be imported without `node:`; `sqlite`, `sea` and `test` can't (Node.js documentation,
/// `builtinModules`).
const NODE_MODULES: &str = "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel \
    dns domain events fs http http2 https inspector module net os path perf_hooks process punycode \
    querystring readline repl stream string_decoder sys timers tls trace_events tty url util v8 vm \
    wasi worker_threads zlib";

/// What a specifier refers to.
#[derive(Debug, PartialEq, Eq)]
enum SpecifierKind<'s> {
    Package(&'s str),
    /// A path that only this project's own settings define (`@/db`, `~/db`, `#db`).
    Alias,
    /// A path, an address, or a module of the platform or of a bundler.
    Other,
}

/// A finding at the first import of each package that is not declared.
pub(super) fn check(graph: &ModuleGraph, declared: &[&str]) -> Vec<Finding> {
    let declared: BTreeSet<&str> = declared.iter().map(|entry| split_npm_dependency(entry).0).collect();
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    let imports = graph.iter().flat_map(|node| node.module.imports.iter().map(move |import| (node, import)));
    for (node, import) in imports.filter(|(_, import)| import.kind == ImportKind::Value) {
        let specifier = import.specifier.as_str();
        let finding = match kind_of(specifier) {
            SpecifierKind::Package(name) if !declared.contains(name) && seen.insert(name) => {
                undeclared(name, &declared)
            }
            SpecifierKind::Alias if seen.insert(specifier) => {
                let message = format!(
                    "`{specifier}` is an alias of this project: the file that it refers to is not sent"
                );
                Finding::new(Code::UndeclaredDependency, message)
                    .with_hint("import the file by its relative path")
            }
            SpecifierKind::Package(_) | SpecifierKind::Alias | SpecifierKind::Other => continue,
        };
        findings.push(finding.at(node.file.at(import.range.clone())));
        if findings.len() == MAX_FINDINGS {
            break;
        }
    }
    findings
}

fn undeclared(name: &str, declared: &BTreeSet<&str>) -> Finding {
    let message = format!("`{name}` is imported but not listed in `npmDependencies`");
    let hint = match text::did_you_mean(name, declared.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`? otherwise add `\"{name}\"` to `npmDependencies`"),
        None => format!("add `\"{name}\"` to `npmDependencies`: it must be installed with the function"),
    };
    Finding::new(Code::UndeclaredDependency, message).with_hint(hint)
}

/// The packages that the code imports at run time, those of the platform included.
pub(super) fn packages(graph: &ModuleGraph) -> impl Iterator<Item = &str> {
    let imports = graph.iter().flat_map(|node| &node.module.imports);
    imports
        .filter(|import| import.kind != ImportKind::Type)
        .filter_map(|import| package_of(&import.specifier))
}

fn kind_of(specifier: &str) -> SpecifierKind<'_> {
    if is_alias(specifier) {
        return SpecifierKind::Alias;
    }
    let is_built_in = |name: &str| {
        PLATFORM_PACKAGES.contains(&name) || NODE_MODULES.split(' ').any(|module| module == name)
    };
    match package_of(specifier) {
        Some(name) if !is_built_in(name) => SpecifierKind::Package(name),
        _ => SpecifierKind::Other,
    }
}

fn is_alias(specifier: &str) -> bool {
    ["@/", "~/", "#"].iter().any(|start| specifier.starts_with(start))
}

/// The name of the package that a specifier starts with.
fn package_of(specifier: &str) -> Option<&str> {
    let specifier = without_query(specifier);
    // `node:fs`, `cloudflare:workers`, `https://…`, `virtual:…`
    if is_alias(specifier) || is_path(specifier) || specifier.contains(':') {
        return None;
    }
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    let end = specifier.match_indices('/').nth(parts - 1).map_or(specifier.len(), |(at, _)| at);
    // A name that npm can't install can't be declared either.
    specifier.get(..end).filter(|name| is_valid_npm_dependency(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specifier_starts_with_the_package_name() {
        for (specifier, name) in [
            ("zod", "zod"),
            ("zod/v4", "zod"),
            ("@scope/a", "@scope/a"),
            ("@scope/a/b/c.js", "@scope/a"),
            ("hono-openapi", "hono-openapi"),
            ("sqlite", "sqlite"),
            ("lodash.merge?raw", "lodash.merge"),
        ] {
            assert_eq!(kind_of(specifier), SpecifierKind::Package(name), "{specifier}");
        }
    }

    #[test]
    fn paths_addresses_and_built_in_modules_are_not_packages() {
        for specifier in [
            "hono",
            "hono/cors",
            "node:fs",
            "node:sqlite",
            "fs",
            "fs/promises",
            "cloudflare:workers",
            "https://esm.sh/zod",
            "data:text/plain,",
            "./a",
            "..",
            "/a",
            "npm:zod@3",
            "virtual:x",
            "$lib/a",
            "JSONStream",
            "@scope",
        ] {
            assert_eq!(kind_of(specifier), SpecifierKind::Other, "{specifier}");
        }
        for specifier in ["@/db", "~/db", "#db"] {
            assert_eq!(kind_of(specifier), SpecifierKind::Alias, "{specifier}");
        }
    }
}
