//! A whole server in the test's own process: real database, real provider, time that the test moves. Or several
//! [nodes](Node) of one [`Installation`], for what happens between processes.

mod clock;
mod database;
mod entropy;
mod flow;
mod installation;
mod node;
mod request;
mod start;

pub use clock::TestClock;
pub use database::{CONNECTIONS, TestDatabase};
pub use entropy::SeededEntropy;
pub use flow::{Arrived, approve, leave};
pub use installation::Installation;
pub use node::{Node, NodeOptions};
pub use request::Answer;
pub use start::{Outcome, TestApp, TestAppOptions, registry};
