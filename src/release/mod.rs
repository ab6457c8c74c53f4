//! What a version is beside what is published, and what to do with it. Pure: no file, no network.

pub(crate) mod comparison;
pub(crate) mod decision;
pub(crate) mod history;
pub(crate) mod metadata;
pub(crate) mod plan;
pub(crate) mod public_api;
pub(crate) mod review;
pub(crate) mod tag;
