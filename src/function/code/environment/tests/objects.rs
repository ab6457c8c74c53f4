//! Objects that are no environment, and members of one that are no variables.

use super::cases::{ENV, assert_found, assert_silent, found};

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
