//! The code is checked before it is sent: whether it loads, has what its manifest promises, and misses no file.

use serde_json::{Value, json};
use stand_in_hub::StandInHub;

use crate::assertions::{on_line, published, published_with, refused, refused_at};
use crate::support::{CODE, MANIFEST, Run, Step, text};

/// The manifest with more fields.
fn manifest(fields: &str) -> String {
    MANIFEST.replace("\"entrypoint\"", &format!("{fields},\n  \"entrypoint\""))
}

/// A function of this code; its manifest has more fields.
fn step(fields: &str, code: &str) -> Step {
    Step::empty().function(".", &if fields.is_empty() { MANIFEST.to_owned() } else { manifest(fields) }, code)
}

/// Published with only this warning.
fn warned(step: Step, code: &str) -> Run {
    let (run, _) = published_with(step, &[code]);
    assert_eq!(run.finding(code)["severity"], "warning");
    run
}

/// Published without a finding: what was sent.
fn passes(step: Step) -> Value {
    published(step).1.json()
}

#[test]
fn a_syntax_error_is_refused_at_its_place() {
    let step = step("", "export const a = 1;\nexport const b = = 2;\n");
    refused_at(step, "SYNTAX_ERROR", "index.ts", on_line(2, 18, 19));
}

#[test]
fn a_syntax_error_in_a_module_is_found_in_that_file() {
    let step = step("", "export * from './lib/core';\n").file("lib/core.ts", "export const a = {;\n");
    refused_at(step, "SYNTAX_ERROR", "lib/core.ts", on_line(1, 19, 20));
}

#[test]
fn modern_syntax_is_accepted() {
    passes(step(
        "",
        "declare function open(): Disposable;\n\
         function logged<T extends new (...args: any[]) => object>(of: T, _: ClassDecoratorContext): T { return of }\n\
         @logged export class A { accessor x = 1; static { A.prototype } #y?: string; declare z: number }\n\
         export const config = { a: 1 } satisfies Record<string, number>;\n\
         { using file = open(); await using other = open() as any; }\n\
         export const enum Size { Small = 'S' }\n\
         export const value = await Promise.resolve(config?.a ?? 2 ** 3);\n\
         export const pattern = /(?<year>\\d{4})[\\(]/v;\n",
    ));
}

#[test]
fn two_exports_of_one_name_are_refused_at_the_second() {
    let step = step("", "export const a = 1;\nconst b = 1;\nexport { b as a };\n");
    let run = refused_at(step, "SYNTAX_ERROR", "index.ts", on_line(3, 15, 16));
    assert_eq!(run.finding("SYNTAX_ERROR")["message"], "`a` is exported twice");
}

#[test]
fn the_type_of_the_environment_is_read_beside_the_code_and_not_sent() {
    let code = "export default { fetch: (_: Request, env: Env) => new Response(env.TOKEN + (env.MODE ?? 'live')) };\n";
    let types = "interface Env { TOKEN: string; MODE: string; DB: D1Database }\n";
    let step = step("\"envVars\": []", code).file("worker-configuration.d.ts", types);
    let (run, sent) = published_with(step, &["UNDECLARED_ENV_VAR"]);
    assert_eq!(run.place("UNDECLARED_ENV_VAR"), on_line(1, 64, 73));
    assert!(text(&run.finding("UNDECLARED_ENV_VAR")["message"]).contains("`TOKEN`"), "{}", run.stdout);
    assert!(!sent.json().to_string().contains("D1Database"));
}

#[test]
fn any_amount_of_generated_types_leaves_the_type_of_the_environment_known() {
    let types = (0..20_000).fold(String::new(), |types, i| {
        types + &format!("interface Resource{i} extends Described {{ id: string; 'owned by'?: string; parent: string | null }}\n")
    });
    let types = format!("{types}interface Env {{ TOKEN: string }}\nexport type Request = Resource1;\n");
    let code =
        "import type { Request } from './api';\nexport const read = (_: Request, env: Env) => env.TOKEN;\n";
    published_with(step("\"envVars\": []", code).file("api.ts", &types), &["UNDECLARED_ENV_VAR"]);
}

