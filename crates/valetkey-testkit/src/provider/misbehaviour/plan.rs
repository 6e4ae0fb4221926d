//! Which misbehaviours a request meets.

use super::{Misbehaviour, Place, Rule};

/// The rules that are set.
#[derive(Default)]
pub(in crate::provider) struct Rules(Vec<Set>);

/// A rule that is set.
struct Set {
    rule: Rule,
    /// How many requests it concerned so far.
    seen: u32,
    /// The serial number of the last access token that was issued before it was set.
    since: u64,
}

impl Rules {
    pub(in crate::provider) fn add(&mut self, rule: Rule, since: u64) {
        self.0.push(Set { rule, seen: 0, since });
    }

    pub(in crate::provider) fn clear(&mut self) {
        self.0.clear();
    }

    /// The rules that still hold.
    pub(in crate::provider) fn current(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter().map(|set| &set.rule)
    }

    /// What a request meets. It counts for each rule that concerns it.
    pub(in crate::provider) fn plan(
        &mut self,
        place: Place,
        client: Option<&str>,
        grant: Option<&str>,
    ) -> Plan {
        let mut plan = Plan::default();
        self.0.retain_mut(|set| {
            let fits = |wanted: Option<&str>, is| wanted.is_none_or(|wanted| is == Some(wanted));
            let concerned = set.rule.misbehaviour.places().contains(&place)
                && fits(set.rule.client.as_deref(), client)
                && fits(set.rule.grant.as_deref(), grant);
            let left = set.rule.times.is_none_or(|times| set.seen < times);
            if concerned && left {
                if strikes(&set.rule.misbehaviour, set.seen) {
                    plan.0.push((set.rule.misbehaviour.clone(), set.since));
                }
                set.seen = set.seen.wrapping_add(1);
            }
            set.rule.times.is_none_or(|times| set.seen < times)
        });
        plan
    }
}

/// Whether a misbehaviour happens to a request that has so many before it.
fn strikes(misbehaviour: &Misbehaviour, before: u32) -> bool {
    match misbehaviour {
        Misbehaviour::TokenErrorBurst { failures, .. } => before < *failures,
        Misbehaviour::TokenFlaps { failures, successes, .. } => {
            before % failures.saturating_add(*successes).max(1) < *failures
        }
        _ => true,
    }
}

/// The misbehaviours that one request meets.
#[derive(Default)]
pub(in crate::provider) struct Plan(Vec<(Misbehaviour, u64)>);

impl Plan {
    pub(in crate::provider) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::provider) fn has(&self, misbehaviour: &Misbehaviour) -> bool {
        self.0.iter().any(|(met, _)| met == misbehaviour)
    }

    /// The first that `pick` accepts.
    pub(in crate::provider) fn find<T>(&self, mut pick: impl FnMut(&Misbehaviour) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(|(met, _)| pick(met))
    }

    /// Where a misbehaviour is met, the serial number of the last access token that was issued before it was set.
    pub(in crate::provider) fn since(&self, misbehaviour: &Misbehaviour) -> Option<u64> {
        self.0.iter().find(|(met, _)| met == misbehaviour).map(|(_, since)| *since)
    }
}
