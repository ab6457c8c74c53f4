//! The files that reports are written to: what may be one, and how it is written.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Component, Path, PathBuf};

/// The files that this run may replace, and those that it may not.
pub(super) struct Targets {
    /// The workspace and the working directory, under every name that they have: links below may be a pull request's.
    roots: Vec<PathBuf>,
    /// Files that have a purpose already.
    taken: HashSet<PathBuf>,
}

impl Targets {
    /// `taken` are files that no report may replace.
    pub(super) fn new(roots: [&PathBuf; 2], taken: impl Iterator<Item = PathBuf>) -> Self {
        let names = |root: &PathBuf| [Some(root.clone()), root.canonicalize().ok()];
        let taken = taken.map(|path| true_path(&path)).collect();
        Self { roots: roots.into_iter().flat_map(names).flatten().collect(), taken }
    }

    /// Takes a path for a report, or says why it can't be one.
    pub(super) fn take(&mut self, path: &Path) -> Result<(), String> {
        if let Some(link) = self.link_on(path) {
            return Err(format!("is a symbolic link, or behind one: `{}`", link.display()));
        }
        match path.symlink_metadata() {
            Ok(found) if found.is_symlink() => return Err("is a symbolic link".to_owned()),
            Ok(found) if !found.is_file() => return Err("is not a plain file".to_owned()),
            Ok(found) if has_other_names(&found) => {
                return Err("is a file that also has other names (hard links)".to_owned());
            }
            Ok(_) | Err(_) => {}
        }
        if self.taken.insert(true_path(path)) {
            Ok(())
        } else {
            Err("is a file of a function, or of another input".to_owned())
        }
    }

    /// The symbolic link inside the repository that the path leads through.
    fn link_on(&self, path: &Path) -> Option<PathBuf> {
        let mut way = PathBuf::new();
        for part in path.components() {
            match part {
                Component::ParentDir => {
                    way.pop();
                }
                Component::CurDir => {}
                Component::Prefix(_) | Component::RootDir | Component::Normal(_) => way.push(part),
            }
            if way.is_symlink() {
                if self.roots.iter().any(|root| way.starts_with(root) && way != *root) {
                    return Some(way);
                }
                way = way.canonicalize().unwrap_or(way);
            }
        }
        None
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
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
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
    /// Where our own text begins and ends; `None` for a device, which takes all that is written.
    ours: Option<(u64, u64)>,
}

impl Appended {
    /// Opens the file. Our text begins on a line of its own.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Opening one would wait for a reader.
        if path.metadata().is_ok_and(|found| is_pipe(&found)) {
            return Err(io::Error::other("it is a pipe"));
        }
        let mut file = OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
        if !file.metadata()?.is_file() {
            return Ok(Self { file, ours: None });
        }
        let is_line_open = is_line_open(path);
        let mut start = file.seek(SeekFrom::End(0))?;
        if is_line_open {
            file.write_all(b"\n")?;
            start += 1;
        }
        Ok(Self { file, ours: Some((start, start)) })
    }

    /// Writes our text, in place of what we wrote before, unless others have written since.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        if let Some((start, end)) = self.ours {
            let length = self.file.seek(SeekFrom::End(0))?;
            let start = if length == end { start } else { length };
            self.file.set_len(start)?;
            self.file.seek(SeekFrom::Start(start))?;
            self.ours = Some((start, start + text.len() as u64));
        }
        self.file.write_all(text.as_bytes())
    }
}

/// Whether the last line of the file has no end.
fn is_line_open(path: &Path) -> bool {
    let mut last = [0];
    let mut read = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)
    };
    read().is_ok() && last != *b"\n"
}

#[cfg(unix)]
fn is_pipe(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_found: &std::fs::Metadata) -> bool {
    false
}
