use axum::http::Request;
use h2::{Error, Reason};
use stand_in_hub::{Fault, INTERNAL_ERROR, REFUSED_STREAM, Route, StandInHub};
use tokio::net::TcpStream;
use tokio::runtime;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::client::{MY, PUBLISH, function};
use crate::tls::config;

/// The status of a publish over HTTP/2.
fn publish(hub: &StandInHub) -> Result<u16, Error> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let address = hub.url().replace("https://localhost", "127.0.0.1");
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = TcpStream::connect(address).await.expect("a connection");
        let stream = TlsConnector::from(config(hub, "h2")).connect(name, stream).await.expect("a handshake");
        let (client, connection) = h2::client::handshake(stream).await?;
        tokio::spawn(connection);
        let request = Request::post(format!("https://localhost{PUBLISH}"))
            .header("x-api-key", stand_in_hub::DEFAULT_KEY)
            .header("content-type", "application/json");
        let (response, mut body) =
            client.ready().await?.send_request(request.body(()).expect("a request"), false)?;
        body.send_data(function("a", "1.0.0").to_string().into(), true)?;
        Ok(response.await?.status().as_u16())
    })
}

#[test]
fn a_publish_over_http_2_is_stored() {
    let hub = StandInHub::builder().tls().start();
    assert_eq!(publish(&hub).expect("a response"), 201);
    assert_eq!(hub.published("alice", "a"), ["1.0.0"]);
}

#[test]
fn a_stream_is_reset_with_the_code_that_was_set() {
    for (code, reason) in [(INTERNAL_ERROR, Reason::INTERNAL_ERROR), (REFUSED_STREAM, Reason::REFUSED_STREAM)]
    {
        let hub = StandInHub::builder().tls().start();
        hub.fault(Route::Publish, Fault::StreamReset(code));
        let error = publish(&hub).expect_err("a reset");
        assert!(error.is_reset() && error.is_remote(), "{error}");
        assert_eq!(error.reason(), Some(reason));
        assert!(hub.published("alice", "a").is_empty());
    }
}

#[test]
fn a_connection_goes_away_and_says_whether_the_request_was_processed() {
    let hub = StandInHub::builder().tls().start();
    hub.fault(Route::Publish, Fault::GoAway);
    let error = publish(&hub).expect_err("a connection that goes away");
    assert!(error.is_go_away() && error.is_remote(), "{error:?}");
    assert_eq!(error.reason(), Some(Reason::NO_ERROR));
    assert!(hub.published("alice", "a").is_empty());

    hub.fault(Route::Publish, Fault::GoAway.after_processing());
    let error = publish(&hub).expect_err("a connection that goes away");
    // The stream counts as processed, so it is not the frame that ends it.
    assert!(!error.is_go_away(), "{error:?}");
    assert_eq!(hub.published("alice", "a"), ["1.0.0"]);
}

#[test]
fn http_1_connections_are_closed_instead() {
    for fault in [Fault::StreamReset(REFUSED_STREAM), Fault::GoAway] {
        let hub = StandInHub::start();
        hub.fault(Route::My, fault);
        let (bytes, end) = crate::client::partial(&hub.url(), MY);
        assert!(bytes.is_empty());
        end.expect("a closed connection");
    }
}
