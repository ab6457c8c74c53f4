//! The probe as a program, against the stand-in Hub over HTTP, with an empty environment.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails the test"
)]

mod draft;
mod privacy;
mod replay;
mod support;
mod usage;
mod variants;
