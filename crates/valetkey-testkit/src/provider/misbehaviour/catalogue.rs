//! Every misbehaviour with its usual values, its description and the quirks that it shows.

use serde_json::Value;

use super::Misbehaviour;

/// A misbehaviour, described.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// It, with the values that hold where none are given.
    pub usual: Misbehaviour,
    /// The numbers of the provider quirks that it shows. Empty: a fault that any server may have.
    pub quirks: &'static [u8],
    /// What happens.
    pub description: &'static str,
}

/// Defines the misbehaviours, each once: description, quirks, place, name, and values with the usual ones.
macro_rules! misbehaviours {
    ($(
        $(#[doc = $text:literal])+
        [$($quirk:literal),*] $places:ident
        $variant:ident $({ $( $(#[doc = $about:literal])+ $field:ident: $kind:ty = $usual:expr, )+ })?
    )+) => {
        /// What the test provider does wrong, from when it is set until [`behave`](crate::provider::TestProvider::behave).
        #[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case", deny_unknown_fields)]
        pub enum Misbehaviour {
            $(
                $(#[doc = $text])+
                $(#[doc = ""] #[doc = concat!("Quirk ", $quirk, ".")])*
                $variant $({ $( $(#[doc = $about])+ $field: $kind, )+ })?,
            )+
        }

        impl Misbehaviour {
            /// All misbehaviours, described.
            pub fn catalogue() -> Vec<$crate::provider::Entry> {
                vec![$( $crate::provider::Entry {
                    usual: Self::$variant $({ $( $field: $usual, )+ })?,
                    quirks: &[$($quirk),*],
                    description: concat!($($text),+).trim_ascii_start(),
                } ),+]
            }

            /// Where it shows.
            pub(in crate::provider) fn places(&self) -> &'static [Place] {
                match self { $( Self::$variant { .. } => $places, )+ }
            }
        }
    };
}
pub(super) use misbehaviours;

/// A name or value that is none of a misbehaviour's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct UnknownMisbehaviour(pub(super) String);

impl Misbehaviour {
    /// The name, as the control API and the command line use it.
    pub fn name(&self) -> String {
        match serde_json::to_value(self) {
            Ok(Value::Object(object)) => object.keys().next().cloned().unwrap_or_default(),
            Ok(Value::String(name)) => name,
            _ => String::new(),
        }
    }

    /// The values, as a JSON object; nothing where it has none.
    pub fn values(&self) -> Option<Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(object)) => object.into_values().next(),
            _ => None,
        }
    }

    /// The misbehaviour of this name. Values that are not given are the usual ones.
    pub fn named(name: &str, values: Option<Value>) -> Result<Self, UnknownMisbehaviour> {
        let found = Self::catalogue().into_iter().map(|entry| entry.usual).find(|usual| usual.name() == name);
        let usual =
            found.ok_or_else(|| UnknownMisbehaviour(format!("there is no misbehaviour \"{name}\"")))?;
        let wrong = |why: &str| UnknownMisbehaviour(format!("misbehaviour \"{name}\": {why}"));
        let given = match values {
            None => return Ok(usual),
            Some(Value::Object(given)) => given,
            Some(_) => return Err(wrong("its values are not a JSON object")),
        };
        let Some(Value::Object(mut values)) = usual.values() else {
            return if given.is_empty() { Ok(usual) } else { Err(wrong("it takes no values")) };
        };
        values.extend(given);
        let whole = Value::Object([(name.to_owned(), Value::Object(values))].into_iter().collect());
        serde_json::from_value(whole).map_err(|error| wrong(&error.to_string()))
    }
}
