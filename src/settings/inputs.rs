//! The inputs: their names, defaults and meanings, as every platform and the documentation have them.

use crate::text;

/// One input: its name, default and meaning, as `--help` and the documentation have them.
pub struct Input {
    /// As in a workflow's `with:`.
    pub name: &'static str,
    /// The value where none is given; `None` where there is none.
    pub default: Option<&'static str>,
    /// One line for people.
    pub meaning: &'static str,
}

/// Every input, in the order users see them.
pub const INPUTS: [Input; 18] = [
    input("api-key", None, "account key (`ac_…` or `ak_…`); required to publish, not needed for a dry run"),
    input("directory", Some("."), "function directories, one per line: paths or globs (`functions/*`)"),
    input(
        "publish",
        Some("true"),
        "`true`: publish live; `false`: save as a draft; `auto`: decide by branch, tag or pull request",
    ),
    input(
        "dry-run",
        Some("false"),
        "run all checks and show the request, but send nothing; works without a key",
    ),
    input(
        "on-existing",
        Some("auto"),
        "what to do if this version is already published: `auto`, `skip` or `fail`",
    ),
    input(
        "strategy",
        Some("upgrade"),
        "`upgrade`: only versions above the newest published one; `all`: also lower versions (backports)",
    ),
    input("allow-create", Some("true"), "`false`: fail if the Hub has no function with this slug"),
    input("username", None, "Hub user name, used to read what is published without a key"),
    input(
        "tag-check",
        Some("auto"),
        "whether the Git tag must match the version: `auto`, `require` or `off`",
    ),
    input("strict", Some("false"), "treat warnings as errors"),
    input(
        "api-url",
        Some("https://api.aerostack.dev"),
        "URL of the Hub; `http://` is allowed for loopback addresses only",
    ),
    input("timeout", Some("120"), "total time-out per function, in seconds"),
    input("plan", None, "path of the JSON report of a dry run that was approved: nothing else is published"),
    input("report", None, "path of a JSON report"),
    input("summary", None, "path of a Markdown report, for a comment on a pull or merge request"),
    input("sarif", None, "path of a SARIF report, for code scanning"),
    input("dotenv", None, "path of a dotenv report (GitLab)"),
    input("code-quality", None, "path of a Code Quality report (GitLab)"),
];

const fn input(name: &'static str, default: Option<&'static str>, meaning: &'static str) -> Input {
    Input { name, default, meaning }
}

/// The variables an input is read from; the first one that is set counts.
pub(super) fn variables(name: &str) -> [String; 2] {
    [format!("INPUT_{}", name.to_uppercase()), text::environment_variable(name)]
}
