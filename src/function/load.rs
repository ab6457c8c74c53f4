//! A function's directory, loaded: its manifest, its code and its README, and all that is wrong with them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use semver::Version;

use super::code::checks;
use super::files::{Directory, explain};
use super::manifest::fields::{FILE_NAME, Manifest, Slug};
use super::secrets::scan::{self, Secret};
use crate::finding::{Code, Finding};
use crate::secret::Secrets;
use crate::source::{Location, SourceFile, shown_path};

/// The README's file name: the Hub shows it on the function's page (Aerostack documentation, layout of a function).
pub(crate) const README: &str = "README.md";

/// What a directory holds, as far as it could be understood, and all that is wrong with it.
pub(crate) struct Loaded {
    /// As reports show it.
    pub(crate) directory: String,
    /// `None` where there is no manifest that can be read as text.
    pub(crate) manifest: Option<Arc<Manifest>>,
    pub(crate) findings: Vec<Finding>,
    /// `None` where too much is wrong to send it. Whether it may be sent is decided by its findings.
    pub(crate) function: Option<Arc<Function>>,
    /// Secrets found in the files, in every form in which a report could show them.
    pub(crate) secrets: Vec<String>,
}

/// A function that could be sent.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) slug: Slug,
    pub(crate) version: Version,
    pub(crate) entrypoint: SourceFile,
    /// Names that the entrypoint exports; `None` where they are not known.
    pub(crate) exports: Option<BTreeSet<String>>,
    /// Every other file that the code is made of; empty for a function of one file.
    pub(crate) modules: Vec<SourceFile>,
    pub(crate) readme: Option<SourceFile>,
}

impl Function {
    /// Whether its files are sent by their paths: the entrypoint alone would be incomplete.
    pub(crate) fn has_modules(&self) -> bool {
        !self.modules.is_empty()
    }

    /// The files that are sent by their paths: all code, and the manifest. Empty for a function of one file.
    pub(crate) fn by_path(&self) -> impl Iterator<Item = &SourceFile> {
        let all = [&self.manifest.source, &self.entrypoint].into_iter().chain(&self.modules);
        all.filter(|_| self.has_modules())
    }

    /// Every file that is sent, in path order.
    pub(crate) fn files(&self) -> Vec<&SourceFile> {
        let mut files: Vec<_> =
            std::iter::once(&self.entrypoint).chain(self.by_path()).chain(&self.readme).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        files
    }
}

/// Loads a function's directory and checks everything in it. `root` is what paths are shown from; `keys` are searched for
/// in the files.
pub(crate) fn load(directory: &Path, root: &Path, keys: &Secrets) -> Loaded {
    let shown = shown_path(directory, root);
    let mut loaded = Loaded {
        directory: shown.clone(),
        manifest: None,
        findings: Vec::new(),
        function: None,
        secrets: Vec::new(),
    };
    let findings = &mut loaded.findings;
    let mut files = match Directory::open(directory, &shown) {
        Ok(files) => files,
        Err(cause) => {
            let message = format!("the directory can't be read ({cause})");
            findings.push(Finding::new(Code::NoFunction, message).at(Location::file(shown)));
            return loaded;
        }
    };
    let manifest = match files.read(FILE_NAME) {
        Ok(file) => Arc::new(Manifest::read(file, findings)),
        Err(fault) => {
            let file = files.shown(FILE_NAME);
            let at = Location::file(&file);
            findings.push(explain(&fault, FILE_NAME, Code::ManifestMissing, at, &file));
            return loaded;
        }
    };
    let entrypoint = read_entrypoint(&mut files, &manifest, findings);
    let code = match &entrypoint {
        Some(entrypoint) => checks::check(&mut files, entrypoint, &manifest, findings),
        None => checks::CheckedCode::default(),
    };
    let readme = read_readme(&mut files, findings);

    let all = std::iter::once(&manifest.source).chain(&entrypoint).chain(&code.modules).chain(&readme);
    let (found, secrets) = find_secrets(all, keys);
    if found.is_complete {
        loaded.findings.extend(found.findings);
    } else {
        // Where not all secrets are known, any other finding could quote one of the rest.
        loaded.findings = found.findings;
    }
    loaded.secrets = secrets;
    if let (Some(entrypoint), Some(slug), Some(version)) = (entrypoint, &manifest.slug, &manifest.version) {
        loaded.function = Some(Arc::new(Function {
            manifest: Arc::clone(&manifest),
            slug: slug.clone(),
            version: version.clone(),
            entrypoint,
            exports: code.exports,
            modules: code.modules,
            readme,
        }));
    }
    loaded.manifest = Some(manifest);
    loaded
}

