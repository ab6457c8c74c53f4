//! The tag check: a tag names a version, and with it the functions of the run.
//!
//! The full table of tags is a unit test of `src/release/tag.rs`.

use stand_in_hub::StandInHub;

use crate::assertions::{on_line, refused, refused_at};
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
    assert!(text(&run.finding("TAG_MISMATCH")["message"]).contains("2.0.0"), "{}", run.stdout);
}

#[test]
fn a_tag_of_another_version_is_refused_at_the_version_of_the_only_function() {
    let step = Step::plain().github_tag("v1.0.1");
    refused_at(step, "TAG_MISMATCH", "aerostack.json", on_line(3, 14, 21));
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
