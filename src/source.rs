//! Source text, and locations in it: byte ranges, of which line and column are worked out when they are shown.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

use crate::text::shorten;

/// A file of a function, with its text as it is sent: without a byte order mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// Relative to the function's directory, with `/`.
    pub(crate) path: String,
    /// The path as reports show it, usually relative to the workspace.
    pub(crate) shown: Arc<str>,
    pub(crate) text: Arc<str>,
    /// Whether the file itself begins with a byte order mark.
    has_mark: bool,
    notes: Notes,
    /// Hash and size, where the text was forgotten.
    sum: Option<(String, usize)>,
}

/// A byte order mark in UTF-8 (RFC 3629, section 6).
pub(crate) const BYTE_ORDER_MARK: &str = "\u{feff}";

impl SourceFile {
    pub(crate) fn new(
        path: impl Into<String>,
        shown: impl Into<Arc<str>>,
        text: impl Into<Arc<str>>,
    ) -> Self {
        let (path, shown, text) = (path.into(), shown.into(), text.into());
        Self { path, shown, text, has_mark: false, notes: Notes::default(), sum: None }
    }

    /// The same, where the file begins with a byte order mark that the text does not have.
    pub(crate) fn with_mark(self, has_mark: bool) -> Self {
        Self { has_mark, ..self }
    }

    /// A file that is in no directory of this machine: it is shown by its own path.
    pub(crate) fn published(path: &str, text: impl Into<Arc<str>>) -> Self {
        Self::new(path, path, text)
    }

    /// SHA-256 of the file, in lower-case hexadecimal digits: of its bytes, so that `sha256sum` prints the same.
    pub(crate) fn sha256(&self) -> String {
        let hash = || hexadecimal(Sha256::new().chain_update(self.mark()).chain_update(&*self.text));
        self.sum.as_ref().map_or_else(hash, |(sha256, _)| sha256.clone())
    }

    /// The size of the file, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.sum.as_ref().map_or_else(|| self.mark().len() + self.text.len(), |(_, size)| *size)
    }

    /// The same file without its text, of which only hash and size are needed any more.
    pub(crate) fn without_text(&self) -> Self {
        let sum = Some((self.sha256(), self.size()));
        Self { sum, ..Self::new(&*self.path, Arc::clone(&self.shown), "") }
    }

    fn mark(&self) -> &'static str {
        if self.has_mark { BYTE_ORDER_MARK } else { "" }
    }

    /// The location of the file as a whole.
    pub(crate) fn whole(&self) -> Location {
        Location::file(&*self.shown)
    }

    /// The location of a byte range. An empty one is shown as one column; what lies beyond the text, at its end.
    pub(crate) fn at(&self, range: Range<usize>) -> Location {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let bytes = offset(range.start)..offset(range.end);
        let range = TextRange { text: Arc::clone(&self.text), notes: self.notes.clone(), bytes };
        Location { file: self.shown.to_string(), range: Some(Place::InText(range)) }
    }

    /// Takes note of where the secrets in the text are. From now on, reports may show lines without one, also at locations that
    /// are known already.
    pub(crate) fn show_without(&self, secrets: Vec<Range<usize>>) {
        // A file is searched once.
        let _ = self.notes.0.secrets.set(secrets);
    }

    /// The line of a byte offset, from 1.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.notes.index(&self.text).line(offset).0
    }
}

/// SHA-256 over the listing that `sha256sum` would print of the files, given as SHA-256 and path, in path order.
pub(crate) fn digest<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> String {
    let lines = files.into_iter().map(|(sha256, path)| match escaped(path) {
        // As `sha256sum` does it, so that no path can pass for further lines (GNU coreutils, "md5sum invocation").
        Some(path) => format!("\\{sha256}  {path}\n"),
        None => format!("{sha256}  {path}\n"),
    });
    format!("sha256:{}", sha256(&lines.collect::<String>()))
}

/// A path with its line breaks escaped; `None` if there are none. A backslash is in no path that is sent.
fn escaped(path: &str) -> Option<String> {
    path.contains(['\n', '\r']).then(|| path.replace('\n', "\\n").replace('\r', "\\r"))
}

