//! `valetkey doctor`.

use serde_json::Value;

use crate::{
    night::Night,
    valetkey::{free_port, repository},
};

/// The verdict of each check, by its name.
fn verdict<'a>(report: &'a Value, check: &str) -> &'a str {
    find(report, check)["verdict"].as_str().unwrap()
}

fn find<'a>(report: &'a Value, check: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|one| one["check"] == check).unwrap_or_else(|| panic!("no {check} in {report:#}"))
}

#[test]
fn a_healthy_account_has_nothing_that_fails() {
    let mut night = Night::falls();
    let account = night.account("test", "alice");
    night.out(&["account", "refresh", &account.id]);
    let report = night.json(&["doctor", "account", &account.id]);
    let names: Vec<_> =
        report["checks"].as_array().unwrap().iter().map(|one| one["check"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "state",
            "clock",
            "egress",
            "dns",
            "tcp",
            "tls",
            "client_authentication",
            "scopes",
            "expiry",
            "outcomes",
            "connection",
            "host_pause",
            "revocations"
        ]
    );
    for name in names {
        // The provider of a test speaks plain HTTP on this machine.
        let expected = if name == "tls" { "skipped" } else { "ok" };
        assert_eq!(verdict(&report, name), expected, "{report:#}");
    }
    let expiry = find(&report, "expiry")["found"].as_str().unwrap();
    assert!(
        expiry.starts_with("the access token runs out in ") && expiry.contains("it is renewed in "),
        "{expiry}"
    );
}

#[test]
fn the_doctor_presents_a_token_that_nobody_has_and_spends_none() {
    let mut night = Night::falls();
    let account = night.account("test", "alice");
    let text = night.out(&["doctor", "account", &account.id]);
    assert!(text.contains("\"valetkey-doctor-probe\", which nobody has, gave invalid_grant"), "{text}");
    let seen = night.provider.provider.token_requests();
    assert_eq!(seen.len(), 1);
    let sent = format!("{:?}", seen[0]);
    assert!(sent.contains("valetkey-doctor-probe"), "{sent}");
    assert!(!sent.contains(&account.grant.refresh_token) && !sent.contains(&account.grant.access_token));
    night.out(&["account", "refresh", "--connection", "test", "--identifier", "alice"]);
}

#[test]
fn without_a_probe_no_token_request_is_made() {
    let mut night = Night::falls();
    let account = night.account("test", "alice");
    let report = night.json(&["doctor", "account", &account.id, "--no-probe"]);
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.iter().all(|one| one["check"] != "client_authentication"), "{report:#}");
    assert_eq!((verdict(&report, "clock"), night.token_requests()), ("ok", 0));
}

#[test]
fn a_wrong_client_secret_is_found_before_any_refresh_fails() {
    let mut night = Night::falls();
    let account = night.account("test", "alice");
    let wrong = night.place.path("wrong");
    night.out(&["connection", "update", "test", "--client-secret-file", &wrong]);
    let (report, said) = night.fails(&["doctor", "account", &account.id]);
    assert!(said.contains("1 check failed"), "{said}");
    let check = find(&report, "client_authentication");
    assert_eq!(check["verdict"], "fail");
    assert!(check["found"].as_str().unwrap().contains("invalid_client"), "{check}");
    assert!(check["next"].as_str().unwrap().contains("valetkey connection update test"), "{check}");
    assert_eq!(verdict(&report, "connection"), "ok");

    night.try_run(&["account", "refresh", &account.id]);
    let (report, _) = night.fails(&["doctor", "account", &account.id, "--no-probe"]);
    assert_eq!((verdict(&report, "connection"), verdict(&report, "outcomes")), ("fail", "fail"));
}

