//! The Hub's client: the account's own functions, and what is published of each.

use std::time::Duration;

use semver::Version;
use url::Url;

use super::deadline::{Deadline, back_off};
use super::http::{Access, Http, HttpError, Response};
use super::refusal::Refusal;
use super::response::{FunctionList, FunctionRecord};
use super::tls::ClientError;
use crate::function::load::Function;
use crate::function::manifest::slug::Slug;
use crate::release::comparison::{Comparison, Content};
use crate::release::history::History;
use crate::settings::Settings;
use crate::text;

/// Base of the functions' own pages (Aerostack documentation, "Publishing to the Hub").
const PAGES: &str = "https://hub.aerostack.dev/functions";

/// Base of the pages where functions are edited (same source).
const ADMIN_PAGES: &str = "https://app.aerostack.dev/functions/edit";

/// Share of the time left that reading the history may take: the rest is for the publish.
const HISTORY_SHARE: f64 = 0.5;

/// Longest wait for the response to one read; a slower Hub is asked again.
const MAX_READ_TIME: Duration = Duration::from_secs(20);

/// Most attempts at one read, the first included: enough for a restart of the Hub, which the back-off then spans.
const MAX_READ_ATTEMPTS: u32 = 4;

/// The client of one run.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(super) http: Http,
    username: Option<String>,
}

/// A function on the Hub, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct RemoteFunction {
    pub(crate) history: History,
    /// Empty where the Hub shows nothing.
    pub(crate) record: FunctionRecord,
}

