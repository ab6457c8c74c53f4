//! A function's files as arbitrary bytes, for `cargo fuzz`.

use std::collections::BTreeMap;

use super::allowed::{AllowsByPath, apply};
use super::code::checks::check;
use super::code::parser::Parser;
use super::files::decode;
use super::globs::{self, Glob};
use super::load::{Function, README};
use super::manifest::fields::{FILE_NAME, Manifest};
use super::manifest::kind::other_manifest;
use super::manifest::slug::Slug;
use super::nearest::nearest_path;
use super::secrets::findings as secrets;
use super::spelling;
use crate::finding::Finding;
use crate::secret::Secrets;
use crate::source::SourceFile;

const MANIFEST: &str = r#"{"name": "image-resizer", "version": "1.0.0", "description": "Resizes images", "category": "media",
  "language": "typescript", "runtime": "cloudflare-worker", "license": "MIT", "entrypoint": "index.ts",
  "npmDependencies": ["zod"], "envVars": ["TOKEN"], "routePath": "/api", "routeExport": "api", "drizzleSchema": true}"#;

const CODE: &str = "export const api = 1;";

/// The file name endings of the languages, and one of none.
const ENDINGS: [&str; 10] = ["ts", "tsx", "js", "jsx", "mts", "cts", "mjs", "cjs", "d.ts", "txt"];

/// The bytes of a manifest: read, checked, and searched for secrets.
pub fn manifest(bytes: &[u8]) {
    let Ok(text) = decode(bytes.to_vec(), FILE_NAME) else { return };
    let (manifest, mut findings) = Manifest::read(SourceFile::published(FILE_NAME, text), &&BTreeMap::new());
    findings.extend(other_manifest(&manifest, false));
    search(&manifest.source, &AllowsByPath::new(), &mut findings);
}

/// A function's code: parsed, checked, and searched for secrets. The first byte selects the entrypoint's ending, the rest is
/// its text; after a zero byte `schema.ts` may follow, which it can import, and after another one `other.tsx`.
pub fn entrypoint(bytes: &[u8]) {
    let Some((ending, texts)) = bytes.split_first() else { return };
    let ending = ENDINGS.get(usize::from(*ending) % ENDINGS.len()).copied().unwrap_or_default();
    let path = format!("index.{ending}");
    let mut files = BTreeMap::new();
    for (path, bytes) in [&path, "schema.ts", "other.tsx"].iter().zip(texts.splitn(3, |byte| *byte == 0)) {
        let Ok(text) = decode(bytes.to_vec(), path) else { return };
        files.insert((*path).to_owned(), text.into());
    }
    let entrypoint = SourceFile::published(&path, files.get(&path).cloned().unwrap_or_default());
    let (manifest, mut findings) = Manifest::read(SourceFile::published(FILE_NAME, MANIFEST), &&files);
    let code = check(&mut &files, &entrypoint, &manifest, &Parser::in_thread(), &mut findings);
    apply(code.modules.iter().chain([&entrypoint]), &code.allows, &mut findings);
    for file in code.modules.iter().chain([&entrypoint]) {
        search(file, &code.allows, &mut findings);
    }
}

/// A line of the input `directory`, and after a zero byte the paths of directories, one per line: which of them the line
/// matches is worked out in two ways, and a line that matches none is explained.
///
/// # Panics
/// Where the two ways differ.
pub fn directories(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (line, tree) = text.split_once('\0').unwrap_or((text, ""));
    let paths: Vec<_> = tree.lines().collect();
    let _ = spelling::hint(line, &|path| paths.contains(&path.trim_end_matches('/')));
    let names_in = |directory: &str| {
        let inside = paths.iter().filter_map(|path| path.strip_prefix(directory));
        inside.filter_map(|path| path.trim_start_matches('/').split('/').next()).map(str::to_owned).collect()
    };
    let _ = nearest_path(line, names_in);
    let Ok(glob) = Glob::parse(line) else { return };
    let (_, rest) = globs::split(line);
    let parts: Vec<_> = rest.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    for path in paths {
        let names: Vec<_> = path.split('/').filter(|name| !name.is_empty()).collect();
        let mut state = glob.at_start();
        for name in &names {
            state = glob.step(&state, name, true).inside;
            assert!(glob.width(&state) <= parts.len(), "{line}: {path}");
        }
        // The other way takes exponential time.
        if parts.len() <= 6 && names.len() <= 6 {
            assert_eq!(glob.is_match(&state), matches(&parts, &names), "{line}: {path}");
        }
    }
}

