//! The rules of `rules.tsv`, which describes its columns.

use std::sync::LazyLock;

use super::tsv;

/// The format of one kind of secret.
#[derive(Debug)]
pub(super) struct Rule {
    /// In words: `a GitHub token`.
    pub(super) kind: &'static str,
    pub(super) check: Check,
    /// What may come before the keyword; `None` where the keyword starts the secret.
    pub(super) before: Option<Before>,
    pub(super) keywords: Vec<&'static str>,
    pub(super) pattern: String,
}

/// What must hold beyond the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Characters before a keyword.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    pub(super) contains: fn(u8) -> bool,
    pub(super) max: usize,
}

/// Maximum length of a variable's name before the keyword, in characters: names in code are shorter, and the search stays
/// linear.
const MAX_NAME_START: usize = 60;

/// From the keyword in the name of a variable or property to its value.
const NAME_TO_VALUE: &str = r#"[\w.-]+["'`\]]{0,2}\s{0,3}(?:=>|[:=,])\s{0,3}["'`]?"#;

const TABLE: &str = include_str!("rules.tsv");

/// Every rule, in the table's order.
pub(super) static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| tsv::rows(TABLE).filter_map(|row| Rule::parse(&row)).collect());

impl Rule {
    fn parse(row: &[&'static str]) -> Option<Self> {
        let [kind, check, before, keywords, pattern] = row else { return None };
        let is_value = *before == "name";
        Some(Self {
            kind,
            check: Check::parse(check)?,
            before: if *before == "-" { None } else { Some(Before::parse(before)?) },
            keywords: keywords.split(',').collect(),
            pattern: if is_value { format!("{NAME_TO_VALUE}({pattern})") } else { (*pattern).to_owned() },
        })
    }
}

impl Check {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "random" => Self::Random,
            "password" => Self::Password,
            "private-key" => Self::PrivateKey,
            "discord-bot" => Self::DiscordBot,
            "jwt" => Self::Jwt,
            _ => return None,
        })
    }
}

impl Before {
    fn parse(text: &str) -> Option<Self> {
        if text == "name" {
            let contains = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            return Some(Self { contains, max: MAX_NAME_START });
        }
        let (class, max) = text.split_once(':')?;
        let contains: fn(u8) -> bool = match class {
            "digit" => |byte| byte.is_ascii_digit(),
            "hex" => |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            "alphanumeric" => |byte| byte.is_ascii_alphanumeric(),
            "azure" => |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'~' | b'.' | b'-'),
            _ => return None,
        };
        Some(Self { contains, max: max.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_rule_with_a_pattern_that_compiles() {
        for row in tsv::rows(TABLE) {
            let rule = Rule::parse(&row).unwrap_or_else(|| panic!("{row:?}"));
            assert!(regex_lite::Regex::new(&rule.pattern).is_ok(), "{row:?}");
            assert!(rule.keywords.iter().all(|keyword| keyword.len() >= 2), "{row:?}");
        }
    }
}
