//! The key, and the removal of secrets from everything that is shown.

use std::fmt;

use url::Url;

use crate::text;

/// What replaces a secret.
const MASK: &str = "***";

/// Shortest secret that is removed from text, in characters: a shorter one would remove parts of ordinary words.
const MIN_REDACTED: usize = 4;

/// The account key. It leaves this type only for the request's header and the CI's mask command.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiKey(String);

impl ApiKey {
    /// Takes a trimmed, non-empty key.
    ///
    /// # Errors
    /// With the reason, when a header can't hold it: RFC 9110 (§5.5) allows visible ASCII there.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains(['\n', '\r']) {
            return Err("contains a line break");
        }
        if text.contains(char::is_whitespace) {
            return Err("contains whitespace");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("contains a character that is not plain ASCII");
        }
        Ok(Self(text.to_owned()))
    }

    /// The key itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiKey({MASK})")
    }
}

/// Every secret of this run, for removing them from text before it is shown.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// From the raw values of the variables that hold keys. Each line counts, as CI systems mask them, and so do the forms
    /// in which JSON and URLs hold it.
    pub(crate) fn of<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let lines = values.into_iter().flat_map(str::lines).map(str::trim);
        let lines = lines.filter(|line| line.chars().count() >= MIN_REDACTED);
        let forms = |line: &str| {
            [line.to_owned(), in_json(line)].into_iter().chain(in_url(line).into_iter().flatten())
        };
        let mut secrets: Vec<_> = lines.flat_map(forms).collect();
        // A secret that contains another one is removed first, so that no part of it is left.
        secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        secrets.dedup();
        Self(secrets)
    }

    /// These and more.
    pub(crate) fn and<'v>(&'v self, more: impl IntoIterator<Item = &'v str>) -> Self {
        Self::of(self.expose().chain(more))
    }

    /// The secrets themselves, for a mask command.
    pub(crate) fn expose(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The text without any secret, or the start of one that was cut off.
    pub(crate) fn mask(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            let whole = text.replace(secret, MASK);
            let parts: Vec<_> = whole.split(text::CUT).collect();
            let Some((last, cut)) = parts.split_last() else { return whole };
            let cut = cut.iter().map(|part| without_start(part, secret) + text::CUT);
            cut.chain([(*last).to_owned()]).collect()
        })
    }

    /// The text without any secret, also where characters that sinks drop hide one.
    pub(crate) fn redacted(&self, text: String) -> String {
        let shown = text::clean(&text);
        let masked = self.mask(&shown);
        if masked == shown { text } else { masked }
    }
}

/// The text without the start of the secret that it ends with, if enough of it is there.
fn without_start(text: &str, secret: &str) -> String {
    let starts = secret.char_indices().map(|(end, _)| secret.get(..end).unwrap_or_default()).rev();
    let mut long = starts.filter(|start| start.len() >= MIN_REDACTED);
    long.find_map(|start| text.strip_suffix(start)).map_or(text.to_owned(), |rest| rest.to_owned() + MASK)
}

/// As a JSON string contains it.
fn in_json(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted.trim_matches('"').to_owned()
}

/// As a URL's path contains it: as one segment, and as the end of a path.
fn in_url(secret: &str) -> Option<[String; 2]> {
    let mut url = Url::parse("https://hub.invalid").ok()?;
    url.set_path(secret);
    let path = url.path().trim_start_matches('/').to_owned();
    url.path_segments_mut().ok()?.clear().push(secret);
    Some([url.path().trim_start_matches('/').to_owned(), path])
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({MASK})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let key = ApiKey::parse("ac_secret").unwrap();
        let shown = format!("{key:?} {:?}", Secrets::of(["ac_secret"]));
        assert_eq!(shown, "ApiKey(***) Secrets(***)");
    }

    #[test]
    fn each_line_of_a_secret_is_removed_and_the_longer_one_first() {
        let secrets = Secrets::of(["ac_one\nac_one_more\n"]);
        assert_eq!(secrets.mask("a ac_one_more, ac_one."), "a ***, ***.");
    }

    #[test]
    fn a_secret_is_removed_however_it_is_written_or_cut() {
        let secrets = Secrets::of([r#"ac_a"b/c"#]);
        assert_eq!(
            secrets.mask(r#"{"id": "ac_a\"b/c"} https://a/ac_a%22b%2Fc ac_a"b… ac…"#),
            r#"{"id": "***"} https://a/*** ***… ac…"#
        );
        assert_eq!(secrets.redacted("ac_a\u{200b}\"b\0/c".to_owned()), "***");
    }

    #[test]
    fn a_key_that_a_header_cannot_hold_is_refused_with_the_reason() {
        assert_eq!(ApiKey::parse("ac_a\nb").unwrap_err(), "contains a line break");
        assert_eq!(ApiKey::parse("ac_a b").unwrap_err(), "contains whitespace");
        assert_eq!(ApiKey::parse("ac_é").unwrap_err(), "contains a character that is not plain ASCII");
    }
}
