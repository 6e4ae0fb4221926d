//! The log of calls to providers, and what is counted in it. It outlives what it tells of, so that it refers to nothing.

mod append;
mod counter;
mod list;
mod overview;
mod retention;
mod row;
mod sums;

pub use append::{append, exists};
pub use counter::{DayCount, ToolCount, days, tools};
pub use list::{Filter, get, list};
pub use overview::{Group, groups};
pub use retention::delete_before;
pub use row::ToolCall;
pub use sums::delete_sums_before;

use crate::Stmt;

/// The texts of a JSON list of texts in a parameter, as `value`, in the words of an engine.
macro_rules! each {
    (sqlite $parameter:literal) => {
        concat!("json_each(", $parameter, ")")
    };
    (postgres $parameter:literal) => {
        concat!("json_array_elements_text(CAST(CAST(", $parameter, " AS TEXT) AS JSON))")
    };
}
pub(crate) use each;

pub(crate) const STATEMENTS: [&[&Stmt]; 6] = [
    append::STATEMENTS,
    counter::STATEMENTS,
    list::STATEMENTS,
    overview::STATEMENTS,
    retention::STATEMENTS,
    sums::STATEMENTS,
];