#[test]
fn files_that_a_computed_import_leaves_behind_are_named() {
    let step = step("", "export const load = (name: string) => import(`./handlers/${name}.ts`);\n")
        .file("handlers/a.ts", "export const a = 1;\n")
        .file("handlers/b.ts", "export const b = 1;\n")
        .file("handlers/notes.txt", "");
    let run = warned(step, "COMPUTED_IMPORT");
    assert_eq!(run.place("COMPUTED_IMPORT"), on_line(1, 46, 69));
    let message = "the path of this import is computed: `handlers/a.ts`, `handlers/b.ts` are not sent";
    assert_eq!(run.finding("COMPUTED_IMPORT")["message"], message);
}

#[test]
fn both_branches_of_a_conditional_import_are_sent() {
    let step = step("", "export const load = (x: boolean) => import(x ? './a' : './b');\n")
        .file("a.ts", "export const a = 1;\n")
        .file("b.ts", "export const b = 1;\n");
    let body = passes(step);
    assert!(body["files"]["a.ts"].is_string() && body["files"]["b.ts"].is_string(), "{body}");
}

#[test]
fn the_main_file_of_a_directory_is_sent_with_its_package() {
    let step = step("", "export { a } from './lib';\n")
        .file("lib/package.json", "{ \"main\": \"src/main.js\" }\n")
        .file("lib/src/main.ts", "export const a = 1;\n");
    let body = passes(step);
    let files = &body["files"];
    assert!(files["lib/package.json"].is_string() && files["lib/src/main.ts"].is_string(), "{body}");
}

#[test]
fn modules_of_other_platforms_are_warned_of() {
    for specifier in ["npm:zod@3", "jsr:@std/path", "https://esm.sh/zod", "bun:sqlite"] {
        let run = warned(
            step("", &format!("import * as a from '{specifier}';\nexport const b = a;\n")),
            "UNSUPPORTED_IMPORT",
        );
        assert_eq!(
            run.place("UNSUPPORTED_IMPORT"),
            on_line(1, 20, 22 + specifier.len() as u64),
            "{specifier}"
        );
    }
}

#[test]
fn the_hint_for_an_alias_names_the_file() {
    for (specifier, file, path) in [
        ("@/db", "src/db.ts", "./src/db.ts"),
        ("$lib/db", "lib/db.ts", "./lib/db.ts"),
        ("@shared/db", "shared/db.ts", "./shared/db.ts"),
    ] {
        let code = format!("import {{ db }} from '{specifier}';\nexport const a = db;\n");
        let step = step("\"npmDependencies\": []", &code).file(file, "export const db = 1;\n");
        let run = warned(step, "UNDECLARED_DEPENDENCY");
        let hint = format!("import the file by its relative path: `{path}`");
        assert!(text(&run.finding("UNDECLARED_DEPENDENCY")["hint"]).starts_with(&hint), "{}", run.stdout);
    }
}

#[test]
fn an_assignment_to_a_constant_is_refused_at_its_place() {
    let step = step("", "export const a = 1;\nexport const set = () => {\n  a = 2;\n};\n");
    let run = refused_at(step, "SYNTAX_ERROR", "index.ts", on_line(3, 3, 4));
    assert_eq!(run.finding("SYNTAX_ERROR")["message"], "`a` is a constant, and can't be assigned to");
}

#[test]
fn data_that_is_not_json_is_refused_in_that_file() {
    let code = "import data from './lib/data.json';\nexport const a = data;\n";
    let step = |data: &str| step("", code).file("lib/data.json", data);
    refused_at(step("{\n  \"a\": 1,\n}\n"), "SYNTAX_ERROR", "lib/data.json", on_line(2, 9, 10));
    passes(step("{\n  \"a\": 1\n}\n"));
}

