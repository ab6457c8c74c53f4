//! The tag check: a tag names a version, and with it the functions of the run.
//!
//! The full table of tags is a unit test of `src/release/tag.rs`.

use serde_json::json;
use stand_in_hub::StandInHub;

use crate::assertions::{on_line, refused, refused_at, refused_with};
use crate::fixtures::manifest;
use crate::support::{CODE, Step, text};

/// `alpha` and `gamma` at 1.0.0, and `beta` at 2.0.0.
fn three() -> Step {
    Step::empty()
        .function("f/a", &manifest("alpha", "1.0.0"), CODE)
        .function("f/b", &manifest("beta", "2.0.0"), CODE)
        .function("f/c", &manifest("gamma", "1.0.0"), CODE)
        .input("directory", "f/*")
}

/// These functions are published, and the others are skipped.
#[track_caller]
fn publishes(step: Step, published: &[&str]) {
    let hub = StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
    let sent = hub.publishes();
    let mut names: Vec<_> = sent.iter().map(|body| text(&body["name"])).collect();
    names.sort_unstable();
    assert_eq!(names, published, "{}", run.stdout);
    for function in run.functions() {
        let is_published = published.contains(&text(&function["name"]));
        assert_eq!(function["status"], if is_published { "published" } else { "skipped" });
    }
}

#[test]
fn a_bare_tag_publishes_every_function_of_its_version() {
    publishes(three().github_tag("v1.0.0"), &["alpha", "gamma"]);
    publishes(three().gitlab_tag("2.0.0"), &["beta"]);
}

#[test]
fn a_named_tag_publishes_that_function() {
    publishes(three().github_tag("alpha@1.0.0"), &["alpha"]);
    publishes(three().gitlab_tag("alpha/v1.0.0"), &["alpha"]);
}

#[test]
fn a_named_tag_may_have_directories_before_the_name() {
    for tag in
        ["functions/alpha/v1.0.0", "functions/alpha@1.0.0", "functions/alpha-1.0.0", "@scope/alpha@1.0.0"]
    {
        publishes(three().github_tag(tag), &["alpha"]);
    }
    publishes(three().gitlab_tag("packages/functions/beta-v2.0.0").input("tag-check", "require"), &["beta"]);
    refused(three().github_tag("functions/delta/v1.0.0"), "TAG_MISMATCH");
    refused(three().gitlab_tag("functions/beta/v1.0.0"), "TAG_MISMATCH");
}

#[test]
fn a_tag_may_name_the_directory_of_a_function() {
    for tag in ["f/a/v1.0.0", "f/a@1.0.0", "f/a-v1.0.0", "a/v1.0.0", "a-1.0.0", "x/f/a/v1.0.0"] {
        publishes(three().github_tag(tag), &["alpha"]);
    }
    // Two directories with the same last part, and a function that is called like the directory of another.
    let step = || {
        Step::empty()
            .function("one/img", &manifest("alpha", "1.0.0"), CODE)
            .function("two/img", &manifest("beta", "1.0.0"), CODE)
            .function("two/other", &manifest("img", "1.0.0"), CODE)
            .input("directory", "*/*")
    };
    publishes(step().github_tag("one/img/v1.0.0"), &["alpha"]);
    publishes(step().github_tag("two/img@1.0.0"), &["beta"]);
    publishes(step().github_tag("img@1.0.0"), &["img"]);
    publishes(step().github_tag("other-1.0.0"), &["img"]);
}

#[test]
fn the_whole_path_of_a_directory_counts_more_than_its_last_part() {
    for tag in ["alpha/v1.0.0", "alpha@1.0.0", "release/alpha/v1.0.0"] {
        let step = Step::empty()
            .function("alpha", &manifest("mailer", "1.0.0"), CODE)
            .function("legacy/alpha", &manifest("sender", "0.9.0"), CODE)
            .input("directory", "alpha\nlegacy/alpha");
        publishes(step.github_tag(tag), &["mailer"]);
    }
}

#[test]
fn after_another_name_a_version_needs_its_letter() {
    for tag in ["release/v1.0.0", "release-v1.0.0", "release@1.0.0"] {
        refused(three().github_tag(tag), "TAG_MISMATCH");
    }
}

