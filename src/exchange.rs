//! The exchange with the Hub: every function is compared first, then published.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::runtime::{Builder, Runtime};

use crate::cancellation::{Cancellation, Signal};
use crate::finding::{Code, Finding};
use crate::hub::client::{Account, Hub};
use crate::hub::read_error::ReadError;
use crate::outcome::FunctionOutcome;
use crate::publication::Publication;
use crate::release::plan::Plan;
use crate::report::log::Log;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::text;

/// The Hub's client, and what it runs on.
pub(crate) struct Exchange<'r> {
    hub: Hub,
    /// Never dropped, which would wait for names that are being looked up: the process ends after it.
    runtime: ManuallyDrop<Runtime>,
    plan: Plan,
    cancellation: &'r Cancellation,
}

/// A function whose turn to be published comes, or is over.
struct Turn {
    publication: Option<Publication>,
    outcome: Option<FunctionOutcome>,
}

impl<'r> Exchange<'r> {
    pub(crate) fn new(
        settings: &Settings,
        plan: Plan,
        cancellation: &'r Cancellation,
    ) -> Result<Self, Finding> {
        let hub = Hub::new(settings).map_err(|error| {
            Finding::new(Code::InvalidInput, text::with_causes(&error)).with_hint(error.fix())
        })?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
            let cause = text::of_io(&error);
            let message = format!("this machine has no resources left to connect to the Hub ({cause})");
            Finding::new(Code::HubUnreachable, message)
        })?;
        Ok(Self { hub, runtime: ManuallyDrop::new(runtime), plan, cancellation })
    }

    /// Compares every function with what is published. What keeps the whole run from the Hub is a finding.
    pub(crate) fn compare(
        &self,
        settings: &Settings,
        publications: &mut [Publication],
    ) -> Result<Option<Finding>, Signal> {
        let compare = self.compare_all(settings, publications);
        let compared = self.runtime.block_on(self.cancellation.unless_cancelled(compare));
        if let Err(signal) = compared {
            for publication in publications {
                publication.cancel(signal);
            }
        }
        compared
    }

    async fn compare_all(&self, settings: &Settings, publications: &mut [Publication]) -> Option<Finding> {
        let hub = &self.hub;
        // One request alone first: it leaves the one connection that HTTP/2 shares among all that follow.
        let deadline = hub.deadline(settings.timeout);
        let account = hub.account(&deadline).await;
        for publication in publications.iter_mut() {
            publication.limit_time(deadline.left());
        }
        if let Some(finding) = self.no_access(settings, &account) {
            return Some(finding);
        }
        let others = (0..publications.len()).rev();
        let all = futures_util::stream::iter(publications.iter_mut().zip(others));
        let compare = all.for_each_concurrent(self.hub.at_once(), |(publication, others)| {
            let has_moved = move |()| {
                if others > 0 {
                    hub.moved();
                }
            };
            publication.compare(hub, &account).map(has_moved)
        });
        compare.await;
        self.hub.obstacle(&account).map(|obstacle| obstacle.finding(""))
    }

    /// What keeps this run from the Hub until the owner of the pipeline changes something.
    fn no_access(&self, settings: &Settings, account: &Account) -> Option<Finding> {
        if let Some(meant) = self.hub.meant_address(account) {
            let message = format!("`api-url` is `{}`, and there is no Hub at this address", settings.api_url);
            let hint = format!("did you mean `{}`?", meant.as_str().trim_end_matches('/'));
            return Some(Finding::new(Code::InvalidInput, message).with_hint(hint));
        }
        if let Some(obstacle) = self.hub.obstacle(account) {
            return Some(obstacle.finding(""));
        }
        // A run that sends whatever it can't read hears it from the publish itself.
        let needs_history = self.plan.dry_run || self.plan.is_approved || !self.plan.allow_create;
        if let Err(ReadError::Refused(refusal)) = account
            && refusal.code == Some(Code::Unauthorized)
            && needs_history
        {
            let message = format!("the Hub rejected the API key: {}", refusal.reason());
            return Some(Finding::new(Code::Unauthorized, message));
        }
        None
    }

    /// Publishes every function, and returns what became of them, with the signal that ended it before.
    pub(crate) fn publish(
        &self,
        publications: Vec<Publication>,
        secrets: &Secrets,
        log: &mut Log<'_>,
    ) -> (Vec<FunctionOutcome>, Option<Signal>) {
        let turn = |publication| Turn { publication: Some(publication), outcome: None };
        let mut turns: Vec<_> = publications.into_iter().map(turn).collect();
        let publish = self.publish_all(&mut turns, secrets, log);
        let cancelled = self.runtime.block_on(self.cancellation.unless_cancelled(publish)).err();
        let outcome = |turn: Turn| {
            let ended_before = turn.publication.map(|mut publication| {
                if let Some(signal) = cancelled {
                    publication.cancel(signal);
                }
                publication.into_outcome(secrets)
            });
            turn.outcome.or(ended_before)
        };
        (turns.into_iter().filter_map(outcome).collect(), cancelled)
    }

    async fn publish_all(&self, turns: &mut [Turn], secrets: &Secrets, log: &mut Log<'_>) {
        let (total, done, is_denied) = (turns.len(), Cell::new(0), Cell::new(false));
        let log = RefCell::new(log);
        let begin = |title: &str| {
            let may_begin = self.cancellation.signal().is_none();
            if may_begin {
                log.borrow_mut().sending(&secrets.redacted(title));
            }
            may_begin
        };
        let (begin, log, done, is_denied) = (&begin, &log, &done, &is_denied);
        let all = futures_util::stream::iter(turns);
        let publish = all.for_each_concurrent(self.hub.at_once(), |turn| async move {
            if let Some(publication) = &mut turn.publication {
                if is_denied.get() {
                    publication.hold_back();
                } else {
                    publication.publish(&self.hub, begin).await;
                }
            }
            let outcome = turn.publication.take().map(|publication| publication.into_outcome(secrets));
            if let Some(outcome) = &outcome {
                done.set(done.get() + 1);
                is_denied.set(is_denied.get() || outcome.is_denied());
                log.borrow_mut().progress(done.get(), total, outcome);
                self.hub.moved();
            }
            turn.outcome = outcome;
        });
        publish.await;
    }
}
