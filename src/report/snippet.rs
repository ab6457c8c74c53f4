//! The line of code that a finding is about, with carets under the place.

use unicode_width::UnicodeWidthStr as _;

use crate::finding::{Code, Finding};
use crate::source::Excerpt;
use crate::text;

/// A line of code, harmless.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Snippet {
    /// The line's number in its file.
    pub(super) number: usize,
    pub(super) line: String,
    /// Columns of a terminal before the place.
    pub(super) indent: usize,
    /// Columns that the place takes, at least one.
    pub(super) width: usize,
}

impl Snippet {
    /// The line of a finding, where it is known and may be shown.
    pub(super) fn of(finding: &Finding) -> Option<Self> {
        if finding.code == Code::SecretFound {
            return None;
        }
        let location = finding.location.as_ref()?;
        Some(Self::new(location.span()?.line, &location.excerpt()?))
    }

    fn new(number: usize, excerpt: &Excerpt) -> Self {
        let [before, place, after] = excerpt.parts.each_ref().map(|part| text::clean_line(part));
        // A mark of commands can begin in one part and end in the next.
        let columns = |text: &str| text::defuse(text).width();
        let indent = columns(&before);
        let width = columns(&format!("{before}{place}")).saturating_sub(indent).max(1);
        Self { number, line: text::defuse(&format!("{before}{place}{after}")), indent, width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    /// The line, and the carets under it.
    fn shown(text: &str, place: &str) -> Option<[String; 2]> {
        let file = SourceFile::published("f", text);
        file.show_without(Vec::new());
        let start = text.find(place).unwrap();
        let finding = Finding::new(Code::InvalidTag, "").at(file.at(start..start + place.len()));
        let snippet = Snippet::of(&finding)?;
        Some([snippet.line, " ".repeat(snippet.indent) + &"^".repeat(snippet.width)])
    }

    #[test]
    fn carets_are_under_the_place() {
        for (text, place, line, carets) in [
            ("a = bc;", "bc", "a = bc;", "    ^^"),
            ("x\r\na = bc;\r\ny", "bc", "a = bc;", "    ^^"),
            ("\ta = bc;", "bc", "    a = bc;", "        ^^"),
            ("'日本' + bc;", "bc", "'日本' + bc;", "         ^^"),
            ("a = '日本';", "日本", "a = '日本';", "     ^^^^"),
            ("a = 'e\u{301}' + bc", "bc", "a = 'e\u{301}' + bc", "          ^^"),
            ("a\u{200b}\u{202e} = bc", "bc", "a = bc", "    ^^"),
            ("a = [\n  1\n]", "[\n  1\n]", "a = [", "    ^"),
            ("a = \u{1b}[31mbc", "bc", "a = [31mbc", "        ^^"),
            ("##[error]bc", "bc", "#\\#[error]bc", "          ^^"),
            ("a##[error]", "#[error]", "a#\\#[error]", "  ^^^^^^^^^"),
            ("a", "", "a", "^"),
        ] {
            assert_eq!(shown(text, place).unwrap(), [line, carets], "{text:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}bc{}", "x".repeat(1_000), "y".repeat(1_000));
        let [line, carets] = shown(&text, "bc").unwrap();
        assert_eq!(line, format!("…{}bc{}…", "x".repeat(50), "y".repeat(40)));
        assert_eq!(carets, format!("{}^^", " ".repeat(51)));
        let [line, carets] = shown(&"z".repeat(1_000), &"z".repeat(900)).unwrap();
        assert_eq!((line.chars().count(), carets.len()), (60 + 1 + 40 + 1, 61));
    }

    #[test]
    fn no_line_of_a_secret_or_of_a_text_that_was_not_searched_is_shown() {
        let file = SourceFile::published("f", "one\ntwo\nthree\nfour");
        let at = |code, range| Snippet::of(&Finding::new(code, "").at(file.at(range)));
        assert_eq!(at(Code::InvalidTag, 0..3), None);
        let known = file.at(0..3).without_text();
        // From `w` to `h`.
        file.show_without(std::iter::once(5..10).collect());
        assert!(at(Code::InvalidTag, 0..3).is_some() && at(Code::InvalidTag, 14..18).is_some());
        for range in [4..5, 6..7, 8..9, 12..13] {
            assert_eq!(at(Code::InvalidTag, range), None);
        }
        assert_eq!(at(Code::SecretFound, 0..3), None);
        assert_eq!(Snippet::of(&Finding::new(Code::InvalidTag, "").at(known)), None);
        let forgotten = file.at(14..18).without_text();
        assert_eq!(Snippet::of(&Finding::new(Code::InvalidTag, "").at(forgotten)).unwrap().line, "four");
    }
}
