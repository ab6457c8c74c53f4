//! TLS with the certificates that this machine trusts.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::certificate::{Trusted, Verifier};
use crate::plain_file;
use crate::settings::Settings;

/// Most bytes of one file of certificates that are read: the list of a whole system has a few hundred KiB.
const MAX_CERTIFICATE_BYTES: u64 = 10 * 1024 * 1024;

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
        roots.add_parsable_certificates(certificates_in([path.clone()]));
        if roots.is_empty() {
            return Err(ClientError::NoCertificates { variable: "SSL_CERT_FILE", path: path.clone() });
        }
    }
    for directory in list.iter().flat_map(std::env::split_paths) {
        roots.add_parsable_certificates(certificates_in(files_in(&directory)));
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

/// The files of a directory, without the links to files beside them, which `openssl rehash` adds.
fn files_in(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let is_beside = |target: PathBuf| {
        matches!(target.components().next(), Some(Component::Normal(_))) && target.iter().count() == 1
    };
    let entries = directory.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(move |path| !path.read_link().is_ok_and(is_beside))
}

/// The certificates in files in PEM format, each once. What can't be read has none.
fn certificates_in(paths: impl IntoIterator<Item = PathBuf>) -> Vec<CertificateDer<'static>> {
    let mut certificates = Vec::new();
    for path in paths {
        let text = plain_file::read(&path, MAX_CERTIFICATE_BYTES).unwrap_or_default();
        certificates.extend(CertificateDer::pem_slice_iter(&text).flatten());
    }
    certificates.sort_unstable_by(|a, b| a.cmp(b));
    certificates.dedup();
    certificates
}

/// The certificates that this machine trusts. An empty `SSL_CERT_FILE` counts as unset, and `load_native_certs` takes it for
/// the name of a file.
#[cfg(all(unix, not(target_os = "macos")))]
fn certificates_of_machine() -> Vec<CertificateDer<'static>> {
    let known = openssl_probe::probe();
    let directories = known.cert_dir.iter().flat_map(|directory| files_in(directory));
    certificates_in(known.cert_file.into_iter().chain(directories))
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn certificates_of_machine() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}
