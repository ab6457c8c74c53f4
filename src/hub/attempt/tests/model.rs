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
//! - The Hub tells the truth in its documented answers, and 408 and 429 mean that nothing was carried out.

mod explorer;
mod hash;
mod machine;
mod properties;
mod reader;
mod scenario;
mod shelf;
mod transitions;
mod world;

use explorer::explore;
use scenario::SCENARIOS;

/// Least number of states in all: fewer mean that the model can do less than it should.
const MIN_STATES: usize = 100_000;

#[test]
#[expect(clippy::print_stderr, reason = "how much was explored is the result; shown with `--nocapture`")]
fn every_property_holds_in_every_order_of_events() {
    let mut states = 0;
    for scenario in SCENARIOS {
        let started = std::time::Instant::now();
        let explored = explore(scenario);
        eprintln!(
            "{:<32} {:>8} states {:>9} transitions, depth {:>2}, {:>4} states of `step` {:?}",
            scenario.name,
            explored.states,
            explored.transitions,
            explored.depth,
            explored.machine_states,
            started.elapsed()
        );
        let broken: Vec<_> =
            explored.broken.iter().map(|(property, way)| format!("{property:?}:{way}")).collect();
        if !broken.is_empty() {
            eprintln!("broken in the scenario `{}`:\n{}", scenario.name, broken.join("\n"));
            continue;
        }
        assert!(broken.is_empty(), "broken in the scenario `{}`:\n{}", scenario.name, broken.join("\n"));
        states += explored.states;
    }
    assert!(states > MIN_STATES, "only {states} states");
}
