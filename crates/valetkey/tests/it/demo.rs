//! `valetkey demo`.

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