#[test]
fn a_host_that_does_not_resolve_is_told_from_one_that_does_not_answer_and_one_that_may_not_be_called() {
    let mut night = Night::falls();
    let account = night.account("test", "alice");
    let secret = night.place.path("secret");
    let examine = |uri: &str| {
        let update = ["connection", "update", "test", "--token-uri", uri, "--client-secret-file", &secret];
        night.out(&update);
        let ran = night.try_run(&["doctor", "account", &account.id, "--json"]);
        assert!(!ran.success);
        ran.out.parse::<Value>().unwrap()
    };
    let unknown = examine("https://id.invalid/token");
    assert_eq!((verdict(&unknown, "dns"), verdict(&unknown, "tcp")), ("fail", "skipped"));
    assert!(
        find(&unknown, "dns")["found"].as_str().unwrap().contains("\"id.invalid\" could not be resolved")
    );
    assert_eq!(verdict(&unknown, "client_authentication"), "skipped");

    let refused = examine("https://10.0.0.1/token");
    assert_eq!((verdict(&refused, "dns"), verdict(&refused, "egress")), ("ok", "fail"));
    assert!(find(&refused, "egress")["found"].as_str().unwrap().contains("egress.allow"), "{refused:#}");

    let silent = examine(&format!("http://{}/token", free_port()));
    assert_eq!((verdict(&silent, "egress"), verdict(&silent, "tcp")), ("ok", "fail"));

    // Plain HTTP where TLS is expected.
    let speechless = examine(&night_tls(&night));
    assert_eq!((verdict(&speechless, "tcp"), verdict(&speechless, "tls")), ("ok", "fail"));
    assert_eq!(night.token_requests(), 0);
}

/// The address of the test provider, as if it spoke TLS.
fn night_tls(night: &Night) -> String {
    night.provider.base_url.replace("http://", "https://") + "/token"
}

#[test]
fn a_revoked_account_is_told_as_such() {
    let mut night = Night::falls();
    night.define(
        "leaver",
        "extends: testprovider\nslug: leaver\nprovider_key: LEAVER\nauth:\n  oauth2:\n    token:\n      \
         url: http://127.0.0.1:8444/token\n      answer:\n        errors: [{pointer: /error, equals: invalid_grant, meaning: revoked_at_provider}, {pointer: /error}]\n",
    );
    night.connection("left", "leaver");
    let account = night.account("left", "alice");
    night.provider.provider.revoke_grant(&account.grant.grant);
    let (told, _) = night.fails(&["account", "refresh", &account.id]);
    assert!(told[0]["error"]["message"].as_str().unwrap().contains("revoked_at_provider"), "{told}");
    let (report, _) = night.fails(&["doctor", "account", &account.id]);
    let state = find(&report, "state");
    assert!(state["found"].as_str().unwrap().contains("revoked (revoked_at_provider)"), "{state}");
    assert!(state["next"].as_str().unwrap().contains("valetkey link create left alice"), "{state}");
    assert_eq!((verdict(&report, "state"), verdict(&report, "outcomes")), ("fail", "fail"));
    assert_eq!(verdict(&report, "client_authentication"), "ok");
}

#[test]
fn a_renewal_that_nobody_takes_up_and_a_paused_host_are_seen() {
    let mut night = Night::falls();
    let account = night.account("test", "alice");
    night.out(&["account", "refresh", &account.id]);
    night.damage("UPDATE refreshes SET due_at = due_at - 7200000");
    let report = night.json(&["doctor", "account", &account.id]);
    let expiry = find(&report, "expiry");
    assert_eq!(expiry["verdict"], "warn");
    assert!(expiry["found"].as_str().unwrap().contains("no server has taken it up"), "{expiry}");
    night.damage("UPDATE token_hosts SET failures = 3, paused_until = 4102444800000");
    let report = night.json(&["doctor", "account", &account.id]);
    assert_eq!((verdict(&report, "expiry"), verdict(&report, "host_pause")), ("ok", "warn"));
}

#[test]
fn an_account_without_a_token_is_not_examined_for_one() {
    let night = Night::falls();
    let testkey = std::fs::read_to_string(repository().join("connectors/testkey/connector.yaml")).unwrap();
    night.define("testkey", &testkey);
    night.out(&["connection", "create", "testkey", "--name", "keys"]);
    night.out(&["link", "create", "keys", "alice"]);
    let report = night.json(&["doctor", "account", "--connection", "keys", "--identifier", "alice"]);
    assert_eq!((verdict(&report, "state"), verdict(&report, "tcp")), ("warn", "skipped"));
    assert_eq!((verdict(&report, "expiry"), verdict(&report, "host_pause")), ("skipped", "skipped"));
}