/// Whether the parts of a glob match names, one after the other.
fn matches(parts: &[&str], names: &[&str]) -> bool {
    let is_visible = |name: &str| !name.starts_with('.') && name != "node_modules";
    match (parts, names) {
        ([], names) => names.is_empty(),
        (["**", parts @ ..], names) => {
            let ends =
                (0..=names.len()).take_while(|end| names.iter().take(*end).all(|name| is_visible(name)));
            ends.into_iter().any(|end| matches(parts, names.get(end..).unwrap_or_default()))
        }
        ([_, ..], []) => false,
        ([part, parts @ ..], [name, names @ ..]) => is_part(part, name) && matches(parts, names),
    }
}

fn is_part(part: &str, name: &str) -> bool {
    if !globs::is_glob(part) {
        return part == name;
    }
    Glob::parse(part).is_ok_and(|glob| glob.step(&glob.at_start(), name, false).is_matched)
}

/// Code that repeats itself, which is how a few bytes become expensive to parse: in a child process, within its limits. The first byte
/// selects the ending, the second one how long the code is; after them come, with zero bytes between them, what is repeated, what
/// precedes and what follows it. Whether the parser can be used again.
pub fn parser(bytes: &[u8], parser: &Parser) -> bool {
    let Some((&[ending, size], parts)) = bytes.split_first_chunk() else { return true };
    let mut parts = parts.splitn(3, |byte| *byte == 0).map(String::from_utf8_lossy);
    let (part, before, after) = (parts.next(), parts.next(), parts.next());
    let part = part.unwrap_or_default();
    // Up to 4 MiB.
    let length = 1_usize << (size % 23);
    let repeated = part.repeat(length / part.len().max(1));
    let text =
        [before.as_deref(), Some(&repeated), after.as_deref()].into_iter().flatten().collect::<String>();
    let ending = ENDINGS.get(usize::from(ending) % ENDINGS.len()).copied().unwrap_or_default();
    let entrypoint = SourceFile::published(&format!("index.{ending}"), text);
    let source = SourceFile::published(FILE_NAME, MANIFEST);
    let (manifest, mut findings) = Manifest::read(source, &&BTreeMap::new());
    check(&mut &BTreeMap::new(), &entrypoint, &manifest, parser, &mut findings);
    !parser.is_used_up()
}

/// A function without a problem.
pub(crate) fn published() -> Function {
    let source = SourceFile::published(FILE_NAME, MANIFEST);
    let (manifest, _) = Manifest::read(source, &&BTreeMap::new());
    Function {
        slug: Slug::of("image-resizer"),
        version: semver::Version::new(1, 0, 0),
        manifest: std::sync::Arc::new(manifest),
        entrypoint: SourceFile::published("index.ts", CODE),
        exports: Some(["api".to_owned()].into()),
        modules: Vec::new(),
        readme: Some(SourceFile::published(README, "# Image resizer")),
        parser: Parser::in_thread(),
    }
}

/// Searches for secrets, and redacts them from the findings as a report does.
fn search(file: &SourceFile, allows: &AllowsByPath, findings: &mut Vec<Finding>) {
    let key = Secrets::of(["ask_live_0123456789"]);
    let search = secrets::search([file], &key, allows);
    findings.extend(search.findings);
    let secrets = key.and(search.secrets.iter().map(String::as_str));
    for finding in findings {
        let _ = secrets.redacted(&finding.message);
    }
}
