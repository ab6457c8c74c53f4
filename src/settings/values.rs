//! The values that inputs can have, and their grammars.

use std::time::Duration;

use url::{Host, Url};

use crate::text;

/// Longest `timeout`: a day, in seconds. No CI system lets a job run for longer.
const MAX_TIMEOUT: u64 = 24 * 60 * 60;

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

/// The values of an input, each with the words for it.
pub(super) type Words<T> = &'static [(&'static [&'static str], T)];

/// The words of YAML for `true` and `false`.
const TRUE: &[&str] = &["true", "True", "TRUE"];
const FALSE: &[&str] = &["false", "False", "FALSE"];

pub(super) const BOOLEAN: Words<bool> = &[(TRUE, true), (FALSE, false)];
pub(super) const PUBLISH: Words<Publish> =
    &[(TRUE, Publish::Live), (FALSE, Publish::Draft), (&["auto"], Publish::Auto)];
pub(super) const ON_EXISTING: Words<OnExisting> =
    &[(&["auto"], OnExisting::Auto), (&["skip"], OnExisting::Skip), (&["fail"], OnExisting::Fail)];
pub(super) const STRATEGY: Words<Strategy> = &[(&["upgrade"], Strategy::Upgrade), (&["all"], Strategy::All)];
pub(super) const TAG_CHECK: Words<TagCheck> =
    &[(&["auto"], TagCheck::Auto), (&["require"], TagCheck::Require), (&["off"], TagCheck::Off)];

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
    let names = || words.iter().flat_map(|(names, _)| *names).copied();
    words.iter().find(|(names, _)| names.contains(&text)).map(|(_, value)| *value).ok_or_else(|| {
        let list: Vec<_> = names().map(|word| format!("`{word}`")).collect();
        let meant = text::did_you_mean(text, names()).map(|word| format!("did you mean `{word}`? "));
        let hint = format!("{}allowed: {}", meant.unwrap_or_default(), list.join(", "));
        InvalidValue::new("not an allowed value", hint)
    })
}

