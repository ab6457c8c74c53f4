//! The checks of whole functions: which code is accepted, and what is found in the rest.

use std::collections::BTreeMap;

use super::checks::{CheckedCode, check};
use super::parser::Parser;
use crate::finding::{Code, Finding};
use crate::function::manifest::fields::{FILE_NAME, Manifest};
use crate::source::SourceFile;

/// Checks a function: its language, more fields of its manifest, and its files, the entrypoint first.
pub(super) fn checked(language: &str, fields: &str, files: &[(&str, &str)]) -> (Vec<Finding>, CheckedCode) {
    let (entrypoint, code) = files[0];
    let separator = if fields.is_empty() { "" } else { ", " };
    let manifest = format!(
        r#"{{"name": "greeter", "version": "1.0.0", "description": "Greets", "category": "utility", "license": "MIT",
            "runtime": "cloudflare-worker", "language": "{language}", "entrypoint": "{entrypoint}"{separator}{fields}}}"#
    );
    let source = SourceFile::published(FILE_NAME, manifest);
    let (manifest, mut findings) = Manifest::read(source, &&BTreeMap::new());
    assert!(findings.is_empty(), "{findings:?}");
    let files: BTreeMap<_, _> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).into())).collect();
    let entrypoint = SourceFile::published(entrypoint, code);
    let code = check(&mut &files, &entrypoint, &manifest, &Parser::in_thread(), &mut findings);
    (findings, code)
}

pub(super) fn codes_of(language: &str, fields: &str, files: &[(&str, &str)]) -> Vec<Code> {
    checked(language, fields, files).0.iter().map(|finding| finding.code).collect()
}

/// The codes of what is found in a function in the language of its entrypoint.
pub(super) fn codes(fields: &str, files: &[(&str, &str)]) -> Vec<Code> {
    let is_javascript = [".js", ".jsx", ".cjs"].iter().any(|extension| files[0].0.ends_with(extension));
    codes_of(if is_javascript { "javascript" } else { "typescript" }, fields, files)
}

#[test]
fn code_that_would_not_load_is_an_error_at_its_location() {
    for (code, location) in [
        ("export const a = 1;\nconst b = 1;\nlet b = 2;\n", "index.ts:3:5"),
        ("export const a = 1;\nexport { a };\n", "index.ts:2:10"),
        ("export const a = 1;\nconst b = 1;\nexport { b as a };\n", "index.ts:3:15"),
        ("export { a } from './a';\nexport * as a from './a';\n", "index.ts:2:13"),
        ("export { b };\nexport function b() {}\nexport function b(a: string): void;\n", "index.ts:1:10"),
        ("export default 1;\nexport default 2;\n", "index.ts:2:16"),
        ("export default function a() {}\nexport default class {}\n", "index.ts:2:16"),
        ("export { a };\n", "index.ts:1:10"),
        ("export const a = /(/;\n", "index.ts:1:19"),
        ("export const a = 1;\nbreak;\n", "index.ts:2:1"),
        ("export class A { constructor() {} constructor() {} }\n", "index.ts:1:18"),
    ] {
        let (findings, _) =
            checked("typescript", "", &[("index.ts", code), ("a.ts", "export const a = 1;\n")]);
        let found: Vec<_> = findings.iter().map(|one| (one.code, one.location.as_ref().unwrap())).collect();
        assert_eq!(found.len(), 1, "{code}: {findings:?}");
        assert_eq!((found[0].0, found[0].1.to_string().as_str()), (Code::SyntaxError, location), "{code}");
    }
}

#[test]
fn old_common_js_is_valid() {
    let old = "var a = 010;\nvar a = 2;\nfunction f(x, x) { return arguments }\nfunction f() {}\n\
               with (f) { a }\nmodule.exports = f;\n";
    for path in ["old.js", "old.cjs"] {
        let code = format!("export {{ default }} from './{path}';\n");
        assert_eq!(codes("", &[("index.js", &code), (path, old)]), [], "{path}");
    }
}