#[test]
fn a_value_that_is_named_like_an_imported_type_is_exported() {
    let code = "import type { Route } from './types';\nconst Route: Route = { path: '/' };\nexport default Route;\n\
                export { Route };\n";
    passes(
        step("\"routeExport\": \"Route\"", code).file("types.ts", "export type Route = { path: string };\n"),
    );
}

#[test]
fn a_route_that_two_modules_export_is_refused() {
    let step = |code: &str| {
        step("\"routeExport\": \"route\"", code)
            .file("a.ts", "export const route = 1;\n")
            .file("b.ts", "export const route = 2;\n")
    };
    let run = refused(
        step("export * from './a';\nexport * from './b';\nexport const x = 1;\n"),
        "ROUTE_EXPORT_NOT_FOUND",
    );
    let hint = "export one of them by name: `export { route } from …`";
    assert_eq!(run.finding("ROUTE_EXPORT_NOT_FOUND")["hint"], hint);
    passes(step("export * from './a';\nexport * from './b';\nexport { route } from './a';\n"));
}

#[test]
fn declarations_that_typescript_merges_are_accepted() {
    passes(
        step(
            "",
            "import type { T } from './t';\n\
         import { Both } from './t';\n\
         export { T, Both };\n\
         export function over(a: string): string;\n\
         export function over(a: number): number;\n\
         export function over(a: any): any { return a }\n\
         export type Name = string;\n\
         export const Name = 'a';\n\
         export interface Box { a: string }\n\
         export interface Box { b: string }\n\
         export class Made { constructor(a: string); constructor(a: number); constructor(a: any) {} }\n\
         export interface Made { more: string }\n\
         export namespace Made { export const x = 1 }\n\
         export enum Size { A }\n\
         export enum Size { B = 1 }\n\
         export namespace Space { export const a = 1 }\n\
         export namespace Space { export const b = 1 }\n\
         export function withSpace() {}\n\
         export namespace withSpace { export const a = 1 }\n\
         declare global { interface Window { a: string } var b: string }\n\
         declare module './t' { interface Both { b: string } }\n\
         declare const process: { env: { [name: string]: string } };\n\
         declare function ambient(a: string): void;\n\
         declare function ambient(a: number): void;\n\
         import Alias = Space.a;\n\
         export { Alias };\n\
         { var hoisted = 1 }\n\
         export { hoisted, withSpace as default };\n\
         abstract class Shape { abstract area(): number; get a() { return 1 } set a(_) {} }\n\
         export type { Shape };\n\
         export const sizes = [ambient, process] as const;\n",
        )
        .file("t.ts", "export type T = 1;\nexport interface Both { a: string }\nexport const Both = 1;\n"),
    );
}

#[test]
fn typescript_in_a_js_file_is_named_as_that() {
    let manifest = MANIFEST.replace("index.ts", "index.js").replace("\"typescript\"", "\"javascript\"");
    let step =
        Step::empty().file("aerostack.json", manifest).file("index.js", "export const a: number = 1;\n");
    let run = refused(step, "SYNTAX_ERROR");
    assert_eq!(
        run.finding("SYNTAX_ERROR")["hint"],
        "this is TypeScript: name the file `.ts` (`.tsx` with JSX)"
    );
}

#[test]
fn jsx_in_a_ts_file_is_named_as_that() {
    let run = refused(step("", "export const page = () => <p>x</p>;\n"), "SYNTAX_ERROR");
    assert_eq!(run.finding("SYNTAX_ERROR")["hint"], "this is JSX: name the file `.tsx`");
}

#[test]
fn hostile_code_is_refused_and_never_a_crash() {
    let nested = "(".repeat(50_000) + "1" + &")".repeat(50_000);
    refused(step("", &format!("export const a = {nested};\n")), "SYNTAX_ERROR");
    refused(step("", &"(".repeat(10_000_000)), "SYNTAX_ERROR");
}

