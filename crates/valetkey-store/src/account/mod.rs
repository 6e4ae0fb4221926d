//! Connected accounts.

mod cleanup;
mod find;
mod list;
mod many;
mod metadata;
mod row;
mod search;
mod stamp;
mod terms;
mod write;

use crate::Stmt;

pub use cleanup::{Candidate, Candidates, cleanup, cleanup_candidate, hold};
pub use find::{find, get};
pub use list::{Filter, METADATA_TERMS, Shown, list};
pub use many::{get_all, id_of, insert_all};
pub use metadata::update_metadata;
pub use row::Account;
pub use search::search;
pub use stamp::{Stamp, Stamped, stamp, stamp_of_found};
pub use write::{delete, insert_if_absent, touch, update_settings, update_state, update_terms};

/// `SELECT` and `FROM` of an account with what it shows of its connection. `CROSS JOIN` keeps SQLite to the order of
/// the tables as written (<https://www.sqlite.org/optoverview.html#crossjoin>); to PostgreSQL it is any join.
macro_rules! select_account {
    ($($from:literal),+) => {
        concat!(
            "SELECT a.*, c.name AS connection_name, c.connector, c.auth_type, c.fault AS connection_fault FROM ",
            $($from,)+
            " WHERE a.environment_id = $1 AND c.environment_id = a.environment_id AND c.id = a.connection_id AND "
        )
    };
}
use select_account;

/// The statements of the modules of this aggregate.
pub(crate) const STATEMENTS: [&[&Stmt]; 11] = [
    cleanup::STATEMENTS,
    find::STATEMENTS,
    list::STATEMENTS,
    many::STATEMENTS,
    metadata::STATEMENTS,
    metadata::MORE_STATEMENTS,
    search::STATEMENTS,
    stamp::STATEMENTS,
    terms::STATEMENTS,
    terms::MORE_STATEMENTS,
    write::STATEMENTS,
];
