//! The protocol as it is: nothing that must not happen does, in any state.

use stateright::{Checker, HasDiscoveries, Model};

use crate::{
    database::Rules,
    provider::Rotation::{self, Never, Overlapping, Strict},
    scenario::{
        Deed::{Consent, Disconnect, Reauthorize, Refuse, Resume, Suspend, Verify, Withdraw},
        Scenario,
    },
    truth,
};

fn holds(scenario: Scenario) {
    let checked = scenario.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    checked.assert_properties();
}

/// Tokens run out, and are refreshed by themselves or not.
fn with_lifetime(rotation: Rotation, ticks: i64, auto_refresh: bool) -> Scenario {
    let scenario = Scenario::of(rotation);
    Scenario { rules: Rules { lifetime: Some(ticks), auto_refresh, ..scenario.rules }, ..scenario }
}

#[test]
fn three_processes_whose_clocks_differ_keep_an_account_at_a_strict_provider() {
    holds(Scenario {
        clocks: &[0, 0, 1],
        refreshes: 3,
        faults: 2,
        deeds: &[(Reauthorize, 1), (Disconnect, 1), (Suspend, 1), (Resume, 1)],
        reaches: &[
            truth::TWO_AT_ONCE,
            truth::GIVEN_UP_AND_ANSWERED,
            truth::SUSPENDED_MEANWHILE,
            truth::CONNECTED_ANEW,
            truth::LOST,
        ],
        ..Scenario::of(Strict)
    });
}

#[test]
fn repeated_presentations_stay_within_what_a_tolerant_provider_allows() {
    for rotation in [Overlapping, Never] {
        holds(Scenario { reaches: &[truth::TWO_AT_ONCE, truth::LOST], ..Scenario::of(rotation) });
    }
}

#[test]
fn an_account_at_a_tolerant_provider_is_connected_anew() {
    for (rotation, refreshes) in [(Overlapping, 2), (Never, 1)] {
        holds(Scenario {
            refreshes,
            faults: 0,
            deeds: &[(Reauthorize, 1), (Disconnect, 1)],
            reaches: &[truth::TWO_AT_ONCE, truth::CONNECTED_ANEW],
            ..Scenario::of(rotation)
        });
    }
}

#[test]
fn access_tokens_run_out_while_an_account_is_suspended_and_resumed() {
    holds(Scenario {
        clocks: &[0, 1],
        deeds: &[(Reauthorize, 1), (Suspend, 1), (Resume, 1)],
        reaches: &[truth::LOST, truth::LOST_AND_OVER, truth::GIVEN_UP_AND_ANSWERED],
        ..with_lifetime(Strict, 2, true)
    });
    for rotation in [Overlapping, Never] {
        holds(Scenario {
            clocks: &[0, 1],
            refreshes: 1,
            deeds: &[(Suspend, 1), (Resume, 1)],
            reaches: &[truth::LOST, truth::LOST_AND_OVER, truth::TWO_AT_ONCE],
            ..with_lifetime(rotation, 2, true)
        });
    }
}

#[test]
fn an_account_that_is_refreshed_by_hand_only_says_what_became_of_it() {
    holds(Scenario {
        clocks: &[0, 1],
        deeds: &[(Reauthorize, 1), (Suspend, 1), (Resume, 1)],
        reaches: &[truth::RAN_OUT, truth::LOST_AND_OVER, truth::GIVEN_UP_AND_ANSWERED],
        ..with_lifetime(Strict, 1, false)
    });
    for rotation in [Overlapping, Never] {
        holds(Scenario {
            clocks: &[0, 1],
            refreshes: 1,
            deeds: &[(Suspend, 1), (Resume, 1)],
            reaches: &[truth::RAN_OUT, truth::LOST_AND_OVER, truth::TWO_AT_ONCE],
            ..with_lifetime(rotation, 1, false)
        });
    }
}

#[test]
fn a_refresh_goes_on_while_the_application_confirms_another_consent() {
    for rotation in [Strict, Overlapping, Never] {
        holds(Scenario {
            refreshes: 1,
            deeds: &[(Consent, 1), (Verify, 1), (Refuse, 1)],
            reaches: &[truth::RAN_OUT, truth::REFUSED_MEANWHILE],
            ..with_lifetime(rotation, 1, false)
        });
    }
    holds(Scenario {
        deeds: &[(Disconnect, 1), (Consent, 2), (Verify, 1), (Refuse, 1)],
        ..Scenario::of(Strict)
    });
}

#[test]
fn the_user_withdraws_access_at_the_provider() {
    for rotation in [Strict, Overlapping, Never] {
        holds(Scenario {
            refreshes: if rotation == Strict { 2 } else { 1 },
            deeds: &[(Withdraw, 1), (Reauthorize, 1)],
            reaches: &[truth::REVOKED, truth::LOST],
            ..Scenario::of(rotation)
        });
    }
}

#[test]
fn a_provider_that_fails_for_long_does_not_make_a_state_untrue() {
    for rotation in [Strict, Overlapping, Never] {
        let scenario = with_lifetime(rotation, 1, true);
        holds(Scenario {
            rules: Rules { failures: 98, ..scenario.rules },
            faults: 2,
            reaches: &[truth::RAN_OUT],
            ..scenario
        });
    }
}

#[test]
fn transactions_that_others_commit_in_between_decide_nothing_that_is_outdated() {
    holds(Scenario {
        interleaved: true,
        refreshes: 1,
        deeds: &[(Suspend, 1), (Resume, 1)],
        reaches: &[truth::SUSPENDED_MEANWHILE, truth::GIVEN_UP_AND_ANSWERED],
        ..Scenario::of(Strict)
    });
    holds(Scenario {
        interleaved: true,
        deeds: &[(Reauthorize, 1), (Disconnect, 1)],
        reaches: &[truth::CONNECTED_ANEW, truth::TWO_AT_ONCE],
        ..Scenario::of(Strict)
    });
}

#[test]
fn transactions_that_others_commit_in_between_repeat_nothing_that_is_outdated() {
    for rotation in [Overlapping, Never] {
        holds(Scenario {
            interleaved: true,
            refreshes: 1,
            faults: 0,
            deeds: &[(Reauthorize, 1)],
            reaches: &[truth::TWO_AT_ONCE],
            ..Scenario::of(rotation)
        });
    }
}

#[test]
fn clocks_that_differ_by_twenty_seconds_let_no_punctual_attempt_be_overtaken() {
    for rotation in [Strict, Overlapping, Never] {
        holds(Scenario {
            punctual: true,
            clocks: &[0, 0, 1],
            refreshes: 3,
            reaches: &[truth::LOST],
            ..Scenario::of(rotation)
        });
    }
}

#[test]
fn three_processes_share_an_account_at_a_tolerant_provider() {
    for rotation in [Overlapping, Never] {
        holds(Scenario {
            clocks: &[0, 0, 1],
            refreshes: 1,
            deeds: &[(Suspend, 1), (Resume, 1)],
            reaches: &[truth::SUSPENDED_MEANWHILE, truth::LOST],
            ..Scenario::of(rotation)
        });
    }
}
