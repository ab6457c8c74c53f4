//! A Hub that can't be reached: each kind of failure is said in plain words, with the address.

use stand_in_hub::StandInHub;

use crate::fixtures::{greeter, side_by_side, words};
use crate::servers::{Server, assert_documented, assert_plain, closed_address};
use crate::support::{Run, Step};

fn run_at(url: &str) -> Run {
    let step: Step = greeter("1.0.0").input("api-url", url).input("api-key", "ac_test_key_0123456789");
    let run = step.input("timeout", "2").run();
    assert_plain(&run);
    run
}

/// A fatal TLS alert.
fn alert(code: u8) -> Vec<u8> {
    vec![0x15, 3, 1, 0, 2, 2, code]
}

/// What a server of TLS 1.1 answers with.
fn tls_1_1() -> Vec<u8> {
    let mut hello = vec![0x16, 3, 2, 0, 0x2a, 2, 0, 0, 0x26, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x13, 0]);
    hello
}

#[test]
fn a_failure_that_may_pass_names_the_address_and_the_reason() {
    let closed = closed_address();
    let empty = Server::answering("");
    let internal = Server::answering(alert(80));
    side_by_side(
        [
            (format!("http://{closed}"), closed.as_str(), "could not be reached: connection refused"),
            (format!("https://{closed}"), closed.as_str(), "could not be reached: connection refused"),
            (
                "https://hub.invalid".to_owned(),
                "hub.invalid:443",
                "could not be reached: its host name could not be resolved",
            ),
            ("https://255.255.255.255".to_owned(), "255.255.255.255:443", "could not be reached: "),
            (
                format!("https://{}", empty.address()),
                empty.address(),
                "could not be reached: the connection was closed",
            ),
            (
                format!("https://{}", internal.address()),
                internal.address(),
                "it ended the connection with the TLS alert 80",
            ),
        ],
        |(url, address, reason)| {
            let run = run_at(&url);
            assert_eq!((run.exit_code, run.report["status"].as_str()), (4, Some("failed")), "{}", run.stdout);
            let words = words(&run, "HUB_UNREACHABLE");
            assert!(words.contains(&format!("the Hub at {address}")) && words.contains(reason), "{words}");
            assert_documented(words.trim_start_matches("not published: "), 4);
        },
    );
}

#[test]
fn a_server_without_a_usable_tls_ends_the_run_at_once() {
    let plain = StandInHub::start();
    let plain_url = plain.url().replace("http://", "https://");
    let (failure, version) = (Server::answering(alert(40)), Server::answering(alert(70)));
    let (name, old) = (Server::answering(alert(112)), Server::answering(tls_1_1()));
    let certificate = Server::answering(alert(116));
    for (url, server, reason) in [
        (plain_url, None, "it does not use TLS on this port"),
        (
            format!("https://{}", failure.address()),
            Some(&failure),
            "it rejects every version and cipher of TLS",
        ),
        (
            format!("https://{}", version.address()),
            Some(&version),
            "it rejects every version and cipher of TLS",
        ),
        (format!("https://{}", name.address()), Some(&name), "it does not know this host name"),
        (format!("https://{}", old.address()), Some(&old), "it supports no version or cipher of TLS"),
        (
            format!("https://{}", certificate.address()),
            Some(&certificate),
            "it requires a certificate of the client",
        ),
    ] {
        let run = run_at(&url);
        assert_eq!((run.exit_code, run.codes()), (2, vec!["HUB_UNREACHABLE"]), "{}", run.stdout);
        let address = url.replace("https://", "");
        let words = words(&run, "HUB_UNREACHABLE");
        assert!(
            words.starts_with(&format!("no secure connection to the Hub at {address}: {reason}")),
            "{words}"
        );
        assert!(words.contains("`api-url`"), "{words}");
        assert_documented(&words, 2);
        assert!(server.is_none_or(|server| server.connections() == 1));
    }
    assert!(plain.requests().is_empty());
}

#[test]
fn a_response_that_is_cut_off_or_no_http_is_said_with_the_address() {
    let cut = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
    let closed = Server::answering("");
    let other = Server::answering("SSH-2.0-OpenSSH_9.9\r\n");
    let silent = Server::silent();
    side_by_side(
        [
            (&cut, "was interrupted: the connection was closed"),
            (&closed, "was interrupted: the connection was closed"),
            (&other, "was interrupted: the response is not valid HTTP"),
            (&silent, "did not respond in time"),
        ],
        |(server, reason)| {
            let run = run_at(&server.url());
            assert_eq!(run.exit_code, 4, "{}", run.stdout);
            let expected = format!("the Hub at {} {reason}", server.address());
            let start = run.stdout.find(&expected).unwrap_or_else(|| panic!("{expected}: {}", run.stdout));
            let start = run.stdout[..start].rfind(": ").map_or(start, |colon| colon + 2);
            assert_documented(run.stdout[start..].lines().next().expect("a line"), 4);
        },
    );
}
