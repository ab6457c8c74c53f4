//! The request that publishes a function.

use serde_json::{Map, Value};

use crate::function::load::Function;
use crate::release::decision::Target;
use crate::source::SourceFile;

/// The body of a publish: every field of the manifest unchanged, `code`, `publish`, and the README if there is one
/// (Aerostack documentation, "Publishing via GitHub Actions"; `readme`, and `files` for a function of several: Go CLI).
pub(crate) fn publish_body(function: &Function, target: Target) -> Map<String, Value> {
    let mut body = function.manifest.fields.clone();
    body.insert("code".to_owned(), Value::String(function.entrypoint.text.to_string()));
    body.insert("publish".to_owned(), Value::Bool(target == Target::Live));
    if let Some(readme) = &function.readme {
        body.insert("readme".to_owned(), Value::String(readme.text.to_string()));
    }
    if function.has_modules() {
        let files =
            function.by_path().map(|file| (key_of(file, function), Value::String(file.text.to_string())));
        body.insert("files".to_owned(), Value::Object(files.collect()));
    }
    body
}

/// The path under which a file is sent. The manifest is sent unchanged, so the entrypoint has the path that is written there.
fn key_of(file: &SourceFile, function: &Function) -> String {
    match function.manifest.text("entrypoint") {
        Some(entrypoint) if file.path == function.entrypoint.path => entrypoint.to_owned(),
        _ => file.path.clone(),
    }
}
