//! The proxy between this machine and the Hub, as the usual variables name it.

use std::fmt;

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::header::HeaderValue;
use url::Url;

use super::env::Env;
use super::values::is_loopback;
use crate::finding::{Code, Finding};

/// The variables that name a proxy; the first one that is set counts. `HTTP_PROXY` is for plain HTTP, which is for loopback
/// addresses only, and those are connected to directly.
pub(crate) const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The variables that list the hosts to connect to directly.
pub(crate) const NO_PROXY_VARIABLES: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The proxy that all requests to the Hub go through. Its user name and password leave it for the proxy's own header only.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    /// Without a user name and a password.
    pub(crate) url: Url,
    /// The header `Proxy-Authorization`, which is marked as sensitive.
    pub(crate) login: Option<HeaderValue>,
    /// Where it was named.
    pub(crate) variable: &'static str,
}

/// Its address, as people read it.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host) = (self.url.scheme(), self.url.host_str().unwrap_or_default());
        write!(formatter, "{scheme}://{host}:{}", self.port())
    }
}

impl Proxy {
    /// The proxy for the Hub at this address, or none.
    ///
    /// # Errors
    /// If the variable holds anything but the URL of an HTTP proxy. Its value is not shown: it may contain a password.
    pub(super) fn of(env: &Env, hub: &Url) -> Result<Option<Self>, Finding> {
        if is_loopback(hub) {
            // A proxy would see the key in the clear, and could not reach this machine's loopback anyway.
            return Ok(None);
        }
        let is_set = |name: &&str| env.get(name).is_some() || env.is_broken(name);
        let no_proxy = NO_PROXY_VARIABLES.iter().find_map(|name| env.get(name)).unwrap_or_default();
        let Some(variable) = PROXY_VARIABLES.into_iter().find(|name| is_set(name)) else { return Ok(None) };
        if intercept("http://proxy.invalid", no_proxy, hub).is_none() {
            return Ok(None);
        }
        let value = env.get(variable).ok_or_else(|| invalid(variable, "not UTF-8"))?.trim();
        let value = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
        let url = Url::parse(&value).map_err(|cause| invalid(variable, &cause.to_string()))?;
        match url.scheme() {
            "http" | "https" => {}
            scheme if scheme.starts_with("socks") => return Err(socks(variable, scheme, hub)),
            _ => return Err(invalid(variable, "neither `http://` nor `https://`")),
        }
        let proxy = intercept(url.as_str(), "", hub).and_then(|proxy| {
            let url = Url::parse(&proxy.uri().to_string()).ok()?;
            Some(Self { url, login: proxy.basic_auth().cloned(), variable })
        });
        proxy.map(Some).ok_or_else(|| invalid(variable, "invalid characters"))
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }
}

/// What the HTTP library makes of a proxy and of the hosts that it is not for.
fn intercept(proxy: &str, no_proxy: &str, hub: &Url) -> Option<Intercept> {
    let hub = hub.as_str().parse().ok()?;
    Matcher::builder().https(proxy).no(no_proxy).build().intercept(&hub)
}

fn invalid(variable: &str, reason: &str) -> Finding {
    let message = format!("`{variable}` is not the URL of a proxy: {reason}; its value is not shown");
    Finding::new(Code::InvalidInput, message).with_hint(
        "write a URL such as `http://proxy.example:3128`; in a user name or password, percent-encode all but letters and digits",
    )
}

