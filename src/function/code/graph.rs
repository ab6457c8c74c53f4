//! All modules of a function: its entrypoint, and what is reached from it by relative imports.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};

use serde::Deserialize;

use super::allowance::FunctionAllowance;
use super::module::{
    DEFAULT, ExportSource, Exports, Import, ImportKind, Module, is_code, is_declaration, is_json,
};
use super::parser::Parser;
use super::resolve::{
    ResolveError, declarations_of, is_only_declared, is_path, package_of_directory, resolve, without_query,
};
use crate::finding::{Code, Finding, MAX_FINDINGS, Severity};
use crate::function::allowed::Allows;
use crate::function::files::Files;
use crate::function::manifest::json::data_names;
use crate::source::SourceFile;

/// Most re-exports of a function that are followed, each counted as often as a name leads through it: in real code, a few thousand.
const MAX_LINKS: usize = 1_000_000;

/// Every module that is reached, by path.
#[derive(Debug, Default)]
pub(super) struct ModuleGraph {
    nodes: BTreeMap<String, Node>,
    /// The paths in the order in which they were reached.
    order: Vec<String>,
    /// Relative imports of which no file can be sent, and data that can't be loaded.
    pub(super) unresolved: Vec<Finding>,
    links: Cell<usize>,
}

/// One module, and where its relative imports lead.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) file: SourceFile,
    pub(super) module: Module,
    /// What its comments allow.
    pub(super) allows: Allows,
    /// Whether it was read as code; otherwise it is text or data.
    pub(super) is_code: bool,
    /// Whether it is loaded at run time: otherwise, only types are imported from it.
    is_loaded: bool,
    /// Path by specifier.
    targets: BTreeMap<String, String>,
}

impl Node {
    pub(super) fn syntax_errors(&self) -> impl Iterator<Item = Finding> {
        // Where the parser gave up, the modules that follow were not looked at.
        let is_fault = self.is_loaded || self.module.is_given_up;
        self.module.errors.iter().map(move |error| if_loaded(is_fault, error.finding(&self.file)))
    }
}

impl ModuleGraph {
    /// Loads these files and all that they import, up to the first module that the parser gives up.
    pub(super) fn load(roots: Vec<SourceFile>, files: &mut impl Files, parser: &Parser) -> Self {
        Self::load_within(FunctionAllowance::new(), roots, files, parser)
    }

    fn load_within(
        allowance: FunctionAllowance,
        roots: Vec<SourceFile>,
        files: &mut impl Files,
        parser: &Parser,
    ) -> Self {
        let mut loader = Loader {
            files,
            parser,
            graph: Self::default(),
            unresolved: Vec::new(),
            queue: VecDeque::new(),
            allowance,
            has_given_up: false,
        };
        let paths = roots.iter().map(|root| root.path.clone()).collect();
        for root in roots {
            loader.add(root, true);
        }
        while let Some(path) = loader.queue.pop_front() {
            loader.follow_imports(&path);
        }
        let mut graph = loader.graph;
        graph.mark_loaded(paths);
        graph.mark_augmented();
        graph.unresolved = loader.unresolved.into_iter().map(|one| one.finding(&graph)).collect();
        graph
    }

    /// Marks the modules that are loaded at run time: those that are reached from these without an import of types.
    fn mark_loaded(&mut self, mut paths: Vec<String>) {
        while let Some(path) = paths.pop() {
            let Some(node) = self.nodes.get_mut(&path).filter(|node| !node.is_loaded) else { continue };
            // What a declaration file declares is elsewhere.
            node.is_loaded = !is_declaration(&path);
            if node.is_loaded {
                let values = node.module.imports.iter().filter(|import| import.kind != ImportKind::Type);
                paths.extend(values.filter_map(|import| node.targets.get(&import.specifier).cloned()));
            }
        }
    }

    /// Marks the modules for which others declare types.
    fn mark_augmented(&mut self) {
        let targets = |node: &Node| {
            let specifiers = node.module.augmented.iter();
            specifiers.filter_map(|specifier| node.targets.get(specifier).cloned()).collect::<Vec<_>>()
        };
        for path in self.nodes.values().flat_map(targets).collect::<Vec<_>>() {
            if let Some(node) = self.nodes.get_mut(&path) {
                node.module.exports.may_have_more_types = true;
            }
        }
    }

    /// Whether one more re-export can be followed.
    pub(super) fn may_follow(&self) -> bool {
        self.links.replace(self.links.get().saturating_add(1)) < MAX_LINKS
    }

    pub(super) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// The module that a relative import of this one leads to.
    pub(super) fn target(&self, node: &Node, specifier: &str) -> Option<&Node> {
        self.get(node.targets.get(specifier)?)
    }

