//! The state shared by the handle and the server.

use std::mem;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::account::Accounts;
use crate::error::{ApiError, ErrorCode};
use crate::faults::Faults;
use crate::gate::Gate;
use crate::log::LogSink;
use crate::rate_limit::{Limiter, RateLimit};
use crate::recorded::Recorded;
use crate::shapes::Shapes;
use crate::state_file;
use crate::store::{Store, Terms};
use crate::submission::Submission;

/// The Hub's data and settings.
pub(crate) struct Hub {
    pub(crate) accounts: Accounts,
    pub(crate) store: Mutex<Store>,
    pub(crate) state_file: Option<PathBuf>,
    pub(crate) settings: Settings,
    pub(crate) shapes: Mutex<Shapes>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) limiter: Mutex<Limiter>,
    pub(crate) seeds: Mutex<Seeds>,
    pub(crate) publish_gate: Gate,
    pub(crate) requests: Mutex<Vec<Recorded>>,
    pub(crate) connections: AtomicUsize,
    pub(crate) log: Option<LogSink>,
}

/// How the Hub behaves, apart from the shapes of its responses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// How long reads do not show a publish.
    pub(crate) read_lag: Duration,
    pub(crate) rate_limit: Option<RateLimit>,
    /// Whether a version may be published again, against the documentation.
    pub(crate) overwrites: bool,
}

/// What another client publishes around the next publish request.
#[derive(Debug, Default)]
pub(crate) struct Seeds {
    pub(crate) before_publish: Vec<Seed>,
    pub(crate) after_publish: Vec<Seed>,
}

/// A live version, by user name.
pub(crate) type Seed = (String, Submission);

impl Hub {
    pub(crate) fn shapes(&self) -> Shapes {
        lock(&self.shapes).clone()
    }

    /// The terms on which a publish request is stored.
    pub(crate) fn terms(&self, in_review: bool) -> Terms {
        let lag = self.settings.read_lag;
        Terms {
            visible_from: (!lag.is_zero()).then(|| Instant::now() + lag),
            in_review,
            overwrites: self.settings.overwrites,
        }
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

    /// Stores the seeds of one moment, once.
    pub(crate) fn apply_seeds(&self, at: impl FnOnce(&mut Seeds) -> &mut Vec<Seed>) {
        let seeds = mem::take(at(&mut lock(&self.seeds)));
        for (username, submission) in seeds {
            // A seed that is published already changes nothing.
            drop(self.update(|store| store.seed(&username, submission, Terms::default())));
        }
    }
}

/// Locks a mutex, even if another thread panicked while it held the lock.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
