//! All modules of a function: from its entrypoint along relative imports, as bundlers resolve them.

use crate::text;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::time::{Duration, Instant};

use super::checks::MOST_FINDINGS;
use super::module::{ImportKind, Module, is_code};
use super::parse::LONGEST;
use crate::function::files::{Directory, FileError};
use crate::source::SourceFile;

/// Endings that an import may leave out, in the order in which they are tried (esbuild, "Resolve extensions"; behind
/// them those that other bundlers add, and declarations, which exist for types alone).
const LEFT_OUT: [&str; 13] = [
    ".tsx", ".ts", ".jsx", ".js", ".css", ".json", ".mts", ".mjs", ".cts", ".cjs", ".d.ts", ".d.mts",
    ".d.cts",
];

/// Endings of what is built, and of the sources that they may stand for (TypeScript, "Module resolution").
const STANDS_FOR: [(&str, &[&str]); 4] = [
    (".js", &[".ts", ".tsx", ".d.ts"]),
    (".jsx", &[".tsx", ".d.ts"]),
    (".mjs", &[".mts", ".d.mts"]),
    (".cjs", &[".cts", ".d.cts"]),
];

/// Where a function's files come from: its directory, or what is published of it.
pub(crate) trait Files {
    /// Whether there is a file at this path.
    fn has(&self, path: &str) -> bool;

    fn read(&mut self, path: &str) -> Result<SourceFile, FileError>;

    /// The names in a directory.
    fn names_in(&self, directory: &str) -> Vec<String>;

    /// A path as reports show it.
    fn shown(&self, path: &str) -> String;
}

impl Files for Directory {
    fn has(&self, path: &str) -> bool {
        self.has(path)
    }

    fn read(&mut self, path: &str) -> Result<SourceFile, FileError> {
        self.read(path)
    }

    fn names_in(&self, directory: &str) -> Vec<String> {
        self.names_in(directory)
    }

    fn shown(&self, path: &str) -> String {
        self.shown(path)
    }
}

/// Every module that is reached, by path.
#[derive(Debug)]
pub(super) struct Modules {
    nodes: BTreeMap<String, Node>,
    /// The paths in the order in which they were reached.
    order: Vec<String>,
    /// Whether all of them were found and understood.
    pub(super) is_complete: bool,
    /// When no more is read.
    deadline: Instant,
}

/// One module, and where its relative imports lead.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) file: SourceFile,
    pub(super) module: Module,
    /// Whether it was read as code; else it is text or data.
    pub(super) is_code: bool,
    /// Path by specifier.
    targets: BTreeMap<String, String>,
}

/// An import that leads nowhere.
pub(super) struct Broken {
    /// The path of the module with the import.
    pub(super) importer: String,
    pub(super) specifier: String,
    pub(super) range: Range<usize>,
    pub(super) cause: Cause,
}

/// Why an import leads nowhere.
pub(super) enum Cause {
    /// There is no such file; perhaps one that is nearly called so.
    Missing { near: Option<String> },
    /// The file holds what is never sent.
    Withheld,
    /// The file of this path can't be sent.
    Unfit(String, FileError),
}

impl Modules {
    /// Reads the roots and all that they reach.
    pub(super) fn reached_from(roots: Vec<SourceFile>, files: &mut impl Files) -> (Self, Vec<Broken>) {
        Self::reached_within(LONGEST, roots, files)
    }

    /// The same, up to the first module for which the time is not enough.
    fn reached_within(time: Duration, roots: Vec<SourceFile>, files: &mut impl Files) -> (Self, Vec<Broken>) {
        let deadline = Instant::now() + time;
        let mut modules = Self { nodes: BTreeMap::new(), order: Vec::new(), is_complete: true, deadline };
        let mut broken = Vec::new();
        let mut waiting = VecDeque::new();
        for root in roots {
            modules.add(root, true, &mut waiting);
        }
        while let Some(path) = waiting.pop_front() {
            modules.follow(&path, files, &mut waiting, &mut broken);
        }
        modules.is_complete &= broken.is_empty();
        (modules, broken)
    }

    fn add(&mut self, file: SourceFile, is_code: bool, waiting: &mut VecDeque<String>) {
        let path = file.path.clone();
        let is_late = self.nodes.values().any(|node| node.module.took_too_long);
        if is_late {
            return;
        }
        let module = if is_code { Module::read(&path, &file.text, self.deadline) } else { Module::default() };
        self.is_complete &= module.faults.is_empty();
        if is_code {
            waiting.push_back(path.clone());
        }
        if self.nodes.insert(path.clone(), Node { file, module, is_code, targets: BTreeMap::new() }).is_none()
        {
            self.order.push(path);
        }
    }

