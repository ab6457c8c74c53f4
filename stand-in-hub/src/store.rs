//! The stored functions: published versions and drafts. Pure: no clock, no files, no network.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::error::{ApiError, ErrorCode};
use crate::submission::{Body, Mode, Submission};

/// All functions, in the order they were created.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Store {
    functions: Vec<Function>,
}

/// A function: its published versions, and optionally a draft.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Function {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) slug: String,
    snapshots: Vec<Snapshot>,
    draft: Option<Body>,
    #[serde(skip)]
    draft_visible_from: Option<Instant>,
    /// Every version that became live, in order; one that was overwritten is here twice.
    #[serde(default)]
    made_live: Vec<String>,
}

/// A published version; permanent.
#[derive(Debug, Serialize, Deserialize)]
struct Snapshot {
    version: String,
    body: Body,
    #[serde(skip)]
    visible_from: Option<Instant>,
    /// Whether it is not published before it was approved.
    #[serde(default)]
    in_review: bool,
}

/// The terms on which a submission is stored; by default at once and for all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terms {
    /// When reads begin to show it; `None` for at once.
    pub(crate) visible_from: Option<Instant>,
    /// Whether a live version has to be approved first.
    pub(crate) in_review: bool,
    /// Whether it may take the place of the same version.
    pub(crate) overwrites: bool,
}

/// The state of a function's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Draft,
    InReview,
    Published,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "pending_review",
            Self::Published => "published",
        }
    }
}

/// One version of a function: the draft or the published one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) function: &'a Function,
    pub(crate) body: &'a Body,
    pub(crate) status: Status,
    now: Instant,
}

impl<'a> View<'a> {
    /// The published versions that reads show, oldest first.
    pub(crate) fn versions(self) -> impl Iterator<Item = &'a str> {
        self.function.visible(self.now).map(|snapshot| snapshot.version.as_str())
    }
}

/// Whether a submission created or updated the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Upsert {
    Created,
    Updated,
}

impl Function {
    /// The version published last, which is public, as far as reads show it now.
    pub(crate) fn published(&self, now: Instant) -> Option<View<'_>> {
        let snapshot = self.visible(now).last()?;
        Some(View { function: self, body: &snapshot.body, status: Status::Published, now })
    }

    /// The draft, which only the owner may read, as far as reads show it now.
    pub(crate) fn draft(&self, now: Instant) -> Option<View<'_>> {
        let body = self.draft.as_ref().filter(|_| is_past(self.draft_visible_from, now))?;
        Some(View { function: self, body, status: Status::Draft, now })
    }

    /// The version that was submitted last of those in review, as far as reads show it now.
    pub(crate) fn in_review(&self, now: Instant) -> Option<View<'_>> {
        let mut in_review = self.snapshots.iter().filter(|snapshot| snapshot.in_review);
        let snapshot = in_review.rfind(|snapshot| is_past(snapshot.visible_from, now))?;
        Some(View { function: self, body: &snapshot.body, status: Status::InReview, now })
    }

    /// The draft's body, whether reads show it yet or not.
    pub(crate) fn draft_body(&self) -> Option<&Body> {
        self.draft.as_ref()
    }

    /// The version that a submission of this mode stored just now, whether reads show it yet or not.
    pub(crate) fn latest(&self, mode: Mode, now: Instant) -> Option<View<'_>> {
        let (body, status) = match mode {
            Mode::Live => {
                let snapshot = self.snapshots.last()?;
                (&snapshot.body, if snapshot.in_review { Status::InReview } else { Status::Published })
            }
            Mode::Draft => (self.draft.as_ref()?, Status::Draft),
        };
        Some(View { function: self, body, status, now })
    }

    /// The published versions, oldest first, whether reads show them yet or not.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &str> {
        self.snapshots.iter().filter(|snapshot| !snapshot.in_review).map(|snapshot| snapshot.version.as_str())
    }

    /// How often this version became live.
    pub(crate) fn times_live(&self, version: &str) -> usize {
        self.made_live.iter().filter(|live| *live == version).count()
    }

    fn visible(&self, now: Instant) -> impl Iterator<Item = &Snapshot> {
        self.snapshots
            .iter()
            .filter(move |snapshot| !snapshot.in_review && is_past(snapshot.visible_from, now))
    }

    fn add(&mut self, submission: Submission, terms: Terms) {
        let Submission { version, body, .. } = submission;
        match submission.mode {
            Mode::Live => {
                if !terms.in_review {
                    self.made_live.push(version.clone());
                }
                self.snapshots.retain(|snapshot| snapshot.version != version);
                let Terms { visible_from, in_review, .. } = terms;
                self.snapshots.push(Snapshot { version, body, visible_from, in_review });
                self.draft = None;
            }
            Mode::Draft => {
                self.draft = Some(body);
                self.draft_visible_from = terms.visible_from;
            }
        }
    }
}

