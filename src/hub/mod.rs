//! The Hub: reads what is published, publishes, and reads back what may have been published.

pub(crate) mod attempt;
mod body;
mod certificate;
pub(crate) mod client;
pub(crate) mod deadline;
pub(crate) mod failure;
pub(crate) mod http;
mod name;
pub(crate) mod pace;
pub(crate) mod pages;
mod publish;
mod read_back;
pub(crate) mod read_error;
pub(crate) mod receipt;
pub(crate) mod refusal;
pub(crate) mod response;
mod tls;
mod tunnel;
