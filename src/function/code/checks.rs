//! The code: every module that the entrypoint reaches, read and judged.

use crate::text;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::exports::Exports;
use super::graph::{Broken, Cause, Files, Modules, Node};
use super::module::SyntaxFault;
use super::{dependencies, drizzle};
use crate::finding::{self, Finding};
use crate::function::files::FileError;
use crate::function::manifest::fields::{Manifest, is_identifier};
use crate::source::Location;
use crate::source::SourceFile;

/// Where a function's Drizzle tables are by custom (Aerostack documentation, layout of a function).
const SCHEMA: &str = "schema.ts";

/// Most findings of one kind: who has mended so many runs it again.
pub(crate) const MOST_FINDINGS: usize = 100;

/// Endings of files in each language (`language` in the manifest).
const ENDINGS: [(&str, &[&str]); 2] =
    [("typescript", &[".ts", ".tsx", ".mts", ".cts"]), ("javascript", &[".js", ".jsx", ".mjs", ".cjs"])];

/// The code as it was understood.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// The files that it is made of, but for the entrypoint.
    pub(crate) modules: Vec<SourceFile>,
    /// Names that the entrypoint exports; nothing where they can't be told.
    pub(crate) exports: Option<BTreeSet<String>>,
}

/// What an entrypoint exports that is published with these files, text by path; nothing where that can't be told.
pub(crate) fn exports_of(
    entrypoint: SourceFile,
    files: &BTreeMap<String, String>,
) -> Option<BTreeSet<String>> {
    let path = entrypoint.path.clone();
    let (modules, _) = Modules::reached_from(vec![entrypoint], &mut Published(files));
    known_exports(&path, &modules)
}

fn known_exports(entrypoint: &str, modules: &Modules) -> Option<BTreeSet<String>> {
    let is_understood = modules.iter().all(|node| node.module.faults.is_empty());
    let exports = Exports::of(entrypoint, modules);
    (is_understood && exports.is_all).then_some(exports.values)
}

/// The files of a published version.
pub(crate) struct Published<'f>(pub(crate) &'f BTreeMap<String, String>);

impl Files for Published<'_> {
    fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    fn read(&mut self, path: &str) -> Result<SourceFile, FileError> {
        let text = self.0.get(path).ok_or(FileError::Missing)?;
        Ok(SourceFile::published(path, text))
    }

    fn names_in(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Judges the code.
pub(crate) fn read(
    files: &mut impl Files,
    entrypoint: &SourceFile,
    manifest: &Manifest,
    findings: &mut Vec<Finding>,
) -> Code {
    let mut roots = vec![entrypoint.clone()];
    let has_schema = manifest.fields.get("drizzleSchema").and_then(serde_json::Value::as_bool) == Some(true);
    if has_schema && entrypoint.path != SCHEMA && files.has(SCHEMA) {
        let shown = files.shown(SCHEMA);
        let schema = files.read(SCHEMA).map_err(|error| {
            findings.push(error.finding(SCHEMA, finding::Code::MissingFile, Location::file(shown)));
        });
        roots.extend(schema);
    }
    let (modules, broken) = Modules::reached_from(roots, files);
    let judge = Judge { modules: &modules, manifest };
    findings.extend(judge.syntax());
    findings.extend(broken.iter().map(|broken| judge.broken(broken, files)));
    findings.extend(judge.language(&entrypoint.path));
    findings.extend(judge.dependencies());
    findings.extend(judge.env_vars());
    // What was not found or not understood may hold the very export that is looked for.
    if modules.is_complete {
        findings.extend(judge.exports(&entrypoint.path));
        findings.extend(judge.schema().filter(|_| has_schema));
    }
    Code {
        exports: known_exports(&entrypoint.path, &modules),
        modules: modules.into_files().filter(|file| file.path != entrypoint.path).collect(),
    }
}

struct Judge<'a> {
    modules: &'a Modules,
    manifest: &'a Manifest,
}

