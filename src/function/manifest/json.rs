//! JSON with positions: as strict as `serde_json`, with the ranges that `jsonc-parser` keeps.

use std::collections::HashMap;
use std::ops::Range;

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, ParseStringErrorKind, parse_to_ast};
use serde_json::{Map, Value};

use crate::finding::{Code, Finding};
use crate::source::{SourceFile, line_of, offset_of};

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
        let tree = parse_to_ast(&source.text, &CollectOptions::default(), &STRICT);
        let value = match serde_json::from_str::<Value>(&source.text) {
            Ok(value) => value,
            Err(error) => {
                findings.push(syntax_error(&error, tree.err().as_ref(), source));
                return None;
            }
        };
        let root = tree.ok().and_then(|tree| tree.value);
        let (Value::Object(fields), Some(ast::Value::Object(object))) = (value, &root) else {
            let range = root.as_ref().map_or(0..1, |root| bytes(root.range()));
            let finding = Finding::new(Code::InvalidType, "the manifest is not a JSON object");
            let finding = finding.with_hint("put the fields between `{` and `}`");
            findings.push(finding.at(source.at(range)));
            return None;
        };
        find_duplicates(source, object, findings);
        let start = object.range.start;
        Some(Self {
            fields,
            members: object.properties.iter().map(Member::of).collect(),
            start: start..start + 1,
        })
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
            key: bytes(name_range(&property.name)),
            value: bytes(property.value.range()),
            elements: elements.iter().map(|element| bytes(element.range())).collect(),
        }
    }
}

fn bytes(range: jsonc_parser::common::Range) -> Range<usize> {
    range.start..range.end
}

fn name_range(name: &ObjectPropName<'_>) -> jsonc_parser::common::Range {
    match name {
        ObjectPropName::String(literal) => literal.range,
        ObjectPropName::Word(literal) => literal.range,
    }
}

/// The part of a range on its first line; empty where something is missing at the end of the line.
fn first_line_of(text: &str, start: usize, end: usize) -> Range<usize> {
    let start = start.min(text.len());
    let rest = text.get(start..end.max(start + 1).min(text.len())).unwrap_or_default();
    start..start + rest.find(['\n', '\r']).unwrap_or(rest.len())
}

fn find_duplicates(source: &SourceFile, object: &ast::Object<'_>, findings: &mut Vec<Finding>) {
    let mut seen = HashMap::new();
    for property in &object.properties {
        let name = property.name.as_str();
        let range = bytes(name_range(&property.name));
        if let Some(first) = seen.insert(name, range.start) {
            let line = line_of(&source.text, first);
            let message = format!("duplicate key `{name}`, first defined on line {line}");
            findings.push(Finding::new(Code::DuplicateKey, message).at(source.at(range)));
        }
        find_duplicates_within(source, &property.value, findings);
    }
}

fn find_duplicates_within(source: &SourceFile, value: &ast::Value<'_>, findings: &mut Vec<Finding>) {
    match value {
        ast::Value::Object(object) => find_duplicates(source, object, findings),
        ast::Value::Array(array) => {
            for element in &array.elements {
                find_duplicates_within(source, element, findings);
            }
        }
        ast::Value::StringLit(_)
        | ast::Value::NumberLit(_)
        | ast::Value::BooleanLit(_)
        | ast::Value::NullKeyword(_) => {}
    }
}

/// A message and a hint.
type Explanation = (&'static str, &'static str);

const EMPTY: Explanation = ("the manifest is empty", "write the function's fields between `{` and `}`");

const TOO_DEEP: Explanation = ("the manifest is nested too deeply", "use at most 100 levels of nesting");

const UNTERMINATED_STRING: Explanation =
    ("unterminated string", "end the string with `\"` on the same line; write a line break in it as `\\n`");

/// The finding for text that `serde_json` rejects. `jsonc-parser` explains the problem better if it finds one too.
fn syntax_error(strict: &serde_json::Error, lenient: Option<&ParseError>, source: &SourceFile) -> Finding {
    let text = &*source.text;
    let cause = strict.to_string();
    let at = offset_of(text, strict.line(), strict.column());
    let finding =
        |(message, hint): Explanation| Finding::new(Code::ManifestInvalidJson, message).with_hint(hint);
    let (finding, range) = if cause.starts_with("control character") {
        // `jsonc-parser` reads on to the next quote, and reports what comes after it. After a `\n`, `serde_json` is in
        // column 0 of the next line.
        let (explanation, range) =
            explain_control_character(text, at.saturating_sub(usize::from(strict.column() == 0)));
        (finding(explanation), range)
    } else if text.trim().is_empty() {
        (finding(EMPTY), at..at + 1)
    } else if let Some(error) = lenient {
        (finding(explain(error, text)), first_line_of(text, error.range().start, error.range().end))
    } else if cause.starts_with("recursion limit") {
        (finding(TOO_DEEP), at..at + 1)
    } else {
        let cause = cause.split(" at line ").next().unwrap_or_default();
        (Finding::new(Code::ManifestInvalidJson, format!("invalid JSON: {cause}")), at..at + 1)
    };
    finding.at(source.at(range))
}

/// A control character inside a string: a line break means that the end of the string is missing.
fn explain_control_character(text: &str, at: usize) -> (Explanation, Range<usize>) {
    let (before, after) = text.split_at(text.floor_char_boundary(at));
    if after.starts_with(['\n', '\r']) {
        let mut quotes = before.rmatch_indices('"').map(|(at, _)| at);
        let start = quotes.find(|at| !before.get(..*at).is_some_and(|text| text.ends_with('\\')));
        (UNTERMINATED_STRING, start.unwrap_or(at)..at)
    } else {
        (("control character in a string", "write it as `\\t` or `\\uXXXX`"), at..at + 1)
    }
}

