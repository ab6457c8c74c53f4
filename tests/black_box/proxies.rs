//! Proxies: which one is used, what it sees, and what is said of one that does not connect to the Hub.

use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::fixtures::{ending, greeter, side_by_side, words};
use crate::servers::{Server, assert_documented, assert_plain, closed_address, https_hub, trusting};
use crate::support::{Run, Step};

/// The Hub behind a proxy: loopback would be connected to directly.
const HUB: &str = "https://hub.test";

fn behind(step: Step, variable: &str, proxy: &str) -> Step {
    step.input("api-url", HUB).env(variable, proxy)
}

/// A run on a new function with this proxy, whose credentials must not show.
fn run_behind(proxy: &str, timeout: &str) -> Run {
    let hub = https_hub();
    let run = behind(trusting(&hub), "HTTPS_PROXY", proxy).input("timeout", timeout).run();
    assert!(hub.requests().is_empty() && hub.connections() == 0);
    assert_plain(&run);
    let written = format!("{}{}", run.stdout, run.report);
    assert!(!written.contains("secret-word") && !written.contains("some-user"), "{written}");
    run
}

/// The message and the hint of a run that ended at its first failure with exit code 2.
fn refused(run: &Run, code: &str) -> String {
    assert_eq!((run.exit_code, run.codes()), (2, vec![code]), "{}", run.stdout);
    let words = words(run, code);
    assert_documented(&words, 2);
    words
}

fn status(status: &str) -> Server {
    Server::answering(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"))
}

/// The address of a proxy, with credentials.
fn with_login(proxy: &Server) -> String {
    proxy.url().replace("http://", "http://some-user:secret-word@")
}

#[test]
fn a_proxy_is_used_and_does_not_see_the_key() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let hub = https_hub();
        let proxy = Server::proxy_to(&hub);
        let run = behind(trusting(&hub), variable, &proxy.url()).run();
        assert_eq!(ending(&run, &hub), ("published", 0, 1), "{variable}: {}", run.stdout);
        let seen = proxy.seen();
        assert!(seen.starts_with("CONNECT hub.test:443 HTTP/1.1\r\n"), "{seen}");
        assert!(!seen.contains(DEFAULT_KEY) && !seen.to_lowercase().contains("x-api-key"));
        assert!(!seen.contains("greeter"));
    }
}

#[test]
fn the_proxy_gets_its_user_name_and_password() {
    let hub = https_hub();
    let proxy = Server::proxy_to(&hub);
    let url = proxy.url().replace("http://", "http://user:p%40ss@");
    let run = behind(trusting(&hub), "HTTPS_PROXY", &url).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    assert!(
        proxy.seen().to_lowercase().contains("\r\nproxy-authorization: basic dxnlcjpwqhnz\r\n"),
        "{}",
        proxy.seen()
    );
}

#[test]
fn a_proxy_without_a_scheme_is_an_http_proxy() {
    let hub = https_hub();
    let proxy = Server::proxy_to(&hub);
    let run = behind(trusting(&hub), "HTTPS_PROXY", proxy.address()).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
}

#[test]
fn no_proxy_is_honoured() {
    for variable in ["NO_PROXY", "no_proxy"] {
        let hub = https_hub();
        let proxy = Server::proxy_to(&hub);
        let step = behind(trusting(&hub), "HTTPS_PROXY", &proxy.url()).input("timeout", "2");
        let run = step.env(variable, "other.example,hub.test").run();
        assert_eq!(ending(&run, &hub), ("failed", 4, 0), "{}", run.stdout);
        assert_eq!(proxy.connections(), 0);
    }
}

#[test]
fn a_hub_on_loopback_is_reached_without_a_proxy() {
    let (clear, tls) = (StandInHub::start(), https_hub());
    let proxy = Server::proxy_to(&tls);
    for (step, hub) in [(greeter("1.0.0").hub(&clear), &clear), (trusting(&tls), &tls)] {
        let step = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"]
            .iter()
            .fold(step, |step, variable| step.env(variable, proxy.url()));
        let run = step.run();
        assert_eq!(ending(&run, hub), ("published", 0, 1), "{}", run.stdout);
        assert_eq!(proxy.connections(), 0);
    }
}

