//! The server's certificate: verified as usual, and described in plain words where it is not trusted.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use webpki::EndEntityCert;

use super::name::distinguished_name;
use crate::text;

/// Most names of a certificate that are shown; those of a large site have hundreds.
const MAX_SHOWN_NAMES: usize = 3;

/// The certificates that are trusted, as messages name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trusted {
    /// Those that these variables name, and no others.
    Chosen(&'static str),
    Machine,
    /// Mozilla's list, on a machine that has none.
    BuiltIn,
}

/// Why a server's certificate is not trusted: which one, whose, why, and how to fix it.
#[derive(Debug, thiserror::Error)]
#[error("{reason} ({certificate})")]
pub(super) struct Untrusted {
    reason: String,
    certificate: String,
    pub(super) fix: String,
}

/// Verifies certificates as `rustls` does by default.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) inner: Arc<WebPkiServerVerifier>,
    pub(super) trusted: Trusted,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.inner.verify_server_cert(certificate, chain, host, ocsp_response, now).map_err(|error| {
            let Error::InvalidCertificate(problem) = error else { return error };
            // The trusted CA of this name has a key of another kind.
            let is_other_key =
                matches!(problem, CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. });
            let problem = if is_other_key { CertificateError::BadSignature } else { problem };
            let untrusted = Untrusted::of(&problem, certificate, chain, host, self.trusted);
            Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(untrusted))))
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

impl Untrusted {
    fn of(
        problem: &CertificateError,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        trusted: Trusted,
    ) -> Self {
        let parsed = EndEntityCert::try_from(certificate).ok();
        let reason = reason(problem, parsed.as_ref(), host, trusted);
        let certificate = parsed.map_or_else(|| "its names can't be read".to_owned(), |it| whose(&it, chain));
        Self { reason, certificate, fix: fix(problem, trusted) }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others need no names and dates")]
fn reason(
    problem: &CertificateError,
    certificate: Option<&EndEntityCert<'_>>,
    host: &ServerName<'_>,
    trusted: Trusted,
) -> String {
    let is_self_signed = certificate.is_some_and(|it| it.subject() == it.issuer());
    match problem {
        CertificateError::UnknownIssuer | CertificateError::BadSignature if is_self_signed => {
            format!("it is self-signed, and not {}", trusted.words())
        }
        CertificateError::UnknownIssuer => format!("its issuer is not {}", trusted.words()),
        CertificateError::BadSignature => {
            format!("another CA than the one of the same name that is {} signed it", trusted.words())
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let names = certificate.map(shown_names).filter(|names| !names.is_empty());
            format!(
                "it is for {}, and not for `{}`",
                names.as_deref().unwrap_or("no host name"),
                host.to_str()
            )
        }
        CertificateError::ExpiredContext { time, not_after } => {
            format!("it expired on {}; the clock of this machine says {}", date(*not_after), date(*time))
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            let (start, now) = (date(*not_before), date(*time));
            format!("it is not valid before {start}; the clock of this machine says {now}")
        }
        other if is_self_signed => {
            format!("it is self-signed, and {}", words(other).trim_start_matches("it is "))
        }
        other => words(other).to_owned(),
    }
}

impl Trusted {
    fn words(self) -> String {
        match self {
            Self::Chosen(variables) => format!("among the certificates in {variables}"),
            Self::Machine => "among the CAs that this machine trusts".to_owned(),
            Self::BuiltIn => {
                "among Mozilla's CAs, which are trusted because this machine has no list of CAs".to_owned()
            }
        }
    }
}

/// Subject and issuer, and the issuer at the end of the chain.
fn whose(certificate: &EndEntityCert<'_>, chain: &[CertificateDer<'_>]) -> String {
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    let last = chain.last().and_then(|last| EndEntityCert::try_from(last).ok());
    let root =
        last.map(|last| distinguished_name(last.issuer())).filter(|root| *root != distinguished_name(issuer));
    let root = root.map(|root| format!(", under `{root}`")).unwrap_or_default();
    format!("subject `{}`, issued by `{}`{root}", distinguished_name(subject), distinguished_name(issuer))
}

/// The hosts that a certificate is for.
fn shown_names(certificate: &EndEntityCert<'_>) -> String {
    let names = certificate.valid_dns_names().map(|name| format!("`{}`", text::clean_line(name)));
    text::first(&names.collect::<Vec<_>>(), MAX_SHOWN_NAMES)
}

fn fix(problem: &CertificateError, trusted: Trusted) -> String {
    match (problem, trusted) {
        (CertificateError::UnknownIssuer | CertificateError::BadSignature, Trusted::Chosen(variables)) => {
            format!(
                "add the issuer's certificate to {variables}; `SSL_CERT_FILE` and `SSL_CERT_DIR` replace this \
             machine's own list of CAs, so for a public issuer, add the public CAs too or unset them"
            )
        }
        (
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
            Trusted::Machine | Trusted::BuiltIn,
        ) => {
            "if a company's proxy or CA issued it, set `SSL_CERT_FILE` to a PEM file (or `SSL_CERT_DIR` to a \
             directory) with all CAs to trust, that CA included; otherwise correct `api-url`"
                .to_owned()
        }
        (CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }, _) => {
            "correct the host name in `api-url`, or the proxy in `HTTPS_PROXY`".to_owned()
        }
        (
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
            _,
        ) => {
            "correct the clock of this machine if it is wrong; otherwise the server needs another certificate"
                .to_owned()
        }
        (CertificateError::Other(_), _) => {
            "correct `api-url` if it is wrong; otherwise the server needs a certificate \
             of its own (`CA:FALSE`), and `SSL_CERT_FILE` or `SSL_CERT_DIR` the CA that issued it"
                .to_owned()
        }
        _ => "correct `api-url` if it is wrong; otherwise the server needs another certificate".to_owned(),
    }
}

