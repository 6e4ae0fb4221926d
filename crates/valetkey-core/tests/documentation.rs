//! What is documented is what the code does.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{fmt::Write, fs, path::PathBuf};

use valetkey_core::{
    account::{
        AccountEvent, Decision, Grant, LegacyStatus, NextAction, Reason, Situation, State, WireStatus, decide,
    },
    error_code::ErrorCode,
};

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

#[test]
fn every_error_code_has_its_page_and_every_page_its_code() {
    let mut pages: Vec<String> = fs::read_dir(docs("errors"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        // The table of all of them.
        .filter(|name| name != "README")
        .collect();
    pages.sort();
    let mut codes: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(pages, codes);
}

/// What an event does to an account in a state, in one cell.
fn cell(state: State, event: AccountEvent) -> String {
    let outcome =
        |grant| decide(Situation { state, reason: Reason::None, grant, scopes_missing: false }, event);
    let text = |result: Result<Decision, _>| match result {
        Ok(next) if next.state == state => format!("stays, {:?}", next.effect),
        Ok(next) => format!("→ {} ({}), {:?}", next.state.as_str(), next.reason.as_str(), next.effect),
        Err(_) => "refused".to_owned(),
    };
    let cases = [
        ("while it works", Grant::Good),
        ("once it is over", Grant::Over(Reason::NoRefreshToken)),
        ("without one", Grant::Absent),
    ];
    let texts = cases.map(|(_, grant)| text(outcome(grant)));
    if texts.iter().all(|text| *text == texts[0]) {
        return texts[0].clone();
    }
    cases.iter().zip(&texts).map(|((when, _), text)| format!("{when}: {text}")).collect::<Vec<_>>().join("; ")
}

fn states() -> String {
    let mut page = String::from(
        "# States of an account\n\nGenerated from `core::account`; a test refuses drift \
         (`UPDATE_DOCS=1 cargo nextest run -p valetkey-core documentation` writes it anew).\n\n\
         ## What each dialect calls them\n\n\
         | state | `ConnectorStatus` of published clients | `/v1/connect` | what ends it |\n|---|---|---|---|\n",
    );
    for &state in State::ALL {
        let next = NextAction::of(state, Reason::None).as_str();
        let (wire, legacy) = (WireStatus::from(state), LegacyStatus::from(state));
        writeln!(page, "| {} | {wire:?} | {legacy:?} | {next} |", state.as_str()).unwrap();
    }
    page.push_str("\n## What happens in which state\n\nIn each cell: the next state and its reason, then what is done with credentials.\n\n|  |");
    for &state in State::ALL {
        write!(page, " {} |", state.as_str()).unwrap();
    }
    page.push_str("\n|---|");
    page.push_str(&"---|".repeat(State::ALL.len()));
    for &event in AccountEvent::ALL {
        write!(page, "\n| {event:?} |").unwrap();
        for &state in State::ALL {
            write!(page, " {} |", cell(state, event)).unwrap();
        }
    }
    page.push('\n');
    page
}

#[test]
fn the_table_of_states_is_the_law() {
    let file = docs("reference/states.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, states()).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&file).unwrap_or_default(),
        states(),
        "docs/reference/states.md has drifted"
    );
}