#[test]
fn a_long_line_is_accepted() {
    passes(step("", &format!("export const a = '{}';\n", "x".repeat(5_000_000))));
}

#[test]
fn every_module_that_is_reached_is_sent_and_nothing_else() {
    let code = "import { a } from './a';\n\
                import type { B } from './types';\n\
                import text from './prompt.md?raw';\n\
                import data from './data.json' with { type: 'json' };\n\
                export * from './lib/index.js';\n\
                export const later = async (b: B) => [a, text, data, b, await import(`./late`)];\n";
    let body = passes(
        step("", code)
            .file("a.tsx", "import './index';\nexport const a = <p/>;\n")
            .file("types.d.ts", "export type B = import('./deep').Deep;\n")
            .file("deep.ts", "export interface Deep { a: 1 }\n")
            .file("prompt.md", "# Prompt\n")
            .file("data.json", "{\"a\": 1}\n")
            .file("lib/index.ts", "export { c as d } from '../c.js'\n")
            .file("c.ts", "export const c = 1;\n")
            .file("late.mts", "import cjs = require('./old.cjs');\nexport default cjs;\n")
            .file("old.cts", "export = 1;\n")
            .file("README.md", "# Greeter\n")
            .file(".env", "SECRET=1\n")
            .file("schema.ts", "export const stray = 1;\n")
            .file("index.test.ts", "import './index';\n"),
    );
    let paths: Vec<_> = body["files"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "aerostack.json",
            "index.ts",
            "a.tsx",
            "c.ts",
            "data.json",
            "deep.ts",
            "late.mts",
            "lib/index.ts",
            "old.cts",
            "prompt.md",
            "types.d.ts"
        ]
    );
    assert_eq!(body["files"]["aerostack.json"], MANIFEST);
    assert_eq!(body["files"]["index.ts"], body["code"]);
    assert_eq!(body["readme"], "# Greeter\n");
}

#[test]
fn a_manifest_that_the_code_imports_is_sent_once() {
    let step = step("", "import { version } from './aerostack.json';\nexport const v = version;\n");
    let (_, sent) = published(step);
    let body = String::from_utf8(sent.body).expect("UTF-8");
    assert_eq!(body.matches("\"aerostack.json\":").count(), 1, "{body}");
    assert_eq!(body.matches("\"index.ts\":").count(), 1, "{body}");
}

#[test]
fn files_to_send_are_listed_with_sizes_and_hashes() {
    let hub = StandInHub::start();
    let run = step("", "export * from './a';\n").file("a.ts", "export const a = 1;\n").hub(&hub).run();
    let files = run.function()["files"].as_array().unwrap();
    let paths: Vec<_> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["a.ts", "aerostack.json", "index.ts"]);
    assert_eq!(
        files[0],
        json!({
            "path": "a.ts", "bytes": 20,
            // printf 'export const a = 1;\n' | sha256sum
            "sha256": "037ecd1db38c230c248787e60fd7bfc0cb0101b187b59535b6e7483be762d350"
        })
    );
}

#[test]
fn a_function_of_one_file_sends_no_file_list() {
    let body = passes(step("", CODE).file("stray.ts", "export const a = 1;\n"));
    let mut documented: Value = serde_json::from_str(MANIFEST).unwrap();
    documented["code"] = CODE.into();
    documented["publish"] = true.into();
    assert_eq!(body, documented);
}

#[test]
fn the_schema_is_sent_where_the_manifest_declares_one() {
    let schema = "import { sqliteTable, text } from 'drizzle-orm/sqlite-core';\n\
                  export const users = sqliteTable('users', { name: text('name') });\n";
    let fields = "\"drizzleSchema\": true, \"npmDependencies\": [\"drizzle-orm\"]";
    let body = passes(step(fields, CODE).file("schema.ts", schema));
    assert_eq!(body["files"]["schema.ts"], schema);
}

