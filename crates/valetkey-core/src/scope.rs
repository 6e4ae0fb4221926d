//! OAuth scopes as a set (RFC 6749 §3.3): order and repetition carry no meaning.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A set of scopes.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeSet(BTreeSet<String>);

impl ScopeSet {
    /// Splits `text` at `separator` and at white space; empty items are dropped.
    pub fn parse(text: &str, separator: &str) -> Self {
        let separator = if separator.is_empty() { " " } else { separator };
        text.split(separator).flat_map(str::split_whitespace).map(ToOwned::to_owned).collect()
    }

    /// The scopes in order, joined by `separator`.
    pub fn join(&self, separator: &str) -> String {
        self.iter().collect::<Vec<_>>().join(separator)
    }

    /// The scopes in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is no scope.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `scope` is in the set.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// Those of this set that are not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// Those in both sets.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// Those in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }
}

impl<T: Into<String>> FromIterator<T> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().map(Into::into).filter(|scope: &String| !scope.is_empty()).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set() -> impl Strategy<Value = ScopeSet> {
        proptest::collection::vec("[a-e]", 0..6).prop_map(ScopeSet::from_iter)
    }

    proptest! {
        #[test]
        fn what_is_missing_and_what_is_granted_make_up_what_was_requested(asked in set(), granted in set()) {
            let missing = asked.minus(&granted);
            prop_assert_eq!(missing.union(&granted), asked.union(&granted));
            prop_assert!(missing.iter().all(|scope| !granted.contains(scope)));
        }

        #[test]
        fn joining_and_parsing_give_the_same_set(scopes in set(), separator in "[ ,+]") {
            prop_assert_eq!(ScopeSet::parse(&scopes.join(&separator), &separator), scopes);
        }
    }

    #[test]
    fn a_comma_list_with_blanks_and_repetitions_is_one_set() {
        assert_eq!(ScopeSet::parse("repo, user,,repo", ","), ["repo", "user"].into_iter().collect());
    }
}
