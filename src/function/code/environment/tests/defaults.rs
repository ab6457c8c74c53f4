//! Variables with a default, which need not be set.

use super::cases::{assert_found, assert_silent};
use crate::finding::Code;
use crate::function::code::tests::codes;

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