#[test]
fn cycles_are_followed_once() {
    let body = passes(
        step("", "export { b } from './b';\nexport const a = 1;\n")
            .file("b.ts", "export * from './c';\nexport * from '.';\n")
            .file("c.ts", "export * from './b';\nexport const b = 1;\n"),
    );
    assert_eq!(body["files"].as_object().unwrap().len(), 4);
}

#[test]
fn a_missing_module_is_refused_at_its_import() {
    let run =
        refused(step("", "import { a } from './cor';\nexport { a };\n").file("core.ts", ""), "MISSING_FILE");
    assert_eq!(run.place("MISSING_FILE"), [1, 19, 1, 26]);
    assert_eq!(run.finding("MISSING_FILE")["hint"], "did you mean `./core`?");
}

#[test]
fn an_optional_module_may_be_missing() {
    passes(step(
        "",
        "export const b = async () => { try { return await import('./local') } catch { return {} } };\n\
         // import './gone'\n\
         export const c = \"import './gone'\";\n",
    ));
}

#[test]
fn files_of_environment_variables_are_never_sent() {
    for name in [".env", ".env.local", "config/.env.production"] {
        let code = format!("import './{name}';\nexport const a = 1;\n");
        let run = refused(step("", &code).file(name, "A=1\n"), "WITHHELD_FILE");
        assert_eq!(run.place("WITHHELD_FILE")[..2], [1, 8]);
        assert!(text(&run.finding("WITHHELD_FILE")["hint"]).contains("`envVars`"), "{}", run.stdout);
    }
}

/// A function in `fn`, beside files that its code may import.
fn beside(code: &str) -> Step {
    Step::empty()
        .function("fn", MANIFEST, code)
        .file("common.ts", "export const a = 1;\nexport type T = 1;\n")
        .file("db/client.ts", "export const createDb = () => 1;\n")
        .input("directory", "fn")
}

#[test]
fn a_module_outside_the_directory_is_refused() {
    let run = refused(beside("export * from '../common';\n"), "IMPORT_OUTSIDE_DIRECTORY");
    assert_eq!(run.place("IMPORT_OUTSIDE_DIRECTORY"), [1, 15, 1, 26]);
    for code in [
        "export * from '/common';\n",
        "import '../common';\nexport const b = 1;\n",
        "import { a, type T } from '../common.ts';\nexport const b: T = a;\n",
        "export { a } from './../common';\n",
        "export const b = () => import('../common');\n",
        "export const b = require('../common');\n",
        "import { createDb } from '../db/client';\nexport const b = createDb();\n",
        "import { createDb } from '../../../db/client';\nexport const b = createDb();\n",
        "import { createDb } from '../../db/clients';\nexport const b = createDb();\n",
        "import data from '../../db/client.json';\nexport const b = data;\n",
    ] {
        refused(beside(code), "IMPORT_OUTSIDE_DIRECTORY");
    }
}

#[test]
fn types_from_outside_the_directory_are_erased_and_fine() {
    for code in [
        "import type { T } from '../common';\nexport const b: T = 1;\n",
        "import { type T } from '../common';\nexport const b: T = 1;\n",
        "import { T } from '../../types';\nexport const b: T = 1;\n",
        "export type { T } from '../common';\nexport const b = 1;\n",
        "export type * from '../nowhere';\nexport const b = 1;\n",
        "export const b: import('../../types').T = 1;\n",
        "import type { Db } from '../../db/client';\nexport const b: Db = 1;\n",
    ] {
        let sent = passes(beside(code));
        assert_eq!((&sent["code"], sent.get("files")), (&json!(code), None));
    }
}

