//! The key, and the removal of secrets from everything that is shown.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use url::Url;

use crate::echo::{Echoes, Form, MIN_PART_BYTES, Needles, whole_bytes};
use crate::text::CUT;

/// What replaces a secret.
const MASK: &str = "***";

/// Shortest secret that is removed from text, in characters: a shorter one would remove parts of ordinary words.
const MIN_REDACTED: usize = 4;

/// Shortest key that is searched for in what is sent, in characters: CI systems mask no shorter ones, which could be ordinary
/// words.
const MIN_SEARCHED: usize = 8;

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
pub(crate) struct Secrets {
    keys: Arc<[String]>,
    /// The keys that are searched for in what is sent, each with the length of the whole, in bytes.
    searched: Arc<[(Echoes, usize)]>,
    echoes: Arc<Echoes>,
    found: Arc<Needles>,
}

impl Secrets {
    /// From the raw values of the variables that hold keys. Each line counts, as CI systems mask them.
    pub(crate) fn of<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let lines = values.into_iter().flat_map(str::lines).map(str::trim);
        let lines = lines.filter(|line| line.chars().count() >= MIN_REDACTED);
        let mut keys: Vec<_> = lines.map(str::to_owned).collect();
        keys.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        keys.dedup();
        let echoes = Arc::new(Echoes::of(keys.iter().map(String::as_str)));
        let searched = keys.iter().filter(|key| key.chars().count() >= MIN_SEARCHED);
        let searched = searched.map(|key| (Echoes::of([key.as_str()]), whole_bytes(key))).collect();
        Self { keys: keys.into(), searched, echoes, found: Arc::default() }
    }

    /// These, and secrets that were found in files: those are only removed as a whole, because findings quote their beginnings.
    pub(crate) fn and<'v>(&self, found: impl IntoIterator<Item = &'v str>) -> Self {
        let found = found.into_iter().filter(|secret| secret.chars().count() >= MIN_REDACTED);
        Self { found: Arc::new(Needles::of(found)), ..self.clone() }
    }

    /// The keys, for a mask command: also as JSON and URLs contain them, because CI systems mask nothing but what they were given.
    pub(crate) fn masks(&self) -> Vec<String> {
        let forms =
            |key: &String| [key.clone(), in_json(key)].into_iter().chain(in_url(key).into_iter().flatten());
        let mut masks: Vec<_> = self.keys.iter().flat_map(forms).collect();
        masks.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        masks.dedup();
        masks
    }

    /// Whether there is a key that is searched for in what is sent.
    pub(crate) fn are_searched(&self) -> bool {
        !self.searched.is_empty()
    }

    /// Where a text holds a whole key, in any form: in the order of the text, without overlaps.
    pub(crate) fn keys_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if self.are_searched() {
            Form::each(text, |form| {
                let of_key = |(echoes, whole): &(Echoes, usize)| {
                    let whole = *whole;
                    echoes.find(form).into_iter().filter(move |echo| echo.bytes >= whole)
                };
                found.extend(self.searched.iter().flat_map(of_key).map(|echo| echo.range));
            });
        }
        merged(found)
    }

    /// The text without any secret or part of a key, in any form, and without the start of a key that was cut off.
    pub(crate) fn redacted(&self, text: &str) -> String {
        let mut ranges = Vec::new();
        Form::each(text, |form| {
            ranges.extend(self.echoes.find(form).into_iter().map(|echo| echo.range));
            ranges.extend(self.found.find(form));
            let starts = self.starts(form.text()).into_iter().map(|range| form.source_of(&range));
            ranges.extend(starts.filter(|range| form.is_one_word(range)));
        });
        let (mut redacted, mut shown_to) = (String::new(), 0);
        for range in merged(ranges) {
            redacted.push_str(text.get(shown_to..range.start).unwrap_or_default());
            redacted.push_str(MASK);
            shown_to = range.end;
        }
        redacted + text.get(shown_to..).unwrap_or_default()
    }

    /// Where the start of a key was cut off: longer ones are parts of it.
    fn starts(&self, text: &str) -> Vec<Range<usize>> {
        let lengths = (MIN_REDACTED..MIN_PART_BYTES).rev();
        let start = |before: &str| {
            let is_start = |length: &usize| {
                self.keys.iter().any(|key| key.get(..*length).is_some_and(|start| before.ends_with(start)))
            };
            lengths.clone().find(is_start)
        };
        let cuts = text.match_indices(CUT).map(|(at, _)| at);
        cuts.filter_map(|at| Some(at - start(text.get(..at)?)?..at)).collect()
    }
}

/// The ranges in order, with those that overlap as one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
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
    fn each_line_of_a_secret_is_masked_the_longest_first() {
        let secrets = Secrets::of(["ac_one\nac_one_more\n"]);
        assert_eq!(secrets.redacted("a ac_one_more, ac_one."), "a ***, ***.");
    }

    #[test]
    fn a_secret_is_masked_in_every_encoding_and_if_it_is_cut() {
        let secrets = Secrets::of([r#"ac_a"b/c"#]);
        assert_eq!(
            secrets.redacted(r#"{"id": "ac_a\"b/c"} https://a/ac_a%22b%2Fc ac_a"b… ac…"#),
            r#"{"id": "***"} https://a/*** ***… ac…"#
        );
        assert_eq!(secrets.redacted("ac_a\u{200b}\"b\0/c"), "***");
    }

    #[test]
    fn a_key_that_a_header_cannot_hold_is_refused_with_the_reason() {
        assert_eq!(ApiKey::parse("ac_a\nb").unwrap_err(), "contains a line break");
        assert_eq!(ApiKey::parse("ac_a b").unwrap_err(), "contains whitespace");
        assert_eq!(ApiKey::parse("ac_é").unwrap_err(), "contains a character that is not plain ASCII");
    }
}
