//! What can happen next: to each run, and at the Hub.

use std::fmt;

use super::machine::{Machine, Move};
use super::properties::{Moment, Property, is_right};
use super::reader::{Opening, Reader};
use super::scenario::{Habit, Job, Scenario, VERSIONS};
use super::shelf::{Shelf, Verdict};
use super::world::{Fact, Stage, World};
use crate::hub::attempt::tests::events::{Answer, Happening, Look};
use crate::release::plan::Target;

/// One way on.
pub(super) struct Next {
    pub(super) label: Label,
    pub(super) world: World,
    pub(super) broken: Vec<Property>,
}

/// What happened, for a person who reads how a property was broken.
#[derive(Debug, Clone, Copy)]
pub(super) enum Label {
    Opened { job: usize, opening: Opening },
    Stepped { job: usize, happening: Happening, carried: Option<Verdict>, ticks: u8, action: Move },
    Killed { job: usize, carried: Option<Verdict> },
    StartedAgain { job: usize },
    CarriedOutLate { job: usize },
    Approved { version: &'static str },
    ReadsCaughtUp,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_job = |job: &usize| format!("job {}", job + 1);
        match self {
            Self::Opened { job, opening } => write!(f, "{}: decides: {opening:?}", of_job(job)),
            Self::Stepped { job, happening, carried, ticks, action } => {
                write!(f, "{}: {happening:?}, ", of_job(job))?;
                if let Some(verdict) = carried {
                    write!(f, "carried out as {verdict:?}, ")?;
                }
                write!(f, "with {ticks} ticks left: {action:?}")
            }
            Self::Killed { job, carried: Some(verdict) } => {
                write!(f, "{}: is killed, its request carried out as {verdict:?}", of_job(job))
            }
            Self::Killed { job, carried: None } => write!(f, "{}: is killed", of_job(job)),
            Self::StartedAgain { job } => write!(f, "{}: is started again", of_job(job)),
            Self::CarriedOutLate { job } => write!(f, "{}: its late request is carried out", of_job(job)),
            Self::Approved { version } => write!(f, "{version} is approved"),
            Self::ReadsCaughtUp => write!(f, "reads show the present state"),
        }
    }
}

/// A scenario, and the program's own functions in it.
pub(super) struct Model {
    pub(super) scenario: &'static Scenario,
    pub(super) machines: Vec<Machine>,
    pub(super) reader: Reader,
}

/// How an event is reported to a run.
#[derive(Clone, Copy)]
struct Report {
    happening: Happening,
    carried: Option<Verdict>,
    seen: Option<Shelf>,
    /// The time that it took.
    ticks: u8,
}

impl Report {
    fn of(happening: Happening) -> Self {
        Self { happening, carried: None, seen: None, ticks: 0 }
    }
}

impl Model {
    pub(super) fn new(scenario: &'static Scenario) -> Self {
        let machines = scenario.jobs.iter().map(|job| Machine::new(job.plan)).collect();
        Self { scenario, machines, reader: Reader::new(scenario) }
    }

    /// The states that the machines reached.
    pub(super) fn machine_states(&self) -> usize {
        self.machines.iter().map(Machine::size).sum()
    }

    /// Everything that can happen next.
    pub(super) fn next(&mut self, world: World) -> Vec<Next> {
        let mut next = Vec::new();
        for (at, job) in self.scenario.jobs.iter().enumerate() {
            match world.runs[at].stage {
                Stage::Waiting => self.open(world, at, &mut next),
                Stage::Next(Move::Start) => {
                    for happening in [Happening::Fresh, Happening::Stale] {
                        self.report(world, at, Report::of(happening), &mut next);
                    }
                }
                Stage::Next(Move::Send) => self.send(world, at, *job, &mut next),
                Stage::Next(Move::Read | Move::LastLook) => self.read(world, at, &mut next),
                Stage::Next(Move::Wait) => {
                    let waited = Report { ticks: 1, ..Report::of(Happening::Waited) };
                    self.report(world, at, waited, &mut next);
                }
                Stage::Next(Move::End(_)) | Stage::Ended => {}
            }
            self.run_again(world, at, *job, &mut next);
        }
        self.at_the_hub(world, &mut next);
        next
    }

