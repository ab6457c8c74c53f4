//! An exhaustive check of the very `step` that runs, against a model Hub.
//!
//! Each of [`scenario::SCENARIOS`] is explored completely: every order of the runs' steps, of the Hub's late writes, late
//! reads and reviews, of faults, and of runs that are killed and started again. At each step, the properties of
//! [`properties::Property`] are checked against what is true at the Hub.
//!
//! What is simplified:
//!
//! - Time is counted in ticks as long as the client's longest back-off, so each of its waits is one tick. A request or a read
//!   takes none, and waiting for the rate limit takes one, or all.
//! - A request and its answer are one step, as is a read: what happens at the Hub in between happens before or after it.
//! - Of states that the Hub had before, a read shows the one that all reads showed last, or the present one, in any order.
//! - A run has at most one request that may be carried out late.
//! - Runs share neither key nor rate limit. Jitter does not matter, and texts do not.
//!
//! What the model Hub does not do, so that a claim about it could be untrue:
//!
//! - It tells the truth in its documented answers, and 408 and 429 mean that nothing was carried out.
//! - Where it answers an undocumented refusal to a request that it carried out, reads neither lag nor fail: `step` takes
//!   such a refusal at its word after one look.

mod explorer;
mod hash;
mod machine;
mod properties;
mod reader;
mod reruns;
mod scenario;
mod shelf;
mod transitions;
mod world;

use std::collections::BTreeSet;

use explorer::explore;
use scenario::SCENARIOS;

use crate::hub::attempt::tests::events::End;

/// Least number of states in all: fewer mean that the model can do less than it should.
const MIN_STATES: usize = 1_000_000;

/// Every ending of a run; fewer would mean the same.
const ENDS: [End; 10] = [
    End::Done,
    End::InReview,
    End::Equal,
    End::Different,
    End::NotCompared,
    End::Overtaken,
    End::RefusedAsConflict,
    End::Refused,
    End::Unreachable,
    End::Unconfirmed,
];

#[test]
#[expect(clippy::print_stdout, reason = "how much was explored is a result; shown with `--nocapture`")]
fn every_property_holds_in_every_order_of_events() {
    let (mut states, mut transitions, mut ends) = (0, 0, BTreeSet::new());
    for scenario in SCENARIOS {
        let explored = explore(scenario);
        println!(
            "{:<32}{:>8} states,{:>8} transitions, depth {}, {:>3} states of `step`",
            scenario.name, explored.states, explored.transitions, explored.depth, explored.machine_states
        );
        let broken: Vec<_> =
            explored.broken.iter().map(|(property, way)| format!("{property:?}:{way}")).collect();
        assert!(broken.is_empty(), "broken in the scenario `{}`:\n{}", scenario.name, broken.join("\n"));
        states += explored.states;
        transitions += explored.transitions;
        ends.extend(explored.ends);
    }
    println!("{} scenarios: {states} states, {transitions} transitions", SCENARIOS.len());
    assert!(states > MIN_STATES, "only {states} states");
    assert_eq!(ends, BTreeSet::from(ENDS));
}
