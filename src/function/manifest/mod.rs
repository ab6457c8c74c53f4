//! The manifest, `aerostack.json`.

pub mod fields;
pub(crate) mod json;
pub(crate) mod kind;
mod license;
pub(crate) mod npm;
pub mod reserved;
pub(crate) mod slug;
mod version;
