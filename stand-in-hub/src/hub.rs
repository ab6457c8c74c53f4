//! What the handle and the server share.

use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::account::Accounts;
use crate::fault::Faults;
use crate::hold::Hold;
use crate::log::Sink;
use crate::recorder::Recorded;
use crate::refusal::{ErrorCode, Refusal};
use crate::shapes::Shapes;
use crate::state_file::StateFile;
use crate::store::Store;

/// The Hub's state and switches.
pub(crate) struct Hub {
    pub(crate) accounts: Accounts,
    pub(crate) store: Mutex<Store>,
    pub(crate) shapes: Mutex<Shapes>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) requests: Mutex<Vec<Recorded>>,
    pub(crate) hold: Hold,
    pub(crate) connections: AtomicUsize,
    pub(crate) state_file: Option<StateFile>,
    pub(crate) log: Option<Sink>,
}

impl Hub {
    pub(crate) fn shapes(&self) -> Shapes {
        lock(&self.shapes).clone()
    }

    /// Changes the store and writes it down.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Store) -> Result<T, Refusal>,
    ) -> Result<(MutexGuard<'_, Store>, T), Refusal> {
        let mut store = lock(&self.store);
        let outcome = change(&mut store)?;
        if let Some(file) = &self.state_file {
            file.save(&store)
                .map_err(|cause| Refusal::new(ErrorCode::Internal, format!("the state file: {cause}"), ""))?;
        }
        Ok((store, outcome))
    }
}

/// Locks; what another thread left half done when it panicked is still the state.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
