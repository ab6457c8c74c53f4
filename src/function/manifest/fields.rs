//! The manifest, `aerostack.json`: every rule of the Hub's field table, all violations at once.

use crate::text;
use std::collections::BTreeMap;
use std::fmt;

use oxc_syntax::identifier::is_identifier_name;
use oxc_syntax::keyword::is_reserved_keyword;
use semver::Version;
use serde_json::{Map, Value};

use super::json::{Document, Member};
use super::{license, npm};
use crate::finding::{Code, Finding};
use std::ops::Range;

use crate::source::{Location, SourceFile, line_of};

/// The manifest's file name (Aerostack documentation, "Publishing to the Hub").
pub(crate) const FILE_NAME: &str = "aerostack.json";

/// The Hub's categories (Aerostack documentation, field table: `category`; case-sensitive).
pub const CATEGORIES: [&str; 10] = [
    "auth",
    "payments",
    "media",
    "email",
    "ai",
    "database",
    "utility",
    "analytics",
    "notifications",
    "storage",
];

/// Languages a function may be written in (same table: `language`).
pub const LANGUAGES: [&str; 2] = ["typescript", "javascript"];

/// Runtimes a function may run on (same table: `runtime`).
pub const RUNTIMES: [&str; 1] = ["cloudflare-worker"];

/// Most tags a function may carry (same table: `tags`, at most 10).
pub const MAX_TAGS: usize = 10;

/// The type of a manifest field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// An array of strings.
    Texts,
    /// `true` or `false`.
    Flag,
}

/// One field of the manifest (Aerostack documentation, field table).
pub struct Field {
    /// The field's name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether a manifest must have it.
    pub required: bool,
}

/// Every documented field.
pub const FIELDS: [Field; 14] = [
    field("name", Kind::Text, true),
    field("version", Kind::Text, true),
    field("description", Kind::Text, true),
    field("category", Kind::Text, true),
    field("language", Kind::Text, true),
    field("runtime", Kind::Text, true),
    field("license", Kind::Text, true),
    field("tags", Kind::Texts, false),
    field("entrypoint", Kind::Text, true),
    field("routePath", Kind::Text, false),
    field("routeExport", Kind::Text, false),
    field("npmDependencies", Kind::Texts, false),
    field("envVars", Kind::Texts, false),
    field("drizzleSchema", Kind::Flag, false),
];

const fn field(name: &'static str, kind: Kind, required: bool) -> Field {
    Field { name, kind, required }
}

/// Fields of the request that a manifest can't set: the step writes them itself.
const OVERWRITTEN: [&str; 2] = ["code", "publish"];

/// A function's slug on the Hub: `a-z`, `0-9` and single hyphens between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slug(String);

