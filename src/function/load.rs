//! A function's directory, loaded: its manifest, its code and its README, and every problem with them.

use std::collections::BTreeSet;
use std::path::{Component, Path};
use std::sync::Arc;

use semver::Version;

use super::allowed;
use super::code::checks;
use super::code::module::{is_code, is_declaration};
use super::code::parser::Parser;
use super::files::{Directory, FileError, Files, Role};
use super::manifest::fields::{FILE_NAME, Manifest};
use super::manifest::kind::{SKILL_FILE, other_manifest};
use super::manifest::slug::Slug;
use super::nearest::{MAX_NAMES, did_you_mean_path, nearest_path};
use super::secrets::findings as secrets;
use crate::finding::{Code, Finding};
use crate::secret::Secrets;
use crate::source::{Location, SourceFile, shown_path};

/// The README's file name: the Hub shows it on the function's page (Aerostack documentation, layout of a function).
pub(crate) const README: &str = "README.md";

/// The contents of a directory, as far as they could be read, and every problem with them.
#[derive(Default)]
pub(crate) struct Loaded {
    /// As reports show it.
    pub(crate) directory: String,
    /// `None` where there is no manifest of a function that can be read as text.
    pub(crate) manifest: Option<Arc<Manifest>>,
    pub(crate) findings: Vec<Finding>,
    /// The finding for a directory that holds something else than a function, of which nothing else was checked.
    pub(crate) other: Option<Finding>,
    /// `None` where something that is needed to send it is missing. Its findings decide whether it may be sent.
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
    /// Every other file of the code; empty for a function of one file.
    pub(crate) modules: Vec<SourceFile>,
    pub(crate) readme: Option<SourceFile>,
    /// What parsed its code; published versions are parsed by it too.
    pub(crate) parser: Parser,
}

impl Function {
    /// Name and version, as people read them.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.manifest.text("name").unwrap_or(self.slug.as_str()), self.version)
    }

    /// Whether its files are sent by their paths: the entrypoint alone would be incomplete.
    pub(crate) fn has_modules(&self) -> bool {
        !self.modules.is_empty()
    }

    /// The files that are sent by their paths: all code, and the manifest. Empty for a function of one file.
    pub(crate) fn by_path(&self) -> impl Iterator<Item = &SourceFile> {
        let manifest = &self.manifest.source;
        // Code may import the manifest.
        let modules = self.modules.iter().filter(|module| module.path != manifest.path);
        [manifest, &self.entrypoint].into_iter().chain(modules).filter(|_| self.has_modules())
    }

    /// The same, with hash and size of its files only.
    pub(crate) fn without_texts(&self) -> Self {
        Self {
            manifest: Arc::clone(&self.manifest),
            slug: self.slug.clone(),
            version: self.version.clone(),
            entrypoint: self.entrypoint.without_text(),
            exports: None,
            modules: self.modules.iter().map(SourceFile::without_text).collect(),
            readme: self.readme.as_ref().map(SourceFile::without_text),
            parser: self.parser.clone(),
        }
    }

    /// Every file whose text is sent, in path order. Of a function of one file, that is not the manifest.
    pub(crate) fn files(&self) -> Vec<&SourceFile> {
        in_path_order(std::iter::once(&self.entrypoint).chain(self.by_path()).chain(&self.readme))
    }

    /// Every file of which something is sent, in path order. The manifest always is: its fields are.
    pub(crate) fn sources(&self) -> Vec<&SourceFile> {
        in_path_order(self.files().into_iter().chain(std::iter::once(&self.manifest.source)))
    }
}

fn in_path_order<'f>(files: impl Iterator<Item = &'f SourceFile>) -> Vec<&'f SourceFile> {
    let mut files: Vec<_> = files.collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    files
}

/// Loads a function's directory, an absolute path without links, and checks everything in it. Paths are shown relative to `root`; the files are searched for
/// `keys`.
pub(crate) fn load(directory: &Path, root: &Path, keys: &Secrets, parser: &Parser) -> Loaded {
    let mut loaded = Loaded { directory: shown_path(directory, root), ..Loaded::default() };
    let findings = &mut loaded.findings;
    let opened = Directory::open(directory, &loaded.directory);
    let Some(mut files) = keep(opened, findings) else { return loaded };
    let Some(file) = keep(read_manifest(&mut files), findings) else { return loaded };
    let (manifest, problems) = Manifest::read(file, &files);
    let manifest = Arc::new(manifest);
    loaded.other = other_manifest(&manifest, files.has(SKILL_FILE));
    if loaded.other.is_some() {
        return loaded;
    }
    findings.extend(problems);
    let entrypoint = manifest.entrypoint.as_deref().map(|path| read_entrypoint(path, &manifest, &mut files));
    let entrypoint = entrypoint.and_then(|read| keep(read, findings));
    let code = match &entrypoint {
        Some(entrypoint) => checks::check(&mut files, entrypoint, &manifest, parser, findings),
        None => checks::CheckedCode::default(),
    };
    let readme = keep(read_readme(&manifest, &mut files), findings);

    let sent = std::iter::once(&manifest.source).chain(&entrypoint).chain(&code.modules).chain(&readme);
    let search = secrets::search(sent, keys, &code.allows);
    if !search.is_complete {
        // Any other finding could quote a secret that is not known.
        findings.clear();
    }
    findings.extend(search.findings);
    allowed::apply(entrypoint.iter().chain(&code.modules), &code.allows, findings);
    loaded.secrets = search.secrets;
    if let (Some(entrypoint), Some(slug), Some(version)) = (entrypoint, &manifest.slug, &manifest.version) {
        loaded.function = Some(Arc::new(Function {
            manifest: Arc::clone(&manifest),
            slug: slug.clone(),
            version: version.clone(),
            entrypoint,
            exports: code.exports,
            modules: code.modules,
            readme,
            parser: parser.clone(),
        }));
    }
    loaded.manifest = Some(manifest);
    loaded
}

