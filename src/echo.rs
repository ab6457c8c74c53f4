//! Echoes of a key: where a text holds it, or a part of it, in any form that is easily turned back into it.
//!
//! A text is decoded as often as it changes, and each of its forms is read at once as it is, as Base64 and as hexadecimal digits.
//! All are streams of units of 8, 6 or 4 bits, of which the last bits are compared with every part of the key, so that the time is
//! linear in the text, whatever it contains.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::{Bound, Range};

use crate::decoded::{Decoded, Gaps};

/// Length of the parts of a key that count as an echo, in bytes: parts of this length and longer ones do. Shorter ones could be
/// ordinary words, and leave too much of a key to be guessed. Of a shorter key, only the whole counts.
pub(crate) const MAX_PART_BYTES: usize = 12;

/// Shortest key that is also looked for across white space and in other forms, in bytes: parts of ordinary text could by chance
/// look like a shorter one.
const MIN_DISGUISED_BYTES: usize = 8;

/// How often a text is decoded: text in JSON in JSON in JSON is not rare in messages about errors.
const MAX_DECODINGS: usize = 3;

/// Longest part of a key's beginning that is the same for many keys, in bytes: `ask_`, and a word such as `live_`.
const MAX_PUBLIC_BYTES: usize = 24;

/// The parts of some keys.
#[derive(Clone, Default)]
pub(crate) struct Echoes {
    parts: Vec<Parts>,
    /// By the last two bytes of a part, whether there is such a part: nearly all texts end in none, and cost one lookup.
    ends: Vec<bool>,
}

/// The parts of one length, as bits. Each with whether everybody knows it.
#[derive(Clone)]
struct Parts {
    bytes: usize,
    known: HashMap<u128, bool>,
}

/// An echo: the bytes of the key that follow each other there, and where they are.
pub(crate) struct Echo {
    pub(crate) bytes: usize,
    pub(crate) range: Range<usize>,
}

impl Echoes {
    pub(crate) fn of<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        let mut echoes = Self { parts: Vec::new(), ends: vec![false; 1 << 16] };
        keys.into_iter().flat_map(forms).for_each(|key| echoes.add(key.as_bytes()));
        echoes
    }

    fn add(&mut self, key: &[u8]) {
        let bytes = key.len().min(MAX_PART_BYTES);
        if bytes < 2 {
            return;
        }
        let public = public_bytes(key);
        let index = self.parts.iter().position(|parts| parts.bytes == bytes).unwrap_or_else(|| {
            self.parts.push(Parts { bytes, known: HashMap::new() });
            self.parts.len() - 1
        });
        let Some(parts) = self.parts.get_mut(index) else { return };
        for (start, part) in key.windows(bytes).enumerate() {
            let bits = part.iter().fold(0, |bits: u128, byte| bits << 8 | u128::from(*byte));
            let is_public = start + bytes <= public;
            parts.known.entry(bits).and_modify(|known| *known &= is_public).or_insert(is_public);
            if let Some(end) = self.ends.get_mut(last_two_bytes(bits)) {
                *end = true;
            }
        }
    }

    /// The echoes in one form of a text, in no order; some may overlap.
    pub(crate) fn find(&self, form: &Form<'_>) -> Vec<Echo> {
        if self.parts.is_empty() {
            return Vec::new();
        }
        let echoes = self.read(form.decoded.as_bytes()).into_iter();
        let echoes = echoes.map(|echo| Echo { range: form.source_of(&echo.range), ..echo });
        echoes.filter(|echo| echo.bytes >= MIN_DISGUISED_BYTES || form.is_one_word(&echo.range)).collect()
    }

    /// The echoes in one form of a text, read in three ways.
    fn read(&self, form: &[u8]) -> Vec<Echo> {
        let mut plain = Stream::new(self, 8);
        let mut base64 = Stream::new(self, 6);
        let mut hexadecimal = Stream::new(self, 4);
        for (at, byte) in form.iter().enumerate() {
            plain.push(*byte, at);
            match sextet(*byte) {
                Some(sextet) => base64.push(sextet, at),
                None => base64.restart(),
            }
            match char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()) {
                Some(digit) => hexadecimal.push(digit, at),
                None if *byte == b':' => {}
                None => hexadecimal.restart(),
            }
        }
        [plain, base64, hexadecimal].into_iter().flat_map(Stream::end).collect()
    }
}

