//! The fields of the manifest, `aerostack.json`: every rule of the Hub's field table, all violations at once.

use std::collections::BTreeMap;
use std::ops::Range;

use oxc_syntax::identifier::is_identifier_name;
use oxc_syntax::keyword::is_reserved_keyword;
use semver::Version;
use serde_json::{Map, Value};

use super::json::{Document, Member};
use super::slug::Slug;
use super::{license, npm, reserved, slug, version};
use crate::finding::{Code, Finding, Severity};
use crate::function::files::Files;
use crate::source::{Location, SourceFile};
use crate::text;

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

/// Maximum number of a function's tags (same table: `tags`, at most 10).
pub const MAX_TAGS: usize = 10;

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// A string.
    String,
    /// An array of strings.
    Strings,
    /// `true` or `false`.
    Boolean,
}

impl FieldType {
    const fn name(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Strings => "an array of strings",
            Self::Boolean => "`true` or `false`",
        }
    }
}

/// One field of the manifest (Aerostack documentation, field table).
pub struct Field {
    /// The field's name.
    pub name: &'static str,
    /// Its type.
    pub field_type: FieldType,
    /// Whether a manifest must have it.
    pub required: bool,
    /// What counts where the field is missing or `null`.
    pub default: Option<&'static str>,
    /// A valid value, for the hint of a field that is missing.
    example: &'static str,
    /// The rule for a string of its value: a finding without a location if it is violated.
    check: fn(&str) -> Option<Finding>,
}

/// Every documented field.
pub const FIELDS: [Field; 14] = [
    required("name", "my-function", slug::check_name),
    required("version", "1.0.0", version::check),
    required("description", "what the function does", check_description),
    required("category", "utility", |text| one_of("category", &CATEGORIES, Code::InvalidCategory, text)),
    required("language", "typescript", |text| one_of("language", &LANGUAGES, Code::InvalidLanguage, text)),
    defaulted("runtime", "cloudflare-worker", |text| {
        one_of("runtime", &RUNTIMES, Code::InvalidRuntime, text)
    }),
    required("license", "MIT", license::check),
    optional("tags", FieldType::Strings, check_tag),
    defaulted(ENTRYPOINT, "index.ts", |_| None),
    optional("routePath", FieldType::String, check_route_path),
    optional("routeExport", FieldType::String, check_route_export),
    optional("npmDependencies", FieldType::Strings, npm::check),
    optional("envVars", FieldType::Strings, check_env_var),
    optional("drizzleSchema", FieldType::Boolean, |_| None),
];

const fn required(name: &'static str, example: &'static str, check: fn(&str) -> Option<Finding>) -> Field {
    Field { name, field_type: FieldType::String, required: true, default: None, example, check }
}

/// A field of the table that Aerostack's own tools do without (same table: `runtime`, "default"; Aerostack documentation,
/// "Publishing via GitHub Actions": `.entrypoint // "index.ts"`, which takes `null` for missing).
const fn defaulted(name: &'static str, default: &'static str, check: fn(&str) -> Option<Finding>) -> Field {
    Field { required: false, default: Some(default), ..required(name, default, check) }
}

const fn optional(name: &'static str, field_type: FieldType, check: fn(&str) -> Option<Finding>) -> Field {
    Field { name, field_type, required: false, default: None, example: "", check }
}

const ENTRYPOINT: &str = "entrypoint";

/// Files that are likely to be the entrypoint where none is named and the default does not exist.
const LIKELY_ENTRYPOINTS: [&str; 6] =
    ["index.js", "index.tsx", "index.jsx", "index.mjs", "src/index.ts", "src/index.js"];

/// Fields that had another name (Go CLI: `category`, else `type`).
const FORMER_NAMES: [(&str, &str); 1] = [("type", "category")];

/// Most fields of a manifest that may be other ones, misspelt.
const MAX_CANDIDATES: usize = 1000;

