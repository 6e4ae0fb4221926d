//! Operations on many accounts, and their items.

mod item;
mod operation;

use crate::Stmt;

pub use item::{Item, finish_items, insert_items, items};
pub use operation::{
    Operation, advance, by_request, claim, delete_finished, due, get, insert_if_absent, unfinished,
};

/// The statements of the modules of this aggregate.
pub(crate) const STATEMENTS: [&[&Stmt]; 3] = [item::STATEMENTS, item::MORE_STATEMENTS, operation::STATEMENTS];
