//! The inputs: their names, defaults and meanings, as every platform and the documentation have them.

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
pub const INPUTS: [Input; 15] = [
    input("api-key", None, "account key (`ac_…`); needed to publish, without it only a dry run is possible"),
    input("directory", Some("."), "function directories, one a line: paths or globs (`functions/*`)"),
    input(
        "publish",
        Some("true"),
        "`true`: live at once; `false`: as a draft; `auto`: by branch, tag or request",
    ),
    input("dry-run", Some("false"), "do everything, send nothing, show the request; works without a key"),
    input("on-existing", Some("auto"), "this version is published already: `auto`, `skip` or `fail`"),
    input("strategy", Some("upgrade"), "`upgrade`: only versions above the newest; `all`: backports too"),
    input("allow-create", Some("true"), "`false`: a slug the Hub does not know is an error"),
    input("username", None, "Hub user name, to read what is published without a key"),
    input("tag-check", Some("auto"), "the tag must name this version: `auto`, `require` or `off`"),
    input("strict", Some("false"), "warnings count as errors"),
    input("api-url", Some("https://api.aerostack.dev"), "the Hub's address; `http://` only for loopback"),
    input("timeout", Some("120"), "seconds for one function's whole conversation with the Hub"),
    input("report", None, "path of a JSON report"),
    input("dotenv", None, "path of a dotenv report (GitLab)"),
    input("code-quality", None, "path of a Code Quality report (GitLab)"),
];

const fn input(name: &'static str, default: Option<&'static str>, meaning: &'static str) -> Input {
    Input { name, default, meaning }
}

/// The variables an input is read from; the first one that is set counts.
pub(super) fn variables(name: &str) -> [String; 2] {
    let upper = name.to_uppercase();
    [format!("INPUT_{upper}"), format!("AEROSTACK_{}", upper.replace('-', "_"))]
}

/// The default of an input, if it has one.
pub(super) fn default_of(name: &str) -> Option<&'static str> {
    INPUTS.iter().find(|input| input.name == name).and_then(|input| input.default)
}
