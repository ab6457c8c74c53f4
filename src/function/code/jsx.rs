//! The names that JSX stands for: a bundler writes calls of them where it is.

use std::collections::BTreeSet;

use oxc_ast::AstKind;
use oxc_semantic::Semantic;

/// The first name of what bundlers call for JSX; nothing without JSX (esbuild, "JSX": `React` unless a comment says otherwise).
pub(super) fn factories<'s>(semantic: &'s Semantic<'_>) -> BTreeSet<&'s str> {
    let is_jsx = |kind: AstKind<'_>| matches!(kind, AstKind::JSXElement(_) | AstKind::JSXFragment(_));
    if !semantic.nodes().iter().any(|node| is_jsx(node.kind())) {
        return BTreeSet::new();
    }
    let comments = semantic.comments().iter();
    let texts: Vec<_> =
        comments.map(|comment| comment.content_span().source_text(semantic.source_text())).collect();
    let named = |pragma: &str| texts.iter().find_map(|text| after(text, pragma));
    if named("@jsxImportSource").is_some() {
        return BTreeSet::new();
    }
    let factories = ["@jsx", "@jsxFrag"].map(|pragma| named(pragma).unwrap_or("React"));
    factories.into_iter().filter_map(|factory| factory.split('.').next()).collect()
}

/// The word after a pragma.
fn after<'t>(comment: &'t str, pragma: &str) -> Option<&'t str> {
    let mut words = comment.split_whitespace().skip_while(|word| *word != pragma).skip(1);
    words.next()
}

#[cfg(test)]
mod tests {
    use crate::function::code::tests::checked;

    #[test]
    fn what_jsx_calls_is_used() {
        let files = |code| [("index.tsx", code), ("h.ts", "export const other = 1;\n")];
        for (code, expected) in [
            (
                "/** @jsx h */\nimport { h } from './h';\nexport const k = <div/>;\n",
                &["EXPORT_NOT_FOUND"][..],
            ),
            (
                "/** @jsx h.a */\nimport * as h from 'preact';\nexport const k = <div/>;\n",
                &["UNDECLARED_DEPENDENCY"],
            ),
            (
                "/* @jsx x @jsxFrag F */\nimport { F } from './h';\nexport const k = <></>;\n",
                &["EXPORT_NOT_FOUND"],
            ),
            ("import React from './h';\nexport const k = <div/>;\n", &["EXPORT_NOT_FOUND"]),
            ("/** @jsxImportSource a */\nimport React from './h';\nexport const k = <div/>;\n", &[]),
            ("import React from './h';\nexport const k = 1;\n", &[]),
            ("/** @jsx h */\nimport { h } from './h';\nexport const k = 1;\n", &[]),
        ] {
            let (findings, _) = checked("typescript", "\"npmDependencies\": []", &files(code));
            let codes: Vec<_> = findings.iter().map(|finding| finding.code.name()).collect();
            assert_eq!(codes, expected, "{code}");
        }
    }
}
