//! Keeping tokens fresh. A refresh has four parts, one file each: take the slot of the account (`claim`), send the
//! request (`attempt`), record what came of it (`settle`); and whose fault it was where that is the connection's
//! (`fault`). `engine` does it for what is due, `on_demand` for whoever needs a token now. What an outcome means
//! is decided in `valetkey_core::refresh`.

mod attempt;
mod claim;
mod engine;
mod fault;
mod on_demand;
mod renewal;
mod settle;
mod target;

pub(crate) use claim::{Demand, facts, grant_of};
pub use engine::{RefreshRun, RefresherSettings};
pub(crate) use on_demand::{Flights, Flown};
pub(crate) use renewal::Renewal;
pub(crate) use target::{TokenTarget, TokenTargets};