#[test]
fn a_tag_may_name_the_slug_of_a_function() {
    let step = || three().edit("f/a/aerostack.json", "\"alpha\"", "\"Alpha One\"");
    for tag in ["alpha-one@1.0.0", "alpha-one-1.0.0", "alpha-one/v1.0.0"] {
        let hub = StandInHub::start();
        let run = step().github_tag(tag).hub(&hub).run();
        assert_eq!((run.exit_code, run.codes()), (0, vec!["INVALID_NAME"]), "{tag}: {}", run.stdout);
        assert_eq!(hub.published("alice", "alpha-one"), ["1.0.0"]);
        assert_eq!(hub.publishes().len(), 1);
    }
    let refused_tag = step().github_tag("alpha-two@1.0.0").hub(&StandInHub::start()).run();
    assert_eq!(refused_tag.exit_code, 1, "{}", refused_tag.stdout);
}

#[test]
fn a_tag_that_names_nothing_is_refused_and_nothing_is_sent() {
    for step in [three().github_tag("v3.0.0"), three().gitlab_tag("delta@1.0.0")] {
        let run = refused(step, "TAG_MISMATCH");
        assert!(text(&run.finding("TAG_MISMATCH")["hint"]).contains("`alpha` 1.0.0"), "{}", run.stdout);
    }
}

#[test]
fn a_tag_that_names_a_function_at_another_version_is_refused_at_the_version() {
    let step = three().github_tag("beta@2.0.1");
    let run = refused_at(step, "TAG_MISMATCH", "f/b/aerostack.json", on_line(3, 14, 21));
    let message = "the tag `beta@2.0.1` is for version 2.0.1 of `beta`, but its `version` is 2.0.0";
    assert_eq!(run.finding("TAG_MISMATCH")["message"], message);
}

#[test]
fn a_tag_of_another_version_is_refused_at_the_version_of_the_only_function() {
    let step = Step::plain().github_tag("v1.0.1");
    refused_at(step, "TAG_MISMATCH", "aerostack.json", on_line(3, 14, 21));
}

#[test]
fn a_tag_with_a_number_that_is_not_checked_is_a_notice() {
    for tag in ["V2.0.0", "release/2.0.0", "v2.0", "name_v2.0.0", "release-1.0.0", "alpha@1", "v1"] {
        for step in [three().github_tag(tag), three().gitlab_tag(tag)] {
            let hub = StandInHub::start();
            let run = step.input("strict", "true").hub(&hub).run();
            assert_eq!((run.exit_code, run.codes()), (0, vec!["TAG_NOT_CHECKED"]), "{tag}: {}", run.stdout);
            assert_eq!(hub.publishes().len(), 3, "{tag}");
            let finding = run.finding("TAG_NOT_CHECKED");
            assert_eq!(finding["severity"], "notice");
            assert!(text(&finding["message"]).contains(&format!("`{tag}`")), "{finding}");
            assert!(text(&finding["hint"]).contains("`functions/name/v1.2.3`"), "{finding}");
        }
        publishes(three().github_tag(tag).input("tag-check", "off"), &["alpha", "beta", "gamma"]);
        refused(three().github_tag(tag).input("tag-check", "require"), "TAG_MISMATCH");
    }
}

/// A run for the event of a release.
fn release(full_ref: &str, tag: &str) -> Step {
    let event = json!({ "action": "published", "release": { "tag_name": tag, "draft": false },
        "repository": { "default_branch": "main" } });
    let name = full_ref.rsplit('/').next().unwrap_or_default().to_owned();
    let step = three().github().file(".run/event.json", event.to_string());
    let step = step.env("GITHUB_EVENT_NAME", "release").env("GITHUB_REF", full_ref);
    step.env("GITHUB_REF_NAME", name).env("GITHUB_REF_TYPE", "tag")
}

