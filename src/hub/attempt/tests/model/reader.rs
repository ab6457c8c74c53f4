//! What a job reads on the Hub, and what it makes of that: by the functions of the program itself (`decide`, `compare`,
//! and those of `read_back`), each asked once for each state of the Hub.

use std::sync::Arc;

use super::hash::Map;
use super::scenario::{Habit, Job, Scenario, Text, VERSIONS};
use super::shelf::Shelf;
use crate::function::code::parser::Parser;
use crate::function::load::{Function, load};
use crate::hub::attempt::Observation;
use crate::hub::attempt::tests::events::Look;
use crate::hub::client::RemoteFunction;
use crate::hub::read_back::{Attempted, in_review, not_there};
use crate::hub::response::FunctionRecord;
use crate::release::comparison::{Comparison, Content, compare};
use crate::release::decision::{Decision, decide};
use crate::release::history::History;
use crate::release::plan::Target;
use crate::secret::Secrets;

/// What a job decides before its first request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Opening {
    Send,
    Unchanged,
    InReview,
    Refuse,
}

/// The readers of all jobs.
pub(super) struct Reader {
    functions: Vec<Arc<Function>>,
    looks: Map<(usize, Shelf), Look>,
    openings: Map<(usize, Option<Shelf>), Opening>,
}

fn code(text: Text) -> String {
    format!("export const greet = '{text:?}';\n")
}

fn function_of(job: Job) -> Arc<Function> {
    let folder = tempfile::tempdir().unwrap();
    let manifest = serde_json::json!({
        "name": "greeter", "version": VERSIONS[usize::from(job.version)], "description": "Greets",
        "category": "utility", "language": "typescript", "runtime": "cloudflare-worker", "license": "MIT",
        "entrypoint": "index.ts",
    });
    std::fs::write(folder.path().join("aerostack.json"), manifest.to_string()).unwrap();
    std::fs::write(folder.path().join("index.ts"), code(job.text)).unwrap();
    let directory = folder.path().canonicalize().unwrap();
    load(&directory, &directory, &Secrets::default(), &Parser::in_thread()).function.unwrap()
}

impl Reader {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let functions = scenario.jobs.iter().copied().map(function_of).collect();
        Self { functions, looks: Map::default(), openings: Map::default() }
    }

    /// What reading back shows of a job's version.
    pub(super) fn look(&mut self, scenario: &Scenario, at: usize, held: Shelf) -> Look {
        let (function, job) = (&self.functions[at], scenario.jobs[at]);
        *self.looks.entry((at, held)).or_insert_with(|| match job.plan.target {
            Target::Live => look_at_live(function, job, held, scenario),
            Target::Draft => look_at_draft(function, job, held, scenario),
        })
    }

    /// What a job decides; `None` is a history that could not be read.
    pub(super) fn open(&mut self, scenario: &Scenario, at: usize, held: Option<Shelf>) -> Opening {
        let (function, job) = (&self.functions[at], scenario.jobs[at]);
        *self.openings.entry((at, held)).or_insert_with(|| {
            let remote = match held {
                Some(held) => remote(held, scenario),
                None => History::Unreadable("no answer".to_owned()).into(),
            };
            let is_in_review = job.plan.target == Target::Live
                && remote.in_review.as_ref() == Some(&function.version)
                && !remote.history.holds(&function.version);
            let comparison = match held {
                Some(held) if is_in_review => compared(function, held.in_review(job.version)),
                Some(held) if remote.history.holds(&function.version) => {
                    compared(function, held.live(job.version))
                }
                Some(_) | None => Comparison::Unknown("it was not read".to_owned()),
            };
            if is_in_review && !matches!(comparison, Comparison::Different(_)) {
                return Opening::InReview;
            }
            match decide(function, &remote.history, &comparison, None, job.plan).0 {
                Decision::Send => Opening::Send,
                Decision::Unchanged => Opening::Unchanged,
                Decision::Refuse => Opening::Refuse,
            }
        })
    }
}

fn version(text: &str) -> semver::Version {
    semver::Version::parse(text).unwrap()
}

fn compared(function: &Function, text: Option<Text>) -> Comparison {
    compare(function, &Content { code: text.map(|text| code(text).into()), ..Content::default() })
}

/// The function as the Hub describes it.
fn remote(held: Shelf, scenario: &Scenario) -> RemoteFunction {
    let of = |is_there: fn(&Shelf, u8) -> Option<Text>| {
        (0..).zip(VERSIONS).filter(move |(at, _)| is_there(&held, *at).is_some())
    };
    let released = (!scenario.has(Habit::IsNew)).then(|| version("1.0.0"));
    let all: Vec<_> = released.into_iter().chain(of(Shelf::live).map(|(_, text)| version(text))).collect();
    let pending = of(Shelf::in_review).last();
    let newest = all.last().cloned();
    if newest.is_none() && pending.is_none() {
        return History::Unknown.into();
    }
    let versions = scenario.has(Habit::ListsVersions).then(|| all.clone());
    let shown = if versions.is_some() { all } else { newest.iter().cloned().collect() };
    let content = pending.and_then(|(at, _)| held.in_review(at)).map(code);
    let record = FunctionRecord {
        version: pending.map(|(_, text)| version(text)).or(newest),
        versions,
        content: Content { code: content.map(Into::into), ..Content::default() },
        ..FunctionRecord::default()
    };
    let in_review = pending.map(|(_, text)| version(text));
    RemoteFunction { history: History::Known(shown), record, in_review }
}

fn look_at_live(function: &Function, job: Job, held: Shelf, scenario: &Scenario) -> Look {
    let remote = remote(held, scenario);
    if remote.in_review.as_ref() == Some(&function.version) {
        return look_of(&in_review(function, remote));
    }
    if remote.history.holds(&function.version) {
        return match compared(function, held.live(job.version)) {
            Comparison::Equal => Look::Equal,
            Comparison::Different(_) => Look::Different,
            Comparison::Unknown(_) | Comparison::Unread(_) => Look::Unreadable,
        };
    }
    let attempted = Attempted { function, plan: job.plan, known: &History::Unknown };
    look_of(&not_there(attempted, remote))
}

fn look_of(observation: &Observation) -> Look {
    match observation {
        Observation::There(Comparison::Equal, _) => Look::Equal,
        Observation::There(..) => Look::Different,
        Observation::InReview(_) => Look::InReview,
        Observation::NotThere => Look::NotThere,
        Observation::Overtaken(_) => Look::Overtaken,
        Observation::Hidden => Look::Hidden,
        Observation::Unknown(_) => Look::Unreadable,
    }
}

/// A draft shows in the account's list only, and there only where no published version hides it.
fn look_at_draft(function: &Function, job: Job, held: Shelf, scenario: &Scenario) -> Look {
    let is_released = remote(held, scenario).history != History::Unknown;
    match held.draft() {
        None if is_released => Look::Hidden,
        None => Look::NotThere,
        Some(_) if is_released && scenario.has(Habit::HidesDrafts) => Look::Hidden,
        Some((version, text)) => match compared(function, Some(text)) {
            Comparison::Equal if version == job.version => Look::Equal,
            Comparison::Equal | Comparison::Different(_) => Look::NotThere,
            Comparison::Unknown(_) | Comparison::Unread(_) => Look::Unreadable,
        },
    }
}
