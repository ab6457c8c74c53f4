//! The values that inputs can have, and their grammars.

use std::time::Duration;

use url::{Host, Url};

use crate::secret::ApiKey;
use crate::text;

/// Longest `timeout`: a day, in seconds. No CI system lets a job run for longer.
const MAX_TIMEOUT: u64 = 24 * 60 * 60;

/// The input `api-key`.
#[derive(Debug)]
pub(crate) enum KeyInput {
    Missing,
    /// There is a key, and the findings say why it can't be used.
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
    /// Depends on what triggered the run.
    Auto,
}

/// The input `on-existing`: what to do if this version is already published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnExisting {
    /// Identical content is a success, different content an error.
    Auto,
    /// A success, without a look at the content.
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
    /// Check tags that look like a version.
    Auto,
    /// Refuse to run without such a tag.
    Require,
    Off,
}

/// The words of an input and what each means.
pub(super) type Words<T> = &'static [(&'static str, T)];

pub(super) const BOOLEAN: Words<bool> =
    &[("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false)];
pub(super) const PUBLISH: Words<Publish> = &[
    ("true", Publish::Live),
    ("True", Publish::Live),
    ("TRUE", Publish::Live),
    ("false", Publish::Draft),
    ("False", Publish::Draft),
    ("FALSE", Publish::Draft),
    ("auto", Publish::Auto),
];
pub(super) const ON_EXISTING: Words<OnExisting> =
    &[("auto", OnExisting::Auto), ("skip", OnExisting::Skip), ("fail", OnExisting::Fail)];
pub(super) const STRATEGY: Words<Strategy> = &[("upgrade", Strategy::Upgrade), ("all", Strategy::All)];
pub(super) const TAG_CHECK: Words<TagCheck> =
    &[("auto", TagCheck::Auto), ("require", TagCheck::Require), ("off", TagCheck::Off)];

/// Why a value is invalid, and what to write instead.
pub(super) struct InvalidValue {
    pub(super) reason: String,
    pub(super) hint: String,
}

impl InvalidValue {
    fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: hint.into() }
    }
}

/// Exactly one of some words.
pub(super) fn parse_word<T: Copy>(text: &str, words: Words<T>) -> Result<T, InvalidValue> {
    let names = || words.iter().map(|(word, _)| *word);
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let list: Vec<_> = names().map(|word| format!("`{word}`")).collect();
        let meant = text::did_you_mean(text, names()).map(|word| format!("did you mean `{word}`? "));
        let hint = format!("{}allowed: {}", meant.unwrap_or_default(), list.join(", "));
        InvalidValue::new("not an allowed value", hint)
    })
}

/// One directory or glob per line.
pub(super) fn parse_directories(text: &str) -> Result<Vec<String>, InvalidValue> {
    let lines: Vec<_> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if lines.is_empty() {
        let hint = "write one path or glob per line, such as `functions/*`".to_owned();
        return Err(InvalidValue { reason: "names no directory".to_owned(), hint });
    }
    Ok(lines)
}

pub(super) fn parse_username(text: &str) -> Result<String, InvalidValue> {
    let name = text.strip_prefix('@').unwrap_or(text);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || matches!(name, "." | "..") || !name.chars().all(plain) {
        let hint = "use the name in the URL of your functions on the Hub";
        return Err(InvalidValue::new("not a user name", hint));
    }
    Ok(name.to_owned())
}

pub(super) fn parse_timeout(text: &str) -> Result<Duration, InvalidValue> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds =
        digits.then(|| text.parse().ok()).flatten().filter(|seconds| (1..=MAX_TIMEOUT).contains(seconds));
    let hint = format!("write whole seconds from 1 to {MAX_TIMEOUT}, without a unit");
    seconds.map(Duration::from_secs).ok_or_else(|| InvalidValue::new("not a number of seconds", hint))
}

/// The Hub's URL. Plain HTTP is for this machine only, so that no key crosses a network unencrypted.
pub(super) fn parse_api_url(text: &str) -> Result<Url, InvalidValue> {
    let hint = "write a URL such as `https://api.aerostack.dev`";
    let url = Url::parse(text).map_err(|cause| InvalidValue::new(format!("not a URL ({cause})"), hint))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidValue::new("contains a user name or password", hint));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(InvalidValue::new("contains a query or fragment", hint));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => {
            let reason = "plain `http://` to another machine would send the key unencrypted";
            Err(InvalidValue::new(reason, "use `https://`; `http://` is for loopback addresses only"))
        }
        _ => Err(InvalidValue::new("neither `https://` nor `http://`", hint)),
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
    fn plain_http_is_for_loopback_only() {
        for valid in
            ["http://localhost:80", "http://127.9.9.9", "http://[::1]:9/", "https://hub.example/prefix"]
        {
            assert!(parse_api_url(valid).is_ok(), "{valid}");
        }
        for invalid in [
            "http://hub.example",
            "http://localhost.example",
            "http://0.0.0.0",
            "ftp://localhost",
            "https://user@hub.example",
            "https://hub.example/?x",
            "hub.example",
        ] {
            assert!(parse_api_url(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn a_timeout_is_whole_seconds_up_to_a_day() {
        assert_eq!(parse_timeout("86400").ok(), Some(Duration::from_hours(24)));
        for invalid in ["0", "86401", "1.5", "2m", "-1", "", "+5", "99999999999999999999"] {
            assert!(parse_timeout(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn a_user_name_may_have_an_at_sign_before_it() {
        assert_eq!(parse_username("@alice").ok().as_deref(), Some("alice"));
        for invalid in ["", "@", ".", "..", "a/b", "a b", "a?b"] {
            assert!(parse_username(invalid).is_err(), "{invalid}");
        }
    }
}
