//! JSON with positions: as strict as `serde_json`, with the ranges that `jsonc-parser` keeps.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, ParseOptions, ParseResult, parse_to_ast};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::finding::{Code, Finding};
use crate::function::tsv;
use crate::json_size::count_values;
use crate::source::{SourceFile, offset_of};

/// What the parsers report, in plain words.
const ERRORS: &str = include_str!("json_errors.tsv");

/// What `jsonc-parser` reports where the end of a string is missing.
const UNTERMINATED_STRING: &str = "Unterminated string literal";

/// Most values of a manifest: those that people write have a few dozen.
const MAX_VALUES: usize = 20_000;

/// Largest text of which a syntax error is explained by the parser that explains it better, in bytes: it keeps all that it
/// has read.
const MAX_EXPLAINED_BYTES: usize = 1 << 20;

/// Strict JSON: none of the extensions that `jsonc-parser` knows.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A JSON object, with the ranges of its members.
#[derive(Default)]
pub(super) struct Document {
    /// Every member as written, in its order.
    pub(super) fields: Map<String, Value>,
    pub(super) members: Vec<Member>,
    /// The opening brace.
    pub(super) start: Range<usize>,
}

/// The ranges of a member of the object.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
    /// Of an array: the range of each element.
    pub(super) elements: Vec<Range<usize>>,
}

impl Document {
    /// Reads an object; every problem with the text as JSON is in `findings`.
    pub(super) fn read(source: &SourceFile, findings: &mut Vec<Finding>) -> Option<Self> {
        match count_values(source.text.as_bytes()) {
            Ok(values) if values > MAX_VALUES => {
                let message = format!("the manifest has more than {MAX_VALUES} values");
                let finding = Finding::new(Code::FileTooLarge, message).at(source.whole());
                findings.push(finding.with_hint("move data into a file that the code imports"));
                return None;
            }
            Err(error) => {
                findings.push(syntax_error(&error, source, true));
                return None;
            }
            Ok(_) => {}
        }
        let tree = parse(source);
        let value = serde_json::from_str::<Value>(&source.text).unwrap_or_default();
        let root = tree.ok().and_then(|tree| tree.value);
        let (Value::Object(fields), Some(tree @ ast::Value::Object(object))) = (value, &root) else {
            let range = root.as_ref().map_or(0..1, range_of);
            let finding = Finding::new(Code::InvalidType, "the manifest is not a JSON object");
            let finding = finding.with_hint("put the fields between `{` and `}`");
            findings.push(finding.at(source.at(range)));
            return None;
        };
        find_duplicates(source, tree, findings);
        let start = object.start();
        let members = object.properties.iter().map(Member::of).collect();
        Some(Self { fields, members, start: start..start + 1 })
    }

    /// The member of this name; of several, the last, which is the one that counts.
    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().rfind(|member| member.name == name)
    }
}

impl Member {
    fn of(property: &ast::ObjectProp<'_>) -> Self {
        let elements = property.value.as_array().map_or(&[][..], |array| &array.elements);
        Self {
            name: property.name.as_str().to_owned(),
            key: range_of(&property.name),
            value: range_of(&property.value),
            elements: elements.iter().map(range_of).collect(),
        }
    }
}

fn range_of(node: &impl Ranged) -> Range<usize> {
    node.start()..node.end()
}

/// A finding for every key that an object defines twice, at any depth.
fn find_duplicates(source: &SourceFile, tree: &ast::Value<'_>, findings: &mut Vec<Finding>) {
    for element in tree.as_array().iter().flat_map(|array| &array.elements) {
        find_duplicates(source, element, findings);
    }
    let mut seen = HashMap::new();
    for property in tree.as_object().iter().flat_map(|object| &object.properties) {
        let name = property.name.as_str();
        let range = range_of(&property.name);
        if let Some(first) = seen.insert(name, range.start) {
            let line = source.line_of(first);
            let message = format!("duplicate key `{name}`, first defined on line {line}");
            findings.push(Finding::new(Code::DuplicateKey, message).at(source.at(range)));
        }
        find_duplicates(source, &property.value, findings);
    }
}

