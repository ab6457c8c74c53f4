//! Environment variables that are read but not declared.

mod cases;
mod defaults;
mod objects;

use cases::{ENV, assert_found, found};

use crate::finding::Code;
use crate::function::code::tests::{checked, codes};

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
