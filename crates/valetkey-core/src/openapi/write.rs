//! Values as YAML that a person edits.

use serde_json::Value;

use super::ImportError;

/// `value` as YAML under a comment.
pub(super) fn yaml(heading: &str, value: &Value) -> Result<String, ImportError> {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: 110, compact_list_indent: false };
    let text = serde_saphyr::to_string_with_options(value, options)
        .map_err(|error| ImportError::Syntax(error.to_string()))?;
    Ok(format!("# {heading}\n{text}"))
}
