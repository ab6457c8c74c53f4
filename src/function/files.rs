//! Files of a function: read only from inside its directory, as UTF-8, up to a bound; or those of a published version.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::link_text;
use super::nearest::MAX_NAMES;
use super::utf8::{self, NotText};
use super::withheld::withheld_part;
use crate::finding::{Code, Finding};
use crate::plain_file::{OpenDirectory, ReadError};
use crate::source::{BYTE_ORDER_MARK, Location, SourceFile, shown_inside};
use crate::text;

/// Maximum size of all files of one function together, in bytes: 10 MiB, far more than an edge function has, and few enough
/// to hold sixteen functions in memory.
pub(crate) const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// Longest path of a file that is read, in bytes: no path on Linux is longer (`PATH_MAX`).
const MAX_PATH_BYTES: usize = 4096;

/// Most parts of such a path: each is looked at for every path that leads through it.
const MAX_PATH_PARTS: usize = 100;

/// How a file begins whose content was not checked out (Git LFS specification, "The Pointer").
const LFS_POINTER: &str = "version https://git-lfs.github.com/spec/";

/// Why a file can't be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("does not exist")]
    Missing,
    #[error("{0}")]
    NotAFile(&'static str),
    #[error("is a Git LFS pointer and not the file itself")]
    LfsPointer,
    /// The path, or a directory in it.
    #[error("is a symbolic link that leads nowhere")]
    DanglingLink,
    #[error("can't be read ({})", text::of_io(.0))]
    Unreadable(#[source] std::io::Error),
    /// The path, or the link it is, leaves the function's directory.
    #[error("{0}")]
    Outside(&'static str),
    /// With the part of the path for which it is.
    #[error("leads to `{0}`, which is never sent or shown: such files hold secrets")]
    Withheld(String),
    /// With the location of the first byte that no text has.
    #[error("is not UTF-8 text")]
    NotUtf8 { location: Location, fix: Option<&'static str> },
    /// With the location of the file that should be a link.
    #[error("{problem}")]
    CheckedOutLink { problem: String, location: Location, is_directory: bool },
    #[error("is longer than the path of any file that is sent")]
    TooLong,
    /// With the location of the file.
    #[error("makes the files of the function larger than {MAX_BYTES} bytes")]
    TooLarge { location: Location },
}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> Self {
        // A part of the path may be a file, and not a directory.
        let is_missing = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
        if is_missing { Self::Missing } else { Self::Unreadable(error) }
    }
}

/// What a file is for the function: which codes its problems have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    Manifest,
    Entrypoint,
    /// A file that the code imports.
    Import,
    /// A file with a fixed name, such as the README.
    Companion,
}

impl Role {
    const fn if_missing(self) -> Code {
        match self {
            Self::Manifest => Code::ManifestMissing,
            Self::Entrypoint => Code::MissingEntrypoint,
            Self::Import | Self::Companion => Code::MissingFile,
        }
    }

    const fn if_outside(self) -> Code {
        match self {
            Self::Entrypoint => Code::EntrypointOutsideDirectory,
            Self::Import => Code::ImportOutsideDirectory,
            Self::Manifest | Self::Companion => Code::FileOutsideDirectory,
        }
    }
}

impl FileError {
    /// The finding for the file that `path` names at a location.
    pub(crate) fn finding(&self, path: &str, role: Role, named_at: Location) -> Finding {
        let (code, location) = match self {
            Self::Missing
            | Self::NotAFile(_)
            | Self::TooLong
            | Self::LfsPointer
            | Self::DanglingLink
            | Self::Unreadable(_) => (role.if_missing(), named_at),
            Self::Outside(_) => (role.if_outside(), named_at),
            Self::Withheld(_) => (Code::WithheldFile, named_at),
            Self::NotUtf8 { location, .. } => (Code::NotUtf8, location.clone()),
            Self::CheckedOutLink { location, .. } => (Code::CheckedOutLink, location.clone()),
            Self::TooLarge { location } => (Code::FileTooLarge, location.clone()),
        };
        let finding = Finding::new(code, format!("`{path}` {self}")).at(location);
        finding.with_optional_hint(self.fix().map(str::to_owned))
    }

    /// How to fix it, where the code's own hint does not fit.
    fn fix(&self) -> Option<&'static str> {
        match self {
            Self::Unreadable(cause) if cause.kind() == ErrorKind::PermissionDenied => {
                Some("make it readable for the user that runs this job")
            }
            Self::Withheld(part) if part.to_ascii_lowercase().starts_with(".env") => {
                Some("read variables from the environment, and list them in `envVars`")
            }
            Self::LfsPointer => Some("check it out with `git lfs pull`"),
            Self::DanglingLink => Some("correct the link, or replace it with the file itself"),
            Self::NotUtf8 { fix, .. } => *fix,
            Self::CheckedOutLink { is_directory: true, .. } => Some(link_text::FIX_OF_DIRECTORY),
            Self::TooLong => Some("write a shorter path, with fewer directories"),
            Self::Missing
            | Self::NotAFile(_)
            | Self::Unreadable(_)
            | Self::Outside(_)
            | Self::Withheld(_)
            | Self::CheckedOutLink { .. }
            | Self::TooLarge { .. } => None,
        }
    }
}

