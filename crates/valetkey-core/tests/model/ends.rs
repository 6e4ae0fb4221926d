//! Every run ends: no state is reached twice. Together with what has to hold where nothing can happen any more, every
//! run that is let go on comes to rest.

use std::collections::HashMap;

use stateright::Model;

use crate::{
    provider::Rotation::{Never, Overlapping, Strict},
    scenario::{
        Deed::{Disconnect, Reauthorize, Resume, Suspend},
        Scenario,
    },
    world::World,
};

/// Whether a state can be reached from itself.
fn returns(scenario: &Scenario) -> bool {
    let mut left: HashMap<World, bool> = HashMap::new();
    let mut way: Vec<(World, Vec<World>)> = vec![];
    for first in scenario.init_states() {
        left.insert(first.clone(), false);
        way.push((first.clone(), scenario.next_states(&first)));
    }
    while let Some((world, following)) = way.last_mut() {
        let Some(next) = following.pop() else {
            left.insert(world.clone(), true);
            way.pop();
            continue;
        };
        match left.get(&next) {
            Some(false) => return true,
            Some(true) => {}
            None => {
                left.insert(next.clone(), false);
                let following = scenario.next_states(&next);
                way.push((next, following));
            }
        }
    }
    false
}

#[test]
fn no_state_returns_so_that_every_run_comes_to_an_end() {
    let deeds = &[(Reauthorize, 1), (Disconnect, 1), (Suspend, 1), (Resume, 1)];
    assert!(!returns(&Scenario { deeds, ..Scenario::of(Strict) }));
    for rotation in [Overlapping, Never] {
        assert!(!returns(&Scenario { refreshes: 1, ..Scenario::of(rotation) }));
    }
    let deeds = &[(Suspend, 1), (Resume, 1)];
    assert!(!returns(&Scenario { interleaved: true, refreshes: 1, deeds, ..Scenario::of(Strict) }));
}
