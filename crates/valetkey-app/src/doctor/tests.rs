#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use valetkey_core::{
    Entropy, Timestamp,
    account::{NextAction, Reason, State},
    connector::AuthType,
    id::{AccountId, ConnectionId, EnvironmentId, RevocationId},
    refresh::OutcomeClass,
    revocation::RevocationState,
    scope::ScopeSet,
    settings::AccountSettings,
};
use valetkey_store::{revocation::Revocation, token_host::TokenHost};

use super::{
    Verdict,
    account::{Renewal, expiry, outcomes, scopes, state},
    surroundings::{host_pause, revocations},
    words::Remedy,
};
use crate::account::{Account, TokenStatus};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn account() -> Account {
    Account {
        id: AccountId::new(NOW, &Zeros),
        environment_id: EnvironmentId::new(NOW, &Zeros),
        connection_id: ConnectionId::new(NOW, &Zeros),
        connection_name: "my mail".into(),
        connector: "GMAIL".into(),
        auth_type: AuthType::Oauth2,
        connection_fault: None,
        identifier: "user_1".into(),
        identifier_type: "custom".into(),
        organization_id: None,
        user_id: None,
        state: State::Active,
        reason: Reason::None,
        state_changed_at: NOW,
        api_config: None,
        metadata: "{}".into(),
        application_metadata: "{}".into(),
        settings: AccountSettings::default(),
        test_mode: false,
        narrowed_scopes: None,
        requested_scopes: ScopeSet::default(),
        granted_scopes: ScopeSet::default(),
        token_expires_at: None,
        last_used_at: None,
        last_authorized_at: None,
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// A token that was issued half an hour ago, runs out in as much, and is renewed in time.
fn status() -> TokenStatus {
    TokenStatus {
        state: State::Active,
        reason: Reason::None,
        next_action: NextAction::None,
        generation: 1,
        issued_at: Some(NOW.plus_seconds(-1800)),
        expires_at: Some(NOW.plus_seconds(1800)),
        refreshable: true,
        auto_refresh: true,
        due_at: Some(NOW.plus_seconds(1500)),
        failures: 0,
        last_outcome: None,
        last_detail: None,
        last_outcome_at: None,
        attempt_open: false,
        connection_fault: None,
        revocation: None,
    }
}

fn renewal(status: &TokenStatus) -> Renewal<'_> {
    Renewal { status, renewed: true, ended: None, waits: false, held: false }
}

#[test]
fn a_state_fails_where_the_account_does_not_work_and_nobody_wanted_that() {
    let row = account();
    for &given in State::ALL {
        let status = TokenStatus {
            state: given,
            next_action: NextAction::of(given, Reason::RefreshFailed),
            reason: Reason::RefreshFailed,
            ..status()
        };
        let check = state(&status, &Remedy::of(&row));
        let expected = match given {
            State::Active => Verdict::Ok,
            State::Expired | State::Revoked | State::Error => Verdict::Fail,
            State::PendingAuth | State::PendingVerification | State::Suspended | State::Disconnected => {
                Verdict::Warn
            }
        };
        assert_eq!((check.verdict, check.next.is_none()), (expected, expected == Verdict::Ok), "{check:?}");
    }
}

#[test]
fn every_outcome_has_its_verdict_and_says_what_the_provider_said() {
    let row = account();
    for &class in OutcomeClass::ALL {
        let status = TokenStatus {
            last_outcome: Some(class),
            last_detail: Some("as the provider put it".into()),
            last_outcome_at: Some(NOW.plus_seconds(-120)),
            failures: 3,
            ..status()
        };
        let check = outcomes(&renewal(&status), true, &Remedy::of(&row), NOW);
        let expected = match class {
            OutcomeClass::Success => Verdict::Ok,
            OutcomeClass::Transient
            | OutcomeClass::RateLimited
            | OutcomeClass::UnusableAnswer
            | OutcomeClass::Unknown => Verdict::Warn,
            OutcomeClass::GrantRevoked
            | OutcomeClass::RevokedAtProvider
            | OutcomeClass::ClientMisconfigured
            | OutcomeClass::ScopeProblem => Verdict::Fail,
        };
        assert_eq!(check.verdict, expected, "{check:?}");
        for words in ["2 minutes ago, 3 times in a row", class.as_str(), "as the provider put it"] {
            assert!(check.found.contains(words), "{words} in {check:?}");
        }
    }
}

#[test]
fn a_refused_client_does_not_count_against_a_connection_that_was_corrected() {
    let row = account();
    let status = TokenStatus { last_outcome: Some(OutcomeClass::ClientMisconfigured), ..status() };
    assert_eq!(outcomes(&renewal(&status), false, &Remedy::of(&row), NOW).verdict, Verdict::Warn);
}

#[test]
fn a_token_that_nothing_renews_warns_while_it_lasts_and_fails_afterwards() {
    let row = account();
    let with = |change: fn(&mut TokenStatus), ended| {
        let both = [1800, -1800].map(|left| {
            let mut status = status();
            status.expires_at = Some(NOW.plus_seconds(left));
            change(&mut status);
            let renewal = Renewal { ended, ..renewal(&status) };
            expiry(&renewal, &Remedy::of(&row), NOW)
        });
        assert!(both.iter().all(|check| check.next.is_some()), "{both:?}");
        both.map(|check| check.verdict)
    };
    let warns_then_fails = [Verdict::Warn, Verdict::Fail];
    assert_eq!(with(|status| status.refreshable = false, None), warns_then_fails);
    assert_eq!(with(|status| status.auto_refresh = false, None), warns_then_fails);
    assert_eq!(with(|_| (), Some(Reason::RefreshOutcomeUnknown)), warns_then_fails);
    assert_eq!(with(|status| status.due_at = Some(NOW.plus_seconds(-61)), None), warns_then_fails);
}

#[test]
fn a_token_that_is_renewed_in_time_or_never_runs_out_is_fine() {
    let row = account();
    let fine = |status: &TokenStatus| expiry(&renewal(status), &Remedy::of(&row), NOW).verdict == Verdict::Ok;
    assert!(fine(&status()));
    assert!(fine(&TokenStatus { expires_at: None, due_at: None, refreshable: false, ..status() }));
    assert!(fine(&TokenStatus { due_at: Some(NOW.plus_seconds(-59)), ..status() }));
    let overdue = TokenStatus { due_at: Some(NOW.plus_seconds(-3600)), ..status() };
    for waiting in [Renewal { waits: true, ..renewal(&overdue) }, Renewal { held: true, ..renewal(&overdue) }]
    {
        assert_eq!(expiry(&waiting, &Remedy::of(&row), NOW).verdict, Verdict::Ok);
    }
}

#[test]
fn scopes_that_were_not_granted_are_named() {
    let row = account();
    let set = |names: &[&str]| names.iter().copied().collect::<ScopeSet>();
    let check = scopes(&set(&["read", "write"]), &set(&["read"]), true, &Remedy::of(&row));
    assert_eq!((check.verdict, check.found.as_str()), (Verdict::Warn, "asked for and not granted: write"));
    assert!(check.next.unwrap().contains("valetkey link create 'my mail' user_1"));
    assert_eq!(scopes(&set(&["read"]), &set(&[]), false, &Remedy::of(&row)).verdict, Verdict::Skipped);
}

#[test]
fn an_account_of_an_organization_gets_its_link_from_the_application() {
    let row = Account { organization_id: Some("org".into()), ..account() };
    assert!(!Remedy::of(&row).reauthorize().contains("valetkey link create"));
}

#[test]
fn a_host_is_paused_until_its_time_has_come() {
    let host = |until| TokenHost {
        host: "id.example:443".into(),
        failures: 2,
        paused_until: Some(NOW.plus_seconds(until)),
    };
    assert_eq!(host_pause(Some(&host(30)), NOW).verdict, Verdict::Warn);
    assert_eq!(host_pause(Some(&host(-30)), NOW).verdict, Verdict::Ok);
    assert_eq!(host_pause(None, NOW).verdict, Verdict::Skipped);
}

#[test]
fn destroyed_tokens_warn_until_the_provider_knows() {
    for &state in RevocationState::ALL {
        let told = Revocation {
            id: RevocationId::new(NOW, &Zeros),
            environment_id: EnvironmentId::new(NOW, &Zeros),
            account_id: AccountId::new(NOW, &Zeros),
            connection_id: ConnectionId::new(NOW, &Zeros),
            sealed: None,
            state,
            detail: None,
            attempts: 0,
            due_at: None,
            created_at: NOW,
            ended_at: None,
        };
        let expected = match state {
            RevocationState::Revoked | RevocationState::Unsupported => Verdict::Ok,
            RevocationState::Pending | RevocationState::Failed => Verdict::Warn,
        };
        assert_eq!(revocations(Some(&told), NOW).verdict, expected);
    }
}
