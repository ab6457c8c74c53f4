//! A stand-in for the Aerostack Hub: a small server over real HTTP that behaves as the Hub's public documentation and
//! public clients say, and misbehaves on request.
//!
//! ```
//! use stand_in_hub::{Fault, Route, StandInHub};
//!
//! let hub = StandInHub::start();
//! hub.fault(Route::Publish, Fault::status(503));
//! assert!(hub.url().starts_with("http://127.0.0.1:"));
//! assert!(hub.publishes().is_empty());
//! ```

mod account;
mod answer;
mod builder;
mod fault;
mod handle;
mod hold;
mod hub;
mod inject;
mod log;
mod recorder;
mod refusal;
mod routes;
mod server;
mod shapes;
mod slug;
mod state_file;
mod store;
mod submission;
mod tls;

pub use account::DEFAULT_KEY;
pub use builder::Builder;
pub use fault::{Fault, Route};
pub use handle::StandInHub;
pub use recorder::Recorded;
pub use shapes::{
    AnswerField, AnswerPlace, ErrorShape, ListPlace, OwnerView, Shapes, UnknownName, VersionsShape, Wrapping,
};