/// Where a function's files come from: its directory, or a published version.
pub(crate) trait Files {
    /// Whether a relative path is a file, or a link to one.
    fn has(&self, path: &str) -> bool;

    /// Reads the file of a relative path.
    fn read(&mut self, path: &str) -> Result<SourceFile, FileError>;

    /// Reads a file that is not sent, and does not count.
    fn read_aside(&mut self, path: &str) -> Result<SourceFile, FileError> {
        self.read(path)
    }

    /// The names in the directory of a relative path, which is empty for the function's own; one more than are compared, at most.
    fn names_in(&self, directory: &str) -> Vec<String>;

    /// What is on the way to a file that is not found: a link, or a directory that can't be entered.
    fn obstacle(&self, _path: &str) -> Option<FileError> {
        None
    }

    /// A path as reports show it.
    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// The text of each file of a published version, by path.
pub(crate) type Texts = BTreeMap<String, Arc<str>>;

impl Files for &Texts {
    fn has(&self, path: &str) -> bool {
        self.contains_key(path)
    }

    fn read(&mut self, path: &str) -> Result<SourceFile, FileError> {
        let text = self.get(path).ok_or(FileError::Missing)?;
        Ok(SourceFile::published(path, Arc::clone(text)))
    }

    fn names_in(&self, directory: &str) -> Vec<String> {
        let inside = |path: &String| {
            let path =
                if directory.is_empty() { path } else { path.strip_prefix(directory)?.strip_prefix('/')? };
            path.split('/').next().map(str::to_owned)
        };
        let names: BTreeSet<_> = self.keys().filter_map(inside).collect();
        names.into_iter().collect()
    }
}

/// Reads files of one function's directory, and counts their bytes.
pub(crate) struct Directory {
    /// Without links, so that every path that starts with it is inside.
    root: PathBuf,
    /// What `root` led to when it was checked.
    opened: OpenDirectory,
    /// As reports show it.
    shown: String,
    bytes_left: u64,
    /// Every file that was read, by path: what is checked and what is sent is the same text.
    read: BTreeMap<String, SourceFile>,
}

impl Directory {
    /// Opens the directory at an absolute path without links.
    ///
    /// # Errors
    /// When the directory can't be looked at.
    pub(crate) fn open(path: &Path, shown: &str) -> Result<Self, Finding> {
        let opened = OpenDirectory::open(path).map_err(|cause| {
            Finding::new(
                Code::NoFunction,
                format!("the directory `{shown}` can't be read ({})", text::of_io(&cause)),
            )
        })?;
        let (root, shown) = (path.to_owned(), shown.to_owned());
        Ok(Self { root, opened, shown, bytes_left: MAX_BYTES, read: BTreeMap::new() })
    }

    /// Where a path leads, without links and relative to the directory, if it is inside and may be read.
    fn locate(&self, path: &str) -> Result<PathBuf, FileError> {
        let real = self.root.join(path).canonicalize();
        let real = real.map_err(|error| self.obstacle(path).unwrap_or_else(|| error.into()))?;
        let Ok(inside) = real.strip_prefix(&self.root) else {
            return Err(FileError::Outside("is a link that leaves the function's directory"));
        };
        match withheld_part(inside) {
            Some(part) => Err(FileError::Withheld(part)),
            None => Ok(inside.to_owned()),
        }
    }

