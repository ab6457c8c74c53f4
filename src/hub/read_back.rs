//! Reading back: what the Hub shows of a version that may just have been published.

use super::attempt::Observation;
use super::client::{Account, HISTORY_SHARE, Hub, PARTIAL_LIST};
use super::deadline::Deadline;
use crate::function::load::Function;
use crate::release::comparison::{Comparison, compare};
use crate::release::decision::Target;
use crate::release::history::History;
use crate::text;

impl Hub {
    pub(super) async fn read_back(
        &self,
        function: &Function,
        target: Target,
        deadline: Deadline,
    ) -> Observation {
        let account = self.account(deadline.share(HISTORY_SHARE)).await;
        match target {
            Target::Live => self.read_back_live(&account, function, deadline).await,
            Target::Draft => self.read_back_draft(account, function, deadline).await,
        }
    }

    async fn read_back_live(
        &self,
        account: &Account,
        function: &Function,
        deadline: Deadline,
    ) -> Observation {
        let remote = self.history(account, &function.slug, deadline).await;
        match &remote.history {
            History::Unreadable(reason) => return Observation::Unknown(reason.clone()),
            History::NotCompared => return Observation::Unknown("there is no API key".to_owned()),
            History::Known(_) | History::Unknown => {}
        }
        if !remote.history.holds(&function.version) {
            let is_backport = remote.history.newest().is_some_and(|newest| newest > &function.version);
            return if is_backport && remote.record.versions.is_none() {
                // Without a list of all versions, an older one never shows.
                Observation::Unknown("the Hub shows only the newest version".to_owned())
            } else {
                Observation::NotThere
            };
        }
        let comparison = match self.content(function, &function.version, &remote, deadline).await {
            Ok(content) => compare(function, &content),
            Err(error) => error.into(),
        };
        match comparison {
            Comparison::Equal => Observation::Ours(Box::new(remote.record)),
            Comparison::Different(_) => Observation::Other(comparison, remote.history),
            Comparison::Unknown(reason) | Comparison::Unread(reason) => Observation::Unknown(reason),
        }
    }

    async fn read_back_draft(
        &self,
        account: Account,
        function: &Function,
        deadline: Deadline,
    ) -> Observation {
        let list = match account {
            Account::Listed(list) => list,
            Account::Unreadable { reason, .. } => return Observation::Unknown(reason),
            Account::NoKey => return Observation::Unknown("there is no API key".to_owned()),
        };
        let Some(listed) = list.find(&function.slug) else {
            return if list.is_partial {
                Observation::Unknown(PARTIAL_LIST.to_owned())
            } else {
                Observation::NotThere
            };
        };
        let record = match self.by_id(listed, deadline).await {
            Ok(Some(details)) => listed.clone().updated_with(details),
            Ok(None) => listed.clone(),
            Err(error) => return Observation::Unknown(text::with_causes(&error)),
        };
        if !record.is_draft() {
            return Observation::Hidden;
        }
        if !record.has_version(&function.version) {
            return Observation::NotThere;
        }
        match compare(function, &record.content) {
            Comparison::Equal => Observation::Ours(Box::new(record)),
            Comparison::Different(_) => Observation::NotThere,
            Comparison::Unknown(reason) | Comparison::Unread(reason) => Observation::Unknown(reason),
        }
    }
}
