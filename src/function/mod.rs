//! A function: its directory loaded and checked, as far as that goes without the Hub.

mod allowed;
pub(crate) mod code;
pub(crate) mod directories;
pub(crate) mod files;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod globs;
mod link_text;
pub(crate) mod load;
mod lookup;
pub mod manifest;
mod nearest;
mod secrets;
mod spelling;
mod tsv;
mod utf8;
mod withheld;
