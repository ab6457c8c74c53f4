//! HTTPS: which certificates are trusted, what is said of the others, and how many connections are opened.

use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{ending, functions, greeter, manifest, words};
use crate::servers::{Server, assert_documented, assert_plain, https_hub, trusting, with_authority};
use crate::support::{CODE, Step};

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

/// A run that ends because of the certificate, with one connection to the Hub that carried no request; its message and its
/// hint. What a time-out of a minute would allow is not used: nothing is repeated.
#[track_caller]
fn refused_at_once(step: Step, hub: &StandInHub) -> String {
    let run = step.input("timeout", "60").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["HUB_UNREACHABLE"]), "{}", run.stdout);
    assert_eq!(run.report["status"], "failed");
    assert!(hub.requests().is_empty());
    assert_eq!(hub.connections(), 1);
    assert_plain(&run);
    let words = words(&run, "HUB_UNREACHABLE");
    let host = hub.url().replace("https://", "");
    assert!(words.starts_with(&format!("the certificate of the Hub at {host} is not trusted: ")), "{words}");
    assert_documented(&words, 2);
    words
}

/// The subject and the issuer of the stand-in Hub's certificate.
const WHOSE: &str = "(subject `CN=stand-in Hub`, issued by `CN=stand-in Hub, temporary authority`)";

#[test]
fn a_certificate_of_an_unknown_issuer_ends_the_run_at_once() {
    let (hub, other) = (https_hub(), StandInHub::builder().tls_from("Another CA").start());
    let words = refused_at_once(trusting(&other).hub(&hub), &hub);
    assert!(words.contains("its issuer is not among the certificates in `SSL_CERT_FILE`"), "{words}");
    assert!(words.contains(WHOSE) && words.contains("`SSL_CERT_DIR`"), "{words}");
    assert!(words.contains("replace this machine's own list of CAs"), "{words}");
}

#[test]
fn without_a_choice_the_hint_says_how_to_trust_a_companys_ca() {
    let hub = https_hub();
    let words = refused_at_once(greeter("1.0.0").hub(&hub), &hub);
    assert!(words.contains("its issuer is not among "), "{words}");
    assert!(words.contains(WHOSE), "{words}");
    assert!(words.contains("set `SSL_CERT_FILE` to a PEM file (or `SSL_CERT_DIR`"), "{words}");
}

#[test]
fn a_directory_without_the_issuer_is_named() {
    let (hub, other) = (https_hub(), StandInHub::builder().tls_from("Another CA").start());
    let step = with_authority(&other).hub(&hub);
    let directory = step.path(".run/certificates");
    let words = refused_at_once(step.env("SSL_CERT_DIR", directory), &hub);
    assert!(words.contains("its issuer is not among the certificates in `SSL_CERT_DIR`"), "{words}");
}

#[test]
fn the_certificate_of_another_ca_of_the_same_name_is_not_trusted() {
    // With a key of the same kind, or of another one.
    for other in [https_hub(), StandInHub::builder().tls_from_other_key().start()] {
        let hub = https_hub();
        let words = refused_at_once(trusting(&other).hub(&hub), &hub);
        assert!(words.contains("another CA than the one of the same name"), "{words}");
        assert!(words.contains("add the issuer's certificate to `SSL_CERT_FILE`"), "{words}");
    }
}

#[test]
fn an_empty_variable_counts_as_unset_and_a_device_is_no_file_of_certificates() {
    let hub = https_hub();
    let said = |step: Step| words(&step.hub(&hub).run(), "HUB_UNREACHABLE");
    for empty in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        assert_eq!(said(greeter("1.0.0").env(empty, "")), said(greeter("1.0.0")), "{empty}");
    }
    let run = greeter("1.0.0").hub(&hub).env("SSL_CERT_FILE", "/dev/zero").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{}", run.stdout);
}

#[test]
fn every_reason_not_to_trust_a_certificate_is_said_in_words() {
    let builder = StandInHub::builder;
    for (hub, reason, fix) in [
        (builder().tls_expired(), "it expired on Fri, 01 Jan 2021 00:00:00 GMT; the clock", "clock"),
        (builder().tls_not_yet_valid(), "it is not valid before Fri, 01 Jan 2100 00:00:00 GMT", "clock"),
        (builder().tls_for("hub.example"), "it is for `hub.example`, and not for `localhost`", "`api-url`"),
        (builder().tls_for("192.0.2.1"), "it is for no host name, and not for `localhost`", "`api-url`"),
        (builder().tls_for_clients(), "it may not be used for a server", "another certificate"),
        (builder().tls_authority(), "it is self-signed, and the certificate of a CA", "`SSL_CERT_FILE` or"),
    ] {
        let hub = hub.start();
        let words = refused_at_once(trusting(&hub), &hub);
        assert!(words.contains(reason) && words.contains(fix), "{words}");
        assert!(words.contains("issued by `CN=stand-in Hub, temporary authority`"), "{words}");
    }
}

#[test]
fn a_self_signed_certificate_is_called_so_and_can_be_trusted() {
    let hub = StandInHub::builder().tls_self_signed().start();
    let words = refused_at_once(greeter("1.0.0").hub(&hub), &hub);
    assert!(words.contains("it is self-signed, and not among"), "{words}");
    let run = trusting(&hub).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
}

