//! JSON with positions: strict as `serde_json`, with the places that `jsonc-parser` keeps.

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, ParseStringErrorKind, parse_to_ast};
use serde_json::{Map, Value};

use crate::finding::{Code, Finding};
use std::ops::Range;

use crate::source::{SourceFile, line_of, offset_of};

/// Strict JSON: nothing that `jsonc-parser` could forgive.
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

/// A JSON object and where everything in it stands.
pub(super) struct Document {
    /// Every member as it stands, in its order.
    pub(super) fields: Map<String, Value>,
    pub(super) members: Vec<Member>,
    /// The opening brace.
    pub(super) start: Range<usize>,
}

/// Where a member of the object stands.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
    /// For an array: where each element stands.
    pub(super) elements: Vec<Range<usize>>,
}

impl Document {
    /// Reads an object; all that is wrong with the text as JSON is in `findings`.
    pub(super) fn read(source: &SourceFile, findings: &mut Vec<Finding>) -> Option<Self> {
        let text = &*source.text;
        let tree = parse_to_ast(text, &CollectOptions::default(), &STRICT);
        let value = match (serde_json::from_str::<Value>(text), &tree) {
            (Ok(value), _) => value,
            // The more lenient parser reads on to the next quote, and then finds fault with what follows.
            (Err(error), _) if is_control_character(&error) => {
                findings.push(explain_control_character(&error, source));
                return None;
            }
            (Err(_), Err(error)) if !text.trim().is_empty() => {
                let range = error.range();
                let location = source.at(first_line_of(text, range.start, range.end));
                let next = text.get(range.start..).and_then(|rest| rest.chars().next());
                let kind = match (error.kind(), next) {
                    (ParseErrorKind::UnexpectedToken, Some(c)) if c.is_alphabetic() => {
                        &ParseErrorKind::UnexpectedWord
                    }
                    (ParseErrorKind::UnexpectedTokenInObject, Some(',')) => &ParseErrorKind::UnexpectedComma,
                    // A number ended at its leading zero.
                    (ParseErrorKind::ExpectedComma, Some(c)) if c.is_ascii_digit() => {
                        &ParseErrorKind::ExpectedDigit
                    }
                    (kind, _) => kind,
                };
                findings.push(explain(kind).at(location));
                return None;
            }
            (Err(error), _) => {
                let at = offset_of(text, error.line(), error.column());
                findings.push(explain_strict(&error, text).at(source.at(at..at + 1)));
                return None;
            }
        };
        let root = tree.ok().and_then(|tree| tree.value);
        let (Value::Object(fields), Some(ast::Value::Object(object))) = (value, &root) else {
            let message = "the manifest is not a JSON object";
            let range = root.as_ref().map_or(0..1, |root| bytes(root.range()));
            let finding =
                Finding::new(Code::InvalidType, message).with_hint("put the fields between `{` and `}`");
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

    /// Where the member of this name stands; of several, the last: that is the one that counts.
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

/// The part of a range that lies on its first line; empty where something is missing at the line's end.
fn first_line_of(text: &str, start: usize, end: usize) -> Range<usize> {
    let start = start.min(text.len());
    let rest = text.get(start..end.max(start + 1).min(text.len())).unwrap_or_default();
    start..start + rest.find(['\n', '\r']).unwrap_or(rest.len())
}

fn find_duplicates(source: &SourceFile, object: &ast::Object<'_>, findings: &mut Vec<Finding>) {
    let mut seen = std::collections::HashMap::new();
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

/// What is wrong, and the likely mend.
fn explain(kind: &ParseErrorKind) -> Finding {
    let (message, hint) = match kind {
        ParseErrorKind::CommentsNotAllowed | ParseErrorKind::UnterminatedCommentBlock => {
            ("JSON has no comments", "remove the comment")
        }
        ParseErrorKind::TrailingCommasNotAllowed => {
            ("a comma stands behind the last element", "remove the comma")
        }
        ParseErrorKind::SingleQuotedStringsNotAllowed => {
            ("a string stands in single quotes", "use double quotes (`\"`)")
        }
        ParseErrorKind::ExpectedComma => ("a comma is missing here", "add a comma between the two elements"),
        ParseErrorKind::UnexpectedComma => ("a comma stands where a value is expected", "remove the comma"),
        ParseErrorKind::ExpectedColonAfterObjectKey => {
            ("a colon is missing behind the field's name", "write `\"name\": value`")
        }
        ParseErrorKind::ExpectedObjectValue => {
            ("the field has no value", "write a value behind the colon, or remove the field")
        }
        ParseErrorKind::ExpectedStringObjectProperty | ParseErrorKind::UnexpectedTokenInObject => {
            ("a field's name does not stand in double quotes", "write the name in double quotes (`\"`)")
        }
        ParseErrorKind::UnexpectedWord => (
            "a word stands where a value is expected",
            "write strings in double quotes (`\"`); the only bare words are `true`, `false` and `null`",
        ),
        ParseErrorKind::String(ParseStringErrorKind::UnterminatedStringLiteral) => NOT_CLOSED,
        ParseErrorKind::String(_) => (
            "a string is not well formed",
            "escape only with `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t`, `\\uXXXX`",
        ),
        ParseErrorKind::UnterminatedArray => ("the array is not closed", "add the missing `]`"),
        ParseErrorKind::UnterminatedObject => ("the object is not closed", "add the missing `}`"),
        ParseErrorKind::UnexpectedCloseBrace => {
            ("`}` closes nothing here", "remove it, or add the missing `{`")
        }
        ParseErrorKind::UnexpectedCloseBracket => {
            ("`]` closes nothing here", "remove it, or add the missing `[`")
        }
        ParseErrorKind::MultipleRootJsonValues => {
            ("there is more text behind the manifest's end", "remove what stands behind the closing `}`")
        }
        ParseErrorKind::NestingDepthExceeded => TOO_DEEP,
        ParseErrorKind::BareDecimalPointNumbersNotAllowed
        | ParseErrorKind::ExpectedDigit
        | ParseErrorKind::ExpectedDigitFollowingNegativeSign
        | ParseErrorKind::ExpectedPlusMinusOrDigitInNumberLiteral
        | ParseErrorKind::HexadecimalNumbersNotAllowed
        | ParseErrorKind::NonFiniteNumbersNotAllowed
        | ParseErrorKind::UnaryPlusNumbersNotAllowed => {
            ("a number is not written as JSON has it", "write it in decimal digits, such as `10` or `-0.5`")
        }
        ParseErrorKind::UnexpectedColon | ParseErrorKind::UnexpectedToken => {
            ("this is not JSON", Code::ManifestInvalidJson.fix())
        }
    };
    Finding::new(Code::ManifestInvalidJson, message).with_hint(hint)
}

const TOO_DEEP: (&str, &str) = ("the manifest is nested too deep", "flatten it: 100 levels are plenty");

const NOT_CLOSED: (&str, &str) = (
    "the string is not closed",
    "end the string with `\"` on the same line; a line break in it is written `\\n`",
);

fn is_control_character(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("control character")
}

/// A control character inside a string: a line break means that the string's end is missing.
fn explain_control_character(error: &serde_json::Error, source: &SourceFile) -> Finding {
    let text = &*source.text;
    // Behind a `\n` the parser already counts the next line, and its column 0.
    let at = offset_of(text, error.line(), error.column()) - usize::from(error.column() == 0);
    let before = text.get(..at).unwrap_or_default();
    let (range, (message, hint)) = if text.get(at..).is_some_and(|rest| rest.starts_with(['\n', '\r'])) {
        let quotes = before.rmatch_indices('"').map(|(at, _)| at);
        let start = quotes.into_iter().find(|at| !before.get(..*at).is_some_and(|text| text.ends_with('\\')));
        (start.unwrap_or(at)..at, NOT_CLOSED)
    } else {
        (at..at + 1, ("a control character stands inside a string", "write it as `\\t` or `\\uXXXX`"))
    };
    Finding::new(Code::ManifestInvalidJson, message).with_hint(hint).at(source.at(range))
}

/// What only the stricter of the two parsers refuses.
fn explain_strict(error: &serde_json::Error, text: &str) -> Finding {
    let cause = error.to_string();
    let (message, hint) = if text.trim().is_empty() {
        ("the manifest is empty".to_owned(), "write the function's fields between `{` and `}`")
    } else if cause.starts_with("recursion limit") {
        (TOO_DEEP.0.to_owned(), TOO_DEEP.1)
    } else {
        let cause = cause.split(" at line ").next().unwrap_or_default();
        (format!("this is not JSON: {cause}"), Code::ManifestInvalidJson.fix())
    };
    Finding::new(Code::ManifestInvalidJson, message).with_hint(hint)
}
