//! The search for secrets in a text.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex_lite::Regex;

use super::heuristics;
use super::keywords::KEYWORDS;
use super::rules::{Check, RULES, Rule};

/// The comment that allows a secret on its own line, or on the next one if it is alone on its line.
pub(super) const ALLOW_COMMENT: &str = "aerostack-publish: allow SECRET_FOUND";

/// Maximum number of secrets that are reported for one text: with more than these, the file as a whole needs work.
pub(super) const MAX_SECRETS: usize = 50;

/// Maximum length of a secret other than a private key, in bytes: tokens of providers reach about 2,000.
const MAX_SECRET_BYTES: usize = 4096;

/// Minimum length of a secret, in bytes, with its prefix or name: an AWS access key has 20, and the shortest URL with a
/// password has as many.
const MIN_SECRET_BYTES: usize = 16;

/// Maximum length of a private key, in bytes: one of 16,384 bits has about 12,500 in PEM.
const MAX_PRIVATE_KEY_BYTES: usize = 16 * 1024;

/// Minimum length of a key of this run that is searched for, in characters: CI systems mask no shorter ones, which could
/// be ordinary words.
const MIN_OWN_KEY_CHARS: usize = 8;

/// Maximum number of a secret's characters that are shown after the prefix of its kind: enough to recognize the secret,
/// and useless for guessing it.
const MAX_SHOWN_CHARS: usize = 4;

/// One secret in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Secret {
    /// In words: `a GitHub token`.
    pub(super) kind: &'static str,
    pub(super) range: Range<usize>,
    /// Its first few characters: its prefix, and never more than a quarter of the rest.
    pub(super) start: String,
    /// It is the key of this run.
    pub(super) is_own: bool,
}

/// The secrets in a text, in its order, at most one more than [`MAX_SECRETS`]. The keys of this run are always found:
/// neither their form nor a comment matters.
pub(super) fn find<'k>(text: &str, own_keys: impl IntoIterator<Item = &'k str>) -> Vec<Secret> {
    let mut found = find_own(text, own_keys);
    let own_ranges: Vec<_> = found.iter().map(|secret| secret.range.clone()).collect();
    let mut lines = AllowedLines { text, line: 0..0, is_allowed: false };
    let mut end = 0;
    // No rule matches twice against the same part of the text, so that the whole search takes linear time.
    let mut searched_up_to = vec![0; RULES.len()];
    let bytes = text.as_bytes();
    for (at, pair) in bytes.windows(2).enumerate() {
        if found.len() > MAX_SECRETS {
            break;
        }
        for (number, keyword) in KEYWORDS.starting_with(pair) {
            let (Some(matcher), Some(searched)) = (MATCHERS.get(*number), searched_up_to.get_mut(*number))
            else {
                continue;
            };
            if at < *searched || !bytes.get(at..).is_some_and(|rest| rest.starts_with(keyword.as_bytes())) {
                continue;
            }
            let Some(candidate) = matcher.candidate(text, at) else { continue };
            *searched = candidate.whole.end;
            let Some(secret) = matcher.check(text, candidate, keyword) else { continue };
            let is_new = secret.range.start >= end
                && !own_ranges.iter().any(|own| own.start < secret.range.end && secret.range.start < own.end);
            if is_new && !lines.is_allowed(secret.range.start) {
                end = secret.range.end;
                found.push(secret);
            }
        }
    }
    found.sort_by_key(|secret| secret.range.start);
    found
}

/// The keys of this run in a text.
fn find_own<'k>(text: &str, own_keys: impl IntoIterator<Item = &'k str>) -> Vec<Secret> {
    let secret = |(at, key): (usize, &str)| Secret {
        kind: "the key of this run",
        range: at..at + key.len(),
        start: String::new(),
        is_own: true,
    };
    let keys = own_keys.into_iter().filter(|key| key.chars().count() >= MIN_OWN_KEY_CHARS);
    keys.flat_map(|key| text.match_indices(key).take(MAX_SECRETS + 1)).map(secret).collect()
}

/// A rule, and its pattern, which is compiled when it is first needed.
struct Matcher {
    rule: &'static Rule,
    pattern: OnceLock<Option<Regex>>,
    /// Whether the pattern may match white space or quotes.
    spans_words: bool,
}

static MATCHERS: LazyLock<Vec<Matcher>> = LazyLock::new(|| {
    let matcher = |rule: &'static Rule| Matcher {
        rule,
        pattern: OnceLock::new(),
        spans_words: rule.check == Check::PrivateKey || rule.pattern.contains(r"\s"),
    };
    RULES.iter().map(matcher).collect()
});

/// What matches a rule's pattern.
struct Candidate {
    whole: Range<usize>,
    /// The group in it that is the secret alone, if the rule has one.
    group: Option<Range<usize>>,
}

