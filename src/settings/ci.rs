//! Which CI this is, and what triggered the run: one table of systems.

use std::path::PathBuf;

use super::env::Env;
use super::event::Event;

/// The CI systems that have output formats of their own here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// GitHub Actions, and Gitea and Forgejo, which look like it.
    GitHub,
    GitLab,
    /// Azure Pipelines.
    Azure,
    /// Any other CI, or a person's terminal.
    Plain,
}

impl System {
    /// Whether its log shows colors.
    pub(crate) const fn shows_colors(self) -> bool {
        match self {
            Self::GitHub | Self::GitLab | Self::Azure => true,
            Self::Plain => false,
        }
    }

    /// Whether parts of its log can be folded.
    pub(crate) const fn folds(self) -> bool {
        match self {
            Self::GitHub | Self::GitLab => true,
            Self::Azure | Self::Plain => false,
        }
    }
}

/// What started this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// A commit on a branch.
    Branch(Branch),
    /// A tag, by its name.
    Tag(String),
    /// A pull or merge request that is not merged, or a merge queue's check of one.
    PullRequest,
    /// This CI does not say.
    Unknown,
}

/// Whether a branch is the repository's default branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Branch {
    Default,
    Other,
    /// The default branch is not known; with the variable that would lead to its name, if this CI has one.
    Unknown(Option<&'static str>),
}

/// The CI this run is part of.
#[derive(Debug, Clone)]
pub(crate) struct Ci {
    pub(crate) system: System,
    pub(crate) trigger: Trigger,
    /// The event that triggered the run, if it can run code with this repository's secrets that nobody merged.
    pub(crate) untrusted_event: Option<String>,
    /// Whether it is for a protected branch or tag, where this CI protects them (GitLab documentation, "Predefined CI/CD
    /// variables reference").
    pub(crate) is_protected: bool,
    /// The root of the repository; paths in reports are relative to it.
    pub(crate) workspace: PathBuf,
    /// The file that takes a step's outputs.
    pub(crate) output_file: Option<PathBuf>,
    /// The file that takes a step's Markdown summary.
    pub(crate) summary_file: Option<PathBuf>,
    /// The URL under which the forge shows the files of this commit.
    pub(crate) files_url: Option<String>,
    /// Where an agent of Azure Pipelines keeps files until the job ends.
    pub(crate) agent_directory: Option<PathBuf>,
}

/// One CI system: how to recognize it, and the variables that say what triggered the run.
struct Row {
    system: System,
    flag: Sign,
    /// The tag's name, on a tag only.
    tag: &'static str,
    /// Set for a pull request, and not to `false`.
    pull_request: &'static str,
    /// More signs of one.
    also: &'static [Sign],
    branch: &'static str,
    default_branch: DefaultBranch,
}

