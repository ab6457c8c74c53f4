//! Names that a module imports from another file of the function, which does not export them: bundlers refuse such code.

use std::collections::BTreeMap;

use super::graph::{ModuleGraph, Node};
use super::link::{Resolution, exported_names, resolve_import};
use super::module::{ExportSource, ImportBinding};
use crate::finding::{Code, Finding, MAX_FINDINGS};

/// A finding at each name that is needed at run time and surely not there.
pub(super) fn check(graph: &ModuleGraph) -> Vec<Finding> {
    let imports =
        graph.loaded().flat_map(|node| imports(node).into_values().map(move |import| (node, import)));
    let findings = imports.filter(|(_, import)| import.is_needed).filter_map(|(node, import)| {
        let resolution = resolve_import(node, import, graph);
        let is_missing = match resolution {
            Resolution::Ambiguous | Resolution::Circular => true,
            Resolution::NotFound { may_be_type } => import.is_used || !may_be_type,
            Resolution::Type { is_certain } => import.is_used && is_certain,
            Resolution::Local(..) | Resolution::Package(_) | Resolution::Unknown => false,
        };
        if is_missing { finding(node, import, &resolution, graph) } else { None }
    });
    findings.take(MAX_FINDINGS).collect()
}

/// What a module imports by name, also to export it, by where that is written.
fn imports(node: &Node) -> BTreeMap<usize, &ImportBinding> {
    let exported = node.module.exports.values.values().filter_map(|source| match source {
        ExportSource::Imported(binding) => Some(binding),
        ExportSource::Local(_) => None,
    });
    node.module.import_bindings.values().chain(exported).map(|import| (import.range.start, import)).collect()
}

fn finding(
    node: &Node,
    import: &ImportBinding,
    resolution: &Resolution<'_>,
    graph: &ModuleGraph,
) -> Option<Finding> {
    let name = import.name.as_deref()?;
    let target = graph.target(node, &import.specifier)?;
    let path = &target.file.path;
    let is_passed_on = target.module.exports.values.contains_key(name);
    let (message, hint) = match resolution {
        Resolution::Circular => {
            let message = format!("`{path}` exports `{name}` from a module that exports it from there again");
            (message, Some("export it from the module that declares it".to_owned()))
        }
        // The finding is where it is missing. A type may be passed on.
        Resolution::NotFound { .. } | Resolution::Ambiguous if is_passed_on => return None,
        _ => exported_names(path, graph).absence(path, name),
    };
    let finding = Finding::new(Code::ExportNotFound, message).with_optional_hint(hint);
    Some(finding.at(node.file.at(import.range.clone())))
}

#[cfg(test)]
mod tests {
    use crate::function::code::tests::checked;

