//! A function's code: parsed, its imports followed, and checked against the manifest.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has a variant for every construct there is"
)]

pub(crate) mod checks;
mod commonjs;
mod dependencies;
mod drizzle;
mod env_reads;
mod exports;
mod graph;
mod imports;
mod link;
mod module;
mod nesting;
mod parse;
pub(crate) mod published;
mod regular_expressions;
mod resolve;
mod scope;
mod stack;
#[cfg(test)]
mod tests;
