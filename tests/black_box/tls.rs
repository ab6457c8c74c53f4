//! HTTPS: which certificates are trusted, what a proxy sees, and how many connections are opened.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::fixtures::{ending, greeter, manifest, words};
use crate::support::{CODE, Step};

fn https_hub() -> StandInHub {
    StandInHub::builder().tls().start()
}

/// A function in a workspace that also holds the certificate of the Hub's authority: as a file, and in a directory.
fn with_authority(hub: &StandInHub) -> Step {
    let pem = hub.ca_pem().expect("an authority");
    greeter("1.0.0").hub(hub).file(".run/ca.pem", pem).file(".run/certificates/2b349938.0", pem)
}

/// The same function, with the Hub's authority trusted.
fn trusting(hub: &StandInHub) -> Step {
    let step = with_authority(hub);
    let file = step.path(".run/ca.pem");
    step.env("SSL_CERT_FILE", file)
}

#[test]
fn a_file_of_certificates_is_trusted() {
    let hub = https_hub();
    let run = trusting(&hub).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    assert!(run.codes().is_empty());
}

#[test]
fn a_directory_of_certificates_is_trusted() {
    let hub = https_hub();
    let step = with_authority(&hub);
    let directory = step.path(".run/certificates");
    let run = step.env("SSL_CERT_DIR", directory).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
}

#[test]
fn a_list_of_directories_of_certificates_is_trusted() {
    let hub = https_hub();
    let step = with_authority(&hub);
    let list = std::env::join_paths([step.path("missing"), step.path(".run/certificates")]).expect("a list");
    let run = step.env("SSL_CERT_DIR", list).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
}

#[test]
fn a_hub_that_is_not_trusted_receives_no_request() {
    let (hub, other) = (https_hub(), https_hub());
    for step in [greeter("1.0.0").hub(&hub), trusting(&other).hub(&hub)] {
        let run = step.input("timeout", "2").run();
        assert_eq!((run.exit_code, run.report["status"].as_str()), (2, Some("failed")), "{}", run.stdout);
        assert!(words(&run, "HUB_UNREACHABLE").contains("certificate"), "{}", run.stdout);
        assert!(words(&run, "HUB_UNREACHABLE").contains("`SSL_CERT_FILE`"), "{}", run.stdout);
        assert!(hub.requests().is_empty());
    }
}

#[test]
fn a_certificate_that_has_expired_or_is_for_another_host_is_not_trusted() {
    let expired = StandInHub::builder().tls_expired().start();
    let other = StandInHub::builder().tls_for("hub.example").start();
    for hub in [expired, other] {
        let run = trusting(&hub).input("timeout", "2").run();
        assert_eq!((run.exit_code, run.codes()), (2, vec!["HUB_UNREACHABLE"]), "{}", run.stdout);
        assert!(hub.requests().is_empty());
    }
}

#[test]
fn certificates_that_cannot_be_read_are_an_input_error() {
    let hub = https_hub();
    for (variable, path) in [
        ("SSL_CERT_FILE", "missing.pem"),
        ("SSL_CERT_FILE", "aerostack.json"),
        ("SSL_CERT_DIR", "missing"),
        ("SSL_CERT_DIR", ".run"),
    ] {
        let step = greeter("1.0.0").hub(&hub);
        let path = step.path(path);
        let run = step.env(variable, &path).run();
        assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{variable}: {}", run.stdout);
        let words = words(&run, "INVALID_INPUT");
        assert!(words.contains(variable) && words.contains(&*path.to_string_lossy()), "{words}");
        assert_eq!(hub.connections(), 0);
    }
}

#[test]
fn many_functions_share_one_connection() {
    let hub = https_hub();
    let names: Vec<_> = (0..30).map(|number| format!("greeter-{number:02}")).collect();
    let mut step = trusting(&hub).input("directory", "functions/*");
    for name in &names {
        step = step.function(&format!("functions/{name}"), &manifest(name, "1.0.0"), CODE);
    }
    let run = step.run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    assert_eq!(hub.publishes().len(), 30);
    assert_eq!(hub.connections(), 1);
}

/// A proxy that forwards every `CONNECT` to one address, and records all that is sent towards the Hub.
struct Proxy {
    url: String,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    fn to(hub: &StandInHub) -> Self {
        let target = hub.url().replace("https://localhost", "127.0.0.1");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = seen.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (target, record) = (target.clone(), record.clone());
                // The client may close its connection at any time.
                thread::spawn(move || drop(tunnel(client, &target, &record)));
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().expect("the record")).into_owned()
    }
}

fn tunnel(mut client: TcpStream, target: &str, record: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    record.lock().expect("the record").extend(&head);
    let mut hub = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut back_from, mut back_to) = (hub.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        drop(std::io::copy(&mut back_from, &mut back_to));
        drop(back_to.shutdown(Shutdown::Both));
    });
    let mut buffer = [0; 4096];
    loop {
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return hub.shutdown(Shutdown::Both);
        }
        record.lock().expect("the record").extend(&buffer[..read]);
        hub.write_all(&buffer[..read])?;
    }
}

#[test]
fn a_proxy_is_used_and_does_not_see_the_key() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let hub = https_hub();
        let proxy = Proxy::to(&hub);
        let run = trusting(&hub).input("api-url", "https://hub.test").env(variable, &proxy.url).run();
        assert_eq!(ending(&run, &hub), ("published", 0, 1), "{variable}: {}", run.stdout);
        let seen = proxy.seen();
        assert!(seen.starts_with("CONNECT hub.test:443 HTTP/1.1\r\n"), "{seen}");
        assert!(!seen.contains(DEFAULT_KEY) && !seen.to_lowercase().contains("x-api-key"));
        assert!(!seen.contains("greeter"));
    }
}

#[test]
fn no_proxy_is_honoured() {
    let hub = https_hub();
    let proxy = Proxy::to(&hub);
    let step = trusting(&hub).input("api-url", "https://hub.test").input("timeout", "2");
    let run = step.env("HTTPS_PROXY", &proxy.url).env("NO_PROXY", "hub.test").run();
    assert_eq!(ending(&run, &hub), ("failed", 4, 0), "{}", run.stdout);
    assert!(proxy.seen().is_empty());
}

#[test]
fn a_hub_on_loopback_is_reached_without_a_proxy() {
    let (clear, tls) = (StandInHub::start(), https_hub());
    let proxy = Proxy::to(&tls);
    for (step, hub) in [(greeter("1.0.0").hub(&clear), &clear), (trusting(&tls), &tls)] {
        let step = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"]
            .iter()
            .fold(step, |step, variable| step.env(variable, &proxy.url));
        let run = step.run();
        assert_eq!(ending(&run, hub), ("published", 0, 1), "{}", run.stdout);
        assert!(proxy.seen().is_empty());
    }
}

#[test]
fn a_proxy_that_refuses_the_connection_is_reported() {
    let hub = https_hub();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://user:secret-word@{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            drop(client.read(&mut [0; 4096]));
            drop(
                client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"),
            );
        }
    });
    let run = greeter("1.0.0").hub(&hub).input("api-url", "https://hub.test").input("timeout", "2");
    let run = run.env("HTTPS_PROXY", &url).run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["HUB_UNREACHABLE"]), "{}", run.stdout);
    assert!(words(&run, "HUB_UNREACHABLE").contains("HTTPS_PROXY"), "{}", run.stdout);
    assert!(!run.stdout.contains("secret-word") && !run.report.to_string().contains("secret-word"));
}