#[test]
fn a_certificate_that_is_not_trusted_ends_the_run_also_where_the_first_one_was() {
    let other = || StandInHub::builder().tls_from("Another CA").start();
    // The list, and the publish, reach another server than the request before.
    for (fault, requests) in [(Fault::CutBefore, 1), (Fault::GoAway, 1)] {
        let (hub, other) = (https_hub(), other());
        hub.fault(Route::My, fault);
        let relay = Server::relay(&[&hub, &other]);
        let step = trusting(&hub).input("api-url", &format!("https://{}", relay.address()));
        let run = step.input("timeout", "60").run();
        assert_eq!((run.exit_code, run.codes()), (2, vec!["HUB_UNREACHABLE"]), "{}", run.stdout);
        assert!(words(&run, "HUB_UNREACHABLE").contains("issued by `CN=Another CA`"), "{}", run.stdout);
        assert_eq!((hub.requests().len(), hub.publishes().len()), (requests, 0));
        assert_eq!((other.requests().len(), other.connections()), (0, 1));
        assert_plain(&run);
    }
}

#[test]
fn a_publish_whose_result_a_server_without_trust_hides_is_unconfirmed() {
    let (hub, other) = (https_hub(), StandInHub::builder().tls_from("Another CA").start());
    hub.fault(Route::Publish, Fault::CutAfter);
    let relay = Server::relay(&[&hub, &other]);
    let step = trusting(&hub).input("api-url", &format!("https://{}", relay.address()));
    let run = step.input("timeout", "6").run();
    assert_eq!((run.exit_code, run.codes()), (4, vec!["UNCONFIRMED"]), "{}", run.stdout);
    assert!(words(&run, "UNCONFIRMED").contains("issued by `CN=Another CA`"), "{}", run.stdout);
    assert!(other.requests().is_empty());
    assert_plain(&run);
}

#[test]
fn the_authority_at_the_end_of_the_chain_is_named() {
    let hub = StandInHub::builder().tls_chained().start();
    let words = refused_at_once(greeter("1.0.0").hub(&hub), &hub);
    let whose = "(subject `CN=stand-in Hub`, issued by `CN=stand-in Hub, intermediate authority`, under \
                 `CN=stand-in Hub, temporary authority`)";
    assert!(words.contains(whose), "{words}");
    let run = trusting(&hub).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
}

#[test]
fn the_name_of_an_issuer_is_foreign_text() {
    let hub = StandInHub::builder().tls_from("\u{1b}[2K\n::error::##[error]`injected`").start();
    let words = refused_at_once(greeter("1.0.0").hub(&hub).github(), &hub);
    assert!(words.contains("issued by `CN=[2K \u{23ce} ::error::##[error]"), "{words}");
    let run = greeter("1.0.0").hub(&hub).github().run();
    assert!(!run.stdout.contains('\u{1b}') || !run.stdout.contains("\u{1b}[2K"), "{}", run.stdout);
    assert!(!run.stdout.lines().any(|line| line.trim_start().starts_with("::error::")), "{}", run.stdout);
    let long = StandInHub::builder().tls_from(&"x".repeat(10_000)).start();
    let words = refused_at_once(greeter("1.0.0").hub(&long), &long);
    assert!(words.len() < 1_500 && words.contains("xxx…`"), "{words}");
}

#[test]
fn a_dry_run_without_a_key_ends_at_the_first_request_too() {
    let hub = https_hub();
    let names = ["first".to_owned(), "second".to_owned()];
    let step = functions(&names).input("api-url", &hub.url()).input("username", "alice");
    let run = step.input("dry-run", "true").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["HUB_UNREACHABLE"]), "{}", run.stdout);
    assert!(words(&run, "HUB_UNREACHABLE").contains(WHOSE), "{}", run.stdout);
    assert!(hub.requests().is_empty());
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
        assert_documented(&words, 2);
        assert_eq!(hub.connections(), 0);
    }
}

#[test]
fn a_file_and_a_directory_are_both_trusted_and_the_file_must_hold_a_certificate() {
    let (hub, other) = (https_hub(), StandInHub::builder().tls_from("Another CA").start());
    let step = || {
        let step = with_authority(&hub);
        let directory = step.path(".run/certificates");
        step.env("SSL_CERT_DIR", directory).file(".run/other.pem", other.ca_pem().expect("an authority"))
    };
    let both = step();
    let file = both.path(".run/other.pem");
    let run = both.env("SSL_CERT_FILE", file).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);

    let (third, both) = (StandInHub::builder().tls_from("Third CA").start(), step());
    let file = both.path(".run/other.pem");
    let refused = refused_at_once(both.env("SSL_CERT_FILE", file).hub(&third), &third);
    assert!(
        refused.contains("not among the certificates in `SSL_CERT_FILE` and `SSL_CERT_DIR`"),
        "{refused}"
    );

    let run = step().env("SSL_CERT_FILE", "missing.pem").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{}", run.stdout);
    assert!(
        words(&run, "INVALID_INPUT").contains("`SSL_CERT_FILE` is set, but no certificate"),
        "{}",
        run.stdout
    );
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
