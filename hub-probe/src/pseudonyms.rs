//! Names that replace personal ones, each always by the same, and the words that may be kept as they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::masked::{without_names, without_networks, without_phones};

/// The words that texts may keep: those that errors of HTTP services are made of. Any other word might be a name.
const WORDS: &str = include_str!("words.txt");

/// Shortest personal text that is searched for inside of others, in characters: a shorter one is part of ordinary words.
const MIN_SEARCHED_CHARS: usize = 4;

/// Length of the parts of the key that are searched for, in characters: it may be shown in part.
const KEY_PART_CHARS: usize = 6;

/// Most characters of a code or a status that are kept.
const MAX_TOKEN_CHARS: usize = 40;

/// The name of the draft in recordings.
pub(crate) const DRAFT: &str = "probe-draft";

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    User,
    Function,
    Id,
    Email,
    Host,
    File,
    /// The field of an object.
    Field,
    /// A part of an address.
    Segment,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Function => "function",
            Self::Id => "id",
            Self::Email => "email",
            Self::Host => "host",
            Self::File => "file",
            Self::Field => "field",
            Self::Segment => "segment",
        }
    }
}

/// All names that were replaced so far. Case does not count.
pub(crate) struct Pseudonyms {
    /// By kind, in the order in which they were met.
    known: BTreeMap<Kind, Vec<String>>,
    /// Parts of the names of persons, which are searched for inside of other texts.
    searched: BTreeSet<String>,
    draft: Option<String>,
    /// The key, in lower case.
    key: String,
    words: BTreeSet<&'static str>,
}

impl Pseudonyms {
    pub(crate) fn new(key: &str, draft: Option<&str>) -> Self {
        Self {
            known: BTreeMap::new(),
            searched: BTreeSet::new(),
            draft: draft.map(str::to_lowercase),
            key: key.to_lowercase(),
            words: WORDS.lines().collect(),
        }
    }

    /// The name that replaces this one, always the same.
    pub(crate) fn of(&mut self, kind: Kind, name: &str) -> String {
        if kind == Kind::Function && self.draft.as_deref() == Some(&slug(name)) {
            return DRAFT.to_owned();
        }
        format!("{}-{}", kind.prefix(), self.number(kind, name))
    }

    /// The number in it.
    pub(crate) fn number(&mut self, kind: Kind, name: &str) -> usize {
        let name = if kind == Kind::Function { slug(name) } else { name.to_lowercase() };
        if matches!(kind, Kind::User | Kind::Email) {
            let parts = name.split(|c: char| !c.is_alphanumeric()).chain([name.as_str()]);
            let parts = parts.filter(|part| part.chars().count() >= MIN_SEARCHED_CHARS);
            self.searched.extend(parts.filter(|part| !self.words.contains(part)).map(str::to_owned));
        }
        let names = self.known.entry(kind).or_default();
        let at = names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        at + 1
    }

    /// The name that replaces this one of whatever kind, if it is known.
    pub(crate) fn known(&self, name: &str) -> Option<String> {
        let lower = name.to_lowercase();
        if self.draft.as_ref() == Some(&lower) {
            return Some(DRAFT.to_owned());
        }
        self.known.iter().find_map(|(kind, names)| {
            let at = names.iter().position(|known| *known == lower)?;
            Some(format!("{}-{}", kind.prefix(), at + 1))
        })
    }

    /// Whether a text is a name that was met, or contains the key or a person's name.
    pub(crate) fn is_personal(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        if self.words.contains(text.as_str()) {
            return false;
        }
        let key: Vec<_> = self.key.chars().collect();
        let has_key = key
            .windows(KEY_PART_CHARS.min(key.len()).max(1))
            .any(|part| text.contains(&String::from_iter(part)));
        let is_named = |names: &Vec<String>| {
            names.iter().any(|name| text == *name && !self.words.contains(name.as_str()))
        };
        // Foreign fields and addresses are no persons.
        let personal = self.known.iter().filter(|(kind, _)| !matches!(kind, Kind::Field | Kind::Segment));
        has_key
            || self.searched.iter().any(|part| text.contains(part))
            || personal.into_iter().any(|(_, names)| is_named(names))
    }

    /// A word such as a status that may be kept as it is.
    pub(crate) fn is_plain_token(&self, text: &str) -> bool {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '+');
        // Several words may be a name, one is rarely more than a status.
        let is_status = !text.contains(' ')
            || text.split(' ').all(|word| self.words.contains(word.to_lowercase().as_str()));
        let is_short = text.chars().count() <= MAX_TOKEN_CHARS;
        let is_address = without_phones(&without_networks(text)) != text;
        is_short && is_status && !is_address && text.chars().all(is_plain) && !self.is_personal(text)
    }

    /// A code such as `VERSION_CONFLICT` or `version_conflict`.
    pub(crate) fn is_code(&self, text: &str) -> bool {
        let is_upper = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase());
        let is_word = |word: &str| self.words.contains(word.to_lowercase().as_str());
        let words: Vec<_> = text.split('_').collect();
        let is_known = words.iter().all(|word| is_word(word));
        // Without any known word it could be the name of somebody.
        let is_constant = words.iter().all(|word| is_upper(word)) && words.iter().any(|word| is_word(word));
        text.len() <= MAX_TOKEN_CHARS && (is_known || is_constant) && !self.is_personal(text)
    }

    /// A message without the names that were met, and without addresses and phone numbers.
    pub(crate) fn message(&self, text: &str) -> String {
        let is_searched = |kind: &Kind| !matches!(kind, Kind::Field | Kind::Segment | Kind::File);
        let known = self.known.iter().filter(|(kind, _)| is_searched(kind)).flat_map(|(_, names)| names);
        let text = without_names(text, known.chain(&self.draft).map(String::as_str));
        without_phones(&without_networks(&text))
    }

    /// A text with the words that may be kept, and numbers of so many digits; the rest is `…`.
    pub(crate) fn words_of(&self, text: &str, max_digits: usize) -> String {
        let mut kept = String::new();
        let mut word = String::new();
        for c in text.chars().chain(['\0']) {
            if c.is_alphanumeric() || c == '_' {
                word.push(c);
                continue;
            }
            if !word.is_empty() {
                let is_number = word.len() <= max_digits && word.bytes().all(|b| b.is_ascii_digit());
                let is_kept = is_number || self.is_code(&word);
                kept.push_str(if is_kept { &word } else { "…" });
                word.clear();
            }
            match c {
                '\0' => {}
                ' '..='~' => kept.push(c),
                c if c.is_whitespace() => kept.push(' '),
                _ => kept.push('…'),
            }
        }
        kept
    }
}

/// A name as the slug that it has: both are replaced by the same.
fn slug(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}
