//! Configures and starts a stand-in Hub.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::oneshot;

use crate::account::{Accounts, KeyKind};
use crate::faults::Faults;
use crate::gate::Gate;
use crate::handle::StandInHub;
use crate::hub::{Hub, Seeds, Settings};
use crate::log::LogSink;
use crate::rate_limit::{Limiter, RateLimit};
use crate::server;
use crate::shapes::Shapes;
use crate::state_file;
use crate::store::Store;
use crate::tls::{Certificate, Tls};

/// Configures a [`StandInHub`].
#[derive(Default)]
pub struct Builder {
    accounts: Accounts,
    shapes: Shapes,
    settings: Settings,
    certificate: Option<Certificate>,
    port: u16,
    state_file: Option<PathBuf>,
    log: Option<LogSink>,
}

impl StandInHub {
    /// Starts a Hub with default settings on a free port; [`DEFAULT_KEY`](crate::DEFAULT_KEY) belongs to `alice`.
    ///
    /// # Panics
    /// If it cannot start.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Configures a Hub.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Adds an account key.
    #[must_use]
    pub fn account(mut self, key: &str, username: &str) -> Self {
        self.accounts.add(key, username, KeyKind::Account);
        self
    }

    /// Adds a project key of an account; it is valid, but cannot publish.
    #[must_use]
    pub fn project_key(mut self, key: &str, username: &str) -> Self {
        self.accounts.add(key, username, KeyKind::Project);
        self
    }

    /// Sets the shapes of responses.
    #[must_use]
    pub fn shapes(mut self, shapes: Shapes) -> Self {
        self.shapes = shapes;
        self
    }

    /// Reads show a publish only this much later. The publish itself is immediate, and so are its conflicts; functions
    /// that are seeded are visible at once.
    #[must_use]
    pub fn read_lag(mut self, lag: Duration) -> Self {
        self.settings.read_lag = lag;
        self
    }

    /// Limits the rate of requests.
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.settings.rate_limit = Some(limit);
        self
    }

    /// Accepts a version that is already published and overwrites it, against the documentation: a client must not rely
    /// on a conflict to publish only once.
    #[must_use]
    pub fn overwrites(mut self) -> Self {
        self.settings.overwrites = true;
        self
    }

    /// Serves HTTPS (HTTP/2 and HTTP/1.1) with a certificate from a certificate authority of its own.
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.certificate = Some(Certificate::Valid);
        self
    }

    /// Like [`Builder::tls`], with a certificate that has expired.
    #[must_use]
    pub fn tls_expired(mut self) -> Self {
        self.certificate = Some(Certificate::Expired);
        self
    }

    /// Like [`Builder::tls`], with a certificate that is not valid before the year 2100.
    #[must_use]
    pub fn tls_not_yet_valid(mut self) -> Self {
        self.certificate = Some(Certificate::NotYetValid);
        self
    }

    /// Like [`Builder::tls`], with a certificate for clients.
    #[must_use]
    pub fn tls_for_clients(mut self) -> Self {
        self.certificate = Some(Certificate::ForClients);
        self
    }

    /// Like [`Builder::tls`], with the certificate of the authority as the server's own.
    #[must_use]
    pub fn tls_authority(mut self) -> Self {
        self.certificate = Some(Certificate::Authority);
        self
    }

    /// Like [`Builder::tls`], with an intermediate authority between the authority and the certificate.
    #[must_use]
    pub fn tls_chained(mut self) -> Self {
        self.certificate = Some(Certificate::Chained);
        self
    }

    /// Like [`Builder::tls`], with a certificate that is its own authority.
    #[must_use]
    pub fn tls_self_signed(mut self) -> Self {
        self.certificate = Some(Certificate::SelfSigned);
        self
    }

    /// Like [`Builder::tls`], with an authority whose key is of another kind (Ed25519).
    #[must_use]
    pub fn tls_from_other_key(mut self) -> Self {
        self.certificate = Some(Certificate::FromOtherKey);
        self
    }

    /// Like [`Builder::tls`], with an authority of this name.
    #[must_use]
    pub fn tls_from(mut self, authority: &str) -> Self {
        self.certificate = Some(Certificate::From(authority.to_owned()));
        self
    }

    /// Like [`Builder::tls`], with a certificate for this host only, whatever the address of the Hub is.
    #[must_use]
    pub fn tls_for(mut self, host: &str) -> Self {
        self.certificate = Some(Certificate::For(host.to_owned()));
        self
    }

    /// Listens on this port instead of a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Loads the state from this file, if it exists, and saves it after each change.
    #[must_use]
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// Writes one line per request: method, path and status.
    #[must_use]
    pub fn log(mut self, sink: impl Write + Send + 'static) -> Self {
        self.log = Some(Arc::new(Mutex::new(sink)));
        self
    }

    /// Starts the Hub.
    ///
    /// # Panics
    /// If it cannot start; [`Builder::try_start`] returns the error instead.
    #[expect(clippy::expect_used, reason = "a test cannot run without its Hub")]
    pub fn start(self) -> StandInHub {
        self.try_start().expect("the stand-in Hub starts")
    }

    /// Starts the Hub on the loopback address, in a thread and a runtime of its own.
    pub fn try_start(self) -> io::Result<StandInHub> {
        let (acceptor, ca_pem) = match self.certificate.as_ref().map(Tls::new).transpose()? {
            Some(tls) => (Some(tls.acceptor), Some(tls.ca_pem)),
            None => (None, None),
        };
        let store = self.state_file.as_deref().map_or_else(|| Ok(Store::default()), state_file::load)?;
        let hub = Arc::new(Hub {
            accounts: self.accounts,
            store: Mutex::new(store),
            state_file: self.state_file,
            settings: self.settings,
            shapes: Mutex::new(self.shapes),
            faults: Mutex::new(Faults::default()),
            limiter: Mutex::new(Limiter::default()),
            seeds: Mutex::new(Seeds::default()),
            publish_gate: Gate::default(),
            requests: Mutex::new(Vec::new()),
            connections: AtomicUsize::new(0),
            log: self.log,
        });

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let url = match ca_pem {
            None => format!("http://127.0.0.1:{port}"),
            Some(_) => format!("https://localhost:{port}"),
        };

        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let serve = server::serve(listener, hub.clone(), acceptor);
        let thread = thread::Builder::new().name("stand-in-hub".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve => {}
                    // Also if the handle was leaked or its thread panicked.
                    _ = stopped => {}
                }
            });
        })?;
        Ok(StandInHub { hub, url, ca_pem, stop: Some(stop), thread: Some(thread) })
    }
}
