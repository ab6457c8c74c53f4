//! Regular files, opened and read in one step: whatever another process does to their names in the meantime, what is read is
//! what was checked, and no pipe or device is waited for.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("it is a directory")]
    IsDirectory,
    #[error("it is not a regular file")]
    NotRegular,
    #[error("it is too large")]
    TooLarge,
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        if error.kind() == ErrorKind::IsADirectory {
            Self::IsDirectory
        } else if system::is_of_socket(&error) {
            Self::NotRegular
        } else {
            Self::Io(error)
        }
    }
}

/// The content of the file that a path leads to, of at most so many bytes.
pub(crate) fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
    // Whoever writes to a pipe would see that it is opened.
    check(&path.metadata()?, max_bytes)?;
    content(open(path)?, max_bytes)
}

/// Opens a file to read parts of it.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    system::open(path)
}

/// The content of an open file. Only what the handle says counts: the path may lead elsewhere by now.
fn content(file: File, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let metadata = file.metadata()?;
    check(&metadata, max_bytes)?;
    // One byte more, so that a single call reads it all and sees the end.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default().saturating_add(1));
    // It may grow, and the files of `/proc` call themselves empty.
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes { Err(ReadError::TooLarge) } else { Ok(bytes) }
}

fn check(metadata: &Metadata, max_bytes: u64) -> Result<(), ReadError> {
    if metadata.is_dir() {
        Err(ReadError::IsDirectory)
    } else if !metadata.is_file() {
        Err(ReadError::NotRegular)
    } else if metadata.len() > max_bytes {
        Err(ReadError::TooLarge)
    } else {
        Ok(())
    }
}

/// A directory that stays open: whatever its path leads to later, this one is read.
pub(crate) struct OpenDirectory(system::Directory);

impl OpenDirectory {
    /// Opens the directory at an absolute path without links. One that became a link is not followed.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        system::Directory::open(path).map(Self)
    }

    /// The content of the file at a relative path without links, of at most so many bytes. A link is not followed.
    pub(crate) fn read(&self, path: &Path, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
        content(self.0.file(path)?, max_bytes)
    }

    /// At most so many names in the directory at a relative path without links, which is empty for this one.
    pub(crate) fn names(&self, path: &Path, max: usize) -> io::Result<Vec<String>> {
        self.0.names(path, max)
    }
}

