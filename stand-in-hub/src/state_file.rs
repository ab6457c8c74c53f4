//! The store in a file, so that it survives a restart.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::store::Store;

/// A file that holds the store as JSON; it holds no key.
pub(crate) struct StateFile {
    path: PathBuf,
}

impl StateFile {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Reads the store; a file that is not there is an empty store.
    pub(crate) fn load(&self) -> io::Result<Store> {
        match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Store::default()),
            Err(cause) => Err(cause),
        }
    }

    /// Replaces the file in one step, so that a reader sees the old state or the new one.
    pub(crate) fn save(&self, store: &Store) -> io::Result<()> {
        let mut new = self.path.clone().into_os_string();
        new.push(format!(".{}.new", std::process::id()));
        fs::write(&new, serde_json::to_vec(store)?)?;
        fs::rename(&new, &self.path)
    }
}
