//! The state shared by the handle and the server.

use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::account::Accounts;
use crate::error::{ApiError, ErrorCode};
use crate::fault::Faults;
use crate::gate::Gate;
use crate::log::LogSink;
use crate::recorded::Recorded;
use crate::shapes::Shapes;
use crate::state_file;
use crate::store::Store;

/// The Hub's data and settings.
pub(crate) struct Hub {
    pub(crate) accounts: Accounts,
    pub(crate) store: Mutex<Store>,
    pub(crate) state_file: Option<PathBuf>,
    pub(crate) shapes: Mutex<Shapes>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) publish_gate: Gate,
    pub(crate) requests: Mutex<Vec<Recorded>>,
    pub(crate) connections: AtomicUsize,
    pub(crate) log: Option<LogSink>,
}

impl Hub {
    pub(crate) fn shapes(&self) -> Shapes {
        lock(&self.shapes).clone()
    }

    /// Changes the store and saves it to the state file.
    pub(crate) fn update<T>(
        &self,
        change: impl FnOnce(&mut Store) -> Result<T, ApiError>,
    ) -> Result<(MutexGuard<'_, Store>, T), ApiError> {
        let mut store = lock(&self.store);
        let result = change(&mut store)?;
        if let Some(path) = &self.state_file {
            state_file::save(path, &store).map_err(|error| {
                ApiError::new(ErrorCode::Internal, format!("cannot write the state file: {error}"), "")
            })?;
        }
        Ok((store, result))
    }
}

/// Locks a mutex, even if another thread panicked while it held the lock.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
