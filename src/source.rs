//! Where in a file something stands: byte offsets turned into lines and columns.

use std::fmt;
use std::ops::Range;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A file that is sent: its text as it is sent, without a byte order mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// Relative to the function's directory, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    /// SHA-256 of the text, in lower-case hexadecimal digits.
    pub(crate) fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.text))
    }
}

/// SHA-256 over the listing that `sha256sum` would print of the files, which stand in path order.
pub(crate) fn digest<'f>(files: impl IntoIterator<Item = &'f SourceFile>) -> String {
    let mut listing = Sha256::new();
    for file in files {
        listing.update(format!("{}  {}\n", file.sha256(), file.path));
    }
    format!("sha256:{}", hex(&listing.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A file, and as exact a span in it as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// Path relative to the workspace, with `/` between its parts.
    pub(crate) file: String,
    pub(crate) span: Option<Span>,
}

/// A span of text. Lines and columns count from 1, columns in characters; the end column is the one behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Span {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

impl Location {
    /// The file as a whole.
    pub(crate) fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), span: None }
    }

    /// A part of the file.
    pub(crate) fn at(file: impl Into<String>, span: Span) -> Self {
        Self { file: file.into(), span: Some(span) }
    }
}

impl fmt::Display for Location {
    /// `path:line:column`, as editors and terminals understand it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            Some(span) => write!(formatter, "{}:{}:{}", self.file, span.line, span.column),
            None => formatter.write_str(&self.file),
        }
    }
}

/// Finds line and column of byte offsets in one text.
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// Byte offset of each line's first character.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// `\n`, `\r\n` and a lone `\r` end a line, as editors count them.
    pub(crate) fn of(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        Self { text, starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// The span of a byte range; offsets beyond the text count as its end.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        let (line, column) = self.position(range.start);
        let (end_line, end_column) = self.position(range.end.max(range.start));
        Span { line, column, end_line, end_column }
    }

    /// Byte offset of a line (from 1) and a byte column (from 1), as `serde_json` reports them.
    pub(crate) fn offset(&self, line: usize, byte_column: usize) -> usize {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        (start + byte_column.saturating_sub(1)).min(self.text.len())
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count());
        (line, column + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_what_sha256sum_prints() {
        let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
        // printf 'a' > a; printf 'b' > b; sha256sum a b | sha256sum
        assert_eq!(
            digest(&[file("a", "a"), file("b", "b")]),
            "sha256:cb13f400dcb618e400d0f7d54f7cdb330d37a07272cb99a1016cda5830a10556"
        );
    }

    #[test]
    fn columns_count_characters_and_lines_end_as_editors_say() {
        let lines = Lines::of("é: 1\r\nb\rc");
        assert_eq!(lines.span(4..5), Span { line: 1, column: 4, end_line: 1, end_column: 5 });
        assert_eq!(lines.span(7..8), Span { line: 2, column: 1, end_line: 2, end_column: 2 });
        assert_eq!(lines.span(9..99), Span { line: 3, column: 1, end_line: 3, end_column: 2 });
    }

    #[test]
    fn an_offset_inside_a_character_is_that_character() {
        assert_eq!(Lines::of("é").span(1..2), Span { line: 1, column: 1, end_line: 1, end_column: 2 });
    }
}