/// A manifest as far as it could be understood.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    pub(crate) source: SourceFile,
    /// Every field as written, known or not.
    pub(crate) fields: Map<String, Value>,
    /// The path of the entrypoint, also where only the default names it; `None` where there is none.
    pub(crate) entrypoint: Option<String>,
    /// Byte ranges of the values of fields.
    ranges: BTreeMap<String, Range<usize>>,
    /// `None` where the name contains no letter and no digit.
    pub(crate) slug: Option<Slug>,
    pub(crate) version: Option<Version>,
}

impl Manifest {
    /// Reads and checks the manifest of a function with these files: the manifest, and every problem with it.
    pub(crate) fn read(source: SourceFile, files: &impl Files) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let document = Document::read(&source, &mut findings);
        if let Some(document) = &document {
            check(document, &source, files, &mut findings);
        }
        let is_read = document.is_some();
        let Document { fields, members, .. } = document.unwrap_or_default();
        let text = |field: &str| fields.get(field).and_then(Value::as_str);
        let default = FIELDS.iter().find(|field| field.name == ENTRYPOINT).and_then(|field| field.default);
        let default = default.filter(|path| is_read && is_absent(ENTRYPOINT, &fields) && files.has(path));
        let manifest = Self {
            entrypoint: text(ENTRYPOINT).or(default).map(str::to_owned),
            slug: text("name").map(Slug::of).filter(|slug| !slug.as_str().is_empty()),
            version: text("version").and_then(|text| Version::parse(text).ok()),
            ranges: members.into_iter().map(|member| (member.name, member.value)).collect(),
            source,
            fields,
        };
        (manifest, findings)
    }

    /// A field's string; `None` if the field is missing or of another type.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// A field's strings; `None` if the field is not an array, empty if it is missing.
    pub(crate) fn texts(&self, field: &str) -> Option<Vec<&str>> {
        let Some(value) = self.fields.get(field) else { return Some(Vec::new()) };
        Some(value.as_array()?.iter().filter_map(Value::as_str).collect())
    }

    /// The location of a field's value; the file as a whole if the field is missing.
    pub(crate) fn location(&self, field: &str) -> Location {
        self.ranges.get(field).map_or_else(|| self.source.whole(), |range| self.source.at(range.clone()))
    }

    /// Where a problem with a file that has a fixed name is reported: there, or at the manifest if there is no such file.
    pub(crate) fn location_of_file(&self, path: &str, files: &impl Files) -> Location {
        if files.has(path) { Location::file(files.shown(path)) } else { self.source.whole() }
    }
}

/// Finds every violation of a rule, in the order of the table.
fn check(document: &Document, source: &SourceFile, files: &impl Files, findings: &mut Vec<Finding>) {
    for field in &FIELDS {
        match document.fields.get(field.name).zip(document.member(field.name)) {
            Some((Value::Null, _)) if field.default.is_some() => {
                findings.push(missing(field, document, source, files));
            }
            Some((value, member)) => {
                let strings = strings(field, value, member, source, findings);
                let violation = |(text, range): &(&str, &Range<usize>)| {
                    (field.check)(text).map(|finding| finding.at(source.at((*range).clone())))
                };
                findings.extend(strings.iter().filter_map(violation));
                if field.name == "tags" {
                    duplicate_tags(&strings, source, findings);
                    findings.extend(too_many_tags(&member.elements, source));
                }
            }
            None if field.required || field.default.is_some() => {
                findings.push(missing(field, document, source, files));
            }
            None => {}
        }
    }
    let unknown =
        document.members.iter().filter(|member| FIELDS.iter().all(|field| field.name != member.name));
    findings.extend(unknown.clone().filter_map(|member| reserved::check(member, source)));
    findings.extend(unknown.take(MAX_CANDIDATES).filter_map(|member| misspelt(member, source)));
}

