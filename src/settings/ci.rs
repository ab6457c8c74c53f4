//! Which CI this is, and what triggered the run: one table of systems.

use std::path::PathBuf;

use super::env::Env;

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

/// What started this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// A commit on a branch.
    Branch(Branch),
    /// A tag, by its name.
    Tag(String),
    /// A pull or merge request, or a merge queue's check of one.
    PullRequest,
    /// This CI does not say.
    Unknown,
}

/// Whether a branch is the repository's default branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Branch {
    Default,
    Other,
    /// The CI does not name the default branch.
    Unknown,
}

/// The CI this run is part of.
#[derive(Debug, Clone)]
pub(crate) struct Ci {
    pub(crate) system: System,
    pub(crate) trigger: Trigger,
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

/// One CI system: how to recognize it, and where it says what triggered the run.
struct Row {
    system: System,
    flag: Sign,
    /// The variable that names the repository's root.
    workspace: Option<&'static str>,
    trigger: TriggerSource,
}

/// A sign in the environment.
enum Sign {
    /// The variable is set, and not to `false`.
    Set(&'static str),
    /// The variable is this word; case does not matter.
    Is(&'static str, &'static str),
}

/// Where a system says what triggered the run.
enum TriggerSource {
    /// `GITHUB_REF` and its like, and the event file.
    GitHub,
    /// `BUILD_SOURCEBRANCH`, a full ref.
    Azure,
    Variables(Variables),
}

/// A system with one variable for each fact: the tag's name (on a tag only), signs of a pull request, the branch's name.
struct Variables {
    tag: &'static str,
    pull_request: &'static [Sign],
    branch: &'static str,
    default_branch: DefaultBranch,
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
use Sign::{Is, Set};

/// The systems, each with the variables that its own documentation names; the first whose flag is there counts.
/// `TeamCity` names neither branch nor tag by itself.
const SYSTEMS: [Row; 9] = [
    // GitHub documentation, "Variables reference".
    Row {
        system: System::GitHub,
        flag: Is("GITHUB_ACTIONS", "true"),
        workspace: Some("GITHUB_WORKSPACE"),
        trigger: TriggerSource::GitHub,
    },
    // GitLab documentation, "Predefined CI/CD variables reference".
    Row {
        system: System::GitLab,
        workspace: Some("CI_PROJECT_DIR"),
        ..plain(
            Is("GITLAB_CI", "true"),
            "CI_COMMIT_TAG",
            GITLAB_REQUEST,
            "CI_COMMIT_BRANCH",
            Named("CI_DEFAULT_BRANCH"),
        )
    },
    // Microsoft documentation, "Use predefined variables".
    Row {
        system: System::Azure,
        flag: Is("TF_BUILD", "true"),
        workspace: Some("BUILD_SOURCESDIRECTORY"),
        trigger: TriggerSource::Azure,
    },
    // Woodpecker documentation, "Environment variables". Some names are GitLab's as well, with another meaning.
    plain(
        Is("CI", "woodpecker"),
        "CI_COMMIT_TAG",
        &[Set("CI_COMMIT_PULL_REQUEST")],
        "CI_COMMIT_BRANCH",
        Named("CI_REPO_DEFAULT_BRANCH"),
    ),
    // Drone documentation, "Environment reference": `DRONE_REPO_BRANCH` is the repository's default branch.
    plain(
        Is("DRONE", "true"),
        "DRONE_TAG",
        &[Set("DRONE_PULL_REQUEST")],
        "DRONE_BRANCH",
        Named("DRONE_REPO_BRANCH"),
    ),
    // Buildkite documentation, "Environment variables".
    plain(
        Is("BUILDKITE", "true"),
        "BUILDKITE_TAG",
        &[Set("BUILDKITE_PULL_REQUEST")],
        "BUILDKITE_BRANCH",
        Named("BUILDKITE_PIPELINE_DEFAULT_BRANCH"),
    ),
    // CircleCI documentation, "Built-in environment variables".
    plain(Is("CIRCLECI", "true"), "CIRCLE_TAG", &[Set("CIRCLE_PULL_REQUEST")], "CIRCLE_BRANCH", NotGiven),
    // Atlassian documentation, "Variables and secrets".
    plain(
        Set("BITBUCKET_BUILD_NUMBER"),
        "BITBUCKET_TAG",
        &[Set("BITBUCKET_PR_ID")],
        "BITBUCKET_BRANCH",
        NotGiven,
    ),
    // Jenkins, "Pipeline: Multibranch", global variable `env`. On a tag, `BRANCH_NAME` is the tag's name too.
    plain(Set("JENKINS_URL"), "TAG_NAME", &[Set("CHANGE_ID")], "BRANCH_NAME", Flagged("BRANCH_IS_PRIMARY")),
];

const GITLAB_REQUEST: &[Sign] = &[
    Is("CI_PIPELINE_SOURCE", "merge_request_event"),
    Is("CI_PIPELINE_SOURCE", "external_pull_request_event"),
    Set("CI_MERGE_REQUEST_IID"),
];

const fn plain(
    flag: Sign,
    tag: &'static str,
    pull_request: &'static [Sign],
    branch: &'static str,
    default_branch: DefaultBranch,
) -> Row {
    let trigger = TriggerSource::Variables(Variables { tag, pull_request, branch, default_branch });
    Row { system: System::Plain, flag, workspace: None, trigger }
}

impl Ci {
    /// Recognizes the CI by the variables it sets.
    pub(crate) fn of(env: &Env) -> Self {
        let row = SYSTEMS.iter().find(|row| row.flag.is_in(env));
        let system = row.map_or(System::Plain, |row| row.system);
        let path = |name: &str| env.get(name).map(PathBuf::from);
        let only = |wanted: System, path: Option<PathBuf>| path.filter(|_| system == wanted);
        let workspace = row.and_then(|row| path(row.workspace?));
        Self {
            system,
            trigger: row.map_or(Trigger::Unknown, |row| row.trigger.read(env)),
            workspace: env.working_directory().join(workspace.unwrap_or_default()),
            output_file: only(System::GitHub, path("GITHUB_OUTPUT")),
            summary_file: only(System::GitHub, path("GITHUB_STEP_SUMMARY")),
            files_url: github_files_url(env).filter(|_| system == System::GitHub),
            agent_directory: only(System::Azure, path("AGENT_TEMPDIRECTORY")),
        }
    }
}

impl Sign {
    fn is_in(&self, env: &Env) -> bool {
        match self {
            Set(name) => env.get(name).is_some_and(|value| value != "false"),
            Is(name, word) => env.get(name).is_some_and(|value| value.eq_ignore_ascii_case(word)),
        }
    }
}

impl TriggerSource {
    fn read(&self, env: &Env) -> Trigger {
        match self {
            Self::GitHub => github_trigger(env),
            Self::Azure => azure_trigger(env),
            Self::Variables(variables) => variables.read(env),
        }
    }
}

impl Variables {
    fn read(&self, env: &Env) -> Trigger {
        if let Some(tag) = env.get(self.tag) {
            return Trigger::Tag(tag.to_owned());
        }
        if self.pull_request.iter().any(|sign| sign.is_in(env)) {
            return Trigger::PullRequest;
        }
        let Some(branch) = env.get(self.branch) else { return Trigger::Unknown };
        Trigger::Branch(match self.default_branch {
            Named(name) => Branch::of(branch, env.get(name)),
            Flagged(name) if Is(name, "true").is_in(env) => Branch::Default,
            Flagged(_) | NotGiven => Branch::Unknown,
        })
    }
}

impl Branch {
    fn of(branch: &str, default: Option<&str>) -> Self {
        match default {
            None => Self::Unknown,
            Some(default) if default == branch => Self::Default,
            Some(_) => Self::Other,
        }
    }
}

fn github_trigger(env: &Env) -> Trigger {
    let text = |name| env.get(name).unwrap_or_default();
    let (event, full_ref) = (text("GITHUB_EVENT_NAME"), text("GITHUB_REF"));
    if event.starts_with("pull_request") || event == "merge_group" || full_ref.starts_with("refs/pull/") {
        return Trigger::PullRequest;
    }
    let named = |kind| (text("GITHUB_REF_TYPE") == kind).then(|| text("GITHUB_REF_NAME"));
    if let Some(tag) = full_ref.strip_prefix("refs/tags/").or_else(|| named("tag")) {
        return Trigger::Tag(tag.to_owned());
    }
    match full_ref.strip_prefix("refs/heads/").or_else(|| named("branch")) {
        None => Trigger::Unknown,
        // The event of a schedule names no default branch, and runs on no other.
        Some(_) if event == "schedule" => Trigger::Branch(Branch::Default),
        Some(branch) => Trigger::Branch(Branch::of(branch, github_default_branch(env).as_deref())),
    }
}

fn github_default_branch(env: &Env) -> Option<String> {
    let event = std::fs::read(env.get("GITHUB_EVENT_PATH")?).ok()?;
    let event: serde_json::Value = serde_json::from_slice(&event).ok()?;
    event.pointer("/repository/default_branch")?.as_str().map(str::to_owned)
}

fn github_files_url(env: &Env) -> Option<String> {
    let [server, repository, commit] =
        ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"].map(|name| env.get(name));
    Some(format!("{}/{}/blob/{}", server?, repository?, commit?))
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
    if full_ref.is_empty() { Trigger::Unknown } else { Trigger::Branch(Branch::Unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: Trigger = Trigger::Branch(Branch::Default);
    const OTHER: Trigger = Trigger::Branch(Branch::Other);
    const UNKNOWN: Trigger = Trigger::Branch(Branch::Unknown);

    /// The trigger that an environment of `NAME=value` words describes.
    fn trigger(variables: &str) -> Trigger {
        let variables = variables.split_whitespace().filter_map(|variable| variable.split_once('='));
        Ci::of(&Env::of("/", variables)).trigger
    }

    #[test]
    fn every_system_says_what_triggered_the_run() {
        let tag = || Trigger::Tag("v1.0.0".to_owned());
        for (system, variables, expected) in [
            ("GITHUB_ACTIONS=true", "GITHUB_REF_TYPE=tag GITHUB_REF_NAME=v1.0.0", tag()),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/tags/v1.0.0", tag()),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/pull/7/merge", Trigger::PullRequest),
            ("GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=pull_request_target", Trigger::PullRequest),
            ("GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=merge_group", Trigger::PullRequest),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/heads/main GITHUB_EVENT_NAME=schedule", DEFAULT),
            ("GITHUB_ACTIONS=true", "GITHUB_REF=refs/heads/main", UNKNOWN),
            ("GITHUB_ACTIONS=true", "", Trigger::Unknown),
            ("GITLAB_CI=true CI_DEFAULT_BRANCH=main", "CI_COMMIT_BRANCH=main", DEFAULT),
            ("GITLAB_CI=true CI_DEFAULT_BRANCH=main", "CI_COMMIT_BRANCH=topic", OTHER),
            ("GITLAB_CI=true CI_DEFAULT_BRANCH=main", "CI_COMMIT_TAG=v1.0.0", tag()),
            ("GITLAB_CI=true", "CI_PIPELINE_SOURCE=merge_request_event", Trigger::PullRequest),
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
            // The branch of a pull request is the one it targets.
            ("CI=woodpecker", "CI_COMMIT_BRANCH=main CI_COMMIT_PULL_REQUEST=7", Trigger::PullRequest),
            ("DRONE=true DRONE_REPO_BRANCH=main", "DRONE_TAG=v1.0.0 DRONE_BRANCH=main", tag()),
            ("DRONE=true DRONE_REPO_BRANCH=main", "DRONE_BRANCH=main", DEFAULT),
            ("DRONE=true DRONE_REPO_BRANCH=main", "DRONE_BRANCH=topic", OTHER),
            ("DRONE=true", "DRONE_BRANCH=main DRONE_PULL_REQUEST=7", Trigger::PullRequest),
            ("BUILDKITE=true", "BUILDKITE_TAG=v1.0.0 BUILDKITE_BRANCH=v1.0.0", tag()),
            ("BUILDKITE=true BUILDKITE_PULL_REQUEST=false", "BUILDKITE_BRANCH=main", UNKNOWN),
            (
                "BUILDKITE=true BUILDKITE_PULL_REQUEST=false",
                "BUILDKITE_BRANCH=main BUILDKITE_PIPELINE_DEFAULT_BRANCH=main",
                DEFAULT,
            ),
            ("BUILDKITE=true BUILDKITE_PULL_REQUEST=7", "BUILDKITE_BRANCH=topic", Trigger::PullRequest),
            ("CIRCLECI=true", "CIRCLE_TAG=v1.0.0", tag()),
            ("CIRCLECI=true", "CIRCLE_BRANCH=main", UNKNOWN),
            ("CIRCLECI=true", "CIRCLE_PULL_REQUEST=https://github.com/o/r/pull/7", Trigger::PullRequest),
            ("CIRCLECI=true", "", Trigger::Unknown),
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
}
