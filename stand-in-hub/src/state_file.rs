//! Saves the store as JSON, without keys, so that it survives a restart.

use std::fs;
use std::io;
use std::path::Path;

use crate::atomic_file;
use crate::store::Store;

/// Reads the store; it is empty if the file does not exist.
pub(crate) fn load(path: &Path) -> io::Result<Store> {
    match fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Store::default()),
        Err(error) => Err(error),
    }
}

/// Replaces the file.
pub(crate) fn save(path: &Path, store: &Store) -> io::Result<()> {
    atomic_file::write(path, serde_json::to_vec(store)?)
}