#[test]
fn the_tag_of_a_release_without_a_ref_is_the_one_in_its_event() {
    for full_ref in ["", "refs/tags/untagged-0f1e2d3c"] {
        publishes(release(full_ref, "v1.0.0"), &["alpha", "gamma"]);
        publishes(release(full_ref, "beta@2.0.0").input("publish", "auto"), &["beta"]);
        publishes(release(full_ref, "v2.0.0").input("tag-check", "require"), &["beta"]);
        refused(release(full_ref, "v9.0.0"), "TAG_MISMATCH");
        // Without a tag in the event, there is none.
        refused(release(full_ref, "").input("tag-check", "require"), "TAG_MISMATCH");
        refused_with(2, release(full_ref, "").input("publish", "auto"), "INVALID_INPUT");
    }
    publishes(release("refs/tags/v2.0.0", "v9.0.0"), &["beta"]);
    let push = release("refs/tags/untagged-0f1e2d3c", "v2.0.0").env("GITHUB_EVENT_NAME", "push");
    refused(push.input("tag-check", "require"), "TAG_MISMATCH");
}

#[test]
fn the_tag_of_a_release_is_foreign_text() {
    let tag = "v1\n::error::x\u{1b}[2J##[error]y";
    let run = release("", tag).hub(&StandInHub::start()).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec!["TAG_NOT_CHECKED"]), "{}", run.stdout);
    assert!(!run.stdout.contains("\n::error::x") && !run.stdout.contains("##[error]y"), "{}", run.stdout);
    let long = format!("1.0.0-{}", "1.0.0-".repeat(1_000_000));
    let run = release("", &long).hub(&StandInHub::start()).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec!["TAG_NOT_CHECKED"]));
}

#[test]
fn a_tag_that_is_not_a_version_is_checked_only_if_one_is_required() {
    publishes(three().github_tag("nightly"), &["alpha", "beta", "gamma"]);
    let required = || three().input("tag-check", "require");
    publishes(required().github_tag("v1.0.0"), &["alpha", "gamma"]);
    refused(required().github_tag("nightly"), "TAG_MISMATCH");
    refused(required().gitlab(), "TAG_MISMATCH");
    refused(required(), "TAG_MISMATCH");
}

#[test]
fn a_tag_does_not_count_if_the_check_is_off() {
    publishes(three().input("tag-check", "off").github_tag("v3.0.0"), &["alpha", "beta", "gamma"]);
}

#[test]
fn a_branch_named_like_a_version_is_not_a_tag() {
    publishes(three().github_branch("v9.0.0"), &["alpha", "beta", "gamma"]);
}

#[test]
fn an_error_in_a_function_that_the_tag_does_not_name_does_not_count() {
    let invalid = || three().edit("f/b/aerostack.json", "utility", "medai");
    publishes(invalid().github_tag("v1.0.0"), &["alpha", "gamma"]);
    let no_version = || three().edit("f/b/aerostack.json", "2.0.0", "two");
    publishes(no_version().github_tag("alpha@1.0.0"), &["alpha"]);
}

#[test]
fn a_function_that_the_tag_may_name_but_that_cannot_be_read_stops_the_run() {
    let no_version = three().edit("f/b/aerostack.json", "2.0.0", "two").github_tag("v2.0.0");
    refused_at(no_version, "INVALID_VERSION", "f/b/aerostack.json", on_line(3, 14, 19));
    let no_json = three().edit("f/b/aerostack.json", "\"name\"", "name").github_tag("beta@2.0.0");
    refused(no_json, "MANIFEST_INVALID_JSON");
}

#[test]
fn without_any_function_the_tag_adds_no_finding() {
    refused(Step::empty().github_tag("v1.0.0"), "MANIFEST_MISSING");
    refused(Step::empty().input("directory", "functions/*").github_tag("v1.0.0"), "NO_FUNCTION");
}

#[test]
fn two_functions_may_have_one_slug_if_the_tag_names_one_of_them() {
    let two = || {
        Step::empty()
            .function("a", &manifest("greeter", "1.0.0"), CODE)
            .function("b", &manifest("greeter", "2.0.0"), CODE)
            .input("directory", "a\nb")
    };
    let hub = StandInHub::start();
    let run = two().github_tag("v2.0.0").hub(&hub).run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    assert_eq!(hub.published("alice", "greeter"), ["2.0.0"]);
    refused(two(), "DUPLICATE_FUNCTION");
}
