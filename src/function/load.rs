//! A function: its directory read and judged, as far as that goes without the Hub.

use std::collections::BTreeSet;
use std::path::Path;

use semver::Version;

use super::code::checks;
use super::files::{Directory, explain};
use super::manifest::fields::{FILE_NAME, Manifest, Slug};
use super::secrets::scan::{self, Secret};
use crate::finding::{Code, Finding};
use crate::release::public_api::PublicApi;
use crate::secret::Secrets;
use crate::settings::ci::Ci;
use crate::source::{Lines, Location, SourceFile};

/// The README's file name: the Hub shows it on the function's page (Aerostack documentation, layout of a function).
pub(crate) const README: &str = "README.md";

/// A directory as it was found: what could be understood of it, and all that is wrong with it.
pub(crate) struct Loaded {
    /// As reports show it.
    pub(crate) directory: String,
    pub(crate) manifest: Manifest,
    pub(crate) findings: Vec<Finding>,
    /// The function, if nothing keeps it from being one. Its findings decide whether it may be sent.
    pub(crate) function: Option<Function>,
    /// Secrets found in the files, in every form in which a report could come by them.
    pub(crate) secrets: Vec<String>,
}

impl Loaded {
    /// Whether there is a manifest, right or wrong.
    pub(crate) fn has_manifest(&self) -> bool {
        !self.manifest.file.is_empty()
    }
}

/// A function that could be sent.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) manifest: Manifest,
    pub(crate) slug: Slug,
    pub(crate) version: Version,
    pub(crate) entrypoint: SourceFile,
    /// The entrypoint as reports show it.
    pub(crate) entrypoint_file: String,
    /// Names that the entrypoint exports; nothing where they can't be told.
    pub(crate) exports: Option<BTreeSet<String>>,
    /// Everything else that the code is made of; empty for a function of one file.
    pub(crate) modules: Vec<SourceFile>,
    /// The manifest as it stands.
    pub(crate) manifest_file: SourceFile,
    pub(crate) readme: Option<SourceFile>,
}

impl Function {
    /// Whether its files are sent by their paths: the entrypoint alone would not be the whole of it.
    pub(crate) fn has_modules(&self) -> bool {
        !self.modules.is_empty()
    }

    /// The files that are sent by their paths: all code, and the manifest. None for a function of one file.
    pub(crate) fn by_path(&self) -> impl Iterator<Item = &SourceFile> {
        let all = std::iter::once(&self.manifest_file)
            .chain(std::iter::once(&self.entrypoint))
            .chain(&self.modules);
        all.filter(|_| self.has_modules())
    }

    /// Every file of which something is sent: the manifest's fields go along in any case.
    fn sources(&self) -> impl Iterator<Item = &SourceFile> {
        let manifest = std::iter::once(&self.manifest_file).filter(|_| !self.has_modules());
        manifest.chain(self.files())
    }