/// SHA-256 of a text, in lower-case hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    hexadecimal(Sha256::new().chain_update(text))
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// A file, and the byte range in its text if one is known.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// The path as reports show it.
    pub(crate) file: String,
    range: Option<Place>,
}

#[derive(Clone, PartialEq, Eq)]
enum Place {
    InText(TextRange),
    Known(Box<(Span, Option<Excerpt>)>),
}

/// The line of code at a location, or the part of it that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// What precedes the place, what is there, and what follows.
    pub(crate) parts: [String; 3],
}

/// A byte range of a text.
#[derive(Clone, PartialEq, Eq)]
struct TextRange {
    text: Arc<str>,
    notes: Notes,
    bytes: Range<u32>,
}

/// Most characters of a line that a report shows before a place.
const MAX_CHARS_BEFORE: usize = 50;

/// Most characters that it shows of the place itself.
const MAX_CHARS_OF_PLACE: usize = 60;

/// Most characters that it shows after it.
const MAX_CHARS_AFTER: usize = 40;

impl TextRange {
    /// The line at which the range begins, cut around it. None if the text was not searched for secrets, or has one there.
    fn excerpt(&self) -> Option<Excerpt> {
        let secrets = self.notes.0.secrets.get()?;
        let start = self.text.floor_char_boundary(self.bytes.start as usize);
        let (_, line) = self.notes.index(&self.text).line(start);
        let rest = self.text.get(line..)?;
        let end = line + rest.find(['\n', '\r']).unwrap_or(rest.len());
        if secrets.iter().any(|secret| secret.start < end && secret.end > line) {
            return None;
        }
        let stop = self.text.floor_char_boundary(self.bytes.end as usize).clamp(start, end.max(start));
        let cut_start = |text: &str| match text.char_indices().rev().nth(MAX_CHARS_BEFORE) {
            Some((at, c)) => format!("…{}", text.get(at + c.len_utf8()..).unwrap_or_default()),
            None => text.to_owned(),
        };
        Some(Excerpt {
            parts: [
                cut_start(self.text.get(line..start)?),
                shorten(self.text.get(start..stop)?, MAX_CHARS_OF_PLACE),
                shorten(self.text.get(stop..end).unwrap_or_default(), MAX_CHARS_AFTER),
            ],
        })
    }
}

/// What is known of a text, shared by all that refers to it.
#[derive(Debug, Clone, Default)]
struct Notes(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Where the lines are, worked out when it is first asked for.
    index: OnceLock<Index>,
    /// Where the secrets are, as soon as it was searched.
    secrets: OnceLock<Vec<Range<usize>>>,
}

/// The size of a block, in bytes.
const BLOCK: usize = 4096;

#[derive(Debug)]
struct Index {
    /// Byte offsets at which the lines start.
    starts: Vec<usize>,
    /// How many characters there are before each block: a line may be as long as the text, and have thousands of findings.
    characters: Vec<usize>,
}

impl Index {
    fn of(text: &str) -> Self {
        let mut all = 0;
        let before_next = |block| {
            all += characters_in(block);
            all
        };
        let characters = std::iter::once(0).chain(text.as_bytes().chunks(BLOCK).map(before_next)).collect();
        Self { starts: line_starts(text).collect(), characters }
    }

    /// The line of a byte offset, from 1, and the offset where it starts.
    fn line(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        (line, self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default())
    }

    /// How many characters there are before a byte offset.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        let before_block = self.characters.get(block).copied().unwrap_or_default();
        before_block + characters_in(text.as_bytes().get(block * BLOCK..offset).unwrap_or_default())
    }
}

/// The characters that begin in a part of a text in UTF-8.
fn characters_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| *byte & 0xC0 != 0x80).count()
}

/// The text decides, and it is compared on its own.
impl PartialEq for Notes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Notes {}

impl Notes {
    fn index(&self, text: &str) -> &Index {
        self.0.index.get_or_init(|| Index::of(text))
    }

