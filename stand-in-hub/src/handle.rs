//! The handle of a running stand-in Hub.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::oneshot;

use crate::fault::{Fault, Route};
use crate::hub::{Hub, lock};
use crate::recorded::Recorded;
use crate::shapes::Shapes;
use crate::submission::{Mode, Submission};

/// A running stand-in Hub; dropping it stops the server and closes every connection.
pub struct StandInHub {
    pub(crate) hub: Arc<Hub>,
    pub(crate) url: String,
    pub(crate) ca_pem: Option<String>,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

impl StandInHub {
    /// The Hub's base URL, without a trailing slash.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The certificate authority in PEM format; `None` without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The number of TCP connections accepted.
    pub fn connections(&self) -> usize {
        self.hub.connections.load(Ordering::SeqCst)
    }

    /// All requests, in the order they were received.
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.hub.requests).clone()
    }

    /// The bodies of all publish requests, in the order they were received, including failed ones.
    pub fn publishes(&self) -> Vec<Value> {
        let is_publish =
            |r: &&Recorded| r.method == "POST" && r.path == "/api/community/functions/ci/publish";
        lock(&self.hub.requests).iter().filter(is_publish).map(Recorded::json).collect()
    }

    /// The published versions of a function, oldest first.
    pub fn published(&self, username: &str, slug: &str) -> Vec<String> {
        let store = lock(&self.hub.store);
        store.get(username, slug).map(|f| f.versions().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// The body of a function's draft.
    pub fn draft(&self, username: &str, slug: &str) -> Option<Value> {
        let store = lock(&self.hub.store);
        store.get(username, slug)?.draft().map(|view| view.body.clone().into())
    }

    /// Stores a publish request's body as a live version without validating it, and returns the function's id.
    ///
    /// # Panics
    /// If the body has no `name` or `version`, or that version is already published.
    pub fn seed(&self, username: &str, body: Value) -> String {
        self.seed_as(Mode::Live, username, body)
    }

    /// Stores a publish request's body as a draft without validating it, and returns the function's id.
    ///
    /// # Panics
    /// If the body has no `name` or `version`.
    pub fn seed_draft(&self, username: &str, body: Value) -> String {
        self.seed_as(Mode::Draft, username, body)
    }

    #[expect(clippy::panic, reason = "the test itself is wrong if its seed cannot be stored")]
    fn seed_as(&self, mode: Mode, username: &str, body: Value) -> String {
        let seeded = Submission::unchecked(body, mode).and_then(|submission| {
            let slug = submission.slug.clone();
            let (store, _) = self.hub.update(|store| store.seed(username, submission))?;
            Ok(store.get(username, &slug).map(|function| function.id.clone()))
        });
        match seeded {
            Ok(id) => id.unwrap_or_default(),
            Err(error) => panic!("the seed cannot be stored: {}", error.message),
        }
    }

    /// Injects a fault into the next request to this route; further calls add to the queue.
    pub fn fault(&self, route: Route, fault: Fault) {
        lock(&self.hub.faults).add_once(route, fault);
    }

    /// Injects a fault into every request to this route for which none is queued.
    pub fn fault_always(&self, route: Route, fault: Fault) {
        lock(&self.hub.faults).set_always(route, fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        lock(&self.hub.faults).clear();
    }

    /// Changes the shapes of responses.
    pub fn set_shapes(&self, shapes: Shapes) {
        *lock(&self.hub.shapes) = shapes;
    }

    /// Blocks publish requests until this many have arrived (at most 5 s), then processes them one after another.
    pub fn pause_publishes(&self, arrivals: usize) {
        self.hub.publish_gate.close(arrivals);
    }
}

impl Drop for StandInHub {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only if the server has already stopped.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