impl Matcher {
    /// What matches around the keyword at an offset. Reads a bounded part of the text.
    fn candidate(&self, text: &str, at: usize) -> Option<Candidate> {
        let bytes = text.as_bytes();
        let start = match self.rule.before {
            None if is_boundary(bytes, at) => at,
            None => return None,
            Some(before) => {
                let bytes_before = bytes.get(..at)?.iter().rev().take(before.max + 1);
                let length = bytes_before.take_while(|byte| (before.contains)(**byte)).count();
                let start = at - length.min(before.max);
                if length > before.max && !follows_escape(bytes, start) {
                    return None;
                }
                start
            }
        };
        // A cheap check before the pattern is tried.
        let first = bytes.get(start..start + MIN_SECRET_BYTES)?;
        if !self.spans_words && first.iter().any(|byte| matches!(byte, b' ' | b'\n' | b'"' | b'\'' | b'`')) {
            return None;
        }
        let window = text.get(start..text.floor_char_boundary(start + MAX_SECRET_BYTES))?;
        let pattern = self.pattern.get_or_init(|| Regex::new(&format!("^(?:{})", self.rule.pattern)).ok());
        let captures = pattern.as_ref()?.captures(window)?;
        let range = |group: regex_lite::Match<'_>| start + group.start()..start + group.end();
        Some(Candidate { whole: captures.get(0).map(range)?, group: captures.get(1).map(range) })
    }

    /// The secret, if the candidate is one.
    fn check(&self, text: &str, candidate: Candidate, keyword: &str) -> Option<Secret> {
        let starts_with_keyword = candidate.group.is_none() && self.rule.before.is_none();
        let whole = text.get(candidate.whole.clone())?;
        let mut range = candidate.group.unwrap_or(candidate.whole);
        let secret = text.get(range.clone())?;
        let prefix = if starts_with_keyword { keyword } else { "" };
        let body = secret.strip_prefix(prefix).unwrap_or(secret);
        // A dash after the secret is part of it only if the secret itself contains dashes.
        let continues =
            |next: u8| next.is_ascii_alphanumeric() || (is_word(next) && body.contains(['-', '_']));
        if text.as_bytes().get(range.end).is_some_and(|next| continues(*next)) {
            return None;
        }
        let is_secret = match self.rule.check {
            Check::Random => heuristics::is_random(body),
            Check::Password => heuristics::is_password(secret, whole),
            Check::DiscordBot => heuristics::is_discord_token(secret),
            Check::Jwt => heuristics::is_signed_by_provider(secret),
            Check::PrivateKey => {
                range.end = end_of_private_key(text, range.clone())?;
                true
            }
        };
        let start = match self.rule.check {
            Check::Password | Check::PrivateKey => String::new(),
            Check::Random | Check::DiscordBot | Check::Jwt => {
                let shown = MAX_SHOWN_CHARS.min(body.len() / 4);
                prefix.chars().chain(body.chars().take(shown)).collect()
            }
        };
        is_secret.then_some(Secret { kind: self.rule.kind, range, start, is_own: false })
    }
}

/// Whether a secret may start at an offset: not in the middle of a word.
fn is_boundary(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at));
    before.is_none_or(|before| !is_word(*before)) || follows_escape(bytes, at)
}

/// Whether an escaped line break or tab comes before an offset: its letter is not part of what follows.
fn follows_escape(bytes: &[u8], at: usize) -> bool {
    let escape = at.checked_sub(2).and_then(|start| bytes.get(start..at));
    matches!(escape, Some([b'\\', b'n' | b'r' | b't']))
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The end of the private key whose first line is given; `None` if what follows is not a key.
fn end_of_private_key(text: &str, first_line: Range<usize>) -> Option<usize> {
    const LAST_LINE: &str = "-----END ";
    let rest = text.get(first_line.end..text.floor_char_boundary(first_line.end + MAX_PRIVATE_KEY_BYTES))?;
    let (key, last_line) = rest.split_at(rest.find("-----")?);
    let end = last_line.strip_prefix(LAST_LINE)?.find("-----")?;
    heuristics::is_key_text(key).then_some(first_line.end + key.len() + LAST_LINE.len() + end + "-----".len())
}

/// Finds out which lines are allowed, each once.
struct AllowedLines<'t> {
    text: &'t str,
    /// The line of the last offset.
    line: Range<usize>,
    is_allowed: bool,
}

impl AllowedLines<'_> {
    /// Whether secrets are allowed on the line of an offset. Offsets come roughly in the order of the text.
    fn is_allowed(&mut self, at: usize) -> bool {
        if !self.line.contains(&at) {
            let (before, after) = self.text.split_at(at);
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            let end = after.find('\n').map_or(self.text.len(), |end| at + end + 1);
            self.line = start..end;
            let line = self.text.get(start..end).unwrap_or_default();
            let above = before.get(..start).and_then(|above| above.lines().next_back()).unwrap_or_default();
            self.is_allowed = line.contains(ALLOW_COMMENT) || allows_next_line(above);
        }
        self.is_allowed
    }
}

/// Whether the line is only a comment that allows the next line.
fn allows_next_line(line: &str) -> bool {
    line.split_once(ALLOW_COMMENT).is_some_and(|(before, _)| !before.contains(char::is_alphanumeric))
}
