//! A map that forgets its oldest entries.

use std::collections::{HashMap, VecDeque};

/// How many entries are kept.
const CAPACITY: usize = 10_000;

/// A map that keeps the last entries only, so that a long run does not fill the memory.
pub(super) struct Bounded<V> {
    entries: HashMap<String, V>,
    /// Keys from the oldest to the newest; those that were taken are skipped when their turn comes.
    order: VecDeque<String>,
}

impl<V> Default for Bounded<V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<V> Bounded<V> {
    pub(super) fn insert(&mut self, key: String, value: V) {
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
        while self.order.len() > CAPACITY {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<V> {
        self.entries.remove(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_make_room() {
        let mut map = Bounded::default();
        for number in 0..=CAPACITY {
            map.insert(number.to_string(), number);
        }
        assert_eq!((map.get_mut("0").copied(), map.get_mut("1").copied()), (None, Some(1)));
        assert_eq!(map.entries.len(), CAPACITY);
    }
}
