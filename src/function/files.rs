//! Files of a function: read only from inside its directory, as UTF-8, up to a bound; or those of a published version.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use super::link_text;
use super::withheld::withheld_part;
use crate::finding::{Code, Finding};
use crate::source::{BYTE_ORDER_MARK, Location, SourceFile, shown_inside};
use crate::text;

/// Maximum size of all files of one function together, in bytes: 10 MiB, far more than an edge function has, and few enough
/// to hold sixteen functions in memory.
pub(crate) const MAX_BYTES: u64 = 10 * 1024 * 1024;

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
    /// With the location of the first invalid byte.
    /// With the part of the path for which it is.
    #[error("leads to `{0}`, which is never sent or shown: such files hold secrets")]
    Withheld(String),
    #[error("is not UTF-8")]
    NotUtf8 { location: Location, is_utf16: bool },
    /// With the location of the file that should be a link.
    #[error("{problem}")]
    CheckedOutLink { problem: String, location: Location, is_directory: bool },
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
            Self::NotUtf8 { is_utf16: true, .. } => Some("save the file as UTF-8: it looks like UTF-16"),
            Self::CheckedOutLink { is_directory: true, .. } => Some(link_text::FIX_OF_DIRECTORY),
            Self::Missing
            | Self::NotAFile(_)
            | Self::Unreadable(_)
            | Self::Outside(_)
            | Self::Withheld(_)
            | Self::NotUtf8 { .. }
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

    /// The names in the directory of a relative path, which is empty for the function's own.
    fn names_in(&self, _directory: &str) -> Vec<String> {
        Vec::new()
    }

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
impl Files for &BTreeMap<String, String> {
    fn has(&self, path: &str) -> bool {
        self.contains_key(path)
    }

    fn read(&mut self, path: &str) -> Result<SourceFile, FileError> {
        let text = self.get(path).ok_or(FileError::Missing)?;
        Ok(SourceFile::published(path, text))
    }
}

/// Reads files of one function's directory, and counts their bytes.
pub(crate) struct Directory {
    /// Without links, so that every path that starts with it is inside.
    root: PathBuf,
    /// As reports show it.
    shown: String,
    bytes_left: u64,
}

impl Directory {
    /// # Errors
    /// When the directory can't be looked at.
    pub(crate) fn open(path: &Path, shown: &str) -> Result<Self, Finding> {
        let root = path.canonicalize().map_err(|cause| {
            Finding::new(
                Code::NoFunction,
                format!("the directory `{shown}` can't be read ({})", text::of_io(&cause)),
            )
        })?;
        Ok(Self { root, shown: shown.to_owned(), bytes_left: MAX_BYTES })
    }
}

impl Files for Directory {
    fn shown(&self, path: &str) -> String {
        shown_inside(&self.shown, path)
    }

    fn read(&mut self, path: &str) -> Result<SourceFile, FileError> {
        let path = plain_path(path)?;
        let shown = self.shown(&path);
        let real = self.root.join(&path).canonicalize();
        let real = real.map_err(|error| self.obstacle(&path).unwrap_or_else(|| error.into()))?;
        if !real.starts_with(&self.root) {
            return Err(FileError::Outside("is a link that leaves the function's directory"));
        }
        if let Some(part) = real.strip_prefix(&self.root).ok().and_then(withheld_part) {
            return Err(FileError::Withheld(part));
        }
        let metadata = real.metadata()?;
        if metadata.is_dir() {
            return Err(FileError::NotAFile("is a directory"));
        }
        // Reading a pipe or a device could take forever.
        if !metadata.is_file() {
            return Err(FileError::NotAFile("is not a regular file"));
        }
        let too_large = || FileError::TooLarge { location: Location::file(&shown) };
        if metadata.len() > self.bytes_left {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        // The file may have grown.
        File::open(&real)?.take(self.bytes_left + 1).read_to_end(&mut bytes)?;
        self.bytes_left = self.bytes_left.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        let has_mark = bytes.starts_with(BYTE_ORDER_MARK.as_bytes());
        let text = decode(bytes, &shown)?;
        if text.starts_with(LFS_POINTER) {
            return Err(FileError::LfsPointer);
        }
        let is_file = |target: &str| {
            let directory = Path::new(&path).parent().unwrap_or(Path::new(""));
            self.root.join(directory).join(target).is_file()
        };
        if let Some(target) = link_text::target_of_file(&path, &text, is_file) {
            let problem =
                format!("is a symbolic link that was checked out as text: it only contains `{target}`");
            let location = Location::file(shown);
            return Err(FileError::CheckedOutLink { problem, location, is_directory: false });
        }
        Ok(SourceFile::new(path, shown, text).with_mark(has_mark))
    }

    fn obstacle(&self, path: &str) -> Option<FileError> {
        let path = plain_path(path).ok()?;
        let checked_out = |parent: &Path| {
            let real = self.root.join(parent).canonicalize().ok()?;
            let target = link_text::target_of_directory(&real).filter(|_| real.starts_with(&self.root))?;
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
        let Ok(directory) = plain_path(directory) else { return Vec::new() };
        let entries = self.root.join(directory).read_dir().into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

/// The path without `.` parts.
fn plain_path(path: &str) -> Result<String, FileError> {
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

/// The text of a file without a byte order mark.
pub(crate) fn decode(bytes: Vec<u8>, shown: &str) -> Result<String, FileError> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            let text = String::from_utf8_lossy(bytes);
            let location = SourceFile::new(shown, shown, text).at(at..at + '\u{fffd}'.len_utf8());
            Err(FileError::NotUtf8 { location, is_utf16 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_dropped_and_an_invalid_byte_is_located() {
        assert_eq!(decode(b"\xef\xbb\xbfx".to_vec(), "f").unwrap(), "x");
        let Err(FileError::NotUtf8 { location, is_utf16 }) = decode(b"a\n\xc3\xa9\xff".to_vec(), "f") else {
            panic!()
        };
        let span = location.span().unwrap();
        assert_eq!((span.line, span.column, span.end_column, is_utf16), (2, 2, 3, false));
    }

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
        let missing = FileError::from(std::io::Error::from(std::io::ErrorKind::NotFound));
        assert_eq!(
            missing.finding("a.ts", Role::Import, Location::file("a.ts")).message,
            "`a.ts` does not exist"
        );
    }
}
