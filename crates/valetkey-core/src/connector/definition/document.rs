//! A YAML document as JSON, with the place of each value.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use serde_saphyr::{Location, Spanned};

use super::DefinitionError;

/// A YAML document as JSON, with the place of each key and list item.
#[derive(Clone, Debug)]
pub struct Document {
    file: String,
    value: Value,
    places: BTreeMap<String, (u64, u64)>,
}

impl Document {
    /// Parses `text`. `file` is used in errors only.
    pub fn parse(file: &str, text: &str) -> Result<Self, DefinitionError> {
        let root: Node = serde_saphyr::from_str(text).map_err(|error| {
            let place = error.location();
            DefinitionError {
                file: file.to_owned(),
                line: place.as_ref().map_or(1, Location::line),
                column: place.as_ref().map_or(1, Location::column),
                path: String::new(),
                reason: serde_saphyr::Error::render_with_formatter(
                    error.without_snippet(),
                    &serde_saphyr::UserMessageFormatter,
                ),
            }
        })?;
        let mut places = BTreeMap::new();
        let value = root.into_json("", &mut places);
        Ok(Self { file: file.to_owned(), value, places })
    }

    /// The document as JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The document as a value of a type.
    ///
    /// # Errors
    /// One, at the first place that does not fit the type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Vec<DefinitionError>> {
        self.typed(self.value.clone())
    }

    /// `value`, which is the document's own or a merge with it, as a value of a type.
    pub(super) fn typed<T: DeserializeOwned>(&self, value: Value) -> Result<T, Vec<DefinitionError>> {
        serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            let path = if path == "." { String::new() } else { path };
            vec![self.error(&path, &plain(&error.into_inner().to_string()))]
        })
    }

    /// An error at `path`, or at the nearest place above it that the document has.
    pub fn error(&self, path: &str, reason: &str) -> DefinitionError {
        let mut known = path;
        let (line, column) = loop {
            match self.places.get(known) {
                Some(place) => break *place,
                None if known.is_empty() => break (1, 1),
                None => known = &known[..known.rfind(['.', '[']).unwrap_or_default()],
            }
        };
        DefinitionError {
            file: self.file.clone(),
            line,
            column,
            path: path.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

/// The words of a definition for the words of the parser's types.
fn plain(reason: &str) -> String {
    reason
        .replace("unknown field", "unknown key")
        .replace("missing field", "missing key")
        .replace("unknown variant", "unknown value")
}

/// A value of the document, with places.
#[derive(Debug)]
enum Node {
    Map(Vec<(Spanned<String>, Self)>),
    List(Vec<Spanned<Self>>),
    Leaf(Value),
}

impl Node {
    fn into_json(self, path: &str, places: &mut BTreeMap<String, (u64, u64)>) -> Value {
        let mut note = |path: String, place: Location| {
            places.insert(path.clone(), (place.line(), place.column()));
            path
        };
        match self {
            Self::Leaf(value) => value,
            Self::List(items) => {
                let items = items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| (note(format!("{path}[{index}]"), item.referenced), item.value));
                let items: Vec<_> = items.collect();
                items.into_iter().map(|(path, item)| item.into_json(&path, places)).collect()
            }
            Self::Map(entries) => {
                let entries = entries.into_iter().map(|(key, value)| {
                    let dot = if path.is_empty() { "" } else { "." };
                    (note(format!("{path}{dot}{}", key.value), key.referenced), key.value, value)
                });
                let entries: Vec<_> = entries.collect();
                let map: Map<_, _> = entries
                    .into_iter()
                    .map(|(path, key, value)| (key, value.into_json(&path, places)))
                    .collect();
                Value::Object(map)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Node, D::Error> {
        Node::deserialize(from)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = from.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}
