//! What is known of one module after it was parsed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use oxc_span::SourceType;

use crate::finding::{Code, Finding};
use crate::source::SourceFile;

/// What a module imports, exports, reads and declares.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Why it can't be loaded. If there is one, nothing else is known.
    pub(super) errors: Vec<Finding>,
    /// In source order.
    pub(super) imports: Vec<Import>,
    pub(super) exports: Exports,
    /// In source order.
    pub(super) env_reads: Vec<EnvRead>,
    /// By local name.
    pub(super) import_bindings: BTreeMap<String, ImportBinding>,
    /// By the name of a top-level variable, or [`DEFAULT`].
    pub(super) initializers: BTreeMap<String, Initializer>,
    pub(super) timed_out: bool,
}

/// A request for another module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) specifier: String,
    pub(super) kind: ImportKind,
    /// The specifier with its quotes.
    pub(super) range: Range<usize>,
}

/// What an import needs of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImportKind {
    /// Only types: nothing is loaded at run time.
    Type,
    Value,
    /// Loaded inside `try`: the code handles its absence.
    Optional,
}

/// A name that a module imports from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportBinding {
    pub(super) specifier: String,
    /// One of its exports, `default` included; `None` for the module as an object.
    pub(super) name: Option<String>,
    pub(super) is_type: bool,
}

/// What a module exports.
#[derive(Debug, Default)]
pub(super) struct Exports {
    /// What exists at run time.
    pub(super) values: BTreeMap<String, ExportSource>,
    /// Names that are exported as types only.
    pub(super) types: BTreeSet<String>,
    /// Specifiers of the modules in `export * from …`.
    pub(super) stars: Vec<String>,
    /// Whether there may be more exports, whose names are only known at run time.
    pub(super) is_partial: bool,
    /// Whether there is neither `import` nor `export`: then `default` is `module.exports`.
    pub(super) is_common_js: bool,
}

/// Where an exported value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExportSource {
    Local(String),
    Imported(ImportBinding),
}

/// An environment variable that is read.
#[derive(Debug)]
pub(super) struct EnvRead {
    pub(super) name: String,
    pub(super) range: Range<usize>,
    /// Whether `envVars` has to list it. Otherwise every system sets it, or it may be another kind of binding.
    pub(super) must_be_declared: bool,
}

/// How a value is made: a local name, and what is called or accessed on it, as in `pgSchema('a').table('b', …)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Initializer {
    pub(super) base: String,
    pub(super) operations: Vec<Operation>,
}

/// One step of an [`Initializer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    Member(String),
    Call,
}

/// The name of a default export, and the local name of one that is an expression.
pub(super) const DEFAULT: &str = "default";

/// Why a module can't be loaded.
pub(super) fn syntax_error(file: &SourceFile, message: impl Into<String>, range: Range<usize>) -> Finding {
    Finding::new(Code::SyntaxError, message).at(file.at(range))
}

/// Whether a file of this name is code that can be parsed.
pub(super) fn is_code(path: &str) -> bool {
    SourceType::from_path(path).is_ok()
}
