//! Environment variables that are read but not declared.

use crate::finding::Code;
use crate::function::code::tests::{checked, codes};

const ENV: &str = "interface Env { A: string; KV: KVNamespace }\n";

/// The names of the variables that are found, in the order of the findings.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let (findings, _) = checked("typescript", "\"envVars\": []", files);
    let others = findings.iter().filter(|finding| finding.code != Code::UndeclaredDependency);
    others
        .map(|finding| match finding.message.split('`').collect::<Vec<_>>().as_slice() {
            ["the environment variable ", name, " is read but not listed in ", ..] => (*name).to_owned(),
            _ => finding.message.clone(),
        })
        .collect()
}

/// Asserts which variables are found in each of these functions.
fn assert_all<'c>(cases: impl IntoIterator<Item = (Vec<(&'c str, String)>, &'c [&'c str])>) {
    let mut wrong = Vec::new();
    for (files, names) in cases {
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let all = found(&files);
        if all != names {
            wrong.push(format!("found {all:?} instead of {names:?} in {files:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Modules beside the type of the environment, in which no variable is found.
fn assert_silent(modules: &[&str]) {
    assert_all(modules.iter().map(|code| (vec![("index.ts", format!("{ENV}{code}\n"))], &[][..])));
}

/// Modules in which these variables are found.
fn assert_found(modules: &[&str], names: &[&str]) {
    assert_all(modules.iter().map(|code| (vec![("index.ts", (*code).to_owned())], names)));
}

#[test]
fn a_read_of_an_undeclared_environment_variable_is_found() {
    for code in [
        "export const a = process.env['A'];\n",
        "export const a = process.env[`A`];\n",
        "export const a = process?.env?.A;\n",
        "export const a = globalThis.process.env.A;\n",
        "export const { A: a, NODE_ENV } = process.env;\n",
        "export const a = () => { process.env.A += '1' };\n",
        "import { env } from 'node:process';\nexport const a = env.A;\n",
        "import process from 'node:process';\nexport const a = process.env.A;\n",
        "declare const process: { env: { A: string } };\nexport const a = process.env.A;\n",
        "declare global { var process: { env: { A: string } } }\nexport const a = process.env.A;\n",
        "export const f = (process: any) => process;\nexport const a = process.env.A;\n",
        "interface Settings { A: string }\n\
         export const app = new Hono<{ Bindings: Settings }>().get('/', (c) => c.text(c.env.A));\n",
        "type Bindings = { A: string; DB: D1Database };\n\
         export const a = (c: { env: Bindings }) => [c.env.A, c.env.DB];\n",
        "interface Env { A?: string; KV: KVNamespace }\n\
         export default { fetch: (_: Request, env: Env) => new Response(env.A + env.KV) };\n",
        "import { env } from 'hono/adapter';\ntype Bindings = { A: string };\n\
         export const a = (c: any) => env<Bindings>(c).A;\n",
        "export const app = new Hono<{ Bindings: { A: string | undefined } }>().get('/', (c) => c.text(c.env.A!));\n",
        "type AppEnv = { Bindings: { A: 'x' | 'y' }; Variables: { user: string } };\n\
         export const a = (c: { env: AppEnv['Bindings'] }) => { const { A } = c.env; return A };\n",
    ] {
        assert_eq!(codes("", &[("index.ts", code)]), [Code::UndeclaredEnvVar], "{code}");
    }
}

#[test]
fn the_type_of_the_environment_may_be_anywhere_and_have_any_name() {
    let env = "export interface AppEnv { A: string; DB: D1Database }\n";
    let read = "export default { fetch: (_: Request, env: AppEnv) => new Response(env.A + env.DB) };\n";
    let class = "{ fetch() { return new Response(this.env.A) } }\n";
    for (code, other) in [
        (format!("import type {{ AppEnv }} from './env';\n{read}"), ("env.ts", env)),
        (format!("import {{ AppEnv }} from './env';\n{read}"), ("env.ts", env)),
        (format!("import type {{ AppEnv }} from './types';\n{read}"), ("types.d.ts", env)),
        ("export default { fetch: (_: Request, env: Env) => new Response(env.A) };\n".to_owned(),
            ("worker-configuration.d.ts", "declare namespace Cloudflare { interface Env { A: string } }\ninterface Env extends Cloudflare.Env {}\n")),
        ("export default { async fetch(_, env) { return new Response(env.A) } } satisfies ExportedHandler<Mine>;\ninterface Mine { A: string }\n".to_owned(), ("x.ts", "")),
        (format!("interface Mine {{ A: string }}\nexport class D extends DurableObject<Mine> {class}"), ("x.ts", "")),
        (format!("interface Mine {{ A: string }}\nexport class D extends WorkerEntrypoint<Mine> {class}"), ("x.ts", "")),
        (format!("interface Base {{ A: string }}\ninterface Mine extends Base {{ B?: number }}\nexport class D extends DurableObject<Mine> {class}"), ("x.ts", "")),
        (format!("type Mine = {{ A: string }} & {{ B: number }};\nexport class D extends DurableObject<Mine> {class}"), ("x.ts", "")),
        (format!("type Base = {{ A: string }};\ntype Mine = Base & {{ B: number }};\nexport class D extends DurableObject<Mine> {class}"), ("x.ts", "")),
        ("class D { constructor(private env: { A: string }) {} f() { return this.env.A } }\nexport { D };\n".to_owned(), ("x.ts", "")),
        ("export const f = (_: Request, { A }: Env) => A;\ninterface Env { A: string }\n".to_owned(), ("x.ts", "")),
        ("export const f = ({ env: { A } }: { env: Env }) => A;\ninterface Env { A: string }\n".to_owned(), ("x.ts", "")),
        ("export const f = (_: Request, bindings: Env) => bindings.A;\ninterface Env { A: string }\n".to_owned(), ("x.ts", "")),
        ("export const onRequest: PagesFunction<Mine> = (c) => new Response(c.env.A);\ninterface Mine { A: string }\n".to_owned(), ("x.ts", "")),
    ] {
        let (findings, sent) = checked("typescript", "\"envVars\": []", &[("index.ts", &code), other]);
        let found: Vec<_> = findings.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(found, ["the environment variable `A` is read but not listed in `envVars`"], "{code}");
        assert!(sent.modules.iter().all(|file| !file.path.starts_with("worker-")), "{code}");
    }
}

#[test]
fn the_environment_may_have_another_name() {
    let env = "interface Env { A: string }\n";
    for code in [
        "const env = process.env;\nexport const a = env.A;\n",
        "const variables = process.env;\nexport const a = variables.A;\n",
        "const { env } = process;\nexport const a = env.A;\n",
        "const { env: e } = process;\nexport const a = e.A;\n",
        "import { env as e } from 'node:process';\nexport const a = e.A;\n",
        "import process from 'node:process';\nconst e = process.env;\nconst { A } = e;\nexport { A };\n",
        "const { env: { A } } = process;\nexport { A };\n",
        "export const f = (c: { env: Env }) => { const e = c.env; return e.A };\n",
        "export const f = (c: { env: Env }) => { const { A } = c.env; return A };\n",
        "export const f = (c: { env: Env }) => { const { env: e } = c; return e.A };\n",
        "export const f = (c: { env: Env }) => { const { env: { A } } = c; return A };\n",
        "export const f = (c: any) => { const e = c.env as Env; return e.A };\n",
        "import { env } from 'cloudflare:workers';\nexport const a = env.A;\n",
        "import { env as e } from 'cloudflare:workers';\nexport const a = e.A;\n",
        "import { env } from 'hono/adapter';\nexport const f = (c: any) => { const { A } = env<{ A: string }>(c); return A };\n",
        "import { env as e } from 'hono/adapter';\nexport const f = (c: any) => e<Env>(c).A;\n",
    ] {
        let code = format!("{env}{code}");
        let (findings, _) = checked("typescript", "\"envVars\": []", &[("index.ts", &code)]);
        let found: Vec<_> = findings.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(found, ["the environment variable `A` is read but not listed in `envVars`"], "{code}");
    }
}

#[test]
fn a_variable_with_a_default_and_a_binding_of_another_type_are_not_found() {
    let env = "interface Env { A: string; KV: KVNamespace; N: number; S: string | KVNamespace }\n";
    for code in [
        "export const a = process.env.PORT ?? '3000';\n",
        "export const a = process.env.PORT || '3000';\n",
        "export const a = Number(process.env.PORT ?? 3000);\n",
        "export const a = (process.env.PORT as string) ?? '3000';\n",
        "export const a = process.env.PORT! || '3000';\n",
        "export const a = process.env?.PORT ?? '3000';\n",
        "export const { PORT = '3000' } = process.env;\n",
        "process.env.PORT ??= '3000';\nexport const a = process.env.PORT;\n",
        "process.env.PORT = '3000';\nexport const a = process.env.PORT;\n",
        "export const f = (c: { env: Env }) => c.env.A ?? 'a';\n",
        "export const f = (c: { env: Env }) => { const { A = 'a' } = c.env; return A };\n",
        "export const f = (c: { env: Env }) => [c.env.KV, c.env.N, c.env.S, c.env.OTHER];\n",
        "export const f = (c: any) => c.env.OTHER;\n",
        "export const f = (env: { A: string }) => { const other = { env }; return import.meta.env.A };\n",
        "const env = { OTHER: 'a' };\nexport const a = env.OTHER;\n",
    ] {
        let code = format!("{env}{code}");
        assert_eq!(codes("\"envVars\": []", &[("index.ts", &code)]), [], "{code}");
    }
    let and = "export const a = process.env.A && 'x';\n";
    assert_eq!(codes("\"envVars\": []", &[("index.ts", and)]), [Code::UndeclaredEnvVar]);
}

#[test]
fn every_name_of_a_chain_that_ends_in_a_default_has_one() {
    assert_silent(&[
        "export const a = process.env.A ?? process.env.B ?? 'x';",
        "export const a = process.env.A || process.env.B || process.env.C || 'x';",
        "export const a = (process.env.A || process.env.B) || 'x';",
        "export const a = process.env.A ?? (process.env.B ?? 'x');",
        "export const a = (c: any) => c.header('x') ?? process.env.B ?? 'x';",
        "export const a = (c: { env: Env }) => c.env.A || process.env.B || '';",
        "export const a = (dev: boolean) => (dev ? process.env.A : undefined) ?? 'x';",
        "const fallback = 'x';\nexport const a = process.env.A ?? fallback;",
        "export const a = (options: { key: string }) => process.env.A ?? options.key;",
    ]);
    for (code, names) in [
        ("export const a = process.env.A ?? undefined;", &["A"][..]),
        ("export const a = process.env.A ?? null;", &["A"]),
        ("export const a = process.env.A || void 0;", &["A"]),
        ("export const a = process.env.A ?? (() => { throw new Error('A') })();", &["A"]),
        ("export const a = process.env.A ?? (function () { throw new Error('A') })();", &["A"]),
        ("function fail(): never { throw 1 }\nexport const a = process.env.A ?? fail();", &["A"]),
        (
            "const fail = (name: string) => { throw new Error(name) };\nexport const a = process.env.A || fail('A');",
            &["A"],
        ),
        ("export const a = process.env.A ?? process.env.B;", &["A", "B"]),
        ("const b = process.env.B;\nexport const a = process.env.A ?? b;", &["B", "A"]),
    ] {
        assert_found(&[code], names);
    }
}

#[test]
fn a_default_has_many_spellings() {
    assert_silent(&[
        "export const a = process.env.P ? process.env.P : '3';",
        "export const a = !process.env.P ? 'x' : process.env.P;",
        "export const a = process.env.A?.split(',') ?? [];",
        "export const a = process.env.A?.trim() || 'x';",
        "export const a = process.env.A?.split(',').map((one) => one.trim()) ?? [];",
        "export const a = (process.env.A && process.env.A.trim()) || 'x';",
        "export const a = parseInt(process.env.A!, 10) || 3;",
        "export const a = Number(process.env.A) || 3;",
        "export const a = Number.parseFloat(process.env.A!) || 3;",
        "export const a = +process.env.A! || 3;",
        "const a = process.env.A;\nexport const b = a ?? 'x';",
        "const { A } = process.env;\nexport const b = A || 'x';",
        "const { A: a } = process.env;\nexport const b = a ? a : 'x';",
        "let a = process.env.A;\na ??= 'x';\nexport { a };",
        "let a = process.env.A;\nif (!a) a = 'x';\nexport const b = a;",
        "export const a = typeof process.env.A === 'string' ? process.env.A : 'x';",
        "export const a = typeof process.env.A !== 'undefined' ? process.env.A : 'x';",
        "export const f = (other: string) => process.env.X != null ? process.env.X : other;",
        "export const a = process.env.X === undefined ? 'x' : process.env.X;",
        "export const a = 'X' in process.env ? process.env.X : 'x';",
        "export const a = process.env.X && process.env.X !== '' ? process.env.X : 'x';",
        "export const a = process.env.X?.length ? process.env.X : 'x';",
        "export const a = Number.isNaN(Number(process.env.X)) ? 3 : Number(process.env.X);",
        "export const a = (process.env.X ? process.env.X.trim() : undefined) ?? 'x';",
        "export const f = ({ env }: { env: Env }) => env.A ? env.A : 'x';",
        "export const a = process.env.A === undefined || process.env.A === '' ? 'x' : process.env.A;",
        "export const a = process.env.hasOwnProperty('A') ? process.env.A : 'x';",
        "export const a = Object.hasOwn(process.env, 'A') ? process.env.A : 'x';",
        "let a: string;\nif (process.env.A) a = process.env.A; else a = 'x';\nexport const b = () => a;",
        "let a: string;\nif (process.env.A === undefined) { a = 'x' } else { a = process.env.A }\nexport const b = () => a;",
        "export function f(a = process.env.A) { return a ?? 'x' }",
        "export function f() { if (process.env.A) return process.env.A; return 'x' }",
        "export function f(log: any) { const a = process.env.A || process.env.B; if (a) log(a) }",
        "export function f(o: any) { if (process.env.A !== undefined) { o.a = process.env.A } }",
        "let a = process.env.A || undefined;\na ??= 'x';\nexport const b = a;",
        "export const a = (process.env.A ??= 'x');",
        // Used only where it is there.
        "export const a = { headers: process.env.A ? { key: `${process.env.A}` } : {} };",
        "export const a = { ...(process.env.A && { key: process.env.A }) };",
        "export const a = process.env.A ? [{ url: process.env.A }] : [];",
        "export const a = process.env.A ? new Map([[process.env.A, 1]]) : null;",
        "export const a = !process.env.A ? null : new Map([[process.env.A, 1]]);",
        "export function f(init: any) { process.env.A && init(process.env.A) }",
        "export function f(init: any) { !process.env.A || init(process.env.A) }",
        "const a = process.env.A;\nexport const b = a ? { a } : {};",
        "export default { fetch: (_: Request, env: Env) => new Response(env.A ? `a${env.A}` : null) };",
    ]);
    assert_found(
        &[
            "export const a = process.env.A ? 'x' : 'y';",
            "export const a = process.env.A && 'x';",
            "export const a = process.env.A === 'x' || 'y';",
            "export const a = process.env.A!.trim() || 'x';",
            "export const a = process.env.A ? process.env.A : undefined;",
            "export const a = process.env.A && process.env.A;",
            "const a = process.env.A;\nexport const b = a ?? 'x', c = a;",
            "const a = process.env.A;\nif (!a) throw new Error('A');\nexport const b = a;",
            "export const a = process.env.A;",
            "let a: string;\nif (process.env.A) { a = process.env.A } else { throw new Error('A') }\nexport const b = () => a;",
            "export function f(a = process.env.A) { return a }",
            "export function f(log: any) { if (process.env.A) log() }",
            "const a = process.env.A;\nexport { a };\nexport const b = a ?? 'x';",
        ],
        &["A"],
    );
}

#[test]
fn an_object_of_the_code_is_no_environment() {
    assert_silent(&[
        "export default { fetch(_: Request, env: Env) { { const env = { A: 'x' }; return env.A } } };",
        "const env: Env = { A: 'x' } as any;\nexport const a = env.A;",
        "const env = { A: 'x' } as Env;\nexport const a = env.A;",
        "const env = <Env>{ A: 'x' };\nexport const a = env.A;",
        "const env = { A: 'x' } satisfies Partial<Env>;\nexport const a = env.A;",
        "let env: Env;\nenv = { A: 'x' } as Env;\nexport const a = env.A;",
        "import { env } from 'std-env';\nexport const a = env.A;",
        "import { z } from 'zod';\nconst env = z.object({ A: z.string() }).parse(process.env);\nexport const a = env.A;",
        "import { z } from 'zod';\nconst env: Env = z.any().parse(process.env);\nconst { A } = env;\nexport { A };",
        "const cfg = { env: { A: 'x' } };\nconst { env } = cfg;\nexport const a = [env.A, cfg.env.A];",
        "export const f = (cfg: any) => { const { env } = cfg; return env.A };",
        "export const f = (opts: any) => opts.env.A;",
        "const opts = { env: { A: 'x' } };\nexport const a = opts.env.A;",
        "const c = { env: { A: 'x' } };\nexport const a = c.env.A;",
        "export class B { env = { A: 'x' }; f() { return this.env.A } }",
        "export class B { env: Env; constructor() { this.env = { A: 'x' } as any; this.env = { A: 'x' } } g() { return 1 } }",
        "export class B { env; constructor() { this.env = { A: 'x' } } f() { return this.env.A } }",
        "export const f = (env = { A: 'x' }) => env.A;",
        "export const f = ({ A } = { A: 'x' }) => A;",
        "export const f = () => { try { return '' } catch (env: any) { return env.A } };",
        "export const f = (list: any) => list.map((env) => env.A);",
        "export const f = (list: any) => list.filter((env: any) => env.A);",
        "export const f = ({ env = { A: 'x' } }) => env.A;",
        "export const f = (o: any) => { const { env = { A: 'x' } } = o; return env.A };",
        "declare const createContext: any;\nconst ctx = createContext({ env: { A: 'x' } });\nexport const a = ctx.env.A;",
        "export const f = (env: Record<string, string>) => env.A;",
        "export const f = (env: Map<string, string> & { A: string }, e: Map<string, string>) => e.get('A');",
        "const config = { A: 'x' };\nexport const f = (env: typeof config) => env.A;",
        "const env = { ...process.env, A: 'x' };\nexport const a = env.A;",
        "const { env } = import.meta;\nexport const a = env.A;",
        "namespace env { export const A = 'x' }\nexport const a = env.A;",
        "class env { static A = 'x' }\nexport const a = env.A;",
        "enum env { A = 'x' }\nexport const a = env.A;",
        "function env() {}\nenv.A = 'x';\nexport const a = env.A;",
        "export const f = () => { for (const env of [{ A: 'x' }]) if (env.A) return env.A };",
    ]);
}

#[test]
fn an_imported_object_is_an_environment_only_if_its_module_says_so() {
    let read = "import { env } from './e';\nexport const a = env.A;\n";
    let default = "import env from './e';\nexport const a = env.A;\n";
    for (code, other, names) in [
        (read, "export const env = { A: 'x' };\n", &[][..]),
        (read, "import { createEnv } from '@t3-oss/env-core';\nexport const env = createEnv({});\n", &[]),
        (read, "export const env = process.env;\n", &["A"]),
        (read, "export { env } from 'node:process';\n", &["A"]),
        (read, "export { env } from 'cloudflare:workers';\n", &["A"]),
        (
            "import { env as e } from './e';\nexport const a = e.A;\n",
            "export const env = globalThis.process.env;\n",
            &["A"],
        ),
        (default, "export default process.env;\n", &["A"]),
        (default, "export default { A: 'x' };\n", &[]),
    ] {
        let code = format!("{ENV}{code}");
        let all = found(&[("index.ts", &code), ("e.ts", other)]);
        assert_eq!(all, names, "{code}{other}");
    }
}

#[test]
fn of_what_is_only_called_env_names_in_upper_case_count() {
    for code in [
        "interface Deployment { name: string; url: string }\nexport const f = (env: Deployment) => env.name + env.url;\n",
        "interface Environment { name: string }\nexport class I { constructor(private env: Environment) {} f() { return this.env.name } }\n",
        "interface Env { length: string }\nexport const f = (env: string) => env.length;\n",
        "interface Env { length: string }\nexport const f = (env: string[]) => env.length;\n",
        "interface Env { LENGTH: string }\nexport const f = (env: 'a' | 'b', all: any) => all[env].LENGTH + (env as any).LENGTH;\n",
        "interface Env { length: string }\ntype EnvName = 'prod' | 'dev';\nexport const f = (env: EnvName) => env.length;\n",
        "interface Env { url: string }\nexport const f = (envs: any) => Object.values(envs).map((env) => env.url);\n",
        "interface Project { env: { name: string } }\nexport const f = (p: Project) => p.env.name;\n",
        "interface Project { env: { NAME: string } }\nexport const f = (p: Project) => p.env.NAME;\n",
        "const config = { env: { name: 'x' } };\ninterface Env { name: string }\nexport const f = () => config.env.name;\n",
        "export class P { env: { name: string } = { name: 'x' }; f() { return this.env.name } }\n",
        "interface ImportMeta { readonly env: ImportMetaEnv }\ninterface ImportMetaEnv { readonly A: string }\nexport const f = (env: any) => env.A;\n",
        "interface User { NAME: string }\ninterface Env { NAME: string }\nexport const f = (user: User) => user.NAME;\n",
    ] {
        assert_found(&[code], &[]);
    }
    assert_found(
        &[
            "interface Settings { A: string }\nexport const f = (env: Settings) => env.A;\n",
            "interface Env { A: string }\nexport const f = (env: any) => env.A;\n",
        ],
        &["A"],
    );
    // The type of a Worker's environment says more than the spelling.
    assert_found(
        &[
            "interface Env { key: string }\nexport const f = (env: Env) => env.key;\n",
            "interface E { key: string }\nexport default { fetch: (_: Request, env: E) => new Response(env.key) };\n",
            "import { Hono } from 'hono';\nexport const app = new Hono<{ Bindings: { key: string } }>().get('/', (c) => c.text(c.env.key));\n",
            "import { Hono } from 'hono';\nexport const app = new Hono<{ Bindings: { key: string } }>();\napp.get('/', async function (x) { const { key } = x.env; return x.text(key) });\n",
            "import { Hono } from 'hono';\nexport const app = new Hono<{ Bindings: { key: string } }>();\napp.use(async (cx, next) => { cx.set('a', cx.env.key); await next() });\n",
        ],
        &["key"],
    );
}

#[test]
fn members_of_every_object_and_names_that_cannot_be_listed_are_no_variables() {
    assert_silent(&[
        "export const a = process.env.hasOwnProperty('A');",
        "export const a = [process.env.toString(), process.env.constructor, process.env.valueOf, process.env.__proto__];",
        "const { hasOwnProperty, toString } = process.env;\nexport const a = [hasOwnProperty, toString];",
        "export const a = [process.env['MY-VAR'], process.env[''], process.env['1A'], process.env['ProgramFiles(x86)']];",
    ]);
}

#[test]
fn what_the_code_sets_is_not_found() {
    assert_silent(&[
        "[process.env.A] = ['x'];\nexport const a = process.env.A;",
        "export const f = (x: any) => { ({ a: process.env.B } = x) };",
        "export const f = (x: any) => { ({ a: process.env.B = 'x' } = x) };",
        "export const f = (x: any) => { ({ ...process.env.B } = x) };",
        "export const f = (list: string[]) => { for (process.env.A of list) console.log(process.env.A) };",
        "Object.assign(process.env, { MODE: 'x' });\nexport const a = process.env.MODE;",
        "Reflect.set(process.env, 'MODE', 'x');\nexport const a = process.env.MODE;",
        "process.env = { ...process.env, MODE: 'x' };\nexport const a = process.env.MODE;",
        "(process.env as any).MODE = 'x';\nexport const a = process.env.MODE;",
        "if (!process.env.A) process.env.A = 'x';\nexport const a = process.env.A;",
        "process.env.A = process.env.A || 'x';\nexport const a = process.env.A;",
        "export const f = () => process.env.A;\nprocess.env.A = 'x';",
    ]);
    assert_found(
        &[
            "export const k = process.env.A;\nprocess.env.A = 'x';\n",
            "const { A } = process.env;\nprocess.env.A = 'x';\nexport { A };\n",
        ],
        &["A"],
    );
}

#[test]
fn what_another_module_sets_is_not_found() {
    let code = "import './set';\nexport const a = process.env.MODE;\n";
    assert_eq!(found(&[("index.ts", code), ("set.ts", "process.env.MODE = 'x';\n")]), [""; 0]);
    assert_eq!(found(&[("index.ts", code), ("set.ts", "process.env.OTHER = 'x';\n")]), ["MODE"]);
}

#[test]
fn the_environment_is_known_by_its_place() {
    let read = |code: &str| format!("interface AppEnv {{ A: string; KV: KVNamespace }}\n{code}\n");
    for code in [
        "export default { fetch(req: Request, { A: k, KV }: AppEnv) { return new Response(k) } };",
        "export default { fetch(req, { A }) { return new Response(A) } } satisfies ExportedHandler<AppEnv>;",
        "export default { queue(batch, { A }) { console.log(A) } } satisfies ExportedHandler<AppEnv>;",
        "export default { fetch(req, bindings) { return new Response(bindings.A) } } satisfies ExportedHandler<AppEnv>;",
        "const handler: ExportedHandler<AppEnv> = { fetch(req, e) { return new Response(e.A) } };\nexport default handler;",
        "export default { fetch: async (req, e) => new Response(e.A) } as ExportedHandler<AppEnv>;",
        "declare const wrap: any;\nexport default wrap({ scheduled(event, e) { console.log(e.A) } } satisfies ExportedHandler<AppEnv>);",
        "const f: ExportedHandlerFetchHandler<AppEnv> = async (req, e) => new Response(e.A);\nexport default { fetch: f };",
        "export const f = (cfg: AppEnv) => cfg.A;\nexport default { fetch: (_: Request, env: AppEnv) => new Response('') };",
        "export const f = ({ A }: AppEnv) => A;\nexport class D extends DurableObject<AppEnv> {}",
        "export const f = (cfg: Readonly<AppEnv>) => cfg.A;\nexport class D extends DurableObject<AppEnv> {}",
        "export class X extends DurableObject<AppEnv> { constructor(ctx, bindings: AppEnv) { super(ctx, bindings); console.log(bindings.A) } }",
        "export class X extends DurableObject<AppEnv> { constructor(ctx, bindings) { super(ctx, bindings); console.log(bindings.A) } }",
        "export class X { #env: AppEnv; constructor(env: AppEnv) { this.#env = env } f() { return this.#env.A } }",
        "export class X { constructor(private _env: AppEnv) {} f() { return this._env.A } }",
        "export class X { private readonly e: AppEnv; constructor(env: AppEnv) { this.e = env } f() { return this.e.A } }\nexport class D extends DurableObject<AppEnv> {}",
        "let E: AppEnv;\nexport default { fetch(req: Request, env: AppEnv) { E = env; return f() } };\nconst f = () => new Response(E.A);",
        "import { env as getEnv } from 'hono/adapter';\nexport const f = (c: any) => { const e = getEnv<{ A: string }>(c); return e.A };",
        "import * as adapter from 'hono/adapter';\nexport const f = (c: any) => adapter.env<{ A: string }>(c).A;",
        "import type { Context } from 'hono';\nexport const f = (c: Context<{ Bindings: AppEnv }>) => c.env.A;",
        "import type { AppEnv as Mine } from './x';\nexport const f = (mine: Mine) => mine.A;\nexport class D extends DurableObject<Mine> {}",
        "export const onRequestGet: PagesFunction<AppEnv> = async ({ env }) => new Response(env.A);",
        "export class W extends WorkflowEntrypoint<AppEnv, {}> { run() { const { A } = this.env; return A } }",
        "export const f = (env: Pick<AppEnv, 'A'>) => env.A;\nexport class D extends DurableObject<AppEnv> {}",
        "export const f = ({ ctx }) => ctx.env.A;\nexport class D extends DurableObject<AppEnv> {}",
        "export const f = (event: any) => event.platform?.env.A;\nexport class D extends DurableObject<AppEnv> {}",
        "declare const getCloudflareContext: any;\nexport const f = async () => (await getCloudflareContext({ async: true })).env.A;\nexport class D extends DurableObject<AppEnv> {}",
        "export const f = ({ cloudflare: { env } }) => env.A;\nexport const g = (context: any) => { const { cloudflare: { env } } = context; return env.A };\nexport class D extends DurableObject<AppEnv> {}",
        "import * as workers from 'cloudflare:workers';\nexport class D extends DurableObject<AppEnv> {}\nexport const f = () => workers.env.A;",
    ] {
        let code = read(code);
        let all = found(&[("index.ts", &code), ("x.ts", "export interface AppEnv { A: string }\n")]);
        assert_eq!(all, ["A"], "{code}");
    }
    // The second parameter of what only has the name of a handler.
    for code in [
        "interface Options { topic: string; TOPIC: string }\nexport class Client { queue(name: string, options: Options) { return options.topic + options.TOPIC } }",
        "interface Options { topic: string; TOPIC: string }\nexport const client = { fetch(url: string, options: Options) { return options.topic + options.TOPIC } };",
    ] {
        assert_found(&[code], &[]);
    }
}

#[test]
fn a_member_is_a_string_by_any_type_that_is_one() {
    for types in [
        "type Secret = string;\ninterface Env { A: Secret }",
        "type Inner = 'a' | 'b';\ntype Secret = Inner;\ninterface Env { A: Secret | undefined }",
        "interface Env { A: `https://${string}` }",
        "interface Env { A: string & { __b: 1 } }",
        "type Brand = string & { __b: 1 };\ninterface Env { A: Brand }",
        "type Env = Record<'A', string>;",
        "type Keys = 'A' | 'B';\ntype Env = Record<Keys, string>;",
        "interface Env extends Record<'A', string> { B: number }",
        "type Env = { [K in 'A' | 'B']: string };",
        "type Env = Readonly<{ A: string }>;",
        "interface Dev { A: string; B: string }\ninterface Prod { A: string; B: KVNamespace }\ntype Env = Dev | Prod;",
    ] {
        let code = format!("{types}\nexport const f = (env: Env) => [env.A, env.KV];\n");
        assert_eq!(found(&[("index.ts", &code)]), ["A"], "{code}");
    }
    assert_found(
        &["interface Dev { A: string; B: string }\ninterface Prod { A: string; B: KVNamespace }\n\
           export default { fetch: (_: Request, env: Dev | Prod) => new Response(env.A + env.B) };\n"],
        &["A"],
    );
    for types in [
        "type Secret = SecretsStoreSecret;\ninterface Env { A: Secret }",
        "type Secret = string | KVNamespace;\ninterface Env { A: Secret }",
        "type A = B;\ntype B = A;\ninterface Env { A: A }",
        "type Env = Record<'A', KVNamespace>;",
        "type Env = Record<string, string>;",
    ] {
        let code = format!("{types}\nexport const f = (env: Env) => env.A;\n");
        assert_eq!(found(&[("index.ts", &code)]), [""; 0], "{code}");
    }
}

#[test]
fn process_env_is_found_through_defaults_and_require() {
    assert_found(
        &[
            "const { A } = process?.env ?? {};\nexport { A };\n",
            "const env = globalThis.process?.env ?? {};\nexport const a = env.A;\n",
            "const e = typeof process !== 'undefined' ? process.env : {};\nexport const a = e.A;\n",
            "const e = typeof process === 'undefined' ? {} : process.env;\nexport const a = e.A;\n",
            "let A: any;\n({ A } = process.env);\nexport const f = () => A;\n",
            "let a: any;\n({ A: a } = process.env);\nexport const f = () => a;\n",
            "export function f({ A } = process.env) { return A }\n",
            "export function f(env = process.env) { return env.A }\n",
            "export function f(options = process.env) { return options.A }\n",
            "export function f(env: NodeJS.ProcessEnv = process.env) { return env.A }\n",
            "const { env } = require('node:process');\nexport const a = env.A;\n",
            "const process = require('process');\nexport const a = process.env.A;\n",
            "const { NODE_ENV, ...rest } = process.env;\nexport const a = [NODE_ENV, rest.A];\n",
            "const c = { env: process.env };\nexport const a = c.env.A;\n",
        ],
        &["A"],
    );
}

#[test]
fn declaration_files_beside_the_entrypoint_count_too() {
    let code = "export default { fetch: (_: Request, env: Env) => new Response(env.A) };\n";
    let files = [("src/index.ts", code), ("src/env.d.ts", ENV)];
    assert_eq!(found(&files), ["A"]);
    assert_eq!(found(&[("src/index.ts", code), ("test/env.d.ts", ENV)]), [""; 0]);
}

#[test]
fn a_variable_of_an_optional_type_can_be_set() {
    for (types, hint) in [
        ("interface Env { A: string }", "must set it"),
        ("interface Env { A?: string }", "can set it"),
        ("interface Env { A: string | undefined }", "can set it"),
        ("type Env = Partial<Record<'A', string>>;", "can set it"),
        ("interface Env { A?: string }\ntype Bindings = { A: string };", "must set it"),
    ] {
        let code = format!("{types}\nexport const f = (env: Env) => env.A;\n");
        let (findings, _) = checked("typescript", "\"envVars\": []", &[("index.ts", &code)]);
        let hints: Vec<_> = findings.iter().map(|one| one.hint.as_str()).collect();
        assert_eq!(hints, [format!("add `\"A\"` to `envVars`: users of the function {hint}")], "{code}");
    }
}

#[test]
fn an_endless_chain_of_types_ends() {
    let module = |of: usize| {
        let next = if of == 12 { String::new() } else { format!("import './m{}';\n", of + 1) };
        let aliases = (0..9_000).map(|i| (of * 9_000 + i, of * 9_000 + i + 1));
        aliases.fold(next, |text, (from, to)| text + &format!("export type T{from} = T{to};\n"))
    };
    let modules: Vec<_> = (0..=12).map(|of| (format!("m{of}.ts"), module(of))).collect();
    let code = "import './m0';\ninterface Env { A: T0; B: T1; C: Loop; D: string }\ntype Loop = Loop;\n\
                export const f = (env: Env) => [env.A, env.B, env.C, env.D];\n";
    let modules = modules.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let files: Vec<_> = std::iter::once(("index.ts", code)).chain(modules).collect();
    let (findings, _) = checked("typescript", "\"envVars\": []", &files);
    let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["the environment variable `D` is read but not listed in `envVars`"]);
}
