//! The Hub's client: reads what is published, publishes, and reads back what is in doubt.

use semver::Version;
use url::Url;

use super::deadline::{Deadline, back_off};
use super::http::{Access, Http, Response, SendError, is_passing};
use super::refusal::Refusal;
use super::request;
use super::response::{FunctionList, FunctionRecord, Receipt, Status};
use super::tls::ClientError;
use crate::finding::Code;
use crate::function::load::Function;
use crate::function::manifest::slug::Slug;
use crate::release::comparison::{Comparison, Content, compare};
use crate::release::decision::Target;
use crate::release::history::History;
use crate::settings::env::Env;
use crate::settings::inputs::Inputs;
use crate::text;

/// The part of a deadline that reading the history may take: the rest belongs to the publish.
const HISTORY_SHARE: f64 = 0.5;

/// The part of the time left that one publish may take: the rest belongs to reading back what became of it.
const PUBLISH_SHARE: f64 = 0.6;

/// Attempts at one publish, the first included.
const PUBLISH_ATTEMPTS: u32 = 5;

/// Looks at the Hub for what it said it took: what it stored may show only a moment later.
const CONFIRM_ATTEMPTS: u32 = 3;

/// Where a function's own page is (Aerostack documentation, "Publishing to the Hub").
const PAGES: &str = "https://hub.aerostack.dev/functions";

/// Where a function is edited (same source).
const ADMIN_PAGES: &str = "https://app.aerostack.dev/functions/edit";

/// Why a history can't be read from an answer that is in order otherwise.
const UNVERSIONED: &str = "the Hub does not tell a version that SemVer knows";

/// The client of one run.
#[derive(Debug)]
pub(crate) struct Hub {
    http: Http,
    username: Option<String>,
    has_key: bool,
}

/// What is known of a function on the Hub.
#[derive(Debug, Clone)]
pub(crate) struct RemoteFunction {
    pub(crate) history: History,
    /// The function as the Hub tells it; empty where it tells nothing.
    pub(crate) record: FunctionRecord,
}

/// The account's own list, or why it can't be read.
#[derive(Debug)]
pub(crate) enum Account {
    Listed(FunctionList),
    Unreadable {
        reason: String,
        key_refused: bool,
    },
    /// There is no key to ask with.
    NoKey,
}

/// How a publish ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The Hub said so, or it was read back.
    Done(FunctionRecord),
    /// Another run published this very content in the meantime.
    Unchanged(FunctionRecord),
    Conflict {
        comparison: Comparison,
        history: History,
    },
    Refused(Refusal),
    /// Nothing was published; the reason in words.
    Unreachable(String),
    /// Nobody knows; the reason in words.
    Unconfirmed(String),
}

/// What reading back found.
enum ReadBack {
    Ours(Box<FunctionRecord>),
    Other(Comparison, History),
    NotThere,
    /// The Hub shows the published version, on top of which there may be the draft.
    Hidden,
    Unknown(String),
}

impl Hub {
    pub(crate) fn new(inputs: &Inputs, env: &Env) -> Result<Self, ClientError> {
        let http = Http::new(inputs, env)?;
        Ok(Self { http, username: inputs.username.clone(), has_key: inputs.api_key.usable().is_some() })
    }

    /// The address that a publish is sent to.
    pub(crate) fn publish_url(&self) -> Url {
        self.http.url(&["api", "community", "functions", "ci", "publish"])
    }

    /// Reads the account's own functions, drafts included.
    pub(crate) async fn account(&self, deadline: Deadline) -> Account {
        if !self.has_key {
            return Account::NoKey;
        }
        let url = self.http.url(&["api", "community", "functions", "my"]);
        let unreadable = |reason| Account::Unreadable { reason, key_refused: false };
        match self.http.get(&url, Access::Account, deadline).await {
            Err(reason) => unreadable(reason),
            Ok(answer) if answer.status == 200 => match FunctionList::of_answer(&answer.body) {
                Some(listing) => Account::Listed(listing),
                None => {
                    unreadable("the Hub's list of the account's functions is in no known form".to_owned())
                }
            },
            Ok(answer) => {
                let refusal = Refusal::of_answer(answer.status, &answer.body);
                let key_refused = refusal.code == Some(Code::Unauthorized);
                Account::Unreadable { reason: explain(&answer), key_refused }
            }
        }
    }

