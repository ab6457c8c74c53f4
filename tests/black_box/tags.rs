//! The tag check: a tag names a version, and with it the functions of the run.

use stand_in_hub::StandInHub;

use crate::judged::{on_line, refused, refused_at};
use crate::support::{CODE, MANIFEST, Run, Step};

/// Three functions of two versions.
fn three() -> Step {
    let manifest = |name: &str, version: &str| MANIFEST.replace("greeter", name).replace("1.0.0", version);
    Step::empty()
        .function("f/a", &manifest("alpha", "1.0.0"), CODE)
        .function("f/b", &manifest("beta", "2.0.0"), CODE)
        .function("f/c", &manifest("gamma", "1.0.0"), CODE)
        .input("directory", "f/*")
}

/// As GitLab would run it for a tag.
fn gitlab_tag(step: Step, tag: &str) -> Step {
    step.gitlab().unset("CI_COMMIT_BRANCH").env("CI_COMMIT_TAG", tag)
}

/// Runs on both platforms; on each, these functions are published.
#[track_caller]
fn publishes(step: impl Fn() -> Step, tag: &str, published: &[&str]) {
    for step in [step().github_tag(tag), gitlab_tag(step(), tag)] {
        let hub = StandInHub::start();
        let run = step.hub(&hub).run();
        assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{tag}: {}", run.stdout);
        let mut names: Vec<_> =
            hub.publishes().iter().map(|body| body["name"].as_str().unwrap_or_default().to_owned()).collect();
        names.sort();
        assert_eq!(names, published, "{tag}");
        for function in run.functions() {
            let is_published = published.contains(&function["name"].as_str().unwrap_or_default());
            assert_eq!(function["status"], if is_published { "published" } else { "skipped" });
        }
    }
}

/// Refused on both platforms, and nothing is sent.
#[track_caller]
fn mismatch(step: impl Fn() -> Step, tag: &str) -> Run {
    refused(gitlab_tag(step(), tag), "TAG_MISMATCH");
    refused(step().github_tag(tag), "TAG_MISMATCH")
}

#[test]
fn a_bare_tag_picks_every_function_of_its_version() {
    for tag in ["1.0.0", "v1.0.0"] {
        publishes(three, tag, &["alpha", "gamma"]);
    }
    publishes(three, "v2.0.0", &["beta"]);
}

#[test]
fn a_named_tag_picks_that_function() {
    for tag in ["alpha@1.0.0", "alpha@v1.0.0", "alpha-v1.0.0", "alpha/v1.0.0"] {
        publishes(three, tag, &["alpha"]);
    }
}

