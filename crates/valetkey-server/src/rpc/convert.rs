//! Values between JSON, core and the wire.

use prost_types::{ListValue, Struct, Timestamp as WireTimestamp, Value as WireValue, value::Kind};
use serde_json::{Map, Value};
use valetkey_core::Timestamp;

/// A point in time on the wire.
pub(super) fn timestamp(at: Timestamp) -> WireTimestamp {
    let nanos = i32::try_from(at.millis().rem_euclid(1000)).unwrap_or_default() * 1_000_000;
    WireTimestamp { seconds: at.seconds(), nanos }
}

/// A point in time from the wire, in whole milliseconds.
pub(super) fn from_timestamp(wire: WireTimestamp) -> Timestamp {
    let millis = wire.seconds.saturating_mul(1000).saturating_add(i64::from(wire.nanos) / 1_000_000);
    Timestamp::from_millis(millis)
}

/// A JSON object on the wire.
pub(super) fn to_struct(map: Map<String, Value>) -> Struct {
    Struct { fields: map.into_iter().map(|(key, value)| (key, to_value(value))).collect() }
}

/// A JSON list on the wire.
pub(super) fn to_list(values: Vec<Value>) -> ListValue {
    ListValue { values: values.into_iter().map(to_value).collect() }
}

fn to_value(value: Value) -> WireValue {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(flag) => Kind::BoolValue(flag),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text),
        Value::Array(items) => Kind::ListValue(to_list(items)),
        Value::Object(map) => Kind::StructValue(to_struct(map)),
    };
    WireValue { kind: Some(kind) }
}

/// A wire struct as a JSON object.
pub(super) fn from_struct(wire: Struct) -> Map<String, Value> {
    // The wire keeps no order; sorted keys make what is stored and shown stable.
    let sorted: std::collections::BTreeMap<_, _> = wire.fields.into_iter().collect();
    sorted.into_iter().map(|(key, value)| (key, from_value(value))).collect()
}

/// A wire list as JSON.
pub(super) fn from_list(wire: ListValue) -> Value {
    Value::Array(wire.values.into_iter().map(from_value).collect())
}

fn from_value(wire: WireValue) -> Value {
    match wire.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(flag)) => Value::Bool(flag),
        Some(Kind::NumberValue(number)) => from_number(number),
        Some(Kind::StringValue(text)) => Value::String(text),
        Some(Kind::ListValue(list)) => from_list(list),
        Some(Kind::StructValue(map)) => Value::Object(from_struct(map)),
    }
}

/// A whole number stays one, up to where doubles can tell whole numbers apart.
fn from_number(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within the range just checked")]
        return Value::from(number as i64);
    }
    Value::from(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_survives_the_wire() {
        let Value::Object(map) = json!({"a": null, "b": [1, 2.5, "x", {"c": true}]}) else { unreachable!() };
        assert_eq!(from_struct(to_struct(map.clone())), map);
    }

    #[test]
    fn times_before_the_epoch_have_positive_nanoseconds() {
        let wire = timestamp(Timestamp::from_millis(-1));
        assert_eq!((wire.seconds, wire.nanos), (-1, 999_000_000));
        assert_eq!(from_timestamp(wire), Timestamp::from_millis(-1));
    }
}
