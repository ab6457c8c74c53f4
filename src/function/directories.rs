//! The input `directory`: its lines and globs as directories.

use std::collections::{HashMap, HashSet};
use std::fs::FileType;
use std::io::{Error, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::link_text;
use super::nearest::{did_you_mean_path, nearest_path};
use super::spelling;
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::manifest::fields::FILE_NAME;
use crate::source::{Location, shown_path};
use crate::text;

/// The directory of installed packages, which globs leave out: functions in it are not this repository's.
const INSTALLED: &str = "node_modules";

/// The characters that make a line or a part of it a glob.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// A directory that the input names.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Whether a line is its path, and not only a glob that matches it.
    pub(crate) is_named: bool,
}

/// Every directory that the lines name, once each, in the order of the lines and of the paths that a glob finds. A line is
/// relative to the working directory; no link leads out of the workspace, nor out of a working directory that is not in it.
pub(crate) fn find(
    lines: &[String],
    working_directory: &Path,
    workspace: &Path,
) -> (Vec<Found>, Vec<Finding>) {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let real_roots = [real(workspace), real(working_directory)];
    let search = Search { working_directory, workspace, real_roots };
    let (mut directories, mut findings) = (Vec::<Found>::new(), Vec::new());
    let (mut seen, mut reported) = (HashMap::new(), HashSet::new());
    for line in lines {
        let (found, problems) = search.find_line(line);
        let new = problems.into_iter().filter(|finding| reported.insert(finding.message.clone()));
        findings.extend(new.take(MAX_FINDINGS));
        for Found { path, is_named } in found {
            let index = *seen.entry(path.canonicalize().unwrap_or(path.clone())).or_insert(directories.len());
            match directories.get_mut(index) {
                Some(known) => known.is_named |= is_named,
                None => directories.push(Found { path, is_named }),
            }
        }
    }
    (directories, findings)
}

struct Search<'s> {
    working_directory: &'s Path,
    workspace: &'s Path,
    /// The workspace and the working directory, without links.
    real_roots: [PathBuf; 2],
}

