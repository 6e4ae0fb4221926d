//! The handbook of the operator names everything that the program can say.

use valetkey_core::{
    account::{NextAction, Reason, State},
    call::CallOutcome,
    journal::EventKind,
    refresh::OutcomeClass,
    revocation::RevocationState,
};

use crate::valetkey::repository;

#[test]
fn the_handbook_explains_every_state_reason_action_outcome_revocation_call_and_event() {
    let pages = ["docs/how-to/operate.md", "docs/how-to/read-logs.md"];
    let text = pages.map(|page| std::fs::read_to_string(repository().join(page)).unwrap()).concat();
    let names = [
        State::ALL.iter().map(|each| each.as_str()).collect::<Vec<_>>(),
        Reason::ALL.iter().map(|each| each.as_str()).collect(),
        NextAction::ALL.iter().map(|each| each.as_str()).collect(),
        OutcomeClass::ALL.iter().map(|each| each.as_str()).collect(),
        RevocationState::ALL.iter().map(|each| each.as_str()).collect(),
        CallOutcome::ALL.iter().map(|each| each.as_str()).collect(),
        EventKind::ALL.iter().map(|each| each.as_str()).collect(),
    ];
    let missing: Vec<_> =
        names.concat().into_iter().filter(|name| !text.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{pages:?} do not explain {missing:?}");
}
