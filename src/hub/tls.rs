//! TLS that trusts what this machine trusts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::settings::ChosenCertificates;

/// What no client can be built from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("`{variable}` is set, but no certificate can be read from `{}`", path.display())]
    NoCertificates { variable: &'static str, path: PathBuf },
    #[error("TLS can't be set up")]
    Tls(#[source] rustls::Error),
    #[error("the HTTP client can't be set up")]
    Http(#[source] reqwest::Error),
}

/// The certificates in a file and in a list of directories, as OpenSSL understands the two variables.
fn chosen_certificates(
    file: Option<&Path>,
    directories: Option<&str>,
) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let load = |file: Option<&Path>, directory: Option<&Path>| {
        rustls_native_certs::load_certs_from_paths(file, directory).certs
    };
    let mut found = file.map(|path| load(Some(path), None)).unwrap_or_default();
    for directory in directories.iter().flat_map(std::env::split_paths) {
        found.extend(load(None, Some(&directory)));
    }
    if found.is_empty() {
        let named = file.map(|path| ("SSL_CERT_FILE", path));
        let (variable, path) = named
            .or(directories.map(|list| ("SSL_CERT_DIR", Path::new(list))))
            .unwrap_or(("SSL_CERT_FILE", Path::new("")));
        return Err(ClientError::NoCertificates { variable, path: path.into() });
    }
    Ok(found)
}

/// TLS with the certificates that this machine trusts; where it has none at all, those that Mozilla does.
pub(super) fn tls(chosen: &ChosenCertificates) -> Result<rustls::ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    let (file, directories) = (chosen.file.as_deref(), chosen.directories.as_deref());
    if file.is_some() || directories.is_some() {
        // Somebody chose what to trust: falling back to others would not be their choice.
        roots.add_parsable_certificates(chosen_certificates(file, directories)?);
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
