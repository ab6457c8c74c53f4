//! Markdown that means what it says, whatever the text: `CommonMark`, with GitHub's tables, in a cell or on a line.

use std::fmt::Write as _;

use crate::text;

/// Longest text in a cell, in characters: the log and the JSON report have all of it.
const MAX_CELL: usize = 500;

/// The page where account keys are made, as the hints of findings name it (Aerostack documentation, "Publishing to the Hub").
const KEYS_PAGE: &str = "https://app.aerostack.dev/account/keys";

/// Foreign text for a cell or a line.
pub(super) fn cell(foreign: &str) -> String {
    escape(&text::shorten(&text::clean_line(foreign), MAX_CELL))
}

/// A message of ours, for a cell or a line: text in backticks becomes code, and the page where keys are made a link. No other address does: a message
/// may quote foreign text.
pub(super) fn prose(message: &str) -> String {
    let message = text::shorten(&text::clean_line(message), MAX_CELL);
    let linked = format!("<{KEYS_PAGE}>");
    let text = |part: &str| part.split(&linked).map(escape).collect::<Vec<_>>().join(&keys_page(KEYS_PAGE));
    let mut parts = message.split('`');
    let mut out = text(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        match parts.next() {
            Some(rest) => out = format!("{out}<code>{}</code>{}", escape(part), text(rest)),
            None => out = format!("{out}&#96;{}", text(part)),
        }
    }
    out
}

/// A link to the page where keys are made.
pub(super) fn keys_page(name: &str) -> String {
    link(&escape(name), KEYS_PAGE)
}

/// A link; its name is Markdown already.
pub(super) fn link(name: &str, url: &str) -> String {
    format!("[{name}]({})", target(url))
}

/// Bold text. Next to white space, or with nothing in between, asterisks are only asterisks (`CommonMark`, "Left-flanking
/// delimiter run").
pub(super) fn bold(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!("**{text}**") }
}

/// A part that a click unfolds, on lines of its own.
pub(super) fn fold(title: &str, content: &str) -> String {
    format!("<details><summary>{title}</summary>\n\n{content}\n\n</details>")
}

/// The same in a cell, which has one line only.
pub(super) fn fold_in_cell(title: &str, content: &str) -> String {
    format!("<details><summary>{title}</summary>{content}</details>")
}

/// Escapes everything that means something to Markdown or HTML, and splits what a forge takes for a mention or an address.
fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        let before = line.get(..at).unwrap_or_default();
        let after = line.get(at + c.len_utf8()..).unwrap_or_default();
        match c {
            c if is_reference(before, c, after) => {
                let _ = write!(out, "<span>&#{};</span>", u32::from(c));
            }
            // These have no meaning inside a line.
            '.' | '-' | '/' | ' ' | ',' | ';' | '(' | ')' | '%' | '?' => out.push(c),
            c if c.is_ascii_punctuation() => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    // A bare `www.` would become a link.
    out.replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")
}

/// Whether a forge could take the text around a character for a user, an email address, an issue, a merge request, a label, a
/// milestone, a project or an address. It looks into the finished page, where an entity is the character itself, but not across
/// elements (GitHub documentation, "Autolinked references and URLs"; GitLab documentation, "GitLab-specific references"; GitLab,
/// `Banzai::Filter::AutolinkFilter`).
fn is_reference(before: &str, c: char, after: &str) -> bool {
    let next = after.chars().next();
    match c {
        '@' | '>' => true,
        '#' | '!' | '~' | '&' | '$' | '%' | '[' | '*' | '^' => next.is_some_and(|next| !next.is_whitespace()),
        // `https://`, `smb://`.
        ':' => after.starts_with("//"),
        // `GH-1`, `GL-1`.
        '-' => {
            next.is_some_and(|next| next.is_ascii_digit())
                && ["gh", "gl"].iter().any(|it| ends_with(before, it))
        }
        _ => false,
    }
}

fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().saturating_sub(end.len());
    text.get(start..).is_some_and(|last| last.eq_ignore_ascii_case(end))
}

