//! Reading back: what the Hub shows of a version that may just have been published.

use super::attempt::Observation;
use super::client::{Account, Hub, ReadError, listed};
use super::deadline::Deadline;
use crate::function::load::Function;
use crate::release::comparison::{Comparison, compare};
use crate::release::history::History;
use crate::release::plan::Target;
use crate::text;

/// What was found; or why it can't be read.
type Found = Result<Observation, String>;

impl Hub {
    pub(super) async fn read_back(
        &self,
        function: &Function,
        target: Target,
        deadline: Deadline,
    ) -> Observation {
        let account = self.account(deadline).await;
        let found = match target {
            Target::Live => self.find_live(&account, function, deadline).await,
            Target::Draft => self.find_draft(&account, function, deadline).await,
        };
        found.unwrap_or_else(Observation::Unknown)
    }

    async fn find_live(&self, account: &Account, function: &Function, deadline: Deadline) -> Found {
        let version = &function.version;
        let remote = self.history(account, &function.slug, deadline).await;
        match &remote.history {
            History::Unreadable(reason) => return Err(reason.clone()),
            History::NotCompared => return Err("there is no API key".to_owned()),
            History::Known(_) | History::Unknown => {}
        }
        if !remote.history.holds(version) {
            let newest = remote.history.newest();
            let is_backport = newest.is_some_and(|newest| newest.cmp_precedence(version).is_gt());
            if is_backport && remote.record.versions.is_none() {
                // Without a list of all versions, an older one never shows.
                return Err("the Hub shows only the newest version".to_owned());
            }
            return Ok(Observation::NotThere);
        }
        let comparison = match self.content(function, version, &remote, deadline).await {
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

    async fn find_draft(&self, account: &Account, function: &Function, deadline: Deadline) -> Found {
        let Some(listed) = listed(account, &function.slug)? else { return Ok(Observation::NotThere) };
        let record = match self.by_id(listed, deadline).await {
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
