//! Which CI this is, and what triggered the run.

use std::path::PathBuf;

use serde::Deserialize;

use super::{azure, others};
use crate::settings::env::Env;

/// The CI systems whose own ways of reporting are spoken.
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

/// What made this run start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// A commit on a branch.
    Branch(Branch),
    /// A tag, by its name.
    Tag(String),
    /// A pull or merge request, or a merge queue's trial of one.
    PullRequest,
    /// Not told by this CI.
    Unknown,
}

/// How a branch stands to the repository's default branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Branch {
    Default,
    Other,
    /// The event does not name the default branch.
    Unknown,
}

/// The CI this run is part of.
#[derive(Debug, Clone)]
pub(crate) struct Ci {
    pub(crate) system: System,
    pub(crate) trigger: Trigger,
    /// The repository's root: paths in reports are relative to it.
    pub(crate) workspace: PathBuf,
    /// `GITHUB_OUTPUT`: the file that takes a step's outputs.
    pub(crate) output_file: Option<PathBuf>,
    /// `GITHUB_STEP_SUMMARY`: the file that takes a step's Markdown summary.
    pub(crate) summary_file: Option<PathBuf>,
    /// The address under which the forge shows the files of this commit.
    pub(crate) files_url: Option<String>,
    /// `AGENT_TEMPDIRECTORY`: where an agent of Azure Pipelines keeps files until the job ends.
    pub(crate) agent_folder: Option<PathBuf>,
}

/// Variables of GitHub Actions (GitHub documentation, "Variables reference").
#[derive(Default, Deserialize)]
#[serde(default)]
struct GitHub {
    event_name: String,
    event_path: Option<PathBuf>,
    output: Option<PathBuf>,
    r#ref: String,
    ref_name: String,
    ref_type: String,
    repository: Option<String>,
    server_url: Option<String>,
    sha: Option<String>,
    step_summary: Option<PathBuf>,
    workspace: Option<PathBuf>,
}

/// Variables of GitLab CI (GitLab documentation, "Predefined CI/CD variables reference").
#[derive(Default, Deserialize)]
#[serde(default)]
struct GitLab {
    commit_branch: Option<String>,
    commit_tag: Option<String>,
    default_branch: Option<String>,
    merge_request_iid: Option<String>,
    pipeline_source: String,
    project_dir: Option<PathBuf>,
}

impl Ci {
    /// Tells the CI by the flag that each sets for itself.
    pub(crate) fn of(env: &Env) -> Self {
        let here = env.working_directory();
        let platform = |system, trigger, workspace: Option<PathBuf>| Self {
            system,
            trigger,
            workspace: here.join(workspace.unwrap_or_default()),
            output_file: None,
            summary_file: None,
            files_url: None,
            agent_folder: None,
        };
        if env.is_true("GITHUB_ACTIONS") {
            let github: GitHub = env.typed("GITHUB_");
            let files_url = github.files_url();
            let platform = platform(System::GitHub, github.trigger(), github.workspace);
            Self { output_file: github.output, summary_file: github.step_summary, files_url, ..platform }
        } else if env.is_true("GITLAB_CI") {
            let gitlab: GitLab = env.typed("CI_");
            platform(System::GitLab, gitlab.trigger(), gitlab.project_dir)
        } else if env.is_true("TF_BUILD") {
            let azure = azure::Build::of(env);
            let platform = platform(System::Azure, azure.trigger(), azure.sources);
            Self { agent_folder: azure.agent_folder, ..platform }
        } else {
            platform(System::Plain, others::trigger(env), None)
        }
    }
}

