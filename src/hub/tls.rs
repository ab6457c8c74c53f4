//! TLS with the certificates that this machine trusts.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::load_certs_from_paths;

use super::certificate::{Trusted, Verifier};
use crate::settings::Settings;

/// Why the client can't be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("`{variable}` is set, but no certificate can be read from `{}`", path.display())]
    NoCertificates { variable: &'static str, path: PathBuf },
    #[error("TLS can't be set up")]
    Tls(#[source] rustls::Error),
    #[error("TLS can't be set up")]
    Certificates(#[source] rustls::client::VerifierBuilderError),
    #[error("the HTTP client can't be set up")]
    Http(#[source] reqwest::Error),
}

impl ClientError {
    /// What to do about it.
    pub(crate) fn fix(&self) -> String {
        match self {
            Self::NoCertificates { variable, .. } => format!(
                "let `{variable}` name certificates in PEM format, or unset it to trust this machine's own list of CAs"
            ),
            Self::Tls(_) | Self::Certificates(_) | Self::Http(_) => {
                "correct the certificates that this machine trusts, or the proxy in `HTTPS_PROXY`".to_owned()
            }
        }
    }
}

/// TLS that trusts the certificates in `SSL_CERT_FILE` and `SSL_CERT_DIR`; if neither is set, those of this machine; if it
/// has none, Mozilla's.
pub(super) fn tls(settings: &Settings) -> Result<ClientConfig, ClientError> {
    let (roots, trusted) = roots(settings)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
    let verifier = Verifier { inner: inner.map_err(ClientError::Certificates)?, trusted };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(ClientError::Tls)?.dangerous();
    let mut config = builder.with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// There is no fallback for a choice without a certificate: it would trust what the owner of this machine did not choose.
fn roots(settings: &Settings) -> Result<(RootCertStore, Trusted), ClientError> {
    let mut roots = RootCertStore::empty();
    let (file, list) = (&settings.certificate_file, &settings.certificate_directories);
    if let Some(path) = file {
        // To read a pipe or a device might never end.
        if path.is_file() {
            roots.add_parsable_certificates(load_certs_from_paths(Some(path), None).certs);
        }
        if roots.is_empty() {
            return Err(ClientError::NoCertificates { variable: "SSL_CERT_FILE", path: path.clone() });
        }
    }
    for directory in list.iter().flat_map(std::env::split_paths) {
        roots.add_parsable_certificates(load_certs_from_paths(None, Some(&directory)).certs);
    }
    let trusted = match (file, list) {
        (Some(_), Some(_)) => Trusted::Chosen("`SSL_CERT_FILE` and `SSL_CERT_DIR`"),
        (Some(_), None) => Trusted::Chosen("`SSL_CERT_FILE`"),
        (None, Some(path)) if roots.is_empty() => {
            return Err(ClientError::NoCertificates { variable: "SSL_CERT_DIR", path: path.into() });
        }
        (None, Some(_)) => Trusted::Chosen("`SSL_CERT_DIR`"),
        (None, None) => {
            roots.add_parsable_certificates(certificates_of_machine());
            if roots.is_empty() { Trusted::BuiltIn } else { Trusted::Machine }
        }
    };
    if trusted == Trusted::BuiltIn {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok((roots, trusted))
}

/// The certificates that this machine trusts. An empty `SSL_CERT_FILE` counts as unset, and `load_native_certs` takes it for
/// the name of a file.
#[cfg(all(unix, not(target_os = "macos")))]
fn certificates_of_machine() -> Vec<CertificateDer<'static>> {
    let known = openssl_probe::probe();
    let mut certificates = load_certs_from_paths(known.cert_file.as_deref(), None).certs;
    for directory in &known.cert_dir {
        certificates.extend(load_certs_from_paths(None, Some(directory)).certs);
    }
    certificates
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn certificates_of_machine() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}
