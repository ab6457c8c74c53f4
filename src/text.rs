//! Foreign text made harmless: text from a repository or from the Hub must not control a terminal or a CI.

use std::error::Error;

use icu_properties::CodePointSetData;
use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint};
use std::io;

/// Removes control characters and those that reorder text; tabs become spaces, line breaks stay.
pub(crate) fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', "    ");
    text.chars().filter(|c| *c == '\n' || !(c.is_control() || is_invisible(*c))).collect()
}

/// The same on one line.
pub(crate) fn clean_line(text: &str) -> String {
    clean(text).replace('\n', &format!(" {LINE_BREAK} "))
}

/// What shows a line break on one line.
pub(crate) const LINE_BREAK: char = '⏎';

/// Characters that are not seen but change how text around them looks, or make it differ from text that looks the same: those
/// that Unicode says to ignore where they are not supported (zero-width characters, fillers, tags, variation selectors), and
/// those that change the direction of text.
pub(crate) fn is_invisible(c: char) -> bool {
    // The first question only saves time: none of them is in ASCII.
    !c.is_ascii()
        && (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
            || CodePointSetData::new::<BidiControl>().contains(c))
}

/// A JSON text with its invisible characters, control characters and line separators escaped, but for the line breaks between
/// its parts: all others can only be inside of strings, and a program reads the same.
pub(crate) fn visible_json(json: &str) -> String {
    let is_escaped =
        |c: char| is_invisible(c) || (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{2029}');
    let mut visible = String::with_capacity(json.len());
    for c in json.chars() {
        if is_escaped(c) {
            visible.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            visible.push(c);
        }
    }
    visible
}

/// Breaks the marks by which CI systems recognize commands anywhere in a line: `##[` (GitHub's old form, Azure), `##vso[`
/// (Azure) and `##teamcity[`; and the names of GitLab's and Travis's sections, which are commands with an escape sequence.
pub(crate) fn defuse(text: &str) -> String {
    let mut defused = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '#' && defused.ends_with('#') {
            defused.push('\\');
        }
        defused.push(c);
    }
    SECTION_MARKS.iter().fold(defused, |text, mark| text.replace(mark, &mark.replace('_', "\\_")))
}

/// GitLab documentation, "Custom collapsible sections"; Travis CI, `travis-build`, `travis_fold`.
const SECTION_MARKS: [&str; 3] = ["section_start:", "section_end:", "travis_fold:"];

/// The text as the start of a line, where CI systems recognize more commands: `::` (GitHub), `##` (`TeamCity`), `---`, `+++`,
/// `~~~` and `^^^` (Buildkite). So no line starts with ASCII punctuation, except that of JSON, of file names (`._`) and our
/// own marks (`=?`). White space before it would not help: runners trim lines.
pub(crate) fn defuse_start(text: &str) -> String {
    let could_be_command = |c: char| c.is_ascii_punctuation() && !"\"{}[]._=?".contains(c);
    let guard = if text.trim_start().starts_with(could_be_command) { "· " } else { "" };
    format!("{guard}{text}")
}

/// A color of the terminal, as its ANSI code (ECMA-48, "Select Graphic Rendition").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Color {
    Dim = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Blue = 34,
}

impl Color {
    /// The text in this color.
    pub(crate) fn paint(self, text: &str) -> String {
        format!("\x1b[{}m{text}\x1b[0m", self as u8)
    }
}

/// What marks the end of a text that was cut.
pub(crate) const CUT: &str = "…";

/// The text cut to at most so many characters, with `…` for the rest.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}{CUT}", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The words of an error of the operating system, without the number that Rust adds (`… (os error 13)`).
pub(crate) fn of_io(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error ").next().unwrap_or_default().trim_end_matches('.').to_owned()
}

/// An error and its causes in one line. What `reqwest` adds of its own ("error sending request") is left out.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |&error| error.source());
    let text = |error: &(dyn Error + 'static)| match error.downcast_ref() {
        Some(error) => of_io(error),
        None => error.to_string(),
    };
    let mut texts: Vec<_> = chain.filter(|error| !error.is::<reqwest::Error>()).map(text).collect();
    texts.dedup();
    clean_line(&texts.join(": "))
}

/// The first of some items, at most so many, and how many more there are: `a, b and 3 more`.
pub(crate) fn first(items: &[String], most: usize) -> String {
    let (shown, rest) = items.split_at(items.len().min(most));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    shown.join(", ") + &more
}

/// `1 function`, `2 functions`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Longest word for which a near one is looked for, in characters.
const MAX_COMPARED_CHARS: usize = 64;

