//! Which file a relative import refers to, as bundlers resolve it.

use super::module::is_declaration;
use crate::finding::{Code, Finding, Severity};
use crate::function::files::{FileError, Files, Role};
use crate::function::nearest::{did_you_mean_path, nearest_path};
use crate::source::Location;

/// Extensions that an import may leave out, in the order in which they are tried (esbuild, "Resolve extensions"; then
/// those that other bundlers add, and declaration files).
const EXTENSIONS: [&str; 13] = [
    ".tsx", ".ts", ".jsx", ".js", ".css", ".json", ".mts", ".mjs", ".cts", ".cjs", ".d.ts", ".d.mts",
    ".d.cts",
];

/// Extensions of built files, and those of the sources that they may refer to (TypeScript, "Module resolution").
const SOURCE_EXTENSIONS: [(&str, &[&str]); 4] = [
    (".js", &[".ts", ".tsx", ".d.ts"]),
    (".jsx", &[".tsx", ".d.ts"]),
    (".mjs", &[".mts", ".d.mts"]),
    (".cjs", &[".cts", ".d.cts"]),
];

/// Extensions of code.
const CODE_EXTENSIONS: [&str; 8] = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

/// The database client of a project, as a function that is installed in it imports it (Open Function Spec: adapters take the
/// project's own `createDb()`; functions are installed two directories below it).
const PROJECT_CLIENT: &str = "../../db/client";

/// Why no file of a relative import can be sent.
#[derive(Debug)]
pub(super) enum ResolveError {
    /// There is no such file; what was probably meant.
    NotFound { hint: Option<String> },
    /// The file at this path can't be sent.
    Unreadable(String, FileError),
    /// There is only a declaration file, at this path.
    OnlyDeclared(String),
    /// This specifier leads out of the function's directory.
    Outside(String),
    /// The same, to the database client of the project that the function is installed in.
    ProjectClient,
}

impl ResolveError {
    /// Whether the import leads out of the function's directory.
    pub(super) const fn is_outside(&self) -> bool {
        matches!(self, Self::Outside(_) | Self::ProjectClient | Self::Unreadable(_, FileError::Outside(_)))
    }

    /// The finding for an import at a location.
    pub(super) fn finding(&self, specifier: &str, location: Location) -> Finding {
        let finding = match self {
            Self::NotFound { hint } => {
                let message = format!("`{specifier}` is imported but does not exist");
                Finding::new(Code::MissingFile, message).with_optional_hint(hint.clone())
            }
            Self::Unreadable(path, FileError::NotUtf8 { fix, .. }) => {
                let message = format!("`{path}` is imported but is not text in UTF-8: only text can be sent");
                Finding::new(Code::NotUtf8, message)
                    .with_hint(fix.unwrap_or("embed it in a module as Base64, or fetch it at run time"))
            }
            Self::Unreadable(path, error @ FileError::CheckedOutLink { .. }) => {
                return error.finding(path, Role::Import, location);
            }
            Self::Unreadable(path, error) => error.finding(path, Role::Import, location.clone()),
            Self::OnlyDeclared(path) => {
                let message = format!("`{specifier}` is imported, but `{path}` only declares its types");
                Finding::new(Code::MissingFile, message)
                    .with_hint("add the file with the code, or import the types with `import type`")
            }
            Self::Outside(path) => {
                let message = format!("`{path}` is outside the function's directory, and is not sent");
                Finding::new(Code::ImportOutsideDirectory, message)
            }
            Self::ProjectClient => {
                let message = format!(
                    "`{specifier}` is not sent: it is imported from the project that the function is installed in"
                );
                Finding::new(Code::ImportOutsideDirectory, message)
                    .with_severity(Severity::Warning)
                    .with_hint("say in the README that the project needs this file, or pass the client to the function")
            }
        };
        finding.at(location)
    }
}

/// Finds the file that a relative specifier refers to.
pub(super) fn resolve(importer: &str, specifier: &str, files: &impl Files) -> Result<String, ResolveError> {
    if specifier.starts_with('/') {
        return Err(ResolveError::Outside(specifier.to_owned()));
    }
    let path = join(importer, specifier);
    if is_outside(&path) {
        let is_client = is_project_client(specifier) || is_project_client(&path);
        let outside = || ResolveError::Outside(specifier.to_owned());
        return Err(if is_client { ResolveError::ProjectClient } else { outside() });
    }
    let candidates = candidates(&path, specifier);
    if let Some(found) = candidates.iter().find(|candidate| files.has(candidate)) {
        return Ok(found.clone());
    }
    let obstacle = |path: &String| Some(ResolveError::Unreadable(path.clone(), files.obstacle(path)?));
    let found = std::iter::once(&path).chain(&candidates).find_map(obstacle);
    Err(found.unwrap_or_else(|| ResolveError::NotFound { hint: hint(importer, &path, specifier, files) }))
}

