//! `valetkey demo`, which the README starts with `cargo run -- demo`.

use std::process::Command;

use serde_json::{Value, json};

use crate::valetkey::out;

#[test]
fn the_demo_tells_the_whole_story_and_no_secret() {
    let told = out(&["demo"]);
    for step in ["PENDING_AUTH", "ACTIVE", "subject alice", "number 2", "disconnected", "revoked"] {
        assert!(told.contains(step), "{step} in\n{told}");
    }
    for (prefix, length) in [("skc_", 30), ("conn_", 31), ("ca_", 29)] {
        let id = told.split_whitespace().find(|word| word.starts_with(prefix)).unwrap();
        assert_eq!(id.len(), length, "{id}");
    }
    let secret = |word: &&str| word.starts_with("vks_") || word.starts_with("ey") || word.len() > 60;
    assert_eq!(told.split_whitespace().find(secret), None);
}

#[test]
fn cargo_run_at_the_root_starts_this_program() {
    let asked = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .output()
        .unwrap();
    let workspace: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let packages = workspace["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "valetkey").unwrap();
    assert_eq!(workspace["workspace_default_members"], json!([package["id"]]));
    let targets = package["targets"].as_array().unwrap();
    let programs = targets.iter().filter(|target| target["kind"] == json!(["bin"]));
    assert!(programs.map(|target| &target["name"]).eq(["valetkey"]));
}
