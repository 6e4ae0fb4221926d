//! The protocol with one thing taken away: the model finds what happens then. Were it to find nothing here, what it
//! finds of the whole protocol would say nothing.

use std::collections::BTreeSet;

use stateright::{Checker, HasDiscoveries, Model};

use crate::{
    action::Action,
    database::{Guard, Rules},
    provider::Rotation::{Never, Overlapping, Strict},
    scenario::{
        Deed::{Disconnect, Reauthorize, Resume, Suspend},
        Scenario,
    },
    truth,
};

fn without(guards: &'static [Guard], scenario: Scenario) -> Scenario {
    Scenario { rules: Rules { without: guards, ..scenario.rules }, ..scenario }
}

/// The shortest way in which `property` comes to be violated.
fn violates(scenario: Scenario, property: &'static str) -> Vec<Action> {
    let wanted = HasDiscoveries::AllOf(BTreeSet::from([property]));
    let checked = scenario.checker().finish_when(wanted).spawn_bfs().join();
    checked.assert_any_discovery(property).into_actions()
}

/// Every property is kept but these.
fn keeps_all_but(scenario: Scenario, violated: &[&str]) {
    let checked = scenario.checker().spawn_bfs().join();
    let found: BTreeSet<_> = checked.discoveries().into_keys().collect();
    assert_eq!(found, violated.iter().copied().collect());
}

#[test]
fn without_the_fencing_number_a_paused_process_replaces_a_newer_credential() {
    for rotation in [Strict, Overlapping, Never] {
        let scenario =
            without(&[Guard::Fencing], Scenario { deeds: &[(Reauthorize, 1)], ..Scenario::of(rotation) });
        violates(scenario, truth::IN_PLACE);
    }
    let scenario = Scenario { deeds: &[(Reauthorize, 1)], ..Scenario::of(Strict) };
    violates(without(&[Guard::Fencing], scenario), truth::TRUTHFUL);
}

#[test]
fn without_the_fencing_number_a_token_is_presented_too_often() {
    let scenario = Scenario { faults: 0, ..Scenario::of(Overlapping) };
    violates(without(&[Guard::Fencing], scenario), truth::PRESENTED_ONCE);
}

#[test]
fn where_numbers_begin_anew_a_late_answer_replaces_the_tokens_of_another_authorization() {
    for rotation in [Strict, Overlapping, Never] {
        let scenario = Scenario { deeds: &[(Disconnect, 1), (Reauthorize, 1)], ..Scenario::of(rotation) };
        violates(without(&[Guard::Numbering], scenario), truth::IN_PLACE);
    }
}

#[test]
fn without_the_compare_and_swap_two_credentials_have_one_generation_and_states_are_untrue() {
    let scenario = Scenario {
        interleaved: true,
        refreshes: 1,
        faults: 0,
        deeds: &[(Reauthorize, 1), (Suspend, 1), (Resume, 1)],
        ..Scenario::of(Strict)
    };
    let scenario = without(&[Guard::Version, Guard::Generation], scenario);
    violates(scenario, truth::GENERATIONS);
    violates(scenario, truth::TRUTHFUL);
    violates(scenario, truth::SUSPENSION);
}

#[test]
fn the_generation_is_compared_for_when_the_version_is_not_and_the_other_way_round() {
    let scenario = Scenario {
        interleaved: true,
        refreshes: 1,
        faults: 0,
        deeds: &[(Reauthorize, 2)],
        ..Scenario::of(Strict)
    };
    keeps_all_but(without(&[Guard::Version], scenario), &[]);
    keeps_all_but(without(&[Guard::Generation], scenario), &[]);
    violates(without(&[Guard::Version, Guard::Generation], scenario), truth::GENERATIONS);
}

#[test]
fn where_the_open_attempt_is_not_compared_an_outdated_decision_gives_up_a_good_credential() {
    let scenario = Scenario { interleaved: true, refreshes: 1, ..Scenario::of(Strict) };
    violates(without(&[Guard::OpenAttempt], scenario), truth::TRUTHFUL);
    let scenario = Scenario { interleaved: true, refreshes: 1, ..Scenario::of(Overlapping) };
    violates(without(&[Guard::OpenAttempt], scenario), truth::IN_PLACE);
}

#[test]
fn where_the_schedule_is_written_unseen_an_account_is_forgotten() {
    let scenario = Scenario {
        interleaved: true,
        refreshes: 1,
        deeds: &[(Suspend, 1), (Resume, 1)],
        ..Scenario::of(Strict)
    };
    violates(without(&[Guard::Schedule], scenario), truth::SCHEDULED);
}

#[test]
fn clocks_that_differ_by_forty_seconds_let_a_punctual_attempt_be_overtaken() {
    violates(Scenario { punctual: true, clocks: &[0, 2], ..Scenario::of(Strict) }, truth::ALONE);
}

#[test]
fn a_definition_that_wrongly_tolerates_repeats_ends_the_authorization() {
    let scenario = Scenario::of(Strict);
    let wrong = Scenario { rules: Rules { repeat_tolerated: true, ..scenario.rules }, ..scenario };
    violates(wrong, truth::TRUTHFUL);
}