/// The same, where nobody has to know why there is none.
pub(super) fn find(importer: &str, specifier: &str, files: &impl Files) -> Option<String> {
    let path = join(importer, specifier);
    if specifier.starts_with('/') || is_outside(&path) {
        return None;
    }
    candidates(&path, specifier).into_iter().find(|candidate| files.has(candidate))
}

/// Whether a specifier leads to the declaration file of code that is not there.
pub(super) fn is_only_declared(importer: &str, specifier: &str, path: &str) -> bool {
    let named = join(importer, specifier);
    let extension = path.strip_prefix(&named);
    is_declaration(path) && !extension.is_some_and(|it| matches!(it, "" | ".ts" | ".mts" | ".cts"))
}

fn is_outside(path: &str) -> bool {
    path == ".." || path.starts_with("../")
}

/// The files that a specifier which leads to a path can refer to, by precedence.
fn candidates(path: &str, specifier: &str) -> Vec<String> {
    as_file(path, specifier).chain(with_extensions(&in_directory(path, "index"))).collect()
}

/// Those of them that are not in a directory of this path.
fn as_file(path: &str, specifier: &str) -> impl Iterator<Item = String> {
    let is_directory = path.is_empty() || matches!(specifier.rsplit('/').next(), Some("" | "." | ".."));
    let as_file = std::iter::once(path.to_owned()).chain(sources_of(path)).chain(with_extensions(path));
    as_file.filter(move |_| !is_directory)
}