/// One form of a text: without gaps, and decoded.
pub(crate) struct Form<'t> {
    source: &'t str,
    decoded: &'t str,
    steps: &'t [Decoded],
}

impl<'t> Form<'t> {
    /// Calls back with every form of a text: decoded as often as it changes.
    pub(crate) fn each(source: &str, mut visit: impl FnMut(&Form<'_>)) {
        let mut steps = vec![Decoded::without_gaps(source)];
        while let Some(last) = steps.last() {
            visit(&Form { source, decoded: &last.text, steps: &steps });
            let next = Decoded::once(&last.text, Gaps::Closed);
            if next.is_unchanged() || steps.len() > MAX_DECODINGS {
                return;
            }
            steps.push(next);
        }
    }

    pub(crate) fn text(&self) -> &'t str {
        self.decoded
    }

    /// Where a part of this form is in the source.
    pub(crate) fn source_of(&self, range: &Range<usize>) -> Range<usize> {
        let range = self.steps.iter().rev().fold(range.clone(), |range, step| step.source_of(&range));
        self.source.floor_char_boundary(range.start)..self.source.ceil_char_boundary(range.end)
    }

    /// Whether a part of the source contains no white space.
    pub(crate) fn is_one_word(&self, range: &Range<usize>) -> bool {
        self.source.get(range.clone()).is_some_and(|part| !part.contains(char::is_whitespace))
    }
}

/// The key as each form of a text could have it: one that contains what looks like an escape is decoded with the rest.
fn forms(key: &str) -> Vec<String> {
    let mut forms = Vec::new();
    Form::each(key, |form| {
        if forms.is_empty() || form.decoded.len() >= MIN_DISGUISED_BYTES {
            forms.push(form.decoded.to_owned());
        }
    });
    forms
}

/// The bytes of the shortest form of a key: an echo with as many is the whole key.
pub(crate) fn whole_bytes(key: &str) -> usize {
    forms(key).iter().map(String::len).min().unwrap_or_default()
}

/// How many bytes at the start of a key are no secret: a prefix (`ac_`, `ask_`) and one word (`live_`, `production_`). Alone, a
/// part of them is no echo.
fn public_bytes(key: &[u8]) -> usize {
    let word = |from: usize, max: usize| {
        let letters = key.iter().skip(from).take(max).take_while(|byte| byte.is_ascii_lowercase()).count();
        let is_word = letters > 0 && matches!(key.get(from + letters), Some(b'_' | b'-'));
        if is_word { from + letters + 1 } else { from }
    };
    let prefix = word(0, 4);
    if prefix == 0 { 0 } else { word(prefix, MAX_PUBLIC_BYTES - prefix - 1) }
}

/// The six bits that a character of Base64 is written for, in both alphabets (RFC 4648, sections 4 and 5).
const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn last_two_bytes(bits: u128) -> usize {
    usize::from(u16::try_from(bits & 0xffff).unwrap_or_default())
}

/// The last units of a text, and the echo that they may be part of.
struct Stream<'e> {
    echoes: &'e Echoes,
    /// Bits of one unit.
    width: usize,
    bits: u128,
    /// Units since the last restart.
    count: usize,
    /// Where the last units are.
    places: [usize; MAX_UNITS],
    run: Option<Run>,
    found: Vec<Echo>,
}

/// The units of the longest part: hexadecimal digits.
const MAX_UNITS: usize = 2 * MAX_PART_BYTES;

/// Parts that follow each other.
struct Run {
    echo: Echo,
    /// The bit after the last part.
    end: usize,
    is_public: bool,
}

impl<'e> Stream<'e> {
    fn new(echoes: &'e Echoes, width: usize) -> Self {
        Self {
            echoes,
            width,
            bits: 0,
            count: 0,
            places: [0; MAX_UNITS],
            run: None,
            found: Vec::new(),
        }
    }

