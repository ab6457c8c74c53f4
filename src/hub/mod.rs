//! The Hub: reading what is published, publishing, and reading back what is in doubt.

pub(crate) mod client;
pub(crate) mod deadline;
mod http;
pub(crate) mod preview;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod response;
mod tls;
