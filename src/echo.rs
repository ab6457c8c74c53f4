//! Echoes of a key: where a text holds it, or a part of it, in any form that is easily turned back into it.
//!
//! A text is decoded as often as it changes, and each of its forms is read at once as it is, as Base64 and as hexadecimal digits.
//! All are streams of units of 8, 6 or 4 bits, of which the last bits are compared with every part of the key, so that the time is
//! linear in the text, whatever it contains.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::{Bound, Range};

use crate::decoded::{self, Decoded, Gaps};

/// Length of the parts of a key that count as an echo, in bytes: parts of this length and longer ones do. Shorter ones could be
/// ordinary words, and leave too much of a key to be guessed. Of a shorter key, only the whole counts.
pub(crate) const MIN_PART_BYTES: usize = 12;

/// Shortest key that is also looked for across white space and in other forms, in bytes: parts of ordinary text could by chance
/// look like a shorter one.
const MIN_DISGUISED_BYTES: usize = 8;

/// The bits of a sample. A part of a key in any form contains 7 samples of characters, 8 of Base64 or 13 of hexadecimal digits,
/// so that it is enough to look at one in so many.
const SAMPLE_BITS: usize = 48;

const SAMPLE_MASK: u64 = (1 << SAMPLE_BITS) - 1;

/// How often a text is decoded: text in JSON in JSON in JSON is not rare in messages about errors.
const MAX_DECODINGS: usize = 3;

/// Longest part of a key's beginning that is the same for many keys, in bytes: `ask_`, and a word such as `live_`.
const MAX_PUBLIC_BYTES: usize = 24;

/// The parts of some keys.
#[derive(Clone, Default)]
pub(crate) struct Echoes {
    samples: HashSet<u64>,
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
        let mut echoes = Self { ends: vec![false; 1 << 16], ..Self::default() };
        keys.into_iter().flat_map(forms).for_each(|key| echoes.add(key.as_bytes()));
        echoes
    }

    fn add(&mut self, key: &[u8]) {
        let bytes = key.len().min(MIN_PART_BYTES);
        if bytes < 2 {
            return;
        }
        for window in key.windows(SAMPLE_BITS / 8 + 1) {
            let bits = window.iter().fold(0, |bits: u64, byte| bits << 8 | u64::from(*byte));
            self.samples.extend((0..=8).step_by(2).map(|rest| bits >> rest & SAMPLE_MASK));
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
        let bytes = form.decoded.as_bytes();
        let echoes = self.suspects(bytes).into_iter().flat_map(|suspect| {
            let echoes = self.read(bytes.get(suspect.clone()).unwrap_or_default()).into_iter();
            echoes.map(move |Echo { bytes, range }| {
                (bytes, range.start + suspect.start..range.end + suspect.start)
            })
        });
        let echoes = echoes.map(|(bytes, range)| Echo { bytes, range: form.source_of(&range) });
        echoes.filter(|echo| echo.bytes >= MIN_DISGUISED_BYTES || form.is_one_word(&echo.range)).collect()
    }

    /// Where echoes can be: around every sample of a text that is one of a key. Every part of a key contains such a sample, and
    /// few texts contain another.
    fn suspects(&self, form: &[u8]) -> Vec<Range<usize>> {
        if self.parts.iter().any(|parts| parts.bytes < MIN_PART_BYTES) {
            return std::iter::once(0..form.len()).collect();
        }
        let mut places = Vec::new();
        for (width, step) in [(8, 7), (6, 8), (4, 13)] {
            let sample = |at: usize| {
                let units = form.get(at..at + SAMPLE_BITS / width)?.iter();
                units
                    .map(|byte| unit(width, *byte))
                    .try_fold(0, |bits, unit| Some(bits << width | u64::from(unit?)))
            };
            let is_of_key = |at: &usize| sample(*at).is_some_and(|sample| self.samples.contains(&sample));
            places.extend((0..form.len()).step_by(step).filter(is_of_key));
        }
        places.sort_unstable();
        let mut suspects: Vec<Range<usize>> = Vec::new();
        for at in places {
            let (start, end) = (at.saturating_sub(2 * MAX_UNITS), (at + 3 * MAX_UNITS).min(form.len()));
            match suspects.last_mut() {
                Some(last) if start <= last.end => last.end = end,
                _ => suspects.push(start..end),
            }
        }
        suspects
    }

    /// The echoes in one form of a text, read in three ways.
    fn read(&self, form: &[u8]) -> Vec<Echo> {
        let read = |width| {
            let mut stream = Stream::new(self, width);
            for (at, byte) in form.iter().enumerate() {
                match unit(width, *byte) {
                    Some(unit) => stream.push(unit, at),
                    None => stream.restart(),
                }
            }
            stream.end()
        };
        [8, 6, 4].into_iter().flat_map(read).collect()
    }
}

