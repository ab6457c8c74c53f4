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
    let source = SourceFile::published(FILE_NAME, &manifest);
    let (manifest, mut findings) = Manifest::read(source, &&BTreeMap::new());
    assert!(findings.is_empty(), "{findings:?}");
    let files: BTreeMap<_, _> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let entrypoint = SourceFile::published(entrypoint, code);
    let code = check(&mut &files, &entrypoint, &manifest, &Parser::in_thread(), &mut findings);
    (findings, code)
}

fn codes_of(language: &str, fields: &str, files: &[(&str, &str)]) -> Vec<Code> {
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
fn an_assignment_to_what_cannot_change_is_an_error() {
    for (code, location) in [
        ("const a = 1;\na = 2;\nexport { a };\n", "index.ts:2:1"),
        ("export const a = 1;\nexport function f() { a += 1 }\n", "index.ts:2:23"),
        ("export const a = 1;\na++;\n", "index.ts:2:1"),
        ("export const a = 1;\n[a] = [2];\n", "index.ts:2:2"),
        ("export const a = 1;\n({ a } = { a: 2 });\n", "index.ts:2:4"),
        ("export const a = 1;\n({ b: a = 3 } = { b: 2 });\n", "index.ts:2:7"),
        ("export const a = 1;\nfor (a of [1, 2]) {}\n", "index.ts:2:6"),
        ("export const a = 1;\nfor (a in {}) {}\n", "index.ts:2:6"),
        ("for (const a of [1]) { a = 2 }\nexport const b = 1;\n", "index.ts:1:24"),
        ("export const f = () => { const a = 1; return () => { a = 2 } };\n", "index.ts:1:54"),
        ("export const a = 1;\na ??= 2;\n", "index.ts:2:1"),
        ("export const a = 1;\n(a as any) = 2;\n", "index.ts:2:2"),
        ("import { a } from './a';\na = 2;\nexport { a };\n", "index.ts:2:1"),
        ("import * as a from './a';\na = 2;\nexport { a };\n", "index.ts:2:1"),
        ("export function f() { using a = g(); a = 1 }\ndeclare function g(): any;\n", "index.ts:1:38"),
        ("export class A { b() { A = null as any } }\n", "index.ts:1:24"),
        ("import * as a from './a';\na.a = 2;\nexport { a };\n", "index.ts:2:1"),
        ("import * as a from './a';\nexport const f = () => { (a as any).a++ };\n", "index.ts:2:27"),
        ("import * as a from './a';\n[a['a']] = [2];\nexport { a };\n", "index.ts:2:2"),
        ("import * as a from './a';\ndelete a.a;\nexport { a };\n", "index.ts:2:8"),
        ("import * as a from './a';\n({ b: a.a = 1 } = {} as any);\nexport { a };\n", "index.ts:2:7"),
        ("import * as a from './a';\nfor (a.a of [1]) {}\nexport { a };\n", "index.ts:2:6"),
        ("export const a = class B { b() { B = null as any } };\n", "index.ts:1:34"),
    ] {
        let (findings, _) =
            checked("typescript", "", &[("index.ts", code), ("a.ts", "export const a = 1;\n")]);
        let found: Vec<_> = findings.iter().map(|one| (one.code, one.location.as_ref().unwrap())).collect();
        assert_eq!(found.len(), 1, "{code}: {findings:?}");
        assert_eq!((found[0].0, found[0].1.to_string().as_str()), (Code::SyntaxError, location), "{code}");
    }
    for code in [
        "export let a = 1;\na = 2;\n",
        "export const a = { b: 1 };\na.b = 2;\na['b']++;\ndelete a.b;\n",
        "const a = 1;\nexport function f(a: number) { a = 2; return a }\n",
        "const a = 1;\nexport function f() { let a = 1; a = 2; return a }\n",
        "const a = 1;\nexport const f = () => { var a; a = 2; return a };\n",
        "for (const a of [1]) {}\nlet a = 1;\na = 2;\nexport { a };\n",
        "declare const a: number;\nexport const b = 1;\n",
        "declare global { var a: number }\nexport const f = (b = () => { a = 1 }) => { const a = 2; return [a, b] };\n",
        "export class A {}\nA = null as any;\n",
        "import * as a from './a';\na.a.b = 2;\na['a'].b.c++;\nx[a.a] = 1;\ndeclare let x: any;\nexport { a };\n",
        "import * as a from './a';\ndelete a.a().b;\n(a.a() as any).b = 1;\n[a.a().b, x[a.a]] = [1];\nx = a.a;\n\
         ({ [a.a]: x, b: x = a.a } = a);\nfor (x of a.a) {}\ndeclare let x: any;\nexport { a };\n",
        "import { a } from './a';\na.b = 2;\nexport { a };\n",
        "export class A { b(A: any) { A = 1 } }\n",
        "export const enum A { B = 1 }\nexport const b = A.B;\n",
        "import * as all from './a';\nexport const b = () => { const all = { a: 1 }; all.a = 2 };\n",
    ] {
        assert_eq!(codes("", &[("index.ts", code), ("a.ts", "export const a = 1;\n")]), [], "{code}");
    }
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

#[test]
fn imported_data_is_json() {
    let code = "import data from './data.json';\nexport { data };\n";
    for (data, location) in [
        ("{ \"a\": 1, }", "data.json:1:9"),
        ("", "data.json:1:1"),
        ("{ 'a': 1 }", "data.json:1:3"),
        ("{\n  // a\n}", "data.json:2:3"),
        ("[1\n2]", "data.json:1:3"),
        ("{}{}", "data.json:1:3"),
        ("{ \"a\" 1 }", "data.json:1:7"),
        (&"[".repeat(100_000), "data.json:1:100000"),
    ] {
        let (findings, _) = checked("typescript", "", &[("index.ts", code), ("data.json", data)]);
        assert_eq!(findings.len(), 1, "{data:.20}: {findings:?}");
        let words = format!("{} {}", findings[0].message, findings[0].hint);
        assert!(!words.contains("manifest") && !words.contains("field"), "{words}");
        let place = findings[0].location.as_ref().unwrap().to_string();
        assert_eq!(
            (findings[0].code, place.as_str()),
            (Code::SyntaxError, location),
            "{data:.20}: {findings:?}"
        );
    }
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for data in ["1", "\"a\"", "[]", "{ \"a\": 1, \"a\": 2 }", "{ \"a\": \"\\ud83d\" }", &deep] {
        assert_eq!(codes("", &[("index.ts", code), ("data.json", data)]), [], "{data}");
    }
    for raw in [
        "import data from './data.json?raw';\nexport { data };\n",
        "import data from './data.json' with { type: 'text' };\nexport { data };\n",
        "export { default } from './data.json' with { type: 'bytes' };\n",
        "export const data = import('./data.json', { with: { type: 'text' } });\n",
    ] {
        assert_eq!(codes("", &[("index.ts", raw), ("data.json", "// no JSON")]), [], "{raw}");
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

#[test]
fn the_main_file_of_a_directory_is_found_and_sent_with_its_package() {
    let code = "export { a } from './lib';\n";
    let main = ("lib/src/main.ts", "export const a = 1;\n");
    for (package, expected) in [
        (r#"{ "main": "src/main.ts" }"#, &["lib/package.json", "lib/src/main.ts"][..]),
        (r#"{ "main": "./src/main.js" }"#, &["lib/package.json", "lib/src/main.ts"]),
        (r#"{ "main": "src/main" }"#, &["lib/package.json", "lib/src/main.ts"]),
        (r#"{ "module": "src/main.ts", "main": "none.cjs" }"#, &["lib/package.json", "lib/src/main.ts"]),
        (r#"{ "name": "lib" }"#, &["lib/index.ts"]),
        (r#"{ "main": "none" }"#, &["lib/index.ts"]),
        ("no JSON", &["lib/index.ts"]),
    ] {
        let index = ("lib/index.ts", "export const a = 2;\n");
        let (findings, code) =
            checked("typescript", "", &[("index.ts", code), ("lib/package.json", package), main, index]);
        let sent: Vec<_> = code.modules.iter().map(|file| file.path.as_str()).collect();
        assert_eq!((findings.len(), &sent[..]), (0, expected), "{package}: {findings:?}");
    }
    let file = [
        ("index.ts", code),
        ("lib.ts", "export const a = 1;\n"),
        ("lib/package.json", r#"{ "main": "x.ts" }"#),
    ];
    assert_eq!(checked("typescript", "", &file).1.modules.len(), 1);
}

#[test]
fn an_alias_is_recognized_by_the_file_that_is_there() {
    let hint = |path: &str| format!("import the file by its relative path: `{path}`");
    let either = |name: &str, path: &str| {
        format!("{}; if it is a package, add `\"{name}\"` to `npmDependencies`", hint(path))
    };
    let package =
        |name: &str| format!("add `\"{name}\"` to `npmDependencies`: it must be installed with the function");
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
            format!("{}; if the file is meant, import it by its path: `./utils/index.ts`", package("utils")),
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
            let code =
                format!("import * as a from '{specifier}';\nexport const b = a;\nimport '{specifier}';\n");
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
fn what_only_types_reach_does_not_run() {
    let fields = "\"npmDependencies\": [], \"envVars\": []";
    let types = "import { z } from 'zod';\nexport type T = z.infer<unknown>;\nexport const key = process.env.KEY;\n\
                 export const load = (name: string) => import(name);\nimport { none } from './deep';\nexport const n = none;\n";
    let deep = ("deep.ts", "import 'other';\nexport const a = 1;\n");
    for code in [
        "import type { T } from './t';\nexport const a: T | null = null;\n",
        "import { type T } from './t';\nexport const a: T | null = null;\n",
        "import { T } from './t';\nexport const a: T | null = null;\n",
        "import type * as all from './t';\nexport const a: all.T | null = null;\n",
        "export type { T } from './t';\nexport const a = 1;\n",
        "export type * from './t';\nexport const a = 1;\n",
        "export const a: import('./t').T | null = null;\n",
        "import { B } from './between';\nexport const a: B | null = null;\n",
    ] {
        let between =
            ("between.ts", "import { key, type T } from './t';\nexport type B = T;\nexport const b = key;\n");
        assert_eq!(codes(fields, &[("index.ts", code), ("t.ts", types), deep, between]), [], "{code}");
    }
    // One import of a value is enough.
    let both =
        "import type { T } from './t';\nimport { key } from './t';\nexport const a: T | null = key as any;\n";
    let found = codes(fields, &[("index.ts", both), ("t.ts", types), deep]);
    for code in
        [Code::UndeclaredDependency, Code::UndeclaredEnvVar, Code::ComputedImport, Code::ExportNotFound]
    {
        assert!(found.contains(&code), "{code:?}: {found:?}");
    }
}

#[test]
fn faults_of_what_only_types_reach_are_notices() {
    for (code, other, expected) in [
        ("import type { T } from './none';\nexport const a: T = 1;\n", "", Some(Code::MissingFile)),
        ("import { T } from './none';\nexport const a: T = 1;\n", "", Some(Code::MissingFile)),
        ("export const a: import('./none').T = 1;\n", "", Some(Code::MissingFile)),
        ("import type { T } from '../outside';\nexport const a: T = 1;\n", "", None),
        (
            "import type { T } from './t';\nexport const a: T = 1;\n",
            "export type T = ;\n",
            Some(Code::SyntaxError),
        ),
        (
            "import type { T } from './t';\nexport const a: T = 1;\n",
            "import './none';\nexport type T = 1;\n",
            Some(Code::MissingFile),
        ),
        (
            "import type { T } from './t';\nexport const a: T = 1;\n",
            "export type { T } from './none';\n",
            Some(Code::MissingFile),
        ),
    ] {
        let (findings, _) = checked("typescript", "", &[("index.ts", code), ("t.ts", other)]);
        let found: Vec<_> = findings.iter().map(|one| (one.code, one.severity)).collect();
        let expected: Vec<_> =
            expected.map(|code| (code, crate::finding::Severity::Notice)).into_iter().collect();
        assert_eq!(found, expected, "{code} {other}");
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

#[test]
fn the_main_file_of_the_function_itself_is_found_from_below() {
    for specifier in ["../", "..", "../.", "./.."] {
        let code = format!("export {{ a }} from '{specifier}';\n");
        let main = ("main.ts", "export const a = 1;\n");
        let root = [("test/index.ts", code.as_str()), ("package.json", r#"{ "main": "main.js" }"#), main];
        assert_eq!(codes("", &root), [], "{specifier}");
    }
}
