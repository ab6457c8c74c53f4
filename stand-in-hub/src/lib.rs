//! A stand-in for the Aerostack Hub: an HTTP server that follows the Hub's public documentation and clients, and can
//! inject faults.
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
mod atomic_file;
mod builder;
mod connection;
mod error;
mod fault;
mod gate;
mod handle;
mod hub;
mod log;
mod middleware;
mod recorded;
mod response;
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
pub use recorded::Recorded;
pub use shapes::{
    ErrorShape, ListPlace, OwnerView, ResponseField, ResponsePlace, Shapes, UnknownName, VersionsShape,
    Wrapping,
};
