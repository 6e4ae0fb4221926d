//! A certificate for developers: made on the first start, kept in the data directory, trusted by nobody else.
//!
//! The authority signs one leaf for this machine's own names, and its key is forgotten at once, so that no key lies
//! around that could sign for other names. When the leaf nears its end, both are made anew.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::aws_lc_rs,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject};
use time::OffsetDateTime;
use valetkey_core::Timestamp;

use crate::files;

/// The names that the leaf is for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// How long a leaf is valid, in seconds: what browsers accept from an authority that a user installed.
const LIFETIME: i64 = 397 * 86_400;
/// How long before its end it is made anew, in seconds.
const RENEW_BEFORE: i64 = 30 * 86_400;

/// The files of a developer's certificate.
#[derive(Clone, Debug)]
pub struct DevTls {
    /// The leaf, in PEM.
    pub certificate: PathBuf,
    /// The key of the leaf, in PEM.
    pub key: PathBuf,
    /// The authority that signed the leaf, in PEM.
    pub authority: PathBuf,
    /// The authority and the public roots, in PEM: for clients in which such a file replaces the roots they know.
    pub bundle: PathBuf,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum DevTlsError {
    /// A file of the data directory.
    #[error("{path} cannot be written: {source}; choose another --data-dir")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The library could not make it.
    #[error("the developer's certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
}

impl DevTls {
    /// The certificate in `directory`, made now where there is none that is good for a while.
    pub fn in_directory(directory: &Path, now: Timestamp) -> Result<Self, DevTlsError> {
        let tls = Self {
            certificate: directory.join("tls.pem"),
            key: directory.join("tls.key"),
            authority: directory.join("ca.pem"),
            bundle: directory.join("ca-bundle.pem"),
        };
        if !tls.is_good_at(now.plus_seconds(RENEW_BEFORE)) {
            tls.make(now)?;
        }
        Ok(tls)
    }

    /// Whether all files are there and the leaf verifies for every name at a point in time.
    fn is_good_at(&self, when: Timestamp) -> bool {
        let check = || {
            let leaf = CertificateDer::from_pem_file(&self.certificate).ok()?;
            PrivateKeyDer::from_pem_file(&self.key).ok()?;
            fs::metadata(&self.bundle).ok()?;
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(&self.authority).ok()?).ok()?;
            let provider = Arc::new(aws_lc_rs::default_provider());
            let verifier =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok()?;
            let when = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(when.seconds()).ok()?));
            NAMES.iter().try_for_each(|name| {
                let name = ServerName::try_from(*name).ok()?;
                verifier.verify_server_cert(&leaf, &[], &name, &[], when).ok().map(drop)
            })
        };
        check().is_some()
    }

    fn make(&self, now: Timestamp) -> Result<(), DevTlsError> {
        let authority = CertifiedIssuer::self_signed(authority(now), KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let leaf = leaf(now)?.signed_by(&key, &authority)?;
        let mut bundle = authority.pem();
        bundle.extend(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|root| pem(root)));
        write(&self.key, key.serialize_pem().as_bytes())?;
        write(&self.authority, authority.pem().as_bytes())?;
        write(&self.bundle, bundle.as_bytes())?;
        write(&self.certificate, leaf.pem().as_bytes())
    }
}

fn write(path: &Path, contents: &[u8]) -> Result<(), DevTlsError> {
    files::write_private(path, contents).map_err(|source| DevTlsError::File { path: path.to_owned(), source })
}

fn params(now: Timestamp, name: &str) -> CertificateParams {
    let time = |timestamp: Timestamp| OffsetDateTime::from_unix_timestamp(timestamp.seconds());
    let mut params = CertificateParams::default();
    // A day back, for clients whose clock is behind.
    params.not_before = time(now.plus_seconds(-86_400)).unwrap_or(params.not_before);
    params.not_after = time(now.plus_seconds(LIFETIME)).unwrap_or(params.not_after);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn authority(now: Timestamp) -> CertificateParams {
    let mut params = params(now, "Valetkey development authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf(now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = params(now, "Valetkey development server");
    params.subject_alt_names = CertificateParams::new(NAMES.map(str::to_owned))?.subject_alt_names;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// A certificate in PEM (RFC 7468 §5).
fn pem(certificate: &CertificateDer<'_>) -> String {
    let text = BASE64_STANDARD.encode(certificate);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let body = lines.fold(String::new(), |body, line| body + &line + "\n");
    format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn certificate(directory: &Path, now: Timestamp) -> Vec<u8> {
        fs::read(DevTls::in_directory(directory, now).unwrap().certificate).unwrap()
    }

    #[test]
    fn a_second_start_keeps_the_certificate_and_one_near_its_end_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let first = certificate(directory.path(), NOW);
        assert_eq!(certificate(directory.path(), NOW.plus_seconds(LIFETIME - RENEW_BEFORE - 60)), first);
        assert_ne!(certificate(directory.path(), NOW.plus_seconds(LIFETIME - RENEW_BEFORE + 60)), first);
    }

    #[test]
    fn a_certificate_with_a_missing_or_damaged_file_is_made_anew() {
        for damage in ["tls.key", "ca.pem", "ca-bundle.pem", "tls.pem"] {
            let directory = tempfile::tempdir().unwrap();
            let first = certificate(directory.path(), NOW);
            fs::remove_file(directory.path().join(damage)).unwrap();
            assert_ne!(certificate(directory.path(), NOW), first, "{damage}");
        }
    }

    #[test]
    fn the_bundle_holds_the_authority_and_the_public_roots() {
        let directory = tempfile::tempdir().unwrap();
        let tls = DevTls::in_directory(directory.path(), NOW).unwrap();
        let read = |path: &Path| {
            CertificateDer::pem_file_iter(path).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
        };
        let bundle = read(&tls.bundle);
        assert_eq!(bundle[0], read(&tls.authority)[0]);
        assert_eq!(bundle[1..], *webpki_root_certs::TLS_SERVER_ROOT_CERTS);
    }

    #[test]
    fn no_key_of_the_authority_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        DevTls::in_directory(directory.path(), NOW).unwrap();
        let keys = fs::read_dir(directory.path()).unwrap().filter(|entry| {
            fs::read_to_string(entry.as_ref().unwrap().path()).unwrap().contains("PRIVATE KEY")
        });
        assert_eq!(keys.count(), 1);
    }
}