    /// Reads the file that [`Self::locate`] found for a path. One that was replaced since is not followed anywhere.
    fn read_located(&mut self, path: &str, real: &Path) -> Result<SourceFile, FileError> {
        let shown = self.shown(path);
        let bytes = self.opened.read(real, self.bytes_left).map_err(|error| match error {
            ReadError::IsDirectory => FileError::NotAFile("is a directory"),
            ReadError::NotRegular => FileError::NotAFile("is not a regular file"),
            ReadError::TooLarge => FileError::TooLarge { location: Location::file(&shown) },
            ReadError::Io(error) => error.into(),
        })?;
        self.bytes_left = self.bytes_left.saturating_sub(bytes.len() as u64);
        let has_mark = bytes.starts_with(BYTE_ORDER_MARK.as_bytes());
        let text = decode(bytes, &shown)?;
        if text.starts_with(LFS_POINTER) {
            return Err(FileError::LfsPointer);
        }
        let is_file = |target: &str| {
            let directory = Path::new(path).parent().unwrap_or(Path::new(""));
            self.root.join(directory).join(target).is_file()
        };
        if let Some(target) = link_text::target_of_file(path, &text, is_file) {
            let problem =
                format!("is a symbolic link that was checked out as text: it only contains `{target}`");
            let location = Location::file(shown);
            return Err(FileError::CheckedOutLink { problem, location, is_directory: false });
        }
        Ok(SourceFile::new(path, shown, text).with_mark(has_mark))
    }
}

impl Files for Directory {
    fn shown(&self, path: &str) -> String {
        shown_inside(&self.shown, path)
    }

    fn read(&mut self, path: &str) -> Result<SourceFile, FileError> {
        let path = plain_path(path)?;
        if let Some(file) = self.read.get(&path) {
            return Ok(file.clone());
        }
        let real = self.locate(&path)?;
        let file = self.read_located(&path, &real)?;
        self.read.insert(path, file.clone());
        Ok(file)
    }

    fn read_aside(&mut self, path: &str) -> Result<SourceFile, FileError> {
        let path = plain_path(path)?;
        let real = self.locate(&path)?;
        let bytes_left = self.bytes_left;
        let file = self.read_located(&path, &real);
        self.bytes_left = bytes_left;
        file
    }

    fn obstacle(&self, path: &str) -> Option<FileError> {
        let path = plain_path(path).ok()?;
        let checked_out = |parent: &Path| {
            let real = self.root.join(parent).canonicalize().ok()?;
            let inside = real.strip_prefix(&self.root).ok().filter(|it| withheld_part(it).is_none())?;
            let text = self.opened.read(inside, link_text::MAX_TARGET_BYTES).ok()?;
            let target = link_text::target_of_directory(&real, text)?;
            let parent = parent.to_str()?;
            let problem = format!(
                "is not found: `{parent}` is a symbolic link that was checked out as text, and only contains `{target}`"
            );
            let location = Location::file(self.shown(parent));
            Some(FileError::CheckedOutLink { problem, location, is_directory: true })
        };
        let inaccessible = |part: &Path| {
            let part = self.root.join(part);
            let error = part.metadata().err()?;
            if error.kind() == ErrorKind::PermissionDenied {
                return Some(FileError::Unreadable(error));
            }
            part.is_symlink().then_some(FileError::DanglingLink)
        };
        let parts = || Path::new(&path).ancestors();
        parts().skip(1).find_map(checked_out).or_else(|| parts().find_map(inaccessible))
    }

    fn has(&self, path: &str) -> bool {
        plain_path(path).is_ok_and(|path| self.root.join(path).is_file())
    }

    fn names_in(&self, directory: &str) -> Vec<String> {
        let real = plain_path(directory).and_then(|directory| self.locate(&directory));
        real.ok().and_then(|real| self.opened.names(&real, MAX_NAMES + 1).ok()).unwrap_or_default()
    }
}

/// The path without `.` parts.
fn plain_path(path: &str) -> Result<String, FileError> {
    if path.len() > MAX_PATH_BYTES || path.split('/').count() > MAX_PATH_PARTS {
        return Err(FileError::TooLong);
    }
    if path.contains('\\') {
        return Err(FileError::Outside("contains a backslash: write paths with `/`"));
    }
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::CurDir => {}
            Component::ParentDir => return Err(FileError::Outside("contains `..`")),
            Component::RootDir | Component::Prefix(_) => {
                return Err(FileError::Outside("is an absolute path"));
            }
        }
    }
    Ok(parts.join("/"))
}

