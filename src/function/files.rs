//! Files of a function: read only from inside its directory, as UTF-8, up to a bound.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use crate::finding::{Code, Finding};
use crate::source::{Location, SourceFile, shown_inside};

/// Most bytes that all files of one function may have together: 10 MiB, far above any edge function, and far below
/// what a run could not hold in memory sixteen times.
pub(crate) const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// Why a file can't be sent.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Nothing is there, or what is there is no file; the reason in words.
    Missing(String),
    /// The path, or the link it is, leaves the function's directory; the reason in words.
    Outside(&'static str),
    /// The file, its text up to the first byte that is not UTF-8, and whether it looks like UTF-16.
    NotUtf8 {
        location: Location,
        is_utf16: bool,
    },
    TooLarge,
}

/// A fault of a file as a finding. `at` is where the file is named, `shown` the file itself.
pub(crate) fn explain(fault: &Fault, path: &str, missing: Code, at: Location, shown: &str) -> Finding {
    match fault {
        Fault::Missing(reason) => Finding::new(missing, format!("`{path}` {reason}")).at(at),
        Fault::Outside(reason) => {
            Finding::new(Code::EntrypointOutsideDirectory, format!("`{path}` {reason}")).at(at)
        }
        Fault::NotUtf8 { location, is_utf16 } => {
            let finding = Finding::new(Code::NotUtf8, format!("`{path}` is not UTF-8"));
            let finding = if *is_utf16 {
                finding.with_hint("save the file as UTF-8: it looks like UTF-16")
            } else {
                finding
            };
            finding.at(location.clone())
        }
        Fault::TooLarge => {
            let message = format!("with `{path}` the files are larger than {MAX_BYTES} bytes together");
            Finding::new(Code::FileTooLarge, message).at(Location::file(shown))
        }
    }
}

/// Reads files of one function's directory, and counts their bytes.
pub(crate) struct Directory {
    /// Without links, so that whatever starts with it is inside.
    root: PathBuf,
    /// As reports show it.
    shown: String,
    bytes_left: u64,
}

impl Directory {
    /// # Errors
    /// When the directory can't be looked at.
    pub(crate) fn open(path: &Path, shown: &str) -> std::io::Result<Self> {
        Ok(Self { root: path.canonicalize()?, shown: shown.to_owned(), bytes_left: MAX_BYTES })
    }

    /// A path in the directory as reports show it.
    pub(crate) fn shown(&self, path: &str) -> String {
        shown_inside(&self.shown, path)
    }

    /// Reads the file of a relative path.
    pub(crate) fn read(&mut self, path: &str) -> Result<SourceFile, Fault> {
        let path = plain_path(path)?;
        let file = self.root.join(&path);
        let real = file.canonicalize().map_err(|cause| Fault::Missing(why_missing(&cause)))?;
        if !real.starts_with(&self.root) {
            return Err(Fault::Outside("is a link that leaves the function's directory"));
        }
        let metadata = real.metadata().map_err(|cause| Fault::Missing(why_missing(&cause)))?;
        if !metadata.is_file() {
            // A pipe or device would be read for ever.
            let what = if metadata.is_dir() { "is a directory" } else { "is not a regular file" };
            return Err(Fault::Missing(what.to_owned()));
        }
        if metadata.len() > self.bytes_left {
            return Err(Fault::TooLarge);
        }
        let mut bytes = Vec::new();
        File::open(&real)
            .and_then(|file| file.take(self.bytes_left + 1).read_to_end(&mut bytes))
            .map_err(|cause| Fault::Missing(why_missing(&cause)))?;
        self.bytes_left = self.bytes_left.checked_sub(bytes.len() as u64).ok_or(Fault::TooLarge)?;
        let shown = self.shown(&path);
        let text = decode(bytes, &shown)?;
        Ok(SourceFile::new(path, shown, text))
    }

    /// Whether a relative path is a file, or a link to one.
    pub(crate) fn has(&self, path: &str) -> bool {
        plain_path(path).is_ok_and(|path| self.root.join(path).is_file())
    }

    /// The names in the directory itself.
    pub(crate) fn names(&self) -> Vec<String> {
        self.names_in("")
    }

    /// The names in a directory inside of it.
    pub(crate) fn names_in(&self, directory: &str) -> Vec<String> {
        let Ok(directory) = plain_path(directory) else { return Vec::new() };
        let entries = self.root.join(directory).read_dir().into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

fn why_missing(cause: &std::io::Error) -> String {
    let is_missing = cause.kind() == std::io::ErrorKind::NotFound;
    if is_missing { "does not exist".to_owned() } else { format!("can't be read ({cause})") }
}

/// The path without `.` parts.
fn plain_path(path: &str) -> Result<String, Fault> {
    if path.contains('\\') {
        return Err(Fault::Outside("has backslashes: paths are written with `/`"));
    }
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::CurDir => {}
            Component::ParentDir => return Err(Fault::Outside("has a `..` in it")),
            Component::RootDir | Component::Prefix(_) => return Err(Fault::Outside("is an absolute path")),
        }
    }
    Ok(parts.join("/"))
}

pub(crate) fn decode(bytes: Vec<u8>, shown: &str) -> Result<String, Fault> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            let text = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default()) + "\u{fffd}";
            let location = SourceFile::new(shown, shown, text).at(at..at + '\u{fffd}'.len_utf8());
            Err(Fault::NotUtf8 { location, is_utf16 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_dropped_and_a_wrong_byte_has_a_place() {
        assert_eq!(decode(b"\xef\xbb\xbfx".to_vec(), "f").unwrap(), "x");
        let Err(Fault::NotUtf8 { location, is_utf16 }) = decode(b"a\n\xc3\xa9\xff".to_vec(), "f") else {
            panic!()
        };
        let span = location.span().unwrap();
        assert_eq!((span.line, span.column, span.end_column, is_utf16), (2, 2, 3, false));
    }
}
