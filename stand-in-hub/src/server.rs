//! Accepts and serves connections, with or without TLS.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::connection::{Close, Connection};
use crate::hub::Hub;
use crate::inject::StreamReset;
use crate::routes;
use crate::shared_stream::{SharedStream, Stream};

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

async fn serve_connection(stream: impl Stream, router: Router) {
    let connection = Connection::default();
    let mut stream = SharedStream::new(stream);
    let router = TowerToHyperService::new(router.layer(Extension(connection.clone())));
    let service = service_fn(move |request| {
        let response = router.call(request);
        async move {
            let Ok(response) = response.await;
            // An error is what makes the HTTP library reset the stream.
            match response.extensions().get() {
                Some(StreamReset(reason)) => Err(h2::Error::from(*reason)),
                None => Ok(response),
            }
        }
    });
    let http = auto::Builder::new(TokioExecutor::new());
    let close = tokio::select! {
        // An error means that the client closed the connection early.
        _ = http.serve_connection(TokioIo::new(stream.clone()), service) => return,
        close = connection.close_requested() => close,
    };
    match close {
        Close::Fin => {}
        Close::Reset => stream.reset_on_close(),
        // Fails only if the client closed the connection.
        Close::GoAway { last_stream } => drop(stream.go_away(last_stream).await),
    }
}
