//! What triggered the run, read from each CI system's variables, and what `publish: auto` does then.
//!
//! What is refused is in `events.rs`. The full tables are unit tests: the triggers of every system in `src/settings/ci.rs`, what a run does on each in
//! `src/release/plan.rs`.

use stand_in_hub::StandInHub;

use crate::support::Step;

#[derive(Debug, PartialEq)]
enum Sent {
    Live,
    Draft,
    Nothing,
}

/// What a run with `publish: auto` sends.
#[track_caller]
fn sent(step: Step) -> Sent {
    let hub = StandInHub::start();
    let run = step.input("publish", "auto").hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
    let publishes = hub.publishes();
    let (sent, status) = match publishes.as_slice() {
        [] => (Sent::Nothing, "dry-run"),
        [body] if body["publish"] == true => (Sent::Live, "published"),
        [_] => (Sent::Draft, "draft"),
        more => panic!("{} publishes", more.len()),
    };
    assert_eq!(run.statuses(), [status]);
    sent
}

/// A run on Azure Pipelines for this ref.
fn azure(full_ref: &str) -> Step {
    Step::plain().azure().env("BUILD_SOURCEBRANCH", full_ref)
}

/// A run on a CI system that has no report formats of its own here: Woodpecker.
fn woodpecker(variable: &str, value: &str) -> Step {
    let step = Step::plain().env("CI", "woodpecker").env("CI_REPO_DEFAULT_BRANCH", "main");
    step.env("CI_COMMIT_BRANCH", "main").env(variable, value)
}

#[test]
fn the_default_branch_is_published_live() {
    for step in [Step::plain().github(), Step::plain().gitlab(), woodpecker("CI_COMMIT_BRANCH", "main")] {
        assert_eq!(sent(step), Sent::Live);
    }
}

#[test]
fn another_branch_saves_a_draft() {
    for step in [
        Step::plain().github_branch("feature/x"),
        Step::plain().gitlab().env("CI_COMMIT_BRANCH", "feature/x"),
        woodpecker("CI_COMMIT_BRANCH", "feature/x"),
    ] {
        assert_eq!(sent(step), Sent::Draft);
    }
}

#[test]
fn a_tag_is_published_live() {
    for step in [
        Step::plain().github_tag("v1.0.0"),
        // A tag needs no event to compare with.
        Step::plain().github_tag("v1.0.0").unset("GITHUB_EVENT_PATH"),
        Step::plain().gitlab_tag("v1.0.0"),
        azure("refs/tags/v1.0.0"),
        woodpecker("CI_COMMIT_TAG", "v1.0.0"),
    ] {
        assert_eq!(sent(step), Sent::Live);
    }
}

#[test]
fn a_pull_or_merge_request_sends_nothing() {
    for step in [
        Step::plain().github_pull_request(),
        Step::plain().gitlab_merge_request(),
        azure("refs/pull/7/merge"),
        woodpecker("CI_COMMIT_PULL_REQUEST", "7"),
    ] {
        assert_eq!(sent(step), Sent::Nothing);
    }
}

#[test]
fn gitea_and_forgejo_are_treated_as_github() {
    for flag in ["GITEA_ACTIONS", "FORGEJO_ACTIONS"] {
        assert_eq!(sent(Step::plain().github().env(flag, "true")), Sent::Live, "{flag}");
    }
}

#[test]
fn an_explicit_value_does_not_depend_on_the_trigger() {
    for (publish, is_live) in [("true", true), ("false", false)] {
        for step in [Step::plain().github_branch("feature"), Step::plain().gitlab(), Step::plain()] {
            let hub = StandInHub::start();
            let run = step.input("publish", publish).hub(&hub).run();
            assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
            assert_eq!(hub.publishes()[0]["publish"], is_live);
        }
    }
}

#[test]
fn a_dry_run_sends_nothing_on_every_trigger() {
    for step in [Step::plain().github(), Step::plain().github_tag("v1.0.0"), Step::plain().gitlab()] {
        assert_eq!(sent(step.input("dry-run", "true")), Sent::Nothing);
    }
}