    /// A run reads what is published, and decides.
    fn open(&mut self, world: World, at: usize, next: &mut Vec<Next>) {
        let job = self.scenario.jobs[at];
        let unreadable = world.with_fault().map(|world| (world, None));
        let views = views(world).map(|view| (world, Some(view)));
        for (mut world, view) in views.chain(unreadable) {
            let opening = self.reader.open(self.scenario, at, view);
            match opening {
                Opening::Send => world.runs[at].stage = Stage::Next(Move::Start),
                Opening::Unchanged | Opening::InReview | Opening::Refuse => world = world.with_end(at),
            }
            // What it was shown is true, if not all that is so.
            let is_right = is_right(opening, job, view.unwrap_or(world.hub));
            let broken = if is_right { Vec::new() } else { vec![Property::every_claim_true] };
            next.push(Next { label: Label::Opened { job: at, opening }, world, broken });
        }
    }

    /// Every answer that a request can have, with what the Hub does.
    fn send(&mut self, world: World, at: usize, job: Job, next: &mut Vec<Next>) {
        let scenario = self.scenario;
        let (hub, verdict) = world.hub.written(job, scenario);
        let (in_order, others): (_, &[Answer]) = match verdict {
            Verdict::Done => (Answer::Confirmed, &[Answer::Partial, Answer::OddSuccess]),
            Verdict::InReview => (Answer::InReview, &[Answer::Partial, Answer::OddSuccess]),
            Verdict::Conflict => (Answer::Conflict, &[Answer::PlainConflict]),
        };
        let mut carried_out = world.with_hub(hub, scenario);
        if verdict != Verdict::Conflict {
            carried_out.runs[at].facts.set(Fact::Carried);
        }
        let answered = |answer, carried| {
            // After a 429, the next request waits for at least a tick.
            let ticks = u8::from(answer == Answer::Busy);
            Report { carried, ticks, ..Report::of(Happening::Answered(answer)) }
        };
        self.report(carried_out, at, answered(in_order, Some(verdict)), next);
        let misleading: &[Answer] = if scenario.has(Habit::Misleads) { &[Answer::Unclear] } else { &[] };
        let failures = [Answer::Failed, Answer::FailedForLong];
        for answer in others.iter().chain(&failures).chain(misleading) {
            if let Some(world) = carried_out.with_fault() {
                self.report(world, at, answered(*answer, Some(verdict)), next);
            }
        }
        // Even a request that the Hub puts off may have been carried out, if it shows at once. A draft that another run's
        // replaces never shows.
        let shows = job.plan.target == Target::Live || scenario.jobs.len() == 1;
        for answer in [Answer::Busy, Answer::NotSent] {
            if let Some(world) = carried_out.with_fault().filter(|_| shows) {
                let world = World { shown: world.hub, ..world };
                self.report(world, at, answered(answer, Some(verdict)), next);
            }
        }
        let Some(world) = world.with_fault() else { return };
        let refusals = [Answer::Refused, Answer::Unclear, Answer::OddSuccess, Answer::Busy, Answer::NotSent];
        for answer in refusals.iter().chain(&failures) {
            self.report(world, at, answered(*answer, None), next);
        }
        if scenario.has(Habit::WritesLate) && !world.runs[at].facts.has(Fact::Late) {
            let mut world = world;
            world.runs[at].facts.set(Fact::Late);
            self.report(world, at, answered(Answer::Failed, None), next);
        }
    }

    fn read(&mut self, world: World, at: usize, next: &mut Vec<Next>) {
        let mut looks = Vec::new();
        for view in views(world) {
            let look = self.reader.look(self.scenario, at, view);
            if !looks.contains(&look) {
                looks.push(look);
                let report = Report { seen: Some(view), ..Report::of(Happening::Read(look)) };
                self.report(world, at, report, next);
            }
        }
        // After an undocumented refusal, a function that can't be read counts as not published: not a true claim there.
        if let Some(world) = world.with_fault().filter(|_| !self.scenario.has(Habit::Misleads)) {
            self.report(world, at, Report::of(Happening::Read(Look::Unreadable)), next);
        }
    }

