//! A function's code: parsed, its imports followed, and checked against the manifest.

pub(crate) mod checks;
mod commonjs;
mod dependencies;
mod drizzle;
mod env_reads;
mod exports;
mod graph;
pub(crate) mod identifier;
mod imports;
mod initializers;
mod link;
mod module;
mod nesting;
mod parse;
pub(crate) mod published;
mod regular_expressions;
mod resolve;
mod scope;
mod stack;
