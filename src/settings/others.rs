//! What other CI systems tell of a run: one table of their variables.

use super::ci::{Branch, Trigger};
use crate::settings::env::Env;

/// One CI system, by the names of its variables.
struct Ci {
    /// The variable that tells this system from all others.
    flag: Flag,
    /// The tag's name, on a tag only.
    tag: &'static str,
    /// The request's number or address, on a pull request only; `false` is none.
    pull_request: &'static str,
    /// The branch's name.
    branch: &'static str,
    default_branch: DefaultBranch,
}

enum Flag {
    /// Set, to whatever.
    Set(&'static str),
    /// Set to this word.
    Is(&'static str, &'static str),
}

/// How a system tells whether a branch is the default one.
enum DefaultBranch {
    /// By the default branch's name.
    Named(&'static str),
    /// By `true`; where the variable is unset, it was not told.
    Flagged(&'static str),
    Untold,
}

/// The systems, each as its own documentation names its variables. `TeamCity` names neither branch nor tag by itself.
const SYSTEMS: [Ci; 6] = [
    // Woodpecker documentation, "Environment variables". Some names are GitLab's as well, some with another meaning.
    Ci {
        flag: Flag::Is("CI", "woodpecker"),
        tag: "CI_COMMIT_TAG",
        pull_request: "CI_COMMIT_PULL_REQUEST",
        branch: "CI_COMMIT_BRANCH",
        default_branch: DefaultBranch::Named("CI_REPO_DEFAULT_BRANCH"),
    },
    // Drone documentation, "Environment reference": `DRONE_REPO_BRANCH` is the repository's default branch.
    Ci {
        flag: Flag::Is("DRONE", "true"),
        tag: "DRONE_TAG",
        pull_request: "DRONE_PULL_REQUEST",
        branch: "DRONE_BRANCH",
        default_branch: DefaultBranch::Named("DRONE_REPO_BRANCH"),
    },
    // Buildkite documentation, "Environment variables".
    Ci {
        flag: Flag::Is("BUILDKITE", "true"),
        tag: "BUILDKITE_TAG",
        pull_request: "BUILDKITE_PULL_REQUEST",
        branch: "BUILDKITE_BRANCH",
        default_branch: DefaultBranch::Named("BUILDKITE_PIPELINE_DEFAULT_BRANCH"),
    },
    // CircleCI documentation, "Built-in environment variables".
    Ci {
        flag: Flag::Is("CIRCLECI", "true"),
        tag: "CIRCLE_TAG",
        pull_request: "CIRCLE_PULL_REQUEST",
        branch: "CIRCLE_BRANCH",
        default_branch: DefaultBranch::Untold,
    },
    // Atlassian documentation, "Variables and secrets".
    Ci {
        flag: Flag::Set("BITBUCKET_BUILD_NUMBER"),
        tag: "BITBUCKET_TAG",
        pull_request: "BITBUCKET_PR_ID",
        branch: "BITBUCKET_BRANCH",
        default_branch: DefaultBranch::Untold,
    },
    // Jenkins, "Pipeline: Multibranch", global variable `env`. On a tag, `BRANCH_NAME` is the tag's name too.
    Ci {
        flag: Flag::Set("JENKINS_URL"),
        tag: "TAG_NAME",
        pull_request: "CHANGE_ID",
        branch: "BRANCH_NAME",
        default_branch: DefaultBranch::Flagged("BRANCH_IS_PRIMARY"),
    },
];

/// What triggered the run, if this is one of the systems of the table.
pub(super) fn trigger(env: &Env) -> Trigger {
    SYSTEMS.iter().find(|ci| ci.flag.is_in(env)).map_or(Trigger::Unknown, |ci| ci.trigger(env))
}

impl Flag {
    fn is_in(&self, env: &Env) -> bool {
        match self {
            Self::Set(name) => env.get(name).is_some(),
            Self::Is(name, word) => env.get(name) == Some(word),
        }
    }
}

impl Ci {
    fn trigger(&self, env: &Env) -> Trigger {
        if let Some(tag) = env.get(self.tag) {
            return Trigger::Tag(tag.to_owned());
        }
        if env.get(self.pull_request).is_some_and(|number| number != "false") {
            return Trigger::PullRequest;
        }
        let Some(branch) = env.get(self.branch) else { return Trigger::Unknown };
        Trigger::Branch(match self.default_branch {
            DefaultBranch::Named(name) => Branch::of(branch, env.get(name)),
            DefaultBranch::Flagged(name) if env.is_true(name) => Branch::Default,
            DefaultBranch::Flagged(_) | DefaultBranch::Untold => Branch::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(variables: &[(&str, &str)]) -> Trigger {
        trigger(&Env::of("/", variables.iter().copied()))
    }

    fn tag() -> Trigger {
        Trigger::Tag("v1.0.0".to_owned())
    }

    const DEFAULT: Trigger = Trigger::Branch(Branch::Default);
    const OTHER: Trigger = Trigger::Branch(Branch::Other);
    const UNKNOWN: Trigger = Trigger::Branch(Branch::Unknown);

    #[test]
    fn woodpecker_tells_its_trigger() {
        let on = |more: &[(&'static str, &'static str)]| {
            on(&[&[("CI", "woodpecker"), ("CI_REPO_DEFAULT_BRANCH", "main")], more].concat())
        };
        assert_eq!(on(&[("CI_COMMIT_TAG", "v1.0.0")]), tag());
        assert_eq!(on(&[("CI_COMMIT_BRANCH", "main")]), DEFAULT);
        assert_eq!(on(&[("CI_COMMIT_BRANCH", "topic")]), OTHER);
        // The branch of a pull request is the one it aims at.
        assert_eq!(
            on(&[("CI_COMMIT_BRANCH", "main"), ("CI_COMMIT_PULL_REQUEST", "7")]),
            Trigger::PullRequest
        );
    }

    #[test]
    fn drone_tells_its_trigger() {
        let on = |more: &[(&'static str, &'static str)]| {
            on(&[&[("DRONE", "true"), ("DRONE_REPO_BRANCH", "main")], more].concat())
        };
        assert_eq!(on(&[("DRONE_TAG", "v1.0.0"), ("DRONE_BRANCH", "main")]), tag());
        assert_eq!(on(&[("DRONE_BRANCH", "main")]), DEFAULT);
        assert_eq!(on(&[("DRONE_BRANCH", "topic")]), OTHER);
        assert_eq!(on(&[("DRONE_BRANCH", "main"), ("DRONE_PULL_REQUEST", "7")]), Trigger::PullRequest);
    }

    #[test]
    fn buildkite_tells_its_trigger() {
        let on = |more: &[(&'static str, &'static str)]| {
            let always = [
                ("BUILDKITE", "true"),
                ("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "main"),
                ("BUILDKITE_PULL_REQUEST", "false"),
            ];
            on(&[&always, more].concat())
        };
        assert_eq!(on(&[("BUILDKITE_TAG", "v1.0.0"), ("BUILDKITE_BRANCH", "v1.0.0")]), tag());
        assert_eq!(on(&[("BUILDKITE_BRANCH", "main")]), DEFAULT);
        assert_eq!(on(&[("BUILDKITE_BRANCH", "topic")]), OTHER);
        let request = [("BUILDKITE", "true"), ("BUILDKITE_BRANCH", "topic"), ("BUILDKITE_PULL_REQUEST", "7")];
        assert_eq!(super::trigger(&Env::of("/", request)), Trigger::PullRequest);
    }

    #[test]
    fn circleci_and_bitbucket_tell_all_but_the_default_branch() {
        let circle = |name, value| on(&[("CIRCLECI", "true"), (name, value)]);
        assert_eq!(circle("CIRCLE_TAG", "v1.0.0"), tag());
        assert_eq!(circle("CIRCLE_BRANCH", "main"), UNKNOWN);
        assert_eq!(circle("CIRCLE_PULL_REQUEST", "https://github.com/o/r/pull/7"), Trigger::PullRequest);
        let bitbucket = |name, value| on(&[("BITBUCKET_BUILD_NUMBER", "1"), (name, value)]);
        assert_eq!(bitbucket("BITBUCKET_TAG", "v1.0.0"), tag());
        assert_eq!(bitbucket("BITBUCKET_BRANCH", "main"), UNKNOWN);
        assert_eq!(bitbucket("BITBUCKET_PR_ID", "7"), Trigger::PullRequest);
    }

    #[test]
    fn jenkins_tells_the_primary_branch_alone() {
        let on =
            |more: &[(&'static str, &'static str)]| on(&[&[("JENKINS_URL", "https://ci/")], more].concat());
        assert_eq!(on(&[("TAG_NAME", "v1.0.0"), ("BRANCH_NAME", "v1.0.0")]), tag());
        assert_eq!(on(&[("BRANCH_NAME", "main"), ("BRANCH_IS_PRIMARY", "true")]), DEFAULT);
        assert_eq!(on(&[("BRANCH_NAME", "topic")]), UNKNOWN);
        assert_eq!(on(&[("BRANCH_NAME", "PR-7"), ("CHANGE_ID", "7")]), Trigger::PullRequest);
    }

    #[test]
    fn what_is_no_system_of_the_table_tells_nothing() {
        assert_eq!(on(&[("CI", "true"), ("CI_COMMIT_TAG", "v1.0.0"), ("TAG_NAME", "v1")]), Trigger::Unknown);
        assert_eq!(on(&[("CIRCLECI", "true")]), Trigger::Unknown);
    }
}
