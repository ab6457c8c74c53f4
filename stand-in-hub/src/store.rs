//! The stored functions: published versions and drafts. Pure: no clock, no files, no network.

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
}

/// A published version; permanent.
#[derive(Debug, Serialize, Deserialize)]
struct Snapshot {
    version: String,
    body: Body,
}

/// The state of a function's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Draft,
    Published,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
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
}

/// Whether a submission created or updated the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Upsert {
    Created,
    Updated,
}

impl Function {
    /// The version published last, which is public.
    pub(crate) fn published(&self) -> Option<View<'_>> {
        let snapshot = self.snapshots.last()?;
        Some(View { function: self, body: &snapshot.body, status: Status::Published })
    }

    /// The draft, which only the owner may read.
    pub(crate) fn draft(&self) -> Option<View<'_>> {
        Some(View { function: self, body: self.draft.as_ref()?, status: Status::Draft })
    }

    /// The version that a submission of this mode stores.
    pub(crate) fn latest(&self, mode: Mode) -> Option<View<'_>> {
        match mode {
            Mode::Live => self.published(),
            Mode::Draft => self.draft(),
        }
    }

    /// The published versions, oldest first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &str> {
        self.snapshots.iter().map(|snapshot| snapshot.version.as_str())
    }

    fn add(&mut self, submission: Submission) {
        match submission.mode {
            Mode::Live => {
                self.snapshots.push(Snapshot { version: submission.version, body: submission.body });
                self.draft = None;
            }
            Mode::Draft => self.draft = Some(submission.body),
        }
    }
}

impl Store {
    /// Creates the function or updates it: one slug is one function (documentation: "upserts by slug").
    pub(crate) fn submit(&mut self, username: &str, submission: Submission) -> Result<Upsert, ApiError> {
        let taken = self.functions.iter().any(|f| f.slug == submission.slug && f.username != username);
        if taken {
            return Err(ApiError::new(
                ErrorCode::DuplicateSlug,
                format!("slug `{}` exists under a different account", submission.slug),
                "rename the function",
            ));
        }
        self.seed(username, submission)
    }

    /// Like [`Store::submit`], even if another account has the slug.
    pub(crate) fn seed(&mut self, username: &str, submission: Submission) -> Result<Upsert, ApiError> {
        let id = format!("fn_{:04}", self.functions.len() + 1);
        let owned = |f: &&mut Function| f.username == username && f.slug == submission.slug;
        let Some(function) = self.functions.iter_mut().find(owned) else {
            let (username, slug) = (username.to_owned(), submission.slug.clone());
            let mut function = Function { id, username, slug, snapshots: Vec::new(), draft: None };
            function.add(submission);
            self.functions.push(function);
            return Ok(Upsert::Created);
        };
        if submission.mode == Mode::Live && function.versions().any(|version| version == submission.version) {
            return Err(ApiError::new(
                ErrorCode::VersionConflict,
                format!("version `{}` is already published", submission.version),
                "bump `version` in `aerostack.json`",
            ));
        }
        function.add(submission);
        Ok(Upsert::Updated)
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
