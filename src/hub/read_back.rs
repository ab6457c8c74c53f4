//! Reading back: what the Hub shows of a version that may just have been published.

use semver::Version;

use super::attempt::Observation;
use super::client::{Account, Hub, MAX_EXTRA_TIME, RemoteFunction};
use super::deadline::Deadline;
use super::read_error::ReadError;
use super::response::FunctionRecord;
use crate::function::load::Function;
use crate::function::manifest::slug::Slug;
use crate::release::comparison::{Comparison, compare};
use crate::release::decision::{Decision, decide};
use crate::release::history::History;
use crate::release::plan::{Plan, Target};
use crate::text;

/// What was found; or why it can't be read.
type Found = Result<Observation, String>;

/// What a publish is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempted<'p> {
    pub(super) function: &'p Function,
    pub(super) plan: Plan,
    /// What was published before the first request.
    pub(super) known: &'p History,
}

impl Attempted<'_> {
    /// Whether something else is published now than what it was approved after.
    fn is_overtaken(self, remote: &RemoteFunction) -> bool {
        self.plan.is_approved && remote.history.newest() != self.known.newest()
    }
}

impl Hub {
    pub(super) async fn read_back(&self, attempted: Attempted<'_>, deadline: &Deadline) -> Observation {
        if deadline.left().is_zero() {
            return Observation::Unknown("timed out".to_owned());
        }
        let account = self.account(deadline).await;
        let found = match attempted.plan.target {
            Target::Live => self.find_live(&account, attempted, deadline).await,
            Target::Draft => self.find_draft(&account, attempted, deadline).await,
        };
        found.unwrap_or_else(Observation::Unknown)
    }

    /// The newest version that the Hub shows of a function right now, where it can be read at the first attempt.
    pub(crate) async fn newest(
        &self,
        record: &FunctionRecord,
        slug: &Slug,
        deadline: &Deadline,
    ) -> Option<Version> {
        let deadline = deadline.within(MAX_EXTRA_TIME);
        let public = self.author_of(record).map(|author| vec![author, slug.as_str()]);
        let path = public.or_else(|| Some(vec![record.id.as_deref()?]))?;
        let response = self.http.get(&path, &deadline, deadline.left()).await.ok()?;
        let body = Some(response.body).filter(|_| response.status == 200)?;
        let shown = FunctionRecord::parse(body)?;
        RemoteFunction::from(shown).history.newest().cloned()
    }

    async fn find_live(&self, account: &Account, attempted: Attempted<'_>, deadline: &Deadline) -> Found {
        let function = attempted.function;
        let version = &function.version;
        let mut remote = self.history(account, &function.slug, deadline).await;
        match &remote.history {
            History::Unreadable(reason) => return Err(reason.clone()),
            History::NotCompared => return Err("there is no API key".to_owned()),
            History::Known(_) | History::Unknown => {}
        }
        if remote.in_review.as_ref() == Some(version) {
            return Ok(in_review(function, remote));
        }
        if !remote.history.holds(version) {
            return Ok(not_there(attempted, remote));
        }
        let shown = std::mem::take(&mut remote.record.content);
        let comparison = match self.content(function, version, &remote, shown, deadline).await {
            Ok(content) => compare(function, &content),
            Err(error) => error.into(),
        };
        match comparison {
            Comparison::Equal | Comparison::Different(_) => {
                Ok(Observation::There(comparison, Box::new(remote)))
            }
            Comparison::Unknown(reason) | Comparison::Unread(reason) => Err(reason),
        }
    }

    async fn find_draft(&self, account: &Account, attempted: Attempted<'_>, deadline: &Deadline) -> Found {
        let function = attempted.function;
        if attempted.plan.is_approved {
            let remote = self.history(account, &function.slug, deadline).await;
            let is_unreadable = matches!(remote.history, History::Unreadable(_));
            if !is_unreadable && attempted.is_overtaken(&remote) {
                return Ok(Observation::Overtaken(Box::new(remote)));
            }
        }
        let list = account.as_ref().map_err(|error| text::with_causes(error))?;
        let Some(listed) = list.find(&function.slug, self.username.as_deref()) else {
            // Only the account's list shows drafts, and it may be incomplete.
            return Ok(if list.is_empty { Observation::NotThere } else { Observation::Hidden });
        };
        let record = match self.by_id(listed, function.slug.as_str(), deadline).await {
            Ok(details) => listed.clone().updated_with(details),
            Err(error @ ReadError::Failed(_)) => return Err(text::with_causes(&error)),
            Err(_) => listed.clone(),
        };
        if !record.is_draft() {
            return Ok(Observation::Hidden);
        }
        if !record.has_version(&function.version) {
            return Ok(Observation::NotThere);
        }
        match compare(function, &record.content) {
            Comparison::Equal => Ok(Observation::There(Comparison::Equal, Box::new(record.into()))),
            Comparison::Different(_) => Ok(Observation::NotThere),
            Comparison::Unknown(reason) | Comparison::Unread(reason) => Err(reason),
        }
    }
}

/// A version in review: it is ours, unless the Hub shows other content of it.
pub(super) fn in_review(function: &Function, remote: RemoteFunction) -> Observation {
    let shows_it = remote.record.has_version(&function.version);
    match compare(function, &remote.record.content) {
        comparison @ Comparison::Different(_) if shows_it => Observation::There(comparison, Box::new(remote)),
        Comparison::Different(_) | Comparison::Equal | Comparison::Unknown(_) | Comparison::Unread(_) => {
            Observation::InReview(Box::new(remote.record))
        }
    }
}

/// A version that does not show: decided again, as it was before the first request.
pub(super) fn not_there(attempted: Attempted<'_>, remote: RemoteFunction) -> Observation {
    let Attempted { function, plan, .. } = attempted;
    if attempted.is_overtaken(&remote) {
        return Observation::Overtaken(Box::new(remote));
    }
    let not_read = Comparison::Unknown("it was not read".to_owned());
    let newest = remote.history.newest();
    let is_older = newest.is_some_and(|newest| newest.cmp_precedence(&function.version).is_gt());
    match decide(function, &remote.history, &not_read, None, plan).0 {
        Decision::Refuse | Decision::Unchanged => Observation::Overtaken(Box::new(remote)),
        // Without a list of all versions, an older one never shows.
        Decision::Send if is_older && remote.record.versions.is_none() => Observation::Hidden,
        Decision::Send => Observation::NotThere,
    }
}
