//! What the environment asks of this run: read once, parsed into types.

mod azure;
pub(crate) mod ci;
pub mod env;
pub mod inputs;
mod others;
