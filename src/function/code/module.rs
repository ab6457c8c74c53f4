//! What there is to know of one module of a function.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use oxc_span::SourceType;

/// Most faults of one module that are told: who has mended so many runs it again.
pub(super) const MAX_FAULTS: usize = 100;

/// What a module imports, exports, reads and declares.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) faults: Vec<SyntaxFault>,
    /// In the order of the text.
    pub(super) imports: Vec<Import>,
    pub(super) exported: Exported,
    /// Environment variables read, and where.
    pub(super) env_reads: Vec<(String, Range<usize>)>,
    /// What local names stand for that were imported.
    pub(super) bindings: BTreeMap<String, Binding>,
    /// How the values of the top level's variables are made.
    pub(super) chains: BTreeMap<String, Chain>,
    /// Whether it was given up because of the time.
    pub(super) took_too_long: bool,
}

/// A place where the text can't be understood.
#[derive(Debug)]
pub(super) struct SyntaxFault {
    pub(super) message: String,
    pub(super) hint: Option<String>,
    pub(super) range: Range<usize>,
}

/// A module named by its specifier.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) specifier: String,
    pub(super) kind: ImportKind,
    /// The specifier with its quotes.
    pub(super) range: Range<usize>,
}

/// What an import needs of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImportKind {
    /// Types alone: nothing is loaded at run time.
    Type,
    Value,
    /// Tried, with an answer for the case that it is not there.
    Optional,
}

/// What a module exports.
#[derive(Debug, Default)]
pub(super) struct Exported {
    /// What exists at run time.
    pub(super) values: BTreeMap<String, Origin>,
    /// Names that are exported as types only.
    pub(super) types: BTreeSet<String>,
    /// The modules of which all is exported.
    pub(super) all_of: Vec<String>,
    /// Whether there is more, whose names only a run would tell.
    pub(super) has_more: bool,
    /// Whether there is no `import` or `export`: then `default` is what `module.exports` is.
    pub(super) is_common_js: bool,
}

/// Where an exported value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Local(String),
    Import(Binding),
}

/// A name of another module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) from: String,
    pub(super) name: Imported,
    pub(super) is_type: bool,
}

/// What is imported of another module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Imported {
    /// One of its exports, `default` included.
    Name(String),
    /// The module as an object.
    Namespace,
}

/// How a value is made: a local name, and what is called or taken of it, as in `pgSchema('a').table('b', …)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) root: String,
    pub(super) links: Vec<Link>,
}

/// One step of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Link {
    Member(String),
    Call,
}

/// The local name of what `export default` exports.
pub(super) const DEFAULT: &str = "default";

/// Whether a file of this name is code that can be parsed.
pub(super) fn is_code(path: &str) -> bool {
    SourceType::from_path(path).is_ok()
}
