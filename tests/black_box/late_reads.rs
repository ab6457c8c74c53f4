//! A Hub whose reads lag behind its writes: what was published shows a moment later.

use std::time::Duration;

use stand_in_hub::{Receipt, Shapes, StandInHub};

use crate::fixtures::{OTHER_CODE, body, ending, greeter, manifest, side_by_side};
use crate::support::{CODE, Started, Step};

/// A Hub that shows a publish so much later, and whose receipts say nothing of the status.
fn lagging(lag: Duration) -> StandInHub {
    let shapes = Shapes { receipt: Receipt::WithoutStatus, ..Shapes::default() };
    let hub = StandInHub::builder().read_lag(lag).shapes(shapes).start();
    hub.seed("alice", body("greeter", "0.9.0", CODE));
    hub
}

#[test]
fn an_accepted_publish_is_read_until_it_shows() {
    side_by_side([("true", "published"), ("false", "draft")], |(publish, status)| {
        let hub = lagging(Duration::from_secs(5));
        let run = greeter("1.0.0").hub(&hub).input("publish", publish).run();
        assert_eq!(ending(&run, &hub), (status, 0, 1), "{}", run.stdout);
        assert!(run.codes().is_empty(), "{:?}", run.codes());
    });
}

#[test]
fn one_that_shows_too_late_is_unconfirmed_and_the_next_run_finds_it() {
    let hub = lagging(Duration::from_secs(4));
    let run = greeter("1.0.0").hub(&hub).input("timeout", "1").run();
    assert_eq!(ending(&run, &hub), ("unconfirmed", 4, 1), "{}", run.stdout);
    assert_eq!((&run.function()["published"], &run.function()["live"]), (&false.into(), &false.into()));
    // At once: the Hub refuses the version, and does not show it yet.
    let again = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&again, &hub), ("unchanged", 0, 2), "{}", again.stdout);
    assert_eq!(again.function()["live"], true);
    assert_eq!(hub.times_live("alice", "greeter", "1.0.0"), 1);
}

#[test]
fn a_conflict_whose_content_does_not_show_is_never_the_authors_error() {
    let hub = lagging(Duration::from_secs(30));
    assert_eq!(greeter("1.0.0").hub(&hub).input("timeout", "1").run().exit_code, 4);
    let again = greeter("1.0.0").hub(&hub).input("timeout", "2").run();
    assert_eq!(ending(&again, &hub), ("unconfirmed", 4, 2), "{}", again.stdout);
    assert_eq!(again.codes(), ["UNCONFIRMED"]);
    assert!(again.stdout.contains("the Hub has this version"), "{}", again.stdout);
}

#[test]
fn a_conflict_with_other_content_is_one_as_soon_as_it_shows() {
    let hub = lagging(Duration::from_secs(3));
    assert_eq!(greeter("1.0.0").hub(&hub).input("timeout", "1").run().exit_code, 4);
    let other = Step::empty().function(".", &manifest("greeter", "1.0.0"), OTHER_CODE).hub(&hub);
    let run = other.run();
    assert_eq!(ending(&run, &hub), ("failed", 1, 2), "{}", run.stdout);
    assert_eq!(run.codes(), ["VERSION_CONFLICT"]);
}

#[test]
fn of_three_runs_at_once_with_late_reads_one_publishes_and_all_succeed() {
    for receipt in [Receipt::Full, Receipt::WithoutStatus] {
        let shapes = Shapes { receipt, ..Shapes::default() };
        let hub = StandInHub::builder().read_lag(Duration::from_secs(1)).shapes(shapes).start();
        hub.pause_publishes(3);
        let steps = [0; 3].map(|_| greeter("1.0.0").hub(&hub));
        let started = steps.each_ref().map(Step::start);
        let runs = started.map(Started::wait);
        let mut statuses: Vec<_> = runs.iter().flat_map(|run| run.statuses()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, ["published", "unchanged", "unchanged"], "{receipt:?}: {}", runs[0].stdout);
        assert!(runs.iter().all(|run| run.exit_code == 0 && run.function()["live"] == true));
        assert_eq!(hub.times_live("alice", "greeter", "1.0.0"), 1);
    }
}