/// The strings of a field's value, each with its range; a finding for each part that is of another type.
fn strings<'d>(
    field: &Field,
    value: &'d Value,
    member: &'d Member,
    source: &SourceFile,
    findings: &mut Vec<Finding>,
) -> Vec<(&'d str, &'d Range<usize>)> {
    let parts = match (field.field_type, value) {
        (FieldType::Strings, Value::Array(elements)) => {
            let part = |index| (format!("{}[{index}]", field.name), FieldType::String);
            (0..).map(part).zip(elements.iter().zip(&member.elements)).collect()
        }
        (expected, _) => vec![((field.name.to_owned(), expected), (value, &member.value))],
    };
    let mut strings = Vec::new();
    for ((name, expected), (value, range)) in parts {
        match (expected, value.as_str()) {
            (FieldType::String, Some(text)) => strings.push((text, range)),
            (FieldType::Boolean, None) if value.is_boolean() => {}
            _ => {
                let message = format!("`{name}` is {}, not {}", type_of(value), expected.name());
                let finding = Finding::new(Code::InvalidType, message).at(source.at(range.clone()));
                findings.push(finding.with_hint(format!("write {}", expected.name())));
            }
        }
    }
    strings
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

/// The known field that was probably meant.
fn did_you_mean(name: &str) -> Option<&'static str> {
    text::did_you_mean(name, FIELDS.iter().map(|field| field.name))
}

/// Whether a field is not there. Tools that read JSON with a default take `null` for missing.
fn is_absent(field: &str, fields: &Map<String, Value>) -> bool {
    fields.get(field).is_none_or(Value::is_null)
}

/// The finding for a field that is missing: a warning where its default holds.
fn missing(field: &Field, document: &Document, source: &SourceFile, files: &impl Files) -> Finding {
    let Field { name, default, .. } = *field;
    let is_former = |member: &&Member| FORMER_NAMES.contains(&(&member.name, name));
    let is_misspelt = |member: &&Member| member.name != name && did_you_mean(&member.name) == Some(name);
    let mut members = document.members.iter().take(MAX_CANDIDATES);
    let meant = members.clone().find(is_former).or_else(|| members.find(is_misspelt));
    let is_default = |member: &Member| document.fields.get(&member.name).and_then(Value::as_str) == default;
    // A misspelt field with another value says that the default is not meant.
    let default = default.filter(|_| meant.is_none_or(is_default));
    let default = default.filter(|path| name != ENTRYPOINT || files.has(path));
    let null = document.member(name);
    let problem =
        if null.is_some() { format!("`{name}` is `null`") } else { format!("missing field `{name}`") };
    let message =
        default.map_or(problem.clone(), |default| format!("{problem}: the default `{default}` is used"));
    let hint = match meant {
        Some(member) => {
            let line = source.line_of(member.key.start);
            format!("rename `{}` on line {line} to `{name}`", member.name)
        }
        None => format!("add `\"{name}\": \"{}\"`", default.unwrap_or_else(|| example(field, files))),
    };
    let severity = if default.is_some() { Severity::Warning } else { Severity::Error };
    let range = null.map_or(&document.start, |member| &member.value);
    Finding::new(Code::MissingField, message)
        .with_severity(severity)
        .with_hint(hint)
        .at(source.at(range.clone()))
}

/// A value for a field that is missing, as far as the files tell.
fn example(field: &Field, files: &impl Files) -> &'static str {
    let likely = LIKELY_ENTRYPOINTS.iter().find(|path| field.name == ENTRYPOINT && files.has(path));
    likely.copied().unwrap_or(field.example)
}

/// Unknown fields go to the Hub as they are; a finding only for one that looks misspelt.
fn misspelt(member: &Member, source: &SourceFile) -> Option<Finding> {
    let name = member.name.as_str();
    let hint = format!("did you mean `{}`?", did_you_mean(name)?);
    let finding = Finding::new(Code::UnknownField, format!("unknown field `{name}`")).with_hint(hint);
    Some(finding.at(source.at(member.key.clone())))
}

fn check_description(text: &str) -> Option<Finding> {
    text.trim().is_empty().then(|| Finding::new(Code::InvalidDescription, "the description is empty"))
}

fn one_of(field: &str, allowed: &[&str], code: Code, text: &str) -> Option<Finding> {
    if allowed.contains(&text) {
        return None;
    }
    let meant = text::did_you_mean(text, allowed.iter().copied());
    let meant = meant.map(|word| format!("did you mean `{word}`? ")).unwrap_or_default();
    let hint = format!("{meant}allowed: `{}`", allowed.join("`, `"));
    Some(Finding::new(code, format!("`{text}` is not a valid {field}")).with_hint(hint))
}

