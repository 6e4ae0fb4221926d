//! Which certificates are trusted.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, pem::PemObject};

/// The extra CA bundle cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the extra CA bundle cannot be used: {0}; it must be one or more PEM certificates")]
pub struct InvalidCa(String);

/// Trust in the public roots (webpki-roots) and in the certificates of `extra_ca_pem`.
pub(super) fn client_config(extra_ca_pem: Option<&str>) -> Result<ClientConfig, InvalidCa> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_ca_pem {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|error| InvalidCa(error.to_string()))?;
            roots.add(certificate).map_err(|error| InvalidCa(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(InvalidCa("it has no certificate".into()));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| InvalidCa(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extra_ca_bundle_without_a_certificate_is_refused() {
        assert!(client_config(None).is_ok());
        assert!(client_config(Some("not pem")).is_err());
        assert!(
            client_config(Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")).is_err()
        );
    }
}
