//! Files that only computed imports would load: no bundler follows them, and they are not sent.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use fast_glob::glob_match;

use super::graph::{ModuleGraph, Node};
use super::module::{ComputedImport, ComputedKind, is_code, is_declaration, is_json};
use super::resolve::{find, join, sources_of};
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::files::Files;
use crate::function::manifest::fields::FILE_NAME;
use crate::text;

/// Most files that a message names.
const MAX_NAMED_FILES: usize = 5;

/// How to fix the address of a file that is no code.
const OF_FILE: &str = "fetch the file at run time, or import it if it is text";

/// Most names that globs are compared with, in all of a function.
const MAX_NAMES: usize = 10_000;

/// A finding at each import of which not every file is sent. For each, names are compared: so only the first ones count.
pub(super) fn check(graph: &ModuleGraph, files: &impl Files) -> Vec<Finding> {
    let imports =
        graph.loaded().flat_map(|node| node.module.computed.iter().map(move |import| (node, import)));
    let mut names = 0..MAX_NAMES;
    let findings = imports.take(MAX_FINDINGS).filter_map(|(node, import)| {
        let message = message(node, import, graph, files, &mut names)?;
        let finding = Finding::new(Code::ComputedImport, message).at(node.file.at(import.range.clone()));
        let is_file = |path: &String| Path::new(path).extension().is_some() && !is_code(path);
        let is_file = import.kind == ComputedKind::Whole && import.start.as_ref().is_some_and(is_file);
        Some(if is_file { finding.with_hint(OF_FILE) } else { finding })
    });
    findings.collect()
}

fn message(
    node: &Node,
    import: &ComputedImport,
    graph: &ModuleGraph,
    files: &impl Files,
    names: &mut Range<usize>,
) -> Option<String> {
    let Some(start) = &import.start else {
        return Some("the path of this import is computed: a file that it loads is not sent".to_owned());
    };
    let importer = node.file.path.as_str();
    let is_left = |path: &&String| graph.get(path).is_none();
    let matched = match &import.kind {
        ComputedKind::Whole => {
            let path = find(importer, start, files).filter(|path| is_left(&path) && may_be_meant(path))?;
            return Some(format!("`{path}` is not sent: bundlers do not follow this path"));
        }
        ComputedKind::Start => starting_with(importer, start, &import.end, files),
        ComputedKind::Glob { glob, without } => {
            let mut matched = matching(importer, start, glob, names, files);
            let patterns: Vec<_> = without.iter().map(|glob| from_root(importer, glob)).collect();
            matched.retain(|path| !patterns.iter().any(|pattern| glob_match(pattern, path)));
            matched
        }
    };
    let left: Vec<_> = matched.iter().filter(|path| is_left(path)).map(|path| format!("`{path}`")).collect();
    let rest = match left.len() {
        0 if matched.is_empty() => "no file matches it".to_owned(),
        0 => return None,
        1 => format!("{} is not sent", text::first(&left, MAX_NAMED_FILES)),
        _ => format!("{} are not sent", text::first(&left, MAX_NAMED_FILES)),
    };
    Some(format!("the path of this import is computed: {rest}"))
}

/// Whether a file can be what a computed import loads.
fn may_be_meant(path: &str) -> bool {
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    path != FILE_NAME && !is_hidden && !is_declaration(path)
}

/// The files whose paths begin and end like this. What is between goes up to the next `/`.
fn starting_with(importer: &str, start: &str, end: &str, files: &impl Files) -> BTreeSet<String> {
    let (directory, name) = split(&join(importer, start), start.ends_with('/'));
    let (name_end, rest) = end.split_at(end.find('/').unwrap_or(end.len()));
    let ends: Vec<_> = std::iter::once(name_end.to_owned()).chain(sources_of(name_end)).collect();
    let names = files.names_in(&directory).into_iter();
    let names = names.filter(|one| one.starts_with(&name) && ends.iter().any(|end| one.ends_with(end)));
    let paths = names.filter_map(|name| find("", &format!("./{directory}/{name}{rest}"), files));
    // Where nothing is known of the end, only what code usually loads is meant.
    let is_loaded = |path: &String| !end.is_empty() || is_code(path) || is_json(path);
    paths.filter(|path| is_loaded(path) && may_be_meant(path)).collect()
}

