//! Imports that are no paths: packages, compared with those that the manifest lists, aliases, and what only other platforms can load.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::ModuleGraph;
use super::module::ImportKind;
use super::resolve::{aliased_path, is_path, without_query};
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::files::Files;
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
    /// A path that only this project's own settings define (`@/db`, `~/db`, `$lib/db`, `#db`).
    Alias,
    /// What Deno, Bun or a browser loads, with its scheme (`npm:`).
    Foreign(&'s str),
    /// A path, an address, or a module of the platform or of a bundler.
    Other,
}

/// The schemes of other platforms (documentation of Deno, "Modules"; Bun, "Module resolution").
const FOREIGN_SCHEMES: [&str; 7] = ["npm:", "jsr:", "https:", "http:", "bun:", "deno:", "file:"];

/// A finding at the first import, where it is not allowed, of each package that is not declared, of each alias, and of each module of
/// another platform. Packages are not judged where the manifest declares none (`None`).
pub(super) fn check(graph: &ModuleGraph, declared: Option<&[&str]>, files: &impl Files) -> Vec<Finding> {
    let is_judged = declared.is_some();
    let declared = declared.unwrap_or_default().iter().map(|entry| split_npm_dependency(entry).0);
    let declared: BTreeSet<&str> = declared.collect();
    let (mut known, mut reported) = (BTreeMap::new(), BTreeSet::new());
    let mut lookups = 0..MAX_FINDINGS;
    let mut findings = Vec::new();
    let imports =
        graph.loaded().flat_map(|node| node.module.imports.iter().map(move |import| (node, import)));
    for (node, import) in imports.filter(|(_, import)| import.kind == ImportKind::Value) {
        let specifier = import.specifier.as_str();
        let kind = kind_of(specifier);
        let may_be_alias = match kind {
            SpecifierKind::Package(name) => !declared.contains(name),
            SpecifierKind::Alias => true,
            SpecifierKind::Foreign(_) | SpecifierKind::Other => false,
        };
        let finding = known.entry(specifier).or_insert_with(|| {
            let path = if may_be_alias && lookups.next().is_some() {
                aliased_path(&node.file.path, without_query(specifier), files)
            } else {
                None
            };
            match (kind, path) {
                (SpecifierKind::Foreign(scheme), _) => Some(foreign(specifier, scheme)),
                (SpecifierKind::Alias, path) => Some(alias(specifier, path)),
                // `@shared/db` may be a package, too; `db` rather is one.
                (SpecifierKind::Package(name), Some(path)) if name.starts_with('@') || specifier != name => {
                    let finding = alias(specifier, Some(path));
                    let hint = format!(
                        "{}; if it is a package, add `\"{name}\"` to `npmDependencies`",
                        finding.hint
                    );
                    Some(finding.with_hint(hint))
                }
                (SpecifierKind::Package(name), path) if is_judged && may_be_alias => {
                    let finding = undeclared(name, &declared);
                    let hint = path.map(|path| {
                        format!("{}; if the file is meant, import it by its path: `{path}`", finding.hint)
                    });
                    Some(finding.with_optional_hint(hint))
                }
                (SpecifierKind::Package(_) | SpecifierKind::Other, _) => None,
            }
        });
        let is_allowed = |finding: &&Finding| node.allows.contains(finding.code, import.range.start);
        let Some(finding) = finding.as_ref().filter(|finding| !is_allowed(finding)) else { continue };
        // Paths of one package have one message.
        if !reported.insert(finding.message.clone()) {
            continue;
        }
        findings.push(finding.clone().at(node.file.at(import.range.clone())));
        if findings.len() == MAX_FINDINGS {
            break;
        }
    }
    findings
}

fn foreign(specifier: &str, scheme: &str) -> Finding {
    let message = format!("`{specifier}` can't be loaded: no bundler of Workers knows `{scheme}`");
    let package =
        specifier.strip_prefix("npm:").map(|package| split_npm_dependency(package.trim_start_matches('/')).0);
    let finding = Finding::new(Code::UnsupportedImport, message);
    match package.and_then(package_of) {
        Some(name) => finding.with_hint(format!("import `{name}`, and list it in `npmDependencies`")),
        None => finding,
    }
}

/// With the file that is meant, as its relative path.
fn alias(specifier: &str, path: Option<String>) -> Finding {
    let message =
        format!("`{specifier}` is an alias of this project: the file that it refers to is not sent");
    let hint = match path {
        Some(path) => format!("import the file by its relative path: `{path}`"),
        None => "import the file by its relative path".to_owned(),
    };
    Finding::new(Code::UndeclaredDependency, message).with_hint(hint)
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
    let imports = graph.loaded().flat_map(|node| &node.module.imports);
    imports
        .filter(|import| import.kind != ImportKind::Type)
        .filter_map(|import| package_of(&import.specifier))
}

