//! The Hub's client: the account's own functions, and what is published of each.

use std::rc::Rc;
use std::time::Duration;

use semver::Version;
use url::Url;

use super::deadline::{Deadline, Patience, back_off};
use super::failure::NoResponse;
use super::http::{Http, HttpError, Response};
use super::read_error::ReadError;
use super::refusal::{Refusal, web_page};
use super::response::{FunctionList, FunctionRecord, is_username};
use super::tls::ClientError;
use crate::function::load::Function;
use crate::function::manifest::slug::Slug;
use crate::release::comparison::{Comparison, Content};
use crate::release::history::History;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::text;

/// Share of the time left that reading the history may take: the rest is for the publish.
const HISTORY_SHARE: f64 = 0.5;

/// Longest wait for the response to one read; a slower Hub is asked again.
const MAX_READ_TIME: Duration = Duration::from_secs(20);

/// Most attempts at one read, the first included: enough for a restart of the Hub, which the back-off then spans.
const MAX_READ_ATTEMPTS: u32 = 4;

/// Most authors of an account's list at whose public addresses a function is looked up: an account has one, or a few names.
const MAX_AUTHORS: usize = 3;

/// Longest wait for what only makes a report better.
pub(crate) const MAX_EXTRA_TIME: Duration = Duration::from_secs(5);

/// The client of one run.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(super) http: Http,
    pub(super) username: Option<String>,
    patience: Rc<Patience>,
    /// The keys of this run, which must not be in what is sent.
    pub(super) keys: Secrets,
}

/// A function on the Hub, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct RemoteFunction {
    pub(crate) history: History,
    /// Empty where the Hub shows nothing; its author is also known from other functions.
    pub(crate) record: FunctionRecord,
    /// The version that waits for a review.
    pub(crate) in_review: Option<Version>,
}

/// The account's own list, or why it can't be read.
pub(crate) type Account = Result<FunctionList, ReadError>;

/// A function's record, or why there is none.
type Shown = Result<FunctionRecord, ReadError>;

impl Hub {
    pub(crate) fn new(settings: &Settings) -> Result<Self, ClientError> {
        let patience = Patience::new(settings.timeout);
        let (username, keys) = (settings.username.clone(), settings.secrets.clone());
        Ok(Self { http: Http::new(settings)?, username, patience, keys })
    }

    /// A deadline after this time, in which waiting for the Hub's rate limit does not count.
    pub(crate) fn deadline(&self, left: Duration) -> Deadline {
        Deadline::after(left, &self.patience)
    }

    /// How many functions may exchange with the Hub at once. More would pass what is decided before a request, and then wait.
    pub(crate) fn at_once(&self) -> usize {
        self.http.pace.most()
    }

    /// A function of the run went one step further, while others wait.
    pub(crate) fn moved(&self) {
        self.patience.moved();
    }

    /// What keeps this machine from the Hub until the owner of the pipeline changes it.
    pub(crate) fn obstacle<'h>(&'h self, account: &'h Account) -> Option<&'h NoResponse> {
        account.as_ref().err().and_then(ReadError::obstacle).or_else(|| self.http.obstacle())
    }

    /// Reads the account's own functions, drafts included.
    pub(crate) async fn account(&self, deadline: &Deadline) -> Account {
        if !self.http.has_key() {
            return Err(ReadError::NoKey);
        }
        let body = self.read(&["my"], &deadline.share(HISTORY_SHARE)).await?;
        let unknown = ReadError::UnknownFormat("the Hub's list of the account's functions");
        FunctionList::parse(body).ok_or(unknown)
    }

    /// The address that was most likely meant, where `api-url` holds a part of the API's own path and nothing is there.
    pub(crate) fn meant_address(&self, account: &Account) -> Option<Url> {
        let Err(ReadError::Refused(Refusal { status: 404 | 405, .. })) = account else { return None };
        self.http.without_api_path()
    }

    /// What is published of a function: from the account's list, or from the public address where the list is not enough.
    /// That the list does not name it proves nothing: it may come in pages.
    pub(crate) async fn history(
        &self,
        account: &Account,
        slug: &Slug,
        deadline: &Deadline,
    ) -> RemoteFunction {
        let deadline = &deadline.share(HISTORY_SHARE);
        let list = match (account, &self.username) {
            (Ok(list), _) => list,
            (Err(_), Some(username)) => return self.public_history(username, slug, deadline).await,
            (Err(ReadError::NoKey), None) => return History::NotCompared.into(),
            (Err(error), None) => return History::Unreadable(text::with_causes(error)).into(),
        };
        let authors = list.authors();
        let mut remote = match list.find(slug, self.username.as_deref()) {
            Some(record) => self.own_history(record, slug, deadline).await,
            None if list.is_empty && self.username.is_none() => History::Unknown.into(),
            None => self.history_of_unlisted(&authors, slug, deadline).await,
        };
        if let (None, [author]) = (&remote.record.author, authors.as_slice()) {
            remote.record.author = Some((*author).to_owned());
        }
        remote
    }