    /// Files that export names in every way.
    const FILES: [(&str, &str); 37] = [
        (
            "t.ts",
            "export const one = 1;\nexport type Shape = { a: string };\nexport default function two() {}\n\
             export const { a, b: [c], ...rest } = all();\nexport enum Size { Small }\nexport namespace Space { export const x = 1 }\n\
             export import Alias = Space.x;\nexport { one as 'quoted name' };\nexport abstract class Base {}\n\
             declare function all(): any;\nexport declare const elsewhere: string;\n",
        ),
        ("named.ts", "export const only = 1;\n"),
        ("default.ts", "export default 1;\n"),
        ("empty.ts", "const one = 1;\nexport {};\n"),
        (
            "barrel.ts",
            "export * from './t';\nexport { only as renamed } from './named';\nexport * as space from './named';\n",
        ),
        ("barrels.ts", "export * from './barrel';\nexport * from './barrels';\n"),
        ("packages.ts", "export * from 'hono';\nexport const one = 1;\n"),
        ("old.cjs", "exports.one = 1;\n"),
        ("partial.cjs", "Object.assign(exports, other());\n"),
        ("assigned.ts", "const one = { a: 1 };\nexport = one;\n"),
        ("ambient.d.ts", "export declare const one: string;\n"),
        ("ambient.js", "import './ambient.d.ts';\nexport const one = 1;\n"),
        ("data.json", "{ \"one\": 1 }"),
        ("twice.ts", "export const twice = 2;\nexport type same = 1;\n"),
        ("again.ts", "export const twice = 3;\nexport const same = 1;\n"),
        ("ambiguous.ts", "export * from './twice';\nexport * from './again';\n"),
        ("shadowed.ts", "export * from './twice';\nexport * from './again';\nexport const twice = 1;\n"),
        (
            "agreed.ts",
            "export * from './twice';\nexport { twice } from './twice';\nexport * from './again';\n",
        ),
        ("around.ts", "export * from './ambient.d.ts';\n"),
        ("types_only.ts", "export type * from './t';\n"),
        ("packaged_types.ts", "export type * from 'hono';\n"),
        ("written.js", "export const one = 1;\n/** @typedef {{ a: number }} Options */\n"),
        ("plain.js", "export const one = 1;\n"),
        ("declared.js", "export const one = 1;\n"),
        ("declared.d.ts", "export declare const one: number;\nexport interface Options {}\n"),
        ("both.ts", "export * from './schemas';\nexport type { User } from './types';\n"),
        ("schemas.ts", "export const User = 1;\n"),
        ("types.ts", "export type User = 1;\n"),
        ("mixed.ts", "export * from './twice.cjs';\nexport * from './old.cjs';\nexport * from './named';\n"),
        ("twice.cjs", "exports.one = 2;\nexports.only = 2;\n"),
        (
            "spaces.ts",
            "export namespace Types { export interface A {} }\nexport * from './spaces_a';\nexport * from './spaces_b';\n",
        ),
        ("spaces_a.ts", "export function Space() {}\n"),
        ("spaces_b.ts", "export namespace Space { export interface A {} }\n"),
        ("list.json", "[1, { \"a\": \"\\ud83d\" }]"),
        ("global.ts", "declare const ambient: any;\nexport default ambient;\n"),
        ("circle_a.ts", "export { one } from './circle_b';\n"),
        ("circle_b.ts", "export { one } from './circle_a';\n"),
    ];

