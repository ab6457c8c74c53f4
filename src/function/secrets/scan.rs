//! The search for secrets in a text.

use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use super::heuristics;
use super::rules::{Check, KEYWORDS, RULES, Rule, is_word};
use crate::decoded::{self, Decoded, Gaps, Section};
use crate::finding::Code;
use crate::function::allowed::Allows;
use crate::secret::Secrets;

/// Maximum number of secrets that are reported for one text: with more than these, the file as a whole needs work.
pub(super) const MAX_SECRETS: usize = 50;

/// Maximum length of a secret other than a private key, in bytes: tokens of providers reach about 2,000.
const MAX_SECRET_BYTES: usize = 4096;

/// Minimum length of a secret, in bytes, with its prefix or name: an AWS access key has 20, and the shortest URL with a
/// password has as many.
const MIN_SECRET_BYTES: usize = 16;

/// Minimum length of a text in Base64 that is decoded, in bytes: a secret of [`MIN_SECRET_BYTES`] has as many without padding.
const MIN_BASE64_BYTES: usize = 22;

/// Maximum length of a private key, in bytes: one of 16,384 bits has about 12,500 in PEM.
const MAX_PRIVATE_KEY_BYTES: usize = 16 * 1024;

/// Maximum number of a secret's characters that are shown after the prefix of its kind: enough to recognize the secret,
/// and useless for guessing it.
const MAX_SHOWN_CHARS: usize = 4;

/// One secret in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Secret {
    /// In words: `a GitHub token`.
    pub(super) kind: &'static str,
    pub(super) range: Range<usize>,
    /// How it is written, in words; empty where it is there as it is.
    pub(super) form: &'static str,
    /// Itself, without the form in which it is written.
    pub(super) plain: String,
    /// Its first few characters: its prefix, and never more than a quarter of the rest.
    pub(super) start: String,
    /// It is the key of this run.
    pub(super) is_own: bool,
}

/// The secrets in a text, in its order, at most one more than [`MAX_SECRETS`]. The keys of this run are always found: neither their form
/// nor a comment matters.
pub(super) fn find(text: &str, keys: &Secrets, allows: &Allows) -> Vec<Secret> {
    let mut search = Search { found: BTreeMap::new(), allows };
    for range in keys.keys_in(text).into_iter().take(MAX_SECRETS + 1) {
        let plain = text.get(range.clone()).unwrap_or_default().to_owned();
        let secret = Secret { kind: OWN_KEY, range, form: "", plain, start: String::new(), is_own: true };
        search.found.insert(secret.range.start, secret);
    }
    let anywhere = 0..text.len();
    search.look_in(text, "", &anywhere, Clone::clone);
    for Section { starts, whole } in decoded::sections(text) {
        let decoded = Decoded::once(text.get(whole.clone()).unwrap_or_default(), Gaps::Kept);
        if !decoded.is_unchanged() {
            search.look_in(&decoded.text, "written with escapes", &starts, |range| {
                let range = decoded.source_of(range);
                whole.start + range.start..whole.start + range.end
            });
        }
    }
    for (range, decoded) in base64_texts(text) {
        search.look_in(&decoded, "written in Base64", &anywhere, |_| range.clone());
    }
    search.found.into_values().collect()
}

const OWN_KEY: &str = "the key of this run";

/// The search in one text, which can be read in several ways.
struct Search<'a> {
    /// By their start, without overlaps.
    found: BTreeMap<usize, Secret>,
    allows: &'a Allows,
}

impl Search<'_> {
    /// Searches the text as it can be read, with where a match may start in the text itself, and what maps a range of the one to
    /// one of the other.
    fn look_in(
        &mut self,
        text: &str,
        form: &'static str,
        starts: &Range<usize>,
        source_of: impl Fn(&Range<usize>) -> Range<usize>,
    ) {
        // No rule matches twice against the same part of the text, so that the whole search takes linear time.
        let mut searched_up_to = vec![0; RULES.len()];
        let keywords = &*KEYWORDS;
        for (at, pair) in text.as_bytes().array_windows().enumerate() {
            if self.found.len() > MAX_SECRETS {
                break;
            }
            for (number, keyword) in keywords.starting_with(*pair) {
                let rule_and_end = RULES.get(*number).zip(searched_up_to.get_mut(*number));
                let Some((rule, searched)) = rule_and_end.filter(|(_, searched)| at >= **searched) else {
                    continue;
                };
                if !text.get(at..).is_some_and(|rest| rest.starts_with(keyword)) {
                    continue;
                }
                let Some(candidate) = candidate(rule, text, at) else { continue };
                *searched = candidate.whole.end;
                if !starts.contains(&source_of(&candidate.whole).start) {
                    continue;
                }
                let secret = check(rule, text, candidate, keyword);
                self.add(secret.map(|secret| Secret { range: source_of(&secret.range), form, ..secret }));
            }
        }
    }

    /// Adds a secret, unless it is allowed or overlaps with one that was found before.
    fn add(&mut self, secret: Option<Secret>) {
        let Some(secret) = secret else { return };
        let Range { start, end } = secret.range;
        let overlaps = self.found.range(..end).next_back().is_some_and(|(_, other)| start < other.range.end);
        if !overlaps && !self.allows.contains(Code::SecretFound, start) {
            self.found.insert(start, secret);
        }
    }
}

/// The texts that are written in Base64 in a text (RFC 4648, sections 4 and 5), and where they are. What is decoded to anything
/// but ASCII text was not encoded, or is no text.
fn base64_texts(text: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let runs = text.split(move |c| !is_base64(c)).filter(|run| run.len() >= MIN_BASE64_BYTES);
    let decode = |run: &str| BASE64.decode(run.replace('-', "+").replace('_', "/")).ok();
    let decode = move |run: &str| decode(run).filter(|decoded| decoded.iter().all(is_text));
    runs.filter_map(move |run| {
        // Most are words or random: a few characters show it.
        decode(run.get(..16)?)?;
        let decoded = String::from_utf8(decode(run)?).ok()?;
        let start = run.as_ptr().addr() - text.as_ptr().addr();
        Some((start..start + run.len(), decoded))
    })
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
    let plain = text.get(range.clone())?.to_owned();
    is_secret.then_some(Secret { kind: rule.kind, range, form: "", plain, start, is_own: false })
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