    async fn own_history(&self, listed: &FunctionRecord, slug: &Slug, deadline: &Deadline) -> RemoteFunction {
        let mut record = listed.clone();
        let mut versions = record.published_versions();
        // The list may name only the current version, and the function's own record all of them.
        if record.versions.is_none()
            && let Ok(details) = self.by_id(&record, slug.as_str(), deadline).await
        {
            versions = either(versions, details.published_versions());
            record = record.with_details(details);
        }
        let in_review = record.version.clone().filter(|_| record.is_in_review());
        let own = RemoteFunction { in_review, ..record.into() };
        if let Some(versions) = versions {
            return RemoteFunction { history: History::Known(versions), ..own };
        }
        let Some(author) = self.author_of(&own.record) else { return own.with_unknown_release() };
        // The public address shows a version that is published below a draft, or that the list does not name.
        let public = self.public_history(author, slug, deadline).await;
        let history = if public.history == History::Unknown { own.history } else { public.history };
        let record = own.record.updated_with(public.record);
        RemoteFunction { history, record, in_review: own.in_review }
    }

    /// Looks up a function that the account's list does not name at the public addresses where it would be.
    async fn history_of_unlisted(
        &self,
        authors: &[&str],
        slug: &Slug,
        deadline: &Deadline,
    ) -> RemoteFunction {
        let username = self.username.as_deref();
        let others = authors.iter().copied().filter(|author| Some(*author) != username);
        let mut candidates: Vec<_> = username.into_iter().chain(others).collect();
        let has_more = candidates.len() > MAX_AUTHORS;
        candidates.truncate(MAX_AUTHORS);
        if candidates.is_empty() {
            let reason =
                "the account's list does not name it, and names no author to look it up by: set `username`";
            return History::Unreadable(reason.to_owned()).into();
        }
        let mut unreadable = None;
        for author in candidates {
            let remote = self.public_history(author, slug, deadline).await;
            match remote.history {
                History::Known(_) => return remote,
                History::Unknown => {}
                History::Unreadable(_) | History::NotCompared => unreadable = Some(remote),
            }
        }
        if has_more {
            let reason = "the account's list does not name it, and names many authors: set `username`";
            return History::Unreadable(reason.to_owned()).into();
        }
        unreadable.unwrap_or_else(|| History::Unknown.into())
    }

    async fn public_history(&self, author: &str, slug: &Slug, deadline: &Deadline) -> RemoteFunction {
        match self.record_at(&[author, slug.as_str()], slug.as_str(), deadline).await {
            Ok(record) => {
                let author = record.author.clone().or_else(|| Some(author.to_owned()));
                FunctionRecord { author, ..record }.into()
            }
            Err(ReadError::Refused(refusal)) if refusal.status == 404 => History::Unknown.into(),
            Err(error) => History::Unreadable(text::with_causes(&error)).into(),
        }
    }

    /// The content of a published version: `shown`, which came with the record, if it is of this version. The Hub is asked until
    /// all files that `function` has are known.
    pub(crate) async fn content(
        &self,
        function: &Function,
        version: &Version,
        remote: &RemoteFunction,
        shown: Content,
        deadline: &Deadline,
    ) -> Result<Content, ReadError> {
        let of_version = |record: &FunctionRecord| record.has_version(version) && !record.is_unpublished();
        let is_complete = |content: &Content| {
            content.files.is_some() || (content.code.is_some() && !function.has_modules())
        };
        let (record, slug) = (&remote.record, function.slug.as_str());
        let mut content = if of_version(record) { shown } else { Content::default() };
        let id = record.id.as_deref().filter(|_| self.http.has_key());
        let public = self.author_of(record).map(|author| [vec![author, slug], vec![author, slug, "install"]]);
        let mut paths = id.map(|id| vec![id]).into_iter().chain(public.into_iter().flatten());
        let mut failure = ReadError::NotShown;
        while !is_complete(&content)
            && let Some(path) = paths.next()
        {
            match self.record_at(&path, slug, deadline).await {
                Ok(record) if of_version(&record) => content.complete(record.content),
                // A response that lags behind.
                Ok(FunctionRecord { version: Some(older), .. }) if older.cmp_precedence(version).is_lt() => {
                    failure = ReadError::Outdated(older);
                }
                // Nothing says that it is about this version.
                Ok(FunctionRecord { version: None, .. }) => {
                    failure = ReadError::UnknownFormat("the Hub's response");
                }
                Err(error) if !error.is_absence() => failure = error,
                Ok(_) | Err(_) => {}
            }
        }
        let is_enough = matches!(failure, ReadError::NotShown) && content.code.is_some();
        if is_complete(&content) || is_enough { Ok(content) } else { Err(failure) }
    }