/// The word of `known` that was probably meant by `word`, if one is near.
///
/// Case, hyphens and underscores do not count; short words allow one slip, longer ones two.
pub(crate) fn did_you_mean<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    const SEPARATORS: [char; 3] = ['-', '_', ' '];
    let plain = |text: &str| text.to_lowercase().replace(SEPARATORS, "");
    let length_of = |text: &str| text.chars().filter(|c| !SEPARATORS.contains(c)).count();
    // A word of another length is not near, and the distance between long ones takes long to compute.
    let length = length_of(word);
    let slips = if length < 6 { 1 } else { 2 };
    let is_near =
        |candidate: &&str| length <= MAX_COMPARED_CHARS && length_of(candidate).abs_diff(length) <= slips;
    known
        .into_iter()
        .filter(is_near)
        .map(|candidate| (strsim::damerau_levenshtein(&plain(word), &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= slips && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The variable of an input or an output, which any shell can set: `AEROSTACK_DRY_RUN`.
pub(crate) fn environment_variable(name: &str) -> String {
    format!("AEROSTACK_{}", name.to_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_for_its_input_or_output() {
        assert_eq!(environment_variable("previous-version"), "AEROSTACK_PREVIOUS_VERSION");
    }

    #[test]
    fn control_and_bidirectional_characters_are_removed() {
        assert_eq!(clean("a\u{1b}[2Kb\r\nc\rd\u{202e}e\tf\0"), "a[2Kb\nc\nde    f");
        assert_eq!(clean_line("a\n::error::b"), "a ⏎ ::error::b");
        assert_eq!(defuse("a ##[error]b ###[x"), "a #\\#[error]b #\\#\\#[x");
        assert_eq!(defuse("section_end:1:x travis_fold:start"), "section\\_end:1:x travis\\_fold:start");
    }

    #[test]
    fn a_line_starts_with_no_punctuation_that_could_be_a_command() {
        for command in
            ["::error::x", "--- x", "+++ x", "~~~ x", "^^^ +++", "##teamcity[x", "\u{a0} ::error::x"]
        {
            assert_eq!(defuse_start(command), format!("· {command}"));
        }
        for text in ["", "  ", "index.ts", "✓ a", "? a", "_a/.b", "[1/2] a", "  \"name\": \"a\"", "}", "é"]
        {
            assert_eq!(defuse_start(text), text);
        }
    }

    #[test]
    fn no_invisible_character_is_left() {
        let invisible = [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180b}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200f}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2064}',
            '\u{2066}',
            '\u{2069}',
            '\u{206a}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff0}',
            '\u{1bca0}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{e0100}',
            '\u{e0fff}',
        ];
        for c in invisible {
            assert_eq!(clean(&format!("a{c}b")), "ab", "{}", c.escape_unicode());
        }
        for c in
            invisible.into_iter().chain(['\0', '\n', '\u{7f}', '\u{85}', '\u{9b}', '\u{2028}', '\u{2029}'])
        {
            let json = serde_json::to_string(&format!("a{c}b")).unwrap();
            let escaped = visible_json(&json);
            assert!(escaped.is_ascii(), "{escaped}");
            let read: String = serde_json::from_str(&escaped).unwrap();
            assert_eq!(read, format!("a{c}b"));
        }
        let visible = "äöü ßñ 日本語 한국어 العربية עברית ไทย हिन्दी 😀 e\u{301} \u{a0} –…";
        assert_eq!(clean(visible), visible);
    }

    #[test]
    fn the_first_items_are_named_and_the_others_counted() {
        let items = ["a", "b", "c"].map(str::to_owned);
        for (most, expected) in [(1, "a and 2 more"), (2, "a, b and 1 more"), (3, "a, b, c"), (4, "a, b, c")]
        {
            assert_eq!(first(&items, most), expected);
        }
        assert_eq!(first(&[], 2), "");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!((shorten("äöü", 2), shorten("äöü", 3)), ("äö…".to_owned(), "äöü".to_owned()));
    }

    #[test]
    fn a_similar_word_is_suggested_and_a_different_one_is_not() {
        assert_eq!(did_you_mean("Medai", ["auth", "media"]), Some("media"));
        assert_eq!(did_you_mean("env_vars", ["envVars", "tags"]), Some("envVars"));
        assert_eq!(did_you_mean("homepage", ["name", "tags"]), None);
        // One slip in five characters, two in six.
        assert_eq!(did_you_mean("abcde", ["abxde"]), Some("abxde"));
        assert_eq!(did_you_mean("abcde", ["abxye"]), None);
        assert_eq!(did_you_mean("abcdef", ["abxyef"]), Some("abxyef"));
        assert_eq!(did_you_mean("abcdef", ["abxyzf"]), None);
        // Nothing is left of the word.
        assert_eq!(did_you_mean("a", ["b"]), None);
        let long = "a".repeat(MAX_COMPARED_CHARS + 1);
        assert_eq!(did_you_mean(&long, [format!("{}b", &long[1..]).as_str()]), None);
        assert!(did_you_mean(&long[1..], [format!("{}b", &long[2..]).as_str()]).is_some());
    }

    #[test]
    fn an_error_of_the_operating_system_has_no_number() {
        for number in [13, 40] {
            let error = io::Error::from_raw_os_error(number);
            assert!(error.to_string().contains("os error"), "{error}");
            assert!(!of_io(&error).contains("os error") && !of_io(&error).ends_with(' '), "{error}");
            assert_eq!(with_causes(&error), of_io(&error));
        }
        assert_eq!(of_io(&io::Error::other("it is a pipe")), "it is a pipe");
    }

    #[test]
    fn an_error_is_shown_with_its_causes_and_each_text_once() {
        #[derive(Debug, thiserror::Error)]
        enum Layer {
            #[error("no answer")]
            Outer(#[source] Box<Self>),
            #[error(transparent)]
            Inner(std::io::Error),
        }
        let inner = Layer::Inner(std::io::Error::other("refused\nby peer"));
        let outer = Layer::Outer(Box::new(Layer::Outer(Box::new(inner))));
        assert_eq!(with_causes(&outer), "no answer: refused ⏎ by peer");
    }
}
