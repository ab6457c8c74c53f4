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
//! - It tells the truth in its documented answers.
//! - What it carried out although it answered 408 or 429, all reads show at once.
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

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use explorer::explore;
use properties::PROPERTIES;
use scenario::SCENARIOS;

use crate::hub::attempt::tests::events::End;

/// Least number of states in all: fewer mean that the model can do less than it should.
const MIN_STATES: usize = 1_000_000;

/// Least number of mistakes that the check must notice.
const MIN_MISTAKES: usize = 20;

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
    let (mut states, mut transitions, mut depth, mut ends) = (0, 0, 0, BTreeSet::new());
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
        depth = depth.max(explored.depth);
        transitions += explored.transitions;
        ends.extend(explored.ends);
    }
    // Past the capture of the test's output: how much was explored is a result of every run.
    let explored =
        format!("{} scenarios: {states} states, {transitions} transitions, depth {depth}", SCENARIOS.len());
    writeln!(std::io::stderr(), "{explored}").unwrap();
    assert!(states > MIN_STATES, "only {states} states");
    assert_eq!(ends, BTreeSet::from(ENDS));
}

/// `scripts/mutants-of-step` makes the mistakes.
#[test]
fn every_mistake_still_fits_the_source_and_every_property_notices_one() {
    let source = include_str!("../../attempt.rs");
    let rows = include_str!("mutants.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut mistakes = BTreeMap::new();
    let mut unnoticed: BTreeSet<_> = PROPERTIES.iter().map(|property| format!("{property:?}")).collect();
    let properties = unnoticed.clone();
    for row in rows {
        let columns: Vec<_> = row.split('\t').collect();
        let [what, property, before, after] = columns[..] else { panic!("not four columns: {row}") };
        assert_eq!(
            source.matches(before).count(),
            1,
            "{what}: `{before}` must occur once in src/hub/attempt.rs"
        );
        assert_ne!(before, after, "{what}");
        assert!(properties.contains(property), "{what}: `{property}` is no property");
        unnoticed.remove(property);
        assert!(mistakes.insert(what, row).is_none(), "{what}: occurs twice");
    }
    assert!(mistakes.len() >= MIN_MISTAKES, "only {} mistakes", mistakes.len());
    assert!(unnoticed.is_empty(), "no mistake breaks {unnoticed:?}");
    let page = include_str!("../../../../docs/decisions.md");
    for property in properties {
        assert!(page.contains(&format!("\n| `{property}` |")), "`{property}` is not in docs/decisions.md");
    }
}