impl GitHub {
    fn trigger(&self) -> Trigger {
        let pull_request = self.event_name.starts_with("pull_request")
            || self.event_name == "merge_group"
            || self.r#ref.starts_with("refs/pull/");
        if pull_request {
            return Trigger::PullRequest;
        }
        let of_ref = |prefix| self.r#ref.strip_prefix(prefix).map(str::to_owned);
        let named = |kind| (self.ref_type == kind).then(|| self.ref_name.clone());
        if let Some(tag) = of_ref("refs/tags/").or_else(|| named("tag")) {
            return Trigger::Tag(tag);
        }
        match of_ref("refs/heads/").or_else(|| named("branch")) {
            None => Trigger::Unknown,
            // A schedule's event names no default branch, and runs on nothing else.
            Some(_) if self.event_name == "schedule" => Trigger::Branch(Branch::Default),
            Some(branch) => Trigger::Branch(Branch::of(&branch, self.default_branch().as_deref())),
        }
    }

    fn files_url(&self) -> Option<String> {
        let (server, repository) = (self.server_url.as_ref()?, self.repository.as_ref()?);
        Some(format!("{server}/{repository}/blob/{}", self.sha.as_ref()?))
    }

    fn default_branch(&self) -> Option<String> {
        let event = std::fs::read(self.event_path.as_ref()?).ok()?;
        let event: serde_json::Value = serde_json::from_slice(&event).ok()?;
        event.pointer("/repository/default_branch")?.as_str().map(str::to_owned)
    }
}

impl GitLab {
    fn trigger(&self) -> Trigger {
        let sources = ["merge_request_event", "external_pull_request_event"];
        if sources.contains(&self.pipeline_source.as_str()) || self.merge_request_iid.is_some() {
            return Trigger::PullRequest;
        }
        match (&self.commit_tag, &self.commit_branch) {
            (Some(tag), _) => Trigger::Tag(tag.clone()),
            (None, Some(branch)) => Trigger::Branch(Branch::of(branch, self.default_branch.as_deref())),
            (None, None) => Trigger::Unknown,
        }
    }
}

impl Branch {
    pub(super) fn of(branch: &str, default: Option<&str>) -> Self {
        match default {
            None => Self::Unknown,
            Some(default) if default == branch => Self::Default,
            Some(_) => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(variables: &[(&str, &str)]) -> Trigger {
        Ci::of(&Env::of("/", variables.iter().copied())).trigger
    }

    #[test]
    fn github_tells_tags_branches_and_pull_requests_apart() {
        let on =
            |more: &[(&'static str, &'static str)]| trigger(&[&[("GITHUB_ACTIONS", "true")], more].concat());
        assert_eq!(
            on(&[("GITHUB_REF_TYPE", "tag"), ("GITHUB_REF_NAME", "v1.0.0")]),
            Trigger::Tag("v1.0.0".into())
        );
        assert_eq!(on(&[("GITHUB_REF", "refs/tags/v1.0.0")]), Trigger::Tag("v1.0.0".into()));
        assert_eq!(on(&[("GITHUB_REF", "refs/pull/7/merge")]), Trigger::PullRequest);
        assert_eq!(on(&[("GITHUB_EVENT_NAME", "pull_request_target")]), Trigger::PullRequest);
        assert_eq!(
            on(&[("GITHUB_REF", "refs/heads/main"), ("GITHUB_EVENT_NAME", "schedule")]),
            Trigger::Branch(Branch::Default)
        );
        assert_eq!(on(&[("GITHUB_REF", "refs/heads/main")]), Trigger::Branch(Branch::Unknown));
        assert_eq!(on(&[]), Trigger::Unknown);
    }

    #[test]
    fn gitlab_tells_tags_branches_and_merge_requests_apart() {
        let on = |more: &[(&'static str, &'static str)]| {
            trigger(&[&[("GITLAB_CI", "true"), ("CI_DEFAULT_BRANCH", "main")], more].concat())
        };
        assert_eq!(on(&[("CI_COMMIT_BRANCH", "main")]), Trigger::Branch(Branch::Default));
        assert_eq!(on(&[("CI_COMMIT_BRANCH", "feature")]), Trigger::Branch(Branch::Other));
        assert_eq!(on(&[("CI_COMMIT_TAG", "v1.0.0")]), Trigger::Tag("v1.0.0".into()));
        assert_eq!(on(&[("CI_PIPELINE_SOURCE", "merge_request_event")]), Trigger::PullRequest);
    }
}
