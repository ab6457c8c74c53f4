//! The Hub's client: the account's own functions, and what is published of each.

use url::Url;

use super::deadline::Deadline;
use super::http::{Access, Http, ReadError};
use super::refusal::Refusal;
use super::response::{FunctionList, FunctionRecord};
use super::tls::ClientError;
use crate::finding::Code;
use crate::function::manifest::slug::Slug;
use crate::release::history::History;
use crate::settings::Settings;
use crate::text;

/// Share of the time left that reading the history may take: the rest is for the publish.
pub(super) const HISTORY_SHARE: f64 = 0.5;

/// Why a history is unknown although the function's record was read.
const NO_VERSION: &str = "the Hub's response has no valid SemVer version";

/// Why a function is not known to be missing.
pub(super) const PARTIAL_LIST: &str = "the Hub's list of the account's functions is incomplete";

/// The client of one run.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(super) http: Http,
    pub(super) username: Option<String>,
}

/// A function on the Hub, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct RemoteFunction {
    pub(crate) history: History,
    /// Empty where the Hub shows nothing.
    pub(crate) record: FunctionRecord,
}

/// The account's own list, or why it can't be read.
#[derive(Debug)]
pub(crate) enum Account {
    Listed(FunctionList),
    Unreadable { reason: String, key_refused: bool },
    NoKey,
}

impl Hub {
    pub(crate) fn new(settings: &Settings) -> Result<Self, ClientError> {
        let http = Http::new(settings)?;
        Ok(Self { http, username: settings.username.clone() })
    }

    /// Whether there is a key to send.
    pub(crate) fn has_key(&self) -> bool {
        self.http.has_key()
    }

    fn api_url(&self, parts: &[&str]) -> Url {
        self.http.url(&[&["api", "community", "functions"], parts].concat())
    }

    /// The address that a publish is sent to.
    pub(crate) fn publish_url(&self) -> Url {
        self.api_url(&["ci", "publish"])
    }

    /// The public address of a function, and of what is below it.
    pub(super) fn function_url(&self, author: &str, slug: &Slug, below: &[&str]) -> Url {
        self.api_url(&[&[author, slug.as_str()], below].concat())
    }

    /// The address of a function for its owner, which takes the key.
    pub(super) fn id_url(&self, record: &FunctionRecord) -> Option<Url> {
        let id = record.id.as_deref().filter(|_| self.has_key())?;
        Some(self.api_url(&[id]))
    }

    /// Reads the account's own functions, drafts included.
    pub(crate) async fn account(&self, deadline: Deadline) -> Account {
        if !self.has_key() {
            return Account::NoKey;
        }
        let unreadable = |reason| Account::Unreadable { reason, key_refused: false };
        match self.http.get(&self.api_url(&["my"]), Access::Account, deadline).await {
            Err(error) => unreadable(text::with_causes(&error)),
            Ok(response) if response.status == 200 => FunctionList::parse(&response.body).map_or_else(
                || unreadable("the Hub's list of the account's functions has an unknown format".to_owned()),
                Account::Listed,
            ),
            Ok(response) => {
                let refusal = Refusal::of(&response);
                let key_refused = refusal.code == Some(Code::Unauthorized);
                Account::Unreadable { reason: refusal.reason(), key_refused }
            }
        }
    }

    /// What is published of a function: from the account's list, or from the public address where the list is not enough.
    pub(crate) async fn history(&self, account: &Account, slug: &Slug, deadline: Deadline) -> RemoteFunction {
        let deadline = deadline.share(HISTORY_SHARE);
        let reason = match account {
            Account::Listed(list) => match list.find(slug) {
                Some(record) => return self.listed_history(record, slug, deadline).await,
                None if list.is_partial => PARTIAL_LIST.to_owned(),
                None => return History::Unknown.into(),
            },
            Account::Unreadable { reason, .. } => reason.clone(),
            Account::NoKey if self.username.is_none() => return History::NotCompared.into(),
            Account::NoKey => String::new(),
        };
        match &self.username {
            Some(username) => self.public_history(username, slug, deadline).await,
            None => History::Unreadable(reason).into(),
        }
    }

    async fn listed_history(
        &self,
        listed: &FunctionRecord,
        slug: &Slug,
        deadline: Deadline,
    ) -> RemoteFunction {
        let mut record = listed.clone();
        // The list may name only the current version, and the function's own record all of them.
        if record.versions.is_none()
            && let Ok(Some(details)) = self.by_id(&record, deadline).await
        {
            record = record.with_details(details);
        }
        let own = history_of(&record);
        let author = record.author.as_ref().or(self.username.as_ref());
        let (None, Some(author)) = (record.published_versions(), author) else {
            return RemoteFunction { history: own, record };
        };
        // The public address shows a version that is published below a draft, or that the list does not name.
        let public = self.public_history(author, slug, deadline).await;
        match public.history {
            History::Unknown => RemoteFunction { history: own, record },
            History::Known(_) => RemoteFunction { record: record.updated_with(public.record), ..public },
            History::Unreadable(_) | History::NotCompared => RemoteFunction { record, ..public },
        }
    }

    async fn public_history(&self, username: &str, slug: &Slug, deadline: Deadline) -> RemoteFunction {
        let url = self.function_url(username, slug, &[]);
        let response = match self.http.get(&url, Access::Public, deadline).await {
            Err(error) => return History::Unreadable(text::with_causes(&error)).into(),
            Ok(response) if response.status == 404 => return History::Unknown.into(),
            Ok(response) if response.status != 200 => {
                return History::Unreadable(Refusal::of(&response).reason()).into();
            }
            Ok(response) => response,
        };
        let record = FunctionRecord::parse(&response.body).filter(FunctionRecord::identifies_function);
        let Some(mut record) = record else {
            return History::Unreadable("the Hub's response has an unknown format".to_owned()).into();
        };
        let history = history_of(&record);
        if let History::Unreadable(_) = history {
            return history.into();
        }
        record.author.get_or_insert_with(|| username.to_owned());
        RemoteFunction { history, record }
    }

    /// A function by its id; nothing if the id is not known, or the Hub does not show the function.
    pub(super) async fn by_id(
        &self,
        record: &FunctionRecord,
        deadline: Deadline,
    ) -> Result<Option<FunctionRecord>, ReadError> {
        match self.id_url(record) {
            Some(url) => self.record_at(&url, Access::Account, deadline).await,
            None => Ok(None),
        }
    }

    /// The function's record at an address, if there is one.
    pub(super) async fn record_at(
        &self,
        url: &Url,
        access: Access,
        deadline: Deadline,
    ) -> Result<Option<FunctionRecord>, ReadError> {
        let response = self.http.get(url, access, deadline).await?;
        Ok(if response.status == 200 { FunctionRecord::parse(&response.body) } else { None })
    }
}

impl From<History> for RemoteFunction {
    fn from(history: History) -> Self {
        Self { history, record: FunctionRecord::default() }
    }
}

/// The history that a record shows. A function of which there is only a draft has no published version.
fn history_of(record: &FunctionRecord) -> History {
    match record.published_versions() {
        Some(versions) => History::Known(versions),
        None if record.is_draft() => History::Known(Vec::new()),
        None => History::Unreadable(NO_VERSION.to_owned()),
    }
}