    /// An entrypoint, the place of the only finding, its message, and how its hint begins.
    const MISSING: [(&str, &str, &str, &str); 24] = [
        (
            "import { onne } from './t';\nexport const x = onne;\n",
            "1:10",
            "`t.ts` does not export `onne`",
            "did you mean `one`?",
        ),
        (
            "import { nope as y } from './named';\nexport const x = y;\n",
            "1:10",
            "`named.ts` does not export `nope`",
            "exported names: `only`",
        ),
        (
            "export { nope } from './named';\n",
            "1:10",
            "`named.ts` does not export `nope`",
            "exported names: `only`",
        ),
        (
            "export { nope as y } from './named';\n",
            "1:10",
            "`named.ts` does not export `nope`",
            "exported names: `only`",
        ),
        (
            "import { nope } from './named';\nexport { nope };\n",
            "1:10",
            "`named.ts` does not export `nope`",
            "exported names: `only`",
        ),
        (
            "import { nope } from './named';\nexport default nope;\n",
            "1:10",
            "`named.ts` does not export `nope`",
            "exported names: `only`",
        ),
        (
            "import x from './named';\nexport { x };\n",
            "1:8",
            "`named.ts` has no default export",
            "exported names: `only`; they are imported in braces",
        ),
        (
            "import { default as x } from './named';\nexport { x };\n",
            "1:10",
            "`named.ts` has no default export",
            "exported names: `only`; they are imported in braces",
        ),
        (
            "export { default } from './named';\n",
            "1:10",
            "`named.ts` has no default export",
            "exported names: `only`; they are imported in braces",
        ),
        ("export { default } from './barrels';\n", "1:10", "`barrels.ts` has no default export", ""),
        (
            "import { x } from './default';\nexport { x as y };\n",
            "1:10",
            "`default.ts` does not export `x`",
            "exported names: `default`, which is imported without braces",
        ),
        (
            "import { one } from './empty';\nexport const x = one;\n",
            "1:10",
            "`empty.ts` does not export `one`",
            "export the name from the module, or correct the import",
        ),
        (
            "import { only } from './barrels';\nexport const x = only();\n",
            "1:10",
            "`barrels.ts` does not export `only`",
            "",
        ),
        (
            "import { 'no name' as n } from './t';\nexport const x = n;\n",
            "1:10",
            "`t.ts` does not export `no name`",
            "",
        ),
        (
            "import type { Shape } from './t';\nimport { nope } from './named';\nexport const x: Shape = nope;\n",
            "2:10",
            "`named.ts` does not export `nope`",
            "exported names: `only`",
        ),
        // Used as values, but only declared, or types.
        (
            "import { elsewhere } from './t';\nexport const x = elsewhere;\n",
            "1:10",
            "`t.ts` exports `elsewhere` only as a type",
            "",
        ),
        (
            "import { Shape } from './t';\nexport const x = { Shape };\n",
            "1:10",
            "`t.ts` exports `Shape` only as a type",
            "",
        ),
        (
            "import { Shape } from './barrels';\nexport const x = Shape;\n",
            "1:10",
            "`barrels.ts` exports `Shape` only as a type",
            "",
        ),
        (
            "import { Types } from './spaces';\nexport const x = Types;\n",
            "1:10",
            "`spaces.ts` exports `Types` only as a type",
            "",
        ),
        (
            "import { one } from './types_only';\nexport const x = one;\n",
            "1:10",
            "`types_only.ts` does not export `one`",
            "",
        ),
        (
            "import { two } from './data.json';\nexport const x = two;\n",
            "1:10",
            "`data.json` does not export `two`",
            "exported names: `default`, `one`",
        ),
        (
            "import { length } from './list.json';\nexport const x = length;\n",
            "1:10",
            "`list.json` does not export `length`",
            "",
        ),
        (
            "import { one } from './circle_a';\nexport const x = one;\n",
            "1:10",
            "`circle_a.ts` exports `one` from a module that exports it from there again",
            "",
        ),
        (
            "export { one } from './index';\n",
            "1:10",
            "`index.ts` exports `one` from a module that exports it from there again",
            "",
        ),
    ];

    fn found(entrypoint: &str, code: &str) -> Vec<String> {
        let mut files = vec![(entrypoint, code)];
        files.extend(FILES);
        let language = if entrypoint == "index.js" { "javascript" } else { "typescript" };
        let (findings, _) = checked(language, "", &files);
        let shown = findings.iter().map(|one| {
            let place = one.location.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{} {place} {}: {}", one.code.name(), one.message, one.hint)
        });
        shown.collect()
    }

    #[test]
    fn a_name_that_a_file_does_not_export_is_an_error() {
        for (code, place, message, hint) in MISSING {
            let found = found("index.ts", code);
            let start = format!("EXPORT_NOT_FOUND index.ts:{place} {message}: {hint}");
            let mut in_entrypoint = found.iter().filter(|one| one.contains("index.ts:"));
            assert!(in_entrypoint.next().is_some_and(|one| one.starts_with(&start)), "{code}: {found:?}");
            assert_eq!(in_entrypoint.next(), None, "{code}");
        }
        for code in [
            "import { nope } from './named';\nexport const x = 1;\n",
            "export { nope } from './plain.js';\nexport const x = 1;\n",
            "export { Options } from './written.js';\nexport const x = 1;\n",
        ] {
            let found = found("index.js", code);
            assert_eq!(found.len(), 1, "{code}: {found:?}");
        }
        for code in [
            "export { nope } from './plain.js';\nexport const x = 1;\n",
            "import { nope } from './plain';\nexport { nope };\nexport const x = 1;\n",
        ] {
            let found = found("index.ts", code);
            assert_eq!(found.len(), 1, "{code}: {found:?}");
        }
    }