fn replaced() -> io::Error {
    io::Error::other("it was replaced by a symbolic link in the meantime")
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
    use std::path::Path;

    use rustix::fs::{Dir, Mode, OFlags, openat};
    use rustix::io::Errno;

    use crate::plain_file::replaced;

    /// To open a pipe, or to read from one, does not wait; a terminal does not become the process's own.
    const FILE: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

    const LISTED: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

    /// A directory on the way to a file needs no permission to list it.
    #[cfg(target_os = "linux")]
    const PASSED: OFlags = LISTED.union(OFlags::PATH);
    #[cfg(not(target_os = "linux"))]
    const PASSED: OFlags = LISTED;

    pub(super) fn open(path: &Path) -> io::Result<File> {
        Ok(rustix::fs::open(path, FILE, Mode::empty())?.into())
    }

    /// A socket can't be opened (POSIX, "open").
    pub(super) fn is_of_socket(error: &io::Error) -> bool {
        error.raw_os_error() == Some(Errno::NXIO.raw_os_error())
    }

    pub(super) struct Directory(OwnedFd);

    impl Directory {
        pub(super) fn open(path: &Path) -> io::Result<Self> {
            let top = rustix::fs::open("/", PASSED, Mode::empty())?;
            let inside = path.strip_prefix("/").map_err(io::Error::other)?;
            open_beneath(top.as_fd(), inside, PASSED).map(Self)
        }

        pub(super) fn file(&self, path: &Path) -> io::Result<File> {
            Ok(open_beneath(self.0.as_fd(), path, FILE)?.into())
        }

        pub(super) fn names(&self, path: &Path, max: usize) -> io::Result<Vec<String>> {
            let entries = Dir::new(open_beneath(self.0.as_fd(), path, LISTED)?)?;
            let name = |entry: rustix::io::Result<rustix::fs::DirEntry>| {
                Ok(entry?.file_name().to_string_lossy().into_owned())
            };
            let names = entries.map(name).filter(|name| !matches!(name.as_deref(), Ok("." | "..")));
            names.take(max).collect()
        }
    }

    fn open_beneath(directory: BorrowedFd<'_>, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        at_once(directory, path, flags).map_err(|error| match error {
            Errno::LOOP => replaced(),
            other => other.into(),
        })
    }

    /// In one call, where the kernel has it (Linux 5.6) and the sandbox of a container allows it.
    #[cfg(target_os = "linux")]
    fn at_once(directory: BorrowedFd<'_>, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        use rustix::fs::{ResolveFlags, openat2};
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match openat2(directory, path, flags, Mode::empty(), resolve) {
            Err(Errno::NOSYS | Errno::PERM) => part_by_part(directory, path, flags),
            opened => opened,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn at_once(directory: BorrowedFd<'_>, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        part_by_part(directory, path, flags)
    }

    /// Each part from the open directory before it, and none of them a link: nothing can come in between.
    pub(super) fn part_by_part(
        directory: BorrowedFd<'_>,
        path: &Path,
        flags: OFlags,
    ) -> rustix::io::Result<OwnedFd> {
        let mut parts = path.iter();
        let name = parts.next_back().unwrap_or_default();
        let mut parent: Option<OwnedFd> = None;
        for part in parts {
            let above = parent.as_ref().map_or(directory, |parent| parent.as_fd());
            parent = Some(openat(above, part, PASSED | OFlags::NOFOLLOW, Mode::empty())?);
        }
        let parent = parent.as_ref().map_or(directory, |parent| parent.as_fd());
        openat(parent, name, flags | OFlags::NOFOLLOW, Mode::empty())
    }
}

/// Without handles to open from, the path is looked at once more after the file was opened.
#[cfg(not(unix))]
mod system {
    use std::fs::File;
    use std::io::{self, ErrorKind};
    use std::path::{Path, PathBuf};

    use crate::plain_file::replaced;

    pub(super) fn open(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    pub(super) fn is_of_socket(_error: &io::Error) -> bool {
        false
    }

    pub(super) struct Directory(PathBuf);

    impl Directory {
        pub(super) fn open(path: &Path) -> io::Result<Self> {
            unreplaced(path).map(|()| Self(path.to_owned()))
        }

        pub(super) fn file(&self, path: &Path) -> io::Result<File> {
            let path = self.0.join(path);
            if path.is_dir() {
                return Err(ErrorKind::IsADirectory.into());
            }
            let file = File::open(&path)?;
            unreplaced(&path).map(|()| file)
        }

        pub(super) fn names(&self, path: &Path, max: usize) -> io::Result<Vec<String>> {
            let entries = self.0.join(path).read_dir()?.take(max);
            entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
        }
    }

    fn unreplaced(path: &Path) -> io::Result<()> {
        if path.canonicalize()? == path { Ok(()) } else { Err(replaced()) }
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use rustix::fs::{Mode, OFlags};
    use tempfile::TempDir;

    use super::*;

    /// Links, a pipe and a socket beside files.
    fn folder() -> (TempDir, std::path::PathBuf) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(path.join("inside/deep")).unwrap();
        std::fs::create_dir(path.join("outside")).unwrap();
        for file in ["inside/file", "inside/deep/file", "outside/file"] {
            std::fs::write(path.join(file), file).unwrap();
        }
        symlink("file", path.join("inside/link")).unwrap();
        symlink("../outside", path.join("inside/parent")).unwrap();
        assert!(Command::new("mkfifo").arg(path.join("inside/pipe")).status().unwrap().success());
        drop(UnixListener::bind(path.join("inside/socket")).unwrap());
        (folder, path)
    }

    const PATHS: [(&str, Result<&str, &str>); 9] = [
        ("file", Ok("inside/file")),
        ("deep/file", Ok("inside/deep/file")),
        ("link", Err("it was replaced by a symbolic link in the meantime")),
        ("parent/file", Err("a link on the way")),
        ("deep", Err("it is a directory")),
        ("", Err("it is a directory")),
        ("pipe", Err("it is not a regular file")),
        ("socket", Err("it is not a regular file")),
        ("missing", Err("No such file or directory (os error 2)")),
    ];

    #[test]
    fn no_link_is_followed_and_no_pipe_is_waited_for() {
        let (_folder, path) = folder();
        let directory = OpenDirectory::open(&path.join("inside")).unwrap();
        for (file, expected) in PATHS {
            let read = directory.read(Path::new(file), 100);
            match (read, expected) {
                (Ok(bytes), Ok(text)) => assert_eq!(bytes, text.as_bytes(), "{file}"),
                (Err(_), Err("a link on the way")) => {}
                (Err(error), Err(message)) => assert_eq!(error.to_string(), message, "{file}"),
                (read, _) => panic!("{file}: {read:?}"),
            }
        }
    }

    #[test]
    fn a_kernel_without_openat2_opens_the_same_files() {
        let (_folder, path) = folder();
        let directory = std::fs::File::open(path.join("inside")).unwrap();
        for (file, expected) in PATHS.into_iter().filter(|(file, _)| !file.is_empty()) {
            let flags = OFlags::NONBLOCK | OFlags::CLOEXEC;
            let opened = system::part_by_part(directory.as_fd(), Path::new(file), flags);
            let read = opened.map_err(io::Error::from).map_err(ReadError::from);
            let read = read.and_then(|file| content(file.into(), 100));
            assert_eq!(read.as_deref().ok(), expected.ok().map(str::as_bytes), "{file}");
        }
        // Nor does it leave the way: a parent that is replaced while it is open stays what it was.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let deep = system::part_by_part(directory.as_fd(), Path::new("deep"), flags).unwrap();
        std::fs::rename(path.join("inside/deep"), path.join("inside/old")).unwrap();
        symlink("../outside", path.join("inside/deep")).unwrap();
        let file = rustix::fs::openat(&deep, "file", OFlags::RDONLY, Mode::empty()).unwrap();
        assert_eq!(content(file.into(), 100).unwrap(), b"inside/deep/file");
    }

    #[test]
    fn an_open_directory_stays_what_it_was() {
        let (_folder, path) = folder();
        let directory = OpenDirectory::open(&path.join("inside")).unwrap();
        std::fs::rename(path.join("inside"), path.join("old")).unwrap();
        symlink("outside", path.join("inside")).unwrap();
        assert_eq!(directory.read(Path::new("file"), 100).unwrap(), b"inside/file");
        assert!(directory.names(Path::new(""), 100).unwrap().contains(&"deep".to_owned()));
        assert_eq!(directory.names(Path::new("deep"), 100).unwrap(), ["file"]);
        assert!(directory.names(Path::new("parent"), 100).is_err());
        assert!(OpenDirectory::open(&path.join("inside")).is_err());
        assert!(OpenDirectory::open(&path.join("old/parent")).is_err());
    }

    #[test]
    fn no_more_is_read_than_allowed() {
        let (_folder, path) = folder();
        let file = path.join("inside/file");
        assert!(matches!(read(&file, 10), Err(ReadError::TooLarge)));
        assert_eq!(read(&file, 11).unwrap(), b"inside/file");
        // A handle says what there is, not what there was.
        let opened = system::open(&file).unwrap();
        std::fs::write(&file, "a".repeat(1_000)).unwrap();
        assert!(matches!(content(opened, 11), Err(ReadError::TooLarge)));
        assert!(matches!(read(Path::new("/dev/zero"), 10), Err(ReadError::NotRegular)));
        if cfg!(target_os = "linux") {
            assert!(matches!(read(Path::new("/proc/self/status"), 10), Err(ReadError::TooLarge)));
        }
    }
}