/// Why something is not known that the Hub may have.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// A later run may succeed.
    #[error(transparent)]
    Failed(#[from] HttpError),
    #[error("{}", .0.reason())]
    Refused(Refusal),
    #[error("{0} has an unknown format")]
    UnknownFormat(&'static str),
    #[error("the Hub does not show its code")]
    NotShown,
    #[error("there is no API key")]
    NoKey,
}

/// The account's own list, or why it can't be read.
pub(crate) type Account = Result<FunctionList, ReadError>;

/// A function's record, or why there is none.
type Shown = Result<FunctionRecord, ReadError>;

impl Hub {
    pub(crate) fn new(settings: &Settings) -> Result<Self, ClientError> {
        Ok(Self { http: Http::new(settings)?, username: settings.username.clone() })
    }

    /// Reads the account's own functions, drafts included.
    pub(crate) async fn account(&self, deadline: Deadline) -> Account {
        if !self.http.has_key() {
            return Err(ReadError::NoKey);
        }
        let body = self.read(&["my"], Access::Account, deadline.share(HISTORY_SHARE)).await?;
        let unknown = ReadError::UnknownFormat("the Hub's list of the account's functions");
        FunctionList::parse(&body).ok_or(unknown)
    }

    /// What is published of a function: from the account's list, or from the public address where the list is not enough.
    pub(crate) async fn history(&self, account: &Account, slug: &Slug, deadline: Deadline) -> RemoteFunction {
        let deadline = deadline.share(HISTORY_SHARE);
        match (listed(account, slug), &self.username) {
            (Ok(Some(record)), _) => self.own_history(record, slug, deadline).await,
            (Ok(None), _) => History::Unknown.into(),
            (Err(_), Some(username)) => self.public_history(username, slug, deadline).await,
            (Err(_), None) if matches!(account, Err(ReadError::NoKey)) => History::NotCompared.into(),
            (Err(reason), None) => History::Unreadable(reason).into(),
        }
    }

    async fn own_history(&self, listed: &FunctionRecord, slug: &Slug, deadline: Deadline) -> RemoteFunction {
        let mut record = listed.clone();
        // The list may name only the current version, and the function's own record all of them.
        if record.versions.is_none()
            && let Ok(details) = self.by_id(&record, deadline).await
        {
            record = record.with_details(details);
        }
        let own = RemoteFunction::from(record);
        let author = self.author_of(&own.record).filter(|_| own.record.published_versions().is_none());
        let Some(author) = author else { return own };
        // The public address shows a version that is published below a draft, or that the list does not name.
        let public = self.public_history(author, slug, deadline).await;
        let history = if public.history == History::Unknown { own.history } else { public.history };
        RemoteFunction { history, record: own.record.updated_with(public.record) }
    }

    async fn public_history(&self, author: &str, slug: &Slug, deadline: Deadline) -> RemoteFunction {
        match self.record_at(&[author, slug.as_str()], Access::Public, deadline).await {
            Ok(record) => record.into(),
            Err(ReadError::Refused(refusal)) if refusal.status == 404 => History::Unknown.into(),
            Err(error) => History::Unreadable(text::with_causes(&error)).into(),
        }
    }

    /// The content of a published version. The Hub is asked until all files that `function` has are known.
    pub(crate) async fn content(
        &self,
        function: &Function,
        version: &Version,
        remote: &RemoteFunction,
        deadline: Deadline,
    ) -> Result<Content, ReadError> {
        let of_version = |record: &FunctionRecord| record.has_version(version) && !record.is_draft();
        let is_complete = |content: &Content| {
            content.files.is_some() || (content.code.is_some() && !function.has_modules())
        };
        let (record, slug) = (&remote.record, function.slug.as_str());
        let mut content = Some(record.clone()).filter(of_version).unwrap_or_default().content;
        let id = record.id.as_deref().filter(|_| self.http.has_key());
        let by_id = id.map(|id| (vec![id], Access::Account));
        let public = self.author_of(record).map(|author| [vec![author, slug], vec![author, slug, "install"]]);
        let public = public.into_iter().flatten().map(|path| (path, Access::Public));
        let mut failure = ReadError::NotShown;
        let mut paths = by_id.into_iter().chain(public);
        while !is_complete(&content)
            && let Some((path, access)) = paths.next()
        {
            match self.record_at(&path, access, deadline).await {
                Ok(record) if of_version(&record) => content.complete(record.content),
                Err(error @ ReadError::Failed(_)) => failure = error,
                Ok(_) | Err(_) => {}
            }
        }
        let is_enough = matches!(failure, ReadError::NotShown) && content.code.is_some();
        if is_complete(&content) || is_enough { Ok(content) } else { Err(failure) }
    }

    /// A listed function's own record.
    pub(super) async fn by_id(&self, listed: &FunctionRecord, deadline: Deadline) -> Shown {
        let id = listed.id.as_deref().ok_or(ReadError::NotShown)?;
        self.record_at(&[id], Access::Account, deadline).await
    }

    async fn record_at(&self, path: &[&str], access: Access, deadline: Deadline) -> Shown {
        let body = self.read(path, access, deadline).await?;
        FunctionRecord::parse(&body).ok_or(ReadError::UnknownFormat("the Hub's response"))
    }

    /// The body at a path. The request is repeated after failures that may pass, as long as the deadline allows.
    async fn read(&self, path: &[&str], access: Access, deadline: Deadline) -> Result<Vec<u8>, ReadError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let limit = MAX_READ_TIME.min(deadline.left().div_f64(2.0));
            let (error, retry_after) = match self.http.get(path, access, limit).await {
                Ok(response) if response.status == 200 => return Ok(response.body),
                // A failure that may pass by itself.
                Ok(Response { status: status @ (408 | 429 | 500..), retry_after, .. }) => {
                    (HttpError::Status(status), retry_after)
                }
                Ok(response) => return Err(ReadError::Refused(Refusal::of(&response))),
                Err(error) => (error, None),
            };
            let wait = back_off(attempts, retry_after, fastrand::f64());
            if attempts == MAX_READ_ATTEMPTS || wait >= deadline.left() {
                return Err(error.into());
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn author_of<'h>(&'h self, record: &'h FunctionRecord) -> Option<&'h str> {
        record.author.as_deref().or(self.username.as_deref())
    }

    /// The function's page, as the Hub names it or as documented, and its admin page, as far as they are known.
    pub(crate) fn pages(&self, slug: &Slug, record: &FunctionRecord) -> (Option<String>, Option<String>) {
        let named = record.url.as_deref().and_then(|url| Url::parse(url).ok());
        let named = named.filter(|url| matches!(url.scheme(), "https" | "http")).map(String::from);
        let documented = || page(PAGES, &[self.author_of(record)?, slug.as_str()]);
        (named.or_else(documented), record.id.as_deref().and_then(|id| page(ADMIN_PAGES, &[id])))
    }
}

fn page(base: &str, parts: &[&str]) -> Option<String> {
    let mut url = Url::parse(base).ok()?;
    url.path_segments_mut().ok()?.extend(parts);
    Some(url.into())
}

/// The account's own function, if there is one; or why that is not known.
pub(super) fn listed<'a>(account: &'a Account, slug: &Slug) -> Result<Option<&'a FunctionRecord>, String> {
    let list = account.as_ref().map_err(|error| text::with_causes(error))?;
    match list.records.iter().find(|record| record.slug.as_deref() == Some(slug.as_str())) {
        None if list.is_partial => Err("the Hub's list of the account's functions is incomplete".to_owned()),
        found => Ok(found),
    }
}

/// The history that a record shows. A function of which there is only a draft has no published version.
impl From<FunctionRecord> for RemoteFunction {
    fn from(record: FunctionRecord) -> Self {
        let history = match record.published_versions() {
            Some(versions) => History::Known(versions),
            None if record.is_draft() => History::Known(Vec::new()),
            None => History::Unreadable("the Hub's response has no valid SemVer version".to_owned()),
        };
        Self { history, record }
    }
}

impl From<History> for RemoteFunction {
    fn from(history: History) -> Self {
        Self { history, record: FunctionRecord::default() }
    }
}

impl From<ReadError> for Comparison {
    fn from(error: ReadError) -> Self {
        let reason = text::with_causes(&error);
        if matches!(error, ReadError::Failed(_)) { Self::Unread(reason) } else { Self::Unknown(reason) }
    }
}