impl Judge<'_> {
    fn place(&self, node: &Node, range: Range<usize>) -> Location {
        node.file.at(range)
    }

    fn syntax(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for node in self.modules.iter().filter(|node| !node.module.faults.is_empty()) {
            findings.extend(node.module.faults.iter().map(|SyntaxFault { message, hint, range }| {
                let finding = Finding::new(finding::Code::SyntaxError, message);
                let finding = finding.at(node.file.at(range.clone()));
                match hint {
                    Some(hint) => finding.with_hint(hint),
                    None => finding,
                }
            }));
        }
        findings
    }

    fn broken(&self, broken: &Broken, files: &impl Files) -> Finding {
        let Broken { importer, specifier, range, cause } = broken;
        let place = match self.modules.get(importer) {
            Some(node) => self.place(node, range.clone()),
            None => Location::file(files.shown(importer)),
        };
        match cause {
            Cause::Missing { near } => {
                let finding = Finding::new(
                    finding::Code::MissingFile,
                    format!("`{specifier}` is imported, and there is no such file"),
                );
                match near {
                    Some(near) => finding.with_hint(format!("did you mean `{near}`?")),
                    None => finding,
                }
                .at(place)
            }
            Cause::Withheld => Finding::new(finding::Code::MissingFile, "`.env` files are never sent")
                .with_hint("read variables from the environment, and name them in `envVars`")
                .at(place),
            Cause::Unfit(path, FileError::NotUtf8 { .. }) => {
                let message = format!("`{path}` is imported, and is not text: only text can be sent");
                let hint = "embed it in a module as Base64, or fetch it when the function runs";
                Finding::new(finding::Code::NotUtf8, message).with_hint(hint).at(place)
            }
            Cause::Unfit(path, error) => {
                error.finding(path, finding::Code::MissingFile, place.clone()).at(place)
            }
        }
    }

    fn language(&self, entrypoint: &str) -> Option<Finding> {
        let language = self.manifest.text("language")?;
        let (written_in, _) =
            ENDINGS.iter().find(|(_, endings)| endings.iter().any(|ending| entrypoint.ends_with(ending)))?;
        if *written_in == language || !ENDINGS.iter().any(|(known, _)| *known == language) {
            return None;
        }
        let message = format!("`language` is `{language}`, and `{entrypoint}` is {written_in}");
        let finding = Finding::new(finding::Code::LanguageMismatch, message)
            .with_hint(format!("write `{written_in}`, or rename the file"));
        Some(finding.at(self.manifest.location("language")))
    }

    fn dependencies(&self) -> Vec<Finding> {
        let Some(declared) = self.manifest.texts("npmDependencies") else { return Vec::new() };
        dependencies::judge(self.modules, &declared, |node, import| self.place(node, import.range.clone()))
    }

    /// A finding at the first read of each variable that is not declared.
    fn env_vars(&self) -> Vec<Finding> {
        let Some(declared) = self.manifest.texts("envVars") else { return Vec::new() };
        let mut seen: BTreeSet<&str> = declared.iter().copied().collect();
        let mut findings = Vec::new();
        let reads =
            self.modules.iter().flat_map(|node| node.module.env_reads.iter().map(move |read| (node, read)));
        for (node, (name, range)) in reads {
            if findings.len() == MOST_FINDINGS || !seen.insert(name) {
                continue;
            }
            let message = format!("the environment variable `{name}` is read, and not in `envVars`");
            let finding =
                Finding::new(finding::Code::UndeclaredEnvVar, message).at(self.place(node, range.clone()));
            findings.push(match text::did_you_mean(name, declared.iter().copied()) {
                Some(meant) => {
                    finding.with_hint(format!("did you mean `{meant}`? else add `\"{name}\"` to `envVars`"))
                }
                None => finding.with_hint(format!(
                    "add `\"{name}\"` to `envVars`: who installs the function must set it"
                )),
            });
        }
        findings
    }

    fn exports(&self, entrypoint: &str) -> Vec<Finding> {
        let exports = Exports::of(entrypoint, self.modules);
        if exports.values.is_empty() && exports.is_all {
            let message = if exports.types.is_empty() {
                format!("`{entrypoint}` exports nothing")
            } else {
                format!("`{entrypoint}` exports only types, of which nothing is left when it runs")
            };
            let place =
                Location::file(self.modules.get(entrypoint).map_or(entrypoint, |node| &node.file.shown));
            return vec![Finding::new(finding::Code::NoExport, message).at(place)];
        }
        self.route_export(entrypoint, &exports).into_iter().collect()
    }

    fn route_export(&self, entrypoint: &str, exports: &Exports) -> Option<Finding> {
        let name = self.manifest.text("routeExport").filter(|name| is_identifier(name))?;
        if exports.values.contains(name) || !exports.is_all {
            return None;
        }
        let message = if exports.types.contains(name) {
            format!("`{entrypoint}` exports `{name}` as a type only")
        } else {
            format!("`{entrypoint}` does not export `{name}`")
        };
        let finding = Finding::new(finding::Code::RouteExportNotFound, message)
            .at(self.manifest.location("routeExport"));
        let names = || exports.values.iter().map(String::as_str);
        let hint = text::did_you_mean(name, names()).map(|meant| format!("did you mean `{meant}`?"));
        Some(finding.with_hint(hint.unwrap_or_else(|| {
            let names: Vec<_> = names().take(10).map(|name| format!("`{name}`")).collect();
            format!("it exports {}", names.join(", "))
        })))
    }

    fn schema(&self) -> Option<Finding> {
        if drizzle::exports_table(self.modules) {
            return None;
        }
        let message = "`drizzleSchema` is `true`, and no module exports a Drizzle table";
        Some(
            Finding::new(finding::Code::SchemaNotExported, message)
                .at(self.manifest.location("drizzleSchema")),
        )
    }
}
