//! Scopes and the answer of the token endpoint.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use crate::connector::{ErrorRule, Scopes, TokenAnswer};

impl Check<'_> {
    pub(super) fn scopes(&mut self, scopes: &Scopes) {
        let path = "auth.oauth2.scopes";
        let token = |scope: &str| {
            !scope.is_empty() && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
        };
        let secondary = scopes.secondary.iter().flat_map(|more| &more.default);
        let known: BTreeSet<&str> = scopes.available.iter().map(|info| info.scope.as_str()).collect();
        self.require(
            known.len() == scopes.available.len(),
            &format!("{path}.available"),
            "has a scope twice",
        );
        for (key, list) in
            [("always", &scopes.always), ("default", &scopes.default), ("unlisted", &scopes.unlisted)]
        {
            for (index, scope) in list.iter().enumerate() {
                self.scope(&format!("{path}.{key}[{index}]"), scope, &known);
            }
        }
        for (index, scope) in secondary.enumerate() {
            self.scope(&format!("{path}.secondary.default[{index}]"), scope, &known);
        }
        for (index, info) in scopes.available.iter().enumerate() {
            let path = format!("{path}.available[{index}]");
            self.require(token(&info.scope), &format!("{path}.scope"), "must be a scope (RFC 6749 §3.3)");
            self.require(
                !info.description.trim().is_empty(),
                &format!("{path}.description"),
                "must not be empty",
            );
        }
        self.require(!scopes.parameter.is_empty(), &format!("{path}.parameter"), "must not be empty");
        self.require(!scopes.separator.is_empty(), &format!("{path}.separator"), "must not be empty");
        if let Some(more) = &scopes.secondary {
            let distinct = !more.parameter.is_empty() && more.parameter != scopes.parameter;
            self.require(distinct, &format!("{path}.secondary.parameter"), "must be a parameter of its own");
        }
    }

    fn scope(&mut self, path: &str, scope: &str, known: &BTreeSet<&str>) {
        self.require(known.contains(scope), path, "is not described in scopes.available");
    }

    pub(super) fn token_answer(&mut self, path: &str, answer: &TokenAnswer) {
        for (key, pointer) in [
            ("access_token", &answer.access_token),
            ("refresh_token", &answer.refresh_token),
            ("token_type", &answer.token_type),
            ("scope", &answer.scope),
            ("lifetime.pointer", &answer.lifetime.pointer),
        ] {
            self.pointer(&format!("{path}.{key}"), pointer);
        }
        self.error_rules(&format!("{path}.errors"), &answer.errors);
        self.capture_pointers(&format!("{path}.capture"), &answer.capture);
        for (name, token) in &answer.additional_tokens {
            let path = format!("{path}.additional_tokens.{name}");
            let free = name != "access_token" && self.connector.field(name).is_none();
            self.require(free, &path, "is the name of something else already");
            self.pointer(&format!("{path}.access_token"), &token.access_token);
            self.pointers(&path, token.refresh_token.iter().chain(&token.scope));
            self.pointers(&path, token.lifetime.iter().map(|lifetime| &lifetime.pointer));
        }
        let statuses =
            !answer.success.is_empty() && answer.success.iter().all(|status| (200..300).contains(status));
        self.require(statuses, &format!("{path}.success"), "must be statuses from 200 to 299");
        let lifetime = answer.lifetime.default_seconds.is_none_or(|seconds| seconds > 0);
        self.require(lifetime, &format!("{path}.lifetime.default_seconds"), "must be more than 0");
        let size = (1..=256 * 1024).contains(&answer.max_token_bytes);
        self.require(size, &format!("{path}.max_token_bytes"), "must be from 1 to 262144");
    }

    pub(super) fn error_rules(&mut self, path: &str, rules: &[ErrorRule]) {
        for (index, rule) in rules.iter().enumerate() {
            let path = format!("{path}[{index}]");
            if !(rule.pointer.is_empty() && rule.status.is_some()) {
                self.pointer(&path, &rule.pointer);
            }
            let one = rule.equals.is_none() || rule.unless.is_none();
            self.require(one, &path, "must not have both equals and unless");
            let status = rule.status.is_none_or(|status| (100..600).contains(&status));
            self.require(status, &format!("{path}.status"), "must be an HTTP status");
        }
    }

    pub(super) fn capture_pointers(&mut self, path: &str, captures: &BTreeMap<String, String>) {
        for (name, pointer) in captures {
            self.pointer(&format!("{path}.{name}"), pointer);
        }
    }

    pub(super) fn pointers<'p>(&mut self, path: &str, pointers: impl IntoIterator<Item = &'p String>) {
        for pointer in pointers {
            self.pointer(path, pointer);
        }
    }

    /// A JSON pointer starts with `/`, and `~` is followed by 0 or 1 (RFC 6901 §3).
    pub(super) fn pointer(&mut self, path: &str, pointer: &str) {
        let escaped = pointer.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
        if !pointer.starts_with('/') || !escaped {
            self.report(
                path,
                format!("must be a JSON pointer such as /data/id (RFC 6901), not \"{pointer}\""),
            );
        }
    }
}
