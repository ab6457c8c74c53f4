//! A stand-in Hub before it starts.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::runtime;
use tokio::sync::oneshot;

use crate::account::{Accounts, KeyKind};
use crate::fault::Faults;
use crate::handle::StandInHub;
use crate::hold::Hold;
use crate::hub::Hub;
use crate::log::Sink;
use crate::server;
use crate::shapes::Shapes;
use crate::state_file::StateFile;
use crate::store::Store;
use crate::tls::Tls;

/// Whether the Hub speaks TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Security {
    Clear,
    Tls,
}

/// Sets up a [`StandInHub`].
pub struct Builder {
    accounts: Accounts,
    shapes: Shapes,
    security: Security,
    port: u16,
    state_file: Option<PathBuf>,
    log: Option<Sink>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            accounts: Accounts::with_default(),
            shapes: Shapes::default(),
            security: Security::Clear,
            port: 0,
            state_file: None,
            log: None,
        }
    }

    /// Adds an account key.
    #[must_use]
    pub fn account(mut self, key: &str, username: &str) -> Self {
        self.accounts.add(key, username, KeyKind::Account);
        self
    }

    /// Adds a project key of an account; it validates, but cannot publish.
    #[must_use]
    pub fn project_key(mut self, key: &str, username: &str) -> Self {
        self.accounts.add(key, username, KeyKind::Project);
        self
    }

    /// Sets the shapes of answers.
    #[must_use]
    pub fn shapes(mut self, shapes: Shapes) -> Self {
        self.shapes = shapes;
        self
    }

    /// Speaks HTTPS (HTTP/2 and HTTP/1.1) with a certificate of its own authority.
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.security = Security::Tls;
        self
    }

    /// Listens on this port instead of a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Reads the state from this file, if it is there, and writes it after each change.
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
    /// If it cannot start; [`Builder::try_start`] says why instead.
    #[expect(clippy::expect_used, reason = "a test without its Hub has nothing to go on with")]
    pub fn start(self) -> StandInHub {
        self.try_start().expect("the stand-in Hub starts")
    }

    /// Starts the Hub on the loopback address, in a thread and runtime of its own.
    pub fn try_start(self) -> io::Result<StandInHub> {
        let tls = match self.security {
            Security::Clear => None,
            Security::Tls => Some(Tls::new()?),
        };
        let state_file = self.state_file.map(StateFile::at);
        let store = state_file.as_ref().map_or_else(|| Ok(Store::default()), StateFile::load)?;
        let hub = Arc::new(Hub {
            accounts: self.accounts,
            store: Mutex::new(store),
            shapes: Mutex::new(self.shapes),
            faults: Mutex::new(Faults::default()),
            requests: Mutex::new(Vec::new()),
            hold: Hold::default(),
            connections: AtomicUsize::new(0),
            state_file,
            log: self.log,
        });

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let (acceptor, ca_pem) = tls.map(|tls| (tls.acceptor, tls.ca_pem)).unzip();
        let url = match ca_pem {
            None => format!("http://127.0.0.1:{port}"),
            Some(_) => format!("https://localhost:{port}"),
        };

        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let serve = server::serve(listener, hub.clone(), acceptor);
        let thread = thread::Builder::new().name("stand-in-hub".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve => {}
                    // Also when the handle is gone without a word.
                    _ = stopped => {}
                }
            });
        })?;
        Ok(StandInHub::new(hub, url, ca_pem, stop, thread))
    }
}
