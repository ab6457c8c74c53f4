//! Connections: accepted, encrypted if need be, served, and closed on request.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::hub::Hub;
use crate::inject::Connection;
use crate::routes;

/// How long to wait after a failed accept (too many open files, say), in milliseconds.
const BREATH: Duration = Duration::from_millis(10);

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener, hub: Arc<Hub>, tls: Option<TlsAcceptor>) {
    let router = routes::router(&hub);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(BREATH).await;
            continue;
        };
        hub.connections.fetch_add(1, Ordering::SeqCst);
        // Without it small answers may wait for an acknowledgement; a socket that refuses still works.
        drop(stream.set_nodelay(true));
        let (router, tls) = (router.clone(), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, router).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        connection(stream, router).await;
                    }
                }
            }
        });
    }
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let connection = Connection::default();
    let service = TowerToHyperService::new(router.layer(Extension(connection.clone())));
    let http = auto::Builder::new(TokioExecutor::new());
    tokio::select! {
        // How a client ends a connection is its own affair.
        _ = http.serve_connection(TokioIo::new(stream), service) => {}
        () = connection.asked_to_close() => {}
    }
}