impl Search<'_> {
    /// The directories of a line, and every problem with them.
    fn find_line(&self, line: &str) -> (Vec<Found>, Vec<Finding>) {
        let line = if cfg!(windows) { &line.replace('\\', "/") } else { line };
        let path = self.path(line);
        let (is_named, expansion) = match is_directory(&path) {
            Ok(true) => (true, Ok(Expansion { found: vec![path], problems: Vec::new() })),
            Ok(false) | Err(_) if is_glob(line) && !spelling::is_list(line) => (false, self.expand(line)),
            Ok(false) => (true, Err(self.no_directory(line, &path))),
            Err(cause) => (true, Err(self.unreadable(&path, &cause))),
        };
        let Expansion { found, mut problems } = match expansion {
            Ok(expansion) => expansion,
            Err(problem) => return (Vec::new(), vec![problem]),
        };
        let mut directories = Vec::new();
        for path in found {
            match has_manifest(&path) {
                Err(cause) => problems.push(self.unreadable(&path, &cause)),
                Ok(false) if !is_named => {}
                Ok(_) if self.leads_out(&path) => problems.push(self.outside(&path)),
                Ok(_) => directories.push(Found { path, is_named }),
            }
        }
        if directories.is_empty() && problems.is_empty() {
            problems.push(self.no_match(line));
        }
        (directories, problems)
    }

    /// A path of the input. A slash at its end would make a file look like nothing.
    fn path(&self, path: &str) -> PathBuf {
        self.working_directory.join(path).components().collect()
    }

    /// Every directory that a glob matches, part by part.
    fn expand(&self, line: &str) -> Result<Expansion, Finding> {
        let (start, parts) = split_glob(line);
        let mut expansion = Expansion { found: vec![self.path(start)], ..Expansion::default() };
        for part in parts.split('/').filter(|part| !matches!(*part, "" | ".")) {
            let pattern = glob::Pattern::new(&plain_glob(part)).map_err(|cause| {
                let message = format!("input `directory`: `{line}` is not a valid glob ({})", cause.msg);
                let hint =
                    self.spelling(line).unwrap_or_else(|| "write a glob such as `functions/*`".to_owned());
                Finding::new(Code::InvalidInput, message).with_hint(hint)
            })?;
            for directory in std::mem::take(&mut expansion.found) {
                match part {
                    "**" => self.tree(directory, &pattern, &mut expansion),
                    _ if is_glob(part) => self.matching(&directory, &pattern, &mut expansion),
                    _ => self.keep(directory.join(part), &mut expansion),
                }
            }
        }
        Ok(expansion)
    }

    /// The directories in a directory that a pattern matches, links to directories included, in the order of their names.
    fn matching(&self, directory: &Path, pattern: &glob::Pattern, expansion: &mut Expansion) {
        for (path, file_type) in self.entries(directory, pattern, expansion) {
            if file_type.is_file() {
                expansion.problems.extend(self.checked_out_link(&path));
            } else {
                self.keep(path, expansion);
            }
        }
    }

    /// A directory and all its subdirectories, except hidden ones, installed packages, and links, which can lead in circles.
    /// What is inside a function is not a link to one.
    fn tree(&self, directory: PathBuf, any: &glob::Pattern, expansion: &mut Expansion) {
        let (mut found, mut open) = (Vec::new(), vec![(directory, false)]);
        while let Some((directory, is_inside)) = open.pop() {
            let entries = self.entries(&directory, any, expansion);
            let is_inside = is_inside || entries.iter().any(|(path, _)| path.ends_with(FILE_NAME));
            for (path, file_type) in entries {
                if file_type.is_dir() {
                    open.push((path, is_inside));
                } else if file_type.is_file() && !is_inside {
                    expansion.problems.extend(self.checked_out_link(&path));
                }
            }
            found.push(directory);
        }
        found.sort();
        expansion.found.extend(found);
    }

    /// What a pattern matches in a directory, in the order of the names.
    fn entries(
        &self,
        directory: &Path,
        pattern: &glob::Pattern,
        expansion: &mut Expansion,
    ) -> Vec<(PathBuf, FileType)> {
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let read = || -> Result<Vec<_>, Error> {
            let mut entries = Vec::new();
            for entry in directory.read_dir()? {
                let entry = entry?;
                let name = entry.file_name();
                if name != INSTALLED && pattern.matches_with(&name.to_string_lossy(), options) {
                    entries.push((entry.path(), entry.file_type()?));
                }
            }
            Ok(entries)
        };
        let mut entries = read().unwrap_or_else(|cause| {
            expansion.problems.extend(if is_absence(&cause) {
                self.link_among(directory)
            } else {
                Some(self.unreadable(directory, &cause))
            });
            Vec::new()
        });
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries
    }

    /// Adds a path if it is a directory.
    fn keep(&self, path: PathBuf, expansion: &mut Expansion) {
        match is_directory(&path) {
            Ok(true) => expansion.found.push(path),
            Ok(false) => expansion.problems.extend(self.checked_out_link(&path)),
            Err(cause) => expansion.problems.push(self.unreadable(&path, &cause)),
        }
    }

    /// Whether a link in the path leads out of the workspace, or out of a working directory that is not in it. A path that is
    /// outside by itself (`../other`) does not.
    fn leads_out(&self, path: &Path) -> bool {
        let [workspace, working_directory] = &self.real_roots;
        let is_separate = !working_directory.starts_with(workspace);
        leads_out_of(workspace, path) || (is_separate && leads_out_of(working_directory, path))
    }

    fn no_directory(&self, line: &str, path: &Path) -> Finding {
        if let Some(finding) = self.link_among(path) {
            return finding;
        }
        // The function that a file belongs to, or just its directory.
        let parents =
            || path.ancestors().skip(1).take_while(|parent| parent.starts_with(self.working_directory));
        let function = || parents().find(|parent| parent.join(FILE_NAME).is_file());
        let file = path.exists().then(|| self.shown(function().or(path.parent()).unwrap_or(path)));
        let reason = if file.is_some() { "is not a directory" } else { "does not exist" };
        let hint = file
            .map(|parent| format!("write the directory that contains it: `{parent}`"))
            .or_else(|| self.spelling(line))
            .unwrap_or_else(|| "correct the path: it is relative to the working directory".to_owned());
        Finding::new(Code::NoFunction, format!("directory `{line}` {reason}")).with_hint(hint)
    }

    fn no_match(&self, line: &str) -> Finding {
        let message = format!("the glob `{line}` matches no directory with an {FILE_NAME}");
        let hint = self
            .spelling(line)
            .unwrap_or_else(|| "correct the glob: it is relative to the working directory".to_owned());
        Finding::new(Code::NoFunction, message).with_hint(hint)
    }

    fn unreadable(&self, path: &Path, cause: &Error) -> Finding {
        let hint = if cause.kind() == ErrorKind::PermissionDenied {
            "make it readable for the user that runs this job, or write a `directory` that leaves it out"
        } else if path.is_symlink() {
            "correct or remove the link"
        } else {
            "correct the path, or write a `directory` that leaves it out"
        };
        let message = format!("directory `{}` can't be read ({})", self.shown(path), text::of_io(cause));
        Finding::new(Code::NoFunction, message).with_hint(hint)
    }

    fn outside(&self, path: &Path) -> Finding {
        let [workspace, _] = &self.real_roots;
        let is_in_workspace = path.canonicalize().is_ok_and(|real| real.starts_with(workspace));
        let root = if is_in_workspace { "working directory" } else { "workspace" };
        let shown = self.shown(path);
        let message = format!("directory `{shown}` is outside the {root}: a symbolic link leads there");
        Finding::new(Code::NoFunction, message)
            .with_hint("replace the link with the directory itself, or write the path that it leads to")
    }

    /// The problem with a file that should be a link to a directory.
    fn checked_out_link(&self, path: &Path) -> Option<Finding> {
        let target = link_text::target_of_directory(path)?;
        let message = format!(
            "`{}` is a symbolic link to a directory that was checked out as text: it only contains `{target}`",
            self.shown(path)
        );
        let location = Location::file(shown_path(path, self.workspace));
        Some(Finding::new(Code::CheckedOutLink, message).with_hint(link_text::FIX_OF_DIRECTORY).at(location))
    }

    /// The same, where it is the path or a part of it.
    fn link_among(&self, path: &Path) -> Option<Finding> {
        path.ancestors().find_map(|path| self.checked_out_link(path))
    }

    /// How to write a line that names nothing.
    fn spelling(&self, line: &str) -> Option<String> {
        spelling::hint(line, &|path| self.working_directory.join(path).is_dir()).or_else(|| {
            let (start, rest) = if is_glob(line) { split_glob(line) } else { (line, "") };
            let names_in = |directory: &str| {
                let entries =
                    self.working_directory.join(directory).read_dir().into_iter().flatten().flatten();
                entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
            };
            let meant = Some(start).filter(|start| !start.starts_with('/'));
            let meant = meant.and_then(|start| nearest_path(start, names_in))?;
            let slash = if rest.is_empty() { "" } else { "/" };
            let is_directory = self.working_directory.join(&meant).is_dir();
            is_directory.then(|| did_you_mean_path(line, &format!("{meant}{slash}{rest}")))
        })
    }

    /// A path as the input would name it.
    fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.working_directory).unwrap_or(path);
        if relative == Path::new("") { ".".to_owned() } else { relative.display().to_string() }
    }
}

