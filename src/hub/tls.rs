//! TLS with the certificates that this machine trusts.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{load_certs_from_paths, load_native_certs};

use crate::settings::Settings;

/// Why the client can't be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("`{variable}` is set, but no certificate can be read from `{}`", path.display())]
    NoCertificates { variable: &'static str, path: PathBuf },
    #[error("TLS can't be set up")]
    Tls(#[source] rustls::Error),
    #[error("the HTTP client can't be set up")]
    Http(#[source] reqwest::Error),
}

/// TLS that trusts the certificates in `SSL_CERT_FILE` and `SSL_CERT_DIR`; if neither is set, those of this machine; if it
/// has none, Mozilla's.
pub(super) fn tls(settings: &Settings) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    let file = settings.certificate_file.as_deref();
    let directories = settings.certificate_directories.as_deref();
    let variable_and_path = match file {
        Some(file) => Some(("SSL_CERT_FILE", file.to_owned())),
        None => directories.map(|list| ("SSL_CERT_DIR", PathBuf::from(list))),
    };
    if let Some((variable, path)) = variable_and_path {
        let mut certificates = load_certs_from_paths(file, None).certs;
        for directory in directories.iter().flat_map(std::env::split_paths) {
            certificates.extend(load_certs_from_paths(None, Some(&directory)).certs);
        }
        if certificates.is_empty() {
            // No fallback: it would trust what the owner of this machine did not choose.
            return Err(ClientError::NoCertificates { variable, path });
        }
        roots.add_parsable_certificates(certificates);
    } else {
        roots.add_parsable_certificates(load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(ClientError::Tls)?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
