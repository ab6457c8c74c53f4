//! The probe as a program, against the stand-in Hub over HTTP, with an empty environment.

mod draft;
mod privacy;
mod replay;
mod support;
mod usage;
mod variants;
