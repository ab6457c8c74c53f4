//! The environment, read once: what the rest of the program knows of the process it runs in.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use crate::text;

/// A snapshot of the process's environment. Empty variables count as unset.
///
/// Built by [`Env::of_process`] in the program and by hand in unit tests; nothing else reads the environment.
#[derive(Clone, Default)]
pub struct Env {
    variables: BTreeMap<String, String>,
    /// Names of variables whose value is not UTF-8.
    broken: Vec<String>,
    working_directory: PathBuf,
    stdout_is_terminal: bool,
}

impl Env {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// When the process has no working directory (it was deleted, say).
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Result<Self, String> {
        let working_directory = std::env::current_dir()
            .map_err(|error| format!("this process has no working directory ({})", text::of_io(&error)))?;
        let mut env = Self {
            working_directory,
            stdout_is_terminal: std::io::stdout().is_terminal(),
            ..Self::default()
        };
        for (name, value) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            match value.into_string() {
                Ok(value) if value.is_empty() => {}
                Ok(value) => {
                    env.variables.insert(name, value);
                }
                Err(_) => env.broken.push(name),
            }
        }
        Ok(env)
    }

    /// A snapshot made of the given variables, in the given working directory.
    pub fn of<'a>(
        working_directory: impl Into<PathBuf>,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let set = variables.into_iter().filter(|(_, value)| !value.is_empty());
        Self {
            variables: set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            working_directory: working_directory.into(),
            ..Self::default()
        }
    }

    /// The value of one variable; `None` if it is unset, empty or not UTF-8.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The names of all variables that are set, those with unreadable values included.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().chain(&self.broken).map(String::as_str)
    }

    /// Whether the variable is set to something that is not UTF-8.
    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.broken.iter().any(|broken| broken == name)
    }

    /// Where the process was started: relative paths in inputs start here.
    pub(crate) fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    /// Whether standard output is a terminal.
    pub(crate) fn stdout_is_terminal(&self) -> bool {
        self.stdout_is_terminal
    }
}