/// The text of a file.
pub(crate) fn decode(bytes: Vec<u8>, shown: &str) -> Result<String, FileError> {
    utf8::text_of(bytes).map_err(|NotText { lossy, range, fix }| {
        let location = SourceFile::new(shown, shown, lossy).at(range);
        FileError::NotUtf8 { location, fix }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_relative_paths_inside_the_directory_are_read() {
        for (path, plain) in [("./a/./b.ts", "a/b.ts"), ("..ts", "..ts"), ("a..b/c", "a..b/c"), ("", "")] {
            assert_eq!(plain_path(path).unwrap(), plain, "{path}");
        }
        for (path, problem) in [
            ("../a", "contains `..`"),
            ("a/../b", "contains `..`"),
            ("/etc/passwd", "is an absolute path"),
            ("a\\b", "contains a backslash: write paths with `/`"),
        ] {
            assert_eq!(plain_path(path).unwrap_err().to_string(), problem, "{path}");
        }
    }

    #[test]
    fn a_path_that_is_longer_than_any_is_not_looked_at() {
        let parts = |count: usize| vec!["a"; count].join("/");
        for path in ["a".repeat(MAX_PATH_BYTES), parts(MAX_PATH_PARTS)] {
            assert!(plain_path(&path).is_ok(), "{path}");
            assert!(matches!(plain_path(&format!("{path}/a")), Err(FileError::TooLong)), "{path}/a");
        }
    }

    #[test]
    fn the_files_of_a_published_version_are_shown_and_listed_by_path() {
        let files = ["index.ts", "lib/a.ts", "lib/b/c.ts", "library.ts"];
        let files: Texts = files.iter().map(|path| ((*path).to_owned(), "".into())).collect();
        assert_eq!((&files).shown("lib/a.ts"), "lib/a.ts");
        for (directory, expected) in
            [("", vec!["index.ts", "lib", "library.ts"]), ("lib", vec!["a.ts", "b"]), ("a", Vec::new())]
        {
            assert_eq!((&files).names_in(directory), expected, "{directory}");
        }
    }

    #[test]
    fn a_file_is_shown_with_its_directory_and_what_keeps_it_from_being_found() {
        let (_folder, root, directory) = function();
        assert_eq!(directory.shown("./lib/file.ts"), "function/lib/file.ts");
        std::os::unix::fs::symlink("nothing.ts", root.join("link.ts")).unwrap();
        assert!(matches!(directory.obstacle("link.ts"), Some(FileError::DanglingLink)));
        assert!(directory.obstacle("nothing.ts").is_none());
        assert!(directory.obstacle("lib/file.ts").is_none());
    }

    #[test]
    fn one_name_more_than_are_compared_is_listed() {
        let (_folder, root, directory) = function();
        for number in 0..MAX_NAMES + 9 {
            std::fs::write(root.join("lib").join(number.to_string()), "").unwrap();
        }
        assert_eq!(directory.names_in("lib").len(), MAX_NAMES + 1);
    }

    /// A function's directory, `function`, beside one with a secret.
    fn function() -> (tempfile::TempDir, PathBuf, Directory) {
        let folder = tempfile::TempDir::new().unwrap();
        let root = folder.path().canonicalize().unwrap().join("function");
        for (path, text) in [
            ("lib/file.ts", "plain"),
            (".git/file.ts", "secret"),
            (".env", "secret"),
            ("../outside/file.ts", "secret"),
        ] {
            let path = root.join(path);
            std::fs::create_dir_all(root.join("lib")).unwrap();
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let directory = Directory::open(&root, "function").unwrap();
        (folder, root, directory)
    }

    #[test]
    fn what_is_swapped_between_check_and_read_is_not_followed() {
        use std::os::unix::fs::symlink;
        use std::process::Command;
        type Swap = fn(&Path);
        let swaps: [(Swap, &str); 7] = [
            (
                |root| symlink("../.env", cleared(root, "lib/file.ts")).unwrap(),
                "can't be read (it was replaced",
            ),
            (
                |root| symlink("../.git/file.ts", cleared(root, "lib/file.ts")).unwrap(),
                "can't be read (it was",
            ),
            (|root| symlink("/etc/passwd", cleared(root, "lib/file.ts")).unwrap(), "can't be read (it was"),
            (|root| symlink(".git", cleared(root, "lib")).unwrap(), "can't be read (it was replaced"),
            (|root| symlink("../outside", cleared(root, "lib")).unwrap(), "can't be read (it was replaced"),
            (|root| std::fs::create_dir(cleared(root, "lib/file.ts")).unwrap(), "is a directory"),
            (
                |root| {
                    let path = cleared(root, "lib/file.ts");
                    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
                },
                "is not a regular file",
            ),
        ];
        for (swap, problem) in swaps {
            let (_folder, root, mut directory) = function();
            let real = directory.locate("lib/file.ts").unwrap();
            swap(&root);
            let error = directory.read_located("lib/file.ts", &real).unwrap_err();
            assert!(error.to_string().starts_with(problem), "{problem}: {error}");
        }
        // The directory itself.
        let (_folder, root, mut directory) = function();
        let real = directory.locate("lib/file.ts").unwrap();
        std::fs::rename(&root, root.with_extension("old")).unwrap();
        symlink("outside", &root).unwrap();
        assert_eq!(&*directory.read_located("lib/file.ts", &real).unwrap().text, "plain");
        assert!(Directory::open(&root, "function").is_err());
    }

    /// A path at which nothing is any more.
    fn cleared(root: &Path, name: &str) -> PathBuf {
        std::fs::rename(root.join(name), root.join("old")).unwrap();
        root.join(name)
    }

    #[test]
    fn a_file_that_is_read_twice_is_the_same_text() {
        let (_folder, root, mut directory) = function();
        let first = directory.read("lib/file.ts").unwrap();
        std::fs::write(root.join("lib/file.ts"), "another").unwrap();
        assert_eq!(directory.read("./lib/file.ts").unwrap(), first);
        assert_eq!(directory.bytes_left, MAX_BYTES - 5);
    }

    #[test]
    fn only_where_variables_are_withheld_the_environment_is_what_to_use() {
        let environment = "read variables from the environment, and list them in `envVars`";
        for (part, hint) in [
            (".env", environment),
            (".ENV.local", environment),
            (".git", Code::WithheldFile.fix()),
            (".npmrc", Code::WithheldFile.fix()),
        ] {
            let error = FileError::Withheld(part.to_owned());
            assert_eq!(error.finding("a", Role::Import, Location::file("a.ts")).hint, hint, "{part}");
        }
    }

    #[test]
    fn names_outside_are_not_listed() {
        let (_folder, root, directory) = function();
        for (target, link) in [("../outside", "a"), (".git", "b"), ("lib", "c")] {
            std::os::unix::fs::symlink(target, root.join(link)).unwrap();
        }
        let names = |path: &str| directory.names_in(path);
        assert_eq!((names("a").len(), names("b").len(), names(".git").len()), (0, 0, 0));
        assert_eq!((names("c"), names("lib")), (vec!["file.ts".to_owned()], vec!["file.ts".to_owned()]));
    }

    #[test]
    fn an_unreadable_file_keeps_its_cause() {
        use std::error::Error as _;
        let error = FileError::from(std::io::Error::other("the disk is broken"));
        assert_eq!(error.source().unwrap().to_string(), "the disk is broken");
        let finding = error.finding("a.ts", Role::Import, Location::file("a.ts"));
        assert_eq!(finding.message, "`a.ts` can't be read (the disk is broken)");
        let denied = FileError::from(std::io::Error::from_raw_os_error(13));
        let finding = denied.finding("a.ts", Role::Entrypoint, Location::file("a.ts"));
        assert_eq!(finding.message, "`a.ts` can't be read (Permission denied)");
        assert_eq!(finding.hint, "make it readable for the user that runs this job");
        let finding = error.finding("a.ts", Role::Import, Location::file("a.ts"));
        assert_eq!(finding.hint, finding.code.fix());
        let missing = FileError::from(std::io::Error::from(std::io::ErrorKind::NotFound));
        assert_eq!(
            missing.finding("a.ts", Role::Import, Location::file("a.ts")).message,
            "`a.ts` does not exist"
        );
    }
}
