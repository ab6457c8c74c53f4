//! Secrets in texts that are about to become public for good.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex_lite::Regex;

use super::heuristics::{self, Judge};
use super::rules::{RULES, Rule};
use crate::function::manifest::fields::Slug;

/// What allows the line that it stands in, or the next one if it stands alone.
pub(crate) const ALLOWED: &str = "aerostack-publish: allow SECRET_FOUND";

/// Most secrets that are looked for in one text. Whoever has more has one kind of work before them.
pub(crate) const MOST: usize = 50;

/// Longest secret, in bytes, but for private keys: tokens of providers reach some 2,000.
const LONGEST: usize = 4096;

/// Shortest secret, in bytes, with its prefix or name: an AWS access key has 20, the shortest URL with a password as many.
const SHORTEST: usize = 16;

/// Longest private key, in bytes: one of 16,384 bits has some 12,500 in PEM.
const LONGEST_PRIVATE_KEY: usize = 16 * 1024;

/// Shortest key of this run that is looked for, in characters: CI systems mask none that are shorter, and ordinary
/// words are.
const SHORTEST_OWN_KEY: usize = 8;

/// Most characters of a secret that are shown behind what makes its kind known.
const MOST_SHOWN: usize = 4;

/// Shortest line of a private key that is kept out of reports: it says nothing alone, and a shorter one may be a word.
const SHORTEST_PIECE: usize = 16;

/// One secret in a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    /// In words: `a GitHub token`.
    pub(crate) kind: &'static str,
    pub(crate) range: Range<usize>,
    /// Its first few characters: its prefix, and never more than a quarter of the rest.
    pub(crate) start: String,
    /// It is the key of this run.
    pub(crate) is_own: bool,
}

/// The secrets in a text, in its order, at most one more than [`MOST`]. The keys of this run are found whatever they
/// look like, and nothing allows them.
pub(crate) fn find<'k>(text: &str, own_keys: impl IntoIterator<Item = &'k str>) -> Vec<Secret> {
    let mut found: Vec<Secret> = Vec::new();
    for key in own_keys.into_iter().filter(|key| key.chars().count() >= SHORTEST_OWN_KEY) {
        let own = |(at, key): (usize, &str)| Secret {
            kind: "the very key of this run",
            range: at..at + key.len(),
            start: String::new(),
            is_own: true,
        };
        found.extend(text.match_indices(key).take(MOST + 1).map(own));
    }
    let own_ranges: Vec<_> = found.iter().map(|secret| secret.range.clone()).collect();
    let mut lines = AllowedLines { text, line: 0..0, is_allowed: false };
    let mut end = 0;
    // No rule looks twice at one piece of the text, so that all of it takes linear time.
    let mut seen = vec![0; RULES.len()];
    let bytes = text.as_bytes();
    for (at, pair) in bytes.windows(2).enumerate() {
        if found.len() > MOST {
            break;
        }
        for (number, keyword) in STARTS.at(pair) {
            let (Some(matcher), Some(seen)) = (MATCHERS.get(*number), seen.get_mut(*number)) else {
                continue;
            };
            if at < *seen || !bytes.get(at..).is_some_and(|rest| rest.starts_with(keyword.as_bytes())) {
                continue;
            }
            let Some(form) = matcher.form(text, at) else { continue };
            *seen = form.whole.end;
            let Some(secret) = matcher.judge(text, form, keyword) else { continue };
            let is_new = secret.range.start >= end
                && !own_ranges.iter().any(|own| own.start < secret.range.end && secret.range.start < own.end);
            if is_new && !lines.allow(secret.range.start) {
                end = secret.range.end;
                found.push(secret);
            }
        }
    }
    found.sort_by_key(|secret| secret.range.start);
    found
}