#[test]
fn jsx_is_valid_where_the_file_name_says_so_and_in_javascript() {
    let code = "export const page = () => <p class=\"a\">don't (</p>;\n";
    for path in ["index.tsx", "index.jsx", "index.js"] {
        assert_eq!(codes("", &[(path, code)]), [], "{path}");
    }
    assert_eq!(codes("", &[("index.ts", code)]), [Code::SyntaxError]);
}

#[test]
fn the_language_must_be_that_of_the_entrypoint() {
    for (language, path, found) in [
        ("javascript", "index.mts", &[Code::LanguageMismatch][..]),
        ("typescript", "index.mjs", &[Code::LanguageMismatch]),
        ("javascript", "index.mjs", &[]),
        ("typescript", "index.mts", &[]),
    ] {
        assert_eq!(codes_of(language, "", &[(path, "export const a = 1;\n")]), found, "{language} {path}");
    }
}

#[test]
fn an_entrypoint_without_a_value_is_an_error() {
    let types = ("types.ts", "export type A = 1;\n");
    for code in [
        "const a = 1;\n",
        "export type A = 1;\n",
        "export interface A {}\ninterface B {}\nexport { B };\n",
        "export default interface A {}\n",
        "export type { A } from './types';\n",
        "import { A } from './types';\nexport type { A };\n",
        "export * from './types';\n",
        "export type * as types from './types';\n",
        "import { A } from './types';\nexport { A };\n",
        "import type { A } from './types';\nexport { A };\n",
        "export {};\n",
        "export declare const a: number;\n",
        "declare function a(): void;\nexport { a };\n",
    ] {
        assert_eq!(codes("", &[("index.ts", code), types]), [Code::NoExport], "{code}");
    }
}

#[test]
fn every_form_of_an_export_counts() {
    for code in [
        "export default {};\n",
        "export default abstract class {}\n",
        "export default abstract class A {}\n",
        "export default function a(a: string): void;\nexport default function a(a: any) {}\n",
        "export default function (a: string): void;\nexport default function (a: any) {}\n",
        "export const [a, { b }] = [1, { b: 2 }];\n",
        "export async function* a() {}\n",
        "export abstract class A {}\n",
        "export enum A { B }\n",
        "export namespace A { export const b = 1 }\n",
        "const a = 1;\nexport { a as 'b c' };\n",
        "const a = 1;\nexport { a as default };\n",
        "interface A {}\nconst A = 1;\nexport { A };\n",
        "{ var a = 1 }\nexport { a };\n",
        "import a from './default';\nexport { a };\n",
        "export { default } from './default';\n",
        "export import a = require('./default');\n",
        "export * from 'node:path';\n",
        "export * as path from 'node:path';\n",
        "export = 1;\n",
    ] {
        let files = [("index.ts", code), ("default.ts", "export default 1;\n")];
        assert_eq!(codes("", &files), [], "{code}");
    }
}

#[test]
fn exports_of_common_js_are_found_or_taken_as_unknown() {
    for code in [
        "exports.a = 1;\n",
        "exports['b'] = 1;\n",
        "exports.b ??= 1;\n",
        "exports.b++;\n",
        "module.exports = { a: 1 };\n",
        "module.exports = { ...make() };\n",
        "module.exports = make();\n",
        "module.exports['b'] = 1;\n",
        "module['exports'] = { a: 1 };\n",
        "module['exports'].b = 1;\n",
        "(exports).b = 1;\n",
        "const e = exports;\ne.b = 1;\n",
        "var self = module.exports = {};\nself.b = 1;\n",
        "const m = module;\nm.exports.b = 1;\n",
        "[exports.a] = [1];\n",
        "[exports.a = 2] = [1];\n",
        "({ a: exports.a } = { a: 1 });\n",
        "for (const key of ['a']) exports[key] = 1;\n",
        "for (exports.a of [1]);\n",
        "this.b = 1;\n",
        "(() => { this.b = 1 })();\n",
        "Object.assign(exports, { a: 1 });\n",
        "define(function (require, exports, module) { exports.a = 1 });\n",
    ] {
        assert_eq!(codes("", &[("index.cjs", code)]), [], "{code}");
    }
    for code in [
        "const a = 1;\n",
        "module.exports = {};\n",
        "if (exports.a && typeof module && module.hot) exports.b();\n",
        "const a = { exports: 1 }[exports.b];\n",
        "function a() { this.b = 1 }\n",
    ] {
        assert_eq!(codes("", &[("index.cjs", code)]), [Code::NoExport], "{code}");
    }
}

