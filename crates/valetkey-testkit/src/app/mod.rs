//! A whole server in the test's own process: real database, real provider, time that the test moves.

mod clock;
mod database;
mod entropy;
mod flow;
mod request;
mod start;

pub use clock::TestClock;
pub use database::TestDatabase;
pub use entropy::SeededEntropy;
pub use flow::{Arrived, approve, leave};
pub use request::Answer;
pub use start::{Outcome, TestApp, TestAppOptions};
