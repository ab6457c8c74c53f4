//! The events that start a run: what may go live, and what `publish: auto` decides nothing about.
//!
//! The full tables are unit tests of `src/settings/ci.rs`, `src/settings/event.rs` and `src/release/plan.rs`.

use serde_json::{Value, json};
use stand_in_hub::StandInHub;

use crate::assertions::{published, refused_with};
use crate::support::{Run, Step, text};

/// A run on GitHub for an event, with its file.
fn github(event: &str, full_ref: &str, content: &Value) -> Step {
    let step = Step::plain().github().file(".run/event.json", content.to_string());
    step.env("GITHUB_EVENT_NAME", event).env("GITHUB_REF", full_ref).unset("GITHUB_REF_NAME")
}

/// The event of a pull request, as GitHub, Gitea and Forgejo send it.
fn request(action: &str, merged: bool, base: &str) -> Value {
    json!({
        "action": action,
        "number": 7,
        "pull_request": {
            "number": 7,
            "state": if action == "closed" { "closed" } else { "open" },
            "merged": merged,
            "head": { "ref": "main", "repo": { "fork": true, "default_branch": base } },
            "base": { "ref": base },
        },
        "repository": { "default_branch": "main" },
    })
}

/// The step with `publish: auto`.
fn auto(step: Step) -> Step {
    step.input("publish", "auto")
}

/// A run on any CI, by its variables.
fn on(variables: &[(&str, &str)]) -> Step {
    variables.iter().fold(Step::plain(), |step, (name, value)| step.env(name, *value))
}

/// Sends a draft and nothing else.
#[track_caller]
fn saves_a_draft(step: Step) {
    let hub = StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!((run.exit_code, run.codes(), run.statuses()), (0, vec![], vec!["draft"]), "{}", run.stdout);
    let sent = hub.publishes();
    assert_eq!((sent.len(), &sent[0]["publish"]), (1, &json!(false)));
}

