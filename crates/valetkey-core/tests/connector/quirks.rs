//! The table of quirks names tests that exist.

use std::{collections::BTreeSet, fs, path::Path};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The names of all functions in the Rust files below `folder`.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let found = text.split("fn ").skip(1).filter_map(|rest| rest.split_once('('));
            names.extend(found.map(|(name, _)| name.to_owned()));
        }
    }
}

#[test]
fn every_quirk_of_answers_refreshes_and_calls_has_a_row_with_tests_that_exist() {
    let page = fs::read_to_string(root().join("docs/quirks.md")).unwrap();
    let mut known = BTreeSet::new();
    functions(&root().join("crates"), &mut known);
    let rows: Vec<Vec<&str>> = page
        .lines()
        .map(|line| line.split(" | ").map(|cell| cell.trim_matches(['|', ' '])).collect())
        .filter(|cells: &Vec<&str>| cells[0].parse::<u32>().is_ok())
        .collect();
    let numbers: Vec<u32> = rows.iter().map(|cells| cells[0].parse().unwrap()).collect();
    assert_eq!(numbers, (45..=85).collect::<Vec<_>>());
    for cells in rows {
        let [number, _, _, tests] = cells[..] else { panic!("{cells:?}") };
        let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "quirk {number} names no test");
        for name in named.into_iter().filter(|name| !name.ends_with('…') && !name.starts_with("valetkey-"))
        {
            assert!(known.contains(name), "quirk {number}: there is no test {name}");
        }
    }
}
