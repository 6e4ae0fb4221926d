//! The JSON Schema of the format, for editors.

/// The JSON Schema (draft 2020-12) of a connector definition.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(super::Connector).to_value()
}
