//! The main job: a function goes live, once.

use stand_in_hub::StandInHub;

use crate::support::Step;

#[test]
fn a_new_version_goes_live_and_a_second_run_changes_nothing() {
    let hub = StandInHub::start();
    let step = Step::example().hub(&hub);
    let first = step.run();
    assert_eq!((first.exit_code, first.statuses()), (0, vec!["published"]), "{}", first.stdout);
    assert_eq!(hub.published("alice", "image-resizer"), ["1.0.0"]);
    let second = step.run();
    assert_eq!((second.exit_code, second.statuses()), (0, vec!["unchanged"]), "{}", second.stdout);
    assert_eq!(hub.publishes().len(), 1);
}