/// A moment as HTTP writes it (RFC 9110, §5.6.7).
fn date(time: UnixTime) -> String {
    let seconds = Duration::from_secs(time.as_secs().min(MAX_UNIX_TIME));
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + seconds)
}

/// The last moment of the year 9999, the last one that a certificate can name (RFC 5280, §4.1.2.5).
const MAX_UNIX_TIME: u64 = 253_402_300_799;

/// What is wrong with a certificate where no names and dates belong to it.
#[expect(clippy::wildcard_enum_match_arm, reason = "`rustls` may add more")]
pub(super) fn words(problem: &CertificateError) -> &'static str {
    match problem {
        CertificateError::BadEncoding => "it can't be read (bad encoding)",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet",
        CertificateError::Revoked => "its issuer revoked it",
        CertificateError::UnhandledCriticalExtension => "it has a critical extension that is not supported",
        CertificateError::UnknownIssuer => "its issuer is not trusted",
        CertificateError::UnknownRevocationStatus => "whether its issuer revoked it is not known",
        CertificateError::ExpiredRevocationList | CertificateError::ExpiredRevocationListContext { .. } => {
            "whether its issuer revoked it is not known, because the list of revoked certificates has expired"
        }
        CertificateError::BadSignature => "a signature made with it is wrong",
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it is signed with an algorithm that is not supported"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another host"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it may not be used for a server (extended key usage)"
        }
        CertificateError::InvalidOcspResponse => "the OCSP response that came with it is invalid",
        CertificateError::Other(other) => other.0.downcast_ref().map_or(BREAKS_RULES, words_of_webpki),
        _ => BREAKS_RULES,
    }
}

const BREAKS_RULES: &str = "it breaks the rules for certificates (RFC 5280)";

#[expect(clippy::wildcard_enum_match_arm, reason = "the others are about details of the encoding")]
fn words_of_webpki(error: &webpki::Error) -> &'static str {
    match error {
        webpki::Error::CaUsedAsEndEntity => {
            "it is the certificate of a CA, which is not accepted as that of a server"
        }
        webpki::Error::EndEntityUsedAsCa => "a certificate in its chain is not that of a CA",
        webpki::Error::CertDistrusted => "its issuer is marked as not trusted",
        webpki::Error::NameConstraintViolation => "its issuer may not issue certificates for this host",
        webpki::Error::UnsupportedCertVersion => "it is not of X.509 version 3",
        webpki::Error::MaximumPathDepthExceeded
        | webpki::Error::MaximumPathBuildCallsExceeded
        | webpki::Error::MaximumSignatureChecksExceeded
        | webpki::Error::PathLenConstraintViolated => "its chain of issuers is too long",
        _ => BREAKS_RULES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_of_a_certificate_has_plain_words() {
        let other = |error| CertificateError::Other(OtherError(Arc::new(error)));
        let problems = [
            CertificateError::BadEncoding,
            CertificateError::Expired,
            CertificateError::NotValidYet,
            CertificateError::Revoked,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::UnknownIssuer,
            CertificateError::UnknownRevocationStatus,
            CertificateError::ExpiredRevocationList,
            CertificateError::BadSignature,
            CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id: Vec::new(),
                public_key_algorithm_id: Vec::new(),
            },
            CertificateError::NotValidForName,
            CertificateError::InvalidPurpose,
            CertificateError::InvalidOcspResponse,
            CertificateError::ApplicationVerificationFailure,
            other(webpki::Error::CaUsedAsEndEntity),
            other(webpki::Error::EndEntityUsedAsCa),
            other(webpki::Error::NameConstraintViolation),
            other(webpki::Error::UnsupportedCertVersion),
            other(webpki::Error::MaximumPathDepthExceeded),
            CertificateError::Other(OtherError(Arc::new(std::fmt::Error))),
        ];
        let shown: std::collections::BTreeSet<_> = problems.iter().map(words).collect();
        // Those of which nothing is known share their words.
        assert_eq!(shown.len(), problems.len() - 1, "{shown:?}");
        for problem in &problems {
            let fix = fix(problem, Trusted::Machine);
            assert!(fix.contains('`') || fix.contains("clock"), "{fix}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_described_as_far_as_it_can_be() {
        let (certificate, host) =
            (CertificateDer::from(vec![0x30, 1]), ServerName::try_from("hub.example").unwrap());
        let problem = CertificateError::BadEncoding;
        let untrusted = Untrusted::of(&problem, &certificate, &[], &host, Trusted::BuiltIn);
        assert_eq!(untrusted.to_string(), "it can't be read (bad encoding) (its names can't be read)");
        let untrusted =
            Untrusted::of(&CertificateError::UnknownIssuer, &certificate, &[], &host, Trusted::BuiltIn);
        assert!(
            untrusted
                .to_string()
                .contains("Mozilla's CAs, which are trusted because this machine has no list")
        );
    }

    #[test]
    fn a_date_that_no_certificate_can_name_is_shown_as_the_last_one() {
        assert_eq!(date(UnixTime::since_unix_epoch(Duration::MAX)), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
