//! The manifest of a published version, as far as the Hub shows it, compared with ours.

use std::collections::BTreeSet;

use serde_json::Value;

use super::comparison::Content;
use crate::finding::{Code, Finding};
use crate::function::load::Function;
use crate::function::manifest::fields::{FIELDS, Field, FieldType};
use crate::text;

/// Longest value of the Hub that a message quotes, in characters. A longer one is left out: a part of it could be a part of
/// the key, which would not be redacted.
const MAX_SHOWN_VALUE: usize = 100;

/// The notice about the fields that the Hub shows of this version otherwise than our manifest has them. A field that it
/// does not show, or in another form than the manifest's, is not compared.
pub(crate) fn metadata_differs(ours: &Function, published: &Content) -> Option<Finding> {
    let manifest = &ours.manifest;
    let differs = |field: &&Field| {
        let shown = published.fields.get(field.name).and_then(|value| normalised(field, value));
        let own = manifest.fields.get(field.name).unwrap_or(&Value::Null);
        shown.is_some_and(|shown| {
            Some(&shown) != normalised(field, own).as_ref() && !is_slug(field, &shown, ours)
        })
    };
    let fields: Vec<_> = FIELDS.iter().filter(differs).collect();
    let first = fields.first()?;
    let all: Vec<_> = fields.iter().map(|field| shown(field, published)).collect();
    let message = format!(
        "`{}` is already published with other metadata than this manifest has: {}",
        ours.version,
        all.join(", ")
    );
    Some(Finding::new(Code::MetadataDiffers, message).at(manifest.location(first.name)))
}

/// A field's value without what does not count: order and repetition in a list, white space around a text, and whether
/// a default is written. `None` for a value of another type.
fn normalised(field: &Field, value: &Value) -> Option<BTreeSet<String>> {
    let texts: Vec<&str> = match (field.field_type, value) {
        (_, Value::Null) => Vec::new(),
        (FieldType::String, Value::String(text)) => vec![text],
        (FieldType::Strings, Value::Array(list)) => list.iter().map(Value::as_str).collect::<Option<_>>()?,
        // A list as a database may keep it.
        (FieldType::Strings, Value::String(text)) => {
            let list: Value = serde_json::from_str(text).ok().filter(Value::is_array)?;
            return normalised(field, &list);
        }
        (FieldType::Boolean, Value::Bool(is_set)) => is_set.then_some("true").into_iter().collect(),
        (FieldType::Boolean, Value::Number(number)) => {
            (number.as_u64()? != 0).then_some("true").into_iter().collect()
        }
        _ => return None,
    };
    let texts = texts.into_iter().map(str::trim).filter(|text| !text.is_empty());
    let mut texts: BTreeSet<_> = texts.map(|text| without_prefix(field, text).to_owned()).collect();
    if let (true, Some(default)) = (texts.is_empty(), field.default) {
        texts.insert(default.to_owned());
    }
    Some(texts)
}

/// A path without `./`, and a name without the user that may be written before it (Aerostack's own CI).
fn without_prefix<'t>(field: &Field, text: &'t str) -> &'t str {
    match field.name {
        "entrypoint" => text.trim_start_matches("./"),
        "name" if text.starts_with('@') => text.split_once('/').map_or(text, |(_, name)| name),
        _ => text,
    }
}

/// Whether it is the name, and the Hub shows the function's slug in its place.
fn is_slug(field: &Field, shown: &BTreeSet<String>, ours: &Function) -> bool {
    field.name == "name" && shown.contains(ours.slug.as_str())
}

/// What the Hub shows of a field: `` `category` is `"media"` there ``.
fn shown(field: &Field, published: &Content) -> String {
    let value = published.fields.get(field.name).unwrap_or(&Value::Null);
    let is_set = normalised(field, value).is_some_and(|texts| !texts.is_empty());
    if !is_set {
        return format!("`{}` is not set there", field.name);
    }
    let value = text::clean_line(&value.to_string()).replace('`', "'");
    if value.chars().count() > MAX_SHOWN_VALUE {
        return format!("`{}` has a longer value there", field.name);
    }
    format!("`{}` is `{value}` there", field.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::code::parser::Parser;
    use crate::function::load::load;
    use crate::secret::Secrets;

    /// The message for `An A` 1.0.0, where the Hub shows this name.
    fn message(name: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let manifest = r#"{"name": "An A", "version": "1.0.0", "entrypoint": "index.ts"}"#;
        std::fs::write(folder.path().join("aerostack.json"), manifest).unwrap();
        std::fs::write(folder.path().join("index.ts"), "export const a = 1;\n").unwrap();
        let directory = folder.path().canonicalize().unwrap();
        let ours = load(&directory, &directory, &Secrets::default(), &Parser::in_thread()).function.unwrap();
        let mut published = Content::default();
        published.fields.insert("name".to_owned(), name.into());
        metadata_differs(&ours, &published).map(|finding| finding.message)
    }

    #[test]
    fn a_name_may_be_shown_as_its_slug_and_with_its_user() {
        for name in ["An A", "an-a", "@alice/An A", "@alice/an-a"] {
            assert_eq!(message(name), None, "{name}");
        }
        let message = message("An Other").unwrap();
        assert!(message.ends_with("`name` is `\"An Other\"` there"), "{message}");
    }

    #[test]
    fn a_value_is_compared_by_what_it_means_and_only_in_a_known_form() {
        let meaning = |name: &str, value: &str| {
            let field = FIELDS.iter().find(|field| field.name == name).unwrap();
            let texts = normalised(field, &serde_json::from_str(value).unwrap())?;
            Some(texts.into_iter().collect::<Vec<_>>().join("+"))
        };
        for (name, value, expected) in [
            ("tags", r#"["b", " a ", "b", ""]"#, Some("a+b")),
            ("tags", r#""[\"a\"]""#, Some("a")),
            ("tags", r#""a, b""#, None),
            ("tags", r#"["a", 1]"#, None),
            ("tags", "null", Some("")),
            ("description", r#"" a\n""#, Some("a")),
            ("description", "1", None),
            ("drizzleSchema", "true", Some("true")),
            ("drizzleSchema", "1", Some("true")),
            ("drizzleSchema", "0", Some("")),
            ("drizzleSchema", "false", Some("")),
            ("drizzleSchema", r#""yes""#, None),
            ("entrypoint", r#""./src/a.ts""#, Some("src/a.ts")),
            ("entrypoint", "null", Some("index.ts")),
            ("runtime", r#""""#, Some("cloudflare-worker")),
            ("routePath", "null", Some("")),
        ] {
            assert_eq!(meaning(name, value).as_deref(), expected, "{name} {value}");
        }
    }
}
