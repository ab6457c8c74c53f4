//! A summary as GitHub renders it: by the rules of `CommonMark` and of GitHub's extensions to it.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

/// What is in a summary.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) heading: String,
    /// The text of each cell, by the text of the table's second heading.
    pub(super) rows: Vec<(String, Vec<String>)>,
    pub(super) links: Vec<String>,
    /// The text of each item of a list.
    pub(super) items: Vec<String>,
}

/// The HTML that this program writes.
const HTML: [&str; 9] =
    ["<code>", "</code>", "<br>", "<span>", "</span>", "<details>", "</details>", "<summary>", "</summary>"];

/// An address without its percent encoding.
pub(super) fn decoded(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.as_bytes();
    while let [byte, after @ ..] = rest {
        let code = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok();
        let encoded = after.get(..2).and_then(code).filter(|_| *byte == b'%');
        bytes.push(encoded.unwrap_or(*byte));
        rest = if encoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap()
}

/// Reads a summary.
///
/// # Panics
/// Where it has HTML, layout or characters that are not the program's own.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other nodes are foreign")]
pub(super) fn read(summary: &str) -> Page {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    let mut page = Page::default();
    let (mut open, mut table) = (0, String::new());
    for node in parse_document(&arena, summary, &options).descendants() {
        match &node.data.borrow().value {
            NodeValue::Heading(_) => {
                assert!(page.heading.is_empty(), "two headings");
                page.heading = text_of(node);
            }
            NodeValue::Link(link) => page.links.push(link.url.clone()),
            NodeValue::HtmlInline(html) => {
                assert!(HTML.contains(&html.as_str()), "{html}");
                open += i32::from(html == "<details>") - i32::from(html == "</details>");
            }
            NodeValue::HtmlBlock(html) => open += fold(html.literal.trim()),
            NodeValue::TableRow(is_head) => {
                let cells: Vec<_> = node.children().map(text_of).collect();
                if *is_head {
                    table.clone_from(&cells[1]);
                } else {
                    page.rows.push((table.clone(), cells));
                }
            }
            // A mention or an address in a text would be a link.
            NodeValue::Text(text) => assert!(text == "@" || !text.contains('@'), "{text}"),
            NodeValue::Item(_) => page.items.push(text_of(node)),
            NodeValue::Document
            | NodeValue::List(_)
            | NodeValue::Paragraph
            | NodeValue::Table(_)
            | NodeValue::TableCell
            | NodeValue::Strong
            | NodeValue::SoftBreak => {}
            // The digest, and no other.
            NodeValue::Code(code) => assert!(code.literal.starts_with("sha256:"), "{}", code.literal),
            other => panic!("{other:?} in {summary}"),
        }
    }
    assert_eq!(open, 0, "folds that are not closed: {summary}");
    page
}

/// 1 for the start of a fold, -1 for its end.
fn fold(html: &str) -> i32 {
    let title = html.strip_prefix("<details><summary>").and_then(|rest| rest.strip_suffix("</summary>"));
    if let Some(title) = title {
        assert!(!title.contains(['<', '&']), "{title}");
        1
    } else {
        assert_eq!(html, "</details>");
        -1
    }
}

/// The text of a node and of all in it.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other nodes have no text of their own")]
fn text_of<'a>(node: &'a AstNode<'a>) -> String {
    let text = |node: &'a AstNode<'a>| match &node.data.borrow().value {
        NodeValue::Text(text) => text.clone(),
        NodeValue::HtmlInline(html) if html == "<br>" => "\n".to_owned(),
        _ => String::new(),
    };
    node.descendants().map(text).collect()
}
