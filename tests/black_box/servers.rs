//! Servers that a run meets instead of the Hub, or between itself and the Hub.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use stand_in_hub::StandInHub;

use crate::fixtures::greeter;
use crate::support::{Run, Step};

/// A Hub that is reached by HTTPS.
pub fn https_hub() -> StandInHub {
    StandInHub::builder().tls().start()
}

/// A function in a workspace that also holds the certificate of the Hub's authority: as a file, and in a directory.
pub fn with_authority(hub: &StandInHub) -> Step {
    let pem = hub.ca_pem().expect("an authority");
    greeter("1.0.0").hub(hub).file(".run/ca.pem", pem).file(".run/certificates/2b349938.0", pem)
}

/// A run that trusts the Hub's authority.
pub fn with_trust(step: Step, hub: &StandInHub) -> Step {
    let step = step.hub(hub).file(".run/ca.pem", hub.ca_pem().expect("an authority"));
    let file = step.path(".run/ca.pem");
    step.env("SSL_CERT_FILE", file)
}

/// The same, of one function.
pub fn trusting(hub: &StandInHub) -> Step {
    with_trust(greeter("1.0.0"), hub)
}

/// What libraries say about themselves, which helps no reader.
const DEBRIS: [&str; 17] = [
    "os error",
    "Error(",
    "Other(",
    "InvalidCertificate",
    "UnknownIssuer",
    "Custom {",
    "kind:",
    "tunnel error",
    "client error",
    "dns error",
    "tcp connect error",
    "error sending request",
    "invalid peer certificate",
    "fatal alert",
    "corrupt message",
    "rustls",
    "hyper",
];

/// Everything that the run wrote is free of the words of libraries.
#[track_caller]
pub fn assert_plain(run: &Run) {
    let written = format!("{}{}", run.stdout, run.report);
    for debris in DEBRIS {
        assert!(!written.contains(debris), "`{debris}` in {written}");
    }
}

/// A row of the table "Messages" in `docs/network.md` has this message, and the exit code of the run.
#[track_caller]
pub fn assert_documented(message: &str, exit_code: i32) {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/network.md")).expect("the page");
    let (_, table) = page.split_once("\n## Messages\n").expect("the table");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let (row, rest) = rows
        .skip(1)
        .find(|(pattern, _)| is_like(message, pattern))
        .unwrap_or_else(|| panic!("no row: {message}"));
    assert!(
        rest.starts_with(&format!("{exit_code} |")),
        "`{row}` is `{rest}` in the page, and {exit_code}: {message}"
    );
}

/// Whether a message is one of this pattern, in which `…` is any text.
fn is_like(message: &str, pattern: &str) -> bool {
    let (mut rest, mut parts) = (message, pattern.split('…').map(str::trim));
    let Some(start) = parts.next().and_then(|start| rest.strip_prefix(start)) else { return false };
    rest = start;
    parts.all(|part| {
        rest.split_once(part).is_some_and(|(_, after)| {
            rest = after;
            true
        })
    })
}

/// A server on loopback that records all that it receives.
pub struct Server {
    address: String,
    seen: Arc<Mutex<Vec<u8>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    /// One that does this with every connection.
    fn with(
        serve: impl Fn(TcpStream, &Mutex<Vec<u8>>) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (seen, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (record, count, serve) = (seen.clone(), connections.clone(), Arc::new(serve));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                *count.lock().expect("the count") += 1;
                let (record, serve) = (record.clone(), serve.clone());
                // The client may close its connection at any time.
                thread::spawn(move || drop(serve(client, &record)));
            }
        });
        Self { address, seen, connections }
    }

    /// One that answers the first bytes of every connection with these, and closes it.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::with(move |mut client, record| {
            let mut buffer = [0; 16 * 1024];
            let read = client.read(&mut buffer)?;
            record.lock().expect("the record").extend(&buffer[..read]);
            client.write_all(&answer)?;
            client.shutdown(Shutdown::Write)?;
            std::io::copy(&mut client, &mut std::io::sink()).map(drop)
        })
    }

    /// One that accepts every connection and never answers.
    pub fn silent() -> Self {
        Self::with(|mut client, _| std::io::copy(&mut client, &mut std::io::sink()).map(drop))
    }

    /// A proxy that forwards every `CONNECT` to one Hub.
    pub fn proxy_to(hub: &StandInHub) -> Self {
        let target = hub.url().replace("https://localhost", "127.0.0.1");
        Self::with(move |client, record| tunnel(client, &target, record))
    }

    /// One that passes the first connection on to the first Hub, the next to the next, and all further ones to the last.
    pub fn relay(hubs: &[&StandInHub]) -> Self {
        let targets = hubs.iter().map(|hub| hub.url().replace("https://localhost", "127.0.0.1"));
        let targets = Mutex::new(targets.rev().collect::<Vec<_>>());
        Self::with(move |client, record| {
            let target = {
                let mut targets = targets.lock().expect("the targets");
                if targets.len() > 1 { targets.pop() } else { targets.last().cloned() }
            };
            pass_on(client, TcpStream::connect(target.expect("a target"))?, record)
        })
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that it received.
    pub fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().expect("the record")).into_owned()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().expect("the count")
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
    let hub = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    pass_on(client, hub, record)
}

fn pass_on(mut client: TcpStream, mut hub: TcpStream, record: &Mutex<Vec<u8>>) -> std::io::Result<()> {
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

/// An address on loopback at which nobody listens.
pub fn closed_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}