    /// What is published of a function. Reads the public address where the account's list says too little.
    pub(crate) async fn history(&self, account: &Account, slug: &Slug, deadline: Deadline) -> RemoteFunction {
        let deadline = deadline.share(HISTORY_SHARE);
        let reason = match account {
            Account::Listed(listing) => match listing.find(slug) {
                Some(record) => return self.history_of(record, slug, deadline).await,
                None if listing.is_partial => {
                    "the Hub's list of the account's functions is not complete".to_owned()
                }
                None => return RemoteFunction::of(History::Unknown),
            },
            Account::Unreadable { reason, .. } => reason.clone(),
            Account::NoKey if self.username.is_none() => return RemoteFunction::of(History::NotCompared),
            Account::NoKey => String::new(),
        };
        match &self.username {
            Some(username) => self.public_history(username, slug, deadline).await,
            None => RemoteFunction::of(History::Unreadable(reason)),
        }
    }

    /// The history of a function that the account's list holds.
    async fn history_of(&self, listed: &FunctionRecord, slug: &Slug, deadline: Deadline) -> RemoteFunction {
        let mut record = listed.clone();
        // A list may name the current version alone, where the function's own answer names all.
        if record.versions.is_none()
            && let Ok(Some(details)) = self.by_id(&record, deadline).await
        {
            record = record.detailed_by(details);
        }
        if let Some(versions) = record.published_versions() {
            return RemoteFunction { record, ..RemoteFunction::of(History::Known(versions)) };
        }
        let unshown = if record.is_draft() {
            History::Known(Vec::new())
        } else {
            History::Unreadable(UNVERSIONED.to_owned())
        };
        // A draft may lie on top of a published version, and a list may say too little: the public address shows it.
        let Some(author) = record.author.clone().or_else(|| self.username.clone()) else {
            return RemoteFunction { record, ..RemoteFunction::of(unshown) };
        };
        let public = self.public_history(&author, slug, deadline).await;
        match public.history {
            History::Unknown => RemoteFunction { record, ..RemoteFunction::of(unshown) },
            History::Known(_) => RemoteFunction { record: record.completed_by(public.record), ..public },
            History::Unreadable(_) | History::NotCompared => RemoteFunction { record, ..public },
        }
    }

    async fn public_history(&self, username: &str, slug: &Slug, deadline: Deadline) -> RemoteFunction {
        let unreadable = |reason: String| RemoteFunction::of(History::Unreadable(reason));
        let url = self.http.url(&["api", "community", "functions", username, slug.as_str()]);
        let answer = match self.http.get(&url, Access::Public, deadline).await {
            Ok(answer) if answer.status == 404 => return RemoteFunction::of(History::Unknown),
            Ok(answer) if answer.status == 200 => answer,
            Ok(answer) => return unreadable(explain(&answer)),
            Err(reason) => return unreadable(reason),
        };
        let Some(record) = FunctionRecord::of_answer(&answer.body).filter(FunctionRecord::tells_something)
        else {
            return unreadable("the Hub's answer is in no known form".to_owned());
        };
        let history = match record.published_versions() {
            Some(versions) => History::Known(versions),
            None if record.is_draft() => History::Known(Vec::new()),
            None => return unreadable(UNVERSIONED.to_owned()),
        };
        let author = record.author.clone().or_else(|| Some(username.to_owned()));
        RemoteFunction { record: FunctionRecord { author, ..record }, ..RemoteFunction::of(history) }
    }

    /// Compares a function with the published content of its own version.
    async fn compare(&self, function: &Function, known: &RemoteFunction, deadline: Deadline) -> Comparison {
        let content = self.content(function, &function.version, known, deadline).await;
        content.map_or_else(|unknown| unknown, |content| compare(function, &content))
    }

