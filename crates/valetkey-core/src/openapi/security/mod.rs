//! From security requirements to the one way in which accounts authenticate.
//!
//! A connector has one scheme. The one that opens most operations is taken; where several do, OAuth before a token
//! before keys before a password. Operations that need another one become no tools.

mod plan;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(super) use plan::{Kind, Plan, is_scope};

use super::{
    ImportError, Note,
    spec::{METHODS, Spec, list_of},
};

/// One of the ways to be allowed to call: all these schemes, each with its scopes. Nothing is needed where it is empty.
pub(super) type Requirement = BTreeMap<String, Vec<String>>;

/// The ways of an operation; it is open to all where there is none.
pub(super) fn requirements(spec: Spec<'_>, operation: &Value) -> Vec<Requirement> {
    let given = if operation.get("security").is_some() { operation } else { spec.root };
    let scopes = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let each = list_of(given, "security").iter().filter_map(Value::as_object);
    each.map(|map| map.iter().map(|(name, value)| (name.clone(), scopes(value))).collect()).collect()
}

/// What opens an operation, of the ways that `names` are enough for.
pub(super) fn opened(ways: &[Requirement], names: &BTreeSet<String>) -> Option<Vec<Requirement>> {
    if ways.is_empty() {
        return Some(Vec::new());
    }
    let fitting = ways.iter().filter(|way| way.keys().all(|name| names.contains(name)));
    let fitting: Vec<Requirement> = fitting.cloned().collect();
    (!fitting.is_empty()).then_some(fitting)
}

/// The way that most operations are opened by, or the one with the scheme that `wanted` names.
pub(super) fn choose(
    spec: Spec<'_>,
    base_url: &str,
    wanted: Option<&str>,
    notes: &mut Vec<Note>,
) -> Result<Plan, ImportError> {
    let operations: Vec<Vec<Requirement>> = spec
        .paths()
        .flat_map(|(_, item)| METHODS.into_iter().filter_map(|method| item.get(method)))
        .map(|operation| requirements(spec, operation))
        .collect();
    let mut sets: Vec<BTreeSet<String>> = Vec::new();
    let each = operations.iter().flatten().map(|way| way.keys().cloned().collect::<BTreeSet<_>>());
    let alone = spec.schemes().into_iter().map(|(name, _)| BTreeSet::from([name.to_owned()]));
    for set in each.chain(alone).filter(|set| !set.is_empty()) {
        if !sets.contains(&set) {
            sets.push(set);
        }
    }
    if let Some(wanted) = wanted {
        sets.retain(|set| set.contains(wanted));
        if sets.is_empty() {
            let known: Vec<&str> = spec.schemes().into_iter().map(|(name, _)| name).collect();
            let reason = format!("\"{wanted}\" is no security scheme of the document, which has {known:?}");
            return Err(ImportError::Option { option: "--security", reason });
        }
    }
    let count = |set: &BTreeSet<String>| operations.iter().filter(|ways| opened(ways, set).is_some()).count();
    let mut plans = Vec::new();
    for set in sets {
        match plan::of(spec, base_url, &set) {
            Ok(plan) => plans.push((count(&set), plan)),
            Err(reason) => {
                let names: Vec<&str> = set.iter().map(String::as_str).collect();
                notes.push(Note::definition(&format!("security {}", names.join(" with ")), reason));
            }
        }
    }
    // The first of equal ones counts, as the document has it.
    plans.sort_by_key(|(opens, plan)| (std::cmp::Reverse(*opens), plan.rank));
    told(&plans, notes);
    Ok(plans.into_iter().next().map_or_else(Plan::none, |(_, plan)| plan))
}

fn told(plans: &[(usize, Plan)], notes: &mut Vec<Note>) {
    match plans {
        [] => notes.push(Note::definition(
            "security",
            "no scheme can be used, so calls have no credential; see auth",
        )),
        [(_, one)] => notes.extend(one.note.clone().map(|note| Note::definition("security", note))),
        [(_, one), others @ ..] => {
            let others: Vec<String> = others.iter().map(|(_, plan)| plan.name()).collect();
            let reason = format!(
                "accounts use {}; the document also offers {}, which --security NAME takes",
                one.name(),
                others.join(", ")
            );
            notes.push(Note::definition("security", reason));
            notes.extend(one.note.clone().map(|note| Note::definition("security", note)));
        }
    }
}
