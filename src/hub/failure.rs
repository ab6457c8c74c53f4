//! Why there is no response: what could not be reached, at which address, and why, in plain words.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};
use url::Url;

use super::certificate::{self, Untrusted};
use crate::finding::{Code, Finding, Owner};
use crate::settings::proxy::Proxy;
use crate::text;

/// How the HTTP library puts it that a proxy opened no tunnel. The type of this error is private there.
const NO_TUNNEL: &str = "tunnel error: ";
const REFUSED: &str = "tunnel error: unsuccessful";
const NO_LOGIN: &str = "tunnel error: proxy authorization required";
const NO_HTTP: &str = "tunnel error: proxy response headers too long";

/// The same for a host name without an address.
const NOT_RESOLVED: &str = "dns error";

/// Where requests go.
#[derive(Debug)]
pub(super) struct Route {
    /// Host and port of the Hub.
    pub(super) hub: String,
    pub(super) proxy: Option<Proxy>,
}

/// Why there is no response.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct NoResponse {
    reason: String,
    /// What the owner of the pipeline has to change; `None` where the failure is not theirs.
    fix: Option<String>,
    /// Whether a later attempt may succeed.
    pub(super) may_pass: bool,
    /// Whether the request may have been sent.
    pub(super) is_sent: bool,
}

impl NoResponse {
    /// `refusal` is the status that the proxy refuses with, where that is known.
    pub(super) fn of(error: &reqwest::Error, route: &Route, refusal: Option<u16>) -> Self {
        let is_sent = !error.is_connect();
        let causes: Vec<_> = causes(error).collect();
        let is_of_proxy = causes.iter().any(|cause| cause.to_string().starts_with(NO_TUNNEL));
        let of_proxy = route.proxy.as_ref().filter(|_| is_of_proxy);
        let peer = of_proxy.map_or_else(|| route.to_string(), |proxy| format!("the proxy at {proxy}"));
        let tls = causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>());
        let failure = match (tls, of_proxy) {
            (Some(error), _) => TlsFailure::of(error).at(&peer),
            (None, Some(proxy)) => of_tunnel(&causes, proxy, &route.hub, refusal),
            (None, None) => {
                let why = why(&causes, error.is_timeout());
                let reason = match (is_sent, error.is_timeout()) {
                    (false, _) => format!("{peer} could not be reached: {why}"),
                    (true, true) => format!("{peer} did not respond in time"),
                    (true, false) => format!("the connection to {peer} was interrupted: {why}"),
                };
                Self::passing(reason)
            }
        };
        Self { is_sent, ..failure }
    }

    fn passing(reason: String) -> Self {
        Self { reason, fix: None, may_pass: true, is_sent: true }
    }

    pub(super) fn lasting(reason: String, fix: impl Into<String>) -> Self {
        Self { reason, fix: Some(fix.into()), may_pass: false, is_sent: true }
    }

    /// Whether only the owner of the pipeline can change it.
    pub(super) fn is_obstacle(&self) -> bool {
        self.fix.is_some()
    }

    /// The same as the finding of a run, or of what was not published.
    pub(crate) fn finding(&self, prefix: &str) -> Finding {
        let finding = Finding::new(Code::HubUnreachable, format!("{prefix}{self}"));
        match &self.fix {
            Some(fix) => finding.owned_by(Owner::Pipeline).with_hint(fix),
            None => finding,
        }
    }
}

impl Route {
    pub(super) fn of(hub: &Url, proxy: Option<Proxy>) -> Self {
        let host = hub.host_str().unwrap_or_default();
        let port = hub.port_or_known_default().unwrap_or_default();
        Self { hub: format!("{host}:{port}"), proxy }
    }
}

/// The Hub, as messages name it.
impl std::fmt::Display for Route {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the Hub at {}", self.hub)?;
        match &self.proxy {
            Some(proxy) => write!(formatter, " (through the proxy at {proxy})"),
            None => Ok(()),
        }
    }
}

/// Whether the proxy answered, and with another status than 200 and 407.
pub(super) fn is_refusal_of_proxy(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.to_string() == REFUSED)
}

/// An error and all that it wraps.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // An I/O error does not name what it wraps as its source.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map_or_else(|| error.source(), |wrapped| Some(wrapped as &(dyn Error + 'static)))
    })
}