    /// The content of a published version: asked for where the Hub may tell it, until it is known.
    ///
    /// # Errors
    /// With [`Comparison::Unknown`] or [`Comparison::Unread`], where it can't be told.
    pub(crate) async fn content(
        &self,
        function: &Function,
        version: &Version,
        known: &RemoteFunction,
        deadline: Deadline,
    ) -> Result<Content, Comparison> {
        let record = &known.record;
        let mut content = Content::default();
        let mut take = |record: FunctionRecord| {
            if record.is_of(version) && !record.is_draft() {
                content.complete(record.content);
            }
            content.files.is_some() || (content.code.is_some() && !function.has_modules())
        };
        let mut silence = None;
        if take(record.clone()) {
            return Ok(content);
        }
        match self.by_id(record, deadline).await {
            Ok(Some(details)) if take(details.clone()) => return Ok(content),
            Ok(_) => {}
            Err(reason) => silence = Some(reason),
        }
        if let Some(author) = record.author.as_ref().or(self.username.as_ref()) {
            let path = ["api", "community", "functions", author, function.slug.as_str(), "install"];
            for parts in [&path[..5], &path[..]] {
                let url = self.http.url(parts);
                match self.http.get(&url, Access::Public, deadline).await {
                    Ok(answer) if answer.status == 200 => {
                        if FunctionRecord::of_answer(&answer.body).is_some_and(&mut take) {
                            return Ok(content);
                        }
                    }
                    Ok(_) => {}
                    Err(reason) => silence = Some(reason),
                }
            }
        }
        if content.code.is_some() && silence.is_none() {
            return Ok(content);
        }
        let not_shown = || Comparison::Unknown("the Hub does not show its code".to_owned());
        Err(silence.map_or_else(not_shown, Comparison::Unread))
    }

    /// A function by its id; nothing, if the id is not known or the Hub does not show it.
    async fn by_id(
        &self,
        record: &FunctionRecord,
        deadline: Deadline,
    ) -> Result<Option<FunctionRecord>, String> {
        let Some(id) = record.id.as_deref().filter(|_| self.has_key) else { return Ok(None) };
        let url = self.http.url(&["api", "community", "functions", id]);
        let answer = self.http.get(&url, Access::Account, deadline).await?;
        Ok(Some(answer)
            .filter(|answer| answer.status == 200)
            .and_then(|answer| FunctionRecord::of_answer(&answer.body)))
    }

