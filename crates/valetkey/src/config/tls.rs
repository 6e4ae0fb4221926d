//! The certificate, or who ends TLS instead.

use std::path::{Path, PathBuf};

use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

use super::{
    kind::words,
    section::{Check, section},
};

words! {
    /// Who ends TLS.
    TlsMode {
        /// This server, with a certificate from files.
        Files = "files",
        /// A proxy in front; this server then speaks plain HTTP.
        TerminatedByProxy = "terminated_by_proxy",
    }
}

section! {
    /// The certificate of the server.
    tls: Tls {
        /// `files`: this server ends TLS with the certificate below. `terminated_by_proxy`: a proxy in front of it
        /// does, and `server.listen` speaks HTTP/1.1 and HTTP/2 without TLS, which must not be reachable from elsewhere.
        mode: TlsMode [Default "files"],
        /// The certificate and its chain in PEM, the server's own first.
        certificate_file: Option<PathBuf> [Example "/etc/valetkey/tls.pem"],
        /// The private key of the certificate in PEM.
        key_file: Option<PathBuf> [Example "/etc/valetkey/tls.key"],
    }
}

/// A certificate chain with its private key.
pub type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Tls {
    /// Reads the certificate; `None` where a proxy ends TLS.
    pub fn identity(&self) -> Result<Option<Identity>, String> {
        match (self.mode, &self.certificate_file, &self.key_file) {
            (TlsMode::TerminatedByProxy, _, _) => Ok(None),
            (TlsMode::Files, Some(certificate), Some(key)) => {
                Ok(Some((read_chain(certificate)?, read_key(key)?)))
            }
            (TlsMode::Files, _, _) => Err(
                "tls.certificate_file and tls.key_file are not both set; set them to PEM files, or set tls.mode to \
                 \"terminated_by_proxy\" if a proxy in front of this server ends TLS"
                    .into(),
            ),
        }
    }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(format!("tls.certificate_file {} holds no certificate in PEM", path.display())),
        Err(error) => Err(format!("tls.certificate_file {} cannot be read: {error}", path.display())),
    }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| {
        format!("tls.key_file {} cannot be read as a private key in PEM: {error}", path.display())
    })
}

impl Check for Tls {
    fn problems(&self) -> Vec<String> {
        self.identity().err().into_iter().collect()
    }
}