    /// Line and column of a byte offset, both from 1; one inside a character counts as that character. `\n`, `\r\n` and a
    /// lone `\r` end a line, as editors count them.
    fn position(&self, text: &str, offset: usize) -> (usize, usize) {
        let index = self.index(text);
        let offset = text.floor_char_boundary(offset);
        let (line, start) = index.line(offset);
        (line, index.characters_before(text, offset) - index.characters_before(text, start) + 1)
    }
}

/// A range of text as people count: lines and columns from 1, columns in characters; the end column is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

impl Location {
    /// The file as a whole.
    pub(crate) fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), range: None }
    }

    /// The same range, in a file shown by another name.
    pub(crate) fn renamed(self, rename: impl FnOnce(String) -> String) -> Self {
        Self { file: rename(self.file), ..self }
    }

    /// The same location without the text.
    pub(crate) fn without_text(self) -> Self {
        Self { range: self.span().map(|span| Place::Known(Box::new((span, self.excerpt())))), ..self }
    }

    /// The same location; its line is kept only if that may be shown.
    pub(crate) fn with_line_if(self, may_be_shown: impl FnOnce(&str) -> bool) -> Self {
        if self.excerpt().is_none_or(|excerpt| may_be_shown(&excerpt.parts.concat())) {
            return self;
        }
        Self { range: self.span().map(|span| Place::Known(Box::new((span, None)))), ..self }
    }

    /// Whether a part of the file is known.
    pub(crate) fn is_exact(&self) -> bool {
        self.range.is_some()
    }

    /// The line of code there, where a report may show it.
    pub(crate) fn excerpt(&self) -> Option<Excerpt> {
        match self.range.as_ref()? {
            Place::InText(range) => range.excerpt(),
            Place::Known(known) => known.1.clone(),
        }
    }

    /// Where in the text the range starts, in bytes.
    pub(crate) fn start(&self) -> Option<usize> {
        match self.range.as_ref()? {
            Place::InText(range) => Some(range.bytes.start as usize),
            Place::Known(_) => None,
        }
    }

    /// Line and column of the range.
    pub(crate) fn span(&self) -> Option<Span> {
        let TextRange { text, notes, bytes } = match self.range.as_ref()? {
            Place::InText(range) => range,
            Place::Known(known) => return Some(known.0),
        };
        let (line, column) = notes.position(text, bytes.start as usize);
        let (end_line, end_column) = notes.position(text, bytes.end.max(bytes.start) as usize);
        let is_empty = (line, column) == (end_line, end_column);
        Some(Span { line, column, end_line, end_column: end_column + usize::from(is_empty) })
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl fmt::Display for Location {
    /// `path:line:column`, as editors and terminals understand it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span() {
            Some(span) => write!(formatter, "{}:{}:{}", self.file, span.line, span.column),
            None => formatter.write_str(&self.file),
        }
    }
}

/// Byte offset of a line and a byte column, both from 1, as `serde_json` reports them.
pub(crate) fn offset_of(text: &str, line: usize, byte_column: usize) -> usize {
    let start = line_starts(text).nth(line.saturating_sub(1)).unwrap_or(text.len());
    (start + byte_column.saturating_sub(1)).min(text.len())
}

fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let is_end = move |at: &usize| match bytes.get(*at) {
        Some(b'\n') => true,
        Some(b'\r') => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    std::iter::once(0).chain((0..bytes.len()).filter(is_end).map(|at| at + 1))
}

/// A path as reports show it: relative to `root` where it is inside, with `/`; `.` for the root itself.
pub(crate) fn shown_path(path: &Path, root: &Path) -> String {
    let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.components().collect());
    let (path, root) = (absolute(path), absolute(root));
    let shown = path.strip_prefix(root).unwrap_or(&path);
    let parts: Vec<_> = shown.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let joined = parts.join("/");
    match joined.as_str() {
        "" => ".".to_owned(),
        _ if shown.is_absolute() => joined.replacen("//", "/", 1),
        _ => joined,
    }
}