    /// The modules that are loaded at run time, in the order in which they were reached, the entrypoint first.
    pub(super) fn loaded(&self) -> impl Iterator<Item = &Node> {
        self.iter().filter(|node| node.is_loaded)
    }

    /// All modules in the same order, those that only types are imported from included.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.order.iter().filter_map(|path| self.nodes.get(path))
    }

    pub(super) fn into_nodes(self) -> impl Iterator<Item = Node> {
        self.nodes.into_values()
    }

    /// Whether every module that is loaded could be parsed.
    pub(super) fn is_parsed(&self) -> bool {
        self.loaded().all(|node| node.module.errors.is_empty())
    }

    /// Whether nothing is missing of what is loaded.
    pub(super) fn is_complete(&self) -> bool {
        self.is_parsed() && self.unresolved.iter().all(|finding| finding.severity == Severity::Notice)
    }
}

/// What names the main file of a directory, by precedence (esbuild, "Main fields").
#[derive(Deserialize)]
struct Package {
    browser: Option<String>,
    module: Option<String>,
    main: Option<String>,
}

/// A relative import of which no file can be sent, or data that can't be loaded.
struct Unresolved {
    importer: String,
    kind: ImportKind,
    finding: Finding,
}

impl Unresolved {
    fn finding(self, graph: &ModuleGraph) -> Finding {
        let is_loaded = graph.get(&self.importer).is_some_and(|node| node.is_loaded);
        if_loaded(is_loaded && self.kind != ImportKind::Type, self.finding)
    }
}

/// What only types refer to does not exist at run time: its faults are for information.
fn if_loaded(is_loaded: bool, finding: Finding) -> Finding {
    if is_loaded { finding } else { finding.with_severity(Severity::Notice) }
}

struct Loader<'f, F> {
    files: &'f mut F,
    parser: &'f Parser,
    graph: ModuleGraph,
    unresolved: Vec<Unresolved>,
    /// Modules whose imports were not followed yet.
    queue: VecDeque<String>,
    /// What the modules together may cost.
    allowance: FunctionAllowance,
    has_given_up: bool,
}