fn kind_of(specifier: &str) -> SpecifierKind<'_> {
    if is_alias(specifier) {
        return SpecifierKind::Alias;
    }
    let is_start =
        |scheme: &str| specifier.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme));
    if let Some(scheme) = FOREIGN_SCHEMES.iter().find(|scheme| is_start(scheme)) {
        return SpecifierKind::Foreign(scheme);
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
    // npm allows none of these names: a scope has a name after it.
    let is_bare_scope = specifier.starts_with('@') && !specifier.contains('/');
    is_bare_scope || ["@/", "@@", "~", "#", "$", "%"].iter().any(|start| specifier.starts_with(start))
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
    use crate::function::code::tests::{checked, codes};

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
            "data:text/plain,",
            "./a",
            "..",
            "/a",
            "virtual:x",
            "JSONStream",
        ] {
            assert_eq!(kind_of(specifier), SpecifierKind::Other, "{specifier}");
        }
        for specifier in ["@/db", "~/db", "~db", "$lib/db", "#db", "@db", "@@/db", "%/db"] {
            assert_eq!(kind_of(specifier), SpecifierKind::Alias, "{specifier}");
        }
        for (specifier, scheme) in [
            ("npm:zod@3", "npm:"),
            ("jsr:@std/path", "jsr:"),
            ("https://esm.sh/zod", "https:"),
            ("http://localhost/a.js", "http:"),
            ("bun:sqlite", "bun:"),
            ("HTTPS://esm.sh/zod", "https:"),
            ("file:///a.js", "file:"),
        ] {
            assert_eq!(kind_of(specifier), SpecifierKind::Foreign(scheme), "{specifier}");
        }
    }

    #[test]
    fn an_import_of_an_undeclared_package_is_found() {
        for code in [
            "import '@scope/a';\nexport const a = 1;\n",
            "import {} from 'zod';\nexport const a = 1;\n",
            "export * from 'zod';\nexport const a = 1;\n",
            "export * as a from 'zod';\n",
            "export const a = () => import('zod');\n",
            "export const a = () => import(`zod`);\n",
            "export const a = require('zod');\n",
            "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n\
             export const a = require('zod');\n",
            "declare function require(name: string): any;\nexport const a = require('zod');\n",
            "export const f = (require: any) => require;\nexport const a = require('zod');\n",
            "import sqlite from 'sqlite';\nexport const a = sqlite;\n",
            "import zod = require('zod');\nexport const a = zod;\n",
            "import zod = require('zod');\nexport import z = zod.z;\n",
            "import { type A, b } from 'zod';\nexport const a: A = b;\n",
            "import { A } from 'zod';\nexport class B extends A {}\n",
            "import { A } from 'zod';\nexport { A };\n",
            "import A from 'zod';\nexport const a = <A,>(b: A) => A;\n",
            "import { db } from '@/db';\nexport const a = db;\n",
        ] {
            assert_eq!(codes("", &[("index.ts", code)]), [Code::UndeclaredDependency], "{code}");
        }
        let page = "import { Page } from 'zod';\nexport const a = () => <Page />;\n";
        assert_eq!(codes("", &[("index.tsx", page)]), [Code::UndeclaredDependency]);
    }

    #[test]
    fn what_only_types_import_is_no_dependency() {
        for code in [
            "import type { A } from 'zod';\nexport const a: A = 1;\n",
            "import { type A, type B } from 'zod';\nexport const a: [A, B] = 1;\n",
            "import { A } from 'zod';\nexport const a: A = 1;\n",
            "import { A } from 'zod';\nexport const a: typeof A = 1;\n",
            "import { A } from 'zod';\nexport interface B extends A {}\nexport const a = 1;\n",
            "import { A } from 'zod';\nexport class B implements A {}\n",
            "import { A } from 'zod';\nexport type { A };\nexport const a = 1;\n",
            "import { A } from 'zod';\nexport const a = (A: string) => A;\n",
            "import A = require('zod');\nexport const a: A = 1;\n",
            "export type { A } from 'zod';\nexport const a = 1;\n",
            "export { type A } from 'zod';\nexport const a = 1;\n",
            "export type * from 'zod';\nexport const a = 1;\n",
            "export const a: import('zod').A = 1;\n",
        ] {
            assert_eq!(codes("", &[("index.ts", code)]), [], "{code}");
        }
        // JavaScript has no types: every import is loaded.
        let code = "import { A } from 'zod';\nexport const a = 1;\n";
        assert_eq!(codes("", &[("index.js", code)]), [Code::UndeclaredDependency]);
    }

    #[test]
    fn an_alias_is_recognized_by_the_file_that_is_there() {
        let hint = |path: &str| format!("import the file by its relative path: `{path}`");
        let either = |name: &str, path: &str| {
            format!("{}; if it is a package, add `\"{name}\"` to `npmDependencies`", hint(path))
        };
        let package = |name: &str| {
            format!("add `\"{name}\"` to `npmDependencies`: it must be installed with the function")
        };
        for (importer, specifier, file, expected) in [
            ("index.ts", "@/db", "db.ts", hint("./db.ts")),
            ("index.ts", "~/db", "src/db.ts", hint("./src/db.ts")),
            ("index.ts", "$lib/db", "src/lib/db.ts", hint("./src/lib/db.ts")),
            ("index.ts", "#db", "db.ts", hint("./db.ts")),
            ("src/index.ts", "#lib/db", "lib/db.ts", hint("../lib/db.ts")),
            ("index.ts", "@db", "db.ts", hint("./db.ts")),
            ("index.ts", "@shared/a", "shared/a.ts", either("@shared/a", "./shared/a.ts")),
            ("src/index.ts", "@shared/a", "src/shared/a.ts", either("@shared/a", "./shared/a.ts")),
            ("index.ts", "shared/a", "shared/a.ts", either("shared", "./shared/a.ts")),
            (
                "index.ts",
                "utils",
                "utils/index.ts",
                format!(
                    "{}; if the file is meant, import it by its path: `./utils/index.ts`",
                    package("utils")
                ),
            ),
            // The file that wraps a package is named like it.
            ("stripe.ts", "stripe", "db.ts", package("stripe")),
            ("clerk/backend.ts", "@clerk/backend", "db.ts", package("@clerk/backend")),
            ("index.ts", "@/none", "db.ts", "import the file by its relative path".to_owned()),
            ("index.ts", "@scope/a", "db.ts", package("@scope/a")),
        ] {
            let code = format!("import {{ a }} from '{specifier}';\nexport const b = a;\n");
            let files = [(importer, code.as_str()), (file, "export const a = 1;\n")];
            let (findings, _) = checked("typescript", "\"npmDependencies\": []", &files);
            let found: Vec<_> = findings.iter().map(|one| (one.code, one.hint.as_str())).collect();
            assert_eq!(found, [(Code::UndeclaredDependency, expected.as_str())], "{specifier}");
        }
        let declared = [
            ("index.ts", "import { a } from 'utils';\nexport const b = a;\n"),
            ("utils.ts", "export const a = 1;\n"),
        ];
        assert_eq!(codes("\"npmDependencies\": [\"utils\"]", &declared), []);
        assert_eq!(
            codes(
                "\"npmDependencies\": [\"utils\"]",
                &[("index.ts", "import type { A } from '@/db';\nexport const b: A = 1;\n")]
            ),
            []
        );
    }

    #[test]
    fn modules_of_other_platforms_are_not_supported() {
        for (specifier, hint) in [
            ("npm:zod@3", "import `zod`, and list it in `npmDependencies`"),
            ("npm:@scope/a@^1.0.0/b", "import `@scope/a`, and list it in `npmDependencies`"),
            ("npm:/zod", "import `zod`, and list it in `npmDependencies`"),
            ("jsr:@std/path", "import a package from npm, and list it in `npmDependencies`"),
            ("https://esm.sh/zod", "import a package from npm, and list it in `npmDependencies`"),
            ("http://localhost/a.js", "import a package from npm, and list it in `npmDependencies`"),
            ("bun:sqlite", "import a package from npm, and list it in `npmDependencies`"),
        ] {
            for fields in ["", "\"npmDependencies\": []"] {
                let code = format!(
                    "import * as a from '{specifier}';\nexport const b = a;\nimport '{specifier}';\n"
                );
                let (findings, _) = checked("typescript", fields, &[("index.ts", &code)]);
                let found: Vec<_> = findings.iter().map(|one| (one.code, one.hint.as_str())).collect();
                assert_eq!(found, [(Code::UnsupportedImport, hint)], "{specifier}");
            }
        }
        for code in [
            "import type { A } from 'npm:zod';\nexport const b: A = 1;\n",
            "import 'node:fs';\nimport 'cloudflare:workers';\nexport const a = 1;\n",
        ] {
            assert_eq!(codes("", &[("index.ts", code)]), [], "{code}");
        }
    }

    #[test]
    fn a_declaration_file_of_others_brings_no_package() {
        let declared = (
            "vendor.d.ts",
            "import { Readable } from 'streams';\nexport declare const read: (from: Readable) => void;\n",
        );
        for code in [
            "import type { read } from './vendor';\nexport const a: typeof read | null = null;\n",
            "/// <reference path=\"./vendor.d.ts\" />\nexport const a = 1;\n",
            "import './vendor.d.ts';\nexport const a = 1;\n",
        ] {
            assert_eq!(codes("\"npmDependencies\": []", &[("index.ts", code), declared]), [], "{code}");
        }
    }
}
