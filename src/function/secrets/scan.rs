//! The search for secrets in a text.

use std::collections::BTreeMap;
use std::ops::Range;

use super::heuristics;
use super::rules::{Check, RULES, Rule, is_word, keywords_starting_with};

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
    let allowed = allowed_lines(text);
    let is_allowed = |at: usize| allowed.range(..=at).next_back().is_some_and(|(_, end)| at < *end);
    // No rule matches twice against the same part of the text, so that the whole search takes linear time.
    let mut searched_up_to = vec![0; RULES.len()];
    for (at, pair) in text.as_bytes().array_windows().enumerate() {
        if found.len() > MAX_SECRETS {
            break;
        }
        for (number, keyword) in keywords_starting_with(*pair) {
            let rule_and_end = RULES.get(*number).zip(searched_up_to.get_mut(*number));
            let Some((rule, searched)) = rule_and_end.filter(|(_, searched)| at >= **searched) else {
                continue;
            };
            if !text.get(at..).is_some_and(|rest| rest.starts_with(keyword)) {
                continue;
            }
            let Some(candidate) = candidate(rule, text, at) else { continue };
            *searched = candidate.whole.end;
            let Some(secret) = check(rule, text, candidate, keyword) else { continue };
            let overlaps =
                |other: &Secret| other.range.start < secret.range.end && secret.range.start < other.range.end;
            if !found.iter().any(overlaps) && !is_allowed(secret.range.start) {
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

/// The lines in which a comment allows secrets: the end of each by its start.
fn allowed_lines(text: &str) -> BTreeMap<usize, usize> {
    let mut allowed = BTreeMap::new();
    let (mut start, mut allows_next) = (0, false);
    for line in text.split_inclusive('\n') {
        let before_comment = line.split_once(ALLOW_COMMENT).map(|(before, _)| before);
        let end = start + line.len();
        if allows_next || before_comment.is_some() {
            allowed.insert(start, end);
        }
        // A comment that is alone on its line allows the next one too.
        allows_next = before_comment.is_some_and(|before| !before.contains(char::is_alphanumeric));
        start = end;
    }
    allowed
}

/// What matches a rule's pattern.
struct Candidate {
    whole: Range<usize>,
    /// The group in it that is the secret alone; the whole if the pattern has none.
    secret: Range<usize>,
}

/// What matches a rule around its keyword at an offset. Reads a bounded part of the text.
fn candidate(rule: &Rule, text: &str, at: usize) -> Option<Candidate> {
    let bytes = text.as_bytes();
    let before = bytes.get(..at)?.iter().rev().take(rule.max_before + 1);
    let length = before.take_while(|byte| (rule.may_precede)(**byte)).count();
    let start = at - length.min(rule.max_before);
    if length > rule.max_before && !follows_escape(bytes, start) {
        return None;
    }
    // A cheap check before the pattern is tried.
    let first = bytes.get(start..start + MIN_SECRET_BYTES)?;
    if !rule.spans_words() && first.iter().any(|byte| matches!(byte, b' ' | b'\n' | b'"' | b'\'' | b'`')) {
        return None;
    }
    let window = text.get(start..text.floor_char_boundary(start + MAX_SECRET_BYTES))?;
    let captures = rule.regex()?.captures(window)?;
    let range = |group: regex_lite::Match<'_>| start + group.start()..start + group.end();
    let whole = captures.get(0).map(range)?;
    Some(Candidate { secret: captures.get(1).map_or(whole.clone(), range), whole })
}

/// The secret, if the candidate is one.
fn check(rule: &Rule, text: &str, candidate: Candidate, keyword: &str) -> Option<Secret> {
    let mut range = candidate.secret;
    let secret = text.get(range.clone())?;
    let body = secret.strip_prefix(keyword).unwrap_or(secret);
    // A dash after the secret is part of it only if the secret itself contains dashes.
    let continues = |next: u8| next.is_ascii_alphanumeric() || (is_word(next) && body.contains(['-', '_']));
    if text.as_bytes().get(range.end).is_some_and(|next| continues(*next)) {
        return None;
    }
    let shown = MAX_SHOWN_CHARS.min(body.len() / 4) + secret.len() - body.len();
    let (is_secret, shown) = match rule.check {
        Check::Random => (heuristics::is_random(body), shown),
        Check::DiscordBot => (heuristics::is_discord_token(secret), shown),
        Check::Jwt => (heuristics::is_signed_by_provider(secret), shown),
        Check::Password => (heuristics::is_password(secret, text.get(candidate.whole)?), 0),
        Check::PrivateKey => {
            range.end = end_of_private_key(text, range.clone())?;
            (true, 0)
        }
    };
    let start = secret.chars().take(shown).collect();
    is_secret.then_some(Secret { kind: rule.kind, range, start, is_own: false })
}

/// Whether an escaped line break or tab comes before an offset: its letter is not part of what follows.
fn follows_escape(bytes: &[u8], at: usize) -> bool {
    let escape = at.checked_sub(2).and_then(|start| bytes.get(start..at));
    matches!(escape, Some([b'\\', b'n' | b'r' | b't']))
}

/// The end of the private key whose first line is given; `None` if what follows is not a key.
fn end_of_private_key(text: &str, first_line: Range<usize>) -> Option<usize> {
    const LAST_LINE: &str = "-----END ";
    let rest = text.get(first_line.end..text.floor_char_boundary(first_line.end + MAX_PRIVATE_KEY_BYTES))?;
    let (key, last_line) = rest.split_at(rest.find("-----")?);
    let end = last_line.strip_prefix(LAST_LINE)?.find("-----")?;
    heuristics::is_key_text(key).then_some(first_line.end + key.len() + LAST_LINE.len() + end + "-----".len())
}