/// The files that a glob matches, which begins like this.
fn matching(
    importer: &str,
    start: &str,
    glob: &str,
    names: &mut Range<usize>,
    files: &impl Files,
) -> BTreeSet<String> {
    let pattern = from_root(importer, glob);
    let (directory, _) = split(&from_root(importer, start), start.ends_with('/'));
    let mut matched = BTreeSet::new();
    let mut directories = vec![directory];
    while let Some(directory) = directories.pop() {
        for name in files.names_in(&directory) {
            if names.next().is_none() {
                return matched;
            }
            let path = if directory.is_empty() { name.clone() } else { format!("{directory}/{name}") };
            // Vite, "Glob Import": neither of these unless asked for.
            if name.starts_with('.') || name == "node_modules" {
                continue;
            }
            if !files.has(&path) {
                directories.push(path);
            } else if glob_match(&pattern, &path) && may_be_meant(&path) {
                matched.insert(path);
            }
        }
    }
    matched
}

/// A path from the function's directory on; in globs of Vite, `/` is that directory.
fn from_root(importer: &str, path: &str) -> String {
    let importer = if path.starts_with('/') { "" } else { importer };
    join(importer, path)
}

/// The directory of a path, and how a name in it begins.
fn split(path: &str, is_directory: bool) -> (String, String) {
    match path.rsplit_once('/') {
        _ if is_directory => (path.to_owned(), String::new()),
        Some((directory, name)) => (directory.to_owned(), name.to_owned()),
        None => (String::new(), path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use crate::function::code::tests::checked;

    const FILES: [(&str, &str); 6] = [
        ("h/a.ts", "export default 1;\n"),
        ("h/b.ts", "export default 1;\n"),
        ("h/c.json", "{}"),
        ("h/a.d.ts", "export {};\n"),
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
        let one = "the path of this import is computed: `h/a.ts` is not sent";
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
            ("export const all = import.meta.glob(['./h/*.ts', '!./h/b.ts'], { eager: true });\n", 38, one),
            ("export const all = import.meta.glob(`./h/{a,b}.ts`);\n", 37, both),
            ("export const all = (import.meta as any).glob('./h/[ab].*');\n", 46, both),
            ("export const all = import.meta.glob('/h/?.ts');\n", 37, both),
            ("export const all = import.meta.glob('./d/**/*.ts');\n", 37, index),
            ("export const all = import.meta.glob('./**/index.ts');\n", 37, index),
            ("export const all = import.meta.glob('./h/*.js');\n", 37, none),
            ("export const all = require.context('./h', false, /ts$/);\n", 36, all),
            ("export const f = (x: string) => import('./' + 'h/' + x + '.ts');\n", 40, both),
            ("export const w = new URL(`./worker.ts?worker`, import.meta.url);\n", 26, worker),
            ("export const w = (x: string) => new URL(`./h/${x}.ts`, import.meta.url);\n", 41, both),
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
            "export const f = () => import('./h/' + 'a');\n",
            "export const f = () => import('./' + `worker` + '.ts');\n",
            "export const f = () => import(`./h/${'a'}`);\n",
            "class URL { constructor(a: string, b: any) {} }\nexport const w = new URL('./worker.ts', import.meta.url);\n",
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

    #[test]
    fn a_file_that_is_no_code_is_rather_fetched() {
        for (path, expected) in [
            ("./a.png", &[super::OF_FILE][..]),
            ("./b.ts", &["import each file by its path, written out"]),
            ("./.env", &[]),
        ] {
            let code = format!("export const a = new URL('{path}', import.meta.url);\n");
            let files = [("index.ts", &*code), ("a.png", ""), (".env", ""), ("b.ts", "export {};\n")];
            let (findings, _) = checked("typescript", "", &files);
            let hints: Vec<_> = findings.iter().map(|finding| finding.hint.as_str()).collect();
            assert_eq!(hints, expected, "{path}");
        }
    }
}
