//! The document, and what its references mean.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::ImportError;

/// More references than this in a row lead nowhere.
const MAX_HOPS: usize = 32;

/// The most nodes that a document in YAML may have; documents of 20 MB have about a million.
const MAX_NODES: usize = 4_000_000;

/// The methods of a path item that become tools.
pub(super) const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The methods of a path item for which tools have no request.
pub(super) const OTHER_METHODS: [&str; 3] = ["head", "options", "trace"];

/// Reads a document in JSON or YAML.
///
/// # Errors
/// [`ImportError::Syntax`].
pub fn read(text: &str) -> Result<Value, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{')
        && let Ok(value) = serde_json::from_str(text)
    {
        return Ok(value);
    }
    let budget = serde_saphyr::budget! { max_nodes: MAX_NODES, max_events: 2 * MAX_NODES, max_depth: 256 };
    let options = serde_saphyr::options! { budget: budget };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| ImportError::Syntax(error.without_snippet().to_string()))
}

/// A document whose version is known.
#[derive(Clone, Copy)]
pub(super) struct Spec<'a> {
    pub(super) root: &'a Value,
}

impl<'a> Spec<'a> {
    pub(super) fn new(root: &'a Value) -> Result<Self, ImportError> {
        let wrong = |reason: &str| Err(ImportError::NotOpenApi(reason.to_owned()));
        if root.get("swagger").is_some() {
            return wrong("it is Swagger 2.0; convert it to OpenAPI 3 first");
        }
        match root.get("openapi").and_then(Value::as_str) {
            Some(version) if version.starts_with("3.") => {}
            Some(version) => return wrong(&format!("its version {version} is not 3")),
            None => return wrong("it has no \"openapi\" with a version"),
        }
        if root.get("paths").and_then(Value::as_object).is_none() {
            return wrong("it has no \"paths\"");
        }
        Ok(Self { root })
    }

    /// What `value` is once its references are followed.
    pub(super) fn resolve(self, mut value: &'a Value) -> Result<&'a Value, String> {
        for _ in 0..MAX_HOPS {
            match value.get("$ref").and_then(Value::as_str) {
                Some(reference) => value = self.target(reference)?,
                None => return Ok(value),
            }
        }
        Err("refers to itself".to_owned())
    }

    /// What a reference within the document names.
    pub(super) fn target(self, reference: &str) -> Result<&'a Value, String> {
        let Some(fragment) = reference.strip_prefix('#') else {
            return Err(format!("refers to {reference}, which is outside of the document"));
        };
        let pointer = percent_decode_str(fragment).decode_utf8_lossy();
        self.root.pointer(&pointer).ok_or_else(|| format!("refers to {reference}, which is not there"))
    }

    /// A text of `info`.
    pub(super) fn info(self, key: &str) -> Option<&'a str> {
        self.root.get("info")?.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The path items, with their paths.
    pub(super) fn paths(self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        let paths = self.root.get("paths").and_then(Value::as_object);
        paths.into_iter().flatten().map(|(path, item)| (path.as_str(), item))
    }

    /// The security schemes, with their names.
    pub(super) fn schemes(self) -> Vec<(&'a str, &'a Value)> {
        let found = self.root.pointer("/components/securitySchemes").and_then(Value::as_object);
        let each = found.into_iter().flatten().map(|(name, scheme)| (name.as_str(), scheme));
        each.filter_map(|(name, scheme)| Some((name, self.resolve(scheme).ok()?))).collect()
    }
}

/// The text of a member that is not empty.
pub(super) fn text_of<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The items of a member that is a list.
pub(super) fn list_of<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The members of a member that is an object.
pub(super) fn members_of<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(key).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// Whether a member is `true`.
pub(super) fn is_set(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// The first address of `externalDocs` by https.
pub(super) fn external_docs(value: &Value) -> Option<String> {
    secure_page(text_of(value.get("externalDocs")?, "url")?)
}

/// A web page, by https.
pub(super) fn secure_page(text: &str) -> Option<String> {
    let secure =
        text.strip_prefix("http://").map_or_else(|| text.to_owned(), |rest| format!("https://{rest}"));
    let fine = url::Url::parse(&secure).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    fine.then_some(secure)
}