/// What a glob matches so far, and every directory in which it could not be seen.
#[derive(Default)]
struct Expansion {
    found: Vec<PathBuf>,
    problems: Vec<Finding>,
}

fn is_glob(text: &str) -> bool {
    text.contains(WILDCARDS)
}

/// A part of a glob as the library reads it, which takes the `^` of `[^a]` literally; shells take it as `!` (bash
/// documentation, "Pattern Matching").
fn plain_glob(part: &str) -> String {
    let (mut glob, mut rest) = (String::new(), part);
    while let Some((before, class)) = rest.split_once('[') {
        let (start, members) = match class.strip_prefix(['!', '^']) {
            Some(members) => ("[!", members),
            None => ("[", class),
        };
        // A `]` in the first place is a member.
        let end = members.char_indices().skip(1).find(|(_, c)| *c == ']').map_or(members.len(), |(at, _)| at);
        let (members, after) = members.split_at(end);
        glob.extend([before, start, members]);
        rest = after;
    }
    glob + rest
}

/// Whether a link in the path leads out of a root, which is without links.
fn leads_out_of(root: &Path, path: &Path) -> bool {
    let is_inside = |path: &Path| path.canonicalize().is_ok_and(|path| path.starts_with(root));
    let mut followed = PathBuf::new();
    !is_inside(path)
        && path.components().any(|part| {
            let was_inside = is_inside(&followed);
            followed.push(part);
            was_inside && part != Component::ParentDir && !is_inside(&followed)
        })
}