/// Compares and sends nothing.
#[track_caller]
fn sends_nothing(step: Step) {
    let hub = StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!((run.exit_code, run.codes(), run.statuses()), (0, vec![], vec!["dry-run"]), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

/// Requests that are not merged, on every CI that names them.
fn unmerged() -> Vec<Step> {
    let merge = "refs/pull/7/merge";
    vec![
        Step::plain().github_pull_request(),
        github("pull_request", merge, &request("opened", false, "main")),
        github("pull_request", merge, &request("closed", false, "main")),
        github("pull_request", merge, &json!({ "action": "closed", "pull_request": { "merged": "true" } })),
        github("pull_request_review", merge, &request("closed", true, "main")),
        github("pull_request_target", "refs/heads/main", &request("synchronize", false, "main")),
        github("merge_group", "refs/heads/gh-readonly-queue/main/pr-7-0a", &json!({})),
        github("push", "refs/heads/gh-readonly-queue/main/pr-7-0a", &request("closed", true, "main")),
        github("workflow_dispatch", "refs/pull/7/head", &json!({})),
        github("pull_request", merge, &request("opened", false, "main")).env("GITEA_ACTIONS", "true"),
        github("pull_request", merge, &request("opened", false, "main")).env("FORGEJO_ACTIONS", "true"),
        Step::plain().gitlab_merge_request(),
        Step::plain().gitlab_merge_request().env("CI_MERGE_REQUEST_EVENT_TYPE", "merge_train"),
        Step::plain().gitlab_merge_request().env("CI_MERGE_REQUEST_EVENT_TYPE", "merged_result"),
        Step::plain().gitlab().env("CI_PIPELINE_SOURCE", "external_pull_request_event"),
        Step::plain().gitlab().env("CI_PIPELINE_SOURCE", "parent_pipeline").env("CI_MERGE_REQUEST_IID", "7"),
        Step::plain().azure().env("BUILD_REASON", "PullRequest"),
        Step::plain().azure().env("BUILD_SOURCEBRANCH", merge),
        on(&[("CI", "woodpecker"), ("CI_COMMIT_BRANCH", "main"), ("CI_COMMIT_PULL_REQUEST", "7")]),
        on(&[("CI", "woodpecker"), ("CI_COMMIT_BRANCH", "main"), ("CI_PIPELINE_EVENT", "pull_request")]),
        on(&[("DRONE", "true"), ("DRONE_BRANCH", "main"), ("DRONE_PULL_REQUEST", "7")]),
        on(&[("BUILDKITE", "true"), ("BUILDKITE_BRANCH", "topic"), ("BUILDKITE_PULL_REQUEST", "7")]),
        on(&[("CIRCLECI", "true"), ("CIRCLE_PULL_REQUEST", "https://github.com/o/r/pull/7")]),
        on(&[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "pull/7"), ("CIRCLE_PR_NUMBER", "7")]),
        on(&[("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_BRANCH", "topic"), ("BITBUCKET_PR_ID", "7")]),
        on(&[("JENKINS_URL", "https://ci/"), ("BRANCH_NAME", "PR-7"), ("CHANGE_ID", "7")]),
    ]
}

#[test]
fn a_request_that_is_not_merged_is_never_published_live() {
    for step in unmerged() {
        let run = refused_with(2, step, "LIVE_FROM_PULL_REQUEST");
        assert!(text(&run.finding("LIVE_FROM_PULL_REQUEST")["hint"]).contains("dry-run: true"));
    }
    for step in unmerged() {
        refused_with(2, step.input("publish", "true"), "LIVE_FROM_PULL_REQUEST");
    }
}

#[test]
fn a_request_from_a_fork_without_the_key_has_one_error() {
    let hub = StandInHub::start();
    let step = Step::plain().github_pull_request().hub(&hub).unset("AEROSTACK_API_KEY");
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["LIVE_FROM_PULL_REQUEST"]), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn a_request_that_is_not_merged_may_be_saved_as_a_draft_or_checked() {
    for step in unmerged() {
        saves_a_draft(step.input("publish", "false"));
    }
    for step in unmerged() {
        sends_nothing(step.input("dry-run", "true"));
    }
}

#[test]
fn a_merged_pull_request_counts_as_its_base_branch() {
    let merged = |base: &str| request("closed", true, base);
    for full_ref in ["refs/pull/7/merge", "refs/heads/main", ""] {
        published(github("pull_request", full_ref, &merged("main")));
        published(auto(github("pull_request", full_ref, &merged("main"))));
        published(github("pull_request_target", full_ref, &merged("main")));
        saves_a_draft(auto(github("pull_request", full_ref, &merged("release/1"))));
    }
    published(auto(github("pull_request", "", &merged("main")).env("FORGEJO_ACTIONS", "true")));
}

#[test]
fn a_build_that_buildkite_calls_no_pull_request_is_published() {
    let variables =
        [("BUILDKITE", "true"), ("BUILDKITE_BRANCH", "main"), ("BUILDKITE_PULL_REQUEST", "false")];
    published(on(&variables));
    published(auto(on(&variables).env("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "main")));
}

/// Refused with `INVALID_INPUT`; the message and the hint hold these words.
#[track_caller]
fn decides_nothing(step: Step, message: &str, hint: &str) -> Run {
    let run = refused_with(2, auto(step), "INVALID_INPUT");
    let finding = run.finding("INVALID_INPUT");
    assert!(text(&finding["message"]).starts_with("input `publish` is `auto`, and "), "{finding}");
    assert!(text(&finding["message"]).contains(message), "{finding}");
    assert!(text(&finding["hint"]).contains(hint), "{finding}");
    run
}

/// Events that can run a stranger's code with the repository's secrets.
const UNTRUSTED: [&str; 8] = [
    "workflow_run",
    "issue_comment",
    "repository_dispatch",
    "issues",
    "discussion_comment",
    "check_suite",
    "status",
    "no_event_yet",
];

#[test]
fn auto_decides_nothing_about_events_that_can_run_a_strangers_code() {
    let event = json!({ "repository": { "default_branch": "main" } });
    for name in UNTRUSTED {
        for full_ref in ["refs/heads/main", "refs/heads/topic", "refs/tags/v1.0.0"] {
            decides_nothing(github(name, full_ref, &event), &format!("`{name}`"), "merged code only");
        }
    }
    for (action, is_merged, hint) in
        [("synchronize", false, "`dry-run: true`"), ("closed", true, "merged code only")]
    {
        let step = github("pull_request_target", "refs/heads/main", &request(action, is_merged, "main"));
        decides_nothing(step, "`pull_request_target`", hint);
    }
}

#[test]
fn an_explicit_value_counts_on_events_that_can_run_a_strangers_code() {
    let event = json!({ "repository": { "default_branch": "main" } });
    for name in UNTRUSTED {
        let step = || github(name, "refs/heads/main", &event);
        published(step().input("publish", "true"));
        saves_a_draft(step().input("publish", "false"));
        sends_nothing(step().input("publish", "true").input("dry-run", "true"));
    }
}

#[test]
fn auto_decides_about_events_for_branches_and_tags_of_the_repository() {
    let event = json!({ "repository": { "default_branch": "main" }, "release": { "tag_name": "v1.0.0" } });
    for name in ["push", "create", "schedule", "workflow_dispatch", "deployment"] {
        published(auto(github(name, "refs/heads/main", &event)));
    }
    saves_a_draft(auto(github("workflow_dispatch", "refs/heads/topic", &event)));
    for name in ["push", "create", "release", "workflow_dispatch"] {
        published(auto(github(name, "refs/tags/v1.0.0", &event)));
    }
    // An event of GitHub's does not count elsewhere.
    published(auto(Step::plain().gitlab().env("GITHUB_EVENT_NAME", "workflow_run")));
}

#[test]
fn auto_says_what_the_ci_does_not_say() {
    let condition = "by a condition on the branch";
    let unnamed = "not which branch is the default one";
    decides_nothing(Step::plain(), "does not say what triggered the run", "`publish`");
    decides_nothing(Step::plain().azure().unset("BUILD_SOURCEBRANCH"), "what triggered the run", "`publish`");
    decides_nothing(Step::plain().azure(), unnamed, condition);
    decides_nothing(on(&[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "main")]), unnamed, condition);
    decides_nothing(on(&[("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_BRANCH", "main")]), unnamed, condition);
    decides_nothing(on(&[("JENKINS_URL", "u"), ("BRANCH_NAME", "main")]), unnamed, condition);
    decides_nothing(
        on(&[("CI", "woodpecker"), ("CI_COMMIT_BRANCH", "main")]),
        unnamed,
        "`CI_REPO_DEFAULT_BRANCH`",
    );
    decides_nothing(on(&[("DRONE", "true"), ("DRONE_BRANCH", "main")]), unnamed, "`DRONE_REPO_BRANCH`");
    decides_nothing(Step::plain().gitlab().unset("CI_DEFAULT_BRANCH"), unnamed, "`CI_DEFAULT_BRANCH`");
    decides_nothing(Step::plain().github().unset("GITHUB_EVENT_PATH"), unnamed, "`GITHUB_EVENT_PATH`");
    decides_nothing(github("push", "refs/heads/main", &json!({})), unnamed, "`GITHUB_EVENT_PATH`");
}

#[test]
fn an_event_file_that_is_not_githubs_is_as_good_as_none() {
    let deep = format!("{{\"repository\": {}", "[".repeat(200_000));
    let large =
        format!("{}{}", " ".repeat(26 * 1024 * 1024), r#"{"repository": {"default_branch": "main"}}"#);
    for content in ["", "null", "[1]", r#"{"repository": "main"}"#, &deep, &large] {
        let step = Step::plain().github().file(".run/event.json", content);
        decides_nothing(step, "default one", "`GITHUB_EVENT_PATH`");
    }
    for path in ["/no/such/file", "/", "/dev/zero"] {
        decides_nothing(
            Step::plain().github().env("GITHUB_EVENT_PATH", path),
            "default one",
            "`GITHUB_EVENT_PATH`",
        );
    }
    // To open a pipe that nobody writes to would wait for ever.
    let step = Step::plain().github().pipe("pipe");
    let pipe = step.path("pipe");
    decides_nothing(step.env("GITHUB_EVENT_PATH", pipe), "default one", "`GITHUB_EVENT_PATH`");
}