    /// What users of this version build on.
    pub(crate) fn surface(&self) -> PublicApi {
        PublicApi::of_manifest(&self.manifest.fields, self.exports.clone())
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

/// Reads a function's directory and judges everything in it.
pub(crate) fn load(directory: &Path, platform: &Ci, keys: &Secrets) -> Loaded {
    let mut loaded = Loaded {
        directory: platform.show(directory),
        manifest: Manifest::default(),
        findings: Vec::new(),
        function: None,
        secrets: Vec::new(),
    };
    if loaded.directory.is_empty() {
        ".".clone_into(&mut loaded.directory);
    }
    // A link is shown where it stands, not where it leads.
    let shown = |path: &str| platform.show_inside(directory, path);
    let manifest_file = shown(FILE_NAME);
    let mut files = match Directory::open(directory) {
        Ok(files) => files,
        Err(cause) => {
            let message = format!("the directory can't be read ({cause})");
            loaded
                .findings
                .push(Finding::new(Code::NoFunction, message).at(Location::file(&loaded.directory)));
            return loaded;
        }
    };
    let findings = &mut loaded.findings;
    let manifest_text = match files.read(FILE_NAME) {
        Ok(file) => file,
        Err(fault) => {
            let (at, file) = (Location::file(&manifest_file), &manifest_file);
            findings.push(explain(&fault, FILE_NAME, Code::ManifestMissing, at, file));
            return loaded;
        }
    };
    loaded.manifest = Manifest::read(&manifest_file, &manifest_text.text, findings);
    let manifest = &loaded.manifest;
    let entrypoint = manifest.entrypoint.as_deref().and_then(|path| {
        read_entrypoint(&mut files, path, manifest, &shown(path))
            .map_err(|finding| findings.push(finding))
            .ok()
    });
    let code = match &entrypoint {
        Some(entrypoint) => checks::read(&mut files, entrypoint, manifest, &shown, findings),
        None => checks::Code::default(),
    };
    let readme = read_readme(&mut files, &shown(README), findings);
    let mut read = Vec::new();
    loaded.function = match (entrypoint, &manifest.slug, &manifest.version) {
        (Some(entrypoint), Some(slug), Some(version)) => Some(Function {
            manifest: manifest.clone(),
            slug: slug.clone(),
            version: version.clone(),
            entrypoint_file: shown(&entrypoint.path),
            entrypoint,
            exports: code.exports,
            modules: code.modules,
            manifest_file: manifest_text,
            readme,
        }),
        (entrypoint, ..) => {
            read.extend(std::iter::once(manifest_text).chain(entrypoint).chain(code.modules).chain(readme));
            None
        }
    };
    let mut are_all = true;
    for file in read.iter().chain(loaded.function.iter().flat_map(Function::sources)) {
        let secrets = scan::find(&file.text, keys.expose());
        are_all &= secrets.len() <= scan::MOST;
        tell_secrets(&secrets, file, &shown(&file.path), &mut loaded.findings);
        let texts = secrets.iter().filter_map(|secret| file.text.get(secret.range.clone()));
        loaded.secrets.extend(texts.flat_map(scan::forms));
    }
    // Where not all secrets are known, any other finding could quote one of the rest.
    if !are_all {
        loaded.findings.retain(|finding| finding.code == Code::SecretFound);
    }
    loaded
}

fn read_entrypoint(
    files: &mut Directory,
    path: &str,
    manifest: &Manifest,
    shown: &str,
) -> Result<SourceFile, Finding> {
    let at = manifest.place("entrypoint");
    if path.trim().is_empty() {
        return Err(Finding::new(Code::MissingEntrypoint, "the entrypoint's path is blank").at(at));
    }
    let file = files.read(path).map_err(|fault| explain(&fault, path, Code::MissingEntrypoint, at, shown))?;
    if file.text.trim().is_empty() {
        let message = format!("the entrypoint `{path}` is empty");
        return Err(Finding::new(Code::EmptyCode, message).at(Location::file(shown)));
    }
    Ok(file)
}

fn read_readme(files: &mut Directory, shown: &str, findings: &mut Vec<Finding>) -> Option<SourceFile> {
    let names = files.names();
    if !names.iter().any(|name| name == README) {
        let finding = Finding::new(Code::ReadmeMissing, "there is no README.md").at(Location::file(shown));
        findings.push(match names.iter().find(|name| name.eq_ignore_ascii_case(README)) {
            Some(other) => finding.with_hint(format!("rename `{other}` to `{README}`")),
            None => finding,
        });
        return None;
    }
    let read = files.read(README);
    read.map_err(|fault| {
        findings.push(explain(&fault, README, Code::MissingFile, Location::file(shown), shown));
    })
    .ok()
}

/// The secrets in a file, as findings.
pub(super) fn tell_secrets(secrets: &[Secret], file: &SourceFile, shown: &str, findings: &mut Vec<Finding>) {
    if secrets.is_empty() {
        return;
    }
    let lines = Lines::of(&file.text);
    for secret in secrets.iter().take(scan::MOST) {
        let start = if secret.start.is_empty() {
            String::new()
        } else {
            format!(", it begins with `{}`", secret.start)
        };
        let message = format!("{} stands here{start}", secret.kind);
        let place = Location::at(shown, lines.span(secret.range.clone()));
        let finding = Finding::new(Code::SecretFound, message).at(place);
        // JSON has no comments.
        findings.push(if secret.is_own || file.path == FILE_NAME {
            finding
        } else {
            let hint = format!("{}; if it is no secret, allow its line", finding.hint);
            finding.with_hint(format!("{hint} with a comment on it or above it: `{}`", scan::ALLOWED))
        });
    }
    if secrets.len() > scan::MOST {
        let message = format!("more than {} secrets stand in this file", scan::MOST);
        findings.push(Finding::new(Code::SecretFound, message).at(Location::file(shown)));
    }
}
