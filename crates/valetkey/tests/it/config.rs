//! `valetkey config`.

use crate::valetkey::{KEY, Place, complaint, out, repository, run};

#[test]
fn the_committed_reference_is_what_the_settings_say() {
    let committed = std::fs::read_to_string(repository().join("valetkey.default.toml")).unwrap();
    let now = out(&["config", "reference"]);
    assert_eq!(now, committed, "run `cargo run -- config reference > valetkey.default.toml`");
}

#[test]
fn the_reference_is_a_configuration_that_lacks_only_what_an_operator_must_choose() {
    let reference = repository().join("valetkey.default.toml");
    let said = complaint(&["config", "check", "--config", reference.to_str().unwrap()]);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("server.public_url is not set"), "{said}");
}

#[test]
fn check_prints_what_is_in_effect_and_where_it_comes_from_without_secrets() {
    let place = Place::new();
    place.write("valetkey.toml", "[links]\nlifetime = \"2h\"\nflow_lifetime = \"5m\"\n", 0o600);
    let file = place.path("valetkey.toml");
    let ran = run(place
        .command(&["config", "check", "--config", &file])
        .env_remove("VALETKEY_ENCRYPTION_KEY_FILE")
        .env("VALETKEY_ENCRYPTION_KEY", KEY)
        .env("VALETKEY_DATABASE_URL", "postgres://app:hunter2@db.example/valetkey")
        .env("VALETKEY_LINKS_FLOW_LIFETIME", "10m"));
    assert!(ran.success, "{}", ran.err);
    for line in [
        format!("lifetime = \"2h\"  # {file}:2"),
        "flow_lifetime = \"10m\"  # VALETKEY_LINKS_FLOW_LIFETIME".to_owned(),
        "verification_lifetime = \"10m\"  # default".to_owned(),
        "key = \"********MDE=\"  # VALETKEY_ENCRYPTION_KEY".to_owned(),
        "url = \"postgres://app:********@db.example/valetkey\"  # VALETKEY_DATABASE_URL".to_owned(),
    ] {
        assert!(ran.out.lines().any(|printed| printed == line), "{line}\nin\n{}", ran.out);
    }
    assert!(!ran.out.contains(KEY) && !ran.out.contains("hunter2"));
}

#[test]
fn check_tells_everything_that_is_wrong_at_once_and_suggests_names() {
    let place = Place::new();
    let text = "top = 1\n[server]\nlistn = \"x\"\nlisten = \"x\"\n[servr]\n[links]\nlifetime = [\"1h\"]\n";
    place.write("valetkey.toml", text, 0o600);
    let file = place.path("valetkey.toml");
    let ran = run(place
        .command(&["config", "check", "--config", &file])
        .env_remove("VALETKEY_SERVER_LISTEN")
        .env("VALETKEY_LOG_LEVL", "info"));
    assert!(!ran.success);
    for line in [
        format!("error: {file}:1: \"top\" is outside of a section; put it under [server] or another section"),
        format!("error: {file}:3: \"server.listn\" is not a setting; did you mean \"server.listen\"?"),
        format!(
            "error: server.listen must be an IP address and a port, such as \"0.0.0.0:8443\"; it is set in {file}:4"
        ),
        format!("error: links.lifetime must be one value, not a list; it is set in {file}:7"),
        "error: VALETKEY_LOG_LEVL is not a setting; did you mean VALETKEY_LOG_LEVEL?".to_owned(),
    ] {
        assert!(ran.err.lines().any(|printed| printed == line), "{line}\nin\n{}", ran.err);
    }
    assert!(ran.err.contains("[servr] is not a section"), "{}", ran.err);
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_its_line() {
    let place = Place::new();
    place.write("valetkey.toml", "[server]\nlisten = \n", 0o600);
    let file = place.path("valetkey.toml");
    assert!(
        complaint(&["config", "check", "--config", &file])
            .starts_with(&format!("error: {file}:2 is not TOML: "))
    );
}

#[test]
fn how_much_is_refreshed_and_how_uses_are_recorded_can_be_set_within_bounds() {
    let place = Place::new();
    place.write("valetkey.toml", "[refresh]\nper_host = 4\n[journal]\nstrict = true\n", 0o600);
    let file = place.path("valetkey.toml");
    let ran =
        run(place.command(&["config", "check", "--config", &file]).env("VALETKEY_REFRESH_IN_ALL", "32"));
    for line in [
        format!("per_host = 4  # {file}:2"),
        "in_all = 32  # VALETKEY_REFRESH_IN_ALL".to_owned(),
        format!("strict = true  # {file}:4"),
    ] {
        assert!(ran.out.lines().any(|printed| printed == line), "{line}\nin\n{}{}", ran.out, ran.err);
    }
    for (variable, value, why) in [
        ("VALETKEY_REFRESH_PER_HOST", "0", "refresh.per_host must be a whole number from 1 to 1000"),
        ("VALETKEY_REFRESH_PER_HOST", "1001", "refresh.per_host must be a whole number from 1 to 1000"),
        ("VALETKEY_REFRESH_IN_ALL", "10001", "refresh.in_all must be a whole number from 1 to 10000"),
        ("VALETKEY_JOURNAL_STRICT", "yes", "journal.strict must be true or false"),
    ] {
        let said = run(place.command(&["config", "check"]).env(variable, value)).err;
        assert!(said.contains(why) && said.contains(variable), "{said}");
    }
}
