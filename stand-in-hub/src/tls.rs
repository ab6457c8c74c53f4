//! A temporary certificate authority and the server's certificate.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The name of the authority.
const AUTHORITY: &str = "stand-in Hub, temporary authority";

/// What the server's certificate is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// Valid for `localhost`, `127.0.0.1` and `hub.test` (for tests with a proxy).
    Valid,
    /// Expired, and valid for the same names before.
    Expired,
    /// Valid from the year 2100 on.
    NotYetValid,
    /// Valid for clients only.
    ForClients,
    /// The certificate of the authority itself.
    Authority,
    /// Issued by nobody but itself, and no authority.
    SelfSigned,
    /// Issued by an intermediate authority, whose certificate comes with it.
    Chained,
    /// Valid, from an authority with a key of another kind (Ed25519).
    FromOtherKey,
    /// Valid for this host only.
    For(String),
    /// Valid, from an authority of this name.
    From(String),
}

/// The TLS configuration of the server, and the certificate authority for clients to trust.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
}

impl Tls {
    /// Generates an authority and a certificate.
    pub(crate) fn new(certificate: &Certificate) -> io::Result<Self> {
        let is_other_key = *certificate == Certificate::FromOtherKey;
        let ca_key =
            if is_other_key { KeyPair::generate_for(&rcgen::PKCS_ED25519) } else { KeyPair::generate() };
        let ca_key = ca_key.map_err(io::Error::other)?;
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let name = if let Certificate::From(name) = certificate { name } else { AUTHORITY };
        ca.distinguished_name.push(DnType::CommonName, name);
        if *certificate == Certificate::Authority {
            ca.subject_alt_names = leaf(certificate).map_err(io::Error::other)?.subject_alt_names;
        }
        let authority = ca.self_signed(&ca_key).map_err(io::Error::other)?;
        let ca_pem = authority.pem();

        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut chain = Vec::new();
        let (leaf, key, ca_pem) = match certificate {
            Certificate::Chained => {
                let (middle, certificate_of_middle, middle_key) =
                    intermediate(&Issuer::new(ca, ca_key)).map_err(io::Error::other)?;
                chain.push(certificate_of_middle.der().clone());
                let leaf =
                    leaf(certificate).and_then(|leaf| leaf.signed_by(&key, &Issuer::new(middle, middle_key)));
                (leaf.map_err(io::Error::other)?, key, ca_pem)
            }
            Certificate::Authority => (authority, ca_key, ca_pem),
            Certificate::SelfSigned => {
                let leaf =
                    leaf(certificate).and_then(|leaf| leaf.self_signed(&key)).map_err(io::Error::other)?;
                let ca_pem = leaf.pem();
                (leaf, key, ca_pem)
            }
            Certificate::Valid
            | Certificate::Expired
            | Certificate::NotYetValid
            | Certificate::ForClients
            | Certificate::FromOtherKey
            | Certificate::For(_)
            | Certificate::From(_) => {
                let leaf = leaf(certificate).and_then(|leaf| leaf.signed_by(&key, &Issuer::new(ca, ca_key)));
                (leaf.map_err(io::Error::other)?, key, ca_pem)
            }
        };
        chain.insert(0, leaf.der().clone());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem })
    }
}

/// An intermediate authority, with its certificate and its key.
fn intermediate(
    root: &Issuer<'_, KeyPair>,
) -> Result<(CertificateParams, rcgen::Certificate, KeyPair), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.distinguished_name.push(DnType::CommonName, "stand-in Hub, intermediate authority");
    let certificate = params.signed_by(&key, root)?;
    Ok((params, certificate, key))
}

fn leaf(certificate: &Certificate) -> Result<CertificateParams, rcgen::Error> {
    let names = match certificate {
        Certificate::For(host) => vec![host.clone()],
        Certificate::Valid
        | Certificate::Expired
        | Certificate::NotYetValid
        | Certificate::ForClients
        | Certificate::Authority
        | Certificate::SelfSigned
        | Certificate::Chained
        | Certificate::FromOtherKey
        | Certificate::From(_) => ["localhost", "127.0.0.1", "hub.test"].map(str::to_owned).to_vec(),
    };
    let mut leaf = CertificateParams::new(names)?;
    leaf.distinguished_name.push(DnType::CommonName, "stand-in Hub");
    match certificate {
        Certificate::Expired => {
            leaf.not_before = date_time_ymd(2020, 1, 1);
            leaf.not_after = date_time_ymd(2021, 1, 1);
        }
        Certificate::NotYetValid => {
            leaf.not_before = date_time_ymd(2100, 1, 1);
            leaf.not_after = date_time_ymd(2101, 1, 1);
        }
        Certificate::ForClients => leaf.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth),
        Certificate::Valid
        | Certificate::Authority
        | Certificate::SelfSigned
        | Certificate::Chained
        | Certificate::FromOtherKey
        | Certificate::For(_)
        | Certificate::From(_) => {}
    }
    Ok(leaf)
}
