//! TLS with the certificates that this machine trusts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::settings::ChosenCertificates;

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

/// The certificates in a file and in a list of directories, in the formats that OpenSSL takes.
fn read_certificates(file: Option<&Path>, directories: Option<&str>) -> Vec<CertificateDer<'static>> {
    let load = |file: Option<&Path>, directory: Option<&Path>| {
        rustls_native_certs::load_certs_from_paths(file, directory).certs
    };
    let mut found = file.map(|file| load(Some(file), None)).unwrap_or_default();
    for directory in directories.iter().flat_map(std::env::split_paths) {
        found.extend(load(None, Some(&directory)));
    }
    found
}

/// TLS that trusts the certificates in `SSL_CERT_FILE` and `SSL_CERT_DIR`; if neither is set, those of this machine; if it
/// has none, Mozilla's.
pub(super) fn tls(chosen: &ChosenCertificates) -> Result<rustls::ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    let (file, directories) = (chosen.file.as_deref(), chosen.directories.as_deref());
    let file_or_directories = file
        .map(|file| ("SSL_CERT_FILE", file))
        .or(directories.map(|list| ("SSL_CERT_DIR", Path::new(list))));
    if let Some((variable, path)) = file_or_directories {
        let certificates = read_certificates(file, directories);
        if certificates.is_empty() {
            // No fallback: it would trust what the owner of this machine did not choose.
            return Err(ClientError::NoCertificates { variable, path: path.into() });
        }
        roots.add_parsable_certificates(certificates);
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(ClientError::Tls)?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