fn check_tag(tag: &str) -> Option<Finding> {
    tag.trim().is_empty().then(|| Finding::new(Code::InvalidTag, "the tag is empty"))
}

fn duplicate_tags(tags: &[(&str, &Range<usize>)], source: &SourceFile, findings: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for (tag, range) in tags.iter().filter(|(tag, _)| !tag.trim().is_empty()) {
        if let Some(first) = seen.insert(tag, range.start) {
            let line = source.line_of(first);
            let message = format!("duplicate tag `{tag}`, first used on line {line}");
            findings.push(Finding::new(Code::DuplicateTag, message).at(source.at((*range).clone())));
        }
    }
}

fn too_many_tags(elements: &[Range<usize>], source: &SourceFile) -> Option<Finding> {
    let (first, last) = (elements.get(MAX_TAGS)?, elements.last()?);
    let message = format!("{} tags, but the Hub accepts at most {MAX_TAGS}", elements.len());
    Some(Finding::new(Code::TooManyTags, message).at(source.at(first.start..last.end)))
}

fn check_route_path(path: &str) -> Option<Finding> {
    let is_unprintable = |c: char| c.is_whitespace() || c.is_control();
    let problems = [
        (!path.starts_with('/'), "does not start with `/`"),
        (path.contains(is_unprintable), "contains white space or a control character"),
        (path.contains('?'), "contains a query (`?`)"),
        (path.contains('#'), "contains a fragment (`#`)"),
    ];
    let (_, problem) = problems.into_iter().find(|(applies, _)| *applies)?;
    Some(Finding::new(Code::InvalidRoutePath, format!("the route `{path}` {problem}")))
}

fn check_route_export(name: &str) -> Option<Finding> {
    let message = || format!("`{name}` is not a JavaScript identifier");
    (!is_identifier(name)).then(|| Finding::new(Code::InvalidRouteExport, message()))
}

fn check_env_var(name: &str) -> Option<Finding> {
    let message = || format!("`{name}` is not a valid name of an environment variable");
    (!is_env_var(name)).then(|| Finding::new(Code::InvalidEnvVar, message()))
}