fn is_past(time: Option<Instant>, now: Instant) -> bool {
    time.is_none_or(|time| time <= now)
}

impl Store {
    /// Creates the function or updates it: one slug is one function (documentation: "upserts by slug").
    pub(crate) fn submit(
        &mut self,
        username: &str,
        submission: Submission,
        terms: Terms,
    ) -> Result<Upsert, ApiError> {
        let taken = self.functions.iter().any(|f| f.slug == submission.slug && f.username != username);
        if taken {
            return Err(ApiError::new(
                ErrorCode::DuplicateSlug,
                format!("slug `{}` exists under a different account", submission.slug),
                "rename the function",
            ));
        }
        self.seed(username, submission, terms)
    }

    /// Like [`Store::submit`], even if another account has the slug.
    pub(crate) fn seed(
        &mut self,
        username: &str,
        submission: Submission,
        terms: Terms,
    ) -> Result<Upsert, ApiError> {
        let id = format!("fn_{:04}", self.functions.len() + 1);
        let owned = |f: &&mut Function| f.username == username && f.slug == submission.slug;
        let Some(function) = self.functions.iter_mut().find(owned) else {
            let (username, slug) = (username.to_owned(), submission.slug.clone());
            let mut function = Function {
                id,
                username,
                slug,
                snapshots: Vec::new(),
                draft: None,
                draft_visible_from: None,
                made_live: Vec::new(),
            };
            function.add(submission, terms);
            self.functions.push(function);
            return Ok(Upsert::Created);
        };
        let exists = function.snapshots.iter().any(|snapshot| snapshot.version == submission.version);
        if submission.mode == Mode::Live && exists && !terms.overwrites {
            return Err(ApiError::new(
                ErrorCode::VersionConflict,
                format!("version `{}` is already published", submission.version),
                "bump `version` in `aerostack.json`",
            ));
        }
        function.add(submission, terms);
        Ok(Upsert::Updated)
    }

    /// Publishes the versions of a function that are in review, and returns whether there were any.
    pub(crate) fn approve(&mut self, username: &str, slug: &str) -> bool {
        let owned = |f: &&mut Function| f.username == username && f.slug == slug;
        let Some(function) = self.functions.iter_mut().find(owned) else { return false };
        let (approved, mut snapshots): (Vec<_>, Vec<_>) =
            function.snapshots.drain(..).partition(|snapshot| snapshot.in_review);
        function.made_live.extend(approved.iter().map(|snapshot| snapshot.version.clone()));
        let was_in_review = !approved.is_empty();
        // What became live last is the current version.
        snapshots.extend(approved.into_iter().map(|snapshot| Snapshot { in_review: false, ..snapshot }));
        function.snapshots = snapshots;
        was_in_review
    }

    pub(crate) fn get(&self, username: &str, slug: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.username == username && f.slug == slug)
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.id == id)
    }

    pub(crate) fn by_account<'a>(&'a self, username: &'a str) -> impl Iterator<Item = &'a Function> {
        self.functions.iter().filter(move |f| f.username == username)
    }
}
