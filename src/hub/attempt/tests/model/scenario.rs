//! What is explored: which jobs run against which kind of Hub, and how much may go wrong.

use crate::release::plan::Plan;
use crate::settings::values::{OnExisting, Strategy};

/// Most jobs of one scenario.
pub(super) const MAX_JOBS: usize = 3;

/// The versions that jobs publish. Version 1.0.0 is published before, unless the Hub is new to the function.
pub(super) const VERSIONS: [&str; 2] = ["1.0.1", "1.0.2"];

/// An index of [`VERSIONS`].
pub(super) type Version = u8;

/// The source text of a function, as far as it matters: the same or another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Text {
    A,
    B,
}

/// One CI job. It can be killed and run again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) version: Version,
    pub(super) text: Text,
    pub(super) plan: Plan,
}

/// What kind of Hub it is. Without any, it is as good as a Hub can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// Any read may show what was so before, and later ones too.
    ReadsLag,
    /// A request that was not answered may be carried out at any later time.
    WritesLate,
    /// A person decides on each version.
    Reviews,
    /// It lists all versions instead of only the newest.
    ListsVersions,
    /// A published version hides a draft of the same function.
    HidesDrafts,
    /// It refuses a draft of a published version.
    RefusesLateDrafts,
    /// It has no version of the function yet.
    IsNew,
    /// It answers an undocumented refusal to a request that it carried out.
    Misleads,
}

/// What is explored in every order and with every fault.
#[derive(Debug)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) jobs: &'static [Job],
    pub(super) habits: &'static [Habit],
    /// The time that each run has.
    pub(super) ticks: u8,
    /// Answers that are not in order, reads that fail, and long waits for the rate limit.
    pub(super) faults: u8,
    /// Runs that are killed, or started again after their end.
    pub(super) reruns: u8,
}

impl Scenario {
    pub(super) fn has(&self, habit: Habit) -> bool {
        self.habits.contains(&habit)
    }
}

const UPGRADE: Plan = Plan::LIVE;
const SKIP: Plan = Plan { on_existing: OnExisting::Skip, ..UPGRADE };
const FAIL: Plan = Plan { on_existing: OnExisting::Fail, ..UPGRADE };
const ALL: Plan = Plan { strategy: Strategy::All, ..UPGRADE };
const DRAFT: Plan = Plan::DRAFT;

const fn job(version: Version, text: Text, plan: Plan) -> Job {
    Job { version, text, plan }
}

/// Older version and newer version, with either text.
const OLD_A: Job = job(0, Text::A, UPGRADE);
const OLD_B: Job = job(0, Text::B, UPGRADE);
const NEW_A: Job = job(1, Text::A, UPGRADE);

use Habit::{HidesDrafts, IsNew, ListsVersions, Misleads, ReadsLag, RefusesLateDrafts, Reviews, WritesLate};

/// The worst of the Hubs that publish at once.
const WORST: &[Habit] = &[ReadsLag, WritesLate, ListsVersions];

const fn scenario(
    name: &'static str,
    jobs: &'static [Job],
    habits: &'static [Habit],
    [ticks, faults, reruns]: [u8; 3],
) -> Scenario {
    Scenario { name, jobs, habits, ticks, faults, reruns }
}

/// All that is explored. A single run has more faults than it can use up.
pub(super) const SCENARIOS: &[Scenario] = &[
    scenario("one run", &[OLD_A], WORST, [8, 12, 0]),
    scenario("one run, killed", &[OLD_A], WORST, [4, 4, 2]),
    scenario("the first release", &[OLD_A], &[ReadsLag, WritesLate, IsNew], [4, 4, 1]),
    scenario("one run, skip", &[job(0, Text::A, SKIP)], WORST, [4, 4, 1]),
    scenario("one run, fail", &[job(0, Text::A, FAIL)], WORST, [4, 4, 1]),
    scenario("one run, undocumented refusals", &[OLD_A], &[Misleads, ListsVersions], [5, 6, 1]),
    scenario("one run, in review", &[OLD_A], &[ReadsLag, WritesLate, Reviews], [4, 4, 1]),
    scenario("one draft", &[job(0, Text::A, DRAFT)], &[ReadsLag, WritesLate], [7, 12, 0]),
    scenario(
        "one draft, hidden",
        &[job(0, Text::A, DRAFT)],
        &[ReadsLag, WritesLate, HidesDrafts],
        [7, 12, 0],
    ),
    scenario("two runs of one commit", &[OLD_A, OLD_A], WORST, [2, 2, 1]),
    scenario("two commits of one version", &[OLD_A, OLD_B], WORST, [2, 2, 1]),
    scenario("two versions", &[OLD_A, NEW_A], WORST, [2, 2, 1]),
    scenario("a backport", &[job(0, Text::A, ALL), job(1, Text::A, ALL)], &[ReadsLag, WritesLate], [2, 2, 1]),
    scenario("skip beside fail", &[job(0, Text::A, SKIP), job(0, Text::B, FAIL)], WORST, [2, 2, 1]),
    scenario("two commits in review", &[OLD_A, OLD_B], &[ReadsLag, WritesLate, Reviews], [2, 1, 1]),
    scenario(
        "two drafts",
        &[job(0, Text::A, DRAFT), job(0, Text::B, DRAFT)],
        &[ReadsLag, WritesLate],
        [2, 2, 1],
    ),
    scenario(
        "a draft beside a release",
        &[job(0, Text::A, DRAFT), OLD_A],
        &[ReadsLag, WritesLate, RefusesLateDrafts],
        [2, 2, 1],
    ),
    scenario("three runs of one commit", &[OLD_A, OLD_A, OLD_A], WORST, [2, 1, 0]),
    scenario("three runs of two versions", &[OLD_A, OLD_B, NEW_A], WORST, [2, 1, 0]),
];
