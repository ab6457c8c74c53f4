//! Files that only computed imports would load: no bundler follows them, and they are not sent.

use std::collections::BTreeSet;

use super::graph::{ModuleGraph, Node};
use super::module::{ComputedImport, is_code, is_json};
use super::resolve::{find, join, sources_of};
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::files::Files;
use crate::function::manifest::fields::FILE_NAME;
use crate::text;

/// Most files that a message names.
const MAX_NAMED_FILES: usize = 5;

/// A finding at each import of which not every file is sent. For each, names are compared: so only the first ones count.
pub(super) fn check(graph: &ModuleGraph, files: &impl Files) -> Vec<Finding> {
    let imports =
        graph.loaded().flat_map(|node| node.module.computed.iter().map(move |import| (node, import)));
    let findings = imports.take(MAX_FINDINGS).filter_map(|(node, import)| {
        let message = message(node, import, graph, files)?;
        Some(Finding::new(Code::ComputedImport, message).at(node.file.at(import.range.clone())))
    });
    findings.collect()
}

fn message(node: &Node, import: &ComputedImport, graph: &ModuleGraph, files: &impl Files) -> Option<String> {
    let Some(start) = &import.start else {
        return Some("the path of this import is computed: a file that it loads is not sent".to_owned());
    };
    let is_left = |path: &&String| graph.get(path).is_none();
    if import.is_whole {
        let path = find(&node.file.path, start, files).filter(|path| is_left(&path))?;
        return Some(format!("`{path}` is not sent: bundlers do not follow this path"));
    }
    let begin = join(&node.file.path, start);
    let (directory, name) = match (start.ends_with('/'), begin.rsplit_once('/')) {
        (true, _) => (begin.as_str(), ""),
        (false, Some((directory, name))) => (directory, name),
        (false, None) => ("", begin.as_str()),
    };
    // What is computed goes up to the next `/`.
    let (end, rest) = import.end.split_at(import.end.find('/').unwrap_or(import.end.len()));
    let ends: Vec<_> = std::iter::once(end.to_owned()).chain(sources_of(end)).collect();
    let names = files.names_in(directory).into_iter();
    let names = names.filter(|one| one.starts_with(name) && ends.iter().any(|end| one.ends_with(end)));
    let paths = names.filter_map(|name| find("", &format!("./{directory}/{name}{rest}"), files));
    // Where nothing is known of the end, only what code usually loads is meant.
    let is_loaded = |path: &String| !import.end.is_empty() || is_code(path) || is_json(path);
    let matched: BTreeSet<_> = paths.filter(|path| is_loaded(path) && path != FILE_NAME).collect();
    let left: Vec<_> = matched.iter().filter(|path| is_left(path)).map(|path| format!("`{path}`")).collect();
    let rest = match left.len() {
        0 if matched.is_empty() => "no file matches it".to_owned(),
        0 => return None,
        1 => format!("{} is not sent", text::first(&left, MAX_NAMED_FILES)),
        _ => format!("{} are not sent", text::first(&left, MAX_NAMED_FILES)),
    };
    Some(format!("the path of this import is computed: {rest}"))
}

#[cfg(test)]
mod tests {
    use crate::function::code::tests::checked;

    const FILES: [(&str, &str); 5] = [
        ("h/a.ts", "export default 1;\n"),
        ("h/b.ts", "export default 1;\n"),
        ("h/c.json", "{}"),
        ("worker.ts", "export default 1;\n"),
        ("d/one/index.ts", "export default 1;\n"),
    ];

    /// The place and the message of each finding.
    fn found(code: &str) -> Vec<(String, String)> {
        let mut files = vec![("index.ts", code)];
        files.extend(FILES);
        let (findings, _) = checked("typescript", "", &files);
        let found = findings.iter().map(|one| {
            assert_eq!(one.code.name(), "COMPUTED_IMPORT", "{code}: {one:?}");
            (one.location.as_ref().map(ToString::to_string).unwrap_or_default(), one.message.clone())
        });
        found.collect()
    }

    #[test]
    fn files_that_only_computed_imports_load_are_named() {
        let both = "the path of this import is computed: `h/a.ts`, `h/b.ts` are not sent";
        let all = "the path of this import is computed: `h/a.ts`, `h/b.ts`, `h/c.json` are not sent";
        let index = "the path of this import is computed: `d/one/index.ts` is not sent";
        let none = "the path of this import is computed: no file matches it";
        let unknown = "the path of this import is computed: a file that it loads is not sent";
        let worker = "`worker.ts` is not sent: bundlers do not follow this path";
        for (code, column, message) in [
            ("export const f = (x: string) => import(`./h/${x}.ts`);\n", 40, both),
            ("export const f = (x: string) => import(`./h/${x}.js`);\n", 40, both),
            ("export const f = (x: string) => import('./h/' + x + '.ts');\n", 40, both),
            ("export const f = (x: string) => import('./h/' + x);\n", 40, all),
            ("export const f = (x: string) => import(`./h/${x}`);\n", 40, all),
            ("export const f = (x: string) => require('./h/' + x);\n", 41, all),
            ("export const f = (x: string) => import(`./d/${x}/index.ts`);\n", 40, index),
            ("export const f = (x: string) => import(`./d/${x}`);\n", 40, index),
            ("export const f = (x: string) => import(`./h/z${x}.ts`);\n", 40, none),
            ("export const f = (x: string) => import(x);\n", 40, unknown),
            ("const path = './worker';\nexport const f = () => import(path);\n", 31, worker),
            ("export const all = import.meta.glob('./h/*.ts');\n", 37, both),
            ("export const all = import.meta.glob(['./h/*.ts', '!./h/b.ts'], { eager: true });\n", 38, both),
            ("export const w = new Worker(new URL('./worker.ts', import.meta.url));\n", 37, worker),
            ("export const w = new URL('worker.ts', import.meta.url);\n", 26, worker),
        ] {
            let line = code.lines().count();
            let expected = (format!("index.ts:{line}:{column}"), message.to_owned());
            assert_eq!(found(code), [expected], "{code}");
        }
    }

    #[test]
    fn what_is_sent_and_what_is_no_file_of_the_function_is_not_named() {
        for code in [
            "export const f = (x: boolean) => import(x ? './h/a' : './h/b');\n",
            "export const f = () => import(`./h/a`);\n",
            "import './h/a';\nimport './h/b';\nexport const f = (x: string) => import(`./h/${x}.ts`);\n",
            "import './worker';\nexport const w = new Worker(new URL('./worker.ts', import.meta.url));\n",
            "export const w = new URL('./missing.ts', import.meta.url);\n",
            "export const w = new URL('../outside.ts', import.meta.url);\n",
            "export const w = new URL('https://example.com/a.ts', import.meta.url);\n",
            "export const w = new URL('./worker.ts', 'https://example.com');\n",
            "export const w = new URL('/a', import.meta.url);\n",
            "const name = 'hono';\nexport const f = () => import(name);\n",
            "export const f = (x: string) => import(`hono/${x}`);\n",
            "export const f = (x: string) => require(x);\n",
            "export const f = (require: any, x: string) => require('./h/' + x);\n",
            "export const f = (glob: any) => glob('./h/*.ts');\n",
        ] {
            assert_eq!(found(code), [], "{code}");
        }
    }
}
