//! The application's own values on an account: a JSON object within limits, and the terms by which it is found.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The longest metadata, in bytes of JSON.
pub const MAX_BYTES: usize = 16 * 1024;
/// How deep objects and lists are nested at the most; 1 is an object of plain values.
pub const MAX_DEPTH: usize = 8;
/// The most values at all levels: members of objects and items of lists.
pub const MAX_VALUES: usize = 512;
/// The longest key, in characters.
pub const MAX_KEY: usize = 128;
/// The longest term, in characters. A value that makes a longer one is kept and shown, and does not find its account.
pub const MAX_TERM: usize = 600;
/// The longest terms together, in bytes. The path to a value is in each of its terms, so that little JSON could make many
/// long ones.
pub const MAX_TERM_BYTES: usize = 64 * 1024;

/// A limit that metadata break.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidMetadata {
    /// More than [`MAX_BYTES`].
    #[error("has {0} bytes as JSON, more than {MAX_BYTES}")]
    Bytes(usize),
    /// Deeper than [`MAX_DEPTH`].
    #[error("is nested more than {MAX_DEPTH} levels deep")]
    Depth,
    /// More than [`MAX_VALUES`].
    #[error("has {0} values, more than {MAX_VALUES}")]
    Values(usize),
    /// A key is empty or longer than [`MAX_KEY`].
    #[error("has a key that is empty or longer than {MAX_KEY} characters")]
    Key,
    /// More than [`MAX_TERM_BYTES`].
    #[error(
        "has {0} bytes of values with the paths to them, more than {MAX_TERM_BYTES}; use shorter keys around many values"
    )]
    Terms(usize),
}

impl InvalidMetadata {
    /// The name of the rule.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Bytes(_) => "metadata.max_bytes",
            Self::Depth => "metadata.max_depth",
            Self::Values(_) => "metadata.max_values",
            Self::Key => "metadata.key",
            Self::Terms(_) => "metadata.max_term_bytes",
        }
    }
}

/// Checks metadata against the limits.
///
/// # Errors
/// The first limit that they break.
pub fn check(metadata: &Map<String, Value>) -> Result<(), InvalidMetadata> {
    let values = measure(metadata, 1)?;
    if values > MAX_VALUES {
        return Err(InvalidMetadata::Values(values));
    }
    let bytes = serde_json::to_string(metadata).map_or(usize::MAX, |text| text.len());
    if bytes > MAX_BYTES {
        return Err(InvalidMetadata::Bytes(bytes));
    }
    let searched = terms(metadata).iter().map(String::len).sum();
    if searched > MAX_TERM_BYTES { Err(InvalidMetadata::Terms(searched)) } else { Ok(()) }
}

fn measure(object: &Map<String, Value>, depth: usize) -> Result<usize, InvalidMetadata> {
    let fits = |key: &String| (1..=MAX_KEY).contains(&key.chars().count());
    if !object.keys().all(fits) {
        return Err(InvalidMetadata::Key);
    }
    object.values().try_fold(0, |sum, value| Ok(sum + 1 + measure_value(value, depth)?))
}

fn measure_value(value: &Value, depth: usize) -> Result<usize, InvalidMetadata> {
    match value {
        Value::Object(_) | Value::Array(_) if depth >= MAX_DEPTH => Err(InvalidMetadata::Depth),
        Value::Object(inner) => measure(inner, depth + 1),
        Value::Array(items) => {
            items.iter().try_fold(0, |sum, item| Ok(sum + 1 + measure_value(item, depth + 1)?))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(0),
    }
}

/// What an account with these metadata is found by: each plain value as `path=value`, with dots between the keys of
/// nested objects. The items of a list have the path of the list.
pub fn terms(metadata: &Map<String, Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (key, value) in metadata {
        add_terms(&mut found, key, value);
    }
    found
}

fn add_terms(found: &mut BTreeSet<String>, path: &str, value: &Value) {
    let plain = match value {
        Value::Object(inner) => {
            return inner.iter().for_each(|(key, value)| add_terms(found, &format!("{path}.{key}"), value));
        }
        Value::Array(items) => return items.iter().for_each(|item| add_terms(found, path, item)),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    let term = format!("{path}={plain}");
    // PostgreSQL keeps no text with a zero character.
    if term.chars().count() <= MAX_TERM && !term.contains('\0') {
        found.insert(term);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { unreachable!("an object") };
        map
    }

    #[test]
    fn each_plain_value_is_a_term_with_the_path_to_it() {
        let metadata = object(json!({
            "department": "engineering", "preferences": {"timezone": "UTC", "mail": true},
            "teams": ["a", "b", {"lead": 7}], "note": null, "empty": {}, "long": "x".repeat(600),
        }));
        let wanted = [
            "department=engineering",
            "note=null",
            "preferences.mail=true",
            "preferences.timezone=UTC",
            "teams.lead=7",
            "teams=a",
            "teams=b",
        ];
        assert_eq!(terms(&metadata).into_iter().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn what_breaks_a_limit_is_refused_by_the_name_of_the_limit() {
        let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!({ "k": inner }));
        assert_eq!(check(&object(nested(MAX_DEPTH))), Ok(()));
        assert_eq!(check(&object(nested(MAX_DEPTH + 1))), Err(InvalidMetadata::Depth));
        assert_eq!(check(&object(json!({ "list": vec![1; MAX_VALUES - 1] }))), Ok(()));
        let many = object(json!({ "list": vec![1; MAX_VALUES] }));
        assert_eq!(check(&many), Err(InvalidMetadata::Values(MAX_VALUES + 1)));
        assert_eq!(check(&object(json!({ "a": "x".repeat(MAX_BYTES - 8) }))), Ok(()));
        let long = object(json!({ "a": "x".repeat(MAX_BYTES - 7) }));
        assert_eq!(check(&long), Err(InvalidMetadata::Bytes(MAX_BYTES + 1)));
        for key in [String::new(), "k".repeat(MAX_KEY + 1)] {
            assert_eq!(check(&object(json!({ "a": { key: 1 } }))), Err(InvalidMetadata::Key));
        }
    }

    #[test]
    fn little_json_does_not_make_many_long_terms() {
        let key = "k".repeat(MAX_KEY);
        let around = |count: usize| {
            let values: Map<String, Value> =
                (0..count).map(|number| (number.to_string(), json!(number))).collect();
            (0..4).fold(Value::Object(values), |inner, _| json!({ key.as_str(): inner }))
        };
        assert_eq!(check(&object(around(100))), Ok(()));
        let broken = check(&object(around(500)));
        assert!(matches!(broken, Err(InvalidMetadata::Terms(200_000..300_000))), "{broken:?}");
    }
}
