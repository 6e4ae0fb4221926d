//! The catalogue is whole, and the page about it says the same.

use std::{collections::BTreeSet, env, fs, path::Path};

use super::super::{Entry, Misbehaviour};

const PAGE: &str = "docs/reference/test-provider.md";
const BEGIN: &str = "<!-- misbehaviours: written by a test, see docs/testing.md -->\n";
const END: &str = "<!-- end -->\n";

#[test]
fn there_are_at_least_40_misbehaviours_each_with_a_name_a_description_and_usable_values() {
    let all = Misbehaviour::catalogue();
    assert!(all.len() >= 40, "{}", all.len());
    let names: BTreeSet<String> = all.iter().map(|entry| entry.usual.name()).collect();
    assert_eq!(names.len(), all.len());
    for Entry { usual, description, quirks } in &all {
        assert!(description.ends_with('.') && description.len() > 20, "{description}");
        assert!(quirks.iter().all(|quirk| (1..=90).contains(quirk)), "{quirks:?}");
        assert_eq!(Misbehaviour::named(&usual.name(), usual.values()).as_ref(), Ok(usual));
        assert_eq!(Misbehaviour::named(&usual.name(), None).as_ref(), Ok(usual));
    }
}

#[test]
fn the_quirks_of_token_answers_and_refreshes_are_covered() {
    let covered: BTreeSet<u8> =
        Misbehaviour::catalogue().iter().flat_map(|entry| entry.quirks.iter().copied()).collect();
    // 67 is what a second process sees of 57.
    let wanted: Vec<u8> = (43..=68).filter(|quirk| *quirk != 67).collect();
    let missing: Vec<&u8> = wanted.iter().filter(|quirk| !covered.contains(quirk)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_page_lists_every_misbehaviour_as_it_is() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let text = fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the mark before the table");
    let (_, after) = rest.split_once(END).expect("the mark after the table");
    let expected = format!("{before}{BEGIN}{}{END}{after}", table());
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&page, expected).unwrap();
    } else {
        assert!(
            text == expected,
            "{PAGE} is out of date: UPDATE_DOCS=1 cargo test -p valetkey-testkit the_page"
        );
    }
}

fn table() -> String {
    let row = |Entry { usual, quirks, description }: Entry| {
        let values = usual.values().map(|values| format!("`{values}`")).unwrap_or_default();
        let quirks: Vec<String> = quirks.iter().map(ToString::to_string).collect();
        let cells = [format!("`{}`", usual.name()), values, quirks.join(", "), description.to_owned()];
        format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
    };
    let rows: String = Misbehaviour::catalogue().into_iter().map(row).collect();
    format!("| name | usual values | quirk | what happens |\n|---|---|---|---|\n{rows}")
}
