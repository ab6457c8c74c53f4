//! The settings of a run: what is left of the environment after it was read once.

pub(crate) mod ci;
pub mod env;
mod event;
pub mod inputs;
pub(crate) mod key;
pub(crate) mod proxy;
mod reader;
pub(crate) mod values;

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use self::ci::{Ci, System};
use self::env::Env;
use self::key::KeyInput;
use self::proxy::Proxy;
use self::reader::Reader;
use self::values::{
    BOOLEAN, ON_EXISTING, OnExisting, PUBLISH, Publish, STRATEGY, Strategy, TAG_CHECK, TagCheck,
    parse_api_url, parse_timeout, parse_username,
};
use crate::finding::Finding;
use crate::secret::Secrets;

/// Everything that the environment says about this run.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the inputs are what they are")]
pub(crate) struct Settings {
    pub(crate) api_key: KeyInput,
    /// Every value of a variable that holds the key, used or not: all are secrets.
    pub(crate) secrets: Secrets,
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
    pub(crate) plan: Option<PathBuf>,
    pub(crate) report: Option<PathBuf>,
    pub(crate) summary: Option<PathBuf>,
    pub(crate) sarif: Option<PathBuf>,
    pub(crate) dotenv: Option<PathBuf>,
    pub(crate) code_quality: Option<PathBuf>,
    pub(crate) ci: Ci,
    /// Relative paths in inputs start here.
    pub(crate) working_directory: PathBuf,
    /// `SSL_CERT_FILE`: the certificates to trust, where somebody chose (OpenSSL).
    pub(crate) certificate_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`, the same: a list of directories, as `PATH` is one.
    pub(crate) certificate_directories: Option<String>,
    /// The proxy between this machine and the Hub.
    pub(crate) proxy: Option<Proxy>,
    /// Whether the log has colors.
    pub(crate) color: bool,
}

impl Settings {
    /// Reads the environment. An invalid input has its default here, and is in the findings.
    pub(crate) fn read(env: &Env) -> (Self, Vec<Finding>) {
        let mut reader = Reader::new(env);
        let ci = Ci::of(env);
        let variables = inputs::variables("api-key");
        let keys = variables.iter().filter_map(|name| env.get(name));
        let mut settings = Self {
            api_key: reader.api_key(),
            secrets: Secrets::of(keys.flat_map(key::secrets)),
            directories: reader.directories(),
            publish: reader.word("publish", PUBLISH),
            dry_run: reader.word("dry-run", BOOLEAN),
            on_existing: reader.word("on-existing", ON_EXISTING),
            strategy: reader.word("strategy", STRATEGY),
            allow_create: reader.word("allow-create", BOOLEAN),
            username: reader.parsed("username", parse_username),
            tag_check: reader.word("tag-check", TAG_CHECK),
            strict: reader.word("strict", BOOLEAN),
            api_url: reader.defaulted("api-url", parse_api_url),
            timeout: reader.defaulted("timeout", parse_timeout),
            plan: reader.path("plan"),
            report: reader.path("report"),
            summary: reader.path("summary"),
            sarif: reader.path("sarif"),
            dotenv: reader.path("dotenv"),
            code_quality: reader.path("code-quality"),
            working_directory: env.working_directory().to_owned(),
            certificate_file: env.get("SSL_CERT_FILE").map(PathBuf::from),
            certificate_directories: env.get("SSL_CERT_DIR").map(str::to_owned),
            proxy: None,
            color: has_color(env, ci.system),
            ci,
        };
        if settings.reads_hub() {
            settings.proxy = reader.proxy(&settings.api_url);
        }
        reader.warn_of_near_misses();
        (settings, reader.findings)
    }

    /// Whether anything is sent to the Hub: not by a dry run that knows no account.
    fn reads_hub(&self) -> bool {
        !self.dry_run || self.username.is_some() || self.api_key.usable().is_some()
    }
}

/// Variables of other CI systems whose logs show colors (documentation of Buildkite and of `CircleCI`).
const COLORED: [&str; 2] = ["BUILDKITE", "CIRCLECI"];

/// Colors are shown by the CI systems that render them, and by terminals (<https://no-color.org>, <https://bixense.com/clicolors>,
/// <https://force-color.org>).
fn has_color(env: &Env, system: System) -> bool {
    let is_off = |name: &str| matches!(env.get(name), Some("0" | "false"));
    let is_forced =
        ["FORCE_COLOR", "CLICOLOR_FORCE"].iter().any(|name| env.get(name).is_some() && !is_off(name));
    let is_unwanted = is_off("FORCE_COLOR")
        || is_off("CLICOLOR")
        || env.get("NO_COLOR").is_some()
        || env.get("TERM") == Some("dumb");
    let is_colored = COLORED.iter().any(|name| env.get(name).is_some());
    is_forced || (!is_unwanted && (system.shows_colors() || is_colored || env.stdout_is_terminal()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_any_variable_every_input_has_its_default() {
        let (settings, findings) = Settings::read(&Env::of("/", []));
        assert!(findings.is_empty());
        assert_eq!(settings.api_url.as_str(), "https://api.aerostack.dev/");
        assert_eq!(settings.directories, ["."]);
        assert_eq!((settings.publish, settings.on_existing), (Publish::Live, OnExisting::Auto));
        assert_eq!((settings.strategy, settings.tag_check), (Strategy::Upgrade, TagCheck::Auto));
        assert_eq!((settings.dry_run, settings.strict, settings.allow_create), (false, false, true));
        assert_eq!(settings.timeout, Duration::from_mins(2));
        assert!(matches!(settings.api_key, KeyInput::Missing));
        assert_eq!((settings.username, settings.report), (None, None));
        assert_eq!((settings.plan, settings.summary, settings.sarif), (None, None, None));
        assert_eq!((settings.dotenv, settings.code_quality), (None, None));
    }

    #[test]
    fn paths_of_reports_are_relative_to_the_working_directory() {
        let (settings, _) = Settings::read(&Env::of("/repository", [("AEROSTACK_REPORT", "a/b.json")]));
        assert_eq!(settings.report, Some(PathBuf::from("/repository/a/b.json")));
    }

    #[test]
    fn colors_are_for_logs_that_show_them() {
        for (variables, expected) in [
            (&[("GITHUB_ACTIONS", "true")][..], true),
            (&[("GITLAB_CI", "true")], true),
            (&[("TF_BUILD", "True")], true),
            (&[("DRONE", "true")], false),
            (&[], false),
            (&[("FORCE_COLOR", "1")], true),
            (&[("FORCE_COLOR", "0")], false),
            (&[("FORCE_COLOR", "false"), ("GITHUB_ACTIONS", "true")], false),
            (&[("CLICOLOR_FORCE", "1")], true),
            (&[("CLICOLOR_FORCE", "0")], false),
            (&[("CLICOLOR", "0"), ("GITLAB_CI", "true")], false),
            (&[("BUILDKITE", "true")], true),
            (&[("CIRCLECI", "true"), ("NO_COLOR", "1")], false),
            (&[("GITHUB_ACTIONS", "true"), ("NO_COLOR", "1")], false),
            (&[("GITHUB_ACTIONS", "true"), ("NO_COLOR", "")], true),
            (&[("GITLAB_CI", "true"), ("TERM", "dumb")], false),
        ] {
            let (settings, _) = Settings::read(&Env::of("/", variables.iter().copied()));
            assert_eq!(settings.color, expected, "{variables:?}");
        }
    }
}
