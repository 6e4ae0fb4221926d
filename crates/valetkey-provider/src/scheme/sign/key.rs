//! Private keys as people paste them (quirk 69).

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::EncodingKey;
use valetkey_core::connector::{Encoding, HashAlgorithm, KeyEncoding};
use zeroize::Zeroizing;

use super::digest::{encode, from_base64, hash, key_bytes};

/// Why a key cannot be used, as the end of a sentence. Never contains the key.
pub(crate) type Unusable = &'static str;

const NO_KEY: Unusable = "it is not a private key in PEM";
const ENCRYPTED: Unusable = "it is encrypted; give the key without a passphrase";
const NO_RSA: Unusable = "it is not a private RSA key of 2048 bits or more in PEM";
const NO_EC: Unusable = "it is not a private key of the curve P-256 in PEM";

/// The content of PEM (RFC 7468). Line breaks may be written as `\n` or be lost, the first and last line may be missing,
/// and the whole may be in base64.
pub(super) fn pem_content(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n"));
    let text = text.trim().trim_matches('"');
    if text.contains("-----BEGIN") {
        return armoured(text);
    }
    let content = from_base64(text).filter(|content| !content.is_empty())?;
    match std::str::from_utf8(&content) {
        Ok(inner) if inner.contains("-----BEGIN") => pem_content(inner),
        _ => Some(content),
    }
}

/// What stands between the first and the last line.
fn armoured(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = text.split_once("-----BEGIN")?;
    let (_, rest) = rest.split_once("-----")?;
    let (content, _) = rest.split_once("-----END")?;
    from_base64(content)
}

fn private_key(text: &str) -> Result<Zeroizing<Vec<u8>>, Unusable> {
    if text.contains("ENCRYPTED") {
        return Err(ENCRYPTED);
    }
    pem_content(text).ok_or(NO_KEY)
}

/// A key for RS256 and PS256, from PKCS #8 (RFC 5208) or PKCS #1 (RFC 8017).
pub(crate) fn rsa(text: &str) -> Result<EncodingKey, Unusable> {
    let der = private_key(text)?;
    if RsaKeyPair::from_pkcs8(&der).is_ok() {
        let content = Zeroizing::new(STANDARD.encode(&der));
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", *content);
        return EncodingKey::from_rsa_pem(Zeroizing::new(pem).as_bytes()).map_err(|_| NO_RSA);
    }
    RsaKeyPair::from_der(&der).map(|_| EncodingKey::from_rsa_der(&der)).map_err(|_| NO_RSA)
}

/// The same, to sign something else than a token.
pub(super) fn rsa_pair(text: &str) -> Result<RsaKeyPair, Unusable> {
    let der = private_key(text)?;
    RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).map_err(|_| NO_RSA)
}

/// A key for ES256, from PKCS #8 or SEC 1 (RFC 5915).
pub(crate) fn ec(text: &str) -> Result<EncodingKey, Unusable> {
    let der = private_key(text)?;
    let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = EcdsaKeyPair::from_pkcs8(curve, &der)
        .or_else(|_| EcdsaKeyPair::from_private_key_der(curve, &der))
        .map_err(|_| NO_EC)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| NO_EC)?;
    Ok(EncodingKey::from_ec_der(pkcs8.as_ref()))
}

/// A key for Ed25519: PKCS #8 as PEM, or the seed, perhaps with the public key behind it, in hexadecimal or base64.
pub(super) fn ed25519(text: &str) -> Result<Ed25519KeyPair, Unusable> {
    const NO_ED: Unusable = "it is not a private key for Ed25519";
    let seed = key_bytes(KeyEncoding::Hex, text).or_else(|| key_bytes(KeyEncoding::Base64, text));
    if let Some(seed) = seed.filter(|seed| matches!(seed.len(), 32 | 64)) {
        return Ed25519KeyPair::from_seed_unchecked(&seed[..32]).map_err(|_| NO_ED);
    }
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(&private_key(text)?).map_err(|_| NO_ED)
}

/// `SHA256:` and the base64 of the SHA-256 of the public key that belongs to a private RSA key.
pub(super) fn fingerprint(text: &str) -> Result<String, Unusable> {
    let pair = rsa_pair(text)?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| NO_RSA)?;
    Ok(format!("SHA256:{}", encode(Encoding::Base64, &hash(HashAlgorithm::Sha256, public.as_ref()))))
}

/// `x5t#S256` of a certificate (RFC 7515 §4.1.8).
pub(super) fn thumbprint(certificate: &str) -> Result<String, Unusable> {
    let der = pem_content(certificate).ok_or("it is not a certificate in PEM")?;
    Ok(encode(Encoding::Base64url, &hash(HashAlgorithm::Sha256, &der)))
}