    fn push(&mut self, unit: u8, at: usize) {
        self.bits = self.bits << self.width | u128::from(unit);
        if let Some(place) = self.places.get_mut(self.count % MAX_UNITS) {
            *place = at;
        }
        self.count += 1;
        // A byte ends with a unit, or within it: in Base64, that depends on what is before it.
        for rest in (0..self.width).step_by(2).take(if self.width == 6 { 3 } else { 1 }) {
            let bits = self.bits >> rest;
            if self.echoes.ends.get(last_two_bytes(bits)).is_some_and(|is_end| *is_end) {
                self.compare(bits, rest);
            }
        }
    }

    fn compare(&mut self, bits: u128, rest: usize) {
        for parts in &self.echoes.parts {
            let units = (8 * parts.bytes + rest).div_ceil(self.width);
            let is_disguised = self.width != 8;
            if self.count < units || (is_disguised && parts.bytes < MIN_DISGUISED_BYTES) {
                continue;
            }
            let Some(is_public) = parts.known.get(&(bits & ((1 << (8 * parts.bytes)) - 1))) else { continue };
            let place = |units_back: usize| {
                self.places.get((self.count - units_back) % MAX_UNITS).copied().unwrap_or_default()
            };
            let range = place(units)..place(1) + 1;
            let end = self.count * self.width - rest;
            match &mut self.run {
                Some(run) if end <= run.end + 8 => {
                    run.echo.bytes += usize::from(end > run.end);
                    run.echo.range = run.echo.range.start.min(range.start)..range.end;
                    run.is_public &= is_public;
                    run.end = end;
                }
                _ => {
                    let echo = Echo { bytes: parts.bytes, range };
                    let run = self.run.replace(Run { echo, end, is_public: *is_public });
                    self.found.extend(run.filter(|run| !run.is_public).map(|run| run.echo));
                }
            }
        }
    }

    /// What follows is not part of the same text.
    fn restart(&mut self) {
        self.count = 0;
        let run = self.run.take();
        self.found.extend(run.filter(|run| !run.is_public).map(|run| run.echo));
    }

    fn end(mut self) -> Vec<Echo> {
        self.restart();
        self.found
    }
}

/// Texts that are looked for as a whole.
#[derive(Default)]
pub(crate) struct Needles {
    sorted: BTreeSet<Vec<u8>>,
    /// With what they begin: at nearly every place of a text, none does.
    starts: HashSet<[u8; MIN_DISGUISED_BYTES]>,
}

impl Needles {
    pub(crate) fn of<'n>(needles: impl IntoIterator<Item = &'n str>) -> Self {
        let forms = needles.into_iter().map(|needle| Decoded::without_gaps(needle).text.into_bytes());
        let sorted: BTreeSet<_> = forms.filter(|needle| needle.len() >= MIN_DISGUISED_BYTES).collect();
        let starts = sorted.iter().filter_map(|needle| needle.first_chunk().copied()).collect();
        Self { sorted, starts }
    }

    /// Where one form of a text holds them, in the source.
    pub(crate) fn find(&self, form: &Form<'_>) -> Vec<Range<usize>> {
        if self.starts.is_empty() {
            return Vec::new();
        }
        let bytes = form.decoded.as_bytes();
        let places = bytes.array_windows().enumerate().filter(|(_, start)| self.starts.contains(*start));
        let found = places.filter_map(|(at, _)| Some(at..at + self.longest_at_start(bytes.get(at..)?)?));
        found.map(|range| form.source_of(&range)).collect()
    }

    /// Length of the longest of them with which a text starts. In order, they are right before it, but for others that have
    /// more in common with it than their own length.
    fn longest_at_start(&self, text: &[u8]) -> Option<usize> {
        let mut start = text;
        loop {
            let before = self.sorted.range::<[u8], _>((Bound::Unbounded, Bound::Included(start))).next_back()?;
            let common = before.iter().zip(start).take_while(|(a, b)| a == b).count();
            if common == before.len() {
                return Some(common);
            }
            start = start.get(..common)?;
        }
    }
}
