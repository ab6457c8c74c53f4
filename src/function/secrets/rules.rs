//! The rules of `rules.tsv`, which describes its columns.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use regex_lite::Regex;
use serde_json::Value;

use crate::function::tsv;

/// The format of one kind of secret.
#[derive(Debug)]
pub(super) struct Rule {
    /// In words: `a GitHub token`.
    pub(super) kind: &'static str,
    pub(super) check: Check,
    /// Whether a character may come before the keyword; a secret that starts with its keyword is a word of its own.
    pub(super) may_precede: fn(u8) -> bool,
    /// How many such characters may come before the keyword.
    pub(super) max_before: usize,
    pub(super) keywords: Vec<&'static str>,
    pattern: String,
    regex: OnceLock<Option<Regex>>,
}

/// What must hold beyond the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Check {
    /// It looks random.
    Random,
    /// It is the password of a database that others can reach.
    Password,
    /// A key's own text follows.
    PrivateKey,
    /// Its first part is a bot's id.
    DiscordBot,
    /// A real provider signed it.
    Jwt,
}

/// From the keyword in the name of a variable or property to its value.
const NAME_TO_VALUE: &str = r#"[\w.-]+["'`\]]{0,2}\s{0,3}(?:=>|[:=,])\s{0,3}["'`]?"#;

const TABLE: &str = include_str!("rules.tsv");

/// Every rule, in the table's order.
pub(super) static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| tsv::rows(TABLE).filter_map(|row| Rule::parse(&row)).collect());

/// The keywords, each with the number of its rule, by their first two bytes.
pub(super) struct Keywords {
    /// For every pair of bytes, the number of its list. Nearly all pairs in a text start no keyword, and cost one lookup in a
    /// table that is small enough for the processor's cache.
    list_of: Vec<u16>,
    /// The first one is empty.
    lists: Vec<Vec<(usize, &'static str)>>,
}

/// Those of [`RULES`].
pub(super) static KEYWORDS: LazyLock<Keywords> = LazyLock::new(|| {
    let mut by_pair: BTreeMap<u16, Vec<_>> = BTreeMap::new();
    for (number, rule) in RULES.iter().enumerate() {
        for keyword in &rule.keywords {
            if let Some(pair) = keyword.as_bytes().first_chunk() {
                by_pair.entry(u16::from_be_bytes(*pair)).or_default().push((number, *keyword));
            }
        }
    }
    let mut keywords = Keywords { list_of: vec![0; 1 << 16], lists: vec![Vec::new()] };
    for ((pair, list), number) in by_pair.into_iter().zip(1..) {
        if let Some(list_of) = keywords.list_of.get_mut(usize::from(pair)) {
            *list_of = number;
        }
        keywords.lists.push(list);
    }
    keywords
});

impl Keywords {
    /// Those that start with a pair of bytes, in the order of the rules.
    pub(super) fn starting_with(&self, pair: [u8; 2]) -> &[(usize, &'static str)] {
        let list = self.list_of.get(usize::from(u16::from_be_bytes(pair)));
        list.and_then(|list| self.lists.get(usize::from(*list))).map_or(&[], Vec::as_slice)
    }
}

impl Rule {
    fn parse(row: &[&'static str]) -> Option<Self> {
        let [kind, check, before, keywords, pattern] = row else { return None };
        let (class, max_before) = before.split_once(':').unwrap_or((before, "0"));
        let may_precede: fn(u8) -> bool = match class {
            "-" => is_word,
            "digit" => |byte| byte.is_ascii_digit(),
            "hex" => |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            "alphanumeric" => |byte| byte.is_ascii_alphanumeric(),
            "azure" => |byte| is_word(byte) || matches!(byte, b'~' | b'.'),
            "name" => |byte| is_word(byte) || byte == b'.',
            _ => return None,
        };
        let pattern = match class {
            "name" => format!("^{NAME_TO_VALUE}({pattern})"),
            _ => format!("^(?:{pattern})"),
        };
        Some(Self {
            kind,
            check: serde_json::from_value(Value::from(*check)).ok()?,
            may_precede,
            max_before: max_before.parse().ok()?,
            keywords: keywords.split(',').collect(),
            pattern,
            regex: OnceLock::new(),
        })
    }

    /// The pattern at the start of a text, compiled when it is first needed.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&self.pattern).ok()).as_ref()
    }

    /// Whether the pattern may match white space or quotes.
    pub(super) fn spans_words(&self) -> bool {
        self.check == Check::PrivateKey || self.pattern.contains(r"\s")
    }
}

/// Whether the byte continues a word.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_rule_with_a_pattern_that_compiles() {
        for row in tsv::rows(TABLE) {
            let rule = Rule::parse(&row).unwrap_or_else(|| panic!("{row:?}"));
            assert!(rule.regex().is_some(), "{row:?}");
        }
    }

    #[test]
    fn every_keyword_is_found_by_its_first_two_bytes() {
        for (number, rule) in RULES.iter().enumerate() {
            for keyword in &rule.keywords {
                let pair =
                    keyword.as_bytes().first_chunk().unwrap_or_else(|| panic!("{keyword} is too short"));
                assert!(KEYWORDS.starting_with(*pair).contains(&(number, keyword)), "{keyword}");
            }
        }
        assert_eq!(KEYWORDS.starting_with(*b"\0\0"), []);
    }
}
