//! The files that reports are written to: what may be one, and how it is written.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::function::manifest::fields::FILE_NAME;
use crate::plain_file;

/// Largest file that can be an earlier report, in bytes.
const MAX_EARLIER_BYTES: u64 = 64 * 1024 * 1024;

/// What the files of a run's functions are, as far as it is known.
pub(crate) struct OwnFiles {
    pub(crate) known: Vec<PathBuf>,
    /// Directories of which any file may be one.
    pub(crate) directories: Vec<PathBuf>,
}

/// The files that this run may replace, and those that it may not.
pub(super) struct Targets {
    /// The workspace and the working directory, under every name that they have: links below may be a pull request's.
    roots: Vec<PathBuf>,
    /// Files that have a purpose already.
    taken: HashSet<PathBuf>,
    uncertain: Vec<PathBuf>,
}

impl Targets {
    /// `of_ci` are the files that the CI gave to the step.
    pub(super) fn new(roots: [&PathBuf; 2], own: OwnFiles, of_ci: impl Iterator<Item = PathBuf>) -> Self {
        let names = |root: &PathBuf| [Some(root.clone()), root.canonicalize().ok()];
        let known: HashSet<_> = own.known.into_iter().chain(of_ci).collect();
        Self {
            roots: roots.into_iter().flat_map(names).flatten().collect(),
            taken: known.iter().map(|path| true_path(path)).collect(),
            uncertain: own.directories.iter().map(|path| true_path(path)).collect(),
        }
    }

    /// Takes a path for a report, or says why it can't be one. `is_report` recognizes an earlier report by its content.
    pub(super) fn take(&mut self, path: &Path, is_report: fn(&str) -> bool) -> Result<(), String> {
        let target = self.resolve(path)?;
        match target.symlink_metadata() {
            Ok(found) if found.is_symlink() => return Err("is a symbolic link".to_owned()),
            Ok(found) if !found.is_file() => return Err("is not a plain file".to_owned()),
            Ok(found) if has_other_names(&found) => {
                return Err("is a file that also has other names (hard links)".to_owned());
            }
            Ok(_) | Err(_) => {}
        }
        if !self.taken.insert(true_path(&target)) {
            return Err("is a file of a function, or of another input".to_owned());
        }
        let is_unsure =
            self.uncertain.iter().any(|directory| target.starts_with(directory)) && target.exists();
        let is_earlier = || {
            let bytes = plain_file::read(&target, MAX_EARLIER_BYTES).ok();
            bytes.and_then(|bytes| String::from_utf8(bytes).ok()).is_some_and(|text| is_report(&text))
        };
        if target.ends_with(FILE_NAME) || (is_unsure && !is_earlier()) {
            return Err("may be a file of a function".to_owned());
        }
        Ok(())
    }

    /// The path without `..` and links; inside the repository, it must lead through none.
    fn resolve(&self, path: &Path) -> Result<PathBuf, String> {
        let mut way = PathBuf::new();
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            match part {
                Component::ParentDir => {
                    way.pop();
                }
                Component::CurDir => {}
                Component::Prefix(_) | Component::RootDir | Component::Normal(_) => way.push(part),
            }
            // The last part is not followed anywhere.
            if way.is_symlink() && parts.peek().is_some() {
                if self.roots.iter().any(|root| way.starts_with(root) && way != *root) {
                    return Err(format!("is behind a symbolic link: `{}`", way.display()));
                }
                way = way.canonicalize().unwrap_or(way);
            }
        }
        Ok(way)
    }
}

/// The one path that a file has, also where it does not exist yet.
fn true_path(path: &Path) -> PathBuf {
    let parent = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(parent).unwrap_or_else(|| path.to_owned())
}

#[cfg(unix)]
fn has_other_names(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(found) > 1
}

#[cfg(not(unix))]
fn has_other_names(_found: &std::fs::Metadata) -> bool {
    false
}

/// Writes a file at once: who reads it sees the old content or the new one, and a link that is there now is replaced, not
/// followed.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".aerostack-publish-");
    readable_by_others(&mut builder);
    let mut file = builder.tempfile_in(directory).map_err(without_path)?;
    file.write_all(text.as_bytes()).map_err(without_path)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The error itself: `tempfile` adds a path that is another one each time.
fn without_path(error: io::Error) -> io::Error {
    let cause =
        error.get_ref().and_then(|error| error.source()).and_then(|it| it.downcast_ref::<io::Error>());
    match cause.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error,
    }
}

/// As files usually are: later jobs may run as another user.
#[cfg(unix)]
fn readable_by_others(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    // The process's own mask is applied to it.
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_by_others(_builder: &mut tempfile::Builder<'_, '_>) {}

/// A file that the CI gave to the step, to which others may have written.
#[derive(Debug)]
pub(super) struct Appended {
    file: File,
    path: PathBuf,
    /// Where our own text begins and ends; `None` for a device, which takes all that is written.
    ours: Option<(u64, u64)>,
}

impl Appended {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Opening one would wait for a reader.
        if path.metadata().is_ok_and(|found| is_pipe(&found)) {
            return Err(io::Error::other("it is a pipe"));
        }
        let mut file = OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
        let end = file.metadata()?.is_file().then(|| file.seek(SeekFrom::End(0))).transpose()?;
        Ok(Self { file, path: path.to_owned(), ours: end.map(|end| (end, end)) })
    }

    /// Writes our text on lines of its own, in place of what we wrote before, unless others have written since.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        let Some((start, end)) = self.ours else { return self.file.write_all(text.as_bytes()) };
        let length = self.file.seek(SeekFrom::End(0))?;
        let start = if length == end { start } else { length };
        self.file.set_len(start)?;
        self.file.seek(SeekFrom::Start(start))?;
        let line_break = if start > 0 && self.is_line_open() { "\n" } else { "" };
        let written = format!("{line_break}{text}");
        self.ours = Some((start, start + written.len() as u64));
        self.file.write_all(written.as_bytes())
    }

    /// Whether the last line of the file has no end. One that can't be read may be open: most runners skip empty lines.
    fn is_line_open(&self) -> bool {
        let mut last = [0];
        let read = plain_file::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)
        });
        read.is_err() || last != *b"\n"
    }
}

#[cfg(unix)]
fn is_pipe(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_found: &std::fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_lines_replace_our_own_and_never_run_into_those_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output");
        for (before, between, expected) in [
            ("", "", "last=1\n"),
            ("a=1\n", "", "a=1\nlast=1\n"),
            ("a=1", "", "a=1\nlast=1\n"),
            ("a=1", "b=2\n", "a=1\nfirst=1\nb=2\nlast=1\n"),
            ("a=1", "b=2", "a=1\nfirst=1\nb=2\nlast=1\n"),
        ] {
            std::fs::write(&path, before).unwrap();
            let mut file = Appended::open(&path).unwrap();
            file.write("first=1\n").unwrap();
            let mut other = OpenOptions::new().append(true).open(&path).unwrap();
            other.write_all(between.as_bytes()).unwrap();
            file.write("last=1\n").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected, "{before:?}, {between:?}");
        }
    }

    #[test]
    fn the_error_of_a_report_names_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let error = replace(&folder.path().join("file/report"), "").unwrap_err();
        assert!(!error.to_string().contains("aerostack-publish-"), "{error}");
        let gone = tempfile::Builder::new().tempfile_in(folder.path().join("missing")).unwrap_err();
        assert_eq!(without_path(gone).kind(), io::ErrorKind::NotFound);
    }
}
