use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use stand_in_hub::StandInHub;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::{ALICE, MY};

pub(crate) fn config(hub: &StandInHub, protocol: &str) -> Arc<ClientConfig> {
    let ca = CertificateDer::from_pem_slice(hub.ca_pem().expect("a CA certificate").as_bytes()).expect("PEM");
    let mut roots = RootCertStore::empty();
    roots.add(ca).expect("a valid CA certificate");
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.into()];
    Arc::new(config)
}

fn connect(hub: &StandInHub, protocol: &str) -> StreamOwned<ClientConnection, TcpStream> {
    let name = ServerName::try_from("localhost").expect("a name");
    let client = ClientConnection::new(config(hub, protocol), name).expect("a client");
    let address = hub.url().replace("https://localhost", "127.0.0.1");
    StreamOwned::new(client, TcpStream::connect(address).expect("a connection"))
}

#[test]
fn https_is_trusted_with_the_hubs_ca_certificate() {
    let hub = StandInHub::builder().tls().start();
    assert!(hub.url().starts_with("https://localhost:"));
    let mut stream = connect(&hub, "http/1.1");
    write!(stream, "GET {MY} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {ALICE}\r\nConnection: close\r\n\r\n")
        .expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
}

#[test]
fn http_2_is_offered() {
    let hub = StandInHub::builder().tls().start();
    let mut stream = connect(&hub, "h2");
    stream.flush().expect("a handshake");
    stream.conn.complete_io(&mut stream.sock).expect("a handshake");
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
}

/// The error of a handshake as `localhost`.
fn handshake_error(hub: &StandInHub) -> String {
    let mut stream = connect(hub, "http/1.1");
    stream.conn.complete_io(&mut stream.sock).expect_err("a refused certificate").to_string()
}

#[test]
fn a_certificate_can_be_expired_or_for_another_host() {
    let expired = handshake_error(&StandInHub::builder().tls_expired().start());
    assert!(expired.contains("expired"), "{expired}");
    let wrong_name = handshake_error(&StandInHub::builder().tls_for("hub.example.net").start());
    assert!(wrong_name.contains("not valid for name"), "{wrong_name}");
}
