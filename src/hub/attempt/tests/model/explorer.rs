//! Breadth first through everything that can happen in a scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::hash::{Map, Set};
use super::machine::Move;
use super::properties::Property;
use super::scenario::Scenario;
use super::transitions::{Label, Model};
use super::world::World;
use crate::hub::attempt::tests::events::End;

/// What was explored.
pub(super) struct Explored {
    pub(super) states: usize,
    pub(super) transitions: usize,
    /// Most transitions that it takes to reach a state.
    pub(super) depth: usize,
    /// States of the machines of all jobs.
    pub(super) machine_states: usize,
    pub(super) ends: BTreeSet<End>,
    /// For each broken property, the shortest way there.
    pub(super) broken: BTreeMap<Property, String>,
}

/// A state, and how it was reached first.
struct Reached {
    world: World,
    before: usize,
    label: Option<Label>,
    depth: usize,
}

/// Explores a scenario completely.
pub(super) fn explore(scenario: &'static Scenario) -> Explored {
    let mut model = Model::new(scenario);
    let start = World::new(scenario);
    let mut known = Set::default();
    known.insert(start);
    let mut converging = Map::default();
    let mut reached = vec![Reached { world: start, before: 0, label: None, depth: 0 }];
    let (mut broken, mut ends) = (BTreeMap::new(), BTreeSet::new());
    let (mut transitions, mut at) = (0, 0);
    while let Some(Reached { world, depth, .. }) = reached.get(at) {
        let (world, depth) = (*world, *depth);
        if world.is_over() && !*converging.entry(world.hub).or_insert_with(|| model.converges(world.hub)) {
            broken.entry(Property::reruns_converge).or_insert_with(|| way_to(&reached, at, None));
        }
        for next in model.next(world) {
            transitions += 1;
            if let Label::Stepped { action: Move::End(end), .. } = next.label {
                ends.insert(end);
            }
            for property in &next.broken {
                broken.entry(*property).or_insert_with(|| way_to(&reached, at, Some(next.label)));
            }
            // What a broken run does next says nothing more.
            if next.broken.is_empty() && known.insert(next.world) {
                let label = Some(next.label);
                reached.push(Reached { world: next.world, before: at, label, depth: depth + 1 });
            }
        }
        at += 1;
    }
    let depth = reached.last().map_or(0, |last| last.depth);
    let machine_states = model.machine_states();
    Explored { states: reached.len(), transitions, depth, machine_states, ends, broken }
}

fn way_to(reached: &[Reached], mut at: usize, last: Option<Label>) -> String {
    let mut labels: Vec<_> = last.into_iter().collect();
    while let Some(label) = reached[at].label {
        labels.push(label);
        at = reached[at].before;
    }
    labels.iter().rev().fold(String::new(), |mut text, label| {
        let _ = write!(text, "\n    {label}");
        text
    })
}
