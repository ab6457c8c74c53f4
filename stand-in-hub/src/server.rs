//! Accepts and serves connections, with or without TLS.

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

use crate::connection::Connection;
use crate::hub::Hub;
use crate::routes;

/// The delay before accepting again after a failure (such as too many open files), in milliseconds.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(10);

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener, hub: Arc<Hub>, tls: Option<TlsAcceptor>) {
    let router = routes::router(&hub);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(ACCEPT_RETRY_DELAY).await;
            continue;
        };
        hub.connections.fetch_add(1, Ordering::SeqCst);
        // Sends small responses without delay. The connection also works if this fails.
        drop(stream.set_nodelay(true));
        let (router, tls) = (router.clone(), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => serve_connection(stream, router).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve_connection(stream, router).await;
                    }
                }
            }
        });
    }
}

async fn serve_connection(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let connection = Connection::default();
    let service = TowerToHyperService::new(router.layer(Extension(connection.clone())));
    let http = auto::Builder::new(TokioExecutor::new());
    tokio::select! {
        // An error means that the client closed the connection early.
        _ = http.serve_connection(TokioIo::new(stream), service) => {}
        () = connection.close_requested() => {}
    }
}