#[test]
fn a_tag_that_picks_nothing_is_refused() {
    for tag in ["v3.0.0", "delta@1.0.0", "v1.0.0-rc.1", "alph-v1.0.0"] {
        let run = mismatch(three, tag);
        let finding = run.finding("TAG_MISMATCH");
        assert!(
            finding["hint"].as_str().is_some_and(|hint| hint.contains("`alpha` 1.0.0")),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn a_tag_that_names_a_function_at_another_version_is_refused_at_the_version() {
    let run = mismatch(three, "beta@2.0.1");
    let finding = run.finding("TAG_MISMATCH");
    assert_eq!(finding["file"], "f/b/aerostack.json");
    assert_eq!(run.place("TAG_MISMATCH"), on_line(3, 14, 21));
    assert!(finding["message"].as_str().is_some_and(|text| text.contains("2.0.0")), "{}", run.stdout);
}

#[test]
fn the_only_function_at_another_version_is_refused_at_the_version() {
    for tag in ["v1.0.1", "greeter@1.0.1", "greeter-v1.0.1", "greeter/v0.9.0"] {
        let run = mismatch(Step::plain, tag);
        assert_eq!(run.finding("TAG_MISMATCH")["file"], "aerostack.json");
        assert_eq!(run.place("TAG_MISMATCH"), on_line(3, 14, 21), "{tag}");
    }
}

#[test]
fn a_name_may_look_like_a_part_of_a_tag() {
    let named = |name: &str, version: &str| {
        let manifest = MANIFEST.replace("greeter", name).replace("1.0.0", version);
        move || Step::empty().function(".", &manifest, CODE)
    };
    publishes(named("resize-v2", "1.0.0"), "resize-v2-v1.0.0", &["resize-v2"]);
    publishes(named("resize-v2", "1.0.0-rc.1"), "resize-v2@1.0.0-rc.1", &["resize-v2"]);
    publishes(named("v1", "1.2.3"), "v1/v1.2.3", &["v1"]);
}

#[test]
fn a_prerelease_is_another_version_and_build_metadata_is_not() {
    mismatch(Step::plain, "v1.0.0-beta");
    publishes(Step::plain, "v1.0.0+build.5", &["greeter"]);
}

#[test]
fn a_tag_that_is_no_version_is_not_checked_on_auto() {
    for tag in ["nightly", "v1", "release-2026-11", "v1.0", "latest/greeter"] {
        publishes(three, tag, &["alpha", "beta", "gamma"]);
    }
}

#[test]
fn no_run_without_such_a_tag_if_one_is_required() {
    let required = || three().input("tag-check", "require");
    publishes(required, "v1.0.0", &["alpha", "gamma"]);
    mismatch(required, "nightly");
    mismatch(required, "v9.0.0");
    for step in [
        required().github(),
        required().gitlab(),
        required().github_pull_request().input("publish", "auto"),
        required(),
    ] {
        refused(step, "TAG_MISMATCH");
    }
}

#[test]
fn a_tag_does_not_count_where_the_check_is_off() {
    for tag in ["v3.0.0", "beta@9.9.9", "nightly"] {
        publishes(|| three().input("tag-check", "off"), tag, &["alpha", "beta", "gamma"]);
    }
}

#[test]
fn a_branch_that_is_called_like_a_version_is_no_tag() {
    let hub = StandInHub::start();
    let branch = three().github().env("GITHUB_REF", "refs/heads/v9.0.0").env("GITHUB_REF_NAME", "v9.0.0");
    let run = branch.hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
    assert_eq!(hub.publishes().len(), 3);
}

#[test]
fn a_fault_of_a_function_that_the_tag_does_not_name_does_not_count() {
    let broken = || three().edit("f/b/aerostack.json", "utility", "medai");
    publishes(broken, "v1.0.0", &["alpha", "gamma"]);
    publishes(broken, "alpha@1.0.0", &["alpha"]);
    let unversioned = || three().edit("f/b/aerostack.json", "2.0.0", "two");
    publishes(unversioned, "alpha@1.0.0", &["alpha"]);
}

#[test]
fn what_a_tag_may_mean_but_cannot_be_read_stops_the_run_by_its_own_fault() {
    let run = refused_at(
        three().edit("f/b/aerostack.json", "2.0.0", "two").github_tag("v2.0.0"),
        "INVALID_VERSION",
        "f/b/aerostack.json",
        on_line(3, 14, 19),
    );
    assert_eq!(run.exit_code, 1);
    refused(
        three().edit("f/b/aerostack.json", "\"name\"", "name").github_tag("beta@2.0.0"),
        "MANIFEST_INVALID_JSON",
    );
}

#[test]
fn a_tag_adds_nothing_where_there_is_no_function_at_all() {
    refused(Step::empty().github_tag("v1.0.0"), "MANIFEST_MISSING");
    refused(Step::empty().input("directory", "functions/*").github_tag("v1.0.0"), "NO_FUNCTION");
}

#[test]
fn two_functions_of_one_slug_may_stand_side_by_side_if_the_tag_picks_one() {
    let twins = || {
        Step::empty()
            .function("a", MANIFEST, CODE)
            .function("b", &MANIFEST.replace("1.0.0", "2.0.0"), CODE)
            .input("directory", "a\nb")
    };
    publishes_version(twins().github_tag("v2.0.0"), "2.0.0");
    refused(twins(), "DUPLICATE_FUNCTION");
}

#[track_caller]
fn publishes_version(step: Step, version: &str) {
    let hub = StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    let versions: Vec<_> = hub.publishes().iter().map(|body| body["version"].clone()).collect();
    assert_eq!(versions, [version]);
}