    #[test]
    fn a_name_that_is_there_or_may_be_is_none() {
        let names = "one, a, c, rest, Size, Space, Alias, 'quoted name' as quoted, Base, default as two";
        let code = format!("import {{ {names} }} from './t';\nexport const x = [{}];\n", used(names));
        assert_eq!(found("index.ts", &code), [""; 0], "{code}");
        for code in [
            "import { twice } from './shadowed';\nexport const x = twice;\n",
            "import { twice, same } from './agreed';\nexport const x = [twice, same];\n",
            "import { renamed, space, one } from './barrels';\nexport const x = [renamed, space, one];\n",
            "import { anything } from './packages';\nexport const x = anything;\n",
            "import { one } from './old.cjs';\nimport whole from './old.cjs';\nexport const x = [one, whole];\n",
            "import { anything } from './partial.cjs';\nexport const x = anything;\n",
            "import one from './assigned';\nimport { a } from './assigned';\nexport const x = [one, a];\n",
            "import { anything } from './ambient.d.ts';\nexport const x = anything;\n",
            "import { anything } from './around';\nexport const x = anything;\n",
            "import { one } from './data.json';\nimport data from './data.json';\nexport const x = [one, data];\n",
            "import text from './data.json' with { type: 'text' };\nexport const x = text;\n",
            // Names that are passed on may be types, and what CommonJS passes on counts after all else.
            "export { Shape } from './barrels';\nexport const x = 1;\n",
            "import { Shape } from './t';\nexport { Shape };\nexport const x = 1;\n",
            "export { Shape } from './types_only';\nexport const x = 1;\n",
            "export { Anything } from './packaged_types';\nexport const x = 1;\n",
            "export { Options, one } from './written.js';\n",
            "import { Options, one } from './written.js';\nexport { Options, one };\n",
            "export { Added } from './named';\nexport const x = 1;\ndeclare module './named' { interface Added { a: 1 } }\n",
            "export { Options, one } from './declared.js';\n",
            "import { User } from './both';\nexport const x = User;\n",
            "import { one } from './mixed';\nexport const x = one;\n",
            "import { Space } from './spaces';\nexport const x = Space;\n",
            "import ambient from './global';\nexport const x = ambient;\n",
            // What is not used as a value is gone at run time.
            "import { nope } from './named';\nexport const x = 1;\n",
            "import { Nope } from './named';\nexport const x = null as unknown as Nope;\n",
            "import type { Nope } from './named';\nexport const x = 1;\n",
            "import { type Nope } from './named';\nexport const x = 1;\n",
            "export type { Nope } from './named';\nexport const x = 1;\n",
            "export { type Nope } from './named';\nexport const x = 1;\n",
            "import { Shape } from './t';\nexport { Shape };\nexport const x = 1;\n",
            "export { Shape } from './barrels';\nexport const x = 1;\n",
            "import * as t from './named';\nexport const x = t.only;\n",
            "import './named';\nexport const x = 1;\n",
        ] {
            assert_eq!(found("index.ts", code), [""; 0], "{code}");
        }
    }

    #[test]
    fn a_name_that_is_passed_on_is_found_where_it_is_missing() {
        let files = [
            ("index.ts", "export { nope } from './between';\n"),
            ("between.ts", "export { nope } from './named';\n"),
            ("named.ts", "export const only = 1;\n"),
        ];
        let (findings, _) = checked("typescript", "", &files);
        let places: Vec<_> = findings.iter().map(|one| one.location.as_ref().unwrap().to_string()).collect();
        assert_eq!(places, ["between.ts:1:10"]);
    }

    #[test]
    fn an_import_of_a_file_that_cannot_be_parsed_is_not_judged() {
        let files =
            [("index.ts", "export { one } from './broken';\n"), ("broken.ts", "export const one = ;\n")];
        let (findings, _) = checked("typescript", "", &files);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].code.name(), "SYNTAX_ERROR");
    }

    /// The local names of imports.
    fn used(imports: &str) -> String {
        let locals = imports.split(", ").map(|import| import.split(" as ").last().unwrap_or_default());
        locals.collect::<Vec<_>>().join(", ")
    }
}
