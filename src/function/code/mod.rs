//! A function's code: parsed, its imports followed, and checked against the manifest.

pub(crate) mod checks;
mod declarations;
mod dependencies;
mod drizzle;
mod exports;
mod graph;
mod module;
mod parse;
mod stack;
mod survey;