    /// Publishes a function, live or as a draft, and makes sure of what became of it.
    pub(crate) async fn publish(&self, function: &Function, target: Target, deadline: Deadline) -> Outcome {
        let url = self.publish_url();
        let body = serde_json::to_vec(&request::publish_body(function, target)).unwrap_or_default();
        // Whether an earlier attempt of this run may have arrived: then what is found on the Hub can be its work.
        let mut in_doubt = false;
        // Whether it may be there, and the Hub would not show it.
        let mut is_hidden = false;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let limit = deadline.left().mul_f64(PUBLISH_SHARE);
            if limit.is_zero() {
                return Outcome::Unreachable("the time was over before it could be sent".to_owned());
            }
            let (reason, retry_after) = match self.http.post(&url, body.clone(), limit).await {
                Ok(answer) => match judge(answer) {
                    Verdict::Accepted(record) => {
                        return self.confirm(*record, function, target, deadline).await;
                    }
                    Verdict::Refused(refusal) => {
                        return self.refused(refusal, function, target, in_doubt, deadline).await;
                    }
                    Verdict::NotTaken(answer) => (explain(&answer), answer.retry_after),
                    Verdict::InDoubt(reason, retry_after) => {
                        in_doubt = true;
                        (reason, retry_after)
                    }
                },
                Err(SendError::NotSent(reason)) => (reason, None),
                Err(SendError::Unclear(reason)) => {
                    in_doubt = true;
                    (reason, None)
                }
            };
            if in_doubt {
                match self.read_back_after(attempts, function, target, deadline).await {
                    ReadBack::Ours(record) => return Outcome::Done(*record),
                    ReadBack::Other(comparison, history) => return Outcome::Conflict { comparison, history },
                    // It did not arrive, so it may be sent again; and a draft may be in any case.
                    ReadBack::NotThere => is_hidden = false,
                    ReadBack::Hidden => is_hidden = true,
                    ReadBack::Unknown(why) => {
                        return Outcome::Unconfirmed(format!("{reason}; reading back failed: {why}"));
                    }
                }
            }
            let wait = back_off(attempts, retry_after);
            if attempts == PUBLISH_ATTEMPTS || deadline.wait(wait).await.is_err() {
                return if is_hidden {
                    Outcome::Unconfirmed(format!("{reason}; the Hub shows only the published version"))
                } else {
                    Outcome::Unreachable(reason)
                };
            }
        }
    }

    /// Makes sure of a success: the Hub's word where it gives one, else what it shows.
    async fn confirm(
        &self,
        receipt: FunctionRecord,
        function: &Function,
        target: Target,
        deadline: Deadline,
    ) -> Outcome {
        let said = match (&receipt.status, target) {
            (Some(Status::Published), Target::Live) | (Some(Status::Draft), Target::Draft) => {
                return Outcome::Done(receipt);
            }
            (Some(Status::Published), Target::Draft) => Some("published".to_owned()),
            (Some(Status::Draft), Target::Live) => Some("draft".to_owned()),
            (Some(Status::Other(word)), _) => Some(text::clean_line(word)),
            (None, _) => None,
        };
        let mut found = self.read_back(function, target, deadline).await;
        for attempts in 1..CONFIRM_ATTEMPTS {
            if !matches!(found, ReadBack::NotThere) {
                break;
            }
            found = self.read_back_after(attempts, function, target, deadline).await;
        }
        match (found, said) {
            (ReadBack::Ours(record), _) => Outcome::Done(receipt.completed_by(*record)),
            // A receipt that names the function is the Hub's word, where nothing can be read.
            (ReadBack::Unknown(_) | ReadBack::Hidden, None) if receipt.tells_something() => {
                Outcome::Done(receipt)
            }
            (_, Some(word)) => Outcome::Unconfirmed(format!("the Hub took it, but calls it `{word}`")),
            (ReadBack::Unknown(why), None) => {
                Outcome::Unconfirmed(format!("the Hub took it, but reading it back failed: {why}"))
            }
            (ReadBack::NotThere | ReadBack::Hidden | ReadBack::Other(..), None) => {
                Outcome::Unconfirmed("the Hub took it, but does not show it".to_owned())
            }
        }
    }

    /// A refusal, unless it only says that this very content is there already.
    async fn refused(
        &self,
        refusal: Refusal,
        function: &Function,
        target: Target,
        in_doubt: bool,
        deadline: Deadline,
    ) -> Outcome {
        let named = refusal.code == Some(Code::VersionConflict);
        // A conflict without a code may be one of versions, or of slugs.
        let unnamed = refusal.code.is_none() && refusal.status == 409;
        if !(named || unnamed) {
            return Outcome::Refused(refusal);
        }
        match self.read_back(function, target, deadline).await {
            ReadBack::Ours(record) if in_doubt => Outcome::Done(*record),
            ReadBack::Ours(record) => Outcome::Unchanged(*record),
            ReadBack::Other(comparison, history) => Outcome::Conflict { comparison, history },
            ReadBack::Unknown(why) if named && in_doubt => {
                Outcome::Unconfirmed(format!("the Hub has this version, but reading it back failed: {why}"))
            }
            ReadBack::Unknown(why) if named => {
                let (comparison, history) = (Comparison::Unknown(why), History::Known(Vec::new()));
                Outcome::Conflict { comparison, history }
            }
            ReadBack::NotThere | ReadBack::Hidden if named && in_doubt => {
                Outcome::Unconfirmed("the Hub has this version, but does not show it".to_owned())
            }
            ReadBack::NotThere | ReadBack::Hidden | ReadBack::Unknown(_) => Outcome::Refused(refusal),
        }
    }

    /// Reads back after a moment, in which the Hub may finish what it began.
    async fn read_back_after(
        &self,
        attempts: u32,
        function: &Function,
        target: Target,
        deadline: Deadline,
    ) -> ReadBack {
        let moment = back_off(attempts, None).min(deadline.left().div_f64(4.0));
        match deadline.wait(moment).await {
            Ok(()) => self.read_back(function, target, deadline).await,
            Err(_) => ReadBack::Unknown("the time was over".to_owned()),
        }
    }

    async fn read_back(&self, function: &Function, target: Target, deadline: Deadline) -> ReadBack {
        let account = self.account(deadline.share(HISTORY_SHARE)).await;
        match target {
            Target::Live => self.read_back_live(&account, function, deadline).await,
            Target::Draft => self.read_back_draft(&account, function, deadline).await,
        }
    }

    async fn read_back_live(&self, account: &Account, function: &Function, deadline: Deadline) -> ReadBack {
        let known = self.history(account, &function.slug, deadline).await;
        match &known.history {
            History::Unreadable(reason) => ReadBack::Unknown(reason.clone()),
            History::NotCompared => ReadBack::Unknown("there is no key to read with".to_owned()),
            history if !history.holds(&function.version) => {
                let is_older = history.newest().is_some_and(|newest| newest > &function.version);
                if is_older && known.record.versions.is_none() {
                    // Where only the newest version is shown, an older one can't be missed.
                    ReadBack::Unknown("the Hub shows only the newest version".to_owned())
                } else {
                    ReadBack::NotThere
                }
            }
            History::Known(_) | History::Unknown => match self.compare(function, &known, deadline).await {
                Comparison::Equal => ReadBack::Ours(Box::new(known.record)),
                comparison @ Comparison::Different(_) => ReadBack::Other(comparison, known.history),
                Comparison::Unknown(reason) | Comparison::Unread(reason) => ReadBack::Unknown(reason),
            },
        }
    }

    async fn read_back_draft(&self, account: &Account, function: &Function, deadline: Deadline) -> ReadBack {
        let listing = match account {
            Account::Listed(listing) => listing,
            Account::Unreadable { reason, .. } => return ReadBack::Unknown(reason.clone()),
            Account::NoKey => return ReadBack::Unknown("there is no key to read with".to_owned()),
        };
        let Some(listed) = listing.find(&function.slug) else {
            return if listing.is_partial {
                ReadBack::Unknown("the Hub's list of the account's functions is not complete".to_owned())
            } else {
                ReadBack::NotThere
            };
        };
        let record = match self.by_id(listed, deadline).await {
            Ok(Some(details)) => listed.clone().completed_by(details),
            Ok(None) => listed.clone(),
            Err(reason) => return ReadBack::Unknown(reason),
        };
        if !record.is_draft() {
            return ReadBack::Hidden;
        }
        if !record.is_of(&function.version) {
            return ReadBack::NotThere;
        }
        match compare(function, &record.content) {
            Comparison::Equal => ReadBack::Ours(Box::new(record)),
            Comparison::Different(_) => ReadBack::NotThere,
            Comparison::Unknown(reason) | Comparison::Unread(reason) => ReadBack::Unknown(reason),
        }
    }

    /// The function's page and the page where it is edited, as far as they are known.
    pub(crate) fn pages(&self, slug: &Slug, record: &FunctionRecord) -> (Option<String>, Option<String>) {
        let page = |base: &str, parts: &[&str]| {
            let mut url = Url::parse(base).ok()?;
            url.path_segments_mut().ok()?.extend(parts);
            Some(url.to_string())
        };
        let told = record.url.as_deref().and_then(|url| Url::parse(url).ok());
        let told = told.filter(|url| matches!(url.scheme(), "https" | "http")).map(|url| url.to_string());
        let author = record.author.as_deref().or(self.username.as_deref());
        let own = || page(PAGES, &[author?, slug.as_str()]);
        (told.or_else(own), record.id.as_deref().and_then(|id| page(ADMIN_PAGES, &[id])))
    }
}

