//! What is removed from a text before its words are looked at: known names, addresses of networks, phone numbers.

use std::net::{IpAddr, SocketAddr};

/// Fewest digits of what may be a phone number.
const MIN_PHONE_DIGITS: usize = 7;

/// The number of parts of an IPv4 address.
const IPV4_PARTS: usize = 4;

/// A character as names are compared: case does not count, and a name may be written with spaces.
fn folded(c: char) -> char {
    match c {
        ' ' | '_' => '-',
        c => c.to_lowercase().next().unwrap_or(c),
    }
}

/// The text with `…` for each of these names, where it is no part of a longer word.
pub(crate) fn without_names<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut names: Vec<Vec<char>> =
        names.into_iter().map(|name| name.chars().map(folded).collect()).collect();
    // A name may be a part of another one.
    names.sort_by_key(|name: &Vec<char>| std::cmp::Reverse(name.len()));
    for name in names.iter().filter(|name| !name.is_empty()) {
        let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let mut at = 0;
        while at + name.len() <= chars.len() {
            let end = at + name.len();
            let is_name =
                chars.iter().skip(at).take(name.len()).copied().map(folded).eq(name.iter().copied());
            let is_part =
                is_word(at.checked_sub(1).and_then(|before| chars.get(before))) || is_word(chars.get(end));
            if is_name && !is_part {
                chars.splice(at..end, ['…']);
            }
            at += 1;
        }
    }
    chars.into_iter().collect()
}

/// The text with `…` for each address of a network.
pub(crate) fn without_networks(text: &str) -> String {
    let text = runs(
        text,
        |c| c.is_ascii_hexdigit() || matches!(c, ':' | '.'),
        |run| {
            let run = run.trim_end_matches('.');
            let bare = run.strip_suffix(':').filter(|bare| !bare.ends_with(':')).unwrap_or(run);
            [run, bare].iter().any(|run| run.parse::<IpAddr>().is_ok() || run.parse::<SocketAddr>().is_ok())
        },
    );
    let is_number = |part: &&str| !part.is_empty();
    runs(
        &text,
        |c| c.is_ascii_digit() || c == '.',
        |run| run.split('.').filter(is_number).count() >= IPV4_PARTS,
    )
}

/// The text with `…` for each number that may be a phone's.
pub(crate) fn without_phones(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '(' | ')' | '-' | '.' | '/');
    runs(text, is_part, |run| run.chars().filter(char::is_ascii_digit).count() >= MIN_PHONE_DIGITS)
}

/// Replaces the runs of such characters that are something.
fn runs(text: &str, is_part: impl Fn(char) -> bool, is_something: impl Fn(&str) -> bool) -> String {
    let (mut shown, mut run) = (String::new(), String::new());
    for c in text.chars().map(Some).chain([None]) {
        if let Some(c) = c.filter(|c| is_part(*c)) {
            run.push(c);
            continue;
        }
        shown.push_str(if is_something(&run) { " … " } else { &run });
        run.clear();
        shown.extend(c);
    }
    shown
}
