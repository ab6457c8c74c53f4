//! What the Hub keeps: functions, their drafts and their permanent snapshots. Pure: no clock, no files, no network.

use serde::{Deserialize, Serialize};

use crate::refusal::{ErrorCode, Refusal};
use crate::submission::{Body, Mode, Submission};

/// All functions, in the order they were created.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Store {
    functions: Vec<Function>,
}

/// One function: its published versions, and perhaps a draft on top.
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

/// How a function stands on the Hub.
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

/// A function seen at its draft or at its published version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) function: &'a Function,
    pub(crate) body: &'a Body,
    pub(crate) status: Status,
}

/// What became of an accepted submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Accepted {
    Created,
    Updated,
}

impl Function {
    /// The version everyone may read: the one published last.
    pub(crate) fn published(&self) -> Option<View<'_>> {
        let snapshot = self.snapshots.last()?;
        Some(View { function: self, body: &snapshot.body, status: Status::Published })
    }

    /// The draft, which only its owner may read.
    pub(crate) fn draft(&self) -> Option<View<'_>> {
        Some(View { function: self, body: self.draft.as_ref()?, status: Status::Draft })
    }

    /// What a submission of this mode has just left on top.
    pub(crate) fn after(&self, mode: Mode) -> Option<View<'_>> {
        match mode {
            Mode::Live => self.published(),
            Mode::Draft => self.draft(),
        }
    }

    /// Every published version, in the order of publishing.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &str> {
        self.snapshots.iter().map(|snapshot| snapshot.version.as_str())
    }

    fn keep(&mut self, submission: Submission) {
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
    pub(crate) fn submit(&mut self, username: &str, submission: Submission) -> Result<Accepted, Refusal> {
        let taken = self.functions.iter().any(|f| f.slug == submission.slug && f.username != username);
        if taken {
            return Err(Refusal::new(
                ErrorCode::DuplicateSlug,
                format!("slug `{}` exists under a different account", submission.slug),
                "rename the function",
            ));
        }
        self.seed(username, submission)
    }

    /// As [`Store::submit`], whoever else holds the slug.
    pub(crate) fn seed(&mut self, username: &str, submission: Submission) -> Result<Accepted, Refusal> {
        let id = format!("fn_{:04}", self.functions.len() + 1);
        let owned = |f: &&mut Function| f.username == username && f.slug == submission.slug;
        let Some(function) = self.functions.iter_mut().find(owned) else {
            let (username, slug) = (username.to_owned(), submission.slug.clone());
            let mut function = Function { id, username, slug, snapshots: Vec::new(), draft: None };
            function.keep(submission);
            self.functions.push(function);
            return Ok(Accepted::Created);
        };
        if submission.mode == Mode::Live && function.versions().any(|version| version == submission.version) {
            return Err(Refusal::new(
                ErrorCode::VersionConflict,
                format!("version `{}` is already published", submission.version),
                "bump `version` in `aerostack.json`",
            ));
        }
        function.keep(submission);
        Ok(Accepted::Updated)
    }

    pub(crate) fn at(&self, username: &str, slug: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.username == username && f.slug == slug)
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.id == id)
    }

    pub(crate) fn of_account<'a>(&'a self, username: &'a str) -> impl Iterator<Item = &'a Function> {
        self.functions.iter().filter(move |f| f.username == username)
    }
}
