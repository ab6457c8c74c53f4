//! Content compared, as source text: what would be sent and what is published.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::function::code::published::PublishedCode;
use crate::function::files::Texts;
use crate::function::load::{Function, README};
use crate::function::manifest::fields::FILE_NAME;
use crate::source::BYTE_ORDER_MARK;

/// The source text of a published version, as far as the Hub shows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    /// The entrypoint's text.
    pub(crate) code: Option<Arc<str>>,
    pub(crate) readme: Option<Arc<str>>,
    /// Text by path.
    pub(crate) files: Option<Texts>,
    /// Documented fields of the manifest, as the Hub shows them.
    pub(crate) fields: Map<String, Value>,
}

impl Content {
    /// Takes from another response of the Hub what this one lacks.
    pub(crate) fn complete(&mut self, other: Self) {
        self.code = self.code.take().or(other.code);
        self.readme = self.readme.take().or(other.readme);
        self.files = self.files.take().or(other.files);
        for (name, value) in other.fields {
            let known = self.fields.entry(name).or_insert(Value::Null);
            if known.is_null() {
                *known = value;
            }
        }
    }

    fn file(&self, path: &str) -> Option<&Arc<str>> {
        self.files.as_ref()?.get(path)
    }

    /// The entrypoint's text. The documented request has no file names, so a single file may have any name.
    fn entrypoint(&self, path: &str) -> Option<&Arc<str>> {
        self.file(path).or(self.code.as_ref()).or_else(|| self.only_source())
    }

    /// Every file that may be code, by path. The manifest and the README are shown where they were sent.
    fn sources(&self) -> impl Iterator<Item = (&str, &Arc<str>)> {
        let files = self.files.iter().flatten().map(|(path, text)| (path.as_str(), text));
        files.filter(|(path, _)| !matches!(*path, README | FILE_NAME))
    }

    /// The text of the entrypoint where nothing else is there.
    fn only_source(&self) -> Option<&Arc<str>> {
        let mut sources = self.sources();
        sources.next().filter(|_| sources.next().is_none()).map(|(_, text)| text)
    }

    /// The code, as far as the Hub shows it. `ours` names the entrypoint where the Hub does not.
    pub(super) fn code_like(&self, ours: &Function) -> Option<PublishedCode> {
        let named = self.fields.get("entrypoint").and_then(Value::as_str);
        let path = named.unwrap_or(&ours.entrypoint.path).trim_start_matches("./");
        let text = Arc::clone(self.entrypoint(path)?);
        Some(PublishedCode::load(path, text, self.files.as_ref().unwrap_or(&Texts::new()), &ours.parser))
    }

    fn readme(&self) -> Option<&Arc<str>> {
        self.readme.as_ref().or(self.file(README)).filter(|text| !text.is_empty())
    }
}

/// The content of a function compared with that of the same version on the Hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    /// What differs, one text per file: `` `index.ts` changed ``.
    Different(Vec<String>),
    /// The Hub does not show the content; the reason in words.
    Unknown(String),
    /// The Hub could not be read; the reason in words. A later run may succeed.
    Unread(String),
}

/// Compares every file that would be sent with the published one. Line endings, line breaks at the very end and byte order
/// marks do not count.
///
/// A README that the Hub does not have is not compared: versions published by curl have none.
pub(crate) fn compare(ours: &Function, theirs: &Content) -> Comparison {
    let mut changes = Vec::new();
    let mut added = Vec::new();
    let mut not_shown = None;
    for file in ours.files() {
        let path = &file.path;
        let published = match path {
            path if *path == ours.entrypoint.path => theirs.entrypoint(path),
            path if ours.readme.as_ref().is_some_and(|readme| readme.path == *path) => {
                theirs.readme().or(Some(&file.text))
            }
            path => theirs.file(path),
        };
        match published {
            Some(text) if lines(text).eq(lines(&file.text)) => {}
            Some(_) => changes.push(format!("`{path}` changed")),
            None if theirs.files.is_some() => added.push(path.as_str()),
            None => not_shown = Some(path),
        }
    }
    changes.extend(additions(&added, ours, theirs));
    if theirs.only_source().is_none() {
        let sent = ours.files();
        let gone = theirs.sources().filter(|(path, _)| !sent.iter().any(|file| file.path == *path));
        changes.extend(gone.map(|(path, _)| format!("`{path}` was removed")));
    }
    match not_shown {
        _ if !changes.is_empty() => Comparison::Different(changes),
        Some(path) => Comparison::Unknown(format!("the Hub does not show `{path}` of this version")),
        None => Comparison::Equal,
    }
}

