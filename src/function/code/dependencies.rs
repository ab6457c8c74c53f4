//! Packages that the code imports, against those that the manifest says must be installed.

use crate::text;
use std::collections::BTreeSet;

use super::checks::MOST_FINDINGS;
use super::graph::{Modules, Node, is_path};
use super::module::{Import, ImportKind};
use crate::finding::{Code, Finding};
use crate::function::manifest::npm::{is_valid_npm_dependency, split_npm_dependency};

/// What every function has without installing it (Aerostack documentation: functions are routes of Hono; its example
/// imports it with `npmDependencies: []`).
const OF_PLATFORM: [&str; 1] = ["hono"];

/// Node's built-in modules that are imported with or without `node:`; `sqlite`, `sea` and `test` need it (Node.js
/// documentation, `builtinModules`).
const OF_NODE: [&str; 42] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// What an import that is no path names.
#[derive(Debug, PartialEq, Eq)]
enum Named<'s> {
    Package(&'s str),
    /// A path that only this project's own settings know (`@/db`, `~/db`, `#db`): what it means is not sent.
    Alias,
    /// The platform's, an address, or something that a bundler makes up.
    Other,
}

/// A finding at the first import of each package that is not declared.
pub(super) fn judge<'m>(
    modules: &'m Modules,
    declared: &[&str],
    place: impl Fn(&'m Node, &Import) -> crate::source::Location,
) -> Vec<Finding> {
    let declared: BTreeSet<&str> = declared.iter().map(|entry| split_npm_dependency(entry).0).collect();
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    let imports =
        modules.iter().flat_map(|node| node.module.imports.iter().map(move |import| (node, import)));
    for (node, import) in imports.filter(|(_, import)| import.kind == ImportKind::Value) {
        let finding = match name_of(&import.specifier) {
            Named::Package(name) if declared.contains(name) || !seen.insert(name) => continue,
            Named::Package(name) => {
                let message = format!("the package `{name}` is imported, and not in `npmDependencies`");
                let finding = Finding::new(Code::UndeclaredDependency, message);
                match text::did_you_mean(name, declared.iter().copied()) {
                    Some(meant) => finding.with_hint(format!(
                        "did you mean `{meant}`? else add `\"{name}\"` to `npmDependencies`"
                    )),
                    None => finding.with_hint(format!(
                        "add `\"{name}\"` to `npmDependencies`: who installs the function must install it too"
                    )),
                }
            }
            Named::Alias if !seen.insert(&import.specifier) => continue,
            Named::Alias => {
                let message = format!(
                    "`{}` is an alias of this project, and what it means is not sent",
                    import.specifier
                );
                Finding::new(Code::UndeclaredDependency, message)
                    .with_hint("import the file by a relative path")
            }
            Named::Other => continue,
        };
        findings.push(finding.at(place(node, import)));
        if findings.len() == MOST_FINDINGS {
            break;
        }
    }
    findings
}

fn name_of(specifier: &str) -> Named<'_> {
    if ["@/", "~/", "#"].iter().any(|start| specifier.starts_with(start)) {
        return Named::Alias;
    }
    let specifier = specifier.split('?').next().unwrap_or_default();
    // `node:fs`, `cloudflare:workers`, `https://…`, `virtual:…`
    if is_path(specifier) || specifier.contains(':') {
        return Named::Other;
    }
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    let end = specifier.match_indices('/').nth(parts - 1).map_or(specifier.len(), |(at, _)| at);
    let name = specifier.get(..end).unwrap_or_default();
    // What npm could not install could not be declared either.
    if OF_PLATFORM.contains(&name) || OF_NODE.contains(&name) || !is_valid_npm_dependency(name) {
        return Named::Other;
    }
    Named::Package(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_by_the_first_parts_of_a_specifier() {
        for (specifier, name) in [
            ("zod", "zod"),
            ("zod/v4", "zod"),
            ("@scope/a", "@scope/a"),
            ("@scope/a/b/c.js", "@scope/a"),
            ("hono-openapi", "hono-openapi"),
            ("sqlite", "sqlite"),
            ("lodash.merge?raw", "lodash.merge"),
        ] {
            assert_eq!(name_of(specifier), Named::Package(name), "{specifier}");
        }
    }

    #[test]
    fn what_no_one_installs_is_no_package() {
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
            assert_eq!(name_of(specifier), Named::Other, "{specifier}");
        }
        for specifier in ["@/db", "~/db", "#db"] {
            assert_eq!(name_of(specifier), Named::Alias, "{specifier}");
        }
    }
}
