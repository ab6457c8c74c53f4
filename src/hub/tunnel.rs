//! A proxy that opens no tunnel: the status that it answers with, which the HTTP library does not report.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::settings::proxy::Proxy;

/// Longest wait for that status: it was answered once, just before.
const MAX_STATUS_TIME: Duration = Duration::from_secs(5);

/// Longest status line that is read.
const MAX_STATUS_LINE: usize = 256;

/// Asks the proxy once more to connect to the Hub, and returns the status it refuses with. Nothing is sent to the Hub.
/// Not for a proxy that is itself reached by TLS.
pub(super) async fn status_of_refusal(proxy: &Proxy, hub: &str, time: Duration) -> Option<u16> {
    if proxy.url.scheme() != "http" {
        return None;
    }
    timeout(time.min(MAX_STATUS_TIME), ask(proxy, hub)).await.ok()?
}

async fn ask(proxy: &Proxy, hub: &str) -> Option<u16> {
    let host = proxy.url.host_str()?.trim_matches(['[', ']']);
    let mut stream = TcpStream::connect((host, proxy.port())).await.ok()?;
    let mut request = format!("CONNECT {hub} HTTP/1.1\r\nHost: {hub}\r\n").into_bytes();
    if let Some(login) = &proxy.login {
        request.extend([b"Proxy-Authorization: ", login.as_bytes(), b"\r\n"].concat());
    }
    request.extend(b"\r\n");
    stream.write_all(&request).await.ok()?;
    let mut line = Vec::new();
    while line.len() < MAX_STATUS_LINE && !line.contains(&b'\n') {
        if stream.read_buf(&mut line).await.ok()? == 0 {
            break;
        }
    }
    status(&line)
}

/// The status in a status line (RFC 9112, §4).
fn status(line: &[u8]) -> Option<u16> {
    let line = line.strip_prefix(b"HTTP/1.")?;
    let digits = str::from_utf8(line.get(2..5)?).ok()?;
    digits.parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_out_of_a_status_line_only() {
        for (line, expected) in [
            ("HTTP/1.1 403 Forbidden\r\n", Some(403)),
            ("HTTP/1.0 502\r\nX: y", Some(502)),
            ("HTTP/1.1 40", None),
            ("HTTP/1.1 999 x", None),
            ("HTTP/2 403", None),
            ("SSH-2.0-OpenSSH", None),
            ("", None),
        ] {
            assert_eq!(status(line.as_bytes()), expected, "{line}");
        }
    }
}
