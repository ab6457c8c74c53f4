//! A function: its directory loaded and checked, as far as that goes without the Hub.

pub(crate) mod code;
pub(crate) mod directories;
pub(crate) mod files;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
pub(crate) mod load;
pub mod manifest;
mod secrets;
mod tsv;