/// A proxy that can't be reached, or that does not connect to the Hub.
fn of_tunnel(
    causes: &[&(dyn Error + 'static)],
    proxy: &Proxy,
    hub: &str,
    refusal: Option<u16>,
) -> NoResponse {
    let variable = proxy.variable;
    let is = |what: &str| causes.iter().any(|cause| cause.to_string() == what);
    if is(NO_LOGIN) || refusal == Some(407) {
        let reason = match proxy.login {
            Some(_) => "rejects the user name and password",
            None => "requires a user name and password",
        };
        return NoResponse::lasting(
            format!("the proxy at {proxy} {reason} (status 407)"),
            format!(
                "correct `{variable}`: `http://USER:PASSWORD@HOST:PORT`; only the scheme Basic is supported, neither NTLM nor Negotiate"
            ),
        );
    }
    match refusal {
        Some(status @ (408 | 429 | 500..)) => NoResponse::passing(format!(
            "the proxy at {proxy} could not connect to the Hub at {hub} (status {status})"
        )),
        Some(status) => NoResponse::lasting(
            format!("the proxy at {proxy} refuses to connect to the Hub at {hub} (status {status})"),
            format!("allow `{hub}` in the proxy's rules, or correct `{variable}` or `NO_PROXY`"),
        ),
        None if is(REFUSED) || is(NO_HTTP) => NoResponse::lasting(
            format!("the proxy at {proxy} does not connect to the Hub at {hub}"),
            format!("allow `{hub}` in the proxy's rules, or correct `{variable}`: an HTTP proxy is required"),
        ),
        None => NoResponse {
            may_pass: true,
            ..NoResponse::lasting(
                format!("the proxy at {proxy} could not be reached: {}", why(causes, false)),
                format!("correct `{variable}`, or re-run the job once the proxy is available again"),
            )
        },
    }
}

/// Why a connection failed, without what the libraries say about themselves.
fn why(causes: &[&(dyn Error + 'static)], is_timeout: bool) -> String {
    if causes.iter().any(|cause| cause.to_string() == NOT_RESOLVED) {
        return "its host name could not be resolved".to_owned();
    }
    if let Some(error) = causes.iter().rev().find_map(|cause| cause.downcast_ref::<io::Error>()) {
        return of_io(error);
    }
    if is_timeout {
        return "timed out".to_owned();
    }
    match causes.iter().find_map(|cause| cause.downcast_ref::<hyper::Error>()) {
        Some(error) if error.is_parse() => "the response is not valid HTTP",
        Some(_) | None => "the connection was closed",
    }
    .to_owned()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what else the operating system reports has words of its own"
)]
fn of_io(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => "connection reset",
        io::ErrorKind::HostUnreachable => "no route to the host",
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown | io::ErrorKind::NotConnected => {
            "the network is unreachable"
        }
        io::ErrorKind::TimedOut => "timed out",
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => "the connection was closed",
        io::ErrorKind::PermissionDenied => "this machine does not permit the connection",
        _ => return text::of_io(error).to_lowercase(),
    }
    .to_owned()
}

/// What failed in the TLS handshake.
enum TlsFailure<'e> {
    Untrusted(&'e Untrusted),
    Certificate(&'static str),
    /// The other side does not speak TLS, or none that is supported.
    Unsuitable(&'static str),
    Interrupted(String),
}

impl<'e> TlsFailure<'e> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are violations of the protocol")]
    fn of(error: &'e rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(problem) => match problem {
                CertificateError::Other(other) if other.0.is::<Untrusted>() => {
                    other.0.downcast_ref().map_or(Self::Certificate("it is not valid"), Self::Untrusted)
                }
                problem => Self::Certificate(certificate::words(problem)),
            },
            rustls::Error::NoCertificatesPresented => Self::Certificate("there is none"),
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
                Self::Unsuitable("it does not use TLS on this port")
            }
            rustls::Error::PeerIncompatible(_) | rustls::Error::NoApplicationProtocol => Self::Unsuitable(
                "it supports no version or cipher of TLS that this program accepts (TLS 1.2 or 1.3)",
            ),
            rustls::Error::AlertReceived(alert) => Self::of_alert(*alert),
            _ => Self::Interrupted("it violates the TLS protocol".to_owned()),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others have the names that TLS gives them")]
    fn of_alert(alert: AlertDescription) -> Self {
        match alert {
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::NoApplicationProtocol => Self::Unsuitable(
                "it rejects every version and cipher of TLS that this program supports (TLS 1.2 or 1.3)",
            ),
            AlertDescription::UnrecognisedName => Self::Unsuitable("it does not know this host name"),
            AlertDescription::CertificateRequired | AlertDescription::AccessDenied => {
                Self::Unsuitable("it requires a certificate of the client, which is not supported")
            }
            other => {
                Self::Interrupted(format!("it ended the connection with the TLS alert {}", u8::from(other)))
            }
        }
    }

    fn at(self, peer: &str) -> NoResponse {
        match self {
            Self::Untrusted(untrusted) => NoResponse::lasting(
                format!("the certificate of {peer} is not trusted: {untrusted}"),
                untrusted.fix.as_str(),
            ),
            Self::Certificate(words) => NoResponse::lasting(
                format!("the certificate of {peer} is not trusted: {words}"),
                "correct `api-url` if it is wrong; otherwise the server needs another certificate",
            ),
            Self::Unsuitable(words) => NoResponse::lasting(
                format!("no secure connection to {peer}: {words}"),
                "correct host and port in `api-url`, or the proxy in `HTTPS_PROXY`",
            ),
            Self::Interrupted(words) => {
                NoResponse::passing(format!("no secure connection to {peer}: {words}"))
            }
        }
    }
}
