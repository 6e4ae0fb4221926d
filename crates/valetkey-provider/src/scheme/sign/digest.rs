//! Hashes, and bytes as text.

use aws_lc_rs::{digest, hmac};
use base64::{
    Engine as _,
    alphabet::STANDARD as STANDARD_ALPHABET,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig,
        general_purpose::{STANDARD, URL_SAFE_NO_PAD},
    },
};
use valetkey_core::connector::{Encoding, HashAlgorithm, KeyEncoding};
use zeroize::Zeroizing;

/// Base64 as people paste it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD_ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The hash of `data`.
pub(super) fn hash(algorithm: HashAlgorithm, data: &[u8]) -> Vec<u8> {
    let algorithm = match algorithm {
        HashAlgorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        HashAlgorithm::Sha256 => &digest::SHA256,
        HashAlgorithm::Sha512 => &digest::SHA512,
    };
    digest::digest(algorithm, data).as_ref().to_vec()
}

/// The keyed hash of `data` (RFC 2104).
pub(super) fn keyed_hash(algorithm: HashAlgorithm, key: &[u8], data: &[u8]) -> Vec<u8> {
    let algorithm = match algorithm {
        HashAlgorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        HashAlgorithm::Sha256 => hmac::HMAC_SHA256,
        HashAlgorithm::Sha512 => hmac::HMAC_SHA512,
    };
    hmac::sign(&hmac::Key::new(algorithm, key), data).as_ref().to_vec()
}

/// Bytes as text.
pub(super) fn encode(encoding: Encoding, bytes: &[u8]) -> String {
    match encoding {
        Encoding::Hex => hex(bytes),
        Encoding::Base64 => STANDARD.encode(bytes),
        Encoding::Base64url => URL_SAFE_NO_PAD.encode(bytes),
    }
}

/// Hexadecimal digits in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// The bytes of a key; `None` where it is not written so.
pub(super) fn key_bytes(encoding: KeyEncoding, key: &str) -> Option<Zeroizing<Vec<u8>>> {
    match encoding {
        KeyEncoding::Utf8 => Some(Zeroizing::new(key.as_bytes().to_vec())),
        KeyEncoding::Hex => from_hex(key.trim()),
        KeyEncoding::Base64 => from_base64(key),
    }
}

fn from_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok());
    let digits: Zeroizing<Vec<u8>> = Zeroizing::new(digits.collect::<Option<_>>()?);
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| Zeroizing::new(pairs.iter().map(|[high, low]| high << 4 | low).collect()))
}

/// Base64 of either alphabet, with or without padding, with white space anywhere.
pub(super) fn from_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let plain = text.chars().filter(|c| !c.is_whitespace()).map(|c| match c {
        '-' => '+',
        '_' => '/',
        other => other,
    });
    let plain: Zeroizing<String> = Zeroizing::new(plain.collect());
    LENIENT.decode(plain.as_bytes()).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyed_hashes_are_those_of_the_published_vectors() {
        // RFC 2202 §3 and RFC 4231 §4.3, test case 2 of each.
        let (key, data) = (b"Jefe", b"what do ya want for nothing?");
        for (algorithm, expected) in [
            (HashAlgorithm::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (HashAlgorithm::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                HashAlgorithm::Sha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                 9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            assert_eq!(hex(&keyed_hash(algorithm, key, data)), expected);
        }
    }

    #[test]
    fn quirk_70_the_same_key_is_read_from_each_way_of_writing_it() {
        for (encoding, text) in [
            (KeyEncoding::Utf8, "\u{fe}?k"),
            (KeyEncoding::Hex, "c3BE3f6B"),
            (KeyEncoding::Base64, "w74/aw=="),
            (KeyEncoding::Base64, "w74_aw"),
            (KeyEncoding::Base64, "w74/\n aw=="),
        ] {
            let found = key_bytes(encoding, text);
            assert_eq!(found.as_deref().map(Vec::as_slice), Some(&b"\xc3\xbe?k"[..]), "{text}");
        }
        for (encoding, bad) in
            [(KeyEncoding::Hex, "abc"), (KeyEncoding::Hex, "zz"), (KeyEncoding::Base64, "%")]
        {
            assert!(key_bytes(encoding, bad).is_none(), "{bad}");
        }
    }
}
