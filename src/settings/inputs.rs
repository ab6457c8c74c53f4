//! The inputs: read from the environment, parsed once into types, every default stated once.

use std::path::PathBuf;
use std::time::Duration;

use url::{Host, Url};

use crate::finding::{Code, Finding};
use crate::secret::{ApiKey, Secrets};
use crate::settings::env::Env;
use crate::text;

/// How one input is called, what it is without being set, and what it means: what `--help` and the documentation say.
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
    input("api-key", None, "account key (`ac_…`); required to publish, not needed for a dry run"),
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
    input("report", None, "path of a JSON report"),
    input("dotenv", None, "path of a dotenv report (GitLab)"),
    input("code-quality", None, "path of a Code Quality report (GitLab)"),
];

const fn input(name: &'static str, default: Option<&'static str>, meaning: &'static str) -> Input {
    Input { name, default, meaning }
}

/// Longest `timeout`: a day, in seconds. No CI system lets a job run for longer.
const LONGEST_TIMEOUT: u64 = 24 * 60 * 60;

/// Longest piece of a bad value that is shown, in characters.
const SHOWN_VALUE: usize = 80;

/// The inputs of one run. A bad one stands here with its default, beside a finding.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) api_key: KeyInput,
    pub(crate) directories: Vec<String>,
    pub(crate) publish: Publish,
    pub(crate) dry_run: bool,
    pub(crate) on_existing: OnExisting,
    pub(crate) strategy: Strategy,
    pub(crate) allow_create: bool,
    pub(crate) username: Option<String>,
    pub(crate) tag_check: TagCheck,
    pub(crate) strict: bool,
    pub(crate) api_url: Url,
    pub(crate) timeout: Duration,
    pub(crate) report: Option<PathBuf>,
    pub(crate) dotenv: Option<PathBuf>,
    pub(crate) code_quality: Option<PathBuf>,
}

/// The input `api-key`.
#[derive(Debug)]
pub(crate) enum KeyInput {
    Missing,
    /// There is one, and the findings say why it can't be used.
    Unusable,
    Usable(ApiKey),
}

impl KeyInput {
    pub(crate) fn usable(&self) -> Option<&ApiKey> {
        match self {
            Self::Missing | Self::Unusable => None,
            Self::Usable(key) => Some(key),
        }
    }
}

/// The input `publish`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Publish {
    Live,
    Draft,
    /// By what triggered the run.
    Auto,
}

/// The input `on-existing`: what a version means that is published already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnExisting {
    /// Identical content is success, other content an error.
    Auto,
    /// Success, whatever the content.
    Skip,
    /// Always an error.
    Fail,
}

/// The input `strategy`: which unpublished versions may go live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strategy {
    Upgrade,
    All,
}

/// The input `tag-check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagCheck {
    /// Where the tag looks like a version.
    Auto,
    /// No run without such a tag.
    Require,
    Off,
}

const BOOLEAN: [(&str, bool); 6] =
    [("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false)];
const PUBLISH: [(&str, Publish); 7] = [
    ("true", Publish::Live),
    ("True", Publish::Live),
    ("TRUE", Publish::Live),
    ("false", Publish::Draft),
    ("False", Publish::Draft),
    ("FALSE", Publish::Draft),
    ("auto", Publish::Auto),
];
const ON_EXISTING: [(&str, OnExisting); 3] =
    [("auto", OnExisting::Auto), ("skip", OnExisting::Skip), ("fail", OnExisting::Fail)];
const STRATEGY: [(&str, Strategy); 2] = [("upgrade", Strategy::Upgrade), ("all", Strategy::All)];
const TAG_CHECK: [(&str, TagCheck); 3] =
    [("auto", TagCheck::Auto), ("require", TagCheck::Require), ("off", TagCheck::Off)];

impl Inputs {
    /// Reads and judges every input; what is wrong with them is all in the findings.
    pub(crate) fn read(env: &Env) -> (Self, Vec<Finding>) {
        let mut reader = Reader { env, findings: Vec::new() };
        let inputs = Self {
            api_key: reader.api_key(),
            directories: reader.directories(),
            publish: reader.word("publish", &PUBLISH),
            dry_run: reader.word("dry-run", &BOOLEAN),
            on_existing: reader.word("on-existing", &ON_EXISTING),
            strategy: reader.word("strategy", &STRATEGY),
            allow_create: reader.word("allow-create", &BOOLEAN),
            username: reader.parsed("username", parse_username),
            tag_check: reader.word("tag-check", &TAG_CHECK),
            strict: reader.word("strict", &BOOLEAN),
            api_url: reader.defaulted("api-url", parse_api_url),
            timeout: reader.defaulted("timeout", parse_timeout),
            report: reader.path("report"),
            dotenv: reader.path("dotenv"),
            code_quality: reader.path("code-quality"),
        };
        reader.warn_of_near_misses();
        (inputs, reader.findings)
    }

    /// Every value that a key variable holds, used or not: all are secrets.
    pub(crate) fn secrets(env: &Env) -> Secrets {
        Secrets::of(variables("api-key").iter().filter_map(|name| env.get(name)))
    }
}

/// The variables an input is read from; the first that is set wins.
fn variables(name: &str) -> [String; 2] {
    let upper = name.to_uppercase();
    [format!("INPUT_{upper}"), format!("AEROSTACK_{}", upper.replace('-', "_"))]
}

/// A value and the variable it came from.
struct Given<'e> {
    variable: String,
    value: &'e str,
}

struct Reader<'e> {
    env: &'e Env,
    findings: Vec<Finding>,
}