#[test]
fn a_route_must_be_exported_as_a_value_by_its_name() {
    let lib = ("lib.ts", "const greetRoute = 1;\nexport default greetRoute;\n");
    for code in [
        "export * from './lib';\nexport const a = 1;\n",
        "export { default as a } from './lib';\n",
        "export type greetRoute = 1;\nexport const a = 1;\n",
        "const greetRoute = 1;\nexport default greetRoute;\n",
    ] {
        let found = codes("\"routeExport\": \"greetRoute\"", &[("index.ts", code), lib]);
        assert_eq!(found, [Code::RouteExportNotFound], "{code}");
    }
}

#[test]
fn a_route_is_found_through_any_number_of_modules() {
    for code in [
        "export * from './one';\n",
        "export { route as greetRoute } from './two';\n",
        "import { route } from './two';\nexport { route as greetRoute };\n",
        "import * as two from './two';\nexport { two as greetRoute };\n",
        "export * as greetRoute from './two';\n",
        "export * from 'somewhere';\n",
    ] {
        let files = [
            ("index.ts", code),
            ("one.ts", "export * from './index';\nexport * from './three';\n"),
            ("two.ts", "export { greetRoute as route } from './three';\n"),
            ("three.ts", "export * from './one';\nexport function greetRoute() {}\n"),
        ];
        let fields = "\"routeExport\": \"greetRoute\", \"npmDependencies\": [\"somewhere\"]";
        assert_eq!(codes(fields, &files), [], "{code}");
    }
}

/// Fields of a function that has a schema.
#[test]
fn names_that_a_module_declares_are_not_the_platforms() {
    for code in [
        "export const a = (process: { env: { A: string } }) => process.env.A;\n",
        "const process = { env: { A: '1' } };\nexport const a = process.env.A;\n",
        "import process from './process';\nexport const a = process.env.A;\n",
        "export const a = (require: (name: string) => string) => require('zod');\n",
        "export function require(name: string) { return name }\nexport const a = require('./gone');\n",
        "const env = <T,>(_: any) => ({ A: '1' }) as T;\ntype Bindings = { A: string };\n\
         export const a = (c: any) => env<Bindings>(c).A;\n",
        "export const a = [process.env.CI, process.env.TZ, process.env.PATH, process.env.HOME];\n",
        "delete process?.env?.A;\nexport const a = 1;\n",
    ] {
        let files = [("index.ts", code), ("process.ts", "export default { env: { A: 1 } };\n")];
        assert_eq!(codes("", &files), [], "{code}");
    }
}

#[test]
fn a_missing_module_is_found_wherever_it_is_imported() {
    for code in [
        "export * from './Core';\n",
        "export const a = () => import('./a');\n",
        "export const a = () => { try {} finally { import('./a') } };\n",
        "import type { A } from './a';\nexport const a = 1 as A;\n",
        "import a = require('./a');\nexport default a;\n",
        "export const a = require('./a');\n",
        "export type A = import('./a').A;\nexport const a = 1;\n",
    ] {
        let found = codes("", &[("index.ts", code), ("core.ts", "")]);
        assert_eq!(found, [Code::MissingFile], "{code}");
    }
}

