//! `valetkey connector`.

use crate::valetkey::{Place, complaint, json, out, repository};

#[test]
fn every_definition_of_the_repository_is_valid() {
    let connectors = repository().join("connectors");
    let said = out(&["connector", "check", connectors.to_str().unwrap()]);
    let count = std::fs::read_dir(connectors)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().is_dir())
        .count();
    assert!(said.starts_with(&format!("{count} definitions are valid, and so are ")), "{said}");
}

#[test]
fn a_definition_with_faults_is_refused_with_file_line_and_reason() {
    let place = Place::new();
    let good = std::fs::read_to_string(repository().join("connectors/testkey/connector.yaml")).unwrap();
    let faults = [
        (good.replace("categories:", "categoris:"), "categoris"),
        (good.replace("base_url: http://127.0.0.1:8444", "base_url: ftp://x"), "base_url"),
        (good.replace("name: Test key\n", ""), "name"),
    ];
    for (text, about) in faults {
        assert_ne!(text, good);
        place.write("connector.yaml", &text, 0o600);
        let file = place.path("connector.yaml");
        let said = complaint(&["connector", "check", &file]);
        let line = said.lines().next().unwrap().strip_prefix(&format!("error: {file}:")).unwrap().to_owned();
        assert!(line.split(':').next().unwrap().parse::<u32>().is_ok() && line.contains(about), "{said}");
    }
}

#[test]
fn a_directory_without_definitions_is_refused() {
    let place = Place::new();
    assert!(complaint(&["connector", "check", &place.path("")]).contains("contains no connector.yaml"));
}

#[test]
fn the_list_needs_no_installation() {
    let list = json(&["connector", "list"]);
    let gmail = list.as_array().unwrap().iter().find(|row| row["slug"] == "gmail").unwrap();
    assert_eq!((&gmail["provider_key"], &gmail["auth"]), (&"GMAIL".into(), &"oauth2".into()));
}
