use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use stand_in_hub::StandInHub;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::{ALICE, MY};

fn connect(hub: &StandInHub, protocol: &str) -> StreamOwned<ClientConnection, TcpStream> {
    let ca = CertificateDer::from_pem_slice(hub.ca_pem().expect("a CA certificate").as_bytes()).expect("PEM");
    let mut roots = RootCertStore::empty();
    roots.add(ca).expect("a valid CA certificate");
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.into()];
    let name = ServerName::try_from("localhost").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
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
