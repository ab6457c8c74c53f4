//! The input `directory`: its lines and globs as directories.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::fs::FileType;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use super::files::FileError;
use super::globs::{self, Glob, State, is_glob};
use super::link_text;
use super::lookup::{Resolved, Roots, has_manifest, is_absence, is_directory};
use super::nearest::{MAX_NAMES, did_you_mean_path, nearest_path};
use super::spelling;
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::manifest::fields::FILE_NAME;
use crate::plain_file;
use crate::source::{Location, shown_path};
use crate::text;

/// Longest line, in bytes: no path on Linux is longer (`PATH_MAX`).
const MAX_LINE_BYTES: usize = 4096;

/// How often the globs of all lines compare a name of the file system with a part of a glob: each takes a few microseconds,
/// and the largest public repositories have fewer files.
const MAX_COMPARISONS: usize = 1_000_000;

/// A directory that the input names.
#[derive(Debug)]
pub(crate) struct Found {
    /// Absolute and without links, as it was checked.
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
    let (roots, comparisons) = (Roots::new(workspace, working_directory), Cell::new(0));
    let search = Search { working_directory, workspace, roots, comparisons };
    let (mut directories, mut findings) = (Vec::<Found>::new(), Vec::new());
    let (mut seen, mut reported) = (HashMap::new(), HashSet::new());
    for line in lines {
        let (found, problems) = search.find_line(line).unwrap_or_else(|problem| (Vec::new(), vec![problem]));
        findings.extend(problems.into_iter().filter(|finding| reported.insert(finding.message.clone())));
        for Found { path, is_named } in found {
            let index = *seen.entry(path.clone()).or_insert(directories.len());
            match directories.get_mut(index) {
                Some(known) => known.is_named |= is_named,
                None => directories.push(Found { path, is_named }),
            }
        }
        // With any, nothing is published.
        if findings.len() >= MAX_FINDINGS {
            findings.truncate(MAX_FINDINGS);
            break;
        }
        if search.is_exhausted() {
            break;
        }
    }
    (directories, findings)
}

struct Search<'s> {
    working_directory: &'s Path,
    workspace: &'s Path,
    roots: Roots,
    /// Made so far.
    comparisons: Cell<usize>,
}

