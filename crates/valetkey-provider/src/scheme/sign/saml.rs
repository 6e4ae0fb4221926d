//! Assertions of SAML 2.0 with an enveloped signature (quirk 71).
//!
//! The assertion is written in its exclusive canonical form from the beginning (<https://www.w3.org/TR/xml-exc-c14n/>):
//! attributes in order, no white space between elements, each prefix declared where it is first used. So the text without
//! the signature is what its digest is made of, and nothing has to be canonicalized.
//!
//! Source: SAML core §2 and §5.4, <https://www.w3.org/TR/xmldsig-core1/>, RFC 7522 §3.

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use valetkey_core::{
    Entropy, Secret, Timestamp,
    connector::{Encoding, HashAlgorithm, Saml, Template, TimeFormat},
};

use super::{
    clock::text_of,
    digest::{encode, hash},
    key,
};
use crate::{SchemeError, scheme::document::Render};

const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// An assertion as `saml` says, for a value of the name `name`.
pub(super) fn signed(
    name: &str,
    saml: &Saml,
    entropy: &dyn Entropy,
    now: Timestamp,
    render: &Render<'_>,
) -> Result<Secret, SchemeError> {
    let unusable = |reason| SchemeError::Key { value: name.to_owned(), reason };
    let pair = key::rsa_pair(render(&saml.key)?.expose()).map_err(unusable)?;
    let mut random = [0; 16];
    entropy.fill(&mut random);
    let id = format!("_{}", encode(Encoding::Hex, &random));
    let (before, after) = assertion(saml, &id, now, render)?;
    let digest =
        encode(Encoding::Base64, &hash(HashAlgorithm::Sha256, format!("{before}{after}").as_bytes()));
    let content = signed_info(&id, &digest);
    let canonical = format!("<ds:SignedInfo xmlns:ds=\"{DSIG}\">{content}</ds:SignedInfo>");
    let signature = signature(&pair, canonical.as_bytes())
        .ok_or_else(|| unusable("it does not sign with RSA and SHA-256"))?;
    let certificate = match &saml.certificate {
        Some(certificate) => {
            let der = key::pem_content(render(certificate)?.expose())
                .ok_or_else(|| unusable("it is not a certificate in PEM"))?;
            let text = encode(Encoding::Base64, &der);
            format!(
                "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            )
        }
        None => String::new(),
    };
    let whole = Secret::from(format!(
        "{before}<ds:Signature xmlns:ds=\"{DSIG}\"><ds:SignedInfo>{content}</ds:SignedInfo>\
         <ds:SignatureValue>{signature}</ds:SignatureValue>{certificate}</ds:Signature>{after}"
    ));
    Ok(encode(saml.encoding, whole.expose().as_bytes()).into())
}

fn signature(pair: &KeyPair, message: &[u8]) -> Option<String> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
    Some(encode(Encoding::Base64, &signature))
}

/// What is signed, without its own element.
fn signed_info(id: &str, digest: &str) -> String {
    let algorithm = |name: &str, uri: &str| format!("<ds:{name} Algorithm=\"{uri}\"></ds:{name}>");
    let transforms = algorithm("Transform", ENVELOPED) + &algorithm("Transform", EXCLUSIVE);
    [
        algorithm("CanonicalizationMethod", EXCLUSIVE),
        algorithm("SignatureMethod", RSA_SHA256),
        format!("<ds:Reference URI=\"#{id}\"><ds:Transforms>{transforms}</ds:Transforms>"),
        algorithm("DigestMethod", SHA256),
        format!("<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"),
    ]
    .concat()
}

/// The assertion as it stands before and after its signature, which follows the issuer (SAML core §2.3.3).
fn assertion(
    saml: &Saml,
    id: &str,
    now: Timestamp,
    render: &Render<'_>,
) -> Result<(String, String), SchemeError> {
    let text = |template: &Template| render(template).map(|value| in_text(value.expose()));
    let time = |seconds| text_of(TimeFormat::Rfc3339, now.plus_seconds(seconds));
    let (at, from, until) = (time(0), time(-saml.backdated_seconds), time(saml.lifetime_seconds));
    let before = format!(
        "<saml:Assertion xmlns:saml=\"{ASSERTION}\" ID=\"{id}\" IssueInstant=\"{at}\" Version=\"2.0\">\
         <saml:Issuer>{}</saml:Issuer>",
        text(&saml.issuer)?
    );
    let subject = format!(
        "<saml:Subject><saml:NameID Format=\"{}\">{}</saml:NameID><saml:SubjectConfirmation Method=\"{BEARER}\">\
         <saml:SubjectConfirmationData NotOnOrAfter=\"{until}\" Recipient=\"{}\"></saml:SubjectConfirmationData>\
         </saml:SubjectConfirmation></saml:Subject>",
        in_attribute(&saml.subject_format),
        text(&saml.subject)?,
        in_attribute(render(&saml.recipient)?.expose()),
    );
    let conditions = format!(
        "<saml:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\"><saml:AudienceRestriction>\
         <saml:Audience>{}</saml:Audience></saml:AudienceRestriction></saml:Conditions>",
        text(&saml.audience)?,
    );
    let authentication = saml.authentication_context.as_ref().map(|context| {
        format!(
            "<saml:AuthnStatement AuthnInstant=\"{at}\" SessionIndex=\"{id}\"><saml:AuthnContext>\
             <saml:AuthnContextClassRef>{}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>",
            in_text(context)
        )
    });
    let attributes = attributes(saml, render)?;
    let authentication = authentication.unwrap_or_default();
    Ok((before, [subject, conditions, authentication, attributes, "</saml:Assertion>".into()].concat()))
}

/// The statement about attributes; empty where there are none.
fn attributes(saml: &Saml, render: &Render<'_>) -> Result<String, SchemeError> {
    let each = saml.attributes.iter().map(|(name, value)| {
        Ok(format!(
            "<saml:Attribute Name=\"{}\"><saml:AttributeValue>{}</saml:AttributeValue></saml:Attribute>",
            in_attribute(name),
            in_text(render(value)?.expose())
        ))
    });
    let all = each.collect::<Result<String, SchemeError>>()?;
    if all.is_empty() {
        return Ok(all);
    }
    Ok(format!("<saml:AttributeStatement>{all}</saml:AttributeStatement>"))
}

/// A text in canonical form (Canonical XML §2.3). What is no character of XML becomes a replacement character.
fn in_text(text: &str) -> String {
    characters(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#xD;")
}

/// The value of an attribute in canonical form.
fn in_attribute(text: &str) -> String {
    let text = characters(text).replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    text.replace('\t', "&#x9;").replace('\n', "&#xA;").replace('\r', "&#xD;")
}

fn characters(text: &str) -> String {
    let odd = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if odd(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