impl<'e> Reader<'e> {
    fn given(&mut self, name: &str) -> Option<Given<'e>> {
        for variable in variables(name) {
            if self.env.is_broken(&variable) {
                self.findings.push(
                    Finding::new(
                        Code::InvalidInput,
                        format!("input `{name}` (from `{variable}`) is not UTF-8"),
                    )
                    .with_hint("write the value in UTF-8"),
                );
                return None;
            }
            if let Some(value) = self.env.get(&variable) {
                return Some(Given { variable, value });
            }
        }
        None
    }

    /// The value, or the input's default.
    fn text(&mut self, name: &str) -> Option<Given<'e>> {
        self.given(name).or_else(|| {
            let value = default_of(name)?;
            Some(Given { variable: "its default".to_owned(), value })
        })
    }

    fn refuse(&mut self, name: &str, given: &Given<'_>, reason: &str, hint: String) {
        // An address may carry a password or a key.
        let value = if name == "api-url" && given.value.contains(['@', '?', '#']) {
            "not shown".to_owned()
        } else {
            format!("`{}`", text::shorten(given.value, SHOWN_VALUE))
        };
        let message = format!("input `{name}` (from `{}`) is {value}: {reason}", given.variable);
        self.findings.push(Finding::new(Code::InvalidInput, message).with_hint(hint));
    }

    /// An input that is exactly one of some words.
    fn word<T: Copy>(&mut self, name: &str, allowed: &[(&'static str, T)]) -> T {
        let parse = |text: &str| allowed.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        let words = || allowed.iter().map(|(word, _)| *word);
        self.defaulted(name, |text| {
            parse(text).ok_or_else(|| {
                let list: Vec<_> = words().map(|word| format!("`{word}`")).collect();
                let list = format!("allowed: {}", list.join(", "));
                let meant = text::did_you_mean(text, words()).map(|word| format!("did you mean `{word}`? "));
                Refusal { reason: "not an allowed value".to_owned(), hint: meant.unwrap_or_default() + &list }
            })
        })
    }

    /// An input with a grammar of its own. A bad value is reported, and its default taken.
    fn parsed<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, Refusal>) -> Option<T> {
        if let Some(given) = self.given(name) {
            match parse(given.value) {
                Ok(value) => return Some(value),
                Err(Refusal { reason, hint }) => self.refuse(name, &given, &reason, hint),
            }
        }
        default_of(name).and_then(|default| parse(default).ok())
    }

    /// The same for an input that has a default.
    #[expect(clippy::expect_used, reason = "a unit test parses every default")]
    fn defaulted<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, Refusal>) -> T {
        self.parsed(name, parse).expect("the default of an input parses")
    }

    fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.given(name).map(|given| self.env.working_directory().join(given.value))
    }

    fn directories(&mut self) -> Vec<String> {
        let Some(given) = self.text("directory") else { return Vec::new() };
        let lines: Vec<String> =
            given.value.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        if lines.is_empty() {
            let reason = "names no directory";
            self.refuse(
                "directory",
                &given,
                reason,
                "write one path or glob a line, such as `functions/*`".into(),
            );
        }
        lines
    }

    fn api_key(&mut self) -> KeyInput {
        let before = self.findings.len();
        let Some(Given { variable, value }) = self.given("api-key") else {
            let is_told = self.findings.len() > before;
            return if is_told { KeyInput::Unusable } else { KeyInput::Missing };
        };
        let trimmed = value.trim();
        if trimmed != value {
            let message =
                format!("input `api-key` (from `{variable}`) has blanks around it, which were removed");
            self.findings.push(Finding::new(Code::KeyBlanks, message));
        }
        if trimmed.is_empty() {
            return KeyInput::Missing;
        }
        if !trimmed.starts_with("ac_") {
            let message = format!("input `api-key` (from `{variable}`) does not start with `ac_`");
            self.findings.push(Finding::new(Code::KeyPrefix, message));
        }
        match ApiKey::parse(trimmed) {
            Ok(key) => KeyInput::Usable(key),
            Err(reason) => {
                let message = format!("input `api-key` (from `{variable}`) {reason}; its value is not shown");
                let hint = "store the secret again: the key alone, on one line";
                self.findings.push(Finding::new(Code::InvalidInput, message).with_hint(hint));
                KeyInput::Unusable
            }
        }
    }

    /// Variables that look like one of ours, misspelt. Their values are never shown: they may be secrets.
    fn warn_of_near_misses(&mut self) {
        let ours: Vec<String> = INPUTS.iter().flat_map(|input| variables(input.name)).collect();
        for name in self.env.names() {
            let upper = name.to_uppercase();
            let Some(prefix) = ["INPUT_", "AEROSTACK_"].into_iter().find(|prefix| upper.starts_with(prefix))
            else {
                continue;
            };
            let outputs = crate::report::OUTPUTS.iter().map(|output| dotenv_name(output.name));
            if ours.iter().any(|known| known == name) || outputs.into_iter().any(|output| output == name) {
                continue;
            }
            let rest = upper.get(prefix.len()..).unwrap_or_default();
            let Some(meant) = text::did_you_mean(rest, INPUTS.iter().map(|input| input.name)) else {
                continue;
            };
            let meant = variables(meant).into_iter().find(|variable| variable.starts_with(prefix));
            let hint = format!("did you mean `{}`?", meant.unwrap_or_default());
            let message = format!("`{name}` is no input of this step, and was not read");
            self.findings.push(Finding::new(Code::UnknownInput, message).with_hint(hint));
        }
    }
}

