//! Black-box tests: the real binary against the stand-in Hub, over real HTTP, with nothing of this machine's environment.
#![expect(unreachable_pub, reason = "a test target has no outside")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails the test"
)]
#![allow(dead_code, clippy::allow_attributes, reason = "the harness offers more than one topic needs")]

mod action;
mod azure;
mod code;
mod decisions;
mod dependencies;
mod directories;
mod documentation;
mod entrypoint;
mod every_code;
mod github;
mod gitlab;
mod gitlab_template;
mod given;
mod hostile;
mod hostile_text;
mod inputs;
mod json_report;
mod json_syntax;
mod judged;
mod key;
mod log;
mod manifest;
mod many;
mod other_ci;
mod platform;
mod publishing;
mod refusals;
mod reliability;
mod schema;
mod secrets;
mod sinks;
mod support;
mod surface;
mod tags;
mod tls;