/// What was read; otherwise the problem with it is in `findings`.
fn keep<T>(read: Result<T, Finding>, findings: &mut Vec<Finding>) -> Option<T> {
    read.map_err(|finding| findings.push(finding)).ok()
}

fn read_entrypoint(path: &str, manifest: &Manifest, files: &mut Directory) -> Result<SourceFile, Finding> {
    let location = manifest.location("entrypoint");
    if path.trim().is_empty() {
        let message = "the path of the entrypoint is empty";
        return Err(Finding::new(Code::MissingEntrypoint, message).at(location));
    }
    let file = files.read(path).map_err(|error| {
        let meant = meant_entrypoint(path, &error, files);
        let hint = meant.map(|meant| did_you_mean_path(path, &meant));
        error.finding(path, Role::Entrypoint, location).with_optional_hint(hint)
    })?;
    if file.text.trim().is_empty() {
        let message = format!("the entrypoint `{path}` is empty");
        return Err(Finding::new(Code::EmptyCode, message).at(file.whole()));
    }
    Ok(file)
}

/// The file that was probably meant by an entrypoint that can't be read.
fn meant_entrypoint(path: &str, error: &FileError, files: &impl Files) -> Option<String> {
    if !matches!(error, FileError::Missing | FileError::NotAFile(_) | FileError::Outside(_)) {
        return None;
    }
    let plain = path.replace('\\', "/");
    let is_code = |name: &str| is_code(name) && !is_declaration(name);
    let code_in = |directory: &str| {
        let names = files.names_in(directory).into_iter();
        names.filter(|name| is_code(name) || !name.contains('.')).collect()
    };
    // Relative to the repository, where it should be relative to the function's directory; or the other way round.
    let shorter = plain.match_indices('/').filter_map(|(at, _)| plain.get(at + 1..)).map(str::to_owned);
    let elsewhere = shorter.chain([format!("src/{plain}"), format!("{plain}/index.ts")]);
    let candidates = nearest_path(&plain, code_in).into_iter().chain([plain.clone()]).chain(elsewhere);
    let is_meant = |meant: &String| {
        let is_inside = !Path::new(meant).components().any(|part| part == Component::ParentDir);
        meant != path && is_inside && is_code(meant) && files.has(meant)
    };
    candidates.into_iter().find(is_meant)
}

/// The manifest. One that is missing is in no file, so that the finding has no location.
fn read_manifest(files: &mut Directory) -> Result<SourceFile, Finding> {
    files.read(FILE_NAME).map_err(|error| {
        let location = Location::file(files.shown(FILE_NAME));
        let finding = error.finding(FILE_NAME, Role::Manifest, location);
        if files.has(FILE_NAME) {
            return finding;
        }
        let names = files.names_in("").into_iter().filter(|name| name.to_lowercase().contains(".json"));
        let meant = nearest_path(FILE_NAME, |_| names.clone().collect());
        let hint = meant.map(|other| format!("rename `{other}` to `{FILE_NAME}`"));
        Finding { location: None, ..finding }.with_optional_hint(hint)
    })
}

fn read_readme(manifest: &Manifest, files: &mut Directory) -> Result<SourceFile, Finding> {
    let names = files.names_in("");
    if names.iter().any(|name| name == README) || (names.len() > MAX_NAMES && files.has(README)) {
        let named_at = manifest.location_of_file(README, files);
        return files.read(README).map_err(|error| error.finding(README, Role::Companion, named_at));
    }
    let is_readme =
        |name: &&String| name.split('.').next().is_some_and(|stem| stem.eq_ignore_ascii_case("readme"));
    let other = names.iter().filter(is_readme).min();
    let hint = other.map(|other| format!("rename `{other}` to `{README}`"));
    let finding = Finding::new(Code::ReadmeMissing, "there is no README.md");
    Err(finding.with_optional_hint(hint).at(manifest.source.whole()))
}
