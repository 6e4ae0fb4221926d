//! The input of a tool: made ready, and checked against its schema.

use std::fmt;

use serde_json::{Map, Number, Value};

use super::Tool;

/// What is wrong with one value of an input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InputProblem {
    /// The place, such as `attendees.0.email`; empty for the whole.
    pub field: String,
    /// What is wrong and what is expected.
    pub reason: String,
}

/// An input that a tool does not take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InputError {
    /// All that is wrong.
    pub problems: Vec<InputProblem>,
}

impl fmt::Display for InputError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = self.problems.iter().map(|InputProblem { field, reason }| {
            if field.is_empty() { reason.clone() } else { format!("{field}: {reason}") }
        });
        out.write_str(&problems.collect::<Vec<_>>().join("; "))
    }
}

impl std::error::Error for InputError {}

/// How many problems of one input are told, and how many characters of each.
const TOLD: usize = 20;
const REASON_CHARS: usize = 200;

impl Tool {
    /// The input as the request sees it, or all that is wrong with it. A null is an absent value, whole numbers are
    /// integers however they were written (a protobuf `Struct` has no integers), and defaults are filled in.
    pub fn accept(&self, input: Map<String, Value>) -> Result<Map<String, Value>, InputError> {
        let mut input: Map<String, Value> = input
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, whole(value)))
            .collect();
        if let Some(properties) = self.input.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                if let Some(default) = property.get("default") {
                    input.entry(name.clone()).or_insert_with(|| default.clone());
                }
            }
        }
        let input = Value::Object(input);
        let one =
            |reason: String| InputError { problems: vec![InputProblem { field: String::new(), reason }] };
        let schema = self.input_schema();
        let validator = jsonschema::validator_for(&schema).map_err(|error| one(error.to_string()))?;
        let problems: Vec<InputProblem> = validator
            .iter_errors(&input)
            .take(TOLD)
            .map(|error| InputProblem {
                field: error.instance_path().as_str().trim_start_matches('/').replace('/', "."),
                // The value itself may be private, and would be repeated in logs.
                reason: error.masked().to_string().chars().take(REASON_CHARS).collect(),
            })
            .collect();
        match input {
            Value::Object(input) if problems.is_empty() => Ok(input),
            _ => Err(InputError { problems }),
        }
    }
}

/// The greatest integer up to which a double counts every one.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn whole(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(whole_number(number)),
        Value::Array(items) => items.into_iter().map(whole).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, whole(value))).collect(),
        other => other,
    }
}

fn whole_number(number: Number) -> Number {
    match number.as_f64() {
        Some(double) if number.is_f64() && double.fract() == 0.0 && double.abs() <= EXACT =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
            Number::from(double as i64)
        }
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::needless_pass_by_value,
        reason = "a failed unwrap is a failed test, and JSON reads best as an argument"
    )]

    use serde_json::json;

    use super::*;

    fn tool() -> Tool {
        serde_json::from_value(json!({
            "name": "x_y", "title": "T", "description": "D", "effect": "read",
            "input": {
                "properties": {
                    "n": {"type": "integer", "minimum": 1, "default": 10},
                    "who": {"type": "array", "items": {"type": "string", "format": "email"}},
                },
                "required": ["who"],
            },
            "request": {"path": "/x"},
        }))
        .unwrap()
    }

    fn accept(input: Value) -> Result<Map<String, Value>, InputError> {
        tool().accept(input.as_object().cloned().unwrap())
    }

    #[test]
    fn whole_numbers_are_integers_and_defaults_are_filled_in() {
        assert_eq!(Value::Object(accept(json!({"n": 5.0, "who": []})).unwrap()), json!({"n": 5, "who": []}));
        assert_eq!(accept(json!({"who": [], "n": null})).unwrap()["n"], 10);
    }

    #[test]
    fn each_problem_names_its_field() {
        let problems = accept(json!({"n": 0, "who": [1], "extra": true})).unwrap_err().problems;
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert!(fields.contains(&"n") && fields.contains(&"who.0"), "{problems:?}");
        assert!(problems.iter().any(|problem| problem.reason.contains("extra")), "{problems:?}");
        assert!(accept(json!({})).unwrap_err().to_string().contains("who"));
    }
}
