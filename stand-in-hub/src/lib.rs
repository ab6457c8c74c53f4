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
mod body_fault;
mod builder;
mod connection;
mod error;
mod fault;
mod faults;
mod gate;
mod gzip_bomb;
mod handle;
mod hub;
mod inject;
mod log;
mod middleware;
mod named;
mod page;
mod rate_limit;
mod receipt;
mod recorded;
mod response;
mod review;
mod route;
mod routes;
mod server;
mod shapes;
mod shared_stream;
mod slug;
mod state_file;
mod store;
mod submission;
mod tls;

pub use account::DEFAULT_KEY;
pub use builder::Builder;
pub use fault::{Fault, INTERNAL_ERROR, REFUSED_STREAM};
pub use handle::StandInHub;
pub use named::UnknownName;
pub use rate_limit::{RateLimit, RateLimitShape};
pub use receipt::Receipt;
pub use recorded::Recorded;
pub use review::{Rejection, Review};
pub use route::Route;
pub use shapes::{
    ErrorShape, FilesPlace, ListPlace, ListSlugs, OwnerView, PageInfo, ResponseField, ResponsePlace, Shapes,
    VersionsShape, Wrapping,
};