fn in_directory(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

fn is_project_client(path: &str) -> bool {
    let extension = path.strip_prefix(PROJECT_CLIENT);
    extension.is_some_and(|extension| extension.is_empty() || CODE_EXTENSIONS.contains(&extension))
}

/// Directories that aliases usually refer to, from the function's own directory on.
const ALIASED: [&str; 4] = ["", "src/", "lib/", "app/"];

/// The relative path of the file that an alias probably refers to (`@/db`, `$lib/db`, `#db`, `@shared/db`).
pub(super) fn aliased_path(importer: &str, alias: &str, files: &impl Files) -> Option<String> {
    let path = alias.trim_start_matches(['@', '~', '#', '$', '%']).trim_start_matches('/');
    if path.is_empty() {
        return None;
    }
    let mut found = ALIASED.iter().filter_map(|start| find("", &format!("./{start}{path}"), files));
    // A file that is named like the package it imports is not meant.
    found.next().filter(|found| found != importer).map(|found| relative(importer, &found))
}

/// The `package.json` of the directory that a specifier leads to, if it leads to no file: it may name the directory's main file.
pub(super) fn package_of_directory(importer: &str, specifier: &str, files: &impl Files) -> Option<String> {
    let path = join(importer, specifier);
    let package = in_directory(&path, "package.json");
    // Few directories have one: nothing else is looked for in the others.
    let is_there = !is_outside(&path) && files.has(&package);
    (is_there && !as_file(&path, specifier).any(|file| files.has(&file))).then_some(package)
}

/// Whether a specifier is a path, and not the name of a package.
pub(super) fn is_path(specifier: &str) -> bool {
    let specifier = without_query(specifier);
    matches!(specifier, "." | "..") || ["./", "../", "/"].iter().any(|start| specifier.starts_with(start))
}

/// The specifier without what bundlers take as an option (`./a.md?raw`).
pub(super) fn without_query(specifier: &str) -> &str {
    specifier.split('?').next().unwrap_or_default()
}

/// The path with each extension that may be left out.
fn with_extensions(path: &str) -> impl Iterator<Item = String> {
    EXTENSIONS.iter().map(move |extension| format!("{path}{extension}"))
}

/// The sources that the path of a built file may refer to.
pub(super) fn sources_of(path: &str) -> impl Iterator<Item = String> {
    let mut built = SOURCE_EXTENSIONS.iter();
    let found = built.find_map(|(built, sources)| Some((path.strip_suffix(built)?, *sources)));
    let (stem, sources) = found.unwrap_or_default();
    sources.iter().map(move |source| format!("{stem}{source}"))
}

/// The file that declares the types of a file with JavaScript.
pub(super) fn declarations_of(path: &str) -> Option<String> {
    sources_of(path).find(|source| is_declaration(source))
}

/// The path of a specifier from the function's directory on; it starts with `..` if it leaves it.
pub(super) fn join(importer: &str, specifier: &str) -> String {
    let mut parts: Vec<&str> = importer.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_none_or(|last| *last == "..") => parts.push(part),
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What to write instead of a specifier that leads to no file.
fn hint(importer: &str, path: &str, specifier: &str, files: &impl Files) -> Option<String> {
    if specifier.contains('\\') {
        let plain = specifier.replace('\\', "/");
        return Some(match resolve(importer, &plain, files) {
            Ok(_) => format!("did you mean `{plain}`? paths are written with `/`"),
            Err(_) => {
                "write the path with `/`, and rename files that have a backslash in their names".to_owned()
            }
        });
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_complete = stem(name) != name;
    let names_in = |directory: &str| {
        let names = files.names_in(directory).into_iter();
        names.map(|name| if is_complete { name } else { stem(&name).to_owned() }).collect()
    };
    let meant = relative(importer, &nearest_path(path, names_in)?);
    resolve(importer, &meant, files).is_ok().then(|| did_you_mean_path(specifier, &meant))
}

/// The specifier of a path in the function's directory.
fn relative(importer: &str, path: &str) -> String {
    let directory = importer.rsplit_once('/').map_or("", |(directory, _)| directory);
    let from: Vec<_> = directory.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<_> = path.split('/').collect();
    let common = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let up = "../".repeat(from.len() - common);
    let down = to.get(common..).unwrap_or_default().join("/");
    format!("{}{down}", if up.is_empty() { "./" } else { &up })
}

/// A file name without its extension.
fn stem(name: &str) -> &str {
    let extension = EXTENSIONS.iter().rev().find(|extension| name.ends_with(**extension));
    name.strip_suffix(extension.copied().unwrap_or_default()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    struct Paths(&'static [&'static str]);

    impl Files for Paths {
        fn has(&self, path: &str) -> bool {
            self.0.contains(&path)
        }

        fn read(&mut self, path: &str) -> Result<SourceFile, FileError> {
            Ok(SourceFile::published(path, ""))
        }

        fn names_in(&self, directory: &str) -> Vec<String> {
            let start = if directory.is_empty() { String::new() } else { format!("{directory}/") };
            let inside = self.0.iter().filter_map(|path| path.strip_prefix(start.as_str()));
            inside.filter_map(|path| path.split('/').next()).map(str::to_owned).collect()
        }
    }

    fn resolved(importer: &str, specifier: &str, files: &'static [&'static str]) -> String {
        match resolve(importer, specifier, &Paths(files)) {
            Ok(path) => path,
            Err(ResolveError::NotFound { hint }) => format!("not found: {}", hint.unwrap_or_default()),
            Err(ResolveError::Unreadable(_, error)) => error.to_string(),
            Err(ResolveError::Outside(_)) => "outside".to_owned(),
            Err(ResolveError::ProjectClient) => "the project's client".to_owned(),
            Err(ResolveError::OnlyDeclared(path)) => format!("only declared in {path}"),
        }
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
            assert_eq!(resolved(importer, specifier, files), path, "{importer} {specifier}");
        }
    }

    #[test]
    fn nothing_outside_the_directory_is_reached() {
        for (importer, specifier) in [
            ("a/b.ts", "../../c"),
            ("a/b.ts", "/c"),
            ("b.ts", ".."),
            ("b.ts", "./../c"),
            ("b.ts", "../../../c"),
            ("b.ts", "../c/../../a/c"),
        ] {
            assert_eq!(resolved(importer, specifier, &["c.ts"]), "outside", "{importer} {specifier}");
        }
    }

    #[test]
    fn the_client_of_the_project_is_two_directories_above() {
        for (importer, specifier, is_client) in [
            ("adapter.ts", "../../db/client", true),
            ("adapter.ts", "../../db/client.ts", true),
            ("adapter.ts", "../../db/client.js", true),
            ("adapter.ts", "../../db/client.mjs", true),
            ("adapter.ts", "./../x/../../db/client", true),
            ("src/adapter.ts", "../../db/client", true),
            ("src/adapter.ts", "../../../db/client", true),
            ("adapter.ts", "../db/client", false),
            ("adapter.ts", "../../../db/client", false),
            ("adapter.ts", "../../db/client.json", false),
            ("adapter.ts", "../../db/clients", false),
            ("adapter.ts", "../../db", false),
            ("adapter.ts", "../../lib/db/client", false),
        ] {
            let expected = if is_client { "the project's client" } else { "outside" };
            assert_eq!(resolved(importer, specifier, &[]), expected, "{importer} {specifier}");
        }
    }

    #[test]
    fn a_similar_name_is_suggested() {
        let case = "? names are case-sensitive on Linux";
        for (importer, specifier, files, meant, note) in [
            ("a.ts", "./Core", &["core.ts"][..], "./core", case),
            ("a.ts", "./Core.ts", &["core.ts"], "./core.ts", case),
            ("a.ts", "./lib/cor.ts", &["lib/core.ts"], "./lib/core.ts", "?"),
            ("a.ts", "./data", &["data.txt"], "./data.txt", "?"),
            ("a.ts", "./core.mts", &["core.ts"], "./core.ts", "?"),
            ("src/a.ts", "../Core", &["core.ts", "src/a.ts"], "../core", case),
            ("src/a.ts", "./../src/./Core", &["src/core.ts"], "./core", "?"),
            ("a.ts", "./Lib/core", &["lib/core.ts"], "./lib/core", case),
            ("a.ts", "./lib\\core", &["lib/core.ts"], "./lib/core", "? paths are written with `/`"),
        ] {
            let expected = format!("not found: did you mean `{meant}`{note}");
            assert_eq!(resolved(importer, specifier, files), expected, "{importer} {specifier}");
        }
        assert_eq!(resolved("a.ts", "./other", &["core.ts"]), "not found: ");
    }
}
