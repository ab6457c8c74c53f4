//! The handle of a running stand-in Hub.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::oneshot;

use crate::fault::Fault;
use crate::hub::{Hub, Seed, lock};
use crate::recorded::Recorded;
use crate::route::Route;
use crate::shapes::Shapes;
use crate::store::Terms;
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
        let is_publish = |r: &&Recorded| r.route == Route::Publish;
        lock(&self.hub.requests).iter().filter(is_publish).map(Recorded::json).collect()
    }

    /// The published versions of a function, oldest first.
    pub fn published(&self, username: &str, slug: &str) -> Vec<String> {
        let store = lock(&self.hub.store);
        store.get(username, slug).map(|f| f.versions().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// The version of a function that is live, whether reads show it yet or not: the one published last.
    pub fn live_version(&self, username: &str, slug: &str) -> Option<String> {
        self.published(username, slug).pop()
    }

    /// How often this version of a function became live, seeds included.
    pub fn times_live(&self, username: &str, slug: &str, version: &str) -> usize {
        lock(&self.hub.store).get(username, slug).map_or(0, |function| function.times_live(version))
    }

    /// Publishes the versions of a function that are in review.
    ///
    /// # Panics
    /// If there are none.
    pub fn approve(&self, username: &str, slug: &str) {
        let approved = self.hub.update(|store| Ok(store.approve(username, slug))).is_ok_and(|(_, any)| any);
        assert!(approved, "no version of `{username}/{slug}` is in review");
    }

    /// The body of a function's draft.
    pub fn draft(&self, username: &str, slug: &str) -> Option<Value> {
        let store = lock(&self.hub.store);
        store.get(username, slug)?.draft_body().map(|body| body.clone().into())
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

    /// Stores a live version when the next publish request arrives, before it is processed: another client was faster.
    /// Nothing is stored if that version is already published.
    ///
    /// # Panics
    /// If the body has no `name` or `version`.
    pub fn seed_before_next_publish(&self, username: &str, body: Value) {
        lock(&self.hub.seeds).before_publish.push(seed(username, body));
    }

    /// Stores a live version after the next publish request was processed, or not because of a fault, before it is
    /// answered: another client came in between this request and the next one. Nothing is stored if that version is
    /// already published.
    ///
    /// # Panics
    /// If the body has no `name` or `version`.
    pub fn seed_after_next_publish(&self, username: &str, body: Value) {
        lock(&self.hub.seeds).after_publish.push(seed(username, body));
    }

    #[expect(clippy::panic, reason = "the test itself is wrong if its seed cannot be stored")]
    fn seed_as(&self, mode: Mode, username: &str, body: Value) -> String {
        let seeded = Submission::unchecked(body, mode).and_then(|submission| {
            let slug = submission.slug.clone();
            let (store, _) = self.hub.update(|store| store.seed(username, submission, Terms::default()))?;
            Ok(store.get(username, &slug).map(|function| function.id.clone()))
        });
        match seeded {
            Ok(id) => id.unwrap_or_default(),
            Err(error) => panic!("the seed cannot be stored: {}", error.message),
        }
    }

    /// Injects a fault into the next request to this route; further calls add to the queue.
    pub fn fault(&self, route: Route, fault: Fault) {
        self.fault_times(route, 1, fault);
    }

    /// Injects a fault into the next requests to this route, this many of them.
    pub fn fault_times(&self, route: Route, times: usize, fault: Fault) {
        lock(&self.hub.faults).add(route, fault, 0, times);
    }

    /// Injects a fault into the nth request to this route from now on, counted from 1, once.
    pub fn fault_nth(&self, route: Route, nth: usize, fault: Fault) {
        lock(&self.hub.faults).add(route, fault, nth.saturating_sub(1), 1);
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

#[expect(clippy::panic, reason = "the test itself is wrong if its seed is none")]
fn seed(username: &str, body: Value) -> Seed {
    match Submission::unchecked(body, Mode::Live) {
        Ok(submission) => (username.to_owned(), submission),
        Err(error) => panic!("the seed cannot be stored: {}", error.message),
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
