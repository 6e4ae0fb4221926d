//! `valetkey account`: what an operator sees of an account, and does to it.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use valetkey_testkit::provider::{Misbehaviour, Moment};

use crate::night::Night;

#[test]
fn an_account_is_shown_with_state_token_and_journal_and_without_tokens() {
    let mut night = Night::falls();
    let account = night.account("test", "alice");
    night.out(&["account", "refresh", &account.id]);
    let shown = night.json(&["account", "show", &account.id]);
    assert_eq!((&shown["identifier"], &shown["connection"]), (&"alice".into(), &"test".into()));
    assert_eq!((&shown["state"], &shown["reason"]), (&"active".into(), &"none".into()));
    assert_eq!((&shown["next_action"], &shown["next"]), (&"none".into(), &Value::Null));
    assert_eq!(shown["scopes"]["granted"], serde_json::json!(["profile", "read"]));
    assert_eq!(
        (&shown["token"]["generation"], &shown["token"]["last_outcome"]),
        (&2.into(), &"success".into())
    );
    let kinds: Vec<&str> =
        shown["journal"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    // Those of one transaction have the same time.
    assert_eq!((kinds.len(), kinds[0]), (4, "token.refreshed"), "{kinds:?}");
    for kind in ["account.created", "credential.stored", "account.state_changed"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }

    let text = night.out(&["account", "show", "--connection", "TEST", "--identifier", "alice"]);
    assert!(text.contains(&account.id), "{text}");
    for words in ["active since", "number 2, issued", "runs out", "(in ", "by itself, due", "success"] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    assert!(text.lines().count() <= 40, "more than a screen:\n{text}");
}

#[test]
fn the_last_calls_of_an_account_are_shown_newest_first() {
    let mut night = Night::falls();
    let account = night.account("test", "alice");
    night.account("test", "bob");
    assert!(!night.out(&["account", "show", &account.id]).contains("calls"));
    for status in [200, 201, 202, 404, 403, 500] {
        night.answer_with("alice", status);
    }
    night.answer_with("bob", 404);
    let shown = night.json(&["account", "show", &account.id]);
    let calls = shown["calls"].as_array().unwrap();
    let statuses: Vec<_> = calls.iter().map(|call| call["status"].as_i64().unwrap()).collect();
    assert_eq!(statuses, [500, 403, 404, 202, 201]);
    assert_eq!((&calls[0]["outcome"], &calls[0]["actor"]), (&"provider_error".into(), &"operator".into()));
    let text = night.out(&["account", "show", &account.id]);
    let line = text.lines().find(|line| line.contains("test_404")).unwrap();
    assert!(line.contains("provider_error") && line.contains("testprovider_answer_with"), "{line}");
}

#[test]
fn scopes_that_are_missing_are_shown() {
    let mut night = Night::falls();
    let account = night.account("test", "alice");
    night.damage(r#"UPDATE accounts SET requested_scopes = '["profile","read","write"]'"#);
    assert_eq!(
        night.json(&["account", "show", &account.id])["scopes"]["missing"],
        serde_json::json!(["write"])
    );
    assert!(night.out(&["account", "show", &account.id]).contains("scopes missing    write"));
}

#[test]
fn an_account_is_named_by_its_id_or_by_connection_and_identifier_and_never_by_half() {
    let mut night = Night::falls();
    let id = night.account("test", "alice").id;
    for arguments in [
        &["account", "show"][..],
        &["account", "show", "--connection", "test"],
        &["account", "show", "--identifier", "alice"],
        &["account", "show", &id, "--connection", "test", "--identifier", "alice"],
        &["account", "show", &id, "--organization", "acme"],
        &["account", "refresh"],
        &["account", "refresh", &id, "--all-of", "test"],
        &["account", "refresh", &id, "--state", "active"],
        &["account", "refresh", "--all-of", "test", "--identifier", "alice"],
        &["account", "set", &id],
    ] {
        let ran = night.try_run(arguments);
        assert!(!ran.success && ran.err.contains("Usage: valetkey account"), "{arguments:?}: {}", ran.err);
    }
    let said = night.try_run(&["account", "show", "--connection", "tets", "--identifier", "alice"]).err;
    assert!(said.contains("did you mean \"test\"?"), "{said}");
    let said = night.try_run(&["account", "suspend", "--connection", "test", "--identifier", "bob"]).err;
    assert!(said.contains("identifier \"bob\" not found in connection \"test\""), "{said}");
}

#[test]
fn an_identifier_of_two_organizations_needs_the_organization() {
    let mut night = Night::falls();
    let one = night.account_in("test", "alice", "acme");
    let two = night.account_in("test", "alice", "globex");
    let named = ["account", "show", "--connection", "test", "--identifier", "alice"];
    assert!(night.try_run(&named).err.contains("several accounts"));
    for (organization, account) in [("acme", one), ("globex", two)] {
        let shown = night.json(&[&named[..], &["--organization", organization]].concat());
        assert_eq!(shown["id"], account.id.as_str());
    }
}

#[test]
fn a_refresh_of_many_tells_of_each_and_fails_where_one_failed() {
    let mut night = Night::falls();
    let accounts: Vec<_> = ["a", "b", "c"].map(|name| night.account("test", name)).into();
    night
        .provider
        .provider
        .misbehave(Misbehaviour::named("token_error", None).unwrap().for_grant(&accounts[1].grant.grant));
    let ids: Vec<&str> = accounts.iter().map(|account| account.id.as_str()).collect();
    let (told, said) = night.fails(&[&["account", "refresh"], &ids[..]].concat());
    let results: Vec<_> =
        told.as_array().unwrap().iter().map(|one| one["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["refreshed", "failed", "refreshed"]);
    assert_eq!(told[1]["id"], ids[1]);
    assert!(told[1]["error"]["message"].as_str().unwrap().contains("grant_revoked"), "{told}");
    assert!(said.contains("1 of 3 accounts were not refreshed"), "{said}");
    let shown = night.json(&["account", "show", ids[1]]);
    assert_eq!((&shown["state"], &shown["reason"]), (&"expired".into(), &"refresh_failed".into()));
    assert!(shown["next"].as_str().unwrap().contains("valetkey link create test b"), "{shown}");
}

#[test]
fn all_accounts_of_a_connection_are_refreshed_in_the_states_in_which_that_helps() {
    let mut night = Night::falls();
    let accounts: Vec<_> = ["a", "b", "c"].map(|name| night.account("test", name)).into();
    night.out(&["account", "suspend", &accounts[2].id]);
    let told = night.json(&["account", "refresh", "--all-of", "test"]);
    let ids: Vec<_> = told.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&accounts[0].id, &accounts[1].id]);
    assert_eq!(night.token_requests(), 2);

    let (told, _) = night.fails(&["account", "refresh", "--all-of", "test", "--state", "suspended"]);
    assert_eq!((told.as_array().unwrap().len(), &told[0]["result"]), (1, &"failed".into()));
    assert_eq!(night.token_requests(), 2);
    let said = night.try_run(&["account", "refresh", "--all-of", "test", "--state", "tired"]).err;
    assert!(said.contains("must be one of pending_auth, "), "{said}");
    assert!(
        night.out(&["account", "refresh", "--all-of", "test", "--state", "revoked"]).contains("no account")
    );
}

#[test]
fn an_account_is_suspended_resumed_disconnected_and_deleted() {
    let mut night = Night::falls();
    let id = night.account("test", "alice").id;
    let suspended = night.json(&["account", "suspend", &id]);
    assert_eq!((&suspended["state"], &suspended["next_action"]), (&"suspended".into(), &"resume".into()));
    assert_eq!(suspended["token"]["due_at"], Value::Null);
    assert!(night.try_run(&["account", "refresh", &id]).err.contains("1 of 1 accounts were not refreshed"));

    let resumed = night.json(&["account", "resume", &id]);
    assert_eq!((&resumed["state"], &resumed["reason"]), (&"active".into(), &"none".into()));
    assert!(night.try_run(&["account", "resume", &id]).err.contains("cannot take the event"));

    let disconnected = night.json(&["account", "disconnect", &id]);
    assert_eq!(
        (&disconnected["state"], &disconnected["token"]["generation"]),
        (&"disconnected".into(), &0.into())
    );
    assert_eq!(disconnected["revocation"]["result"], "pending");
    assert!(night.try_run(&["account", "suspend", &id]).err.contains("cannot take the event"));

    assert!(night.out(&["account", "delete", &id]).contains(&format!("connected account {id} is deleted")));
    assert!(night.try_run(&["account", "show", &id]).err.contains("not found"));
    assert_eq!(night.json(&["account", "list"]).as_array().unwrap().len(), 0);
    assert_eq!(night.token_requests(), 0);
}

#[test]
fn settings_change_one_at_a_time_and_within_their_bounds() {
    let mut night = Night::falls();
    let id = night.account("test", "alice").id;
    let token =
        |shown: &Value| (shown["token"]["auto_refresh"].clone(), shown["token"]["expires_in"].clone());
    let off = night.json(&["account", "set", &id, "--auto-refresh", "false"]);
    assert_eq!(token(&off), (false.into(), Value::Null));
    let limited = night.json(&["account", "set", &id, "--expires-in", "10m"]);
    assert_eq!(token(&limited), (false.into(), 600.into()));
    night.out(&["account", "refresh", &id]);
    assert!(night.out(&["account", "show", &id]).contains("on request only (auto_refresh is off)"));
    let back = night.json(&["account", "set", &id, "--auto-refresh", "true", "--expires-in", "default"]);
    assert_eq!(token(&back), (true.into(), Value::Null));
    for (value, why) in [("59", "must be from 60 to 31536000 seconds"), ("soon", "must be a length of time")]
    {
        let said = night.try_run(&["account", "set", &id, "--expires-in", value]).err;
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_refused_client_is_shown_as_a_fault_of_the_connection_until_it_is_corrected() {
    let mut night = Night::falls();
    let id = night.account("test", "alice").id;
    let wrong = night.place.path("wrong");
    night.out(&["connection", "update", "test", "--client-secret-file", &wrong]);
    let (told, _) = night.fails(&["account", "refresh", &id]);
    assert!(told[0]["error"]["message"].as_str().unwrap().contains("client_misconfigured"), "{told}");
    let shown = night.json(&["account", "show", &id]);
    assert!(shown["connection_fault"].as_str().unwrap().contains("invalid_client"), "{shown}");

    let secret = night.place.path("secret");
    night.out(&["connection", "update", "test", "--client-secret-file", &secret]);
    night.out(&["account", "refresh", &id]);
    assert_eq!(night.json(&["account", "show", &id])["connection_fault"], Value::Null);
}

#[test]
fn a_refresh_of_many_that_is_stopped_keeps_the_tokens_that_are_on_their_way() {
    let mut night = Night::falls();
    let accounts: Vec<_> = ["a", "b", "c"].map(|name| night.account("test", name)).into();
    let mut gate = night.provider.provider.hold_token_requests(&[Moment::AfterIssuing]);
    let mut command = night.command(&["account", "refresh", "--all-of", "test"]);
    command.env("VALETKEY_REFRESH_PER_HOST", "1").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let held = night.wait(gate.next());
    kill_process(Pid::from_child(&process), Signal::INT).unwrap();
    let mut said = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(said.next().unwrap(), "stopping after the requests that are under way");
    held.proceed();
    assert!(!process.wait().unwrap().success());
    let said: Vec<String> = said.collect();
    assert_eq!(said, ["error: stopped after 1 accounts, of which 0 were not refreshed"]);
    let generation = |id: &str| night.json(&["account", "show", id])["token"]["generation"].clone();
    assert_eq!((generation(&accounts[0].id), generation(&accounts[1].id)), (2.into(), 1.into()));
    assert_eq!(night.token_requests(), 1);
}