/// The variable an output has in a dotenv report.
pub(crate) fn dotenv_name(output: &str) -> String {
    format!("AEROSTACK_{}", output.to_uppercase().replace('-', "_"))
}

fn default_of(name: &str) -> Option<&'static str> {
    INPUTS.iter().find(|input| input.name == name).and_then(|input| input.default)
}

/// Why a value is refused, and what to write instead.
struct Refusal {
    reason: String,
    hint: String,
}

impl Refusal {
    fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: hint.into() }
    }
}

fn parse_username(text: &str) -> Result<String, Refusal> {
    let name = text.strip_prefix('@').unwrap_or(text);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || matches!(name, "." | "..") || !name.chars().all(plain) {
        let hint = "write the name as it stands in the address of your functions on the Hub";
        return Err(Refusal::new("not a user name", hint));
    }
    Ok(name.to_owned())
}

fn parse_timeout(text: &str) -> Result<Duration, Refusal> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds =
        digits.then(|| text.parse().ok()).flatten().filter(|seconds| (1..=LONGEST_TIMEOUT).contains(seconds));
    let hint = format!("write whole seconds from 1 to {LONGEST_TIMEOUT}, without a unit");
    seconds.map(Duration::from_secs).ok_or_else(|| Refusal::new("not a number of seconds", hint))
}

/// The Hub's address. Over plain HTTP only this machine itself is reached, so that no key crosses a network in the clear.
fn parse_api_url(text: &str) -> Result<Url, Refusal> {
    let hint = "write an address such as `https://api.aerostack.dev`";
    let url = Url::parse(text).map_err(|cause| Refusal::new(format!("not an address ({cause})"), hint))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::new("carries a user name or password", hint));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Refusal::new("carries a query or fragment", hint));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => {
            let reason = "plain `http://` to another machine would show the key to the network";
            Err(Refusal::new(reason, "use `https://`; `http://` is for loopback addresses only"))
        }
        _ => Err(Refusal::new("neither `https://` nor `http://`", hint)),
    }
}

/// Whether the address is this machine's own: `localhost`, `127.0.0.0/8` or `::1`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_any_variable_every_input_has_its_default() {
        let (inputs, findings) = Inputs::read(&Env::of("/", []));
        assert!(findings.is_empty());
        assert_eq!(inputs.api_url.as_str(), "https://api.aerostack.dev/");
        assert_eq!(inputs.directories, ["."]);
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in
            ["http://localhost:80", "http://127.9.9.9", "http://[::1]:9/", "https://hub.example/prefix"]
        {
            assert!(parse_api_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://hub.example",
            "http://localhost.example",
            "http://0.0.0.0",
            "ftp://localhost",
            "https://user@hub.example",
            "https://hub.example/?x",
            "hub.example",
        ] {
            assert!(parse_api_url(bad).is_err(), "{bad}");
        }
    }
}
