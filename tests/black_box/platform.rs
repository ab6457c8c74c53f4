//! `publish: auto`: what triggered the run decides whether it goes live, lands as a draft, or sends nothing.

use stand_in_hub::StandInHub;

use crate::judged::refused_with;
use crate::support::{Run, Step};

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

fn github_branch(branch: &str) -> Step {
    Step::plain().github().env("GITHUB_REF", format!("refs/heads/{branch}")).env("GITHUB_REF_NAME", branch)
}

#[test]
fn the_default_branch_goes_live() {
    assert_eq!(sent(Step::plain().github()), Sent::Live);
    assert_eq!(sent(Step::plain().gitlab()), Sent::Live);
}

#[test]
fn another_branch_lands_as_a_draft() {
    for branch in ["feature/x", "Main", "main2", "v1.0.0"] {
        assert_eq!(sent(github_branch(branch)), Sent::Draft, "{branch}");
        assert_eq!(sent(Step::plain().gitlab().env("CI_COMMIT_BRANCH", branch)), Sent::Draft, "{branch}");
    }
}

#[test]
fn a_tag_goes_live() {
    assert_eq!(sent(Step::plain().github_tag("v1.0.0")), Sent::Live);
    assert_eq!(sent(Step::plain().github_tag("nightly")), Sent::Live);
    let gitlab = Step::plain().gitlab().unset("CI_COMMIT_BRANCH").env("CI_COMMIT_TAG", "v1.0.0");
    assert_eq!(sent(gitlab), Sent::Live);
}

#[test]
fn a_release_goes_live_by_its_tag() {
    assert_eq!(sent(Step::plain().github_tag("v1.0.0").env("GITHUB_EVENT_NAME", "release")), Sent::Live);
}

#[test]
fn a_pull_or_merge_request_sends_nothing() {
    assert_eq!(sent(Step::plain().github_pull_request()), Sent::Nothing);
    // On this event the ref is the default branch.
    assert_eq!(sent(Step::plain().github().env("GITHUB_EVENT_NAME", "pull_request_target")), Sent::Nothing);
    let merge_request = || Step::plain().gitlab().unset("CI_COMMIT_BRANCH");
    assert_eq!(sent(merge_request().env("CI_PIPELINE_SOURCE", "merge_request_event")), Sent::Nothing);
    assert_eq!(sent(merge_request().env("CI_PIPELINE_SOURCE", "external_pull_request_event")), Sent::Nothing);
}

#[test]
fn a_merge_queue_sends_nothing() {
    let queue =
        github_branch("gh-readonly-queue/main/pr-7-0123456789").env("GITHUB_EVENT_NAME", "merge_group");
    assert_eq!(sent(queue), Sent::Nothing);
}

#[test]
fn a_schedule_runs_on_the_default_branch_and_goes_live() {
    let schedule = Step::plain().github().env("GITHUB_EVENT_NAME", "schedule");
    assert_eq!(sent(schedule.file(".run/event.json", r#"{"schedule": "0 4 * * *"}"#)), Sent::Live);
    assert_eq!(sent(Step::plain().gitlab().env("CI_PIPELINE_SOURCE", "schedule")), Sent::Live);
}

#[test]
fn a_dispatch_by_hand_goes_by_its_branch() {
    assert_eq!(sent(Step::plain().github().env("GITHUB_EVENT_NAME", "workflow_dispatch")), Sent::Live);
    assert_eq!(sent(github_branch("feature").env("GITHUB_EVENT_NAME", "workflow_dispatch")), Sent::Draft);
}

/// Refused, because nobody can tell what `auto` means here.
#[track_caller]
fn untold(step: Step) -> Run {
    let run = refused_with(2, step.input("publish", "auto"), "INVALID_INPUT");
    let finding = run.finding("INVALID_INPUT");
    assert!(finding["message"].as_str().is_some_and(|text| text.contains("`publish`")), "{}", run.stdout);
    assert!(finding["hint"].as_str().is_some_and(|text| text.contains("`false`")), "{}", run.stdout);
    run
}

#[test]
fn a_ci_that_does_not_tell_its_trigger_is_refused() {
    untold(Step::plain());
    untold(Step::plain().env("CI", "true"));
    // Names that Woodpecker shares with GitLab, with other meanings.
    untold(
        Step::plain()
            .env("CI", "woodpecker")
            .env("CI_COMMIT_BRANCH", "main")
            .env("CI_DEFAULT_BRANCH", "main"),
    );
    untold(Step::plain().gitlab().env("GITLAB_CI", "false"));
}

#[test]
fn a_branch_without_a_default_branch_to_compare_with_is_refused() {
    untold(Step::plain().github().unset("GITHUB_EVENT_PATH"));
    untold(Step::plain().github().file(".run/event.json", "{}"));
    untold(Step::plain().github().file(".run/event.json", "no JSON"));
    untold(Step::plain().gitlab().unset("CI_DEFAULT_BRANCH"));
}

#[test]
fn an_unreadable_event_does_not_matter_to_a_tag() {
    assert_eq!(sent(Step::plain().github_tag("v1.0.0").unset("GITHUB_EVENT_PATH")), Sent::Live);
}

#[test]
fn gitea_and_forgejo_are_taken_for_the_github_they_look_like() {
    for flag in ["GITEA_ACTIONS", "FORGEJO_ACTIONS"] {
        assert_eq!(sent(Step::plain().github().env(flag, "true")), Sent::Live, "{flag}");
        assert_eq!(sent(github_branch("feature").env(flag, "true")), Sent::Draft, "{flag}");
        assert_eq!(sent(Step::plain().github_pull_request().env(flag, "true")), Sent::Nothing, "{flag}");
    }
}

#[test]
fn what_is_set_by_hand_does_not_depend_on_the_trigger() {
    let steps = || [github_branch("feature"), Step::plain().github(), Step::plain().gitlab(), Step::plain()];
    for (publish, live) in [("true", true), ("false", false)] {
        for step in steps() {
            let hub = StandInHub::start();
            let run = step.input("publish", publish).hub(&hub).run();
            assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
            assert_eq!(hub.publishes()[0]["publish"], live);
        }
    }
}

#[test]
fn going_live_from_a_pull_request_is_a_warning() {
    let requests = || {
        [
            Step::plain().github_pull_request(),
            Step::plain().github().env("GITHUB_EVENT_NAME", "pull_request_target"),
            Step::plain().gitlab().env("CI_PIPELINE_SOURCE", "merge_request_event"),
        ]
    };
    for step in requests() {
        let hub = StandInHub::start();
        let run = step.hub(&hub).run();
        assert_eq!((run.exit_code, run.codes()), (0, vec!["LIVE_FROM_PULL_REQUEST"]), "{}", run.stdout);
        assert_eq!(run.finding("LIVE_FROM_PULL_REQUEST")["severity"], "warning");
        assert_eq!(hub.publishes().len(), 1);
    }
    for step in requests() {
        refused_with(2, step.input("strict", "true"), "LIVE_FROM_PULL_REQUEST");
    }
    for (input, value) in [("publish", "false"), ("dry-run", "true"), ("publish", "auto")] {
        for step in requests() {
            let hub = StandInHub::start();
            let run = step.input(input, value).hub(&hub).run();
            assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
        }
    }
}

#[test]
fn a_dry_run_sends_nothing_whatever_the_trigger() {
    for step in [Step::plain().github(), Step::plain().github_tag("v1.0.0"), Step::plain().gitlab()] {
        assert_eq!(sent(step.input("dry-run", "true")), Sent::Nothing);
    }
}