/// The path before the first part with a wildcard, and the rest.
fn split_glob(line: &str) -> (&str, &str) {
    let wildcard = line.find(WILDCARDS).unwrap_or(line.len());
    let end = line.get(..wildcard).and_then(|start| start.rfind('/')).map_or(0, |slash| slash + 1);
    line.split_at(end)
}

/// Whether a path is a directory or a link to one. A link that leads nowhere is an error.
fn is_directory(path: &Path) -> Result<bool, Error> {
    match path.metadata() {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(cause) if is_absence(&cause) && path.is_symlink() => {
            Err(Error::new(ErrorKind::NotFound, "it is a link to a path that does not exist"))
        }
        Err(cause) if is_absence(&cause) => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// Whether there is no such file or directory.
fn is_absence(cause: &Error) -> bool {
    matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Whether a directory has a manifest. One that has must be readable: a README that can't be seen would not be sent.
fn has_manifest(directory: &Path) -> Result<bool, Error> {
    match directory.join(FILE_NAME).symlink_metadata() {
        Ok(_) => directory.read_dir().map(|_| true),
        Err(cause) if is_absence(&cause) => Ok(false),
        Err(cause) => Err(cause),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    /// A working directory with functions in these directories.
    fn working_directory(functions: &[&str]) -> TempDir {
        let root = TempDir::new().unwrap();
        for function in functions {
            let directory = root.path().join(function);
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(directory.join(FILE_NAME), "{}").unwrap();
        }
        root
    }

    fn some() -> TempDir {
        let root = working_directory(&["functions/a", "functions/b", "more/deep/c", ".cache/x"]);
        std::fs::create_dir_all(root.path().join("functions/notes")).unwrap();
        std::fs::write(root.path().join("functions/a/index.ts"), "").unwrap();
        root
    }

    /// The directories that the lines name, relative to the working directory, and messages.
    fn found(input: &str, root: &TempDir) -> (Vec<String>, Vec<String>) {
        let lines: Vec<_> = input.lines().map(str::to_owned).collect();
        let (directories, findings) = find(&lines, root.path(), root.path());
        let real = root.path().canonicalize().unwrap();
        let relative = |path: PathBuf| {
            let path = path.canonicalize().unwrap();
            path.strip_prefix(&real).unwrap().to_string_lossy().into_owned()
        };
        (
            directories.into_iter().map(|found| relative(found.path)).collect(),
            findings.into_iter().map(|finding| finding.message).collect(),
        )
    }

    #[test]
    fn lines_and_globs_name_directories_each_once() {
        let root = some();
        for (input, expected) in [
            (".", &[""][..]),
            ("functions/b\nmore/deep/c", &["functions/b", "more/deep/c"]),
            ("./functions/a/", &["functions/a"]),
            ("functions/*", &["functions/a", "functions/b"]),
            ("functions/?", &["functions/a", "functions/b"]),
            ("functions/[!a]", &["functions/b"]),
            ("functions/[^a]", &["functions/b"]),
            ("[^m]*/[^b]", &["functions/a"]),
            ("functions/[^x-z]", &["functions/a", "functions/b"]),
            ("functions/[a^]", &["functions/a"]),
            ("./functions/*/", &["functions/a", "functions/b"]),
            ("*/deep/*", &["more/deep/c"]),
            ("**", &["functions/a", "functions/b", "more/deep/c"]),
            ("**/c", &["more/deep/c"]),
            ("functions/**", &["functions/a", "functions/b"]),
            ("functions/**/*", &["functions/a", "functions/b"]),
            (".cache/*", &[".cache/x"]),
            (
                "functions/a\n./functions/a/\nfunctions/*\nmore/../functions/b\n**/a",
                &["functions/a", "functions/b"],
            ),
        ] {
            let expected: Vec<_> = expected.iter().map(|path| (*path).to_owned()).collect();
            assert_eq!(found(input, &root), (expected, Vec::new()), "{input}");
        }
    }

    #[test]
    fn a_path_without_a_directory_and_a_glob_without_a_function_are_refused() {
        let root = some();
        for (input, message) in [
            ("functions/z", "directory `functions/z` does not exist"),
            ("functions/a/index.ts", "directory `functions/a/index.ts` is not a directory"),
            ("functions/a/aerostack.json", "directory `functions/a/aerostack.json` is not a directory"),
            ("*", "the glob `*` matches no directory with an aerostack.json"),
            ("nothing/*", "the glob `nothing/*` matches no directory with an aerostack.json"),
            ("functions/notes*", "the glob `functions/notes*` matches no directory with an aerostack.json"),
            ("functions/[A]", "the glob `functions/[A]` matches no directory with an aerostack.json"),
            (
                "*/a/aerostack.json",
                "the glob `*/a/aerostack.json` matches no directory with an aerostack.json",
            ),
            ("functions/[a", "input `directory`: `functions/[a` is not a valid glob (invalid range pattern)"),
        ] {
            assert_eq!(found(input, &root), (Vec::new(), vec![message.to_owned()]), "{input}");
        }
        for glob in ["functions/a**", "functions/***"] {
            let (_, findings) = find(&[glob.to_owned()], root.path(), root.path());
            assert_eq!(findings[0].code, Code::InvalidInput, "{glob}");
        }
    }

    #[test]
    fn a_caret_negates_as_in_a_shell() {
        for (part, glob) in [
            ("a", "a"),
            ("[^a]", "[!a]"),
            ("[^ab]*[^c]x", "[!ab]*[!c]x"),
            ("[!a]", "[!a]"),
            ("[a^]", "[a^]"),
            ("[[^]", "[[^]"),
            ("[]^]", "[]^]"),
            ("[^]a]", "[!]a]"),
            ("[^^]", "[!^]"),
            ("a^[b]^", "a^[b]^"),
            ("[^", "[!"),
            ("[", "["),
        ] {
            assert_eq!(plain_glob(part), glob);
        }
    }

    #[test]
    fn installed_packages_are_found_only_by_name() {
        let root = working_directory(&["a", "a/node_modules/x", "node_modules/y"]);
        assert_eq!(found("**", &root).0, ["a"]);
        assert_eq!(found("*/*", &root).0, [""; 0]);
        assert_eq!(found("node_modules/*", &root).0, ["node_modules/y"]);
    }

    #[test]
    fn links_are_followed_by_name_and_not_in_circles() {
        let names: Vec<_> = (0..12).map(|at| format!("packages/p{at:02}")).collect();
        let root = working_directory(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for name in &names {
            let package = root.path().join(name);
            std::fs::create_dir(package.join("node_modules")).unwrap();
            for other in &names {
                let other = other.trim_start_matches("packages/");
                symlink(format!("../../{other}"), package.join("node_modules").join(other)).unwrap();
            }
            symlink("../..", package.join("root")).unwrap();
            symlink("..", package.join("all")).unwrap();
        }
        symlink("packages/p00", root.path().join("link")).unwrap();
        assert_eq!(found("**", &root).0, names);
        assert_eq!(found("link\npackages/p00", &root).0, ["packages/p00"]);
        assert_eq!(found("l*", &root).0, ["packages/p00"]);
    }

    #[test]
    fn names_may_contain_any_character() {
        let names = ["#1", "$HOME", "-x", "[x]", "a b", "a*b", "a,b;c=d%", "a?b", "it's", "ü", "😀"];
        let root = working_directory(&names);
        assert_eq!(found(&names.join("\n"), &root).0, names);
        assert_eq!(found("*", &root).0, names);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_not_passed_over() {
        let root = working_directory(&["functions/a", "more/b"]);
        symlink("nowhere", root.path().join("functions/gone")).unwrap();
        symlink("loop", root.path().join("functions/loop")).unwrap();
        symlink("nowhere", root.path().join("more/.hidden")).unwrap();
        let gone = "directory `functions/gone` can't be read (it is a link to a path that does not exist)";
        let circle = "directory `functions/loop` can't be read (Too many levels of symbolic links)";
        for (input, messages) in [
            ("functions/*", &[gone, circle][..]),
            ("functions/g*", &[gone]),
            ("*/gone", &[gone]),
            ("functions/gone", &[gone]),
            ("functions/loop", &[circle]),
            ("more/*", &[]),
            ("**", &[]),
            ("functions/a", &[]),
        ] {
            let found = found(input, &root).1;
            let is_same = |(found, message): (&String, &&str)| found.starts_with(message);
            assert!(
                found.len() == messages.len() && found.iter().zip(messages).all(is_same),
                "{input}: {found:?}"
            );
        }
    }

    #[test]
    fn no_link_leads_out_of_the_workspace() {
        let root = working_directory(&["outside/b", "workspace/functions/a", "workspace/real/b"]);
        let workspace = root.path().join("workspace");
        for (target, link) in [
            ("../../outside/b", "functions/link"),
            ("../outside", "parent"),
            ("../real/b", "functions/inside"),
            ("../../outside", "functions/nothing"),
        ] {
            symlink(target, workspace.join(link)).unwrap();
        }
        let absolute = workspace.join("functions/link").to_string_lossy().into_owned();
        let refused =
            |path: &str| format!("directory `{path}` is outside the workspace: a symbolic link leads there");
        for (line, count, message) in [
            ("functions/link", 0, Some(refused("functions/link"))),
            (&absolute, 0, Some(refused("functions/link"))),
            ("./functions/../functions/link", 0, Some(refused("functions/../functions/link"))),
            ("parent/b", 0, Some(refused("parent/b"))),
            ("parent/../outside/b", 0, Some(refused("parent/../outside/b"))),
            ("functions/l*", 0, Some(refused("functions/link"))),
            ("functions/*", 2, Some(refused("functions/link"))),
            ("*/b", 1, Some(refused("parent/b"))),
            ("parent/*", 0, Some(refused("parent/b"))),
            ("functions/inside", 1, None),
            ("../outside/b", 1, None),
            ("functions/../../outside/b", 1, None),
            ("../outside/*", 1, None),
            ("**", 2, None),
        ] {
            let (directories, findings) = find(&[line.to_owned()], &workspace, &workspace);
            let messages: Vec<_> = findings.into_iter().map(|finding| finding.message).collect();
            assert_eq!((directories.len(), messages), (count, Vec::from_iter(message)), "{line}");
        }
        // From inside the repository, all of it is the workspace.
        let line = "functions/link".to_owned();
        assert!(find(&[line], &workspace, root.path()).1.is_empty());
        // A workspace that does not contain the working directory does not open it, and has its own links.
        symlink("../workspace/real/b", root.path().join("outside/back")).unwrap();
        let outside = root.path().join("outside");
        let elsewhere = working_directory(&["x"]);
        let to_working_directory =
            "directory `functions/link` is outside the working directory: a symbolic link leads there";
        for (line, workspace_root, messages) in [
            ("functions/link", elsewhere.path(), vec![refused("functions/link")]),
            ("functions/*", elsewhere.path(), vec![refused("functions/link")]),
            ("parent/b", elsewhere.path(), vec![refused("parent/b")]),
            ("../outside/b", elsewhere.path(), vec![]),
            ("functions/inside", elsewhere.path(), vec![]),
            ("functions/link", outside.as_path(), vec![to_working_directory.to_owned()]),
            ("../outside/back", outside.as_path(), vec![refused("../outside/back")]),
            ("../outside/b", outside.as_path(), vec![]),
        ] {
            let (_, findings) = find(&[line.to_owned()], &workspace, workspace_root);
            let found: Vec<_> = findings.into_iter().map(|finding| finding.message).collect();
            assert_eq!(found, messages, "{line}");
        }
    }
}