    /// A listed function's own record.
    pub(super) async fn by_id(&self, listed: &FunctionRecord, slug: &str, deadline: &Deadline) -> Shown {
        let id = listed.id.as_deref().ok_or(ReadError::NotShown)?;
        self.record_at(&[id], slug, deadline).await
    }

    async fn record_at(&self, path: &[&str], slug: &str, deadline: &Deadline) -> Shown {
        let body = self.read(path, deadline).await?;
        let record = FunctionRecord::parse(body).ok_or(ReadError::UnknownFormat("the Hub's response"))?;
        let is_another =
            |named: Option<&str>, ours: &str| named.is_some_and(|named| !named.eq_ignore_ascii_case(ours));
        let author = record.author.as_deref().filter(|author| is_username(author));
        let is_other_authors = matches!(path, [ours, _, ..] if is_another(author, ours));
        if is_other_authors || is_another(record.slug.as_deref(), slug) {
            Err(ReadError::OtherFunction)
        } else {
            Ok(record)
        }
    }

    /// The body at a path. The request is repeated after failures that may pass, as long as the deadline allows.
    async fn read(&self, path: &[&str], deadline: &Deadline) -> Result<Vec<u8>, ReadError> {
        let mut attempts = 0;
        loop {
            let limit = MAX_READ_TIME.min(deadline.left().div_f64(2.0));
            let (error, retry_after) = match self.http.get(path, deadline, limit).await {
                Ok(Response { status: 200, body, .. }) => {
                    return web_page(&body).map_or(Ok(body), |page| Err(ReadError::WebPage(page)));
                }
                // The next attempt waits for the rate limit.
                Ok(Response { is_rate_limited: true, .. }) if !deadline.ignores_pace() => continue,
                Ok(response) if response.may_pass() => {
                    (HttpError::Status(response.status), response.retry_after)
                }
                Ok(response) => return Err(ReadError::Refused(Refusal::of(&response))),
                Err(error) if error.lasts() => return Err(error.into()),
                Err(error) => (error, None),
            };
            attempts += 1;
            let wait = back_off(attempts, retry_after, fastrand::f64());
            if attempts == MAX_READ_ATTEMPTS || wait >= deadline.left() || deadline.ignores_pace() {
                return Err(error.into());
            }
            tokio::time::sleep(wait).await;
        }
    }

    pub(super) fn author_of<'h>(&'h self, record: &'h FunctionRecord) -> Option<&'h str> {
        record.author.as_deref().or(self.username.as_deref())
    }
}

/// What two responses say, of which either may be silent or out of date.
fn either(one: Option<Vec<Version>>, other: Option<Vec<Version>>) -> Option<Vec<Version>> {
    match (one, other) {
        (Some(mut one), Some(other)) => {
            one.extend(other);
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

/// The history that a record shows. A function of which there is only a draft has no published version.
impl From<FunctionRecord> for RemoteFunction {
    fn from(record: FunctionRecord) -> Self {
        let history = match record.published_versions() {
            Some(versions) => History::Known(versions),
            None if record.is_unpublished() => History::Known(Vec::new()),
            None => History::Unreadable("the Hub's response has no valid SemVer version".to_owned()),
        };
        Self { history, record, in_review: None }
    }
}

impl RemoteFunction {
    /// Whether this version is not published, and waits for a review.
    pub(crate) fn waits_for_review(&self, version: &Version) -> bool {
        self.in_review.as_ref() == Some(version) && !self.history.holds(version)
    }

    /// Where only what is not public is known, and not whether there is a release below it.
    fn with_unknown_release(self) -> Self {
        let reason = "the account's list shows no published version, and names no author to look it up by: set `username`";
        let history = match self.history {
            History::Known(_) => History::Unreadable(reason.to_owned()),
            history @ (History::Unknown | History::Unreadable(_) | History::NotCompared) => history,
        };
        Self { history, ..self }
    }
}

impl From<History> for RemoteFunction {
    fn from(history: History) -> Self {
        Self { history, record: FunctionRecord::default(), in_review: None }
    }
}

impl From<ReadError> for Comparison {
    fn from(error: ReadError) -> Self {
        let reason = text::with_causes(&error);
        if error.is_absence() { Self::Unknown(reason) } else { Self::Unread(reason) }
    }
}
