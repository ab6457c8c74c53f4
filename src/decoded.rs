//! Text as a program or a browser reads it: with the escapes of JSON, JavaScript, URLs and HTML replaced by what they are
//! written for, and with the place in the source of every part.

use std::ops::Range;

use crate::text;

/// A decoded text.
pub(crate) struct Decoded {
    pub(crate) text: String,
    /// In order; between them, every byte is one of the source.
    segments: Vec<Segment>,
}

/// From this offset of the decoded text on, the bytes are those from an offset of the source on; or all come from one piece of it,
/// up to the next segment.
struct Segment {
    at: u32,
    source: u32,
    /// Length of the piece; 0 where the bytes are those of the source.
    piece: u32,
}

/// What is between the letters of a word, for those who look for it in a text that somebody may have changed to hide it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gaps {
    Kept,
    /// White space, line breaks (as [`text::clean_line`] writes them, too), control characters, colors of a terminal and what is
    /// invisible are left out, and the parts of a list of strings are joined.
    Closed,
}

/// A section of a long text, which is decoded on its own.
pub(crate) struct Section {
    /// What is found is found in the section in which it starts.
    pub(crate) starts: Range<usize>,
    /// With what is around it.
    pub(crate) whole: Range<usize>,
}

/// Length of a section, in bytes other than white space: its decoded forms take several times as much memory.
pub(crate) const SECTION_BYTES: usize = if cfg!(fuzzing) { 256 } else { 512 * 1024 };

/// How much of the text before a section belongs to it, in the same bytes: enough to see where a word and an escape begin.
const BYTES_BEFORE: usize = 1024;

/// How much of the text after a section belongs to it, in the same bytes: the longest of what is looked for is a private key of
/// 16 KiB, each character of which may be an escape of six.
pub(crate) const BYTES_AFTER: usize = 128 * 1024;

/// The sections of a text.
pub(crate) fn sections(text: &str) -> impl Iterator<Item = Section> {
    let bytes = text.as_bytes();
    let is_counted = |byte: &u8| !byte.is_ascii_whitespace();
    let after = move |start: usize, count: usize| {
        let rest = bytes.get(start..).unwrap_or_default().iter();
        rest.enumerate()
            .filter(|(_, byte)| is_counted(byte))
            .nth(count)
            .map_or(bytes.len(), |(at, _)| start + at)
    };
    let before = move |end: usize, count: usize| {
        let start = bytes.get(..end).unwrap_or_default().iter();
        start.enumerate().rev().filter(|(_, byte)| is_counted(byte)).nth(count).map_or(0, |(at, _)| at)
    };
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = after(start, SECTION_BYTES);
        next = Some(end).filter(|end| *end < bytes.len());
        Some(Section {
            starts: start..end,
            whole: text.floor_char_boundary(before(start, BYTES_BEFORE))
                ..text.ceil_char_boundary(after(end, BYTES_AFTER)),
        })
    })
}