/// One directory or glob per line.
pub(super) fn parse_directories(text: &str) -> Result<Vec<String>, InvalidValue> {
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if lines.is_empty() {
        let hint = "write one path or glob per line, such as `functions/*`";
        return Err(InvalidValue::new("names no directory", hint));
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
    fn booleans_are_the_six_words_of_yaml() {
        for (word, expected) in [
            ("true", true),
            ("True", true),
            ("TRUE", true),
            ("false", false),
            ("False", false),
            ("FALSE", false),
        ] {
            assert_eq!(parse_word(word, BOOLEAN).ok(), Some(expected), "{word}");
            let publish = if expected { Publish::Live } else { Publish::Draft };
            assert_eq!(parse_word(word, PUBLISH).ok(), Some(publish), "{word}");
        }
        let allowed = "allowed: `true`, `True`, `TRUE`, `false`, `False`, `FALSE`";
        for word in
            ["1", "0", "yes", "no", "on", "off", "t", "tRUE", " true", "true ", "\"true\"", "null", "-", ""]
        {
            let Err(invalid) = parse_word(word, BOOLEAN) else { panic!("{word}") };
            assert!(invalid.hint.ends_with(allowed), "{word}: {}", invalid.hint);
        }
    }

    #[test]
    fn a_word_is_exactly_one_of_the_list_and_a_similar_one_is_suggested() {
        assert_eq!(parse_word("auto", PUBLISH).ok(), Some(Publish::Auto));
        assert_eq!(parse_word("auto", ON_EXISTING).ok(), Some(OnExisting::Auto));
        assert_eq!(parse_word("skip", ON_EXISTING).ok(), Some(OnExisting::Skip));
        assert_eq!(parse_word("fail", ON_EXISTING).ok(), Some(OnExisting::Fail));
        assert_eq!(parse_word("upgrade", STRATEGY).ok(), Some(Strategy::Upgrade));
        assert_eq!(parse_word("all", STRATEGY).ok(), Some(Strategy::All));
        assert_eq!(parse_word("auto", TAG_CHECK).ok(), Some(TagCheck::Auto));
        assert_eq!(parse_word("require", TAG_CHECK).ok(), Some(TagCheck::Require));
        assert_eq!(parse_word("off", TAG_CHECK).ok(), Some(TagCheck::Off));
        let hint =
            |result: Result<(), InvalidValue>| result.err().map(|invalid| invalid.hint).unwrap_or_default();
        let on_existing = |text| hint(parse_word(text, ON_EXISTING).map(drop));
        for (text, suggestion) in
            [("skipp", "did you mean `skip`? "), ("Fail", "did you mean `fail`? "), ("replace", ""), ("", "")]
        {
            let expected = format!("{suggestion}allowed: `auto`, `skip`, `fail`");
            assert_eq!(on_existing(text), expected, "{text}");
        }
        assert!(hint(parse_word("atuo", PUBLISH).map(drop)).starts_with("did you mean `auto`? "));
        assert!(hint(parse_word("upgrades", STRATEGY).map(drop)).starts_with("did you mean `upgrade`? "));
        assert!(hint(parse_word("required", TAG_CHECK).map(drop)).starts_with("did you mean `require`? "));
        assert!(hint(parse_word("ture", BOOLEAN).map(drop)).starts_with("did you mean `true`? "));
    }

    #[test]
    fn directories_are_one_per_line() {
        for (text, expected) in [
            ("a", vec!["a"]),
            (" a \r\n\n functions/* \n", vec!["a", "functions/*"]),
            ("a\rb\r", vec!["a", "b"]),
            (".", vec!["."]),
        ] {
            assert!(parse_directories(text).is_ok_and(|found| found == expected), "{text:?}");
        }
        for text in ["", " \n\t\n"] {
            assert!(parse_directories(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for valid in [
            "http://localhost",
            "HTTP://LOCALHOST:80",
            "http://127.9.9.9",
            "http://127.1:9",
            "http://[::1]:9/",
            "https://hub.example/prefix",
            "https://10.0.0.1",
        ] {
            assert!(parse_api_url(valid).is_ok(), "{valid}");
        }
        for (invalid, reason) in [
            ("http://hub.example", "unencrypted"),
            ("http://localhost.example", "unencrypted"),
            ("http://127.0.0.1.example", "unencrypted"),
            ("http://0.0.0.0", "unencrypted"),
            ("http://10.0.0.1", "unencrypted"),
            ("http://[::]", "unencrypted"),
            ("http://[::ffff:10.0.0.1]", "unencrypted"),
            ("ftp://localhost", "neither"),
            ("file:///etc/passwd", "neither"),
            ("javascript:alert(1)", "neither"),
            ("//hub.example", "not a URL"),
            ("hub.example", "not a URL"),
            ("https://", "not a URL"),
            ("https://?", "not a URL"),
            ("https://user@hub.example", "user name or password"),
            ("https://:password@hub.example", "user name or password"),
            ("http://user:password@127.0.0.1:9", "user name or password"),
            ("https://hub.example/?x", "query or fragment"),
            ("https://hub.example/#x", "query or fragment"),
        ] {
            let found = parse_api_url(invalid).err().map(|invalid| invalid.reason).unwrap_or_default();
            assert!(found.contains(reason), "{invalid}: {found}");
        }
    }

    #[test]
    fn a_timeout_is_whole_seconds_up_to_a_day() {
        for (text, seconds) in [("1", 1), ("120", 120), ("86400", 86_400), ("007", 7)] {
            assert_eq!(parse_timeout(text).ok(), Some(Duration::from_secs(seconds)), "{text}");
        }
        for invalid in
            ["0", "86401", "1.5", "2m", "60s", "1e3", " 60", "-1", "", "+5", "inf", "99999999999999999999"]
        {
            let hint = parse_timeout(invalid).err().map(|invalid| invalid.hint);
            let expected = "write whole seconds from 1 to 86400, without a unit";
            assert_eq!(hint.as_deref(), Some(expected), "{invalid}");
        }
    }

    #[test]
    fn a_user_name_is_one_part_of_a_path_with_or_without_an_at_sign() {
        for (text, name) in
            [("alice", "alice"), ("@alice", "alice"), ("a-b_c.d", "a-b_c.d"), ("ünal", "ünal")]
        {
            assert_eq!(parse_username(text).ok().as_deref(), Some(name));
        }
        for invalid in ["", "@", ".", "..", "a/b", "a b", "a?b", "a#b", "a%2fb", "a\\b", "a\n", "@@alice"] {
            assert!(parse_username(invalid).is_err(), "{invalid}");
        }
    }
}
