//! Assignments to what can't be assigned to: bundlers refuse such code.

use oxc_ast::AstKind;
use oxc_semantic::{Reference, Semantic, SymbolId};
use oxc_span::GetSpan as _;
use oxc_syntax::operator::UnaryOperator;

use super::module::SyntaxError;
use super::scope::{is_import, is_target, is_wrapper, range_of};

/// An error at each assignment to a constant, to an imported name, or to a member of an imported module.
pub(super) fn errors(semantic: &Semantic<'_>) -> Vec<SyntaxError> {
    let scoping = semantic.scoping();
    let constants = scoping.symbol_ids().filter_map(|symbol| {
        let flags = scoping.symbol_flags(symbol);
        let kind = match () {
            () if flags.is_ambient() => return None,
            () if flags.is_const_variable() => "a constant",
            () if is_import(flags) => "an imported name",
            () if flags.is_class() => "a class",
            () => return None,
        };
        Some((symbol, kind))
    });
    let errors = constants.flat_map(|(symbol, kind)| {
        let is_module =
            matches!(semantic.symbol_declaration(symbol).kind(), AstKind::ImportNamespaceSpecifier(_));
        scoping.get_resolved_references(symbol).filter_map(move |reference| {
            let name = scoping.symbol_name(symbol);
            let error =
                |message| Some(SyntaxError::new(message, range_of(semantic.reference_span(reference))));
            if reference.is_write() && is_constant_at(symbol, reference, semantic) {
                return error(format!("`{name}` is {kind}, and can't be assigned to"));
            }
            if is_module && is_member_written(reference, semantic) {
                return error(format!("`{name}` is an imported module, whose members can't be assigned to"));
            }
            None
        })
    });
    let mut errors: Vec<_> = errors.collect();
    errors.sort_by_key(|error| error.range.start);
    errors
}

/// Whether a member of what a name refers to is set or deleted, and nothing that is read from it.
fn is_member_written(reference: &Reference, semantic: &Semantic<'_>) -> bool {
    let mut around = semantic.nodes().ancestor_kinds(reference.node_id()).filter(|kind| !is_wrapper(kind));
    let (Some(member), Some(user)) = (around.next(), around.next()) else { return false };
    let name = semantic.reference_span(reference);
    let is_deleted = matches!(user, AstKind::UnaryExpression(it) if it.operator == UnaryOperator::Delete);
    member.as_member_expression_kind().is_some_and(|it| it.object().span().contains_inclusive(name))
        && (is_deleted || is_target(member.span(), &user))
}

/// Whether a name can't be assigned to where it is: that of a class only in itself, and a constant of a function's body is not yet
/// there in its parameters.
fn is_constant_at(symbol: SymbolId, write: &Reference, semantic: &Semantic<'_>) -> bool {
    let (nodes, span) = (semantic.nodes(), semantic.reference_span(write));
    let declaration = semantic.symbol_declaration(symbol);
    if semantic.scoping().symbol_flags(symbol).is_class() {
        return declaration.kind().span().contains_inclusive(span);
    }
    let mut around = nodes.ancestors(write.node_id());
    !around.any(|node| match node.kind() {
        AstKind::FormalParameters(parameters) => {
            let function = nodes.parent_kind(node.id()).span();
            let declared = declaration.kind().span();
            function.contains_inclusive(declared) && !parameters.span.contains_inclusive(declared)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::finding::Code;
    use crate::function::code::tests::{checked, codes};

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
            let found: Vec<_> =
                findings.iter().map(|one| (one.code, one.location.as_ref().unwrap())).collect();
            assert_eq!(found.len(), 1, "{code}: {findings:?}");
            assert_eq!(
                (found[0].0, found[0].1.to_string().as_str()),
                (Code::SyntaxError, location),
                "{code}"
            );
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
}
