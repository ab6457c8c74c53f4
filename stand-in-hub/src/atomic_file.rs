//! Files that are replaced in one step.

use std::fs;
use std::io;
use std::path::Path;

/// Writes a file in one step: a reader sees the old content or the new one, never a part.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let mut temporary = path.to_owned().into_os_string();
    temporary.push(format!(".{}.new", std::process::id()));
    fs::write(&temporary, content)?;
    fs::rename(&temporary, path)
}