impl<F: Files> Loader<'_, F> {
    fn add(&mut self, file: SourceFile, is_code: bool) {
        if self.has_given_up {
            return;
        }
        let path = file.path.clone();
        let mut module = Module::default();
        // What is no code exports what the bundler makes of it.
        module.exports.is_partial = !is_code;
        if is_code {
            module = self.parser.parse(&file, &mut self.allowance);
            // The types of JavaScript are declared beside it.
            module.exports.may_have_more_types |=
                declarations_of(&path).is_some_and(|declarations| self.files.has(&declarations));
            self.has_given_up = module.is_given_up;
            self.queue.push_back(path.clone());
        }
        let allows = if is_code { Allows::of_code(&file.text, &module.comments) } else { Allows::default() };
        let node = Node { file, module, allows, is_code, is_loaded: false, targets: BTreeMap::new() };
        if self.graph.nodes.insert(path.clone(), node).is_none() {
            self.graph.order.push(path);
        }
    }

    fn follow_imports(&mut self, importer: &str) {
        let Some(node) = self.graph.nodes.get(importer) else { return };
        let (file, imports) = (node.file.clone(), node.module.imports.clone());
        let mut targets = BTreeMap::new();
        for import in imports.into_iter().filter(|import| is_path(&import.specifier)) {
            if targets.contains_key(&import.specifier) || self.is_full() {
                continue;
            }
            match self.target_of(importer, &import) {
                Ok(path) => _ = targets.insert(import.specifier, path),
                Err(ResolveError::NotFound { .. }) if import.kind == ImportKind::Optional => {}
                // Types are erased: nothing is loaded where the function is installed.
                Err(error) if error.is_outside() && import.kind == ImportKind::Type => {}
                Err(error) => {
                    let finding = error.finding(&import.specifier, file.at(import.range));
                    self.unresolved.push(Unresolved {
                        importer: importer.to_owned(),
                        kind: import.kind,
                        finding,
                    });
                }
            }
        }
        if let Some(node) = self.graph.nodes.get_mut(importer) {
            node.targets = targets;
        }
    }

    /// The main file of a directory, where its `package.json` names one; bundlers need that too.
    fn main_file(&mut self, importer: &str, specifier: &str) -> Option<String> {
        let package = package_of_directory(importer, specifier, self.files)?;
        let file = self.files.read(&package).ok()?;
        let Package { browser, module, main } = serde_json::from_str(&file.text).ok()?;
        let main = browser.or(module).or(main)?;
        let path = resolve(&package, &format!("./{main}"), self.files).ok()?;
        if self.graph.get(&package).is_none() {
            self.add(file, false);
        }
        Some(path)
    }

    /// Whether no more findings are needed: once the files are too large, every other file would be too.
    fn is_full(&self) -> bool {
        let mut codes = self.unresolved.iter().map(|one| one.finding.code);
        self.unresolved.len() >= MAX_FINDINGS || codes.any(|code| code == Code::FileTooLarge)
    }

    /// Resolves an import and loads what it refers to.
    fn target_of(&mut self, importer: &str, import: &Import) -> Result<String, ResolveError> {
        let specifier = import.specifier.as_str();
        let plain = without_query(specifier);
        let path = match self.main_file(importer, plain) {
            Some(path) => path,
            None => resolve(importer, plain, self.files)?,
        };
        let is_value = import.kind != ImportKind::Type && !is_declaration(importer);
        if is_value && is_only_declared(importer, plain, &path) {
            return Err(ResolveError::OnlyDeclared(path));
        }
        let is_raw = import.is_raw || specifier.contains("?raw");
        let is_code = is_code(&path) && !is_raw;
        let file = match self.graph.get(&path) {
            Some(node) if node.is_code || !is_code => return Ok(path),
            Some(node) => node.file.clone(),
            None => match self.files.read(&path) {
                Ok(file) => file,
                Err(error) => return Err(ResolveError::Unreadable(path, error)),
            },
        };
        let data = (!is_code && !is_raw && is_json(&path)).then(|| data_names(&file));
        self.add(file, is_code);
        match data {
            Some(Ok(Some(names))) => {
                let names = names.into_iter().chain([DEFAULT.to_owned()]);
                let values = names.map(|name| (name.clone(), ExportSource::Local(name))).collect();
                if let Some(node) = self.graph.nodes.get_mut(&path) {
                    node.module.exports = Exports { values, ..Exports::default() };
                }
            }
            Some(Err(finding)) => {
                let (importer, kind) = (importer.to_owned(), import.kind);
                self.unresolved.push(Unresolved { importer, kind, finding });
            }
            Some(Ok(None)) | None => {}
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use crate::function::code::tests::{checked, codes};
    use std::time::Duration;

    use super::*;

    #[test]
    fn loading_ends_with_the_first_module_that_is_given_up() {
        let root = |path: &str| SourceFile::published(path, "export {}");
        let roots = vec![root("a.ts"), root("b.ts")];
        let nothing = FunctionAllowance { time: Duration::ZERO, ..FunctionAllowance::new() };
        let files = BTreeMap::new();
        let graph = ModuleGraph::load_within(nothing, roots, &mut &files, &Parser::in_thread());
        let loaded: Vec<_> = graph.iter().map(|node| node.file.path.as_str()).collect();
        assert_eq!(loaded, ["a.ts"]);
        assert!(graph.unresolved.is_empty() && !graph.is_parsed());
    }

    #[test]
    fn the_main_file_of_a_directory_is_found_and_sent_with_its_package() {
        let code = "export { a } from './lib';\n";
        let main = ("lib/src/main.ts", "export const a = 1;\n");
        for (package, expected) in [
            (r#"{ "main": "src/main.ts" }"#, &["lib/package.json", "lib/src/main.ts"][..]),
            (r#"{ "main": "./src/main.js" }"#, &["lib/package.json", "lib/src/main.ts"]),
            (r#"{ "main": "src/main" }"#, &["lib/package.json", "lib/src/main.ts"]),
            (r#"{ "module": "src/main.ts", "main": "none.cjs" }"#, &["lib/package.json", "lib/src/main.ts"]),
            (r#"{ "name": "lib" }"#, &["lib/index.ts"]),
            (r#"{ "main": "none" }"#, &["lib/index.ts"]),
            ("no JSON", &["lib/index.ts"]),
        ] {
            let index = ("lib/index.ts", "export const a = 2;\n");
            let (findings, code) =
                checked("typescript", "", &[("index.ts", code), ("lib/package.json", package), main, index]);
            let sent: Vec<_> = code.modules.iter().map(|file| file.path.as_str()).collect();
            assert_eq!((findings.len(), &sent[..]), (0, expected), "{package}: {findings:?}");
        }
        let file = [
            ("index.ts", code),
            ("lib.ts", "export const a = 1;\n"),
            ("lib/package.json", r#"{ "main": "x.ts" }"#),
        ];
        assert_eq!(checked("typescript", "", &file).1.modules.len(), 1);
    }

    #[test]
    fn the_main_file_of_the_function_itself_is_found_from_below() {
        for specifier in ["../", "..", "../.", "./.."] {
            let code = format!("export {{ a }} from '{specifier}';\n");
            let main = ("main.ts", "export const a = 1;\n");
            let root = [("test/index.ts", code.as_str()), ("package.json", r#"{ "main": "main.js" }"#), main];
            assert_eq!(codes("", &root), [], "{specifier}");
        }
    }

    #[test]
    fn imported_data_is_json() {
        let code = "import data from './data.json';\nexport { data };\n";
        for (data, location) in [
            ("{ \"a\": 1, }", "data.json:1:9"),
            ("", "data.json:1:1"),
            ("{ 'a': 1 }", "data.json:1:3"),
            ("{\n  // a\n}", "data.json:2:3"),
            ("[1\n2]", "data.json:1:3"),
            ("{}{}", "data.json:1:3"),
            ("{ \"a\" 1 }", "data.json:1:7"),
            (&"[".repeat(100_000), "data.json:1:100000"),
        ] {
            let (findings, _) = checked("typescript", "", &[("index.ts", code), ("data.json", data)]);
            assert_eq!(findings.len(), 1, "{data:.20}: {findings:?}");
            let words = format!("{} {}", findings[0].message, findings[0].hint);
            assert!(!words.contains("manifest") && !words.contains("field"), "{words}");
            let place = findings[0].location.as_ref().unwrap().to_string();
            assert_eq!(
                (findings[0].code, place.as_str()),
                (Code::SyntaxError, location),
                "{data:.20}: {findings:?}"
            );
        }
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for data in ["1", "\"a\"", "[]", "{ \"a\": 1, \"a\": 2 }", "{ \"a\": \"\\ud83d\" }", &deep] {
            assert_eq!(codes("", &[("index.ts", code), ("data.json", data)]), [], "{data}");
        }
        for raw in [
            "import data from './data.json?raw';\nexport { data };\n",
            "import data from './data.json' with { type: 'text' };\nexport { data };\n",
            "export { default } from './data.json' with { type: 'bytes' };\n",
            "export const data = import('./data.json', { with: { type: 'text' } });\n",
        ] {
            assert_eq!(codes("", &[("index.ts", raw), ("data.json", "// no JSON")]), [], "{raw}");
        }
    }

    #[test]
    fn what_only_types_reach_does_not_run() {
        let fields = "\"npmDependencies\": [], \"envVars\": []";
        let types = "import { z } from 'zod';\nexport type T = z.infer<unknown>;\nexport const key = process.env.KEY;\n\
                     export const load = (name: string) => import(name);\nimport { none } from './deep';\nexport const n = none;\n";
        let deep = ("deep.ts", "import 'other';\nexport const a = 1;\n");
        for code in [
            "import type { T } from './t';\nexport const a: T | null = null;\n",
            "import { type T } from './t';\nexport const a: T | null = null;\n",
            "import { T } from './t';\nexport const a: T | null = null;\n",
            "import type * as all from './t';\nexport const a: all.T | null = null;\n",
            "export type { T } from './t';\nexport const a = 1;\n",
            "export type * from './t';\nexport const a = 1;\n",
            "export const a: import('./t').T | null = null;\n",
            "import { B } from './between';\nexport const a: B | null = null;\n",
        ] {
            let between = (
                "between.ts",
                "import { key, type T } from './t';\nexport type B = T;\nexport const b = key;\n",
            );
            assert_eq!(codes(fields, &[("index.ts", code), ("t.ts", types), deep, between]), [], "{code}");
        }
        // One import of a value is enough.
        let both = "import type { T } from './t';\nimport { key } from './t';\nexport const a: T | null = key as any;\n";
        let found = codes(fields, &[("index.ts", both), ("t.ts", types), deep]);
        for code in
            [Code::UndeclaredDependency, Code::UndeclaredEnvVar, Code::ComputedImport, Code::ExportNotFound]
        {
            assert!(found.contains(&code), "{code:?}: {found:?}");
        }
    }

    #[test]
    fn faults_of_what_only_types_reach_are_notices() {
        for (code, other, expected) in [
            ("import type { T } from './none';\nexport const a: T = 1;\n", "", Some(Code::MissingFile)),
            ("import { T } from './none';\nexport const a: T = 1;\n", "", Some(Code::MissingFile)),
            ("export const a: import('./none').T = 1;\n", "", Some(Code::MissingFile)),
            ("import type { T } from '../outside';\nexport const a: T = 1;\n", "", None),
            (
                "import type { T } from './t';\nexport const a: T = 1;\n",
                "export type T = ;\n",
                Some(Code::SyntaxError),
            ),
            (
                "import type { T } from './t';\nexport const a: T = 1;\n",
                "import './none';\nexport type T = 1;\n",
                Some(Code::MissingFile),
            ),
            (
                "import type { T } from './t';\nexport const a: T = 1;\n",
                "export type { T } from './none';\n",
                Some(Code::MissingFile),
            ),
        ] {
            let (findings, _) = checked("typescript", "", &[("index.ts", code), ("t.ts", other)]);
            let found: Vec<_> = findings.iter().map(|one| (one.code, one.severity)).collect();
            let expected: Vec<_> =
                expected.map(|code| (code, crate::finding::Severity::Notice)).into_iter().collect();
            assert_eq!(found, expected, "{code} {other}");
        }
    }
}
