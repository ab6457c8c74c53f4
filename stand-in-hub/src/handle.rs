//! A running stand-in Hub.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::oneshot;

use crate::builder::Builder;
use crate::fault::{Fault, Route};
use crate::hub::{Hub, lock};
use crate::recorder::Recorded;
use crate::shapes::Shapes;
use crate::submission::{Mode, Submission};

/// A running stand-in Hub; dropping it stops the server and closes every connection.
pub struct StandInHub {
    hub: Arc<Hub>,
    url: String,
    ca_pem: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl StandInHub {
    pub(crate) fn new(
        hub: Arc<Hub>,
        url: String,
        ca_pem: Option<String>,
        stop: oneshot::Sender<()>,
        thread: JoinHandle<()>,
    ) -> Self {
        Self { hub, url, ca_pem, stop: Some(stop), thread: Some(thread) }
    }

    /// Starts a Hub on a free port, where [`DEFAULT_KEY`](crate::DEFAULT_KEY) speaks for `alice`.
    ///
    /// # Panics
    /// If it cannot start.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Sets up a Hub that differs from the default one.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The Hub's base address, without a slash at its end.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The authority that signed the certificate, in PEM; `None` without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// How many TCP connections were accepted.
    pub fn connections(&self) -> usize {
        self.hub.connections.load(Ordering::SeqCst)
    }

    /// All requests in the order of their arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.hub.requests).clone()
    }

    /// The bodies of all publish requests in the order of their arrival, whatever became of them.
    pub fn publishes(&self) -> Vec<Value> {
        let is_publish =
            |r: &&Recorded| r.method == "POST" && r.path == "/api/community/functions/ci/publish";
        lock(&self.hub.requests).iter().filter(is_publish).map(Recorded::json).collect()
    }

    /// The versions of a function that have a permanent snapshot, in the order of publishing.
    pub fn published(&self, username: &str, slug: &str) -> Vec<String> {
        let store = lock(&self.hub.store);
        store.at(username, slug).map(|f| f.versions().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// The body of a function's draft.
    pub fn draft(&self, username: &str, slug: &str) -> Option<Value> {
        let store = lock(&self.hub.store);
        store.at(username, slug)?.draft().map(|view| view.body.clone().into())
    }

    /// Stores a publish request's body as if it had been published live, unchecked; gives the function's id.
    ///
    /// # Panics
    /// If the body has no `name` or `version`, or that version is already published.
    pub fn seed(&self, username: &str, body: Value) -> String {
        self.seed_as(Mode::Live, username, body)
    }

    /// Stores a publish request's body as a draft, unchecked; gives the function's id.
    ///
    /// # Panics
    /// If the body has no `name` or `version`.
    pub fn seed_draft(&self, username: &str, body: Value) -> String {
        self.seed_as(Mode::Draft, username, body)
    }

    #[expect(clippy::panic, reason = "a seed that cannot be stored is a fault of the test itself")]
    fn seed_as(&self, mode: Mode, username: &str, body: Value) -> String {
        let seeded = Submission::unchecked(body, mode).and_then(|submission| {
            let slug = submission.slug.clone();
            let (store, _) = self.hub.change(|store| store.seed(username, submission))?;
            Ok(store.at(username, &slug).map(|function| function.id.clone()))
        });
        match seeded {
            Ok(id) => id.unwrap_or_default(),
            Err(refusal) => panic!("the seed cannot be stored: {}", refusal.message),
        }
    }

    /// Misbehaves on the next request to this route; calls queue up.
    pub fn fault(&self, route: Route, fault: Fault) {
        lock(&self.hub.faults).queue(route, fault);
    }

    /// Misbehaves on every request to this route for which no other fault is queued.
    pub fn fault_always(&self, route: Route, fault: Fault) {
        lock(&self.hub.faults).keep(route, fault);
    }

    /// Forgets all faults.
    pub fn clear_faults(&self) {
        lock(&self.hub.faults).clear();
    }

    /// Changes the shapes of answers.
    pub fn set_shapes(&self, shapes: Shapes) {
        *lock(&self.hub.shapes) = shapes;
    }

    /// Holds publishes back until this many have arrived (at most 5 s), then handles them one after another.
    pub fn hold_publishes(&self, arrivals: usize) {
        self.hub.hold.until(arrivals);
    }
}

impl Drop for StandInHub {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the server is already gone.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
