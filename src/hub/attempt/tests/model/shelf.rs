//! What the model Hub holds of the function, and how a request changes it.

use super::scenario::{Habit, Job, Scenario, Text, VERSIONS, Version};
use crate::release::plan::Target;

/// The versions beside 1.0.0, and the draft. Each write is atomic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Shelf {
    live: [Option<Text>; VERSIONS.len()],
    in_review: [Option<Text>; VERSIONS.len()],
    draft: Option<(Version, Text)>,
    /// Every draft that there was, for the claims of the runs that saved them.
    saved: [[bool; 2]; VERSIONS.len()],
}

/// What the Hub does with a request that it takes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Done,
    InReview,
    /// It has this version.
    Conflict,
}

impl Shelf {
    /// Carries out the request of a job, or refuses it: a version is never overwritten.
    pub(super) fn written(mut self, job: Job, scenario: &Scenario) -> (Self, Verdict) {
        let at = usize::from(job.version);
        let is_taken = self.live[at].is_some();
        match job.plan.target {
            Target::Draft if is_taken && scenario.has(Habit::RefusesLateDrafts) => (self, Verdict::Conflict),
            Target::Draft => {
                self.draft = Some((job.version, job.text));
                self.saved[at][job.text as usize] = true;
                (self, Verdict::Done)
            }
            Target::Live if is_taken || self.in_review[at].is_some() => (self, Verdict::Conflict),
            Target::Live if scenario.has(Habit::Reviews) => {
                self.in_review[at] = Some(job.text);
                (self, Verdict::InReview)
            }
            Target::Live => {
                self.live[at] = Some(job.text);
                (self, Verdict::Done)
            }
        }
    }

    /// A person at the Hub approves a version, if it is in review.
    pub(super) fn approved(mut self, version: Version) -> Option<Self> {
        let at = usize::from(version);
        self.live[at] = Some(self.in_review[at].take()?);
        Some(self)
    }

    pub(super) fn live(&self, version: Version) -> Option<Text> {
        self.live[usize::from(version)]
    }

    pub(super) fn in_review(&self, version: Version) -> Option<Text> {
        self.in_review[usize::from(version)]
    }

    pub(super) fn draft(&self) -> Option<(Version, Text)> {
        self.draft
    }

    pub(super) fn has_newer(&self, version: Version) -> bool {
        self.live.iter().skip(usize::from(version) + 1).any(Option::is_some)
    }

    /// Whether a job's content is there with the status that was asked for, or was: a draft may be replaced at any time.
    pub(super) fn has(&self, job: Job) -> bool {
        match job.plan.target {
            Target::Live => self.live(job.version) == Some(job.text),
            Target::Draft => self.saved[usize::from(job.version)][job.text as usize],
        }
    }

    /// Whether other content than a job's has its version.
    pub(super) fn has_other(&self, job: Job) -> bool {
        let texts = [self.live(job.version), self.in_review(job.version)];
        texts.into_iter().flatten().any(|text| text != job.text)
    }
}
