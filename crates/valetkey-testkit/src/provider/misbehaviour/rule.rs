//! A misbehaviour with the requests that it concerns.

use serde::Serialize;
use serde_json::Value;

use super::{Misbehaviour, UnknownMisbehaviour};

/// A misbehaviour, for how many requests, of whom.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Rule {
    /// What is done wrong.
    pub misbehaviour: Misbehaviour,
    /// Only to the next so many requests that it concerns. Absent: until told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Only to this client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Only to this grant. A request that belongs to no grant yet is not concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
}

impl From<Misbehaviour> for Rule {
    fn from(misbehaviour: Misbehaviour) -> Self {
        Self { misbehaviour, times: None, client: None, grant: None }
    }
}

impl Misbehaviour {
    /// Only for the next `times` requests that it concerns.
    pub fn times(self, times: u32) -> Rule {
        Rule { times: Some(times), ..self.into() }
    }

    /// Only for a grant.
    pub fn for_grant(self, grant: &str) -> Rule {
        Rule { grant: Some(grant.to_owned()), ..self.into() }
    }
}

impl Rule {
    /// From JSON: the name, `{name: {values}}`, or `{"misbehaviour": …, "times": …, "client": …, "grant": …}`.
    pub fn from_json(value: Value) -> Result<Self, UnknownMisbehaviour> {
        let wrong = |text: &str| UnknownMisbehaviour(text.to_owned());
        let mut object = match value {
            Value::String(name) => return Ok(Misbehaviour::named(&name, None)?.into()),
            Value::Object(object) => object,
            _ => return Err(wrong("a misbehaviour is a name or an object")),
        };
        let Some(misbehaviour) = object.remove("misbehaviour") else {
            let only = if object.len() == 1 { object.into_iter().next() } else { None };
            let (name, values) = only.ok_or_else(|| wrong("a misbehaviour has one name"))?;
            return Ok(Misbehaviour::named(&name, Some(values))?.into());
        };
        let mut rule = Self::from_json(misbehaviour)?;
        for (key, value) in object {
            let text = || value.as_str().map(ToOwned::to_owned);
            let known = match key.as_str() {
                "times" => {
                    rule.times = value.as_u64().and_then(|times| times.try_into().ok());
                    rule.times.is_some()
                }
                "client" => {
                    rule.client = text();
                    rule.client.is_some()
                }
                "grant" => {
                    rule.grant = text();
                    rule.grant.is_some()
                }
                _ => false,
            };
            if !known {
                return Err(wrong(&format!("a rule cannot have \"{key}\": {value}")));
            }
        }
        Ok(rule)
    }
}