/// One form of a section of a text: without gaps, and decoded.
pub(crate) struct Form<'t> {
    /// The whole text.
    source: &'t str,
    /// Where the section starts.
    start: usize,
    decoded: &'t str,
    steps: &'t [Decoded],
}

impl<'t> Form<'t> {
    /// Calls back with every form of each section of a text: decoded as often as it changes.
    pub(crate) fn each(source: &str, mut visit: impl FnMut(&Form<'_>)) {
        for section in decoded::sections(source) {
            let start = section.whole.start;
            let mut steps = vec![Decoded::without_gaps(source.get(section.whole).unwrap_or_default())];
            while let Some(last) = steps.last() {
                visit(&Form { source, start, decoded: &last.text, steps: &steps });
                if steps.len() > MAX_DECODINGS {
                    break;
                }
                let next = Decoded::once(&last.text, Gaps::Closed);
                if next.is_unchanged() {
                    break;
                }
                steps.push(next);
            }
        }
    }

    pub(crate) fn text(&self) -> &'t str {
        self.decoded
    }

    /// Where a part of this form is in the source.
    pub(crate) fn source_of(&self, range: &Range<usize>) -> Range<usize> {
        let range = self.steps.iter().rev().fold(range.clone(), |range, step| step.source_of(&range));
        let (start, end) = (self.start + range.start, self.start + range.end);
        self.source.floor_char_boundary(start)..self.source.ceil_char_boundary(end)
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

/// The bits that a character is written for: as it is, in both alphabets of Base64 (RFC 4648, sections 4 and 5), and as a
/// hexadecimal digit.
fn unit(width: usize, byte: u8) -> Option<u8> {
    match (width, byte) {
        (8, _) => Some(byte),
        (6, b'A'..=b'Z') => Some(byte - b'A'),
        (6, b'a'..=b'z') => Some(byte - b'a' + 26),
        (6, b'0'..=b'9') => Some(byte - b'0' + 52),
        (6, b'+' | b'-') => Some(62),
        (6, b'/' | b'_') => Some(63),
        (4, _) => char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()),
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
const MAX_UNITS: usize = 2 * MIN_PART_BYTES;

/// Parts that follow each other.
struct Run {
    echo: Echo,
    /// The bit after the last part.
    end: usize,
    is_public: bool,
}

impl<'e> Stream<'e> {
    fn new(echoes: &'e Echoes, width: usize) -> Self {
        Self { echoes, width, bits: 0, count: 0, places: [0; MAX_UNITS], run: None, found: Vec::new() }
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
            let before =
                self.sorted.range::<[u8], _>((Bound::Unbounded, Bound::Included(start))).next_back()?;
            let common = before.iter().zip(start).take_while(|(a, b)| a == b).count();
            if common == before.len() {
                return Some(common);
            }
            start = start.get(..common)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;
    use crate::decoded::SECTION_BYTES;
    use crate::secret::Secrets;

    const KEY: &str = "ac_q7Zt0KbN4sXw9RfLm2Vc";

    fn each_char(text: &str, form: impl Fn(char) -> String) -> String {
        text.chars().map(form).collect()
    }

    /// Every form in which a part of a key is found.
    fn disguises(part: &str) -> Vec<String> {
        let code = |c: char| u32::from(c);
        let quoted = |joint: &str| format!("{}{joint}{}", &part[..5], &part[5..]);
        let spread = |between: &str| each_char(part, |c| format!("{c}{between}"));
        let json_twice = serde_json::to_string(&each_char(part, |c| format!("\\u{:04x}", code(c)))).unwrap();
        let mut forms = vec![
            part.to_owned(),
            each_char(part, |c| format!("\\x{:02x}", code(c))),
            each_char(part, |c| format!("\\u{:04X}", code(c))),
            each_char(part, |c| format!("\\u{{{:x}}}", code(c))),
            each_char(part, |c| format!("\\{:o}", code(c))),
            each_char(part, |c| format!("%{:02x}", code(c))),
            each_char(part, |c| format!("%25{:02X}", code(c))),
            each_char(part, |c| format!("&#{};", code(c))),
            each_char(part, |c| format!("&#x{:x};", code(c))),
            each_char(part, |c| format!("{:02x}", code(c))),
            each_char(part, |c| format!("{:02X}", code(c))),
            json_twice,
            part.replace('_', "&lowbar;"),
            quoted("' + '"),
            quoted("\" +\n  \""),
            quoted("', '"),
            quoted("'.concat('"),
            quoted("\\\n"),
            quoted("\\\r\n"),
            quoted(" ⏎ "),
            quoted("\x1b[31;1m"),
            quoted("\x1b[0K"),
            quoted("\u{2028}"),
            spread("\u{200b}"),
            spread("\u{ad}"),
            spread("\u{34f}"),
            spread("\u{e0061}"),
            spread("\u{fe0f}"),
            spread("\u{202e}"),
            spread("\0"),
            spread("\n"),
            spread("\\u200b"),
            each_char(part, |c| format!("\\u\u{200b}{:04x}", code(c))),
        ];
        for before in ["", "x", "xy"] {
            for after in ["", "z", "zz"] {
                let text = format!("{before}{part}{after}");
                let base64 = STANDARD.encode(&text);
                forms.push(base64.replace('+', "%2B").replace('/', "\\/"));
                forms.push(
                    base64.as_bytes().chunks(7).map(|line| String::from_utf8_lossy(line) + "\r\n").collect(),
                );
                forms.push(base64);
                forms.push(URL_SAFE_NO_PAD.encode(&text));
            }
        }
        forms
    }

    #[test]
    fn a_key_and_each_long_part_of_it_is_redacted_in_every_form() {
        let secrets = Secrets::of([KEY]);
        for part in [KEY, &KEY[..12], &KEY[3..15], &KEY[KEY.len() - 12..]] {
            for form in disguises(part) {
                let text = format!("é (\"{form}\"). é");
                let redacted = secrets.redacted(&text);
                assert!(redacted.starts_with("é (\"") && redacted.ends_with("\"). é"), "{text}: {redacted}");
                assert!(
                    redacted.contains("***") && redacted.len() <= text.len().min(40),
                    "{text}: {redacted}"
                );
            }
        }
    }

    #[test]
    fn shorter_parts_and_similar_texts_stay() {
        let secrets = Secrets::of([KEY]);
        for start in 0..=KEY.len() - 11 {
            for form in disguises(&KEY[start..start + 11]) {
                assert_eq!(secrets.redacted(&form), form);
            }
        }
        for text in [
            "ac_ is the prefix of every key",
            "AC_Q7ZT0KBN4SXW9RFLM2VC",
            "x = \"\\u0061\" + '%61' + `&#97;` // 61 YQ== \\",
            "%",
            "\\u{",
            "\\x",
            "&#;&#x;&;",
            "…",
        ] {
            assert_eq!(secrets.redacted(text), text);
        }
    }

    #[test]
    fn random_keys_are_redacted_wherever_they_are_cut() {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/.~=:";
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..300 {
            let length = random.usize(12..70);
            let key: String =
                (0..length).map(|_| char::from(LETTERS[random.usize(..LETTERS.len())])).collect();
            let secrets = Secrets::of([key.as_str()]);
            let start = random.usize(..=key.len() - 12);
            let part = &key[start..random.usize(start + 12..=key.len())];
            for form in disguises(part).into_iter().chain(serde_json::to_string(part)) {
                let redacted = secrets.redacted(&format!("<{form}>"));
                assert!(redacted.contains("***"), "{key}: {form}");
                assert!(!redacted.contains(part), "{key}: {redacted}");
                assert_eq!(secrets.redacted(&redacted), redacted, "{key}: {form}");
            }
        }
    }

    #[test]
    fn of_a_short_key_only_the_whole_counts_and_not_across_words() {
        let secrets = Secrets::of(["test"]);
        assert_eq!(secrets.redacted("that estimates tes…, a test"), "that estimates tes…, a ***");
        assert_eq!(secrets.redacted("dGVzdA== 74657374 t\u{200b}est"), "dGVzdA== 74657374 ***");
    }

    #[test]
    fn the_public_beginning_of_a_key_is_redacted_with_the_rest_only() {
        let secrets = Secrets::of(["ask_production_aaaaaaaaaaaaB7"]);
        assert_eq!(secrets.redacted("ask_production_ keys"), "ask_production_ keys");
        assert_eq!(secrets.redacted("the ask_production_aaa"), "the ***");
        assert_eq!(secrets.redacted("aaaaaaaaaaaaa"), "***");
        for (key, expected) in [
            ("ac_q7Zt0KbN4sXw", 3),
            ("ask_live_aaaaaaaaaaaa", 9),
            ("ac_live-q7Zt0KbN4sXw", 8),
            ("q7Zt0KbN4sXw9RfL", 0),
            ("lettersonlyandmany", 0),
            ("ac_lettersonlyandmanyofthemforsure_", 3),
        ] {
            assert_eq!(public_bytes(key.as_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn the_whole_key_is_found_in_every_form_and_no_part_of_it() {
        let secrets = Secrets::of([KEY]);
        for form in disguises(KEY) {
            assert_eq!(secrets.keys_in(&format!("é {form}")).len(), 1, "{form}");
        }
        for form in disguises(&KEY[1..]) {
            assert!(secrets.keys_in(&form).is_empty(), "{form}");
        }
    }

    #[test]
    fn the_whole_key_is_found_once_where_one_section_of_a_long_text_ends_and_the_next_starts() {
        let secrets = Secrets::of([KEY]);
        let forms = [
            KEY.to_owned(),
            each_char(KEY, |c| format!("\\u{:04x}", u32::from(c))),
            each_char(KEY, |c| format!("{c}\n")),
            STANDARD.encode(KEY),
            // White space does not count.
            format!("{}{}{}", &KEY[..9], " ".repeat(140_000), &KEY[9..]),
        ];
        for form in forms {
            let [alone] = &secrets.keys_in(&form)[..] else { panic!("{form}") };
            for before in [1, form.len() / 2, form.len() - 1, form.len()] {
                let start = SECTION_BYTES - before;
                let text = format!("{}{form}{}", ",".repeat(start), " é".repeat(1000));
                let expected = start + alone.start..start + alone.end;
                assert_eq!(secrets.keys_in(&text), [expected], "{form}, {before} bytes before");
            }
        }
    }

    #[test]
    fn of_secrets_that_were_found_the_longest_is_redacted_as_a_whole() {
        let needles = ["github_pat_1", "github_pat_11AB", "github_pat_11ABxyz", "github_pat_2"];
        let secrets = Secrets::default().and(needles);
        assert_eq!(
            secrets.redacted("github_pat_11ABx github_pat_3 github_pat_11ABxyz"),
            "***x github_pat_3 ***"
        );
        assert_eq!(secrets.redacted("github\\u005fpat_11AB"), "***");
    }
}