fn parse(source: &SourceFile) -> Result<ParseResult<'_>, ParseError> {
    parse_to_ast(&source.text, &CollectOptions::default(), &STRICT)
}

/// The names that a file with data exports: those of its object's members. `None` where they are not known: there are too many to keep.
///
/// # Errors
/// The finding for data that is not JSON.
pub(crate) fn data_names(source: &SourceFile) -> Result<Option<Vec<String>>, Finding> {
    // Unlike values that are kept, what is ignored may be nested to any depth, and have any escapes.
    serde_json::from_str::<IgnoredAny>(&source.text).map_err(|error| {
        let is_deep = count_values(source.text.as_bytes())
            .is_err_and(|error| error.to_string().starts_with("recursion limit exceeded"));
        let mut finding = syntax_error(&error, source, !is_deep);
        if source.text.trim().is_empty() {
            "the file is empty".clone_into(&mut finding.message);
            "write the data, or remove the import".clone_into(&mut finding.hint);
        }
        Finding { code: Code::SyntaxError, ..finding }
    })?;
    if !source.text.trim_start().starts_with('{') {
        return Ok(Some(Vec::new()));
    }
    if !count_values(source.text.as_bytes()).is_ok_and(|values| values <= MAX_VALUES) {
        return Ok(None);
    }
    #[expect(clippy::zero_sized_map_values, reason = "a set is read from a list, and this is an object")]
    let members = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(&source.text);
    Ok(members.ok().map(|members| members.into_keys().collect()))
}

/// The finding for text that `serde_json` rejects. `jsonc-parser`, which is recursive, may explain the problem better.
fn syntax_error(strict: &serde_json::Error, source: &SourceFile, may_explain: bool) -> Finding {
    let text = &*source.text;
    let may_explain = may_explain && text.len() <= MAX_EXPLAINED_BYTES;
    let lenient = may_explain.then(|| parse(source)).and_then(Result::err);
    let at = offset_of(text, strict.line(), strict.column());
    let strict_cause = strict.to_string();
    let (cause, range) = if strict_cause.starts_with("control character") {
        // `jsonc-parser` reads on to the next quote, and reports what comes after it. After a `\n`, `serde_json` is in
        // column 0 of the next line.
        let at = text.floor_char_boundary(at.saturating_sub(usize::from(strict.column() == 0)));
        match unterminated_string(text, at) {
            Some(string) => (UNTERMINATED_STRING.to_owned(), string),
            None => (strict_cause, at..at + 1),
        }
    } else if let Some(error) = lenient {
        (error.kind().to_string(), first_line_of(text, error.range().start, error.range().end))
    } else {
        (strict_cause, at..at + 1)
    };
    explain(&cause, text.get(range.start..).unwrap_or_default()).at(source.at(range))
}

/// The string in which a line ends at an offset: the end of the string is missing.
fn unterminated_string(text: &str, at: usize) -> Option<Range<usize>> {
    let (before, after) = text.split_at(at);
    let mut quotes = before.rmatch_indices('"').map(|(at, _)| at);
    let start = quotes.find(|at| !before.get(..*at).is_some_and(|text| text.ends_with('\\')))?;
    after.starts_with(['\n', '\r']).then_some(start..at)
}

/// The part of a range on its first line; empty where something is missing at the end of the line.
fn first_line_of(text: &str, start: usize, end: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let line_end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
    start..line_end.min(end.max(start + 1))
}

