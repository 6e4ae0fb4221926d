//! Which certificates are trusted.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use crate::BuildError;

/// Trust in the public roots, and in the certificates of `further`.
pub(crate) fn config(further: Option<&str>) -> Result<ClientConfig, BuildError> {
    let unusable = |error: &dyn std::fmt::Display| BuildError::Certificates(error.to_string());
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in CertificateDer::pem_slice_iter(further.unwrap_or_default().as_bytes()) {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(versions.map_err(|error| unusable(&error))?.with_root_certificates(roots).with_no_client_auth())
}