    /// Reports an event to the machine of a run: with the time that is left, or none because of the rate limit.
    fn report(&mut self, mut world: World, at: usize, report: Report, next: &mut Vec<Next>) {
        let Report { happening, carried, seen, ticks } = report;
        let run = &mut world.runs[at];
        run.time = run.time.saturating_sub(ticks);
        run.steps = if ticks > 0 { 0 } else { run.steps + 1 };
        run.facts.learn(happening);
        let run = *run;
        let busy = world.with_fault().filter(|_| run.time > 0).map(|world| (world, 0));
        for (mut world, left) in [(world, run.time)].into_iter().chain(busy) {
            let stepped = self.machines[at].step(run.state, happening, left);
            let (job, hub, facts) = (self.scenario.jobs[at], world.hub, run.facts);
            let moment = Moment { job, facts, happening, seen, hub, ticks: left, steps: run.steps, stepped };
            let broken = moment.broken();
            world.runs[at].state = stepped.state;
            world.runs[at].stage = Stage::Next(stepped.action);
            if matches!(stepped.action, Move::End(_)) {
                world = world.with_end(at);
            }
            let label = Label::Stepped { job: at, happening, carried, ticks: left, action: stepped.action };
            next.push(Next { label, world, broken });
        }
    }

    /// A run is killed, and the job started again; or it is started again after its end.
    fn run_again(&self, world: World, at: usize, job: Job, next: &mut Vec<Next>) {
        let stage = world.runs[at].stage;
        let Some(again) = world.with_rerun(at, self.scenario).filter(|_| stage != Stage::Waiting) else {
            return;
        };
        let label = match stage {
            Stage::Ended => Label::StartedAgain { job: at },
            Stage::Waiting | Stage::Next(_) => Label::Killed { job: at, carried: None },
        };
        next.push(Next { label, world: again, broken: Vec::new() });
        if stage == Stage::Next(Move::Send) {
            // Its last request may be carried out all the same, now or later.
            let (hub, verdict) = world.hub.written(job, self.scenario);
            let label = Label::Killed { job: at, carried: Some(verdict) };
            next.push(Next { label, world: again.with_hub(hub, self.scenario), broken: Vec::new() });
            if self.scenario.has(Habit::WritesLate) {
                let mut world = again;
                world.orphans[at] = true;
                next.push(Next {
                    label: Label::Killed { job: at, carried: None },
                    world,
                    broken: Vec::new(),
                });
            }
        }
    }

    fn at_the_hub(&self, world: World, next: &mut Vec<Next>) {
        let mut push = |label, world| next.push(Next { label, world, broken: Vec::new() });
        if world.shown != world.hub {
            push(Label::ReadsCaughtUp, World { shown: world.hub, ..world });
        }
        for (version, text) in (0..).zip(VERSIONS) {
            if let Some(hub) = world.hub.approved(version) {
                push(Label::Approved { version: text }, world.with_hub(hub, self.scenario));
            }
        }
        for (at, job) in self.scenario.jobs.iter().enumerate() {
            let label = Label::CarriedOutLate { job: at };
            let (hub, verdict) = world.hub.written(*job, self.scenario);
            let mut after = world.with_hub(hub, self.scenario);
            if world.orphans[at] {
                after.orphans[at] = false;
                push(label, after);
            }
            let mut after = world.with_hub(hub, self.scenario);
            if world.runs[at].facts.has(Fact::Late) {
                after.runs[at].facts.unset(Fact::Late);
                if verdict != Verdict::Conflict {
                    after.runs[at].facts.set(Fact::Carried);
                }
                push(label, after);
            }
        }
    }
}

/// What a read may show.
fn views(world: World) -> impl Iterator<Item = Shelf> {
    let older = (world.shown != world.hub).then_some(world.shown);
    [world.hub].into_iter().chain(older)
}