/// A name that `envVars` may list.
pub(crate) fn is_env_var(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A JavaScript identifier that can be declared in a module (ECMAScript, `Identifier` in strict mode).
pub(crate) fn is_identifier(name: &str) -> bool {
    is_identifier_name(name) && !is_reserved_keyword(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A manifest without a problem, with another value of a field.
    fn with(field: &str, value: &str) -> String {
        let mut fields = vec![format!("\"{field}\": {value}")];
        let others = FIELDS.iter().filter(|known| !known.example.is_empty() && known.name != field);
        fields.extend(others.map(|known| format!("\"{}\": \"{}\"", known.name, known.example)));
        format!("{{{}}}", fields.join(", "))
    }

    /// The problems of a manifest beside these files.
    fn findings(manifest: &str, files: &[&str]) -> Vec<Finding> {
        let source = SourceFile::published(FILE_NAME, manifest);
        let files: BTreeMap<_, _> = files.iter().map(|path| ((*path).to_owned(), "".into())).collect();
        Manifest::read(source, &&files).1
    }

    /// Codes and messages of a manifest's problems.
    fn problems(manifest: &str) -> Vec<(Code, String)> {
        findings(manifest, &[]).into_iter().map(|finding| (finding.code, finding.message)).collect()
    }

    #[test]
    fn the_default_entrypoint_is_that_of_a_manifest_without_one() {
        let entrypoint = |manifest: &str, files: &[&str]| {
            let files: BTreeMap<_, _> = files.iter().map(|path| ((*path).to_owned(), "".into())).collect();
            Manifest::read(SourceFile::published(FILE_NAME, manifest), &&files).0.entrypoint
        };
        let default = Some("index.ts".to_owned());
        assert_eq!(entrypoint("{}", &["index.ts"]), default);
        assert_eq!(entrypoint(r#"{"entrypoint": null}"#, &["index.ts"]), default);
        assert_eq!(entrypoint("{}", &["index.js"]), None);
        assert_eq!(entrypoint("{", &["index.ts"]), None);
        assert_eq!(entrypoint(r#"{"entrypoint": 1}"#, &["index.ts"]), None);
        assert_eq!(entrypoint(r#"{"entrypoint": "a.ts"}"#, &["index.ts"]), Some("a.ts".to_owned()));
    }

    #[test]
    fn fields_are_read_as_what_they_should_be() {
        let text = r#"{"name": "a", "version": 1, "tags": ["b", 2, "c"], "envVars": "d"}"#;
        let (manifest, _) = Manifest::read(SourceFile::published(FILE_NAME, text), &&BTreeMap::new());
        assert_eq!(["name", "version", "license"].map(|field| manifest.text(field)), [Some("a"), None, None]);
        assert_eq!(manifest.texts("tags"), Some(vec!["b", "c"]));
        assert_eq!(manifest.texts("envVars"), None);
        assert_eq!(manifest.texts("npmDependencies"), Some(vec![]));
    }

    #[test]
    fn the_examples_in_hints_are_valid() {
        assert_eq!(problems(&with("drizzleSchema", "true")), []);
    }

    #[test]
    fn each_field_has_its_type() {
        for field in &FIELDS {
            let (valid, invalid) = match field.field_type {
                FieldType::String => (None, ["null", "7", "true", "[\"x\"]", "{}"]),
                FieldType::Strings => (Some("[]"), ["null", "7", "true", "\"x\"", "{}"]),
                FieldType::Boolean => (Some("false"), ["null", "7", "\"true\"", "[]", "{}"]),
            };
            assert!(
                valid.is_none_or(|value| problems(&with(field.name, value)).is_empty()),
                "{}",
                field.name
            );
            for value in invalid.into_iter().filter(|value| field.default.is_none() || *value != "null") {
                let found = problems(&with(field.name, value));
                assert!(matches!(found.as_slice(), [(Code::InvalidType, _)]), "{}: {value}", field.name);
            }
        }
        assert_eq!(
            problems(&with("tags", "[\"a\", 7, null]")),
            [
                (Code::InvalidType, "`tags[1]` is a number, not a string".to_owned()),
                (Code::InvalidType, "`tags[2]` is `null`, not a string".to_owned()),
            ]
        );
    }

    #[test]
    fn each_value_follows_the_rule_of_its_field() {
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        for (name, code, valid, invalid) in [
            ("description", Code::InvalidDescription, list(&["x", " x"]), list(&["", " ", " \t\n"])),
            (
                "category",
                Code::InvalidCategory,
                list(&CATEGORIES),
                list(&["Media", "MEDIA", " media", "", "payment"]),
            ),
            ("language", Code::InvalidLanguage, list(&LANGUAGES), list(&["ts", "TypeScript", ""])),
            ("runtime", Code::InvalidRuntime, list(&RUNTIMES), list(&["nodejs", "cloudflare-workers", ""])),
            ("tags", Code::InvalidTag, list(&["a", "a b", " a"]), list(&["", " "])),
            (
                "routePath",
                Code::InvalidRoutePath,
                list(&["/", "/api/:id", "/api/*", "/ü"]),
                list(&["", "api", "/a b", "/a?b", "/a#b", "/a\tb", "https://x.example/a", "/a\u{a0}b"]),
            ),
            (
                "routeExport",
                Code::InvalidRouteExport,
                list(&["a", "imageResizerRoute"]),
                list(&["", "1a", "a.b", "a b", "class", "a()"]),
            ),
            (
                "envVars",
                Code::InvalidEnvVar,
                list(&["A", "_a1", "_2X"]),
                list(&["", "2X", "A-B", "A B", "A=B", "$A", "Ä"]),
            ),
        ] {
            let field = FIELDS.into_iter().find(|field| field.name == name).unwrap();
            for value in valid {
                assert_eq!((field.check)(&value), None, "{name}: {value}");
            }
            for value in invalid {
                assert_eq!((field.check)(&value).unwrap().code, code, "{name}: {value}");
            }
        }
    }

    #[test]
    fn the_words_that_are_allowed_are_listed_and_the_nearest_one_is_suggested() {
        let hint = |text| one_of("runtime", &LANGUAGES, Code::InvalidLanguage, text).unwrap().hint;
        assert_eq!(hint("TypeScript"), "did you mean `typescript`? allowed: `typescript`, `javascript`");
        assert_eq!(hint("rust"), "allowed: `typescript`, `javascript`");
    }

    #[test]
    fn tags_are_counted_and_compared() {
        let tags =
            |many| format!("[{}]", (0..many).map(|tag| format!("\"t{tag}\"")).collect::<Vec<_>>().join(", "));
        assert_eq!(problems(&with("tags", &tags(MAX_TAGS))), []);
        let message = "11 tags, but the Hub accepts at most 10".to_owned();
        assert_eq!(problems(&with("tags", &tags(MAX_TAGS + 1))), [(Code::TooManyTags, message)]);
        let message = "duplicate tag `a`, first used on line 1".to_owned();
        assert_eq!(problems(&with("tags", r#"["a", "b", "a", "A"]"#)), [(Code::DuplicateTag, message)]);
    }

    #[test]
    fn a_required_field_is_missed_and_a_misspelt_one_is_suggested() {
        let expected = ["name", "version", "description", "category", "language"].map(|name| (name, ""));
        let default = ("runtime", ": the default `cloudflare-worker` is used");
        let expected = expected.into_iter().chain([default, ("license", ""), ("entrypoint", "")]);
        let expected: Vec<_> = expected
            .map(|(name, default)| (Code::MissingField, format!("missing field `{name}`{default}")))
            .collect();
        assert_eq!(problems("{}"), expected);
        let required = FIELDS.iter().filter(|field| field.required).map(|field| field.name);
        assert!(required.eq(["name", "version", "description", "category", "language", "license"]));
        let found = problems(&with("license", "\"MIT\"").replace("\"license\"", "\"licence\""));
        assert_eq!(
            found,
            [
                (Code::MissingField, "missing field `license`".to_owned()),
                (Code::UnknownField, "unknown field `licence`".to_owned()),
            ]
        );
        assert_eq!(problems(&with("homepage", "\"x\"")), []);
        for (field, origin) in [("code", "is reserved"), ("slug", "has no place"), ("status", "has no place")]
        {
            let found = problems(&with(field, "\"x\""));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].0 == Code::ReservedField && found[0].1.contains(origin), "{found:?}");
        }
    }

    #[test]
    fn a_default_holds_unless_a_misspelt_field_has_another_value() {
        let renamed = |field: &str, value: &str, other: &str| {
            with(field, value).replace(&format!("\"{field}\""), &format!("\"{other}\""))
        };
        let add = r#"add `"entrypoint": "index.ts"`"#;
        for (manifest, files, is_error, hint) in [
            (renamed("entrypoint", "1", "homepage"), &["index.ts"][..], false, add),
            (with("entrypoint", "null"), &["index.ts", "index.js"], false, add),
            (with("entrypoint", "null"), &[], true, add),
            (with("entrypoint", "null"), &["src/index.ts"], true, r#"add `"entrypoint": "src/index.ts"`"#),
            (with("runtime", "null"), &[], false, r#"add `"runtime": "cloudflare-worker"`"#),
            (
                renamed("entrypoint", "\"index.ts\"", "entryPoint"),
                &["index.ts"],
                false,
                "rename `entryPoint` on line 1 to `entrypoint`",
            ),
            (
                renamed("entrypoint", "\"src/a.ts\"", "entry_point"),
                &["index.ts"],
                true,
                "rename `entry_point` on line 1 to `entrypoint`",
            ),
            (
                renamed("runtime", "\"node\"", "runtimes"),
                &[],
                true,
                "rename `runtimes` on line 1 to `runtime`",
            ),
            (renamed("category", "\"ai\"", "type"), &[], true, "rename `type` on line 1 to `category`"),
        ] {
            let found = findings(&manifest, files);
            assert_eq!(found[0].code, Code::MissingField, "{manifest}");
            assert_eq!((found[0].is_error(), found[0].hint.as_str()), (is_error, hint), "{manifest}");
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
