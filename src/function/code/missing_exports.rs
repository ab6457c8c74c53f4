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
    let missing = imports.filter(|(node, import)| {
        import.is_needed
            && matches!(resolve_import(node, import, graph), Resolution::NotFound | Resolution::Ambiguous)
    });
    missing.filter_map(|(node, import)| finding(node, import, graph)).take(MAX_FINDINGS).collect()
}

/// What a module imports by name, also to export it, by where that is written.
fn imports(node: &Node) -> BTreeMap<usize, &ImportBinding> {
    let exported = node.module.exports.values.values().filter_map(|source| match source {
        ExportSource::Imported(binding) => Some(binding),
        ExportSource::Local(_) => None,
    });
    node.module.import_bindings.values().chain(exported).map(|import| (import.range.start, import)).collect()
}

fn finding(node: &Node, import: &ImportBinding, graph: &ModuleGraph) -> Option<Finding> {
    let name = import.name.as_deref()?;
    let target = graph.target(node, &import.specifier)?;
    // It passes on what it imports from elsewhere: the finding is there.
    if target.module.exports.values.contains_key(name) {
        return None;
    }
    let path = &target.file.path;
    let exported = exported_names(path, graph);
    let (message, hint) = exported.absence(path, name);
    let finding = Finding::new(Code::ExportNotFound, message).with_optional_hint(hint);
    Some(finding.at(node.file.at(import.range.clone())))
}

#[cfg(test)]
mod tests {
    use crate::function::code::tests::checked;

    /// Files that export names in every way.
    const FILES: [(&str, &str); 19] = [
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
    ];

    /// An entrypoint, the place of the only finding, its message, and how its hint begins.
    const MISSING: [(&str, &str, &str, &str); 15] = [
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
            assert!(found.len() == 1 && found[0].starts_with(&start), "{code}: {found:?}");
        }
        let unused = found("index.js", "import { nope } from './named';\nexport const x = 1;\n");
        assert_eq!(unused.len(), 1, "{unused:?}");
    }

    #[test]
    fn a_name_that_is_there_or_may_be_is_none() {
        for names in [
            "one, a, c, rest, Size, Space, Alias, 'quoted name' as quoted, Base, default as two",
            "elsewhere",
        ] {
            let code = format!("import {{ {names} }} from './t';\nexport const x = [{}];\n", used(names));
            assert_eq!(found("index.ts", &code), [""; 0], "{code}");
        }
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