    /// Adds what one module imports.
    fn follow(
        &mut self,
        importer: &str,
        files: &mut impl Files,
        waiting: &mut VecDeque<String>,
        broken: &mut Vec<Broken>,
    ) {
        let imports = self.nodes.get_mut(importer).map(|node| std::mem::take(&mut node.module.imports));
        let imports = imports.unwrap_or_default();
        for import in imports.iter().filter(|import| is_path(&import.specifier)) {
            let known =
                self.nodes.get(importer).is_some_and(|node| node.targets.contains_key(&import.specifier));
            // Behind a file that is too large, all others would be so as well.
            let is_full =
                broken.iter().any(|one| matches!(one.cause, Cause::Unfit(_, FileError::TooLarge { .. })));
            if known || is_full || broken.len() == MOST_FINDINGS {
                continue;
            }
            let specifier = import.specifier.split('?').next().unwrap_or_default();
            let cause = match locate(importer, specifier, files) {
                Located::At(path) if is_withheld(&path) => Cause::Withheld,
                Located::At(path) => {
                    match self.load(&path, import.specifier.contains("?raw"), files, waiting) {
                        Ok(()) => {
                            if let Some(node) = self.nodes.get_mut(importer) {
                                node.targets.insert(import.specifier.clone(), path);
                            }
                            continue;
                        }
                        Err(fault) => Cause::Unfit(path, fault),
                    }
                }
                Located::Nowhere { near } => Cause::Missing { near },
                Located::Outside(reason) => Cause::Unfit(specifier.to_owned(), FileError::Outside(reason)),
            };
            if import.kind == ImportKind::Optional && matches!(cause, Cause::Missing { .. }) {
                continue;
            }
            broken.push(Broken {
                importer: importer.to_owned(),
                specifier: import.specifier.clone(),
                range: import.range.clone(),
                cause,
            });
        }
        if let Some(node) = self.nodes.get_mut(importer) {
            node.module.imports = imports;
        }
    }

    fn load(
        &mut self,
        path: &str,
        as_text: bool,
        files: &mut impl Files,
        waiting: &mut VecDeque<String>,
    ) -> Result<(), FileError> {
        let is_code = is_code(path) && !as_text;
        let file = match self.nodes.get(path) {
            Some(node) if node.is_code || !is_code => return Ok(()),
            Some(node) => node.file.clone(),
            None => files.read(path)?,
        };
        self.add(file, is_code, waiting);
        Ok(())
    }

    /// The module of a path.
    pub(super) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// All modules in the order in which they were reached, the entrypoint first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.order.iter().filter_map(|path| self.nodes.get(path))
    }

    /// The files of all modules.
    pub(super) fn into_files(self) -> impl Iterator<Item = SourceFile> {
        self.nodes.into_values().map(|node| node.file)
    }
}

impl Node {
    /// The path that a relative import of this module leads to.
    pub(super) fn target(&self, specifier: &str) -> Option<&str> {
        self.targets.get(specifier).map(String::as_str)
    }
}

/// Whether a specifier is a path, and not the name of a package.
pub(super) fn is_path(specifier: &str) -> bool {
    let specifier = specifier.split('?').next().unwrap_or_default();
    matches!(specifier, "." | "..") || ["./", "../", "/"].iter().any(|start| specifier.starts_with(start))
}

/// Whether a file holds the settings and secrets of whoever runs the code: `.env`, `.env.local`, `.envrc`.
fn is_withheld(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.to_ascii_lowercase().starts_with(".env")
}