fn read_entrypoint(
    files: &mut Directory,
    manifest: &Manifest,
    findings: &mut Vec<Finding>,
) -> Option<SourceFile> {
    let path = manifest.entrypoint.as_deref()?;
    let at = manifest.location("entrypoint");
    if path.trim().is_empty() {
        findings.push(Finding::new(Code::MissingEntrypoint, "the path of the entrypoint is empty").at(at));
        return None;
    }
    let shown = files.shown(path);
    match files.read(path) {
        Ok(file) if file.text.trim().is_empty() => {
            let message = format!("the entrypoint `{path}` is empty");
            findings.push(Finding::new(Code::EmptyCode, message).at(file.whole()));
            None
        }
        Ok(file) => Some(file),
        Err(fault) => {
            findings.push(explain(&fault, path, Code::MissingEntrypoint, at, &shown));
            None
        }
    }
}

fn read_readme(files: &mut Directory, findings: &mut Vec<Finding>) -> Option<SourceFile> {
    let shown = files.shown(README);
    let names = files.names();
    if !names.iter().any(|name| name == README) {
        let finding = Finding::new(Code::ReadmeMissing, "there is no README.md").at(Location::file(shown));
        findings.push(match names.iter().find(|name| name.eq_ignore_ascii_case(README)) {
            Some(other) => finding.with_hint(format!("rename `{other}` to `{README}`")),
            None => finding,
        });
        return None;
    }
    files
        .read(README)
        .map_err(|fault| {
            findings.push(explain(&fault, README, Code::MissingFile, Location::file(&shown), &shown));
        })
        .ok()
}

/// What the search for secrets came to.
struct FoundSecrets {
    findings: Vec<Finding>,
    /// Whether every secret is known.
    is_complete: bool,
}

fn find_secrets<'f>(
    files: impl Iterator<Item = &'f SourceFile>,
    keys: &Secrets,
) -> (FoundSecrets, Vec<String>) {
    let mut found = FoundSecrets { findings: Vec::new(), is_complete: true };
    let mut forms = Vec::new();
    for file in files {
        let secrets = scan::find(&file.text, keys.expose());
        found.is_complete &= secrets.len() <= scan::MOST;
        found.findings.extend(tell_secrets(&secrets, file));
        let texts = secrets.iter().filter_map(|secret| file.text.get(secret.range.clone()));
        forms.extend(texts.flat_map(scan::forms));
    }
    (found, forms)
}

/// The secrets in a file, as findings.
pub(super) fn tell_secrets(secrets: &[Secret], file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for secret in secrets.iter().take(scan::MOST) {
        let start = if secret.start.is_empty() {
            String::new()
        } else {
            format!(", which starts with `{}`", secret.start)
        };
        let message = format!("found {}{start}", secret.kind);
        let finding = Finding::new(Code::SecretFound, message).at(file.at(secret.range.clone()));
        // JSON has no comments.
        findings.push(if secret.is_own || file.path == FILE_NAME {
            finding
        } else {
            let hint = format!("{}; if it is not a secret, allow its line", finding.hint);
            finding.with_hint(format!("{hint} with a comment on it or above it: `{}`", scan::ALLOWED))
        });
    }
    if secrets.len() > scan::MOST {
        let message = format!("found more than {} secrets in this file", scan::MOST);
        findings.push(Finding::new(Code::SecretFound, message).at(file.whole()));
    }
    findings
}