/// HTML's names of ASCII characters, and of some of which a key could consist (HTML standard, "Named character references").
const ENTITIES: [(&str, char); 33] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("lowbar", '_'),
    ("UnderBar", '_'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("period", '.'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("plus", '+'),
    ("equals", '='),
    ("num", '#'),
    ("percnt", '%'),
    ("dollar", '$'),
    ("commat", '@'),
    ("colon", ':'),
    ("semi", ';'),
    ("comma", ','),
    ("excl", '!'),
    ("quest", '?'),
    ("ast", '*'),
    ("lpar", '('),
    ("rpar", ')'),
    ("lsqb", '['),
    ("rsqb", ']'),
    ("lcub", '{'),
    ("rcub", '}'),
    ("verbar", '|'),
    ("Hat", '^'),
    ("grave", '`'),
];

/// Longest name of them, and longest number, in bytes: `&#x` with leading zeros.
const MAX_ENTITY_BYTES: usize = 12;

impl Decoded {
    /// The text with every escape decoded once.
    pub(crate) fn once(text: &str, gaps: Gaps) -> Self {
        Self::build(text, gaps, escape_at)
    }

    /// The text without its gaps, and with its escapes.
    pub(crate) fn without_gaps(text: &str) -> Self {
        Self::build(text, Gaps::Closed, |_, _, _| None)
    }

    fn build(text: &str, gaps: Gaps, escape: fn(&[u8], usize, Gaps) -> Option<Escape>) -> Self {
        let bytes = text.as_bytes();
        let mut decoded = Self { text: String::with_capacity(text.len()), segments: Vec::new() };
        let (mut at, mut copied) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            let replaced = if is_plain(*byte) {
                None
            } else {
                let gap = if gaps == Gaps::Closed { gap_at(text, at) } else { 0 };
                let gap = (gap > 0).then_some(Escape { length: gap, character: None });
                gap.or_else(|| escape(bytes, at, gaps))
            };
            let Some(Escape { length, character }) = replaced else {
                at += 1;
                continue;
            };
            decoded.copy(text, copied..at);
            if let Some(c) = character.filter(|c| gaps == Gaps::Kept || !is_gap(*c)) {
                decoded.segment(at, length);
                decoded.text.push(c);
            }
            at += length;
            copied = at;
        }
        decoded.copy(text, copied..at);
        decoded
    }

    /// Whether nothing was replaced.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.segments.iter().all(|segment| segment.at == segment.source && segment.piece == 0)
    }

    fn copy(&mut self, text: &str, range: Range<usize>) {
        if !range.is_empty() {
            self.segment(range.start, 0);
            self.text.push_str(text.get(range).unwrap_or_default());
        }
    }

    fn segment(&mut self, source: usize, piece: usize) {
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let segment = Segment { at: short(self.text.len()), source: short(source), piece: short(piece) };
        self.segments.push(segment);
    }

    /// Where a part of the decoded text is in the source.
    pub(crate) fn source_of(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.segment_of(range.start).map_or(range.start, |(segment, into)| {
            segment.source as usize + if segment.piece == 0 { into } else { 0 }
        });
        let end = self.segment_of(range.end.saturating_sub(1)).map_or(range.end, |(segment, into)| {
            segment.source as usize + if segment.piece == 0 { into + 1 } else { segment.piece as usize }
        });
        start..end.max(start)
    }

    fn segment_of(&self, offset: usize) -> Option<(&Segment, usize)> {
        let after = self.segments.partition_point(|segment| segment.at as usize <= offset);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        Some((segment, offset - segment.at as usize))
    }
}

/// A piece of the source that is replaced: by a character, or by nothing.
struct Escape {
    length: usize,
    character: Option<char>,
}

/// A byte that begins neither an escape nor a gap.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'=' | b',' | b'(' | b')')
}

/// Whether nobody sees a character between two others, or only that they are apart.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == text::LINE_BREAK || text::is_invisible(c)
}

/// Length of the gap at an offset.
fn gap_at(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    if let Some(escaped) = rest.strip_prefix("\x1b[") {
        let parameters = escaped.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
        if matches!(escaped.as_bytes().get(parameters), Some(b'm' | b'K')) {
            return "\x1b[".len() + parameters + 1;
        }
    }
    // The end of a line that goes on, in shells and in JavaScript.
    if let Some(ending) = rest.strip_prefix('\\').filter(|rest| rest.starts_with(['\r', '\n'])) {
        return if ending.starts_with("\r\n") { 3 } else { 2 };
    }
    rest.chars().next().filter(|c| is_gap(*c)).map_or(0, char::len_utf8)
}

/// The escape at an offset.
fn escape_at(bytes: &[u8], at: usize, gaps: Gaps) -> Option<Escape> {
    let rest = bytes.get(at..)?;
    match rest.first()? {
        b'\\' => backslash(rest),
        b'%' => {
            let character = hexadecimal(rest.get(1..3)?).filter(char::is_ascii)?;
            Some(Escape { length: 3, character: Some(character) })
        }
        b'&' => entity(rest),
        b'"' | b'\'' | b'`' => joined_strings(rest, gaps),
        _ => None,
    }
}

