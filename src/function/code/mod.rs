//! A function's code: parsed, its imports followed, and checked against the manifest.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has a variant for every construct there is"
)]

mod allowance;
mod assignments;
pub(crate) mod checks;
mod comments;
mod commonjs;
mod computed;
mod dependencies;
mod drizzle;
mod env_defaults;
mod env_members;
mod env_objects;
mod env_places;
mod env_presence;
mod env_reads;
mod env_types;
mod environment;
mod exports;
mod graph;
mod imports;
mod jsx;
mod left_behind;
mod link;
mod missing_exports;
pub(crate) mod module;
mod nesting;
mod parse;
pub(crate) mod parser;
pub(crate) mod protocol;
pub(crate) mod published;
mod regular_expressions;
mod resolve;
mod scope;
#[cfg(test)]
mod tests;
pub(crate) mod worker;
