//! What is at a path, and where its links lead.

use std::io::{Error, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::withheld::withheld_part;
use crate::function::manifest::fields::FILE_NAME;

/// Whether a path is a directory or a link to one. A link that leads nowhere is an error.
pub(super) fn is_directory(path: &Path) -> Result<bool, Error> {
    match path.metadata() {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(cause) if is_absence(&cause) && path.is_symlink() => {
            Err(Error::new(ErrorKind::NotFound, "it is a link to a path that does not exist"))
        }
        Err(cause) if is_absence(&cause) => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// Whether there is no such file or directory.
pub(super) fn is_absence(cause: &Error) -> bool {
    matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Whether a directory has a manifest. One that has must be readable: a README that can't be seen would not be sent.
pub(super) fn has_manifest(directory: &Path) -> Result<bool, Error> {
    match directory.join(FILE_NAME).symlink_metadata() {
        Ok(_) => directory.read_dir().map(|_| true),
        Err(cause) if is_absence(&cause) => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// The directories that no link may lead out of, without links.
pub(super) struct Roots {
    workspace: PathBuf,
    /// The working directory, if it is not in the workspace.
    separate: Option<PathBuf>,
}

/// Where a path leads.
pub(super) enum Resolved {
    /// To this path without links.
    To(PathBuf),
    /// By a link out of this root. A path that is outside by itself (`../other`) leads out of nothing.
    OutOf(&'static str),
    /// Into a place whose files are never sent, by this part of the path below a root.
    Withheld(String),
}

impl Roots {
    pub(super) fn new(workspace: &Path, working_directory: &Path) -> Self {
        let [workspace, working_directory] = [workspace, working_directory]
            .map(|path| path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        let separate = Some(working_directory).filter(|path| !path.starts_with(&workspace));
        Self { workspace, separate }
    }

    /// Follows a path once: what is judged is the very path without links that is opened later.
    pub(super) fn resolve(&self, path: &Path) -> Result<Resolved, Error> {
        let mut real = path.canonicalize()?;
        let roots = || [&self.workspace].into_iter().chain(&self.separate);
        if !roots().all(|root| real.starts_with(root)) {
            let steps = steps_of(path)?;
            real = steps.last().map_or(real, |step| step.to.clone());
            let is_left =
                |root: &PathBuf| !real.starts_with(root) && steps.iter().any(|step| step.leads_out_of(root));
            if roots().any(is_left) {
                let is_inside = real.starts_with(&self.workspace);
                return Ok(Resolved::OutOf(if is_inside { "working directory" } else { "workspace" }));
            }
        }
        let withheld = roots().filter_map(|root| real.strip_prefix(root).ok()).find_map(withheld_part);
        Ok(withheld.map_or(Resolved::To(real), Resolved::Withheld))
    }
}

/// A part of a path, the path without links before it, and the one after it.
struct Step<'p> {
    part: Component<'p>,
    from: PathBuf,
    to: PathBuf,
}

impl Step<'_> {
    /// Whether it is a link that leads out of a root.
    fn leads_out_of(&self, root: &Path) -> bool {
        self.part != Component::ParentDir && self.from.starts_with(root) && !self.to.starts_with(root)
    }
}

/// The way to where a path leads: each step goes on from where the last one led.
fn steps_of(path: &Path) -> Result<Vec<Step<'_>>, Error> {
    let mut steps = Vec::new();
    let mut from = PathBuf::new();
    for part in path.components() {
        let to = from.join(part).canonicalize()?;
        steps.push(Step { part, from, to: to.clone() });
        from = to;
    }
    Ok(steps)
}