/// A link's target: what could end it early, or is an entity there (`&lt;`), is percent-encoded.
fn target(url: &str) -> String {
    let ends = |c: char| c.is_control() || c.is_whitespace() || "()<>|\\\"`&".contains(c);
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        if ends(c) {
            for byte in c.to_string().bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;

    #[test]
    fn foreign_text_means_nothing_to_markdown() {
        assert_eq!(
            cell("<img src=x> [a](b) | *b* `c`\nhttps://evil"),
            "&#60;img src&#61;x<span>&#62;</span> <span>&#91;</span>a&#93;(b) &#124; <span>&#42;</span>b&#42; &#96;c&#96; ⏎ \
             https<span>&#58;</span>//evil"
        );
    }

    #[test]
    fn no_forge_finds_a_reference_or_an_address() {
        for reference in [
            "#1",
            "a/b#1",
            "b!2",
            "&3",
            "$4",
            "%5",
            "%\"m\"",
            "~\"x\"",
            "~_x",
            "~.x",
            "@a",
            "a@b.c",
            "GH-1",
            "gh-1",
            "Gh-1",
            "GL-12",
            "[work_item:9]",
            "*iteration:5",
            "^alert#1",
            "a/b>",
            "https://a.b",
            "smb://a/b",
        ] {
            // What is between two elements is looked at by itself.
            let escaped = cell(reference);
            let parts: Vec<_> = escaped.split("<span>").flat_map(|part| part.split("</span>")).collect();
            assert!(parts.len() > 2, "{reference}: {escaped}");
        }
        assert_eq!(cell("50 % of it, no! a - 1, a-b: 2"), "50 % of it, no&#33; a - 1, a-b&#58; 2");
        assert_eq!(cell("gh-pages, a-1"), "gh-pages, a-1");
    }

    #[test]
    fn what_is_folded_in_a_cell_is_on_its_line() {
        assert_eq!(fold_in_cell("a", "b"), "<details><summary>a</summary>b</details>");
    }

    #[test]
    fn backticks_of_a_message_become_code_and_a_lone_one_stays() {
        assert_eq!(prose("`a|b` is not `c`, d`e"), "<code>a&#124;b</code> is not <code>c</code>, d&#96;e");
    }

    #[test]
    fn the_page_for_keys_is_the_only_address_in_a_message_that_becomes_a_link() {
        let page = "https<span>&#58;</span>//app.aerostack.dev/account/keys";
        assert_eq!(prose(&format!("at <{KEYS_PAGE}>, now")), format!("at [{page}]({KEYS_PAGE}), now"));
        let others = ["https://evil.example", "https://app.aerostack.dev/account/keys/x"];
        for text in others.map(|url| format!("<{url}>")).into_iter().chain([KEYS_PAGE.to_owned()]) {
            assert_eq!(prose(&text), escape(&text));
        }
        assert_eq!(prose(&format!("`<{KEYS_PAGE}>`")), format!("<code>&#60;{page}<span>&#62;</span></code>"));
    }

    #[test]
    fn every_fix_that_names_an_address_names_the_page_for_keys() {
        let named = Code::ALL.iter().filter(|code| code.fix().contains("<http"));
        let linked = |code: &&Code| prose(code.fix()).contains(&format!("]({KEYS_PAGE})"));
        assert_eq!((named.clone().count(), named.filter(linked).count()), (3, 3));
    }

    #[test]
    fn a_link_cannot_be_ended_early() {
        assert_eq!(target("https://a/b) [x](y|z"), "https://a/b%29%20[x]%28y%7Cz");
        assert_eq!(target("https://a/b&lt;c"), "https://a/b%26lt;c");
    }

    #[test]
    fn text_is_bold_only_where_it_can_be() {
        for (text, expected) in [("a b", "**a b**"), (" a\u{a0}", "**a**"), ("", ""), (" ", "")] {
            assert_eq!(bold(text), expected, "{text:?}");
        }
    }
}
