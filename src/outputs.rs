//! The outputs: their names, as every platform and the documentation have them.

/// One output: its name and its meaning, as `--help` and the documentation have them.
pub struct Output {
    /// As in a workflow's `steps.….outputs`. A function's outcome has a field of this name, with `_` for `-`.
    pub name: &'static str,
    /// One line for people.
    pub meaning: &'static str,
}

/// The output that holds every function as JSON: too large for a dotenv report or an environment variable.
pub(crate) const RESULT: &str = "result";

/// Every output, in the order users see them.
pub const OUTPUTS: [Output; 13] = [
    output("published", "`true` if this run published live, otherwise `false`"),
    output("live", "`true` if exactly this content is live under this version, whoever published it"),
    output(
        "status",
        "`published`, `draft`, `in-review`, `unchanged`, `skipped`, `dry-run`, `unconfirmed` or `failed`",
    ),
    output("name", "the function's name"),
    output("slug", "the function's slug on the Hub"),
    output("version", "the version in the manifest"),
    output("previous-version", "the newest version published before this run"),
    output("release-type", "`first`, `major`, `minor`, `patch`, `prerelease` or `none`"),
    output("id", "the function's ID on the Hub"),
    output("url", "URL of the function's page on the Hub"),
    output("admin-url", "URL of the page where the function is edited"),
    output(
        "digest",
        "`sha256:` digest of a `sha256sum`-style listing of the files sent, `aerostack.json` included",
    ),
    output(RESULT, "JSON: every function with the outputs above, its findings and the files sent"),
];

const fn output(name: &'static str, meaning: &'static str) -> Output {
    Output { name, meaning }
}

/// The variable of an output in a dotenv report.
pub(crate) fn dotenv_name(output: &str) -> String {
    format!("AEROSTACK_{}", output.to_uppercase().replace('-', "_"))
}
