//! The manifest, `aerostack.json`.

pub mod fields;
mod json;
mod license;
pub(crate) mod npm;
pub(crate) mod slug;
mod version;