enum Located {
    At(String),
    Nowhere { near: Option<String> },
    Outside(&'static str),
}

/// Finds the file that a relative specifier means.
fn locate(importer: &str, specifier: &str, files: &impl Files) -> Located {
    if specifier.starts_with('/') {
        return Located::Outside("is an absolute path");
    }
    let Some(path) = join(importer, specifier) else {
        return Located::Outside("leaves the function's directory");
    };
    let is_directory = path.is_empty() || matches!(specifier.rsplit('/').next(), Some("" | "." | ".."));
    let index = if path.is_empty() { "index".to_owned() } else { format!("{path}/index") };
    let as_file = std::iter::once(path.clone()).chain(stood_for(&path)).chain(completed(&path));
    let mut publications = as_file.filter(|_| !is_directory).chain(completed(&index));
    match publications.find(|publication| files.has(publication)) {
        Some(found) => Located::At(found),
        None => Located::Nowhere { near: near(&path, specifier, files) },
    }
}

/// The path with each ending that may be left out.
fn completed(path: &str) -> impl Iterator<Item = String> {
    LEFT_OUT.iter().map(move |ending| format!("{path}{ending}"))
}

/// The sources that a path of something built may stand for.
fn stood_for(path: &str) -> impl Iterator<Item = String> {
    let of = STANDS_FOR.iter().find_map(|(built, sources)| Some((path.strip_suffix(built)?, *sources)));
    let (stem, sources) = of.unwrap_or_default();
    sources.iter().map(move |source| format!("{stem}{source}"))
}

/// The path of a specifier, seen from the function's directory; nothing if it leaves it.
fn join(importer: &str, specifier: &str) -> Option<String> {
    let mut parts: Vec<&str> = importer.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The specifier that was probably meant: another file of the same directory.
fn near(path: &str, specifier: &str, files: &impl Files) -> Option<String> {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let names = files.names_in(directory);
    let stem = |name: &str| {
        let ending = LEFT_OUT.iter().rev().find(|ending| name.ends_with(**ending));
        name.strip_suffix(ending.copied().unwrap_or_default()).unwrap_or(name).to_owned()
    };
    let exact: Vec<_> = names.iter().map(String::as_str).collect();
    let stems: Vec<_> = names.iter().map(|name| stem(name)).collect();
    let has_ending = stem(name) != name;
    let meant = if has_ending {
        text::did_you_mean(name, exact)?.to_owned()
    } else {
        text::did_you_mean(name, stems.iter().map(String::as_str))?.to_owned()
    };
    let start = specifier.strip_suffix(name)?;
    Some(format!("{start}{meant}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Listed(&'static [&'static str]);

    impl Files for Listed {
        fn has(&self, path: &str) -> bool {
            self.0.contains(&path)
        }

        fn read(&mut self, path: &str) -> Result<SourceFile, FileError> {
            Ok(SourceFile::published(path, ""))
        }

        fn names_in(&self, directory: &str) -> Vec<String> {
            let start = if directory.is_empty() { String::new() } else { format!("{directory}/") };
            let inside = self.0.iter().filter_map(|path| path.strip_prefix(start.as_str()));
            inside.filter(|name| !name.contains('/')).map(str::to_owned).collect()
        }

        fn shown(&self, path: &str) -> String {
            path.to_owned()
        }
    }

    fn resolve(importer: &str, specifier: &str, files: &'static [&'static str]) -> String {
        match locate(importer, specifier, &Listed(files)) {
            Located::At(path) => path,
            Located::Nowhere { near } => format!("nowhere, near {}", near.unwrap_or_default()),
            Located::Outside(reason) => reason.to_owned(),
        }
    }

    #[test]
    fn one_module_that_takes_too_long_ends_the_reading() {
        let root = |path: &str| SourceFile::published(path, "export {}");
        let roots = vec![root("a.ts"), root("b.ts")];
        let (modules, broken) = Modules::reached_within(Duration::ZERO, roots, &mut Listed(&[]));
        let read: Vec<_> = modules.iter().map(|node| node.file.path.as_str()).collect();
        assert_eq!(read, ["a.ts"]);
        assert!(modules.iter().all(|node| node.module.took_too_long));
        assert!(broken.is_empty() && !modules.is_complete);
    }

    #[test]
    fn imports_are_resolved_as_bundlers_do() {
        for (importer, specifier, files, path) in [
            ("index.ts", "./a", &["a.js", "a.ts"][..], "a.ts"),
            ("index.ts", "./a.js", &["a.ts"], "a.ts"),
            ("index.ts", "./a.js", &["a.js", "a.ts"], "a.js"),
            ("index.ts", "./a.jsx", &["a.tsx"], "a.tsx"),
            ("index.ts", "./a.mjs", &["a.mts"], "a.mts"),
            ("index.ts", "./a.cjs", &["a.cts"], "a.cts"),
            ("src/index.ts", "../lib", &["lib/index.ts"], "lib/index.ts"),
            ("src/index.ts", "..", &["index.tsx"], "index.tsx"),
            ("src/index.ts", ".", &["src.ts", "src/index.ts"], "src/index.ts"),
            ("index.ts", "./lib/", &["lib.ts", "lib/index.js"], "lib/index.js"),
            ("index.ts", "./lib", &["lib.ts", "lib/index.js"], "lib.ts"),
            ("index.ts", "./a.config", &["a.config.ts"], "a.config.ts"),
            ("index.ts", "./types", &["types.d.ts"], "types.d.ts"),
            ("index.ts", "./data.json", &["data.json"], "data.json"),
        ] {
            assert_eq!(resolve(importer, specifier, files), path, "{importer} {specifier}");
        }
    }

    #[test]
    fn nothing_outside_of_the_directory_is_reached() {
        assert_eq!(resolve("a/b.ts", "../../c", &["c.ts"]), "leaves the function's directory");
        assert_eq!(resolve("a/b.ts", "/c", &["c.ts"]), "is an absolute path");
    }

    #[test]
    fn a_name_that_is_nearly_right_is_offered() {
        assert_eq!(resolve("a.ts", "./Core", &["core.ts"]), "nowhere, near ./core");
        assert_eq!(resolve("a.ts", "./lib/cor.ts", &["lib/core.ts"]), "nowhere, near ./lib/core.ts");
        assert_eq!(resolve("a.ts", "./other", &["core.ts"]), "nowhere, near ");
    }
}