impl Slug {
    /// The slug the Hub makes of a name (Go CLI, "must match API slugify for upsert").
    pub(crate) fn of(name: &str) -> Self {
        let mut slug = String::new();
        for c in name.trim().to_lowercase().chars() {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if (c.is_ascii_whitespace() || matches!(c, '-' | '_')) && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        Self(slug.trim_matches('-').to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A manifest as far as it could be understood.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    pub(crate) source: SourceFile,
    /// Every field as it stands, known or not.
    pub(crate) fields: Map<String, Value>,
    /// Byte ranges of the values of fields.
    ranges: BTreeMap<String, Range<usize>>,
    /// The name as written, right or wrong.
    pub(crate) name: Option<String>,
    pub(crate) slug: Option<Slug>,
    pub(crate) version: Option<Version>,
    /// The path as written, right or wrong.
    pub(crate) entrypoint: Option<String>,
}

impl Manifest {
    /// Reads and judges a manifest; what is wrong with it is all in `findings`.
    pub(crate) fn read(source: SourceFile, findings: &mut Vec<Finding>) -> Self {
        let Some(document) = Document::read(&source, findings) else {
            return Self {
                source,
                fields: Map::new(),
                ranges: BTreeMap::new(),
                name: None,
                slug: None,
                version: None,
                entrypoint: None,
            };
        };
        let mut judge = Judge { source: &source, document: &document, findings };
        let name = judge.name();
        let version = judge.version();
        judge.description();
        judge.one_of("category", &CATEGORIES, Code::InvalidCategory);
        judge.one_of("language", &LANGUAGES, Code::InvalidLanguage);
        judge.one_of("runtime", &RUNTIMES, Code::InvalidRuntime);
        judge.license();
        judge.tags();
        let entrypoint = judge.text("entrypoint").map(|(text, _)| text.to_owned());
        judge.route_path();
        judge.route_export();
        judge.npm_dependencies();
        judge.env_vars();
        judge.flag("drizzleSchema");
        judge.unknown_fields();
        Self {
            slug: name.as_deref().map(Slug::of).filter(|slug| !slug.as_str().is_empty()),
            name,
            version,
            entrypoint,
            ranges: document
                .members
                .iter()
                .map(|member| (member.name.clone(), member.value.clone()))
                .collect(),
            fields: document.fields,
            source,
        }
    }

    /// A field's text; nothing if it is missing or no text.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// The texts of a field; nothing if it is no array. A missing field has none.
    pub(crate) fn texts(&self, field: &str) -> Option<Vec<&str>> {
        let Some(value) = self.fields.get(field) else { return Some(Vec::new()) };
        Some(value.as_array()?.iter().filter_map(Value::as_str).collect())
    }

    /// The location of a field's value; the file as a whole if the field is missing.
    pub(crate) fn location(&self, field: &str) -> Location {
        self.ranges.get(field).map_or_else(|| self.source.whole(), |range| self.source.at(range.clone()))
    }
}

struct Judge<'a> {
    source: &'a SourceFile,
    document: &'a Document,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Judge<'a> {
    fn find(
        &mut self,
        code: Code,
        range: &Range<usize>,
        message: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) {
        let finding = Finding::new(code, message).at(self.source.at(range.clone()));
        self.findings.push(match hint.into() {
            Some(hint) => finding.with_hint(hint),
            None => finding,
        });
    }

    /// A field's value and place; a finding if it is required and not there.
    fn value(&mut self, name: &str) -> Option<(&'a Value, &'a Member)> {
        let document = self.document;
        if let (Some(value), Some(member)) = (document.fields.get(name), document.member(name)) {
            return Some((value, member));
        }
        if FIELDS.iter().any(|field| field.name == name && field.required) {
            let near = document.members.iter().find(|member| {
                text::did_you_mean(&member.name, FIELDS.iter().map(|field| field.name)) == Some(name)
            });
            let hint = match near {
                Some(member) => format!(
                    "rename `{}` at line {} to `{name}`",
                    member.name,
                    line_of(&self.source.text, member.key.start)
                ),
                None => format!("add `\"{name}\": {}`", example_of(name)),
            };
            self.find(Code::MissingField, &document.start, format!("the field `{name}` is missing"), hint);
        }
        None
    }

    fn wrong_type(&mut self, name: &str, span: &Range<usize>, wanted: &str, value: &Value) {
        let message = format!("`{name}` is {}, not {wanted}", type_of(value));
        self.find(Code::InvalidType, span, message, format!("write {wanted}"));
    }

    fn text(&mut self, name: &str) -> Option<(&'a str, &'a Range<usize>)> {
        let (value, member) = self.value(name)?;
        if let Value::String(text) = value {
            return Some((text, &member.value));
        }
        self.wrong_type(name, &member.value, "a string", value);
        None
    }

    /// The strings of an array, each with its place.
    fn texts(&mut self, name: &str) -> Vec<(&'a str, &'a Range<usize>)> {
        let Some((value, member)) = self.value(name) else { return Vec::new() };
        let Value::Array(elements) = value else {
            self.wrong_type(name, &member.value, "an array of strings", value);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for (element, span) in elements.iter().zip(&member.elements) {
            match element {
                Value::String(text) => texts.push((text.as_str(), span)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    self.wrong_type(&format!("an element of {name}"), span, "a string", element);
                }
            }
        }
        texts
    }

    fn flag(&mut self, name: &str) {
        if let Some((value, member)) = self.value(name)
            && !value.is_boolean()
        {
            self.wrong_type(name, &member.value, "`true` or `false`", value);
        }
    }

    /// A name is right if it is its own slug.
    fn name(&mut self) -> Option<String> {
        let (name, span) = self.text("name")?;
        let slug = Slug::of(name);
        if slug.as_str().is_empty() {
            self.find(Code::InvalidName, span, format!("`{name}` leaves nothing for an address"), None);
        } else if slug.as_str() != name {
            let message = format!("`{name}` is not what its address on the Hub would be");
            self.find(Code::InvalidName, span, message, format!("write `{slug}`"));
        }
        Some(name.to_owned())
    }

    fn version(&mut self) -> Option<Version> {
        let (text, span) = self.text("version")?;
        match Version::parse(text) {
            Ok(version) => Some(version),
            Err(cause) => {
                let hint = nearest_version(text).map(|version| format!("write `{version}`"));
                let message = format!("`{text}` is not a version of SemVer 2.0.0 ({cause})");
                self.find(Code::InvalidVersion, span, message, hint);
                None
            }
        }
    }

    fn description(&mut self) {
        if let Some((text, span)) = self.text("description")
            && text.trim().is_empty()
        {
            self.find(Code::InvalidDescription, span, "the description is blank", None);
        }
    }

    fn one_of(&mut self, name: &str, allowed: &[&str], code: Code) {
        let Some((text, span)) = self.text(name) else { return };
        if allowed.contains(&text) {
            return;
        }
        let list: Vec<_> = allowed.iter().map(|word| format!("`{word}`")).collect();
        let list = format!("allowed: {}", list.join(", "));
        let meant = text::did_you_mean(text, allowed.iter().copied());
        let hint = meant.map(|word| format!("did you mean `{word}`? ")).unwrap_or_default() + &list;
        self.find(code, span, format!("`{text}` is not a {name} of the Hub"), hint);
    }

    fn license(&mut self) {
        let Some((text, span)) = self.text("license") else { return };
        // Deprecated identifiers (`GPL-2.0`) are still on the SPDX list, and so valid.
        let mode = spdx::ParseMode { allow_deprecated: true, ..spdx::ParseMode::STRICT };
        if let Err(cause) = spdx::Expression::parse_mode(text, mode) {
            let message = format!("`{text}` is not a valid SPDX expression ({})", cause.reason);
            self.find(Code::InvalidLicense, span, message, license::nearest_license(text));
        }
    }

    fn tags(&mut self) {
        let tags = self.texts("tags");
        let mut seen: BTreeMap<&str, &Range<usize>> = BTreeMap::new();
        for (tag, span) in &tags {
            if tag.trim().is_empty() {
                self.find(Code::InvalidTag, span, "the tag is blank", None);
            } else if let Some(first) = seen.insert(tag, span) {
                let message = format!(
                    "the tag `{tag}` stands twice, first at line {}",
                    line_of(&self.source.text, first.start)
                );
                self.find(Code::DuplicateTag, span, message, None);
            }
        }
        let elements = self.document.member("tags").map_or(&[][..], |member| &member.elements);
        if let (Some(first), Some(last)) = (elements.get(MAX_TAGS), elements.last()) {
            let message = format!("{} tags, where the Hub takes at most {MAX_TAGS}", elements.len());
            let span = first.start..last.end;
            self.find(Code::TooManyTags, &span, message, None);
        }
    }

    fn route_path(&mut self) {
        let Some((path, span)) = self.text("routePath") else { return };
        let reason = if !path.starts_with('/') {
            "does not start with `/`"
        } else if path.contains(|c: char| c.is_whitespace() || c.is_control()) {
            "holds a blank"
        } else if path.contains('?') {
            "holds a query (`?`)"
        } else if path.contains('#') {
            "holds a fragment (`#`)"
        } else {
            return;
        };
        self.find(Code::InvalidRoutePath, span, format!("the route `{path}` {reason}"), None);
    }

    fn route_export(&mut self) {
        let Some((name, span)) = self.text("routeExport") else { return };
        if !is_identifier(name) {
            let message = format!("`{name}` is not a JavaScript identifier");
            self.find(Code::InvalidRouteExport, span, message, None);
        }
    }

    fn npm_dependencies(&mut self) {
        for (entry, span) in self.texts("npmDependencies") {
            if let Err(reason) = npm::check_npm_dependency(entry) {
                let message = format!("`{entry}` is not an npm package: {reason}");
                self.find(Code::InvalidNpmDependency, span, message, None);
            }
        }
    }

    fn env_vars(&mut self) {
        for (name, span) in self.texts("envVars") {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(word) {
                let message = format!("`{name}` is not the name of an environment variable");
                self.find(Code::InvalidEnvVar, span, message, None);
            }
        }
    }

    /// Unknown fields go to the Hub as they are; a warning only where one looks like a slip.
    fn unknown_fields(&mut self) {
        for member in &self.document.members {
            let name = member.name.as_str();
            if FIELDS.iter().any(|field| field.name == name) {
                continue;
            }
            if OVERWRITTEN.contains(&name) {
                let message = format!("`{name}` has no effect here: the publish step sets it itself");
                self.find(Code::UnknownField, &member.key, message, "remove the field".to_owned());
            } else if let Some(meant) = text::did_you_mean(name, FIELDS.iter().map(|field| field.name)) {
                let message = format!("`{name}` is not a field the Hub knows");
                self.find(Code::UnknownField, &member.key, message, format!("did you mean `{meant}`?"));
            }
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "`null`",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A value that a required field could have.
fn example_of(field: &str) -> String {
    let value = match field {
        "name" => "my-function",
        "version" => "1.0.0",
        "description" => "what the function does",
        "category" => "utility",
        "language" => "typescript",
        "runtime" => "cloudflare-worker",
        "license" => "MIT",
        _ => "index.ts",
    };
    format!("\"{value}\"")
}

/// The version that was probably meant: without `v`, blanks and leading zeros, with three numbers.
fn nearest_version(text: &str) -> Option<Version> {
    let text = text.trim().trim_start_matches(['v', 'V', '=']);
    let (numbers, rest) = text.split_at(text.find(['-', '+']).unwrap_or(text.len()));
    let mut numbers: Vec<u64> = numbers
        .split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()
        .filter(|parts: &Vec<_>| parts.len() <= 3)?;
    numbers.resize(3, 0);
    let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
    Version::parse(&format!("{}{rest}", numbers.join("."))).ok()
}

/// A JavaScript identifier that can be declared in a module (ECMAScript, `Identifier` in strict mode).
pub(crate) fn is_identifier(name: &str) -> bool {
    is_identifier_name(name) && !is_reserved_keyword(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_as_the_hub_makes_it() {
        for (name, slug) in [
            ("Image Resizer", "image-resizer"),
            (" a__b--c ", "a-b-c"),
            ("-é!x-", "x"),
            ("a \u{a0}b", "a-b"),
            ("ünïcode", "ncode"),
            ("!!!", ""),
        ] {
            assert_eq!(Slug::of(name).as_str(), slug, "{name}");
        }
    }

    #[test]
    fn a_version_that_was_nearly_right_is_mended() {
        for (text, version) in [("v1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("01.2.3-rc.1", "1.2.3-rc.1")] {
            assert_eq!(nearest_version(text).unwrap().to_string(), version);
        }
        assert!(nearest_version("latest").is_none());
    }

    #[test]
    fn npm_names_follow_npm() {
        for good in ["hono", "@scope/name", "hono@^4.0.0", "@scope/name@>=1 <2", "lodash.merge", "a@latest"] {
            assert!(npm::check_npm_dependency(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "Hono",
            " hono",
            "hono@",
            "@scope",
            "@/x",
            "@a/b/c",
            "_x",
            ".x",
            "a/b",
            "a b",
            "node_modules",
            "@",
        ] {
            assert!(npm::check_npm_dependency(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn identifiers_are_those_of_javascript() {
        for good in ["imageResizerRoute", "$", "_x1", "größe"] {
            assert!(is_identifier(good), "{good}");
        }
        for bad in ["", "1x", "a-b", "default", "static", "a b", "a.b"] {
            assert!(!is_identifier(bad), "{bad}");
        }
    }
}