#[test]
fn a_proxy_that_wants_other_credentials_ends_the_run_at_once() {
    let proxy = status("407 Proxy Authentication Required");
    let words = refused(&run_behind(&with_login(&proxy), "60"), "HUB_UNREACHABLE");
    let expected = format!("the proxy at {} rejects the user name and password (status 407)", proxy.url());
    assert!(words.starts_with(&expected) && words.contains("`HTTPS_PROXY`"), "{words}");
    assert_eq!(proxy.seen().matches("CONNECT").count(), 1);

    let words = refused(&run_behind(&proxy.url(), "60"), "HUB_UNREACHABLE");
    let expected = format!("the proxy at {} requires a user name and password (status 407)", proxy.url());
    assert!(words.starts_with(&expected) && words.contains("http://USER:PASSWORD@HOST:PORT"), "{words}");
}

#[test]
fn a_proxy_that_refuses_to_connect_ends_the_run_at_once() {
    for refusal in [
        "403 Forbidden",
        "400 Bad Request",
        "404 Not Found",
        "405 Method Not Allowed",
        "302 Found",
        "204 No Content",
    ] {
        let proxy = status(refusal);
        let words = refused(&run_behind(&with_login(&proxy), "60"), "HUB_UNREACHABLE");
        let (url, status) = (proxy.url(), &refusal[..3]);
        let expected =
            format!("the proxy at {url} refuses to connect to the Hub at hub.test:443 (status {status})");
        assert!(words.starts_with(&expected), "{words}");
        assert!(words.contains("`HTTPS_PROXY`") && words.contains("`NO_PROXY`"), "{words}");
        // Once, and once more for the status.
        assert_eq!(proxy.connections(), 2);
    }
}

#[test]
fn a_proxy_that_cannot_connect_right_now_is_asked_again() {
    side_by_side(
        ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout", "429 Too Many Requests"],
        |refusal| {
            let proxy = status(refusal);
            let run = run_behind(&proxy.url(), "2");
            assert_eq!(run.exit_code, 4, "{}", run.stdout);
            let (url, status) = (proxy.url(), &refusal[..3]);
            let expected =
                format!("the proxy at {url} could not connect to the Hub at hub.test:443 (status {status})");
            let words = words(&run, "HUB_UNREACHABLE");
            assert!(words.contains(&expected), "{words}");
            assert_documented(words.trim_start_matches("not published: "), 4);
            assert!(proxy.connections() > 3);
        },
    );
}

#[test]
fn a_server_that_is_no_proxy_ends_the_run_at_once() {
    for answer in
        ["SSH-2.0-OpenSSH_9.9\r\n".to_owned(), format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(9_000))]
    {
        let server = Server::answering(answer);
        let words = refused(&run_behind(&server.url(), "60"), "HUB_UNREACHABLE");
        assert!(words.contains(&format!("the proxy at {} ", server.url())), "{words}");
        assert!(words.contains("hub.test:443"), "{words}");
    }
}

#[test]
fn a_proxy_that_cannot_be_reached_is_named_with_its_address() {
    let closed = closed_address();
    let login = format!("http://some-user:secret-word@{closed}");
    let empty = Server::answering("");
    for (url, address, reason) in [
        (login, closed, "connection refused"),
        (
            "http://some-user:secret-word@proxy.invalid:3128".to_owned(),
            "proxy.invalid:3128".to_owned(),
            "its host name could not be resolved",
        ),
        (empty.url(), empty.address().to_owned(), "the connection was closed"),
    ] {
        let words = refused(&run_behind(&url, "10"), "HUB_UNREACHABLE");
        let expected = format!("the proxy at http://{address} could not be reached: {reason}");
        assert!(words.starts_with(&expected) && words.contains("`HTTPS_PROXY`"), "{words}");
    }
}