/// The finding for what a parser reports of a text.
fn explain(cause: &str, text: &str) -> Finding {
    let next = text.chars().next();
    let is_next = |class: &str| match class {
        "digit" => next.is_some_and(|c| c.is_ascii_digit()),
        "letter" => next.is_some_and(char::is_alphabetic),
        "comma" => next == Some(','),
        _ => true,
    };
    for row in tsv::rows(ERRORS) {
        if let [start, class, message, hint @ ..] = row.as_slice()
            && cause.starts_with(start)
            && is_next(class)
        {
            let hint = hint.first().copied().unwrap_or(Code::ManifestInvalidJson.fix());
            return Finding::new(Code::ManifestInvalidJson, *message).with_hint(hint);
        }
    }
    let cause = cause.split(" at line ").next().unwrap_or_default();
    Finding::new(Code::ManifestInvalidJson, format!("invalid JSON: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Location;

    fn read(text: &str) -> (Option<Document>, Vec<Finding>) {
        let mut findings = Vec::new();
        let document = Document::read(&SourceFile::published("f", text), &mut findings);
        (document, findings)
    }

    /// Line, column, end line and end column.
    fn location(finding: &Finding) -> [usize; 4] {
        let span = finding.location.as_ref().unwrap().span().unwrap();
        [span.line, span.column, span.end_line, span.end_column]
    }

    /// The only finding of a text that is not a JSON object.
    fn refused(text: &str) -> Finding {
        let (document, mut findings) = read(text);
        assert!(document.is_none() && findings.len() == 1, "{text}: {findings:?}");
        findings.remove(0)
    }

    #[test]
    fn what_is_wrong_is_marked_as_a_whole() {
        let marked = |source: &SourceFile, finding: &Finding| {
            source.show_without(Vec::new());
            finding.location.as_ref().and_then(Location::excerpt).unwrap().parts[1].clone()
        };
        for (text, expected) in
            [("{\"a\": \"ü\tb\"}", "\t"), (r#"{"a": 日}"#, "日"), (r#"{"a": "日" "b": 1}"#, " ")]
        {
            let source = SourceFile::published("f", text);
            let mut findings = Vec::new();
            Document::read(&source, &mut findings);
            assert_eq!(marked(&source, &findings[0]), expected, "{text}");
        }
        for (text, expected) in [("[1,, 2]".to_owned(), ","), ("[".repeat(200), "[")] {
            let data = SourceFile::published("data.json", text);
            assert_eq!(marked(&data, &data_names(&data).unwrap_err()), expected);
        }
    }

    #[test]
    fn an_object_starts_with_its_brace() {
        assert_eq!(read(" {}\n").0.unwrap().start, 1..2);
    }

    #[test]
    fn a_problem_is_explained_where_it_is() {
        const QUOTES: &str = "(`\"`)";
        for (text, columns, message, hint) in [
            (r#"{"a": 1,}"#, [8, 9], "trailing comma", "remove the comma"),
            (r#"{"a": ["ä", "b", ]}"#, [16, 17], "trailing comma", "remove the comma"),
            (r#"{"a": 1, // free"#, [10, 17], "JSON does not allow comments", "remove the comment"),
            ("{/* a\n b */}", [2, 6], "JSON does not allow comments", "remove the comment"),
            (r#"{"a": 'MIT'}"#, [7, 8], "string in single quotes", QUOTES),
            ("{'a': 1}", [2, 3], "string in single quotes", QUOTES),
            (r#"{"a": 1 "b": 2}"#, [8, 9], "missing comma", "add a comma"),
            (r#"{"a": [1 2]}"#, [9, 10], "missing comma", "add a comma"),
            (r#"{"a": 1,, "b": 2}"#, [9, 10], "unexpected comma", "remove the comma"),
            (r#"{"a": "b"#, [7, 9], "unterminated string", "end the string with `\"`"),
            ("{\"a\": \"b\n}", [7, 9], "unterminated string", "end the string with `\"`"),
            ("{\"a\": \"\\\"b\r\n}", [7, 11], "unterminated string", "end the string with `\"`"),
            ("{\"a\": \"ü\tb\"}", [9, 10], "control character in a string", "write it as `\\t`"),
            ("{\"a\": \"ü\u{7}b\"}", [9, 10], "control character in a string", "`\\uXXXX`"),
            (r#"{"a": "M\IT"}"#, [9, 11], "invalid escape sequence in a string", "use only"),
            ("{a: 1}", [2, 3], "name without double quotes", QUOTES),
            (r#"{"a": MIT}"#, [7, 10], "unexpected word", QUOTES),
            (r#"{"a": True}"#, [7, 11], "unexpected word", "`true`"),
            (r#"{"a" 1}"#, [6, 7], "missing colon after the name", "`\"name\": value`"),
            (r#"{"a":"#, [6, 7], "missing value", "write a value"),
            (r#"{"a": 0x10}"#, [7, 8], "invalid number", "decimal digits"),
            (r#"{"a": 01}"#, [8, 9], "invalid number", "decimal digits"),
            (r#"{"a": .5}"#, [7, 8], "invalid number", "decimal digits"),
            (r#"{"a": 1"#, [1, 8], "unclosed object", "add the missing `}`"),
            (r#"{"a": [1"#, [7, 9], "unclosed array", "add the missing `]`"),
            ("}", [1, 2], "unexpected `}`", "add the missing `{`"),
            ("]", [1, 2], "unexpected `]`", "add the missing `[`"),
            ("{}{}", [3, 4], "unexpected text after the end of the JSON", "remove it"),
            ("", [1, 2], "the manifest is empty", "between `{` and `}`"),
            (r#"{"a": "\ud800"}"#, [8, 15], "invalid escape sequence in a string", "use only"),
        ] {
            let finding = refused(text);
            let [start, end] = columns;
            assert_eq!(
                (location(&finding), finding.message.as_str()),
                ([1, start, 1, end], message),
                "{text}"
            );
            assert_eq!(finding.code, Code::ManifestInvalidJson, "{text}");
            assert!(finding.hint.contains(hint), "{text}: {}", finding.hint);
        }
    }

    #[test]
    fn everything_that_the_parser_reports_is_in_the_table() {
        use jsonc_parser::ParseStringErrorKind;
        use jsonc_parser::errors::ParseErrorKind::*;
        for row in tsv::rows(ERRORS) {
            assert!((3..=4).contains(&row.len()), "{row:?}");
            assert!(["any", "digit", "letter", "comma"].contains(&row[1]), "{row:?}");
        }
        for kind in [
            BareDecimalPointNumbersNotAllowed,
            CommentsNotAllowed,
            ExpectedColonAfterObjectKey,
            ExpectedObjectValue,
            ExpectedDigit,
            ExpectedDigitFollowingNegativeSign,
            ExpectedPlusMinusOrDigitInNumberLiteral,
            ExpectedStringObjectProperty,
            HexadecimalNumbersNotAllowed,
            ExpectedComma,
            MultipleRootJsonValues,
            NonFiniteNumbersNotAllowed,
            SingleQuotedStringsNotAllowed,
            String(ParseStringErrorKind::InvalidEscapeInSingleQuoteString),
            String(ParseStringErrorKind::InvalidEscapeInDoubleQuoteString),
            String(ParseStringErrorKind::ExpectedFourHexDigits),
            String(ParseStringErrorKind::ExpectedTwoHexDigits),
            String(ParseStringErrorKind::InvalidUnicodeEscapeSequence("d800".to_owned())),
            String(ParseStringErrorKind::InvalidEscape),
            String(ParseStringErrorKind::UnterminatedStringLiteral),
            TrailingCommasNotAllowed,
            UnaryPlusNumbersNotAllowed,
            UnexpectedCloseBrace,
            UnexpectedCloseBracket,
            UnexpectedColon,
            UnexpectedComma,
            UnexpectedToken,
            UnexpectedTokenInObject,
            UnexpectedWord,
            UnterminatedArray,
            UnterminatedCommentBlock,
            UnterminatedObject,
            NestingDepthExceeded,
        ] {
            let cause = kind.to_string();
            assert!(!explain(&cause, "").message.contains(&cause), "{cause}");
        }
    }

    #[test]
    fn a_word_and_a_comma_are_only_named_where_they_are() {
        let message = |cause: &str, text: &str| explain(cause, text).message;
        for (cause, text, expected) in [
            ("Unexpected token", "MIT", "unexpected word"),
            ("Unexpected token in object", ",", "unexpected comma"),
            ("Expected comma", "1", "invalid number"),
        ] {
            assert_eq!(message(cause, text), expected, "{cause}");
            assert_ne!(message(cause, "%"), expected, "{cause}");
        }
    }

    #[test]
    fn a_long_text_is_not_explained_by_the_recursive_parser() {
        let text = |length: usize| format!("{{\"a\": 1 {}\"b\": 2}}", " ".repeat(length));
        // It points to where the comma is missing, the strict one to what comes instead.
        assert_eq!(location(&refused(&text(9)))[1], 8);
        assert!(location(&refused(&text(MAX_EXPLAINED_BYTES)))[1] > MAX_EXPLAINED_BYTES);
    }

    #[test]
    fn the_number_of_values_is_limited() {
        let with = |values: usize| format!("{{\"a\": [{}0]}}", "0,".repeat(values - 3));
        assert!(read(&with(MAX_VALUES)).0.is_some());
        let finding = refused(&with(MAX_VALUES + 1));
        assert_eq!(
            (finding.code, finding.message.as_str()),
            (Code::FileTooLarge, "the manifest has more than 20000 values")
        );
    }

    #[test]
    fn a_file_with_data_exports_the_names_of_its_object() {
        let names = |text: &str| data_names(&SourceFile::published("data.json", text));
        let owned =
            |names: &[&str]| Ok(Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()));
        for (text, expected) in [
            (r#"{"b": 1, "a": {"c": 2}}"#, &["a", "b"][..]),
            ("\n {}", &[]),
            (r#"[{"a": 1}]"#, &[]),
            ("1", &[]),
        ] {
            assert_eq!(names(text), owned(expected), "{text}");
        }
        let members = |count: usize| {
            let members: Vec<_> = (0..count).map(|number| format!("\"{number}\": 0")).collect();
            names(&format!("{{{}}}", members.join(",")))
        };
        assert_eq!(members(MAX_VALUES - 1).unwrap().map(|names| names.len()), Some(MAX_VALUES - 1));
        assert_eq!(members(MAX_VALUES), Ok(None));
        // Deeper than values that are kept.
        assert_eq!(names(&format!("{}{}", "[".repeat(500), "]".repeat(500))), owned(&[]));
        for (text, message) in
            [(" \n", "the file is empty"), ("{\"a\": 1,}", "trailing comma"), ("[1", "unclosed array")]
        {
            let finding = names(text).unwrap_err();
            assert_eq!((finding.code, finding.message.as_str()), (Code::SyntaxError, message), "{text}");
        }
    }

    #[test]
    fn a_text_of_white_space_is_empty() {
        assert_eq!(refused(" \n\n").message, "the manifest is empty");
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth| format!("{{\"a\":\n{}{}}}", "[".repeat(depth), "]".repeat(depth));
        for depth in [200, 50_000] {
            let finding = refused(&nested(depth));
            assert_eq!(location(&finding)[0], 2, "{depth}");
            assert_eq!(finding.message, "the manifest is nested too deeply", "{depth}");
        }
        assert!(read(&nested(100)).0.is_some());
    }

    #[test]
    fn only_an_object_is_a_manifest() {
        for (text, at) in [
            ("[]", [1, 1, 1, 3]),
            ("\n  \"greeter\"\n", [2, 3, 2, 12]),
            ("null", [1, 1, 1, 5]),
            ("7", [1, 1, 1, 2]),
            ("[\n{}]", [1, 1, 2, 4]),
        ] {
            let finding = refused(text);
            assert_eq!((finding.code, location(&finding)), (Code::InvalidType, at), "{text}");
        }
    }

    #[test]
    fn a_duplicate_key_is_found_in_every_object() {
        for (text, columns, key) in [
            (r#"{"a": 1, "b": 2, "a": 3}"#, [18, 21], "a"),
            (r#"{"x": [{"a": {"b": 1, "ü": 2, "b": 3}}]}"#, [31, 34], "b"),
            (r#"{"name": 1, "n\u0061me": 2}"#, [13, 24], "name"),
        ] {
            let (document, findings) = read(text);
            let [finding] = findings.as_slice() else { panic!("{text}: {findings:?}") };
            let [start, end] = columns;
            assert!(document.is_some());
            assert_eq!((finding.code, location(finding)), (Code::DuplicateKey, [1, start, 1, end]), "{text}");
            assert_eq!(finding.message, format!("duplicate key `{key}`, first defined on line 1"));
        }
        assert_eq!(read(r#"{"x": [{"a": {"b": 1}}, {"a": {"b": 1}}]}"#).1, []);
    }
}