/// Every form in which a report could show a secret: the lines that a key has in the file or once JSON is read, and what
/// an address would be made of it.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    let plain = secret.replace("\\n", "\n").replace("\\r", "\n");
    let pieces = plain.split(|c: char| c.is_whitespace() || matches!(c, '\\' | '"' | '\'' | '`'));
    let pieces = pieces.filter(|piece| piece.len() >= SHORTEST_PIECE && !piece.starts_with("-----"));
    let pieces = pieces.flat_map(|piece| [piece.to_owned(), Slug::of(piece).to_string()]);
    std::iter::once(secret.to_owned()).filter(|secret| !secret.contains('\n')).chain(pieces).collect()
}

/// A rule, with its pattern once it was needed.
struct Matcher {
    rule: &'static Rule,
    pattern: OnceLock<Option<Regex>>,
}

/// What has the form of a secret.
struct Form {
    whole: Range<usize>,
    /// The group in it that is the secret alone, if the rule has one.
    group: Option<Range<usize>>,
}

static MATCHERS: LazyLock<Vec<Matcher>> =
    LazyLock::new(|| RULES.iter().map(|rule| Matcher { rule, pattern: OnceLock::new() }).collect());

/// Which keywords start with which two bytes. Nearly all pairs of a text start none, and cost one look.
struct Starts {
    /// For every pair, the number of its list; 0 is the empty one.
    lists: Vec<u8>,
    /// The numbers of rules and their keywords, in the order of the rules.
    keywords: Vec<Vec<(usize, &'static str)>>,
}

static STARTS: LazyLock<Starts> = LazyLock::new(|| {
    let mut starts = Starts { lists: vec![0; 256 * 256], keywords: vec![Vec::new()] };
    for (number, rule) in RULES.iter().enumerate() {
        for keyword in rule.keywords {
            starts.add(number, keyword);
        }
    }
    starts
});

impl Starts {
    fn number(pair: &[u8]) -> Option<usize> {
        match pair {
            [first, second, ..] => Some(usize::from(*first) * 256 + usize::from(*second)),
            _ => None,
        }
    }

    fn add(&mut self, rule: usize, keyword: &'static str) {
        let next = u8::try_from(self.keywords.len()).unwrap_or_default();
        let Some(list) = Self::number(keyword.as_bytes()).and_then(|at| self.lists.get_mut(at)) else {
            return;
        };
        if *list == 0 {
            *list = next;
            self.keywords.push(Vec::new());
        }
        if let Some(keywords) = self.keywords.get_mut(usize::from(*list)) {
            keywords.push((rule, keyword));
        }
    }

    fn at(&self, pair: &[u8]) -> &[(usize, &'static str)] {
        let list = Self::number(pair).and_then(|at| self.lists.get(at)).copied().unwrap_or_default();
        self.keywords.get(usize::from(list)).map_or(&[], Vec::as_slice)
    }
}

impl Matcher {
    /// What has the rule's form around a keyword. Looks at a bounded piece of the text.
    fn form(&self, text: &str, at: usize) -> Option<Form> {
        let bytes = text.as_bytes();
        let start = match self.rule.lead {
            None if is_boundary(bytes, at) => at,
            None => return None,
            Some(lead) => {
                let before = bytes.get(..at)?.iter().rev().take(lead.most + 1);
                let length = before.take_while(|byte| (lead.is_of)(**byte)).count();
                let start = at - length.min(lead.most);
                if length > lead.most && !is_behind_escape(bytes, start) {
                    return None;
                }
                start
            }
        };
        // Where there may be no blank, one near the start is a cheap no.
        let may_hold_blanks = self.rule.judge == Judge::PrivateKey || self.rule.pattern.contains(r"\s");
        let first = bytes.get(start..start + SHORTEST)?;
        if !may_hold_blanks && first.iter().any(|byte| matches!(byte, b' ' | b'\n' | b'"' | b'\'' | b'`')) {
            return None;
        }
        let window = text.get(start..text.floor_char_boundary(start + LONGEST))?;
        let pattern = self.pattern.get_or_init(|| Regex::new(&format!("^(?:{})", self.rule.pattern)).ok());
        let captures = pattern.as_ref()?.captures(window)?;
        let range = |group: regex_lite::Match<'_>| start + group.start()..start + group.end();
        Some(Form { whole: captures.get(0).map(range)?, group: captures.get(1).map(range) })
    }

