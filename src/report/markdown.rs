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

/// Escapes everything that means something to Markdown or HTML.
fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Email addresses and mentions are recognized inside text: an element splits them.
            '@' => out.push_str("<span>@</span>"),
            // So are issues, merge requests, labels, epics, snippets and milestones (GitHub documentation, "Autolinked references and URLs"; GitLab
            // documentation, "GitLab-specific references"): one in the comment on a pull request appears in each of them.
            '#' | '!' | '~' | '&' | '$' | '%'
                if chars.peek().is_some_and(|next| next.is_alphanumeric() || *next == '"') =>
            {
                let _ = write!(out, "<span>&#{};</span>", u32::from(c));
            }
            // GitHub's other form for an issue: `GH-1`.
            '-' if chars.peek().is_some_and(char::is_ascii_digit) && ends_with_gh(&out) => {
                out.push_str("<span>-</span>");
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

fn ends_with_gh(text: &str) -> bool {
    text.get(text.len().saturating_sub(2)..).is_some_and(|end| end.eq_ignore_ascii_case("gh"))
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
            "&#60;img src&#61;x&#62; &#91;a&#93;(b) &#124; &#42;b&#42; &#96;c&#96; ⏎ https&#58;//evil"
        );
    }

    #[test]
    fn nothing_that_a_forge_knows_is_mentioned() {
        let expected = "<span>&#35;</span>1 a/b<span>&#33;</span>2 Gh<span>-</span>3 <span>&#126;</span>&#34;x&#34; <span>@</span>a";
        assert_eq!(cell("#1 a/b!2 Gh-3 ~\"x\" @a"), expected);
        assert_eq!(cell("50 % of it, no!"), "50 % of it, no&#33;");
    }

    #[test]
    fn backticks_of_a_message_become_code_and_a_lone_one_stays() {
        assert_eq!(prose("`a|b` is not `c`, d`e"), "<code>a&#124;b</code> is not <code>c</code>, d&#96;e");
    }

    #[test]
    fn the_page_for_keys_is_the_only_address_in_a_message_that_becomes_a_link() {
        let page = "https&#58;//app.aerostack.dev/account/keys";
        assert_eq!(prose(&format!("at <{KEYS_PAGE}>, now")), format!("at [{page}]({KEYS_PAGE}), now"));
        let others = ["https://evil.example", "https://app.aerostack.dev/account/keys/x"];
        for text in others.map(|url| format!("<{url}>")).into_iter().chain([KEYS_PAGE.to_owned()]) {
            assert_eq!(prose(&text), escape(&text));
        }
        assert_eq!(prose(&format!("`<{KEYS_PAGE}>`")), format!("<code>&#60;{page}&#62;</code>"));
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
