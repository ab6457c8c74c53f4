//! CI systems without a way of reporting of their own: what triggered the run is read from their variables.

use stand_in_hub::StandInHub;

use crate::support::Step;

/// What each system sets on the tag `v1.0.0`, on the default branch, on another branch and on a pull request.
const SYSTEMS: [(&str, [&str; 4]); 6] = [
    (
        "CI=woodpecker CI_REPO_DEFAULT_BRANCH=main",
        [
            "CI_COMMIT_TAG=v1.0.0",
            "CI_COMMIT_BRANCH=main",
            "CI_COMMIT_BRANCH=topic",
            "CI_COMMIT_BRANCH=main CI_COMMIT_PULL_REQUEST=7",
        ],
    ),
    (
        "DRONE=true DRONE_REPO_BRANCH=main",
        [
            "DRONE_TAG=v1.0.0",
            "DRONE_BRANCH=main",
            "DRONE_BRANCH=topic",
            "DRONE_BRANCH=main DRONE_PULL_REQUEST=7",
        ],
    ),
    (
        "BUILDKITE=true BUILDKITE_PIPELINE_DEFAULT_BRANCH=main",
        [
            "BUILDKITE_TAG=v1.0.0 BUILDKITE_PULL_REQUEST=false",
            "BUILDKITE_BRANCH=main BUILDKITE_PULL_REQUEST=false",
            "BUILDKITE_BRANCH=topic BUILDKITE_PULL_REQUEST=false",
            "BUILDKITE_BRANCH=topic BUILDKITE_PULL_REQUEST=7",
        ],
    ),
    (
        "CIRCLECI=true",
        [
            "CIRCLE_TAG=v1.0.0",
            "CIRCLE_BRANCH=main",
            "CIRCLE_BRANCH=topic",
            "CIRCLE_BRANCH=topic CIRCLE_PULL_REQUEST=https://github.com/o/r/pull/7",
        ],
    ),
    (
        "BITBUCKET_BUILD_NUMBER=1",
        [
            "BITBUCKET_TAG=v1.0.0",
            "BITBUCKET_BRANCH=main",
            "BITBUCKET_BRANCH=topic",
            "BITBUCKET_BRANCH=topic BITBUCKET_PR_ID=7",
        ],
    ),
    (
        "JENKINS_URL=https://ci/",
        [
            "TAG_NAME=v1.0.0 BRANCH_NAME=v1.0.0",
            "BRANCH_NAME=main BRANCH_IS_PRIMARY=true",
            "BRANCH_NAME=topic",
            "BRANCH_NAME=PR-7 CHANGE_ID=7",
        ],
    ),
];

/// Those that do not tell which branch is the default one (Jenkins tells it of that branch alone).
const UNTOLD: [&str; 2] = ["CIRCLECI=true", "BITBUCKET_BUILD_NUMBER=1"];

fn auto(hub: &StandInHub, variables: &[&str]) -> Step {
    let pairs = variables.iter().flat_map(|list| list.split(' ')).filter_map(|pair| pair.split_once('='));
    pairs.fold(Step::plain().hub(hub).input("publish", "auto"), |step, (name, value)| step.env(name, value))
}

#[test]
fn auto_goes_live_on_a_tag_everywhere() {
    for (system, [tag, ..]) in SYSTEMS {
        let hub = StandInHub::start();
        let run = auto(&hub, &[system, tag]).run();
        assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"]), "{system}: {}", run.stdout);
    }
}

#[test]
fn a_tag_of_another_version_is_refused_everywhere_and_nothing_is_sent() {
    for (system, [tag, ..]) in SYSTEMS {
        let hub = StandInHub::start();
        let run = auto(&hub, &[system, &tag.replace("v1.0.0", "v2.0.0")]).run();
        assert_eq!((run.exit_code, run.codes()), (1, vec!["TAG_MISMATCH"]), "{system}: {}", run.stdout);
        assert!(hub.publishes().is_empty(), "{system}");
    }
}

#[test]
fn auto_only_looks_at_a_pull_request_everywhere() {
    for (system, [.., request]) in SYSTEMS {
        let hub = StandInHub::start();
        let run = auto(&hub, &[system, request]).run();
        assert_eq!((run.exit_code, run.statuses()), (0, vec!["dry-run"]), "{system}: {}", run.stdout);
        assert!(hub.publishes().is_empty(), "{system}");
    }
}

#[test]
fn auto_on_the_default_branch_goes_live_where_it_is_told() {
    for (system, [_, branch, ..]) in SYSTEMS {
        let hub = StandInHub::start();
        let run = auto(&hub, &[system, branch]).run();
        if UNTOLD.contains(&system) {
            assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{system}: {}", run.stdout);
            assert!(hub.publishes().is_empty(), "{system}");
        } else {
            assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"]), "{system}: {}", run.stdout);
        }
    }
}

#[test]
fn auto_on_another_branch_makes_a_draft_or_is_refused() {
    for (system, [_, _, branch, _]) in SYSTEMS {
        let hub = StandInHub::start();
        let run = auto(&hub, &[system, branch]).run();
        if UNTOLD.contains(&system) || system.starts_with("JENKINS") {
            assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{system}: {}", run.stdout);
            assert!(hub.publishes().is_empty(), "{system}");
        } else {
            assert_eq!((run.exit_code, run.statuses()), (0, vec!["draft"]), "{system}: {}", run.stdout);
        }
    }
}
