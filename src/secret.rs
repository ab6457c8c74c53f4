//! The key, and the promise that it appears nowhere.

use std::fmt;

use url::Url;

use crate::text;

/// What stands where a secret stood.
const MASK: &str = "***";

/// Shortest secret that is masked in texts, in characters: a shorter one would blot out ordinary words.
const SHORTEST_MASKED: usize = 4;

/// The account key. It leaves this type only into the request's header and GitHub's mask command.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiKey(String);

impl ApiKey {
    /// Takes a trimmed, non-empty key.
    ///
    /// # Errors
    /// With the reason, when it can't stand in a header: RFC 9110 (§5.5) allows visible ASCII there.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains(['\n', '\r']) {
            return Err("holds a line break");
        }
        if text.contains(char::is_whitespace) {
            return Err("holds a blank");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("holds a character that is not plain ASCII");
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

/// Every secret of this run, to be struck out of whatever is about to be shown.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// From the raw values of the variables that hold keys; their lines count too, as CI systems mask them, and so do the
    /// forms in which JSON and addresses hold them.
    pub(crate) fn of<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let lines = values.into_iter().flat_map(str::lines).map(str::trim);
        let lines = lines.filter(|line| line.chars().count() >= SHORTEST_MASKED);
        let forms = |line: &str| {
            [line.to_owned(), in_json(line)].into_iter().chain(in_address(line).into_iter().flatten())
        };
        let mut secrets: Vec<_> = lines.flat_map(forms).collect();
        // A secret that holds another one is struck out first, so that no part of it is left.
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

    /// The text without any secret, or the beginning of one that was cut short.
    pub(crate) fn mask(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            let whole = text.replace(secret, MASK);
            let parts: Vec<_> = whole.split(text::CUT).collect();
            let Some((last, cut)) = parts.split_last() else { return whole };
            let cut = cut.iter().map(|part| without_beginning(part, secret) + text::CUT);
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

/// The text without the secret's beginning that it ends with, if it ends with enough of it.
fn without_beginning(text: &str, secret: &str) -> String {
    let beginnings = secret.char_indices().map(|(end, _)| secret.get(..end).unwrap_or_default()).rev();
    let mut told = beginnings.filter(|beginning| beginning.len() >= SHORTEST_MASKED);
    told.find_map(|beginning| text.strip_suffix(beginning))
        .map_or(text.to_owned(), |rest| rest.to_owned() + MASK)
}

/// As it stands inside a JSON string.
fn in_json(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted.trim_matches('"').to_owned()
}

/// As it stands in an address's path: as one part of it, and as the end of a path.
fn in_address(secret: &str) -> Option<[String; 2]> {
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
    fn each_line_of_a_secret_is_masked_the_longest_first() {
        let secrets = Secrets::of(["ac_one\nac_one_more\n"]);
        assert_eq!(secrets.mask("a ac_one_more, ac_one."), "a ***, ***.");
    }

    #[test]
    fn a_secret_is_masked_in_every_encoding_and_if_it_is_cut() {
        let secrets = Secrets::of([r#"ac_a"b/c"#]);
        assert_eq!(
            secrets.mask(r#"{"id": "ac_a\"b/c"} https://a/ac_a%22b%2Fc ac_a"b… ac…"#),
            r#"{"id": "***"} https://a/*** ***… ac…"#
        );
        assert_eq!(secrets.redacted("ac_a\u{200b}\"b\0/c".to_owned()), "***");
    }

    #[test]
    fn a_key_that_no_header_can_hold_is_refused_with_the_reason() {
        assert_eq!(ApiKey::parse("ac_a\nb").unwrap_err(), "holds a line break");
        assert_eq!(ApiKey::parse("ac_a b").unwrap_err(), "holds a blank");
        assert_eq!(ApiKey::parse("ac_é").unwrap_err(), "holds a character that is not plain ASCII");
    }
}