#[test]
fn operands_of_a_long_sum_are_read_like_others() {
    let sum = " + 'a'".repeat(20_000);
    let code = format!(
        "import {{ A }} from 'zod';\nexport const a = import('./b') + A + process.env.B{sum};\n\
         export enum C {{ D = 1{}, E }}\n",
        " + 1".repeat(20_000)
    );
    let (findings, code) = checked("typescript", "", &[("index.ts", &code), ("b.ts", "export {};\n")]);
    let found: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(found, [Code::UndeclaredDependency, Code::UndeclaredEnvVar]);
    assert_eq!(code.modules.len(), 1);
    assert_eq!(code.exports.unwrap().into_iter().collect::<Vec<_>>(), ["C", "a"]);
}

#[test]
fn a_value_may_be_named_like_an_imported_type() {
    let types = ("t.ts", "export type Route = { a: number };\nexport type table = unknown;\n");
    let values = ("v.ts", "export const Route = { a: 1 };\n");
    for code in [
        "import type { Route } from './t';\nconst Route: Route = { a: 1 };\nexport default Route;\n",
        "import { type Route } from './t';\nconst Route: Route = { a: 1 };\nexport default Route;\n",
        "import { Route } from './t';\nconst Route: Route = { a: 1 };\nexport default Route;\n",
        "import type { Route } from './t';\nexport const Route: Route = { a: 1 };\n",
        "import type { Route } from './t';\nfunction Route(): Route { return { a: 1 } }\nexport { Route };\n",
        "import type { Route } from './t';\nclass Route {}\nexport { Route };\n",
        "import type { Route } from './t';\nexport function Route(a: string): void;\nexport function Route(a: any) {}\n",
        "import type { Route } from './t';\nexport default function Route(a: string): void;\nexport default function Route(a: any) {}\n",
        "import { Route } from './t';\nexport class Route {}\nexport namespace Route { export const a = 1 }\n",
        "import type { Route } from './t';\nimport { Route } from './v';\nexport { Route };\n",
        "import { Route } from './v';\nimport type { Route } from './t';\nexport { Route };\n",
        "export type { Route } from './t';\nexport { Route } from './v';\n",
        "export { type Route } from './t';\nexport { Route } from './v';\n",
        "import type { Route } from './t';\nexport type { Route };\nexport { Route } from './v';\n",
        "export * from './t';\nexport * from './v';\n",
    ] {
        let route = if code.contains("default") { "" } else { "\"routeExport\": \"Route\"" };
        let (findings, _) = checked("typescript", route, &[("index.ts", code), types, values]);
        assert!(findings.is_empty(), "{code}: {findings:?}");
    }
    let table = "import type { table } from './t';\nimport { sqliteTable } from 'drizzle-orm/sqlite-core';\n\
                 const table: table = sqliteTable('a', {});\nexport { table };\n";
    let fields = "\"drizzleSchema\": true, \"npmDependencies\": [\"drizzle-orm\"]";
    assert_eq!(codes(fields, &[("index.ts", table), types]), []);
}

#[test]
fn a_name_of_two_stars_is_no_route() {
    let files =
        [("a.ts", "export const route = 1;\n"), ("b.ts", "export const route = 2;\nexport const b = 1;\n")];
    let with = |code| [("index.ts", code), files[0], files[1]];
    let field = "\"routeExport\": \"route\"";
    let ambiguous = "export * from './a';\nexport * from './b';\n";
    assert_eq!(codes(field, &with(ambiguous)), [Code::RouteExportNotFound]);
    for code in [
        "export * from './a';\nexport * from './b';\nexport { route } from './b';\n",
        "export * from './a';\nexport * from './a';\n",
        "export * from './a';\nexport { b } from './b';\n",
    ] {
        assert_eq!(codes(field, &with(code)), [], "{code}");
    }
}