/// A sign in the environment.
enum Sign {
    /// The variable is set, to anything.
    Set(&'static str),
    /// The variable is `true`, in upper or lower case.
    True(&'static str),
    /// The variable is exactly this word.
    Is(&'static str, &'static str),
}

/// How a system says whether a branch is the default one.
enum DefaultBranch {
    /// The variable holds the default branch's name.
    Named(&'static str),
    /// The variable is `true` on the default branch; unset, it says nothing.
    Flagged(&'static str),
    NotGiven,
}

use DefaultBranch::{Flagged, Named, NotGiven};
use Sign::{Is, Set, True};

/// The systems, each with the variables that its own documentation names; the first whose flag is there counts.
/// `TeamCity` names neither branch nor tag by itself.
const SYSTEMS: [Row; 9] = [
    // GitHub documentation, "Variables reference". What triggered the run is in full refs and the event file.
    Row { system: System::GitHub, ..plain(True("GITHUB_ACTIONS"), [""; 3], NotGiven) },
    // GitLab documentation, "Predefined CI/CD variables reference".
    Row {
        system: System::GitLab,
        also: &[
            // Also set in a child pipeline, whose source is `parent_pipeline`.
            Set("CI_MERGE_REQUEST_IID"),
            Set("CI_MERGE_REQUEST_ID"),
            Is("CI_PIPELINE_SOURCE", "merge_request_event"),
            Is("CI_PIPELINE_SOURCE", "external_pull_request_event"),
            Set("CI_EXTERNAL_PULL_REQUEST_IID"),
        ],
        ..plain(
            True("GITLAB_CI"),
            ["CI_COMMIT_TAG", "CI_MERGE_REQUEST_IID", "CI_COMMIT_BRANCH"],
            Named("CI_DEFAULT_BRANCH"),
        )
    },
    // Microsoft documentation, "Use predefined variables". What triggered the run is in a full ref.
    Row { system: System::Azure, ..plain(True("TF_BUILD"), [""; 3], NotGiven) },
    // Woodpecker documentation, "Environment variables". Some names are GitLab's as well, with another meaning.
    Row {
        also: &[
            Is("CI_PIPELINE_EVENT", "pull_request"),
            Is("CI_PIPELINE_EVENT", "pull_request_closed"),
            Is("CI_PIPELINE_EVENT", "pull_request_metadata"),
        ],
        ..plain(
            Is("CI", "woodpecker"),
            ["CI_COMMIT_TAG", "CI_COMMIT_PULL_REQUEST", "CI_COMMIT_BRANCH"],
            Named("CI_REPO_DEFAULT_BRANCH"),
        )
    },
    // Drone documentation, "Environment reference": `DRONE_REPO_BRANCH` is the repository's default branch.
    Row {
        also: &[Is("DRONE_BUILD_EVENT", "pull_request")],
        ..plain(
            Is("DRONE", "true"),
            ["DRONE_TAG", "DRONE_PULL_REQUEST", "DRONE_BRANCH"],
            Named("DRONE_REPO_BRANCH"),
        )
    },
    // Buildkite documentation, "Environment variables".
    plain(
        Is("BUILDKITE", "true"),
        ["BUILDKITE_TAG", "BUILDKITE_PULL_REQUEST", "BUILDKITE_BRANCH"],
        Named("BUILDKITE_PIPELINE_DEFAULT_BRANCH"),
    ),
    // CircleCI documentation, "Built-in environment variables". The number is set for requests from forks alone.
    Row {
        also: &[Set("CIRCLE_PR_NUMBER")],
        ..plain(Is("CIRCLECI", "true"), ["CIRCLE_TAG", "CIRCLE_PULL_REQUEST", "CIRCLE_BRANCH"], NotGiven)
    },
    // Atlassian documentation, "Variables and secrets".
    plain(Set("BITBUCKET_BUILD_NUMBER"), ["BITBUCKET_TAG", "BITBUCKET_PR_ID", "BITBUCKET_BRANCH"], NotGiven),
    // Jenkins, "Pipeline: Multibranch", global variable `env`. On a tag, `BRANCH_NAME` is the tag's name too.
    plain(Set("JENKINS_URL"), ["TAG_NAME", "CHANGE_ID", "BRANCH_NAME"], Flagged("BRANCH_IS_PRIMARY")),
];

/// A system without output formats of its own here.
const fn plain(
    flag: Sign,
    [tag, pull_request, branch]: [&'static str; 3],
    default_branch: DefaultBranch,
) -> Row {
    Row { system: System::Plain, flag, tag, pull_request, also: &[], branch, default_branch }
}

impl Ci {
    /// Recognizes the CI by the variables it sets.
    pub(crate) fn of(env: &Env) -> Self {
        let row = SYSTEMS.iter().find(|row| row.flag.is_in(env));
        let system = row.map_or(System::Plain, |row| row.system);
        let of = |wanted: System, name: &str| env.get(name).filter(|_| system == wanted).map(PathBuf::from);
        let is_github = system == System::GitHub;
        let workspace = of(System::GitHub, "GITHUB_WORKSPACE")
            .or_else(|| of(System::GitLab, "CI_PROJECT_DIR"))
            .or_else(|| of(System::Azure, "BUILD_SOURCESDIRECTORY"));
        // In a container it may be a path of the machine around it.
        let workspace = workspace.map(|path| env.working_directory().join(path)).filter(|path| path.is_dir());
        Self {
            system,
            trigger: match system {
                System::GitHub => github_trigger(env, &Event::read(env.get(EVENT_FILE))),
                System::Azure => azure_trigger(env),
                System::GitLab | System::Plain => row.map_or(Trigger::Unknown, |row| row.trigger(env)),
            },
            untrusted_event: untrusted_event(env).filter(|_| is_github),
            is_protected: env.get("CI_COMMIT_REF_PROTECTED") == Some("true"),
            workspace: workspace.unwrap_or(env.working_directory().to_owned()),
            output_file: of(System::GitHub, "GITHUB_OUTPUT"),
            summary_file: of(System::GitHub, "GITHUB_STEP_SUMMARY"),
            files_url: match system {
                System::GitHub => github_files_url(env),
                System::GitLab => gitlab_files_url(env),
                System::Azure | System::Plain => None,
            },
            agent_directory: of(System::Azure, "AGENT_TEMPDIRECTORY"),
        }
    }
}

impl Sign {
    fn is_in(&self, env: &Env) -> bool {
        match self {
            Set(name) => env.get(name).is_some(),
            True(name) => env.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true")),
            Is(name, word) => env.get(name) == Some(word),
        }
    }
}

impl Row {
    fn trigger(&self, env: &Env) -> Trigger {
        if let Some(tag) = env.get(self.tag) {
            return Trigger::Tag(tag.to_owned());
        }
        let is_request = env.get(self.pull_request).is_some_and(|value| value != "false");
        if is_request || self.also.iter().any(|sign| sign.is_in(env)) {
            return Trigger::PullRequest;
        }
        let Some(branch) = env.get(self.branch) else { return Trigger::Unknown };
        let (default, variable) = match self.default_branch {
            Named(name) => (env.get(name), Some(name)),
            Flagged(name) => (True(name).is_in(env).then_some(branch), None),
            NotGiven => (None, None),
        };
        Trigger::on_branch(branch, default, variable)
    }
}

/// What the branches of GitHub's merge queue start with, on every CI that is told of pushes (documentation, "Managing a merge
/// queue").
const MERGE_QUEUE: &str = "gh-readonly-queue/";

impl Trigger {
    /// A commit on a branch, compared with the default branch, which a variable leads to, if this CI has such a variable.
    fn on_branch(branch: &str, default: Option<&str>, variable: Option<&'static str>) -> Self {
        match default {
            _ if branch.starts_with(MERGE_QUEUE) => Self::PullRequest,
            None => Self::Branch(Branch::Unknown(variable)),
            Some(default) if default == branch => Self::Branch(Branch::Default),
            Some(_) => Self::Branch(Branch::Other),
        }
    }
}

/// The variable that names GitHub's event file.
const EVENT_FILE: &str = "GITHUB_EVENT_PATH";

fn github_trigger(env: &Env, event: &Event) -> Trigger {
    let text = |name| env.get(name).unwrap_or_default();
    let (name, full_ref) = (text("GITHUB_EVENT_NAME"), text("GITHUB_REF"));
    let on_branch = |branch, default| Trigger::on_branch(branch, default, Some(EVENT_FILE));
    if let ("pull_request" | "pull_request_target", Some(base)) = (name, event.merged_into()) {
        return on_branch(base, event.default_branch());
    }
    if name.starts_with("pull_request") || name == "merge_group" || full_ref.starts_with("refs/pull/") {
        return Trigger::PullRequest;
    }
    let named = |kind| (text("GITHUB_REF_TYPE") == kind).then(|| text("GITHUB_REF_NAME"));
    let is_named = |text: &&str| !text.is_empty();
    let tag = full_ref.strip_prefix("refs/tags/").or_else(|| named("tag")).filter(is_named);
    // The ref of a release can be empty, or that of its draft (actions/runner, issue 2788).
    let is_draft = |tag: &str| name == "release" && tag.starts_with("untagged-");
    let released = event.release_tag().filter(|_| name == "release" && tag.is_none_or(is_draft));
    match released.or(tag) {
        Some(tag) if is_draft(tag) => return Trigger::Unknown,
        Some(tag) => return Trigger::Tag(tag.to_owned()),
        None => {}
    }
    match full_ref.strip_prefix("refs/heads/").or_else(|| named("branch")).filter(is_named) {
        None => Trigger::Unknown,
        // The event of a schedule names no default branch, and runs on no other.
        Some(branch) if name == "schedule" => on_branch(branch, Some(branch)),
        Some(branch) => on_branch(branch, event.default_branch()),
    }
}

/// The events of GitHub Actions that run what is on a branch or tag of the repository; those of pull requests get no secrets for a
/// stranger's code (documentation, "Events that trigger workflows"). All others are triggered by anyone, or for a commit that is
/// anywhere.
const TRUSTED_EVENTS: [&str; 7] =
    ["push", "create", "release", "schedule", "workflow_dispatch", "deployment", "merge_group"];

fn untrusted_event(env: &Env) -> Option<String> {
    let event = env.get("GITHUB_EVENT_NAME")?;
    let is_request = event.starts_with("pull_request") && event != "pull_request_target";
    (!is_request && !TRUSTED_EVENTS.contains(&event)).then(|| event.to_owned())
}

fn github_files_url(env: &Env) -> Option<String> {
    let [server, repository, commit] =
        ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"].map(|name| env.get(name));
    Some(format!("{}/{}/blob/{}", server?, repository?, commit?))
}

fn gitlab_files_url(env: &Env) -> Option<String> {
    let [project, commit] = ["CI_PROJECT_URL", "CI_COMMIT_SHA"].map(|name| env.get(name));
    Some(format!("{}/-/blob/{}", project?, commit?))
}

/// No variable of Azure Pipelines names the default branch.
fn azure_trigger(env: &Env) -> Trigger {
    let full_ref = env.get("BUILD_SOURCEBRANCH").unwrap_or_default();
    if env.get("BUILD_REASON") == Some("PullRequest") || full_ref.starts_with("refs/pull/") {
        return Trigger::PullRequest;
    }
    if let Some(tag) = full_ref.strip_prefix("refs/tags/") {
        return Trigger::Tag(tag.to_owned());
    }
    match full_ref.strip_prefix("refs/heads/").unwrap_or(full_ref) {
        "" => Trigger::Unknown,
        branch => Trigger::on_branch(branch, None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: Trigger = Trigger::Branch(Branch::Default);
    const OTHER: Trigger = Trigger::Branch(Branch::Other);
    const UNKNOWN: Trigger = unknown(None);
    const UNREAD_EVENT: Trigger = unknown(Some(EVENT_FILE));
    const UNNAMED: Trigger = unknown(Some("CI_DEFAULT_BRANCH"));

    const fn unknown(variable: Option<&'static str>) -> Trigger {
        Trigger::Branch(Branch::Unknown(variable))
    }

    /// The trigger that an environment of `NAME=value` words describes.
    fn trigger(variables: &str) -> Trigger {
        let variables = variables.split_whitespace().filter_map(|variable| variable.split_once('='));
        Ci::of(&Env::of("/", variables)).trigger
    }

    #[test]
    fn github_and_gitlab_name_what_triggered_the_run() {
        let tag = || Trigger::Tag("v1.0.0".to_owned());
        for (system, variables, expected) in [
            ("GITHUB_ACTIONS=true", "GITHUB_REF_TYPE=tag GITHUB_REF_NAME=v1.0.0", tag()),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/tags/v1.0.0", tag()),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/pull/7/merge", Trigger::PullRequest),
            ("GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=pull_request_target", Trigger::PullRequest),
            ("GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=merge_group", Trigger::PullRequest),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/heads/main GITHUB_EVENT_NAME=schedule", DEFAULT),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/heads/main", UNREAD_EVENT),
            ("GITHUB_ACTIONS=true", "", Trigger::Unknown),
            (
                "GITHUB_ACTIONS=true",
                "GITHUB_REF=refs/heads/gh-readonly-queue/main/pr-7 GITHUB_EVENT_NAME=merge_group",
                Trigger::PullRequest,
            ),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/tags/v1.0.0 GITHUB_EVENT_NAME=release", tag()),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/heads/v1.0.0 GITHUB_REF_NAME=v1.0.0", UNREAD_EVENT),
            ("GITHUB_ACTIONS=true GITEA_ACTIONS=true", "GITHUB_REF=refs/tags/v1.0.0", tag()),
            ("GITHUB_ACTIONS=true FORGEJO_ACTIONS=true", "GITHUB_REF=refs/tags/v1.0.0", tag()),
            ("GITLAB_CI=true CI_DEFAULT_BRANCH=main", "CI_COMMIT_BRANCH=main", DEFAULT),
            ("GITLAB_CI=true CI_DEFAULT_BRANCH=main", "CI_COMMIT_BRANCH=Main", OTHER),
            ("GITLAB_CI=true", "CI_COMMIT_BRANCH=main", UNNAMED),
            ("GITLAB_CI=true", "CI_PIPELINE_SOURCE=external_pull_request_event", Trigger::PullRequest),
            (
                "GITLAB_CI=true CI_DEFAULT_BRANCH=main",
                "CI_COMMIT_BRANCH=main CI_PIPELINE_SOURCE=schedule",
                DEFAULT,
            ),
            ("GITLAB_CI=false", "CI_COMMIT_TAG=v1.0.0", Trigger::Unknown),
            ("GITLAB_CI=true CI_DEFAULT_BRANCH=main", "CI_COMMIT_BRANCH=topic", OTHER),
            ("GITLAB_CI=true CI_DEFAULT_BRANCH=main", "CI_COMMIT_TAG=v1.0.0", tag()),
            ("GITLAB_CI=true", "CI_PIPELINE_SOURCE=merge_request_event", Trigger::PullRequest),
            // A child pipeline of a merge request's, and one of a merge train.
            (
                "GITLAB_CI=true CI_COMMIT_BRANCH=main",
                "CI_PIPELINE_SOURCE=parent_pipeline CI_MERGE_REQUEST_ID=70",
                Trigger::PullRequest,
            ),
            (
                "GITLAB_CI=true CI_MERGE_REQUEST_IID=7",
                "CI_MERGE_REQUEST_EVENT_TYPE=merge_train",
                Trigger::PullRequest,
            ),
            ("GITLAB_CI=true CI_COMMIT_BRANCH=x", "CI_EXTERNAL_PULL_REQUEST_IID=7", Trigger::PullRequest),
        ] {
            assert_eq!(trigger(&format!("{system} {variables}")), expected, "{system} {variables}");
        }
    }

    #[test]
    fn other_systems_name_what_triggered_the_run() {
        let tag = || Trigger::Tag("v1.0.0".to_owned());
        for (system, variables, expected) in [
            ("TF_BUILD=True", "BUILD_SOURCEBRANCH=refs/tags/v1.0.0 BUILD_REASON=IndividualCI", tag()),
            ("TF_BUILD=True", "BUILD_SOURCEBRANCH=refs/heads/main BUILD_REASON=IndividualCI", UNKNOWN),
            (
                "TF_BUILD=True",
                "BUILD_SOURCEBRANCH=refs/pull/7/merge BUILD_REASON=Manual",
                Trigger::PullRequest,
            ),
            ("TF_BUILD=True", "BUILD_REASON=PullRequest", Trigger::PullRequest),
            ("TF_BUILD=True", "", Trigger::Unknown),
            ("CI=woodpecker CI_REPO_DEFAULT_BRANCH=main", "CI_COMMIT_TAG=v1.0.0", tag()),
            ("CI=woodpecker CI_REPO_DEFAULT_BRANCH=main", "CI_COMMIT_BRANCH=main", DEFAULT),
            ("CI=woodpecker CI_REPO_DEFAULT_BRANCH=main", "CI_COMMIT_BRANCH=topic", OTHER),
            // Woodpecker has names of GitLab's with other meanings.
            (
                "CI=woodpecker CI_DEFAULT_BRANCH=main",
                "CI_COMMIT_BRANCH=main",
                unknown(Some("CI_REPO_DEFAULT_BRANCH")),
            ),
            // The branch of a pull request is the one it targets.
            ("CI=woodpecker", "CI_COMMIT_BRANCH=main CI_COMMIT_PULL_REQUEST=7", Trigger::PullRequest),
            ("DRONE=true DRONE_REPO_BRANCH=main", "DRONE_TAG=v1.0.0 DRONE_BRANCH=main", tag()),
            ("DRONE=true DRONE_REPO_BRANCH=main", "DRONE_BRANCH=main", DEFAULT),
            ("DRONE=true DRONE_REPO_BRANCH=main", "DRONE_BRANCH=topic", OTHER),
            ("DRONE=true", "DRONE_BRANCH=main DRONE_PULL_REQUEST=7", Trigger::PullRequest),
            ("BUILDKITE=true", "BUILDKITE_TAG=v1.0.0 BUILDKITE_BRANCH=v1.0.0", tag()),
            (
                "BUILDKITE=true BUILDKITE_PULL_REQUEST=false",
                "BUILDKITE_BRANCH=main",
                unknown(Some("BUILDKITE_PIPELINE_DEFAULT_BRANCH")),
            ),
            (
                "BUILDKITE=true BUILDKITE_PULL_REQUEST=false",
                "BUILDKITE_BRANCH=main BUILDKITE_PIPELINE_DEFAULT_BRANCH=main",
                DEFAULT,
            ),
            ("BUILDKITE=true BUILDKITE_PULL_REQUEST=7", "BUILDKITE_BRANCH=topic", Trigger::PullRequest),
            ("CIRCLECI=true", "CIRCLE_TAG=v1.0.0", tag()),
            ("CIRCLECI=true", "CIRCLE_BRANCH=main", UNKNOWN),
            ("CIRCLECI=true", "CIRCLE_PULL_REQUEST=https://github.com/o/r/pull/7", Trigger::PullRequest),
            ("CIRCLECI=true CIRCLE_BRANCH=pull/7", "CIRCLE_PR_NUMBER=7", Trigger::PullRequest),
            ("CIRCLECI=true", "", Trigger::Unknown),
            ("DRONE=true DRONE_BRANCH=main", "DRONE_BUILD_EVENT=pull_request", Trigger::PullRequest),
            (
                "CI=woodpecker CI_COMMIT_BRANCH=main",
                "CI_PIPELINE_EVENT=pull_request_closed",
                Trigger::PullRequest,
            ),
            ("CIRCLECI=TRUE", "CIRCLE_TAG=v1.0.0", Trigger::Unknown),
            ("BITBUCKET_BUILD_NUMBER=false", "BITBUCKET_TAG=v1.0.0", tag()),
            ("JENKINS_URL=false", "TAG_NAME=v1.0.0", tag()),
            ("GITLAB_CI=true CI_COMMIT_BRANCH=main", "CI_MERGE_REQUEST_IID=false", Trigger::PullRequest),
            ("GITLAB_CI=true CI_COMMIT_BRANCH=main", "CI_PIPELINE_SOURCE=MERGE_REQUEST_EVENT", UNNAMED),
            ("BITBUCKET_BUILD_NUMBER=1", "BITBUCKET_TAG=v1.0.0", tag()),
            ("BITBUCKET_BUILD_NUMBER=1", "BITBUCKET_BRANCH=main", UNKNOWN),
            ("BITBUCKET_BUILD_NUMBER=1", "BITBUCKET_PR_ID=7", Trigger::PullRequest),
            ("JENKINS_URL=https://ci/", "TAG_NAME=v1.0.0 BRANCH_NAME=v1.0.0", tag()),
            ("JENKINS_URL=https://ci/", "BRANCH_NAME=main BRANCH_IS_PRIMARY=true", DEFAULT),
            ("JENKINS_URL=https://ci/", "BRANCH_NAME=topic", UNKNOWN),
            ("JENKINS_URL=https://ci/", "BRANCH_NAME=PR-7 CHANGE_ID=7", Trigger::PullRequest),
            ("CI=true", "CI_COMMIT_TAG=v1.0.0 TAG_NAME=v1", Trigger::Unknown),
        ] {
            assert_eq!(trigger(&format!("{system} {variables}")), expected, "{system} {variables}");
        }
    }

    #[test]
    fn on_github_the_event_names_the_default_branch() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("event.json");
        for (event, branch, expected) in [
            (r#"{"repository": {"default_branch": "main"}}"#, "main", DEFAULT),
            (r#"{"repository": {"default_branch": "main"}}"#, "feature/x", OTHER),
            (r#"{"repository": {"default_branch": "main"}}"#, "Main", OTHER),
            (r#"{"repository": {"default_branch": "main"}}"#, "main2", OTHER),
            ("{}", "main", UNREAD_EVENT),
            (r#"{"repository": {"default_branch": 1}}"#, "main", UNREAD_EVENT),
            ("not JSON", "main", UNREAD_EVENT),
            ("", "main", UNREAD_EVENT),
        ] {
            std::fs::write(&path, event).unwrap();
            let variables = format!(
                "GITHUB_ACTIONS=true GITHUB_REF=refs/heads/{branch} GITHUB_EVENT_PATH={}",
                path.display()
            );
            assert_eq!(trigger(&variables), expected, "{event}, {branch}");
        }
    }

    /// The trigger of a run on GitHub for an event with this content.
    fn of_event(name: &str, full_ref: &str, event: &str) -> Trigger {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("event.json");
        std::fs::write(&path, event).unwrap();
        let path = path.display();
        trigger(&format!("GITHUB_ACTIONS=true GITHUB_EVENT_NAME={name} {full_ref} GITHUB_EVENT_PATH={path}"))
    }

    #[test]
    fn a_merged_request_counts_as_its_base_branch() {
        let event = |action: &str, merged: bool, base: &str| {
            format!(
                r#"{{"action": "{action}", "repository": {{"default_branch": "main"}},
                "pull_request": {{"merged": {merged}, "base": {{"ref": "{base}"}}}}}}"#
            )
        };
        for (action, merged, base, expected) in [
            ("closed", true, "main", DEFAULT),
            ("closed", true, "release/1", OTHER),
            ("closed", true, "gh-readonly-queue/main", Trigger::PullRequest),
            ("closed", false, "main", Trigger::PullRequest),
            ("synchronize", true, "main", Trigger::PullRequest),
        ] {
            for name in ["pull_request", "pull_request_target"] {
                let found = of_event(name, "GITHUB_REF=refs/pull/7/merge", &event(action, merged, base));
                assert_eq!(found, expected, "{name}, {action}, {merged}, {base}");
            }
        }
        let merged = event("closed", true, "main");
        for name in ["pull_request_review", "pull_request_review_comment", "merge_group"] {
            assert_eq!(
                of_event(name, "GITHUB_REF=refs/pull/7/merge", &merged),
                Trigger::PullRequest,
                "{name}"
            );
        }
        // The event of a push says nothing about pull requests.
        assert_eq!(of_event("push", "GITHUB_REF=refs/heads/topic", &merged), OTHER);
    }

    #[test]
    fn the_tag_of_a_release_is_the_events_where_the_ref_does_not_name_it() {
        let tag = |name: &str| Trigger::Tag(name.to_owned());
        let event = r#"{"release": {"tag_name": "v1.0.0"}, "repository": {"default_branch": "main"}}"#;
        for (name, full_ref, event, expected) in [
            ("release", "", event, tag("v1.0.0")),
            ("release", "GITHUB_REF=refs/tags/untagged-3f2a", event, tag("v1.0.0")),
            ("release", "GITHUB_REF=refs/tags/", event, tag("v1.0.0")),
            ("release", "GITHUB_REF_TYPE=tag GITHUB_REF_NAME=untagged-3f2a", event, tag("v1.0.0")),
            ("release", "GITHUB_REF_TYPE=tag", event, tag("v1.0.0")),
            ("release", "GITHUB_REF=refs/tags/v2.0.0", event, tag("v2.0.0")),
            ("release", "GITHUB_REF_TYPE=tag GITHUB_REF_NAME=v2.0.0", "{}", tag("v2.0.0")),
            ("release", "", "{}", Trigger::Unknown),
            ("release", "", r#"{"release": {"tag_name": ""}}"#, Trigger::Unknown),
            ("release", "GITHUB_REF=refs/tags/untagged-3f2a", "{}", Trigger::Unknown),
            ("push", "GITHUB_REF=refs/tags/untagged-3f2a", event, tag("untagged-3f2a")),
            ("push", "GITHUB_REF=refs/heads/main", event, DEFAULT),
            ("push", "", event, Trigger::Unknown),
        ] {
            assert_eq!(of_event(name, full_ref, event), expected, "{name}, {full_ref}, {event}");
        }
    }

    #[test]
    fn only_events_for_branches_and_tags_of_the_repository_are_trusted() {
        let untrusted = |system: &str, event: &str| {
            let env = Env::of("/", [(system, "true"), ("GITHUB_EVENT_NAME", event)]);
            Ci::of(&env).untrusted_event
        };
        for event in [
            "pull_request_target",
            "workflow_run",
            "issue_comment",
            "repository_dispatch",
            "issues",
            "discussion_comment",
            "check_run",
            "check_suite",
            "status",
            "no_event_yet",
        ] {
            assert_eq!(untrusted("GITHUB_ACTIONS", event).as_deref(), Some(event));
            assert_eq!(untrusted("GITLAB_CI", event), None);
        }
        for event in ["", "push", "release", "schedule", "workflow_dispatch", "pull_request", "merge_group"] {
            assert_eq!(untrusted("GITHUB_ACTIONS", event), None, "{event}");
        }
    }

    #[test]
    fn a_branch_of_githubs_merge_queue_is_not_merged_on_any_system() {
        let queue = "gh-readonly-queue/main/pr-7-0a1b";
        for variables in [
            format!("GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_REF=refs/heads/{queue}"),
            format!("TF_BUILD=True BUILD_REASON=IndividualCI BUILD_SOURCEBRANCH=refs/heads/{queue}"),
            format!("BUILDKITE=true BUILDKITE_PULL_REQUEST=false BUILDKITE_BRANCH={queue}"),
            format!("CIRCLECI=true CIRCLE_BRANCH={queue}"),
            format!("DRONE=true DRONE_REPO_BRANCH=main DRONE_BRANCH={queue}"),
            format!("JENKINS_URL=u BRANCH_NAME={queue}"),
        ] {
            assert_eq!(trigger(&variables), Trigger::PullRequest, "{variables}");
        }
    }

    #[test]
    fn paths_start_at_the_root_of_the_repository_and_reports_belong_to_one_system() {
        let of = |variables: &[(&str, &str)]| Ci::of(&Env::of("/work", variables.iter().copied()));
        let folder = tempfile::tempdir().unwrap();
        let repo = folder.path().to_str().unwrap();
        for (variables, workspace) in [
            (&[][..], "/work"),
            (&[("GITHUB_ACTIONS", "true"), ("GITHUB_WORKSPACE", repo)], repo),
            (&[("GITHUB_ACTIONS", "true"), ("CI_PROJECT_DIR", repo)], "/work"),
            (&[("GITHUB_ACTIONS", "true"), ("GITHUB_WORKSPACE", "/not/here")], "/work"),
            (&[("GITLAB_CI", "true"), ("CI_PROJECT_DIR", repo)], repo),
            (&[("GITLAB_CI", "true"), ("CI_PROJECT_DIR", "/etc/hostname")], "/work"),
            (&[("TF_BUILD", "True"), ("BUILD_SOURCESDIRECTORY", repo)], repo),
            (&[("TF_BUILD", "True"), ("BUILD_SOURCESDIRECTORY", "C:\\agent\\s")], "/work"),
            (&[("CI", "woodpecker"), ("CI_PROJECT_DIR", repo)], "/work"),
        ] {
            assert_eq!(of(variables).workspace, PathBuf::from(workspace), "{variables:?}");
        }
        let files = [("GITHUB_OUTPUT", "/o"), ("GITHUB_STEP_SUMMARY", "/s"), ("AGENT_TEMPDIRECTORY", "/t")];
        for (flag, expected) in [
            (("GITHUB_ACTIONS", "true"), [Some("/o"), Some("/s"), None]),
            (("TF_BUILD", "True"), [None, None, Some("/t")]),
            (("GITLAB_CI", "true"), [None, None, None]),
        ] {
            let ci = of(&[&[flag], &files[..]].concat());
            let found = [&ci.output_file, &ci.summary_file, &ci.agent_directory];
            assert_eq!(
                found.map(|path| path.as_deref().and_then(|path| path.to_str())),
                expected,
                "{flag:?}"
            );
        }
    }
}