fn socks(variable: &str, scheme: &str, hub: &Url) -> Finding {
    let message =
        format!("`{variable}` names a SOCKS proxy (`{scheme}://`), and only HTTP proxies are supported");
    let hint = format!(
        "set `HTTPS_PROXY` to an HTTP proxy, or, if `{0}` can be reached directly, add `{0}` to `NO_PROXY`",
        hub.host_str().unwrap_or_default()
    );
    Finding::new(Code::InvalidInput, message).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A proxy's address, login and variable.
    type Shown = (String, Option<String>, &'static str);

    /// The proxy for a Hub; or the message of the finding.
    fn of(hub: &str, variables: &[(&str, &str)]) -> Result<Option<Shown>, String> {
        let env = Env::of("/", variables.iter().copied());
        let login = |proxy: &Proxy| proxy.login.as_ref().map(|it| it.to_str().unwrap().to_owned());
        let shown = |proxy: Proxy| (proxy.to_string(), login(&proxy), proxy.variable);
        let found = Proxy::of(&env, &Url::parse(hub).unwrap());
        found
            .map(|proxy| proxy.map(shown))
            .map_err(|finding| format!("{} | {}", finding.message, finding.hint))
    }

    const HUB: &str = "https://api.hub.example";

    #[test]
    fn a_proxy_is_read_as_curl_reads_it() {
        for (value, expected) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("proxy.example", "http://proxy.example:80"),
            ("https://proxy.example", "https://proxy.example:443"),
            (" http://10.0.0.1:8080/path?query \n", "http://10.0.0.1:8080"),
            ("http://[::1]:3128", "http://[::1]:3128"),
        ] {
            let expected = Ok(Some((expected.to_owned(), None, "HTTPS_PROXY")));
            assert_eq!(of(HUB, &[("HTTPS_PROXY", value)]), expected, "{value}");
        }
    }

    #[test]
    fn the_user_name_and_the_password_are_decoded_and_kept_apart() {
        for value in ["http://us%65r:p%40ss%3Aword@proxy.example:1", "user:p@ss:word@proxy.example:1"] {
            let login = Some("Basic dXNlcjpwQHNzOndvcmQ=".to_owned());
            let expected = Ok(Some(("http://proxy.example:1".to_owned(), login, "https_proxy")));
            assert_eq!(of(HUB, &[("https_proxy", value)]), expected);
        }
        let env = Env::of("/", [("HTTPS_PROXY", "http://some-user:hush@proxy.example")]);
        let proxy = Proxy::of(&env, &Url::parse(HUB).unwrap()).unwrap().unwrap();
        let shown = format!("{proxy} {proxy:?}");
        assert!(!shown.contains("hush") && !shown.contains("some-user"), "{shown}");
    }

    #[test]
    fn the_first_variable_that_is_set_counts() {
        let all: Vec<_> = PROXY_VARIABLES.into_iter().map(|name| (name, "http://proxy.example:1")).collect();
        for (index, name) in PROXY_VARIABLES.into_iter().enumerate() {
            let expected = Ok(Some(("http://proxy.example:1".to_owned(), None, name)));
            assert_eq!(of(HUB, &all[index..]), expected);
        }
        assert_eq!(of(HUB, &[("HTTP_PROXY", "http://proxy.example:1"), ("HTTPS_PROXY", "")]), Ok(None));
    }

    #[test]
    fn loopback_and_the_hosts_of_no_proxy_have_none() {
        for proxy in ["http://proxy.example:1", "socks5://proxy.example", "http://"] {
            for hub in ["http://localhost:8080", "https://127.0.0.1:8080", "https://[::1]"] {
                assert_eq!(of(hub, &[("HTTPS_PROXY", proxy)]), Ok(None), "{hub}");
            }
            for hosts in ["api.hub.example", "other.example, .hub.example", "hub.example", "*"] {
                for name in NO_PROXY_VARIABLES {
                    assert_eq!(of(HUB, &[("ALL_PROXY", proxy), (name, hosts)]), Ok(None), "{hosts}");
                }
            }
        }
        for hosts in ["pi.hub.example", "hub", "10.0.0.0/8"] {
            let found = of(HUB, &[("ALL_PROXY", "http://proxy.example:1"), ("NO_PROXY", hosts)]);
            assert!(found.unwrap().is_some(), "{hosts}");
        }
    }

    #[test]
    fn what_is_no_http_proxy_is_refused_and_not_shown() {
        for (value, reason) in [
            ("socks5://user:hush@proxy.example:1080", "SOCKS"),
            ("socks4://hush.example", "SOCKS"),
            ("SOCKS5H://hush.example", "SOCKS"),
            ("socks://hush.example", "SOCKS"),
            ("ftp://hush.example", "neither"),
            ("http://hush.example:99999", "port"),
            ("http://user:hu#sh@proxy.example:1", "port"),
            ("http://user:hush@", "host"),
            ("http://hu sh.example", "invalid"),
        ] {
            let refused = of(HUB, &[("ALL_PROXY", value)]).expect_err(value);
            assert!(refused.contains("`ALL_PROXY`") && refused.contains(reason), "{value}: {refused}");
            assert!(!refused.contains("hush") && !refused.contains("user:"), "{refused}");
        }
    }
}
