//! Environment variables that are read but not declared.

use super::{checked, codes};
use crate::finding::Code;

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