impl RemoteFunction {
    fn of(history: History) -> Self {
        Self { history, record: FunctionRecord::default() }
    }
}

/// What an answer to a publish means.
enum Verdict {
    Accepted(Box<FunctionRecord>),
    Refused(Refusal),
    /// The Hub did not take the request; it may be sent again.
    NotTaken(Response),
    /// The reason in words, and how long the Hub asks to wait.
    InDoubt(String, Option<std::time::Duration>),
}

/// Decides by the code first, then by the status.
fn judge(answer: Response) -> Verdict {
    if (200..300).contains(&answer.status) {
        return match Receipt::of_answer(answer.status, &answer.body) {
            Receipt::Accepted(record) => Verdict::Accepted(record),
            Receipt::Refused(refusal) => Verdict::Refused(refusal),
            Receipt::Unreadable => {
                Verdict::InDoubt("the Hub's answer to the publish can't be read".to_owned(), None)
            }
        };
    }
    let refusal = Refusal::of_answer(answer.status, &answer.body);
    if refusal.code.is_some() {
        return Verdict::Refused(refusal);
    }
    match answer.status {
        408 | 429 => Verdict::NotTaken(answer),
        status if is_passing(status) => Verdict::InDoubt(explain(&answer), answer.retry_after),
        300..400 => Verdict::Refused(Refusal { words: explain(&answer), ..refusal }),
        _ => Verdict::Refused(refusal),
    }
}

/// An answer that is no success, in words.
fn explain(answer: &Response) -> String {
    if let Some(location) = &answer.location {
        let location = text::clean_line(location);
        return format!(
            "it redirects to `{location}`, which is not followed: set `api-url` to the Hub's own address"
        );
    }
    let words = Refusal::of_answer(answer.status, &answer.body).words;
    let words = text::shorten(&text::clean_line(&words), 200);
    let colon = if words.is_empty() { "" } else { ": " };
    format!("the Hub answered with status {}{colon}{words}", answer.status)
}