/// The path of a file in a directory as reports show both, whether it exists or not; links in it are not followed.
pub(crate) fn shown_inside(directory: &str, path: &str) -> String {
    let parts: Vec<_> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let inside = parts.join("/");
    if directory == "." { inside } else { format!("{directory}/{inside}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_what_sha256sum_prints() {
        let files = [SourceFile::published("a", "a"), SourceFile::published("b", "b")];
        // printf 'a' > a; printf 'b' > b; sha256sum a b | sha256sum
        let sums = files.each_ref().map(|file| (file.sha256(), file.path.as_str()));
        let digest = digest(sums.iter().map(|(sha256, path)| (sha256.as_str(), *path)));
        assert_eq!(digest, "sha256:cb13f400dcb618e400d0f7d54f7cdb330d37a07272cb99a1016cda5830a10556");
    }

    #[test]
    fn a_file_is_hashed_as_it_is_on_disk_and_a_path_is_one_line() {
        // printf '\xef\xbb\xbfa' | sha256sum
        let marked = SourceFile::published("a", "a").with_mark(true);
        let expected = "1951c7860e968e742658b3af34e60741eb4aaf2a8d2ecc3993727016b12e81e8";
        assert_eq!((marked.sha256().as_str(), marked.size()), (expected, 4));
        // printf x > $'a\rb'; printf y > $'a\nb'; sha256sum a* | sha256sum
        let files = [SourceFile::published("a\nb", "y"), SourceFile::published("a\rb", "x")];
        let sums = files.each_ref().map(|file| (file.sha256(), file.path.as_str()));
        let digest = digest(sums.iter().map(|(sha256, path)| (sha256.as_str(), *path)));
        assert_eq!(digest, "sha256:d659ab1736c42e0a841e6b5ae9e6fcc0d757ccd70edb3a5add041d3697f4de7a");
    }

    fn span(text: &str, range: Range<usize>) -> [usize; 4] {
        let span = SourceFile::published("f", text).at(range).span().unwrap();
        [span.line, span.column, span.end_line, span.end_column]
    }

    #[test]
    fn columns_count_characters_and_lines_end_as_in_editors() {
        let text = "é: 1\r\nb\rc";
        assert_eq!(span(text, 4..5), [1, 4, 1, 5]);
        assert_eq!(span(text, 7..8), [2, 1, 2, 2]);
        assert_eq!(span(text, 9..99), [3, 1, 3, 2]);
        assert_eq!(offset_of(text, 3, 1), 9);
    }

    #[test]
    fn columns_of_long_lines_are_counted_across_blocks() {
        for (text, characters) in [("é".repeat(BLOCK), BLOCK), ("a".repeat(2 * BLOCK), 2 * BLOCK)] {
            let text = format!("x\n{text}");
            for before in [0, 1, BLOCK / 2 - 1, BLOCK / 2, BLOCK - 1, characters] {
                let offset = text.char_indices().nth(before + 2).map_or(text.len(), |(at, _)| at);
                assert_eq!(span(&text, offset..offset), [2, before + 1, 2, before + 2], "{before}");
            }
        }
    }

    #[test]
    fn an_empty_range_is_shown_as_one_column() {
        assert_eq!(span("ab\nc", 2..2), [1, 3, 1, 4]);
        assert_eq!(span("", 0..1), [1, 1, 1, 2]);
    }

    #[test]
    fn without_its_text_a_file_has_the_same_sum_and_a_location_the_same_span() {
        let file = SourceFile::published("a", "b\nc").with_mark(true);
        let (location, forgotten) = (file.at(2..3), file.without_text());
        assert_eq!((forgotten.sha256(), forgotten.size()), (file.sha256(), file.size()));
        assert_eq!((&*forgotten.text, location.clone().without_text().span()), ("", location.span()));
        assert!(location.without_text().is_exact());
    }

    #[test]
    fn an_offset_inside_a_character_is_that_character() {
        assert_eq!(span("é", 1..2), [1, 1, 1, 2]);
    }
}