    /// The secret, if what has its form is one.
    fn judge(&self, text: &str, form: Form, keyword: &str) -> Option<Secret> {
        let starts_with_keyword = form.group.is_none() && self.rule.lead.is_none();
        let whole = text.get(form.whole.clone())?;
        let mut range = form.group.unwrap_or(form.whole);
        let secret = text.get(range.clone())?;
        let prefix = if starts_with_keyword { keyword } else { "" };
        let body = secret.strip_prefix(prefix).unwrap_or(secret);
        // A dash behind it belongs to it only if it is made of such.
        let goes_on = |next: u8| next.is_ascii_alphanumeric() || (is_part(next) && body.contains(['-', '_']));
        if text.as_bytes().get(range.end).is_some_and(|next| goes_on(*next)) {
            return None;
        }
        let is_one = match self.rule.judge {
            Judge::Random => heuristics::is_random(body),
            Judge::Password => heuristics::is_password(secret, whole),
            Judge::DiscordToken => heuristics::is_discord_token(secret),
            Judge::Jwt => heuristics::is_signed_by_provider(secret),
            Judge::PrivateKey => {
                range.end = end_of_private_key(text, range.clone())?;
                true
            }
        };
        let start = match self.rule.judge {
            Judge::Password | Judge::PrivateKey => String::new(),
            Judge::Random | Judge::DiscordToken | Judge::Jwt => {
                let shown = MOST_SHOWN.min(body.len() / 4);
                prefix.chars().chain(body.chars().take(shown)).collect()
            }
        };
        is_one.then_some(Secret { kind: self.rule.kind, range, start, is_own: false })
    }
}

/// Whether a secret may start at an offset: not in the midst of a name.
fn is_boundary(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at));
    before.is_none_or(|before| !is_part(*before)) || is_behind_escape(bytes, at)
}

/// Whether an escaped line end or tab stands before an offset: its letter is no part of what follows.
fn is_behind_escape(bytes: &[u8], at: usize) -> bool {
    let escape = at.checked_sub(2).and_then(|start| bytes.get(start..at));
    matches!(escape, Some([b'\\', b'n' | b'r' | b't']))
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Where a private key ends whose first line is given; nothing if what follows is no key.
fn end_of_private_key(text: &str, head: Range<usize>) -> Option<usize> {
    let rest = text.get(head.end..text.floor_char_boundary(head.end + LONGEST_PRIVATE_KEY))?;
    let foot = rest
        .find("-----")
        .filter(|foot| rest.get(*foot..).is_some_and(|rest| rest.starts_with("-----END ")))?;
    heuristics::is_key_text(rest.get(..foot)?).then_some(())?;
    let foot_end = rest.get(foot + "-----END ".len()..)?.find("-----")?;
    Some(head.end + foot + "-----END ".len() + foot_end + "-----".len())
}

/// Finds out which lines are allowed, each once.
struct AllowedLines<'t> {
    text: &'t str,
    /// The line that was looked at last.
    line: Range<usize>,
    is_allowed: bool,
}

impl AllowedLines<'_> {
    /// Whether the line of an offset is allowed. Offsets come in about the order of the text.
    fn allow(&mut self, at: usize) -> bool {
        if !self.line.contains(&at) {
            let (before, after) = self.text.split_at(at);
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            let end = after.find('\n').map_or(self.text.len(), |end| at + end + 1);
            self.line = start..end;
            let line = self.text.get(start..end).unwrap_or_default();
            let above = before.get(..start).and_then(|above| above.lines().next_back()).unwrap_or_default();
            self.is_allowed = line.contains(ALLOWED) || stands_alone(above);
        }
        self.is_allowed
    }
}

/// Whether the line is nothing but the comment that allows the next one.
fn stands_alone(line: &str) -> bool {
    line.split_once(ALLOWED).is_some_and(|(before, _)| !before.contains(char::is_alphanumeric))
}
