//! What is known of one module after it was parsed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Not, Range};
use std::path::Path;

use oxc_span::SourceType;
use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding, Owner};
use crate::function::allowed::Comments;
use crate::source::SourceFile;

/// What a module imports, exports, reads and declares.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Module {
    /// Those that may allow findings.
    pub(super) comments: Comments,
    /// Why it can't be loaded. If there is one, nothing else is known but comments.
    pub(super) errors: Vec<SyntaxError>,
    /// In source order.
    pub(super) imports: Vec<Import>,
    /// In source order.
    pub(super) computed: Vec<ComputedImport>,
    pub(super) exports: Exports,
    /// In source order.
    pub(super) env_reads: Vec<EnvRead>,
    /// Environment variables that it sets.
    pub(super) env_set: BTreeSet<String>,
    pub(super) env_types: EnvTypes,
    /// Specifiers of the modules for which it declares more types (`declare module './a'`).
    pub(super) augmented: Vec<String>,
    /// By local name.
    pub(super) import_bindings: BTreeMap<String, ImportBinding>,
    /// By the name of a top-level variable, or [`DEFAULT`].
    pub(super) initializers: BTreeMap<String, Initializer>,
    /// Whether the parser gave it up: nothing more of its function is parsed.
    #[serde(skip)]
    pub(super) is_given_up: bool,
}

/// Why a module can't be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SyntaxError {
    pub(super) message: String,
    pub(super) range: Range<usize>,
    /// How to fix it, where that is known.
    pub(super) hint: Option<String>,
    /// Whether it is this machine that has to change, and not the code.
    #[serde(skip)]
    pub(super) is_of_machine: bool,
}

impl SyntaxError {
    pub(super) fn new(message: impl Into<String>, range: Range<usize>) -> Self {
        Self { message: message.into(), range, hint: None, is_of_machine: false }
    }

    pub(super) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(super) fn finding(&self, file: &SourceFile) -> Finding {
        let finding = Finding::new(Code::SyntaxError, &self.message).at(file.at(self.range.clone()));
        let finding = finding.with_optional_hint(self.hint.clone());
        if self.is_of_machine { finding.owned_by(Owner::Pipeline) } else { finding }
    }
}

/// A request for another module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Import {
    pub(super) specifier: String,
    pub(super) kind: ImportKind,
    /// Whether the file is taken as it is, whatever is in it (`with { type: 'text' }`).
    pub(super) is_raw: bool,
    /// The specifier with its quotes.
    pub(super) range: Range<usize>,
}

/// A request for files whose names are only known at run time, or that bundlers do not follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ComputedImport {
    /// How the path begins, up to what is computed; `None` where nothing of it is known.
    pub(super) start: Option<String>,
    /// How it ends; empty where that is not known.
    pub(super) end: String,
    pub(super) kind: ComputedKind,
    /// What is written as the path.
    pub(super) range: Range<usize>,
}

/// How much is known of the path of a [`ComputedImport`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ComputedKind {
    /// How it begins, and perhaps how it ends.
    Start,
    /// All of it.
    Whole,
    /// The glob that it matches, and those that it does not match.
    Glob { glob: String, without: Vec<String> },
}

/// What an import needs of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ImportKind {
    /// Only types: nothing is loaded at run time.
    Type,
    Value,
    /// Loaded inside `try`: the code handles its absence.
    Optional,
}

/// A name that a module imports from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ImportBinding {
    pub(super) specifier: String,
    /// One of its exports, `default` included; `None` for the module as an object.
    pub(super) name: Option<String>,
    pub(super) is_type: bool,
    /// Whether the code uses it as a value.
    pub(super) is_used: bool,
    /// Whether it has to exist at run time, unless it is a type that is passed on: it is used or exported.
    pub(super) is_needed: bool,
    /// The imported name, where one is written.
    pub(super) range: Range<usize>,
}

/// What a module exports.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Exports {
    /// What exists at run time.
    pub(super) values: BTreeMap<String, ExportSource>,
    /// Names that are exported as types only.
    pub(super) types: BTreeSet<String>,
    /// Specifiers of the modules in `export * from …`.
    pub(super) stars: Vec<String>,
    /// Whether there may be more types: by `export type *`, or declared by another module.
    pub(super) may_have_more_types: bool,
    /// Whether there may be more exports, whose names are only known at run time.
    pub(super) is_partial: bool,
    /// Whether there is neither `import` nor `export`: then `default` is `module.exports`.
    pub(super) is_common_js: bool,
}

/// Where an exported value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ExportSource {
    Local(String),
    Imported(ImportBinding),
}

/// An environment variable that is read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EnvRead {
    pub(super) name: String,
    pub(super) range: Range<usize>,
    pub(super) object: EnvObject,
    /// Whether it has a default, or the module sets it itself.
    pub(super) is_optional: bool,
}

/// An object that may hold environment variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum EnvObject {
    /// `process.env`: each member is a variable.
    Process,
    /// The environment of a Worker: it holds bindings of other types too.
    Worker,
    /// What consists of types of these names. One may be that of the environment; otherwise it may only be called `env`.
    Typed { types: BTreeSet<String>, is_named_env: bool },
    /// What another module exports.
    Imported(ImportBinding),
}

/// Types that may describe the environment.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct EnvTypes {
    /// What is written where the type of the environment has to be.
    pub(super) sure: Vec<DeclaredType>,
    /// The types of what is only called `env`.
    pub(super) guessed: Vec<DeclaredType>,
    /// By name.
    pub(super) declared: BTreeMap<String, DeclaredType>,
}

/// What a type consists of.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct DeclaredType {
    pub(super) members: BTreeMap<String, Member>,
    /// The names of types that it extends, intersects or is one of.
    pub(super) parts: BTreeSet<String>,
    /// Whether it is a string.
    pub(super) is_string: bool,
}

/// The type of a member: a string, unless anything else is said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Member {
    /// The names of types, each of which has to be a string.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) types: BTreeSet<String>,
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) is_other: bool,
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) is_optional: bool,
}

impl DeclaredType {
    /// Adds a member; one that is declared several times is a string if it always is.
    pub(super) fn add(&mut self, name: &str, member: &Member) {
        let Some(known) = self.members.get_mut(name) else {
            self.members.insert(name.to_owned(), member.clone());
            return;
        };
        known.types.extend(member.types.iter().cloned());
        known.is_other |= member.is_other;
        known.is_optional &= member.is_optional;
    }

    pub(super) fn size(&self) -> usize {
        self.members.len() + self.parts.len() + usize::from(self.is_string)
    }
}

/// How a value is made: a local name, and what is called or accessed on it, as in `pgSchema('a').table('b', …)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Initializer {
    pub(super) base: String,
    pub(super) operations: Vec<Operation>,
}

/// One step of an [`Initializer`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Operation {
    Member(String),
    Call,
}

/// The name of a default export, and the local name of one that is an expression.
pub(super) const DEFAULT: &str = "default";

/// Whether a file of this name only declares what exists elsewhere.
pub(crate) fn is_declaration(path: &str) -> bool {
    SourceType::from_path(path).is_ok_and(SourceType::is_typescript_definition)
}

/// Whether a file of this name is data that bundlers load.
pub(super) fn is_json(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "json")
}

/// Whether a file of this name is code that can be parsed.
pub(crate) fn is_code(path: &str) -> bool {
    SourceType::from_path(path).is_ok()
}
