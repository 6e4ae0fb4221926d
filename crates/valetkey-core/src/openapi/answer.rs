//! What an operation answers with.

use serde_json::Value;

use super::spec::{Spec, members_of};

/// The media type that a call asks for, where it is not plain JSON; `None` too where the document names none.
pub(super) fn accept<'a>(spec: Spec<'a>, operation: &'a Value) -> Option<&'a str> {
    let good = members_of(operation, "responses").filter(|(status, _)| status.starts_with('2'));
    let answers = good.filter_map(|(_, answer)| spec.resolve(answer).ok());
    let types: Vec<&str> =
        answers.flat_map(|answer| members_of(answer, "content")).map(|(name, _)| name.as_str()).collect();
    let plain = |name: &str| name == "*/*" || name.starts_with("application/json");
    if types.is_empty() || types.iter().any(|name| plain(name)) {
        return None;
    }
    let json = types.iter().find(|name| name.contains("json"));
    json.or_else(|| types.first()).copied().filter(|name| name.is_ascii() && !name.contains(char::is_control))
}