/// Escapes in strings, templates and regular expressions of JavaScript, those of JSON among them (ECMA-262, sections 12.9.4,
/// 12.9.5, 22.2.1 and B.1.2).
fn backslash(rest: &[u8]) -> Option<Escape> {
    let found = |length, character| Some(Escape { length, character });
    let hex = |digits: Range<usize>| hexadecimal(rest.get(digits)?);
    match rest.get(1)? {
        b'x' => found(4, Some(hex(2..4)?)),
        b'u' if rest.get(2) == Some(&b'{') => {
            let digits = rest.iter().skip(3).take(MAX_ENTITY_BYTES).take_while(|byte| **byte != b'}').count();
            found(digits + 4, Some(hex(3..3 + digits).filter(|_| rest.get(3 + digits) == Some(&b'}'))?))
        }
        // Half of a pair is of a character that is not in ASCII.
        b'u' => {
            rest.get(2..6)?.iter().all(u8::is_ascii_hexdigit).then_some(())?;
            found(6, Some(hex(2..6).unwrap_or(char::REPLACEMENT_CHARACTER)))
        }
        b'0'..=b'7' => {
            let digits = rest.iter().skip(1).take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            let value = |digits| u8::from_str_radix(str::from_utf8(rest.get(1..=digits)?).ok()?, 8).ok();
            let (digits, value) = match value(digits) {
                Some(value) => (digits, value),
                None => (digits - 1, value(digits - 1)?),
            };
            found(digits + 1, Some(char::from(value)))
        }
        b'\r' if rest.get(2) == Some(&b'\n') => found(3, None),
        b'\r' | b'\n' => found(2, None),
        b'n' => found(2, Some('\n')),
        b'r' => found(2, Some('\r')),
        b't' => found(2, Some('\t')),
        b'b' => found(2, Some('\u{8}')),
        b'f' => found(2, Some('\u{c}')),
        b'v' => found(2, Some('\u{b}')),
        other if other.is_ascii() => found(2, Some(char::from(*other))),
        _ => found(1, None),
    }
}

fn hexadecimal(digits: &[u8]) -> Option<char> {
    let digits = str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

/// A character reference of HTML, also without its semicolon where it is a number.
fn entity(rest: &[u8]) -> Option<Escape> {
    let body = rest.get(1..)?;
    let length = |is_of: fn(&u8) -> bool, from: usize| {
        body.iter().skip(from).take(MAX_ENTITY_BYTES).take_while(|byte| is_of(byte)).count()
    };
    let (end, character) = match body {
        [b'#', b'x' | b'X', ..] => {
            let end = 2 + length(u8::is_ascii_hexdigit, 2);
            (end, hexadecimal(body.get(2..end)?)?)
        }
        [b'#', ..] => {
            let end = 1 + length(u8::is_ascii_digit, 1);
            (end, char::from_u32(str::from_utf8(body.get(1..end)?).ok()?.parse().ok()?)?)
        }
        _ => {
            let end = length(u8::is_ascii_alphabetic, 0);
            let name = body.get(..end).filter(|_| body.get(end) == Some(&b';'))?;
            (end, ENTITIES.iter().find(|(known, _)| known.as_bytes() == name)?.1)
        }
    };
    let semicolon = usize::from(body.get(end) == Some(&b';'));
    Some(Escape { length: 1 + end + semicolon, character: Some(character) })
}

/// From the end of a string to the start of the next, where `+` joins them; where gaps are closed, also in a list and in a
/// call of `concat`.
fn joined_strings(rest: &[u8], gaps: Gaps) -> Option<Escape> {
    let spaces = |from: usize| rest.iter().skip(from).take_while(|byte| byte.is_ascii_whitespace()).count();
    let joint = 1 + spaces(1);
    let after = rest.get(joint..)?;
    let between = match after.first()? {
        b'+' => 1,
        b',' if gaps == Gaps::Closed => 1,
        b'.' | b')' if gaps == Gaps::Closed => {
            let call = after.strip_prefix(b")").unwrap_or(after);
            call.starts_with(b".concat(").then_some(after.len() - call.len() + ".concat(".len())?
        }
        _ => return None,
    };
    let next = joint + between + spaces(joint + between);
    matches!(rest.get(next)?, b'"' | b'\'' | b'`').then_some(Escape { length: next + 1, character: None })
}
