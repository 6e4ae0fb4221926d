//! Requests with an Idempotency-Key: each is carried out once, however often it is sent.
//!
//! A key belongs to one caller and one request, of which a hash is kept. Whoever comes first carries the request out
//! and keeps its answer, sealed, because answers can hold secrets; whoever comes later gets that answer, and waits where
//! there is none yet. A lease says that somebody is at it: once the process is gone, the next one carries the request
//! out again.

mod begin;
mod end;
mod room;

pub use begin::{Begun, Ticket};
pub(crate) use room::KeyRoom;