/// What there is to say of the files that the published version does not have.
fn additions(added: &[&str], ours: &Function, theirs: &Content) -> Vec<String> {
    let sources: Vec<_> =
        added.iter().filter(|path| **path != FILE_NAME).map(|path| format!("`{path}`")).collect();
    // Pipelines that follow the Hub's documentation send the entrypoint alone, whatever it imports.
    let lacks_imports = !sources.is_empty()
        && theirs.only_source().is_some()
        && theirs.code_like(ours).is_some_and(|code| code.lacks_files());
    if lacks_imports {
        return vec![format!(
            "it was published earlier without the files that it imports ({})",
            sources.join(", ")
        )];
    }
    added.iter().map(|path| format!("`{path}` was added")).collect()
}

/// The lines of a text, without what tools change on the way: line endings, the byte order mark, and the line breaks at its very
/// end, which a shell's `$(cat index.ts)` drops.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).trim_end_matches(['\r', '\n']);
    text.split("\r\n").flat_map(|line| line.split(['\r', '\n']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::code::parser::Parser;
    use crate::function::load::load;
    use crate::secret::Secrets;

    const MANIFEST: &str = r#"{"name": "greeter", "version": "1.0.0", "description": "Greets", "category": "utility",
        "language": "typescript", "runtime": "cloudflare-worker", "license": "MIT", "entrypoint": "index.ts"}"#;

    /// What the Hub shows of a version.
    fn published(code: Option<&str>, readme: Option<&str>, files: Option<&[(&str, &str)]>) -> Content {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).into());
        Content {
            code: code.map(Into::into),
            readme: readme.map(Into::into),
            files: files.map(|files| files.iter().map(owned).collect()),
            fields: Map::new(),
        }
    }

    /// Compares a function of these files, and a manifest, with what the Hub shows.
    fn compared(ours: &[(&str, &str)], theirs: &Content) -> Comparison {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in ours.iter().chain(&[(FILE_NAME, MANIFEST)]) {
            std::fs::write(folder.path().join(path), text).unwrap();
        }
        let directory = folder.path().canonicalize().unwrap();
        let loaded = load(&directory, &directory, &Secrets::default(), &Parser::in_thread());
        compare(&loaded.function.unwrap(), theirs)
    }

    fn different(changes: &[String]) -> Comparison {
        Comparison::Different(changes.to_vec())
    }

    fn changed(path: &str) -> String {
        format!("`{path}` changed")
    }

    const CODE: &str = "export const a = 1;\nexport const b = 2;\n";

    #[test]
    fn line_endings_line_breaks_at_the_end_and_byte_order_marks_do_not_count_and_all_else_does() {
        let compare =
            |ours: &str, theirs: &str| compared(&[("index.ts", ours)], &published(Some(theirs), None, None));
        let (crlf, cr) = (CODE.replace('\n', "\r\n"), CODE.replace('\n', "\r"));
        let marked = format!("\u{feff}{CODE}");
        let (unended, spaced) = (CODE.trim_end(), format!("{CODE}\r\n\n"));
        for (ours, theirs) in [
            (CODE, CODE),
            (&crlf, CODE),
            (CODE, &crlf),
            (CODE, &cr),
            (&marked, CODE),
            (CODE, &marked),
            (CODE, unended),
            (unended, &crlf),
            (&spaced, unended),
        ] {
            assert_eq!(compare(ours, theirs), Comparison::Equal, "{ours:?} and {theirs:?}");
        }
        for ours in
            [CODE.replace(" = ", "  = "), format!("{CODE} "), format!("\n{CODE}"), CODE.replace('\n', "\n\n")]
        {
            assert_eq!(compare(&ours, CODE), different(&[changed("index.ts")]), "{ours:?}");
        }
    }

    #[test]
    fn the_readme_counts_only_where_the_hub_has_one() {
        let ours = [("index.ts", CODE), (README, "# a\n")];
        for (readme, expected) in [
            (None, Comparison::Equal),
            (Some(""), Comparison::Equal),
            (Some("# a\r\n"), Comparison::Equal),
            (Some("# b\n"), different(&[changed(README)])),
        ] {
            assert_eq!(compared(&ours, &published(Some(CODE), readme, None)), expected, "{readme:?}");
        }
    }

    #[test]
    fn every_file_is_compared_with_the_published_one_of_its_path() {
        let entrypoint = "export * from './other';\n";
        let ours = [("index.ts", entrypoint), ("other.ts", CODE)];
        let manifest = (FILE_NAME, MANIFEST);
        for (theirs, expected) in [
            (vec![manifest, ("index.ts", entrypoint), ("other.ts", CODE)], Comparison::Equal),
            (vec![manifest, ("index.ts", entrypoint), ("other.ts", "")], different(&[changed("other.ts")])),
            (
                vec![manifest, ("index.ts", entrypoint), ("old.ts", CODE)],
                different(&["`other.ts` was added".to_owned(), "`old.ts` was removed".to_owned()]),
            ),
        ] {
            assert_eq!(compared(&ours, &published(None, None, Some(&theirs))), expected, "{theirs:?}");
        }
    }

    #[test]
    fn an_entrypoint_that_was_published_alone_lacks_what_it_imports() {
        let ours = [("index.ts", "export * from './other';\n"), ("other.ts", CODE)];
        let without = "it was published earlier without the files that it imports (`other.ts`)".to_owned();
        let manifest = (FILE_NAME, MANIFEST);
        for (theirs, expected) in [
            (vec![ours[0]], vec![without.clone()]),
            (vec![("main.ts", ours[0].1), manifest, (README, "# a\n")], vec![without.clone()]),
            (vec![("index.ts", "import './gone';\n")], vec![changed("index.ts"), without]),
            (
                vec![("index.ts", CODE), manifest],
                vec![changed("index.ts"), "`other.ts` was added".to_owned()],
            ),
        ] {
            assert_eq!(
                compared(&ours, &published(None, None, Some(&theirs))),
                different(&expected),
                "{theirs:?}"
            );
        }
    }

    #[test]
    fn a_file_that_the_hub_does_not_show_makes_the_comparison_unknown() {
        let unknown = |path| Comparison::Unknown(format!("the Hub does not show `{path}` of this version"));
        let nothing = published(None, None, None);
        assert_eq!(compared(&[("index.ts", CODE)], &nothing), unknown("index.ts"));
        let entrypoint = "export * from './other';\n";
        let ours = [("index.ts", entrypoint), ("other.ts", CODE)];
        let code_alone = published(Some(entrypoint), None, None);
        assert_eq!(compared(&ours, &code_alone), unknown("other.ts"));
        // What differs in any case is more than what is not known.
        let other_code = published(Some(CODE), None, None);
        assert_eq!(compared(&ours, &other_code), different(&[changed("index.ts")]));
    }

    #[test]
    fn a_later_response_completes_an_earlier_one_and_replaces_nothing() {
        let mut content = published(Some("first"), None, None);
        content.complete(published(Some("second"), Some("readme"), Some(&[("a", "b")])));
        assert_eq!((content.code.as_deref(), content.readme.as_deref()), (Some("first"), Some("readme")));
        assert_eq!(content.file("a").map(|text| &**text), Some("b"));
        let fields =
            |fields: Value| Content { fields: fields.as_object().unwrap().clone(), ..Content::default() };
        let mut content = fields(serde_json::json!({"category": "media", "license": null}));
        content.complete(fields(serde_json::json!({"category": "auth", "license": "MIT", "runtime": null})));
        let expected = serde_json::json!({"category": "media", "license": "MIT", "runtime": null});
        assert_eq!(Value::from(content.fields), expected);
    }
}