#[test]
fn the_database_client_of_the_project_is_a_warning() {
    for specifier in ["../../db/client", "../../db/client.ts", "../../db/client.js", "./../../db/client.mjs"]
    {
        let code = format!("import {{ createDb }} from '{specifier}';\nexport const b = () => createDb();\n");
        let run = warned(beside(&code), "IMPORT_OUTSIDE_DIRECTORY");
        assert_eq!(run.place("IMPORT_OUTSIDE_DIRECTORY")[..2], [1, 26], "{specifier}");
        refused(beside(&code).input("strict", "true"), "IMPORT_OUTSIDE_DIRECTORY");
    }
    let adapter = beside("export * from './src/adapter';\n").file(
        "fn/src/adapter.ts",
        "import { createDb } from '../../../db/client';\nexport const b = () => createDb();\n",
    );
    warned(adapter, "IMPORT_OUTSIDE_DIRECTORY");
}

#[cfg(unix)]
#[test]
fn a_link_that_leaves_the_directory_is_refused() {
    let step = |code| {
        let step = beside(code);
        std::os::unix::fs::symlink(step.path("common.ts"), step.path("fn/linked.ts")).unwrap();
        step
    };
    refused(step("export * from './linked';\n"), "IMPORT_OUTSIDE_DIRECTORY");
    passes(step("import type { T } from './linked';\nexport const b: T = 1;\n"));
}

#[test]
fn a_module_that_is_not_text_is_refused_at_its_import() {
    let code = "import wasm from './a.wasm';\nexport default wasm;\n";
    let run = refused(step("", code).file("a.wasm", b"\0asm\xff"), "NOT_UTF8");
    assert_eq!(run.place("NOT_UTF8"), [1, 18, 1, 28]);
    // UTF-8 by chance.
    let run = refused(step("", code).file("a.wasm", b"\0asm\x01\0\0\0"), "NOT_UTF8");
    assert_eq!(run.place("NOT_UTF8"), [1, 18, 1, 28]);
}

#[test]
fn a_name_that_a_module_does_not_export_is_refused_where_it_is_imported() {
    for (line, place) in [
        ("import { great } from './lib';\nexport const a = great();\n", on_line(1, 10, 15)),
        ("export { great } from './lib';\n", on_line(1, 10, 15)),
        ("export { great as greet } from './lib';\n", on_line(1, 10, 15)),
        ("\nexport {  great } from './lib/greet';\n", on_line(2, 11, 16)),
    ] {
        let step = step("", line)
            .file("lib/index.ts", "export * from './greet';\n")
            .file("lib/greet.ts", "export const greet = () => 'hello';\n");
        let run = refused_at(step, "EXPORT_NOT_FOUND", "index.ts", place);
        assert_eq!(run.finding("EXPORT_NOT_FOUND")["hint"], "did you mean `greet`?", "{line}");
    }
    let default =
        step("", "import lib from './lib';\nexport const a = lib;\n").file("lib.ts", "export const b = 1;\n");
    let run = refused_at(default, "EXPORT_NOT_FOUND", "index.ts", on_line(1, 8, 11));
    assert_eq!(run.finding("EXPORT_NOT_FOUND")["message"], "`lib.ts` has no default export");
}

#[test]
fn a_name_that_a_module_exports_in_any_way_is_accepted() {
    passes(
        step(
            "",
            "import { greet, hello, Greeting, old } from './lib';\nimport whole from './old.cjs';\nimport { name } from './data.json';\n\
             export const a: Greeting = [greet, hello.greet, old, whole, name];\n",
        )
        .file("lib/index.ts", "export * from './greet';\nexport * as hello from './greet';\nexport { old } from '../old.cjs';\n")
        .file("lib/greet.ts", "export type Greeting = unknown;\nexport const { greet } = { greet: 1 };\n")
        .file("old.cjs", "exports.old = 1;\n")
        .file("data.json", "{ \"name\": \"a\" }\n"),
    );
}