impl Search<'_> {
    /// The directories of a line, and every problem with them.
    ///
    /// # Errors
    /// With the problem, where the line can't be searched at all.
    fn find_line(&self, line: &str) -> Result<(Vec<Found>, Vec<Finding>), Finding> {
        if line.len() > MAX_LINE_BYTES {
            return Err(too_long(line));
        }
        let line = if cfg!(windows) { &line.replace('\\', "/") } else { line };
        let path = self.path(line);
        let (is_named, Expansion { found, mut problems }) = match is_directory(&path) {
            Ok(true) => (true, Expansion { found: vec![path], problems: Vec::new() }),
            Ok(false) | Err(_) if is_glob(line) && !spelling::is_list(line) => (false, self.expand(line)?),
            Ok(false) => return Err(self.no_directory(line, &path)),
            Err(cause) => return Err(self.unreadable(&path, &cause)),
        };
        let mut directories = Vec::new();
        for path in found {
            match has_manifest(&path) {
                Ok(false) if !is_named => continue,
                Ok(_) => {}
                Err(cause) => {
                    problems.push(self.unreadable(&path, &cause));
                    continue;
                }
            }
            match self.roots.resolve(&path) {
                Ok(Resolved::To(real)) => directories.push(Found { path: real, is_named }),
                Ok(Resolved::OutOf(root)) => problems.push(self.outside(&path, root)),
                Ok(Resolved::Withheld(part)) => problems.push(self.withheld(&path, part)),
                Err(cause) => problems.push(self.unreadable(&path, &cause)),
            }
        }
        if directories.is_empty() && problems.is_empty() {
            problems.push(self.no_match(line));
        }
        Ok((directories, problems))
    }

    /// A path of the input. A slash at its end would make a file look like nothing.
    fn path(&self, path: &str) -> PathBuf {
        self.working_directory.join(path).components().collect()
    }

    /// Every directory that a glob matches, in the order of their paths.
    fn expand(&self, line: &str) -> Result<Expansion, Finding> {
        let glob = Glob::parse(line).map_err(|cause| {
            let message = format!("input `directory`: `{line}` is not a valid glob ({cause})");
            let hint = self.spelling(line).unwrap_or_else(|| "write a glob such as `functions/*`".to_owned());
            Finding::new(Code::InvalidInput, message).with_hint(hint)
        })?;
        let mut expansion = Expansion::default();
        let mut open = vec![Open { path: self.path(glob.start), state: glob.at_start(), is_inside: false }];
        while let Some(directory) = open.pop() {
            // In the order of their names.
            open.extend(self.look_into(&directory, &glob, &mut expansion)?.into_iter().rev());
            if glob.is_match(&directory.state) {
                expansion.found.push(directory.path);
            }
        }
        expansion.found.sort();
        Ok(expansion)
    }

    /// The directories in a directory in which the glob can go on.
    fn look_into(
        &self,
        directory: &Open,
        glob: &Glob<'_>,
        expansion: &mut Expansion,
    ) -> Result<Vec<Open>, Finding> {
        let Open { path, state, is_inside } = directory;
        let (mut inner, mut is_inside) = (Vec::new(), *is_inside);
        let mut names: BTreeSet<_> = glob.names(state).collect();
        if glob.has_wildcard(state) {
            let entries = self.entries(path, glob.width(state), expansion)?;
            is_inside |= glob.has_tree(state) && entries.iter().any(|(name, _)| name == FILE_NAME);
            for (name, file_type) in entries {
                let path = path.join(&name);
                let name = name.to_string_lossy();
                names.remove(&*name);
                let step = glob.step(state, &name, file_type.is_dir());
                if file_type.is_file() {
                    // What is inside a function is not a link to one.
                    let may_be_link = step.is_matched || (step.is_in_tree && !is_inside);
                    expansion.report(|| may_be_link.then(|| self.checked_out_link(&path)).flatten());
                } else if !step.inside.is_dead() && (file_type.is_dir() || self.is_kept(&path, expansion)) {
                    inner.push(Open { path, state: step.inside, is_inside });
                }
            }
        }
        // What is not listed may be there all the same: `..`, or in another case.
        for name in names {
            let path = path.join(name);
            if self.is_kept(&path, expansion) {
                inner.push(Open { path, state: glob.step(state, name, false).inside, is_inside });
            }
        }
        Ok(inner)
    }

    /// What is in a directory, in the order of the names, to be compared with so many parts of a glob.
    fn entries(
        &self,
        directory: &Path,
        parts: usize,
        expansion: &mut Expansion,
    ) -> Result<Vec<(OsString, FileType)>, Finding> {
        let left = (MAX_COMPARISONS - self.comparisons.get()) / parts;
        let read = || -> Result<Vec<_>, Error> {
            let entries = directory.read_dir()?.take(left + 1);
            entries.map(|entry| entry.and_then(|it| Ok((it.file_name(), it.file_type()?)))).collect()
        };
        let mut entries = read().unwrap_or_else(|cause| {
            expansion.report(|| {
                let is_absent = is_absence(&cause);
                if is_absent { self.link_among(directory) } else { Some(self.unreadable(directory, &cause)) }
            });
            Vec::new()
        });
        // To open it counts too.
        self.comparisons.set(self.comparisons.get() + (entries.len() + 1) * parts);
        if self.is_exhausted() {
            return Err(too_many());
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(entries)
    }

    fn is_exhausted(&self) -> bool {
        self.comparisons.get() > MAX_COMPARISONS
    }

    /// Whether a path is a directory; otherwise the problem with it is in the expansion.
    fn is_kept(&self, path: &Path, expansion: &mut Expansion) -> bool {
        let is_directory = is_directory(path);
        match &is_directory {
            Ok(true) => {}
            Ok(false) => expansion.report(|| self.checked_out_link(path)),
            Err(cause) => expansion.report(|| Some(self.unreadable(path, cause))),
        }
        is_directory.is_ok_and(|is_directory| is_directory)
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

    /// The problem with a directory in a place whose files are never sent.
    fn withheld(&self, path: &Path, part: String) -> Finding {
        let message = format!("directory `{}` {}", self.shown(path), FileError::Withheld(part));
        Finding::new(Code::WithheldFile, message)
    }

    /// The problem with a directory that a link leads out of a root.
    fn outside(&self, path: &Path, root: &str) -> Finding {
        let shown = self.shown(path);
        let message = format!("directory `{shown}` is outside the {root}: a symbolic link leads there");
        Finding::new(Code::NoFunction, message)
            .with_hint("replace the link with the directory itself, or write the path that it leads to")
    }

    /// The problem with a file that should be a link to a directory.
    fn checked_out_link(&self, path: &Path) -> Option<Finding> {
        let text = plain_file::read(path, link_text::MAX_TARGET_BYTES).ok()?;
        let target = link_text::target_of_directory(path, text)?;
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
            let (start, rest) = if is_glob(line) { globs::split(line) } else { (line, "") };
            let names_in = |directory: &str| {
                let entries =
                    self.working_directory.join(directory).read_dir().into_iter().flatten().flatten();
                entries
                    .take(MAX_NAMES + 1)
                    .map(|entry| entry.file_name().to_string_lossy().into_owned())
                    .collect()
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

impl Expansion {
    /// Adds a problem, if there is one and it would be shown.
    fn report(&mut self, problem: impl FnOnce() -> Option<Finding>) {
        if self.problems.len() < MAX_FINDINGS {
            self.problems.extend(problem());
        }
    }
}

/// A directory that a glob has reached.
struct Open {
    path: PathBuf,
    state: State,
    /// Whether it is one of a function, or in one.
    is_inside: bool,
}

fn too_long(line: &str) -> Finding {
    let start: String = line.chars().take(40).collect();
    let message = format!("input `directory`: the line `{start}…` is longer than {MAX_LINE_BYTES} bytes");
    Finding::new(Code::InvalidInput, message).with_hint("write one path or glob per line")
}

fn too_many() -> Finding {
    let message =
        format!("input `directory`: its globs have to be compared with more than {MAX_COMPARISONS} names");
    let hint = "write globs that start with the directory of the functions, such as `functions/*`; `**` also looks \
                at every directory in them";
    Finding::new(Code::InvalidInput, message).with_hint(hint)
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

    #[test]
    fn a_directory_that_becomes_a_link_is_not_the_one_that_was_checked() {
        use crate::function::files::Directory;
        let root = working_directory(&["outside/a", "workspace/functions/a"]);
        let workspace = root.path().join("workspace");
        let find = || find(&["functions/*".to_owned()], &workspace, &workspace).0;
        let [directory] = find().try_into().unwrap();
        assert!(Directory::open(&directory.path, "a").is_ok());
        for name in ["functions/a", "functions"] {
            std::fs::rename(workspace.join(name), workspace.join("old")).unwrap();
            symlink("/", workspace.join(name)).unwrap();
            assert!(Directory::open(&directory.path, "a").is_err(), "{name}");
            std::fs::remove_file(workspace.join(name)).unwrap();
            std::fs::rename(workspace.join("old"), workspace.join(name)).unwrap();
        }
    }

    #[test]
    fn a_tree_is_looked_through_once_for_any_glob() {
        let deep = "a/".repeat(100) + "f";
        let root = working_directory(&[&deep, "b/f"]);
        for (line, count) in [
            ("**/**/**/**/**/**/**/**", 2),
            ("**/a/**/a/**/a/**/a/**/f", 1),
            ("**/*/**/*/**/*/**/*/**/*/**", 1),
            (&("**/a/".repeat(100) + "f"), 1),
        ] {
            let (directories, findings) = find(&[line.to_owned()], root.path(), root.path());
            assert_eq!((directories.len(), findings.len()), (count, 0), "{line}");
        }
    }

    #[test]
    fn a_directory_under_several_names_and_parts_of_a_glob_is_one() {
        let root = working_directory(&["a/.b/c", "a/node_modules/c", "x"]);
        for (line, expected) in [
            ("**/.b/c", &["a/.b/c"][..]),
            ("**/node_modules/c", &["a/node_modules/c"]),
            ("*/../x", &["x"]),
            ("**/../x", &["x"]),
            ("*/.b/../../x", &["x"]),
            ("**/[a]/**/c", &[]),
        ] {
            let (directories, messages) = found(line, &root);
            assert_eq!(directories, expected, "{line}: {messages:?}");
        }
    }
}
