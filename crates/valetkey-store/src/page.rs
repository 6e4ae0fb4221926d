//! Pages of a list, by key and not by offset, so that the last page is as fast as the first.

use std::str::FromStr;

use crate::{Result, StoreError};

/// Totals are counted up to here: a total of this much means "this many or more".
pub const COUNT_LIMIT: i64 = 10_000;

/// How many items a page has where nobody says.
const DEFAULT_SIZE: u32 = 10;

/// The most items a page can have.
const MAX_SIZE: u32 = 1000;

/// Which page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items, at most 1,000; 0 for the default of 10.
    pub size: u32,
    /// The token of the page, from [`Page::next`] or [`Page::previous`]; absent or empty for the first page.
    pub token: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The token of the page after this one, at most 32 characters; `None` at the end.
    pub next: Option<String>,
    /// The token of the page before this one, at most 32 characters; `None` at the start.
    pub previous: Option<String>,
    /// How many items the whole list has, counted up to [`COUNT_LIMIT`].
    pub total: i64,
}

/// In which direction the database walks from the cursor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    /// To the items after it.
    Next,
    /// To the items before it.
    Previous,
}

/// A page request, understood: walk from `from` (an id; `None` from the start) in `direction`.
///
/// A token is one letter for the direction and the 26 characters of an id without its prefix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Cursor {
    pub(crate) direction: Direction,
    pub(crate) from: Option<String>,
    size: usize,
}

impl Cursor {
    /// Reads a request for a list of `T`s, whose ids start with `prefix`.
    pub(crate) fn new<T: FromStr>(request: &PageRequest, prefix: &str) -> Result<Self> {
        let size = if request.size == 0 { DEFAULT_SIZE } else { request.size.min(MAX_SIZE) } as usize;
        let Some(token) = request.token.as_deref().filter(|token| !token.is_empty()) else {
            return Ok(Self { direction: Direction::Next, from: None, size });
        };
        let (direction, body) = match token.split_at_checked(1) {
            Some(("n", body)) => (Direction::Next, body),
            Some(("p", body)) => (Direction::Previous, body),
            _ => return Err(StoreError::PageToken),
        };
        let from = format!("{prefix}{body}");
        T::from_str(&from).map_err(|_| StoreError::PageToken)?;
        Ok(Self { direction, from: Some(from), size })
    }

    /// How many rows to ask for: one more than the page, to know whether there is another.
    pub(crate) fn limit(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// The id to walk from, or an end of the list: `start` sorts before every item in the order of the walk.
    pub(crate) fn start_or(&self, start: &str) -> String {
        self.from.clone().unwrap_or_else(|| start.to_owned())
    }

    /// Makes the page of up to [`limit`](Self::limit) rows in the order of the walk. `body` gives the part of an
    /// item's id after its prefix.
    pub(crate) fn page<T>(&self, mut items: Vec<T>, total: i64, body: impl Fn(&T) -> &str) -> Page<T> {
        let more = items.len() > self.size;
        items.truncate(self.size);
        if self.direction == Direction::Previous {
            items.reverse();
        }
        let (after, before) = match self.direction {
            Direction::Next => (more, self.from.is_some()),
            Direction::Previous => (true, more),
        };
        let next = items.last().filter(|_| after).map(|item| format!("n{}", body(item)));
        let previous = items.first().filter(|_| before).map(|item| format!("p{}", body(item)));
        Page { items, next, previous, total: total.min(COUNT_LIMIT) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use valetkey_core::id::AccountId;

    use super::*;

    fn cursor(token: &str) -> Result<Cursor> {
        let request = PageRequest { size: 2, token: Some(token.to_owned()) };
        Cursor::new::<AccountId>(&request, AccountId::PREFIX)
    }

    #[test]
    fn a_token_that_no_list_gave_is_refused() {
        for token in ["x", "n", "nshort", "é", "n00000000000000000000000000'", "q00000000000000000000000000"]
        {
            assert!(matches!(cursor(token), Err(StoreError::PageToken)), "{token}");
        }
    }

    #[test]
    fn a_token_has_at_most_32_characters_and_is_read_back() {
        let first =
            Cursor::new::<AccountId>(&PageRequest { size: 1, token: None }, AccountId::PREFIX).unwrap();
        let page = first.page(vec!["0123456789abcdefghjkmnpqrs", "x"], 2, |item| item);
        let token = page.next.unwrap();
        assert!(token.len() <= 32 && page.previous.is_none());
        assert_eq!(cursor(&token).unwrap().from.unwrap(), "ca_0123456789abcdefghjkmnpqrs");
    }
}