#[test]
fn code_without_exports_is_refused() {
    refused_at(step("", "export type A = 1;\n"), "NO_EXPORT", "index.ts", [0; 4]);
}

#[test]
fn common_js_must_export_something() {
    let manifest = MANIFEST.replace("index.ts", "index.cjs").replace("\"typescript\"", "\"javascript\"");
    let step = |code: &str| Step::empty().file("aerostack.json", &manifest).file("index.cjs", code);
    passes(step("exports.a = 1;\n"));
    refused(step("module.exports = {};\n"), "NO_EXPORT");
}

#[test]
fn a_route_that_is_not_exported_is_refused() {
    let run = refused(
        step("\"routeExport\": \"greetRoute\"", "export const greetRoutes = 1;\n"),
        "ROUTE_EXPORT_NOT_FOUND",
    );
    assert_eq!(run.place("ROUTE_EXPORT_NOT_FOUND"), [9, 18, 9, 30]);
    assert_eq!(run.finding("ROUTE_EXPORT_NOT_FOUND")["hint"], "did you mean `greetRoutes`?");
}

#[test]
fn a_schema_without_tables_is_warned_of() {
    let fields = "\"drizzleSchema\": true, \"npmDependencies\": [\"drizzle-orm\"]";
    let schema = "import { relations } from 'drizzle-orm';\nexport const users = relations();\n";
    let run = warned(step(fields, CODE).file("schema.ts", schema), "SCHEMA_NOT_EXPORTED");
    assert_eq!(run.place("SCHEMA_NOT_EXPORTED"), [9, 20, 9, 24]);
}

#[test]
fn an_undeclared_package_is_warned_of_at_its_first_import() {
    let run = warned(
        step(
            "\"npmDependencies\": [\"zodd\"]",
            "import { z } from 'zod/v4';\nimport 'zod';\nexport const a = z;\n",
        ),
        "UNDECLARED_DEPENDENCY",
    );
    assert_eq!(run.place("UNDECLARED_DEPENDENCY"), [1, 19, 1, 27]);
    assert_eq!(
        run.finding("UNDECLARED_DEPENDENCY")["hint"],
        "did you mean `zodd`? otherwise add `\"zod\"` to `npmDependencies`"
    );
    let step = step("", "export * from './a';\n").file("a.ts", "import z from 'zod';\nexport const a = z;\n");
    assert_eq!(warned(step, "UNDECLARED_DEPENDENCY").finding("UNDECLARED_DEPENDENCY")["file"], "a.ts");
}

#[test]
fn declared_and_built_in_packages_pass() {
    passes(step(
        "\"npmDependencies\": [\"zod\", \"@scope/a@^1.0.0\", \"never-imported\", \"b@latest\"]",
        "import { z } from 'zod/v4';\n\
         import a from '@scope/a/sub/path.js';\n\
         import b from 'b';\n\
         import { Hono } from 'hono';\n\
         import { cors } from 'hono/cors';\n\
         import { createHash } from 'node:crypto';\n\
         import { DatabaseSync } from 'node:sqlite';\n\
         import { readFile } from 'fs/promises';\n\
         import { DurableObject } from 'cloudflare:workers';\n\
         import type { C } from 'c';\n\
         import { type D, type E } from 'd';\n\
         import { F } from 'f';\n\
         export type { G } from 'g';\n\
         export const all: [C, D, E, F, typeof F, import('h').H] = \
         [z, a, b, Hono, cors, createHash, DatabaseSync, readFile, DurableObject] as any;\n",
    ));
}

#[test]
fn an_undeclared_environment_variable_is_warned_of_at_its_first_read() {
    let run = warned(
        step("\"envVars\": [\"API_KEYS\"]", "export const a = process.env.API_KEY;\n"),
        "UNDECLARED_ENV_VAR",
    );
    assert_eq!(run.place("UNDECLARED_ENV_VAR"), [1, 18, 1, 37]);
    assert_eq!(
        run.finding("UNDECLARED_ENV_VAR")["hint"],
        "did you mean `API_KEYS`? otherwise add `\"API_KEY\"` to `envVars`"
    );
}

