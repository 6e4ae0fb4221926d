//! Tokens that a login yields.

use std::collections::BTreeSet;

use super::Check;
use crate::connector::{LoginDocument, LoginRequest, Mint, Template, signing_texts};

/// The most requests before the one that yields a token.
const MOST_STEPS: usize = 4;
/// The most values that are taken from an answer.
const MOST_CAPTURED: usize = 16;
/// What a placeholder in XML is tried with: in the name of an element or without quotes it would not be well-formed.
const SAMPLE: &str = "a b=c";

impl<'a> Check<'a> {
    /// A token; `names` is what it may be made of.
    pub(super) fn mint(&mut self, path: &str, mint: &'a Mint, names: &BTreeSet<&str>) {
        let few = mint.steps.len() <= MOST_STEPS;
        self.require(few, &format!("{path}.steps"), "must be at most 4");
        let mut found: BTreeSet<&'a str> = BTreeSet::new();
        for (index, step) in mint.steps.iter().enumerate() {
            let path = format!("{path}.steps[{index}]");
            self.login(&path, step.request(), names, &found);
            let path = format!("{path}.answer.capture");
            self.require(!step.answer.capture.is_empty(), &path, "must have what the next requests need");
            for name in step.answer.capture.keys() {
                let free = !names.contains(name.as_str()) && self.connector.field(name).is_none();
                let new = found.insert(name) && !name.is_empty() && !name.contains('.');
                let path = format!("{path}.{name}");
                self.require(free && new, &path, "must be a name that nothing else has, without a dot");
            }
        }
        self.login(path, mint.request(), names, &found);
        let margin = (0..=3600).contains(&mint.margin_seconds);
        self.require(margin, &format!("{path}.margin_seconds"), "must be from 0 to 3600");
        let refused = mint.refused.iter().all(|status| (400..500).contains(status));
        self.require(refused, &format!("{path}.refused"), "must be statuses from 400 to 499");
    }

    /// A request of a login; `found` is what the ones before it have captured.
    fn login(
        &mut self,
        path: &str,
        request: LoginRequest<'a>,
        names: &BTreeSet<&str>,
        found: &BTreeSet<&'a str>,
    ) {
        self.login_address(&format!("{path}.url"), request.url, found);
        let names: BTreeSet<&str> = names.union(found).copied().collect();
        for (name, value) in request.parameters {
            let path = format!("{path}.parameters.{name}");
            self.require(!name.is_empty(), &path, "must have a name");
            self.template(&path, value, &names);
        }
        for (name, value) in request.headers {
            let path = format!("{path}.headers.{name}");
            self.header(&path, name);
            self.template(&path, value, &names);
        }
        if let Some(document) = request.document {
            self.document(&format!("{path}.document"), document, &names);
        }
        if let Some(aws) = request.aws_sigv4 {
            self.aws_sigv4(&format!("{path}.aws_sigv4"), aws, &names);
        }
        let answer = format!("{path}.answer");
        self.token_answer(&answer, request.answer);
        let single = request.answer.additional_tokens.is_empty();
        self.require(single, &format!("{answer}.additional_tokens"), "must be empty");
        let few = request.answer.capture.len() <= MOST_CAPTURED;
        self.require(few, &format!("{answer}.capture"), "must have at most 16 names");
    }

    /// An address, part of which an answer may have told. Where that is the host, it is compared with the hosts of the
    /// connector when it is known.
    fn login_address(&mut self, path: &str, url: &Template, found: &BTreeSet<&'a str>) {
        let text = url.as_str();
        let whole = text.starts_with("{{");
        let end = text.find("://").map_or(0, |at| at + 3);
        let end = text[end..].find(['/', '?', '#']).map_or(text.len(), |at| at + end);
        let told = Template::new(&text[..end]).names().any(|name| found.contains(name));
        let sample = if !told {
            "any"
        } else if whole {
            "https://any.example"
        } else {
            "any.example"
        };
        let filled = found.iter().fold(url.clone(), |url, name| url.fill(name, sample));
        if self.address(path, &filled) && !told {
            self.allowed(path, &filled);
        }
    }

    fn document(&mut self, path: &str, document: &'a LoginDocument, names: &BTreeSet<&str>) {
        match document {
            LoginDocument::Json(value) => {
                for text in signing_texts(value) {
                    self.message(&format!("{path}.json"), &Template::new(text), names);
                }
            }
            LoginDocument::Xml(template) => {
                let path = format!("{path}.xml");
                self.message(&path, template, names);
                let sample = template.render(|_| Some(SAMPLE)).unwrap_or_default();
                if let Err(error) = roxmltree::Document::parse(&sample) {
                    self.report(
                        &path,
                        format!("is not XML with placeholders in texts and attributes: {error}"),
                    );
                }
            }
        }
    }
}