/// What is wrong, and the likely fix.
fn explain(error: &ParseError, text: &str) -> Explanation {
    const UNEXPECTED_WORD: Explanation = (
        "unexpected word",
        "write strings in double quotes (`\"`); the only words without quotes are `true`, `false` and `null`",
    );
    const UNEXPECTED_COMMA: Explanation = ("unexpected comma", "remove the comma");
    const INVALID_NUMBER: Explanation =
        ("invalid number", "write it in decimal digits, such as `10` or `-0.5`");
    let next = text.get(error.range().start..).and_then(|rest| rest.chars().next());
    match error.kind() {
        ParseErrorKind::CommentsNotAllowed | ParseErrorKind::UnterminatedCommentBlock => {
            ("JSON does not allow comments", "remove the comment")
        }
        ParseErrorKind::TrailingCommasNotAllowed => ("trailing comma", "remove the comma"),
        ParseErrorKind::SingleQuotedStringsNotAllowed => {
            ("string in single quotes", "use double quotes (`\"`)")
        }
        // The number ended at its leading zero.
        ParseErrorKind::ExpectedComma if next.is_some_and(|c| c.is_ascii_digit()) => INVALID_NUMBER,
        ParseErrorKind::ExpectedComma => ("missing comma", "add a comma between the two elements"),
        ParseErrorKind::UnexpectedTokenInObject if next == Some(',') => UNEXPECTED_COMMA,
        ParseErrorKind::UnexpectedComma => UNEXPECTED_COMMA,
        ParseErrorKind::ExpectedColonAfterObjectKey => {
            ("missing colon after the field's name", "write `\"name\": value`")
        }
        ParseErrorKind::ExpectedObjectValue => {
            ("missing value", "write a value after the colon, or remove the field")
        }
        ParseErrorKind::ExpectedStringObjectProperty | ParseErrorKind::UnexpectedTokenInObject => {
            ("field name without double quotes", "write the name in double quotes (`\"`)")
        }
        ParseErrorKind::UnexpectedToken if next.is_some_and(char::is_alphabetic) => UNEXPECTED_WORD,
        ParseErrorKind::UnexpectedWord => UNEXPECTED_WORD,
        ParseErrorKind::String(ParseStringErrorKind::UnterminatedStringLiteral) => UNTERMINATED_STRING,
        ParseErrorKind::String(_) => (
            "invalid escape sequence in a string",
            "use only `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\uXXXX`",
        ),
        ParseErrorKind::UnterminatedArray => ("unclosed array", "add the missing `]`"),
        ParseErrorKind::UnterminatedObject => ("unclosed object", "add the missing `}`"),
        ParseErrorKind::UnexpectedCloseBrace => ("unexpected `}`", "remove it, or add the missing `{`"),
        ParseErrorKind::UnexpectedCloseBracket => ("unexpected `]`", "remove it, or add the missing `[`"),
        ParseErrorKind::MultipleRootJsonValues => {
            ("unexpected text after the end of the manifest", "remove the text after the closing `}`")
        }
        ParseErrorKind::NestingDepthExceeded => TOO_DEEP,
        ParseErrorKind::BareDecimalPointNumbersNotAllowed
        | ParseErrorKind::ExpectedDigit
        | ParseErrorKind::ExpectedDigitFollowingNegativeSign
        | ParseErrorKind::ExpectedPlusMinusOrDigitInNumberLiteral
        | ParseErrorKind::HexadecimalNumbersNotAllowed
        | ParseErrorKind::NonFiniteNumbersNotAllowed
        | ParseErrorKind::UnaryPlusNumbersNotAllowed => INVALID_NUMBER,
        ParseErrorKind::UnexpectedColon | ParseErrorKind::UnexpectedToken => {
            ("invalid JSON", Code::ManifestInvalidJson.fix())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("{a: 1}", [2, 3], "field name without double quotes", QUOTES),
            (r#"{"a": MIT}"#, [7, 10], "unexpected word", QUOTES),
            (r#"{"a": True}"#, [7, 11], "unexpected word", "`true`"),
            (r#"{"a" 1}"#, [6, 7], "missing colon after the field's name", "`\"name\": value`"),
            (r#"{"a":"#, [6, 7], "missing value", "write a value"),
            (r#"{"a": 0x10}"#, [7, 8], "invalid number", "decimal digits"),
            (r#"{"a": 01}"#, [8, 9], "invalid number", "decimal digits"),
            (r#"{"a": .5}"#, [7, 8], "invalid number", "decimal digits"),
            (r#"{"a": 1"#, [1, 8], "unclosed object", "add the missing `}`"),
            (r#"{"a": [1"#, [7, 9], "unclosed array", "add the missing `]`"),
            ("}", [1, 2], "unexpected `}`", "add the missing `{`"),
            ("]", [1, 2], "unexpected `]`", "add the missing `[`"),
            ("{}{}", [3, 4], "unexpected text after the end of the manifest", "closing `}`"),
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
    fn a_text_of_white_space_is_empty() {
        assert_eq!(refused(" \n\n").message, "the manifest is empty");
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth| format!("{{\"a\":\n{}{}}}", "[".repeat(depth), "]".repeat(depth));
        for depth in [200, 50_000] {
            let finding = refused(&nested(depth));
            assert_eq!((location(&finding)[0], finding.message.as_str()), (2, TOO_DEEP.0), "{depth}");
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