#[test]
fn members_that_are_not_environment_variables_pass() {
    passes(step(
        "\"envVars\": [\"A\"]",
        "type Bindings = { A: string; DB: D1Database; B: Buckets['b']; AI: Ai };\n\
         interface Config { C: string }\n\
         process.env.SET = '1';\n\
         delete process.env.GONE;\n\
         const key = 'X';\n\
         export const a = (c: { env: Bindings; var: Config }) => [\n\
           process.env.A, process.env.NODE_ENV, process.env[key], c.env.DB, c.env.B, c.env.AI, c.env.A,\n\
           c.env.C, c.var.C, import.meta.env.MODE, process.env,\n\
         ];\n",
    ));
}

#[test]
fn another_language_than_the_entrypoints_is_warned_of() {
    let javascript = MANIFEST.replace("\"typescript\"", "\"javascript\"");
    let run = warned(Step::empty().function(".", &javascript, CODE), "LANGUAGE_MISMATCH");
    assert_eq!(run.place("LANGUAGE_MISMATCH"), [6, 15, 6, 27]);
}

#[test]
fn the_example_of_the_documentation_passes() {
    passes(Step::example());
}

#[test]
fn content_of_several_files_is_compared_file_by_file() {
    let hub = StandInHub::start();
    let step = step("", "export * from './a';\nexport * from './b';\n")
        .file("a.ts", "export const a = 1;\n")
        .file("b.ts", "export const b = 1;\n")
        .hub(&hub);
    assert_eq!(step.run().statuses(), ["published"]);
    let again = step.run();
    assert_eq!((again.exit_code, again.statuses()), (0, vec!["unchanged"]), "{}", again.stdout);

    let step = step.file("a.ts", "export const a = 2;\n");
    assert_conflict(&step.run(), "`a.ts` changed");
    let step = step.file("a.ts", "export const a = 1;\r\n");
    assert_eq!(step.run().statuses(), ["unchanged"]);

    let step = step.file("b.ts", "export * from './c';\n").file("c.ts", "export const b = 1;\n");
    assert_conflict(&step.run(), "`c.ts` was added");
    let step = step.file("index.ts", "export * from './a';\n");
    assert_conflict(&step.run(), "`b.ts` was removed");
    assert_eq!(hub.publishes().len(), 1);
}

#[test]
fn a_function_that_grew_to_several_files_is_compared_with_the_one_it_had() {
    let hub = StandInHub::start();
    let step = step("", CODE).hub(&hub);
    assert_eq!(step.run().statuses(), ["published"]);
    let step =
        step.file("index.ts", format!("{CODE}export * from './a';\n")).file("a.ts", "export const a = 1;\n");
    assert_conflict(&step.run(), "`a.ts` was added");
    assert_eq!(hub.publishes().len(), 1);
}

fn assert_conflict(run: &Run, change: &str) {
    assert_eq!((run.exit_code, run.codes()), (1, vec!["VERSION_CONFLICT"]), "{}", run.stdout);
    let finding = run.finding("VERSION_CONFLICT");
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains(change), "{message}");
}

#[test]
fn an_entrypoint_path_is_sent_as_the_manifest_writes_it() {
    let hub = StandInHub::start();
    let step = Step::empty()
        .file("aerostack.json", MANIFEST.replace("index.ts", "./src/index.ts"))
        .file("src/index.ts", "export * from './a';\n")
        .file("src/a.ts", "export const a = 1;\n")
        .hub(&hub);
    assert_eq!(step.run().statuses(), ["published"]);
    assert_eq!(step.run().statuses(), ["unchanged"]);
    assert!(hub.publishes()[0]["files"]["./src/index.ts"].is_string());
}
