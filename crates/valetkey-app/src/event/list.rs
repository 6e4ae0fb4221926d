//! List what happened, oldest first, to follow it.

use valetkey_core::{
    Timestamp,
    id::{ConnectionId, EventId},
    journal::EventKind,
};
use valetkey_store::{StoreError, event};

use super::Event;
use crate::{App, Caller, Error, Result, connection::addressed};

/// How long after an event it is listed, in seconds. Events are ordered by when they were written down, and another
/// process may commit one a moment later than a younger one; what a page has passed is not looked at again. The clocks
/// of the processes and the time until a commit must not differ by more than this.
pub(crate) const SETTLING_SECONDS: i64 = 5;

/// Events of a page whose size nobody names, and the most that one has.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

/// Which events. Absent and empty fields let every event through.
#[derive(Clone, Debug, Default)]
pub struct ListEvents {
    /// About this account, which may have been deleted since.
    pub account_id: Option<String>,
    /// About this connection, by id or name.
    pub connection_id: Option<String>,
    /// Of any of these kinds.
    pub kinds: Vec<String>,
    /// At this time or after it.
    pub since: Option<Timestamp>,
    /// Events of a page, at most 1,000; 0 for 100.
    pub size: u32,
    /// The token of the page before; absent or empty for the first page.
    pub token: Option<String>,
}

/// A page of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events, oldest first. There can be fewer than asked for, or none, where much that was not asked for lies between.
    pub events: Vec<Event>,
    /// The token for what comes next. It stays good.
    pub next: String,
    /// Whether more may follow at once.
    pub more: bool,
}

impl App {
    /// What happened in the caller's environment, oldest first, up to five seconds ago.
    pub async fn list_events(&self, caller: &Caller, request: ListEvents) -> Result<EventPage> {
        let after = cursor(request.token.as_deref())?;
        let limit = if request.size == 0 { PAGE } else { request.size.min(LARGEST_PAGE) };
        let mut reader = self.pool.read().await?;
        let connection = match given(request.connection_id) {
            None => None,
            // It may have been deleted since.
            Some(text) => match text.parse::<ConnectionId>() {
                Ok(id) => Some(id),
                Err(_) => Some(addressed(&mut reader, &caller.environment, &text).await?.id),
            },
        };
        let filter = event::Filter {
            account: given(request.account_id)
                .map(|text| {
                    text.parse().map_err(|error| Error::invalid("account_id", "id", format!("{error}")))
                })
                .transpose()?,
            connection,
            kinds: request.kinds.iter().map(|name| kind(name)).collect::<Result<_>>()?,
            since: request.since,
        };
        let before = EventId::first_at(self.clock.now().plus_seconds(-SETTLING_SECONDS));
        let environment = &caller.environment;
        let page =
            event::journal(&mut reader, environment, &filter, after.as_ref(), &before, limit.into()).await?;
        Ok(EventPage { next: page.end.body().to_owned(), more: page.more, events: page.items })
    }
}

fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A token is an id without its prefix: what comes next comes after it.
fn cursor(token: Option<&str>) -> Result<Option<EventId>> {
    let given = token.filter(|token| !token.is_empty());
    let parse = |body: &str| format!("{}{body}", EventId::PREFIX).parse().map_err(|_| StoreError::PageToken);
    Ok(given.map(parse).transpose()?)
}

fn kind(name: &str) -> Result<EventKind> {
    EventKind::parse(name).ok_or_else(|| {
        let known: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Error::invalid("kind", "in", format!("is \"{name}\", and the kinds are {}", known.join(", ")))
    })
}