#[test]
fn a_hub_that_is_not_trusted_is_named_with_the_proxy_before_it() {
    let hub = https_hub();
    let proxy = Server::proxy_to(&hub);
    let run = behind(greeter("1.0.0").hub(&hub), "ALL_PROXY", &with_login(&proxy)).run();
    let words = refused(&run, "HUB_UNREACHABLE");
    let expected = format!(
        "the certificate of the Hub at hub.test:443 (through the proxy at {}) is not trusted",
        proxy.url()
    );
    assert!(words.starts_with(&expected) && words.contains("`SSL_CERT_FILE`"), "{words}");
    assert!(hub.requests().is_empty());
    assert_plain(&run);
}

#[test]
fn a_proxy_of_another_kind_is_an_input_error_before_anything_is_sent() {
    let server = Server::silent();
    for scheme in ["socks5", "socks5h", "socks4", "socks4a", "socks", "SOCKS5"] {
        let url = format!("{scheme}://some-user:secret-word@{}", server.address());
        let words = refused(&run_behind(&url, "2"), "INVALID_INPUT");
        assert!(
            words.contains("`HTTPS_PROXY` names a SOCKS proxy (`socks") && words.contains("`NO_PROXY`"),
            "{words}"
        );
    }
    for url in [
        "ftp://some-user:secret-word@proxy.example",
        "http://some-user:secret-word@proxy.example:99999",
        "http://",
        "http://some-user:sec#secret-word@proxy.example",
    ] {
        let words = refused(&run_behind(url, "2"), "INVALID_INPUT");
        assert!(words.contains("`HTTPS_PROXY` is not the URL of a proxy"), "{words}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_proxy_of_another_kind_for_other_hosts_is_ignored() {
    let hub = StandInHub::start();
    let run = greeter("1.0.0").hub(&hub).env("ALL_PROXY", "socks5://proxy.example").run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    let run = greeter("1.0.0").input("dry-run", "true").env("ALL_PROXY", "socks5://proxy.example").run();
    assert_eq!(run.exit_code, 0, "nothing is sent to the Hub: {}", run.stdout);
}

#[test]
fn a_proxy_that_is_reached_by_tls_must_be_trusted_too() {
    let (hub, proxy) = (https_hub(), StandInHub::builder().tls_from("Another CA").start());
    let address = proxy.url();
    let login = address.replace("https://", "https://some-user:secret-word@");
    let run = behind(trusting(&hub), "HTTPS_PROXY", &login).run();
    let words = refused(&run, "HUB_UNREACHABLE");
    let expected =
        format!("the certificate of the proxy at {address} is not trusted: its issuer is not among");
    assert!(words.starts_with(&expected) && words.contains("issued by `CN=Another CA`"), "{words}");
    assert_plain(&run);

    let run = behind(trusting(&proxy), "HTTPS_PROXY", &login).run();
    let words = refused(&run, "HUB_UNREACHABLE");
    assert!(
        words.starts_with(&format!("the proxy at {address} does not connect to the Hub at hub.test:443")),
        "{words}"
    );
    assert!(proxy.publishes().is_empty() && hub.requests().is_empty());
    assert!(!run.stdout.contains("secret-word") && !run.report.to_string().contains("secret-word"));
}

#[test]
fn a_proxy_that_never_answers_is_named() {
    let proxy = Server::silent();
    let run = run_behind(&proxy.url(), "2");
    assert_eq!(run.exit_code, 4, "{}", run.stdout);
    let expected = format!(
        "the Hub at hub.test:443 (through the proxy at {}) could not be reached: timed out",
        proxy.url()
    );
    assert!(words(&run, "HUB_UNREACHABLE").contains(&expected), "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn a_proxy_that_is_not_utf_8_is_an_input_error() {
    use std::os::unix::ffi::OsStringExt as _;
    let value = std::ffi::OsString::from_vec(b"http://some-user:secret-word\xff@proxy.example".to_vec());
    let run =
        greeter("1.0.0").input("api-url", HUB).input("api-key", DEFAULT_KEY).env("HTTPS_PROXY", value).run();
    let words = refused(&run, "INVALID_INPUT");
    assert!(words.contains("`HTTPS_PROXY` is not the URL of a proxy: not UTF-8"), "{words}");
    assert!(!run.stdout.contains("secret-word"));
}
