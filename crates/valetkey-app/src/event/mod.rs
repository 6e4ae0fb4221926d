//! Reading the journal.

mod list;

pub(crate) use list::SETTLING_SECONDS;
pub use list::{EventPage, ListEvents};
pub use valetkey_store::event::Event;
